"""Swaps with seats end with a plan that SciPy's maximum flow counts the same, never a worse one."""

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csc_array, csr_array

from carecircle.coverage.milp import Program, linear_bound
from carecircle.coverage.site_flow import most_placed
from carecircle.coverage.site_swaps import Seating, _put, _settle, _take, reach_of, swapped_round


def placed(people, within, seats, chosen):
    at = np.flatnonzero(chosen)
    town = np.zeros(len(people), np.int64)
    flow = most_placed(people, town, csr_array(within[:, at]), seats[at], [people.sum()[None]])
    return int(flow.by_home.sum())


def world(seed, homes=25, options=10):
    random = np.random.default_rng(seed)
    within = csr_array(random.random((homes, options)) < 0.3)
    return within, random.integers(1, 40, homes), random.integers(20, 120, options), random


@pytest.mark.parametrize("seed", range(200))
def test_seats_given_one_station_after_the_other_are_a_maximum_flow(seed):
    within, people, seats, random = world(seed)
    reach = reach_of(within)
    now = Seating(
        np.zeros(within.nnz, np.int64), people.copy(), np.zeros(10, np.int64), np.zeros(10, bool)
    )
    for j in random.permutation(10)[:6]:
        _put(reach, now, seats, j)
    _take(reach, now, int(np.flatnonzero(now.stands)[0]))
    _settle(reach, now)
    assert people.sum() - now.left.sum() == placed(people, within, seats, now.stands)
    assert (now.free[now.stands] >= 0).all() and (now.flow >= 0).all() and (now.left >= 0).all()


@pytest.mark.parametrize("seed", range(30))
def test_swaps_keep_what_may_not_move_and_serve_no_fewer(seed):
    within, people, seats, random = world(seed)
    chosen, may_move = np.zeros(10, bool), np.ones(10, bool)
    chosen[random.permutation(10)[:4]] = True
    fixed = int(np.flatnonzero(chosen)[0])
    may_move[fixed] = False
    better = swapped_round(within, people, seats, chosen, may_move)
    assert better[fixed] and better.sum() <= 4
    assert placed(people, within, seats, better) >= placed(people, within, seats, chosen)
    assert (swapped_round(within, people, seats, chosen, may_move) == better).all()


def test_swaps_find_the_station_that_greedy_misses():
    # Greedy takes the middle one (6 + 6 people); the two outer ones seat all 20.
    within = csr_array(np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]], bool))
    people, seats = np.array([4, 6, 6, 4]), np.array([10, 12, 10])
    start = np.array([True, True, False])
    found = swapped_round(within, people, seats, start, np.ones(3, bool))
    assert found.tolist() == [True, False, True]


@pytest.mark.parametrize("seed", range(30))
def test_the_linear_bound_is_that_of_scipy_and_holds(seed):
    random = np.random.default_rng(seed)
    matrix, cost = random.random((6, 9)), random.random(9)
    room = random.uniform(1, 2, 6)
    program = Program(
        csc_array(matrix), cost, True, np.ones(9, bool),
        np.full(6, -np.inf), room, np.zeros(9), np.ones(9),
    )  # fmt: skip
    known = -linprog(-cost, A_ub=matrix, b_ub=room, bounds=(0, 1)).fun
    bound, _ = linear_bound(program, 20.0)
    assert known - 1e-9 <= bound <= known + 1e-4
