"""What goes before the public gives nobody away, and says when it is too large."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from typer.testing import CliRunner

from carecircle.__main__ import app
from carecircle.maps import page_size
from carecircle.maps.leaks import CHECK, WEIGHTS
from carecircle.maps.page import DATA_BLOCK
from carecircle.publicnotes import public_notes
from carecircle.study import Study

PRIVATE_COLUMNS = ("联系人", "电话", "负责人", "身份证", "邮箱", "备注")


def seeded(count: int) -> list[str]:
    """Made-up names of persons, phones, identity numbers and addresses."""
    chance = random.Random(7)
    found = []
    for at in range(count):
        day = f"{chance.randint(1930, 2020)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
        number = f"500111{day}{chance.randint(0, 999):03}"
        total = sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=True))
        kinds = (
            f"1{chance.choice('3456789')}{chance.randint(0, 10**9 - 1):09}",
            number + CHECK[total % 11],
            f"person{at}@example.com",
            f"023-6{chance.randint(0, 10**7 - 1):07}",
            f"欧阳某某{at}",
        )
        found.append(kinds[at % len(kinds)])
    return found


def test_no_seeded_value_reaches_the_public(town: Any, tmp_path: Path) -> None:
    values = seeded(50)
    left = iter(values)
    for row in (*town.quarters, *town.stations):
        row.update({column: next(left, values[0]) for column in PRIVATE_COLUMNS})
    phones = [value for value in values if value[0] == "1" and len(value) == 11]
    town.quarters[0]["小区"] = f"小区 {phones[0]}"
    town.stations[0]["name"] = f"幸福驿站（{phones[1]}）"
    town.study += "[outputs]\nsheets = true\n"
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["run", str(town.write()), "--out", str(out), "--lang", "zh"])
    assert result.exit_code == 0, result.output
    assert "2 个名称含电话" in result.stderr
    html = (out / "map.html").read_text(encoding="utf-8")
    found = DATA_BLOCK.search(html)
    assert found is not None
    page = html + json.dumps(json.loads(found[2]), ensure_ascii=False)  # escaped and not
    sheet = pypdfium2.PdfDocument(out / "sheets" / "sheet.pdf")
    paper = "".join(one.get_textpage().get_text_range() for one in sheet)
    assert "幸福驿站（***）" in page
    assert [value for value in values if value in page or value in paper] == []


@pytest.mark.parametrize(("note", "warning", "said"), [(1, 10**9, "slowly"), (1, 2, "too much")])
def test_a_large_page_is_told_with_what_to_leave_out(
    town: Any, tmp_path: Path, monkeypatch: Any, note: int, warning: int, said: str
) -> None:
    monkeypatch.setattr(page_size, "NOTE_BYTES", note)
    monkeypatch.setattr(page_size, "WARNING_BYTES", warning)
    monkeypatch.setattr("carecircle.publicnotes.NOTE_BYTES", note)
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["run", str(town.write()), "--out", str(out), "--lang", "en"])
    assert said in result.stderr
    assert "streets" in result.stderr
    study = Study.from_file(town.write()).run()
    [words] = public_notes(study, out / "map.html", "zh")
    assert "MB" in words
    assert ("警告" in words) is (said == "too much")


def test_a_small_page_is_passed_over(town: Any, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["run", str(town.write()), "--out", str(tmp_path / "out"), "--lang", "en"]
    )
    assert "MB" not in result.stderr
