from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from carecircle.coverage.neighbourhoods import find_centres
from carecircle.coverage.result import CircleResult


def centres_one_by_one(around: np.ndarray, people: np.ndarray) -> list[int]:
    """The greedy choice, spelt out."""
    left, centres = set(range(around.shape[1])), []
    while left:
        gains = [sum(people[h] for h in left if row[h]) for row in around]
        centre = gains.index(max(gains))
        centres.append(centre)
        left -= {h for h in left if around[centre][h]}
    return sorted(centres)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 12), st.sampled_from([0.1, 0.3, 0.6]))
def test_centres_are_those_of_the_plain_greedy(seed: int, n: int, density: float) -> None:
    random = np.random.default_rng(seed)
    around = (random.random((n, n)) < density) | np.eye(n, dtype=bool)
    people = random.integers(1, 9, n)
    found = find_centres(csr_array(around.astype(np.int64)), people)
    assert found.tolist() == centres_one_by_one(around, people)


def test_two_villages_on_one_road(
    make: SimpleNamespace, study: Callable[..., CircleResult]
) -> None:
    # 0, 100, 200 m and 1500, 1600 m along a road; five minutes are 300 m.
    homes = [
        ("a", 5, (0, 0)),
        ("b", 9, (100, 0)),
        ("c", 5, (200, 0)),
        ("d", 40, (1500, 0)),
        ("e", 1, (1600, 0)),
    ]
    found = study(make.grid(20), homes, minutes=5).neighbourhoods
    assert found.index.tolist() == [1, 2]
    assert found["people"].tolist() == [41, 19]
    assert found["block_ids"].tolist() == [["d", "e"], ["a", "b", "c"]]
    assert found["quarters"].tolist() == [2, 3]
    assert found.geometry.area.tolist() == pytest.approx([2 * 3600.0, 3 * 3600.0])


def test_named_after_its_most_under_served_quarter_that_has_a_name(make: SimpleNamespace) -> None:
    homes = [("a", 50, (0, 0)), ("b", 20, (100, 0)), ("c", 30, (200, 0)), ("d", 9, (1500, 0))]
    names = ["", "二村", "三村", ""]
    found = make.Town(make.grid(20), homes, names=names).study(minutes=5).neighbourhoods
    assert found["name"].tolist() == ["三村", ""]


def test_a_home_goes_to_the_nearer_centre(
    make: SimpleNamespace, study: Callable[..., CircleResult]
) -> None:
    # Five minutes are 300 m. Around c live 30 + 8 + 20 people, around d only 8 + 20 + 25, so
    # c is the first centre; f is the second (27, and before g). d stands 200 m from both
    # centres: the tie goes to the one named first.
    homes = [
        ("b", 30, (100, 0)),
        ("c", 8, (300, 0)),
        ("d", 20, (500, 0)),
        ("f", 25, (700, 0)),
        ("g", 2, (900, 0)),
    ]
    found = study(make.grid(12), homes, minutes=5).neighbourhoods
    assert found["block_ids"].tolist() == [["b", "c", "d"], ["f", "g"]]
    nearer = [h if h[0] != "d" else ("d", 20, (510, 0)) for h in homes]
    found = study(make.grid(12), nearer, minutes=5).neighbourhoods
    assert found["block_ids"].tolist() == [["d", "f", "g"], ["b", "c"]]


def test_a_quarter_is_never_torn_apart(
    make: SimpleNamespace, study: Callable[..., CircleResult]
) -> None:
    # The homes of b lie on both sides; most of its people look to c.
    homes = [
        ("a", 50, (0, 0)),
        ("b", 3, (100, 0)),
        ("b", 7, (1400, 0)),
        ("c", 60, (1500, 0)),
    ]
    found = study(make.grid(20), homes, minutes=5).neighbourhoods
    assert found["block_ids"].tolist() == [["b", "c"], ["a"]]
    assert found["people"].tolist() == [70, 50]


def test_people_on_an_island_are_included_and_excluded_ones_are_not(
    make: SimpleNamespace, study: Callable[..., CircleResult]
) -> None:
    road = make.CORNER + np.array([[0, 0], [500, 0], [0, 900], [200, 900]], float)
    network = make.network(road, [(0, 1), (2, 3)])
    homes = [
        ("near", 10, (100, 0)),
        ("island", 7, (50, 900)),
        ("isle2", 5, (150, 900)),
        ("lost", 90, (5000, 0)),
    ]
    result = study(network, homes, [(0, 0)], minutes=5)
    assert result.coverage.quarters["status"].tolist() == [
        "covered",
        "uncovered",
        "uncovered",
        "excluded",
    ]
    assert result.neighbourhoods["block_ids"].tolist() == [["island", "isle2"]]
    assert result.neighbourhoods["people"].tolist() == [12]


