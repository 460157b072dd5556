"""How high is the ground at these places?

Tiles of one grid are laid together (the first file that has a height for a point gives it),
smoothed if asked, and read bilinearly at any place, in the grid's own CRS: heights are
never resampled to another grid.

Smoothing is a Gaussian over the known heights, normalised where some are missing (Knutsson
and Westin 1993); it fills no void. The default is none: errors of a DEM look like slopes and
make walks longer, smoothing makes hills flatter and walks shorter, so without it coverage
is not overstated. ``docs/terrain.md`` has what either does on SRTM.

Limits: only differences of height count, so the vertical datum does not matter. Surface
models, SRTM among them, hold trees and roofs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod
from scipy.ndimage import gaussian_filter

from carecircle.layers.crs import LONLAT, Frame, name_of, transformer
from carecircle.layers.dem_files import Grid, Lattice, grids_of
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.sources import TerrainSource

WGS84 = Geod(ellps="WGS84")
LOWEST_M, HIGHEST_M = -500.0, 9000.0  # the Dead Sea, Mount Everest
MARGIN_M = 300.0  # what is read around the streets: a cell of any usual grid and more
REACH_OF_SMOOTHING = 4.0  # standard deviations
SAME_GRID = 0.01  # of a cell


@dataclass(frozen=True, eq=False)
class Elevation:
    """The ground near the streets.

    Attributes
    ----------
    metres : (rows, columns) float64
        NaN where no file has a height.
    covered : (rows, columns) bool
        The points that lie in some file, known or not.
    cell_m : float
        The shorter side of a cell on the ground, metres.
    facts : mapping
        Files, CRS, unit, scale, cell and smoothing, for the manifest.
    """

    lattice: Lattice
    metres: NDArray[np.float64]
    covered: NDArray[np.bool_]
    cell_m: float
    facts: Mapping[str, Any]

    def at(self, lonlat: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Heights of places (n, 2), metres, and which places lie on the grid at all.

        Bilinear between the four points around a place; NaN where one of them that counts is
        unknown. The outer half of the outermost cells has the height of its nearest point.
        """
        lattice = self.lattice
        x, y = transformer(LONLAT, lattice.crs).transform(lonlat[:, 0], lonlat[:, 1])
        column, row = lattice.place(np.asarray(x), np.asarray(y))
        inside = (np.abs(column - (lattice.columns - 1) / 2) <= lattice.columns / 2) & (
            np.abs(row - (lattice.rows - 1) / 2) <= lattice.rows / 2
        )
        i, of_row = cells_before(np.where(inside, row, 0.0), lattice.rows)
        j, of_column = cells_before(np.where(inside, column, 0.0), lattice.columns)
        total, covered = np.zeros(len(lonlat)), inside.copy()
        for down, part_of_row in ((0, 1 - of_row), (1, of_row)):
            for right, part_of_column in ((0, 1 - of_column), (1, of_column)):
                at = (
                    np.minimum(i + down, lattice.rows - 1),
                    np.minimum(j + right, lattice.columns - 1),
                )
                part = part_of_row * part_of_column
                total += np.where(part > 0, part * self.metres[at], 0.0)
                covered &= (part == 0) | self.covered[at]
        return np.where(covered, total, np.nan), covered


