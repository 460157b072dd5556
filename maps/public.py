"""What may stand on a page that everybody can read?

Only what is named here: no column of an input reaches the page because it happens to be
there. Counts of people from 1 to 9 are withheld, in the page's data as well as on its
face, because a handful of people in a named quarter are people one knows.

Where exactly one count of a list is withheld, the next smallest is withheld with it, so
that no subtraction from the total gives it back; so is what remains of a reporting unit,
and what is reached with the proposed sites. Limits: other combinations of published figures
are not searched for. Totals of the whole study area stand as they are from 10 on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from geopandas import GeoDataFrame, GeoSeries
from pandas import isna

from carecircle.coverage.result import CircleResult, StudyResult
from carecircle.layers.admin_units import column_of
from carecircle.layers.vocabulary import facility_kinds
from carecircle.maps.encoding import (
    UNITS_PER_DEGREE,
    Origin,
    encode_points,
    encode_streets,
    packed_areas,
    units,
)
from carecircle.maps.public_sites import public_site_study, public_sites
from carecircle.maps.public_walks import public_walks
from carecircle.maps.public_ways import public_way_lines, public_ways
from carecircle.maps.withheld import (
    FEW,
    SMALLEST_COUNT,
    picked,
    public_count,
    public_counts,
)

QUARTER_TOLERANCE_M = 1.0
NEIGHBOURHOOD_TOLERANCE_M = 5.0
STREET_WIDTH_M = 20.0
# What is told of each area on the map: homes are counted, none is named.
REACH_FIGURES = ("minutes", "late_percent", "overshoot_s", "homes_not_reached", "homes_left_out")


def whole_minutes(minutes: float) -> int | None:
    """Minutes for the eye: rounded up, so that 15 is shown only for 15 or less."""
    return None if math.isnan(minutes) else math.ceil(minutes)


# --- figures


def public_summary(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of ``summary.json`` that the page shows, at the same places."""
    bilingual = ("id", "zh", "en")
    return {
        "study": public_study(summary["study"]),
        "assumptions": [picked(entry, bilingual) for entry in summary["assumptions"]],
        "attributions": [picked(entry, bilingual) for entry in summary["attributions"]],
        "circles": [public_circle(circle) for circle in summary["circles"]],
    }


def public_study(study: Mapping[str, Any]) -> dict[str, Any]:
    """Its name, its dates as far as they are known, and how people are given."""
    dates = {key: study.get(key) for key in ("date", "computed", "streets_date")}
    shown = picked(study, ("name", "map_approval_number", "published"))
    return {**shown, **dates, "cells": bool(study.get("cells"))}


def public_circle(circle: Mapping[str, Any]) -> dict[str, Any]:
    """One circle's figures."""
    shown = picked(
        circle,
        ("id", "service", "minutes", "target_percent", "estimated", "facilities", "verdict"),
    )
    shown["name"] = picked(circle["name"], ("zh", "en"))
    shown["group"] = picked(circle["group"], ("zh", "en"))
    shown["walker"] = picked(circle["walker"], ("zh", "en", "metres_per_second"))
    shown["people"] = public_people(circle["people"])
    excluded = sum(circle["people"]["excluded"].values())
    shown["quarters"] = picked(circle["quarters"], ("input", "covered", "percent"))
    shown["land_m2"] = picked(circle["land_m2"], ("percent",))
    shown["people_to_target"] = public_count(circle["people_to_target"])
    shown["by_unit"] = public_units(circle["by_unit"])
    shown["neighbourhoods"] = public_neighbourhoods(circle["neighbourhoods"], excluded)
    shown["sites"] = public_sites(circle["sites"], circle["people"]["covered"])
    shown["access"] = public_access(circle["access"])
    shown["simplified_reach"] = [picked(row, REACH_FIGURES) for row in circle["simplified_reach"]]
    if "site_study" in circle:
        shown["site_study"] = public_site_study(
            circle["site_study"],
            circle["sites"],
            circle["people"]["covered"],
            circle["access"]["places"].get("placed", 0),
        )
    if "site_ways" in circle:
        shown["site_ways"] = public_ways(circle["site_ways"], circle["people"]["covered"])
    stations = circle["stations_to_target"]
    shown["stations_to_target"] = stations and picked(
        stations, ("count", "lower_bound", "proven", "reachable_percent")
    )
    return shown


