"""The scenario file: a study, and what is done to it, as TOML that can be read and compared.

A command that takes a study file takes a scenario file as well: it is one when it has a table
``[scenario]``. Unknown keys are refused and every mistake is listed at once, like in a study file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from carecircle.layers.problems import Problem, StudyError
from carecircle.misread import misread
from carecircle.scenario import (
    AboutScenario,
    AddFacility,
    AddGate,
    AddLink,
    CircleService,
    CloseFacility,
    CloseGate,
    CloseLink,
    FacilityEdits,
    GateEdits,
    MoveFacility,
    PeopleOfScenario,
    ResizeFacility,
    Scenario,
    Table,
    WayEdits,
)
from carecircle.studyfile import (
    StudyFile,
    load_study_file,
    located_study,
    parse_study,
    problem_of,
    relocated,
    toml_of,
    wrong_kind,
)
from carecircle.walkerfile import study_walkers


class ScenarioFile(Table):
    """The whole scenario file."""

    scenario: AboutScenario
    walker_of: dict[CircleService, str] = Field(default_factory=dict)
    people: PeopleOfScenario | None = None
    add_facility: tuple[AddFacility, ...] = ()
    close_facility: tuple[CloseFacility, ...] = ()
    move_facility: tuple[MoveFacility, ...] = ()
    resize_facility: tuple[ResizeFacility, ...] = ()
    add_link: tuple[AddLink, ...] = ()
    close_link: tuple[CloseLink, ...] = ()
    add_gate: tuple[AddGate, ...] = ()
    close_gate: tuple[CloseGate, ...] = ()


def load_study(path: Path) -> StudyFile:
    """The study of a study file, or of a scenario file with its edits.

    Raises
    ------
    StudyError
        With every mistake of the file; E-SCN-006: another walker for a circle that the study does
        not have; E-SCN-016: the study named is a scenario itself.
    """
    written = toml_of(path)
    if "scenario" not in written:
        return load_study_file(path)
    file = parse_scenario(written, str(path))
    base = path.parent / file.scenario.study
    if not base.is_file():
        raise StudyError(Problem("E-STU-004", str(file.scenario.study)))
    written_study = toml_of(base)
    if "scenario" in written_study:
        raise StudyError(Problem("E-SCN-016", str(path), value=file.scenario.study))
    study = located_study(written_study, base)
    if changes_tables(file):
        told = with_tables(written_study, study, file, str(path))
        study = relocated(parse_study(told, str(path)), base.parent)
    return under(study, scenario_of(file, study, str(path)))


def parse_scenario(written: Mapping[str, Any], file: str) -> ScenarioFile:
    """Check what was written, every mistake at once."""
    problems = []
    try:
        scenario = ScenarioFile.model_validate(written)
    except ValidationError as error:
        problems = [problem_of(e, file, ScenarioFile) for e in error.errors(include_url=False)]
    known = {problem.column for problem in problems}
    kinds = [wrong_kind(file, *found) for found in misread(written, ScenarioFile)]
    problems += [problem for problem in kinds if problem.column not in known]
    if problems:
        raise StudyError(problems)
    return scenario


def changes_tables(file: ScenarioFile) -> bool:
    """Whether tables of the study file are told otherwise."""
    return bool(file.walker_of or file.people or file.scenario.date)


def with_tables(
    written: Mapping[str, Any], study: StudyFile, file: ScenarioFile, path: str
) -> dict[str, Any]:
    """The study file as it would be written for this walker, year and day."""
    told = dict(written)
    circles = [dict(circle) for circle in written.get("circles", ())]
    circles = circles or [{"service": circle.service} for circle in study.circles]
    tested = {circle["service"]: circle for circle in circles}
    known = study_walkers(study.walkers)
    problems = []
    for service, walker in file.walker_of.items():
        place = f"walker_of.{service}"
        if service not in tested:
            details = {"there": ", ".join(tested)}
            problems.append(Problem("E-SCN-006", path, column=place, details=details))
        elif walker not in known:
            details = {"allowed": ", ".join(known)}
            problems.append(Problem("E-STU-006", path, column=place, value=walker, details=details))
        else:
            tested[service]["walker"] = walker
    if problems:
        raise StudyError(problems)
    told["circles"] = circles
    if file.people is not None:
        told["people"] = {**written.get("people", {}), "target_year": file.people.target_year}
    if file.scenario.date is not None:
        told["study"] = {**written["study"], "date": file.scenario.date}
    return told


def scenario_of(file: ScenarioFile, study: StudyFile, path: str) -> Scenario:
    """The edits of a scenario file."""
    return Scenario(
        name=file.scenario.name,
        file=Path(path).name,
        study=study.study.name,
        crs=file.scenario.crs,
        facilities=FacilityEdits(
            add=file.add_facility,
            close=file.close_facility,
            move=file.move_facility,
            resize=file.resize_facility,
        ),
        ways=WayEdits(add=file.add_link, close=file.close_link),
        gates=GateEdits(add=file.add_gate, close=file.close_gate),
        replaced=tuple(replaced(file)),
    )


def replaced(file: ScenarioFile) -> Iterator[tuple[str, str]]:
    """What else is told otherwise than in the study file, in words."""
    names = {"elderly": ("养老", "elderly"), "childcare": ("托育", "childcare")}
    for service, walker in file.walker_of.items():
        zh, en = names[service]
        yield f"{zh}服务圈的步行者改为 {walker}", f"the {en} circle is walked by {walker}"
    if file.people is not None:
        year = file.people.target_year
        yield f"人口推算至 {year} 年", f"the people are those of {year}"
    if file.scenario.date is not None:
        day = file.scenario.date.isoformat()
        yield f"以 {day} 的设施为准", f"facilities are those open on {day}"


def under(study: StudyFile, scenario: Scenario) -> StudyFile:
    """The study in a scenario, and called so on every output."""
    about = study.study.model_copy(update={"name": f"{study.study.name} · {scenario.name}"})
    return study.model_copy(update={"study": about}).in_scenario(scenario)
