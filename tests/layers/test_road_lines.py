"""A bureau's own road lines and tables, read as streets."""

from __future__ import annotations

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
from pydantic import ValidationError
from pyproj import Geod
from shapely.geometry import LineString, MultiLineString, Point, box

from carecircle.layers.chinese_offsets import SHIFTED
from carecircle.layers.crs import transformer
from carecircle.layers.network import EDGE_KINDS
from carecircle.layers.problems import StudyError
from carecircle.layers.road_kinds import TAGS_OF_WORD, WORDS_OF_TAGS
from carecircle.layers.road_lines import StreetsRead, read_roads
from carecircle.layers.road_tables import read_road_tables
from carecircle.layers.street_sources import NetworkSource
from carecircle.layers.streets import StreetLines, measured_mm, number_streets
from carecircle.layers.walk_profile import ROAD_CLASSES

X, Y = 500_100.0, 3_320_100.0  # EPSG:4549
GEOD = Geod(ellps="WGS84")


def at(*xy: tuple[float, float]) -> LineString:
    return LineString([(X + x, Y + y) for x, y in xy])


ACROSS, UP = at((0, 0), (100, 0)), at((50, -40), (50, 40))


def roads(shapes: list, crs: Any = 4549, source: dict | None = None, **columns: Any) -> StreetsRead:
    layer = gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)
    return read_roads(NetworkSource(path="roads", **(source or {})).holding(layer))


def kinds(lines: StreetLines) -> list[str]:
    return [EDGE_KINDS[k] for k in lines.kind]


def ids(refused: Any) -> list:
    return [(p.id, p.row, p.column) for p in refused.value.problems]


def told(read: StreetsRead, id: str) -> str:
    return next(r["what"]["en"] for r in read.records if r["id"] == id)


def test_lines_become_streets_as_long_as_on_the_ellipsoid() -> None:
    read = roads([ACROSS, UP], name=["人民路", ""], kind=["主干路", "人行道"])
    assert sorted(kinds(read.lines)) == ["footway", "footway", "street", "street"]
    back = transformer("EPSG:4549", "EPSG:4326")
    ends = [back.transform(X + x, Y) for x in (0, 100)]
    metres = GEOD.inv(*ends[0], *ends[1])[2]
    mm = measured_mm(read.lines)[[k == "street" for k in kinds(read.lines)]]
    assert mm.sum() == pytest.approx(1000 * metres, abs=2)
    named = np.array((*read.lines.names, ""))[read.lines.street]
    assert sorted(named) == ["", "", "人民路", "人民路"]
    classes = {ROAD_CLASSES[k] for k in read.lines.road_class[named == "人民路"]}
    assert classes == {"primary"}


@pytest.mark.parametrize(
    ("word", "kind", "attachable"),
    [
        ("步行道", "footway", True),
        ("台阶", "steps", True),
        ("梯道", "steps", True),
        ("天桥", "footway", False),
        ("地下通道", "footway", False),
        ("斑马线", "crossing", True),
        ("支路", "street", True),
        ("小路", "path", True),
        ("Sidewalk ", "footway", True),
        ("ＳＴＥＰＳ", "steps", True),
        ("['residential', 'steps']", "street", True),
        ("电梯", "lift", False),
    ],
)
def test_a_word_says_how_a_road_is_walked(word: str, kind: str, attachable: bool) -> None:
    lines = roads([ACROSS], kind=[word]).lines
    assert kinds(lines) == [kind]
    assert lines.attachable.tolist() == [attachable]


@pytest.mark.parametrize("word", ["高速公路", "快速路", "motorway", "规划道路", "freeway"])
def test_roads_that_nobody_walks_are_left_out_and_counted(word: str) -> None:
    read = roads([ACROSS, at((0, 50), (100, 50))], kind=[word, "支路"])
    assert len(read.lines.ends) == 1
    assert read.facts["ways_left_out"] == {word: 1}


def test_every_word_is_listed_once_and_in_the_docs() -> None:
    words = [word for words, _ in WORDS_OF_TAGS for word in words]
    assert len(words) == len(set(words))
    page = Path(__file__).parents[2].joinpath("docs/streets.md").read_text(encoding="utf-8")
    assert [word for word in words if word not in page] == []
    assert all(word == word.casefold() for word in TAGS_OF_WORD)


