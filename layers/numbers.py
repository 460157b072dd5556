"""What number did they type? Strict: what is not plainly a number is refused.

Full-width digits, thousands separators and surrounding blanks are understood, and the
caller is told, so that the repair can be recorded. Everything else (``约800``, ``1.2万``,
``300人``, ``-``) is refused rather than guessed.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

MOST = 1_000_000_000  # people or places in one row; more is a slip

PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


@dataclass(frozen=True)
class Number:
    """A number that was read; ``repaired`` where the text had to be understood first."""

    value: float
    repaired: bool = False


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


def read_number(value: Any) -> Number:
    """Any finite number, from a number or a text.

    >>> read_number("１,200")
    Number(value=1200.0, repaired=True)
    >>> read_number("1.2万")
    Traceback (most recent call last):
    carecircle.layers.numbers.NotANumber: E-NUM-002
    """
    if is_missing(value):
        raise NotANumber("E-NUM-001")
    if isinstance(value, str):
        number = _from_text(value)
    elif isinstance(value, bool | np.bool_) or not hasattr(value, "__float__"):
        raise NotANumber("E-NUM-002")
    else:
        number = Number(float(value))
    if not math.isfinite(number.value):
        raise NotANumber("E-NUM-004")
    return number


def read_count(value: Any) -> Number:
    """A number of people: finite, not negative, at most `MOST`; decimals are allowed."""
    number = read_number(value)
    if number.value < 0:
        raise NotANumber("E-NUM-003")
    if number.value > MOST:
        raise NotANumber("E-NUM-004")
    return number


def read_whole(value: Any) -> Number:
    """A number of places: a count without decimals."""
    number = read_count(value)
    if not number.value.is_integer():
        raise NotANumber("E-NUM-005")
    return number


def _from_text(text: str) -> Number:
    normal = unicodedata.normalize("NFKC", text).strip()
    if PLAIN.fullmatch(normal):
        return Number(float(normal), repaired=normal != text)
    if GROUPED.fullmatch(normal):
        return Number(float(normal.replace(",", "")), repaired=True)
    if normal.lower() in {"inf", "+inf", "-inf", "infinity"}:
        raise NotANumber("E-NUM-004")
    raise NotANumber("E-NUM-002")
