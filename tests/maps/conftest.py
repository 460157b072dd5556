"""A town of 30 quarters on a grid, with names somebody hostile might have chosen.

The quarters lie 250 m apart. Elderly care has two stations and minutes worked out as the
street distance at 48 m a minute; childcare has none. The last quarter is too far from any
street, the first has nobody of either group, three have fewer than ten people.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from carecircle.coverage.access import AccessSettings, CircleAccess, Doubt, circle_access
from carecircle.coverage.plan import Plan
from carecircle.coverage.reached import Reached
from carecircle.coverage.result import (
    Circle,
    CircleAreas,
    CircleResult,
    Coverage,
    FewestSites,
    Ledger,
    Sentence,
    SitePlan,
    StudyResult,
)
from carecircle.coverage.speeds import walks_at
from carecircle.coverage.summary import study_summary
from carecircle.coverage.target_result import (
    Counted,
    Figure,
    Missing,
    PlanResult,
    Remark,
    TargetResult,
)
from carecircle.isochrones.minutes import NEVER, Nearest, ReachTable
from carecircle.isochrones.walkers import WALKERS
from carecircle.layers.network import EDGE_KINDS, WalkNetwork

CRS = "EPSG:4547"
CORNER = np.array([520_000.0, 3_385_000.0])
COLUMNS, ROWS, SPACING_M = 6, 5, 250.0
PRIVATE = "13900001234"

HOSTILE = [
    "<script>window.__x1=1</script>",
    '<img src=x onerror="window.__PWN=1">',
    "`+(window.__PWN=1)+`",
    "${window.__PWN=1}",
    "</script><script>window.__PWN=1</script>",
    "{{ 7*7 }}",
    "A{% B",
    "幸福{#院#}",
    '");window.__PWN=1;("',
    "a\nb\u2028c",
    "<!--<script>",
    "\u202egnp.exe",
    "javascript:window.__PWN=1",
    '养老院 & 托儿所 "一"',
    "'\\u0027;//",
    "]]>",
    "a\x00b",
]


def street_grid() -> WalkNetwork:
    """Streets between the quarters, a footway in each, one flight of steps."""
    columns, rows = COLUMNS + 1, ROWS + 1
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    node_xy = CORNER + np.column_stack((x.ravel(), y.ravel())) * SPACING_M - SPACING_M / 2
    number = np.arange(columns * rows).reshape(rows, columns)
    across = np.column_stack((number[:, :-1].ravel(), number[:, 1:].ravel()))
    along = np.column_stack((number[:-1].ravel(), number[1:].ravel()))
    kinds = ["street"] * len(across) + ["footway"] * (len(along) - 1) + ["steps"]
    edges = np.vstack((across, along)).astype(np.int32)
    return WalkNetwork(
        crs=CRS,
        node_xy=node_xy,
        edge_nodes=edges,
        edge_mm=np.full(len(edges), int(SPACING_M * 1000), dtype=np.int64),
        edge_kind=np.array([EDGE_KINDS.index(kind) for kind in kinds], dtype=np.uint8),
        edge_attachable=np.ones(len(edges), dtype=bool),
        node_component=np.zeros(len(node_xy), dtype=np.int32),
        facts={"source": "drawn by hand"},
    )


def quarter_layer(names: list[str]) -> gpd.GeoDataFrame:
    count = COLUMNS * ROWS
    at = np.array([(column, row) for row in range(ROWS) for column in range(COLUMNS)])
    centre = CORNER + at * SPACING_M
    older = np.array([120 + 17 * (i % 7) for i in range(count)])
    older[[0, 7, 13, 21]] = [0, 4, 9, 7]
    small = older // 8
    return gpd.GeoDataFrame(
        {
            "name": [names[i % len(names)] for i in range(count)],
            "population": older * 5 + 3,
            "age_60_plus": older,
            "age_0_2": small,
            "area_m2": np.full(count, 32_400),
            "admin_id": pd.Series(["d1", "d2", None] * 10, dtype="object").to_numpy(),
            "town_id": pd.Series(["d1", "d2", None] * 10, dtype="object").to_numpy(),
            "estimated": [i % 5 == 0 for i in range(count)],
            "contact_phone": [PRIVATE] * count,
        },
        geometry=shapely.box(
            centre[:, 0] - 90, centre[:, 1] - 90, centre[:, 0] + 90, centre[:, 1] + 90
        ),
        index=pd.Index([f"b{i:02}" for i in range(count)], name="block_id"),
        crs=CRS,
    )


def facility_layer(names: list[str]) -> gpd.GeoDataFrame:
    spots = CORNER + np.array([(0, 1), (1, 3)]) * SPACING_M
    return gpd.GeoDataFrame(
        {
            "name": [names[0], names[1]],
            "service": ["elderly", "elderly"],
            "kind": ["day_care", names[2]],
            "capacity": pd.array([40, pd.NA], dtype="Int64"),
            "snap_m": [12.5, 3.0],
            "on_island": [False, False],
            "phone": [PRIVATE, PRIVATE],
        },
        geometry=shapely.points(spots),
        index=pd.Index(["f1", "f2"], name="facility_id"),
        crs=CRS,
    )


def covered_share(quarters: pd.DataFrame, amount: str) -> Ledger:
    by_status = quarters.groupby("status")[amount].sum()
    return Ledger(
        input=int(by_status.drop("no_people", errors="ignore").sum()),
        covered=int(by_status.get("covered", 0)),
        uncovered=int(by_status.get("uncovered", 0)),
        excluded={"too_far_from_street": int(by_status.get("excluded", 0))},
    )


def coverage_of(residential: gpd.GeoDataFrame, stations: gpd.GeoDataFrame, group: str) -> Coverage:
    """Whole quarters at the street distance from their middle; one home each."""
    middle = shapely.get_coordinates(residential.geometry.centroid.to_numpy())
    minutes = np.full(len(residential), np.nan)
    nearest = np.full(len(residential), None, dtype=object)
    if len(stations):
        spots = shapely.get_coordinates(stations.geometry.to_numpy())
        metres = np.abs(middle[:, None, :] - spots[None, :, :]).sum(axis=2)
        minutes, nearest = metres.min(axis=1) / 48, stations.index.to_numpy()[metres.argmin(axis=1)]
    people = residential[group].to_numpy()
    status = np.where(minutes <= 15, "covered", "uncovered").astype(object)
    status[-1] = "excluded"
    status[people == 0] = "no_people"
    quarters = pd.DataFrame(
        {
            "people": people,
            "people_covered": np.where(status == "covered", people, 0),
            "people_uncovered": np.where(status == "uncovered", people, 0),
            "people_excluded": np.where(status == "excluded", people, 0),
            "people_shut_out": 0 * people,
            "minutes": minutes,
            "area_m2": residential["area_m2"].to_numpy(),
            "status": status,
            "one": 1,
        },
        index=residential.index,
    )
    homes = pd.DataFrame(
        {
            "block_id": residential.index,
            "people": people,
            "minutes": minutes,
            "facility_id": nearest,
            "status": np.where(status == "no_people", "covered", status),
            "reason": np.where(status == "excluded", "too_far_from_street", ""),
        },
        index=pd.Index([f"h{i:02}" for i in range(len(residential))], name="home_id"),
    )
    shares = [covered_share(quarters, amount) for amount in ("people", "one", "area_m2")]
    units = pd.DataFrame(
        {
            "name": ["上城街道", "=2+2"],
            "level": ["town", "town"],
            "parent": ["c1", ""],
            "people": [600, 40],
            "people_covered": [200, 0],
            "people_uncovered": [400, 40],
            "people_excluded": [0, 0],
            "people_shut_out": [0, 0],
        },
        index=pd.Index(["d1", "d2"], name="admin_id"),
    )
    return Coverage(
        homes,
        quarters.drop(columns="one"),
        units,
        *shares,
        verdict="not_met" if len(stations) else "no_target",
        people_to_target=900 if len(stations) else 0,
    )


def circle_result(
    residential: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    service: str,
    group: str,
    names: list[str],
    fewest: FewestSites | None,
) -> CircleResult:
    stations = facilities[facilities["service"] == service]
    circle = Circle(service, group, WALKERS["elderly"], 15, "85" if fewest else None)
    coverage = coverage_of(residential, stations, group)
    breaks = [(name, m) for name in stations.index for m in (5, 10, 15)]
    diamonds = [
        stations.geometry[name].buffer(m * 48.0, quad_segs=1, cap_style="round")
        for name, m in breaks
    ]
    areas = gpd.GeoDataFrame(
        {
            "facility_id": pd.Series([name for name, _ in breaks], dtype="object"),
            "minutes": pd.Series([m for _, m in breaks], dtype="int64"),
        },
        geometry=diamonds,
        crs=CRS,
    )
    reach = areas.dissolve("minutes").reset_index()[["minutes", "geometry"]]
    measured = {
        "from_minutes": 0,
        "samples": 100,
        "overshoot_s": 31,
        "late_percent": 2.5,
        "off_street_percent": 0.1,
        "homes_not_reached": 0,
        "homes_left_out": 1,
    }
    known = {"name": names[0], "kind": "station", "capacity": pd.NA}
    areas = areas.assign(**known, **measured).astype({"capacity": "Int64"})
    streets = areas[["facility_id", "name", "kind", "capacity", "minutes"]].set_geometry(
        areas.boundary
    )
    drawn = CircleAreas(
        service_areas=areas,
        rings=areas,
        catchments=areas,
        reach=reach.assign(**measured),
        simplified_reach=reach.assign(**measured),
        reached_streets=streets.assign(length_m=100),
    )
    lacking = coverage.quarters.index[coverage.quarters["status"] == "uncovered"]
    groups = [list(lacking[:8]), list(lacking[8:])] if len(lacking) > 8 else [list(lacking), []]
    groups = [group for group in groups if group]
    neighbourhoods = gpd.GeoDataFrame(
        {
            "name": [names[3], names[4]][: len(groups)],
            "people": [int(coverage.quarters.loc[g, "people"].sum()) for g in groups],
            "quarters": [len(g) for g in groups],
            "block_ids": groups,
            "street": [names[0], ""][: len(groups)],
            "unit": [names[1], names[2]][: len(groups)],
            "town": [names[1], names[2]][: len(groups)],
            "town_percent": [12.5, np.nan][: len(groups)],
            "minutes": [22.03, np.nan][: len(groups)],
            "population_uncovered": [int(residential.loc[g, "population"].sum()) for g in groups],
            f"{group}_uncovered": [int(residential.loc[g, group].sum()) for g in groups],
            "people_distance": [3, 2][: len(groups)],
            "people_type": [1, 0][: len(groups)],
            "people_without_place": pd.array([pd.NA, 4][: len(groups)], "Int64"),
            "missing": ["distance, type", "distance"][: len(groups)],
            "other_facilities": [["f9", names[0]], []][: len(groups)],
            "need_person_minutes": [400, 100][: len(groups)],
            "rank_need": [1, 2][: len(groups)],
            "rank_fairness": [2, 1][: len(groups)],
        },
        geometry=[residential.loc[g].union_all() for g in groups],
        index=pd.Index(range(1, len(groups) + 1), name="rank"),
        crs=CRS,
    )
    gains = (700, 200, 6) if len(stations) else (300, 100, 6)
    spots = CORNER + np.array([(4, 1), (2, 4), (5, 3), (3, 0)]) * SPACING_M
    candidates = gpd.GeoDataFrame(
        {
            "name": ["", names[0], names[1], ""],
            "kind": ["street", "plot", "other", "street"],
            **{
                name: pd.array([pd.NA, 120.5, pd.NA, pd.NA], "Float64")
                for name in ("area_m2", "rent", "cost")
            },
            "capacity": pd.array([pd.NA, 30, pd.NA, pd.NA], "Int64"),
            "must": [False, True, False, False],
            "dominated": [False, False, False, True],
            "street": [names[2], "", names[3], names[4]],
            "order": pd.array([1, 2, pd.NA, 3], dtype="Int64"),
            "gain_people": pd.array([gains[0], gains[1], pd.NA, gains[2]], dtype="Int64"),
        },
        geometry=shapely.points(spots),
        index=pd.Index(["c1", "c2", "c3", "c4"], name="candidate_id"),
        crs=CRS,
    )
    plan = SitePlan((0, 1, 3), gains, sum(gains), sum(gains), "optimal", 0.01)
    access = access_of(circle, residential, coverage, stations, neighbourhoods)
    return CircleResult(
        circle, stations, coverage, drawn, neighbourhoods, candidates, plan, fewest, access
    )


def access_of(
    circle: Circle,
    residential: gpd.GeoDataFrame,
    coverage: Coverage,
    stations: gpd.GeoDataFrame,
    neighbourhoods: gpd.GeoDataFrame,
) -> CircleAccess:
    """The measures of access from the same street distances, 30 minutes and further."""
    middle = shapely.get_coordinates(residential.geometry.centroid.to_numpy())
    spots = shapely.get_coordinates(stations.geometry.to_numpy())
    metres = np.abs(middle[None, :, :] - spots[:, None, :]).sum(axis=2)
    ms = np.rint(metres * 60_000 / 48).astype(np.int64)
    near = ms <= 15 * 60_000
    near[:, -1] = False  # too far from every street
    facility, home = np.nonzero(near)
    table = ReachTable(
        np.searchsorted(facility, np.arange(len(stations) + 1)), home.astype(np.int32), ms[near]
    )
    ms[:, -1] = NEVER
    some = np.vstack([ms, np.full((3, len(residential)), NEVER)])
    order = np.argsort(some, axis=0, kind="stable")[:3]
    nearest = Nearest(np.take_along_axis(some, order, 0).T, order.T.astype(np.int32))
    reached = Reached(table, table, nearest, 30 * 60_000, walks_at(800, nearest))
    homes = residential.assign(block_id=residential.index)
    units = gpd.GeoDataFrame(
        {"name": ["上城街道", "=2+2"], "level": "town", "parent": ["c1", ""]},
        geometry=residential.geometry.to_numpy()[:2],
        index=pd.Index(["d1", "d2"], name="admin_id"),
        crs=CRS,
    )
    doubt = AccessSettings(doubt=Doubt(draws=100))
    return circle_access(
        circle, residential, homes, coverage, stations, neighbourhoods, units, reached, doubt
    )


def town(names: list[str] | None = None, study_name: str = "青山镇") -> StudyResult:
    names = names or ["东湖小区", "幸福里", "向阳院", "滨江苑", "学府花园", "南苑"]
    residential, facilities = quarter_layer(names), facility_layer(names)
    fewest = FewestSites(count=5, lower_bound=4, reachable_percent=96.1, seconds=0.1)
    circles = (
        circle_result(residential, facilities, "elderly", "age_60_plus", names, fewest),
        circle_result(residential, facilities, "childcare", "age_0_2", names, None),
    )
    homes = gpd.GeoDataFrame(
        {
            "block_id": residential.index,
            "population": residential["population"].to_numpy(),
            "age_60_plus": residential["age_60_plus"].to_numpy(),
            "age_0_2": residential["age_0_2"].to_numpy(),
            "snap_m": 20.0,
        },
        geometry=residential.geometry.centroid.to_numpy(),
        index=circles[0].coverage.homes.index,
        crs=CRS,
    )
    return StudyResult(
        name=study_name,
        date="2024-06-01",
        map_approval_number="鄂S(2024)001号",
        published=True,
        crs=CRS,
        output_crs="EPSG:4490",
        network=street_grid(),
        residential=residential,
        homes=homes,
        facilities=facilities,
        circles=circles,
        assumptions=(
            Sentence("speed", "步行速度为每秒0.8米。", "People walk at 0.8 metres per second."),
            Sentence(
                "mechanism", "与“机制”覆盖率并不矛盾。", "It does not contradict the other rate."
            ),
            Sentence("whole", "每个小区以内部一点代表。", "A quarter stands at its inner point."),
        ),
        attributions=(
            Sentence(
                "osm",
                "© OpenStreetMap contributors, ODbL 1.0",
                "© OpenStreetMap contributors, ODbL 1.0",
            ),
        ),
        snap_facts={"points": 30, "too_far": 1},
        records=({"layer": "residential", "what": "closed a ring", "rows": 1},),
        computed="2024-07-01",
        estimated=frozenset({"age_60_plus", "age_0_2"}),
    )


@pytest.fixture(scope="session")
def make_town() -> Callable[..., SimpleNamespace]:
    """Build a town: ``make_town(names, study_name)`` gives ``study`` and ``summary``."""

    def build(names: list[str] | None = None, study_name: str = "青山镇") -> SimpleNamespace:
        study = town(names, study_name)
        return SimpleNamespace(study=study, summary=study_summary(study))

    return build


@pytest.fixture(scope="session")
def friendly(make_town: Callable[..., SimpleNamespace]) -> SimpleNamespace:
    return make_town()


@pytest.fixture(scope="session")
def hostile(make_town: Callable[..., SimpleNamespace]) -> SimpleNamespace:
    return make_town(HOSTILE, "".join(HOSTILE))


@pytest.fixture(scope="session")
def hostile_names() -> list[str]:
    return list(HOSTILE)


@pytest.fixture(scope="session")
def private_value() -> str:
    """What stands in the private columns of the town's layers."""
    return PRIVATE


