"""``carecircle site`` with places, from a study file to its outputs, on the town of nine blocks."""

from __future__ import annotations

import json
import re
from typing import Any

import geopandas as gpd
import openpyxl
import pytest

from carecircle.coverage.site_question import reach_of
from carecircle.siteseats import NEAR_FULL_STATIONS, with_sites_for_seats
from carecircle.sitestudy import ground_of
from carecircle.steps import Steps
from carecircle.study import Study
from tests.carecircle.test_site_command import (
    LAYER,
    OWN,
    SOUTH,
    STEP,
    WEST,
    command,
    studied,
    with_towns,
)

PARTS = ("served", "without_seat", "out_of_reach", "excluded")
WORDS = 'name = "name" }'


def with_places(town: Any, station: Any, *candidates: Any) -> None:
    """Places of the station and of candidates, blank where None; as many as are named."""
    town.stations[0]["cap"] = "" if station is None else station
    town.study = town.study.replace(WORDS, 'name = "name", capacity = "cap" }')
    if not candidates:
        return
    lines = ["code,name,lng,lat,cap,price"]
    for (code, x, y), places in zip(OWN, candidates, strict=False):
        told = "" if places is None else places
        lines.append(f"{code},地块{code},{WEST + x * STEP:.7f},{SOUTH + y * STEP:.7f},{told},100")
    (town.folder / "places.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    town.study += LAYER.replace(WORDS, 'name = "name", capacity = "cap", cost = "price" }')


def ledger(found: dict[str, Any]) -> tuple[int, ...]:
    assert sum(found[part] for part in PARTS) == found["input"]
    return tuple(found[part] for part in PARTS)


def test_the_ledgers_of_places_add_up_and_are_those_of_access(town: Any) -> None:
    # Of nine blocks of 20 the station reaches one, the first two candidates three each.
    with_places(town, 8, 30, 30, 30, 30)
    with_towns(town)
    found = studied(town, "count = [1, 2]\nseats = true\nevery_town_percent = 1")
    summary = json.loads((town.folder / "out" / "summary.json").read_text(encoding="utf-8"))
    access = summary["circles"][0]["access"]["places"]
    assert [plan["seats_after"]["served"] for plan in found["plans"]] == [38, 68]
    for plan in found["plans"]:
        served, without, out, excluded = ledger(plan["seats_before"])
        assert (served, without, out + excluded) == (8, 12, 160)
        told = tuple(access[name] for name in ("placed", "without_place", "out_of_reach"))
        assert told == (served, without, out + excluded)
        assert plan["seats_gained"] == sum(one["gain_people"] for one in plan["chosen"])
        for side in ("before", "after"):
            whole = ledger(plan[f"seats_{side}"])
            units = [ledger(unit[side]) for unit in plan["seats_by_unit"]]
            assert tuple(map(sum, zip(*units, strict=True))) == whole
            people = plan[f"people_{side}"]
            assert whole[0] + whole[1] == people["covered"]
            assert people["covered"] + people["uncovered"] == 180


def test_every_output_tells_of_places(town: Any) -> None:
    with_places(town, 10, 30, 30)
    found = studied(
        town, "count = 1\nseats = true\nfrontier = true\n[siting.enlarge]\nseats = 15\ncost = 50"
    )
    plan = found["plans"][0]
    assert plan["enlarged"] == [
        {
            "order": 1,
            "facility_id": "s1",
            "name": "幸福驿站",
            "seats": 25,
            "gain_people": 10,
            "cost": None,
        }
    ]
    assert [one["seats"] for one in plan["chosen"]] == [30]
    assert ledger(plan["seats_after"]) == (50, 30, 100, 0)
    out = town.folder / "out"
    layer = gpd.read_file(out / "results.gpkg", layer="site_plan")
    assert sorted(zip(layer["action"], layer["seats"], layer["change_people"], strict=True)) == [
        ("enlarge", 25.0, 10.0),
        ("open", 30.0, 30.0),
    ]
    book = openpyxl.load_workbook(out / "tables.xlsx")
    rows = [[cell.value for cell in row] for row in book["选址方案 Site plan"].rows]
    assert [(row[2], row[9], row[13]) for row in rows[1:]] == [
        ("扩建 enlarge", 10, 25),
        ("新建 open", 30, 30),
    ]
    whole = [cell.value for cell in list(book["名额前后 Places before-after"].rows)[1]]
    assert whole[5:13] == [180, 10, 10, 160, 50, 30, 100, 0]
    assert whole[15] == 40
    page = (out / "map.html").read_text(encoding="utf-8")
    data = json.loads(re.findall(r'id="data"[^>]*>(.*?)</script>', page, re.DOTALL)[0])
    shown = data["summary"]["circles"][0]["site_study"]["plans"][0]
    assert shown["enlarged"] == [{"name": "幸福驿站", "gain_people": 10, "seats": 25}]
    assert shown["seats"] == {
        "asking": 180,
        "served_before": 10,
        "percent_before": 5.5,
        "served_after": 50,
        "percent_after": 27.7,
    }


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["10 -> 40 have one", "40 reach full stations only, 100 none, 0 excluded"]),
        ("zh", ["有名额 10 → 40 人", "时限内名额已满 40 人，时限内无设施 100 人，未参与 0 人"]),
    ],
)
def test_the_terminal_tells_who_has_a_place(town: Any, lang: str, words: list[str]) -> None:
    with_places(town, 10, 30, 30)
    result = command(town, "count = 1\nseats = true", lang=lang)
    assert result.exit_code == 0, result.output
    for word in words:
        assert word in result.stdout


