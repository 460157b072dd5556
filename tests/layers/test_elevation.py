"""Heights from small grids whose every value is known."""

import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
from pydantic import ValidationError
from rasterio.transform import Affine
from scipy.ndimage import map_coordinates

import carecircle.layers.dem_files as dem_files
from carecircle.layers.crs import LONLAT, Frame, transformer
from carecircle.layers.elevation import Elevation, read_elevation, smoothed
from carecircle.layers.problems import StudyError
from carecircle.layers.sources import TerrainSource

UTM = "EPSG:32651"
FRAME = Frame(UTM, (120.49, 30.49, 120.51, 30.51))
EAST, NORTH = 258_500.0, 3_378_600.0  # north-west corner of the grids, 600 m off the frame
CELL_M, SIDE = 30.0, 130


def plane(x, y):
    """10 % up to the east, 4 % down to the north."""
    return 400 + 0.1 * (x - EAST) - 0.04 * (y - NORTH)


def middles(side=SIDE, cell=CELL_M):
    at = (np.arange(side) + 0.5) * cell
    return np.meshgrid(EAST + at, NORTH - at)


@pytest.fixture
def write(tmp_path: Path):
    """A GeoTIFF of these values, its corner in the north-west."""

    def to_file(values, name="dem.tif", corner=(EAST, NORTH), cell=CELL_M, tags=None, **profile):
        values = np.atleast_3d(values.T).T  # one band, unless there are several
        profile = {"crs": UTM, "nodata": -9999, **profile}
        path = tmp_path / name
        grid = profile.pop("transform", Affine(cell, 0, corner[0], 0, -cell, corner[1]))
        unit = profile.pop("unit", "m")
        with rasterio.open(
            path, "w", driver="GTiff", count=len(values), height=values.shape[1],
            width=values.shape[2], dtype=values.dtype, transform=grid, **profile,
        ) as raster:  # fmt: skip
            raster.write(values)
            raster.units = [unit] * len(values)
            for name, value in (tags or {}).items():
                setattr(raster, name, value)
        return path

    return to_file


def read(*paths, **keys) -> Elevation:
    return read_elevation(TerrainSource(path=list(paths), **keys), FRAME)


def places(count=200, seed=1):
    """Random places within the frame, degrees."""
    return np.random.default_rng(seed).uniform((120.49, 30.49), (120.51, 30.51), (count, 2))


def on_plane(lonlat):
    return plane(*transformer(LONLAT, UTM).transform(*lonlat.T))


def refusal(call) -> list[str]:
    with pytest.raises(StudyError) as raised:
        call()
    for problem in raised.value.problems:
        assert problem.text("zh") != problem.text("en")
    return [problem.id for problem in raised.value.problems]


def test_a_plane_is_read_exactly(write) -> None:
    heights, covered = read(write(plane(*middles()))).at(places())
    assert covered.all()
    assert heights == pytest.approx(on_plane(places()), abs=1e-6)


def test_between_the_points_as_scipy_does(write) -> None:
    values = np.random.default_rng(2).uniform(0, 500, (SIDE, SIDE))
    x, y = transformer(LONLAT, UTM).transform(*places().T)
    at = (NORTH - y) / CELL_M - 0.5, (x - EAST) / CELL_M - 0.5
    heights, _ = read(write(values)).at(places())
    assert heights == pytest.approx(map_coordinates(values, at, order=1))


def test_the_same_ground_in_three_coordinate_systems(write) -> None:
    for number, crs in enumerate(("EPSG:4326", "EPSG:3857")):
        x, y = transformer(UTM, crs).transform(EAST, NORTH)
        step = (0.0003, 35.0)[number]
        at = (np.arange(160) + 0.5) * step
        columns, rows = np.meshgrid(x + at, y - at)
        values = plane(*transformer(crs, UTM).transform(columns, rows))
        heights, covered = read(write(values, corner=(x, y), cell=step, crs=crs)).at(places())
        assert covered.all()
        assert heights == pytest.approx(on_plane(places()), abs=0.01)  # a plane bends a little


def hgt(folder: Path, values, name="N30E120.hgt") -> Path:
    path = folder / name
    path.write_bytes(np.asarray(values).astype(">i2").tobytes())
    return path


def test_an_hgt_tile_needs_no_rasterio_and_gives_what_gdal_gives(
    write, tmp_path, monkeypatch
) -> None:
    values = np.random.default_rng(3).integers(-5, 500, (1201, 1201))
    path = hgt(tmp_path, values)
    with rasterio.open(path) as raster:  # GDAL's own reader of .hgt
        corner, grid = (raster.transform.c, raster.transform.f), raster.read(1)
    as_tif = write(grid.astype("i2"), corner=corner, cell=1 / 1200, crs="EPSG:4326", nodata=-32768)
    expected, _ = read(as_tif).at(places())
    monkeypatch.setitem(sys.modules, "rasterio", None)
    heights, _ = read(path).at(places())
    assert heights == pytest.approx(expected, abs=1e-6)
    assert refusal(lambda: read(as_tif)) == ["E-TER-001"]


