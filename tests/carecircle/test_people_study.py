"""Whole studies by each route to the people: figures, records and sentences."""

from __future__ import annotations

import csv
import math
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely.geometry import box
from typer.testing import CliRunner

from carecircle import Study
from carecircle.__main__ import app
from carecircle.coverage.summary import study_summary
from carecircle.inputs import Inputs
from carecircle.layers.people import people_columns
from carecircle.layers.problems import StudyError
from carecircle.studyfile import parse_study

WEST, SOUTH, STEP = 106.55, 29.56, 0.002
BANDS = "0岁,1到4岁,5到9岁,10到59岁,60到64岁,65到79岁,80岁以上"
AGES = "2,8,10,50,10,15,5"  # 100 people: 30 of 60 and over, 6 under 3


def block(column: float, row: float, width: float = 1.0) -> Any:
    """A rectangle of ``width`` by one street blocks."""
    west, south = WEST + column * STEP, SOUTH + row * STEP
    return box(west, south, west + width * STEP, south + STEP)


@pytest.fixture
def polygons(town: Any) -> Any:
    """The town with two quarters as polygons and two towns as units."""
    quarters = [block(0.1, 0.1, 0.8), block(1.1, 0.1, 0.8)]
    ids = {"code": ["west", "east"], "name": ["西里", "东里"]}
    gpd.GeoDataFrame(ids, geometry=quarters, crs="EPSG:4326").to_file(town.folder / "quarters.gpkg")
    units = [block(0, 0), block(1, 0)]
    codes = {"code": ["u1", "u2"], "name": ["甲镇", "乙镇"]}
    gpd.GeoDataFrame(codes, geometry=units, crs="EPSG:4326").to_file(town.folder / "units.gpkg")
    town.study = """
        [study]
        name = "Grid town"
        date = 2026-01-01
        [network]
        path = "streets.osm"
        [residential]
        path = "quarters.gpkg"
        columns = { id = "code" }
        [[facilities]]
        path = "stations.csv"
        crs = "EPSG:4326"
        service = "elderly"
        columns = { id = "code", name = "name" }
        [[circles]]
        service = "elderly"
        minutes = 5
        [[circles]]
        service = "childcare"
        minutes = 5
        [sites]
        count = 0
    """
    return town


def read(town: Any) -> Inputs:
    inputs = Study.from_file(town.write()).read()
    for group in people_columns(inputs.residential):
        assert inputs.homes[group].sum() == inputs.residential[group].sum()
    return inputs


def said(inputs: Inputs) -> dict[str, str]:
    for sentence in inputs.assumptions:
        assert sentence.zh != sentence.en
    return {sentence.id: sentence.en for sentence in inputs.assumptions}


def recorded(inputs: Inputs) -> list[str]:
    return [str(record["id"]) for record in inputs.records]


