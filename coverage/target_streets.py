"""How far is everything from everything, along the streets? Walks for the targets of plans.

One search from all chosen facilities gives every home's walk to the nearest; it is kept for
each set of facilities and walker, because targets of several plans ask for the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.speeds import walks_at
from carecircle.coverage.target_register import Mask
from carecircle.isochrones.graph import WalkGraph, walk_graph
from carecircle.isochrones.minutes import NEVER, Nearest, nearest, reach_table
from carecircle.isochrones.seats import between_doors
from carecircle.isochrones.snapping import Snaps
from carecircle.isochrones.walkers import Walker
from carecircle.layers.network import WalkNetwork

# Walks a metre in a second whatever the ground: its milliseconds are millimetres.
METRES = Walker("metres", "米", "metres", 1000, 1, "none")


@dataclass(frozen=True, eq=False)
class StreetWalks:
    """Walks over one network; homes and facilities by position.

    Attributes
    ----------
    walkers : mapping
        By id, as the study has them.
    snaps_for : function
        Walker -> where the homes and the register's facilities attach.
    """

    network: WalkNetwork
    walkers: Mapping[str, Walker]
    snaps_for: Callable[[Walker], tuple[Snaps, Snaps]]
    graphs: dict[str, tuple[WalkGraph, Mask]] = field(default_factory=dict)
    walks: dict[tuple[str, bytes], NDArray[np.int64]] = field(default_factory=dict)

    def homes_to(
        self, chosen: Mask, walker: str, mm_per_s: int | None = None
    ) -> tuple[NDArray[np.int64], Mask]:
        """Milliseconds from each home to the nearest chosen facility, and whether it attaches.

        At another speed every walk takes longer in proportion; with waits it is searched again.
        """
        own = self.walkers[walker]
        if mm_per_s is not None and mm_per_s != own.speed_mm_per_s:
            if not any(own.waits_s):
                ms, attached = self.homes_to(chosen, walker)
                found = Nearest(ms, np.zeros(len(ms), np.int32))
                return walks_at(own.speed_mm_per_s, found).nearest_ms(mm_per_s), attached
            own = replace(own, id=f"{own.id} {mm_per_s}", speed_mm_per_s=mm_per_s)
        graph, attached = self.graph_of(own)
        key = own.id, np.packbits(chosen).tobytes()
        if key not in self.walks:
            homes, facilities = graph.points
            doors = np.where(chosen, facilities, -1).astype(np.int32)
            self.walks[key] = nearest(graph, doors).at(homes).ms
        return self.walks[key], attached

    def attached(self) -> Mask:
        """Which facilities have a street near, for those who can use every street."""
        _, facilities = self.snaps_for(METRES)
        return facilities.attached

    def facilities_from(self, homes: Mask, walker: str, limit_ms: int) -> Mask:
        """Which facilities are within the limit of some of these homes."""
        graph, _ = self.graph_of(self.walkers[walker])
        doors, facilities = graph.points
        starts = np.where(homes, doors, -1).astype(np.int32)
        ms = nearest(graph, starts, direction="from").at(facilities).ms
        return np.asarray((ms != NEVER) & (ms <= limit_ms))

    def beside(self, some: Mask, others: Mask, metres: int) -> Mask:
        """Which of ``some`` have another facility of ``others`` within metres of walk."""
        _, snaps = self.snaps_for(METRES)
        graph = walk_graph(self.network, METRES, snaps.take(np.flatnonzero(some | others)))
        node = np.full(len(some), -1, np.int32)
        node[some | others] = graph.points[0]
        from_rows, to_rows = np.flatnonzero(some), np.flatnonzero(others)
        table = reach_table(graph, node[from_rows], node[to_rows], 1000 * metres)
        row = np.repeat(np.arange(len(table)), np.diff(table.indptr))
        apart = from_rows[row] != to_rows[table.target]
        found = np.zeros(len(some), bool)
        found[from_rows[row[apart]]] = True
        return found

    def graph_of(self, walker: Walker) -> tuple[WalkGraph, Mask]:
        """The streets of a walker with homes and facilities, and which homes attach."""
        if walker.id not in self.graphs:
            homes, facilities = self.snaps_for(walker)
            graph = between_doors(walk_graph(self.network, walker, homes, facilities))
            self.graphs[walker.id] = graph, homes.attached
        return self.graphs[walker.id]
