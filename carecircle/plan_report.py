"""Lines for the terminal: plans, their targets, and one target in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from carecircle.coverage.plan import Plan, Target
from carecircle.coverage.plan_measures import Words
from carecircle.coverage.plan_words import EVIDENCE, GROUPS, KEYS, UNITS
from carecircle.coverage.target_words import VERDICT_WORDS
from carecircle.layers.problems import Language

SPATIAL = {
    "yes": {"zh": "可计算", "en": "computed"},
    "partly": {"zh": "部分可计算", "en": "partly"},
    "no": {"zh": "与空间无关", "en": "not spatial"},
}
BINDING = {
    "binding": {"zh": "约束性", "en": "binding"},
    "expected": {"zh": "预期性", "en": "expected"},
}
OPERATORS = {">=": "≥", ">": ">", "=": "="}


def summary_of(plan: Plan) -> dict[str, Any]:
    """What a plan is called and how many targets of each sort it has, ready for JSON."""
    counts = Counter[str](target.spatial for target in plan.targets)
    return {
        "id": plan.id,
        "type": plan.type,
        "zh": plan.zh,
        "en": plan.en,
        "targets": len(plan.targets),
        **{spatial: counts[spatial] for spatial in SPATIAL},
    }


def summary_line(plan: Plan, lang: Language) -> str:
    """The same on one line."""
    summary = summary_of(plan)
    sorts = [f"{words[lang]} {summary[spatial]}" for spatial, words in SPATIAL.items()]
    count = f"{summary['targets']} 项" if lang == "zh" else f"{summary['targets']} targets"
    joined = "，".join(sorts) if lang == "zh" else ", ".join(sorts)
    return f"{plan.id}  {summary[lang]}  {count} ({joined})"


def plan_lines(plan: Plan, lang: Language) -> Iterator[str]:
    """A plan: its name, remarks, and a line for each target."""
    yield summary_line(plan, lang)
    if plan.draft:
        yield "征求意见稿" if lang == "zh" else "a draft for comment"
    yield from (f"  · {said(note, lang)}" for note in plan.notes)
    for target in plan.targets:
        mark = "" if target.spatial == "yes" else f"  [{SPATIAL[target.spatial][lang]}]"
        yield f"{target.id}  {said(target, lang)}  {figure(target, lang)}{mark}"


def counts_line(plan: Mapping[str, Any], lang: Language) -> str:
    """How many targets of a judged plan are met, not met, or cannot be told."""
    counts = [f"{VERDICT_WORDS[name][lang]} {count}" for name, count in plan["counts"].items()]
    return (
        f"{plan['id']}：{'，'.join(counts)}"
        if lang == "zh"
        else (f"{plan['id']}: {', '.join(counts)}")
    )


def judged_lines(plan: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """A judged plan: the counts, then each target that layers can tell."""
    yield counts_line(plan, lang)
    for target in plan["targets"]:
        if target["verdict"] == "not_spatial":
            continue
        unit = "" if target["unit"] is None else target["unit"][lang]
        value = "" if target["value"] is None else f"  {target['value']} {unit}"
        yield f"{target['id']}  {target[lang]}{value}  {VERDICT_WORDS[target['verdict']][lang]}"
        yield from (f"    {missing[lang]}" for missing in target["missing"])


def target_lines(plan: Plan, target: Target, lang: Language) -> Iterator[str]:
    """One target in full: where it stands, its figure, how it is measured, what is ours."""
    yield f"{plan.id}/{target.id}  {said(target, lang)}"
    for key, value in facts_of(target, lang):
        yield f"  {KEYS[key][lang]}: {value}"
    if target.measure is not None:
        yield f"  {KEYS['measure'][lang]}: {said(target.measure.SAYS, lang)}"
        yield from laid_out(target.measure.model_dump(exclude_none=True, exclude_unset=True), 4)
    for note in target.notes:
        yield f"  · {said(note, lang)}"
    for key, words in plan.assumptions(target).items():
        yield f"  {KEYS['ours'][lang]} ({key}): {said(words, lang)}"


def facts_of(target: Target, lang: Language) -> Iterator[tuple[str, str]]:
    """What is known of a target besides its measure, as key and words."""
    yield "clause", target.clause + (f" ({target.lines})" if target.lines else "")
    yield "spatial", SPATIAL[target.spatial][lang]
    if target.binding in BINDING:
        yield "binding", BINDING[target.binding][lang]
    yield "group", GROUPS[target.group][lang]
    if target.population_base is not None:
        yield "population_base", target.population_base
    if target.base_value is not None:
        yield "base_value", f"{plain(target.base_value)} {unit(target, lang)} ({target.base_year})"
    if target.value is not None:
        yield "value", figure(target, lang)
    if target.stretch is not None:
        yield "stretch", f"{plain(target.stretch)} {unit(target, lang)}"
    if target.open is not None:
        yield "open", said(target.open, lang)
    if target.reason is not None:
        yield "reason", said(target.reason, lang)
    if target.evidence is not None:
        yield "evidence", f"{target.evidence}: {EVIDENCE[target.evidence][lang]}"
    if target.source is not None:
        yield "source", target.source


def figure(target: Target, lang: Language) -> str:
    """What is wanted by when, such as ``≥ 60 % (2025)``; empty where there is no figure."""
    year = "" if target.year is None else f"({target.year})"
    if target.value is None or target.operator is None:
        return year
    wanted = [OPERATORS[target.operator], plain(target.value), unit(target, lang), year]
    return " ".join(part for part in wanted if part)


def unit(target: Target, lang: Language) -> str:
    """The unit in words."""
    return UNITS[target.unit][lang] if target.unit is not None else ""


def plain(number: Decimal) -> str:
    """A number as it was written."""
    return format(number, "f")


def said(words: Words | Plan | Target, lang: Language) -> str:
    """What has both languages, in one."""
    return words.zh if lang == "zh" else words.en


def laid_out(value: Any, indent: int) -> Iterator[str]:
    """A measure as keys and values, what is inside it further to the right."""
    blanks = " " * indent
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield f"{blanks}{key}:"
            yield from laid_out(inner, indent + 2)
        elif isinstance(inner, tuple) and not isinstance(inner[0], str):
            yield f"{blanks}{key}:"
            yield from listed(inner, indent + 2)
        else:
            yield f"{blanks}{key}: {', '.join(inner) if isinstance(inner, tuple) else inner}"


def listed(items: tuple[Any, ...], indent: int) -> Iterator[str]:
    """The tables of a list, each begun by a dash; lists inside it by another."""
    for item in items:
        lines = list(laid_out(item, 0) if isinstance(item, dict) else listed(item, 0))
        yield f"{' ' * indent}- {lines[0]}"
        yield from (f"{' ' * indent}  {line}" for line in lines[1:])
