"""A study on road lines, on tables, and on edited streets, from the files to the minutes."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from shapely.geometry import LineString, Point

from carecircle import Study, StudyError
from carecircle.inputs import frame_of
from carecircle.layers.network import EDGE_KINDS, WalkNetwork
from carecircle.layers.osm import read_osm
from carecircle.layers.road_lines import read_roads
from carecircle.layers.street_sources import NetworkSource
from carecircle.layers.streets import StreetLines, number_streets

DATA = Path(__file__).parents[3] / "shared" / "data"
WEST, SOUTH, STEP = 106.55, 29.56, 0.002  # the town of conftest
AREA = EDGE_KINDS.index("area")
WORDS = {
    "street": "residential",
    "footway": "footway",
    "path": "path",
    "steps": "steps",
    "crossing": "crossing",
    "lift": "elevator",
}


def place(column: float, row: float) -> tuple[float, float]:
    return WEST + column * STEP, SOUTH + row * STEP


def minutes(study: Study) -> list[float]:
    return study.run().circles[0].coverage.homes["minutes"].tolist()


def grid() -> list[LineString]:
    """The streets of the town, each one line from side to side."""
    across = [LineString([place(0, k), place(3, k)]) for k in range(4)]
    return across + [LineString([place(k, 0), place(k, 3)]) for k in range(4)]


def own_roads(town: Any, shapes: list[LineString]) -> Path:
    gpd.GeoDataFrame({"类型": ["支路"] * len(shapes)}, geometry=shapes, crs=4326).to_file(
        town.folder / "roads.gpkg"
    )
    keys = 'path = "roads.gpkg"\n            columns = { kind = "类型" }'
    town.study = town.study.replace('path = "streets.osm"', keys)
    path: Path = town.write()
    return path


def test_road_lines_give_the_minutes_that_openstreetmap_gives(town: Any) -> None:
    for quarter in town.quarters:  # nearer to one street than to the others
        quarter["lng"] -= 0.0002
    expected = minutes(Study.from_file(town.write()))
    study = Study.from_file(own_roads(town, grid()))
    assert minutes(study) == pytest.approx(expected, abs=0.002)


def test_own_streets_are_told_and_openstreetmap_is_not_thanked(town: Any) -> None:
    result = Study.from_file(own_roads(town, grid())).run()
    told = {sentence.id: sentence.en for sentence in result.assumptions}
    facts = result.network.facts
    assert facts["crossings"] + facts["joins"] == 4 + 8  # inside, and along the rim
    assert f"cut at {facts['crossings']} places" in told["own-roads"]
    assert "own-roads-kinds" not in told
    assert [sentence.id for sentence in result.attributions] == []
    assert result.network.facts["street_source"] == "roads"


def test_tables_give_the_minutes_of_their_lengths(town: Any) -> None:
    """Edges of 200 m each: the station is at a corner, every home 3 or more edges away."""
    with (town.folder / "nodes.csv").open("w", newline="") as file:
        rows = [(f"{c}-{r}", *place(c, r)) for c in range(4) for r in range(4)]
        csv.writer(file).writerows([("id", "x", "y"), *rows])
    edges = [(f"{c}-{r}", f"{c + 1}-{r}", 200) for c in range(3) for r in range(4)]
    edges += [(f"{c}-{r}", f"{c}-{r + 1}", 230) for c in range(4) for r in range(3)]
    with (town.folder / "edges.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("from", "to", "length_m"), *edges])
    keys = 'nodes = "nodes.csv"\n            edges = "edges.csv"\n            crs = "EPSG:4326"'
    town.study = town.study.replace('path = "streets.osm"', keys)
    result = Study.from_file(town.write()).run()
    assert result.network.edge_mm.sum() == 12 * 430_000
    g = nx.Graph()
    g.add_weighted_edges_from(edges)
    network = result.network
    station = np.argmin(np.hypot(*(network.node_xy - network.node_xy.min(axis=0)).T))
    lengths = coo_array((network.edge_mm, network.edge_nodes.T), shape=(16, 16)).tocsr()
    ours = dijkstra(lengths, directed=False, indices=station)
    theirs = nx.single_source_dijkstra_path_length(g, "0-0")
    assert sorted(ours / 1000) == sorted(theirs.values())


def test_a_barrier_costs_time_behind_it_and_a_new_way_gives_it_back(town: Any) -> None:
    wall = LineString([place(0.5, -0.5), place(0.5, 2.5)])  # open only along the northern street
    bridge = LineString([place(0, 0), place(1, 0)])
    before = minutes(Study.from_file(town.write()))
    gpd.GeoDataFrame(geometry=[wall], crs=4326).to_file(town.folder / "wall.gpkg")
    gpd.GeoDataFrame({"kind": ["天桥"]}, geometry=[bridge], crs=4326).to_file(
        town.folder / "bridge.gpkg"
    )
    town.study += """
            [[edits]]
            kind = "barrier"
            path = "wall.gpkg"
    """
    result = Study.from_file(town.write()).run()
    walled = result.circles[0].coverage.homes["minutes"].to_numpy()
    assert (np.nan_to_num(walled, nan=99) >= np.array(before) - 1e-9).all()
    assert (np.nan_to_num(walled, nan=99) > np.array(before) + 1).any()
    told = {sentence.id: sentence.en for sentence in result.assumptions}
    assert "barriers: 1 rows" in told["street-edit-1"] and "3 cuts" in told["street-edit-1"]
    town.study += """
            [[edits]]
            kind = "link"
            path = "bridge.gpkg"
    """
    result = Study.from_file(town.write()).run()
    bridged = result.circles[0].coverage.homes["minutes"].to_numpy()
    assert bridged[-1] < walled[-1]
    told = {sentence.id: sentence.en for sentence in result.assumptions}
    assert "2 ends joined" in told["street-edit-2"]


def test_layers_in_memory_take_road_lines_and_edits() -> None:
    roads = gpd.GeoDataFrame(geometry=grid(), crs=4326)
    homes = gpd.GeoDataFrame(
        {"population": [100]}, geometry=[Point(place(1.5, 0.1)).buffer(0.0002)], crs=4326
    )
    stations = gpd.GeoDataFrame({"service": ["elderly"]}, geometry=[Point(place(0, 0))], crs=4326)
    wall = gpd.GeoDataFrame(geometry=[Point(place(0.5, 0))], crs=4326)
    tables: dict[str, Any] = {
        "people": {"age_60_plus_share": 0.2},
        "circles": [{"service": "elderly"}],
        "sites": {"count": 0},
    }
    free = Study.from_layers("x", roads, homes, stations, **tables)
    shut = Study.from_layers(
        "x", roads, homes, stations, edits=[wall], edits_options=[{"kind": "barrier"}], **tables
    )
    assert minutes(shut)[0] > minutes(free)[0] + 1


def test_an_edits_layer_that_is_not_there_is_missed_at_once(town: Any) -> None:
    town.study += """
            [[edits]]
            kind = "barrier"
            path = "nowhere.gpkg"
    """
    with pytest.raises(StudyError) as refused:
        Study.from_file(town.write())
    assert [problem.id for problem in refused.value.problems] == ["E-STU-004"]


# --- real streets


def data(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{path} is needed")
        pytest.skip(f"{path} is not here")
    return path


def walks(network: WalkNetwork, sources: np.ndarray, limit_m: float) -> np.ndarray:
    """Metres from the sources to every node, by scipy."""
    ends, mm = network.edge_nodes, network.edge_mm + 1e-3
    order = np.lexsort((mm, ends[:, 1], ends[:, 0]))
    shortest = np.unique(ends[order], axis=0, return_index=True)[1]
    chosen = order[shortest]
    n = len(network.node_xy)
    lengths = coo_array((mm[chosen], ends[chosen].T), shape=(n, n)).tocsr()
    found = dijkstra(lengths, directed=False, indices=sources, limit=1000 * limit_m)
    return np.asarray(found / 1000)


def as_lines(lines: StreetLines, crs: str) -> gpd.GeoDataFrame:
    """OSM streets as a bureau would hand them in; walks across squares are no lines."""
    kept = lines.kind != AREA
    words = np.array([WORDS.get(kind, "no") for kind in EDGE_KINDS])[lines.kind]
    bridges = ~lines.attachable & (words != "elevator")
    return gpd.GeoDataFrame(
        {"kind": words[kept], "bridge": np.where(bridges, "yes", "no")[kept]},
        geometry=shapely.linestrings(lines.lonlat[lines.ends[kept]]),
        crs=4326,
    ).to_crs(crs)


def test_wuhan_as_road_lines_keeps_its_length_in_one_piece() -> None:
    """The file holds its roads as one connected part; crossings only join more of it."""
    path = data("wuhan") / "wuhan_streets_osm_original.parquet"
    layer = gpd.read_parquet(path)
    walked = layer[~layer["highway"].isin(["motorway", "motorway_link"])]
    read = read_roads(NetworkSource(path=path, columns={"kind": "highway"}))
    network = number_streets(read.lines, frame_of(read.lines).crs, {})
    # EPSG:32650 is up to 0.1 % off here, two and a half degrees from its central meridian
    assert network.edge_mm.sum() / 1000 == pytest.approx(walked.length.sum(), rel=1.5e-3)
    assert read.facts["ways_left_out"] == {"motorway": 2080, "motorway_link": 2879}
    assert (network.node_component == 0).mean() > 0.99


def test_las_palmas_as_road_lines_walks_like_openstreetmap(tmp_path: Path) -> None:
    """Every walk within 1.2 km is as long, or shorter where lines cross that OSM left apart."""
    extract = read_osm(data("las_palmas") / "las_palmas_osm_20230221.osm.pbf")
    lines = extract.streets
    kept = np.flatnonzero(lines.kind != AREA)
    crs = frame_of(lines).crs
    as_lines(lines, crs).to_file(tmp_path / "roads.fgb")
    read = read_roads(NetworkSource(path=tmp_path / "roads.fgb"))
    osm = number_streets(
        StreetLines(
            lonlat=lines.lonlat,
            ends=lines.ends[kept],
            kind=lines.kind[kept],
            attachable=lines.attachable[kept],
        ),
        crs,
        {},
    )
    own = number_streets(read.lines, crs, {})
    away_m, same = cKDTree(own.node_xy).query(osm.node_xy)
    assert away_m.max() < 0.001
    some = np.random.default_rng(1).choice(len(osm.node_xy), 12, replace=False)
    theirs, ours = walks(osm, some, 1200), walks(own, same[some], 1200)[:, same]
    reached = np.isfinite(theirs)
    longer_m = ours[reached] - theirs[reached]
    assert longer_m.max() < 0.1
    assert np.mean(np.abs(longer_m) < 0.1) > 0.97


@pytest.mark.parametrize("kind", ["barrier", "closure"])
def test_edits_that_leave_no_street_are_refused(town, kind: str) -> None:
    everything = shapely.box(106.54, 29.55, 106.57, 29.58)
    path = town.folder / "edits.gpkg"
    gpd.GeoDataFrame({"name": ["x"]}, geometry=[everything], crs=4326).to_file(path)
    town.study += f'\n[[edits]]\nkind = "{kind}"\npath = "edits.gpkg"\n'
    with pytest.raises(StudyError) as refused:
        Study.from_file(town.write()).read()
    assert [(p.id, p.file) for p in refused.value.problems] == [("E-NET-032", "edits.gpkg")]


def test_streets_that_are_all_bridges_are_refused(town) -> None:
    path = town.folder / "streets.osm"
    street, bridge = '<tag k="highway" v="residential"/>', '<tag k="bridge" v="yes"/>'
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(street, street + bridge), encoding="utf-8")
    with pytest.raises(StudyError) as refused:
        Study.from_file(town.write()).read()
    assert [p.id for p in refused.value.problems] == ["E-NET-032"]


def test_a_graph_in_kilometres_is_refused_and_a_short_edge_recorded(town) -> None:
    graph = nx.Graph(crs="EPSG:4326")
    for k in range(4):
        graph.add_node(k, x=106.55 + 0.002 * k, y=29.56)
    for k in range(3):
        graph.add_edge(k, k + 1, length=193.8, highway="residential")
    for length, found in ((1.0, ["R-NET-020"]), (900.0, [])):
        graph.add_edge(0, 3, length=length, highway="footway")
        nx.write_graphml(graph, town.folder / "g.graphml")
        town.study = town.study.replace("streets.osm", "g.graphml")
        records = Study.from_file(town.write()).read().records
        assert [r["id"] for r in records if r["id"] == "R-NET-020"] == found
