"""The estimators of the theorems in scikit-learn's clothes: a thin layer over the functions, and nothing else.

The functions have no bias term, and neither have these estimators unless `fit_intercept` says so. Where the object
of a theorem does not exist (an interpolator, a separator), `fit` gives its nearest relative, and an attribute says
so. Each fit is proved: `gap_` is 0 up to rounding when `dual_` shows that no other w does better; a fit that is
not proved to 1e-6 warns.
"""

import math
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from theory import adversarial, checks, intercept, ridge, ridge_proof, robust_classification, robust_regression
from theory.interpolation import min_norm
from theory.kernel_regression import Predictor, ntk_regression
from theory.kernels import tangent
from theory.linear_estimators import LinearClassifier, LinearRegressor, prove
from theory.margin import NotSeparable, max_margin
from theory.solution import Solution


class MinNormRegressor(LinearRegressor):
    """The interpolator of least ‖w‖ₚ; if y is out of reach, the w of least ‖w‖ₚ among those of least squares.

    Both solve one program: least ‖w‖ₚ subject to Xw = the projection of y on the range of X. With `fit_intercept`
    the equations are Xw + b = y and b costs nothing, which is the same program after centring X and y.

    Attributes:
        coef_, intercept_: w (d,) and b.
        interpolates_: whether y itself was reached.
        norm_: ‖w‖ₚ.
        dual_: a (n,) with ‖Xᵀa‖_q ≤ 1, 1/p + 1/q = 1; X centred if there is an intercept.
        gap_: how far a·y proves norm_ to be from the least, relatively.
        rank_: the rank of X, centred if there is an intercept.

    Raises:
        ValueError: as `theory.interpolation.min_norm`, except for y out of reach.
    """

    def __init__(self, p: float = 2.0, *, fit_intercept: bool = False) -> None:
        self.p = p
        self.fit_intercept = fit_intercept

    def fit(self, X: Any, y: Any) -> Self:
        """The least w and its proof."""
        p = checks.exponent(self.p)
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        centre, level = np.zeros(X.shape[1]), 0.0
        if checks.flag(self.fit_intercept, "fit_intercept"):
            X, y, centre, level = intercept.remove(X, y)
        solution, self.interpolates_ = _least(X, y, p)
        self.coef_, self.intercept_ = solution.w, level - float(centre @ solution.w)
        self.norm_, self.rank_ = solution.value, solution.rank
        prove(self, solution)
        return self


def _least(X: Float[Array, "n d"], y: Float[Array, " n"], p: float) -> tuple[Solution, bool]:
    """The w of least ‖·‖ₚ with Xw = y, and true; if there is none, that of the projection of y, and false."""
    try:
        return min_norm(X, y, p), True
    except ValueError:  # out of reach; a rank that cannot be decided is refused once more below
        pass
    return min_norm(X, X @ ridge.ridge_path(X, y, np.zeros(1))[0], p), False


