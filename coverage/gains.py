"""Who gains and who loses between two worlds that are studied alike?

Every home is compared with itself: its people *gain* when it is covered in the second world and was
not in the first, they *lose* when it was and is not, and they are *nearer* or *farther* when their
walk to the nearest facility takes less or more time, be it within the limit or not. People who come
or go, with their home or in it, gain and lose nothing: where they are covered they stand apart, as
``moved``. In every quarter, in every unit and in all, whole people:

    covered after = covered before + gained - lost + moved

Limits: the people of a home are one; who in it walks more slowly is not known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame

from carecircle.coverage.assignment import assign_places
from carecircle.coverage.places import people_asking
from carecircle.coverage.reached import rows_of
from carecircle.coverage.result import Circle, Coverage
from carecircle.isochrones.minutes import ReachTable

COUNTS = (
    "people_before",
    "people_after",
    "covered_before",
    "gained",
    "lost",
    "moved",
    "covered_after",
    "nearer",
    "farther",
)


@dataclass(frozen=True)
class Placed:
    """Places of known capacity, people who look for one, and those who find it."""

    places: int
    demand: int
    placed: int


def gains_of_homes(before: Coverage, after: Coverage) -> DataFrame:
    """The `COUNTS` of each home; index ``block_id``, ``home_id``, those of the second world first.

    Raises
    ------
    AssertionError
        The counts do not balance, or are not those of the two coverages.
    """
    first, second = by_block(before), by_block(after)
    index = second.index.append(first.index.difference(second.index, sort=False))
    stays = index.isin(first.index) & index.isin(second.index)
    old, new = first.reindex(index), second.reindex(index)
    was_people, is_people = (t["people"].fillna(0).to_numpy(np.int64) for t in (old, new))
    was, now = ((t["status"] == "covered").to_numpy() for t in (old, new))
    walked, walks = (t["minutes"].fillna(np.inf).to_numpy() for t in (old, new))
    both = np.minimum(was_people, is_people)  # who was there and is
    found = DataFrame(
        {
            "people_before": was_people,
            "people_after": is_people,
            "covered_before": np.where(was, was_people, 0),
            "gained": np.where(stays & now & ~was, both, 0),
            "lost": np.where(stays & was & ~now, both, 0),
            "moved": np.where(now, is_people - both, 0) - np.where(was, was_people - both, 0),
            "covered_after": np.where(now, is_people, 0),
            "nearer": np.where(stays & (walks < walked), both, 0),
            "farther": np.where(stays & (walks > walked), both, 0),
        },
        index=index,
    )
    check(found, before, after)
    return found


def by_block(coverage: Coverage) -> DataFrame:
    """The homes by their quarter and id: one with the id of another elsewhere is not the same."""
    return coverage.homes.set_index("block_id", append=True).swaplevel()


def check(found: DataFrame, before: Coverage, after: Coverage) -> None:
    """A ledger that does not balance is never returned."""
    left = found["covered_before"] + found["gained"] - found["lost"] + found["moved"]
    total = found.sum()
    told = (before.people.input, after.people.input, before.people.covered, after.people.covered)
    names = ["people_before", "people_after", "covered_before", "covered_after"]
    if not (left == found["covered_after"]).all() or tuple(total[names]) != told:
        raise AssertionError("the gains do not add up to the coverage")


def gains_of_quarters(homes: DataFrame, before: Coverage, after: Coverage) -> DataFrame:
    """The counts of each quarter, with ``minutes_`` and ``status_`` ``before`` and ``after``."""
    index = after.quarters.index.append(
        before.quarters.index.difference(after.quarters.index, sort=False)
    )
    found = homes.groupby(level="block_id").sum().reindex(index, fill_value=0)
    for name, coverage in (("before", before), ("after", after)):
        found[f"minutes_{name}"] = coverage.quarters["minutes"].reindex(index)
        found[f"status_{name}"] = coverage.quarters["status"].reindex(index).fillna("")
    return found


def gains_of_units(quarters: DataFrame, unit_of: pd.Series) -> DataFrame:
    """The counts of each unit, by ``unit_of`` each quarter; ``""`` for quarters in none."""
    unit = unit_of.reindex(quarters.index).astype("str").fillna("")
    return quarters[list(COUNTS)].groupby(unit.to_numpy()).sum()


def placed(
    circle: Circle, people: pd.Series, capacity: pd.Series, near: ReachTable
) -> Placed | None:
    """Who finds a place within the limit; None where there are stations, but no known capacity.

    ``near`` has the homes within the limit of each station, as `places.circle_places` is given.
    """
    known = capacity.notna().to_numpy()
    if len(known) and not known.any():
        return None
    places = capacity[known].to_numpy(np.int64)
    demand = people_asking(people.to_numpy(np.int64), circle.demand_percent)
    taken = assign_places(rows_of(near, known), demand, np.minimum(places, demand.sum())).placed
    return Placed(int(places.sum()), int(demand.sum()), int(taken.sum()))
