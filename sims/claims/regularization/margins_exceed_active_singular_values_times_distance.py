r"""For a ReLU network without biases let $W_i'$ hold the rows and columns of $W_i$ whose units are active at $x$,
let $a$ be the difference of the last-layer rows of the predicted class and the runner-up, and $Da$ its active
part. If no $W_i'$ has more rows than columns, the margin is at least
$\lVert Da\rVert\prod_i\sigma_{\min}(W_i')$ times the distance $v$ to where the linearised margin vanishes. With
all units in place of the active ones, $\min\lVert w_y-w_c\rVert\prod_i\sigma_{\min}(W_i)\,v$, this is false.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch

from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import at_most
from theory.network_margin import local_margin

ROUNDING = 1e-9  # of products of singular values that lie within a factor 1e6 of each other


@dataclass(frozen=True)
class Case:
    """k networks with one point each: d inputs, ever narrower layers, weights Gaussian or with orthogonal rows."""

    d: int
    depth: int
    narrower: int
    classes: int
    orthogonal: bool
    k: int
    seed: int


@lru_cache(maxsize=4)
def problem(case: Case) -> list[tuple[list[Array], Array]]:
    """Weights and a point, drawn again until no layer has more active units than the one before."""
    stream = rng(case, "networks")
    found: list[tuple[list[Array], Array]] = []
    widths = [case.d - i * case.narrower for i in range(case.depth + 1)]
    while len(found) < case.k:
        hidden = [weights(stream, k, d, case.orthogonal) for d, k in pairwise(widths)]
        Ws, x = [*hidden, stream.standard_normal((case.classes, widths[-1]))], stream.standard_normal(case.d)
        counts = active(Ws, x)
        if counts[-1] > 0 and sorted(counts, reverse=True) == counts:
            found.append((Ws, x))
    return found


def weights(stream: np.random.Generator, k: int, d: int, orthogonal: bool) -> Array:
    """A (k, d) matrix of independent N(0, 1), or the first k rows of a random orthogonal matrix."""
    W = stream.standard_normal((d, d) if orthogonal else (k, d))
    return np.asarray(np.linalg.qr(W)[0][:k] if orthogonal else W)


def active(Ws: list[Array], x: Array) -> list[int]:
    """How many units of each layer are active, the inputs counting as active."""
    counts = [len(x)]
    for W in Ws[:-1]:
        x = np.maximum(W @ x, 0)
        counts.append(int((x > 0).sum()))
    return counts


def predict(case: Case) -> Array:
    """The largest distance per unit of margin, by the active weights."""
    return np.array([1 / local_margin(Ws, x).masked for Ws, x in problem(case)])


def rival(case: Case) -> Array:
    """The same by all weights."""
    return np.array([1 / local_margin(Ws, x).literal for Ws, x in problem(case)])


def simulate(case: Case) -> Observation:
    """Margins by forward passes, their gradients by backward passes, distances as their ratio, per margin."""
    drawn = problem(case)
    x = torch.tensor(np.stack([x for _, x in drawn]), requires_grad=True)
    h = x[:, :, None]
    stacks = [torch.tensor(np.stack(Ws)) for Ws in zip(*(Ws for Ws, _ in drawn), strict=True)]
    for W in stacks[:-1]:
        h = torch.relu(W @ h)
    best = (stacks[-1] @ h)[:, :, 0].topk(2, dim=1).values
    margin = best[:, 0] - best[:, 1]
    (gradient,) = torch.autograd.grad(margin.sum(), x)
    distance = margin.detach() / gradient.norm(dim=1)
    return Observation((distance / margin.detach()).numpy())


def descending(case: Case) -> bool:
    """Whether no layer has more active units than the one before."""
    return all(sorted(c, reverse=True) == c for c in (active(Ws, x) for Ws, x in problem(case)))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Wen, Li and Jia 2020, Theorem 3.1, read with singular values of the active weights",
    assumptions={"no active part has more rows than columns": descending, "two classes": lambda c: c.classes >= 2},
    cases=grid(
        Case,
        d=[20],
        depth=[1, 2],
        narrower=[0, 4],
        classes=[2, 10],
        orthogonal=[False, True],
        k=[160],
        seed=range(4),
    ),
    quick=grid(Case, d=[20], depth=[1, 2], narrower=[4], classes=[3], orthogonal=[False, True], k=[100], seed=[0]),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=at_most(ROUNDING),
)
