"""How many plans are equally good, and what do they share?

The value of the best plan is kept as a condition and the plan with fewest changes is sought;
then it is forbidden together with every plan that contains it (``sum of its x <= its number -
1``, the no-good cut of Balas & Jeroslow 1972), and so on. What is found is therefore never a
plan that another contains: a station that adds nothing makes no second plan. Changes are all
options but ``keep``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carecircle.coverage.milp import solved
from carecircle.coverage.site_conditions import Condition, all_hold
from carecircle.coverage.site_model import Model
from carecircle.coverage.site_options import Chosen
from carecircle.coverage.site_plan import Goal, StationPlan, keep
from carecircle.coverage.site_problem import SiteProblem, counted
from carecircle.coverage.site_program import Draft


@dataclass(frozen=True)
class Ties:
    """Plans as good as the best.

    Attributes
    ----------
    plans : tuple of tuples of int
        Options each takes, lexicographically; fewest changes are found first.
    complete : bool
        False: there may be more ("at least so many").
    in_all : tuple of int
        Options in every plan found.
    """

    plans: tuple[tuple[int, ...], ...]
    complete: bool
    in_all: tuple[int, ...]
    seconds: float


def equal_plans(
    problem: SiteProblem,
    plan: StationPlan,
    conditions: Sequence[Condition],
    most: int,
    time_limit_s: float,
) -> Ties:
    """List up to ``most`` plans that are as good as this one in all its goals."""
    draft = Draft()
    model = Model(problem, draft)
    for condition in conditions:
        condition.add_to(model)
    for reach in plan.reaches:
        keep(model, reach.goal, reach.value)
    changes = ~problem.options.of_kind("keep")
    found: list[tuple[int, ...]] = []
    seconds, complete = 0.0, False
    while len(found) < most and not complete:
        program = draft.program(model.sum_of(changes), maximize=False)
        answer = solved(program, time_limit_s - seconds, abs_gap=0.5)
        seconds += answer.seconds
        complete = answer.ending == "infeasible"
        if answer.ending != "optimal" or answer.values is None:
            break
        chosen = answer.values[model.x] > 0.5
        assert_as_good(problem, chosen, conditions, plan)
        found.append(tuple(np.flatnonzero(chosen).tolist()))
        forbid(model, chosen & changes)
        complete = not (chosen & changes).any()  # every other plan contains it
    common = set(found[0]).intersection(*found) if found else set()
    return Ties(tuple(sorted(found)), complete, tuple(sorted(common)), seconds)


def forbid(model: Model, changes: Chosen) -> None:
    """No plan that has all of these."""
    model.draft.row(model.sum_of(changes), upper=int(changes.sum()) - 1)


def assert_as_good(
    problem: SiteProblem, chosen: Chosen, conditions: Sequence[Condition], plan: StationPlan
) -> None:
    """What the solver calls equal is counted again."""
    goals: list[tuple[Goal, int]] = [(reach.goal, reach.value) for reach in plan.reaches]
    even = any(measure == "worst_permille" for goal, _ in goals for measure, _ in goal.parts)
    count = counted(problem, chosen, even)
    good = all(goal.no_worse(count, value) for goal, value in goals)
    if not (good and all_hold(conditions, problem, chosen)):
        raise AssertionError("a plan called equally good is not")
