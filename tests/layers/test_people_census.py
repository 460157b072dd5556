"""Ages of a census table, shared to quarters; and growth to a target year."""

import doctest
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

import carecircle.layers.census as module
from carecircle.layers.census import Census, cohorts_of_units, read_census
from carecircle.layers.growth import grown
from carecircle.layers.problems import StudyError
from carecircle.layers.sources import COHORTS, CensusSource, PeopleSettings

GROUPS = ("age_60_plus", "age_0_2")
HEADER = "code,all,0岁,1到4岁,5到9岁,10到59岁,60到64岁,65到79岁,80岁以上"
ROW = "u1,100,2,8,10,50,10,15,5"


@pytest.fixture
def census(tmp_path):
    """Read a census table from its lines."""

    def read(*lines, groups=GROUPS, **keys):
        path = tmp_path / "census.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        columns = {"id": "code", "population": "all"}
        source = CensusSource(path=path, base="resident", **({"columns": columns} | keys))
        return read_census(source, groups)

    return read


def refusal(read, *args, **keys):
    with pytest.raises(StudyError) as raised:
        read(*args, **keys)
    return [(problem.id, problem.row, problem.column) for problem in raised.value.problems]


def in_one_unit(census, population, **known):
    unit_of = pd.Series(["u1"] * len(population), dtype=object)
    known = {group: np.array(people) for group, people in known.items()}
    found = cohorts_of_units(census, np.array(population), unit_of, known)
    return {group: people.tolist() for group, people in found.items()}


# --- the table


def test_bands_add_up_to_cohorts(census):
    read = census(HEADER, ROW)
    assert read.totals() == {"u1": 100}
    # half of 1-4 is under 3; the other half and a fifth of 5-9 are 3 to 5
    assert read.counts["u1"] == {
        "population": 100,
        "age_60_plus": 30,
        "age_65_plus": 20,
        "age_80_plus": 5,
        "age_0_2": 2 + 4,
        "age_3_5": 4 + 2,
    }


def test_the_assumptions_can_be_changed(census):
    counts = census(HEADER, ROW, under_3_of_1_to_4=0.4, age_5_of_5_to_9=0.3).counts["u1"]
    assert counts["age_0_2"] == 2 + Fraction(32, 10)
    assert counts["age_3_5"] == Fraction(48, 10) + 3


def test_coarse_bands_are_spread_over_their_years(census):
    counts = census("code,0-14岁,15～64岁,65+", "u1,150,1000,70", columns={"id": "code"}).counts
    assert counts["u1"] == {
        "population": 1220,
        "age_60_plus": 1000 * 5 / 50 + 70,
        "age_65_plus": 70,
        "age_0_2": 30,
        "age_3_5": 30,
    }  # who is 80 among the 65 and over, nobody knows


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("code,0岁,1到4岁,10岁以上", "u1,1,1,1"),
        ("code,0岁,0到4岁,5岁以上", "u1,1,1,1"),
        ("code,0岁,1到4岁", "u1,1,1"),
        ("code,1到4岁,5岁以上", "u1,1,1"),
        ("code,young,old", "u1,1,1"),
        ("code,4到0岁,5岁以上", "u1,1,1"),
    ],
)
def test_ages_with_gaps(census, header, row):
    found = refusal(census, header, row, columns={"id": "code"})
    assert found == [("E-POP-009", None, "")]


def test_faults_of_rows_and_bands(census):
    assert refusal(census, HEADER, ROW.replace("100", "101")) == [("E-POP-010", 2, "all")]
    assert refusal(census, HEADER, ROW.replace(",50,", ",,")) == [("E-NUM-001", 2, "10到59岁")]
    assert refusal(census, HEADER, ROW.replace(",8,", ",8.5,")) == [("E-NUM-005", 2, "1到4岁")]
    assert refusal(census, HEADER, ROW, ROW) == [("E-ID-002", 3, "code")]
    old = refusal(census, "code,0岁,1-49岁,50岁及以上", "u1,1,1,1", columns={"id": "code"})
    assert old == [("E-POP-011", None, "")]


def test_examples_of_the_docstrings():
    assert doctest.testmod(module).failed == 0


# --- in the quarters


def test_cohorts_go_to_those_who_can_belong_to_them(census):
    found = in_one_unit(census(HEADER, ROW), [50, 30, 20])
    assert found == {
        "age_60_plus": [15, 9, 6],
        "age_0_2": [3, 2, 1],  # 6 by 35 : 21 : 14, the younger people
        "age_3_5": [3, 2, 1],  # 6 by 32 : 19 : 13
        "age_65_plus": [10, 6, 4],  # 20 by 15 : 9 : 6
        "age_80_plus": [3, 1, 1],  # 5 by 10 : 6 : 4, the tie to the first
    }


def test_another_number_of_people_has_the_same_ages(census):
    found = in_one_unit(census(HEADER, ROW), [5, 5])
    # of 10 people 3 are old, of these 2 and of these 0.5 older; 0.6 and 0.6 are small
    assert [sum(found[group]) for group in COHORTS] == [3, 2, 1, 1, 1]


