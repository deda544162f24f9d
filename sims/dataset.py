"""A user's points and labels: an .npz or CSV file, or one of two real data sets by name; never a pickle."""

import csv
import math
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from sims import images
from sims.claim import ROOT
from theory import checks

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

FEWEST = 4  # rows
MNIST_ROWS = 250  # training images; the convex programs then take seconds
READING = (ValueError, OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Points to fit and points held out, labels −1 and +1.

    Attributes:
        name: of the file without its ending, or the word that was given.
        remarks: what was done to get here: which labels became −1 and +1, which points are held out.
    """

    name: str
    X: Float[Array, "n d"]
    y: Float[Array, " n"]
    X_test: Float[Array, "m d"]
    y_test: Float[Array, " m"]
    remarks: tuple[str, ...]


def load(source: str) -> Dataset:
    """The data that `source` names: `digits`, `mnist`, or a file ending in .npz or .csv.

    Raises:
        ValueError: if it cannot be read, or is not finite points with two classes of labels.
    """
    if source == "digits":
        return digits()
    if source == "mnist":
        return mnist()
    path = Path(source)
    kind = path.suffix.lower()
    if kind not in (".npz", ".csv"):
        raise ValueError(f"DATA must be a file ending in .npz or .csv, or digits, or mnist, got {source!r}")
    if not path.is_file():
        raise ValueError(f"there is no file {source}: check the path, or try `lemmata price digits`")
    return from_npz(path) if kind == ".npz" else from_csv(path)


def digits() -> Dataset:
    """The 2s and 7s among the 8×8 digits of scikit-learn, a random half of them held out."""
    part = images.digits(np.random.default_rng(ROOT), (2, 7), test=0.5)
    remarks = (mapping(2, 7), f"held out: a random half, drawn with seed {ROOT}")
    return Dataset("digits", part.X_train, part.y_train, part.X_test, part.y_test, remarks)


def mnist() -> Dataset:
    """The first 250 training images of a 2 or a 7 in MNIST, and all such test images.

    Raises:
        ValueError: if MNIST is not to be had; the message says what to provide.
    """
    part = images.mnist(None, (2, 7))
    remarks = (mapping(2, 7), f"the first {MNIST_ROWS} of {len(part.y_train)} training images are used")
    X, y = part.X_train[:MNIST_ROWS], part.y_train[:MNIST_ROWS]
    return Dataset("mnist", X, y, part.X_test, part.y_test, remarks)


def from_npz(path: Path) -> Dataset:
    """Arrays X, y and, if they are there, X_test, y_test.

    Raises:
        ValueError: if the file or its arrays are not what they should be.
    """
    arrays = read_npz(path)
    missing = [key for key in ("X", "y") if key not in arrays]
    if missing:
        found = ", ".join(sorted(arrays)) or "nothing"
        raise ValueError(f"{path} has no array {' and no array '.join(missing)}, it holds {found}: save X and y")
    if ("X_test" in arrays) != ("y_test" in arrays):
        raise ValueError(f"{path} has one of X_test and y_test without the other: save both or neither")
    X, y = checks.regression(arrays["X"], arrays["y"])
    if "X_test" not in arrays:
        return held_out(path.stem, X, y)
    enough(X)
    X_test, y_test = tested(arrays["X_test"], arrays["y_test"])
    if X_test.shape[1] != X.shape[1]:
        raise ValueError(f"X_test has {X_test.shape[1]} columns but X has {X.shape[1]}; they must agree")
    low, high = two_values(y)
    strange = ~np.isin(y_test, (low, high))
    if strange.any():
        raise ValueError(f"y_test holds {y_test[strange][0]:g}, but the labels in y are {low:g} and {high:g}")
    remarks = () if (low, high) == (-1, 1) else (mapping(low, high),)
    return Dataset(path.stem, X, signs(y, high), X_test, signs(y_test, high), remarks)


def read_npz(path: Path) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays of the archive that are ours to read; an object array would need pickle and is refused."""
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is not an .npz archive: write it with numpy.savez({path.name!r}, X=X, y=y)")
    found = {}
    try:
        with np.load(path, allow_pickle=False) as archive:
            for key in archive.files:
                ours = key in ("X", "y", "X_test", "y_test")
                found[key] = np.asarray(archive[key]) if ours else np.empty(0)
    except READING as error:
        raise ValueError(
            f"{path} must hold plain arrays of numbers, not objects: {error}; convert them with astype(float)"
        ) from error
    return found


def tested(X_test: object, y_test: object) -> tuple[Float[Array, "m d"], Float[Array, " m"]]:
    """The same checks as for X and y, under their own names."""
    X_test, y_test = checks.real(X_test, "X_test", 2), checks.real(y_test, "y_test", 1)
    if len(X_test) != len(y_test):
        raise ValueError(f"X_test has {len(X_test)} rows but y_test has {len(y_test)} entries; they must agree")
    return X_test, y_test


def from_csv(path: Path) -> Dataset:
    """Numbers separated by commas, the label last; a first row without any number is a header.

    Raises:
        ValueError: if some line is not like that, naming it.
    """
    lines = read_lines(path)
    remarks = []
    if lines and not any(is_number(entry) for entry in lines[0][1]):
        remarks.append(f"the label is the last column, {lines[0][1][-1].strip()!r}")
    rows = lines[len(remarks) :]
    if not rows:
        raise ValueError(f"{path} holds no rows of numbers: each line is one point, its label last")
    first, width = lines[0][0], len(lines[0][1])
    for line, row in rows:
        if len(row) != width:
            raise ValueError(
                f"{path}: line {line} has {len(row)} entries but line {first} has {width}; all lines need the same"
            )
    if width < 2:
        raise ValueError(f"{path}: line {first} has one entry: separate the features and the label by commas")
    values = np.array([[number(path, line, j, row) for j in range(width)] for line, row in rows])
    return held_out(path.stem, values[:, :-1], values[:, -1], remarks)


def read_lines(path: Path) -> list[tuple[int, list[str]]]:
    """The rows of a CSV file that are not blank, with their line numbers from 1."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            return [(reader.line_num, row) for row in reader if len(row) > 1 or "".join(row).strip()]
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise ValueError(f"{path} is not readable as CSV: {error}; save it as UTF-8 text with commas") from error


def is_number(entry: str) -> bool:
    """Whether the entry is a number, NaN and infinity included."""
    try:
        float(entry)
    except ValueError:
        return False
    return True


def number(path: Path, line: int, j: int, row: list[str]) -> float:
    """Entry j of a row as a finite number."""
    where = f"{path}: line {line}, column {j + 1}{' (the label)' if j == len(row) - 1 else ''}"
    if not is_number(row[j]):
        raise ValueError(f"{where} must be a number, got {row[j].strip()!r}; encode it as one, or drop it")
    value = float(row[j])
    if not math.isfinite(value):
        raise ValueError(f"{where} must be finite, got {value}; drop or impute such entries")
    return value


def held_out(name: str, X: Float[Array, "n d"], y: Float[Array, " n"], remarks: Iterable[str] = ()) -> Dataset:
    """The data with a random half of each class held out, always the same half.

    Raises:
        ValueError: if there are fewer than four rows, or other than two classes.
    """
    enough(X)
    low, high = two_values(y)
    kept, out = halves(y == high, np.random.default_rng(ROOT))
    y = signs(y, high)
    mapped = () if (low, high) == (-1, 1) else (mapping(low, high),)
    split = f"no test points given: a random half of each class is held out, drawn with seed {ROOT}"
    return Dataset(name, X[kept], y[kept], X[out], y[out], (*remarks, *mapped, split))


def enough(X: Float[Array, "n d"]) -> None:
    """Refuse fewer than four rows."""
    if len(X) < FEWEST:
        raise ValueError(f"at least {FEWEST} rows are needed, got {len(X)}: give more points")


def two_values(y: Float[Array, " n"]) -> tuple[float, float]:
    """The two labels, in increasing order."""
    values = np.unique(y)
    if len(values) == 1:
        raise ValueError(f"y has one class only (all {values[0]:g}); points of two classes are needed")
    if len(values) > 2:
        some = ", ".join(f"{value:g}" for value in values[:5])
        more = ", …" if len(values) > 5 else ""
        raise ValueError(
            f"y must have two classes, got {len(values)} ({some}{more}); keep the rows of two of them"
        )
    return float(values[0]), float(values[1])


def halves(positive: npt.NDArray[np.bool_], rng: np.random.Generator) -> tuple[Int[Index, " k"], Int[Index, " m"]]:
    """Two halves of the rows with each class split evenly, the odd one in the first half."""
    kept, out = [], []
    for label in (False, True):
        rows = rng.permutation(np.flatnonzero(positive == label))
        middle = (len(rows) + 1) // 2
        kept.append(rows[:middle])
        out.append(rows[middle:])
    return np.sort(np.concatenate(kept)), np.sort(np.concatenate(out))


def signs(y: Float[Array, " n"], high: float) -> Float[Array, " n"]:
    """+1 where the label is `high`, −1 elsewhere."""
    return np.where(y == high, 1.0, -1.0)


def mapping(low: float, high: float) -> str:
    """Which label is which sign, in words."""
    return f"labels: {low:g} is −1, {high:g} is +1"
