"""What does a plan ask for, when only the people are known? Targets without any map.

A file with a census table and stated figures is enough for what a plan makes of its people::

    date = 2024-12-31

    [census]
    path = "census.csv"
    unit = "320400"
    base = "resident"
    year = 2020
    columns = { id = "区划代码", population = "人口数_合计" }

Everything else is not assessed and names what it takes.
"""

from __future__ import annotations

import datetime
import tomllib
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from carecircle.coverage.target_judge import judge_plan
from carecircle.coverage.target_result import PlanResult
from carecircle.coverage.target_world import COLUMN_OF_GROUP, People, PeopleBook, World
from carecircle.layers.census import half_up, read_census
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.sources import CensusSource
from carecircle.planning import plans_of
from carecircle.planoptions import PlanOptions
from carecircle.studyfile import problem_of


class PeopleOnly(BaseModel):
    """The file: who lives there, by census and by stated figures."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    date: datetime.date
    census: CensusSource | None = None
    plan_options: PlanOptions = PlanOptions()


def assess(plan: str, path: Path) -> PlanResult:
    """A plan judged by the people of a file alone.

    Raises
    ------
    StudyError
        E-STU-001 and the like: mistakes of the file; E-PLN-026: no such unit in the census;
        mistakes of the plan and faults of the census table.
    """
    file = read_people_file(path)
    (read,) = plans_of([plan], file.plan_options, str(path))
    world = World(
        date=file.date.isoformat(),
        people=people_book(file, path),
        complete=frozenset(file.plan_options.complete),
    )
    return judge_plan(read, world)


def read_people_file(path: Path) -> PeopleOnly:
    """The file, every mistake of it told at once; its census is looked for from its folder."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StudyError(Problem("E-STU-001", str(path), details={"reason": error})) from error
    try:
        file = PeopleOnly.model_validate(written)
    except ValidationError as error:
        problems = [problem_of(e, str(path), PeopleOnly) for e in error.errors(include_url=False)]
        raise StudyError(problems) from error
    if file.census is None:
        return file
    census = file.census.model_copy(update={"path": path.parent / file.census.path})
    if not census.path.is_file():
        raise StudyError(Problem("E-STU-004", file=str(census.path)))
    return file.model_copy(update={"census": census})


def people_book(file: PeopleOnly, path: Path) -> PeopleBook:
    """The people of the census unit and the stated figures."""
    stated = tuple(People(**p.model_dump()) for p in file.plan_options.population)
    if file.census is None:
        return PeopleBook(stated)
    census = read_census(file.census, ())
    unit = file.census.unit
    if unit is None or unit not in census.counts:
        details = {"units": ", ".join(census.counts)}
        problem = Problem("E-PLN-026", str(path), column="census.unit", value=unit)
        raise StudyError(replace(problem, details=details))
    group_of = {column: group for group, column in COLUMN_OF_GROUP.items()}
    counts = census.counts[unit]
    counted = {group_of.get(name, name): half_up(count) for name, count in counts.items()}
    return PeopleBook(stated, counted, file.census.base, file.census.year)
