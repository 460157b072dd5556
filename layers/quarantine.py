"""May a layer go on without its bad rows?

By default one bad row refuses its file. With ``on_bad_row = "quarantine"`` the bad rows are
left out, each recorded with its faults, as long as they are few: at most
``quarantine_limit_percent`` of the rows and ``quarantine_people_percent`` of the people. A
bad row whose people cannot be read counts as the mean of the rows that can: nobody passes
under the limit for being unreadable. The layer is then read once more without the bad rows,
by the same checks.

Limits: the mean is a guess, for the limit alone; no figure is computed with it. A layer that
tells no people is held to the limit of rows only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.reading import Reading, Record
from carecircle.layers.sources import LayerSource

T = TypeVar("T")

# Faults of one row, that say nothing about the others.
ROW_FAULTS = {
    "E-NUM-001", "E-NUM-002", "E-NUM-003", "E-NUM-004", "E-NUM-005", "E-NUM-006", "E-NUM-007",
    "E-ID-001", "E-ID-002", "E-ID-003", "E-ID-004", "E-GEO-001", "E-GEO-002", "E-GEO-004",
    "E-LOC-001", "E-LOC-003", "E-POP-002", "E-POP-005", "E-LAY-015", "E-FAC-001", "E-FAC-002",
    "E-SITE-020", "E-SITE-022",
}  # fmt: skip
REJECTED = "R-LAY-007"  # the record of a row that was left out


def without_bad_rows(source: LayerSource, read: Callable[[Reading], T]) -> T:
    """What ``read`` makes of a layer; of its sound rows where the study file allows that.

    Raises
    ------
    StudyError
        As ``read`` does; E-LAY-025 beside it where there are too many bad rows.
    """
    reading = Reading(source)
    try:
        return read(reading)
    except StudyError as error:
        if source.on_bad_row == "refuse" or not all(is_row_fault(p) for p in error.problems):
            raise
        positions = sorted({at for at, _ in reading.bad_rows})
        check_limits(reading, positions, error)
        sound = Reading(source, reading.raw.without(positions))
        sound.records += [rejected_record(reading, at, problem) for at, problem in reading.bad_rows]
        sound.facts["rejected"] = len(positions)
        sound.rejected = [reading.ids[at] for at in positions if reading.ids]
        return read(sound)


def is_row_fault(problem: Problem) -> bool:
    """Whether a problem, or the count of many like it, concerns single rows only."""
    if problem.id == "E-LAY-013":
        return problem.details["fault"] in ROW_FAULTS
    return problem.id in ROW_FAULTS and problem.row is not None


def check_limits(reading: Reading, positions: Sequence[int], error: StudyError) -> None:
    """Refuse when more would be left out than the study file allows."""
    source, total = reading.source, len(reading.raw.rows)
    people, all_people = likely_people(reading, positions), likely_people(reading, range(total))
    too_many_rows = len(positions) * 100 > source.quarantine_limit_percent * total
    nothing_left = len(positions) == total
    too_many_people = people * 100 > source.quarantine_people_percent * all_people
    if too_many_rows or too_many_people or nothing_left:
        details = {
            "rows": len(positions),
            "total": total,
            "people": round(people),
            "unreadable": sum(people_of_row(reading, at) is None for at in positions),
            "row_percent": f"{source.quarantine_limit_percent:g}",
            "people_percent": f"{source.quarantine_people_percent:g}",
        }
        limit = Problem("E-LAY-025", reading.raw.file, reading.raw.layer, details=details)
        raise StudyError([*error.problems, limit]) from error


def likely_people(reading: Reading, positions: Sequence[int]) -> float:
    """People of these rows; a row that cannot be read counts as the mean of those that can."""
    if reading.people is None:
        return 0.0
    readable = np.isfinite(reading.people)
    mean = float(reading.people[readable].mean()) if readable.any() else 0.0
    return float(np.where(readable, reading.people, mean)[np.asarray(positions, int)].sum())


def people_of_row(reading: Reading, at: int) -> float | None:
    """People of one row, None where they cannot be read; 0 in a layer that tells no people."""
    if reading.people is None:
        return 0.0
    return float(reading.people[at]) if np.isfinite(reading.people[at]) else None


def rejected_record(reading: Reading, at: int, problem: Problem) -> Record:
    """One fault of one row that was left out: a line of ``rejected.csv``."""
    fault = {lang: problem.text(lang) for lang in ("zh", "en")}
    said = Problem(REJECTED, details={"fault": fault})
    return {
        "id": REJECTED,
        "file": problem.file,
        "layer": problem.layer,
        "row": problem.row,
        "column": problem.column,
        "value": None if problem.value is None else str(problem.value),
        "fault": problem.id,
        "people": people_of_row(reading, at),
        "what": {lang: said.text(lang) for lang in ("zh", "en")},
    }
