"""``[siting.together]``: elderly care and childcare under one roof, on the town."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pytest

from carecircle.coverage.site_answer import asked_of
from carecircle.coverage.site_question import reach_of
from carecircle.coverage.site_study import SiteQuestion
from carecircle.coverage.site_together import joint_studies, together
from carecircle.sitestudy import ground_of
from carecircle.steps import Steps
from carecircle.study import Study
from tests.carecircle.site_town import LAYER, OWN, SOUTH, STEP, WEST, command, places
from tests.carecircle.test_site_outlook import covered, with_people

TWO = """
    [[circles]]
    service = "childcare"
    minutes = 5
"""
TOGETHER = "count = 2\n[siting.together]\n"


def two_circles(town: Any) -> None:
    town.study = town.study.replace('age_60_plus = "old"', 'age_60_plus = "old"\nage_0_2 = "small"')
    town.study = town.study.replace("            [sites]", TWO + "            [sites]")


def priced(town: Any, *rows: tuple[str, int, str]) -> None:
    """Candidates by id with a cost and the services allowed there."""
    where = {name: (x, y) for name, x, y in OWN}
    lines = ["code,name,lng,lat,price,services"]
    for name, cost, services in rows:
        x, y = where[name]
        place = f"{WEST + x * STEP:.7f},{SOUTH + y * STEP:.7f}"
        lines.append(f"{name},地块{name},{place},{cost},{services}")
    (town.folder / "places.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    names = 'name = "name", cost = "price", services = "services" }'
    town.study += LAYER.replace('name = "name" }', names)


def studies(town: Any, siting: str) -> Any:
    import json

    result = command(town, siting, "--force")
    assert result.exit_code == 0, result.output
    summary = json.loads((town.folder / "out" / "summary.json").read_text(encoding="utf-8"))
    return [circle["site_study"] for circle in summary["circles"]], result


@pytest.fixture
def grounds(town: Any) -> list[Any]:
    two_circles(town)
    places(town, *OWN)
    town.study += LAYER
    study = Study.from_file(town.write())
    inputs = study.read(Steps())
    return [ground_of(result, inputs) for result in study.run().circles]


@dataclass(frozen=True)
class Choice:
    """What each building holds: 0 nothing, 1 elderly care, 2 childcare, 3 both."""

    ids: list[str]
    holds: tuple[int, ...]

    @property
    def buildings(self) -> int:
        return sum(what > 0 for what in self.holds)

    def price(self, cost: dict[str, int], percent: int) -> int:
        first = sum(cost[id] for id, what in zip(self.ids, self.holds, strict=True) if what)
        both = [id for id, what in zip(self.ids, self.holds, strict=True) if what == 3]
        return first + sum(-(-cost[id] * percent // 100) for id in both)

    def people(self, grounds: list[Any], reaches: list[np.ndarray]) -> int:
        total = 0
        for k, (ground, reach) in enumerate(zip(grounds, reaches, strict=True)):
            index, standing = list(ground.sites.table.index), len(ground.stations)
            here = [id for id, what in zip(self.ids, self.holds, strict=True) if what & (1 << k)]
            chosen = (*range(standing), *(standing + index.index(id) for id in here))
            total += covered(reach, ground.before.homes["people"].to_numpy(), chosen)
        return total


def test_a_joint_plan_is_the_best_of_all(grounds: list[Any]) -> None:
    rng = np.random.default_rng(12)
    reaches = [np.asarray(reach_of(one).toarray(), bool) for one in grounds]
    shared = 0
    for _ in range(200):
        here = [with_people(one, rng.integers(0, 30, len(one.homes))) for one in grounds]
        ids = [str(id) for id in here[0].sites.table.index]
        cost = {id: int(rng.integers(1, 30)) for id in ids}
        here = [with_costs(one, cost) for one in here]
        count, percent = int(rng.integers(0, 4)), int(rng.integers(0, 101))
        budget = int(rng.integers(0, 60)) if rng.random() < 0.5 else None
        question = SiteQuestion((count,), reach_percent="0", budget=budget)
        joint = together([asked_of(one, question) for one in here], percent)
        answers = [study.plans[0] for study in joint_studies(joint, "")]

        choices = [Choice(ids, plan) for plan in product(range(4), repeat=len(ids))]
        plans = [
            one
            for one in choices
            if one.buildings <= count and (budget is None or one.price(cost, percent) <= budget)
        ]
        worths = [one.people(here, reaches) for one in plans]
        best = max(worths)
        first, second = answers[0].proofs
        assert first.value == first.bound == best
        assert sum(answer.after.people.covered for answer in answers) == best
        as_good = [one for one, people in zip(plans, worths, strict=True) if people == best]
        least = min(
            one.buildings if budget is None else one.price(cost, percent) for one in as_good
        )
        assert second.value == second.bound == least
        shared += len(answers[0].shared)
    assert shared > 20


def with_costs(ground: Any, cost: dict[str, int]) -> Any:
    table = ground.sites.table
    priced_table = table.assign(cost=[float(cost[str(id)]) for id in table.index])
    return replace(ground, sites=replace(ground.sites, table=priced_table))


def test_one_roof_is_what_the_money_reaches_for(town: Any) -> None:
    # alone each service would cost 300; both under the roof of p22 cost 450, within the money
    two_circles(town)
    priced(town, ("p22", 300, "养老、托育"), ("p12", 300, "托育"), ("p21", 300, "养老"))
    found, result = studies(town, "count = 2\nbudget = 450\n[siting.together]\nsecond_percent = 50")
    for study in found:
        [plan] = study["plans"]
        [site] = plan["chosen"]
        assert (site["candidate_id"], site["other_service_too"]) == ("p22", True)
        assert plan["cost"] == 450
        assert plan["status"] == "optimal"
        people = plan["people_after"]
        whole = people["covered"] + people["uncovered"] + sum(people["excluded"].values())
        assert whole == people["input"]
    both = [study["plans"][0]["people_after"]["covered"] for study in found]
    assert found[0]["plans"][0]["objective"] == sum(both)
    assert "proven best" in result.stdout
    book = openpyxl.load_workbook(town.folder / "out" / "tables.xlsx")
    rows = list(book["选址方案 Site plan"].iter_rows(values_only=True))
    assert [row[-1] for row in rows[1:]] == ["是 yes", "是 yes"]
    assert len(gpd.read_file(town.folder / "out" / "results.gpkg", layer="site_plan")) == 2


def test_dear_second_services_stand_apart_where_that_covers_more(town: Any) -> None:
    two_circles(town)
    priced(town, ("p22", 300, "养老、托育"), ("p12", 100, "托育"), ("p21", 300, "养老"))
    [elderly, childcare], _ = studies(town, "count = 2\nbudget = 450\n[siting.together]")
    assert elderly["plans"][0]["chosen"]
    assert [one["candidate_id"] for one in childcare["plans"][0]["chosen"]] == ["p12"]
    assert elderly["plans"][0]["cost"] == childcare["plans"][0]["cost"] == 400


@pytest.mark.parametrize(
    ("siting", "id"),
    [
        ('circles = ["elderly"]\n' + TOGETHER, "E-SITE-045"),
        ("frontier = true\n" + TOGETHER, "E-SITE-047"),
        ("close = 1\n" + TOGETHER, "E-SITE-047"),
        ('goal = "backup"\n' + TOGETHER, "E-SITE-047"),
        (TOGETHER + "second_percent = 101", "E-STU-007"),
    ],
)
def test_what_one_question_cannot_be_about_is_refused(town: Any, siting: str, id: str) -> None:
    two_circles(town)
    places(town, *OWN)
    town.study += LAYER
    result = command(town, siting)
    assert result.exit_code == 3, result.output
    assert any(line.startswith(id) for line in result.stderr.splitlines()), result.stderr
    assert not (town.folder / "out").exists()


def test_a_single_circle_and_generated_places_are_refused(town: Any) -> None:
    result = command(town, TOGETHER)
    assert result.exit_code == 3
    assert {line[:10] for line in result.stderr.splitlines()} >= {"E-SITE-045", "E-SITE-046"}
