"""What would a new way between two places on the streets be like to walk?

A link is straight, on the ground, a footway. Its time is the walker's own over its length and,
where heights are known, over the slope between its two places.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.isochrones.snapping import Snaps
from carecircle.isochrones.walkers import Walker
from carecircle.layers.network import EDGE_KINDS, WalkNetwork

FOOTWAY = EDGE_KINDS.index("footway")


@dataclass(frozen=True, eq=False)
class Links:
    """Straight ways between two places each.

    Attributes
    ----------
    edge : (k, 2) int32
        The edges their ends lie on.
    offset_mm : (k, 2) int64
        Where on the edge, from its first node.
    mm : (k,) int64
        Length in whole millimetres, 0 allowed.
    """

    edge: NDArray[np.int32]
    offset_mm: NDArray[np.int64]
    mm: NDArray[np.int64]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.mm)

    def take(self, chosen: NDArray[np.intp]) -> Links:
        """Some of them, by position, in the order asked for."""
        return Links(self.edge[chosen], self.offset_mm[chosen], self.mm[chosen])

    def xy(self, network: WalkNetwork) -> NDArray[np.float64]:
        """Easting and northing of both ends, (k, 2, 2) metres."""
        flat = along_edges(network.node_xy, network, self.edge.ravel(), self.offset_mm.ravel())
        return flat.reshape(-1, 2, 2)

    def ms(self, network: WalkNetwork, walker: Walker) -> NDArray[np.int64]:
        """Whole milliseconds from the first place to the second, and back, (k, 2).

        `walkers.FORBIDDEN` in both where it is too steep for the walker.
        """
        edge, offset_mm = self.edge.ravel(), self.offset_mm.ravel()
        z = None
        if network.node_z is not None:
            z = along_edges(network.node_z[:, None], network, edge, offset_mm)[:, 0]
        k = len(self)
        return walker.edge_ms(
            WalkNetwork(
                crs=network.crs,
                node_xy=self.xy(network).reshape(-1, 2),
                edge_nodes=np.arange(2 * k, dtype=np.int32).reshape(-1, 2),
                edge_mm=self.mm,
                edge_kind=np.full(k, FOOTWAY, np.uint8),
                edge_attachable=np.ones(k, bool),
                node_component=np.repeat(np.arange(k, dtype=np.int32), 2),
                facts={},
                node_z=z,
            )
        )


def joined(parts: list[Links]) -> Links:
    """Lists of links as one."""
    return Links(
        np.concatenate([part.edge for part in parts]).reshape(-1, 2),
        np.concatenate([part.offset_mm for part in parts]).reshape(-1, 2),
        np.concatenate([part.mm for part in parts]),
    )


def along_edges(
    of_node: NDArray[np.float64],
    network: WalkNetwork,
    edge: NDArray[np.integer],
    offset_mm: NDArray[np.int64],
) -> NDArray[np.float64]:
    """What nodes have, (n, c), at places between them, (k, c); at a node exactly the node's."""
    start, end = of_node[network.edge_nodes[edge]].transpose(1, 0, 2)
    share = (offset_mm / np.maximum(network.edge_mm[edge], 1))[:, None]
    return np.asarray(start * (1 - share) + end * share)


def on_street(network: WalkNetwork, edge: NDArray[np.int32], offset_mm: NDArray[np.int64]) -> Snaps:
    """Places on the streets as points without a leg, to be inserted into a graph."""
    return Snaps(
        edge=edge,
        offset_mm=offset_mm,
        leg_mm=np.zeros(len(edge), np.int64),
        component=network.node_component[network.edge_nodes[edge, 0]],
        point=np.arange(len(edge), dtype=np.int32),
    )


def lines_of(network: WalkNetwork, edges: NDArray[np.integer]) -> NDArray[np.object_]:
    """The edges as lines."""
    lines: NDArray[np.object_] = shapely.linestrings(network.node_xy[network.edge_nodes[edges]])
    return lines


def offsets_at(
    network: WalkNetwork,
    edges: NDArray[np.integer],
    lines: NDArray[np.object_],
    points: NDArray[np.object_],
) -> NDArray[np.int64]:
    """Where on its edge the place nearest to each point lies, millimetres from its first node."""
    share = np.nan_to_num(shapely.line_locate_point(lines, points, normalized=True))
    return np.asarray(np.rint(share * network.edge_mm[edges]), np.int64)
