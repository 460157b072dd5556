"""Who of each age will live in a unit in the target year?

The cohort-component method for a closed population (Preston, Heuveline and Guillot,
"Demography: Measuring and Modeling Population Processes", 2001, section 6.3), in steps of five
years and bands of five: who is in a band now is in the next one five years later, less those who
die; the open last band takes in the one below it; the youngest band are the children born
meanwhile who are alive. Survival comes from a table of the study's own, births are a stated number
a year. Numbers stay exact fractions until they are whole people of quarters.

Between two steps each cohort is interpolated in a straight line.

Limits: nobody moves in or out, women and men are not told apart, births do not follow the number
of mothers. A unit that gains or loses people by moving is carried wrong, the more the further.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

import numpy as np
import pandas as pd

from carecircle.layers.census import Band, Census, age_bands, half_up, part, part_of_band, weighted
from carecircle.layers.numbers import NotANumber, is_missing, read_number
from carecircle.layers.people import Whole, largest_remainder
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.quarantine import without_bad_rows
from carecircle.layers.reading import Reading, Record, as_text, normal
from carecircle.layers.sources import AgeingSource, CensusSource

STEP_YEARS = 5
LEAST_LAST = 80  # an open band from a younger age would hide the people of 80 and over
BIRTHS = ("births", "birth", "出生")
AGE_NAMES = ("age", "ages", "年龄", "年龄组")
SURVIVAL_NAMES = ("survival", "存活率", "生存率", "存活比")

Ages = list[Fraction]  # people of each band of five years, youngest first, the last one open


@dataclass(frozen=True, eq=False)
class Survival:
    """Who is alive five years later.

    Attributes
    ----------
    births : Fraction
        Of the children born in five years, the part alive at their end.
    ratios : dict
        First age of a band -> the part of its people alive five years later.
    last : int
        First age of the open band.
    """

    births: Fraction
    ratios: Mapping[int, Fraction]
    last: int
    records: tuple[Record, ...] = ()
    files: tuple[Record, ...] = ()


def read_survival(source: AgeingSource) -> Survival:
    """Read a table of survival: a row for births and for each band of five years.

    Raises
    ------
    StudyError
        E-POP-026 rows that are no ages, missing or twice; E-POP-027 a number that is no ratio;
        and the faults of any table.
    """
    return without_bad_rows(source, partial(survival_of, source=source))


def survival_of(reading: Reading, source: AgeingSource) -> Survival:
    """The survival of the rows of a file."""
    ages = reading.column("age", True, AGE_NAMES) or []
    cells = reading.column("survival", True, SURVIVAL_NAMES) or []
    reading.refuse_if_any()
    births: list[Fraction] = []
    bands: list[tuple[Band, Fraction]] = []
    for at, (age, cell) in enumerate(zip(ages, cells, strict=True)):
        text = "" if is_missing(age) else normal(as_text(age))
        ratio = ratio_of(reading, at, cell)
        if text.casefold() in BIRTHS:
            births.append(ratio)
        else:
            bands += [(band, ratio) for band in age_bands([text])]
            if not age_bands([text]):
                reading.fault("E-POP-026", at, reading.columns["age"], age)
    bands.sort(key=lambda row: row[0].first)
    firsts = [band.first for band, _ in bands]
    runs_through = bool(bands) and are_fives([band for band, _ in bands])
    if len(births) != 1 or not runs_through or firsts[-1] < LEAST_LAST:
        reading.fault("E-POP-026", column=reading.columns["age"])
    reading.refuse_if_any()
    ratios = {band.first: ratio for band, ratio in bands}
    files = (reading.file_facts(),)
    return Survival(births[0], ratios, firsts[-1], tuple(reading.records), files)


def ratio_of(reading: Reading, at: int, cell: object) -> Fraction:
    """A cell as a ratio above 0 and at most 1; 0 with the fault noted where it is none."""
    try:
        value = read_number(cell).value
    except NotANumber as fault:
        reading.fault(fault.id, at, reading.columns["survival"], cell, **fault.details)
        return Fraction(0)
    if not 0 < value <= 1:
        reading.fault("E-POP-027", at, reading.columns["survival"], cell)
    return Fraction(repr(value))


def are_fives(bands: Sequence[Band]) -> bool:
    """Whether bands, youngest first, are of five years each from 0, the last one open."""
    wanted = [
        (first, first + STEP_YEARS - 1)
        for first in range(0, STEP_YEARS * (len(bands) - 1), STEP_YEARS)
    ]
    *closed, last = bands
    found = [(band.first, band.last) for band in closed]
    return found == wanted and (last.first, last.last) == (len(wanted) * STEP_YEARS, None)


def five_years_later(ages: Ages, survival: Survival, births: Fraction) -> Ages:
    """The people five years on; ``births`` are those of the five years together.

    >>> rates = Survival(Fraction(1), {0: Fraction(1), 5: Fraction(1, 2)}, 5)
    >>> [int(n) for n in five_years_later([Fraction(10), Fraction(8)], rates, Fraction(7))]
    [7, 14]
    """
    alive = [n * survival.ratios[STEP_YEARS * k] for k, n in enumerate(ages)]
    return [births * survival.births, *alive[:-2], alive[-2] + alive[-1]]


def aged(
    census: Census, survival: Survival, births_per_1000: float, years: int, ages: CensusSource
) -> Census:
    """The same units ``years`` later: their population and each cohort the table can tell.

    ``births_per_1000`` is the number of births a year to 1,000 people of today; ``ages`` holds
    the assumptions about the youngest.

    Raises
    ------
    StudyError
        E-POP-028: the census has no bands of five years that end where those of ``survival`` do.
    """
    columns = columns_of_fives(census.bands, survival.last)
    if columns is None:
        found = ", ".join(band.column for band in census.bands)
        details = {"columns": found, "last": survival.last}
        raise StudyError(Problem("E-POP-028", ages.path.name, details=details))
    steps, rest = divmod(years, STEP_YEARS)
    counts = {}
    for unit, people in census.counts.items():
        now = census.ages[unit]
        bands = [Fraction(sum(now[k] for k in of_band)) for of_band in columns]
        births = people["population"] * Fraction(repr(births_per_1000)) / 1000 * STEP_YEARS
        before = dict(people)
        for _ in range(steps):
            bands = five_years_later(bands, survival, births)
            before = cohorts_of_fives(bands, people, ages)
        after = cohorts_of_fives(five_years_later(bands, survival, births), people, ages)
        weight = Fraction(rest, STEP_YEARS)
        counts[unit] = {g: before[g] + weight * (after[g] - before[g]) for g in people}
    return replace(census, counts=counts, bands=(), ages={})


def columns_of_fives(bands: Sequence[Band], last: int) -> list[list[int]] | None:
    """The columns of each band of five years, the open one from ``last``; None where one is cut.

    >>> columns_of_fives(age_bands(["0岁", "1到4岁", "5岁以上"]), 5)
    [[0, 1], [2]]
    """
    columns: list[list[int]] = [[] for _ in range(last // STEP_YEARS + 1)]
    for k, band in enumerate(bands):
        place = min(band.first, last) // STEP_YEARS
        end = last if band.last is None else min(band.last, last)
        if end // STEP_YEARS != place or (band.last is None and band.first < last):
            return None
        columns[place].append(k)
    return columns if all(columns) else None


def cohorts_of_fives(
    bands: Ages, groups: Mapping[str, Fraction], ages: CensusSource
) -> dict[str, Fraction]:
    """Everybody and each of the groups, of bands of five years; the years of a band alike."""
    last = STEP_YEARS * (len(bands) - 1)
    closed = [Band("", first, first + STEP_YEARS - 1) for first in range(0, last, STEP_YEARS)]
    found = {"population": sum(bands, start=Fraction(0))}
    for group in groups:
        if group != "population":
            parts = [part_of_band(band, group, ages) for band in (*closed, Band("", last, None))]
            known = [one for one in parts if one is not None]
            assert len(known) == len(parts), group  # the open band is older than any group
            found[group] = weighted(bands, known)
    return found


def people_later(population: Whole, unit_of: pd.Series, before: Census, after: Census) -> Whole:
    """Whole people of each quarter, each unit's in proportion to today's.

    A unit's total is that of today times what the census says its people become, halves up.
    """
    later = np.zeros(len(population), np.int64)
    for unit, at in unit_of.groupby(unit_of, sort=False).indices.items():
        now = int(population[at].sum())
        people = before.counts[str(unit)]["population"]
        if now and not people:
            details = {"quarters": len(at), "people": now, "units": ", ".join(before.counts)}
            raise StudyError(Problem("E-POP-012", value=unit, details=details))
        total = half_up(now * part(after.counts[str(unit)]["population"], people))
        later[at] = largest_remainder(population[at], total)
        assert later[at].sum() == total
    return later
