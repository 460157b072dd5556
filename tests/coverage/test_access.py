"""One road, three stations, walks known by hand; then any small town against brute force.

The road: 100 m are 100 seconds (1 m/s); station s0 at 0 m, s1 at 600 m, s2 at 3000 m.
"""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.coverage.access import AccessSettings, Catchments, CircleAccess, Doubt
from carecircle.coverage.access_summary import access_figures
from carecircle.coverage.access_words import circle_sentences
from carecircle.coverage.places import places_in_units
from carecircle.coverage.result import CircleResult
from carecircle.isochrones.walkers import WALKERS

HOMES = [
    ("a", 10, (0, 0)),
    ("b", 20, (300, 0)),
    ("c", 30, (1200, 0)),
    ("d", 40, (2500, 0)),
    ("e", 5, (9000, 0)),  # no street is near
]
STATIONS = [(0, 0), (600, 0), (3000, 0)]


@pytest.fixture(scope="module")
def road(make: SimpleNamespace) -> Any:
    return make.Town(
        make.grid(40),
        HOMES,
        STATIONS,
        names=["甲", "乙", "丙", "丁", "戊"],
        admin=["u1", "u1", "u2", None, "u2"],
        units=make.units({"u1": "东街道", "u2": "西街道"}),
        capacity=[5, 40, None],
    )


@pytest.fixture(scope="module")
def result(road: Any) -> CircleResult:
    found: CircleResult = road.study(target="60")
    return found


def test_people_within_other_minutes(result: CircleResult) -> None:
    # walks: a 0, b 300 s, c 600 s, d 500 s, e none
    within = {row["minutes"]: row["people"] for row in access_figures(result)["within"]}
    assert {m: ledger["covered"] for m, ledger in within.items()} == {
        5: 30,
        10: 100,
        15: 100,
        30: 100,
    }
    assert within[5] == {
        "input": 105, "covered": 30, "uncovered": 70,
        "excluded": {"too_far_from_street": 5}, "percent": 28.5,
    }  # fmt: skip
    everybody = access_figures(result)["by_group"][0]
    assert everybody["group"]["id"] == "population"
    assert [row["people"]["covered"] for row in everybody["within"]] == [90, 300, 300, 300]


def test_the_curve_tells_the_nearest_and_the_second(result: CircleResult) -> None:
    # second: a 600 s (s1), b 300 s (s0), c 1200 s (s0), d 1900 s (s1): beyond 30 minutes
    curve = result.access.curve
    assert curve.index.tolist() == list(range(31))
    assert curve["nearest"].iloc[[0, 4, 5, 8, 9, 10, 30]].tolist() == [10, 10, 30, 30, 70, 100, 100]
    assert curve["second"].iloc[[4, 5, 9, 10, 19, 20, 30]].tolist() == [0, 20, 20, 30, 30, 60, 60]
    assert result.access.quarters["second_minutes"].iloc[:3].tolist() == [10.0, 5.0, 20.0]
    assert result.access.quarters["second_minutes"].iloc[3:].isna().all()


def test_second_choices_and_what_a_closure_costs(result: CircleResult) -> None:
    access = result.access  # within 900 s: a s0 s1, b s0 s1, c s1, d s2
    assert access.backup == (100, 30, 0)
    assert access.closures["people_lost"].to_dict() == {"s0": 0, "s1": 30, "s2": 40}
    assert access.quarters["facilities_within"].tolist() == [2, 2, 1, 1, 0]
    assert access.quarters["people_two"].tolist() == [10, 20, 0, 0, 0]


def test_every_level_is_the_whole_again(result: CircleResult) -> None:
    units = result.access.units
    assert units is not None
    assert units.index.tolist() == ["u1", "u2", ""]
    assert units["age_60_plus_covered"].tolist() == [30, 30, 40]
    assert units["age_60_plus_excluded"].tolist() == [0, 5, 0]
    assert units["within_5"].tolist() == [30, 0, 0]
    assert units["choice_2"].tolist() == [30, 0, 0]
    assert units["population_covered"].tolist() == [90, 90, 120]
    assert units["placed"].tolist() == [30, 15, 0]


