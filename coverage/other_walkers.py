"""Would the circle hold for somebody else: slower, without steps, resting on benches?

Each other walker has searched the streets by itself, through the doors that this walker can use;
no speed can stand for that. Everything else of the circle stays: minutes, group, target, direction.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from pandas import DataFrame, Index

from carecircle.coverage.measure import NO_WAY_FOR_WALKER, STATUSES
from carecircle.coverage.result import Circle, Coverage, Ledger

AMOUNTS = ("people", "quarters", "land_m2")
PARTS = (*STATUSES, "shut_out")  # the last are some of the excluded
COLUMNS = (
    "zh",
    "en",
    *(name for what in AMOUNTS for name in (what, *(f"{what}_{part}" for part in PARTS))),
    "verdict",
    "people_to_target",
    "flips",
)


def walkers_table(own: Coverage, others: Sequence[tuple[Circle, Coverage]]) -> DataFrame:
    """What each other walker finds, and whether the verdict is another than the circle's own.

    Index ``walker``; the columns are `COLUMNS`: people, quarters and land, each with its parts.
    """
    rows = []
    for circle, coverage in others:
        if coverage.people.input != own.people.input:
            raise AssertionError("another walker cannot change how many people there are")
        rows.append(
            (
                circle.walker.zh,
                circle.walker.en,
                *parts(coverage.people),
                *parts(coverage.quarter_count),
                *parts(coverage.land_m2),
                coverage.verdict,
                coverage.people_to_target,
                coverage.verdict != own.verdict,
            )
        )
    index = Index([circle.walker.id for circle, _ in others], name="walker", dtype="str")
    return DataFrame(rows, index=index, columns=list(COLUMNS))


def walkers_units(own: Coverage, others: Sequence[tuple[Circle, Coverage]]) -> DataFrame | None:
    """The people of each unit of each level for each other walker; None without units.

    Index ``admin_id``, column ``walker`` before those of `Coverage.units`. Each level is the
    whole study again, for every walker.
    """
    if own.units is None:
        return None
    tables = [one.units for _, one in others if one.units is not None]
    for table, (_, coverage) in zip(tables, others, strict=True):
        if table["people"].tolist() != own.units["people"].tolist():
            raise AssertionError("another walker cannot change who lives in a unit")
        if (table.groupby("level")["people_covered"].sum() != coverage.people.covered).any():
            raise AssertionError("the units of a walker do not sum up to the whole study")
    return by_walker(own.units, tables, others)


def walkers_quarters(own: Coverage, others: Sequence[tuple[Circle, Coverage]]) -> DataFrame:
    """What each other walker finds in each quarter: index ``block_id``, as `Coverage.quarters`."""
    return by_walker(own.quarters, [coverage.quarters for _, coverage in others], others)


def by_walker(
    own: DataFrame, tables: Sequence[DataFrame], others: Sequence[tuple[Circle, Coverage]]
) -> DataFrame:
    """Tables of several walkers below each other; without any, one without rows."""
    told = [
        table.assign(walker=circle.walker.id)
        for table, (circle, _) in zip(tables, others, strict=True)
    ]
    whole = pd.concat(told) if told else own.iloc[:0].assign(walker="")
    return whole[["walker", *own.columns]]


def parts(ledger: Ledger) -> tuple[int, int, int, int, int]:
    """The whole of a ledger, then its parts in the order of `PARTS`."""
    excluded = sum(ledger.excluded.values())
    shut_out = ledger.excluded.get(NO_WAY_FOR_WALKER, 0)
    return ledger.input, ledger.covered, ledger.uncovered, excluded, shut_out
