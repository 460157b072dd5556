"""What a plan must keep to: numbers, money, fixed options, floors of service, distances.

Every condition says three things: its rows in a program, whether a plan keeps to it (counted
in whole numbers, never taken from a solver), and itself in words. ``can_only_worsen`` tells
that a plan which breaks it still does with anything added, so that a greedy start may stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from carecircle.coverage.site_model import MARGIN, Model
from carecircle.coverage.site_options import NEW, Chosen, Kind
from carecircle.coverage.site_problem import SiteProblem, served_at_least, served_by_town
from carecircle.coverage.site_program import plain_sum

Words = dict[str, str]


class Condition(Protocol):
    """Something a plan must keep to."""

    can_only_worsen: ClassVar[bool]

    def add_to(self, model: Model) -> None:
        """Its rows."""

    def holds(self, problem: SiteProblem, chosen: Chosen) -> bool:
        """Whether a plan keeps to it."""

    def words(self, problem: SiteProblem) -> Words:
        """As a planner would say it, zh and en."""


@dataclass(frozen=True)
class AtMost:
    """At most so many options of these kinds; without kinds, new stations."""

    count: int
    kinds: tuple[Kind, ...] = NEW
    can_only_worsen: ClassVar[bool] = True

    def add_to(self, model: Model) -> None:
        """``sum(x) <= count``."""
        chosen = model.sum_of(model.problem.options.of_kind(*self.kinds))
        model.draft.row(chosen, upper=self.count)

    def holds(self, problem: SiteProblem, chosen: Chosen) -> bool:
        """Counted."""
        return int((chosen & problem.options.of_kind(*self.kinds)).sum()) <= self.count

    def words(self, problem: SiteProblem) -> Words:
        """In words."""
        zh, en = kind_words(self.kinds)
        return {"zh": f"{zh}至多 {self.count} 处", "en": f"at most {self.count} to {en}"}


@dataclass(frozen=True)
class AtLeast:
    """At least so many options of these kinds; with `AtMost`, exactly so many."""

    count: int
    kinds: tuple[Kind, ...] = NEW
    can_only_worsen: ClassVar[bool] = False

    def add_to(self, model: Model) -> None:
        """``sum(x) >= count``."""
        chosen = model.sum_of(model.problem.options.of_kind(*self.kinds))
        model.draft.row(chosen, lower=self.count)

    def holds(self, problem: SiteProblem, chosen: Chosen) -> bool:
        """Counted."""
        return int((chosen & problem.options.of_kind(*self.kinds)).sum()) >= self.count

    def words(self, problem: SiteProblem) -> Words:
        """In words."""
        zh, en = kind_words(self.kinds)
        return {"zh": f"{zh}至少 {self.count} 处", "en": f"at least {self.count} to {en}"}


@dataclass(frozen=True)
class NewBeyondClosed:
    """At most so many new stations, and one more for each closed beyond ``closed``: a move."""

    count: int
    closed: int
    can_only_worsen: ClassVar[bool] = False  # closing one more mends it

    def add_to(self, model: Model) -> None:
        """``sum(x of new) - sum(x of close) <= count - closed``."""
        closures = model.sum_of(model.problem.options.of_kind("close"))
        model.draft.row(model.new + closures.times(-1.0), upper=self.count - self.closed)

    def holds(self, problem: SiteProblem, chosen: Chosen) -> bool:
        """Counted."""
        options = problem.options
        new = int((chosen & options.of_kind(*NEW)).sum())
        return new - int((chosen & options.of_kind("close")).sum()) <= self.count - self.closed

    def words(self, problem: SiteProblem) -> Words:
        """In words."""
        return {
            "zh": f"新建至多 {self.count} 处，每迁走一处可另建一处",
            "en": f"at most {self.count} to open, and one more for each station that moves",
        }


KIND_WORDS: dict[Kind, tuple[str, str]] = {
    "open": ("新建", "open"),
    "keep": ("保留", "keep"),
    "close": ("关闭", "close"),
    "enlarge": ("扩建", "enlarge"),
    "extend": ("增设服务", "extend"),
    "move": ("迁建", "move"),
}


def kind_words(kinds: Sequence[Kind]) -> tuple[str, str]:
    """Kinds of options, zh and en."""
    return "、".join(KIND_WORDS[k][0] for k in kinds), " or ".join(KIND_WORDS[k][1] for k in kinds)


@dataclass(frozen=True)
class Budget:
    """Costs less savings, at most this (Church & Meadows 1979)."""

    money: int
    can_only_worsen: ClassVar[bool] = False  # a closure added may save

    def add_to(self, model: Model) -> None:
        """``sum(net cost * x) <= money``."""
        model.draft.row(model.cost, upper=self.money + MARGIN)

    def holds(self, problem: SiteProblem, chosen: Chosen) -> bool:
        """Added up."""
        return int(problem.options.net_cost[chosen].sum()) <= self.money

    def words(self, problem: SiteProblem) -> Words:
        """In words."""
        return {"zh": f"预算 {self.money:,} 元", "en": f"a budget of {self.money:,} yuan"}


@dataclass(frozen=True)
class Must:
    """This option is part of the plan."""

    option: int
    can_only_worsen: ClassVar[bool] = False

    def add_to(self, model: Model) -> None:
        """``x >= 1``."""
        model.draft.row(plain_sum(model.x[[self.option]]), lower=1.0)

    def holds(self, problem: SiteProblem, chosen: Chosen) -> bool:
        """Looked up."""
        return bool(chosen[self.option])

    def words(self, problem: SiteProblem) -> Words:
        """In words."""
        return option_words(problem, self.option, "必须", "must")


@dataclass(frozen=True)
class Never:
    """This option is no part of the plan."""

    option: int
    can_only_worsen: ClassVar[bool] = True

    def add_to(self, model: Model) -> None:
        """``x <= 0``."""
        model.draft.row(plain_sum(model.x[[self.option]]), upper=0.0)

    def holds(self, problem: SiteProblem, chosen: Chosen) -> bool:
        """Looked up."""
        return not chosen[self.option]

    def words(self, problem: SiteProblem) -> Words:
        """In words."""
        return option_words(problem, self.option, "不得", "must not")


def option_words(problem: SiteProblem, option: int, zh: str, en: str) -> Words:
    """A rule about one option, its place by name, else by number."""
    options = problem.options
    kind_zh, kind_en = KIND_WORDS[options.kind[option]]
    place = options.names[option] if options.names else options.place[option]
    if options.names:
        return {"zh": f"{zh}{kind_zh}“{place}”", "en": f"{en} {kind_en} {place}"}
    return {"zh": f"{zh}{kind_zh}地点 {place}", "en": f"{en} {kind_en} place {place}"}


@dataclass(frozen=True)
class Reached:
    """At least so many people of a service are served (partial covering, Daskin & Owen 1999)."""

    service: int
    people: int
    can_only_worsen: ClassVar[bool] = False

    def add_to(self, model: Model) -> None:
        """``served >= people``."""
        model.draft.row(model.served(self.service).total, lower=self.people - MARGIN)

    def holds(self, problem: SiteProblem, chosen: Chosen) -> bool:
        """Counted."""
        nothing = np.zeros(len(problem.towns), np.int64)
        return int(served_by_town(problem, self.service, chosen, nothing).sum()) >= self.people

    def words(self, problem: SiteProblem) -> Words:
        """In words."""
        name = problem.services[self.service].words
        return {
            "zh": f"{name['zh']}至少覆盖 {self.people:,} 人",
            "en": f"{name['en']}: at least {self.people:,} people served",
        }


@dataclass(frozen=True)
class EveryTown:
    """At least this share of the people of every town is served."""

    service: int
    percent: int
    can_only_worsen: ClassVar[bool] = False

    def floors(self, problem: SiteProblem) -> NDArray[np.int64]:
        """The fewest people of each town."""
        return -(-problem.town_people(self.service) * self.percent // 100)

    def add_to(self, model: Model) -> None:
        """``served[t] >= ceil(percent * people[t] / 100)``."""
        model.even()
        served = model.served(self.service)
        for town, floor in enumerate(self.floors(model.problem)):
            if floor > 0:
                model.draft.row(served.of_town[town], lower=floor - MARGIN)

    def holds(self, problem: SiteProblem, chosen: Chosen) -> bool:
        """Counted, all towns at once."""
        return served_at_least(problem, self.service, chosen, self.floors(problem))

    def words(self, problem: SiteProblem) -> Words:
        """In words."""
        name = problem.services[self.service].words
        return {
            "zh": f"{name['zh']}在每个街镇至少覆盖 {self.percent}%",
            "en": f"{name['en']}: at least {self.percent} % of every town served",
        }


@dataclass(frozen=True)
class TownStations:
    """At least so many stations of a service stand in a town."""

    service: int
    town: int
    count: int
    can_only_worsen: ClassVar[bool] = False

    def which(self, problem: SiteProblem) -> Chosen:
        """The options that count."""
        there = problem.options.town == self.town
        stations: Chosen = there & (problem.options.seats[self.service] > 0)
        return stations

    def add_to(self, model: Model) -> None:
        """``sum(x) >= count``."""
        model.draft.row(model.sum_of(self.which(model.problem)), lower=self.count)

    def holds(self, problem: SiteProblem, chosen: Chosen) -> bool:
        """Counted."""
        return int((chosen & self.which(problem)).sum()) >= self.count

    def words(self, problem: SiteProblem) -> Words:
        """In words."""
        name, town = problem.services[self.service].words, problem.towns[self.town]
        return {
            "zh": f"{town}至少有 {self.count} 处{name['zh']}",
            "en": f"{name['en']}: at least {self.count} stations in {town}",
        }


@dataclass(frozen=True)
class Apart:
    """No two stations of a service nearer than this in a straight line (Kuby 1987).

    Two that both stand today are left alone.
    """

    service: int
    metres: float
    can_only_worsen: ClassVar[bool] = False  # closing one mends it

    def add_to(self, model: Model) -> None:
        """``sum(x) <= 1`` for every clique of places too near each other."""
        options = model.problem.options
        gives = options.seats[self.service] > 0
        for clique in cliques(self.too_near(model.problem)):
            model.draft.row(model.sum_of(gives & np.isin(options.place, clique)), upper=1.0)

    def too_near(self, problem: SiteProblem) -> set[tuple[int, int]]:
        """Pairs of places, lower number first."""
        options = problem.options
        at = np.flatnonzero(options.seats[self.service] > 0)
        if len(at) == 0:
            return set()
        first, second = cKDTree(options.xy[at]).query_pairs(self.metres, output_type="ndarray").T
        a, b = at[first], at[second]
        near = np.hypot(*(options.xy[a] - options.xy[b]).T) < self.metres
        fixed = options.stands[a] & options.stands[b]
        apart = (options.place[a] != options.place[b]) & near & ~fixed
        pairs = np.sort(np.stack([options.place[a], options.place[b]]), axis=0)[:, apart]
        return {(int(low), int(high)) for low, high in pairs.T}

    def holds(self, problem: SiteProblem, chosen: Chosen) -> bool:
        """Every pair looked at."""
        gives = chosen & (problem.options.seats[self.service] > 0)
        places = set(problem.options.place[gives].tolist())
        return not any(a in places and b in places for a, b in self.too_near(problem))

    def words(self, problem: SiteProblem) -> Words:
        """In words."""
        name = problem.services[self.service].words
        return {
            "zh": f"{name['zh']}之间直线距离至少 {self.metres:g} 米",
            "en": f"{name['en']}: stations at least {self.metres:g} m apart",
        }


def cliques(pairs: set[tuple[int, int]]) -> list[list[int]]:
    """Sets of places all too near each other, that hold every pair at least once."""
    near: dict[int, set[int]] = {}
    for a, b in pairs:
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    left, found = set(pairs), []
    for a, b in sorted(pairs):
        if (a, b) not in left:
            continue
        clique, common = [a, b], near[a] & near[b]
        while common:
            clique.append(min(common))
            common = common & near[clique[-1]]
        found.append(clique)
        left -= {(low, high) for low in clique for high in clique if low < high}
    return found


def each_in_words(problem: SiteProblem, conditions: Sequence[Condition]) -> list[Words]:
    """Conditions one after the other; at least and at most the same number is exactly so many."""
    found, exact = [], set()
    for one in conditions:
        if isinstance(one, AtLeast) and AtMost(one.count, one.kinds) in conditions:
            zh, en = kind_words(one.kinds)
            found.append({"zh": f"{zh}恰好 {one.count} 处", "en": f"exactly {one.count} to {en}"})
            exact.add((one.count, one.kinds))
    for one in conditions:
        if not (isinstance(one, AtLeast | AtMost) and (one.count, one.kinds) in exact):
            found.append(one.words(problem))
    return found


def all_hold(conditions: Sequence[Condition], problem: SiteProblem, chosen: Chosen) -> bool:
    """Whether a plan keeps to the rules of places and to every condition."""
    return problem.options.follow_rules(chosen) and all(
        condition.holds(problem, chosen) for condition in conditions
    )
