"""Two studies of the town of nine blocks, with a change of each sort, counted by hand.

Blocks are about 194 m by 222 m; each quarter is a point in the middle of one, with 20 old people.
A walk starts straight at the nearest street, along the crossing streets to the station.
"""

from __future__ import annotations

import csv
import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pytest
from typer.testing import CliRunner, Result

from carecircle import Study, StudyError
from carecircle.__main__ import app
from carecircle.changed import TABLES, StudyChange, change_between
from carecircle.changewords import change_lines
from carecircle.coverage.change import subsets
from carecircle.coverage.circle import of_service, walks_of_homes
from carecircle.isochrones.graph import walk_graph
from carecircle.steps import Steps
from carecircle.studyfile import StudyFile
from tests.carecircle.conftest import lonlat, write_csv
from tests.carecircle.test_benches_study import with_benches

EAST = 0.00052  # degrees, 50 m: from the middle of a cell of 100 m to its edge
ROAD = '<tag k="highway" v="residential"/>'


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def pair(town: Any, tmp_path: Path) -> tuple[Any, Any]:
    """The town, and a copy of it a year later that a test may change."""
    folder = tmp_path / "later"
    shutil.copytree(town.folder, folder)
    later = type(town)(folder)
    later.study = later.study.replace("2026-01-01", "2027-01-01")
    return town, later


def compared(pair: tuple[Any, Any]) -> StudyChange:
    older, newer = (Study.from_file(town.write()) for town in pair)
    return change_between(older, newer, Steps())


def run_covered(town: Any) -> int:
    """What a study of the town by itself says."""
    study = Study.from_file(town.write())
    inputs, circle = study.read(), next(study.circles())
    homes, doors = inputs.snaps_for(circle.walker)
    _, snaps = of_service(circle, inputs.facilities, doors)
    ms = walks_of_homes(circle, walk_graph(inputs.network, circle.walker, homes, snaps)).ms
    near = homes.attached & (ms <= circle.limit_ms)
    return int(inputs.homes[circle.group].to_numpy()[near].sum())


def another_station(town: Any) -> None:
    """At the far corner, so that it serves others than the first."""
    far = town.quarters[-1]
    town.stations.append({"code": "s2", "name": "新站", "lng": far["lng"], "lat": far["lat"]})


def more_people(town: Any) -> None:
    for quarter in town.quarters:
        quarter["people"], quarter["old"] = 200, 50


def test_nothing_has_changed_but_the_day(pair):
    """No facility opens or closes: the day explains nothing."""
    found = compared(pair).circles[0]
    assert not found.covered.parts.any()
    assert found.people.before[0] == found.people.after[0] == 180


def test_a_new_station_alone(pair):
    older, newer = pair
    another_station(newer)
    found = compared(pair)
    assert found.causes == ("facilities",)
    (circle,) = found.circles
    assert circle.covered.before[0] == run_covered(older)
    assert circle.covered.after[0] == run_covered(newer) > run_covered(older)
    gained = circle.covered.after[0] - circle.covered.before[0]
    assert circle.covered.parts[0].tolist() == [gained]


def test_station_people_and_standard_together(pair):
    """Every mixed world is what a study of just these files says.

    The station doubles whom 5 minutes reach, 10 minutes double them again, and 20 old people of
    a quarter become 50: 20 x 2 x 2 x 2.5.
    """
    older, newer = pair
    another_station(newer)
    more_people(newer)
    newer.study = newer.study.replace("minutes = 5", "minutes = 10")
    found = compared(pair)
    assert found.causes == ("facilities", "population", "standard")
    (circle,) = found.circles
    told = {}
    for chosen in subsets(found.causes):
        mix = type(older)(newer.folder)  # a town of the same streets, with fresh tables
        mix.study = older.study
        if "facilities" in chosen:
            another_station(mix)
        if "population" in chosen:
            more_people(mix)
        if "standard" in chosen:
            mix.study = mix.study.replace("minutes = 5", "minutes = 10")
        told[chosen] = run_covered(mix)
        assert circle.covered.worlds[chosen][0] == told[chosen]
        assert circle.people.worlds[chosen][0] == (450 if "population" in chosen else 180)
    f, p, s = found.causes
    assert told[frozenset()] == 20 and told[frozenset({f})] == 40
    assert told[frozenset({p})] == 50 and told[frozenset({s})] == 40
    assert told[frozenset({f, p, s})] == 200
    # alone 20, 30, 20; f and p 30, f and s 20, p and s 30 together; all three 30 besides
    assert circle.covered.parts[0].tolist() == [55, 70, 55]
    assert circle.people.parts[0].tolist() == [0, 270, 0]


