"""The workbook: texts stay texts, figures are those of the summary, bytes are stable."""

import zipfile
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from carecircle.maps.workbook import lines_of, row_counts, sheets, write_workbook


def written(path, town):
    write_workbook(path, town.study, town.summary)
    book = load_workbook(path)
    return {sheet.title: [list(row) for row in sheet.iter_rows()] for sheet in book.worksheets}


def test_no_text_becomes_a_formula(tmp_path, make_town, hostile_names):
    names = [*hostile_names, "=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", '=HYPERLINK("http://x")']
    town = make_town(names, "=cmd|' /C calc'!A0")
    tables = written(tmp_path / "t.xlsx", town)
    cells = [cell for rows in tables.values() for row in rows for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert "=1+1" in [cell.value for cell in cells]
    starts = [cell for cell in cells if isinstance(cell.value, str) and cell.value[:1] in "=+-@"]
    assert starts
    assert all(cell.quotePrefix for cell in starts)
    with zipfile.ZipFile(tmp_path / "t.xlsx") as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())


def test_control_characters_are_left_out(tmp_path, hostile):
    names = [row[2].value for row in written(tmp_path / "t.xlsx", hostile)["小区 Quarters"]]
    assert "ab" in names  # was a\x00b
    assert "a b c" in names  # was a\nb\u2028c


def test_every_sheet_has_a_bilingual_header_that_stays_in_view(tmp_path, friendly):
    write_workbook(tmp_path / "t.xlsx", friendly.study, friendly.summary)
    book = load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == [
        "结论 Summary",
        "小区 Quarters",
        "设施 Facilities",
        "薄弱片区 Neighbourhoods",
        "建议选址 Sites",
        "行政区 Units",
        "可达性 Access",
        "曲线 Curve",
        "人群 Groups",
        "行政区可达 Unit access",
        "名额 Places",
        "名额不足 Shortages",
        "最远小区 Worst served",
        "说明 Notes",
        "字段说明 Dictionary",
    ]
    for sheet in book.worksheets:
        assert sheet.freeze_panes == "A2"
        assert all("\n" in cell.value and cell.alignment.wrap_text for cell in sheet[1])
        assert all(sheet.column_dimensions[cell.column_letter].width >= 8 for cell in sheet[1])


def test_states_are_words_in_both_languages(tmp_path, friendly):
    write_workbook(tmp_path / "tables.xlsx", friendly.study, friendly.summary)
    book = load_workbook(tmp_path / "tables.xlsx")
    header, *rows = book["小区 Quarters"].values
    told = {row[header.index("状态\nstatus")] for row in rows}
    assert told == {
        "已覆盖 covered",
        "未覆盖 not covered",
        "附近无可走街道 no street to walk on near",
        "无该人群 nobody of the group",
    }
    figures = {row[1]: row[2] for row in book["结论 Summary"].values}
    assert figures["求解状态 / solver status"] == "已证明最优 proven optimal"
    header, *rows = book["行政区 Units"].values
    assert {row[header.index("级别\nlevel")] for row in rows} == {"镇街 town"}


def test_kinds_are_words_and_unknown_ones_as_written(tmp_path, friendly):
    result = friendly.study.circles[0]
    kinds = ["day-care-centre", *result.facilities["kind"][1:]]
    known = replace(result, facilities=result.facilities.assign(kind=kinds))
    study = replace(friendly.study, circles=(known, *friendly.study.circles[1:]))
    write_workbook(tmp_path / "tables.xlsx", study, friendly.summary)
    header, *rows = load_workbook(tmp_path / "tables.xlsx")["设施 Facilities"].values
    told = [row[header.index("类型\nkind")] for row in rows]
    assert told[:2] == ["日间照料中心 Elderly day-care centre", kinds[1]]


def test_a_long_text_has_room_below_itself():
    assert lines_of("四" * 10, 24) == 1
    assert lines_of("四" * 24, 25) == 2
    assert lines_of("four " * 10, 26) == 2
    assert lines_of(12345678901234567890, 8) == 1


def test_every_sheet_prints_across_one_page_with_its_header_on_each(tmp_path, friendly):
    write_workbook(tmp_path / "tables.xlsx", friendly.study, friendly.summary)
    for sheet in load_workbook(tmp_path / "tables.xlsx"):
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == "$1:$1"