def test_columns_say_more_than_the_word() -> None:
    columns = {"bridge": ["是", "F", None], "foot": [None, "no", None], "private": ["", "", "是"]}
    shapes = [ACROSS, at((0, 50), (100, 50)), at((0, 90), (100, 90))]
    read = roads(shapes, kind=["支路"] * 3, **columns)
    assert read.lines.attachable.tolist() == [False, True]
    assert read.facts["private_ways_kept"] == 1


def test_a_bridge_by_its_column_passes_over_and_a_level_decides_before_it() -> None:
    over = roads([ACROSS, UP], bridge=["否", "是"])
    assert len(over.lines.ends) == 2
    same = roads([ACROSS, UP], bridge=["否", "是"], level=["0", "0"])
    assert len(same.lines.ends) == 4


def test_the_study_can_say_what_its_own_words_mean() -> None:
    columns = {"fclass": ["0103", "0201"]}
    source = {"columns": {"kind": "fclass"}, "kinds": {"0103": "人行道", "0201": "no"}}
    read = roads([ACROSS, at((0, 50), (100, 50))], source=source, **columns)
    assert kinds(read.lines) == ["footway"]
    with pytest.raises(StudyError) as refused:
        roads([ACROSS], source={**source, "kinds": {"0103": "跑道"}}, fclass=["0103"])
    assert ids(refused) == [("E-NET-020", None, "kinds"), ("E-NET-020", 1, "fclass")]


def test_lines_without_kinds_are_streets_and_the_likely_column_is_named() -> None:
    read = roads([ACROSS], **{"道路等级": ["主干路"]})
    assert kinds(read.lines) == ["street"]
    assert told(read, "R-NET-010").endswith("Likely: 道路等级")


def test_what_is_odd_about_lines_is_repaired_and_recorded() -> None:
    shapes = [
        ACROSS,
        at((100, 0), (0, 0)),
        at((10, 10), (10, 10)),
        MultiLineString([at((0, 20), (50, 20)), at((50, 30), (90, 30))]),
        LineString([(X, Y + 60, 3.0), (X + 50, Y + 60, 9.0)]),
        at((0, 80), (50, 80), (50, 80), (90, 80)),
    ]
    read = roads(shapes, kind=["支路"] * len(shapes))
    assert len(read.lines.ends) == 6
    assert "1 rows" in told(read, "R-NET-014") and told(read, "R-NET-014").endswith("rows 2")
    assert told(read, "R-NET-013").endswith("rows 3")
    assert "taken as 2 lines" in told(read, "R-NET-012")
    assert "1 lines are not used" in told(read, "R-NET-011")


@pytest.mark.parametrize(("crs", "expected"), [(None, "E-CRS-001"), ("EPSG:4549", "E-CRS-004")])
def test_own_roads_in_degrees_are_refused_without_the_right_crs(crs: Any, expected: str) -> None:
    with pytest.raises(StudyError) as refused:
        roads([LineString([(120.0, 30.0), (120.001, 30.0)])], crs=crs)
    assert [id for id, _, _ in ids(refused)] == [expected]


def test_metres_under_a_crs_of_degrees_are_refused() -> None:
    with pytest.raises(StudyError) as refused:
        roads([ACROSS], crs=4326)
    assert ids(refused) == [("E-CRS-005", None, "")]


@pytest.mark.parametrize("name", ["gcj02", "bd09"])
def test_roads_from_an_online_map_come_back_to_where_they_are(name: str) -> None:
    true = np.array([[106.55, 29.56], [106.56, 29.56]])
    shifted = SHIFTED[name].from_wgs84(true)
    read = roads([LineString(shifted)], crs=4326, source={"crs": name})
    assert np.abs(np.sort(read.lines.lonlat, axis=0) - true).max() < 2e-6
    with pytest.raises(StudyError) as refused:
        roads([LineString([(2.0, 48.0), (2.001, 48.0)])], crs=4326, source={"crs": name})
    assert ids(refused) == [("E-CRS-009", None, "crs")]


