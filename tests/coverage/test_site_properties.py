"""What must hold for any plan, whatever the numbers (P12 and P13), and fixed points by hand."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array

from carecircle.coverage import site_plan
from carecircle.coverage.milp import Ending, Solved
from carecircle.coverage.result import Ledger
from carecircle.coverage.site_conditions import Apart, AtLeast, AtMost, Budget, Reached, cliques
from carecircle.coverage.site_infeasible import shortfalls
from carecircle.coverage.site_plan import FEWEST_NEW, LEAST_COST, MOST_PEOPLE, NoPlan, best_plan
from carecircle.coverage.site_problem import merged_service
from carecircle.coverage.site_start import best_start, people_served
from carecircle.coverage.siting import fewest_sites, maximal_covering
from tests.coverage.site_worlds import Brute, options_of, random_world

TIME_S = 20.0
SEEDS = st.integers(0, 2**32 - 1)


def most(problem, p):
    return best_plan(problem, [MOST_PEOPLE], [AtMost(p)], TIME_S)


def linear_bound(problem, p):
    """The linear relaxation of maximal covering as SciPy solves it."""
    covers, people = problem.services[0].within.toarray(), problem.services[0].people
    homes, options = covers.shape
    rows = np.hstack([-covers.astype(float), np.eye(homes)])
    number = np.concatenate([np.ones(options), np.zeros(homes)])[None, :]
    found = linprog(
        -np.concatenate([np.zeros(options), people]),
        A_ub=np.vstack([rows, number]),
        b_ub=np.concatenate([np.zeros(homes), [p]]),
        bounds=(0, 1),
    )
    return float(-found.fun)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.booleans())
def test_relaxation_best_greedy_and_steps(seed, limited):
    """P12; with seats people served are submodular as well (a flow)."""
    problem = random_world(seed, limited=limited, existing=0)
    totals = [most(problem, p).count.people for p in range(5)]
    single = totals[1]
    assert all(0 <= b - a <= single for a, b in itertools.pairwise(totals))
    for p in range(1, 5):
        assert totals[p] >= people_served(problem, best_start(problem, True, [AtMost(p)]))
        if not limited:
            assert linear_bound(problem, p) >= totals[p] - 1e-6


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_greedy_with_equal_costs_is_near_the_best(seed):
    rng = np.random.default_rng(seed)
    rows = [(j, "open", (int(rng.integers(5, 60)),), 1, 0, 0, 0, -1) for j in range(7)]
    problem = random_world(seed, places=7, existing=0)
    problem = type(problem)(options_of(rows), problem.services, problem.towns)
    for p in (1, 2, 3):
        greedy = people_served(problem, best_start(problem, True, [AtMost(p)]))
        assert greedy >= (1 - 1 / np.e) * most(problem, p).count.people - 1e-9


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_fewest_stations_for_everybody_in_reach(seed):
    """P13: the smallest number with which maximal covering covers all that can be covered."""
    problem = random_world(seed, existing=0)
    (lacking,) = shortfalls(problem)
    covers = problem.services[0].within.toarray()
    outside = ~covers.any(axis=1) & (problem.services[0].people > 0)
    assert lacking.homes_out_of_reach.tolist() == np.flatnonzero(outside).tolist()
    plan = best_plan(problem, [FEWEST_NEW], [Reached(0, lacking.servable)], TIME_S)
    assert plan.status == "optimal" and plan.count.people == lacking.servable
    p = plan.count.new
    assert most(problem, p).count.people == lacking.servable
    assert p == 0 or most(problem, p - 1).count.people < lacking.servable


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(0, 4))
def test_the_same_as_the_two_models_made_for_it(seed, p):
    problem = random_world(seed, existing=0, homes=14, places=8)
    covers, people = problem.services[0].within, problem.services[0].people
    assert (
        most(problem, p).count.people == maximal_covering(covers, people, p, TIME_S).people_gained
    )
    need = int(people.sum()) // 2
    everybody = int(people.sum())
    fewest = fewest_sites(covers, people, need, TIME_S, Ledger(everybody, 0, everybody, {}))
    plan = best_plan(problem, [FEWEST_NEW], [Reached(0, need)], TIME_S)
    assert fewest.count == (None if isinstance(plan, NoPlan) else plan.count.new)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.booleans())
def test_merging_homes_changes_no_figure(seed, limited):
    problem = random_world(seed, limited=limited, homes=25, places=4)
    merged = merged_service(problem.services[0], problem.options.seats[0] > 0, 2)
    small = type(problem)(problem.options, (merged,), problem.towns)
    assert merged.people.sum() == problem.services[0].people.sum()
    for p in (0, 1, 2):
        assert most(small, p).count.people == most(problem, p).count.people


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(1, 6))
def test_more_seats_or_money_never_serve_fewer(seed, more):
    problem = random_world(seed, limited=True, existing=1)
    options = problem.options
    seats = np.where(options.seats > 0, options.seats + more, 0)
    larger = type(problem)(
        type(options)(**{**vars(options), "seats": seats}), problem.services, problem.towns
    )
    assert most(larger, 2).count.people >= most(problem, 2).count.people
    few, many = (
        best_plan(problem, [MOST_PEOPLE], [Budget(money)], TIME_S).count.people
        for money in (5, 5 + more)
    )
    assert many >= few


def test_cliques_hold_every_pair_and_nothing_else():
    for seed in range(200):
        rng = np.random.default_rng(seed)
        pairs = {(a, b) for a in range(7) for b in range(a + 1, 7) if rng.random() < 0.5}
        found = cliques(pairs)
        held = {tuple(sorted(two)) for clique in found for two in itertools.combinations(clique, 2)}
        assert held == pairs


def test_stations_exactly_as_far_apart_as_asked_are_allowed():
    rows = [(j, "open", (10**9,), 1, 0, 0, x, -1) for j, x in enumerate((0, 300, 599))]
    problem = random_world(0, places=3, existing=0)
    problem = type(problem)(options_of(rows), problem.services, problem.towns)
    both = best_plan(problem, [FEWEST_NEW], [AtLeast(2), Apart(0, 300.0)], TIME_S)
    assert both.status == "optimal"
    assert both.chosen in {(0, 1), (0, 2)}
    three = best_plan(problem, [FEWEST_NEW], [AtLeast(3), Apart(0, 299.0)], TIME_S)
    assert three.chosen == (0, 1, 2)
    assert best_plan(problem, [FEWEST_NEW], [AtLeast(3), Apart(0, 299.5)], TIME_S).proven


def test_out_of_time_keeps_the_start_and_a_bound_that_holds():
    unproven = 0
    for seed in range(30):
        problem = random_world(seed, limited=True, places=12, homes=30, existing=0)
        best = most(problem, 4).count.people
        hasty = best_plan(problem, [MOST_PEOPLE], [AtMost(4)], 0.0)
        (reach,) = hasty.reaches
        assert reach.value <= best <= reach.bound
        assert Brute(problem).served(hasty.chosen, 0) == reach.value
        assert (hasty.status == "optimal") == (reach.value == reach.bound)
        unproven += hasty.status == "time_limit"
        assert reach.gap_percent > 0 or reach.value == reach.bound
    assert unproven > 0


def test_out_of_time_without_a_start_is_no_proof():
    for seed in range(30):
        problem = random_world(seed, places=12, homes=30, existing=0)
        plan = best_plan(problem, [LEAST_COST], [AtLeast(3), Budget(9)], 0.0)
        if isinstance(plan, NoPlan) and not plan.proven:
            assert plan.status == "time_limit"
            return
    pytest.fail("every one was solved in no time")


def test_a_plan_of_the_solver_that_breaks_a_condition_is_never_returned(monkeypatch):
    problem = random_world(0, existing=0)
    n = len(problem.options)

    def liar(program, time_limit_s, start=None, abs_gap=0.0):
        ending: Ending = "optimal"
        return Solved(ending, np.ones(len(program.cost)), 10.0, 0.0)

    monkeypatch.setattr(site_plan, "solved", liar)
    with pytest.raises(AssertionError, match="breaks a condition"):
        best_plan(problem, [MOST_PEOPLE], [AtMost(n - 1)], TIME_S)


def test_one_building_for_two_services_shares_its_cost():
    # Apart each service costs 6; under one roof 7. Money for 8 buys both only together.
    reach = csr_array(np.ones((1, 3), bool))
    rows = [
        (0, "open", (10**9, 0), 6, 0, 0, 0, -1),
        (1, "open", (0, 10**9), 6, 0, 0, 0, -1),
        (2, "open", (10**9, 10**9), 7, 0, 0, 0, -1),
    ]
    world = random_world(0, services=2, places=3, homes=1, existing=0)
    services = tuple(
        type(world.services[0])(name, np.array([10]), np.array([0]), reach) for name in ("a", "b")
    )
    problem = type(world)(options_of(rows, 2), services, world.towns)
    plan = best_plan(problem, [MOST_PEOPLE], [Budget(8)], TIME_S)
    assert (plan.chosen, plan.count.people, plan.count.cost) == ((2,), 20, 7)
