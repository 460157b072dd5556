from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.coverage.lacking import beyond_ms, ranked

# A road of 1.9 km; five minutes are 300 m. The station stands at its western end.
ROAD = [
    ("a", 10, (0, 0)),
    ("e", 3, (400, 0)),  # 100 s beyond the limit
    ("b", 6, (1000, 0)),
    ("c", 4, (1200, 0)),
    ("d", 20, (1800, 0)),
]


def road(make: SimpleNamespace, **more: Any) -> Any:
    return make.Town(make.grid(20), ROAD, [(0, 0)], **more)


def test_nobody_near_is_distance_and_a_closed_station_near_is_type(make: SimpleNamespace) -> None:
    others = [("elderly", (1100, 0)), ("health", (1800, 0)), ("childcare", (1700, 0))]
    found = road(make, others=others).study(minutes=5).neighbourhoods
    assert found["block_ids"].tolist() == [["d"], ["b", "c"], ["e"]]
    assert found["people_distance"].tolist() == [20, 0, 3]
    assert found["people_type"].tolist() == [0, 10, 0]
    assert found["other_facilities"].tolist() == [[], ["x0"], []]
    assert found["missing"].tolist() == ["distance", "type", "distance"]
    assert found["people_without_place"].isna().all()  # no capacity is known


def test_a_canteen_is_something_like_a_station_for_the_elderly(make: SimpleNamespace) -> None:
    found = road(make, others=[("meals", (2101, 0))]).study(minutes=5).neighbourhoods
    assert found["people_type"].tolist() == [0, 0, 0]  # 301 m from d
    found = road(make, others=[("meals", (1900, 0))]).study(minutes=5).neighbourhoods
    assert found["people_type"].tolist() == [20, 0, 0]


def test_minutes_need_and_the_three_ranks(make: SimpleNamespace) -> None:
    found = road(make).study(minutes=5).neighbourhoods
    # b arrives after 1000 s and is more than half of b and c
    assert found["minutes"].tolist() == [30.0, 1000 / 60, 400 / 60]
    # at most once the limit each: 20 x 5, 10 x 5, and 3 x 100 s
    assert found["need_person_minutes"].tolist() == [100, 50, 5]
    assert found["rank_need"].tolist() == [1, 2, 3]
    assert found["rank_fairness"].tolist() == [1, 2, 3]
    assert found["age_60_plus_uncovered"].tolist() == found["people"].tolist() == [20, 10, 3]
    assert found["population_uncovered"].tolist() == [60, 30, 9]


def test_few_far_away_come_first_by_fairness_and_last_by_people(make: SimpleNamespace) -> None:
    homes = [("near", 50, (400, 0)), ("far", 2, (1900, 0))]
    found = make.Town(make.grid(20), homes, [(0, 0)]).study(minutes=5).neighbourhoods
    assert found["block_ids"].tolist() == [["near"], ["far"]]
    assert found["need_person_minutes"].tolist() == [5000 // 60, 10]
    assert found["rank_need"].tolist() == [1, 2]
    assert found["rank_fairness"].tolist() == [2, 1]


def test_whoever_never_arrives_is_worst_off(make: SimpleNamespace) -> None:
    xy = make.CORNER + np.array([[0, 0], [1900, 0], [0, 900], [300, 900]], float)
    homes = [("far", 9, (1900, 0)), ("island", 4, (100, 900))]
    town = make.Town(make.network(xy, [(0, 1), (2, 3)]), homes, [(0, 0)])
    found = town.study(minutes=5).neighbourhoods
    assert found["minutes"].isna().tolist() == [False, True]
    assert found["rank_fairness"].tolist() == [2, 1]
    assert found["need_person_minutes"].tolist() == [45, 20]


def test_a_place_that_nobody_gives_up_is_capacity(make: SimpleNamespace) -> None:
    # the quarter lies on both sides of the limit: 8 reach the station of 5 places, 2 do not
    homes = [("q", 8, (100, 0)), ("q", 2, (500, 0))]
    town = make.Town(make.grid(20), homes, [(0, 0)], capacity=[5])
    found = town.study(minutes=5).neighbourhoods
    assert found["people"].tolist() == [2]
    assert found["people_without_place"].tolist() == [3]
    assert found["missing"].tolist() == ["capacity, distance"]


def test_of_equal_walks_the_town_with_the_lowest_share_comes_first(make: SimpleNamespace) -> None:
    homes = [
        ("a", 30, (0, 0)),
        ("w", 10, (900, 0)),  # 15 minutes west of the eastern station, in the better town
        ("e", 9, (1900, 0)),
    ]
    admin = ["t1", "t1", "t2"]
    units = make.units({"t1": "东街道", "t2": "西街道"})
    town = make.Town(make.grid(29), homes, [(0, 0), (2800, 0)], admin=admin, units=units)
    found = town.study(minutes=5).neighbourhoods
    assert found["minutes"].tolist() == [15.0, 15.0]
    assert found["town"].tolist() == ["东街道", "西街道"]
    assert found["town_percent"].tolist() == [75.0, 0.0]
    assert found["rank_fairness"].tolist() == [2, 1]


@given(st.lists(st.integers(0, 40 * 60_000), max_size=9), st.integers(1, 20))
def test_nobody_is_further_beyond_than_the_limit_itself(ms: list[int], minutes: int) -> None:
    limit = minutes * 60_000
    found = beyond_ms(np.array(ms, np.int64), limit).tolist()
    assert found == [min(max(walk - limit, 0), limit) for walk in ms]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=9))
def test_ranks_are_those_of_a_plain_sort(rows: list[tuple[int, int]]) -> None:
    first, second = (np.array([row[at] for row in rows], np.int64) for at in (0, 1))
    order = sorted(range(len(rows)), key=lambda at: (*rows[at], at))
    assert ranked(first, second).tolist() == [order.index(at) + 1 for at in range(len(rows))]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.integers(0, 9), st.integers(0, 29)),
        min_size=1,
        max_size=10,
    ),
    st.lists(st.integers(0, 29), max_size=3),
)
def test_every_under_served_person_lacks_one_thing(
    make: SimpleNamespace, rows: list[tuple[str, int, int]], closed: list[int]
) -> None:
    homes = [(block, people, (100.0 * at, 0.0)) for block, people, at in rows]
    others = [("elderly", (100.0 * at, 0.0)) for at in closed]
    result = make.Town(make.grid(30), homes, [(0, 0)], others=others).study(minutes=5)
    found = result.neighbourhoods
    by_hand = sum(n for _, n, at in rows if at > 3 and any(abs(at - c) <= 3 for c in closed))
    assert found["people_type"].sum() == by_hand
    both = found["people_type"] + found["people_distance"]
    assert both.tolist() == found["people"].tolist()
    assert both.sum() == result.coverage.people.uncovered


@pytest.mark.parametrize("column", ["rank_need", "rank_fairness"])
def test_every_rank_is_given_once(make: SimpleNamespace, column: str) -> None:
    found = road(make).study(minutes=5).neighbourhoods
    assert sorted(found[column]) == [1, 2, 3]
