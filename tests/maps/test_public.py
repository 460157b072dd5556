"""What reaches the public: named columns only, and no count of a handful of people."""

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from carecircle.maps.page import page_html
from carecircle.maps.public import (
    FEW,
    WITHHELD,
    public_count,
    public_counts,
    public_map,
    public_people,
    public_summary,
    whole_minutes,
)

COUNTS = st.lists(st.integers(0, 50), max_size=12)


def test_counts_from_one_to_nine_are_withheld():
    shown = [public_count(n) for n in (0, 1, 9, 10, None)]
    assert shown == [0, FEW, FEW, 10, None]


def test_a_single_small_count_takes_the_next_smallest_with_it():
    assert public_counts([500, 4, 60, 30]) == [500, FEW, 60, WITHHELD]
    assert public_counts([500, 4, 6]) == [500, FEW, FEW]
    assert public_counts([500, 0, 60]) == [500, 0, 60]
    assert public_counts([4]) == [FEW]


@given(COUNTS)
def test_no_small_count_can_be_subtracted_out(counts):
    shown = public_counts(counts)
    hidden = [n for n, text in zip(counts, shown, strict=True) if isinstance(text, str)]
    assert not any(isinstance(text, int) and 0 < text < 10 for text in shown)
    others = [n for n in counts if n >= 10]
    if any(0 < n < 10 for n in counts) and others:
        assert len(hidden) >= 2


@given(st.integers(0, 30 * 60_000), st.integers(1, 30))
def test_shown_minutes_keep_the_side_of_the_limit(ms, limit_minutes):
    assert (whole_minutes(ms / 60_000) <= limit_minutes) == (ms <= limit_minutes * 60_000)


def test_no_minutes_stay_no_minutes():
    assert whole_minutes(math.nan) is None


def test_a_share_goes_with_a_withheld_count():
    few = {"input": 400, "covered": 6, "excluded": {"too_far_from_street": 3}, "percent": 1.5}
    assert public_people(few) == {"input": 400, "covered": FEW, "excluded": FEW, "percent": None}


def test_private_columns_do_not_reach_the_page(friendly, private_value):
    assert (friendly.study.residential["contact_phone"] == private_value).all()
    assert (friendly.study.facilities["phone"] == private_value).all()
    html = page_html(friendly.study, friendly.summary)
    assert private_value not in html
    assert "contact_phone" not in html


def test_small_counts_are_not_in_the_embedded_data(friendly):
    # quarters 7, 13 and 21 have 4, 9 and 7 older people
    people = public_map(friendly.study)["circles"][0]["quarters"]["people"]
    assert [people[at] for at in (0, 7, 13, 21)] == [0, FEW, FEW, FEW]
    chosen = public_summary(friendly.summary)["circles"][0]["sites"]["chosen"]
    assert [site["gain_people"] for site in chosen] == [700, WITHHELD, FEW]


def test_the_page_holds_only_what_is_listed(friendly):
    summary = dict(friendly.summary)
    summary["internal_note"] = "draft of the bureau"
    summary["study"] = {**summary["study"], "folder": "/home/somebody"}
    summary["circles"] = [{**circle, "author": "somebody"} for circle in summary["circles"]]
    text = json.dumps(public_summary(summary))
    assert "somebody" not in text
    assert "draft" not in text
