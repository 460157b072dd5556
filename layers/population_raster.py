"""How many people of a raster live in each quarter?

Each quarter gets the part of every pixel that lies in it (exactextract, fractional pixels),
people spread evenly within a pixel. The raster is never resampled, which would lose people
(a nearest or bilinear reprojection lost 1 %): the quarters go into the raster's CRS instead.
Quarters and the people outside of all of them are together the total of the raster. A pixel
that is nodata, by value or by the mask of the file, has no figure; `Counted` tells which
quarters hold no pixel with one, and how much of a quarter lies within their convex hull.

Limits: one GeoTIFF of one band, north up, unscaled. exactextract keeps fractions in single
precision: a share is right to 1 in 10 million.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.layers.crs import Frame, project
from carecircle.layers.people import inside_and_outside
from carecircle.layers.places import likely_crs, value_range, would_be
from carecircle.layers.plausibility import density, too_dense
from carecircle.layers.population_cells import Counted, part_within_hull, without_overlaps
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.raster_files import (
    NOT_PLAIN,
    crs_of_raster,
    faults_of_grid,
    has_value,
    open_raster,
)
from carecircle.layers.sources import MOST_PEOPLE_PER_HA, RasterSource

UNUSABLE = {
    **NOT_PLAIN,
    "scaled": {
        "en": "its values are scaled",
        "zh": "像元值经过缩放，须直接为人数",
    },
    "kind": {"en": "its values are not numbers of people", "zh": "像元值不是人数"},
    "few": {
        "en": "the quarters of the study would have less than one person each; are its values "
        "shares, or thousands of people?",
        "zh": "研究的小区平均不足一人；像元值是否为占比，或以千人、万人计？",
    },
}
FEWEST_QUARTERS = 5  # fewer tell nothing of the unit of a raster

# Written for “no data” by many programs, whatever the type; suspicious as a largest value.
NO_DATA = (9999.0, 32767.0, 65535.0, 99999.0, 999999.0, 2147483647.0, 4294967295.0)


def people_in_raster(
    source: RasterSource,
    quarters: GeoDataFrame,
    frame: Frame,
    most_per_ha: float = MOST_PEOPLE_PER_HA,
) -> Counted:
    """The people of a GeoTIFF in each of the quarters (polygons in the working CRS).

    Raises
    ------
    StudyError
        E-POP-006 without the extra ``[raster]``; E-POP-007 for a raster that cannot be used;
        E-POP-008, E-POP-020, E-POP-021 for pixels that are no count, most likely because
        nodata is not declared; E-CRS-... for its CRS; E-LOC-004 where it does not touch the
        study area.
    """
    rasterio, exact_extract = packages()
    file = source.path.name
    with open_raster(rasterio, source.path, file) as raster:
        check_usable(raster, file)
        crs = crs_of_raster(raster, source.crs, file, frame, "E-POP-007")
        check_near(raster, crs, frame, file)
        area_m2 = pixel_m2(raster, crs, frame)
        total, hull = people_and_hull(raster, file, area_m2, most_per_ha)
        shapes = quarters.geometry.to_numpy()
        ground = project(without_overlaps(shapes), frame.crs, crs)
        some = ~shapely.is_empty(ground)  # nothing is left of a quarter that lies on another
        layer = gpd.GeoDataFrame(geometry=ground[some], crs=raster.crs or crs)
        found = exact_extract(raster, layer, ["sum", "count"], output="pandas")
        inside, has_figure = np.zeros(len(shapes)), np.ones(len(shapes), dtype=bool)
        inside[some], has_figure[some] = found["sum"], found["count"] > 0
        on_grid = part_within_hull(project(shapes, frame.crs, crs), np.array([hull]))
        facts = {"rows": raster.height * raster.width, "crs": crs, "nodata": raster.nodata}
    refuse_too_few(file, inside[has_figure])
    population, outside = inside_and_outside(inside.tolist(), total)
    columns = {"population": "band 1"}
    about = {"file": file, "layer": "", "encoding": None, "columns": columns, **facts}
    return Counted(population, outside, has_figure, on_grid, (), (about,))


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
        **faults_of_grid(raster),
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


def refuse_too_few(file: str, people: NDArray[np.float64]) -> None:
    """E-POP-007 where quarters have less than one person each: shares, or people in thousands."""
    if len(people) >= FEWEST_QUARTERS and 0 < people.sum() < len(people):
        raise StudyError(Problem("E-POP-007", file, details={"reason": UNUSABLE["few"]}))


def check_near(raster: Any, crs: str, frame: Frame, file: str) -> None:
    """E-LOC-004 where the raster and the streets have no ground in common."""
    streets = project(np.array([shapely.box(*frame.bounds_m)]), frame.crs, crs)
    box = np.array([shapely.box(*raster.bounds)])
    if not shapely.intersects(streets, box).any():
        x, y = value_range(box)
        details = {"crs": crs, "x": x, "y": y, **would_be(likely_crs(box, frame))}
        raise StudyError(Problem("E-LOC-004", file, details=details))


def pixel_m2(raster: Any, crs: str, frame: Frame) -> float:
    """The ground of a pixel in the middle of the streets."""
    west, south, east, north = frame.bounds_m
    middle = np.array([shapely.Point((west + east) / 2, (south + north) / 2)])
    at = project(middle, frame.crs, crs)[0]
    half_x, half_y = raster.transform.a / 2, -raster.transform.e / 2
    pixel = shapely.box(at.x - half_x, at.y - half_y, at.x + half_x, at.y + half_y)
    return float(shapely.area(project(np.array([pixel]), crs, frame.crs)[0]))


@dataclass
class Peak:
    """The largest count of a raster, how often it is met and where first (from 1)."""

    value: float = -1.0
    count: int = 0
    row: int = 0
    column: int = 0

    def see(self, pixels: NDArray[np.float64], counts: NDArray[np.bool_], window: Any) -> None:
        """Take in one block of pixels, of which some are counts."""
        largest = float(np.max(pixels, initial=-1.0, where=counts))
        if largest < self.value or not counts.any():
            return
        here = counts & (pixels == largest)
        if largest > self.value:
            row, column = np.argwhere(here)[0]
            self.value, self.count = largest, 0
            self.row, self.column = window.row_off + row + 1, window.col_off + column + 1
        self.count += int(here.sum())

    def check(self, raster: Any, file: str, area_m2: float, most_per_ha: float) -> None:
        """E-POP-021 for a value that stands for no data, E-POP-020 for more than can be."""
        kind = np.dtype(raster.dtypes[0])
        limit = float(np.iinfo(kind).max if kind.kind in "iu" else np.finfo(kind).max)
        place = {"row": int(self.row), "column": int(self.column)}
        if self.value == limit or self.value in NO_DATA:
            details = {"count": self.count, "value": f"{self.value:.10g}", **place}
            raise StudyError(Problem("E-POP-021", file, details=details))
        if too_dense(self.value, area_m2, most_per_ha):
            details = density(self.value, area_m2, most_per_ha)
            column = f"{self.column}"
            raise StudyError(Problem("E-POP-020", file, "", self.row, column, details=details))


def people_and_hull(
    raster: Any, file: str, area_m2: float, most_per_ha: float
) -> tuple[float, shapely.Geometry]:
    """The sum of all pixels with a figure, and the convex hull of these pixels.

    Read block by block; E-POP-008, E-POP-020 or E-POP-021 where a pixel is no count.
    """
    total, bad, peak = 0.0, 0, Peak()
    first: dict[str, Any] = {}
    west = np.full(raster.height, raster.width)  # first column of each row with a figure
    east = np.full(raster.height, -1)  # and the last
    for _, window in raster.block_windows(1):
        pixels = raster.read(1, window=window).astype(np.float64)
        figure = has_value(raster, pixels, window)
        wrong = figure & ~(np.isfinite(pixels) & (pixels >= 0))
        if wrong.any() and not bad:
            row, column = np.argwhere(wrong)[0]
            place = {"row": window.row_off + row + 1, "column": window.col_off + column + 1}
            first = {**place, "value": float(pixels[row, column])}
        bad += int(wrong.sum())
        peak.see(pixels, figure & ~wrong, window)
        total += float(pixels[figure & ~wrong].sum())
        rows, columns = np.nonzero(figure)
        np.minimum.at(west, rows + window.row_off, columns + window.col_off)
        np.maximum.at(east, rows + window.row_off, columns + window.col_off)
    if bad:
        raise StudyError(Problem("E-POP-008", file, details={"count": bad, **first}))
    peak.check(raster, file, area_m2, most_per_ha)
    row, grid = np.flatnonzero(east >= 0), raster.transform
    x = grid.c + grid.a * np.concatenate([west[row], west[row], east[row] + 1, east[row] + 1])
    y = grid.f + grid.e * np.concatenate([row, row + 1, row, row + 1])
    return total, shapely.convex_hull(shapely.multipoints(np.column_stack([x, y])))