def test_polygons_points_and_empty_rows_are_refused_together() -> None:
    with pytest.raises(StudyError) as refused:
        roads([box(X, Y, X + 9, Y + 9), Point(X, Y), None, ACROSS])
    assert ids(refused) == [("E-GEO-002", 1, ""), ("E-GEO-002", 2, ""), ("E-GEO-001", 3, "")]


def test_bad_words_and_levels_are_refused_with_row_and_column() -> None:
    with pytest.raises(StudyError) as refused:
        roads([ACROSS, UP, UP], kind=["路", "支路", "支路"], level=["0", "一", "0.5"])
    assert ids(refused) == [
        ("E-NET-020", 1, "kind"), ("E-NET-021", 2, "level"), ("E-NET-021", 3, "level"),
    ]  # fmt: skip


def test_only_motorways_are_no_streets() -> None:
    with pytest.raises(StudyError) as refused:
        roads([ACROSS], kind=["高速公路"])
    assert ids(refused) == [("E-NET-001", None, "")]


@pytest.mark.parametrize("ending", ["gpkg", "shp", "geojson", "fgb"])
def test_every_vector_format_gives_the_same_streets(ending: str, tmp_path: Path) -> None:
    layer = gpd.GeoDataFrame({"lx": ["支路", "台阶"]}, geometry=[ACROSS, UP], crs=4549)
    path = tmp_path / f"roads.{ending}"
    options = {"encoding": "gb18030"} if ending == "shp" else {}
    (layer.to_crs(4326) if ending == "geojson" else layer).to_file(path, **options)
    read = read_roads(NetworkSource(path=path, columns={"kind": "lx"}))
    assert sorted(kinds(read.lines)) == ["steps", "steps", "street", "street"]


places = st.integers(0, 9).map(lambda k: 10.0 * k)
segments = st.lists(
    st.tuples(*[places] * 4, st.sampled_from(["支路", "台阶", "天桥"])),
    min_size=2,
    max_size=6,
    unique_by=lambda s: s[:4],
).filter(lambda rows: all(r[:2] != r[2:4] for r in rows))


@settings(max_examples=15)
@given(segments, st.permutations(range(6)), st.integers(0, 63))
def test_the_order_and_direction_in_the_file_change_nothing(
    rows: list, order: list, turned: int
) -> None:
    order = [k for k in order if k < len(rows)]
    shapes = [at(row[:2], row[2:4]) for row in rows]
    other = [shapes[k].reverse() if turned >> k & 1 else shapes[k] for k in order]
    first = roads(shapes, kind=[row[4] for row in rows])
    second = roads(other, kind=[rows[k][4] for k in order])
    one, two = (number_streets(read.lines, "EPSG:4549", {}) for read in (first, second))
    for field in ("node_xy", "edge_nodes", "edge_mm", "edge_kind", "edge_attachable"):
        assert getattr(one, field).tolist() == getattr(two, field).tolist()


# --- tables of nodes and edges

NODES = {"id": ["a", "b", "c"], "x": [X, X + 100, X + 100], "y": [Y, Y, Y + 50]}
EDGES = {"from": ["a", "b"], "to": ["b", "c"], "length_m": ["120", "50"], "kind": ["支路", "台阶"]}


def tables(folder: Path, nodes: dict, edges: dict, **source: Any) -> StreetsRead:
    pd.DataFrame(nodes).to_csv(folder / "nodes.csv", index=False)
    pd.DataFrame(edges).to_csv(folder / "edges.csv", index=False)
    keys = {"nodes": folder / "nodes.csv", "edges": folder / "edges.csv", "crs": "EPSG:4549"}
    return read_road_tables(NetworkSource(**{**keys, **source}))


def test_tables_keep_the_lengths_they_state(tmp_path: Path) -> None:
    lines = tables(tmp_path, NODES, EDGES).lines
    assert lines.mm.tolist() == [120_000, 50_000]
    assert kinds(lines) == ["street", "steps"]
    g = nx.Graph()
    for (a, b), mm in zip(lines.ends.tolist(), lines.mm.tolist(), strict=True):
        g.add_edge(a, b, weight=mm)
    assert nx.shortest_path_length(g, 0, 2, "weight") == 170_000


