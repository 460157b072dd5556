"""How long do the streets of the teaching city take when its slopes are walked?

Worked out from ``docs/terrain.md`` and ``docs/walkers.md`` alone, for `teaching_answers`: heights
are read bilinearly from the grid that is written as ``dem.asc``; streets longer than a cell are cut
into equal pieces; points between two bridges lie straight between the ends of the bridges; and
Tobler's law without a bonus downhill makes each piece slower, up and down by itself. Steps have
their own factor and no slope.

Limits: a bridge is taken to be a chain of straight pieces without branches, as
`teaching_city` draws it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from carecircle.teaching_city import City
from carecircle.teaching_doors import WORKING_CRS, Streets
from carecircle.teaching_ground import E7_PER_M_EAST, E7_PER_M_NORTH, SOUTH_E7, WEST_E7

Ids = NDArray[np.int64]
Metres = NDArray[np.float64]

WGS84 = Geod(ellps="WGS84")
DEM_MARGIN_E7 = 30_000
DEM_CELL_E7, MOST_DEM_CELLS = 5_000, 600
SHORTEST_PIECE_M = 10.0
MILLION = 1_000_000


@dataclass(frozen=True, eq=False)
class Relief:
    """The heights of ``dem.asc``: whole metres at the middles of square cells, north first."""

    west_e7: int
    south_e7: int
    cell_e7: int
    metres: Ids  # (rows, columns)

    @classmethod
    def of(cls, city: City) -> Relief:
        """The grid around the streets."""
        west, south = (int(e7) for e7 in city.node_e7.min(axis=0) - DEM_MARGIN_E7)
        east, north = (int(e7) for e7 in city.node_e7.max(axis=0) + DEM_MARGIN_E7)
        cell = max(DEM_CELL_E7, -(-max(east - west, north - south) // MOST_DEM_CELLS))
        columns, rows = (east - west) // cell + 1, (north - south) // cell + 1
        lon = west + cell * np.arange(columns) + cell // 2
        lat = (south + cell * np.arange(rows) + cell // 2)[::-1]
        x_m, y_m = np.meshgrid((lon - WEST_E7) / E7_PER_M_EAST, (lat - SOUTH_E7) / E7_PER_M_NORTH)
        heights = city.ground.height_above_sea_m(x_m.ravel(), y_m.ravel())
        metres = np.rint(heights).astype(np.int64).reshape(rows, columns)
        return cls(west, south, cell, metres)

    def at(self, lonlat: Metres) -> Metres:
        """Heights of places in degrees, (n, 2): bilinear between the four middles around each."""
        column = (lonlat[:, 0] * 1e7 - self.west_e7) / self.cell_e7 - 0.5
        row = len(self.metres) - 0.5 - (lonlat[:, 1] * 1e7 - self.south_e7) / self.cell_e7
        j, i = np.floor(column).astype(int), np.floor(row).astype(int)
        right, down = column - j, row - i
        grid = self.metres
        above = grid[i, j] * (1 - right) + grid[i, j + 1] * right
        below = grid[i + 1, j] * (1 - right) + grid[i + 1, j + 1] * right
        return np.asarray(above * (1 - down) + below * down)

    def cell_m(self, lon: float, lat: float) -> float:
        """The shorter side of a cell on the ground at a place, metres."""
        side = self.cell_e7 / 1e7
        sides = WGS84.inv([lon, lon], [lat, lat], [lon + side, lon], [lat, lat + side])[2]
        return float(min(sides))


@dataclass(frozen=True, eq=False)
class Slopes:
    """Streets in pieces of one slope each, and the rise of each piece from ``a`` to ``b``."""

    streets: Streets
    rise_m: Metres


def sloping(city: City, streets: Streets) -> Slopes:
    """The streets with their heights; nodes of the city keep their numbers."""
    relief = Relief.of(city)
    lonlat = city.node_e7 / 1e7
    middle = (lonlat.min(axis=0) + lonlat.max(axis=0)) / 2
    longest_mm = 1000 * max(relief.cell_m(*middle), SHORTEST_PIECE_M)
    whole = ~streets.has_doors | streets.is_steps
    pieces = np.where(whole, 1, np.ceil(streets.mm / longest_mm)).astype(np.int64)
    cuts = pieces - 1
    cut_edge = np.repeat(np.arange(len(cuts)), cuts)
    nth = np.arange(len(cut_edge)) - (np.cumsum(cuts) - cuts)[cut_edge] + 1
    start, end = lonlat[streets.a[cut_edge]], lonlat[streets.b[cut_edge]]
    places = np.vstack([lonlat, start + (nth / pieces[cut_edge])[:, None] * (end - start)])

    of = np.repeat(np.arange(len(pieces)), pieces)
    at = np.arange(len(of)) - (np.cumsum(pieces) - pieces)[of]  # which piece of its street
    point = len(lonlat) + (np.cumsum(cuts) - cuts)[of] + at  # where it ends, but for the last
    a = np.where(at == 0, streets.a[of], point - 1)
    b = np.where(at == cuts[of], streets.b[of], point)
    until = [np.rint((at + k) / pieces[of] * streets.mm[of]).astype(np.int64) for k in (0, 1)]
    metres = gpd.GeoSeries(shapely.points(places), crs="EPSG:4326").to_crs(WORKING_CRS)
    xy = np.column_stack([metres.x, metres.y])
    cut = Streets(
        xy=xy,
        a=a,
        b=b,
        low=np.minimum(xy[a], xy[b]),
        high=np.maximum(xy[a], xy[b]),
        mm=until[1] - until[0],
        is_steps=streets.is_steps[of],
        has_doors=streets.has_doors[of],
    )
    heights = over_bridges(cut, relief.at(places)).round(6)
    return Slopes(cut, heights[b] - heights[a])


def over_bridges(streets: Streets, heights: Metres) -> Metres:
    """The heights with those of points that only bridges meet at from between their ends."""
    around: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for edge in np.flatnonzero(~streets.has_doors).tolist():
        a, b, mm = int(streets.a[edge]), int(streets.b[edge]), int(streets.mm[edge])
        around[a].append((b, mm))
        around[b].append((a, mm))
    on_ground = set(streets.a[streets.has_doors]) | set(streets.b[streets.has_doors])
    found = heights.copy()
    for start in (node for node in around if node in on_ground):
        for onward in around[start]:
            chain, along = [start, onward[0]], [0, onward[1]]
            while chain[-1] not in on_ground:
                (after,) = [one for one in around[chain[-1]] if one[0] != chain[-2]]
                chain.append(after[0])
                along.append(along[-1] + after[1])
            share = np.array(along[1:-1]) / along[-1]
            found[chain[1:-1]] = heights[start] + share * (heights[chain[-1]] - heights[start])
    return found


def sloped_ms(slopes: Slopes, speed: int, steps_factor: int) -> Ids:
    """Whole milliseconds along each piece from ``a`` to ``b`` and back, (pieces, 2), half up."""
    streets = slopes.streets
    slope = np.where(streets.is_steps, 0.0, 1000 * slopes.rise_m / streets.mm)
    directed = np.column_stack([slope, -slope]).clip(-1, 1)
    ratio = np.maximum(1.0, np.exp(3.5 * (np.abs(directed + 0.05) - 0.05)))
    millionths = np.rint(MILLION * ratio).astype(np.int64)
    millionths[streets.is_steps] = steps_factor * MILLION
    twice = 2000 * streets.mm[:, None] * millionths
    return np.asarray((twice + speed * MILLION) // (2 * speed * MILLION), np.int64)
