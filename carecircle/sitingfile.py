"""The table of a study file that says what a site-selection study asks: ``[siting]``.

Where stations may stand is said under ``[sites]`` (`sitefile`). Only ``carecircle site``
asks them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from carecircle.coverage.site_study import GoalName, RobustBy
from carecircle.sitefile import Section

Count = Annotated[int, Field(ge=0, le=200)]
Percent = Annotated[Decimal, Field(gt=0, le=100)]
Share = Annotated[
    Decimal,
    BeforeValidator(lambda value: Decimal(repr(value)) if isinstance(value, float) else value),
    Field(gt=0, le=1000),
]


class RobustSection(Section):
    """``[siting.robust]``: worlds beside today's, and how a plan is judged by them.

    Attributes
    ----------
    by
        ``worst``: most people where fewest are covered; ``regret``: the least greatest number of
        people by which the plan falls short of the best one for a world.
    walkers
        Who else may walk: of the table, or under ``[walkers]``.
    people_percent
        How many people there may be, in percent of today's.
    lost_station
        Any one station may be lost.
    """

    by: RobustBy = "worst"
    walkers: Annotated[tuple[str, ...], Field(max_length=10)] = ()
    people_percent: Annotated[tuple[Share, ...], Field(max_length=10)] = ()
    lost_station: bool = False


class PhaseSection(Section):
    """One of ``[[siting.phases.years]]``."""

    year: Annotated[int, Field(ge=2000, le=2100)]
    count: Count | None = None
    budget: Annotated[int, Field(ge=0)] | None = None
    people_percent: Share = Decimal(100)


class PhasesSection(Section):
    """``[siting.phases]``: what opens in which year.

    Attributes
    ----------
    carry_over
        Money left in one year may be spent in a later one.
    last_year_first
        Most people in the last year before most people in all years together.
    """

    years: Annotated[tuple[PhaseSection, ...], Field(min_length=2, max_length=10)]
    carry_over: bool = False
    last_year_first: bool = False


class TogetherSection(Section):
    """``[siting.together]``: both circles as one question, and what a second service costs.

    ``second_percent``: of the cost of the first under the same roof.
    """

    second_percent: Annotated[int, Field(ge=0, le=100)] = 100


class SitingSection(Section):
    """What is sought, and what a plan must keep to.

    Attributes
    ----------
    circles
        Those that are studied; empty: all.
    count
        At most so many new stations, a plan for each; without it ``count`` under ``[sites]``, and
        no limit for the goals ``cost`` and ``stations``.
    target
        Share of all people to be covered, in percent or as the id of a plan's target.
    """

    circles: tuple[Literal["elderly", "childcare"], ...] = ()
    count: Annotated[tuple[Count, ...], Field(min_length=1, max_length=20)] | None = None
    goal: GoalName = "people"
    target: Percent | str | None = None
    budget: Annotated[int, Field(ge=0)] | None = None
    apart_m: Annotated[float, Field(gt=0, le=20_000)] | None = None
    every_town_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    per_town: dict[str, Annotated[int, Field(ge=1, le=200)]] = Field(default_factory=dict)
    close: Annotated[int, Field(ge=0, le=200)] = 0
    move: Annotated[int, Field(ge=0, le=200)] = 0
    frontier: bool = False
    ties: Annotated[int, Field(ge=0, le=1000)] = 0
    time_limit_s: Annotated[float, Field(ge=1, le=3600)] = 30.0
    together: TogetherSection | None = None
    robust: RobustSection | None = None
    phases: PhasesSection | None = None

    @field_validator("count", mode="before")
    @classmethod
    def one_or_several(cls, written: Any) -> Any:
        """A number is a list of one."""
        return [written] if isinstance(written, int) and not isinstance(written, bool) else written

    @field_validator("target", mode="before")
    @classmethod
    def as_written(cls, value: Any) -> Any:
        """A share is compared exactly."""
        return Decimal(repr(value)) if isinstance(value, float) else value

    @property
    def needs_towns(self) -> list[str]:
        """Keys that speak of towns."""
        asked = {
            "every_town_percent": self.every_town_percent is not None,
            "per_town": bool(self.per_town),
            "goal": self.goal == "worst_town",
        }
        return [key for key, is_asked in asked.items() if is_asked]
