"""What plans ask for, from the columns of the layers to the walks along the streets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from carecircle import Study, StudyError
from carecircle.coverage.target_judge import judge
from carecircle.coverage.target_streets import StreetWalks
from carecircle.coverage.target_world import World
from carecircle.isochrones.walkers import WALKERS
from carecircle.layers.attributes import facility_attributes
from carecircle.layers.sources import FacilitySource
from carecircle.planning import world_of

WEST, SOUTH, STEP = 106.55, 29.56, 0.002  # a street block is 193.6 m by 221.7 m
PLAN = """
id = "own"
type = "plan"
zh = "自定"
en = "Own"
place = {{ zh = "格子镇", en = "Grid town" }}
[[targets]]
id = "t"
clause = "1"
zh = "指标"
en = "target"
service = "elderly"
group = "{group}"
spatial = "yes"
operator = ">="
value = 100
unit = "{unit}"
[targets.measure]
{measure}
"""
COUNT = 'kind = "count"\nfacilities = { service = "elderly" }'


def place(column: float, row: float) -> dict[str, float]:
    return {"lng": round(WEST + column * STEP, 7), "lat": round(SOUTH + row * STEP, 7)}


def opened(
    town: Any, measure: str, group: str = "age_60_plus", unit: str = "%"
) -> tuple[Any, World]:
    """The town's study with a plan of one target, and what it holds."""
    path = town.write()
    text = PLAN.format(measure=measure, group=group, unit=unit)
    (town.folder / "own.toml").write_text(text, encoding="utf-8")
    path.write_text('plans = ["own.toml"]\n' + path.read_text("utf-8"), encoding="utf-8")
    study = Study.from_file(path)
    inputs = study.read()
    return study.plans[0], world_of(study.file, inputs, "2026-01-01")


def value(town: Any, measure: str, **told: Any) -> Any:
    plan, world = opened(town, measure, **told)
    return judge(plan, plan.targets[0], world).value


def kinds(town: Any, *rows: dict[str, Any]) -> None:
    """The town's facilities instead of its one station, each by its own kind."""
    town.stations = [{"code": f"s{at}", "name": "", **row} for at, row in enumerate(rows)]
    town.study = town.study.replace('service = "elderly"\n            columns', "columns", 1)


def test_every_attribute_may_be_a_column_of_a_facility_layer():
    assert set(facility_attributes()) <= FacilitySource.NAMES


def test_attributes_as_written_and_blank_ones_unknown(town):
    kinds(
        town,
        {"kind": "护理型养老院", "capacity": "80", "nursing_beds": "0", "floor_area_m2": "750.5",
         "safety_net": "是", "operator": "PPP", "grade": "三星级", "services": "助餐、助浴",
         **place(0, 0)},
        {"kind": "社区养老服务站", "capacity": "20", "nursing_beds": "", "floor_area_m2": "",
         "safety_net": "", "operator": "", "grade": "", "services": "", **place(1, 1)},
    )  # fmt: skip
    _, world = opened(town, COUNT, unit="facilities")
    register = world.facilities
    # 80 places of a home counted in beds are its beds; 20 places of a station are not
    assert register["beds"].tolist()[0] == 80 and register["beds"].isna().tolist() == [False, True]
    assert register["nursing_beds"].tolist()[0] == 0
    assert register["nursing_beds"].isna().tolist() == [False, True]
    assert register["floor_area_m2"].tolist()[0] == 750.5
    assert register["safety_net"].isna().tolist() == [False, True]
    assert register["services"].tolist() == ["助餐、助浴", ""]


