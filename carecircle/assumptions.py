"""What a run takes for granted, in sentences that are printed wherever its figures are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from carecircle.coverage.result import Circle, Sentence
from carecircle.coverage.summary import GROUP_NAMES
from carecircle.isochrones.gates import DETOUR_PERCENT
from carecircle.layers.problems import Problem
from carecircle.layers.quarantine import REJECTED
from carecircle.layers.sources import CensusSource, PeopleSettings
from carecircle.studyfile import StudyFile

TEACHING_CITY = "carecircle teach"  # how the street file of a drawn city begins its generator
SYNTHETIC = Sentence(
    "synthetic",
    "教学示例，虚构城市，不对应任何真实地点",
    "Synthetic, for teaching: no real place",
)
OPENSTREETMAP = Sentence(
    "openstreetmap",
    "© OpenStreetMap 贡献者，ODbL 1.0",
    "© OpenStreetMap contributors, ODbL 1.0",
)


def walking(circles: Iterable[Circle]) -> Iterator[Sentence]:
    """How fast each circle's walker is, and how far that is."""
    for circle in circles:
        walker = circle.walker
        metres = walker.speed_mm_per_s * 60 * circle.minutes // 1000
        yield Sentence(
            f"walker-{circle.id}",
            f"{walker.zh}步速 {walker.metres_per_second} 米/秒"
            f"（平地 {circle.minutes} 分钟约 {metres} 米），"
            f"{steps_zh(walker.steps_factor)}。规划文件未规定步速，此为假设。",
            f"Walker “{walker.en}”: {walker.metres_per_second} m/s on the level "
            f"({metres} m in {circle.minutes} minutes), {steps_en(walker.steps_factor)}. "
            "No plan states a speed; this is an assumption.",
        )


def steps_zh(factor: int | None) -> str:
    """What steps cost this walker, in Chinese."""
    if factor is None:
        return "不能走台阶"
    return "台阶与平地同速" if factor == 1 else f"台阶用时为平地的 {factor} 倍"


def steps_en(factor: int | None) -> str:
    """What steps cost this walker, in English."""
    if factor is None:
        return "cannot use steps"
    return "steps as fast as level ground" if factor == 1 else f"steps take {factor} times as long"


def method(warn_m: float, limit_m: float) -> Iterator[Sentence]:
    """What holds for every run."""
    yield Sentence(
        "method",
        "是否覆盖按住户沿步行路网到最近设施的时间判定，不以等时圈面叠加判定；"
        f"住户到最近道路按直线计入步行时间，超过 {limit_m:g} 米的不参与计算，但仍计入总人口。"
        f"直线距离超过 {warn_m:g} 米的住户另行统计。",
        "A home is covered when the walk along the streets to the nearest facility is within "
        "the limit; isochrone areas are only pictures. The straight way to the nearest street is "
        f"walked time; homes more than {limit_m:g} m from any street are excluded but stay in the "
        f"total. Homes more than {warn_m:g} m from one are counted apart.",
    )
    yield Sentence(
        "mechanism",
        "步行覆盖率低于 100% 与统计上报的“机制覆盖率”并不矛盾："
        "后者统计制度是否建立，前者统计步行能否到达。",
        "A walking coverage below 100 % does not contradict a reported “mechanism” rate: that "
        "counts whether a service is organised, this counts whether people can walk to it.",
    )


def people_by_floor_area(settings: PeopleSettings) -> Iterator[Sentence]:
    """Where the people come from when the study brings no residential layer."""
    if settings.total is not None:
        yield Sentence(
            "people-total",
            f"总人口 {settings.total} 按 OpenStreetMap 住宅建筑面积分摊，为估算值。",
            f"The stated total of {settings.total} people is shared out by the floor area of the "
            "dwellings mapped in OpenStreetMap: an estimate.",
        )
    else:
        area = f"{settings.floor_area_per_person_m2:g}"
        yield Sentence(
            "people-floor-area",
            f"人口按 OpenStreetMap 住宅建筑面积估算：人均 {area} 平方米。",
            "People are estimated from the floor area of the dwellings mapped in OpenStreetMap: "
            f"{area} m² for each person.",
        )


BASES = {
    "resident": {"zh": "常住人口", "en": "residents (常住人口)"},
    "registered": {"zh": "户籍人口", "en": "registered people (户籍人口)"},
}


def people_base(file: StudyFile) -> Iterator[Sentence]:
    """Who is counted, and when, where the study says so."""
    if file.population is None:
        return
    base, year = BASES[file.population.base], file.population.year
    yield Sentence(
        "people-base",
        f"人口口径：{base['zh']}；基准年：{year or '未注明'}。",
        f"Counted are {base['en']}; base year: {year or 'not stated'}.",
    )


