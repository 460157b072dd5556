"""Which options to take? The general model of siting, solved goal by goal.

Goals are sought in turn; what one reached is kept while the next is sought. A plan is counted
again from its options and checked against every condition in whole numbers. ``optimal`` is
said only where the bound, rounded to whole units, equals the value.

Sources: maximal covering (Church & ReVelle 1974), with seats (Current & Storbeck 1988), with a
budget (Church & Meadows 1979), backup coverage (Hogan & ReVelle 1986), stations apart (Kuby
1987), closing and opening (Wang, Batta, Bhadury & Rump 2003).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from carecircle.coverage.milp import Program, linear_bound, solved
from carecircle.coverage.site_bound import bound_by_places
from carecircle.coverage.site_conditions import Condition, all_hold
from carecircle.coverage.site_model import MARGIN, Model
from carecircle.coverage.site_options import Chosen
from carecircle.coverage.site_problem import Count, SiteProblem, counted
from carecircle.coverage.site_program import NOTHING, Draft, Sum
from carecircle.coverage.site_start import best_start

MANY_ENTRIES = 50_000  # smaller programs are solved, or nearly so
LINEAR_SHARE = 0.7  # of the time, at most

Measure = Literal["people", "twice", "worst_permille", "cost", "new", "enlarged"]


@dataclass(frozen=True)
class Goal:
    """A weighted sum of measures, to be as high as possible or as low.

    Weights are whole, so that every value is.
    """

    parts: tuple[tuple[Measure, int], ...]
    maximize: bool

    def value(self, count: Count) -> int:
        """Counted from a plan."""
        return sum(weight * measured(count, measure) for measure, weight in self.parts)

    def no_worse(self, count: Count, value: int) -> bool:
        """Whether a plan reaches this value."""
        return self.value(count) >= value if self.maximize else self.value(count) <= value

    def total(self, model: Model) -> Sum:
        """As columns of a model."""
        total = NOTHING
        for measure, weight in self.parts:
            total = total + measured_columns(model, measure).times(weight)
        return total


MOST_PEOPLE = Goal((("people", 1),), True)
MOST_TWICE = Goal((("twice", 1),), True)
BEST_WORST_TOWN = Goal((("worst_permille", 1),), True)
LEAST_COST = Goal((("cost", 1),), False)
FEWEST_NEW = Goal((("new", 1),), False)
FEWEST_ENLARGED = Goal((("enlarged", 1),), False)


def measured(count: Count, measure: Measure) -> int:
    """A measure of a counted plan."""
    of_plan: dict[Measure, int] = {
        "people": count.people,
        "twice": count.weighted_twice,
        "worst_permille": count.worst_permille,
        "cost": count.cost,
        "new": count.new,
        "enlarged": count.enlarged,
    }
    return of_plan[measure]


def measured_columns(model: Model, measure: Measure) -> Sum:
    """A measure as columns; only the block that is asked for is added to the model."""
    if measure == "people":
        return model.people
    if measure == "twice":
        return model.weighted_twice
    if measure == "worst_permille":
        return model.worst_permille
    if measure == "enlarged":
        return model.sum_of(model.problem.options.of_kind("enlarge"))
    return model.cost if measure == "cost" else model.new


@dataclass(frozen=True)
class Reach:
    """What a plan reaches of one goal, and what none can pass."""

    goal: Goal
    value: int
    bound: int

    @property
    def gap_percent(self) -> float:
        """How far from the best possible the plan may be, rounded up to two decimals."""
        missing, most = abs(self.bound - self.value), max(abs(self.bound), abs(self.value), 1)
        return -(-10_000 * missing // most) / 100


@dataclass(frozen=True, eq=False)
class StationPlan:
    """Options to take, what they do, and what is proven.

    Attributes
    ----------
    chosen : tuple of int
        Positions of the options, rising; stations that are kept are among them.
    count : Count
        Counted from the options.
    reaches : tuple of Reach
        One for each goal; of a later one, among plans as good in the earlier.
    """

    chosen: tuple[int, ...]
    count: Count
    reaches: tuple[Reach, ...]
    seconds: float

    @property
    def status(self) -> Literal["optimal", "time_limit"]:
        """Optimal when no plan is better in any goal, taken in turn."""
        proven = all(reach.value == reach.bound for reach in self.reaches)
        return "optimal" if proven else "time_limit"


@dataclass(frozen=True)
class NoPlan:
    """No plan was found; ``proven`` when there is none that keeps to the conditions."""

    proven: bool
    seconds: float

    @property
    def status(self) -> Literal["infeasible", "time_limit"]:
        """Infeasible when that is proven."""
        return "infeasible" if self.proven else "time_limit"


def best_plan(
    problem: SiteProblem,
    goals: Sequence[Goal],
    conditions: Sequence[Condition],
    time_limit_s: float,
) -> StationPlan | NoPlan:
    """The best plan by one goal after the other, under all conditions.

    Parameters
    ----------
    time_limit_s : float
        For the solver, shared by all goals.
    """
    draft = Draft()
    model = Model(problem, draft)
    for condition in conditions:
        condition.add_to(model)
    chosen = best_start(problem, goals[0].maximize, conditions)
    reaches: list[Reach] = []
    seconds = 0.0
    even = any(measure == "worst_permille" for goal in goals for measure, _ in goal.parts)
    limited = any(problem.seats_limited(at) for at in range(len(problem.services)))
    places = bound_by_places(problem, conditions, time_limit_s) if limited else np.inf
    for goal in goals:
        step = sought(model, goal, chosen, time_limit_s - seconds, places)
        seconds += step.seconds
        if step.chosen is None:
            return NoPlan(step.infeasible, seconds)
        if not all_hold(conditions, problem, step.chosen):
            raise AssertionError("the solver's plan breaks a condition")
        chosen = step.chosen
        count = counted(problem, chosen, even)
        value = goal.value(count)
        if any(not reach.goal.no_worse(count, reach.value) for reach in reaches):
            raise AssertionError("the solver's plan gives up an earlier goal")
        reaches.append(Reach(goal, value, whole_bound(step.bound, value, goal.maximize)))
        keep(model, goal, value)
    assert chosen is not None
    return StationPlan(tuple(np.flatnonzero(chosen).tolist()), count, tuple(reaches), seconds)


@dataclass(frozen=True, eq=False)
class Step:
    """What the solver says of one goal."""

    chosen: Chosen | None
    infeasible: bool
    bound: float
    seconds: float


def sought(
    model: Model, goal: Goal, start: Chosen | None, time_limit_s: float, places: float = np.inf
) -> Step:
    """Solve for one goal from a start; no plan serves more people than ``places``."""
    most = places if goal == MOST_PEOPLE else np.inf
    if start is not None and np.isfinite(most) and counted(model.problem, start).people >= most:
        return Step(start, False, most, 0.0)
    total = goal.total(model)
    program = model.draft.program(total, goal.maximize)
    values = None
    if start is not None:
        values = np.zeros(model.draft.width)
        model.fill(values, start)
    bound, seconds = np.inf, 0.0
    if goal.maximize and program.matrix.nnz > MANY_ENTRIES:
        # Where the solver may not come so far as to have a bound of its own.
        for other in (program, model.draft.sharpened().program(total, True)):
            linear, took = linear_bound(other, LINEAR_SHARE * time_limit_s - seconds)
            bound, seconds = min(bound, linear), seconds + took
    answer = solved(program, time_limit_s - seconds, values, abs_gap=0.5)
    bound = min(bound, answer.bound) if goal.maximize else answer.bound
    if not np.isfinite(bound):
        bound = bound_by_columns(program)
    return Step(
        None if answer.values is None else answer.values[model.x] > 0.5,
        answer.ending == "infeasible",
        min(bound, most),
        answer.seconds + seconds,
    )


def bound_by_columns(program: Program) -> float:
    """What the limits of the columns alone say of the goal."""
    up = (program.cost > 0) == program.maximize
    best = np.where(up, program.upper, program.lower)
    counts = program.cost != 0
    return float(program.cost[counts] @ best[counts])


def keep(model: Model, goal: Goal, value: int) -> None:
    """Whatever is sought next is no worse in this goal."""
    if goal.maximize:
        model.draft.row(goal.total(model), lower=value - MARGIN)
    else:
        model.draft.row(goal.total(model), upper=value + MARGIN)


def whole_bound(bound: float, value: int, maximize: bool) -> int:
    """A bound in whole units; a plan that was counted passes it only by rounding."""
    if maximize:
        return max(value, int(np.floor(bound + MARGIN)))
    return min(value, int(np.ceil(bound - MARGIN)))
