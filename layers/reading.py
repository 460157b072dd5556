"""One layer while it is checked: its columns, and everything that was found.

A `Reading` holds the rows of a file, gathers what is wrong with them (raised together) and
records what was repaired. The functions here turn one column into checked values.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carecircle.layers.aliases import suggestion
from carecircle.layers.formats import open_layer
from carecircle.layers.headers import HeaderUnit, holds_counts, unit_of_amount, unit_of_column
from carecircle.layers.numbers import (
    MOST,
    Merged,
    NotANumber,
    Number,
    counting_words,
    is_missing,
    plain_numbers,
    read_count,
    read_whole,
)
from carecircle.layers.problems import Findings, Problem
from carecircle.layers.raw import RawLayer
from carecircle.layers.sources import SITE_AMOUNTS, LayerSource

TOO_MANY = 1_000_000  # people or places in most rows of a layer
LONGEST_EXACT_ID = 10**15  # Excel and floating point keep 15 digits
ROUNDED_ID = re.compile(
    r"[1-9](?:\.[0-9]+)?E\+[0-9]{2}"
)  # 3.20102E+11: a code saved by Excel as CSV
NUMBER_ID = re.compile(r"[0-9]+\.0", re.ASCII)
# Marks that turn the reading direction: invisible, and able to disguise a name.
BIDI_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

Record = dict[str, Any]


class Reading:
    """The rows of one layer file, its faults and its repairs."""

    def __init__(self, source: LayerSource, raw: RawLayer | None = None) -> None:
        self.source = source
        self.raw = open_layer(source) if raw is None else raw
        self.findings = Findings(self.raw.file, self.raw.layer)
        self.bad_rows: list[tuple[int, Problem]] = []  # every one, by position
        self.records: list[Record] = []
        self.columns: dict[str, str] = {}
        self.facts: Record = {}
        self.people: NDArray[np.float64] | None = None  # of each row, NaN where unknown
        self.ids: list[str] = []  # of each row
        self.rejected: list[str] = []  # ids of the rows that were left out before
        for id, details in self.raw.warnings:
            self.record(id, **details)

    def fault(
        self, id: str, at: int | None = None, column: str = "", value: Any = None, **details: Any
    ) -> None:
        """Note what is wrong, at a position among the rows or with the layer as a whole."""
        row, cell = self._row(at), as_seen(value)
        self.findings.add(id, row, column, cell, **details)
        if at is not None:
            problem = Problem(id, self.raw.file, self.raw.layer, row, column, cell, details)
            self.bad_rows.append((at, problem))

    def record(
        self, id: str, at: int | None = None, column: str = "", value: Any = None, **details: Any
    ) -> None:
        """Note a repair or a warning for the manifest."""
        row, cell = self._row(at), as_seen(value)
        problem = Problem(id, self.raw.file, self.raw.layer, row, column, cell, details)
        self.records.append(record_of(problem))

    def refuse_if_any(self) -> None:
        """Raise everything gathered, with a count of the rows that were not listed."""
        self.findings.refuse_if_any()

    def file_facts(self) -> Record:
        """What the manifest says about the file as a whole."""
        return {
            "file": self.raw.file,
            "layer": self.raw.layer,
            "rows": len(self.raw.rows),
            "encoding": self.raw.encoding,
            "columns": dict(self.columns),
            **({"titles": list(self.raw.titles)} if self.raw.titles else {}),
            **self.facts,
        }

    def column(self, name: str, needed: bool = False, also: Sequence[str] = ()) -> list[Any] | None:
        """The cells of the column that the study file maps to our ``name``.

        Without a mapping: the column called ``name``, else the one called like one of
        ``also`` (in any case). None where there is none.
        """
        table = self.raw.table
        listed = ", ".join(map(str, table.columns))
        theirs = self.source.columns.get(name)
        likely = suggestion(name, [str(column) for column in table.columns])
        if theirs is not None and theirs not in table:
            self.fault("E-LAY-011", column=theirs, name=name, columns=listed, likely=likely)
            return None
        if theirs is None:
            exact = [name] if name in table else []
            alike = exact or [c for c in table.columns if str(c).casefold() in also]
            if len(alike) > 1:
                self.fault("E-LAY-016", name=name, columns=", ".join(alike))
                return None
            theirs = alike[0] if alike else None
            if theirs in self.raw.unclear:
                cut = ", ".join(sorted(self.raw.unclear))
                self.fault("E-LAY-024", column=theirs, name=name, columns=cut)
        if theirs is None:
            if needed:
                self.fault("E-LAY-012", name=name, columns=listed, likely=likely)
            return None
        self.columns[name] = theirs
        return list(table[theirs].astype(object))

    def _row(self, at: int | None) -> int | None:
        return None if at is None else int(self.raw.rows[at])


def record_of(problem: Problem) -> Record:
    """A repair or a warning as the manifest keeps it."""
    what = {"zh": problem.text("zh"), "en": problem.text("en")}
    place = {name: getattr(problem, name) for name in ("file", "layer", "row", "column")}
    return {"id": problem.id, **place, "what": what}


def numbers_of(
    reading: Reading,
    name: str,
    cells: Sequence[Any],
    read: Callable[[Any, Sequence[str] | None, int], Number],
    blanks: bool = False,
) -> NDArray[np.float64]:
    """Each cell as a number; NaN where it is none and the fault was noted, or a blank.

    A column that is counted in 万 or the like, as its name or a title says, gives the people or
    places themselves.
    """
    column = reading.columns[name]
    unit = stated_unit(reading, name)
    words = counting_words(name) if reading.source.units_in_numbers and unit.times == 1 else None
    values = plain_numbers(cells)
    if unit.times != 1 or read is read_whole:
        values[:] = np.nan
    values[(values < 0) | (values > MOST)] = np.nan
    for at in np.flatnonzero(np.isnan(values)).tolist():
        cell = cells[at]
        if blanks and is_missing(cell):
            continue
        try:
            number = read(cell, words, unit.times)
        except NotANumber as fault:
            reading.fault(fault.id, at, column, cell, **fault.details)
            continue
        values[at] = number.value
        if number.repaired:
            reading.record("R-NUM-001", at, column, cell, after=number.value)
    note_times(reading, column, unit, values, is_count=name not in SITE_AMOUNTS)
    return values


def stated_unit(reading: Reading, name: str) -> HeaderUnit:
    """What one unit of a column is by its name or the titles; 1 where that was noted or is told."""
    if name not in SITE_AMOUNTS and not holds_counts(name):
        return HeaderUnit()
    column = reading.columns[name]
    read = unit_of_amount if name in SITE_AMOUNTS else unit_of_column
    try:
        unit = read(name, str(column), reading.raw.titles)
    except NotANumber as fault:
        if reading.source.numbers_are_counts:
            reading.record("R-NUM-003", column=column, said=fault.details["said"])
        else:
            reading.fault(fault.id, None, column, None, **fault.details)
        return HeaderUnit()
    if unit.times > 1 and reading.source.numbers_are_counts:
        reading.record("R-NUM-003", column=column, said=unit.said)
        return HeaderUnit()
    return unit


def note_times(
    reading: Reading, column: str, unit: HeaderUnit, values: NDArray[np.float64], is_count: bool
) -> None:
    """Record the unit of a column; note one that cannot be meant.

    Whole counts that would be a million and more each are people or places already.
    """
    if unit.times == 1:
        return
    known = values[np.isfinite(values)]
    written = known / unit.times
    too_many = len(known) > 0 and np.median(known) >= TOO_MANY
    if is_count and too_many and (written == np.rint(written)).all():
        reading.fault("E-NUM-010", column=column, said=unit.said)
    else:
        reading.record("R-NUM-002", column=column, said=unit.said, times=unit.times)


def people_of(reading: Reading, name: str, needed: bool) -> NDArray[np.float64] | None:
    """A column of people, decimals allowed; None where there is no such column."""
    cells = reading.column(name, needed)
    values = None if cells is None else numbers_of(reading, name, cells, read_count)
    if name == "population":
        reading.people = values
    return values


def texts_of(reading: Reading, name: str) -> list[str]:
    """A column of texts, empty where blank or where there is no such column."""
    cells = reading.column(name)
    if cells is None:
        return [""] * len(reading.raw.rows)
    column = reading.columns[name]
    record_merged(reading, column, cells)
    texts = []
    for at, cell in enumerate(cells):
        written = "" if is_missing(cell) else as_text(cell)
        text = visible(written).strip()
        if text != written.strip():
            reading.record("R-TXT-001", at, column, written, after=text)
        texts.append(text)
    return texts


def record_merged(reading: Reading, column: str, cells: Sequence[Any]) -> None:
    """Record cells that are merged over several rows: each row takes what stands in them."""
    merged = sum(isinstance(cell, Merged) for cell in cells)
    if merged:
        reading.record("R-TXT-002", column=column, count=merged)


def ids_of(reading: Reading, taken: dict[str, tuple[str, int, str]], prefix: str = "") -> list[str]:
    """The id of each row as text, NFKC and without surrounding blanks.

    Without a mapping for ``id`` the rows are numbered from 1, after ``prefix``. ``taken``
    is where each id was met so far, in this file or another (``prefix`` tells two files of
    one name apart); it grows, and a file may be read a second time.
    """
    if "id" not in reading.source.columns:
        ids = [f"{prefix}{place + 1}" for place in reading.raw.table.index]
    else:
        cells = reading.column("id") or []
        ids = [one_id(reading, at, cell) for at, cell in enumerate(cells)]
    reading.ids = ids
    for at, id in enumerate(ids):
        here = (reading.raw.file, int(reading.raw.rows[at]), prefix)
        key = id.removesuffix(".0") if NUMBER_ID.fullmatch(id) else id  # 1.0 and 1 are one number
        first = taken.setdefault(key, here) if id else here
        if first != here:
            column = reading.columns.get("id", "")
            reading.fault("E-ID-002", at, column, id, first_file=first[0], first_row=first[1])
    return ids


def one_id(reading: Reading, at: int, cell: Any) -> str:
    """One cell as an id; empty with the fault noted where it cannot be one."""
    column = reading.columns["id"]
    cell = cell.value if isinstance(cell, Merged) else cell
    if is_missing(cell):
        reading.fault("E-ID-001", at, column)
        return ""
    if not isinstance(cell, str):
        fault = numeric_id_fault(cell, from_excel=reading.raw.geometry is None)
        if fault:
            reading.fault(fault, at, column, cell)
            return ""
    written = as_text(cell)
    id = normal(written)
    if has_lost_digits(id):
        reading.fault("E-ID-003", at, column, written)
        return ""
    if not id:
        reading.fault("E-ID-001", at, column, written)
    elif id != written:
        reading.record("R-ID-001", at, column, written, after=id)
    return id


def numeric_id_fault(cell: Any, from_excel: bool) -> str | None:
    """Why a number cannot serve as an id: it is not whole, or its last digits are lost."""
    is_float = isinstance(cell, float | np.floating)
    is_whole = isinstance(cell, int | np.integer) and not isinstance(cell, bool)
    if not (is_whole or (is_float and float(cell).is_integer())):
        return "E-ID-004"
    return "E-ID-003" if has_lost_digits(cell, from_excel) else None


def has_lost_digits(cell: Any, from_excel: bool = False) -> bool:
    """Whether a spreadsheet or a float has rounded an id: 3.20102E+11, or more than 15 digits."""
    if isinstance(cell, str):
        return bool(ROUNDED_ID.fullmatch(cell.strip()))
    is_float = isinstance(cell, float | np.floating)
    is_whole = isinstance(cell, int | np.integer)
    return (is_float or (is_whole and from_excel)) and abs(cell) >= LONGEST_EXACT_ID


def alike(id: str, by_bare: Mapping[str, str]) -> dict[str, str]:
    """The end of a message about an unknown id: what a spreadsheet has made of a known one.

    ``by_bare`` goes from the known ids without their leading zeros to these ids.

    >>> alike("3", {"3": "0003"})["en"]
    '. Leading zeros were lost: there is 0003. Keep ids as text'
    """
    known = by_bare.get(id.removesuffix(".0").lstrip("0"))
    if known is None or known == id:
        return {"zh": "", "en": ""}
    if id.endswith(".0"):
        return {
            "zh": f"编号末尾多出“.0”：有 {known}。请以文本保存编号。",
            "en": f". A number has added .0 to the id: there is {known}. Keep ids as text",
        }
    return {
        "zh": f"编号前面的 0 有出入：有 {known}。请以文本保存编号。",
        "en": f". Leading zeros were lost: there is {known}. Keep ids as text",
    }


def as_seen(cell: Any) -> Any:
    """A cell as a message quotes it: as it stands in the table, None where that is blank."""
    if isinstance(cell, Merged):
        return as_seen(cell.value)
    if is_missing(cell):
        return None
    is_whole = isinstance(cell, float | np.floating) and float(cell).is_integer()
    return int(cell) if is_whole else cell


def as_text(cell: Any) -> str:
    """A cell as text; a whole number without its ``.0``, a merged cell as what is in it."""
    if isinstance(cell, Merged):
        return as_text(cell.value)
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    return str(cell)


def normal(text: str) -> str:
    """How ids and vocabulary are compared: NFKC, visible characters, no blanks around."""
    if text.isascii() and text.isprintable():
        return text.strip()  # the same, a hundred times as fast
    return visible(unicodedata.normalize("NFKC", text)).strip()


def visible(text: str) -> str:
    """Without control characters, direction marks and halves of surrogate pairs."""
    return "".join(
        c for c in text if c not in BIDI_MARKS and unicodedata.category(c) not in {"Cc", "Cs"}
    )
