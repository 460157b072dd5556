"""Which stations to open, and what would that do? The answers of a site-selection study.

A plain question (most people, so many stations) is the maximal covering problem and goes to
`siting`, which is built for it; every other goes to the general model (`site_plan`). Whatever
found a plan, the homes are walked again with its stations standing: coverage after is that walk's,
and a plan whose own count differs by one person is an error of ours, never a result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from carecircle.coverage.candidate_sites import joined
from carecircle.coverage.circle import SiteSettings, planned, walks_of_homes
from carecircle.coverage.measure import measure
from carecircle.coverage.neighbourhoods import under_served
from carecircle.coverage.result import Coverage
from carecircle.coverage.site_conditions import Condition
from carecircle.coverage.site_faults import find_too_much, too_few_seats, why_none
from carecircle.coverage.site_frontier import frontier
from carecircle.coverage.site_options import Chosen
from carecircle.coverage.site_plan import (
    BEST_WORST_TOWN,
    FEWEST_ENLARGED,
    FEWEST_NEW,
    LEAST_COST,
    MOST_PEOPLE,
    MOST_TWICE,
    Goal,
    NoPlan,
    Reach,
    StationPlan,
    best_plan,
)
from carecircle.coverage.site_problem import Count, SiteProblem, best_worst_share, counted
from carecircle.coverage.site_question import (
    Ground,
    Towns,
    conditions_of,
    in_words,
    limit_of,
    problem_of,
    reach_of,
    towns_of,
)
from carecircle.coverage.site_seats import (
    Changes,
    SeatLedger,
    changes_of_seats,
    seats_of_plan,
)
from carecircle.coverage.site_study import (
    Alternatives,
    AnsweredPlan,
    Closed,
    FrontierAnswer,
    FrontierPoint,
    GoalName,
    Opened,
    Proof,
    SiteQuestion,
    SiteStudy,
    Sought,
)
from carecircle.coverage.site_ties import equal_plans
from carecircle.coverage.site_walk import walk_plan
from carecircle.isochrones.graph import WalkGraph, walk_graph
from carecircle.isochrones.seats import between_doors
from carecircle.layers.problems import Findings, StudyError

# What is sought after the first goal among plans as good in it. A further goal is a line here.
GOALS: dict[GoalName, tuple[tuple[Sought, Goal], ...]] = {
    "people": (("people", MOST_PEOPLE), ("stations", FEWEST_NEW)),
    "backup": (("backup", MOST_TWICE), ("people", MOST_PEOPLE)),
    "worst_town": (("worst_town", BEST_WORST_TOWN), ("people", MOST_PEOPLE)),
    "cost": (("cost", LEAST_COST), ("people", MOST_PEOPLE)),
    "stations": (("stations", FEWEST_NEW), ("people", MOST_PEOPLE)),
    "walk": (),  # `site_walk` seeks these two
    "farthest": (),
}
WITH_MONEY: tuple[tuple[Sought, Goal], ...] = (("people", MOST_PEOPLE), ("cost", LEAST_COST))


@dataclass(frozen=True, eq=False)
class Asked:
    """A question over its ground, ready to be solved."""

    ground: Ground
    question: SiteQuestion
    towns: Towns
    reach: csr_array
    problem: SiteProblem
    conditions: tuple[Condition, ...]

    @property
    def stations(self) -> int:
        """How many stand today; the places after them are the candidates."""
        return len(self.ground.stations)


def asked_of(ground: Ground, question: SiteQuestion, file: str = "") -> Asked:
    """A question over its ground.

    Raises
    ------
    StudyError
        E-SITE-001, 002, 004, 005: it asks for more than there is.
    """
    towns, reach = towns_of(ground), reach_of(ground)
    problem = problem_of(ground, question, towns, reach)
    conditions = tuple(conditions_of(problem, question, towns, ground))
    asked = Asked(ground, question, towns, reach, problem, conditions)
    refuse(asked, file)
    return asked


def site_study(asked: Asked, file: str = "") -> SiteStudy:
    """The plans of a question, and what is told beside them.

    Raises
    ------
    StudyError
        E-SITE-008: no plan exists; E-SITE-009: none was found in time.
    """
    question, towns = asked.question, asked.towns
    counts = question.counts or (None,)
    return SiteStudy(
        question=question,
        sites=asked.ground.sites,
        conditions=(
            *in_words(asked.problem, asked.conditions, asked.ground, question),
            *question.remarks,
        ),
        town_of_candidate=town_names(asked.ground, towns)[towns.of_place[asked.stations :]],
        plans=tuple(answered(asked, count, file) for count in counts),
        frontier=trade_offs(asked) if question.frontier else None,
        seats_before=seats_before(asked),
    )


def town_names(ground: Ground, towns: Towns) -> NDArray[np.object_]:
    """Names of the towns; empty where the study has none."""
    return np.array([""] if ground.units is None else towns.names, object)


def refuse(asked: Asked, file: str) -> None:
    """Raise where more is asked for than there is to choose from."""
    nobody = asked.question.plain and asked.ground.before.people.uncovered == 0
    if nobody:
        return
    found = Findings(file)
    if not asked.problem.options.of_kind("open", "close", "enlarge").any():
        found.add("E-SITE-001")
        found.refuse_if_any()
    limits = [limit_of(asked.question, count) for count in asked.question.counts]
    for condition in (*limits, *asked.conditions):
        find_too_much(asked.problem, condition, found)
    found.refuse_if_any()


# --- one plan


def answered(asked: Asked, count: int | None, file: str) -> AnsweredPlan:
    """The best plan with at most so many new stations."""
    conditions = with_limit(asked, count)
    if asked.question.walks:
        assert count is not None
        return walking(asked, count, file)
    found: StationPlan | NoPlan
    if asked.question.plain:
        assert count is not None
        found = covering(asked, count)
    else:
        goals = [goal for _, goal in goals_of(asked.question)]
        found = best_plan(asked.problem, goals, conditions, asked.question.time_limit_s)
    if isinstance(found, NoPlan):
        limit_s = asked.question.time_limit_s
        if asked.question.seats is not None and found.proven:
            missing = too_few_seats(asked.problem, conditions, limit_s, file)
            if missing is not None:
                raise StudyError(missing)
        raise StudyError(why_none(asked.problem, conditions, found, limit_s, file))
    told = told_plan(asked, count, found)
    if not asked.question.ties:
        return told
    return replace(told, ties=alternatives(asked, found, conditions))


def with_limit(asked: Asked, count: int | None) -> list[Condition]:
    """All conditions of one plan."""
    return [*asked.conditions, *([] if count is None else [limit_of(asked.question, count)])]


def goals_of(question: SiteQuestion) -> tuple[tuple[Sought, Goal], ...]:
    """What is sought, one after the other."""
    goals = WITH_MONEY if question.goal == "people" and question.money else GOALS[question.goal]
    if question.seats is not None and question.seats.enlarge is not None:
        return (*goals, ("enlarged", FEWEST_ENLARGED))
    return goals


def walking(asked: Asked, count: int, file: str) -> AnsweredPlan:
    """The plan with the least or the shortest walks, told as every other."""
    best = walk_plan(asked.ground, asked.question, count, file)
    chosen = with_opened(asked, best.opened)
    plan = StationPlan(
        tuple(np.flatnonzero(chosen).tolist()), counted(asked.problem, chosen), (), best.seconds
    )
    return replace(told_plan(asked, count, plan), proofs=(best.proof,), walk=best.change)


def with_opened(asked: Asked, opened: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The options of today and those that open these candidates."""
    chosen: NDArray[np.bool_] = asked.problem.options.today()
    chosen[np.flatnonzero(asked.problem.options.of_kind("open"))[opened]] = True
    return chosen


