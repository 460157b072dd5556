"""Every target of every plan on the teaching city: judged, and not judged without its inputs."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
from typer.testing import CliRunner

from carecircle import Study, StudyError
from carecircle.__main__ import app
from carecircle.coverage.plan import Plan, Target
from carecircle.coverage.plan_measures import Adjacent, Filter, UnitsTitled
from carecircle.coverage.result import StudyResult
from carecircle.coverage.summary import study_summary
from carecircle.coverage.target_judge import judge, needs_of
from carecircle.coverage.target_result import Missing
from carecircle.coverage.target_words import described
from carecircle.coverage.target_world import PeopleBook, World
from carecircle.layers.attributes import facility_attributes
from carecircle.layers.vocabulary import facility_kinds
from carecircle.maps.geopackage import write_geopackage
from carecircle.maps.workbook import write_workbook
from carecircle.plan_page import page
from carecircle.plancheck import filters_in
from carecircle.planfile import load_plan, packaged_plans
from carecircle.planning import plans_of, world_of
from carecircle.planoptions import PlanOptions
from carecircle.teaching_files import write_teaching_city

ROOT = Path(__file__).parents[2]
PLANS = {name: load_plan(name) for name in packaged_plans()}
SPATIAL = [
    (plan.id, target.id)
    for plan in PLANS.values()
    for target in plan.targets
    if target.spatial == "yes"
]
MEASURED = [
    (plan.id, target.id)
    for plan in PLANS.values()
    for target in plan.targets
    if target.measure is not None
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("teaching") / "city"
    write_teaching_city(out, 1, 2_000)
    return out


@pytest.fixture(scope="module")
def study(folder: Path) -> Study:
    return Study.from_file(folder / "plans.toml")


@pytest.fixture(scope="module")
def city(study: Study) -> World:
    """What the teaching city holds."""
    return world_of(study.file, study.read(), "2026-01-01")


@pytest.fixture(scope="module")
def result(study: Study) -> StudyResult:
    return study.run()


def names_in(plan: Plan, target: Target) -> list[str]:
    needs = needs_of(plan, target)
    return [one.column.removeprefix("unit=") for one in needs if one.column.startswith("unit=")]


def fitted(city: World, plan: Plan, target: Target) -> World:
    """The city with the places and the names that the target asks for.

    Communities stand for the towns that it names, its facilities stand in them by turns, and
    facilities that could be meant bear the names.
    """
    names = names_in(plan, target)
    assert city.units is not None and city.facilities is not None
    units, facilities = city.units, city.facilities
    if names:
        units = units[units["level"] == "community"].assign(level="town", parent="")
        units["name"] = [*names, *units["name"][len(names) :]]
        town = np.resize(units.index[: len(names)].to_numpy(object), len(facilities))
        facilities = facilities.assign(town_id=town)
    for one in filters_of(target):
        for name in (one.names or ())[:1]:
            meant = facilities["service"] == one.service
            meant |= facilities["kind"].isin(one.kinds or ())
            facilities = facilities.assign(name=facilities["name"].mask(meant, f"某{name}（虚构）"))
    return replace(city, units=units, facilities=facilities)


def filters_of(target: Target) -> list[Filter]:
    return [one for _, one in filters_in(target.measure, "")]


def found(plan_id: str, target_id: str) -> tuple[Plan, Target]:
    return PLANS[plan_id], PLANS[plan_id].target(target_id)


def test_all_spatial_targets_are_here():
    plans = {plan.id for plan in PLANS.values() if plan.type == "plan"}
    assert sum(plan in plans for plan, _ in SPATIAL) == 118


@pytest.mark.parametrize(("plan_id", "target_id"), SPATIAL)
def test_a_spatial_target_is_met_or_not(city, plan_id, target_id):
    plan, target = found(plan_id, target_id)
    result = judge(plan, target, fitted(city, plan, target))
    assert result.verdict in ("met", "not_met"), result.missing
    assert result.value is not None and result.gap is not None and result.missing == ()
    # nothing is short where the promise is kept, and something is where it is not
    assert (result.gap == 0) == (result.verdict == "met")


@pytest.mark.parametrize(("plan_id", "target_id"), MEASURED)
def test_each_input_that_is_taken_away_is_named(city, plan_id, target_id):
    plan, target = found(plan_id, target_id)
    here = fitted(city, plan, target)
    for need in needs_of(plan, target):
        if target.measure.kind == "complete" and need.column in target.measure.attributes:
            continue  # how much is blank is what is asked
        result = judge(plan, target, without(here, need))
        assert result.verdict == "not_assessed"
        assert need.name in [one.name for one in result.missing], need.name


@pytest.mark.parametrize(("plan_id", "target_id"), MEASURED)
def test_what_is_not_asked_for_changes_nothing(city, plan_id, target_id):
    """With nothing there but the inputs named, the answer is that of the whole city."""
    plan, target = found(plan_id, target_id)
    here = fitted(city, plan, target)
    whole, bare = judge(plan, target, here), judge(plan, target, only(here, plan, target))
    assert (bare.verdict, bare.value, bare.gap) == (whole.verdict, whole.value, whole.gap)
    assert (bare.missing, bare.lacking, bare.path) == (whole.missing, whole.lacking, whole.path)


def only(city: World, plan: Plan, target: Target) -> World:
    """The city with nothing but what the target asks for."""
    asked = {(need.layer, need.column) for need in needs_of(plan, target)}
    facilities, units, residential = city.facilities, city.units, city.residential
    assert facilities is not None and units is not None and residential is not None
    keep = {column for layer, column in asked if layer == "facilities"}
    for column in (*facility_attributes(), "name"):
        if column in facilities and column not in keep:
            facilities = without_facilities(replace(city, facilities=facilities), column, "")
    if not keep:
        facilities = None
    levels = {column for layer, column in asked if layer == "admin"}
    if not levels:
        units = None
    elif "urban" not in levels and not any(one.startswith("unit=") for one in levels):
        # a unit without a flag of its own is urban as the one above it
        above = isinstance(target.measure, UnitsTitled) and target.measure.per_unit
        told = {*levels, f"level={above}"} if above else levels
        units = units[("level=" + units["level"]).isin(told)]
    if not {layer for layer, _ in asked} & {"residential"}:
        residential, homes, walks = None, None, None
        if isinstance(target.measure, Adjacent):
            walks = city.walks
    else:
        homes, walks = city.homes, city.walks
        extra = [c for c in ("built", "households") if ("residential", c) not in asked]
        residential = residential.drop(columns=extra)
    book = city.people
    if not {layer for layer, _ in asked} & {"population"}:
        book = PeopleBook()
    return replace(
        city, facilities=facilities, units=units, residential=residential, homes=homes,
        walks=walks, people=book,
    )  # fmt: skip


def without(city: World, need: Missing) -> World:
    """The city without one of its inputs."""
    key, _, value = need.column.partition("=")
    if need.layer == "population":
        return replace(city, people=PeopleBook(layer=city.people.layer))
    if need.layer == "residential":
        assert city.residential is not None
        if need.column == "population":
            return replace(city, residential=None, homes=None)
        return replace(city, residential=city.residential.drop(columns=need.column))
    if need.layer == "admin":
        return replace(city, units=without_units(city, key, value))
    return replace(city, facilities=without_facilities(city, key, value))


def without_units(city: World, key: str, value: str) -> Any:
    units = city.units
    assert units is not None
    if key == "level":
        return units[units["level"] != value]
    if key == "unit":
        return units.assign(name=units["name"].replace(value, "别处"))
    return units.assign(**{key: pd.array([pd.NA] * len(units), "boolean")})


def without_facilities(city: World, key: str, value: str) -> Any:
    facilities = city.facilities
    assert facilities is not None
    if key == "service":
        kinds = facility_kinds()
        by_kind = facilities["kind"].map(lambda slug: kinds[slug].service)
        # the rows stay, so that walks keep their places, but tell of another service
        gone = (facilities["service"] == value) | (by_kind == value)
        other = {"service": "other", "kind": "wellness-community"}
        if value == "other":
            other = {"service": "education", "kind": "school"}
        return facilities.assign(
            **{name: facilities[name].mask(gone, cell) for name, cell in other.items()}
        )
    blank = "" if facilities[key].dtype == object else pd.NA
    if key in ("kind", "name", "opened"):
        blank = ""
    return facilities.assign(**{key: pd.Series(blank, facilities.index, facilities[key].dtype)})


def test_walks_are_those_of_the_independent_answers(folder, tmp_path):
    """The true share of the teaching city, as counted without this engine."""
    plan = tmp_path / "own.toml"
    plan.write_text(
        """
