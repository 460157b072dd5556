"""What if this station moved, that street closed? Every home's nearest, kept while things change.

`LiveNearest` holds for every home its nearest facility and the walk in whole milliseconds, the
first of those equally near, and takes edits one at a time. What an edit costs is proportional
to what it changes, and to the number of facilities: a new source or way is searched from, as
far as it is better; what loses its source or way is forgotten and filled in from around.
After each edit the answer is that of a whole run, `whole`, to the millisecond and ties included.

A home or facility whose place is known attaches to the nearest street at all times: when its
street closes it opens onto the next, and onto a new one that is nearer. Whose nearest street is
not for this walker opens onto another only where that is near enough (`snapping.snap_doors`), and
so is shut when such a street opens, and free again when it closes. Without a place it stays where
it is, and leads nowhere while its street is closed.

Limits: ``to`` and ``from`` only. The nearest by a round trip is not found by one search from
all facilities, so there is nothing to keep up to date. A leg inside a quarter along its own
ways has no place: it stays. Which streets are bridges or scraps without doors is not asked anew.
Memory is 33 bytes a node and 36 an edge, the index of streets, and what the edits that can
be taken back have changed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.gates import together
from carecircle.isochrones.graph import LONGEST_MS, OneWay
from carecircle.isochrones.kernels import POSITION, UNREACHED
from carecircle.isochrones.links import along_edges
from carecircle.isochrones.live_city import LiveCity
from carecircle.isochrones.live_edits import (
    AddFacility,
    AddLink,
    Change,
    CloseEdge,
    CloseFacility,
    Edit,
    MoveFacility,
    ReopenEdge,
    ReopenFacility,
)
from carecircle.isochrones.live_points import (
    Facility,
    Places,
    checked_places,
    each_point,
    one_point,
    taken,
)
from carecircle.isochrones.live_whole import whole_graph
from carecircle.isochrones.minutes import NEVER, Nearest, checked_limit, nearest
from carecircle.isochrones.snapping import OTHER_STREET_M, Snaps
from carecircle.isochrones.walkers import Walker
from carecircle.layers.network import WalkNetwork

SNAP_M = 300.0
UNDO_DEPTH = 100


class LiveNearest:
    """The nearest facility of every home, while facilities and streets change."""

    def __init__(
        self,
        network: WalkNetwork,
        walker: Walker,
        homes: Snaps,
        facilities: Snaps,
        *,
        direction: OneWay = "to",
        limit_ms: int | None = None,
        home_places: Places | None = None,
        facility_places: Places | None = None,
        snap_m: float = SNAP_M,
        undo_depth: int = UNDO_DEPTH,
    ) -> None:
        """Answer once, in full.

        Parameters
        ----------
        homes, facilities : Snaps
            As for `graph.walk_graph`, attached by `snapping.snap_doors` where they have places.
            Ties go to the facility that comes first.
        limit_ms : int, optional
            As for `minutes.nearest`: none is near that takes longer.
        home_places, facility_places : Places, optional
            From where each leg attaches anew when streets change; without them legs stay.
        snap_m : float
            Longest straight way to a street of what attaches anew.
        undo_depth : int
            How many edits can be taken back.

        Raises
        ------
        ValueError
            As `walk_graph` and `minutes.nearest`; the direction is neither ``to`` nor ``from``;
            places are not one for each leg.
        """
        if direction not in ("to", "from"):
            raise ValueError(f"live answers go 'to' a facility or 'from' it, not {direction!r}")
        self.direction, self.snap_m = direction, snap_m
        self.limit_ms = None if limit_ms is None else checked_limit(limit_ms)
        self._last = ((LONGEST_MS if limit_ms is None else limit_ms) << 32) | POSITION
        self._city = LiveCity(network, walker, direction, homes, home_places, snap_m)
        self._label = np.full(len(homes), UNREACHED, np.int64)
        self._history: deque[tuple[list[Callable[[], None]], Change]] = deque(maxlen=undo_depth)
        places = checked_places(facilities, facility_places)
        for legs in each_point(facilities):
            self._city.add_facility(one_point(facilities, legs), taken(places, legs))
        self._city.asked.update(range(len(homes)))
        self._settled()
        self._city.streets.log.clear()

    # --- the answer

    @property
    def nearest(self) -> Nearest:
        """Nearest facility and milliseconds of every home, as `minutes.nearest` tells them."""
        return as_nearest(self._label)

    @property
    def homes(self) -> Snaps:
        """Where the homes attach now."""
        legs = self._city.streets.legs
        edge = legs.edge.copy()
        return Snaps(
            edge=edge,
            offset_mm=legs.offset_mm.copy(),
            leg_mm=legs.mm.copy(),
            component=self._city.streets.components(edge),
            point=legs.home.copy(),
        )

    @property
    def facilities(self) -> tuple[Facility, ...]:
        """All facilities, closed ones among them."""
        return tuple(self._city.facilities)

    def snap(self, xy: NDArray[np.float64], other_street_m: float = OTHER_STREET_M) -> Snaps:
        """Where points attach on the streets as they are now, as `snapping.snap_doors` says."""
        return self._city.snap(xy, other_street_m)

    def link_between(
        self, start: NDArray[np.float64], end: NDArray[np.float64], doors: bool = True
    ) -> AddLink:
        """The straight link between the places on the walker's streets nearest to two points.

        Raises
        ------
        ValueError
            A point is farther than ``snap_m`` from any street of the walker.
        """
        at = self.snap(np.array([start, end]), other_street_m=np.inf)
        if (at.edge < 0).any():
            raise ValueError(f"an end of the link is farther than {self.snap_m:g} m from a street")
        edges, offset_mm = at.edge.tolist(), at.offset_mm.tolist()
        ends = self._city.streets.part(edges)
        (ax, ay), (bx, by) = along_edges(
            ends.node_xy, ends, np.arange(2, dtype=np.int32), at.offset_mm
        )
        mm = int(np.rint(1000 * np.hypot(bx - ax, by - ay)))
        return AddLink((edges[0], edges[1]), (offset_mm[0], offset_mm[1]), mm, doors)

    def whole(self) -> Nearest:
        """The answer by a whole run on the streets as they are now, from scratch."""
        facilities = [
            replace(one.snaps, point=np.full(len(one.snaps.edge), at, np.int32))
            for at, one in enumerate(self._city.facilities)
        ]
        graph = whole_graph(self._city.streets, self.homes, together(facilities))
        is_open = np.array([one.is_open for one in self._city.facilities], bool)
        doors = np.where(is_open, graph.points[1], -1).astype(np.int32)
        return nearest(graph, doors, self.limit_ms, self.direction).at(graph.points[0])

    # --- edits

    def apply(self, edit: Edit) -> Change:
        """Make an edit; if it is refused nothing has changed.

        Raises
        ------
        ValueError
            There is no such facility or edge, it is open or closed already, or a place is not
            on its edge.
        """
        self._city.begin()
        try:
            made = self._made(edit)
            homes, before, nodes = self._settled()
        except BaseException:
            self._city.take_back(self._city.streets.log)
            raise
        change = Change(edit, made, homes, before, as_nearest(self._label[homes]), nodes)
        self._history.append((self._city.streets.log, change))
        return change

    def undo(self) -> Change:
        """Take back the last edit, or that before if it was taken back; tells what it did.

        Raises
        ------
        ValueError
            There is nothing that could be taken back.
        """
        if not self._history:
            raise ValueError("there is no edit that could be taken back")
        log, change = self._history.pop()
        self._city.take_back(log)
        return change

    def _made(self, edit: Edit) -> int | None:
        """Do what an edit says, up to the labels."""
        city = self._city
        match edit:
            case AddFacility(at):
                return city.add_facility(*city.attached(at))
            case MoveFacility(facility, at):
                city.put_facility(city.known(facility, True), *city.attached(at), True)
            case CloseFacility(facility):
                city.close_facility(city.known(facility, True))
            case ReopenFacility(facility):
                city.reopen_facility(city.known(facility, False))
            case AddLink(edges, offset_mm, mm, doors):
                return city.add_link(edges, offset_mm, mm, doors)
            case CloseEdge(edge):
                city.close_edge(city.known_edge(edge, True))
            case ReopenEdge(edge):
                city.open_edge(city.known_edge(edge, False))
        return None

    # --- labels

    def _settled(self) -> tuple[NDArray[np.int32], Nearest, int]:
        """Make the labels right; the homes that have others, with theirs, and nodes looked at."""
        city, streets, arcs = self._city, self._city.streets, self._city.streets.arcs
        sources = (
            np.fromiter(city.sources.keys(), np.int32, len(city.sources)),
            np.fromiter(city.sources.values(), np.int64, len(city.sources)),
        )
        nodes, labels = arcs.repair(city.lost, city.fresh, sources, self._last)
        streets.log.append(lambda: put_labels(streets.arcs.label, nodes, labels))
        beside = streets.legs.homes_beside(arcs, nodes[arcs.label[nodes] != labels])
        for edge, foot in city.healing:
            streets.heal(edge, foot)
        asked = np.union1d(beside, np.fromiter(city.asked, np.int32, len(city.asked)))
        found = streets.legs.labels(asked.astype(np.int32), arcs, self._last)
        other = found != self._label[asked]
        homes, before = asked[other].astype(np.int32), self._label[asked[other]]
        self._label[homes] = found[other]
        streets.log.append(lambda: put_labels(self._label, homes, before))
        return homes, as_nearest(before), len(nodes)


def put_labels(label: NDArray[np.int64], at: NDArray[np.int32], labels: NDArray[np.int64]) -> None:
    """Labels as they were."""
    label[at] = labels


def as_nearest(label: NDArray[np.int64]) -> Nearest:
    """Labels as milliseconds and positions."""
    reached = label != UNREACHED
    return Nearest(
        ms=np.where(reached, label >> 32, NEVER),
        source=np.where(reached, label & POSITION, -1).astype(np.int32),
    )