def test_two_levels_are_each_the_whole(make: SimpleNamespace, road: Any) -> None:
    units = make.units({"t1": "东镇", "c1": "一社区", "c2": "二社区"})
    units["level"], units["parent"] = ["town", "community", "community"], ["", "t1", "t1"]
    levels = {
        "town_id": ["t1", "t1", "t1", None, None],
        "community_id": ["c1", "c2", "c2", None, None],
    }
    found = replace(road, units=units).study(**levels)
    table = found.access.units
    assert table is not None
    assert table["level"].tolist() == ["town", "town", "community", "community", "community"]
    assert table["age_60_plus_covered"].tolist() == [60, 40, 10, 50, 40]
    for _, level in table.groupby("level"):
        assert level["population"].sum() == 315
        assert level["without_place"].sum() == 15
    assert access_figures(found)["places"]["shortages"][0]["unit"] == "二社区"
    (facilities, _) = access_figures(found)["evenness"]
    assert [part["level"] for part in facilities["by_level"]] == ["town", "community"]


def test_places_count_in_the_unit_where_they_stand(make: SimpleNamespace) -> None:
    units = make.units({"t1": "东镇", "c1": "一社区"}).assign(level=["town", "community"])
    stations = pd.DataFrame(
        {
            "capacity": pd.array([5, 40, None], "Int64"),
            "town_id": pd.Series(["t1", "t1", "t1"], dtype="str"),
            "community_id": pd.Series(["c1", None, "c1"], dtype="str"),
        }
    )
    found = places_in_units(units, stations)
    assert found is not None
    assert found.to_dict() == {("town", "t1"): 45, ("community", ""): 40, ("community", "c1"): 5}
    assert places_in_units(units, stations.drop(columns="town_id")) is None


def test_the_verdict_is_tried_at_every_speed(result: CircleResult) -> None:
    band = access_figures(result)["band"]
    # at 0.6 m/s c takes 1000 s, d 833 s: 70 of 105; at 0.8 and 1.0 all 100
    assert [row["metres_per_second"] for row in band["speeds"]] == [0.6, 0.8, 1.0]
    assert [row["people"]["covered"] for row in band["speeds"]] == [70, 100, 100]
    assert [row["verdict"] for row in band["speeds"]] == ["met", "met", "met"]
    assert not band["flips"]
    assert result.access.quarters["at_speeds"].tolist() == [
        "always", "always", "depends", "always", "never",
    ]  # fmt: skip


def test_a_verdict_that_depends_on_the_speed_is_marked(road: Any) -> None:
    band = road.study(target="80").access
    assert band.band["verdict"].tolist() == ["not_met", "met", "met"]
    assert band.flips


def test_the_walkers_own_speed_is_in_the_band_to_the_person(road: Any) -> None:
    found = road.study(walker="carer")
    assert found.access.band.index.tolist() == [600, 800, 850, 1000]
    assert found.access.band.loc[850, "people_covered"] == found.coverage.people.covered


def test_places_by_hand(result: CircleResult) -> None:
    # s0 has 5 places, s1 40, s2 does not say: a 10 and b 20 reach both, c 30 only s1, d nothing
    # that takes part. 45 places for 60 people: 15 are left out wherever, d and e are out of reach.
    figures = access_figures(result)["places"]
    assert figures["assessed"] == "partly"
    assert figures["without_capacity"] == ["s2"]
    assert (figures["places"], figures["people"], figures["demand"]) == (45, 105, 105)
    assert figures["placed"] == 45
    assert figures["without_place"] == 15
    assert figures["out_of_reach"] == 45
    assert figures["only_unknown"] == 40  # d, who reaches s2
    assert figures["placed_percent"] == 42.8
    assert figures["per_1000"] == 428.57
    # least walking: s0 takes a (0 s); of the 40 in s1 the 20 of b (300 s) and 5 of a (600 s)
    # go first, then 15 of c (600 s): (20 * 300 + 20 * 600) s over 45 people
    assert figures["mean_minutes"] == round(18_000 / 45 / 60, 1)
    (short,) = figures["shortages"]
    assert (short["people"], short["places"], short["missing_places"]) == (60, 45, 15)
    assert (short["name"], short["unit"]) == ("丙", "东街道")
    assert short["block_ids"] == ["a", "b", "c"]
    assert short["facility_ids"] == ["s0", "s1"]
    facilities = {row["facility_id"]: row for row in figures["facilities"]}
    assert [facilities[s]["overloaded"] for s in ("s0", "s1")] == [True, False]  # b: a tie
    assert [facilities[s]["nearest_people"] for s in ("s0", "s1")] == [30, 30]
    # nobody is under-served, so all stand under 0: the rest of the study
    assert figures["neighbourhoods"] == [
        {"rank": 0, "demand": 105, "placed": 45, "without_place": 15, "out_of_reach": 45}
    ]


