r"""Let $f_{\mathcal S}$ equal $y_i$ on the boxes $\lVert x-x_i\rVert_\infty\le\delta$ of the training points and a
clean classifier off the boxes of radius $\delta'$, with $\delta<\delta'<\frac12$ of the distance of the classes.
On digits 3 against 8 its clean error on test images off the boxes is that of the clean classifier, its robust
training error at $\delta$ is 0, and its robust test error at $\delta$ is that of the clean classifier.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sims import attack, images
from sims.claim import Array, Claim, Observation, as_array, grid, rng
from sims.judge import equal
from sims.memorise import Memory, broken, margins, scores, unbreakable
from theory.adversarial import worst_case
from theory.class_distance import closest_pair, covered
from theory.memorising_network import memorise
from theory.relu_network import certified_margins, clipped_linear

LARGEST = 3.0  # the clean score is clipped to ± this


@dataclass(frozen=True)
class Case:
    """n training images; boxes of radius eps, left behind at reach."""

    n: int
    eps: float
    reach: float
    seed: int


@lru_cache(maxsize=4)
def problem(case: Case) -> tuple[Memory, Array, Array]:
    """The classifier, around logistic regression on its images, and the test images in no box."""
    from sklearn.linear_model import LogisticRegression

    pictures = images.digits(rng(case, "split"), (3, 8))
    X, y = pictures.X_train[: case.n], pictures.y_train[: case.n]
    fit = LogisticRegression(max_iter=1000).fit(X, y)
    memory = Memory(fit.coef_[0], float(fit.intercept_[0]), LARGEST, X, y, case.eps, case.reach)
    away = np.array([np.abs(X - z).max(axis=1).min() for z in pictures.X_test]) > case.reach
    return memory, pictures.X_test[away], pictures.y_test[away]


def errors(memory: Memory, Z: Array, y: Array, eps: float) -> float:
    """The robust error of the linear score: the share of worst margins that are not positive."""
    return float(np.mean(worst_case(memory.w, Z, y, eps, np.inf) + y * memory.b <= 0))


def predict(case: Case) -> Array:
    """Errors of the clean classifier on test points; on training boxes those the network is not certified on."""
    memory, Z, y = problem(case)
    clean = clipped_linear(memory.w, memory.b, LARGEST)
    net = memorise(clean, LARGEST, memory.X, memory.y, case.eps, case.reach)
    uncertified = np.mean(certified_margins(net, memory.X, memory.y, case.eps) <= 0)
    return np.array([errors(memory, Z, y, 0.0), uncertified, errors(memory, Z, y, case.eps)])


def rival(case: Case) -> Array:
    """Nothing is memorised: the clean classifier everywhere."""
    memory, Z, y = problem(case)
    parts = ((Z, y, 0.0), (memory.X, memory.y, case.eps), (Z, y, case.eps))
    return as_array([errors(memory, *part) for part in parts])


def simulate(case: Case) -> Observation:
    """Errors on the points; under attack, by corners, nearest points and search."""
    memory, Z, y = problem(case)
    clean = np.mean(y * scores(memory, Z) <= 0)
    seen, open_ = [], []
    for points, labels in ((memory.X, memory.y), (Z, y)):
        stream = rng(case, f"search {len(points)}")
        found = broken(memory, points, labels, case.eps)
        left = ~found
        search = margins(memory, labels[left])
        if left.any():
            hunted = attack.search(search, points[left], case.eps, rng=stream, steps=20, restarts=3)
            found[left] = hunted.margins <= 0
        seen.append(found.mean())
        open_.append(np.mean(~found & ~unbreakable(memory, points, labels, case.eps)))
    before = np.mean(memory.y * (memory.X @ memory.w + memory.b) <= case.eps * np.abs(memory.w).sum())
    return Observation(
        np.array([clean, *seen]), doubt=np.array([0.0, *open_]), exhibit={"train_before": np.array(before)}
    )


def separated(case: Case) -> bool:
    """Whether boxes of different classes are disjoint, also of test images."""
    memory, Z, y = problem(case)
    return closest_pair(np.concatenate([memory.X, Z]), np.append(memory.y, y))[0] > 2 * case.reach


def corners_are_free(case: Case) -> bool:
    """Whether the worst corner of every test image, for the clean classifier, lies in no box."""
    memory, Z, y = problem(case)
    return covered(memory.X, Z - case.eps * y[:, None] * np.sign(memory.w), case.reach) == 0


CLAIM = Claim(
    statement=__doc__ or "",
    source="Li and Li 2025, Theorem 4.4, on the digits bundled with scikit-learn",
    assumptions={
        r"$\delta<\delta'$": lambda c: 0 < c.eps < c.reach,
        r"classes more than $2\delta'$ apart": separated,
        "no worst corner of a test image in a box": corners_are_free,
    },
    cases=grid(Case, n=[25, 50, 100, 200], eps=[0.15, 0.225], reach=[0.245], seed=range(3)),
    quick=grid(Case, n=[50, 100], eps=[0.225], reach=[0.245], seed=[0]),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(0.0),
)
