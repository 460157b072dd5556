"""Of whom does the name of a column speak?"""

import pytest

from carecircle.layers.aliases import ALIASES
from carecircle.layers.header_people import ACCEPTED, OPEN, ages_in, speaks_of_others
from carecircle.layers.headers import plain


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("60岁以上人口", {(60, OPEN)}),
        ("60周岁及以上", {(60, OPEN)}),
        ("60岁(含)以上", {(60, OPEN)}),
        ("80+", {(80, OPEN)}),
        ("over 65", {(65, OPEN)}),
        ("age_60_plus", {(60, OPEN)}),
        ("≥65", {(65, OPEN)}),
        ("0-2岁", {(0, 2)}),
        ("0至2周岁", {(0, 2)}),
        ("3岁以下婴幼儿", {(0, 2)}),
        ("14岁及以下", {(0, 14)}),
        ("under3", {(0, 2)}),
        ("60岁以上(其中80岁以上另列)", {(60, OPEN), (80, OPEN)}),
        ("2020年常住人口", set()),
        ("pop_2015", set()),
        ("第7次普查人口", set()),
    ],
)
def test_the_ages_a_name_tells(text, ages):
    assert ages_in(text) == ages


@pytest.mark.parametrize("name", ACCEPTED)
def test_no_usual_name_of_a_column_speaks_of_others(name):
    assert [one for one in ALIASES[name] if speaks_of_others(name, plain(one))] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("age_60_plus", "65岁以上人口"),
        ("age_60_plus", "60-69岁"),
        ("age_0_2", "0-14岁"),
        ("age_3_5", "0-3岁"),
        ("population", "60岁以上人口"),
        ("population", "15~59岁"),
        ("population", "女性人口"),
        ("age_65_plus", "65岁以上男性"),
        ("population", "male residents"),
    ],
)
def test_names_that_speak_of_others(name, text):
    assert speaks_of_others(name, plain(text))


def test_every_other_column_may_be_called_as_it_likes():
    assert not speaks_of_others("beds", "60岁以上床位")
    assert not speaks_of_others("population", plain("人口（男女合计）"))
