"""Who can walk there in time? Walking coverage, of facilities on either side of a boundary.

A home is covered when it reaches a facility of every list within the minutes. Circles of
several minutes are judged each on its own: a facility of the wider one does not stand in for
one of the nearer.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from carecircle.coverage.measure import measure as measure_circle
from carecircle.coverage.plan_measures import (
    CountedGroup,
    Facilities,
    UnitsWith,
    WalkShare,
    WalkTier,
    WalkTiers,
    Words,
)
from carecircle.coverage.result import Circle, Coverage, Ledger
from carecircle.coverage.speeds import SPEEDS_MM_PER_S
from carecircle.coverage.target_goal import Goal
from carecircle.coverage.target_inquiry import Inquiry
from carecircle.coverage.target_register import Mask
from carecircle.coverage.target_result import Answer, Counted, Figure, cut
from carecircle.coverage.target_world import column_of_group
from carecircle.isochrones.minutes import NEVER
from carecircle.isochrones.walkers import WALKERS

MS_PER_MINUTE = 60_000
COUNTED = get_args(CountedGroup)
QUARTERS = Words(zh="小区步行覆盖率", en="quarters within the walk")
LAND = Words(zh="居住用地步行覆盖率", en="residential land within the walk")


def walk_share(ask: Inquiry, measure: WalkShare, goal: Goal) -> Answer:
    """People within the minutes of a facility of each list, in percent of the group."""
    group = ask.target.group
    coverage = covered(ask, group, measure.minutes, measure.walker, measure.each_of, measure.urban)
    if coverage is None:
        return Answer(None)
    people = coverage.people
    turns = note_turn(ask, measure, (measure,), goal, people)
    return Answer(
        percent(people),
        goal.short(people.covered, people.input, 100),
        "persons",
        "walking",
        beside=(*grounds(coverage), *inside_beside(ask, measure)),
        people=counted(people),
        turns=turns,
    )


def walk_tiers(ask: Inquiry, measure: WalkTiers, goal: Goal) -> Answer:
    """Each circle on its own; the lowest share counts, and the circle that lacks most people."""
    circles = [
        (tier, covered(ask, ask.target.group, tier.minutes, measure.walker, tier.each_of,
                       measure.urban))
        for tier in measure.tiers
    ]  # fmt: skip
    told = [(tier, coverage.people) for tier, coverage in circles if coverage is not None]
    if len(told) < len(circles):
        return Answer(None)
    beside = tuple(
        Figure(
            f"{tier.minutes} minutes", circle_words(tier), percent(people), "%",
            people=counted(people),
        )
        for tier, people in told
    )  # fmt: skip
    lowest = min((people for _, people in told), key=percent)
    short = max(goal.short(people.covered, people.input, 100) for _, people in told)
    turns = note_turn(ask, measure, measure.tiers, goal, lowest)
    return Answer(
        percent(lowest), short, "persons", "walking", beside=beside, people=counted(lowest),
        turns=turns,
    )  # fmt: skip


def note_turn(
    ask: Inquiry,
    measure: WalkShare | WalkTiers,
    circles: Sequence[WalkShare | WalkTier],
    goal: Goal,
    found: Ledger,
) -> bool | None:
    """Whether the verdict is another at a speed of the band, which is then told; None where
    nothing is compared.
    """
    if goal.value is None or not ask.target.judged:
        return None
    here, people = group_here(ask, measure.urban)
    turned: dict[int, int] = {}  # people covered, by speed
    for speed in SPEEDS_MM_PER_S:
        within = [within_at(ask, circle, measure.walker, speed, here) for circle in circles]
        within_all = min(int(people[one].sum()) for one in within)
        if goal.met(Fraction(100 * within_all, found.input)) != goal.met(percent(found)):
            turned[speed] = within_all
    if turned:
        shares = {v / 1000: cut(Fraction(100 * n, found.input)) for v, n in turned.items()}
        zh = "、".join(f"{speed:g} 米/秒时为 {share}%" for speed, share in shares.items())
        en = ", ".join(f"{share} % at {speed:g} m/s" for speed, share in shares.items())
        ask.remark(
            f"换一种步速，结论相反：{zh}。",
            f"At another speed of walking the verdict is the opposite: {en}.",
            people=min(*turned.values(), found.input),
        )
    return bool(turned)


def group_here(ask: Inquiry, urban: bool | None) -> tuple[Mask, NDArray[np.int64]]:
    """Which homes count, and the people of the target's group in each of these."""
    residential, homes = ask.world.residential, ask.world.homes
    assert residential is not None and homes is not None
    here: Mask = ask.quarters(urban)[residential.index.get_indexer(homes["block_id"])]
    return here, homes[column_of_group(ask.target.group)].to_numpy(np.int64)[here]


