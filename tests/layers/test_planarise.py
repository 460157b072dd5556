"""Where lines meet, in worlds drawn by hand and against shapely and networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from carecircle.layers.planarise import Plane, planarise


def plane(lines: list, level: list | None = None, snap_m: float = 0.5) -> Plane:
    xy = np.concatenate([np.array(line, float) for line in lines])
    line = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    levels = np.array(level or [0] * len(lines))
    return planarise(xy, line, levels, np.zeros(len(lines), np.int64), snap_m)


def graph(found: Plane) -> nx.Graph:
    g = nx.Graph()
    for a, b in found.ends:
        metres = float(np.hypot(*(found.xy[a] - found.xy[b])))
        g.add_edge(tuple(found.xy[a]), tuple(found.xy[b]), metres=metres)
    return g


def walk_m(found: Plane, start: tuple, end: tuple) -> float:
    """Metres from place to place, infinite where there is no way."""
    try:
        return nx.shortest_path_length(graph(found), start, end, "metres")
    except nx.NetworkXNoPath:
        return np.inf


def segments(found: Plane) -> set:
    return {(tuple(found.xy[a]), tuple(found.xy[b])) for a, b in found.ends}


ACROSS = [(0, 0), (100, 0)]
UP = [(50, -40), (50, 40)]


def test_lines_of_one_level_meet_where_they_cross() -> None:
    found = plane([ACROSS, UP])
    assert segments(found) == {
        ((0, 0), (50, 0)), ((50, 0), (100, 0)), ((50, -40), (50, 0)), ((50, 0), (50, 40)),
    }  # fmt: skip
    assert found.line.tolist() == [0, 1, 1, 0]
    assert found.facts["crossings"] == 1


@pytest.mark.parametrize("level", [1, -1, 2])
def test_a_bridge_or_tunnel_passes_without_meeting(level: int) -> None:
    found = plane([ACROSS, UP], [0, level])
    assert segments(found) == {((0, 0), (100, 0)), ((50, -40), (50, 40))}


def test_levels_meet_where_an_end_lies_on_an_end() -> None:
    ramp = [(100, 0), (100, 30)]
    assert walk_m(plane([ACROSS, ramp], [0, 1], 0), (0, 0), (100, 30)) == 130


def test_a_bridge_comes_down_in_the_middle_of_a_street() -> None:
    found = plane([ACROSS, [(50, 0.2), (50, 40)]], [0, 1])
    assert walk_m(found, (0, 0), (50, 40)) == pytest.approx(90)


def test_a_street_that_ends_below_a_bridge_does_not_climb_it() -> None:
    found = plane([ACROSS, [(50, 0), (50, 40)]], [1, 0])
    assert walk_m(found, (0, 0), (50, 40)) == np.inf


def test_a_bridge_drawn_in_two_parts_stays_above_the_street_between_them() -> None:
    parts = [[(50, -40), (50, 0)], [(50, 0), (50, 40)]]
    found = plane([ACROSS, *parts], [0, 1, 1])
    assert walk_m(found, (0, 0), (50, 40)) == np.inf
    assert walk_m(found, (50, -40), (50, 40)) == 80


def test_a_ramp_that_winds_over_itself_is_not_cut() -> None:
    loop = [(0, 0), (20, 0), (20, 10), (10, 10), (10, -10)]
    over = plane([loop], [1])
    assert len(over.ends) == 4
    on_the_ground = plane([loop], [0])
    assert len(on_the_ground.ends) == 6


@pytest.mark.parametrize("gap, joined", [(0.5, True), (0.51, False)])
def test_an_end_is_joined_within_the_tolerance_by_a_piece_as_long_as_the_gap(
    gap: float, joined: bool
) -> None:
    found = plane([ACROSS, [(50, gap), (50, 40)]])
    expected = 50 + 40 if joined else np.inf
    assert walk_m(found, (0, 0), (50, 40)) == pytest.approx(expected)
    assert found.facts["joins"] == joined


def test_three_ends_round_a_missing_crossing_are_all_joined() -> None:
    found = plane([ACROSS, [(100.4, 0), (150, 0)], [(100.2, 0.2), (100.2, 50)]])
    places = [(0, 0), (150, 0), (100.2, 50)]
    assert all(walk_m(found, a, b) < 160 for a in places for b in places)


def test_a_ring_with_a_gap_is_closed_and_a_short_stub_is_left_alone() -> None:
    ring = plane([[(0, 0), (100, 0), (100, 50), (0, 50), (0, 0.3)]])
    assert walk_m(ring, (0, 0), (0, 0.3)) == pytest.approx(0.3)
    stub = plane([ACROSS, [(50, 0), (50, 0.3)]])
    assert stub.facts["joins"] == 0


def test_a_stretch_drawn_twice_counts_once() -> None:
    found = plane([ACROSS, [(20, 0), (80, 0)], [(100, 0), (0, 0)]])
    assert segments(found) == {((0, 0), (20, 0)), ((20, 0), (80, 0)), ((80, 0), (100, 0))}
    assert found.facts["overlaps"] == 4  # 2 + 3 + 2 pieces on 3 stretches


def test_a_crossing_at_a_point_drawn_a_hair_off_makes_no_splinter() -> None:
    found = plane([ACROSS, [(50, 40), (50.0004, 0.0006), (50, -40)]])
    lengths = np.hypot(*(found.xy[found.ends[:, 0]] - found.xy[found.ends[:, 1]]).T)
    assert len(found.ends) == 4 and lengths.min() > 39


lattice = st.integers(0, 12).map(lambda k: 5.0 * k)
drawn = st.lists(
    st.lists(st.tuples(lattice, lattice), min_size=2, max_size=4), min_size=1, max_size=7
)


def in_own_order(lines: list) -> list:
    """As the caller gives them: normal direction, sorted, none twice."""
    normal = {shapely.normalize(shapely.LineString(line)).wkb for line in lines}
    return [list(shapely.from_wkb(wkb).coords) for wkb in sorted(normal)]


@given(drawn, st.randoms(use_true_random=False))
def test_order_and_direction_of_the_lines_change_nothing(lines: list, chance) -> None:
    turned = [line[::-1] if chance.random() < 0.5 else line for line in lines]
    chance.shuffle(turned)
    one, other = plane(in_own_order(lines)), plane(in_own_order(turned))
    assert one.xy.tolist() == other.xy.tolist()
    assert one.ends.tolist() == other.ends.tolist()


@given(drawn)
def test_what_is_reached_is_what_shapely_says(lines: list) -> None:
    """The same total length and the same connected parts as the union that GEOS nodes."""
    found = plane(lines, snap_m=0)
    union = shapely.union_all([shapely.LineString(line) for line in lines if len(set(line)) > 1])
    if union.is_empty:
        assert not len(found.ends)
        return
    ours = shapely.linestrings(found.xy[found.ends])
    assert shapely.length(ours).sum() == pytest.approx(shapely.length(union), abs=0.05)
    drawn_together = shapely.get_parts(shapely.buffer(union, 0.004))
    assert nx.number_connected_components(graph(found)) == len(drawn_together)


def all_walks(found: Plane) -> dict:
    return dict(nx.all_pairs_dijkstra_path_length(graph(found), weight="metres"))


@given(drawn, st.integers(0, 6), st.floats(0.1, 0.9))
def test_a_line_cut_in_two_is_the_same_street(lines: list, which: int, share: float) -> None:
    """Distances between the points that both have agree to a few millimetres."""
    which %= len(lines)
    line = lines[which]
    whole = plane(lines)
    middle = tuple(np.round(np.array(line[0]) + share * (np.subtract(line[1], line[0])), 3))
    parted = plane([*lines[:which], [line[0], middle], [middle, *line[1:]], *lines[which + 1 :]])
    one, other = all_walks(whole), all_walks(parted)
    for a in set(one) & set(other):
        for b in set(one) & set(other):
            assert one[a].get(b, np.inf) == pytest.approx(other[a].get(b, np.inf), abs=0.02)
