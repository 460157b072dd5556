"""Frontier, ties and reasons for no plan, against every plan tried one by one."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from carecircle.coverage.site_conditions import AtLeast, AtMost, Budget, Must, Never, Reached
from carecircle.coverage.site_frontier import frontier
from carecircle.coverage.site_infeasible import contradiction, shortfalls
from carecircle.coverage.site_plan import (
    BEST_WORST_TOWN,
    FEWEST_NEW,
    LEAST_COST,
    MOST_PEOPLE,
    NoPlan,
    best_plan,
)
from carecircle.coverage.site_problem import Service, SiteProblem
from carecircle.coverage.site_ties import equal_plans
from tests.coverage.site_worlds import Brute, every_plan, options_of, random_world
from tests.coverage.test_site_plan import TIME_S, VALUE, holds, some_conditions


def best_trade_offs(points):
    """Those that no other equals in one and beats in the other: (gain, price)."""
    return sorted(
        {
            (gain, price)
            for gain, price in points
            if not any(g >= gain and p <= price and (g, p) != (gain, price) for g, p in points)
        },
        reverse=True,
    )


def test_the_frontier_has_every_best_trade_off_and_no_other():
    lengths = set()
    for seed in range(200):
        gain = MOST_PEOPLE if seed // 2 % 2 else BEST_WORST_TOWN
        price = LEAST_COST if seed // 4 % 2 else FEWEST_NEW
        rng = np.random.default_rng(seed)
        problem = random_world(seed, places=4, existing=int(rng.integers(0, 2)))
        brute = Brute(problem)
        conditions = [AtMost(3)] if seed % 2 else []
        points = [
            tuple(VALUE[goal.parts[0][0]](brute, plan) for goal in (gain, price))
            for plan in every_plan(problem)
            if holds(brute, plan, conditions)
        ]
        found = frontier(problem, gain, price, conditions, TIME_S)
        assert found.complete
        values = [tuple(reach.value for reach in plan.reaches) for plan in found.plans]
        assert values == best_trade_offs(points), seed
        lengths.add(len(values))
    assert max(lengths) >= 3


def test_a_frontier_cut_short_says_so():
    problem = random_world(3, places=4, existing=0)
    whole = frontier(problem, MOST_PEOPLE, LEAST_COST, [], TIME_S)
    short = frontier(problem, MOST_PEOPLE, LEAST_COST, [], TIME_S, most_plans=1)
    assert len(whole.plans) > 1 and len(short.plans) == 1
    assert whole.complete and not short.complete


def smallest_sets(problem, brute, goals, conditions):
    """Best plans whose changes contain no other best plan's changes."""
    plans = [plan for plan in every_plan(problem) if holds(brute, plan, conditions)]
    for goal in goals:
        values = [sum(w * VALUE[m](brute, plan) for m, w in goal.parts) for plan in plans]
        best = max(values) if goal.maximize else min(values)
        plans = [plan for plan, value in zip(plans, values, strict=True) if value == best]
    changes = {plan: {o for o in plan if problem.options.kind[o] != "keep"} for plan in plans}
    return {
        tuple(sorted(plan))
        for plan in plans
        if not any(changes[other] < changes[plan] for other in plans)
    }


@pytest.mark.parametrize("goals", [[MOST_PEOPLE], [LEAST_COST]], ids=["people", "cost"])
def test_ties_are_all_the_equally_good_plans(goals):
    several = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        problem = random_world(seed, places=5, homes=5, existing=int(rng.integers(0, 3)))
        conditions = [AtMost(2)]
        if goals == [LEAST_COST]:
            total = int(problem.services[0].people.sum())
            conditions.append(Reached(0, total // 3))
        best = best_plan(problem, goals, conditions, TIME_S)
        if isinstance(best, NoPlan):
            continue
        expected = smallest_sets(problem, Brute(problem), goals, conditions)
        ties = equal_plans(problem, best, conditions, 100, TIME_S)
        assert ties.complete
        assert ties.plans == tuple(sorted(expected)), seed
        assert set(ties.in_all) == set.intersection(*map(set, expected))
        if len(expected) > 1:
            several += 1
            some = equal_plans(problem, best, conditions, 1, TIME_S)
            assert len(some.plans) == 1 and not some.complete
    assert several > 20


def test_contradictions_are_real_and_none_of_them_is_needless():
    told = 0
    for seed in range(600):
        rng = np.random.default_rng(seed)
        problem = random_world(seed, places=4, homes=5, existing=int(rng.integers(0, 3)))
        conditions = some_conditions(rng, problem)
        conditions += [AtLeast(2), Budget(2)] if seed % 3 else []
        brute = Brute(problem)
        plans = list(every_plan(problem))
        found = contradiction(problem, conditions, TIME_S)
        if any(holds(brute, plan, conditions) for plan in plans):
            assert found is None
            continue
        told += 1
        assert found.smallest
        assert not any(holds(brute, plan, found.conditions) for plan in plans)
        for left_out in found.conditions:
            rest = [c for c in found.conditions if c is not left_out]
            assert any(holds(brute, plan, rest) for plan in plans)
    assert told >= 200


def test_must_and_never_the_same_by_hand():
    problem = random_world(1, places=3, existing=0)
    conditions = [AtMost(2), Must(0), Budget(1000), Never(0)]
    assert contradiction(problem, conditions, TIME_S).conditions == (Must(0), Never(0))


def test_out_of_reach_and_missing_seats_by_hand():
    # Homes 0 and 1 (60 people) reach one place of at most 40 seats; home 2 reaches nothing.
    options = options_of(
        [(0, "keep", (25,), 0, 0, 0, 0, -1), (0, "enlarge", (40,), 5, 0, 0, 0, -1)]
    )
    within = csr_array(np.array([[1, 1], [1, 1], [0, 0]], bool))
    service = Service("care", np.array([20, 40, 7]), np.array([0, 0, 1]), within)
    (found,) = shortfalls(SiteProblem(options, (service,), ("North", "South")))
    assert (found.people, found.servable, found.seats_missing) == (67, 40, 20)
    assert found.homes_out_of_reach.tolist() == [2]
    assert found.out_of_reach.tolist() == [0, 7]


@pytest.mark.parametrize("limited", [False, True])
def test_no_plan_serves_more_than_the_shortfall_allows(limited):
    for seed in range(100):
        problem = random_world(seed, limited=limited, places=4, homes=6, existing=1)
        (found,) = shortfalls(problem)
        brute = Brute(problem)
        most = max(brute.served(plan, 0) for plan in every_plan(problem))
        assert found.servable >= most
        out = int(found.out_of_reach.sum())
        assert found.people == found.servable + found.seats_missing + out
        if not limited:
            assert found.seats_missing == 0
