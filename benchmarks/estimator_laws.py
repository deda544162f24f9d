"""Which laws of theory.laws hold for which estimators of scikit-learn, each failure with its counterexample?

Prints the tables of docs/laws.md. Solvers that iterate are run to a tolerance far below the one judged with.
Run: python benchmarks/estimator_laws.py > tables.md   (about half an hour of one core)
"""

import json
import re
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import (
    BayesianRidge,
    ElasticNet,
    HuberRegressor,
    Lasso,
    LinearRegression,
    LogisticRegression,
    Perceptron,
    Ridge,
    RidgeCV,
)
from sklearn.neighbors import KNeighborsRegressor
from sklearn.svm import SVC, SVR, LinearSVC
from sklearn.tree import DecisionTreeRegressor

from theory.law_findings import confront
from theory.law_fits import is_classifier
from theory.laws import LAWS

INSTANCES = 150
FINE = {"tol": 1e-12, "max_iter": 1_000_000}
ESTIMATORS = {  # name: estimator, relative accuracy it is judged with
    "LinearRegression": (LinearRegression(), 1e-9),
    "Ridge": (Ridge(), 1e-9),
    "RidgeCV": (RidgeCV(), 1e-9),
    "Lasso": (Lasso(alpha=0.1, **FINE), 1e-5),
    "ElasticNet": (ElasticNet(alpha=0.1, **FINE), 1e-5),
    "BayesianRidge": (BayesianRidge(tol=1e-12, max_iter=100_000), 1e-5),
    "HuberRegressor": (HuberRegressor(tol=1e-8, max_iter=1000), 1e-3),
    "KernelRidge": (KernelRidge(kernel="linear"), 1e-9),
    "SVR": (SVR(kernel="linear", tol=1e-8, max_iter=100_000), 1e-5),
    "GaussianProcess": (GaussianProcessRegressor(optimizer=None), 1e-5),
    "KNeighbors": (KNeighborsRegressor(2), 1e-9),
    "DecisionTree": (DecisionTreeRegressor(random_state=0), 1e-9),
    "SVC": (SVC(kernel="linear", tol=1e-8, max_iter=100_000), 1e-3),
    "LinearSVC": (LinearSVC(random_state=0, **FINE), 1e-4),
    "LogisticRegression": (LogisticRegression(tol=1e-10, max_iter=10_000), 1e-4),
    "Perceptron": (Perceptron(), 1e-9),
}


