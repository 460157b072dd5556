"""Which facilities pass a filter, and of which can it not be told?

A blank is neither yes nor no. So every condition tells of each facility whether it holds and
whether it may hold; one that may and is not known to pass is undecided, and the columns that
leave it so are named. What is no matter of chance is not asked: a community station has no
beds when its cell is blank, because its kind is not counted in beds.

Limits: a kind that is not in the vocabulary is no kind of a filter.
"""

from __future__ import annotations

import calendar
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.coverage.plan_measures import Filter
from carecircle.layers.admin_units import column_of, levels_of
from carecircle.layers.attributes import LEVEL_WORDS, OPERATOR_WORDS, grade_of, offers_of
from carecircle.layers.facilities import status_on
from carecircle.layers.urban import urban_of_rows
from carecircle.layers.vocabulary import facility_kinds

Mask = NDArray[np.bool_]
# places that only kinds counted in them have: a blank elsewhere is none
PLACES = {"beds": "beds", "nursing_beds": "beds", "seats": "seats", "family_beds": "family_beds"}
# what a kind is by its name
TOLD_BY_KIND = {
    "inclusive": ("inclusive-childcare-point",),
    "toddler_class": ("kindergarten-toddler-class",),
}
STANDS = {"open": ("open",), "planned": ("planned",), "any": ("open", "planned")}

Input = tuple[str, str]  # layer and column, as in `target_result.Missing`


class Maybe(NamedTuple):
    """Whether a condition holds of each facility, and whether it may."""

    yes: Mask
    may: Mask

    @property
    def unknown(self) -> Mask:
        """Of which it cannot be told."""
        return self.may & ~self.yes


@dataclass(frozen=True)
class Passing:
    """Which facilities pass, and the inputs that leave others undecided, with their rows."""

    yes: Mask
    undecided: dict[Input, Mask]


