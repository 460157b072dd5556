"""Where could a new gate or a new footpath be?

*Gates*: along the wall of each quarter with known gates and under-served homes, every
``gate_spacing_m``, where a street outside that the walker can use is within ``gate_street_m`` and
no gate within ``gate_apart_m``. The homes of the quarter walk there as to a gate that is known:
straight, longer by the detour factor of `isochrones.gates`.

*Footpaths*: straight links between two streets. Loose ends and the street that they are not
joined to (`isochrones.audit`), and places on the streets, one in each cell of ``link_spacing_m``,
no further apart than ``link_m``, whose walk is ``link_detour`` times as long as the straight way or
not there at all.

Neither crosses open water, a busy road, or ground that is closed; a footpath crosses no walled
quarter either.

Limits: nothing is known of buildings, levels, land or owners but what is handed in as closed
ground. What is proposed has to be looked at on the ground.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from carecircle.coverage.candidates import along_edges, one_per_cell
from carecircle.coverage.exclusions import SiteRules, busy_roads
from carecircle.coverage.repairs import NewDoors, Standing
from carecircle.coverage.way_reach import Ways
from carecircle.isochrones.audit import (
    DANGLE_M,
    NO_LINKS,
    first_of_each,
    joinable_edges,
    loose_ends,
    not_joined,
)
from carecircle.isochrones.gates import detour_mm
from carecircle.isochrones.graph import OneWay, walk_graph
from carecircle.isochrones.links import Links, joined, lines_of, offsets_at, on_street
from carecircle.isochrones.minutes import within
from carecircle.isochrones.snapping import Snaps, street_index
from carecircle.layers.gates import QuarterGates

Shapes = NDArray[np.object_]
INSIDE_M = 0.01  # a street so deep in a quarter lies behind its wall
ONE_WAYS: tuple[OneWay, ...] = ("to", "from")
TOUCH_M = 0.01  # so much of a way may lie on what it must not cross: its own end


@dataclass(frozen=True, eq=False)
class WayRules:
    """What is looked for, and what no new way may cross.

    Attributes
    ----------
    gate_spacing_m, gate_street_m, gate_apart_m : float
        Along the wall; from the gate to its street; from gates that are there.
    link_m, link_spacing_m : float
        Longest footpath; side of the cells.
    link_detour : int
        The walk of today is at least so many times as long.
    busy : tuple of str
        Road classes that no way may cross, where the streets tell them.
    closed : geometries
        Water, buildings and other ground that no way may cross, in the network's CRS.
    """

    gates: bool = True
    footpaths: bool = True
    gate_spacing_m: float = 50.0
    gate_street_m: float = 30.0
    gate_apart_m: float = 50.0
    link_m: float = 150.0
    link_spacing_m: float = 100.0
    link_detour: int = 3
    busy: tuple[str, ...] = ("primary",)
    closed: Shapes | tuple[()] = ()


@dataclass(frozen=True, eq=False)
class WayPlaces:
    """Candidates for ways, and where each lies.

    Attributes
    ----------
    ways : Ways
    kind : (ways,) text
        ``gate``, ``loose_end`` or ``short_cut``.
    quarter : (ways,) int
        Position of the quarter that a gate opens; -1 for footpaths.
    xy : (ways, 2, 2) float64
        Both ends, metres; of a gate the wall and the street.
    edge : (ways, 2) int32
        Streets at both ends; of a gate the same twice.
    """

    ways: Ways
    kind: NDArray[np.object_]
    quarter: NDArray[np.intp]
    xy: NDArray[np.float64]
    edge: NDArray[np.int32]

    def take(self, chosen: NDArray[np.intp]) -> WayPlaces:
        """Some of them, by position, rising."""
        return WayPlaces(
            self.ways.take(chosen),
            self.kind[chosen],
            self.quarter[chosen],
            self.xy[chosen],
            self.edge[chosen],
        )


def way_places(
    now: Standing,
    quarters: Shapes,
    gates: QuarterGates,
    home_xy: NDArray[np.float64],
    home_quarter: NDArray[np.int64],
    rules: WayRules,
) -> WayPlaces:
    """All candidates for new ways of one circle.

    Parameters
    ----------
    quarters : (quarters,) polygons
    home_xy, home_quarter : (homes, 2), (homes,)
        Where homes stand, and the position of their quarter.
    """
    network = now.network
    barriers = [np.asarray(rules.closed, object)]
    if rules.busy:
        barriers.append(busy_roads(network, SiteRules(roads=rules.busy)))
    closed = np.concatenate(barriers)
    spots, quarter, places = new_gates(now, quarters, gates, home_quarter, rules, closed)
    doors = doors_of_gates(now, spots, quarter, places, home_xy, home_quarter)
    walled = quarters[np.unique(gates.gate_quarter)]
    links, kind = new_links(now, rules, np.concatenate([closed, walled]))
    place_xy = Links(
        np.column_stack([places.edge, places.edge]),
        np.column_stack([places.offset_mm, places.offset_mm]),
        np.zeros(len(places), np.int64),
    ).xy(network)[:, 0]
    return WayPlaces(
        ways=Ways(len(spots), doors, replace(places, leg_mm=np.zeros_like(places.leg_mm)), links),
        kind=np.concatenate([np.full(len(spots), "gate", object), kind]),
        quarter=np.concatenate([quarter, np.full(len(links), -1)]).astype(np.intp),
        xy=np.concatenate([np.stack([spots, place_xy], axis=1), links.xy(network)]),
        edge=np.concatenate([np.column_stack([places.edge, places.edge]), links.edge]),
    )


# --- gates


def new_gates(
    now: Standing,
    quarters: Shapes,
    gates: QuarterGates,
    home_quarter: NDArray[np.int64],
    rules: WayRules,
    closed: Shapes,
) -> tuple[NDArray[np.float64], NDArray[np.intp], Snaps]:
    """Places in walls, the quarter of each, and where they open (with the leg to the street)."""
    walled = np.intersect1d(gates.gate_quarter, home_quarter[now.needy])
    if not rules.gates:
        walled = walled[:0]
    walls = shapely.segmentize(shapely.boundary(quarters[walled]), rules.gate_spacing_m)
    spots, of_wall = shapely.get_coordinates(walls, return_index=True)
    spots = spots.round(3)  # gates stand at whole millimetres
    quarter = walled[of_wall]
    _, first = np.unique(np.column_stack([quarter, spots]), axis=0, return_index=True)
    spots, quarter = spots[first], quarter[first]
    free = np.ones(len(spots), bool)
    for at in walled:
        own, here = gates.gate_xy[gates.gate_quarter == at], np.flatnonzero(quarter == at)
        metres, _ = cKDTree(own).query(spots[here])
        free[here] = metres >= rules.gate_apart_m
    spots, quarter = spots[free], quarter[free]
    edge, foot, spot = streets_outside(now, quarters, spots, quarter, rules.gate_street_m, closed)
    network = now.network
    lines = lines_of(network, edge)
    leg_mm = np.rint(1000 * shapely.distance(shapely.points(spots[spot]), foot)).astype(np.int64)
    places = replace(
        on_street(network, edge.astype(np.int32), offsets_at(network, edge, lines, foot)),
        leg_mm=leg_mm,
    )
    return spots[spot], quarter[spot].astype(np.intp), places


def streets_outside(
    now: Standing,
    quarters: Shapes,
    spots: NDArray[np.float64],
    quarter: NDArray[np.integer],
    within_m: float,
    closed: Shapes,
) -> tuple[NDArray[np.int64], Shapes, NDArray[np.intp]]:
    """The nearest street in front of each place in a wall, where there is one.

    Its edge, the place on it, and which place in the wall; ties go to the lowest edge.
    """
    index = street_index(now.network, now.circle.walker)
    points = shapely.points(spots)
    spot, line = index.tree.query(points, predicate="dwithin", distance=within_m)
    edge = index.edges[line]
    way = shapely.shortest_line(points[spot], lines_of(now.network, edge))
    foot = shapely.get_point(way, 1)
    inside = shapely.dwithin(foot, quarters[quarter[spot]], 0.0) & (
        shapely.distance(foot, shapely.boundary(quarters[quarter[spot]])) > INSIDE_M
    )
    kept = np.flatnonzero(~inside & ~crossing(way, closed))
    mm = np.rint(1000 * shapely.length(way[kept])).astype(np.int64)
    kept = kept[np.lexsort((edge[kept], mm, spot[kept]))]
    _, first = np.unique(spot[kept], return_index=True)
    kept = kept[first]
    return edge[kept], foot[kept], spot[kept]


def doors_of_gates(
    now: Standing,
    spots: NDArray[np.float64],
    quarter: NDArray[np.intp],
    places: Snaps,
    home_xy: NDArray[np.float64],
    home_quarter: NDArray[np.int64],
) -> NewDoors:
    """A door for every under-served home of the quarter of each gate."""
    needy = now.needy
    doors = [
        (np.full(len(homes), gate), homes)
        for gate, at in enumerate(quarter)
        for homes in [needy[home_quarter[needy] == at]]
    ]
    gate = np.concatenate([np.empty(0, np.intp), *(gates for gates, _ in doors)])
    home = np.concatenate([np.empty(0, np.intp), *(homes for _, homes in doors)])
    straight_m = np.hypot(*(home_xy[home] - spots[gate]).T)
    return NewDoors(home, detour_mm(straight_m) + places.leg_mm[gate], gate, gate)


# --- footpaths


def new_links(now: Standing, rules: WayRules, closed: Shapes) -> tuple[Links, NDArray[np.object_]]:
    """Links to be walked, and their kind."""
    if not rules.footpaths:
        return NO_LINKS, np.empty(0, object)
    network = now.network
    ends, _ = loose_ends(network, min(rules.link_m, DANGLE_M))
    cuts = short_cuts(now, rules)
    links = joined([ends, cuts])
    kind = np.array([*["loose_end"] * len(ends), *["short_cut"] * len(cuts)], object)
    first = first_of_each(network, links)
    links, kind = links.take(first), kind[first]
    usable = (links.ms(network, now.circle.walker) >= 0).all(axis=1)
    ways = shapely.linestrings(links.xy(network)) if len(links) else np.empty(0, object)
    useful = np.flatnonzero(usable & (links.mm <= 1000 * rules.link_m) & ~crossing(ways, closed))
    return links.take(useful), kind[useful]


def short_cuts(now: Standing, rules: WayRules) -> Links:
    """Places that are near as the crow flies and far on foot, where under-served people walk."""
    network = now.network
    places = one_per_cell(
        along_edges(network, joinable_edges(network), rules.link_spacing_m), rules.link_spacing_m
    )
    walked = walked_by_needy(now, places.snaps(network))
    pairs = np.sort(cKDTree(places.xy).query_pairs(rules.link_m, output_type="ndarray"), axis=1)
    pairs = pairs[walked[pairs].any(axis=1)]
    a, b = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].T
    links = Links(
        edge=np.column_stack([places.edge[a], places.edge[b]]),
        offset_mm=np.column_stack([places.offset_mm[a], places.offset_mm[b]]),
        mm=np.rint(1000 * np.hypot(*(places.xy[a] - places.xy[b]).T)).astype(np.int64),
    )
    return links.take(np.flatnonzero(not_joined(network, links, rules.link_detour)))


def walked_by_needy(now: Standing, places: Snaps) -> NDArray[np.bool_]:
    """Places that under-served homes can walk to, or from, within twice the limit."""
    graph = walk_graph(now.network, now.circle.walker, now.homes.take(now.needy), places)
    homes, here = graph.points
    walked = np.zeros(len(graph.is_door), bool)
    for way in ONE_WAYS:
        walked[within(graph, homes, 2 * now.circle.limit_ms, way)[0]] = True
    return walked[here]


def crossing(ways: Shapes, closed: Shapes) -> NDArray[np.bool_]:
    """Ways that cross closed ground or a busy road; touching it with an end is no crossing."""
    crosses = np.zeros(len(ways), bool)
    if not len(ways) or not len(closed):
        return crosses
    at, other = shapely.STRtree(closed).query(ways, predicate="intersects")
    shared = shapely.intersection(ways[at], closed[other])
    ends = shapely.boundary(ways[at])
    only_touches = (shapely.length(shared) <= TOUCH_M) & (
        shapely.is_empty(shapely.difference(shared, shapely.buffer(ends, TOUCH_M)))
    )
    crosses[at[~only_touches]] = True
    return crosses
