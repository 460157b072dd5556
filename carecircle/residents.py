"""Who lives where: quarters, their people by one of five routes, ages, the target year, homes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from carecircle import assumptions
from carecircle.layers.admin_units import levels_of, units_of_rows
from carecircle.layers.census import Census, cohorts_of_units, read_census
from carecircle.layers.crs import Frame, results_crs
from carecircle.layers.dasymetric import check_whole_units, dwellings_in, people_of_units
from carecircle.layers.growth import grown
from carecircle.layers.intake import read_area, read_quarters, read_residential
from carecircle.layers.network import WalkNetwork
from carecircle.layers.osm import OsmExtract
from carecircle.layers.osm_quarters import town_from_osm
from carecircle.layers.people import (
    cohorts,
    homes_at_blocks,
    homes_in_buildings,
    people_columns,
    people_from_floor_area,
)
from carecircle.layers.population_cells import Counted, overlapping, people_in_cells
from carecircle.layers.population_raster import people_in_raster
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.sources import COHORTS
from carecircle.notes import Notes, Record
from carecircle.studyfile import StudyFile

# With a study area, rows this far from the streets are left out; beyond it they are wrong.
WIDER_THAN_AREA_M = 50_000.0


class Quarters(NamedTuple):
    """Quarters, their dwellings where people are shared to these, and the CRS to give back."""

    layer: GeoDataFrame
    dwellings: GeoDataFrame | None
    output_crs: str


class Residents:
    """Reads who lives where, for the groups of a study."""

    def __init__(self, file: StudyFile, groups: Sequence[str], frame: Frame, notes: Notes) -> None:
        self.file, self.groups, self.frame, self.notes = file, groups, frame, notes

    def read(
        self, network: WalkNetwork, extract: OsmExtract | None, units: GeoDataFrame | None
    ) -> tuple[GeoDataFrame, GeoDataFrame, str]:
        """Quarters with their people at the target year, homes, the CRS results go back in."""
        census = self.census()
        self.notes.sentences += assumptions.people_base(self.file)
        quarters = self.quarters(network, extract)
        residential = self.counted(quarters, census, units)
        residential = self.inside_area(residential)
        residential = self.with_ages(residential, census, units)
        residential = self.at_target_year(residential)
        return residential, homes_of(residential, quarters.dwellings), quarters.output_crs

    def census(self) -> Census | None:
        """The census table, where the study has one."""
        if self.file.census is None:
            return None
        census = read_census(self.file.census, self.groups)
        self.notes.keep(census)
        return census

    def quarters(self, network: WalkNetwork, extract: OsmExtract | None) -> Quarters:
        """The study's own quarters, else those of the extract."""
        source, route = self.file.residential, self.file.population_source
        if source is None:
            town = town_from_osm(extract, network) if extract is not None else None
            if town is None or town.dwellings.empty:
                raise StudyError(Problem("E-POP-004", str(self.file.network.path)))
            return Quarters(town.quarters, town.dwellings, "EPSG:4326")
        if route == "columns":
            settings, ages_follow = self.file.people, self.file.census is not None
            read = read_residential(source, settings, self.wide_frame(), self.groups, ages_follow)
            shared = estimated_groups(self.groups, read.records)
            self.notes.estimated.update(shared)
            self.notes.sentences += assumptions.people(settings, shared)
        else:
            read = read_quarters(source, self.wide_frame())
        self.notes.keep(read)
        dwellings = None
        if route in ("units", "floor_area"):
            if extract is None:
                raise StudyError(Problem("E-POP-016", str(self.file.network.path)))
            dwellings = dwellings_in(read.layer, extract)
        return Quarters(read.layer, dwellings, results_crs(str(read.files[0]["crs"])))

    def wide_frame(self) -> Frame:
        """A grid may be wider than the area that is cut from it."""
        if self.file.area is None:
            return self.frame
        return replace(self.frame, margin_m=WIDER_THAN_AREA_M)

    def counted(
        self, quarters: Quarters, census: Census | None, units: GeoDataFrame | None
    ) -> GeoDataFrame:
        """The quarters with whole people, by the study's route."""
        layer, dwellings, _ = quarters
        if self.file.population_source != "columns":
            self.notes.estimated.update(self.groups)
        match self.file.population_source:
            case "columns":
                return layer
            case "cells":
                assert self.file.cells is not None  # checked with the study file
                counted = people_in_cells(self.file.cells, layer, self.frame)
                population = self.told(layer, counted, self.file.cells.path.name)
            case "raster":
                assert self.file.raster is not None
                counted = people_in_raster(self.file.raster, layer, self.frame)
                population = self.told(layer, counted, self.file.raster.path.name)
            case "units":
                assert census is not None and dwellings is not None
                population = self.people_of_units(layer, dwellings, census, units)
            case _:
                assert dwellings is not None
                self.notes.sentences += assumptions.people_by_floor_area(self.file.people)
                population = people_from_floor_area(dwellings, self.file.people)
                population = population.reindex(layer.index, fill_value=0)
        return layer.loc[population.index].assign(population=population, estimated=True)

    def told(self, layer: GeoDataFrame, counted: Counted, file: str) -> pd.Series:
        """The people of each quarter; records who lives in none and where quarters overlap."""
        self.notes.keep(counted)
        total = int(counted.population.sum()) + counted.outside
        pairs = len(overlapping(layer.geometry.to_numpy())[0])
        if counted.outside:
            self.notes.record("R-POP-003", file, outside=counted.outside, total=total)
        if pairs:
            self.notes.record("R-POP-004", pairs=pairs)
        self.notes.sentences += assumptions.people_of_grid(self.file, counted.outside, total)
        return pd.Series(counted.population, index=layer.index, name="population")

    def people_of_units(
        self,
        layer: GeoDataFrame,
        dwellings: GeoDataFrame,
        census: Census,
        units: GeoDataFrame | None,
    ) -> pd.Series:
        """Each unit's total, shared to its quarters; quarters in no unit are left out."""
        totals, unit_of = census.totals(), self.unit_of(layer, units, census)
        if units is not None:
            check_whole_units(census_units(units, census), totals, self.frame)
        population = people_of_units(totals, unit_of, dwellings)
        if population.empty:
            raise StudyError(Problem("E-POP-017", details={"units": ", ".join(totals)}))
        left_out = len(layer) - len(population)
        if left_out:
            self.notes.record("R-POP-005", quarters=left_out)
        self.notes.sentences += assumptions.people_of_units(left_out)
        return population

    def unit_of(self, layer: GeoDataFrame, units: GeoDataFrame | None, census: Census) -> pd.Series:
        """The census unit of each quarter; NA where it lies in none."""
        assert self.file.census is not None
        if self.file.census.unit is not None:
            return pd.Series(self.file.census.unit, index=layer.index, dtype=object)
        assert units is not None  # checked with the study file
        file = self.file.residential.path.name if self.file.residential is not None else ""
        # what there is to record of place and code is recorded with the units of the results
        columns, _ = units_of_rows(layer, census_units(units, census), file)
        return columns["admin_id"]

    def inside_area(self, residential: GeoDataFrame) -> GeoDataFrame:
        """The quarters whose inner point lies in the study area; the rest is recorded."""
        if self.file.area is None:
            return residential
        read = read_area(self.file.area, self.frame)
        self.notes.keep(read)
        area = shapely.union_all(read.layer.geometry.to_numpy())
        shapely.prepare(area)
        inside = shapely.covers(area, residential.representative_point().to_numpy())
        if not inside.any():
            raise StudyError(Problem("E-LOC-005", str(self.file.area.path)))
        outside = residential[~inside]
        if len(outside):
            details = {"rows": len(outside), "people": int(outside["population"].sum())}
            self.notes.record("R-LOC-001", self.file.area.path.name, **details)
            self.notes.sentences += assumptions.outside_area(**details)
        return residential[inside].copy()

    def with_ages(
        self, residential: GeoDataFrame, census: Census | None, units: GeoDataFrame | None
    ) -> GeoDataFrame:
        """The cohorts that no column told: by the census where there is one, else by shares."""
        population = residential["population"].to_numpy(np.int64)
        known = {g: residential[g].to_numpy(np.int64) for g in COHORTS if g in residential}
        missing = [group for group in self.groups if group not in known]
        self.notes.estimated.update(missing)
        if census is not None and self.file.census is not None:
            unit_of = self.unit_of(residential, units, census)
            check_units_known(residential, unit_of, census)
            people = cohorts_of_units(census, population, unit_of, known)
            for group, whole in people.items():
                self.notes.record("R-POP-006", group=group, after=int(whole.sum()))
            self.notes.sentences += assumptions.census_ages(self.file.census)
        else:
            people = cohorts(population, self.file.people, missing)
            self.notes.sentences += assumptions.people(self.file.people, missing)
        estimated = residential["estimated"] | bool(missing)
        return residential.assign(**people, estimated=estimated)

    def at_target_year(self, residential: GeoDataFrame) -> GeoDataFrame:
        """The people carried forward from the base year, where the study says how."""
        settings, population = self.file.people, self.file.population
        if settings.target_year is None or population is None or population.year is None:
            return residential
        later = grown(residential, settings, settings.target_year - population.year)
        self.notes.estimated.update(self.groups)
        for group in people_columns(residential):
            self.notes.record(
                "R-POP-007",
                group=group,
                base_year=population.year,
                target_year=settings.target_year,
                before=int(residential[group].sum()),
                after=int(later[group].sum()),
            )
        self.notes.sentences += assumptions.growth(settings, population.year, self.groups)
        return later.assign(estimated=True)


