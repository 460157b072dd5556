"""Who still finds a place, when every facility takes only as many as it has places?

Coverage asks who has a facility within the limit. Here a place is used up by whoever takes
it. Of all ways to send people to facilities within their limit, this finds one that places
**most people**, and among those the one with **least walking in total**: a transportation
problem (Hitchcock 1941), solved exactly in whole people and whole milliseconds
(`transport`, and `transport_places` where places are scarce). No facility is filled before
another, so the order of the layers decides nothing.

What is certain: how many people are placed, how long they walk in total, and the shortage
areas. A **shortage area** is a set of homes that have no other facilities within the limit
than full ones, which are full with people of these very homes: the people less the places is
how many are left out, however they are distributed. It is the smallest such set (the minimal
cut of Ford & Fulkerson 1956), which every best assignment shares.

What is one of several equal answers: which of two homes with equal walks gets the last
place. Ties go to the home and the facility that come first.

Limits: people go where the total is best, not where each would rather go; nobody in a
register was asked. A place serves one person. Facilities without a known capacity cannot
take part: the caller leaves them out and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from carecircle.coverage.measure import sums
from carecircle.coverage.transport import assign
from carecircle.coverage.transport_places import fill
from carecircle.isochrones.minutes import ReachTable, nearest_k

# So that people times milliseconds, and the price of a refusal, fit in 64 bits.
MOST_PEOPLE = 10**10
MOST_FACILITIES = 10**6


@dataclass(frozen=True, eq=False)
class Assignment:
    """Who goes where, and who is left without.

    ``placed + without_place + out_of_reach`` are the people of each home.

    Attributes
    ----------
    home, facility : (parts,) int32
        Position of a home and of a facility that takes ``people`` of it; by home.
    people, ms : (parts,) int64
        How many, and the walk of each in milliseconds.
    placed, without_place, out_of_reach : (homes,) int64
        People with a place; people with facilities within the limit, but all places taken;
        people with no facility within the limit.
    used : (facilities,) int64
        Places taken.
    area_of_home, area_of_facility : int32
        Shortage area, numbered by its first facility; -1 outside any.
    """

    home: NDArray[np.int32]
    facility: NDArray[np.int32]
    people: NDArray[np.int64]
    ms: NDArray[np.int64]
    placed: NDArray[np.int64]
    without_place: NDArray[np.int64]
    out_of_reach: NDArray[np.int64]
    used: NDArray[np.int64]
    area_of_home: NDArray[np.int32]
    area_of_facility: NDArray[np.int32]

    @property
    def total_ms(self) -> int:
        """The walks of all who have a place, together."""
        return int((self.people * self.ms).sum())


def assign_places(
    table: ReachTable, people: NDArray[np.int64], places: NDArray[np.int64]
) -> Assignment:
    """Place most people within the limit, with the least walking in total.

    Parameters
    ----------
    table : ReachTable
        Homes within the limit of each facility: a row per facility.
    people : (homes,) int64
        Of the group, 0 or more.
    places : (facilities,) int64
        People each can take, 0 or more.

    Raises
    ------
    ValueError
        People or places are not whole numbers of 0 or more, or do not fit the table, or
        there are more than a million facilities.
    AssertionError
        The assignment is not proven best: one that is not is never returned.
    """
    people = checked_counts("people", people)
    places = checked_counts("places", places)
    if len(places) != len(table) or len(places) > MOST_FACILITIES:
        raise ValueError(f"{len(places)} facilities have places, {len(table)} are in the table")
    by_home = table.transpose(len(people))
    refusal_ms = (len(places) + 1) * int(by_home.ms.max(initial=0)) + 1
    home = np.repeat(np.arange(len(people)), np.diff(by_home.indptr))
    facility = by_home.target.astype(np.int64)
    pairs = by_home, home, facility
    flow, price = best_flow(*pairs, people, places, refusal_ms, scarce(by_home, people, places))
    assert_best(by_home, home, facility, people, places, flow, price, refusal_ms)
    return described(by_home, home, facility, people, places, flow)


def scarce(by_home: ReachTable, people: NDArray[np.int64], places: NDArray[np.int64]) -> bool:
    """Whether places should look for people: there are hardly more places than people.

    Both ways give a best answer; the side that has less to choose from finds it sooner.
    """
    reaching = int(people[np.diff(by_home.indptr) > 0].sum())
    return 20 * int(places.sum()) <= 21 * reaching


def best_flow(
    by_home: ReachTable,
    home: NDArray[np.int64],
    facility: NDArray[np.int64],
    people: NDArray[np.int64],
    places: NDArray[np.int64],
    refusal_ms: int,
    places_look: bool,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """People of each pair and the price of each facility; places look for people, or they for
    places.
    """
    links = linked_facilities(by_home, len(places))
    link_ptr, link = links.indptr.astype(np.int64), links.indices.astype(np.int32)
    rows = by_home.indptr, by_home.target, by_home.ms, people, places, link_ptr, link
    if not places_look:
        flow, price = assign(*rows, refusal_ms)
        return flow, price
    back = np.lexsort((np.repeat(np.arange(len(places)), np.diff(link_ptr)), link))
    near = np.lexsort((home, by_home.ms, facility))
    near_ptr = np.searchsorted(facility[near], np.arange(len(places) + 1)).astype(np.int64)
    flow = fill(*rows, back, near_ptr, near, refusal_ms)
    return flow, prices(by_home, home, facility, places, flow, refusal_ms)


def prices(
    by_home: ReachTable,
    home: NDArray[np.int64],
    facility: NDArray[np.int64],
    places: NDArray[np.int64],
    flow: NDArray[np.int64],
    refusal_ms: int,
) -> NDArray[np.int64]:
    """The highest prices with which nobody who has a place would rather sit elsewhere.

    Nobody pays more than the refusal, and an empty place costs nothing; a facility is then no
    dearer than any other that a member could move to, the move included (Bellman 1958). Where
    the flow is not the best one there are no such prices, and `assert_best` finds that out.
    """
    used = sums(facility, flow, len(places))
    price = np.where(used < places, 0, refusal_ms)
    sits = np.flatnonzero(flow > 0)
    np.minimum.at(price, facility[sits], refusal_ms - by_home.ms[sits])
    count = np.diff(by_home.indptr)[home[sits]]
    seat = np.repeat(sits, count)
    other = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    other += by_home.indptr[home[seat]]
    adds = by_home.ms[other] - by_home.ms[seat]
    for _ in range(len(places) + 1):
        lower = price.copy()
        np.minimum.at(lower, facility[seat], price[facility[other]] + adds)
        if np.array_equal(lower, price):
            break
        price = lower
    return price


def described(
    by_home: ReachTable,
    home: NDArray[np.int64],
    facility: NDArray[np.int64],
    people: NDArray[np.int64],
    places: NDArray[np.int64],
    flow: NDArray[np.int64],
) -> Assignment:
    """The assignment that sends ``flow`` people along each pair."""
    placed = sums(home, flow, len(people))
    reaches = np.diff(by_home.indptr) > 0
    without_place = np.where(reaches, people - placed, 0)
    area_of_home, area_of_facility = shortage_areas(
        by_home, home, facility, without_place, flow, len(places)
    )
    sent = flow > 0
    return Assignment(
        home=home[sent].astype(np.int32),
        facility=by_home.target[sent],
        people=flow[sent],
        ms=by_home.ms[sent],
        placed=placed,
        without_place=without_place,
        out_of_reach=np.where(reaches, 0, people),
        used=sums(facility, flow, len(places)),
        area_of_home=area_of_home,
        area_of_facility=area_of_facility,
    )


def linked_facilities(by_home: ReachTable, n_facilities: int) -> csr_array:
    """Which facilities (rows) share a home with which others (columns, ascending)."""
    reaches = csr_array(
        (np.ones(len(by_home.target), np.int32), by_home.target, by_home.indptr),
        (len(by_home), n_facilities),
    )
    shared = coo_array(reaches.T @ reaches)
    others = shared.row != shared.col
    pairs = (np.ones(others.sum(), bool), (shared.row[others], shared.col[others]))
    links = csr_array(coo_array(pairs, shape=(n_facilities, n_facilities)))
    links.sort_indices()
    return links


def assert_best(
    by_home: ReachTable,
    home: NDArray[np.int64],
    facility: NDArray[np.int64],
    people: NDArray[np.int64],
    places: NDArray[np.int64],
    flow: NDArray[np.int64],
    price: NDArray[np.int64],
    refusal_ms: int,
) -> None:
    """Prove by complementary slackness that nothing is better.

    A home pays the least of walk and price together, or the refusal. Nobody may sit where it
    costs more, nobody be left out where it costs less, and only a full facility has a price.
    """
    used, placed = sums(facility, flow, len(places)), sums(home, flow, len(people))
    costs = by_home.ms + price[facility]
    least = np.full(len(people), refusal_ms)
    np.minimum.at(least, home, costs)
    proven = (
        (flow >= 0).all()
        and (price >= 0).all()
        and (used <= places).all()
        and (placed <= people).all()
        and (costs[flow > 0] == least[home[flow > 0]]).all()
        and (least[placed < people] == refusal_ms).all()
        and (used[price > 0] == places[price > 0]).all()
    )
    if not proven:
        raise AssertionError("the assignment of places is not proven best")


def shortage_areas(
    by_home: ReachTable,
    home: NDArray[np.int64],
    facility: NDArray[np.int64],
    without_place: NDArray[np.int64],
    flow: NDArray[np.int64],
    n_facilities: int,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The shortage area of each home and of each facility; -1 outside any.

    From those without a place to the facilities they reach, to the people who sit there, to
    the facilities which these reach, until nothing is added; then cut into connected parts.
    """
    short = without_place > 0
    full = np.zeros(n_facilities, bool)
    while True:
        full[facility[short[home]]] = True
        sits_there = full[facility] & (flow > 0) & ~short[home]
        if not sits_there.any():
            break
        short[home[sits_there]] = True
    inside = short[home]
    n_homes = len(by_home)
    pairs = (np.ones(inside.sum(), bool), (home[inside], n_homes + facility[inside]))
    size = n_homes + n_facilities
    _, part = connected_components(coo_array(pairs, shape=(size, size)), directed=False)
    of_full = np.unique(part[n_homes:][full], return_index=True)
    number = np.full(part.max(initial=-1) + 1, -1, np.int32)
    number[of_full[0][np.argsort(of_full[1])]] = np.arange(len(of_full[0]))
    return number[part[:n_homes]], number[part[n_homes:]]


