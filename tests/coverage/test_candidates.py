from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from carecircle.coverage.candidates import Places, street_candidates
from carecircle.isochrones.snapping import Snaps, snap
from carecircle.layers.network import WalkNetwork

LOTS = 10_000


def quarter(make: SimpleNamespace, x: float, y: float, side: float) -> np.ndarray:
    return np.array([make.square(x, y, side)], object)


def homes_at(make: SimpleNamespace, network: WalkNetwork, *places: tuple[float, float]) -> Snaps:
    """Under-served homes that stand ``places`` metres from the corner of the town."""
    return snap(network, make.CORNER + np.array(places, float).reshape(-1, 2), 300.0)


def candidates(
    make: SimpleNamespace,
    network: WalkNetwork,
    quarters: np.ndarray,
    spacing_m: float,
    most: int = LOTS,
    home: tuple[float, float] = (0, 0),
) -> tuple[Places, float]:
    return street_candidates(network, quarters, homes_at(make, network, home), spacing_m, most)


def whole_metres(make: SimpleNamespace, places: Places) -> list[tuple[int, int]]:
    return [(round(x), round(y)) for x, y in places.xy - make.CORNER]


def test_within_fifty_metres_of_the_quarter_and_no_further(make: SimpleNamespace) -> None:
    streets = make.grid(9, step_m=25.0)  # nodes at 0, 25, ... 200 m
    found, _ = candidates(make, streets, quarter(make, 0, 0, 50), 25.0)
    assert [x for x, _ in whole_metres(make, found)] == [0, 25, 50, 75]  # edge at 25 m, and 50


def test_a_long_street_has_places_along_it(make: SimpleNamespace) -> None:
    street = make.network(make.CORNER + np.array([[0, 0], [250, 0]], float), [(0, 1)])
    found, _ = candidates(make, street, quarter(make, 125, 0, 1000), 100.0, home=(90, 0))
    # Three pieces of 83 m and the home's door at 90 m. The first hundred metres hold 0, 83 and
    # 90: two edges meet inside a street and one at its dead end, and 83 is the more westerly.
    assert whole_metres(make, found) == [(83, 0), (167, 0), (250, 0)]
    assert found.offset_mm.tolist() == [83_333, 166_666, 250_000]


def test_a_home_far_from_its_street_still_has_a_candidate(make: SimpleNamespace) -> None:
    street = make.network(make.CORNER + np.array([[0, 0], [400, 0]], float), [(0, 1)])
    set_back = quarter(make, 130, 200, 60)  # 170 m of garden in front of it
    found, _ = candidates(make, street, set_back, 100.0, home=(130, 200))
    assert whole_metres(make, found) == [(130, 0)]
    assert found.offset_mm.tolist() == [130_000]


def test_where_no_door_opens_there_is_no_candidate(make: SimpleNamespace) -> None:
    xy = make.CORNER + np.array([[0, 0], [10, 0], [20, 0], [30, 0], [40, 0]], float)
    network = make.network(
        xy,
        [(0, 1), (1, 2), (2, 3), (3, 4)],
        kinds={(0, 1): "steps", (2, 3): "footway", (3, 4): "lift"},
        shut=[(1, 2)],
    )
    found, _ = candidates(make, network, quarter(make, 0, 0, 60), 10.0, home=(5, 0))
    assert set(found.edge.tolist()) == {2}  # the footway, not the steps where the home is


def test_islands_without_under_served_homes_are_left_out(make: SimpleNamespace) -> None:
    xy = make.CORNER + np.array([[0, 0], [10, 0], [20, 0], [0, 20], [10, 20]], float)
    network = make.network(xy, [(0, 1), (1, 2), (3, 4)])
    around = quarter(make, 0, 0, 60)
    main, _ = candidates(make, network, around, 1.0, home=(0, 0))
    island, _ = candidates(make, network, around, 1.0, home=(0, 20))
    assert {y for _, y in whole_metres(make, main)} == {0}
    assert {y for _, y in whole_metres(make, island)} == {20}


def test_a_cell_keeps_the_corner_where_most_streets_meet(make: SimpleNamespace) -> None:
    xy = make.CORNER + np.array([[10, 10], [20, 10], [30, 10], [20, 40], [60, 10]], float)
    network = make.network(xy, [(0, 1), (1, 2), (1, 3), (2, 4)])
    found, spacing_m = candidates(make, network, quarter(make, 20, 20, 200), 50.0, home=(10, 10))
    assert (whole_metres(make, found), spacing_m) == ([(20, 10), (60, 10)], 50.0)


def test_of_equal_corners_the_most_westerly_then_southerly(make: SimpleNamespace) -> None:
    square = make.CORNER + np.array([[30, 30], [10, 30], [30, 10], [10, 10]], float)
    network = make.network(square, [(0, 1), (1, 3), (3, 2), (2, 0)])
    found, _ = candidates(make, network, quarter(make, 20, 20, 100), 50.0, home=(30, 30))
    assert whole_metres(make, found) == [(10, 10)]


def test_too_many_places_widen_the_grid_and_say_so(make: SimpleNamespace) -> None:
    streets = make.grid(12, 12, step_m=50.0)
    everywhere = quarter(make, 275, 275, 800)
    fine, fine_m = candidates(make, streets, everywhere, 50.0, 144)
    few, wider_m = candidates(make, streets, everywhere, 50.0, 40)
    assert (len(fine), fine_m) == (144, 50.0)
    assert len(few) <= 40
    assert wider_m == 50.0 * 1.5 * 1.5
    assert len(candidates(make, streets, everywhere, 50.0, 1)[0]) == 1


def test_nobody_under_served_no_candidates(make: SimpleNamespace) -> None:
    streets = make.grid(3)
    nobody = homes_at(make, streets)
    found, _ = street_candidates(streets, np.empty(0, object), nobody, 50.0, LOTS)
    assert len(found) == 0


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
        whole_metres(make, candidates(make, network, ground, 90.0)[0])
        for network in (streets, renumbered)
    ]
    assert found[0] == found[1]
    assert found[0]
