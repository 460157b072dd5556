"""How does coverage grow with the minutes, and who has a second choice?

The curve counts the people whose walk takes at most 0, 1, 2 ... minutes, so that one sees
whether a share just misses its limit or is far from it. Backup coverage (Hogan & ReVelle
1986) counts the people who keep a facility within the limit when any one of theirs closes.

People are whole, limits are inclusive, and whoever reaches nothing stays in the total.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from carecircle.coverage.measure import MS_PER_MINUTE, sums
from carecircle.isochrones.minutes import NEVER, ReachTable


def people_by_minute(
    walk_ms: NDArray[np.int64], people: NDArray[np.int64], most_minutes: int
) -> NDArray[np.int64]:
    """People whose walk takes at most 0, 1 ... ``most_minutes`` minutes.

    Parameters
    ----------
    walk_ms : (homes,) int64
        To the nearest facility, or a column of `nearest_k` for the second nearest; `NEVER`
        where there is none.
    """
    return np.cumsum(
        _first_minutes(walk_ms, people, np.zeros(len(people), int), 1, most_minutes)[0]
    )


def people_by_minute_and_unit(
    walk_ms: NDArray[np.int64], people: NDArray[np.int64], unit: pd.Series, most_minutes: int
) -> DataFrame:
    """The curve of each unit: a row per unit, ``people`` in all, and a column per minute.

    ``unit`` names the unit of each home; homes with NA are counted under ``""``.
    """
    names, code = np.unique(np.asarray(unit.astype("str").fillna(""), object), return_inverse=True)
    table = DataFrame(
        np.cumsum(_first_minutes(walk_ms, people, code, len(names), most_minutes), axis=1),
        index=pd.Index(names, dtype="str", name=unit.name),
    )
    table.insert(0, "people", sums(code, people, len(names)))
    return table


def _first_minutes(
    walk_ms: NDArray[np.int64],
    people: NDArray[np.int64],
    unit: NDArray[Any],
    n_units: int,
    most_minutes: int,
) -> NDArray[np.int64]:
    """People of each unit by the first whole minute in which they are there."""
    if most_minutes < 0:
        raise ValueError(f"a curve needs 0 minutes or more, not {most_minutes}")
    there = walk_ms <= most_minutes * MS_PER_MINUTE
    first = -(-walk_ms[there] // MS_PER_MINUTE)
    counts = np.zeros((n_units, most_minutes + 1), np.int64)
    np.add.at(counts, (unit[there], first), people[there])
    return counts


def facilities_within(table: ReachTable, n_homes: int) -> NDArray[np.int64]:
    """How many facilities each home has within the limit of the table (a row per facility)."""
    return np.bincount(table.target, minlength=n_homes)


def backup_coverage(
    table: ReachTable, people: NDArray[np.int64], most: int = 3
) -> NDArray[np.int64]:
    """People who have at least 0, 1 ... ``most`` facilities within the limit of the table."""
    choices = np.minimum(facilities_within(table, len(people)), most)
    having = sums(choices, people, most + 1)
    return np.cumsum(having[::-1])[::-1]


def lost_without(table: ReachTable, people: NDArray[np.int64]) -> NDArray[np.int64]:
    """People who have no other facility within the limit, by facility: lost if it closes."""
    only = facilities_within(table, len(people))[table.target] == 1
    row = np.repeat(np.arange(len(table)), np.diff(table.indptr))
    return sums(row[only], people[table.target[only]], len(table))


def later_than_nearest(walk_ms: NDArray[np.int64]) -> NDArray[np.int64]:
    """How much longer the walk to the second nearest is: `NEVER` without one, (homes,).

    ``walk_ms`` is (homes, 2 or more), from `nearest_k`.
    """
    nearest, second = walk_ms[:, 0], walk_ms[:, 1]
    return np.where(second == NEVER, NEVER, second - np.where(second == NEVER, 0, nearest))
