r"""Up to constants the least-norm interpolator has variance
$\sigma^2\left(\frac{k^*}n+\frac n{R_{k^*}}\right)$, and noise adds
$\sigma^2\left(\sum_{i\le k^*}\frac1{n\lambda_i}+\frac n{\sum_{i>k^*}\lambda_i}\right)$ to its squared norm, with
$k^*=\min\{k:r_k\ge n\}$: both lie within a factor 3 of these, for every spectrum tried.
"""

from dataclasses import dataclass

import numpy as np

from sims import gram
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import at_most
from theory.formula import Formula
from theory.spectrum import Spectrum, effective_ranks

VARIANCE = Formula("V", "k/n + n/R", {"k": "k^*", "R": "R_{k^*}"})
NORM = Formula(
    "N",
    "learnt/n + n/tail",
    {"learnt": r"\sum_{i \leq k^*} \lambda_i^{-1}", "tail": r"\sum_{i > k^*} \lambda_i"},
)

FACTOR = 3.0


@dataclass(frozen=True)
class Case:
    """n samples of one kind of spectrum."""

    kind: str
    n: int
    seed: int


def spectrum(case: Case) -> tuple[Array, Array]:
    """Levels and multiplicities."""
    i = np.arange(1.0, 15 * case.n + 1)
    kinds = {
        "isotropic": (np.ones(1), np.array([10.0 * case.n])),
        "spikes": (np.array([1.0, case.n**-1.25]), np.array([20.0, case.n**1.5])),
        "power law": (i**-0.5, np.ones_like(i)),
        "slow": (1 / (i * np.log(i + 1) ** 2), np.ones_like(i)),
        "exponential": (
            np.append(np.exp(-i[:100] / 5) + case.n**-1.3, case.n**-1.3),
            np.append(np.ones(100), np.floor(case.n**1.6)),
        ),
    }
    return kinds[case.kind]


def bounds(case: Case, k: float) -> Array:
    """Variance and norm for unit noise, if the first k directions are learnt and the others are the tail."""
    levels, counts = spectrum(case)
    ranks = effective_ranks(Spectrum(levels, counts), case.n)
    j = int(np.searchsorted(ranks.k, k))
    tail = ranks.r[j] * levels[j]
    learnt = float(counts[:j] @ (1 / levels[:j]))
    return np.array([VARIANCE(k=k, n=case.n, R=ranks.R[j]), NORM(learnt=learnt, n=case.n, tail=tail)])


def predict(case: Case) -> Array:
    """The bounds from above, and from below as bounds on the inverses."""
    levels, counts = spectrum(case)
    bound = bounds(case, effective_ranks(Spectrum(levels, counts), case.n).k_star)
    return np.append(FACTOR * bound, FACTOR / bound)


def rival(case: Case) -> Array:
    """The same with k = 0 for k*: the whole spectrum as the tail."""
    bound = bounds(case, 0.0)
    return np.append(FACTOR * bound, FACTOR / bound)


def simulate(case: Case) -> Observation:
    """Variance and norm at one design, and their inverses."""
    levels, counts = spectrum(case)
    stream = rng(case, "design")
    if len(levels) > 1000:
        X = stream.standard_normal((case.n, len(levels))) * np.sqrt(levels)
        inverse = np.linalg.inv(X @ X.T)
        seen = np.array([np.sum((inverse @ (X * levels) @ X.T) * inverse), np.trace(inverse)])
    else:
        fit = gram.fit(gram.gaussian(stream, case.n, levels, counts), np.zeros(len(levels)), np.zeros(1), 1.0)
        seen = np.array([fit.variance[0], fit.norm_noise[0]])
    return Observation(np.append(seen, 1 / seen))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Bartlett, Long, Lugosi, Tsigler 2020, Theorem 4 (shape); constants measured",
    assumptions={
        r"$p\ge2n$": lambda c: spectrum(c)[1].sum() >= 2 * c.n,
        r"$k^*<n$": lambda c: effective_ranks(Spectrum(*spectrum(c)), c.n).k_star < c.n,
    },
    cases=grid(
        Case, kind=["isotropic", "spikes", "power law", "slow", "exponential"], n=[100, 200, 400], seed=range(4)
    ),
    quick=grid(Case, kind=["isotropic", "spikes", "power law", "slow", "exponential"], n=[100], seed=range(3)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=at_most(0.0),
)
