"""Results reach the disk whole or not at all."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from pyogrio.errors import DataSourceError

from carecircle.layers.problems import StudyError
from carecircle.maps import files, geopackage, outputs, placing
from carecircle.maps.writer import check_destination, write_results

FACTS = {"inputs": [], "parameters": {}, "seconds": {}}
RESULT_FILES = (
    "map.html",
    "results.gpkg",
    "tables.xlsx",
    "summary.json",
    "run.store",
    "manifest.json",
)
HERE = Path(__file__).parent


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refusal(folder: Path, force: bool = False) -> str:
    with pytest.raises(StudyError) as error:
        check_destination(folder, force)
    [problem] = error.value.problems
    assert problem.text("en")
    assert problem.text("zh")
    return problem.id


@pytest.fixture
def old_result(tmp_path, friendly):
    folder = tmp_path / "out"
    write_results(friendly.study, friendly.summary, FACTS, folder)
    return folder


def test_all_files_are_written_and_described(old_result, friendly):
    assert sorted(contents(old_result)) == sorted(RESULT_FILES)
    manifest = json.loads((old_result / "manifest.json").read_text(encoding="utf-8"))
    described = {entry["file"]: entry["bytes"] for entry in manifest["outputs"]}
    assert described == {
        name: (old_result / name).stat().st_size for name in RESULT_FILES if name != "manifest.json"
    }
    summary = json.loads((old_result / "summary.json").read_text(encoding="utf-8"))
    assert summary == json.loads(json.dumps(friendly.summary))


def test_a_second_run_gives_the_same_bytes(old_result, friendly):
    before = contents(old_result)
    paths = write_results(friendly.study, friendly.summary, FACTS, old_result)
    assert paths[-1] == old_result / "manifest.json"
    after = contents(old_result)
    clocks = [json.loads(files.pop("manifest.json"))["seconds"] for files in (before, after)]
    assert after == before
    assert all(clock["writing"] > 0 for clock in clocks)  # the one thing that may differ


def test_missing_parents_are_made(tmp_path, friendly):
    folder = tmp_path / "a" / "b" / "out"
    check_destination(folder)
    assert not (tmp_path / "a").exists()  # looking changes nothing
    write_results(friendly.study, friendly.summary, FACTS, folder)
    assert sorted(contents(folder)) == sorted(RESULT_FILES)


# --- refused before anything is computed


def test_an_older_result_and_an_empty_folder_are_welcome(old_result, tmp_path):
    check_destination(old_result)
    (tmp_path / "empty").mkdir()
    check_destination(tmp_path / "empty")


@pytest.mark.parametrize("name", ["thesis.docx", "summary.json", "manifest.json"])
def test_foreign_files_are_refused(tmp_path, name):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("{}")
    assert refusal(tmp_path / "out") == "E-OUT-002"
    check_destination(tmp_path / "out", force=True)


def test_forcing_keeps_foreign_files(old_result, friendly):
    (old_result / "thesis.docx").write_text("years of work")
    assert refusal(old_result) == "E-OUT-002"
    check_destination(old_result, force=True)
    write_results(friendly.study, friendly.summary, FACTS, old_result)
    assert (old_result / "thesis.docx").read_text() == "years of work"
    assert set(contents(old_result)) == {*RESULT_FILES, "thesis.docx"}


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "out").write_text("a file")
    assert refusal(tmp_path / "out") == "E-OUT-001"
    assert refusal(tmp_path / "out" / "deeper") == "E-OUT-001"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no folder mode bits")
def test_a_read_only_folder_is_refused(tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    superuser = os.geteuid() == 0
    if superuser:  # root may write everywhere: look as nobody
        os.chmod(tmp_path, 0o755)
        os.seteuid(65_534)
    try:
        assert refusal(locked / "out") == "E-OUT-001"
    finally:
        if superuser:
            os.seteuid(0)


def test_a_nearly_full_disk_is_refused(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=50_000)
    monkeypatch.setattr(placing.shutil, "disk_usage", lambda _: usage)
    assert refusal(tmp_path / "out") == "E-OUT-001"


def test_another_run_is_waited_for_by_nobody(old_result, friendly):
    before = contents(old_result)
    with FileLock(old_result.with_name(".out.lock")):
        assert refusal(old_result) == "E-OUT-003"
        with pytest.raises(StudyError, match="E-OUT-003"):
            write_results(friendly.study, friendly.summary, FACTS, old_result)
    assert contents(old_result) == before


# --- faults while writing


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def refused_layer(*_, **__):
    raise DataSourceError("failed to commit transaction")


FAULTS = {
    "page and tables": (Path, "write_bytes", full_disk),
    "GeoPackage": (geopackage.pyogrio, "write_dataframe", refused_layer),
    "flush": (files.os, "fsync", full_disk),
    "a layer lost": (geopackage, "row_counts", lambda _: {}),
    "a page cut short": (outputs, "embedded_data_is_whole", lambda _: False),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_leaves_the_old_result(old_result, make_town, monkeypatch, fault):
    before = contents(old_result)
    new = make_town(study_name="new")
    with monkeypatch.context() as patch:
        patch.setattr(*FAULTS[fault])
        with pytest.raises(StudyError, match="E-OUT-001"):
            write_results(new.study, new.summary, FACTS, old_result)
    assert contents(old_result) == before
    assert {path.name for path in old_result.parent.iterdir()} <= {"out", ".out.lock"}


def test_a_failed_second_rename_brings_the_old_result_back(old_result, make_town, monkeypatch):
    before, rename = contents(old_result), Path.rename
    new = make_town(study_name="new")

    def stubborn(path, target):
        if path.name == ".out.part":
            full_disk()
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", stubborn)
    with pytest.raises(StudyError, match="E-OUT-001"):
        write_results(new.study, new.summary, FACTS, old_result)
    assert contents(old_result) == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_killed_at_any_point_the_result_is_old_or_new(tmp_path):
    script = [sys.executable, HERE / "kill_points.py", HERE / "conftest.py", tmp_path / "out"]
    root = HERE.parents[1]
    run = subprocess.run(script, cwd=root, capture_output=True, text=True, env=path_to(root))
    assert run.returncode == 0, run.stderr
    found = [json.loads(line) for line in run.stdout.splitlines()]
    *killed, last = found
    assert all(point["killed"] for point in killed)
    assert last == {
        "killed": False,
        "at_once": "new",
        "then": "new",
        "beside": [".out.lock", "out"],
    }
    assert len(killed) > 20  # files, layers, flushes, renames
    assert {point["at_once"] for point in killed} == {"old", "new", "absent"}
    assert {point["then"] for point in killed} == {"old", "new"}
    assert [point["at_once"] for point in killed].count("absent") <= 2  # between the renames
    assert {tuple(point["beside"]) for point in killed} == {(".out.lock", "out")}


def path_to(root: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(root)}


def test_a_town_with_nothing_to_show_is_written(tmp_path, bare):
    write_results(bare.study, bare.summary, FACTS, tmp_path / "out")
    assert sorted(contents(tmp_path / "out")) == sorted(RESULT_FILES)
