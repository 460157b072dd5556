"""Would the circle hold for somebody else: slower, without steps, resting on benches?

Each other walker has searched the streets by itself, through the doors that this walker can use;
no speed can stand for that. Everything else of the circle stays: minutes, group, target, direction.
"""

from __future__ import annotations

from collections.abc import Sequence

from pandas import DataFrame, Index

from carecircle.coverage.measure import COUNTS, TOO_FAR
from carecircle.coverage.result import Circle, Coverage

COLUMNS = ("zh", "en", *COUNTS, "verdict", "people_to_target", "flips")


def walkers_table(own: Coverage, others: Sequence[tuple[Circle, Coverage]]) -> DataFrame:
    """What each other walker finds, and whether the verdict is another than the circle's own.

    Index ``walker``; the columns are `COLUMNS`.
    """
    rows = []
    for circle, coverage in others:
        ledger = coverage.people
        if ledger.input != own.people.input:
            raise AssertionError("another walker cannot change how many people there are")
        rows.append(
            (
                circle.walker.zh,
                circle.walker.en,
                ledger.input,
                ledger.covered,
                ledger.uncovered,
                ledger.excluded[TOO_FAR],
                coverage.verdict,
                coverage.people_to_target,
                coverage.verdict != own.verdict,
            )
        )
    index = Index([circle.walker.id for circle, _ in others], name="walker", dtype="str")
    return DataFrame(rows, index=index, columns=list(COLUMNS))
