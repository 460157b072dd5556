"""A plan file: targets as TOML that can be read, compared and copied. Is it sound?

Every mistake is told at once, with the plan, the target and the key it is in. A plan may name
its sets of facilities once, under ``[facilities]``, and use the names wherever facilities are
asked for; here they are written out before the types of `carecircle.coverage.plan` check them.
Numbers are read as they are written: 0.1 is one tenth.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from carecircle.coverage.plan import Plan, Target
from carecircle.coverage.plan_measures import MEASURES
from carecircle.layers.problems import Findings, StudyError
from carecircle.misread import misread
from carecircle.plancheck import check_plan, check_target
from carecircle.studyfile import problem_of, wrong_kind

# keys that hold facilities: one filter, several, or the name of a set
HOLD_FACILITIES = ("facilities", "part", "whole", "to")
UNREADABLE = ("union_tag_invalid", "union_tag_not_found")


def packaged_plans() -> dict[str, str]:
    """The TOML text of every plan that ships with the package, by id."""
    folder = files("carecircle.coverage").joinpath("plans")
    found = sorted(folder.iterdir(), key=lambda file: file.name)
    return {
        file.name.removesuffix(".toml"): file.read_text(encoding="utf-8")
        for file in found
        if file.name.endswith(".toml")
    }


def load_plan(name: str) -> Plan:
    """A plan by its id among those that ship, or by the path of its file.

    Raises
    ------
    StudyError
        With every mistake of the file.
    """
    packaged = packaged_plans()
    if name in packaged:
        return parse_plan(packaged[name], name)
    found = Findings(name)
    if not name.endswith(".toml"):
        found.add("E-PLN-002", known=", ".join(packaged))
        found.refuse_if_any()
    try:
        text = Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        found.add("E-PLN-001", reason=error)
        raise StudyError(found) from error
    return parse_plan(text, name)


def target_of(plan: Plan, id: str) -> Target:
    """One target of a plan, refused by name where there is none."""
    found = Findings(plan.id)
    known = [target.id for target in plan.targets]
    if id not in known:
        found.add("E-PLN-021", value=id, known=", ".join(known))
        found.refuse_if_any()
    return plan.target(id)


def parse_plan(text: str, file: str) -> Plan:
    """A plan from its TOML text, every mistake of it told at once."""
    found = Findings(file)
    try:
        written = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        found.add("E-PLN-001", reason=error)
        raise StudyError(found) from error
    if isinstance(written.get("id"), str) and written["id"] != Path(file).stem:
        found.file = f"{file} ({written['id']})"
    sets = written.pop("facilities", {})
    rows = written.get("targets")
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    targets = [read_target(row, at, sets, found) for at, row in enumerate(rows)]
    repeated_ids(rows, found)
    plan = read_header(written, [target for target in targets if target], found)
    if plan is not None:
        check_plan(plan, found)
    found.refuse_if_any()
    assert plan is not None
    return plan


def read_target(row: dict[str, Any], at: int, sets: Any, found: Findings) -> Target | None:
    """One target with its sets written out, or None and what is wrong with it."""
    place = f"targets.{row.get('id', at)}"
    row = {**row}
    if isinstance(row.get("measure"), dict):
        row["measure"] = written_out(row["measure"], f"{place}.measure", Sets(sets), found)
    try:
        target = Target.model_validate(row)
    except ValidationError as error:
        for mistake in error.errors(include_url=False):
            note_mistake(mistake, Target, place, found)
        note_misread(row, Target, place, found)
        return None
    note_misread(row, Target, place, found)
    check_target(target, place, found)
    return target


def read_header(written: Mapping[str, Any], targets: list[Target], found: Findings) -> Plan | None:
    """The plan with the targets that could be read; mistakes of its other keys are noted."""
    try:
        return Plan.model_validate({**written, "targets": targets})
    except ValidationError as error:
        for mistake in error.errors(include_url=False):
            # a plan whose targets were all refused is not called empty besides
            if mistake["loc"] != ("targets",) or not written.get("targets"):
                note_mistake(mistake, Plan, "", found)
        return None
    finally:
        header = {key: value for key, value in written.items() if key != "targets"}
        note_misread(header, Plan, "", found)


def note_misread(
    table: dict[str, Any], model: type[BaseModel], place: str, found: Findings
) -> None:
    """What would be read as another thing than it is; a measure by the types of its own kind."""
    measure = table.get("measure")
    faults = list(misread({**table, "measure": None}, model))
    if isinstance(measure, dict) and measure.get("kind") in MEASURES:
        faults += misread(measure, MEASURES[measure["kind"]], "measure")
    known = {problem.column for problem in found}
    for inside, value, kind in faults:
        column = ".".join(part for part in (place, inside) if part)
        if column not in known:
            found.problems.append(wrong_kind(found.file, column, value, kind))


def repeated_ids(rows: list[dict[str, Any]], found: Findings) -> None:
    """Two targets of one id."""
    for id, count in Counter(str(row["id"]) for row in rows if "id" in row).items():
        if count > 1:
            found.add("E-PLN-003", column=f"targets.{id}.id", value=id, count=count)


def note_mistake(mistake: Any, model: type[BaseModel], place: str, found: Findings) -> None:
    """A mistake of form, by the place in the file: pydantic also counts the kind of measure."""
    loc = tuple(mistake["loc"])
    column = ".".join(part for part in (place, *map(str, loc)) if part)
    if mistake["type"] in UNREADABLE:
        kind = mistake["input"].get("kind") if isinstance(mistake["input"], dict) else None
        found.add("E-PLN-004", column=f"{column}.kind", value=kind, known=", ".join(MEASURES))
        return
    if loc[:1] == ("measure",) and len(loc) > 1:
        model, loc = MEASURES[str(loc[1])], loc[2:]
        column = ".".join((place, "measure", *map(str, loc)))
    # sets of facilities are written out before the types are asked
    further = ("facilities",) if model is Plan and len(loc) == 1 else ()
    problem = problem_of({**mistake, "loc": loc}, found.file, model, column, further)
    found.problems.append(problem)


# --- sets of facilities


class Sets:
    """The sets of facilities that a plan names, each a list of filters."""

    def __init__(self, written: Any) -> None:
        tables = written if isinstance(written, dict) else {}
        self.filters = {
            name: [filters] if isinstance(filters, dict) else filters
            for name, filters in tables.items()
        }


def written_out(written: Any, place: str, sets: Sets, found: Findings) -> Any:
    """The same table with the names of sets replaced by their filters."""
    if isinstance(written, list):
        return [written_out(item, f"{place}.{at}", sets, found) for at, item in enumerate(written)]
    if not isinstance(written, dict):
        return written
    table = {}
    for key, value in written.items():
        here = f"{place}.{key}"
        if key in HOLD_FACILITIES:
            table[key] = filters_of(value, here, sets, found)
        elif key == "each_of" and isinstance(value, list):
            table[key] = [
                filters_of(item, f"{here}.{at}", sets, found) for at, item in enumerate(value)
            ]
        else:
            table[key] = written_out(value, here, sets, found)
    return table


def filters_of(written: Any, place: str, sets: Sets, found: Findings) -> Any:
    """Filters as a list; a name stands for its set, ``{ set = "name", ... }`` narrows one."""
    if isinstance(written, list):
        lists = [filters_of(item, f"{place}.{at}", sets, found) for at, item in enumerate(written)]
        return [one for some in lists for one in (some if isinstance(some, list) else [some])]
    if isinstance(written, str):
        return named_set(written, {}, place, sets, found)
    if isinstance(written, dict) and "set" in written:
        more = {key: value for key, value in written.items() if key != "set"}
        return named_set(str(written["set"]), more, place, sets, found)
    return [written]


def named_set(
    name: str, more: dict[str, Any], place: str, sets: Sets, found: Findings
) -> list[Any]:
    """The filters of a set, each narrowed by ``more``; a key said twice is refused."""
    if name not in sets.filters:
        found.add("E-PLN-012", column=place, value=name, known=", ".join(sets.filters) or "-")
        return [{}]
    filters = []
    for one in sets.filters[name]:
        twice = sorted(set(one) & set(more)) if isinstance(one, dict) else []
        for key in twice:
            found.add("E-PLN-013", column=f"{place}.{key}", value=more[key], set=name)
        filters.append({**one, **more} if isinstance(one, dict) else one)
    return filters
