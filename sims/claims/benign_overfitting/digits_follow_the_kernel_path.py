r"""On real images with flipped labels, kernel ridge regression is $f_\lambda=k(\cdot,X)a$, $(K+n\lambda I)a=y$,
along the whole path of penalties, with $\nabla f_\lambda(x)=\sum_ja_j\nabla_xk(x,x_j)$: predictions and lengths of
gradients at the test images, for the tangent and the Gaussian kernel.
"""

from dataclasses import dataclass

import numpy as np

from sims import images, kernel_ridge, robust_kernel
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from theory.classical_kernels import gaussian
from theory.kernel_regression import kernel_ridge as ridge_path
from theory.kernels import tangent

SHARES = np.geomspace(1e-6, 10.0, 100)


@dataclass(frozen=True)
class Case:
    """n training images of two digits, their labels flipped at a rate; k test images."""

    kernel: str
    first: int
    second: int
    n: int
    k: int
    rate: float
    seed: int


def problem(case: Case) -> tuple[Array, Array, Array, float]:
    """Points, labels, test points, and the width if the kernel has one."""
    pictures = images.digits(rng(case, "split"), (case.first, case.second), test=0.5)
    X = pictures.X_train[: case.n]
    y = robust_kernel.flipped(rng(case, "flips"), pictures.y_train[: case.n], case.rate)
    return X, y, pictures.X_test[: case.k], kernel_ridge.median_distance(X)


def predict(case: Case) -> Array:
    """The theory's path."""
    return theoretical(case, 1.0)


def rival(case: Case) -> Array:
    """The penalty of the summed loss: lam where the mean has n lam."""
    return theoretical(case, 1 / case.n)


def theoretical(case: Case, factor: float) -> Array:
    """Predictions above, lengths of gradients beneath, a row per penalty times `factor`."""
    X, y, Z, width = problem(case)
    kernel = tangent() if case.kernel == "tangent" else gaussian(width)
    lams = SHARES * np.mean(np.diag(kernel.value(X, None)))
    path = ridge_path(X, y, factor * lams, kernel)
    return np.stack([path.predict(Z), np.linalg.norm(path.gradient(Z), axis=2)])


def simulate(case: Case) -> Observation:
    """The instrument's path."""
    X, y, Z, _ = problem(case)
    kernel, _ = kernel_ridge.named(case.kernel, X)
    path = kernel_ridge.ridge(X, y, kernel_ridge.penalties(X, kernel, SHARES), kernel)
    return Observation(np.stack([path.predict(Z), path.gradient_norms(Z)]))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Jacot et al. 2018, §5; Saunders et al. 1998; on the digits bundled with scikit-learn",
    assumptions={"flips at a rate": lambda c: 0 <= c.rate <= 1, "two digits": lambda c: c.first != c.second},
    cases=grid(
        Case,
        kernel=["tangent", "gaussian"],
        first=[2, 3],
        second=[7, 8],
        n=[150],
        k=[8],
        rate=[0.0, 0.2],
        seed=range(2),
    ),
    quick=grid(
        Case, kernel=["tangent", "gaussian"], first=[2], second=[7], n=[60], k=[8], rate=[0.0, 0.2], seed=range(2)
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(1e-10),  # machine precision times the condition of K + n lam I, at most 1e6
)
