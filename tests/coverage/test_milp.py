"""The solver answers small programs whose answer is known, as SciPy does, and in silence."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

from carecircle.coverage import milp as milp_module
from carecircle.coverage.milp import Program, solved


def program(matrix, upper, cost, maximize=True):
    """Whole numbers between 0 and 3 under upper limits."""
    matrix = np.asarray(matrix, float)
    columns = matrix.shape[1]
    return Program(
        matrix=csc_array(matrix),
        cost=np.asarray(cost, float),
        maximize=maximize,
        integer=np.ones(columns, bool),
        row_lower=np.full(len(matrix), -np.inf),
        row_upper=np.asarray(upper, float),
        lower=np.zeros(columns),
        upper=np.full(columns, 3.0),
    )


def test_a_knapsack_by_hand():
    # 3 a + 5 b at most 8, worth 4 a + 6 b: one of each, 10; two a alone are worth 8.
    answer = solved(program([[3, 5]], [8], [4, 6]), 10)
    assert (answer.ending, answer.values.tolist(), answer.bound) == ("optimal", [1, 1], 10)


def test_a_contradiction_is_called_infeasible():
    answer = solved(program([[1, 1], [-1, -1]], [1, -2], [1, 1]), 10)
    assert (answer.ending, answer.values) == ("infeasible", None)


def test_without_time_nothing_is_claimed():
    rng = np.random.default_rng(1)
    answer = solved(program(rng.integers(1, 50, (40, 60)), [300] * 40, np.ones(60)), 0)
    assert answer.ending == "time_limit"
    assert answer.bound >= 0


def test_a_given_answer_is_kept_when_time_is_up():
    rng = np.random.default_rng(1)
    question = program(rng.integers(1, 50, (40, 60)), [300] * 40, np.ones(60))
    answer = solved(question, 0, start=np.eye(60)[0])
    assert answer.values is not None and answer.values.sum() >= 1


@given(
    st.integers(0, 10_000),
    st.booleans(),
)
def test_as_scipy_has_it(seed, maximize):
    rng = np.random.default_rng(seed)
    matrix = rng.integers(-3, 6, (4, 5)).astype(float)
    upper, cost = rng.integers(0, 12, 4).astype(float), rng.integers(-5, 9, 5).astype(float)
    question = program(matrix, upper, cost, maximize)
    expected = milp(
        -cost if maximize else cost,
        constraints=LinearConstraint(matrix, -np.inf, upper),
        integrality=np.ones(5),
        bounds=Bounds(0, 3),
    )
    answer = solved(question, 60)
    assert answer.ending == "optimal"
    assert cost @ answer.values == pytest.approx(-expected.fun if maximize else expected.fun)
    assert answer.bound == pytest.approx(cost @ answer.values)


def test_the_solver_keeps_standard_output_for_our_figures(capfd):
    solved(program([[3, 5]], [8], [4, 6]), 10)
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")


def test_a_poor_start_handed_back_as_optimal_is_asked_again_without_it(monkeypatch):
    # As HiGHS 1.16 does where presolve solves everything: the bound is better than the answer.
    honest = milp_module.solved_once

    def hands_back(program, time_limit_s, start, abs_gap, presolve):
        answer = honest(program, time_limit_s, start, abs_gap, presolve)
        return answer if start is None else replace(answer, values=start)

    monkeypatch.setattr(milp_module, "solved_once", hands_back)
    answer = solved(program([[3, 5]], [8], [4, 6]), 10, np.zeros(2), abs_gap=0.5)
    assert (answer.ending, answer.values.tolist(), answer.bound) == ("optimal", [1, 1], 10)
