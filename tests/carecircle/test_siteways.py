"""New gates and footpaths of a study, checked by building them and running the study again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from openpyxl import load_workbook
from shapely import LineString, Point, Polygon

from carecircle import Study
from carecircle.__main__ import unproven
from carecircle.coverage.circle import of_service, walks_of_homes
from carecircle.coverage.repairs import standing
from carecircle.coverage.summary import study_summary
from carecircle.coverage.way_candidates import WayPlaces, WayRules, crossing, way_places
from carecircle.coverage.way_study import MeasuredPlan, SiteWays
from carecircle.coverage.way_summary import plan_of
from carecircle.finished import make_again
from carecircle.isochrones.graph import walk_graph
from carecircle.layers.problems import StudyError
from carecircle.maps.outputs import OUTPUTS
from carecircle.maps.page import DATA_BLOCK
from carecircle.maps.writer import write_results
from carecircle.report import result_lines
from carecircle.siteways import site_ways
from carecircle.sitingfile import WaysSection
from carecircle.steps import Steps
from carecircle.waywords import plan_line

CRS = "EPSG:32648"
ORIGIN = np.array([650_000.0, 3_270_000.0])  # Chongqing

# A ring of streets round a walled quarter whose only gate is at the back; the first station stands
# before its front. To the east a street ends 15 m from the one that the open quarter lies on, whose
# other end leads round by 3 km; the second station is beyond the gap.
ROADS = [
    [(-200, 0), (0, 0), (400, 0), (600, 0)],
    [(0, 0), (0, 400), (400, 400), (400, 0)],
    [(615, 0), (900, 0), (900, -1500), (400, -1500), (400, 0)],
]
WALLED = Polygon([(20, 15), (380, 15), (380, 385), (20, 385)])
OPEN = Polygon([(680, 10), (740, 10), (740, 60), (680, 60)])
STATIONS = [(150, 0), (560, 0)]
BACK_GATE = (200, 385)


def there(shape: Any) -> Any:
    """A shape of the plan above, in the coordinates of the files."""
    return shapely.transform(shape, lambda xy: xy + ORIGIN)


def layer(shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    placed = [there(shape) for shape in shapes]
    return gpd.GeoDataFrame(columns, index=range(len(placed)), geometry=placed, crs=CRS)


@dataclass
class Place:
    """A study of the plan, with further gates and links."""

    gates: list[Any] = field(default_factory=list)
    links: list[Any] = field(default_factory=list)
    stations: int = 2

    def study(self) -> Study:
        quarters = layer([WALLED, OPEN], name=["围墙小区", "开放小区"], population=[1000, 300])
        quarters.index = quarters.index.map({0: "a", 1: "b"})
        gates = [there(Point(BACK_GATE)), *self.gates]
        entrances = gpd.GeoDataFrame({"block_id": ["a"] * len(gates)}, geometry=gates, crs=CRS)
        tables: dict[str, Any] = {}
        if self.links:
            tables["edits"] = [gpd.GeoDataFrame(geometry=self.links, crs=CRS)]
            tables["edits_options"] = [{"kind": "link", "snap_m": 0.5}]
        return Study.from_layers(
            "x",
            layer([LineString(line) for line in ROADS]),
            quarters,
            layer([Point(at) for at in STATIONS[: self.stations]], service="elderly"),
            entrances=entrances,
            people={"age_60_plus_share": 0.2},
            circles=[{"service": "elderly", "minutes": 8}],
            sites={"count": 0},
            siting={"ways": {"count": 2}},
            **tables,
        )

    def covered(self) -> int:
        study = self.study()
        inputs, circle = study.read(), next(study.circles())
        homes, doors = inputs.snaps_for(circle.walker)
        _, stations = of_service(circle, inputs.facilities, doors)
        walks = walks_of_homes(circle, walk_graph(inputs.network, circle.walker, homes, stations))
        return int(inputs.homes[circle.group].to_numpy()[walks.ms <= circle.limit_ms].sum())


def found(place: Place, stations: int = 0, water: Any = None, **asked: Any) -> SiteWays:
    study = place.study()
    inputs, circle = study.read(), next(study.circles())
    (answer,) = site_ways(inputs, circle, WaysSection(**asked), (stations,), 10.0, water)
    return answer


@cache
def both() -> SiteWays:
    return found(Place(), count=2)


def in_files(geometry: Any, ways: SiteWays) -> Any:
    return gpd.GeoSeries([geometry], crs=ways.ways.crs).to_crs(CRS).iloc[0]


def test_the_front_gate_and_the_missing_link_are_chosen() -> None:
    ways = both()
    chosen = ways.chosen_ways
    assert ways.people == 260  # nobody is within 8 minutes today
    assert Place().covered() == 0
    assert sorted(zip(chosen["kind"], chosen["people_alone"], strict=True)) == [
        ("gate", 200),
        ("loose_end", 60),
    ]
    assert chosen["people_together"].tolist() == [200, 60]
    assert chosen["quarter"].tolist() == ["围墙小区", ""]
    gate = in_files(chosen.geometry.iloc[0], ways)
    assert abs(gate.y - ORIGIN[1] - 15) < 1  # in the front wall
    assert chosen["length_m"].tolist() == pytest.approx([15, 15], abs=0.1)
    plan = ways.together
    assert (plan.people, plan.people_of_model, plan.bound_people) == (260, 260, 260)
    assert (plan.status, plan.sites, len(plan.ways)) == ("optimal", (), 2)


def test_a_run_with_each_way_built_covers_the_people_it_promises() -> None:
    ways = both()
    gates = ways.ways[ways.ways["kind"] == "gate"]
    assert len(gates) >= 1
    for at in gates.index[:3]:
        built = Place(gates=[in_files(gates.geometry[at], ways)])
        assert built.covered() == gates["people_alone"][at]
    links = ways.ways[ways.ways["kind"] != "gate"]
    assert len(links) >= 1
    for at in links.index:
        assert Place(links=[in_files(links["line"][at], ways)]).covered() == 60
    chosen = ways.chosen_ways
    built = Place(
        gates=[in_files(chosen.geometry.iloc[0], ways)],
        links=[in_files(chosen["line"].iloc[1], ways)],
    )
    assert built.covered() == ways.together.people == 260


def test_one_station_reaches_more_together_with_a_way() -> None:
    """No station is within 384 m of both quarters: it serves one, and a way opens the other."""
    ways = found(Place(stations=1), stations=1, count=1)
    assert (ways.stations_alone.people, ways.stations_alone.ways) == (200, ())
    assert (ways.ways_alone.people, ways.ways_alone.sites) == (200, ())
    assert (ways.together.people, ways.together.status) == (260, "optimal")
    assert ways.chosen_ways["kind"].tolist() == ["gate"]
    assert ways.sites.index[ways.sites["chosen"]].tolist() == list(ways.together.sites)
    assert len(ways.together.sites) == 1
    assert found(Place(stations=1), stations=1, count=0).together.people == 200


def test_water_between_lets_no_way_through() -> None:
    ditch = there(Polygon([(-300, 5), (500, 5), (500, 8), (-300, 8)]))
    study = Place().study()
    crs = study.read().network.crs
    water = gpd.GeoSeries([ditch], crs=CRS).to_crs(crs).to_numpy()
    ways = found(Place(), water=water, count=2)
    assert ways.chosen_ways["kind"].tolist() == ["loose_end"]
    said = {one.id: one.en for one in ways.assumptions}["ways-elderly"]
    assert "None crosses open water" in said
    assert "Water is not known" in {one.id: one.en for one in both().assumptions}["ways-elderly"]


def test_gates_or_footpaths_can_be_left_out() -> None:
    assert found(Place(), gates=False).chosen_ways["kind"].tolist() == ["loose_end"]
    assert found(Place(), footpaths=False).chosen_ways["kind"].tolist() == ["gate"]
    nothing = found(Place(), gates=False, footpaths=False)
    assert len(nothing.ways) == 0 and nothing.together.people == 0


def candidates(rules: WayRules) -> WayPlaces:
    study = Place().study()
    inputs, circle = study.read(), next(study.circles())
    homes, doors = inputs.snaps_for(circle.walker)
    _, stations = of_service(circle, inputs.facilities, doors)
    people = inputs.homes[circle.group].to_numpy(np.int64)
    now = standing(circle, inputs.network, homes, stations, people)
    own = inputs.doors
    shapes = inputs.residential.geometry.to_numpy()
    return way_places(now, shapes, own.gates, own.home_xy, own.home_quarter, rules)


def test_gates_stand_along_the_wall_apart_from_known_ones_with_a_street_in_front() -> None:
    places = candidates(WayRules(footpaths=False))
    crs = Place().study().read().network.crs
    wall = gpd.GeoSeries([there(WALLED.boundary)], crs=CRS).to_crs(crs).iloc[0]
    known = gpd.GeoSeries([there(Point(BACK_GATE))], crs=CRS).to_crs(crs).iloc[0]
    at_wall = shapely.points(places.xy[:, 0])
    assert shapely.distance(at_wall, wall).max() < 0.01
    assert shapely.distance(at_wall, known).min() >= 50
    assert np.hypot(*(places.xy[:, 0] - places.xy[:, 1]).T).max() < 20.1
    # 1,460 m of wall in steps of at most 50 m are 30 places or more, two of them near the gate
    assert 27 <= len(places.kind) <= 32
    assert len(candidates(WayRules(footpaths=False, gate_street_m=14)).kind) == 0


def test_short_cuts_join_streets_that_are_near_and_far_on_foot() -> None:
    """With cells of 20 m the two streets' ends and places behind them are within 60 m."""
    near = WayRules(gates=False, link_m=60, link_spacing_m=20)
    places = candidates(near)
    cuts = places.xy[places.kind == "short_cut"]
    assert len(cuts) > 1
    assert np.hypot(*(cuts[:, 0] - cuts[:, 1]).T).max() <= 60
    crs = Place().study().read().network.crs
    gap = gpd.GeoSeries([there(LineString([(607, -5), (607, 5)]))], crs=CRS).to_crs(crs).iloc[0]
    # nothing else is near as the crow flies and far on foot
    assert shapely.intersects(shapely.linestrings(cuts), gap).all()
    house = gap.buffer(2)
    assert len(candidates(replace(near, closed=np.array([house], object))).kind) == 0


