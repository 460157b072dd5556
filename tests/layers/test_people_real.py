"""Real grids, buildings and the census, counted by other means too. The data lies beside the
repository."""

from __future__ import annotations

import csv
import math
import os
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from carecircle.layers.census import cohorts_of_units, read_census
from carecircle.layers.crs import Frame, working_crs
from carecircle.layers.intake import read_quarters
from carecircle.layers.osm import read_osm
from carecircle.layers.osm_quarters import town_from_osm
from carecircle.layers.people import people_from_floor_area
from carecircle.layers.population_cells import people_in_cells
from carecircle.layers.sources import CellSource, CensusSource, PeopleSettings, ResidentialSource
from carecircle.layers.streets import number_streets

DATA = Path(__file__).parents[2].parent / "shared" / "data"
GROUPS = ("age_60_plus", "age_0_2")


@pytest.fixture
def data() -> Path:
    if not DATA.is_dir():
        assert not os.environ.get("CI"), f"{DATA} is missing, and CI may not skip it"
        pytest.skip(f"real data is not here: {DATA}")
    return DATA


def grid_of(path: Path, **keys):
    """The cell table of a grid, its decimal total, and a frame around it."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    x, y = ([float(row[axis]) for row in rows] for axis in ("lng", "lat"))
    bounds = (min(x), min(y), max(x), max(y))
    columns = {"x": "lng", "y": "lat", "population": "POP_2015"}
    source = CellSource(path=path, crs="EPSG:4326", columns=columns, **keys)
    total = math.fsum(float(row["POP_2015"]) for row in rows)
    return source, total, Frame(working_crs(bounds), bounds)


def census_of(data: Path):
    path = data / "china_census_2020" / "districts_age_2020_selected_cities.csv"
    columns = {"id": "区划代码", "name": "区县", "population": "人口数_合计"}
    source = CensusSource(path=path, columns=columns, base="resident", year=2020)
    return read_census(source, GROUPS), pd.read_csv(path, dtype={"区划代码": str})


def squares(frame: Frame, side_m: float) -> gpd.GeoDataFrame:
    """A chessboard of quarters over the frame, every second square."""
    west, south, east, north = frame.bounds_m
    boxes = [
        shapely.box(x, y, x + side_m, y + side_m)
        for row, y in enumerate(np.arange(south, north, side_m))
        for column, x in enumerate(np.arange(west, east, side_m))
        if (row + column) % 2 == 0
    ]
    return gpd.GeoDataFrame(
        geometry=boxes, index=[f"q{k}" for k in range(len(boxes))], crs=frame.crs
    )


def test_every_row_of_the_census_adds_up(data: Path) -> None:
    census, table = census_of(data)
    assert len(census.counts) == len(table)
    for row in table.to_dict("records"):
        counts = census.counts[row["区划代码"]]
        assert counts["population"] == row["人口数_合计"]
        old = [name for name in table.columns if name[:2] in ("60", "65", "70", "75", "80", "85")]
        assert counts["age_60_plus"] == sum(row[name] for name in old)
        assert counts["age_80_plus"] == row["80到84岁"] + row["85岁以上"]
        assert 2 * counts["age_0_2"] == 2 * row["0岁"] + row["1到4岁"]
        assert 10 * counts["age_3_5"] == 5 * row["1到4岁"] + 2 * row["5到9岁"]


def test_changzhou_grid_with_the_ages_of_its_districts(data: Path) -> None:
    path = data / "china_pop_grids" / "changzhou_population_grid_100m_2015.csv"
    source, total, frame = grid_of(path, cell_m=90)
    quarters = squares(frame, 900)
    counted = people_in_cells(source, quarters, frame)
    assert int(counted.population.sum()) + counted.outside == math.floor(total + 0.5)
    assert min(int(counted.population.sum()), counted.outside) > 400_000

    census, table = census_of(data)
    units = [u for u in table["区划代码"] if u.startswith("3204") and u != "320400"]
    assert len(units) >= 5
    # which district a square lies in, nobody knows here: they take turns
    unit_of = pd.Series([units[k % len(units)] for k in range(len(quarters))], dtype=object)
    found = cohorts_of_units(census, counted.population, unit_of, {})
    for unit, at in unit_of.groupby(unit_of).indices.items():
        people, counts = int(counted.population[at].sum()), census.counts[str(unit)]
        for group in ("age_60_plus", "age_0_2", "age_3_5"):
            exact = people * counts[group] / counts["population"]
            assert abs(int(found[group][at].sum()) - exact) <= 0.5
    assert (found["age_80_plus"] <= found["age_65_plus"]).all()
    assert (found["age_65_plus"] <= found["age_60_plus"]).all()
    apart = found["age_60_plus"] + found["age_0_2"] + found["age_3_5"]
    assert (apart <= counted.population).all()


@pytest.mark.parametrize("cell_m", [None, 94])
def test_las_palmas_grid_in_its_school_catchments(data: Path, cell_m: float | None) -> None:
    folder = data / "las_palmas"
    path = folder / "las_palmas_population_grid_100m_2015.csv"
    source, total, frame = grid_of(path, cell_m=cell_m)
    frame = Frame(frame.crs, frame.bounds_lonlat, margin_m=50_000)
    catchments = ResidentialSource(
        path=folder / "secondary_school_catchments.geojson", columns={"id": "Codigo"}
    )
    quarters = read_quarters(catchments, frame).layer
    counted = people_in_cells(source, quarters, frame)
    assert int(counted.population.sum()) + counted.outside == math.floor(total + 0.5)
    # geopandas says which points lie in some catchment, without ours of squares and shares
    table = pd.read_csv(path)
    places = gpd.points_from_xy(table["lng"], table["lat"], crs="EPSG:4326")
    cells = gpd.GeoDataFrame(table, geometry=places).to_crs(frame.crs)
    joined = cells.sjoin(quarters, predicate="within")
    inside = cells.loc[joined.index.unique(), "POP_2015"].sum()
    if cell_m is None:
        assert abs(int(counted.population.sum()) - inside) <= 1.5
    else:
        assert counted.population.sum() == pytest.approx(inside, rel=0.02)


def test_how_far_apart_two_routes_are_in_the_centre_of_nanjing(data: Path) -> None:
    """What docs/people.md says of it, counted again by geopandas (index of dissimilarity)."""
    folder = data / "nanjing_core"
    source, _, frame = grid_of(folder / "population_grid_100m_2015.csv", cell_m=90)
    extract = read_osm(folder / "nanjing_core_20210612.osm")
    town = town_from_osm(extract, number_streets(extract.streets, frame.crs, {}))
    table = pd.read_csv(source.path)
    places = gpd.points_from_xy(table["lng"], table["lat"], crs="EPSG:4326").to_crs(frame.crs)
    squares = gpd.GeoSeries(places).buffer(45, cap_style="square")
    cells = gpd.GeoDataFrame({"people": table["POP_2015"]}, geometry=squares)
    pieces = cells.overlay(town.quarters.reset_index(), how="intersection")
    pieces["people"] *= pieces.area / 90**2
    by_grid = pieces.groupby("block_id")["people"].sum()
    by_floor = town.dwellings.groupby("block_id")["floor_area_m2"].sum()
    shares = pd.DataFrame({"grid": by_grid, "floor": by_floor}).reindex(town.quarters.index)
    shares = shares.fillna(0) / shares.sum()
    elsewhere = 50 * (shares["grid"] - shares["floor"]).abs().sum()
    docs = (Path(__file__).parents[2] / "docs" / "people.md").read_text(encoding="utf-8")
    stated = re.search(r"\((\d+) quarters, .*?put (\d+) % of the people into different", docs, re.S)
    assert stated is not None
    assert int(stated[1]) == len(town.quarters)
    assert abs(int(stated[2]) - elsewhere) <= 1
    # and our own routes are those two
    counted = people_in_cells(source, town.quarters, frame)
    assert (np.abs(counted.population - by_grid.reindex(town.quarters.index)) <= 1.001).all()
    floor = people_from_floor_area(town.dwellings, PeopleSettings(total=100_000))
    assert (np.abs(floor - by_floor / by_floor.sum() * 100_000) <= 1.001).all()
