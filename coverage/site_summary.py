"""The answers of a site-selection study as plain figures, once for every output.

Keys that a plan shares with ``sites`` of a plain run (``chosen``, ``people_gained``,
``percent_after`` ...) mean the same there and here.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from geopandas import GeoDataFrame
from pandas import DataFrame

from carecircle.coverage.candidate_sites import CandidateSites
from carecircle.coverage.measure import by_reason
from carecircle.coverage.result import CircleResult, Coverage, Ledger, cut_percent
from carecircle.coverage.site_seats import FOUND, SeatLedger
from carecircle.coverage.site_study import (
    ROBUST_WORDS,
    AnsweredPlan,
    FrontierAnswer,
    Opened,
    PhasedAnswer,
    Proof,
    RobustAnswer,
    SiteStudy,
    WalkChange,
    Walked,
    goal_words,
)
from carecircle.layers.crs import LONLAT, transformer


def site_study_figures(result: CircleResult) -> dict[str, Any] | None:
    """All figures of a site-selection study; None where none was asked for."""
    study = result.site_study
    if study is None:
        return None
    sites, seats = study.sites, study.question.seats
    return {
        "goal": study.question.goal,
        "goal_words": dict(goal_words(study.question.goal, seats is not None)),
        "conditions": [dict(words) for words in study.conditions],
        "reach_percent": study.question.reach_percent,
        "candidates": len(sites),
        "spacing_m": sites.spacing_m,
        "seats": None if seats is None else asdict(seats),
        "plans": [plan_figures(result, study, sites, plan) for plan in study.plans],
        "frontier": study.frontier and frontier_figures(result, study, study.frontier),
        "robust": robust_figures(result, study, sites),
        "phases": study.phases and phases_figures(study, sites, study.phases),
    }


def plan_figures(
    result: CircleResult, study: SiteStudy, sites: CandidateSites, plan: AnsweredPlan
) -> dict[str, Any]:
    """One plan: what it changes, who is covered before and after, what is proven."""
    before, after = result.coverage.people, plan.after.people
    first = plan.proofs[0]
    return {
        "asked": plan.asked,
        "chosen": opened_figures(study, sites, plan),
        "closed": closed_figures(result.facilities, plan),
        "enlarged": enlarged_figures(result.facilities, plan),
        "seats_before": seat_figures(study.seats_before),
        "seats_after": seat_figures(plan.seats_after),
        "seats_gained": None
        if study.seats_before is None or plan.seats_after is None
        else plan.seats_after.served - study.seats_before.served,
        "seats_by_unit": seat_changes(study.seats_before, plan.seats_after),
        "people_before": ledger_figures(before),
        "people_after": ledger_figures(after),
        "people_gained": after.covered - before.covered,
        "people_covered_after": after.covered,
        "percent_after": after.percent,
        "verdict_after": plan.after.verdict,
        "by_unit": unit_changes(result.coverage, plan.after),
        "people_with_two": plan.twice,
        "worst_town_percent": worst_percent(result, plan.worst_permille),
        "cost": plan.cost,
        "walk": plan.walk and walk_figures(plan.walk),
        "objective": first.value,
        "bound": first.bound,
        "gap_percent": first.gap_percent,
        "status": plan.status,
        "proofs": [proof_figures(proof, study) for proof in plan.proofs],
        "ties": None
        if plan.ties is None
        else {
            "plans": plan.ties.count,
            "complete": plan.ties.complete,
            "in_all": [str(sites.table.index[at]) for at in plan.ties.in_all],
        },
    }


def walk_figures(walk: WalkChange) -> dict[str, Any]:
    """How people walk before and after, and who has no station within the stated walk."""
    return {
        "limit_minutes": walk.limit_ms / 60_000,
        "before": walked_figures(walk.before),
        "after": walked_figures(walk.after),
        "beyond": [
            {"id": one.quarter, "name": one.name, "people": one.people} for one in walk.beyond
        ],
    }


def walked_figures(walked: Walked) -> dict[str, Any]:
    """Exact milliseconds, and minutes for reading."""
    return {
        "people": walked.people,
        "person_ms": walked.person_ms,
        "mean_minutes": minutes(walked.mean_ms),
        "longest_ms": walked.worst_ms,
        "longest_minutes": minutes(walked.worst_ms),
        "people_beyond": walked.people_beyond,
    }


def minutes(ms: int | None) -> float | None:
    """Minutes with two decimals."""
    return None if ms is None else round(ms / 60_000, 2)


def robust_figures(
    result: CircleResult, study: SiteStudy, sites: CandidateSites
) -> dict[str, Any] | None:
    """The plans for the worst world beside those for today; None where none was asked for."""
    question = study.question.robust
    if question is None:
        return None
    return {
        "by": question.by,
        "by_words": dict(ROBUST_WORDS[question.by]),
        "lost_station": question.lost_station,
        "worlds": [dict(words) for words in study.worlds],
        "plans": [robust_plan_figures(result, study, sites, one) for one in study.robust],
    }


def robust_plan_figures(
    result: CircleResult, study: SiteStudy, sites: CandidateSites, one: RobustAnswer
) -> dict[str, Any]:
    """One robust plan: in each world its people, what none can pass, and today's plan there."""
    return {
        "asked": one.asked,
        "chosen": [named_site(study, sites, opened) for opened in one.opened],
        "closed": [
            {"facility_id": str(id), "name": str(name)}
            for id, name in result.facilities["name"].iloc[list(one.closed)].items()
        ],
        "value": one.value,
        "bound": one.bound,
        "status": one.status,
        "worst_world": dict(study.worlds[one.worst_world]),
        "lost": one.lost,
        "worlds": [
            {
                "people_covered": people,
                "bound": best,
                "regret": best - people,
                "people_covered_by_todays_plan": today,
                "regret_of_todays_plan": best - today,
            }
            for people, best, today in zip(one.people, one.best, one.today, strict=True)
        ],
    }


