"""Is the promise of the plan kept, and if not, how many people are missing?

A target is the decimal text of the plan, compared as an exact fraction: a target of 66.7 %
is not met by two people of three, one of 85 % is met by 85 of 100.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import Literal

from carecircle.coverage.result import Ledger

Verdict = Literal["met", "not_met", "no_target", "not_assessed"]
VERDICT_NAMES = {
    "met": {"zh": "达标", "en": "target met"},
    "not_met": {"zh": "未达标", "en": "target not met"},
    "no_target": {"zh": "未设目标", "en": "no target set"},
    "not_assessed": {
        "zh": "无法评价（该人群人数为 0）",
        "en": "not assessed (the group has nobody)",
    },
}


def verdict(people: Ledger, target_percent: str | None) -> Verdict:
    """``met`` if and only if ``covered * 100 >= target * input``.

    A group that nobody belongs to is ``not_assessed``: nearly always its people are missing
    from the input, and a promise is not kept by counting nobody.
    """
    if target_percent is None:
        return "no_target"
    if people.input == 0:
        return "not_assessed"
    return "met" if people_to_target(people, target_percent) == 0 else "not_met"


def people_to_target(people: Ledger, target_percent: str | None) -> int:
    """The fewest more people who must be covered; 0 when the target is met or there is none."""
    if target_percent is None:
        return 0
    needed = ceil(Fraction(target_percent) * people.input / 100)
    return max(0, needed - people.covered)
