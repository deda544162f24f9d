"""The two-variable program of oxfordcontrol/Clarabel.cpp#36, solved as `theory` solves its programs, and proven.

min x₁² + 2x₂² − 2x₁ over x₁ + x₂ = 1, x ≥ 0: the optimum is (1, 0), of value −1, without strict complementarity.
"""

import numpy as np
from scipy import sparse

from theory import program

P = np.diag([2.0, 4.0])
COST = np.array([-2.0, 0.0])


def quadratic() -> tuple[float, float]:
    """How far the point found is from (1, 0), and the gap between its value and what its multipliers prove."""
    x = sparse.identity(2, format="csr")
    blocks = [program.zero(sparse.csr_matrix(np.ones((1, 2))), np.ones(1)), program.positive(x)]
    found, (v, s) = program.solve(COST, blocks, sparse.csr_matrix(P))
    point = np.maximum(found, 0) / np.maximum(found, 0).sum()
    s = np.maximum(s, 0)
    # The Lagrangian is least at P⁻¹(s − cost − v 1), whatever v and s ≥ 0: its least value is below the optimum.
    slope = s - COST - v
    bound = -float(slope @ np.linalg.solve(P, slope)) / 2 - float(v[0])
    value = float(point @ P @ point) / 2 + float(COST @ point)
    return float(np.abs(point - [1, 0]).max()), value - bound
