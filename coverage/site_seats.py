"""Plans whose stations serve no more people than their places: who asks, who has a place.

A place that is not told is never guessed: the question states what it counts (`Seats.unknown`),
or is refused before it comes here. Who asks for a place is what access asks too
(`places.people_asking`), and who has one is counted again by its assignment (`assignment`),
over a fresh walk to the stations of a plan: a count that differs from the model's by one person
is an error of ours, never a result.

How many have a place is certain. Which of two homes has the last one is not: the ledgers of
units are those of least walking in total or, where every town has to have its share, of a flow
that gives it first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame
from scipy.sparse import csr_array

from carecircle.coverage.assignment import assign_places
from carecircle.coverage.measure import sums, units_table
from carecircle.coverage.places import people_asking
from carecircle.coverage.site_flow import most_placed
from carecircle.coverage.site_options import UNLIMITED, Chosen, Kind
from carecircle.coverage.site_problem import (
    SiteProblem,
    best_worst_share,
    floors,
    placed_by_home,
)
from carecircle.coverage.site_study import Closed, Enlarged, Opened
from carecircle.isochrones.minutes import reach_table

if TYPE_CHECKING:
    from carecircle.coverage.site_question import Ground
    from carecircle.coverage.site_study import Seats, SiteQuestion, Words
    from carecircle.isochrones.graph import WalkGraph

FOUND = ("served", "without_seat", "out_of_reach", "excluded")


@dataclass(frozen=True, eq=False)
class SeatLedger:
    """The people who ask for a place, by what they find.

    Attributes
    ----------
    input : int
        All who ask: ``served + without_seat + out_of_reach + excluded``.
    without_seat : int
        In reach of stations whose places are all taken by others.
    excluded : int
        No walk could be computed for them.
    units : DataFrame or None, index ``admin_id``
        The same of each unit of each level, with ``name``, ``level``, ``parent``.
    """

    input: int
    served: int
    without_seat: int
    out_of_reach: int
    excluded: int
    units: DataFrame | None = None

    def __post_init__(self) -> None:
        """A ledger that does not balance is never made."""
        if self.input != sum(getattr(self, name) for name in FOUND):
            raise AssertionError("the people who ask for a place do not add up")


# --- who asks, and what there is


def asking(ground: Ground) -> NDArray[np.int64]:
    """People of each home who ask for a place."""
    people = ground.before.homes["people"].to_numpy(np.int64)
    return people_asking(people, ground.circle.demand_percent)


def told_places(ground: Ground) -> pd.Series:
    """Places of each station, then of each candidate; NA where they are not told."""
    parts = [layer["capacity"].astype("Int64") for layer in (ground.stations, ground.sites.table)]
    told: pd.Series = pd.concat(parts, ignore_index=True)
    return told


def places_of(ground: Ground, seats: Seats) -> NDArray[np.int64]:
    """Places of each station, then of each candidate, with the unknown ones as stated."""
    told = told_places(ground).fillna(seats.unknown or 0)
    places: NDArray[np.int64] = np.minimum(told.to_numpy(np.int64), UNLIMITED - 1)
    return places


def enlargeable(ground: Ground, seats: Seats | None) -> NDArray[np.int64]:
    """The stations that may get more places."""
    if seats is None or seats.enlarge is None:
        return np.empty(0, np.int64)
    allowed = seats.enlarge.stations
    ids = ground.stations.index.astype(str)
    return np.flatnonzero(ids.isin(allowed) if allowed else np.ones(len(ids), bool))


def seat_words(ground: Ground, question: SiteQuestion) -> tuple[Words, ...]:
    """What was taken for places, and who may get more, as a planner would say it."""
    seats = question.seats
    if seats is None:
        return ()
    stations = len(ground.stations)
    unknown = told_places(ground).isna().to_numpy()
    zh, en = "每处设施服务人数不超过其名额", "a station serves no more people than its places"
    if unknown.any():
        here, there = int(unknown[:stations].sum()), int(unknown[stations:].sum())
        zh += f"（{here} 处现有设施、{there} 个备选点未注明名额，每处按 {seats.unknown} 个计）"
        en += (
            f" ({here} stations of today and {there} candidates do not tell theirs and are taken "
            f"to have {seats.unknown} each)"
        )
    share = ground.circle.demand_percent
    if share != "100":
        zh, en = f"{zh}；{share}% 的人需要名额", f"{en}; {share} % of the people ask for one"
    more = seats.enlarge
    if more is None:
        return ({"zh": zh, "en": en},)
    money = "" if more.cost is None else f"，费用 {more.cost:,} 元"
    yuan = "" if more.cost is None else f" for {more.cost:,} yuan"
    able = len(enlargeable(ground, seats))
    return (
        {"zh": zh, "en": en},
        {
            "zh": f"现有设施中 {able} 处可扩建，每处增加 {more.seats} 个名额{money}",
            "en": f"{able} stations of today may get {more.seats} more places each{yuan}",
        },
    )


# --- who has a place


def seat_ledger(
    ground: Ground,
    doors: WalkGraph,
    places: NDArray[np.int64],
    by_home: NDArray[np.int64] | None = None,
) -> SeatLedger:
    """Count who has a place, by the assignment over a walk of its own.

    Parameters
    ----------
    doors : WalkGraph
        Homes and the stations that stand.
    places : int64
        Of these stations, in their order.
    by_home : (homes,) int64, optional
        Who has a place by another distribution of as many; else that of least walking.

    Raises
    ------
    AssertionError
        The other distribution is not one of as many people, or seats somebody out of reach.
    """
    asks = asking(ground)
    homes, stations = doors.points
    table = reach_table(
        doors, stations, homes, ground.circle.limit_ms, direction=ground.circle.direction
    )
    found = assign_places(table, asks, np.minimum(places, asks.sum()))
    reaches = found.out_of_reach == 0
    served = found.placed if by_home is None else by_home
    if served.sum() != found.placed.sum() or (served > np.where(reaches, asks, 0)).any():
        raise AssertionError("two counts of who has a place differ")
    excluded = (ground.before.homes["status"] == "excluded").to_numpy() & ~(reaches & (asks > 0))
    of_home = {
        "served": served,
        "without_seat": np.where(reaches, asks - served, 0),
        "out_of_reach": np.where(reaches | excluded, 0, asks),
        "excluded": np.where(excluded, asks, 0),
    }
    totals = {name: int(people.sum()) for name, people in of_home.items()}
    units = units_with(ground, {"input": asks, **of_home})
    return SeatLedger(input=int(asks.sum()), **totals, units=units)


def units_with(ground: Ground, of_home: dict[str, NDArray[np.int64]]) -> DataFrame | None:
    """Amounts of homes added up by unit of each level; None without units."""
    if ground.units is None:
        return None
    quarter = ground.residential.index.get_indexer(ground.homes["block_id"])
    size = len(ground.residential)
    amounts = {name: sums(quarter, people, size) for name, people in of_home.items()}
    return units_table(
        ground.units, ground.residential, DataFrame(amounts, index=ground.residential.index)
    )


def seats_of_plan(
    ground: Ground, question: SiteQuestion, problem: SiteProblem, doors: WalkGraph, chosen: Chosen
) -> SeatLedger | None:
    """Who has a place under a plan, counted without its model; None without seats.

    ``doors`` holds the homes and the stations that would stand, those of today first.
    """
    if question.seats is None:
        return None
    options, places = problem.options, places_of(ground, question.seats)
    if question.seats.enlarge is not None:
        places[options.place[chosen & options.of_kind("enlarge")]] += question.seats.enlarge.seats
    left = np.sort(options.place[chosen & options.of_kind("keep", "enlarge")])
    new = options.place[chosen & options.of_kind("open")]
    by_home = shared_by_town(problem, chosen) if question.even else None
    return seat_ledger(ground, doors, places[np.concatenate([left, new])], by_home)


def shared_by_town(problem: SiteProblem, chosen: Chosen) -> NDArray[np.int64]:
    """People of each home with a place, the worst-served town served as well as can be."""
    share = best_worst_share(problem, chosen)
    stations = np.flatnonzero(chosen & (problem.options.seats[0] > 0))
    limits = [floors(problem, 0, share), problem.town_people(0)]
    return placed_by_home(problem, 0, stations, limits)


# --- what each change adds


@dataclass(frozen=True)
class Changes:
    """What a plan does, each thing with what it costs or brings after those before it."""

    closed: tuple[Closed, ...]
    enlarged: tuple[Enlarged, ...]
    opened: tuple[Opened, ...]


def changes_of_seats(problem: SiteProblem, chosen: Chosen, today: int, money: bool) -> Changes:
    """Closures, then more places, then new stations; ``today``: how many stations stand."""
    options = problem.options

    def taken(kind: Kind) -> list[int]:
        found: list[int] = np.flatnonzero(chosen & options.of_kind(kind)).tolist()
        return found

    standing = options.today()
    losing = losses_of(problem, taken("close"))
    for option, _ in losing:
        standing = options.instead(standing, option)
    larger, standing = gains_of(problem, standing, taken("enlarge"))
    new, _ = gains_of(problem, standing, taken("open"))
    place, seats = options.place.tolist(), options.seats[0].tolist()
    cost = options.cost.tolist() if money else [None] * len(options)
    return Changes(
        closed=tuple(Closed(place[at], loss) for at, loss in losing),
        enlarged=tuple(Enlarged(place[at], gain, cost[at], seats[at]) for at, gain in larger),
        opened=tuple(Opened(place[at] - today, gain, cost[at], seats[at]) for at, gain in new),
    )


def seated(problem: SiteProblem, chosen: Chosen) -> int:
    """How many have a place, over the merged homes."""
    needs = problem.merged[0]
    stations = np.flatnonzero(chosen & (problem.options.seats[0] > 0))
    within = csr_array(needs.within[:, stations])
    limits = [problem.town_people(0)]
    seats = problem.options.seats[0][stations]
    return int(most_placed(needs.people, needs.town, within, seats, limits).by_home.sum())


def losses_of(problem: SiteProblem, closes: Sequence[int]) -> list[tuple[int, int]]:
    """Each closing option, and how many lose their place by it after those before."""
    standing = problem.options.today()
    found, now = [], seated(problem, standing)
    for option in closes:
        standing = problem.options.instead(standing, option)
        left = seated(problem, standing)
        found.append((option, now - left))
        now = left
    return found


def gains_of(
    problem: SiteProblem, standing: Chosen, options: Sequence[int]
) -> tuple[list[tuple[int, int]], Chosen]:
    """Options in the order in which they gain most places taken, and what stands at last.

    Of equal ones the first. What an option gains never grows, so that one which was counted
    after the last still leads or is counted again (Minoux 1978).
    """
    now = seated(problem, standing)
    most = dict.fromkeys(options, np.inf)
    found: list[tuple[int, int]] = []
    fresh: set[int] = set()
    while most:
        best = min(most, key=lambda option: (-most[option], option))
        if best not in fresh:
            most[best] = seated(problem, problem.options.instead(standing, best)) - now
            fresh.add(best)
            continue
        standing = problem.options.instead(standing, best)
        gain = int(most.pop(best))
        now += gain
        found.append((best, gain))
        fresh = set()
    return found, standing
