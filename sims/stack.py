"""Stacks of classifiers cut, joined and copied, and how many members are taken together."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import torch
from torch import Tensor

from sims.classifier import Classifier

Net = TypeVar("Net", bound=Classifier)
CACHE = 3 * 2**19  # bytes that layers may fill for members to be taken together on a CPU
MEMORY = 2**28  # the same where layers convolve


def taken(net: Net, members: slice) -> Net:
    """Some members of a stack."""
    return mapped([net], lambda tensors: tensors[0][members])


def joined(nets: Sequence[Net]) -> Net:
    """Stacks of one shape as one."""
    return mapped(nets, lambda tensors: torch.cat(list(tensors)))


def copied(net: Net) -> Net:
    """The stack as it is now, in memory of its own."""
    return mapped([net], lambda tensors: tensors[0].clone())


def mapped(nets: Sequence[Net], made: Callable[[Sequence[Tensor]], Tensor]) -> Net:
    """A network of the same architecture, each tensor made of those that the networks have in its place."""
    names = (*nets[0].LEARNED, *nets[0].RUNNING)
    columns = {name: zip(*(getattr(net, name) for net in nets), strict=True) for name in names}
    changed: dict[str, Any] = {name: tuple(map(made, column)) for name, column in columns.items()}
    return replace(nets[0], **changed)


def with_parameters(net: Net, parameters: Sequence[Tensor]) -> Net:
    """The same architecture with other parameters."""
    left = iter(parameters)
    changed: dict[str, Any] = {
        name: tuple(itertools.islice(left, len(getattr(net, name)))) for name in net.LEARNED
    }
    return replace(net, **changed)


def portions(net: Classifier, n: int) -> list[slice]:
    """Members to be taken together: all of them on an accelerator, as many as there is room for on a CPU.

    One core: 500 points and width 256 stay in the cache with two members, which take as long as one by one; 32
    together take 1.4 times as long. Convolutions gain from company, by 1.1 to 2.9 times, beyond the cache too.
    """
    if net.weights[0].device.type != "cpu":
        return [slice(0, net.members)]
    room = MEMORY if net.image else CACHE
    count = max(1, room // (2 * n * net.units * net.weights[0].element_size()))
    return [slice(i, min(i + count, net.members)) for i in range(0, net.members, count)]
