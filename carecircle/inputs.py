"""Everything a study reads, read and checked, before anything is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle import assumptions
from carecircle.coverage.result import Sentence
from carecircle.isochrones.snapping import Snaps, snap
from carecircle.isochrones.walkers import Walker
from carecircle.layers.crs import Frame, working_crs
from carecircle.layers.intake import (
    gathered,
    read_admin,
    read_area,
    read_facilities,
    read_residential,
)
from carecircle.layers.network import WalkNetwork
from carecircle.layers.osm import OsmExtract, read_osm
from carecircle.layers.osm_facilities import facilities_from_osm
from carecircle.layers.osm_quarters import town_from_osm
from carecircle.layers.osmnx_graph import lines_of_graph, read_graphml
from carecircle.layers.people import homes_at_blocks
from carecircle.layers.places import admin_of_blocks
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.streets import StreetLines, number_streets
from carecircle.steps import Steps
from carecircle.studyfile import GROUP_OF_SERVICE, StudyFile

Record = Mapping[str, Any]

# With a study area, rows this far from the streets are left out; beyond it they are wrong.
WIDER_THAN_AREA_M = 50_000.0


@dataclass(frozen=True, eq=False)
class Inputs:
    """A study's streets, people and facilities, joined and ready to be measured.

    ``homes`` and ``facilities`` carry ``snap_m``, the straight way to their street (NaN where
    there is none within the limit); facilities also ``on_island``.
    """

    network: WalkNetwork
    residential: GeoDataFrame
    homes: GeoDataFrame
    home_snaps: Snaps
    facilities: GeoDataFrame
    facility_snaps: Snaps
    units: GeoDataFrame | None
    output_crs: str
    snap_facts: Mapping[str, Any]
    records: tuple[Record, ...]
    files: tuple[Record, ...]
    assumptions: tuple[Sentence, ...]
    attributions: tuple[Sentence, ...]
    estimated: frozenset[str]  # groups whose people are an estimate

    def snaps_for(self, walker: Walker) -> tuple[Snaps, Snaps]:
        """Homes and facilities on the streets: a walker without steps needs other doors."""
        if walker.steps_factor is not None:
            return self.home_snaps, self.facility_snaps
        limit_m = self.snap_facts["limit_m"]
        homes, facilities = (
            snap(self.network, positions(layer), limit_m, walker)
            for layer in (self.homes, self.facilities)
        )
        return homes, facilities


class Reader:
    """Reads one study, keeping the records and sentences that come up on the way."""

    def __init__(self, study: StudyFile, graph: Any = None) -> None:
        self.study = study
        self.graph = graph  # an osmnx graph in memory instead of a street file
        self.groups = [GROUP_OF_SERVICE[circle.service] for circle in study.circles]
        self.records: list[Record] = []
        self.files: list[Record] = []
        self.sentences: list[Sentence] = []
        self.estimated: set[str] = set()

    def read(self, steps: Steps) -> Inputs:
        """Streets first: they say where the study is. Then people and facilities on them."""
        with steps.step("streets"):
            lines, extract = self.street_lines()
            frame = frame_of(lines)
            facts = dict(extract.facts) if extract else {}
            network = number_streets(lines, frame.crs, facts)
            self.sentences += assumptions.streets(network.facts)
        with steps.step("layers"):
            (residential, homes, output_crs), facilities, units, area = all_or_refused(
                lambda: self.people(network, frame, extract),
                lambda: self.facilities(frame, extract),
                lambda: self.units(frame),
                lambda: self.area(frame),
            )
            residential, homes = self.inside(area, residential, homes)
            if units is not None:
                residential["admin_id"] = admin_of_blocks(residential, units)
        with steps.step("snapping"):
            limit_m = self.study.snap.limit_m
            home_snaps = snap(network, positions(homes), limit_m)
            facilities, facility_snaps = self.on_streets(network, facilities)
            homes = with_snap(homes, home_snaps)
        return Inputs(
            network=network,
            residential=residential,
            homes=homes,
            home_snaps=home_snaps,
            facilities=facilities,
            facility_snaps=facility_snaps,
            units=units,
            output_crs=output_crs,
            snap_facts={
                "warn_m": self.study.snap.warn_m,
                "limit_m": limit_m,
                "homes": self.snap_report(home_snaps),
                "facilities": self.snap_report(facility_snaps),
            },
            records=tuple(self.records),
            files=tuple(self.files),
            assumptions=tuple(self.sentences),
            attributions=tuple(self.attributions()),
            estimated=frozenset(self.estimated),
        )

    def street_lines(self) -> tuple[StreetLines, OsmExtract | None]:
        """The streets, and the extract they came from when it holds other things too."""
        if self.graph is not None:
            return lines_of_graph(self.graph), None
        path = self.study.network.path
        if path.suffix.lower() == ".graphml":
            return read_graphml(path), None
        extract = read_osm(path)
        return extract.streets, extract

    def people(
        self, network: WalkNetwork, frame: Frame, extract: OsmExtract | None
    ) -> tuple[GeoDataFrame, GeoDataFrame, str]:
        """Quarters with their people, the homes, and the CRS results go back out in."""
        settings = self.study.people
        if self.study.residential is not None:
            if self.study.area is not None:  # a grid may be wider than the area cut from it
                frame = replace(frame, margin_m=WIDER_THAN_AREA_M)
            read = read_residential(self.study.residential, settings, frame, self.groups)
            self.keep(read)
            shared = self.shared_groups(read.records)
            self.estimated.update(shared)
            self.sentences += assumptions.people(settings, shared)
            return read.layer, homes_at_blocks(read.layer), str(read.files[0]["crs"])
        if extract is None:
            raise StudyError(Problem("E-POP-004", str(self.study.network.path)))
        town = town_from_osm(extract, network)
        if town.dwellings.empty:
            raise StudyError(Problem("E-POP-004", str(self.study.network.path)))
        residential, homes = town.people(settings, self.groups)
        self.estimated.update(self.groups)
        self.sentences += assumptions.people_by_floor_area(settings)
        self.sentences += assumptions.people(settings, self.groups)
        return residential, homes, "EPSG:4326"

    def shared_groups(self, records: Sequence[Record]) -> list[str]:
        """The groups whose people came from a stated share."""
        shared = {record["column"] for record in records if record["id"] == "R-POP-002"}
        return [group for group in self.groups if group in shared]

    def area(self, frame: Frame) -> shapely.Geometry | None:
        """The study area as one shape, where the study names one."""
        if self.study.area is None:
            return None
        read = read_area(self.study.area, frame)
        self.keep(read)
        return shapely.union_all(read.layer.geometry.to_numpy())

    def inside(
        self, area: shapely.Geometry | None, residential: GeoDataFrame, homes: GeoDataFrame
    ) -> tuple[GeoDataFrame, GeoDataFrame]:
        """The quarters whose inner point lies in the study area; the rest is recorded."""
        if area is None or self.study.area is None:
            return residential, homes
        shapely.prepare(area)
        inside = shapely.covers(area, residential.representative_point().to_numpy())
        if not inside.any():
            raise StudyError(Problem("E-LOC-005", str(self.study.area.path)))
        outside = residential[~inside]
        if len(outside):
            details = {"rows": len(outside), "people": int(outside["population"].sum())}
            self.record("R-LOC-001", self.study.area.path.name, **details)
            self.sentences += assumptions.outside_area(**details)
        kept = residential[inside].copy()
        return kept, homes[homes["block_id"].isin(kept.index)].copy()

    def facilities(self, frame: Frame, extract: OsmExtract | None) -> GeoDataFrame:
        """The study's own facilities; for a service it brings none of, the extract's."""
        own = []
        if self.study.facilities:
            read = read_facilities(self.study.facilities, frame)
            self.keep(read)
            own.append(read.layer)
        wanted = {circle.service for circle in self.study.circles}
        missing = sorted(wanted - {service for layer in own for service in layer["service"]})
        if not missing:
            return own[0]
        if extract is None:
            details = {"services": ", ".join(missing)}
            raise StudyError(Problem("E-LAY-017", str(self.study.network.path), details=details))
        kindergartens = self.study.osm.kindergartens_are_childcare
        mapped = facilities_from_osm(extract, frame.crs, kindergartens)
        mapped = mapped[mapped["service"].isin(missing)]
        self.sentences += assumptions.facilities_from_osm(missing, kindergartens)
        return pd.concat([*own, mapped])

    def units(self, frame: Frame) -> GeoDataFrame | None:
        """Administrative units to report by, where the study names any."""
        if self.study.admin is None:
            return None
        read = read_admin(self.study.admin, frame)
        self.keep(read)
        return read.layer

    def on_streets(
        self, network: WalkNetwork, facilities: GeoDataFrame
    ) -> tuple[GeoDataFrame, Snaps]:
        """Facilities joined to their street.

        One of the study's own that is too far from any street is refused by name; one that
        was only mapped in OpenStreetMap is left out and recorded.
        """
        limit_m = self.study.snap.limit_m
        snaps = snap(network, positions(facilities), limit_m)
        far = snaps.edge < 0
        own = facilities["file"] != ""
        refused = [
            Problem("E-NET-007", place["file"], row=int(place["row"]), value=id, details=details)
            for id, place, details in too_far(facilities, snaps, far & own, limit_m)
        ]
        if refused:
            raise StudyError(refused)
        for id, _, details in too_far(facilities, snaps, far & ~own, limit_m):
            self.record("R-NET-001", value=id, **details)
        if far.any():
            facilities = facilities[~far]
            snaps = snap(network, positions(facilities), limit_m)
        joined = with_snap(facilities, snaps)
        joined["on_island"] = snaps.component > 0
        return joined, snaps

    def snap_report(self, snaps: Snaps) -> dict[str, Any]:
        """How far points are from their streets, in metres, and how many are too far."""
        legs_m = snaps.leg_mm[snaps.edge >= 0] / 1000
        return {
            "count": len(snaps.edge),
            "mean_m": round(float(legs_m.mean()), 1) if len(legs_m) else None,
            "max_m": round(float(legs_m.max()), 1) if len(legs_m) else None,
            "beyond_warn": int((legs_m > self.study.snap.warn_m).sum()),
            "too_far": int((snaps.edge < 0).sum()),
            "on_islands": int((snaps.component > 0).sum()),
        }

    def keep(self, read: Any) -> None:
        """Keep what a reader recorded."""
        self.records += read.records
        self.files += read.files

    def record(self, id: str, file: str = "", value: Any = None, **details: Any) -> None:
        """Record a decision that this reader took itself."""
        problem = Problem(id, file, value=value, details=details)
        what = {"zh": problem.text("zh"), "en": problem.text("en")}
        self.records.append({"id": id, "file": file, "row": None, "what": what})

    def attributions(self) -> Iterator[Sentence]:
        """Where the data comes from: always OpenStreetMap for streets, then the study's own."""
        yield assumptions.OPENSTREETMAP
        for number, source in enumerate(self.study.study.sources, start=1):
            yield Sentence(f"source-{number}", source, source)


