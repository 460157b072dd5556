"""Everything a study reads, read and checked, before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle import assumptions, streetwords, walkwords
from carecircle.coverage.candidate_sites import SiteGround
from carecircle.coverage.lacking import OtherFacilities
from carecircle.coverage.result import Sentence
from carecircle.doors import Doors, find_doors, positions, shapes_of
from carecircle.groundwords import ground
from carecircle.isochrones.snapping import BENCH_WITHIN_M, Snaps, snap, snap_doors
from carecircle.isochrones.walkers import Walker
from carecircle.layers.admin_units import read_units, units_of_rows
from carecircle.layers.benches import read_benches
from carecircle.layers.crs import Frame, working_crs
from carecircle.layers.elevation import read_elevation
from carecircle.layers.intake import gathered
from carecircle.layers.kerbs import with_kerbs
from carecircle.layers.network import WalkNetwork
from carecircle.layers.offset_detective import street_tree
from carecircle.layers.osm import OsmExtract
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.sources import LayerSource
from carecircle.layers.streets import StreetLines, number_streets
from carecircle.layers.terrain import with_heights
from carecircle.layers.urban import urban_of_rows
from carecircle.notes import Notes, Record
from carecircle.residents import Residents
from carecircle.scenario_ways import edited_ways
from carecircle.scenariowords import scenario_records, scenario_sentences
from carecircle.siteinputs import note_left_out, site_ground
from carecircle.stations import read_stations
from carecircle.steps import Steps
from carecircle.streetfiles import edited_streets, read_streets, refuse_without_doors
from carecircle.studyfile import GROUP_OF_SERVICE, StudyFile, circles_of

# What else may be wrong with a place in China that is far from every street.
MAY_BE_SHIFTED = {
    "zh": '；若坐标取自网络地图，请先写 crs = "gcj02"（高德、腾讯）或 "bd09"（百度）',
    "en": '. If its coordinates come from an online map, say crs = "gcj02" or "bd09" first',
}


@dataclass(frozen=True, eq=False)
class Inputs:
    """A study's streets, people and facilities, joined and ready to be measured.

    ``homes`` and ``facilities`` carry ``snap_m``, the straight way to their street (NaN where
    there is none within the limit); facilities also ``on_island``. ``register`` holds every
    facility of the study's own layers, be it planned or of a service that no circle tests; None
    where no plan asks for it, or there is no such layer. ``not_counting`` are those of the own
    layers that cover nobody; None without such a layer. ``facility_ids`` are those of all that
    were read, be it for nothing.
    """

    network: WalkNetwork
    residential: GeoDataFrame
    homes: GeoDataFrame
    facilities: GeoDataFrame
    register: GeoDataFrame | None
    not_counting: GeoDataFrame | None
    doors: Doors
    sites: SiteGround
    units: GeoDataFrame | None
    output_crs: str
    snap_facts: Mapping[str, Any]
    records: tuple[Record, ...]
    files: tuple[Record, ...]
    assumptions: tuple[Sentence, ...]
    attributions: tuple[Sentence, ...]
    estimated: frozenset[str]  # groups whose people are an estimate
    facility_ids: frozenset[str]

    def snaps_for(self, walker: Walker) -> tuple[Snaps, Snaps]:
        """Homes and facilities on the streets, by the doors this walker can use."""
        return self.doors.for_walker(walker)

    def others_for(self, walker: Walker) -> OtherFacilities | None:
        """The facilities that cover nobody, on the streets of this walker."""
        if self.not_counting is None:
            return None
        xy = positions(self.not_counting)
        snaps = snap_doors(self.network, xy, self.doors.limit_m, walker)
        return OtherFacilities(self.not_counting, snaps)


class Needs(NamedTuple):
    """What the walkers of a study need of its streets beside the ways."""

    kerbs: bool = False  # somebody waits to cross roads
    benches: bool = False  # somebody must sit down on the way


ON_FOOT_ALONE = Needs()


def needs_of(walkers: Iterable[Walker]) -> Needs:
    """What any of the walkers needs."""
    walkers = list(walkers)
    return Needs(
        kerbs=any(walker.waits for walker in walkers),
        benches=any(walker.stretch_ms is not None for walker in walkers),
    )


class Reader(Notes):
    """Reads one study, keeping the records and sentences that come up on the way."""

    def __init__(
        self,
        study: StudyFile,
        date: str,
        graph: Any = None,
        needs: Needs = ON_FOOT_ALONE,
        refuses_far: bool = True,
    ) -> None:
        super().__init__()
        self.study = study
        self.date = date  # ISO; facilities not open on this day do not count
        self.graph = graph  # an osmnx graph in memory instead of a street file
        self.needs = needs
        self.refuses_far = refuses_far  # own facilities without a street; else nobody walks there
        self.groups = [GROUP_OF_SERVICE[circle.service] for circle in study.circles]

    def read(self, steps: Steps) -> Inputs:
        """Streets first: they say where the study is. Then people and facilities on them."""
        self.records += scenario_records(self.study.scenario)
        self.sentences += scenario_sentences(self.study.scenario)
        with steps.step("streets"):
            streets = read_streets(self.study.network, self.graph, self)
            frame, extract = frame_of(streets.lines), streets.extract
            lines, edits = edited_streets(self.study.edits, streets.lines, frame, self)
            lines, own_edits = edited_ways(self.study.scenario, lines, frame)
            refuse_without_doors(lines.attachable, self.study.scenario.file)
            lines, ground_facts = self.on_the_ground(lines, frame)
            facts = {**streets.facts, **edits, **own_edits, **ground_facts}
            network = number_streets(lines, frame.crs, facts)
            refuse_without_doors(network.edge_attachable)
            frame = replace(frame, streets=street_tree(network))
            self.sentences += assumptions.streets(network.facts)
            self.sentences += [*streetwords.own_streets(facts), *streetwords.edits(facts)]
            self.sentences += ground(network.facts)
            if self.needs.benches:
                network = self.with_benches(network, frame, extract)
        with steps.step("layers"):
            residents = Residents(self.study, self.groups, frame, self)
            problems: list[Problem] = []  # of every layer, to be told together
            units = stations = people = None
            with gathered(problems):
                units = self.units(frame)
            with gathered(problems):
                people = residents.read(network, extract, units)
            with gathered(problems):
                stations = read_stations(self.study, frame, extract, self.date, self)
            if problems or people is None or stations is None:
                raise StudyError(problems)
            residential, homes, output_crs = people
            facilities, register = stations.counting, self.register(stations.register)
            if units is not None:
                residential = self.with_units(residential, units, self.study.residential)
                self.sentences += assumptions.urban(urban_of_rows(residential, units))
                facilities = self.with_units(facilities, units, *self.study.facilities)
                register = self.register_with_units(register, facilities, units)
        with steps.step("snapping"):
            doors = find_doors(
                self.study,
                network,
                frame,
                extract,
                residential,
                homes,
                facilities,
                register,
                self,
            )
            residential["gate_rule"] = doors.gates.rule
            home_snaps = doors.homes
            facilities, doors = self.on_streets(facilities, doors, frame.in_china)
            homes = with_snap(homes, home_snaps)
            sites = self.site_ground(network, frame, units, facilities, doors)
        return Inputs(
            network=network,
            residential=residential,
            homes=homes,
            facilities=facilities,
            register=register,
            not_counting=without(stations.register, facilities),
            doors=doors,
            sites=sites,
            units=units,
            output_crs=output_crs,
            snap_facts={
                "warn_m": self.study.snap.warn_m,
                "limit_m": self.study.snap.limit_m,
                "homes": self.snap_report(home_snaps),
                "facilities": self.snap_report(doors.facilities),
            },
            records=tuple(self.records),
            files=tuple(self.files),
            assumptions=(
                *self.sentences,
                *assumptions.rejected(self.records),
                *assumptions.offsets_unchecked(self.records),
                *assumptions.coarse_places(self.records),
            ),
            attributions=tuple(self.attributions(network.facts)),
            estimated=frozenset(self.estimated),
            facility_ids=frozenset(self.met["facility_id"]),
        )

    def on_the_ground(self, lines: StreetLines, frame: Frame) -> tuple[StreetLines, dict[str, Any]]:
        """The streets with heights, where there is a terrain, and kerbs, where anybody waits."""
        facts: dict[str, Any] = {}
        if self.study.terrain is not None:
            elevation = read_elevation(self.study.terrain, frame)
            lines, facts["terrain"] = with_heights(lines, elevation)
        if self.needs.kerbs:
            lines, facts["kerbs"] = with_kerbs(lines)
        return lines, facts

    def with_benches(
        self, network: WalkNetwork, frame: Frame, extract: OsmExtract | None
    ) -> WalkNetwork:
        """The streets with the places to sit along them; E-NET-033 where none is known."""
        if self.study.benches is not None:
            read = read_benches(self.study.benches, frame)
            self.keep(read)
            xy, own = positions(read.layer), self.study.benches.path.name
        else:
            mapped = shapes_of(extract.benches if extract else [], frame)
            xy, own = shapely.get_coordinates(mapped), ""
        xy = xy[snap(network, xy, BENCH_WITHIN_M).edge >= 0] if len(xy) else xy
        if not len(xy):
            raise StudyError(Problem("E-NET-033", own, details={"limit": f"{BENCH_WITHIN_M:g}"}))
        per_km = round(len(xy) / max(float(network.facts["length_km"]), 0.001), 2)
        facts = {"count": len(xy), "per_km": per_km, "source": own or "OpenStreetMap"}
        self.sentences.append(walkwords.benches(facts))
        return replace(network, bench_xy=xy, facts={**network.facts, "benches": facts})

    def units(self, frame: Frame) -> GeoDataFrame | None:
        """Administrative units to report by, where the study names any."""
        if not self.study.admin:
            return None
        read = read_units(self.study.admin, frame)
        self.keep(read)
        return read.layer

    def with_units(
        self, layer: GeoDataFrame, units: GeoDataFrame, *sources: LayerSource | None
    ) -> GeoDataFrame:
        """The layer with the unit of each row at every level."""
        file = ", ".join(source.path.name for source in sources if source is not None)
        columns, records = units_of_rows(layer, units, file)
        for problem in records:
            self.record(problem.id, file, **problem.details)
        joined: GeoDataFrame = layer.assign(**columns)
        return joined

    def register(self, own: GeoDataFrame) -> GeoDataFrame | None:
        """The study's own facilities, where plans ask for them and there are any."""
        return None if own.empty or not self.study.plans else own

    def register_with_units(
        self, register: GeoDataFrame | None, counting: GeoDataFrame, units: GeoDataFrame
    ) -> GeoDataFrame | None:
        """The register with the unit of each row; those that count are recorded already."""
        if register is None:
            return None
        others = register[~register.index.isin(counting.index)]
        if len(others):  # what there is to record of their places and codes
            self.with_units(others, units, *self.study.facilities)
        columns, _ = units_of_rows(register, units, "")
        joined: GeoDataFrame = register.assign(**columns)
        return joined

    def on_streets(
        self, facilities: GeoDataFrame, doors: Doors, in_china: bool
    ) -> tuple[GeoDataFrame, Doors]:
        """Facilities joined to their street.

        One of the study's own that is too far from any street is refused by name; one that
        was only mapped in OpenStreetMap is left out and recorded.
        """
        snaps = doors.facilities
        far, own = ~snaps.attached, (facilities["file"] != "").to_numpy() & self.refuses_far
        offset = MAY_BE_SHIFTED if in_china else {"zh": "", "en": ""}
        refused = [
            Problem(
                "E-NET-007",
                place["file"],
                row=int(place["row"]),
                value=id,
                details={**details, "offset": offset},
            )
            for id, place, details in too_far(facilities, snaps, far & own, doors.limit_m)
        ]
        if refused:
            raise StudyError(refused)
        for id, _, details in too_far(facilities, snaps, far, doors.limit_m):
            self.record("R-NET-001", value=id, **details)
        if far.any():
            facilities, doors = facilities[snaps.attached], doors.without(~snaps.attached)
            snaps = doors.facilities
        joined = with_snap(facilities, snaps)
        joined["on_island"] = snaps.on_island
        return joined, doors

    def site_ground(
        self,
        network: WalkNetwork,
        frame: Frame,
        units: GeoDataFrame | None,
        facilities: GeoDataFrame,
        doors: Doors,
    ) -> SiteGround:
        """Where stations may stand; places that cannot be used are recorded by name."""
        ground = site_ground(self.study, network, frame, self.graph, self)
        if ground.own is not None and units is not None:
            own = self.with_units(ground.own, units, *self.study.sites.candidates)
            ground = replace(ground, own=own)
        circles = circles_of(self.study)
        note_left_out(circles, network, facilities, doors, ground, self.study.sites.count, self)
        return ground

    def snap_report(self, snaps: Snaps) -> dict[str, Any]:
        """How far points are from their streets, in metres, and how many are too far."""
        legs_m = snaps.shortest_leg_mm[snaps.attached] / 1000
        return {
            "count": len(snaps),
            "mean_m": round(float(legs_m.mean()), 1) if len(legs_m) else None,
            "max_m": round(float(legs_m.max()), 1) if len(legs_m) else None,
            "beyond_warn": int((legs_m > self.study.snap.warn_m).sum()),
            "too_far": int((~snaps.attached).sum()),
            "on_islands": int(snaps.on_island.sum()),
        }

    def attributions(self, facts: Mapping[str, Any]) -> Iterator[Sentence]:
        """Where the data comes from: OpenStreetMap for real streets, then the study's own."""
        drawn = str(facts.get("generator") or "").startswith(assumptions.TEACHING_CITY)
        if facts.get("street_source") not in streetwords.OWN_STREETS:
            yield assumptions.SYNTHETIC if drawn else assumptions.OPENSTREETMAP
        for number, source in enumerate(self.study.study.sources, start=1):
            yield Sentence(f"source-{number}", source, source)


