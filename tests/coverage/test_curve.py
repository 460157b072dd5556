import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecircle.coverage.curve import (
    backup_coverage,
    facilities_within,
    later_than_nearest,
    lost_without,
    people_by_minute,
    people_by_minute_and_unit,
)
from carecircle.isochrones.minutes import NEVER, ReachTable

WALKS = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 20 * 60_000), st.just(NEVER)),
        st.integers(0, 50),
        st.sampled_from(["a", "b", None]),
    ),
    max_size=12,
)


def test_exactly_a_minute_counts_in_it_and_a_millisecond_more_in_the_next() -> None:
    walk = np.array([0, 60_000, 60_001, 180_000, NEVER])
    people = np.array([1, 10, 100, 1000, 10_000])
    assert people_by_minute(walk, people, 3).tolist() == [1, 11, 111, 1111]
    assert people_by_minute(walk, people, 0).tolist() == [1]
    with pytest.raises(ValueError, match="-1"):
        people_by_minute(walk, people, -1)


@given(WALKS, st.integers(0, 25))
def test_the_curve_is_coverage_at_every_limit(
    homes: list[tuple[int, int, str | None]], most: int
) -> None:
    walk = np.array([ms for ms, *_ in homes], np.int64)
    people = np.array([n for _, n, _ in homes], np.int64)
    curve = people_by_minute(walk, people, most)
    expected = [sum(n for ms, n, _ in homes if ms <= minute * 60_000) for minute in range(most + 1)]
    assert curve.tolist() == expected
    table = people_by_minute_and_unit(
        walk, people, pd.Series([u for *_, u in homes], dtype="str", name="town_id"), most
    )
    assert table[list(range(most + 1))].sum().tolist() == expected
    assert table["people"].sum() == people.sum()
    for unit, row in table.iterrows():
        inside = [(ms, n) for ms, n, u in homes if (u or "") == unit]
        assert row["people"] == sum(n for _, n in inside)
        assert row[most] == sum(n for ms, n in inside if ms <= most * 60_000)


def reach() -> ReachTable:
    """Facility 0 reaches homes 0, 1, 2; facility 1 homes 1, 2; facility 2 home 2."""
    return ReachTable(
        np.array([0, 3, 5, 6]), np.array([0, 1, 2, 1, 2, 2], np.int32), np.ones(6, int)
    )


def test_backup_coverage_and_what_a_closure_costs() -> None:
    people = np.array([1, 10, 100, 1000])
    assert facilities_within(reach(), 4).tolist() == [1, 2, 3, 0]
    assert backup_coverage(reach(), people).tolist() == [1111, 111, 110, 100]
    assert backup_coverage(reach(), people, 1).tolist() == [1111, 111]
    assert lost_without(reach(), people).tolist() == [1, 0, 0]


def test_how_much_further_the_second_is() -> None:
    walk = np.array([[10, 25], [10, NEVER], [NEVER, NEVER], [7, 7]])
    assert later_than_nearest(walk).tolist() == [15, NEVER, NEVER, 0]