def checked_counts(what: str, counts: NDArray[Any]) -> NDArray[np.int64]:
    """Whole numbers of 0 or more, not more in all than fit."""
    counts = np.asarray(counts)
    if counts.dtype.kind not in "iu" or (counts < 0).any():
        raise ValueError(f"{what} must be whole numbers of 0 or more")
    if int(counts.sum(dtype=object)) > MOST_PEOPLE:
        raise ValueError(f"{what} are more than {MOST_PEOPLE} in all")
    return np.ascontiguousarray(counts, np.int64)


# --- tables


def facilities_table(
    assignment: Assignment,
    table: ReachTable,
    people: NDArray[np.int64],
    places: NDArray[np.int64],
) -> DataFrame:
    """One row per facility, in the order of the table.

    ``places``, ``used``, ``free``; ``nearest_people``: who would come if everybody went to
    the nearest facility; ``overloaded``: these are more than the places; ``shortage_area``:
    its number, -1 where everybody who reaches the facility finds a place somewhere.
    """
    only = nearest_k(table, len(people), 1).source[:, 0].astype(np.int64)
    nearest_people = sums(only[only >= 0], people[only >= 0], len(places))
    return DataFrame(
        {
            "places": places,
            "used": assignment.used,
            "free": places - assignment.used,
            "nearest_people": nearest_people,
            "overloaded": nearest_people > places,
            "shortage_area": assignment.area_of_facility,
        }
    )


