r"""Kernel ridge regression on labels $y_i'=\pm y_i$, flipped with probability $\rho$, given the points: at every
penalty $\mathbb E\lVert\nabla\hat f_\lambda(x)\rVert^2=(1-2\rho)^2S_\lambda(x)+4\rho(1-\rho)N_\lambda(x)$, with
$S_\lambda=\lVert\nabla f_\lambda\rVert^2$ the squared gradient of the fit to the true labels and
$N_\lambda=\sum_i\lVert\partial\nabla\hat f_\lambda/\partial y_i\rVert^2$; likewise the excess risk is
$(1-2\rho)^2(f_\lambda(x)-y(x))^2+4\rho(1-\rho)\sum_i(\partial\hat f_\lambda(x)/\partial y_i)^2$.
Both are affine in $4\rho(1-\rho)$.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sims import images, kernel_ridge, robust_kernel
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.classical_kernels import gaussian
from theory.kernels import tangent
from theory.label_flips import Flips, flips


@dataclass(frozen=True)
class Case:
    """n training images of a 3 or an 8, flipped `draws` times; k test images; lam as a share of k(x, x)."""

    kernel: str
    quantity: str
    share: float
    rate: float
    n: int
    k: int
    draws: int
    seed: int


def problem(case: Case) -> images.Images:
    """A split, cut to size."""
    part = images.digits(rng(case, "split"), (3, 8), test=0.5)
    return images.Images(
        part.X_train[: case.n], part.y_train[: case.n], part.X_test[: case.k], part.y_test[: case.k]
    )


def predict(case: Case) -> Array:
    """The exact mean over the flips."""
    found = parts(case)
    return found.gradient(case.rate) if case.quantity == "gradient" else found.risk(case.rate)


def rival(case: Case) -> Array:
    """Noise added to the fit of the true labels, as if flips did not shrink what is left of these."""
    found, tau = parts(case), 4 * case.rate * (1 - case.rate)
    if case.quantity == "gradient":
        return np.asarray(np.mean(found.gradient_signal + tau * found.gradient_noise, axis=1))
    return np.asarray(np.mean((found.signal - 1) ** 2 + tau * found.noise, axis=1))


def parts(case: Case) -> Flips:
    """Signal and noise at this penalty."""
    part = problem(case)
    width = kernel_ridge.median_distance(part.X_train)
    kernel = tangent() if case.kernel == "tangent" else gaussian(width)
    lams = np.array([case.share]) * np.mean(np.diag(kernel.value(part.X_train, None)))
    return flips(part.X_train, part.y_train, lams, kernel, part.X_test, part.y_test)


def simulate(case: Case) -> Observation:
    """Many draws of the flips, and the fit to each."""
    part, stream = problem(case), rng(case, "flips")
    X, Z, target = part.X_train, part.X_test, (1 - 2 * case.rate) * part.y_test
    kernel, _ = kernel_ridge.named(case.kernel, X)
    y = np.stack([robust_kernel.flipped(stream, part.y_train, case.rate) for _ in range(case.draws)])
    path = kernel_ridge.ridge(X, y, kernel_ridge.penalties(X, kernel, np.array([case.share])), kernel)
    seen = path.gradient_norms(Z) if case.quantity == "gradient" else path.predict(Z) - target
    return Observation(np.array([np.mean(seen**2)]))


def sized(kernels: list[str], shares: list[float], rates: list[float], n: int) -> tuple[Case, ...]:
    """Both quantities, the risk with more draws since it fluctuates more."""
    axes: dict[str, Any] = {"share": shares, "rate": rates, "n": [n], "k": [20], "seed": range(16)}
    return grid(Case, kernel=kernels, quantity=["risk"], draws=[10_000], **axes) + grid(
        Case, kernel=kernels, quantity=["gradient"], draws=[1000], **axes
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="worked out here from the covariance of the flips; digits bundled with scikit-learn",
    assumptions={
        r"$0\le\rho\le1$": lambda c: 0 <= c.rate <= 1,
        r"$\lambda>0$": lambda c: c.share > 0,
    },
    cases=sized(["tangent", "gaussian"], [1e-6, 1e-2], [0.1, 0.4], 100),
    quick=sized(["tangent"], [1e-6], [0.2], 50) + sized(["gaussian"], [1e-2], [0.2], 50),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.03, by=("kernel", "quantity", "share", "rate")),
    looks=3,
)
