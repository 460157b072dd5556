"""What if things turn out otherwise, and what comes first? Robust choice and phased opening.

Two questions that a site-selection study may ask beside its plans. In other **worlds** somebody
else walks, or there are more or fewer people; a plan that suits them all is sought (`site_robust`),
and told beside the plans made for today, so that the price of certainty can be seen. In other
**years** there is money and there are people of that year; what opens first is sought
(`site_phases`). Every figure is counted again on a fresh walk with the stations standing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.result import Ledger
from carecircle.coverage.site_answer import Asked, gains, walked_after, with_limit
from carecircle.coverage.site_conditions import Condition, Reached
from carecircle.coverage.site_faults import why_none
from carecircle.coverage.site_options import NOWHERE
from carecircle.coverage.site_phase_faults import contradiction_of_years
from carecircle.coverage.site_phases import PhasedPlan, Year, phased_plan
from carecircle.coverage.site_plan import NoPlan
from carecircle.coverage.site_problem import SiteProblem
from carecircle.coverage.site_question import Ground, problem_of, reach_of, towns_of
from carecircle.coverage.site_robust import RobustPlan, robust_plan
from carecircle.coverage.site_study import (
    AnsweredPlan,
    PhasedAnswer,
    PhasedYear,
    PhasesQuestion,
    Proof,
    RobustAnswer,
    RobustQuestion,
    Words,
    YearsGoal,
)
from carecircle.layers.people import largest_remainder
from carecircle.layers.problems import Problem, StudyError

TODAY: Words = {"zh": "现状假定", "en": "as the circle has it"}


@dataclass(frozen=True, eq=False)
class World:
    """One way things may turn out; the first of several is that of the circle itself."""

    words: Words
    ground: Ground
    people_percent: str = "100"


def people_of_percent(people: NDArray[np.int64], percent: str) -> NDArray[np.int64]:
    """So many percent of the people, the total rounded half up, shared out as they live today."""
    total = int(people.sum())
    wanted = int(Fraction(percent) * total / 100 + Fraction(1, 2))
    return largest_remainder(people.astype(np.float64), wanted) if total else people


def with_people(problem: SiteProblem, people: NDArray[np.int64]) -> SiteProblem:
    """The same options for other people in the same homes."""
    [service] = problem.services
    return replace(problem, services=(replace(service, people=people),))


def homes_people(ground: Ground) -> NDArray[np.int64]:
    """The people of the circle's group at each home, as the study has them."""
    people: NDArray[np.int64] = ground.before.homes["people"].to_numpy(np.int64)
    return people


# --- robust


def robust_answers(
    asked: Asked, worlds: Sequence[World], plans: Sequence[AnsweredPlan], file: str
) -> tuple[RobustAnswer, ...]:
    """The plan for the worst world, for each number of stations."""
    question = asked.question.robust
    assert question is not None
    problems = [problem_in(asked, world, question.lost_station) for world in worlds]
    return tuple(robust_answer(asked, question, worlds, problems, plan, file) for plan in plans)


def problem_in(asked: Asked, world: World, every_station: bool) -> SiteProblem:
    """The question in one world."""
    ground = world.ground
    reach = asked.reach if ground is asked.ground else reach_of(ground)
    problem = problem_of(ground, asked.question, towns_of(ground), reach, every_station)
    return with_people(problem, people_of_percent(homes_people(ground), world.people_percent))


def robust_answer(
    asked: Asked,
    question: RobustQuestion,
    worlds: Sequence[World],
    problems: Sequence[SiteProblem],
    plan: AnsweredPlan,
    file: str,
) -> RobustAnswer:
    """One robust plan beside the plan for today."""
    conditions = with_limit(asked, plan.asked)
    limit_s = asked.question.time_limit_s * len(worlds)
    found = robust_plan(
        problems, conditions, question.by == "regret", question.lost_station, limit_s
    )
    if isinstance(found, NoPlan):
        raise StudyError(why_none(problems[0], conditions, found, limit_s, file))
    opened, closed = changes(asked, found)
    world, lost = found.worst
    return RobustAnswer(
        asked=plan.asked,
        opened=tuple(gains(asked, opened, closed, homes_people(asked.ground))),
        closed=tuple(closed.tolist()),
        value=found.value,
        bound=found.bound,
        worst_world=world,
        lost=None if lost == NOWHERE else lost_name(asked, lost),
        people=walked_people(worlds, problems, opened, closed, found.people),
        best=found.best,
        today=walked_people(
            worlds,
            problems,
            np.array([one.candidate for one in plan.opened], np.int64),
            np.array([one.station for one in plan.closed], np.int64),
        ),
        seconds=found.seconds,
    )


