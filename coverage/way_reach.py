"""Who would be within the limit of which station, if a new way were built?

A *way* is a new gate of a walled quarter, which gives its homes one more door, or a link between
two places on the streets. Sites are the existing stations and, after them, candidates for new ones.

Built alone, a link gives the walk to one end, the link, and the walk on from its other end; a gate
the new leg and the walk on from its street. Nobody walks over one link twice, so with today's
walks this is the whole of what one new way can change: the same as a new search with it built.

Several ways at once (`people_within`) may follow each other in one walk: the walks between their
ends are closed under all of them (Floyd 1962). Everything is whole milliseconds, in the circle's
direction.

Limits, as of `repairs`: whoever must sit down on the way walks as if they need not, homes keep
their doors, and a new way joins the streets at its ends only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.candidate_sites import joined as joined_points
from carecircle.coverage.repairs import (
    DOORS_AT_ONCE,
    FAR_MS,
    OPPOSITE,
    NewDoors,
    Standing,
    Times,
    dense,
)
from carecircle.coverage.result import Circle
from carecircle.isochrones.graph import OneWay, walk_graph
from carecircle.isochrones.links import Links, on_street
from carecircle.isochrones.minutes import ReachTable, reach_table
from carecircle.isochrones.snapping import Snaps
from carecircle.isochrones.walkers import FORBIDDEN

Positions = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Ways:
    """New gates, and after them new links.

    Attributes
    ----------
    gates : int
        How many gates there are.
    doors : NewDoors
        The doors they give to homes; ``change`` is the gate, ``place`` one of ``places``.
    places : Snaps
        Where gates open onto the streets, without a leg of their own.
    links : Links
    """

    gates: int
    doors: NewDoors
    places: Snaps
    links: Links

    def __len__(self) -> int:
        return self.gates + len(self.links)

    def take(self, chosen: Positions) -> Ways:
        """Some of them, by position; gates stay before links, each in the order asked for."""
        gates, links = chosen[chosen < self.gates], chosen[chosen >= self.gates] - self.gates
        number = np.full(self.gates, -1)
        number[gates] = np.arange(len(gates))
        kept = number[self.doors.change] >= 0
        places, place = np.unique(self.doors.place[kept], return_inverse=True)
        doors = NewDoors(
            self.doors.home[kept],
            self.doors.leg_mm[kept],
            place,
            number[self.doors.change[kept]].astype(np.intp),
        )
        return Ways(len(gates), doors, self.places.take(places), self.links.take(links))


@dataclass(frozen=True, eq=False)
class WayEffect:
    """What one way changes by itself.

    Attributes
    ----------
    alone : (k,) int
        Homes that it brings within the limit of an existing station.
    home, site : (n,) int
        Pairs of other homes and candidates that are within the limit with this way only.

    Homes are positions among the needy, sites among the candidates.
    """

    alone: Positions
    home: Positions
    site: Positions


class WayWalks:
    """The walks of today that walks over new ways are put together from.

    Parameters
    ----------
    sites : Snaps
        Candidates; the existing stations are those of ``now``.
    """

    def __init__(self, now: Standing, sites: Snaps, ways: Ways) -> None:
        circle = now.circle
        self.now, self.ways = now, ways
        self.stations = len(now.stations)
        ends = on_street(now.network, ways.links.edge.ravel(), ways.links.offset_mm.ravel())
        graph = walk_graph(
            now.network,
            circle.walker,
            now.homes.take(now.needy),
            joined_points([now.stations, sites]),
            joined_points([ways.places, ends]),
        )
        self.graph, self.limit_ms = graph, circle.limit_ms
        self.homes, self.sites, self.spots = graph.points
        # half of both ways is within the limit only where each is within twice the limit
        self.far_ms = self.limit_ms * (2 if circle.direction == "round_trip" else 1)
        one_way: dict[str, tuple[OneWay, ...]] = {"to": ("to",), "from": ("from",)}
        self.one_ways = one_way.get(circle.direction, ("to", "from"))
        self.today = {way: self.onward(way, self.homes, self.sites) for way in self.one_ways}
        self.from_spots = {way: self.onward(way, self.spots, self.sites) for way in self.one_ways}
        link_ends = self.spots[len(ways.places) :]
        self.to_ends = {
            way: reach_table(graph, link_ends, self.homes, self.far_ms, direction=way)
            for way in self.one_ways
        }
        over = ways.links.ms(now.network, circle.walker)
        self.over_ms = np.where(over == FORBIDDEN, FAR_MS, over)
        position = np.full(len(now.homes), -1)
        position[now.needy] = np.arange(len(now.needy))
        self.needy_of_door = position[ways.doors.home]
        self.leg_ms = circle.walker.leg_ms(ways.doors.leg_mm)

    def onward(
        self, way: OneWay, places: NDArray[np.int32], others: NDArray[np.int32]
    ) -> ReachTable:
        """Walks from places on the homes' side to others on the stations' side (or back)."""
        return reach_table(self.graph, places, others, self.far_ms, direction=OPPOSITE[way])

    def today_within(self) -> tuple[Positions, Positions]:
        """Pairs of needy homes and candidates in reach today."""
        homes, sites = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
        new = np.arange(self.stations, len(self.sites))
        for start in range(0, len(self.homes), DOORS_AT_ONCE):
            some = np.arange(start, min(start + DOORS_AT_ONCE, len(self.homes)))
            ms = [rows_of(self.today[way], some, new, len(self.sites)) for way in self.one_ways]
            home, site = np.nonzero(within(self.now.circle, ms))
            homes.append(some[home])
            sites.append(site)
        return np.concatenate(homes), np.concatenate(sites)

    def effect(self, way: int) -> WayEffect:
        """What one way changes by itself."""
        if way < self.ways.gates:
            doors = np.flatnonzero((self.ways.doors.change == way) & (self.needy_of_door >= 0))
            entries = [
                self.over_spot(one, self.needy_of_door[doors], self.leg_ms[doors], doors)
                for one in self.one_ways
            ]
        else:
            entries = [self.over_link(one, way - self.ways.gates) for one in self.one_ways]
        return self.changed([part for entry in entries for part in entry])

    def over_spot(
        self, way: OneWay, homes: Positions, leg_ms: Times, doors: Positions
    ) -> list[Entry]:
        """The walks out of a new gate: all of its doors open at one place, or each at its own."""
        places = self.ways.doors.place[doors]
        return [
            Entry(way, homes[at], leg_ms[at], self.site_ms(way, int(place)))
            for place in np.unique(places)
            for at in [np.flatnonzero(places == place)]
        ]

    def over_link(self, way: OneWay, link: int) -> list[Entry]:
        """The walks over a link, from either end."""
        entries = []
        over = self.over_ms[link] if way == "to" else self.over_ms[link, ::-1]
        for end in (0, 1):
            target, ms = self.to_ends[way].row(2 * link + end)
            other = len(self.ways.places) + 2 * link + 1 - end
            rest = self.site_ms(way, other) + over[end]
            here = self.site_ms(way, len(self.ways.places) + 2 * link + end)
            rest = np.where(rest < here, rest, FAR_MS)  # of use only where it is shorter
            near = ms + rest.min(initial=FAR_MS) <= self.far_ms
            entries.append(Entry(way, target[near].astype(np.intp), ms[near], rest))
        return entries

    def site_ms(self, way: OneWay, spot: int) -> Times:
        """Walks on from a spot to every site."""
        ms = np.full(len(self.sites), FAR_MS)
        target, found = self.from_spots[way].row(spot)
        ms[target] = found
        return ms

    def changed(self, entries: list[Entry]) -> WayEffect:
        """Pairs that come within the limit by new walks, and are not today."""
        homes = np.unique(np.concatenate([np.empty(0, np.intp), *(e.homes for e in entries)]))
        useful = np.zeros(len(self.sites), bool)
        for entry in entries:
            useful |= entry.rest_ms <= self.far_ms
        sites = np.flatnonzero(useful)
        before, after = [], []
        for way in self.one_ways:
            today = rows_of(self.today[way], homes, sites, len(self.sites))
            new = today.copy()
            for entry in (e for e in entries if e.way == way):
                row = np.searchsorted(homes, entry.homes)
                walks = entry.home_ms[:, None] + entry.rest_ms[None, sites]
                new[row] = np.minimum(new[row], walks)
            before.append(today)
            after.append(new)
        circle = self.now.circle
        gained: NDArray[np.bool_] = within(circle, after) & ~within(circle, before)
        existing = sites < self.stations
        alone = np.asarray(gained[:, existing].any(axis=1))
        home, site = np.nonzero(gained[:, ~existing] & ~alone[:, None])
        return WayEffect(homes[alone], homes[home], sites[~existing][site] - self.stations)

    def people_within(self) -> int:
        """Needy people with a site within the limit when all these ways and sites are built."""
        onward = {way: self.closed(way) for way in self.one_ways}
        ends = {way: dense(self.to_ends[way], len(self.homes)) for way in self.one_ways}
        found = 0
        for start in range(0, len(self.homes), DOORS_AT_ONCE):
            some = np.arange(start, min(start + DOORS_AT_ONCE, len(self.homes)))
            ms = [
                self.all_walks(way, some, ends[way][:, some], onward[way]) for way in self.one_ways
            ]
            inside = within(self.now.circle, ms).any(axis=1)
            found += int(self.now.people[self.now.needy[some[inside]]].sum())
        return found

    def closed(self, way: OneWay) -> Times:
        """Walks from every spot to every site over any of the links, (spots, sites)."""
        first = len(self.ways.places)
        between = dense(self.onward(way, self.spots, self.spots[first:]), len(self.spots) - first)
        for link, over in enumerate(self.over_ms):
            there, back = over if way == "to" else over[::-1]
            one, other = 2 * link, 2 * link + 1
            between[first + one, other] = min(between[first + one, other], there)
            between[first + other, one] = min(between[first + other, one], back)
        for end in range(between.shape[1]):
            by_end = between[:, end, None] + between[None, first + end, :]
            between = np.minimum(between, by_end)
        onward = dense(self.from_spots[way], len(self.sites))
        by_links = onward.copy()
        for end in range(between.shape[1]):
            by_end = between[:, end, None] + onward[None, first + end, :]
            by_links = np.minimum(by_links, by_end)
        return by_links

    def all_walks(self, way: OneWay, homes: Positions, ends: Times, onward: Times) -> Times:
        """The walks of some homes to every site, (homes, sites); ``homes`` rise one by one."""
        everywhere = np.arange(len(self.sites))
        ms = rows_of(self.today[way], homes, everywhere, len(self.sites))
        first = len(self.ways.places)
        for end, home_ms in enumerate(ends):
            np.minimum(ms, home_ms[:, None] + onward[None, first + end], out=ms)
        here = np.flatnonzero(np.isin(self.needy_of_door, homes))
        rows = self.needy_of_door[here] - homes[0]
        walks = self.leg_ms[here, None] + onward[self.ways.doors.place[here]]
        np.minimum.at(ms, rows, walks)
        return ms


@dataclass(frozen=True, eq=False)
class Entry:
    """Walks of homes onto a new way, and from there on to every site."""

    way: OneWay
    homes: Positions
    home_ms: Times
    rest_ms: Times


def within(circle: Circle, ms: list[Times]) -> NDArray[np.bool_]:
    """Which walks are within the limit, given there, back, or both."""
    taken = ms[0]
    if circle.direction == "round_trip":
        taken = (ms[0] + ms[1] + 1) // 2
    elif circle.direction == "worse":
        taken = np.maximum(ms[0], ms[1])
    return np.asarray(taken <= circle.limit_ms)


def rows_of(table: ReachTable, rows: Positions, columns: Positions, targets: int) -> Times:
    """Some rows and columns of a table, (rows, columns); `FAR_MS` where none is in it."""
    count = table.indptr[rows + 1] - table.indptr[rows]
    row = np.repeat(np.arange(len(rows)), count)
    before = np.repeat(table.indptr[rows] - (np.cumsum(count) - count), count)
    at = before + np.arange(len(row))
    position = np.full(targets, -1)
    position[columns] = np.arange(len(columns))
    column = position[table.target[at]]
    ms = np.full((len(rows), len(columns)), FAR_MS)
    ms[row[column >= 0], column[column >= 0]] = table.ms[at[column >= 0]]
    return ms
