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


def minutes_by_hand(town: Any) -> dict[str, float]:
    """Minutes of each quarter to the station at the corner crossing (0, 0), at 0.8 m/s.

    A quarter's home is the middle of its block. The nearest street is the northern or the
    southern one? Blocks are 194 m wide and 222 m high, so it is the western or eastern one,
    97 m away; the western one is the lower edge or the nearer one by a hair.
    """
    geod = Geod(ellps="WGS84")
    minutes = {}
    for quarter in town.quarters:
        row, column = int(quarter["code"][1]), int(quarter["code"][2])
        west, south = town.quarters[0]["lng"] - 0.001, town.quarters[0]["lat"] - 0.001
        leg = geod.inv(west, quarter["lat"], west + 0.001, quarter["lat"])[2]
        up = geod.inv(west, south, west, quarter["lat"])[2]
        east = geod.inv(west, south, west + 0.002, south)[2]
        nearer_street = column * east  # along the southern street to the western side
        minutes[quarter["code"]] = (leg + up + nearer_street) / 0.8 / 60
        assert row == round((quarter["lat"] - south) / 0.002 - 0.5)
    return minutes


def test_minutes_are_those_of_a_taxi_driver(town: Any) -> None:
    study = Study.from_file(town.write())
    coverage = study.run().circles[0].coverage
    by_hand = minutes_by_hand(town)
    found = coverage.homes["minutes"]
    # the snap leg is planar, the streets geodesic, and the home may leave by the eastern side:
    # never shorter than by hand, and longer by at most one block's width
    for code, minutes in by_hand.items():
        assert found[code] == pytest.approx(minutes, abs=0.05) or (
            minutes < found[code] < minutes + 200 / 0.8 / 60
        )
    assert found["q00"] == pytest.approx(by_hand["q00"], abs=0.01)


def test_the_ledger_adds_up_and_the_verdict_follows(town: Any) -> None:
    result = Study.from_file(town.write()).run()
    coverage = result.circles[0].coverage
    within = coverage.homes["minutes"] <= 5
    assert coverage.people.covered == 20 * int(within.sum())
    assert coverage.people.input == 180
    assert coverage.people.covered + coverage.people.uncovered == 180
    assert coverage.verdict == "not_met"
    assert coverage.people_to_target == 90 - coverage.people.covered


def test_one_new_station_is_the_best_of_all_places(town: Any) -> None:
    """Brute force over every crossing with networkx, on the same streets."""
    result = Study.from_file(town.write()).run()
    circle = result.circles[0]
    network = result.network
    graph = nx.Graph()
    for (a, b), mm in zip(network.edge_nodes.tolist(), network.edge_mm.tolist(), strict=True):
        graph.add_edge(a, b, ms=mm * 1000 // 800)
    homes = circle.coverage.homes
    needy = homes[homes["status"] == "uncovered"]
    xy = gpd.GeoSeries(result.homes.geometry)[needy.index]
    best = 0
    for site in graph:
        walks = nx.single_source_dijkstra_path_length(graph, site, cutoff=300_000, weight="ms")
        reached = 0
        for home in xy:
            reached += any(
                walks.get(a, 1e12) + (np.hypot(*(network.node_xy[a] - foot)) + leg) / 0.8 * 1000
                <= 300_000
                for a, foot, leg in ways_out(network, home)
            )
        best = max(best, 20 * reached)
    assert circle.plan.people_gained == best
    assert circle.plan.status == "optimal"
    assert circle.plan.bound_people == best


def ways_out(network: Any, home: Point) -> list[tuple[int, np.ndarray, float]]:
    """For the nearest edge of a home: each end, the foot of the home, the straight leg."""
    p = np.array([home.x, home.y])
    nearest = None
    for a, b in network.edge_nodes:
        start, end = network.node_xy[a], network.node_xy[b]
        t = np.clip((p - start) @ (end - start) / ((end - start) @ (end - start)), 0, 1)
        foot = start + t * (end - start)
        leg = float(np.hypot(*(p - foot)))
        if nearest is None or leg < nearest[0]:
            nearest = (leg, foot, (int(a), int(b)))
    leg, foot, ends = nearest
    return [(end, foot, leg) for end in ends]


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
