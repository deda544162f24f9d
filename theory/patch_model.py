"""The patch model of adversarial training, and gradient descent in it reduced to signal and noise components.

Images hold a signal patch alpha·y·w* and P − 1 noise patches ⊥ w*; the network is Σ_r Σ_j φ(⟨w_r, X[j]⟩) with
φ(z) = sign(z)|z|^q. The adversary cuts the signal to left·y·w*. With u_r = ⟨w_r, w*⟩, v_ijr = ⟨w_r, y_i X_i[j]⟩,
U = Σ φ(u_r) and V_i = Σ φ(v_ijr), margins are alpha^q U + V_i on clean points and left^q U + V_i on attacked ones.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray as Array

from theory import checks
from theory.checks import amount, count

SIZE = 1e30  # of components, whose powers must be numbers
LAST = 1e9  # step of a descent
BEYOND = 709.0  # logarithm of the largest float64


@dataclass(frozen=True)
class PatchModel:
    """Sizes and constants; the paper's letters N, λ, α, δ are n, mix, alpha, eps here.

    Attributes:
        n: training images.
        d: dimension of a patch.
        m: neurons.
        alpha: length of the signal.
        left: what the attack leaves of it, alpha − eps; the paper's difference of α and δ.
        sigma: standard deviation of an entry of a noise patch.
        mix: weight of the attacked points in the loss, in [0, 1]; 1 − mix is that of the clean ones.
        eta: step of gradient descent.
        power: q, the power of the activation.
        patches: P.
    """

    n: int
    d: int
    m: int
    alpha: float
    left: float
    sigma: float
    mix: float
    eta: float
    power: float = 3.0
    patches: int = 2

    def __post_init__(self) -> None:
        """Refuse what is no model."""
        for name, least in (("n", 1), ("d", 2), ("m", 1), ("patches", 2)):
            count(getattr(self, name), name, least)
        for name in ("alpha", "sigma", "eta"):
            amount(getattr(self, name), name, positive=True)
        if not amount(self.left, "left") <= self.alpha:
            raise ValueError(f"left must be at most alpha={self.alpha}, got {self.left}: an attack adds no signal")
        if not amount(self.mix, "mix") <= 1:
            raise ValueError(f"mix must be in [0, 1], got {self.mix}: it is the weight of the attacked points")
        if not amount(self.power, "power") >= 2:
            raise ValueError(f"power must be at least 2, got {self.power}: the activation needs a derivative")

    @property
    def eps(self) -> float:
        """The radius of the attack."""
        return self.alpha - self.left

    @property
    def energy(self) -> float:
        """E‖X[j]‖² = sigma² (d − 1) of a noise patch."""
        return self.sigma**2 * (self.d - 1)


def paper_scaling(
    n: int,
    d: int,
    m: int,
    mix: float,
    eta: float,
    *,
    polylog: bool = True,
    sigma: float = 1.0,
    power: float = 3.0,
    patches: int = 2,
) -> PatchModel:
    """The model with alpha = d^0.249, sigma·d^−0.509 for sigma, and left = alpha/(√d log d), or without the log.

    Weights are to start from N(0, I/d). The paper has sigma = 1 and, for these exponents, power 3.

    Raises:
        ValueError: as `PatchModel`.
    Source: Li & Li 2025, section 5, with polylog d = log d.
    """
    alpha = float(count(d, "d", 2)) ** 0.249
    left = alpha / math.sqrt(d) / (math.log(d) if polylog else 1.0)
    deviation = amount(sigma, "sigma", positive=True) * d**-0.509
    return PatchModel(n, d, m, alpha, left, deviation, mix, eta, power, patches)


@dataclass(frozen=True, eq=False)
class ReducedPath:
    """Gradient descent seen after some steps; a batch of runs has its axes first.

    Attributes:
        steps: when.
        u: signal components.
        v: noise components, patches of one image together.
        b: how much of each noise patch times its label is in each neuron, apart from its start.
    """

    steps: Int[Array, " k"]
    u: Float[Array, "*B k m"]
    v: Float[Array, "*B k R m"]
    b: Float[Array, "*B k R m"]

    def weights(
        self, W: Float[Array, "m d"], w_star: Float[Array, " d"], A: Float[Array, "R d"]
    ) -> Float[Array, "k m d"]:
        """The weights themselves, W + (u − u₀) w*ᵀ + bᵀA, for one run that started at W; A has rows y_i X_i[j].

        Raises:
            ValueError: if shapes do not fit, or on bad input.
        """
        W, w_star, A = (
            checks.real(v, name, k, reach=checks.CUBE)
            for v, name, k in ((W, "W", 2), (w_star, "w_star", 1), (A, "A", 2))
        )
        shape = (self.u.shape[-1], len(w_star))
        if W.shape != shape or A.shape != (self.b.shape[-2], shape[1]):
            raise ValueError(
                f"W must be {shape} and A ({self.b.shape[-2]}, {shape[1]}), got {W.shape} and {A.shape}"
            )
        gained = self.u - W @ w_star
        return np.asarray(W + gained[..., None] * w_star + np.swapaxes(self.b, -1, -2) @ A)


def odd_power(z: Float[Array, "*s"], q: float) -> Float[Array, "*s"]:
    """φ(z) = sign(z)|z|^q.

    Raises:
        ValueError: if q is not positive, or on bad input.
    """
    z, q = checks.real(z, "z"), amount(q, "q", positive=True)
    if q * math.log(max(1.0, float(np.abs(z).max()))) > BEYOND:
        raise ValueError(f"|z|^q must be a float64, got |z| up to {np.abs(z).max():g} and q={q:g}")
    return phi(z, q)


def phi(z: Float[Array, "*s"], q: float) -> Float[Array, "*s"]:
    """`odd_power` of checked arguments."""
    return np.asarray(np.sign(z) * np.abs(z) ** q)


def log_steps(last: int, per_decade: int = 8) -> Int[Array, " k"]:
    """0, 1 and whole steps up to `last`, about so many per decade.

    Raises:
        ValueError: if one of the two is not an integer ≥ 1.
    """
    last, per_decade = count(last, "last"), count(per_decade, "per_decade")
    grid = np.geomspace(1, last, 1 + math.ceil(per_decade * math.log10(max(last, 10))))
    return np.asarray(np.unique(np.append(0, np.rint(grid).astype(np.int64))))


def reduced_path(
    model: PatchModel,
    u0: Float[Array, "*B m"],
    v0: Float[Array, "*B R m"],
    K: Float[Array, "*B R R"],
    steps: Sequence[int] | Int[Array, " k"],
) -> ReducedPath:
    """Full-batch gradient descent, exactly, from the start (u0, v0) and the Gram matrix K of the y_i X_i[j].

    With ψ_i = 1/(1 + e^{alpha^q U + V_i}), ψ'_i = 1/(1 + e^{left^q U + V_i}), c_i = (1 − mix)ψ_i + mix ψ'_i:
    u_r grows by eta q|u_r|^{q−1} [(1 − mix) alpha^q mean ψ + mix left^q mean ψ'] and v by (eta/n) K(c q|v|^{q−1}).
    The cost of a step is R² m for R = n (P − 1), whatever d.

    Errors: rounding, which the growth of the components amplifies: 1e-12 relative after 10⁴ steps.
    Raises:
        ValueError: if shapes do not fit the model, `steps` does not increase from 0 on, or on bad input.
    Source: Li & Li 2025, proof of Theorem 5.9, where the dynamics are bounded; the exact form was worked out here.
    """
    R = model.n * (model.patches - 1)
    u, v, K = (checks.real(x, name, reach=SIZE) for x, name in ((u0, "u0"), (v0, "v0"), (K, "K")))
    batch = u.shape[:-1]
    if u.shape[-1:] != (model.m,) or v.shape != (*batch, R, model.m) or K.shape[-2:] != (R, R):
        raise ValueError(
            f"u0, v0, K must end in ({model.m},), ({R}, {model.m}), ({R}, {R}) with one batch, "
            f"got {u.shape}, {v.shape}, {K.shape}"
        )
    at = _increasing(steps)
    seen: dict[str, list[Any]] = {"u": [], "v": [], "b": []}
    b = np.zeros_like(v)
    wanted = set(at.tolist())
    for t in range(at[-1] + 1):
        if t in wanted:
            for name, value in (("u", u), ("v", v), ("b", b)):
                seen[name].append(value)
        if t < at[-1]:
            with np.errstate(over="ignore", invalid="ignore"):
                u, b_more = _step(model, u, v)
                b = b + b_more
                v = v + K @ b_more
    if not (np.isfinite(u).all() and np.isfinite(v).all()):
        raise ValueError(f"descent diverges within {at[-1]} steps; take a smaller eta than {model.eta}")
    u_seen, v_seen, b_seen = (np.stack(seen[name], axis=len(batch)) for name in ("u", "v", "b"))
    return ReducedPath(at, u_seen, v_seen, b_seen)


def _step(model: PatchModel, u: Array, v: Array) -> tuple[Array, Array]:
    """The next u, and what is added to b."""
    q, signal = model.power, phi(u, model.power).sum(-1)[..., None]
    noise = phi(v, q).sum(-1).reshape(*u.shape[:-1], model.n, -1).sum(-1)
    clean = (1 - model.mix) * psi(model.alpha**q * signal + noise)
    robust = model.mix * psi(model.left**q * signal + noise)
    pull = model.alpha**q * clean.mean(-1) + model.left**q * robust.mean(-1)
    each = np.repeat(clean + robust, model.patches - 1, axis=-1)[..., None]
    return (
        u + model.eta * q * pull[..., None] * np.abs(u) ** (q - 1),
        model.eta / model.n * each * q * np.abs(v) ** (q - 1),
    )


def falling(margin: Float[Array, "*s"]) -> Float[Array, "*s"]:
    """1/(1 + e^margin), without overflow.

    Raises:
        ValueError: on bad input.
    """
    return psi(checks.real(margin, "margin"))


def psi(margin: Float[Array, "*s"]) -> Float[Array, "*s"]:
    """`falling` of checked margins, or of such as have grown beyond float64."""
    return np.asarray(np.exp(-np.logaddexp(0.0, margin)))


def _increasing(steps: Any) -> Int[Array, " k"]:
    """Steps to look at, whole numbers from 0 on."""
    at = checks.path(steps, "steps")
    if (at != np.floor(at)).any() or (np.diff(at) <= 0).any() or at[-1] > LAST:
        raise ValueError(
            f"steps must be increasing whole numbers from 0 to {LAST:g}, got {steps!r}; try log_steps(10_000)"
        )
    return at.astype(np.int64)