def covering(asked: Asked, count: int) -> StationPlan:
    """The maximal covering plan, in the words of the general model."""
    ground = asked.ground
    needy = under_served(ground.residential, ground.before)
    settings = SiteSettings(count, asked.question.time_limit_s)
    plan = planned(ground.sites, needy, settings)
    chosen = with_opened(asked, np.array(plan.chosen, np.int64))
    found = counted(asked.problem, chosen)
    before = ground.before.people.covered
    if found.people != before + plan.people_gained:
        raise AssertionError("two counts of the same plan differ")
    reach = Reach(MOST_PEOPLE, found.people, before + plan.bound_people)
    return StationPlan(tuple(np.flatnonzero(chosen).tolist()), found, (reach,), plan.seconds)


def told_plan(asked: Asked, count: int | None, plan: StationPlan) -> AnsweredPlan:
    """A plan by what it opens, closes and reaches."""
    options = asked.problem.options
    chosen = np.zeros(len(options), bool)
    chosen[list(plan.chosen)] = True
    opened = options.place[chosen & options.of_kind("open")] - asked.stations
    closed = options.place[chosen & options.of_kind("close")]
    doors = doors_after(asked.ground, opened, closed)
    after = coverage_after(asked.ground, doors, opened, closed)
    standing = np.concatenate([stays(asked, closed), asked.stations + opened])
    within = np.asarray(asked.reach[:, standing].sum(axis=1)).ravel()
    people = asked.ground.before.homes["people"].to_numpy(np.int64)
    seats_after = seats_of_plan(asked.ground, asked.question, asked.problem, doors, chosen)
    counted_by_model = plan.count.people if seats_after is None else after.people.covered
    if not int(people[within > 0].sum()) == after.people.covered == counted_by_model:
        raise AssertionError("the plan's people are not those of a walk to its stations")
    if seats_after is not None and seats_after.served != plan.count.people:
        raise AssertionError("the plan's places are not those of a walk to its stations")
    if seats_after is None:
        less, more = losses(asked, closed, people), gains(asked, opened, closed, people)
        changes = Changes(tuple(less), (), tuple(more))
    else:
        changes = changes_of_seats(asked.problem, chosen, asked.stations, asked.question.money)
    names = [name for name, _ in goals_of(asked.question)]
    return AnsweredPlan(
        asked=count,
        opened=changes.opened,
        closed=changes.closed,
        enlarged=changes.enlarged,
        after=after,
        twice=int(people[within > 1].sum()) if seats_after is None else int(plan.count.twice.sum()),
        worst_permille=worst_town(asked, chosen, plan.count),
        cost=plan.count.cost if asked.question.money else None,
        proofs=tuple(
            Proof(name, reach.value, reach.bound, reach.gap_percent)
            for name, reach in zip(names, plan.reaches, strict=False)
        ),
        seconds=plan.seconds,
        seats_after=seats_after,
    )


