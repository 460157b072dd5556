"""Why is there no plan?

Three answers, each counted or proven: people in reach of no option at all, by town; people
without a seat even if every place took its largest option; and a smallest set of conditions that
contradict each other, by the deletion filter (Chinneck & Dravnieks 1991): each condition is left
out in turn, and for good where the rest still contradict. Of several such sets one is told: the
conditions that come last are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.milp import Ending, solved
from carecircle.coverage.site_conditions import Condition
from carecircle.coverage.site_model import Model
from carecircle.coverage.site_problem import SiteProblem, by_town, placed_by_home
from carecircle.coverage.site_program import NOTHING, Draft


@dataclass(frozen=True, eq=False)
class Shortfall:
    """What even all options together leave open of one service.

    ``people = servable + seats_missing + out_of_reach``; a plan may not be able to take
    all these options, so it may serve fewer.

    Attributes
    ----------
    service : int
    people, servable, seats_missing : int
    homes_out_of_reach : (n,) int64
        Homes with people whom no option reaches.
    out_of_reach : (towns,) int64
        Their people.
    """

    service: int
    people: int
    servable: int
    seats_missing: int
    homes_out_of_reach: NDArray[np.int64]
    out_of_reach: NDArray[np.int64]


@dataclass(frozen=True)
class Contradiction:
    """Conditions no plan can keep to together.

    ``smallest``: without any one of them there is a plan. False where time ran out.
    """

    conditions: tuple[Condition, ...]
    smallest: bool


def shortfalls(problem: SiteProblem) -> tuple[Shortfall, ...]:
    """For each service, whom no plan can serve."""
    return tuple(shortfall(problem, at) for at in range(len(problem.services)))


def shortfall(problem: SiteProblem, service: int) -> Shortfall:
    """Whom no plan can serve of one service."""
    needs = problem.services[service]
    gives = problem.options.seats[service] > 0
    reached = needs.within @ gives.astype(np.int64) > 0
    outside = ~reached & (needs.people > 0)
    servable = int(needs.people[reached].sum())
    if problem.seats_limited(service):
        best = largest_options(problem, service)
        servable = int(placed_by_home(problem, service, best, [problem.town_people(service)]).sum())
    people = int(needs.people.sum())
    left_out = np.where(outside, needs.people, 0)
    return Shortfall(
        service=service,
        people=people,
        servable=servable,
        seats_missing=people - int(left_out.sum()) - servable,
        homes_out_of_reach=np.flatnonzero(outside),
        out_of_reach=by_town(needs, left_out, len(problem.towns)),
    )


def largest_options(problem: SiteProblem, service: int) -> NDArray[np.int64]:
    """The option with most seats of each place; options of a place reach the same homes."""
    seats, place = problem.options.seats[service], problem.options.place
    order = np.lexsort((np.arange(len(seats)), -seats, place))
    first = np.unique(place[order], return_index=True)[1]
    best = np.sort(order[first])
    return np.asarray(best[seats[best] > 0])


def contradiction(
    problem: SiteProblem, conditions: Sequence[Condition], time_limit_s: float
) -> Contradiction | None:
    """A smallest set of contradicting conditions; None where they are not known to contradict."""
    ending, seconds = feasible(problem, conditions, time_limit_s)
    if ending != "infeasible":
        return None
    kept, smallest = list(conditions), True
    for condition in conditions:
        without = [other for other in kept if other is not condition]
        ending, used = feasible(problem, without, time_limit_s - seconds)
        seconds += used
        if ending == "infeasible":
            kept = without
        smallest = smallest and ending != "time_limit"
    return Contradiction(tuple(kept), smallest)


def feasible(
    problem: SiteProblem, conditions: Sequence[Condition], time_limit_s: float
) -> tuple[Ending, float]:
    """Whether there is a plan, and the solver's seconds."""
    draft = Draft()
    model = Model(problem, draft)
    for condition in conditions:
        condition.add_to(model)
    answer = solved(draft.program(NOTHING, maximize=True), time_limit_s)
    if answer.values is not None:
        return "optimal", answer.seconds
    return answer.ending, answer.seconds