def cells_before(
    position: NDArray[np.float64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The grid line at or before each position, and the part of a cell beyond it."""
    within = np.clip(position, 0, count - 1)
    before = np.floor(within).astype(np.int64)
    return before, within - before


def read_elevation(source: TerrainSource, frame: Frame) -> Elevation:
    """The ground near the streets, from the files of a study.

    Raises
    ------
    StudyError
        What `dem_files.grids_of` refuses; E-TER-005 none of the files is near the streets;
        E-TER-007 heights that are none on Earth; E-TER-009 files of different grids; E-TER-012
        one height everywhere.
    """
    margin_m = MARGIN_M + REACH_OF_SMOOTHING * source.smoothing_m
    grids = grids_of(source, frame, margin_m)
    files = ", ".join(path.name for path in source.path)
    if not grids:
        raise StudyError(Problem("E-TER-005", files, details={"percent": 100}))
    for grid in grids:
        check_plausible(grid)
    lattice, metres, covered = laid_together(grids)
    refuse_flat(metres, files)
    sides_m = sides_of_cell(lattice)
    facts = {
        "files": [grid.file for grid in grids],
        "crs": name_of(lattice.crs),
        "unit": ", ".join(sorted({grid.unit for grid in grids})),
        "scale": sorted({grid.scale for grid in grids}),
        "cell_m": [round(side, 1) for side in sides_m],
        "smoothing_m": source.smoothing_m,
    }
    if source.smoothing_m > 0:
        metres = smoothed(metres, source.smoothing_m / sides_m[1], source.smoothing_m / sides_m[0])
    return Elevation(lattice, metres, covered, min(sides_m), facts)


def check_plausible(grid: Grid) -> None:
    """E-TER-007 for heights below the lowest or above the highest ground there is."""
    wrong = (grid.metres < LOWEST_M) | (grid.metres > HIGHEST_M)
    if wrong.any():
        details = {"count": int(wrong.sum()), "metres": round(float(grid.metres[wrong][0]), 1)}
        raise StudyError(Problem("E-TER-007", grid.file, details=details))


def refuse_flat(metres: NDArray[np.float64], files: str) -> None:
    """E-TER-012 where all known heights are one and the same: no ground is like that."""
    known = metres[~np.isnan(metres)]
    if known.size and np.ptp(known) == 0:
        details = {"metres": round(float(known[0]), 1)}
        raise StudyError(Problem("E-TER-012", files, details=details))


def laid_together(
    grids: Sequence[Grid],
) -> tuple[Lattice, NDArray[np.float64], NDArray[np.bool_]]:
    """All grids as one; E-TER-009 unless their points are points of one lattice."""
    places = [place_in(grids[0], grid) for grid in grids]
    top, left = min(row for row, _ in places), min(column for _, column in places)
    bottom = max(row + grid.lattice.rows for (row, _), grid in zip(places, grids, strict=True))
    right = max(
        column + grid.lattice.columns for (_, column), grid in zip(places, grids, strict=True)
    )
    metres = np.full((bottom - top, right - left), np.nan)
    covered = np.zeros(metres.shape, dtype=bool)
    for (row, column), grid in zip(places, grids, strict=True):
        window = (
            slice(row - top, row - top + grid.lattice.rows),
            slice(column - left, column - left + grid.lattice.columns),
        )
        metres[window] = np.where(np.isnan(metres[window]), grid.metres, metres[window])
        covered[window] = True
    whole = grids[0].lattice.part(slice(top, bottom), slice(left, right))
    return whole, metres, covered


def place_in(first: Grid, grid: Grid) -> tuple[int, int]:
    """Row and column of a grid's first point, counted from that of the first grid."""
    one, other = first.lattice, grid.lattice
    column, row = one.place(other.west, other.north)
    off = max(abs(column - round(column)), abs(row - round(row)))
    drift = max(abs(other.dx / one.dx - 1) * other.columns, abs(other.dy / one.dy - 1) * other.rows)
    if one.crs != other.crs or off > SAME_GRID or drift > SAME_GRID:
        raise StudyError(Problem("E-TER-009", grid.file, details={"first": first.file}))
    return round(row), round(column)


def sides_of_cell(lattice: Lattice) -> tuple[float, float]:
    """Width and height of a cell on the ground, metres, in the middle of the grid."""
    x = lattice.west + lattice.columns / 2 * lattice.dx
    y = lattice.north + lattice.rows / 2 * lattice.dy
    xs, ys = [x, x + lattice.dx, x], [y, y, y + lattice.dy]
    lon, lat = transformer(lattice.crs, LONLAT).transform(xs, ys)
    metres = WGS84.inv([lon[0]] * 2, [lat[0]] * 2, lon[1:], lat[1:])[2]
    return float(metres[0]), float(metres[1])


def smoothed(metres: NDArray[np.float64], rows: float, columns: float) -> NDArray[np.float64]:
    """The grid under a Gaussian of so many rows and columns; unknown stays unknown."""
    known = ~np.isnan(metres)

    def blur(values: NDArray[np.float64]) -> NDArray[np.float64]:
        blurred: NDArray[np.float64] = gaussian_filter(
            values, (rows, columns), mode="nearest", truncate=REACH_OF_SMOOTHING
        )
        return blurred

    heights, weights = blur(np.where(known, metres, 0.0)), blur(known.astype(np.float64))
    return np.where(known, heights / np.where(known, weights, 1.0), np.nan)
