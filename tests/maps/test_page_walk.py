"""The page walks as the run does: to the millisecond, in Chromium, on random streets."""

import json

import numpy as np
import pytest

from carecircle.coverage.result import OnStreets
from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.minutes import NEVER, nearest
from carecircle.isochrones.snapping import Snaps
from carecircle.isochrones.walkers import Walker
from carecircle.layers.network import EDGE_KINDS, WalkNetwork
from carecircle.maps.packed import packed, packed_runs, packed_steps
from carecircle.maps.page import source
from carecircle.maps.public_walks import public_streets, public_walker

ENGINE = source("page-walk.js")
LIMIT_MS = 900_000
ORIGIN = (11_400_000, 3_000_000)


@pytest.fixture(scope="module")
def ask(browser):
    """Evaluate an expression in which the engine's functions and ``data`` are known."""
    tab = browser.new_page()

    def answer(expression: str, data):
        body = f"{ENGINE} const data = JSON.parse(text); return {expression};"
        return tab.evaluate(f"(text) => {{{body}}}", json.dumps(data))

    yield answer
    tab.close()


def random_streets(rng: np.random.Generator, heights: bool) -> WalkNetwork:
    nodes = int(rng.integers(2, 30))
    xy = np.array([500_000.0, 3_300_000.0]) + rng.uniform(0, 1500, (nodes, 2))
    edges = rng.integers(0, nodes, (int(rng.integers(nodes, 3 * nodes)), 2)).astype(np.int32)
    return WalkNetwork(
        crs="EPSG:4547",
        node_xy=xy,
        edge_nodes=edges,
        edge_mm=rng.integers(0, 900_000, len(edges)) * rng.integers(0, 2, len(edges)),
        edge_kind=rng.choice(len(EDGE_KINDS), len(edges)).astype(np.uint8),
        edge_attachable=rng.random(len(edges)) < 0.9,
        node_component=np.zeros(nodes, np.int32),
        facts={},
        node_z=rng.uniform(0, 60, nodes) if heights else None,
    )


def random_walker(rng: np.random.Generator) -> Walker:
    return Walker(
        "w",
        "甲",
        "w",
        int(rng.integers(300, 2501)),
        None if rng.random() < 0.3 else float(rng.uniform(1, 10)),
        max_slope_percent=None if rng.random() < 0.5 else 8.0,
        waits_s=tuple(rng.integers(0, 60, 4).tolist()),
    )


def random_points(rng: np.random.Generator, network: WalkNetwork, count: int) -> Snaps:
    """Points of one to three legs, some of which attach to nothing."""
    point = np.repeat(np.arange(count), rng.integers(1, 4, count)).astype(np.int32)
    edge = rng.integers(-1, len(network.edge_mm), len(point)).astype(np.int32)
    share = rng.choice([0.0, 1.0, *rng.random(3)], len(point))
    offset = np.floor(share * network.edge_mm[edge]).astype(np.int64)
    zeros = np.zeros(len(point), np.int32)
    return Snaps(
        edge, np.where(edge < 0, 0, offset), rng.integers(0, 200_000, len(point)), zeros, point
    )


@pytest.mark.parametrize("way", ["to", "from"])
@pytest.mark.parametrize("heights", [False, True])
def test_walks_are_those_of_the_run(ask, way, heights):
    rng = np.random.default_rng(20261201)
    met = 0
    for _ in range(30):
        network, walker = random_streets(rng, heights), random_walker(rng)
        homes, stations = random_points(rng, network, 12), random_points(rng, network, 4)
        graph = walk_graph(network, walker, homes, stations)
        doors, places = graph.points
        expected = nearest(graph, places, LIMIT_MS, way).at(doors)
        order = np.argsort(network.edge_nodes[:, 0], kind="stable")
        number = np.argsort(order)
        data = {
            "streets": public_streets(network, ORIGIN, order),
            "walker": public_walker(network, OnStreets(walker, homes, stations), order, number),
        }
        found = ask(
            f"""(() => {{
              const streets = readStreets(data.streets);
              const times = edgeTimes(streets, data.walker);
              const homes = readLegs(data.walker.homes);
              const places = readLegs(data.walker.facilities);
              const count = places.start.length - 1;
              const stations = Array.from({{ length: count }}, (_, at) => legsOf(places, at));
              const asked = [streets, times, stations, "{way}", {LIMIT_MS}];
              const {{ label }} = walkDoors(...asked, homes, walkAll(...asked));
              return Array.from(label, (one) => [one === NEVER ? -1 : msOf(one), stationOf(one)]);
            }})()""",
            data,
        )
        ms = [-1 if one == NEVER else one for one in expected.ms.tolist()]
        assert found == [list(pair) for pair in zip(ms, expected.source.tolist(), strict=True)]
        met += sum(one >= 0 for one in ms)
    assert met > 150  # the worlds are no deserts


def test_the_browser_reads_the_numbers_back(ask):
    numbers = [0, -1, 1, 63, -64, 64, 2**31, -(2**31) - 5, 2**52 - 1, 1 - 2**52, 900_000]
    read = "[unpack(data[0]), unpackSteps(data[1]), unpackRuns(data[2])]"
    texts = [
        packed(np.array(numbers)),
        packed_steps(np.array(numbers[:8])),
        packed_runs(np.array([3, 3, 0, 0, 0, 9])),
    ]
    assert ask(read, texts) == [numbers, numbers[:8], [3, 3, 0, 0, 0, 9]]
