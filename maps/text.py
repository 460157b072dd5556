"""How may a name from somebody's file stand in a table?

Names come from files nobody here wrote. A control character cuts a text short in one
program and is refused by the next, and half a surrogate pair cannot be written at all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from pandas import isna


def plain_text(value: Any) -> str:
    """``value`` as one line of text; "" where it is missing.

    Tabs and line breaks become spaces; other control characters (Unicode category Cc)
    and lone surrogates (Cs) are left out; everything else stays as it is.
    """
    if value is None or value is not value or isna(value):
        return ""
    one_line = "".join(" " if c in "\t\n\r\u2028\u2029" else c for c in str(value))
    return "".join(c for c in one_line if unicodedata.category(c) not in ("Cc", "Cs"))


def both(words: Mapping[str, str]) -> str:
    """What something is called in Chinese and English, in one cell.

    >>> both({"zh": "未达标", "en": "not met"})
    '未达标 not met'
    """
    return words["zh"] if words["zh"] == words["en"] else f"{words['zh']} {words['en']}"
