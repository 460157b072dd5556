"""Which ground lies within the limits of each facility, as a picture?

The reached streets are exact (`reached`). The ground is all that lies within ``buffer_m`` of
a reached street (`ground`), and homes that this would put on the wrong side are marked
(`marks`). For several limits there are *rings*, the ground of one limit but of no shorter
one, and *disks*, all ground of a limit; a disk holds every smaller one exactly.

The buffer is the same everywhere: it does not shrink where the time runs out, so ground at
the very end of a reached street takes up to ``buffer_m`` of walking more than the limit. The
`certificate` measures how much more, wherever it comes from. People are never counted by
these shapes; a home is covered by its own walk (`minutes`).

An area is empty when its facility is not attached, or when its leg alone takes too long.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones import minutes
from carecircle.isochrones.graph import WalkGraph
from carecircle.isochrones.ground import (
    SIMPLIFY_CELLS,
    Shapes,
    disks_of,
    rings_near,
    simplified,
)
from carecircle.isochrones.marks import NOWHERE, Homes, marked
from carecircle.isochrones.minutes import Direction
from carecircle.isochrones.reached import Pieces, ReachedNodes, reached_pieces
from carecircle.isochrones.seats import reached_with_seats

BUFFER_M = 25.0
CELL_M = 10.0
FACILITIES_AT_ONCE = 64  # whose nodes in reach are held in memory together


@dataclass(frozen=True, eq=False)
class ServiceArea:
    """What is reached from one facility, by limit.

    Attributes
    ----------
    limits_ms : tuple of int
        Ascending.
    streets : tuple of Pieces
        Within each limit.
    rings, disks : (limits,) polygons
        Ground of each limit but of no shorter one; all ground of each limit.
    """

    limits_ms: tuple[int, ...]
    streets: tuple[Pieces, ...]
    rings: Shapes
    disks: Shapes


def service_areas(
    graph: WalkGraph,
    doors: NDArray[np.int32],
    limits_ms: Sequence[int],
    homes: Homes | None = None,
    direction: Direction = "to",
    buffer_m: float = BUFFER_M,
    cell_m: float = CELL_M,
    threads: int | None = None,
) -> list[ServiceArea]:
    """The area of each facility by itself; areas of neighbours overlap.

    Parameters
    ----------
    doors : (f,) int32
        Doors of the facilities; -1 (not attached) reaches nothing.
    limits_ms : sequence of int
        Whole milliseconds, inclusive; taken in ascending order, each once.
    homes : Homes, optional
        Put on the right side of the outlines.
    buffer_m : float
        Ground on both sides of a reached street that counts as reached.
    cell_m : float
        Cell of the raster; the outline is true to a few metres at 10 m.
    threads : int, optional
        As many as the machine has processors; the answer is the same for any number.

    Raises
    ------
    ValueError
        A limit is out of range, or the buffer is below two cells and would break up.
    """
    limits = ascending(limits_ms)
    if not limits:
        return [ServiceArea((), (), _NOTHING, _NOTHING) for _ in doors]

    def drawn(reached: ReachedNodes) -> ServiceArea:
        streets = tuple(reached_pieces(graph, reached, limit, direction) for limit in limits)
        rings = rings_near([pieces.ends for pieces in streets], buffer_m, cell_m)
        rings = simplified(rings, SIMPLIFY_CELLS * cell_m)
        if homes is not None:
            rings = marked(rings, homes.xy, ring_of_homes(homes, reached, limits))
        return ServiceArea(limits, streets, rings, disks_of(rings))

    areas: list[ServiceArea] = []
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        for batch in _reached_from_each(graph, doors, limits[-1], direction, threads):
            areas.extend(pool.map(drawn, batch))
    return areas


_NOTHING = np.empty(0, dtype=object)


def ascending(limits_ms: Sequence[int]) -> tuple[int, ...]:
    """The limits, checked, the shortest first, each once."""
    return tuple(sorted({minutes.checked_limit(limit) for limit in limits_ms}))


def ring_of_homes(
    homes: Homes, reached: ReachedNodes, limits_ms: tuple[int, ...]
) -> NDArray[np.intp]:
    """The first limit within which each home is reached, by position; -1 for none."""
    home, at = homes.at_nodes(reached.node)
    ring = np.full(len(homes.xy), NOWHERE, dtype=np.intp)
    ring[home] = np.searchsorted(limits_ms, reached.ms[at])
    return ring


def _reached_from_each(
    graph: WalkGraph,
    doors: NDArray[np.int32],
    limit_ms: int,
    direction: Direction,
    threads: int | None,
) -> Iterator[list[ReachedNodes]]:
    """The nodes in reach of each facility, for some facilities at a time."""
    everywhere = np.arange(len(graph.node_xy), dtype=np.int32)
    doors = np.asarray(doors, dtype=np.int32)
    if graph.stretch_ms is not None:
        yield reached_with_seats(graph, doors, limit_ms, direction)
        return
    for start in range(0, len(doors), FACILITIES_AT_ONCE):
        some = doors[start : start + FACILITIES_AT_ONCE]
        table = minutes.reach_table(graph, some, everywhere, limit_ms, threads, direction)
        rows = (table.row(at) for at in range(len(table)))
        yield [ReachedNodes(node, ms, np.zeros(len(node), np.int32)) for node, ms in rows]
