"""How does a planner read the figures in a spreadsheet? One workbook, bilingual headers.

A text stays a text: what a file calls ``=1+1`` is written as these four signs and is no
formula. The same study gives the same bytes: the time of writing, which openpyxl puts into
the file, is replaced by the date of the study.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from carecircle.coverage.candidate_sites import reason_words
from carecircle.coverage.plan_words import BINDING, GROUPS, UNITS
from carecircle.coverage.result import CircleResult, StudyResult
from carecircle.coverage.status_words import (
    GATE_RULE_NAMES,
    REASON_NAMES,
    SOLVER_NAMES,
    STATUS_NAMES,
)
from carecircle.coverage.target_table import flat_rows
from carecircle.coverage.target_words import LEVELS, RATE_WORDS, VERDICT_WORDS
from carecircle.coverage.verdict import VERDICT_NAMES
from carecircle.layers.sources import COHORTS
from carecircle.layers.vocabulary import facility_kinds
from carecircle.maps.access_sheets import FOUND, QUARTER, access_sheets, quarter_cells
from carecircle.maps.columns import COLUMNS
from carecircle.maps.site_sheets import site_sheets
from carecircle.maps.text import both, plain_text
from carecircle.maps.way_sheets import way_sheets

LONGEST_TEXT = 32_767  # what a cell can hold
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
WRAPPED = Alignment(wrap_text=True, vertical="top")
LINE_POINTS, HEADER_POINTS, HIGHEST_POINTS = 15, 48, 405  # of a row; 409 is the most there is
WIDE_SHEET = 150  # characters; beyond, a page of A4 would be too small to read
HEADER_FILL = PatternFill("solid", fgColor="E8EEF3")
OLDEST_ZIP_TIME = (1980, 1, 1, 0, 0, 0)

PLACE_OF_NEIGHBOURHOOD = ("rank_need", "rank_fairness", "name", "street", "unit", "town")
GROUPS_OF_PEOPLE = {
    "population": {"zh": "总人口", "en": "all residents"},
    **{cohort: GROUPS[cohort] for cohort in COHORTS},
}
LACK_WORDS = {
    "distance": {"zh": "附近无设施", "en": "distance"},
    "type": {"zh": "附近设施不计入", "en": "type"},
    "capacity": {"zh": "名额不足", "en": "capacity"},
}

Row = Sequence[Any]
Column = tuple[str, str, int]  # Chinese, English, width in characters
Sheet = tuple[str, Sequence[Column], list[Row]]

CIRCLE: Column = ("服务圈", "circle", 14)
PEOPLE: tuple[Column, ...] = (
    ("该人群人数", "people", 12),
    ("已覆盖人数", "covered", 12),
    ("未覆盖人数", "not covered", 12),
    ("未参与计算人数", "excluded", 14),
)


def write_workbook(path: Path, study: StudyResult, summary: Mapping[str, Any]) -> None:
    """Write the tables of a study to a new .xlsx file."""
    write_book(path, sheets(study, summary), study.day)


def write_book(path: Path, tables: Iterable[Sheet], date: str) -> None:
    """Write a new .xlsx file, as if at the start of ``date``."""
    book = Workbook(write_only=True)
    for title, columns, rows in tables:
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for number, (_, _, width) in enumerate(columns, start=1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        widths = [width for _, _, width in columns]
        set_up_page(sheet, sum(widths))
        sheet.row_dimensions[1].height = HEADER_POINTS
        sheet.append([header_cell(sheet, f"{zh}\n{en}") for zh, en, _ in columns])
        for number, row in enumerate(rows, start=2):
            lines = max(map(lines_of, row, widths))
            cells = [cell(sheet, value) for value in row]
            if lines > 1:
                sheet.row_dimensions[number].height = min(lines * LINE_POINTS, HIGHEST_POINTS)
                cells = [at_the_top(sheet, made) for made in cells]
            sheet.append(cells)
    content = BytesIO()
    book.save(content)
    path.write_bytes(without_clock(content, date))


def set_up_page(sheet: Any, width: int) -> None:
    """Paper across, all columns on one page, the header on each; A3 for a wide sheet."""
    setup = sheet.page_setup
    setup.orientation = "landscape"
    setup.paperSize = Worksheet.PAPERSIZE_A3 if width > WIDE_SHEET else Worksheet.PAPERSIZE_A4
    setup.fitToWidth, setup.fitToHeight = 1, 0  # 0: as many pages as it takes
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
    margins = sheet.page_margins
    margins.left = margins.right = margins.top = 0.4  # inches
    sheet.oddFooter.center.text = "&A  &P / &N"


def lines_of(value: Any, width: int) -> int:
    """Lines that a text takes in its column; a Chinese character is as wide as two others.

    Programs do not agree on growing a row by themselves, and paper cuts what has no room.
    """
    if not isinstance(value, str) or 2 * len(value) <= width:
        return 1
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in value)
    return -(-(len(value) + wide) // (width - 1))


def row_counts(path: Path) -> dict[str, int]:
    """Rows under the header of each sheet, counted by reading them."""
    book = load_workbook(path, read_only=True)
    try:
        return {sheet.title: sum(1 for _ in sheet.rows) - 1 for sheet in book.worksheets}
    finally:
        book.close()


# --- sheets


def sheets(study: StudyResult, summary: Mapping[str, Any]) -> list[Sheet]:
    """Title, columns and rows of every sheet."""
    found: list[Sheet] = [
        summary_sheet(summary),
        quarters_sheet(study, summary),
        facilities_sheet(study),
        neighbourhoods_sheet(study),
    ]
    if any("site_study" not in circle for circle in summary["circles"]):
        found.append(sites_sheet(summary))
    if any(circle["sites"].get("left_out") for circle in summary["circles"]):
        found.append(left_out_sheet(summary))
    if any(result.coverage.units is not None for result in study.circles):
        found.append(units_sheet(study))
    if study.plans:
        found.append(plans_sheet(study))
    found += site_sheets(summary)
    found += way_sheets(summary)
    found += access_sheets(study, summary)
    return [*found, notes_sheet(study), dictionary_sheet()]


def summary_sheet(summary: Mapping[str, Any]) -> Sheet:
    """One row for each figure of each circle."""
    columns = (CIRCLE, ("指标", "figure", 44), ("值", "value", 16), ("估算", "estimated", 11))
    rows: list[Row] = []
    for circle in summary["circles"]:
        for label, value in figures(circle):
            rows.append((circle["id"], label, value, yes(circle["estimated"])))
    return "结论 Summary", columns, rows


def figures(circle: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """The figures of one circle, each with its bilingual label."""
    yield "设施数 / facilities", circle["facilities"]
    yield "步行分钟 / walking minutes", circle["minutes"]
    yield "步速（米/秒） / walking speed (m/s)", circle["walker"]["metres_per_second"]
    amounts = {
        "people": "居民 / residents",
        "quarters": "小区 / quarters",
        "land_m2": "居住用地（平方米） / residential land (m2)",
    }
    for key, amount in amounts.items():
        ledger = circle[key]
        yield f"{amount}: 总数 / all", ledger["input"]
        yield f"{amount}: 已覆盖 / covered", ledger["covered"]
        yield f"{amount}: 未覆盖 / not covered", ledger["uncovered"]
        for reason, count in ledger["excluded"].items():
            yield f"{amount}: 未参与计算 / excluded ({both(REASON_NAMES[reason])})", count
        yield f"{amount}: 覆盖率% / covered %", ledger["percent"]
    yield "目标% / target %", circle["target_percent"]
    yield "结论 / verdict", both(VERDICT_NAMES[circle["verdict"]])
    yield "达标还需覆盖人数 / people to target", circle["people_to_target"]
    yield "步行分钟中位数 / median minutes", circle["minutes_median"]
    if "site_study" not in circle:  # which tells its own plans, on its own sheets
        sites = circle["sites"]
        yield "建议站址数 / proposed sites", len(sites["chosen"])
        yield "建站新增人数 / people gained", sites["people_gained"]
        yield "建站后覆盖率% / covered % after", sites["percent_after"]
        yield "求解状态 / solver status", both(SOLVER_NAMES[sites["status"]])
        yield "与最优上限之差% / gap to the bound %", sites["gap_percent"]
    stations = circle["stations_to_target"]
    if stations is not None:
        yield "达标需新建站点 / new stations to target", stations["count"]
        yield "达标至少需要站点 / at least", stations["lower_bound"]
        yield "全部建设后覆盖率% / covered % with every candidate", stations["reachable_percent"]


def quarters_sheet(study: StudyResult, summary: Mapping[str, Any]) -> Sheet:
    """One row for each quarter and circle."""
    columns = (
        CIRCLE,
        ("小区编号", "block_id", 16),
        ("小区名称", "name", 28),
        *PEOPLE,
        ("步行分钟", "walking minutes", 12),
        ("状态", "status", 22),
        ("面积（平方米）", "area m2", 14),
        ("估算", "estimated", 11),
        ("出入口规则", "gate rule", 20),
        *(column for _, column in QUARTER),
    )
    residential = study.residential
    rows: list[Row] = []
    for result, figures in zip(study.circles, summary["circles"], strict=True):
        found = result.coverage.quarters.reindex(residential.index)
        access = [quarter_cells(quarter) for quarter in figures["access"]["quarters"]]
        rows += zip(
            [result.circle.id] * len(found),
            residential.index,
            residential["name"],
            found["people"],
            found["people_covered"],
            found["people_uncovered"],
            found["people_excluded"],
            found["minutes"],
            in_words(found["status"], STATUS_NAMES),
            residential["area_m2"],
            map(yes, residential["estimated"]),
            in_words(residential.get("gate_rule", [""] * len(found)), GATE_RULE_NAMES),
            *zip(*access, strict=True),
            strict=True,
        )
    return "小区 Quarters", columns, rows


def facilities_sheet(study: StudyResult) -> Sheet:
    """One row for each facility."""
    columns = (
        CIRCLE,
        ("设施编号", "facility_id", 16),
        ("设施名称", "name", 28),
        ("类型", "kind", 30),
        ("容量", "capacity", 10),
        ("到最近街道（米）", "metres to the street", 14),
        ("在孤立路网上", "on an island", 12),
    )
    kinds = {slug: {"zh": kind.zh, "en": kind.en} for slug, kind in facility_kinds().items()}
    rows: list[Row] = []
    for result in study.circles:
        found = result.facilities
        rows += zip(
            [result.circle.id] * len(found),
            found.index,
            found["name"],
            in_words(found["kind"], kinds),
            found["capacity"],
            found["snap_m"],
            map(yes, found["on_island"]),
            strict=True,
        )
    return "设施 Facilities", columns, rows


def neighbourhoods_sheet(study: StudyResult) -> Sheet:
    """One row for each under-served neighbourhood."""
    groups = {
        f"{group}_uncovered": (words["zh"], words["en"])
        for group, words in GROUPS_OF_PEOPLE.items()
        if any(f"{group}_uncovered" in result.neighbourhoods for result in study.circles)
    }
    columns = (
        CIRCLE,
        ("按人数排名", "rank", 10),
        ("按需求排名", "rank by need", 10),
        ("按公平排名", "rank by fairness", 10),
        ("片区", "name", 28),
        ("街道", "street", 18),
        ("行政区", "unit", 18),
        ("镇街", "town", 18),
        ("镇街覆盖率%", "covered % of the town", 12),
        ("未覆盖人数", "people not covered", 14),
        *((f"未覆盖：{zh}", f"not covered: {en}", 14) for zh, en in groups.values()),
        ("步行分钟中位数", "median minutes", 12),
        ("缺什么", "what is missing", 30),
        ("附近无设施人数", "people with nobody near", 14),
        ("附近设施不计入的人数", "people near a facility that does not count", 16),
        ("附近不计入的设施", "facilities near that do not count", 24),
        ("超出时限（人·分钟）", "person-minutes beyond the limit", 16),
        ("小区数", "quarters", 10),
        ("小区编号", "block_ids", 50),
        *(column for _, column in FOUND),
    )
    rows: list[Row] = []
    for result in study.circles:
        found = result.neighbourhoods.sort_index()
        places = result.access.places
        asking = None if places is None else places.neighbourhoods.reindex(found.index)
        rows += zip(
            [result.circle.id] * len(found),
            found.index,
            *(found[name] for name in PLACE_OF_NEIGHBOURHOOD),
            found["town_percent"],
            found["people"],
            *(found.get(name, [None] * len(found)) for name in groups),
            found["minutes"],
            map(lacks, found["missing"]),
            found["people_distance"],
            found["people_type"],
            (", ".join(ids) for ids in found["other_facilities"]),
            found["need_person_minutes"],
            found["quarters"],
            (", ".join(ids) for ids in found["block_ids"]),
            *([None] * len(found) if asking is None else asking[key] for key, _ in FOUND),
            strict=True,
        )
    return "薄弱片区 Neighbourhoods", columns, rows


def lacks(missing: str) -> str:
    """What a neighbourhood lacks, in both languages."""
    return "; ".join(both(LACK_WORDS[name]) for name in missing.split(", ") if name)


def sites_sheet(summary: Mapping[str, Any]) -> Sheet:
    """One row for each proposed site, first to open first."""
    columns = (
        CIRCLE,
        ("顺序", "order", 8),
        ("站址编号", "candidate_id", 18),
        ("名称", "name", 24),
        ("类型", "kind", 16),
        ("街道", "street", 18),
        ("新增人数", "people gained", 14),
        ("经度", "longitude", 12),
        ("纬度", "latitude", 12),
    )
    rows: list[Row] = [
        (circle["id"], *(site[key] for key in SITE_KEYS))
        for circle in summary["circles"]
        if "site_study" not in circle
        for site in circle["sites"]["chosen"]
    ]
    return "建议选址 Sites", columns, rows


def left_out_sheet(summary: Mapping[str, Any]) -> Sheet:
    """One row for each candidate of the study's layers that no station may stand at."""
    columns = (
        CIRCLE,
        ("候选点编号", "candidate_id", 18),
        ("名称", "name", 28),
        ("类型", "kind", 18),
        ("原因", "why it is left out", 60),
    )
    rows: list[Row] = [
        (
            circle["id"],
            *(row[key] for key in ("candidate_id", "name", "kind")),
            both(reason_words(row["reason"], row["detail"])),
        )
        for circle in summary["circles"]
        for row in circle["sites"]["left_out"]
    ]
    return "未用候选点 Left out", columns, rows


