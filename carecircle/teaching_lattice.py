"""Where do the streets of the teaching city run? A lattice of superblocks, bent to the ground.

Its columns and rows are narrow around the old town, shifted by value noise and jittered, and
one row follows the river, so that streets run along both banks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carecircle.teaching_ground import Ground, Noise, stream

Ids = NDArray[np.int64]
Metres = NDArray[np.float64]

BLOCK_M = 330.0  # a superblock of the new town
RIVER_ROW_M = 290.0  # from embankment to embankment
OLD_TOWN_BLOCKS = 3.5  # the blocks around the old town are narrower


@dataclass(frozen=True, eq=False)
class Lattice:
    """The warped lattice of superblocks: ``columns`` by ``rows`` of them."""

    columns: int
    rows: int
    x_m: Metres  # (columns + 1, rows + 1) of the junctions
    y_m: Metres
    old_town: tuple[float, float]  # its centre, in blocks

    def blocks(self) -> tuple[Ids, Ids]:
        """Column and row of every superblock."""
        column, row = np.meshgrid(np.arange(self.columns), np.arange(self.rows), indexing="ij")
        return column.ravel(), row.ravel()

    def inside(self, column: Ids, row: Ids, u: Metres, v: Metres) -> tuple[Metres, Metres]:
        """Plan metres of the place (u, v) of each superblock, between its four corners."""

        def between(corner: Metres) -> Metres:
            south = corner[column, row] * (1 - u) + corner[column + 1, row] * u
            north = corner[column, row + 1] * (1 - u) + corner[column + 1, row + 1] * u
            return south * (1 - v) + north * v

        return between(self.x_m), between(self.y_m)


def draw_lattice(seed: int, columns: int, rows: int) -> tuple[Lattice, Ground]:
    """Junctions of the superblocks: narrow in the old town, warped, jittered, along the river."""
    river_row = rows // 2
    old_town = (0.45 * columns, river_row - 1.2)
    heights_m = block_widths(rows, old_town[1])
    heights_m[river_row] = RIVER_ROW_M
    x = np.append(0.0, np.cumsum(block_widths(columns, old_town[0])))
    y = np.append(0.0, np.cumsum(heights_m))
    width_m, height_m = float(x[-1]), float(y[-1])
    ground = Ground.drawn(width_m, height_m, seed)
    x_m, y_m = (grid.copy() for grid in np.meshgrid(x, y, indexing="ij"))
    flat = x_m.ravel(), y_m.ravel()
    shifts = [
        (Noise.over(width_m, height_m, 1_600, seed, subject).at(*flat) - 0.5).reshape(x_m.shape)
        for subject in (4, 5)
    ]
    jitter = stream(seed, 6).random((2, *x_m.shape)) - 0.5
    x_m += 420 * shifts[0] + 46 * jitter[0]
    river_m = y[river_row] + RIVER_ROW_M / 2
    from_river = np.abs(y_m - river_m) / height_m
    y_m += (420 * shifts[1] + 46 * jitter[1]) * (4 * from_river - 0.2).clip(0, 1)
    y_m += (ground.river_y_m(x_m) - river_m) * (1 - from_river)
    return Lattice(columns, rows, x_m, y_m, old_town), ground


def block_widths(count: int, centre: float) -> Metres:
    """Width of each column of blocks: 0.62 of `BLOCK_M` at the old town, all of it away."""
    away = np.abs(np.arange(count) + 0.5 - centre) / OLD_TOWN_BLOCKS
    widths: Metres = BLOCK_M * (0.62 + 0.38 * away.clip(0, 1))
    return widths


@dataclass(frozen=True, eq=False)
class StreetFrame:
    """The streets round all superblocks, before anything is chosen.

    Attributes
    ----------
    junction : (columns + 1, rows + 1) int64
        Node number of each junction.
    ends : (m, 2) int64
        Both junctions of each street; those going east come first.
    points : (m, 3) int64
        The nodes between them.
    number : (m,) int64
        On which line of streets it lies, counted from the south or the west.
    xy_m : (n, 2) float64
        Plan metres of the junctions, then of the points.
    column, row : (b,) int64
        Place of each superblock.
    rim : (b, 16) int64
        Its shared nodes, see `teaching_blocks`.
    rim_street : (b, 4) int64
        Its streets: south, east, north, west.
    """

    junction: Ids
    ends: Ids
    points: Ids
    number: Ids
    xy_m: Metres
    column: Ids
    row: Ids
    rim: Ids
    rim_street: Ids


def street_frame(lattice: Lattice, seed: int) -> StreetFrame:
    """Every street of the lattice, gently bent."""
    at = np.arange(lattice.x_m.size).reshape(lattice.x_m.shape)
    eastward = np.column_stack([at[:-1].ravel(), at[1:].ravel()])
    northward = np.column_stack([at[:, :-1].ravel(), at[:, 1:].ravel()])
    ends = np.concatenate([eastward, northward])
    points = at.size + np.arange(3 * len(ends)).reshape(-1, 3)
    number = np.append(
        np.arange(len(eastward)) % (lattice.rows + 1), np.arange(len(northward)) // lattice.rows
    )
    i, j = lattice.blocks()
    south = i * (lattice.rows + 1) + j
    west = len(eastward) + i * lattice.rows + j
    rim_street = np.column_stack([south, west + lattice.rows, south + 1, west])
    corners = at[i, j], at[i + 1, j], at[i + 1, j + 1], at[i, j + 1]
    # round the block: the northern and western streets are walked backwards
    ways = [points[street] for street in rim_street.T]
    sides = ways[0], ways[1], ways[2][:, ::-1], ways[3][:, ::-1]
    pairs = zip(corners, sides, strict=True)
    rim = np.concatenate([np.column_stack([corner, side]) for corner, side in pairs], axis=1)
    xy_m = bent_streets(lattice, ends, seed)
    return StreetFrame(at, ends, points, number, xy_m, i, j, rim, rim_street)


def bent_streets(lattice: Lattice, ends: Ids, seed: int) -> Metres:
    """Plan metres of the junctions, then of three points on each street."""
    junctions = np.column_stack([lattice.x_m.ravel(), lattice.y_m.ravel()])
    a, b = junctions[ends[:, 0]], junctions[ends[:, 1]]
    along = b - a
    sideways = np.column_stack([-along[:, 1], along[:, 0]])
    draw = stream(seed, 7).random((len(a), 4)) - 0.5
    parts = []
    for k, part in enumerate((0.25, 0.5, 0.75)):
        bend = 0.22 * draw[:, 0] * part * (1 - part) + 0.015 * draw[:, k + 1]
        parts.append(a + part * along + bend[:, None] * sideways)
    return np.concatenate([junctions, np.stack(parts, axis=1).reshape(-1, 2)])
