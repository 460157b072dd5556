"""Is this row of a table a total of the others?

Offices end their tables, and each page of them, with 合计 or 全区合计（人）; read as a row it would
count everybody twice. A row is asked about (`tables.wanted_rows`), never dropped in silence,
and never for a word inside a name:

- a cell that is a word for a sum and nothing else (合计, 本页小计, 总计2, 合计（人）, Grand total);
- the first text of the row, when it ends with such a word (浦东新区合计) or is a whole that no
  single place is called (全市, 总人口);
- the first text of the row, when it begins with 其中 and goes on with a mark, a number or a kind of
  people or places (其中：女, 其中60岁以上): a part of a row above;
- such a whole in any other cell, when a number of the row is the sum of that column's others:
  a station that serves 全市 is a station.

Words are compared without width, case, blanks, marks, numbers behind them and what stands in
brackets. 全市花园, 总部小区 and 合计划小区 are names.

Limits: a total that no word names is not recognised, and only tables are looked at.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from carecircle.layers.numbers import NotANumber, is_missing, read_number

Rows = Sequence[tuple[int, Sequence[Any]]]  # row number as the user sees it, cells
Found = tuple[int, str]  # position of the cell, and the cell

PLACES = "省|市|区|县|旗|州|盟|镇|乡|村|街道|社区|国|域|辖区"
SUM = "合计|总计|小计|共计|累计|汇总|总和"
ENDS_WITH_SUM = re.compile(rf".*(?:合计|总计|小计|共计)|.*(?:{PLACES}|人口|人数)(?:累计|汇总|总和)")
IS_SUM = re.compile(
    rf"(?:(?:全|本|各|分)(?:{PLACES}|[页表])+|以上|承前页|过次页|人口|人数|床位|年)?(?:{SUM})(?:数)?"
    r"|(?:grand|sub|page|over ?all)?(?:totals?)|sum"
)
OF_WHICH = re.compile(
    r"\s*[（(【\[]?\s*其\s*中\s*(?:[:：,，、）)\]】].*|[男女].{0,4}|\d.*|[六七八九]十.*|"
    r"(?:城镇|农村|户籍|常住|流动|外来|本地|老年|老人|儿童|幼儿|婴幼儿|失能|独居|空巢|"
    r"公办|民办|公建|普惠|护理).*)?",
    re.DOTALL,
)
IS_WHOLE = re.compile(
    rf"全(?:{PLACES})|(?:全(?:{PLACES}))?总(?:人口|人数|户数|床位|数)(?:数)?|总体"
)
BRACKETED = re.compile(r"[(\[{【〔《「].*?[)\]}】〕》」]")
INITIALS = frozenset("合总小共累汇全本各分以承过人床年tsgpo")  # of the words above
LONGEST = 40
LETTER = re.compile(r"[^\W\d_]")  # running numbers, codes and coordinates have none


def total_rows(body: Rows) -> dict[int, Found]:
    """Row number -> the cell that says that the row is a total."""
    found: dict[int, Found] = {}
    unsure: dict[int, Found] = {}
    for row, cells in body:
        certain, possible = total_cell(cells)
        if certain is not None:
            found[row] = certain
        elif possible is not None:
            unsure[row] = possible
    if unsure:
        by_row = dict(body)
        others = [cells for row, cells in body if row not in found and row not in unsure]
        sums = sums_of(others)
        found |= {row: at for row, at in unsure.items() if is_sum(by_row[row], sums)}
    return dict(sorted(found.items()))


def total_cell(cells: Sequence[Any]) -> tuple[Found | None, Found | None]:
    """The cell by which a row is a total, and one by which it may be."""
    possible: Found | None = None
    first = True
    for at, cell in enumerate(cells):
        if not isinstance(cell, str) or not LETTER.search(cell):
            continue
        word = plain_word(cell) if may_be_word(cell, first) else ""
        is_part = first and OF_WHICH.fullmatch(cell)
        if is_part or IS_SUM.fullmatch(word) or (first and ENDS_WITH_SUM.fullmatch(word)):
            return (at, cell), None
        if IS_WHOLE.fullmatch(word):
            if first:
                return (at, cell), None
            possible = possible or (at, cell)
        first = False
    return None, possible


def may_be_word(cell: str, first: bool) -> bool:
    """Whether it is worth a closer look; a table may have millions of cells."""
    start = unicodedata.normalize("NFKC", cell[:8]).strip(" \t-—*【[(").casefold()[:1]
    return len(cell) <= LONGEST and (first or start in INITIALS)


def plain_word(cell: str) -> str:
    """A cell without what words for totals are dressed up with.

    >>> plain_word("合 计（人）：")
    '合计'
    >>> plain_word("【小计】 2")
    '小计'
    """
    text = unicodedata.normalize("NFKC", cell).casefold()
    bare = BRACKETED.sub("", text)
    return letters(bare) or letters(text)


def letters(text: str) -> str:
    """Letters and digits of a text, without digits at its end."""
    kept = "".join(c for c in text if unicodedata.category(c)[0] in "LN")
    return kept.rstrip("0123456789")


def sums_of(rows: Sequence[Sequence[Any]]) -> Mapping[int, float]:
    """Position of a column -> its sum, where it holds two or more numbers, and blanks."""
    sums = {}
    for at in range(max(map(len, rows), default=0)):
        cells = [cells[at] for cells in rows if at < len(cells) and not is_missing(cells[at])]
        try:
            numbers = [read_number(cell).value for cell in cells]
        except NotANumber:
            continue
        if len(numbers) > 1:
            sums[at] = math.fsum(numbers)
    return sums


def is_sum(cells: Sequence[Any], sums: Mapping[int, float]) -> bool:
    """Whether some number of a row, not 0, is the sum of its column."""
    for at, total in sums.items():
        if at >= len(cells):
            continue
        try:
            value = read_number(cells[at]).value
        except NotANumber:
            continue
        if value and math.isclose(value, total, rel_tol=1e-9):
            return True
    return False
