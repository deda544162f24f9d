"""Right estimators for each law, and wrong ones, each with one planted fault."""

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression, LogisticRegression

from theory.estimators import (
    AdversarialClassifier,
    AdversarialRegressor,
    MaxMarginClassifier,
    MinNormRegressor,
    NTKRegressor,
    RidgePathRegressor,
)
from theory.norms import dual, norm

CERTIFIED = 1e-6  # directions of separators, whose margins are certified to 1e-11
ROBUST_FIT = 1e-4  # coefficients of robust fits, whose losses are certified to 1e-8
SMALL_LAM = 1e-11  # where rank is missing, lam leaves a condition of s₁²/(n lam)
GRAM = 1e-6  # interpolation with a tangent kernel, whose condition is beyond that of X


class Linear(RegressorMixin, BaseEstimator):
    """Weighted mean squared loss/2 + lam‖w‖²/2, the limit at lam = 0; or that with a fault."""

    def __init__(self, lam=0.0, fit_intercept=False, fault=""):
        self.lam, self.fit_intercept, self.fault = lam, fit_intercept, fault

    def fit(self, X, y, sample_weight=None):
        X, y, fault, lam = np.asarray(X), np.asarray(y), self.fault, self.lam
        if fault == "in place":
            X -= 1.0
        if fault == "strides" and not X.flags.c_contiguous:
            X = X[:, ::-1]
        n, d = X.shape
        weights = np.ones(n) if sample_weight is None else np.array(sample_weight, dtype=float)
        if fault == "first sample":
            weights[0] *= 2
        total = n if fault in ("rows", "sum") else weights.sum()
        lam = {"sum": lam / n, "features": lam * d, "inverse": 1 / (lam or 1), "floor": max(lam, 0.1)}.get(
            fault, lam
        )
        centre, level = np.zeros(d), 0.0
        if self.fit_intercept:
            level = weights @ y / weights.sum()
            level *= 0.9 if fault == "penalised intercept" else 1.0
            centre = weights @ X / weights.sum() * (fault != "centre")
        y = {"rounds": np.ceil, "clips": lambda y: np.clip(y, -2, 2)}.get(fault, lambda y: y)(y)
        A, b = np.sqrt(weights / total)[:, None] * (X - centre), np.sqrt(weights / total) * (y - level)
        if fault == "weighs features":
            A = A * np.arange(1, d + 1)
        U, s, Vt = np.linalg.svd(A, full_matrices=False)
        keep = s > {"cut-off": 0.1, "fine cut-off": 1e-3}.get(fault, 1e-12) * s[0]
        lam = 1e-10 * s[0] ** 2 if fault == "jitter" else lam
        w = Vt[keep].T @ (s[keep] / (s[keep] ** 2 + lam) * (U[:, keep].T @ b))
        if fault == "weighs features":
            w = w * np.arange(1, d + 1)
        w = {
            "sparse": lambda w: np.where(np.abs(w) < np.abs(w).max(), 0.0, w),
            "positive": lambda w: np.maximum(w, 0),
            "overshoots": lambda w: 1.1 * w,
            "single": lambda w: w.astype(np.float32).astype(float),
            "warm": lambda w: w + 0.1 * getattr(self, "coef_", 0.0),
        }.get(fault, lambda w: w)(w)
        self.coef_, self.intercept_ = w, float(level - centre @ w) + (fault == "offset")
        return self

    def predict(self, X):
        scores = X @ (self.coef_ * (1 + 1e-7 * (self.fault == "misreports"))) + self.intercept_
        if self.fault == "batch":
            scores = scores - 0.1 * scores.mean()
        return scores + (1e-6 * np.sum(np.abs(X), axis=1) if self.fault == "curved" else 0.0)


class Mean(RegressorMixin, BaseEstimator):
    """The mean of the targets."""

    def fit(self, X, y):
        self.level_ = np.mean(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.level_)


class Kernel(RegressorMixin, BaseEstimator):
    """Kernel ridge with XXᵀ computed or given; the fault adds 1 to the computed one."""

    def __init__(self, lam=0.1, kernel="linear", fault=""):
        self.lam, self.kernel, self.fault = lam, kernel, fault

    def gram(self, Z):
        return Z if self.kernel == "precomputed" else Z @ self.X_.T + (self.fault == "constant")

    def fit(self, X, y):
        self.X_ = X
        self.dual_coef_ = np.linalg.solve(self.gram(X) + len(X) * self.lam * np.eye(len(X)), y)
        return self

    def predict(self, Z):
        return self.gram(Z) @ self.dual_coef_


