"""The sheets of the workbook that hold the measures of access; figures as in summary.json."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pandas import Series

from carecircle.coverage.access_words import AMOUNT_NAMES, METHOD_NAMES
from carecircle.coverage.plan_words import GROUPS
from carecircle.coverage.result import StudyResult, cut_percent
from carecircle.coverage.status_words import STATUS_NAMES
from carecircle.coverage.target_words import LEVELS
from carecircle.coverage.verdict import VERDICT_NAMES
from carecircle.maps.text import both

Row = Sequence[Any]
Column = tuple[str, str, int]
Sheet = tuple[str, Sequence[Column], list[Row]]

CIRCLE: Column = ("服务圈", "circle", 14)
FOUND: tuple[tuple[str, Column], ...] = (
    ("demand", ("需要名额人数", "look for a place", 14)),
    ("placed", ("得到名额", "have a place", 12)),
    ("without_place", ("有设施无名额", "no place left", 14)),
    ("out_of_reach", ("够不着", "out of reach", 12)),
)
LEDGER: tuple[Column, ...] = (
    ("总数", "all", 12),
    ("时限内", "within", 12),
    ("时限外", "not within", 12),
    ("未参与计算", "excluded", 12),
    ("覆盖率%", "within %", 10),
)
WHOLE = "全部 / whole study"
AT_SPEEDS = {
    "always": "各步速均覆盖 always",
    "never": "各步速均未覆盖 never",
    "depends": "取决于步速 depends",
    "": "",
}
ASSESSED = {
    "assessed": "已评价 assessed",
    "partly": "部分评价 partly",
    "not_assessed": "未评价 not assessed",
}


AREAS = {
    "quarters": "小区（个） / quarters",
    "land_m2": "居住用地（平方米） / residential land (m2)",
}


def access_sheets(study: StudyResult, summary: Mapping[str, Any]) -> Iterator[Sheet]:
    """Every sheet about access; those of places and of units only where there are any."""
    circles = summary["circles"]
    names = texts(study.residential["name"])
    yield figures_sheet(circles)
    yield curve_sheet(circles)
    yield groups_sheet(circles)
    if any(circle["access"]["by_unit"] for circle in circles):
        yield units_sheet(circles)
    if any(circle["access"]["walkers"] for circle in circles):
        yield walkers_sheet(circles)
        yield walkers_quarters_sheet(circles, names)
    yield facilities_sheet(circles, texts(study.facilities["name"]))
    if any(circle["access"]["places"].get("shortages") for circle in circles):
        yield shortages_sheet(circles)
    yield worst_sheet(circles, names)


def figures_sheet(circles: Sequence[Mapping[str, Any]]) -> Sheet:
    """The figures of each circle, and in its last rows what they assume."""
    columns = (CIRCLE, ("指标", "figure", 60), ("值", "value", 16), ("假设", "assumption", 80))
    rows: list[Row] = []
    for circle in circles:
        rows += [(circle["id"], label, value, "") for label, value in figures(circle["access"])]
        for said in circle["access"]["assumptions"]:
            rows += [(circle["id"], "假设 / assumption", None, said[lang]) for lang in ("zh", "en")]
    return "可达性 Access", columns, rows


def figures(access: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The figures of one circle, each with its bilingual label."""
    for row in access["within"]:
        label = f"{row['minutes']} 分钟内 / within {row['minutes']} minutes"
        yield f"{label}: 人数 / people", row["people"]["covered"]
        yield f"{label}: 覆盖率% / %", row["people"]["percent"]
        yield f"{label}: 小区% / quarters %", row["quarters"]["percent"]
        yield f"{label}: 居住用地% / residential land %", row["land_m2"]["percent"]
    for row in access["backup"]:
        label = f"至少 {row['at_least']} 个设施 / at least {row['at_least']} facilities"
        yield f"{label}: 人数 / people", row["people"]
        yield f"{label}: % / %", row["percent"]
    yield (
        "最差十分之一的人至少步行（分钟） / shortest walk of the worst tenth (minutes)",
        access["worst_tenth_minutes"],
    )
    yield from band_rows(access["band"])
    for row in access["walkers"]:
        label = f"步行者：{row['zh']} / walker: {row['en']}"
        yield f"{label}: 人数 / people", row["people"]["covered"]
        yield f"{label}: 覆盖率% / %", row["people"]["percent"]
        yield f"{label}: 小区% / quarters %", row["quarters"]["percent"]
        yield f"{label}: 居住用地% / residential land %", row["land_m2"]["percent"]
        yield f"{label}: 结论 / verdict", both(VERDICT_NAMES[row["verdict"]])
        yield f"{label}: 结论改变 / another verdict", yes_no(row["flips"])
    yield from places_rows(access["places"])
    for row in access["evenness"]:
        yield from evenness_rows(row)
    yield from doubt_rows(access["doubt"])


