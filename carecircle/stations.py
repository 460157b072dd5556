"""Which facilities may cover somebody: the study's own, else those of the OSM extract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd
from geopandas import GeoDataFrame

from carecircle import assumptions
from carecircle.layers.crs import Frame
from carecircle.layers.facilities import that_count
from carecircle.layers.intake import read_facilities
from carecircle.layers.osm import OsmExtract
from carecircle.layers.osm_facilities import (
    at_inner_points,
    facilities_from_osm,
    merged,
    sites_of,
)
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.same_site import SAME_SITE_M, Site
from carecircle.notes import Notes
from carecircle.scenario_facilities import edited_facilities
from carecircle.studyfile import StudyFile


@dataclass
class Tally:
    """What the sources together leave out or hold twice, to be said once."""

    left_out: list[Problem] = field(default_factory=list)
    merged_sites: int = 0
    repeated_sites: int = 0


class Stations(NamedTuple):
    """The facilities that may cover somebody, and the register: all of the study's own layers."""

    counting: GeoDataFrame
    register: GeoDataFrame


def read_stations(
    study: StudyFile, frame: Frame, extract: OsmExtract | None, date: str, notes: Notes
) -> Stations:
    """The facilities that count on the day of the study; what does not count is recorded."""
    services = [circle.service for circle in study.circles]
    own = own_stations(study, frame, notes)
    missing = [service for service in services if service not in set(own["service"])]
    tally = Tally()
    sources = [] if own.empty else [counted(own, services, date, False, tally, notes)]
    there = set(own.index)
    if missing:
        mapped = mapped_stations(study, frame, extract, missing, notes)
        there |= set(mapped.index)
        merge = study.osm.merge_same_site
        sources.append(counted(mapped, missing, date, merge, tally, notes))
    notes.sentences += assumptions.facilities_left_out(tally.left_out)
    sites = (tally.merged_sites, tally.repeated_sites)
    notes.sentences += assumptions.same_sites(*sites, f"{SAME_SITE_M:g}")
    counting = pd.concat(sources) if len(sources) > 1 else sources[0]
    return Stations(*edited_facilities(study.scenario, counting, own, there, frame, notes))


def mapped_stations(
    study: StudyFile,
    frame: Frame,
    extract: OsmExtract | None,
    services: Sequence[str],
    notes: Notes,
) -> GeoDataFrame:
    """The facilities of the extract, for services that the study has no layer for."""
    if extract is None:
        details = {"services": ", ".join(services)}
        raise StudyError(Problem("E-LAY-017", study.network.path.name, details=details))
    kindergartens = study.osm.kindergartens_are_childcare
    notes.sentences += assumptions.facilities_from_osm(services, kindergartens)
    mapped = facilities_from_osm(extract, frame.crs, kindergartens)
    notes.meet(mapped)
    return mapped


def own_stations(study: StudyFile, frame: Frame, notes: Notes) -> GeoDataFrame:
    """The facilities of the study's own layers; none where it has no such layer."""
    if not study.facilities:
        return GeoDataFrame({"service": []}, geometry=[], crs=frame.crs)
    read = read_facilities(study.facilities, frame)
    notes.keep(read)
    return read.layer


def counted(
    known: GeoDataFrame,
    services: Sequence[str],
    date: str,
    merge: bool,
    tally: Tally,
    notes: Notes,
) -> GeoDataFrame:
    """Those of one source that count for the services; the others are told.

    ``merge`` tells that a site mapped several times counts once.
    """
    mapped = len(known) > 0 and not known["file"].iloc[0]
    counting, left_out = that_count(known, services, date)
    for problem in left_out:
        if not mapped or problem.id != "R-FAC-006":  # an extract holds every school
            notes.record(problem.id, **problem.details)
    tally.left_out += left_out
    return at_inner_points(once_each(counting, merge, tally, notes))


def once_each(facilities: GeoDataFrame, merge: bool, tally: Tally, notes: Notes) -> GeoDataFrame:
    """One site mapped several times: counted once where sites are merged, else only reported."""
    sites = sites_of(facilities) if len(facilities) else []
    if not sites:
        return facilities
    kept = facilities
    ids = [""] * len(sites)
    if merge:
        kept, ids = merged(facilities, sites)
    for site, id in zip(sites, ids, strict=True):
        listed = ids_of_site(facilities, site)
        if merge:
            notes.record("R-FAC-007", metres=site.metres, ids=listed, kept=id)
        else:
            notes.record("R-FAC-008", metres=site.metres, ids=listed)
    if merge:
        tally.merged_sites += len(sites)
    else:
        tally.repeated_sites += len(sites)
    return kept


def ids_of_site(facilities: GeoDataFrame, site: Site) -> str:
    """The ids and names of the rows of a site."""
    rows = facilities.iloc[list(site.rows)]
    named = zip(rows.index, rows["name"], strict=True)
    return "; ".join(f"{id} {name}".strip() for id, name in named)
