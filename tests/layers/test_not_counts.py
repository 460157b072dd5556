"""Percentages in whole numbers are told from small cohorts by what people do and shares do not."""

import numpy as np
import pytest

from carecircle.layers.not_counts import USUAL_PERCENT, follow_no_people, is_whole_percentage

GROUPS = sorted(USUAL_PERCENT)


def quarters(seed, rows, people):
    """Populations of quarters and a share of each, both differing from row to row."""
    rng = np.random.default_rng(seed)
    population = np.rint(people * rng.lognormal(0, 0.7, rows)) + 1
    return rng, population, rng.gamma(25, 1 / 25, rows)  # by a fifth


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("people", [60, 300, 1200])
def test_counted_people_are_never_taken_for_percentages(group, people):
    usual = sum(USUAL_PERCENT[group]) / 200
    for seed in range(40):
        rng, population, differ = quarters(seed, 5 + 3 * seed, people)
        counted = rng.binomial(population.astype(int), usual * differ).astype(float)
        assert not is_whole_percentage(counted, population, group)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("people", [60, 300, 1200, 5000])
def test_percentages_of_many_rows_are_found(group, people):
    usual = sum(USUAL_PERCENT[group]) / 2
    _, population, differ = quarters(7, 600, people)
    assert is_whole_percentage(np.rint(usual * differ), population, group)


def test_beside_quarters_of_one_size_only_the_level_tells():
    percent = np.array([18.0, 21, 19, 20, 22, 17, 18])
    assert is_whole_percentage(percent, np.full(7, 1200.0), "age_60_plus")
    assert not is_whole_percentage(percent, np.full(7, 100.0), "age_60_plus")


def test_a_quarter_of_students_may_have_next_to_no_old_people():
    """As percentages these would be as unusual."""
    assert not is_whole_percentage(np.arange(1.0, 7), np.full(6, 1500.0), "age_60_plus")


def test_fewer_rows_or_a_number_above_a_hundred_tell_nothing():
    percent, people = np.array([18.0, 21, 19, 20]), np.full(4, 1200.0)
    assert not is_whole_percentage(percent, people, "age_60_plus")
    percent, people = np.append(percent, [120, 20]), np.full(6, 8000.0)
    assert not is_whole_percentage(percent, people, "age_60_plus")


def test_what_grows_as_the_people_do_follows_them():
    people = np.geomspace(50, 5000, 30)
    assert follow_no_people(np.full(30, 20.0), people)
    assert not follow_no_people(people / 50, people)
    assert not follow_no_people(np.full(30, 20.0), np.full(30, 100.0))  # nothing to follow
