"""Kernels by name, pairs of points at an angle, and what the kernels of ReLU networks are there in 120 digits."""

import math

import mpmath
import numpy as np

from theory.classical_kernels import gaussian, laplace, polynomial
from theory.kernels import gaussian_process, tangent

RELATIVE = 1e-12

KERNELS = {
    "tangent": tangent(),
    "tangent 3": tangent(3, gain=1.0),
    "process": gaussian_process(),
    "process 2": gaussian_process(2, fan_in=True),
    "linear": polynomial(),
    "cubic": polynomial(3, offset=1.0),
    "gaussian": gaussian(1.5),
    "laplace": laplace(1.5),
}


def precise(x, z):
    """Vectors in 120 digits, with what every kernel needs of them."""
    x, z = [mpmath.mpf(v) for v in x], [mpmath.mpf(v) for v in z]
    inner = sum(a * b for a, b in zip(x, z, strict=True))
    apart = mpmath.sqrt(sum((a - b) ** 2 for a, b in zip(x, z, strict=True)))
    lengths = mpmath.sqrt(sum(a * a for a in x)) * mpmath.sqrt(sum(b * b for b in z))
    return inner, apart, lengths


def recursion(x, z, depth):
    """Tangent and process kernel in 120 digits, by the textbook formulas."""
    with mpmath.workdps(120):
        inner, _, lengths = precise(x, z)
        S = T = inner / lengths
        for _ in range(depth):
            S = max(min(S, mpmath.mpf(1)), mpmath.mpf(-1))
            phi = mpmath.pi - mpmath.acos(S)
            S = (S * phi + mpmath.sqrt(1 - S * S)) / mpmath.pi
            T = T * phi / mpmath.pi + S
        return lengths * T, lengths * S


def pair(d, theta, scale, seed):
    """Two vectors at about the angle theta, one of them scaled."""
    rng = np.random.default_rng(seed)
    x, r = rng.standard_normal((2, d))
    r -= (r @ x) / (x @ x) * x
    r *= np.linalg.norm(x) / np.linalg.norm(r)
    return x, scale * (math.cos(theta) * x + math.sin(theta) * r)
