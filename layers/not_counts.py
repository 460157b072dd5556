"""Are these numbers of people, or shares, percentages and ten thousands of them?

No header has to say so: 0.21 under 60岁以上 is a share, 0.0331 under 常住人口 of a quarter ten
thousands. Rounded to whole people they give next to nobody, and no fault anywhere. What cannot
be a count is refused, until the study file says ``numbers_are_counts = true``.

Method. Of a cohort, rows with some of it are looked at:

- shares: no number is above 1, some are below, and they vary less from row to row than their
  own shares of the people do;
- ten thousands: no number is above 1, and together they are less than 1 in 1,000 people;
- percentages: most numbers have decimals although people are whole, none is above 100, and
  they vary less from row to row than their own shares of the people do.

Of the population of quarters: most numbers have decimals and are below 10. Cells of a grid may
hold less than one person each and are not looked at.

Limits: percentages rounded to whole numbers are not recognised.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from carecircle.layers.reading import Reading

FEWEST_ROWS = 5
LEAST_SHARE = 0.001  # of the people; no cohort is as small
SMALL_QUARTER = 10.0

Numbers = NDArray[np.float64]


def note_not_counts(
    reading: Reading, population: Numbers | None, counted: dict[str, Numbers], are_cells: bool
) -> None:
    """Note columns whose numbers cannot be people (E-NUM-011)."""
    if population is None or reading.source.numbers_are_counts:
        return
    if not are_cells and in_ten_thousands(population):
        note(reading, "population", population)
    for group, values in counted.items():
        if is_share(values, population) or is_percentage(values, population):
            note(reading, group, values)


def in_ten_thousands(population: Numbers) -> bool:
    """Whether most quarters have a few people and a fraction."""
    some = population[population > 0]  # NaN is not
    small = (some < SMALL_QUARTER) & has_decimals(some)
    return len(some) >= FEWEST_ROWS and small.mean() > 0.5


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
    """Note the first number that is not whole."""
    at = int(np.argmax(np.isfinite(values) & has_decimals(values)))
    reading.fault("E-NUM-011", at, reading.columns[name], float(values[at]))
