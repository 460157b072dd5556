"""The teaching city: drawn alike everywhere, true to its answers, spoilt as it says."""

from __future__ import annotations

import ast
import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import openpyxl
import pytest
import shapely
from typer.testing import CliRunner, Result

from carecircle import Study
from carecircle.__main__ import app
from carecircle.coverage.candidate_sites import covered_homes
from carecircle.coverage.result import StudyResult
from carecircle.coverage.siting import maximal_covering
from carecircle.isochrones.snapping import snap
from carecircle.layers.chinese_offsets import gcj02_of
from carecircle.layers.crs import LONLAT, transformer
from carecircle.layers.messages import MESSAGES
from carecircle.layers.problems import StudyError
from carecircle.steps import Steps
from carecircle.teaching_answers import answers
from carecircle.teaching_city import WAY_KINDS, City, draw_city
from carecircle.teaching_doors import (
    WORKING_CRS,
    Door,
    Streets,
    behind_gates,
    measured_streets,
    openings,
)
from carecircle.teaching_files import write_teaching_city
from carecircle.teaching_hills import Slopes, sloped_ms
from carecircle.teaching_mess import MESS_NAMES, MESSES, gcj02

ROOT = Path(__file__).parents[2]
NODES = 2_000


@pytest.fixture(scope="module")
def city() -> City:
    return draw_city(7, NODES)


@pytest.fixture(scope="module")
def streets(city: City) -> Streets:
    return measured_streets(city)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("teach") / "city"
    write_teaching_city(out, 7, NODES)
    return out


@pytest.fixture
def spoilt(tmp_path: Path) -> Callable[..., Path]:
    def write(*messes: str) -> Path:
        out = tmp_path / "-".join(messes)
        write_teaching_city(out, 7, NODES, messes)
        return out

    return write


def refusals(folder: Path) -> set[str]:
    """The messages with which the study in a folder is refused."""
    with pytest.raises(StudyError) as caught:
        Study.from_file(folder / "study.toml").read(Steps())
    return {problem.id for problem in caught.value.problems}


def rows_of(path: Path, encoding: str = "utf-8-sig") -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file))


def features_of(folder: Path) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = json.loads((folder / "quarters.geojson").read_bytes())[
        "features"
    ]
    return features


# --- the same everywhere


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_teaching_city(tmp_path / "again", 7, NODES)
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in (tmp_path / "again").iterdir())
    for name in names:
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_another_seed_gives_another_city(city: City) -> None:
    assert not np.array_equal(city.node_e7, draw_city(8, NODES).node_e7)


def test_the_order_of_messes_does_not_matter(tmp_path: Path) -> None:
    write_teaching_city(tmp_path / "a", 7, NODES, ["gbk", "title-row"])
    write_teaching_city(tmp_path / "b", 7, NODES, ["title-row", "gbk"])
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_every_computer_draws_this_city(folder: Path) -> None:
    # What was drawn on the first computer: the promise is that no other one differs.
    drawn = hashlib.sha256((folder / "quarters.geojson").read_bytes()).hexdigest()
    assert drawn.startswith("d9747c0784f9ef63f0c7ab74f1d75647"), drawn


@pytest.mark.parametrize("seed", range(8))
def test_a_small_city_has_about_the_nodes_asked_for_and_a_bridge(seed: int) -> None:
    drawn = draw_city(seed, NODES)
    assert abs(len(drawn.node_e7) / NODES - 1) < 0.25
    assert (drawn.way_kind == WAY_KINDS.index("bridge")).any()


def test_a_larger_city_meets_its_size_closer() -> None:
    assert abs(len(draw_city(1, 50_000).node_e7) / 50_000 - 1) < 0.1


# --- a city that can be lived in


def test_streets_are_one_connected_network_without_doubles(city: City, streets: Streets) -> None:
    graph = nx.Graph(zip(streets.a.tolist(), streets.b.tolist(), strict=True))
    assert nx.is_connected(graph)
    assert graph.number_of_nodes() == len(city.node_e7)
    assert graph.number_of_edges() == len(streets.a), "a street was drawn twice"
    assert streets.mm.min() > 0


