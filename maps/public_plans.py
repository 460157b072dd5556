"""What may the public read of a plan's targets?

What the plan promises, what was found, the verdict, what is missing and what is ours. Which rows
and units fall short stays in the planner's tables, and so does every remark that names rows.
Shares of residents go with a count of 1 to 9 that they would give away, as everywhere on the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from carecircle.maps.withheld import FEW, WITHHELD, picked, public_count

OPEN = "plan.open"  # what is missing where the plan alone leaves it open
STATES = ("met", "not_met", "not_assessed", "not_judged", "not_spatial")
AS_WRITTEN = (
    "id",
    "clause",
    "zh",
    "en",
    "rate",
    "measure",
    "operator",
    "target",
    "compared",
    "turns",
    "year",
)


def public_plans(plans: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The plans of ``summary.json`` as the page shows them, at the same places."""
    return [public_plan(plan) for plan in plans]


def public_plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    """One plan with all its targets, and how many there are of each state."""
    targets = [public_target(target) for target in plan["targets"]]
    found = Counter(target["state"] for target in targets)
    return {
        **picked(plan, ("id", "zh", "en", "draft")),
        "counts": {state: found[state] for state in STATES if found[state]},
        "notes": languages(plan["notes"]),
        "targets": targets,
    }


def public_target(target: Mapping[str, Any]) -> dict[str, Any]:
    """One target; lists of the study's rows and units stay behind."""
    remarks = [one for one in target["remarks"] if may_be_read(one)]
    unit = target["gap_unit"]
    people_short = unit is not None and unit["id"] == "persons"
    return {
        **picked(target, AS_WRITTEN),
        "state": state(target),
        "value": public_share(target["value"], target["people"]),
        "value_unit": target["value_unit"] and picked(target["value_unit"], ("zh", "en")),
        "unit": target["unit"] and picked(target["unit"], ("zh", "en")),
        "gap": public_count(target["gap"]) if people_short else target["gap"],
        "gap_unit": unit and picked(unit, ("zh", "en")),
        "other": other_rate(target),
        "missing": languages(one["short"] for one in target["missing"] if one["id"] != OPEN),
        "ours": languages([*target["ours"].values(), *remarks]),
        "notes": languages(target["notes"]),
        "open": target["open"] and picked(target["open"], ("zh", "en")),
        "reason": target["reason"] and picked(target["reason"], ("zh", "en")),
    }


def state(target: Mapping[str, Any]) -> str:
    """The verdict, told apart by whether data are missing or the plan cannot be judged."""
    lacking = [one["id"] for one in target["missing"]]
    return "not_judged" if lacking == [OPEN] else target["verdict"]


def other_rate(target: Mapping[str, Any]) -> dict[str, Any] | None:
    """The walking share beside an administrative one, or the other way about."""
    for one in target["beside"]:
        if one["id"] in ("walking", "administrative") and one["value"] is not None:
            share = public_share(one["value"], one["people"])
            return {**picked(one, ("zh", "en")), "value": share}
    return None


def public_share(value: str | None, people: Mapping[str, int] | None) -> str | None:
    """A share of residents, unless it gives away a handful: of those inside or of the others."""
    if value is None or people is None:
        return value
    if FEW in map(public_count, people.values()):
        return FEW
    others = people["input"] - people["covered"]
    return WITHHELD if public_count(others) == FEW else value


def may_be_read(remark: Mapping[str, Any]) -> bool:
    """Whether a remark names no row and tells of no handful of people."""
    return not remark["names_rows"] and public_count(remark["people"]) != FEW


def languages(said: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Both languages of several sentences, and nothing else of them."""
    return [picked(one, ("zh", "en")) for one in said]