def phases_figures(study: SiteStudy, sites: CandidateSites, phases: PhasedAnswer) -> dict[str, Any]:
    """What opens in which year, and whom it covers."""
    return {
        "status": phases.status,
        "proofs": [proof_figures(proof, study) for proof in phases.proofs],
        "years": [
            {
                "year": one.year,
                "chosen": [named_site(study, sites, opened) for opened in one.opened],
                "people": ledger_figures(one.people),
                "cost_until_then": one.cost,
            }
            for one in phases.years
        ],
    }


def named_site(study: SiteStudy, sites: CandidateSites, one: Opened) -> dict[str, Any]:
    """A candidate by its id, name, street and town, with what it gains and costs."""
    row = sites.table.iloc[one.candidate]
    return {
        "candidate_id": str(sites.table.index[one.candidate]),
        "name": str(row["name"]),
        "street": str(row["street"]),
        "town": str(study.town_of_candidate[one.candidate]),
        "gain_people": one.gain_people,
        "cost": one.cost,
    }


def proof_figures(proof: Proof, study: SiteStudy) -> dict[str, Any]:
    """What is proven about one goal."""
    return {
        "goal": proof.goal,
        "goal_words": dict(goal_words(proof.goal, study.question.seats is not None)),
        "value": proof.value,
        "bound": proof.bound,
        "gap_percent": proof.gap_percent,
        "proven": proof.value == proof.bound,
    }


def opened_figures(
    study: SiteStudy, sites: CandidateSites, plan: AnsweredPlan
) -> list[dict[str, Any]]:
    """The stations that a plan opens, first to open first."""
    where = [one.candidate for one in plan.opened]
    found = sites.table.iloc[where]
    lon, lat = degrees(found)
    return [
        {
            "order": order,
            "candidate_id": str(id),
            "name": str(row["name"]),
            "kind": str(row["kind"]),
            "street": str(row["street"]),
            "town": str(study.town_of_candidate[one.candidate]),
            "gain_people": one.gain_people,
            "cost": one.cost,
            "seats": one.seats,
            "other_service_too": one.candidate in plan.shared,
            "lon": round(float(x), 6),
            "lat": round(float(y), 6),
        }
        for order, (one, id, row, x, y) in enumerate(
            zip(plan.opened, found.index, found.to_dict("records"), lon, lat, strict=True), start=1
        )
    ]


def closed_figures(facilities: DataFrame, plan: AnsweredPlan) -> list[dict[str, Any]]:
    """The stations that a plan closes, and whom each leaves without one."""
    found = facilities.iloc[[one.station for one in plan.closed]]
    return [
        {"facility_id": str(id), "name": str(name), "loss_people": one.loss_people}
        for one, id, name in zip(plan.closed, found.index, found["name"], strict=True)
    ]


