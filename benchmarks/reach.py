"""How fast is the walking engine, next to what is commonly used?

Two questions on one network in one run: everything within the limit of each facility, and
the nearest facility of every node. All get the same streets in the same whole milliseconds and
take turns; ours has one thread. Before the clock starts the answers are compared, and the run
fails where they are not equal, except where a peer is known to count otherwise: then the
table says how far off it is. Times are median CPU seconds of all threads; making each peer's
own graph is told apart. What is slow is asked for fewer facilities, and its time is scaled up.

    python benchmarks/reach.py
    python benchmarks/reach.py --nodes 1000000 --json reach.json
    python benchmarks/reach.py --network town.osm.pbf --facilities 300 --minutes 15
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from networks import grid_of_streets, read_network
from numpy.typing import NDArray
from peers import PEERS, NotComparable, Ours, Peer, Streets
from records import machine, own_peak_mib, write_record

from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.walkers import WALKERS
from carecircle.layers.network import WalkNetwork

WALKER = WALKERS["elderly"]
SLOW_S = 2.0  # what takes longer is timed twice only
PACKAGES = ("osmnx", "pandana", "igraph", "rustworkx", "networkit", "cityseer")


@dataclass(frozen=True)
class Engine:
    """One way to answer one question for so many facilities."""

    name: str
    run: Callable[[NDArray[np.int32]], Any]
    facilities: NDArray[np.int32]
    agreement: str


def main() -> None:
    arguments = parsed_arguments()
    runs = []
    for path in arguments.network or [None]:
        network = read_network(path) if path else grid_of_streets(arguments.nodes)
        name = path.name if path else "made-up streets"
        runs.append(compared(name, network, path is None, arguments))
    if arguments.json:
        write_record(arguments.json, PACKAGES, {"walker": WALKER.id, "runs": runs})


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--network", type=Path, action="append", help="an OSM extract or road lines; may repeat"
    )
    parser.add_argument("--nodes", type=int, default=100_000, help="size of made-up streets")
    parser.add_argument("--facilities", type=int, default=1000)
    parser.add_argument("--minutes", type=int, default=25, help="25 at 0.8 m/s are 1,200 m")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--only", action="append", help="the name of a peer; may repeat")
    parser.add_argument("--build-seconds", type=int, default=600, help="CPU time to build a graph")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser.parse_args()


def compared(
    name: str, network: WalkNetwork, made_up: bool, arguments: argparse.Namespace
) -> dict[str, Any]:
    """All peers on one network, printed and as a record."""
    streets = streets_of(network, arguments.minutes * 60_000, made_up)
    everywhere = np.random.default_rng(7).permutation(streets.n)
    facilities = everywhere[: arguments.facilities].astype(np.int32)
    size = f"{streets.n:,} nodes, {len(network.edge_mm):,} edges, {len(facilities):,} facilities"
    print(f"## {name}: {size}, {arguments.minutes} minutes at {streets.metres_per_second} m/s\n")
    facts = machine()
    print(f"{facts['processor']}, {facts['cores']} cores, Python {facts['python']}\n")
    ours = Ours(walk_graph(network, WALKER), streets.limit_ms)
    peers, built, left_out = built_peers(streets, arguments)
    for peer in peers:
        peer.prepare(facilities)
    for peer, why in left_out.items():
        print(f"Left out: {peer}: {why}")

    engines = reach_engines(ours, peers, facilities)
    questions = [asked("everything within the limit of each facility", engines, arguments.repeats)]
    for limit_ms in (streets.limit_ms, None):
        what = "within the limit" if limit_ms else "at any distance"
        engines = nearest_engines(ours, peers, facilities, limit_ms)
        questions.append(
            asked(f"nearest facility of every node, {what}", engines, arguments.repeats)
        )
    return {
        "network": name,
        "nodes": streets.n,
        "edges": len(network.edge_mm),
        "facilities": len(facilities),
        "minutes": arguments.minutes,
        "limit_ms": streets.limit_ms,
        "build_cpu_s": built,
        "left_out": left_out,
        "questions": questions,
        "peak_mib_of_all": own_peak_mib(),
    }


def streets_of(network: WalkNetwork, limit_ms: int, made_up: bool) -> Streets:
    """What all peers are given: of parallel edges the quickest, none from a node to itself."""
    ms = WALKER.edge_ms(network)[:, 0]
    low, high = np.sort(network.edge_nodes, axis=1).T
    order = np.lexsort((ms, high, low))
    order = order[low[order] != high[order]]
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)
    kept = order[first]
    return Streets(
        xy=network.node_xy,
        low=low[kept],
        high=high[kept],
        ms=ms[kept],
        limit_ms=limit_ms,
        metres_per_second=WALKER.metres_per_second,
        drawn_lengths=made_up,
    )


# --- the peers that can be had


def built_peers(
    streets: Streets, arguments: argparse.Namespace
) -> tuple[list[Peer], dict[str, float], dict[str, str]]:
    """The peers with their graphs, CPU seconds for each, and why others are left out."""
    peers, seconds, left_out = [], {}, {}
    for kind in PEERS:
        if arguments.only and kind.name not in arguments.only:
            continue
        why = why_not(kind, streets, arguments.build_seconds)
        if why is None:
            began = time.process_time()
            try:
                peers.append(kind(streets))
                seconds[kind.name] = round(time.process_time() - began, 2)
            except NotComparable as reason:
                why = str(reason)
        if why is not None:
            left_out[kind.name] = why
    return peers, seconds, left_out


def why_not(kind: type[Peer], streets: Streets, build_seconds: int) -> str | None:
    """The reason not to ask this peer, or None."""
    if kind.package is not None and find_spec(kind.package.partition(".")[0]) is None:
        return "not installed"
    if kind.largest is not None and streets.n > kind.largest:
        return f"its graph is not built above {kind.largest:,} nodes, to spare memory"
    if kind.builds_long_above is not None and streets.n > kind.builds_long_above:
        context = multiprocessing.get_context("spawn")
        attempt = context.Process(target=build_in_time, args=(kind, streets, build_seconds))
        attempt.start()
        attempt.join()
        if attempt.exitcode != 0:
            return f"its graph was not finished after {build_seconds} CPU seconds"
    return None


def build_in_time(kind: type[Peer], streets: Streets, seconds: int) -> None:
    """Build and throw away; the system ends this process when its time is up."""
    import resource  # not on Windows

    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    kind(streets)


# --- the two questions, and whether the answers agree


def reach_engines(ours: Ours, peers: list[Peer], facilities: NDArray[np.int32]) -> list[Engine]:
    """Everybody's way to the table; fails where two tables differ that should not."""
    table = ours.reach(facilities)
    print(f"\n{len(table.target) / len(table):,.0f} nodes within the limit, on average")
    engines = [Engine(ours.name, ours.reach, facilities, "")]
    for peer in peers:
        sample = facilities[: peer.reach_sample]
        pairs = zip(ours.rows(table), peer.rows(peer.reach(sample)), strict=False)
        off, worst = 0, 0.0
        for (node, ms), (their_node, their_ms) in pairs:
            off += len(np.setxor1d(node, their_node))
            _, at, their_at = np.intersect1d(node, their_node, return_indices=True)
            worst = max(worst, np.nan_to_num(np.abs(ms[at] - their_ms[their_at])).max(initial=0))
        agreement = agreement_of(peer, off, worst)
        engines.append(Engine(peer.name, peer.reach, sample, agreement))
    return engines


