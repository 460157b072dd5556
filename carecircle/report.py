"""Lines for the terminal: what ``check`` found, and what ``run`` found out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from carecircle.layers.problems import Language

VERDICTS = {
    "met": {"zh": "达标", "en": "target met"},
    "not_met": {"zh": "未达标", "en": "target not met"},
    "no_target": {"zh": "未设目标", "en": "no target set"},
}


def result_lines(summary: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """One line per circle: who can walk there, the verdict, and what the sites would add."""
    for circle in summary["circles"]:
        line = result_zh(circle) if lang == "zh" else result_en(circle)
        yield line


def result_zh(circle: Mapping[str, Any]) -> str:
    """One circle in Chinese."""
    people, sites = circle["people"], circle["sites"]
    estimated = "（人口为估算值）" if circle["estimated"] else ""
    return (
        f"{circle['name']['zh']}：{percent(people['percent'])}（{people['covered']:,} / "
        f"{people['input']:,} 人，{circle['group']['zh']}）{estimated}，"
        f"现有设施 {circle['facilities']} 处，{VERDICTS[circle['verdict']]['zh']}；"
        f"新增 {len(sites['chosen'])} 处可再覆盖 {sites['people_gained']:,} 人，"
        f"达到 {percent(sites['percent_after'])}{proof(sites, 'zh')}{stations_zh(circle)}"
    )


def result_en(circle: Mapping[str, Any]) -> str:
    """One circle in English."""
    people, sites = circle["people"], circle["sites"]
    estimated = " (population estimated)" if circle["estimated"] else ""
    return (
        f"{circle['name']['en']}: {percent(people['percent'])} ({people['covered']:,} of "
        f"{people['input']:,} people {circle['group']['en']}){estimated}, "
        f"{circle['facilities']} existing, {VERDICTS[circle['verdict']]['en']}; "
        f"{len(sites['chosen'])} new would add {sites['people_gained']:,} people and reach "
        f"{percent(sites['percent_after'])}{proof(sites, 'en')}{stations_en(circle)}"
    )


def proof(sites: Mapping[str, Any], lang: Language) -> str:
    """Whether the sites are proven best, or how far they may be from it."""
    if not sites["chosen"]:
        return ""
    if sites["gap_percent"] == 0:
        return "（已证明最优）" if lang == "zh" else " (proven best)"
    gap = f"{sites['gap_percent']:.1f} %"
    return f"（距上界 {gap}）" if lang == "zh" else f" (within {gap} of the bound)"


def stations_zh(circle: Mapping[str, Any]) -> str:
    """How many stations the target takes, in Chinese."""
    need = circle["stations_to_target"]
    if need is None or circle["verdict"] == "met":
        return ""
    if need["count"] is None:
        return f"；即使在所有备选点设站也只能达到 {percent(need['reachable_percent'])}"
    at_least = "" if need["proven"] else f"（至少 {need['lower_bound']} 处）"
    return f"；达标需新增 {need['count']} 处{at_least}"


def stations_en(circle: Mapping[str, Any]) -> str:
    """How many stations the target takes, in English."""
    need = circle["stations_to_target"]
    if need is None or circle["verdict"] == "met":
        return ""
    if need["count"] is None:
        return (
            "; the target is out of reach: a station at every candidate place would give "
            f"{percent(need['reachable_percent'])}"
        )
    at_least = "" if need["proven"] else f" (at least {need['lower_bound']})"
    return f"; the target takes {need['count']} new{at_least}"


def percent(value: float | None) -> str:
    """A share for reading; a dash where there is nobody to count."""
    return "—" if value is None else f"{value:.1f} %"
