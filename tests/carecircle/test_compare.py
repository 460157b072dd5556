"""Who gains and who loses in the town of nine blocks, counted by hand."""

from __future__ import annotations

import csv
import json
import random
import re
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
from geopandas import GeoDataFrame
from shapely import box
from typer.testing import CliRunner, Result

from carecircle import Study, StudyError
from carecircle.__main__ import app
from carecircle.compared import Comparison, comparison
from carecircle.coverage.gains import COUNTS
from carecircle.maps.gains_page import PageCircle, View, public_rows, states_of
from carecircle.steps import Steps
from carecircle.study import coverage_of
from tests.carecircle.conftest import Town
from tests.carecircle.test_scenario import HEAD, at, line, new_station, scenario, town

__all__ = ["town"]  # the fixture

CLOSED = '[[close_facility]]\nid = "s1"\n'


def compared(town: Town, text: str) -> Comparison:
    path = scenario(town, text)
    ends = Study.from_file(town.folder / "study.toml"), Study.from_file(path)
    return comparison(*ends, Steps())


def counts(rows: pd.DataFrame, level: str) -> dict[str, tuple[int, ...]]:
    """Gained, lost, nearer and farther of each row of a level."""
    some = rows[rows["level"] == level]
    names = ["gained", "lost", "nearer", "farther"]
    return {id: tuple(row) for id, row in zip(some["id"], some[names].to_numpy(), strict=True)}


def test_a_study_and_itself(town: Town):
    (circle,) = compared(town, "").circles
    for row in counts(circle.rows, "quarter").values():
        assert row == (0, 0, 0, 0)
    assert circle.rows.loc[0, "covered_before"] == circle.rows.loc[0, "covered_after"] == 20


def test_a_station_moves_across_the_town(town: Town):
    """q00 loses it and q22 gains it. Column 2 and row 2 are nearer to it now, the rest farther.

    From (C, R + 0.5) to (0, 0) it is C and R + 0.5 blocks, to (2, 3) it is 2 - C and 2.5 - R: east
    194 m, north 222 m each. q20: 222 x 2.5 m before, 222 x 0.5 + 2 x 194 m after, and so on.
    """
    moved = f'[[move_facility]]\nid = "s1"\nto = {at(2, 3)}\n'
    (circle,) = (found := compared(town, moved)).circles
    rows = counts(circle.rows, "quarter")
    expected = {}
    for row in range(3):
        for column in range(3):
            before = 194 * column + 222 * (row + 0.5)
            after = 194 * (2 - column) + 222 * (2.5 - row)
            walk = (20, 0) if after < before else (0, 20) if after > before else None
            expected[f"q{row}{column}"] = walk
    for id, walk in expected.items():
        assert rows[id][:2] == {"q00": (0, 20), "q22": (20, 0)}.get(id, (0, 0))
        if walk is not None:
            assert rows[id][2:] == walk
    assert found.same_people
    assert circle.counts == (1, 1) and circle.stations["state"].tolist() == ["moved"]


def test_closing_the_only_station_loses_everybody_it_covered(town: Town):
    (circle,) = compared(town, CLOSED).circles
    assert circle.rows.loc[0, list(COUNTS)].tolist() == [180, 180, 20, 0, 20, 0, 0, 0, 180]
    assert circle.counts == (1, 0)
    assert circle.quarters["minutes_after"].isna().all()


def test_places_before_and_after(town: Town):
    """The only station has 5 places; with 30 more places at the other end 20 + 5 find one."""
    town.stations[0]["capacity"] = 5
    town.study = town.study.replace('name = "name" }', 'name = "name", capacity = "capacity" }')
    (circle,) = compared(town, new_station(at(2, 3), more="capacity = 30")).circles
    first, second = circle.places
    assert first is not None and (first.places, first.demand, first.placed) == (5, 180, 5)
    assert second is not None and (second.places, second.demand, second.placed) == (35, 180, 25)


def test_people_who_come_neither_gain_nor_lose(town: Town):
    """50 of 180 old people more by 2026: in q00, covered before and after, they stand apart."""
    town.study += '[population]\nsource = "columns"\nbase = "resident"\nyear = 2025\n'
    town.study += "[people]\ntarget_year = 2026\ngrowth_percent_per_year = { population = 0 }\n"
    town.write()
    path = scenario(town, new_station(at(2, 3)))
    other = town.folder / "grown.toml"
    text = town.study.replace("population = 0 }", "population = 10 }")
    other.write_text(text, encoding="utf-8")
    path.write_text(
        HEAD.replace("study.toml", "grown.toml") + new_station(at(2, 3)), encoding="utf-8"
    )
    ends = Study.from_file(town.folder / "study.toml"), Study.from_file(path)
    (circle,) = (found := comparison(*ends, Steps())).circles
    assert not found.same_people
    # 20 gain in q22, whose 2 newcomers and the 2 of q00 have come
    assert circle.rows.loc[0, list(COUNTS)[:7]].tolist() == [180, 198, 20, 20, 0, 4, 44]


