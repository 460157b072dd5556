"""The figures of new gates and footpaths, for summary.json."""

from __future__ import annotations

from typing import Any

import pandas as pd
from pandas import Series

from carecircle.coverage.result import CircleResult
from carecircle.coverage.way_study import MeasuredPlan

PLANS = ("stations_alone", "ways_alone", "together")
WAY_WORDS = {
    "gate": {"zh": "新出入口", "en": "new gate"},
    "loose_end": {"zh": "接通断头路", "en": "footpath from a dead end"},
    "short_cut": {"zh": "步行捷径", "en": "short cut on foot"},
}


def way_figures(result: CircleResult) -> list[dict[str, Any]]:
    """For each count of stations the three plans and the candidates for ways."""
    people = result.coverage.people
    return [
        {
            "asked": found.asked,
            "found": dict(found.found),
            "plans": {
                name: plan_of(getattr(found, name), people.input, people.covered) for name in PLANS
            },
            "ways": [way_row(str(id), row) for id, row in found.ways.iterrows()],
        }
        for found in result.site_ways
    ]


def plan_of(plan: MeasuredPlan, whole: int, covered: int) -> dict[str, Any]:
    """One plan; those not covered after it, excluded people among them, make up the whole."""
    after = covered + plan.people
    return {
        "sites": list(plan.sites),
        "ways": list(plan.ways),
        "people": whole,
        "covered_before": covered,
        "covered_after": after,
        "not_covered_after": whole - after,
        "people_gained": plan.people,
        "people_of_model": plan.people_of_model,
        "bound_people": plan.bound_people,
        "status": plan.status,
    }


def way_row(id: str, row: Series) -> dict[str, Any]:
    """One candidate, what it brings alone, and what its plan would lose without it."""
    both = row["people_together"]
    return {
        "id": id,
        "kind": row["kind"],
        "quarter": row["quarter"],
        "street": row["street"],
        "length_m": round(float(row["length_m"]), 1),
        "people_alone": int(row["people_alone"]),
        "chosen": bool(row["chosen"]),
        "people_together": None if pd.isna(both) else int(both),
    }
