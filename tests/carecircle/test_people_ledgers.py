"""Nobody is lost on any route to the people, in any city.

Real cities, whose data lies beside the repository, and the teaching city. In each, every
second quarter is taken away and a study area cuts off the rim, so that people live in no
quarter and outside the area; all of them must be told, to the person.
"""

from __future__ import annotations

import csv
import math
import os
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from carecircle.inputs import frame_of
from carecircle.layers.admin_units import read_units
from carecircle.layers.crs import Frame, working_crs
from carecircle.layers.osm import Feature, OsmExtract, read_osm
from carecircle.layers.osm_quarters import town_from_osm
from carecircle.layers.people import people_columns
from carecircle.layers.places import admin_of_blocks
from carecircle.layers.problems import StudyError
from carecircle.layers.streets import number_streets
from carecircle.notes import Notes
from carecircle.residents import Residents
from carecircle.studyfile import parse_study
from carecircle.teaching_files import write_teaching_city

DATA = Path(__file__).parents[2].parent / "shared" / "data"
CENSUS = "china_census_2020/districts_age_2020_selected_cities.csv"
CELL_M = 90
UNITS = ("320402", "320404")  # two districts of Changzhou, standing in for the halves of a city
ROUTES = ("columns", "cells", "raster", "units", "floor_area")
TOTAL = 123_457
GROWTH = {"population": 0.7, "age_60_plus": 3.1, "age_0_2": -2.0}


@dataclass(frozen=True)
class City:
    """The files of a city in a folder, and what is known of them beforehand."""

    folder: Path
    frame: Frame
    extract: OsmExtract | None
    census: pd.DataFrame  # index: unit; everybody, and the people of some cohorts

    @property
    def in_grid(self) -> int:
        with (self.folder / "grid.csv").open(encoding="utf-8") as file:
            return half_up(math.fsum(float(row["people"]) for row in csv.DictReader(file)))


def half_up(value: float | Fraction) -> int:
    return math.floor(value + Fraction(1, 2) if isinstance(value, Fraction) else value + 0.5)


