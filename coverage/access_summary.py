"""The measures of access as figures, ready for JSON, each part with what it assumes.

Shares are cut, indices rounded to four decimals, places per 1,000 to two: all that is shown
anywhere comes from here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pandas import DataFrame

from carecircle.coverage.access import CircleAccess
from carecircle.coverage.access_words import circle_sentences
from carecircle.coverage.evenness import Evenness
from carecircle.coverage.measure import by_reason
from carecircle.coverage.other_walkers import AMOUNTS
from carecircle.coverage.places import FOUND, METHODS, Places
from carecircle.coverage.plan_words import GROUPS
from carecircle.coverage.result import CircleResult, Ledger, cut_percent
from carecircle.coverage.uncertainty import Uncertainty
from carecircle.isochrones.minutes import NEVER

LOW, MIDDLE, HIGH = 0.05, 0.5, 0.95  # of the draws
PARTS = ("", "_covered", "_uncovered", "_excluded", "_shut_out")
AREAS = ("quarters", "land_m2")
AREA_PARTS = ("input", "covered", "uncovered", "excluded", "shut_out")


def access_figures(result: CircleResult) -> dict[str, Any]:
    """All figures of access of one circle."""
    access, circle = result.access, result.circle
    everybody = result.coverage.people.input
    return {
        "assumptions": [
            {"id": one.id, "zh": one.zh, "en": one.en} for one in circle_sentences(result)
        ],
        "within": [
            row | {name: area_ledger(access, name, row["minutes"]) for name in AREAS}
            for row in within_figures(rows_of_group(access, circle.group))
        ],
        "by_group": [
            {
                "group": group_name(str(group)),
                "within": within_figures(rows_of_group(access, str(group))),
            }
            for group in access.groups.index.unique("group")
            if group != circle.group
        ],
        "households_unknown": access.households_unknown,
        "curve": {
            "minutes": access.curve.index.tolist(),
            "nearest": access.curve["nearest"].tolist(),
            "second": access.curve["second"].tolist(),
        },
        "backup": [
            {"at_least": least, "people": people, "percent": cut_percent(people, everybody)}
            for least, people in enumerate(access.backup, start=1)
        ],
        "closures": [
            {"facility_id": str(id), "people_lost": int(people)}
            for id, people in access.closures["people_lost"].items()
        ],
        "band": band_figures(access),
        "walkers": walker_figures(access),
        "evenness": [evenness_figures(one) for one in access.evenness],
        "worst_served": [
            {
                "block_id": str(block),
                "minutes": number(row["minutes"], 3),
                "people": int(row["people"]),
            }
            for block, row in access.worst.to_dict("index").items()
        ],
        "worst_tenth_minutes": minutes_up(access.worst_tenth_ms),
        "places": places_figures(access, circle.demand_percent),
        "doubt": doubt_figures(access.doubt),
        "by_unit": [] if access.units is None else unit_figures(access, circle.group),
        "quarters": quarter_figures(access.quarters),
    }


def rows_of_group(access: CircleAccess, group: str) -> DataFrame:
    """The counts of one group, by minutes."""
    rows = access.groups[access.groups.index.get_level_values("group") == group]
    return rows.droplevel("group")


def within_figures(rows: DataFrame) -> list[dict[str, Any]]:
    """The ledger of one group at each of the minutes."""
    return [
        {
            "minutes": int(minutes),
            "people": ledger(*(row[f"people{part}"] for part in PARTS)),
        }
        for minutes, row in zip(rows.index, rows.to_dict("records"), strict=True)
    ]


def ledger(
    whole: Any, covered: Any, uncovered: Any, excluded: Any, shut_out: Any
) -> dict[str, Any]:
    """Counts that must balance, with their share; ``shut_out`` are some of the excluded."""
    reasons = by_reason(int(excluded), int(shut_out))
    counted = Ledger(int(whole), int(covered), int(uncovered), reasons)
    return {
        "input": counted.input,
        "covered": counted.covered,
        "uncovered": counted.uncovered,
        "excluded": dict(counted.excluded),
        "percent": counted.percent,
    }


def area_ledger(access: CircleAccess, amount: str, minutes: int) -> dict[str, Any]:
    """The ledger of quarters or of land at one of the minutes."""
    row = access.areas.xs((amount, minutes))
    return ledger(*(row[part] for part in AREA_PARTS))


def group_name(group: str) -> dict[str, str]:
    """A group with its names; the column ``population`` is everybody."""
    return {"id": group, **GROUPS["total" if group == "population" else group]}


def band_figures(access: CircleAccess) -> dict[str, Any]:
    """Coverage and verdict at each speed, and whether the verdict flips."""
    return {
        "flips": access.flips,
        "speeds": [
            {
                "metres_per_second": mm_per_s / 1000,
                "people": ledger(*(row[f"people{part}"] for part in PARTS)),
                "verdict": row["verdict"],
                "people_to_target": int(row["people_to_target"]),
            }
            for mm_per_s, row in zip(access.band.index, access.band.to_dict("records"), strict=True)
        ],
    }


def walker_figures(access: CircleAccess) -> list[dict[str, Any]]:
    """Coverage and verdict for each other walker, and whether the verdict is another."""
    return [
        {
            "id": str(id),
            "zh": row["zh"],
            "en": row["en"],
            **{what: ledger(*(row[f"{what}{part}"] for part in PARTS)) for what in AMOUNTS},
            "verdict": row["verdict"],
            "people_to_target": int(row["people_to_target"]),
            "flips": bool(row["flips"]),
            "by_unit": walker_units(access, str(id)),
            "by_quarter": walker_quarters(access, str(id)),
        }
        for id, row in access.walkers.to_dict("index").items()
    ]


def walker_units(access: CircleAccess, walker: str) -> list[dict[str, Any]]:
    """The people of each unit of each level as one other walker finds them."""
    table = access.walker_units
    if table is None:
        return []
    return [
        {
            "id": str(unit),
            "name": str(row["name"]),
            "level": str(row["level"]),
            "people": ledger(*(row[f"people{part}"] for part in PARTS)),
        }
        for unit, row in records_of(table, walker)
    ]


def walker_quarters(access: CircleAccess, walker: str) -> list[dict[str, Any]]:
    """The people of each quarter, and the minutes of one other walker."""
    return [
        {
            "block_id": str(block),
            "people": ledger(*(row[f"people{part}"] for part in PARTS)),
            "minutes": number(row["minutes"], 3),
            "status": str(row["status"]),
        }
        for block, row in records_of(access.walker_quarters, walker)
    ]


def records_of(table: DataFrame, walker: str) -> list[tuple[Any, Any]]:
    """The rows of one walker, each with its index."""
    rows = table[table["walker"] == walker]
    return list(zip(rows.index, rows.to_dict("records"), strict=True))


def evenness_figures(one: Evenness) -> dict[str, Any]:
    """Indices of one amount, those who have nothing beside them."""
    return {
        "amount": one.amount,
        "people": one.people,
        "without": one.without,
        "without_percent": cut_percent(one.without, one.people),
        "gini": number(one.gini, 4),
        "palma": number(one.palma, 4),
        "lorenz": None if one.lorenz is None else [number(share, 4) for share in one.lorenz],
        "theil": number(one.theil, 4),
        "by_level": [
            {
                "level": level,
                "between": number(parts.between, 4),
                "within": number(parts.within, 4),
            }
            for level, parts in one.by_level
        ],
    }


def places_figures(access: CircleAccess, demand_percent: str) -> dict[str, Any]:
    """Places and who finds one; what is missing where that cannot be said."""
    unknown = {
        "without_capacity": list(access.without_capacity),
        "with_none": list(access.empty),
    }
    places = access.places
    if places is None:
        return {"assessed": "not_assessed", **unknown}
    found = places.assignment
    counts = {
        "placed": int(found.placed.sum()),
        "without_place": int(found.without_place.sum()),
        "out_of_reach": int(found.out_of_reach.sum()),
    }
    if sum(counts.values()) != places.demand:
        raise AssertionError("the people who look for a place do not add up")
    return {
        "assessed": "partly" if access.without_capacity else "assessed",
        **unknown,
        "places": places.places,
        "people": places.people,
        "demand_percent": float(demand_percent),
        "demand": places.demand,
        **counts,
        "only_unknown": places.only_unknown,
        "placed_percent": cut_percent(counts["placed"], places.demand),
        "mean_minutes": number(places.mean_minutes, 1),
        "per_1000": per_1000(places.places, places.people),
        "stranded_places": places.stranded_places,
        "facilities": facility_figures(places),
        "shortages": shortage_figures(places),
        "neighbourhoods": [
            {"rank": int(row["rank"]), **{name: int(row[name]) for name in FOUND}}
            for row in places.neighbourhoods.reset_index().to_dict("records")
        ],
    }


def per_1000(places: int, people: int) -> float | None:
    """Places per 1,000 people, cut to two decimals; None of nobody."""
    return places * 100_000 // people / 100 if people else None


def facility_figures(places: Places) -> list[dict[str, Any]]:
    """What each facility of known capacity gives; a shortage area of 0 is none."""
    whole = ("places", "used", "free", "nearest_people", "shortage_area")
    return [
        {
            "facility_id": str(id),
            **{name: int(row[name]) for name in whole},
            "overloaded": bool(row["overloaded"]),
        }
        for id, row in places.facilities.to_dict("index").items()
    ]


def shortage_figures(places: Places) -> list[dict[str, Any]]:
    """Where places run short, however they are handed out."""
    return [
        {
            "shortage_area": int(row["shortage_area"]),
            "name": str(row["name"]),
            "unit": str(row["unit"]),
            "people": int(row["people"]),
            "places": int(row["places"]),
            "missing_places": int(row["missing_places"]),
            "block_ids": [str(id) for id in row["block_ids"]],
            "facility_ids": [str(id) for id in row["facility_ids"]],
        }
        for row in places.shortages.reset_index().to_dict("records")
    ]


def doubt_figures(doubt: Uncertainty | None) -> dict[str, Any] | None:
    """What the draws gave; None where nothing was drawn."""
    if doubt is None:
        return None
    return {
        "draws": len(doubt.percent),
        "percent_low": cut_tenth(doubt.quantile(LOW)),
        "percent_middle": cut_tenth(doubt.quantile(MIDDLE)),
        "percent_high": cut_tenth(doubt.quantile(HIGH)),
        "met_probability": number(doubt.met_probability, 3),
        "met_percent": cut_tenth(percent_of(doubt.met_probability)),
        "flips": doubt.flips,
    }


def unit_figures(access: CircleAccess, group: str) -> list[dict[str, Any]]:
    """Each unit of each level: every group, the minutes, choices and places."""
    assert access.units is not None
    groups = access.groups.index.unique("group")
    rows = []
    for unit, row in zip(access.units.index, access.units.to_dict("records"), strict=True):
        figures: dict[str, Any] = {
            "id": str(unit),
            "name": str(row["name"]),
            "level": str(row["level"]),
            "by_group": [
                {
                    "id": str(name),
                    "people": ledger(*(row[f"{name}{part}"] for part in PARTS)),
                }
                for name in groups
            ],
            "within": {str(minutes): int(row[f"within_{minutes}"]) for minutes in access.minutes},
            "backup": [int(row[f"choice_{least}"]) for least in (1, 2, 3)],
        }
        if "places" in row:
            figures["places"] = int(row["places"])
            figures["per_1000"] = per_1000(int(row["places"]), int(row[group]))
        if access.places is not None:
            figures |= {name: int(row[name]) for name in FOUND}
        rows.append(figures)
    return rows


def quarter_figures(quarters: DataFrame) -> list[dict[str, Any]]:
    """What is told of each quarter beside its coverage."""
    methods = [name for name in METHODS if name in quarters]
    found = [name for name in FOUND if name in quarters]
    rows = []
    for block, row in quarters.to_dict("index").items():
        figures = {
            "block_id": str(block),
            "homes": int(row["homes"]),
            "percent_within": number(row["percent_within"], 1),
            "second_minutes": number(row["second_minutes"], 3),
            "facilities_within": int(row["facilities_within"]),
            "people_two": int(row["people_two"]),
            "at_speeds": str(row["at_speeds"]),
            **{name: int(row[name]) for name in found},
            **{f"per_1000_{name}": number(row[name], 2) for name in methods},
        }
        if not np.isnan(row["probability"]):
            figures["probability"] = number(row["probability"], 3)
        rows.append(figures)
    return rows


# --- numbers


def number(value: float | None, decimals: int) -> float | None:
    """A number for JSON; None for none."""
    return None if value is None or np.isnan(value) else round(float(value), decimals)


def percent_of(share: float | None) -> float | None:
    """A share in percent."""
    return None if share is None else 100 * share


def cut_tenth(percent: float | None) -> float | None:
    """A share cut to one decimal; a billionth is rounding."""
    return None if percent is None else float(np.floor(10 * percent + 1e-9) / 10)


def minutes_up(ms: int | None) -> float | None:
    """Minutes rounded up to one decimal; None for nobody and for never."""
    return None if ms is None or ms == NEVER else -(-ms // 6_000) / 10