PLAN_COLUMNS: tuple[tuple[str, str, str, int], ...] = (
    ("plan", "方案", "plan", 18),
    ("target_id", "指标编号", "target", 24),
    ("name_zh", "指标", "target in Chinese", 26),
    ("name_en", "指标（英文）", "target in English", 26),
    ("clause", "条款", "clause", 16),
    ("binding", "属性", "binding", 11),
    ("verdict", "结论", "verdict", 14),
    ("turns", "随步速相反", "turns with the speed", 12),
    ("rate", "口径", "rate", 14),
    ("value", "现状值", "value", 12),
    ("value_unit", "现状值单位", "unit of the value", 14),
    ("operator", "比较", "operator", 7),
    ("target", "目标值", "target", 12),
    ("unit", "目标值单位", "unit of the target", 14),
    ("year", "目标年", "year", 9),
    ("baseline", "基期值", "baseline", 12),
    ("base_year", "基期年", "base year", 9),
    ("gap", "缺口", "gap", 10),
    ("gap_unit", "缺口单位", "unit of the gap", 18),
    ("add_by_year", "逐年新增", "to add each year", 20),
    ("other_rate", "另一口径", "the other rate", 24),
    ("lacking", "未达到的对象", "what falls short", 24),
    ("missing_zh", "缺少的数据", "missing, in Chinese", 30),
    ("missing_en", "缺少的数据（英文）", "missing, in English", 30),
    ("assumed_zh", "本工具的假定", "assumed, in Chinese", 40),
    ("assumed_en", "本工具的假定（英文）", "assumed, in English", 40),
)
PLAN_WORDS: dict[str, dict[str, dict[str, str]]] = {
    "turns": {"yes": {"zh": "是", "en": "yes"}, "no": {"zh": "否", "en": "no"}},
    "binding": BINDING,
    "verdict": VERDICT_WORDS,
    "rate": RATE_WORDS,
    "unit": UNITS,
    "value_unit": UNITS,
}
SITE_KEYS = ("order", "candidate_id", "name", "kind", "street", "gain_people", "lon", "lat")


