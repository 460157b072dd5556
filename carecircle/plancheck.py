"""Does a target make sense? What the types of a plan cannot tell by themselves.

Every check notes what it finds, with the place in the plan, and goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from carecircle.coverage.plan import Plan, Target
from carecircle.coverage.plan_measures import (
    CountedGroup,
    Filter,
    GapPerYear,
    LandPerPerson,
    PerPeople,
    Share,
    WalkShare,
    WalkTiers,
    is_percent,
)
from carecircle.coverage.plan_words import COUNT_ATTRIBUTES, UNIT_OF_ATTRIBUTE, UNITS
from carecircle.layers.attributes import NUMBERS, names_of_type
from carecircle.layers.problems import Findings
from carecircle.layers.vocabulary import facility_kinds

COUNTED = get_args(CountedGroup)
# keys of measures that name an attribute that is a number
NAME_ATTRIBUTES = ("attribute", "of", "per", "attributes")


def check_target(target: Target, place: str, found: Findings) -> None:
    """Everything that can be wrong with one target."""
    check_years(target, place, found)
    check_threshold(target, place, found)
    check_kind_of_target(target, place, found)
    check_ours(target, place, found)
    if target.measure is not None:
        check_measure(target, place, found)
        for path, one in filters_in(target.measure, f"{place}.measure"):
            check_filter(one, path, found)


def check_plan(plan: Plan, found: Findings) -> None:
    """What a plan must be as a whole."""
    if plan.type == "standard":
        for target in plan.targets:
            if target.evidence is None:
                found.add("E-PLN-016", column=f"targets.{target.id}.evidence")
    used = set().union(*(target.keys() for target in plan.targets))
    for key in plan.ours:
        if key not in used:
            found.add("E-PLN-015", column=f"ours.{key}")


def check_years(target: Target, place: str, found: Findings) -> None:
    """The year a target starts from comes before the year it is due."""
    base, year = target.base_year, target.year
    if base is not None and year is not None and base >= year:
        found.add("E-PLN-008", column=f"{place}.base_year", value=base, year=year)


def check_threshold(target: Target, place: str, found: Findings) -> None:
    """A figure needs its operator and unit, a base figure its year."""
    together(target, ("value", "operator"), place, found)
    together(target, ("base_value", "base_year"), place, found)
    for key in ("value", "stretch", "base_value"):
        if getattr(target, key) is not None:
            needs(target, key, "unit", place, found)
    if target.stretch is not None:
        needs(target, "stretch", "value", place, found)
    check_figures(target, place, found)
    if target.unit is not None and target.unit not in UNITS:
        known = ", ".join(UNITS)
        found.add("E-PLN-017", column=f"{place}.unit", value=target.unit, known=known)


def check_figures(target: Target, place: str, found: Findings) -> None:
    """Figures that can be, and strive for more than is wanted."""
    for key in ("value", "stretch", "base_value"):
        figure = getattr(target, key)
        if figure is not None and (figure < 0 or (target.unit == "%" and figure > 100)):
            found.add("E-PLN-028", column=f"{place}.{key}", value=figure)
    if target.stretch is not None and target.value is not None and target.stretch <= target.value:
        found.add("E-PLN-029", column=f"{place}.stretch", value=target.stretch, aim=target.value)


def together(target: Target, keys: tuple[str, str], place: str, found: Findings) -> None:
    """Two keys of which neither stands alone."""
    first, second = keys
    needs(target, first, second, place, found)
    needs(target, second, first, place, found)


def needs(target: Target, key: str, other: str, place: str, found: Findings) -> None:
    """A key that asks for another."""
    if getattr(target, key) is not None and getattr(target, other) is None:
        found.add("E-PLN-009", column=f"{place}.{other}", key=key)


def check_kind_of_target(target: Target, place: str, found: Findings) -> None:
    """A spatial target is measured and judged; one that is not says why."""
    wanted = {
        "yes": ("measure", "value"),
        "partly": ("measure", "open"),
        "no": ("reason",),
    }[target.spatial]
    barred = {"yes": ("reason", "open"), "partly": ("reason",), "no": ("measure", "open")}
    for key in wanted:
        if getattr(target, key) is None:
            found.add("E-PLN-010", column=f"{place}.{key}", spatial=target.spatial)
    for key in barred[target.spatial]:
        if getattr(target, key) is not None:
            found.add("E-PLN-018", column=f"{place}.{key}", spatial=target.spatial)
    if target.spatial == "yes" and not target.judged:
        found.add("E-PLN-018", column=f"{place}.judged", spatial=target.spatial)


def check_ours(target: Target, place: str, found: Findings) -> None:
    """What is called ours is there to be ours."""
    keys = target.keys()
    for key in target.ours:
        if key not in keys:
            found.add("E-PLN-015", column=f"{place}.ours.{key}")


def check_measure(target: Target, place: str, found: Findings) -> None:
    """The measure fits the target's people and unit, and its attributes exist."""
    measure = target.measure
    assert measure is not None
    if measure.PER_HEAD and target.population_base is None:
        found.add("E-PLN-007", column=f"{place}.population_base", kind=measure.kind)
    counts_people = measure.PER_HEAD or isinstance(measure, WalkShare | WalkTiers)
    if counts_people and target.group not in COUNTED:
        groups = ", ".join(COUNTED)
        found.add("E-PLN-014", column=f"{place}.group", value=target.group, known=groups)
    compared = target.judged and target.value is not None and target.unit in UNITS
    percent = is_percent(measure)
    if compared and (target.unit == "%") != percent:
        found.add("E-PLN-011", column=f"{place}.unit", value=target.unit, kind=measure.kind)
    elif compared and not percent and not unit_fits(target.unit, measure):
        found.add("E-PLN-027", column=f"{place}.unit", value=target.unit, kind=measure.kind)
    check_walk(measure, f"{place}.measure", found)
    if isinstance(measure, Share) and measure.part is None and measure.of is None:
        found.add("E-PLN-019", column=f"{place}.measure.part")
    if isinstance(measure, Share) and measure.of is not None and measure.attribute is None:
        found.add("E-PLN-009", column=f"{place}.measure.attribute", key="of")
    if isinstance(measure, GapPerYear) and target.year is None:
        found.add("E-PLN-009", column=f"{place}.year", key="years")
    check_attributes(measure, f"{place}.measure", found)


