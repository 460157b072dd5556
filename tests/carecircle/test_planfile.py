"""Plan files: what is shipped equals the plans' texts, and what is wrong is told where it is."""

from __future__ import annotations

import csv
import itertools
import json
import os
import re
import tomllib
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from carecircle.__main__ import app
from carecircle.coverage.plan import Plan
from carecircle.coverage.plan_measures import Filter, TiersWith
from carecircle.layers.problems import StudyError
from carecircle.layers.vocabulary import facility_kinds
from carecircle.plan_guide import tables
from carecircle.planfile import load_plan, packaged_plans, parse_plan

ROOT = Path(__file__).parents[2]
POLICY = ROOT.parent / "shared" / "policy"
COUNTS = {  # (yes, partly, no), from the texts of the plans
    "chongqing-2021": (12, 6, 17),
    "guiyang-2022": (22, 14, 17),
    "dazu-2023": (36, 10, 25),
    "hechuan-2025": (15, 7, 13),
    "changzhou-2022": (33, 9, 18),
}
BINDING = {"约束性": "binding", "预期性": "expected", "none": "none"}
FIGURES = {
    "base_value": "baseline_value",
    "base_year": "baseline_year",
    "year": "target_year",
    "stretch": "stretch_value",
}


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    return {name: load_plan(name) for name in packaged_plans()}


@pytest.fixture(scope="module")
def policy() -> Path:
    if not POLICY.is_dir():
        assert not os.environ.get("CI"), f"{POLICY} is missing, and CI may not skip it"
        pytest.skip(f"the plans' texts are not here: {POLICY}")
    return POLICY