def test_counted_cohorts_stay(census):
    found = in_one_unit(census(HEADER, ROW), [50, 50], age_60_plus=[50, 10])
    assert "age_60_plus" not in found
    assert found["age_0_2"] == [0, 6]  # nobody under 60 lives in the first
    assert found["age_65_plus"] == [33, 7]  # two thirds of 60, by 50 : 10: 33.3 and 6.7


def test_more_children_than_room(census):
    with pytest.raises(StudyError, match="E-POP-014"):
        in_one_unit(census(HEADER, ROW), [50, 50], age_60_plus=[50, 50])


def test_units_keep_to_themselves(census):
    read = census(HEADER, ROW, "u2,10,0,0,0,0,10,0,0")
    unit_of = pd.Series(["u2", "u1", "u2"], dtype=object)
    found = cohorts_of_units(read, np.array([4, 100, 0]), unit_of, {})
    assert found["age_60_plus"].tolist() == [4, 30, 0]
    assert found["age_65_plus"].tolist() == [0, 20, 0]


bands = st.lists(st.integers(0, 400), min_size=7, max_size=7)


@given(bands, st.lists(st.integers(0, 300), min_size=1, max_size=25))
def test_totals_and_parts_hold_whatever_the_ages(ages, population):
    young, child, five, _, old, older, oldest = ages
    counts = {
        "population": Fraction(sum(ages)),
        "age_60_plus": Fraction(old + older + oldest),
        "age_65_plus": Fraction(older + oldest),
        "age_80_plus": Fraction(oldest),
        "age_0_2": young + Fraction(child, 2),
        "age_3_5": Fraction(child, 2) + Fraction(five, 5),
    }
    whole = np.array(population)
    unit_of = pd.Series(["u"] * len(population), dtype=object)
    found = cohorts_of_units(Census({"u": counts}, (), ()), whole, unit_of, {})
    people = int(whole.sum())
    for group in ("age_60_plus", "age_0_2", "age_3_5"):
        exact = counts[group] * people / max(sum(ages), 1)
        assert abs(int(found[group].sum()) - exact) < 1 + Fraction(1, 10**6)
    assert (found["age_60_plus"] + found["age_0_2"] + found["age_3_5"] <= whole).all()
    assert (found["age_65_plus"] <= found["age_60_plus"]).all()
    assert (found["age_80_plus"] <= found["age_65_plus"]).all()
    # more people never mean fewer of the old
    in_order = found["age_60_plus"][np.argsort(-whole, kind="stable")]
    assert (np.diff(in_order) <= 0).all()


@given(bands)
def test_the_whole_unit_gets_the_census_back(ages):
    total = sum(ages)
    old, older, oldest = ages[4:]
    counts = {"population": Fraction(total), "age_60_plus": Fraction(old + older + oldest)}
    counts |= {"age_65_plus": Fraction(older + oldest), "age_80_plus": Fraction(oldest)}
    unit_of = pd.Series(["u", "u", "u"], dtype=object)
    population = np.array([total // 3, total - total // 3 - total // 7, total // 7])
    found = cohorts_of_units(Census({"u": counts}, (), ()), population, unit_of, {})
    for group in ("age_60_plus", "age_65_plus", "age_80_plus"):
        assert found[group].sum() == counts[group]


# --- growth


def layer(**people):
    count = len(people["population"])
    return gpd.GeoDataFrame(people, geometry=[Point(i, 0) for i in range(count)], crs="EPSG:4549")


def test_growth_by_hand():
    settings = PeopleSettings(growth_percent_per_year={"population": 1, "age_60_plus": 3})
    later = grown(layer(population=[60, 40], age_60_plus=[15, 5], age_0_2=[3, 3]), settings, 10)
    # 100 * 1.01**10 = 110.46; 20 * 1.03**10 = 26.88; 6 * 1.01**10 = 6.63
    assert later["population"].tolist() == [66, 44]
    assert later["age_60_plus"].tolist() == [20, 7]
    assert later["age_0_2"].tolist() == [4, 3]


def test_nobody_outgrows_everybody():
    settings = PeopleSettings(growth_percent_per_year={"population": 0, "age_60_plus": 5})
    with pytest.raises(StudyError, match="E-POP-014"):
        grown(layer(population=[10], age_60_plus=[10]), settings, 2)


@given(
    st.lists(st.integers(0, 5000), min_size=1, max_size=30),
    st.floats(-5, 5),
    st.integers(0, 20),
)
def test_growth_keeps_its_total_and_its_direction(people, percent, years):
    settings = PeopleSettings(growth_percent_per_year={"population": percent})
    older = [n // 4 for n in people]
    later = grown(layer(population=people, age_60_plus=older), settings, years)
    exact = sum(people) * (1 + percent / 100) ** years
    assert abs(int(later["population"].sum()) - exact) <= 0.5 + 1e-6
    assert (later["age_60_plus"] <= later["population"]).all()
    moved = later["population"].to_numpy() - np.array(people)
    assert (moved >= 0).all() if percent >= 0 else (moved <= 0).all()


def test_a_rate_for_a_group_nobody_knows():
    with pytest.raises(ValueError, match="known"):
        PeopleSettings(growth_percent_per_year={"population": 1, "age_70_plus": 1})
    with pytest.raises(ValueError, match="population is needed"):
        PeopleSettings(growth_percent_per_year={"age_60_plus": 1})
