"""Every measure of a plan on a small world whose answers are known by hand.

Three quarters on a line, a kilometre apart: q1 in community A, q2 in community B (both of the
urban town T1), q3 in the village V of the rural town T2. Walks go straight along the line.
"""

from __future__ import annotations

import datetime
import doctest
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from carecircle.coverage import target_result
from carecircle.coverage.plan import Plan, Target
from carecircle.coverage.plan_measures import MEASURES
from carecircle.coverage.target_judge import HOW, judge, needs_of
from carecircle.coverage.target_result import TargetResult, cut
from carecircle.coverage.target_table import target_figures
from carecircle.coverage.target_world import People, PeopleBook, World
from carecircle.isochrones.minutes import NEVER

CRS = "EPSG:4547"
SPEED = {"norm": 1.0, "elderly": 0.8, "carer": 0.85}
UNITS = {
    # id: name, level, parent, urban
    "C": ("某市", "city", "", None),
    "D": ("某区", "district", "C", None),
    "T1": ("东街道", "town", "D", True),
    "T2": ("西镇", "town", "D", False),
    "A": ("甲社区", "community", "T1", None),
    "B": ("乙社区", "community", "T1", None),
    "V": ("丙村", "community", "T2", None),
}
COMMUNITY_AT = {0: "A", 1: "B", 2: "V"}


class LineWalks:
    """Everybody walks straight along the line; home 3 (if any) has no street."""

    def __init__(self, homes: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame) -> None:
        apart = homes.geometry.x.to_numpy()[:, None] - facilities.geometry.x.to_numpy()[None, :]
        self.metres = np.abs(apart)
        between = facilities.geometry.x.to_numpy()
        self.between = np.abs(between[:, None] - between[None, :])
        self.has_street = (homes["block_id"] != "far").to_numpy()

    def homes_to(
        self, chosen: np.ndarray, walker: str, mm_per_s: int | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        speed = SPEED[walker] if mm_per_s is None else mm_per_s / 1000
        ms = np.rint(1000 * self.metres[:, chosen] / speed).astype(np.int64)
        return ms.min(axis=1, initial=NEVER), self.has_street

    def attached(self) -> np.ndarray:
        return np.ones(self.metres.shape[1], bool)

    def facilities_from(self, homes: np.ndarray, walker: str, limit_ms: int) -> np.ndarray:
        ms = 1000 * self.metres[homes] / SPEED[walker]
        return (ms <= limit_ms).any(axis=0)

    def beside(self, some: np.ndarray, others: np.ndarray, metres: int) -> np.ndarray:
        near = (self.between <= metres) & ~np.eye(len(some), dtype=bool)
        return some & (near & others[None, :]).any(axis=1)


def town_of(community: str) -> str:
    return UNITS[community][2]


def facility(kind: str, service: str = "elderly", x: float = 0.0, **told: Any) -> dict[str, Any]:
    """A facility ``x`` metres along the line; its community is the one it stands in."""
    unit = COMMUNITY_AT[min(2, max(0, round(x / 1000)))]
    return {"kind": kind, "service": service, "x": x, "unit": unit, **told}


def facility_layer(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    table = pd.DataFrame([{k: v for k, v in row.items() if k not in ("x", "unit")} for row in rows])
    for name in ("name", "opened", "closed"):
        table[name] = table.get(name, pd.Series("", index=table.index)).fillna("")
    table["status"] = table.get("status", pd.Series("open", index=table.index)).fillna("open")
    table["community_id"] = table["admin_id"] = [row["unit"] for row in rows]
    table["town_id"] = [town_of(row["unit"]) for row in rows]
    table["district_id"], table["city_id"] = "D", "C"
    table.index = pd.Index([f"f{at + 1}" for at in range(len(rows))], name="facility_id")
    return gpd.GeoDataFrame(table, geometry=[shapely.Point(row["x"], 0) for row in rows], crs=CRS)


def unit_layer(**titles: list[Any]) -> gpd.GeoDataFrame:
    names, levels, parents, urban = zip(*UNITS.values(), strict=True)
    columns = {
        "name": names, "level": levels, "parent": parents,
        "urban": pd.array(urban, "boolean"),
        **{name: pd.array(flags, "boolean") for name, flags in titles.items()},
    }  # fmt: skip
    shapes = [shapely.box(0, 0, 1, 1)] * len(UNITS)
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS, index=pd.Index(UNITS))


def quarter_layer(**more: list[Any]) -> gpd.GeoDataFrame:
    """Squares of 100 m; 100 people each, 20, 30 and 50 of them old, 3 under three."""
    columns = {
        "name": ["一", "二", "三"],
        "population": [100, 100, 100],
        "age_60_plus": [20, 30, 50],
        "age_0_2": [3, 3, 3],
        "area_m2": [10_000, 10_000, 10_000],
        "admin_id": ["A", "B", "V"], "community_id": ["A", "B", "V"],
        "town_id": ["T1", "T1", "T2"], "district_id": "D", "city_id": "C",
        **more,
    }  # fmt: skip
    shapes = [shapely.box(x - 50, -50, x + 50, 50) for x in (0, 1000, 2000)]
    index = pd.Index(["q1", "q2", "q3"], name="block_id")
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS, index=index)