def test_only_bridges_cross_the_river(city: City, streets: Streets, folder: Path) -> None:
    feature = json.loads((folder / "river.geojson").read_bytes())["features"][0]
    river = shapely.Polygon(feature["geometry"]["coordinates"][0])
    lines = shapely.linestrings(city.node_e7[np.column_stack([streets.a, streets.b])] / 1e7)
    wet = shapely.intersects(lines, river)
    assert wet.sum() >= 2
    assert np.array_equal(wet, ~streets.has_doors)


def test_quarters_are_valid_apart_and_in_their_community(city: City) -> None:
    quarters = city.quarters.geometry
    assert quarters.is_valid.all()
    first, second = shapely.STRtree(quarters.to_numpy()).query(quarters, predicate="intersects")
    assert (first == second).all()
    named = city.quarters[city.quarters["community_id"] != ""]
    homes = city.units.communities.geometry.loc[named["community_id"]]
    assert shapely.contains(homes.to_numpy(), named.geometry.to_numpy()).all()


def test_older_cohorts_lie_within_younger_ones(city: City) -> None:
    people = city.quarters
    assert (people["age_80_plus"] <= people["age_65_plus"]).all()
    assert (people["age_65_plus"] <= people["age_60_plus"]).all()
    known = people[["age_60_plus", "age_0_2", "age_3_5"]].sum(axis=1)
    assert (known <= people["population"]).all()
    assert (people[["age_80_plus", "age_0_2"]].min() >= 0).all()


def test_walled_quarters_have_gates_on_their_wall(city: City, streets: Streets) -> None:
    metres = city.quarters.to_crs(WORKING_CRS)
    walled = metres[metres["character"] == "walled"]
    assert set(walled.index) == set(city.gates["quarter_id"])
    wall = metres.geometry.loc[city.gates["quarter_id"]].boundary
    gates = shapely.points(streets.xy[city.gates["node"]])
    assert shapely.distance(wall.to_numpy(), gates).max() < 10


def test_most_walled_quarters_have_ways_inside_and_some_are_blank(
    city: City, streets: Streets
) -> None:
    metres = city.quarters.to_crs(WORKING_CRS)
    walled = metres.loc[metres["character"] == "walled"].geometry
    kind = np.repeat(city.way_kind, np.diff(city.way_start) - 1)
    inner = shapely.linestrings(
        streets.xy[np.column_stack([streets.a, streets.b])][kind == WAY_KINDS.index("inner")]
    )
    within = shapely.STRtree(inner).query(walled.buffer(-10).to_numpy(), predicate="intersects")
    blank = len(walled) - len(np.unique(within[0]))
    assert 3 <= blank <= len(walled) / 3


def test_hills_have_steps_and_the_river_lies_low(city: City, folder: Path) -> None:
    lines = (folder / "dem.asc").read_text(encoding="utf-8").splitlines()
    head = dict(line.split() for line in lines[:6])
    heights = np.loadtxt(lines[6:])
    assert heights.shape == (int(head["nrows"]), int(head["ncols"]))
    x_m = np.linspace(0, city.ground.width_m, 9)
    on_river = city.ground.height_above_sea_m(x_m, city.ground.river_y_m(x_m))
    assert (on_river <= heights.min()).all()
    assert np.ptp(heights) > 100
    assert (city.way_kind == WAY_KINDS.index("stairs")).sum() > 5


# --- the answers