id = "own"
type = "plan"
zh = "自定"
en = "Own"
place = { zh = "云岭区", en = "Yunling" }
[[targets]]
id = "elderly"
clause = "1"
zh = "养老圈"
en = "elderly circle"
service = "elderly"
group = "age_60_plus"
spatial = "yes"
operator = ">="
value = 85
unit = "%"
[targets.measure]
kind = "walk_share"
minutes = 15
walker = "elderly"
each_of = [{ service = "elderly" }]
[[targets]]
id = "childcare"
clause = "2"
zh = "托育圈"
en = "childcare circle"
service = "childcare"
group = "age_0_2"
spatial = "yes"
operator = ">="
value = 85
unit = "%"
[targets.measure]
kind = "walk_share"
minutes = 15
walker = "carer"
each_of = [{ service = "childcare" }]
""",
        encoding="utf-8",
    )
    truth = json.loads((folder / "answers.json").read_text("utf-8"))["circles"]
    study = folder / "own-study.toml"
    text = (folder / "study.toml").read_text("utf-8")
    study.write_text(f'plans = ["{plan}"]\n{text}', encoding="utf-8")
    read = Study.from_file(study)
    world = world_of(read.file, read.read(), "2026-01-01")
    for target in read.plans[0].targets:
        people = truth[target.id]["people"]
        value = judge(read.plans[0], target, world).value
        assert value == Fraction(100 * people["covered"], people["input"])


def test_the_two_rates_are_told_apart(result):
    dazu = {one.target.id: one for one in plan_of(result, "dazu-2023").targets}
    inside = dazu["town-inclusive-childcare"]
    assert inside.rate == "administrative"
    assert "walking" in {one.id for one in inside.beside}
    walking = dazu["quarter-hour-circle"]
    assert walking.rate == "walking"
    assert {"quarters", "land", "administrative"} <= {one.id for one in walking.beside}


def plan_of(result: StudyResult, name: str) -> Any:
    return next(plan for plan in result.plans if plan.plan.id == name)


def test_every_target_is_in_every_output(result, tmp_path):
    summary = study_summary(result)
    count = sum(len(plan.targets) for plan in PLANS.values())
    assert sum(len(plan["targets"]) for plan in summary["plans"]) == count
    assert all(sum(p["counts"].values()) == len(p["targets"]) for p in summary["plans"])
    json.dumps(summary, allow_nan=False)
    write_workbook(tmp_path / "tables.xlsx", result, summary)
    header, *rows = openpyxl.load_workbook(tmp_path / "tables.xlsx")["方案 Plans"].values
    assert len(rows) == count
    verdict = header.index("结论\nverdict")
    told = [target["verdict"] for plan in summary["plans"] for target in plan["targets"]]
    words = {
        "met": "达标 met",
        "not_met": "未达标 not met",
        "not_assessed": "未评价 not assessed",
        "not_spatial": "与空间无关 not spatial",
    }
    assert [row[verdict] for row in rows] == [words[one] for one in told]
    write_geopackage(tmp_path / "results.gpkg", result)
    table = pyogrio.read_dataframe(tmp_path / "results.gpkg", layer="plans")
    assert list(table["verdict"]) == told
    assert "geometry" not in table


def test_a_printed_value_never_reaches_a_target_that_is_missed(result):
    for plan in study_summary(result)["plans"]:
        for target in plan["targets"]:
            if target["verdict"] == "not_met" and target["operator"] == ">=":
                if target["unit"]["id"] in ("seats", "seats/year"):
                    continue  # the figure of a need is not what is reached
                assert Fraction(target["value"]) < Fraction(str(target["target"])), target["id"]


def test_the_page_is_what_the_code_makes():
    assert (ROOT / "docs" / "plans.md").read_text(encoding="utf-8") == page()


# --- the study file


def refusal(**options: Any) -> list[str]:
    with pytest.raises(StudyError) as refused:
        plans_of(["dazu-2023"], PlanOptions(**options), "study.toml")
    return [problem.id for problem in refused.value.problems]


def test_only_what_is_ours_can_be_changed():
    changed = {"dazu-2023/quarter-hour-circle": {"walker": "frail"}}
    (plan,) = plans_of(["dazu-2023"], PlanOptions(change=changed), "study.toml")
    target = plan.target("quarter-hour-circle")
    assert target.measure.walker == "frail"
    assert "frail" in plan.assumptions(target)["walker"].en
    circle = "dazu-2023/quarter-hour-circle"
    assert refusal(change={circle: {"minutes": 30}}) == ["E-PLN-023"]
    assert refusal(change={circle: {"walker": "runner"}}) == ["E-PLN-025"]
    assert refusal(change={"dazu-2023/no-such": {"walker": "frail"}}) == ["E-PLN-022"]


def test_a_plan_is_named_once_and_must_be_there():
    with pytest.raises(StudyError) as refused:
        plans_of(["dazu-2023", "dazu-2023"], PlanOptions(), "study.toml")
    assert [problem.id for problem in refused.value.problems] == ["E-PLN-024"]
    with pytest.raises(StudyError) as refused:
        plans_of(["nowhere"], PlanOptions(), "study.toml")
    assert [problem.id for problem in refused.value.problems] == ["E-PLN-002"]


@pytest.mark.parametrize(
    ("options", "id"),
    [
        ({"blanks_are_no": ["bed"]}, "E-STU-003"),
        ({"complete": ["cinema"]}, "E-STU-006"),
        ({"population": [{"group": "total", "base": "resident", "year": 2025}]}, "E-STU-005"),
        ({"population": [{"group": "total", "base": "resident", "year": 2025, "people": 0}]},
         "E-STU-007"),
        ({"population": 2 * [{"group": "total", "base": "resident", "year": 2025,
                              "people": 9}]}, "E-STU-003"),
        ({"walker": "frail"}, "E-STU-002"),
    ],
)  # fmt: skip
def test_mistakes_of_the_options_are_told(town, options, id):
    path = town.write()
    text = path.read_text(encoding="utf-8")
    lines = [f"{key} = {toml(value)}" for key, value in options.items()]
    path.write_text(text + "\n[plan_options]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(StudyError) as refused:
        Study.from_file(path)
    assert [problem.id for problem in refused.value.problems] == [id]
    assert all("plan_options" in problem.column for problem in refused.value.problems)


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def test_a_plan_of_ones_own_is_found_beside_the_study(town):
    path = town.write()
    text = path.read_text(encoding="utf-8")
    path.write_text('plans = ["mine.toml"]\n' + text, encoding="utf-8")
    with pytest.raises(StudyError) as refused:
        Study.from_file(path)
    assert [problem.id for problem in refused.value.problems] == ["E-STU-004"]
    plan = (ROOT / "coverage" / "plans" / "dazu-2023.toml").read_text(encoding="utf-8")
    (path.parent / "mine.toml").write_text(plan, encoding="utf-8")
    (judged,) = Study.from_file(path).run().plans
    assert judged.plan.id == "dazu-2023"
    assert judged.counts()["not_spatial"] == 25


def test_the_run_says_how_many_are_met(town, tmp_path):
    path = town.write()
    text = path.read_text(encoding="utf-8")
    path.write_text('plans = ["standard-shanghai"]\n' + text, encoding="utf-8")
    told = CliRunner().invoke(
        app, ["run", str(path), "--out", str(tmp_path / "out"), "--lang", "en", "--quiet"]
    )
    assert told.exit_code == 0, told.output
    assert "standard-shanghai: met 0, not met 0, not assessed 4, not spatial 0" in told.stdout


# --- by people alone


def test_changzhou_by_its_census(monkeypatch):
    census = ROOT.parent / "shared" / "data" / "china_census_2020"
    if not census.is_dir():
        assert not os.environ.get("CI"), f"{census} is missing, and CI may not skip it"
        pytest.skip(f"real data is not here: {census}")
    people = ROOT / "examples" / "changzhou" / "people.toml"
    told = CliRunner().invoke(app, ["plan", "assess", "changzhou-2022", str(people), "--json"])
    assert told.exit_code == 0, told.output
    figures = json.loads(told.stdout)
    known = {one["id"]: one for one in figures["targets"] if one["value"] is not None}
    # 5,500,000 people by the plan itself (5,278,121 by the census of 2020): seats needed
    assert {id: one["exact"] for id, one in known.items()} == {
        "childcare-seats-needed-2025": "26400"
    }
    # 45 beds for each 1,000 of 1,140,000 registered elderly, 4.8 seats for each 1,000 of
    # 5,500,000 residents, 0.08 % of the elderly: what the plan itself states
    asked = {
        one["id"]: figure["exact"]
        for one in figures["targets"]
        for figure in one["beside"]
        if figure["id"] == "asked"
    }
    assert asked == {
        "elderly-beds-per-1000": "51300",
        "childcare-seats-per-1000": "26400",
        "social-worker-ratio": "912",
    }
    call = ["plan", "assess", "changzhou-2022", str(people), "--lang", "en"]
    lines = CliRunner().invoke(app, call).stdout.splitlines()
    first = lines[: lines.index("what takes more data:")]
    told = "      the target asks for 51300 beds (target: ≥ 45 beds per 1,000 (2025))"
    assert told in first
    # the year of the people and whose figure they are stands with each figure
    assert sum("people of 2025, as the plan states" in line for line in first) == 4
    assert "   28  facilities: kind of facility (kind) (missing)" in lines
    assert figures["counts"] == {
        "met": 0, "not_met": 0, "not_assessed": 42, "not_spatial": 18,
    }  # fmt: skip


def test_the_people_file_is_checked(tmp_path):
    path = tmp_path / "people.toml"
    path.write_text('date = 2024-12-31\n[census]\npath = "c.csv"\nbase = "resident"\n')
    call = ["plan", "assess", "changzhou-2022", str(path), "--lang", "en"]
    assert "E-STU-004" in CliRunner().invoke(app, call).output
    (tmp_path / "c.csv").write_text("code,people,0岁,1岁及以上\n1,100,10,90\n", encoding="utf-8")
    text = path.read_text() + 'columns = { id = "code", population = "people" }\n'
    path.write_text(text)
    assert "E-PLN-026" in CliRunner().invoke(app, call).output
    path.write_text(text.replace('base = "resident"', 'base = "resident"\nunit = "1"\nyear = 2025'))
    told = CliRunner().invoke(app, call)
    assert told.exit_code == 0 and "\n      1 seats (the plan says" in told.output
    path.write_text("[network]\npath = 1\n")
    assert "E-STU-002" in CliRunner().invoke(app, call).output


def test_what_is_planned_walks_nowhere_and_its_beds_count_where_the_target_says_so(city):
    """The fourth of each kind opens after the day of the study."""
    assert city.facilities is not None and city.register is not None
    planned = city.register.status("2026-01-01") == "planned"
    assert planned.sum() == len(planned) / 4
    assert np.array_equal(np.flatnonzero(planned) % 4, np.full(planned.sum(), 3))
    homes = PLANS["dazu-2023"].target("project-elder-care-homes")
    assert judge(PLANS["dazu-2023"], homes, city).value == 4


def test_a_missing_population_figure_is_called_in_chinese_what_plans_call_it() -> None:
    words = described(Missing("population", "total registered 2027", "absent"))
    assert (words.zh, words.en) == ("全体居民 户籍 2027", "everybody registered 2027")
