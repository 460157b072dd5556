"""The p-median against all plans, spopt and the linear relaxation."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from carecircle.coverage import relaxation, search
from carecircle.coverage.median import MedianPlan, least_walking
from carecircle.isochrones.minutes import NEVER, ReachTable
from tests.coverage.stations import FAR, Settled, Town, plans, settled, square, town

# A street of four homes, stations at both ends and in the middle; minutes for milliseconds.
STREET = Town(np.array([[0, 4, 9], [3, 1, 6], [6, 1, 3], [9, 4, 0]]), np.array([10, 1, 1, 10]))


def solve(world: Town, given: Settled, beyond_ms: int = 40, time_limit_s: float = 10) -> MedianPlan:
    return least_walking(
        world.table, world.people, given.p, beyond_ms, time_limit_s, **given.keywords()
    )


def test_a_street_by_hand() -> None:
    # One: 40 + 1 + 1 + 40 in the middle, 99 at an end. Two: both ends, 3 + 3.
    one = least_walking(STREET.table, STREET.people, 1, 9, 10)
    assert (one.chosen, one.person_ms, one.bound_person_ms) == ((1,), 82, 82)
    two = least_walking(STREET.table, STREET.people, 2, 9, 10)
    assert (two.chosen, two.person_ms, two.status) == ((0, 2), 6, "optimal")
    assert (two.ms.tolist(), two.gap_percent) == ([0, 3, 3, 0], 0.0)


def test_what_stands_has_to_or_must_not_be_built_by_hand() -> None:
    # With the middle standing one end helps its ten people by 4 minutes each.
    ask = {"table": STREET.table, "people": STREET.people, "beyond_ms": 9, "time_limit_s": 10}
    assert least_walking(p=0, standing=[1], **ask).person_ms == 82
    helped = least_walking(p=1, standing=[1], **ask)
    assert (helped.chosen, helped.person_ms) == ((0,), 42)
    forced = least_walking(p=2, must=[1], **ask)
    assert (forced.chosen, forced.person_ms) == ((0, 1), 42)
    assert least_walking(p=1, forbidden=[1], **ask).person_ms == 99


def test_homes_beyond_the_table_are_counted_as_stated_and_named() -> None:
    world = Town(np.array([[2, FAR], [FAR, 3], [FAR, FAR], [FAR, FAR]]), np.array([5, 7, 11, 0]))
    plan = least_walking(world.table, world.people, 1, 20, 10)
    assert plan.chosen == (1,)
    assert plan.person_ms == 5 * 20 + 7 * 3 + 11 * 20
    assert (plan.people_beyond, plan.beyond_ms, plan.unreachable) == (16, 20, (2,))
    assert plan.ms.tolist() == [NEVER, 3, NEVER, NEVER]


def test_a_stated_walk_shorter_than_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="longer"):
        least_walking(STREET.table, STREET.people, 1, 8, 10)
    with pytest.raises(ValueError, match="62 bits"):
        least_walking(STREET.table, STREET.people, 1, 2**60, 10)


def test_what_is_settled_twice_or_unknown_is_refused() -> None:
    for wrong, word in (
        ({"standing": [3]}, "no station 3"),
        ({"standing": [1], "must": [1]}, "twice"),
        ({"must": [0, 1, 2]}, "more than 2"),
    ):
        with pytest.raises(ValueError, match=word):
            least_walking(STREET.table, STREET.people, 2, 9, 10, **wrong)


def test_nobody_and_nowhere() -> None:
    empty = ReachTable(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int64))
    plan = least_walking(empty, np.array([3, 0]), 2, 10, 10)
    assert (plan.chosen, plan.person_ms, plan.status) == ((), 30, "optimal")
    assert plan.unreachable == (0,)
    assert least_walking(empty, np.zeros(0, np.int64), 2, 10, 10).person_ms == 0


@pytest.mark.parametrize("rounds", [1, 600])
def test_250_towns_compared_plan_by_plan(monkeypatch: pytest.MonkeyPatch, rounds: int) -> None:
    # With one round and no swaps, leaving out, building and the solver must be right alone.
    if rounds == 1:
        monkeypatch.setattr(relaxation, "ROUNDS", rounds)
        for module in (search, relaxation):
            monkeypatch.setattr(module, "interchanged", lambda table, sites: np.sort(sites))
    by_solver = 0
    for seed in range(250):
        world, given = town(seed), settled(seed, 8)
        plan = solve(world, given)
        best = min(world.walked([*given.standing, *chosen], 40) for chosen in plans(8, given))
        assert plan.person_ms == plan.bound_person_ms == best, seed
        assert world.walked([*given.standing, *plan.chosen], 40) == best, seed
        assert plan.status == "optimal"
        assert len(plan.chosen) <= given.p
        assert set(given.must) <= set(plan.chosen)
        assert not {*given.forbidden, *given.standing} & set(plan.chosen)
        by_solver += plan.seconds > 0
    assert (by_solver > 0) or rounds > 1


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 4))
def test_further_candidates_never_make_people_walk_more(seed: int, p: int) -> None:
    world = town(seed)
    few = solve(world, Settled((), (), tuple(range(5, 8)), p)).person_ms
    assert solve(world, Settled((), (), (), p)).person_ms <= few
    assert solve(world, Settled((), (), (), p + 1)).person_ms <= few


def linear_bound(world: Town, p: int, beyond_ms: int) -> float:
    """The linear relaxation of the usual formulation, by SciPy: x[i, j] <= y[j]."""
    homes, stations = world.ms.shape
    cost = world.people[:, None] * np.column_stack(
        [np.minimum(world.ms, beyond_ms), np.full(homes, beyond_ms)]
    )
    n = homes * (stations + 1)
    served = np.hstack([np.kron(np.eye(homes), np.ones(stations + 1)), np.zeros((homes, stations))])
    opened = np.zeros((homes * stations + 1, n + stations))
    for row, (i, j) in enumerate(itertools.product(range(homes), range(stations))):
        opened[row, i * (stations + 1) + j], opened[row, n + j] = 1, -1
    opened[-1, n:] = 1
    limits = np.zeros(len(opened))
    limits[-1] = p
    objective = np.concatenate([cost.ravel(), np.zeros(stations)])
    return float(linprog(objective, opened, limits, served, np.ones(homes), (0, 1)).fun)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 3))
def test_no_plan_goes_below_the_linear_relaxation(seed: int, p: int) -> None:
    world = town(seed, homes=8, stations=6)
    assert solve(world, Settled((), (), (), p)).person_ms >= linear_bound(world, p, 40) - 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_the_same_best_as_spopt(seed: int) -> None:
    world = square(90, 25, 10**7, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pulp
        from spopt.locate import PMedian

        for p in (2, 5):
            model = PMedian.from_cost_matrix(world.ms / 1000, world.people, p_facilities=p)
            model = model.solve(pulp.PULP_CBC_CMD(msg=False, threads=1))
            best = round(1000 * pulp.value(model.problem.objective))
            plan = solve(world, Settled((), (), (), p), 10**7)
            assert plan.person_ms == pytest.approx(best, abs=1)
            assert plan.status == "optimal"


def test_equal_towns_are_answered_equally() -> None:
    world = square(400, 80, 250_000, 5)
    first, again = (solve(world, Settled((), (), (), 9), 250_000) for _ in range(2))
    assert first.status == "optimal"
    assert (first.chosen, first.person_ms) == (again.chosen, again.person_ms)
    twins = Town(np.array([[1, 1], [2, 2]]), np.array([1, 1]))
    assert solve(twins, Settled((), (), (), 1)).chosen == (0,)


def test_out_of_time_the_bound_still_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    world, given = square(150, 40, 400_000, 2), Settled((), (), (), 6)
    best = solve(world, given, 400_000)
    assert best.status == "optimal"
    monkeypatch.setattr(relaxation, "ROUNDS", 3)
    for module in (search, relaxation):
        monkeypatch.setattr(module, "interchanged", lambda table, sites: np.sort(sites))
    hasty = solve(world, given, 400_000, 0.0)
    assert hasty.status == "time_limit"
    assert hasty.bound_person_ms <= best.person_ms <= hasty.person_ms
    assert hasty.bound_person_ms < hasty.person_ms
    assert hasty.gap_percent > 0
    assert hasty.person_ms == world.walked(hasty.chosen, 400_000)