def test_tables_without_lengths_are_measured(tmp_path: Path) -> None:
    edges = {name: EDGES[name] for name in ("from", "to")}
    assert tables(tmp_path, NODES, edges).lines.mm == pytest.approx([100_000, 50_000], rel=1e-3)


def test_tables_may_name_their_columns(tmp_path: Path) -> None:
    nodes = {"osmid": NODES["id"], "east": NODES["x"], "north": NODES["y"]}
    edges = {"u": EDGES["from"], "v": EDGES["to"], "米": EDGES["length_m"]}
    columns = {"id": "osmid", "x": "east", "y": "north", "from": "u", "to": "v", "length_m": "米"}
    assert tables(tmp_path, nodes, edges, columns=columns).lines.mm.tolist() == [120_000, 50_000]


@pytest.mark.parametrize("length", ["", "nan", "-5", "inf", "约100", "1e9"])
def test_lengths_that_are_none_are_refused(length: str, tmp_path: Path) -> None:
    with pytest.raises(StudyError) as refused:
        tables(tmp_path, NODES, {**EDGES, "length_m": ["120", length]})
    assert ids(refused) == [("E-NET-024", 3, "length_m")]


def test_a_length_of_0_needs_one_place(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as refused:
        tables(tmp_path, NODES, {**EDGES, "length_m": ["0", "50"]})
    assert ids(refused) == [("E-NET-025", 2, "length_m")]
    lift = {**NODES, "x": [X, X, X + 100], "y": [Y, Y, Y + 50]}
    read = tables(tmp_path, lift, {**EDGES, "length_m": ["0", "120"]})
    assert read.lines.mm.tolist() == [0, 120_000]


def test_unknown_nodes_and_repeated_ids_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as refused:
        tables(tmp_path, NODES, {**EDGES, "to": ["b", "z"]})
    assert ids(refused) == [("E-NET-023", 3, "to")]
    with pytest.raises(StudyError) as refused:
        tables(tmp_path, {**NODES, "id": ["a", "b", "a"]}, EDGES)
    assert ids(refused) == [("E-ID-002", 4, "id")]


def test_lengths_in_kilometres_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as refused:
        tables(tmp_path, NODES, {**EDGES, "length_m": ["0.12", "0.05"]})
    assert ids(refused) == [("E-NET-026", None, "length_m")]


def test_repeated_edges_and_edges_to_themselves_are_left_out_and_recorded(tmp_path: Path) -> None:
    edges = {
        "from": ["a", "b", "b", "c"],
        "to": ["b", "a", "c", "c"],
        "length_m": ["120", "120", "40", "7"],
    }
    read = tables(tmp_path, NODES, edges)
    assert read.lines.mm.tolist() == [120_000, 40_000]
    assert told(read, "R-NET-014").endswith("rows 3")
    assert told(read, "R-NET-018").endswith("rows 5")
    assert told(read, "R-NET-017").endswith("rows 4")  # 40 m between places 50 m apart


# --- the study file's keys


@pytest.mark.parametrize(
    "keys",
    [
        {"path": "city.osm.pbf", "crs": "EPSG:4549"},
        {"path": "city.graphml", "snap_ends_m": 1.0},
        {"nodes": "nodes.csv", "path": "roads.gpkg"},
        {"path": "roads.gpkg", "edges": "edges.csv", "nodes": "nodes.csv"},
        {"path": "roads.gpkg", "snap_ends_m": -1},
        {"path": "roads.gpkg", "columns": {"speed": "v"}},
    ],
)
def test_keys_that_do_not_go_together_are_refused(keys: dict) -> None:
    with pytest.raises(ValidationError):
        NetworkSource(**keys)


def test_a_table_cannot_be_road_lines(tmp_path: Path) -> None:
    (tmp_path / "roads.csv").write_text("x,y\n1,2\n")
    with pytest.raises(StudyError) as refused:
        read_roads(NetworkSource(path=tmp_path / "roads.csv", crs="EPSG:4549"))
    assert ids(refused) == [("E-NET-022", None, "")]


def test_shapely_agrees_on_the_total_length() -> None:
    read = roads([ACROSS, UP, at((20, -40), (80, 40))])
    mm = measured_mm(read.lines).sum()
    assert mm / 1000 == pytest.approx(shapely.length([ACROSS, UP]).sum() + 100, rel=1e-3)
