import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.minutes import NEVER, nearest, reach_table, within
from carecircle.isochrones.walkers import WALKERS, Walker


def all_pairs(graph, n, limit_ms, threads=1):
    """(n, n) milliseconds from the sparse table, NEVER where it holds nothing."""
    nodes = np.arange(n, dtype=np.int32)
    table = reach_table(graph, nodes, nodes, limit_ms, threads)
    ms = np.full((n, n), NEVER)
    for source in range(n):
        target, row_ms = table.row(source)
        ms[source, target] = row_ms
    return ms


def oracle_pairs(worlds, n, edges, limit_ms=None):
    """(n, n) milliseconds by networkx, NEVER beyond the limit."""
    ms = np.full((n, n), NEVER)
    graph = worlds.multigraph(n, edges)
    for source, row in nx.all_pairs_dijkstra_path_length(graph, cutoff=limit_ms, weight="ms"):
        ms[source, list(row)] = list(row.values())
    return ms


# --- by hand


@pytest.fixture
def line(worlds):
    """clinic 0 --5 min-- 1 --10 min-- 2 --1 ms-- 3"""
    return worlds.graph_of(4, [(0, 1, 300_000), (1, 2, 600_000), (2, 3, 1)])


def test_the_limit_is_inclusive_to_the_millisecond(line):
    table = reach_table(line, [0], [0, 1, 2, 3], 900_000)
    assert table.target.tolist() == [0, 1, 2]
    assert table.ms.tolist() == [0, 300_000, 900_000]
    assert reach_table(line, [0], [0, 1, 2, 3], 899_999).target.tolist() == [0, 1]
    assert reach_table(line, [0], [0, 1, 2, 3], 900_001).target.tolist() == [0, 1, 2, 3]
    assert nearest(line, [0], 900_000).ms.tolist() == [0, 300_000, 900_000, NEVER]
    assert within(line, [0], 899_999)[0].tolist() == [0, 1]


def test_without_targets_every_node_is_one(line):
    for direction in "to", "round_trip":
        table = reach_table(line, [0, -1, 3], None, 900_000, direction=direction)
        assert table.indptr.tolist() == [0, 3, 3, 6]
        assert table.target.tolist() == [0, 1, 2, 1, 2, 3]
        assert table.ms.tolist() == [0, 300_000, 900_000, 600_001, 1, 0]


def test_targets_may_share_a_node_and_be_missing(line):
    table = reach_table(line, [1, -1, 2], [2, -1, 2, 0, 1], 600_000)
    assert len(table) == 3
    assert table.indptr.tolist() == [0, 4, 4, 7]
    assert table.target.tolist() == [0, 2, 3, 4, 0, 2, 4]
    assert table.ms.tolist() == [600_000, 600_000, 300_000, 0, 0, 0, 600_000]


def test_transposed_rows_are_targets(line):
    table = reach_table(line, [1, -1, 2], [2, -1, 2, 0, 1], 600_000).transpose(5)
    rows = [[ids.tolist() for ids in table.row(target)] for target in range(5)]
    both = [[0, 2], [600_000, 0]]
    assert rows == [both, [[], []], both, [[0], [300_000]], [[0, 2], [0, 600_000]]]
    with pytest.raises(ValueError, match="more than 4 targets"):
        reach_table(line, [1], [0, 1, 2, 3, 1], 600_000).transpose(4)


def test_rows_beyond_the_table_are_refused(line):
    table = reach_table(line, [0], [1], 600_000)
    for source in (-1, 1):
        with pytest.raises(IndexError):
            table.row(source)


def test_nearest_and_its_ties(line):
    found = nearest(line, [3, 0, -1, 0])
    assert found.ms.tolist() == [0, 300_000, 1, 0]
    assert found.source.tolist() == [1, 1, 0, 0]


def test_a_tie_across_a_street_without_length(worlds):
    """Sources 1 and 0 both 5 ms from node 2, and node 3 at no distance from 2 and from 4."""
    graph = worlds.graph_of(5, [(0, 2, 5), (1, 4, 5), (2, 3, 0), (3, 4, 0)])
    assert nearest(graph, [1, 0]).source.tolist() == [1, 0, 0, 0, 0]
    assert nearest(graph, [0, 1]).source.tolist() == [0, 1, 0, 0, 0]


def test_nothing_is_asked(line):
    assert len(reach_table(line, [], [1], 1)) == 0
    assert reach_table(line, [0], [], 1).indptr.tolist() == [0, 0]
    found = nearest(line, [])
    assert found.ms.tolist() == [NEVER] * 4
    assert found.source.tolist() == [-1] * 4