def test_places_per_1000_are_the_two_steps_by_hand(result: CircleResult) -> None:
    # s0: 5 places over a and b, 5 / 30; s1: 40 over a, b and c, 40 / 60
    quarters = result.access.quarters
    both, one = 1000 * (5 / 30 + 40 / 60), 1000 * 40 / 60
    assert quarters["2sfca"].tolist() == pytest.approx([both, both, one, 0, 0])
    living = result.coverage.quarters["people"]
    for method in ("2sfca", "e2sfca", "3sfca"):  # each hands out all 45 places
        assert (quarters[method] * living).sum() / 1000 == pytest.approx(45)


def test_fairness_has_the_people_without_beside_it(result: CircleResult) -> None:
    facilities, places = access_figures(result)["evenness"]
    assert (facilities["amount"], places["amount"]) == ("facilities", "places")
    assert (facilities["without"], facilities["without_percent"]) == (5, 4.7)
    assert (places["without"], places["people"]) == (45, 105)
    # facilities: 30 people have 2, 70 have 1, 5 none; mean differences by hand
    people, amount = np.array([30, 70, 5]), np.array([2, 1, 0])
    apart = np.abs(amount[:, None] - amount) * people[:, None] * people
    assert facilities["gini"] == pytest.approx(apart.sum() / (2 * 105 * 130), abs=5e-5)
    (level,) = facilities["by_level"]
    assert level["between"] + level["within"] == pytest.approx(facilities["theil"], abs=2e-4)


def test_the_worst_served_come_first(result: CircleResult) -> None:
    worst = access_figures(result)["worst_served"]
    assert [(row["block_id"], row["minutes"]) for row in worst] == [
        ("e", None), ("c", 10.0), ("d", 8.333), ("b", 5.0), ("a", 0.0),
    ]  # fmt: skip
    assert access_figures(result)["worst_tenth_minutes"] == 10.0  # e's 5 and 5.5 of c


def test_only_those_who_ask_for_a_place_are_assigned(make: SimpleNamespace, road: Any) -> None:
    found = road.study(demand_percent="10")
    figures = access_figures(found)["places"]
    assert figures["demand"] == 11  # 10.5, half up
    assert figures["placed"] + figures["without_place"] + figures["out_of_reach"] == 11
    assert figures["without_place"] == 0
    assert found.access.quarters["2sfca"].iloc[2] == pytest.approx(1000 * 40 / 60)  # of all people
    said = {one.id: one.en for one in circle_sentences(found)}
    assert "10 % of the people aged 60 and over" in said["access-places-elderly"]


def test_without_any_capacity_places_are_not_assessed(make: SimpleNamespace) -> None:
    found = make.Town(make.grid(40), HOMES, STATIONS).study()
    assert found.access.places is None
    assert access_figures(found)["places"] == {
        "assessed": "not_assessed",
        "without_capacity": ["s0", "s1", "s2"],
        "with_none": [],
    }
    said = {one.id: one for one in circle_sentences(found)}
    assert "not assessed" in said["access-places-elderly"].en
    assert "未作评价" in said["access-places-elderly"].zh


def test_facilities_with_no_place_or_no_figure_are_named(make: SimpleNamespace) -> None:
    town = make.Town(make.grid(40), HOMES, STATIONS, capacity=[0, 40, None])
    found = town.study()
    assert (found.access.empty, found.access.without_capacity) == (("s0",), ("s2",))
    said = {one.id: one for one in circle_sentences(found)}
    assert said["access-capacity-zero-elderly"].en.endswith("s0.")
    assert said["access-capacity-unknown-elderly"].zh.endswith("s2。")
    assert access_figures(found)["places"]["placed"] == 40


def test_more_places_than_any_sum_holds_are_as_good_as_enough(make: SimpleNamespace) -> None:
    town = make.Town(make.grid(40), HOMES, [(0, 0)] * 12, capacity=[10**9] * 12)
    figures = access_figures(town.study())["places"]
    assert (figures["placed"], figures["without_place"]) == (30, 0)  # a and b
    assert figures["places"] == 12 * 10**9


def test_a_town_without_stations_has_places_for_nobody(make: SimpleNamespace) -> None:
    figures = access_figures(make.Town(make.grid(40), HOMES).study())
    assert figures["places"]["assessed"] == "assessed"
    assert figures["places"]["out_of_reach"] == 105
    assert figures["backup"][0]["people"] == 0
    assert figures["evenness"][0]["gini"] is None
    json.dumps(figures, allow_nan=False)


