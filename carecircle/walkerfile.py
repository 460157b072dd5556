"""Who walks? The study file's ``[walkers.NAME]``: changes to the named walkers, and new ones.

::

    [walkers.elderly]                 # the named one, slower
    speed_m_s = 0.7

    [walkers.cane]                    # a new one, like a named one but for what is said
    like = "frail"
    steps = false
    max_slope_percent = 8
    waits_s = { signals = 40, primary = 20 }

``like`` takes a named walker as ``docs/walkers.md`` lists it, whatever the study changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from carecircle.isochrones.slopes import SlopeLaw
from carecircle.isochrones.walkers import LEAST_STRETCH_M, MOST_STRETCH_M, WALKERS, Walker
from carecircle.layers.network import WAIT_KINDS

NamedWalker = Literal["norm", "elderly", "frail", "carer", "stroller", "adult"]
Seconds = Annotated[int, Field(ge=0, le=300)]
Stretch = Annotated[int, Field(ge=LEAST_STRETCH_M, le=MOST_STRETCH_M)]


class WaitsSection(BaseModel):
    """Seconds to wait before crossing a road: at signals, else by the class of the road."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    signals: Seconds | None = None
    primary: Seconds | None = None
    secondary: Seconds | None = None
    tertiary: Seconds | None = None


class WalkerSection(BaseModel):
    """What differs from the walker it is like, or from the named one that it changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    like: NamedWalker | None = None
    zh: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    en: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    speed_m_s: Annotated[float, Field(ge=0.3, le=2.5)] | None = None
    steps: bool | None = None
    steps_factor: Annotated[float, Field(ge=1, le=10)] | None = None
    slope_law: SlopeLaw | None = None
    max_slope_percent: Annotated[float, Field(gt=0, le=100)] | None = None
    waits_s: WaitsSection = WaitsSection()
    longest_without_bench_m: Stretch | None = None

    @model_validator(mode="after")
    def steps_are_used_or_not(self) -> Self:
        """Steps that are not used cost nothing."""
        if self.steps is False and self.steps_factor is not None:
            raise fault("steps = false 与 steps_factor 矛盾", "steps = false and a steps_factor")
        return self

    def changed(self, walker: Walker) -> Walker:
        """The walker with what this section says."""
        speed = walker.metres_per_second if self.speed_m_s is None else self.speed_m_s
        steps = walker.steps_factor if self.steps_factor is None else self.steps_factor
        most = self.max_slope_percent
        waits = [getattr(self.waits_s, kind.removeprefix("wait_")) for kind in WAIT_KINDS]
        signals, primary, secondary, tertiary = (
            before if now is None else now
            for before, now in zip(walker.waits_s, waits, strict=True)
        )
        return replace(
            walker,
            zh=self.zh or walker.zh,
            en=self.en or walker.en,
            speed_mm_per_s=round(1000 * speed),
            steps_factor=None if self.steps is False else steps,
            slope_law=self.slope_law or walker.slope_law,
            max_slope_percent=walker.max_slope_percent if most is None else most,
            waits_s=(signals, primary, secondary, tertiary),
            longest_without_bench_m=self.longest_without_bench_m,
        )


def fault(zh: str, en: str) -> PydanticCustomError:
    """A mistake in both languages."""
    return PydanticCustomError("walkers", "{en}", {"zh": zh, "en": en})


def check_walkers(walkers: Mapping[str, WalkerSection]) -> None:
    """Raise a validation error where a new walker is like nobody, or steps have no cost."""
    new = [name for name, section in walkers.items() if name not in WALKERS and not section.like]
    if new:
        names, known = ", ".join(new), ", ".join(WALKERS)
        raise fault(
            f'新的步行者 {names} 需要 like = "..."（可选：{known}）',
            f'a new walker ({names}) needs like = "..." with one of: {known}',
        )
    for name, section in walkers.items():
        if section.steps and own_walker(name, section).steps_factor is None:
            raise fault(
                f"{name}：原步行者不能走台阶；请写明 steps_factor",
                f"{name} is like somebody who cannot use steps: say what they cost with "
                "steps_factor",
            )


def check_walker_name(name: str, info: ValidationInfo) -> None:
    """Raise a validation error where no walker bears the name, in the table or in the study."""
    known = [*WALKERS, *(key for key in (info.context or {}).get("walkers", ()))]
    if name not in known:
        names = ", ".join(dict.fromkeys(known))
        raise PydanticCustomError("literal_error", "not a walker", {"expected": names})


def study_walkers(sections: Mapping[str, WalkerSection]) -> dict[str, Walker]:
    """All walkers that circles of the study may name."""
    return {**WALKERS, **{name: own_walker(name, section) for name, section in sections.items()}}


def own_walker(name: str, section: WalkerSection) -> Walker:
    """A walker that the study changes or makes."""
    walker = replace(WALKERS[section.like or name], id=name)
    if name not in WALKERS:
        walker = replace(walker, zh=name, en=name)
    return section.changed(walker)


def names_in(written: Mapping[str, Any]) -> list[str]:
    """The names under ``[walkers]`` as they stand in the file, before anything is checked."""
    tables = written.get("walkers")
    return list(tables) if isinstance(tables, Mapping) else []
