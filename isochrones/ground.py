"""Which ground lies near the reached streets, as shapes that fit into each other?

Distances to the streets are measured on a raster, and their contour at the buffer
(contourpy, linear between the cells) is the outline. For several limits the raster of the
shorter one is lowered by the streets of the longer one, so that outlines never cross. What
lies between two outlines is a ring. Rings are simplified all together (a coverage
simplification, GEOS: Visvalingam-Whyatt on shared lines), and the ground of a limit is its
rings put together: it holds the ground of every shorter limit exactly, point for point.

Limits: the outline is true to a fraction of a cell; holes narrower than a cell may vanish.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from carecircle.isochrones import kernels

Shapes = NDArray[np.object_]  # polygons and multipolygons, some may be empty

SIMPLIFY_CELLS = 0.15  # a corner goes where its triangle is smaller than the square of this
BLOCK_CELLS = 512  # a city is rastered in square blocks; those without streets cost nothing
# No cell is nearer to the outline than this, so an outline crosses between cells, never at one.
APART_CELLS = 1 / 256
STEPS_IN_CELL = 1024  # an outline crosses between cells at whole steps: 1 cm with cells of 10 m


def rings_near(pieces: Sequence[NDArray[np.float64]], buffer_m: float, cell_m: float) -> Shapes:
    """The ground within the buffer of the pieces of each limit but of no shorter one.

    Parameters
    ----------
    pieces : sequence of (p, 2, 2) float64
        Both ends of straight pieces, the shortest limit first. What is near those of one
        limit counts as near for all longer ones.

    Raises
    ------
    ValueError
        The buffer is below two cells and would break up.
    """
    if not 0 < 2 * cell_m <= buffer_m < np.inf:
        raise ValueError(f"a buffer of {buffer_m} m needs cells of at most half of it: {cell_m} m")
    in_cells = [ends / cell_m for ends in pieces]
    blocks = [block.rings() for block in _blocks(in_cells, buffer_m / cell_m)]
    if not blocks:
        return np.array([Polygon()] * len(pieces), dtype=object)
    # Blocks share their border line of cells with all its corners.
    rings = [dissolved(ring) for ring in zip(*blocks, strict=True)]
    in_metres: Shapes = shapely.transform(
        np.array(rings, dtype=object), lambda cells: cells * cell_m
    )
    return in_metres


def simplified(cells: Shapes, tolerance_m: float) -> Shapes:
    """Shapes that share their borders, with fewer corners; they share them still."""
    filled = ~shapely.is_empty(cells)
    fewer = cells.copy()
    if filled.any():
        fewer[filled] = shapely.coverage_simplify(cells[filled], tolerance_m)
    return fewer


def dissolved(cells: Sequence[Polygon | MultiPolygon] | Shapes) -> Polygon | MultiPolygon:
    """Shapes that share their borders, as one; no point of the outline moves."""
    filled = [cell for cell in cells if not cell.is_empty]
    if len(filled) < 2:
        return filled[0] if filled else Polygon()
    return shapely.coverage_union_all(filled)


def disks_of(rings: Shapes) -> Shapes:
    """The ground within each limit, from the rings: each with all before it."""
    disks = [dissolved(rings[: upto + 1]) for upto in range(len(rings))]
    return np.array(disks, dtype=object)


def rings_of(disks: Shapes) -> Shapes:
    """The rings of grounds that hold each other, the smallest first."""
    rings: Shapes = disks.copy()
    rings[1:] = shapely.difference(disks[1:], disks[:-1])
    return rings


def coarser(disks: Shapes, tolerance_m: float) -> Shapes:
    """Grounds that hold each other, the smallest first, with far fewer corners; they hold still.

    Parts and holes smaller than the square of the tolerance are left out: they would be dots.
    """
    broad = np.array([_without_dots(disk, tolerance_m**2) for disk in disks], dtype=object)
    return disks_of(simplified(rings_of(broad), tolerance_m))


def _without_dots(disk: Polygon | MultiPolygon, least_m2: float) -> Polygon | MultiPolygon:
    """The same ground without its tiny parts and holes."""
    kept = []
    for part in shapely.get_parts(disk):
        if Polygon(part.exterior).area >= least_m2:
            holes = [hole for hole in part.interiors if Polygon(hole).area >= least_m2]
            kept.append(Polygon(part.exterior, holes))
    return MultiPolygon(kept) if kept else Polygon()


@dataclass(frozen=True, eq=False)
class _Block:
    """A square of the raster and the pieces near it, by limit; everything in cells."""

    column: int  # of its first corner
    row: int
    columns: int
    rows: int
    pieces: list[NDArray[np.float64]]
    buffer: float

    def rings(self) -> Shapes:
        """What lies within the buffer of the pieces of each limit and of no shorter one."""
        # Cells beyond the buffer but next to a cell within it must be exact too.
        far = self.buffer + 2
        squared = np.full((self.rows, self.columns), far**2, dtype=np.float32)
        disks = []
        for pieces in self.pieces:
            kernels.near_pieces(squared, self.column, self.row, pieces, far)
            disks.append(self.ground(squared))
        return rings_of(np.array(disks, dtype=object))

    def ground(self, squared: NDArray[np.float32]) -> MultiPolygon:
        """Where the distance is within the buffer, interpolated between cells."""
        over = np.sqrt(squared, dtype=np.float64) - self.buffer
        over = np.where(np.abs(over) < APART_CELLS, np.copysign(APART_CELLS, over), over)
        contours = contourpy.contour_generator(
            z=over, name="serial", fill_type=contourpy.FillType.OuterOffset
        )
        filled: Any = contours.filled(-np.inf, 0.0)
        corner = np.array([self.column, self.row])
        return MultiPolygon(
            [
                _polygon(corner + _crossings(outline, over), starts)
                for outline, starts in zip(*filled, strict=True)
            ]
        )


def _crossings(outline: NDArray[np.float64], over: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where an outline crosses the lines between cells, in whole steps.

    Two outlines then pass at the same place or clearly apart. (contourpy finds the same
    crossing with another last bit from the other side.)
    """
    whole = np.rint(outline)
    is_whole = np.abs(outline - whole) < APART_CELLS / 2
    exact = np.where(is_whole, whole, np.floor(outline))
    column, row = exact.astype(np.int64).T
    for axis, step in enumerate(((0, 1), (1, 0))):
        at = np.flatnonzero(~is_whole[:, axis])
        here, next_one = over[row[at], column[at]], over[row[at] + step[0], column[at] + step[1]]
        exact[at, axis] += np.rint(STEPS_IN_CELL * here / (here - next_one)) / STEPS_IN_CELL
    return exact


