"""Crossroads where the wait is known by hand; random ones against a model of turns."""

from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString

from carecircle.isochrones.walkers import WALKERS
from carecircle.layers.kerbs import with_kerbs
from carecircle.layers.network import EDGE_KINDS
from carecircle.layers.osm import read_osm
from carecircle.layers.osmnx_graph import lines_of_graph
from carecircle.layers.streets import StreetLines, number_streets
from carecircle.layers.walk_profile import ROAD_CLASSES, has_signals, walk_way

UTM = "EPSG:32651"
WAITS = {"signals": 30, "primary": 20, "secondary": 10, "tertiary": 6}
WALKER = replace(WALKERS["norm"], waits_s=tuple(WAITS.values()))  # 1 m/s: metres are seconds
PATIENT = replace(WALKERS["norm"], waits_s=(0, 0, 0, 0))
# a crossing, point 0, with arms to the west, east, south and north
ARMS = [(0.0, 0.0), (-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0)]
WEST, EAST, SOUTH, NORTH = 1, 2, 3, 4


def lines(ways, points=ARMS, signals=(), off=()) -> StreetLines:
    """Edges of 100 m: (point, point, what), what being a road class or a kind of edge."""
    words = [what for _, _, what in ways]
    kinds = [what if what in EDGE_KINDS else "street" for what in words]
    classes = [what if what in ROAD_CLASSES else "none" for what in words]
    return StreetLines(
        lonlat=np.array(points) * 0.001 + (123, 30),
        ends=np.array([(a, b) for a, b, _ in ways], dtype=np.int64),
        kind=np.array([EDGE_KINDS.index(kind) for kind in kinds], dtype=np.uint8),
        attachable=~np.isin(np.arange(len(ways)), off),
        mm=np.full(len(ways), 100_000),
        road_class=np.array([ROAD_CLASSES.index(name) for name in classes], dtype=np.uint8),
        signals=np.isin(np.arange(len(points)), signals),
    )


def crossing(road, other, **more) -> StreetLines:
    """The road from west to east, the other from south to north."""
    arms = [(0, WEST, road), (EAST, 0, road), (SOUTH, 0, other), (0, NORTH, other)]
    return lines(arms, **more)


def graph_of(streets: StreetLines, walker) -> nx.MultiGraph:
    """Milliseconds between points, by the walker's own account."""
    network = number_streets(streets, UTM, {})
    ms = walker.edge_ms(network)
    assert (ms[:, 0] == ms[:, 1]).all()
    # nodes are numbered anew: that the times are the walker's is checked as a whole
    graph = nx.MultiGraph()
    wait = {k: 500 * s for k, s in zip(EDGE_KINDS[-4:], walker.waits_s, strict=True)}
    for (a, b), mm, kind in zip(streets.ends, streets.mm, streets.kind, strict=True):
        graph.add_edge(int(a), int(b), ms=wait.get(EDGE_KINDS[kind], int(mm)))
    assert sorted(w for *_, w in graph.edges(data="ms")) == sorted(ms[:, 0].tolist())
    return graph


def seconds(streets: StreetLines, start: int, end: int) -> float:
    graph = graph_of(with_kerbs(streets)[0], WALKER)
    return nx.dijkstra_path_length(graph, start, end, weight="ms") / 1000


@pytest.mark.parametrize("other", ["none", "footway", "path", "crossing", "steps", "area"])
@pytest.mark.parametrize("road", ["primary", "secondary", "tertiary"])
def test_a_wait_over_the_road_half_into_it_none_along_it(road, other) -> None:
    streets = crossing(road, other)
    assert seconds(streets, SOUTH, NORTH) == 200 + WAITS[road]
    assert seconds(streets, SOUTH, EAST) == 200 + WAITS[road] / 2
    assert seconds(streets, WEST, NORTH) == 200 + WAITS[road] / 2
    assert seconds(streets, WEST, EAST) == 200


@pytest.mark.parametrize(
    ("road", "other", "over", "along"),
    [
        ("primary", "secondary", 20, 0),
        ("primary", "tertiary", 20, 0),
        ("secondary", "tertiary", 10, 0),
        ("none", "footway", 0, 0),
        ("primary", "primary", 0, 0),
        ("none", "none", 0, 0),
    ],
)
def test_roads_that_meet(road, other, over, along) -> None:
    assert seconds(crossing(road, other), SOUTH, NORTH) == 200 + over
    assert seconds(crossing(road, other), WEST, EAST) == 200 + along


