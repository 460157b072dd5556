"""What is commonly used for walks on streets, each in its own words.

Every peer is given the same streets in whole milliseconds and asked two questions: everything
within the limit of each facility (`reach`), and the nearest facility of every node
(`nearest`). What it answers in its own form is turned into ours outside the clock (`rows`,
`nearest_ms`). A peer without a bounded search walks the whole network; that is how it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from carecircle.isochrones.graph import WalkGraph
from carecircle.isochrones.minutes import NEVER, Nearest, ReachTable, nearest, reach_table

Row = tuple[NDArray[Any], NDArray[Any]]  # nodes, ascending, and milliseconds
BLOCK = 5_000_000  # numbers in a dense block of scipy's answer: the quickest of those tried


@dataclass(frozen=True, eq=False)
class Streets:
    """One arc each way between two nodes, the quickest, in whole milliseconds."""

    xy: NDArray[np.float64]
    low: NDArray[np.int32]
    high: NDArray[np.int32]
    ms: NDArray[np.int64]
    limit_ms: int
    metres_per_second: float
    drawn_lengths: bool  # whether an edge is as long as it is drawn in the plane

    @property
    def n(self) -> int:
        """How many nodes there are."""
        return len(self.xy)

    def triples(self) -> list[tuple[int, int, int]]:
        """Both ends and milliseconds of each edge."""
        return list(zip(self.low.tolist(), self.high.tolist(), self.ms.tolist(), strict=True))


class NotComparable(ValueError):
    """These streets cannot be put to this peer."""


class Peer:
    """What all have in common; `name`, `package` and how many facilities it is asked for."""

    name: str
    package: str | None = None
    largest: int | None = None  # nodes it is given at most
    builds_long_above: int | None = None  # nodes; then building is tried apart, for a time
    reach_sample: int | None = None  # facilities it is timed on; None: all
    differs: str | None = None  # why its answers may differ from ours; None: they must not
    only_nodes = False  # it gives the nodes within the limit without their times
    finds_nearest = True
    needs_limit = False  # it cannot be asked for the nearest at any distance

    def __init__(self, streets: Streets) -> None:
        self.streets = streets
        self.build(streets, None if self.package is None else import_module(self.package))

    def build(self, streets: Streets, module: Any) -> None:
        """Make the graph in the peer's own form."""
        raise NotImplementedError

    def reach(self, facilities: NDArray[np.int32]) -> Any:
        """Everything within the limit of each facility, in the peer's own form."""
        raise NotImplementedError

    def rows(self, answer: Any) -> Iterator[Row]:
        """The same in ours."""
        raise NotImplementedError

    def prepare(self, facilities: NDArray[np.int32]) -> None:
        """Put the facilities into the graph, where `nearest` wants them there."""

    def nearest(self, facilities: NDArray[np.int32], limit_ms: int | None) -> Any:
        """Milliseconds from every node to its nearest facility, in the peer's own form."""
        raise NotImplementedError

    def nearest_ms(self, answer: Any, limit_ms: int | None) -> NDArray[np.float64]:
        """The same as numbers, inf beyond the limit."""
        ms = np.asarray(answer, dtype=float)[: self.streets.n]
        return ms if limit_ms is None else np.where(ms <= limit_ms, ms, np.inf)

    def within(self, dense: NDArray[np.float64]) -> Row:
        """A row from milliseconds to every node."""
        reached = np.flatnonzero(dense[: self.streets.n] <= self.streets.limit_ms)
        return reached, dense[reached]


class Ours:
    """carecircle, asked in the same words; one thread."""

    name = "carecircle"

    def __init__(self, graph: WalkGraph, limit_ms: int) -> None:
        self.graph, self.limit_ms = graph, limit_ms

    def reach(self, facilities: NDArray[np.int32]) -> ReachTable:
        return reach_table(self.graph, facilities, None, self.limit_ms, threads=1)

    def rows(self, answer: ReachTable) -> Iterator[Row]:
        return (answer.row(row) for row in range(len(answer)))

    def nearest(self, facilities: NDArray[np.int32], limit_ms: int | None) -> Nearest:
        return nearest(self.graph, facilities, limit_ms)

    def nearest_ms(self, answer: Nearest, limit_ms: int | None) -> NDArray[np.float64]:
        return np.where(answer.ms == NEVER, np.inf, answer.ms)