def test_an_hgt_tile_of_one_second(tmp_path) -> None:
    north, east = np.mgrid[0:3601, 0:3601]
    ground = read(hgt(tmp_path, 2 * (north // 4) + east // 2, "n30e120.hgt"))
    assert ground.facts["cell_m"] == [pytest.approx(26.6, abs=0.1), pytest.approx(30.8, abs=0.1)]
    row, column = 3600 * 0.5, 3600 * 0.5  # the middle of the tile
    height, _ = ground.at(np.array([[120.5, 30.5]]))
    assert height.tolist() == [pytest.approx(2 * (row // 4) + column // 2)]


@pytest.mark.parametrize(("name", "size"), [("N30E120.hgt", 1200 * 1200), ("dem.hgt", 1201**2)])
def test_an_hgt_file_without_its_place_or_cut_short(tmp_path, name, size) -> None:
    path = hgt(tmp_path, np.zeros(size), name)
    assert refusal(lambda: read(path)) == ["E-TER-002"]


def test_an_ascii_grid(write, tmp_path) -> None:
    values = np.random.default_rng(6).integers(0, 500, (SIDE, SIDE))
    expected, _ = read(write(values.astype("i2"))).at(places())
    south = NORTH - SIDE * CELL_M
    head = f"ncols {SIDE}\nnrows {SIDE}\nxllcorner {EAST}\nyllcorner {south}\ncellsize {CELL_M}\n"
    rows = "\n".join(" ".join(map(str, row)) for row in values)
    path = tmp_path / "dem.asc"
    path.write_text(f"{head}NODATA_value -9999\n{rows}\n")
    assert refusal(lambda: read(path, unit="m")) == ["E-CRS-001"]
    assert refusal(lambda: read(path, crs=UTM)) == ["E-TER-003"]
    heights, _ = read(path, crs=UTM, unit="m").at(places())
    assert heights == pytest.approx(expected)


def test_tiles_together_are_the_whole(write, tmp_path) -> None:
    values = np.random.default_rng(4).uniform(0, 500, (SIDE, SIDE)).round(3)
    whole, _ = read(write(values)).at(places())
    west = write(values[:, :70], "west.tif")
    east = write(values[:, 60:], "east.tif", corner=(EAST + 60 * CELL_M, NORTH))
    far = write(values[:9, :9], "far.tif", corner=(EAST + 90_000, NORTH))
    packed = tmp_path / "tiles.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(west, "a/west.tif")
        archive.write(east, "b/east.tif")
    for tiles in ((west, east), (east, far, west), (packed,)):
        heights, covered = read(*tiles).at(places())
        assert covered.all()
        assert heights == pytest.approx(whole)
    _, covered = read(west).at(places())
    assert 0 < covered.sum() < len(covered)


def test_a_void_of_one_tile_is_filled_by_another(write) -> None:
    values = plane(*middles())
    holed = values.copy()
    holed[40:80, 40:80] = -9999
    heights, covered = read(write(holed, "holed.tif")).at(places())
    assert covered.all()
    assert 0 < np.isnan(heights).sum() < len(heights)
    heights, _ = read(write(holed, "holed.tif"), write(values)).at(places())
    assert heights == pytest.approx(on_plane(places()), abs=1e-6)


def test_units_scale_and_offset(write) -> None:
    metres, _ = read(write(plane(*middles()))).at(places())
    feet = write(plane(*middles()) / 0.3048, "feet.tif", unit="ft")
    said = write(plane(*middles()) * 10, "dm.tif", unit="")
    stored = np.rint((plane(*middles()) - 100) / 0.01).astype("i4")
    tags = {"scales": [0.01], "offsets": [100.0]}
    scaled = write(stored, "scaled.tif", tags=tags, nodata=-(2**31))
    assert read(feet).at(places())[0] == pytest.approx(metres)
    assert read(said, unit="dm").at(places())[0] == pytest.approx(metres)
    assert read(said, unit="m", scale=0.1).at(places())[0] == pytest.approx(metres)
    assert read(scaled).at(places())[0] == pytest.approx(metres, abs=0.006)
    assert refusal(lambda: read(said)) == ["E-TER-003"]
    assert refusal(lambda: read(feet, unit="m")) == ["E-TER-004"]
    assert refusal(lambda: read(scaled, scale=0.1)) == ["E-TER-004"]


def test_heights_stretched_to_8_bits(write) -> None:
    ramp = np.tile(np.linspace(0, 255, SIDE).round(), (SIDE, 1)).astype("u1")
    path = write(ramp, nodata=None)
    assert refusal(lambda: read(path)) == ["E-TER-008"]
    assert refusal(lambda: read(path, unit="m")) == ["E-TER-008"]
    assert read(path, unit="m", scale=0.5).metres.max() < 128
    low = write(ramp // 3, "low.tif", nodata=None)  # 0 to 85: nothing was stretched
    assert refusal(lambda: read(low)) == ["E-TER-008"]
    assert read(low, unit="m").metres.max() < 86


def test_a_mask_counts_as_void(write) -> None:
    path = write(plane(*middles()), nodata=None)
    with rasterio.open(path, "r+") as raster:
        raster.write_mask(False)
    assert np.isnan(read(path).metres).all()


@pytest.mark.parametrize(
    ("values", "profile", "expected"),
    [
        (np.zeros((2, SIDE, SIDE)), {}, "E-TER-002"),
        (np.zeros((SIDE, SIDE)), {"transform": Affine(30, 5, EAST, 5, -30, NORTH)}, "E-TER-002"),
        (np.zeros((SIDE, SIDE), "c8"), {"nodata": None}, "E-TER-002"),
        (np.full((SIDE, SIDE), -9999.0), {"nodata": None}, "E-TER-007"),
        (np.full((SIDE, SIDE), 9001.0), {}, "E-TER-007"),
        (np.full((SIDE, SIDE), np.inf), {}, "E-TER-007"),
        (np.zeros((SIDE, SIDE)), {"corner": (EAST + 90_000, NORTH)}, "E-TER-005"),
        (np.zeros((SIDE, SIDE)), {"crs": None}, "E-CRS-001"),
    ],
)
def test_what_cannot_be_used(write, values, profile, expected) -> None:
    path = write(values, **profile)
    assert refusal(lambda: read(path)) == [expected]


def test_files_of_different_grids(write) -> None:
    one, zeros = write(plane(*middles())), np.zeros((SIDE, SIDE))
    for other in (
        write(zeros, "shifted.tif", corner=(EAST + 10, NORTH)),
        write(zeros, "finer.tif", cell=29.9),
        write(zeros, "zone.tif", corner=(834_000, 3_381_300), crs="EPSG:32650"),
    ):
        assert refusal(lambda other=other: read(one, other)) == ["E-TER-009"]


def test_files_that_are_none(write, tmp_path) -> None:
    (tmp_path / "dem.asc").write_text("ncols 2")
    (tmp_path / "dem.xyz").write_text("120 30 5")
    (tmp_path / "dem.hgt").write_bytes(b"")
    (tmp_path / "text.tif").write_text("no raster")
    (tmp_path / "text.zip").write_text("no archive")
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    expected = {
        "dem.asc": "E-LAY-004",
        "dem.xyz": "E-TER-002",
        "dem.hgt": "E-LAY-002",
        "text.tif": "E-LAY-004",
        "text.zip": "E-LAY-004",
        "none.zip": "E-TER-002",
        "missing.tif": "E-STU-004",
    }
    for name, id in expected.items():
        assert refusal(lambda name=name: read(tmp_path / name)) == [id], name
    cut = write(plane(*middles()))
    cut.write_bytes(cut.read_bytes()[:20_000])
    assert refusal(lambda: read(cut)) == ["E-LAY-004"]
    with pytest.raises(ValidationError):
        TerrainSource(path="https://example.org/dem.tif")


@pytest.mark.parametrize("value", [0.0, 258.0])
def test_one_height_everywhere_is_no_ground(write, value) -> None:
    path = write(np.full((SIDE, SIDE), value))
    assert refusal(lambda: read(path, unit="m")) == ["E-TER-012"]


def test_more_points_than_can_be_held(write, monkeypatch) -> None:
    path = write(plane(*middles()))
    monkeypatch.setattr(dem_files, "MOST_POINTS", 1000)
    assert refusal(lambda: read(path)) == ["E-TER-011"]


def test_smoothing_keeps_planes_and_voids() -> None:
    ramp = np.add.outer(np.arange(60.0), 2 * np.arange(60.0))
    assert smoothed(ramp, 2, 2)[10:-10, 10:-10] == pytest.approx(ramp[10:-10, 10:-10])
    level = np.full((30, 30), 7.0)
    level[10:13, 5:20] = np.nan
    assert np.isnan(smoothed(level, 3, 3)).tolist() == np.isnan(level).tolist()
    assert smoothed(level, 3, 3)[~np.isnan(level)] == pytest.approx(7.0)


def test_smoothing_is_in_metres(write) -> None:
    spike = np.zeros((SIDE, SIDE))
    spike[57, 57] = 1000.0
    path = write(spike)
    assert read(path).metres.max() == 1000
    # a Gaussian over a grid: 1 / (2 pi sigma^2) of the volume, sigma in cells
    top = read(path, smoothing_m=90).metres.max()
    assert top == pytest.approx(1000 / (2 * np.pi * 3**2), rel=0.01)