def shortage_table(
    assignment: Assignment, people: NDArray[np.int64], places: NDArray[np.int64]
) -> DataFrame:
    """One row per shortage area: its people, places, and how many places are missing."""
    n_areas = int(assignment.area_of_facility.max(initial=-1)) + 1
    of_home = assignment.area_of_home.astype(np.int64)
    of_place = assignment.area_of_facility.astype(np.int64)
    table = DataFrame(
        {
            "homes": np.bincount(of_home[of_home >= 0], minlength=n_areas),
            "people": sums(of_home[of_home >= 0], people[of_home >= 0], n_areas),
            "facilities": np.bincount(of_place[of_place >= 0], minlength=n_areas),
            "places": sums(of_place[of_place >= 0], places[of_place >= 0], n_areas),
        },
        index=pd.RangeIndex(n_areas, name="shortage_area"),
    )
    table["missing_places"] = table["people"] - table["places"]
    if table["missing_places"].sum() != assignment.without_place.sum():
        raise AssertionError("the shortage areas do not hold everybody who is without a place")
    return table


def places_by(assignment: Assignment, group: pd.Series) -> DataFrame:
    """People by what they found, of each group of homes: quarters, neighbourhoods or units.

    ``group`` names the group of each home; homes with NA are counted under ``""``.
    """
    counts = DataFrame(
        {
            "people": assignment.placed + assignment.without_place + assignment.out_of_reach,
            "placed": assignment.placed,
            "without_place": assignment.without_place,
            "out_of_reach": assignment.out_of_reach,
        }
    )
    names = pd.Series(np.asarray(group, object), name=str(group.name))
    return counts.groupby(names.fillna("").astype("str")).sum()
