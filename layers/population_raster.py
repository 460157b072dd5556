"""How many people of a raster live in each quarter?

Each quarter gets the part of every pixel that lies in it (exactextract, fractional pixels),
people spread evenly within a pixel. The raster is never resampled, which would lose people
(a nearest or bilinear reprojection lost 1 %): the quarters go into the raster's CRS instead.
Quarters and the people outside of all of them are together the total of the raster.

Limits: one GeoTIFF of one band, north up, unscaled. exactextract keeps fractions in single
precision: a share is right to 1 in 10 million.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pyproj import CRS

from carecircle.layers.chinese_offsets import ShiftedDegrees
from carecircle.layers.crs import Frame, known_crs, name_of, project, written
from carecircle.layers.people import inside_and_outside
from carecircle.layers.places import likely_crs, value_range
from carecircle.layers.population_cells import Counted, without_overlaps
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.sources import RasterSource

UNUSABLE = {
    "bands": {"en": "it has several bands; one is needed", "zh": "含多个波段，只能有一个"},
    "rotated": {"en": "it is rotated; north must be up", "zh": "栅格被旋转，须正北朝上"},
    "scaled": {
        "en": "its values are scaled",
        "zh": "像元值经过缩放，须直接为人数",
    },
    "shifted": {"en": "its places are those of an online map", "zh": "坐标为网络地图的偏移坐标"},
    "kind": {"en": "its values are not numbers of people", "zh": "像元值不是人数"},
}


def people_in_raster(source: RasterSource, quarters: GeoDataFrame, frame: Frame) -> Counted:
    """The people of a GeoTIFF in each of the quarters (polygons in the working CRS).

    Raises
    ------
    StudyError
        E-POP-006 without the extra ``[raster]``; E-POP-007, E-POP-008 for a raster that
        cannot be used or whose nodata value is not declared; E-CRS-... for its CRS;
        E-LOC-004 where it does not touch the study area.
    """
    rasterio, exact_extract = packages()
    file = str(source.path)
    try:
        raster = rasterio.open(source.path, driver="GTiff")
    except rasterio.errors.RasterioIOError as error:
        raise StudyError(Problem("E-LAY-004", file, details={"reason": error})) from error
    with raster:
        check_usable(raster, file)
        crs = crs_of_raster(raster, source, frame)
        check_near(raster, crs, frame, file)
        total = total_people(raster, file)
        ground = project(without_overlaps(quarters.geometry.to_numpy()), frame.crs, crs)
        shapes = gpd.GeoDataFrame(geometry=ground, crs=raster.crs or crs)
        inside = exact_extract(raster, shapes, ["sum"], output="pandas")["sum"]
        facts = {"rows": raster.height * raster.width, "crs": crs, "nodata": raster.nodata}
    population, outside = inside_and_outside(inside.tolist(), total)
    columns = {"population": "band 1"}
    about = {"file": file, "layer": "", "encoding": None, "columns": columns, **facts}
    return Counted(population, outside, (), (about,))


def packages() -> tuple[Any, Any]:
    """The packages of the extra ``[raster]``."""
    try:
        import rasterio
        from exactextract import exact_extract
    except ImportError as error:
        raise StudyError(Problem("E-POP-006")) from error
    return rasterio, exact_extract


def check_usable(raster: Any, file: str) -> None:
    """E-POP-007 for a raster whose pixels are not plainly people on a straight grid."""
    faults = {
        "bands": raster.count != 1,
        "rotated": raster.transform.b != 0 or raster.transform.d != 0 or raster.transform.e >= 0,
        "scaled": set(raster.scales) != {1.0} or set(raster.offsets) != {0.0},
        "kind": np.dtype(raster.dtypes[0]).kind not in "iuf",
    }
    problems = [
        Problem("E-POP-007", file, details={"reason": UNUSABLE[name]})
        for name, found in faults.items()
        if found
    ]
    if problems:
        raise StudyError(problems)


def crs_of_raster(raster: Any, source: RasterSource, frame: Frame) -> str:
    """The CRS of the file, of the study file where the file has none."""
    file, box = str(source.path), np.array([shapely.box(*raster.bounds)])
    named = known_crs(source.crs, file) if source.crs else None
    if isinstance(named, ShiftedDegrees):
        raise StudyError(Problem("E-POP-007", file, details={"reason": UNUSABLE["shifted"]}))
    if raster.crs is None and named is None:
        x, y = value_range(box)
        details = {"x": x, "y": y, "guess": likely_crs(box, frame)}
        raise StudyError(Problem("E-CRS-001", file, details=details))
    own = None if raster.crs is None else CRS.from_user_input(raster.crs.to_wkt())
    if own is not None and named is not None and not named.equals(own, ignore_axis_order=True):
        details = {"file_crs": name_of(own), "study_crs": name_of(named)}
        raise StudyError(Problem("E-CRS-003", file, details=details))
    return written(own or named)


def check_near(raster: Any, crs: str, frame: Frame, file: str) -> None:
    """E-LOC-004 where the raster and the streets have no ground in common."""
    streets = project(np.array([shapely.box(*frame.bounds_m)]), frame.crs, crs)
    box = np.array([shapely.box(*raster.bounds)])
    if not shapely.intersects(streets, box).any():
        x, y = value_range(box)
        details = {"crs": crs, "x": x, "y": y, "guess": likely_crs(box, frame)}
        raise StudyError(Problem("E-LOC-004", file, details=details))


def total_people(raster: Any, file: str) -> float:
    """The sum of all pixels but nodata, block by block; E-POP-008 where one is no count."""
    total, bad = 0.0, 0
    first: dict[str, Any] = {}
    for _, window in raster.block_windows(1):
        pixels = raster.read(1, window=window).astype(np.float64)
        nodata = is_nodata(raster, pixels)
        wrong = ~nodata & ~(np.isfinite(pixels) & (pixels >= 0))
        if wrong.any() and not bad:
            row, column = np.argwhere(wrong)[0]
            place = {"row": window.row_off + row + 1, "column": window.col_off + column + 1}
            first = {**place, "value": float(pixels[row, column])}
        bad += int(wrong.sum())
        total += float(pixels[~nodata & ~wrong].sum())
    if bad:
        raise StudyError(Problem("E-POP-008", file, details={"count": bad, **first}))
    return total


def is_nodata(raster: Any, pixels: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where the pixels have the declared nodata value, as the file can store it."""
    if raster.nodata is None:
        return np.zeros(pixels.shape, dtype=bool)
    nodata = float(np.asarray(raster.nodata).astype(raster.dtypes[0]))
    return np.asarray(np.isnan(pixels) if np.isnan(nodata) else pixels == nodata)
