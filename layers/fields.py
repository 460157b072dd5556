"""Flags, dates and words in the cells of a layer.

Each function reads one column of a `Reading` by our name for it, notes what cannot be read,
and gives one value per row. A column that is not there, and a blank cell, mean unknown.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from carecircle.layers.numbers import Merged, is_missing
from carecircle.layers.reading import Reading, as_text, has_lost_digits, normal, record_merged

FLAGS = {
    **dict.fromkeys(("true", "yes", "y", "1", "是", "有", "普惠", "封闭", "√"), True),
    **dict.fromkeys(("false", "no", "n", "0", "否", "无", "非普惠", "开放", "×"), False),
}
DATE = re.compile(
    r"(\d{4})(?:[-/.年](\d{1,2}))?(?:[-/.月](\d{1,2})日?)?[年月]?(?:[ T]0?0:00(?::00)?)?", re.ASCII
)
DAYS = range(20_000, 60_001)  # the years 1954 to 2064, as Excel counts days
EIGHT_DIGITS = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)", re.ASCII)


def flags_of(reading: Reading, name: str) -> pd.Series:
    """A column of yes and no: nullable boolean, NA where unknown."""
    return pd.Series(words_of(reading, name, FLAGS), dtype="boolean")


def words_of(reading: Reading, name: str, known: Mapping[str, Any]) -> list[Any]:
    """A column of words from a list, as what they stand for; None where unknown.

    Words are compared as ids are, in any case; any other word is noted (E-FAC-001).
    """
    values: list[Any] = [None] * len(reading.raw.rows)
    for at, cell in filled_cells(reading, name):
        word = normal(as_text(cell)).casefold()
        if word and word not in known:
            listed = ", ".join(known)
            reading.fault("E-FAC-001", at, reading.columns[name], cell, known=listed)
        values[at] = known.get(word)
    return values


def dates_of(reading: Reading, name: str) -> list[str]:
    """A column of dates as ISO text, as exact as written (``2024``, ``2024-05``), ``""`` unknown.

    Dates of a spreadsheet, and texts such as ``2024-05-31``, ``2024/5``, ``2024年5月`` and
    ``20240531``. A whole number of `DAYS` in a workbook, which can be no year, counts days and
    is recorded (R-FAC-013). Anything else is noted (E-FAC-002).
    """
    dates = [""] * len(reading.raw.rows)
    for at, cell in filled_cells(reading, name):
        date = iso_date(cell)
        if date is None and (date := day_counted(cell, reading.raw.day_zero)):
            reading.record("R-FAC-013", at, reading.columns[name], cell, date=date)
        if date is None:
            reading.fault("E-FAC-002", at, reading.columns[name], cell)
        dates[at] = date or ""
    return dates


def iso_date(cell: Any) -> str | None:
    """A cell as an ISO date, year and month, or year; None where it is none."""
    if isinstance(cell, datetime.date):  # a pandas Timestamp is one too
        return f"{cell:%Y-%m-%d}"
    text = normal(as_text(cell))
    found = DATE.fullmatch(text) or EIGHT_DIGITS.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        datetime.date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    return "-".join([f"{year:04}", *(f"{part:02}" for part in (month, day) if part)])


def day_counted(cell: Any, day_zero: datetime.date | None) -> str | None:
    """The day that a number in a workbook stands for; None where it stands for none.

    >>> day_counted(45809, datetime.date(1899, 12, 30)), day_counted("45809", None)
    ('2025-06-01', None)
    """
    cell = cell.value if isinstance(cell, Merged) else cell
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
    if day_zero is None or not is_number or cell not in DAYS:
        return None
    return (day_zero + datetime.timedelta(days=int(cell))).isoformat()


def ids_in(reading: Reading, name: str) -> list[str]:
    """A column that names rows of another layer by their ids, ``""`` where blank.

    Ids whose last digits a spreadsheet has lost are noted (E-ID-003).
    """
    ids = [""] * len(reading.raw.rows)
    for at, cell in filled_cells(reading, name):
        ids[at] = normal(as_text(cell))
        if has_lost_digits(cell, from_excel=reading.raw.geometry is None):
            reading.fault("E-ID-003", at, reading.columns[name], cell)
    return ids


def filled_cells(reading: Reading, name: str) -> Iterator[tuple[int, Any]]:
    """Position and value of each cell of a column that is not blank; none without the column."""
    cells = reading.column(name) or []
    if cells:
        record_merged(reading, reading.columns[name], cells)
    return ((at, cell) for at, cell in enumerate(cells) if not is_missing(cell))


def cells_of(reading: Reading, name: str) -> list[Any]:
    """The cells of a column; all blank where there is no such column."""
    cells = reading.column(name)
    if cells is None:
        return [None] * len(reading.raw.rows)
    record_merged(reading, reading.columns[name], cells)
    return cells
