"""People from cells and a raster: by hand, by brute force, as properties."""

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
from carecircle.layers import plausibility
from carecircle.layers.crs import Frame, project
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
    half = side / 2
    squares = quarters(*((x - half, y - half, x + half, y + half) for x, y, _ in rows))
    people = np.array([p for _, _, p in rows])
    shapes = layer.geometry.to_numpy()
    found, has_figure = people_by_quarter(squares.geometry.to_numpy(), people, shapes)
    shares = [[overlap((x, y), side, strip) for x, y, _ in rows] for strip in strips]
    expected = [float(np.dot(people, of_quarter)) for of_quarter in shares]
    assert found == pytest.approx(expected, abs=1e-5)
    assert has_figure.tolist() == [max(of_quarter) > 0 for of_quarter in shares]


# a grid of 3 by 3 cells, 300 m wide, with a gap in its middle
GAP = [(x, y, 5) for x in (50, 150, 250) for y in (50, 150, 250) if (x, y) != (150, 150)]
IN_GAP, EDGE, FAR, HALF_OUT = (
    (110, 110, 190, 190),
    (-10, 0, 60, 60),
    (310, 0, 400, 100),
    (200, 0, 500, 100),
)


def told_of(counted):
    """What the grid says of each quarter: figure, beyond, in a gap, partly beyond."""
    columns = (counted.has_figure, counted.beyond, counted.in_gaps, counted.partly_beyond)
    return ["".join("-x"[bool(told)] for told in row) for row in zip(*columns, strict=True)]


def test_quarters_in_a_gap_and_beyond_a_grid_of_squares(cells):
    layer = quarters(IN_GAP, EDGE, FAR, HALF_OUT)
    counted = people_in_cells(cells(*GAP, cell_m=100), layer, FRAME)
    # a seventh of the second lies outside: its people are too few, which is told
    assert told_of(counted) == ["--x-", "x--x", "-x--", "x--x"]
    assert counted.on_grid == pytest.approx([1, 6 / 7, 0, 1 / 3])
    assert counted.population[[0, 2]].tolist() == [0, 0]
    assert int(counted.population.sum()) + counted.outside == 40


def test_quarters_in_a_gap_and_beyond_a_grid_of_points(cells):
    """The hull of the points is 200 m wide; a point inside makes a quarter known."""
    layer = quarters(IN_GAP, EDGE, FAR, HALF_OUT)
    counted = people_in_cells(cells(*GAP), layer, FRAME)
    assert told_of(counted) == ["--x-", "x---", "-x--", "x---"]
    assert counted.on_grid == pytest.approx([1, 1, 0, 1])


def test_a_quarter_that_touches_a_cell_holds_no_figure(cells):
    layer = quarters((100, 0, 200, 100), (0, 0, 100, 100), (20, 20, 80, 80))
    counted = people_in_cells(cells((50, 50, 9), cell_m=100), layer, FRAME)
    # the third lies wholly on the second, which has its people
    assert told_of(counted) == ["-x--", "x---", "x---"]
    assert counted.population.tolist() == [0, 9, 0]


def test_cells_that_lie_on_each_other_are_refused_unless_both_are_meant(cells):
    twice = ((50, 50, 8), (150, 50, 3), (50, 50, 8))
    with pytest.raises(StudyError) as raised:
        people_in_cells(cells(*twice, cell_m=100), quarters(*TWO), FRAME)
    assert ids(raised) == ["E-GEO-005"]
    kept = people_in_cells(cells(*twice, cell_m=100, overlaps="keep"), quarters(*TWO), FRAME)
    assert kept.population.sum() + kept.outside == 19


def test_points_on_one_place_are_refused_unless_both_are_meant(cells):
    twice = ((50, 50, 8), (150, 50, 3), (50, 50, 8))
    with pytest.raises(StudyError) as raised:
        people_in_cells(cells(*twice), quarters(*TWO), FRAME)
    assert [(p.id, p.row, p.details["other"]) for p in raised.value.problems] == [
        ("E-POP-022", 4, 2)
    ]
    kept = people_in_cells(cells(*twice, overlaps="keep"), quarters(*TWO), FRAME)
    assert kept.population.tolist() == [16, 3]
    assert [r["id"] for r in kept.records] == ["R-POP-014"]