def test_units_add_up(town: Town):
    """One unit over the western quarters; the others are in none."""
    west, south, north, east = 106.549, 29.559, 29.57, 106.552
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    unit = {"type": "Feature", "properties": {"code": "u1", "name": "甲"}, "geometry": shape}
    layer = json.dumps({"type": "FeatureCollection", "features": [unit]})
    (town.folder / "units.geojson").write_text(layer, encoding="utf-8")
    town.study += '[[admin]]\npath = "units.geojson"\ncolumns = { id = "code", name = "name" }\n'
    (circle,) = compared(town, f'[[move_facility]]\nid = "s1"\nto = {at(2, 3)}\n').circles
    units = counts(circle.rows, "")
    assert {id: row[:2] for id, row in units.items()} == {"u1": (0, 20), "": (20, 0)}


@pytest.mark.parametrize("seed", range(3))
def test_every_ledger_balances_and_is_that_of_two_runs(town: Town, seed: int):
    """Random edits; the coverage at both ends and who gains are counted home by home again."""
    dice = random.Random(seed)
    for quarter in town.quarters:
        quarter["old"] = dice.randint(0, 60)
    text = "".join(
        new_station(at(dice.uniform(0, 3), dice.uniform(0, 3)), f"n{number}")
        for number in range(dice.randint(0, 3))
    )
    text += dice.choice(["", CLOSED, f"[[add_link]]\nline = {line((0, 0), (1, 1))}\n"])
    (circle,) = compared(town, text).circles
    rows = circle.rows
    assert (rows["covered_after"] == rows["covered_before"] + rows["gained"] - rows["lost"]).all()
    homes = []
    for path in (town.folder / "study.toml", town.folder / "scenario.toml"):
        study = Study.from_file(path)
        inputs = study.read()
        homes.append(coverage_of(next(study.circles()), inputs).homes)
    was, now = (table["status"] == "covered" for table in homes)
    people = homes[0]["people"]
    assert rows.loc[0, "gained"] == people[now & ~was].sum()
    assert rows.loc[0, "lost"] == people[was & ~now].sum()
    quarters = rows[rows["level"] == "quarter"]
    assert (quarters[list(COUNTS)].sum() == rows.loc[0, list(COUNTS)]).all()


# --- files


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def written(town: Town, tmp_path: Path) -> Path:
    town.quarters[8]["old"] = 7  # q22: too few to be told
    path = scenario(town, f'[[move_facility]]\nid = "s1"\nto = {at(2, 3)}\n')
    out = tmp_path / "out"
    told = call("compare", town.folder / "study.toml", path, "--out", out, "--lang", "en", "-q")
    assert told.exit_code == 0, told.output
    assert "7 people gain, 20 lose" in told.stdout
    return out


