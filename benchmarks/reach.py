"""How fast is the walking engine, next to what is commonly used?

Two questions on one network in one run: everything within the limit of each facility, and
the nearest facility of every node. All engines get the same whole milliseconds, take turns,
and must give the same answer, or the run fails. Times are median CPU seconds; making each
engine's own graph is not counted.

    python benchmarks/reach.py
    python benchmarks/reach.py --network town.osm.pbf --facilities 300 --minutes 15
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import networkx as nx
import numpy as np
import scipy
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # a fresh clone runs without an install

from carecircle.inputs import frame_of  # noqa: E402
from carecircle.isochrones.graph import WalkGraph, walk_graph  # noqa: E402
from carecircle.isochrones.minutes import NEVER, ReachTable, nearest, reach_table  # noqa: E402
from carecircle.isochrones.walkers import WALKERS  # noqa: E402
from carecircle.layers.network import WalkNetwork  # noqa: E402
from carecircle.layers.osm import read_osm  # noqa: E402
from carecircle.layers.streets import number_streets  # noqa: E402

CHUNK = 50  # facilities per dense block of scipy's answer


@dataclass(frozen=True)
class World:
    """One network in the form each engine wants, and where the facilities are."""

    graph: WalkGraph
    matrix: csr_array
    streets: nx.Graph
    directed: nx.MultiDiGraph
    facilities: np.ndarray
    limit_ms: int


@dataclass(frozen=True)
class Engine:
    """One way to answer a question for so many facilities."""

    name: str
    run: Callable[[np.ndarray], Any]
    facilities: np.ndarray


def main() -> None:
    arguments = parsed_arguments()
    network = (
        read_network(arguments.network) if arguments.network else grid_of_streets(arguments.nodes)
    )
    world = make_world(network, arguments)
    print(
        f"{len(network.node_xy):,} nodes, {len(network.edge_mm):,} edges, "
        f"{len(world.facilities):,} facilities, {arguments.minutes} minutes at 0.8 m/s"
    )
    print(
        f"Python {platform.python_version()}, networkx {nx.__version__}, "
        f"scipy {scipy.__version__}, one thread, {arguments.repeats} interleaved repeats\n"
    )

    reach = reach_engines(world, arguments)
    check_reach(reach)
    print_table("Everything within the limit of each facility", timed(reach, arguments.repeats))
    for limit_ms in (world.limit_ms, None):
        engines = nearest_engines(world, limit_ms)
        check_nearest(engines)
        what = "within the limit" if limit_ms else "at any distance"
        print_table(f"Nearest facility of every node, {what}", timed(engines, arguments.repeats))


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", type=Path, help="an OSM extract; default: made-up streets")
    parser.add_argument("--nodes", type=int, default=100_000, help="size of the made-up network")
    parser.add_argument("--facilities", type=int, default=1000)
    parser.add_argument("--minutes", type=int, default=15)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--networkx-sample", type=int, default=100)
    parser.add_argument("--ego-sample", type=int, default=5)
    return parser.parse_args()


# --- the world


def read_network(path: Path) -> WalkNetwork:
    extract = read_osm(path)
    return number_streets(extract.streets, frame_of(extract.streets).crs, {})


def grid_of_streets(n_nodes: int, block_m: float = 80.0, removed: float = 0.2) -> WalkNetwork:
    """A jittered grid with some streets missing: its largest part, row by row."""
    rng = np.random.default_rng(1)
    side = int(np.ceil(np.sqrt(n_nodes * 1.03)))
    row, column = np.divmod(np.arange(side * side), side)
    xy = block_m * (np.column_stack([column, row]) + rng.uniform(-0.3, 0.3, (side * side, 2)))
    node = np.arange(side * side).reshape(side, side)
    across = np.column_stack([node[:, :-1].ravel(), node[:, 1:].ravel()])
    along = np.column_stack([node[:-1].ravel(), node[1:].ravel()])
    ends = np.concatenate([across, along])
    ends = ends[rng.random(len(ends)) >= removed]

    pairs = coo_array((np.ones(len(ends)), ends.T), shape=(len(xy), len(xy)))
    part = connected_components(pairs, directed=False)[1]
    in_largest = part == np.bincount(part).argmax()
    number = np.cumsum(in_largest) - 1
    ends = number[ends[in_largest[ends[:, 0]]]].astype(np.int32)
    xy = xy[in_largest]
    drawn = xy[ends[:, 1]] - xy[ends[:, 0]]
    return WalkNetwork(
        crs="EPSG:4547",
        node_xy=xy,
        edge_nodes=ends,
        edge_mm=np.rint(1000 * np.hypot(drawn[:, 0], drawn[:, 1])).astype(np.int64),
        edge_kind=np.zeros(len(ends), dtype=np.uint8),
        edge_attachable=np.ones(len(ends), dtype=bool),
        node_component=np.zeros(len(xy), dtype=np.int32),
        facts={},
    )


def make_world(network: WalkNetwork, arguments: argparse.Namespace) -> World:
    walker = WALKERS["elderly"]
    n = len(network.node_xy)
    ms = walker.edge_ms(network.edge_mm, network.edge_kind)
    # Only our engine takes parallel edges as they are; all others get the quickest.
    low, high = np.sort(network.edge_nodes, axis=1).T
    order = np.lexsort((ms, high, low))
    _, first = np.unique(low[order].astype(np.int64) * n + high[order], return_index=True)
    low, high, ms = low[order[first]], high[order[first]], ms[order[first]]
    arcs = np.concatenate([low, high]), np.concatenate([high, low])
    matrix = coo_array((np.tile(ms, 2).astype(float), arcs), shape=(n, n)).tocsr()
    streets = nx.Graph()
    streets.add_nodes_from(range(n))
    streets.add_weighted_edges_from(
        zip(low.tolist(), high.tolist(), ms.tolist(), strict=True), weight="ms"
    )
    facilities = np.random.default_rng(7).choice(n, min(n, arguments.facilities), replace=False)
    return World(
        graph=walk_graph(network, walker),
        matrix=matrix,
        streets=streets,
        directed=nx.MultiDiGraph(streets),
        facilities=facilities.astype(np.int32),
        limit_ms=arguments.minutes * 60_000,
    )


# --- everything within the limit of each facility


def reach_engines(world: World, arguments: argparse.Namespace) -> list[Engine]:
    everywhere = np.arange(len(world.graph.node_xy), dtype=np.int32)

    def ours(facilities: np.ndarray) -> ReachTable:
        return reach_table(world.graph, facilities, everywhere, world.limit_ms, threads=1)

    def with_scipy(facilities: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        rows = []
        for start in range(0, len(facilities), CHUNK):
            chunk = facilities[start : start + CHUNK]
            for ms in dijkstra(world.matrix, indices=chunk, limit=world.limit_ms):
                reached = np.flatnonzero(ms < np.inf)
                rows.append((reached, ms[reached]))
        return rows

    def with_networkx(facilities: np.ndarray) -> list[dict[int, int]]:
        return [
            nx.single_source_dijkstra_path_length(
                world.streets, int(facility), cutoff=world.limit_ms, weight="ms"
            )
            for facility in facilities
        ]

    def with_ego_graphs(facilities: np.ndarray) -> list[nx.MultiDiGraph]:
        return [
            nx.ego_graph(world.directed, int(facility), radius=world.limit_ms, distance="ms")
            for facility in facilities
        ]

    all_of_them = world.facilities
    return [
        Engine("carecircle", ours, all_of_them),
        Engine("scipy dijkstra(limit=)", with_scipy, all_of_them),
        Engine("networkx, cutoff", with_networkx, all_of_them[: arguments.networkx_sample]),
        Engine("osmnx recipe, ego_graph", with_ego_graphs, all_of_them[: arguments.ego_sample]),
    ]


def check_reach(engines: list[Engine]) -> None:
    """Fail unless every engine reaches the same nodes in the same milliseconds."""
    table, dense, dicts, egos = (engine.run(engine.facilities) for engine in engines)
    for position, (target, ms) in enumerate(dense):
        np.testing.assert_array_equal(table.row(position)[0], target)
        np.testing.assert_array_equal(table.row(position)[1], ms)
    for position, reached in enumerate(dicts):
        target, ms = table.row(position)
        assert dict(zip(target.tolist(), ms.tolist(), strict=True)) == reached
    for position, ego in enumerate(egos):
        assert set(ego) == set(table.row(position)[0].tolist())
    print(
        f"{len(table.target) / max(1, len(table)):,.0f} nodes within the limit of a facility, "
        "on average\n"
    )


# --- nearest facility of every node


def nearest_engines(world: World, limit_ms: int | None) -> list[Engine]:
    limit = np.inf if limit_ms is None else limit_ms

    def ours(facilities: np.ndarray) -> np.ndarray:
        ms = nearest(world.graph, facilities, limit_ms).ms
        return np.where(ms == NEVER, np.inf, ms)

    def with_scipy(facilities: np.ndarray) -> np.ndarray:
        return dijkstra(world.matrix, indices=facilities, limit=limit, min_only=True)

    def with_networkx(facilities: np.ndarray) -> np.ndarray:
        found = nx.multi_source_dijkstra_path_length(
            world.streets, set(facilities.tolist()), cutoff=limit_ms, weight="ms"
        )
        ms = np.full(len(world.graph.node_xy), np.inf)
        ms[list(found)] = list(found.values())
        return ms

    return [
        Engine("carecircle", ours, world.facilities),
        Engine("scipy dijkstra(min_only=)", with_scipy, world.facilities),
        Engine("networkx multi_source", with_networkx, world.facilities),
    ]


def check_nearest(engines: list[Engine]) -> None:
    """Fail unless all engines agree to the millisecond."""
    ours, *others = (engine.run(engine.facilities) for engine in engines)
    for other in others:
        np.testing.assert_array_equal(ours, other)


# --- the clock


def timed(engines: list[Engine], repeats: int) -> list[tuple[Engine, float]]:
    """Each engine's median CPU seconds; the engines take turns."""
    seconds: dict[str, list[float]] = {engine.name: [] for engine in engines}
    for _ in range(repeats):
        for engine in engines:
            start = time.process_time()
            engine.run(engine.facilities)
            seconds[engine.name].append(time.process_time() - start)
    return [(engine, median(seconds[engine.name])) for engine in engines]


def print_table(title: str, results: list[tuple[Engine, float]]) -> None:
    """A markdown table; a time from a sample is scaled to all facilities, and said so."""
    everyone = len(results[0][0].facilities)
    ours = results[0][1]
    print(f"### {title}\n")
    print("| engine | CPU seconds | times ours | measured on |")
    print("|---|---:|---:|---|")
    for engine, seconds in results:
        scaled = seconds * everyone / len(engine.facilities)
        sample = f"{len(engine.facilities):,} facilities"
        if len(engine.facilities) < everyone:
            sample += ", scaled up"
        print(f"| {engine.name} | {scaled:.3f} | {scaled / ours:.1f} | {sample} |")
    print()


if __name__ == "__main__":
    main()
