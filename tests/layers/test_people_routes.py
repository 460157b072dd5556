"""People from cells, a raster and the totals of units: by hand, by brute force, as properties."""

import doctest
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import Affine
from shapely.geometry import box

import carecircle.layers.people as people_module
from carecircle.layers.crs import Frame, project
from carecircle.layers.dasymetric import check_whole_units, people_of_units
from carecircle.layers.people import inside_and_outside
from carecircle.layers.population_cells import people_by_quarter, people_in_cells
from carecircle.layers.population_raster import people_in_raster
from carecircle.layers.problems import StudyError
from carecircle.layers.sources import CellSource, RasterSource

FRAME = Frame("EPSG:4549", (120.0, 30.0, 120.1, 30.1))
EAST, NORTH = 500_000.0, 3_320_100.0


def quarters(*boxes, crs="EPSG:4549"):
    """Rectangles (west, south, east, north), in metres from a corner within the frame."""
    shapes = [box(EAST + w, NORTH + s, EAST + e, NORTH + n) for w, s, e, n in boxes]
    ids = pd.Index([f"q{i}" for i in range(len(boxes))], name="block_id", dtype=object)
    return gpd.GeoDataFrame({"name": ids}, index=ids, geometry=shapes, crs=crs)


def ids(raised):
    for problem in raised.value.problems:
        assert problem.text("zh") != problem.text("en")
    return [problem.id for problem in raised.value.problems]


# --- whole people inside and outside


def test_a_person_at_the_border_is_counted_once():
    whole, outside = inside_and_outside([8.5, 9.0], 21.0)
    assert whole.tolist() == [9, 9]
    assert outside == 3


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=30), st.floats(0, 1e5))
def test_inside_and_outside_are_the_total(inside, outside):
    total = sum(inside) + outside
    whole, beyond = inside_and_outside(inside, total)
    assert abs(int(whole.sum()) + beyond - total) <= 0.5 + 1e-6
    assert (np.abs(whole - inside) < 1 + 1e-6).all()


def test_examples_of_the_docstring():
    assert doctest.testmod(people_module).failed == 0


# --- cells


@pytest.fixture
def cells(tmp_path):
    """A cell table of (x, y, people), in metres from the corner."""

    def write(*rows, cell_m=None, **keys):
        path = tmp_path / "cells.csv"
        lines = [f"{EAST + x},{NORTH + y},{people}" for x, y, people in rows]
        path.write_text("\n".join(["x,y,population", *lines]) + "\n", encoding="utf-8")
        return CellSource(path=path, crs="EPSG:4549", cell_m=cell_m, **keys)

    return write


CELLS = ((150, 50, 4), (100, 50, 10), (0, 50, 7), (600, 50, 2))
TWO = ((0, 0, 100, 100), (100, 0, 300, 100))


def test_square_cells_are_shared_by_area(cells):
    counted = people_in_cells(cells(*CELLS, cell_m=100), quarters(*TWO), FRAME)
    # first quarter 10/2 + 7/2 = 8.5, second 4 + 10/2 = 9, outside 7/2 + 2 = 5.5: 23 people
    assert counted.population.tolist() == [9, 9]
    assert counted.outside == 5
    assert counted.files[0]["rows"] == 4


def test_points_belong_to_the_quarter_they_lie_in(cells):
    counted = people_in_cells(cells(*CELLS), quarters(*TWO), FRAME)
    assert counted.population.tolist() == [17, 4]  # on a shared border: the first quarter
    assert counted.outside == 2


def test_ground_in_two_quarters_belongs_to_the_first(cells):
    layer = quarters((0, 0, 100, 100), (50, 0, 150, 100))
    counted = people_in_cells(cells((75, 50, 8), (125, 50, 3), cell_m=50), layer, FRAME)
    assert counted.population.tolist() == [8, 3]
    assert counted.outside == 0


def test_a_cell_without_people_stated(cells):
    with pytest.raises(StudyError) as raised:
        people_in_cells(cells((50, 50, ""), (50, 50, -1)), quarters(*TWO), FRAME)
    assert ids(raised) == ["E-NUM-001", "E-NUM-003"]


def overlap(cell, side, quarter):
    """The share of an upright square in an upright rectangle, from the lengths of its sides."""
    (x, y), (west, south, east, north) = cell, quarter
    across = min(x + side / 2, east) - max(x - side / 2, west)
    along = min(y + side / 2, north) - max(y - side / 2, south)
    return max(across, 0) * max(along, 0) / side**2


