"""The figures that the plans themselves publish, found again by the measures of their targets.

Inputs are what the plans state (so many institutions, seats, people); the answers and their
tolerances are the published ones. Shares of people and the fall of a rate are those that coverage
and its change between two dates are printed with.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from carecircle.coverage.change import difference
from carecircle.coverage.plan import Plan, Target
from carecircle.coverage.result import Ledger
from carecircle.coverage.target_judge import judge
from carecircle.coverage.target_result import TargetResult, cut
from carecircle.coverage.target_walking import percent
from carecircle.coverage.target_world import People, PeopleBook, World
from carecircle.planfile import load_plan

CRS = "EPSG:4547"
FIVE_TOWNS = ("高坪镇", "珠溪镇", "金山镇", "龙石镇", "玉龙镇")
NINE_TOWNS = (
    "宝顶镇",
    "珠溪镇",
    "中敖镇",
    "三驱镇",
    "石马镇",
    "雍溪镇",
    "玉龙镇",
    "国梁镇",
    "高坪镇",
)
TOWNS = tuple(dict.fromkeys((*FIVE_TOWNS, *NINE_TOWNS)))
OPERATORS = {"公建公营": 14, "公建民营": 9, "民办": 28}


def spread(total: int, count: int) -> list[int]:
    """So many whole parts of a total."""
    return [total // count + (at < total % count) for at in range(count)]


def register() -> list[dict[str, Any]]:
    """Dazu as its plan of 2023 states it: institutions by operator, seats by kind of place."""
    homes = [
        {"kind": "elderly-institution", "service": "elderly", "operator": operator}
        for operator, count in OPERATORS.items()
        for _ in range(count)
    ]
    nurseries = [
        {"kind": kind, "service": service, "seats": seats, "enrolled": enrolled}
        for kind, service, count, places, children in (
            ("kindergarten-toddler-class", "kindergarten", 33, 891, 873),
            ("childcare-institution", "childcare", 15, 836, 361),
        )
        for seats, enrolled in zip(spread(places, count), spread(children, count), strict=True)
    ]
    old_homes = [
        {"kind": "home-for-the-aged", "service": "elderly", "beds": 80, "floor_area_m2": area,
         "town_id": town}
        for town, area in zip(FIVE_TOWNS, spread(10_800, 5), strict=True)
    ]  # fmt: skip
    centres = [
        {"kind": "town-eldercare-centre", "service": "elderly", "town_id": town}
        for town in NINE_TOWNS
    ]
    return [*homes, *nurseries, *old_homes, *centres]


def world(rows: list[dict[str, Any]], people: PeopleBook | None = None) -> World:
    table = pd.DataFrame(rows)
    for name in ("opened", "closed", "name"):
        table[name] = ""
    table["status"] = "open"
    table["town_id"] = table.get("town_id", pd.Series(None, index=table.index, dtype=object))
    points = [shapely.Point(at, 0) for at in range(len(table))]
    units = gpd.GeoDataFrame(
        {"name": TOWNS, "level": "town", "parent": "", "urban": pd.array([None] * len(TOWNS),
                                                                       "boolean")},
        geometry=[shapely.box(0, 0, 1, 1)] * len(TOWNS), crs=CRS, index=pd.Index(TOWNS),
    )  # fmt: skip
    return World(
        date="2022-12-31",
        facilities=gpd.GeoDataFrame(table, geometry=points, crs=CRS),
        units=units,
        people=people or PeopleBook(),
        complete=frozenset({"health"}),
    )


DAZU, CHANGZHOU = load_plan("dazu-2023"), load_plan("changzhou-2022")
DAZU_WORLD = world(register())


def own(kind: str, unit: str, **measure: Any) -> Target:
    """A target of our own with a measure that a plan has no target for."""
    return Target.model_validate(
        {"id": "t", "clause": "24", "zh": "一", "en": "one", "service": "childcare",
         "group": "none", "spatial": "yes", "operator": ">=", "value": 0, "unit": unit,
         "measure": {"kind": kind, **measure}}
    )  # fmt: skip


def of_dazu(target: Target | str) -> TargetResult:
    found = DAZU.target(target) if isinstance(target, str) else target
    return judge(DAZU, found, DAZU_WORLD)


def of_changzhou(target: str) -> TargetResult:
    seats = [
        {"kind": "childcare-institution", "service": "childcare", "seats": 9_000},
        {"kind": "kindergarten-toddler-class", "service": "kindergarten", "seats": 9_000},
    ]
    return judge(CHANGZHOU, CHANGZHOU.target(target), world(seats))


def part_of(part: int, whole: int) -> Fraction:
    return percent(Ledger(input=whole, covered=part, uncovered=whole - part, excluded={}))


CHILDCARE = [{"kinds": ["kindergarten-toddler-class"]}, {"kinds": ["childcare-institution"]}]
INSTITUTIONS = {"kinds": ["elderly-institution"]}

# id of the fact -> what our measures give, the published figure, its tolerance
PUBLISHED = {
    "institutions-total": (
        of_dazu(own("count", "institutions", facilities=INSTITUTIONS)).value, "51", "0",
    ),
    "childcare-institutions": (
        of_dazu(own("count", "institutions", facilities=CHILDCARE)).value, "48", "0",
    ),
    "childcare-seats": (
        of_dazu(own("sum", "seats", attribute="seats", facilities=CHILDCARE)).value, "1727", "0",
    ),
    "childcare-enrolled": (
        of_dazu(own("sum", "persons", attribute="enrolled", facilities=CHILDCARE)).value,
        "1234", "0",
    ),
    "childcare-utilisation": (
        of_dazu(own("share", "%", attribute="enrolled", of="seats", whole=CHILDCARE)).value,
        "71.45", "0.005",
    ),
    "share-60plus": (part_of(188_900, 834_600), "22.64", "0.01"),
    "share-65plus": (part_of(149_000, 834_600), "17.86", "0.01"),
    "national-share-60plus": (part_of(264_019_000, 1_411_780_000), "18.7", "0.05"),
    "national-share-65plus": (part_of(190_640_200, 1_411_780_000), "13.5", "0.005"),
    "births-decline": (part_of(8213 - 5503, 8213), "33", "0.5"),
    "natural-growth-fall": (-difference(Fraction("3.04"), Fraction("-0.46")), "3.5", "0"),
    "seats-needed-2025": (of_dazu("childcare-seats-needed-2025").value, "3915", "0"),
    "seat-gap-2025": (of_dazu("childcare-seat-gap").value, "2188", "0"),
    "project-five-homes": (of_dazu("project-five-homes-area-per-bed").value, "27", "0"),
    "project-five-homes-count": (
        of_dazu(own("named_units", "named towns", level="town", units=FIVE_TOWNS,
                    facilities={"kinds": ["home-for-the-aged"]})).value, "5", "0",
    ),
    "project-nine-towns": (of_dazu("project-nine-town-centres").value, "9", "0"),
    "changzhou-seats-needed-2025": (
        of_changzhou("childcare-seats-needed-2025").value, "26000", "1000",
    ),
    "changzhou-seat-gap": (of_changzhou("childcare-seat-gap").value, "8000", "999"),
    "changzhou-seats-per-year": (
        of_changzhou("childcare-seats-added-per-year").value, "3000", "250",
    ),
}  # fmt: skip


def test_all_the_known_answers_are_here():
    assert len(PUBLISHED) == 19


@pytest.mark.parametrize("fact", PUBLISHED)
def test_a_published_figure(fact):
    ours, published, tolerance = PUBLISHED[fact]
    assert abs(ours - Fraction(published)) <= Fraction(tolerance)


def test_changzhou_exactly():
    """5,500,000 x 4.8 / 1,000; the text rounds to 26,000, 8,000 and 3,000."""
    values = [of_changzhou(f"childcare-{name}").value
              for name in ("seats-needed-2025", "seat-gap", "seats-added-per-year")]  # fmt: skip
    assert values == [26_400, 8_400, 2_800]


def test_institutions_by_who_runs_them():
    for type, count in zip(
        ("public", "public_private", "private"), OPERATORS.values(), strict=True
    ):
        told = {"facilities": {**INSTITUTIONS, "operator": [type]}}
        assert of_dazu(own("count", "institutions", **told)).value == count


def test_utilisation_is_cut_as_it_is_printed():
    assert cut(PUBLISHED["childcare-utilisation"][0]) == "71.45"


@pytest.mark.parametrize("base", ["resident", "registered"])
def test_the_people_of_2020_do_not_answer_for_2025(base):
    """834,600 x 4.5 / 1,000 is 3,755.7: no answer, whoever states these people."""
    nobody_else = plan_without_2025()
    stated = PeopleBook((People("total", base, 2020, 834_600),))
    layers = PeopleBook(layer={"total": 834_600}, base=base, year=2020)
    for people in (stated, layers):
        here = world(register(), people)
        for id in ("childcare-seats-needed-2025", "childcare-seat-gap", "childcare-seats-per-1000"):
            result = judge(nobody_else, nobody_else.target(id), here)
            assert result.value is None and result.verdict == "not_assessed"
            assert [one.name for one in result.missing] == ["population.total resident 2025"]
        # with the plan's own figure of 2025 the answer is that of 2025
        assert judge(DAZU, DAZU.target("childcare-seats-needed-2025"), here).value == 3915


def plan_without_2025() -> Plan:
    left = tuple(fact for fact in DAZU.population if fact.year == 2020)
    assert left and len(left) < len(DAZU.population)
    return DAZU.model_copy(update={"population": left})


def test_met_and_not_met():
    assert of_dazu("project-five-homes-area-per-bed").verdict == "met"
    assert of_dazu("project-nine-town-centres").verdict == "met"
    short = of_dazu("childcare-seats-needed-2025")
    assert (short.verdict, short.gap, short.gap_unit) == ("not_met", 2188, "seats")
    assert short.path == ((2023, 730), (2024, 729), (2025, 729))