def census_units(units: GeoDataFrame, census: Census) -> GeoDataFrame:
    """The units of the lowest level that the census knows any unit of.

    One level only: a table often has a row for a city and one for each of its districts.
    """
    levels = levels_of(units)
    known = set(units.loc[units.index.isin(list(census.counts)), "level"])
    level = next((level for level in reversed(levels) if level in known), levels[-1])
    return units[units["level"] == level]


def check_units_known(residential: GeoDataFrame, unit_of: pd.Series, census: Census) -> None:
    """E-POP-012, E-POP-013 for quarters whose ages the census cannot tell."""
    problems = []
    for unit, rows in residential.groupby(unit_of, dropna=False, sort=False):
        people = {"quarters": len(rows), "people": int(rows["population"].sum())}
        if pd.isna(unit):
            problems.append(Problem("E-POP-013", details=people))
        elif unit not in census.counts:
            details = {**people, "units": ", ".join(census.counts)}
            problems.append(Problem("E-POP-012", value=unit, details=details))
    if problems:
        raise StudyError(problems)


def homes_of(residential: GeoDataFrame, dwellings: GeoDataFrame | None) -> GeoDataFrame:
    """One home for each dwelling where these are known, else for each quarter."""
    if dwellings is None:
        homes = homes_at_blocks(residential)
    else:
        here = dwellings[dwellings["block_id"].isin(residential.index)]
        homes = homes_in_buildings(residential, here)
    for group in people_columns(residential):
        assert homes[group].sum() == residential[group].sum(), group
    return homes


def estimated_groups(groups: Sequence[str], records: Sequence[Record]) -> list[str]:
    """The groups whose people came from a stated share."""
    shared = {record["column"] for record in records if record["id"] == "R-POP-002"}
    return [group for group in groups if group in shared]
