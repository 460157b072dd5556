"""Runs on real cities. The data is not part of the repository and is looked for beside it."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pyogrio
import pytest
import shapely

from carecircle import Study
from carecircle.coverage.summary import study_summary
from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.minutes import NEVER, nearest, reach_table
from carecircle.isochrones.walkers import WALKERS
from carecircle.layers.network import EDGE_KINDS
from carecircle.maps.writer import write_results
from carecircle.steps import Steps

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"


@pytest.fixture
def data() -> Path:
    """The folder of real data; in CI it must be there."""
    if not DATA.is_dir():
        assert not os.environ.get("CI"), f"{DATA} is missing, and CI may not skip it"
        pytest.skip(f"real data is not here: {DATA}")
    return DATA


def run_and_write(study: Study, folder: Path) -> dict[str, Any]:
    steps = Steps()
    result = study.run(steps)
    summary = study_summary(result)
    write_results(result, summary, study.manifest_facts(steps), folder)
    return summary


def test_las_palmas_from_the_extract_to_the_files(data: Path, tmp_path: Path) -> None:
    study = Study.from_file(ROOT / "examples" / "las_palmas" / "study.toml")
    out = tmp_path / "out"
    summary = run_and_write(study, out)
    with (data / "las_palmas" / "las_palmas_population_grid_100m_2015.csv").open() as file:
        rows = list(csv.DictReader(file))
    in_grid = round(sum(float(row["POP_2015"]) for row in rows))

    outside = next(s["en"] for s in summary["assumptions"] if s["id"] == "outside-area")
    left_out = int(outside.split("(")[1].split()[0])
    population = pyogrio.read_dataframe(out / "results.gpkg", layer="homes")
    elderly = population[population["circle"] == "elderly"]
    assert len(elderly) == len(rows) - int(outside.split()[0])

    for circle, share in zip(summary["circles"], (0.22, 0.02), strict=True):
        people = circle["people"]
        total = people["covered"] + people["uncovered"] + sum(people["excluded"].values())
        assert total == people["input"]
        # the share was taken of the whole grid, and part of the grid lies outside the city
        assert people["input"] == pytest.approx((in_grid - left_out) * share, rel=0.01)
        # By the tags of the extract: 12 elderly-care stations (assisted_living 4, group_home
        # for seniors 6, nursing_home 2), one of them mapped three times over (way/391921181,
        # way/391921182, relation/7491447); 18 kindergartens as points and 5 as outlines.
        assert circle["facilities"] == {"elderly": 10, "childcare": 23}[circle["id"]]
        assert 0 < people["covered"] < people["input"]
        sites = circle["sites"]
        assert sites["people_covered_after"] == people["covered"] + sites["people_gained"]
        assert sites["people_gained"] <= sites["bound_people"]
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert set(manifest["seconds"]) >= {"streets", "layers", "snapping", "elderly", "childcare"}


def test_las_palmas_counted_again_by_other_means(data: Path) -> None:
    """The same streets and homes through shapely and networkx, in seconds with decimals."""
    result = Study.from_file(ROOT / "examples" / "las_palmas" / "study.toml").run()
    for circle in result.circles:
        seconds = recounted(result.network, result.homes, circle)
        ours = 60 * circle.coverage.homes["minutes"].to_numpy()
        attached = (circle.coverage.homes["status"] != "excluded").to_numpy()
        reached = attached & np.isfinite(seconds)
        np.testing.assert_array_equal(np.isfinite(ours)[attached], np.isfinite(seconds)[attached])
        # homes as near to one street as to another may leave by either
        off = np.abs(ours - seconds)[reached] > 0.1
        assert off.mean() < 0.005
        limit = 60 * circle.circle.minutes
        people = circle.coverage.homes["people"].to_numpy()
        counted = int(people[reached & (seconds <= limit)].sum())
        doubtful = int(people[reached][off | (np.abs(seconds[reached] - limit) < 0.1)].sum())
        assert abs(counted - circle.coverage.people.covered) <= doubtful
        assert doubtful < 0.01 * circle.coverage.people.input


def recounted(network: Any, homes: Any, circle: Any) -> np.ndarray:
    """Seconds from each home to its nearest station, inf where there is none."""
    speed = circle.circle.walker.metres_per_second
    steps = EDGE_KINDS.index("steps")
    cost = network.edge_mm / 1000 / speed
    cost = np.where(network.edge_kind == steps, cost * circle.circle.walker.steps_factor, cost)
    usable = np.flatnonzero(network.edge_attachable)
    ends = network.node_xy[network.edge_nodes]
    lines = shapely.linestrings(ends[usable])
    tree = shapely.STRtree(lines)

    def places(layer: Any) -> list[tuple[int, float, float]]:
        """Edge, share of the edge from its first end, and straight seconds of each point."""
        points = layer.geometry.to_numpy()
        nearest = tree.nearest(points)
        share = shapely.line_locate_point(lines[nearest], points, normalized=True)
        leg = shapely.distance(lines[nearest], points) / speed
        return list(zip(usable[nearest].tolist(), share.tolist(), leg.tolist(), strict=True))

    graph = nx.Graph()
    for (a, b), seconds in zip(network.edge_nodes.tolist(), cost.tolist(), strict=True):
        if not graph.has_edge(a, b) or graph[a][b]["s"] > seconds:
            graph.add_edge(a, b, s=seconds)
    stations = places(circle.facilities)
    for number, (edge, share, leg) in enumerate(stations):
        a, b = network.edge_nodes[edge].tolist()
        graph.add_edge(("station", number), a, s=leg + share * cost[edge])
        graph.add_edge(("station", number), b, s=leg + (1 - share) * cost[edge])
    sources = {("station", number) for number in range(len(stations))}
    reach = nx.multi_source_dijkstra_path_length(graph, sources, weight="s")
    answer = []
    for edge, share, leg in places(homes):
        a, b = network.edge_nodes[edge].tolist()
        ways = [
            reach.get(a, np.inf) + share * cost[edge],
            reach.get(b, np.inf) + (1 - share) * cost[edge],
        ]
        ways += [
            there + abs(share - other) * cost[edge] for e, other, there in stations if e == edge
        ]
        answer.append(leg + min(ways))
    return np.array(answer)


def test_nanjing_core_needs_its_first_stations(data: Path, tmp_path: Path) -> None:
    study = Study.from_file(ROOT / "examples" / "nanjing_core" / "study.toml")
    summary = run_and_write(study, tmp_path / "out")
    for circle in summary["circles"]:
        assert circle["facilities"] == 0
        assert circle["people"]["covered"] == 0
        assert circle["estimated"]
        assert circle["sites"]["people_gained"] > 0
    assert summary["study"]["crs"] == "EPSG:4549"  # CGCS2000 / 3-degree CM 120E


def test_porto_alegre_with_points_of_interest_as_stand_ins(data: Path, tmp_path: Path) -> None:
    """The centre's hexagons and fifteen named places, which stand in for stations."""
    folder = data / "porto_alegre"
    (tmp_path / "study.toml").write_text(
        f"""
        [study]
        name = "Porto Alegre"
        [network]
        path = "{folder / "poa_osm.pbf"}"
        [residential]
        path = "{folder / "poa_hexgrid.csv"}"
        crs = "EPSG:4326"
        cell_m = 324
        columns = {{ id = "id" }}
        [people]
        age_60_plus_share = 0.2
        [[facilities]]
        path = "{folder / "poa_points_of_interest.csv"}"
        crs = "EPSG:4326"
        service = "elderly"
        columns = {{ id = "id" }}
        [[circles]]
        service = "elderly"
        target_percent = 85
        """,
        encoding="utf-8",
    )
    summary = run_and_write(Study.from_file(tmp_path / "study.toml"), tmp_path / "out")
    with (folder / "poa_hexgrid.csv").open() as file:
        people = sum(int(row["population"]) for row in csv.DictReader(file))
    circle = summary["circles"][0]
    assert circle["people"]["input"] == round(people * 0.2)
    assert circle["facilities"] == 15
    assert 0 < circle["people"]["covered"] < circle["people"]["input"]


