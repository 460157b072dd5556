"""Of whom does the name of a column speak?

65岁以上人口 read as the people of 60 and over, 0-14岁 as those of 0 to 2, or 男性人口 as everybody
gives a plausible table and a wrong answer. A column whose name tells ages, or men or women alone,
is held against what it is read as; the study file may say ``numbers_are_counts = true``.

0-3岁 passes for 0–2 and 3-6岁 for 3–5, as offices say for 3岁以下 and for the years before school.

Limits: only ages behind which 岁, 以上, 以下 or + stands, or before which over or under does.
"""

from __future__ import annotations

import re

OPEN = None  # an age group without an upper end

Ages = tuple[int, int | None]

ACCEPTED: dict[str, frozenset[Ages]] = {
    "population": frozenset({(0, OPEN)}),
    "age_60_plus": frozenset({(60, OPEN)}),
    "age_65_plus": frozenset({(65, OPEN)}),
    "age_80_plus": frozenset({(80, OPEN)}),
    "age_0_2": frozenset({(0, 2), (0, 3)}),
    "age_3_5": frozenset({(3, 5), (3, 6)}),
}
YEARS = "(?:周?岁)"
FROM_TO = re.compile(rf"(\d{{1,3}}){YEARS}?[-~〜—–至到](\d{{1,3}}){YEARS}")
AND_OVER = re.compile(
    rf"(\d{{1,3}})(?:{YEARS}?(?:及其?|\(含\)|含)?以上|{YEARS}?\+|_?plus)"
    r"|(?:[≥>]=?|over[ _]?)(\d{1,3})"
)
AND_UNDER = re.compile(rf"(\d{{1,3}}){YEARS}?(?P<own>及)?以下|(?:under[ _]?)(\d{{1,3}})(?![\d-])")
MEN, WOMEN = re.compile(r"男|\b(?:male|men)s?\b"), re.compile(r"女|\b(?:female|women)s?\b")


def speaks_of_others(name: str, text: str) -> bool:
    """Whether ``text``, the plain name of a column, tells of other people than our ``name``.

    >>> speaks_of_others("age_60_plus", "65岁以上人口"), speaks_of_others("age_0_2", "3岁以下")
    (True, False)
    >>> speaks_of_others("population", "男性人口"), speaks_of_others("population", "男女合计")
    (True, False)
    """
    accepted = ACCEPTED.get(name)
    if accepted is None:
        return False
    one_sex = bool(MEN.search(text)) != bool(WOMEN.search(text))
    told = ages_in(text)
    return one_sex or bool(told and not told & accepted)


def ages_in(text: str) -> frozenset[Ages]:
    """The groups of ages that a name tells: 3岁以下 as (0, 2), 60+ as (60, OPEN)."""
    between = {(int(a), int(b)) for a, b in FROM_TO.findall(text)}
    over: set[Ages] = {(int(a or b), OPEN) for a, b in AND_OVER.findall(text)}
    under = {
        (0, int(found[1] or found[3]) - (0 if found["own"] else 1))
        for found in AND_UNDER.finditer(text)
    }
    return frozenset(between | over | under)
