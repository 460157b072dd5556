"""What number did they type? Strict: what is not plainly a number is refused.

Full-width digits, thousands separators and surrounding blanks are understood; 万, 亿 and
counting words only where the study file says so, and only the words that count what the column
holds: 1200户 are no 1200 people. Degrees, minutes and seconds are understood in coordinates.
The caller is told, so that the repair can be recorded. Everything else (``约800``, ``-``) is
refused rather than guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NUMBERS = (float, int)  # bool is another type
MOST = 1_000_000_000  # people or places in one row; more is a slip

PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")  # 0,450 may be a fraction
TIMES = {"": 1, "千": 1_000, "万": 10_000, "亿": 100_000_000}
PEOPLE_WORDS = ("人", "口", "名", "位")
BED_WORDS = ("张", "床", "张床", "床位", "张床位", "个床位", "个")
SEAT_WORDS = ("个", "名", "位", "人", "座", "托位", "个托位", "学位", "个学位")
# our column -> the words that count what it holds; any other column of numbers holds people
COLUMN_WORDS = {
    "beds": BED_WORDS,
    "seats": SEAT_WORDS,
    "capacity": tuple(dict.fromkeys((*BED_WORDS, *SEAT_WORDS))),
    "households": ("户",),
}
OTHER_WORDS = ("户", "家", "处", "栋", "幢", "套", "间", "所")
WORDS = sorted({*PEOPLE_WORDS, *BED_WORDS, *SEAT_WORDS, *OTHER_WORDS})
WITH_UNIT = re.compile(
    r"(?P<number>[+-]?[0-9,]+(\.[0-9]+)?) ?(?P<times>[千万亿]?) ?"
    rf"(?P<word>{'|'.join(WORDS)})?"
)
DEGREES = re.compile(
    r"(?P<before>[NSEW]|[东西]经|[南北]纬)? ?"
    r"(?P<degrees>[0-9]{1,3})[°度] ?"
    r"((?P<minutes>[0-9]{1,2}(\.[0-9]+)?)[′'’分] ?)?"
    r"((?P<seconds>[0-9]{1,2}(\.[0-9]+)?)(′′|''|’’|\"|”|秒) ?)?"
    r"(?P<after>[NSEW])?"
)
SIGNS = {
    "x": {"E": 1, "W": -1, "东经": 1, "西经": -1},
    "y": {"N": 1, "S": -1, "北纬": 1, "南纬": -1},
}


@dataclass(frozen=True)
class Number:
    """A number that was read; ``repaired`` where the text had to be understood first."""

    value: float
    repaired: bool = False


@dataclass(frozen=True)
class Merged:
    """The value of a cell that is merged over several rows, in each of these rows."""

    value: Any


class NotANumber(ValueError):
    """The message id (E-NUM-...) that says why, and what fills its placeholders."""

    def __init__(self, id: str, **details: str) -> None:
        self.id = id
        self.details = details
        super().__init__(id)


def is_missing(value: Any) -> bool:
    """Whether a cell is blank: None, NaN, NA, or text of blanks only.

    A list, which GeoJSON and GeoParquet may hold, is not blank.
    """
    if isinstance(value, str):
        return not value.strip()
    if value is None:
        return True
    return pd.api.types.is_scalar(value) and bool(pd.isna(value))


def counting_words(name: str) -> tuple[str, ...]:
    """The words that may follow a number in our column ``name``: what is counted there.

    >>> counting_words("population")
    ('人', '口', '名', '位')
    """
    return COLUMN_WORDS.get(name, PEOPLE_WORDS)


def read_number(value: Any, words: Sequence[str] | None = None, times: int = 1) -> Number:
    """Any finite number, from a number or a text, ``times`` as large as it is written.

    With ``words`` a 千, 万, 亿 or one of these counting words behind it is understood; any
    other counting word is refused (E-NUM-008).

    >>> read_number("１,200")
    Number(value=1200.0, repaired=True)
    >>> read_number("1.2万人", words=["人"])
    Number(value=12000.0, repaired=True)
    >>> read_number("1.2万")
    Traceback (most recent call last):
    carecircle.layers.numbers.NotANumber: E-NUM-006
    """
    if is_missing(value):
        raise NotANumber("E-NUM-001")
    if isinstance(value, str):
        number = _from_text(value, words)
    elif isinstance(value, Merged):
        raise NotANumber("E-NUM-007")
    elif isinstance(value, bool | np.bool_ | np.ndarray) or not hasattr(value, "__float__"):
        raise NotANumber("E-NUM-002")
    else:
        number = Number(float(value))
    if not math.isfinite(number.value):
        raise NotANumber("E-NUM-004")
    if times != 1:  # decimal: 0.0331 ten thousands are 331 exactly
        number = replace(number, value=float(Decimal(repr(number.value)) * times))
    return number


def read_count(value: Any, words: Sequence[str] | None = None, times: int = 1) -> Number:
    """A number of people: finite, not negative, at most `MOST`; decimals are allowed."""
    number = read_number(value, words, times)
    if number.value < 0:
        raise NotANumber("E-NUM-003")
    if number.value > MOST:
        raise NotANumber("E-NUM-004")
    return number


def read_whole(value: Any, words: Sequence[str] | None = None, times: int = 1) -> Number:
    """A number of places: a count without decimals."""
    number = read_count(value, words, times)
    if not number.value.is_integer():
        raise NotANumber("E-NUM-005")
    return number


def plain_numbers(cells: Sequence[Any]) -> NDArray[np.float64]:
    """The finite numbers that need no understanding, NaN for every other cell.

    What `read_number` gives without a repair, for columns of millions.

    >>> plain_numbers(["1200", "1,200", 7, " 7", True]).tolist()
    [1200.0, nan, 7.0, nan, nan]
    """
    is_plain, missing = PLAIN.fullmatch, math.nan
    values = np.array(
        [
            float(cell)
            if type(cell) in NUMBERS or (type(cell) is str and is_plain(cell))
            else missing
            for cell in cells
        ],
        dtype=np.float64,
    )
    values[np.isinf(values)] = np.nan
    return values


def read_coordinate(value: Any, axis: str) -> Number:
    """A coordinate on ``axis`` x or y: a number, or degrees, minutes and seconds.

    >>> read_coordinate("121°24′36″E", "x")
    Number(value=121.41, repaired=True)
    >>> read_coordinate("北纬31度30分", "y")
    Number(value=31.5, repaired=True)
    """
    # a double prime is two primes
    normal = _normal(value).replace("″", "′′") if isinstance(value, str) else ""
    match = DEGREES.fullmatch(normal)
    if match is None:
        return read_number(value)
    minutes, seconds = Decimal(match["minutes"] or 0), Decimal(match["seconds"] or 0)
    sides = [side for side in (match["before"], match["after"]) if side]
    if minutes >= 60 or seconds >= 60 or len(sides) > 1 or not set(sides) <= SIGNS[axis].keys():
        raise NotANumber("E-NUM-002")
    degrees = Decimal(match["degrees"]) + minutes / 60 + seconds / 3600
    sign = SIGNS[axis][sides[0]] if sides else 1
    return Number(float(sign * degrees), repaired=True)


def _from_text(text: str, words: Sequence[str] | None) -> Number:
    normal = _normal(text)
    if PLAIN.fullmatch(normal):
        return Number(float(normal), repaired=normal != text)
    if GROUPED.fullmatch(normal):
        return Number(float(normal.replace(",", "")), repaired=True)
    if normal.lower() in {"inf", "+inf", "-inf", "infinity"}:
        raise NotANumber("E-NUM-004")
    match = WITH_UNIT.fullmatch(normal)
    digits = match["number"] if match else ""
    if match is None or not (PLAIN.fullmatch(digits) or GROUPED.fullmatch(digits)):
        raise NotANumber("E-NUM-002")
    if words is None:
        raise NotANumber("E-NUM-006")
    if match["word"] and match["word"] not in words:
        raise NotANumber("E-NUM-008", word=match["word"], words=", ".join(words))
    # decimal: 1.2万 is 12000 exactly
    number = Decimal(digits.replace(",", "")) * TIMES[match["times"]]
    return Number(float(number), repaired=True)


# Digits and signs of an input method, and the blanks it leaves. Nothing else is turned into a
# digit: a footnote mark, as in 366①, must not become a figure.
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}


def _normal(text: str) -> str:
    return text.translate(FULL_WIDTH).strip()
