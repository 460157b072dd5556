"""The goals ``walk`` and ``farthest`` of ``carecircle site``, against all plans."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from typing import Any

import networkx as nx
import numpy as np
import openpyxl
import pytest

from carecircle.coverage.site_answer import asked_of, site_study, walked_after
from carecircle.coverage.site_study import SiteQuestion
from carecircle.coverage.site_walk import table_of, without_plan
from carecircle.isochrones.minutes import NEVER
from carecircle.layers.problems import StudyError
from carecircle.sitestudy import ground_of
from carecircle.steps import Steps
from carecircle.study import Study
from tests.carecircle.test_site_command import LAYER, OWN, command, places, studied

MINUTE_MS = 60_000


def ground(town: Any) -> Any:
    study = Study.from_file(town.write())
    return ground_of(study.run().circles[0], study.read(Steps()))


def with_people(ground: Any, people: Any) -> Any:
    """The same ground with other people at its homes, one home in each quarter."""
    group, nobody = ground.circle.group, np.zeros(0, int)
    homes = ground.homes.assign(**{group: people})
    of_quarter = homes.set_index("block_id")[group]
    residential = ground.residential.assign(**{group: of_quarter})
    other = replace(ground, homes=homes, residential=residential)
    return replace(other, before=walked_after(other, nobody, nobody))


def dense(ground: Any, limit_ms: int) -> Any:
    """Walks of each place (rows) to each home; `NEVER` beyond the limit."""
    table = table_of(ground, limit_ms)
    ms = np.full((len(table), len(ground.homes)), NEVER)
    row = np.repeat(np.arange(len(table)), np.diff(table.indptr))
    ms[row, table.target] = table.ms
    return ms


def all_plans(ground: Any, count: int) -> Any:
    """Today's stations with every set of candidates that holds those that must be."""
    stations, must = len(ground.stations), set(ground.sites.must.tolist())
    for size in range(count + 1):
        for plan in combinations(range(len(ground.sites)), size):
            if must <= set(plan):
                yield [*range(stations), *(stations + at for at in plan)]


@pytest.fixture
def world(town: Any) -> Any:
    places(town, *OWN)
    town.study += LAYER
    return ground(town)


def test_two_hundred_random_worlds_are_solved_as_by_trying_all_plans(world: Any) -> None:
    rng = np.random.default_rng(6)
    infeasible = 0
    for _ in range(200):
        people = rng.integers(0, 30, len(world.homes)) * (rng.random(len(world.homes)) < 0.8)
        must = rng.random(len(world.sites)) < 0.15
        sites = replace(world.sites, table=world.sites.table.assign(must=must))
        asked = replace(with_people(world, people), sites=sites)
        count = int(rng.integers(must.sum(), len(must) + 1))
        limit_ms = int(rng.integers(5, 13)) * MINUTE_MS
        ms, plans = dense(asked, limit_ms), list(all_plans(asked, count))
        walks = [ms[plan].min(axis=0) for plan in plans]
        infeasible += agrees(asked, people, walks, ms.min(axis=0), count, limit_ms)
    assert 0 < infeasible < 150


def agrees(asked: Any, people: Any, walks: Any, nearest: Any, count: int, limit_ms: int) -> bool:
    """Both goals against all plans; whether the longest walk had no plan."""
    question = SiteQuestion(counts=(count,), goal="walk", walk_limit_ms=limit_ms)
    plan = site_told(asked, question)
    least = min(int((people * np.minimum(walk, limit_ms)).sum()) for walk in walks)
    assert plan.proofs[0].value == plan.proofs[0].bound == plan.walk.after.person_ms == least
    asks = (people > 0) & (nearest < NEVER)
    shortest = min(int(walk[asks].max(initial=0)) for walk in walks)
    farthest = replace(question, goal="farthest")
    if shortest == NEVER:
        with pytest.raises(StudyError, match="E-SITE-063"):
            site_told(asked, farthest)
        return True
    plan = site_told(asked, farthest)
    assert plan.proofs[0].value == plan.proofs[0].bound == shortest
    assert plan.walk.after.people_beyond == int(people[(people > 0) & (nearest == NEVER)].sum())
    return False


def site_told(asked: Any, question: SiteQuestion) -> Any:
    return site_study(asked_of(asked, question)).plans[0]


