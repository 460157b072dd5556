"""What do the name of a column and the title of a table say of the numbers below?

人口（万人） means ten thousands, 单位：万人 above a table too; 60岁以上占比 holds shares, 人口密度
people per square kilometre, 户数 families. Read as people, all of these give a plausible table
and a wrong answer.

A count of 十, 百, 千, 万 or 亿 is honoured where it is plain: behind the name, in brackets or at
its end, or in the unit that a title states (``单位：万人``). The name comes before the title.
Whatever else is no count of single people or places is refused, until the study file says
``numbers_are_counts = true``.

Limits: only words are read. Numbers that no word explains are looked at in `not_counts`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from carecircle.layers.attributes import facility_attributes
from carecircle.layers.header_people import speaks_of_others
from carecircle.layers.numbers import (
    BED_WORDS,
    COLUMN_WORDS,
    OTHER_WORDS,
    PEOPLE_WORDS,
    WORDS,
    NotANumber,
    counting_words,
)
from carecircle.layers.sources import SITE_AMOUNTS

CHINESE_TIMES = {
    "十": 10, "百": 100, "千": 1_000, "万": 10_000, "十万": 100_000, "百万": 1_000_000,
    "千万": 10_000_000, "亿": 100_000_000,
}  # fmt: skip
TIMES = "|".join(sorted(CHINESE_TIMES, key=len, reverse=True))
WORD = "|".join(sorted(WORDS, key=len, reverse=True))
UNIT = re.compile(rf"(?P<times>{TIMES})?(?P<word>{WORD})?")
IN_BRACKETS = re.compile(r"[(\[【](?:单位:?)?([^()\[\]【】]*)[)\]】]$")
AT_END = re.compile(rf"(?<![一二三四五六七八九])(?:{TIMES})(?:{WORD})?$")
IN_TITLE = re.compile(r"单 *位 *: *([^()\[\]【】\s]+)")
SHARE = re.compile(
    r"%|‰|百分|占比|比例|比重|比$|比[(\[]|率|密度|每|人均|户均|"
    r"/(?:k?m2?\b|平方|公顷|ha\b|hm|亩|户|[百千万])"
)
SHARE_WORDS = {
    "share", "shares", "ratio", "rate", "percent", "percentage", "pct", "perc", "proportion",
    "density", "per",
}  # fmt: skip
FAMILIES = re.compile(r"户(?!籍|口|人|内|外)")
FAMILY_WORDS = {"households", "household", "families", "dwellings", "units", "hh"}
OTHER_TIMES = re.compile(
    r"[十百千万亿][人口户张床]|\bthousands?\b|\bmillions?\b|10\^[3-8]|\b10{3,8}\b|\b1e[3-8]\b|\b10k\b"
)
OTHER_AREA = re.compile(r"亩|公顷|平方公里|平方千米|km2|km²|\bha\b|hectare|[千万]平|sq ?ft|尺")
MONEY = re.compile(r"(千万|百万|[千万亿])?元")
PRICE_EACH = re.compile(r"每平|/平|/㎡|/m2|/m²|单价|per m")
DAILY = re.compile(r"/[天日]|每[天日]|日租|per day|daily")
MONTHLY = re.compile(r"月|month")


@dataclass(frozen=True)
class HeaderUnit:
    """How many people or places one unit of a column is, and the words that say so."""

    times: int = 1
    said: str = ""


def unit_of_column(name: str, header: str, titles: Sequence[str] = ()) -> HeaderUnit:
    """What one unit of the column ``header`` is; ``name`` is our name for it.

    Raises
    ------
    NotANumber
        E-NUM-009: the column holds something else than a count; E-NUM-010: it is in thousands
        or the like, but not plainly; E-NUM-013: it counts other people.

    >>> unit_of_column("population", "常住人口（万人）")
    HeaderUnit(times=10000, said='常住人口（万人）')
    >>> unit_of_column("population", "常住人口", ["各小区人口（单位：千人）"]).times
    1000
    >>> unit_of_column("population", "人口密度")
    Traceback (most recent call last):
    carecircle.layers.numbers.NotANumber: E-NUM-009
    """
    own = unit_in(name, header)
    if own is not None:
        return own
    stated = [(title, unit) for title in titles if (unit := unit_in_title(name, title)) is not None]
    if len({unit.times for _, unit in stated}) > 1:
        raise NotANumber("E-NUM-010", said=" / ".join(title for title, _ in stated))
    return stated[0][1] if stated else HeaderUnit()


def unit_in(name: str, header: str) -> HeaderUnit | None:
    """The unit that a column's own name states; None where it states none."""
    text = plain(header)
    words = counting_words(name)
    if speaks_of_others(name, text):
        raise NotANumber("E-NUM-013", said=header, name=name)
    if says_share(text):
        raise NotANumber("E-NUM-009", said=header, words=", ".join(words))
    if "户" not in words and says_families(text):
        raise NotANumber("E-NUM-009", said=header, words=", ".join(words))
    bracket, end = IN_BRACKETS.search(text), AT_END.search(text)
    unit = unit_text(bracket[1]) if bracket else unit_text(end[0]) if end else None
    if unit is not None:
        times, word = unit
        if word in foreign_words(words):
            raise NotANumber("E-NUM-009", said=header, words=", ".join(words))
        return HeaderUnit(times, header)
    if OTHER_TIMES.search(text):
        raise NotANumber("E-NUM-010", said=header)
    return None


