"""Lines for the terminal: what ``check`` found, and what ``run`` found out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from carecircle.assumptions import SERVICES
from carecircle.coverage.plan_words import GROUPS
from carecircle.coverage.verdict import VERDICT_NAMES
from carecircle.inputs import Inputs
from carecircle.layers.offset_detective import in_words
from carecircle.layers.people import people_columns
from carecircle.layers.problems import Language
from carecircle.layers.sources import COHORTS
from carecircle.plan_report import counts_line
from carecircle.sitewords import site_lines
from carecircle.waywords import way_lines

STEEP = ("to_12_percent", "to_20_percent", "steeper")  # classes of `layers.terrain`, above 8 %

# what the streets say of a layer's coordinates (`offset_detective`)
FITS = {
    "fits": {"zh": "与路网吻合", "en": "fits the streets"},
    "shifted": {"zh": "疑有偏移，已按声明采用", "en": "looks shifted, taken as declared"},
    "cannot tell": {"zh": "无法判断有无偏移", "en": "too little to tell whether it is shifted"},
}
COLUMNS = {
    "population": {"zh": "总人口", "en": "people"},
    **{cohort: GROUPS[cohort] for cohort in COHORTS},
}


def check_report(inputs: Inputs) -> dict[str, Any]:
    """What was read, ready for JSON."""
    people = {name: int(inputs.residential[name].sum()) for name in people_columns(inputs.homes)}
    return {
        "crs": inputs.network.crs,
        "network": dict(inputs.network.facts),
        "quarters": len(inputs.residential),
        "homes": len(inputs.homes),
        "people": people,
        "estimated": sorted(inputs.estimated),
        "facilities": inputs.facilities.groupby("service").size().to_dict(),
        "snap": dict(inputs.snap_facts),
        "files": [dict(file) for file in inputs.files],
        "records": [dict(record) for record in inputs.records],
    }


def check_lines(report: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """The same for people: streets, residents, facilities, then every record."""
    network, snap = report["network"], report["snap"]
    people = "; ".join(f"{COLUMNS[name][lang]} {n:,}" for name, n in report["people"].items())
    stations = "; ".join(f"{SERVICES[s][lang]} {n}" for s, n in report["facilities"].items())
    homes = snap["homes"]
    if lang == "zh":
        yield f"坐标系 {report['crs']}"
        yield f"道路 {network['length_km']:,} 公里，孤立路段 {network['islands']} 处"
        yield terrain_line(network.get("terrain"), lang)
        yield f"小区 {report['quarters']:,} 个，住户点 {report['homes']:,} 个；{people}"
        yield f"{stations or '没有设施'}"
        yield (
            f"住户到道路平均 {homes['mean_m']} 米，最远 {homes['max_m']} 米；"
            f"超过 {snap['warn_m']:g} 米 {homes['beyond_warn']} 个，"
            f"超过 {snap['limit_m']:g} 米（不参与计算）{homes['too_far']} 个"
        )
    else:
        yield f"coordinates {report['crs']}"
        yield f"{network['length_km']:,} km of streets, {network['islands']} islands"
        yield terrain_line(network.get("terrain"), lang)
        yield f"{report['quarters']:,} quarters, {report['homes']:,} homes; {people}"
        yield f"{stations or 'no facilities'}"
        yield (
            f"homes are {homes['mean_m']} m from a street on average, {homes['max_m']} m at most; "
            f"{homes['beyond_warn']} beyond {snap['warn_m']:g} m, "
            f"{homes['too_far']} beyond {snap['limit_m']:g} m (excluded)"
        )
    for file in report["files"]:
        if "street_fit" in file:
            yield f"{file['file']}: {fit_line(file['street_fit'], lang)}"
    for record in report["records"]:
        yield record["what"][lang]


def terrain_line(terrain: Mapping[str, Any] | None, lang: Language) -> str:
    """How high and how steep the streets are, by which elevation model."""
    if terrain is None:
        return "无高程数据，坡度不计" if lang == "zh" else "no heights: slopes cost nothing"
    files, cell = ", ".join(terrain["files"]), f"{min(terrain['cell_m']):g}"
    low, high = f"{terrain['lowest_m']:g}", f"{terrain['highest_m']:g}"
    climb = f"{terrain['climb_m_per_km']:g}"
    by_slope = terrain["length_km_by_slope"]
    steep = sum(km for name, km in by_slope.items() if name in STEEP)
    percent = 100 * steep / max(sum(by_slope.values()), 0.001)
    if lang == "zh":
        return (
            f"高程取自 {files}（格网约 {cell} 米）：道路 {low} 至 {high} 米，"
            f"每公里升降 {climb} 米，坡度超过 8% 的占 {percent:.1f}%"
        )
    return (
        f"heights of {files} (cells of about {cell} m): streets from {low} to {high} m, "
        f"{climb} m up or down for each km, {percent:.1f} % of them steeper than 8 %"
    )


def fit_line(fit: Mapping[str, Any], lang: Language) -> str:
    """How a layer lies on the streets, and what that tells."""
    return f"{in_words(fit['declared'])[lang]} ({FITS[fit['answer']][lang]})"


def teaching_lines(about: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """What a teaching city holds, and what was spoilt in it."""
    stations = "; ".join(f"{SERVICES[s][lang]} {n}" for s, n in about["facilities"].items())
    if lang == "zh":
        yield "教学示例，虚构"
        yield (
            f"路网节点 {about['street_nodes']:,} 个，小区 {about['quarters']:,} 个，"
            f"{about['people']:,} 人；{stations}"
        )
    else:
        yield "synthetic, for teaching"
        yield (
            f"{about['street_nodes']:,} street nodes, {about['quarters']:,} quarters, "
            f"{about['people']:,} people; {stations}"
        )
    for name, answer in about["mess"].items():
        yield f"{name}: {answer}"


def result_lines(summary: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """One line per circle: who can walk there, the verdict, and what the sites would add."""
    for circle in summary["circles"]:
        line = result_zh(circle) if lang == "zh" else result_en(circle)
        yield line
        if "site_study" in circle:
            yield from site_lines(circle, lang)
        if "site_ways" in circle:
            yield from way_lines(circle, lang)
    for plan in summary["plans"]:
        yield counts_line(plan, lang)


def result_zh(circle: Mapping[str, Any]) -> str:
    """One circle in Chinese."""
    people = circle["people"]
    estimated = "（人口为估算值）" if circle["estimated"] else ""
    return (
        f"{circle['name']['zh']}：{percent(people['percent'])}（{circle['group']['zh']}"
        f" {people['input']:,} 人：已覆盖 {people['covered']:,}，未覆盖 {people['uncovered']:,}，"
        f"未参与 {excluded(people):,}）{estimated}，"
        f"现有设施 {circle['facilities']} 处，{VERDICT_NAMES[circle['verdict']]['zh']}"
        f"{sites_zh(circle)}{stations_zh(circle)}{flip_zh(circle)}"
    )


def sites_zh(circle: Mapping[str, Any]) -> str:
    """What the sites of the run would add; a study of sites tells its own plans instead."""
    if "site_study" in circle:
        return ""
    sites = circle["sites"]
    return (
        f"；新增 {len(sites['chosen'])} 处可再覆盖 {sites['people_gained']:,} 人，"
        f"达到 {percent(sites['percent_after'])}{proof(sites, 'zh')}"
    )


def result_en(circle: Mapping[str, Any]) -> str:
    """One circle in English."""
    people = circle["people"]
    estimated = " (population estimated)" if circle["estimated"] else ""
    return (
        f"{circle['name']['en']}: {percent(people['percent'])} ({people['input']:,} people "
        f"{circle['group']['en']}: {people['covered']:,} covered, {people['uncovered']:,} not, "
        f"{excluded(people):,} excluded){estimated}, "
        f"{circle['facilities']} existing, {VERDICT_NAMES[circle['verdict']]['en']}"
        f"{sites_en(circle)}{stations_en(circle)}{flip_en(circle)}"
    )


def sites_en(circle: Mapping[str, Any]) -> str:
    """What the sites of the run would add; a study of sites tells its own plans instead."""
    if "site_study" in circle:
        return ""
    sites = circle["sites"]
    return (
        f"; {len(sites['chosen'])} new stations would add {sites['people_gained']:,} people "
        f"and reach {percent(sites['percent_after'])}{proof(sites, 'en')}"
    )


def excluded(people: Mapping[str, Any]) -> int:
    """How many people no walk could be computed for."""
    return sum(people["excluded"].values())


def proof(sites: Mapping[str, Any], lang: Language) -> str:
    """Whether the sites are proven best, or how far they may be from it."""
    if not sites["chosen"]:
        return ""
    if sites["status"] == "optimal":
        among = f"{sites['candidates']:,}"
        spacing_m = sites["spacing_m"]
        if lang == "zh":
            apart = "" if spacing_m is None else f"间距 {spacing_m:g} 米的 "
            return f"（在{apart or ' '}{among} 个备选点中已证明最优）"
        apart = "" if spacing_m is None else f" {spacing_m:g} m apart"
        return f" (proven best of {among} candidate places{apart})"
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


def flip_zh(circle: Mapping[str, Any]) -> str:
    """That the verdict depends on the walking speed, where it does, in Chinese."""
    band = circle["access"]["band"]
    if not band["flips"]:
        return ""
    slow, fast = band["speeds"][0], band["speeds"][-1]
    return (
        f"；步速每秒 {slow['metres_per_second']:g} 至 {fast['metres_per_second']:g} 米时覆盖率为 "
        f"{percent(slow['people']['percent'])} 至 {percent(fast['people']['percent'])}，"
        "是否达标取决于步速"
    )


def flip_en(circle: Mapping[str, Any]) -> str:
    """That the verdict depends on the walking speed, where it does, in English."""
    band = circle["access"]["band"]
    if not band["flips"]:
        return ""
    slow, fast = band["speeds"][0], band["speeds"][-1]
    return (
        f"; {percent(slow['people']['percent'])} to {percent(fast['people']['percent'])} at "
        f"{slow['metres_per_second']:g} to {fast['metres_per_second']:g} m/s: whether the target "
        "is met depends on the speed"
    )


def percent(value: float | None) -> str:
    """A share for reading; a dash where there is nobody to count."""
    return "—" if value is None else f"{value:.1f} %"