WHY = {  # of each law that fails somewhere: what is documented to the contrary, and what is not
    "rotation": (
        "Documented: alpha‖w‖₁ of Lasso and ElasticNet, and the splits of a tree along axes, depend on the "
        "coordinates. A perceptron steps where a margin is ≤ 0: where one is exactly 0, rounding decides. "
        "HuberRegressor as for feature_permutation."
    ),
    "orthogonal_reparametrisation": ("As for rotation."),
    "sign_flips": (
        "Documented (random_state): among splits that are equally good a tree takes one at random. Ties at a "
        "threshold, x ≤ t, go to the left, and reflecting a feature reflects them."
    ),
    "feature_permutation": (
        "The tree as for sign_flips. HuberRegressor: its quasi-Newton solver stops short on features of such "
        "different scales, at tol=1e-8 as well; not documented. Lasso: with equal features its minimiser is "
        "not unique, and coordinate descent serves the first one."
    ),
    "feature_scaling": (
        "Documented: a penalty on ‖w‖, a distance, a kernel's width and a margin have the units of the "
        "features, and the user guide advises to standardise them. A perceptron's path has them too."
    ),
    "linear_reparametrisation": ("As for feature_scaling; a tree splits along the axes."),
    "common_scaling": (
        "Documented: a penalty of fixed strength, a prior and a kernel of fixed width have a unit of length."
    ),
    "isometric_embedding": (
        "As for rotation, and for null_feature. RidgeCV: with two samples and an intercept every alpha has "
        "the same leave-one-out error, (y₁ − y₂)², so that rounding chooses; the documentation says only that"
        " the least error does."
    ),
    "null_feature": (
        "A tree draws the order in which it looks at features, and with it the choice among ties (documented "
        "under random_state). RidgeCV as for isometric_embedding."
    ),
    "duplicate_feature": (
        "Documented objectives: for a squared penalty two halves are cheaper than a whole, u² + v² < (u + "
        "v)²; a distance counts the feature twice; a tree chooses among ties at random."
    ),
    "unseen_directions": (
        "Documented objectives: with alpha‖w‖₁ the fit leaves the span of the points, and a Gaussian kernel "
        "or a tree sees every coordinate of z."
    ),
    "feature_translation": (
        "KernelRidge has no intercept; LinearSVC penalises it (documented under intercept_scaling); a "
        "perceptron treats it as one more weight. SVR: on features of such different scales the solver stops "
        "at max_iter = 100,000, with a warning. HuberRegressor: where all samples can be fitted its scale "
        "sigma falls to 0 and the solver stops at whatever w it has by then; not documented. "
        "LogisticRegression: lbfgs stops short at tol=1e-10 without a warning; solver='newton-cholesky' obeys "
        "the law on the same instance. SVC: the intercept is off by 0.008 at tol=1e-8 and at 1e-11, without a "
        "warning; neither is documented."
    ),
    "sample_permutation": (
        "Documented: neighbours at equal distance are taken in the order of the samples, and a perceptron's "
        "passes follow a shuffled order. HuberRegressor as for feature_permutation."
    ),
    "duplicated_data": (
        "Documented objectives: a sum over samples beside a fixed penalty or prior, so that twice the data "
        "halve the penalty. The two nearest points are now one point twice; the noise of a Gaussian process "
        "is averaged."
    ),
    "weights_repeat": (
        "RidgeCV leaves a weighted sample out whole, of which a repeated one leaves copies behind; it is "
        "documented as leave-one-out and nothing is said of weights. A perceptron takes one step k times as "
        "long instead of k steps. LinearSVC: at max_iter = 1,000,000, with a warning, it has not converged."
    ),
    "zero_weight": (
        "A perceptron's passes are shuffled over all samples, those of weight 0 too, so that the order of the "
        "others changes. RidgeCV without the sample as for isometric_embedding."
    ),
    "common_weight": (
        "Documented objectives: weights multiply a sum of losses, noise precisions or step lengths, beside a "
        "penalty, prior or intercept that they do not multiply."
    ),
    "target_scaling": (
        "Documented objectives: alpha‖w‖₁, the epsilon of SVR and the Gamma priors of BayesianRidge have the "
        "unit of the targets. HuberRegressor: documented is that epsilon needs no rescaling with y; the "
        "objective n sigma + … + alpha‖w‖² is not homogeneous unless alpha is 0."
    ),
    "target_sign": (
        "SVR: the intercept of an epsilon-tube need not be unique; the solver takes one and not its "
        "reflection. Not documented."
    ),
    "additivity": (
        "Only quadratic objectives of fixed strength are linear in the targets; choosing alpha, precisions or"
        " a split from the data is not, nor are the losses of SVR and HuberRegressor and the penalty ‖w‖₁."
    ),
    "target_translation": (
        "KernelRidge has no intercept, and a Gaussian process without normalize_y has the prior mean 0 "
        "(documented). HuberRegressor as for feature_translation: it fits the constant at the samples with w "
        "≠ 0, though w = 0 costs less."
    ),
    "constants": ("As for target_translation."),
    "idempotence": (
        "Documented objectives: what is penalised, or averaged, shrinks again when fitted again, a Gaussian "
        "process by the alpha = 1e-10 on its diagonal. The tree as for null_feature."
    ),
    "firm_contraction": (
        "True of squared losses with a convex penalty that does not depend on the targets. BayesianRidge and "
        "RidgeCV choose their penalties from them, SVR and HuberRegressor have other losses, neighbours "
        "minimise nothing."
    ),
    "residuals_sum": (
        "True of squared losses with a free intercept: KernelRidge has none, SVR and HuberRegressor have "
        "other losses, neighbours minimise nothing."
    ),
    "interpolation": (
        "Documented objectives, except for LinearRegression, whose description is to minimise the residual "
        "sum of squares. Since version 1.9 its default tol=1e-6 is the rank cut-off of the dense solver (so "
        "its parameter says): directions of X below a millionth of the largest are dropped, and data that can"
        " be interpolated are not."
    ),
    "normal_equations": ("True of least squares alone."),
    "leave_one_out": (
        "True of quadratic objectives of fixed strength; the others choose anew without the sample."
    ),
    "range": ("No linear fit claims it; a Gaussian process falls back to 0 away from its points."),
    "residual_grows": (
        "True of squared losses; HuberRegressor has another one (documented), of residuals over sigma."
    ),
    "norm_falls": (
        "True of the penalty ‖w‖₂² beside a loss that is minimised: HuberRegressor's solver stops before that."
    ),
    "vanishing_penalty": (
        "True of the penalty ‖w‖₂²: the limit of Lasso and ElasticNet has another norm; HuberRegressor "
        "has another loss."
    ),
    "tikhonov": ("True of the penalty ‖w‖₂² beside a squared loss."),
    "homogeneity": (
        "True without an intercept (SVR has one that cannot be switched off), of kernels that are "
        "homogeneous; a Gaussian kernel, neighbours and trees are not."
    ),
    "symmetric_influence": ("True of quadratic objectives of fixed strength."),
    "separation": (
        "Documented objectives: at C = 1 a smaller ‖w‖ may be preferred to a separator. A perceptron by default "
        "stops after five passes that gain less than tol = 1e-3 (documented under n_iter_no_change)."
    ),
    "margin_scaling": (
        "Documented objectives: C weighs a loss of which the margin is 1, a unit of length for X; a "
        "perceptron with an intercept has one in its step."
    ),
    "far_point": (
        "Documented objectives: the logistic loss never vanishes, and a perceptron's path depends on every sample."
    ),
    "support": (
        "As for far_point. SVC: where every multiplier is 0 or C the intercept is not unique, and the solver "
        "takes the middle of those that are left."
    ),
}
INSIDE = {  # laws that predict at the samples alone
    "orthogonal_reparametrisation", "firm_contraction", "residuals_sum", "interpolation", "normal_equations",
    "leave_one_out", "residual_grows", "norm_falls", "tikhonov", "symmetric_influence", "separation",
}  # fmt: skip
MARKS = {"holds": "✓", "fails": "✗", "vacuous": "?", "not applicable": ""}