def within_at(
    ask: Inquiry, circle: WalkShare | WalkTier, walker: str, mm_per_s: int, here: Mask
) -> Mask:
    """Which of these homes are within the circle at a speed."""
    lists = [ask.walkable(filters) for filters in circle.each_of]
    ms, attached = to_all(ask, lists, walker, mm_per_s)
    within: Mask = (attached & (ms <= circle.minutes * MS_PER_MINUTE))[here]
    return within


def circle_words(tier: WalkTier) -> Words:
    """What one circle is called."""
    return Words(zh=f"{tier.minutes} 分钟圈步行覆盖率", en=f"walking, {tier.minutes} minutes")


def covered(
    ask: Inquiry,
    group: str,
    minutes: int,
    walker: str,
    each_of: Sequence[Facilities],
    urban: bool | None = None,
) -> Coverage | None:
    """The coverage of a group; None where an input is missing or the group has nobody."""
    lists = [ask.walkable(filters) for filters in each_of]
    quarters, column = ask.quarters(urban), ask.group(group)
    residential, homes = ask.world.residential, ask.world.homes
    if ask.found or residential is None or homes is None:
        return None
    if int(residential[column].to_numpy()[quarters].sum()) == 0:
        ask.lack("residential", column, "nobody")
        return None
    ms, attached = to_all(ask, lists, walker)
    here = quarters[residential.index.get_indexer(homes["block_id"])]
    nobody = np.full(int(here.sum()), pd.NA, object)
    circle = Circle(ask.target.service, column, WALKERS[walker], minutes)
    return measure_circle(
        circle, residential[quarters], homes[here], ms[here], nobody, attached[here], None
    )


def to_all(
    ask: Inquiry, lists: Sequence[Mask], walker: str, mm_per_s: int | None = None
) -> tuple[NDArray[np.int64], Mask]:
    """The walk of each home to the farthest of its nearest facilities of each list."""
    assert ask.world.walks is not None and ask.world.homes is not None
    count = len(ask.world.homes)
    ms, attached = np.zeros(count, np.int64), np.ones(count, bool)
    for chosen in lists:
        if chosen.any():
            nearest, attached = ask.world.walks.homes_to(chosen, walker, mm_per_s)
            ms = np.maximum(ms, nearest)
        else:
            ms = np.full(count, NEVER)
    return ms, attached


def walking_beside(ask: Inquiry, measure: UnitsWith) -> tuple[Figure, ...]:
    """The walking share beside an administrative one, where the measure names minutes.

    What it needs is not needed by the target: it is left empty where it cannot be told.
    """
    if measure.minutes is None or measure.walker is None:
        return ()
    if ask.target.group not in COUNTED:
        return ()
    aside = Inquiry(ask.world, ask.plan, ask.target)
    coverage = covered(
        aside, ask.target.group, measure.minutes, measure.walker, [measure.facilities],
        measure.urban,
    )  # fmt: skip
    words = Words(zh=f"{measure.minutes} 分钟步行覆盖率", en=f"walking, {measure.minutes} minutes")
    if coverage is None:
        return (Figure("walking", words, None, "%"),)
    share, people = percent(coverage.people), counted(coverage.people)
    return (Figure("walking", words, share, "%", people=people), *grounds(coverage))


def inside_beside(ask: Inquiry, measure: WalkShare) -> tuple[Figure, ...]:
    """The administrative share beside a walking one, of the units of the lowest level."""
    units = ask.world.units
    if units is None:
        return ()
    aside = Inquiry(ask.world, ask.plan, ask.target)
    level = units["level"].iloc[-1]
    lowest = units[units["level"] == level]
    if measure.urban is not None:
        lowest = lowest[aside.in_town(lowest, measure.urban)]
    have = np.ones(len(lowest), bool)
    for filters in measure.each_of:
        have &= aside.inside(lowest, level, aside.facilities(filters)) > 0
    words = Words(zh="行政覆盖率（最低一级单位）", en="administrative, units of the lowest level")
    told = len(lowest) and not aside.found
    share = Fraction(100 * int(have.sum()), len(lowest)) if told else None
    return (Figure("administrative", words, share, "%"),)


def grounds(coverage: Coverage) -> tuple[Figure, ...]:
    """Quarters and residential land beside people."""
    return (
        Figure("quarters", QUARTERS, percent(coverage.quarter_count), "%"),
        Figure("land", LAND, percent(coverage.land_m2), "%"),
    )


def counted(ledger: Ledger) -> Counted:
    """The people that the share is made of."""
    return Counted(ledger.covered, ledger.input)


def percent(ledger: Ledger) -> Fraction:
    """The covered share, exactly."""
    return Fraction(100 * ledger.covered, ledger.input) if ledger.input else Fraction(0)