def rows_of(policy: Path) -> list[dict[str, str]]:
    with (policy / "targets.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# --- what ships


def test_every_target_of_the_five_plans_is_there(plans):
    found = {}
    for name in COUNTS:
        counts = Counter(target.spatial for target in plans[name].targets)
        found[name] = (counts["yes"], counts["partly"], counts["no"])
    assert found == COUNTS
    assert tuple(map(sum, zip(*found.values(), strict=True))) == (118, 46, 90)


def test_the_targets_are_those_of_the_table(plans, policy):
    rows = rows_of(policy)
    assert len(rows) == 254
    ours = {f"{name}/{t.id}": t for name in COUNTS for t in plans[name].targets}
    assert set(ours) == {row["id"] for row in rows}
    for row in rows:
        target = ours[row["id"]]
        assert target.spatial == row["spatial"], row["id"]
        assert target.lines == row["source_line"], row["id"]
        assert target.binding == BINDING[row["binding"]], row["id"]
        for key, column in FIGURES.items():
            written = row[column]
            assert getattr(target, key) == (Decimal(written) if written else None), row["id"]
        if "value" not in target.ours:
            assert target.value == (Decimal(row["target_value"]) if row["target_value"] else None)
            assert (target.operator or "") == row["operator"], row["id"]


def test_the_lines_named_hold_the_figure(plans, policy):
    """Of the indicator tables: base and target figure stand in the lines the target names."""
    checked = 0
    for name in COUNTS:
        text = (policy / "documents" / f"{name}.txt").read_text(encoding="utf-8").split("\n")
        for target in plans[name].targets:
            if target.base_value is None or target.value is None or target.binding == "none":
                continue
            spans = [span.split("-") for span in target.lines.split(";")]
            said = " ".join(" ".join(text[int(s[0]) - 1 : int(s[-1]) + 2]) for s in spans)
            numbers = {Decimal(number) for number in re.findall(r"\d+(?:\.\d+)?", said)}
            for figure in (target.base_value, target.value):
                wan = figure / 10_000  # 0.05万
                assert figure in numbers or wan in numbers, (name, target.id, figure)
            checked += 1
    assert checked > 40


def test_a_target_without_a_figure_in_the_plan_says_whose_it_is(plans, policy):
    for row in rows_of(policy):
        name, _, id = row["id"].partition("/")
        target = plans[name].target(id)
        if target.value is not None and not row["target_value"]:
            assert "value" in target.ours, row["id"]


def test_the_contradictions_are_told(plans):
    dazu, changzhou = plans["dazu-2023"], plans["changzhou-2022"]
    assert "35.1" in dazu.notes[1].zh and "39.3" in dazu.notes[1].zh
    assert "24.8" in changzhou.notes[1].zh and "44" in changzhou.notes[1].zh
    for plan in (dazu, plans["chongqing-2021"]):
        assert any("机制" in note.zh for note in plan.target("quarter-hour-circle").notes)
    copied = [t.id for t in dazu.targets if any("照抄" in note.zh for note in t.notes)]
    assert "inclusive-bed-share" in copied and "daycare-community-coverage" in copied
    assert changzhou.target("elderly-beds-per-1000").population_base == "registered"
    assert changzhou.target("childcare-seats-per-1000").population_base == "resident"


def test_the_people_a_plan_states_ask_for_the_seats_it_states(plans):
    """870,000 x 4.5 / 1000 = 3,915 in Dazu; 5,500,000 x 4.8 / 1000 = 26,400 in Changzhou."""
    for name, seats in (("dazu-2023", 3915), ("changzhou-2022", 26400)):
        plan = plans[name]
        target = plan.target("childcare-seats-needed-2025")
        people = [
            fact.people
            for fact in plan.population
            if (fact.group, fact.base, fact.year)
            == (target.group, target.population_base, target.year)
        ]
        assert [count * target.measure.rate_per_1000 / 1000 for count in people] == [seats]


def test_standards_say_how_well_they_are_known(plans):
    standards = [plan for plan in plans.values() if plan.type == "standard"]
    assert len(standards) == 4
    for plan in standards:
        for target in plan.targets:
            assert target.source
            unverified = "未" in "".join(n.zh for n in (*target.notes, *plan.notes))
            assert unverified == (target.evidence in ("V2", "G")), target.id


def test_what_new_quarters_must_have_is_as_the_plans_state_it(plans):
    """Land, floor area, classes and households; the circle of 30 minutes says how one travels."""
    dazu, changzhou, hechuan = (plans[p] for p in ("dazu-2023", "changzhou-2022", "hechuan-2025"))
    for id in ("kindergarten-per-300mu", "elderly-station-per-300mu"):
        assert dazu.target(id).measure.land_m2 == 300 * 10_000 / 15
    assert dazu.target("elderly-station-min-floor-area").value == 750
    assert dazu.target("kindergarten-min-classes").value == 9
    assert changzhou.target("elderly-land-per-capita").value == Decimal("0.1")
    assert hechuan.target("large-quarter-property-childcare").measure.households_over == 1000
    town_circle = changzhou.target("30min-circle-regional-facility")
    assert town_circle.measure.minutes == 30
    assert "步行" in town_circle.ours["minutes"].zh and "walked" in town_circle.ours["minutes"].en


DATES = ("opened_after", "built_after", "since")


def test_a_day_that_no_plan_states_is_said_to_be_ours(plans):
    """New is new since a day, and no plan names one."""
    for plan in plans.values():
        for target in plan.targets:
            said = set(plan.assumptions(target))
            assert set(DATES) & target.keys() <= said, f"{plan.id}/{target.id}"


def kinds_at(filters: tuple[Filter, ...]) -> set[tuple[str, str | None]]:
    """Every kind that passes, with the level that it must be told to have."""
    vocabulary = facility_kinds()
    return {
        (slug, one.level)
        for one in filters
        for slug in one.kinds
        or [slug for slug, kind in vocabulary.items() if kind.service == one.service]
    }


def test_what_serves_a_higher_tier_does_not_stand_in_for_a_lower_one(plans):
    """No facility counts in two tiers of one network: their kinds, or levels told, differ."""
    found = 0
    for plan in plans.values():
        for target in plan.targets:
            if not isinstance(target.measure, TiersWith):
                continue
            found += 1
            tiers = [kinds_at(tier.facilities) for tier in target.measure.tiers]
            for upper, lower in itertools.combinations(tiers, 2):
                for (kind, level), (other, other_level) in itertools.product(upper, lower):
                    apart = level and other_level and level != other_level
                    assert kind != other or apart, f"{plan.id}/{target.id}: {kind}"
    assert found == 7


def test_every_set_of_facilities_is_used():
    for name, text in packaged_plans().items():
        for used in tomllib.loads(text).get("facilities", {}):
            assert text.count(f'"{used}"') >= 1, (name, used)


def test_the_wheel_takes_every_plan():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = config["tool"]["setuptools"]["package-data"]["carecircle.coverage"]
    shipped = {path for pattern in patterns for path in (ROOT / "coverage").glob(pattern)}
    assert {path.stem for path in shipped} == set(packaged_plans())
    assert set(COUNTS) < set(packaged_plans())


@pytest.mark.parametrize(
    ("lang", "page"), [("en", "plan-writing.md"), ("zh", "plan-writing.zh-CN.md")]
)
def test_the_guide_shows_the_types_and_its_example_holds(lang, page):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert text.endswith(tables(lang)), (
        f"write its tables again: carecircle.plan_guide.tables({lang!r})"
    )
    example = text.partition("```toml\n")[2].partition("```")[0]
    assert len(parse_plan(example, page).targets) == 3


# --- one bad plan per fault

HEADER = """
id = "p"
type = "plan"
zh = "方案"
en = "plan"
place = { zh = "某地", en = "somewhere" }
[facilities]
stations = { kinds = ["community-eldercare-station"] }
"""
GOOD = """
[[targets]]
id = "t"
clause = "1"
zh = "某项"
en = "something"
service = "elderly"
group = "age_60_plus"
spatial = "yes"
base_year = 2020
base_value = 1
year = 2025
operator = ">="
value = 60
unit = "%"
population_base = "resident"
[targets.measure]
kind = "units_with"
level = "town"
facilities = "stations"
"""
SHARE = 'kind = "share"\nwhole = "stations"\npart = { set = "stations", inclusive = true }'
UNITS_WITH = GOOD.partition("[targets.measure]\n")[2].strip()
PER_PEOPLE = 'kind = "per_people"\nattribute = "beds"\nfacilities = "stations"'
WALKED = GOOD.replace(
    UNITS_WITH, 'kind = "walk_share"\nminutes = 15\nwalker = "elderly"\neach_of = ["stations"]'
)
FAULTS = {
    "unknown measure": ("E-PLN-004", "targets.t.measure.kind", 'kind = "units_with"', 'kind = "x"'),
    "no measure kind": ("E-PLN-004", "targets.t.measure.kind", 'kind = "units_with"\n', ""),
    "unknown unit": ("E-PLN-017", "targets.t.unit", 'unit = "%"', 'unit = "percent"'),
    "unit of another measure": ("E-PLN-011", "targets.t.unit", 'unit = "%"', 'unit = "beds"'),
    "unknown kind": (
        "E-PLN-005",
        "targets.t.measure.facilities.0.kinds",
        'facilities = "stations"',
        'facilities = { kinds = ["teahouse"] }',
    ),
    "unknown flag": (
        "E-PLN-006",
        "targets.t.measure.facilities.0.flags",
        'facilities = "stations"',
        'facilities = { service = "elderly", flags = ["pretty"] }',
    ),
    "unknown number": (
        "E-PLN-006",
        "targets.t.measure.facilities.0.at_least",
        'facilities = "stations"',
        'facilities = { service = "elderly", at_least = { inclusive = 1 } }',
    ),
    "beds in seats": (
        "E-PLN-027",
        "targets.t.unit",
        f'unit = "%"\npopulation_base = "resident"\n[targets.measure]\n{UNITS_WITH}',
        f'unit = "seats/1000"\npopulation_base = "resident"\n[targets.measure]\n{PER_PEOPLE}',
    ),
    "beds in mu": (
        "E-PLN-027",
        "targets.t.unit",
        f'unit = "%"\npopulation_base = "resident"\n[targets.measure]\n{UNITS_WITH}',
        f'unit = "mu"\n[targets.measure]\n{PER_PEOPLE.replace("per_people", "sum")}',
    ),
    "a rate in beds": (
        "E-PLN-027",
        "targets.t.unit",
        f'unit = "%"\npopulation_base = "resident"\n[targets.measure]\n{UNITS_WITH}',
        f'unit = "beds"\npopulation_base = "resident"\n[targets.measure]\n{PER_PEOPLE}',
    ),
    "facilities in beds": (
        "E-PLN-027",
        "targets.t.unit",
        f'unit = "%"\npopulation_base = "resident"\n[targets.measure]\n{UNITS_WITH}',
        'unit = "beds"\n[targets.measure]\nkind = "count"\nfacilities = "stations"',
    ),
    "below nothing": ("E-PLN-028", "targets.t.value", "value = 60", "value = -60"),
    "more than all": ("E-PLN-028", "targets.t.base_value", "base_value = 1", "base_value = 101"),
    "striving for less": (
        "E-PLN-029", "targets.t.stretch", "value = 60", "value = 60\nstretch = 60"
    ),
    "minutes and nobody to walk": (
        "E-PLN-009",
        "targets.t.measure.walker",
        'level = "town"',
        'level = "town"\nminutes = 15',
    ),
    "a walker and no minutes": (
        "E-PLN-009",
        "targets.t.measure.minutes",
        'level = "town"',
        'level = "town"\nwalker = "elderly"',
    ),
    "unknown group": ("E-STU-006", "targets.t.group", '"age_60_plus"', '"age_70_plus"'),
    "no population base": (
        "E-PLN-007",
        "targets.t.population_base",
        f'unit = "%"\npopulation_base = "resident"\n[targets.measure]\n{UNITS_WITH}',
        f'unit = "beds/1000"\n[targets.measure]\n{PER_PEOPLE}',
    ),
    "attribute that is no number": (
        "E-PLN-006",
        "targets.t.measure.attribute",
        f'unit = "%"\npopulation_base = "resident"\n[targets.measure]\n{UNITS_WITH}',
        'unit = "beds/1000"\npopulation_base = "resident"\n[targets.measure]\n'
        + PER_PEOPLE.replace("beds", "grade"),
    ),
    "years out of order": ("E-PLN-008", "targets.t.base_year", "year = 2025", "year = 2019"),
    "threshold without operator": ("E-PLN-009", "targets.t.operator", 'operator = ">="\n', ""),
    "operator without value": ("E-PLN-009", "targets.t.value", "value = 60\n", ""),
    "value without unit": ("E-PLN-009", "targets.t.unit", 'unit = "%"\n', ""),
    "base without year": ("E-PLN-009", "targets.t.base_year", "base_year = 2020\n", ""),
    "no measure": ("E-PLN-010", "targets.t.measure", f"[targets.measure]\n{UNITS_WITH}", ""),
    "partly, and nothing open": ("E-PLN-010", "targets.t.open", '"yes"', '"partly"'),
    "measured, though not spatial": (
        "E-PLN-018",
        "targets.t.measure",
        'spatial = "yes"',
        'spatial = "no"\nreason = { zh = "名册", en = "register" }',
    ),
    "spatial and not judged": (
        "E-PLN-018",
        "targets.t.judged",
        'spatial = "yes"',
        'spatial = "yes"\njudged = false',
    ),
    "unknown set": ("E-PLN-012", "targets.t.measure.facilities", '= "stations"', '= "nothing"'),
    "said twice": (
        "E-PLN-013",
        "targets.t.measure.facilities.kinds",
        '= "stations"',
        '= { set = "stations", kinds = ["happiness-home"] }',
    ),
    "group in no layer": (
        "E-PLN-014",
        "targets.t.group",
        'group = "age_60_plus"',
        'group = "households"',
    ),
    "ours without its key": (
        "E-PLN-015",
        "targets.t.ours.minutes",
        UNITS_WITH,
        f'{UNITS_WITH}\n[targets.ours]\nminutes = {{ zh = "因为", en = "because" }}',
    ),
    "share of itself": (
        "E-PLN-019",
        "targets.t.measure.part",
        UNITS_WITH,
        SHARE.rpartition("\n")[0],
    ),
    "everything passes": (
        "E-PLN-020",
        "targets.t.measure.facilities.0",
        '= "stations"',
        "= { inclusive = true }",
    ),
    "unknown key": ("E-STU-002", "targets.t.valeu", "value = 60", "value = 60\nvaleu = 1"),
    "unknown key of the measure": (
        "E-STU-002",
        "targets.t.measure.minuts",
        'level = "town"',
        'level = "town"\nminuts = 5',
    ),
    "unknown level": ("E-STU-006", "targets.t.measure.level", '"town"', '"village"'),
    "missing key": ("E-STU-005", "targets.t.clause", 'clause = "1"\n', ""),
    "no number": ("E-STU-010", "targets.t.value", "value = 60", 'value = "many"'),
    "number as text": ("E-STU-010", "targets.t.value", "value = 60", 'value = "60"'),
    "year as text": ("E-STU-010", "targets.t.year", "year = 2025", 'year = "2025"'),
    "true as number": ("E-STU-010", "targets.t.value", "value = 60", "value = true"),
    "text as number": ("E-STU-010", "targets.t.clause", 'clause = "1"', "clause = 1"),
    "flag as text": ("E-STU-010", "targets.t.judged", "value = 60", 'value = 60\njudged = "yes"'),
    "flag as number": ("E-STU-010", "targets.t.judged", "value = 60", "value = 60\njudged = 1"),
    "flag of facilities as text": (
        "E-STU-010",
        "targets.t.measure.facilities.0.inclusive",
        '= "stations"',
        '= { set = "stations", inclusive = "no" }',
    ),
    "number of facilities as text": (
        "E-STU-010",
        "targets.t.measure.facilities.0.at_least.beds",
        '= "stations"',
        '= { set = "stations", at_least = { beds = "10" } }',
    ),
    "day of facilities as number": (
        "E-STU-010",
        "targets.t.measure.facilities.0.opened_after",
        '= "stations"',
        '= { set = "stations", opened_after = 20221231 }',
    ),
    "minutes of the measure as text": (
        "E-STU-010",
        "targets.t.measure.minutes",
        'level = "town"',
        'level = "town"\nwalker = "elderly"\nminutes = "15"',
    ),
}  # fmt: skip


def faults_of(text: str) -> list[tuple[str, str]]:
    with pytest.raises(StudyError) as refused:
        parse_plan(text, "p.toml")
    return [(problem.id, problem.column) for problem in refused.value.problems]


def test_a_mistake_names_the_plan_as_well_as_its_file():
    with pytest.raises(StudyError) as refused:
        parse_plan(HEADER + GOOD.replace("60", "-60", 1), "ours.toml")
    assert "ours.toml (p) " in str(refused.value) and '"targets.t.' in str(refused.value)


def test_the_plan_that_is_spoilt_below_holds():
    assert parse_plan(HEADER + GOOD, "p.toml").targets[0].value == 60


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_told_with_its_place(fault):
    id, column, before, after = FAULTS[fault]
    sound = WALKED if fault == "group in no layer" else GOOD
    assert before in sound
    assert (id, column) in faults_of(HEADER + sound.replace(before, after, 1))


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("adopted = 20221231", "adopted"),
        ('adopted = "1672444800"', "adopted"),
        ("adopted = true", "adopted"),
        ('draft = "no"', "draft"),
        ("document = 12", "document"),
        ('population = [{ group = "total", base = "resident", year = 2025, people = "9" }]',
         "population.0.people"),
    ],
)  # fmt: skip
def test_nothing_of_the_header_is_read_as_another_kind_of_thing(line, column):
    text = HEADER.replace("[facilities]", f"{line}\n[facilities]", 1) + GOOD
    assert faults_of(text) == [("E-STU-010", column)]


