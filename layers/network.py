"""The walkable streets, as numbers.

One frozen type goes from the readers to everything above. Between two neighbouring
nodes an edge is straight: bends of a street are nodes too, so a point attaches at its
exact place and a reached street is cut exactly where the time runs out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Kinds of edges on which nothing is walked, but a walker waits to cross a road or to turn into
# it: where there are signals, else by the class of the road. Half of the wait is paid on each.
WAIT_KINDS = ("wait_signals", "wait_primary", "wait_secondary", "wait_tertiary")
# What an edge is underfoot; `edge_kind` holds the position in this tuple.
EDGE_KINDS = ("street", "footway", "path", "steps", "crossing", "area", "lift", *WAIT_KINDS)


@dataclass(frozen=True, eq=False)
class WalkNetwork:
    """Walkable streets; nodes are numbered 0..n-1 along a space-filling curve.

    Attributes
    ----------
    crs : str
        Projected working CRS in metres, such as ``"EPSG:4547"``.
    node_xy : (n, 2) float64
        Easting and northing, metres.
    edge_nodes : (m, 2) int32
        The two ends of each edge; every edge can be walked both ways, in times that may differ.
    edge_mm : (m,) int64
        Length in whole millimetres, 0 allowed. On the ellipsoid where the source has
        longitudes and latitudes.
    edge_kind : (m,) uint8
        Position in `EDGE_KINDS`.
    edge_attachable : (m,) bool
        False where no door can open: tunnels, bridges, lifts, waits.
    node_component : (n,) int32
        The connected part a node lies in; 0 is the largest, the others are islands.
    edge_street : (m,) int32
        Position in `street_names`; -1 where the edge has no name.
    street_names : tuple of str
    node_z : (n,) float64 or None
        Height of each node in metres, above a datum that is the same for all; None where no
        terrain is given. A straight edge has one slope.
    edge_class : (m,) uint8 or None
        Position in `walk_profile.ROAD_CLASSES`; None where the source tells no classes.
    bench_xy : (b, 2) float64 or None
        Places to sit down, metres; None where nobody asked for them.
    facts : mapping
        What the reader counted, for the manifest: source, date, islands, ways left out.
    """

    crs: str
    node_xy: NDArray[np.float64]
    edge_nodes: NDArray[np.int32]
    edge_mm: NDArray[np.int64]
    edge_kind: NDArray[np.uint8]
    edge_attachable: NDArray[np.bool_]
    node_component: NDArray[np.int32]
    facts: Mapping[str, Any]
    edge_street: NDArray[np.int32] | None = None
    street_names: tuple[str, ...] = ()
    node_z: NDArray[np.float64] | None = None
    edge_class: NDArray[np.uint8] | None = None
    bench_xy: NDArray[np.float64] | None = None

    def streets_of(self, edges: NDArray[np.integer[Any]]) -> list[str]:
        """The street name of each edge, empty where it has none."""
        if self.edge_street is None:
            return [""] * len(edges)
        names = (*self.street_names, "")  # position -1 is the last
        return [names[street] for street in self.edge_street[edges]]
