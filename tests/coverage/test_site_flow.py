"""Most people placed equals networkx, and floors of towns cost nobody a place."""

import networkx as nx
import numpy as np
from scipy.sparse import csr_array

from carecircle.coverage.site_flow import most_placed


def by_networkx(people, town, within, seats, floor):
    graph = nx.DiGraph()
    graph.add_nodes_from(["source", "sink"])
    for at, most in enumerate(floor):
        graph.add_edge("source", ("town", at), capacity=int(most))
    for home, count in enumerate(people):
        graph.add_edge(("town", int(town[home])), ("home", home), capacity=int(count))
        for station in np.flatnonzero(within[home]):
            graph.add_edge(("home", home), ("station", int(station)))
    for station, count in enumerate(seats):
        graph.add_edge(("station", station), "sink", capacity=int(count))
    return nx.maximum_flow_value(graph, "source", "sink")


def test_as_networkx_has_it_with_and_without_floors():
    bound_by_floor = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        homes, stations = int(rng.integers(1, 9)), int(rng.integers(0, 5))
        people, seats = rng.integers(0, 30, homes), rng.integers(0, 60, stations)
        town, within = rng.integers(0, 3, homes), rng.random((homes, stations)) < 0.4
        of_town = np.bincount(town, people, 3).astype(int)
        floor = of_town * rng.integers(0, 4, 3) // 4
        best = by_networkx(people, town, within, seats, of_town)
        floored = by_networkx(people, town, within, seats, floor)
        table = csr_array(within.astype(np.int64))
        plain = most_placed(people, town, table, seats, [of_town])
        even = most_placed(people, town, table, seats, [floor, of_town])
        for placed in (plain, even):
            pairs = placed.pairs.toarray()
            assert placed.by_home.sum() == best
            assert (placed.by_home == pairs.sum(axis=1)).all() and (pairs >= 0).all()
            assert (placed.by_home <= people).all() and (pairs.sum(axis=0) <= seats).all()
            assert not pairs[~within].any()
        got = np.bincount(town, even.by_home, 3)
        if floored == floor.sum():
            assert (got >= floor).all()
        bound_by_floor += bool((np.bincount(town, plain.by_home, 3) < floor).any())
    assert bound_by_floor > 5


def test_two_homes_want_one_seat_by_hand():
    # Both homes reach the one seat; the floor of the second town sends its person there.
    people, town = np.array([1, 1]), np.array([0, 1])
    within = csr_array(np.ones((2, 1), np.int64))
    placed = most_placed(people, town, within, np.array([1]), [np.array([0, 1]), np.array([1, 1])])
    assert placed.by_home.tolist() == [0, 1]
