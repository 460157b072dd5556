"""Which plan stands up best when things turn out otherwise?

A **world** is a scenario (its people and its reach: a walker, a year) with every station
standing, or with one lost. A plan is judged by the world where it does worst:

    max-min     maximise t,   t <= people[w] for every world w
    regret      minimise r,   r >= best[s] - people[s] for every scenario s (Kouvelis & Yu 1997)

``best[s]`` is what no plan made for that scenario alone can pass. Worlds are added only when a
plan does worse in one than was thought (scenario generation, Assavapokee et al. 2008); the
losses of single stations are counted for the plan at hand, one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from carecircle.coverage.milp import solved
from carecircle.coverage.site_conditions import Condition, all_hold
from carecircle.coverage.site_demand import served_people
from carecircle.coverage.site_model import MARGIN, Model
from carecircle.coverage.site_options import NOWHERE, Chosen
from carecircle.coverage.site_plan import NoPlan, whole_bound
from carecircle.coverage.site_problem import SiteProblem
from carecircle.coverage.site_program import NOTHING, Draft, Sum, plain_sum
from carecircle.coverage.site_start import people_served

World = tuple[int, int]  # scenario, and the place whose station is lost or NOWHERE


@dataclass(frozen=True, eq=False)
class RobustPlan:
    """A plan for the worst world.

    Attributes
    ----------
    chosen : tuple of int
    value, bound : int
        People served in the worst world, or the greatest regret; and what none can pass.
    worst : World
        Where that is.
    people : tuple of int
        People served in each scenario with every station standing.
    best : tuple of int
        What no plan can pass in each scenario.
    """

    chosen: tuple[int, ...]
    value: int
    bound: int
    worst: World
    people: tuple[int, ...]
    best: tuple[int, ...]
    seconds: float

    @property
    def status(self) -> str:
        """Optimal when no plan is better in its worst world."""
        return "optimal" if self.value == self.bound else "time_limit"

    @property
    def regrets(self) -> tuple[int, ...]:
        """By how many people the plan falls short of the best in each scenario."""
        return tuple(best - got for best, got in zip(self.best, self.people, strict=True))


def robust_plan(
    scenarios: Sequence[SiteProblem],
    conditions: Sequence[Condition],
    regret: bool,
    one_lost: bool,
    time_limit_s: float,
) -> RobustPlan | NoPlan:
    """The plan that does best in its worst world; all scenarios have the same options.

    Parameters
    ----------
    conditions : Sequence[Condition]
        Counted in the first scenario with every station standing.
    regret : bool
        Least greatest regret over the scenarios, rather than most people in the worst world.
    one_lost : bool
        Whether any one station may be lost as well (for most people only).

    Raises
    ------
    ValueError
        Both at once: the best plan after a loss is another question.
    """
    if regret and one_lost:
        raise ValueError("regret is over scenarios with every station standing")
    best, seconds = [], 0.0
    for at in range(len(scenarios)):
        alone = max_min(scenarios, conditions, {at: 0}, False, time_limit_s - seconds)
        seconds += alone.seconds
        if isinstance(alone, NoPlan):
            return NoPlan(alone.proven, seconds)
        best.append(alone.bound)
    less = {at: best[at] if regret else 0 for at in range(len(scenarios))}
    found = max_min(scenarios, conditions, less, one_lost, time_limit_s - seconds)
    seconds += found.seconds
    if isinstance(found, NoPlan):
        return NoPlan(found.proven, seconds)
    return RobustPlan(
        chosen=tuple(np.flatnonzero(found.chosen).tolist()),
        value=-found.value if regret else found.value,
        bound=-found.bound if regret else found.bound,
        worst=found.worst,
        people=tuple(people_served(scenario, found.chosen) for scenario in scenarios),
        best=tuple(best),
        seconds=seconds,
    )


@dataclass(frozen=True, eq=False)
class Search:
    """The best plan found, its value in its worst world, and what none can pass."""

    chosen: Chosen
    value: int
    worst: World
    bound: int
    seconds: float


def max_min(
    scenarios: Sequence[SiteProblem],
    conditions: Sequence[Condition],
    less: Mapping[int, int],
    one_lost: bool,
    time_limit_s: float,
) -> Search | NoPlan:
    """Maximise the least of people served less ``less[scenario]``, adding worlds as they matter."""
    draft = Draft()
    model = Model(scenarios[0], draft)
    for condition in conditions:
        condition.add_to(model)
    least = draft.free_column()
    goal = plain_sum(least)
    found: Search | None = None
    added: set[World] = set()
    world: World = (min(less), NOWHERE)
    seconds, bound = 0.0, np.inf
    while world not in added:
        added.add(world)
        people = people_in(draft, model, scenarios[world[0]], world[1])
        draft.row(people + goal.times(-1.0), lower=float(less[world[0]]))
        answer = solved(draft.program(goal, maximize=True), time_limit_s - seconds, abs_gap=0.5)
        seconds += answer.seconds
        bound = min(bound, answer.bound)
        if answer.values is None:
            if answer.ending == "infeasible" or found is None:
                return NoPlan(answer.ending == "infeasible", seconds)
            break
        chosen = answer.values[model.x] > 0.5
        if not all_hold(conditions, scenarios[0], chosen):
            raise AssertionError("the solver's plan breaks a condition")
        value, world = worst_world(scenarios, chosen, less, one_lost)
        if found is None or value > found.value:
            found = Search(chosen, value, world, value, seconds)
        if found.value >= np.floor(bound + MARGIN):
            break
    assert found is not None
    everybody = max(everybody_of(scenarios[at]) - less[at] for at in less)
    bound = whole_bound(min(bound, everybody), found.value, True)
    return replace(found, bound=bound, seconds=seconds)


def people_in(draft: Draft, model: Model, scenario: SiteProblem, lost: int) -> Sum:
    """People served by the choice of the model in a world, as columns."""
    total = NOTHING
    for at, service in enumerate(scenario.services):
        block = served_people(draft, scenario, at, model.x, None if lost == NOWHERE else lost)
        total = total + block.total.times(service.weight)
    return total


def worst_world(
    scenarios: Sequence[SiteProblem], chosen: Chosen, less: Mapping[int, int], one_lost: bool
) -> tuple[int, World]:
    """Where a plan does worst, every world counted; of equal ones the first."""
    worlds: list[tuple[int, World]] = []
    for at, minus in less.items():
        options = scenarios[at].options
        worlds.append((people_served(scenarios[at], chosen) - minus, (at, NOWHERE)))
        if one_lost:
            for place in np.unique(options.place[chosen]):
                left = chosen & (options.place != place)
                worlds.append((people_served(scenarios[at], left) - minus, (at, int(place))))
    return min(worlds, key=lambda world: world[0])


def everybody_of(scenario: SiteProblem) -> int:
    """All people of all services, each by its weight."""
    return sum(service.weight * int(service.people.sum()) for service in scenario.services)