def test_a_way_may_touch_closed_ground_with_its_end_only() -> None:
    ways = shapely.linestrings([[(0, 0), (10, 0)], [(0, 5), (10, 5)], [(0, 9), (3, 9)]])
    bank = np.array([shapely.box(10, -1, 20, 1), LineString([(5, 4), (5, 6)])], object)
    assert crossing(ways, bank).tolist() == [False, True, False]
    assert crossing(ways, bank[:0]).tolist() == [False, False, False]
    assert crossing(ways[:1], np.array([shapely.box(2, -1, 4, 1)], object)).tolist() == [True]


def test_a_study_file_says_which_ways() -> None:
    tables: dict[str, Any] = {
        "people": {"age_60_plus_share": 0.2},
        "circles": [{"service": "elderly"}],
    }
    roads = layer([LineString(line) for line in ROADS])
    study = Study.from_layers("x", roads, siting={"ways": {"gates": False, "count": 3}}, **tables)
    assert study.file.siting.ways == WaysSection(gates=False, footpaths=True, count=3)
    assert Study.from_layers("x", roads, **tables).file.siting.ways is None
    with pytest.raises(StudyError):
        Study.from_layers("x", roads, siting={"ways": {"count": -1}}, **tables)


def test_every_output_made_again_has_the_ways_too(tmp_path: Path) -> None:
    study, steps = Place().study(), Steps()
    result = study.run(steps, site=True)
    out = tmp_path / "out"
    write_results(result, study_summary(result), study.manifest_facts(steps), out, "en")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    make_again(out, [output.name for output in OUTPUTS if output.name in before], "en")
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_site_writes_the_ways_into_every_table_and_layer(tmp_path: Path) -> None:
    study, steps = Place().study(), Steps()
    result = study.run(steps, site=True)
    facts = study.manifest_facts(steps)
    write_results(result, study_summary(result), facts, tmp_path / "out", "en")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    circle = summary["circles"][0]
    (found,) = circle["site_ways"]
    plan = found["plans"]["together"]
    # 260 people of 60 and over, nobody within 8 minutes today, all of them with both ways
    assert (plan["people"], plan["covered_before"], plan["covered_after"]) == (260, 0, 260)
    assert (plan["not_covered_after"], plan["people_gained"]) == (0, 260)
    assert found["plans"]["stations_alone"]["covered_after"] == 0  # no new station is allowed
    book = load_workbook(tmp_path / "out" / "tables.xlsx")
    told = [row for row in book["新增通道 Ways"].values if row[2] in ("w1", "w2")]
    assert [(row[3], row[4], row[7], row[9]) for row in told] == [
        ("新出入口 new gate", "围墙小区", 200, 200),
        ("接通断头路 footpath from a dead end", None, 60, 60),
    ]
    plans = [row for row in book["通道方案 Way plans"].values if row[2] == "两者同建 both together"]
    assert [row[5:11] for row in plans] == [(260, 0, 260, 0, 260, 260)]
    layers = {
        name: gpd.read_file(tmp_path / "out" / "results.gpkg", layer=name)
        for name in ("ways", "way_lines")
    }
    chosen = layers["ways"]["chosen"].astype(bool)
    assert layers["ways"][chosen]["people_alone"].tolist() == [200, 60]
    assert set(layers["way_lines"].geom_type) == {"LineString"}
    english, chinese = (list(result_lines(summary, lang)) for lang in ("en", "zh"))
    both_en = "    both together: 0 stations, 2 ways, 260 people (bound of the model 260)"
    assert both_en in english
    assert "    w1 新出入口，围墙小区：单独 200 人，方案中 200 人" in chinese
    assert "ways-elderly" in {sentence["id"] for sentence in summary["assumptions"]}
    page = (tmp_path / "out" / "map.html").read_text("utf-8")
    data = json.loads(DATA_BLOCK.search(page)[2])
    (told,) = data["summary"]["circles"][0]["site_ways"]
    assert (told["percent_after"], told["status"]) == (100.0, "optimal")
    assert [(one["quarter"], one["people_alone"]) for one in told["chosen"]] == [
        ("围墙小区", 200),
        ("", 60),
    ]
    assert [len(ends) for ends in data["map"]["circles"][0]["site_ways"][0]] == [2, 2]


