"""How long does an edit take, next to a whole run on the edited city?

One network, homes and facilities; edits of each kind one after another, each applied to the
answer that is kept, then answered by a whole run: `walk_graph` and `nearest` on the edited
streets. Both must agree to the millisecond, ties included, or the benchmark fails. Where doors
open is given to the whole run, not counted. Times are medians of CPU time.

    python benchmarks/live.py
    python benchmarks/live.py --network town.osm.pbf --homes 20000 --facilities 100 --json live.json
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # a fresh clone runs without an install

from records import write_record  # noqa: E402

from carecircle.inputs import frame_of  # noqa: E402
from carecircle.isochrones.graph import walk_graph  # noqa: E402
from carecircle.isochrones.live import LiveNearest  # noqa: E402
from carecircle.isochrones.live_edits import (  # noqa: E402
    AddFacility,
    CloseEdge,
    CloseFacility,
    Edit,
    MoveFacility,
    ReopenEdge,
)
from carecircle.isochrones.live_points import Places  # noqa: E402
from carecircle.isochrones.minutes import nearest  # noqa: E402
from carecircle.isochrones.snapping import snap  # noqa: E402
from carecircle.isochrones.walkers import WALKERS  # noqa: E402
from carecircle.layers.network import EDGE_KINDS, WalkNetwork  # noqa: E402
from carecircle.layers.osm import read_osm  # noqa: E402
from carecircle.layers.streets import number_streets  # noqa: E402

SNAP_M = 300


def main() -> None:
    arguments = parsed_arguments()
    network = (
        read_network(arguments.network) if arguments.network else grid_of_streets(arguments.nodes)
    )
    rng = np.random.default_rng(7)
    home_xy, facility_xy = (
        network.node_xy[rng.choice(len(network.node_xy), k)] + rng.uniform(-40, 40, (k, 2))
        for k in (arguments.homes, arguments.facilities)
    )
    walker = WALKERS["elderly"]
    homes, facilities = (snap(network, xy, SNAP_M) for xy in (home_xy, facility_xy))

    def begun() -> LiveNearest:
        return LiveNearest(
            network,
            walker,
            homes,
            facilities,
            home_places=Places.open(home_xy),
            facility_places=Places.open(facility_xy),
            undo_depth=4 * arguments.repeats,
        )

    def run_whole() -> Any:
        graph = walk_graph(network, walker, homes, facilities)
        return nearest(graph, graph.points[1]).at(graph.points[0])

    warm_up(begun(), home_xy)
    live, begin_s = clocked(begun)
    plain, plain_s = clocked(run_whole)
    np.testing.assert_array_equal(live.nearest.ms, plain.ms)
    np.testing.assert_array_equal(live.nearest.source, plain.source)
    print(
        f"{len(network.node_xy):,} nodes, {len(network.edge_mm):,} edges, {len(homes):,} homes, "
        f"{len(facilities):,} facilities, 0.8 m/s, any distance; Python {platform.python_version()}"
    )
    _, index_s = clocked(lambda: live.snap(home_xy[:1]))
    print(
        f"once: live answers {begin_s:.3f} s, index of streets {index_s:.3f} s; "
        f"a whole run before any edit {plain_s:.3f} s\n"
    )

    rows = [
        timed(kind, live, edits)
        for kind, edits in all_edits(live, home_xy, arguments.repeats, rng).items()
    ]
    print_table(rows)
    if arguments.json:
        figures = {
            "network": arguments.network.name if arguments.network else "made-up streets",
            "nodes": len(network.node_xy),
            "homes": len(homes),
            "facilities": len(facilities),
            "repeats": arguments.repeats,
            "begin_s": round(begin_s, 3),
            "index_s": round(index_s, 3),
            "edits": rows,
        }
        write_record(arguments.json, ("rtree",), figures)


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", type=Path, help="an OSM extract; default: made-up streets")
    parser.add_argument("--nodes", type=int, default=100_000, help="size of the made-up network")
    parser.add_argument("--homes", type=int, default=20_000)
    parser.add_argument("--facilities", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=15, help="edits of each kind")
    parser.add_argument("--json", type=Path, help="write the table there, too")
    return parser.parse_args()


def read_network(path: Path) -> WalkNetwork:
    extract = read_osm(path)
    return number_streets(extract.streets, frame_of(extract.streets).crs, {})


def grid_of_streets(n_nodes: int, block_m: float = 80.0) -> WalkNetwork:
    """A jittered grid with a fifth of its streets missing, row by row."""
    rng = np.random.default_rng(1)
    side = int(np.ceil(np.sqrt(n_nodes)))
    row, column = np.divmod(np.arange(side * side), side)
    xy = block_m * (np.column_stack([column, row]) + rng.uniform(-0.3, 0.3, (side * side, 2)))
    node = np.arange(side * side).reshape(side, side)
    across = np.column_stack([node[:, :-1].ravel(), node[:, 1:].ravel()])
    along = np.column_stack([node[:-1].ravel(), node[1:].ravel()])
    ends = np.concatenate([across, along]).astype(np.int32)
    ends = ends[rng.random(len(ends)) >= 0.2]
    drawn = xy[ends[:, 1]] - xy[ends[:, 0]]
    return WalkNetwork(
        crs="EPSG:4547",
        node_xy=xy,
        edge_nodes=ends,
        edge_mm=np.rint(1000 * np.hypot(drawn[:, 0], drawn[:, 1])).astype(np.int64),
        edge_kind=np.full(len(ends), EDGE_KINDS.index("street"), np.uint8),
        edge_attachable=np.ones(len(ends), bool),
        node_component=np.zeros(len(xy), np.int32),
        facts={},
    )


def warm_up(live: LiveNearest, home_xy: np.ndarray) -> None:
    """Compile."""
    live.apply(AddFacility(home_xy[:1]))
    live.apply(CloseFacility(0))
    live.whole()


def all_edits(
    live: LiveNearest, home_xy: np.ndarray, repeats: int, rng: np.random.Generator
) -> dict[str, Iterator[Edit]]:
    """Edits of each kind, made when they are asked for, on the city as it then is."""
    facilities = rng.permutation(len(live.facilities)).tolist()
    some = iter(rng.permutation(home_xy))
    streets = rng.permutation(np.unique(live.homes.edge[live.homes.edge >= 0]))[:repeats].tolist()
    links = (next(some) for _ in range(repeats))
    return {
        "add a facility": (AddFacility(next(some)[None]) for _ in range(repeats)),
        "move a facility 200 m": (
            MoveFacility(at, live.facilities[at].places.xy + np.array([200.0, 0.0]))
            for at in facilities[:repeats]
        ),
        "move a facility across the city": (
            MoveFacility(at, next(some)[None]) for at in facilities[:repeats]
        ),
        "close a facility": (CloseFacility(at) for at in facilities[:repeats]),
        "add a link of about 200 m": (
            live.link_between(at, at + np.array([150.0, 130.0])) for at in links
        ),
        "close a street": (CloseEdge(edge) for edge in streets),
        "open it again": (ReopenEdge(edge) for edge in streets),
    }


def timed(kind: str, live: LiveNearest, edits: Iterator[Edit]) -> dict[str, Any]:
    """Median seconds of an edit, of a whole run after it, and of taking it back."""
    updates, wholes, undone, homes, nodes = [], [], [], [], []
    for edit in edits:
        change, seconds = clocked(lambda edit=edit: live.apply(edit))
        _, back = clocked(live.undo)
        live.apply(edit)
        whole, whole_s = clocked(live.whole)
        np.testing.assert_array_equal(live.nearest.ms, whole.ms)
        np.testing.assert_array_equal(live.nearest.source, whole.source)
        updates.append(seconds)
        undone.append(back)
        wholes.append(whole_s)
        homes.append(len(change.homes))
        nodes.append(change.nodes)
    return {
        "edit": kind,
        "update_ms": round(1000 * median(updates), 2),
        "slowest_update_ms": round(1000 * max(updates), 2),
        "undo_ms": round(1000 * median(undone), 2),
        "whole_ms": round(1000 * median(wholes), 1),
        "ratio": round(median(wholes) / median(updates), 1),
        "nodes": int(median(nodes)),
        "homes": int(median(homes)),
    }


def clocked(run: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    found = run()
    return found, time.process_time() - start


def print_table(rows: list[dict[str, Any]]) -> None:
    print("| edit | update, ms | slowest | undo, ms | whole run, ms | ratio | nodes | homes |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for row in rows:
        print(
            f"| {row['edit']} | {row['update_ms']:.2f} | {row['slowest_update_ms']:.2f} "
            f"| {row['undo_ms']:.2f} | {row['whole_ms']:.0f} | {row['ratio']:.0f} "
            f"| {row['nodes']:,} | {row['homes']:,} |"
        )


if __name__ == "__main__":
    main()