def units_sheet(study: StudyResult) -> Sheet:
    """One row for each administrative unit and circle."""
    columns = (
        CIRCLE,
        ("区划编号", "admin_id", 16),
        ("名称", "name", 24),
        ("级别", "level", 22),
        ("上级编号", "parent", 16),
        *PEOPLE,
    )
    rows: list[Row] = []
    for result in study.circles:
        rows += unit_rows(result)
    return "行政区 Units", columns, rows


def unit_rows(result: CircleResult) -> list[Row]:
    """The units of one circle; none where the study has none."""
    units = result.coverage.units
    if units is None:
        return []
    people = ["people", "people_covered", "people_uncovered", "people_excluded"]
    amounts = ["parent", *people]
    return list(
        zip(
            [result.circle.id] * len(units),
            units.index,
            units["name"],
            in_words(units["level"], LEVELS),
            *(units[name] for name in amounts),
            strict=True,
        )
    )


def plans_sheet(study: StudyResult) -> Sheet:
    """One row for each target of each plan."""
    rows: list[Row] = [
        [plan_cell(key, row[key]) for key, *_ in PLAN_COLUMNS] for row in flat_rows(study.plans)
    ]
    return "方案 Plans", [(zh, en, width) for _, zh, en, width in PLAN_COLUMNS], rows


