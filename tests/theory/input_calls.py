"""A valid call of every public function of `theory`, found by name; and what is internal, and why."""

import inspect
import pkgutil
from importlib import import_module

import input_data
import input_formulas

import theory

CALLS = {**input_data.CALLS, **input_formulas.CALLS}
# Modules and functions that `theory` alone calls, on arguments that its public functions have checked.
INTERNAL = {
    "arc_cosine", "compensated", "cone", "exact_linear", "exact_program", "exact_support", "hull", "polish",
    "program",
    "robust_classification", "robust_regression", "separability",
    "exact_balls.holds", "exact_balls.normal", "exact_classification_proof.radius_of",
    "exact_classification_proof.stated", "exact_margin.squared",
    "exact_numbers.array", "exact_numbers.ball", "exact_numbers.matrix", "exact_numbers.times",
    "exact_numbers.vector", "exact_numbers.zeros", "kernels.apart", "kernels.near",
    "margin.certify", "norms.aligned", "norms.length", "patch_model.phi", "patch_model.psi", "ridge.held_out",
}  # fmt: skip
# Text, objects, networks and numbers of FLINT alone, no arrays or numbers of other kinds.
OTHER = {
    "exact_numbers.between", "exact_numbers.fraction",
    "exact_numbers.precision", "formula.Evaluation.digits", "formula.Formula.letter", "formula.evaluated",
    "patch_flatness.cubic", "relu_network.stacked",
    "checks.flag", "checks.one_of",
    "arc_cosine.from_cosines",  # works in place on a matrix of its caller
}  # fmt: skip
# The layer for scikit-learn, whose own checks run on it.
LAYERS = ("law", "estimators", "linear_estimators", "intercept", "ridge_proof")


def call(name):
    """The callable behind a name of CALLS; what follows a slash tells cases of one function apart."""
    module, *path = name.split("/")[0].split(".")
    found = import_module(f"theory.{module}")
    for part in path:
        found = getattr(found, part)
    return found


def public():
    """Every function, every class that refuses bad fields, and every method that takes something, by name."""
    names = set()
    for info in pkgutil.iter_modules(theory.__path__):
        if info.name.startswith(LAYERS):
            continue
        module = import_module(f"theory.{info.name}")
        for name, found in vars(module).items():
            if name.startswith("_") or getattr(found, "__module__", "") != module.__name__:
                continue
            if inspect.isfunction(inspect.unwrap(found)):
                names.add(f"{info.name}.{name}")
            elif inspect.isclass(found):
                names |= {f"{info.name}.{name}"} if hasattr(found, "__post_init__") else set()
                names |= {
                    f"{info.name}.{name}.{part}" for part, f in vars(found).items() if takes_something(part, f)
                }
    return names


def takes_something(name, found):
    """Whether this is a public method with arguments beyond its object."""
    if isinstance(found, staticmethod):
        return True
    shown = not name.startswith("_") or name == "__call__"
    return shown and inspect.isfunction(found) and len(inspect.signature(found).parameters) > 1
