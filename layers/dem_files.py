"""One grid of heights from each file: ``.hgt``, GeoTIFF, ``.asc``, or a ``.zip`` of such.

``.hgt`` is how NASA's shuttle mission SRTM was published: 1201 or 3601 rows of big-endian
16-bit metres, named after the corner in the south-west, -32768 where the radar saw nothing
(https://lpdaac.usgs.gov/documents/179/SRTM_User_Guide_V3.pdf). It needs numpy only; GeoTIFF and
Esri's ASCII grid need the extra ``[raster]``. Only what lies near the streets is kept.

Limits: a raster must be one band, north up. Heights must come in a known unit: one that
says none is refused, because metres, decimetres and feet look alike.
"""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from carecircle.layers.archives import check_sizes, is_layer, shown_name, unpack
from carecircle.layers.crs import LONLAT, Frame, transformer
from carecircle.layers.formats import MOST_BYTES
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.raster_files import (
    NOT_PLAIN,
    crs_of_raster,
    faults_of_grid,
    has_value,
    open_raster,
)
from carecircle.layers.raw import guarded, refused
from carecircle.layers.sources import TerrainSource

DRIVERS = {".tif": "GTiff", ".tiff": "GTiff", ".asc": "AAIGrid"}
GRIDS = (".hgt", *DRIVERS)
KINDS = (*GRIDS, ".zip")
HGT_SIDES = (1201, 3601)
HGT_VOID = -32768
MOST_POINTS = 100_000_000  # 0.8 GB of heights; 10 km by 10 km at 1 m
NO_NUMBER = re.compile(
    rb"(?<!\S)(?!(?:[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?|nan)(?!\S))\S+", re.IGNORECASE
)
ASC_HEADER = re.compile(
    rb"\s*(?:n(?:cols|rows|odata_value)|[xy]ll|cellsize|d[xy]\b)", re.IGNORECASE
)
HGT_NAME = re.compile(r"([NS])(\d{2})([EW])(\d{3})", re.IGNORECASE)
METRES = {"m": 1.0, "dm": 0.1, "cm": 0.01, "ft": 0.3048}  # the US survey foot is 2 millionths more
UNIT_NAMES = {
    **dict.fromkeys(("m", "metre", "meter", "metres", "meters"), "m"),
    **dict.fromkeys(("dm", "decimetre", "decimeter"), "dm"),
    **dict.fromkeys(("cm", "centimetre", "centimeter"), "cm"),
    **dict.fromkeys(("ft", "foot", "feet", "us-ft", "us survey foot", "international foot"), "ft"),
}
UNUSABLE = {
    **NOT_PLAIN,
    "kind": {"en": "its values are no heights", "zh": "像元值不是高程"},
    "kinds": {
        "en": f"it is not one of the kinds read here: {', '.join(KINDS)}",
        "zh": f"不支持的文件类型。支持：{'、'.join(KINDS)}",
    },
    "name": {
        "en": "a .hgt file must be named after its place, such as N29E106.hgt",
        "zh": ".hgt 文件须按位置命名，如 N29E106.hgt",
    },
    "side": {
        "en": "a .hgt file has 1201 × 1201 or 3601 × 3601 values; this one is cut short or padded",
        "zh": ".hgt 文件应含 1201×1201 或 3601×3601 个值；该文件不完整或多出内容",
    },
    "word": {
        "en": "a cell holds no number; where no height is known, write the value of NODATA_value",
        "zh": "像元值不是数字；高程未知处请填写 NODATA_value 所注的值",
    },
    "none": {
        "en": "there is no .hgt, .asc or GeoTIFF in it",
        "zh": "其中没有 .hgt、.asc 或 GeoTIFF 文件",
    },
}


