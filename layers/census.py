"""How many people of each age live in a unit, and so in its quarters?

A census table has a row for each unit, its population and its people by bands of ages
(0, 1-4, 5-9 ... 85 and over). The cohorts of a unit are sums of bands; a band that a cohort
cuts is taken as spread evenly over its years. The cohorts go to the unit's quarters by
largest remainder, each in proportion to the people who can belong to it: those of 60 and
over among all, those of 65 and over among these, children among the rest. So no quarter has
more of a cohort than people, and each unit's totals are exact.

Limits: every quarter of a unit has the ages of the unit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from carecircle.layers.numbers import read_whole
from carecircle.layers.people import Whole, largest_remainder
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.quarantine import without_bad_rows
from carecircle.layers.reading import Reading, Record, ids_of, numbers_of
from carecircle.layers.sources import APART, COHORTS, PART_OF, CensusSource

AGES: dict[str, tuple[int, int | None]] = {
    "age_60_plus": (60, None),
    "age_65_plus": (65, None),
    "age_80_plus": (80, None),
    "age_0_2": (0, 2),
    "age_3_5": (3, 5),
}
ONE_AGE = re.compile(r"(\d+)岁")
FROM_TO = re.compile(r"(\d+)\s*(?:到|至|-|–|—|~|～)\s*(\d+)\s*岁?")
AND_OVER = re.compile(r"(\d+)\s*(?:岁?及?以上|\+)")


@dataclass(frozen=True)
class Band:
    """A column of ages, first to last year inclusive; the last band has no last year."""

    column: str
    first: int
    last: int | None

    def includes(self, ages: tuple[int, int | None]) -> Fraction | None:
        """The part of the band that has these ages, its years alike; None if it cannot tell."""
        first, last = ages
        if self.last is None:
            if last is not None:
                return Fraction(0) if last < self.first else None
            return Fraction(1) if first <= self.first else None
        top = self.last if last is None else min(last, self.last)
        years = max(top - max(first, self.first) + 1, 0)
        return Fraction(years, self.last - self.first + 1)


@dataclass(frozen=True, eq=False)
class Census:
    """People and cohorts of each unit.

    Attributes
    ----------
    counts : dict
        Unit id -> exact people of ``population`` and of each cohort the table can tell.
    bands : tuple of Band
        The columns of ages, youngest first.
    ages : dict
        Unit id -> its people of each band.
    """

    counts: Mapping[str, Mapping[str, Fraction]]
    records: tuple[Record, ...]
    files: tuple[Record, ...]
    bands: tuple[Band, ...] = ()
    ages: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def totals(self) -> dict[str, int]:
        """Whole people of each unit."""
        return {unit: int(people["population"]) for unit, people in self.counts.items()}


def read_census(source: CensusSource, groups: Sequence[str]) -> Census:
    """Read a census table of which ``groups`` are needed.

    Raises
    ------
    StudyError
        E-POP-009 ages with gaps; E-POP-010 ages that do not add up to the population;
        E-POP-011 a needed group that begins in the last band; and the faults of any table.
    """
    return without_bad_rows(source, partial(census_of, source=source, groups=groups))


def census_of(reading: Reading, source: CensusSource, groups: Sequence[str]) -> Census:
    """The units of the rows of a file."""
    ids = ids_of(reading, {})
    bands = age_bands(list(reading.raw.table.columns))
    if not runs_through(bands):
        found = ", ".join(band.column for band in bands) or "-"
        reading.fault("E-POP-009", columns=found)
    people = {band.column: whole_numbers(reading, band.column) for band in bands}
    reading.refuse_if_any()
    ages = pd.DataFrame(people)
    note_other_totals(reading, ages)
    parts: dict[str, list[Fraction]] = {"population": [Fraction(1)] * len(bands)}
    for group in COHORTS:
        of_bands = [part_of_band(band, group, source) for band in bands]
        told = [part for part in of_bands if part is not None]
        if len(told) == len(bands):
            parts[group] = told
        elif group in groups:
            reading.fault("E-POP-011", group=group, band=bands[-1].column)
    reading.refuse_if_any()
    rows = ages.to_numpy(np.int64).tolist()
    counts = {
        id: {group: weighted(row, of_bands) for group, of_bands in parts.items()}
        for id, row in zip(ids, rows, strict=True)
    }
    records, files = tuple(reading.records), (reading.file_facts(),)
    return Census(counts, records, files, tuple(bands), dict(zip(ids, rows, strict=True)))


def age_bands(headers: Sequence[Any]) -> list[Band]:
    """The columns that are called like an age or a band of ages, youngest first.

    >>> [(b.first, b.last) for b in age_bands(["区县", "85岁以上", "0岁", "1到4岁"])]
    [(0, 0), (1, 4), (85, None)]
    """
    bands = []
    for header in map(str, headers):
        text = unicodedata.normalize("NFKC", header).strip()
        if one := ONE_AGE.fullmatch(text):
            bands.append(Band(header, int(one[1]), int(one[1])))
        elif pair := FROM_TO.fullmatch(text):
            bands.append(Band(header, int(pair[1]), int(pair[2])))
        elif over := AND_OVER.fullmatch(text):
            bands.append(Band(header, int(over[1]), None))
    return sorted(bands, key=lambda band: band.first)


def runs_through(bands: Sequence[Band]) -> bool:
    """Whether the bands hold every age once, from 0 to an open end."""
    next_age: int | None = 0
    for band in bands:
        if band.first != next_age or (band.last is not None and band.last < band.first):
            return False
        next_age = None if band.last is None else band.last + 1
    return bool(bands) and next_age is None


def whole_numbers(reading: Reading, header: str) -> np.ndarray[Any, Any]:
    """A column of whole people that the file itself calls ``header``."""
    cells = reading.column(header, needed=True) or []
    return numbers_of(reading, header, cells, read_whole)


def note_other_totals(reading: Reading, ages: pd.DataFrame) -> None:
    """Note rows whose ages do not add up to their stated population."""
    if reading.column("population") is None:
        return
    stated = numbers_of(reading, "population", reading.column("population") or [], read_whole)
    column = reading.columns["population"]
    for at, (people, sum_of_ages) in enumerate(zip(stated, ages.sum(axis=1), strict=True)):
        if np.isfinite(people) and people != sum_of_ages:
            sums = {"ages": int(sum_of_ages), "population": int(people)}
            reading.fault("E-POP-010", at, column, int(people), **sums)


def part_of_band(band: Band, group: str, source: CensusSource) -> Fraction | None:
    """The part of a band that belongs to a cohort; None if the table cannot tell."""
    under_3, age_5 = Fraction(str(source.under_3_of_1_to_4)), Fraction(str(source.age_5_of_5_to_9))
    assumed = {
        (1, 4): {"age_0_2": under_3, "age_3_5": 1 - under_3},
        (5, 9): {"age_3_5": age_5},
    }
    parts = assumed.get((band.first, -1 if band.last is None else band.last), {})
    return parts[group] if group in parts else band.includes(AGES[group])


def weighted(people: Sequence[int | Fraction], parts: Sequence[Fraction]) -> Fraction:
    """People of the bands, each times its part."""
    return sum((n * part for n, part in zip(people, parts, strict=True)), start=Fraction(0))


def cohorts_of_units(
    census: Census, population: Whole, unit_of: pd.Series, known: Mapping[str, Whole]
) -> dict[str, Whole]:
    """Whole people of each cohort in each quarter, from the ages of the quarter's unit.

    Parameters
    ----------
    census : Census
    population : (n,) int64
        Of each quarter.
    unit_of : Series
        The unit of each quarter, in the same order; every one in ``census``.
    known : mapping
        Cohorts that were counted already, (n,) int64 each; they stay as they are.

    Returns
    -------
    dict
        The cohorts of the census that are not ``known``, (n,) int64 each.

    Raises
    ------
    StudyError
        E-POP-014: a cohort has more people than can belong to it.
    """
    found: dict[str, Whole] = {}
    for unit, at in unit_of.groupby(unit_of, sort=False).indices.items():
        here = {group: people[at] for group, people in known.items()}
        counts = census.counts[str(unit)]
        for group, people in cohorts_of_unit(counts, population[at], here).items():
            found.setdefault(group, np.zeros(len(population), np.int64))[at] = people
    return found


def cohorts_of_unit(
    counts: Mapping[str, Fraction], population: Whole, known: Mapping[str, Whole]
) -> dict[str, Whole]:
    """The cohorts of one unit's quarters.

    ``counts`` are the unit's own people of each cohort; they are scaled to the people who
    live in its quarters.
    """
    totals = whole_totals(counts, int(population.sum()))
    people = dict(known)
    free = population.copy()
    for group in APART:
        if group in totals and group not in people:
            people[group] = shared_among(free, totals[group], group)
        free = free - people.get(group, 0)
    for group, wider in PART_OF.items():
        if group in counts and group not in people:
            total = half_up(int(people[wider].sum()) * part(counts[group], counts[wider]))
            people[group] = shared_among(people[wider], total, group)
    return {group: whole for group, whole in people.items() if group not in known}


def whole_totals(counts: Mapping[str, Fraction], population: int) -> dict[str, int]:
    """Whole people of the cohorts that exclude each other, together at most ``population``."""
    totals: dict[str, int] = {}
    for group in APART:
        if group in counts:
            share = part(counts[group], counts["population"])
            totals[group] = min(half_up(population * share), population - sum(totals.values()))
    return totals


def shared_among(people: Whole, total: int, group: str) -> Whole:
    """``total`` persons in proportion to the people of each place, never more than those."""
    if total > people.sum() or (people < 0).any():
        raise StudyError(Problem("E-POP-014", details={"group": group, "people": total}))
    return largest_remainder(people, total, at_most=people)


def part(some: Fraction, all_of_them: Fraction) -> Fraction:
    """Some of a number of people, as a share; 0 of nobody."""
    return some / all_of_them if all_of_them else Fraction(0)


def half_up(value: Fraction) -> int:
    """To the nearest whole number, halves up."""
    return int(value + Fraction(1, 2))
