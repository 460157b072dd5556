from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array

from carecircle.coverage import relaxation, search
from carecircle.coverage.interchange import greedy
from carecircle.coverage.reduction import reduced
from carecircle.coverage.result import Ledger, SitePlan
from carecircle.coverage.savings import covering_savings
from carecircle.coverage.siting import fewest_sites, maximal_covering

Instance = tuple[np.ndarray, np.ndarray]


@st.composite
def instances(draw: st.DrawFn, candidates: int = 9) -> Instance:
    """Homes x candidates, and people; with empty rows and columns, twins and nobody at all."""
    seed = draw(st.integers(0, 2**32 - 1))
    n_homes, n_candidates = draw(st.integers(0, 14)), draw(st.integers(0, candidates))
    density = draw(st.sampled_from([0.1, 0.25, 0.4, 0.7]))
    random = np.random.default_rng(seed)
    return random.random((n_homes, n_candidates)) < density, random.integers(0, 50, n_homes)


def gain(covers: np.ndarray, weights: np.ndarray, sites: Any) -> int:
    return int(weights[covers[:, list(sites)].any(axis=1)].sum())


def best_gain(covers: np.ndarray, weights: np.ndarray, p: int) -> int:
    n = covers.shape[1]
    plans = itertools.combinations(range(n), min(p, n))
    return max(gain(covers, weights, plan) for plan in plans)


def greedy_gain(covers: np.ndarray, weights: np.ndarray, p: int) -> int:
    sites: list[int] = []
    for _ in range(min(p, covers.shape[1])):
        sites.append(max(range(covers.shape[1]), key=lambda j: gain(covers, weights, [*sites, j])))
    return gain(covers, weights, sites)


def linear_bound(covers: np.ndarray, weights: np.ndarray, p: int) -> float:
    """The linear relaxation as scipy solves it: x in [0, 1], y[i] <= sum of its x."""
    homes, candidates = covers.shape
    rows = np.hstack([-covers.astype(float), np.eye(homes)])
    opened = np.concatenate([np.ones(candidates), np.zeros(homes)])[None, :]
    solved = linprog(
        -np.concatenate([np.zeros(candidates), weights]),
        A_ub=np.vstack([rows, opened]),
        b_ub=np.concatenate([np.zeros(homes), [p]]),
        bounds=(0, 1),
    )
    return float(-solved.fun)


def plan_of(covers: np.ndarray, weights: np.ndarray, p: int) -> SitePlan:
    return maximal_covering(csr_array(covers), weights, p, 10.0)


def today(weights: np.ndarray) -> Ledger:
    everybody = int(weights.sum())
    return Ledger(everybody, 0, everybody, {})


def without_swaps(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (search, relaxation):
        monkeypatch.setattr(module, "interchanged", lambda table, sites: np.sort(sites))


# Five homes in a row; a site covers its own home and its neighbours.
ROW = np.abs(np.arange(5)[:, None] - np.arange(5)[None, :]) <= 1
PEOPLE = np.array([10, 1, 1, 1, 10])


def test_a_row_of_five_homes_by_hand() -> None:
    one = plan_of(ROW, PEOPLE, 1)
    assert (one.people_gained, one.bound_people, one.status) == (12, 12, "optimal")
    two = plan_of(ROW, PEOPLE, 2)
    assert (two.chosen, two.gains) == ((1, 3), (12, 11))
    assert (two.people_gained, two.gap_percent) == (23, 0.0)


def test_no_station_is_built_for_nobody() -> None:
    plan = plan_of(ROW, PEOPLE, 5)
    assert (plan.chosen, plan.people_gained, plan.status) == ((1, 3), 23, "optimal")


@pytest.mark.parametrize(
    ("covers", "weights"),
    [
        (np.zeros((0, 0), bool), np.zeros(0, np.int64)),
        (np.zeros((3, 0), bool), np.array([1, 2, 3])),
        (np.zeros((0, 3), bool), np.zeros(0, np.int64)),
        (np.ones((2, 2), bool), np.zeros(2, np.int64)),
        (np.zeros((2, 2), bool), np.array([4, 5])),
    ],
)
def test_nothing_to_gain(covers: np.ndarray, weights: np.ndarray) -> None:
    plan = plan_of(covers, weights, 3)
    assert (plan.chosen, plan.gains, plan.people_gained) == ((), (), 0)
    assert (plan.bound_people, plan.status, plan.gap_percent) == (0, "nothing_to_gain", 0.0)


def test_asking_for_no_station_is_answered() -> None:
    plan = plan_of(ROW, PEOPLE, 0)
    assert (plan.chosen, plan.people_gained, plan.bound_people) == ((), 0, 0)


def test_of_equal_candidates_the_first_is_chosen() -> None:
    covers = np.array([[True, True, True], [False, True, True]])
    assert plan_of(covers, np.array([3, 4]), 2).chosen == (1,)


def test_greedy_alone_would_be_wrong() -> None:
    # The middle site covers most at first, but the two outer ones cover everybody.
    covers = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]], bool)
    weights = np.array([3, 4, 4, 3])
    plan = plan_of(covers, weights, 2)
    assert (sorted(plan.chosen), plan.people_gained) == ([0, 2], 14)


