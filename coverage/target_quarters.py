"""Do quarters have what they must? Those beyond the walk, new ones, large ones, and their land.

A facility stands in a quarter when its point lies within the polygon or on its edge.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.coverage.measure import median_position, sums
from carecircle.coverage.plan_measures import (
    Facilities,
    LandPerPerson,
    QuartersWith,
    QuartersWithout,
    SitesPerLand,
)
from carecircle.coverage.target_goal import Goal
from carecircle.coverage.target_inquiry import Inquiry
from carecircle.coverage.target_register import Mask
from carecircle.coverage.target_result import MOST_IDS, Answer
from carecircle.coverage.target_walking import MS_PER_MINUTE, covered, to_all
from carecircle.isochrones.minutes import NEVER


def quarters_without(ask: Inquiry, measure: QuartersWithout, goal: Goal) -> Answer:
    """Quarters with people of a group that lack what these need, and which they are."""
    lacking: set[str] = set()
    for need in measure.needs:
        coverage = covered(ask, need.group, need.minutes, need.walker, [need.facilities])
        if coverage is not None:
            status = coverage.quarters["status"]
            lacking |= set(status.index[status.isin(["uncovered", "excluded"])])
    residential = ask.world.residential
    if ask.found or residential is None:
        return Answer(None)
    found = [id for id in residential.index if id in lacking]
    too_many = max(0, len(found) - ceil(goal.value)) if goal.value is not None else 0
    listed = labels(residential.loc[found])
    few = None if goal.value is None else too_many == 0
    return Answer(Fraction(len(found)), too_many, "quarters", "walking", few, lacking=listed)


def quarters_with(ask: Inquiry, measure: QuartersWith, goal: Goal) -> Answer:
    """Quarters that have one of each list, in percent of those that must."""
    asked = ask.new_quarters(measure.built_after)
    rate = measure.floor_area_m2_per_100_households
    households = np.zeros(len(asked), np.int64)
    if measure.households_over is not None or rate is not None:
        large, households = ask.households(measure.households_over)
        asked = asked & large if len(large) else asked
    lists = [ask.facilities(filters) for filters in measure.each_of]
    areas = [ask.amounts(chosen, "floor_area_m2") for chosen in lists] if rate else []
    residential = ask.world.residential
    if ask.found or residential is None:
        return Answer(None)
    if not asked.any():
        ask.lack("residential", "quarters", "nobody")
        return Answer(None)
    have = asked.copy()
    for filters, chosen in zip(measure.each_of, lists, strict=True):
        have &= standing(ask, measure, filters, chosen, asked)
    if rate is not None:
        have &= large_enough(ask, lists, areas, households, Fraction(rate), asked)
    found, all_of = int(have.sum()), int(asked.sum())
    lacking = labels(residential[asked & ~have])
    return Answer(
        Fraction(100 * found, all_of), goal.short(found, all_of, 100), "quarters",
        "administrative" if measure.minutes is None else "walking", lacking=lacking,
    )  # fmt: skip


def standing(
    ask: Inquiry, measure: QuartersWith, filters: Facilities, chosen: Mask, asked: Mask
) -> Mask:
    """Which quarters have one inside, or within the minutes where any are named."""
    if measure.minutes is None or measure.walker is None:
        _, quarter = ask.pairs_inside(chosen, asked)
        have = np.zeros(len(asked), bool)
        have[quarter] = True
        return have
    walkable = chosen & ask.walkable(filters)
    ms, attached = to_all(ask, [walkable], measure.walker)
    return quarter_ms(ask, np.where(attached, ms, NEVER)) <= measure.minutes * MS_PER_MINUTE


def quarter_ms(ask: Inquiry, home_ms: NDArray[np.int64]) -> NDArray[np.int64]:
    """When half of a quarter's residents arrive; of one nobody lives in yet, half of its homes."""
    residential, homes = ask.world.residential, ask.world.homes
    assert residential is not None and homes is not None
    quarter = residential.index.get_indexer(homes["block_id"])
    people = homes["population"].to_numpy(np.int64)
    empty = sums(quarter, people, len(residential)) == 0
    weights = np.where(empty[quarter], 1, people)
    middle = median_position(quarter, home_ms, weights, len(residential))
    return np.append(home_ms, NEVER)[middle]