def test_unknown_places_are_refused_by_name_or_counted_as_stated(town: Any) -> None:
    with_places(town, None, 30, None)
    refused = command(town, "count = 1\nseats = true")
    assert refused.exit_code == 3
    assert refused.stderr.startswith("E-SITE-037")
    assert "1 stations and 1 candidates" in refused.stderr
    assert "幸福驿站 (s1), 地块p12 (p12)" in refused.stderr
    assert "p11" not in refused.stderr
    stated = command(town, "count = 1\nseats = true\nseats_unknown = 5")
    assert stated.exit_code == 0, stated.output
    assert "1 stations of today and 1 candidates do not tell theirs" in stated.stdout
    summary = json.loads((town.folder / "out" / "summary.json").read_text(encoding="utf-8"))
    plan = summary["circles"][0]["site_study"]["plans"][0]
    assert (plan["seats_before"]["served"], plan["seats_after"]["served"]) == (5, 35)


def test_places_along_the_streets_tell_none(town: Any) -> None:
    with_places(town, 10)
    refused = command(town, "count = 1\nseats = true")
    assert refused.exit_code == 3
    assert refused.stderr.startswith("E-SITE-037")


def test_money_is_spent_on_the_cheaper_places(town: Any) -> None:
    # 100 for 30 places that 30 people take, or 60 for the 10 who have none at the station.
    with_places(town, 10, 30, 30)
    more = "\n[siting.enlarge]\nseats = 15\ncost = 60"
    plans = [
        studied(town, f"count = 2\nseats = true\nbudget = {budget}{more}")["plans"][0]
        for budget in (60, 100, 160)
    ]
    assert [plan["cost"] for plan in plans] == [60, 100, 160]
    assert [plan["seats_gained"] for plan in plans] == [10, 30, 40]
    assert plans[0]["enlarged"][0]["cost"] == 60


