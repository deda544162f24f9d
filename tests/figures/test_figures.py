"""Every figure is drawn from records alone, the same twice, and its CSV holds the numbers of its table."""

import itertools
import os
import struct
import subprocess
import sys
from pathlib import Path

import matplotlib.style
import pytest
from made_figures import FIGURES, digest, drawn, module, records, rows, table, those_of
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from figures import draw
from figures.registry import claims, find
from sims.registry import find as claims_called
from sims.report import home

ROOT = Path(__file__).resolve().parents[2]


def pixels(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_the_folder_is_the_registry() -> None:
    assert "margins" in FIGURES
    assert not {"draw", "registry", "paper", "gaps", "risks", "__init__"} & set(FIGURES)
    assert find() == FIGURES
    assert find(["margins", "alignment", "margins"]) == ("margins", "alignment")


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_reads_claims_that_exist_and_belongs_under_the_first(name: str) -> None:
    entries = [claims_called([claim]) for claim in claims()[name]]
    assert all(len(found) == 1 for found in entries)
    main = records()[claims()[name][0]]
    assert home(f"{main.name}/{name}", [main]) == f"{main.paper}/{main.name}"


@pytest.mark.parametrize("full", [False, True], ids=["quick", "full"])
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_in_three_formats(name: str, full: bool) -> None:
    files = drawn(name, full)
    assert files["pdf"].startswith(b"%PDF")
    assert b"CreationDate" not in files["pdf"]
    assert files["png"][1:4] == b"PNG"
    width, height = pixels(files["png"])
    assert width in (int(3.4 * 300), 7 * 300)
    assert 300 < height < 5 * 300
    found = rows(files["csv"])
    assert found and all(None not in row and None not in row.values() for row in found)
    assert found == table(name, full)


def test_the_bytes_are_the_same_in_another_process() -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests/figures')\n"
        "from made_figures import FIGURES, digest\n"
        "print(*map(digest, FIGURES))\n"
        "assert not {'torch', 'sims.run', 'sims.claims', 'matplotlib.pyplot'} & set(sys.modules)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "1"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert told.split() == [digest(name) for name in FIGURES]


@pytest.mark.parametrize("full", [False, True], ids=["quick", "full"])
@pytest.mark.parametrize("name", ["sparsity_table", "price_heat_map", "patch_table"])
def test_texts_do_not_overlap(name: str, full: bool) -> None:
    with matplotlib.style.context(draw.STYLE, after_reset=True):
        figure = Figure()
        FigureCanvasAgg(figure)
        module(name).draw(figure, those_of(name, records(full)))
        figure.draw_without_rendering()
        boxes = [
            text.get_window_extent().shrunk(0.98, 0.7)
            for ax in figure.axes
            for text in ax.texts
            if text.get_text()
        ]
        assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])]
