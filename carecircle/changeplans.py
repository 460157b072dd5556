"""What changed for the plans? Every target that both studies are judged by, then and now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from carecircle.coverage.plan_words import UNITS
from carecircle.coverage.target_goal import unit_of_value
from carecircle.coverage.target_result import PlanResult, TargetResult, Verdict
from carecircle.coverage.target_table import decimal, exactly, printed
from carecircle.coverage.target_words import VERDICT_WORDS
from carecircle.layers.problems import Language
from carecircle.maps.workbook import Column, Row, Sheet


class TargetChange(NamedTuple):
    """One target at both dates, each as its own study judges it."""

    before: TargetResult
    after: TargetResult

    @property
    def verdicts(self) -> tuple[Verdict, Verdict]:
        """The verdict then and now."""
        return self.before.verdict, self.after.verdict


def targets_of_both(
    older: Sequence[PlanResult], newer: Sequence[PlanResult]
) -> tuple[TargetChange, ...]:
    """The targets of the plans that both studies name, in the newer one's order."""
    before = {(plan.plan.id, one.target.id): one for plan in older for one in plan.targets}
    return tuple(
        TargetChange(before[plan.plan.id, one.target.id], one)
        for plan in newer
        for one in plan.targets
        if (plan.plan.id, one.target.id) in before and one.verdict != "not_spatial"
    )


def targets_data(targets: Sequence[TargetChange]) -> list[dict[str, Any]]:
    """The targets ready for JSON."""
    return [
        {
            "plan": after.plan.id,
            "id": after.target.id,
            "zh": after.target.zh,
            "en": after.target.en,
            "value": {"before": printed(before.value), "after": printed(after.value)},
            "exact": {"before": exactly(before.value), "after": exactly(after.value)},
            "unit": unit_of_value(after.target),
            "gap": {"before": before.gap, "after": after.gap},
            "verdict": {"before": before.verdict, "after": after.verdict},
        }
        for before, after in targets
    ]


def plans_sheet(targets: Sequence[TargetChange]) -> Sheet:
    """A row for each target."""
    columns: list[Column] = [
        ("方案", "plan", 18),
        ("指标编号", "target", 24),
        ("指标", "target in Chinese", 26),
        ("指标（英文）", "target in English", 26),
        ("原值", "value before", 12),
        ("现值", "value now", 12),
        ("单位", "unit", 18),
        ("原缺口", "gap before", 12),
        ("现缺口", "gap now", 12),
        ("原结论", "verdict before", 22),
        ("现结论", "verdict now", 22),
    ]
    return "方案 Plans", columns, [row_of(one) for one in targets]


def row_of(one: TargetChange) -> Row:
    """One target."""
    before, after = one
    unit = UNITS.get(unit_of_value(after.target) or "")
    return [
        after.plan.id,
        after.target.id,
        after.target.zh,
        after.target.en,
        decimal(before.value),
        decimal(after.value),
        "" if unit is None else f"{unit['zh']} / {unit['en']}",
        before.gap,
        after.gap,
        *(f"{VERDICT_WORDS[v]['zh']} / {VERDICT_WORDS[v]['en']}" for v in one.verdicts),
    ]


def plan_lines(targets: Sequence[TargetChange], lang: Language) -> Iterator[str]:
    """For each plan how many targets are met, and every verdict that has turned."""
    for plan in dict.fromkeys(one.after.plan.id for one in targets):
        here = [one for one in targets if one.after.plan.id == plan]
        met = [sum(one.verdicts[at] == "met" for one in here) for at in (0, 1)]
        if lang == "zh":
            yield f"{plan}：达标 {met[0]} → {met[1]} 项"
        else:
            yield f"{plan}: {met[0]} targets met, now {met[1]}"
        for one in here:
            if one.verdicts[0] != one.verdicts[1]:
                yield f"  {turned(one, lang)}"


def turned(one: TargetChange, lang: Language) -> str:
    """A target whose verdict is another now, with its values where they are known."""
    said = []
    for result in one:
        words, value = VERDICT_WORDS[result.verdict][lang], printed(result.value)
        unit = UNITS.get(unit_of_value(result.target) or "", {}).get(lang, "")
        shown = "" if value is None else f"{value} {unit}".strip()
        between = ("（{}）" if lang == "zh" else " ({})").format(shown) if shown else ""
        said.append(words + between)
    name = one.after.target.zh if lang == "zh" else one.after.target.en
    return f"{one.after.target.id}  {name}  {said[0]} → {said[1]}"
