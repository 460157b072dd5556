"""Who lives where: quarters, their people by one of five routes, ages, the target year, homes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle import assumptions
from carecircle.layers.admin_units import levels_of, units_of_rows
from carecircle.layers.ageing import aged, people_later, read_survival
from carecircle.layers.census import Census, cohorts_of_units, read_census
from carecircle.layers.crs import Frame, results_crs
from carecircle.layers.dasymetric import (
    LEAST_FLOOR_M2,
    MOST_FLOOR_M2,
    check_whole_units,
    dwellings_of,
    people_of_units,
    plausible_floor,
    units_of_dwellings,
)
from carecircle.layers.growth import grown
from carecircle.layers.intake import read_area, read_quarters, read_residential
from carecircle.layers.network import WalkNetwork
from carecircle.layers.osm import OsmExtract
from carecircle.layers.osm_quarters import Untagged, town_from_osm
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
from carecircle.layers.sample_points import homes_on_grid
from carecircle.layers.sources import COHORTS, UNKNOWN_LIMIT_PERCENT
from carecircle.notes import Notes, Record
from carecircle.peopleyears import note_other_years
from carecircle.studyfile import StudyFile

# With a study area, rows this far from the streets are left out; beyond it they are wrong.
WIDER_THAN_AREA_M = 50_000.0
MOST_NAMED = 5  # quarters that a message names


# Why nobody knows the people of a quarter, and the record of those left out.
UNKNOWN = {
    "R-POP-008": {"zh": "没有格网数值", "en": "no figure of the grid"},
    "R-POP-012": {"zh": "没有标注住宅建筑", "en": "no mapped dwelling"},
}


class Quarters(NamedTuple):
    """Quarters, all dwellings where people are shared to these, and the CRS to give back."""

    layer: GeoDataFrame
    dwellings: GeoDataFrame | None
    output_crs: str


class Residents:
    """Reads who lives where, for the groups of a study."""

    def __init__(self, file: StudyFile, groups: Sequence[str], frame: Frame, notes: Notes) -> None:
        self.file, self.groups, self.frame, self.notes = file, groups, frame, notes
        self.area: shapely.Geometry | None = None  # the study area, once it is read

    def read(
        self, network: WalkNetwork, extract: OsmExtract | None, units: GeoDataFrame | None
    ) -> tuple[GeoDataFrame, GeoDataFrame, str]:
        """Quarters with their people at the target year, homes, the CRS results go back in."""
        census = self.census()
        self.notes.sentences += assumptions.people_base(self.file)
        self.area = self.read_area()
        quarters = self.quarters(network, extract)
        residential = self.counted(quarters, census, units)
        note_other_years(self.file, self.notes)
        residential = self.inside_area(residential)
        self.refuse_counted_ages(residential)
        residential = self.with_ages(residential, census, units)
        residential = self.at_target_year(residential, census, units)
        sample_m = None if self.file.residential is None else self.file.residential.sample_m
        homes = homes_of(residential, quarters.dwellings, sample_m)
        self.notes.sentences += assumptions.homes(residential, homes, sample_m)
        return residential, homes, quarters.output_crs

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
                raise StudyError(Problem("E-POP-004", self.file.network.path.name))
            self.notes.meet(town.quarters)
            self.tell_untagged(town.untagged)
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
                raise StudyError(Problem("E-POP-016", self.file.network.path.name))
            dwellings, untagged = dwellings_of(read.layer, extract)
            self.tell_untagged(untagged)
        return Quarters(read.layer, dwellings, results_crs(str(read.files[0]["crs"])))

    def tell_untagged(self, untagged: Untagged) -> None:
        """Record what was taken for a dwelling."""
        if untagged.untagged:
            self.notes.record(
                "R-POP-011",
                verdict=assumptions.UNTAGGED[untagged.counted],
                tagged=untagged.tagged,
                untagged=untagged.untagged,
            )
        self.notes.sentences += assumptions.untagged_buildings(untagged)

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
                most = self.file.people.most_people_per_ha
                counted = people_in_cells(self.file.cells, layer, self.frame, most)
                population = self.told(layer, counted, self.file.cells.path.name)
            case "raster":
                assert self.file.raster is not None
                most = self.file.people.most_people_per_ha
                counted = people_in_raster(self.file.raster, layer, self.frame, most)
                population = self.told(layer, counted, self.file.raster.path.name)
            case "units":
                assert census is not None and dwellings is not None
                population = self.people_of_units(layer, dwellings, census, units)
            case _:
                assert dwellings is not None
                population = self.people_by_floor_area(layer, dwellings)
        return layer.loc[population.index].assign(population=population, estimated=True)

    def told(self, layer: GeoDataFrame, counted: Counted, file: str) -> pd.Series:
        """The people of each quarter; records who lives in none and where quarters overlap.

        Quarters in a gap of the grid are left out; those beyond it are refused.
        """
        self.notes.keep(counted)
        in_area = self.in_area(layer)
        beyond, in_gaps = counted.beyond & in_area, counted.in_gaps & in_area
        if beyond.any() or not (counted.has_figure & in_area).any():
            details = {"total": int(in_area.sum()), **named(layer, beyond | in_gaps)}
            raise StudyError(Problem("E-POP-018", file, details=details))
        partly = counted.partly_beyond & in_area
        self.leave_out("R-POP-008", layer, in_gaps, in_area, file)
        if partly.any():
            percent = math.ceil(100 * (1 - counted.on_grid[partly].min()))
            self.notes.record("R-POP-009", file, percent=percent, **named(layer, partly))
        total = int(counted.population.sum()) + counted.outside
        pairs = len(overlapping(layer.geometry.to_numpy())[0])
        if counted.outside:
            self.notes.record("R-POP-003", file, outside=counted.outside, total=total)
        if pairs:
            self.notes.record("R-POP-004", pairs=pairs)
        self.notes.sentences += assumptions.people_of_grid(self.file, counted.outside, total)
        self.notes.sentences += assumptions.limits_of_grid(int(in_gaps.sum()), int(partly.sum()))
        population = pd.Series(counted.population, index=layer.index, name="population")
        return population[~in_gaps]

    def leave_out(
        self,
        id: str,
        layer: GeoDataFrame,
        unknown: NDArray[np.bool_],
        of: NDArray[np.bool_],
        file: str = "",
    ) -> None:
        """Record quarters whose people nobody knows; E-POP-024 for too many ``of`` the study.

        Quarters that were taken from the map come as they are, and are only told.
        """
        if not unknown.any():
            return
        settings = self.file.population
        limit = UNKNOWN_LIMIT_PERCENT if settings is None else settings.unknown_limit_percent
        part, total = named(layer, unknown), int(of.sum())
        percent = 100 * part["count"] / total
        if self.file.residential is not None and percent > limit:
            about = {"total": total, "percent": f"{percent:.3g}", "limit": f"{limit:g}"}
            details = {**part, **about, "reason": UNKNOWN[id]}
            raise StudyError(Problem("E-POP-024", file, details=details))
        self.notes.record(id, file, **part)

    def leave_out_empty(self, layer: GeoDataFrame, empty: pd.Index, of: pd.Index) -> None:
        """Quarters without a mapped dwelling, ``of`` those that people are shared to."""
        unknown = layer.index.isin(empty)
        self.leave_out("R-POP-012", layer, unknown, layer.index.isin(of))
        self.notes.sentences += assumptions.no_dwellings(int(unknown.sum()))

    def tell_floor(self, floors: Mapping[str, tuple[float, int]]) -> None:
        """Tell totals (place -> floor area and people) that do not fit their floor area."""
        strange = {k: v for k, v in floors.items() if not plausible_floor(*v)}
        usual: dict[str, Any] = {"least": LEAST_FLOOR_M2, "most": MOST_FLOOR_M2}
        for place, (area_m2, people) in strange.items():
            floor = f"{area_m2 / people:.3g}"
            self.notes.record("R-POP-013", value=place or None, people=people, floor=floor, **usual)
        self.notes.sentences += assumptions.implausible_floor(len(strange))

    def people_by_floor_area(self, layer: GeoDataFrame, dwellings: GeoDataFrame) -> pd.Series:
        """People of the quarters in the study area: a stated total is the people of these."""
        inside = layer.index[self.in_area(layer)]
        left_out = len(layer) - len(inside)
        if left_out and self.file.area is not None:
            self.notes.record("R-LOC-002", self.file.area.path.name, quarters=left_out)
            self.notes.sentences += assumptions.outside_area_uncounted(left_out)
        here = dwellings[dwellings["block_id"].isin(inside)]
        self.notes.sentences += assumptions.people_by_floor_area(
            self.file.people, in_area=self.file.area is not None
        )
        population = people_from_floor_area(here, self.file.people)
        if self.file.people.total is not None:
            self.tell_floor({"": (float(here["floor_area_m2"].sum()), self.file.people.total)})
        self.leave_out_empty(layer, inside.difference(population.index), inside)
        return population.reindex(inside[inside.isin(population.index)])

    def people_of_units(
        self,
        layer: GeoDataFrame,
        dwellings: GeoDataFrame,
        census: Census,
        units: GeoDataFrame | None,
    ) -> pd.Series:
        """Each unit's total, shared to its dwellings; quarters in no unit are left out."""
        assert self.file.census is not None and units is not None  # checked with the study file
        totals, unit_of = census.totals(), self.unit_of(layer, units, census)
        of_census = census_units(units, census)
        check_whole_units(of_census, totals, self.frame)
        unit = units_of_dwellings(dwellings, unit_of.dropna(), of_census)
        least_percent = self.file.census.least_in_quarters_percent
        shared = people_of_units(totals, unit_of, dwellings.assign(unit=unit), least_percent)
        if shared.population.empty:
            raise StudyError(Problem("E-POP-017", details={"units": ", ".join(totals)}))
        for row in shared.shares.itertuples():
            details: dict[str, Any] = {"people": row.people, "in_quarters": row.in_quarters}
            self.notes.record("R-POP-010", value=row.Index, percent=row.percent, **details)
        floors = shared.shares[["floor_area_m2", "people"]].itertuples()
        self.tell_floor({str(unit): (area_m2, people) for unit, area_m2, people in floors})
        in_area = layer.index[self.in_area(layer)]
        empty = pd.Index(shared.empty).intersection(in_area)
        self.leave_out_empty(layer, empty, in_area)
        left_out = len(layer) - len(shared.population) - len(shared.empty)
        if left_out:
            self.notes.record("R-POP-005", quarters=left_out)
        people = int(shared.shares["people"].sum())
        self.notes.sentences += assumptions.people_of_units(people, shared.outside, left_out)
        return shared.population

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
        inside = self.in_area(residential)
        outside = residential[~inside]
        if len(outside) and self.file.area is not None:
            details = {"rows": len(outside), "people": int(outside["population"].sum())}
            self.notes.record("R-LOC-001", self.file.area.path.name, **details)
            self.notes.sentences += assumptions.outside_area(**details)
        return residential[inside].copy()

    def read_area(self) -> shapely.Geometry | None:
        """The study area, where the study has one."""
        if self.file.area is None:
            return None
        read = read_area(self.file.area, self.frame)
        self.notes.keep(read)
        area = shapely.union_all(read.layer.geometry.to_numpy())
        shapely.prepare(area)
        return area

    def in_area(self, quarters: GeoDataFrame) -> NDArray[np.bool_]:
        """Which quarters have their inner point in the study area; all where there is none."""
        if self.area is None or self.file.area is None:
            return np.ones(len(quarters), dtype=bool)
        inside = shapely.covers(self.area, quarters.representative_point().to_numpy())
        if not inside.any():
            raise StudyError(Problem("E-LOC-005", self.file.area.path.name))
        return np.asarray(inside)

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

    def refuse_counted_ages(self, residential: GeoDataFrame) -> None:
        """E-POP-029: ageing knows what becomes of the ages of units, not of other counts."""
        counted = [group for group in COHORTS if group in residential]
        if self.file.ageing is not None and counted:
            file = self.file.residential.path.name if self.file.residential is not None else ""
            raise StudyError(Problem("E-POP-029", file, details={"groups": ", ".join(counted)}))

    def at_target_year(
        self, residential: GeoDataFrame, census: Census | None, units: GeoDataFrame | None
    ) -> GeoDataFrame:
        """The people carried forward from the base year, where the study says how."""
        settings, population = self.file.people, self.file.population
        if settings.target_year is None or population is None or population.year is None:
            return residential
        years = settings.target_year - population.year
        if self.file.ageing is not None and census is not None:
            later = self.aged(residential, census, units, years)
            said = assumptions.ageing(self.file.ageing, population.year, settings.target_year)
        else:
            later = grown(residential, settings, years)
            said = assumptions.growth(settings, population.year, self.groups)
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
        self.notes.sentences += said
        return later.assign(estimated=True)

    def aged(
        self, residential: GeoDataFrame, census: Census, units: GeoDataFrame | None, years: int
    ) -> GeoDataFrame:
        """The same quarters with the people and ages that their units will have."""
        assert self.file.ageing is not None and self.file.census is not None
        survival = read_survival(self.file.ageing)
        self.notes.keep(survival)
        births = self.file.ageing.births_per_1000
        after = aged(census, survival, births, years, self.file.census)
        unit_of = self.unit_of(residential, units, census)
        population = residential["population"].to_numpy(np.int64)
        population = people_later(population, unit_of, census, after)
        people = cohorts_of_units(after, population, unit_of, {})
        later: GeoDataFrame = residential.assign(population=population, **people)
        return later


def named(layer: GeoDataFrame, chosen: NDArray[np.bool_]) -> dict[str, Any]:
    """How many quarters are chosen, and the ids of the first of them."""
    ids = [str(id) for id in layer.index[chosen]]
    more = " …" if len(ids) > MOST_NAMED else ""
    return {"count": len(ids), "ids": ", ".join(ids[:MOST_NAMED]) + more}


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


def homes_of(
    residential: GeoDataFrame, dwellings: GeoDataFrame | None, sample_m: float | None
) -> GeoDataFrame:
    """One home for each dwelling where these are known, else on a grid, or for each quarter."""
    if dwellings is None and sample_m is not None:
        homes = homes_on_grid(residential, sample_m)
    elif dwellings is None:
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
