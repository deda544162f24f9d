"""Real images as points and labels: the 8×8 digits of scikit-learn; MNIST and CIFAR-10 from a folder or OpenML."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

Array = npt.NDArray[np.float64]

FOLDER = "LEMMATA_DATA"  # environment variable naming the folder that holds mnist.npz and cifar10_subset.npz
KEYS = ("x_train", "y_train", "x_test", "y_test")


@dataclass(frozen=True)
class Images:
    """Images as rows with pixels in [0, 1], in a part to fit and a part to test on.

    Labels are −1, +1 for two classes, in the order they were asked for; 0, 1, 2, … for more.
    """

    X_train: Float[Array, "n d"]
    y_train: Float[Array, " n"]
    X_test: Float[Array, "k d"]
    y_test: Float[Array, " k"]


def digits(rng: np.random.Generator, classes: Sequence[int] = (2, 7), *, test: float = 0.25) -> Images:
    """The 8×8 digits bundled with scikit-learn; a random share `test` of them is held out.

    Raises:
        ValueError: if `test` is not in (0, 1), or classes are not at least two different digits.
    Source: UCI Optical Recognition of Handwritten Digits.
    """
    from sklearn.datasets import load_digits

    if not 0 < test < 1:
        raise ValueError(f"test is the share held out and must lie in (0, 1), got {test}")
    bunch = load_digits()
    X, y = select(bunch.data / 16, bunch.target, classes)
    order = rng.permutation(len(y))
    k = min(max(round(test * len(y)), 1), len(y) - 1)
    held, kept = order[:k], order[k:]
    return Images(X[kept], y[kept], X[held], y[held])


def mnist(folder: str | Path | None = None, classes: Sequence[int] = (2, 7)) -> Images:
    """MNIST, 28×28, in its original order and its original split of 60,000 and 10,000.

    Looked for as mnist.npz (arrays x_train, y_train, x_test, y_test) in `folder`, else in the folder that
    the environment variable LEMMATA_DATA names; where neither is given, downloaded from OpenML.

    Raises:
        ValueError: if it cannot be had; the message says what to provide.
    """
    return found("mnist.npz", folder, classes, lambda: from_openml("mnist_784", "MNIST", "mnist.npz", 60000))


def cifar10(folder: str | Path | None = None, classes: Sequence[int] = tuple(range(10))) -> Images:
    """CIFAR-10, 32×32 in three colours; each image is a row of colour × height × width.

    Looked for as cifar10_subset.npz, with the arrays of mnist.npz and in the same places; what is there is used, a
    subset of the 50,000 and 10,000 images as well. Where no folder is given, downloaded from OpenML.

    Raises:
        ValueError: if it cannot be had; the message says what to provide.
    """
    file = "cifar10_subset.npz"
    return found(file, folder, classes, lambda: from_openml("CIFAR_10", "CIFAR-10", file, 50000))


def found(
    file: str, folder: str | Path | None, classes: Sequence[int], download: Callable[[], tuple[Array, ...]]
) -> Images:
    """The images from the folder given, else from that of the environment, else downloaded."""
    place = folder if folder is not None else os.environ.get(FOLDER)
    raw = download() if place is None else from_file(Path(place) / file)
    X_train, y_train = select(raw[0], raw[1], classes)
    X_test, y_test = select(raw[2], raw[3], classes)
    return Images(X_train, y_train, X_test, y_test)


def from_file(path: Path) -> tuple[Array, ...]:
    """Pixels in [0, 1] as rows and digits, train then test, from an .npz file; no pickle is ever read."""
    if not path.is_file():
        raise ValueError(f"no file {path}: put {path.name} there, with arrays {', '.join(KEYS)}")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            held = [np.asarray(arrays[key]) for key in KEYS]
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{path} must hold plain arrays {', '.join(KEYS)}: {error}") from error
    x_train, y_train, x_test, y_test = held
    return rows(x_train), y_train, rows(x_test), y_test


def from_openml(name: str, title: str, file: str, fitted: int) -> tuple[Array, ...]:
    """The same from OpenML, through scikit-learn and its cache; the first `fitted` images are those to fit."""
    from sklearn import datasets

    try:
        bunch = datasets.fetch_openml(name, version=1, as_frame=False, parser="liac-arff")
    except Exception as error:  # whatever went wrong on the way, the remedy is the same
        raise ValueError(
            f"{title} is not here and OpenML cannot be reached ({type(error).__name__}): "
            f"set {FOLDER} to a folder with {file}, arrays {', '.join(KEYS)}"
        ) from error
    X, y = rows(bunch.data), bunch.target.astype(np.int64)
    return X[:fitted], y[:fitted], X[fitted:], y[fitted:]


def rows(pixels: npt.NDArray[np.generic]) -> Array:
    """Pixels 0 … 255 as rows in [0, 1]; colours, the last of four axes, come first in a row."""
    pixels = np.moveaxis(pixels, 3, 1) if pixels.ndim == 4 else pixels
    return np.asarray(pixels, dtype=np.float64).reshape(len(pixels), -1) / 255


def select(
    X: Array, digit: npt.NDArray[np.generic], classes: Sequence[int]
) -> tuple[Float[Array, "n d"], Float[Array, " n"]]:
    """The images of the classes asked for, in their order, and their labels."""
    if len(classes) < 2 or len(set(classes)) < len(classes) or not set(classes) <= set(range(10)):
        raise ValueError(f"classes must be at least two different digits 0 … 9, got {tuple(classes)}")
    kept = np.isin(digit, classes)
    y = np.select([digit[kept] == c for c in classes], [float(i) for i in range(len(classes))])
    return np.ascontiguousarray(X[kept], dtype=np.float64), 2 * y - 1 if len(classes) == 2 else y
