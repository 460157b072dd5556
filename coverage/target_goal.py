"""What does a target ask for, in the measure's own unit, and how much is missing to it?"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from carecircle.coverage.plan import Operator, Target
from carecircle.coverage.plan_measures import Demand, is_percent
from carecircle.coverage.plan_words import UNIT_OF_ATTRIBUTE
from carecircle.layers.attributes import facility_attributes

# 1 mu is 10,000/15 square metres
MU_OF_M2 = Fraction(15, 10_000)


@dataclass(frozen=True)
class Goal:
    """A figure and how it is compared; no figure where nothing is wanted."""

    value: Fraction | None
    operator: Operator | None

    def met(self, value: Fraction) -> bool:
        """Whether a value is what is wanted; compared exactly.

        A plain figure (``=``) is reached by more: four centres where three were promised.
        """
        assert self.value is not None
        return value > self.value if self.operator == ">" else value >= self.value

    def exceeded_by(self, value: Fraction | None) -> bool:
        """Whether a value is more than a plain figure."""
        if value is None or self.value is None or self.operator != "=":
            return False
        return value > self.value

    def least(self, whole: Fraction | int, per: int = 1) -> int:
        """The fewest whole units with which ``per`` x units / whole is what is wanted."""
        if self.value is None:
            return 0
        wanted = self.value * whole / per
        return floor(wanted) + 1 if self.operator == ">" else ceil(wanted)

    def short(self, part: Fraction | int, whole: Fraction | int = 1, per: int = 1) -> int:
        """How many whole units are missing; 0 where there are enough."""
        return 0 if self.value is None else max(0, ceil(self.least(whole, per) - part))


def unit_scale(target: Target) -> Fraction:
    """What the measure's unit is multiplied by to be the target's: square metres to mu."""
    return MU_OF_M2 if target.unit == "mu" else Fraction(1)


def goal_of(target: Target) -> Goal:
    """What the target asks for in the measure's unit."""
    if target.value is None:
        return Goal(None, None)
    return Goal(Fraction(target.value) / unit_scale(target), target.operator)


def compared(target: Target) -> bool:
    """Whether the value is compared with the plan's figure: what a rate asks for is not, the
    supply is compared with it, and what is not the plan's own figure is shown only.
    """
    return target.judged and target.value is not None and not isinstance(target.measure, Demand)


def unit_of_value(target: Target) -> str | None:
    """The unit that the value is in: not the target's %, where the measure gives no share."""
    measure = target.measure
    if target.unit != "%" or measure is None or is_percent(measure):
        return target.unit
    return UNIT_OF_ATTRIBUTE.get(getattr(measure, "attribute", ""), "facilities")


def unit_of(attribute: str | None) -> str:
    """What is counted: an attribute's places, or facilities."""
    return attribute if attribute in facility_attributes() else "facilities"