class RidgePathRegressor(LinearRegressor):
    """Argmin ‖Xw + b − y‖²/(2n) + lam‖w‖²/2 for each lam; predicts with the lam of least leave-one-out error.

    In scikit-learn's terms lam is the alpha of ElasticNet(l1_ratio=0), and n lam that of Ridge. b is 0, or with
    `fit_intercept` costs nothing.

    Attributes:
        lam_, coef_, intercept_: the lam chosen, the first of the best, and its w (d,) and b.
        lams_, coef_path_, intercept_path_: those of each lam, (k,), (k, d) and (k,).
        held_out_: the residual of each sample under the fit without it, (k, n).
        loo_mse_: the mean squares of these, (k,).
        dual_, gap_: a (n,), the residuals to rounding, and the relative gap that they prove of the fit chosen.

    Raises:
        ValueError: as `theory.ridge.leave_one_out`; for a single sample above all.
    """

    def __init__(
        self, lams: Sequence[float] = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0), *, fit_intercept: bool = False
    ) -> None:
        self.lams = lams
        self.fit_intercept = fit_intercept

    def fit(self, X: Any, y: Any) -> Self:
        """The path, its held-out residuals, the choice and its proof."""
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True, ensure_min_samples=2)
        self.lams_ = checks.path(self.lams, "lams", reach=checks.WIDE)
        centre, level = np.zeros(X.shape[1]), 0.0
        if checks.flag(self.fit_intercept, "fit_intercept"):
            self.held_out_ = intercept.leave_one_out(X, y, self.lams_)
            X, y, centre, level = intercept.remove(X, y)
        else:
            self.held_out_ = ridge.leave_one_out(X, y, self.lams_)
        self.coef_path_ = ridge.ridge_path(X, y, self.lams_)
        self.intercept_path_ = level - self.coef_path_ @ centre
        self.loo_mse_ = np.mean(self.held_out_**2, axis=1)
        best = int(np.argmin(self.loo_mse_))
        self.lam_, self.coef_ = float(self.lams_[best]), self.coef_path_[best]
        self.intercept_ = float(self.intercept_path_[best])
        prove(self, ridge_proof.linear(X, y, self.coef_, self.lam_))
        return self


class MaxMarginClassifier(LinearClassifier):
    """The w, ‖w‖ₚ = 1, whose worst margin min_i y_i⟨w, x_i⟩ − eps‖w‖_{attack*} is largest.

    If no w has a positive one, a w of least mean max(0, 1 − worst margin), whatever p: the loss that all long
    multiples of a separator bring to 0. With `separable_only` such data are refused instead, with a proof.

    Attributes:
        classes_: the two labels; the second counts as y = +1.
        coef_, intercept_: w as (1, d), and 0.
        separable_: whether a separator was found: which of the two problems was solved.
        margin_: the least worst margin, min_i y_i⟨w, x_i⟩ − eps‖w‖_{attack*}.
        dual_, gap_: as `theory.margin.max_margin`; as `theory.adversarial.fit` if not separable_.

    Raises:
        NotSeparable: with `separable_only`, if no w has a positive worst margin; a ValueError.
        ValueError: as `theory.margin.max_margin`, or if there are not exactly two classes.
    """

    def __init__(
        self, p: float = 2.0, *, eps: float = 0.0, attack: float = math.inf, separable_only: bool = False
    ) -> None:
        self.p = p
        self.eps = eps
        self.attack = attack
        self.separable_only = separable_only

    def fit(self, X: Any, y: Any) -> Self:
        """The separator and its proof."""
        only = checks.flag(self.separable_only, "separable_only")
        X, y = self._signed(X, y)
        try:
            solution, self.separable_ = max_margin(X, y, self.p, eps=self.eps, attack=self.attack), True
        except NotSeparable:
            if only:
                raise
            solution = adversarial.fit(X, y, self.eps, attack=self.attack, loss="hinge")
            self.separable_ = False
        self.margin_ = float(adversarial.worst_case(solution.w, X, y, self.eps, self.attack).min())
        self.coef_, self.intercept_ = solution.w[None, :], np.zeros(1)
        prove(self, solution)
        return self


class AdversarialRegressor(LinearRegressor):
    """The w of least mean loss of the worst residual |y − ⟨w, x⟩| + eps‖w‖_{attack*}.

    The loss of a residual u is u²/2 ("squared") or u ("absolute").

    Attributes:
        coef_, intercept_: w (d,), and 0.
        loss_: the mean worst-case loss.
        dual_, gap_: as `theory.adversarial.fit`.

    Raises:
        ValueError: as `theory.adversarial.fit`, or for a loss of classification.
    """

    def __init__(self, eps: float = 0.1, *, attack: float = math.inf, loss: str = "squared") -> None:
        self.eps = eps
        self.attack = attack
        self.loss = loss

    def fit(self, X: Any, y: Any) -> Self:
        """The minimiser and its proof."""
        checks.one_of(self.loss, "loss", robust_regression.LOSSES)
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        solution = adversarial.fit(X, y, self.eps, attack=self.attack, loss=self.loss)
        self.coef_, self.intercept_, self.loss_ = solution.w, 0.0, solution.value
        prove(self, solution)
        return self