def test_what_plans_with_ways_cannot_keep_to_is_refused() -> None:
    study = Place().study()
    siting = study.file.siting.model_copy(update={"apart_m": 300.0, "close": 1})
    study.file = study.file.model_copy(update={"siting": siting})
    with pytest.raises(StudyError, match="E-SITE-067") as refused:
        study.run(site=True)
    assert "apart_m, close" in str(refused.value)


def test_a_plan_with_ways_that_is_not_proven_needs_a_proof() -> None:
    done = {"status": "optimal"}
    circle = {"stations_to_target": None, "sites": done}
    ways = [{"plans": {"together": {"status": "time_limit"}, "ways_alone": done}}]
    assert not unproven(circle)
    assert unproven({**circle, "site_ways": ways})


def test_both_counts_of_a_plan_are_told_where_they_differ() -> None:
    measured = MeasuredPlan((), ("w1", "w2"), 1023, 1003, 1003, "optimal", 0.1)
    plan = plan_of(measured, 5000, 2000)
    assert (plan["covered_after"], plan["not_covered_after"]) == (3023, 1977)
    assert plan_line(plan, "en").endswith(
        "1,023 people (bound of the model 1,003, counted 1,003 in the model)"
    )
    assert "新增 1,023 人（模型上界 1,003，模型计 1,003 人）" in plan_line(plan, "zh")
