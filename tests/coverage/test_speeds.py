from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from carecircle.coverage.speeds import (
    Walks,
    flips,
    speed_band,
    split_walks,
    statuses,
    walks_at,
)
from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.minutes import NEVER, Nearest, ReachTable, nearest_k, reach_table
from carecircle.isochrones.walkers import WALKERS, Walker
from carecircle.layers.network import EDGE_KINDS, WAIT_KINDS

METRE = 1000
LIMIT_MS = 900_000


def walks_of(metres: list[float | None], wait_s: int = 0) -> Walks:
    """One facility for each home."""
    mm = [NEVER if m is None else round(m * METRE) for m in metres]
    waits = [0 if m is None else 1000 * wait_s for m in metres]
    return Walks(np.array(mm)[:, None], np.array(waits)[:, None])


def walker_at(speed: int, **other: object) -> Walker:
    return replace(WALKERS["norm"], speed_mm_per_s=speed, **other)


def test_metres_take_longer_and_waits_do_not() -> None:
    walks = walks_of([600, 0, None], wait_s=30)
    assert walks.nearest_ms(1000).tolist() == [630_000, 30_000, NEVER]
    assert walks.nearest_ms(600).tolist() == [1_030_000, 30_000, NEVER]
    assert walks_of([0.001]).nearest_ms(600).tolist() == [2]  # 1.67 ms


def test_at_another_speed_another_facility_may_be_the_nearest() -> None:
    walks = Walks(np.array([[300_000, 400_000]]), np.array([[120_000, 0]]))
    assert walks.nearest_ms(1000).tolist() == [400_000]
    assert walks.nearest_ms(600).tolist() == [620_000]  # 500 s and the wait, not 667 s


@pytest.mark.parametrize("speed", [299, 2501])
def test_nobody_walks_like_that(speed: int) -> None:
    with pytest.raises(ValueError, match="nobody walks"):
        walks_of([1]).nearest_ms(speed)


def test_walks_are_a_table_of_what_can_be_walked() -> None:
    for mm, wait in (([1], [1]), ([[1]], [[1, 1]]), ([[-1]], [[0]]), ([[1]], [[-1]])):
        with pytest.raises(ValueError, match=r"row per home|less than nothing"):
            Walks(np.array(mm), np.array(wait))


def test_the_band_by_hand() -> None:
    """540, 720 and 900 m are 15 minutes at 0.6, 0.8 and 1.0 m/s, to the millisecond."""
    walks = walks_of([540, 540.001, 720, 720.001, 900, 900.001, None, 1])
    people = np.array([1, 2, 4, 8, 16, 32, 64, 128])
    attached = np.array([True] * 7 + [False])
    band = speed_band(walks, people, attached, LIMIT_MS, "10")
    assert band.index.tolist() == [600, 800, 1000]
    # 540.001 m at 0.6 m/s are 900,001.67 ms
    assert band["people_covered"].tolist() == [1, 1 + 2 + 4, 1 + 2 + 4 + 8 + 16]
    assert band["people_excluded"].tolist() == [128] * 3
    assert (
        band[["people_covered", "people_uncovered", "people_excluded"]].sum(axis=1) == 255
    ).all()
    assert band["percent"].tolist() == [0.3, 2.7, 12.1]
    assert band["verdict"].tolist() == ["not_met", "not_met", "met"]
    assert band["people_to_target"].tolist() == [25, 19, 0]
    assert flips(band)
    assert not flips(speed_band(walks, people, attached, LIMIT_MS, "90"))
    assert not flips(speed_band(walks, people, attached, LIMIT_MS, None))
    assert statuses(walks, LIMIT_MS, [600, 1000]).tolist() == [
        "always", "depends", "depends", "depends", "depends", "never", "never", "always",
    ]  # fmt: skip


