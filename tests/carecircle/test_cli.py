"""The command line as a user meets it: what it prints where, and how it ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from carecircle.__main__ import app
from carecircle.layers.messages import MESSAGES

ROOT = Path(__file__).parents[2]


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_run_ends_with_a_line_per_circle_and_the_map(town: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = call("run", town.write(), "--out", out, "--lang", "en")
    assert result.exit_code == 0, result.output
    lines = result.stdout.strip().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("5-minute elderly-care circle: ")
    assert lines[1] == str(out / "map.html")
    assert sorted(path.name for path in out.iterdir()) == [
        "manifest.json",
        "map.html",
        "results.gpkg",
        "run.store",
        "summary.json",
        "tables.xlsx",
    ]


def test_json_on_stdout_is_the_summary_that_was_written(town: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = call("run", town.write(), "--out", out, "--json", "--quiet")
    assert json.loads(result.stdout) == json.loads((out / "summary.json").read_text("utf-8"))
    assert result.stderr == ""


def test_progress_goes_to_stderr_in_the_language_asked_for(town: Any, tmp_path: Path) -> None:
    result = call("run", town.write(), "--out", tmp_path / "out", "--lang", "zh")
    assert "读取路网" in result.stderr
    assert "5分钟养老服务圈" in result.stdout
    assert "养老服务圈：" not in result.stderr


def test_check_reports_and_writes_nothing(town: Any) -> None:
    study = town.write()
    before = sorted(study.parent.iterdir())
    result = call("check", study, "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["people"] == {"population": 900, "age_60_plus": 180}
    assert report["facilities"] == {"elderly": 1}
    assert sorted(study.parent.iterdir()) == before
    said = call("check", study, "--lang", "en").stdout
    assert "900" in said


def test_targets_decide_the_exit_code_only_when_asked(town: Any, tmp_path: Path) -> None:
    study = town.write()
    assert call("run", study, "--out", tmp_path / "a").exit_code == 0
    assert call("run", study, "--out", tmp_path / "b", "--require-targets").exit_code == 5
    assert call("run", study, "--out", tmp_path / "c", "--require-proof").exit_code == 0


def test_init_writes_a_file_that_is_never_replaced(tmp_path: Path) -> None:
    study = tmp_path / "study.toml"
    assert call("init", "--out", study).exit_code == 0
    study.write_text("mine")
    again = call("init", "--out", study)
    assert again.exit_code == 3
    assert "E-STU-008" in again.stderr
    assert study.read_text() == "mine"


def test_wrong_usage_ends_with_2() -> None:
    assert call("run").exit_code == 2
    assert call("run", "study.toml", "--out", "x", "--lang", "fr").exit_code == 2


def spoil(key: str, value: Any, row: int = 4) -> Callable[[Any], None]:
    """Set one cell of the quarters; row counts as in the file, its header being row 1."""

    def apply(town: Any) -> None:
        town.quarters[row - 2][key] = value

    return apply


def swap_coordinates(town: Any) -> None:
    for row in town.quarters:
        row["lng"], row["lat"] = row["lat"], row["lng"]


def degrees_as_metres(town: Any) -> None:
    head, tail = town.study.split("[[facilities]]")
    town.study = head.replace("EPSG:4326", "EPSG:4545") + "[[facilities]]" + tail


def no_crs(town: Any) -> None:
    town.study = town.study.replace('crs = "EPSG:4326"', "", 1)


def no_population_column(town: Any) -> None:
    for row in town.quarters:
        del row["people"]


def same_id_twice(town: Any) -> None:
    town.quarters[5]["code"] = town.quarters[1]["code"]


def facility_elsewhere(town: Any) -> None:
    town.stations[0]["lng"] = 121.47


def facility_off_the_streets(town: Any) -> None:
    town.stations[0]["lng"] -= 0.0045  # about 435 m west of the westernmost street


def no_stations(town: Any) -> None:
    town.stations = []


def no_quarters(town: Any) -> None:
    town.quarters = []


def streets_without_ways(town: Any) -> None:
    path = town.folder / "streets.osm"
    path.write_text(re.sub(r"<way.*</way>", "", path.read_text()))


def streets_cut_short(town: Any) -> None:
    path = town.folder / "streets.osm"
    path.write_bytes(path.read_bytes()[:-40])


def pbf_cut_short(town: Any) -> None:
    (town.folder / "streets.osm.pbf").write_bytes(b"\x00\x00\x00\x0e\n\tOSMHeader\x18\x7c\x10")
    town.study = town.study.replace("streets.osm", "streets.osm.pbf")


def unknown_key(town: Any) -> None:
    town.study = town.study.replace("[sites]", "[sites]\nspacing = 50")


def file_not_there(town: Any) -> None:
    town.study = town.study.replace("stations.csv", "statoins.csv")


# what is spoilt, the message it ends with, and the row, column and value that message names
FAULTS = [
    (no_crs, "E-CRS-001", None, None, None),
    (swap_coordinates, "E-LOC-002", None, "lng, lat", None),
    (degrees_as_metres, "E-CRS-004", None, None, None),
    (no_population_column, "E-LAY-011", None, "people", None),
    (spoil("people", ""), "E-NUM-001", 4, "people", None),
    (spoil("people", -5), "E-NUM-003", 4, "people", "-5"),
    (spoil("people", "约800"), "E-NUM-002", 4, "people", "约800"),
    (same_id_twice, "E-ID-002", 7, "code", "q01"),
    (facility_elsewhere, "E-LOC-001", 2, "lng, lat", "121.47, 29.56"),
    (facility_off_the_streets, "E-NET-007", 2, None, "s1 幸福驿站"),
    (no_stations, "E-LAY-003", None, None, None),
    (no_quarters, "E-LAY-003", None, None, None),
    (streets_without_ways, "E-NET-001", None, None, None),
    (streets_cut_short, "E-NET-002", None, None, None),
    (pbf_cut_short, "E-NET-002", None, None, None),
    (unknown_key, "E-STU-002", None, "sites.spacing", None),
    (file_not_there, "E-STU-004", None, None, None),
]


@pytest.mark.parametrize(
    ("fault", "id", "row", "column", "value"),
    FAULTS,
    ids=[f"{f[1]}-{k}" for k, f in enumerate(FAULTS)],
)
@pytest.mark.parametrize("command", ["run", "check"])
def test_bad_input_ends_in_one_clear_message(
    town: Any, tmp_path: Path, command: str, fault: Any, id: str, row: Any, column: Any, value: Any
) -> None:
    fault(town)
    study = town.write()
    out = tmp_path / "out"
    where = ("--out", out) if command == "run" else ()
    for lang, row_word in (("en", f"row {row} "), ("zh", f"第 {row} 行")):
        result = call(command, study, *where, "--lang", lang, "--quiet")
        assert result.exit_code == 3, result.output
        lines = [line for line in result.stderr.splitlines() if line.startswith(id)]
        assert lines, result.stderr
        assert row is None or row_word in lines[0]
        assert column is None or column in lines[0]
        assert value is None or f"'{value}'" in lines[0]
        sentence = MESSAGES[id][lang].split("{")[0]
        assert sentence in lines[0]
        assert "Traceback" not in result.output
        assert result.stdout == ""
    assert not out.exists()


def test_every_mistake_is_listed_at_once(town: Any, tmp_path: Path) -> None:
    spoil("people", "约800", row=3)(town)
    spoil("old", -1, row=6)(town)
    same_id_twice(town)
    stderr = call("run", town.write(), "--out", tmp_path / "out", "--lang", "en").stderr
    assert [i in stderr for i in ("E-NUM-002", "E-NUM-003", "E-ID-002")] == [True] * 3


def test_the_faults_of_every_layer_are_listed_at_once(town: Any) -> None:
    spoil("people", "约800", row=3)(town)
    facility_elsewhere(town)
    stderr = call("check", town.write(), "--lang", "en").stderr
    assert [i in stderr for i in ("E-NUM-002", "E-LOC-001")] == [True, True]


@pytest.mark.parametrize("encoding", ["gbk", "cp1252", "ascii"])
def test_a_terminal_that_knows_few_letters_still_gets_whole_json(
    town: Any, tmp_path: Path, encoding: str
) -> None:
    study = town.write()
    arguments = ("run", str(study), "--out", str(tmp_path / "out"), "--json", "--quiet")
    said = fresh(*arguments, PYTHONIOENCODING=encoding).stdout
    assert json.loads(said) == json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    lines = fresh(*arguments[:-2], "--lang", "zh", PYTHONIOENCODING=encoding).stdout
    assert str(tmp_path / "out" / "map.html") in lines


def test_an_interrupted_run_says_so(town: Any, tmp_path: Path, monkeypatch) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("carecircle.study.study_circle", stop)
    result = call("run", town.write(), "--out", tmp_path / "out", "--lang", "en", "--quiet")
    assert result.exit_code == 130
    assert "interrupted" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("out", ["/", "."])
def test_results_need_a_folder_of_their_own(town: Any, out: str) -> None:
    result = call("run", town.write(), "--out", out, "--lang", "en", "--quiet")
    assert result.exit_code == 3
    assert result.stderr.startswith("E-OUT-001")


def test_what_qgis_leaves_beside_a_geopackage_is_no_foreign_file(town: Any, tmp_path: Path) -> None:
    study, out = town.write(), tmp_path / "out"
    assert call("run", study, "--out", out).exit_code == 0
    (out / "results.gpkg-wal").write_bytes(b"")
    assert call("run", study, "--out", out).exit_code == 0


def test_an_output_folder_that_cannot_be_written_is_said_first(town: Any, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    result = call("run", town.write(), "--out", blocked / "out", "--lang", "en")
    assert result.exit_code == 3
    assert result.stderr.startswith("E-OUT-001")
    assert "reading" not in result.stderr  # nothing was computed before it was said


def test_other_peoples_files_are_not_replaced(town: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.docx").write_text("years of work")
    result = call("run", town.write(), "--out", out)
    assert result.exit_code == 3
    assert "E-OUT-002" in result.stderr
    assert (out / "thesis.docx").read_text() == "years of work"


def test_an_unexpected_error_is_one_line_without_debug(
    town: Any, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("carecircle.study.study_circle", lambda *_, **__: 1 / 0)
    result = call("run", town.write(), "--out", tmp_path / "out", "--lang", "en", "--quiet")
    assert result.exit_code == 1
    assert "ZeroDivisionError" in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()


def fresh(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "carecircle", *arguments],
        cwd=ROOT,
        capture_output=True,
        encoding=env.get("PYTHONIOENCODING", "utf-8"),
        env={**os.environ, **env},
        check=True,
    )


def test_help_needs_no_heavy_import() -> None:
    code = (
        "import sys; sys.argv = ['carecircle', '--help']\n"
        "from carecircle.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'geopandas', 'numba', 'pydantic'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)


def test_the_language_is_the_computers_unless_said(tmp_path: Path) -> None:
    study = tmp_path / "a.toml"
    assert "填写后运行" in fresh("init", "--out", str(study), LC_ALL="zh_CN.UTF-8").stderr
    study = tmp_path / "b.toml"
    assert "fill it in" in fresh("init", "--out", str(study), LC_ALL="C.UTF-8").stderr
