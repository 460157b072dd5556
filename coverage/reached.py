"""Who reaches which facilities: the walks that every measure of access shares.

The streets are searched once for a circle. Facilities are taken in portions, and of each portion
are kept the pairs within the limit, which the measures of places need, and the nearest few
facilities of every home within a wider time, which curve, second choice and speeds need. So
no table is ever held of all pairs within the wider time.

Speeds are not searched again where nobody waits, since every walk then takes longer in
proportion. A walker who waits at roads is searched twice, as the slowest and as the fastest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.floating_catchment import own_catchments
from carecircle.coverage.measure import MS_PER_MINUTE
from carecircle.coverage.result import Circle
from carecircle.coverage.speeds import Walks, split_walks, walks_at
from carecircle.isochrones.graph import WalkGraph, walk_graph
from carecircle.isochrones.minutes import (
    LONGEST_LIMIT_MS,
    NEVER,
    Nearest,
    ReachTable,
    nearest_k,
    reach_table,
)
from carecircle.isochrones.seats import between_doors
from carecircle.isochrones.snapping import Snaps
from carecircle.layers.network import WalkNetwork

NEAREST = 3  # facilities kept of each home
MOST_PAIRS = 8_000_000  # of homes and facilities, in one portion
ROUNDING_MS = 10_000  # streets are rounded one by one, so a slow walk may be a little longer


@dataclass(frozen=True, eq=False)
class Reached:
    """The walks of one circle.

    Attributes
    ----------
    near : ReachTable
        Homes within the limit of each facility: a row per facility.
    catchments : ReachTable
        Homes within the facility's own minutes, where the study gives it some; else the same.
    nearest : Nearest
        The three nearest facilities of each home within ``wide_ms``.
    walks : Walks
        The same walks at any speed.
    """

    near: ReachTable
    catchments: ReachTable
    nearest: Nearest
    wide_ms: int
    walks: Walks


def reached_homes(
    circle: Circle,
    graph: WalkGraph,
    unlimited: Nearest,
    wide_minutes: int,
    speeds_mm_per_s: Sequence[int],
    waits: Walks | None = None,
    catchment_ms: NDArray[np.int64] | None = None,
) -> Reached:
    """Search the walks between the homes and the facilities, the two sets of points of ``graph``.

    Parameters
    ----------
    unlimited : Nearest
        The nearest facility of each home, as coverage has it.
    wide_minutes : int
        How far the nearest facilities are told; the limit of the circle where that is longer.
    speeds_mm_per_s
        Walks must be known at these.
    waits : Walks, optional
        From `waiting_walks`, where the walker waits at roads.
    catchment_ms : (facilities,) int64, optional
        How far each facility serves, where that is not the limit of the circle.
    """
    wide_ms = max(circle.limit_ms, wide_minutes * MS_PER_MINUTE)
    if catchment_ms is not None:
        wide_ms = max(wide_ms, int(catchment_ms.max(initial=0)))
    one_way = circle.direction in ("to", "from")
    if not one_way:  # there is no unlimited nearest of two ways: search as far as the fastest goes
        wide_ms = max(wide_ms, scaled_limit(circle, circle.walker.speed_mm_per_s, speeds_mm_per_s))
    near, catchments, nearest = searched(
        graph, circle, min(wide_ms, LONGEST_LIMIT_MS), catchment_ms
    )
    found = unlimited if one_way else Nearest(nearest.ms[:, 0], nearest.source[:, 0])
    walks = walks_at(circle.walker.speed_mm_per_s, found) if waits is None else waits
    return Reached(near, catchments, nearest, wide_ms, walks)


def scaled_limit(circle: Circle, speed_mm_per_s: int, speeds_mm_per_s: Sequence[int]) -> int:
    """How long a walk that the fastest does within the limit takes at a speed."""
    return -(-circle.limit_ms * max(speeds_mm_per_s) // speed_mm_per_s)


def searched(
    graph: WalkGraph, circle: Circle, wide_ms: int, catchment_ms: NDArray[np.int64] | None = None
) -> tuple[ReachTable, ReachTable, Nearest]:
    """The pairs within the limit and within the catchments, and the nearest within ``wide_ms``."""
    homes, stations = graph.points
    ms = np.full((len(homes), NEAREST), NEVER)
    source = np.full((len(homes), NEAREST), -1, np.int32)
    parts, catchments = [], []
    for start, portion in portions(stations, len(homes)):
        table = reach_table(graph, portion, homes, wide_ms, direction=circle.direction)
        found = nearest_k(table, len(homes), NEAREST)
        later = np.where(found.source < 0, -1, found.source + start).astype(np.int32)
        ms, source = merged(ms, source, found.ms, later)
        parts.append(own_catchments(table, np.full(len(portion), circle.limit_ms)))
        if catchment_ms is not None:
            own_ms = catchment_ms[start : start + len(portion)]
            catchments.append(own_catchments(table, own_ms))
    near = joined(parts)
    return near, near if catchment_ms is None else joined(catchments), Nearest(ms, source)


def portions(stations: NDArray[np.int32], n_homes: int) -> Iterator[tuple[int, NDArray[np.int32]]]:
    """The facilities, so many at a time that the table of their pairs stays small."""
    size = max(1, MOST_PAIRS // max(1, n_homes))
    for start in range(0, len(stations), size):
        yield start, stations[start : start + size]


def merged(
    ms: NDArray[np.int64],
    source: NDArray[np.int32],
    later_ms: NDArray[np.int64],
    later_source: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The nearest of both; of equally near ones those of the first stay first."""
    both_ms, both = np.hstack([ms, later_ms]), np.hstack([source, later_source])
    order = np.argsort(both_ms, axis=1, kind="stable")[:, : ms.shape[1]]
    return np.take_along_axis(both_ms, order, 1), np.take_along_axis(both, order, 1)


