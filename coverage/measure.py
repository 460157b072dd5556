"""Who is inside one circle: people, quarters, land, and each administrative unit?

A home is covered when its walk to the nearest facility is within the limit, inclusive; a
home that no street is near is excluded but stays in every denominator. A quarter is
covered when at least half of its residents of the group arrive within the limit: the lower
weighted median over its homes, excluded residents counted as never arriving. A quarter all
of whose residents are excluded is excluded; one without residents of the group takes part
in no count of quarters or land. Land is counted whole with its quarter.

Everything is whole numbers, and every count is a ledger that must balance.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas import DataFrame

from carecircle.coverage.result import Circle, Coverage, Ledger
from carecircle.coverage.verdict import people_to_target, verdict
from carecircle.isochrones.minutes import NEVER
from carecircle.layers.admin_units import column_of

TOO_FAR = "too_far_from_street"
NO_WAY_FOR_WALKER = "no_street_for_walker"
STATUSES = ("covered", "uncovered", "excluded")
COUNTS = ["people", *(f"people_{status}" for status in STATUSES), "people_shut_out"]
MS_PER_MINUTE = 60_000


def measure(
    circle: Circle,
    residential: GeoDataFrame,
    homes: GeoDataFrame,
    home_ms: NDArray[np.int64],
    facility_of_home: NDArray[np.object_],
    home_attached: NDArray[np.bool_],
    units: GeoDataFrame | None,
    near_street: NDArray[np.bool_] | None = None,
) -> Coverage:
    """Count one circle's coverage.

    Parameters
    ----------
    home_ms : (homes,) int64
        Walk to the nearest facility of the service in milliseconds; NEVER without one.
    facility_of_home : (homes,) object
        Its ``facility_id``; NA without one. Neither is looked at where not attached.
    home_attached : (homes,) bool
        False where no street is within the snap limit.
    near_street : (homes,) bool, optional
        Where there is a street for other walkers, if not for this one. It decides nothing but
        what is told of an excluded home.
    units : GeoDataFrame or None
        Administrative units; ``residential`` then has ``admin_id``, or where the units have a
        ``level`` a column for each, such as ``town_id``.

    Raises
    ------
    AssertionError
        The people of the homes are not the people of the quarters: a ledger that does not
        balance is never returned.
    """
    home_ms = np.where(home_attached, home_ms, NEVER)
    home_table = homes_table(circle, homes, home_ms, facility_of_home, home_attached)
    if near_street is not None:
        shut = near_street & ~home_attached
        home_table["reason"] = home_table["reason"].mask(shut, NO_WAY_FOR_WALKER)
    quarters = quarters_table(circle, residential, home_table, home_ms)
    people = people_ledger(residential[circle.group].sum(), quarters)
    status = quarters["status"].to_numpy()
    shut_out = (quarters["people_shut_out"] > 0).to_numpy()
    return Coverage(
        homes=home_table,
        quarters=quarters,
        units=None if units is None else units_table(units, residential, quarters[COUNTS]),
        people=people,
        quarter_count=status_ledger(status, np.ones(len(quarters), np.int64), shut_out),
        land_m2=status_ledger(status, quarters["area_m2"].to_numpy(np.int64), shut_out),
        verdict=verdict(people, circle.target_percent),
        people_to_target=people_to_target(people, circle.target_percent),
    )


def homes_table(
    circle: Circle,
    homes: GeoDataFrame,
    home_ms: NDArray[np.int64],
    facility_of_home: NDArray[np.object_],
    home_attached: NDArray[np.bool_],
) -> DataFrame:
    """One row per home, also where nobody of the group lives."""
    reached = home_ms != NEVER
    covered = reached & (home_ms <= circle.limit_ms)
    status = np.select([~home_attached, covered], ["excluded", "covered"], "uncovered")
    return DataFrame(
        {
            "block_id": homes["block_id"],
            "people": homes[circle.group].astype(np.int64),
            "minutes": as_minutes(home_ms),
            "facility_id": pd.Series(facility_of_home, homes.index, dtype="str").where(reached),
            "status": status,
            "reason": np.where(home_attached, "", TOO_FAR),
        },
        index=homes.index,
    )


def quarters_table(
    circle: Circle, residential: GeoDataFrame, homes: DataFrame, home_ms: NDArray[np.int64]
) -> DataFrame:
    """One row per quarter: its people by status, and the minutes half of them need."""
    quarter = residential.index.get_indexer(homes["block_id"])
    if (quarter < 0).any():
        raise AssertionError("a home lies in no quarter")
    people = homes["people"].to_numpy()
    status = homes["status"].to_numpy()
    counts = {
        name: sums(quarter, np.where(status == name, people, 0), len(residential))
        for name in STATUSES
    }
    total = sum(counts.values(), np.zeros(len(residential), np.int64))
    if not np.array_equal(total, residential[circle.group].to_numpy()):
        raise AssertionError("the people of the homes are not those of their quarters")

    shut_out = (homes["reason"] == NO_WAY_FOR_WALKER).to_numpy()
    middle = median_position(quarter, home_ms, people, len(residential))
    median_ms = np.append(home_ms, NEVER)[middle]
    return DataFrame(
        {
            "people": total,
            **{f"people_{name}": counts[name] for name in STATUSES},
            "people_shut_out": sums(quarter, np.where(shut_out, people, 0), len(residential)),
            "minutes": as_minutes(median_ms),
            "area_m2": residential["area_m2"].astype(np.int64),
            "status": quarter_status(total, counts["excluded"], median_ms, circle.limit_ms),
        },
        index=residential.index,
    )


def quarter_status(
    people: NDArray[np.int64],
    excluded: NDArray[np.int64],
    median_ms: NDArray[np.int64],
    limit_ms: int,
) -> NDArray[np.str_]:
    """The status of each quarter, from its people, those excluded, and the minutes of half."""
    return np.select(
        [people == 0, excluded == people, median_ms <= limit_ms],
        ["no_people", "excluded", "covered"],
        "uncovered",
    )


def units_table(units: GeoDataFrame, residential: GeoDataFrame, amounts: DataFrame) -> DataFrame:
    """Amounts of the quarters summed by unit, one level below the other, each the whole again.

    ``amounts`` has a row per quarter and whole numbers only. ``name``, ``level`` and ``parent``
    stand before them.
    """
    level = pd.Series(units.get("level", ""), index=units.index)
    return pd.concat(
        [
            level_table(units[level == name], name, residential[column_of(name)], amounts)
            for name in level.unique()
        ]
    )


def level_table(
    units: GeoDataFrame, level: str, unit_of: pd.Series, amounts: DataFrame
) -> DataFrame:
    """Amounts of each unit of a level; quarters in none, if any, under the id ``""``."""
    unit = unit_of.astype("str").fillna("")
    found = amounts.groupby(unit.to_numpy()).sum()
    ids = [*units.index, ""] if (unit == "").any() else list(units.index)
    table = found.reindex(ids, fill_value=0)
    if not table.sum().equals(amounts.sum()):
        raise AssertionError("the units do not sum up to the whole study")
    table.insert(0, "name", [*units["name"], ""][: len(ids)])
    table.insert(1, "level", level)
    table.insert(2, "parent", [*units.get("parent", [""] * len(units)), ""][: len(ids)])
    table.index.name = units.index.name
    return table


def people_ledger(total: int, quarters: DataFrame) -> Ledger:
    """The people of the group; ``total`` comes from the input, the parts from the homes."""
    return Ledger(
        input=int(total),
        covered=int(quarters["people_covered"].sum()),
        uncovered=int(quarters["people_uncovered"].sum()),
        excluded=by_reason(
            int(quarters["people_excluded"].sum()), int(quarters["people_shut_out"].sum())
        ),
    )


def by_reason(excluded: int, shut_out: int) -> dict[str, int]:
    """What is excluded, by reason; those whom only this walker's streets shut out apart."""
    too_far = {TOO_FAR: int(excluded - shut_out)}
    return {**too_far, NO_WAY_FOR_WALKER: int(shut_out)} if shut_out else too_far


