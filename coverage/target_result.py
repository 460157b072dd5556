"""Is a target of a plan met? The types of the answer, and how its figures are printed.

Values are exact fractions; a printed figure is cut to two decimals and never rounded, so that
a printed 85 is at least 85.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from carecircle.coverage.plan import Plan, Target
from carecircle.coverage.plan_measures import Words

# ``not_spatial``: no layer can tell, the plan file says why.
Verdict = Literal["met", "not_met", "not_assessed", "not_spatial"]
VERDICTS: tuple[Verdict, ...] = ("met", "not_met", "not_assessed", "not_spatial")
# What the value is a rate of: units that have one inside, people who can walk, or places.
Rate = Literal["administrative", "walking", "supply"]
Lack = Literal["absent", "blank", "nobody", "open"]
MOST_IDS = 10  # rows that one missing input names


@dataclass(frozen=True, order=True)
class Missing:
    """An input that a target needs and the study does not have.

    Attributes
    ----------
    layer : ``facilities``, ``admin``, ``residential``, ``population`` or ``plan``
    column : str
        A column (``beds``), or what rows or figure it takes: ``service=health``,
        ``level=town``, ``unit=龙水镇``, ``age_60_plus resident 2025``.
    lack : str
        ``absent``; ``blank`` in some rows; ``nobody``: there is nothing to judge by;
        ``open``: the plan file says what must be looked up.
    count : int
        Rows that are blank.
    ids : tuple of str
        The first of them.
    """

    layer: str
    column: str
    lack: Lack = "absent"
    count: int = 0
    ids: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The input itself, such as ``facilities.beds``."""
        return f"{self.layer}.{self.column}"


class Remark(Words):
    """What was assumed on the way.

    ``people`` is the count of residents that it tells, if any; one that ``names_rows`` tells
    which rows of the inputs are meant. Both are for the planner before they are for the public.
    """

    people: int | None = None
    names_rows: bool = False


@dataclass(frozen=True)
class Counted:
    """The residents that a share is made of: covered, of all of them."""

    covered: int
    everybody: int


@dataclass(frozen=True)
class Figure:
    """A further figure of a target; ``value`` None where its inputs are missing.

    One that ``stands`` holds also where the target itself cannot be assessed. ``people`` are
    those that a share of residents is made of.
    """

    id: str
    words: Words
    value: Fraction | None
    unit: str
    stands: bool = False
    people: Counted | None = None


@dataclass(frozen=True)
class Answer:
    """What a measure gives, before it is compared.

    Attributes
    ----------
    value : Fraction or None
        In the unit of the measure; None where there is nothing to divide by.
    short, short_unit
        Units of supply (beds, facilities, people) that are missing to the target, in whole
        ones, and what they are (`target_words.SHORT_UNITS`).
    met : bool or None
        Where the measure decides by itself; None: the value is compared with the target.
    stands : bool
        Whether the value holds although other inputs are missing.
    lacking : tuple of str
        The units, quarters or facilities that fall short, by name or id.
    people : Counted or None
        Those that the value is a share of, where it is one of residents.
    turns : bool or None
        Whether it is met at some speeds of walking and not at others; None where none is tried.
    """

    value: Fraction | None
    short: int = 0
    short_unit: str = "facilities"
    rate: Rate = "supply"
    met: bool | None = None
    stands: bool = False
    beside: tuple[Figure, ...] = ()
    lacking: tuple[str, ...] = ()
    people: Counted | None = None
    turns: bool | None = None


@dataclass(frozen=True)
class TargetResult:
    """One target of a plan, judged.

    Attributes
    ----------
    value, gap, people, turns
        As in `Answer`, ``value`` in the target's unit; ``gap`` only where it was judged.
    path : tuple of (int, int)
        For each year up to the target year, how many units of supply to add.
    missing : tuple of Missing
        Every input that was needed and is not there; empty unless ``not_assessed``.
    remarks : tuple of Remark
        What was assumed on the way, besides what the plan file calls ours.
    """

    plan: Plan
    target: Target
    verdict: Verdict
    value: Fraction | None = None
    gap: int | None = None
    gap_unit: str = ""
    rate: Rate = "supply"
    beside: tuple[Figure, ...] = ()
    lacking: tuple[str, ...] = ()
    path: tuple[tuple[int, int], ...] = ()
    missing: tuple[Missing, ...] = ()
    remarks: tuple[Remark, ...] = ()
    people: Counted | None = None
    turns: bool | None = None

    @property
    def assumptions(self) -> dict[str, Words]:
        """What is ours in this target, by key."""
        return self.plan.assumptions(self.target)


@dataclass(frozen=True)
class PlanResult:
    """All targets of one plan, judged."""

    plan: Plan
    targets: tuple[TargetResult, ...]

    def counts(self) -> dict[Verdict, int]:
        """How many targets there are of each verdict."""
        found = Counter(result.verdict for result in self.targets)
        return {verdict: found[verdict] for verdict in VERDICTS}


def cut(value: Fraction, decimals: int = 2) -> str:
    """A number with at most so many decimals, cut downwards.

    >>> cut(Fraction(2, 3)), cut(Fraction(85)), cut(Fraction(9, 2))
    ('0.66', '85', '4.5')
    """
    whole, part = divmod(value.numerator * 10**decimals // value.denominator, 10**decimals)
    shown = f"{part:0{decimals}}".rstrip("0")
    return f"{whole}.{shown}" if shown else str(whole)


def named(ids: Sequence[str]) -> tuple[str, ...]:
    """The first of many ids."""
    return tuple(str(id) for id in ids[:MOST_IDS])
