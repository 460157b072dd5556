"""How long from `import` to the first answer, before and after the searches are compiled?

Each run is a process of its own. *Cold* runs find no compiled searches, as the first one of an
installation; *warm* ones find those of the run before. The answers: who is within the limit of
what on a small made-up town, and the whole study of `carecircle demo` (needs the extra
``[demo]``), nothing written. Median seconds since the process began to import, and CPU seconds
of the whole process.

    python benchmarks/first_answer.py --json first_answer.json
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from records import write_record

HERE = Path(__file__).resolve().parent
STAMP = """
import json, resource, sys, time
sys.path[:0] = {paths}
began = time.perf_counter()
import carecircle
stamps = {{"package imported": time.perf_counter() - began}}
def stamp(what):
    stamps[what] = time.perf_counter() - began
"""
TABLE = """
from networks import grid_of_streets
import numpy as np
network = grid_of_streets(2000)
began = time.perf_counter() - stamps["package imported"]
from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.minutes import nearest, reach_table
from carecircle.isochrones.snapping import snap
from carecircle.isochrones.walkers import WALKERS
walker = WALKERS["elderly"]
stamp("engine imported")
homes = snap(network, network.node_xy + 20, 300, walker)
stations = snap(network, network.node_xy[:10] - 20, 300, walker)
graph = walk_graph(network, walker, stations, homes)
doors, home_doors = graph.points
table = reach_table(graph, doors, home_doors, 900_000)
stamp("who is within 15 minutes of what")
nearest(graph, doors)
stamp("nearest of everybody")
"""
DEMO = """
from carecircle.demo import demo_study
study = demo_study()
stamp("study imported")
study.run()
stamp("study of the demo town")
"""
END = """
used = resource.getrusage(resource.RUSAGE_SELF)
stamps["CPU seconds of the process"] = used.ru_utime + used.ru_stime
print(json.dumps(stamps))
"""


def main() -> None:
    arguments = parsed_arguments()
    codes = {"engine": TABLE}
    if find_spec("pyrosm") is not None:
        codes["demo"] = DEMO
    else:
        print("The demo is left out: pyrosm is not installed.")
    runs = {name: cold_and_warm(code, arguments.repeats) for name, code in codes.items()}
    for name, run in runs.items():
        print_table(name, run)
    if arguments.json:
        write_record(arguments.json, (), {"repeats": arguments.repeats, "seconds": runs})


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser.parse_args()


def cold_and_warm(code: str, repeats: int) -> dict[str, dict[str, float]]:
    """Medians of processes that had to compile, and of those that did not."""
    cold, warm = [], []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            cold.append(process(code, folder))
            warm.append(process(code, folder))
    return {"cold": medians(cold), "warm": medians(warm)}


def process(code: str, cache: str) -> dict[str, float]:
    """What one process says of its times."""
    paths = [str(HERE), str(HERE.parent)]
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
    done = subprocess.run(
        [sys.executable, "-c", STAMP.format(paths=paths) + code + END],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    stamps: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return stamps


def medians(runs: Iterable[dict[str, float]]) -> dict[str, float]:
    """By what was measured."""
    by_name: dict[str, list[float]] = {}
    for run in runs:
        for what, seconds in run.items():
            by_name.setdefault(what, []).append(seconds)
    return {what: round(median(seconds), 2) for what, seconds in by_name.items()}


def print_table(name: str, run: dict[str, Any]) -> None:
    """A markdown table."""
    print(f"### {name}: seconds after the process begins to import\n")
    print("| | cold | warm |\n|---|---:|---:|")
    for what in run["cold"]:
        print(f"| {what} | {run['cold'][what]:.2f} | {run['warm'][what]:.2f} |")
    print()


if __name__ == "__main__":
    main()