def band_rows(band: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Share and verdict at each speed."""
    for row in band["speeds"]:
        label = f"步速 {row['metres_per_second']:g} 米/秒 / at {row['metres_per_second']:g} m/s"
        yield f"{label}: 覆盖率% / %", row["people"]["percent"]
        yield f"{label}: 结论 / verdict", both(VERDICT_NAMES[row["verdict"]])
    yield "结论随步速改变 / verdict depends on the speed", yes_no(band["flips"])


def places_rows(places: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Places and who finds one."""
    yield "名额评价 / places", ASSESSED[places["assessed"]]
    yield "容量未知的设施 / facilities of unknown capacity", ", ".join(places["without_capacity"])
    yield "容量为 0 的设施 / facilities without a place", ", ".join(places["with_none"])
    if places["assessed"] == "not_assessed":
        return
    labels = {
        "places": "名额 / places",
        "per_1000": "每千人名额 / places per 1,000 people",
        "demand": "假定需要名额的人数 / people taken to look for a place",
        "demand_percent": "其占人群%（未写明时为 100） / of the group % (100 unless stated)",
        "placed": "得到名额 / have a place",
        "placed_percent": "得到名额% / have a place %",
        "without_place": "时限内有设施但名额已满（不等于未覆盖） / "
        "facilities within the limit, no place left (not uncovered)",
        "out_of_reach": "时限内无设施 / no facility within the limit",
        "only_unknown": "其中只能到达容量未知的设施 / of whom reach facilities of unknown capacity",
        "mean_minutes": "得到名额者平均步行分钟 / mean minutes of those with a place",
        "stranded_places": "无人够得着的名额 / places that nobody reaches",
    }
    for key, label in labels.items():
        yield label, places[key]


def evenness_rows(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Indices of one amount, those who have nothing first."""
    name = AMOUNT_NAMES[row["amount"]]
    label = f"{name['zh']} / {name['en']}"
    yield f"{label}: 一无所有% / have none %", row["without_percent"]
    yield f"{label}: 基尼系数 / Gini", row["gini"]
    yield f"{label}: 帕尔马比值 / Palma", row["palma"]
    yield f"{label}: 泰尔指数 / Theil", row["theil"]
    for part in row["by_level"]:
        level = f" ({part['level']})" if part["level"] else ""
        yield f"{label}: 泰尔，单元间 / Theil between units{level}", part["between"]
        yield f"{label}: 泰尔，单元内 / Theil within units{level}", part["within"]
    for tenth, share in enumerate(row["lorenz"] or ()):
        yield f"{label}: 洛伦兹 / Lorenz {10 * tenth}%", share


def doubt_rows(doubt: Mapping[str, Any] | None) -> Iterator[tuple[str, Any]]:
    """What the draws gave."""
    if doubt is None:
        return
    yield "模拟次数 / draws", doubt["draws"]
    for key, share in (("percent_low", 5), ("percent_middle", 50), ("percent_high", 95)):
        yield f"模拟覆盖率% 的 {share}% 分位 / covered %, {share} % of the draws below", doubt[key]
    yield "达标概率 / probability that the target is met", doubt["met_probability"]


def curve_sheet(circles: Sequence[Mapping[str, Any]]) -> Sheet:
    """People within each minute of their nearest and second nearest facility."""
    columns = (
        CIRCLE,
        ("分钟", "minutes", 9),
        ("最近设施在时限内人数", "people, nearest", 16),
        ("%", "nearest %", 10),
        ("第二近设施在时限内人数", "people, second nearest", 16),
        ("%", "second %", 10),
    )
    rows: list[Row] = []
    for circle in circles:
        curve, everybody = circle["access"]["curve"], circle["people"]["input"]
        for minute, first, second in zip(*curve.values(), strict=True):
            shares = cut_percent(first, everybody), cut_percent(second, everybody)
            rows.append((circle["id"], minute, first, shares[0], second, shares[1]))
    return "曲线 Curve", columns, rows


def groups_sheet(circles: Sequence[Mapping[str, Any]]) -> Sheet:
    """Each group of people at each of the minutes; each unit at the circle's own."""
    columns = (
        CIRCLE,
        ("级别", "level", 22),
        ("区划编号", "admin_id", 16),
        ("名称", "name", 24),
        ("人群", "group", 24),
        ("分钟", "minutes", 9),
        *LEDGER,
    )
    rows: list[Row] = []
    for circle in circles:
        access = circle["access"]
        own = {"group": circle["group"], "within": access["within"]}
        rows += [
            (circle["id"], "", "", WHOLE, said(one["group"]["id"]), at["minutes"],
             *ledger(at["people"]))
            for one in (own, *access["by_group"])
            for at in one["within"]
        ]  # fmt: skip
        rows += [
            (circle["id"], "", "", WHOLE, name, at["minutes"], *ledger(at[amount]))
            for amount, name in AREAS.items()
            for at in access["within"]
        ]
        rows += [
            (circle["id"], level_name(unit), unit["id"], unit_name(unit), said(one["id"]),
             circle["minutes"], *ledger(one["people"]))
            for unit in access["by_unit"]
            for one in unit["by_group"]
        ]  # fmt: skip
    return "人群 Groups", columns, rows


# what the sheet of quarters tells beside their coverage
QUARTER: tuple[tuple[str, Column], ...] = (
    ("homes", ("住户点", "homes", 9)),
    ("percent_within", ("时限内人口%", "people within %", 12)),
    ("second_minutes", ("到第二近设施分钟", "minutes to the second nearest", 14)),
    ("facilities_within", ("时限内设施数", "facilities within", 12)),
    ("people_two", ("有两个设施的人数", "people with two", 12)),
    ("at_speeds", ("不同步速", "at other speeds", 24)),
    ("probability", ("覆盖概率", "probability covered", 12)),
    *FOUND,
    *(
        (f"per_1000_{id}", (f"每千人名额，{name['zh']}", f"places per 1,000, {name['en']}", 18))
        for id, name in METHOD_NAMES.items()
    ),
)


def quarter_cells(quarter: Mapping[str, Any]) -> Row:
    """The cells of one quarter under `QUARTER`."""
    told = {**quarter, "at_speeds": AT_SPEEDS[quarter["at_speeds"]]}
    return [told.get(key) for key, _ in QUARTER]


def units_sheet(circles: Sequence[Mapping[str, Any]]) -> Sheet:
    """One row for each unit of each level and circle."""
    minutes = sorted({at["minutes"] for circle in circles for at in circle["access"]["within"]})
    columns: list[Column] = [
        CIRCLE,
        ("级别", "level", 22),
        ("区划编号", "admin_id", 16),
        ("名称", "name", 24),
        *((f"{m} 分钟内人数", f"people within {m} minutes", 14) for m in minutes),
        *((f"至少 {n} 个设施的人数", f"people with {n} or more facilities", 14) for n in (1, 2, 3)),
        ("单元内名额", "places in the unit", 12),
        ("每千人名额", "places per 1,000", 12),
        *(column for _, column in FOUND),
    ]
    rows: list[Row] = [
        (
            circle["id"], level_name(unit), unit["id"], unit_name(unit),
            *(unit["within"].get(str(m)) for m in minutes), *unit["backup"],
            unit.get("places"), unit.get("per_1000"), *(unit.get(key) for key, _ in FOUND),
        )
        for circle in circles
        for unit in circle["access"]["by_unit"]
    ]  # fmt: skip
    return "行政区可达 Unit access", columns, rows


WALKER: Column = ("步行者", "walker", 30)


def walkers_sheet(circles: Sequence[Mapping[str, Any]]) -> Sheet:
    """One row for each circle, walker and unit; the circle's own walker stands first."""
    columns = (
        CIRCLE,
        WALKER,
        ("级别", "level", 22),
        ("区划编号", "admin_id", 16),
        ("名称", "name", 24),
        *LEDGER,
    )
    rows: list[Row] = []
    for circle in circles:
        for walker, one in (*own_walker(circle), *other_walkers(circle)):
            rows.append((circle["id"], walker, "", "", WHOLE, *ledger(one["people"])))
            rows += [
                (circle["id"], walker, level_name(unit), unit["id"], unit_name(unit),
                 *ledger(unit["people"]))
                for unit in one["by_unit"]
            ]  # fmt: skip
    return "步行者 Walkers", columns, rows


def walkers_quarters_sheet(circles: Sequence[Mapping[str, Any]], names: Mapping[str, Any]) -> Sheet:
    """One row for each circle, other walker and quarter."""
    columns = (
        CIRCLE,
        WALKER,
        ("小区编号", "block_id", 16),
        ("小区名称", "name", 28),
        *LEDGER,
        ("步行分钟", "walking minutes", 12),
        ("状态", "status", 14),
    )
    rows: list[Row] = [
        (circle["id"], walker, quarter["block_id"], names[quarter["block_id"]],
         *ledger(quarter["people"]), quarter["minutes"], both(STATUS_NAMES[quarter["status"]]))
        for circle in circles
        for walker, one in other_walkers(circle)
        for quarter in one["by_quarter"]
    ]  # fmt: skip
    return "步行者小区 Walkers quarters", columns, rows


def own_walker(circle: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The circle's own walker, where there are others to compare."""
    return [(both(circle["walker"]), circle)] if circle["access"]["walkers"] else []


def other_walkers(circle: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Each other walker, called as in the other sheets."""
    return [(both(one), one) for one in circle["access"]["walkers"]]


def facilities_sheet(circles: Sequence[Mapping[str, Any]], names: Mapping[str, Any]) -> Sheet:
    """One row for each facility: its places, and who would be lost by its closure."""
    columns = (
        CIRCLE,
        ("设施编号", "facility_id", 16),
        ("设施名称", "name", 28),
        ("关闭后失去覆盖人数", "people lost by a closure", 14),
        ("名额", "places", 10),
        ("已用", "taken", 10),
        ("空余", "free", 10),
        ("以其为最近的人数", "people nearest to it", 14),
        ("超负荷", "overloaded", 12),
        ("名额不足片区", "shortage area", 12),
    )
    keys = ("places", "used", "free", "nearest_people")
    rows: list[Row] = []
    for circle in circles:
        places = circle["access"]["places"].get("facilities", ())
        of_facility = {row["facility_id"]: row for row in places}
        for row in circle["access"]["closures"]:
            id = row["facility_id"]
            told = of_facility.get(id, {})
            rows.append(
                (
                    circle["id"], id, names[id], row["people_lost"],
                    *(told.get(key) for key in keys),
                    yes_no(told["overloaded"]) if told else None,
                    told.get("shortage_area") or None,
                )
            )  # fmt: skip
    return "名额 Places", columns, rows


def shortages_sheet(circles: Sequence[Mapping[str, Any]]) -> Sheet:
    """Where places run short, most missing places first."""
    columns = (
        CIRCLE,
        ("名额不足片区", "shortage area", 12),
        ("名称", "name", 28),
        ("统计单元", "unit", 24),
        ("需要名额人数", "look for a place", 14),
        ("名额", "places", 10),
        ("缺少名额", "missing places", 12),
        ("小区编号", "block_ids", 50),
        ("设施编号", "facility_ids", 50),
    )
    keys = ("shortage_area", "name", "unit", "people", "places", "missing_places")
    rows: list[Row] = [
        (
            circle["id"], *(row[key] for key in keys),
            ", ".join(row["block_ids"]), ", ".join(row["facility_ids"]),
        )
        for circle in circles
        for row in circle["access"]["places"].get("shortages", ())
    ]  # fmt: skip
    return "名额不足 Shortages", columns, rows


def worst_sheet(circles: Sequence[Mapping[str, Any]], names: Mapping[str, Any]) -> Sheet:
    """The quarters with the longest walk; an empty cell is a walk that never arrives."""
    columns = (
        CIRCLE,
        ("排名", "rank", 8),
        ("小区编号", "block_id", 16),
        ("小区名称", "name", 28),
        ("步行分钟", "walking minutes", 12),
        ("该人群人数", "people", 12),
    )
    rows: list[Row] = [
        (circle["id"], rank, row["block_id"], names[row["block_id"]], row["minutes"], row["people"])
        for circle in circles
        for rank, row in enumerate(circle["access"]["worst_served"], start=1)
    ]
    return "最远小区 Worst served", columns, rows


def level_name(unit: Mapping[str, Any]) -> str:
    """The level of a unit in both languages."""
    words = LEVELS.get(unit["level"])
    return both(words) if words else unit["level"]


def unit_name(unit: Mapping[str, Any]) -> Any:
    """The name of a unit, or that its quarters lie in none."""
    return unit["name"] if unit["id"] else "不在任何单元 / in no unit"


def texts(names: Series) -> dict[str, Any]:
    """Names by id."""
    return {str(id): name for id, name in names.items()}


def ledger(people: Mapping[str, Any]) -> tuple[Any, ...]:
    """The cells of a ledger."""
    excluded = sum(people["excluded"].values())
    return people["input"], people["covered"], people["uncovered"], excluded, people["percent"]


def said(group: str) -> str:
    """A group in both languages; the column ``population`` is everybody."""
    name = GROUPS["total" if group == "population" else group]
    return f"{name['zh']} / {name['en']}"


def yes_no(flag: bool) -> str:
    """A flag in both languages."""
    return "是 yes" if flag else "否 no"
