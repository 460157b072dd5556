from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.coverage.measure import TOO_FAR, median_position

FAR = float("inf")  # attached, but no station can be reached
BLOCKS = "abcde"
HOMES = st.lists(
    st.tuples(
        st.sampled_from(BLOCKS),
        st.integers(0, 60),
        st.sampled_from([0.0, 5.0, 14.999, 15.0, 15.001, 20.0, 40.0, FAR, None]),
    ),
    max_size=12,
)


def test_exactly_the_limit_is_covered_and_a_millisecond_more_is_not(make: SimpleNamespace) -> None:
    covered = make.counted([("a", 10, 15.0), ("b", 20, 15 + 1 / 60_000)])
    assert covered.homes["status"].tolist() == ["covered", "uncovered"]
    assert covered.homes["minutes"].tolist() == [15.0, 900_001 / 60_000]
    assert (covered.people.input, covered.people.covered, covered.people.uncovered) == (30, 10, 20)
    assert covered.people.percent == 33.3


@pytest.mark.parametrize(
    ("homes", "minutes", "status"),
    [
        ([(50, 10), (50, 20)], 10, "covered"),  # exactly half arrive
        ([(49, 10), (51, 20)], 20, "uncovered"),
        ([(51, 20), (49, 10)], 20, "uncovered"),  # the order of the homes does not matter
        ([(10, 4), (20, 9), (10, 30)], 9, "covered"),
        ([(0, 1), (5, 12)], 12, "covered"),  # nobody of the group lives in the near home
        ([(5, 12), (5, 12)], 12, "covered"),
        ([(10, 10), (11, FAR)], np.nan, "uncovered"),
        ([(11, 10), (10, FAR)], 10, "covered"),
        ([(10, 10), (10, None)], 10, "covered"),  # excluded people never arrive
        ([(10, 10), (11, None)], np.nan, "uncovered"),
        ([(10, FAR), (11, None)], np.nan, "uncovered"),
        ([(10, None), (11, None)], np.nan, "excluded"),
        ([(10, None), (0, 5)], np.nan, "excluded"),
        ([(0, 5), (0, None)], np.nan, "no_people"),
    ],
)
def test_a_quarter_takes_the_minutes_of_its_middle_resident(
    make: SimpleNamespace, homes: list[tuple[int, float | None]], minutes: float, status: str
) -> None:
    quarter = make.counted([("a", people, walk) for people, walk in homes]).quarters.loc["a"]
    assert quarter["minutes"] == pytest.approx(minutes, nan_ok=True)
    assert quarter["status"] == status


def test_three_shares_and_every_person_in_one_place(make: SimpleNamespace) -> None:
    coverage = make.counted(
        [
            ("a", 30, 10.0),
            ("a", 20, 20.0),  # a is covered by 30 of 50, with its whole land
            ("b", 40, 16.0),
            ("c", 9, None),
            ("d", 0, 3.0),
            ("e", 1, FAR),
        ],
        area_m2=[100, 2000, 30_000, 400_000, 5_000_000],
    )
    people, quarters, land = coverage.people, coverage.quarter_count, coverage.land_m2
    assert (people.input, people.covered, people.uncovered) == (100, 30, 61)
    assert people.excluded == {TOO_FAR: 9}
    assert (quarters.input, quarters.covered, quarters.uncovered) == (4, 1, 2)
    assert quarters.excluded == {TOO_FAR: 1}
    assert (land.input, land.covered, land.uncovered) == (5_032_100, 100, 5_002_000)
    assert land.excluded == {TOO_FAR: 30_000}
    assert coverage.quarters["status"].tolist() == [
        "covered",
        "uncovered",
        "excluded",
        "no_people",
        "uncovered",
    ]
    assert coverage.quarters.loc["a", "people_uncovered"] == 20
    assert len(coverage.homes) == 6
    assert coverage.homes["facility_id"].notna().tolist() == [True, True, True, False, True, False]


def test_leaving_somebody_out_never_raises_a_share(make: SimpleNamespace) -> None:
    kept = make.counted([("a", 50, 10.0), ("b", 50, 20.0)])
    left_out = make.counted([("a", 50, 10.0), ("b", 50, None)])
    assert kept.people.percent == left_out.people.percent == 50.0
    assert left_out.quarter_count.percent == left_out.land_m2.percent == 50.0


def test_units_add_up_and_those_in_none_are_counted(make: SimpleNamespace) -> None:
    coverage = make.counted(
        [("a", 10, 5.0), ("b", 20, 20.0), ("c", 30, None), ("c", 4, 5.0)],
        units=make.units({"u1": "东街道", "u2": "西街道", "u3": "北街道"}),
        admin=["u2", "u2", None],
    )
    assert coverage.units is not None
    table = coverage.units.reset_index().to_numpy().tolist()
    assert table == [
        ["u1", "东街道", "", "", 0, 0, 0, 0, 0],
        ["u2", "西街道", "", "", 30, 10, 20, 0, 0],
        ["u3", "北街道", "", "", 0, 0, 0, 0, 0],
        ["", "", "", "", 34, 4, 0, 30, 0],
    ]


