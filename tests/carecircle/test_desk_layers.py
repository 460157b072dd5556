"""Gates, units, opening dates and repeated sites, from the study file to the results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pytest
import shapely
from pyproj import Geod
from shapely.geometry import Point

from carecircle import Study, StudyError
from carecircle.coverage.summary import study_summary
from carecircle.maps.geopackage import write_geopackage
from carecircle.maps.workbook import write_workbook

GEOD = Geod(ellps="WGS84")


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(GEOD.inv(*a, *b)[2])


def points(town: Any, name: str, rows: list[dict[str, Any]]) -> None:
    places = [Point(row.pop("at")) for row in rows]
    path = town.folder / name
    gpd.GeoDataFrame(rows, geometry=places, crs="EPSG:4326").to_file(path, engine="pyogrio")


def middle(town: Any) -> tuple[float, float]:
    return town.quarters[0]["lng"], town.quarters[0]["lat"]


def about_facilities(result: Any) -> list[str]:
    return [record["id"] for record in result.records if record["id"].startswith("R-FAC")]


@pytest.fixture
def gated(town: Any) -> Any:
    """The first quarter has one gate, in the middle of the eastern side of its 100 m square."""
    lon, lat = middle(town)
    east, _, _ = GEOD.fwd(lon, lat, 90, 50)
    points(town, "gates.gpkg", [{"at": (east, lat), "block_id": "q00"}])
    town.study += """
            [entrances]
            path = "gates.gpkg"
    """
    return town


def test_people_leave_a_walled_quarter_by_its_gate(gated: Any) -> None:
    """Home to gate 50 m x 1.3, to the eastern street, down it, and along the southern one."""
    result = Study.from_file(gated.write()).run()
    lon, lat = middle(gated)
    west, south, east = lon - 0.001, lat - 0.001, lon + 0.001
    to_street = metres((lon, lat), (east, lat)) - 50
    along = metres((east, lat), (east, south)) + metres((east, south), (west, south))
    minutes = (1.3 * 50 + to_street + along) / 0.8 / 60
    homes = result.circles[0].coverage.homes
    assert homes.loc["q00", "minutes"] == pytest.approx(minutes, abs=0.02)
    assert result.residential["gate_rule"].tolist() == ["entrances", *["nearest_edge"] * 8]
    assert any(
        sentence.id == "gates" and "1 quarters" in sentence.en for sentence in result.assumptions
    )


def test_a_gate_changes_nobody_elses_minutes(gated: Any) -> None:
    with_gate = Study.from_file(gated.write()).run()
    gated.study = gated.study.split("[entrances]")[0]
    without = Study.from_file(gated.write()).run()
    one, other = (
        run.circles[0].coverage.homes["minutes"].drop("q00") for run in (with_gate, without)
    )
    assert one.tolist() == other.tolist()


def test_the_rule_is_in_the_geopackage_and_the_workbook(gated: Any, tmp_path: Path) -> None:
    result = Study.from_file(gated.write()).run()
    write_geopackage(tmp_path / "results.gpkg", result)
    quarters = gpd.read_file(tmp_path / "results.gpkg", layer="quarters")
    assert dict(zip(quarters["block_id"], quarters["gate_rule"], strict=True))["q00"] == "entrances"
    write_workbook(tmp_path / "tables.xlsx", result, study_summary(result))
    header, *rows = openpyxl.load_workbook(tmp_path / "tables.xlsx")["小区 Quarters"].values
    column = header.index("出入口规则\ngate rule")
    told = ["出入口图层 entrances", *["最近道路 nearest street"] * 8]
    assert [row[column] for row in rows] == told


def test_a_gate_far_from_every_street_is_refused(gated: Any) -> None:
    points(gated, "gates.gpkg", [{"at": (106.5505, 29.561), "block_id": "q00"}])  # 48 m
    gated.study += """
            [snap]
            warn_m = 10
            limit_m = 20
    """
    with pytest.raises(StudyError) as refused:
        Study.from_file(gated.write()).read()
    assert [problem.id for problem in refused.value.problems] == ["E-GAT-003"]


def test_a_facility_is_reached_at_its_nearest_entrance(town: Any) -> None:
    """The station's point stays at the corner; a door in front of a home round it is used."""
    before = Study.from_file(town.write()).run().circles[0].coverage.homes
    far = town.quarters[1]
    lon, lat = far["lng"] - 0.001, far["lat"]
    rows = [
        {"at": (town.stations[0]["lng"], town.stations[0]["lat"]), "facility_id": "s1"},
        {"at": (lon, lat), "facility_id": "s1"},
    ]
    points(town, "doors.gpkg", rows)
    town.study += """
            [entrances]
            path = "doors.gpkg"
    """
    after = Study.from_file(town.write()).run().circles[0].coverage.homes
    leg = metres((far["lng"], lat), (lon, lat))
    assert after.loc[far["code"], "minutes"] == pytest.approx(leg / 0.8 / 60, abs=0.02)
    assert after.loc[far["code"], "minutes"] < before.loc[far["code"], "minutes"]
    assert (after["minutes"] <= before["minutes"]).all()


