"""Where do homes and facilities open onto the streets: by which gates, doors and entrances?

The study's own entrances are read, the gates of every quarter found by the rules of
`layers.gates`, and homes and facilities joined to the streets by all their ways.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle import assumptions
from carecircle.isochrones.gates import snap_entrances, snap_homes
from carecircle.isochrones.snapping import Snaps, snap
from carecircle.isochrones.walkers import Walker
from carecircle.layers.crs import Frame
from carecircle.layers.entrances import read_entrances
from carecircle.layers.gates import QuarterGates, quarter_gates
from carecircle.layers.network import WalkNetwork
from carecircle.layers.osm import Feature, OsmExtract
from carecircle.layers.problems import Problem, StudyError
from carecircle.notes import Notes
from carecircle.residents import WIDER_THAN_AREA_M
from carecircle.scenario_gates import edited_gates
from carecircle.studyfile import StudyFile


@dataclass(frozen=True, eq=False)
class Doors:
    """All ways from the homes and facilities of a study onto its streets.

    Attributes
    ----------
    home_xy : (k, 2) float64
    home_quarter : (k,) int
        Position of each home's quarter.
    place_xy : (p, 2) float64
        Where facilities are entered.
    place_facility : (p,) int
        Position of the facility each place belongs to.
    register_xy, register_facility
        The same of every facility of the study's register, where plans are judged.
    """

    network: WalkNetwork
    gates: QuarterGates
    home_xy: NDArray[np.float64]
    home_quarter: NDArray[np.int64]
    place_xy: NDArray[np.float64]
    place_facility: NDArray[np.int64]
    limit_m: float
    register_xy: NDArray[np.float64]
    register_facility: NDArray[np.int64]

    @cached_property
    def homes(self) -> Snaps:
        """Homes on the streets."""
        return self.homes_of(None)

    @cached_property
    def facilities(self) -> Snaps:
        """Facilities on the streets."""
        return self.facilities_of(None)

    def for_walker(self, walker: Walker) -> tuple[Snaps, Snaps]:
        """Homes and facilities: who cannot use every street needs other doors.

        Raises
        ------
        StudyError
            E-NET-030: no street is left where a door could open.
        """
        usable = walker.usable(self.network)
        if usable.all():
            return self.homes, self.facilities
        if not (usable & self.network.edge_attachable).any():
            raise StudyError(Problem("E-NET-030", value=walker.id))
        return self.homes_of(walker), self.facilities_of(walker)

    def register_for(self, walker: Walker) -> tuple[Snaps, Snaps]:
        """Homes and the facilities of the register, by the doors this walker can use."""
        homes, _ = self.for_walker(walker)
        usable = None if walker.usable(self.network).all() else walker
        places = self.register_xy, self.register_facility
        return homes, snap_entrances(self.network, *places, self.limit_m, usable)

    def homes_of(self, walker: Walker | None) -> Snaps:
        """Homes with the doors that this walker can use."""
        return snap_homes(
            self.network, self.home_xy, self.home_quarter, self.gates, self.limit_m, walker
        )

    def facilities_of(self, walker: Walker | None) -> Snaps:
        """Facilities with the doors that this walker can use."""
        return snap_entrances(
            self.network, self.place_xy, self.place_facility, self.limit_m, walker
        )

    def without(self, far: NDArray[np.bool_]) -> Doors:
        """The same doors without some of the facilities."""
        number = np.cumsum(~far) - 1
        kept = ~far[self.place_facility]
        return replace(
            self,
            place_xy=self.place_xy[kept],
            place_facility=number[self.place_facility[kept]],
        )


def find_doors(
    study: StudyFile,
    network: WalkNetwork,
    frame: Frame,
    extract: OsmExtract | None,
    residential: GeoDataFrame,
    homes: GeoDataFrame,
    facilities: GeoDataFrame,
    register: GeoDataFrame | None,
    notes: Notes,
) -> Doors:
    """The doors of a study.

    Raises
    ------
    StudyError
        Faults of the layer of entrances; E-GAT-003: an entrance without a street within the
        snap limit.
    """
    limit_m = study.snap.limit_m
    if study.entrances is None:
        entrances = no_entrances(frame)
    else:
        wide = frame if study.area is None else replace(frame, margin_m=WIDER_THAN_AREA_M)
        opened = facilities if register is None else with_others(facilities, register)
        moved = [one.id for one in study.scenario.facilities.move]  # their doors stay behind
        opened = opened[~opened.index.isin(moved)]
        read = read_entrances(study.entrances, wide, residential, opened, notes.met)
        notes.keep(read)
        entrances = read.layer
        refuse_far(entrances, network, study.entrances.path.name, limit_m)
    # a square round a point of a population grid is nobody's wall
    are_quarters = study.residential is None or study.residential.cell_m is None
    walled = residential if "walled" in residential else residential.assign(walled=False)
    mapped = (
        shapes_of(extract.gates if extract else [], frame),
        shapes_of(extract.walls if extract and are_quarters else [], frame),
    )
    own = entrances[entrances["block_id"] != ""]
    gates = quarter_gates(walled, network, own, *mapped)
    if study.scenario.gates.add or study.scenario.gates.close:
        edited = edited_gates(study.scenario, gates, residential, frame)
        refuse_far(edited, network, study.scenario.file, limit_m)
        others = own[~own["block_id"].isin(edited["block_id"])]
        gates = quarter_gates(walled, network, pd.concat([others, edited]), *mapped)
    notes.sentences += assumptions.gates(gates.rule)
    place_xy, place_facility = places_of(facilities, entrances)
    registered = places_of(no_facilities(frame) if register is None else register, entrances)
    return Doors(
        network=network,
        gates=gates,
        home_xy=positions(homes),
        home_quarter=residential.index.get_indexer(homes["block_id"]),
        place_xy=place_xy,
        place_facility=place_facility,
        limit_m=limit_m,
        register_xy=registered[0],
        register_facility=registered[1],
    )


def with_others(facilities: GeoDataFrame, register: GeoDataFrame) -> GeoDataFrame:
    """The facilities that count and, below them, the others of the register."""
    others = register[~register.index.isin(facilities.index)]
    joined: GeoDataFrame = pd.concat([facilities[["geometry"]], others[["geometry"]]])
    return joined


def no_facilities(frame: Frame) -> GeoDataFrame:
    """An empty register."""
    return gpd.GeoDataFrame(geometry=[], crs=frame.crs)


def no_entrances(frame: Frame) -> GeoDataFrame:
    """An empty layer of entrances."""
    return gpd.GeoDataFrame({"block_id": [], "facility_id": []}, geometry=[], crs=frame.crs)


def refuse_far(entrances: GeoDataFrame, network: WalkNetwork, file: str, limit_m: float) -> None:
    """Raise where an entrance has no street within the limit: nobody could pass it."""
    snaps = snap(network, positions(entrances), limit_m)
    problems = [
        Problem(
            "E-GAT-003",
            file,
            value=entrances.index[at],
            details={"metres": round(int(snaps.leg_mm[at]) / 1000), "limit": f"{limit_m:g}"},
        )
        for at in np.flatnonzero(snaps.edge < 0)
    ]
    if problems:
        raise StudyError(problems)


def shapes_of(features: list[Feature], frame: Frame) -> NDArray[Any]:
    """Mapped shapes in the working CRS."""
    shapes = gpd.GeoSeries([feature.geometry for feature in features], crs="EPSG:4326")
    moved: NDArray[Any] = shapes.to_crs(frame.crs).to_numpy()
    return moved


def places_of(
    facilities: GeoDataFrame, entrances: GeoDataFrame
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Where each facility is entered: at its own entrances, else at its point."""
    opened = facilities.index.get_indexer(entrances["facility_id"])
    doors = np.flatnonzero(opened >= 0)
    others = np.flatnonzero(~np.isin(np.arange(len(facilities)), opened))
    xy = np.concatenate([positions(entrances)[doors], positions(facilities)[others]])
    return xy, np.concatenate([opened[doors], others])


def positions(layer: GeoDataFrame) -> NDArray[np.float64]:
    """Eastings and northings of a point layer, (k, 2)."""
    xy: NDArray[np.float64] = shapely.get_coordinates(layer.geometry.to_numpy())
    return xy.reshape(-1, 2)