GRID = [(50 + 100 * x, 50 + 100 * y, 1) for x in range(4) for y in range(4)]


@pytest.mark.parametrize(
    ("cell_m", "refused"),
    [(49, "E-POP-023"), (10, "E-POP-023"), (112, "E-POP-025"), (300, "E-POP-025")],
)
def test_cells_much_narrower_or_wider_than_their_step_are_refused(cells, cell_m, refused):
    with pytest.raises(StudyError) as raised:
        people_in_cells(cells(*GRID, cell_m=cell_m), quarters((0, 0, 400, 400)), FRAME)
    assert ids(raised) == [refused]
    assert raised.value.problems[0].details == {"step": "100", "cell_m": str(cell_m)}


@pytest.mark.parametrize("cell_m", [50, 100, 111])
def test_cells_about_as_wide_as_their_step_are_read(cells, cell_m):
    read = people_in_cells(cells(*GRID, cell_m=cell_m), quarters((-50, -50, 450, 450)), FRAME)
    assert read.population.tolist() == [16]


def test_the_step_of_a_grid_does_not_follow_the_order_of_its_file(cells, monkeypatch):
    """Every second row is a cell far from all others; the quarter of all cells lies 100 m apart."""
    monkeypatch.setattr(plausibility, "MOST_CELLS", 20)
    town = [(50 + 100 * k, 50, 1) for k in range(20)]
    villages = [(50 + 1000 * k, 9_050, 1) for k in range(20)]
    listed = [cell for pair in zip(villages, town, strict=True) for cell in pair]
    read = people_in_cells(cells(*listed, cell_m=100), quarters((0, 0, 2000, 100)), FRAME)
    assert (read.population.tolist(), read.outside) == ([20], 20)


@pytest.mark.parametrize("cell_m", [100, None])
def test_cells_in_ten_thousands_are_refused(cells, cell_m):
    """20 people a hectare, written 0.002."""
    layer = quarters(*[(100 * k, 0, 100 * k + 100, 200) for k in range(6)])
    people = [(50 + 100 * x, 50 + 100 * y, 0.002) for x in range(6) for y in range(2)]
    with pytest.raises(StudyError) as raised:
        people_in_cells(cells(*people, cell_m=cell_m), layer, FRAME)
    assert ids(raised) == ["E-NUM-011"]
    kept = people_in_cells(cells(*people, cell_m=cell_m, numbers_are_counts=True), layer, FRAME)
    assert [r["id"] for r in kept.records] == ["R-NUM-004"]


def test_cells_that_overlap_and_are_meant_to(cells):
    source = cells(*GRID, cell_m=200, overlaps="keep")
    read = people_in_cells(source, quarters((-50, -50, 450, 450)), FRAME)
    assert read.population.tolist() == [16]
    assert [r["id"] for r in read.records] == ["R-GEO-002"]


def test_more_people_than_a_quarter_or_a_cell_can_hold(cells):
    layer = quarters((0, 0, 200, 100))
    for cell_m, people, refused in ((None, 10_001, True), (None, 9_999, False), (100, 5_001, True)):
        source = cells((50, 50, people), cell_m=cell_m)
        if refused:
            with pytest.raises(StudyError) as raised:
                people_in_cells(source, layer, FRAME)
            assert ids(raised) == ["E-POP-020"]
            assert people_in_cells(source, layer, FRAME, 6000).population.tolist() == [people]
        else:
            assert people_in_cells(source, layer, FRAME).population.tolist() == [people]


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


def masked(source):
    """The raster with its north-west pixel masked, the mask within the file."""
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(source.path, "r+") as file,
    ):
        mask = np.full(file.shape, 255, dtype="uint8")
        mask[0, 0] = 0
        file.write_mask(mask)
    return source


