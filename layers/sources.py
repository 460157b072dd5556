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

from carecircle.layers.attributes import facility_attributes

# Circles are drawn for the first two; the others are read, told, and count in none.
Service = Literal["elderly", "childcare", "kindergarten", "health", "meals", "education", "other"]

# Administrative levels, highest first, and the columns that hold a row's code for each.
Level = Literal["city", "district", "town", "community"]
LEVELS: tuple[Level, ...] = ("city", "district", "town", "community")
UNIT_CODES = tuple(f"{level}_code" for level in LEVELS)

# Titles that units may hold, as yes/no columns.
TITLES = ("age_friendly", "child_friendly")

# Groups of people that layers may tell, besides everybody; circles are drawn for two of them.
COHORTS = ("age_60_plus", "age_65_plus", "age_80_plus", "age_0_2", "age_3_5")
CIRCLE_COHORTS = ("age_60_plus", "age_0_2")
# cohort -> the wider cohort that holds all its people
PART_OF = {"age_65_plus": "age_60_plus", "age_80_plus": "age_65_plus"}
APART = ("age_60_plus", "age_0_2", "age_3_5")  # nobody is in two of these

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
    "kindergarten": "kindergarten",
    "幼儿园": "kindergarten",
    "学前教育": "kindergarten",
    "health": "health",
    "医疗": "health",
    "卫生": "health",
    "医疗卫生": "health",
    "meals": "meals",
    "助餐": "meals",
    "老年助餐": "meals",
    "education": "education",
    "教育": "education",
    "老年教育": "education",
    "other": "other",
    "其他": "other",
}

# Services that a new station may offer, and what is told of a candidate place in yuan and metres.
SITE_SERVICES = ("childcare", "elderly")
SITE_AMOUNTS = ("area_m2", "rent", "cost")

ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|[\\/]vsi", re.ASCII)

Share = Annotated[float, Field(ge=0, le=1)]
Metres = Annotated[float, Field(gt=0, le=10_000)]
Part = Annotated[float, Field(ge=0, le=100)]  # percent
Year = Annotated[int, Field(ge=1950, le=2100)]
Percent = Annotated[float, Field(ge=-20, le=20)]
# Who is counted: everybody who lives there (常住人口), or is registered there (户籍人口).
Base = Literal["resident", "registered"]


def ordinary_file(path: Any) -> Any:
    """The path as it was written, unless it is an address."""
    if ADDRESS.match(str(path)):
        raise ValueError("must be a file on this computer, not an address")
    return path


class FileSource(BaseModel):
    """One file with a place on the map.

    Attributes
    ----------
    path : Path
        An ordinary file; addresses (``https:``) and GDAL's ``/vsi...`` are refused.
    crs : str or None
        Such as ``"EPSG:4326"``, or ``"gcj02"``, ``"bd09"`` for coordinates of Chinese online
        maps. Needed for CSV and Excel, and for a GIS file that says none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path
    crs: str | None = None

    @field_validator("path", mode="before")
    @classmethod
    def _ordinary_file(cls, path: Any) -> Any:
        return ordinary_file(path)


class LayerSource(FileSource):
    """One layer file.

    Attributes
    ----------
    layer : str or None
        Layer of a GeoPackage or sheet of a workbook; needed when there are several.
    columns : dict
        Our name -> the file's column.
    encoding : None, ``"utf-8"`` or ``"gb18030"``
        Of CSV and Shapefile texts; None: found out and recorded.
    header_row : int or None
        Row of a table that holds the column names, counted from 1; None: the first row with
        more than one filled cell.
    total_rows : None, ``"drop"`` or ``"keep"``
        What to do with rows such as 合计; None: refused where there are any.
    hidden_rows : None, ``"read"`` or ``"skip"``
        What to do with hidden and filtered rows of a sheet; None: refused where there are any.
    units_in_numbers : bool
        Whether 万, 亿 and the counting words of a column (人 of people, 张 of beds) are
        understood after a number.
    numbers_are_counts : bool
        Whether numbers of people and places are taken as they stand, although the name of
        their column, a title or their size says 万, shares or households (`headers`, `not_counts`).
    on_bad_row : ``"refuse"`` or ``"quarantine"``
        Whether one bad row refuses the file, or is left out and listed in ``rejected.csv``.
    ignore_offset_check : bool
        Whether the layer is taken as declared although it fits the streets better as GCJ-02,
        BD-09 or WGS 84 (`offset_detective`).
    quarantine_limit_percent, quarantine_people_percent : float
        Most rows, and most of the people, that may be left out so (`quarantine`).
    """

    NAMES: ClassVar[frozenset[str]] = frozenset({"id", "name", "x", "y"})

    layer: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    encoding: Literal["utf-8", "gb18030"] | None = None
    header_row: Annotated[int, Field(ge=1, le=1000)] | None = None
    total_rows: Literal["drop", "keep"] | None = None
    hidden_rows: Literal["read", "skip"] | None = None
    units_in_numbers: bool = False
    numbers_are_counts: bool = False
    on_bad_row: Literal["refuse", "quarantine"] = "refuse"
    ignore_offset_check: bool = False
    quarantine_limit_percent: Part = 0.5
    quarantine_people_percent: Part = 0.1
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

    ``cell_m`` is the side of such a cell in metres, in the working CRS. ``walled`` says that
    every quarter has a wall round it; a column of that name says it quarter by quarter.
    ``overlaps`` is what to do with a polygon that lies mostly on another: the people of both
    are counted with ``keep``. ``sample_m`` spreads the people of a quarter over its ground, on a
    grid of so many metres (`sample_points`). ``columns`` may name ``built``, the day or year a
    quarter was finished, and its ``households``: targets for new and for large quarters ask for
    them.
    """

    NAMES = LayerSource.NAMES | {
        "population", "walled", "built", "households", *COHORTS, *UNIT_CODES,
    }  # fmt: skip

    cell_m: Metres | None = None
    walled: bool = False
    overlaps: Literal["refuse", "keep"] = "refuse"
    sample_m: Annotated[float, Field(ge=20, le=2000)] | None = None


