"""How many people the page counts at each door."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given
from hypothesis import strategies as st

from carecircle.maps.public_demand import gathered, page_people
from carecircle.maps.withheld import public_counts


def layers(homes_by_quarter):
    """Quarters in a row, each with homes of so many people."""
    ids = [f"q{at}" for at in range(len(homes_by_quarter))]
    x = np.arange(len(ids)) * 100.0
    quarters = gpd.GeoDataFrame(index=ids, geometry=shapely.box(x, 0, x + 90, 90), crs="EPSG:4547")
    rows = [(ids[at], n) for at, people in enumerate(homes_by_quarter) for n in people]
    homes = pd.DataFrame(rows, columns=["block_id", "people"])
    totals = pd.DataFrame({"people": [sum(people) for people in homes_by_quarter]}, index=ids)
    return quarters, SimpleNamespace(homes=homes, quarters=totals)


def test_a_quarter_that_is_shown_keeps_the_shares_of_the_run():
    people, shared = page_people(*layers([[12, 3], [40]]))
    assert people.tolist() == [12, 3, 40]
    assert shared == 0


def test_small_quarters_are_shared_out_with_their_neighbours():
    # 4 and 7 make 11, over three doors; the 30 stay
    people, shared = page_people(*layers([[4], [5, 2], [30]]))
    assert people.tolist() == [3, 4, 4, 30]
    assert shared == 11


def test_what_is_left_joins_the_group_before_it():
    people, shared = page_people(*layers([[9], [9], [2], [50]]))
    assert people.tolist() == [6, 7, 7, 50]
    assert shared == 20


def test_where_the_small_ones_are_too_few_a_shown_quarter_joins_them():
    # 3 and 4 are 7 together; the smallest shown quarter makes them 27
    people, shared = page_people(*layers([[3], [4], [20], [90]]))
    assert people.tolist() == [9, 9, 9, 90]
    assert shared == 27


def test_fewer_than_ten_in_all_are_not_counted_at_all():
    assert page_people(*layers([[3], [4]])) is None


@given(st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=4), min_size=1, max_size=30))
def test_nobody_is_lost_and_no_withheld_total_can_be_read_off(homes_by_quarter):
    quarters, coverage = layers(homes_by_quarter)
    totals = coverage.quarters["people"].to_numpy()
    found = page_people(quarters, coverage)
    if totals.sum() < 10:
        assert found is None
        return
    people, shared = found
    assert people.sum() == totals.sum()
    assert (people >= 0).all()
    quarter = quarters.index.get_indexer(coverage.homes["block_id"])
    groups = gathered(np.arange(len(totals)), totals)
    assert all(totals[group].sum() >= 10 for group in groups)
    members = [at for group in groups for at in group]
    assert len(members) == len(set(members))
    withheld = [isinstance(shown, str) for shown in public_counts(totals)]
    assert set(np.flatnonzero(withheld)) <= set(members)
    assert shared == totals[members].sum()
    own = ~np.isin(quarter, members)
    assert (people[own] == coverage.homes["people"].to_numpy()[own]).all()
    for group in groups:
        doors = people[np.isin(quarter, group)]
        assert doors.sum() == totals[group].sum()
        assert doors.max() - doors.min() <= 1
