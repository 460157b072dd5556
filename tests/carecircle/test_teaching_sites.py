"""Other worlds and years asked of the teaching city at the command line, to the person."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from carecircle.__main__ import app
from carecircle.teaching_files import write_teaching_city

SITING = """
[siting]
circles = ["elderly"]
count = 2
time_limit_s = 10
[siting.robust]
people_percent = [80]
[[siting.phases.years]]
year = 2026
count = 1
[[siting.phases.years]]
year = 2030
count = 1
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("city")
    write_teaching_city(folder / "city", seed=1, nodes=2_000)
    path = folder / "city" / "study.toml"
    path.write_text(path.read_text(encoding="utf-8") + SITING, encoding="utf-8")
    out = folder / "out"
    result = CliRunner().invoke(app, ["site", str(path), "--out", str(out), "--lang", "en"])
    assert result.exit_code == 0, result.output
    assert "2026 opens: " in result.stdout
    assert "robust (" in result.stdout
    told: dict[str, Any] = json.loads((out / "summary.json").read_bytes())["circles"][0]
    return told


def test_every_year_is_accounted_for_to_the_person(study: dict[str, Any]) -> None:
    today = study["people"]
    covered = today["covered"]
    for year in study["site_study"]["phases"]["years"]:
        people = year["people"]
        excluded = sum(people["excluded"].values())
        assert people["covered"] + people["uncovered"] + excluded == people["input"]
        assert people["input"] == today["input"]
        assert excluded == sum(today["excluded"].values())
        assert people["covered"] == covered + sum(one["gain_people"] for one in year["chosen"])
        covered = people["covered"]


def test_the_last_year_is_no_better_than_the_plan_that_builds_all_at_once(
    study: dict[str, Any],
) -> None:
    [plan] = study["site_study"]["plans"]
    last = study["site_study"]["phases"]["years"][-1]
    assert plan["status"] == "optimal"
    assert last["people"]["covered"] <= plan["people_covered_after"]


def test_a_robust_plan_covers_no_more_in_any_world_than_is_possible_there(
    study: dict[str, Any],
) -> None:
    robust = study["site_study"]["robust"]
    [plan] = robust["plans"]
    assert len(plan["worlds"]) == len(robust["worlds"]) == 2
    for world in plan["worlds"]:
        assert world["people_covered"] + world["regret"] == world["bound"]
        assert world["people_covered_by_todays_plan"] <= world["bound"]
    as_it_is, fewer = plan["worlds"]
    assert fewer["people_covered"] <= as_it_is["people_covered"] * 0.8 + 185  # homes are rounded
    assert plan["value"] == min(world["people_covered"] for world in plan["worlds"])
