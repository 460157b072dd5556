"""The types of a plan: walkers as they are elsewhere, every key with its words."""

from __future__ import annotations

from typing import get_args

import pytest

from carecircle.coverage.plan import Group, Plan, PopulationFact, Target, keys_of
from carecircle.coverage.plan_measures import (
    MEASURES,
    Filter,
    Pair,
    Tier,
    WalkerId,
    WalkNeed,
    WalkTier,
)
from carecircle.coverage.plan_words import GROUPS, KEYS
from carecircle.isochrones.walkers import WALKERS
from carecircle.layers.sources import COHORTS

MODELS = [Plan, Target, PopulationFact, Filter, Pair, Tier, WalkNeed, WalkTier, *MEASURES.values()]


def literals(annotation) -> set[str]:
    parts = get_args(annotation)
    return set().union(*(literals(part) if get_args(part) else {part} for part in parts))


def test_walkers_and_groups_are_those_of_the_other_rooms():
    assert set(get_args(WalkerId)) == set(WALKERS)
    assert literals(Group) == set(GROUPS)
    assert set(COHORTS) <= set(GROUPS)


def test_every_key_has_words_and_no_words_are_left_over():
    keys = set().union(*(model.model_fields for model in MODELS))
    assert keys == set(KEYS)


@pytest.mark.parametrize("kind", MEASURES)
def test_a_measure_is_found_by_the_kind_it_bears(kind):
    assert MEASURES[kind].model_fields["kind"].default == kind
    assert MEASURES[kind].SAYS.zh and MEASURES[kind].SAYS.en


def test_one_filter_is_a_list_of_one():
    count = MEASURES["count"].model_validate({"facilities": {"service": "elderly"}})
    assert count.facilities == (Filter(service="elderly"),)


def test_keys_are_found_however_deep():
    assert keys_of({"a": [{"b": 1}, ({"c": {"d": 2}},)]}) == {"a", "b", "c", "d"}
