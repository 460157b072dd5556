"""``carecircle site`` from a study file to its outputs, on the town of nine blocks."""

from __future__ import annotations

import json
from itertools import combinations, pairwise
from typing import Any

import geopandas as gpd
import openpyxl
import pytest
from typer.testing import CliRunner

from carecircle.__main__ import app
from carecircle.coverage.site_question import reach_of
from carecircle.layers.problems import StudyError
from carecircle.sitestudy import counts_of, ground_of
from carecircle.steps import Steps
from carecircle.study import Study
from tests.carecircle.site_town import (
    COSTS,
    LAYER,
    OWN,
    SOUTH,
    STEP,
    WEST,
    Place,
    command,
    places,
    priced,
    studied,
)


def by_brute_force(town: Any, count: int) -> int:
    """The most people whom any ``count`` candidates cover with today's stations."""
    study = Study.from_file(town.write())
    inputs, result = study.read(Steps()), study.run().circles[0]
    ground = ground_of(result, inputs)
    reach = reach_of(ground).toarray()
    people = ground.before.homes["people"].to_numpy()
    stations = range(len(ground.stations))
    new = range(len(ground.stations), reach.shape[1])
    plans = combinations(new, count)
    return max(int(people[reach[:, [*stations, *plan]].any(axis=1)].sum()) for plan in plans)


def test_several_numbers_are_answered_side_by_side_and_are_the_best(town: Any) -> None:
    places(town, *OWN)
    town.study += LAYER
    found = studied(town, "frontier = true", "--count", "1,2,3")
    after = [plan["people_covered_after"] for plan in found["plans"]]
    assert [plan["asked"] for plan in found["plans"]] == [1, 2, 3]
    assert after == [by_brute_force(town, count) for count in (1, 2, 3)]
    assert {plan["status"] for plan in found["plans"]} == {"optimal"}
    points = found["frontier"]["points"]
    assert found["frontier"]["complete"]
    assert [point["people_covered"] for point in points[:2]] == [20, after[0]]
    assert all(a["people_covered"] < b["people_covered"] for a, b in pairwise(points))


def test_the_ledgers_balance_and_gains_add_up(town: Any) -> None:
    for plan in studied(town, "count = [1, 3]")["plans"]:
        before, after = plan["people_before"], plan["people_after"]
        for ledger in (before, after):
            whole = ledger["covered"] + ledger["uncovered"] + sum(ledger["excluded"].values())
            assert whole == ledger["input"] == 180
        assert sum(one["gain_people"] for one in plan["chosen"]) == plan["people_gained"]
        assert before["covered"] + plan["people_gained"] == after["covered"]


def test_coverage_after_is_that_of_a_study_with_the_stations_built(town: Any) -> None:
    places(town, *OWN)
    town.study += LAYER
    plan = studied(town, "count = 2")["plans"][0]
    for site in plan["chosen"]:
        station = {"code": site["candidate_id"], "name": site["name"]}
        town.stations.append({**station, "lng": site["lon"], "lat": site["lat"]})
    town.study = town.study.replace(LAYER, "")
    built = Study.from_file(town.write()).run().circles[0].coverage.people
    assert built.covered == plan["people_after"]["covered"]


def test_a_station_is_closed_where_it_harms_least(town: Any) -> None:
    town.stations.append({"code": "s2", "name": "又一站", "lng": 106.5501, "lat": 29.56})
    plan = studied(town, "count = 0\nclose = 1")["plans"][0]
    assert len(plan["closed"]) == 1
    assert plan["closed"][0]["loss_people"] == 0
    assert plan["people_gained"] == 0


def test_a_move_opens_one_more(town: Any) -> None:
    plan = studied(town, "count = 0\nmove = 1")["plans"][0]
    assert [len(plan["closed"]), len(plan["chosen"])] == [1, 1]
    assert plan["closed"][0]["loss_people"] == 20
    assert plan["chosen"][0]["gain_people"] == 40 == plan["people_after"]["covered"]


