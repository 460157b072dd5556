"""Who finds a place: hand-made cases, networkx, and every subset of homes."""

from itertools import combinations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.coverage.assignment import (
    Assignment,
    assert_best,
    assign_places,
    best_flow,
    facilities_table,
    places_by,
    shortage_table,
)
from carecircle.isochrones.minutes import ReachTable

Pairs = dict[tuple[int, int], int]  # (home, facility): milliseconds


def table_of(pairs: Pairs, facilities: int) -> ReachTable:
    """A reach table from pairs."""
    rows = [sorted((h, ms) for (h, f), ms in pairs.items() if f == at) for at in range(facilities)]
    return ReachTable(
        indptr=np.cumsum([0, *map(len, rows)]).astype(np.int64),
        target=np.array([h for row in rows for h, _ in row], np.int32),
        ms=np.array([ms for row in rows for _, ms in row], np.int64),
    )


def solved(pairs: Pairs, people: list[int], places: list[int]) -> Assignment:
    return assign_places(
        table_of(pairs, len(places)), np.array(people, np.int64), np.array(places, np.int64)
    )


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Pairs, list[int], list[int]]:
    homes, facilities = draw(st.integers(1, 7)), draw(st.integers(1, 5))
    walk = st.one_of(st.none(), st.integers(0, 3), st.integers(0, 900_000))  # many ties
    pairs = {(h, f): draw(walk) for h in range(homes) for f in range(facilities)}
    some = st.integers(0, 6)
    return (
        {pair: ms for pair, ms in pairs.items() if ms is not None},
        draw(st.lists(some, min_size=homes, max_size=homes)),
        draw(st.lists(some, min_size=facilities, max_size=facilities)),
    )


def test_everybody_goes_to_the_nearest_where_there_is_room() -> None:
    found = solved({(0, 0): 5, (0, 1): 9, (1, 0): 8, (1, 1): 7}, [3, 4], [10, 10])
    assert found.placed.tolist() == [3, 4]
    assert list(zip(found.home, found.facility, found.people, strict=True)) == [
        (0, 0, 3),
        (1, 1, 4),
    ]
    assert found.total_ms == 3 * 5 + 4 * 7
    assert found.area_of_facility.tolist() == [-1, -1]


def test_one_gives_way_so_that_both_find_a_place() -> None:
    """Home 0 would take the nearest place, but home 1 has no other."""
    found = solved({(0, 0): 1, (0, 1): 800, (1, 0): 500}, [1, 1], [1, 1])
    assert found.placed.tolist() == [1, 1]
    assert found.facility.tolist() == [1, 0]
    assert found.total_ms == 1300


def test_most_people_come_before_short_walks() -> None:
    """A chain through every facility, at any price, rather than one person without a place."""
    pairs = {(0, 0): 0, **{(h, h): 0 for h in range(1, 5)}}
    pairs |= {(h, h + 1): 900_000 for h in range(5)} | {(5, 0): 900_000}
    found = solved(pairs, [1] * 6, [1] * 6)
    assert found.placed.sum() == 6
    assert found.total_ms == 900_000 * 6


def test_the_farthest_is_left_out_when_places_run_short() -> None:
    found = solved({(0, 0): 100, (1, 0): 99, (2, 0): 101}, [2, 2, 2], [3])
    assert found.placed.tolist() == [1, 2, 0]
    assert found.without_place.tolist() == [1, 0, 2]
    assert found.total_ms == 2 * 99 + 100


def test_equal_walks_go_to_the_first_home() -> None:
    assert solved({(0, 0): 7, (1, 0): 7}, [2, 2], [2]).placed.tolist() == [2, 0]


def test_out_of_reach_is_not_without_a_place() -> None:
    found = solved({(0, 0): 10}, [5, 7], [0])
    assert found.without_place.tolist() == [5, 0]
    assert found.out_of_reach.tolist() == [0, 7]
    assert (found.area_of_home.tolist(), found.area_of_facility.tolist()) == ([0, -1], [0])


