"""What does a study hold that targets can be judged by?

The register of facilities (open, planned and closed, of every service), the administrative
units, the quarters and homes with their people, stated figures of population, and the walks.
Any of them may be missing: then the targets that need it are not assessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.coverage.plan import Plan
from carecircle.coverage.target_register import Mask, Register
from carecircle.coverage.target_result import Remark

# The plan's own people count only for a study that is of its place: the people of the layers
# must be this part of them at least, and no more than so many times.
LEAST_OF_PLAN, MOST_OF_PLAN = 0.8, 1.25
COLUMN_OF_GROUP = {"total": "population"}


class Walks(Protocol):
    """How far everything is; facilities and homes by their positions in the world."""

    def homes_to(
        self, chosen: Mask, walker: str, mm_per_s: int | None = None
    ) -> tuple[NDArray[np.int64], Mask]:
        """Milliseconds from each home to the nearest chosen facility, at the walker's own speed or
        another, and whether the home attaches.
        """

    def attached(self) -> Mask:
        """Which facilities have a street near."""

    def facilities_from(self, homes: Mask, walker: str, limit_ms: int) -> Mask:
        """Which facilities are within the limit of some of these homes."""

    def beside(self, some: Mask, others: Mask, metres: int) -> Mask:
        """Which of ``some`` have another facility of ``others`` within metres of walk."""


@dataclass(frozen=True)
class People:
    """So many people of a group, by base and year, and where the figure comes from."""

    group: str
    base: str
    year: int
    people: int


@dataclass(frozen=True)
class Denominator:
    """The people that are divided by, and the remark that says where they come from."""

    people: int
    remark: Remark


@dataclass(frozen=True)
class PeopleBook:
    """Who may be the denominator: figures stated for the study, then its layers, then the plan's.

    Attributes
    ----------
    stated : tuple of People
        Figures that the study file states.
    layer : mapping
        Group -> people of the study's quarters.
    base, year
        Of the layers; None where the study does not say.
    """

    stated: tuple[People, ...] = ()
    layer: Mapping[str, int] = field(default_factory=dict)
    base: str | None = None
    year: int | None = None

    def of(self, plan: Plan, group: str, base: str, year: int | None) -> Denominator | None:
        """The people of a group, base and year; None where no source tells just these.

        A figure of another year never stands in. Without a year the latest one is taken.
        """
        exact = [p for p in self.stated if (p.group, p.base) == (group, base)]
        exact = [p for p in exact if year in (None, p.year)]
        if exact:
            last = max(exact, key=lambda people: people.year)
            return Denominator(last.people, stated_words(last))
        if group in self.layer and self.base == base and year in (None, self.year):
            return Denominator(self.layer[group], layer_words(self.layer[group], self.year))
        return self.of_plan(plan, group, base, year)

    def of_plan(self, plan: Plan, group: str, base: str, year: int | None) -> Denominator | None:
        """What the plan itself states, where the study has about as many people."""
        exact = [p for p in plan.population if (p.group, p.base) == (group, base)]
        exact = [p for p in exact if year in (None, p.year)]
        if not exact:
            return None
        last = max(exact, key=lambda fact: fact.year)
        here = self.layer.get(group, self.layer.get("total"))
        whole = last if group in self.layer else self.total_of_plan(plan, base, last.year)
        if here is not None and whole is not None:
            near = LEAST_OF_PLAN * whole.people <= here <= MOST_OF_PLAN * whole.people
            if not near:
                return None
        return Denominator(last.people, plan_words(last.people, last.year))

    def total_of_plan(self, plan: Plan, base: str, year: int) -> People | None:
        """Everybody in the plan's place, by its own words."""
        for fact in plan.population:
            if (fact.group, fact.base, fact.year) == ("total", base, year):
                return People(fact.group, fact.base, fact.year, fact.people)
        return None


def stated_words(people: People) -> Remark:
    """That the study file states these people."""
    return Remark(
        zh=f"分母 {people.people} 人（{people.year} 年）由研究文件给出。",
        en=f"Divided by {people.people} people of {people.year}, as the study file states.",
        people=people.people,
    )


def layer_words(people: int, year: int | None) -> Remark:
    """That these are the people of the study's quarters."""
    return Remark(
        zh=f"分母 {people} 人为研究范围各小区人口之和" + (f"（{year} 年）。" if year else "。"),
        en=f"Divided by the {people} people of the study's quarters"
        + (f" in {year}." if year else "."),
        people=people,
    )


def plan_words(people: int, year: int) -> Remark:
    """That these are the people the plan states, and what that takes."""
    return Remark(
        zh=f"分母 {people} 人（{year} 年）取自方案本身，假定研究范围即方案范围。",
        en=f"Divided by {people} people of {year}, as the plan states; the study is taken to be "
        "of the plan's whole place.",
        people=people,
    )


@dataclass(frozen=True, eq=False)
class World:
    """Everything a target can be judged by; layers in one projected CRS, in metres.

    Attributes
    ----------
    date : str
        ISO; facilities are open, planned or closed on this day.
    facilities : GeoDataFrame or None
        The register, with the attributes of ``facility_attributes.csv`` and the unit of each
        level (``town_id`` and the like); None where the study has no such layer.
    units, residential, homes : GeoDataFrame or None
        As ``docs/architecture.md`` describes them; residential may have ``built`` (ISO text)
        and ``households`` (Int64), units titles such as ``age_friendly`` (boolean).
    complete : frozenset of str
        Services of which the study says that the layers hold all there is, be it nothing.
    blanks_are_no : frozenset of str
        Columns in which a blank stands for 0 or no, as the study says.
    estimated : frozenset of str
        Groups whose people are an estimate.
    """

    date: str
    facilities: GeoDataFrame | None = None
    units: GeoDataFrame | None = None
    residential: GeoDataFrame | None = None
    homes: GeoDataFrame | None = None
    walks: Walks | None = None
    people: PeopleBook = PeopleBook()
    complete: frozenset[str] = frozenset()
    blanks_are_no: frozenset[str] = frozenset()
    estimated: frozenset[str] = frozenset()

    @cached_property
    def register(self) -> Register | None:
        """The facilities and what may be asked of them."""
        if self.facilities is None:
            return None
        return Register(self.facilities, self.units, self.date, self.blanks_are_no)


def column_of_group(group: str) -> str:
    """The column of layers that holds the people of a group."""
    return COLUMN_OF_GROUP.get(group, group)
