"""``[siting.robust]`` and ``[siting.phases]``: other worlds and other years, on the town."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np
import openpyxl
import pytest

from carecircle.coverage.site_answer import asked_of, site_study
from carecircle.coverage.site_outlook import (
    World,
    people_of_percent,
    phased_answer,
    robust_answers,
)
from carecircle.coverage.site_question import reach_of
from carecircle.coverage.site_study import (
    PhasesQuestion,
    PhaseYear,
    RobustQuestion,
    SiteQuestion,
)
from carecircle.isochrones.walkers import WALKERS
from carecircle.sitestudy import ground_of
from carecircle.siteworlds import worlds_of
from carecircle.sitingfile import RobustSection
from carecircle.steps import Steps
from carecircle.study import Study
from tests.carecircle.site_town import LAYER, OWN, command, places, priced, studied

ROBUST = "count = 2\n[siting.robust]\n"
PHASES = "count = 2\n[siting.phases]\n"
YEARS = "[[siting.phases.years]]\nyear = 2027\ncount = 1\n[[siting.phases.years]]\nyear = 2030\n"


@pytest.fixture
def ground(town: Any) -> Any:
    """Five candidates, and the same for a faster walker."""
    places(town, *OWN)
    town.study += LAYER
    study = Study.from_file(town.write())
    inputs = study.read(Steps())
    here = ground_of(study.run().circles[0], inputs)
    section = RobustSection(walkers=("adult",), people_percent=(Decimal("150"),))
    own, faster, more = worlds_of(here, section, WALKERS, inputs)
    return SimpleNamespace(own=own.ground, faster=faster, more=more)


def with_people(ground: Any, people: np.ndarray) -> Any:
    """The same places with other people in the homes."""
    group = ground.circle.group
    homes = ground.homes.assign(**{group: people})
    in_quarter = homes.groupby("block_id")[group].sum().reindex(ground.residential.index)
    residential = ground.residential.assign(**{group: in_quarter.fillna(0).astype(np.int64)})
    before = replace(ground.before, homes=ground.before.homes.assign(people=people))
    return replace(ground, homes=homes, residential=residential, before=before)


def within(ground: Any) -> np.ndarray:
    """Homes by stations and candidates."""
    return np.asarray(reach_of(ground).toarray(), bool)


def covered(reach: np.ndarray, people: np.ndarray, chosen: tuple[int, ...]) -> int:
    return int(people[reach[:, list(chosen)].any(axis=1)].sum())


def least(reach: np.ndarray, people: np.ndarray, chosen: tuple[int, ...], lost: bool) -> int:
    """People covered, at the worst loss of one station where that is asked."""
    losses = [tuple(at for at in chosen if at != gone) for gone in chosen] if lost else []
    return min(covered(reach, people, left) for left in [chosen, *losses])


def subsets(count: int, most: int, first: int = 0) -> list[tuple[int, ...]]:
    numbers = range(first, first + count)
    return [some for size in range(most + 1) for some in combinations(numbers, size)]


@pytest.mark.parametrize(("by", "lost"), [("worst", False), ("worst", True), ("regret", False)])
def test_a_robust_plan_is_the_best_of_all(ground: Any, by: Any, lost: bool) -> None:
    rng = np.random.default_rng(6)
    reaches = [within(ground.own), within(ground.faster.ground), within(ground.own)]
    stations = len(ground.own.stations)
    candidates = reaches[0].shape[1] - stations
    differ = 0
    for _ in range(70):
        people = rng.integers(0, 40, len(ground.own.homes))
        others = rng.integers(0, 25, len(ground.own.homes))
        worlds = [
            World({"zh": "", "en": ""}, with_people(ground.own, people)),
            replace(ground.faster, ground=with_people(ground.faster.ground, others)),
            World({"zh": "", "en": ""}, with_people(ground.own, people), "62.5"),
        ]
        count = int(rng.integers(0, 4))
        question = SiteQuestion((count,), reach_percent="0", robust=RobustQuestion(by, lost))
        asked = asked_of(worlds[0].ground, question)
        [answer] = robust_answers(asked, worlds, site_study(asked).plans, "")
        there = list(zip(reaches, [people, others, people_of_percent(people, "62.5")], strict=True))
        today = tuple(range(stations))
        plans = [(*today, *some) for some in subsets(candidates, count, stations)]
        values = [[least(*world, plan, lost) for world in there] for plan in plans]
        best = [max(column) for column in zip(*values, strict=True)]
        if by == "worst":
            expected = max(min(row) for row in values)
        else:
            expected = min(
                max(most - got for most, got in zip(best, row, strict=True)) for row in values
            )
        assert answer.value == answer.bound == expected
        assert answer.status == "optimal"
        if not lost:
            assert list(answer.best) == best
        chosen = (*today, *(stations + one.candidate for one in answer.opened))
        assert list(answer.people) == [least(*world, chosen, False) for world in there]
        differ += answer.people != answer.today
    assert differ  # what suits all worlds is not always what suits today


@pytest.mark.parametrize("last_year_first", [False, True])
def test_phases_are_the_best_of_all(ground: Any, last_year_first: bool) -> None:
    rng = np.random.default_rng(9)
    reach = within(ground.own)
    stations = len(ground.own.stations)
    candidates = reach.shape[1] - stations
    for _ in range(100):
        people = rng.integers(0, 40, len(ground.own.homes))
        percents = ("100", str(int(rng.integers(50, 200))))
        counts = int(rng.integers(0, 3)), int(rng.integers(0, 3))
        years = tuple(
            PhaseYear(2027 + at, count, None, percent)
            for at, (count, percent) in enumerate(zip(counts, percents, strict=True))
        )
        question = SiteQuestion(counts=(1,), phases=PhasesQuestion(years, last_year_first))
        answer = phased_answer(asked_of(with_people(ground.own, people), question), "")
        each = [people_of_percent(people, percent) for percent in percents]

        today = tuple(range(stations))
        found = [
            (
                covered(reach, each[1], (*today, *first, *later)),
                covered(reach, each[0], (*today, *first)),
            )
            for first in subsets(candidates, counts[0], stations)
            for later in subsets(candidates, counts[1], stations)
        ]
        last = max(one[0] for one in found)
        if last_year_first:
            found = [one for one in found if one[0] == last]
        assert answer.proofs[-1].value == answer.proofs[-1].bound == max(map(sum, found))
        if last_year_first:
            assert answer.proofs[0].value == last
        assert [year.people.covered for year in answer.years][::-1] in [list(one) for one in found]
        gained = [sum(one.gain_people for one in year.opened) for year in answer.years]
        start = covered(reach, each[0], tuple(range(stations)))
        assert answer.years[0].people.covered == start + gained[0]


def test_so_many_percent_of_the_people_are_whole_and_add_up() -> None:
    people = np.array([3, 0, 5, 2])
    assert people_of_percent(people, "100").tolist() == [3, 0, 5, 2]
    assert people_of_percent(people, "50").tolist() == [2, 0, 2, 1]  # 1.5, 2.5, 1: the first first
    assert people_of_percent(people, "125").sum() == 13  # 12.5 half up
    assert people_of_percent(np.array([0, 0]), "150").tolist() == [0, 0]


def test_every_output_tells_the_worlds(town: Any) -> None:
    table = 'walkers = ["frail"]\npeople_percent = [80]\nlost_station = true'
    found = studied(town, f"{ROBUST}{table}")["robust"]
    assert [words["en"] for words in found["worlds"]] == [
        "as the circle has it",
        "walker: frail person",
        "80 % of today's people",
    ]
    [plan] = found["plans"]
    first, slower, fewer = plan["worlds"]
    assert slower["people_covered"] <= first["people_covered"]
    assert fewer["people_covered"] < first["people_covered"]
    assert plan["value"] <= min(one["people_covered"] for one in plan["worlds"])
    assert all(one["regret"] == one["bound"] - one["people_covered"] for one in plan["worlds"])
    book = openpyxl.load_workbook(town.folder / "out" / "tables.xlsx")
    assert len(list(book["稳健方案 Robust"].rows)) == 1 + 3
    for lang, word in (("zh", "最不利情形"), ("en", "most people in the worst case")):
        told = command(town, f"{ROBUST}{table}", "--force", lang=lang)
        assert word in told.stdout


def test_every_output_tells_the_years(town: Any) -> None:
    places(town, *OWN)
    town.study += LAYER
    later = f"{PHASES}{YEARS}count = 2\npeople_percent = 150\n"
    found = studied(town, later)["phases"]
    first, last = found["years"]
    assert [len(first["chosen"]), len(last["chosen"])] == [1, 2]
    assert (first["people"]["input"], last["people"]["input"]) == (180, 270)
    for year in (first, last):
        people = year["people"]
        whole = people["covered"] + people["uncovered"] + sum(people["excluded"].values())
        assert whole == people["input"]
    assert found["proofs"][0]["value"] == sum(one["people"]["covered"] for one in found["years"])
    book = openpyxl.load_workbook(town.folder / "out" / "tables.xlsx")
    assert len(list(book["分期 Phases"].rows)) == 1 + 2 + 3
    told = command(town, later, "--force", lang="zh")
    assert "2030 年新建" in told.stdout


def test_money_of_a_year_is_kept_or_lapses(town: Any) -> None:
    priced(town, ("p11", "300"), ("p22", "250"))
    years = YEARS.replace("count = 1", "budget = 200") + "budget = 350\n"
    lapsed = studied(town, f"{PHASES}{years}")["phases"]["years"]
    assert [len(one["chosen"]) for one in lapsed] == [0, 1]
    kept = studied(town, PHASES + "carry_over = true\n" + years)["phases"]["years"]
    assert [len(one["chosen"]) for one in kept] == [0, 2]
    assert kept[1]["cost_until_then"] == 550


@pytest.mark.parametrize(
    ("siting", "id"),
    [
        (f'{ROBUST}by = "regret"\npeople_percent = [90]\nlost_station = true', "E-SITE-050"),
        (ROBUST, "E-SITE-051"),
        (f'{ROBUST}walkers = ["nobody"]', "E-SITE-052"),
        (PHASES + YEARS.replace("2030", "2027"), "E-SITE-053"),
        (PHASES + "carry_over = true\n" + YEARS, "E-SITE-054"),
        ("seats = true\nseats_unknown = 5\n" + PHASES + YEARS, "E-SITE-056"),
        ("close = 1\n" + PHASES + YEARS, "E-SITE-055"),
        ('goal = "backup"\n' + PHASES + YEARS, "E-SITE-057"),
        (f'goal = "stations"\ntarget = 20\n{ROBUST}people_percent = [90]', "E-SITE-057"),
        (f"{ROBUST}people_percent = [0]", "E-STU-007"),
        (f"{PHASES}[[siting.phases.years]]\nyear = 2027", "E-STU-003"),
        (f"{PHASES}{YEARS.replace('count = 1', 'budget = 5')}", "E-SITE-030"),
    ],
)
def test_worlds_and_years_that_make_no_sense_are_refused(town: Any, siting: str, id: str) -> None:
    result = command(town, siting)
    assert result.exit_code == 3, result.output
    assert any(line.startswith(id) for line in result.stderr.splitlines()), result.stderr
    assert not (town.folder / "out").exists()


def test_the_streets_are_read_for_the_other_walkers(town: Any) -> None:
    """Whoever must sit down needs benches, though the circle's own walker does not: none known."""
    places(town, *OWN)
    town.study += LAYER + '\n[walkers.resting]\nlike = "elderly"\nlongest_without_bench_m = 300\n'
    result = command(town, f'{ROBUST}walkers = ["resting"]')
    assert result.stderr.startswith("E-NET-033"), result.stderr


def test_years_that_contradict_the_conditions_say_which(town: Any) -> None:
    """200 yuan lapse in the first year, and 100 of the second buy too little for everybody."""
    priced(town, ("p11", "300"), ("p22", "250"))
    years = YEARS.replace("count = 1", "budget = 200") + "budget = 100\n"
    result = command(town, f"target = 30\n{PHASES}{years}")
    assert result.exit_code == 4, result.output
    assert result.stderr.startswith("E-SITE-008"), result.stderr
    assert "2030: a budget of 100 yuan" in result.stderr
    assert "people served" in result.stderr


def test_the_terminal_names_what_a_robust_plan_opens_and_closes(town: Any) -> None:
    places(town, *OWN)
    town.study += LAYER
    told = command(town, f"close = 1\n{ROBUST}people_percent = [90]")
    assert told.exit_code == 0, told.output
    robust = told.stdout.partition("robust (")[2]
    assert "1 closed" in robust.partition("\n")[0]
    assert "    opens: 地块p" in robust
    assert "; closes: 幸福驿站" in robust
