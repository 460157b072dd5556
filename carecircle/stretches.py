"""One way of a home, told as stretches: along which street, how far, how long, how steep?

The streets come from the `Route`. Its two straight ends are taken apart: inside the quarter to
the gate, from the gate to the street, and from the street to the facility's entrance. The parts
of a way sum to its milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.inputs import Inputs
from carecircle.isochrones.graph import OneWay
from carecircle.isochrones.routes import Route, Walkable
from carecircle.isochrones.snapping import Snaps, snap_doors
from carecircle.isochrones.walkers import Walker
from carecircle.isochrones.ways_out import gate_on_way, way_out
from carecircle.layers.network import EDGE_KINDS, WAIT_KINDS, WalkNetwork

PARTS = ("level", "climb", "steps", "waits", "inside", "straight")
WHAT = tuple("wait" if kind in WAIT_KINDS else kind for kind in EDGE_KINDS)


@dataclass(frozen=True, eq=False)
class Stretch:
    """A piece of a way along one street, or a straight piece.

    ``what`` is of `EDGE_KINDS`, ``wait``, ``inside``, ``straight`` or ``rest``: a bench where the
    walker sits down, which takes no time here and has one place, twice. ``climb_ms`` is what the
    slope adds to ``ms``; ``xy`` (n, 2) are its places in the working CRS.
    """

    what: str
    street: str
    mm: int
    rise_m: float
    ms: int
    climb_ms: int
    xy: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Gate:
    """The gate that a way goes through: number 1 to ``count`` of its quarter's."""

    number: int
    count: int
    rule: str
    xy: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Way:
    """One way of a walk; ``parts_ms`` has a value for each of `PARTS`."""

    direction: OneWay
    ms: int
    parts_ms: dict[str, int]
    stretches: tuple[Stretch, ...]
    gate: Gate | None


@dataclass(frozen=True, eq=False)
class Ends:
    """Where the ways of one home in one circle begin and end.

    ``home`` holds the legs of the home alone, ``station_snaps`` those of ``stations``.
    """

    inputs: Inputs
    walker: Walker
    at: int
    home: Snaps
    stations: GeoDataFrame
    station_snaps: Snaps

    @property
    def home_xy(self) -> NDArray[np.float64]:
        """The home."""
        return np.asarray(self.inputs.doors.home_xy[self.at])

    @property
    def quarter(self) -> int:
        """Position of its quarter."""
        return int(self.inputs.doors.home_quarter[self.at])

    def entrance_xy(self, station: int, leg: int) -> NDArray[np.float64]:
        """The entrance of a station that one of its legs comes from."""
        doors, legs = self.inputs.doors, self.station_snaps
        facility = self.inputs.facilities.index.get_loc(self.stations.index[station])
        places = doors.place_xy[doors.place_facility == facility]
        snaps = snap_doors(self.inputs.network, places, doors.limit_m, self.walker)
        same = (snaps.edge == legs.edge[leg]) & (snaps.offset_mm == legs.offset_mm[leg])
        same &= snaps.leg_mm == legs.leg_mm[leg]
        return np.asarray(places[np.flatnonzero(same)[0]])

    def gate(self, number: int | None) -> Gate | None:
        """A gate by its position among those of all quarters."""
        if number is None:
            return None
        gates = self.inputs.doors.gates
        own = np.flatnonzero(gates.gate_quarter == self.quarter)
        count = int(np.searchsorted(own, number)) + 1
        return Gate(count, len(own), str(gates.rule[self.quarter]), gates.gate_xy[number])


def way_told(ends: Ends, streets: Walkable, station: int, direction: OneWay) -> Way:
    """The way between the home and one station; there must be one."""
    (home_door,), doors = streets.graph.points
    there = direction == "to"
    start, end = (home_door, doors[station]) if there else (doors[station], home_door)
    route = streets.route(int(start), int(end))
    if route is None:
        raise AssertionError("no way leads to a station that was reached")
    from_home, gate = home_end(ends, route, 0 if there else -1)
    to_station = station_end(ends, route, -1 if there else 0, station)
    along = list(along_streets(route, ends.inputs.network))
    if there:
        stretches = [*from_home, *along, to_station]
    else:
        stretches = [turned(to_station), *along, *(turned(s) for s in reversed(from_home))]
    parts = parts_ms(stretches)
    if parts["inside"] + parts["straight"] != route.parts_ms(ends.inputs.network)["legs"]:
        raise AssertionError("the straight ends of a way are not its legs")
    if sum(parts.values()) != route.ms.sum():
        raise AssertionError("the parts of a way do not sum to it")
    kept = tuple(
        stretch for stretch in stretches if stretch.mm or stretch.ms or stretch.what == "rest"
    )
    return Way(direction, int(route.ms.sum()), parts, kept, ends.gate(gate))


