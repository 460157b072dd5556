"""The survey list, checked by repairing what it names and running the study again."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from carecircle import Study
from carecircle.__main__ import app
from carecircle.audit import Survey, audit_study
from carecircle.coverage.circle import of_service, walks_of_homes
from carecircle.coverage.measure import measure
from carecircle.isochrones.graph import walk_graph
from carecircle.layers.osm_water import read_water
from carecircle.steps import Steps

STEP = 0.002  # degrees of a street block of the town


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def audited(path: Path, near_m: float = 10.0) -> Survey:
    return audit_study(Study.from_file(path), near_m, Steps())


def covered(path: Path) -> int:
    """People covered by the first circle, as a run counts them, without its areas and sites."""
    study = Study.from_file(path)
    inputs, circle = study.read(), next(study.circles())
    homes, doors = inputs.snaps_for(circle.walker)
    stations, snaps = of_service(circle, inputs.facilities, doors)
    walks = walks_of_homes(circle, walk_graph(inputs.network, circle.walker, homes, snaps))
    ids = np.array([*stations.index, None], object)[walks.source]
    layers = inputs.residential, inputs.homes
    return measure(circle, *layers, walks.ms, ids, homes.attached, None).people.covered


def with_edit(town: Any, row: Any, dead_ends: bool = False) -> int:
    """People covered after the repair of a row was added as a link of the study."""
    ends = [(row["from_lon"], row["from_lat"]), (row["to_lon"], row["to_lat"])]
    link = gpd.GeoDataFrame(geometry=[shapely.LineString(ends)], crs="EPSG:4326")
    link.to_file(town.folder / "link.geojson")
    before = town.study
    town.study += '[[edits]]\npath = "link.geojson"\nkind = "link"\nsnap_m = 0.5\n'
    town.study += f"dead_ends = {str(dead_ends).lower()}\n"
    found = covered(town.write())
    town.study = before
    town.write()
    return found


def break_street(town: Any) -> None:
    """Let the street north of the station end about 4 m short of the crossing it belongs to.

    The homes beside it move a little to the west, so that they open onto that street.
    """
    for row in town.quarters[::3]:
        row["lng"] = round(row["lng"] - 0.0003, 7)
    path = town.folder / "streets.osm"
    lon, lat = town.stations[0]["lng"], round(town.stations[0]["lat"] + STEP - 0.00004, 7)
    text = path.read_text()
    text = text.replace("<way ", f'<node id="99" version="1" lon="{lon}" lat="{lat}"/><way ', 1)
    text = text.replace('<nd ref="1"/><nd ref="5"/>', '<nd ref="1"/><nd ref="99"/>')
    column = '<way id="104" version="1"><nd ref="1"/><nd ref="99"/>'
    assert column in text
    rest = '<way id="114" version="1"><nd ref="5"/>'
    tags = '<tag k="highway" v="residential"/>'
    text = text.replace(column, f"{column}{tags}</way>{rest}")
    ways = text.index("<way ")
    body, end = text[ways:].removesuffix("</osm>"), "</osm>"
    single = sorted(w + "</way>" for w in body.split("</way>") if w)
    path.write_text(text[:ways] + "".join(single) + end)


@pytest.fixture
def broken(town: Any) -> Any:
    break_street(town)
    town.study = town.study.replace("minutes = 5", "minutes = 15")
    return town


def test_a_street_that_ends_too_early_is_listed_with_whom_it_matters_to(broken: Any) -> None:
    path = broken.write()
    survey = audited(path)
    first = survey.repairs.iloc[0]
    assert first["kind"] == "near_miss"
    assert 4.0 < first["length_m"] < 5.0
    assert first["walk_m"] > 600  # round the block
    gained = with_edit(broken, first) - covered(path)
    assert first["people"] == first["people_elderly"] == gained > 0
    assert survey.repairs["people"].is_monotonic_decreasing


def test_streets_taken_away_leave_a_long_way_round(town: Any) -> None:
    """Without its streets from west to east but the last, the town is two combs."""
    path = town.folder / "streets.osm"
    text = path.read_text()
    for line in range(3):
        first = 1 + 4 * line
        text = text.replace(
            f'<nd ref="{first}"/><nd ref="{first + 1}"/>', f'<nd ref="{first + 1}"/>'
        )
    path.write_text(text)
    town.study = town.study.replace("minutes = 5", "minutes = 15")
    study = town.write()
    survey = audited(study)
    assert set(survey.repairs["kind"]) == {"detour"}
    for _, row in survey.repairs.iterrows():
        assert row["people"] == with_edit(town, row) - covered(study) > 0


def test_homes_too_far_from_a_street_are_joined_straight(town: Any) -> None:
    town.quarters[0]["lng"] -= 2.2 * STEP  # some 330 m west of the westernmost street
    town.study = town.study.replace("minutes = 5", "minutes = 10")
    study = town.write()
    row = audited(study).repairs.set_index("kind").loc["far_from_street"]
    assert row["about"] == "q00 小区 0-0 (1)"
    assert row["people"] == with_edit(town, row, dead_ends=True) - covered(study) == 20
    town.study = town.study.replace("minutes = 10", "minutes = 9")
    row = audited(town.write()).repairs.set_index("kind").loc["far_from_street"]
    assert row["people"] == with_edit(town, row, dead_ends=True) - covered(study) == 0


def island_town(town: Any) -> None:
    """The station stands on a street of 600 m of its own, 30 m south of the town, and more."""
    south = round(town.stations[0]["lat"] - 0.00027, 7)
    west = town.stations[0]["lng"]
    nodes = "".join(
        f'<node id="{90 + k}" version="1" lon="{west + k * 0.0063:.7f}" '
        f'lat="{south - k * 0.001:.7f}"/>'
        for k in (0, 1)
    )
    way = '<way id="900" version="1"><nd ref="90"/><nd ref="91"/>'
    path = town.folder / "streets.osm"
    text = path.read_text().replace("<way ", f"{nodes}<way ", 1)
    way += '<tag k="highway" v="residential"/></way>'
    path.write_text(text.replace("</osm>", f"{way}</osm>"))
    town.stations[0]["lat"] = south


def test_a_facility_on_an_island_is_named(town: Any) -> None:
    island_town(town)
    study = town.write()
    row = audited(study).repairs.set_index("kind").loc["facility_on_island"]
    assert row["about"] == "s1 幸福驿站"
    assert row["people"] == with_edit(town, row) - covered(study) > 0


def test_water_tells_a_gap_from_a_long_way_round(town: Any) -> None:
    """Two streets 90 m apart with a river between them, joined at their far ends alone."""
    west, south = town.stations[0]["lng"], town.stations[0]["lat"]
    rows = [(1, 0, 0), (2, 0.01, 0), (3, 0, 0.0008), (4, 0.01, 0.0008), (5, -0.01, 0.0004)]
    rows.append((6, 0.009, 0.0004))
    nodes = "".join(
        f'<node id="{id}" version="1" lon="{west + x:.7f}" lat="{south + y:.7f}"/>'
        for id, x, y in rows
    )
    street = '<way id="{}" version="1"><nd ref="{}"/><nd ref="{}"/><tag k="{}" v="{}"/></way>'
    ways = [(1, 1, 2), (2, 2, 4), (3, 4, 3)]
    text = "".join(street.format(*way, "highway", "residential") for way in ways)
    river = street.format(4, 5, 6, "waterway", "river")
    town.quarters = [
        {**town.quarters[0], "lng": west + 0.0001, "lat": south + 0.0012},
        {**town.quarters[1], "lng": west + 0.009, "lat": south - 0.0004},
    ]
    for water, kind in ((river, "gap_across_water"), ("", "detour")):
        path = town.folder / "streets.osm"
        path.write_text(f'<osm version="0.6">{nodes}{text}{water}</osm>')
        study = town.write()
        survey = audited(study)
        assert survey.repairs["kind"].tolist()[0] == kind
        row = survey.repairs.iloc[0]
        assert row["people"] == with_edit(town, row) - covered(study) == 20
        assert row["walk_m"] > 3 * row["length_m"]


def test_rivers_in_culverts_are_no_water(tmp_path: Path) -> None:
    nodes = "".join(f'<node id="{k}" version="1" lon="{k / 1000}" lat="30"/>' for k in (1, 2))
    refs = '<nd ref="1"/><nd ref="2"/>'
    ways = "".join(
        f"<way id='{id}' version='1'>{refs}"
        + "".join(f"<tag k={k!r} v={v!r}/>" for k, v in tags)
        + "</way>"
        for id, tags in (
            (1, [("waterway", "river")]),
            (2, [("waterway", "stream"), ("tunnel", "culvert")]),
            (3, [("waterway", "weir")]),
            (4, [("highway", "footway")]),
        )
    )
    path = tmp_path / "a.osm"
    path.write_text(f'<osm version="0.6">{nodes}{ways}</osm>')
    assert shapely.get_coordinates(read_water(path)).tolist() == [[0.001, 30], [0.002, 30]]


def walled_town(town: Any) -> None:
    """The quarters as walled polygons, each with a gate in its north-east corner."""
    squares, gates = [], []
    for row in town.quarters:
        x, y = row["lng"], row["lat"]
        shape = shapely.box(x - 0.4 * STEP, y - 0.4 * STEP, x + 0.4 * STEP, y + 0.47 * STEP)
        squares.append({**row, "geometry": shape})
        corner = shapely.Point(x + 0.4 * STEP, y + 0.47 * STEP)
        gates.append({"block_id": row["code"], "geometry": corner})
    for name, rows in (("quarters", squares), ("gates", gates)):
        frame = gpd.GeoDataFrame(rows, crs="EPSG:4326")
        frame.to_file(town.folder / f"{name}.geojson")
    town.study = town.study.replace('path = "quarters.csv"', 'path = "quarters.geojson"')
    town.study = town.study.replace("cell_m = 100", "walled = true")
    town.study = town.study.replace("minutes = 5", "minutes = 7")
    town.study += '[entrances]\npath = "gates.geojson"\ncolumns = { block_id = "block_id" }\n'


def test_a_further_gate_gains_what_a_run_with_it_gains(town: Any) -> None:
    walled_town(town)
    study = town.write()
    before = covered(study)
    repairs = audited(study).repairs
    gates = repairs[repairs["kind"] == "no_inner_path"]
    assert len(gates) == 9
    assert gates["people"].max() > 0
    known = gpd.read_file(town.folder / "gates.geojson")
    for _, row in gates.iterrows():
        place = shapely.Point(row["from_lon"], row["from_lat"])
        new = gpd.GeoDataFrame({"block_id": [row["about"][:3]]}, geometry=[place], crs="EPSG:4326")
        gpd.pd.concat([known, new]).to_file(town.folder / "gates.geojson")
        assert row["people"] == covered(study) - before


def test_the_command_writes_a_list_to_walk_with(broken: Any, tmp_path: Path) -> None:
    out = tmp_path / "survey"
    result = call("audit", broken.write(), "--out", out, "--lang", "en")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[1].startswith("1 repairs listed: near miss 1")
    assert lines[2].startswith("1. 40 people: near miss, 4 m")
    assert lines[-1] == str(out / "repairs.xlsx")
    files = ["repairs.csv", "repairs.gpkg", "repairs.json", "repairs.xlsx"]
    assert sorted(path.name for path in out.iterdir()) == files
    sheet = load_workbook(out / "repairs.xlsx").worksheets[0]
    assert [cell.value for cell in sheet[2]][:3] == [1, "疑似断点 / near miss", 40]
    rows = list(csv.reader((out / "repairs.csv").read_text("utf-8-sig").splitlines()))
    assert len(rows) == 2
    lon, lat = (
        float(rows[1][rows[0].index(name)])
        for name in ("起点经度 from longitude", "起点纬度 from latitude")
    )
    layer = gpd.read_file(out / "repairs.gpkg", layer="repairs")
    assert (layer.geometry[0].x, layer.geometry[0].y) == pytest.approx((lon, lat), abs=1e-6)
    assert set(pyogrio.list_layers(out / "repairs.gpkg")[:, 0]) == {"repairs", "links"}
    manifest = json.loads((out / "repairs.json").read_text(encoding="utf-8"))
    assert manifest["program"] == "carecircle"
    data = json.loads(call("audit", broken.write(), "--out", out, "--json", "--quiet").stdout)
    assert data["repairs"][0]["people"] == 40
    assert data["found"]["near_miss"] == 1
    chinese = call("audit", broken.write(), "--out", out, "--lang", "zh", "--quiet").stdout
    assert "1. 40 人：疑似断点" in chinese


def test_a_survey_never_replaces_the_results_of_a_run(town: Any, tmp_path: Path) -> None:
    study, out = town.write(), tmp_path / "out"
    assert call("run", study, "--out", out).exit_code == 0
    refused = call("audit", study, "--out", out, "--quiet")
    assert refused.exit_code == 3
    assert "E-OUT-002" in refused.stderr
    assert call("audit", study, "--out", out, "--force").exit_code == 0
    assert {"map.html", "manifest.json", "repairs.csv"} <= {path.name for path in out.iterdir()}


def test_a_sound_town_has_an_empty_list(town: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = call("audit", town.write(), "--out", out, "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "0 repairs listed: none" in result.stdout
    assert len(gpd.read_file(out / "repairs.gpkg", layer="repairs")) == 0
    assert call("audit", town.write(), "--out", out, "--near-m", 0).exit_code == 2
