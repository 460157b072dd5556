"""Every bad input of the corpus ends in its message, or in the right value with its record."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from carecircle.__main__ import app
from carecircle.layers.candidate_sites import read_candidates
from carecircle.layers.crs import Frame
from carecircle.layers.elevation import read_elevation
from carecircle.layers.intake import read_admin, read_area, read_facilities, read_residential
from carecircle.layers.messages import MESSAGES
from carecircle.layers.osm import read_osm
from carecircle.layers.osmnx_graph import lines_of_graph
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.road_lines import read_roads
from carecircle.layers.road_tables import read_road_tables
from carecircle.layers.sources import (
    AdminSource,
    AreaSource,
    CandidateSource,
    FacilitySource,
    PeopleSettings,
    ResidentialSource,
    TerrainSource,
)
from carecircle.layers.street_sources import NetworkSource
from carecircle.layers.terrain import with_heights

HERE = Path(__file__).parent
FRAME = Frame("EPSG:4549", (120.0, 30.0, 120.1, 30.1))
SHARES = PeopleSettings(age_60_plus_share=0.25, age_0_2_share=0.02)
TABLES = {".csv", ".xlsx", ".xls"}
ON_THE_MAP = {"crs": "EPSG:4326"}
COMMANDS = {"study": "check", "site": "site"}  # cases that go through the command

spec = importlib.util.spec_from_file_location("badinput_builders", HERE / "builders.py")
assert spec is not None and spec.loader is not None
builders = importlib.util.module_from_spec(spec)
spec.loader.exec_module(builders)

CASES = [
    {"section": path.stem, **case}
    for path in sorted((HERE / "cases").glob("*.toml"))
    for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
]


def name_of(case: dict[str, Any]) -> str:
    return f"{case['trust']}: {case['is']}"


def written(case: dict[str, Any], folder: Path) -> Any:
    """The file of a case: its text, or what its builder makes."""
    if "build" in case:
        return getattr(builders, case["build"])(folder)
    path = folder / case["file"]
    path.write_bytes(case["text"].encode(case.get("encoding", "utf-8")))
    return path


def keys_of(case: dict[str, Any], path: Path, **usual: Any) -> dict[str, Any]:
    """What the study file says of the layer: the usual, then the case; "" takes a key away."""
    placed = ON_THE_MAP if path.suffix in TABLES else {}
    keys = {"path": path, **placed, **usual, **case.get("keys", {})}
    return {name: value for name, value in keys.items() if value != ""}


def take_in(case: dict[str, Any], made: Any) -> Any:
    """Read the file of a case as the layer it is."""
    layer = case.get("layer", "cells")
    if layer == "cells":
        keys = keys_of(case, made, cell_m=100, columns={"id": "id"})
        return read_residential(ResidentialSource(**keys), SHARES, FRAME)
    if layer == "quarters":
        return read_residential(ResidentialSource(**keys_of(case, made)), SHARES, FRAME)
    if layer == "stations":
        return read_facilities([FacilitySource(**keys_of(case, made, service="elderly"))], FRAME)
    if layer == "candidates":
        return read_candidates([CandidateSource(**keys_of(case, made))], FRAME)
    if layer == "units":
        return read_admin(AdminSource(**keys_of(case, made)), FRAME)
    if layer == "area":
        return read_area(AreaSource(**keys_of(case, made)), FRAME)
    if layer == "terrain":
        keys = {"path": made, **case.get("keys", {})}
        return with_heights(builders.a_long_street(), read_elevation(TerrainSource(**keys), FRAME))
    if layer == "roads":
        return read_roads(NetworkSource(path=made))
    if layer == "tables":
        keys = {"nodes": made.parent / "nodes.csv", "edges": made, "crs": "EPSG:4549"}
        return read_road_tables(NetworkSource(**keys))
    return {"streets": read_osm, "graph": lines_of_graph}[layer](made)


def assert_speaks(problem: Problem) -> None:
    """Both languages, the id first, everything filled in."""
    zh, en = problem.text("zh"), problem.text("en")
    assert zh.startswith(problem.id) and en.startswith(problem.id)
    assert zh != en
    assert any("\u4e00" <= c <= "\u9fff" for c in MESSAGES[problem.id]["zh"])
    assert "Traceback" not in en
    assert "\n" not in en + zh


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if "refused" in c and c.get("layer") not in COMMANDS],
    ids=name_of,
)
def test_refused(case: dict[str, Any], tmp_path: Path) -> None:
    made = written(case, tmp_path)
    with pytest.raises(StudyError) as raised:
        take_in(case, made)
    found = [(p.id, p.row, p.column) for p in raised.value.problems]
    for problem in raised.value.problems:
        assert_speaks(problem)
    assert (case["refused"], case.get("row"), case.get("column", "")) in found
    assert {id for id, _, _ in found} <= {case["refused"], *case.get("beside", [])}
    for word in case.get("says", []):
        assert any(word in problem.text("en") for problem in raised.value.problems), word


@pytest.mark.parametrize("case", [c for c in CASES if "gives" in c], ids=name_of)
def test_read(case: dict[str, Any], tmp_path: Path) -> None:
    read = take_in(case, written(case, tmp_path))
    for column, values in case["gives"].items():
        if column == "id":
            assert read.layer.index.tolist() == values
        elif column == "lonlat":
            places = read.layer.centroid.to_crs(4326)
            found = [(p.x, p.y) for p in places]
            assert found == [pytest.approx(value, abs=1e-6) for value in values]
        else:
            assert read.layer[column].tolist() == values
    records = [[r["id"], r["row"], r["column"]] for r in read.records]
    expected = [[id, row or None, column] for id, row, column in case.get("records", [])]
    about_estimates = {"R-POP-001", "R-POP-002", "R-POP-015"}
    assert [r for r in records if r[0] not in about_estimates] == expected
    for record in read.records:
        assert record["what"]["zh"] != record["what"]["en"]


@pytest.mark.parametrize("case", [c for c in CASES if c.get("layer") == "study"], ids=name_of)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_refused_by_the_command(case: dict[str, Any], lang: str, tmp_path: Path) -> None:
    builders.streets(tmp_path)
    study = written({"file": "study.toml", **case}, tmp_path)
    result = CliRunner().invoke(app, ["check", str(study), "--lang", lang, "--quiet"])
    assert result.exit_code == 3, result.output
    assert any(line.startswith(case["refused"]) for line in result.stderr.splitlines())
    assert case.get("column", "") in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("case", [c for c in CASES if c.get("layer") == "site"], ids=name_of)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_plan_of_the_command(case: dict[str, Any], lang: str, tmp_path: Path) -> None:
    study, out = written(case, tmp_path), tmp_path / "out"
    told = ["site", str(study), "--out", str(out), "--lang", lang, "--quiet"]
    result = CliRunner().invoke(app, told)
    assert result.exit_code == 4, result.output
    line = next(one for one in result.stderr.splitlines() if one.startswith(case["refused"]))
    numbers = re.findall(r"\d+", line.removeprefix(case["refused"]))
    assert numbers == case["says"]
    assert not out.exists()


def rows_in(text: str) -> set[int]:
    """Row numbers such as ``1, 3–12``."""
    rows: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:[–-](\d+))?", text):
        rows |= set(range(int(first), int(last or first) + 1))
    return rows


def test_the_readme_lists_the_rows_of_every_file_of_cases() -> None:
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| ([\d, –]+) \|.*`(\w+)\.toml` \|$", readme, re.MULTILINE)
    assert len(listed) == len(list((HERE / "cases").glob("*.toml")))
    met = {row for case in CASES for row in rows_in(case["trust"])}
    assert set().union(*(rows_in(rows) for rows, _ in listed)) == met


def test_the_corpus_is_large_enough() -> None:
    assert len(CASES) >= 110
    assert len({name_of(case) for case in CASES}) == len(CASES)