def test_the_rows_of_quarters_add_up(pair):
    older, newer = pair
    another_station(newer)
    more_people(newer)
    newer.quarters = newer.quarters[1:]  # one is gone
    newer.quarters.append({**older.quarters[0], "code": "q99", "小区": "新小区", "old": 7})
    (circle,) = compared(pair).circles
    at = circle.rows["level"] == "quarter"
    assert set(circle.rows["id"][at]) == {q["code"] for q in older.quarters} | {"q99"}
    for world in circle.covered.worlds.values():
        assert world[at].sum() == world[0]
    for world in circle.people.worlds.values():
        assert world[at].sum() == world[0]
    exact = circle.covered.fine_parts
    assert (exact[at].sum(axis=0) == exact[0]).all()  # exact parts add up both ways
    gone = circle.quarters.loc["q00"]
    assert gone["status_after"] == "" and gone["status_before"] != ""


def test_a_station_on_a_street_that_is_not_there_yet_serves_nobody(pair):
    """A new quarter of 7 people a kilometre away, with its station and its street.

    Without any one of the three nobody there is covered: each cause has a third of the 7.
    """
    older, newer = pair
    lon, lat = 106.566, 29.56
    newer.stations.append({"code": "s2", "name": "新站", "lng": lon, "lat": lat})
    path = newer.folder / "streets.osm"
    text = path.read_text(encoding="utf-8")
    node = f'<node id="90" version="1" lon="{lon}" lat="{lat}"/>'
    way = f'<way id="200" version="1"><nd ref="4"/><nd ref="90"/>{ROAD}</way>'
    text = text.replace("<way", f"{node}<way", 1).replace("</osm>", f"{way}</osm>")
    path.write_text(text, encoding="utf-8")
    home = {"code": "q99", "小区": "新小区", "lng": lon, "lat": lat, "people": 9, "old": 7}
    newer.quarters.append({**older.quarters[0], **home})
    found = compared(pair)
    assert found.causes == ("facilities", "network", "population")
    (circle,) = found.circles
    assert [circle.covered.part(0, cause) for cause in found.causes] == [Fraction(7, 3)] * 3
    assert circle.covered.parts[0].tolist() == [3, 2, 2]
    assert circle.covered.interacting() == [frozenset(found.causes)]
    quarter = circle.rows.index[circle.rows["id"] == "q99"][0]
    assert circle.covered.parts[quarter].tolist() == [3, 2, 2]
    told = " ".join(change_lines(found, "en"))
    assert "interacting: facilities + streets and gates + people, together +7" in told


