"""In how many units is there one? Administrative coverage: inside the boundary.

A facility across the boundary counts for the unit it stands in and for no other, however
near it is. Levels do not stand in for one another: what the town needs is looked for in the
town, what the community needs in the community.
"""

from __future__ import annotations

from fractions import Fraction
from typing import cast

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.coverage.plan_measures import (
    ChangeInUnits,
    LeastPerUnit,
    NamedUnits,
    Tier,
    TiersWith,
    UnitsTitled,
    UnitsWith,
    Words,
)
from carecircle.coverage.target_goal import Goal
from carecircle.coverage.target_inquiry import Inquiry
from carecircle.coverage.target_register import Mask
from carecircle.coverage.target_result import Answer, Figure, named
from carecircle.coverage.target_walking import walking_beside
from carecircle.coverage.target_words import LEVELS
from carecircle.layers.admin_units import column_of

YEAR_END = "-12-31"


def units_with(ask: Inquiry, measure: UnitsWith, goal: Goal) -> Answer:
    """Units with enough facilities inside, in percent of all such units."""
    found = tier_answer(ask, measure, measure.at_least, goal)
    beside = walking_beside(ask, measure)
    return Answer(
        found.value,
        found.short,
        measure.level,
        "administrative",
        None,
        False,
        beside,
        found.lacking,
    )


def tier_answer(ask: Inquiry, tier: Tier, at_least: int, goal: Goal) -> Answer:
    """One tier: the share of its units, and those that lack."""
    inside = ask.facilities(tier.facilities)
    units = ask.units(tier)
    if units is None or ask.found:
        return Answer(None)
    counts = ask.inside(units, tier.level, inside)
    have = counts >= at_least
    share = Fraction(100 * int(have.sum()), len(units))
    short = goal.short(int(have.sum()), len(units), 100)
    return Answer(share, short, tier.level, lacking=names(units, ~have))


def tiers_with(ask: Inquiry, measure: TiersWith, goal: Goal) -> Answer:
    """Each tier on its own; the lowest share counts, what is short is added up."""
    tiers = [tier_answer(ask, tier, 1, goal) for tier in measure.tiers]
    if ask.found:
        return Answer(None)
    beside = tuple(
        Figure(f"tier {tier.level}", level_words(tier), one.value, "%")
        for tier, one in zip(measure.tiers, tiers, strict=True)
    )
    lowest = min((one.value for one in tiers if one.value is not None), default=None)
    lacking = tuple(name for one in tiers for name in one.lacking)
    short = sum(one.short for one in tiers)
    return Answer(lowest, short, "units", "administrative", beside=beside, lacking=lacking)


def level_words(tier: Tier) -> Words:
    """What the share of a tier is called."""
    words = LEVELS[tier.level]
    return Words(zh=f"{words['zh']}一级行政覆盖率", en=f"administrative, level {words['en']}")


def least_per_unit(ask: Inquiry, measure: LeastPerUnit, goal: Goal) -> Answer:
    """The unit with fewest facilities."""
    inside, units = ask.facilities(measure.facilities), ask.units(measure)
    if units is None or ask.found:
        return Answer(None)
    counts = ask.inside(units, measure.level, inside)
    short = np.array([goal.short(int(found)) for found in counts])
    lacking = names(units, short > 0)
    fewest = Fraction(int(counts.min()))
    return Answer(fewest, int(short.sum()), "facilities", "administrative", lacking=lacking)


def named_units(ask: Inquiry, measure: NamedUnits, goal: Goal) -> Answer:
    """How many of the units named have a facility inside."""
    inside, units = ask.facilities(measure.facilities), ask.level(measure.level)
    known = set() if units is None else set(units["name"])
    for name in measure.units:
        if name not in known:
            ask.lack("admin", f"unit={name}")
    if units is None or ask.found:
        return Answer(None)
    chosen = cast(GeoDataFrame, units[units["name"].isin(measure.units)])
    have = ask.inside(chosen, measure.level, inside) > 0
    found = int(chosen["name"][have].nunique())
    return Answer(
        Fraction(found), goal.short(found), measure.level, "administrative",
        lacking=names(chosen, ~have),
    )  # fmt: skip