def worst_town(asked: Asked, chosen: Chosen, count: Count) -> int | None:
    """Covered share of the worst-served town; with seats only where towns are asked about."""
    if asked.question.seats is None:
        return count.worst_permille
    return best_worst_share(asked.problem, chosen) if asked.question.even else None


def stays(asked: Asked, closed: NDArray[np.int64]) -> NDArray[np.int64]:
    """Stations that a plan leaves standing."""
    return np.setdiff1d(np.arange(asked.stations), closed)


def seats_before(asked: Asked) -> SeatLedger | None:
    """Who has a place today; None without seats."""
    nothing = np.empty(0, np.int64)
    doors, today = doors_after(asked.ground, nothing, nothing), asked.problem.options.today()
    return seats_of_plan(asked.ground, asked.question, asked.problem, doors, today)


def doors_after(ground: Ground, opened: NDArray[np.int64], closed: NDArray[np.int64]) -> WalkGraph:
    """Homes and the stations that would stand: those left of today, then the new ones."""
    left = np.setdiff1d(np.arange(len(ground.stations)), closed)
    kept, new = ground.station_snaps.take(left), ground.sites.snaps.take(opened)
    places = joined([kept, new])
    return between_doors(
        walk_graph(ground.network, ground.circle.walker, ground.home_snaps, places)
    )


def walked_after(ground: Ground, opened: NDArray[np.int64], closed: NDArray[np.int64]) -> Coverage:
    """Coverage on a fresh walk with the stations of a plan standing."""
    return coverage_after(ground, doors_after(ground, opened, closed), opened, closed)


def coverage_after(
    ground: Ground, doors: WalkGraph, opened: NDArray[np.int64], closed: NDArray[np.int64]
) -> Coverage:
    """Walk from every home to the nearest of the stations that would stand."""
    left = np.setdiff1d(np.arange(len(ground.stations)), closed)
    walks = walks_of_homes(ground.circle, doors)
    ids = [*ground.stations.index[left], *ground.sites.table.index[opened], None]
    return measure(
        ground.circle,
        ground.residential,
        ground.homes,
        walks.ms,
        np.array(ids, object)[walks.source],
        ground.home_snaps.attached,
        ground.units,
        ground.near_street,
    )


