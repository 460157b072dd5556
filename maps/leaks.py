"""Does a text give away a person? Phone numbers, identity numbers and addresses of e-mail.

Columns of persons never reach the public: an allow-list keeps them out (`public`). What is left
is a number inside a name, such as 幸福养老站 13900001234: it is masked on everything public, and
how many names were masked is told and kept in the manifest. The page is searched again.

Numbers: mainland mobile (11 digits, 13 to 19), landline with area code, identity number by its
birthday and its check digit (GB 11643, ISO 7064 MOD 11-2), as well as e-mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from carecircle.coverage.result import StudyResult

MASK = "***"
GAP = r"[ \-–—.·]?"
MOBILE = rf"(?<!\d)(?:\+?86{GAP})?1[3-9]\d{GAP}\d{{4}}{GAP}\d{{4}}(?!\d)"
LANDLINE = (
    rf"(?<!\d)(?:\(0\d{{2,3}}\)|（0\d{{2,3}}）|0\d{{2,3}}){GAP}[2-9]\d{{2,3}}{GAP}\d{{4}}(?!\d)"
)
EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
BIRTHDAY = r"(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
IDENTITY = rf"(?<!\d)[1-9]\d{{5}}{BIRTHDAY}\d{{3}}[\dXx](?![\dA-Za-z])"
PATTERNS = tuple(re.compile(one, re.ASCII) for one in (IDENTITY, MOBILE, LANDLINE, EMAIL))
# Lists of numbers travel as base64 (`packed`); they are nobody's name.
PACKED = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}", re.ASCII)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"


def masked(text: str) -> str:
    """A text with every number of a person replaced by `MASK`."""
    for pattern in PATTERNS:
        text = pattern.sub(lambda found: MASK if is_personal(found[0]) else found[0], text)
    return text


def leaks(text: str) -> list[str]:
    """The numbers of persons in a text."""
    return [
        found[0]
        for pattern in PATTERNS
        for found in pattern.finditer(text)
        if is_personal(found[0])
    ]


def is_personal(number: str) -> bool:
    """Whether a number of eighteen signs has the check digit of an identity number; else true."""
    if len(number) != 18 or not number[:17].isdigit():
        return True
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True))
    return CHECK[total % 11] == number[17].upper()


def masked_tree(tree: Any) -> Any:
    """The same tree of dicts and lists with every text masked, keys as they are."""
    if isinstance(tree, Mapping):
        return {key: masked_tree(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [masked_tree(value) for value in tree]
    return masked(tree) if isinstance(tree, str) and not PACKED.fullmatch(tree) else tree


def leaks_in_tree(tree: Any) -> list[str]:
    """The numbers of persons in all texts of a tree."""
    return [number for text in texts_of(tree) for number in leaks(text)]


def texts_of(tree: Any) -> Iterator[str]:
    """Every text of a tree but packed lists."""
    if isinstance(tree, Mapping):
        for value in tree.values():
            yield from texts_of(value)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from texts_of(value)
    elif isinstance(tree, str) and not PACKED.fullmatch(tree):
        yield tree


def masked_names(study: StudyResult) -> int:
    """How many names of the study are masked on what the public sees."""
    layers = [study.residential, study.facilities]
    layers += [circle.candidates for circle in study.circles]
    layers += [one.coverage.units for one in study.circles if one.coverage.units is not None]
    names = {str(name) for layer in layers if "name" in layer for name in layer["name"]}
    names |= {study.name, *study.network.street_names}
    return sum(masked(name) != name for name in names)
