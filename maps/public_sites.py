"""What the public page tells of proposed sites and of a site-selection study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    study: Mapping[str, Any], sites: Mapping[str, Any], covered: int, placed: int = 0
) -> dict[str, Any]:
    """The plans and the frontier of a site-selection study, told beside the ``sites`` of the run.

    Plans and points of the frontier that differ by a few people would give these away: of such
    the first is shown. ``placed``: who has a place of those told by the study.
    """
    shown = picked(study, ("goal", "goal_words", "conditions", "candidates", "spacing_m"))
    plans = study["plans"]
    told = [covered, sites["people_covered_after"]]
    free = told_apart([*told, *(plan["people_covered_after"] for plan in plans)])[2:]
    shown["plans"] = [
        public_plan(study, plan, covered, is_free)
        for plan, is_free in zip(plans, free, strict=True)
    ]
    if study["seats"] is not None:
        seats = public_seats(plans, [*told, placed])
        for plan, counts in zip(shown["plans"], seats, strict=True):
            plan["seats"] = counts
    shown["frontier"] = study["frontier"] and public_frontier(study["frontier"])
    return shown


def public_seats(plans: Sequence[Mapping[str, Any]], told: Sequence[int]) -> list[dict[str, Any]]:
    """Who has a place today and under each plan; one that would tell of a few is left out.

    Each is told apart from nobody, from all who ask, from whom stations reach and from each
    other: every such difference can be read off the page.
    """
    before = plans[0]["seats_before"]
    reached = [plan["people_covered_after"] for plan in plans]
    served = [before["served"], *(plan["seats_after"]["served"] for plan in plans)]
    free = told_apart([0, before["input"], *told, *reached, *served])[-len(served) :]
    counts = [one if is_free else WITHHELD for one, is_free in zip(served, free, strict=True)]
    shares = [before["percent"], *(plan["seats_after"]["percent"] for plan in plans)]
    told_shares = [share if is_free else None for share, is_free in zip(shares, free, strict=True)]
    return [
        {
            "asking": public_count(before["input"]),
            "served_before": counts[0],
            "percent_before": told_shares[0],
            "served_after": count,
            "percent_after": share,
        }
        for count, share in zip(counts[1:], told_shares[1:], strict=True)
    ]


def public_plan(
    study: Mapping[str, Any], plan: Mapping[str, Any], covered: int, free: bool
) -> dict[str, Any]:
    """One plan, as the proposed sites of a plain run are told, and what it closes."""
    shown = public_sites({**picked(study, ("candidates", "spacing_m")), **plan}, covered)
    if not free:
        gained = shown["people_gained"]
        hidden = gained if gained == FEW else WITHHELD
        shown |= {"people_gained": hidden, "people_covered_after": WITHHELD, "percent_after": None}
    closed, enlarged, chosen = plan["closed"], plan["enlarged"], plan["chosen"]
    changes = [one["loss_people"] for one in closed]
    changes += [one["gain_people"] for one in (*enlarged, *chosen)]
    counts = iter(public_counts(changes))  # one list, as together they make what a plan gains
    shown["closed"] = [{"name": one["name"], "loss_people": next(counts)} for one in closed]
    shown["enlarged"] = [
        {"name": one["name"], "gain_people": next(counts), "seats": one["seats"]}
        for one in enlarged
    ]
    shown["chosen"] = [{**site, "gain_people": next(counts)} for site in shown["chosen"]]
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