def public_access(access: Mapping[str, Any]) -> dict[str, Any]:
    """Shares of the whole area at other minutes and speeds, and how many find a place.

    Those who have a place, have none and reach none make up all who look for one: their
    counts are withheld as one list.
    """
    band, doubt = access["band"], access["doubt"]
    return {
        "within": [
            {"minutes": row["minutes"], "people": public_share(row["people"])}
            for row in access["within"]
        ],
        "backup": [
            {"percent": row["percent"] if public_count(row["people"]) != FEW else None}
            for row in access["backup"]
        ],
        "band": {
            "flips": band["flips"],
            "speeds": [
                {
                    "metres_per_second": row["metres_per_second"],
                    "people": public_share(row["people"]),
                }
                for row in band["speeds"]
            ],
        },
        "places": public_places(access["places"]),
        "doubt": doubt and picked(doubt, ("met_percent",)),
    }


def public_share(ledger: Mapping[str, Any]) -> dict[str, Any]:
    """The share alone."""
    return {"percent": public_people(ledger)["percent"]}


def public_places(places: Mapping[str, Any]) -> dict[str, Any]:
    """How many look for a place and what they find, where that is assessed."""
    shown: dict[str, Any] = {"assessed": places["assessed"]}
    if places["assessed"] == "not_assessed":
        return shown
    found = ("placed", "without_place", "out_of_reach")
    counts = public_counts(places[name] for name in found)
    return {
        **shown,
        "demand_percent": places["demand_percent"],
        "demand": public_count(places["demand"]),
        **dict(zip(found, counts, strict=True)),
    }


def public_people(ledger: Mapping[str, Any]) -> dict[str, Any]:
    """Covered of all; the share goes with a withheld count, which it would give away."""
    covered, everybody = public_count(ledger["covered"]), public_count(ledger["input"])
    withheld = FEW in (covered, everybody)
    return {
        "input": everybody,
        "covered": covered,
        "excluded": {reason: public_count(n) for reason, n in ledger["excluded"].items()},
        "percent": None if withheld else ledger["percent"],
    }


