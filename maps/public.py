"""What may stand on a page that everybody can read?

Only what is named here: no column of an input reaches the page because it happens to be
there. Counts of people from 1 to 9 are withheld, in the page's data as well as on its
face, because a handful of people in a named quarter are people one knows.

Limits: where exactly one count of a list is withheld, the next smallest is withheld with
it, so that no subtraction from the total gives it back; other combinations of published
figures are not searched for. Totals of the whole study area stand as they are from 10 on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from geopandas import GeoDataFrame, GeoSeries
from pandas import isna

from carecircle.coverage.result import CircleResult, StudyResult
from carecircle.maps.encoding import (
    UNITS_PER_DEGREE,
    Origin,
    encode_points,
    encode_polygons,
    encode_streets,
    units,
)

SMALLEST_COUNT = 10
FEW = "<10"  # shown for a count from 1 to 9
WITHHELD = "*"  # a larger count, kept back because it would give away a smaller one

QUARTER_TOLERANCE_M = 1.0
REACH_TOLERANCE_M = 5.0
STREET_WIDTH_M = 20.0


def public_count(people: int | None) -> int | str | None:
    """A count of people as the public may read it."""
    if people is None:
        return None
    return FEW if 0 < people < SMALLEST_COUNT else int(people)


def public_counts(people: Iterable[int]) -> list[int | str]:
    """The counts of one list; a single small one takes the next smallest with it."""
    exact = [int(count) for count in people]
    shown: list[int | str] = [FEW if 0 < count < SMALLEST_COUNT else count for count in exact]
    if shown.count(FEW) == 1:
        others = [at for at, count in enumerate(exact) if count >= SMALLEST_COUNT]
        if others:
            shown[min(others, key=lambda at: exact[at])] = WITHHELD
    return shown


def whole_minutes(minutes: float) -> int | None:
    """Minutes for the eye: rounded up, so that 15 is shown only for 15 or less."""
    return None if math.isnan(minutes) else math.ceil(minutes)


def picked(source: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The named entries of a mapping, and nothing else."""
    return {name: source[name] for name in names}


# --- figures


def public_summary(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of ``summary.json`` that the page shows, at the same places."""
    bilingual = ("id", "zh", "en")
    return {
        "study": picked(summary["study"], ("name", "date", "map_approval_number")),
        "assumptions": [picked(entry, bilingual) for entry in summary["assumptions"]],
        "attributions": [picked(entry, bilingual) for entry in summary["attributions"]],
        "circles": [public_circle(circle) for circle in summary["circles"]],
    }


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
    shown["quarters"] = picked(circle["quarters"], ("input", "covered", "percent"))
    shown["land_m2"] = picked(circle["land_m2"], ("percent",))
    shown["people_to_target"] = public_count(circle["people_to_target"])
    shown["neighbourhoods"] = public_neighbourhoods(circle["neighbourhoods"])
    shown["sites"] = public_sites(circle["sites"])
    stations = circle["stations_to_target"]
    shown["stations_to_target"] = stations and picked(
        stations, ("count", "lower_bound", "proven", "reachable_percent")
    )
    return shown


def public_people(ledger: Mapping[str, Any]) -> dict[str, Any]:
    """Covered of all; the share goes with a withheld count, which it would give away."""
    covered, everybody = public_count(ledger["covered"]), public_count(ledger["input"])
    withheld = FEW in (covered, everybody)
    return {
        "input": everybody,
        "covered": covered,
        "excluded": public_count(sum(ledger["excluded"].values())),
        "percent": None if withheld else ledger["percent"],
    }


def public_neighbourhoods(rows: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The ranking of under-served neighbourhoods."""
    people = public_counts(row["people"] for row in rows)
    return [
        {**picked(row, ("rank", "name", "quarters")), "people": count}
        for row, count in zip(rows, people, strict=True)
    ]


def public_sites(sites: Mapping[str, Any]) -> dict[str, Any]:
    """The proposed sites, and what is proven about them."""
    shown = picked(sites, ("candidates", "percent_after", "gap_percent", "status"))
    shown["people_gained"] = public_count(sites["people_gained"])
    shown["people_covered_after"] = public_count(sites["people_covered_after"])
    if shown["people_covered_after"] == FEW:
        shown["percent_after"] = None
    gains = public_counts(site["gain_people"] for site in sites["chosen"])
    shown["chosen"] = [
        {"order": site["order"], "gain_people": gain}
        for site, gain in zip(sites["chosen"], gains, strict=True)
    ]
    return shown


# --- shapes


def public_map(study: StudyResult) -> dict[str, Any]:
    """Everything the page draws; shapes as `carecircle.maps.encoding` writes them."""
    extent = study.residential.geometry
    west, south, east, north = units(extent.to_crs(4326).total_bounds).tolist()
    origin = (west, south)
    return {
        "units_per_degree": UNITS_PER_DEGREE,
        "origin": list(origin),
        "extent": [0, 0, east - west, north - south],
        "streets": encode_streets(study.network, origin),
        "quarters": {
            "name": texts(study.residential["name"]),
            "estimated": [bool(value) for value in study.residential["estimated"]],
            "shape": encode_polygons(extent, origin, QUARTER_TOLERANCE_M),
        },
        "circles": [public_shapes(study, circle, origin) for circle in study.circles],
    }


def public_shapes(study: StudyResult, circle: CircleResult, origin: Origin) -> dict[str, Any]:
    """What one circle draws. Quarters stand in the order of the residential layer."""
    quarters = circle.coverage.quarters.reindex(study.residential.index)
    order = circle.candidates["order"]
    chosen = circle.candidates[order.notna()].sort_values("order")
    reach = circle.reach.sort_values("minutes", ascending=False)
    neighbourhoods = circle.neighbourhoods.sort_index()
    return {
        "quarters": {
            "people": public_counts(quarters["people"]),
            "minutes": [whole_minutes(minutes) for minutes in quarters["minutes"]],
            "status": texts(quarters["status"]),
        },
        "facilities": public_facilities(circle.facilities, origin),
        "reach": {
            "minutes": [int(minutes) for minutes in reach["minutes"]],
            "shape": encode_polygons(reach.geometry, origin, REACH_TOLERANCE_M),
        },
        "neighbourhoods": {
            "shape": encode_polygons(around(neighbourhoods.geometry), origin, REACH_TOLERANCE_M),
            "mark": encode_points(neighbourhoods.representative_point(), origin),
        },
        "candidates": encode_points(circle.candidates[order.isna()].geometry, origin),
        "sites": encode_points(chosen.geometry, origin),
    }


def around(neighbourhoods: GeoSeries) -> GeoSeries:
    """One outline around quarters that only a street divides (a closing; a picture only)."""
    grown = neighbourhoods.buffer(STREET_WIDTH_M, join_style="mitre")
    return grown.buffer(-STREET_WIDTH_M, join_style="mitre")


def public_facilities(facilities: GeoDataFrame, origin: Origin) -> dict[str, Any]:
    """Name, kind, capacity and place of the circle's facilities."""
    return {
        "name": texts(facilities["name"]),
        "kind": texts(facilities["kind"]),
        "capacity": [None if isna(seats) else int(seats) for seats in facilities["capacity"]],
        "at": encode_points(facilities.geometry, origin),
    }


def texts(values: Iterable[Any]) -> list[str]:
    """Texts as they are; a missing one is empty."""
    return ["" if isna(value) else str(value) for value in values]
