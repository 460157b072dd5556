"""Are these numbers of people, or shares, percentages and ten thousands of them?

No header has to say so: 0.21 under 60岁以上 is a share, 0.0331 under 常住人口 of a quarter ten
thousands. Rounded to whole people they give next to nobody, and no fault anywhere. What cannot
be a count is refused, until the study file says ``numbers_are_counts = true``; then it is recorded.

Method. Of a cohort, rows with some of it are looked at:

- shares: no number is above 1, some are below, and they vary less from row to row than their
  own shares of the people do;
- ten thousands: no number is above 1, and together they are less than 1 in 1,000 people;
- percentages: most numbers have decimals although people are whole, none is above 100, and
  they vary less from row to row than their own shares of the people do;
- percentages in whole numbers: none is above 100, as percentages they would be usual
  (`USUAL_PERCENT`), and as people either they would be fewer than `RARELY` of the lowest usual
  share, or they do not follow the people of their rows (`follow_no_people`).

Thousands written with a dot, in texts (1.200 beside 850): every number with decimals has one to
three digits before the dot and exactly three behind it, and those without are below 1,000. Of
measured decimals with three digits one in ten ends with 0 and is written shorter, and next to none
are whole. Where every row has them (12.500, 15.300) that is no proof, and it is asked all the same.

Of the population of quarters: most numbers have decimals and are below 10. Or they are thousands,
as 12.5 for 12,500 (`are_thousands`): most have decimals and none more than three, most are below
100, and the ground is as good as empty. Cells of a grid may hold less than one person each: they
are only looked at all together (`deserted`).

Limits: thousands of quarters so dense that even a thousandth of their people would not leave them
empty are not recognised. Percentages in whole numbers beside small quarters are
only recognised where the rows are many and differ in size (measured rates: ``docs/layers.md``).
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.layers.plausibility import M2_PER_HA
from carecircle.layers.reading import Reading

FEWEST_ROWS = 5
LEAST_SHARE = 0.001  # of the people; no cohort is as small
SMALL_QUARTER = 10.0
THOUSANDS_BELOW = 100.0  # a quarter of 100,000 people is a town
M2_PER_KM2 = 1_000_000
WILDERNESS_PER_KM2 = 5.0  # people; seven city grids of 2015 have 4,062 to 55,670
EMPTY_PER_HA = 5.0  # people; a thousand times as many is the most that live anywhere
# Thousands written with a dot, or decimals.
DOTTED = re.compile(r"\s*[1-9]\d{0,2}\.\d{3}\s*", re.ASCII)
FEWEST_DOTTED = 3
# Lowest and highest share of the residents in 87 districts of six Chinese cities, census of 2020.
USUAL_PERCENT = {
    "age_60_plus": (9.9, 27.1),
    "age_65_plus": (7.0, 21.4),
    "age_80_plus": (1.2, 4.5),
    "age_0_2": (2.0, 5.1),
    "age_3_5": (2.3, 5.4),
}
AS_PERCENTAGES = (0.5, 2.0)  # times the lowest, and the highest, that rows may have on average
RARELY = 0.2  # times the lowest: fewer people are not of that age anywhere
SHARES_DIFFER = 0.5  # from quarter to quarter; between the districts they do by 0.2 to 0.3
STANDARD_ERRORS = 3.0

Numbers = NDArray[np.float64]


def note_not_counts(
    reading: Reading, population: Numbers | None, counted: dict[str, Numbers], are_cells: bool
) -> None:
    """Note columns whose numbers cannot be people (E-NUM-011, E-NUM-014)."""
    if population is None:
        return
    if not are_cells:
        for name, values in {"population": population, **counted}.items():
            cells = list(reading.raw.table[reading.columns[name]])
            if (at := first_dotted(cells, values)) is not None:
                refuse_or_record(reading, "E-NUM-014", at, reading.columns[name], cells[at])
                return
    if not are_cells and in_ten_thousands(population):
        note(reading, "population", population)
    for group, values in counted.items():
        if (
            is_share(values, population)
            or is_percentage(values, population)
            or is_whole_percentage(values, population, group)
        ):
            note(reading, group, values)


def note_thousands(reading: Reading, population: Numbers, shapes: NDArray[Any]) -> None:
    """Note quarters whose people are in thousands, as their ground tells (E-NUM-011)."""
    if not in_ten_thousands(population) and are_thousands(population, shapely.area(shapes)):
        note(reading, "population", population)


def note_deserted(reading: Reading, population: Numbers, area_m2: Numbers) -> None:
    """Note cells, or quarters with their people, on which as good as nobody lives (E-NUM-011)."""
    if deserted(population, area_m2):
        note(reading, "population", population)


def deserted(population: Numbers, area_m2: Numbers) -> bool:
    """Whether all places together have fewer people than a wilderness, though some.

    >>> hectares = np.full(5, 10_000.0)
    >>> deserted(np.array([0.002, 0, 0.0014, 0.003, 0.001]), hectares)
    True
    >>> deserted(np.array([0.2, 0, 0.14, 0.3, 0.1]), hectares)
    False
    """
    km2 = float(area_m2.sum()) / M2_PER_KM2
    everybody = float(population.sum())
    return len(population) >= FEWEST_ROWS and 0 < everybody < WILDERNESS_PER_KM2 * km2


def refuse_or_record(reading: Reading, id: str, at: int, column: str, value: Any) -> None:
    """Note a column that is no count; where the study file says it is, record that (R-NUM-004)."""
    if reading.source.numbers_are_counts:
        reading.record("R-NUM-004", at, column, value)
    else:
        reading.fault(id, at, column, value)


def first_dotted(cells: list[Any], values: Numbers) -> int | None:
    """Where thousands are written with a dot, the position of the first; else None.

    >>> first_dotted(["1.200", "850", "2.050", "1.005"], np.array([1.2, 850, 2.05, 1.005]))
    0
    >>> first_dotted(["28.018", "8.67", "26.233", "850"], np.array([28.018, 8.67, 26.233, 850]))
    """
    dotted = [isinstance(cell, str) and "." in cell for cell in cells]
    whole = values[~np.array(dotted, bool)]
    all_below = (whole > 0).any() and (whole[np.isfinite(whole)] < 1000).all()
    if sum(dotted) < FEWEST_DOTTED or not (all_below or all(dotted)):
        return None
    thousands = [DOTTED.fullmatch(c) for c, has_dot in zip(cells, dotted, strict=True) if has_dot]
    return dotted.index(True) if all(thousands) else None


def in_ten_thousands(population: Numbers) -> bool:
    """Whether most quarters have a few people and a fraction."""
    some = population[population > 0]  # NaN is not
    small = (some < SMALL_QUARTER) & has_decimals(some)
    return len(some) >= FEWEST_ROWS and small.mean() > 0.5


def are_thousands(population: Numbers, area_m2: Numbers) -> bool:
    """Whether the people of quarters are in thousands: 12.5 on ten hectares are 12,500.

    >>> ten_hectares = np.full(5, 100_000.0)
    >>> are_thousands(np.array([12.5, 15.3, 9.82, 30.1, 22]), ten_hectares)
    True
    >>> are_thousands(np.array([12.5, 15.3, 9.82, 30.1, 22]), ten_hectares / 10)
    False
    """
    some = population > 0  # NaN is not
    people, hectares = population[some], area_m2[some] / M2_PER_HA
    if some.sum() < FEWEST_ROWS or has_decimals((1000 * people).round(6)).any():
        return False
    few = (people < THOUSANDS_BELOW) & has_decimals(people)
    return bool(few.mean() > 0.5 and np.median(people / hectares) < EMPTY_PER_HA)


def is_share(values: Numbers, population: Numbers) -> bool:
    """Whether the numbers of a cohort are shares of the people, or ten thousands."""
    some = (values > 0) & (population > 0)
    numbers, people = values[some], population[some]
    if some.sum() < FEWEST_ROWS or numbers.max() > 1 or not has_decimals(numbers).any():
        return False
    return steadier(numbers, people) or numbers.sum() < LEAST_SHARE * people.sum()


def is_percentage(values: Numbers, population: Numbers) -> bool:
    """Whether the numbers of a cohort are percentages of the people."""
    some = (values > 0) & (population > 0)
    numbers, people = values[some], population[some]
    if some.sum() < FEWEST_ROWS or numbers.max() > 100 or has_decimals(people).any():
        return False
    return bool(has_decimals(numbers).mean() > 0.5) and steadier(numbers, people)


def is_whole_percentage(values: Numbers, population: Numbers, group: str) -> bool:
    """Whether the whole numbers of a cohort are percentages of the people."""
    told = np.isfinite(values) & (population > 0)
    numbers, people = values[told], population[told]
    if told.sum() < FEWEST_ROWS or numbers.max() > 100 or has_decimals(numbers).any():
        return False
    lowest, highest = USUAL_PERCENT[group]
    least, most = AS_PERCENTAGES
    if not least * lowest <= numbers.mean() <= most * highest:
        return False
    rare = 100 * numbers.sum() < RARELY * lowest * people.sum()
    return bool(rare) or follow_no_people(numbers, people)


def follow_no_people(numbers: Numbers, people: Numbers) -> bool:
    """Whether numbers grow more slowly from row to row than the square root of the people.

    People of an age grow as all people do, percentages not at all; halfway lies the square root.
    A score test against it: where ``numbers`` follow it, ``score / sqrt(variance)`` is about
    standard normal. The variance is that of counted people whose share differs from row to row
    by `SHARES_DIFFER`.
    """
    expected = np.sqrt(people) * numbers.sum() / np.sqrt(people).sum()
    weight = 1 / (1 + SHARES_DIFFER**2 * expected)
    size = np.log(people)
    size = size - np.average(size, weights=weight * expected)
    score = float(np.sum(size * weight * (numbers - expected)))
    variance = float(np.sum(size**2 * weight * expected))
    return score < -STANDARD_ERRORS * math.sqrt(variance) and variance > 0


def steadier(numbers: Numbers, people: Numbers) -> bool:
    """Whether numbers vary less from row to row than their shares of the people do."""
    return varies(numbers) < varies(numbers / people)


def has_decimals(values: Numbers) -> NDArray[np.bool_]:
    """Which numbers are not whole."""
    return np.asarray(values != np.rint(values))


def varies(values: Numbers) -> float:
    """Coefficient of variation."""
    return float(values.std() / values.mean())


def note(reading: Reading, name: str, values: Numbers) -> None:
    """Note the first number that is not whole, or the first of all."""
    odd = np.isfinite(values) & has_decimals(values)
    at = int(np.argmax(odd if odd.any() else values > 0))
    refuse_or_record(reading, "E-NUM-011", at, reading.columns[name], float(values[at]))
