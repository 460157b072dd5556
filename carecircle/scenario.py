"""What is done to a study in a scenario: facilities, ways and gates that come, go or move.

The edits are a difference, not a history: their order means nothing, and each facility is edited
by one table, or moved and resized. Places are longitude and latitude, WGS 84 unless the scenario's
``crs`` says ``"gcj02"`` or ``"bd09"``.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
import shapely
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from carecircle.layers.chinese_offsets import shifted_named
from carecircle.layers.crs import LONLAT, Frame, known_crs, project
from carecircle.layers.problems import Problem
from carecircle.layers.sources import Year, ordinary_file

CircleService = Literal["elderly", "childcare"]
Id = Annotated[str, Field(min_length=1, max_length=200)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Capacity = Annotated[int, Field(ge=1, le=100_000)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
LonLat = tuple[Longitude, Latitude]
Line = Annotated[tuple[LonLat, ...], Field(min_length=2, max_length=10_000)]
Tolerance = Annotated[float, Field(ge=0.1, le=100)]


class Table(BaseModel):
    """A table of the scenario file; refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AboutScenario(Table):
    """What the scenario is called, and of which study it is one."""

    name: Name
    study: Path
    date: datetime.date | None = None
    crs: str = LONLAT

    @field_validator("study", mode="before")
    @classmethod
    def _on_this_computer(cls, path: Any) -> Any:
        return ordinary_file(path)

    @field_validator("crs")
    @classmethod
    def _degrees(cls, crs: str) -> str:
        if crs.upper() != LONLAT and shifted_named(crs) is None:
            raise fault(
                '须为 "EPSG:4326"、"gcj02" 或 "bd09"',
                'must be "EPSG:4326", "gcj02" or "bd09"',
            )
        return crs


class PeopleOfScenario(Table):
    """Another year of the people; the study must tell of which year its own are."""

    target_year: Year


class AddFacility(Table):
    """A new facility, after all others."""

    id: Id
    name: str = Field(default="", max_length=120)
    service: CircleService
    at: LonLat
    kind: str = Field(default="", max_length=80)
    capacity: Capacity | None = None


class CloseFacility(Table):
    """A facility that serves nobody any more."""

    id: Id


class MoveFacility(Table):
    """A facility that is elsewhere; its entrances stay behind."""

    id: Id
    to: LonLat


class ResizeFacility(Table):
    """A facility with another number of places."""

    id: Id
    capacity: Capacity


class AddLink(Table):
    """A new way, joined to the nearest streets at both ends."""

    line: Line
    kind: str = Field(default="footway", max_length=80)
    name: str = Field(default="", max_length=120)
    snap_m: Tolerance = 5.0
    all_levels: bool = False


class CloseLink(Table):
    """A street that is closed: by its name, along a line, or the one edge nearest to a place."""

    street: Name | None = None
    line: Line | None = None
    near: LonLat | None = None
    snap_m: Tolerance = 5.0
    all_levels: bool = False

    @model_validator(mode="after")
    def _told_in_one_way(self) -> Self:
        told = [one is not None for one in (self.street, self.line, self.near)]
        if sum(told) != 1:
            raise fault(
                "street、line、near 须且只须写其中一个",
                "name one of street, line and near, and no other",
            )
        return self


class AddGate(Table):
    """A further gate of a quarter that has gates."""

    quarter: Id
    at: LonLat


class CloseGate(Table):
    """A gate of a quarter that is closed: the nearest to the place."""

    quarter: Id
    at: LonLat


class FacilityEdits(Table):
    """What happens to facilities."""

    add: tuple[AddFacility, ...] = ()
    close: tuple[CloseFacility, ...] = ()
    move: tuple[MoveFacility, ...] = ()
    resize: tuple[ResizeFacility, ...] = ()


class WayEdits(Table):
    """What happens to the streets."""

    add: tuple[AddLink, ...] = ()
    close: tuple[CloseLink, ...] = ()


class GateEdits(Table):
    """What happens to the gates of quarters."""

    add: tuple[AddGate, ...] = ()
    close: tuple[CloseGate, ...] = ()


Edit = (
    AddFacility | CloseFacility | MoveFacility | ResizeFacility
    | AddLink | CloseLink | AddGate | CloseGate
)  # fmt: skip


class Scenario(Table):
    """The edits of a scenario, as they are laid on a study; the plain study has none.

    ``file`` is what messages call it; ``replaced`` are further changes of the study file, in words.
    """

    name: str = ""
    file: str = ""
    study: str = ""
    crs: str = LONLAT
    facilities: FacilityEdits = FacilityEdits()
    ways: WayEdits = WayEdits()
    gates: GateEdits = GateEdits()
    replaced: tuple[tuple[str, str], ...] = ()  # Chinese, English

    @property
    def edits(self) -> tuple[Edit, ...]:
        """All edits, facilities first."""
        parts = (self.facilities, self.ways, self.gates)
        return tuple(edit for part in parts for _, found in part for edit in found)

    @property
    def is_one(self) -> bool:
        """Whether this is a scenario and not the study as it is."""
        return bool(self.name)

    def places(self, lonlat: Iterable[LonLat], frame: Frame) -> NDArray[np.object_]:
        """Places in the working CRS."""
        xy = np.array(list(lonlat), np.float64).reshape(-1, 2)
        return project(shapely.points(xy), known_crs(self.crs, self.file), frame.crs)

    def lines(self, lines: Iterable[Line], frame: Frame) -> NDArray[np.object_]:
        """Lines in the working CRS."""
        shapes = np.array([shapely.LineString(line) for line in lines], object)
        return project(shapes, known_crs(self.crs, self.file), frame.crs)

    def far_away(
        self, shapes: NDArray[np.object_], table: str, frame: Frame, first: int = 0
    ) -> Iterator[Problem]:
        """E-SCN-007 for each edit of a table, from the ``first``, far from the study's streets."""
        away_m = frame.distance_m(shapely.bounds(shapes).reshape(-1, 4))
        for at in np.flatnonzero(~(away_m <= frame.margin_m)):
            km = round(float(away_m[at]) / 1000) if np.isfinite(away_m[at]) else "?"
            yield Problem(
                "E-SCN-007", self.file, column=f"{table}.{first + at}", details={"km": km}
            )


NO_SCENARIO = Scenario()


def fault(zh: str, en: str) -> PydanticCustomError:
    """A mistake in both languages."""
    return PydanticCustomError("scenario", "{en}", {"zh": zh, "en": en})
