"""What the estimators of `theory.estimators` share: checked data in, ⟨w, x⟩ + b or its sign out, and the proof."""

import warnings
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from theory.solution import Solution

DOUBTFUL = 1e-6  # the gap above which a fit is called unproved; the functions promise 1e-8 in moderate units


def prove(estimator: Any, solution: Solution) -> None:
    """The certificate as fitted attributes, and a warning if it proves little."""
    estimator.dual_, estimator.gap_ = solution.dual, solution.gap
    if not solution.gap <= DOUBTFUL:
        message = (
            f"a fit should be proved to {DOUBTFUL:g}, but the gap_ of this one is {solution.gap:.2g}: its value "
            "may be that far from the best; bring features and samples to similar scales"
        )
        warnings.warn(message, ConvergenceWarning, stacklevel=3)


class LinearRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """x ↦ ⟨coef_, x⟩ + intercept_."""

    coef_: Float[Array, " d"]
    intercept_: float

    def predict(self, X: Any) -> Float[Array, " k"]:
        """⟨coef_, x⟩ + intercept_ for each row x of X."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(X @ self.coef_ + self.intercept_)


class LinearClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """x ↦ the second class where ⟨coef_[0], x⟩ > 0, else the first: the hyperplane goes through the origin."""

    classes_: Array
    coef_: Float[Array, "1 d"]
    intercept_: Float[Array, " 1"]

    def decision_function(self, X: Any) -> Float[Array, " k"]:
        """⟨coef_[0], x⟩ for each row x of X."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(X @ self.coef_[0])

    def predict(self, X: Any) -> Array:
        """The class on whose side of the hyperplane each row of X lies."""
        second = self.decision_function(X) > 0
        return np.asarray(self.classes_[second.astype(int)])

    def _signed(self, X: Any, y: Any) -> tuple[Float[Array, "n d"], Float[Array, " n"]]:
        """X as checked, y as −1 for the first of the two classes and +1 for the second; sets classes_."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        if kind != "binary":
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {kind}. "
                "Wrap the estimator in sklearn.multiclass.OneVsRestClassifier for more classes."
            )
        self.classes_, second = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"y must hold two classes, got one class only, {self.classes_.tolist()[0]!r}; add the other"
            )
        return X, np.where(second == 1, 1.0, -1.0)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
