"""The study file: what is studied, as TOML that can be read, compared and shared.

Unknown keys are refused and every mistake is listed at once with its place, because a
key misspelt in silence is a wrong figure. Paths are taken from the file's own folder.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from carecircle.accessfile import (
    AccessSection,
    DoubtSection,
    access_settings,
    check_speeds,
)
from carecircle.coverage.result import Circle
from carecircle.isochrones.minutes import Direction
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.sources import (
    AdminSource,
    AgeingSource,
    AreaSource,
    BenchSource,
    CellSource,
    CensusSource,
    EntranceSource,
    FacilitySource,
    PeopleSettings,
    PopulationSettings,
    RasterSource,
    ResidentialSource,
    TerrainSource,
)
from carecircle.layers.street_sources import EditSource, NetworkSource
from carecircle.misread import misread, section_model
from carecircle.outputsfile import OutputsSection
from carecircle.peoplefile import check_people
from carecircle.planoptions import PlanOptions
from carecircle.scenario import NO_SCENARIO, Scenario
from carecircle.sitefile import SitesSection
from carecircle.sitingfile import SitingSection
from carecircle.walkerfile import (
    WalkerSection,
    check_walker_name,
    check_walkers,
    names_in,
    study_walkers,
)

GROUP_OF_SERVICE = {"elderly": "age_60_plus", "childcare": "age_0_2"}
WALKER_OF_SERVICE = {"elderly": "elderly", "childcare": "carer"}


class Section(BaseModel):
    """A table of the study file; refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AboutSection(Section):
    """What the study is called on every output."""

    name: str = Field(min_length=1, max_length=120)
    date: datetime.date | None = None
    sources: tuple[str, ...] = ()
    map_approval_number: str | None = None


class CircleSection(Section):
    """One circle of a plan, and the share of the group it promises to reach."""

    service: Literal["elderly", "childcare"]
    minutes: Annotated[int, Field(ge=1, le=120)] = 15
    walker: str | None = None
    direction: Direction = "to"
    target_percent: Annotated[Decimal, Field(gt=0, le=100)] | None = None
    demand_percent: Annotated[Decimal, Field(gt=0, le=100)] = Decimal(100)

    @field_validator("walker")
    @classmethod
    def somebody_we_know(cls, name: str | None, info: ValidationInfo) -> str | None:
        """A walker of the table, or one under [walkers]."""
        if name is not None:
            check_walker_name(name, info)
        return name

    @field_validator("target_percent", "demand_percent", mode="before")
    @classmethod
    def as_written(cls, value: Any) -> Any:
        """A share is compared exactly: 99.5 means 99.5, not the nearest binary fraction."""
        return Decimal(repr(value)) if isinstance(value, float) else value


class SnapSection(Section):
    """How far from a street a door may be."""

    warn_m: Annotated[float, Field(gt=0, le=1000)] = 100.0
    limit_m: Annotated[float, Field(gt=0, le=1000)] = 300.0

    @model_validator(mode="after")
    def warn_before_limit(self) -> Self:
        """A warning beyond the limit would never be given."""
        if self.warn_m > self.limit_m:
            raise PydanticCustomError(
                "order",
                "{en}",
                {"en": "warn_m must not exceed limit_m", "zh": "warn_m 不能大于 limit_m"},
            )
        return self


class OsmSection(Section):
    """What counts when layers are taken from the OSM extract."""

    kindergartens_are_childcare: bool = False
    merge_same_site: bool = True