def test_an_entrance_far_from_its_facility_is_refused(town: Any) -> None:
    """Nobody walks from a door to a station a kilometre off for nothing."""
    points(town, "doors.gpkg", [{"at": (106.555, 29.565), "facility_id": "s1"}])
    town.study += """
            [entrances]
            path = "doors.gpkg"
    """
    with pytest.raises(StudyError) as refused:
        Study.from_file(town.write()).read()
    assert [problem.id for problem in refused.value.problems] == ["E-GAT-004"]


def test_a_stroller_finds_the_gates_too(gated: Any) -> None:
    """Without steps in town the walker without steps has the same ways."""
    adult = gated.study.replace(
        'service = "elderly"\n            minutes',
        'walker = "norm"\n            service = "elderly"\n            minutes',
    )
    gated.study = adult
    norm = Study.from_file(gated.write()).run().circles[0].coverage.homes["minutes"]
    gated.study = adult.replace('"norm"', '"stroller"')
    stroller = Study.from_file(gated.write()).run().circles[0].coverage.homes["minutes"]
    assert norm.tolist() == stroller.tolist()


def test_a_planned_station_covers_nobody_and_is_told(town: Any) -> None:
    town.stations[0]["opened"] = ""
    town.stations.append({**town.stations[0], "code": "s2", "lng": 106.556, "opened": "2026-01-02"})
    result = Study.from_file(town.write()).run()
    assert result.facilities.index.tolist() == ["s1"]
    assert about_facilities(result) == ["R-FAC-003"]
    assert any(sentence.id == "facilities-left-out" for sentence in result.assumptions)


def test_every_level_of_units_is_reported(town: Any) -> None:
    """A district over everything, and towns over the western and the middle column of blocks."""
    west, south, north = 106.55, 29.56, 29.566
    boxes = [shapely.box(west + k * 0.002, south, west + (k + 1) * 0.002, north) for k in (0, 1)]
    whole = shapely.box(west, south, west + 0.006, north)
    for name, shapes, columns in (
        ("district", [whole], {"code": ["d"], "name": ["区"]}),
        ("town", boxes, {"code": ["t0", "t1"], "name": ["甲镇", "乙镇"], "up": ["d", "d"]}),
    ):
        layer = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")
        layer.to_file(town.folder / f"{name}.gpkg")
        parent = ', parent = "up"' if name == "town" else ""
        town.study += f"""
            [[admin]]
            path = "{name}.gpkg"
            level = "{name}"
            columns = {{ id = "code", name = "name"{parent} }}
        """
    result = Study.from_file(town.write()).run()
    units = result.circles[0].coverage.units
    assert units is not None
    found = units.reset_index()[["admin_id", "level", "parent", "people"]].to_numpy().tolist()
    assert found == [
        ["d", "district", "", 180],
        ["t0", "town", "d", 60],
        ["t1", "town", "d", 60],
        ["", "town", "", 60],
    ]
    assert result.facilities.loc["s1", "town_id"] == "t0"


def nursing_homes(town: Any, *names: str) -> None:
    """The town's facilities come from OpenStreetMap: stations at the corner, 1 m apart."""
    path = town.folder / "streets.osm"
    nodes = "".join(
        f'<node id="{90 + k}" version="1" lon="{106.55 + k * 1e-5:.7f}" lat="29.56">'
        f'<tag k="amenity" v="nursing_home"/><tag k="name" v="{name}"/></node>'
        for k, name in enumerate(names)
    )
    path.write_text(path.read_text().replace("<way", nodes + "<way", 1), encoding="utf-8")
    head, tail = town.study.split("[[facilities]]")
    town.study = head + "[[circles]]" + tail.split("[[circles]]")[1]


def test_one_site_of_openstreetmap_counts_once_unless_told_otherwise(town: Any) -> None:
    nursing_homes(town, "幸福养老院", "幸福 养老院", "和平敬老院")
    result = Study.from_file(town.write()).run()
    assert result.facilities.index.tolist() == ["node/90", "node/92"]
    merged = [record for record in result.records if record["id"] == "R-FAC-007"]
    assert len(merged) == 1
    assert "node/90 幸福养老院; node/91" in merged[0]["what"]["en"]
    town.study += """
            [osm]
            merge_same_site = false
    """
    kept = Study.from_file(town.write()).run()
    assert len(kept.facilities) == 3
    assert about_facilities(kept) == ["R-FAC-008"]


