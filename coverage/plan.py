"""What does a plan promise? The frozen types of a plan and its targets.

A plan holds targets; a target holds what the plan says (clause, figure, year), and how it is
measured (`plan_measures`). What the plan does not say and we had to choose, such as who
walks, is named in ``ours`` with the reason. Nothing here reads a file or computes.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from carecircle.coverage.plan_measures import CountedGroup, Measure, PlanTable, Words
from carecircle.layers.sources import Base, Service, Year

# Whom a target is for. The last ones are counted by no layer.
Group = Literal[CountedGroup, "age_0", "households", "communities", "extremely_poor", "none"]
Operator = Literal[">=", ">", "="]
# Where the wording of a standard was read: V its text or a source that quotes it, V2 a
# secondary source only, G general knowledge, D one of the plans.
Evidence = Literal["V", "V2", "G", "D"]

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Lines = Annotated[str, Field(pattern=r"^\d+(-\d+)?(;\d+(-\d+)?)*$")]
Text = Annotated[str, Field(min_length=1)]


class Target(PlanTable):
    """One thing a plan promises, and how it is measured.

    Attributes
    ----------
    id : str
        Stable within the plan.
    clause, lines : str
        Where the plan says so; lines of its text, such as ``"27;53-61"``.
    zh, en : str
        What the plan calls it.
    service, group
        What is offered, and for whom; ``group`` is also who is counted.
    spatial : ``"yes"``, ``"partly"`` or ``"no"``
        Whether layers can tell: ``partly`` says in ``open`` what stays open, ``no`` why in
        ``reason``, and has no measure.
    judged : bool
        False where the measure is not the plan's own figure, so that nothing is called met.
    binding : ``"binding"`` (约束性), ``"expected"`` (预期性) or ``"none"``
    base_year, base_value, year, operator, value, stretch, unit
        The figure the plan starts from, the one it wants and by when; ``stretch`` is what it
        strives for beyond (力争).
    population_base : ``"resident"`` (常住) or ``"registered"`` (户籍), None
        Who is counted where people are the denominator.
    notes : tuple of Words
        Contradictions in the plan, and what is shown for them.
    ours : dict
        Key of this target or its measure -> why we set it so, as the plan does not say.
    evidence, source
        Of a standard: how well its wording is known, and where it was read.
    """

    id: Slug
    clause: Text
    lines: Lines | None = None
    zh: Text
    en: Text
    service: Service
    group: Group
    spatial: Literal["yes", "partly", "no"]
    judged: bool = True
    binding: Literal["binding", "expected", "none"] = "none"
    base_year: Year | None = None
    base_value: Decimal | None = None
    year: Year | None = None
    operator: Operator | None = None
    value: Decimal | None = None
    stretch: Decimal | None = None
    unit: Text | None = None
    population_base: Base | None = None
    notes: tuple[Words, ...] = ()
    open: Words | None = None
    reason: Words | None = None
    measure: Measure | None = None
    ours: dict[str, Words] = Field(default_factory=dict)
    evidence: Evidence | None = None
    source: Text | None = None

    def keys(self) -> set[str]:
        """Every key that is set in this target or its measure, besides what is ours."""
        return keys_of(self.model_dump(exclude_none=True, exclude_unset=True, exclude={"ours"}))


class PopulationFact(PlanTable):
    """People that the plan itself states."""

    group: CountedGroup
    base: Base
    year: Year
    people: Annotated[int, Field(ge=1)]
    lines: Lines | None = None


class Plan(PlanTable):
    """A plan, or a standard, as data.

    ``ours`` holds what is assumed for every target that has the key; ``population`` the
    people the plan itself states. ``draft`` plans were out for comment when they were read.
    """

    id: Slug
    type: Literal["plan", "standard"]
    zh: Text
    en: Text
    place: Words
    document: str = ""
    adopted: datetime.date | None = None
    draft: bool = False
    notes: tuple[Words, ...] = ()
    ours: dict[str, Words] = Field(default_factory=dict)
    population: tuple[PopulationFact, ...] = ()
    targets: Annotated[tuple[Target, ...], Field(min_length=1)]

    def target(self, id: str) -> Target:
        """The target of that id; KeyError where there is none."""
        return {target.id: target for target in self.targets}[id]

    def assumptions(self, target: Target) -> dict[str, Words]:
        """What is ours in one target: the plan's common assumptions and its own."""
        keys = target.keys()
        common = {key: words for key, words in self.ours.items() if key in keys}
        return common | target.ours


def keys_of(written: Any) -> set[str]:
    """Every key that stands in a table or in those inside it."""
    if isinstance(written, dict):
        return set(written).union(*map(keys_of, written.values()))
    if isinstance(written, list | tuple):
        return set().union(*map(keys_of, written))
    return set()
