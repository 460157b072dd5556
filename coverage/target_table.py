"""The targets of a study as plain figures, once for every output: JSON, workbook, GeoPackage.

A value is printed cut to two decimals and given exactly beside it (``2500/29``).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from carecircle.coverage.plan_measures import Words
from carecircle.coverage.plan_words import UNITS
from carecircle.coverage.target_goal import compared, unit_of_value
from carecircle.coverage.target_result import (
    Counted,
    Figure,
    Missing,
    PlanResult,
    Remark,
    TargetResult,
    cut,
)
from carecircle.coverage.target_words import missing_words, short_unit

Both = dict[str, str]


def plan_figures(result: PlanResult) -> dict[str, Any]:
    """One plan with all its targets, ready for JSON."""
    plan = result.plan
    return {
        "id": plan.id,
        "type": plan.type,
        "zh": plan.zh,
        "en": plan.en,
        "draft": plan.draft,
        "counts": result.counts(),
        "notes": [both(note) for note in plan.notes],
        "targets": [target_figures(target) for target in result.targets],
    }


def target_figures(result: TargetResult) -> dict[str, Any]:
    """One target: what is promised, what was found, what is missing, what is ours."""
    target = result.target
    return {
        "id": target.id,
        "clause": target.clause,
        "lines": target.lines,
        "zh": target.zh,
        "en": target.en,
        "service": target.service,
        "group": target.group,
        "spatial": target.spatial,
        "judged": target.judged,
        "measure": None if target.measure is None else target.measure.kind,
        "binding": target.binding,
        "verdict": result.verdict,
        "turns": result.turns,
        "rate": result.rate,
        "value": printed(result.value),
        "exact": exactly(result.value),
        "people": counted(result.people),
        "value_unit": unit_words(unit_of_value(target)),
        "compared": compared(target),
        "unit": unit_words(target.unit),
        "operator": target.operator,
        "target": number(target.value),
        "stretch": number(target.stretch),
        "year": target.year,
        "baseline": number(target.base_value),
        "base_year": target.base_year,
        "population_base": target.population_base,
        "gap": result.gap,
        "gap_unit": None if result.gap is None else {"id": result.gap_unit, **gap_words(result)},
        "path": [{"year": year, "add": add} for year, add in result.path],
        "beside": [figure(one) for one in result.beside],
        "lacking": list(result.lacking),
        "missing": [lack(one) for one in result.missing],
        "remarks": [remark(one) for one in result.remarks],
        "ours": {key: both(words) for key, words in result.assumptions.items()},
        "notes": [both(words) for words in target.notes],
        "open": None if target.open is None else both(target.open),
        "reason": None if target.reason is None else both(target.reason),
        "evidence": target.evidence,
    }


def unit_words(unit: str | None) -> Both | None:
    """A unit with its words."""
    return None if unit is None else {"id": unit, **UNITS[unit]}


def figure(one: Figure) -> dict[str, Any]:
    """A further figure."""
    facts = {"id": one.id, **both(one.words), "value": printed(one.value)}
    exact = {"exact": exactly(one.value), "unit": one.unit}
    return {**facts, **exact, "people": counted(one.people)}


def counted(people: Counted | None) -> dict[str, int] | None:
    """The people of a share."""
    return None if people is None else {"covered": people.covered, "input": people.everybody}


def lack(one: Missing) -> dict[str, Any]:
    """A missing input; ``short`` does not say which rows."""
    return {"id": one.name, **both(missing_words(one)), "short": both(missing_words(one, False))}


def remark(one: Remark) -> dict[str, Any]:
    """What was assumed, and whether it tells of people or rows."""
    return {**both(one), "people": one.people, "names_rows": one.names_rows}


def flat_rows(plans: Iterable[PlanResult]) -> list[dict[str, Any]]:
    """A row for each target, for tables: texts and numbers only."""
    return [{"plan": plan.plan.id, **flat(target)} for plan in plans for target in plan.targets]


def flat(result: TargetResult) -> dict[str, Any]:
    """One target as a row; lists joined, both languages one after the other."""
    target = result.target
    missing = [missing_words(one) for one in result.missing]
    walking = [one for one in result.beside if one.id in ("walking", "administrative")]
    said = [*result.assumptions.values(), *result.remarks]
    gap_unit = gap_words(result)
    return {
        "target_id": target.id,
        "clause": target.clause,
        "name_zh": target.zh,
        "name_en": target.en,
        "binding": target.binding,
        "verdict": result.verdict,
        "turns": {True: "yes", False: "no", None: ""}[result.turns],
        "rate": result.rate,
        "value": decimal(result.value),
        "value_unit": unit_of_value(target) or "",
        "operator": target.operator or "",
        "target": decimal(target.value),
        "unit": target.unit or "",
        "year": target.year,
        "baseline": decimal(target.base_value),
        "base_year": target.base_year,
        "gap": result.gap,
        "gap_unit": " ".join(gap_unit.values()),
        "add_by_year": "; ".join(f"{year}: {add}" for year, add in result.path),
        "other_rate": "; ".join(
            f"{one.words.zh} {one.words.en}: {printed(one.value) or '-'} {one.unit}"
            for one in walking
        ),
        "lacking": ", ".join(result.lacking),
        "missing_zh": "；".join(words.zh for words in missing),
        "missing_en": "; ".join(words.en for words in missing),
        "assumed_zh": " ".join(words.zh for words in said),
        "assumed_en": " ".join(words.en for words in said),
    }


def gap_words(result: TargetResult) -> Both:
    """What is short, in both languages; nothing where nothing was judged."""
    if result.gap is None:
        return {}
    return {lang: short_unit(result.gap_unit, lang) for lang in ("zh", "en")}


def both(words: Words) -> Both:
    """Both languages."""
    return {"zh": words.zh, "en": words.en}


def printed(value: Fraction | None) -> str | None:
    """A value as it is printed, cut and never rounded."""
    return None if value is None else cut(value)


def exactly(value: Fraction | None) -> str | None:
    """A value as an exact fraction."""
    return None if value is None else str(value)


def decimal(value: Any) -> float | None:
    """A printed value as a number for tables."""
    return None if value is None else float(cut(Fraction(value)))


def number(value: Any) -> float | None:
    """A figure of a plan as it is written."""
    return None if value is None else float(value)
