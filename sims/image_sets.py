"""Labelled images for stacks of networks: each member has its own to train on, and others to be tested on."""

import functools
import os
from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from sims import images

CLASSES = 10
POOL = 10_000  # sets of MNIST are drawn from the first so many images of its training part

Points = tuple[Float[Tensor, "B n d"], Int[Tensor, "B n"]]


def drawn(rngs: Sequence[np.random.Generator], data: str, n: int, fresh: int) -> tuple[Points, Points]:
    """For each generator n images to train on and `fresh` others of all ten classes, with labels 0 … 9.

    The 8×8 digits are split anew by each generator, a quarter held out; MNIST keeps its own split.

    Raises:
        ValueError: if the data are neither "digits" nor "mnist", or have fewer images than are asked for.
    """
    if data not in ("digits", "mnist"):
        raise ValueError(f"data must be 'digits' or 'mnist', got {data!r}")
    sets = [
        images.digits(rng, range(CLASSES)) if data == "digits" else mnist(os.environ.get(images.FOLDER))
        for rng in rngs
    ]
    sizes = [(len(s.y_train), len(s.y_test)) for s in sets]
    if n < 1 or fresh < 1 or any(n > most or fresh > others for most, others in sizes):
        raise ValueError(
            f"n and fresh must lie between 1 and {sizes[0][0]} and {sizes[0][1]} for {data}, got {n} and {fresh}"
        )
    rows = [
        (rng.permutation(most)[:n], rng.permutation(others)[:fresh])
        for rng, (most, others) in zip(rngs, sizes, strict=True)
    ]
    trained = [(s.X_train[i], s.y_train[i]) for s, (i, _) in zip(sets, rows, strict=True)]
    tested = [(s.X_test[j], s.y_test[j]) for s, (_, j) in zip(sets, rows, strict=True)]
    return together(trained), together(tested)


@functools.lru_cache(maxsize=1)
def mnist(folder: str | None) -> images.Images:
    """The pool of training images and all test images, read once."""
    whole = images.mnist(folder, range(CLASSES))
    return images.Images(whole.X_train[:POOL].copy(), whole.y_train[:POOL].copy(), whole.X_test, whole.y_test)


def together(sets: Sequence[tuple[images.Array, images.Array]]) -> Points:
    """Points and labels with an axis of members first."""
    X, y = (np.stack(part) for part in zip(*sets, strict=True))
    return torch.from_numpy(X), torch.from_numpy(y.astype(np.int64))
