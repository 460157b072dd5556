"""How many people would a repair of the streets bring within the limit?

A link is added to the streets as they are, one at a time. Someone gains by it only by walking
over it, and nobody walks over it twice, so the new walk is the way to one end, the link, and
the way from its other end to a station: bounded searches from the two ends tell it, and only
where the link shortens the way of an end at all. The count is that of a whole new run with the
link added, to the person. A new door of a home, at a gate for instance, changes the walks of
that home alone and is counted the same way.

For ``round_trip`` and ``worse`` both ways are taken to each station in turn, and the walks as
they are come into it, because one way may go over the link and the other not.

Limits: whoever must sit down on the way walks here as if they need not. Homes keep their doors. A
link to a scrap of street on which no door opens as yet may in truth let homes open onto it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.circle import walks_of_homes
from carecircle.coverage.result import Circle
from carecircle.isochrones.graph import OneWay, walk_graph
from carecircle.isochrones.links import Links, on_street
from carecircle.isochrones.minutes import ReachTable, nearest, reach_table
from carecircle.isochrones.snapping import Snaps
from carecircle.isochrones.walkers import FORBIDDEN
from carecircle.layers.network import WalkNetwork

FAR_MS = 2**40  # longer than any walk, and a few of them still add up
AT_ONCE = 256  # links whose searches are held in memory together
DOORS_AT_ONCE = 4096
OPPOSITE: dict[OneWay, OneWay] = {"to": "from", "from": "to"}

Times = NDArray[np.int64]
ByWay = dict[OneWay, Times]


@dataclass(frozen=True, eq=False)
class Standing:
    """One circle as it stands: who is covered, and where everything opens onto the streets.

    Attributes
    ----------
    people : (homes,) int64
        Of the circle's group.
    covered : (homes,) bool
    """

    circle: Circle
    network: WalkNetwork
    homes: Snaps
    stations: Snaps
    people: NDArray[np.int64]
    covered: NDArray[np.bool_]

    @property
    def needy(self) -> NDArray[np.intp]:
        """Homes with people who are not covered."""
        return np.flatnonzero(~self.covered & (self.people > 0))


def standing(
    circle: Circle, network: WalkNetwork, homes: Snaps, stations: Snaps, people: NDArray[np.int64]
) -> Standing:
    """Who is covered today; ``stations`` are those of the circle's service."""
    circle = replace(circle, walker=replace(circle.walker, longest_without_bench_m=None))
    graph = walk_graph(network, circle.walker, homes, stations)
    ms = walks_of_homes(circle, graph).ms
    return Standing(circle, network, homes, stations, people, ms <= circle.limit_ms)


def gained_by_links(now: Standing, links: Links) -> NDArray[np.int64]:
    """People whom each link by itself would bring within the limit, (k,)."""
    gained = np.zeros(len(links), np.int64)
    if not len(links) or not len(now.needy) or not len(now.stations):
        return gained
    places, end = np.unique(
        np.stack([links.edge.astype(np.int64), links.offset_mm], axis=-1).reshape(-1, 2),
        axis=0,
        return_inverse=True,
    )
    ends = end.reshape(-1, 2)
    link_ms = links.ms(now.network, now.circle.walker)
    link_ms = np.where(link_ms == FORBIDDEN, FAR_MS, link_ms)
    streets = Streets(now, on_street(now.network, places[:, 0].astype(np.int32), places[:, 1]))
    order = np.lexsort((ends[:, 1], ends[:, 0]))  # links of one place share its search
    for start in range(0, len(order), AT_ONCE):
        some = order[start : start + AT_ONCE]
        gained[some] = streets.gained(ends[some], link_ms[some])
    return gained


@dataclass(frozen=True, eq=False)
class NewDoors:
    """Further doors of homes, each the work of one change.

    Attributes
    ----------
    home : (d,) int
        Whose door, by position.
    leg_mm : (d,) int64
        The level way from the home to the street.
    place : (d,) int
        Position of the place it opens at.
    change : (d,) int
        Which change makes it; a change gives a home one door at most.
    """

    home: NDArray[np.intp]
    leg_mm: NDArray[np.int64]
    place: NDArray[np.intp]
    change: NDArray[np.intp]


def gained_by_doors(
    now: Standing, doors: NewDoors, places: Snaps, changes: int
) -> NDArray[np.int64]:
    """People whom each change by itself would bring within the limit, (changes,).

    ``places`` are those where the doors open; a place with a leg of its own adds it.
    """
    gained = np.zeros(changes, np.int64)
    asked = np.flatnonzero(np.isin(doors.home, now.needy))
    if not len(asked) or not len(now.stations):
        return gained
    streets = Streets(now, places)
    leg_ms = now.circle.walker.leg_ms(doors.leg_mm)
    for start in range(0, len(asked), DOORS_AT_ONCE):
        some = asked[start : start + DOORS_AT_ONCE]
        rest = streets.to_stations(streets.places[doors.place[some]])
        today = streets.today(doors.home[some])
        ms = {way: np.minimum(today[way], leg_ms[some, None] + rest[way]) for way in rest}
        inside = some[streets.within(ms)]
        np.add.at(gained, doors.change[inside], now.people[doors.home[inside]])
    return gained


