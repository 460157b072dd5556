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
    nearer_than,
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

    def snap(self, xy: NDArray[np.float64]) -> Snaps:
        """Where points attach on the streets as they are now."""
        return self.index.snap(np.asarray(xy, np.float64).reshape(-1, 2), self.snap_m)

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
        return one_point(self.snap(xy), np.arange(len(xy))), Places.open(xy)

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
        """Open an edge, and let doors onto it that are nearer to it than to their street."""
        self.asked.update(self.streets.legs.home[self.streets.legs_of(edge)].tolist())
        self.streets.open(edge)
        self.index.add(edge)
        self.streets.log.append(lambda: self.index.remove(edge))
        self.fresh += self.streets.nodes_of(edge)
        if not self.index.has_doors(edge):
            return
        legs = self._legs_near(edge)
        if len(legs):
            found = self.index.snap_to([edge], self._home_places.xy[legs], self.snap_m)
            held = self.streets.legs
            straight_mm = held.mm[legs] - self._home_places.inside_mm[legs]
            nearer = nearer_than(found, held.edge[legs], straight_mm)
            self._attach_homes(legs[nearer], found.take(np.flatnonzero(nearer)))
        for at in self._facilities_near(edge):
            one = self.facilities[at]
            legs = np.flatnonzero(np.isfinite(one.places.xy[:, 0]))
            found = self.index.snap_to([edge], one.places.xy[legs], self.snap_m)
            straight_mm = one.snaps.leg_mm[legs] - one.places.inside_mm[legs]
            nearer = nearer_than(found, one.snaps.edge[legs], straight_mm)
            if nearer.any():
                self._attach_facility(at, legs[nearer], found.take(np.flatnonzero(nearer)))

    def close_edge(self, edge: int) -> None:
        """Close an edge; doors on it open onto the nearest street that is left."""
        self.lost += self.streets.hanging_on(edge)
        self.index.remove(edge)
        self.streets.log.append(lambda: self.index.add(edge))
        legs = np.array(self.streets.legs_of(edge), np.intp)
        self.asked.update(self.streets.legs.home[legs].tolist())
        self.streets.close(edge)
        legs = legs[np.isfinite(self._home_places.xy[legs, 0])]
        if len(legs):
            self._attach_homes(legs, self.snap(self._home_places.xy[legs]))
        for at in self._facilities_on(edge):
            one = self.facilities[at]
            moved = np.flatnonzero((one.snaps.edge == edge) & np.isfinite(one.places.xy[:, 0]))
            if len(moved):
                self._attach_facility(at, moved, self.snap(one.places.xy[moved]))

    def _legs_near(self, edge: int) -> NDArray[np.intp]:
        """Legs of homes whose place is within the tolerance of an edge."""
        if self._home_tree is None:
            places = shapely.points(self._home_places.xy)
            places[~np.isfinite(self._home_places.xy[:, 0])] = None
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

    def _attach_homes(self, legs: NDArray[np.intp], found: Snaps) -> None:
        inside_mm = self._home_places.inside_mm[legs]
        for at, leg in enumerate(legs.tolist()):
            self.streets.attach(
                leg,
                int(found.edge[at]),
                int(found.offset_mm[at]),
                int(found.leg_mm[at] + inside_mm[at]),
            )
        self.asked.update(self.streets.legs.home[legs].tolist())

    def _attach_facility(self, at: int, legs: NDArray[np.intp], found: Snaps) -> None:
        one = self.facilities[at]
        snaps = with_legs(one.snaps, legs, found, one.places.inside_mm[legs])
        self.put_facility(at, snaps, one.places, one.is_open)