def plan_cell(key: str, value: Any) -> Any:
    """A cell of the sheet of plans; what is a word of ours stands in both languages."""
    words = PLAN_WORDS.get(key, {}).get(value)
    return value if words is None else both(words)


def notes_sheet(study: StudyResult) -> Sheet:
    """Assumptions and sources, in both languages."""
    columns = (("类别", "kind", 14), ("中文", "Chinese", 60), ("英文", "English", 60))
    rows: list[Row] = [("研究 study", study.name, study.day)]
    if study.map_approval_number:
        rows.append(("审图号 map approval", study.map_approval_number, study.map_approval_number))
    rows += [("假设 assumption", entry.zh, entry.en) for entry in study.assumptions]
    rows += [("来源 source", entry.zh, entry.en) for entry in study.attributions]
    return "说明 Notes", columns, rows


def dictionary_sheet() -> Sheet:
    """What each column of the layers of ``results.gpkg`` means."""
    columns = (
        ("字段", "column", 22),
        ("中文名称", "in Chinese", 24),
        ("单位", "unit", 10),
        ("含义", "meaning in Chinese", 50),
        ("含义（英文）", "meaning in English", 50),
    )
    rows: list[Row] = [
        (column, one.name, one.unit, one.zh, one.en) for column, one in COLUMNS.items()
    ]
    return "字段说明 Dictionary", columns, rows