class AdversarialClassifier(LinearClassifier):
    """The w of least mean loss of the worst margin c = y⟨w, x⟩ − eps‖w‖_{attack*}.

    The loss is max(0, 1 − c) ("hinge"), log(1 + exp(−c)) ("logistic") or exp(−c) ("exponential"). The last two
    refuse data that some w classifies robustly, since they have no minimiser there; the hinge loss always has one.

    Attributes:
        classes_: the two labels; the second counts as y = +1.
        coef_, intercept_: w as (1, d), and 0.
        loss_: the mean worst-case loss.
        dual_, gap_: as `theory.adversarial.fit`.

    Raises:
        ValueError: as `theory.adversarial.fit`, for a loss of regression, or if there are not exactly two classes.
    """

    def __init__(self, eps: float = 0.1, *, attack: float = math.inf, loss: str = "hinge") -> None:
        self.eps = eps
        self.attack = attack
        self.loss = loss

    def fit(self, X: Any, y: Any) -> Self:
        """The minimiser and its proof."""
        checks.one_of(self.loss, "loss", robust_classification.LOSSES)
        X, y = self._signed(X, y)
        solution = adversarial.fit(X, y, self.eps, attack=self.attack, loss=self.loss)
        self.loss_ = solution.value
        self.coef_, self.intercept_ = solution.w[None, :], np.zeros(1)
        prove(self, solution)
        return self


class NTKRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Ridge regression with the tangent kernel of a ReLU network of `depth` hidden layers; lam = 0 interpolates.

    It minimises ‖f(X) − y‖²/(2n) + lam‖f‖²/2 over the space of `theory.kernels.ntk_relu`; at lam = 0 it is the f
    of least norm among those of least squares. There is no bias: f(0) = 0.

    Attributes:
        X_fit_, dual_coef_: the points x_j (n, d) and the coefficients (n,) of f = Σ_j dual_coef_j k(·, x_j).
        held_out_: the residual of each sample under the fit without it (n,); None for a single sample.
        dual_, gap_: n lam dual_coef_, or at lam = 0 dual_coef_/‖f‖, and the relative gap that it proves.

    Raises:
        ValueError: as `theory.kernel_regression.ntk_regression`.
    """

    def __init__(self, lam: float = 0.0, *, depth: int = 1, gain: float = 2.0, fan_in: bool = False) -> None:
        self.lam = lam
        self.depth = depth
        self.gain = gain
        self.fan_in = fan_in

    def fit(self, X: Any, y: Any) -> Self:
        """The coefficients of the kernel and their proof."""
        lam, fan_in = checks.amount(self.lam, "lam"), checks.flag(self.fan_in, "fan_in")
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        path = ntk_regression(X, y, np.array([lam]), depth=self.depth, gain=self.gain, fan_in=fan_in)
        self.X_fit_, self.dual_coef_ = path.X, path.A[0]
        self.held_out_ = None if path.held_out is None else path.held_out[0]
        prove(self, ridge_proof.kernel(path.kernel.value(X, None), y, self.dual_coef_, lam))
        return self

    def predict(self, X: Any) -> Float[Array, " k"]:
        """f(x) for each row x of X."""
        f, X = self._fitted(X)
        return np.asarray(f.predict(X)[0])

    def gradient(self, X: Any) -> Float[Array, "k d"]:
        """∇f(x) for each row x of X: the direction in which an attack moves it."""
        f, X = self._fitted(X)
        return np.asarray(f.gradient(X)[0])

    def _fitted(self, X: Any) -> tuple[Predictor, Float[Array, "k d"]]:
        """The fit and X, both checked; the fit is put together anew, because kernels cannot be pickled."""
        check_is_fitted(self)
        kernel = tangent(self.depth, gain=self.gain, fan_in=self.fan_in)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return Predictor(kernel, self.X_fit_, self.dual_coef_[None, :]), X