def test_one_search_at_a_metre_a_second_gives_every_speed(make: SimpleNamespace) -> None:
    """Against a search of its own for each speed: apart by its rounding of streets only."""
    network = make.grid(9, 7)
    rng = np.random.default_rng(3)
    network = replace(network, edge_mm=rng.integers(1, 200_000, len(network.edge_mm)))
    homes, stations = np.arange(63, dtype=np.int32), np.array([4, 30, 58], np.int32)

    def search(speed: int) -> Nearest:
        graph = walk_graph(network, walker_at(speed))
        return nearest_k(reach_table(graph, stations, homes, 7_200_000), 63, 2)

    walks = walks_at(1000, search(1000))
    for speed in (300, 600, 850, 2500):
        fresh = search(speed).ms[:, 0]
        assert np.abs(walks.nearest_ms(speed) - fresh).max() <= 30  # no walk has 60 streets
    coarse = walks_at(800, search(800))
    assert np.abs(coarse.nearest_ms(600) - search(600).ms[:, 0]).max() <= 60


def wait_network(make: SimpleNamespace) -> SimpleNamespace:
    """From 0 to 3: 300 m and two minutes at a road, or 400 m without; 4 lies beyond."""
    corner, at = make.CORNER, [(0, 0), (0, 10), (10, 10), (10, 0), (20, 0)]
    road = EDGE_KINDS[EDGE_KINDS.index(WAIT_KINDS[0])]
    edges = [(0, 1), (1, 2), (2, 3), (0, 3), (3, 4)]
    network = make.network(corner + np.array(at, float), edges, {(1, 2): road})
    mm = np.array([300 * METRE, 0, 0, 400 * METRE, 100 * METRE])
    return replace(network, edge_mm=mm)


def test_two_speeds_tell_walking_from_waiting(make: SimpleNamespace) -> None:
    network = wait_network(make)
    homes, station = np.array([0, 4, 1], np.int32), np.array([3], np.int32)

    def search(speed: int) -> ReachTable:
        graph = walk_graph(network, walker_at(speed, waits_s=(240, 0, 0, 0)))
        return reach_table(graph, station, homes, 7_200_000)

    # half of the wait on an edge: 300 m and 120 s, or 400 m; alike at 0.83 m/s
    assert search(1000).ms.tolist() == [400_000, 100_000, 120_000]
    assert search(500).ms.tolist() == [720_000, 200_000, 120_000]
    walks = split_walks(search(500), 500, search(1000), 1000, 3, 1)
    for speed in (500, 1000):
        assert walks.nearest_ms(speed).tolist() == search(speed).ms.tolist()
    for speed in (600, 750, 900):
        assert (walks.nearest_ms(speed) <= search(speed).ms + 1).all()
    # where only one route is, the two parts are told exactly
    assert walks.walked_mm[1:, 0].tolist() == [100_000, 0]
    assert walks.wait_ms[1:, 0].tolist() == [0, 120_000]


def test_the_slow_search_must_reach_as_far() -> None:
    near = ReachTable(np.array([0, 1]), np.array([0], np.int32), np.array([100_000]))
    far = ReachTable(np.array([0, 2]), np.array([0, 1], np.int32), np.array([50_000, 80_000]))
    none = ReachTable(np.array([0, 0]), np.array([], np.int32), np.array([], np.int64))
    with pytest.raises(ValueError, match="must reach every pair"):
        split_walks(near, 500, far, 1000, 2, 1)
    with pytest.raises(ValueError, match="must reach every pair"):
        split_walks(none, 500, far, 1000, 2, 1)
    with pytest.raises(ValueError, match="slower"):
        split_walks(far, 1000, far, 1000, 2, 1)
    assert (split_walks(far, 500, none, 1000, 2, 1).walked_mm == NEVER).all()


def test_the_k_nearest_of_the_fast_walker_are_kept() -> None:
    """Home 0 has facilities at 300, 100 and 200 m, home 1 only the last."""
    metres = np.array([300, 100, 200, 700]) * METRE
    rows = np.array([0, 1, 2, 4]), np.array([0, 0, 0, 1], np.int32)
    walks = split_walks(
        ReachTable(*rows, metres * 2), 500, ReachTable(*rows, metres), 1000, n_homes=3, k=2
    )
    assert walks.walked_mm.tolist() == [[100_000, 200_000], [700_000, NEVER], [NEVER, NEVER]]
    assert (walks.wait_ms == 0).all()
