"""Which rows of the inputs were left out, and why? One CSV for whoever repairs them.

The rows themselves travel as records of the run; this only writes them down. The file opens
in Excel with its Chinese (UTF-8 with its mark), and no cell can act as a formula there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from carecircle.layers.numbers import NotANumber, read_number
from carecircle.layers.quarantine import REJECTED
from carecircle.maps.text import plain_text

COLUMNS = ("file", "layer", "row", "column", "value", "id", "message_zh", "message_en")
FORMULA_STARTS = ("=", "+", "-", "@")


def rejected_rows(records: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The records that stand for a row that was left out."""
    return [record for record in records if record.get("id") == REJECTED]


def rejected_csv(records: Iterable[Mapping[str, Any]]) -> str:
    """One line for each fault of each row that was left out."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for record in rejected_rows(records):
        place = [record[name] for name in ("file", "layer", "row", "column", "value", "fault")]
        said = [record["what"]["zh"], record["what"]["en"]]
        writer.writerow([harmless(cell) for cell in (*place, *said)])
    return "\ufeff" + out.getvalue()


def harmless(cell: Any) -> str:
    """A cell as one line of text; with ' before what a spreadsheet would calculate."""
    text = plain_text(cell)
    if not text.lstrip().startswith(FORMULA_STARTS):
        return text
    try:
        read_number(text)
    except NotANumber:
        return f"'{text}"
    return text