class Separator(MaxMarginClassifier):
    """A maximum-margin separator with a fault."""

    def __init__(self, p=2.0, *, eps=0.0, attack=np.inf, separable_only=True, fault=""):
        super().__init__(p, eps=eps, attack=attack, separable_only=separable_only)
        self.fault = fault

    def fit(self, X, y):
        eps, attack = self.eps, self.attack
        if self.fault == "one attack":
            self.attack = np.inf
        if self.fault == "shy":
            self.eps = 0.0
        super().fit(X, y)
        signs = np.where(y == self.classes_[1], 1.0, -1.0)
        if self.fault == "means":
            self.coef_ = (signs @ X)[None, :]
        if self.fault == "backwards" and eps == 0:  # a poor separator where there is no attack
            self.coef_ = self.coef_ + 0.9 * np.roll(self.coef_, 1) * (self.coef_.size > 1)
        if self.fault == "shy":
            reach = float(np.min(signs * (X @ self.coef_[0]))) / norm(self.coef_[0], dual(attack))
            self.coef_ = -self.coef_ if eps > 0.6 * reach else self.coef_
        self.eps, self.attack = eps, attack
        return self

    def decision_function(self, X):
        return super().decision_function(X) + (0.1 if self.fault == "offset" else 0.0)

    def predict(self, X):
        labels = super().predict(X)
        return np.sign(labels) if self.fault == "names" else labels


class Robust(AdversarialRegressor):
    """Adversarial regression with a fault: the clean fit, or one that explodes for small eps."""

    def __init__(self, eps=0.1, *, attack=np.inf, loss="squared", fault="clean"):
        super().__init__(eps, attack=attack, loss=loss)
        self.fault = fault

    def fit(self, X, y):
        eps = self.eps
        self.eps = 0.0
        super().fit(X, y)
        self.eps = eps
        self.coef_ = self.coef_ + (100.0 * (1.1 - eps) if self.fault == "explodes" else 0.0)
        return self


EXACT = ((Linear(), 0.0), (Linear(fit_intercept=True), 0.0), (MinNormRegressor(), 0.0))
SMOOTH = (*EXACT, (Linear(lam=0.5), 0.0), (Linear(lam=0.5, fit_intercept=True), 0.0))
PATH = ((RidgePathRegressor(lams=(0.25,)), SMALL_LAM), (Linear(lam=0.25, fit_intercept=True), SMALL_LAM))
TANGENT = ((NTKRegressor(), GRAM), (NTKRegressor(0.5), GRAM))
MARGIN = ((MaxMarginClassifier(separable_only=True), CERTIFIED),)
EVERY = (*SMOOTH[1:4], TANGENT[0], *MARGIN)
FREE = ((Linear(fit_intercept=True), 0.0), (RidgePathRegressor(lams=(0.25,), fit_intercept=True), SMALL_LAM))
WEIGHTED = ((Linear(), 0.0), (Linear(lam=0.5, fit_intercept=True), 0.0))
ATTACKED = (*MARGIN, (MaxMarginClassifier(3.0, attack=2.0, separable_only=True), CERTIFIED))
ROBUST = ((AdversarialRegressor(), CERTIFIED), (AdversarialRegressor(loss="absolute", attack=2.0), CERTIFIED))

RIGHT = {
    "rotation": EVERY,
    "orthogonal_reparametrisation": (*SMOOTH, *MARGIN),
    "sign_flips": EVERY,
    "feature_permutation": EVERY,
    "feature_scaling": EXACT,
    "linear_reparametrisation": EXACT,
    "common_scaling": (*EXACT, (NTKRegressor(), GRAM)),
    "isometric_embedding": EVERY,
    "null_feature": EVERY,
    "duplicate_feature": EXACT,
    "unseen_directions": ((Linear(), 0.0), (Linear(lam=0.5), 0.0), (MinNormRegressor(), 0.0), *MARGIN),
    "feature_translation": FREE,
    "sample_permutation": EVERY,
    "duplicated_data": (*EXACT, *PATH, *MARGIN),
    "weights_repeat": WEIGHTED,
    "zero_weight": WEIGHTED,
    "common_weight": WEIGHTED,
    "batches": EVERY,
    "refit": EVERY,
    "arguments_untouched": EVERY,
    "storage": EVERY,
    "target_scaling": (*SMOOTH, *TANGENT, (AdversarialRegressor(), ROBUST_FIT)),
    "target_sign": (*SMOOTH, *TANGENT, (AdversarialRegressor(), ROBUST_FIT)),
    "additivity": (*SMOOTH, *TANGENT),
    "target_translation": FREE,
    "constants": FREE,
    "idempotence": EXACT,
    "firm_contraction": (*SMOOTH, *TANGENT),
    "residuals_sum": FREE,
    "interpolation": (*EXACT, (NTKRegressor(), GRAM)),
    "normal_equations": EXACT,
    "leave_one_out": (*SMOOTH, *PATH, *TANGENT),
    "range": ((Mean(), 0.0),),
    "coefficients": (*SMOOTH, *MARGIN),
    "residual_grows": (*PATH, *TANGENT),
    "norm_falls": PATH,
    "vanishing_penalty": PATH,
    "tikhonov": (*SMOOTH, (RidgePathRegressor(), 0.0)),
    "robust_loss_grows": (*ROBUST, (AdversarialClassifier(), CERTIFIED)),
    "robust_optimum": (*ROBUST, (AdversarialClassifier(), CERTIFIED)),
    "precomputed_kernel": ((Kernel(), 0.0),),
    "homogeneity": ((Linear(lam=0.5), 0.0), *TANGENT),
    "symmetric_influence": (*SMOOTH, *TANGENT),
    "label_flip": MARGIN,
    "label_names": MARGIN,
    "separation": (*MARGIN, (MaxMarginClassifier(1.0, separable_only=True), CERTIFIED)),
    "margin_scaling": MARGIN,
    "far_point": MARGIN,
    "support": MARGIN,
    "margin_falls": ATTACKED,
    "margin_convex": ATTACKED,
    "dual_attack": ATTACKED,
}


