"""What is wrong with a question about sites, as messages that a planner can act on.

Faults that are seen before anything is solved are gathered and raised together; where no
plan exists the reason is told: who is out of reach, how many seats are missing, or which
conditions contradict each other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree

from carecircle.coverage.result import cut_percent
from carecircle.coverage.site_conditions import (
    Apart,
    AtLeast,
    AtMost,
    Condition,
    EveryTown,
    Must,
    Never,
    Reached,
    TownStations,
    each_in_words,
)
from carecircle.coverage.site_infeasible import Shortfall, contradiction, shortfall
from carecircle.coverage.site_options import NEW, Kind
from carecircle.coverage.site_plan import MOST_PEOPLE, Goal, NoPlan, StationPlan, best_plan
from carecircle.coverage.site_problem import SiteProblem
from carecircle.layers.problems import Findings, Problem, StudyError

SAME_PLACE_M = 1.0


def plan_or_reasons(
    problem: SiteProblem,
    goals: Sequence[Goal],
    conditions: Sequence[Condition],
    time_limit_s: float,
    file: str = "",
) -> StationPlan:
    """The best plan, or why there is none.

    Raises
    ------
    StudyError
        The question is faulty (E-SITE-001 to 007), no plan exists (E-SITE-008), or none was
        found in time (E-SITE-009).
    """
    refuse_faults(problem, conditions, file)
    plan = best_plan(problem, goals, conditions, time_limit_s)
    if isinstance(plan, NoPlan):
        raise StudyError(why_none(problem, conditions, plan, time_limit_s, file))
    return plan


def refuse_faults(problem: SiteProblem, conditions: Sequence[Condition], file: str = "") -> None:
    """Raise one StudyError with everything wrong with a question."""
    findings = Findings(file)
    if not problem.options.of_kind(*NEW, "enlarge", "extend", "close").any():
        findings.add("E-SITE-001")
    find_negative(problem, findings)
    find_standing(problem, findings)
    for condition in conditions:
        find_unknown(problem, condition, findings)
    findings.refuse_if_any()
    for condition in conditions:
        find_too_much(problem, condition, findings)
    findings.refuse_if_any()


def find_negative(problem: SiteProblem, findings: Findings) -> None:
    """Costs, savings, seats and people below 0; rows count from 1."""
    options = problem.options
    columns = {"cost": options.cost, "saving": options.saving, "seats": options.seats.min(axis=0)}
    columns |= {f"people: {service.name}": service.people for service in problem.services}
    for column, numbers in columns.items():
        for at in np.flatnonzero(numbers < 0):
            findings.add("E-SITE-003", int(at) + 1, column, int(numbers[at]))


def find_standing(problem: SiteProblem, findings: Findings) -> None:
    """Candidates where a facility already stands."""
    options = problem.options
    keeps = np.flatnonzero(options.of_kind("keep"))
    opens = np.flatnonzero(options.of_kind("open"))
    if len(keeps) == 0 or len(opens) == 0:
        return
    metres, _ = cKDTree(options.xy[keeps]).query(options.xy[opens])
    same = np.isin(options.place[opens], options.place[keeps])
    for at in np.flatnonzero((metres < SAME_PLACE_M) | same):
        findings.add("E-SITE-006", int(opens[at]) + 1, metres=round(float(metres[at]), 1))


def find_unknown(problem: SiteProblem, condition: Condition, findings: Findings) -> None:
    """Conditions about an option, service or town that is not there."""
    named: list[tuple[dict[str, str], int, int]] = []
    if isinstance(condition, Must | Never):
        named.append(({"zh": "选项", "en": "option"}, condition.option, len(problem.options)))
    if isinstance(condition, Reached | EveryTown | TownStations | Apart):
        named.append(({"zh": "服务", "en": "service"}, condition.service, len(problem.services)))
    if isinstance(condition, TownStations):
        named.append(({"zh": "街镇", "en": "town"}, condition.town, len(problem.towns)))
    for what, number, count in named:
        if not 0 <= number < count:
            findings.add("E-SITE-007", value=number, what=what, most=count - 1)


def find_too_much(problem: SiteProblem, condition: Condition, findings: Findings) -> None:
    """More stations than candidates, more people than can be reached or have a seat."""
    new = isinstance(condition, AtMost) and set(condition.kinds) == set(NEW)
    if new or isinstance(condition, AtLeast):
        assert isinstance(condition, AtMost | AtLeast)
        most = places_with(problem, condition.kinds)
        if condition.count > most:
            closing = set(condition.kinds) == {"close"}
            id = "E-SITE-010" if closing else "E-SITE-002"
            findings.add(id, count=condition.count, most=most)
    if isinstance(condition, EveryTown):
        find_towns_out_of_reach(problem, condition, findings)
    if isinstance(condition, Reached):
        lacking = shortfall(problem, condition.service)
        if condition.people > lacking.servable:
            add_shortfall(problem, lacking, condition.people, findings)


def find_towns_out_of_reach(problem: SiteProblem, condition: EveryTown, findings: Findings) -> None:
    """Towns in which even all options together serve too few."""
    lacking = shortfall(problem, condition.service)
    people = problem.town_people(condition.service)
    most = people - lacking.out_of_reach
    for town in np.flatnonzero(most < condition.floors(problem)):
        findings.add(
            "E-SITE-011",
            service=problem.services[condition.service].words,
            town=town_words([problem.towns[town]]),
            people=f"{people[town]:,}",
            most=f"{most[town]:,}",
            percent=cut_percent(int(most[town]), int(people[town])),
            asked=condition.percent,
        )


def add_shortfall(problem: SiteProblem, lacking: Shortfall, need: int, findings: Findings) -> None:
    """Seats that are missing, people out of reach, or both."""
    out = int(lacking.out_of_reach.sum())
    service = problem.services[lacking.service].words
    within_reach = lacking.people - out
    if lacking.seats_missing > 0:
        most = lacking.servable
        missing = min(need, within_reach) - most
        findings.add("E-SITE-004", service=service, need=need, most=most, missing=missing)
    if need > within_reach:
        towns = [problem.towns[at] for at in np.flatnonzero(lacking.out_of_reach)]
        findings.add(
            "E-SITE-005",
            service=service,
            need=need,
            people=out,
            homes=len(lacking.homes_out_of_reach),
            towns=town_words(towns),
            most=within_reach,
        )


def town_words(names: Sequence[str]) -> dict[str, str]:
    """Towns by name; the one without a name is everywhere outside of them."""
    said = [name for name in names if name]
    outside = len(said) < len(names)
    return {
        "zh": "、".join([*said, *["街镇范围之外"] * outside]),
        "en": ", ".join([*said, *["outside every town"] * outside]),
    }


def places_with(problem: SiteProblem, kinds: Sequence[Kind]) -> int:
    """How many places have an option of these kinds."""
    return len(np.unique(problem.options.place[problem.options.of_kind(*kinds)]))


def why_none(
    problem: SiteProblem,
    conditions: Sequence[Condition],
    found: NoPlan,
    time_limit_s: float,
    file: str = "",
) -> Problem:
    """The contradiction in words; or, where time ran out, that nothing is known."""
    against = contradiction(problem, conditions, time_limit_s) if found.proven else None
    if against is not None:
        return Problem(
            "E-SITE-008", file, details={"conditions": in_words(problem, against.conditions)}
        )
    details = {"seconds": round(found.seconds, 1), "conditions": in_words(problem, conditions)}
    return Problem("E-SITE-009", file, details=details)


def too_few_seats(
    problem: SiteProblem, conditions: Sequence[Condition], time_limit_s: float, file: str = ""
) -> Problem | None:
    """How many places are missing under all conditions but the number of people to be served.

    None where that number is not what no plan keeps to, or this is not proven in time.
    """
    wanted = [one for one in conditions if isinstance(one, Reached)]
    if len(wanted) != 1:
        return None
    need, others = wanted[0].people, [one for one in conditions if one is not wanted[0]]
    best = best_plan(problem, [MOST_PEOPLE], others, time_limit_s)
    if isinstance(best, NoPlan) or best.reaches[0].bound >= need:
        return None
    most = best.reaches[0].bound
    details = {
        "service": problem.services[wanted[0].service].words,
        "need": need,
        "most": most,
        "missing": need - most,
        "conditions": in_words(problem, others),
    }
    return Problem("E-SITE-041", file, details=details)


def in_words(problem: SiteProblem, conditions: Sequence[Condition]) -> dict[str, str]:
    """Conditions one after the other, zh and en."""
    words = each_in_words(problem, conditions)
    return {
        "zh": "；".join(said["zh"] for said in words),
        "en": "; ".join(said["en"] for said in words),
    }