class Register:
    """The facilities of a study with what may be asked of them, each column read once."""

    def __init__(
        self,
        facilities: GeoDataFrame,
        units: GeoDataFrame | None,
        date: str,
        blanks_are_no: frozenset[str],
    ) -> None:
        self.facilities, self.units, self.date = facilities, units, date
        self.blanks_are_no = blanks_are_no
        self._texts: dict[str, NDArray[np.object_]] = {}  # columns already read
        self._status: dict[str, NDArray[np.object_]] = {}  # by day
        self.kind = self.texts("kind")

    def __len__(self) -> int:
        return len(self.facilities)

    def texts(self, name: str) -> NDArray[np.object_]:
        """A column of texts; ``""`` where blank or where there is no such column."""
        if name not in self._texts:
            cells = self.facilities.get(name, pd.Series("", index=self.facilities.index))
            texts = ["" if pd.isna(cell) else str(cell) for cell in cells]
            self._texts[name] = np.array(texts, object)
        return self._texts[name]

    @cached_property
    def services(self) -> frozenset[str]:
        """Services that the layers tell of, by row or by kind."""
        kinds = facility_kinds()
        by_kind = {kinds[slug].service for slug in set(self.kind) if slug in kinds}
        return frozenset(by_kind | set(self.texts("service"))) - {""}

    @cached_property
    def walkable(self) -> Mask:
        """Those that residents can walk to."""
        homely = {slug for slug, kind in facility_kinds().items() if not kind.counts}
        return ~np.isin(self.kind, list(homely))

    def status(self, on: str) -> NDArray[np.object_]:
        """``open``, ``planned`` or ``closed`` on a day."""
        if on not in self._status:
            self._status[on] = status_on(self.facilities, on).to_numpy(object)
        return self._status[on]

    # --- what is told of each facility

    def amounts(self, name: str) -> list[Fraction | None]:
        """A number of each facility; None where blank and not known to be none."""
        cells = self.facilities.get(name, pd.Series(pd.NA, index=self.facilities.index))
        values = [None if pd.isna(cell) else exact(cell) for cell in cells]
        none = self.none_of(name, any_told=any(value is not None for value in values))
        return [
            Fraction(0) if value is None and blank else value
            for value, blank in zip(values, none, strict=True)
        ]

    def none_of(self, name: str, any_told: bool) -> Mask:
        """Where a blank number stands for none: by the study's word, or by the kind."""
        if name in self.blanks_are_no:
            return np.ones(len(self), bool)
        if name not in PLACES or not any_told:
            return np.zeros(len(self), bool)
        kinds = facility_kinds()
        counted = {slug for slug, kind in kinds.items() if kind.capacity == PLACES[name]}
        return np.isin(self.kind, list(set(kinds) - counted))

    def flag(self, name: str) -> Maybe:
        """A yes/no column."""
        cells = self.facilities.get(name, pd.Series(pd.NA, index=self.facilities.index))
        flags = pd.Series(cells).astype("boolean")
        by_kind = np.isin(self.kind, TOLD_BY_KIND.get(name, ()))
        yes = flags.fillna(False).to_numpy(bool) | (by_kind & flags.isna().to_numpy())
        blank = flags.isna().to_numpy() & ~by_kind
        return Maybe(yes, yes | (blank & (name not in self.blanks_are_no)))

    def worded(self, name: str, holds: Callable[[str], bool | None]) -> Maybe:
        """A column of texts by what each says: yes, no, or None where it cannot be told."""
        found = [holds(text) for text in self.texts(name)]
        blank_is_no = name in self.blanks_are_no
        yes = np.array([answer is True for answer in found], bool)
        may = np.array([answer is not False for answer in found], bool)
        if blank_is_no:
            may &= (self.texts(name) != "") | yes
        return Maybe(yes, may)

    @cached_property
    def unit_names(self) -> list[set[str]]:
        """The names of the units of every level that each facility lies in."""
        if self.units is None:
            return [set() for _ in range(len(self))]
        names = self.units["name"].to_dict()
        columns = [column_of(level) for level in levels_of(self.units)]
        rows = self.facilities[columns].astype(object).to_numpy().tolist()
        return [{names[unit] for unit in row if not pd.isna(unit)} for row in rows]

    @cached_property
    def urban(self) -> Maybe:
        """Whether each lies in an urban unit; no, for one in no unit at all."""
        return urban_maybe(self.facilities, self.units, True)

    @cached_property
    def rural(self) -> Maybe:
        """Whether each lies in a rural unit."""
        return urban_maybe(self.facilities, self.units, False)

    # --- filters

    def passing(self, filters: Sequence[Filter], on: str | None = None) -> Passing:
        """The facilities that pass at least one filter, on the day of the study or another."""
        day = on or self.date
        each = [self.conditions(one, day) for one in filters]
        yes, may = np.zeros(len(self), bool), np.zeros(len(self), bool)
        for conditions in each:
            yes |= all_of([c.yes for c in conditions.values()], len(self))
            may |= all_of([c.may for c in conditions.values()], len(self))
        undecided: dict[Input, Mask] = {}
        for conditions in each:
            open_rows = all_of([c.may for c in conditions.values()], len(self)) & may & ~yes
            for column, condition in conditions.items():
                rows = open_rows & condition.unknown
                if rows.any():
                    undecided[column] = undecided.get(column, False) | rows
        return Passing(yes, undecided)

    def conditions(self, one: Filter, day: str) -> dict[Input, Maybe]:
        """Every condition of a filter, by the input that tells it."""
        return dict(self.told(one, day))

    def told(self, one: Filter, day: str) -> Iterator[tuple[Input, Maybe]]:
        """The conditions of a filter one after the other."""
        yield ("facilities", "status"), certain(np.isin(self.status(day), STANDS[one.status]))
        if one.service is not None:
            yield ("facilities", "service"), certain(self.texts("service") == one.service)
        if one.kinds is not None:
            yield ("facilities", "kind"), self.of_kinds(one.kinds)
        if one.inclusive is not None:
            yield ("facilities", "inclusive"), negated(self.flag("inclusive"), not one.inclusive)
        for name in one.flags or ():
            yield ("facilities", name), self.flag(name)
        yield from self.worded_conditions(one)
        for name, least in one.at_least.items():
            amounts, wanted = self.amounts(name), Fraction(least)
            known = np.array([amount is not None for amount in amounts], bool)
            yes = np.array([amount is not None and amount >= wanted for amount in amounts], bool)
            yield ("facilities", name), Maybe(yes, yes | ~known)
        if one.opened_after is not None:
            yield ("facilities", "opened"), self.opened_after(one.opened_after.isoformat(), day)
        yield from self.place_conditions(one)

    def worded_conditions(self, one: Filter) -> Iterator[tuple[Input, Maybe]]:
        """Conditions on columns of words."""
        if one.operator is not None:
            types = one.operator
            yield (
                ("facilities", "operator"),
                self.worded("operator", lambda text: among(OPERATOR_WORDS.get(plain(text)), types)),
            )
        if one.grade_at_least is not None:
            least = one.grade_at_least
            yield (
                ("facilities", "grade"),
                self.worded("grade", lambda text: reaches(grade_of(text), least)),
            )
        if one.level is not None:
            level = one.level
            yield (
                ("facilities", "level"),
                self.worded("level", lambda text: among(LEVEL_WORDS.get(plain(text)), (level,))),
            )
        if one.services is not None:
            asked = set(one.services)
            yield (
                ("facilities", "services"),
                self.worded("services", lambda text: asked <= offers_of(text) if text else None),
            )
        if one.names is not None:
            parts = one.names
            yield (
                ("facilities", "name"),
                self.worded("name", lambda text: contains(text, parts)),
            )

    def place_conditions(self, one: Filter) -> Iterator[tuple[Input, Maybe]]:
        """Conditions on where a facility lies."""
        if one.units is not None:
            wanted = set(one.units)
            inside = np.array([bool(wanted & names) for names in self.unit_names], bool)
            yield ("admin", "unit"), certain(inside)
        if one.urban is not None:
            yield ("admin", "urban"), self.urban if one.urban else self.rural

    def of_kinds(self, kinds: Sequence[str]) -> Maybe:
        """Of one of these kinds; a blank may be one that offers the facility's service."""
        yes = np.isin(self.kind, list(kinds))
        services = {facility_kinds()[slug].service for slug in kinds}
        blank = (self.kind == "") & np.isin(self.texts("service"), list(services))
        return Maybe(yes, yes | blank)

    def opened_after(self, day: str, now: str) -> Maybe:
        """Opened after a day; what is planned has yet to open."""
        yes, may = (np.zeros(len(self), bool) for _ in range(2))
        planned = self.status(now) == "planned"
        for at, opened in enumerate(self.texts("opened")):
            first, last = days_of(opened)
            yes[at] = planned[at] or bool(opened and first > day)
            may[at] = yes[at] or (last > day if opened else "opened" not in self.blanks_are_no)
        return Maybe(yes, may)