def test_nobody_under_served_gives_no_rows_but_all_columns(
    make: SimpleNamespace, study: Callable[..., CircleResult]
) -> None:
    found = study(make.grid(3), [("a", 5, (0, 0)), ("b", 0, (200, 0))], [(0, 0)]).neighbourhoods
    assert len(found) == 0
    assert found.index.name == "rank"
    assert set(found.columns) >= {"name", "centre", "street", "unit", "people", "quarters"}
    assert set(found.columns) >= {"block_ids", "geometry", "missing", "rank_need", "rank_fairness"}
    assert found.crs is not None


def by_hand(homes: list[tuple[str, int, Any]], metres: int) -> list[tuple[int, list[str]]]:
    """The definition on one straight road, with networkx measuring the walks."""
    road = nx.path_graph(40)
    walk = dict(nx.all_pairs_shortest_path_length(road))
    blocks = list(dict.fromkeys(block for block, _, _ in homes))
    needy = [(blocks.index(b), n, round(at[0] / 100)) for b, n, at in homes if n]
    quarters = sorted({q for q, _, _ in needy})
    doors = {}
    for q in quarters:
        own = [(n, x) for quarter, n, x in needy if quarter == q]
        middle = sum(n * 100 * x for n, x in own) / sum(n for n, _ in own)
        doors[q] = min((round(1000 * abs(100 * x - middle)), i) for i, (_, x) in enumerate(own))[1]
        doors[q] = own[doors[q]][1]
    around = np.array(
        [
            [100 * walk[doors[q]][x] <= metres or quarter == q for quarter, _, x in needy]
            for q in quarters
        ]
    ).reshape(len(quarters), len(needy))
    centres = [quarters[c] for c in centres_one_by_one(around, np.array([n for _, n, _ in needy]))]
    votes: dict[int, dict[int, int]] = {q: {} for q in quarters}
    for quarter, n, x in needy:
        near = [(walk[doors[c]][x], c) for c in centres if 100 * walk[doors[c]][x] <= metres]
        centre = min(near)[1] if near else quarter
        votes[quarter][centre] = votes[quarter].get(centre, 0) + n
    group: dict[int, list[int]] = {}
    for quarter in quarters:
        best = min(votes[quarter], key=lambda c: (-votes[quarter][c], c))
        group.setdefault(best, []).append(quarter)
    rows = [
        (sum(n for q, n, _ in needy if q in members), centre, [blocks[q] for q in members])
        for centre, members in group.items()
    ]
    return [(n, members) for n, _, members in sorted(rows, key=lambda row: (-row[0], row[1]))]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 9), st.integers(0, 39)),
        min_size=1,
        max_size=14,
    ),
    st.sampled_from([5, 10, 15]),
)
def test_everybody_under_served_is_in_exactly_one(
    make: SimpleNamespace,
    study: Callable[..., CircleResult],
    rows: list[tuple[str, int, int]],
    minutes: int,
) -> None:
    homes = [(block, people, (100.0 * at, 0.0)) for block, people, at in rows]
    result = study(make.grid(40), homes, minutes=minutes)
    found = result.neighbourhoods
    assert found["people"].sum() == result.coverage.people.uncovered
    members = [block for blocks in found["block_ids"] for block in blocks]
    assert len(members) == len(set(members)) == found["quarters"].sum()
    lacking = result.coverage.quarters["people_uncovered"] > 0
    assert set(members) == set(result.coverage.quarters.index[lacking])
    assert found["people"].is_monotonic_decreasing
    listed = list(zip(found["people"], found["block_ids"], strict=True))
    assert listed == by_hand(homes, minutes * 60)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_people_of_every_quarter_are_within_the_limit_of_a_door_of_the_centre(
    make: SimpleNamespace, seed: int
) -> None:
    random = np.random.default_rng(seed)
    whole = make.grid(6, 6)
    kept = [tuple(edge) for edge in whole.edge_nodes.tolist() if random.random() < 0.8]
    walk = nx.Graph()
    walk.add_nodes_from(range(36))
    walk.add_edges_from(kept)
    usable = [node for node in range(36) if walk.degree(node)]
    rows = [
        (f"q{random.integers(8)}", int(random.integers(1, 9)), int(random.choice(usable)))
        for _ in range(12)
    ]
    homes = [(b, n, (100.0 * (at % 6), 100.0 * (at // 6))) for b, n, at in rows]
    town = make.Town(make.network(whole.node_xy, kept), homes)
    found = town.study(minutes=5).neighbourhoods
    metres = dict(nx.all_pairs_shortest_path_length(walk))
    for centre, blocks in zip(found["centre"], found["block_ids"], strict=True):
        doors = {at for b, _, at in rows if b == centre}
        for block in blocks:
            if block == centre:
                continue
            near = [
                sum(n for b, n, at in rows if b == block and metres[door].get(at, 99) <= 3)
                for door in doors
            ]
            assert max(near) > 0
