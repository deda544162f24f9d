"""Kernel ridge regression on flipped labels: exact means over the flips, given the points.

Each label y_i = ±1 changes its sign with probability rho, independently. Then E y′ = (1 − 2rho) y and
Cov y′ = tau I with tau = 4rho(1 − rho), and everything linear in y′ has exact second moments. The regression
function on such labels is (1 − 2rho) t at a point of true label t.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy.special import ndtr

from theory import checks
from theory.classical_kernels import Kernel
from theory.kernel_regression import decompose


@dataclass(frozen=True)
class Flips:
    """What the labels put into f_lam(z) and its gradient, for each penalty and each test point.

    Attributes:
        signal: t f(z) for labels without flips.
        noise: Σ_i (∂f(z)/∂y_i)².
        gradient_signal: ‖∇f(z)‖² for labels without flips.
        gradient_noise: Σ_i ‖∂∇f(z)/∂y_i‖².
    """

    signal: Float[Array, "r k"]
    noise: Float[Array, "r k"]
    gradient_signal: Float[Array, "r k"]
    gradient_noise: Float[Array, "r k"]

    def risk(self, rho: float) -> Float[Array, " r"]:
        """E (f(z) − (1 − 2rho) t)², averaged over the test points: the excess risk on flipped labels."""
        shrink, tau = _moments(rho)
        return np.asarray(np.mean(shrink**2 * (self.signal - 1) ** 2 + tau * self.noise, axis=1))

    def gradient(self, rho: float) -> Float[Array, " r"]:
        """E ‖∇f(z)‖² = (1 − 2rho)² S + tau N, averaged over the test points; affine in tau."""
        return np.asarray(np.mean(self._gradients(rho), axis=1))

    def adversarial_risk(self, rho: float, eps: float) -> tuple[Float[Array, " r"], Float[Array, " r"]]:
        """Bounds R + eps²G ≤ E (|f − target| + eps‖∇f‖)² ≤ (√R + eps√G)², R the risk, G the squared gradient.

        The expectation is the risk under ℓ2 attacks of radius eps to first order.
        """
        R, G, eps = self.risk(rho), self.gradient(rho), checks.radius(eps)
        return R + eps**2 * G, (np.sqrt(R) + eps * np.sqrt(G)) ** 2

    def error(self, rho: float, eps: float = 0.0) -> Float[Array, " r"]:
        """The mean chance that t f(z) ≤ eps‖∇f(z)‖, with f(z) normal and ‖∇f‖ at its root mean square.

        Errors: those of the central limit for f(z), and the fluctuation of ‖∇f‖; exact at rho = 0.
        """
        (shrink, tau), eps = _moments(rho), checks.radius(eps)
        margin = shrink * self.signal - eps * np.sqrt(self._gradients(rho))
        spread = np.sqrt(tau * self.noise)
        with np.errstate(divide="ignore", invalid="ignore"):
            chance = ndtr(-margin / spread)
        return np.asarray(np.mean(np.where(spread > 0, chance, margin <= 0), axis=1))

    def _gradients(self, rho: float) -> Float[Array, "r k"]:
        shrink, tau = _moments(rho)
        return np.asarray(shrink**2 * self.gradient_signal + tau * self.gradient_noise)


def flips(
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    lams: Float[Array, " r"],
    kernel: Kernel,
    Z: Float[Array, "k d"],
    t: Float[Array, " k"],
) -> Flips:
    """The parts for (K + n lam I) a = y′ at each lam > 0, in the eigenbasis of K: f is linear in y′.

    Memory: n k d numbers.
    Raises:
        ValueError: if a lam is not positive, labels are not ±1 of both signs, or on bad input.
    """
    (X, y), (Z, t) = checks.classification(X, y), checks.classification(Z, t)
    lams = checks.real(lams, "lams", 1)
    if not (lams > 0).all():
        raise ValueError(f"lams must be > 0, got {lams.min()}: at 0 a flip need not be interpolable")
    eigen = decompose(kernel.value(X, None))
    inverse = 1 / (eigen.s + len(X) * lams[:, None])
    values = eigen.V.T @ kernel.value(Z, X).T  # row i: what label vector v_i would predict, times s_i + n lam
    slopes = kernel.gradient(Z, X, eigen.V.T)
    weights = inverse * (eigen.V.T @ y)
    return Flips(
        signal=t * (weights @ values),
        noise=inverse**2 @ values**2,
        gradient_signal=np.sum(np.tensordot(weights, slopes, 1) ** 2, axis=2),
        gradient_noise=inverse**2 @ np.sum(slopes**2, axis=2),
    )


def _moments(rho: float) -> tuple[float, float]:
    """1 − 2rho, and tau."""
    rho = checks.number(rho, "rho", "a number in [0, 1]")
    if not 0 <= rho <= 1:
        raise ValueError(f"rho is the chance that a label is flipped and must be in [0, 1], got {rho}")
    return 1 - 2 * rho, 4 * rho * (1 - rho)
