"""Do the study file's tables about people say one thing?

A table that nothing reads, two bases of counting or a growth without its years would each be
a wrong figure in silence, so they are refused before anything is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from carecircle.layers.sources import APART, COHORTS

if TYPE_CHECKING:
    from carecircle.studyfile import StudyFile


def check_people(file: StudyFile) -> None:
    """Raise a validation error with everything that does not fit together."""
    faults = [
        *source_faults(file),
        *share_faults(file),
        *census_faults(file),
        *growth_faults(file),
    ]
    if faults:
        zh, en = zip(*faults, strict=True)
        raise PydanticCustomError("people", "{en}", {"zh": "；".join(zh), "en": "; ".join(en)})


def source_faults(file: StudyFile) -> Iterator[tuple[str, str]]:
    """The source of the population against the tables that it needs."""
    source = file.population_source
    for table in ("raster", "cells"):
        given = getattr(file, table) is not None
        if given and source != table:
            yield (
                f'有 [{table}]，但 [population] 未写 source = "{table}"',
                f'there is a [{table}] table, but [population] does not say source = "{table}"',
            )
        elif source == table and not given:
            yield (f"缺少 [{table}]", f"a [{table}] table is needed")
    if source == "columns" and file.residential is None:
        yield ("缺少 [residential]", "a [residential] table is needed")
    void = file.people.model_fields_set & {"total", "floor_area_per_person_m2"}
    if source != "floor_area" and void:
        keys = ", ".join(sorted(void))
        yield (
            f'人口按 source = "{source}" 取得，[people] 的 {keys} 不起作用，请删去',
            f'people come from source = "{source}": {keys} of [people] has no effect; take it out',
        )
    elif len(void) == 2:
        yield (
            "[people] 的 total 与 floor_area_per_person_m2 只能写其一",
            "of total and floor_area_per_person_m2 in [people] only one can hold; keep one of them",
        )
    limited = file.population and "unknown_limit_percent" in file.population.model_fields_set
    if limited and source == "columns":
        yield (
            "人口取自 [residential] 的列时 unknown_limit_percent 不起作用",
            "unknown_limit_percent has no effect where people come from columns of [residential]",
        )
    if file.residential and file.residential.sample_m and source in ("units", "floor_area"):
        yield (
            f'人口按 source = "{source}" 分到住宅建筑，[residential] 的 sample_m 不起作用，请删去',
            f'with source = "{source}" people live in the mapped dwellings: sample_m of '
            "[residential] has no effect; take it out",
        )
    if source == "units" and file.census is None:
        yield ("缺少 [census]", "a [census] table is needed")
    if source == "units" and file.census is not None and not file.admin:
        yield (
            '[population] source = "units" 需要含各单位边界的 [admin] 图层，'
            "否则不知道单位内有哪些住宅",
            '[population] source = "units" needs the boundaries of the units as an [admin] layer: '
            "without them nobody knows which dwellings are theirs",
        )
    elif source == "units" and file.census is not None and file.census.unit is not None:
        yield (
            '[population] source = "units" 时，单位由 [admin] 图层确定，请删去 [census] 的 unit',
            '[population] source = "units" takes the units from the [admin] layer; '
            "take unit out of [census]",
        )
    counted = {"population", *COHORTS}
    if source != "columns" and file.residential and counted & set(file.residential.columns):
        yield (
            "人口既来自 [residential] 的列，又来自 [population]，请只保留一种",
            "people come from columns of [residential] and from [population]; keep one of them",
        )


def share_faults(file: StudyFile) -> Iterator[tuple[str, str]]:
    """The stated shares against the columns, and against each other."""
    stated = {group: file.people.share(group) for group in COHORTS}
    columns = file.residential.columns if file.residential is not None else {}
    both = [group for group in COHORTS if stated[group] is not None and group in columns]
    if both:
        names = ", ".join(both)
        yield (
            f"{names} 既来自 [residential] 的列，又来自 [people] 的比例，请只保留一种",
            f"{names}: from a column of [residential] and from a share in [people]; keep one",
        )
    apart = sum(stated[group] or 0.0 for group in APART)
    if apart > 1:
        yield (
            f"{', '.join(APART)} 的比例合计 {apart:g}，超过总人口",
            f"the shares of {', '.join(APART)} add up to {apart:g}: more than everybody",
        )


def census_faults(file: StudyFile) -> Iterator[tuple[str, str]]:
    """The census against the population, the units and the stated shares."""
    census, population = file.census, file.population
    if census is None:
        return
    if census.unit is None and not file.admin and file.population_source != "units":
        yield (
            '[census] 需要 [admin] 图层，或用 unit = "..." 指明整个研究所在的单位',
            '[census] needs an [admin] layer, or unit = "..." for the whole study',
        )
    if population is None:
        yield (
            "使用 [census] 时须在 [population] 中写明 source 和 base（人口口径）",
            "with [census], [population] must say the source and the base of the people",
        )
    elif population.base != census.base:
        yield (
            f"人口口径不一致：[population] 为 {population.base}，[census] 为 {census.base}",
            f"one study, one base: [population] counts {population.base}, "
            f"[census] counts {census.base} people",
        )
    if file.population_source != "units" and "least_in_quarters_percent" in census.model_fields_set:
        yield (
            'least_in_quarters_percent 只在 [population] source = "units" 时起作用',
            'least_in_quarters_percent has an effect only with [population] source = "units"',
        )
    stated = [group for group in COHORTS if file.people.share(group) is not None]
    if stated:
        yield (
            f"年龄构成既来自 [census]，又来自 [people] 中的 {', '.join(stated)} 比例，请只保留一种",
            f"ages come from [census] and from shares of {', '.join(stated)} in [people]; "
            "keep one of them",
        )


def growth_faults(file: StudyFile) -> Iterator[tuple[str, str]]:
    """A later year needs a base year and one way to get there: stated growth, or ageing."""
    settings = file.people
    base_year = file.population.year if file.population is not None else None
    rates, ageing = settings.growth_percent_per_year, file.ageing is not None
    if not rates and not ageing and settings.target_year is None:
        return
    if not (rates or ageing) or settings.target_year is None or base_year is None:
        yield (
            "推算人口需要 target_year、[population] 的 year，"
            "以及 growth_percent_per_year 或 [ageing]",
            "growth needs target_year, the year of [population], and growth_percent_per_year or "
            "[ageing]",
        )
    elif settings.target_year < base_year:
        yield (
            f"目标年 {settings.target_year} 早于基准年 {base_year}",
            f"the target year {settings.target_year} lies before the base year {base_year}",
        )
    if rates and ageing:
        yield (
            "growth_percent_per_year 与 [ageing] 只能写其一",
            "of growth_percent_per_year and [ageing] only one can hold; keep one of them",
        )
    census_year = file.census.year if file.census is not None else None
    if ageing and (census_year is None or census_year != base_year):
        yield (
            "[ageing] 从 [census] 的年龄构成推算，其 year 须与 [population] 的 year 相同",
            "[ageing] starts from the ages of [census], whose year must be that of [population]",
        )
