"""Names planners use are recognised; nothing is recognised twice."""

import doctest

import pytest

from carecircle.layers import aliases, archives, gis_files
from carecircle.layers.aliases import ALIASES, comparable, likely_columns, suggestion
from carecircle.layers.sources import AdminSource, EntranceSource, FacilitySource, ResidentialSource


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("name", "机构名称"),
        ("capacity", "床位数"),
        ("age_60_plus", "60岁以上人"),  # as a Shapefile cuts 60岁以上人口
        ("name", "托育机构名称"),
        ("capacity", "托位数（个）"),
        ("age_60_plus", "60岁以上人口"),
        ("age_60_plus", " 60 岁及以上人口 (人)"),
        ("population", "常住人口"),
        ("x", "经度"),
        ("y", "ＬＡＴ"),
        ("id", "编号"),
        ("inclusive", "是否普惠"),
        ("walled", "是否封闭小区"),
        ("walled", "Gated"),
        ("beds", "核定床位数（张）"),
        ("beds", "bed_count"),
        ("seats", "普惠托位数"),
        ("seats", "slots"),
        ("status", "经营状态"),
        ("status", "operating_status"),
        ("opened", "成立时间"),
        ("opened", "opening_date"),
        ("closed", "注销日期"),
        ("closed", "end_date"),
        ("parent", "上级区划代码"),
        ("parent", "parent_id"),
        ("urban", "城乡分类"),
        ("urban", "is_urban"),
        ("city_code", "地市代码"),
        ("city_code", "city_id"),
        ("district_code", "所属区县代码"),
        ("district_code", "county_code"),
        ("town_code", "镇街编码"),
        ("town_code", "street_code"),
        ("community_code", "村居代码"),
        ("community_code", "community_id"),
        ("block_id", "所属小区编号"),
        ("block_id", "quarter_id"),
        ("facility_id", "所属机构编号"),
        ("facility_id", "station_id"),
    ],
)
def test_the_names_of_planners(ours, theirs):
    assert likely_columns(ours, ["备注", theirs]) == [theirs]


def test_the_better_name_comes_first():
    assert likely_columns("population", ["户籍人口", "常住人口"]) == ["常住人口", "户籍人口"]


def test_nothing_is_suggested_where_nothing_fits():
    assert suggestion("population", ["a", "备注"]) == {"zh": "", "en": ""}


def test_every_column_of_ours_has_names_and_no_name_twice():
    ours = ResidentialSource.NAMES | FacilitySource.NAMES | AdminSource.NAMES
    ours |= EntranceSource.NAMES
    assert ours <= set(ALIASES)
    for names in ALIASES.values():
        assert len({comparable(name) for name in names}) == len(names)


@pytest.mark.parametrize("module", [aliases, archives, gis_files])
def test_examples_of_the_docstrings(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("names", "unclear"),
    [
        (["population", "populati_1"], {"population", "populati_1"}),
        (
            ["population", "populati_1", "populat_10", "name"],
            {"population", "populati_1", "populat_10"},
        ),
        (["60岁以上人", "60岁以上_1"], {"60岁以上人", "60岁以上_1"}),
        (["population", "zone_1"], set()),
        (["pop", "pop_1"], set()),  # short names were not cut
        (["district_1", "district_2"], {"district_1", "district_2"}),
    ],
)
def test_names_a_shapefile_has_cut(names, unclear):
    assert gis_files.unclear_names(names) == unclear
