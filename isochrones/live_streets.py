"""How are streets cut, joined and closed while they are in use?

An edge is one *piece*, or several where places on it have become nodes: the foot of a
facility, the end of a link. It is laid anew as a whole, by the rule of `graph`: the time to a
cut is counted from the edge's first node in each direction, so a cut changes no walk by a
millisecond. A link is an edge as well and can be cut, joined and closed like any other.

Every change writes into ``log`` how to take it back; taken back in reverse order, the streets
are what they were. Limits: an edge opens and closes as a whole; a link has one slope.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.graph import LONGEST_MS, OneWay
from carecircle.isochrones.links import FOOTWAY, Links, along_edges
from carecircle.isochrones.live_arcs import LiveArcs
from carecircle.isochrones.live_kernels import NONE
from carecircle.isochrones.live_legs import LiveLegs, checked_leg_ms
from carecircle.isochrones.snapping import Snaps
from carecircle.isochrones.walkers import FORBIDDEN, Walker
from carecircle.layers.network import WalkNetwork

Stops = tuple[tuple[int, int], ...]  # (offset_mm, node) of each cut, ascending
SEARCHED = {"from": [0, 1], "to": [1, 0]}  # which way is paid along an edge, and which back


@dataclass(frozen=True)
class Edge:
    """What must be known of an edge to lay it.

    ``ms`` are the times that a search pays from its first end to its second, and back.
    """

    ends: tuple[int, int]
    mm: int
    ms: tuple[int, int]

    @property
    def usable(self) -> bool:
        """Whether the walker can go along it."""
        return self.ms[0] != FORBIDDEN

    def at_ms(self, offset_mm: int) -> tuple[int, int]:
        """Time from the first end to a place, and what of the way back is left there."""
        longest = max(self.mm, 1)
        return self.ms[0] * offset_mm // longest, self.ms[1] * offset_mm // longest


@dataclass(frozen=True, eq=False)
class Link:
    """An edge that was added: also as a network by itself, and the places it joins.

    Each place is an edge and millimetres from its first node.
    """

    edge: Edge
    drawn: WalkNetwork
    places: list[tuple[int, int]]


class LiveStreets:
    """The streets of one walker and one direction, and the legs of the homes beside them.

    Nodes and edges of the network keep their numbers; links follow.
    """

    def __init__(
        self, network: WalkNetwork, walker: Walker, direction: OneWay, homes: Snaps
    ) -> None:
        if walker.stretch_ms is not None:
            raise ValueError("answers that change know of no benches")
        self.network, self.walker = network, walker
        self.log: list[Callable[[], None]] = []
        self.closed: set[int] = set()
        self._links: list[Link] = []
        self._stops: dict[int, Stops] = {}
        self._pieces: dict[int, list[int]] = {}  # of edges that are cut, and of links
        self._columns = SEARCHED[direction]
        ms = walker.edge_ms(network)[:, self._columns]
        longest = max(ms.max(initial=0), network.edge_mm.max(initial=0))
        if longest > LONGEST_MS:
            raise ValueError(f"an edge is too long to be walked: {longest}")
        self._ms = ms.astype(np.int32)
        usable = ms[:, 0] != FORBIDDEN
        self.arcs = LiveArcs(len(network.node_xy), network.edge_nodes, ms, usable)
        self.legs = LiveLegs(homes, walker, ms, network.edge_mm)

    # --- what there is

    @property
    def n_edges(self) -> int:
        """How many edges there are, links among them."""
        return len(self._ms) + len(self._links)

    @property
    def links(self) -> tuple[Link, ...]:
        """What was added, in the order of its numbers."""
        return tuple(self._links)

    def edge(self, number: int) -> Edge:
        """One edge by its number."""
        if number >= len(self._ms):
            return self._links[number - len(self._ms)].edge
        a, b = self.network.edge_nodes[number].tolist()
        there, back = self._ms[number].tolist()
        return Edge((a, b), int(self.network.edge_mm[number]), (there, back))

    def walked(self, edge: int) -> bool:
        """Whether the edge is open and the walker can use it."""
        return edge not in self.closed and self.edge(edge).usable

    def nodes_of(self, edge: int) -> list[int]:
        """All nodes on an edge, from its first end to its second."""
        first, second = self.edge(edge).ends
        return [first, *(node for _, node in self._stops.get(edge, ())), second]

    def pieces_of(self, edge: int) -> list[int]:
        """The pieces as which an edge is laid; none where nobody walks."""
        if not self.walked(edge):
            return []
        return self._pieces.get(edge, [edge])

    def legs_of(self, edge: int) -> list[int]:
        """The legs of homes that attach to an edge."""
        return self.legs.on_pieces(edge, self.pieces_of(edge))

    def hanging_on(self, edge: int) -> list[int]:
        """Nodes whose label may come over an edge."""
        return [node for piece in self.pieces_of(edge) for node in self.arcs.hanging_on(piece)]

    def components(self, edges: NDArray[np.int32]) -> NDArray[np.int32]:
        """The connected part each edge lies in, before any edit; -1 for edge -1."""
        parts = self.network.node_component[self.network.edge_nodes[:, 0]]
        of_links = [link.drawn.node_component[0] for link in self._links]
        return np.concatenate([parts, of_links, [-1]]).astype(np.int32)[edges]

    def part(self, edges: list[int]) -> WalkNetwork:
        """Some edges as a network of their own, in that order, each with two nodes of its own."""
        streets = [edge if edge < len(self._ms) else 0 for edge in edges]
        nodes = self.network.edge_nodes[streets].ravel()
        z = self.network.node_z
        part = WalkNetwork(
            crs=self.network.crs,
            node_xy=self.network.node_xy[nodes],
            edge_nodes=np.arange(len(nodes), dtype=np.int32).reshape(-1, 2),
            edge_mm=self.network.edge_mm[streets],
            edge_kind=self.network.edge_kind[streets],
            edge_attachable=self.network.edge_attachable[streets],
            node_component=self.network.node_component[nodes],
            facts={},
            node_z=None if z is None else z[nodes],
        )
        for at, edge in enumerate(edges):
            if edge >= len(self._ms):
                put_into(part, at, self._links[edge - len(self._ms)].drawn)
        return part

    # --- changes

    def add_link(self, places: list[tuple[int, int]], mm: int, doors: bool) -> int:
        """A way between two places, (edge, offset_mm), now nodes; closed as yet. Its number."""
        edges, offset_mm = zip(*places, strict=True)
        ends = self.part(list(edges))
        link = Links(np.array([[0, 1]], np.int32), np.array([offset_mm]), np.array([mm]))
        there, back = link.ms(ends, self.walker)[0, self._columns].tolist()
        if max(mm, there, back) > LONGEST_MS:
            raise ValueError(f"a link is too long to be walked: {mm} mm")
        first, second = (self.cut(*place) for place in places)
        number = self.n_edges
        edge = Edge((first, second), mm, (there, back))
        self._links.append(Link(edge, by_itself(link, ends, doors), places))
        self._pieces[number] = []
        self.closed.add(number)
        self.log.append(self._forget_link)
        self.arcs.make_room_for(max(there, back))
        return number

    def _forget_link(self) -> None:
        self._links.pop()
        del self._pieces[self.n_edges]
        self.closed.remove(self.n_edges)

    def cut(self, edge: int, offset_mm: int) -> int:
        """A place on an edge becomes a node; no label but its own changes."""
        if not 0 <= offset_mm <= self.edge(edge).mm:
            raise ValueError(f"edge {edge} has no place at {offset_mm} mm")
        node = self.arcs.new_node()
        self.log.append(lambda: self.arcs.free_nodes.append(node))
        stops = sorted([*self._stops.get(edge, ()), (offset_mm, node)])
        self._lay_and_log(edge, tuple(stops), edge in self.closed)
        self.arcs.label[node] = self.arcs.offered(node)
        return node

    def heal(self, edge: int, node: int) -> None:
        """A cut, where nothing else begins or ends, is no node any more."""
        stops = tuple(stop for stop in self._stops[edge] if stop[1] != node)
        self._lay_and_log(edge, stops, edge in self.closed)
        label = self.arcs.label[node]
        self.arcs.free_nodes.append(node)
        self.log.append(lambda: self._reopen_cut(node, label))

    def _reopen_cut(self, node: int, label: np.int64) -> None:
        self.arcs.free_nodes.remove(node)
        self.arcs.label[node] = label

    def close(self, edge: int) -> None:
        """Nobody walks along the edge."""
        self._lay_and_log(edge, self._stops.get(edge, ()), True)

    def open(self, edge: int) -> None:
        """The edge can be walked, by who can use it."""
        self._lay_and_log(edge, self._stops.get(edge, ()), False)

    def attach(self, leg: int, edge: int, offset_mm: int, mm: int) -> None:
        """Let a leg of a home attach elsewhere; -1: nowhere."""
        legs = self.legs
        before = int(legs.edge[leg]), int(legs.offset_mm[leg]), int(legs.mm[leg])
        self._attach(leg, edge, offset_mm, mm)
        self.log.append(lambda: self._attach(leg, *before))

    def _attach(self, leg: int, edge: int, offset_mm: int, mm: int) -> None:
        if self.legs.edge[leg] >= 0:
            self.legs.take_off(leg)
        ms = checked_leg_ms(self.walker, np.array([mm if edge >= 0 else 0]))[0]
        self.legs.attach(leg, edge, offset_mm, mm, int(ms))
        self._hang(leg)

    # --- laying

    def _lay_and_log(self, edge: int, stops: Stops, closed: bool) -> None:
        before = self._stops.get(edge, ()), edge in self.closed
        self._lay(edge, stops, closed)
        self.log.append(lambda: self._lay(edge, *before))

    def _lay(self, edge: int, stops: Stops, closed: bool) -> None:
        """Take up an edge and lay it anew with these cuts, and hang the legs on it again."""
        legs = self.legs_of(edge)
        for leg in legs:
            self.legs.take_off(leg)
        for piece in self.pieces_of(edge):
            self.arcs.take_up(piece)
            if piece >= len(self._ms):
                self.arcs.free_pieces.append(piece)
        self._pieces.pop(edge, None)
        self._stops.pop(edge, None)
        self.closed.discard(edge)
        if stops:
            self._stops[edge] = stops
        if closed:
            self.closed.add(edge)
        self._put_down(edge)
        for leg in legs:
            self._hang(leg)

    def _put_down(self, edge: int) -> None:
        """The pieces of an edge, from cut to cut; the first of a street bears its number."""
        nodes, is_street = self.nodes_of(edge), edge < len(self._ms)
        if not self.walked(edge):
            self._pieces[edge] = []
            return
        times = [self._at_ms(edge, at) for at in range(len(nodes))]
        pieces = [edge] if is_street else []
        pieces += [self.arcs.new_piece() for _ in range(len(nodes) - 1 - len(pieces))]
        for at, piece in enumerate(pieces):
            ms = times[at + 1][0] - times[at][0], times[at + 1][1] - times[at][1]
            self.arcs.put_down(piece, (nodes[at], nodes[at + 1]), ms)
        if len(pieces) > 1 or not is_street:
            self._pieces[edge] = pieces

    def _at_ms(self, edge: int, at: int) -> tuple[int, int]:
        """Times up to one of the nodes of an edge, and what of the way back is left there."""
        stops = self._stops.get(edge, ())
        if at == 0:
            return 0, 0
        if at > len(stops):
            return self.edge(edge).ms
        return self.edge(edge).at_ms(stops[at - 1][0])

    def _hang(self, leg: int) -> None:
        """Hang a leg on the piece of its edge where it attaches."""
        edge, offset_mm = int(self.legs.edge[leg]), int(self.legs.offset_mm[leg])
        if edge < 0:
            self.legs.piece[leg] = NONE
            return
        pieces = self.pieces_of(edge)
        if not pieces:
            self.legs.hang(leg, NONE, (0, 0))
            return
        at = bisect_right(self._stops.get(edge, ()), offset_mm, key=lambda stop: stop[0])
        low, here, high = (
            self._at_ms(edge, at),
            self.edge(edge).at_ms(offset_mm),
            self._at_ms(edge, at + 1),
        )
        self.legs.hang(leg, pieces[at], (here[0] - low[0], high[1] - here[1]))


def put_into(part: WalkNetwork, at: int, link: WalkNetwork) -> None:
    """A link that is a network by itself, in the place of one edge of a part."""
    ends = slice(2 * at, 2 * at + 2)
    part.node_xy[ends], part.node_component[ends] = link.node_xy, link.node_component
    part.edge_mm[at], part.edge_kind[at] = link.edge_mm[0], link.edge_kind[0]
    part.edge_attachable[at] = link.edge_attachable[0]
    if part.node_z is not None:
        part.node_z[ends] = link.node_z


def by_itself(link: Links, ends: WalkNetwork, doors: bool) -> WalkNetwork:
    """A link between places on the edges of a network, as a network of one footway."""
    z = None
    if ends.node_z is not None:
        z = along_edges(ends.node_z[:, None], ends, link.edge[0], link.offset_mm[0])[:, 0]
    return WalkNetwork(
        crs=ends.crs,
        node_xy=link.xy(ends)[0],
        edge_nodes=np.array([[0, 1]], np.int32),
        edge_mm=link.mm,
        edge_kind=np.array([FOOTWAY], np.uint8),
        edge_attachable=np.array([doors]),
        node_component=ends.node_component[[0, 0]],
        facts={},
        node_z=z,
    )
