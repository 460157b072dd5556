"""What kinds of facilities are there, and what is each called?

``facility_kinds.csv`` lists the kinds that Chinese plans for elderly care and childcare name:
a stable slug, the Chinese and English name, aliases, the service a kind belongs to, what its
capacity is counted in, the level it is planned for, and whether residents can walk there to
be cared for (a family care bed stands in somebody's home). ``docs/facilities.md`` shows it.

A kind is recognised by its whole name only, never by a part of it: 社区养老服务站 is a station,
a text that happens to contain 养老 is not.
"""

from __future__ import annotations

import csv
import unicodedata
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from carecircle.layers.sources import SERVICE_WORDS, Service

BLANKS_AND_MARKS = ("Z", "C", "P", "S")  # Unicode categories that names differ by


class FacilityKind(NamedTuple):
    """One kind of facility."""

    slug: str
    zh: str
    en: str
    aliases: tuple[str, ...]
    service: Service
    capacity: str
    level: str
    counts: bool


@cache
def facility_kinds() -> dict[str, FacilityKind]:
    """Every kind by its slug, in the order of the file."""
    text = files("carecircle.layers").joinpath("facility_kinds.csv").read_text(encoding="utf-8")
    return {
        row["slug"]: FacilityKind(
            slug=row["slug"],
            zh=row["zh"],
            en=row["en"],
            aliases=tuple(row["aliases"].split("|")) if row["aliases"] else (),
            service=SERVICE_WORDS[row["service"]],
            capacity=row["capacity"],
            level=row["level"],
            counts=row["counts"] == "yes",
        )
        for row in csv.DictReader(text.splitlines())
    }


def kind_of(written: str) -> FacilityKind | None:
    """The kind that a text names: its slug, a name or an alias; None for any other.

    >>> kind_of("日间照料中心（社区）") is None
    True
    >>> kind_of(" 日间照料 中心").slug
    'day-care-centre'
    """
    return _by_name().get(plain(written))


@cache
def _by_name() -> dict[str, FacilityKind]:
    return {
        plain(name): kind
        for kind in facility_kinds().values()
        for name in (kind.slug, kind.zh, kind.en, *kind.aliases)
    }


def plain(text: str) -> str:
    """A name without what spellings differ by: width, case, blanks and marks."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] not in BLANKS_AND_MARKS)
