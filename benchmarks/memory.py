"""How much memory does a network of ten million nodes take?

In a process of its own: made-up streets are loaded, the graph of a walker is built, and 1,000
facilities are asked for everything within 1,200 m and for the nearest of every node. Peak
memory of that process after each step, CPU seconds of each. The streets are made in another
process, because making them is not what is measured; they are counted as loaded.

    python benchmarks/memory.py --json memory.json
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from networks import grid_of_streets
from records import machine, own_peak_mib, write_record

from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.minutes import nearest, reach_table
from carecircle.isochrones.walkers import WALKERS
from carecircle.layers.network import WalkNetwork

LIMIT_MS = 1_500_000  # 1,200 m at 0.8 m/s
TARGET_MIB = 6 * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nodes", type=int, default=10_000_000)
    parser.add_argument("--facilities", type=int, default=1000)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "streets.npz")
        in_process(make_streets, file, arguments.nodes)
        run = in_process(measured, file, arguments.facilities)
    print(f"{run['nodes']:,} nodes, {run['edges']:,} edges, {machine()['processor']}\n")
    print("| step | CPU seconds | peak MiB so far |\n|---|---:|---:|")
    for step in run["steps"]:
        print(f"| {step['step']} | {step['cpu_s']:.2f} | {step['peak_mib']:,} |")
    print(f"\nAt most {TARGET_MIB:,} MiB are meant to be enough.")
    if arguments.json:
        write_record(arguments.json, (), {"target_mib": TARGET_MIB, **run})


def in_process(task: Callable[..., Any], *arguments: Any) -> Any:
    """What a task answers in a fresh process."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(task, arguments)


def make_streets(file: Path, n_nodes: int) -> None:
    network = grid_of_streets(n_nodes)
    arrays = {field.name: getattr(network, field.name) for field in fields(network)}
    np.savez(file, **{k: v for k, v in arrays.items() if isinstance(v, np.ndarray)})


def measured(file: Path, n_facilities: int) -> dict[str, Any]:
    """All steps, each with its CPU seconds and the peak memory until then."""
    walker = WALKERS["elderly"]
    compile_on(grid_of_streets(100))
    steps = [{"step": "package imported", "cpu_s": 0.0, "peak_mib": own_peak_mib()}]

    def noted(step: str, do: Callable[[], Any]) -> Any:
        began = time.process_time()
        answer = do()
        seconds = round(time.process_time() - began, 2)
        steps.append({"step": step, "cpu_s": seconds, "peak_mib": own_peak_mib()})
        return answer

    def load() -> WalkNetwork:
        with np.load(file) as arrays:
            return WalkNetwork(crs="EPSG:4547", facts={}, **arrays)

    network = noted("streets loaded", load)
    graph = noted("graph of the walker", lambda: walk_graph(network, walker))
    n_nodes = len(network.node_xy)
    facilities = np.random.default_rng(7).permutation(n_nodes)[:n_facilities].astype(np.int32)
    noted("everything within 1,200 m", lambda: reach_table(graph, facilities, None, LIMIT_MS))
    noted("nearest within 1,200 m", lambda: nearest(graph, facilities, LIMIT_MS))
    noted("nearest at any distance", lambda: nearest(graph, facilities))
    return {
        "nodes": n_nodes,
        "edges": len(network.edge_mm),
        "facilities": n_facilities,
        "steps": steps,
    }


def compile_on(network: WalkNetwork) -> None:
    """Have the searches compiled before anything is measured."""
    graph = walk_graph(network, WALKERS["elderly"])
    some = np.arange(3, dtype=np.int32)
    reach_table(graph, some, None, LIMIT_MS)
    nearest(graph, some)


if __name__ == "__main__":
    main()