def changes(asked: Asked, found: RobustPlan) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Candidates opened and stations closed by a plan."""
    options = asked.problem.options
    chosen = np.isin(np.arange(len(options)), found.chosen)
    opened = options.place[chosen & options.of_kind("open")] - asked.stations
    return opened, options.place[chosen & options.of_kind("close")]


def lost_name(asked: Asked, place: int) -> str:
    """What the station is called whose loss is worst."""
    options = asked.problem.options
    return options.names[int(np.flatnonzero(options.place == place)[0])]


def walked_people(
    worlds: Sequence[World],
    problems: Sequence[SiteProblem],
    opened: NDArray[np.int64],
    closed: NDArray[np.int64],
    expected: Sequence[int] | None = None,
) -> tuple[int, ...]:
    """People covered in each world on a fresh walk; AssertionError where a model counts others."""
    found = []
    for world, problem in zip(worlds, problems, strict=True):
        after = walked_after(world.ground, opened, closed)
        inside = (after.homes["status"] == "covered").to_numpy()
        found.append(int(problem.services[0].people[inside].sum()))
    if expected is not None and tuple(found) != tuple(expected):
        raise AssertionError("the plan's people are not those of a walk in another world")
    return tuple(found)


# --- phases


def phased_answer(asked: Asked, file: str) -> PhasedAnswer:
    """What opens in which year."""
    question = asked.question.phases
    assert question is not None
    people = [
        people_of_percent(homes_people(asked.ground), year.people_percent)
        for year in question.years
    ]
    years = years_of(asked, question, people)
    limit_s = asked.question.time_limit_s * len(years)
    found = phased_plan(years, question.last_year_first, question.carry_over, limit_s)
    if isinstance(found, NoPlan):
        raise StudyError(why_no_years(years, question.carry_over, found, limit_s, file))
    goals: tuple[YearsGoal, ...] = ("people_years",)
    if question.last_year_first:
        goals = ("last_year", *goals)
    return PhasedAnswer(
        years=tuple(phased_years(asked, question, people, found)),
        proofs=tuple(
            Proof(goal, reach.value, reach.bound, reach.gap_percent)
            for goal, reach in zip(goals, found.reaches, strict=True)
        ),
        seconds=found.seconds,
    )


def why_no_years(
    years: Sequence[Year], carry_over: bool, found: NoPlan, limit_s: float, file: str
) -> Problem:
    """E-SITE-008 with the limits that contradict each other; E-SITE-009 where none is proven."""
    said = contradiction_of_years(years, carry_over, limit_s) if found.proven else None
    if said is None:
        last = years[-1]
        unproven = NoPlan(False, found.seconds)
        return why_none(last.problem, last.conditions, unproven, limit_s, file)
    conditions = {
        "zh": "；".join(words["zh"] for words in said),
        "en": "; ".join(words["en"] for words in said),
    }
    return Problem("E-SITE-008", file, details={"conditions": conditions})


def years_of(
    asked: Asked, question: PhasesQuestion, people: Sequence[NDArray[np.int64]]
) -> list[Year]:
    """The years with their people and limits; conditions hold by the last."""
    last = len(question.years) - 1
    return [
        Year(
            name=str(year.year),
            problem=with_people(asked.problem, people[at]),
            most_new=year.count,
            money=year.budget,
            conditions=tuple(by_then(asked, people[at])) if at == last else (),
        )
        for at, year in enumerate(question.years)
    ]


def by_then(asked: Asked, people: NDArray[np.int64]) -> Iterator[Condition]:
    """The conditions of the study, a share taken of the people of that year."""
    for condition in asked.conditions:
        if isinstance(condition, Reached):
            share = Fraction(asked.question.reach_percent or "0")
            yield Reached(condition.service, ceil(int(people.sum()) * share / 100))
        else:
            yield condition


def phased_years(
    asked: Asked,
    question: PhasesQuestion,
    people: Sequence[NDArray[np.int64]],
    found: PhasedPlan,
) -> Iterator[PhasedYear]:
    """Each year by what it opens and whom it covers, on a fresh walk."""
    options = asked.problem.options
    nobody = np.empty(0, np.int64)
    before = nobody
    for at, year in enumerate(question.years):
        chosen = np.isin(np.arange(len(options)), found.chosen[at])
        standing = options.place[chosen & options.of_kind("open")] - asked.stations
        new = np.setdiff1d(standing, before)
        homes = walked_after(asked.ground, standing, nobody).homes
        ledger = ledger_of(people[at], homes["status"].to_numpy())
        if ledger.covered != found.counts[at].people:
            raise AssertionError("the plan's people of a year are not those of a walk")
        yield PhasedYear(
            year=year.year,
            opened=tuple(gains(asked, new, nobody, people[at], before)),
            people=ledger,
            cost=int(options.cost[chosen & options.of_kind("open")].sum())
            if question.money
            else None,
        )
        before = standing


def ledger_of(people: NDArray[np.int64], status: NDArray[np.object_]) -> Ledger:
    """The people of a year, every one accounted for."""
    covered, uncovered, excluded = (
        int(people[status == name].sum()) for name in ("covered", "uncovered", "excluded")
    )
    return Ledger(int(people.sum()), covered, uncovered, {"excluded": excluded})