def test_the_tables(written: Path):
    with (written / "compare.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    table = {row[2]: dict(zip(header, row, strict=True)) for row in rows}
    assert len(rows) == 10
    assert table["q22"]["新覆盖 gain"] == "7" and table["q00"]["失去覆盖 lose"] == "20"
    book = openpyxl.load_workbook(written / "compare.xlsx")
    assert book.sheetnames == ["得失 Gains", "汇总 Totals", "设施 Stations", "说明 Notes"]
    notes = " ".join(str(row[1]) for row in book["说明 Notes"].values)
    assert "This is the scenario" in notes
    layer = pyogrio.read_dataframe(written / "compare.gpkg", layer="gains_elderly")
    assert len(layer) == 9 and layer["gained"].sum() == 7
    stations = pyogrio.read_dataframe(written / "compare.gpkg", layer="stations_elderly")
    assert stations["state"].tolist() == ["moved"]
    facts = json.loads((written / "compare.json").read_text(encoding="utf-8"))
    assert facts["compare"]["circles"][0]["gained"] == 7
    assert facts["second"]["parameters"]["scenario"]["facilities"]["move"][0]["id"] == "s1"
    assert "compare.html" in [one["file"] for one in facts["outputs"]]


def test_the_page_shows_who_gains_and_no_small_count(written: Path):
    page = (written / "compare.html").read_text(encoding="utf-8")
    areas = re.findall(r'<path class="area (\w+)" d="M', page)
    assert sorted(areas) == ["gains", "loses", *["uncovered"] * 7]
    assert "小区 2-2: 有人新获覆盖 people gain; +&lt;10 −0" in page
    assert ">7<" not in page and "+7" not in page
    assert "moved" in page and "This is the scenario" in page
    assert "script-src" in page and "<script" not in page
    assert not re.search(r'(?:src|href)="(?!data:)', page)


def test_what_would_give_away_a_small_count_is_withheld():
    """7 people of one unit gain: the next smallest gain goes with it, and no unit tells more."""
    table = {name: [0] * 4 for name in COUNTS} | {
        "level": ["study", "town", "town", "town"], "name": ["", "甲", "乙", ""],
        "parent": [""] * 4, "gained": [127, 7, 100, 20],
        "covered_before": [150, 50, 50, 50], "covered_after": [277, 57, 150, 70],
    }  # fmt: skip
    rows = pd.DataFrame(table)
    words = [{"zh": "镇", "en": "town"}] * 4
    circle = PageCircle({"zh": "", "en": ""}, 15, rows, words, rows, rows)  # type: ignore[arg-type]
    whole, first, second, none = public_rows(circle)
    assert (whole["covered_before"], whole["gained"], whole["covered_after"]) == (150, 127, 277)
    assert (first["gained"], second["gained"], none["gained"]) == ("<10", 100, "*")
    assert "no unit" in none["name"]
    assert {row["covered_after"] for row in (first, second, none)} == {""}


def test_a_small_gain_of_the_whole_study_is_withheld():
    rows = pd.DataFrame({name: [0] for name in COUNTS}).assign(
        level="study", name="", parent="", covered_before=100, gained=7, covered_after=107
    )
    circle = PageCircle({}, 15, rows, [{"zh": "", "en": ""}], rows, rows)  # type: ignore[arg-type]
    (whole,) = public_rows(circle)
    assert (whole["covered_before"], whole["gained"]) == (100, "<10")
    assert whole["covered_after"] == "*"


def test_nothing_is_written_over_earlier_results(written: Path, town: Town):
    before = {path.name: path.read_bytes() for path in written.iterdir()}
    bad = scenario(town, '[[close_facility]]\nid = "x"\n')
    told = call("compare", town.folder / "study.toml", bad, "--out", written, "-q")
    assert told.exit_code == 3 and "E-SCN-001" in told.output
    assert {path.name: path.read_bytes() for path in written.iterdir()} == before


def test_other_circles_cannot_be_compared(town: Town):
    path = town.write()
    other = town.folder / "other.toml"
    text = town.study.replace('service = "elderly"', 'service = "childcare"')
    text = text.replace('age_60_plus = "old"', 'age_0_2 = "small"')
    other.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as error:
        comparison(Study.from_file(path), Study.from_file(other), Steps())
    assert [problem.id for problem in error.value.problems] == ["E-CHG-003"]


@pytest.mark.parametrize(("east", "north"), [(3, 3), (3, 0), (0, 3)])
def test_the_map_shows_all_that_changes(town: Town, east: float, north: float):
    """Towards the east, the north and both ways: no edited station and no gain is cut off."""
    (circle,) = (found := compared(town, new_station(at(east, north)) + CLOSED)).circles
    assert circle.stations["state"].to_dict() == {"n1": "new", "s1": "closed"}
    words = [{"zh": "", "en": ""}]
    page = PageCircle({}, 5, circle.rows[:1], words, circle.quarters, circle.stations)
    state = states_of(circle.quarters)
    view = View.around(page, found.shapes, state)
    shown = view.box.buffer(1)  # the height is cut to a whole unit
    assert circle.stations.within(shown).all()
    changed = circle.quarters.index[np.isin(state, ["gains", "loses"])]
    assert found.shapes.loc[changed].within(shown).all()
    assert view.height in range(500, 1401)


def test_a_tall_strip_of_ground_is_shown_to_its_ends():
    """Gains 5 km apart on a line to the north, as in a city along a coast."""
    shapes = GeoDataFrame(
        index=["a", "b"], geometry=[box(0, 0, 50, 50), box(0, 5000, 50, 5050)], crs=4549
    )
    quarters = pd.DataFrame(index=shapes.index)
    stations = GeoDataFrame({"state": []}, geometry=[], crs=4549)
    page = PageCircle({}, 15, quarters, [], quarters, stations)
    view = View.around(page, shapes, np.array(["gains", "loses"], object))
    assert shapes.within(view.box).all()