@dataclass(frozen=True)
class Lattice:
    """Where the points of a straight grid lie, in its own CRS.

    ``west`` and ``north`` are the point of the first row and column; ``dx`` leads to the next
    column, eastwards, and ``dy`` (negative) to the next row.
    """

    crs: str
    west: float
    north: float
    dx: float
    dy: float
    rows: int
    columns: int

    def near(self, frame: Frame, margin_m: float) -> tuple[slice, slice] | None:
        """The rows and columns within ``margin_m`` of the streets' extent; None: there are none."""
        left_m, bottom_m, right_m, top_m = frame.bounds_m
        wider = (left_m - margin_m, bottom_m - margin_m, right_m + margin_m, top_m + margin_m)
        bounds = transformer(frame.crs, self.crs).transform_bounds(*wider, densify_pts=21)
        if not np.isfinite(bounds).all():
            return None
        west, south, east, north = bounds
        first, last = self.place(west, north), self.place(east, south)
        columns = slice(max(math.floor(first[0]), 0), min(math.ceil(last[0]) + 1, self.columns))
        rows = slice(max(math.floor(first[1]), 0), min(math.ceil(last[1]) + 1, self.rows))
        return (rows, columns) if rows.start < rows.stop and columns.start < columns.stop else None

    def place(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Column and row of places, with their fractions; may lie outside."""
        return (x - self.west) / self.dx, (y - self.north) / self.dy

    def part(self, rows: slice, columns: slice) -> Lattice:
        """The lattice of some of the rows and columns."""
        return replace(
            self,
            west=self.west + columns.start * self.dx,
            north=self.north + rows.start * self.dy,
            rows=rows.stop - rows.start,
            columns=columns.stop - columns.start,
        )


@dataclass(frozen=True, eq=False)
class Grid:
    """The heights of one file near the streets.

    Attributes
    ----------
    file : str
        As shown to the user; of an archive with its member.
    metres : (rows, columns) float64
        NaN where the file has no height.
    unit, scale
        What the stored numbers were multiplied with, for the manifest.
    """

    file: str
    lattice: Lattice
    metres: NDArray[np.float64]
    unit: str
    scale: float


def grids_of(source: TerrainSource, frame: Frame, margin_m: float) -> list[Grid]:
    """Every grid of the files that reaches within ``margin_m`` of the streets.

    Raises
    ------
    StudyError
        E-STU-004, E-LAY-002, E-LAY-004, E-LAY-019, E-LAY-020 for the file; E-TER-001 to
        E-TER-004 and E-TER-008 for what is in it; E-CRS-... for its CRS.
    """
    found = []
    for path in source.path:
        check_file(path)
        if path.suffix.lower() == ".zip":
            found += list(grids_of_archive(path, source, frame, margin_m))
        else:
            found.append(read_grid(path, path.name, source, frame, margin_m))
    return [grid for grid in found if grid is not None]


def check_file(path: Path) -> None:
    """Refuse what is not there, empty, far too large or of another kind."""
    if not path.is_file():
        raise refused(path.name, "E-STU-004")
    if path.suffix.lower() not in KINDS:
        raise unusable(path.name, "kinds")
    if path.stat().st_size == 0:
        raise refused(path.name, "E-LAY-002")
    if path.stat().st_size > MOST_BYTES:
        raise refused(path.name, "E-LAY-019", size=path.stat().st_size, most=MOST_BYTES)


def unusable(file: str, reason: str) -> StudyError:
    """E-TER-002, with one of the reasons above."""
    return StudyError(Problem("E-TER-002", file, details={"reason": UNUSABLE[reason]}))


def grids_of_archive(
    path: Path, source: TerrainSource, frame: Frame, margin_m: float
) -> Iterator[Grid | None]:
    """Each grid of a .zip, unpacked under a name of our own."""
    with guarded(path.name, lambda: ZipFile(path)) as archive:
        check_sizes(path.name, archive.infolist())
        members = {shown_name(info): info for info in archive.infolist() if not info.is_dir()}
        names = sorted(name for name in members if is_layer(name, GRIDS))
        if not names:
            raise unusable(path.name, "none")
        for name in names:
            with tempfile.TemporaryDirectory(prefix="carecircle-") as folder:
                inside = Path(folder, f"grid{Path(name).suffix.lower()}")
                unpack(path.name, archive, members[name], inside)
                shown = f"{path.name}/{name}"
                yield read_grid(inside, shown, source, frame, margin_m)


def read_grid(
    path: Path, shown: str, source: TerrainSource, frame: Frame, margin_m: float
) -> Grid | None:
    """One grid, as far as it is near the streets; None where nothing of it is."""
    read = read_hgt if path.suffix.lower() == ".hgt" else read_raster
    return read(path, shown, source, frame, margin_m)


def read_hgt(
    path: Path, shown: str, source: TerrainSource, frame: Frame, margin_m: float
) -> Grid | None:
    """A tile of one degree."""
    named = HGT_NAME.match(shown.rpartition("/")[2])
    if named is None:
        raise unusable(shown, "name")
    side = math.isqrt(path.stat().st_size // 2)
    if side not in HGT_SIDES or path.stat().st_size != 2 * side * side:
        raise unusable(shown, "side")
    south = int(named[2]) * (1 if named[1] in "Nn" else -1)
    west = int(named[4]) * (1 if named[3] in "Ee" else -1)
    step = 1 / (side - 1)
    whole = Lattice(LONLAT, west, south + 1, step, -step, side, side)
    unit, scale = unit_and_scale("m", 1.0, source, shown)
    near = whole.near(frame, margin_m)
    if near is None:
        return None
    values = np.fromfile(path, dtype=">i2").reshape(side, side)[near]
    metres = np.where(values == HGT_VOID, np.nan, values * (scale * METRES[unit]))
    return Grid(shown, whole.part(*near), metres, unit, scale)


def read_raster(
    path: Path, shown: str, source: TerrainSource, frame: Frame, margin_m: float
) -> Grid | None:
    """A raster of one band; the height of a pixel is taken to be that of its middle."""
    try:
        import rasterio
    except ImportError as error:
        raise StudyError(Problem("E-TER-001", shown)) from error
    driver = DRIVERS[path.suffix.lower()]
    # GDAL reads an ASCII grid that begins with whole numbers as such, and then nan as 0
    options = {"DATATYPE": "Float64"} if driver == "AAIGrid" else {}
    with open_raster(rasterio, path, shown, driver, **options) as raster:
        check_plain(raster, shown)
        if driver == "AAIGrid":
            check_words(path, shown)
        crs = crs_of_raster(raster, source.crs, shown, frame, "E-TER-002")
        check_8_bit(raster, source, shown)
        unit, scale = unit_and_scale(unit_of(raster, crs), raster.scales[0], source, shown)
        whole = lattice_of(raster, crs)
        near = whole.near(frame, margin_m)
        if near is None:
            return None
        part = whole.part(*near)
        if part.rows * part.columns > MOST_POINTS:
            details = {"count": part.rows * part.columns, "most": MOST_POINTS}
            raise StudyError(Problem("E-TER-011", shown, details=details))
        window = rasterio.windows.Window.from_slices(*near)
        values = pixels_of(raster, window, shown).astype(np.float64)
        known = has_value(raster, values, window) & ~np.isnan(values)
        heights = (values * scale + raster.offsets[0]) * METRES[unit]
    return Grid(shown, part, np.where(known, heights, np.nan), unit, scale)


def check_words(path: Path, shown: str) -> None:
    """E-TER-002 for an ASCII grid with a cell that is no number, which GDAL would read as 0."""
    with path.open("rb") as lines:
        for line in lines:
            word = None if ASC_HEADER.match(line) else NO_NUMBER.search(line)
            if word is not None:
                cell = word[0][:20].decode("ascii", "replace")
                details = {"reason": UNUSABLE["word"]}
                raise StudyError(Problem("E-TER-002", shown, value=cell, details=details))


def pixels_of(raster: Any, window: Any, shown: str) -> NDArray[Any]:
    """The stored numbers of a window; E-LAY-004 where the file breaks off."""
    pixels: NDArray[Any] = guarded(shown, lambda: raster.read(1, window=window))
    return pixels


def lattice_of(raster: Any, crs: str) -> Lattice:
    """The middles of the pixels."""
    grid = raster.transform
    west, north = grid.c + grid.a / 2, grid.f + grid.e / 2
    return Lattice(crs, west, north, grid.a, grid.e, raster.height, raster.width)


def check_plain(raster: Any, shown: str) -> None:
    """E-TER-002 for a raster whose pixels are not plainly heights on a straight grid."""
    no_number = np.dtype(raster.dtypes[0]).kind not in "iuf"
    faults = {**faults_of_grid(raster), "kind": no_number}
    problems = [
        Problem("E-TER-002", shown, details={"reason": UNUSABLE[name]})
        for name, found in faults.items()
        if found
    ]
    if problems:
        raise StudyError(problems)


def unit_of(raster: Any, crs: str) -> str | None:
    """The unit the file names: of its band, else of its vertical CRS; None where of neither."""
    vertical = [part for part in CRS.from_user_input(crs).sub_crs_list if part.is_vertical]
    written = raster.units[0] or (vertical[0].axis_info[0].unit_name if vertical else None)
    if written is None or not written.strip():
        return None
    return UNIT_NAMES.get(written.strip().lower(), written)


def unit_and_scale(
    unit: str | None, scale: float, source: TerrainSource, shown: str
) -> tuple[str, float]:
    """What file and study say together; they must not contradict each other."""
    if unit is not None and source.unit not in (None, unit):
        raise StudyError(
            Problem("E-TER-004", shown, column="unit", details={"file": unit, "study": source.unit})
        )
    if scale != 1 and source.scale not in (None, scale):
        raise StudyError(
            Problem(
                "E-TER-004", shown, column="scale", details={"file": scale, "study": source.scale}
            )
        )
    found = source.unit or unit
    if found not in METRES:
        raise StudyError(Problem("E-TER-003", shown, details={"found": found or "–"}))
    return found, scale if source.scale is None else source.scale


def check_8_bit(raster: Any, source: TerrainSource, shown: str) -> None:
    """E-TER-008 for values stretched for display: 8 bits, filled from the first to the last.

    A study that states what one step is (``scale``) knows better and is believed.
    """
    if np.dtype(raster.dtypes[0]).itemsize > 1 or source.scale is not None:
        return
    if raster.scales[0] != 1:
        return
    lowest, highest = 256, -1
    for _, window in raster.block_windows(1):
        pixels = pixels_of(raster, window, shown)
        lowest, highest = min(lowest, int(pixels.min())), max(highest, int(pixels.max()))
    limits = np.iinfo(raster.dtypes[0])
    if source.unit is None or (lowest, highest) == (limits.min, limits.max):
        details = {"lowest": lowest, "highest": highest}
        raise StudyError(Problem("E-TER-008", shown, details=details))
