"""Is a facility open, planned or closed, and does the layer say it where nobody looks?

The status of a row is that of its ``status`` column; where that says nothing, what stands in
brackets behind its name, as in 幸福院（已停业）, which is recorded. A column that is called like a
status or a date of closing but is not named in ``columns`` would be passed over, and every row
count as open: it is refused where it tells that some are not, and told where it might.

Limits: a name that says it in other words, or not in brackets at its end, says nothing here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from carecircle.layers.aliases import likely_columns
from carecircle.layers.fields import words_of
from carecircle.layers.numbers import is_missing
from carecircle.layers.reading import Reading, as_text, normal

COLUMNS = ("status", "opened", "closed")
IN_BRACKETS = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]$")
BEFORE_A_STATUS = ("已", "暂", "正", "现已", "目前已")
NOT_OPEN = ("planned", "closed")


def statuses_of(reading: Reading, names: Sequence[str], words: Mapping[str, str]) -> list[str]:
    """``open``, ``planned`` or ``closed`` for each row; ``words`` are those of a status."""
    for name in COLUMNS:
        note_passed_over(reading, name, words)
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
    """What brackets at the end of a name say of a status; empty where they say none.

    >>> status_in_name("幸福院（已停业）", {"停业": "closed"})
    'closed'
    """
    found = IN_BRACKETS.search(unicodedata.normalize("NFKC", name).strip())
    said = found[1].strip().casefold() if found else ""
    for before in ("", *BEFORE_A_STATUS):
        status = words.get(said.removeprefix(before), "")
        if status in NOT_OPEN:
            return status
    return ""


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
