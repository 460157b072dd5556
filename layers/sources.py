"""How a study file names its layer files: the part of the TOML that `intake` reads.

Each model is one table of the study file, for instance::

    [residential]
    path = "population.csv"
    crs = "EPSG:4326"
    cell_m = 100
    columns = { x = "lng", y = "lat", population = "POP_2015" }

``columns`` goes from our name to the file's own. A column that already bears our name
needs no entry, except ``id``: without an entry the rows are numbered, because a column
called ``id`` full of blanks is common.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator

Service = Literal["elderly", "childcare"]

# Groups of people a circle can be drawn for, besides everybody.
COHORTS = ("age_60_plus", "age_0_2")

SERVICE_WORDS: dict[str, Service] = {
    "elderly": "elderly",
    "elderly care": "elderly",
    "养老": "elderly",
    "养老服务": "elderly",
    "养老设施": "elderly",
    "childcare": "childcare",
    "child care": "childcare",
    "托育": "childcare",
    "托育服务": "childcare",
    "托幼": "childcare",
    "托儿所": "childcare",
}

ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|[\\/]vsi", re.ASCII)

Share = Annotated[float, Field(ge=0, le=1)]
Metres = Annotated[float, Field(gt=0, le=10_000)]


class LayerSource(BaseModel):
    """One layer file.

    Attributes
    ----------
    path : Path
        An ordinary file; addresses (``https:``) and GDAL's ``/vsi...`` are refused.
    layer : str or None
        Layer of a GeoPackage or sheet of a workbook; needed when there are several.
    crs : str or None
        Such as ``"EPSG:4326"``. Needed for CSV and Excel, and for a GIS file that says none.
    columns : dict
        Our name -> the file's column.
    encoding : None, ``"utf-8"`` or ``"gb18030"``
        Of CSV and Shapefile texts; None: found out and recorded.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    NAMES: ClassVar[frozenset[str]] = frozenset({"id", "name", "x", "y"})

    path: Path
    layer: str | None = None
    crs: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    encoding: Literal["utf-8", "gb18030"] | None = None
    _rows: Any = PrivateAttr(default=None)

    @property
    def rows(self) -> Any:
        """The GeoDataFrame handed over in memory in place of a file, or None."""
        return self._rows

    def holding(self, rows: Any) -> Self:
        """The same source with its rows in memory; ``path`` then only names the layer.

        Without a mapping for ``id`` the GeoDataFrame's index gives the ids.
        """
        index = str(rows.index.name or "index")
        columns = {"id": index, **self.columns}
        source = self.model_copy(update={"columns": columns})
        source._rows = rows
        return source

    @field_validator("path", mode="before")
    @classmethod
    def _ordinary_file(cls, path: Any) -> Any:
        if ADDRESS.match(str(path)):
            raise ValueError("must be a file on this computer, not an address")
        return path

    @field_validator("columns")
    @classmethod
    def _known_names(cls, columns: dict[str, str]) -> dict[str, str]:
        unknown = sorted(set(columns) - cls.NAMES)
        if unknown:
            raise ValueError(
                f"unknown: {', '.join(unknown)}. Known: {', '.join(sorted(cls.NAMES))}"
            )
        return columns


class ResidentialSource(LayerSource):
    """Where people live: polygons, or points that each stand for a square cell.

    ``cell_m`` is the side of such a cell in metres, in the working CRS.
    """

    NAMES = LayerSource.NAMES | {"population", *COHORTS}

    cell_m: Metres | None = None


class FacilitySource(LayerSource):
    """Stations. Without ``service`` the layer's own column of that name decides."""

    NAMES = LayerSource.NAMES | {"service", "kind", "capacity"}

    service: Service | None = None


class AdminSource(LayerSource):
    """Units to report by, such as sub-districts (街道): polygons."""


class AreaSource(LayerSource):
    """The study area: polygons."""


class PeopleSettings(BaseModel):
    """What is assumed where no layer says how many people live there.

    Attributes
    ----------
    age_60_plus_share, age_0_2_share : float or None
        Share of the population, 0 to 1, for a cohort without a column.
    floor_area_per_person_m2 : float
        Only for people estimated from buildings (no residential layer).
    total : int or None
        Only for people estimated from buildings: their sum, such as a census figure.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    age_60_plus_share: Share | None = None
    age_0_2_share: Share | None = None
    floor_area_per_person_m2: Annotated[float, Field(gt=0, le=1000)] = 40.0
    total: Annotated[int, Field(ge=0)] | None = None

    def share(self, cohort: str) -> float | None:
        """The stated share of one cohort of `COHORTS`."""
        shares = {"age_60_plus": self.age_60_plus_share, "age_0_2": self.age_0_2_share}
        return shares[cohort]
