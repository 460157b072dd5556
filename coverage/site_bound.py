"""How many people can have a place at most, by the places alone: a bound that is had at once.

Whoever is served takes one place of a chosen option in reach. So no plan serves more than::

    maximise   Σ min(seats[o], people in reach of o) x[o]

over the choices that keep to the conditions on options alone. Where places are scarce this often
meets the greedy plan, and the flow of people need not be solved at all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from carecircle.coverage.milp import solved
from carecircle.coverage.site_conditions import Condition, EveryTown, Reached
from carecircle.coverage.site_model import MARGIN, Model
from carecircle.coverage.site_problem import SiteProblem
from carecircle.coverage.site_program import Draft, plain_sum


def bound_by_places(
    problem: SiteProblem, conditions: Sequence[Condition], time_limit_s: float
) -> float:
    """People served at most, each service by its weight; infinite where it is not known."""
    draft = Draft()
    model = Model(problem, draft)
    for condition in conditions:
        if not isinstance(condition, Reached | EveryTown):  # those speak of people
            condition.add_to(model)
    worth = np.zeros(len(problem.options))
    for at, service in enumerate(problem.merged):
        in_reach = np.asarray(service.within.T.astype(bool) @ service.people)
        worth += service.weight * np.minimum(problem.options.seats[at], in_reach)
    program = draft.program(plain_sum(model.x, worth), maximize=True)
    bound = solved(program, time_limit_s, abs_gap=0.5).bound
    everybody = sum(int(service.weight * service.people.sum()) for service in problem.merged)
    if not np.isfinite(bound):
        return float(everybody)
    return float(min(np.floor(bound + MARGIN), everybody))