@pytest.fixture(scope="session")
def bare(friendly: SimpleNamespace) -> SimpleNamespace:
    """The town without a station, a candidate or an under-served neighbourhood."""
    childcare = friendly.study.circles[1]
    circle = replace(
        childcare,
        neighbourhoods=childcare.neighbourhoods.iloc[:0],
        candidates=childcare.candidates.iloc[:0],
        plan=SitePlan((), (), 0, 0, "nothing_to_gain", 0.0),
    )
    study = replace(friendly.study, circles=(circle,), map_approval_number=None)
    return SimpleNamespace(study=study, summary=study_summary(study))


def words(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def promise(id: str, clause: str, **told: Any) -> dict[str, Any]:
    facts = {"id": id, "clause": clause, "zh": f"指标{clause}", "en": f"Target {id}"}
    who = {"service": "elderly", "group": "age_60_plus", "spatial": "yes"}
    goal = {"operator": ">=", "value": 80, "unit": "%", "year": 2025}
    homes = [{"service": "elderly"}]
    walk = {"kind": "walk_share", "minutes": 15, "walker": "elderly", "each_of": [homes]}
    return {**facts, **who, **goal, "measure": walk, **told}


def plan_judged() -> PlanResult:
    """A target of every state; of two, the figures tell of a handful of people."""
    how = {"kind": "count", "facilities": [{"service": "elderly"}]}
    ours = {"minutes": words("按步行计算。", "It is walked.")}
    left = words("方案未写明标准。", "The plan names no standard.")
    plan = Plan.model_validate(
        {
            "id": "own", "type": "plan", "zh": "本县方案", "en": "Own plan",
            "place": words("本县", "Own"),
            "targets": [
                promise("walked", "一", ours=ours),
                promise("counted", "二", measure=how, unit="facilities"),
                promise("blank", "三"),
                promise("open", "四", judged=False, spatial="partly", open=left),
                promise("inside", "五"),
                promise("few", "六"),
                promise(
                    "register", "七", spatial="no", measure=None,
                    reason=words("取决于登记。", "It depends on a register."),
                ),
            ],
        }
    )  # fmt: skip
    walked, counted, blank, open_, inside, few, register = plan.targets
    walking = words("15 分钟步行覆盖率", "walking, 15 minutes")
    beside = Figure("walking", Remark(**walking), Fraction(7, 2), "%", people=Counted(7, 200))
    rows = Remark(zh="请核对 f-secret", en="check f-secret", names_rows=True)
    seven = Remark(
        zh="1 个小区（7 人）不计入。", en="1 quarter (7 people) does not count.", people=7
    )
    many = Remark(zh="分母 200 人。", en="Divided by 200 people.", people=200)
    return PlanResult(
        plan,
        (
            TargetResult(
                plan, walked, "met", Fraction(171, 2), 0, "persons", "walking",
                people=Counted(171, 200), remarks=(rows, seven, many),
            ),
            TargetResult(
                plan, counted, "not_met", Fraction(77), 3, "facilities", lacking=("secret-unit",)
            ),
            TargetResult(
                plan, blank, "not_assessed",
                missing=(Missing("facilities", "beds", "blank", 2, ("f-secret", "f-other")),),
            ),
            TargetResult(
                plan, open_, "not_assessed", Fraction(12),
                missing=(Missing("plan", "open", "open"),),
            ),
            TargetResult(
                plan, inside, "met", Fraction(90), 0, "town", "administrative", beside=(beside,)
            ),
            TargetResult(
                plan, few, "not_met", Fraction(40), 4, "persons", "walking",
                people=Counted(4, 10),
            ),
            TargetResult(plan, register, "not_spatial"),
        ),
    )  # fmt: skip


@pytest.fixture(scope="session")
def planned(friendly: SimpleNamespace) -> SimpleNamespace:
    """The town judged by a plan."""
    study = replace(friendly.study, plans=(plan_judged(),))
    return SimpleNamespace(study=study, summary=study_summary(study))


def chromium_path() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser():
    path = chromium_path()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium found: the page cannot be tested")
        pytest.skip("no Chromium found (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()
