"""What is in a table? CSV and Excel files as planners keep them.

Row numbers are those of the sheet or file. A title above the header and notes below the last row
(注：…) are passed over and recorded; rows of totals, hidden rows and rows struck through are
asked about, never decided in silence. Texts of CSV: the byte order mark or the declared
encoding, else UTF-8, else GB18030, each strictly: a text that fits none is refused, never mended.

Limits: the values of formulas are those that were stored when the workbook was last saved.
"""

from __future__ import annotations

import codecs
import csv
import datetime
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from zipfile import ZipFile, is_zipfile

import numpy as np
import openpyxl
import pandas as pd
import xlrd

from carecircle.layers.archives import check_sizes, size_text
from carecircle.layers.numbers import Merged, is_missing
from carecircle.layers.problems import Findings
from carecircle.layers.raw import RawLayer, chosen, guarded, refuse_repeated, refused
from carecircle.layers.sources import LayerSource
from carecircle.layers.totals import total_rows

MOST_TABLE_BYTES = 512 * 1024**2  # unpacked; such a table takes minutes and gigabytes
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
DELIMITERS = (",", "\t", ";", "，", "；")
NOTE = re.compile(
    r"\s*(?:备?注|说明|(?:数据|资料|信息)?来源|制表人?|填表人?|审核人?|填报(?:人|单位|日期)|制表(?:单位|日期)"
    r"|notes?|sources?)\s*\d*\s*[:：]",
    re.IGNORECASE,
)
DAY_ZERO_OF_XLS = (datetime.date(1899, 12, 30), datetime.date(1904, 1, 1))  # by its date mode
PRIVATE = re.compile("[\ue000-\uf8ff]")
LOWEST_SEEN_POINTS = 1.0  # a row as low as this is a line
MOST_PRIVATE = 0.02  # of the letters beyond ASCII
MOST_ZERO_BYTES = 0.1  # UTF-16 has one beside every letter of ASCII
HEAD_ROWS = 20  # in which the delimiter and the header are looked for

Rows = list[tuple[int, list[Any]]]  # row number as the user sees it, cells


@dataclass(frozen=True)
class Sheet:
    """The rows of a table that are not blank, and what else was seen."""

    file: str
    layer: str
    rows: Rows
    encoding: str = ""
    hidden: frozenset[int] = frozenset()  # row numbers, of rows struck through too
    day_zero: datetime.date | None = None  # from which a workbook counts days
    warnings: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


# --- CSV


def read_csv(source: LayerSource, _: str) -> RawLayer:
    """A CSV file; every cell stays text."""
    file = source.path.name
    check_size(file, source.path.stat().st_size)
    text, encoding = decoded(source)
    delimiter = delimiter_of(text)
    lines = lines_of(file, text, delimiter)
    sheet = Sheet(file, "", filled_rows(enumerate(lines, 1)), encoding)
    if delimiter != ",":
        separator = {"\t": "Tab"}.get(delimiter, delimiter)
        sheet.warnings.append(("R-LAY-003", {"separator": separator}))
    return table_layer(source, sheet)