def check_walk(measure: Any, place: str, found: Findings) -> None:
    """Minutes and who walks go together: one without the other would be passed over."""
    keys = ("minutes", "walker")
    told = [key for key in keys if getattr(measure, key, None) is not None]
    if len(told) == 1 and set(keys) <= set(type(measure).model_fields):
        other = "walker" if told == ["minutes"] else "minutes"
        found.add("E-PLN-009", column=f"{place}.{other}", key=told[0])


def unit_fits(unit: str | None, measure: Any) -> bool:
    """Whether a unit counts what the measure does: beds where beds are added up, for each 1,000
    people where people are divided by.
    """
    counted, *per = str(unit).split("/")
    added = getattr(measure, "attribute", None)
    if isinstance(measure, LandPerPerson):
        return unit == "m2/person"
    if isinstance(measure, PerPeople) != (per == ["1000"]):
        return False
    if added is None:
        return counted not in COUNT_ATTRIBUTES
    counted = "m2" if counted == "mu" else counted.split(" ")[0]
    if added == "capacity":
        return counted in ("beds", "seats")
    return counted == UNIT_OF_ATTRIBUTE.get(added, "").split("/")[0]


def check_attributes(measure: Any, place: str, found: Findings) -> None:
    """The attributes that a measure adds up are numbers that layers may hold."""
    numbers = names_of_type(*NUMBERS)
    for key in NAME_ATTRIBUTES:
        named = getattr(measure, key, None)
        if named is None or isinstance(named, int):
            continue
        known = names_of_type("count", "area", "flag") if key == "attributes" else numbers
        for name in named if isinstance(named, tuple) else (named,):
            if name not in known:
                found.add("E-PLN-006", column=f"{place}.{key}", value=name, known=", ".join(known))


def check_filter(one: Filter, place: str, found: Findings) -> None:
    """Kinds, flags and attributes of a filter exist, and it lets not everything pass."""
    for slug in one.kinds or ():
        if slug not in facility_kinds():
            found.add("E-PLN-005", column=f"{place}.kinds", value=slug)
    flags = names_of_type("flag")
    for name in one.flags or ():
        if name not in flags:
            found.add("E-PLN-006", column=f"{place}.flags", value=name, known=", ".join(flags))
    numbers = names_of_type(*NUMBERS)
    for name in one.at_least:
        if name not in numbers:
            known = ", ".join(numbers)
            found.add("E-PLN-006", column=f"{place}.at_least", value=name, known=known)
    named = (one.service, one.kinds, one.flags, one.services, one.names, one.at_least)
    if not any(named):
        found.add("E-PLN-020", column=place)


def filters_in(table: Any, place: str) -> Iterator[tuple[str, Filter]]:
    """Every filter of a measure, with its place."""
    if isinstance(table, Filter):
        yield place, table
    elif isinstance(table, tuple):
        for at, item in enumerate(table):
            yield from filters_in(item, f"{place}.{at}")
    elif hasattr(table, "model_fields_set"):
        for key in type(table).model_fields:
            yield from filters_in(getattr(table, key), f"{place}.{key}")
