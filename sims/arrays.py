"""Arrays as bytes and back, the same bytes each time, and never a pickle."""

import functools
import io
import json
import math
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

LIMIT = 1 << 30  # bytes that a record may unfold to; more is no record of ours
PLAIN = "biufcSUmM"  # kinds of dtype that are plain data
MOMENT = (1980, 1, 1, 0, 0, 0)  # the date of every file in an archive, so that equal content is equal bytes

Arrays = dict[str, npt.NDArray[Any]]


def to_npy(array: npt.NDArray[Any]) -> bytes:
    """One array in NumPy's format.

    Raises:
        ValueError: if the array holds Python objects or records.
    """
    array = np.asarray(array, order="C")
    if array.dtype.kind not in PLAIN:
        raise ValueError(f"an array to be kept must hold numbers or text, got {array.dtype}; convert it")
    return _header(array.dtype.str, array.shape) + array.tobytes()


@functools.lru_cache(maxsize=256)
def _header(dtype: str, shape: tuple[int, ...]) -> bytes:
    """What stands before the entries; rows of one claim share it."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
    return file.getvalue()


def from_npy(content: bytes) -> npt.NDArray[Any]:
    """The array in these bytes.

    Raises:
        ValueError: if it would need a pickle, or is cut short.
    """
    if content[:8] != b"\x93NUMPY\x01\x00":
        raise ValueError("it is no array in NumPy's format 1.0")
    start = 10 + int.from_bytes(content[8:10], "little")
    dtype, shape = _layout(content[8:start])
    if len(content) - start != dtype.itemsize * math.prod(shape):
        raise ValueError(f"an array of shape {shape} has {len(content) - start} bytes, which do not fit")
    return np.frombuffer(content, dtype=dtype, offset=start).reshape(shape)


@functools.lru_cache(maxsize=256)
def _layout(header: bytes) -> tuple[np.dtype[Any], tuple[int, ...]]:
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(io.BytesIO(header))
    if fortran or dtype.kind not in PLAIN:
        raise ValueError(f"an array of dtype {dtype} is refused: only numbers and text are read")
    return dtype, shape


def pack(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Named arrays in one string of bytes: a line of names and lengths, then the arrays."""
    parts = {name: to_npy(array) for name, array in arrays.items()}
    head = json.dumps([[name, len(part)] for name, part in parts.items()], separators=(",", ":"))
    return b"".join([head.encode(), b"\n", *parts.values()])


def unpack(content: bytes) -> Arrays:
    """The inverse of `pack`."""
    head, _, body = content.partition(b"\n")
    arrays: Arrays = {}
    start = 0
    for name, length in json.loads(head):
        arrays[name] = from_npy(body[start : start + length])
        start += length
    return arrays


def to_npz(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """An .npz archive whose bytes depend on the arrays alone."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(arrays):
            info = zipfile.ZipInfo(f"{name}.npy", MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3
            archive.writestr(info, to_npy(arrays[name]))
    return file.getvalue()


def from_npz(content: bytes) -> Arrays:
    """The arrays of an archive.

    Raises:
        ValueError: if it is no archive of plain arrays, or unfolds to more than 1 GB.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(info.file_size for info in archive.infolist())
            if size > LIMIT:
                raise ValueError(f"it unfolds to {size:,} bytes, more than the {LIMIT:,} that a record may have")
            arrays: Arrays = {}
            for info in archive.infolist():
                with archive.open(info) as file:
                    arrays[info.filename.removesuffix(".npy")] = from_npy(file.read(info.file_size))
            return arrays
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, SyntaxError) as error:
        raise ValueError(f"it is no archive of plain arrays: {error}") from None