class Scipy(Peer):
    """Dense rows, in blocks; the nodes within the limit are picked out of them."""

    name = "scipy dijkstra"

    def build(self, streets: Streets, module: Any) -> None:
        both = np.r_[streets.low, streets.high], np.r_[streets.high, streets.low]
        ms = np.tile(streets.ms, 2).astype(float)
        self.matrix = coo_array((ms, both), shape=(streets.n, streets.n)).tocsr()

    def reach(self, facilities: NDArray[np.int32]) -> list[Row]:
        rows = []
        step = max(1, BLOCK // self.streets.n)
        for start in range(0, len(facilities), step):
            block = facilities[start : start + step]
            for ms in dijkstra(self.matrix, indices=block, limit=self.streets.limit_ms):
                reached = np.flatnonzero(ms < np.inf)
                rows.append((reached, ms[reached]))
        return rows

    def rows(self, answer: list[Row]) -> Iterator[Row]:
        return iter(answer)

    def nearest(self, facilities: NDArray[np.int32], limit_ms: int | None) -> Any:
        limit = np.inf if limit_ms is None else limit_ms
        return dijkstra(self.matrix, indices=facilities, limit=limit, min_only=True)


class Networkx(Peer):
    """Dictionaries, with a cutoff."""

    name = "networkx, cutoff"
    reach_sample = 50

    def build(self, streets: Streets, module: Any) -> None:
        self.graph = nx.Graph()
        self.graph.add_nodes_from(range(streets.n))
        self.graph.add_weighted_edges_from(streets.triples(), weight="ms")

    def reach(self, facilities: NDArray[np.int32]) -> list[dict[int, int]]:
        return [
            nx.single_source_dijkstra_path_length(
                self.graph, facility, cutoff=self.streets.limit_ms, weight="ms"
            )
            for facility in facilities.tolist()
        ]

    def rows(self, answer: list[dict[int, int]]) -> Iterator[Row]:
        for found in answer:
            nodes = np.array(sorted(found))
            yield nodes, np.array([found[node] for node in nodes.tolist()])

    def nearest(self, facilities: NDArray[np.int32], limit_ms: int | None) -> dict[int, int]:
        return nx.multi_source_dijkstra_path_length(
            self.graph, set(facilities.tolist()), cutoff=limit_ms, weight="ms"
        )

    def nearest_ms(self, answer: dict[int, int], limit_ms: int | None) -> NDArray[np.float64]:
        ms = np.full(self.streets.n, np.inf)
        ms[list(answer)] = list(answer.values())
        return ms


class OsmnxRecipe(Peer):
    """`ego_graph` around each facility, as in the examples of OSMnx."""

    name = "osmnx recipe, ego_graph"
    reach_sample = 3
    only_nodes = True
    finds_nearest = False

    def build(self, streets: Streets, module: Any) -> None:
        self.graph = nx.MultiDiGraph()
        self.graph.add_nodes_from(range(streets.n))
        for a, b, ms in streets.triples():
            self.graph.add_edge(a, b, ms=ms)
            self.graph.add_edge(b, a, ms=ms)

    def reach(self, facilities: NDArray[np.int32]) -> list[Any]:
        return [
            nx.ego_graph(self.graph, facility, radius=self.streets.limit_ms, distance="ms")
            for facility in facilities.tolist()
        ]

    def rows(self, answer: list[Any]) -> Iterator[Row]:
        for found in answer:
            nodes = np.array(sorted(found))
            yield nodes, np.full(len(nodes), np.nan)


class Pandana(Peer):
    """Contraction hierarchies; it counts in thousandths, so seconds are whole milliseconds."""

    name = "pandana"
    package = "pandana"
    builds_long_above = 150_000
    differs = "counts in its own thousandths; facilities go to the node nearest by place"
    needs_limit = True

    def build(self, streets: Streets, module: Any) -> None:
        import pandas as pd

        # It cuts thousandths off, so a hair more keeps 0.029 s from becoming 28 ms.
        seconds = pd.Series((streets.ms + 0.1) / 1000, name="seconds")
        self.net = module.Network(
            pd.Series(streets.xy[:, 0]),
            pd.Series(streets.xy[:, 1]),
            pd.Series(streets.low.astype(np.int64)),
            pd.Series(streets.high.astype(np.int64)),
            seconds.to_frame(),
            twoway=True,
        )

    def reach(self, facilities: NDArray[np.int32]) -> Any:
        found = self.net.nodes_in_range(facilities.tolist(), self.streets.limit_ms / 1000)
        return facilities, found

    def rows(self, answer: Any) -> Iterator[Row]:
        facilities, found = answer
        by_source = dict(iter(found.sort_values("destination").groupby("source")))
        for facility in facilities.tolist():
            row = by_source[facility]
            yield row["destination"].to_numpy(), np.rint(1000 * row["seconds"].to_numpy())

    def nearest(self, facilities: NDArray[np.int32], limit_ms: int | None) -> Any:
        assert limit_ms is not None
        xy, seconds = self.streets.xy[facilities], limit_ms / 1000
        self.net.set_pois("care", seconds, 1, xy[:, 0], xy[:, 1])
        return self.net.nearest_pois(seconds, "care", num_pois=1, max_distance=np.inf)[1]

    def nearest_ms(self, answer: Any, limit_ms: int | None) -> NDArray[np.float64]:
        return np.rint(1000 * answer.to_numpy())


class WithHub(Peer):
    """A peer that finds the nearest facility from a hub, node n, 0 ms from all of them."""

    def graph_of(self, low: Any, high: Any, ms: Any, n: int) -> Any:
        """A graph in the peer's own form."""
        raise NotImplementedError

    def prepare(self, facilities: NDArray[np.int32]) -> None:
        hub = np.full(len(facilities), self.streets.n)
        self.hub = self.graph_of(
            np.r_[self.streets.low, facilities],
            np.r_[self.streets.high, hub],
            np.r_[self.streets.ms, np.zeros(len(facilities), np.int64)],
            self.streets.n + 1,
        )


class Igraph(WithHub):
    """Its compiled core; no cutoff."""

    name = "igraph"
    package = "igraph"
    reach_sample = 5

    def build(self, streets: Streets, module: Any) -> None:
        self.module = module
        self.graph = self.graph_of(streets.low, streets.high, streets.ms, streets.n)

    def graph_of(self, low: Any, high: Any, ms: Any, n: int) -> Any:
        graph = self.module.Graph(n=n, edges=np.column_stack([low, high]))
        graph.es["ms"] = ms.tolist()
        return graph

    def reach(self, facilities: NDArray[np.int32]) -> Any:
        return self.graph.distances(source=facilities.tolist(), weights="ms")

    def rows(self, answer: Any) -> Iterator[Row]:
        return (self.within(np.array(row, dtype=float)) for row in answer)

    def nearest(self, facilities: NDArray[np.int32], limit_ms: int | None) -> Any:
        return self.hub.distances(source=[self.streets.n], weights="ms")[0]


class Rustworkx(WithHub):
    """Its compiled core, with a Python call for each edge; no cutoff."""

    name = "rustworkx"
    package = "rustworkx"
    reach_sample = 3

    def build(self, streets: Streets, module: Any) -> None:
        self.module = module
        self.graph = self.graph_of(streets.low, streets.high, streets.ms, streets.n)

    def graph_of(self, low: Any, high: Any, ms: Any, n: int) -> Any:
        graph = self.module.PyGraph(multigraph=False)
        graph.add_nodes_from(range(n))
        graph.add_edges_from(list(zip(low.tolist(), high.tolist(), ms.tolist(), strict=True)))
        return graph

    def reach(self, facilities: NDArray[np.int32]) -> list[Any]:
        search = self.module.dijkstra_shortest_path_lengths
        return [(facility, search(self.graph, facility, float)) for facility in facilities.tolist()]

    def rows(self, answer: list[Any]) -> Iterator[Row]:
        return (self.within(self.dense(*found)) for found in answer)

    def dense(self, source: int, found: Any) -> NDArray[np.float64]:
        """Milliseconds to every node; the source itself is not in what it answers."""
        ms = np.full(self.streets.n + 1, np.inf)
        ms[list(found.keys())] = list(found.values())
        ms[source] = 0
        return ms

    def nearest(self, facilities: NDArray[np.int32], limit_ms: int | None) -> Any:
        return self.module.dijkstra_shortest_path_lengths(self.hub, self.streets.n, float)

    def nearest_ms(self, answer: Any, limit_ms: int | None) -> NDArray[np.float64]:
        return super().nearest_ms(self.dense(self.streets.n, answer), limit_ms)


class Networkit(WithHub):
    """Its compiled core; no cutoff."""

    name = "networkit"
    package = "networkit"
    reach_sample = 5

    def build(self, streets: Streets, module: Any) -> None:
        self.module = module
        module.setNumberOfThreads(1)
        self.graph = self.graph_of(streets.low, streets.high, streets.ms, streets.n)

    def graph_of(self, low: Any, high: Any, ms: Any, n: int) -> Any:
        edges = ms.astype(float), (low.astype(np.uint64), high.astype(np.uint64))
        return self.module.GraphFromCoo(edges, n=n, weighted=True, directed=False)

    def search(self, graph: Any, source: int) -> NDArray[np.float64]:
        run = self.module.distance.Dijkstra(graph, source, False).run()
        return np.asarray(run.getDistances(asarray=True))

    def reach(self, facilities: NDArray[np.int32]) -> list[Any]:
        return [self.search(self.graph, facility) for facility in facilities.tolist()]

    def rows(self, answer: list[Any]) -> Iterator[Row]:
        return map(self.within, answer)

    def nearest(self, facilities: NDArray[np.int32], limit_ms: int | None) -> Any:
        return self.search(self.hub, self.streets.n)

    def nearest_ms(self, answer: Any, limit_ms: int | None) -> NDArray[np.float64]:
        unreached = answer == np.finfo(float).max
        return super().nearest_ms(np.where(unreached, np.inf, answer), limit_ms)


class Cityseer(Peer):
    """Its compiled search from one node, with a limit in seconds."""

    name = "cityseer"
    package = "cityseer.rustalgos"
    largest = 200_000
    reach_sample = 50
    finds_nearest = False
    differs = "counts in 32-bit decimals from drawn lengths"

    def build(self, streets: Streets, module: Any) -> None:
        if not streets.drawn_lengths:
            raise NotComparable("its lengths are those of the lines as drawn in the plane")
        self.graph = module.graph.NetworkStructure()
        self.graph.set_is_dual(False)
        for node, (x, y) in enumerate(streets.xy.tolist()):
            self.graph.add_street_node(str(node), x, y, True, 1.0)
        for a, b in zip(streets.low.tolist(), streets.high.tolist(), strict=True):
            for start, end in (a, b), (b, a):
                line = shapely.LineString(streets.xy[[start, end]]).wkt
                self.graph.add_street_edge(start, end, 0, str(start), str(end), line)

    def reach(self, facilities: NDArray[np.int32]) -> list[Any]:
        seconds = self.streets.limit_ms // 1000
        speed = self.streets.metres_per_second
        search = self.graph.dijkstra_tree_shortest
        return [search(facility, seconds, speed) for facility in facilities.tolist()]

    def rows(self, answer: list[Any]) -> Iterator[Row]:
        for nodes, tree in answer:
            ms = np.array([1000 * tree[node].agg_seconds for node in nodes])
            order = np.argsort(nodes)
            near = ms[order] <= self.streets.limit_ms
            yield np.array(nodes)[order][near], ms[order][near]


PEERS = (Scipy, Networkx, OsmnxRecipe, Pandana, Igraph, Rustworkx, Networkit, Cityseer)