@given(
    st.lists(st.tuples(st.integers(-50, 450), st.integers(-50, 150), st.floats(0, 90)), min_size=1),
    st.integers(10, 150),
)
def test_shares_equal_the_lengths_of_the_sides(rows, side):
    strips = [(0, 0, 130, 100), (130, 0, 250, 80), (260, 10, 400, 100)]
    layer = quarters(*strips)
    points = np.array([shapely_point(x, y) for x, y, _ in rows])
    people = np.array([p for _, _, p in rows])
    found = people_by_quarter(points, people, layer.geometry.to_numpy(), float(side))
    expected = [sum(p * overlap((x, y), side, strip) for x, y, p in rows) for strip in strips]
    assert found == pytest.approx(expected, abs=1e-5)


def shapely_point(x, y):
    return box(EAST + x, NORTH + y, EAST + x, NORTH + y).centroid


# --- raster


def north_up(west, north, size):
    return Affine(size, 0.0, west, 0.0, -size, north)


@pytest.fixture
def raster(tmp_path):
    """A GeoTIFF; its south-west corner is the corner, its pixels 100 m."""

    def write(pixels, crs="EPSG:4549", transform=None, stated=None, scale=None, **keys):
        bands = np.atleast_3d(np.asarray(pixels, dtype=keys.pop("dtype", "float32")))
        path = tmp_path / f"people-{len(list(tmp_path.iterdir()))}.tif"
        transform = transform or north_up(EAST, NORTH + 100 * len(bands), 100)
        size = {"height": bands.shape[0], "width": bands.shape[1], "count": bands.shape[2]}
        about = {"dtype": bands.dtype, "crs": crs, "transform": transform, **size, **keys}
        with rasterio.open(path, "w", driver="GTiff", **about) as file:
            file.write(np.moveaxis(bands, 2, 0))
            if scale:
                file.scales = scale
        return RasterSource(path=path, crs=stated)

    return write


NINE = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_pixels_are_shared_by_area(raster):
    layer = quarters((0, 200, 150, 300), (150, 0, 300, 100))
    counted = people_in_raster(raster(NINE), layer, FRAME)
    assert counted.population.tolist() == [2, 13]  # 1 + 2/2; 8/2 + 9
    assert counted.outside == 30  # of 45


def test_declared_nodata_is_nobody(raster):
    layer = quarters((0, 0, 300, 300))
    counted = people_in_raster(raster([[-9999, 2.5], [4, 3.25]], nodata=-9999), layer, FRAME)
    assert counted.population.tolist() == [10]  # 9.75
    assert counted.outside == 0
    whole = people_in_raster(raster([[255, 2]], nodata=255, dtype="uint8"), layer, FRAME)
    assert whole.population.tolist() == [2]
    nan = people_in_raster(raster([[np.nan, 2]], nodata=np.nan), layer, FRAME)
    assert nan.population.tolist() == [2]


@pytest.mark.parametrize("value", [-9999, np.nan, np.inf])
def test_undeclared_nodata_is_refused(raster, value):
    with pytest.raises(StudyError) as raised:
        people_in_raster(raster([[1, 2], [3, value]]), quarters((0, 0, 300, 300)), FRAME)
    assert ids(raised) == ["E-POP-008"]
    assert dict(raised.value.problems[0].details) | {"value": 0} == {
        "count": 1,
        "row": 2,
        "column": 2,
        "value": 0,
    }


def test_a_raster_in_degrees_is_not_resampled(raster):
    """The quarters move into the raster's CRS; the sum of all pixels stays what it is."""
    size, rows, columns = 0.0009, 12, 14
    west, north = 120.0, 30.01
    random = np.random.default_rng(7)
    pixels = random.gamma(2.0, 12.0, (rows, columns)).astype("float32")
    source = raster(pixels, crs="EPSG:4326", transform=north_up(west, north, size))
    strips = [(k * 150.0, -500.0, k * 150.0 + 130.0, 900.0) for k in range(8)]
    layer = quarters(*strips)
    counted = people_in_raster(source, layer, FRAME)
    total = int(np.floor(pixels.astype(float).sum() + 0.5))
    assert int(counted.population.sum()) + counted.outside == total

    moved = project(layer.geometry.to_numpy(), FRAME.crs, "EPSG:4326")
    expected = np.zeros(len(moved))
    for row in range(rows):
        for column in range(columns):
            x, y = west + column * size, north - row * size
            pixel = box(x, y - size, x + size, y)
            for at, shape in enumerate(moved):
                share = shape.intersection(pixel).area / pixel.area
                expected[at] += share * float(pixels[row, column])
    assert (np.abs(counted.population - expected) < 1 + 1e-3).all()
    assert expected.sum() > 1000


def test_rasters_that_cannot_be_used(raster):
    layer = quarters((0, 0, 300, 300))
    turned = Affine(98.5, 17.4, EAST, 17.4, -98.5, NORTH + 200)
    for source in (
        raster(np.ones((2, 2, 2))),
        raster([[1, 2]], transform=turned),
        raster([[1, 2]], scale=(2.0,)),
        raster([[1, 2]], crs=None, stated="gcj02"),
        raster([[1j, 2]], dtype="complex64"),
    ):
        with pytest.raises(StudyError) as raised:
            people_in_raster(source, layer, FRAME)
        assert ids(raised) == ["E-POP-007"]