@pytest.mark.parametrize("value", [1, 50, -9999, np.nan])
@pytest.mark.parametrize("keys", [{}, {"nodata": -5}])
def test_masked_people_are_nobody(raster, value, keys):
    """What lies under a mask is in no quarter, nor outside of all quarters."""
    pixels = [[value, 2, 3], [4, 5, 6], [7, 8, 9]]
    source = masked(raster(pixels, **keys))
    assert not list(source.path.parent.glob("*.msk"))
    counted = people_in_raster(source, quarters((0, 200, 200, 300), (0, 0, 300, 100)), FRAME)
    assert counted.population.tolist() == [2, 24]
    assert counted.outside == 18


def test_quarters_on_nodata_and_beyond_a_raster(raster):
    pixels = [[1, 2, 0], [4, -1, 6], [7, 8, 3]]
    on_zero, on_another = (210, 210, 290, 290), (210, 10, 290, 90)
    layer = quarters(IN_GAP, EDGE, FAR, HALF_OUT, on_zero, on_another)
    counted = people_in_raster(raster(pixels, nodata=-1), layer, FRAME)
    assert told_of(counted) == ["--x-", "x--x", "-x--", "x--x", "x---", "x---"]
    assert counted.on_grid == pytest.approx([1, 6 / 7, 0, 1 / 3, 1, 1])
    assert counted.population[3:].tolist() == [3, 0, 0]
    assert int(counted.population.sum()) + counted.outside == 31


def test_a_raster_cut_along_a_boundary(raster):
    """Its extent is a rectangle, but beyond the boundary nothing is known."""
    pixels = [[-1, -1, -1, -1], [2, 2, -1, -1], [2, 2, -1, -1]]
    layer = quarters((0, 0, 200, 100), (250, 50, 350, 150), (0, 210, 100, 290))
    counted = people_in_raster(raster(pixels, nodata=-1), layer, FRAME)
    assert told_of(counted) == ["x---", "-x--", "-x--"]
    nothing = people_in_raster(raster([[-1, -1]], nodata=-1), layer, FRAME)
    assert nothing.beyond.all()
    assert nothing.outside == 0


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


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(255, "uint8"), (65535, "uint16"), (32767, "int16"), (2**31 - 1, "int32"), (32767, "float32")],
)
def test_the_largest_number_of_a_type_is_no_count(raster, value, dtype):
    """Pixels of a kilometre, which could hold so many people."""
    pixels = [[1, value], [value, 3]]
    km = north_up(EAST, NORTH + 2000, 1000)
    with pytest.raises(StudyError) as raised:
        people_in_raster(raster(pixels, dtype=dtype, transform=km), quarters((0, 0, 99, 99)), FRAME)
    assert ids(raised) == ["E-POP-021"]
    details = dict(raised.value.problems[0].details)
    assert details == {"count": 2, "row": 1, "column": 2, "value": str(value)}


def test_more_people_than_a_pixel_can_hold(raster):
    layer = quarters((0, 0, 200, 100))
    full = people_in_raster(raster([[4950, 20]]), layer, FRAME)
    assert full.population.sum() + full.outside == 4970
    with pytest.raises(StudyError) as raised:
        people_in_raster(raster([[20, 5100]]), layer, FRAME)
    assert [(p.id, p.row, p.column) for p in raised.value.problems] == [("E-POP-020", 1, "2")]
    assert people_in_raster(raster([[20, 5100]]), layer, FRAME, 6000).population.tolist() == [5120]
    with pytest.raises(StudyError) as raised:
        people_in_raster(raster([[3.4e38, 3.4e38]]), layer, FRAME)
    assert ids(raised) == ["E-POP-020"]


def test_less_than_one_person_in_each_quarter_is_another_unit(raster):
    five = quarters(*[(100 * at, 0, 100 * at + 100, 100) for at in range(5)])
    with pytest.raises(StudyError) as raised:
        people_in_raster(raster([[0.3, 0.2, 0.4, 0.1, 3.9]]), five, FRAME)
    (problem,) = raised.value.problems
    assert problem.id == "E-POP-007" and "/" not in problem.file
    assert "less than one person" in problem.text("en")
    few = people_in_raster(raster([[0.25, 0.25, 0.25, 0.25, 4.0]]), five, FRAME)
    assert few.population.sum() == 5


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
