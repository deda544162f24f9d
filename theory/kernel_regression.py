"""Kernel ridge, kernel gradient flow and leave-one-out from one eigendecomposition; tangent-kernel regression.

The squared loss is ‖f(X) − y‖²/(2n), ridge adds lam‖f‖²/2 in the space of the kernel: f = Σ a_j k(·, x_j) with
(K + n lam I) a = y.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy.linalg import eigh

from theory import checks, rank
from theory.classical_kernels import Kernel
from theory.kernels import tangent

UNIT = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Eigen:
    """K = V diag(s) Vᵀ, with s ≥ 0 decreasing: what every function of K + n lam I is computed from."""

    s: Float[Array, " n"]
    V: Float[Array, "n n"]


@dataclass(frozen=True)
class Predictor:
    """A path of functions f_r(x) = Σ_j A_rj k(x, x_j).

    Attributes:
        kernel: k.
        X: the points x_j, (n, d).
        A: the coefficients, (r, n): a row for each lam or time.
        held_out: residuals y_i − f₍₋ᵢ₎(x_i) of the fits without one sample, (r, n); None for a flow, or for n = 1.
    """

    kernel: Kernel
    X: Float[Array, "n d"]
    A: Float[Array, "r n"]
    held_out: Float[Array, "r n"] | None = None

    def predict(self, Z: Float[Array, "k d"]) -> Float[Array, "r k"]:
        """f_r(z_i)."""
        return np.asarray(self.A @ self.kernel.value(Z, self.X).T)

    def gradient(self, Z: Float[Array, "k d"]) -> Float[Array, "r k d"]:
        """∇f_r(z_i), with the kernel's own convention where it has a kink."""
        return self.kernel.gradient(Z, self.X, self.A)


def ntk_regression(
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    lams: Float[Array, " r"],
    *,
    depth: int = 1,
    gain: float = 2.0,
    fan_in: bool = False,
) -> Predictor:
    """Ridge regression with the tangent kernel of a ReLU network, for each lam; lam = 0 interpolates.

    The limit of a network of infinite width, trained from a start that computes 0, to convergence with weight
    decay lam towards its start. Normalisation of the kernel as in `theory.kernels.ntk_relu`.

    Errors: as `ridge_coefficients`; the kernel's own are smaller.
    Raises:
        ValueError: as `ridge_coefficients` and `ntk_relu`.
    Source: Jacot, Gabriel & Hongler 2018, §5; Arora et al. 2019, Theorem 3.2.
    """
    return kernel_ridge(X, y, lams, tangent(depth, gain=gain, fan_in=fan_in))


def kernel_ridge(
    X: Float[Array, "n d"], y: Float[Array, " n"], lams: Float[Array, " r"], kernel: Kernel
) -> Predictor:
    """Argmin ‖f(X) − y‖²/(2n) + lam‖f‖²/2 over the space of the kernel, for each lam, with its leave-one-out.

    Errors: as `ridge_coefficients` and `leave_one_out`.
    Raises:
        ValueError: as these two, or on bad input.
    """
    X, y = checks.regression(X, y)
    eigen = _decomposed(kernel, X)
    held_out = leave_one_out(eigen, y, lams) if len(y) > 1 else None
    return Predictor(kernel, X, ridge_coefficients(eigen, y, lams), held_out)


def kernel_flow(
    X: Float[Array, "n d"], y: Float[Array, " n"], times: Float[Array, " r"], kernel: Kernel
) -> Predictor:
    """Gradient flow of ‖f(X) − y‖²/(2n) in the space of the kernel, from f = 0; at math.inf its limit.

    For a tangent kernel: training of the linearised network.

    Errors: as `flow_coefficients`.
    Raises:
        ValueError: as `flow_coefficients`, or on bad input.
    """
    X, y = checks.regression(X, y)
    return Predictor(kernel, X, flow_coefficients(_decomposed(kernel, X), y, times))


def decompose(K: Float[Array, "n n"]) -> Eigen:
    """The eigenvalues and eigenvectors of a symmetric positive semi-definite K; only its lower triangle is read.

    Raises:
        ValueError: if K is not square, or has an eigenvalue below minus the rounding n u s₁.
    """
    K = checks.real(K, "K", 2)
    if K.shape[0] != K.shape[1]:
        raise ValueError(f"K must be square, got shape {K.shape}")
    # Transposed so that LAPACK finds its own order of columns, and works in the copy that the check has made.
    s, V = eigh(K.T, lower=False, overwrite_a=True, check_finite=False, driver="evd")
    if s[0] < -len(s) * UNIT * max(s[-1], 0.0):
        raise ValueError(f"K must be positive semi-definite, but has the eigenvalues {s[0]:.3g} and {s[-1]:.3g}")
    return Eigen(np.maximum(s[::-1], 0.0), V[:, ::-1])