def test_shortage_areas_and_tables() -> None:
    """Homes 0 and 1 compete for 3 places; home 2 has plenty; homes 3 and 4 share one place.

    Home 1 also reaches the roomy facility 2, so only home 0 is bound to facility 0.
    """
    pairs = {(0, 0): 60, (1, 0): 30, (1, 2): 50, (2, 2): 20, (3, 1): 10, (4, 1): 10}
    people, places = [5, 4, 2, 1, 1], [3, 1, 20]
    found = solved(pairs, people, places)
    assert found.placed.tolist() == [3, 4, 2, 1, 0]
    assert found.area_of_home.tolist() == [0, -1, -1, 1, 1]
    assert found.area_of_facility.tolist() == [0, 1, -1]
    areas = shortage_table(found, np.array(people), np.array(places))
    assert areas.to_dict("list") == {
        "homes": [1, 2],
        "people": [5, 2],
        "facilities": [1, 1],
        "places": [3, 1],
        "missing_places": [2, 1],
    }
    stations = facilities_table(found, table_of(pairs, 3), np.array(people), np.array(places))
    assert stations["used"].tolist() == [3, 1, 6]
    assert stations["free"].tolist() == [0, 0, 14]
    assert stations["nearest_people"].tolist() == [9, 2, 2]
    assert stations["overloaded"].tolist() == [True, True, False]
    towns = places_by(found, pd.Series(["b", "b", "a", "a", None], name="town_id"))
    assert towns.reset_index().to_numpy().tolist() == [
        ["", 1, 0, 1, 0],
        ["a", 3, 3, 0, 0],
        ["b", 9, 7, 2, 0],
    ]


@given(worlds())
@settings(max_examples=300, deadline=None)
def test_it_is_the_maximum_flow_of_least_cost(world: tuple[Pairs, list[int], list[int]]) -> None:
    pairs, people, places = world
    found = solved(pairs, people, places)
    graph = nx.DiGraph()
    graph.add_nodes_from(["from", "to"])
    for at, count in enumerate(people):
        graph.add_edge("from", ("home", at), capacity=count, weight=0)
    for at, count in enumerate(places):
        graph.add_edge(("facility", at), "to", capacity=count, weight=0)
    for (home, facility), ms in pairs.items():
        graph.add_edge(("home", home), ("facility", facility), weight=ms)
    flow = nx.max_flow_min_cost(graph, "from", "to")
    assert found.placed.sum() == nx.maximum_flow_value(graph, "from", "to")
    assert found.total_ms == nx.cost_of_flow(graph, flow)
    assert (found.used <= places).all() and (found.people > 0).all()
    whole = found.placed + found.without_place + found.out_of_reach
    assert whole.tolist() == people


@given(worlds())
@settings(max_examples=200, deadline=None)
def test_a_shortage_area_is_the_smallest_set_that_lacks_most(
    world: tuple[Pairs, list[int], list[int]],
) -> None:
    """By Ore (1955) the people left out are the largest lack of any set of homes."""
    pairs, people, places = world
    reaching = [h for h in range(len(people)) if any(home == h for home, _ in pairs)]
    lack = {}
    for size in range(len(reaching) + 1):
        for homes in combinations(reaching, size):
            near = {f for h, f in pairs if h in homes}
            lack[homes] = sum(people[h] for h in homes) - sum(places[f] for f in near)
    most = max(lack.values())
    smallest = set.intersection(*(set(homes) for homes in lack if lack[homes] == most))
    found = solved(pairs, people, places)
    assert found.without_place.sum() == most
    assert set(np.flatnonzero(found.area_of_home >= 0)) == smallest
    areas = shortage_table(found, np.array(people), np.array(places))
    assert areas["missing_places"].sum() == most
    assert (areas["missing_places"] > 0).all()


