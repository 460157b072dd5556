"""What does more cost? Every plan that is worth comparing, none left out.

The epsilon-constraint method over whole units (Haimes, Lasdon & Wismer 1971): the most that can be
had at all, then the least cost of that much, then the most for one unit of money less, and
so on down. A plan on the frontier has no other that is better in one and as good in the
other; of plans equal in both one is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from carecircle.coverage.site_conditions import AtMost, Budget, Condition
from carecircle.coverage.site_plan import (
    FEWEST_NEW,
    LEAST_COST,
    Goal,
    StationPlan,
    best_plan,
)
from carecircle.coverage.site_problem import SiteProblem


@dataclass(frozen=True, eq=False)
class Frontier:
    """Plans from the dearest to the cheapest.

    ``complete`` where time did not run out and every plan is proven: then no plan of any
    cost beats all of these. Otherwise each plan carries its own bounds.
    """

    plans: tuple[StationPlan, ...]
    complete: bool
    seconds: float


def frontier(
    problem: SiteProblem,
    gain: Goal,
    price: Goal,
    conditions: Sequence[Condition],
    time_limit_s: float,
    most_plans: int = 1000,
) -> Frontier:
    """All best trade-offs of ``gain`` (a goal as high as possible) against cost or number.

    Parameters
    ----------
    price : Goal
        LEAST_COST or FEWEST_NEW.
    """
    plans: list[StationPlan] = []
    seconds = 0.0
    limits: list[Condition] = []
    proven = True
    while len(plans) < most_plans:
        plan = best_plan(problem, [gain, price], [*conditions, *limits], time_limit_s - seconds)
        seconds += plan.seconds
        if not isinstance(plan, StationPlan):
            return Frontier(tuple(plans), proven and plan.proven, seconds)
        plans.append(plan)
        proven = proven and plan.status == "optimal"
        limits = [cheaper(price, plan.reaches[1].value)]
    return Frontier(tuple(plans), False, seconds)


def cheaper(price: Goal, value: int) -> Condition:
    """One unit less than this."""
    if price == LEAST_COST:
        return Budget(value - 1)
    if price == FEWEST_NEW:
        return AtMost(value - 1)
    raise ValueError(f"{price} is no price")
