"""Why a home needs so many minutes, against the run and against what can be worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from openpyxl import load_workbook
from pyproj import Geod
from rasterio.transform import Affine
from typer.testing import CliRunner, Result

from carecircle import Study
from carecircle.__main__ import app
from carecircle.explain import explain_home
from carecircle.steps import Steps

STEP = 0.002


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def all_answers(path: Path) -> dict[str, Any]:
    study = Study.from_file(path)
    ids = study.read().homes.index
    return {id: explain_home(study, id, None, Steps()).answers[0] for id in ids}


@pytest.mark.parametrize("direction", ["to", "from", "round_trip", "worse"])
def test_every_walk_is_that_of_the_run_and_the_sum_of_its_parts(town: Any, direction: str) -> None:
    town.stations.append({**town.stations[0], "code": "s2", "lng": town.stations[0]["lng"] + STEP})
    town.study = town.study.replace("minutes = 5", f'minutes = 15\ndirection = "{direction}"')
    path = town.write()
    homes = Study.from_file(path).run().circles[0].coverage.homes
    for id, answer in all_answers(path).items():
        near, second = answer.walks
        assert near.ms / 60_000 == homes["minutes"][id]
        assert near.facility_id == homes["facility_id"][id]
        assert second.facility_id != near.facility_id
        assert near.ms <= second.ms
        for walk in answer.walks:
            assert len(walk.ways) == (2 if direction in ("round_trip", "worse") else 1)
            for way in walk.ways:
                assert sum(way.parts_ms.values()) == way.ms
                assert sum(stretch.ms for stretch in way.stretches) == way.ms
            times = [way.ms for way in walk.ways]
            half = direction == "round_trip"
            assert walk.ms == ((sum(times) + 1) // 2 if half else max(times))


@pytest.fixture
def hillside(town: Any) -> Any:
    """The town on a slope of 10 % up to the south-west, where its station stands."""
    cell = 0.0002  # about 20 m
    row, column = np.mgrid[0:100, 0:100]
    east, north = column * cell * 96_900, (99 - row) * cell * 110_900
    values = 500 - 0.1 * (east + north) / np.sqrt(2)
    with rasterio.open(
        town.folder / "hill.tif", "w", driver="GTiff", count=1, height=100, width=100,
        dtype="float64", crs="EPSG:4326", transform=Affine(cell, 0, 106.545, 0, -cell, 29.575),
    ) as raster:  # fmt: skip
        raster.write(values, 1)
    town.study += '[terrain]\npath = "hill.tif"\nunit = "m"\n'
    town.study += "[walkers.elderly]\nwaits_s = { primary = 60 }\n"
    streets = town.folder / "streets.osm"
    text = streets.read_text()
    main = text.index('<way id="101"')  # the street from west to east north of the station's
    streets.write_text(text[:main] + text[main:].replace("residential", "primary", 1))
    return town


@pytest.mark.parametrize("direction", ["to", "round_trip"])
def test_slopes_and_waits_are_told_apart(hillside: Any, direction: str) -> None:
    """Up at 7.07 % Tobler takes exp(3.5 * 0.0707) as long; a crossing of the main road 60 s."""
    hillside.study = hillside.study.replace(
        "minutes = 5", f'minutes = 40\ndirection = "{direction}"'
    )
    path = hillside.write()
    homes = Study.from_file(path).run().circles[0].coverage.homes
    for id, answer in all_answers(path).items():
        (walk,) = answer.walks
        assert walk.ms / 60_000 == homes["minutes"][id]
        up, *down = (way.parts_ms for way in walk.ways)
        ratio = (up["level"] + up["climb"]) / up["level"]
        assert ratio == pytest.approx(np.exp(3.5 * 0.0707), rel=0.01)
        assert [way["climb"] for way in down] == [0] * len(down)
        rows = [int(row["code"][1]) for row in hillside.quarters if row["code"] == id]
        assert up["waits"] == (60_000 if rows[0] > 0 else 0)
        rise = sum(stretch.rise_m for stretch in walk.ways[0].stretches)
        metres = sum(stretch.mm for stretch in walk.ways[0].stretches if stretch.what == "street")
        assert rise / (metres / 1000) == pytest.approx(0.0707, rel=0.01)


def test_a_walk_worked_out_by_hand(town: Any) -> None:
    """From the middle of the first block 97 m to a street, 111 m down it; 0.8 m/s."""
    geod = Geod(ellps="WGS84")
    home, station = town.quarters[0], town.stations[0]
    leg = geod.inv(home["lng"], home["lat"], home["lng"] - STEP / 2, home["lat"])[2]
    down = geod.inv(station["lng"], home["lat"], station["lng"], station["lat"])[2]
    path = town.write()
    (walk,) = all_answers(path)["q00"].walks
    (way,) = walk.ways
    across = geod.inv(station["lng"], station["lat"], station["lng"] + STEP, station["lat"])[2]
    east = way.stretches[1].mm > 1000 * (down + 1)  # the nearest street is a tie of two
    level = down + (across if east else 0)
    assert way.parts_ms["level"] == pytest.approx(level / 0.8 * 1000, abs=3)
    assert way.parts_ms["straight"] == pytest.approx(leg / 0.8 * 1000, rel=2e-3)
    assert [stretch.what for stretch in way.stretches] == ["straight", "street"]
    assert way.gate is None
    zero = {"climb", "steps", "waits", "inside"}
    assert all(way.parts_ms[part] == 0 for part in zero)


def walled(town: Any) -> tuple[float, float]:
    """The first quarter walled, with one gate in the middle of its north side."""
    squares = []
    for row in town.quarters:
        x, y = row["lng"], row["lat"]
        shape = shapely.box(x - 0.4 * STEP, y - 0.4 * STEP, x + 0.4 * STEP, y + 0.4 * STEP)
        squares.append({**row, "wall": row["code"] == "q00", "geometry": shape})
    gpd.GeoDataFrame(squares, crs="EPSG:4326").to_file(town.folder / "quarters.geojson")
    gate = town.quarters[0]["lng"], round(town.quarters[0]["lat"] + 0.4 * STEP, 7)
    frame = gpd.GeoDataFrame({"block_id": ["q00"]}, geometry=[shapely.Point(gate)], crs="EPSG:4326")
    frame.to_file(town.folder / "gates.geojson")
    town.study = town.study.replace('path = "quarters.csv"', 'path = "quarters.geojson"')
    town.study = town.study.replace("cell_m = 100", "")
    town.study = town.study.replace(
        'population = "people"', 'population = "people"\nwalled = "wall"'
    )
    town.study += '[entrances]\npath = "gates.geojson"\ncolumns = { block_id = "block_id" }\n'
    return gate


def test_the_gate_is_named_and_the_way_to_it_counted(town: Any) -> None:
    lon, lat = walled(town)
    path = town.write()
    (walk,) = all_answers(path)["q00"].walks
    (way,) = walk.ways
    geod = Geod(ellps="WGS84")
    inside = 1.3 * geod.inv(lon, town.quarters[0]["lat"], lon, lat)[2]
    assert (way.gate.number, way.gate.count, way.gate.rule) == (1, 1, "entrances")
    assert way.parts_ms["inside"] == pytest.approx(inside / 0.8 * 1000, rel=2e-3)
    assert [stretch.what for stretch in way.stretches][:3] == ["inside", "straight", "street"]
    said = call("explain", path, "--home", "q00", "--lang", "en", "--quiet").stdout
    assert "gate 1 of 1 (entrances)" in said
    data = json.loads(call("explain", path, "--home", "q00", "--json", "--quiet").stdout)
    gate = data["circles"][0]["walks"][0]["ways"][0]["gate"]
    assert (gate["lon"], gate["lat"]) == pytest.approx((lon, lat), abs=2e-7)


def test_the_command_tells_writes_and_draws_the_way(town: Any, tmp_path: Path) -> None:
    out = tmp_path / "why"
    path = town.write()
    result = call("explain", path, "--home", "q22", "--out", out, "--lang", "en", "--quiet")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "home q22, quarter q22 小区 2-2"
    assert lines[1] == "5-minute elderly-care circle: 20 people, not covered"
    assert lines[2].startswith("  1. s1 幸福驿站  ")
    assert lines[-1] == str(out / "routes.xlsx")
    assert set(pyogrio.list_layers(out / "routes.gpkg")[:, 0]) == {"routes", "places"}
    drawn = gpd.read_file(out / "routes.gpkg", layer="routes")
    places = gpd.read_file(out / "routes.gpkg", layer="places")
    assert places["what"].tolist() == ["home", "facility"]
    line = shapely.line_merge(shapely.union_all(drawn.geometry.to_numpy()))
    tips = {tuple(round(c, 6) for c in tip) for tip in (line.coords[0], line.coords[-1])}
    home, station = town.quarters[-1], town.stations[0]
    ends = {(home["lng"], home["lat"]), (station["lng"], station["lat"])}
    assert tips == {(round(x, 6), round(y, 6)) for x, y in ends}
    book = load_workbook(out / "routes.xlsx")
    assert book.sheetnames == ["路线 Route", "构成 Parts"]
    parts = [cell.value for cell in book.worksheets[1][2]]
    assert parts[5] == sum(parts[6:12]) == drawn["ms"].sum()
    assert "平路" in call("explain", path, "--home", "q22", "--lang", "zh", "--quiet").stdout


def test_an_unknown_home_or_circle_is_said(town: Any) -> None:
    path = town.write()
    for lang in ("en", "zh"):
        home = call("explain", path, "--home", "q23", "--lang", lang, "--quiet")
        assert home.exit_code == 3
        assert home.stderr.startswith("E-ID-005")
        assert "'q23'" in home.stderr
        assert "q22" in home.stderr
        circle = call("explain", path, "--home", "q22", "--circle", "childcare", "--lang", lang)
        assert circle.exit_code == 3
        assert "E-STU-006" in circle.stderr
        assert "elderly" in circle.stderr


def test_a_home_without_a_way_is_told_why(town: Any) -> None:
    town.quarters[0]["lng"] -= 2.2 * STEP
    path = town.write()
    far = call("explain", path, "--home", "q00", "--lang", "en", "--quiet")
    assert far.exit_code == 0
    assert "lies within 300 m" in far.stdout
    data = json.loads(call("explain", path, "--home", "q00", "--json", "--quiet").stdout)
    assert data["circles"][0]["reason"] == "too_far_from_street"
    assert data["circles"][0]["walks"] == []


def test_a_home_that_reaches_no_facility_is_told_so(town: Any, tmp_path: Path) -> None:
    town.study += '[[circles]]\nservice = "childcare"\n'
    town.study = town.study.replace('age_60_plus = "old"', 'age_60_plus = "old"\nage_0_2 = "small"')
    out = tmp_path / "out"
    said = call("explain", town.write(), "--home", "q00", "--out", out, "--lang", "zh", "--quiet")
    assert said.exit_code == 0, said.output
    assert "没有可步行到达的设施" in said.stdout
    only = call("explain", town.write(), "--home", "q00", "--circle", "childcare", "--out", out)
    assert only.exit_code == 0, only.output
    assert len(gpd.read_file(out / "routes.gpkg", layer="routes")) == 0
