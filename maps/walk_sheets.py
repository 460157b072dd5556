"""The sheets that tell how people walk before and after a plan; figures as in summary.json."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from carecircle.maps.access_sheets import CIRCLE, Column, Row, Sheet
from carecircle.maps.text import both

Told = tuple[Any, Any, Any]  # circle, what the plan is called, its figures
UNITS = {
    "walk": {"zh": "人·分钟", "en": "person-minutes"},
    "farthest": {"zh": "分钟", "en": "minutes"},
}
FIGURES = ("mean_minutes", "longest_minutes", "people_beyond")


def walk_sheets(plans: Iterable[Told], plan_column: Column) -> Iterator[Sheet]:
    """Both sheets; none where no plan sought walks."""
    told = [one for one in plans if one[2]["walk"]]
    if told:
        yield walked_sheet(told, plan_column)
        yield beyond_sheet(told, plan_column)


def walked_sheet(plans: Iterable[Told], plan_column: Column) -> Sheet:
    """One row for each plan. The mean counts whoever has no station with the stated walk."""
    columns = (
        CIRCLE,
        plan_column,
        ("步行上限（分钟，超出者按此计）", "walks up to, minutes; beyond counted so", 18),
        ("人数", "people", 12),
        ("实施前平均分钟", "mean minutes before", 12),
        ("实施前最远分钟", "longest minutes before", 12),
        ("实施前上限内无设施人数", "people without a station before", 16),
        ("实施后平均分钟", "mean minutes after", 12),
        ("实施后最远分钟", "longest minutes after", 12),
        ("实施后上限内无设施人数", "people without a station after", 16),
    )
    rows: list[Row] = [
        (
            circle["id"],
            name,
            plan["walk"]["limit_minutes"],
            plan["walk"]["after"]["people"],
            *(plan["walk"]["before"][key] for key in FIGURES),
            *(plan["walk"]["after"][key] for key in FIGURES),
        )
        for circle, name, plan in plans
    ]
    return "步行 Walks", columns, rows


def beyond_sheet(plans: Iterable[Told], plan_column: Column) -> Sheet:
    """One row for each quarter that a plan leaves without a station within the stated walk."""
    columns = (
        CIRCLE,
        plan_column,
        ("小区编号", "block_id", 18),
        ("名称", "name", 24),
        ("上限内无设施人数", "people without a station", 16),
    )
    rows: list[Row] = [
        (circle["id"], name, one["id"], one["name"], one["people"])
        for circle, name, plan in plans
        for one in plan["walk"]["beyond"]
    ]
    return "步行上限外 Beyond", columns, rows


def goal_name(proof: Mapping[str, Any]) -> str:
    """What is proven, with the unit of walks."""
    words = both(proof["goal_words"])
    unit = UNITS.get(proof["goal"])
    return f"{words} ({both(unit)})" if unit else words


def readable(proof: Mapping[str, Any], key: str) -> int | float:
    """A value or a bound; walks, exact milliseconds in summary.json, as minutes."""
    exact: int = proof[key]
    return round(exact / 60_000, 2) if proof["goal"] in UNITS else exact
