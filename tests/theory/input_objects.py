"""Small valid arguments for the functions of `theory`.

Arrays hold numbers of few binary digits, so that float16, float32 and lists of them say the same.
"""

import numpy as np
from scipy import sparse

from theory.adversarial import fit
from theory.classical_kernels import gaussian
from theory.coordinate_law import CoordinateLaw
from theory.formula import Formula
from theory.interpolation import min_norm
from theory.kernel_regression import decompose, kernel_ridge
from theory.label_flips import flips
from theory.margin import max_margin
from theory.patch_model import PatchModel, reduced_path
from theory.relu_network import ReluNetwork, clipped_linear
from theory.risk import ridge_risk
from theory.spectrum import Spectrum
from theory.sphere_spectrum import harmonics

INF = float("inf")
X = np.array([[1.0, 0.5, -2.0], [2.0, -1.0, 0.25], [-1.5, 1.0, 0.5], [-0.5, -2.0, 1.0], [0.75, 3.0, -1.0]])
Y = np.array([1.0, 1.0, -1.0, -1.0, 1.0])  # separable with X
T = np.array([1.0, -0.5, 2.0, 0.25, -1.5])
WIDE, SHORT = X[:2], T[:2]
MIXED = np.array([[1.0, 0.5], [2.0, -1.0], [1.5, 1.0], [-0.5, -2.0], [0.75, 3.0], [-1.0, 0.25]])
MIXED_Y = np.array([1.0, -1.0, 1.0, -1.0, -1.0, 1.0])  # not separable
W = np.array([1.5, -0.5, 2.0])
LAMS = np.array([0.5, 0.125])
K = X @ X.T + np.eye(5)
CLEAN = clipped_linear(np.array([1.0, -0.5, 0.5]), 0.25, 2.0)
NET = ReluNetwork((sparse.csr_array(X), sparse.csr_array(T[None])), (T, np.ones(1)))
SPECTRUM = Spectrum(np.array([2.0, 0.5]), np.array([3.0, 60.0]))
MASS = np.array([1.0, 0.5])
LAW = CoordinateLaw(np.array([1.0, 0.0]), np.array([0.5, 0.25]), np.array([3.0, 8.0]))
PATCH = PatchModel(n=2, d=8, m=2, alpha=1.5, left=0.5, sigma=0.25, mix=0.5, eta=0.5)
U0, V0 = np.array([0.25, -0.125]), np.array([[0.25, -0.5], [0.125, 0.5]])
GRAM = np.array([[1.0, 0.25], [0.25, 0.5]])
PATH = reduced_path(PATCH, U0, V0, GRAM, [0, 2])
PATCH_W = np.arange(16.0).reshape(2, 8) / 16
E1 = np.eye(8)[0]
EIGEN = decompose(K)
GAUSSIAN = gaussian(2.0)
FIT = kernel_ridge(X, T, LAMS, GAUSSIAN)
FLIPS = flips(X, Y, LAMS, GAUSSIAN, X[:2], np.array([1.0, -1.0]))
SPHERE = harmonics(np.exp, 3, 3)
RISK = ridge_risk(SPECTRUM, MASS, 20.0, LAMS, 0.5)
MARGINS, GRADIENTS, THETA = np.array([2.0, 3.5, 2.25]), X[:3], np.array([1.0, 0.5, -0.25])
GROUND = Formula("V", "noise*p/(n - p - 1)")
SIGNS = np.array([[1.0, 1.0, -1.0, -1.0, 1.0], [1.0, -1.0, 1.0, 1.0, 1.0]])
GRID = np.array([[0.5, 1.0, 2.0], [0.25, 1.5, 0.75], [1.0, 3.0, 0.5]])
FLAT = {"w": W, "X": X, "y": Y, "eps": 0.125, "xi": 0.125}
RIDGE = {"spectrum": SPECTRUM, "theta_squared": MASS, "n": 20.0}
ROBUST = {"X": X, "y": Y, "eps": 0.125}
CERTIFIED = (max_margin(X, Y), min_norm(WIDE, SHORT))
LOGISTIC = fit(MIXED, MIXED_Y, 0.125, attack=2.0, loss="logistic")