class FacilitySource(LayerSource):
    """Stations. Without ``service`` the layer's column of that name decides, then the kind."""

    NAMES = LayerSource.NAMES | {
        "service", "kind", "status", "opened", "closed", *facility_attributes(), *UNIT_CODES,
    }  # fmt: skip

    service: Service | None = None


class CandidateSource(LayerSource):
    """Places where a station could open: points or polygons (`candidate_sites`).

    ``services`` are those allowed at rows that name none; without it, all.
    """

    NAMES = LayerSource.NAMES | {
        "kind", "services", "capacity", "beds", "seats", *SITE_AMOUNTS, *UNIT_CODES,
    }  # fmt: skip

    services: Annotated[tuple[Literal["elderly", "childcare"], ...], Field(min_length=1)] | None = (
        None
    )


class ExclusionSource(LayerSource):
    """Ground where no station may open: polygons."""


class EntranceSource(LayerSource):
    """Gates of quarters and doors of facilities: points.

    One that names neither a quarter nor a facility opens the quarter whose boundary is nearest,
    within ``match_m`` metres.
    """

    NAMES = LayerSource.NAMES | {"block_id", "facility_id"}

    match_m: Metres = 30.0


class BenchSource(LayerSource):
    """Places to sit along the streets: points."""


class AdminSource(LayerSource):
    """Units to report by, such as sub-districts (街道): polygons, all of one level.

    ``columns.parent`` is the id of the unit of the next higher level that holds each.
    """

    NAMES = LayerSource.NAMES | {"parent", "urban", *TITLES}

    level: Level | None = None


class AreaSource(LayerSource):
    """The study area: polygons."""


class RasterSource(FileSource):
    """People of each pixel of a GeoTIFF with one band."""


