r"""On the sphere of $\mathbb R^d$, kernel ridge regression $(K+\delta I)^{-1}y$ on $n$ samples has the test error
$\frac{\sum_i(1-\mathcal L_i)^2v_i^2+\sigma^2}{1-\frac1n\sum_i\mathcal L_i^2}$, up to vanishing terms, where
$\mathcal L_i=\frac{l_i}{l_i+\kappa}$, $n=\sum_i\mathcal L_i+\frac\delta\kappa$, and $l_i$, $v_i^2$ are the
eigenvalues of the kernel and the energies of the target, harmonic by harmonic. The eigenvalues of high degrees add
up to a ridge that no sample resolves.
"""

from dataclasses import dataclass

import numpy as np

from sims import sample, sphere
from sims.claim import Array, Claim, Observation, as_array, grid, rng
from sims.judge import mean_equal
from theory.arc_cosine import from_cosines
from theory.sphere_spectrum import Harmonics, harmonics, learning_curve

TOP = 30  # the last degree whose eigenvalue is listed
ENERGY = (0.0, 0.6, 0.4)  # of the target, in degrees 0, 1 and 2


@dataclass(frozen=True)
class Case:
    """n points of the sphere in d dimensions, ridge delta on the ReLU tangent kernel, k targets."""

    n: int
    d: int
    delta: float
    noise: float
    k: int
    seed: int


def spectrum(case: Case) -> Harmonics:
    """Eigenvalues and multiplicities of the tangent kernel."""
    return harmonics(lambda t: from_cosines(t[:, None].copy(), 1, True)[:, 0], case.d, TOP)


def predict(case: Case) -> float:
    """The learning curve, label noise left out."""
    masses = np.append(ENERGY, np.zeros(TOP + 1 - len(ENERGY)))
    return float(learning_curve(spectrum(case), masses, np.array([float(case.n)]), case.delta, case.noise)[0])


def rival(case: Case) -> float:
    """The kernel seen through the degrees of the target: higher degrees neither learn nor regularise."""
    kernel, some = spectrum(case), len(ENERGY)
    seen = Harmonics(kernel.eigenvalues[:some], kernel.multiplicities[:some], 0.0)
    return float(learning_curve(seen, np.array(ENERGY), np.array([float(case.n)]), case.delta, case.noise)[0])


def simulate(case: Case) -> Observation:
    """One sample, k targets of random directions, each with noise of its own: the error on fresh points."""
    stream, fresh = rng(case, "data"), rng(case, "points")
    X, Z = sphere.sphere(stream, case.n, case.d), sphere.sphere(fresh, 1000, case.d)
    frames = [np.linalg.qr(sample.inputs(stream, case.d, 2))[0].T for _ in range(case.k)]
    Y, truth = targets(X, frames), targets(Z, frames)
    Y = Y + np.sqrt(case.noise) * stream.standard_normal(Y.shape)
    a = np.linalg.solve(tangent(X @ X.T) + case.delta * np.eye(case.n), Y)
    return Observation(np.array(np.mean((tangent(Z @ X.T) @ a - truth) ** 2)))


def targets(X: Array, frames: list[Array]) -> Array:
    """√(0.6 d)⟨u, x⟩ + √(0.4 d(d + 2))⟨u, x⟩⟨v, x⟩ for each orthonormal pair u, v: energies 0.6 and 0.4."""
    d = X.shape[1]
    first, second = np.stack([X @ pair.T for pair in frames], axis=-1).transpose(1, 0, 2)
    return as_array(np.sqrt(ENERGY[1] * d) * first + np.sqrt(ENERGY[2] * d * (d + 2)) * first * second)


def tangent(u: Array) -> Array:
    """The tangent kernel of a wide two-layer ReLU network between unit vectors of cosine u."""
    u = np.clip(u, -1, 1)
    return as_array((2 * u * np.arccos(-u) + np.sqrt(1 - u**2)) / np.pi)


CLAIM = Claim(
    statement=__doc__ or "",
    source="Bordelon, Canatar & Pehlevan 2020; Canatar et al. 2021; Simon et al. 2023",
    assumptions={
        r"$\delta\ge0$": lambda c: c.delta >= 0,
        r"$n\ge50$, where the equivalents are within the tolerance": lambda c: c.n >= 50,
    },
    cases=grid(Case, n=[50, 100, 200], d=[10], delta=[0.0, 0.5], noise=[0.1], k=[20], seed=range(80))
    + grid(Case, n=[400, 800], d=[10], delta=[0.0, 0.5], noise=[0.1], k=[20], seed=range(20)),
    quick=grid(Case, n=[50, 200], d=[10], delta=[0.0, 0.5], noise=[0.1], k=[20], seed=range(48)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.08, by=("n", "delta")),
    looks=3,
)
