"""Every figure of a study, once, ready for JSON.

Pages, tables and the console take their figures from here and nowhere else, so that two
outputs of one run cannot disagree. Shares are cut, never rounded; what does not exist is
null, never NaN.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import PurePath
from typing import Any

import numpy as np
from geopandas import GeoDataFrame
from pandas import NA, DataFrame, isna

import carecircle
from carecircle.coverage.access_summary import access_figures
from carecircle.coverage.measure import median_position
from carecircle.coverage.plan_words import GROUPS
from carecircle.coverage.result import (
    Circle,
    CircleResult,
    FewestSites,
    Sentence,
    StudyResult,
    cut_percent,
)
from carecircle.coverage.site_summary import ledger_figures, site_study_figures, unit_ledger
from carecircle.coverage.target_table import plan_figures
from carecircle.coverage.way_summary import way_figures
from carecircle.isochrones.certificate import Certificate
from carecircle.layers.crs import LONLAT, transformer
from carecircle.layers.sources import CIRCLE_COHORTS

CIRCLE_NAMES = {
    "elderly": {"zh": "{}分钟养老服务圈", "en": "{}-minute elderly-care circle"},
    "childcare": {"zh": "{}分钟托育服务圈", "en": "{}-minute childcare circle"},
}
GROUP_NAMES = {group: GROUPS[group] for group in CIRCLE_COHORTS}


def study_summary(study: StudyResult) -> dict[str, Any]:
    """All figures of a study."""
    return {
        "carecircle": carecircle.__version__,
        "study": {
            "name": study.name,
            "date": study.date,
            "computed": study.computed,
            "streets_date": study.network.facts.get("data_date"),
            "cells": study.cells,
            "crs": study.crs,
            "map_approval_number": study.map_approval_number,
            "published": study.published,
        },
        "network": plain(study.network.facts),
        "snap": plain(study.snap_facts),
        "assumptions": sentences(study.assumptions),
        "attributions": sentences(study.attributions),
        "parameters": without_folders(plain(study.parameters)),
        "circles": [
            circle_summary(result, result.circle.group in study.estimated)
            for result in study.circles
        ],
        "plans": [plan_figures(plan) for plan in study.plans],
    }


def circle_summary(result: CircleResult, estimated: bool) -> dict[str, Any]:
    """All figures of one circle; ``estimated`` tells whether any of its people are."""
    circle, coverage = result.circle, result.coverage
    studied = site_study_figures(result)
    return {
        "id": circle.id,
        "service": circle.service,
        "name": circle_name(circle),
        "group": {"id": circle.group, **GROUP_NAMES[circle.group]},
        "walker": {
            "id": circle.walker.id,
            "zh": circle.walker.zh,
            "en": circle.walker.en,
            "metres_per_second": circle.walker.metres_per_second,
            "steps_factor": circle.walker.steps_factor,
        },
        "minutes": circle.minutes,
        "target_percent": None if circle.target_percent is None else float(circle.target_percent),
        "estimated": estimated,
        "facilities": len(result.facilities),
        "people": ledger_figures(coverage.people),
        "quarters": ledger_figures(coverage.quarter_count),
        "land_m2": ledger_figures(coverage.land_m2),
        "verdict": coverage.verdict,
        "people_to_target": coverage.people_to_target,
        "minutes_median": minutes_median(coverage.homes),
        "by_unit": [] if coverage.units is None else unit_figures(coverage.units),
        "neighbourhoods": neighbourhood_figures(result.neighbourhoods),
        "quarter_figures": quarter_figures(coverage.quarters),
        "stations": station_facts(result.facilities),
        "sites": site_figures(result),
        **({} if studied is None else {"site_study": studied}),
        **({"site_ways": way_figures(result)} if result.site_ways else {}),
        "stations_to_target": station_figures(result.fewest),
        "access": access_figures(result),
        "simplified_reach": reach_figures(result.areas.simplified_reach),
    }


def reach_figures(reach: GeoDataFrame) -> list[dict[str, Any]]:
    """What was measured of the areas on the page, by their minutes."""
    columns = ["minutes", *(field.name for field in fields(Certificate))]
    rows: list[dict[str, Any]] = plain(DataFrame(reach)[columns].to_dict("records"))
    return rows


def circle_name(circle: Circle) -> dict[str, str]:
    """What the circle is called, such as ``15-minute elderly-care circle``."""
    return {
        lang: name.format(circle.minutes) for lang, name in CIRCLE_NAMES[circle.service].items()
    }


def minutes_median(homes: DataFrame) -> float | None:
    """Minutes within which half of the people arrive, rounded up to one decimal.

    None where more than half never arrive, or where there are no people.
    """
    minutes, people = homes["minutes"].to_numpy(), homes["people"].to_numpy()
    everybody = np.zeros(len(homes), np.int64)
    middle = int(median_position(everybody, minutes, people, 1)[0])  # NaN sorts last
    return None if middle < 0 else rounded_up(minutes[middle])


def unit_figures(units: DataFrame) -> list[dict[str, Any]]:
    """The people of each unit of each level; id ``""`` is everybody in none of a level."""
    return [
        {
            "id": str(unit),
            "name": str(row["name"]),
            "level": str(row["level"]),
            "parent": str(row["parent"]),
            "people": ledger_figures(unit_ledger(row)),
        }
        for unit, row in zip(units.index, units.to_dict("records"), strict=True)
    ]


def site_figures(result: CircleResult) -> dict[str, Any]:
    """The proposed sites, in their order, and what is proven about them."""
    plan, people = result.plan, result.coverage.people
    told = site_facts(result)
    chosen = result.candidates.iloc[list(plan.chosen)]
    lon, lat = transformer(result.candidates.crs, LONLAT).transform(
        chosen.geometry.x.to_numpy(), chosen.geometry.y.to_numpy()
    )
    after = people.covered + plan.people_gained
    return {
        "candidates": len(result.candidates),
        "spacing_m": result.candidate_spacing_m,
        **told,
        "chosen": [
            {
                "order": order,
                "candidate_id": str(site),
                "name": str(name),
                "kind": str(kind),
                "street": str(street),
                "gain_people": gain,
                "lon": round(float(x), 6),
                "lat": round(float(y), 6),
            }
            for order, (site, name, kind, street, gain, x, y) in enumerate(
                zip(
                    chosen.index,
                    *(chosen[column] for column in ("name", "kind", "street")),
                    plan.gains,
                    lon,
                    lat,
                    strict=True,
                ),
                start=1,
            )
        ],
        "people_gained": plan.people_gained,
        "people_covered_after": after,
        "percent_after": cut_percent(after, people.input),
        "bound_people": plan.bound_people,
        "gap_percent": plan.gap_percent,
        "status": plan.status,
    }


def site_facts(result: CircleResult) -> dict[str, Any]:
    """What became of the places: generated ones counted, those of the layers by name."""
    sites = result.sites
    if sites is None:
        return {}
    return {
        "generated": {
            "possible": sites.possible,
            "removed": dict(sites.removed),
            "left": int((sites.table["kind"] == "street").sum()),
        },
        "from_layers": int((sites.table["kind"] != "street").sum()),
        "dominated": int(sites.table["dominated"].sum()),
        "must": [str(id) for id in sites.table.index[sites.must]],
        "left_out": [
            {"candidate_id": str(id), **{name: str(row[name]) for name in row}}
            for id, row in zip(sites.left_out.index, sites.left_out.to_dict("records"), strict=True)
        ],
    }


def neighbourhood_figures(neighbourhoods: DataFrame) -> list[dict[str, Any]]:
    """The under-served neighbourhoods: how many people of whom, how far, and what they lack."""
    groups = [name for name in map(str, neighbourhoods) if name.endswith("_uncovered")]
    return [
        {
            "rank": int(rank),
            "rank_need": int(row["rank_need"]),
            "rank_fairness": int(row["rank_fairness"]),
            "name": str(row["name"]),
            "street": str(row["street"]),
            "unit": str(row["unit"]),
            "town": str(row["town"]),
            "town_percent": number_or_none(row["town_percent"]),
            "people": int(row["people"]),
            "uncovered": {name.removesuffix("_uncovered"): int(row[name]) for name in groups},
            "quarters": int(row["quarters"]),
            "minutes": rounded_up(row["minutes"]),
            "missing": [lack for lack in row["missing"].split(", ") if lack],
            "people_distance": int(row["people_distance"]),
            "people_type": int(row["people_type"]),
            "people_without_place": whole_or_none(row["people_without_place"]),
            "other_facilities": list(row["other_facilities"]),
            "need_person_minutes": int(row["need_person_minutes"]),
        }
        for rank, row in zip(neighbourhoods.index, neighbourhoods.to_dict("records"), strict=True)
    ]


def number_or_none(value: float) -> float | None:
    """A number that JSON knows; None for NaN."""
    return None if np.isnan(value) else float(value)


def whole_or_none(value: Any) -> int | None:
    """A whole number; None where it is not known."""
    return None if isna(value) else int(value)


def rounded_up(minutes: float) -> float | None:
    """Minutes up to one decimal, so that 15.01 never reads as 15; None for NaN."""
    if np.isnan(minutes):
        return None
    return -(-round(float(minutes) * 60_000) // 6_000) / 10


def quarter_figures(quarters: DataFrame) -> list[dict[str, Any]]:
    """People and minutes of each quarter, as the map's popups and the tables show them."""
    return [
        {
            "block_id": str(block),
            "people": int(row["people"]),
            "people_covered": int(row["people_covered"]),
            "minutes": None if np.isnan(row["minutes"]) else round(float(row["minutes"]), 3),
            "status": str(row["status"]),
        }
        for block, row in quarters.to_dict("index").items()
    ]


