from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.coverage.circle import SiteSettings
from carecircle.coverage.result import CircleResult
from carecircle.coverage.summary import circle_summary

Study = Callable[..., CircleResult]
ROAD = [("a", 10, (0, 0)), ("b", 20, (500, 0)), ("c", 30, (901, 0)), ("d", 40, (1500, 0))]
PLACES = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(
    lambda at: (90.0 * at[0], 90.0 * at[1])
)
HOMES = st.lists(
    st.tuples(st.sampled_from("abcde"), st.integers(0, 30), PLACES), min_size=1, max_size=9
)


def uncrossed(make: SimpleNamespace) -> Any:
    """A grid of 10 x 10 streets of 200 m, too wide to cross in a few minutes."""
    return make.grid(10, 10, step_m=200.0)


def test_a_road_by_hand(make: SimpleNamespace, study: Study) -> None:
    # One station at the western end; 15 minutes are 900 m.
    result = study(make.grid(20), ROAD, [(0, 0)], target="80")
    coverage = result.coverage
    assert coverage.homes["status"].tolist() == ["covered", "covered", "uncovered", "uncovered"]
    assert coverage.homes["facility_id"].tolist() == ["s0"] * 4
    assert coverage.homes["minutes"].tolist() == [0.0, 500 / 60, 901 / 60, 25.0]
    assert (coverage.people.percent, coverage.verdict) == (30.0, "not_met")
    assert coverage.people_to_target == 50
    assert result.facilities.index.tolist() == ["s0"]
    assert result.facilities["snap_m"].tolist() == [0.0]
    assert result.facilities["on_island"].tolist() == [False]
    # One station within 900 m of both c and d covers everybody.
    assert result.plan.people_gained == result.plan.bound_people == 70
    assert len(result.plan.chosen) == 1
    assert result.fewest is not None
    assert (result.fewest.count, result.fewest.proven) == (1, True)
    assert result.fewest.reachable_percent == 100.0


def test_chosen_sites_keep_what_they_promise_when_they_are_built(
    make: SimpleNamespace, study: Study
) -> None:
    homes = [
        (f"q{x}{y}", 3 + x * y, (200.0 * x, 200.0 * y))
        for x, y in itertools.product(range(0, 10, 2), range(0, 10, 3))
    ]
    before = study(uncrossed(make), homes, [(0, 0)], minutes=5)
    chosen = before.candidates[before.candidates["order"].notna()].sort_values("order")
    assert len(chosen) == 2
    built = [tuple(xy - make.CORNER) for xy in shapely.get_coordinates(chosen.geometry)]
    covered = before.coverage.people.covered
    for opened, gain in enumerate(chosen["gain_people"], start=1):
        after = study(uncrossed(make), homes, [(0, 0), *built[:opened]], minutes=5)
        assert after.coverage.people.covered - covered == gain
        covered = after.coverage.people.covered
    assert covered - before.coverage.people.covered == before.plan.people_gained


def test_no_station_at_all(make: SimpleNamespace, study: Study) -> None:
    result = study(make.grid(20), ROAD, minutes=10, target="100")
    assert set(result.coverage.homes["status"]) == {"uncovered"}
    assert result.coverage.homes["minutes"].isna().all()
    assert result.coverage.homes["facility_id"].isna().all()
    for layer, columns in (
        (result.facilities, {"snap_m", "on_island"}),
        (result.areas.service_areas, {"facility_id", "minutes", "geometry"}),
        (result.areas.reach, {"minutes", "geometry"}),
        (result.areas.simplified_reach, {"minutes", "geometry"}),
    ):
        assert len(layer) == 0
        assert columns <= set(layer.columns)
        assert layer.crs == result.candidates.crs
    assert result.neighbourhoods["people"].sum() == 100
    assert result.plan.people_gained == 100
    assert result.fewest is not None
    assert result.fewest.count == 2
    json.dumps(circle_summary(result, estimated=True), allow_nan=False)


