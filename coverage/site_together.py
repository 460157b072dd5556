"""Several services in one building: where both circles of a study build, as one question.

Each candidate may hold one service or both, at one cost; services under one roof count as one
building, and the second costs a stated part of the first. Sought are most people covered, the
circles added, each by its own walk, homes and limit. What a plan does is then told circle by
circle, as if it had been asked alone: coverage is that of a fresh walk in each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from carecircle.coverage.site_answer import Asked, gains, town_names, walked_after
from carecircle.coverage.site_conditions import (
    Apart,
    AtMost,
    Budget,
    Condition,
    EveryTown,
    Reached,
    TownStations,
)
from carecircle.coverage.site_faults import why_none
from carecircle.coverage.site_model import Model
from carecircle.coverage.site_options import NOWHERE, UNLIMITED, Chosen, Kind, Options
from carecircle.coverage.site_plan import (
    FEWEST_NEW,
    LEAST_COST,
    MOST_PEOPLE,
    NoPlan,
    StationPlan,
    best_plan,
)
from carecircle.coverage.site_problem import SiteProblem, counted
from carecircle.coverage.site_question import in_words, named, points, site_name, whole_costs
from carecircle.coverage.site_study import AnsweredPlan, Proof, ProofGoal, SiteStudy
from carecircle.layers.problems import StudyError

NOBODY = np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class Joint:
    """Both circles over one list of buildings.

    Attributes
    ----------
    asked : tuple of Asked
        Each circle's question, alone.
    ids : tuple of str
        Candidates of any circle; building ``b`` is option place ``first[-1] + b``.
    at : tuple of (buildings,) int64
        Position of each building among a circle's candidates; -1 where it is none of them.
    first : tuple of int
        Where the places of each circle's stations begin, and then the buildings.
    gives : (circles, options) bool
        Which options give a circle's service.
    """

    asked: tuple[Asked, ...]
    ids: tuple[str, ...]
    at: tuple[NDArray[np.int64], ...]
    first: tuple[int, ...]
    problem: SiteProblem
    gives: NDArray[np.bool_]


@dataclass(frozen=True)
class ServiceIn:
    """This building holds this service."""

    place: int
    service: int
    can_only_worsen: ClassVar[bool] = False

    def add_to(self, model: Model) -> None:
        """``sum(x[o]) >= 1`` over its options that give the service."""
        model.draft.row(model.sum_of(self.options(model.problem)), lower=1)

    def holds(self, problem: SiteProblem, chosen: Chosen) -> bool:
        """Counted."""
        return bool((chosen & self.options(problem)).any())

    def options(self, problem: SiteProblem) -> NDArray[np.bool_]:
        """What would do."""
        options = problem.options
        return np.asarray((options.place == self.place) & (options.seats[self.service] > 0))

    def words(self, problem: SiteProblem) -> dict[str, str]:
        """In words."""
        name = problem.options.names[int(np.flatnonzero(self.options(problem))[0])]
        return {"zh": f"必建 {name}", "en": f"{name} is built"}


def together(asked: Sequence[Asked], second_percent: int) -> Joint:
    """Both questions as one.

    Parameters
    ----------
    second_percent : int
        What a second service under the same roof costs, in percent of the first.
    """
    ids = tuple(dict.fromkeys(str(id) for one in asked for id in one.ground.sites.table.index))
    at = tuple(
        np.array([position(one, id) for id in ids], np.int64).reshape(len(ids)) for one in asked
    )
    first = tuple(np.cumsum([0, *(one.stations for one in asked)]).tolist())
    rows = [*kept(asked, first), *opened(at, first[-1])]
    gives = np.array([given for _, _, given in rows], bool).reshape(len(rows), len(asked)).T
    options = options_of(asked, at, rows, gives, second_percent)
    services = tuple(
        replace(one.problem.services[0], within=within(one, at[k], first, k, options, gives[k]))
        for k, one in enumerate(asked)
    )
    problem = SiteProblem(options, services, asked[0].towns.names)
    return Joint(tuple(asked), ids, at, first, problem, gives)


def position(asked: Asked, id: str) -> int:
    """Where a candidate stands among a circle's; -1: nowhere."""
    index = asked.ground.sites.table.index
    return int(index.get_loc(id)) if id in index else NOWHERE