def test_the_answers_use_nothing_of_the_engine() -> None:
    waiting, seen = ["teaching_answers"], set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        tree = ast.parse((ROOT / "carecircle" / f"{name}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("carecircle."):
                imported = (node.module or "").removeprefix("carecircle.")
                assert imported.startswith("teaching_"), f"{name} imports {imported}"
                waiting += [imported] if imported not in seen else []
    assert len(seen) > 3


@pytest.fixture(scope="module")
def elderly_ms(city: City, streets: Streets) -> dict[int, int]:
    """Milliseconds of an elderly walker from every street node to the nearest station."""
    graph = nx.Graph()
    for a, b, mm, steps in zip(
        streets.a.tolist(), streets.b.tolist(), streets.mm.tolist(), streets.is_steps, strict=True
    ):
        graph.add_edge(a, b, ms=((2 if steps else 1) * mm * 10 + 4) // 8)  # 0.8 m/s, half up
    stations = city.stations[city.stations["service"] == "elderly"]["node"].tolist()
    reach: dict[int, int] = nx.multi_source_dijkstra_path_length(graph, stations, weight="ms")
    return reach


def test_the_answers_walk_like_networkx(
    city: City, streets: Streets, elderly_ms: dict[int, int]
) -> None:
    said = answers(city)["circles"]["elderly"]["nearest_ms"]
    opened = openings(city, streets, np.arange(len(city.quarters)))
    for id, openings_of_home in zip(city.quarters.index, opened, strict=True):
        if not openings_of_home:
            assert said[id] is None
            continue
        walks = []
        for door in openings_of_home[0]:
            a, b = int(streets.a[door.edge]), int(streets.b[door.edge])
            whole_ms = int(streets.mm[door.edge]) * (2 if streets.is_steps[door.edge] else 1) / 0.8
            part = door.offset_mm / int(streets.mm[door.edge])
            by_street = min(elderly_ms[a] + part * whole_ms, elderly_ms[b] + (1 - part) * whole_ms)
            walks.append(by_street + door.leg_mm / 0.8)
        assert abs(min(walks) - said[id]) <= 2, id  # roundings


def test_nobody_leaves_a_walled_quarter_but_by_its_gates(
    city: City, streets: Streets, elderly_ms: dict[int, int]
) -> None:
    # Ways inside reach the streets at the gates only, so every walk passes one; the straight
    # way there is never longer than the mapped one, and 1.3 times as long where none is mapped.
    said = answers(city)["circles"]["elderly"]["nearest_ms"]
    metres = city.quarters.to_crs(WORKING_CRS).geometry
    exact = 0
    for id, rows in city.gates.groupby("quarter_id"):
        home = metres[id].representative_point()
        walks = [
            (np.hypot(*(streets.xy[node] - (home.x, home.y))) * 1000 / 0.8, elderly_ms[node])
            for node in rows["node"]
        ]
        assert said[id] > min(straight + onward for straight, onward in walks) - 5
        if abs(said[id] - min(1.3 * straight + onward for straight, onward in walks)) <= 2:
            exact += 1
    assert exact >= 3


def test_ties_and_legs_at_a_wall_by_hand() -> None:
    # A quarter of 100 m with one street along its south and a stub through its gate at (50, 0).
    xy = np.array([[0, -10], [50, -10], [100, -10], [50, 0], [50, 30]], float)
    a, b = np.array([0, 1, 1, 3]), np.array([1, 2, 3, 4])
    quarter = shapely.box(0, 0, 100, 100)

    def opening(pieces: list[int], gate: int) -> list[tuple[Door, ...]]:
        ends = np.stack([xy[a[pieces]], xy[b[pieces]]])
        drawn = Streets(
            xy,
            a[pieces],
            b[pieces],
            ends.min(axis=0),
            ends.max(axis=0),
            np.rint(1000 * np.hypot(*(ends[1] - ends[0]).T)).astype(np.int64),
            np.zeros(len(pieces), bool),
            np.ones(len(pieces), bool),
        )
        return behind_gates(drawn, quarter, 50.0, 70.0, np.array([gate]))

    # along the stub: 40 m of open ground, 1.3 times, to its end 30 m from the gate
    assert opening([0, 1, 2, 3], 3) == [(Door(3, 30_000, 52_000),)]
    # nothing mapped inside: 70 m, 1.3 times, to the gate, where the way from the street ends
    assert opening([0, 1, 2], 3) == [(Door(2, 10_000, 91_000),)]
    # a gate that no way meets: the stub says nothing about it
    (door,) = opening([0, 1, 2, 3], 0)[0]
    assert door.leg_mm == round(1.3 * np.hypot(50, 80) * 1000)


@pytest.mark.parametrize(("seed", "nodes"), [(0, 2_000), (2, 2_000), (7, 2_000), (4, 7_000)])
def test_a_run_gives_the_true_answers(seed: int, nodes: int, tmp_path: Path) -> None:
    write_teaching_city(tmp_path / "city", seed, nodes)
    truth = run_against_answers(tmp_path / "city")
    assert (truth["quarters_answered"] == "all") == (nodes == 2_000)


def test_files_that_are_messy_but_readable_give_the_true_answers(
    spoilt: Callable[..., Path], folder: Path
) -> None:
    out = spoilt("gbk", "title-row")
    assert run_against_answers(out) == json.loads((folder / "answers.json").read_bytes())


def run_against_answers(folder: Path) -> Any:
    """Run the study of a folder, compare it with its answers, and return these."""
    truth = json.loads((folder / "answers.json").read_bytes())
    for file, circles in (("study.toml", "circles"), ("study-hills.toml", "circles_with_slopes")):
        compare(Study.from_file(folder / file).run(), truth, truth[circles])
    return truth


def compare(result: StudyResult, truth: Any, circles: Any) -> None:
    """Every figure of the answers is that of the run."""
    assert result.crs == truth["working_crs"]
    for found in result.circles:
        said = circles[found.circle.id]
        assert (found.circle.walker.id, found.circle.limit_ms) == (said["walker"], said["limit_ms"])
        quarters = found.coverage.quarters.loc[list(said["nearest_ms"])]
        sums = {name: int(quarters[f"people_{name}"].sum()) for name in ("covered", "uncovered")}
        sums["input"] = int(quarters["people"].sum())
        sums["excluded"] = int(quarters["people_excluded"].sum())
        assert sums == said["people"]
        assert int((quarters["status"] == "covered").sum()) == said["quarters_covered"]
        for id, minutes in quarters["minutes"].items():
            known = said["equally_near"].get(id, [said["nearest_ms"][id]])
            if known == [None]:
                assert np.isnan(minutes)
            else:
                apart = [abs(minutes * 60_000 - ms) for ms in known]
                assert min(apart) <= truth["tolerance_ms"] + 1e-6, (id, minutes, known)


def test_slopes_make_walks_longer_by_what_tobler_says() -> None:
    """100 m, 10 m up: exp(0.35) times as long going up, level time coming down; steps twice."""
    streets = Streets(*[np.zeros(0)] * 5, np.array([100_000] * 2), np.array([False, True]), None)
    ms = sloped_ms(Slopes(streets, np.array([10.0, 10.0])), 1000, 2)
    assert ms.tolist() == [[141_907, 100_000], [200_000, 200_000]]


def test_the_hills_make_a_difference_and_never_a_gain(folder: Path) -> None:
    truth = json.loads((folder / "answers.json").read_bytes())
    for service, level in truth["circles"].items():
        sloped = truth["circles_with_slopes"][service]
        assert sloped["people"]["covered"] < level["people"]["covered"]
        assert sloped["people"]["input"] == level["people"]["input"]
        known = [id for id, ms in level["nearest_ms"].items() if ms is not None]
        gained = [id for id in known if sloped["nearest_ms"][id] < level["nearest_ms"][id] - 50]
        assert not gained


def test_the_best_of_the_candidates_are_those_found_by_trying_all(
    folder: Path, city: City, streets: Streets
) -> None:
    truth = json.loads((folder / "answers.json").read_bytes())
    study = Study.from_file(folder / "study.toml")
    inputs, result = study.read(Steps()), study.run()
    for found in result.circles:
        circle, sites = found.circle, truth["circles"][found.circle.id]["sites"]
        home_snaps, _ = inputs.snaps_for(circle.walker)
        status = found.coverage.homes["status"].to_numpy()
        in_need = np.flatnonzero(status == "uncovered")
        nodes = np.array(sites["candidate_osm_nodes"]) - 1
        places = snap(inputs.network, streets.xy[nodes], 1.0)
        covers = covered_homes(inputs.network, circle, places, home_snaps.take(in_need))
        people = found.coverage.homes["people"].to_numpy()[in_need]
        for count, best in sites["best"].items():
            plan = maximal_covering(covers, people, int(count), 10.0)
            assert plan.status == "optimal"
            assert plan.people_gained == best["people_gained"]
            assert sorted(at + 1 for at in plan.chosen) in best["plans"]


def test_a_site_study_finds_the_true_optimum(folder: Path, streets: Streets) -> None:
    sites = json.loads((folder / "answers.json").read_bytes())["circles"]["elderly"]["sites"]
    crs = json.loads((folder / "answers.json").read_bytes())["working_crs"]
    nodes = np.array(sites["candidate_osm_nodes"]) - 1
    lon, lat = transformer(crs, LONLAT).transform(*streets.xy[nodes].T)
    rows = [f"{at + 1},{x:.9f},{y:.9f}" for at, (x, y) in enumerate(zip(lon, lat, strict=True))]
    (folder / "places.csv").write_text("id,x,y\n" + "\n".join(rows) + "\n", encoding="utf-8")
    text = (folder / "study.toml").read_text(encoding="utf-8")
    counts = sorted(map(int, sites["best"]))
    asked = f"""
[[sites.candidates]]
path = "places.csv"
crs = "EPSG:4326"
columns = {{ id = "id", x = "x", y = "y" }}
[siting]
circles = ["elderly"]
count = {counts}
"""
    (folder / "sited.toml").write_text(text + asked, encoding="utf-8")
    study = Study.from_file(folder / "sited.toml")
    (found,) = [one for one in study.run(site=True).circles if one.circle.id == "elderly"]
    assert found.site_study is not None
    for plan in found.site_study.plans:
        best = sites["best"][str(plan.asked)]
        gained = plan.after.people.covered - found.coverage.people.covered
        assert (plan.status, gained) == ("optimal", best["people_gained"])
        chosen = sorted(int(found.candidates.index[one.candidate]) for one in plan.opened)
        assert chosen in best["plans"]


# --- the messes


@pytest.mark.parametrize(
    "name",
    [
        "missing-population",
        "text-numbers",
        "bow-tie",
        "duplicate-ids",
        "far-facility",
        "swapped",
        "no-crs",
        "total-row",
        "merged-cells",
        "gcj02",
    ],
)
def test_a_mess_is_answered_with_its_message(name: str, spoilt: Callable[..., Path]) -> None:
    answer = next(mess.answer for mess in MESSES if mess.name == name)
    assert answer in refusals(spoilt(name))


def test_a_title_row_is_read_and_recorded(spoilt: Callable[..., Path]) -> None:
    inputs = Study.from_file(spoilt("title-row") / "study.toml").read(Steps())
    assert "R-LAY-004" in {record["id"] for record in inputs.records}


def test_gbk_is_read_and_noted(spoilt: Callable[..., Path], folder: Path) -> None:
    out = spoilt("gbk")
    assert rows_of(out / "elderly.csv", "gbk") == rows_of(folder / "elderly.csv")
    inputs = Study.from_file(out / "study.toml").read(Steps())
    encodings = {file["file"]: file["encoding"] for file in inputs.files}
    assert encodings["elderly.csv"] == "gb18030"


def test_gcj02_shifts_every_quarter_and_gate_by_hundreds_of_metres(
    spoilt: Callable[..., Path], folder: Path
) -> None:
    def places(folder: Path) -> list[np.ndarray]:
        quarters = [np.array(f["geometry"]["coordinates"][0]) for f in features_of(folder)]
        gates = [row[-2:] for row in rows_of(folder / "entrances.csv")[1:]]
        return [*quarters, np.array(gates, float)]

    for a, b in zip(places(folder), places(spoilt("gcj02")), strict=True):
        metres = np.hypot(*((b - a) * [96_000, 110_900]).T)
        assert ((metres > 300) & (metres < 800)).all()
        assert np.abs(gcj02_of(a) - b).max() < 2e-7


@pytest.mark.parametrize(
    ("wgs84", "shown"),
    [  # Shanghai, Shenzhen, Beijing: the test table of eviltransform
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_gcj02_is_the_published_formula(
    wgs84: tuple[float, float], shown: tuple[float, float]
) -> None:
    assert gcj02(*wgs84) == pytest.approx(shown, abs=1e-6)


def test_a_total_row_sums_the_beds(spoilt: Callable[..., Path], folder: Path) -> None:
    *stations, total = rows_of(spoilt("total-row") / "elderly.csv")
    assert stations == rows_of(folder / "elderly.csv")
    assert total == ["合计", "", "", str(sum(int(row[3]) for row in stations[1:])), "", ""]


def test_a_title_stands_above_the_header(spoilt: Callable[..., Path], folder: Path) -> None:
    out = spoilt("title-row")
    sheet = openpyxl.load_workbook(out / "elderly.xlsx").active
    title, header, *rows = sheet.iter_rows(values_only=True)
    plain = rows_of(folder / "elderly.csv")
    assert "一览表" in title[0] and title[1:] == (None,) * 5
    assert list(header) == plain[0] and len(rows) == len(plain) - 1
    assert [str(span) for span in sheet.merged_cells.ranges] == ["A1:F1"]
    assert not (out / "elderly.csv").exists()


def test_merged_cells_hold_the_places_of_three(spoilt: Callable[..., Path], folder: Path) -> None:
    sheet = openpyxl.load_workbook(spoilt("merged-cells") / "childcare.xlsx").active
    places = [row[3] for row in sheet.iter_rows(min_row=2, values_only=True)]
    plain = [int(row[3]) for row in rows_of(folder / "childcare.csv")[1:]]
    assert places == [sum(plain[:3]), None, None, *plain[3:]]
    assert [str(span) for span in sheet.merged_cells.ranges] == ["D2:D4"]


def test_every_mess_names_a_message_and_is_explained(spoilt: Callable[..., Path]) -> None:
    readme = (spoilt(*MESS_NAMES) / "README.md").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "teaching-city.md").read_text(encoding="utf-8")
    for mess in MESSES:
        assert mess.answer in MESSAGES or mess.answer.startswith("encoding: ")
        for text in (readme, page):
            assert mess.name in text and mess.answer in text
        assert mess.zh in readme and mess.en in readme


# --- the command


def teach(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["teach", *(str(argument) for argument in arguments)])


def test_the_command_writes_a_labelled_study(tmp_path: Path) -> None:
    result = teach("--seed", 7, "--out", tmp_path / "city", "--mess", "gbk, swapped", "--json")
    assert result.exit_code == 0, result.output
    about = json.loads(result.stdout)
    assert about["mess"] == {"swapped": "E-LOC-002", "gbk": "encoding: gb18030"}
    for name in ("study.toml", "README.md", "quarters.geojson", "answers.json"):
        text = (tmp_path / "city" / name).read_text(encoding="utf-8")
        assert "教学示例，虚构" in text, name


def test_the_command_speaks_both_languages(tmp_path: Path) -> None:
    assert "虚构" in teach("--out", tmp_path / "zh", "--lang", "zh").stdout
    assert "synthetic" in teach("--out", tmp_path / "en", "--lang", "en").stdout


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    result = teach("--out", tmp_path, "--lang", "en")
    assert result.exit_code == 3
    assert "E-OUT-004" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_unknown_mess_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    result = teach("--out", tmp_path / "city", "--mess", "gbk,dust", "--lang", "en")
    assert result.exit_code == 3
    assert "E-STU-006" in result.stderr and "dust" in result.stderr and "bow-tie" in result.stderr
    assert not (tmp_path / "city").exists()


@pytest.mark.parametrize("nodes", [1_999, 1_000_001])
def test_sizes_have_bounds(nodes: int, tmp_path: Path) -> None:
    assert teach("--nodes", nodes, "--out", tmp_path / "city").exit_code == 2