@pytest.mark.parametrize("road", ["primary", "tertiary", "none"])
def test_signals_decide_whatever_the_road(road) -> None:
    assert seconds(crossing(road, "footway", signals=[0]), SOUTH, NORTH) == 230
    assert seconds(crossing(road, "footway", signals=[0]), WEST, EAST) == 200
    assert seconds(crossing("none", "none", signals=[0]), SOUTH, NORTH) == 200


def test_a_footbridge_over_the_road_waits_for_nobody() -> None:
    over = [*ARMS[:3], (0.5, -1.0), (0.5, 1.0)]
    ways = [(0, WEST, "primary"), (EAST, 0, "primary"), (SOUTH, NORTH, "footway")]
    kerbed, facts = with_kerbs(lines(ways, over, off=[2]))
    assert len(kerbed.ends) == 3
    assert facts["wait_primary"] == 0
    assert seconds(crossing("primary", "footway", off=[2, 3]), SOUTH, NORTH) == 200


def test_a_divided_road_counts_for_each_carriageway() -> None:
    points = [(0, -1), (0, 0), (0, 0.2), (0, 1), (-1, 0), (1, 0), (-1, 0.2), (1, 0.2)]
    ways = [(a, b, "footway") for a, b in pairwise(range(4))]
    ways += [(4, 1, "secondary"), (1, 5, "secondary"), (6, 2, "secondary"), (2, 7, "secondary")]
    assert seconds(lines(ways, points), 0, 3) == 300 + 2 * WAITS["secondary"]


def test_kerbs_lie_on_the_road_and_take_no_door() -> None:
    streets = replace(
        crossing("primary", "footway"),
        z=np.array([5.0, 1, 2, 3, 4]),
        street=np.array([0, 0, -1, -1], np.int32),
        names=("Long Road",),
    )
    kerbed, facts = with_kerbs(streets)
    assert facts == {
        "known": True, "wait_signals": 0, "wait_primary": 2, "wait_secondary": 0,
        "wait_tertiary": 0,
    }  # fmt: skip
    assert kerbed.lonlat[5:].tolist() == [streets.lonlat[0].tolist()] * 2
    assert kerbed.z[5:].tolist() == [5, 5]
    assert kerbed.mm[4:].tolist() == [0, 0]
    assert not kerbed.attachable[4:].any()
    assert kerbed.street[4:].tolist() == [-1, -1]
    network = number_streets(kerbed, UTM, {})
    assert network.facts["length_km"] == 0.4
    assert network.facts["islands"] == 0


def test_a_source_without_road_classes_has_no_kerbs() -> None:
    streets = replace(crossing("primary", "footway"), road_class=None)
    kerbed, facts = with_kerbs(streets)
    assert kerbed is streets
    assert facts == {"known": False}


KINDS_OF_WAYS = st.sampled_from(["none", "tertiary", "secondary", "primary", "footway", "path"])
WAYS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), KINDS_OF_WAYS).filter(lambda w: w[0] != w[1]),
    min_size=1,
    max_size=16,
)


def half_wait(ways, signals, point, way) -> int:
    """What a walker pays at one end of a way, in milliseconds, told from the ways alone."""
    order = ["foot", "none", "tertiary", "secondary", "primary"]

    def rank(what):
        return order.index(what if what in order else "foot")

    highest = max(rank(what) for a, b, what in ways if point in (a, b))
    if rank(way[2]) >= highest:
        return 0
    if point in signals:
        return 500 * WAITS["signals"]
    return 500 * WAITS.get(order[highest], 0)


def turns(ways, signals) -> nx.DiGraph:
    """Walks as turns from way to way: (way, first or second end where the walk leaves it)."""
    graph = nx.DiGraph()
    for w, way in enumerate(ways):
        for end in (0, 1):
            graph.add_edge((w, end, "in"), (w, 1 - end, "out"), ms=100_000)
            half = half_wait(ways, signals, way[end], way)
            graph.add_edge(("start", way[end]), (w, end, "in"), ms=half)
            graph.add_edge((w, end, "out"), ("end", way[end]), ms=half)
            for v, next_way in enumerate(ways):
                for k in (0, 1):
                    if next_way[k] == way[end] and (v, k) != (w, end):
                        cost = half + half_wait(ways, signals, way[end], next_way)
                        graph.add_edge((w, end, "out"), (v, k, "in"), ms=cost)
    return graph


@given(WAYS, st.sets(st.integers(0, 7)))
def test_every_walk_pays_what_its_turns_cost(ways, signals) -> None:
    points = [(np.cos(k), np.sin(k)) for k in range(8)]
    kerbed, _ = with_kerbs(lines(ways, points, signals=sorted(signals)))
    graph, model = graph_of(kerbed, WALKER), turns(ways, signals)
    for start in {a for a, _, _ in ways}:
        found = nx.single_source_dijkstra_path_length(graph, start, weight="ms")
        told = nx.single_source_dijkstra_path_length(model, ("start", start), weight="ms")
        for end in {b for _, b, _ in ways} - {start}:
            assert found.get(end) == told.get(("end", end))


