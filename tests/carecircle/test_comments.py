"""Comments of residents, merged: the bad put aside, the repeated one, the same in any order."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from carecircle.__main__ import app
from carecircle.comments import KINDS, REASONS, Comment, comment_of, gather, merge
from carecircle.layers.problems import StudyError

HOSTILE = ["=1+1", "@SUM(A1)", "<script>x</script>", "{{ 7*7 }}", "a\x00b", "\u202egnp.exe", "+1"]


def said(id: str = "a1", **told: Any) -> dict[str, Any]:
    return {"id": id, "lon": 107.9, "lat": 30.15, "kind": "other", "text": "台阶太多", **told}


def file(folder: Path, name: str, *comments: Any, **told: Any) -> Path:
    content = {
        "program": "carecircle",
        "kind": "comments",
        "version": 1,
        "study": {"name": "云岭区", "data": "0" * 64},
        "comments": list(comments),
    }
    path = folder / name
    path.write_text(json.dumps({**content, **told}, ensure_ascii=False), encoding="utf-8")
    return path


def call(*arguments: object) -> Result:
    words = [str(one) for one in arguments]
    return CliRunner(env={"SOURCE_DATE_EPOCH": "1767225600"}).invoke(
        app, ["comments", "import", *words]
    )


def test_comments_of_many_files_become_a_table_and_a_layer(tmp_path: Path) -> None:
    files = [
        file(tmp_path, f"{at}.json", said(f"id{at}", lon=107.9 + at / 1000, text=f"第{at}条"))
        for at in range(300)
    ]
    result = call(*files, "--out", tmp_path / "out", "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "300 comments from 300 files (0 repeated, 0 put aside" in result.stdout
    layer = gpd.read_file(tmp_path / "out" / "comments.gpkg")
    assert len(layer) == 300
    assert layer.crs.to_epsg() == 4326
    assert sorted(layer["text"]) == sorted(f"第{at}条" for at in range(300))
    book = openpyxl.load_workbook(tmp_path / "out" / "comments.xlsx")
    assert book["意见 Comments"].max_row == 301
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("comments.csv", "comments.gpkg", "comments.json", "comments.xlsx"),
    ]


FILE_FAULTS: dict[str, dict[str, Any]] = {
    "foreign": {"program": "other"},
    "version": {"version": 2},
    "other_study": {"study": {"name": "别处", "data": "1" * 64}},
}
COMMENT_FAULTS: dict[str, Any] = {
    "keys": {**said(), "phone": "139"},
    "place": said(lon=float("inf")),
    "kind": said(kind="praise"),
    "text": said(text=" \n\t"),
    "id": said(id=""),
}


@pytest.mark.parametrize("reason", FILE_FAULTS)
def test_a_bad_file_is_put_aside_and_kills_nothing(tmp_path: Path, reason: str) -> None:
    good = [file(tmp_path, f"{at}.json", said(f"g{at}", lat=30 + at)) for at in range(2)]
    bad = file(tmp_path, "bad.json", said("b"), **FILE_FAULTS[reason])
    found = gather([*good, bad])
    assert len(found.comments) == 2
    assert [(one.file, one.number, one.reason) for one in found.aside] == [("bad.json", 0, reason)]


@pytest.mark.parametrize("reason", COMMENT_FAULTS)
def test_a_bad_comment_is_put_aside_with_its_number(tmp_path: Path, reason: str) -> None:
    path = file(tmp_path, "some.json", said(), COMMENT_FAULTS[reason], said("a2", lat=31))
    found = gather([path])
    assert len(found.comments) == 2
    assert [(one.file, one.number, one.reason) for one in found.aside] == [("some.json", 2, reason)]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        *((value, "place") for value in (181, -181, None, True, "107.9", [1], float("nan"))),
    ],
)
def test_only_places_on_earth_are_taken(value: Any, reason: str, tmp_path: Path) -> None:
    path = file(tmp_path, "x.json", said(), said("b", lon=value))
    assert [one.reason for one in gather([path]).aside] == [reason]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"[" * 100_000, b"{}", b"null", b"5"])
def test_files_that_are_no_comments_are_put_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.json").write_bytes(content)
    found = gather([tmp_path / "bad.json", file(tmp_path, "good.json", said())])
    [aside] = found.aside
    assert aside.reason in ("unreadable", "foreign")
    assert len(found.comments) == 1


def test_large_files_and_too_many_comments_are_put_aside(tmp_path: Path) -> None:
    many = file(tmp_path, "many.json", *(said(f"i{at}", text="x") for at in range(1001)))
    (tmp_path / "large.json").write_bytes(b" " * 1_000_001)
    found = gather([many, tmp_path / "large.json", file(tmp_path, "good.json", said())])
    assert {one.file: one.reason for one in found.aside} == {
        "large.json": "too_large",
        "many.json": "too_many",
    }


def test_nothing_that_can_be_taken_is_told_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{}")
    result = call(tmp_path / "bad.json", tmp_path / "absent.json", "--out", tmp_path / "out")
    assert result.exit_code == 3
    assert "E-COM-001" in result.stderr
    assert not (tmp_path / "out").exists()
    with pytest.raises(StudyError, match="2 files"):
        gather([tmp_path / "bad.json", tmp_path / "absent.json"])


def test_repeated_comments_are_one_and_numbers_of_persons_masked(tmp_path: Path) -> None:
    one = file(tmp_path, "a.json", said("a"), said("b"), said("c", text="找王某 13900001234"))
    two = file(tmp_path, "b.json", said("a"), said("d", text="台阶\n太多"))
    found = gather([one, two])
    assert [(c.text, c.times, c.was_masked) for c in found.comments] == [
        ("台阶 太多", 1, False),
        ("台阶太多", 2, False),
        ("找王某 ***", 1, True),
    ]
    assert found.repeated == 2  # the file sent twice, and the same words by another


def test_hostile_texts_are_text_in_every_file(tmp_path: Path) -> None:
    comments = [said(f"h{at}", lat=30 + at / 10, text=text) for at, text in enumerate(HOSTILE)]
    result = call(file(tmp_path, "h.json", *comments), "--out", tmp_path / "out", "--lang", "zh")
    assert result.exit_code == 0, result.output
    sheet = openpyxl.load_workbook(tmp_path / "out" / "comments.xlsx")["意见 Comments"]
    cells = [row[2] for row in sheet.iter_rows(min_row=2)]
    assert all(cell.data_type == "s" for cell in cells)
    assert [cell.value for cell in cells] == [text.replace("\x00", "") for text in HOSTILE]
    csv = (tmp_path / "out" / "comments.csv").read_text(encoding="utf-8-sig")
    assert ",'=1+1," in csv
    assert ",'@SUM(A1)," in csv


def test_the_order_of_files_does_not_matter(tmp_path: Path) -> None:
    chance = random.Random(3)
    files = [
        file(
            tmp_path,
            f"{at}.json",
            *(said(f"{at}-{n}", lat=chance.uniform(29, 31)) for n in range(5)),
        )
        for at in range(20)
    ]
    outs = []
    for number in range(2):
        chance.shuffle(files)
        out = tmp_path / f"out{number}"
        assert call(*files, "--out", out).exit_code == 0
        outs.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert outs[0] == outs[1]


COMMENTS = st.builds(
    Comment,
    st.sampled_from([30.1, 30.2]),
    st.just(107.9),
    st.sampled_from(sorted(KINDS)),
    st.sampled_from(["一", "二"]),
    st.sampled_from("abcdef"),
)


@given(st.lists(COMMENTS), st.randoms())
def test_merging_loses_nothing_and_says_nothing_twice(taken: list[Comment], chance: Any) -> None:
    found = merge(taken)
    assert sum(one.times for one in found) == len({one.id for one in taken})
    keys = [(one.lat, one.lon, one.kind, one.text) for one in found]
    assert len(set(keys)) == len(keys)
    assert list(found) == sorted(found)
    chance.shuffle(taken)
    assert merge(taken) == found


def test_every_reason_has_words() -> None:
    assert all(words["zh"] and words["en"] for words in REASONS.values())
    assert comment_of(said()).text == "台阶太多"