def test_the_fewest_stations_for_a_share(town: Any) -> None:
    plan = studied(town, 'goal = "stations"\ntarget = 50')["plans"][0]
    assert (len(plan["chosen"]), plan["status"]) == (3, "optimal")
    assert plan["people_after"]["covered"] * 2 >= 180


def test_a_budget_is_spent_best(town: Any) -> None:
    priced(town, *((name, str(cost)) for name, cost in COSTS.items()))
    plan = studied(town, "count = 5\nbudget = 450")["plans"][0]
    study = Study.from_file(town.write())
    ground = ground_of(study.run().circles[0], study.read(Steps()))
    reach, people = reach_of(ground).toarray(), ground.before.homes["people"].to_numpy()
    ids = list(ground.sites.table.index)
    best = max(
        int(people[reach[:, [0, *(1 + at for at in some)]].any(axis=1)].sum())
        for size in range(len(ids) + 1)
        for some in combinations(range(len(ids)), size)
        if sum(COSTS[ids[at]] for at in some) <= 450
    )
    assert plan["people_covered_after"] == best
    assert plan["cost"] == sum(COSTS[one["candidate_id"]] for one in plan["chosen"]) <= 450


def test_a_candidate_without_a_cost_is_named(town: Any) -> None:
    priced(town, ("p11", "300"), ("p12", ""))
    result = command(town, "budget = 450\ncount = 1")
    assert result.exit_code == 3
    assert "E-SITE-030" in result.stderr
    assert "p12" in result.stderr
    assert "p11" not in result.stderr


def test_a_negative_cost_is_refused_with_its_row(town: Any) -> None:
    priced(town, ("p11", "300"), ("p12", "-5"))
    result = command(town, "budget = 450\ncount = 1")
    assert result.exit_code == 3
    assert "E-SITE-020" in result.stderr


def test_fewer_stations_than_must_be_there_are_refused(town: Any) -> None:
    places(town, *OWN)
    town.study += '    must = ["p11", "p22"]\n' + LAYER
    town.study = town.study.replace("count = 1", "count = 2")
    result = command(town, "count = 1")
    assert result.exit_code == 3, result.output
    assert "E-SITE-026" in result.stderr


def test_an_earlier_result_stays_where_no_plan_exists(town: Any) -> None:
    studied(town, "count = 1")
    before = (town.folder / "out" / "summary.json").read_bytes()
    result = command(town, "count = 1\ntarget = 100", "--force")
    assert result.exit_code == 4
    assert (town.folder / "out" / "summary.json").read_bytes() == before


def with_towns(town: Any) -> None:
    """A western town of three blocks' width and an eastern one, as units."""

    def box(west: float, east: float) -> Any:
        corners = [(west, -0.5), (east, -0.5), (east, 3.5), (west, 3.5), (west, -0.5)]
        return [[[WEST + x * STEP, SOUTH + y * STEP] for x, y in corners]]

    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name},
            "geometry": {"type": "Polygon", "coordinates": box(*span)},
        }
        for code, name, span in (("w", "西街", (-0.5, 1.9)), ("e", "东街", (1.9, 3.5)))
    ]
    layer = {"type": "FeatureCollection", "features": features}
    (town.folder / "towns.geojson").write_text(json.dumps(layer), encoding="utf-8")
    columns = 'columns = { id = "code", name = "name" }'
    town.study += f'    [[admin]]\n    path = "towns.geojson"\n    {columns}\n'


