"""What may be told of a facility besides its kind, and how is each thing written?

``facility_attributes.csv`` lists the attributes that plans ask for: our name, the type, the
Chinese and English name, and what tables call the column. The types are ``count`` (whole
number), ``area`` (square metres), ``flag`` (yes or no), and four that are words:
``operator``, ``grade``, ``level`` and ``offers``, read by the tables of words here.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

if TYPE_CHECKING:  # sources asks for the names of attributes
    from carecircle.layers.sources import Level

AttributeType = Literal["count", "area", "flag", "operator", "grade", "level", "offers"]
NUMBERS: tuple[AttributeType, ...] = ("count", "area")

# Who built and who runs it: both the public side, public built and privately run, private,
# or built by private money under a contract with the public side.
OperatorType = Literal["public", "public_private", "private", "ppp"]
OPERATOR_WORDS: dict[str, OperatorType] = {
    **dict.fromkeys(("public", "公办", "公建公营", "公立", "公营"), "public"),
    **dict.fromkeys(("public_private", "公建民营", "公办民营"), "public_private"),
    **dict.fromkeys(("private", "民办", "民营", "社会办", "民办民营", "民办公助"), "private"),
    **dict.fromkeys(("ppp", "政府和社会资本合作"), "ppp"),
}

# What elderly people are helped with.
Offer = Literal["meal", "bathing", "cleaning", "mobility", "day_care", "rehab"]
OFFER_WORDS: dict[str, Offer] = {
    **dict.fromkeys(("meal", "meals", "助餐", "老年助餐"), "meal"),
    **dict.fromkeys(("bathing", "助浴"), "bathing"),
    **dict.fromkeys(("cleaning", "助洁"), "cleaning"),
    **dict.fromkeys(("mobility", "助行"), "mobility"),
    **dict.fromkeys(("day_care", "day care", "日间照料", "日托"), "day_care"),
    **dict.fromkeys(("rehab", "康复", "康复护理"), "rehab"),
}

OFFER_MARKS = re.compile(r"[、,;/|\n+]+")

LEVEL_WORDS: dict[str, Level] = {
    **dict.fromkeys(("city", "市级", "市"), "city"),
    **dict.fromkeys(("district", "区级", "县级", "区县级", "区", "县"), "district"),
    **dict.fromkeys(("town", "镇级", "乡级", "街道级", "镇街级", "乡镇级", "镇", "街道"), "town"),
    **dict.fromkeys(("community", "社区级", "村级", "社区", "村"), "community"),
}

UNGRADED = ("无", "未评", "未评定", "未评级", "none")
STEPS_OF_GRADES = "一二三四五"
GRADE = re.compile(rf"([1-5{STEPS_OF_GRADES}])(?:星级?|级(?:甲等|乙等|丙等)?|a级?)?")


class Attribute(NamedTuple):
    """One thing that may be told of a facility."""

    name: str
    type: AttributeType
    zh: str
    en: str
    aliases: tuple[str, ...]


@cache
def facility_attributes() -> dict[str, Attribute]:
    """Every attribute by its name, in the order of the file."""
    text = files("carecircle.layers").joinpath("facility_attributes.csv").read_text("utf-8")
    return {
        row["name"]: Attribute(
            name=row["name"],
            type=cast(AttributeType, row["type"]),
            zh=row["zh"],
            en=row["en"],
            aliases=tuple(row["aliases"].split("|")),
        )
        for row in csv.DictReader(text.splitlines())
    }


def names_of_type(*types: AttributeType) -> list[str]:
    """The attributes of these types."""
    return [a.name for a in facility_attributes().values() if a.type in types]


def grade_of(written: str) -> int | None:
    """A grade as a number: stars of a home, level of a hospital; 0 ungraded, None unknown.

    >>> grade_of("三星级"), grade_of("二级甲等"), grade_of("未评定"), grade_of("优秀")
    (3, 2, 0, None)
    """
    text = unicodedata.normalize("NFKC", written).strip().casefold()
    if text in UNGRADED:
        return 0
    found = GRADE.fullmatch(text)
    if found is None:
        return None
    step = found[1]
    return STEPS_OF_GRADES.index(step) + 1 if step in STEPS_OF_GRADES else int(step)


def offers_of(written: str) -> frozenset[Offer]:
    """What is offered, from a list such as ``助餐、助浴``; other words are other services.

    >>> sorted(offers_of("助餐服务、助浴；理发")), offers_of("day care 助餐") == {"meal"}
    (['bathing', 'meal'], True)
    """
    text = unicodedata.normalize("NFKC", written).casefold()
    parts = [part.strip() for part in OFFER_MARKS.split(text)]
    words = [word for part in parts for word in ([part] if part in OFFER_WORDS else part.split())]
    found = (OFFER_WORDS.get(word, OFFER_WORDS.get(word.removesuffix("服务"))) for word in words)
    return frozenset(offer for offer in found if offer is not None)