def station_facts(facilities: DataFrame) -> list[dict[str, Any]]:
    """The circle's existing stations and their capacities."""
    return [
        {
            "facility_id": str(id),
            "name": str(row["name"]),
            "capacity": None if row["capacity"] is NA else int(row["capacity"]),
            "on_island": bool(row["on_island"]),
        }
        for id, row in facilities.iterrows()
    ]


def station_figures(fewest: FewestSites | None) -> dict[str, Any] | None:
    """How many stations the target takes; None without a target."""
    if fewest is None:
        return None
    return {
        "count": fewest.count,
        "lower_bound": fewest.lower_bound,
        "proven": fewest.proven,
        "reachable_percent": fewest.reachable_percent,
    }


def sentences(said: Iterable[Sentence]) -> list[dict[str, str]]:
    """Assumptions or sources in both languages."""
    return [{"id": one.id, "zh": one.zh, "en": one.en} for one in said]


PATHS = {"path", "nodes", "edges", "plans"}  # keys of a study file that hold names of files


def without_folders(parameters: Any) -> Any:
    """Parameters with the names of files but not where they lie on somebody's computer."""
    if isinstance(parameters, Mapping):
        return {
            key: file_names(value) if key in PATHS else without_folders(value)
            for key, value in parameters.items()
        }
    return [without_folders(v) for v in parameters] if isinstance(parameters, list) else parameters


def file_names(path: Any) -> Any:
    """The name of a file, or of each of several, without its folder; None where there is none."""
    if isinstance(path, list):
        return [file_names(p) for p in path]
    return path and PurePath(path).name


def plain(value: Any) -> Any:
    """Facts of the readers as JSON knows them; what is not a number becomes null."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