def test_a_day_may_be_written_as_a_date_or_in_quotes():
    for day in ("2022-12-31", '"2022-12-31"'):
        text = HEADER.replace("[facilities]", f"adopted = {day}\n[facilities]", 1) + GOOD
        assert str(parse_plan(text, "p.toml").adopted) == "2022-12-31"


def test_an_unknown_key_is_answered_with_the_sets_of_facilities_too():
    text = HEADER.replace("[facilities]", 'facilites = "a"\n[facilities]', 1) + GOOD
    with pytest.raises(StudyError) as refused:
        parse_plan(text, "p.toml")
    (problem,) = refused.value.problems
    assert (problem.id, problem.column) == ("E-STU-002", "facilites")
    assert "facilities" in problem.details["known"].split(", ")


def test_every_mistake_is_told_at_once():
    other = GOOD.replace('"t"', '"u"').replace('"town"', '"village"')
    text = HEADER.replace('en = "plan"\n', "") + GOOD.replace("2025", "2019") + other
    assert set(faults_of(text)) == {
        ("E-STU-005", "en"),
        ("E-PLN-008", "targets.t.base_year"),
        ("E-STU-006", "targets.u.measure.level"),
    }


def test_ids_are_told_apart_and_standards_show_their_evidence():
    assert faults_of(HEADER + GOOD + GOOD) == [("E-PLN-003", "targets.t.id")]
    standard = HEADER.replace('"plan"', '"standard"', 1) + GOOD
    assert faults_of(standard) == [("E-PLN-016", "targets.t.evidence")]


