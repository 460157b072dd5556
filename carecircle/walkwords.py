"""What a run takes for granted about walking, in sentences printed wherever its figures are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from carecircle.coverage.access import AccessSettings
from carecircle.coverage.result import Circle, Sentence
from carecircle.isochrones.snapping import OTHER_STREET_M
from carecircle.isochrones.walkers import Walker
from carecircle.layers.gates import SAME_GATE_M

SLOPE_LAWS = {
    "none": {"zh": "坡度不计", "en": "slopes cost nothing"},
    "tobler": {
        "zh": "坡度按 Tobler (1993) 计时，下坡不加快",
        "en": "slopes cost time by Tobler (1993), without a bonus downhill",
    },
    "tobler_downhill": {
        "zh": "坡度按 Tobler (1993) 计时，缓下坡加快",
        "en": "slopes cost time by Tobler (1993), with its bonus downhill",
    },
    "naismith_langmuir": {
        "zh": "坡度按 Naismith–Langmuir 规则计时",
        "en": "slopes cost time by the rule of Naismith and Langmuir",
    },
    "irmischer_clarke": {
        "zh": "坡度按 Irmischer 与 Clarke (2018) 计时",
        "en": "slopes cost time by Irmischer and Clarke (2018)",
    },
}
WAITS = (
    {"zh": "信号灯处", "en": "at signals"},
    {"zh": "主干路", "en": "at primary roads"},
    {"zh": "次干路", "en": "at secondary roads"},
    {"zh": "支路", "en": "at tertiary roads"},
)
DIRECTIONS = {
    "to": {"zh": "按步行前往设施计时", "en": "The walk is that to the facility."},
    "from": {"zh": "按从设施步行返回计时", "en": "The walk is that from the facility."},
    "round_trip": {
        "zh": "按往返平均计时",
        "en": "The walk is half of the way to the facility and back.",
    },
    "worse": {
        "zh": "按往返中较慢的一程计时",
        "en": "The walk is the slower of the ways to the facility and back.",
    },
}


def walking(circles: Iterable[Circle], heights: bool) -> Iterator[Sentence]:
    """How fast each circle's walker is, how far that is, and what costs time besides.

    ``heights`` tells whether the streets have heights, without which no slope is known.
    """
    for circle in circles:
        walker = circle.walker
        metres = walker.speed_mm_per_s * 60 * circle.minutes // 1000
        zh = [steps_zh(walker.steps_factor), *costs(walker, heights, "zh")]
        en = [steps_en(walker.steps_factor), *costs(walker, heights, "en")]
        told = heights or circle.direction != "to"
        yield Sentence(
            f"walker-{circle.id}",
            f"{walker.zh}步速 {walker.metres_per_second} 米/秒"
            f"（平地 {circle.minutes} 分钟约 {metres} 米），"
            f"{'，'.join(zh)}。{DIRECTIONS[circle.direction]['zh'] + '。' if told else ''}"
            "规划文件未规定步速，此为假设。",
            f"Walker “{walker.en}”: {walker.metres_per_second} m/s on the level "
            f"({metres} m in {circle.minutes} minutes), {', '.join(en)}. "
            f"{DIRECTIONS[circle.direction]['en'] + ' ' if told else ''}"
            "No plan states a speed; this is an assumption.",
        )


def others_walking(
    circles: Iterable[Circle], access: AccessSettings, heights: bool
) -> Iterator[Sentence]:
    """The same of the walkers that each circle is compared with."""
    for circle in circles:
        for other in access.others(circle):
            (said,) = walking([other], heights)
            yield Sentence(
                f"walker-{circle.id}-{other.walker.id}",
                f"另按下列步行者比较，判定仍以服务圈自身的步行者为准。{said.zh}",
                "Compared with another walker; the verdict stays that of the circle's own. "
                f"{said.en}",
            )


def costs(walker: Walker, heights: bool, language: str) -> Iterator[str]:
    """What slopes and roads cost, in one language."""
    zh = language == "zh"
    if not heights:
        yield "无高程数据，坡度不计" if zh else "heights are not known and slopes cost nothing"
        if walker.max_slope_percent is not None:
            most = f"{walker.max_slope_percent:g}"
            yield (
                f"因此最大坡度 {most}% 的限制未生效"
                if zh
                else f"so the steepest slope of {most} % closes no street"
            )
    else:
        yield SLOPE_LAWS[walker.slope_law][language]
        if walker.max_slope_percent is not None:
            most = f"{walker.max_slope_percent:g}"
            yield f"坡度超过 {most}% 的道路不能走" if zh else f"nothing steeper than {most} %"
    waits = [
        f"{place[language]} {wait_s}{' 秒' if zh else ' s'}"
        for place, wait_s in zip(WAITS, walker.waits_s, strict=True)
        if wait_s
    ]
    if walker.longest_without_bench_m is not None:
        metres = walker.longest_without_bench_m
        yield (
            f"每走平地 {metres} 米所需时间之内须能坐下休息"
            if zh
            else f"must sit down after the time of {metres} m on the level at the latest"
        )
    if waits:
        yield f"过街等待：{'、'.join(waits)}" if zh else f"waits to cross: {', '.join(waits)}"


def benches(facts: Mapping[str, Any]) -> Sentence:
    """Which places to sit are known, to whom that matters."""
    count, per_km, source = facts["count"], f"{facts['per_km']:g}", facts["source"]
    return Sentence(
        "benches",
        f"可坐处取自 {source}：道路沿线 {count} 处（每公里道路 {per_km} 处）。未录入的座椅不计，"
        "须休息者的可达范围可能被低估；图中范围按各处出发时已休息绘制。",
        f"Places to sit are those of {source}: {count} along the streets ({per_km} for each km). A "
        "bench that is not there is not known, so whoever must sit may get farther than is shown; "
        "areas are drawn for somebody who starts rested.",
    )


def audited_without_benches(circles: Iterable[Circle]) -> Iterator[Sentence]:
    """What the survey list leaves out, where some walker must sit down on the way."""
    if any(circle.walker.stretch_ms is not None for circle in circles):
        yield Sentence(
            "audit-benches",
            "路网勘查清单按不需休息的步行者统计，座椅间距不计。",
            "The survey list counts as if nobody had to sit down on the way.",
        )


def steps_zh(factor: float | None) -> str:
    """What steps cost this walker, in Chinese."""
    if factor is None:
        return "不能走台阶"
    return "台阶与平地同速" if factor == 1 else f"台阶用时为平地的 {factor:g} 倍"


def steps_en(factor: float | None) -> str:
    """What steps cost this walker, in English."""
    if factor is None:
        return "cannot use steps"
    if factor == 1:
        return "steps as fast as level ground"
    return f"steps take {factor:g} times as long"


def no_way_out(circle: Circle, homes: int, people: int) -> Iterator[Sentence]:
    """How many people have streets near, but none that the circle's walker can use."""
    if homes:
        walker = circle.walker
        yield Sentence(
            f"no-way-out-{circle.id}",
            f"{homes} 处住户（{people} 人）附近有道路，但没有{walker.zh}能走的道路（台阶或过陡），"
            "不参与计算，仍计入总人口。",
            f"{homes} homes ({people} people of the group) have streets near, but none that "
            f"“{walker.en}” can use (steps, or too steep): they are excluded and stay in the "
            "total.",
        )


def other_street(circle: Circle, homes: int, people: int) -> Iterator[Sentence]:
    """How many people open onto another street than their nearest, which others use."""
    if homes:
        walker = circle.walker
        yield Sentence(
            f"other-street-{circle.id}",
            f"{homes} 处住户（{people} 人）最近的道路是{walker.zh}不能走的（台阶或过陡），"
            f"改由 {OTHER_STREET_M:g} 米内（小区大门为 {SAME_GATE_M:g} 米内）的其他道路"
            "或其他大门出入。",
            f"{homes} homes ({people} people of the group) have a nearest street that "
            f"“{walker.en}” cannot use (steps, or too steep): they are taken to leave by another "
            f"one within {OTHER_STREET_M:g} m ({SAME_GATE_M:g} m of a gate), or by another gate.",
        )