def public_units(rows: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The reporting units: people and covered of each; the share goes with either.

    Units of one parent make up the parent: their counts are withheld as one list.
    """
    shown: list[dict[str, Any]] = [{}] * len(rows)
    families: dict[tuple[str, str], list[int]] = {}
    for at, row in enumerate(rows):
        families.setdefault((row.get("level", ""), row.get("parent", "")), []).append(at)
    for family in families.values():
        people = public_ledgers([rows[at]["people"] for at in family])
        for at, figures in zip(family, people, strict=True):
            names = {"name": rows[at]["name"], "level": rows[at].get("level", "")}
            shown[at] = {**names, "people": figures}
    return shown


def public_ledgers(ledgers: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """People and covered of each of several areas that make up another."""
    remaining = [ledger["input"] - ledger["covered"] for ledger in ledgers]
    telling = {at for at, people in enumerate(remaining) if 0 < people < SMALLEST_COUNT}
    everybody = public_counts(ledger["input"] for ledger in ledgers)
    covered = public_counts((ledger["covered"] for ledger in ledgers), telling)
    return [
        {
            "input": whole,
            "covered": part,
            "percent": None if str in (type(whole), type(part)) else ledger["percent"],
        }
        for ledger, whole, part in zip(ledgers, everybody, covered, strict=True)
    ]


def public_neighbourhoods(rows: list[Mapping[str, Any]], excluded: int) -> list[dict[str, Any]]:
    """The ranking of under-served neighbourhoods.

    They and the ``excluded`` people make up all that are not covered, so that their counts
    are withheld as one list.
    """
    people = public_counts([*(row["people"] for row in rows), excluded])[: len(rows)]
    return [
        {
            **picked(row, ("rank", "name", "quarters")),
            **found_by(row),
            "people": count,
            "minutes": row.get("minutes"),
        }
        for row, count in zip(rows, people, strict=True)
    ]


def found_by(row: Mapping[str, Any]) -> dict[str, str]:
    """What else somebody can find the place by; empty where it is not known."""
    return {key: row.get(key) or "" for key in ("street", "unit")}


# --- shapes


def public_map(study: StudyResult, cells: bool = False) -> dict[str, Any]:
    """Everything the page draws; shapes as `carecircle.maps.encoding` writes them.

    ``cells`` tells that the quarters are cells of a population grid.
    """
    extent = study.residential.geometry
    west, south, east, north = units(extent.to_crs(4326).total_bounds).tolist()
    origin = (west, south)
    walks = public_walks(study, origin)
    gap_m = cell_width_m(extent) if cells else STREET_WIDTH_M
    return {
        "units_per_degree": UNITS_PER_DEGREE,
        "origin": list(origin),
        "extent": [0, 0, east - west, north - south],
        "walk": walks,
        "streets": None if walks else encode_streets(study.network, origin),
        "quarters": {
            "name": texts(study.residential["name"]),
            "unit": units_of_quarters(study),
            "estimated": [bool(value) for value in study.residential["estimated"]],
            "shape": packed_areas(extent, origin, QUARTER_TOLERANCE_M),
        },
        "units": unit_names(study),
        "circles": [public_shapes(study, circle, origin, gap_m) for circle in study.circles],
    }


def unit_names(study: StudyResult) -> list[str]:
    """The reporting units' names; none where no units were given."""
    given = study.circles[0].coverage.units
    return [] if given is None else texts(given["name"])


def units_of_quarters(study: StudyResult) -> list[int]:
    """Position of each quarter's smallest unit among `unit_names`, -1 for none."""
    given = study.circles[0].coverage.units
    nowhere = [-1] * len(study.residential)
    if given is None:
        return nowhere
    position = {unit: at for at, unit in enumerate(given.index) if unit}
    smallest = column_of(given["level"].iloc[-1])  # the highest level stands first
    ids = study.residential.get(smallest, study.residential.get("admin_id", nowhere))
    return [position.get(unit, -1) for unit in ids]


def public_shapes(
    study: StudyResult, circle: CircleResult, origin: Origin, gap_m: float
) -> dict[str, Any]:
    """What one circle draws. Quarters stand in the order of the residential layer."""
    quarters = circle.coverage.quarters.reindex(study.residential.index)
    order = circle.candidates["order"].reset_index(drop=True)
    plans = [] if circle.site_study is None else circle.site_study.plans
    # the longest walk first, as a longer walk's ground holds a shorter one's
    reach = circle.areas.simplified_reach.sort_values("minutes", ascending=False)
    neighbourhoods = circle.neighbourhoods.sort_index()
    outlines = around(neighbourhoods.geometry, gap_m)
    return {
        "quarters": {
            "people": public_counts(quarters["people"]),
            "minutes": [whole_minutes(minutes) for minutes in quarters["minutes"]],
            "status": texts(quarters["status"]),
        },
        "facilities": public_facilities(circle.facilities, origin),
        "reach": {
            "minutes": [int(minutes) for minutes in reach["minutes"]],
            "shape": packed_areas(reach.geometry, origin, 0.0),
        },
        "neighbourhoods": {
            "shape": packed_areas(outlines, origin, NEIGHBOURHOOD_TOLERANCE_M),
            "mark": encode_points(neighbourhoods.representative_point(), origin),
        },
        "candidates": encode_points(circle.candidates.geometry, origin),
        "sites": order.dropna().sort_values().index.tolist(),
        "site_ways": public_way_lines(circle, origin),
        "site_plans": [
            {
                "opened": [one.candidate for one in plan.opened],
                "closed": [one.station for one in plan.closed],
            }
            for plan in plans
        ],
    }


def cell_width_m(cells: GeoSeries) -> float:
    """Width of the usual cell of a grid."""
    return float(np.sqrt(cells.area.median()))


def around(neighbourhoods: GeoSeries, gap_m: float) -> GeoSeries:
    """One outline around quarters that only a gap divides (a closing; a picture only)."""
    return neighbourhoods.buffer(gap_m, join_style="mitre").buffer(-gap_m, join_style="mitre")


def public_facilities(facilities: GeoDataFrame, origin: Origin) -> dict[str, Any]:
    """Name, kind, capacity and place of the circle's facilities."""
    return {
        "name": texts(facilities["name"]),
        "kind": [kind_names(kind) for kind in texts(facilities["kind"])],
        "capacity": [None if isna(seats) else int(seats) for seats in facilities["capacity"]],
        "at": encode_points(facilities.geometry, origin),
    }


def kind_names(kind: str) -> dict[str, str]:
    """A kind as the vocabulary calls it in both languages, any other as it was written."""
    known = facility_kinds().get(kind)
    return {"zh": known.zh, "en": known.en} if known else {"zh": kind, "en": kind}


def texts(values: Iterable[Any]) -> list[str]:
    """Texts as they are; a missing one is empty."""
    return ["" if isna(value) else str(value) for value in values]
