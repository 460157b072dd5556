"""Is a facility open, planned or closed, and does the layer say it where nobody looks?

The status of a row is that of its ``status`` column; where that says nothing, what stands in
brackets in its name or behind a dash at its end, as in 幸福院（已停业）, which is recorded. A
column that is called like a status or a date of closing but is not named in ``columns`` would be
passed over, and every row count as open: it is refused where it tells that some are not, and told
where it might. So are remarks (备注) that say it, where there is no status.

Limits: a name or a remark that says it in other words says nothing here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from carecircle.layers.aliases import likely_columns
from carecircle.layers.fields import words_of
from carecircle.layers.numbers import is_missing
from carecircle.layers.reading import Reading, as_text, normal

COLUMNS = ("status", "opened", "closed")
APART = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]|[-—–_/]([^-—–_/]*)$")
BEFORE_A_STATUS = re.compile(
    r"(?:(?:于|自)?\d{4}年(?:\d{1,2}月)?[底初起]?)?(?:现|目前|已经)?[已暂正]?"
)
REMARKS = frozenset(
    {"备注", "说明", "情况说明", "备注说明", "remark", "remarks", "note", "notes", "comment"}
)
NOT_OPEN = ("planned", "closed")


def statuses_of(reading: Reading, names: Sequence[str], words: Mapping[str, str]) -> list[str]:
    """``open``, ``planned`` or ``closed`` for each row; ``words`` are those of a status."""
    for name in COLUMNS:
        note_passed_over(reading, name, words)
    note_remarks(reading, words)
    statuses = []
    for at, (name, told) in enumerate(zip(names, words_of(reading, "status", words), strict=True)):
        named = status_in_name(name, words)
        if named and told is None:
            reading.record("R-FAC-010", at, reading.columns["name"], name, status=named)
        elif named and named != told:
            reading.record("R-FAC-011", at, reading.columns["name"], name, status=told)
        statuses.append(told or named or "open")
    return statuses


def status_in_name(name: str, words: Mapping[str, str]) -> str:
    """What stands apart in a name, if it says that the place is not open; else empty.

    >>> status_in_name("幸福院（已停业）", {"停业": "closed"})
    'closed'
    >>> status_in_name("和平站-停业", {"停业": "closed"})
    'closed'
    >>> status_in_name("停业街养老院（一部）", {"停业": "closed"})
    ''
    """
    text = unicodedata.normalize("NFKC", name).strip()
    said = [not_open(found[1] or found[2] or "", words) for found in APART.finditer(text)]
    return next(filter(None, reversed(said)), "")


def not_open(text: str, words: Mapping[str, str]) -> str:
    """``planned`` or ``closed`` where a text says just that, as 2024年已停业; else empty."""
    said = text.strip().casefold()
    before = BEFORE_A_STATUS.match(said)
    for word in (said, said[before.end() :] if before else said):
        if words.get(word) in NOT_OPEN:
            return words[word]
    return ""


def note_remarks(reading: Reading, words: Mapping[str, str]) -> None:
    """Note remarks that say of facilities that they are not open, where no status does."""
    table = reading.raw.table
    if "status" in table or "status" in reading.source.columns:
        return
    for column in table:
        if normal(str(column)).casefold() not in REMARKS:
            continue
        told = [at for at, cell in enumerate(table[column]) if not_open_cell(cell, words)]
        if told:
            cell = table[column].iloc[told[0]]
            reading.fault("E-FAC-006", column=str(column), value=cell, count=len(told))


def not_open_cell(cell: Any, words: Mapping[str, str]) -> bool:
    """Whether a cell says that a place is not open."""
    return not is_missing(cell) and bool(not_open(normal(as_text(cell)), words))


def note_passed_over(reading: Reading, name: str, words: Mapping[str, str]) -> None:
    """Note a filled column that is called like ``name`` and that nothing reads."""
    table = reading.raw.table
    if name in table or name in reading.source.columns:
        return
    read = set(reading.source.columns.values())
    for column in likely_columns(name, [str(c) for c in table.columns if c not in read]):
        cells = [normal(as_text(c)).casefold() for c in table[column] if not is_missing(c)]
        ended = [c for c in cells if name == "closed" or words.get(c) in NOT_OPEN]
        if ended and name != "opened":
            reading.fault("E-FAC-004", column=column, name=name, count=len(ended))
        elif cells:
            reading.record("R-FAC-009", column=column, name=name)
        return