def test_the_figures_are_those_of_the_summary(tmp_path, friendly):
    rows = written(tmp_path / "t.xlsx", friendly)["结论 Summary"][1:]
    found = {(row[0].value, row[1].value): row[2].value for row in rows}
    for circle in friendly.summary["circles"]:
        for key, label in (("people", "居民 / residents"), ("quarters", "小区 / quarters")):
            ledger = circle[key]
            assert found[circle["id"], f"{label}: 总数 / all"] == ledger["input"]
            assert found[circle["id"], f"{label}: 已覆盖 / covered"] == ledger["covered"]
            assert found[circle["id"], f"{label}: 覆盖率% / covered %"] == ledger["percent"]
        gained = found[circle["id"], "建站新增人数 / people gained"]
        assert gained == circle["sites"]["people_gained"]


def test_the_sheets_of_access_hold_the_figures_of_the_summary(tmp_path, friendly):
    tables = written(tmp_path / "t.xlsx", friendly)
    tables = {
        title: [[cell.value for cell in row] for row in rows] for title, rows in tables.items()
    }
    elderly, childcare = (circle["access"] for circle in friendly.summary["circles"])
    found = {row[1]: row[2] for row in tables["可达性 Access"][1:] if row[0] == "elderly"}
    assert (
        found["15 分钟内 / within 15 minutes: 人数 / people"]
        == elderly["within"][2]["people"]["covered"]
    )
    assert (
        found["至少 2 个设施 / at least 2 facilities: 人数 / people"]
        == elderly["backup"][1]["people"]
    )
    assert found["名额评价 / places"] == "部分评价 partly"
    assert found["容量未知的设施 / facilities of unknown capacity"] == "f2"
    assert found["得到名额 / have a place"] == elderly["places"]["placed"] == 40
    assert (
        found["达标概率 / probability that the target is met"]
        == elderly["doubt"]["met_probability"]
    )
    said = [row[3] for row in tables["可达性 Access"] if row[1] == "假设 / assumption"]
    for one in (*elderly["assumptions"], *childcare["assumptions"]):
        assert one["zh"] in said
        assert one["en"] in said
    curve = [row[1:] for row in tables["曲线 Curve"][1:] if row[0] == "elderly"]
    assert [row[1] for row in curve] == elderly["curve"]["nearest"]
    groups = [row for row in tables["人群 Groups"][1:] if row[0] == "elderly"]
    at_15 = [row for row in groups if row[5] == 15 and row[4] == "60岁及以上 / aged 60 and over"]
    whole, *parts = at_15
    assert len(parts) == 3  # two units and those in none
    for column in range(6, 10):
        assert sum(row[column] for row in parts) == whole[column]
    quarters = {row[1]: row for row in tables["小区 Quarters"][1:] if row[0] == "elderly"}
    for one in elderly["quarters"]:
        row = dict(zip(tables["小区 Quarters"][0], quarters[one["block_id"]], strict=True))
        assert row["时限内人口%\npeople within %"] == one["percent_within"]
        assert row["覆盖概率\nprobability covered"] == one.get("probability")
        assert row["得到名额\nhave a place"] == one["placed"]
        per_1000 = row["每千人名额，两步移动搜寻法（2SFCA）\nplaces per 1,000, 2SFCA"]
        assert per_1000 == one["per_1000_2sfca"]
    places = {row[1]: row for row in tables["名额 Places"][1:]}
    assert places["f1"][4:7] == [40, 40, 0]
    assert places["f2"][4:] == [None] * 6
    (short,) = [row for row in tables["名额不足 Shortages"][1:] if row[0] == "elderly"]
    assert short[6] == elderly["places"]["shortages"][0]["missing_places"]


def test_no_minutes_are_an_empty_cell(tmp_path, friendly):
    rows = written(tmp_path / "t.xlsx", friendly)["小区 Quarters"][1:]
    assert {row[7].value for row in rows if row[0].value == "childcare"} == {None}


def test_rows_are_counted_by_reading(tmp_path, friendly):
    write_workbook(tmp_path / "t.xlsx", friendly.study, friendly.summary)
    expected = {title: len(rows) for title, _, rows in sheets(friendly.study, friendly.summary)}
    assert row_counts(tmp_path / "t.xlsx") == expected
    assert expected["小区 Quarters"] == 60


@pytest.mark.parametrize("date", ["2024-06-01", "2031-12-31"])
def test_the_only_time_in_the_file_is_the_date_of_the_study(tmp_path, friendly, date):
    from dataclasses import replace

    write_workbook(tmp_path / "t.xlsx", replace(friendly.study, date=date), friendly.summary)
    properties = load_workbook(tmp_path / "t.xlsx").properties
    assert properties.created.date().isoformat() == date
    assert properties.modified.date().isoformat() == date
    with zipfile.ZipFile(tmp_path / "t.xlsx") as parts:
        assert {part.date_time[0] for part in parts.infolist()} == {1980}
