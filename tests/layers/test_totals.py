"""Rows of totals are told from names that only look like them."""

import doctest

import pytest

from carecircle.layers import totals
from carecircle.layers.totals import total_rows

NAMES = ["幸福里", "东风新村", "滨江花园"]


def table(*rows):
    """Rows numbered from 2, as under a header."""
    return list(enumerate(rows, 2))


@pytest.mark.parametrize(
    "word",
    [
        *(
            "合计",
            "合 计",
            "合计：",
            "合计（人）",
            "合计(万人)",
            "合计1",
            "【合计】",
            "—合计—",
            "总计",
        ),
        *(
            "全区合计",
            "全市总计",
            "本页小计",
            "本表合计",
            "各街道小计",
            "汇总",
            "全区汇总",
            "人口合计",
        ),
        *(
            "全市",
            "全区",
            "全街道",
            "总人口",
            "总人口（人）",
            "全市总人口",
            "总人数",
            "总户数",
            "以上合计",
        ),
        *("浦东新区合计", "Total", "ＴＯＴＡＬ", "Sub-total", "Grand total:", "Totals", "sum"),
    ],
)
def test_words_for_totals(word):
    assert total_rows(table(["幸福里", "10"], [word, "25"])) == {3: (0, word)}
    assert total_rows(table([1, "幸福里", 10], [2, word, 25])) == {3: (1, word)}  # a running number


@pytest.mark.parametrize(
    "name",
    [
        *(
            "全市花园",
            "总部小区",
            "总部基地",
            "合计划小区",
            "合家欢",
            "小计划幼儿园",
            "全区养老服务中心",
        ),
        *(
            "共和新村",
            "总工会宿舍",
            "汇总行大厦",
            "全家福公寓",
            "人口文化园",
            "Total Wine",
            "Summerset",
        ),
        *("本溪里", "各界花园", "分水岭小区", "年丰里", "累德里", "设计大院", "红星会计"),
    ],
)
def test_names_are_no_totals(name):
    assert total_rows(table(["幸福里", "10"], [name, "10"])) == {}


@pytest.mark.parametrize("word", ["其中", "其中：女", "其中60岁以上", "其中六十岁以上", "其中公办"])
def test_parts_of_the_row_above_are_told(word):
    assert total_rows(table(["幸福里", "10"], [word, "4"])) == {3: (0, word)}
    for name in ("其中路社区", "其中坝村", f"幸福里{word}"):
        assert total_rows(table(["幸福里", "10"], [name, "4"])) == {}


def test_a_word_for_a_sum_counts_in_any_cell():
    assert total_rows(table(["东街道", "幸福里", 10], ["东街道", "小计", 10])) == {3: (1, "小计")}


@pytest.mark.parametrize("remark", ["床位为两院合计", "服务全市", "含小计", "见全区汇总表"])
def test_a_remark_makes_no_total(remark):
    assert total_rows(table(["幸福里", 10, remark], ["东风新村", 20, ""])) == {}


def test_a_whole_beside_a_name_is_a_total_only_where_the_figures_say_so():
    homes = [["甲站", "东区", 10], ["乙站", "西区", 20], ["丙站", "北区", 5]]
    serves_all = table(*homes, ["丁站", "全市", 30])
    assert total_rows(serves_all) == {}
    adds_up = table(*homes, ["某市", "全市", "35"])
    assert total_rows(adds_up) == {5: (1, "全市")}
    nothing_to_add = table(["甲站", "东区", 10], ["丁站", "全市", 10])
    assert total_rows(nothing_to_add) == {}


def test_totals_of_pages_are_no_part_of_the_sum():
    rows = table(
        ["甲", "东", 10],
        ["", "本页小计", 10],
        ["乙", "西", 20],
        ["丙", "北", 5],
        ["某市", "全市", 35],
    )
    assert total_rows(rows) == {3: (1, "本页小计"), 6: (1, "全市")}


def test_a_figure_of_nothing_adds_up_to_nothing():
    assert total_rows(table(["甲", "东", 0], ["乙", "西", 0], ["丙", "全市", 0])) == {}


def test_examples_of_the_docstrings():
    assert doctest.testmod(totals).failed == 0
