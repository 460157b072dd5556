"""The GeoPackage, read back with GDAL and with SQLite."""

import json
import math
import sqlite3
import time
from dataclasses import replace

import geopandas as gpd
import pyogrio
import pytest

from carecircle.maps.geopackage import LAYERS, row_counts, write_geopackage


@pytest.fixture(scope="module")
def package(tmp_path_factory, friendly):
    path = tmp_path_factory.mktemp("gpkg") / "results.gpkg"
    write_geopackage(path, friendly.study)
    return path


def test_every_layer_holds_all_circles(package):
    # two circles of 30 quarters and homes; two stations and six areas in the first alone
    assert row_counts(package) == {
        "quarters": 60,
        "homes": 60,
        "facilities": 2,
        "isochrones": 6,
        "rings": 6,
        "catchments": 6,
        "reached_streets": 6,
        "reach": 3,
        "neighbourhoods": 4,
        "candidates": 8,
        "layer_styles": 10,
    }
    assert set(pyogrio.read_dataframe(package, layer="quarters")["circle"]) == {
        "elderly",
        "childcare",
    }


def test_layers_are_in_the_crs_of_the_input_and_lie_where_they_were(package, friendly):
    for layer, geometry in LAYERS.items():
        found = pyogrio.read_info(package, layer=layer)
        assert found["crs"] == "EPSG:4490"
        assert found["geometry_type"] == geometry
    quarters = gpd.read_file(package, layer="quarters").iloc[:30].to_crs(friendly.study.crs)
    shift_m = quarters.geometry.centroid.distance(
        friendly.study.residential.geometry.centroid, align=False
    )
    assert shift_m.max() < 0.001


def test_figures_stay_what_they_are(package, friendly):
    quarters = gpd.read_file(package, layer="quarters")
    elderly = quarters[quarters["circle"] == "elderly"].set_index("block_id")
    expected = friendly.study.circles[0].coverage.quarters
    for column in ("people", "people_covered", "people_uncovered", "people_excluded"):
        assert elderly[column].tolist() == expected[column].tolist()
    assert elderly["walk_minutes"].tolist() == expected["minutes"].tolist()
    assert quarters.loc[quarters["circle"] == "childcare", "walk_minutes"].isna().all()
    candidates = gpd.read_file(package, layer="candidates").iloc[:4]
    assert candidates["site_order"].fillna(0).tolist() == [1, 2, 0, 3]


def test_the_measures_of_a_quarter_are_those_of_the_summary(package, friendly):
    quarters = gpd.read_file(package, layer="quarters").set_index(["circle", "block_id"])
    names = {"places_per_1000": "per_1000_2sfca"}
    columns = ("percent_within", "second_minutes", "facilities_within", "people_two", "probability",
               "places_per_1000", "demand", "placed", "without_place", "out_of_reach")  # fmt: skip
    for circle in friendly.summary["circles"]:
        for told in circle["access"]["quarters"]:
            row = quarters.loc[(circle["id"], told["block_id"])]
            assert row["at_speeds"] == told["at_speeds"]
            for column in columns:
                value = told.get(names.get(column, column))
                found = None if math.isnan(row[column]) else round(float(row[column]), 3)
                assert found == value, column
    assert quarters.loc["elderly", "placed"].sum() == 40


def test_columns_are_the_named_ones_and_differ_by_more_than_case(package, private_value):
    for layer in LAYERS:
        columns = [*pyogrio.read_info(package, layer=layer)["fields"], "fid", "geom"]
        assert len({column.lower() for column in columns}) == len(columns)
        assert not any("phone" in column for column in columns)
    assert private_value.encode() not in package.read_bytes()


def test_the_file_is_a_sound_geopackage(package):
    connection = sqlite3.connect(package)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA user_version").fetchone() == (10_200,)
    finally:
        connection.close()


def test_names_are_read_back_without_control_characters(tmp_path, hostile, hostile_names):
    write_geopackage(tmp_path / "r.gpkg", hostile.study)
    found = gpd.read_file(tmp_path / "r.gpkg", layer="quarters")["name"].iloc[:17].tolist()
    changed = {"a\nb\u2028c": "a b c", "a\x00b": "ab"}
    assert found == [changed.get(name, name) for name in hostile_names]


def test_block_ids_of_a_neighbourhood_can_be_read_again(package, friendly):
    found = gpd.read_file(package, layer="neighbourhoods")["block_ids"].iloc[:2]
    expected = friendly.study.circles[0].neighbourhoods["block_ids"]
    assert [json.loads(text) for text in found] == expected.tolist()


def test_same_bytes_at_another_time(tmp_path, package, friendly):
    time.sleep(0.01)
    write_geopackage(tmp_path / "again.gpkg", friendly.study)
    assert (tmp_path / "again.gpkg").read_bytes() == package.read_bytes()


def test_the_date_in_the_file_is_that_of_the_study(tmp_path, friendly):
    write_geopackage(tmp_path / "r.gpkg", replace(friendly.study, date="2031-12-31"))
    connection = sqlite3.connect(tmp_path / "r.gpkg")
    try:
        dates = {row[0] for row in connection.execute("SELECT last_change FROM gpkg_contents")}
    finally:
        connection.close()
    assert dates == {"2031-12-31T00:00:00.000Z"}
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_layers_without_a_row_are_there_all_the_same(tmp_path, bare):
    write_geopackage(tmp_path / "r.gpkg", bare.study)
    counts = row_counts(tmp_path / "r.gpkg")
    assert list(counts) == [*LAYERS, "layer_styles"]
    assert counts.pop("layer_styles") == len(LAYERS)
    assert {name for name, rows in counts.items() if rows} == {"quarters", "homes"}