def test_nothing_is_drawn_unless_asked_for(road: Any, result: CircleResult) -> None:
    assert access_figures(result)["doubt"] is None
    certain = Doubt(draws=100, speed_mm_per_s=(1000, 1000, 1000))
    doubt = access_figures(road.study(target="60", access=AccessSettings(doubt=certain)))["doubt"]
    assert doubt == {
        "draws": 100, "percent_low": 95.2, "percent_middle": 95.2, "percent_high": 95.2,
        "met_probability": 1.0, "met_percent": 100.0, "flips": False,
    }  # fmt: skip


def test_draws_give_each_quarter_a_chance(road: Any) -> None:
    wide = AccessSettings(doubt=Doubt(draws=400, seed=7, speed_mm_per_s=(600, 800, 1000)))
    found = road.study(target="80", access=wide)
    chance = found.access.quarters["probability"]
    assert chance.iloc[[0, 1, 3, 4]].tolist() == [1, 1, 1, 0]
    # c needs 2/3 m/s: the triangle has (2/3 - 0.6) ** 2 / (0.4 * 0.2) = 1/18 below
    assert chance.iloc[2] == pytest.approx(17 / 18, abs=0.04)
    doubt = access_figures(found)["doubt"]
    assert doubt["met_probability"] == pytest.approx(chance.iloc[2], abs=5e-4)  # rounded
    assert doubt["flips"]
    again = road.study(target="80", access=wide)
    assert again.access.quarters["probability"].equals(chance)
    assert "seed 7" in " ".join(one.en for one in circle_sentences(found))


def test_a_gate_that_is_mapped_is_not_drawn(make: SimpleNamespace, road: Any) -> None:
    certain = Doubt(draws=200, speed_mm_per_s=(1000, 1000, 1000), gate_m=800)
    found = road.study(access=AccessSettings(doubt=certain), gate_rule=["osm_gates"] * 5)
    assert found.access.quarters["probability"].tolist() == [1, 1, 1, 1, 0]
    open_gates = road.study(access=AccessSettings(doubt=certain), gate_rule=["nearest_edge"] * 5)
    # c has 300 s to spare of up to 800 s
    assert open_gates.access.quarters["probability"].iloc[2] == pytest.approx(3 / 8, abs=0.12)


def test_households_go_with_their_quarters(road: Any) -> None:
    found = road.study(households=[4, 7, None, 12, 3])
    ledger = access_figures(found)["by_group"][-1]
    assert ledger["group"]["en"] == "households"
    at_15 = next(row["people"] for row in ledger["within"] if row["minutes"] == 15)
    assert (at_15["input"], at_15["covered"]) == (26, 23)
    assert at_15["excluded"] == {"too_far_from_street": 3}
    assert access_figures(found)["households_unknown"] == 1
    assert "1 quarters" in " ".join(one.en for one in circle_sentences(found))


def test_the_share_of_a_quarter_within_reach_is_told(make: SimpleNamespace) -> None:
    homes = [("a", 10, (0, 0)), ("a", 30, (1500, 0)), ("b", 0, (0, 0))]
    quarters = make.Town(make.grid(40), homes, [(0, 0)]).study().access.quarters
    assert quarters["percent_within"].iloc[0] == 25.0
    assert np.isnan(quarters["percent_within"].iloc[1])
    assert quarters["homes"].tolist() == [2, 1]


def test_a_walker_who_waits_is_split_into_walking_and_waiting(make: SimpleNamespace) -> None:
    # a crossing in the middle of a road of 600 m costs 200 s, whatever the speed
    xy = make.CORNER + np.array([(0, 0), (300, 0), (300, 0), (600, 0)])
    network = make.network(xy, [(0, 1), (1, 2), (2, 3)], {(1, 2): "wait_primary"}, shut=[(1, 2)])
    town = make.Town(network, [("a", 10, (0, 0))], [(600, 0)])
    waiting = replace(make.circle(15, "50").walker, waits_s=(0, 400, 0, 0))
    found = town.study(minutes=15, target="50", changed_walker=waiting)
    # 0.6 m/s: 1000 s + 200 s; 0.8: 750 s + 200 s = 950 s; 1.0: 600 s + 200 s = 800 s
    assert found.coverage.homes["minutes"].tolist() == [800 / 60]
    assert found.access.band["people_covered"].tolist() == [0, 0, 10]
    assert found.access.flips


