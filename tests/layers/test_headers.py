"""What names of columns and titles say of the numbers below them."""

import pytest

from carecircle.layers.headers import unit_of_column
from carecircle.layers.numbers import NotANumber


@pytest.mark.parametrize(
    ("name", "header", "times"),
    [
        ("population", "常住人口", 1),
        ("population", "常住人口（人）", 1),
        ("population", "户籍人口", 1),
        ("population", "家庭户人口", 1),
        ("population", "2020年人口（万人）", 10_000),
        ("population", "常住人口 万人", 10_000),
        ("population", "人口（单位：百人）", 100),
        ("population", "POP_2015", 1),
        ("age_60_plus", "60岁以上人口", 1),
        ("age_80_plus", "八十岁以上", 1),
        ("beds", "床位数（张）", 1),
        ("beds", "床位（万张）", 10_000),
        ("seats", "托位数（人）", 1),
        ("households", "总户数（户）", 1),
        ("households", "户数（万户）", 10_000),
    ],
)
def test_units_that_are_plain(name, header, times):
    assert unit_of_column(name, header).times == times


@pytest.mark.parametrize(
    ("name", "header", "fault"),
    [
        ("population", "人口密度", "E-NUM-009"),
        ("population", "pop_density", "E-NUM-009"),
        ("population", "人/km²", "E-NUM-009"),
        ("population", "常住户数", "E-NUM-009"),
        ("population", "人口（户）", "E-NUM-009"),
        ("beds", "床位/千人", "E-NUM-009"),
        ("population", "households", "E-NUM-009"),
        ("age_60_plus", "60岁以上占比", "E-NUM-009"),
        ("age_60_plus", "老龄化率", "E-NUM-009"),
        ("age_60_plus", "share_60", "E-NUM-009"),
        ("age_60_plus", "60岁以上％", "E-NUM-009"),
        ("beds", "每千名老人床位数", "E-NUM-009"),
        ("beds", "床位使用率", "E-NUM-009"),
        ("households", "户均人口", "E-NUM-009"),
        ("population", "万人以上小区", "E-NUM-010"),
        ("population", "population (thousands)", "E-NUM-010"),
    ],
)
def test_what_is_no_count_is_refused(name, header, fault):
    with pytest.raises(NotANumber) as raised:
        unit_of_column(name, header)
    assert raised.value.id == fault


@pytest.mark.parametrize(
    ("name", "title", "times"),
    [
        ("population", "单位：万人", 10_000),
        ("population", "某区人口统计表 单位: 千人  2024年", 1_000),
        ("population", "某区人口（万人）", 10_000),
        ("population", "单位：万人、张", 10_000),
        ("beds", "单位：万人、张", 1),
        ("beds", "单位：万人", 1),
        ("population", "填报单位：幸福街道办事处", 1),
        ("population", "百万新居各小区人口", 1),
    ],
)
def test_a_title_states_the_unit_of_what_it_counts(name, title, times):
    assert unit_of_column(name, "数量", [title]).times == times


def test_the_name_of_a_column_comes_before_the_title():
    assert unit_of_column("population", "人口（人）", ["单位：万人"]).times == 1


def test_two_titles_that_disagree_are_refused():
    with pytest.raises(NotANumber, match="E-NUM-010"):
        unit_of_column("population", "人口", ["单位：万人", "单位：千人"])
