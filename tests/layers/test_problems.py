"""The catalogue of messages: complete, bilingual, used, and equal to its page."""

import re
import string
from pathlib import Path

import pytest

from carecircle.layers.messages import MESSAGES, as_page
from carecircle.layers.problems import Findings, Problem, StudyError

ROOT = Path(__file__).parents[2]
ID = re.compile(
    r"[ER]-(?:STU|NET|TER|LAY|CRS|LOC|GEO|NUM|ID|TXT|POP|OUT|PLN|GAT|FAC|ADM|CHG|SCN|SITE|RUN|COM)-\d{3}"
)


def source_text():
    return {
        path: path.read_text(encoding="utf-8")
        for folder in ("layers", "isochrones", "coverage", "maps", "carecircle")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.name != "messages.py"
    }


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("id", MESSAGES)
def test_a_message_speaks_both_languages_of_the_same_things(id):
    assert ID.fullmatch(id)
    assert set(MESSAGES[id]) == {"zh", "en"}
    zh, en = MESSAGES[id]["zh"], MESSAGES[id]["en"]
    assert placeholders(zh) == placeholders(en)
    assert zh != en or zh == "{reason}"


def test_the_page_lists_the_catalogue():
    page = (ROOT / "docs" / "messages.md").read_text(encoding="utf-8")
    assert page == as_page(), (
        "write it again: python -c 'from carecircle.layers.messages import as_page; "
        'print(as_page(), end="")\' > docs/messages.md'
    )


def test_every_message_is_used():
    used = {id for text in source_text().values() for id in ID.findall(text)}
    assert sorted(set(MESSAGES) - used) == []


def test_every_id_in_the_code_has_a_message():
    unknown = {
        (path.name, id)
        for path, text in source_text().items()
        for id in ID.findall(text)
        if id not in MESSAGES
    }
    assert unknown == set()


def test_a_problem_says_where_and_what():
    problem = Problem("E-NUM-002", "a.csv", "", 3, "population", "300人")
    assert problem.text("en").startswith(
        "E-NUM-002 a.csv row 3 column \"population\" value '300人': "
    )
    assert problem.text("zh").startswith("E-NUM-002 a.csv 第 3 行 “population”列 值 '300人'：")


def test_values_are_cut_and_cannot_play_tricks():
    text = Problem("E-NUM-002", value="\x1b[2J\u202e" + "9" * 500).text()
    assert "\\u001b[2J\\u202e" in text
    assert text.count("9") < 60
    assert "\x1b" not in text


def test_findings_raise_everything_together():
    findings = Findings("a.csv", "sheet")
    findings.refuse_if_any()
    findings.add("E-NUM-003", 2, "population", "-1")
    findings.add("E-NUM-001", 5, "population")
    with pytest.raises(StudyError) as raised:
        findings.refuse_if_any()
    assert [(p.id, p.file, p.layer, p.row) for p in raised.value.problems] == [
        ("E-NUM-003", "a.csv", "sheet", 2),
        ("E-NUM-001", "a.csv", "sheet", 5),
    ]
    assert str(raised.value).count("\n") == 1


def test_what_may_be_written_is_told_to_its_end():
    known = ", ".join(f"measure-{at}" for at in range(40))
    assert known in Problem("E-PLN-004", "plan.toml", details={"known": known}).text("zh")
