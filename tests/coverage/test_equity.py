"""Fairness: published formulas written out person by person, and cases by hand."""

from itertools import pairwise
from math import log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecircle.coverage.equity import (
    gini,
    lorenz,
    palma,
    shares_by_group,
    theil,
    walk_of_worst,
    worst_served,
)
from carecircle.isochrones.minutes import NEVER

# exact decimals, so that nothing hangs on how a sum is rounded
AMOUNTS = st.one_of(st.integers(0, 40).map(lambda eighths: eighths / 8), st.just(0.0))
HOMES = st.lists(st.tuples(AMOUNTS, st.integers(0, 7), st.sampled_from("abc")), min_size=1)


def persons(homes: list[tuple[float, int, str]]) -> list[float]:
    return sorted(amount for amount, people, _ in homes for _ in range(people))


def split(homes: list[tuple[float, int, str]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([a for a, *_ in homes]), np.array([n for _, n, _ in homes], np.int64)


def theil_of(amounts: list[float]) -> float:
    mean = sum(amounts) / len(amounts)
    return sum(x / mean * log(x / mean) for x in amounts if x > 0) / len(amounts)


def test_three_of_four_have_nothing() -> None:
    amount, people = np.array([8.0, 0.0]), np.array([1, 3])
    assert gini(amount, people) == 0.75  # (n - 1) / n
    curve = lorenz(amount, people)
    assert curve is not None
    assert curve.people.tolist() == [0, 0.75, 1]
    assert curve.amount.tolist() == [0, 0, 1]
    assert curve.at(0.875) == 0.5
    assert palma(amount, people) is None
    found = theil(amount, people, ["a", "b"])
    assert found is not None
    assert found.total == pytest.approx(log(4))
    assert found.between == pytest.approx(log(4))
    assert found.within == 0


def test_one_to_ten() -> None:
    """1, 2 ... 10: Gini (n + 1) / 3n, Palma 10 / (1 + 2 + 3 + 4)."""
    amount, people = np.arange(1, 11), np.ones(10, np.int64)
    assert gini(amount, people) == pytest.approx(0.3)
    assert palma(amount, people) == pytest.approx(1.0)


def test_a_tenth_may_cut_through_a_home() -> None:
    """Two homes of 5 with 1 and 3: the best tenth has 3 of 20, the worst four tenths 4."""
    assert palma(np.array([1, 3]), np.array([5, 5])) == pytest.approx(3 / 4)


def test_everybody_alike() -> None:
    amount, people = np.full(3, 0.1), np.array([3, 0, 4])
    assert gini(amount, people) == pytest.approx(0, abs=1e-15)
    assert palma(amount, people) == pytest.approx(0.25)
    found = theil(amount, people, ["a", "a", "b"])
    assert found is not None
    assert (found.total, found.between, found.within) == pytest.approx((0, 0, 0), abs=1e-15)


@pytest.mark.parametrize("people", [[0, 0], [2, 3]])
def test_nobody_or_nothing_cannot_be_uneven(people: list[int]) -> None:
    nothing = np.zeros(2)
    counts = np.array(people)
    assert lorenz(nothing, counts) is gini(nothing, counts) is palma(nothing, counts) is None
    assert theil(nothing, counts, ["a", "b"]) is None


@pytest.mark.parametrize("bad", [-0.1, np.nan, np.inf])
def test_no_share_of_a_debt(bad: float) -> None:
    for index in (gini, palma, lorenz):
        with pytest.raises(ValueError, match="0 or more"):
            index(np.array([1.0, bad]), np.array([1, 1]))
    assert gini(np.array([1.0, bad]), np.array([1, 0])) == 0  # nobody lives there


def test_homes_need_a_group_and_an_amount() -> None:
    with pytest.raises(ValueError, match="group"):
        theil(np.ones(2), np.ones(2, np.int64), ["a", None])
    with pytest.raises(ValueError, match="1 amounts for 2 homes"):
        gini(np.ones(1), np.ones(2, np.int64))


@given(HOMES)
def test_gini_is_the_mean_difference_of_two_people(homes: list[tuple[float, int, str]]) -> None:
    each = persons(homes)
    found = gini(*split(homes))
    if sum(each) == 0:
        assert found is None
        return
    differences = sum(abs(x - y) for x in each for y in each)
    assert found == pytest.approx(differences / (2 * len(each) * sum(each)), abs=1e-12)


@given(HOMES)
def test_theil_splits_into_between_and_within(homes: list[tuple[float, int, str]]) -> None:
    each = persons(homes)
    found = theil(*split(homes), [group for *_, group in homes])
    if sum(each) == 0:
        assert found is None
        return
    assert found is not None
    groups = {g: persons([home for home in homes if home[2] == g]) for *_, g in homes}
    having = {g: amounts for g, amounts in groups.items() if sum(amounts) > 0}
    mean = sum(each) / len(each)
    within = sum(sum(a) / sum(each) * theil_of(a) for a in having.values())
    between = sum(sum(a) / sum(each) * log(sum(a) / len(a) / mean) for a in having.values())
    assert found.total == pytest.approx(theil_of(each), abs=1e-12)
    assert found.within == pytest.approx(within, abs=1e-12)
    assert found.between == pytest.approx(between, abs=1e-12)
    assert found.total == pytest.approx(found.between + found.within, abs=1e-12)


@given(HOMES, st.floats(0.0, 1.0))
def test_the_curve_rises_and_never_above_the_diagonal(
    homes: list[tuple[float, int, str]], share: float
) -> None:
    curve = lorenz(*split(homes))
    if curve is not None:
        assert all(a <= b for a, b in pairwise(curve.amount))
        assert curve.at(share) <= share + 1e-12
        assert (curve.people[-1], curve.amount[-1]) == (1, 1)


@given(HOMES)
def test_taking_from_the_worst_for_the_best_never_evens_out(
    homes: list[tuple[float, int, str]],
) -> None:
    amount, people = split(homes)
    worse = amount.copy()
    worse[amount.argmax()] *= 2
    if people[amount.argmax()] and (before := gini(amount, people)) is not None:
        after = gini(worse, people)
        assert after is not None and after >= before - 1e-12


def test_shares_by_group_worst_first() -> None:
    table = shares_by_group(
        np.array([True, False, True, False, True]),
        np.array([2, 1, 5, 5, 0]),
        pd.Series(["b", "b", "a", None, "c"], name="town_id"),
    )
    assert table.index.tolist() == ["", "b", "a", "c"]
    assert table["people"].tolist() == [5, 3, 5, 0]
    assert table["people_covered"].tolist() == [0, 2, 5, 0]
    assert table["percent"].tolist()[:3] == [0.0, 66.6, 100.0]
    assert table["percent"].isna().tolist() == [False, False, False, True]


def test_worst_served_first_and_nobody_left_out() -> None:
    walk = np.array([60_000, NEVER, 120_000, 120_000, NEVER])
    people = np.array([5, 0, 7, 9, 3])
    table = worst_served(walk, people, pd.Index(list("abcde"), name="block_id"), 3)
    assert table.index.tolist() == ["e", "d", "c"]
    assert table["people"].tolist() == [3, 9, 7]
    assert table["minutes"].isna().tolist() == [True, False, False]
    assert table["minutes"].tolist()[1:] == [2.0, 2.0]


def test_the_walk_of_the_worst_tenth() -> None:
    walk, people = np.array([1000, 2000, 3000, NEVER]), np.array([50, 40, 9, 1])
    assert walk_of_worst(walk, people, 10) == NEVER
    assert walk_of_worst(walk, people, 100) == 3000
    assert walk_of_worst(walk, people, 101) == 2000
    assert walk_of_worst(walk, people, 1000) == 1000
    assert walk_of_worst(walk, np.zeros(4, np.int64), 100) is None
    with pytest.raises(ValueError, match="per mille"):
        walk_of_worst(walk, people, 0)
