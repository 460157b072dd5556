"""Is this raster a plain grid, and in which CRS does it lie?

What all rasters of a study must be, whatever their pixels hold: of the kind their ending says
(no other driver of GDAL is asked, some open other files), one band, north up, in a known CRS.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from carecircle.layers.chinese_offsets import ShiftedDegrees
from carecircle.layers.crs import Frame, known_crs, name_of, written
from carecircle.layers.places import likely_crs, value_range, would_be
from carecircle.layers.problems import Problem, StudyError

NOT_PLAIN = {
    "bands": {"en": "it has several bands; one is needed", "zh": "含多个波段，只能有一个"},
    "rotated": {"en": "it is rotated; north must be up", "zh": "栅格被旋转，须正北朝上"},
    "shifted": {"en": "its places are those of an online map", "zh": "坐标为网络地图的偏移坐标"},
}


def open_raster(rasterio: Any, path: Path, file: str, driver: str = "GTiff", **options: str) -> Any:
    """The raster, opened by one of GDAL's drivers; E-LAY-004 for another kind, or damaged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            return rasterio.open(path, driver=driver, **options)
    except rasterio.errors.RasterioIOError as error:
        raise StudyError(Problem("E-LAY-004", file, details={"reason": error})) from error


def faults_of_grid(raster: Any) -> dict[str, bool]:
    """Reasons of `NOT_PLAIN`, and whether each holds."""
    corner = raster.transform
    return {
        "bands": raster.count != 1,
        "rotated": corner.b != 0 or corner.d != 0 or corner.a <= 0 or corner.e >= 0,
    }


def crs_of_raster(raster: Any, named: str | None, file: str, frame: Frame, unusable: str) -> str:
    """The CRS of the file, of the study file (``named``) where the file has none.

    ``unusable`` is the message id for a raster that cannot be used. E-CRS-001 and
    E-CRS-003 where neither names one, or both do and differ.
    """
    box = np.array([shapely.box(*raster.bounds)])
    stated = known_crs(named, file) if named else None
    if isinstance(stated, ShiftedDegrees):
        raise StudyError(Problem(unusable, file, details={"reason": NOT_PLAIN["shifted"]}))
    if raster.crs is None and stated is None:
        x, y = value_range(box)
        details = {"x": x, "y": y, **would_be(likely_crs(box, frame))}
        raise StudyError(Problem("E-CRS-001", file, details=details))
    own = None if raster.crs is None else CRS.from_user_input(raster.crs.to_wkt())
    if own is not None and stated is not None and not stated.equals(own, ignore_axis_order=True):
        details = {"file_crs": name_of(own), "study_crs": name_of(stated)}
        raise StudyError(Problem("E-CRS-003", file, details=details))
    return written(own or stated)


def has_value(raster: Any, pixels: NDArray[np.float64], window: Any) -> NDArray[np.bool_]:
    """Which pixels are neither masked nor the declared nodata value, as the file can store it."""
    seen: NDArray[np.bool_] = raster.read_masks(1, window=window) != 0
    if raster.nodata is None:
        return seen
    nodata = float(np.asarray(raster.nodata).astype(raster.dtypes[0]))
    return seen & ~(np.isnan(pixels) if np.isnan(nodata) else pixels == nodata)
