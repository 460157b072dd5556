"""The list of rows that were left out: readable in Excel, harmless there."""

import csv
import io

from carecircle.maps.rejected import rejected_csv

RECORD = {
    "id": "R-LAY-007",
    "file": "居民.csv",
    "layer": "",
    "row": 3,
    "column": "人口",
    "value": "约800",
    "fault": "E-NUM-002",
    "people": 0.0,
    "what": {"zh": "不是数字", "en": "not a number"},
}


def rows(*records):
    text = rejected_csv(records)
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def test_one_line_for_each_fault_and_no_other_record():
    other = {"id": "R-NUM-001", "file": "a.csv", "row": 1, "what": {"zh": "一", "en": "one"}}
    header, *lines = rows(other, RECORD)
    assert header == ["file", "layer", "row", "column", "value", "id", "message_zh", "message_en"]
    assert lines == [
        ["居民.csv", "", "3", "人口", "约800", "E-NUM-002", "不是数字", "not a number"]
    ]


def test_no_cell_acts_as_a_formula():
    values = ["=cmd|'/c calc'!A1", "@SUM(1)", "+1+1", "-2+3", "\t=1", "-5", "+7", "a=b", None]
    written = [line[4] for line in rows(*({**RECORD, "value": v} for v in values))[1:]]
    assert written == [
        "'=cmd|'/c calc'!A1", "'@SUM(1)", "'+1+1", "'-2+3", "' =1", "-5", "+7", "a=b", ""
    ]  # fmt: skip
