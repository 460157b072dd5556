"""New gates and footpaths in words: lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from carecircle.coverage.way_summary import WAY_WORDS
from carecircle.layers.problems import Language
from carecircle.maps.way_sheets import PLAN_NAMES


def way_lines(circle: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """For each count of stations the three plans, then the ways of the last."""
    for found in circle["site_ways"]:
        asked = found["asked"]
        zh = f"  新增通道，至多新建设施 {asked} 处："
        yield zh if lang == "zh" else f"  new ways, with at most {asked} new stations:"
        for name, plan in found["plans"].items():
            yield f"    {PLAN_NAMES[name][lang]}: {plan_line(plan, lang)}"
        for way in found["ways"]:
            if way["chosen"]:
                yield f"    {way_line(way, lang)}"


def way_line(way: Mapping[str, Any], lang: Language) -> str:
    """One way of a plan: where, and for how many."""
    where = ", ".join(part for part in (way["quarter"], way["street"]) if part)
    what, alone, both = WAY_WORDS[way["kind"]][lang], way["people_alone"], way["people_together"]
    if lang == "zh":
        return f"{way['id']} {what}，{where}：单独 {alone:,} 人，方案中 {both:,} 人"
    return f"{way['id']} {what}, {where}: {alone:,} people alone, {both:,} together"


def plan_line(plan: Mapping[str, Any], lang: Language) -> str:
    """What one plan builds and brings, with its bound; both counts where they differ."""
    sites, ways, bound = len(plan["sites"]), len(plan["ways"]), plan["bound_people"]
    people, counted = plan["people_gained"], plan["people_of_model"]
    differs = people != counted
    if lang == "zh":
        model = f"，模型计 {counted:,} 人" if differs else ""
        return f"设施 {sites} 处、通道 {ways} 处，新增 {people:,} 人（模型上界 {bound:,}{model}）"
    model = f", counted {counted:,} in the model" if differs else ""
    return f"{sites} stations, {ways} ways, {people:,} people (bound of the model {bound:,}{model})"
