"""What number did they type? Strict: what is not plainly a number is refused.

Full-width digits, thousands separators and surrounding blanks are understood; 万, 亿 and
counting words (人, 户, 张 ...) only where the study file says so; degrees, minutes and
seconds in coordinates. The caller is told, so that the repair can be recorded. Everything
else (``约800``, ``-``) is refused rather than guessed.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

MOST = 1_000_000_000  # people or places in one row; more is a slip

PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
TIMES = {"": 1, "千": 1_000, "万": 10_000, "亿": 100_000_000}
WITH_UNIT = re.compile(
    r"(?P<number>[+-]?[0-9,]+(\.[0-9]+)?) ?(?P<times>[千万亿]?) ?(人|口|户|名|位|个|张|床|家|处)?"
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
    """The message id (E-NUM-...) that says why."""

    def __init__(self, id: str) -> None:
        self.id = id
        super().__init__(id)


def is_missing(value: Any) -> bool:
    """Whether a cell is blank: None, NaN, NA, or text of blanks only."""
    if isinstance(value, str):
        return not value.strip()
    return bool(pd.isna(value))


def read_number(value: Any, units: bool = False) -> Number:
    """Any finite number, from a number or a text.

    With ``units`` a 千, 万, 亿 or counting word behind it is understood.

    >>> read_number("１,200")
    Number(value=1200.0, repaired=True)
    >>> read_number("1.2万人", units=True)
    Number(value=12000.0, repaired=True)
    >>> read_number("1.2万")
    Traceback (most recent call last):
    carecircle.layers.numbers.NotANumber: E-NUM-006
    """
    if is_missing(value):
        raise NotANumber("E-NUM-001")
    if isinstance(value, str):
        number = _from_text(value, units)
    elif isinstance(value, Merged):
        raise NotANumber("E-NUM-007")
    elif isinstance(value, bool | np.bool_) or not hasattr(value, "__float__"):
        raise NotANumber("E-NUM-002")
    else:
        number = Number(float(value))
    if not math.isfinite(number.value):
        raise NotANumber("E-NUM-004")
    return number


def read_count(value: Any, units: bool = False) -> Number:
    """A number of people: finite, not negative, at most `MOST`; decimals are allowed."""
    number = read_number(value, units)
    if number.value < 0:
        raise NotANumber("E-NUM-003")
    if number.value > MOST:
        raise NotANumber("E-NUM-004")
    return number


def read_whole(value: Any, units: bool = False) -> Number:
    """A number of places: a count without decimals."""
    number = read_count(value, units)
    if not number.value.is_integer():
        raise NotANumber("E-NUM-005")
    return number


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


def _from_text(text: str, units: bool) -> Number:
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
    if not units:
        raise NotANumber("E-NUM-006")
    # decimal: 1.2万 is 12000 exactly
    number = Decimal(digits.replace(",", "")) * TIMES[match["times"]]
    return Number(float(number), repaired=True)


# Digits and signs of an input method, and the blanks it leaves. Nothing else is turned into a
# digit: a footnote mark, as in 366①, must not become a figure.
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}


def _normal(text: str) -> str:
    return text.translate(FULL_WIDTH).strip()
