"""What a study says about the measures of access: ``[access]`` and ``[doubt]``.

::

    [access]
    minutes = [5, 10, 15, 30]
    speeds_m_s = [0.6, 0.8, 1.0]
    walkers = ["frail", "norm"]
    catchments = { by = "kind", minutes = { "日间照料中心" = 10 } }

    [doubt]
    draws = 1000
    speed_m_s = [0.6, 0.8, 1.0]
    gate_m = 60

Nothing is drawn without ``[doubt]``. The meaning of each key is in ``docs/access.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Annotated, Literal, Self

from pandas import DataFrame
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from carecircle.coverage.access import AccessSettings, Catchments, Doubt
from carecircle.coverage.result import Circle
from carecircle.isochrones.walkers import WALKERS, Walker
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.vocabulary import kind_of
from carecircle.walkerfile import check_walker_name

MOST_VALUES = 12
LONGEST_SEARCH_MINUTES = 119  # 120 are searched; a minute is left for rounding

Minutes = Annotated[int, Field(ge=1, le=60)]
Speed = Annotated[float, Field(ge=0.3, le=2.5)]
Factor = Annotated[float, Field(ge=0, le=10)]


class AccessTable(BaseModel):
    """A table of the study file; refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CatchmentsSection(AccessTable):
    """How far facilities serve in the floating catchments: minutes by a word of each facility."""

    by: Literal["kind", "grade"]
    minutes: Annotated[dict[str, Minutes], Field(min_length=1)]


class AccessSection(AccessTable):
    """At which minutes coverage is told, and at which speeds the verdict is tried."""

    minutes: tuple[Minutes, ...] = (5, 10, 15, 30)
    speeds_m_s: tuple[Speed, ...] = (0.6, 0.8, 1.0)
    walkers: Annotated[tuple[str, ...], Field(max_length=MOST_VALUES)] = ()
    catchments: CatchmentsSection | None = None

    @field_validator("walkers")
    @classmethod
    def somebody_we_know(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """Walkers of the table, or under [walkers]."""
        for name in names:
            check_walker_name(name, info)
        return tuple(dict.fromkeys(names))

    @field_validator("minutes", "speeds_m_s")
    @classmethod
    def neither_none_nor_many(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        """Each is a column of the tables."""
        if not 1 <= len(values) <= MOST_VALUES:
            words = {"zh": f"应有 1 至 {MOST_VALUES} 个值", "en": f"1 to {MOST_VALUES} values"}
            raise PydanticCustomError("values", "{en}", words)
        return values


class DoubtSection(AccessTable):
    """What is drawn, how widely and how often.

    Attributes
    ----------
    speed_m_s, wait_factor
        Least, most likely and most.
    gate_m
        The most that the way to a gate adds, in quarters without a mapped gate.
    homes_cv
        Coefficient of variation of the people of a home, within its quarter.
    """

    draws: Annotated[int, Field(ge=100, le=10_000)] = 1000
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0
    speed_m_s: tuple[Speed, Speed, Speed] | None = None
    wait_factor: tuple[Factor, Factor, Factor] = (1.0, 1.0, 1.0)
    gate_m: Annotated[float, Field(ge=0, le=1000)] = 0.0
    homes_cv: Annotated[float, Field(ge=0, le=3)] = 0.0

    @model_validator(mode="after")
    def triangles_rise(self) -> Self:
        """The most likely lies between the least and the most."""
        for key in ("speed_m_s", "wait_factor"):
            triangle = getattr(self, key)
            if triangle is not None and any(low > high for low, high in pairwise(triangle)):
                raise PydanticCustomError(
                    "triangle",
                    "{en}",
                    {
                        "zh": f"{key} 依次为最小值、最可能值、最大值，不能递减",
                        "en": f"{key} is the least, the most likely and the most: never falling",
                    },
                )
        return self


def access_settings(
    access: AccessSection,
    doubt: DoubtSection | None,
    walkers: Mapping[str, Walker] = WALKERS,
) -> AccessSettings:
    """The two tables as the measures want them; speeds in whole millimetres a second."""
    return AccessSettings(
        minutes=tuple(sorted(set(access.minutes))),
        speeds_mm_per_s=tuple(sorted({round(1000 * speed) for speed in access.speeds_m_s})),
        doubt=None if doubt is None else doubt_of(doubt),
        walkers=tuple(walkers[name] for name in access.walkers),
        catchments=None if access.catchments is None else catchments_of(access.catchments),
    )


def catchments_of(section: CatchmentsSection) -> Catchments:
    """Minutes by word; kinds by their slug, as facilities have them."""
    minutes = {}
    for word, far in section.minutes.items():
        kind = kind_of(word) if section.by == "kind" else None
        minutes[kind.slug if kind else word] = far
    return Catchments(section.by, tuple(minutes.items()))


def check_catchments(catchments: Catchments | None, facilities: DataFrame, file: str) -> None:
    """Refuse words that no facility of the study has: E-STU-012."""
    if catchments is None:
        return
    by = catchments.by
    words = facilities[by].dropna().unique() if by in facilities else ()
    there = sorted(str(word) for word in words if word != "")
    problems = [
        Problem(
            "E-STU-012",
            file,
            column="access.catchments.minutes",
            value=word,
            details={"by": by, "there": ", ".join(there) or "-"},
        )
        for word, _ in catchments.minutes
        if word not in there
    ]
    if problems:
        raise StudyError(problems)


def doubt_of(section: DoubtSection) -> Doubt:
    """What is drawn; speeds in millimetres a second."""
    speeds = section.speed_m_s
    return Doubt(
        draws=section.draws,
        seed=section.seed,
        speed_mm_per_s=None if speeds is None else mm_per_s(speeds),
        wait_factor=section.wait_factor,
        gate_m=section.gate_m,
        homes_cv=section.homes_cv,
    )


def mm_per_s(speeds: tuple[float, float, float]) -> tuple[float, float, float]:
    """A triangle of speeds in whole millimetres a second."""
    low, mode, high = (float(round(1000 * speed)) for speed in speeds)
    return low, mode, high


def check_speeds(circles: Iterable[Circle], settings: AccessSettings) -> None:
    """Raise a validation error where another speed would need too long a search.

    Where nobody waits and one way is meant, every speed follows from one search without a limit.
    """
    for circle in circles:
        speeds, own = settings.speeds(circle.walker), circle.walker.speed_mm_per_s
        if circle.walker.waits:
            longest = circle.minutes * max(speeds) / min(speeds)
        elif circle.direction in ("round_trip", "worse"):
            longest = circle.minutes * max(speeds) / own
        else:
            continue
        if longest > LONGEST_SEARCH_MINUTES:
            raise PydanticCustomError(
                "speeds",
                "{en}",
                {
                    "zh": f"{circle.service}：[access]、[doubt] 的步速相差过大，最慢者需搜索 "
                    f"{longest:.0f} 分钟，最多 {LONGEST_SEARCH_MINUTES} 分钟。请缩小步速范围",
                    "en": f"{circle.service}: the speeds of [access] and [doubt] lie so far apart "
                    f"that walks of {longest:.0f} minutes would be searched; "
                    f"{LONGEST_SEARCH_MINUTES} are the most. Narrow the speeds",
                },
            )
