"""By which gates do the people of a walled quarter leave it?

A quarter is walled when the study says so, when gates were handed in for it, or when a wall
or fence is mapped round it. Its gates are, by the first rule that finds any:

``entrances``
    the points of the study's own layer of entrances;
``osm_gates``
    gates and entrances mapped in OpenStreetMap within 10 m of its boundary;
``virtual_gates``
    the places where ways that lead more than 5 m into the quarter cross its boundary;
``nearest_edge``
    none is known: its homes open onto the nearest street, wall or not.

Every other quarter is open and has ``nearest_edge`` too.

*Inner ways* are the mapped ways inside the quarter that lead to its boundary. They are walked
when they meet the boundary at every gate and nowhere else; otherwise the inside is crossed
straight from the home to each gate, a stated factor longer (`isochrones.gates`).

Limits: walls stop nobody but the people behind them. Those who walk through a quarter may use
its inner ways whatever its gates are, and the straight way inside sees no buildings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from carecircle.layers.network import WalkNetwork

Shapes = NDArray[np.object_]

GATE_RULES = ("entrances", "osm_gates", "virtual_gates", "nearest_edge")
OSM_GATE_M = 10.0  # from a mapped gate to the boundary it opens
SAME_GATE_M = 15.0  # a way crosses the boundary at a gate when this near to it
GATE_DEPTH_M = 5.0  # a way that touches the boundary goes in when it gets this deep
WALL_M = 10.0  # from a mapped wall to the boundary it follows
WALLED_SHARE = 0.8  # of the boundary


@dataclass(frozen=True, eq=False)
class QuarterGates:
    """The gates of the quarters of one residential layer, and the ways that lead to them.

    Attributes
    ----------
    rule : (quarters,) text
        Which of `GATE_RULES` each quarter got.
    gate_xy : (g, 2) float64
        Metres, in the network's CRS.
    gate_quarter : (g,) int64
        Position of the quarter each gate opens, ascending.
    inner_edge : (i,) int64
        Edges that are walked inside a quarter.
    inner_quarter : (i,) int64
        Position of that quarter, ascending.
    inner_piece : (i,) geometry
        The part of the edge that lies in the quarter.
    """

    rule: NDArray[np.object_]
    gate_xy: NDArray[np.float64]
    gate_quarter: NDArray[np.int64]
    inner_edge: NDArray[np.int64]
    inner_quarter: NDArray[np.int64]
    inner_piece: Shapes


def quarter_gates(
    residential: GeoDataFrame,
    network: WalkNetwork,
    entrances: GeoDataFrame,
    osm_gates: Shapes,
    walls: Shapes,
) -> QuarterGates:
    """The gates of each quarter, by the first rule that finds any.

    Parameters
    ----------
    residential : GeoDataFrame
        Quarters in the network's CRS; ``walled`` (bool).
    entrances : GeoDataFrame
        Points of the study's own layer; ``block_id``.
    osm_gates, walls : geometries
        Mapped gates (points) and walls (lines), in the same CRS; either may be empty.
    """
    shapes = residential.geometry.to_numpy()
    own = residential.index.get_indexer(entrances["block_id"])
    walled = residential["walled"].to_numpy(bool) | has_wall_round(shapes, walls)
    walled[own[own >= 0]] = True
    ways = Ways(network) if walled.any() else None
    finds = [
        gates_of_quarter(
            shapes[at],
            sorted_xy(entrances.geometry.to_numpy()[own == at]),
            sorted_xy(near_boundary(shapes[at], osm_gates)),
            ways,
        )
        if ways is not None and walled[at]
        else NO_GATES
        for at in range(len(shapes))
    ]
    numbers = np.arange(len(finds))
    return QuarterGates(
        rule=np.array([find.rule for find in finds], object),
        gate_xy=np.concatenate([np.empty((0, 2)), *(find.gate_xy for find in finds)]),
        gate_quarter=np.repeat(numbers, [len(find.gate_xy) for find in finds]),
        inner_edge=np.concatenate([np.empty(0, np.int64), *(find.edge for find in finds)]),
        inner_quarter=np.repeat(numbers, [len(find.edge) for find in finds]),
        inner_piece=np.concatenate([np.empty(0, object), *(find.piece for find in finds)]),
    )


@dataclass(frozen=True, eq=False)
class GatesFound:
    """What was found for one quarter: its gates, and inner ways that lead to all of them."""

    rule: str
    gate_xy: NDArray[np.float64]
    edge: NDArray[np.int64]
    piece: Shapes


NO_GATES = GatesFound("nearest_edge", np.empty((0, 2)), np.empty(0, np.int64), np.empty(0, object))


class Ways:
    """The edges where a door may open, to be asked quarter by quarter."""

    def __init__(self, network: WalkNetwork) -> None:
        self.edges = np.flatnonzero(network.edge_attachable)
        self.ends = network.edge_nodes[self.edges]
        self.node_points = shapely.points(network.node_xy)
        self.lines = shapely.linestrings(network.node_xy[self.ends])
        self.tree = shapely.STRtree(self.lines)


def gates_of_quarter(
    quarter: shapely.Geometry,
    own: NDArray[np.float64],
    mapped: NDArray[np.float64],
    ways: Ways,
) -> GatesFound:
    """The gates of one walled quarter from its own, the mapped, and the crossing ways."""
    inner, pieces, crossings = inner_ways(quarter, ways)
    gate_xy, rule = next(
        (found, name)
        for found, name in ((own, "entrances"), (mapped, "osm_gates"), (crossings, "virtual_gates"))
        if len(found) or name == "virtual_gates"
    )
    if not len(gate_xy):
        return NO_GATES
    if not (near_all(crossings, gate_xy) and near_all(gate_xy, crossings)):
        inner, pieces = inner[:0], pieces[:0]
    return GatesFound(rule, gate_xy, inner, pieces)


def inner_ways(
    quarter: shapely.Geometry, ways: Ways
) -> tuple[NDArray[np.int64], Shapes, NDArray[np.float64]]:
    """Ways inside a quarter that lead to its boundary, their parts inside, and where they meet it.

    A way that never gets `GATE_DEPTH_M` deep only runs along the wall.
    """
    near = np.sort(ways.tree.query(quarter, predicate="intersects"))
    pieces = shapely.intersection(ways.lines[near], quarter)
    on_boundary = shapely.intersection(ways.lines[near], quarter.boundary)
    enters = shapely.length(pieces) - shapely.length(on_boundary) > 0
    near, pieces, on_boundary = near[enters], pieces[enters], on_boundary[enters]

    part = joined_inside(quarter, ways, near)
    deep = shapely.intersects(pieces, quarter.buffer(-GATE_DEPTH_M))
    leads_out = ~shapely.is_empty(on_boundary)
    kept = np.isin(part, part[deep]) & np.isin(part, part[leads_out])
    return ways.edges[near[kept]], pieces[kept], sorted_xy(on_boundary[kept])


def joined_inside(
    quarter: shapely.Geometry, ways: Ways, near: NDArray[np.intp]
) -> NDArray[np.int32]:
    """The connected part of each edge, where edges meet at nodes within the quarter only."""
    nodes, ends = np.unique(ways.ends[near], return_inverse=True)
    ends = ends.reshape(-1, 2)
    within = shapely.contains_properly(quarter, ways.node_points[nodes])
    edge = np.repeat(np.arange(len(near)), 2)
    node = ends.ravel() + len(near)
    joins = within[ends.ravel()]
    size = len(near) + len(nodes)
    links = coo_array((np.ones(joins.sum()), (edge[joins], node[joins])), shape=(size, size))
    part: NDArray[np.int32] = connected_components(links, directed=False)[1][: len(near)]
    return part


def has_wall_round(shapes: Shapes, walls: Shapes) -> NDArray[np.bool_]:
    """Quarters along whose boundary walls or fences are mapped nearly all the way round."""
    walled = np.zeros(len(shapes), bool)
    if not len(walls):
        return walled
    tree = shapely.STRtree(walls)
    for at, shape in enumerate(shapes):
        near = walls[tree.query(shape, predicate="dwithin", distance=WALL_M)]
        if len(near):
            followed = shape.boundary.intersection(shapely.union_all(shapely.buffer(near, WALL_M)))
            walled[at] = followed.length >= WALLED_SHARE * shape.boundary.length
    return walled


def near_boundary(quarter: shapely.Geometry, points: Shapes) -> Shapes:
    """The mapped gates on or near the boundary of a quarter."""
    near: Shapes = points[shapely.dwithin(points, quarter.boundary, OSM_GATE_M)]
    return near


def near_all(some: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    """Whether each of some places has one of the others within `SAME_GATE_M`."""
    if not len(some) or not len(others):
        return False
    metres = np.hypot(*(some[:, None] - others[None]).transpose(2, 0, 1))
    return bool((metres.min(axis=1) <= SAME_GATE_M).all())


def sorted_xy(shapes: Shapes) -> NDArray[np.float64]:
    """Places once each, in whole millimetres, from west to east, (n, 2)."""
    xy: NDArray[np.float64] = shapely.get_coordinates(shapes).round(3)
    return np.unique(xy, axis=0).reshape(-1, 2)