def test_the_walks_are_those_of_networkx_on_the_grid(town: Any) -> None:
    places(town, *OWN)
    town.study += LAYER
    plan = studied(town, 'goal = "walk"\ncount = 2\nwalk_limit_minutes = 30')["plans"][0]
    walk = plan["walk"]
    assert walk["before"]["people_beyond"] == 0 == walk["after"]["people_beyond"]
    assert walk["after"]["mean_minutes"] < walk["before"]["mean_minutes"]
    # 30 minutes reach the whole town, so its mean is that of a shortest path from every home
    asked = ground(town)
    grid, homes, stations = street_graph(asked)
    far = [min(nx.shortest_path_length(grid, s, h, "ms") for s in stations) for h in homes]
    people = asked.before.homes["people"].to_numpy()
    assert abs(walk["before"]["person_ms"] - int((people * far).sum())) <= 2 * people.sum()


def street_graph(asked: Any) -> Any:
    """The walk graph as networkx holds it, and its doors."""
    from carecircle.coverage.site_walk import graph_of

    graph = graph_of(asked, np.zeros(0, int))
    found = nx.DiGraph()
    tail = np.repeat(np.arange(len(graph.indptr) - 1), np.diff(graph.indptr))
    for a, b, ms in zip(tail.tolist(), graph.heads.tolist(), graph.arc_ms.tolist(), strict=True):
        if not found.has_edge(a, b) or found[a][b]["ms"] > ms:
            found.add_edge(a, b, ms=ms)
    homes, stations = graph.points
    return found.reverse(), homes.tolist(), stations.tolist()


def test_who_is_beyond_is_counted_with_the_stated_walk_and_named(town: Any) -> None:
    places(town, *OWN)
    town.study += LAYER
    walk = studied(town, 'goal = "walk"\ncount = 0\nwalk_limit_minutes = 5')["plans"][0]["walk"]
    # as today: one quarter is within five minutes of the station, eight of 20 people are not
    assert walk["after"] == walk["before"]
    assert walk["after"]["people_beyond"] == 160
    assert {one["people"] for one in walk["beyond"]} == {20}
    assert "小区 2-2" in {one["name"] for one in walk["beyond"]}
    near_ms = walk["after"]["longest_ms"]
    assert walk["after"]["person_ms"] == 20 * near_ms + 160 * 5 * MINUTE_MS


def test_the_sheets_and_the_terminal_tell_minutes(town: Any) -> None:
    places(town, *OWN)
    town.study += LAYER
    for goal, unit in (("walk", "person-minutes"), ("farthest", "minutes")):
        result = command(town, f'goal = "{goal}"\ncount = 5\nwalk_limit_minutes = 20', "--force")
        assert result.exit_code == 0, result.output
        assert "mean walk" in result.stdout and "counted with 20 min" in result.stdout
        out = town.folder / "out"
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
        proof = summary["circles"][0]["site_study"]["plans"][0]["proofs"][0]
        book = openpyxl.load_workbook(out / "tables.xlsx")
        assert "步行 Walks" in book.sheetnames and "步行上限外 Beyond" in book.sheetnames
        row = next(r for r in book["证明 Proof"].iter_rows(values_only=True) if unit in str(r[2]))
        assert row[3] == pytest.approx(proof["value"] / MINUTE_MS, abs=0.006)
    said = command(town, 'goal = "walk"\ncount = 1', "--force", lang="zh").stdout
    assert "平均步行" in said and "步行总时间最少" in said


@pytest.mark.parametrize(
    ("siting", "id", "code"),
    [
        ('goal = "walk"\nties = 3', "E-SITE-060", 3),
        ('goal = "farthest"\ntarget = 50', "E-SITE-060", 3),
        ('goal = "walk"\nfrontier = true', "E-SITE-060", 3),
        ("walk_limit_minutes = 20", "E-SITE-061", 3),
        ('goal = "walk"\nwalk_limit_minutes = 4', "E-SITE-062", 3),
        ('goal = "farthest"\ncount = 0\nwalk_limit_minutes = 6', "E-SITE-063", 4),
    ],
)
def test_what_does_not_go_together_is_refused(town: Any, siting: str, id: str, code: int) -> None:
    places(town, *OWN)
    town.study += LAYER
    result = command(town, siting)
    assert result.exit_code == code, result.output
    assert any(line.startswith(id) for line in result.stderr.splitlines()), result.stderr
    assert not (town.folder / "out").exists()


def test_no_plan_in_time_is_told_apart_from_none_at_all() -> None:
    in_time = without_plan(2, 600_000, None, 1.25, "study.toml")
    assert "E-SITE-064" in str(in_time)
    assert "no 2 stations were found" in str(in_time)
    none = without_plan(2, 600_000, 3, 1.25, "study.toml")
    assert "E-SITE-063" in str(none)
    assert "it takes 3 at least" in str(none)