def faulty(*faults, **parameters):
    """A Linear with each of the faults."""
    return tuple((Linear(fault=fault, **parameters), 0.0) for fault in faults)


MEANS = ((Separator(fault="means"), CERTIFIED),)
WRONG = {
    "rotation": (*faulty("sparse", "positive", "weighs features"), (MinNormRegressor(1.0), 1e-6)),
    "orthogonal_reparametrisation": faulty("sparse", "weighs features"),
    "sign_flips": faulty("positive"),
    "feature_permutation": faulty("weighs features"),
    "feature_scaling": (*faulty("cut-off", "sparse"), (Linear(lam=0.5), 0.0)),
    "linear_reparametrisation": faulty("cut-off", "sparse", lam=0.0),
    "common_scaling": ((Linear(lam=0.5), 0.0), (NTKRegressor(0.5), GRAM)),
    "isometric_embedding": faulty("sparse", "features", lam=0.5),
    "null_feature": faulty("features", lam=0.5),
    "duplicate_feature": ((Linear(lam=0.5), 0.0),),
    "unseen_directions": (*faulty("sparse"), (MinNormRegressor(1.0), 1e-6), (NTKRegressor(), GRAM)),
    "feature_translation": (*faulty("centre", lam=0.5, fit_intercept=True), (NTKRegressor(), GRAM)),
    "sample_permutation": faulty("first sample", lam=0.5),
    "duplicated_data": faulty("sum", lam=0.5),
    "weights_repeat": faulty("rows", lam=0.5),
    "zero_weight": faulty("rows", lam=0.5),
    "common_weight": faulty("rows", "sum", lam=0.5),
    "batches": faulty("batch"),
    "refit": faulty("warm"),
    "arguments_untouched": faulty("in place"),
    "storage": faulty("strides"),
    "target_scaling": (*faulty("rounds", "clips", "offset"),),
    "target_sign": faulty("rounds", "positive", "offset"),
    "additivity": (*faulty("rounds", "clips", "sparse"), (RidgePathRegressor(), 0.0)),
    "target_translation": faulty("penalised intercept", "clips", fit_intercept=True),
    "constants": faulty("penalised intercept", "offset", fit_intercept=True),
    "idempotence": (*faulty("overshoots"), (Linear(lam=0.5), 0.0)),
    "firm_contraction": faulty("overshoots", "rounds"),
    "residuals_sum": faulty("penalised intercept", "offset", fit_intercept=True),
    "interpolation": (*faulty("jitter", "cut-off", "fine cut-off", "floor", "single"), (LinearRegression(), 1e-9)),
    "normal_equations": faulty("jitter", "cut-off", "single"),
    "leave_one_out": faulty("sum", "overshoots", "rounds", lam=0.5),
    "range": ((Linear(), 0.0), (MinNormRegressor(), 0.0)),
    "coefficients": faulty("misreports", "curved"),
    "residual_grows": faulty("inverse", lam=0.5),
    "norm_falls": faulty("inverse", lam=0.5),
    "vanishing_penalty": faulty("floor", "overshoots", "sparse"),
    "tikhonov": faulty("weighs features", "sparse", lam=0.5),
    "robust_loss_grows": ((Robust(fault="explodes"), CERTIFIED),),
    "robust_optimum": ((Robust(), CERTIFIED), (Robust(loss="absolute", attack=2.0), CERTIFIED)),
    "precomputed_kernel": ((Kernel(fault="constant"), 0.0),),
    "homogeneity": faulty("offset"),
    "symmetric_influence": faulty("first sample", "sparse", lam=0.5),
    "label_flip": ((Separator(fault="offset"), CERTIFIED),),
    "label_names": ((Separator(fault="names"), CERTIFIED),),
    "separation": (*MEANS, (LogisticRegression(C=1e-3), 0.0)),
    "margin_scaling": ((Separator(fault="offset"), CERTIFIED), (LogisticRegression(), 1e-3)),
    "far_point": (*MEANS, (LogisticRegression(), 1e-3)),
    "support": (*MEANS, (LogisticRegression(), 1e-3)),
    "margin_falls": ((Separator(fault="backwards"), CERTIFIED),),
    "margin_convex": ((Separator(fault="shy"), CERTIFIED),),
    "dual_attack": ((Separator(3.0, fault="one attack"), CERTIFIED),),
}
