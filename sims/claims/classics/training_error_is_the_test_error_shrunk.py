r"""The training error of ridge regression is $(\lambda/\kappa)^2$ times its test error, label noise included, for
every covariance and every signal: $\kappa=\lambda+\frac\kappa n\sum_i\frac{s_i}{s_i+\kappa}$ does not depend on
the targets. With $\nu$ the effective degrees of freedom per sample, the factor is $(1-\nu)^2$.
"""

from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, as_array, grid, rng
from sims.judge import mean_equal
from theory.spectrum import Spectrum, fixed_point


@dataclass(frozen=True)
class Case:
    """n points in d dimensions of variances i^(−decay); k draws of signs of w_star and of the label noise."""

    n: int
    d: int
    decay: float
    lam: float
    noise: float
    k: int
    seed: int


def variances(case: Case) -> Array:
    """The diagonal of the covariance."""
    return as_array(np.arange(1, case.d + 1) ** -case.decay)


def share(case: Case) -> float:
    """lam/kappa, which is 1 less the degrees of freedom per sample."""
    return case.lam / float(fixed_point(Spectrum.of(variances(case)), case.n, case.lam))


def predict(case: Case) -> Array:
    """The square of lam/kappa."""
    return np.array([share(case) ** 2])


def rival(case: Case) -> Array:
    """Akaike's final prediction error, (1 − ν)/(1 + ν): right for fresh labels at the old points."""
    return np.array([share(case) / (2 - share(case))])


def simulate(case: Case) -> Observation:
    """Training over test error, both averaged over k targets on one design."""
    s, stream = variances(case), rng(case, "data")
    X = sample.inputs(stream, case.n, case.d) * np.sqrt(s)
    W_star = sample.signs(stream, case.d, case.k) / np.sqrt(case.d)
    Y = X @ W_star + np.sqrt(case.noise) * stream.standard_normal((case.n, case.k))
    W = X.T @ np.linalg.solve(X @ X.T + case.n * case.lam * np.eye(case.n), Y)
    train = np.mean((X @ W - Y) ** 2)
    test = np.sum(s[:, None] * (W - W_star) ** 2) / case.k + case.noise
    return Observation(np.array([train / test]))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Golub, Heath & Wahba 1979; Hastie et al. 2022; Bordelon, Canatar & Pehlevan 2020",
    assumptions={r"$\lambda>0$": lambda c: c.lam > 0, r"$\sigma^2>0$": lambda c: c.noise > 0},
    cases=grid(
        Case, n=[400], d=[200, 800], decay=[0.0, 0.7], lam=[0.05, 0.2, 1.0], noise=[0.2], k=[200], seed=range(16)
    ),
    quick=grid(
        Case, n=[150], d=[75, 300], decay=[0.0, 0.7], lam=[0.05, 0.5], noise=[0.2], k=[150], seed=range(40)
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.04, by=("d", "decay", "lam")),
    looks=3,
)
