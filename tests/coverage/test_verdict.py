from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.coverage.result import Ledger, cut_percent
from carecircle.coverage.verdict import people_to_target, verdict


def people(covered: int, everybody: int) -> Ledger:
    return Ledger(everybody, covered, everybody - covered, {})


@pytest.mark.parametrize(
    ("covered", "everybody", "target", "said", "missing"),
    [
        (85, 100, "85", "met", 0),
        (84, 100, "85", "not_met", 1),
        (8496, 10_000, "85", "not_met", 4),
        (8496, 10_000, "84.96", "met", 0),
        (8495, 10_000, "84.96", "not_met", 1),
        (2, 3, "66.7", "not_met", 1),
        (2, 3, "66.6", "met", 0),
        (2, 3, "66.66666666666666666666", "met", 0),
        (2, 3, "66.66666666666666666667", "not_met", 1),
        (999, 1000, "100", "not_met", 1),
        (0, 7, "0.1", "not_met", 1),
        (0, 0, "85", "not_assessed", 0),
        (3, 4, None, "no_target", 0),
    ],
)
def test_a_verdict_compares_whole_numbers(
    covered: int, everybody: int, target: str | None, said: str, missing: int
) -> None:
    ledger = people(covered, everybody)
    assert verdict(ledger, target) == said
    assert people_to_target(ledger, target) == missing


def test_no_float_decides() -> None:
    # In binary floats 0.29 * 100 is 28.999999999999996.
    assert verdict(people(29, 100), "29") == "met"
    assert verdict(people(10**15 * 85 // 100 - 1, 10**15), "85") == "not_met"


@settings(deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 10**9), st.decimals("0.001", 100, places=3))
def test_people_to_target_is_the_least_that_meets_it(a: int, b: int, target: object) -> None:
    covered, everybody = sorted((a, b))
    more = people_to_target(people(covered, everybody), str(target))
    assert verdict(people(covered + more, everybody), str(target)) == "met"
    assert more == 0 or verdict(people(covered + more - 1, everybody), str(target)) == "not_met"


@settings(deadline=None)
@given(st.integers(0, 10**12), st.integers(1, 10**12))
def test_a_share_is_cut_never_rounded(a: int, b: int) -> None:
    part, whole = min(a, b), b
    shown = cut_percent(part, whole)
    assert shown is not None
    tenths = round(shown * 10)
    assert tenths / 10 == shown
    assert tenths <= Fraction(1000 * part, whole) < tenths + 1


def test_the_share_of_nothing_is_not_a_number_at_all() -> None:
    assert cut_percent(0, 0) is None


def test_a_ledger_that_does_not_add_up_is_never_built() -> None:
    with pytest.raises(AssertionError, match="does not balance"):
        Ledger(10, 5, 4, {})
