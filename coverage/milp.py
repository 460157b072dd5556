"""Mixed integer programs, stated as arrays and handed to HiGHS.

What every model of siting shares: a program is built as one sparse matrix, never term by
term; the solver runs on one thread with a fixed seed, so that what it solves in time is the
same in every run; it stops only at a proven answer, unless the time is up; and it keeps
standard output for our figures. HiGHS: Huangfu & Hall 2018.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

Ending = Literal["optimal", "time_limit", "infeasible"]
ENDINGS: dict[Any, Ending] = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kTimeLimit: "time_limit",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
}
ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Program:
    """``row_lower <= matrix @ x <= row_upper``, ``lower <= x <= upper``.

    Attributes
    ----------
    matrix : (rows, columns) csc_array of float64
    cost : (columns,) float64
        What one unit of each column adds to the objective.
    maximize : bool
    integer : (columns,) bool
    row_lower, row_upper : (rows,) float64
        Infinite where there is no limit.
    lower, upper : (columns,) float64
    """

    matrix: csc_array
    cost: NDArray[np.float64]
    maximize: bool
    integer: NDArray[np.bool_]
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]

    def as_highs(self) -> highspy.HighsLp:
        """As HiGHS takes it."""
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = self.matrix.shape
        sense = highspy.ObjSense
        model.sense_ = sense.kMaximize if self.maximize else sense.kMinimize
        model.col_cost_ = self.cost
        model.col_lower_, model.col_upper_ = self.lower, self.upper
        model.row_lower_, model.row_upper_ = self.row_lower, self.row_upper
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = self.matrix.indptr
        model.a_matrix_.index_ = self.matrix.indices
        model.a_matrix_.value_ = self.matrix.data
        kinds = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger
        model.integrality_ = [kinds[whole] for whole in self.integer.astype(int)]
        return model


@dataclass(frozen=True, eq=False)
class Solved:
    """What the solver says; its figures are a claim until they are counted again.

    ``values`` is None where no answer was found. ``bound`` cannot be passed by any answer; it
    is infinite where nothing was proven in time.
    """

    ending: Ending
    values: NDArray[np.float64] | None
    bound: float
    seconds: float


def solved(
    program: Program,
    time_limit_s: float,
    start: NDArray[np.float64] | None = None,
    abs_gap: float = 0.0,
    presolve: bool = True,
) -> Solved:
    """Solve a program, from a given answer if there is one.

    Parameters
    ----------
    start : (columns,) float64, optional
        An answer to begin with.
    abs_gap : float
        Objectives this close count as equal: below 1 where they are whole numbers.
    presolve : bool
        Whether HiGHS looks for reductions first; off where they have been made.

    Raises
    ------
    RuntimeError
        The solver ended in a way that no well-posed program leads to.
    """
    answer = solved_once(program, time_limit_s, start, abs_gap, presolve)
    if start is None or keeps_its_word(program, answer, abs_gap):
        return answer
    # Where presolve solves everything HiGHS 1.16 hands back the start and calls it optimal.
    again = solved_once(program, time_limit_s - answer.seconds, None, abs_gap, presolve)
    return replace(again, seconds=again.seconds + answer.seconds)


def keeps_its_word(program: Program, answer: Solved, abs_gap: float) -> bool:
    """Whether an answer called optimal is as good as its bound."""
    if answer.ending != "optimal" or answer.values is None:
        return True
    missing = abs(float(program.cost @ answer.values) - answer.bound)
    return missing <= abs_gap + ROUNDING * max(1.0, abs(answer.bound))


def solved_once(
    program: Program,
    time_limit_s: float,
    start: NDArray[np.float64] | None,
    abs_gap: float,
    presolve: bool,
) -> Solved:
    """What the solver says the first time it is asked."""
    solver = quiet_solver(time_limit_s, abs_gap, presolve)
    solver.passModel(program.as_highs())
    if start is not None:
        given = highspy.HighsSolution()
        given.col_value = start.tolist()
        solver.setSolution(given)
    solver.run()
    status = solver.getModelStatus()
    if status not in ENDINGS:
        raise RuntimeError(f"HiGHS: {solver.modelStatusToString(status)}")
    info = solver.getInfo()
    values = np.array(solver.getSolution().col_value)
    found = status != highspy.HighsModelStatus.kInfeasible and len(values) == len(program.cost)
    found = found and info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    mixed = bool(program.integer.any())
    bound = info.mip_dual_bound if mixed else info.objective_function_value
    return Solved(
        ENDINGS[status],
        values if found else None,
        float(bound),
        float(solver.getRunTime()),
    )


def linear_bound(program: Program, time_limit_s: float) -> tuple[float, float]:
    """What no answer of a program to be maximised passes, by linear relaxation; and its seconds.

    By the prices of rows that an interior point method ends with, whatever they are: every
    price bounds (weak duality), so that nothing rests on the solver's tolerances (Neumaier &
    Shcherbina 2004). Infinite where a column without limits is not paid for exactly.
    """
    solver = quiet_solver(time_limit_s, 0.0, presolve=True)
    solver.setOptionValue("solver", "ipm")
    solver.setOptionValue("run_crossover", "off")
    solver.passModel(replace(program, integer=np.zeros_like(program.integer)).as_highs())
    solver.run()
    prices = np.array(solver.getSolution().row_dual)
    if len(prices) != program.matrix.shape[0]:
        return np.inf, float(solver.getRunTime())
    prices = np.where(np.isfinite(program.row_upper), prices, prices.clip(max=0.0))
    prices = np.where(np.isfinite(program.row_lower), prices, prices.clip(min=0.0))
    left = program.cost - program.matrix.T @ prices
    rows = np.where(prices > 0, program.row_upper, program.row_lower)
    columns = np.where(left > 0, program.upper, program.lower)
    paid, free = prices != 0, left != 0
    bound = prices[paid] @ rows[paid] + left[free] @ columns[free]
    return float(bound), float(solver.getRunTime())


class Solver(highspy.Highs):
    """HiGHS that keeps standard output for our figures.

    highspy registers its callbacks while it is made, and that prints HiGHS's banner before
    ``output_flag`` can be set from outside.
    """

    def enableCallbacks(self) -> None:
        """Register the callbacks, in silence."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def quiet_solver(time_limit_s: float, abs_gap: float, presolve: bool) -> Any:
    """HiGHS on one thread with a fixed seed, which stops only at a proven answer."""
    solver: Any = Solver()  # type: ignore[no-untyped-call]
    options = {
        "presolve": "choose" if presolve else "off",
        "threads": 1,
        "random_seed": 0,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": abs_gap,
        "time_limit": max(0.0, time_limit_s),
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    return solver
