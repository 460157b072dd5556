"""The strict number parser: what is a number, what is repaired, what is refused."""

import doctest
import math
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import carecircle.layers.numbers as module
from carecircle.layers.numbers import (
    MOST,
    PLAIN,
    NotANumber,
    Number,
    counting_words,
    is_missing,
    plain_numbers,
    read_count,
    read_number,
    read_whole,
)


@pytest.mark.parametrize("text", ["366①", "120²", "③5", "５０㎡", "1½", "Ⅻ"])
def test_marks_that_look_like_digits_are_no_digits(text):
    with pytest.raises(NotANumber):
        read_count(text)


@pytest.mark.parametrize(
    ("written", "value"), [("1200", 1200), ("12.5", 12.5), ("1e3", 1000), ("+7", 7), ("-0", 0)]
)
def test_plain_numbers_need_no_repair(written, value):
    assert read_count(written) == Number(value)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (" 1200 ", 1200),
        ("1,200", 1200),
        ("１２００", 1200),
        ("１，２００", 1200),
        ("1,234,567.5", 1234567.5),
    ],
)
def test_what_is_repaired_is_told(written, value):
    assert read_count(written) == Number(value, repaired=True)


@pytest.mark.parametrize(
    "written",
    [
        "约800",
        "约1.2万",
        "1.2.3万",
        "万人",
        "1,20人",
        "300人人",
        "-",
        "1,20",
        "1,2000",
        ",5",
        "12 00",
        "0x10",
        "nan",
        "None",
        "٣",
        "½x",
    ],
)
def test_what_is_not_plainly_a_number_is_refused(written):
    with pytest.raises(NotANumber) as refused:
        read_number(written)
    assert refused.value.id == "E-NUM-002"


@pytest.mark.parametrize("cell", [None, "", "  ", np.nan, pd.NA, pd.NaT, float("nan")])
def test_blank_cells(cell):
    assert is_missing(cell)
    with pytest.raises(NotANumber) as refused:
        read_count(cell)
    assert refused.value.id == "E-NUM-001"


@pytest.mark.parametrize("cell", [True, np.bool_(False), pd.Timestamp("2024-01-01"), object()])
def test_cells_of_another_kind(cell):
    with pytest.raises(NotANumber) as refused:
        read_number(cell)
    assert refused.value.id == "E-NUM-002"


@pytest.mark.parametrize(
    ("cell", "id"),
    [
        (-0.5, "E-NUM-003"),
        (np.inf, "E-NUM-004"),
        ("-inf", "E-NUM-004"),
        ("1e400", "E-NUM-004"),
        (MOST + 1, "E-NUM-004"),
    ],
)
def test_counts_out_of_bounds(cell, id):
    with pytest.raises(NotANumber) as refused:
        read_count(cell)
    assert refused.value.id == id


def test_places_are_whole():
    assert read_whole("20").value == 20
    assert read_whole(20.0).value == 20
    with pytest.raises(NotANumber, match="E-NUM-005"):
        read_whole("20.5")


@pytest.mark.parametrize(
    ("column", "written", "value"),
    [
        ("population", "1.2万人", 12_000),
        ("age_60_plus", "300口", 300),
        ("60到64岁", "3千名", 3_000),  # any other column of numbers holds people
        ("beds", "120 张", 120),
        ("beds", "120张床位", 120),
        ("seats", "50个托位", 50),
        ("capacity", "50张", 50),
        ("capacity", "50托位", 50),
        ("population", "0.5亿", 50_000_000),
    ],
)
def test_words_that_count_what_the_column_holds(column, written, value):
    assert read_whole(written, counting_words(column)) == Number(value, repaired=True)


@pytest.mark.parametrize(
    ("column", "written", "word"),
    [
        ("population", "1200户", "户"),
        ("population", "1.2万户", "户"),
        ("population", "50张", "张"),
        ("age_60_plus", "50个", "个"),
        ("beds", "50人", "人"),
        ("seats", "50张床", "张床"),
        ("capacity", "3家", "家"),
    ],
)
def test_words_that_count_something_else(column, written, word):
    with pytest.raises(NotANumber) as refused:
        read_whole(written, counting_words(column))
    assert refused.value.id == "E-NUM-008"
    assert refused.value.details["word"] == word


@settings(deadline=None)
@given(st.integers(0, MOST), st.booleans())
def test_any_whole_number_survives_grouping_and_full_width(number, wide):
    text = f"{number:,}"
    if wide:
        text = "".join(unicodedata.lookup(f"FULLWIDTH {unicodedata.name(c)}") for c in text)
    assert read_count(text).value == number


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_finite_number_or_refused(text):
    try:
        assert np.isfinite(read_number(text).value)
    except NotANumber as refused:
        assert refused.id in {"E-NUM-001", "E-NUM-002", "E-NUM-004"}


def test_examples_of_the_docstrings():
    assert doctest.testmod(module).failed == 0


@given(
    st.lists(
        st.one_of(
            st.floats(),
            st.integers(-(10**12), 10**12),
            st.booleans(),
            st.none(),
            st.from_regex(PLAIN, fullmatch=True),
            st.sampled_from(["1,200", " 7", "７", "约800", "", "1e400", "nan", "1_000", "٣", "+5"]),
        )
    )
)
def test_plain_numbers_are_what_the_strict_parser_gives(cells):
    for cell, value in zip(cells, plain_numbers(cells).tolist(), strict=True):
        if not math.isnan(value):
            assert read_number(cell) == Number(value, repaired=False)
        elif isinstance(cell, int | float) and not isinstance(cell, bool):
            assert not math.isfinite(cell)