@settings(max_examples=300, deadline=None)
@given(instances(), st.integers(1, 4))
def test_the_plan_is_the_best_of_all_plans(instance: Instance, p: int) -> None:
    covers, weights = instance
    plan = plan_of(covers, weights, p)
    best = best_gain(covers, weights, p) if covers.size else 0
    assert plan.people_gained == plan.bound_people == best
    assert len(plan.chosen) <= p
    assert gain(covers, weights, plan.chosen) == plan.people_gained
    assert plan.status == ("optimal" if best else "nothing_to_gain")


# Without swaps and with few rounds the plan is poor and the bound loose, so that leaving
# candidates out and the solver have to be right on their own.
@pytest.mark.parametrize("rounds", [1, 10, 30, 600])
def test_many_towns_compared_plan_by_plan(monkeypatch: pytest.MonkeyPatch, rounds: int) -> None:
    if rounds < relaxation.ROUNDS:
        monkeypatch.setattr(relaxation, "ROUNDS", rounds)
        without_swaps(monkeypatch)
    solved = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        covers = random.random((25, 11)) < random.choice([0.15, 0.25, 0.4])
        weights, p = random.integers(0, 60, 25), int(random.integers(2, 5))
        plan = plan_of(covers, weights, p)
        assert plan.people_gained == plan.bound_people == best_gain(covers, weights, p), seed
        solved += plan.seconds > 0
    assert solved > 0


@settings(max_examples=60, deadline=None)
@given(instances(candidates=7), st.integers(1, 3))
def test_linear_bound_optimum_greedy(instance: Instance, p: int) -> None:
    covers, weights = instance
    if not covers.size:
        return
    best = plan_of(covers, weights, p).people_gained
    assert linear_bound(covers, weights, p) >= best - 1e-6
    assert best >= greedy_gain(covers, weights, p) >= (1 - 1 / np.e) * best - 1e-9


@settings(max_examples=60, deadline=None)
@given(instances(), st.integers(1, 6))
def test_the_relaxation_bounds_every_plan(instance: Instance, p: int) -> None:
    covers, weights = instance
    problem = reduced(csr_array(covers), weights)
    if p >= len(problem.position):
        return
    table = covering_savings(problem.covers, problem.weights)
    start = greedy(table, p)
    priced = relaxation.relax(table, p, start, lambda worth, bound: bound <= worth)
    assert table.worth(priced.sites) >= table.worth(start)
    for count, bound in enumerate(priced.relaxation.bounds()):
        assert bound >= best_gain(covers, weights, count)
    bounds = priced.relaxation.with_each(p), priced.relaxation.without_each(p)
    for own, having, lacking in zip(problem.position, *bounds, strict=True):
        others = [c for c in range(covers.shape[1]) if c != own]
        plans = itertools.combinations(others, min(p - 1, len(others)))
        assert having >= max(gain(covers, weights, [own, *plan]) for plan in plans)
        plans = itertools.combinations(problem.position[problem.position != own], p)
        assert lacking >= max(gain(covers, weights, plan) for plan in plans)


@settings(max_examples=60, deadline=None)
@given(instances())
def test_each_further_station_gains_no_more_than_the_one_before(instance: Instance) -> None:
    covers, weights = instance
    gains = plan_of(covers, weights, 9).gains
    assert all(a >= b > 0 for a, b in itertools.pairwise([*gains, 1]))
    totals = [plan_of(covers, weights, p).people_gained for p in range(5)]
    single = best_gain(covers, weights, 1) if covers.size else 0
    steps = [b - a for a, b in itertools.pairwise(totals)]
    assert all(0 <= step <= single for step in steps)


@settings(max_examples=60, deadline=None)
@given(instances())
def test_merging_and_dropping_changes_no_best_plan(instance: Instance) -> None:
    covers, weights = instance
    problem = reduced(csr_array(covers), weights)
    small = problem.covers.toarray() > 0
    assert (problem.weights > 0).all()
    for p in range(1, 4):
        if covers.size:
            best = best_gain(small, problem.weights, p) if small.size else 0
            assert best == best_gain(covers, weights, p)


def geometric(homes: int, candidates: int, radius: float, seed: int) -> Instance:
    """Homes and candidates anywhere in a unit square."""
    random = np.random.default_rng(seed)
    a, b = random.random((homes, 2)), random.random((candidates, 2))
    near = np.hypot(*(a[:, None, :] - b[None, :, :]).transpose(2, 0, 1)) <= radius
    return near, random.integers(1, 90, homes)


