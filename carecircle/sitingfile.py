"""The table of a study file that says what a site-selection study asks: ``[siting]``.

Where stations may stand is said under ``[sites]`` (`sitefile`). Only ``carecircle site``
asks them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from carecircle.coverage.site_study import GoalName
from carecircle.sitefile import Section

Count = Annotated[int, Field(ge=0, le=200)]
Percent = Annotated[Decimal, Field(gt=0, le=100)]


class WaysSection(Section):
    """New gates of walled quarters and new footpaths, as many as ``count`` (`siteways`)."""

    gates: bool = True
    footpaths: bool = True
    count: Annotated[int, Field(ge=0, le=50)] = 2


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
    ways : WaysSection or None
        New gates and footpaths to choose from, alone and with the stations; None: no way is new.
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
    ways: WaysSection | None = None

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
    def ways_cannot_keep(self) -> list[str]:
        """Keys asked for that plans with new ways know nothing of: they seek people alone."""
        plain = SitingSection()
        keys = ("goal", "target", "budget", "apart_m", "every_town_percent", "per_town")
        return [k for k in (*keys, "close", "move") if getattr(self, k) != getattr(plain, k)]

    @property
    def needs_towns(self) -> list[str]:
        """Keys that speak of towns."""
        asked = {
            "every_town_percent": self.every_town_percent is not None,
            "per_town": bool(self.per_town),
            "goal": self.goal == "worst_town",
        }
        return [key for key, is_asked in asked.items() if is_asked]
