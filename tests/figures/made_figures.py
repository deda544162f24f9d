"""Every figure from records made up, at the sizes of quick and of full runs: its files and its table."""

import csv
import functools
import hashlib
import importlib
import io
from collections.abc import Mapping
from types import ModuleType

import figure_records

from figures import draw
from figures.registry import claims
from sims.record import Record

FIGURES = tuple(claims())
Rows = list[dict[str, str]]


@functools.cache
def records(full: bool = False) -> Mapping[str, Record]:
    return figure_records.records(full)


def module(name: str) -> ModuleType:
    return importlib.import_module(f"figures.{name}")


def those_of(name: str, made: Mapping[str, Record]) -> tuple[Record, ...]:
    return tuple(made[claim] for claim in claims()[name])


@functools.cache
def drawn(name: str, full: bool = False) -> dict[str, bytes]:
    return draw.rendered(module(name), those_of(name, records(full)))


def digest(name: str) -> str:
    return hashlib.sha256(b"".join(drawn(name).values())).hexdigest()


def table(name: str, full: bool = False) -> Rows:
    """The rows of a figure's CSV, without drawing it."""
    return rows(draw._csv(module(name).table(those_of(name, records(full)))))


def rows(content: bytes) -> Rows:
    return list(csv.DictReader(io.StringIO(content.decode())))
