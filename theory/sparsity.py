"""Which norm to regularise with: the complexity of ‖w‖ᵣ ≤ ‖w_star‖ᵣ for sparse teachers and sparse inputs."""

import math
from dataclasses import dataclass

from theory import checks
from theory.complexity import dimension_factor


@dataclass(frozen=True)
class ClassBound:
    """B = data + worst_case, an upper bound of the adversarial Rademacher complexity.

    Attributes:
        W: the radius of the class, ‖w_star‖ᵣ for ‖w_star‖₂ = 1.
        data: the part that is there without an attack.
        worst_case: what the attack adds at most.
    """

    W: float
    data: float
    worst_case: float

    @property
    def total(self) -> float:
        """The bound."""
        return self.data + self.worst_case


def class_bound(k_W: int, k_X: int, n: int, d: int, eps: float, r: float, attack: float = math.inf) -> ClassBound:
    """W (s + eps c/2)/√n for k_W nonzeros in the teacher and k_X in each input, of one size, ‖w_star‖₂ = 1.

    W = k_W^(1/r − 1/2), c = `dimension_factor`, inputs are ±1 and 0, and s is the bound by the length of single
    inputs: √(2 log 2d) max‖x‖_∞ for r = 1, max‖x‖₂ = √k_X for r = 2. So with attack = ∞ the ratios ℓ1 : ℓ2 are
    √(2 k_W log(2d)/k_X) for the data term and √(k_W/d) for the other. This s ignores that sparse inputs have short
    columns too: the bound by columns, `theory.complexity.data_term`, has the ratio √(2 k_W log(2d)/d) for nonzeros
    spread evenly, whatever k_X.

    Raises:
        ValueError: if k_W or k_X is not in [1, d], n < 1, r is neither 1 nor 2, eps is negative or not finite, or
            attack < 1.
    Source: Kakade, Sridharan & Tewari, NeurIPS 2008, Theorem 1, for the data term.
    """
    n, d = checks.count(n, "n"), checks.count(d, "d")
    for name, k in (("k_W", k_W), ("k_X", k_X)):
        if not checks.count(k, name) <= d:
            raise ValueError(f"{name} must be between 1 and d={d}, got {k}")
    r = checks.exponent(r, "r")
    if r not in (1, 2):
        raise ValueError(
            f"r must be 1 or 2, got {r}; for other norms use theory.complexity.data_term on the inputs"
        )
    W = k_W ** (1 / r - 1 / 2)
    spread = math.sqrt(2 * math.log(2 * d)) if r == 1 else math.sqrt(k_X)
    worst = checks.radius(eps) * dimension_factor(d, attack, r) / 2
    return ClassBound(W, W * spread / math.sqrt(n), W * worst / math.sqrt(n))