def nearest_engines(
    ours: Ours, peers: list[Peer], facilities: NDArray[np.int32], limit_ms: int | None
) -> list[Engine]:
    """Everybody's way to the nearest; fails as above."""

    def asking(engine: Ours | Peer) -> Callable[[NDArray[np.int32]], Any]:
        return lambda facilities: engine.nearest(facilities, limit_ms)

    ms = ours.nearest_ms(ours.nearest(facilities, limit_ms), limit_ms)
    engines = [Engine(ours.name, asking(ours), facilities, "")]
    for peer in peers:
        if not peer.finds_nearest or (limit_ms is None and peer.needs_limit):
            continue
        theirs = peer.nearest_ms(peer.nearest(facilities, limit_ms), limit_ms)
        both = np.isfinite(ms) & np.isfinite(theirs)
        off = int((np.isfinite(ms) != np.isfinite(theirs)).sum())
        worst = np.abs(ms[both] - theirs[both]).max(initial=0)
        agreement = agreement_of(peer, off, float(worst))
        engines.append(Engine(peer.name, asking(peer), facilities, agreement))
    return engines


def agreement_of(peer: Peer, off: int, worst_ms: float) -> str:
    """How well a peer agrees with us, in words; raises where it must agree and does not."""
    if off == 0 and worst_ms == 0:
        return "equal" if not peer.only_nodes else "the same nodes, without times"
    if peer.differs is None:
        raise AssertionError(f"{peer.name}: {off} nodes and {worst_ms} ms off")
    return f"{peer.differs}: {off:,} nodes and up to {worst_ms:.1f} ms off"


# --- the clock


def asked(question: str, engines: list[Engine], repeats: int) -> dict[str, Any]:
    """The engines' times for one question, printed and as a record."""
    everyone = len(engines[0].facilities)
    seconds = timed(engines, repeats)
    ours_s = median(seconds[engines[0].name])
    rows = []
    for engine in engines:
        scaled_s = median(seconds[engine.name]) * everyone / len(engine.facilities)
        rows.append(
            {
                "engine": engine.name,
                "cpu_s": round(scaled_s, 4),
                "times_ours": round(scaled_s / ours_s, 1),
                "measured_on": len(engine.facilities),
                "repeats": len(seconds[engine.name]),
                "answers": engine.agreement,
            }
        )
    print_table(question, rows, everyone)
    return {"question": question, "engines": rows}


def timed(engines: list[Engine], repeats: int) -> dict[str, list[float]]:
    """CPU seconds of each engine's runs; the engines take turns."""
    seconds: dict[str, list[float]] = {engine.name: [] for engine in engines}
    for _ in range(repeats):
        for engine in engines:
            past = seconds[engine.name]
            if len(past) >= 2 and max(past) > SLOW_S:
                continue
            began = time.process_time()
            engine.run(engine.facilities)
            past.append(time.process_time() - began)
    return seconds


def print_table(question: str, rows: list[dict[str, Any]], everyone: int) -> None:
    """A markdown table; a time from a sample is scaled to all facilities, and said so."""
    print(f"\n### {question[0].upper()}{question[1:]}\n")
    print("| engine | CPU seconds | times ours | measured on | answers |")
    print("|---|---:|---:|---|---|")
    for row in rows:
        sample = f"{row['measured_on']:,} facilities"
        if row["measured_on"] < everyone:
            sample += ", scaled up"
        figures = f"{row['cpu_s']:.3f} | {row['times_ours']:.1f}"
        print(f"| {row['engine']} | {figures} | {sample} | {row['answers']} |")
    print()


if __name__ == "__main__":
    main()