@pytest.mark.parametrize(
    ("column", "cell", "id"),
    [("nursing_beds", "12.5", "E-NUM-005"), ("floor_area_m2", "-1", "E-NUM-003"),
     ("safety_net", "也许", "E-FAC-001"), ("classes", "约9", "E-NUM-002")],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_column(town, column, cell, id):
    kinds(town, {"kind": "养老院", column: cell, **place(0, 0)})
    with pytest.raises(StudyError) as refused:
        opened(town, COUNT, unit="facilities")
    (problem,) = refused.value.problems
    assert (problem.id, problem.column) == (id, column)


def test_facilities_of_every_service_are_in_the_register_and_only_the_circles_cover(town):
    kinds(
        town,
        {"kind": "日间照料中心", **place(0, 0)},
        {"kind": "社区卫生服务中心", **place(1, 0)},
        {"kind": "用人单位托育点", **place(2, 0)},
    )
    _, world = opened(town, COUNT, unit="facilities")
    assert world.facilities.index.tolist() == ["s0", "s1", "s2"]
    result = Study.from_file(town.folder / "study.toml").run()
    assert result.facilities.index.tolist() == ["s0"]


def test_a_study_without_plans_keeps_no_register(town):
    assert Study.from_file(town.write()).read().register is None


def test_beside_one_another_along_the_streets(town):
    """A corner of a block is 193.6 m off along one street, the far corner 415.3 m along two."""
    kinds(
        town,
        {"kind": "日间照料中心", **place(0, 0)},
        {"kind": "社区卫生服务中心", **place(1, 0)},
        {"kind": "日间照料中心", **place(3, 3)},
        {"kind": "社区卫生服务中心", **place(2, 2)},
    )
    measure = (
        'kind = "adjacent"\nmetres = {metres}\nby = "{by}"\n'
        'pairs = [{{ facilities = {{ service = "elderly" }}, to = {{ service = "health" }} }}]'
    )
    for by, metres, share in (
        ("walk", 190, 0), ("walk", 195, 50), ("walk", 300, 50), ("walk", 414, 50),
        ("walk", 417, 100), ("straight", 190, 0), ("straight", 195, 50), ("straight", 293, 50),
        ("straight", 296, 100),
    ):  # fmt: skip
        assert value(town, measure.format(metres=metres, by=by)) == share, (by, metres)


def test_people_walk_to_each_list_along_the_streets(town):
    """The nine quarters lie in the middles of the blocks, some 97 m from two streets.

    To the corner (0, 0) the nearest quarter walks 97 m and 111 m: 208 m, 4 min 20 s at 0.8 m/s.
    """
    kinds(town, {"kind": "日间照料中心", **place(0, 0)})
    measure = 'kind = "walk_share"\nminutes = {}\nwalker = "elderly"\neach_of = [{}]'
    station = '{ service = "elderly" }'
    assert value(town, measure.format(4, station)) == 0
    assert value(town, measure.format(5, station)) == pytest.approx(100 / 9)
    kinds(town, {"kind": "日间照料中心", **place(0, 0)}, {"kind": "助餐点", **place(3, 3)})
    both = station + ', { kinds = ["meal-point"] }'
    assert value(town, measure.format(5, both)) == 0
    # opposite corners are 1,246 m apart: nobody is further than that from either, 26 minutes
    assert value(town, measure.format(27, both)) == 100


@pytest.mark.parametrize("waits", [(0, 0, 0, 0), (10, 20, 30, 40)])
def test_a_walk_at_another_speed_is_that_of_a_walker_of_that_speed(town, waits):
    kinds(town, {"kind": "日间照料中心", **place(0, 0)})
    _, world = opened(town, COUNT, unit="facilities")
    own = replace(WALKERS["elderly"], waits_s=waits)
    slow = replace(own, speed_mm_per_s=600)
    walks = StreetWalks(world.walks.network, {"elderly": own}, world.walks.snaps_for)
    searched = StreetWalks(world.walks.network, {"elderly": slow}, world.walks.snaps_for)
    chosen = np.array([True])
    found, attached = walks.homes_to(chosen, "elderly", 600)
    expected, _ = searched.homes_to(chosen, "elderly")
    # each street of a search is rounded to a millisecond
    assert np.abs(found - expected).max() <= 20 and attached.all()
    assert (found > walks.homes_to(chosen, "elderly")[0]).all()


def test_sites_that_new_quarters_can_walk_to(town):
    for at, row in enumerate(town.quarters):
        row["built"] = "2024年5月" if at == 0 else "1998"
    town.study = town.study.replace(
        'age_60_plus = "old"', 'age_60_plus = "old"\n            built = "built"'
    )
    kinds(town, {"kind": "日间照料中心", **place(0, 0)})
    measure = (
        'kind = "sites_per_land"\nland_m2 = 10000\nrounding = "down"\nbuilt_after = 2023-03-27\n'
        'minutes = {}\nwalker = "elderly"\nfacilities = {{ service = "elderly" }}'
    )
    told = {"unit": "sites/300mu"}
    assert value(town, measure.format(4), **told) == 0
    assert value(town, measure.format(5), **told) == 1


def test_titles_of_units_and_who_lies_in_them(town):
    box = shapely.box(WEST, SOUTH, WEST + 3 * STEP, SOUTH + 3 * STEP)
    layer = gpd.GeoDataFrame({"code": ["c"], "老年友好": ["是"]}, geometry=[box], crs="EPSG:4326")
    layer.to_file(town.folder / "communities.gpkg")
    town.study += """
            [[admin]]
            path = "communities.gpkg"
            level = "community"
            columns = { id = "code", age_friendly = "老年友好" }
    """
    titled = 'kind = "units_titled"\nlevel = "community"\ntitle = "{}"'
    told = {"group": "communities", "unit": "communities"}
    assert value(town, titled.format("age_friendly"), **told) == 1
    plan, world = opened(town, titled.format("child_friendly"), **told)
    (missing,) = judge(plan, plan.targets[0], world).missing
    assert (missing.name, missing.lack, missing.count) == ("admin.child_friendly", "blank", 1)
    kinds(town, {"kind": "社区卫生服务中心", **place(1, 1)})
    inside = 'kind = "units_with"\nlevel = "community"\nfacilities = { service = "health" }'
    assert value(town, inside) == 100


def test_a_door_of_a_facility_that_no_circle_tests_is_used(town):
    """The clinic's point stands at a corner, its entrance by the first quarter."""
    kinds(
        town, {"kind": "日间照料中心", **place(3, 3)}, {"kind": "社区卫生服务中心", **place(1, 1)}
    )
    lon, lat = town.quarters[0]["lng"], town.quarters[0]["lat"]
    doors = gpd.GeoDataFrame(
        {"facility_id": ["s1"]}, geometry=[shapely.Point(lon - STEP / 2, lat)], crs="EPSG:4326"
    )
    measure = (
        'kind = "walk_share"\nminutes = 2\nwalker = "norm"\neach_of = [{ service = "health" }]'
    )
    assert value(town, measure) == 0
    doors.to_file(town.folder / "doors.gpkg")
    town.study += """
            [entrances]
            path = "doors.gpkg"
    """
    assert value(town, measure) == pytest.approx(100 / 9)  # 97 m
