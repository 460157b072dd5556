"""How fast are service areas drawn, and how true are they?

Each facility's ground within 15 minutes of an older person's walk, drawn by several recipes
from the same reached streets in one run. The exact union of buffered streets (GEOS) is the
measure: *overlap* is the area of the intersection over that of the union, mean and least of
all facilities. *Homes wrong* are homes inside without being reached, or reached and outside,
by their own walks. Ours is timed from the search to the finished shapes, one thread; the
others are given the reached streets ready cut. CPU milliseconds for one polygon, median.

    python benchmarks/polygons.py
    python benchmarks/polygons.py --network town.osm.pbf --json polygons.json
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import shapely
from networks import grid_of_streets, read_network
from records import write_record

from carecircle.isochrones.certificate import Area, certify
from carecircle.isochrones.graph import WalkGraph, walk_graph
from carecircle.isochrones.marks import Homes
from carecircle.isochrones.minutes import ReachTable, reach_table
from carecircle.isochrones.service_areas import BUFFER_M, ServiceArea, service_areas
from carecircle.isochrones.snapping import Snaps, snap
from carecircle.isochrones.walkers import WALKERS
from carecircle.layers.network import WalkNetwork

WALKER = WALKERS["elderly"]
SNAP_LIMIT_M = 300.0
CIRCLE_QUADRANT = 16  # corners in a quarter of a circle, for the exact union


@dataclass(frozen=True, eq=False)
class World:
    """A network with facilities and homes attached."""

    network: WalkNetwork
    graph: WalkGraph
    facilities: Snaps
    homes: Homes
    table: ReachTable
    limit_ms: int


@dataclass(frozen=True)
class Figures:
    """What one recipe gave."""

    recipe: str
    cpu_ms: float
    times_ours: float
    overlap_mean: float
    overlap_least: float
    corners: float
    homes_wrong: int


def main() -> None:
    arguments = parsed_arguments()
    runs = []
    for path in arguments.network or [None]:
        network = read_network(path) if path else grid_of_streets(arguments.nodes)
        world = make_world(network, arguments)
        name = path.name if path else "made-up streets"
        print(
            f"### {name}: {len(network.node_xy):,} nodes, {len(world.facilities)} facilities, "
            f"{len(world.homes.xy):,} homes, {arguments.minutes} minutes at 0.8 m/s\n"
        )
        figures, certificate = measured(world, arguments.repeats)
        print_table(figures)
        print(certificate_sentence(certificate))
        runs.append(
            {
                "network": name,
                "nodes": len(network.node_xy),
                "facilities": len(world.facilities),
                "homes": len(world.homes.xy),
                "minutes": arguments.minutes,
                "recipes": [asdict(row) for row in figures],
                "certificate": certificate,
            }
        )
    if arguments.json:
        write_record(arguments.json, ("shapely",), {"walker": WALKER.id, "runs": runs})


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", type=Path, action="append", help="OSM extract; may repeat")
    parser.add_argument("--nodes", type=int, default=100_000, help="size of the made-up network")
    parser.add_argument("--facilities", type=int, default=100)
    parser.add_argument("--homes", type=int, default=20_000)
    parser.add_argument("--minutes", type=int, default=15)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser.parse_args()


def make_world(network: WalkNetwork, arguments: argparse.Namespace) -> World:
    """Facilities up to 20 m, homes some 25 m from nodes of the largest part of the network."""
    rng = np.random.default_rng(7)
    connected = np.flatnonzero(network.node_component == 0)
    at = network.node_xy[rng.choice(connected, arguments.facilities)]
    stations = snap(network, at + rng.uniform(-20, 20, at.shape), SNAP_LIMIT_M, WALKER)
    near = network.node_xy[rng.choice(connected, arguments.homes)]
    xy = near + rng.normal(0, 25, near.shape)
    graph = walk_graph(network, WALKER, stations, snap(network, xy, SNAP_LIMIT_M, WALKER))
    limit_ms = arguments.minutes * 60_000
    doors, home_doors = graph.points
    table = reach_table(graph, doors, home_doors, limit_ms)
    return World(network, graph, stations, Homes(xy, home_doors), table, limit_ms)


# --- recipes


def measured(world: World, repeats: int) -> tuple[list[Figures], dict[str, float]]:
    """All recipes on all facilities, and the certificate of our areas."""
    doors, limit_ms = world.graph.points[0], world.limit_ms
    three = [limit_ms // 3, 2 * limit_ms // 3, limit_ms]

    def ours(limits: list[int], homes: Homes | None) -> list[ServiceArea]:
        return service_areas(world.graph, doors, limits, homes, threads=1)

    areas = ours([limit_ms], None)
    lines = [shapely.linestrings(area.streets[0].ends) for area in areas]
    exact = np.array([exact_union(of_one) for of_one in lines], dtype=object)
    recipes: dict[str, tuple[Callable[[], Any], int]] = {
        "carecircle": (lambda: last_disks(ours([limit_ms], None)), 1),
        "carecircle, homes put right": (lambda: last_disks(ours([limit_ms], world.homes)), 1),
        "carecircle, 3 limits, disks and rings": (lambda: last_disks(ours(three, None)), 3),
        "exact union of buffers": (lambda: drawn(exact_union, lines), 1),
        "concave hull, ratio 0.3": (lambda: drawn(concave_hull, lines), 1),
        "convex hull": (lambda: drawn(convex_hull, lines), 1),
    }
    cpu_ms: dict[str, list[float]] = {name: [] for name in recipes}
    shapes: dict[str, Any] = {}
    for _ in range(repeats):
        for name, (run, polygons) in recipes.items():
            start = time.process_time()
            shapes[name] = run()
            spent = time.process_time() - start
            cpu_ms[name].append(1000 * spent / len(doors) / polygons)
    base = median(cpu_ms["carecircle"])
    figures = [
        of_recipe(world, name, median(cpu_ms[name]), base, shapes[name], exact) for name in recipes
    ]
    return figures, certified(world, ours([limit_ms], world.homes))


def last_disks(areas: list[ServiceArea]) -> Any:
    return np.array([area.disks[-1] for area in areas], dtype=object)


def drawn(recipe: Callable[[Any], Any], lines: list[Any]) -> Any:
    return np.array([recipe(of_one) for of_one in lines], dtype=object)


def exact_union(lines: Any) -> Any:
    return shapely.union_all(shapely.buffer(lines, BUFFER_M, quad_segs=CIRCLE_QUADRANT))


def concave_hull(lines: Any) -> Any:
    return shapely.concave_hull(shapely.multilinestrings(lines), ratio=0.3)


def convex_hull(lines: Any) -> Any:
    return shapely.convex_hull(shapely.multilinestrings(lines))


# --- how true


def of_recipe(
    world: World, name: str, cpu_ms: float, base_ms: float, shapes: Any, exact: Any
) -> Figures:
    overlap = shapely.area(shapely.intersection(shapes, exact)) / shapely.area(
        shapely.union(shapes, exact)
    )
    return Figures(
        recipe=name,
        cpu_ms=round(cpu_ms, 2),
        times_ours=round(cpu_ms / base_ms, 1),
        overlap_mean=round(float(overlap.mean()), 4),
        overlap_least=round(float(overlap.min()), 4),
        corners=round(float(shapely.get_num_coordinates(shapes).mean()), 0),
        homes_wrong=homes_wrong(world, shapes),
    )


def homes_wrong(world: World, shapes: Any) -> int:
    """Homes on the wrong side of the outlines, over all facilities."""
    wrong = 0
    for facility, shape in enumerate(shapes):
        shapely.prepare(shape)
        inside = np.flatnonzero(shapely.contains_xy(shape, world.homes.xy))
        wrong += len(np.setxor1d(inside, world.table.row(facility)[0]))
    return wrong


def certified(world: World, areas: list[ServiceArea]) -> dict[str, float]:
    """Our certificates, and what they cost for one polygon."""
    claims = [
        Area(area.disks[-1], at, world.limit_ms, area.streets[-1], world.table.row(at)[0])
        for at, area in enumerate(areas)
    ]
    start = time.process_time()
    found = certify(claims, world.network, WALKER, world.facilities, world.homes)
    spent = time.process_time() - start
    return {
        "cpu_ms": round(1000 * spent / len(areas), 2),
        "samples_mean": round(float(np.mean([one.samples for one in found])), 0),
        "overshoot_s_median": float(np.median([one.overshoot_s for one in found])),
        "late_percent_median": float(np.median([one.late_percent for one in found])),
        "off_street_percent_most": max(one.off_street_percent for one in found),
        "homes_not_reached": sum(one.homes_not_reached for one in found),
        "homes_left_out": sum(one.homes_left_out for one in found),
    }


def print_table(figures: list[Figures]) -> None:
    print("| recipe | CPU ms | times ours | overlap, mean | least | corners | homes wrong |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for row in figures:
        print(
            f"| {row.recipe} | {row.cpu_ms:.2f} | {row.times_ours:.1f} | "
            f"{100 * row.overlap_mean:.1f} % | {100 * row.overlap_least:.1f} % | "
            f"{row.corners:.0f} | {row.homes_wrong:,} |"
        )


def certificate_sentence(certificate: dict[str, float]) -> str:
    return (
        f"\nCertificate, {certificate['cpu_ms']:.1f} ms a polygon: the latest sample of half the "
        f"areas is {certificate['overshoot_s_median']:.0f} s late or less, "
        f"{certificate['late_percent_median']:.1f} % of the ground is late at all, at most "
        f"{certificate['off_street_percent_most']:.1f} % lies off the reached streets.\n"
    )


if __name__ == "__main__":
    main()