def test_everybody_covered(make: SimpleNamespace, study: Study) -> None:
    result = study(make.grid(5), [("a", 5, (0, 0))], [(100, 0)], target="100")
    assert result.coverage.verdict == "met"
    assert len(result.neighbourhoods) == len(result.candidates) == 0
    assert result.plan.status == "nothing_to_gain"
    assert result.fewest is not None
    assert (result.fewest.count, result.fewest.lower_bound) == (0, 0)
    json.dumps(circle_summary(result, estimated=False), allow_nan=False)


def test_a_target_out_of_reach_is_said(make: SimpleNamespace, study: Study) -> None:
    homes = [*ROAD, ("far", 100, (9000, 9000))]  # no street is near
    result = study(make.grid(20), homes, target="51")
    assert result.fewest is not None
    assert (result.fewest.count, result.fewest.proven) == (None, False)
    assert result.fewest.reachable_percent == 50.0


def test_a_station_that_no_street_is_near_covers_nobody(
    make: SimpleNamespace, study: Study
) -> None:
    result = study(make.grid(20), ROAD, [(0, 5000), (1500, 0)], minutes=5)
    assert result.coverage.homes["status"].tolist() == ["uncovered"] * 3 + ["covered"]
    assert result.facilities["snap_m"].isna().tolist() == [True, False]
    assert result.coverage.homes["facility_id"].tolist() == ["s1"] * 4
    area = result.areas.service_areas.set_index("facility_id").geometry.is_empty
    assert area.to_dict() == {"s0": True, "s1": False}


@pytest.mark.parametrize(
    ("minutes", "drawn"), [(15, [5, 10, 15]), (12, [5, 10, 12]), (5, [5]), (3, [3])]
)
def test_areas_are_drawn_every_five_minutes_and_at_the_limit(
    make: SimpleNamespace, study: Study, minutes: int, drawn: list[int]
) -> None:
    result = study(make.grid(20), ROAD, [(0, 0), (1500, 0)], minutes=minutes)
    assert result.areas.reach["minutes"].tolist() == drawn
    assert result.areas.service_areas["minutes"].tolist() == drawn * 2
    assert result.areas.service_areas["facility_id"].tolist() == ["s0"] * len(drawn) + ["s1"] * len(
        drawn
    )
    area = result.areas.reach.geometry.area
    assert area.is_monotonic_increasing
    # A road of 60 m a minute both ways of a station at its end, drawn 25 m wide on each side.
    assert area.iloc[0] == pytest.approx(
        result.areas.service_areas.geometry.area[[0, len(drawn)]].sum()
    )


def test_a_way_to_the_door_is_walked(make: SimpleNamespace, study: Study) -> None:
    near, far = ("a", 5, (300, 0)), ("b", 5, (300, 30))
    result = study(make.grid(10), [near, far], [(0, 0)], minutes=5)
    assert result.coverage.homes["minutes"].tolist() == [5.0, 5.5]
    assert result.coverage.homes["status"].tolist() == ["covered", "uncovered"]


def test_no_stations_wanted(make: SimpleNamespace, study: Study) -> None:
    result = study(make.grid(20), ROAD, settings=SiteSettings(count=0))
    assert result.plan.chosen == ()
    assert result.candidates["order"].isna().all()


@settings(deadline=None, max_examples=40)
@given(HOMES, st.lists(PLACES, max_size=3), PLACES)
def test_one_more_station_never_covers_less(
    make: SimpleNamespace,
    study: Study,
    homes: list[Any],
    stations: list[Any],
    another: tuple[float, float],
) -> None:
    network = uncrossed(make)
    fewer = study(network, homes, stations, minutes=4).coverage
    more = study(network, homes, [*stations, another], minutes=4).coverage
    covered = fewer.homes.index[fewer.homes["status"] == "covered"]
    assert (more.homes.loc[covered, "status"] == "covered").all()
    assert more.people.covered >= fewer.people.covered
    assert more.people.input == fewer.people.input


