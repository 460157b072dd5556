"""Other formats hold what the GeoPackage holds, or are refused."""

import csv
import sys
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecircle.layers.problems import StudyError
from carecircle.maps.exports import (
    LISTS,
    short_names,
    write_csv_tables,
    write_geoparquet,
    write_shapefiles,
)
from carecircle.maps.geopackage import result_layers
from carecircle.maps.text import plain_text
from carecircle.maps.workbook import sheets


def alike(found: pd.Series, meant: pd.Series) -> bool:
    """The same values; a missing text may come back empty, a flag as 0 or 1."""
    if pd.api.types.is_numeric_dtype(meant.dtype) or meant.dtype == "boolean":
        there = pd.to_numeric(found).astype("float64").to_numpy()
        return bool(np.allclose(there, meant.astype("float64").to_numpy(), equal_nan=True))
    plain = [["" if pd.isna(one) else str(one) for one in values] for values in (found, meant)]
    return plain[0] == plain[1]


def test_parquet_holds_every_layer_with_crs_and_boxes(friendly, tmp_path):
    write_geoparquet(tmp_path / "out", friendly.study)
    layers = result_layers(friendly.study)
    assert {path.stem for path in (tmp_path / "out").iterdir()} == set(layers)
    for name, layer in layers.items():
        found = gpd.read_parquet(tmp_path / "out" / f"{name}.parquet")
        assert found.crs == layer.crs
        assert found.geometry.geom_equals(layer.geometry).all()
        assert all(alike(found[column], layer[column]) for column in layer.columns.drop("geometry"))
    box = layers["quarters"].total_bounds
    half = (box[0], box[1], (box[0] + box[2]) / 2, box[3])
    few = gpd.read_parquet(tmp_path / "out" / "quarters.parquet", bbox=half)
    assert 0 < len(few) < len(layers["quarters"])


def test_without_pyarrow_it_is_told(friendly, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(StudyError, match="E-OUT-014"):
        write_geoparquet(tmp_path / "out", friendly.study)
    assert not (tmp_path / "out").exists()


def test_shapefiles_hold_every_value_under_a_name_that_is_told(friendly, tmp_path):
    write_shapefiles(tmp_path / "out", friendly.study)
    with (tmp_path / "out" / "columns.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    for name, layer in result_layers(friendly.study).items():
        found = pyogrio.read_dataframe(tmp_path / "out" / f"{name}.shp")
        told = {row["column"]: row["shapefile"] for row in rows if row["layer"] == name}
        assert set(told) == set(layer.columns) - {"geometry"}
        assert found.crs.to_epsg() == layer.crs.to_epsg()
        assert len(found) == len(layer)
        for column, short in told.items():
            assert short == "" if column in LISTS else alike(found[short], layer[column])
        assert (tmp_path / "out" / f"{name}.cpg").read_text().strip() == "UTF-8"
    assert {row["中文"] for row in rows if row["column"] == "people"} == {"该人群人数"}


def test_a_text_that_would_be_cut_is_refused_with_its_row(friendly, tmp_path):
    residential = friendly.study.residential.copy()
    long = "很" * 85  # 255 bytes
    residential.iloc[2, residential.columns.get_loc("name")] = long
    with pytest.raises(StudyError) as error:
        write_shapefiles(tmp_path / "out", replace(friendly.study, residential=residential))
    first = error.value.problems[0]
    assert (first.id, first.layer, first.row, first.column) == ("E-OUT-015", "quarters", 3, "name")
    assert not (tmp_path / "out").exists()


@given(st.lists(st.text("abcdefg_", min_size=1, max_size=24), unique=True, max_size=120))
def test_short_names_differ_and_fit(columns):
    found = short_names(columns)
    assert list(found) == columns
    assert len(set(found.values())) == len(columns)
    assert all(len(name) <= 10 for name in found.values())


def test_csv_has_the_rows_of_each_sheet(friendly, tmp_path):
    write_csv_tables(tmp_path / "out", friendly.study, friendly.summary)
    meant = {title.replace(" ", "_"): rows for title, _, rows in sheets(*vars(friendly).values())}
    assert {path.stem for path in (tmp_path / "out").iterdir()} == set(meant)
    for name, rows in meant.items():
        with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            assert len(list(csv.reader(file))) == 1 + len(rows)


def test_no_cell_of_a_csv_is_a_formula(hostile, tmp_path):
    write_csv_tables(tmp_path / "out", hostile.study, hostile.summary)
    for path in (tmp_path / "out").iterdir():
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in list(csv.reader(file))[1:]:
                for cell in row:
                    assert not cell.startswith(("=", "@", "+")) or not cell[1:2].isalpha()


@pytest.mark.parametrize("write", [write_geoparquet, write_shapefiles])
def test_the_same_study_gives_the_same_bytes(friendly, tmp_path, write):
    found = []
    for number in range(2):
        write(tmp_path / str(number), friendly.study)
        found.append({p.name: p.read_bytes() for p in (tmp_path / str(number)).iterdir()})
    assert found[0] == found[1]


def test_hostile_names_come_back_as_they_are(hostile, hostile_names, tmp_path):
    write_geoparquet(tmp_path / "parquet", hostile.study)
    write_shapefiles(tmp_path / "shapefile", hostile.study)
    meant = [plain_text(name) for name in hostile.study.residential["name"]]
    parquet = gpd.read_parquet(tmp_path / "parquet" / "quarters.parquet")
    shapes = pyogrio.read_dataframe(tmp_path / "shapefile" / "quarters.shp")
    for found in (parquet, shapes):
        assert list(found["name"][: len(meant)]) == meant
    assert hostile_names[0] in meant
