"""Candidates and exclusions from a study file to summary.json, on the town of nine blocks."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

from carecircle.__main__ import app
from carecircle.study import Study

WEST, SOUTH, STEP = 106.55, 29.56, 0.002  # as in conftest.py
LAYER = """
    [[sites.candidates]]
    path = "places.csv"
    crs = "EPSG:4326"
    columns = { id = "code", name = "name", kind = "kind", area_m2 = "m2", services = "for" }
"""


def places(town: Any, *rows: tuple[str, str, float, float, str, str]) -> None:
    """Candidates at places counted in street blocks."""
    lines = ["code,name,kind,lng,lat,m2,for"]
    for code, name, column, row, area, services in rows:
        lon, lat = WEST + column * STEP, SOUTH + row * STEP
        lines.append(f"{code},{name},地块,{lon:.7f},{lat:.7f},{area},{services}")
    (town.folder / "places.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


GOOD = ("p1", "东地块", 2.0, 2.0, "300", "")
TWIN = ("p2", "幸福驿站", 0.1, 0.0, "300", "养老")  # 19 m from the station of this name
FAR = ("p3", "山上", 9.0, 2.0, "300", "")


def command(town: Any, *words: str) -> Any:
    return CliRunner().invoke(app, [*words, "--lang", "en", "--quiet"])


def summary_of(town: Any) -> dict[str, Any]:
    path = town.write()
    out = town.folder / "out"
    result = command(town, "run", str(path), "--out", str(out), "--force")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return found


def refused(town: Any, id: str, *says: str) -> None:
    """``run`` ends with the message, exit code 3, and writes nothing."""
    path = town.write()
    out = town.folder / "out"
    result = command(town, "run", str(path), "--out", str(out))
    assert result.exit_code == 3, result.output
    assert any(line.startswith(id) for line in result.stderr.splitlines()), result.stderr
    for word in says:
        assert word in result.stderr
    assert not out.exists()


def test_candidates_of_a_layer_are_used_and_the_others_named(town: Any) -> None:
    places(town, GOOD, TWIN, FAR)
    town.study += LAYER
    summary = summary_of(town)
    sites = summary["circles"][0]["sites"]
    assert [site["candidate_id"] for site in sites["chosen"]] == ["p1"]
    assert (sites["chosen"][0]["name"], sites["chosen"][0]["kind"]) == ("东地块", "plot")
    assert (sites["candidates"], sites["spacing_m"], sites["from_layers"]) == (1, None, 1)
    out = {row["candidate_id"]: row["reason"] for row in sites["left_out"]}
    assert out == {"p2": "existing", "p3": "off_network"}
    said = [one["en"] for one in summary["assumptions"] if one["id"] == "candidates-elderly"]
    assert "1 of candidate layers" in said[0] and "existing facility: 1" in said[0]
    layer = gpd.read_file(town.folder / "out" / "results.gpkg", layer="candidates")
    assert layer["candidate_id"].tolist() == ["p1"]
    assert layer["area_m2"].tolist() == [300]


def test_check_tells_them_too(town: Any) -> None:
    places(town, GOOD, TWIN, FAR)
    town.study += LAYER
    result = command(town, "check", str(town.write()))
    assert result.exit_code == 0
    assert "R-SITE-023" in result.stdout
    for word in ("p2 幸福驿站", "s1 幸福驿站", "p3 山上", "snap limit"):
        assert word in result.stdout


def test_generated_and_listed_places_together(town: Any) -> None:
    places(town, GOOD)
    town.study += "generate = true\n" + LAYER
    sites = summary_of(town)["circles"][0]["sites"]
    assert sites["from_layers"] == 1
    made = sites["generated"]
    assert made["left"] == sites["candidates"] - 1 > 0
    assert made["possible"] == made["left"] + sum(made["removed"].values())


def test_a_polygon_opens_at_its_outline(town: Any) -> None:
    lon, lat = WEST + 2.5 * STEP, SOUTH + 2.5 * STEP
    plot = shapely.box(lon - 0.0002, lat - 0.0008, lon + 0.0002, lat + 0.0002)
    gpd.GeoDataFrame({"code": ["p"]}, geometry=[plot], crs=4326).to_file(town.folder / "plots.gpkg")
    town.study += '[[sites.candidates]]\npath = "plots.gpkg"\ncolumns = { id = "code" }\n'
    town.study = town.study.replace("minutes = 5", "minutes = 10")
    result = Study.from_file(town.write()).run()
    door = result.circles[0].candidates.to_crs(4326).geometry.iloc[0]
    # the street to the south is nearest: 0.0002 degrees from the southern side
    assert door.y == pytest.approx(lat - 0.0008, abs=1e-6)
    assert lon - 0.0002 - 1e-6 <= door.x <= lon + 0.0002 + 1e-6
    assert "R-SITE-022" in [record["id"] for record in result.records]


def test_must_and_forbidden(town: Any) -> None:
    places(town, GOOD, ("p4", "西", 3.0, 0.0, "", ""))
    town.study += 'must = ["p4"]\n' + LAYER
    sites = summary_of(town)["circles"][0]["sites"]
    assert [site["candidate_id"] for site in sites["chosen"]] == ["p4"]
    assert sites["must"] == ["p4"]
    town.study = town.study.replace("must", "forbidden")
    sites = summary_of(town)["circles"][0]["sites"]
    assert [site["candidate_id"] for site in sites["chosen"]] == ["p1"]
    assert sites["left_out"][0]["reason"] == "forbidden"


@pytest.mark.parametrize(
    ("keys", "id", "says"),
    [
        ('must = ["p9"]', "E-SITE-023", "p9"),
        ('must = ["p9"]', "E-SITE-023", "p1"),
        ('forbidden = ["c1"]', "E-SITE-023", "c1"),
        ('must = ["p1"]\nforbidden = ["p1"]', "E-SITE-024", "p1"),
        ('must = ["p2"]', "E-SITE-025", "existing facility"),
        ('must = ["p3"]', "E-SITE-025", "snap limit"),
        ('must = ["p1", "p5"]', "E-SITE-026", "2 sites"),
        ('must = ["p6"]', "E-SITE-025", "not allowed"),
    ],
)
def test_ids_that_cannot_be_asked_for(town: Any, keys: str, id: str, says: str) -> None:
    more = ("p5", "", 2.0, 1.0, "", ""), ("p6", "", 1.0, 2.0, "", "托育")
    places(town, GOOD, TWIN, FAR, *more)
    town.study += f"{keys}\n" + LAYER
    refused(town, id, says)


def test_ids_without_a_layer(town: Any) -> None:
    town.study += 'must = ["c1"]\n'
    refused(town, "E-SITE-023", "no lasting ids")


def test_a_layer_with_no_place_to_use(town: Any) -> None:
    places(town, TWIN, FAR)
    town.study += LAYER
    refused(town, "E-SITE-028", "existing facility: 1", "snap limit: 1")
    places(town)
    refused(town, "E-LAY-")


def test_nothing_left_after_exclusions(town: Any) -> None:
    everywhere = shapely.box(WEST - 1, SOUTH - 1, WEST + 1, SOUTH + 1)
    ground = gpd.GeoDataFrame(geometry=[everywhere], crs=4326)
    ground.to_file(town.folder / "ground.gpkg")
    town.study += '[[sites.exclude.layers]]\npath = "ground.gpkg"\n'
    refused(town, "E-SITE-028", "excluded ground")
    town.study = town.study.replace("count = 1", "count = 0")
    assert summary_of(town)["circles"][0]["sites"]["candidates"] == 0


@pytest.mark.parametrize(
    ("keys", "id", "column"),
    [
        ("max_slope_percent = 8", "E-SITE-027", "sites.exclude.max_slope_percent"),
        ("noise_db = 60", "E-STU-002", "sites.exclude.noise_db"),
        ('roads = ["motorway"]', "E-STU-006", "sites.exclude.roads.0"),
        ("facility_m = 0", "E-STU-007", "sites.exclude.facility_m"),
        ("least_area_m2 = { health = 3 }", "E-STU-002", "sites.exclude.least_area_m2.health"),
    ],
)
def test_exclusions_that_cannot_be(town: Any, keys: str, id: str, column: str) -> None:
    town.study += f"[sites.exclude]\n{keys}\n"
    refused(town, id, column)


def test_what_an_exclusion_removed_is_counted_and_printed(town: Any) -> None:
    town.study += "[sites.exclude]\nfacility_m = 500\nwater_m = 10\n"
    summary = summary_of(town)
    made = summary["circles"][0]["sites"]["generated"]
    assert made["removed"]["facility"] > 0
    said = [one["en"] for one in summary["assumptions"] if one["id"] == "candidates-elderly"]
    assert f"same service: {made['removed']['facility']}" in said[0]
    assert "along the network" in said[0]


def test_road_classes_of_the_extract(town: Any) -> None:
    path = town.folder / "streets.osm"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('v="residential"', 'v="primary"', 1), encoding="utf-8")
    town.study += '[sites.exclude]\nroads = ["primary"]\n'
    network = Study.from_file(town.write()).read().network
    assert network.edge_class is not None
    assert sorted(set(network.edge_class.tolist())) == [0, 3]
    assert "generated" in summary_of(town)["circles"][0]["sites"]


def test_generate_false_needs_a_layer(town: Any) -> None:
    town.study += "generate = false\n"
    refused(town, "E-STU-003", "[[sites.candidates]]")


def test_candidates_in_memory_are_those_of_the_file(town: Any) -> None:
    places(town, GOOD, TWIN, FAR)
    town.study += LAYER
    by_file = Study.from_file(town.write()).run()
    rows = gpd.read_file(town.folder / "places.csv")
    points = gpd.points_from_xy(rows["lng"].astype(float), rows["lat"].astype(float))
    layer = gpd.GeoDataFrame(rows[["name", "m2"]], geometry=points, crs=4326)
    layer = layer.set_index(rows["code"])
    homes = gpd.read_file(town.folder / "quarters.csv")
    xy = gpd.points_from_xy(homes["lng"].astype(float), homes["lat"].astype(float))
    numbers = homes[["people", "old"]].astype(int)
    residential = gpd.GeoDataFrame(numbers, geometry=xy, crs=4326).set_index(homes["code"])
    station = gpd.GeoDataFrame(
        {"name": ["幸福驿站"]}, geometry=gpd.points_from_xy([WEST], [SOUTH]), crs=4326
    ).set_index(pd.Index(["s1"], name="code"))
    study = Study.from_layers(
        "Grid town",
        town.folder / "streets.osm",
        residential,
        station,
        candidates=layer,
        candidates_options={"columns": {"area_m2": "m2"}},
        residential_options={
            "cell_m": 100,
            "columns": {"population": "people", "age_60_plus": "old"},
        },
        facilities_options={"service": "elderly"},
        circles=[{"service": "elderly", "minutes": 5, "target_percent": 50}],
        sites={"count": 1},
    )
    found = study.run().circles[0]
    assert found.candidates.index.tolist() == by_file.circles[0].candidates.index.tolist() == ["p1"]
    assert found.candidates["area_m2"].tolist() == [300]
    assert found.plan.people_gained == by_file.circles[0].plan.people_gained


def test_a_closed_station_nearby_is_told_as_type(town: Any) -> None:
    lon, lat = town.quarters[-1]["lng"], town.quarters[-1]["lat"]
    closed = {"code": "s2", "name": "旧站", "lng": lon, "lat": lat, "status": "已关闭"}
    town.stations = [{**town.stations[0], "status": ""}, closed]
    circle = summary_of(town)["circles"][0]
    found = circle["neighbourhoods"]
    assert sum(one["people"] for one in found) == circle["people"]["uncovered"]
    told = sum(one["people_distance"] + one["people_type"] for one in found)
    assert told == circle["people"]["uncovered"]
    # it stands in the middle of the far corner's block of 20: 97 m to the street and back
    assert sum(one["people_type"] for one in found) == 20
    assert {id for one in found for id in one["other_facilities"]} == {"s2"}
    assert sorted(one["rank_need"] for one in found) == [one["rank"] for one in found]
    layer = gpd.read_file(town.folder / "out" / "results.gpkg", layer="neighbourhoods")
    assert layer["people_type"].tolist() == [one["people_type"] for one in found]
    assert layer["age_60_plus_uncovered"].tolist() == [one["people"] for one in found]