class StudyFile(Section):
    """The whole study."""

    study: AboutSection
    network: NetworkSource
    edits: tuple[EditSource, ...] = ()
    terrain: TerrainSource | None = None
    residential: ResidentialSource | None = None
    facilities: tuple[FacilitySource, ...] = ()
    entrances: EntranceSource | None = None
    benches: BenchSource | None = None
    admin: tuple[AdminSource, ...] = ()
    area: AreaSource | None = None
    population: PopulationSettings | None = None
    raster: RasterSource | None = None
    cells: CellSource | None = None
    census: CensusSource | None = None
    ageing: AgeingSource | None = None
    people: PeopleSettings = PeopleSettings()
    walkers: dict[str, WalkerSection] = {}
    circles: tuple[CircleSection, ...] = (
        CircleSection(service="elderly"),
        CircleSection(service="childcare"),
    )
    access: AccessSection = AccessSection()
    doubt: DoubtSection | None = None
    sites: SitesSection = SitesSection()
    siting: SitingSection = SitingSection()
    snap: SnapSection = SnapSection()
    osm: OsmSection = OsmSection()
    plans: tuple[str, ...] = ()
    plan_options: PlanOptions = PlanOptions()
    outputs: OutputsSection = OutputsSection()
    _scenario: Scenario = PrivateAttr(default=NO_SCENARIO)

    @property
    def scenario(self) -> Scenario:
        """What a scenario file does to the study; nothing where there is none."""
        return self._scenario

    def in_scenario(self, scenario: Scenario) -> Self:
        """The same study with these edits instead of its own."""
        study = self.model_copy()
        study._scenario = scenario
        return study

    @field_validator("admin", mode="before")
    @classmethod
    def one_table_or_several(cls, written: Any) -> Any:
        """A single [admin] table is a list of one."""
        return [written] if isinstance(written, Mapping) else written

    @field_validator("walkers")
    @classmethod
    def walkers_can_be_told(cls, walkers: dict[str, WalkerSection]) -> dict[str, WalkerSection]:
        """A new walker starts from a named one, and steps have a cost."""
        check_walkers(walkers)
        return walkers

    @field_validator("circles")
    @classmethod
    def one_circle_per_service(
        cls, circles: tuple[CircleSection, ...]
    ) -> tuple[CircleSection, ...]:
        """Results are named by service, so each may have one circle."""
        services = [circle.service for circle in circles]
        if not services or len(set(services)) < len(services):
            raise PydanticCustomError(
                "circles",
                "{en}",
                {
                    "en": "one circle for each service, and at least one",
                    "zh": "每类服务一个圈，至少一个",
                },
            )
        return circles

    @model_validator(mode="after")
    def maps_are_reviewed(self) -> Self:
        """No map goes before the public without its approval number."""
        if self.outputs.publish and not (self.study.map_approval_number or "").strip():
            raise PydanticCustomError(
                "publish",
                "{en}",
                {
                    "en": "publish = true under [outputs] needs the map's approval number: write "
                    'map_approval_number = "..." under [study], or leave publish out; map and '
                    "sheets are marked as drafts then",
                    "zh": "[outputs] 中 publish = true 须有审图号：请在 [study] 中填写 "
                    'map_approval_number = "…"，或去掉 publish；此时地图与图幅标注为草图。',
                },
            )
        return self

    @model_validator(mode="after")
    def people_agree(self) -> Self:
        """The tables about people say one thing."""
        check_people(self)
        return self

    @model_validator(mode="after")
    def speeds_can_be_searched(self) -> Self:
        """Every speed of a circle is near enough to the others."""
        check_speeds(circles_of(self), access_settings(self.access, self.doubt))
        return self

    @property
    def population_source(self) -> str:
        """Where the people of each quarter come from."""
        if self.population is not None:
            return self.population.source
        return "columns" if self.residential is not None else "floor_area"

    @property
    def year_of_people(self) -> int | None:
        """The year that the people of the study stand for; None where it is not said."""
        counted = None if self.population is None else self.population.year
        return counted if counted is None else self.people.target_year or counted


def load_study_file(path: Path) -> StudyFile:
    """Read and check a study file; relative paths become paths from its folder.

    Raises
    ------
    StudyError
        With every mistake of the file.
    """
    return located_study(toml_of(path), path)


