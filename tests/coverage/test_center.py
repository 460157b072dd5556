"""The p-center against all plans and spopt."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from carecircle.coverage import set_covering
from carecircle.coverage.center import CenterPlan, shortest_longest_walk
from carecircle.coverage.interchange import greedy
from carecircle.coverage.savings import covering_savings
from carecircle.isochrones.minutes import ReachTable
from tests.coverage.stations import FAR, Settled, Town, plans, settled, square, town

STREET = Town(np.array([[0, 4, 9], [3, 1, 6], [6, 1, 3], [9, 4, 0]]), np.array([10, 1, 1, 10]))


def solve(world: Town, given: Settled, time_limit_s: float = 10) -> CenterPlan:
    return shortest_longest_walk(
        world.table, world.people, given.p, time_limit_s, **given.keywords()
    )


def test_a_street_by_hand() -> None:
    one = shortest_longest_walk(STREET.table, STREET.people, 1, 10)
    assert (one.chosen, one.worst_ms, one.bound_ms) == ((1,), 4, 4)
    two = shortest_longest_walk(STREET.table, STREET.people, 2, 10)
    assert (two.chosen, two.worst_ms, two.status) == ((0, 2), 3, "optimal")
    # The middle stands: only a third station brings both ends nearer.
    assert shortest_longest_walk(STREET.table, STREET.people, 1, 10, [1]).worst_ms == 4
    assert shortest_longest_walk(STREET.table, STREET.people, 2, 10, [1]).worst_ms == 1
    assert shortest_longest_walk(STREET.table, STREET.people, 2, 10, must=[1]).worst_ms == 4
    assert shortest_longest_walk(STREET.table, STREET.people, 1, 10, forbidden=[1]).worst_ms == 9


def test_homes_that_no_station_reaches_are_named_and_left_out() -> None:
    world = Town(np.array([[2, FAR], [FAR, FAR], [FAR, FAR]]), np.array([5, 7, 0]))
    plan = shortest_longest_walk(world.table, world.people, 1, 10)
    assert (plan.chosen, plan.worst_ms, plan.unreachable) == ((0,), 2, (1,))


def test_too_few_stations_are_told_how_many_it_takes() -> None:
    world = Town(np.array([[2, FAR, FAR], [FAR, 3, FAR], [FAR, FAR, 4]]), np.array([5, 7, 1]))
    plan = shortest_longest_walk(world.table, world.people, 2, 10)
    assert (plan.status, plan.chosen, plan.worst_ms) == ("infeasible", (), None)
    assert (plan.fewest, plan.gap_percent) == (3, None)
    with_must = shortest_longest_walk(world.table, world.people, 2, 10, must=[0])
    assert (with_must.status, with_must.fewest) == ("infeasible", 3)
    with_standing = shortest_longest_walk(world.table, world.people, 1, 10, standing=[0])
    assert (with_standing.status, with_standing.fewest) == ("infeasible", 2)


def test_nobody_and_nowhere() -> None:
    empty = ReachTable(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int64))
    plan = shortest_longest_walk(empty, np.array([3, 0]), 2, 10)
    assert (plan.chosen, plan.worst_ms, plan.unreachable) == ((), 0, (0,))
    assert shortest_longest_walk(empty, np.zeros(0, np.int64), 0, 10).status == "optimal"


def test_220_towns_compared_plan_by_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    impossible = by_solver = 0
    for seed in range(220):
        if seed == 150:  # from here on the solver has to find and prove most of it
            monkeypatch.setattr(set_covering, "quick_cover", greedy_alone)
        world, given = town(seed), settled(seed, 8)
        plan = solve(world, given)
        by_solver += plan.seconds > 0
        allowed = [at for at in range(8) if at not in given.forbidden]
        asks = (world.people > 0) & (world.nearest(allowed) < FAR)
        assert plan.unreachable == tuple(np.flatnonzero((world.people > 0) & ~asks)), seed
        best = min(world.worst([*given.standing, *chosen], asks) for chosen in plans(8, given))
        if best == FAR:
            impossible += 1
            more = (p for p in range(9) if reaches(world, given, p, asks))
            assert (plan.status, plan.worst_ms) == ("infeasible", None), seed
            assert plan.fewest is not None
            assert given.p < plan.fewest <= next(more), seed
            continue
        assert plan.status == "optimal", seed
        assert plan.worst_ms == plan.bound_ms == best, seed
        assert world.worst([*given.standing, *plan.chosen], asks) == best, seed
        assert len(plan.chosen) <= given.p
        assert set(given.must) <= set(plan.chosen)
        assert not {*given.forbidden, *given.standing} & set(plan.chosen)
    assert 20 < impossible < 200
    assert by_solver > 0


def reaches(world: Town, given: Settled, p: int, asks: np.ndarray) -> bool:
    """Whether some plan of so many stations brings everybody who asks within the limit."""
    return any(world.worst([*given.standing, *chosen], asks) < FAR for chosen in plans(8, given, p))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 4))
def test_further_stations_never_make_the_longest_walk_longer(seed: int, p: int) -> None:
    world = Town(town(seed).ms.clip(max=50), town(seed).people)
    few = solve(world, Settled((), (), (), p)).worst_ms
    more = solve(world, Settled((), (), (), p + 1)).worst_ms
    fewer_candidates = solve(world, Settled((), (), (6, 7), p)).worst_ms
    assert few is not None and more is not None and fewer_candidates is not None
    assert more <= few <= fewer_candidates


@pytest.mark.parametrize("seed", range(3))
def test_the_same_best_as_spopt(seed: int) -> None:
    world = square(60, 20, 10**7, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pulp
        from spopt.locate import PCenter

        for p in (2, 4):
            model = PCenter.from_cost_matrix(world.ms.astype(float), p_facilities=p)
            model = model.solve(pulp.PULP_CBC_CMD(msg=False, threads=1))
            best = round(pulp.value(model.problem.objective))
            plan = solve(world, Settled((), (), (), p))
            assert (plan.worst_ms, plan.status) == (best, "optimal")


def test_equal_towns_are_answered_equally() -> None:
    world = square(300, 60, 400_000, 5)
    first, again = (solve(world, Settled((), (), (), 8)) for _ in range(2))
    assert first.status == "optimal"
    assert (first.chosen, first.worst_ms) == (again.chosen, again.worst_ms)


def greedy_alone(covers: csr_array, asked: int | None) -> tuple[np.ndarray, int]:
    """A cover without swaps, and the poorest bound."""
    table = covering_savings(covers, np.ones(covers.shape[0], np.int64))
    return greedy(table, table.n_sites), 0


def test_out_of_time_the_bound_still_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    unproven = 0
    for seed in range(20):
        world, given = square(40, 14, 700_000, seed), Settled((), (), (), 4)
        best = solve(world, given)
        with monkeypatch.context() as patched:
            patched.setattr(set_covering, "quick_cover", greedy_alone)
            hasty = solve(world, given, 0.0)
        assert best.worst_ms is not None
        assert best.status == "optimal"
        assert hasty.bound_ms <= best.worst_ms
        assert hasty.worst_ms is None or hasty.worst_ms >= best.worst_ms
        proven = hasty.worst_ms == hasty.bound_ms
        assert (hasty.status == "optimal") == proven
        unproven += not proven
    assert unproven > 0