# --- cells


def in_words(values: Iterable[Any], words: Mapping[str, Mapping[str, str]]) -> list[Any]:
    """Words of ours in both languages; what is none of them stays as it is."""
    return [both(words[value]) if value in words else value for value in values]


def at_the_top(sheet: Any, made: Any) -> Any:
    """A cell of a row of several lines: it begins at the top, its text goes on below itself."""
    if made is None:
        return None
    placed = made if not isinstance(made, int | float) else WriteOnlyCell(sheet, made)
    placed.alignment = WRAPPED
    return placed


def cell(sheet: Any, value: Any) -> Any:
    """A number as a number, anything else as text; a missing value as an empty cell."""
    number = as_number(value)
    if number is not None:
        return number
    text = plain_text(value)[:LONGEST_TEXT]
    if not text:
        return None
    made = WriteOnlyCell(sheet, text)
    made.data_type = "s"
    # Also when somebody edits the cell later it stays text.
    made.quotePrefix = text.startswith(FORMULA_STARTS)
    return made


def as_number(value: Any) -> int | float | None:
    """Python and NumPy numbers as plain ones; None for text, missing values and NaN."""
    if isinstance(value, str) or value is None or value is not value:
        return None
    plain = value.item() if hasattr(value, "item") else value
    return plain if isinstance(plain, int | float) and not isinstance(plain, bool) else None


def header_cell(sheet: Any, text: str) -> Any:
    """A header: Chinese above, English below."""
    made = WriteOnlyCell(sheet, text)
    made.font = Font(bold=True)
    made.fill = HEADER_FILL
    made.alignment = Alignment(wrap_text=True, vertical="top")
    return made


def yes(flag: Any) -> str:
    """A flag in both languages; empty where it does not hold."""
    return "是 yes" if flag else ""


def without_clock(content: BytesIO, date: str) -> bytes:
    """The same workbook as if it had been written at the start of ``date``."""
    stamp = rf"\g<1>{date}T00:00:00Z\g<2>".encode()
    packed = BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(packed, "w") as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            part = old.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)", stamp, part)
            entry = zipfile.ZipInfo(name, OLDEST_ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, part)
    return packed.getvalue()