def without(own: GeoDataFrame, counting: GeoDataFrame) -> GeoDataFrame | None:
    """The study's own facilities that do not count; None where it has no layer of its own."""
    return None if own.empty else own[~own.index.isin(counting.index)]


def frame_of(lines: StreetLines) -> Frame:
    """The working CRS and the extent of the streets."""
    used = lines.lonlat[np.unique(lines.ends)]
    west, south = used.min(axis=0)
    east, north = used.max(axis=0)
    bounds = (float(west), float(south), float(east), float(north))
    return Frame(crs=working_crs(bounds), bounds_lonlat=bounds)


def with_snap(layer: GeoDataFrame, snaps: Snaps) -> GeoDataFrame:
    """The layer with the metres from each point to its street, by its shortest way."""
    metres = np.where(snaps.attached, snaps.shortest_leg_mm / 1000, np.nan)
    joined: GeoDataFrame = layer.assign(snap_m=metres.round(1))
    return joined


def too_far(
    layer: GeoDataFrame, snaps: Snaps, chosen: NDArray[np.bool_], limit_m: float
) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Id and name, row of the layer, and metres to the nearest street of the chosen points."""
    shortest_mm = snaps.shortest_leg_mm
    for at in np.flatnonzero(chosen):
        row = layer.iloc[at]
        details = {"metres": round(int(shortest_mm[at]) / 1000), "limit": f"{limit_m:g}"}
        yield f"{layer.index[at]} {row['name']}".strip(), row, details