@given(worlds(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_layers_decides_nothing_that_is_certain(
    world: tuple[Pairs, list[int], list[int]], random: object
) -> None:
    pairs, people, places = world
    homes, stations = list(range(len(people))), list(range(len(places)))
    random.shuffle(homes)  # type: ignore[attr-defined]
    random.shuffle(stations)  # type: ignore[attr-defined]
    found = solved(pairs, people, places)
    other = solved(
        {(homes.index(h), stations.index(f)): ms for (h, f), ms in pairs.items()},
        [people[h] for h in homes],
        [places[f] for f in stations],
    )
    assert other.placed.sum() == found.placed.sum()
    assert other.total_ms == found.total_ms
    short, other_short = found.area_of_home >= 0, other.area_of_home >= 0
    assert other_short.tolist() == short[homes].tolist()


@given(worlds(), st.integers(0, 4))
@settings(max_examples=100, deadline=None)
def test_more_places_never_place_fewer(
    world: tuple[Pairs, list[int], list[int]], where: int
) -> None:
    pairs, people, places = world
    more = list(places)
    more[where % len(places)] += 1
    gained = solved(pairs, people, more).placed.sum() - solved(pairs, people, places).placed.sum()
    assert gained in (0, 1)


@given(worlds())
@settings(deadline=None)
def test_places_that_look_for_people_find_as_good_an_answer(
    world: tuple[Pairs, list[int], list[int]],
) -> None:
    """Whichever side looks, the answer is proven best: as many people, as many milliseconds."""
    pairs, people, places = world
    by_home = table_of(pairs, len(places)).transpose(len(people))
    home = np.repeat(np.arange(len(people)), np.diff(by_home.indptr))
    facility = by_home.target.astype(np.int64)
    counts = np.array(people, np.int64), np.array(places, np.int64)
    refusal_ms = (len(places) + 1) * int(by_home.ms.max(initial=0)) + 1
    totals = []
    for places_look in (True, False):
        flow, price = best_flow(by_home, home, facility, *counts, refusal_ms, places_look)
        assert_best(by_home, home, facility, *counts, flow, price, refusal_ms)
        totals.append((flow.sum(), (flow * by_home.ms).sum()))
    assert totals[0] == totals[1]


def test_a_middling_city_against_the_linear_programme() -> None:
    """400 homes and 25 facilities: the optimum of HiGHS on the same transportation problem."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array, vstack

    rng = np.random.default_rng(5)
    home_xy, xy = rng.uniform(0, 3000, (400, 2)), rng.uniform(0, 3000, (25, 2))
    walk = np.rint(np.hypot(*(home_xy[:, None] - xy).transpose(2, 0, 1)) * 1250).astype(int)
    pairs = {(int(h), int(f)): int(walk[h, f]) for h, f in np.argwhere(walk <= 900_000)}
    people, places = rng.integers(0, 30, 400), rng.integers(0, 400, 25)
    found = solved(pairs, people.tolist(), places.tolist())

    home, facility = np.array(list(pairs)).T
    ones, at = np.ones(len(pairs)), np.arange(len(pairs))
    rows = vstack(
        [
            coo_array((ones, (home, at)), shape=(400, len(pairs))),
            coo_array((ones, (facility, at)), shape=(25, len(pairs))),
        ]
    )
    most = linprog(-ones, rows.tocsr(), np.concatenate([people, places])).fun
    assert found.placed.sum() == round(-most) < people.sum()
    least = linprog(
        np.array(list(pairs.values())),
        rows.tocsr(),
        np.concatenate([people, places]),
        np.ones((1, len(pairs))),
        [round(-most)],
    ).fun
    assert found.total_ms == pytest.approx(least, rel=1e-9)


def test_what_is_not_best_is_never_returned() -> None:
    by_home = table_of({(0, 0): 1, (0, 1): 2}, 2).transpose(1)
    home, facility = np.array([0, 0]), np.array([0, 1])
    people, places, free = np.array([1]), np.array([1, 1]), np.array([0, 0])
    assert_best(by_home, home, facility, people, places, np.array([1, 0]), free, 10)
    for flow, price in (([0, 1], [0, 0]), ([0, 0], [0, 0]), ([0, 1], [1, 0]), ([2, 0], [0, 0])):
        with pytest.raises(AssertionError, match="not proven"):
            assert_best(
                by_home, home, facility, people, places, np.array(flow), np.array(price), 10
            )


@pytest.mark.parametrize(
    ("people", "places"),
    [([-1], [1]), ([1], [-1]), ([1.0], [1]), ([1], [0.5]), ([1], [1, 1]), ([10**11], [1])],
)
def test_counts_are_whole_and_fit(people: list[float], places: list[float]) -> None:
    with pytest.raises(ValueError, match=r"whole numbers|in the table|in all"):
        assign_places(table_of({(0, 0): 1}, 1), np.array(people), np.array(places))


def test_nobody_and_nothing() -> None:
    found = solved({}, [4], [])
    assert found.out_of_reach.tolist() == [4]
    assert found.total_ms == 0
    nobody = solved({}, [], [3])
    assert nobody.used.tolist() == [0]