def test_a_thousand_walks_in_a_real_city_equal_networkx(data: Path) -> None:
    study = Study.from_file(ROOT / "examples" / "las_palmas" / "study.toml")
    inputs = study.read()
    walker = WALKERS["elderly"]
    graph = walk_graph(inputs.network, walker)
    oracle = nx.MultiGraph()
    oracle.add_nodes_from(range(len(inputs.network.node_xy)))
    ms = walker.edge_ms(inputs.network)[:, 0]
    for (a, b), cost in zip(inputs.network.edge_nodes.tolist(), ms.tolist(), strict=True):
        oracle.add_edge(a, b, ms=cost)

    random = np.random.default_rng(20260101)
    nodes = len(inputs.network.node_xy)
    sources = random.choice(nodes, 20, replace=False).astype(np.int32)
    targets = random.choice(nodes, 50, replace=False).astype(np.int32)
    limit_ms = 120 * 60_000
    table = reach_table(graph, sources, targets, limit_ms)
    reached = 0
    for position, source in enumerate(sources.tolist()):
        expected = nx.single_source_dijkstra_path_length(oracle, source, weight="ms")
        found = dict(zip(*(part.tolist() for part in table.row(position)), strict=True))
        whole = nearest(graph, np.array([source], np.int32)).ms
        for target_position, target in enumerate(targets.tolist()):
            walk = expected.get(target)
            assert whole[target] == (NEVER if walk is None else walk)
            within = walk is not None and walk <= limit_ms
            assert found.get(target_position) == (walk if within else None)
            reached += walk is not None
    assert reached > 500  # the comparison is about walks, not about their absence
