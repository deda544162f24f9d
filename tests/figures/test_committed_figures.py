"""Every figure is drawn from the records that are committed, which are fresh, hold, and saw the rival fall."""

import pytest
from made_figures import FIGURES, module, rows

from figures import draw
from figures.registry import claims
from sims.store import established


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_from_the_committed_records(name: str) -> None:
    assert rows(draw.rendered(module(name), tuple(map(established, claims()[name])))["csv"])
