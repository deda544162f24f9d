"""Memory that one step of training after another writes its layers to."""

from typing import Any

import numpy.typing as npt
from torch import Tensor

Room = tuple[Tensor, npt.NDArray[Any] | None]


class Scratch:
    """Tensors by name and shape: the same request gives the same memory, with whatever is in it."""

    def __init__(self) -> None:
        self._rooms: dict[tuple[str, tuple[int, ...]], Room] = {}

    def room(self, name: str, shape: tuple[int, ...], like: Tensor) -> Room:
        """A tensor of this shape, of the type and device of `like`; on a CPU the same memory as an array."""
        key = (name, shape)
        found = self._rooms.get(key)
        if found is None:
            tensor = like.new_empty(shape)
            found = self._rooms[key] = (tensor, tensor.numpy() if tensor.device.type == "cpu" else None)
        return found
