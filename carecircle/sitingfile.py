"""The table of a study file that says what a site-selection study asks: ``[siting]``.

Where stations may stand is said under ``[sites]`` (`sitefile`). Only ``carecircle site``
asks them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from carecircle.coverage.site_study import WALK_GOALS, Enlarging, GoalName, RobustBy, Seats
from carecircle.sitefile import Id, Section

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


class EnlargeSection(Section):
    """Stations of today that may get more places.

    Attributes
    ----------
    seats : int
        More places for each.
    cost : int or None
        Yuan for each.
    count : int or None
        At most so many.
    stations : tuple of str
        Those that may; empty: all of the circle.
    """

    seats: Annotated[int, Field(ge=1, le=100_000)]
    cost: Annotated[int, Field(ge=0)] | None = None
    count: Count | None = None
    stations: tuple[Id, ...] = ()


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
    seats
        A station serves no more people than its places; ``seats_unknown`` are those of whom
        tells none, ``enlarge`` says which stations may get more.
    walk_limit_minutes
        For the goals ``walk`` and ``farthest``: how far walks are looked at; unless said twice the
        circle's limit, 120 at most.
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
    seats: bool = False
    seats_unknown: Annotated[int, Field(ge=0, le=100_000)] | None = None
    enlarge: EnlargeSection | None = None
    time_limit_s: Annotated[float, Field(ge=1, le=3600)] = 30.0
    walk_limit_minutes: Annotated[int, Field(ge=1, le=120)] | None = None
    ways: WaysSection | None = None
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
    def asked_seats(self) -> Seats | None:
        """What is asked about places; None where stations serve everybody in reach."""
        more = self.enlarge
        if not self.seats:
            return None
        if more is None:
            return Seats(self.seats_unknown)
        enlarge = Enlarging(more.seats, more.cost, more.count, more.stations)
        return Seats(self.seats_unknown, enlarge)

    @property
    def unlike_walks(self) -> list[str]:
        """Keys written that the goals ``walk`` and ``farthest`` do not keep to."""
        together = {"circles", "count", "goal", "time_limit_s", "walk_limit_minutes"}
        untouched = type(self)()
        return [
            key
            for key in sorted(type(self).model_fields.keys() - together)
            if self.goal in WALK_GOALS and getattr(self, key) != getattr(untouched, key)
        ]

    @property
    def ways_cannot_keep(self) -> list[str]:
        """Keys asked for that plans with new ways know nothing of: they seek people alone."""
        plain = SitingSection()
        keys = ("goal", "target", "budget", "apart_m", "every_town_percent", "per_town")
        return [
            k for k in (*keys, "close", "move", "seats") if getattr(self, k) != getattr(plain, k)
        ]

    @property
    def needs_towns(self) -> list[str]:
        """Keys that speak of towns."""
        asked = {
            "every_town_percent": self.every_town_percent is not None,
            "per_town": bool(self.per_town),
            "goal": self.goal == "worst_town",
        }
        return [key for key, is_asked in asked.items() if is_asked]
