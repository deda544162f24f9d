r"""When adversarial training memorises noise, its robust loss on fresh images becomes sharp in the weights,
although this loss stays at $\log2$ and that of training images vanishes: flatness grows more than tenfold on
average over spheres of radius $\xi\lVert W\rVert_F$, more than fourfold at worst in such balls, and still more
than twofold in balls of one absolute radius. Without the attack nothing is memorised, and it stays. On training
images worst-case flatness is largest while they are memorised and falls with their loss. On average over spheres
all this is below $10^{-3}\log2$: random directions hardly meet the few that matter.
"""

from dataclasses import dataclass

import numpy as np

from sims import patch, patch_flatness
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import ordered
from sims.patch import PatchData
from theory.patch_model import paper_scaling

MIX, AVERAGE, WORST, STEPS = 0.9, 0.5, 0.01, 30  # relative radii of the two measures, steps of an ascent
AVERAGE_JUMP, WORST_JUMP, ABSOLUTE_JUMP, PEAK = 10.0, 4.0, 2.0, 3.0


@dataclass(frozen=True)
class Case:
    """n images in d dimensions, m neurons; looks from before to after the noise is memorised; fresh images."""

    n: int
    d: int
    m: int
    eta: float
    before: int
    after: int
    looks: int
    fresh: int
    pairs: int
    seed: int


def predict(case: Case) -> Array:
    """Signs: jumps on average, at worst, in absolute balls; none without attack; both sides of the peak; size."""
    return np.ones(7)


def rival(case: Case) -> Array:
    """A minimum of the training loss is flat: weights are no sharper on fresh images than before."""
    return np.array([-1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0])


def simulate(case: Case) -> Observation:
    """Train with and without attacked points; flatness at each look, and how far each bound is passed."""
    setting = patch.paper_setting(rng(case, "data"), case.n, case.d, case.m)
    data, sigma, left = setting.data, setting.sigma, setting.left
    fresh = patch.draw(rng(case, "fresh"), case.fresh, data.w_star, patches=2, alpha=data.alpha, sigma=sigma)
    at = np.geomspace(case.before, case.after, case.looks).round().astype(np.int64)
    attacked, alone = (
        patch.descend_in_span(data, setting.W, left=left, mix=mix, power=3, eta=case.eta, at=at)
        for mix in (MIX, 0.0)
    )
    A = patch.signed_noise(data)
    loss = np.array([patch_flatness.robust_loss(W, A, data, 3, left) for W in attacked])
    middle = int(
        np.abs(loss - np.log(2) / 2).argmin()
    )  # half of the training images are memorised, or all by half

    def worst(W: Array, images: PatchData, length: float) -> float:
        return patch_flatness.worst(W, images, 3, left, WORST * length, rng(case, "ascent"), steps=STEPS)

    relative = [float(np.linalg.norm(W)) for W in attacked]
    average = [
        patch_flatness.average(
            W, fresh, 3, left, AVERAGE * r, rng(case, "weights"), pairs=case.pairs, signs=(1.0, -1.0)
        )
        for W, r in zip(attacked, relative, strict=True)
    ]
    on_fresh, on_trained = (
        [worst(W, images, r) for W, r in zip(attacked, relative, strict=True)] for images in (fresh, data)
    )
    absolute = [worst(attacked[i], fresh, relative[0]) for i in (0, -1)]
    without = [worst(alone[i], fresh, float(np.linalg.norm(alone[i]))) for i in (0, -1)]
    value = [
        beyond(average[-1], AVERAGE_JUMP * average[0]),
        beyond(on_fresh[-1], WORST_JUMP * on_fresh[0]),
        beyond(absolute[-1], ABSOLUTE_JUMP * absolute[0]),
        beyond(ABSOLUTE_JUMP * without[0], without[-1]),
        beyond(on_trained[middle], PEAK * on_trained[0]),
        beyond(on_trained[middle], PEAK * on_trained[-1]),
        beyond(1e-3 * np.log(2), average[-1]),
    ]
    exhibit = {
        "steps": at,
        "noise": patch.noise_margins(attacked, data, 3).mean(1),
        "loss": loss,
        "average": np.array(average),
        "fresh": np.array(on_fresh),
        "trained": np.array(on_trained),
        "absolute": np.array(absolute),
        "without": np.array(without),
    }
    return Observation(np.array(value), exhibit=exhibit)


def memorised(case: Case) -> float:
    """The time of phase III for the typical largest of m Gaussian components."""
    model = paper_scaling(case.n, case.d, case.m, MIX, case.eta)
    v0 = np.sqrt(2 * np.log(case.m) * model.energy / case.d)
    return float(2 * case.n * (1 / v0 - 1) / (3 * case.eta * MIX * model.energy))


def beyond(larger: float, smaller: float) -> float:
    """Their difference over their sum."""
    return (larger - smaller) / (abs(larger) + abs(smaller))


CLAIM = Claim(
    statement=__doc__ or "",
    source="a question between Stutz, Hein & Schiele 2021 and Li & Li 2025, answered here for the patch model",
    assumptions={
        "the signal is learned, and no noise is memorised yet": lambda c: (
            c.eta * c.before >= 10 and 5 * c.before <= memorised(c)
        ),
        "the noise is memorised in the end": lambda c: c.after >= 2 * memorised(c),
        "enough neurons, so that each image has one to be memorised by": lambda c: c.m >= 2 * np.log2(c.n) + 2,
    },
    cases=grid(
        Case,
        n=[20],
        d=[1000],
        m=[20],
        eta=[0.05],
        before=[800],
        after=[16_000],
        looks=[12],
        fresh=[1000],
        pairs=[6],
        seed=range(10),
    ),
    quick=grid(
        Case,
        n=[12],
        d=[250],
        m=[20],
        eta=[0.05],
        before=[200],
        after=[6000],
        looks=[5],
        fresh=[150],
        pairs=[5],
        seed=range(16),
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(),
    looks=3,
)