@settings(deadline=None, max_examples=40)
@given(HOMES, st.lists(PLACES, min_size=1, max_size=3), st.integers(1, 8), st.integers(1, 8))
def test_more_minutes_and_faster_walkers_never_cover_less(
    make: SimpleNamespace, study: Study, homes: list[Any], stations: list[Any], a: int, b: int
) -> None:
    network = uncrossed(make)
    short, long = sorted((a, b))
    for less, more in (
        ({"minutes": short}, {"minutes": long}),
        ({"minutes": short, "walker": "frail"}, {"minutes": short, "walker": "elderly"}),
    ):
        before = study(network, homes, stations, **less).coverage
        after = study(network, homes, stations, **more).coverage
        for one, other in ((before.homes, after.homes), (before.quarters, after.quarters)):
            covered = one.index[one["status"] == "covered"]
            assert (other.loc[covered, "status"] == "covered").all()


@settings(deadline=None, max_examples=30)
@given(HOMES, st.lists(PLACES, max_size=2), st.sampled_from([None, "50", "85", "100"]))
def test_every_figure_agrees_with_every_other(
    make: SimpleNamespace, study: Study, homes: list[Any], stations: list[Any], target: str | None
) -> None:
    result = study(uncrossed(make), homes, stations, minutes=4, target=target)
    people, plan = result.coverage.people, result.plan
    assert plan.people_gained == sum(plan.gains) <= plan.bound_people <= people.uncovered
    assert result.candidates["order"].notna().sum() == len(plan.chosen) <= 2
    assert np.array_equal(
        result.candidates.iloc[list(plan.chosen)]["gain_people"].to_numpy(np.int64), plan.gains
    )
    if target is None:
        assert result.fewest is None
    elif result.fewest is not None and result.fewest.count is not None:
        assert result.fewest.lower_bound <= result.fewest.count
        assert (result.fewest.count == 0) == (result.coverage.verdict != "not_met")
    figures = circle_summary(result, estimated=False)
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures


def test_simplified_areas_have_certificates_of_their_own(
    make: SimpleNamespace, study: Study
) -> None:
    """Ground is drawn 25 m around 300 m of road, and homes on the wrong side marked, but on a page.

    One home is 40 m from the road, 140 m to walk; one 10 m beyond its reached end, 320 m to walk.
    """
    homes = [("near", 5, (100, 10)), ("aside", 5, (100, 40)), ("late", 5, (310, 10))]
    result = study(make.grid(20), homes, [(0, 0)], minutes=5)
    marked, simple = result.areas.reach.iloc[0], result.areas.simplified_reach.iloc[0]
    inside = shapely.contains_xy(simple.geometry, make.CORNER + np.array([h[2] for h in homes]))
    reached = (result.coverage.homes["status"] == "covered").to_numpy()
    assert simple["minutes"] == marked["minutes"] == 5
    assert (marked["homes_not_reached"], marked["homes_left_out"]) == (0, 0)
    assert simple["homes_not_reached"] == (inside & ~reached).sum() == 1
    assert simple["homes_left_out"] == (reached & ~inside).sum() == 1
    (told,) = circle_summary(result, estimated=False)["simplified_reach"]
    assert told["homes_left_out"] == 1
    assert told["overshoot_s"] == simple["overshoot_s"]
    assert told["late_percent"] == simple["late_percent"]


def test_areas_with_many_corners_are_drawn_with_less_detail(
    make: SimpleNamespace, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes = [("a", 5, (x, y)) for x in (10, 310, 610) for y in (10, 310)]
    corners = []
    for most in 10**9, 40, 0:
        monkeypatch.setattr("carecircle.coverage.areas.MOST_CORNERS", most)
        result = study(make.grid(20), homes, [(0, 0), (600, 300)], minutes=15)
        simple = result.areas.simplified_reach.sort_values("minutes").geometry
        corners.append(int(shapely.get_num_coordinates(simple.to_numpy()).sum()))
        assert all(
            outer.buffer(1e-6).contains(inner) for inner, outer in itertools.pairwise(simple)
        )
    assert corners[0] > corners[1] >= corners[2] > 0