def home_layer(quarters: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns = quarters[["population", "age_60_plus", "age_0_2"]].assign(block_id=quarters.index)
    return gpd.GeoDataFrame(columns, geometry=quarters.geometry.centroid, crs=CRS)


def world(*facilities: dict[str, Any], **changes: Any) -> World:
    rows = list(facilities) or [facility("school", "education", x=9000)]
    quarters = changes.pop("residential", quarter_layer())
    homes = home_layer(quarters)
    layer = facility_layer(rows)
    told = {
        "date": "2024-12-31",
        "facilities": layer,
        "units": unit_layer(),
        "residential": quarters,
        "homes": homes,
        "walks": LineWalks(homes, layer),
        "people": PeopleBook(layer={"total": 300}, base="resident", year=2025),
        **changes,
    }
    return World(**told)


PLAN = Plan.model_validate(
    {
        "id": "test", "type": "plan", "zh": "测试", "en": "Test",
        "place": {"zh": "某市", "en": "A city"},
        "targets": [{"id": "t", "clause": "1", "zh": "一", "en": "one", "service": "elderly",
                     "group": "none", "spatial": "no", "reason": {"zh": "无", "en": "none"}}],
    }
)  # fmt: skip


def target(kind: str, value: float | str | None = 100, operator: str = ">=", **told: Any) -> Target:
    facts = {
        "id": "t", "clause": "1", "zh": "一", "en": "one", "service": "elderly",
        "group": told.pop("group", "age_60_plus"), "spatial": "yes", "year": told.pop("year", 2027),
        "unit": told.pop("unit", "%"), "judged": told.pop("judged", True),
        "population_base": told.pop("population_base", None),
        "measure": {"kind": kind, **told},
    }  # fmt: skip
    if value is not None:
        facts |= {"value": Decimal(str(value)), "operator": operator}
    return Target.model_validate(facts)


def judged(here: World, *args: Any, **told: Any) -> TargetResult:
    return judge(PLAN, target(*args, **told), here)


def missing(result: TargetResult) -> list[str]:
    return [one.name for one in result.missing]


STATION = {"kinds": ["community-eldercare-station"]}
HOME = {"kinds": ["nursing-home"]}
SEATS = {"service": "childcare", "at_least": {"seats": 1}}


def station(x: float = 0.0, **told: Any) -> dict[str, Any]:
    return facility("community-eldercare-station", x=x, **told)


def nursing_home(x: float = 0.0, **told: Any) -> dict[str, Any]:
    return facility("nursing-home", x=x, **told)


def test_there_is_an_answer_for_every_measure():
    assert set(HOW) == set(MEASURES)


# --- which facilities count


def test_only_open_facilities_count_unless_told_otherwise():
    here = world(
        station(), station(status="planned"), station(opened="2025-01-01"),
        station(closed="2024"), station(status="closed"),
    )  # fmt: skip
    for status, found in (("open", 1), ("planned", 2), ("any", 3)):
        told = {"facilities": {**STATION, "status": status}, "unit": "facilities"}
        assert judged(here, "count", 1, **told).value == found


def test_a_facility_counts_once_however_many_filters_it_passes():
    both = [STATION, {"service": "elderly"}]
    assert judged(world(station(), nursing_home()), "count", 2, facilities=both).value == 2


def test_a_blank_flag_is_neither_yes_nor_no():
    flagged = {"facilities": {**STATION, "flags": ["demonstration"]}, "unit": "facilities"}
    here = world(station(demonstration=True), station(demonstration=None))
    result = judged(here, "count", 1, **flagged)
    assert result.verdict == "not_assessed" and missing(result) == ["facilities.demonstration"]
    assert result.missing[0].ids == ("f2",) and result.missing[0].count == 1
    told = world(
        station(demonstration=True), station(demonstration=None),
        blanks_are_no=frozenset({"demonstration"}),
    )  # fmt: skip
    assert judged(told, "count", 1, **flagged).verdict == "met"


def test_what_another_condition_rules_out_needs_no_flag():
    """The blank is in a facility of another kind."""
    flagged = {"facilities": {**STATION, "flags": ["demonstration"]}, "unit": "facilities"}
    here = world(station(demonstration=True), nursing_home(demonstration=None))
    assert judged(here, "count", 1, **flagged).value == 1


@pytest.mark.parametrize(
    ("condition", "yes", "no", "unknown"),
    [
        ({"inclusive": True}, {"inclusive": True}, {"inclusive": False}, "inclusive"),
        ({"inclusive": False}, {"inclusive": False}, {"inclusive": True}, "inclusive"),
        ({"operator": ["ppp"]}, {"operator": "ＰＰＰ"}, {"operator": "民办"}, "operator"),
        ({"grade_at_least": 2}, {"grade": "三星级"}, {"grade": "未评定"}, "grade"),
        ({"level": "city"}, {"level": "市级"}, {"level": "区级"}, "level"),
        ({"services": ["meal", "bathing"]}, {"services": "助餐、助浴"}, {"services": "助餐"},
         "services"),
        ({"at_least": {"classes": 9}}, {"classes": 9}, {"classes": 8}, "classes"),
        ({"names": ["人民医院"]}, {"name": "区人民医院"}, {"name": "中医院"}, "name"),
        ({"opened_after": "2023-03-27"}, {"opened": "2023-04"}, {"opened": "2023-03-27"}, "opened"),
    ],
)  # fmt: skip
def test_each_condition(condition, yes, no, unknown):
    told = {"facilities": {**STATION, **condition}, "unit": "facilities"}
    here = world(station(**yes), station(**no))
    assert judged(here, "count", 1, **told).value == 1
    blank = judged(world(station(**yes), station()), "count", 1, **told)
    assert missing(blank) == [f"facilities.{unknown}"]


def test_a_year_that_may_be_before_or_after_cannot_tell():
    told = {"facilities": {**STATION, "opened_after": "2023-03-27"}, "unit": "facilities"}
    assert missing(judged(world(station(opened="2023")), "count", 1, **told)) == [
        "facilities.opened"
    ]
    assert judged(world(station(opened="2024")), "count", 1, **told).value == 1
    planned = world(station(status="planned"))
    told["facilities"]["status"] = "any"
    assert judged(planned, "count", 1, **told).value == 1


def test_a_place_is_a_unit_of_any_level_by_its_name():
    here = world(station(0), station(1000), station(2000))
    for names, found in ((["西镇"], 1), (["东街道"], 2), (["甲社区", "西镇"], 2)):
        assert judged(here, "count", 1, facilities={**STATION, "units": names}).value == found
    unknown = judged(here, "count", 1, facilities={**STATION, "units": ["龙水镇", "西镇"]})
    assert missing(unknown) == ["admin.unit=龙水镇"]


def test_town_and_country():
    here = world(station(0), station(1000), station(2000))
    assert judged(here, "count", 1, facilities={**STATION, "urban": True}).value == 2
    assert judged(here, "count", 1, facilities={**STATION, "urban": False}).value == 1
    unflagged = unit_layer().assign(urban=pd.array([None] * 7, "boolean"))
    result = judged(world(station(), units=unflagged), "count", 1,
                    facilities={**STATION, "urban": True})  # fmt: skip
    assert missing(result) == ["admin.urban"]


def test_a_service_nobody_told_of_is_missing_unless_the_layers_are_complete():
    told = {"facilities": {"kinds": ["nursing-hospital"]}, "unit": "facilities"}
    assert missing(judged(world(station()), "count", 1, **told)) == ["facilities.service=health"]
    complete = world(station(), complete=frozenset({"health"}))
    result = judged(complete, "count", 1, **told)
    assert (result.verdict, result.value, result.gap) == ("not_met", 0, 1)


def test_a_row_without_a_kind_may_be_any_of_its_service():
    told = {"facilities": STATION, "unit": "facilities"}
    blank = judged(world(facility("", "elderly")), "count", 1, **told)
    assert missing(blank) == ["facilities.kind"]
    hospital = world(station(), facility("", "health"))
    assert judged(hospital, "count", 1, **told).value == 1


# --- supply


def test_beds_are_expected_of_kinds_counted_in_beds_only():
    here = world(nursing_home(beds=30), station())
    assert judged(here, "sum", 30, attribute="beds", facilities={"service": "elderly"}).value == 30
    blank = world(nursing_home(beds=30), nursing_home(beds=None), station())
    result = judged(blank, "sum", 30, attribute="beds", facilities={"service": "elderly"})
    assert result.missing[0].ids == ("f2",) and result.value is None


def test_zero_is_a_figure():
    here = world(nursing_home(beds=30), nursing_home(beds=0))
    result = judged(here, "sum", 30, attribute="beds", facilities=HOME)
    assert result.verdict == "met"
    (remark,) = result.remarks
    assert remark.en == "1 facilities have 0 beds and count as 0; check them: f2"
    none = judged(world(nursing_home(beds=30)), "sum", 30, attribute="beds", facilities=HOME)
    assert none.remarks == ()


def test_a_column_that_nobody_filled_is_missing_also_for_stations():
    result = judged(world(station()), "sum", 1, attribute="family_beds", facilities=STATION)
    assert missing(result) == ["facilities.family_beds"]


def test_mu_are_compared_exactly():
    """40 mu are 26,666 2/3 square metres."""
    told = {"attribute": "land_area_m2", "facilities": HOME, "unit": "mu"}
    few = judged(world(nursing_home(land_area_m2=26_666.6)), "sum", 40, **told)
    assert (few.verdict, few.gap, few.gap_unit) == ("not_met", 1, "land_area_m2")
    assert few.value == Fraction("26666.6") * 15 / 10_000
    enough = judged(world(nursing_home(land_area_m2=26_666.7)), "sum", 40, **told)
    assert enough.verdict == "met"


@pytest.mark.parametrize(
    ("value", "operator", "verdict", "gap"),
    [
        ("66.6", ">=", "met", 0),
        ("66.7", ">=", "not_met", 1),
        (60, ">", "met", 0),
        ("66.6666666666666666667", ">", "not_met", 1),
    ],
)
def test_a_share_is_compared_exactly(value, operator, verdict, gap):
    """Two of three."""
    here = world(station(inclusive=True), station(inclusive=True), station(inclusive=False))
    told = {"whole": STATION, "part": {**STATION, "inclusive": True}}
    result = judged(here, "share", value, operator, **told)
    assert (result.value, result.verdict, result.gap) == (Fraction(200, 3), verdict, gap)
    assert cut(result.value) == "66.66"


def test_a_share_of_exactly_what_is_wanted():
    here = world(nursing_home(beds=100, nursing_beds=60))
    told = {"whole": HOME, "attribute": "nursing_beds", "of": "beds"}
    assert judged(here, "share", 60, ">=", **told).verdict == "met"
    strict = judged(here, "share", 60, ">", **told)
    assert (strict.verdict, strict.gap, strict.gap_unit) == ("not_met", 1, "nursing_beds")


def test_a_share_of_nothing_is_not_assessed():
    result = judged(world(station()), "share", 60, whole=HOME, part=HOME)
    assert result.verdict == "not_assessed" and result.missing[0].lack == "nobody"


def test_a_part_lies_within_its_whole():
    here = world(station(inclusive=True), nursing_home(inclusive=True))
    told = {"whole": STATION, "part": {"service": "elderly", "inclusive": True}}
    assert judged(here, "share", 100, **told).value == 100


def test_area_for_each_bed():
    here = world(nursing_home(beds=150, floor_area_m2=4_000), nursing_home(beds=250,
                 floor_area_m2=6_800))  # fmt: skip
    told = {"attribute": "floor_area_m2", "per": "beds", "facilities": HOME, "unit": "m2/bed"}
    result = judged(here, "ratio", 27, "=", **told)
    assert (result.verdict, result.value) == ("met", 27)
    workers = world(nursing_home(beds=150, social_workers=1))
    per_100 = {"attribute": "social_workers", "per": "beds", "times": 100, "facilities": HOME}
    result = judged(workers, "ratio", 1, **per_100)
    assert (result.value, result.gap) == (Fraction(2, 3), 1)


def test_the_facility_that_has_least():
    here = world(nursing_home(classes=9), nursing_home(classes=6), nursing_home(classes=8))
    result = judged(here, "least", 9, attribute="classes", facilities=HOME, unit="classes")
    assert (result.value, result.gap, result.lacking) == (6, 3 + 1, ("f2", "f3"))


def test_how_much_of_the_register_is_filled_in():
    here = world(station(floor_area_m2=1, inclusive=True), station(floor_area_m2=2), station())
    told = {"attributes": ["floor_area_m2", "inclusive"], "facilities": STATION}
    result = judged(here, "complete", 100, **told)
    assert (result.value, result.gap) == (Fraction(100, 3), 2)


def test_a_plain_figure_is_reached_by_more():
    here = world(station(), station())
    result = judged(here, "count", 1, "=", facilities=STATION, unit="facilities")
    assert result.verdict == "met" and result.remarks[-1].en.startswith("More than")


# --- people

SEATS_PER_1000 = {"attribute": "seats", "facilities": SEATS, "group": "total",
                  "population_base": "resident", "year": 2025}  # fmt: skip
DEMAND = {**SEATS_PER_1000, "rate_per_1000": Decimal("4.5"), "unit": "seats"}


def nursery(seats: int, **told: Any) -> dict[str, Any]:
    return facility("childcare-institution", "childcare", seats=seats, **told)


def stated(*people: tuple[str, str, int, int]) -> PeopleBook:
    return PeopleBook(tuple(People(*one) for one in people))


DAZU = stated(("total", "resident", 2020, 834_600), ("total", "resident", 2025, 870_000))


def test_the_people_of_the_target_year_are_divided_by():
    here = world(nursery(1727), people=DAZU)
    need = judged(here, "need", 3915, **DEMAND)
    assert (need.value, need.verdict, need.gap) == (3915, "not_met", 2188)
    gap = judged(here, "gap", 2000, "=", **DEMAND)
    assert (gap.value, gap.verdict) == (2188, "not_met")
    # whose people, and what there is; more of a gap is nothing reached
    assert [remark.en.split()[0] for remark in gap.remarks] == ["Divided", "At"]
    yearly = judged(here, "gap_per_year", 700, **DEMAND, years=3)
    assert yearly.value == Fraction(2188, 3)
    share = judged(here, "per_people", "4.5", **SEATS_PER_1000, unit="seats/1000")
    assert (share.value, share.gap) == (Fraction(1_727_000, 870_000), 2188)


@pytest.mark.parametrize("kind", ["need", "gap", "gap_per_year", "per_people"])
def test_people_of_another_year_or_base_never_stand_in(kind):
    told = {"years": 3} if kind == "gap_per_year" else {}
    facts = {**(SEATS_PER_1000 if kind == "per_people" else DEMAND), **told}
    for people in (
        stated(("total", "resident", 2020, 834_600)),
        stated(("total", "registered", 2025, 870_000)),
        stated(("age_60_plus", "resident", 2025, 870_000)),
        PeopleBook(layer={"total": 834_600}, base="resident", year=2020),
        PeopleBook(layer={"total": 834_600}),
    ):
        result = judged(world(nursery(1727), people=people), kind, 1, **facts)
        assert result.value is None and missing(result) == ["population.total resident 2025"]


def test_the_need_is_known_without_any_facility():
    result = judged(World("2024-12-31", people=DAZU), "need", 3915, **DEMAND)
    assert result.value == 3915 and result.verdict == "not_assessed"
    assert missing(result) == ["facilities.seats", "facilities.service=childcare"]


def test_the_plans_own_people_count_for_its_own_place_only():
    facts = [{"group": "total", "base": "resident", "year": 2025, "people": 870_000}]
    plan = PLAN.model_validate(PLAN.model_dump() | {"population": facts})
    need = target("need", 3915, **DEMAND)
    for people, value in ((870_000, 3915), (700_000, 3915), (690_000, None), (2_000_000, None)):
        here = world(
            nursery(1727), people=PeopleBook(layer={"total": people}, base="resident", year=2020)
        )
        assert judge(plan, need, here).value == value


def test_people_of_the_layers_of_that_base_and_year():
    here = world(nursery(1))  # 300 people in 2025
    result = judged(here, "per_people", 3, **SEATS_PER_1000, unit="seats/1000")
    assert (result.value, result.verdict) == (Fraction(10, 3), "met")


def test_what_a_rate_asks_for_is_told_without_any_facility():
    """4.5 seats for each 1,000 of 870,000 people are 3,915; of 8,001 they are 36.0045: 37."""
    for people, value, asked in ((870_000, 4.5, 3915), (8_001, 4.5, 37)):
        here = world(facilities=None, people=stated(("total", "resident", 2025, people)))
        result = judged(here, "per_people", value, **SEATS_PER_1000, unit="seats/1000")
        assert result.verdict == "not_assessed" and result.value is None
        assert [(one.id, one.value) for one in result.beside] == [("asked", asked)]
    unknown = judged(world(facilities=None, people=PeopleBook()), "per_people", 4.5,
                     **SEATS_PER_1000, unit="seats/1000")  # fmt: skip
    assert unknown.beside == ()


def test_a_part_of_a_seat_is_a_seat():
    """4.5 for each 1,000 of 1,001 people."""
    people = stated(("total", "resident", 2025, 1_001))
    result = judged(world(nursery(4), people=people), "need", 5, **DEMAND)
    assert (result.value, result.gap) == (5, 1)


def test_seats_are_added_evenly_and_whole():
    here = world(nursery(1727), people=DAZU, date="2022-12-31")
    assert judged(here, "need", 3915, **DEMAND).path == ((2023, 730), (2024, 729), (2025, 729))
    late = world(nursery(1727), people=DAZU, date="2025-06-30")
    assert judged(late, "need", 3915, **DEMAND).path == ()


def test_childcare_at_work_covers_nobody_but_its_seats_count():
    at_work = facility("employer-childcare", "childcare", seats=40)
    here = world(at_work, nursery(10, x=2000))
    assert judged(here, "sum", 50, attribute="seats", facilities=SEATS, unit="seats").value == 50
    told = {"minutes": 5, "walker": "norm", "each_of": [SEATS], "group": "age_0_2"}
    assert judged(here, "walk_share", 100, **told).value == Fraction(100, 3)


# --- units


def test_a_facility_across_the_boundary_serves_walkers_and_not_the_unit():
    """One station at the edge of B, 480 m from q1 and 520 m from q2."""
    here = world({**station(x=480), "unit": "B"})
    inside = judged(here, "units_with", 100, level="community", facilities=STATION,
                    minutes=10, walker="norm")  # fmt: skip
    assert (inside.value, inside.rate, inside.gap) == (Fraction(100, 3), "administrative", 2)
    assert inside.lacking == ("甲社区", "丙村")
    (walking, *_) = inside.beside
    assert (walking.id, walking.value) == ("walking", 50)  # 20 + 30 of 100 old people
    reached = judged(here, "walk_share", 50, minutes=10, walker="norm", each_of=[STATION])
    assert (reached.value, reached.rate, reached.verdict) == (50, "walking", "met")
    assert {one.id: one.value for one in reached.beside} == {
        "quarters": Fraction(200, 3), "land": Fraction(200, 3),
        "administrative": Fraction(100, 3),
    }  # fmt: skip


def test_a_facility_in_a_gap_between_units_is_told_and_counts_for_none():
    here = world(station(0), station(1000))
    assert here.facilities is not None
    told = {"level": "community", "facilities": STATION}
    whole = judged(here, "units_with", 100, **told)
    in_gap = here.facilities.assign(community_id=["A", pd.NA])
    result = judged(replace(here, facilities=in_gap), "units_with", 100, **told)
    assert whole.value - result.value == Fraction(100, 3)
    (remark,) = result.remarks
    assert remark.en.startswith(
        "Of the facilities that count, 1 lie in no unit of this level (comm"
    )
    assert whole.remarks == ()


def test_units_urban_by_their_parent_left_out_and_with_several():
    here = world(station(0), station(0), station(1000))
    told = {"level": "community", "facilities": STATION}
    assert judged(here, "units_with", 100, **told, urban=True).value == 100
    assert judged(here, "units_with", 100, **told, urban=False).value == 0
    assert judged(here, "units_with", 100, **told, leave_out=["丙村"]).value == 100
    assert judged(here, "units_with", 100, **told, at_least=2).value == Fraction(100, 3)
    assert judged(here, "least_per_unit", 1, **told, urban=True).value == 1
    fewest = judged(here, "least_per_unit", 2, **told, unit="facilities")
    assert (fewest.value, fewest.gap, fewest.lacking) == (0, 1 + 2, ("乙社区", "丙村"))


def test_levels_do_not_stand_in_for_one_another():
    """A home in T1 and V fills the towns; the communities are told apart."""
    here = world(nursing_home(0), nursing_home(2000))
    tiers = [{"level": "town", "facilities": HOME}, {"level": "community", "facilities": HOME}]
    result = judged(here, "tiers_with", 100, tiers=tiers)
    assert (result.value, result.gap, result.verdict) == (Fraction(200, 3), 1, "not_met")
    assert [one.value for one in result.beside] == [100, Fraction(200, 3)]
    one = judged(world(nursing_home(0)), "tiers_with", 100, tiers=tiers)
    assert (one.value, one.gap) == (Fraction(100, 3), 1 + 2)  # a town and two communities


def test_a_level_without_a_layer_is_named():
    units = unit_layer()
    here = world(station(), units=units[units["level"] != "town"])
    told = {"level": "town", "facilities": STATION}
    assert missing(judged(here, "units_with", 100, **told)) == ["admin.level=town"]
    none = world(station(), units=None)
    assert missing(judged(none, "units_with", 100, **told)) == ["admin.level=town"]


def test_units_named_by_the_plan():
    here = world(nursing_home(0), nursing_home(2000))
    told = {"level": "town", "facilities": HOME, "unit": "named towns"}
    result = judged(here, "named_units", 2, units=["东街道", "西镇"], **told)
    assert (result.value, result.verdict) == (2, "met")
    unknown = judged(here, "named_units", 2, units=["东街道", "龙水镇"], **told)
    assert missing(unknown) == ["admin.unit=龙水镇"]


def test_units_with_a_title():
    titled = unit_layer(age_friendly=[None, None, None, None, True, True, False])
    here = world(units=titled)
    told = {"level": "community", "title": "age_friendly", "unit": "communities"}
    assert judged(here, "units_titled", 2, **told).verdict == "met"
    per_town = judged(here, "units_titled", 1, **told, per_unit="town")
    assert (per_town.value, per_town.gap, per_town.lacking) == (0, 1, ("西镇",))
    blank = unit_layer(age_friendly=[None, None, None, None, True, None, False])
    assert judged(world(units=blank), "units_titled", 2, **told).missing[0].ids == ("B",)
    assert missing(judged(world(), "units_titled", 2, **told)) == ["admin.age_friendly"]


def test_units_that_got_one_since_a_day():
    """A had one before; B got one in 2022 and another in 2023; V in 2024."""
    here = world(
        station(0, opened="2019"), station(0, opened="2023"), station(1000, opened="2022-05"),
        station(1000, opened="2023"), station(2000, opened="2024"),
    )  # fmt: skip
    told = {"level": "community", "facilities": STATION, "since": "2020-12-31", "year": 2025}
    assert judged(here, "change_in_units", 2, **told).value == 2
    yearly = judged(here, "change_in_units", 1, **told, per_year=True)
    assert [one.value for one in yearly.beside] == [0, 1, 0, 1]  # 2021 to 2024
    assert (yearly.value, yearly.gap) == (0, 2)
    gone = world(station(0, opened="2019", closed="2021"), station(0, opened="2023"))
    assert judged(gone, "change_in_units", 1, **told).value == 0
    unknown = world(station(0))
    assert missing(judged(unknown, "change_in_units", 1, **told)) == ["facilities.opened"]


# --- walking


def test_one_of_each_list_within_the_minutes():
    """Meals at q1, bathing half way to q2: 500 m are 10 minutes at 0.85 m/s, 9 min 48 s."""
    meal, bath = facility("meal-point", "meals", 0), facility("bathing-point", x=500)
    each_of = [{"kinds": ["meal-point"]}, {"kinds": ["bathing-point"]}]
    told = {"minutes": 10, "walker": "carer", "each_of": each_of}
    assert judged(world(meal, bath), "walk_share", 100, **told).value == 20
    slow = {**told, "walker": "elderly"}  # 500 m at 0.8 m/s take 10 minutes 25 seconds
    assert judged(world(meal, bath), "walk_share", 100, **slow).value == 0


def test_people_without_a_street_stay_in_the_denominator():
    quarters = quarter_layer().rename(index={"q3": "far"})
    here = world(station(0), station(2000), residential=quarters)
    result = judged(here, "walk_share", 100, minutes=10, walker="norm", each_of=[STATION])
    assert (result.value, result.gap, result.gap_unit) == (20, 80, "persons")


def test_a_verdict_that_turns_with_the_speed_is_marked():
    """A station 660 m from q1: 13 min 45 s at 0.8 m/s, 18 min 20 s at 0.6 m/s. q1 and q2 together
    are half of the old; q2, 340 m away, takes 9 min 27 s at the slowest.
    """
    here, told = world(station(660)), {"minutes": 15, "walker": "elderly", "each_of": [STATION]}
    result = judged(here, "walk_share", 50, **told)
    assert (result.value, result.verdict, result.turns) == (50, "met", True)
    assert result.remarks[-1].en.endswith("the opposite: 30 % at 0.6 m/s.")
    assert result.remarks[-1].people == 30
    sure = judged(here, "walk_share", 30, **told)
    assert (sure.verdict, sure.turns, sure.remarks) == ("met", False, ())
    tiers = [{"minutes": 15, "each_of": [STATION]}, {"minutes": 25, "each_of": [STATION]}]
    circles = judged(here, "walk_tiers", 50, walker="elderly", tiers=tiers)
    assert (circles.verdict, circles.turns) == ("met", True)
    # 80 % more are reached by nobody at any speed; what is not judged does not turn
    assert judged(here, "walk_share", 100, **told).turns is False
    assert judged(here, "walk_share", 50, **told, judged=False).turns is None
    assert judged(here, "count", 1, facilities=STATION, unit="facilities").turns is None


def test_only_urban_people_are_asked_about():
    here = world(station(0))
    told = {"minutes": 10, "walker": "norm", "each_of": [STATION], "urban": True}
    assert judged(here, "walk_share", 40, **told).value == 40  # 20 of 20 + 30
    assert missing(judged(world(station(0), units=None), "walk_share", 40, **told)) == [
        "admin.urban"
    ]


def test_a_wider_circle_does_not_stand_in_for_a_nearer_one():
    """The home of the 15-minute circle is at everybody's door, the 5-minute station is not."""
    here = world(nursing_home(0), nursing_home(1000), nursing_home(2000), station(0))
    tiers = [{"minutes": 15, "each_of": [HOME]}, {"minutes": 5, "each_of": [STATION]}]
    result = judged(here, "walk_tiers", 100, walker="norm", tiers=tiers)
    assert (result.value, result.gap) == (20, 80)
    assert [one.value for one in result.beside] == [100, 20]


def test_a_group_of_nobody_is_not_assessed():
    quarters = quarter_layer(age_0_2=[0, 0, 0])
    told = {"minutes": 5, "walker": "norm", "each_of": [SEATS], "group": "age_0_2"}
    result = judged(world(nursery(9), residential=quarters), "walk_share", 100, **told)
    assert result.verdict == "not_assessed" and result.missing[0].lack == "nobody"
    untold = world(nursery(9), residential=quarter_layer(), homes=None)
    assert missing(judged(untold, "walk_share", 100, **told)) == ["residential.age_0_2"]


# --- quarters


def test_quarters_beyond_the_walk_are_listed():
    needs = [
        {"group": "age_60_plus", "minutes": 10, "walker": "norm", "facilities": STATION},
        {"group": "age_0_2", "minutes": 10, "walker": "norm", "facilities": SEATS},
    ]
    here = world(station(0), station(1000), nursery(9, x=1000), nursery(9, x=2000))
    result = judged(here, "quarters_without", 0, "=", needs=needs, unit="quarters")
    assert (result.value, result.verdict, result.gap) == (2, "not_met", 2)
    assert result.lacking == ("q1 一", "q3 三")
    all_there = world(*(station(x) for x in (0, 1000, 2000)), *(nursery(9, x=x) for x in
                                                                 (0, 1000, 2000)))  # fmt: skip
    assert judged(all_there, "quarters_without", 0, "=", needs=needs).verdict == "met"


def test_what_new_quarters_must_have():
    built = quarter_layer(built=["2020-01-01", "2024", "2025-06"])
    told = {"each_of": [STATION], "built_after": datetime.date(2023, 3, 27)}
    here = world(station(1040), station(2060), residential=built)  # in q2; 10 m beside q3
    result = judged(here, "quarters_with", 100, **told)
    assert (result.value, result.gap, result.lacking) == (50, 1, ("q3 三",))
    near = judged(here, "quarters_with", 100, **told, minutes=1, walker="norm")
    assert (near.value, near.rate) == (100, "walking")
    vague = quarter_layer(built=["2020-01-01", "2023", ""])
    result = judged(world(station(), residential=vague), "quarters_with", 100, **told)
    assert result.missing[0].ids == ("q2", "q3")


def test_what_large_quarters_must_have():
    large = quarter_layer(households=pd.array([1000, 1001, 3000], "Int64"))
    told = {"each_of": [STATION], "households_over": 1000}
    here = world(station(1000, floor_area_m2=240), station(2000, floor_area_m2=500),
                 station(2010, floor_area_m2=250), residential=large)  # fmt: skip
    assert judged(here, "quarters_with", 100, **told).value == 100
    floor = {"floor_area_m2_per_100_households": 25}  # 250.25 m2 and 750 m2
    result = judged(here, "quarters_with", 100, **told, **floor)
    assert (result.value, result.lacking) == (50, ("q2 二",))
    assert missing(judged(world(station()), "quarters_with", 100, **told)) == [
        "residential.households"
    ]


@pytest.mark.parametrize(
    ("rounding", "land_m2", "value"),
    [("down", 9_000, 1), ("down", 20_000, None), ("up", 9_000, Fraction(1, 2)),
     ("none", 9_000, Fraction(9, 10))],
)  # fmt: skip
def test_sites_that_land_makes_due(rounding, land_m2, value):
    """One new quarter of 10,000 m2 with one station."""
    here = world(station(0), residential=quarter_layer(built=["2024", "2000", "2000"]))
    told = {"facilities": STATION, "land_m2": land_m2, "rounding": rounding,
            "built_after": datetime.date(2023, 3, 27), "unit": "sites/300mu"}  # fmt: skip
    result = judged(here, "sites_per_land", 1, **told)
    assert result.value == value
    if value is None:
        assert result.verdict == "not_assessed"


def test_a_site_may_be_a_walk_away():
    here = world(station(200), residential=quarter_layer(built=["2024", "2000", "2000"]))
    told = {"facilities": STATION, "land_m2": 10_000, "rounding": "down",
            "built_after": datetime.date(2023, 3, 27), "unit": "sites/300mu"}  # fmt: skip
    assert judged(here, "sites_per_land", 1, **told).value == 0
    near = judged(here, "sites_per_land", 1, **told, minutes=4, walker="norm")
    assert near.value == 1  # 200 m
    assert judged(here, "sites_per_land", 1, **told, minutes=3, walker="norm").value == 0


def test_land_for_each_person_of_new_quarters():
    built = quarter_layer(built=["2024", "2024", "2000"])
    here = world(station(0, land_area_m2=12.5), station(1000, land_area_m2=8), residential=built)
    told = {"facilities": STATION, "built_after": datetime.date(2023, 3, 27), "group": "total",
            "population_base": "resident", "unit": "m2/person"}  # fmt: skip
    result = judged(here, "land_per_person", "0.1", **told)
    assert (result.value, result.gap, result.lacking) == (Fraction(8, 100), 2, ("q2 二",))
    told["population_base"] = "registered"
    assert missing(judged(here, "land_per_person", "0.1", **told)) == [
        "population.total registered"
    ]


# --- what stands beside what


@pytest.mark.parametrize("by", ["walk", "straight"])
def test_what_stands_beside_what(by):
    clinic = facility("community-health-centre", "health", x=100)
    here = world(station(0), station(500), clinic)
    pairs = [{"facilities": STATION, "to": {"kinds": ["community-health-centre"]}}]
    result = judged(here, "adjacent", 100, pairs=pairs, metres=100, by=by)
    assert (result.value, result.gap, result.lacking) == (50, 1, ("f2",))
    alone = [{"facilities": STATION, "to": STATION}]
    assert judged(here, "adjacent", 100, pairs=alone, metres=100, by=by).value == 0
    assert judged(here, "adjacent", 100, pairs=alone, metres=500, by=by).value == 100


# --- what is judged


def test_what_is_not_the_plans_own_figure_is_shown_and_not_judged():
    here = world(station())
    result = judged(here, "count", None, facilities=STATION, unit="facilities", judged=False)
    assert (result.verdict, result.value, result.gap) == ("not_assessed", 1, None)
    assert missing(result) == ["plan.open"]


def test_what_a_rate_asks_for_is_not_compared_with_the_plans_figure():
    figures = target_figures(judged(world(nursery(4000), people=DAZU), "gap", 2188, "=", **DEMAND))
    assert (figures["value"], figures["verdict"], figures["compared"]) == ("0", "met", False)
    assert (
        "At 4.5 per 1,000 people 3915 are needed; there are 4000." in figures["remarks"][-1]["en"]
    )
    assert target_figures(judged(world(station()), "count", 1, unit="facilities",
                                 facilities=STATION))["compared"]  # fmt: skip


def test_beds_beside_a_share_are_told_in_beds():
    here = world(nursing_home(beds=50))
    facts = {"attribute": "beds", "facilities": HOME, "judged": False}
    figures = target_figures(judged(here, "sum", 100, "=", **facts))
    assert (figures["value"], figures["value_unit"]["id"], figures["unit"]["id"]) == (
        "50", "beds", "%",
    )  # fmt: skip


def test_a_target_that_no_layer_can_tell():
    assert judge(PLAN, PLAN.targets[0], world()).verdict == "not_spatial"


def test_a_world_of_nothing_names_what_a_target_takes():
    told = {"level": "town", "facilities": [{**STATION, "inclusive": True}, SEATS], "urban": True}
    assert [one.name for one in needs_of(PLAN, target("units_with", 60, **told))] == [
        "admin.level=town", "admin.urban", "facilities.inclusive", "facilities.kind",
        "facilities.seats", "facilities.service=childcare", "facilities.service=elderly",
    ]  # fmt: skip


def test_the_examples_of_the_docstrings():
    assert doctest.testmod(target_result).failed == 0