def test_without_a_limit_days_of_walking_count(worlds):
    graph = worlds.graph_of(3, [(0, 1, 400_000_000), (1, 2, 500_000_000)])
    assert nearest(graph, [0]).ms.tolist() == [0, 400_000_000, 900_000_000]


@pytest.mark.parametrize("limit_ms", [0, -1, 7_200_001, 900_000.0, np.nan, "900000", True, None])
def test_a_limit_that_is_no_whole_number_in_range_is_refused(line, limit_ms):
    with pytest.raises(ValueError, match="limit"):
        reach_table(line, [0], [1], limit_ms)


@pytest.mark.parametrize("limit_ms", [1, 7_200_000, np.int64(5)])
def test_limits_in_range(line, limit_ms):
    assert reach_table(line, [0], [0], limit_ms).ms.tolist() == [0]


@pytest.mark.parametrize("node", [-2, 4])
def test_a_node_that_does_not_exist_is_refused(line, node):
    with pytest.raises(ValueError, match="not in the graph"):
        reach_table(line, [node], [0], 1)
    with pytest.raises(ValueError, match="not in the graph"):
        reach_table(line, [0], [node], 1)
    with pytest.raises(ValueError, match="not in the graph"):
        nearest(line, [node])


@pytest.mark.parametrize("node", [2**32, 2**31])
def test_a_node_number_is_not_cut_to_32_bits(line, node):
    with pytest.raises(ValueError, match="not in the graph"):
        nearest(line, [node])


@pytest.mark.parametrize("node", [1.0, np.nan, True])
def test_a_node_number_is_a_whole_number(line, node):
    with pytest.raises(ValueError, match="whole numbers"):
        nearest(line, [node])


# --- against others


def test_every_pair_of_200_random_networks_by_networkx(worlds):
    for seed in range(200):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(1, 30))
        edges = worlds.random_edges(rng, n)
        limit_ms = int(rng.integers(1, 2000))
        found = all_pairs(worlds.graph_of(n, edges), n, limit_ms)
        np.testing.assert_array_equal(found, oracle_pairs(worlds, n, edges, limit_ms))


def test_every_pair_of_a_town_by_scipy(worlds):
    town, walker = worlds.grid_town(0, side=16), WALKERS["elderly"]
    n, limit_ms = len(town.node_xy), 900_000
    # whole numbers below 2**53 are exact in scipy's floating point
    edge_ms = walker.edge_ms(town)[:, 0].astype(float)
    walks = dijkstra(coo_array((edge_ms, town.edge_nodes.T), shape=(n, n)), directed=False)
    within_limit = walks <= limit_ms
    assert 0.1 < within_limit.mean() < 0.9
    found = all_pairs(walk_graph(town, walker), n, limit_ms)
    np.testing.assert_array_equal(found[within_limit], walks[within_limit])
    assert (found[~within_limit] == NEVER).all()


def test_labels_of_many_sources_by_brute_force(worlds):
    for seed in range(200):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(1, 25))
        edges = worlds.random_edges(rng, n, longest_ms=6)  # short streets, many ties
        sources = rng.integers(-1, n, int(rng.integers(0, 6))).astype(np.int32)
        ms = oracle_pairs(worlds, n, edges)
        best = []
        for node in range(n):
            ways = [(ms[s, node], i) for i, s in enumerate(sources) if s >= 0]
            best.append(min([way for way in ways if way[0] != NEVER], default=(NEVER, -1)))
        found = nearest(worlds.graph_of(n, edges), sources)
        assert list(zip(found.ms.tolist(), found.source.tolist(), strict=True)) == best


def test_the_number_of_threads_does_not_matter(worlds):
    town = worlds.grid_town(2, side=20)
    graph = walk_graph(town, WALKERS["norm"])
    rng = np.random.default_rng(2)
    sources = rng.integers(-1, 400, 37).astype(np.int32)
    targets = rng.integers(-1, 400, 150).astype(np.int32)
    one = reach_table(graph, sources, targets, 600_000, threads=1)
    for threads in (2, 3, 64, None):
        other = reach_table(graph, sources, targets, 600_000, threads=threads)
        for name in ("indptr", "target", "ms"):
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes()


# --- properties of any network


@st.composite
def streets(draw):
    """(number of nodes, edges in ms), facilities, homes, limit."""
    n = draw(st.integers(2, 9))
    node = st.integers(0, n - 1)
    edges = draw(st.lists(st.tuples(node, node, st.integers(0, 40)), max_size=16))
    places = st.lists(node, min_size=1, max_size=4)
    return n, edges, draw(places), draw(places), draw(st.integers(1, 100))


