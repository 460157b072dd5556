"""The drawn areas of one circle, as layers with their certificates.

Six layers: the ground of each station within each break, as disks and as rings; the ground
split by nearest station; what all stations reach together, and the same with less detail for a
page; and the reached streets. Every row of ground carries what was measured of it
(`isochrones.certificate`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas import DataFrame

from carecircle.coverage.result import Circle, CircleAreas
from carecircle.isochrones.catchments import Catchments, catchments
from carecircle.isochrones.certificate import ANY_FACILITY, Area, Certificate, certify
from carecircle.isochrones.graph import WalkGraph
from carecircle.isochrones.ground import coarser
from carecircle.isochrones.marks import Homes
from carecircle.isochrones.minutes import Nearest, ReachTable, reach_table
from carecircle.isochrones.seats import between_doors
from carecircle.isochrones.service_areas import ServiceArea, service_areas
from carecircle.isochrones.snapping import Snaps
from carecircle.layers.network import WalkNetwork

MINUTES_BETWEEN_BREAKS = 5
# What a page leaves out of outlines, and of single homes' marks all: the finest detail with which
# all areas of a circle have few enough corners to be sent and drawn at once.
SIMPLIFIED_M = (5.0, 8.0, 12.0, 20.0)
MOST_CORNERS = 40_000
FACILITY_COLUMNS = ("name", "kind", "capacity")


@dataclass(frozen=True, eq=False)
class _Row:
    """One row of a layer of ground: the area, and the minutes it lies between."""

    area: Area
    from_minutes: int
    minutes: int


def areas_of_circle(
    circle: Circle,
    network: WalkNetwork,
    graph: WalkGraph,
    stations: GeoDataFrame,
    station_snaps: Snaps,
    homes: Homes,
    walks: Nearest,
) -> CircleAreas:
    """All areas of a circle.

    Parameters
    ----------
    graph : WalkGraph
        With the homes and the stations as its two sets of points.
    walks : Nearest
        The walk of each home to its nearest station.
    """
    minutes = breaks(circle)
    limits = [60_000 * m for m in minutes]
    doors, seats = graph.points[1], between_doors(graph)
    own_homes, own_doors = seats.points
    table = reach_table(seats, own_doors, own_homes, circle.limit_ms, direction=circle.direction)
    own = service_areas(graph, doors, limits, homes, circle.direction)
    split = catchments(graph, doors, limits, homes, circle.direction)

    rows = {
        "service_areas": list(_disks_of_each(own, table, minutes)),
        "rings": list(_rings_of_each(own, table, minutes)),
        "catchments": list(_cells(split, walks, minutes)),
        "reach": list(_merged(split, walks, minutes)) if len(stations) else [],
    }
    rows["simplified_reach"] = list(_simplified(rows["reach"]))
    certificates = iter(
        certify(
            [row.area for layer in rows.values() for row in layer],
            network,
            circle.walker,
            station_snaps,
            homes,
            circle.direction,
        )
    )
    layers = {
        name: _layer(layer, [next(certificates) for _ in layer], stations)
        for name, layer in rows.items()
    }
    for name in ("reach", "simplified_reach"):
        layers[name] = layers[name].drop(columns=["facility_id", *FACILITY_COLUMNS])
    return CircleAreas(**layers, reached_streets=_streets(split, minutes, stations))


def breaks(circle: Circle) -> list[int]:
    """Minutes at which areas are drawn: every five, and the limit."""
    return [*range(MINUTES_BETWEEN_BREAKS, circle.minutes, MINUTES_BETWEEN_BREAKS), circle.minutes]


def _disks_of_each(
    areas: list[ServiceArea], table: ReachTable, minutes: list[int]
) -> Iterator[_Row]:
    """All ground of each station within each break."""
    for station, area in enumerate(areas):
        homes, ms = table.row(station)
        for at, limit_ms in enumerate(area.limits_ms):
            reached = homes[ms <= limit_ms]
            drawn = Area(area.disks[at], station, limit_ms, area.streets[at], reached)
            yield _Row(drawn, 0, minutes[at])


def _rings_of_each(
    areas: list[ServiceArea], table: ReachTable, minutes: list[int]
) -> Iterator[_Row]:
    """Ground of each station within each break but within none before it."""
    for station, area in enumerate(areas):
        homes, ms = table.row(station)
        after = 0
        for at, limit_ms in enumerate(area.limits_ms):
            reached = homes[(ms <= limit_ms) & ((ms > after) | (at == 0))]
            drawn = Area(area.rings[at], station, limit_ms, area.streets[at], reached)
            yield _Row(drawn, after // 60_000, minutes[at])
            after = limit_ms


def _cells(split: Catchments, walks: Nearest, minutes: list[int]) -> Iterator[_Row]:
    """Ground nearest to each station, between one break and the next."""
    for station, cells in enumerate(split.cells):
        own = walks.source == station
        streets = split.of(station).streets
        after = 0
        for at, limit_ms in enumerate(split.limits_ms):
            homes = own & (walks.ms <= limit_ms) & ((walks.ms > after) | (at == 0))
            drawn = Area(cells[at], station, limit_ms, streets[at], np.flatnonzero(homes))
            yield _Row(drawn, after // 60_000, minutes[at])
            after = limit_ms


def _merged(split: Catchments, walks: Nearest, minutes: list[int]) -> Iterator[_Row]:
    """What all stations reach together within each break."""
    merged = split.merged()
    for at, limit_ms in enumerate(merged.limits_ms):
        homes = np.flatnonzero(walks.ms <= limit_ms)
        drawn = Area(merged.disks[at], ANY_FACILITY, limit_ms, merged.streets[at], homes)
        yield _Row(drawn, 0, minutes[at])


def _simplified(rows: list[_Row]) -> Iterator[_Row]:
    """Grounds that hold each other, the smallest first, with less detail; they hold still."""
    fine = np.array([row.area.ground for row in rows], dtype=object)
    for tolerance_m in SIMPLIFIED_M:
        shapes = coarser(fine, tolerance_m)
        if shapely.get_num_coordinates(shapes).sum() <= MOST_CORNERS:
            break
    for row, shape in zip(rows, shapes, strict=True):
        yield replace(row, area=replace(row.area, ground=shape))


def _layer(
    rows: list[_Row], certificates: list[Certificate], stations: GeoDataFrame
) -> GeoDataFrame:
    """Rows as a layer in the CRS of the stations."""
    station = np.array([row.area.facility for row in rows], dtype=np.intp)
    columns = _of_stations(stations, station)
    columns["from_minutes"] = np.array([row.from_minutes for row in rows], dtype=np.int64)
    columns["minutes"] = np.array([row.minutes for row in rows], dtype=np.int64)
    names = [field.name for field in fields(Certificate)]
    measured = DataFrame([asdict(found) for found in certificates], columns=names)
    measured = measured.astype(
        {name: "float64" if name.endswith("_percent") else "int64" for name in names}
    )
    ground = np.array([row.area.ground for row in rows], dtype=object)
    return GeoDataFrame(pd.concat([columns, measured], axis=1), geometry=ground, crs=stations.crs)


def _of_stations(stations: GeoDataFrame, station: NDArray[np.intp]) -> DataFrame:
    """Id and attributes of the stations at these positions; those at -1 are missing."""
    chosen = DataFrame(stations[list(FACILITY_COLUMNS)]).reset_index(names="facility_id")
    return chosen.reindex(station).reset_index(drop=True)


def _streets(split: Catchments, minutes: list[int], stations: GeoDataFrame) -> GeoDataFrame:
    """The reached streets by nearest station and break; no row where there are none."""
    rows = [
        (station, minutes[at], pieces.of(station))
        for at, pieces in enumerate(split.streets)
        for station in np.unique(pieces.owner)
    ]
    columns = _of_stations(stations, np.array([station for station, _, _ in rows], np.intp))
    columns["minutes"] = np.array([m for _, m, _ in rows], dtype=np.int64)
    lines = np.array([pieces.lines() for _, _, pieces in rows], dtype=object)
    columns["length_m"] = np.rint(shapely.length(lines)).astype(np.int64)
    return GeoDataFrame(columns, geometry=lines, crs=stations.crs)