def test_every_level_is_the_whole_study_again(make: SimpleNamespace) -> None:
    """District d holds towns t1 and t2; quarter c lies in d but in no town."""
    units = make.units({"d": "区", "t1": "东镇", "t2": "西镇"}).assign(
        level=["district", "town", "town"], parent=["", "d", "d"]
    )
    residential = make.residential({"a": 10, "b": 20, "c": 30}).assign(
        district_id=["d", "d", "d"], town_id=["t1", "t2", None], admin_id=["t1", "t2", None]
    )
    coverage = make.counted(
        [("a", 10, 5.0), ("b", 20, 20.0), ("c", 30, 5.0)], residential=residential, units=units
    )
    assert coverage.units is not None
    assert coverage.units.reset_index().to_numpy().tolist() == [
        ["d", "区", "district", "", 60, 40, 20, 0, 0],
        ["t1", "东镇", "town", "d", 10, 10, 0, 0, 0],
        ["t2", "西镇", "town", "d", 20, 0, 20, 0, 0],
        ["", "", "town", "", 30, 30, 0, 0, 0],
    ]


def test_no_row_for_nobody(make: SimpleNamespace) -> None:
    coverage = make.counted([("a", 10, 5.0)], units=make.units({"u1": "东街道"}), admin=["u1"])
    assert coverage.units is not None
    assert coverage.units.index.tolist() == ["u1"]


def test_a_unit_that_does_not_exist_cannot_swallow_people(make: SimpleNamespace) -> None:
    with pytest.raises(AssertionError, match="units do not sum up"):
        make.counted([("a", 10, 5.0)], units=make.units({"u1": "东街道"}), admin=["u9"])


def test_homes_must_carry_the_people_of_their_quarters(make: SimpleNamespace) -> None:
    with pytest.raises(AssertionError, match="not those of their quarters"):
        make.counted([("a", 10, 5.0)], residential=make.residential({"a": 11}))
    with pytest.raises(AssertionError, match="no quarter"):
        make.counted([("b", 10, 5.0)], residential=make.residential({"a": 10}))


def test_a_study_without_anybody(make: SimpleNamespace) -> None:
    coverage = make.counted([("a", 0, 5.0)], target="85")
    assert coverage.people.input == coverage.quarter_count.input == coverage.land_m2.input == 0
    assert coverage.people.percent is None
    assert (coverage.verdict, coverage.people_to_target) == ("not_assessed", 0)


def test_target_and_people_missing(make: SimpleNamespace) -> None:
    coverage = make.counted([("a", 84, 5.0), ("b", 15, FAR), ("c", 1, None)], target="85")
    assert (coverage.verdict, coverage.people_to_target) == ("not_met", 1)


@settings(deadline=None)
@given(HOMES)
def test_ledgers_balance_and_rows_stay(
    make: SimpleNamespace, homes: list[tuple[str, int, float | None]]
) -> None:
    coverage = make.counted(homes)
    shares = (coverage.people, coverage.quarter_count, coverage.land_m2)
    for share in shares:
        assert share.covered + share.uncovered + share.excluded[TOO_FAR] == share.input
    assert coverage.people.input == sum(people for _, people, _ in homes)
    assert len(coverage.homes) == len(homes)
    assert len(coverage.quarters) == len({block for block, _, _ in homes})


@settings(deadline=None)
@given(HOMES, st.integers(1, 60), st.integers(1, 60))
def test_more_minutes_never_cover_less(
    make: SimpleNamespace, homes: list[tuple[str, int, float | None]], a: int, b: int
) -> None:
    less, more = (make.counted(homes, minutes=minutes) for minutes in sorted((a, b)))
    for before, after in ((less.homes, more.homes), (less.quarters, more.quarters)):
        covered = before.index[before["status"] == "covered"]
        assert (after.loc[covered, "status"] == "covered").all()
    assert less.people.covered <= more.people.covered


@settings(deadline=None)
@given(HOMES)
def test_merging_two_quarters_moves_nobody(
    make: SimpleNamespace, homes: list[tuple[str, int, float | None]]
) -> None:
    parts = make.counted(homes)
    merged = make.counted([("ab" if b in "ab" else b, n, walk) for b, n, walk in homes])
    assert merged.people == parts.people
    two = parts.quarters[parts.quarters.index.isin(["a", "b"])]
    if len(two):
        one = merged.quarters.loc["ab"]
        for column in ("people", "people_covered", "people_uncovered", "people_excluded"):
            assert one[column] == two[column].sum()
        # The middle resident of both lies between the middle residents of each.
        minutes = two.loc[two["people"] > 0, "minutes"].fillna(np.inf)
        if len(minutes):
            merged_minutes = np.inf if np.isnan(one["minutes"]) else one["minutes"]
            assert minutes.min() <= merged_minutes <= minutes.max()


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(0, 5)), max_size=15),
)
def test_the_median_is_that_of_the_people_one_by_one(rows: list[tuple[int, int, int]]) -> None:
    group, values, weights = (np.array([row[at] for row in rows], np.int64) for at in range(3))
    found = median_position(group, values, weights, 4)
    for at in range(4):
        everybody = np.sort(np.repeat(values[group == at], weights[group == at]))
        if len(everybody) == 0:
            assert found[at] == -1
        else:
            assert group[found[at]] == at
            assert values[found[at]] == everybody[(len(everybody) - 1) // 2]
