"""How much is there? Facilities, places and areas, and shares of them.

A share of nothing is not assessed: a promise is not kept because nobody is concerned.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from carecircle.coverage.plan_measures import Complete, Count, Least, Ratio, Share, Sum
from carecircle.coverage.target_goal import Goal, unit_of
from carecircle.coverage.target_inquiry import Inquiry
from carecircle.coverage.target_register import Mask
from carecircle.coverage.target_result import Answer, named


def count(ask: Inquiry, measure: Count, goal: Goal) -> Answer:
    """Facilities that count."""
    found = int(ask.facilities(measure.facilities).sum())
    return Answer(Fraction(found), goal.short(found))


def total(ask: Inquiry, measure: Sum, goal: Goal) -> Answer:
    """An attribute summed over the facilities that count."""
    found = ask.total(ask.facilities(measure.facilities), measure.attribute)
    return Answer(found, goal.short(found), measure.attribute)


def least(ask: Inquiry, measure: Least, goal: Goal) -> Answer:
    """The smallest value; what is short is summed over all that have too little."""
    chosen = ask.facilities(measure.facilities)
    amounts = ask.amounts(chosen, measure.attribute)
    if not some(ask, chosen):
        return Answer(None)
    short = [goal.short(amount) for amount in amounts]
    few = ask.index[np.flatnonzero(chosen)[np.array(short) > 0]]
    return Answer(min(amounts), sum(short), measure.attribute, lacking=ids(few))


def share(ask: Inquiry, measure: Share, goal: Goal) -> Answer:
    """Part of the whole, in percent."""
    whole = ask.facilities(measure.whole)
    part = whole if measure.part is None else ask.facilities(measure.part) & whole
    if measure.attribute is None:
        some_of, all_of = Fraction(int(part.sum())), Fraction(int(whole.sum()))
    else:
        some_of = ask.total(part, measure.attribute)
        all_of = ask.total(whole, measure.of or measure.attribute)
    if not some(ask, whole) or all_of == 0:
        nothing(ask)
        return Answer(None)
    short = goal.short(some_of, all_of, 100)
    return Answer(100 * some_of / all_of, short, unit_of(measure.attribute))


def ratio(ask: Inquiry, measure: Ratio, goal: Goal) -> Answer:
    """One quantity for each of another."""
    chosen = ask.facilities(measure.facilities)
    of, per = ask.total(chosen, measure.attribute), ask.total(chosen, measure.per)
    if per == 0:
        nothing(ask)
        return Answer(None)
    short = goal.short(of, per, measure.times)
    return Answer(measure.times * of / per, short, measure.attribute)


def complete(ask: Inquiry, measure: Complete, goal: Goal) -> Answer:
    """Facilities of which all these attributes are told, in percent."""
    chosen = ask.facilities(measure.facilities)
    told = chosen
    for attribute in measure.attributes:
        told = told & ask.known(chosen, attribute)
    if not some(ask, chosen):
        return Answer(None)
    found, all_of = int(told.sum()), int(chosen.sum())
    blank = ask.index[chosen & ~told]
    return Answer(Fraction(100 * found, all_of), goal.short(found, all_of, 100), lacking=ids(blank))


def some(ask: Inquiry, chosen: Mask) -> bool:
    """Whether there is any; noted where there is none."""
    if chosen.any():
        return True
    nothing(ask)
    return False


def nothing(ask: Inquiry) -> None:
    """Note that there is nothing to judge by, unless it is known why."""
    if not ask.found:
        ask.lack("facilities", "facilities", "nobody")


def ids(index: object) -> tuple[str, ...]:
    """The first of some ids."""
    return named([str(id) for id in index])  # type: ignore[attr-defined]
