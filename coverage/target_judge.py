"""Which promises of a plan are kept? Every target measured, compared and explained.

A target is ``met`` or ``not_met`` only where everything it needs is there; else it is
``not_assessed`` and names all that is missing. Values are compared as exact fractions. A target
that the plan file marks as not to be judged shows its value and is never called met.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from carecircle.coverage.plan import Plan, Target
from carecircle.coverage.target_adjacent import adjacent
from carecircle.coverage.target_goal import Goal, goal_of, unit_scale
from carecircle.coverage.target_inquiry import Inquiry
from carecircle.coverage.target_people import gap, gap_per_year, need, per_people
from carecircle.coverage.target_quarters import (
    land_per_person,
    quarters_with,
    quarters_without,
    sites_per_land,
)
from carecircle.coverage.target_result import (
    Answer,
    Missing,
    PlanResult,
    TargetResult,
    Verdict,
)
from carecircle.coverage.target_supply import complete, count, least, ratio, share, total
from carecircle.coverage.target_units import (
    change_in_units,
    least_per_unit,
    named_units,
    tiers_with,
    units_titled,
    units_with,
)
from carecircle.coverage.target_walking import walk_share, walk_tiers
from carecircle.coverage.target_world import World

HOW: Mapping[str, Callable[[Inquiry, Any, Goal], Answer]] = {
    "count": count,
    "sum": total,
    "least": least,
    "share": share,
    "ratio": ratio,
    "complete": complete,
    "per_people": per_people,
    "need": need,
    "gap": gap,
    "gap_per_year": gap_per_year,
    "land_per_person": land_per_person,
    "units_with": units_with,
    "tiers_with": tiers_with,
    "least_per_unit": least_per_unit,
    "named_units": named_units,
    "units_titled": units_titled,
    "change_in_units": change_in_units,
    "walk_share": walk_share,
    "walk_tiers": walk_tiers,
    "quarters_without": quarters_without,
    "quarters_with": quarters_with,
    "adjacent": adjacent,
    "sites_per_land": sites_per_land,
}
# what is built year by year; people and quarters are not
NOT_BUILT = ("persons", "quarters")


def judge_plan(plan: Plan, world: World) -> PlanResult:
    """Every target of a plan, in its order."""
    return PlanResult(plan, tuple(judge(plan, target, world) for target in plan.targets))


def judge(plan: Plan, target: Target, world: World) -> TargetResult:
    """One target of a plan.

    Parameters
    ----------
    world : World
        What the study has; a `World` of nothing names every input the target needs.
    """
    if target.measure is None:
        return TargetResult(plan, target, "not_spatial")
    ask, goal = Inquiry(world, plan, target), goal_of(target)
    answer = HOW[target.measure.kind](ask, target.measure, goal)
    value = answer.value
    if ask.missing and not answer.stands:
        beside = tuple(one for one in answer.beside if one.stands)
        answer, value = Answer(None, rate=answer.rate, beside=beside), None
    if answer.met is None and goal.exceeded_by(value):
        ask.remark("多于方案的数字，视为达到。", "More than the plan's figure: it is reached.")
    verdict, missing = verdict_of(target, goal, answer, ask.missing)
    judged = verdict != "not_assessed"
    return TargetResult(
        plan=plan,
        target=target,
        verdict=verdict,
        value=None if value is None else value * unit_scale(target),
        gap=answer.short if judged else None,
        gap_unit=answer.short_unit if judged else "",
        rate=answer.rate,
        beside=answer.beside,
        lacking=answer.lacking,
        path=growth_path(answer, world.date, target.year) if judged else (),
        missing=missing,
        remarks=tuple(ask.remarks),
        people=answer.people,
        turns=answer.turns if judged else None,
    )


def verdict_of(
    target: Target, goal: Goal, answer: Answer, missing: tuple[Missing, ...]
) -> tuple[Verdict, tuple[Missing, ...]]:
    """Met or not, or what it takes to tell."""
    if missing:
        return "not_assessed", missing
    if not target.judged:
        return "not_assessed", (Missing("plan", "open", "open"),)
    assert answer.value is not None and (answer.met is not None or goal.value is not None)
    met = answer.met if answer.met is not None else goal.met(answer.value)
    return ("met" if met else "not_met"), ()


def growth_path(answer: Answer, date: str, year: int | None) -> tuple[tuple[int, int], ...]:
    """How many units of supply to add in each year up to the target year, as evenly as whole
    ones go, the larger parts first; empty where nothing is short or the year has come.
    """
    begin = int(date[:4]) + 1
    if answer.short_unit in NOT_BUILT or not answer.short or year is None or year < begin:
        return ()
    years = list(range(begin, year + 1))
    each, more = divmod(answer.short, len(years))
    return tuple((when, each + (at < more)) for at, when in enumerate(years))


def needs_of(plan: Plan, target: Target) -> tuple[Missing, ...]:
    """Every input that a target takes: what is missing in a study of nothing.

    People that the plan itself states are asked for all the same, as a study of a part of the
    plan's place needs its own.
    """
    alone = plan.model_copy(update={"population": ()})
    return judge(alone, target, World(date="2000-12-31")).missing
