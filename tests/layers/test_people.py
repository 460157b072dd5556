"""Whole people: largest remainders, cohorts, homes; answers by hand and as properties."""

import doctest
from fractions import Fraction
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

import carecircle.layers.people as module
from carecircle.layers.people import (
    cohorts,
    homes_at_blocks,
    homes_in_buildings,
    largest_remainder,
    people_from_floor_area,
)
from carecircle.layers.problems import StudyError
from carecircle.layers.sources import PeopleSettings

amounts = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=40)
counts = st.lists(st.integers(0, 5000), min_size=1, max_size=40)


def hamilton(weights, total):
    """The method by its definition, in exact fractions."""
    exact = [Fraction(w) * total / sum(map(Fraction, weights)) for w in weights]
    seats = [int(e) for e in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (seats[i] - exact[i], i))
    for i in by_remainder[: total - sum(seats)]:
        seats[i] += 1
    return seats


def blocks(**people):
    count = len(people["population"])
    shapes = [box(100 * i, 0, 100 * i + 80, 80) for i in range(count)]
    ids = pd.Index([f"b{i}" for i in range(count)], name="block_id", dtype=object)
    return gpd.GeoDataFrame(people, index=ids, geometry=shapes, crs="EPSG:4549")


def dwellings(block_ids, floor_area_m2):
    shapes = [box(i, 0, i + 1, 1) for i in range(len(block_ids))]
    columns = {"block_id": block_ids, "floor_area_m2": floor_area_m2}
    ids = [f"w{i}" for i in range(len(block_ids))]
    return gpd.GeoDataFrame(columns, index=ids, geometry=shapes, crs="EPSG:4549")


# --- largest remainder


def test_the_example_of_1792():
    # US House of 1792: Hamilton's bill (vetoed), populations and seats as in Balinski & Young
    people = [236841, 55540, 70835, 68705, 278514, 475327, 141822, 179570]
    people += [331589, 353523, 432879, 68446, 206236, 85533, 630560]
    seats = [8, 2, 2, 2, 9, 16, 5, 6, 11, 12, 14, 2, 7, 3, 21]
    assert largest_remainder(people, total=120).tolist() == seats


def test_ties_go_by_position():
    assert largest_remainder([0.5, 0.5, 0.5, 0.5]).tolist() == [1, 1, 0, 0]


@settings(deadline=None)
@given(amounts)
def test_sum_is_rounded_and_each_is_within_one(values):
    whole = largest_remainder(values)
    assert abs(sum(map(Fraction, values)) - int(whole.sum())) <= Fraction(1, 2) + Fraction(1, 10**6)
    assert (np.abs(whole - values) < 1).all()
    assert (whole[np.array(values) == 0] == 0).all()


@settings(deadline=None)
@given(counts, st.integers(0, 10_000))
def test_stated_totals_against_the_definition_in_fractions(weights, total):
    if sum(weights) == 0:
        return
    whole = largest_remainder(weights, total)
    assert whole.sum() == total
    exact = np.array(weights) * total / sum(weights)
    assert (np.abs(whole - exact) < 1 + 1e-6).all()
    # equal remainders may differ in the last bit as floats: compare what each weight got
    assert sorted(whole) == sorted(hamilton(weights, total))


@settings(deadline=None)
@given(amounts)
def test_larger_values_never_get_fewer_people(values):
    ordered = sorted(values, reverse=True)
    assert all(a >= b for a, b in pairwise(largest_remainder(ordered)))


def test_whole_numbers_stay_as_they_are():
    assert largest_remainder([3, 0, 7]).tolist() == [3, 0, 7]


@pytest.mark.parametrize("values", [[-1.0], [np.nan], [np.inf]])
def test_impossible_values(values):
    with pytest.raises(ValueError, match="finite"):
        largest_remainder(values)


def test_people_without_any_place():
    with pytest.raises(ValueError, match="no room"):
        largest_remainder([0.0, 0.0], total=3)
    with pytest.raises(ValueError, match="no room"):
        largest_remainder([2.0], total=2, at_most=np.array([1]))
    assert largest_remainder([0.0, 0.0], total=0).tolist() == [0, 0]
    assert largest_remainder([]).tolist() == []


# --- cohorts


