"""Is there enough for so many people? Places per 1,000, and what a rate asks for.

Only people of the base and year that the target names are divided by: those of 2020 never
answer for 2025. What a rate asks for is known as soon as the people are, also where no layer
tells how much there is.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from carecircle.coverage.plan_measures import Demand, Gap, GapPerYear, Need, PerPeople, Words
from carecircle.coverage.target_goal import Goal
from carecircle.coverage.target_inquiry import Inquiry
from carecircle.coverage.target_result import Answer, Figure, cut

ASKED = Words(zh="按目标共需", en="the target asks for")


def per_people(ask: Inquiry, measure: PerPeople, goal: Goal) -> Answer:
    """Places for each 1,000 (or 100) people."""
    supply = ask.total(ask.facilities(measure.facilities), measure.attribute)
    people = divided_by(ask)
    if people == 0:
        return Answer(None)
    asked = Fraction(goal.least(people, measure.per))
    beside = Figure("asked", ASKED, asked, measure.attribute, stands=True)
    short = goal.short(supply, people, measure.per)
    value = measure.per * supply / people
    return Answer(value, short, measure.attribute, beside=(beside,) if goal.value else ())


def need(ask: Inquiry, measure: Need, goal: Goal) -> Answer:
    """Places that the rate asks for."""
    asked, supply = demand(ask, measure)
    return answer(ask, measure, Fraction(asked), asked, supply, stands=asked > 0)


def gap(ask: Inquiry, measure: Gap, goal: Goal) -> Answer:
    """Places that are missing."""
    asked, supply = demand(ask, measure)
    return answer(ask, measure, max(Fraction(0), asked - supply), asked, supply)


def gap_per_year(ask: Inquiry, measure: GapPerYear, goal: Goal) -> Answer:
    """Places to add each year."""
    asked, supply = demand(ask, measure)
    each = max(Fraction(0), (asked - supply) / measure.years)
    return answer(ask, measure, each, asked, supply)


def demand(ask: Inquiry, measure: Demand) -> tuple[int, Fraction]:
    """Whole places that the rate asks for, and those there are."""
    supply = ask.total(ask.facilities(measure.facilities), measure.attribute)
    return ceil(divided_by(ask) * Fraction(measure.rate_per_1000) / 1000), supply


def divided_by(ask: Inquiry) -> int:
    """The people that the target names."""
    target = ask.target
    assert target.population_base is not None  # checked with the plan
    people = ask.people(target.group, target.population_base, target.year)
    if people == 0 and not ask.found:
        ask.lack("residential", target.group, "nobody")
    return people


def answer(
    ask: Inquiry,
    measure: Demand,
    value: Fraction,
    asked: int,
    supply: Fraction,
    stands: bool = False,
) -> Answer:
    """What is asked for, met when there is as much; both figures are told."""
    if not ask.found:
        rate, there = f"{measure.rate_per_1000:f}", cut(supply)
        ask.remark(
            f"按每千人 {rate} 个共需 {asked} 个，现有 {there} 个；够了即达标，不与方案的数字比较。",
            f"At {rate} per 1,000 people {asked} are needed; there are {there}. It is met when "
            "there are enough; the plan's own figure is not compared.",
        )
    short = max(0, ceil(asked - supply))
    return Answer(value, short, measure.attribute, met=short == 0, stands=stands)
