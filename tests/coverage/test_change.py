"""Changes by cause: hand-made worlds, and the Shapley value by its own definition."""

from __future__ import annotations

import doctest
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecircle.coverage import change
from carecircle.coverage.change import (
    CAUSES,
    Decomposition,
    hundredths,
    of_shares,
    subsets,
    whole_parts,
)

F, N, P, S = CAUSES


def decomposed(worlds: dict[str, int], causes: str) -> Decomposition:
    """Worlds by the first letters of what is new in them; ``""`` is the old one."""
    names = tuple(cause for cause in CAUSES if cause[0] in causes)
    return Decomposition(
        names,
        {
            chosen: np.array([worlds["".join(sorted(cause[0] for cause in chosen))]])
            for chosen in subsets(names)
        },
    )


def by_all_orders(worlds: Decomposition, row: int) -> dict[str, Fraction]:
    """The definition: the mean of what a cause adds, over every order in which they come."""
    orders = list(permutations(worlds.causes))
    total = dict.fromkeys(worlds.causes, Fraction(0))
    for order in orders:
        here: frozenset[str] = frozenset()
        for cause in order:
            there = here | {cause}
            total[cause] += Fraction(worlds.worlds[there][row]) - worlds.worlds[here][row]
            here = there
    return {cause: added / len(orders) for cause, added in total.items()}


def test_one_cause_explains_everything():
    one = decomposed({"": 100, "f": 140}, "f")
    assert one.parts.tolist() == [[40]] and one.interacting() == []


def test_causes_that_do_not_meet_add_up():
    """A station reaches 40 people here, a footbridge 30 people there."""
    two = decomposed({"": 100, "f": 140, "n": 130, "fn": 170}, "fn")
    assert two.parts.tolist() == [[40, 30]] and two.interacting() == []


def test_a_station_that_only_a_new_bridge_leads_to():
    """Neither alone reaches anybody, both together 50 people: 25 each, and they interact."""
    two = decomposed({"": 100, "f": 100, "n": 100, "fn": 150}, "fn")
    assert two.parts.tolist() == [[25, 25]]
    assert two.interacting() == [frozenset({F, N})]
    assert two.joint[frozenset({F, N})].tolist() == [50]


def test_a_part_of_a_person_goes_to_the_first_of_equals():
    """Together 51 people: 25.5 each; the first cause gets the whole one, and they add up."""
    two = decomposed({"": 0, "f": 0, "n": 0, "fn": 51}, "fn")
    assert [two.part(0, cause) for cause in (F, N)] == [Fraction(51, 2)] * 2
    assert two.parts.tolist() == [[26, 25]]


def test_one_cause_undoes_another():
    """The stricter standard takes what the station gave."""
    two = decomposed({"": 100, "f": 140, "s": 60, "fs": 100}, "fs")
    assert two.parts.tolist() == [[40, -40]]


def test_what_does_not_differ_explains_nothing():
    none = decomposed({"": 7}, "")
    assert none.parts.shape == (1, 0) and none.interacting() == []


COUNTS = st.integers(-(10**9), 10**9)


@given(st.integers(1, 4).flatmap(lambda n: st.lists(COUNTS, min_size=2**n, max_size=2**n)))
def test_the_parts_are_those_of_shapleys_definition(counts):
    causes = CAUSES[: len(counts).bit_length() - 1]
    keys = subsets(causes)
    drawn = {k: np.array([v], np.int64) for k, v in zip(keys, counts, strict=True)}
    found = Decomposition(causes, drawn)
    assert {cause: found.part(0, cause) for cause in causes} == by_all_orders(found, 0)
    assert found.parts.sum() == counts[-1] - counts[0]
    exact = np.array([found.part(0, cause) for cause in causes])
    assert (abs(found.parts[0] - exact) < 1).all()


@given(st.lists(COUNTS, min_size=1, max_size=4))
def test_whole_parts_keep_the_sum(parts):
    fine = np.array([[*parts, -sum(parts) % 12]])
    assert whole_parts(fine, 12).sum() * 12 == fine.sum()


def test_a_share_is_moved_by_who_lives_there_too():
    """50 of 100; then 50 new people beyond the walk, then 60 more covered: 110 of 150.

    Alone the people bring 50 to 33 1/3 %. Alone the station would cover all 50 others: 100 %.
    """
    covered = decomposed({"": 50, "f": 100, "p": 50, "fp": 110}, "fp")
    people = decomposed({"": 100, "f": 100, "p": 150, "fp": 150}, "fp")
    share = of_shares(covered, people, np.array([0]))
    parts = {cause: share.part(0, cause) for cause in share.causes}
    assert parts == by_all_orders(share, 0)
    assert sum(parts.values()) == Fraction(11000, 150) - 50
    assert parts[F] == Fraction(1, 2) * ((100 - 50) + (Fraction(220, 3) - Fraction(100, 3)))
    shown = hundredths(parts)
    assert sum(shown.values()) == Fraction("23.33")


def test_parts_that_do_not_add_up_are_never_told():
    broken = decomposed({"": 0, "f": 1, "n": 1, "fn": 2}, "fn")
    broken.__dict__["joint"] = {frozenset({F}): np.array([1])}
    with pytest.raises(AssertionError):
        _ = broken.fine_parts


def test_the_examples_of_the_docstrings():
    assert doctest.testmod(change).failed == 0
