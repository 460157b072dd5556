from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from carecircle.coverage.candidates import street_candidates
from carecircle.layers.network import WalkNetwork

EVERYWHERE = np.zeros(1, np.int32)
LOTS = 10_000


def quarter(make: SimpleNamespace, x: float, y: float, side: float) -> np.ndarray:
    return np.array([make.square(x, y, side)], object)


def places(make: SimpleNamespace, network: WalkNetwork, nodes: Any) -> list[tuple[int, int]]:
    return [(int(x), int(y)) for x, y in network.node_xy[nodes] - make.CORNER]


def test_within_fifty_metres_of_the_quarter_and_no_further(make: SimpleNamespace) -> None:
    streets = make.grid(9, step_m=25.0)  # nodes at 0, 25, ... 200 m
    nodes, _ = street_candidates(streets, quarter(make, 0, 0, 50), EVERYWHERE, 20.0, LOTS)
    assert [x for x, _ in places(make, streets, nodes)] == [0, 25, 50, 75]  # edge at 25 m, and 50


def test_where_no_door_opens_there_is_no_candidate(make: SimpleNamespace) -> None:
    xy = make.CORNER + np.array([[0, 0], [10, 0], [20, 0], [30, 0], [40, 0]], float)
    network = make.network(
        xy,
        [(0, 1), (1, 2), (2, 3), (3, 4)],
        kinds={(0, 1): "steps", (2, 3): "footway", (3, 4): "lift"},
        shut=[(1, 2)],
    )
    nodes, _ = street_candidates(network, quarter(make, 0, 0, 60), EVERYWHERE, 1.0, LOTS)
    assert nodes.tolist() == [2, 3]


def test_islands_without_under_served_homes_are_left_out(make: SimpleNamespace) -> None:
    xy = make.CORNER + np.array([[0, 0], [10, 0], [20, 0], [0, 20], [10, 20]], float)
    network = make.network(xy, [(0, 1), (1, 2), (3, 4)])
    around = quarter(make, 0, 0, 60)
    island = np.array([1], np.int32)
    assert street_candidates(network, around, EVERYWHERE, 1.0, LOTS)[0].tolist() == [0, 1, 2]
    assert street_candidates(network, around, island, 1.0, LOTS)[0].tolist() == [3, 4]


def test_a_cell_keeps_the_corner_where_most_streets_meet(make: SimpleNamespace) -> None:
    xy = make.CORNER + np.array([[10, 10], [20, 10], [30, 10], [20, 40], [60, 10]], float)
    network = make.network(xy, [(0, 1), (1, 2), (1, 3), (2, 4)])
    nodes, spacing_m = street_candidates(
        network, quarter(make, 20, 20, 200), EVERYWHERE, 50.0, LOTS
    )
    assert (nodes.tolist(), spacing_m) == ([1, 4], 50.0)


def test_of_equal_corners_the_most_westerly_then_southerly(make: SimpleNamespace) -> None:
    square = make.CORNER + np.array([[30, 30], [10, 30], [30, 10], [10, 10]], float)
    network = make.network(square, [(0, 1), (1, 3), (3, 2), (2, 0)])
    nodes, _ = street_candidates(network, quarter(make, 20, 20, 100), EVERYWHERE, 50.0, LOTS)
    assert nodes.tolist() == [3]


def test_too_many_places_widen_the_grid_and_say_so(make: SimpleNamespace) -> None:
    streets = make.grid(12, 12, step_m=50.0)
    everywhere = quarter(make, 275, 275, 800)
    fine, fine_m = street_candidates(streets, everywhere, EVERYWHERE, 50.0, 144)
    few, wider_m = street_candidates(streets, everywhere, EVERYWHERE, 50.0, 40)
    assert (len(fine), fine_m) == (144, 50.0)
    assert len(few) <= 40
    assert wider_m == 50.0 * 1.5 * 1.5
    assert len(street_candidates(streets, everywhere, EVERYWHERE, 50.0, 1)[0]) == 1


def test_nobody_under_served_no_candidates(make: SimpleNamespace) -> None:
    none = np.empty(0, object)
    nodes, _ = street_candidates(make.grid(3), none, EVERYWHERE[:0], 50.0, LOTS)
    assert nodes.tolist() == []


@pytest.mark.parametrize("seed", range(10))
def test_numbering_the_streets_otherwise_gives_the_same_places(
    make: SimpleNamespace, seed: int
) -> None:
    random = np.random.default_rng(seed)
    streets = make.grid(8, 8, step_m=40.0)
    keep = random.random(len(streets.edge_nodes)) < 0.7
    streets = replace(
        streets,
        edge_nodes=streets.edge_nodes[keep],
        edge_mm=streets.edge_mm[keep],
        edge_kind=streets.edge_kind[keep],
        edge_attachable=streets.edge_attachable[keep],
    )
    new_number = random.permutation(len(streets.node_xy))
    xy = np.empty_like(streets.node_xy)
    xy[new_number] = streets.node_xy
    renumbered = replace(
        streets, node_xy=xy, edge_nodes=new_number[streets.edge_nodes].astype(np.int32)
    )
    ground = quarter(make, 150, 150, 200)
    found = [
        places(make, network, street_candidates(network, ground, EVERYWHERE, 90.0, LOTS)[0])
        for network in (streets, renumbered)
    ]
    assert found[0] == found[1]
    assert found[0]
