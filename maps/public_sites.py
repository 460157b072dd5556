"""What the public page tells of proposed sites and of a site-selection study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from carecircle.maps.withheld import (
    FEW,
    WITHHELD,
    picked,
    public_count,
    public_counts,
    told_apart,
)


def public_sites(sites: Mapping[str, Any], covered: int) -> dict[str, Any]:
    """The proposed sites, and what is proven about them.

    People covered after are those ``covered`` and those gained: with one of these withheld,
    the sum and its share are withheld too.
    """
    shown = picked(sites, ("candidates", "spacing_m", "percent_after", "gap_percent", "status"))
    shown["people_gained"] = public_count(sites["people_gained"])
    shown["people_covered_after"] = public_count(sites["people_covered_after"])
    if FEW in (shown["people_gained"], public_count(covered)):
        shown["percent_after"] = None
        if shown["people_covered_after"] != FEW:
            shown["people_covered_after"] = WITHHELD
    gains = public_counts(site["gain_people"] for site in sites["chosen"])
    shown["chosen"] = [
        {
            "order": site["order"],
            "name": site.get("name") or "",
            "street": site.get("street") or "",
            "gain_people": gain,
        }
        for site, gain in zip(sites["chosen"], gains, strict=True)
    ]
    return shown


def public_site_study(
    study: Mapping[str, Any], sites: Mapping[str, Any], covered: int
) -> dict[str, Any]:
    """The plans and the frontier of a site-selection study, told beside the ``sites`` of the run.

    Plans and points of the frontier that differ by a few people would give these away: of such
    the first is shown.
    """
    shown = picked(study, ("goal", "goal_words", "conditions", "candidates", "spacing_m"))
    plans = study["plans"]
    told = [covered, sites["people_covered_after"]]
    free = told_apart([*told, *(plan["people_covered_after"] for plan in plans)])[2:]
    shown["plans"] = [
        public_plan(study, plan, covered, is_free)
        for plan, is_free in zip(plans, free, strict=True)
    ]
    shown["frontier"] = study["frontier"] and public_frontier(study["frontier"])
    return shown


def public_plan(
    study: Mapping[str, Any], plan: Mapping[str, Any], covered: int, free: bool
) -> dict[str, Any]:
    """One plan, as the proposed sites of a plain run are told, and what it closes."""
    shown = public_sites({**picked(study, ("candidates", "spacing_m")), **plan}, covered)
    if not free:
        gained = shown["people_gained"]
        hidden = gained if gained == FEW else WITHHELD
        shown |= {"people_gained": hidden, "people_covered_after": WITHHELD, "percent_after": None}
    losses = public_counts(one["loss_people"] for one in plan["closed"])
    shown["closed"] = [
        {"name": one["name"], "loss_people": loss}
        for one, loss in zip(plan["closed"], losses, strict=True)
    ]
    return {**shown, **picked(plan, ("asked", "cost")), "walk": public_walk(plan.get("walk"))}


def public_walk(walk: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """How people walk before and after; who has no station is told as a count, not by name."""
    if not walk:
        return None
    times = ("before", "after")
    beyond = [walk[time]["people_beyond"] for time in times]
    free = told_apart(beyond)
    shown = {
        time: {
            **picked(walk[time], ("mean_minutes", "longest_minutes")),
            "people_beyond": public_count(count) if is_free else WITHHELD,
        }
        for time, count, is_free in zip(times, beyond, free, strict=True)
    }
    if FEW in (one["people_beyond"] for one in shown.values()):
        shown["after"]["mean_minutes"] = None  # with the other mean it could tell of them
    return {"limit_minutes": walk["limit_minutes"], **shown}


def public_frontier(frontier: Mapping[str, Any]) -> dict[str, Any]:
    """The share for each price; what would tell of a few people is left empty."""
    points = frontier["points"]
    free = told_apart([0, *(one["people_covered"] for one in points)])[1:]
    return {
        **picked(frontier, ("price", "complete")),
        "points": [
            {"price": one["price"], "percent": one["percent"] if is_free else None}
            for one, is_free in zip(points, free, strict=True)
        ],
    }
