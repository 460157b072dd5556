"""The sheets of the workbook that hold a site-selection study; figures as in summary.json."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from carecircle.coverage.status_words import PRICE_NAMES, SOLVER_NAMES
from carecircle.coverage.target_words import LEVELS
from carecircle.maps.access_sheets import CIRCLE, WHOLE, Column, Row, Sheet
from carecircle.maps.text import both
from carecircle.maps.walk_sheets import goal_name, readable, walk_sheets

PLAN: Column = ("方案（至多新建）", "plan (new stations at most)", 14)
OPENS, CLOSES, ENLARGES = "新建 open", "关闭 close", "扩建 enlarge"
LEDGERS: tuple[Column, ...] = (
    ("该人群人数", "people", 12),
    ("实施前已覆盖", "covered before", 12),
    ("实施前未覆盖", "not covered before", 12),
    ("实施后已覆盖", "covered after", 12),
    ("实施后未覆盖", "not covered after", 12),
    ("未参与计算", "excluded", 12),
    ("实施前覆盖率%", "covered % before", 12),
    ("实施后覆盖率%", "covered % after", 12),
    ("新增人数", "people gained", 12),
)
NO_LIMIT = "不限 no limit"


def site_sheets(summary: Mapping[str, Any]) -> Iterator[Sheet]:
    """Every sheet of the study of sites; none where nothing was asked."""
    circles = [circle for circle in summary["circles"] if "site_study" in circle]
    if not circles:
        return
    yield plan_sheet(circles)
    yield changes_sheet(circles)
    if any(circle["site_study"]["seats"] for circle in circles):
        yield seats_sheet(circles)
    yield from walk_sheets(plans_of(circles), PLAN)
    if any(circle["site_study"]["frontier"] for circle in circles):
        yield frontier_sheet(circles)
    if any(circle["site_study"]["robust"] for circle in circles):
        yield robust_sheet(circles)
    if any(circle["site_study"]["phases"] for circle in circles):
        yield phases_sheet(circles)
    yield proof_sheet(circles)


def plans_of(circles: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Any, Any, Any]]:
    """Circle, what the plan is called, and its figures."""
    for circle in circles:
        for plan in circle["site_study"]["plans"]:
            yield circle, NO_LIMIT if plan["asked"] is None else plan["asked"], plan


def plan_sheet(circles: Sequence[Mapping[str, Any]]) -> Sheet:
    """One row for each station that a plan opens, enlarges or closes."""
    columns = (
        CIRCLE,
        PLAN,
        ("措施", "what is done", 12),
        ("顺序", "order", 8),
        ("编号", "id", 18),
        ("名称", "name", 24),
        ("类型", "kind", 16),
        ("街道", "street", 18),
        ("镇街", "town", 18),
        ("服务人数变化", "change in people served", 14),
        ("费用（元）", "cost (yuan)", 14),
        ("经度", "longitude", 12),
        ("纬度", "latitude", 12),
        ("名额", "places", 10),
        ("同址另一服务", "other service under the roof", 14),
    )
    keys = ("order", "candidate_id", "name", "kind", "street", "town", "gain_people", "cost")
    end = ("lon", "lat", "seats")
    rows: list[Row] = []
    for circle, name, plan in plans_of(circles):
        first = (circle["id"], name)
        for one in plan["closed"]:
            told = (one["facility_id"], one["name"])
            rows.append(
                (*first, CLOSES, None, *told, *[None] * 3, -one["loss_people"], *[None] * 4)
            )
        for one in plan["enlarged"]:
            told = (one["order"], one["facility_id"], one["name"], *[None] * 3)
            gains = (one["gain_people"], one["cost"], None, None, one["seats"])
            rows.append((*first, ENLARGES, *told, *gains))
        for one in plan["chosen"]:
            roof = "是 yes" if one["other_service_too"] else None
            rows.append((*first, OPENS, *(one[key] for key in (*keys, *end)), roof))
    return "选址方案 Site plan", columns, rows


def changes_sheet(circles: Sequence[Mapping[str, Any]]) -> Sheet:
    """One row for each plan and unit of each level, the whole first."""
    columns = (
        CIRCLE,
        PLAN,
        ("区划编号", "admin_id", 16),
        ("名称", "name", 24),
        ("级别", "level", 18),
        *LEDGERS,
    )
    rows: list[Row] = []
    for circle, name, plan in plans_of(circles):
        first = (circle["id"], name)
        rows.append(
            (*first, None, WHOLE, None, *change(plan["people_before"], plan["people_after"]))
        )
        for unit in plan["by_unit"]:
            level = LEVELS.get(unit["level"])
            told = (unit["id"], unit["name"], both(level) if level else unit["level"])
            rows.append((*first, *told, *change(unit["before"], unit["after"])))
    return "前后对比 Before-after", columns, rows


def seats_sheet(circles: Sequence[Mapping[str, Any]]) -> Sheet:
    """One row for each plan with seats and unit of each level, the whole first."""
    columns = (
        CIRCLE,
        PLAN,
        ("区划编号", "admin_id", 16),
        ("名称", "name", 24),
        ("级别", "level", 18),
        ("需要名额人数", "people who ask for a place", 14),
        ("实施前有名额", "with a place before", 14),
        ("实施前时限内名额已满", "in reach, no place left, before", 14),
        ("实施前时限内无设施", "out of reach before", 14),
        ("实施后有名额", "with a place after", 14),
        ("实施后时限内名额已满", "in reach, no place left, after", 14),
        ("实施后时限内无设施", "out of reach after", 14),
        ("未参与计算", "excluded", 12),
        ("实施前满足率%", "with a place % before", 12),
        ("实施后满足率%", "with a place % after", 12),
        ("新增获得名额人数", "people gained", 14),
    )
    rows: list[Row] = []
    for circle, name, plan in plans_of(circles):
        if plan["seats_before"] is None:
            continue
        first = (circle["id"], name)
        whole = seat_change(plan["seats_before"], plan["seats_after"])
        rows.append((*first, None, WHOLE, None, *whole))
        for unit in plan["seats_by_unit"]:
            level = LEVELS.get(unit["level"])
            told = (unit["id"], unit["name"], both(level) if level else unit["level"])
            rows.append((*first, *told, *seat_change(unit["before"], unit["after"])))
    return "名额前后 Places before-after", columns, rows


def seat_change(before: Mapping[str, Any], after: Mapping[str, Any]) -> Row:
    """Who has a place before and after."""
    parts = ("served", "without_seat", "out_of_reach")
    return (
        before["input"],
        *(before[part] for part in parts),
        *(after[part] for part in parts),
        after["excluded"],
        before["percent"],
        after["percent"],
        after["served"] - before["served"],
    )


def change(before: Mapping[str, Any], after: Mapping[str, Any]) -> Row:
    """Two ledgers of the same people."""
    return (
        before["input"],
        before["covered"],
        before["uncovered"],
        after["covered"],
        after["uncovered"],
        sum(after["excluded"].values()),
        before["percent"],
        after["percent"],
        after["covered"] - before["covered"],
    )


def frontier_sheet(circles: Sequence[Mapping[str, Any]]) -> Sheet:
    """One row for each best trade-off, from the cheapest on."""
    columns = (
        CIRCLE,
        ("代价", "price", 18),
        ("数量", "amount", 14),
        ("覆盖人数", "people covered", 14),
        ("覆盖率%", "covered %", 10),
        ("覆盖人数上限", "bound of people covered", 14),
        ("覆盖率最低的街镇%", "worst-served town %", 14),
        ("已证明", "proven", 10),
    )
    keys = ("price", "people_covered", "percent", "people_bound", "worst_town_percent")
    rows: list[Row] = [
        (
            circle["id"],
            both(PRICE_NAMES[circle["site_study"]["frontier"]["price"]]),
            *(point[key] for key in keys),
            "是 yes" if point["proven"] else "否 no",
        )
        for circle in circles
        if circle["site_study"]["frontier"]
        for point in circle["site_study"]["frontier"]["points"]
    ]
    return "前沿 Frontier", columns, rows


def robust_sheet(circles: Sequence[Mapping[str, Any]]) -> Sheet:
    """One row for each world of each plan: the robust one beside the one for today."""
    columns = (
        CIRCLE,
        PLAN,
        ("情形", "world", 30),
        ("稳健方案覆盖人数", "covered by the robust plan", 16),
        ("现状方案覆盖人数", "covered by today's plan", 16),
        ("任何方案不能超过", "no plan passes", 16),
        ("稳健方案的遗憾", "regret of the robust plan", 16),
        ("现状方案的遗憾", "regret of today's plan", 16),
        ("稳健方案站点", "sites of the robust plan", 40),
        ("目标", "sought", 30),
        ("结论", "finding", 30),
    )
    keys = (
        "people_covered",
        "people_covered_by_todays_plan",
        "bound",
        "regret",
        "regret_of_todays_plan",
    )
    rows: list[Row] = []
    for circle in circles:
        robust = circle["site_study"]["robust"] or {"plans": [], "worlds": []}
        for plan in robust["plans"]:
            name = NO_LIMIT if plan["asked"] is None else plan["asked"]
            sites = ", ".join(called(one) for one in plan["chosen"])
            closed = ", ".join(one["name"] or one["facility_id"] for one in plan["closed"])
            sites += f"; 关闭 closes: {closed}" if closed else ""
            worst = both(plan["worst_world"]) + (f" − {plan['lost']}" if plan["lost"] else "")
            status = f"{both(SOLVER_NAMES[plan['status']])}: {plan['value']} / {plan['bound']}"
            told = (sites, both(robust["by_words"]), f"{status} ({worst})")
            for world, one in zip(robust["worlds"], plan["worlds"], strict=True):
                rows.append((circle["id"], name, both(world), *(one[key] for key in keys), *told))
    return "稳健方案 Robust", columns, rows


def phases_sheet(circles: Sequence[Mapping[str, Any]]) -> Sheet:
    """One row for each station that opens, below a row for its year."""
    columns = (
        CIRCLE,
        ("年份", "year", 10),
        ("顺序", "order", 8),
        ("编号", "id", 18),
        ("名称", "name", 24),
        ("街道", "street", 18),
        ("镇街", "town", 18),
        ("新增人数", "people gained", 12),
        ("费用（元）", "cost (yuan)", 14),
        ("当年人数", "people that year", 14),
        ("当年已覆盖", "covered that year", 14),
        ("当年覆盖率%", "covered % that year", 14),
        ("结论", "finding", 30),
    )
    keys = ("candidate_id", "name", "street", "town", "gain_people", "cost")
    rows: list[Row] = []
    for circle in circles:
        phases = circle["site_study"]["phases"] or {"years": []}
        for year in phases["years"]:
            people = year["people"]
            told = (people["input"], people["covered"], people["percent"])
            cost = year["cost_until_then"]
            first = (circle["id"], year["year"])
            rows.append((*first, *[None] * 6, cost, *told, both(SOLVER_NAMES[phases["status"]])))
            for order, one in enumerate(year["chosen"], start=1):
                rows.append((*first, order, *(one[key] for key in keys), *[None] * 4))
    return "分期 Phases", columns, rows


def called(site: Mapping[str, Any]) -> str:
    """A site by its name and id."""
    return f"{site['name']} ({site['candidate_id']})" if site["name"] else site["candidate_id"]


def proof_sheet(circles: Sequence[Mapping[str, Any]]) -> Sheet:
    """One row for each goal of each plan, then the conditions all plans keep to."""
    columns = (
        CIRCLE,
        PLAN,
        ("内容", "what", 34),
        ("方案的值", "value of the plan", 16),
        ("任何方案不能超过", "no plan passes", 16),
        ("差距%", "gap %", 10),
        ("结论", "finding", 30),
    )
    rows: list[Row] = []
    for circle, name, plan in plans_of(circles):
        for one in plan["proofs"]:
            figures = readable(one, "value"), readable(one, "bound")
            status = SOLVER_NAMES["optimal" if one["proven"] else "time_limit"]
            told = (*figures, one["gap_percent"], both(status))
            rows.append((circle["id"], name, goal_name(one), *told))
        if plan["ties"]:
            rows.append((circle["id"], name, "同样好的方案数 / equally good plans", *ties(plan)))
    for circle in circles:
        for words in circle["site_study"]["conditions"]:
            rows.append((circle["id"], None, "条件 / condition", *[None] * 3, both(words)))
    return "证明 Proof", columns, rows


def ties(plan: Mapping[str, Any]) -> Row:
    """How many plans are as good, and which sites are in all of them."""
    found = plan["ties"]
    at_least = "" if found["complete"] else "至少 at least; "
    common = ", ".join(found["in_all"]) or "无 none"
    return (found["plans"], None, None, f"{at_least}均含 in all of them: {common}")