def grid(folder: Path) -> None:
    """Points with people: 40 in the west, 60.4 in the east, 9 in neither."""
    rows = [(0.5, 0.5, 40), (1.4, 0.5, 30.2), (1.6, 0.5, 30.2), (0.5, 2.5, 9)]
    with (folder / "grid.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["lng", "lat", "people"])
        for x, y, people in rows:
            writer.writerow([WEST + x * STEP, SOUTH + y * STEP, people])


CELLS = """
        [population]
        source = "cells"
        base = "resident"
        year = 2015
        [cells]
        path = "grid.csv"
        crs = "EPSG:4326"
        columns = { population = "people" }
"""
CENSUS = """
        [census]
        path = "census.csv"
        base = "resident"
        year = 2020
        columns = { id = "code" }
"""
ADMIN = """
        [admin]
        path = "units.gpkg"
        columns = { id = "code" }
"""


def write_census(town: Any, *rows: str) -> None:
    text = "\n".join([f"code,{BANDS}", *rows]) + "\n"
    (town.folder / "census.csv").write_text(text, encoding="utf-8")


def test_cells_in_quarters_with_stated_shares(polygons: Any) -> None:
    grid(polygons.folder)
    polygons.study += CELLS + "[people]\nage_60_plus_share = 0.2\nage_0_2_share = 0.03\n"
    inputs = read(polygons)
    assert inputs.residential["population"].to_dict() == {"west": 40, "east": 60}
    assert inputs.residential["age_60_plus"].to_dict() == {"west": 8, "east": 12}
    assert inputs.residential["estimated"].all()
    assert "Of its 109 people 9 live in no quarter" in said(inputs)["people-grid"]
    assert "常住人口" in said(inputs)["people-base"]
    assert "base year: 2015" in said(inputs)["people-base"]
    assert "share-age_60_plus" in said(inputs)
    assert "R-POP-003" in recorded(inputs)


@pytest.mark.parametrize(
    ("column", "year", "told"),
    [
        ("2010年人口", 2020, True),
        ("POP_2010", 2020, True),
        ("2020年人口", 2020, False),
        ("人口2010-2020", 2020, False),
        ("12010", 2020, False),
        ("2010年人口", None, False),
    ],
)
def test_a_column_of_another_year_is_told(
    polygons: Any, column: str, year: int | None, told: bool
) -> None:
    grid(polygons.folder)
    cells = polygons.folder / "grid.csv"
    cells.write_text(cells.read_text().replace("people", column), encoding="utf-8")
    polygons.study += CELLS.replace('"people"', f'"{column}"').replace(
        "year = 2015", "" if year is None else f"year = {year}"
    )
    polygons.study += "[people]\nage_60_plus_share = 0.25\nage_0_2_share = 0.05\n"
    inputs = read(polygons)
    assert ("R-POP-016" in recorded(inputs)) == told
    sentence = said(inputs).get("people-other-year-grid.csv", "")
    assert (column in sentence and "says 2020" in sentence) == told


def test_a_run_tells_another_year_in_the_terminal(polygons: Any, tmp_path: Path) -> None:
    grid(polygons.folder)
    cells = polygons.folder / "grid.csv"
    cells.write_text(cells.read_text().replace("people", "POP_2010"), encoding="utf-8")
    polygons.study += CELLS.replace('"people"', '"POP_2010"')
    polygons.study += "[people]\nage_60_plus_share = 0.25\nage_0_2_share = 0.05\n"
    study, out = str(polygons.write()), str(tmp_path / "results")
    ran = CliRunner().invoke(app, ["run", study, "--out", out, "--lang", "en"])
    assert "POP_2010, but the study file says 2015" in ran.stderr


def test_columns_of_two_years_are_told(polygons: Any) -> None:
    layer = polygons.folder / "quarters.gpkg"
    gpd.read_file(layer).assign(pop_2020=[40, 60], old_2010=[9, 9]).to_file(layer)
    polygons.study = polygons.study.replace(
        'id = "code" }', 'id = "code", population = "pop_2020", age_60_plus = "old_2010" }', 1
    )
    polygons.study += "[people]\nage_0_2_share = 0.05\n"
    sentence = said(read(polygons))["people-other-year-quarters.gpkg"]
    assert "pop_2020、old_2010" in sentence and "do not agree" in sentence


def test_cells_with_the_ages_of_each_unit(polygons: Any) -> None:
    grid(polygons.folder)
    write_census(polygons, f"u1,{AGES}", "u2,0,0,0,50,50,0,0")
    polygons.study += CELLS + CENSUS + ADMIN
    inputs = read(polygons)
    assert inputs.residential["age_60_plus"].to_dict() == {"west": 12, "east": 30}
    assert inputs.residential["age_65_plus"].to_dict() == {"west": 8, "east": 0}
    assert inputs.residential["age_0_2"].to_dict() == {"west": 2, "east": 0}  # 6 % of 40
    assert "50 % are taken to be 1 or 2" in said(inputs)["census-young"]
    assert "2020" in said(inputs)["census-ages"]
    assert recorded(inputs).count("R-POP-006") == 5


def test_a_table_of_a_city_and_its_towns(polygons: Any) -> None:
    """The towns decide; the row of the whole city is not taken for a town without a row."""
    grid(polygons.folder)
    whole = gpd.GeoDataFrame({"code": ["city"]}, geometry=[block(0, 0, 2)], crs="EPSG:4326")
    whole.to_file(polygons.folder / "city.gpkg")
    levels = ADMIN.replace("[admin]", "[[admin]]") + 'level = "town"\n'
    levels += levels.replace("units.gpkg", "city.gpkg").replace('"town"', '"city"')
    polygons.study += CELLS + CENSUS + levels
    write_census(polygons, "city,0,0,0,0,100,0,0", f"u1,{AGES}", "u2,0,0,0,100,0,0,0")
    assert read(polygons).residential["age_60_plus"].to_dict() == {"west": 12, "east": 0}
    write_census(polygons, "city,0,0,0,0,100,0,0", f"u1,{AGES}")
    with pytest.raises(StudyError, match="E-POP-012"):
        read(polygons)


def test_people_of_a_raster(polygons: Any) -> None:
    """One pixel for each street block: 40 people in the west, 61 in the east, 5 beyond."""
    pixels = np.array([[40, 61, 5]], dtype="float32")
    about = {"driver": "GTiff", "height": 1, "width": 3, "count": 1, "crs": "EPSG:4326"}
    transform = rasterio.Affine(STEP, 0, WEST, 0, -STEP, SOUTH + STEP)
    path = polygons.folder / "people.tif"
    with rasterio.open(path, "w", dtype="float32", transform=transform, **about) as file:
        file.write(pixels, 1)
    polygons.study += """
        [population]
        source = "raster"
        base = "resident"
        [raster]
        path = "people.tif"
        [people]
        age_60_plus_share = 0.2
        age_0_2_share = 0.03
    """
    inputs = read(polygons)
    # a quarter is 0.8 of a block wide and 1 high, of which 0.9 lie in the pixel
    assert inputs.residential["population"].to_dict() == {"west": 29, "east": 44}
    assert "Of its 106 people 33 live in no quarter" in said(inputs)["people-grid"]


SHARES = "[people]\nage_60_plus_share = 0.2\nage_0_2_share = 0.03\n"


def with_quarters(town: Any, **places: tuple[float, float]) -> None:
    """The west, and quarters of 0.8 of a block at other places (column, row)."""
    shapes = [block(0.1, 0.1, 0.8), *(block(x + 0.1, y + 0.1, 0.8) for x, y in places.values())]
    table = {"code": ["west", *places], "name": ["", *places]}
    layer = gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")
    layer.to_file(town.folder / "quarters.gpkg")


def with_area(town: Any, columns: float) -> None:
    """A study area of so many street blocks from the west."""
    layer = gpd.GeoDataFrame(geometry=[block(0, 0, columns)], crs="EPSG:4326")
    layer.to_file(town.folder / "area.gpkg")
    town.study += '[area]\npath = "area.gpkg"\n'


def test_a_quarter_in_a_gap_of_the_grid_is_left_out_and_told(polygons: Any) -> None:
    with_quarters(polygons, between=(0.9, 0.0), east=(1.9, 0.0))
    rows = [f"{WEST + x * STEP},{SOUTH + 0.5 * STEP},10" for x in (0.5, 2.2, 2.5)]
    rows.append(f"{WEST + 1.5 * STEP},{SOUTH + 2.5 * STEP},7")
    rows.append(f"{WEST + 1.5 * STEP},{SOUTH - 0.5 * STEP},7")
    text = "\n".join(["lng,lat,people", *rows]) + "\n"
    (polygons.folder / "grid.csv").write_text(text, encoding="utf-8")
    study = polygons.study
    polygons.study = study + CELLS + SHARES
    with pytest.raises(StudyError) as raised:
        read(polygons)
    (problem,) = raised.value.problems
    assert problem.id == "E-POP-024"
    assert "1 of 3 quarters (33.3 %)" in problem.text("en")
    assert "between" in problem.text("zh")

    raised_limit = CELLS.replace("year", "unknown_limit_percent = 34\n        year")
    polygons.study = study + raised_limit + SHARES
    inputs = read(polygons)
    assert inputs.residential["population"].to_dict() == {"west": 10, "east": 20}
    assert "1 quarters hold no figure of the grid" in said(inputs)["people-grid-gaps"]
    (record,) = (r for r in inputs.records if r["id"] == "R-POP-008")
    assert "between" in str(record["what"]["en"])


def test_a_grid_that_ends_within_the_study_is_refused(polygons: Any) -> None:
    grid(polygons.folder)
    with_quarters(polygons, far=(2.2, 1.0), further=(2.2, 2.0))
    polygons.study += CELLS + SHARES
    with pytest.raises(StudyError) as raised:
        read(polygons)
    (problem,) = raised.value.problems
    assert problem.id == "E-POP-018"
    assert dict(problem.details) == {"count": 2, "total": 3, "ids": "far, further"}
    # cut to the ground of the grid it runs
    with_area(polygons, columns=2)
    inputs = read(polygons)
    assert inputs.residential["population"].to_dict() == {"west": 40}
    assert "2 rows of the residential layer (0 people)" in said(inputs)["outside-area"]


def test_a_quarter_partly_beyond_the_cells_is_told(polygons: Any) -> None:
    places = [(x, y) for x in (0.3, 0.7, 1.3, 1.7) for y in (0.25, 0.95)]
    rows = [f"{WEST + x * STEP},{SOUTH + y * STEP},10" for x, y in places]
    text = "\n".join(["lng,lat,people", *rows]) + "\n"
    (polygons.folder / "grid.csv").write_text(text, encoding="utf-8")
    polygons.study += CELLS + "cell_m = 76\n" + SHARES
    assert "people-grid-partly" not in said(read(polygons))
    wide = gpd.GeoDataFrame({"code": ["wide"]}, geometry=[block(1.2, 0, 3)], crs="EPSG:4326")
    wide.to_file(polygons.folder / "quarters.gpkg")
    inputs = read(polygons)
    assert "R-POP-009" in recorded(inputs)
    assert "1 quarters lie partly beyond" in said(inputs)["people-grid-partly"]


def test_quarters_whose_ages_nobody_knows(polygons: Any) -> None:
    grid(polygons.folder)
    write_census(polygons, f"u1,{AGES}")
    polygons.study += CELLS + CENSUS + ADMIN
    with pytest.raises(StudyError) as raised:
        read(polygons)
    assert [(p.id, p.value) for p in raised.value.problems] == [("E-POP-012", "u2")]


def test_the_population_of_a_later_year(polygons: Any) -> None:
    grid(polygons.folder)
    write_census(polygons, f"one,{AGES}")
    polygons.study += CELLS + CENSUS + 'unit = "one"\n'
    polygons.study += """
        [people]
        target_year = 2025
        growth_percent_per_year = { population = 0, age_60_plus = 2.0 }
    """
    inputs = read(polygons)
    assert inputs.residential["population"].sum() == 100
    assert inputs.residential["age_60_plus"].sum() == 37  # 30 * 1.02**10 = 36.6
    assert "from 2015 to 2025" in said(inputs)["growth"]
    assert "aged 60 and over +2 %" in said(inputs)["growth"]
    result = Study.from_file(polygons.folder / "study.toml").run()
    people = study_summary(result)["circles"][0]["people"]
    assert people["input"] == 37
    assert people["covered"] + people["uncovered"] + sum(people["excluded"].values()) == 37


AGED = {"path": "s.csv", "source": "a table", "births_per_1000": 8}
FIVES = [f"{first}-{first + 4}" for first in range(0, 85, 5)] + ["85+"]
AGEING = """
        [ageing]
        path = "survival.csv"
        source = "a table made up"
        births_per_1000 = 10
        [people]
        target_year = 2025
"""


def with_ages_of_fives(town: Any) -> None:
    """A unit ``one`` with 10 people in each band, of whom 0.9 live on."""
    text = f"code,{','.join(f'{age}岁' for age in FIVES[:-1])},85+\none{',10' * len(FIVES)}\n"
    (town.folder / "census.csv").write_text(text, encoding="utf-8")
    rows = ["age,survival", "births,1", *(f"{age},0.9" for age in FIVES)]
    (town.folder / "survival.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def test_people_who_grow_older(polygons: Any) -> None:
    """Of 180 people 162 are alive after five years and 9 were born: 171; then 162.9."""
    grid(polygons.folder)
    with_ages_of_fives(polygons)
    polygons.study += CELLS + CENSUS.replace("2020", "2015") + 'unit = "one"\n' + AGEING
    inputs = read(polygons)
    later = Fraction(9) + 9 * Fraction("0.9") + Fraction("0.81") * 180
    assert inputs.residential["population"].sum() == 91  # 100 * 162.9 / 180 = 90.5
    old = Fraction("0.81") * (10 * 8) / later  # those of 50 and over ten years before
    assert inputs.residential["age_60_plus"].sum() == math.floor(91 * old + Fraction(1, 2))
    said_so = said(inputs)["ageing"]
    for words in ("2015 to 2025", "a table made up", "10 births a year", "net migration of zero"):
        assert words in said_so
    assert recorded(inputs).count("R-POP-007") == 6  # everybody and each cohort
    result = Study.from_file(polygons.folder / "study.toml").run()
    for circle in study_summary(result)["circles"]:
        people = circle["people"]
        accounted = people["covered"] + people["uncovered"] + sum(people["excluded"].values())
        assert accounted == people["input"]


def test_a_cohort_counted_by_the_layer_cannot_be_aged(town: Any) -> None:
    with_ages_of_fives(town)
    dated = CENSUS.replace("2020", "2015")
    columns = '[population]\nsource = "columns"\nbase = "resident"\nyear = 2015\n'
    town.study += columns + dated + 'unit = "one"\n' + AGEING
    with pytest.raises(StudyError) as raised:
        read(town)
    (problem,) = raised.value.problems
    assert problem.id == "E-POP-029"
    assert "age_60_plus" in problem.details["groups"]


def with_houses(town: Any, *houses: tuple[float, float, int]) -> None:
    """Add dwellings of 0.2 by 0.2 street blocks (column, row, levels) to the streets."""
    path = town.folder / "streets.osm"
    text = path.read_text(encoding="utf-8").removesuffix("</osm>")
    nodes, ways = [], []
    for k, (column, row, levels) in enumerate(houses):
        corners = [(0, 0), (0.2, 0), (0.2, 0.2), (0, 0.2)]
        numbers = [1000 + 10 * k + corner for corner in range(4)]
        for number, (dx, dy) in zip(numbers, corners, strict=True):
            lon, lat = WEST + (column + dx) * STEP, SOUTH + (row + dy) * STEP
            nodes.append(f'<node id="{number}" version="1" lon="{lon:.7f}" lat="{lat:.7f}"/>')
        refs = "".join(f'<nd ref="{number}"/>' for number in [*numbers, numbers[0]])
        tags = f'<tag k="building" v="apartments"/><tag k="building:levels" v="{levels}"/>'
        ways.append(f'<way id="{5000 + k}" version="1">{refs}{tags}</way>')
    before, _, after = text.partition("<way")
    path.write_text(f"{before}{''.join(nodes)}<way{after}{''.join(ways)}</osm>", encoding="utf-8")


UNITS = """
        [population]
        source = "units"
        base = "registered"
"""


def test_the_total_of_a_unit_by_floor_area(polygons: Any) -> None:
    with_houses(polygons, (0.2, 0.2, 3), (0.5, 0.5, 1), (1.2, 0.2, 6))
    write_census(polygons, f"u1,{AGES}", "u2,0,0,0,41,0,0,0")
    polygons.study += UNITS + CENSUS.replace("resident", "registered") + ADMIN
    inputs = read(polygons)
    assert inputs.residential["population"].to_dict() == {"west": 100, "east": 41}
    assert inputs.residential["age_60_plus"].to_dict() == {"west": 30, "east": 0}
    assert inputs.homes["population"].tolist() == [75, 25, 41]
    assert "户籍人口" in said(inputs)["people-base"]
    assert "Of 141 people 0 live in dwellings in no quarter" in said(inputs)["people-units"]
    assert recorded(inputs).count("R-POP-010") == 2


def test_people_of_a_unit_who_live_outside_the_quarters(polygons: Any) -> None:
    """Half of the floor area stands in the quarter, half in the next street block."""
    with_quarters(polygons)
    with_houses(polygons, (0.2, 0.2, 3), (1.4, 0.4, 3))
    layer = gpd.GeoDataFrame({"code": ["u1"]}, geometry=[block(0, 0, 2)], crs="EPSG:4326")
    layer.to_file(polygons.folder / "units.gpkg")
    write_census(polygons, f"u1,{AGES}")
    study = polygons.study + UNITS + CENSUS.replace("resident", "registered")
    polygons.study = study + ADMIN
    inputs = read(polygons)
    assert inputs.residential["population"].to_dict() == {"west": 50}
    assert inputs.residential["age_60_plus"].to_dict() == {"west": 15}
    assert "Of 100 people 50 live in dwellings in no quarter" in said(inputs)["people-units"]
    (record,) = (r for r in inputs.records if r["id"] == "R-POP-010")
    assert "50 % of the floor area" in str(record["what"]["en"])

    polygons.study = study + "least_in_quarters_percent = 51\n" + ADMIN
    with pytest.raises(StudyError) as raised:
        read(polygons)
    assert [(p.id, p.value) for p in raised.value.problems] == [("E-POP-019", "u1")]


def test_a_quarter_without_a_mapped_dwelling_is_left_out_and_told(polygons: Any) -> None:
    with_houses(polygons, (0.2, 0.2, 3))
    write_census(polygons, f"u1,{AGES}", f"u2,{AGES}")
    both = gpd.GeoDataFrame({"code": ["u1"]}, geometry=[block(0, 0, 2)], crs="EPSG:4326")
    both.to_file(polygons.folder / "units.gpkg")
    study = polygons.study + CENSUS.replace("resident", "registered") + ADMIN
    polygons.study = study + UNITS
    with pytest.raises(StudyError) as raised:
        read(polygons)
    (problem,) = raised.value.problems
    assert (problem.id, problem.details["ids"]) == ("E-POP-024", "east")

    polygons.study = study + UNITS + "unknown_limit_percent = 50\n"
    inputs = read(polygons)
    assert inputs.residential["population"].to_dict() == {"west": 100}
    assert "1 quarters hold no mapped dwelling" in said(inputs)["people-no-dwellings"]
    assert {"R-POP-012"} <= set(recorded(inputs))
    assert "people-units-left-out" not in said(inputs)


def test_a_total_that_does_not_fit_its_floor_area_is_told(polygons: Any) -> None:
    """Each house is about 40 m by 44 m and has three levels: some 5,200 m2, 10,400 in all."""
    with_houses(polygons, (0.2, 0.2, 3), (1.2, 0.2, 3))
    floor = '[population]\nsource = "floor_area"\nbase = "resident"\n'
    shares = "age_60_plus_share = 0.1\nage_0_2_share = 0\n"
    study = polygons.study
    for total, is_told in ((300, False), (5000, True), (20, True)):
        polygons.study = f"{study}{floor}[people]\ntotal = {total}\n{shares}"
        inputs = read(polygons)
        assert ("people-floor-implausible" in said(inputs)) == is_told, total
        assert ("R-POP-013" in recorded(inputs)) == is_told
        assert inputs.residential["population"].sum() == total


def test_quarters_in_no_unit_are_left_out_and_told(polygons: Any) -> None:
    with_houses(polygons, (0.2, 0.2, 3), (1.2, 0.2, 6))
    write_census(polygons, f"u1,{AGES}")
    polygons.study += UNITS + CENSUS.replace("resident", "registered") + ADMIN
    inputs = read(polygons)
    assert inputs.residential["population"].to_dict() == {"west": 100}
    assert "R-POP-005" in recorded(inputs)
    assert "1 quarters lie in no unit" in said(inputs)["people-units-left-out"]


def test_units_that_do_not_match(polygons: Any) -> None:
    with_houses(polygons, (0.2, 0.2, 3))
    write_census(polygons, f"elsewhere,{AGES}")
    polygons.study += UNITS + CENSUS.replace("resident", "registered") + ADMIN
    with pytest.raises(StudyError, match="E-POP-017"):
        read(polygons)


def test_given_quarters_by_floor_area_alone(polygons: Any) -> None:
    with_houses(polygons, (0.2, 0.2, 3), (1.2, 0.2, 6))
    polygons.study += '[population]\nsource = "floor_area"\nbase = "resident"\n'
    polygons.study += "[people]\ntotal = 90\nage_60_plus_share = 0.1\nage_0_2_share = 0\n"
    inputs = read(polygons)
    assert inputs.residential["population"].to_dict() == {"west": 30, "east": 60}
    assert "live in the quarters of this study;" in said(inputs)["people-total"]


def test_a_total_is_the_people_of_the_study_area(polygons: Any) -> None:
    """The east is cut away before the total is shared, not after."""
    with_houses(polygons, (0.2, 0.2, 3), (1.2, 0.2, 6))
    polygons.study += '[population]\nsource = "floor_area"\nbase = "resident"\n'
    polygons.study += "[people]\ntotal = 90\nage_60_plus_share = 0.1\nage_0_2_share = 0\n"
    with_area(polygons, columns=1)
    inputs = read(polygons)
    assert inputs.residential["population"].to_dict() == {"west": 90}
    assert inputs.homes["population"].tolist() == [90]
    assert "R-LOC-002" in recorded(inputs)
    assert "within the study area" in said(inputs)["people-total"]
    assert said(inputs)["outside-area"].startswith("1 quarters lie outside")


def test_a_total_of_a_town_from_the_map(polygons: Any) -> None:
    """Without a layer of its own, too, the total is that of the area."""
    with_houses(polygons, (0.2, 0.2, 3), (1.2, 0.2, 6), (1.2, 1.2, 6))
    start, end = polygons.study.index("[residential]"), polygons.study.index("[[facilities]]")
    polygons.study = polygons.study[:start] + polygons.study[end:]
    polygons.study += "[people]\ntotal = 90\nage_60_plus_share = 0.1\nage_0_2_share = 0\n"
    assert read(polygons).residential["population"].tolist() == [18, 36, 36]
    with_area(polygons, columns=1)
    assert read(polygons).residential["population"].tolist() == [90]


BASIC = {"study": {"name": "a"}, "network": {"path": "a.osm"}}
QUARTERS = {"residential": {"path": "a.gpkg"}}
RESIDENT = {"base": "resident"}
TABLE = {"path": "c.csv", "base": "resident", "unit": "u"}


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"cells": {"path": "c.csv"}}, "[cells]"),
        ({"population": {"source": "raster", **RESIDENT}}, "[raster]"),
        ({"population": {"source": "columns", **RESIDENT}}, "[residential]"),
        ({"population": {"source": "units", **RESIDENT}}, "[census]"),
        ({"census": TABLE, "population": {"source": "units", **RESIDENT}}, "boundaries of the"),
        (
            {
                "census": TABLE,
                "admin": {"path": "u.gpkg"},
                "population": {"source": "units", **RESIDENT},
            },
            "take unit out",
        ),
        (
            {
                "census": {**TABLE, "least_in_quarters_percent": 20},
                "population": {"source": "columns", **RESIDENT},
                **QUARTERS,
            },
            "least_in_quarters_percent",
        ),
        ({"census": TABLE, **QUARTERS}, "[population]"),
        (
            {
                "census": {**TABLE, "base": "registered"},
                "population": {"source": "columns", **RESIDENT},
                **QUARTERS,
            },
            "one base",
        ),
        (
            {
                "census": {"path": "c.csv", "base": "resident"},
                "population": {"source": "columns", **RESIDENT},
                **QUARTERS,
            },
            "[admin]",
        ),
        (
            {
                "census": TABLE,
                "population": {"source": "columns", **RESIDENT},
                "people": {"age_0_2_share": 0.1},
                **QUARTERS,
            },
            "keep one",
        ),
        (
            {
                "residential": {"path": "a.gpkg", "columns": {"population": "P"}},
                "cells": {"path": "c.csv"},
                "population": {"source": "cells", **RESIDENT},
            },
            "keep one",
        ),
        (
            {
                "residential": {"path": "a.gpkg", "columns": {"age_0_2": "P"}},
                "people": {"age_0_2_share": 0.1},
            },
            "age_0_2: from a column",
        ),
        ({"people": {"age_60_plus_share": 0.9, "age_0_2_share": 0.2}}, "more than everybody"),
        (
            {
                "cells": {"path": "c.csv"},
                "population": {"source": "cells", **RESIDENT},
                "people": {"total": 5},
                **QUARTERS,
            },
            "total of [people] has no effect",
        ),
        ({"people": {"total": 5, "floor_area_per_person_m2": 30}}, "only one can hold"),
        (
            {
                "population": {"source": "columns", "unknown_limit_percent": 5, **RESIDENT},
                **QUARTERS,
            },
            "unknown_limit_percent",
        ),
        ({"people": {"target_year": 2030}}, "growth needs"),
        ({"ageing": AGED}, "growth needs"),
        (
            {
                "population": {"source": "floor_area", "year": 2020, **RESIDENT},
                "census": {"path": "c.csv", "unit": "u", "year": 2015, **RESIDENT},
                "people": {"target_year": 2030},
                "ageing": AGED,
            },
            "whose year must be that of [population]",
        ),
        (
            {
                "population": {"source": "floor_area", "year": 2020, **RESIDENT},
                "census": {"path": "c.csv", "unit": "u", "year": 2020, **RESIDENT},
                "people": {"target_year": 2030, "growth_percent_per_year": {"population": 1}},
                "ageing": AGED,
            },
            "only one can hold",
        ),
        (
            {
                "population": {"source": "floor_area", "year": 2020, **RESIDENT},
                "people": {"target_year": 2015, "growth_percent_per_year": {"population": 1}},
            },
            "before the base year",
        ),
    ],
)
def test_tables_that_contradict_each_other(tables: dict[str, Any], words: str) -> None:
    with pytest.raises(StudyError) as raised:
        parse_study({**BASIC, **tables}, "study.toml")
    (problem,) = raised.value.problems
    assert problem.id == "E-STU-003"
    assert words in problem.text("en")
    assert any("\u4e00" <= c <= "\u9fff" for c in problem.text("zh"))


