"""How far is a drawn area from the truth?

Ground is sampled at the middles of a square grid. Every sampled place inside an area walks as
a home there would: it attaches to its nearest street by the rules of `snapping`, walks its
straight leg and the streets, and its time is compared with the limit. What the certificate
finds has three sources: the buffer, which does not shrink where the time runs out; ground
that is near a reached street but nearer to another one, across a wall or a river; and the
raster and the simplification.

Homes are compared by their own walks, gates and several doors included.

Limits: a place between two samples may be later than both. Walks are searched up to twice
the longest limit; a sample whose walk is longer, or that has none, counts as so long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from carecircle.isochrones import kernels
from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.marks import Homes, shape_of
from carecircle.isochrones.minutes import (
    LONGEST_LIMIT_MS,
    NEVER,
    Direction,
    ReachTable,
    reach_table,
)
from carecircle.isochrones.reached import Pieces
from carecircle.isochrones.seats import between_doors
from carecircle.isochrones.service_areas import BUFFER_M
from carecircle.isochrones.snapping import Snaps, snap_doors
from carecircle.isochrones.walkers import Walker
from carecircle.layers.network import WalkNetwork

SPACING_M = 20.0  # between samples: one for 400 square metres
LONGEST_LEG_M = 300.0  # a sample farther from every street where a door may open has no walk
ANY_FACILITY = -1


@dataclass(frozen=True, eq=False)
class Area:
    """One drawn area and what it claims: whose it is, up to which limit, which homes it holds.

    Attributes
    ----------
    facility : int
        Position of the facility; `ANY_FACILITY` for what all reach together.
    streets : Pieces
        Reached within the limit.
    homes : (n,) int
        Positions of the homes that are reached, by their own walks.
    """

    ground: Polygon | MultiPolygon
    facility: int
    limit_ms: int
    streets: Pieces
    homes: NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Certificate:
    """What was measured of one area. Shares are of the samples inside it.

    Attributes
    ----------
    samples : int
    overshoot_s : int
        Longest walk of any sample, in seconds over the limit, rounded up; 0: none is late.
    late_percent, off_street_percent : float
        Share later than the limit; share farther than the buffer from any reached street.
    homes_not_reached, homes_left_out : int
        Homes inside but not reached; homes reached but not inside.
    """

    samples: int
    overshoot_s: int
    late_percent: float
    off_street_percent: float
    homes_not_reached: int
    homes_left_out: int


def certify(
    areas: Sequence[Area],
    network: WalkNetwork,
    walker: Walker,
    facilities: Snaps,
    homes: Homes,
    direction: Direction = "to",
    buffer_m: float = BUFFER_M,
    spacing_m: float = SPACING_M,
) -> list[Certificate]:
    """The certificate of each area.

    Parameters
    ----------
    facilities : Snaps
        Where the facilities attach.
    """
    if not areas:
        return []
    inside = [_samples_in(area.ground, spacing_m) for area in areas]
    places, sample = np.unique(np.concatenate(inside), axis=0, return_inverse=True)
    samples = np.split(sample.ravel(), np.cumsum([len(cells) for cells in inside])[:-1])
    search_ms = min(2 * max(area.limit_ms for area in areas), LONGEST_LIMIT_MS)
    walks = _walks(network, walker, facilities, _middles(places, spacing_m), search_ms, direction)
    anybody = _any_facility(walks, len(places))
    found = []
    for area, cells, chosen in zip(areas, inside, samples, strict=True):
        ms = anybody[chosen] if area.facility == ANY_FACILITY else _of_row(walks, area, chosen)
        late_ms = np.minimum(ms, search_ms) - area.limit_ms
        off_m2 = _off_street(cells, area.streets, buffer_m, spacing_m)
        in_ground = np.flatnonzero(shape_of(np.array([area.ground], dtype=object), homes.xy) >= 0)
        found.append(
            Certificate(
                samples=len(cells),
                overshoot_s=int(-(-late_ms.max(initial=0) // 1000)),
                late_percent=_percent(late_ms > 0),
                off_street_percent=_percent(off_m2),
                homes_not_reached=len(np.setdiff1d(in_ground, area.homes)),
                homes_left_out=len(np.setdiff1d(area.homes, in_ground)),
            )
        )
    return found


def _samples_in(ground: Polygon | MultiPolygon, spacing_m: float) -> NDArray[np.int64]:
    """Columns and rows (n, 2) of the grid squares whose middle lies in the ground."""
    if ground.is_empty:
        return np.empty((0, 2), np.int64)
    west, south, east, north = np.asarray(ground.bounds) // spacing_m
    column, row = np.meshgrid(np.arange(west, east + 1), np.arange(south, north + 1))
    cells = np.column_stack([column.ravel(), row.ravel()]).astype(np.int64)
    shapely.prepare(ground)
    inside: NDArray[np.int64] = cells[shapely.contains_xy(ground, _middles(cells, spacing_m))]
    return inside


def _middles(cells: NDArray[np.int64], spacing_m: float) -> NDArray[np.float64]:
    """Easting and northing of the middles of grid squares."""
    return np.asarray((cells + 0.5) * spacing_m, dtype=np.float64)


def _walks(
    network: WalkNetwork,
    walker: Walker,
    facilities: Snaps,
    xy: NDArray[np.float64],
    limit_ms: int,
    direction: Direction,
) -> ReachTable:
    """The walk between each facility and each place, by the same rules as a home's."""
    if len(xy) == 0:
        empty = np.empty(0, np.int64)
        return ReachTable(np.zeros(len(facilities) + 1, np.int64), empty.astype(np.int32), empty)
    samples = snap_doors(network, xy, LONGEST_LEG_M, walker)
    graph = between_doors(walk_graph(network, walker, facilities, samples))
    doors, places = graph.points
    return reach_table(graph, doors, places, limit_ms, direction=direction)


def _any_facility(walks: ReachTable, n_places: int) -> NDArray[np.int64]:
    """The shortest walk of each place, `NEVER` where there is none."""
    ms = np.full(n_places, NEVER)
    np.minimum.at(ms, walks.target, walks.ms)
    return ms


def _of_row(walks: ReachTable, area: Area, places: NDArray[np.intp]) -> NDArray[np.int64]:
    """The walk of each place to the area's own facility, `NEVER` where there is none."""
    target, ms = walks.row(area.facility)
    walk = np.full(int(places.max(initial=-1)) + 1, NEVER)
    known = target < len(walk)
    walk[target[known]] = ms[known]
    return walk[places]


def _off_street(
    cells: NDArray[np.int64], streets: Pieces, buffer_m: float, spacing_m: float
) -> NDArray[np.bool_]:
    """Which samples lie farther than the buffer from any reached street."""
    if len(cells) == 0:
        return np.empty(0, bool)
    first = cells.min(axis=0)
    columns, rows = cells.max(axis=0) - first + 1
    squared = np.full((rows, columns), np.inf, dtype=np.float32)
    from_middles = streets.ends / spacing_m - 0.5
    kernels.near_pieces(squared, first[0], first[1], from_middles, buffer_m / spacing_m)
    column, row = (cells - first).T
    off: NDArray[np.bool_] = squared[row, column] > np.float32((buffer_m / spacing_m) ** 2)
    return off


def _percent(chosen: NDArray[np.bool_]) -> float:
    """Share of those chosen in percent, rounded up to one decimal: a few never read as none."""
    return -(-1000 * int(chosen.sum()) // max(len(chosen), 1)) / 10