def people_of_grid(file: StudyFile, outside: int, total: int) -> Iterator[Sentence]:
    """How a raster or cells became people of quarters, and how many live in none."""
    if file.cells is not None and file.cells.cell_m is None:
        zh, en = "格点人口计入其所在小区", "each point's people count with the quarter it lies in"
    else:
        zh = "格网人口按面积分入小区，假定格内均匀分布"
        en = "each cell's people are shared to quarters by area, as if spread evenly in the cell"
    yield Sentence(
        "people-grid",
        f"{zh}，为估算值；格网总人口 {total} 人，其中 {outside} 人不在任何小区内，不计入任何数字。",
        f"Of the grid, {en}: an estimate. Of its {total} people {outside} live in no quarter and "
        "are in no figure.",
    )


def people_of_units(left_out: int) -> Iterator[Sentence]:
    """How the totals of units became people of quarters."""
    yield Sentence(
        "people-units",
        "各单位普查总人口按 OpenStreetMap 住宅建筑面积分入小区和住宅，为估算值，"
        "假定各单位的住宅全部位于本研究的小区内。",
        "The census total of each unit is shared to quarters and dwellings by the floor area "
        "mapped in OpenStreetMap: an estimate, which takes all homes of a unit to lie in the "
        "quarters of this study.",
    )
    if left_out:
        yield Sentence(
            "people-units-left-out",
            f"{left_out} 个小区不在普查表所列单位内，人口无从得知，不计入任何数字。",
            f"{left_out} quarters lie in no unit of the census table: nobody knows their people, "
            "and they are in no figure.",
        )


def census_ages(census: CensusSource) -> Iterator[Sentence]:
    """How the ages of a unit became cohorts of its quarters."""
    year_zh = f"{census.year} 年" if census.year else "（年份未注明）"
    yield Sentence(
        "census-ages",
        f"各小区年龄构成取自其所在单位的普查表{year_zh}，假定单位内各小区相同，为估算值；"
        "跨年龄组的部分按组内各岁均匀分布计算。",
        f"Each quarter has the ages of its unit in the census table ({census.year or 'no year'}), "
        "the same in every quarter of a unit: an estimate. A band of ages that a group cuts is "
        "spread evenly over its years.",
    )
    under_3, age_5 = 100 * census.under_3_of_1_to_4, 100 * census.age_5_of_5_to_9
    yield Sentence(
        "census-young",
        f"假定 1–4 岁组中 {under_3:g}% 为 1–2 岁，其余为 3–4 岁；5–9 岁组中 {age_5:g}% 为 5 岁。",
        f"Of a band of ages 1–4, {under_3:g} % are taken to be 1 or 2 and the others 3 or 4; of "
        f"a band 5–9, {age_5:g} % are taken to be 5.",
    )


def growth(settings: PeopleSettings, base_year: int, groups: Iterable[str]) -> Iterator[Sentence]:
    """How people were carried forward to the target year."""
    rates = {group: settings.growth(group) for group in groups}
    each_zh = "".join(f"，{GROUP_NAMES[g]['zh']}人口 {rate:+g}%" for g, rate in rates.items())
    each_en = "".join(f", people {GROUP_NAMES[g]['en']} {rate:+g} %" for g, rate in rates.items())
    everybody = settings.growth("population")
    yield Sentence(
        "growth",
        f"人口由 {base_year} 年推算至 {settings.target_year} 年："
        f"总人口每年 {everybody:+g}%{each_zh}；"
        "各小区增速相同，不模拟出生、死亡和迁移。",
        f"People are carried forward from {base_year} to {settings.target_year}: the population "
        f"{everybody:+g} % a year{each_en}; the same in every quarter. Births, deaths and "
        "migration are not modelled.",
    )


def people(settings: PeopleSettings, groups: Iterable[str]) -> Iterator[Sentence]:
    """Which groups are a stated share of the population."""
    for group in groups:
        share, name = settings.share(group), GROUP_NAMES[group]
        if share is not None:
            yield Sentence(
                f"share-{group}",
                f"{name['zh']}人口按总人口的 {100 * share:g}% 估算。",
                f"People {name['en']} are taken as {100 * share:g} % of the population: "
                "an estimate.",
            )


def outside_area(rows: int, people: int) -> Iterator[Sentence]:
    """How many people of the layer the study does not speak of."""
    yield Sentence(
        "outside-area",
        f"居住图层中有 {rows} 行（{people} 人）位于研究范围之外，不计入任何数字。",
        f"{rows} rows of the residential layer ({people} people) lie outside the study area and "
        "are in no figure.",
    )


def rejected(records: Sequence[Mapping[str, Any]]) -> Iterator[Sentence]:
    """How many rows of the inputs could not be read and were left out."""
    places = {(r["file"], r["layer"], r["row"]): r for r in records if r["id"] == REJECTED}
    if not places:
        return
    people = round(sum(record["people"] for record in places.values()))
    yield Sentence(
        "rejected-rows",
        f"输入图层中有 {len(places)} 行有误（其中已知人口 {people} 人），"
        "已剔除并列入 rejected.csv，不计入任何数字。",
        f"{len(places)} rows of the inputs ({people} people known) are faulty: they are listed in "
        "rejected.csv and are in no figure.",
    )