def test_the_tables_of_the_tests_are_toml(polygons: Any) -> None:
    tomllib.loads(polygons.study + CELLS + CENSUS + ADMIN)


def test_a_large_quarter_is_covered_in_part_where_its_people_are_spread(town: Any) -> None:
    # one quarter over all streets, one station in the south-west corner
    shape = {"code": ["all"], "people": [900], "old": [300], "small": [30]}
    gpd.GeoDataFrame(shape, geometry=[block(0, 0, 3)], crs="EPSG:4326").to_file(
        town.folder / "quarters.gpkg"
    )
    columns = '{ id = "code", population = "people", age_60_plus = "old" }'
    start = town.study.index("[residential]")
    end = town.study.index("[[facilities]]")
    quarters = f'[residential]\npath = "quarters.gpkg"\ncolumns = {columns}\n'
    town.study = town.study[:start] + quarters + town.study[end:]
    path = town.write()

    whole = Study.from_file(path).run()
    assert "homes-at-points" in {one.id for one in whole.assumptions}
    assert whole.circles[0].access.quarters["percent_within"].tolist() in ([0.0], [100.0])

    town.study = town.study.replace("columns = { id", "sample_m = 50\ncolumns = { id", 1)
    spread = Study.from_file(town.write()).run()
    (told,) = [one.en for one in spread.assumptions if one.id == "homes-sampled"]
    assert f"at {len(spread.homes)} points on a grid of 50 m" in told
    (percent,) = spread.circles[0].access.quarters["percent_within"]
    assert 0 < percent < 100
    people = spread.circles[0].coverage.people
    assert (people.input, people.covered + people.uncovered) == (300, 300)


def test_sample_points_have_no_effect_where_dwellings_are_known(polygons: Any) -> None:
    text = polygons.study.replace("columns =", "sample_m = 100\ncolumns =", 1)
    text += '[population]\nsource = "floor_area"\nbase = "resident"\n'
    with pytest.raises(StudyError, match="sample_m of"):
        parse_study(tomllib.loads(text), "study.toml")
