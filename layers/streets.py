"""From street lines to the numbered `WalkNetwork`.

Every point of a line becomes a node, so an edge is straight and a place on it is exact.
Islands are kept and counted: dropping them would hide the people who live there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from carecircle.layers.crs import transformer
from carecircle.layers.network import EDGE_KINDS, WAIT_KINDS, WalkNetwork
from carecircle.layers.numbering import in_place_order

WGS84 = Geod(ellps="WGS84")
# A scrap of mapped street that joins nothing: doors look past it to a street that leads somewhere.
SHORTEST_ISLAND_WITH_DOORS_MM = 500_000
# An open square with more ways in than this is walked round its rim only.
MOST_DOORS_OF_A_SQUARE = 150


@dataclass(frozen=True, eq=False)
class StreetLines:
    """Edges before they are numbered: positions into one table of points.

    Attributes
    ----------
    lonlat : (n, 2) float64
        Longitude and latitude of each point, WGS 84 degrees.
    ends : (m, 2) int64
        The two points of each edge.
    kind : (m,) uint8
        Position in `EDGE_KINDS`.
    attachable : (m,) bool
        Whether a door can open onto the edge.
    mm : (m,) int64 or None
        Lengths, where the source states them; None: measured on the ellipsoid.
    street : (m,) int32 or None
        Position in `names`; -1 where the edge has no name.
    names : tuple of str
    z : (n,) float64 or None
        Height of each point in metres (`terrain`); None where no terrain is given.
    road_class : (m,) uint8 or None
        Position in `walk_profile.ROAD_CLASSES`; None where the source does not tell.
    signals : (n,) bool or None
        Points where lights stop the traffic; None where the source does not tell.
    """

    lonlat: NDArray[np.float64]
    ends: NDArray[np.int64]
    kind: NDArray[np.uint8]
    attachable: NDArray[np.bool_]
    mm: NDArray[np.int64] | None = None
    street: NDArray[np.int32] | None = None
    names: tuple[str, ...] = ()
    z: NDArray[np.float64] | None = None
    road_class: NDArray[np.uint8] | None = None
    signals: NDArray[np.bool_] | None = None

    def pieces(
        self, of_edge: NDArray[np.int64], ends: NDArray[np.int64], mm: NDArray[np.int64]
    ) -> StreetLines:
        """The edges ``ends``, each with everything else of the edge it is a piece of."""
        return replace(
            self,
            ends=ends,
            mm=mm,
            kind=self.kind[of_edge],
            attachable=self.attachable[of_edge],
            street=None if self.street is None else self.street[of_edge],
            road_class=None if self.road_class is None else self.road_class[of_edge],
        )


def number_streets(lines: StreetLines, crs: str, facts: Mapping[str, Any]) -> WalkNetwork:
    """The network in the working CRS, its nodes in the order that `numbering` gives them."""
    used = np.unique(lines.ends)
    xy = projected(lines.lonlat[used], crs)
    mm = measured_mm(lines) if lines.mm is None else lines.mm
    order = in_place_order(xy, np.searchsorted(used, lines.ends), mm, lines.kind)
    number = np.full(len(lines.lonlat), -1, dtype=np.int32)
    number[used[order]] = np.arange(len(used), dtype=np.int32)

    ends = np.sort(number[lines.ends], axis=1)
    component = components(ends, len(used))
    scrap = in_scraps(component[ends[:, 0]], mm)
    by_node = np.lexsort((lines.kind, mm, ends[:, 1], ends[:, 0]))
    network = WalkNetwork(
        crs=crs,
        node_xy=xy[order],
        edge_nodes=ends[by_node],
        edge_mm=mm[by_node],
        edge_kind=lines.kind[by_node],
        edge_attachable=(lines.attachable & ~scrap)[by_node],
        node_component=component,
        facts={},
        edge_street=None if lines.street is None else lines.street[by_node],
        street_names=lines.names,
        node_z=None if lines.z is None else lines.z[used[order]],
        edge_class=None if lines.road_class is None else lines.road_class[by_node],
    )
    own = {**street_facts(network), "scraps_without_doors_km": kilometres(mm[scrap])}
    return replace(network, facts={**facts, **own})


def projected(lonlat: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Points in the working CRS, (n, 2) metres."""
    return np.column_stack(transformer("EPSG:4326", crs).transform(lonlat[:, 0], lonlat[:, 1]))


def measured_mm(lines: StreetLines) -> NDArray[np.int64]:
    """Length of each edge on the WGS 84 ellipsoid, whole millimetres."""
    a, b = lines.lonlat[lines.ends[:, 0]], lines.lonlat[lines.ends[:, 1]]
    metres = WGS84.inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])[2]
    mm: NDArray[np.int64] = np.rint(np.asarray(metres) * 1000).astype(np.int64)
    return mm


def components(ends: NDArray[np.int32], n_nodes: int) -> NDArray[np.int32]:
    """Connected part of each node; 0 is the part with most nodes, then by size."""
    ones = np.ones(len(ends), dtype=np.int8)
    adjacency = coo_array((ones, (ends[:, 0], ends[:, 1])), shape=(n_nodes, n_nodes))
    n_parts, part = connected_components(adjacency, directed=False)
    largest_first = np.argsort(-np.bincount(part, minlength=n_parts), kind="stable")
    rank = np.empty(n_parts, dtype=np.int32)
    rank[largest_first] = np.arange(n_parts, dtype=np.int32)
    ranked: NDArray[np.int32] = rank[part]
    return ranked


def in_scraps(component: NDArray[np.int32], mm: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Edges of islands too short to lead anywhere; ``component`` is that of each edge."""
    length = np.bincount(component, weights=mm)
    scrap: NDArray[np.bool_] = (length < SHORTEST_ISLAND_WITH_DOORS_MM)[component] & (component > 0)
    return scrap


def kilometres(mm: NDArray[np.int64]) -> float:
    """A total length for printing."""
    return round(int(mm.sum()) / 1e6, 3)


def street_facts(network: WalkNetwork) -> dict[str, Any]:
    """What a planner asks of a network first: how large, how whole, how steep in steps."""
    km = {
        name: kilometres(network.edge_mm[network.edge_kind == k])
        for k, name in enumerate(EDGE_KINDS)
        if name not in WAIT_KINDS
    }
    on_island = network.node_component[network.edge_nodes[:, 0]] > 0
    return {
        "nodes": len(network.node_xy),
        "edges": len(network.edge_nodes),
        "length_km": kilometres(network.edge_mm),
        "length_km_by_kind": km,
        "islands": int(network.node_component.max(initial=0)),
        "island_length_km": kilometres(network.edge_mm[on_island]),
    }


def across_square(
    polygon: shapely.Geometry, doors: NDArray[np.int64], lonlat: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Straight walks over an open square, (k, 2) pairs of its doors that see each other.

    ``doors`` are the points where other ways meet the square. A pair is joined when the
    straight line between them stays inside the polygon.
    """
    if not 2 <= len(doors) <= MOST_DOORS_OF_A_SQUARE:
        return np.empty((0, 2), dtype=np.int64)
    i, j = np.triu_indices(len(doors), k=1)
    pairs = np.column_stack([doors[i], doors[j]])
    shapely.prepare(polygon)
    # the rim is rounded to 1e-7 degrees: a hair of slack keeps walks along it
    inside = shapely.covers(shapely.buffer(polygon, 1e-7), shapely.linestrings(lonlat[pairs]))
    seen: NDArray[np.int64] = pairs[inside]
    return seen
