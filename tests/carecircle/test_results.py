"""What a notebook is given: a table that adds up, a sheet, a map to explore."""

from __future__ import annotations

from typing import Any

import folium
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from carecircle import Study


@pytest.fixture
def result(town: Any) -> Any:
    town.quarters[0]["小区"] = "{{ 7*7 }}<script>window.__PWN=1</script>"
    return Study.from_file(town.write()).run()


def test_the_table_has_a_row_for_each_circle_and_adds_up(result: Any) -> None:
    table = result.summary()
    assert list(table.index) == ["elderly"]
    row = table.loc["elderly"]
    parts = ["people_covered", "people_uncovered", "people_excluded"]
    assert sum(row[part] for part in parts) == row["people"] == 9 * 20
    assert row["percent"] == row["people_covered"] * 1000 // 180 / 10
    assert row["facilities"] == 1
    assert row["verdict"] == "not_met"


def test_a_circle_is_plotted_with_its_figures(result: Any) -> None:
    figure = result.plot("elderly", lang="en")
    assert isinstance(figure, Figure)
    said = " ".join(one.get_text() for one in figure.findobj(Text))
    assert f"{result.summary().loc['elderly', 'percent']}%" in said


def test_a_circle_is_explored_and_no_name_runs(result: Any) -> None:
    drawn = result.explore()
    assert isinstance(drawn, folium.Map)
    page = drawn.get_root().render()
    assert "<script>window.__PWN" not in page
    assert "49&lt;" not in page


@pytest.mark.parametrize("ask", ["plot", "explore"])
def test_a_circle_that_is_not_there_is_told(result: Any, ask: str) -> None:
    with pytest.raises(KeyError, match=r"childcare.*elderly"):
        getattr(result, ask)("childcare")