Row = tuple[int, Kind, tuple[bool, ...]]  # place, kind, which services it gives


def kept(asked: Sequence[Asked], first: Sequence[int]) -> Iterator[Row]:
    """The stations of today, each of its own circle."""
    for k, one in enumerate(asked):
        for station in range(one.stations):
            yield first[k] + station, "keep", tuple(at == k for at in range(len(asked)))


def opened(at: Sequence[NDArray[np.int64]], buildings: int) -> Iterator[Row]:
    """What may open in each building: each service alone, then both."""
    for number, places in enumerate(np.array(at).T):
        allowed = places >= 0
        for k in np.flatnonzero(allowed):
            yield buildings + number, "open", tuple(other == k for other in range(len(allowed)))
        if allowed.sum() > 1:
            yield buildings + number, "open", tuple(allowed.tolist())


def options_of(
    asked: Sequence[Asked],
    at: Sequence[NDArray[np.int64]],
    rows: Sequence[Row],
    gives: NDArray[np.bool_],
    second_percent: int,
) -> Options:
    """The table of options."""
    place = np.array([where for where, _, _ in rows], np.int64)
    kind = tuple(kind for _, kind, _ in rows)
    source = list(sources(asked, at))
    price = each(asked, prices_of, source)[place]
    second = -(-price * second_percent // 100) * (gives.sum(axis=0) - 1)
    return Options(
        place=place,
        kind=kind,
        seats=np.where(gives, UNLIMITED, 0),
        cost=np.where([one == "open" for one in kind], price + second, 0),
        saving=np.zeros(len(place), np.int64),
        town=each(asked, towns_of_places, source)[place],
        xy=each(asked, points_of, source)[place].reshape(-1, 2),
        moved_from=np.full(len(place), NOWHERE, np.int64),
        names=tuple(each(asked, names_of, source)[place]),
    )


def sources(asked: Sequence[Asked], at: Sequence[NDArray[np.int64]]) -> Iterator[tuple[int, int]]:
    """For each place the first circle that knows it, and its number there."""
    for k, one in enumerate(asked):
        for station in range(one.stations):
            yield k, station
    for places in np.array(at).T:
        k = int(np.flatnonzero(places >= 0)[0])
        yield k, asked[k].stations + int(places[k])


def each(
    asked: Sequence[Asked],
    column: Callable[[Asked], NDArray[Any]],
    source: Sequence[tuple[int, int]],
) -> NDArray[Any]:
    """A column of the circles' places, for the places of all."""
    columns = [column(one) for one in asked]
    return np.array([columns[k][place] for k, place in source])


def towns_of_places(asked: Asked) -> NDArray[np.int64]:
    """The town of each station, then of each candidate."""
    return asked.towns.of_place


def points_of(asked: Asked) -> NDArray[np.float64]:
    """Metres of each station, then of each candidate."""
    return np.concatenate([points(asked.ground.stations), points(asked.ground.sites.table)])


def names_of(asked: Asked) -> NDArray[np.object_]:
    """What each station, then each candidate is called."""
    names = [*map(str, asked.ground.stations["name"]), *map(site_name, *named(asked.ground.sites))]
    return np.array(names, object)


def prices_of(asked: Asked) -> NDArray[np.int64]:
    """Nothing for stations, then yuan of each candidate; 0 where money is not asked about."""
    sites = asked.ground.sites
    costs = whole_costs(sites) if asked.question.needs_costs else np.zeros(len(sites), np.int64)
    return np.concatenate([np.zeros(asked.stations, np.int64), costs])


def within(
    asked: Asked,
    at: NDArray[np.int64],
    first: Sequence[int],
    circle: int,
    options: Options,
    gives: NDArray[np.bool_],
) -> csr_array:
    """Which options give a circle's service within the limit of its homes."""
    places = first[-1] + len(at)
    column_of = np.full(places, NOWHERE, np.int64)
    column_of[first[circle] : first[circle] + asked.stations] = np.arange(asked.stations)
    column_of[first[-1] :] = np.where(at >= 0, asked.stations + at, NOWHERE)
    none = csr_array((asked.reach.shape[0], 1), dtype=bool)
    columns = np.where(gives, column_of[options.place], asked.reach.shape[1])
    return csr_array(csr_array(hstack([asked.reach, none]))[:, columns])


# --- the answers


def joint_studies(joint: Joint, file: str) -> list[SiteStudy]:
    """One study for each circle, all of the same plans.

    Raises
    ------
    StudyError
        E-SITE-008: no plan exists; E-SITE-009: none was found in time.
    """
    question = joint.asked[0].question
    conditions = [*conditions_of(joint)]
    plans = [joint_plan(joint, conditions, count, file) for count in question.counts or (None,)]
    return [
        SiteStudy(
            question=one.question,
            sites=one.ground.sites,
            conditions=in_words(joint.problem, conditions, one.ground, one.question),
            town_of_candidate=town_names(one.ground, one.towns)[one.towns.of_place[one.stations :]],
            plans=tuple(plan[k] for plan in plans),
        )
        for k, one in enumerate(joint.asked)
    ]


def conditions_of(joint: Joint) -> Iterator[Condition]:
    """Those of each circle for its own service; money and places that must be built."""
    question = joint.asked[0].question
    if question.budget is not None:
        yield Budget(question.budget)
    for k, one in enumerate(joint.asked):
        for candidate in one.ground.sites.must:
            building = int(np.flatnonzero(joint.at[k] == candidate)[0])
            yield ServiceIn(joint.first[-1] + building, k)
        for condition in one.conditions:
            if isinstance(condition, Reached | EveryTown | TownStations | Apart):
                yield replace(condition, service=k)


def joint_plan(
    joint: Joint, conditions: Sequence[Condition], count: int | None, file: str
) -> list[AnsweredPlan]:
    """The best plan with at most so many buildings, told for each circle."""
    question = joint.asked[0].question
    limits = [] if count is None else [AtMost(count)]
    goals = [MOST_PEOPLE, LEAST_COST if question.money else FEWEST_NEW]
    limit_s = question.time_limit_s
    found = best_plan(joint.problem, goals, [*conditions, *limits], limit_s)
    if isinstance(found, NoPlan):
        raise StudyError(why_none(joint.problem, [*conditions, *limits], found, limit_s, file))
    return [circle_plan(joint, k, count, found) for k in range(len(joint.asked))]


def circle_plan(joint: Joint, circle: int, count: int | None, plan: StationPlan) -> AnsweredPlan:
    """What a joint plan does in one circle."""
    asked, options = joint.asked[circle], joint.problem.options
    chosen = np.isin(np.arange(len(options)), plan.chosen) & options.of_kind("open")
    here = chosen & joint.gives[circle]
    new = joint.at[circle][options.place[here] - joint.first[-1]]
    both = joint.at[circle][options.place[here & (joint.gives.sum(axis=0) > 1)] - joint.first[-1]]
    after = walked_after(asked.ground, new, NOBODY)
    people = asked.ground.before.homes["people"].to_numpy(np.int64)
    alone = counted(asked.problem, alone_of(asked, new))
    served = int(plan.count.served[circle].sum())
    if not alone.people == served == after.people.covered:
        raise AssertionError("the joint plan's people are not those of a walk to its stations")
    names: tuple[ProofGoal, ...] = ("together", "cost" if asked.question.money else "stations")
    return AnsweredPlan(
        asked=count,
        opened=tuple(gains(asked, new, NOBODY, people)),
        closed=(),
        after=after,
        twice=int(alone.twice.sum()),
        worst_permille=alone.worst_permille,
        cost=plan.count.cost if asked.question.money else None,
        proofs=tuple(
            Proof(name, reach.value, reach.bound, reach.gap_percent)
            for name, reach in zip(names, plan.reaches, strict=False)
        ),
        seconds=plan.seconds,
        shared=tuple(sorted(both.tolist())),
    )


def alone_of(asked: Asked, new: NDArray[np.int64]) -> Chosen:
    """The same stations in the circle's own question."""
    options = asked.problem.options
    chosen = options.today()
    chosen |= options.of_kind("open") & np.isin(options.place, asked.stations + new)
    return chosen
