"""Do the columns of people tell another year than the study file?

2010年人口 beside ``year = 2020`` is a slip in one of the two. Nobody can tell in which, and every
figure for each person rests on it: it is recorded (R-POP-016) and said on every output.

Limits: only years in the names of columns and in titles that speak of people (人口) are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from carecircle.coverage.result import Sentence
from carecircle.layers.sources import COHORTS
from carecircle.notes import Notes, Record
from carecircle.studyfile import StudyFile

YEAR = re.compile(r"(?<![\d.])(?:19[5-9]|20\d)\d(?!\d)")


def note_other_years(file: StudyFile, notes: Notes) -> None:
    """Record and say which files tell another year than the study file, or two years."""
    for read in notes.files:
        told = dict(years_told(read))
        stated = stated_year(file, str(read["file"]))
        years = set().union(*told.values()) if told else set()
        if not years or (
            stated is None and not any(told[a] != told[b] for a in told for b in told)
        ):
            continue
        odd = [name for name, own in told.items() if stated is None or stated not in own]
        if odd:
            tell(notes, str(read["file"]), odd, stated)


def years_told(read: Record) -> Iterator[tuple[str, frozenset[int]]]:
    """Each name of a column of people, and each title, with the years that it tells."""
    columns = read["columns"]
    people = [str(columns[name]) for name in ("population", *COHORTS) if name in columns]
    titles = [title for title in read.get("titles", ()) if people and "人口" in title]
    for name in (*people, *titles):
        if years := frozenset(map(int, YEAR.findall(name))):
            yield name, years


def stated_year(file: StudyFile, name: str) -> int | None:
    """The year that the study file states of the people of this file."""
    of_census = file.census is not None and file.census.path.name == name
    table = file.census if of_census else file.population
    return None if table is None else table.year


def tell(notes: Notes, name: str, odd: list[str], stated: int | None) -> None:
    """The record and the sentence about one file."""
    said = "、".join(odd)
    against = {"zh": f"研究文件写的是 {stated} 年", "en": f"the study file says {stated}"}
    if stated is None:
        against = {"zh": "各列年份不一", "en": "they do not agree"}
    notes.record("R-POP-016", name, said=said, against=against)
    notes.sentences.append(
        Sentence(
            f"people-other-year-{name}",
            f"{name} 注明的年份（{said}）有出入：{against['zh']}。人口的基准年须核实。",
            f"{name} tells its years as {said}, but {against['en']}: check the base year of the "
            "people.",
        )
    )