@pytest.mark.parametrize("seed", range(4))
def test_the_same_best_as_spopt_with_another_solver(seed: int) -> None:
    covers, weights = geometric(80, 25, 0.2, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pulp
        from spopt.locate import LSCP, MCLP

        cost = np.where(covers, 1.0, 9.0)
        solver = pulp.PULP_CBC_CMD(msg=False, threads=1)
        for p in (2, 4):
            model = MCLP.from_cost_matrix(cost, weights.astype(float), 1.0, p_facilities=p)
            best = round(pulp.value(model.solve(solver).problem.objective))
            assert plan_of(covers, weights, p).people_gained == best
        coverable = covers.any(axis=1)
        least = LSCP.from_cost_matrix(cost[coverable], 1.0).solve(solver)
        count = round(pulp.value(least.problem.objective))
    found = fewest_sites(
        csr_array(covers), weights, int(weights[coverable].sum()), 10.0, today(weights)
    )
    assert found.proven
    assert found.count == count


def test_a_plan_too_large_to_compare_one_by_one_is_the_same_every_time() -> None:
    covers, weights = geometric(400, 120, 0.15, 7)
    first, again = plan_of(covers, weights, 6), plan_of(covers, weights, 6)
    assert first.status == "optimal"
    assert (first.chosen, first.gains) == (again.chosen, again.gains)


def test_the_solver_finds_what_the_swaps_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    # With hardly any relaxation the solver has to do the work, on nearly all candidates.
    covers, weights = geometric(300, 60, 0.2, 3)
    known = plan_of(covers, weights, 5)
    monkeypatch.setattr(relaxation, "ROUNDS", 2)
    without_swaps(monkeypatch)
    solved = plan_of(covers, weights, 5)
    assert solved.seconds > 0
    assert solved.people_gained == solved.bound_people == known.people_gained


def test_out_of_time_is_said_and_the_bound_still_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    covers, weights = geometric(300, 60, 0.2, 3)
    best = plan_of(covers, weights, 5).people_gained
    monkeypatch.setattr(relaxation, "ROUNDS", 2)
    without_swaps(monkeypatch)
    hasty = maximal_covering(csr_array(covers), weights, 5, 0.0)
    assert hasty.status == "time_limit"
    assert hasty.people_gained <= best <= hasty.bound_people
    assert hasty.people_gained < hasty.bound_people
    assert hasty.gap_percent > 0
    assert gain(covers, weights, hasty.chosen) == hasty.people_gained


def test_a_gap_of_one_person_never_reads_as_proven() -> None:
    plan = SitePlan((0,), (999_999,), 999_999, 1_000_000, "time_limit", 1.0)
    assert plan.gap_percent == 0.01


@settings(max_examples=250, deadline=None)
@given(instances(candidates=7), st.integers(0, 700))
def test_fewest_sites_are_the_fewest_that_cover_enough(instance: Instance, need: int) -> None:
    covers, weights = instance
    found = fewest_sites(csr_array(covers), weights, need, 10.0, today(weights))
    best = [best_gain(covers, weights, p) if covers.size else 0 for p in range(8)]
    enough = [p for p in range(8) if best[p] >= need]
    assert found.count == (enough[0] if enough else None)
    assert found.proven == bool(enough)
    assert found.lower_bound == (enough[0] if enough else 0)


def test_fewest_sites_out_of_time_claims_only_what_is_true(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relaxation, "ROUNDS", 2)
    without_swaps(monkeypatch)
    too_many = 0
    for seed in range(40):
        covers, weights = geometric(30, 10, 0.3, seed)
        best = [best_gain(covers, weights, p) for p in range(11)]
        need = best[3]
        least = next(p for p in range(11) if best[p] >= need)
        found = fewest_sites(csr_array(covers), weights, need, 0.0, today(weights))
        assert found.count is not None
        assert 0 < found.lower_bound <= least <= found.count
        too_many += found.count > least
        assert found.proven == (found.lower_bound == found.count)
    assert too_many > 0


def test_what_is_reachable_counts_those_covered_today() -> None:
    ledger = Ledger(input=100, covered=40, uncovered=50, excluded={"too_far_from_street": 10})
    covers = np.array([[True], [False]])
    found = fewest_sites(csr_array(covers), np.array([30, 20]), 45, 10.0, ledger)
    assert (found.count, found.proven, found.reachable_percent) == (None, False, 70.0)
    assert fewest_sites(csr_array(covers), np.array([30, 20]), 30, 10.0, ledger).count == 1
    assert fewest_sites(csr_array(covers), np.array([30, 20]), 0, 10.0, ledger).count == 0