def status_ledger(
    status: NDArray[Any], amount: NDArray[np.int64], shut_out: NDArray[np.bool_]
) -> Ledger:
    """Quarters that have people of the group, counted or measured by their status.

    One that is excluded counts as shut out if any of its people are (``shut_out``).
    """
    by_status = {name: int(amount[status == name].sum()) for name in STATUSES}
    shut_out = shut_out & (status == "excluded")
    return Ledger(
        input=int(amount[status != "no_people"].sum()),
        covered=by_status["covered"],
        uncovered=by_status["uncovered"],
        excluded=by_reason(by_status["excluded"], amount[shut_out].sum()),
    )


def median_position(
    group: NDArray[np.int64],
    values: NDArray[np.int64] | NDArray[np.float64],
    weights: NDArray[np.int64],
    n_groups: int,
) -> NDArray[np.int64]:
    """Where the lower weighted median of each group stands among ``values``.

    The first member, by rising value, with whom half of the group's weight is reached
    (exactly half is enough); -1 for a group without weight.
    """
    order = np.lexsort((values, group))
    group, weights = group[order], weights[order]
    total = sums(group, weights, n_groups)
    up_to = np.cumsum(weights) - (np.cumsum(total) - total)[group]
    half_reached = np.flatnonzero((2 * up_to >= total[group]) & (total[group] > 0))
    found, first = np.unique(group[half_reached], return_index=True)
    position = np.full(n_groups, -1, np.int64)
    position[found] = order[half_reached[first]]
    return position


def sums(group: NDArray[np.int64], values: NDArray[np.int64], n_groups: int) -> NDArray[np.int64]:
    """Sum of the values of each group, in whole numbers."""
    total = np.zeros(n_groups, np.int64)
    np.add.at(total, group, values)
    return total


def as_minutes(ms: NDArray[np.int64]) -> NDArray[np.float64]:
    """Milliseconds as minutes; NaN for NEVER."""
    return np.where(ms == NEVER, np.nan, ms / MS_PER_MINUTE)