def test_a_place_near_full_stations_alone_is_a_candidate(town: Any) -> None:
    # A station without a place stands at every home: without seats there is nothing to gain.
    town.stations = [
        {"code": f"s{q['code']}", "name": q["小区"], "lng": q["lng"], "lat": q["lat"]}
        for q in town.quarters
    ]
    for station in town.stations:
        station["cap"] = 0
    town.study = town.study.replace(WORDS, 'name = "name", capacity = "cap" }')
    plan = studied(town, "count = 1\nseats = true\nseats_unknown = 15")["plans"][0]
    assert plan["people_before"]["uncovered"] == 0
    assert plan["seats_gained"] == 15
    assert plan["chosen"][0]["candidate_id"].startswith(NEAR_FULL_STATIONS)
    study = Study.from_file(town.write())
    inputs, result = study.read(Steps()), study.run().circles[0]
    seats = study.file.siting.asked_seats
    assert seats is not None
    ground = with_sites_for_seats(ground_of(result, inputs), inputs, seats)
    reach = reach_of(ground).toarray()[:, len(ground.stations) :]
    chosen = ground.sites.table.index.get_loc(plan["chosen"][0]["candidate_id"])
    assert reach[:, chosen].any()
    layer = gpd.read_file(town.folder / "out" / "results.gpkg", layer="site_plan")
    at = ground.sites.table.loc[plan["chosen"][0]["candidate_id"]].geometry
    assert layer.to_crs(ground.network.crs).geometry.iloc[0].distance(at) < 0.01


@pytest.mark.parametrize(
    ("siting", "id", "code"),
    [
        ("seats_unknown = 3", "E-SITE-038", 3),
        ("[siting.enlarge]\nseats = 3", "E-SITE-038", 3),
        ("seats = true\nbudget = 500\n[siting.enlarge]\nseats = 3", "E-SITE-039", 3),
        ('seats = true\n[siting.enlarge]\nseats = 3\nstations = ["s2"]', "E-SITE-040", 3),
        ("seats = true\n[siting.enlarge]\nseats = 0", "E-STU-007", 3),
        ("seats = true\n[siting.enlarge]\ncost = 5", "E-STU-005", 3),
        ("seats = true\nseats_unknown = -1", "E-STU-007", 3),
        ("seats = true\ncount = 2\ntarget = 100", "E-SITE-004", 4),
        ("seats = true\ncount = 1\ntarget = 30", "E-SITE-041", 4),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_question_about_places_without_an_answer_is_refused(
    town: Any, siting: str, id: str, code: int, lang: str
) -> None:
    with_places(town, 10, 30, 30, 30)
    result = command(town, siting, lang=lang)
    assert result.exit_code == code, result.output
    assert any(line.startswith(id) for line in result.stderr.splitlines()), result.stderr
    assert not (town.folder / "out").exists()


def test_how_many_places_are_missing_is_told(town: Any) -> None:
    # 180 people ask. Places count as far as people reach them: 10, 30, 30, and the third
    # candidate, within reach of one block alone, 20 of 30.
    with_places(town, 10, 30, 30, 30)
    result = command(town, "seats = true\ncount = 3\ntarget = 100")
    assert "seats for 90 only; 30 seats are missing" in result.stderr
    # One candidate of three: 10 + 30 of the 54 that are 30 %.
    result = command(town, "seats = true\ncount = 1\ntarget = 30")
    assert "more than 40; 14 are missing" in result.stderr


def test_places_of_the_run_keep_their_numbers_among_more(town: Any) -> None:
    # The block of the full station is covered: places near it are candidates of the study alone.
    with_places(town, 0)
    found = studied(town, "count = 1\nseats = true\nseats_unknown = 50")
    study = Study.from_file(town.write())
    run, asked = study.run().circles[0], study.run(site=True).circles[0]
    assert asked.site_study is not None
    ids = list(asked.site_study.sites.table.index)
    before = list(run.candidates.index)
    assert ids[: len(before)] == before
    assert len(ids) > len(before)
    assert all(id.startswith(NEAR_FULL_STATIONS) for id in ids[len(before) :])
    assert len(set(ids)) == len(ids) == found["candidates"]
    assert asked.candidates["order"].dropna().index.tolist() == (
        run.candidates["order"].dropna().index.tolist()
    )
    doors = {(at.x, at.y) for at in asked.candidates.geometry}
    assert len(doors) == len(ids)
    layer = gpd.read_file(town.folder / "out" / "results.gpkg", layer="candidates")
    assert layer["candidate_id"].tolist() == ids
