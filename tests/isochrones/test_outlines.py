from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.isochrones.outlines import doors_of
from carecircle.layers.network import WalkNetwork

CORNER = np.array([500_000.0, 3_400_000.0])


def streets(*lines: tuple[float, float, float, float]) -> WalkNetwork:
    """Separate straight streets, each with two ends of its own."""
    xy = np.array(lines, float).reshape(-1, 2) + np.tile(CORNER, (2 * len(lines), 1))
    ends = np.arange(len(xy), dtype=np.int32).reshape(-1, 2)
    return WalkNetwork(
        crs="EPSG:4547",
        node_xy=xy,
        edge_nodes=ends,
        edge_mm=np.rint(1000 * np.hypot(*(xy[ends[:, 1]] - xy[ends[:, 0]]).T)).astype(np.int64),
        edge_kind=np.zeros(len(ends), np.uint8),
        edge_attachable=np.ones(len(ends), bool),
        node_component=np.repeat(np.arange(len(ends), dtype=np.int32), 2),
        facts={},
    )


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    x, y = CORNER
    return shapely.box(x + west, y + south, x + east, y + north)


def door(network: WalkNetwork, shape: shapely.Geometry) -> tuple[float, float]:
    (found,) = doors_of(network, np.array([shape], object))
    return tuple((shapely.get_coordinates(found)[0] - CORNER).tolist())


def test_the_door_is_on_the_side_of_the_nearer_street() -> None:
    network = streets((0, 0, 100, 0), (0, 90, 100, 90))
    x, y = door(network, box(40, 20, 60, 40))
    assert (40 <= x <= 60, y) == (True, 20.0)  # 20 m to the south, 50 m to the north
    assert door(network, box(40, 55, 60, 75))[1] == 75.0


def test_a_street_through_a_plot_opens_it_where_it_comes_in() -> None:
    network = streets((0, 50, 100, 50))
    assert door(network, box(40, 20, 60, 80)) in [(40.0, 50.0), (60.0, 50.0)]


def test_a_street_inside_a_plot_is_reached_from_the_outline() -> None:
    # the outline is 5 m from the western end of the alley, further from all else
    network = streets((45, 50, 50, 50))
    assert door(network, box(40, 20, 80, 80)) == (40.0, 50.0)


def test_a_point_is_its_own_door() -> None:
    assert door(streets((0, 0, 100, 0)), shapely.Point(*(CORNER + np.array([7, 9])))) == (7.0, 9.0)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(*[st.integers(0, 200)] * 4), min_size=1, max_size=6),
    st.tuples(*[st.integers(0, 150)] * 2),
    st.tuples(*[st.integers(5, 60)] * 2),
)
def test_no_place_of_the_outline_is_nearer_to_a_street(lines, corner, size) -> None:
    lines = [line for line in lines if line[:2] != line[2:]]
    if not lines:
        return
    network = streets(*lines)
    shape = box(*corner, corner[0] + size[0], corner[1] + size[1])
    (found,) = doors_of(network, np.array([shape], object))
    every = shapely.union_all(shapely.linestrings(network.node_xy[network.edge_nodes]))
    assert shapely.distance(found, shape.boundary) <= 0.002
    assert shapely.distance(found, every) == pytest.approx(
        shapely.distance(shape.boundary, every), abs=0.003
    )
