"""Graphs of networkx and osmnx as streets: whose lengths, in which unit, along which bends?"""

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import shapely

from carecircle.layers.osmnx_graph import edges_too_short, lines_of_graph, read_graphml
from carecircle.layers.problems import StudyError
from carecircle.layers.streets import StreetLines, measured_mm

WEST, SOUTH = 106.55, 29.56
EAST_M, NORTH_M = 96.9, 110.8  # of a thousandth of a degree here


def square(kind=nx.MultiDiGraph, times=1.0, **crs) -> nx.Graph:
    """Four corners a thousandth of a degree apart, and the sides as long as they are drawn."""
    graph = kind(**(crs or {"crs": "EPSG:4326"}))
    for node, (x, y) in enumerate([(0, 0), (1, 0), (1, 1), (0, 1)]):
        graph.add_node(node, x=WEST + x / 1000, y=SOUTH + y / 1000)
    for a, b, metres in ((0, 1, EAST_M), (1, 2, NORTH_M), (2, 3, EAST_M), (3, 0, NORTH_M)):
        graph.add_edge(a, b, length=times * metres, highway="residential")
    return graph


def saved(graph: nx.Graph, folder: Path) -> StreetLines:
    """Written by networkx, read by us."""
    nx.write_graphml(graph, folder / "g.graphml")
    return read_graphml(folder / "g.graphml")


def refused(graph: nx.Graph, folder: Path) -> list[str]:
    with pytest.raises(StudyError) as raised:
        saved(graph, folder)
    return [problem.id for problem in raised.value.problems]


@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph])
def test_every_kind_of_graph_is_read_from_memory_and_from_graphml(kind, tmp_path: Path) -> None:
    for lines in (lines_of_graph(square(kind)), saved(square(kind), tmp_path)):
        assert sorted(lines.mm.tolist()) == [96_900, 96_900, 110_800, 110_800]


def test_lengths_written_as_text_are_lengths(tmp_path: Path) -> None:
    graph = square()
    for _, _, data in graph.edges(data=True):
        data["length"] = str(data["length"])
    assert sorted(saved(graph, tmp_path).mm.tolist()) == [96_900, 96_900, 110_800, 110_800]
    graph.edges[0, 1, 0]["length"] = "97 m"
    assert refused(graph, tmp_path) == ["E-NET-005"]


def test_lengths_in_another_unit_are_refused(tmp_path: Path) -> None:
    assert refused(square(times=0.001), tmp_path) == ["E-NET-026"]
    assert refused(square(times=100), tmp_path) == ["E-NET-034"]


def test_one_edge_that_is_too_short_is_counted(tmp_path: Path) -> None:
    graph = square()
    assert edges_too_short(saved(graph, tmp_path)) == 0
    graph.add_edge(0, 2, length=1.0, highway="footway")
    assert edges_too_short(saved(graph, tmp_path)) == 1


def test_a_crs_that_is_none_is_refused(tmp_path: Path) -> None:
    assert refused(square(crs="foo"), tmp_path) == ["E-CRS-002"]


def test_bends_in_the_order_of_the_way_back_are_turned(tmp_path: Path) -> None:
    """A street of three equal sides, 0 - a - b - 1; osmnx may keep its geometry from 1 to 0."""
    bends = [(WEST, SOUTH + 0.001), (WEST + 0.001, SOUTH + 0.001)]
    line = [(WEST, SOUTH), *bends, (WEST + 0.001, SOUTH)]
    graph, length = square(), 2 * NORTH_M + EAST_M
    for way in (line, line[::-1]):
        graph.add_edge(0, 1, "bent", length=length, highway="service",
                       geometry=shapely.LineString(way).wkt)  # fmt: skip
        lines = saved(graph, tmp_path)
        bent = measured_mm(lines)[lines.mm.argsort(kind="stable")]
        assert len(lines.mm) == 7
        assert bent.max() < 112_000  # no piece crosses the square
        assert edges_too_short(lines) == 0


def test_a_length_is_spread_by_metres_not_by_degrees(tmp_path: Path) -> None:
    graph = square()
    corner = shapely.LineString(
        [(WEST, SOUTH), (WEST + 0.001, SOUTH), (WEST + 0.001, SOUTH + 0.001)]
    )
    graph.add_edge(0, 2, length=EAST_M + NORTH_M, highway="service", geometry=corner.wkt)
    lines = saved(graph, tmp_path)
    # by degrees the two sides would be 6 % off
    np.testing.assert_allclose(lines.mm, measured_mm(lines), rtol=0.004)
