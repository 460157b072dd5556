"""A plan to start the solver from: greedy, and swaps where seats are limited.

People served are submodular in the options, with seats as without, so that what an option
adds never grows: only those that could still be best are counted again (Minoux 1978). The start
only saves time; the solver proves what it proves without it.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np

from carecircle.coverage.site_conditions import Apart, Budget, Condition, Must, Never, all_hold
from carecircle.coverage.site_options import Chosen
from carecircle.coverage.site_problem import SiteProblem, served_by_town
from carecircle.coverage.site_swaps import swapped_round


def best_start(
    problem: SiteProblem, most_people: bool, conditions: Sequence[Condition]
) -> Chosen | None:
    """A plan that keeps to all conditions, or None where none was met with.

    ``most_people``: go on for as long as it gains; else stop at the first plan that holds.
    """
    chosen = problem.options.today()
    for condition in conditions:
        if isinstance(condition, Must):
            chosen = problem.options.instead(chosen, condition.option)
    found = greedy(problem, chosen, most_people, conditions)
    if most_people and len(problem.services) == 1 and problem.seats_limited(0):
        found = swapped(problem, found, conditions)
    return found if all_hold(conditions, problem, found) else None


def greedy(
    problem: SiteProblem, chosen: Chosen, most_people: bool, conditions: Sequence[Condition]
) -> Chosen:
    """Add or put in the option that gains most a unit of money, again and again."""
    options = problem.options
    may_add = options.of_kind("open", "enlarge", "extend")
    price = np.maximum(options.net_cost, 1)
    priced = bool((options.net_cost[may_add] != options.net_cost[may_add][:1]).any())
    now = people_served(problem, chosen)
    waiting = [(-np.inf, int(at)) for at in np.flatnonzero(may_add & ~chosen)]
    taken = -1
    counted_at = dict.fromkeys(range(len(options)), -2)
    while waiting:
        if not most_people and all_hold(conditions, problem, chosen):
            break
        _, at = heapq.heappop(waiting)
        other = options.instead(chosen, at)
        if counted_at[at] == taken:
            chosen, now, taken = other, people_served(problem, other), at
            continue
        if broken(conditions, problem, other):
            continue
        gain = people_served(problem, other) - now
        if gain > 0:
            counted_at[at] = taken
            worth = gain / price[at] if priced else float(gain)
            heapq.heappush(waiting, (-worth, at))
    return chosen


def swapped(problem: SiteProblem, chosen: Chosen, conditions: Sequence[Condition]) -> Chosen:
    """The plan after a search by swaps of new stations, if that is better and keeps to all."""
    may_move = problem.options.of_kind("open")
    for condition in conditions:
        if isinstance(condition, Must | Never):
            may_move[condition.option] = False
    if not (may_move & chosen).any():
        return chosen
    needs, seats = problem.merged[0], problem.options.seats[0]
    other = swapped_round(needs.within, needs.people, seats, chosen, may_move)
    better = people_served(problem, other) > people_served(problem, chosen)
    return other if better and all_hold(conditions, problem, other) else chosen


def people_served(problem: SiteProblem, chosen: Chosen) -> int:
    """People served, each service by its weight."""
    nothing = np.zeros(len(problem.towns), np.int64)
    return sum(
        service.weight * int(served_by_town(problem, at, chosen, nothing).sum())
        for at, service in enumerate(problem.services)
    )


def broken(conditions: Sequence[Condition], problem: SiteProblem, chosen: Chosen) -> bool:
    """Whether a plan breaks a condition that adding to it cannot mend, or a limit on money."""
    limits = [c for c in conditions if c.can_only_worsen or isinstance(c, Apart | Budget)]
    return not all(condition.holds(problem, chosen) for condition in limits)