def _blocks(pieces: list[NDArray[np.float64]], buffer: float) -> Iterator[_Block]:
    """Cut the raster around the pieces into blocks that hold any piece.

    The raster lies on whole cells of the coordinate system, whatever is drawn.
    """
    margin = buffer + 2
    boxes = [(ends.min(axis=1), ends.max(axis=1)) for ends in pieces]
    every = np.concatenate([ends.reshape(-1, 2) for ends in pieces] or [np.empty((0, 2))])
    if len(every) == 0:
        return
    first = np.floor(every.min(axis=0) - margin).astype(int)
    last = np.ceil(every.max(axis=0) + margin).astype(int)
    for row in range(first[1], last[1], BLOCK_CELLS):
        for column in range(first[0], last[0], BLOCK_CELLS):
            corner = np.array([column, row])
            end = np.minimum(corner + BLOCK_CELLS, last)
            near = [
                ends[((high >= corner - margin) & (low <= end + margin)).all(axis=1)]
                for ends, (low, high) in zip(pieces, boxes, strict=True)
            ]
            if any(len(ends) for ends in near):
                columns, rows = end - corner + 1
                yield _Block(column, row, columns, rows, near, buffer)


def _polygon(outline: NDArray[np.float64], starts: NDArray[np.uint32]) -> Polygon:
    """A polygon from contourpy's points: its outer ring, then its holes."""
    rings = [outline[start:end] for start, end in pairwise(starts)]
    return Polygon(rings[0], rings[1:])