def large_enough(
    ask: Inquiry,
    lists: list[Mask],
    areas: list[list[Fraction]],
    households: NDArray[np.int64],
    per_100: Fraction,
    asked: Mask,
) -> Mask:
    """Which quarters have floor area enough for their households, of all the lists together."""
    area_of = {
        int(row): amount
        for chosen, amounts in zip(lists, areas, strict=True)
        for row, amount in zip(np.flatnonzero(chosen), amounts, strict=True)
    }
    any_of = np.logical_or.reduce(lists)
    inside = [Fraction(0)] * len(asked)
    for facility, quarter in zip(*ask.pairs_inside(any_of, asked), strict=True):
        inside[quarter] += area_of[int(facility)]
    wanted = [per_100 * int(count) / 100 for count in households]
    return np.array([a >= w for a, w in zip(inside, wanted, strict=True)], bool)


def sites_per_land(ask: Inquiry, measure: SitesPerLand, goal: Goal) -> Answer:
    """Sites in or near the new quarters, over the sites that their land makes due."""
    new = ask.new_quarters(measure.built_after)
    chosen = ask.facilities(measure.facilities)
    residential = ask.world.residential
    if ask.found or residential is None:
        return Answer(None)
    land_m2 = int(residential["area_m2"].to_numpy(np.int64)[new].sum())
    due = rounded(Fraction(land_m2, measure.land_m2), measure.rounding)
    ask.remark(
        f"新建居住用地 {land_m2} 平方米，应配 {float(due):g} 处。",
        f"New residential land: {land_m2} m2, which makes {float(due):g} sites due.",
    )
    if due == 0:
        ask.lack("residential", "quarters", "nobody")
        return Answer(None)
    here = int(near_new(ask, measure, chosen, new).sum())
    return Answer(Fraction(here) / due, goal.short(here, due), "facilities")


def near_new(ask: Inquiry, measure: SitesPerLand, chosen: Mask, new: Mask) -> Mask:
    """Which facilities stand in new quarters, or within the minutes of them."""
    facility, _ = ask.pairs_inside(chosen, new)
    near = np.zeros(len(chosen), bool)
    near[facility] = True
    residential, homes = ask.world.residential, ask.world.homes
    if measure.minutes is None or measure.walker is None or homes is None:
        return near
    assert ask.world.walks is not None and residential is not None
    walkers = new[residential.index.get_indexer(homes["block_id"])]
    limit_ms = measure.minutes * MS_PER_MINUTE
    reached = ask.world.walks.facilities_from(walkers, measure.walker, limit_ms)
    return near | (chosen & ask.walkable(measure.facilities) & reached)


def rounded(sites: Fraction, rounding: str) -> Fraction:
    """The sites due, made whole as the plan says."""
    if rounding == "none":
        return sites
    return Fraction(floor(sites) if rounding == "down" else ceil(sites))


def land_per_person(ask: Inquiry, measure: LandPerPerson, goal: Goal) -> Answer:
    """Land of the facilities inside each new quarter for each of its people; the least."""
    target, book = ask.target, ask.world.people
    new, chosen = ask.new_quarters(measure.built_after), ask.facilities(measure.facilities)
    column, amounts = ask.group(target.group), ask.amounts(chosen, "land_area_m2")
    if book.base != target.population_base:
        ask.lack("population", f"{target.group} {target.population_base}")
    residential = ask.world.residential
    if ask.found or residential is None:
        return Answer(None)
    people = residential[column].to_numpy(np.int64)
    asked = new & (people > 0)
    if not asked.any():
        ask.lack("residential", "quarters", "nobody")
        return Answer(None)
    land_of = dict(zip(np.flatnonzero(chosen).tolist(), amounts, strict=True))
    land = [Fraction(0)] * len(people)
    for facility, quarter in zip(*ask.pairs_inside(chosen, asked), strict=True):
        land[quarter] += land_of[int(facility)]
    each = {int(at): land[at] / int(people[at]) for at in np.flatnonzero(asked)}
    short = {at: goal.short(land[at], int(people[at])) for at in each}
    few = [at for at, missing in short.items() if missing]
    lacking = labels(residential.iloc[few])
    return Answer(min(each.values()), sum(short.values()), "land_area_m2", lacking=lacking)


def labels(quarters: GeoDataFrame) -> tuple[str, ...]:
    """The first of some quarters, by id and name where they have any."""
    first = quarters["name"].iloc[:MOST_IDS]
    return tuple(f"{id} {name}".strip() for id, name in first.items())