def lines_of(file: str, text: str, delimiter: str) -> list[list[str]]:
    """The fields of each line.

    A quotation mark that is closed too late, or never, takes whole rows into one field
    (E-LAY-028); the table would lose them without a sign.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[list[str]] = []
    findings = Findings(file)
    try:
        for fields in reader:
            lines.append(fields)
            if any("\n" in cell and swallows_rows(cell, delimiter, fields) for cell in fields):
                findings.add("E-LAY-028", len(lines))
    except csv.Error:
        findings.add("E-LAY-028", len(lines) + 1)
    findings.refuse_if_any()
    return lines


def swallows_rows(cell: str, delimiter: str, fields: Sequence[str]) -> bool:
    """Whether a field of several lines has as many separators as that many rows have."""
    separators = cell.count("\n") * (len(fields) - 1)
    return separators > 0 and cell.count(delimiter) == separators


def decoded(source: LayerSource) -> tuple[str, str]:
    """The text of a CSV file, and the encoding that fitted."""
    content = source.path.read_bytes()
    marked = next((e for mark, e in BYTE_ORDER_MARKS.items() if content.startswith(mark)), None)
    declared = marked or source.encoding
    tried = (declared,) if declared else ("utf-8", "gb18030")
    if declared is None and content.count(b"\0") > MOST_ZERO_BYTES * len(content):
        raise refused(source.path.name, "E-LAY-029")
    for encoding in tried:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if declared is None:
            refuse_meaningless(source.path.name, text)
        return text, encoding
    raise refused(source.path.name, "E-LAY-008", tried=", ".join(tried))


def refuse_meaningless(file: str, text: str) -> None:
    """Refuse a text of an undeclared encoding with many private characters: another fits better.

    A few may be rare characters of names that an office has drawn for itself.
    """
    private = len(PRIVATE.findall(text))
    letters = len(text) - len(text.encode("ascii", "ignore"))
    if private > MOST_PRIVATE * letters:
        raise refused(file, "E-LAY-027", count=private)


def delimiter_of(text: str) -> str:
    """The separator that stands in most of the first lines; the usual one where equal."""
    head = io.StringIO(text)
    lines = [line for _, line in zip(range(HEAD_ROWS), head, strict=False)]
    return max(DELIMITERS, key=lambda delimiter: sum(delimiter in line for line in lines))


# --- Excel


def read_xlsx(source: LayerSource, _: str) -> RawLayer:
    """One sheet of an .xlsx workbook."""
    path, file = source.path, source.path.name
    if not is_zipfile(path):
        reason = {"en": "no complete zip archive", "zh": "压缩结构不完整"}
        raise refused(file, "E-LAY-004", reason=reason)
    with guarded(file, lambda: ZipFile(path)) as archive:
        check_sizes(file, archive.infolist())
        check_size(file, sum(info.file_size for info in archive.infolist()))
    values = guarded(file, lambda: openpyxl.load_workbook(path, data_only=True))
    formulas = guarded(file, lambda: openpyxl.load_workbook(path))
    names = [sheet.title for sheet in values.worksheets]
    filled = [sheet.title for sheet in values.worksheets if sheet.max_row > 1]
    name = chosen(source, names if source.layer or not filled else filled)
    sheet = values[name]
    refuse_hidden(source, name, sheet.sheet_state != "visible")
    refuse_uncalculated(file, name, sheet, formulas[name])
    rows = filled_rows(enumerate(sheet.iter_rows(values_only=True), 1))
    spans = [(r.min_row, r.max_row, r.min_col) for r in sheet.merged_cells.ranges]
    hidden = frozenset(
        row for row, _ in rows if is_hidden(sheet.row_dimensions[row]) or is_struck(sheet[row])
    )
    read = Sheet(file, name, unmerged(rows, spans), hidden=hidden, day_zero=values.epoch.date())
    return table_layer(source, read)


def is_hidden(row: Any) -> bool:
    """Whether nobody sees a row: some programs hide rows by a height of nothing."""
    return bool(row.hidden) or (row.height is not None and row.height < LOWEST_SEEN_POINTS)


def refuse_hidden(source: LayerSource, name: str, hidden: bool) -> None:
    """Refuse a hidden sheet that was found, not asked for: it may be an older version."""
    if hidden and source.layer is None:
        raise refused(source.path.name, "E-LAY-026", name)


def refuse_uncalculated(file: str, name: str, values: Any, formulas: Any) -> None:
    """Refuse formulas whose result was never stored: they would read as blank cells."""
    findings = Findings(file, name)
    for cells in formulas.iter_rows():
        for cell in cells:
            if cell.data_type == "f" and values[cell.coordinate].value is None:
                findings.add("E-LAY-014", cell.row, cell.column_letter)
    findings.refuse_if_any()


def read_xls(source: LayerSource, _: str) -> RawLayer:
    """One sheet of an .xls workbook (Excel 97 to 2003)."""
    path, file = source.path, source.path.name
    check_size(file, path.stat().st_size)
    said = io.StringIO()  # where the reader would otherwise print
    book = guarded(file, lambda: xlrd.open_workbook(path, formatting_info=True, logfile=said))
    names = [sheet.name for sheet in book.sheets()]
    filled = [sheet.name for sheet in book.sheets() if sheet.nrows > 1]
    name = chosen(source, names if source.layer or not filled else filled)
    sheet = book.sheet_by_name(name)
    refuse_hidden(source, name, sheet.visibility != 0)
    cells = ([xls_value(cell, book) for cell in sheet.row(row)] for row in range(sheet.nrows))
    rows = filled_rows(enumerate(guarded(file, lambda: list(cells)), 1))
    spans = [(top + 1, bottom, left + 1) for top, bottom, left, _ in sheet.merged_cells]
    hidden = frozenset(row + 1 for row, look in sheet.rowinfo_map.items() if look.hidden)
    hidden |= {row for row, _ in rows if is_struck_xls(sheet.row(row - 1), book)}
    day_zero = DAY_ZERO_OF_XLS[book.datemode]
    read = Sheet(file, name, unmerged(rows, spans), hidden=hidden, day_zero=day_zero)
    return table_layer(source, read)


def is_struck(cells: Sequence[Any]) -> bool:
    """Whether every filled cell of a row of an .xlsx sheet is struck through."""
    return all(cell.font.strike for cell in cells if not is_missing(cell.value))


def is_struck_xls(cells: Sequence[Any], book: Any) -> bool:
    """The same of a row of an .xls sheet."""
    fonts = (book.font_list[book.xf_list[cell.xf_index].font_index] for cell in cells if cell.value)
    return all(font.struck_out for font in fonts)


def xls_value(cell: Any, book: Any) -> Any:
    """What a cell of an .xls file holds, as openpyxl would give it."""
    if cell.ctype == xlrd.XL_CELL_DATE:
        return xlrd.xldate_as_datetime(cell.value, book.datemode)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#ERROR")
    return None if cell.value == "" else cell.value


def unmerged(rows: Rows, spans: Iterable[tuple[int, int, int]]) -> Rows:
    """Cells merged over several rows: `Merged` in each row, where Excel stores the first only.

    ``spans`` are first row, last row and column of merged ranges, counted from 1.
    """
    by_number = dict(rows)
    for top, bottom, column in spans:
        first = by_number.get(top)
        if top == bottom or first is None or is_missing(first[column - 1]):
            continue
        value = first[column - 1]
        for row in range(top, min(bottom, rows[-1][0]) + 1):
            if row in by_number:
                by_number[row][column - 1] = Merged(value)
    return rows


# --- any table


def check_size(file: str, size: int) -> None:
    """Refuse a table that would not fit into memory."""
    if size > MOST_TABLE_BYTES:
        raise refused(file, "E-LAY-019", size=size_text(size), most=size_text(MOST_TABLE_BYTES))


def filled_rows(numbered: Iterable[tuple[int, Sequence[Any]]]) -> Rows:
    """The rows that are not blank."""
    return [(row, list(cells)) for row, cells in numbered if not all(map(is_missing, cells))]


def table_layer(source: LayerSource, sheet: Sheet) -> RawLayer:
    """Header and rows as one layer; a column without a name is called by its place."""
    if not sheet.rows:
        raise refused(sheet.file, "E-LAY-003", sheet.layer)
    at = header_position(source, sheet)
    header_row, header = sheet.rows[at]
    titles = [text for _, cells in sheet.rows[:at] for text in map(header_text, cells) if text]
    if at:
        above = {"header": header_row, "count": at, "title": " / ".join(dict.fromkeys(titles))}
        sheet.warnings.append(("R-LAY-004", above))
    names = [header_text(cell) or f"(column {place})" for place, cell in enumerate(header, 1)]
    refuse_repeated(sheet.file, sheet.layer, names)
    body = without_empty_end(sheet, without_notes(sheet, sheet.rows[at + 1 :]), len(names))
    body = wanted_rows(source, sheet, body, names)
    table = pd.DataFrame([cells for _, cells in body], columns=names, dtype=object)
    rows = np.array([row for row, _ in body], dtype=np.int64)
    return RawLayer(
        sheet.file,
        sheet.layer,
        table,
        rows,
        None,
        None,
        sheet.encoding,
        tuple(sheet.warnings),
        titles=tuple(titles),
        day_zero=sheet.day_zero,
    )


def header_position(source: LayerSource, sheet: Sheet) -> int:
    """Where the header is among the rows: where the study file says, else below the title.

    A title is a row with one filled cell above the first row with several.
    """
    if source.header_row is not None:
        for at, (row, _) in enumerate(sheet.rows):
            if row == source.header_row:
                return at
        findings = Findings(sheet.file, sheet.layer)
        findings.add("E-LAY-023", source.header_row)
        findings.refuse_if_any()
    filled = [sum(not is_missing(cell) for cell in cells) for _, cells in sheet.rows[:HEAD_ROWS]]
    return next((at for at, count in enumerate(filled) if count > 1), 0)


def header_text(cell: Any) -> str:
    """A column name as text in one line; a break between Chinese words is no blank.

    >>> header_text("60岁以上\\n人口"), header_text("people\\n60+")
    ('60岁以上人口', 'people 60+')
    """
    value = cell.value if isinstance(cell, Merged) else cell
    text = "" if is_missing(value) else str(value).strip()
    joined = re.sub(r"(?<=[^\x00-\x7f])\s*[\r\n]+\s*|\s*[\r\n]+\s*(?=[^\x00-\x7f])", "", text)
    return re.sub(r"\s*[\r\n]+\s*", " ", joined)


def without_notes(sheet: Sheet, body: Rows) -> Rows:
    """The rows without the notes below them (注：…, 数据来源：…), which are recorded."""
    end = len(body)
    while end and (note := note_in(body[end - 1][1])):
        end -= 1
        sheet.warnings.append(("R-LAY-009", {"note": note, "number": body[end][0]}))
    return body[:end]


def note_in(cells: Sequence[Any]) -> str:
    """What a row says where all that is in it are notes; empty where it holds anything else."""
    texts = [header_text(cell) for cell in cells]
    notes = [text for text in texts if text]
    return " ".join(dict.fromkeys(notes)) if all(NOTE.match(text) for text in notes) else ""


def without_empty_end(sheet: Sheet, body: Rows, expected: int) -> Rows:
    """The rows without an empty field that stands behind the last one in every row."""
    if not body or any(len(cells) != expected + 1 or cells[-1] != "" for _, cells in body):
        return body
    sheet.warnings.append(("R-LAY-008", {}))
    return [(row, cells[:-1]) for row, cells in body]


def wanted_rows(source: LayerSource, sheet: Sheet, body: Rows, names: Sequence[str]) -> Rows:
    """The rows below the header, without totals and hidden rows as the study file says.

    Everything that is wrong with the rows as such is raised together: fields too many or too
    few, and totals and hidden rows that the study file does not decide on.
    """
    findings = Findings(sheet.file, sheet.layer)
    for row, cells in body:
        if len(cells) != len(names):
            findings.add("E-LAY-009", row, found=len(cells), expected=len(names))
    hidden = [row for row, _ in body if row in sheet.hidden]
    if hidden and source.hidden_rows is None:
        findings.add("E-LAY-022", hidden[0], count=len(hidden))
    totals = total_rows(body)
    if source.total_rows is None:
        for row, (at, word) in totals.items():
            findings.add("E-LAY-021", row, names[min(at, len(names) - 1)], word)
    findings.refuse_if_any()
    if hidden and source.hidden_rows == "read":
        sheet.warnings.append(("R-LAY-001", {"count": len(hidden)}))
    dropped: set[int] = set()
    if source.hidden_rows == "skip":
        dropped |= note_dropped(sheet, "R-LAY-006", hidden)
    if source.total_rows == "drop":
        dropped |= note_dropped(sheet, "R-LAY-005", list(totals))
    return [(row, cells) for row, cells in body if row not in dropped]


def note_dropped(sheet: Sheet, id: str, rows: Sequence[int]) -> set[int]:
    """Record rows that are left out as the study file says."""
    if rows:
        details = {"count": len(rows), "rows": ", ".join(map(str, rows))}
        sheet.warnings.append((id, details))
    return set(rows)