def judge(name):
    """(law, verdict, message, arrays of the counterexample) for each law."""
    estimator, tol = ESTIMATORS[name]
    found = (confront(estimator, law, tol=tol, instances=INSTANCES, shrinks=50) for law in LAWS)
    return [
        (f.law.name, str(f.verdict), f.message, f.counterexample.arrays() if f.counterexample else {})
        for f in found
    ]


def catalogue():
    columns = [(f"`{law.name}`", law.statement, "; ".join(law.kinds), law.source) for law in LAWS]
    rows = ["| " + " | ".join(text.replace("|", "\\|") for text in row) + " |" for row in columns]
    return "\n".join(["| law | statement | true of | because |", "|---|---|---|---|", *rows])


def matrix(results):
    head = "| law | " + " | ".join(results) + " |\n|---|" + ":-:|" * len(results)
    verdicts = {name: {law: verdict for law, verdict, _, _ in found} for name, found in results.items()}
    rows = [
        f"| `{law.name}` | " + " | ".join(MARKS[verdicts[n][law.name]] for n in results) + " |" for law in LAWS
    ]
    return "\n".join([head, *rows])


def numbers(array):
    """The entries to six digits, as they would be typed."""
    return re.sub(r"[\d.e-]+", lambda number: f"{float(number[0]):.6g}", json.dumps(np.asarray(array).tolist()))


def failures(results):
    parts = []
    for law in LAWS:
        rows = [
            f"| {name} | {shown(name, law.name, arrays)} | {message.removeprefix('deviation ')} |"
            for name, found in results.items()
            for other, verdict, message, arrays in found
            if (other, verdict) == (law.name, "fails")
        ]
        if rows:
            head = ["| estimator | instance | deviation |", "|---|---|---|"]
            parts.append(f"### `{law.name}`\n\n{law.statement}. {WHY[law.name]}\n\n" + "\n".join([*head, *rows]))
    return "\n\n".join(parts)


def shown(name, law, arrays):
    """What of an instance the law looks at."""
    unseen = {"y" if is_classifier(ESTIMATORS[name][0]) else "labels"} | ({"Z"} if law in INSIDE else set())
    return ", ".join(f"{key} = {numbers(value)}" for key, value in arrays.items() if key not in unseen)


def main():
    with ProcessPoolExecutor() as pool:
        results = dict(zip(ESTIMATORS, pool.map(judge, ESTIMATORS), strict=True))
    print("\n\n".join([catalogue(), matrix(results), failures(results)]))


if __name__ == "__main__":
    main()