@given(WAYS, st.sets(st.integers(0, 7)))
def test_who_never_waits_walks_as_without_kerbs(ways, signals) -> None:
    points = [(np.cos(k), np.sin(k)) for k in range(8)]
    streets = lines(ways, points, signals=sorted(signals))
    before, after = (graph_of(s, PATIENT) for s in (streets, with_kerbs(streets)[0]))
    for start in before:
        expected = nx.single_source_dijkstra_path_length(before, start, weight="ms")
        found = nx.single_source_dijkstra_path_length(after, start, weight="ms")
        assert {end: found.get(end) for end in before} == {end: expected.get(end) for end in before}


def test_what_openstreetmap_tells(tmp_path) -> None:
    tags = {
        1: {}, 2: {"highway": "traffic_signals"}, 3: {"highway": "crossing", "crossing": "zebra"},
        4: {"crossing": "traffic_signals"}, 5: {"highway": "crossing", "crossing:signals": "yes"},
        6: {}, 7: {},
    }  # fmt: skip
    ways = {
        "primary_link": [1, 2, 3], "trunk": [3, 4], "secondary": [4, 5], "residential": [5, 6],
        "tertiary": [6, 7],
    }  # fmt: skip
    text = "".join(
        f'<node id="{id}" version="1" lon="{120 + id / 1000}" lat="30">'
        + "".join(f'<tag k="{k}" v="{v}"/>' for k, v in told.items())
        + "</node>"
        for id, told in tags.items()
    )
    text += '<node id="8" version="1" lon="120.006" lat="30.001"/>'
    for id, (highway, refs) in enumerate(ways.items(), 1):
        text += f'<way id="{id}" version="1">' + "".join(f'<nd ref="{r}"/>' for r in refs)
        text += f'<tag k="highway" v="{highway}"/></way>'
    text += '<way id="9" version="1"><nd ref="6"/><nd ref="8"/><tag k="highway" v="footway"/>'
    text += '<tag k="footway" v="crossing"/><tag k="crossing" v="traffic_signals"/></way>'
    path = tmp_path / "town.osm"
    path.write_text(f'<osm version="0.6">{text}</osm>')
    streets = read_osm(path).streets
    classes = [ROAD_CLASSES[c] for c in streets.road_class]
    assert classes == ["primary"] * 3 + ["secondary", "none", "tertiary", "none"]
    lon = streets.lonlat[:, 0]
    with_lights = sorted({round(1000 * (x - 120)) for x in lon[streets.signals]})
    assert with_lights == [2, 4, 5, 6]  # and the crossing drawn as a line, at 6


@pytest.mark.parametrize(
    ("tags", "lights"),
    [
        ({"highway": "traffic_signals"}, True),
        ({"highway": "crossing", "crossing": "traffic_signals"}, True),
        ({"highway": "crossing", "crossing": "traffic_signals;marked"}, True),
        ({"highway": "crossing", "crossing:signals": "yes"}, True),
        ({"highway": "crossing", "crossing": "uncontrolled", "crossing:signals": "no"}, False),
        ({"highway": "crossing"}, False),
    ],
)
def test_where_lights_are(tags, lights) -> None:
    assert has_signals(tags) is lights


@pytest.mark.parametrize(
    ("highway", "name"),
    [("trunk_link", "primary"), ("tertiary", "tertiary"), ("service", "none"), ("steps", "none")],
)
def test_classes_of_roads(highway, name) -> None:
    walked = walk_way({"highway": highway})
    assert walked is not None and ROAD_CLASSES[walked.road_class] == name


def osmnx_graph(**highway) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    graph.add_node(1, x=123.0, y=30.0, highway="crossing")
    graph.add_node(2, x=123.001, y=30.0, highway="traffic_signals")
    graph.add_node(3, x=123.001, y=30.001)
    bend = LineString([(123.001, 30), (123.002, 30), (123.001, 30.001)])
    graph.add_edge(1, 2, length=96.0, osmid=7, **highway)
    graph.add_edge(2, 3, length=300.0, osmid=8, geometry=bend, **highway)
    return graph


def test_what_an_osmnx_graph_tells() -> None:
    streets = lines_of_graph(osmnx_graph(highway="secondary"))
    assert [ROAD_CLASSES[c] for c in streets.road_class] == ["secondary"] * 3
    assert streets.signals.tolist() == [False, True, False, False]  # the bend comes last
    assert lines_of_graph(osmnx_graph()).road_class is None
