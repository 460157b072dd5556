"""What stands where, while facilities and streets change?

The facilities, the doors of the homes and the streets they open onto. Each change is done to
all of them and says what it means for the labels: which nodes have lost a support (``lost``),
at which nodes new ways arrive (``fresh``), which cuts will be needed no more (``healing``) and
which homes must be asked again whatever the labels do (``asked``). `live` then makes the labels
right, and keeps what the changes have written on how to take them back.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import index

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.isochrones.graph import OneWay
from carecircle.isochrones.live_edits import Where
from carecircle.isochrones.live_index import LiveIndex
from carecircle.isochrones.live_legs import checked_leg_ms
from carecircle.isochrones.live_points import (
    Facility,
    Places,
    checked_places,
    one_point,
    with_legs,
)
from carecircle.isochrones.live_streets import LiveStreets
from carecircle.isochrones.snapping import TIE_M, Snaps
from carecircle.isochrones.walkers import Walker
from carecircle.layers.network import WalkNetwork


class LiveCity:
    """Facilities, homes and streets; ``sources`` is the label each open foot starts with."""

    def __init__(
        self,
        network: WalkNetwork,
        walker: Walker,
        direction: OneWay,
        homes: Snaps,
        home_places: Places | None,
        snap_m: float,
    ) -> None:
        self.snap_m = snap_m
        self.streets = LiveStreets(network, walker, direction, homes)
        self.index = LiveIndex(self.streets)
        self.facilities: list[Facility] = []
        self.sources: dict[int, int] = {}
        self._home_places = checked_places(homes, home_places)
        self._home_tree: shapely.STRtree | None = None
        self.begin()

    def begin(self) -> None:
        """Nothing has been changed yet."""
        self.streets.log = []
        self.lost: list[int] = []
        self.fresh: list[int] = []
        self.healing: list[tuple[int, int]] = []
        self.asked: set[int] = set()

    def take_back(self, log: list[Callable[[], None]]) -> None:
        """Undo what is written in a log, from its end."""
        while log:
            step = log.pop()
            self.streets.log = []  # what taking back writes is not wanted
            step()

    def snap(self, xy: NDArray[np.float64], other_street_m: float) -> Snaps:
        """Where points attach on the streets as they are now."""
        points = np.asarray(xy, np.float64).reshape(-1, 2)
        return self.index.snap(points, self.snap_m, other_street_m)

    # --- facilities

    def known(self, facility: int, is_open: bool) -> int:
        """Position of a facility, if it is open, or closed, as is asked."""
        if not 0 <= facility < len(self.facilities):
            raise ValueError(f"no facility {facility} among {len(self.facilities)}")
        if self.facilities[facility].is_open != is_open:
            raise ValueError(f"facility {facility} is {'closed' if is_open else 'open'}")
        return index(facility)

    def attached(self, at: Where) -> tuple[Snaps, Places]:
        """Where a facility attaches, and from which places."""
        if isinstance(at, Snaps):
            if len(at) != 1:
                raise ValueError(f"a facility is one point, not {len(at)}")
            return at, Places.none(len(at.edge))
        xy = np.asarray(at, np.float64).reshape(-1, 2)
        if not len(xy) or not np.isfinite(xy).all():
            raise ValueError("a facility needs a finite place")
        places, entrances = Places.open(xy), np.arange(len(xy))
        return one_point(self._snapped(places, entrances), entrances), places

    def add_facility(self, snaps: Snaps, places: Places) -> int:
        """A facility after all others; its position."""
        self.facilities.append(Facility(snaps, places))
        self.streets.log.append(self._forget_facility)
        self.put_facility(len(self.facilities) - 1, snaps, places, True)
        return len(self.facilities) - 1

    def _forget_facility(self) -> None:
        self.facilities.pop()

    def put_facility(self, at: int, snaps: Snaps, places: Places, is_open: bool) -> None:
        """Take up the feet of a facility and put it down elsewhere, or nowhere."""
        before = self.facilities[at]
        for edge, foot in zip(before.snaps.edge.tolist(), before.feet, strict=False):
            if foot >= 0:
                self._lose_source(edge, foot)
        feet = [-1] * len(snaps.edge)
        if is_open:
            leg_mm = np.where(snaps.edge >= 0, snaps.leg_mm, 0)
            leg_ms = checked_leg_ms(self.streets.walker, leg_mm)
            for leg in np.flatnonzero(snaps.edge >= 0).tolist():
                edge, offset_mm = int(snaps.edge[leg]), int(snaps.offset_mm[leg])
                feet[leg] = self.streets.cut(edge, offset_mm)
                self._set_source(feet[leg], (int(leg_ms[leg]) << 32) | at)
        self.facilities[at] = Facility(snaps, places, is_open, tuple(feet))
        self.streets.log.append(lambda: self._put_back(at, before))

    def close_facility(self, at: int) -> None:
        """Nobody walks to it; where it stands is kept."""
        self.put_facility(at, self.facilities[at].snaps, self.facilities[at].places, False)

    def reopen_facility(self, at: int) -> None:
        """It is where it was."""
        self.put_facility(at, self.facilities[at].snaps, self.facilities[at].places, True)

    def _put_back(self, at: int, before: Facility) -> None:
        self.facilities[at] = before

    def _lose_source(self, edge: int, foot: int) -> None:
        label = self.sources.pop(foot)
        self.streets.log.append(lambda: self._set_source(foot, label))
        if self.streets.arcs.label[foot] == label:
            self.lost.append(foot)
        self.healing.append((edge, foot))

    def _set_source(self, foot: int, label: int) -> None:
        self.sources[foot] = label
        self.streets.log.append(lambda: self._forget_source(foot))

    def _forget_source(self, foot: int) -> None:
        del self.sources[foot]

    # --- streets

    def known_edge(self, edge: int, is_open: bool) -> int:
        """Number of an edge, if it is open, or closed, as is asked."""
        if not 0 <= edge < self.streets.n_edges:
            raise ValueError(f"no edge {edge} among {self.streets.n_edges}")
        if (edge not in self.streets.closed) != is_open:
            raise ValueError(f"edge {edge} is {'closed' if is_open else 'open'}")
        return index(edge)

    def add_link(
        self, edges: tuple[int, int], offset_mm: tuple[int, int], mm: int, doors: bool
    ) -> int:
        """A new way, open; its number."""
        if mm < 0:
            raise ValueError(f"a link is 0 mm long or more, not {mm}")
        places = [
            (self.known_edge(edge, True), index(offset))
            for edge, offset in zip(edges, offset_mm, strict=True)
        ]
        number = self.streets.add_link(places, index(mm), doors)
        self.open_edge(number)
        return number

    def open_edge(self, edge: int) -> None:
        """Open an edge, and let those doors attach anew that it may take over, shut or free."""
        self.asked.update(self.streets.legs.home[self.streets.legs_of(edge)].tolist())
        self.streets.open(edge)
        self.index.add(edge)
        self.streets.log.append(lambda: self.index.remove(edge))
        self.fresh += self.streets.nodes_of(edge)
        self._ask_doors(edge)

    def close_edge(self, edge: int) -> None:
        """Close an edge; doors on it, and those it had shut, open onto what is left."""
        self.lost += self.streets.hanging_on(edge)
        self.index.remove(edge)
        self.streets.log.append(lambda: self.index.add(edge))
        self.asked.update(self.streets.legs.home[self.streets.legs_of(edge)].tolist())
        self.streets.close(edge)
        self._ask_doors(edge)

    def _ask_doors(self, edge: int) -> None:
        """Let those doors attach anew that an edge which was opened or closed concerns."""
        held, near = self.streets.legs, self._legs_near(edge)
        legs = np.union1d(near, np.array(self.streets.legs_of(edge), np.intp))
        legs = legs[self._home_places.known[legs]]
        self._attach_homes(
            legs[self._concerned(edge, self._home_places, legs, held.edge[legs], held.mm[legs])]
        )
        for at in sorted({*self._facilities_on(edge), *self._facilities_near(edge)}):
            snaps, places = self.facilities[at].snaps, self.facilities[at].places
            legs = np.flatnonzero(places.known)
            legs = legs[self._concerned(edge, places, legs, snaps.edge[legs], snaps.leg_mm[legs])]
            if len(legs):
                self._attach_facility(at, legs)

    def _concerned(
        self,
        edge: int,
        places: Places,
        legs: NDArray[np.intp],
        held: NDArray[np.int32],
        leg_mm: NDArray[np.int64],
    ) -> NDArray[np.bool_]:
        """Which legs, each held by a street, may attach elsewhere when an edge opens or closes.

        Those on the edge. Those as near to it: it can take them over, or shut them if it is not
        for this walker. Those held by none: an edge that comes can free them, and so can one
        that goes if it was not for this walker.
        """
        concerned = held == edge
        if self.index.has_doors(edge):
            straight_mm = leg_mm - places.inside_mm[legs]
            concerned |= held < 0
            concerned |= self.index.away_mm(edge, places.xy[legs]) <= straight_mm
        return np.asarray(concerned)

    def _legs_near(self, edge: int) -> NDArray[np.intp]:
        """Legs of homes whose place is within the tolerance of an edge."""
        if self._home_tree is None:
            places = shapely.points(self._home_places.xy)
            places[~self._home_places.known] = None
            self._home_tree = shapely.STRtree(places)
        line = shapely.linestrings(self.streets.part([edge]).node_xy)
        near = self._home_tree.query(line, predicate="dwithin", distance=self.snap_m + TIE_M)
        return np.sort(near)

    def _facilities_on(self, edge: int) -> list[int]:
        """Facilities with a leg to an edge."""
        edges = np.concatenate([np.empty(0, int), *(one.snaps.edge for one in self.facilities)])
        return [int(at) for at in np.unique(self._owners()[edges == edge])]

    def _facilities_near(self, edge: int) -> list[int]:
        """Facilities that have a place within the tolerance of the box around an edge."""
        ends = self.streets.part([edge]).node_xy
        low, high = ends.min(axis=0) - self.snap_m - TIE_M, ends.max(axis=0) + self.snap_m + TIE_M
        xy = np.concatenate([np.empty((0, 2)), *(one.places.xy for one in self.facilities)])
        near = self._owners()[((xy >= low) & (xy <= high)).all(axis=1)]
        return [int(at) for at in np.unique(near)]

    def _owners(self) -> NDArray[np.intp]:
        """The facility of each leg."""
        legs = [len(one.snaps.edge) for one in self.facilities]
        return np.repeat(np.arange(len(legs)), legs)

    def _attach_homes(self, legs: NDArray[np.intp]) -> None:
        found = self._snapped(self._home_places, legs)
        inside_mm = self._home_places.inside_mm[legs]
        for at, leg in enumerate(legs.tolist()):
            self.streets.attach(
                leg,
                int(found.edge[at]),
                int(found.offset_mm[at]),
                int(found.leg_mm[at] + inside_mm[at]),
            )
        self.asked.update(self.streets.legs.home[legs].tolist())

    def _attach_facility(self, at: int, legs: NDArray[np.intp]) -> None:
        one = self.facilities[at]
        found = self._snapped(one.places, legs)
        snaps = with_legs(one.snaps, legs, found, one.places.inside_mm[legs])
        self.put_facility(at, snaps, one.places, one.is_open)

    def _snapped(self, places: Places, legs: NDArray[np.intp]) -> Snaps:
        """Where the places of some legs attach on the streets as they are now."""
        return self.index.snap(places.xy[legs], self.snap_m, places.other_street_m[legs])
