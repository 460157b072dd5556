"""The tables of the plan writer's guide, from the types themselves.

``docs/plan-writing.md`` and its Chinese sister show what `tables` gives; a test compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel

from carecircle.coverage.plan import Plan, PopulationFact, Target
from carecircle.coverage.plan_measures import MEASURES, Filter, Pair, Tier, WalkNeed, WalkTier
from carecircle.coverage.plan_words import EVIDENCE, GROUPS, KEYS, UNITS
from carecircle.layers.attributes import facility_attributes
from carecircle.layers.problems import Language

TABLES: dict[str, type[BaseModel]] = {
    "plan": Plan,
    "[[population]]": PopulationFact,
    "[[targets]]": Target,
    "facilities": Filter,
    "tiers (units)": Tier,
    "tiers (walk)": WalkTier,
    "needs": WalkNeed,
    "pairs": Pair,
}
HEADINGS = {
    "measures": {"zh": "计算方式", "en": "Measures"},
    "keys": {"zh": "键", "en": "Keys"},
    "units": {"zh": "单位", "en": "Units"},
    "groups": {"zh": "人群", "en": "Groups"},
    "attributes": {"zh": "设施属性", "en": "Attributes of facilities"},
    "evidence": {"zh": "依据的可靠程度（标准）", "en": "Evidence of a standard"},
}
MEASURE_HEADS = {
    "zh": ("kind", "含义", "必填", "可选", "%", "须注明人口口径"),
    "en": ("kind", "gives", "needed", "optional", "%", "needs population_base"),
}
KEY_HEADS = {"zh": ("键", "含义", "必填"), "en": ("key", "meaning", "needed")}


def tables(lang: Language) -> str:
    """Every table of the guide in one language."""
    parts = [
        heading("measures", lang),
        *rows(MEASURE_HEADS[lang], measure_rows(lang)),
        heading("keys", lang),
        *(line for name, model in TABLES.items() for line in key_table(name, model, lang)),
        heading("attributes", lang),
        *rows(("name", "type", "", "aliases"), attribute_rows(lang)),
    ]
    for name, words in (("units", UNITS), ("groups", GROUPS), ("evidence", EVIDENCE)):
        parts += [heading(name, lang), *rows((name, ""), word_rows(words, lang))]
    return "\n".join(parts) + "\n"


def heading(name: str, lang: Language) -> str:
    """One heading."""
    return f"\n### {HEADINGS[name][lang]}\n"


def rows(heads: Iterable[str], lines: Iterable[Iterable[str]]) -> Iterator[str]:
    """A Markdown table."""
    heads = tuple(heads)
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for line in lines:
        yield f"| {' | '.join(line)} |"


def measure_rows(lang: Language) -> Iterator[tuple[str, ...]]:
    """One row for each measure."""
    for kind, measure in MEASURES.items():
        says = measure.SAYS.zh if lang == "zh" else measure.SAYS.en
        keys = [name for name in measure.model_fields if name != "kind"]
        needed = [name for name in keys if measure.model_fields[name].is_required()]
        optional = [name for name in keys if name not in needed]
        marks = ("✓" if measure.PERCENT else "", "✓" if measure.PER_HEAD else "")
        yield (f"`{kind}`", says, coded(needed), coded(optional), *marks)


def key_table(name: str, model: type[BaseModel], lang: Language) -> Iterator[str]:
    """The keys of one table, with what may stand there where that is a list of words."""
    yield f"\n`{name}`\n"
    yield from rows(
        KEY_HEADS[lang],
        (
            (f"`{key}`", f"{KEYS[key][lang]}{choices(field.annotation)}", needed(field))
            for key, field in model.model_fields.items()
        ),
    )


def needed(field: Any) -> str:
    """A mark where the key must be there."""
    return "✓" if field.is_required() else ""


def choices(annotation: Any) -> str:
    """The words that a key may hold, where it is one of a list."""
    found = [word for word in words_in(annotation) if isinstance(word, str)]
    return f" ({', '.join(f'`{word}`' for word in found)})" if found else ""


def words_in(annotation: Any) -> Iterator[Any]:
    """The literal values inside an annotation."""
    if isinstance(annotation, type) or annotation is NoneType:
        return
    for inner in get_args(annotation):
        if isinstance(inner, str):
            yield inner
        else:
            yield from words_in(inner)


def attribute_rows(lang: Language) -> Iterator[tuple[str, ...]]:
    """One row for each attribute of facilities."""
    for one in facility_attributes().values():
        yield (
            f"`{one.name}`",
            one.type,
            one.zh if lang == "zh" else one.en,
            "、".join(one.aliases),
        )


def word_rows(words: dict[str, dict[str, str]], lang: Language) -> Iterator[tuple[str, str]]:
    """One row for each word."""
    for name, meaning in words.items():
        yield f"`{name}`", meaning[lang]


def coded(names: list[str]) -> str:
    """Names as code, with commas."""
    return ", ".join(f"`{name}`" for name in names)