@settings(deadline=None)
@given(counts, st.floats(0, 1))
def test_an_estimated_cohort_keeps_the_total_and_fits(population, share):
    people = np.array(population)
    cohort = cohorts(people, PeopleSettings(age_0_2_share=share), ["age_0_2"])["age_0_2"]
    assert (cohort <= people).all()
    assert abs(int(cohort.sum()) - share * sum(population)) <= 0.5 + 1e-6


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 1)), min_size=1, max_size=30))
def test_a_counted_cohort_of_decimals_never_exceeds_whole_people(rows):
    values = np.array([value for value, _ in rows])
    cohort = np.array([value * part for value, part in rows])
    whole = largest_remainder(values)
    people = cohorts(whole, PeopleSettings(), ["age_60_plus"], {"age_60_plus": cohort})
    assert (people["age_60_plus"] <= whole).all()
    assert abs(int(people["age_60_plus"].sum()) - cohort.sum()) <= 0.5 + 1e-6


def test_a_cohort_without_a_figure():
    with pytest.raises(StudyError, match=r"age_0_2_share = \.\.\."):
        cohorts(np.array([5]), PeopleSettings(age_60_plus_share=0.2))


# --- homes


def test_one_home_at_the_centre_of_a_cell():
    homes = homes_at_blocks(blocks(population=[5, 6], age_60_plus=[1, 2]))
    assert homes.index.tolist() == homes["block_id"].tolist() == ["b0", "b1"]
    assert homes.index.name == "home_id"
    assert [(p.x, p.y) for p in homes.geometry] == [(40, 40), (140, 40)]
    assert homes["age_60_plus"].tolist() == [1, 2]


def test_the_home_of_a_bent_quarter_lies_inside():
    bent = Polygon([(0, 0), (100, 0), (100, 100), (90, 100), (90, 10), (0, 10)])
    layer = blocks(population=[1]).set_geometry([bent])
    home = homes_at_blocks(layer.set_crs("EPSG:4549", allow_override=True)).geometry.iloc[0]
    assert bent.contains(home)
    assert not bent.contains(bent.centroid)


def test_people_share_their_block_by_floor_area():
    layer = blocks(population=[10, 7, 4], age_60_plus=[5, 1, 4])
    homes = homes_in_buildings(layer, dwellings(["b2", "b0", "b0", None], [0.0, 300.0, 100.0, 9.0]))
    # b0: 10 people by 300:100 are 7.5 and 2.5, a tie, the first gets the person;
    # its 5 older by 8:2 are 4 and 1. b1 has no dwelling, that of b2 has no floor area.
    assert homes.index.tolist() == ["w1", "w2", "b1", "b2"]
    assert homes["block_id"].tolist() == ["b0", "b0", "b1", "b2"]
    assert homes["population"].tolist() == [8, 2, 7, 4]
    assert homes["age_60_plus"].tolist() == [4, 1, 1, 4]
    assert homes["population"].dtype == np.int64


def test_towns_without_dwellings_live_at_their_blocks():
    layer = blocks(population=[3])
    homes = homes_in_buildings(layer, dwellings([], []))
    assert homes.index.tolist() == ["b0"]
    assert homes.crs == layer.crs


def test_a_dwelling_in_an_unknown_block():
    with pytest.raises(ValueError, match="elsewhere"):
        homes_in_buildings(blocks(population=[3]), dwellings(["elsewhere"], [1.0]))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 300), st.floats(0, 1)), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1e4)), max_size=25),
)
def test_every_block_keeps_its_people(people, houses):
    population = [count for count, _ in people]
    older = [int(count * part) for count, part in people]
    layer = blocks(population=population, age_60_plus=older)
    houses = [(f"b{block}", area) for block, area in houses if block < len(people)]
    homes = homes_in_buildings(
        layer, dwellings([block for block, _ in houses], [area for _, area in houses])
    )
    sums = homes.groupby("block_id")[["population", "age_60_plus"]].sum().loc[layer.index]
    assert sums["population"].tolist() == population
    assert sums["age_60_plus"].tolist() == older
    assert (homes["age_60_plus"] <= homes["population"]).all()
    assert homes.index.is_unique


def test_people_from_floor_area_per_person():
    houses = dwellings(["b1", "b0", "b1"], [100.0, 50.0, 20.0])
    people = people_from_floor_area(houses, PeopleSettings(floor_area_per_person_m2=40))
    assert people.to_dict() == {"b1": 3, "b0": 1}  # 3.0 and 1.25: 4.25 people are 4


def test_people_from_a_stated_total():
    houses = dwellings(["b1", "b0", "b1"], [100.0, 50.0, 20.0])
    people = people_from_floor_area(houses, PeopleSettings(total=1700))
    assert people.to_dict() == {"b1": 1200, "b0": 500}


def test_a_total_without_floor_area():
    with pytest.raises(StudyError, match="E-POP-003"):
        people_from_floor_area(dwellings(["b0"], [0.0]), PeopleSettings(total=10))


def test_examples_of_the_docstrings():
    assert doctest.testmod(module).failed == 0