def streets(facts: Mapping[str, Any]) -> Iterator[Sentence]:
    """What the street source left open."""
    private = facts.get("private_ways_kept", 0)
    if private:
        yield Sentence(
            "private-ways",
            f"路网含 {private} 条标注为私有（private）的道路，按可步行计算（多为小区内部道路）。",
            f"Ways tagged private: {private}. They are walked, being mostly the inside of "
            "residential quarters.",
        )
    if facts.get("relations") == 0:
        yield Sentence(
            "no-relations",
            "路网文件不含任何关系（relation），可能被截断或预先筛选；部分广场和区域可能缺失。",
            "The street file holds no relations: it was filtered or cut short, and some squares "
            "and areas may be missing.",
        )
    missing = facts.get("street_points_missing", 0)
    if missing:
        yield Sentence(
            "cut-edge",
            f"路网提取范围边缘有 {missing} 个道路点缺失，边缘附近的覆盖率可能偏低。",
            f"{missing} street points are missing where the extract was cut: near its edge the "
            "coverage may be too low.",
        )


SERVICES = {
    "elderly": {"zh": "养老设施", "en": "elderly-care stations"},
    "childcare": {"zh": "托育设施", "en": "childcare stations"},
}


def facilities_from_osm(services: Sequence[str], kindergartens: bool) -> Iterator[Sentence]:
    """What it means that nobody handed in a list of the facilities of these services."""
    zh = "、".join(SERVICES[service]["zh"] for service in services)
    en = " and ".join(SERVICES[service]["en"] for service in services)
    yield Sentence(
        "facilities-osm",
        f"{zh}取自 OpenStreetMap，可能不完整，未与民政、卫健部门名录核对。",
        f"The {en} are those mapped in OpenStreetMap: perhaps incomplete, and not checked "
        "against an official list.",
    )
    if kindergartens and "childcare" in services:
        yield Sentence(
            "kindergartens",
            "OpenStreetMap 中的幼儿园计为可收托 0–2 岁婴幼儿的托育设施。",
            "Kindergartens mapped in OpenStreetMap count as childcare for ages 0–2.",
        )


GATE_RULE_NAMES = {
    "entrances": {"zh": "出入口图层", "en": "the layer of entrances"},
    "osm_gates": {"zh": "OpenStreetMap 中的门", "en": "gates mapped in OpenStreetMap"},
    "virtual_gates": {"zh": "道路穿过边界处", "en": "ways that cross the boundary"},
}


def gates(rules: Iterable[str]) -> Iterator[Sentence]:
    """How the people of walled quarters leave them, where any does by a gate."""
    counts = Counter(rules)
    used = [rule for rule in GATE_RULE_NAMES if counts[rule]]
    if not used:
        return
    zh = "，".join(f"{GATE_RULE_NAMES[rule]['zh']} {counts[rule]} 个小区" for rule in used)
    en = ", ".join(f"{GATE_RULE_NAMES[rule]['en']}: {counts[rule]} quarters" for rule in used)
    yield Sentence(
        "gates",
        f"封闭小区的居民只能经出入口进出（{zh}）。小区内部按已有道路步行；"
        f"无内部道路的，按直线距离的 {DETOUR_PERCENT / 100:g} 倍计算。",
        f"People of walled quarters leave them by their gates ({en}). Inside they walk along the "
        f"mapped ways, or {DETOUR_PERCENT / 100:g} times the straight distance where none lead to "
        "the gates.",
    )


def facilities_left_out(problems: Iterable[Problem]) -> Iterator[Sentence]:
    """Which facilities are not open, or no place of care, and cover nobody."""
    told = [problem for problem in problems if problem.id in ("R-FAC-003", "R-FAC-004")]
    count = sum(int(problem.details["count"]) for problem in told)
    if count:
        yield Sentence(
            "facilities-left-out",
            f"有 {count} 个设施尚未开放、已关闭或不是可前往的照护场所，未计入。",
            f"{count} facilities are planned, closed or no place of care one can walk to, and do "
            "not count.",
        )


def same_sites(count: int, merged: bool, metres: str) -> Iterator[Sentence]:
    """What was done with sites that seem to be mapped several times."""
    if merged:
        yield Sentence(
            "same-sites",
            f"有 {count} 处设施在 OpenStreetMap 中重复标注（同类服务、相距不超过 {metres} 米"
            "或相互包含、名称相近），各只计一次。",
            f"{count} sites are mapped several times in OpenStreetMap (same service, within "
            f"{metres} m or inside one another, alike in name); each counts once.",
        )
    else:
        yield Sentence(
            "same-sites",
            f"有 {count} 处设施疑似重复录入，未合并，请核对。",
            f"{count} sites may have been entered several times; they were not merged. Check them.",
        )