def toml_of(path: Path) -> dict[str, Any]:
    """What a TOML file says; E-STU-001 where it is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StudyError(Problem("E-STU-001", str(path), details={"reason": error})) from error


def located_study(written: Mapping[str, Any], path: Path) -> StudyFile:
    """The study that is written in the file at ``path``, whose layers are all there."""
    file = parse_study(written, str(path))
    located = relocated(file, path.parent)
    fetched = [located.network.path] if located.network.can_be_fetched else []
    files = zip(input_paths(file), input_paths(located), strict=True)
    missing = [str(p) for p, here in files if not here.is_file() and here not in fetched]
    if missing:
        raise StudyError([Problem("E-STU-004", file=name) for name in missing])
    return located


def parse_study(written: Mapping[str, Any], file: str) -> StudyFile:
    """Check what was written against the model, every mistake at once."""
    problems = []
    try:
        study = StudyFile.model_validate(written, context={"walkers": names_in(written)})
    except ValidationError as error:
        found = error.errors(include_url=False)
        # pydantic also calls a list too short whose only entry is wrong
        wrong = {e["loc"][:-1] for e in found}
        told = [e for e in found if e["type"] != "too_short" or e["loc"] not in wrong]
        problems = [problem_of(e, file) for e in told]
    known = {problem.column for problem in problems}
    numbers = [wrong_kind(file, *found) for found in misread(written, StudyFile)]
    problems += [problem for problem in numbers if problem.column not in known]
    if problems:
        raise StudyError(problems)
    return study


def relocated(file: StudyFile, folder: Path) -> StudyFile:
    """The same study with every path taken from ``folder``."""

    def here(section: Any) -> Any:
        return section.model_copy(update={"path": folder / section.path}) if section else None

    def tiles_here(terrain: TerrainSource | None) -> TerrainSource | None:
        paths = tuple(folder / path for path in terrain.path) if terrain else ()
        return terrain.model_copy(update={"path": paths}) if terrain else None

    return file.model_copy(
        update={
            "plans": tuple(plan_located(name, folder) for name in file.plans),
            "network": file.network.located(folder),
            "edits": tuple(here(source) for source in file.edits),
            "residential": here(file.residential),
            "facilities": tuple(here(source) for source in file.facilities),
            "entrances": here(file.entrances),
            "benches": here(file.benches),
            "admin": tuple(here(source) for source in file.admin),
            "area": here(file.area),
            "raster": here(file.raster),
            "cells": here(file.cells),
            "census": here(file.census),
            "ageing": here(file.ageing),
            "terrain": tiles_here(file.terrain),
            "sites": file.sites.located(folder),
        }
    )


def plan_located(name: str, folder: Path) -> str:
    """A plan that ships by its name, any other by its path from the folder."""
    return str(folder / name) if name.endswith(".toml") else name


def input_paths(file: StudyFile) -> Iterator[Path]:
    """Every file the study reads."""
    layers = (file.network, file.residential, *file.facilities, file.entrances, *file.admin)
    if file.network.nodes is not None:
        yield file.network.nodes
    for section in (
        *layers,
        file.benches,
        file.area,
        file.raster,
        file.cells,
        file.census,
        file.ageing,
        *file.edits,
    ):
        if section is not None:
            yield section.path
    if file.terrain is not None:
        yield from file.terrain.path
    yield from file.sites.paths
    yield from (Path(name) for name in file.plans if name.endswith(".toml"))


def write_template(path: Path, text: str | None = None) -> None:
    """Write a study file to start from, ``text`` or the template; none is ever replaced."""
    if path.exists():
        raise StudyError(Problem("E-STU-008", str(path)))
    template = files("carecircle").joinpath("template.toml").read_bytes()
    path.write_bytes(template if text is None else text.encode())


# pydantic's own words for a mistake -> our message id, and what it is about
MISTAKES = {
    "missing": "E-STU-005",
    "literal_error": "E-STU-006",
    "greater_than": "E-STU-007",
    "greater_than_equal": "E-STU-007",
    "less_than": "E-STU-007",
    "less_than_equal": "E-STU-007",
}
# the first word of pydantic's type errors -> what should stand there
KINDS = {
    "string": {"zh": "文本（不能为空或过长）", "en": "text, neither empty nor too long"},
    "int": {"zh": "整数", "en": "a whole number"},
    "float": {"zh": "数字", "en": "a number"},
    "finite": {"zh": "有限的数字", "en": "a finite number"},
    "decimal": {"zh": "数字", "en": "a number"},
    "bool": {"zh": "true 或 false", "en": "true or false"},
    "path": {"zh": "文件路径", "en": "the path of a file"},
    "date": {"zh": "日期，如 2025-12-31", "en": "a date such as 2025-12-31"},
    "model": {"zh": "一节", "en": "a table"},
    "dict": {"zh": "一节", "en": "a table"},
    "tuple": {"zh": "列表", "en": "a list"},
}
BOUNDS = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
# lists with too few or too many entries
LENGTHS = {
    "too_short": {
        "zh": "至少需要 {min_length} 项",
        "en": "too few entries; the least is {min_length}",
    },
    "too_long": {"zh": "最多 {max_length} 项", "en": "too many entries; the most is {max_length}"},
}


def problem_of(
    error: Any,
    file: str,
    model: type[BaseModel] = StudyFile,
    column: str = "",
    further: tuple[str, ...] = (),
) -> Problem:
    """One mistake that pydantic found in ``model``, as one of our messages.

    ``column`` names the place where the error's own is only a part of it; ``further`` are keys
    that the file may have besides those of the model.
    """
    place = column or ".".join(str(part) for part in error["loc"])
    value = None if error["type"] == "missing" or not place else error["input"]
    context = error.get("ctx", {})
    if error["type"] == "extra_forbidden":
        known = ", ".join([*known_keys(model, error["loc"][:-1]), *further])
        return Problem("E-STU-002", file, column=place, details={"known": known})
    id = MISTAKES.get(error["type"], "E-STU-003")
    english = error["msg"].removeprefix("Value error, ")
    details: dict[str, Any] = {"reason": context if "zh" in context else english}
    kind = KINDS.get(error["type"].split("_")[0])
    if error["type"] in LENGTHS:
        said = LENGTHS[error["type"]].items()
        details = {"reason": {lang: words.format(**context) for lang, words in said}}
    if id == "E-STU-006":
        details = {"allowed": context["expected"].replace(" or ", ", ")}
    elif id == "E-STU-007":
        sign, bound = next((BOUNDS[k], context[k]) for k in BOUNDS if k in context)
        details = {"bound": f"{sign} {bound}"}
    elif kind is not None:
        return Problem("E-STU-010", file, column=place, value=value, details={"kind": kind})
    return Problem(id, file, column=place, value=value, details=details)


def wrong_kind(file: str, place: str, value: Any, kind: str) -> Problem:
    """E-STU-010 for what would be read as a number, a date, or true or false, and is none."""
    return Problem("E-STU-010", file, column=place, value=value, details={"kind": KINDS[kind]})


def known_keys(model: Any, place: tuple[Any, ...]) -> list[str]:
    """The keys that the table at ``place`` of a model may have."""
    for part in place:
        if part in model.model_fields:  # else a position in a list, or a walker's name
            model = section_model(model.model_fields[part].annotation)
    return list(model.model_fields)


def circles_of(file: StudyFile) -> Iterator[Circle]:
    """The circles of the study file, with their walkers."""
    walkers = study_walkers(file.walkers)
    for section in file.circles:
        yield Circle(
            service=section.service,
            group=GROUP_OF_SERVICE[section.service],
            walker=walkers[section.walker or WALKER_OF_SERVICE[section.service]],
            minutes=section.minutes,
            target_percent=target_text(section),
            direction=section.direction,
            demand_percent=decimal_text(section.demand_percent),
        )


def target_text(circle: CircleSection) -> str | None:
    """The target as exact decimal text, such as ``"85"``; None where there is none."""
    return None if circle.target_percent is None else decimal_text(circle.target_percent)


def decimal_text(value: Decimal) -> str:
    """A decimal as it is, without trailing zeros."""
    return format(value.normalize(), "f")