def joined(parts: Sequence[ReachTable]) -> ReachTable:
    """Tables one below the other."""
    counts = [np.diff(part.indptr) for part in parts]
    return ReachTable(
        indptr=np.concatenate([[0], np.cumsum(np.concatenate([[], *counts]))]).astype(np.int64),
        target=np.concatenate([np.empty(0, np.int32), *(part.target for part in parts)]),
        ms=np.concatenate([np.empty(0, np.int64), *(part.ms for part in parts)]),
    )


def rows_of(table: ReachTable, chosen: NDArray[np.bool_]) -> ReachTable:
    """The chosen rows of a table."""
    counts = np.diff(table.indptr)
    pairs = np.repeat(chosen, counts)
    return ReachTable(
        indptr=np.concatenate([[0], np.cumsum(counts[chosen])]).astype(np.int64),
        target=table.target[pairs],
        ms=table.ms[pairs],
    )


def waiting_walks(
    circle: Circle,
    network: WalkNetwork,
    homes: Snaps,
    stations: Snaps,
    speeds_mm_per_s: Sequence[int],
) -> Walks | None:
    """Walking and waiting told apart by two searches; None where the walker never waits."""
    if not circle.walker.waits:
        return None
    slow, fast = min(speeds_mm_per_s), max(speeds_mm_per_s)
    fast = max(fast, slow + 1)
    limit_ms = scaled_limit(circle, slow, [fast]) + ROUNDING_MS
    tables = []
    for speed, ms in ((slow, min(limit_ms, LONGEST_LIMIT_MS)), (fast, circle.limit_ms)):
        walker = replace(circle.walker, speed_mm_per_s=speed)
        graph = between_doors(walk_graph(network, walker, homes, stations))
        doors, places = graph.points
        tables.append(reach_table(graph, places, doors, ms, direction=circle.direction))
    return split_walks(tables[0], slow, tables[1], fast, len(homes), NEAREST)
