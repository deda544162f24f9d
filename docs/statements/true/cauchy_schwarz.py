"""⟨u, v⟩² ≤ ‖u‖²‖v‖², with equality for parallel vectors, where floats fall on either side."""

from hypothesis import strategies as st

from sims.falsify_instances import vectors

instances = st.integers(1, 4).flatmap(lambda d: st.tuples(vectors(d), vectors(d)))


def conclude(pair):
    """Both sides."""
    u, v = pair
    return (u @ v) ** 2, (u @ u) * (v @ v)
