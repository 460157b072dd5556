"""What reaches the public: named columns only, and no count of a handful of people."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecircle.maps.page import page_html
from carecircle.maps.public import (
    kind_names,
    public_access,
    public_map,
    public_neighbourhoods,
    public_people,
    public_summary,
    public_units,
    whole_minutes,
)
from carecircle.maps.public_sites import (
    public_plan,
    public_seats,
    public_site_study,
    public_sites,
    public_walk,
)
from carecircle.maps.public_ways import public_ways
from carecircle.maps.withheld import FEW, WITHHELD, public_count, public_counts

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


def test_what_tells_a_small_count_elsewhere_is_withheld_too():
    assert public_counts([500, 60, 30], telling={0}) == [WITHHELD, 60, WITHHELD]
    assert public_counts([500, 0, 60], telling={1}) == [500, 0, 60]


def sites(covered, gains):
    """Figures of the sites as ``summary.json`` holds them."""
    after = covered + sum(gains)
    return {
        "candidates": 9,
        "spacing_m": 100.0,
        "chosen": [{"order": at, "gain_people": gain} for at, gain in enumerate(gains, 1)],
        "people_gained": sum(gains),
        "people_covered_after": after,
        "percent_after": after / 10,
        "gap_percent": 0.0,
        "status": "optimal",
    }


def test_a_small_gain_cannot_be_had_by_subtraction():
    shown = public_sites(sites(400, [6]), 400)
    assert shown["people_gained"] == FEW
    assert (shown["people_covered_after"], shown["percent_after"]) == (WITHHELD, None)


def test_a_small_share_covered_cannot_be_had_by_subtraction():
    shown = public_sites(sites(6, [100, 50]), 6)
    assert shown["people_gained"] == 150
    assert (shown["people_covered_after"], shown["percent_after"]) == (WITHHELD, None)


@given(st.integers(0, 500), st.lists(st.integers(1, 60), max_size=3))
def test_what_sites_gain_and_reach_gives_no_small_count_away(covered, gains):
    shown = public_sites(sites(covered, gains), covered)
    before, gained = public_count(covered), shown["people_gained"]
    after = shown["people_covered_after"]
    if not isinstance(after, str):
        for known in (before, gained):
            assert isinstance(known, str) or not 0 < after - known < 10
    if not gains:
        assert (gained, after) == (0, before)
    assert (shown["percent_after"] is None) == (FEW in (before, gained))


def test_a_few_too_far_from_a_street_cannot_be_had_from_the_neighbourhoods():
    rows = [{"rank": at, "name": "", "quarters": 1, "people": n} for at, n in ((1, 90), (2, 40))]
    counts = [one["people"] for one in public_neighbourhoods(rows, 4)]
    assert counts == [90, WITHHELD]
    assert [one["people"] for one in public_neighbourhoods(rows, 0)] == [90, 40]


def unit(name, everybody, covered, level="", parent=""):
    percent = covered * 1000 // everybody / 10 if everybody else None
    people = {"input": everybody, "covered": covered, "percent": percent}
    return {"name": name, "level": level, "parent": parent, "people": people}


def test_units_withhold_small_counts_and_small_remainders():
    rows = [unit("a", 400, 200), unit("b", 300, 295), unit("c", 8, 3), unit("d", 50, 20)]
    found = [(one["people"]["input"], one["people"]["covered"]) for one in public_units(rows)]
    assert found == [(400, 200), (300, WITHHELD), (FEW, FEW), (WITHHELD, 20)]
    shares = [one["people"]["percent"] for one in public_units(rows)]
    assert shares == [50.0, None, None, None]


def test_units_of_one_parent_are_one_list():
    rows = [
        unit("district", 700, 300, "district"),
        unit("t1", 400, 200, "town", "d"),
        unit("t2", 300, 100, "town", "d"),
        unit("t3", 300, 4, "town", "e"),
        unit("t4", 300, 40, "town", "e"),
    ]
    covered = [one["people"]["covered"] for one in public_units(rows)]
    assert covered == [300, 200, 100, FEW, WITHHELD]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6))
def test_no_unit_tells_a_handful_of_people(pairs):
    rows = [unit("", covered + others, covered) for covered, others in pairs]
    hidden = 0
    for (covered, others), one in zip(pairs, public_units(rows), strict=True):
        shown = one["people"]
        hidden += shown["covered"] == FEW or shown["covered"] == WITHHELD
        if not isinstance(shown["input"], str) and not isinstance(shown["covered"], str):
            assert not 0 < covered < 10
            assert not 0 < others < 10
        else:
            assert shown["percent"] is None
    if hidden:
        assert hidden >= 2 or sum(covered > 0 for covered, _ in pairs) == 1


def test_names_and_streets_of_places_reach_the_page(friendly):
    summary = json.loads(json.dumps(friendly.summary))
    circle = summary["circles"][0]
    circle["sites"]["chosen"][0]["street"] = "长江路"
    circle["neighbourhoods"][0].update(street="中山路", unit="上城街道")
    shown = public_summary(summary)["circles"][0]
    assert [site["street"] for site in shown["sites"]["chosen"]] == ["长江路", "", "学府花园"]
    assert shown["neighbourhoods"][0]["unit"] == "上城街道"


def test_a_proposed_site_is_told_by_the_name_of_its_candidate(friendly):
    summary = json.loads(json.dumps(friendly.summary))
    chosen = summary["circles"][0]["sites"]["chosen"]
    chosen[0].update(name="东地块", kind="plot", rent=5000)
    told = public_summary(summary)["circles"][0]["sites"]["chosen"][0]
    assert told["name"] == "东地块"
    assert set(told) == {"order", "name", "street", "gain_people"}


def test_few_people_beyond_the_stated_walk_are_withheld():
    def walk(before, after):
        figures = {"people": 400, "person_ms": 1, "mean_minutes": 8.2, "longest_ms": 2}
        figures["longest_minutes"] = 11.5
        one, two = ({**figures, "people_beyond": n} for n in (before, after))
        beyond = [{"id": "q1", "name": "小区", "people": after}]
        return {"limit_minutes": 20.0, "before": one, "after": two, "beyond": beyond}

    shown = public_walk(walk(120, 40))
    assert (shown["before"]["people_beyond"], shown["after"]["people_beyond"]) == (120, 40)
    assert set(shown) == {"limit_minutes", "before", "after"}
    assert set(shown["after"]) == {"mean_minutes", "longest_minutes", "people_beyond"}
    shown = public_walk(walk(47, 40))  # their difference would tell of seven
    assert (shown["before"]["people_beyond"], shown["after"]["people_beyond"]) == (47, WITHHELD)
    assert public_walk(walk(40, 3))["after"]["people_beyond"] == FEW
    assert public_walk(walk(40, 3))["after"]["mean_minutes"] is None


def test_each_quarter_names_its_unit(friendly):
    shapes = public_map(friendly.study)
    assert shapes["units"] == ["上城街道", "=2+2"]
    assert shapes["quarters"]["unit"][:3] == [0, 1, -1]


def test_kinds_bear_their_names_in_both_languages(friendly):
    assert kind_names("community-eldercare-station") == {
        "zh": "社区养老服务站",
        "en": "Community elderly-care station",
    }
    other = public_map(friendly.study)["circles"][0]["facilities"]["kind"][0]
    assert other == {"zh": "day_care", "en": "day_care"}


def test_neighbourhoods_of_cells_have_one_outline(friendly):
    # the quarters are 180 m wide and lie 70 m apart: a cell's width closes that, a street's not
    parts = [
        sum(len(area) for area in circle["neighbourhoods"]["shape"])
        for cells in (False, True)
        for circle in public_map(friendly.study, cells)["circles"]
    ]
    quarters, cells = parts[:2], parts[2:]
    assert all(few < many for few, many in zip(cells, quarters, strict=True))


@given(st.integers(0, 30 * 60_000), st.integers(1, 30))
def test_shown_minutes_keep_the_side_of_the_limit(ms, limit_minutes):
    assert (whole_minutes(ms / 60_000) <= limit_minutes) == (ms <= limit_minutes * 60_000)


def test_no_minutes_stay_no_minutes():
    assert whole_minutes(math.nan) is None


def test_a_share_goes_with_a_withheld_count():
    few = {"input": 400, "covered": 6, "excluded": {"too_far_from_street": 3}, "percent": 1.5}
    assert public_people(few) == {
        "input": 400,
        "covered": FEW,
        "excluded": {"too_far_from_street": FEW},
        "percent": None,
    }


def test_places_give_no_small_count_away(friendly):
    access = friendly.summary["circles"][0]["access"]
    places = {**access["places"], "demand": 100, "placed": 60, "without_place": 4}
    shown = public_access({**access, "places": {**places, "out_of_reach": 36}})["places"]
    assert shown == {
        "assessed": "partly",
        "demand_percent": 100.0,
        "demand": 100,
        "placed": 60,
        "without_place": FEW,
        "out_of_reach": WITHHELD,
    }


def test_shares_of_a_handful_at_other_minutes_are_withheld(friendly):
    access = friendly.summary["circles"][0]["access"]
    few = {"input": 400, "covered": 6, "excluded": {}, "percent": 1.5}
    shown = public_access(
        {
            **access,
            "within": [{"minutes": 5, "people": few}],
            "backup": [{"at_least": 1, "people": 6, "percent": 1.5}],
            "band": {"flips": True, "speeds": [{"metres_per_second": 0.6, "people": few}]},
        }
    )
    assert shown["within"] == [{"minutes": 5, "people": {"percent": None}}]
    assert shown["backup"] == [{"percent": None}]
    assert shown["band"]["speeds"][0]["people"] == {"percent": None}


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


def seats_of(served, after, asking=300):
    return {
        "people_covered_after": 200,
        "seats_before": {"input": asking, "served": served, "percent": served / 3},
        "seats_after": {"input": asking, "served": after, "percent": after / 3},
    }


@pytest.mark.parametrize(
    ("served", "after", "shown"),
    [
        (100, 150, (100, 150)),
        (0, 150, (0, 150)),
        (5, 150, (WITHHELD, 150)),  # few have a place
        (100, 104, (100, WITHHELD)),  # few gain one
        (100, 195, (100, WITHHELD)),  # few of the 200 in reach are left without
        (100, 295, (100, WITHHELD)),  # few of all 300 are
        (100, 300, (100, 300)),
        (123, 200, (WITHHELD, 200)),  # few more than the 120 whom access counts
    ],
)
def test_who_has_a_place_is_not_told_where_it_gives_away_a_few(served, after, shown):
    one = public_seats([seats_of(served, after)], [200, 200, 120])[0]
    assert (one["served_before"], one["served_after"]) == shown
    hidden = [count == WITHHELD for count in shown]
    assert [one[f"percent_{when}"] is None for when in ("before", "after")] == hidden


def test_changes_of_a_plan_are_withheld_as_one_list():
    plan = {
        "asked": 1,
        "chosen": [{"order": 1, "street": "", "gain_people": 80}],
        "closed": [],
        "enlarged": [{"name": "A", "gain_people": 4, "seats": 9}],
        "people_gained": 84,
        "people_covered_after": 184,
        "percent_after": 18.4,
        "gap_percent": 0.0,
        "status": "optimal",
        "cost": None,
    }
    shown = public_plan({"candidates": 9, "spacing_m": None}, plan, 100, True)
    assert shown["enlarged"][0]["gain_people"] == FEW
    assert shown["chosen"][0]["gain_people"] == WITHHELD  # else 84 - 80 could be read off


def test_plans_that_differ_by_a_few_people_do_not_give_them_away():
    def plan(after):
        return {
            "asked": 1,
            "chosen": [],
            "closed": [{"name": "A", "loss_people": 3}],
            "people_gained": after - 100,
            "people_covered_after": after,
            "percent_after": after / 10,
            "gap_percent": 0.0,
            "status": "optimal",
            "cost": None,
            "enlarged": [],
        }

    def point(price, people):
        return {"price": price, "people_covered": people, "percent": people / 10}

    study = {
        "goal": "people",
        "goal_words": {"zh": "", "en": ""},
        "conditions": [],
        "candidates": 9,
        "spacing_m": None,
        "seats": None,
        "plans": [plan(150), plan(154), plan(170)],
        "frontier": {
            "price": "stations",
            "complete": True,
            "points": [point(0, 100), point(1, 105), point(2, 120)],
        },
    }
    shown = public_site_study(study, {"people_covered_after": 150}, 100)
    assert [one["people_gained"] for one in shown["plans"]] == [50, WITHHELD, 70]
    assert [one["percent_after"] for one in shown["plans"]] == [15.0, None, 17.0]
    assert [one["closed"][0]["loss_people"] for one in shown["plans"]] == [FEW] * 3
    assert [one["percent"] for one in shown["frontier"]["points"]] == [10.0, None, 12.0]


def way_study(alone, both, *people):
    """An answer about ways, with so many people of each way built, and one that is not."""
    plan = {"people": 1000, "sites": ["c1"], "status": "optimal"}
    ways = [
        {
            "kind": "gate",
            "quarter": "甲",
            "street": "",
            "people_alone": n,
            "chosen": True,
            "id": "w",
        }
        for n in people
    ]
    return {
        "asked": 1,
        "plans": {
            "stations_alone": {**plan, "covered_after": alone},
            "together": {**plan, "covered_after": both},
        },
        "ways": [*ways, {**way_study_other(), "people_alone": 700}],
    }


def way_study_other():
    return {"kind": "short_cut", "quarter": "", "street": "长江路", "chosen": False}


def test_of_ways_the_page_tells_those_built_and_no_few_people():
    [shown] = public_ways([way_study(400, 500, 80, 4, 30)], 300)
    assert [one["people_alone"] for one in shown["chosen"]] == [80, FEW, WITHHELD]
    assert shown["chosen"][0]["kind"] == {"zh": "新出入口", "en": "new gate"}
    assert shown["percent_after"] == 50.0
    assert "长江路" not in str(shown)


@pytest.mark.parametrize(
    ("covered", "alone", "both"), [(300, 495, 500), (495, 495, 500), (3, 50, 60)]
)
def test_a_share_that_tells_of_a_few_people_is_left_out(covered, alone, both):
    [shown] = public_ways([way_study(alone, both, 80)], covered)
    assert shown["percent_after"] is None
