"""What the public page tells of new gates and footpaths: those of the plan alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import shapely
from geopandas import GeoSeries

from carecircle.coverage.result import CircleResult, cut_percent
from carecircle.coverage.way_summary import WAY_WORDS
from carecircle.maps.encoding import Origin, encode_points
from carecircle.maps.withheld import FEW, picked, public_count, public_counts, told_apart


def public_ways(studies: Iterable[Mapping[str, Any]], covered: int) -> list[dict[str, Any]]:
    """For each number of stations the ways built with them, and what both bring.

    A share that differs by a few people from that of today or of the stations alone is left out,
    as is one of few people. People of the ways are one list.
    """
    found = []
    for study in studies:
        alone, both = study["plans"]["stations_alone"], study["plans"]["together"]
        told = [covered, alone["covered_after"], both["covered_after"]]
        free = told_apart(told)[2] and FEW not in map(public_count, told)
        chosen = [way for way in study["ways"] if way["chosen"]]
        counts = public_counts(way["people_alone"] for way in chosen)
        found.append(
            {
                "asked": study["asked"],
                "stations": len(both["sites"]),
                "percent_after": cut_percent(both["covered_after"], both["people"])
                if free
                else None,
                "status": both["status"],
                "chosen": [
                    {
                        **picked(way, ("quarter", "street")),
                        "kind": WAY_WORDS[way["kind"]],
                        "people_alone": people,
                    }
                    for way, people in zip(chosen, counts, strict=True)
                ],
            }
        )
    return found


def public_way_lines(result: CircleResult, origin: Origin) -> list[list[list[list[int]]]]:
    """Both ends of each way built, for each number of stations."""
    lines = []
    for found in result.site_ways:
        chosen = found.ways[found.ways["chosen"]]
        ends = [shapely.points(shapely.get_coordinates(line)) for line in chosen["line"]]
        lines.append([encode_points(GeoSeries(both, crs=chosen.crs), origin) for both in ends])
    return lines
