"""What to open in which year, when money comes by the year and people grow?

One choice ``x[o, t]`` for each year; whatever is done stays done: ``x[o, t] >= x[o, t-1]`` for
every option but ``keep`` (dynamic maximal covering, Schilling 1980; Gunawardane 1982). Each
year has its own people in the same homes and its own limits on what is newly done. Sought
are most people-years, or most people in the last year and then most people-years.

Limits: an option taken cannot be changed later, so a station opened is not enlarged or closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.milp import solved
from carecircle.coverage.site_conditions import Condition, all_hold
from carecircle.coverage.site_model import MARGIN, Model
from carecircle.coverage.site_options import NEW, Chosen
from carecircle.coverage.site_plan import (
    MOST_PEOPLE,
    NoPlan,
    Reach,
    bound_by_columns,
    whole_bound,
)
from carecircle.coverage.site_problem import Count, SiteProblem, counted
from carecircle.coverage.site_program import NOTHING, Draft, Sum


@dataclass(frozen=True, eq=False)
class Year:
    """One year: its people, what may be done in it, what a plan must keep to by then.

    ``most_new`` stations and ``money`` are for what is done in this year; None is no limit.
    """

    name: str
    problem: SiteProblem
    most_new: int | None = None
    money: int | None = None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, eq=False)
class PhasedPlan:
    """Options in force in each year, counted with the people of that year.

    ``reaches``: people-years; with ``last_year_first``, people of the last year before them.
    """

    chosen: tuple[tuple[int, ...], ...]
    counts: tuple[Count, ...]
    reaches: tuple[Reach, ...]
    seconds: float

    @property
    def status(self) -> str:
        """Optimal when no plan is better."""
        proven = all(reach.value == reach.bound for reach in self.reaches)
        return "optimal" if proven else "time_limit"


def phased_plan(
    years: Sequence[Year], last_year_first: bool, carry_over: bool, time_limit_s: float
) -> PhasedPlan | NoPlan:
    """The best plan over the years; the options of all years are the same.

    Parameters
    ----------
    carry_over : bool
        Whether money (not numbers) left in one year may be spent in a later one.

    Raises
    ------
    ValueError
        Money is carried over, but not known for every year.
    """
    if carry_over and any(year.money is None for year in years):
        raise ValueError("money is carried over only where it is known for every year")
    draft, models = drafted(years, carry_over)
    all_years = NOTHING
    for model in models:
        all_years = all_years + model.people
    goals = [models[-1].people, all_years] if last_year_first else [all_years]
    reaches: list[Reach] = []
    seconds = 0.0
    chosen: list[Chosen] = []
    for goal in goals:
        program = draft.program(goal, maximize=True)
        answer = solved(program, time_limit_s - seconds, abs_gap=0.5)
        seconds += answer.seconds
        if answer.values is None:
            return NoPlan(answer.ending == "infeasible", seconds)
        chosen = [answer.values[model.x] > 0.5 for model in models]
        if not keeps_limits(years, chosen, carry_over):
            raise AssertionError("the solver's plan breaks a condition")
        people = people_of(years, chosen)
        value = people[-1] if goal is not all_years else sum(people)
        bound = answer.bound if np.isfinite(answer.bound) else bound_by_columns(program)
        reaches.append(Reach(MOST_PEOPLE, value, whole_bound(bound, value, True)))
        draft.row(goal, lower=value - MARGIN)
    return PhasedPlan(
        tuple(tuple(np.flatnonzero(plan).tolist()) for plan in chosen),
        tuple(counted(year.problem, plan) for year, plan in zip(years, chosen, strict=True)),
        tuple(reaches),
        seconds,
    )


def drafted(years: Sequence[Year], carry_over: bool) -> tuple[Draft, list[Model]]:
    """The rows of all years, and what each year may choose."""
    draft = Draft()
    models = [Model(year.problem, draft) for year in years]
    for year, model in zip(years, models, strict=True):
        for condition in year.conditions:
            condition.add_to(model)
    link(draft, years, models, carry_over)
    return draft, models


def link(draft: Draft, years: Sequence[Year], models: Sequence[Model], carry_over: bool) -> None:
    """What is done stays done, and each year has its limits."""
    lasting = ~years[0].problem.options.of_kind("keep")
    money = 0
    for at, (year, model) in enumerate(zip(years, models, strict=True)):
        before = models[at - 1] if at else None
        if before is not None:
            now, then = model.x[lasting], before.x[lasting]
            row = np.arange(len(now))
            entries = np.concatenate([row, row]), np.concatenate([now, then])
            factors = np.repeat([1.0, -1.0], len(now))
            draft.rows((*entries, factors), len(now), lower=0.0)
        if year.most_new is not None:
            draft.row(increase(model.new, before.new if before else None), upper=year.most_new)
        if year.money is not None:
            money += year.money
            spent = increase(model.cost, before.cost if before and not carry_over else None)
            draft.row(spent, upper=(money if carry_over else year.money) + MARGIN)


def increase(now: Sum, before: Sum | None) -> Sum:
    """What this year adds to the year before."""
    return now if before is None else now + before.times(-1.0)


def people_of(years: Sequence[Year], chosen: Sequence[Chosen]) -> list[int]:
    """People served in each year, counted."""
    return [counted(y.problem, plan).people for y, plan in zip(years, chosen, strict=True)]


def keeps_limits(years: Sequence[Year], chosen: Sequence[Chosen], carry_over: bool) -> bool:
    """Whether a plan keeps to everything, in whole numbers."""
    options = years[0].problem.options
    lasting = ~options.of_kind("keep")
    before: NDArray[np.bool_] = np.zeros(len(options), bool)
    money = spent_before = 0
    for year, plan in zip(years, chosen, strict=True):
        spent = int(options.net_cost[plan].sum())
        opened = int(((plan & ~before) & options.of_kind(*NEW)).sum())
        money += year.money or 0
        limit = money if carry_over else spent_before + (year.money or 0)
        kept = all_hold(year.conditions, year.problem, plan)
        kept = kept and not (before & ~plan & lasting).any()
        kept = kept and (year.most_new is None or opened <= year.most_new)
        if not (kept and (year.money is None or spent <= limit)):
            return False
        before, spent_before = plan, spent
    return True
