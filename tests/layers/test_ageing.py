"""Ages carried forward by cohort component, in worlds that can be counted by hand."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecircle.layers.ageing import (
    Survival,
    aged,
    columns_of_fives,
    five_years_later,
    people_later,
    read_survival,
)
from carecircle.layers.census import Census, age_bands, cohorts_of_units, read_census
from carecircle.layers.problems import StudyError
from carecircle.layers.sources import AgeingSource, CensusSource

AGES = [f"{first}-{first + 4}" for first in range(0, 85, 5)] + ["85+"]
CENSUS = CensusSource(path=Path("census.csv"), base="resident")
ratios = st.fractions(min_value=Fraction(1, 100), max_value=1, max_denominator=100)


def survival_table(path, *changes):
    """Births 0.99, then 0.9 at every age; ``changes`` are lines for others."""
    rows = {"births": "0.99", **dict.fromkeys(AGES, "0.9"), **dict(changes)}
    lines = ["age,survival", *(f"{age},{ratio}" for age, ratio in rows.items() if ratio)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return AgeingSource(path=path, source="by hand", births_per_1000=10)


def rates(births, *by_age):
    table = {5 * k: Fraction(ratio) for k, ratio in enumerate(by_age)}
    return Survival(Fraction(births), table, 5 * (len(by_age) - 1))


def census_of(folder, *people):
    """One unit with these people at each band of five years, the youngest in 0 and 1-4."""
    header = ["编号", "0岁", "1-4岁", *AGES[1:]]
    (folder / "c.csv").write_text(f"{','.join(header)}\nu,{','.join(map(str, people))}\n", "utf-8")
    source = CensusSource(path=folder / "c.csv", base="resident", columns={"id": "编号"})
    return read_census(source, [])


def test_five_years_by_hand():
    later = five_years_later(
        [Fraction(n) for n in (100, 80, 40)], rates("0.5", "0.9", "0.75", "0.25"), 60
    )
    assert later == [30, 90, 80 * Fraction(3, 4) + 40 * Fraction(1, 4)]


@given(st.lists(ratios, min_size=2, max_size=18), ratios, st.integers(1, 10_000))
def test_a_stationary_population_stays_as_it_is(by_age, of_births, births):
    """Each band holds who of the births survived so far; the open one all that ever will."""
    survival = rates(of_births, *by_age[:-1], min(by_age[-1], Fraction(99, 100)))
    *closed, before_last, last = [survival.ratios[5 * k] for k in range(len(by_age))]
    ages = [births * survival.births]
    for ratio in closed:
        ages.append(ages[-1] * ratio)
    ages.append(ages[-1] * before_last / (1 - last))  # n = before_last * previous + last * n
    assert five_years_later(ages, survival, Fraction(births)) == ages


@given(st.lists(st.integers(0, 9_999), min_size=18, max_size=18))
def test_nobody_is_lost_but_to_death(people):
    ages = [Fraction(n) for n in people]
    immortal = rates(1, *[1] * 18)
    later = five_years_later(ages, immortal, Fraction(7))
    assert sum(later) == sum(ages) + 7
    assert later[1:-1] == ages[:-2]


def test_ages_of_a_unit_after_ten_years(tmp_path):
    """100 of 50-54 are 81 of 60-64; 40 of 75-79 are 0.81 * 40 of 85 and over."""
    people = [0] * 19
    people[11], people[16] = 100, 40  # 50-54, 75-79
    census = census_of(tmp_path, *people)
    survival = read_survival(survival_table(tmp_path / "s.csv"))
    counts = aged(census, survival, 10, 10, CENSUS).counts["u"]
    births = Fraction(140 * 10 * 5, 1000) * Fraction("0.99")  # alive after each five years
    assert counts["age_60_plus"] == Fraction("0.81") * 140
    assert counts["age_80_plus"] == Fraction("0.81") * 40
    assert counts["population"] == Fraction("0.81") * 140 + births + births * Fraction("0.9")
    assert counts["age_0_2"] == births * Fraction(3, 5)
    fifth_year = births * Fraction("0.9") * Fraction(1, 5)
    assert counts["age_3_5"] == births * Fraction(2, 5) + fifth_year


def test_years_between_two_steps_lie_on_a_straight_line(tmp_path):
    census = census_of(tmp_path, *range(100, 119))
    survival = read_survival(survival_table(tmp_path / "s.csv"))
    five, seven, ten = (aged(census, survival, 8, n, CENSUS).counts["u"] for n in (5, 7, 10))
    for group, people in seven.items():
        assert people == five[group] * Fraction(3, 5) + ten[group] * Fraction(2, 5)
    assert aged(census, survival, 8, 0, CENSUS).counts == census.counts


@given(st.lists(st.integers(0, 300), min_size=1, max_size=12), st.integers(0, 40))
def test_whole_people_keep_their_totals_and_their_order(people, years):
    census = census_with([50 + 7 * k % 40 for k in range(19)])
    survival = rates("0.99", *[Fraction(99 - 2 * k, 100) for k in range(18)])
    after = aged(census, survival, 9, years, CENSUS)
    population, unit_of = np.array(people, np.int64), pd.Series(["u"] * len(people))
    later = people_later(population, unit_of, census, after)
    ratio = after.counts["u"]["population"] / census.counts["u"]["population"]
    assert abs(int(later.sum()) - sum(people) * ratio) <= Fraction(1, 2)
    found = cohorts_of_units(after, later, unit_of, {})
    assert (found["age_65_plus"] <= found["age_60_plus"]).all()
    assert (found["age_80_plus"] <= found["age_65_plus"]).all()
    assert (found["age_60_plus"] + found["age_0_2"] + found["age_3_5"] <= later).all()
    share = after.counts["u"]["age_60_plus"] / after.counts["u"]["population"]
    assert abs(int(found["age_60_plus"].sum()) - int(later.sum()) * share) <= Fraction(1, 2)


def census_with(people):
    """A census as `read_census` gives it, of bands of which the youngest two are 0 and 1-4."""
    bands = tuple(age_bands(["0岁", "1-4岁", *AGES[1:]]))
    half = Fraction(people[1], 2)
    counts = {
        "population": Fraction(sum(people)),
        "age_60_plus": Fraction(sum(people[13:])),
        "age_65_plus": Fraction(sum(people[14:])),
        "age_80_plus": Fraction(sum(people[17:])),
        "age_0_2": people[0] + half,
        "age_3_5": half + Fraction(people[2], 5),
    }
    return Census({"u": counts}, (), (), bands, {"u": people})


def test_a_unit_that_is_empty_in_the_census_but_not_on_the_ground():
    nobody = Census({"u": {"population": Fraction(0)}}, (), ())
    with pytest.raises(StudyError, match="E-POP-012"):
        people_later(np.array([3]), pd.Series(["u"]), nobody, nobody)
    assert people_later(np.array([0]), pd.Series(["u"]), nobody, nobody).tolist() == [0]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("births", ""), [("E-POP-026", None)]),
        (("40-44", ""), [("E-POP-026", None)]),
        (("old", "0.5"), [("E-POP-026", 21)]),
        (("40-44", "99.2"), [("E-POP-027", 11)]),
        (("40-44", "0"), [("E-POP-027", 11)]),
        (("40-44", "-"), [("E-NUM-002", 11)]),
    ],
)
def test_tables_that_tell_no_survival(tmp_path, change, found):
    with pytest.raises(StudyError) as raised:
        read_survival(survival_table(tmp_path / "s.csv", change))
    assert [(p.id, p.row) for p in raised.value.problems] == found


def test_a_table_that_ends_too_young(tmp_path):
    ends = [(age, "") for age in AGES[14:]]
    with pytest.raises(StudyError, match="E-POP-026"):
        read_survival(survival_table(tmp_path / "s.csv", *ends, ("70+", "0.5")))


def test_a_table_in_chinese(tmp_path):
    lines = ["年龄,存活率", "出生,0.99", *(f"{a[:-1]}岁以上,0.4" for a in AGES[17:])]
    lines[2:2] = [f"{age.replace('-', '到')}岁,0.9" for age in AGES[:17]]
    (tmp_path / "s.csv").write_text("\n".join(lines) + "\n", encoding="gb18030")
    source = AgeingSource(path=tmp_path / "s.csv", source="表", births_per_1000=7)
    survival = read_survival(source)
    assert (survival.births, survival.last) == (Fraction("0.99"), 85)
    assert survival.ratios[0] == Fraction("0.9") and survival.ratios[85] == Fraction("0.4")


@pytest.mark.parametrize(
    ("headers", "columns"),
    [
        (["0岁", "1-4岁", "5-9岁", "10+"], [[0, 1], [2], [3]]),
        (["0-4岁", "5-9岁", "10-14岁", "15+"], [[0], [1], [2, 3]]),
        (["0-9岁", "10+"], None),
        (["0-2岁", "3-5岁", "6-9岁", "10+"], None),
        (["0-4岁", "5+"], None),
    ],
)
def test_bands_of_a_census_that_make_bands_of_five(headers, columns):
    assert columns_of_fives(age_bands(headers), 10) == columns


def test_a_census_of_wide_bands_cannot_be_aged(tmp_path):
    text = "编号,0到59岁,60到64岁,65到79岁,80岁以上\nu,100,20,20,10\n"
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    source = CensusSource(path=tmp_path / "c.csv", base="resident", columns={"id": "编号"})
    survival = read_survival(survival_table(tmp_path / "s.csv"))
    with pytest.raises(StudyError, match="E-POP-028"):
        aged(read_census(source, []), survival, 10, 5, source)