def test_towns_have_their_share_their_stations_and_their_ledgers(town: Any) -> None:
    with_towns(town)
    best = studied(town, 'goal = "worst_town"\ncount = 2')["plans"][0]
    told = command(town, 'goal = "worst_town"\ncount = 2', "--force").stdout
    before = min(row["before"]["percent"] for row in best["by_unit"] if row["before"]["input"])
    assert f"worst-served town: {before} % → {best['worst_town_percent']} %" in told
    units = {unit["id"]: unit for unit in best["by_unit"]}
    assert set(units) == {"w", "e"}
    for side in ("before", "after"):
        assert (
            sum(unit[side]["covered"] for unit in units.values())
            == best[f"people_{side}"]["covered"]
        )
    shares = [unit["after"]["covered"] * 1000 // unit["after"]["input"] for unit in units.values()]
    assert best["objective"] == min(shares) > 0
    east = studied(town, "count = 1\nper_town = { e = 1 }")["plans"][0]
    assert [one["town"] for one in east["chosen"]] == ["东街"]
    every = studied(town, "count = 2\nevery_town_percent = 30")["plans"][0]
    assert all(unit["after"]["percent"] >= 30 for unit in every["by_unit"])
    result = command(town, "per_town = { north = 1 }")
    assert result.exit_code == 3
    assert "E-SITE-034" in result.stderr


def test_backup_counts_people_with_two_stations(town: Any) -> None:
    plan = studied(town, 'goal = "backup"\ncount = 2')["plans"][0]
    assert plan["objective"] == plan["people_with_two"] > 0
    told = command(town, 'goal = "backup"\ncount = 2', "--force").stdout
    # one station stands: nobody has two today
    assert f"people with two in reach: 0 → {plan['people_with_two']:,}" in told


def test_every_output_tells_the_plan(town: Any) -> None:
    found = studied(town, "count = [1, 2]\nfrontier = true\nties = 5")
    chosen = sum(len(plan["chosen"]) for plan in found["plans"])
    out = town.folder / "out"
    assert len(gpd.read_file(out / "results.gpkg", layer="site_plan")) == chosen
    book = openpyxl.load_workbook(out / "tables.xlsx")
    assert len(list(book["选址方案 Site plan"].rows)) == 1 + chosen
    assert len(list(book["前后对比 Before-after"].rows)) == 1 + 2
    assert len(list(book["前沿 Frontier"].rows)) == 1 + len(found["frontier"]["points"])
    assert len(list(book["证明 Proof"].rows)) == 1 + 4
    assert '"site_study"' in (out / "map.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("lang", "word"), [("zh", "选址目标"), ("en", "most people covered")])
def test_two_runs_give_the_same_bytes(town: Any, lang: str, word: str) -> None:
    for out in ("a", "b"):
        result = command(town, "count = 2\nfrontier = true", out=out, lang=lang)
        assert result.exit_code == 0, result.output
        assert word in result.stdout
    for name in ("summary.json", "map.html", "results.gpkg", "tables.xlsx"):
        assert (town.folder / "a" / name).read_bytes() == (town.folder / "b" / name).read_bytes()


@pytest.mark.parametrize(
    ("siting", "id", "code"),
    [
        ("count = 150", "E-SITE-002", 3),
        ("budget = 100", "E-SITE-030", 3),
        ('target = "dazu-2023/no-such"', "E-SITE-031", 3),
        ('goal = "worst_town"', "E-SITE-035", 3),
        ('goal = "walking"', "E-STU-006", 3),
        ("counts = 3", "E-STU-002", 3),
        ("count = 1\ntarget = 100", "E-SITE-008", 4),
        ("count = 1\nclose = 2", "E-SITE-010", 3),
    ],
)
def test_a_question_without_an_answer_is_refused(
    town: Any, siting: str, id: str, code: int
) -> None:
    result = command(town, siting)
    assert result.exit_code == code, result.output
    assert any(line.startswith(id) for line in result.stderr.splitlines()), result.stderr
    assert not (town.folder / "out").exists()


def test_a_number_that_is_too_large_is_told_once(town: Any) -> None:
    result = command(town, "count = 201")
    assert result.exit_code == 3
    assert [line[:9] for line in result.stderr.splitlines() if line.startswith("E-")] == [
        "E-STU-007"
    ]


def test_no_candidate_at_all_is_refused(town: Any) -> None:
    places(town, ("p1", 9.0, 2.0))
    town.study += LAYER
    result = command(town, "count = 1")
    assert result.exit_code == 3
    assert result.stderr.startswith(("E-SITE-001", "E-SITE-028"))


@pytest.mark.parametrize("written", ["", "x", "3,,5", "201", "-1"])
def test_numbers_that_are_none_are_refused(written: str) -> None:
    with pytest.raises(StudyError, match="E-SITE-036"):
        counts_of(written)
    assert counts_of("3, 5,10") == (3, 5, 10)


def no_measuring(*_: Any, **__: Any) -> None:
    raise AssertionError("a circle was measured before the question was checked")


@pytest.mark.parametrize(
    ("siting", "id"),
    [
        ('target = "dazu-2023/no-such"', "E-SITE-031"),
        ("per_town = { nowhere = 1 }", "E-SITE-035"),
        ("count = 0", "E-SITE-026"),
        ('circles = ["childcare"]', "E-SITE-058"),
        ('goal = "walk"\nties = 2', "E-SITE-060"),
    ],
)
def test_a_faulty_question_is_refused_before_anything_is_measured(
    town: Any, siting: str, id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("carecircle.study.study_one", no_measuring)
    places(town, *OWN)
    town.study += 'must = ["p11"]\n' + LAYER
    result = command(town, siting)
    assert result.exit_code == 3, result.output
    assert id in result.stderr


TWIN: Place = ("s1", 0.1, 0.0)  # 19 m from the station of this id


def test_an_existing_facility_listed_as_a_candidate_is_left_out_by_name(town: Any) -> None:
    places(town, *OWN, TWIN)
    town.study += LAYER
    plan = studied(town, "count = 5")["plans"][0]
    assert "s1" not in {one["candidate_id"] for one in plan["chosen"]}
    summary = json.loads((town.folder / "out" / "summary.json").read_text(encoding="utf-8"))
    out = summary["circles"][0]["sites"]["left_out"]
    assert [(one["candidate_id"], one["name"], one["reason"]) for one in out] == [
        ("s1", "地块s1", "existing")
    ]


def test_an_existing_facility_that_must_be_built_is_refused(town: Any) -> None:
    places(town, *OWN, TWIN)
    town.study += 'must = ["s1"]\n' + LAYER
    result = command(town, "count = 2")
    assert result.exit_code == 3
    assert "E-SITE-025" in result.stderr and "existing facility" in result.stderr
    assert not (town.folder / "out").exists()


def test_a_target_of_other_minutes_says_that_only_its_percent_is_taken(town: Any) -> None:
    # five minutes in the town, fifteen in the plan
    asked = 'goal = "stations"\ntarget = "dazu-2023/quarter-hour-circle-built"'
    places(town, *OWN, ("p00", 0.0, 3.0), ("p33", 3.0, 3.0), ("p30", 3.0, 0.0), ("p13", 1.0, 3.0))
    town.study += LAYER
    result = command(town, asked, "--force")
    assert result.exit_code == 0, result.output
    assert "only its 85 % is taken" in result.stdout
    assert "15 minutes" in result.stdout and "the circle's 5 minutes" in result.stdout
    book = openpyxl.load_workbook(town.folder / "out" / "tables.xlsx")
    told = [str(row[-1]) for row in book["证明 Proof"].iter_rows(values_only=True)]
    assert any("只取其百分比 85%" in words for words in told)
    town.study = town.study.replace("minutes = 5", "minutes = 15")
    assert "is taken" not in command(town, asked, "--force").stdout


def test_only_the_plans_of_the_study_are_told(town: Any) -> None:
    places(town, *OWN)
    town.study += LAYER
    result = command(town, "count = 2", "--force")
    assert "would add" not in result.stdout and "2 new: from" in result.stdout
    book = openpyxl.load_workbook(town.folder / "out" / "tables.xlsx")
    assert "建议选址 Sites" not in book.sheetnames
    labels = [row[1] for row in book["结论 Summary"].iter_rows(values_only=True)]
    assert not any("proposed sites" in str(label) for label in labels)
    told = ["run", str(town.write()), "--out", str(town.folder / "plain"), "--lang", "en"]
    assert "1 new stations would add" in CliRunner().invoke(app, told).stdout
    plain = openpyxl.load_workbook(town.folder / "plain" / "tables.xlsx")
    assert "建议选址 Sites" in plain.sheetnames