def test_the_files(pair, tmp_path):
    older, newer = pair
    another_station(newer)
    more_people(newer)
    out = tmp_path / "out"
    told = call("change", older.write(), newer.write(), "--out", out, "--lang", "en", "--quiet")
    assert told.exit_code == 0, told.output
    assert "facilities: +" in told.stdout and "people: +" in told.stdout
    with (out / "change.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert len(rows) == 10  # the study and nine quarters
    for row in rows:
        told_row = dict(zip(header, row, strict=True))
        change = int(told_row["覆盖变化 change of covered"])
        assert change == int(told_row["现已覆盖 covered now"]) - int(
            told_row["原已覆盖 covered before"]
        )
        assert change == sum(int(value) for key, value in told_row.items() if "of it:" in key)
    book = openpyxl.load_workbook(out / "change.xlsx")
    assert book.sheetnames == ["变化 Change", "成因 Causes", "说明 Notes"]
    layer = pyogrio.read_dataframe(out / "change.gpkg", layer="change_elderly")
    assert len(layer) == 9 and layer["people_now"].sum() == 450
    facts = json.loads((out / "change.json").read_text(encoding="utf-8"))["change"]
    parts = facts["circles"][0]["parts"]
    gained = facts["circles"][0]["covered"]
    assert sum(p["covered"] for p in parts) == gained["after"] - gained["before"]
    as_json = call("change", older.write(), newer.write(), "-o", tmp_path / "two", "--json", "-q")
    assert json.loads(as_json.stdout) == facts


PLAN = """
id = "ours"
type = "plan"
zh = "方案"
en = "Ours"
place = { zh = "某市", en = "A city" }
[[targets]]
id = "stations"
clause = "1"
zh = "养老站"
en = "Stations"
service = "elderly"
group = "age_60_plus"
spatial = "yes"
operator = ">="
value = 2
unit = "facilities"
measure = { kind = "count", facilities = { service = "elderly" } }
[[targets]]
id = "carers"
clause = "2"
zh = "护理员"
en = "Carers"
service = "elderly"
group = "none"
spatial = "no"
reason = { zh = "名册", en = "register" }
"""


def with_plan(town: Any) -> None:
    (town.folder / "ours.toml").write_text(PLAN, encoding="utf-8")
    town.study = f'plans = ["ours.toml"]\n{town.study}'


def test_targets_of_plans_stand_beside_then_and_now(pair, tmp_path):
    """One station where two are wanted; a year later there are two."""
    older, newer = pair
    for town in pair:
        with_plan(town)
    another_station(newer)
    out = tmp_path / "out"
    told = call("change", older.write(), newer.write(), "-o", out, "--lang", "en", "--quiet")
    assert told.exit_code == 0, told.output
    assert "ours: 0 targets met, now 1" in told.stdout
    assert "stations  Stations  not met (1 facilities) → met (2 facilities)" in told.stdout
    (target,) = json.loads((out / "change.json").read_text(encoding="utf-8"))["change"]["targets"]
    assert target["value"] == {"before": "1", "after": "2"}
    assert target["gap"] == {"before": 1, "after": 0}
    assert target["verdict"] == {"before": "not_met", "after": "met"}
    rows = list(openpyxl.load_workbook(out / "change.xlsx")["方案 Plans"].values)
    assert rows[-1][-7:] == (1, 2, "处 / facilities", 1, 0, "未达标 / not met", "达标 / met")


def test_a_plan_of_one_study_alone_is_not_compared(pair):
    with_plan(pair[1])
    assert compared(pair).targets == ()


# --- what cannot be compared


def refused(run: Any) -> list[str]:
    with pytest.raises(StudyError) as error:
        run()
    return [problem.id for problem in error.value.problems]


def test_the_older_comes_first(pair):
    assert refused(lambda: compared(pair[::-1])) == ["E-CHG-004"]


def moved(town: Any, east: float, north: float) -> None:
    """The whole town somewhere else."""
    path = town.folder / "streets.osm"
    text = path.read_text(encoding="utf-8")
    for row in (*town.quarters, *town.stations):
        row["lng"], row["lat"] = round(row["lng"] + east, 7), round(row["lat"] + north, 7)
    for number in range(4):
        lon = round(106.55 + number * 0.002, 7)
        text = text.replace(f'lon="{lon}"', f'lon="{round(lon + east, 7)}"')
        lat = round(29.56 + number * 0.002, 7)
        text = text.replace(f'lat="{lat}"', f'lat="{round(lat + north, 7)}"')
    path.write_text(text, encoding="utf-8")


def test_another_place_or_zone(pair):
    moved(pair[1], 0.0, 0.5)
    assert refused(lambda: compared(pair)) == ["E-CHG-002"]
    moved(pair[1], 6.0, 0.0)
    assert refused(lambda: compared(pair)) == ["E-CHG-001"]


def test_other_services(pair):
    _, newer = pair
    newer.study = newer.study.replace('service = "elderly"', 'service = "childcare"').replace(
        'age_60_plus = "old"', 'age_0_2 = "small"'
    )
    assert refused(lambda: compared(pair)) == ["E-CHG-003"]


def test_a_mix_that_cannot_be_read_is_told(pair):
    """A quarter and its gate have moved: the old gate stands far from the new quarter."""
    for town, place in zip(pair, (lonlat(0.5, 0.5), lonlat(2, 2)), strict=True):
        lon, lat = place
        town.quarters[0].update(lng=lon, lat=lat)
        gate = {"id": "g1", "block_id": "q00", "lng": lon + EAST, "lat": lat}
        write_csv(town.folder / "gates.csv", [gate])
        town.study += '[entrances]\npath = "gates.csv"\ncrs = "EPSG:4326"\n'
    ids = refused(lambda: compared(pair))
    assert ids[0] == "E-CHG-005" and "E-GAT-004" in ids[1:]


def test_units_are_those_of_the_newer_study(pair):
    """One unit over the western quarters; the others are in none."""
    _, newer = pair
    another_station(newer)
    west, south, north = 106.549, 29.559, 29.57
    east = 106.552
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    unit = {"type": "Feature", "properties": {"code": "u1", "name": "甲"}, "geometry": shape}
    layer = json.dumps({"type": "FeatureCollection", "features": [unit]})
    (newer.folder / "units.geojson").write_text(layer, encoding="utf-8")
    newer.study += '[[admin]]\npath = "units.geojson"\ncolumns = { id = "code", name = "name" }\n'
    (circle,) = compared(pair).circles
    rows = circle.rows[circle.rows["level"] == ""]
    assert dict(zip(rows["id"], rows["name"], strict=True)) == {"u1": "甲", "": ""}
    for counts in (circle.people, circle.covered):
        for world in counts.worlds.values():
            assert world[rows.index].sum() == world[0]
    assert circle.people.before[rows.index].tolist() == [60, 120]


def test_every_table_of_a_study_is_of_a_cause_or_explains_no_coverage():
    told = {key for keys in TABLES.values() for key in keys}
    explains_nothing = {
        "admin", "access", "doubt", "sites", "siting", "plans", "plan_options",
        "outputs",
    }  # fmt: skip
    assert told | explains_nothing == set(StudyFile.model_fields)
    assert not told & explains_nothing


def test_seats_that_were_put_up_let_people_rest_on_their_way(pair):
    """With a seat at the station alone hardly anybody gets there who must rest."""
    older, newer = pair
    for town in pair:
        town.study += "\n[walkers.elderly]\nlongest_without_bench_m = 120\n"
    with_benches(older, [(0, 0)])
    with_benches(newer, [(c / 10, r) for c in range(31) for r in range(4)]
                 + [(c, r / 10) for c in range(4) for r in range(31)])  # fmt: skip
    before, after = run_covered_with_rests(older), run_covered_with_rests(newer)
    assert before < after
    change = compared(pair)
    (circle,) = change.circles
    assert change.causes == ("facilities", "network")  # the day, and the seats
    assert (circle.covered.before[0], circle.covered.after[0]) == (before, after)
    assert circle.covered.parts[0, 1] == after - before


def run_covered_with_rests(town: Any) -> int:
    """What a run says, which reads the seats by itself."""
    (circle,) = Study.from_file(town.write()).run().circles
    return circle.coverage.people.covered


def test_where_stations_may_stand_is_no_matter_of_a_change(pair: tuple[Any, Any]) -> None:
    older, newer = pair
    another_station(older)  # closed since; its place is one that every new plan must have
    newer.quarters[0]["old"] = 10
    far = {**newer.quarters[-1]}
    row = {"code": "p", "name": "新站", "lng": far["lng"], "lat": far["lat"]}
    write_csv(newer.folder / "places.csv", [row])
    newer.study += """
        must = ["p"]
        [[sites.candidates]]
        path = "places.csv"
        crs = "EPSG:4326"
        columns = { id = "code" }
    """
    change = compared(pair)
    assert {"population", "facilities"} <= set(change.causes)