def enlarged_figures(facilities: DataFrame, plan: AnsweredPlan) -> list[dict[str, Any]]:
    """The stations that get more places, those that bring most first."""
    found = facilities.iloc[[one.station for one in plan.enlarged]]
    return [
        {
            "order": order,
            "facility_id": str(id),
            "name": str(name),
            "seats": one.seats,
            "gain_people": one.gain_people,
            "cost": one.cost,
        }
        for order, (one, id, name) in enumerate(
            zip(plan.enlarged, found.index, found["name"], strict=True), start=1
        )
    ]


def seat_figures(found: SeatLedger | None) -> dict[str, Any] | None:
    """Who has a place, with the share of those who ask for one."""
    if found is None:
        return None
    counts = {name: getattr(found, name) for name in ("input", *FOUND)}
    return {**counts, "percent": cut_percent(found.served, found.input)}


def seat_changes(before: SeatLedger | None, after: SeatLedger | None) -> list[dict[str, Any]]:
    """Who has a place in each unit of each level, before and after."""
    if before is None or after is None or before.units is None or after.units is None:
        return []
    return [
        {
            **{name: str(was[name]) for name in ("name", "level", "parent")},
            "id": str(id),
            "before": seat_figures(seat_row(was)),
            "after": seat_figures(seat_row(now)),
            "seats_gained": int(now["served"]) - int(was["served"]),
        }
        for id, was, now in zip(
            before.units.index,
            before.units.to_dict("records"),
            after.units.to_dict("records"),
            strict=True,
        )
    ]


def seat_row(row: Any) -> SeatLedger:
    """One unit; fails where its people do not add up."""
    everybody, *found = (int(row[name]) for name in ("input", *FOUND))
    return SeatLedger(everybody, found[0], found[1], found[2], found[3])


def degrees(layer: GeoDataFrame) -> tuple[Any, Any]:
    """Longitudes and latitudes of points."""
    lon, lat = transformer(layer.crs, LONLAT).transform(
        layer.geometry.x.to_numpy(), layer.geometry.y.to_numpy()
    )
    return lon, lat


def ledger_figures(people: Ledger) -> dict[str, Any]:
    """A ledger with its share."""
    return {
        "input": people.input,
        "covered": people.covered,
        "uncovered": people.uncovered,
        "excluded": dict(people.excluded),
        "percent": people.percent,
    }


def unit_changes(before: Coverage, after: Coverage) -> list[dict[str, Any]]:
    """Each unit of each level before and after; id ``""`` is everybody in none of a level."""
    if before.units is None or after.units is None:
        return []
    if not before.units.index.equals(after.units.index):
        raise AssertionError("the units before and after are not the same")
    rows = zip(
        before.units.index,
        before.units.to_dict("records"),
        after.units.to_dict("records"),
        strict=True,
    )
    return [
        {
            "id": str(id),
            "name": str(was["name"]),
            "level": str(was["level"]),
            "parent": str(was["parent"]),
            "before": ledger_figures(unit_ledger(was)),
            "after": ledger_figures(unit_ledger(now)),
            "people_gained": int(now["people_covered"]) - int(was["people_covered"]),
        }
        for id, was, now in rows
    ]


def unit_ledger(row: Any) -> Ledger:
    """The people of one unit; fails where they do not add up."""
    return Ledger(
        input=int(row["people"]),
        covered=int(row["people_covered"]),
        uncovered=int(row["people_uncovered"]),
        excluded=by_reason(row["people_excluded"], row["people_shut_out"]),
    )


def worst_percent(result: CircleResult, permille: int | None) -> float | None:
    """Covered share of the worst-served town; None where it is not known, or without towns."""
    return None if permille is None or result.coverage.units is None else permille / 10


def frontier_figures(
    result: CircleResult, study: SiteStudy, frontier: FrontierAnswer
) -> dict[str, Any]:
    """The trade-offs, from the cheapest on; with seats of those who ask for a place."""
    seats = study.seats_before
    everybody = result.coverage.people.input if seats is None else seats.input
    return {
        "price": frontier.price,
        "complete": frontier.complete,
        "points": [
            {
                "price": one.price,
                "people_covered": one.people,
                "percent": cut_percent(one.people, everybody),
                "people_bound": one.people_bound,
                "worst_town_percent": worst_percent(result, one.worst_permille),
                "proven": one.proven,
            }
            for one in frontier.points
        ],
    }
