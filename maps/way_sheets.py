"""New gates and footpaths as sheets of the workbook; figures as in summary.json."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from carecircle.coverage.status_words import SOLVER_NAMES
from carecircle.coverage.way_summary import WAY_WORDS
from carecircle.maps.access_sheets import CIRCLE, Column, Row, Sheet
from carecircle.maps.text import both

ASKED: Column = ("至多新建设施", "stations at most", 14)
PLAN_NAMES = {
    "stations_alone": {"zh": "只建服务设施", "en": "stations alone"},
    "ways_alone": {"zh": "只建通道", "en": "ways alone"},
    "together": {"zh": "两者同建", "en": "both together"},
}
PLAN_COLUMNS: tuple[Column, ...] = (
    CIRCLE,
    ASKED,
    ("方案", "plan", 22),
    ("新建设施", "stations", 24),
    ("新建通道", "ways", 24),
    ("该人群人数", "people", 12),
    ("实施前已覆盖", "covered before", 12),
    ("实施后已覆盖", "covered after", 12),
    ("实施后未覆盖（含未参与计算）", "not covered after, excluded among them", 18),
    ("新增人数（全部建成后重算）", "people gained, measured with all built", 18),
    ("模型计新增人数", "people gained in the model", 14),
    ("模型上界", "bound of the model", 12),
    ("求解状态", "status", 20),
)
WAY_COLUMNS: tuple[Column, ...] = (
    CIRCLE,
    ASKED,
    ("编号", "id", 8),
    ("类型", "what", 30),
    ("小区", "quarter", 20),
    ("道路", "street", 30),
    ("长度（米）", "length (m)", 12),
    ("单独建成新增人数", "people alone", 16),
    ("方案选中", "chosen", 10),
    ("方案中少了它减少的人数", "people together", 20),
)


def way_sheets(summary: Mapping[str, Any]) -> Iterator[Sheet]:
    """The plans, and the candidates; none where no way was asked for."""
    asked = [
        (circle["id"], found)
        for circle in summary["circles"]
        for found in circle.get("site_ways", ())
    ]
    if not asked:
        return
    plans: list[Row] = [
        (id, found["asked"], both(PLAN_NAMES[name]), *plan_cells(plan))
        for id, found in asked
        for name, plan in found["plans"].items()
    ]
    ways: list[Row] = [
        (id, found["asked"], *way_cells(way)) for id, found in asked for way in found["ways"]
    ]
    yield "通道方案 Way plans", PLAN_COLUMNS, plans
    yield "新增通道 Ways", WAY_COLUMNS, ways


def plan_cells(plan: Mapping[str, Any]) -> Row:
    """What one plan builds and brings."""
    figures = ("people", "covered_before", "covered_after", "not_covered_after", "people_gained")
    return (
        ", ".join(plan["sites"]),
        ", ".join(plan["ways"]),
        *(plan[key] for key in (*figures, "people_of_model", "bound_people")),
        both(SOLVER_NAMES[plan["status"]]),
    )


def way_cells(way: Mapping[str, Any]) -> Row:
    """One candidate."""
    told = ("quarter", "street", "length_m", "people_alone")
    return (
        way["id"],
        both(WAY_WORDS[way["kind"]]),
        *(way[key] for key in told),
        "是 yes" if way["chosen"] else "",
        way["people_together"],
    )