PLACES = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(
    lambda at: (90.0 * at[0], 90.0 * at[1])
)
SOME_HOMES = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 30), PLACES), min_size=1, max_size=8
)


@settings(max_examples=25, deadline=None)
@given(
    homes=SOME_HOMES,
    stations=st.lists(PLACES, max_size=4),
    walker=st.sampled_from(["norm", "elderly", "carer"]),
    direction=st.sampled_from(["to", "round_trip"]),
)
def test_any_town_agrees_with_itself(
    make: SimpleNamespace, homes: Any, stations: Any, walker: str, direction: Any
) -> None:
    town = make.Town(
        make.grid(10, 10), homes, stations, capacity=[3 * at for at in range(len(stations))]
    )
    found = town.study(minutes=8, walker=walker, direction=direction)
    access, coverage = found.access, found.coverage
    people = coverage.homes["people"]
    minutes = coverage.homes["minutes"].fillna(np.inf)
    # of two ways the coverage knows walks up to twice the limit
    for minute in access.minutes if direction == "to" else (5, 8, 10, 15):
        covered = access.groups.loc[(found.circle.group, minute), "people_covered"]
        assert covered == people[minutes <= minute].sum() == access.curve.loc[minute, "nearest"]
    assert access.backup[0] == coverage.people.covered
    assert (access.curve["second"] <= access.curve["nearest"]).all()
    assert list(access.backup) == sorted(access.backup, reverse=True)
    assert (access.band["people_covered"].diff().dropna() >= 0).all()
    places = access.places
    assert places is not None
    assert (
        places.quarters[["placed", "without_place", "out_of_reach"]]
        .sum(axis=1)
        .equals(coverage.quarters["people"].rename(None))
    )
    assert places.quarters["out_of_reach"].sum() == people.sum() - coverage.people.covered
    parts = places.neighbourhoods[["placed", "without_place", "out_of_reach"]].sum(axis=1)
    assert parts.tolist() == places.neighbourhoods["demand"].tolist()
    assert parts.sum() == people.sum()
    json.dumps(access_figures(found), allow_nan=False)


