"""The numbers of streets come from the streets: order and direction of the input are nothing."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.layers.network import EDGE_KINDS, WAIT_KINDS
from carecircle.layers.numbering import in_place_order
from carecircle.layers.streets import StreetLines, number_streets

STREET, WAIT = EDGE_KINDS.index("street"), EDGE_KINDS.index(WAIT_KINDS[0])
CRS = "EPSG:4547"


def street_lines(lonlat, edges, z):
    """Streets from places in millionths of a degree and (a, b, millimetres, kind)."""
    a, b, mm, kind = (np.array(part) for part in zip(*edges, strict=True))
    return StreetLines(
        lonlat=np.array([114.0, 30.0]) + np.array(lonlat) / 1e6,
        ends=np.column_stack([a, b]).astype(np.int64),
        kind=kind.astype(np.uint8),
        attachable=kind != WAIT,
        mm=mm.astype(np.int64),
        z=np.array(z, float),
    )


@st.composite
def junctions(draw):
    """Places, edges and heights; some places are shared, as those of kerbs are.

    The length of an edge is drawn once for each edge, so that no two edges are the same street.
    """
    places = draw(
        st.lists(
            st.tuples(st.integers(0, 3000), st.integers(0, 3000)),
            min_size=2,
            max_size=6,
            unique=True,
        )
    )
    n = len(places)
    node = st.integers(0, n - 1)
    edges = []
    for at, (a, b, kerb) in enumerate(
        draw(st.lists(st.tuples(node, node, st.booleans()), min_size=1, max_size=8))
    ):
        if a == b:
            continue  # a straight street leads somewhere else
        if kerb:
            places.append(places[a])
            edges.append((a, len(places) - 1, 0, WAIT))
            a = len(places) - 1
        edges.append((a, b, 1000 + at, STREET))
    edges = edges or [(0, 1, 5, STREET)]
    z = [x % 7 for x, _ in places]
    return places, edges, z


@settings(max_examples=40, deadline=None)
@given(world=junctions(), data=st.data())
def test_order_and_direction_of_the_input_do_not_matter(world, data):
    places, edges, z = world
    new = data.draw(st.permutations(range(len(places))))
    lonlat, heights = [None] * len(places), [0] * len(places)
    for old, place in enumerate(places):
        lonlat[new[old]], heights[new[old]] = place, z[old]
    shuffled = data.draw(st.permutations(edges))
    turned = [
        (new[b], new[a], *rest) if data.draw(st.booleans()) else (new[a], new[b], *rest)
        for a, b, *rest in shuffled
    ]
    one, other = (
        number_streets(street_lines(*parts), CRS, {})
        for parts in ((places, edges, z), (lonlat, turned, heights))
    )
    for name in ("node_xy", "edge_nodes", "edge_mm", "edge_kind", "edge_attachable", "node_z"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_points_at_one_place_follow_their_first_edges():
    """Three points at one place: with a wait only, with the longer and with the shorter street."""
    xy = np.array([(0, 0), (0, 0), (0, 0), (900, 0)], float)
    ends = np.array([(0, 1), (0, 2), (1, 3), (2, 3)])
    mm, kind = np.array([0, 0, 900, 800]), np.array([WAIT, WAIT, STREET, STREET], np.uint8)
    assert in_place_order(xy, ends, mm, kind).tolist() in ([2, 1, 0, 3], [3, 2, 1, 0])