class Streets:
    """The streets as one circle walks them, with places inserted to be searched from.

    For a single direction there is one column of stations, the nearest of all; else one each.
    """

    def __init__(self, now: Standing, places: Snaps) -> None:
        circle = now.circle
        self.now = now
        self.graph = walk_graph(now.network, circle.walker, now.homes, now.stations, places)
        self.homes, self.stations, self.places = self.graph.points
        self.needy = now.needy
        self.ways: tuple[OneWay, ...] = ("to", "from")
        self.nearest: NDArray[np.int64] | None = None
        if circle.direction == "to" or circle.direction == "from":
            self.ways = (circle.direction,)
            ms = nearest(self.graph, self.stations, circle.limit_ms, circle.direction).ms
            self.nearest = np.minimum(ms, FAR_MS)
        # half of both ways is within the limit only where each is within twice the limit
        self.far_ms = circle.limit_ms * (2 if circle.direction == "round_trip" else 1)

    def to_stations(self, doors: NDArray[np.int32]) -> ByWay:
        """Walks from doors to stations, and back from them, (doors, stations); else `FAR_MS`."""
        if self.nearest is not None:
            ms = np.where(doors >= 0, self.nearest[doors], FAR_MS)
            return {self.ways[0]: ms[:, None]}
        return {
            way: dense(
                reach_table(self.graph, doors, self.stations, self.far_ms, direction=OPPOSITE[way]),
                len(self.stations),
            )
            for way in self.ways
        }

    def today(self, homes: NDArray[np.intp]) -> ByWay:
        """The walks of needy homes as they are, where they can come into a new one."""
        if self.nearest is not None:
            return {self.ways[0]: np.full((len(homes), 1), FAR_MS)}
        return self.to_stations(self.homes[homes])

    def within(self, ms: ByWay) -> NDArray[np.bool_]:
        """Whose walk to some station is within the limit, in the circle's direction."""
        both = np.stack([ms[way] for way in self.ways])
        if self.now.circle.direction == "round_trip":
            taken = (both.sum(axis=0) + 1) // 2
        else:
            taken = both.max(axis=0)
        return np.asarray((taken <= self.now.circle.limit_ms).any(axis=1))

    def gained(self, ends: NDArray[np.intp], link_ms: Times) -> NDArray[np.int64]:
        """People gained by some links, whose ends are given as positions of places, (k, 2)."""
        places, at = np.unique(ends, return_inverse=True)
        at = at.reshape(-1, 2)
        doors = self.places[places]
        station_ms = self.to_stations(doors)
        tables, rest = {}, {}
        enters = np.zeros((*ends.shape, len(self.ways)), bool)
        for number, way in enumerate(self.ways):
            # who comes in at an end walks over the link and on from the other end
            over_ms = link_ms if way == "to" else link_ms[:, ::-1]
            rest[way] = station_ms[way][at[:, ::-1]] + over_ms[:, :, None]
            shorter = (rest[way] < station_ms[way][at]) & (rest[way] <= self.far_ms)
            enters[:, :, number] = shorter.any(axis=2)
            entered = np.isin(np.arange(len(places)), at[enters[:, :, number]])
            left_ms = self.far_ms - rest[way].min(initial=self.far_ms, where=shorter)
            tables[way] = reach_table(
                self.graph,
                np.where(entered, doors, -1).astype(np.int32),
                self.homes[self.needy],
                max(1, int(left_ms)),
                direction=way,
            )
        gained = np.zeros(len(ends), np.int64)
        for link in np.flatnonzero(enters.any(axis=(1, 2))):
            walks = [
                (way, rest[way][link, end], *tables[way].row(int(at[link, end])))
                for number, way in enumerate(self.ways)
                for end in np.flatnonzero(enters[link, :, number])
            ]
            gained[link] = self.gained_by_walks(walks)
        return gained

    def gained_by_walks(self, walks: list[tuple[OneWay, Times, NDArray[np.int32], Times]]) -> int:
        """People gained by walks over one link.

        For each way and end: on from the end to the stations, the needy homes near the end, by
        position among them, and their walks to it.
        """
        near = np.unique(np.concatenate([target for _, _, target, _ in walks]))
        ms = self.today(self.needy[near])
        for way, rest_ms, target, home_ms in walks:
            row = np.searchsorted(near, target)
            ms[way][row] = np.minimum(ms[way][row], home_ms[:, None] + rest_ms)
        return int(self.now.people[self.needy[near[self.within(ms)]]].sum())


def dense(table: ReachTable, columns: int) -> Times:
    """The table with a column for each target; `FAR_MS` where none is in it."""
    ms = np.full((len(table), columns), FAR_MS)
    ms[np.repeat(np.arange(len(table)), np.diff(table.indptr)), table.target] = table.ms
    return ms
