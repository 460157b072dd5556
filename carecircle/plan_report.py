"""Lines for the terminal: plans, their targets, and one target in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from carecircle.coverage.plan import Plan, Target
from carecircle.coverage.plan_measures import Words
from carecircle.coverage.plan_words import BINDING, EVIDENCE, GROUPS, KEYS, UNITS
from carecircle.coverage.target_words import VERDICT_WORDS, short_unit
from carecircle.layers.problems import Language

SPATIAL = {
    "yes": {"zh": "可计算", "en": "computed"},
    "partly": {"zh": "部分可计算", "en": "partly"},
    "no": {"zh": "与空间无关", "en": "not spatial"},
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
    """A judged plan: the counts, what can be told, what each other target lacks, and which data
    would tell most.
    """
    yield counts_line(plan, lang)
    spatial = [one for one in plan["targets"] if one["verdict"] != "not_spatial"]
    told = [one for one in spatial if one["value"] is not None or asked(one)]
    rest = [one for one in spatial if one not in told]
    if told:
        yield "已可得出：" if lang == "zh" else "what can be told:"
        for target in told:
            yield from told_lines(target, lang)
    if rest:
        yield "尚缺数据：" if lang == "zh" else "what takes more data:"
        yield from (f"  {lacking_line(target, lang)}" for target in rest)
    counts = Counter(lack[lang] for target in spatial for lack in target["missing"])
    if counts:
        yield (
            "所缺数据及涉及的指标数："
            if lang == "zh"
            else "data missing, and for how many targets:"
        )
        yield from (f"  {count:>3}  {lack}" for lack, count in counts.most_common())


def told_lines(target: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """A target of which something is known: its figures, what they rest on, what is missing."""
    yield f"  {target['id']}  {target[lang]}  {VERDICT_WORDS[target['verdict']][lang]}"
    if target["value"] is not None:
        unit = target["value_unit"]
        value = f"{target['value']} {'' if unit is None else unit[lang]}".rstrip()
        yield f"      {value}" + beside_value(target, lang)
    for figure in asked(target):
        unit = short_unit(figure["unit"], lang)
        told = f"{figure['value']} {unit}" if lang == "en" else f"{unit} {figure['value']}"
        yield f"      {figure[lang]} {told}" + beside_value(target, lang)
    yield from (f"      · {words[lang]}" for words in (*target["remarks"], *target["notes"]))
    if target["missing"]:
        yield f"      {lacks(target, lang)}"


def beside_value(target: Mapping[str, Any], lang: Language) -> str:
    """What is wanted, or the figure that the plan names and nothing is compared with."""
    wanted = wanted_words(target, lang)
    if lang == "zh":
        return f"（{'目标' if target['compared'] else '方案所写'} {wanted}）"
    return f" ({'target' if target['compared'] else 'the plan says'}: {wanted})"


def asked(target: Mapping[str, Any]) -> list[Any]:
    """What the target asks for, where its people are known."""
    return [figure for figure in target["beside"] if figure["id"] == "asked"]


def wanted_words(target: Mapping[str, Any], lang: Language) -> str:
    """What is wanted by when, of a judged target."""
    if target["target"] is None:
        return "-"
    unit = "" if target["unit"] is None else target["unit"][lang]
    year = "" if target["year"] is None else f"({target['year']})"
    parts = (OPERATORS[target["operator"]], f"{target['target']:g}", unit, year)
    return " ".join(part for part in parts if part)


def lacking_line(target: Mapping[str, Any], lang: Language) -> str:
    """A target on one line, with everything it lacks."""
    return f"{target['id']}  {target[lang]}  {lacks(target, lang)}"


def lacks(target: Mapping[str, Any], lang: Language) -> str:
    """Every input that is missing."""
    joined = ("；" if lang == "zh" else "; ").join(one[lang] for one in target["missing"])
    return f"缺：{joined}" if lang == "zh" else f"lacks: {joined}"


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