def units_titled(ask: Inquiry, measure: UnitsTitled, goal: Goal) -> Answer:
    """Units that hold a title: all of them, or the fewest in a unit above."""
    units = ask.level(measure.level)
    above = None if measure.per_unit is None else ask.level(measure.per_unit)
    if units is None:
        ask.lack("admin", measure.title)
        return Answer(None)
    flags = units[measure.title].astype("boolean") if measure.title in units else None
    if flags is None:
        ask.lack("admin", measure.title)
        return Answer(None)
    blank = flags.isna().to_numpy() & (measure.title not in ask.world.blanks_are_no)
    if blank.any():
        ask.lack_rows("admin", measure.title, units.index, blank)
    titled = flags.fillna(False).to_numpy(bool)
    if measure.per_unit is None:
        found = int(titled.sum())
        return Answer(Fraction(found), goal.short(found), measure.level, "administrative")
    if above is None:
        return Answer(None)
    lost = titled & ~units["parent"].isin(above.index).to_numpy()
    if lost.any():
        ask.lack_rows("admin", "parent", units.index, lost)
    counts = units["parent"][titled].value_counts().reindex(above.index, fill_value=0).to_numpy()
    short = np.array([goal.short(int(count)) for count in counts])
    lacking = names(above, short > 0)
    fewest = Fraction(int(counts.min()))
    return Answer(fewest, int(short.sum()), measure.level, "administrative", lacking=lacking)


def change_in_units(ask: Inquiry, measure: ChangeInUnits, goal: Goal) -> Answer:
    """Units that have one now and had none on a day; by year, the fewest of any full year."""
    now = ask.facilities(measure.facilities)
    opened, units = ask.opened(now), ask.units(measure)
    before = ask.facilities(measure.facilities, on=measure.since.isoformat())
    if units is None or ask.found:
        return Answer(None)
    had = ask.inside(units, measure.level, before) > 0
    have = ask.inside(units, measure.level, now) > 0
    gained = have & ~had
    if not measure.per_year:
        found = int(gained.sum())
        return Answer(Fraction(found), goal.short(found), measure.level, "administrative")
    first = first_years(ask, measure, units, now, opened)
    years = full_years(measure.since.isoformat(), ask.world.date, ask.target.year)
    if not years:
        ask.lack("facilities", "opened", "nobody")
        return Answer(None)
    counts = [int((gained & (first == year)).sum()) for year in years]
    beside = tuple(
        Figure(f"year {year}", Words(zh=f"{year} 年", en=str(year)), Fraction(n), "communities")
        for year, n in zip(years, counts, strict=True)
    )
    short = sum(goal.short(n) for n in counts)
    return Answer(Fraction(min(counts)), short, measure.level, "administrative", beside=beside)


def first_years(
    ask: Inquiry,
    measure: Tier,
    units: GeoDataFrame,
    now: Mask,
    opened: NDArray[np.object_],
) -> NDArray[np.int64]:
    """The year in which each unit got its first facility of those there are now; 0: none."""
    assert ask.world.facilities is not None
    unit_of = ask.world.facilities[column_of(measure.level)].fillna("").to_numpy(object)
    years = {
        unit: min(int(day[:4]) for day in opened[now & (unit_of == unit)])
        for unit in set(unit_of[now]) & set(units.index)
    }
    return np.array([years.get(unit, 0) for unit in units.index], np.int64)


def full_years(since: str, date: str, until: int | None) -> list[int]:
    """The whole years after a day, up to the study's day and the target year."""
    begin = int(since[:4]) + 1
    last = int(date[:4]) if date.endswith(YEAR_END) else int(date[:4]) - 1
    return list(range(begin, min(last, until or last) + 1))


def names(units: GeoDataFrame, chosen: Mask) -> tuple[str, ...]:
    """The names of some units, the first of many; ids where they have none."""
    told = [name or str(id) for id, name in units["name"][chosen].items()]
    return named(told)