def test_a_common_assumption_is_used_somewhere():
    common = '[ours]\nmetres = { zh = "因为", en = "because" }\n'
    text = HEADER.replace("[facilities]", f"{common}[facilities]") + GOOD
    assert faults_of(text) == [("E-PLN-015", "ours.metres")]


@pytest.mark.parametrize("text", ["", "targets = 3", "id =", HEADER])
def test_what_is_no_plan_is_refused(text):
    assert faults_of(text)


def test_a_plan_is_found_by_name_or_file(tmp_path):
    with pytest.raises(StudyError, match="E-PLN-002"):
        load_plan("nowhere-2030")
    with pytest.raises(StudyError, match="E-PLN-001"):
        load_plan(str(tmp_path / "none.toml"))
    path = tmp_path / "p.toml"
    path.write_text(HEADER + GOOD, encoding="utf-8-sig")
    assert load_plan(str(path)).id == "p"


# --- sets, assumptions


def test_a_set_is_narrowed_and_several_are_one_list():
    text = HEADER.replace("[facilities]", '[facilities]\nhomes = [{ service = "elderly" }]')
    both = GOOD.replace('= "stations"', '= ["stations", { set = "homes", urban = false }]')
    filters = parse_plan(text + both, "p").targets[0].measure.facilities
    assert [one.kinds for one in filters] == [("community-eldercare-station",), None]
    assert [(one.service, one.urban) for one in filters] == [(None, None), ("elderly", False)]


