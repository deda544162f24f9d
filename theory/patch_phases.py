"""When the patch model learns its signal, how the signal stalls, and when the noise is memorised.

Without the other components, every coordinate x of the signal, or of the noise of one image, obeys the same law
dx/dt = speed |x|^{q−1} force(Σ φ(x)). In the clock s = ∫ force dt it is solved in closed form, x^{2−q} falling
linearly, so that only the clock remains to be integrated.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy import optimize

from theory import checks
from theory.formula import Formula
from theory.patch_model import SIZE, PatchModel, phi, psi

BOUNDARY = Formula(
    r"g^\star",
    "(energy*(alpha*v0/c)**(q - 2)/n)**(1/q)",
    {"energy": r"\mathbb{E}\|x\|^2", "v0": "v_0"},
)
POINTS = 4001  # of the clock; its error is of second order in their distance
FAR = 80.0  # a margin that no run reaches: its time is beyond e^80


def signal_time(model: PatchModel, u0: Float[Array, " m"]) -> float:
    """t_I, when the largest component u reaches 1/alpha: 2((alpha u)^{2−q} − 1)/(eta (1 − mix) q (q − 2) alpha²).

    For u ≪ 1/alpha it is 2/(eta (1 − mix) q (q − 2) alpha^q u^{q−2}). Infinite if no component is positive or
    mix = 1; 0 if it is there already.

    Errors: up to a fifth, for it takes ψ = 1/2 and one neuron; `signal_passes` does without either.
    Raises:
        ValueError: if q ≤ 2, where growth is exponential and there is no such power law, or on bad input.
    Source: Li & Li 2025, phase I, of which this is the constant.
    """
    u = _components(u0, "u0", 1).max()
    rate = (1 - model.mix) * model.eta * model.power * explosive(model.power) * model.alpha**2 / 2
    return _time(model.alpha * u, rate, model.power)


def noise_times(
    model: PatchModel, v0: Float[Array, "R m"], energies: Float[Array, " R"] | None = None
) -> Float[Array, " n"]:
    """t_III of each image, when its first noise component reaches 1: (v^{2−q} − 1)·2n/(eta mix q (q − 2)‖x‖²).

    The energies are ‖X_i[j]‖², their mean sigma² (d − 1) if none are given; v is the component that is first.

    Errors: some per cent for the first image, for it takes ψ' = 1/2 and leaves out the time t_I before; other
        images hasten or delay the last ones by up to a factor 2.
    Raises:
        ValueError: if q ≤ 2, shapes do not fit the model, or on bad input.
    Source: Li & Li 2025, phase III, of which this is the constant.
    """
    v, size = _noise(model, v0, energies)
    rate = model.mix * model.eta * model.power * explosive(model.power) * size / (2 * model.n)
    times = [_time(x, r, model.power) for x, r in zip(v.max(-1).ravel(), rate.ravel(), strict=True)]
    return np.asarray(np.reshape(times, rate.shape).min(-1))


def signal_flow(model: PatchModel, u0: Float[Array, " m"], times: Float[Array, " k"]) -> Float[Array, " k"]:
    """S = alpha^q U at these times, under gradient flow while the noise is negligible.

    It grows with the force (1 − mix) alpha^q/(1 + e^S) + mix left^q/(1 + e^{(left/alpha)^q S}) for S = alpha^q U:
    explosively until S ≈ 1, then so that e^S ≈ eta (1 − mix) q² alpha² S^{2−2/q} t: a logarithm of time.

    Errors: 1e-5 relative to the flow; the flow itself is off by O(1) steps in time against descent.
    Raises:
        ValueError: if q ≤ 2, no component is positive, mix = 1 and left = 0, or on bad input.
    """
    t, _, S = _signal(model, u0)
    return np.asarray(np.interp(checks.real(times, "times", 1), t, S))


def signal_passes(model: PatchModel, u0: Float[Array, " m"], level: float = 1.0) -> float:
    """The time at which alpha^q U reaches this level under `signal_flow`; 0 if it starts above.

    Errors: 1e-5 relative to the flow.
    Raises:
        ValueError: as `signal_flow`.
    """
    t, _, S = _signal(model, u0)
    return float(np.interp(checks.finite(level, "level"), S, t))


def _signal(model: PatchModel, u0: Array) -> tuple[Float[Array, " k"], Float[Array, " k"], Float[Array, " k"]]:
    """Times, clock and alpha^q U along the flow."""
    u0 = _components(u0, "u0", 1)
    q, a, g = model.power, model.alpha, model.left
    if model.mix == 1 and g == 0:
        raise ValueError("mix = 1 and left = 0 leave no signal to learn from: lower mix or raise left")

    def force(U: Array) -> Array:
        attacked = model.mix * g**q * psi(g**q * U)
        return np.asarray(model.eta * q * ((1 - model.mix) * a**q * psi(a**q * U) + attacked))

    t, s, U = _flow(u0, np.ones_like(u0), force, q, FAR / a**q)
    return t, s, a**q * U


def noise_flow(
    model: PatchModel,
    v0: Float[Array, "R m"],
    times: Float[Array, " k"],
    energies: Float[Array, " R"] | None = None,
) -> Float[Array, "k n"]:
    """V_i at these times, under gradient flow once the signal is learned: each image follows its attacked margin.

    Cross terms of K are left out, (1 − mix) ψ_i and left^q U are taken as 0.

    Errors: 2e-5 relative to this flow.
    Raises:
        ValueError: if q ≤ 2, some image has no positive component, shapes do not fit the model, or on bad input.
    """
    times = checks.real(times, "times", 1)
    return np.stack([np.interp(times, t, V) for t, V in _images(model, v0, energies)], axis=1)


def noise_passes(
    model: PatchModel, v0: Float[Array, "R m"], energies: Float[Array, " R"] | None = None, level: float = 1.0
) -> float:
    """The time at which the mean of the V_i reaches this level under `noise_flow`; 0 if it starts above.

    Errors: 1e-5 relative to the flow.
    Raises:
        ValueError: as `noise_flow`.
    """
    curves, level = _images(model, v0, energies), checks.finite(level, "level")
    if np.mean([V[0] for _, V in curves]) >= level:
        return 0.0
    last = max(float(t[-1]) for t, _ in curves)

    def missing(log_t: float) -> float:
        return float(np.mean([np.interp(math.exp(log_t), t, V) for t, V in curves])) - level

    return math.exp(optimize.brentq(missing, -FAR, math.log(last), xtol=1e-10))


def _images(model: PatchModel, v0: Array, energies: Array | None) -> list[tuple[Array, Array]]:
    """Times and V_i along the flow of each image."""
    v, size = _noise(model, v0, energies)
    q = model.power
    if not model.mix > 0:
        raise ValueError("mix must be positive: without attacked points noise is not memorised")

    def force(V: Array) -> Array:
        return model.eta * q * model.mix / model.n * psi(V)

    flows = (
        _flow(row.ravel(), np.repeat(speed, model.m), force, q, FAR) for row, speed in zip(v, size, strict=True)
    )
    return [(t, V) for t, _, V in flows]


def frozen_noise(
    model: PatchModel,
    u0: Float[Array, " m"],
    v0: Float[Array, "R m"],
    K: Float[Array, "R R"],
    times: Float[Array, " k"],
) -> Float[Array, "k R m"]:
    """What training on clean points alone adds to the noise components: K|v0|^{q−1} s/(n alpha^q).

    Signal and noise run on the same force ψ; for u the largest signal component, from u₀, the signal's clock
    s = (u₀^{2−q} − u^{2−q})/(q − 2) is bounded, whatever the time: noise is never memorised if the bound is small.

    Errors: first order in s, continuous time, ψ_i alike for all images.
    Raises:
        ValueError: if q ≤ 2, no u0 is positive, shapes do not fit the model, or on bad input.
    """
    v, _ = _noise(model, v0, None)
    K, rows = checks.real(K, "K", 2), model.n * (model.patches - 1)
    if K.shape != (rows, rows):
        raise ValueError(f"K must be square with the {rows} rows of v0, got {K.shape}")
    t, s, _ = _signal(replace(model, mix=0.0), u0)
    clock = np.interp(checks.real(times, "times", 1), t, s) / (model.n * model.alpha**model.power)
    return np.asarray(clock[:, None, None] * (K @ np.abs(v.reshape(rows, -1)) ** (model.power - 1)))


def boundary(model: PatchModel, v0: float, c: float = 2.0) -> float:
    """g* = (energy (alpha v0/c)^{q−2}/n)^{1/q}: noise is memorised for left < g*, the signal grows for left > g*.

    Here v0 is a typical largest noise component of an image, and c the height alpha u at which the signal waits.
    It compares the time until noise explodes, 2n/(eta mix q (q − 2) energy v0^{q−2}), with that of the signal
    under the attacked term, 2/(eta mix q (q − 2) left^q (c/alpha)^{q−2}).

    Errors: a quarter, as the place where the robust test error falls through 1/4, for d from 200 to 4000.

    Raises:
        ValueError: if q ≤ 2, or v0 or c is not positive.
    """
    q = model.power
    explosive(q)
    v0, c = checks.finite(v0, "v0"), checks.finite(c, "c")
    if not (v0 >= checks.LEAST and c >= checks.LEAST):
        raise ValueError(f"v0 and c must be positive, got {v0} and {c}: other components never explode")
    return float(BOUNDARY(energy=model.energy, alpha=model.alpha, v0=v0, c=c, q=q, n=model.n))


def explosive(q: float) -> float:
    """The difference q − 2, refused unless it is positive.

    Raises:
        ValueError: as it says.
    """
    q = checks.finite(q, "power")
    if not q > 2:
        raise ValueError(f"power must exceed 2, got {q}: at 2 components grow exponentially and do not explode")
    return q - 2


def _time(x: float, rate: float, q: float) -> float:
    """(x^{2−q} − 1)/rate from x > 0 up to 1; ∞ where nothing grows."""
    if x >= 1:
        return 0.0
    return (x ** (2 - q) - 1) / rate if x > 0 and rate > 0 else math.inf


def _noise(
    model: PatchModel, v0: Array, energies: Array | None
) -> tuple[Float[Array, "n k m"], Float[Array, "n k"]]:
    """Noise components and energies, image by image."""
    v = _components(v0, "v0", 2)
    R = model.n * (model.patches - 1)
    size = np.full(R, model.energy) if energies is None else _components(energies, "energies", 1)
    if v.shape != (R, model.m) or size.shape != (R,) or not (size > 0).all():
        raise ValueError(
            f"v0 must be ({R}, {model.m}), and energies ({R},) and positive, got {v.shape} and {size.shape}"
        )
    return v.reshape(model.n, -1, model.m), size.reshape(model.n, -1)


def _components(values: Array, name: str, ndim: int) -> Array:
    """Numbers that have powers: 0, or between 1e-30 and 1e30 in size."""
    array = checks.real(values, name, ndim, reach=SIZE)
    size = np.abs(array[array != 0])
    if size.size and size.min() < 1 / SIZE:
        raise ValueError(f"{name} must be 0 or at least {1 / SIZE:g} in size, got {size.min():.3g}; take 0 for it")
    return array


def _flow(
    start: Float[Array, " c"], speed: Float[Array, " c"], force: Callable[[Array], Array], q: float, far: float
) -> tuple[Float[Array, " k"], Float[Array, " k"], Float[Array, " k"]]:
    """Times t, the clock s = ∫ force dt and Σ φ(x), for dx/dt = speed |x|^{q−1} force(Σ φ(x)) up to `far`."""
    k = explosive(q)
    if not start.max() > 0:
        raise ValueError("no component is positive, so that none explodes: draw another start or more neurons")
    fuse = np.where(start > 0, np.abs(start) ** -k / speed, np.inf)
    end = fuse.min() / k  # of the clock s, where the first component is infinite
    x = np.linspace(0.0, k * max(np.log(far) / q - np.log(start[fuse.argmin()]), 0.1), POINTS)
    s = -end * np.expm1(-x)
    with np.errstate(divide="ignore"):
        size = (np.abs(start) ** -k - np.sign(start) * k * s[:, None] * speed) ** (-1 / k)
    total = phi(np.sign(start) * size, q).sum(-1)
    with np.errstate(divide="ignore"):
        pace = end * np.exp(-x) / force(total)  # dt/dx
    if not np.isfinite(pace).all():
        raise ValueError(f"a component starts beyond all margins, at {start.max():.3g}: nothing is left to learn")
    return np.append(0.0, np.cumsum((pace[1:] + pace[:-1]) / 2 * np.diff(x))), s, total
