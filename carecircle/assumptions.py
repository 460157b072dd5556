"""What a run takes for granted, in sentences that are printed wherever its figures are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame

from carecircle.coverage.result import Sentence
from carecircle.coverage.summary import GROUP_NAMES
from carecircle.isochrones.gates import DETOUR_PERCENT
from carecircle.layers.osm_quarters import Untagged
from carecircle.layers.problems import Problem
from carecircle.layers.quarantine import REJECTED
from carecircle.layers.sources import AgeingSource, CensusSource, PeopleSettings
from carecircle.studyfile import StudyFile

TEACHING_CITY = "carecircle teach"  # how the street file of a drawn city begins its generator
COARSE_PLACES = "R-LOC-003"  # the record of a layer whose coordinates have few decimals
OFFSET_UNKNOWN = "R-CRS-003"  # the record of a layer whose offset could not be checked
DOUBTS = ("offsets-unchecked", "coarse-places", "rejected-rows", "people-other-year-")
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


def people_by_floor_area(settings: PeopleSettings, in_area: bool) -> Iterator[Sentence]:
    """Where the people come from when they are shared by floor area alone."""
    if settings.total is not None:
        zh, en = ("研究范围内", " within the study area") if in_area else ("本研究", "")
        yield Sentence(
            "people-total",
            f"总人口 {settings.total} 视为{zh}全部小区的人口，按 OpenStreetMap 住宅建筑面积分摊，"
            "为估算值。",
            f"The stated total of {settings.total} people is taken to live in the quarters of "
            f"this study{en}; it is shared out by the floor area of the dwellings mapped in "
            "OpenStreetMap: an estimate.",
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


def limits_of_grid(in_gaps: int, partly: int) -> Iterator[Sentence]:
    """Of how many quarters the grid says nothing, or too little."""
    if in_gaps:
        yield Sentence(
            "people-grid-gaps",
            f"{in_gaps} 个小区内没有任何人口格网数值，人口无从得知，不计入任何数字。",
            f"{in_gaps} quarters hold no figure of the grid: nobody knows their people, and they "
            "are in no figure.",
        )
    if partly:
        yield Sentence(
            "people-grid-partly",
            f"{partly} 个小区部分位于人口格网范围之外，其人口可能偏少。",
            f"{partly} quarters lie partly beyond the grid: they may have more people than it "
            "tells.",
        )


def people_of_units(people: int, outside: int, left_out: int) -> Iterator[Sentence]:
    """How the totals of units became people of quarters, and how many live in none."""
    yield Sentence(
        "people-units",
        "各单位普查总人口按 OpenStreetMap 住宅建筑面积分入小区和住宅，为估算值；"
        f"总人口 {people} 人，其中 {outside} 人的住宅不在任何小区内，不计入任何数字。",
        "The census total of each unit is shared to quarters and dwellings by the floor area "
        f"mapped in OpenStreetMap: an estimate. Of {people} people {outside} live in dwellings in "
        "no quarter and are in no figure.",
    )
    if left_out:
        yield Sentence(
            "people-units-left-out",
            f"{left_out} 个小区不在普查表所列单位内，人口无从得知，不计入任何数字。",
            f"{left_out} quarters lie in no unit of the census table: nobody knows their people, "
            "and they are in no figure.",
        )


def untagged_buildings(untagged: Untagged) -> Iterator[Sentence]:
    """What was taken for a dwelling, where the map does not say it of every building."""
    if not untagged.untagged:
        return
    verdict = UNTAGGED[untagged.counted]
    yield Sentence(
        "untagged-buildings",
        f"OpenStreetMap 中 {untagged.untagged} 座用途不明的较大建筑（building=yes）"
        f"一律{verdict['zh']}（标注为住宅的有 {untagged.tagged} 座）。",
        f"All {untagged.untagged} large buildings of unknown use (building=yes) in OpenStreetMap "
        f"{verdict['en']}; {untagged.tagged} are tagged as dwellings.",
    )


UNTAGGED = {
    True: {"zh": "视为住宅", "en": "are taken for dwellings"},
    False: {"zh": "不视为住宅", "en": "are not taken for dwellings"},
}


def no_dwellings(quarters: int) -> Iterator[Sentence]:
    """In how many quarters no dwelling is mapped."""
    if quarters:
        yield Sentence(
            "people-no-dwellings",
            f"{quarters} 个小区内没有标注任何住宅建筑，人口无从得知，不计入任何数字。",
            f"{quarters} quarters hold no mapped dwelling: nobody knows their people, and they are "
            "in no figure.",
        )


def implausible_floor(places: int) -> Iterator[Sentence]:
    """Of how many totals the mapped floor area is too small or too large."""
    if places:
        yield Sentence(
            "people-floor-implausible",
            f"{places} 项总人口与其地图建筑面积明显不相称（人均面积过小或过大）："
            "地图可能缺少建筑，或总人口与该范围不符；分摊结果须核对。",
            f"{places} totals of people do not fit their mapped floor area (too little or too much "
            "for each person): buildings are missing from the map, or the total is that of other "
            "ground. Check how they were shared.",
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


def ageing(source: AgeingSource, base_year: int, target_year: int) -> Iterator[Sentence]:
    """How the ages of the census were carried forward to the target year."""
    births = f"{source.births_per_1000:g}"
    between = (target_year - base_year) % 5
    between_zh = "；不足 5 年的部分按直线内插" if between else ""
    between_en = ", and between two steps in a straight line" if between else ""
    yield Sentence(
        "ageing",
        f"人口由 {base_year} 年推算至 {target_year} 年："
        f"按队列要素法，各单位普查年龄以 5 年为步长推算{between_zh}；"
        f"存活率取自 {source.source}；每年出生人数按基准年每千人 {births} 人计，保持不变；"
        "假定无迁入迁出（净迁移为零），单位内各小区变化相同。",
        f"People are carried forward from {base_year} to {target_year} by cohort component: the "
        f"census ages of each unit in steps of five years{between_en}; survival from "
        f"{source.source}; {births} births a year to 1,000 people of the base year, the same "
        "number every year; nobody moves in or out (net migration of zero); the same in every "
        "quarter of a unit.",
    )


def homes(
    residential: GeoDataFrame, homes: GeoDataFrame, sample_m: float | None
) -> Iterator[Sentence]:
    """Where in their quarter people live; nothing to say where dwellings are known."""
    if sample_m is not None:
        yield Sentence(
            "homes-sampled",
            f"假定人口在小区地面上均匀分布：按 {sample_m:g} 米网格取 {len(homes)} 个住户点，"
            "人数按面积分摊。",
            "People are taken to live evenly over the ground of their quarter: at "
            f"{len(homes)} points on a grid of {sample_m:g} m, shared by area.",
        )
    elif len(homes) == len(residential):
        hectares = round(int(residential["area_m2"].max()) / 10_000, 1)
        yield Sentence(
            "homes-at-points",
            "每个小区的人口以其内部一点代表，整个小区同时在时限内或同时不在"
            f"（最大的小区 {hectares:g} 公顷）。",
            "The people of a quarter stand at one point inside it: it is within the limit as a "
            f"whole or not at all (the largest quarter has {hectares:g} ha).",
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


def outside_area_uncounted(quarters: int) -> Iterator[Sentence]:
    """How many quarters were left out before anybody was counted in them."""
    yield Sentence(
        "outside-area",
        f"{quarters} 个小区位于研究范围之外，未估算人口，不计入任何数字。",
        f"{quarters} quarters lie outside the study area: nobody is counted in them, and they are "
        "in no figure.",
    )


def rejected(records: Sequence[Mapping[str, Any]]) -> Iterator[Sentence]:
    """How many rows of the inputs could not be read and were left out."""
    places = {(r["file"], r["layer"], r["row"]): r for r in records if r["id"] == REJECTED}
    if not places:
        return
    known = [record["people"] for record in places.values() if record["people"] is not None]
    people, unreadable = round(sum(known)), len(places) - len(known)
    zh = f"，另有 {unreadable} 行人口无法识别" if unreadable else ""
    en = f"; those of {unreadable} rows cannot be read" if unreadable else ""
    yield Sentence(
        "rejected-rows",
        f"输入图层中有 {len(places)} 行有误（其中已知人口 {people} 人{zh}），"
        "已剔除并列入 rejected.csv，不计入任何数字。",
        f"{len(places)} rows of the inputs ({people} people known{en}) are faulty: they are listed "
        "in rejected.csv and are in no figure.",
    )


def offsets_unchecked(records: Sequence[Mapping[str, Any]]) -> Iterator[Sentence]:
    """Which layers were taken as declared because nothing tells whether they are shifted."""
    files = list(dict.fromkeys(r["file"] for r in records if r["id"] == OFFSET_UNKNOWN))
    if files:
        yield Sentence(
            "offsets-unchecked",
            "以下图层的点过少或与路网吻合不明显，无法检查是否存在 GCJ-02、BD-09 偏移，"
            f"按声明的坐标系采用：{'、'.join(files)}。",
            "These layers have too few points, or fit the streets too loosely, to check whether "
            "they are shifted (GCJ-02, BD-09); they were taken as declared: "
            f"{', '.join(files)}.",
        )


def doubts(sentences: Iterable[Sentence]) -> Iterator[Sentence]:
    """The sentences by which inputs may be wrong: they are worth a line in the terminal."""
    return (said for said in sentences if said.id.startswith(DOUBTS))


def coarse_places(records: Sequence[Mapping[str, Any]]) -> Iterator[Sentence]:
    """Which layers have coordinates too short for walking distances."""
    files = list(dict.fromkeys(r["file"] for r in records if r["id"] == COARSE_PLACES))
    if files:
        yield Sentence(
            "coarse-places",
            f"以下图层的坐标至多三位小数，位置误差可达百米以上，步行时间相应不准：{'、'.join(files)}。",
            "The coordinates of these layers have three decimals of a degree or fewer: places may "
            f"be a hundred metres off, and walking times with them: {', '.join(files)}.",
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


def urban(flags: pd.Series) -> Iterator[Sentence]:
    """How many quarters lie in urban units, where units carry that flag (nullable boolean)."""
    if not flags.notna().any():
        return
    in_town, in_country = int(flags.sum()), int((~flags).sum())
    unknown = len(flags) - in_town - in_country
    share = in_town * 1000 // len(flags) / 10
    zh = f"，另有 {unknown} 个未注明" if unknown else ""
    en = f"; of {unknown} it is not told" if unknown else ""
    yield Sentence(
        "urban",
        f"按行政区划的城乡属性，{len(flags)} 个小区中 {in_town} 个位于城镇（{share}%），"
        f"{in_country} 个位于乡村{zh}。",
        f"Of {len(flags)} quarters {in_town} lie in urban units ({share} %) and {in_country} in "
        f"rural ones{en}.",
    )


def same_sites(merged: int, repeated: int, metres: str) -> Iterator[Sentence]:
    """What was done with sites that seem to be there several times, from every source."""
    zh, en = [], []
    if merged:
        zh.append(
            f"有 {merged} 处设施在 OpenStreetMap 中重复标注（同类服务、相距不超过 {metres} 米"
            "或相互包含、名称相同），各只计一次。"
        )
        en.append(
            f"{merged} sites are mapped several times in OpenStreetMap (same service, within "
            f"{metres} m or inside one another, of one name); each counts once."
        )
    if repeated:
        zh.append(f"有 {repeated} 处设施疑似重复录入，未合并，请核对。")
        en.append(
            f"{repeated} sites may have been entered several times; they were not merged. "
            "Check them."
        )
    if zh:
        yield Sentence("same-sites", "".join(zh), " ".join(en))