def test_common_assumptions_go_with_the_targets_that_have_the_key(plans):
    plan = plans["chongqing-2021"]
    assert set(plan.assumptions(plan.target("quarter-hour-circle"))) == {"walker"}
    assert set(plan.assumptions(plan.target("daycare-community-coverage"))) == {
        "walker",
        "minutes",
        "urban",
    }
    assert plan.assumptions(plan.target("inclusive-bed-share")) == {}


def test_figures_are_read_as_they_are_written(plans):
    share = plans["changzhou-2022"].target("social-worker-ratio")
    assert (share.base_value, share.value) == (Decimal("0.07"), Decimal("0.08"))
    land = plans["changzhou-2022"].target("elderly-land-per-capita")
    assert str(land.value) == "0.1"


# --- round trip


def toml_of(value: Any) -> str:
    """A value as TOML on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml_of(v)}" for key, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_of, value)) + "]"
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def written(plan: Plan) -> str:
    fields = plan.model_dump(exclude_unset=True)
    return "\n".join(f"{key} = {toml_of(value)}" for key, value in fields.items())


@pytest.mark.parametrize("name", list(packaged_plans()))
def test_a_plan_written_out_is_read_as_the_same(name, plans):
    assert parse_plan(written(plans[name]), name) == plans[name]


words = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=8)
figures = st.decimals(0, 10**6, places=2)


@given(
    zh=words,
    clause=words,
    value=figures,
    base=st.none() | figures,
    years=st.lists(st.integers(1950, 2100), min_size=2, max_size=2, unique=True).map(sorted),
    operator=st.sampled_from([">=", ">", "="]),
    unit=st.sampled_from(["facilities", "centres", "homes", "centres/district", "communities"]),
    note=st.lists(words, max_size=2),
)
def test_any_sound_target_survives_the_way_through_toml(
    zh, clause, value, base, years, operator, unit, note
):
    base_year, year = years
    target = {
        "id": "t", "clause": clause, "zh": zh, "en": "something", "service": "elderly",
        "group": "total", "spatial": "yes", "operator": operator, "value": value, "year": year,
        "unit": unit, "notes": [{"zh": text, "en": text} for text in note],
        "measure": {"kind": "count", "facilities": [{"service": "elderly"}]},
    }  # fmt: skip
    if base is not None:
        target |= {"base_year": base_year, "base_value": base}
    header = HEADER.replace("[facilities]\nstations", "facilities.stations")
    plan = parse_plan(f"{header}targets = {toml_of([target])}\n", "p")
    assert plan.targets[0].value == value and plan.targets[0].zh == zh
    assert parse_plan(written(plan), "p") == plan


# --- command line


def call(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["plan", *arguments])


def test_plans_are_listed_in_both_languages_and_as_json():
    listed = call("list", "--lang", "en")
    assert listed.exit_code == 0
    assert "71 targets (computed 36, partly 10, not spatial 25)" in listed.stdout
    assert "71 项" in call("list", "--lang", "zh").stdout
    found = json.loads(call("list", "--json").stdout)["plans"]
    assert sum(p["targets"] for p in found if p["type"] == "plan") == 254


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_target_can_be_shown(lang, plans):
    from carecircle.plan_report import plan_lines, target_lines

    for plan in plans.values():
        assert len(list(plan_lines(plan, lang))) > len(plan.targets)
        for target in plan.targets:
            lines = list(target_lines(plan, target, lang))
            for words in target.ours.values():
                assert any(getattr(words, lang) in line for line in lines)


def test_one_target_is_shown_with_its_lists_and_what_is_ours():
    shown = call("show", "guiyang-2022", "two-tier-15min-network", "--lang", "en").stdout
    assert "≥ 85 % (2025)" in shown
    assert "each_of:\n      - - kinds: town-eldercare-centre" in shown
    assert "assumed by us (value)" in shown
    assert (
        "not verified" in call("show", "standard-gb50180", "day-care-5min", "--lang", "en").stdout
    )
    assert (
        json.loads(call("show", "dazu-2023", "lake-base-beds", "--json").stdout)["value"] == "1000"
    )


def test_a_plan_file_is_checked(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(HEADER + GOOD, encoding="utf-8")
    assert call("check", str(path), "--lang", "en").exit_code == 0
    path.write_text(HEADER + GOOD.replace("2025", "2019"), encoding="utf-8")
    refused = call("check", str(path), "--lang", "en")
    assert refused.exit_code == 3
    assert "E-PLN-008" in refused.stderr and "targets.t.base_year" in refused.stderr
    assert call("show", "dazu-2023", "nothing").exit_code == 3


def test_a_plan_without_targets_is_told_so_in_both_languages():
    with pytest.raises(StudyError) as refused:
        parse_plan("targets = []\n" + HEADER, "p.toml")
    (problem,) = refused.value.problems
    assert (problem.id, problem.column) == ("E-STU-003", "targets")
    assert problem.details["reason"]["zh"] == "至少需要 1 项"
    assert problem.details["reason"]["en"] == "too few entries; the least is 1"