def unit_in_title(name: str, title: str) -> HeaderUnit | None:
    """The unit that a title states for what ``name`` counts; None where it states none."""
    text, words = unicodedata.normalize("NFKC", title).strip(), counting_words(name)
    found = IN_TITLE.search(text) or IN_BRACKETS.search(text)
    units = [unit_text(part) for part in re.split(r"[、,;/和]", found[1])] if found else []
    fitting = {times for times, word in filter(None, units) if not word or word in words}
    if len(fitting) > 1:
        raise NotANumber("E-NUM-010", said=title)
    return HeaderUnit(fitting.pop(), title) if fitting else None


def unit_of_amount(name: str, header: str, titles: Sequence[str] = ()) -> HeaderUnit:
    """What one unit of a column of areas (square metres) or money (yuan; a rent, in a year) is.

    Raises
    ------
    NotANumber
        E-SITE-021: another unit of area, a price for each square metre, a rent for each day.

    >>> unit_of_amount("cost", "改造费用（万元）").times
    10000
    >>> unit_of_amount("rent", "租金（元/月）").times
    12
    """
    text = plain(header)
    stated = [found[1] for title in titles if (found := IN_TITLE.search(plain(title)))]
    if name == "area_m2":
        if OTHER_AREA.search(text):
            raise NotANumber("E-SITE-021", said=header, name=name)
        return HeaderUnit()
    if PRICE_EACH.search(text) or (name == "rent" and DAILY.search(text)):
        raise NotANumber("E-SITE-021", said=header, name=name)
    money = MONEY.search(text) or next(filter(None, map(MONEY.search, stated)), None)
    times = CHINESE_TIMES.get(money[1], 1) if money else 1
    if name == "rent" and MONTHLY.search(text):
        times *= 12
    return HeaderUnit(times, header if times > 1 else "")


def foreign_words(words: Sequence[str]) -> frozenset[str]:
    """Words that count something else than ``words`` do; of beds and seats people may be said."""
    beds = () if words != PEOPLE_WORDS else BED_WORDS
    return frozenset((*OTHER_WORDS, *beds)) - {*words, "个"}


def holds_counts(name: str) -> bool:
    """Whether our column ``name`` counts people, places or households: no area, no price."""
    return name in COLUMN_WORDS or name not in (*facility_attributes(), *SITE_AMOUNTS)


def unit_text(text: str) -> tuple[int, str] | None:
    """万人 as (10000, 人); None where the text is no unit."""
    match = UNIT.fullmatch(text)
    if match is None or not text:
        return None
    return CHINESE_TIMES.get(match["times"], 1), match["word"] or ""


def says_share(text: str) -> bool:
    """Whether a column's name is that of shares, rates or densities."""
    return bool(SHARE.search(text)) or not SHARE_WORDS.isdisjoint(re.split(r"[^a-z]+", text))


def says_families(text: str) -> bool:
    """Whether a column's name is that of households."""
    return bool(FAMILIES.search(text)) or not FAMILY_WORDS.isdisjoint(re.split(r"[^a-z]+", text))


def plain(text: str) -> str:
    """A name as it is compared: NFKC, small letters, without blanks between Chinese words."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    return re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", folded)
