"""The tables of a study file that say where the next stations may go: ``[sites]`` and below."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from carecircle.layers.sources import CandidateSource, ExclusionSource

RoadClass = Literal["primary", "secondary", "tertiary"]
Id = Annotated[str, Field(min_length=1, max_length=200)]


class Section(BaseModel):
    """A table of the study file; refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LeastArea(Section):
    """The least floor area of a candidate for each service, square metres."""

    elderly: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    childcare: Annotated[float, Field(gt=0, le=1_000_000)] | None = None


class ExcludeSection(Section):
    """Where no station may open (`coverage.exclusions`).

    Attributes
    ----------
    max_slope_percent : float or None
        No door on a steeper street.
    water_m : float or None
        No door so near to open water of the extract; 0: in it.
    roads, roads_m
        No door on a road of these classes, or so near to one.
    facility_m : float or None
        No door nearer, along the network, to an existing facility of the same service.
    layers
        No door on this ground.
    least_area_m2 : LeastArea
        No candidate of a layer with less floor area, or with an unknown one.
    """

    max_slope_percent: Annotated[float, Field(gt=0, le=100)] | None = None
    water_m: Annotated[float, Field(ge=0, le=1000)] | None = None
    roads: tuple[RoadClass, ...] = ()
    roads_m: Annotated[float, Field(ge=0, le=1000)] = 0.0
    facility_m: Annotated[float, Field(ge=1, le=7000)] | None = None
    layers: tuple[ExclusionSource, ...] = ()
    least_area_m2: LeastArea = LeastArea()


class SitesSection(Section):
    """How many new stations to propose, where they may stand, and how finely to look.

    Attributes
    ----------
    candidates
        Places of the study's own. With them no places are generated along the streets, unless
        ``generate`` says so.
    around_m : float
        How far round the under-served quarters places are generated.
    must, forbidden
        Ids of candidates that every plan has, and that none has.
    """

    count: Annotated[int, Field(ge=0, le=200)] = 3
    spacing_m: Annotated[float, Field(ge=20, le=2000)] = 100.0
    around_m: Annotated[float, Field(ge=0, le=5000)] = 50.0
    time_limit_s: Annotated[float, Field(ge=1, le=3600)] = 10.0
    candidates: tuple[CandidateSource, ...] = ()
    generate: bool | None = None
    exclude: ExcludeSection = ExcludeSection()
    must: tuple[Id, ...] = ()
    forbidden: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def somewhere(self) -> Self:
        """Without a layer places must be generated."""
        if self.generate is False and not self.candidates:
            words = {
                "en": "generate = false needs a layer of candidates, [[sites.candidates]]",
                "zh": "generate = false 时须给出候选点图层 [[sites.candidates]]",
            }
            raise PydanticCustomError("sites", "{en}", words)
        return self

    @property
    def generates(self) -> bool:
        """Whether places along the streets are candidates."""
        return not self.candidates if self.generate is None else self.generate

    def located(self, folder: Path) -> SitesSection:
        """The same with every path taken from ``folder``."""

        def here(sources: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(s.model_copy(update={"path": folder / s.path}) for s in sources)

        exclude = self.exclude.model_copy(update={"layers": here(self.exclude.layers)})
        return self.model_copy(update={"candidates": here(self.candidates), "exclude": exclude})

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file these tables name."""
        return tuple(source.path for source in (*self.candidates, *self.exclude.layers))
