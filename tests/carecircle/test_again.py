"""Outputs of a finished run are made again without computing, equal to the byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from typer.testing import CliRunner, Result

from carecircle.__main__ import app
from carecircle.finished import finished_run, make_again, manifest_of
from carecircle.layers.problems import StudyError
from carecircle.maps.outputs import OUTPUTS
from carecircle.study import Study

SITING = """
[siting]
count = [1, 2]
frontier = true
ties = 5
[siting.ways]
[siting.robust]
people_percent = [90]
lost_station = true
[siting.phases]
years = [{ year = 2026, count = 1 }, { year = 2028, count = 1 }]
[access]
walkers = ["adult"]
"""


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def results(town: Any, tmp_path: Path) -> Path:
    out = tmp_path / "out"
    result = call("run", town.write(), "--out", out, "--lang", "en")
    assert result.exit_code == 0, result.output
    return out


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def no_computing(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: Any, **__: Any) -> None:
        raise AssertionError("the study was computed again")

    monkeypatch.setattr(Study, "run", run)
    monkeypatch.setattr(Study, "read", run)


@pytest.mark.usefixtures("no_computing")
def test_every_output_made_again_is_the_same(results: Path) -> None:
    before = bytes_of(results)
    for output in OUTPUTS:
        if output.name not in before:
            continue
        make_again(results, [output.name], "en")
        assert bytes_of(results) == before, output.name


def test_every_output_of_a_study_of_sites_is_the_same(town: Any, tmp_path: Path) -> None:
    town.study += SITING
    out = tmp_path / "out"
    result = call("site", town.write(), "--out", out, "--lang", "zh")
    assert result.exit_code == 0, result.output
    before = bytes_of(out)
    make_again(out, [output.name for output in OUTPUTS if output.name in before], "zh")
    assert bytes_of(out) == before


@pytest.mark.usefixtures("no_computing")
def test_the_map_in_the_other_language_and_nothing_else(results: Path) -> None:
    before = bytes_of(results)
    result = call("map", results, "--lang", "zh")
    assert result.exit_code == 0, result.output
    assert result.stdout.strip() == str(results / "map.html")
    after = bytes_of(results)
    assert {name for name in after if after[name] != before[name]} == {"map.html", "manifest.json"}
    assert b'lang="zh' in after["map.html"]
    assert b'lang="en' in before["map.html"]


def test_what_stands_beside_is_kept_and_the_manifest_tells_of_all(results: Path) -> None:
    (results / "notes.docx").write_bytes(b"my own")
    (results / "tables.xlsx").write_bytes(b"with my remarks")
    make_again(results, ["map.html"], "zh")
    assert (results / "notes.docx").read_bytes() == b"my own"
    assert (results / "tables.xlsx").read_bytes() == b"with my remarks"
    told = manifest_of(results)
    sizes = {one["file"]: one["bytes"] for one in told["outputs"]}
    assert sizes["tables.xlsx"] == len(b"with my remarks")
    assert set(sizes) == set(bytes_of(results)) - {"notes.docx", "manifest.json"}


def test_the_run_taken_up_is_the_one_that_was_kept(town: Any, tmp_path: Path) -> None:
    study = Study.from_file(town.write())
    ran = study.run()
    call("run", town.write(), "--out", tmp_path / "out")
    kept = finished_run(tmp_path / "out", manifest_of(tmp_path / "out"), "zh").study
    assert kept.circles[0].coverage.people == ran.circles[0].coverage.people
    assert kept.circles[0].circle == ran.circles[0].circle
    assert kept.assumptions == ran.assumptions


def test_sheets_on_request(results: Path) -> None:
    before = bytes_of(results)
    result = call("map", results, "--lang", "en", "--sheets")
    assert result.exit_code == 0, result.output
    assert {path.name for path in (results / "sheets").iterdir()} == {"elderly.png", "sheet.pdf"}
    told = [one["file"] for one in manifest_of(results)["outputs"]]
    assert {"sheets/elderly.png", "sheets/sheet.pdf"} <= set(told)
    make_again(results, ["map.html"], "en")  # sheets stay, with their folder
    assert (results / "sheets" / "sheet.pdf").exists()
    assert [one["file"] for one in manifest_of(results)["outputs"]] == told
    assert {p.name for p in results.iterdir()} == {*before, "sheets"}


def test_a_run_writes_the_sheets_its_study_asks_for(town: Any, tmp_path: Path) -> None:
    town.study += "[outputs]\nsheets = true\n"
    result = call("run", town.write(), "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "out" / "sheets" / "elderly.png").exists()


def test_the_report_in_a_template_of_ones_own(results: Path, tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph("{{ study.name }}")
    document.save(str(tmp_path / "own.docx"))
    result = call("report", results, "--template", tmp_path / "own.docx", "--lang", "zh")
    assert result.exit_code == 0, result.output
    assert Document(str(results / "report.docx")).paragraphs[0].text == "Grid town"
    assert (results / "report.html").exists()
    (tmp_path / "own.docx").write_bytes(b"nothing")
    before = bytes_of(results)
    result = call("report", results, "--template", tmp_path / "own.docx", "--lang", "zh")
    assert result.exit_code == 3
    assert "E-OUT-012" in result.stderr
    assert bytes_of(results) == before


def test_other_formats_on_request(results: Path) -> None:
    result = call("export", results, "-f", "csv", "-f", "geoparquet", "--format", "shapefile")
    assert result.exit_code == 0, result.output
    for name, file in (("csv", "小区_Quarters.csv"), ("geoparquet", "quarters.parquet")):
        assert (results / name / file).exists()
    assert (results / "shapefile" / "quarters.shp").exists()
    told = {one["file"] for one in manifest_of(results)["outputs"]}
    assert "shapefile/columns.csv" in told
    assert call("export", results, "-f", "dwg").exit_code == 2


def test_publishing_needs_the_approval_number(town: Any, tmp_path: Path) -> None:
    town.study += "[outputs]\npublish = true\n"
    result = call("run", town.write(), "--out", tmp_path / "out", "--lang", "zh")
    assert result.exit_code == 3
    assert "审图号" in result.stderr
    assert not (tmp_path / "out").exists()
    town.study = town.study.replace("[study]", '[study]\nmap_approval_number = "渝S(2026)1号"')
    result = call("run", town.write(), "--out", tmp_path / "out", "--lang", "zh")
    assert result.exit_code == 0, result.output
    study = json.loads((tmp_path / "out" / "summary.json").read_bytes())["study"]
    assert study["published"]


# --- no results to show


def refused(folder: Path) -> str:
    before = bytes_of(folder) if folder.exists() else None
    result = call("map", folder, "--lang", "en")
    assert result.exit_code == 3, result.output
    assert (bytes_of(folder) if folder.exists() else None) == before
    with pytest.raises(StudyError) as error:
        make_again(folder, ["map.html"], "en")
    [problem] = error.value.problems
    assert str(folder) in problem.text("zh")
    return problem.id


def test_a_folder_without_results_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert refused(tmp_path / "empty") == "E-RUN-001"
    assert refused(tmp_path / "absent") == "E-RUN-001"


@pytest.mark.parametrize("content", [b"", b"[]", b'{"program": "other", "outputs": []}', b"{}"])
def test_a_manifest_that_is_not_ours_is_told(results: Path, content: bytes) -> None:
    (results / "manifest.json").write_bytes(content)
    assert refused(results) == "E-RUN-001"


def test_results_of_a_version_that_kept_no_run_are_told(results: Path) -> None:
    (results / "run.store").unlink()
    assert refused(results) == "E-RUN-001"


def test_a_store_of_another_run_is_told(results: Path, town: Any, tmp_path: Path) -> None:
    town.quarters[0]["old"] = 77
    call("run", town.write(), "--out", tmp_path / "other")
    (results / "run.store").write_bytes((tmp_path / "other" / "run.store").read_bytes())
    assert refused(results) == "E-RUN-003"


def test_figures_changed_by_hand_are_told(results: Path) -> None:
    summary = json.loads((results / "summary.json").read_bytes())
    summary["circles"][0]["people"]["covered"] += 1
    (results / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    assert refused(results) == "E-RUN-003"


def test_results_of_another_version_are_told(results: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("carecircle.__version__", "99.0")
    assert refused(results) == "E-RUN-002"
