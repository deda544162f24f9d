r"""The trade-off is relative: with the signal on one unit direction above a flat tail of mass $\sqrt n$, the
penalty $\lambda=n^{-1/6}$ lets $R_{std}\to0$ and $R_{adv}\to R_{adv}(\theta)$ together, so that an absolute
trade-off is false.
"""

from dataclasses import dataclass

import numpy as np

from sims import gram
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import ordered
from theory.risk import ridge_risk
from theory.triangular_arrays import top_signal

NOISE, EPS = 1.0, 1.0


@dataclass(frozen=True)
class Case:
    """Two sample sizes, the second much larger."""

    n: int
    larger: int
    seed: int


def predict(case: Case) -> Array:
    """Signs of what the larger sample gains: in excess risk, and in adversarial risk against the truth."""
    rows = []
    for n in (case.n, case.larger):
        risk = ridge_risk(*top_signal(n), n, n ** (-1 / 6), NOISE)
        rows.append(np.array([risk.standard[0], abs(risk.adversarial(EPS)[0] / EPS**2 - 1)]))
    return np.asarray(np.sign(rows[0] - rows[1]))


def rival(case: Case) -> Array:
    """An absolute trade-off: what the excess risk gains, the adversarial risk loses."""
    return np.array([1.0, -1.0])


def simulate(case: Case) -> Observation:
    """Both risks at both sizes, one design each, with the fixed rule for the penalty."""
    scores = gram.scores(rng(case, "scores"), 2000)
    rows = []
    for n in (case.n, case.larger):
        levels, counts = np.array([1.0, n**-2.5]), np.array([1.0, float(n) ** 3])
        design = gram.gaussian(rng(case, f"design {n}"), n, levels, counts)
        seen = gram.fit(design, np.array([1.0, 0.0]), np.array([n ** (-1 / 6)]), NOISE)
        rows.append(
            np.array([(seen.bias + seen.variance)[0], abs(gram.attacked(seen, EPS, scores)[0] / EPS**2 - 1)])
        )
    return Observation(rows[0] - rows[1])


CLAIM = Claim(
    statement=__doc__ or "",
    source="the converse of Hao & Zhang 2024, worked out here: why their trade-off must be read in relative terms",
    assumptions={"the second sample is larger": lambda c: c.larger > c.n},
    cases=grid(Case, n=[25, 50], larger=[200, 400], seed=range(64)),
    quick=grid(Case, n=[25], larger=[200], seed=range(64)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(by=("n", "larger")),
    looks=3,
)