def write_city(
    folder: Path, frame: Frame, extract: OsmExtract | None, quarters: Any, grid: Any
) -> City:
    """Every second quarter, the grid twice, halves as units, an area, and the census."""
    kept = quarters.iloc[::2]
    kept = gpd.GeoDataFrame({"code": kept.index}, geometry=kept.geometry.to_numpy(), crs=kept.crs)
    kept.to_file(folder / "quarters.gpkg")
    grid.to_csv(folder / "grid.csv", index=False)
    write_raster(folder / "people.tif", grid)
    west, south, east, north = frame.bounds_m
    middle = (west + east) / 2
    halves = [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    gpd.GeoDataFrame({"code": UNITS}, geometry=halves, crs=frame.crs).to_file(folder / "units.gpkg")
    west, south, east, north = kept.to_crs(frame.crs).total_bounds
    dx, dy = (east - west) / 8, (north - south) / 8
    area = [shapely.box(west + dx, south + dy, east - dx, north - dy)]
    gpd.GeoDataFrame(geometry=area, crs=frame.crs).to_file(folder / "area.gpkg")
    return City(folder, frame, extract, write_census(folder / "census.csv"))


def write_raster(path: Path, grid: Any) -> None:
    """The people of the grid in pixels of a thousandth of a degree."""
    pixel = 0.001
    west, north = grid["lng"].min() - pixel, grid["lat"].max() + pixel
    columns = ((grid["lng"] - west) // pixel).astype(int)
    rows = ((north - grid["lat"]) // pixel).astype(int)
    pixels = np.zeros((rows.max() + 2, columns.max() + 2))
    np.add.at(pixels, (rows, columns), grid["people"])
    size = {"height": pixels.shape[0], "width": pixels.shape[1], "count": 1, "dtype": "float64"}
    transform = rasterio.Affine(pixel, 0, west, 0, -pixel, north)
    about = {"driver": "GTiff", "crs": "EPSG:4326", "transform": transform, **size}
    with rasterio.open(path, "w", **about) as file:
        file.write(pixels, 1)


def write_census(path: Path) -> pd.DataFrame:
    """The ages of the units: of the real census where it is there, else drawn."""
    bands = ["0岁", "1到4岁", *(f"{k}到{k + 4}岁" for k in range(5, 85, 5)), "85岁以上"]
    if (DATA / CENSUS).is_file():
        table = pd.read_csv(DATA / CENSUS, dtype={"区划代码": str}).set_index("区划代码")
        table = table.loc[list(UNITS), bands]
    else:
        drawn = np.random.default_rng(5).integers(900, 9_000, (len(UNITS), len(bands)))
        table = pd.DataFrame(drawn, index=pd.Index(UNITS, name="区划代码"), columns=bands)
    table.to_csv(path)
    halves = table[["1到4岁"]].sum(axis=1) * Fraction(1, 2)
    cohorts = {
        "population": table.sum(axis=1),
        "age_60_plus": table.loc[:, "60到64岁":].sum(axis=1),
        "age_0_2": table["0岁"] + halves,
        "age_3_5": halves + table["5到9岁"] * Fraction(1, 5),
    }
    return pd.DataFrame(cohorts, dtype=object)


def real_grid(name: str) -> Any:
    """The population grid of a real city."""
    grid = pd.read_csv(DATA / name).rename(columns={"POP_2015": "people"})
    return grid[["lng", "lat", "people"]]


def from_extract(folder: Path, path: str, grid_path: str) -> City:
    """A city with streets and buildings; its quarters from the map, where the grid is."""
    extract, grid = read_osm(DATA / path), real_grid(grid_path)
    frame = frame_of(extract.streets)
    town = town_from_osm(extract, number_streets(extract.streets, frame.crs, {}))
    points = gpd.points_from_xy(grid["lng"], grid["lat"], crs="EPSG:4326").to_crs(frame.crs)
    hull = shapely.convex_hull(shapely.union_all(np.asarray(points)))
    return write_city(folder, frame, extract, town.quarters[town.quarters.within(hull)], grid)


def las_palmas(folder: Path) -> City:
    name = "las_palmas/las_palmas"
    grid = f"{name}_population_grid_100m_2015.csv"
    return from_extract(folder, f"{name}_osm_20230221.osm.pbf", grid)


def nanjing_core(folder: Path) -> City:
    name = "nanjing_core"
    grid = f"{name}/population_grid_100m_2015.csv"
    return from_extract(folder, f"{name}/nanjing_core_20210612.osm", grid)


def changzhou(folder: Path) -> City:
    """A grid and a census, without streets: squares of 1 km in which people live."""
    grid = real_grid("china_pop_grids/changzhou_population_grid_100m_2015.csv")
    bounds = (*grid[["lng", "lat"]].min(), *grid[["lng", "lat"]].max())
    frame = Frame(working_crs(bounds), bounds)
    points = gpd.points_from_xy(grid["lng"], grid["lat"], crs="EPSG:4326").to_crs(frame.crs)
    corners = pd.DataFrame({"x": points.x // 1000, "y": points.y // 1000}).drop_duplicates()
    corners = corners.sort_values(["x", "y"]).to_numpy() * 1000
    squares = shapely.box(*corners.T, *(corners + 1000).T)
    return write_city(folder, frame, None, gpd.GeoDataFrame(geometry=squares, crs=frame.crs), grid)


def teaching_city(folder: Path) -> City:
    """Each quarter one building of three levels; its people stand at its inner point."""
    write_teaching_city(folder / "city", seed=3, nodes=2_000)
    quarters = gpd.read_file(folder / "city" / "quarters.geojson").set_index("编号")
    points = quarters.representative_point()
    grid = pd.DataFrame({"lng": points.x, "lat": points.y, "people": quarters["常住人口"]})
    tags = {"building": "apartments", "building:levels": "3"}
    extract = read_osm(folder / "city" / "streets.osm.pbf")
    buildings = [
        Feature(f"way/{k}", tags, shape) for k, shape in enumerate(quarters.geometry, start=1)
    ]
    extract = replace(extract, buildings=buildings)
    return write_city(folder, frame_of(extract.streets), extract, quarters, grid)


CITIES = {build.__name__: build for build in (las_palmas, nanjing_core, changzhou, teaching_city)}


@pytest.fixture(scope="module", params=CITIES)
def city(request: Any, tmp_path_factory: Any) -> City:
    if request.param != "teaching_city" and not DATA.is_dir():
        assert not os.environ.get("CI"), f"{DATA} is missing, and CI may not skip it"
        pytest.skip(f"real data is not here: {DATA}")
    return CITIES[request.param](tmp_path_factory.mktemp(request.param))


def counted(
    city: City, route: str, ageing: Any = None, **people: Any
) -> tuple[Any, Any, dict[str, str]]:
    """Quarters and homes of a study of the city by one route, and what it says."""
    folder = city.folder
    grid = {"path": folder / "grid.csv", "crs": "EPSG:4326"}
    own = {"path": folder / "quarters.gpkg", "columns": {"id": "code"}}
    population = {"columns": {"population": "people"}, "cell_m": CELL_M, "overlaps": "keep"}
    tables: dict[str, Any] = {
        "columns": {"residential": {**grid, **population}},
        "cells": {"residential": own, "cells": {**grid, **population}},
        "raster": {"residential": own, "raster": {"path": folder / "people.tif"}},
        "units": {"residential": own},
        "floor_area": {"residential": own},
    }[route]
    census: dict[str, Any] = {"path": folder / "census.csv", "columns": {"id": "区划代码"}}
    census["base"] = "resident"
    if ageing:
        census["year"] = 2020
    if route == "units":
        census["least_in_quarters_percent"] = 1
    study = {
        "study": {"name": "Ledger"},
        "network": {"path": "streets.osm"},
        "population": {"source": route, "base": "resident", "year": 2020},
        "census": census,
        "admin": {"path": folder / "units.gpkg", "columns": {"id": "code"}},
        "area": {"path": folder / "area.gpkg"},
        "people": people,
        **({"ageing": ageing} if ageing else {}),
        **tables,
    }
    file = parse_study(study, str(folder / "study.toml"))
    notes: Any = Notes()
    residents = Residents(file, ("age_60_plus", "age_0_2"), city.frame, notes)
    units = read_units(file.admin, city.frame).layer
    network: Any = None  # only a study without a layer of its own cuts quarters along streets
    residential, homes, _ = residents.read(network, city.extract, units)
    return residential, homes, {sentence.id: sentence.en for sentence in notes.sentences}


def numbers(said: dict[str, str], id: str, pattern: str) -> list[int]:
    """The numbers of a sentence; of one that is not said, no people."""
    found = re.search(pattern, said.get(id, ""))
    return [int(number) for number in found.groups()] if found else [0]


@pytest.mark.parametrize("route", ROUTES)
def test_everybody_is_in_a_quarter_or_told(city: City, route: str) -> None:
    if city.extract is None and route in ("units", "floor_area"):
        with pytest.raises(StudyError, match="E-POP-016"):
            counted(city, route)
        return
    stated = {"total": TOTAL} if route == "floor_area" else {}
    residential, homes, said = counted(city, route, **stated)
    assert_parts_add_up(city, residential, homes)
    here = int(residential["population"].sum())
    (cut_off,) = numbers(said, "outside-area", r"\((\d+) people\)")
    if route == "floor_area":
        assert here == TOTAL
    elif route == "columns":
        assert here + cut_off == city.in_grid
    elif route == "units":
        total, in_none = numbers(said, "people-units", r"Of (\d+) people (\d+) live")
        assert total == city.census["population"].sum()
        assert here + cut_off + in_none == total
        assert in_none > 0
    else:
        total, in_none = numbers(said, "people-grid", r"Of its (\d+) people (\d+) live")
        assert total == city.in_grid
        assert here + cut_off + in_none == total
        assert in_none > 0
    if route != "floor_area":
        assert cut_off > 0
    assert here > 0


def assert_parts_add_up(city: City, residential: Any, homes: Any) -> None:
    """Homes add up to their quarter, quarters to the ages of their unit, cohorts to people."""
    names = people_columns(residential)
    assert set(city.census.columns) <= set(names)
    by_quarter = homes.groupby("block_id")[names].sum().reindex(residential.index)
    pd.testing.assert_frame_equal(by_quarter, residential[names], check_names=False)
    units = gpd.read_file(city.folder / "units.gpkg").set_index("code")
    unit_of = admin_of_blocks(residential, units.to_crs(residential.crs))
    for unit, here in residential.groupby(unit_of):
        counts = city.census.loc[unit]
        for group in ("age_60_plus", "age_0_2", "age_3_5"):
            exact = int(here["population"].sum()) * Fraction(counts[group])
            assert here[group].sum() == half_up(exact / Fraction(counts["population"]))
    apart = residential[["age_60_plus", "age_0_2", "age_3_5"]].sum(axis=1)
    assert (apart <= residential["population"]).all()
    assert (residential["age_65_plus"] <= residential["age_60_plus"]).all()
    assert (residential["age_80_plus"] <= residential["age_65_plus"]).all()


def test_growth_keeps_the_ledger(city: City) -> None:
    today, _, _ = counted(city, "cells")
    later, homes, _ = counted(city, "cells", target_year=2030, growth_percent_per_year=GROWTH)
    assert later.index.tolist() == today.index.tolist()
    for group in people_columns(today):
        rate = GROWTH.get(group, GROWTH["population"])
        grown = int(today[group].sum()) * (1 + rate / 100) ** 10
        assert later[group].sum() == half_up(grown)
        assert homes[group].sum() == later[group].sum()
    assert (later["age_60_plus"] <= later["population"]).all()


def test_ageing_keeps_the_ledger(city: City) -> None:
    """Where nobody dies and 10 of 1,000 are born a year, ten years make 1.1 times as many."""
    bands = ["births", *(f"{first}-{first + 4}" for first in range(0, 85, 5)), "85+"]
    table = city.folder / "survival.csv"
    table.write_text("age,survival\n" + "".join(f"{band},1\n" for band in bands), "utf-8")
    ageing = {"path": table, "source": "nobody dies", "births_per_1000": 10}
    today, _, _ = counted(city, "cells")
    later, homes, _ = counted(city, "cells", ageing, target_year=2030)
    groups = people_columns(today)
    by_quarter = homes.groupby("block_id")[groups].sum().reindex(later.index)
    pd.testing.assert_frame_equal(by_quarter, later[groups], check_names=False)
    units = gpd.read_file(city.folder / "units.gpkg").set_index("code")
    ages = pd.read_csv(city.folder / "census.csv", dtype={"区划代码": str}).set_index("区划代码")
    unit_of = admin_of_blocks(today, units.to_crs(today.crs))
    for unit, here in today.groupby(unit_of):
        then, everybody = later.loc[here.index], int(ages.loc[unit].sum())
        people = half_up(int(here["population"].sum()) * Fraction(11, 10))
        assert then["population"].sum() == people
        over_50 = int(ages.loc[unit, "50到54岁":].sum())
        share = Fraction(over_50, everybody) / Fraction(11, 10)
        assert then["age_60_plus"].sum() == half_up(people * share)