def losses(asked: Asked, closed: NDArray[np.int64], people: NDArray[np.int64]) -> Iterator[Closed]:
    """Whom each closure leaves without a station, one after the other."""
    standing = np.arange(asked.stations)
    covered = reached_by(asked, standing, people)
    for station in closed.tolist():
        standing = standing[standing != station]
        left = reached_by(asked, standing, people)
        yield Closed(station, covered - left)
        covered = left


def gains(
    asked: Asked,
    opened: NDArray[np.int64],
    closed: NDArray[np.int64],
    people: NDArray[np.int64],
    before: NDArray[np.int64] | None = None,
) -> Iterator[Opened]:
    """The new stations in the order in which they gain most; of equal ones the first.

    ``before`` are candidates that have opened already.
    """
    already = np.empty(0, np.int64) if before is None else asked.stations + before
    standing = np.concatenate([stays(asked, closed), already])
    waiting = opened.tolist()
    costs = asked.ground.sites.table["cost"]
    left = np.where(asked.reach[:, standing].sum(axis=1) > 0, 0, people)
    by_place = asked.reach.tocsc()

    def homes_of(site: int) -> NDArray[np.int32]:
        place = asked.stations + site
        found: NDArray[np.int32] = by_place.indices[by_place.indptr[place] :][
            : by_place.indptr[place + 1] - by_place.indptr[place]
        ]
        return found

    while waiting:
        best = max(waiting, key=lambda site: (int(left[homes_of(site)].sum()), -site))
        cost = int(np.ceil(costs.iloc[best])) if asked.question.needs_costs else None
        yield Opened(best, int(left[homes_of(best)].sum()), cost)
        left[homes_of(best)] = 0
        waiting.remove(best)


def reached_by(asked: Asked, places: NDArray[np.int64], people: NDArray[np.int64]) -> int:
    """People within the limit of any of these places."""
    return int(people[asked.reach[:, places].sum(axis=1) > 0].sum())


# --- beside the plan


def alternatives(
    asked: Asked, plan: StationPlan, conditions: Sequence[Condition]
) -> Alternatives | None:
    """How many plans are as good; nothing where the plan itself is not proven."""
    if plan.status != "optimal":
        return None
    question = asked.question
    ties = equal_plans(asked.problem, plan, conditions, question.ties, question.time_limit_s)
    options = asked.problem.options
    opens = options.of_kind("open")
    return Alternatives(
        count=max(len(ties.plans), 1),
        complete=ties.complete,
        in_all=tuple(int(options.place[at]) - asked.stations for at in ties.in_all if opens[at]),
    )


def trade_offs(asked: Asked) -> FrontierAnswer:
    """People (or the worst-served town) against cost or number, from the cheapest on."""
    question = asked.question
    if question.plain:
        return covering_trade_offs(asked)
    gain = BEST_WORST_TOWN if question.goal == "worst_town" else MOST_PEOPLE
    price = LEAST_COST if question.money else FEWEST_NEW
    conditions = with_limit(asked, max(question.counts, default=None))
    limit_s = question.time_limit_s * max(1, len(question.counts))
    found = frontier(asked.problem, gain, price, conditions, limit_s)
    return FrontierAnswer(
        price="cost" if question.money else "stations",
        points=tuple(point(asked, plan) for plan in reversed(found.plans)),
        complete=found.complete,
    )


def covering_trade_offs(asked: Asked) -> FrontierAnswer:
    """The best plan for each number of stations, as long as one more gains."""
    points: list[FrontierPoint] = []
    for count in range(len(asked.ground.sites.must), max(asked.question.counts) + 1):
        plan = covering(asked, count)
        if points and plan.count.people == points[-1].people:
            break
        points.append(point(asked, plan))
    return FrontierAnswer("stations", tuple(points), all(one.proven for one in points))


def point(asked: Asked, plan: StationPlan) -> FrontierPoint:
    """One plan of a frontier."""
    first = plan.reaches[0]
    chosen = np.zeros(len(asked.problem.options), bool)
    chosen[list(plan.chosen)] = True
    bound = first.bound if first.goal == MOST_PEOPLE else plan.count.people
    return FrontierPoint(
        price=plan.count.cost if asked.question.money else plan.count.new,
        people=plan.count.people,
        people_bound=bound,
        worst_permille=worst_town(asked, chosen, plan.count),
        proven=plan.status == "optimal",
    )