def test_the_studys_own_rows_are_only_reported(town: Any) -> None:
    town.stations.append({**town.stations[0], "code": "s2"})
    result = Study.from_file(town.write()).run()
    assert len(result.facilities) == 2
    assert about_facilities(result) == ["R-FAC-008"]
    assert any(sentence.id == "same-sites" for sentence in result.assumptions)


def test_doors_of_what_does_not_count_go_with_it(town: Any) -> None:
    """A door of a planned station and a gate of a quarter outside the area; others stay."""
    lon, lat = middle(town)
    town.stations[0]["opened"] = ""
    town.stations.append({**town.stations[0], "code": "s2", "opened": "2026-01-02"})
    far = town.quarters[8]
    rows = [
        {"at": (lon + 0.0005, lat), "block_id": "q00", "facility_id": None},
        {"at": (town.stations[1]["lng"], town.stations[1]["lat"]), "block_id": None,
         "facility_id": "s2"},
        {"at": (far["lng"], far["lat"]), "block_id": far["code"], "facility_id": None},
    ]  # fmt: skip
    points(town, "gates.gpkg", rows)
    west = shapely.box(106.55, 29.56, 106.554, 29.566)
    gpd.GeoDataFrame(geometry=[west], crs="EPSG:4326").to_file(town.folder / "area.gpkg")
    town.study += """
            [entrances]
            path = "gates.gpkg"
            [area]
            path = "area.gpkg"
    """
    result = Study.from_file(town.write()).run()
    told = [record for record in result.records if record["id"] == "R-GAT-002"]
    assert len(told) == 1 and "2 entrances" in told[0]["what"]["en"]
    assert result.residential.loc["q00", "gate_rule"] == "entrances"
    points(town, "gates.gpkg", [{"at": (lon, lat), "block_id": "nobody"}])
    with pytest.raises(StudyError) as refused:
        Study.from_file(town.write()).read()
    assert [problem.id for problem in refused.value.problems] == ["E-GAT-001"]


def test_two_sources_of_facilities_are_summed_up_in_one_sentence(town: Any) -> None:
    """Own stations for elderly care, childcare from OpenStreetMap; each holds a site twice."""
    path = town.folder / "streets.osm"
    tags = [
        {"amenity": "childcare", "name": "宝宝屋"},
        {"amenity": "childcare", "name": "宝宝屋"},
        {"amenity": "childcare", "name": "未来园", "opening_date": "2099"},
    ]
    nodes = "".join(
        f'<node id="{90 + k}" version="1" lon="{106.55 + k * 1e-5:.7f}" lat="29.56">'
        + "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tag.items())
        + "</node>"
        for k, tag in enumerate(tags)
    )
    path.write_text(path.read_text().replace("<way", nodes + "<way", 1), encoding="utf-8")
    town.stations[0]["opened"] = ""
    town.stations.append({**town.stations[0], "code": "s2"})
    town.stations.append({**town.stations[0], "code": "s3", "name": "和平驿站", "opened": "2099"})
    town.study += """
            [[circles]]
            service = "childcare"
            minutes = 15
            [people]
            age_0_2_share = 0.03
    """
    sentences = Study.from_file(town.write()).run().assumptions
    (left_out,) = [said for said in sentences if said.id == "facilities-left-out"]
    assert left_out.en.startswith("2 facilities")
    (sites,) = [said for said in sentences if said.id == "same-sites"]
    assert "1 sites are mapped several times" in sites.en
    assert "1 sites may have been entered several times" in sites.en


def test_how_many_quarters_are_urban(town: Any) -> None:
    """Six of nine lie in units; the town's flag counts before its district's."""
    west, south, north = 106.55, 29.56, 29.566
    boxes = [shapely.box(west + k * 0.002, south, west + (k + 1) * 0.002, north) for k in (0, 1)]
    for name, shapes, urban in (
        ("district", [shapely.union_all(boxes)], ["是"]),
        ("town", boxes, ["否", None]),
    ):
        layer = gpd.GeoDataFrame({"urban": urban}, geometry=shapes, crs="EPSG:4326")
        layer.to_file(town.folder / f"{name}.gpkg")
        town.study += f"""
            [[admin]]
            path = "{name}.gpkg"
            level = "{name}"
        """
    sentences = Study.from_file(town.write()).run().assumptions
    (urban,) = [said.en for said in sentences if said.id == "urban"]
    assert urban == (
        "Of 9 quarters 3 lie in urban units (33.3 %) and 3 in rural ones; of 3 it is not told."
    )