def frame_of(lines: StreetLines) -> Frame:
    """The working CRS and the extent of the streets."""
    used = lines.lonlat[np.unique(lines.ends)]
    west, south = used.min(axis=0)
    east, north = used.max(axis=0)
    bounds = (float(west), float(south), float(east), float(north))
    return Frame(crs=working_crs(bounds), bounds_lonlat=bounds)


def positions(layer: GeoDataFrame) -> NDArray[np.float64]:
    """Eastings and northings of a point layer, (k, 2)."""
    xy: NDArray[np.float64] = shapely.get_coordinates(layer.geometry.to_numpy())
    return xy.reshape(-1, 2)


def with_snap(layer: GeoDataFrame, snaps: Snaps) -> GeoDataFrame:
    """The layer with the straight metres from each point to its street."""
    metres = np.where(snaps.edge >= 0, snaps.leg_mm / 1000, np.nan)
    joined: GeoDataFrame = layer.assign(snap_m=metres.round(1))
    return joined


def too_far(
    layer: GeoDataFrame, snaps: Snaps, chosen: pd.Series, limit_m: float
) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Id and name, row of the layer, and metres to the nearest street of the chosen points."""
    for at in np.flatnonzero(chosen):
        row = layer.iloc[at]
        metres = round(int(snaps.leg_mm[at]) / 1000)
        details = {"metres": metres, "limit": f"{limit_m:g}"}
        yield f"{layer.index[at]} {row['name']}".strip(), row, details


def all_or_refused(*readings: Callable[[], Any]) -> list[Any]:
    """What each reading gives; when several are refused, everything that is wrong with all."""
    problems: list[Problem] = []
    results: list[Any] = []
    for reading in readings:
        with gathered(problems):
            results.append(reading())
    if problems:
        raise StudyError(problems)
    return results
