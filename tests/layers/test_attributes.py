"""Attributes of facilities: each name once, words read as meant."""

from __future__ import annotations

from typing import get_args

import pytest

from carecircle.layers.attributes import (
    LEVEL_WORDS,
    OFFER_WORDS,
    OPERATOR_WORDS,
    AttributeType,
    Offer,
    OperatorType,
    facility_attributes,
    grade_of,
    names_of_type,
)
from carecircle.layers.sources import LEVELS, FacilitySource


def test_every_attribute_is_complete_and_its_names_are_its_own():
    seen: dict[str, str] = {}
    for one in facility_attributes().values():
        assert one.zh and one.en and all(one.aliases)
        assert one.type in get_args(AttributeType)
        # places are also called by what they are counted in
        for name in (one.zh, *one.aliases) if one.name != "capacity" else (one.zh,):
            assert seen.setdefault(name, one.name) == one.name, name


def test_what_the_intake_reads_already_is_among_them():
    ours = {"capacity", "beds", "seats", "inclusive", "operator", "grade"}
    assert ours <= set(facility_attributes())
    assert ours <= FacilitySource.NAMES


def test_every_word_list_names_every_value():
    assert set(OPERATOR_WORDS.values()) == set(get_args(OperatorType))
    assert set(OFFER_WORDS.values()) == set(get_args(Offer))
    assert set(LEVEL_WORDS.values()) == set(LEVELS)


def test_types_are_asked_for_by_name():
    assert names_of_type("area") == ["floor_area_m2", "land_area_m2"]


@pytest.mark.parametrize(
    ("written", "grade"),
    [
        ("三星级", 3),
        ("3星", 3),
        ("５", 5),
        ("AAAAA", None),
        ("4A级", 4),
        ("二级甲等", 2),
        ("三级乙等", 3),
        ("一级", 1),
        ("未评定", 0),
        ("", None),
        ("六星级", None),
        ("十三", None),
        ("23", None),
    ],
)
def test_grades(written, grade):
    assert grade_of(written) == grade
