"""What stands beside what? Facilities with another within so many metres."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import shapely

from carecircle.coverage.plan_measures import Adjacent
from carecircle.coverage.target_goal import Goal
from carecircle.coverage.target_inquiry import Inquiry
from carecircle.coverage.target_register import Mask
from carecircle.coverage.target_result import Answer
from carecircle.coverage.target_supply import ids, some


def adjacent(ask: Inquiry, measure: Adjacent, goal: Goal) -> Answer:
    """Facilities with one of the other sort near, in percent of all of them.

    Nothing stands beside itself: what is of both sorts needs another one near.
    """
    pairs = [(ask.facilities(pair.facilities), ask.facilities(pair.to)) for pair in measure.pairs]
    if ask.found or ask.world.facilities is None:
        return Answer(None)
    every = np.logical_or.reduce([chosen for chosen, _ in pairs])
    if not some(ask, every):
        return Answer(None)
    near = np.zeros(len(every), bool)
    for chosen, others in pairs:
        near |= beside(ask, measure, chosen, others)
    found, all_of = int(near.sum()), int(every.sum())
    lacking = ids(ask.index[every & ~near])
    return Answer(Fraction(100 * found, all_of), goal.short(found, all_of, 100), lacking=lacking)


def beside(ask: Inquiry, measure: Adjacent, chosen: Mask, others: Mask) -> Mask:
    """Which of the chosen have one of the others near, along the streets or straight."""
    if measure.by == "walk":
        assert ask.world.walks is not None
        return ask.world.walks.beside(chosen, others, measure.metres)
    assert ask.world.facilities is not None
    points = ask.world.facilities.geometry.to_numpy()
    some_rows, other_rows = np.flatnonzero(chosen), np.flatnonzero(others)
    tree = shapely.STRtree(points[other_rows])
    at, near = tree.query(points[some_rows], predicate="dwithin", distance=measure.metres)
    apart = some_rows[at] != other_rows[near]
    found = np.zeros(len(chosen), bool)
    found[some_rows[at[apart]]] = True
    return found
