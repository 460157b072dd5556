"""What a run takes for granted, in sentences that are printed wherever its figures are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from carecircle.coverage.result import Circle, Sentence
from carecircle.coverage.summary import GROUP_NAMES
from carecircle.layers.sources import PeopleSettings

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