class TerrainSource(BaseModel):
    """Heights of the ground: a digital elevation model (DEM).

    Attributes
    ----------
    path : tuple of Path
        Tiles of one grid: GeoTIFF, ``.hgt``, ``.asc``, or ``.zip`` of these. One may stand alone.
    crs : str or None
        For a raster that says none.
    unit : None, ``"m"``, ``"dm"``, ``"cm"`` or ``"ft"``
        What one unit of the values is; needed where the file does not say it.
    scale : float or None
        What one step of the stored numbers is, in that unit; None: as the file says.
    smoothing_m : float
        Standard deviation of the Gaussian that the grid is smoothed with; 0: none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Annotated[tuple[Path, ...], Field(min_length=1, max_length=100)]
    crs: str | None = None
    unit: Literal["m", "dm", "cm", "ft"] | None = None
    scale: Annotated[float, Field(gt=0, le=1000)] | None = None
    smoothing_m: Annotated[float, Field(ge=0, le=500)] = 0.0

    @field_validator("path", mode="before")
    @classmethod
    def _ordinary_files(cls, path: Any) -> Any:
        paths = path if isinstance(path, list | tuple) else [path]
        return tuple(ordinary_file(one) for one in paths)


class CellSource(LayerSource):
    """Points with people. With ``cell_m`` each stands for a square of that side, in metres.

    ``overlaps`` is what to do with a square that lies mostly on another, as in `ResidentialSource`.
    """

    NAMES = LayerSource.NAMES | {"population"}

    cell_m: Metres | None = None
    overlaps: Literal["refuse", "keep"] = "refuse"


class CensusSource(LayerSource):
    """A census table: a row for each unit, with the people of each band of ages.

    ``columns.id`` is matched with the ids of the ``[admin]`` layer. The columns of ages are
    known by their headers (``0岁``, ``1到4岁``, ``85岁以上``).

    Attributes
    ----------
    unit : str or None
        The unit that holds the whole study, where there is no ``[admin]`` layer.
    base, year
        Who is counted, and when.
    under_3_of_1_to_4 : float
        Share of the people aged 1 to 4 who are 1 or 2.
    age_5_of_5_to_9 : float
        Share of the people aged 5 to 9 who are 5.
    least_in_quarters_percent : float
        Where the totals are shared by floor area: of each unit's floor area, the least part
        that must lie in quarters of the study.
    """

    NAMES = frozenset({"id", "name", "population"})

    unit: str | None = None
    base: Base
    year: Year | None = None
    under_3_of_1_to_4: Share = 0.5
    age_5_of_5_to_9: Share = 0.2
    least_in_quarters_percent: Part = 50.0


class AgeingSource(LayerSource):
    """A table of survival, by which the ages of the census are carried to the target year.

    Attributes
    ----------
    source : str
        Where the table comes from, printed on every output.
    births_per_1000 : float
        Births a year to 1,000 people of the base year, the same number every year.
    """

    NAMES = frozenset({"age", "survival"})

    source: Annotated[str, Field(min_length=1, max_length=200)]
    births_per_1000: Annotated[float, Field(ge=0, le=60)]


# Quarters of which a grid, or the map, says nothing; beyond this part the figures mean little.
UNKNOWN_LIMIT_PERCENT = 30.0


class PopulationSettings(BaseModel):
    """Where the people of each quarter come from.

    Attributes
    ----------
    source
        ``columns`` of the residential layer, a ``raster``, ``cells``, the totals of census
        ``units``, or ``floor_area`` alone.
    base, year
        Who is counted, and when.
    unknown_limit_percent : float
        Most of the study's quarters that may be left out because nobody knows their people:
        without a figure of the grid, or without a mapped dwelling.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Literal["columns", "raster", "cells", "units", "floor_area"]
    base: Base
    year: Year | None = None
    unknown_limit_percent: Part = UNKNOWN_LIMIT_PERCENT


# Denser than the densest estates of slabs and towers; larger figures are mostly none of people.
MOST_PEOPLE_PER_HA = 5000.0


class PeopleSettings(BaseModel):
    """What is assumed where no layer says how many people live there.

    Attributes
    ----------
    age_60_plus_share, age_65_plus_share, ... : float or None
        Share of the population, 0 to 1, for a cohort without a column.
    floor_area_per_person_m2 : float
        Only for people estimated from buildings (no residential layer).
    total : int or None
        Only for people estimated from buildings: the people of all quarters of the study,
        within its area where it has one, such as a census figure.
    most_people_per_ha : float
        More people on a hectare, or on less ground, are taken for an error.
    target_year : int or None
        The year the people are carried forward to, from the year of ``[population]``.
    growth_percent_per_year : dict
        ``population`` and cohorts -> percent a year; a cohort that is not named grows as the
        population does.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    age_60_plus_share: Share | None = None
    age_65_plus_share: Share | None = None
    age_80_plus_share: Share | None = None
    age_0_2_share: Share | None = None
    age_3_5_share: Share | None = None
    floor_area_per_person_m2: Annotated[float, Field(gt=0, le=1000)] = 40.0
    total: Annotated[int, Field(ge=0)] | None = None
    most_people_per_ha: Annotated[float, Field(gt=0, le=100_000)] = MOST_PEOPLE_PER_HA
    target_year: Year | None = None
    growth_percent_per_year: dict[str, Percent] = Field(default_factory=dict)

    def share(self, cohort: str) -> float | None:
        """The stated share of one cohort of `COHORTS`."""
        share: float | None = getattr(self, f"{cohort}_share")
        return share

    def growth(self, group: str) -> float:
        """Percent a year of ``population`` or of one cohort."""
        rates = self.growth_percent_per_year
        return rates.get(group, rates.get("population", 0.0))

    @field_validator("growth_percent_per_year")
    @classmethod
    def _known_groups(cls, rates: dict[str, float]) -> dict[str, float]:
        known = ("population", *COHORTS)
        if not set(rates) <= set(known) or (rates and "population" not in rates):
            raise ValueError(f"population is needed; known: {', '.join(known)}")
        return rates