def ridge_coefficients(eigen: Eigen, y: Float[Array, " n"], lams: Float[Array, " r"]) -> Float[Array, "r n"]:
    """Coefficients a = (K + n lam I)⁻¹ y for each lam; at lam = 0 the limit K⁺y: the fit of least norm.

    A rank of K is decided only if n lam is below the rounding of K, n u s₁; then the part of y outside the range
    of K, which moves no prediction, is left out of a.

    Errors: relative error of order u · cond, u the machine precision and cond = (s₁ + n lam)/(s + n lam) at the
        smallest s.
    Raises:
        ValueError: if a lam is negative or not finite, if a rank is needed and cannot be decided, or on bad input.
    Source: Saunders, Gammerman & Vovk, Ridge regression learning algorithm in dual variables, ICML 1998.
    """
    y, penalty = _targets(eigen, y), len(eigen.s) * checks.path(lams, "lams")
    A = np.empty((len(penalty), len(y)))
    for some, r in _cuts(eigen, penalty):
        s, V = eigen.s[:r], eigen.V[:, :r]
        A[some] = ((V.T @ y) / (s + penalty[some, None])) @ V.T
    return A


def flow_coefficients(eigen: Eigen, y: Float[Array, " n"], times: Float[Array, " r"]) -> Float[Array, "r n"]:
    """Coefficients a = (I − exp(−t K/n)) K⁻¹ y for each time t; at t = math.inf the limit K⁺y.

    Errors: relative error of order u (1 + t s₁/n), u the machine precision; at math.inf as `ridge_coefficients`.
    Raises:
        ValueError: if a time is negative or NaN, if a rank is needed and cannot be decided, or on bad input.
    Source: Jacot, Gabriel & Hongler 2018, §5.
    """
    y, times = _targets(eigen, y), checks.path(times, "times", infinite=True)
    A = np.empty((len(times), len(y)))
    some = times < np.inf
    t = times[some, None] / len(y)
    x = t * eigen.s
    filtered = t * np.divide(-np.expm1(-x), x, out=np.ones_like(x), where=x > 0)
    A[some] = ((eigen.V.T @ y) * filtered) @ eigen.V.T
    if not some.all():
        A[~some] = ridge_coefficients(eigen, y, np.zeros(1))
    return A


def leave_one_out(eigen: Eigen, y: Float[Array, " n"], lams: Float[Array, " r"]) -> Float[Array, "r n"]:
    """Held-out residuals y_i − f₍₋ᵢ₎(x_i), where the fit without sample i keeps the penalty n lam‖f‖²/2.

    They are (G⁻¹y)ᵢ / (G⁻¹)ᵢᵢ with G = K + n lam I; at lam = 0 their limit, as in `theory.ridge.leave_one_out`.

    Errors: relative error of order u · cond(G) inside the range of K and u/(1 − leverage) beyond it, u the machine
        precision; leverages within 100 n u of 1 count as 1.
    Raises:
        ValueError: if a lam is negative or not finite, if there is one sample only, if a rank is needed and cannot
            be decided, or on bad input.
    Source: Golub, Heath & Wahba, Technometrics 1979, §2, in dual form.
    """
    y, penalty = _targets(eigen, y), len(eigen.s) * checks.path(lams, "lams")
    n = len(y)
    if n < 2:
        raise ValueError(f"leaving one out needs at least 2 samples, got n={n}")
    residuals = np.empty((len(penalty), n))
    for some, r in _cuts(eigen, penalty):
        s, V = eigen.s[:r], eigen.V[:, :r]
        strength = penalty[some, None]
        least = s[-1] + strength if r else np.ones_like(strength)
        inverse = least / (s + strength)  # least · G⁻¹ inside the range; beyond it, least / strength
        above = (inverse * (V.T @ y)) @ V.T
        weight = V**2
        below = inverse @ weight.T
        if r < n:
            beyond = 1 - np.sum(weight, axis=1)
            spanned = beyond <= rank.CLEAR * n * UNIT
            above = np.where(spanned, above, strength * above + least * (y - V @ (V.T @ y)))
            below = np.where(spanned, below, strength * below + least * beyond)
        residuals[some] = above / below
    return residuals


def _decomposed(kernel: Kernel, X: Float[Array, "n d"]) -> Eigen:
    """The eigenvalues and eigenvectors of the matrix that a kernel gives for points."""
    K = checks.real(kernel.value(X, None), "kernel.value", 2)
    if K.shape != (len(X), len(X)):
        raise ValueError(f"kernel.value must give a matrix {(len(X), len(X))} for so many points, got {K.shape}")
    return decompose(K)


def _targets(eigen: Eigen, y: Any) -> Float[Array, " n"]:
    """One target for each row of K."""
    targets = checks.real(y, "y", 1)
    if len(targets) != len(eigen.s):
        raise ValueError(f"K has {len(eigen.s)} rows but y has {len(targets)} entries; they must agree")
    return targets


def _cuts(eigen: Eigen, penalty: Float[Array, " r"]) -> list[tuple[Array, int]]:
    """Which penalties hide the rounding of K, with all of its eigenvalues; which do not, with its rank."""
    s = eigen.s
    hidden = penalty > len(s) * UNIT * s[0]
    cuts = [(hidden, len(s))] if hidden.any() else []
    return cuts if hidden.all() else [*cuts, (~hidden, rank.decide(s, len(s), len(s)))]