def home_end(ends: Ends, route: Route, arc: int) -> tuple[list[Stretch], int | None]:
    """From the home to the street, and the gate of the way."""
    leg, ms = int(route.leg[arc]), int(route.ms[arc])
    foot_xy = route.xy[1 if arc == 0 else -2]
    doors, walker = ends.inputs.doors, ends.walker
    out = way_out(
        ends.inputs.network,
        doors.gates,
        ends.home_xy,
        ends.quarter,
        ends.home,
        leg,
        doors.limit_m,
        walker,
    )
    gate = out.gate
    if gate is None and out.inside_mm:
        gate = gate_on_way(doors.gates, ends.quarter, route.xy[1:-1])
    inside_ms = int(walker.leg_ms(np.array([out.inside_mm]))[0])
    corner = foot_xy if out.gate is None else doors.gates.gate_xy[out.gate]
    inside_to = corner if out.inside_mm else ends.home_xy
    rest_mm = int(ends.home.leg_mm[leg]) - out.inside_mm
    return [
        straight("inside", out.inside_mm, inside_ms, ends.home_xy, inside_to),
        straight("straight", rest_mm, ms - inside_ms, inside_to, foot_xy),
    ], gate


def station_end(ends: Ends, route: Route, arc: int, station: int) -> Stretch:
    """From the street to the entrance of the facility."""
    leg = int(route.leg[arc]) - len(ends.home.edge)
    foot_xy = route.xy[1 if arc == 0 else -2]
    mm, ms = int(ends.station_snaps.leg_mm[leg]), int(route.ms[arc])
    return straight("straight", mm, ms, foot_xy, ends.entrance_xy(station, leg))


def straight(
    what: str, mm: int, ms: int, start: NDArray[np.float64], end: NDArray[np.float64]
) -> Stretch:
    """A straight level piece off the streets."""
    return Stretch(what, "", mm, 0.0, ms, 0, np.stack([start, end]))


def along_streets(route: Route, network: WalkNetwork) -> Iterator[Stretch]:
    """The streets of a route, and where the walker sits down on it."""
    begin = 0
    for rest in route.rests:
        yield from along_some(route, network, begin, rest)
        yield straight("rest", 0, 0, route.xy[rest], route.xy[rest])
        begin = rest
    yield from along_some(route, network, begin, len(route.edge))


def along_some(route: Route, network: WalkNetwork, begin: int, end: int) -> Iterator[Stretch]:
    """Some arcs of a route; neighbouring pieces of one street and kind are one stretch."""
    arcs = begin + np.flatnonzero(route.edge[begin:end] >= 0)
    kinds = [WHAT[kind] for kind in network.edge_kind[route.edge[arcs]]]
    names = network.streets_of(route.edge[arcs])
    for (what, street), group in groupby(
        zip(arcs.tolist(), kinds, names, strict=True), key=lambda arc: arc[1:]
    ):
        some = [arc for arc, _, _ in group]
        ms = int(route.ms[some].sum())
        sloping = what not in ("steps", "wait")
        yield Stretch(
            what,
            street,
            int(route.mm[some].sum()),
            float(route.rise_m[some].sum()),
            ms,
            ms - int(route.level_ms[some].sum()) if sloping else 0,
            route.xy[some[0] : some[-1] + 2],
        )


def turned(stretch: Stretch) -> Stretch:
    """A straight piece the other way."""
    return replace(stretch, xy=stretch.xy[::-1])


def parts_ms(stretches: list[Stretch]) -> dict[str, int]:
    """What costs the time of a way, in whole milliseconds."""
    parts = dict.fromkeys(PARTS, 0)
    own = {"steps": "steps", "wait": "waits", "inside": "inside", "straight": "straight"}
    for stretch in stretches:
        parts[own.get(stretch.what, "level")] += stretch.ms - stretch.climb_ms
        parts["climb"] += stretch.climb_ms
    return parts