def test_portions_of_facilities_give_the_same_table(
    make: SimpleNamespace, road: Any, result: CircleResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("carecircle.coverage.reached.MOST_PAIRS", 1)
    again = road.study(target="60")
    assert access_figures(again) == access_figures(result)
    assert isinstance(again.access, CircleAccess)
    pd.testing.assert_frame_equal(again.access.homes, result.access.homes)


def test_quarters_and_land_are_counted_at_every_minute(make: SimpleNamespace) -> None:
    # a has 6 people at 0 m and 4 at 400 m; half arrive at once, so a counts at 5 minutes.
    # b walks 1200 s, c stands where no street is, d has nobody and takes part in no count.
    homes = [("a", 6, (0, 0)), ("a", 4, (400, 0)), ("b", 10, (1200, 0)), ("c", 5, (1200, 5000)),
             ("d", 0, (0, 0))]  # fmt: skip
    town = make.Town(make.grid(20), homes, [(0, 0)])
    figures = access_figures(town.study(area_m2=[100, 200, 400, 800]))
    told = {
        row["minutes"]: tuple(
            (row[name]["input"], row[name]["covered"], row[name]["uncovered"],
             sum(row[name]["excluded"].values()))
            for name in ("people", "quarters", "land_m2")
        )
        for row in figures["within"]
    }  # fmt: skip
    assert told[5] == ((25, 6, 14, 5), (3, 1, 1, 1), (700, 100, 200, 400))
    assert told[15] == ((25, 10, 10, 5), (3, 1, 1, 1), (700, 100, 200, 400))
    assert told[30] == ((25, 20, 0, 5), (3, 2, 0, 1), (700, 300, 0, 400))


def test_facilities_of_a_kind_serve_as_far_as_the_study_says(
    make: SimpleNamespace, road: Any
) -> None:
    """s1 with 5 minutes of its own: only b, 300 s away, shares its 40 places."""
    own = AccessSettings(catchments=Catchments("grade", (("一级", 5), ("二级", 30))))
    plain, found = road.study(), graded(road, ["", "一级", ""]).study(access=own)
    quarters = found.access.quarters
    # s0 as before, 5 places over a and b (30 people); s1 40 places over the 20 of b
    assert quarters["2sfca"].tolist()[:3] == pytest.approx(
        [1000 * 5 / 30, 1000 * (5 / 30 + 40 / 20), 0]
    )
    living = found.coverage.quarters["people"]
    for method in ("2sfca", "e2sfca", "3sfca"):
        assert (quarters[method] * living).sum() / 1000 == pytest.approx(45)
    assert found.access.places is not None
    assert plain.access.places is not None
    assert np.array_equal(
        found.access.places.assignment.placed, plain.access.places.assignment.placed
    )
    assert found.coverage.people == plain.coverage.people
    said = {one.id: one.zh for one in circle_sentences(found)}["access-own-catchments-elderly"]
    assert "一级 5 分钟" in said
    # further than the limit of the circle: s0 with 30 minutes is shared by c, 1200 s away, too
    wide = graded(road, ["二级", "一级", ""]).study(access=own).access.quarters["2sfca"]
    assert wide.tolist()[:3] == pytest.approx([1000 * 5 / 60, 1000 * (5 / 60 + 2), 1000 * 5 / 60])


def graded(town: Any, grades: list[str]) -> Any:
    """The town with a grade of each of its stations."""

    class Graded(type(town)):  # type: ignore[misc]
        def facilities(self) -> Any:
            return super().facilities().assign(grade=["", *grades])

    return Graded(**vars(town))


def test_other_walkers_search_the_streets_by_themselves(make: SimpleNamespace) -> None:
    """20 people behind steps: who can use them walks 200 m, who cannot 3,000 m around."""
    xy = make.CORNER + np.array([(0, 0), (200, 0), (0, 1400), (200, 1400)], float)
    streets = [(0, 1), (0, 2), (2, 3), (1, 3)]
    network = make.network(xy, streets, kinds={(0, 1): "steps"})
    town = make.Town(network, [("a", 20, (200, 0)), ("b", 80, (0, 20))], [(0, 20)])
    access = AccessSettings(walkers=(WALKERS["stroller"], WALKERS["norm"]))
    found = town.study(target="90", access=access)
    assert found.coverage.verdict == "met"
    (row,) = access_figures(found)["walkers"]  # the circle's own is no other
    assert (row["id"], row["people"]["covered"], row["people"]["uncovered"]) == ("stroller", 80, 20)
    assert (row["quarters"]["input"], row["quarters"]["covered"]) == (2, 1)
    assert (row["land_m2"]["input"], row["land_m2"]["covered"]) == (2000, 1000)
    assert (row["verdict"], row["flips"], row["people_to_target"]) == ("not_met", True, 10)
    looser = town.study(target="80", access=access).access.walkers
    assert looser["flips"].tolist() == [False]


def test_other_walkers_are_told_of_every_unit_and_quarter(make: SimpleNamespace) -> None:
    """20 people behind steps in a community, 80 before them in another, 5 in none."""
    xy = make.CORNER + np.array([(0, 0), (200, 0), (0, 1400), (200, 1400)], float)
    streets = [(0, 1), (0, 2), (2, 3), (1, 3)]
    network = make.network(xy, streets, kinds={(0, 1): "steps"})
    quarters = [("a", 20, (200, 0)), ("b", 80, (0, 20)), ("c", 5, (0, 40))]
    units = make.units({"t1": "东镇", "c1": "一社区", "c2": "二社区"})
    units["level"], units["parent"] = ["town", "community", "community"], ["", "t1", "t1"]
    town = make.Town(network, quarters, [(0, 20)], admin=["c1", "c2", None], units=units)
    levels = {"town_id": ["t1", "t1", None], "community_id": ["c1", "c2", None]}
    found = town.study(access=AccessSettings(walkers=(WALKERS["stroller"],)), **levels)
    assert found.coverage.units["people_covered"].tolist() == [100, 5, 20, 80, 5]
    (row,) = access_figures(found)["walkers"]
    told = [
        (unit["level"], unit["id"], unit["people"]["covered"], unit["people"]["uncovered"])
        for unit in row["by_unit"]
    ]
    assert told == [
        ("town", "t1", 80, 20),
        ("town", "", 5, 0),
        ("community", "c1", 0, 20),
        ("community", "c2", 80, 0),
        ("community", "", 5, 0),
    ]
    in_quarters = {one["block_id"]: one["people"]["covered"] for one in row["by_quarter"]}
    assert in_quarters == {"a": 0, "b": 80, "c": 5}
    assert [one["status"] for one in row["by_quarter"]] == ["uncovered", "covered", "covered"]
    without = town.study(access=AccessSettings(), **levels).access
    assert len(without.walker_units) == len(without.walker_quarters) == 0