def covered(graph, facilities, homes, limit_ms):
    """Positions of the homes within the limit of any facility, and their times."""
    table = reach_table(graph, facilities, homes, limit_ms, threads=1).transpose(len(homes))
    rows = [table.row(home)[1] for home in range(len(homes))]
    return {home: int(ms.min()) for home, ms in enumerate(rows) if len(ms)}


def property_test(function):
    return settings(max_examples=100, deadline=None)(
        given(data=st.data(), world=streets())(function)
    )


@property_test
def test_p1_one_more_facility_covers_no_less(worlds, data, world):
    n, edges, facilities, homes, limit = world
    graph = worlds.graph_of(n, edges)
    more = [*facilities, data.draw(st.integers(0, n - 1))]
    before, after = covered(graph, facilities, homes, limit), covered(graph, more, homes, limit)
    assert all(after[home] <= ms for home, ms in before.items())


@property_test
def test_p2_more_time_or_speed_covers_no_less(worlds, data, world):
    n, edges, facilities, homes, limit = world
    graph = worlds.graph_of(n, edges)
    more = data.draw(st.integers(limit, 200))
    before = covered(graph, facilities, homes, limit)
    assert before.items() <= covered(graph, facilities, homes, more).items()
    streets = worlds.network(np.zeros((n, 2)), [e[:2] for e in edges], mm=[e[2] for e in edges])
    slow, fast = sorted(data.draw(st.tuples(st.integers(300, 2000), st.integers(300, 2000))))
    slower, faster = (
        covered(walk_graph(streets, Walker("", "", "", speed)), facilities, homes, limit)
        for speed in (slow, fast)
    )
    assert slower.keys() <= faster.keys()


@property_test
def test_p3_the_unit_of_time_does_not_matter(worlds, data, world):
    n, edges, facilities, homes, limit = world
    k = data.draw(st.integers(2, 5000))
    times = worlds.graph_of(n, [(a, b, k * ms) for a, b, ms in edges])
    before = covered(worlds.graph_of(n, edges), facilities, homes, limit)
    after = covered(times, facilities, homes, k * limit)
    assert after == {home: k * ms for home, ms in before.items()}


@property_test
def test_p4_numbers_and_order_do_not_matter(worlds, data, world):
    n, edges, facilities, homes, limit = world
    new = data.draw(st.permutations(range(n)))
    shuffled = data.draw(st.permutations([(new[a], new[b], ms) for a, b, ms in edges]))
    order = data.draw(st.permutations(range(len(homes))))
    before = covered(worlds.graph_of(n, edges), facilities, homes, limit)
    after = covered(
        worlds.graph_of(n, shuffled),
        [new[f] for f in reversed(facilities)],
        [new[homes[home]] for home in order],
        limit,
    )
    assert {order[home]: ms for home, ms in after.items()} == before


@property_test
def test_p5_the_way_back_takes_as_long(worlds, data, world):
    n, edges, *_, limit = world
    ms = all_pairs(worlds.graph_of(n, edges), n, limit)
    np.testing.assert_array_equal(ms, ms.T)


@property_test
def test_p6_a_node_in_the_middle_of_a_street_changes_nothing(worlds, data, world):
    n, edges, *_, limit = world
    finer = []
    for a, b, ms in edges:
        first = data.draw(st.integers(0, ms))
        middle = n + len(finer) // 2
        finer += [(a, middle, first), (middle, b, ms - first)]
    after = all_pairs(worlds.graph_of(n + len(edges), finer), n, limit)
    np.testing.assert_array_equal(after, all_pairs(worlds.graph_of(n, edges), n, limit))


@property_test
def test_p9_a_second_facility_at_the_door_and_a_slower_street_change_nothing(worlds, data, world):
    n, edges, facilities, homes, limit = world
    graph = worlds.graph_of(n, edges)
    before = covered(graph, facilities, homes, limit)
    twice = [*facilities, data.draw(st.sampled_from(facilities))]
    assert covered(graph, twice, homes, limit) == before
    assert nearest(graph, twice).source.max() < len(facilities)
    slower = [(b, a, ms + data.draw(st.integers(0, 9))) for a, b, ms in edges]
    assert covered(worlds.graph_of(n, edges + slower), facilities, homes, limit) == before


@property_test
def test_p11_every_pair_by_networkx(worlds, data, world):
    n, edges, *_, limit = world
    found = all_pairs(worlds.graph_of(n, edges), n, limit)
    np.testing.assert_array_equal(found, oracle_pairs(worlds, n, edges, limit))
