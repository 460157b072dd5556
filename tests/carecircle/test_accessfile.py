"""``[access]``, ``[doubt]`` and ``demand_percent``: what may be written, and what comes of it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from carecircle.__main__ import app
from carecircle.accessfile import access_settings
from carecircle.coverage.access import AccessSettings, Doubt
from carecircle.coverage.access_summary import access_figures
from carecircle.coverage.summary import study_summary
from carecircle.layers.problems import StudyError
from carecircle.report import result_lines
from carecircle.study import Study
from carecircle.studyfile import StudyFile, circles_of, parse_study

SMALLEST = '[study]\nname = "x"\n[network]\npath = "streets.osm"\n'
ELDERLY = '[[circles]]\nservice = "elderly"\n'
WAITING = 'walker = "elderly"\n[walkers.elderly]\nwaits_s = { signals = 30 }\n'


def parsed(text: str) -> StudyFile:
    return parse_study(tomllib.loads(SMALLEST + text), "study.toml")


def settings_of(text: str) -> AccessSettings:
    file = parsed(text)
    return access_settings(file.access, file.doubt)


def mistakes(text: str) -> list[tuple[str, str]]:
    with pytest.raises(StudyError) as caught:
        parsed(text)
    for problem in caught.value.problems:
        assert problem.text("zh") != problem.text("en")
    return [(problem.id, problem.column) for problem in caught.value.problems]


def test_without_tables_nothing_is_drawn() -> None:
    assert settings_of("") == AccessSettings((5, 10, 15, 30), (600, 800, 1000), None)


def test_minutes_and_speeds_are_sorted_and_whole() -> None:
    text = "[access]\nminutes = [20, 5, 20]\nspeeds_m_s = [1.0, 0.55]\n"
    assert settings_of(text) == AccessSettings((5, 20), (550, 1000), None)


def test_doubt_is_drawn_as_written() -> None:
    text = """[doubt]
    draws = 200
    seed = 3
    speed_m_s = [0.5, 0.7, 0.9]
    wait_factor = [0.5, 1, 2]
    gate_m = 60
    homes_cv = 0.3
    """
    expected = Doubt(200, 3, (500.0, 700.0, 900.0), (0.5, 1, 2), 60, 0.3)
    assert settings_of(text).doubt == expected


def test_who_asks_for_a_place_is_kept_as_written() -> None:
    (circle,) = circles_of(parsed(ELDERLY + "demand_percent = 4.50\n"))
    assert circle.demand_percent == "4.5"
    (circle,) = circles_of(parsed(ELDERLY))
    assert circle.demand_percent == "100"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[access]\nminute = [5]\n", [("E-STU-002", "access.minute")]),
        ("[access]\nminutes = [0, 5]\n", [("E-STU-007", "access.minutes.0")]),
        ("[access]\nminutes = [2.5]\n", [("E-STU-010", "access.minutes.0")]),
        ("[access]\nspeeds_m_s = [3]\n", [("E-STU-007", "access.speeds_m_s.0")]),
        ("[doubt]\ndraws = 10\n", [("E-STU-007", "doubt.draws")]),
        ("[doubt]\nseed = -1\n", [("E-STU-007", "doubt.seed")]),
        ("[doubt]\nspeed_m_s = [0.8, 0.6, 1.0]\n", [("E-STU-003", "doubt")]),
        ("[doubt]\nwait_factor = [2, 1, 1]\n", [("E-STU-003", "doubt")]),
        ("[doubt]\nhomes_cv = 4\n", [("E-STU-007", "doubt.homes_cv")]),
        (ELDERLY + "demand_percent = 0\n", [("E-STU-007", "circles.0.demand_percent")]),
        (ELDERLY + "demand_percent = 101\n", [("E-STU-007", "circles.0.demand_percent")]),
    ],
)
def test_every_mistake_is_told_with_its_place(text: str, expected: Any) -> None:
    assert mistakes(text) == expected


@pytest.mark.parametrize("how", ['direction = "worse"\n', WAITING])
def test_speeds_too_far_apart_to_search_are_refused(how: str) -> None:
    near = ELDERLY + "minutes = 60\n" + how + "[access]\nspeeds_m_s = [0.6, 1.0]\n"
    parsed(near)
    far = near.replace("1.0]", "2.0]")
    assert mistakes(far) == [("E-STU-003", "")]
    parsed(far.replace(how, ""))  # one way without waits follows from one search


@pytest.mark.parametrize("values", ["[]", str([0.5] * 13)])
def test_a_list_that_is_empty_or_long_is_refused(values: str) -> None:
    assert mistakes(f"[access]\nspeeds_m_s = {values}\n") == [("E-STU-003", "access.speeds_m_s")]


def test_a_verdict_that_depends_on_the_speed_is_said_in_the_terminal(town: Any) -> None:
    (circle,) = Study.from_file(Path(town.write())).run().circles
    slow, *_, fast = circle.access.band["percent"]
    assert slow < fast
    town.study = town.study.replace("target_percent = 50", f"target_percent = {fast}")
    summary = study_summary(Study.from_file(Path(town.write())).run())
    (zh,), (en,) = result_lines(summary, "zh"), result_lines(summary, "en")
    assert f"{slow} % to {fast} % at 0.6 to 1 m/s: whether the target is met depends" in en
    assert "是否达标取决于步速" in zh
    summary["circles"][0]["access"]["band"]["flips"] = False
    assert "depends" not in "".join(result_lines(summary, "en"))


def test_a_run_gives_the_measures_and_says_what_they_assume(town: Any) -> None:
    for station in town.stations:
        station["capacity"] = 60
    town.study = town.study.replace('name = "name"', 'name = "name", capacity = "capacity"')
    town.study = town.study.replace("minutes = 5", "minutes = 5\n            demand_percent = 50")
    town.study += """
            [access]
            minutes = [3, 9]
            [doubt]
            draws = 100
    """
    result = Study.from_file(Path(town.write())).run()
    access = result.circles[0].access
    assert access.minutes == (3, 5, 9)
    assert access.places is not None
    assert (access.places.places, access.places.people, access.places.demand) == (60, 180, 90)
    assert access.doubt is not None
    figures = access_figures(result.circles[0])
    said = {sentence.id for sentence in result.assumptions}
    assert {one["id"] for one in figures["assumptions"]} <= said
    assert "access-minutes" in said
    json.dumps(figures, allow_nan=False)


CATCHMENTS = '[access.catchments]\nby = "{}"\nminutes = {{ "{}" = {} }}\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[access]\nwalkers = ["runner"]\n', [("E-STU-006", "access.walkers")]),
        (CATCHMENTS.format("name", "甲", 5), [("E-STU-006", "access.catchments.by")]),
        (CATCHMENTS.format("kind", "甲", 61), [("E-STU-007", "access.catchments.minutes.甲")]),
        ('[access.catchments]\nby = "kind"\n', [("E-STU-005", "access.catchments.minutes")]),
    ],
)
def test_mistakes_about_walkers_and_catchments(text: str, expected: Any) -> None:
    assert mistakes(text) == expected


def test_a_word_that_no_facility_has_is_refused(town: Any) -> None:
    for station in town.stations:
        station["sort"] = "托老所"
    town.study = town.study.replace('name = "name"', 'name = "name", kind = "sort"')
    plain = town.study
    town.study += CATCHMENTS.format("kind", "日间照料中心", 10)
    with pytest.raises(StudyError) as caught:
        Study.from_file(Path(town.write())).read()
    (problem,) = caught.value.problems
    assert (problem.id, problem.value) == ("E-STU-012", "day-care-centre")
    assert "elderly-nursery" in problem.text("zh")
    town.study = plain + CATCHMENTS.format("grade", "一级", 10)
    with pytest.raises(StudyError, match="E-STU-012"):  # nobody tells a grade at all
        Study.from_file(Path(town.write())).read()


def test_other_walkers_stand_in_the_summary_and_the_workbook(town: Any, tmp_path: Path) -> None:
    town.study += '[access]\nwalkers = ["frail"]\n'
    out = tmp_path / "out"
    arguments = ["run", str(town.write()), "--out", str(out), "--quiet"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    ((row,),) = [circle["access"]["walkers"] for circle in summary["circles"]]
    assert row["id"] == "frail"
    assert any(one["id"] == "walker-elderly-frail" for one in summary["assumptions"])
    book = openpyxl.load_workbook(out / "tables.xlsx")
    cells = {line[1]: line[2] for line in book["可达性 Access"].iter_rows(values_only=True)}
    label = f"步行者：{row['zh']} / walker: {row['en']}"
    assert cells[f"{label}: 人数 / people"] == row["people"]["covered"]
    assert cells[f"{label}: 结论改变 / another verdict"] == ("是 yes" if row["flips"] else "否 no")
    within = summary["circles"][0]["access"]["within"]
    land = {
        line[5]: line[6:11]
        for line in book["人群 Groups"].iter_rows(values_only=True)
        if line[4] == "居住用地（平方米） / residential land (m2)"
    }
    assert {at["minutes"]: (at["land_m2"]["input"], at["land_m2"]["covered"]) for at in within} == {
        minutes: cells[:2] for minutes, cells in land.items()
    }