def test_the_crs_of_a_raster(raster):
    layer = quarters((0, 0, 300, 300))
    stated = people_in_raster(raster([[1, 2]], crs=None, stated="EPSG:4549"), layer, FRAME)
    assert stated.population.tolist() == [3]
    for source, id in (
        (raster([[1, 2]], crs=None), "E-CRS-001"),
        (raster([[1, 2]], stated="EPSG:4326"), "E-CRS-003"),
        (raster([[1, 2]], transform=north_up(0, 100, 100)), "E-LOC-004"),
    ):
        with pytest.raises(StudyError) as raised:
            people_in_raster(source, layer, FRAME)
        assert ids(raised) == [id]


def test_a_file_that_is_no_geotiff(tmp_path):
    path = tmp_path / "people.tif"
    path.write_bytes(b"II*\x00 not a raster")
    with pytest.raises(StudyError) as raised:
        people_in_raster(RasterSource(path=path), quarters((0, 0, 1, 1)), FRAME)
    assert ids(raised) == ["E-LAY-004"]


def test_without_the_extra(raster, monkeypatch):
    source = raster(NINE)
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(StudyError) as raised:
        people_in_raster(source, quarters((0, 0, 1, 1)), FRAME)
    assert ids(raised) == ["E-POP-006"]


# --- totals of units by floor area


def dwellings(*rows):
    return pd.DataFrame(rows, columns=["block_id", "floor_area_m2"])


def units_of(**units):
    return pd.Series(units, dtype=object)


def test_each_unit_keeps_its_people():
    unit_of = units_of(a="u1", b="u1", c="u2", d="u2", e=None, f="elsewhere")
    houses = dwellings(("a", 200.0), ("b", 100.0), ("a", 100.0), ("d", 9.0), ("e", 50.0))
    people = people_of_units({"u1": 101, "u2": 10, "u3": 7}, unit_of, houses)
    # 101 by 300:100 are 75.75 and 25.25; c has no dwelling; e and f lie in no unit of the table
    assert people.to_dict() == {"a": 76, "b": 25, "c": 0, "d": 10}


def test_people_of_a_unit_without_any_floor_area():
    with pytest.raises(StudyError) as raised:
        people_of_units({"u1": 5, "u2": 0}, units_of(a="u1", b="u2"), dwellings())
    assert ids(raised) == ["E-POP-003"]
    assert raised.value.problems[0].value == "u1"


@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(1, 1e4)), min_size=1, max_size=30),
    st.lists(st.integers(0, 100_000), min_size=4, max_size=4),
)
def test_totals_and_order_hold_in_every_unit(rows, people):
    unit_of = pd.Series([f"u{unit}" for unit, _ in rows], dtype=object)
    unit_of.index = pd.Index([f"b{k}" for k in range(len(rows))])
    houses = dwellings(*((f"b{k}", area) for k, (_, area) in enumerate(rows)))
    totals = {f"u{k}": n for k, n in enumerate(people)}
    found = people_of_units(totals, unit_of, houses)
    for unit, here in found.groupby(unit_of):
        assert here.sum() == totals[unit]
        area = houses.set_index("block_id").loc[here.index, "floor_area_m2"]
        by_area = here[area.sort_values(ascending=False).index]
        assert by_area.is_monotonic_decreasing or area.nunique() < len(area)


def test_a_unit_that_reaches_out_of_the_streets():
    west, south, east, north = FRAME.bounds_m
    shapes = [
        box(west, south, east, north),
        box(west - (east - west), south, east, north),
        box(east + 1, south, east + 5000, north),
    ]
    units = gpd.GeoDataFrame(index=["whole", "half", "away"], geometry=shapes, crs=FRAME.crs)
    with pytest.raises(StudyError) as raised:
        check_whole_units(units, {"whole": 9, "half": 8, "away": 7}, FRAME)
    assert ids(raised) == ["E-POP-015"]
    assert raised.value.problems[0].value == "half"
    assert raised.value.problems[0].details["percent"] in (49, 50)
    check_whole_units(units, {"whole": 9, "away": 7}, FRAME)


def test_cells_that_lie_on_each_other_are_refused_unless_both_are_meant(cells):
    twice = ((50, 50, 8), (150, 50, 3), (50, 50, 8))
    with pytest.raises(StudyError) as raised:
        people_in_cells(cells(*twice, cell_m=100), quarters(*TWO), FRAME)
    assert ids(raised) == ["E-GEO-005"]
    kept = people_in_cells(cells(*twice, cell_m=100, overlaps="keep"), quarters(*TWO), FRAME)
    assert kept.population.sum() + kept.outside == 19