def services_of(filters: Sequence[Filter]) -> set[str]:
    """The services that the filters speak of."""
    kinds = facility_kinds()
    services: set[str] = set()
    for one in filters:
        if one.service is not None:
            services.add(one.service)
        elif one.kinds is not None:
            services |= {kinds[slug].service for slug in one.kinds}
    return services


def columns_of(filters: Sequence[Filter]) -> Iterator[Input]:
    """Every input that the filters ask for, besides the facilities themselves."""
    for one in filters:
        for key, column in (
            ("kinds", "kind"), ("inclusive", "inclusive"), ("operator", "operator"),
            ("grade_at_least", "grade"), ("level", "level"), ("services", "services"),
            ("names", "name"), ("opened_after", "opened"),
        ):  # fmt: skip
            if getattr(one, key) is not None:
                yield "facilities", column
        yield from (("facilities", name) for name in (*(one.flags or ()), *one.at_least))
        yield from (("admin", f"unit={name}") for name in one.units or ())
        if one.urban is not None:
            yield "admin", "urban"


def urban_maybe(layer: GeoDataFrame, units: GeoDataFrame | None, wanted: bool) -> Maybe:
    """Whether each row lies in town (or the country); no, for one that lies in no unit."""
    if units is None:
        return Maybe(np.zeros(len(layer), bool), np.ones(len(layer), bool))
    columns = [column_of(level) for level in levels_of(units)]
    in_units = layer[columns].notna().any(axis=1).to_numpy()
    flags = urban_of_rows(layer, units)
    yes = flags.eq(wanted).fillna(False).to_numpy(bool) & in_units
    return Maybe(yes, yes | (flags.isna().to_numpy() & in_units))


def exact(cell: Any) -> Fraction:
    """A number of a layer as it was written: 750.5 is 1501/2."""
    value = cell.item() if hasattr(cell, "item") else cell
    return Fraction(value) if isinstance(value, int) else Fraction(repr(float(value)))


def days_of(opened: str) -> tuple[str, str]:
    """First and last day of an ISO date, month or year."""
    if len(opened) == 4:
        return f"{opened}-01-01", f"{opened}-12-31"
    if len(opened) == 7:
        last = calendar.monthrange(int(opened[:4]), int(opened[5:]))[1]
        return f"{opened}-01", f"{opened}-{last}"
    return opened, opened


def plain(text: str) -> str:
    """A word as word lists have it."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def certain(yes: Mask) -> Maybe:
    """A condition that is known of every facility."""
    return Maybe(yes, yes)


def negated(condition: Maybe, swap: bool) -> Maybe:
    """The condition, or its opposite."""
    return Maybe(~condition.may, ~condition.yes) if swap else condition


def all_of(masks: Sequence[Mask], count: int) -> Mask:
    """Where all hold."""
    return np.logical_and.reduce(masks) if masks else np.ones(count, bool)


def among(word: str | None, wanted: Sequence[str]) -> bool | None:
    """Whether a word is one of these; None where there is none."""
    return None if word is None else word in wanted


def reaches(grade: int | None, least: int) -> bool | None:
    """Whether a grade is high enough; None where it is not known."""
    return None if grade is None else grade >= least


def contains(text: str, parts: Sequence[str]) -> bool | None:
    """Whether a name contains one of these; None without a name."""
    return any(part in text for part in parts) if text else None
