"""Whole runs whose answer can be worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx
import pandas as pd
import pytest
from pyproj import Geod
from shapely.geometry import Point

import carecircle
from carecircle import Study, StudyError
from carecircle.coverage.summary import study_summary
from carecircle.layers.osm import read_osm


def minutes_by_hand(town: Any) -> dict[str, tuple[float, float]]:
    """Minutes of each quarter to the station at the crossing (0, 0), at 0.8 m/s, by either side.

    A quarter's home is the middle of its block. Blocks are 194 m wide and 222 m high, so its
    nearest street is the one to the west or the one to the east, both 97 m away: a tie that the
    projection decides. From there it is south to the first street, and west to the station.
    """
    geod = Geod(ellps="WGS84")
    west, south = town.stations[0]["lng"], town.stations[0]["lat"]
    width = geod.inv(west, south, west + 0.002, south)[2]
    minutes = {}
    for quarter in town.quarters:
        column = int(quarter["code"][2])
        leg = geod.inv(west, quarter["lat"], west + 0.001, quarter["lat"])[2]
        down = geod.inv(west, south, west, quarter["lat"])[2]
        by_west, by_east = (leg + down + side * width for side in (column, column + 1))
        minutes[quarter["code"]] = (by_west / 0.8 / 60, by_east / 0.8 / 60)
    return minutes


def test_minutes_are_those_of_the_walk_by_one_side_or_the_other(town: Any) -> None:
    found = Study.from_file(town.write()).run().circles[0].coverage.homes["minutes"]
    by_hand = minutes_by_hand(town)
    assert set(found.index) == set(by_hand)
    for code, sides in by_hand.items():  # the straight leg is planar: 0.1 % of 97 m at most
        assert min(abs(found[code] - side) for side in sides) < 0.003


def test_the_ledger_adds_up_and_the_verdict_follows(town: Any) -> None:
    result = Study.from_file(town.write()).run()
    coverage = result.circles[0].coverage
    within = coverage.homes["minutes"] <= 5
    assert coverage.people.covered == 20 * int(within.sum())
    assert coverage.people.input == 180
    assert coverage.people.covered + coverage.people.uncovered == 180
    assert coverage.verdict == "not_met"
    assert coverage.people_to_target == 90 - coverage.people.covered


def test_one_new_station_is_the_best_of_all_candidates(town: Any) -> None:
    """Every candidate against every uncovered home, with networkx on the same streets."""
    result = Study.from_file(town.write()).run()
    circle, network = result.circles[0], result.network
    graph = nx.Graph()
    for (a, b), mm in zip(network.edge_nodes.tolist(), network.edge_mm.tolist(), strict=True):
        graph.add_edge(a, b, s=mm / 800)
    walks = dict(nx.all_pairs_dijkstra_path_length(graph, weight="s"))
    homes = circle.coverage.homes
    uncovered = result.homes.geometry[homes.index[homes["status"] == "uncovered"]]
    reached = [
        sum(seconds_between(network, walks, site, home) <= 300 for home in uncovered)
        for site in circle.candidates.geometry
    ]
    best = 20 * max(reached)
    assert len(reached) > 16  # more places than crossings
    assert 0 < best < 20 * len(uncovered)
    assert circle.plan.people_gained == best
    assert circle.plan.status == "optimal"
    assert circle.plan.bound_people == best


def seconds_between(network: Any, walks: Any, one: Point, other: Point) -> float:
    """The walk between two points at 0.8 m/s, straight to their streets and along them."""
    edge, leg, ends = door(network, one)
    other_edge, other_leg, other_ends = door(network, other)
    ways = [
        there + walks[a][b] + back for a, there in ends.items() for b, back in other_ends.items()
    ]
    if edge == other_edge:
        first = network.edge_nodes[edge][0]
        ways.append(abs(ends[int(first)] - other_ends[int(first)]))
    return leg + min(ways) + other_leg


def door(network: Any, point: Point) -> tuple[int, float, dict[int, float]]:
    """Nearest edge, seconds of the straight leg, and seconds along the edge to each end."""
    p = np.array([point.x, point.y])
    start, end = network.node_xy[network.edge_nodes].transpose(1, 0, 2)
    along = end - start
    share = np.clip(((p - start) * along).sum(1) / (along**2).sum(1), 0, 1)
    legs = np.hypot(*(p - start - share[:, None] * along).T)
    edge = int(np.round(legs, 3).argmin())
    a, b = network.edge_nodes[edge].tolist()
    seconds = network.edge_mm[edge] / 800
    return edge, legs[edge] / 0.8, {a: share[edge] * seconds, b: (1 - share[edge]) * seconds}


def summary_of(study: Study) -> dict[str, Any]:
    summary = study_summary(study.run())
    for circle in summary["circles"]:
        circle.pop("seconds", None)
    summary.pop("parameters")  # they name the files
    return json.loads(json.dumps(summary))


def test_the_same_study_in_python_gives_the_same_figures(town: Any) -> None:
    path = town.write()
    from_file = summary_of(Study.from_file(path))
    table = pd.read_csv(town.folder / "quarters.csv")
    quarters = gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(table["lng"], table["lat"]), crs="EPSG:4326"
    ).set_index("code")
    stations = gpd.GeoDataFrame(
        {"name": ["幸福驿站"], "service": ["elderly"]},
        index=pd.Index(["s1"], name="code"),
        geometry=[Point(town.stations[0]["lng"], town.stations[0]["lat"])],
        crs="EPSG:4326",
    )
    before = quarters.copy(deep=True)
    study = Study.from_layers(
        "Grid town",
        network=town.folder / "streets.osm",
        residential=quarters,
        facilities=stations,
        residential_options={
            "cell_m": 100,
            "columns": {"name": "小区", "population": "people", "age_60_plus": "old"},
        },
        circles=[{"service": "elderly", "minutes": 5, "target_percent": 50}],
        sites={"count": 1},
    )
    in_memory = summary_of(study)
    in_memory["study"]["date"] = from_file["study"]["date"]
    name_files = {"offsets-unchecked", "coarse-places"}  # which layers in memory are not
    for summary in (in_memory, from_file):
        assert name_files <= {one["id"] for one in summary["assumptions"]}
        kept = [one for one in summary["assumptions"] if one["id"] not in name_files]
        summary["assumptions"] = kept
    assert in_memory == from_file
    pd.testing.assert_frame_equal(quarters, before)


def test_results_go_back_out_in_the_coordinates_they_came_in(town: Any) -> None:
    result = Study.from_file(town.write()).run()
    layers = carecircle.result_layers(result)
    assert {layer.crs.to_epsg() for layer in layers.values()} == {4326}
    assert len(layers["quarters"]) == 9
    west, south = layers["homes"].total_bounds[:2]
    assert (round(west, 3), round(south, 3)) == (106.551, 29.561)
    assert result.crs == "EPSG:4545"  # and were computed in the local zone, in metres


def test_layers_in_memory_are_checked_like_files(town: Any) -> None:
    town.write()
    nowhere = gpd.GeoDataFrame({"population": [1]}, geometry=[Point(1, 1).buffer(1)])
    study = Study.from_layers("x", town.folder / "streets.osm", residential=nowhere)
    with pytest.raises(StudyError) as caught:
        study.read()
    assert "E-CRS-001" in {problem.id for problem in caught.value.problems}
    with pytest.raises(StudyError) as caught:
        Study.from_layers("x", town.folder / "streets.osm", spacing=3)
    assert [problem.id for problem in caught.value.problems] == ["E-STU-002"]


def osmnx_graph(town: Any) -> Any:
    """The same streets as osmnx would hand them over, with geodesic lengths."""
    lines = read_osm(town.folder / "streets.osm").streets
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    for number, (lon, lat) in enumerate(lines.lonlat):
        graph.add_node(number, x=lon, y=lat)
    geod = Geod(ellps="WGS84")
    for number, (a, b) in enumerate(lines.ends.tolist()):
        metres = geod.inv(*lines.lonlat[a], *lines.lonlat[b])[2]
        for u, v in ((a, b), (b, a)):  # a two-way street is two edges in osmnx
            graph.add_edge(u, v, osmid=number, highway="residential", length=metres)
    return graph


def test_an_osmnx_graph_gives_the_same_coverage(town: Any) -> None:
    path = town.write()
    from_osm = Study.from_file(path).run()
    study = Study.from_file(path)
    from_graph = Study(study.file, graph=osmnx_graph(town)).run()
    assert from_graph.circles[0].coverage.homes["minutes"].to_dict() == pytest.approx(
        from_osm.circles[0].coverage.homes["minutes"].to_dict(), abs=1e-4
    )
    assert len(from_graph.network.edge_nodes) == len(from_osm.network.edge_nodes)


def test_a_graph_saved_by_osmnx_is_read(town: Any) -> None:
    path = town.write()
    osmnx.save_graphml(osmnx_graph(town), town.folder / "streets.graphml")
    expected = Study.from_file(path).run().circles[0].coverage.people
    town.study = town.study.replace("streets.osm", "streets.graphml")
    assert Study.from_file(town.write()).run().circles[0].coverage.people == expected


@pytest.mark.parametrize("length", [None, -1.0, float("nan"), float("inf")])
def test_a_graph_with_a_bad_length_is_refused(town: Any, length: float | None) -> None:
    study = Study.from_file(town.write())
    graph = osmnx_graph(town)
    u, v, key = next(iter(graph.edges(keys=True)))
    if length is None:
        del graph.edges[u, v, key]["length"]
    else:
        graph.edges[u, v, key]["length"] = length
    with pytest.raises(StudyError) as caught:
        Study(study.file, graph=graph).read()
    assert {problem.id for problem in caught.value.problems} == {"E-NET-005"}


def test_a_graph_node_without_a_place_is_refused(town: Any) -> None:
    study = Study.from_file(town.write())
    graph = osmnx_graph(town)
    del graph.nodes[0]["x"]
    with pytest.raises(StudyError) as caught:
        Study(study.file, graph=graph).read()
    assert {problem.id for problem in caught.value.problems} == {"E-NET-006"}


def test_a_service_without_a_layer_of_its_own_is_taken_from_the_map(town: Any) -> None:
    path = town.folder / "streets.osm"
    lon, lat = town.stations[0]["lng"], town.stations[0]["lat"]
    mapped = "".join(
        f'<node id="{id}" version="1" lon="{lon}" lat="{lat}"><tag k="amenity" v="{kind}"/></node>'
        for id, kind in ((98, "childcare"), (99, "nursing_home"))
    )
    path.write_text(path.read_text().replace("<way", mapped + "<way", 1))
    for quarter in town.quarters:
        quarter["young"] = 3
    town.study = town.study.replace('age_60_plus = "old"', 'age_60_plus = "old"\nage_0_2 = "young"')
    town.study += '\n[[circles]]\nservice = "childcare"\n'
    result = Study.from_file(town.write()).run()
    found = result.facilities["service"].to_dict()
    assert found == {"s1": "elderly", "node/98": "childcare"}  # the study's own list is the list
    (told,) = [one.en for one in result.assumptions if one.id == "facilities-osm"]
    assert "childcare" in told
    assert "elderly" not in told


def test_only_the_group_that_is_a_share_is_called_estimated(town: Any) -> None:
    town.study += '\n[people]\nage_0_2_share = 0.03\n[[circles]]\nservice = "childcare"\n'
    path = town.folder / "streets.osm"
    path.write_text(
        path.read_text().replace(
            "<way",
            f'<node id="98" version="1" lon="{town.stations[0]["lng"]}" lat="29.56">'
            '<tag k="amenity" v="childcare"/></node><way',
            1,
        )
    )
    circles = summary_of(Study.from_file(town.write()))["circles"]
    assert [(c["id"], c["estimated"]) for c in circles] == [("elderly", False), ("childcare", True)]


def test_people_outside_the_study_area_are_left_out_and_told(town: Any, tmp_path: Path) -> None:
    west_half = gpd.GeoSeries(
        [Point(town.quarters[0]["lng"], town.quarters[3]["lat"]).buffer(0.001)], crs="EPSG:4326"
    )
    west_half.to_file(town.folder / "area.geojson")
    town.study += '\n            [area]\n            path = "area.geojson"\n'
    result = Study.from_file(town.write()).run()
    assert result.circles[0].coverage.people.input == 20
    assert [record["id"] for record in result.records].count("R-LOC-001") == 1
    assert any(
        sentence.id == "outside-area" and "800" in sentence.en for sentence in result.assumptions
    )


def test_units_get_their_share(town: Any) -> None:
    gpd.GeoDataFrame(
        {"code": ["w"], "name": ["西街"]},
        geometry=gpd.GeoSeries.from_wkt(
            ["POLYGON((106.55 29.56, 106.552 29.56, 106.552 29.566, 106.55 29.566, 106.55 29.56))"]
        ),
        crs="EPSG:4326",
    ).to_file(town.folder / "units.gpkg")
    town.study += """
            [admin]
            path = "units.gpkg"
            columns = { id = "code", name = "name" }
    """
    units = Study.from_file(town.write()).run().circles[0].coverage.units
    assert units.loc["w", "people"] == 60
    assert units.loc["", "people"] == 120  # in no unit: kept, under no name


def test_a_station_that_is_too_far_from_the_streets_of_osm_is_told(town: Any) -> None:
    """Mapped facilities are nobody's own to correct, so they are left out and recorded."""
    path = town.folder / "streets.osm"
    lon, lat = town.stations[0]["lng"] - 0.0045, town.stations[0]["lat"]
    far = (
        f'<node id="99" version="1" lon="{lon}" lat="{lat}">'
        '<tag k="amenity" v="nursing_home"/></node>'
        f'<node id="98" version="1" lon="{lon + 0.0045}" lat="{lat}">'
        '<tag k="amenity" v="nursing_home"/></node>'
    )
    path.write_text(path.read_text().replace("<way", far + "<way", 1))
    head, tail = town.study.split("[[facilities]]")
    town.study = head + "[[circles]]" + tail.split("[[circles]]")[1]
    result = Study.from_file(town.write()).run()
    assert result.facilities.index.tolist() == ["node/98"]
    assert [record["id"] for record in result.records].count("R-NET-001") == 1
    assert any(sentence.id == "facilities-osm" for sentence in result.assumptions)
