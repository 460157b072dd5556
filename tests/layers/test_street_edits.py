"""Barriers, closures and new ways on a small town whose walks are known by hand.

Two streets of 200 m lead east, 100 m apart, joined by three cross streets::

    3 ---- 4 ---- 5     y = 100   "北街"
    |      |      |
    0 ---- 1 ---- 2     y = 0     "南街"
   x = 0  100    200
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from carecircle.layers.crs import Frame, transformer
from carecircle.layers.network import EDGE_KINDS
from carecircle.layers.problems import StudyError
from carecircle.layers.street_edits import EditsRead, edit_streets
from carecircle.layers.street_sources import EditSource
from carecircle.layers.streets import StreetLines

CRS = "EPSG:4549"
ORIGIN = np.array([500_000.0, 3_320_000.0])
TOWN = np.array([(0, 0), (100, 0), (200, 0), (0, 100), (100, 100), (200, 100)], float)
ENDS = np.array([(0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (1, 4), (2, 5)])


def lonlat(xy: Any) -> np.ndarray:
    moved = np.asarray(xy, float) + ORIGIN
    return np.column_stack(transformer(CRS, "EPSG:4326").transform(moved[:, 0], moved[:, 1]))


FRAME = Frame(CRS, (*lonlat([(-50, -50)])[0], *lonlat([(250, 150)])[0]))


@pytest.fixture
def town() -> StreetLines:
    return StreetLines(
        lonlat=lonlat(TOWN),
        ends=ENDS,
        kind=np.zeros(7, np.uint8),
        attachable=np.ones(7, bool),
        mm=np.full(7, 100_000),
        street=np.array([0, 0, 1, 1, -1, -1, -1], np.int32),
        names=("南街", "北街"),
        z=np.arange(6.0),
        road_class=np.array([3, 3, 0, 0, 0, 0, 0], np.uint8),
        signals=np.array([True] + [False] * 5),
    )


def here(shape: Any) -> Any:
    return shapely.transform(shape, lambda xy: xy + ORIGIN)


def edited(lines: StreetLines, kind: str, shapes: list, **keys: Any) -> EditsRead:
    columns = keys.pop("table", {})
    layer = gpd.GeoDataFrame(columns, geometry=[here(s) for s in shapes], crs=CRS)
    source = EditSource(path="edits", kind=kind, **keys).holding(layer)
    return edit_streets(lines, source, FRAME)


def graph(lines: StreetLines) -> nx.Graph:
    g = nx.Graph()
    for (a, b), mm in zip(lines.ends.tolist(), lines.mm.tolist(), strict=True):
        if not g.has_edge(a, b) or g[a][b]["mm"] > mm:
            g.add_edge(a, b, mm=mm)
    return g


def walk_m(lines: StreetLines, start: int, end: int) -> float:
    g = graph(lines)
    if start not in g or end not in g:
        return np.inf
    try:
        return nx.shortest_path_length(g, start, end, "mm") / 1000
    except nx.NetworkXNoPath:
        return np.inf


def ids(refused: Any) -> list:
    return [(p.id, p.row, p.column) for p in refused.value.problems]


def test_a_barrier_point_cuts_the_nearest_street_and_no_other(town: StreetLines) -> None:
    read = edited(town, "barrier", [Point(50, 3)])
    assert walk_m(read.lines, 0, 1) == 300
    assert walk_m(read.lines, 3, 5) == 200
    assert read.fact["cuts"] == 1
    assert sorted(read.lines.mm.tolist()) == [50_000, 50_000, *[100_000] * 6]


def test_doors_still_open_on_both_sides_of_a_cut(town: StreetLines) -> None:
    lines = edited(town, "barrier", [Point(30, 0)]).lines
    dead = [n for n, degree in graph(lines).degree if degree == 1]
    places = lines.lonlat[dead]
    assert places[0].tolist() == places[1].tolist() == pytest.approx(lonlat([(30, 0)])[0].tolist())
    assert lines.attachable.all()


def test_a_barrier_on_a_crossing_closes_every_arm(town: StreetLines) -> None:
    lines = edited(town, "barrier", [Point(100, 0)]).lines
    assert walk_m(lines, 0, 2) == 400
    assert walk_m(lines, 4, 1) == np.inf


def test_a_wall_cuts_every_street_that_it_crosses(town: StreetLines) -> None:
    read = edited(town, "barrier", [LineString([(50, -20), (50, 80), (150, 80)])])
    assert read.fact["cuts"] == 2
    assert walk_m(read.lines, 0, 1) == 500  # up, along the north, down the east
    assert walk_m(read.lines, 1, 4) == 300


def test_a_wall_spares_bridges_unless_all_levels_are_meant(town: StreetLines) -> None:
    town = replace(town, attachable=np.array([False] + [True] * 6))
    wall = [LineString([(50, -20), (50, 120)])]
    assert walk_m(edited(town, "barrier", wall).lines, 0, 1) == 100
    assert walk_m(edited(town, "barrier", wall, all_levels=True).lines, 0, 1) == np.inf


def test_a_polygon_closes_what_lies_inside_up_to_its_boundary(town: StreetLines) -> None:
    read = edited(town, "barrier", [box(40, -10, 70, 10)])
    assert walk_m(read.lines, 0, 1) == 300
    assert read.fact["closed_m"] == 30
    assert sorted(read.lines.mm.tolist()) == [30_000, 40_000, *[100_000] * 6]


def test_a_closure_line_closes_the_street_beside_it_and_not_those_it_crosses(
    town: StreetLines,
) -> None:
    read = edited(town, "closure", [LineString([(-10, 2), (160, 2)])])
    assert read.fact["closed_m"] == pytest.approx(160, abs=0.1)
    assert walk_m(read.lines, 0, 1) == 300
    assert walk_m(read.lines, 0, 3) == walk_m(read.lines, 1, 4) == 100


def test_a_street_is_closed_by_its_name(town: StreetLines, tmp_path: Path) -> None:
    path = tmp_path / "closed.csv"
    pd.DataFrame({"路名": ["南街"]}).to_csv(path, index=False)
    source = EditSource(path=path, kind="closure", columns={"street": "路名"})
    read = edit_streets(town, source, FRAME)
    assert read.fact["closed_m"] == 200
    assert walk_m(read.lines, 0, 1) == 300


def test_a_name_and_a_shape_close_what_both_mean(town: StreetLines) -> None:
    around = [box(90, -10, 110, 110)]
    both = edited(town, "closure", around, table={"street": ["北街"]})
    assert both.fact["closed_m"] == pytest.approx(20, abs=0.1)
    assert walk_m(both.lines, 1, 0) == walk_m(both.lines, 1, 2) == 100
    assert walk_m(both.lines, 3, 1) == 200


def test_an_unknown_street_is_refused(town: StreetLines) -> None:
    with pytest.raises(StudyError) as refused:
        edited(town, "closure", [box(0, 0, 9, 9)], table={"street": ["西街"]})
    assert ids(refused) == [("E-NET-029", 1, "street")]


def test_a_footbridge_joins_at_its_ends_and_passes_over_the_rest(town: StreetLines) -> None:
    bridge = [LineString([(50, 0), (150, 100)])]
    read = edited(town, "link", bridge, table={"kind": ["天桥"], "name": ["新桥"]})
    lines = read.lines
    diagonal = 100 * np.sqrt(2)
    assert walk_m(lines, 0, 5) == pytest.approx(50 + diagonal + 50, abs=0.05)
    assert walk_m(lines, 1, 4) == 100  # crossed in the middle, not joined
    new = lines.street == lines.names.index("新桥")
    assert not lines.attachable[new].any()
    assert read.fact["joined_ends"] == 2


def test_the_end_of_a_new_way_is_joined_by_a_piece_as_long_as_the_gap(town: StreetLines) -> None:
    lines = edited(town, "link", [LineString([(50, 4), (50, 97)])], table={"kind": ["台阶"]}).lines
    assert walk_m(lines, 0, 4) == pytest.approx(50 + 100 + 50, abs=0.05)
    steps = lines.kind == EDGE_KINDS.index("steps")
    assert lines.mm[steps].sum() == pytest.approx(100_000, abs=50)


def test_an_end_without_a_street_is_refused_or_stays_open(town: StreetLines) -> None:
    path = [LineString([(50, 0), (50, 40)])]
    with pytest.raises(StudyError) as refused:
        edited(town, "link", path)
    assert ids(refused) == [("E-NET-028", 1, "")]
    assert refused.value.problems[0].details["metres"] == pytest.approx(40, abs=0.1)
    read = edited(town, "link", path, dead_ends=True)
    assert read.fact["dead_ends"] == 1
    assert read.fact["added_m"] == pytest.approx(40, abs=0.1)


def test_new_ways_join_each_other_at_their_ends(town: StreetLines) -> None:
    parts = [LineString([(50, 0), (50, 50)]), LineString([(50, 51), (50, 100)])]
    lines = edited(town, "link", parts).lines
    assert walk_m(lines, 0, 4) == pytest.approx(50 + 100 + 50, abs=0.05)


def test_a_new_motorway_is_no_way(town: StreetLines) -> None:
    with pytest.raises(StudyError) as refused:
        edited(town, "link", [LineString([(50, 0), (50, 100)])], table={"kind": ["高速公路"]})
    assert ids(refused) == [("E-NET-031", 1, "kind")]


@pytest.mark.parametrize("kind", ["barrier", "closure"])
def test_a_layer_that_touches_nothing_is_refused(kind: str, town: StreetLines) -> None:
    with pytest.raises(StudyError) as refused:
        edited(town, kind, [box(20, 20, 40, 40)])
    assert ids(refused) == [("E-NET-027", None, "")]


def test_rows_that_touch_nothing_are_recorded(town: StreetLines) -> None:
    read = edited(town, "barrier", [Point(50, 0), Point(50, 50)])
    assert [(r["id"], r["what"]["en"][-6:]) for r in read.records] == [("R-NET-019", "rows 2")]


@pytest.mark.parametrize(
    ("kind", "shape"), [("closure", Point(0, 0)), ("link", box(0, 0, 9, 9)), ("link", Point(0, 0))]
)
def test_shapes_of_another_kind_are_refused(kind: str, shape: Any, town: StreetLines) -> None:
    with pytest.raises(StudyError) as refused:
        edited(town, kind, [shape])
    assert ids(refused) == [("E-GEO-002", 1, "")]


def test_heights_classes_and_signals_stay_with_their_streets(town: StreetLines) -> None:
    lines = edited(town, "barrier", [Point(25, 0)]).lines
    dead = [n for n, degree in graph(lines).degree if degree == 1]
    assert lines.z[dead] == pytest.approx([0.25, 0.25])
    assert lines.signals.tolist() == [True] + [False] * (len(lines.lonlat) - 1)
    on_south = lines.street == 0
    assert set(lines.road_class[on_south]) == {3} and set(lines.road_class[~on_south]) == {0}


inside = st.tuples(st.floats(-20, 220), st.floats(-20, 120))


@settings(max_examples=25)
@given(st.lists(inside, min_size=2, max_size=4, unique=True), st.booleans())
def test_a_barrier_only_takes_away(corners: list, as_area: bool) -> None:
    """No walk gets shorter, and none changes that the barrier does not meet."""
    lines = StreetLines(
        lonlat(TOWN), ENDS, np.zeros(7, np.uint8), np.ones(7, bool), np.full(7, 100_000)
    )
    wall = LineString(corners)
    shape = wall.buffer(5) if as_area else wall
    try:
        after = edited(lines, "barrier", [shape]).lines
    except StudyError as refused:
        assert [p.id for p in refused.problems] == ["E-NET-027"]
        streets = shapely.linestrings(TOWN[ENDS])
        if as_area:
            assert shapely.length(shapely.intersection(shape, streets)).sum() < 0.01
        else:
            assert shapely.distance(shape, streets).min() > 0.0005
        return
    free = nx.Graph()
    for a, b in ENDS.tolist():
        if shape.distance(LineString(TOWN[[a, b]])) > 0.01:
            free.add_edge(a, b)
    for a in range(6):
        for b in range(6):
            before, now = walk_m(lines, a, b), walk_m(after, a, b)
            assert now >= before
            if a in free and b in free and nx.has_path(free, a, b):
                assert now <= 100 * nx.shortest_path_length(free, a, b)


@settings(max_examples=25)
@given(st.permutations(range(7)), st.lists(st.booleans(), min_size=7, max_size=7), inside)
def test_the_order_of_the_streets_changes_no_walk(order: list, turned: list, place: tuple) -> None:
    ends = np.array([pair[::-1] if t else pair for pair, t in zip(ENDS, turned, strict=True)])
    one, other = (
        StreetLines(lonlat(TOWN), e, np.zeros(7, np.uint8), np.ones(7, bool), np.full(7, 100_000))
        for e in (ENDS, ends[order])
    )
    read = [edited(lines, "barrier", [Point(place)], snap_m=60).lines for lines in (one, other)]
    walks = [[walk_m(lines, a, b) for a in range(6) for b in range(a)] for lines in read]
    assert walks[0] == pytest.approx(walks[1], abs=0.002)
