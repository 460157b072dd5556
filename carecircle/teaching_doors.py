"""Where do the homes of the teaching city open onto its streets?

Worked out from ``docs/architecture.md`` and ``docs/gates.md`` alone, for `teaching_answers`: every
point is compared with every piece of street near it in a plain loop. Who lives behind a wall goes
by its gates: along the ways inside when these meet the wall at the gates and nowhere else, else
straight to each gate and on; ways inside are walked 1.3 times.

Limits: quarters are convex and streets one connected network, as `teaching_city` draws them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from carecircle.teaching_city import WAY_KINDS, City, way_edges

Ids = NDArray[np.int64]

WORKING_CRS = "EPSG:4545"  # CGCS2000, 3-degree zone of 108 E
SNAP_LIMIT_M = 300
INSIDE_DETOUR_PERCENT = 130
DEEP_M = 5  # a way leads into a quarter when it gets so far from the wall
AT_GATE_M = 15


@dataclass(frozen=True, eq=False)
class Streets:
    """Every straight piece of street, and where its ends lie in metres."""

    xy: NDArray[np.float64]  # (nodes, 2), working CRS
    a: Ids
    b: Ids
    low: NDArray[np.float64]  # (pieces, 2), corners of the box around each
    high: NDArray[np.float64]
    mm: Ids
    is_steps: NDArray[np.bool_]
    has_doors: NDArray[np.bool_]


@dataclass(frozen=True)
class Door:
    """A place on a piece of street, so far from its node ``a``, and the leg walked to it."""

    edge: int
    offset_mm: int
    leg_mm: int


# One leg for each gate; the walk takes the best.
Opening = tuple[Door, ...]


def measured_streets(city: City) -> Streets:
    """The drawn ways, cut into straight pieces and measured on the ellipsoid."""
    a, b = way_edges(city.way_start, city.way_nodes)
    kind = np.repeat(city.way_kind, np.diff(city.way_start) - 1)
    lon, lat = (city.node_e7 / 1e7).T
    metres = Geod(ellps="WGS84").inv(lon[a], lat[a], lon[b], lat[b])[2]
    points = gpd.GeoSeries(shapely.points(lon, lat), crs="EPSG:4326").to_crs(WORKING_CRS)
    xy = np.column_stack([points.x, points.y])
    return Streets(
        xy=xy,
        a=a,
        b=b,
        low=np.minimum(xy[a], xy[b]),
        high=np.maximum(xy[a], xy[b]),
        mm=np.rint(metres * 1000).astype(np.int64),
        is_steps=kind == WAY_KINDS.index("stairs"),
        has_doors=kind != WAY_KINDS.index("bridge"),
    )


def openings(city: City, streets: Streets, asked: Ids) -> list[list[Opening]]:
    """How the home of each of these quarters opens; several where streets are equally near.

    None where no street is within `SNAP_LIMIT_M`.
    """
    gate_node = {id: rows.to_numpy() for id, rows in city.gates.groupby("quarter_id")["node"]}
    quarters = city.quarters.geometry.iloc[asked].to_crs(WORKING_CRS)
    kept, streets = around_all(streets, quarters.total_bounds)
    found: list[list[Opening]] = []
    for id, quarter in quarters.items():
        home = quarter.representative_point()
        if id in gate_node:
            found.append(behind_gates(streets, quarter, home.x, home.y, gate_node[id]))
        else:
            found.append([(door,) for door in nearest_doors(streets, home.x, home.y)])
    return [[of_all(opening, kept) for opening in open] for open in found]


def around_all(streets: Streets, bounds: NDArray[np.float64]) -> tuple[Ids, Streets]:
    """The pieces that a home or gate within the bounds may open onto, and their numbers."""
    low, high = bounds[:2] - SNAP_LIMIT_M - AT_GATE_M, bounds[2:] + SNAP_LIMIT_M + AT_GATE_M
    kept = np.flatnonzero((streets.low <= high).all(axis=1) & (streets.high >= low).all(axis=1))
    pieces = {
        name: getattr(streets, name)[kept]
        for name in ("a", "b", "low", "high", "mm", "is_steps", "has_doors")
    }
    return kept, replace(streets, **pieces)


def of_all(opening: Opening, kept: Ids) -> Opening:
    """The same doors, their pieces numbered among all of the city."""
    return tuple(replace(door, edge=int(kept[door.edge])) for door in opening)


def nearest_doors(streets: Streets, x: float, y: float) -> list[Door]:
    """The nearest place on a street with doors, and those equally near to the millimetre.

    None beyond `SNAP_LIMIT_M`.
    """
    around = np.array([x, y])
    near = streets_in(streets, around - SNAP_LIMIT_M, around + SNAP_LIMIT_M)
    doors = [door_on(streets, edge, x, y) for edge in near]
    least_mm = min((door.leg_mm for door in doors), default=0)
    if least_mm > SNAP_LIMIT_M * 1000:
        return []
    return [door for door in doors if door.leg_mm == least_mm]


def streets_in(streets: Streets, low: NDArray[np.float64], high: NDArray[np.float64]) -> list[int]:
    """Pieces of street with doors whose box meets a box."""
    meets = (streets.low <= high).all(axis=1) & (streets.high >= low).all(axis=1)
    found: list[int] = np.flatnonzero(meets & streets.has_doors).tolist()
    return found


def door_on(
    streets: Streets, edge: int, x: float, y: float, low: float = 0.0, high: float = 1.0
) -> Door:
    """The nearest place of one straight piece of street, or of the part between two shares."""
    (ax, ay), (bx, by) = streets.xy[streets.a[edge]], streets.xy[streets.b[edge]]
    dx, dy = bx - ax, by - ay
    part = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)
    part = min(high, max(low, float(part)))
    away_m = float(np.hypot(x - ax - part * dx, y - ay - part * dy))
    return Door(edge, round(part * int(streets.mm[edge])), round(away_m * 1000))


def behind_gates(
    streets: Streets, quarter: shapely.Polygon, x: float, y: float, gate_node: Ids
) -> list[Opening]:
    """How a home opens that has a wall around it."""
    gates = streets.xy[gate_node].round(3)  # gates stand at whole millimetres
    inside = ways_inside(streets, quarter)
    walls = [line_of(streets, edge) & quarter.exterior for edge in inside]
    crossings = shapely.get_coordinates(walls)
    if all_near(crossings, gates) and all_near(gates, crossings):
        doors = [inner_door(streets, edge, x, y, piece) for edge, piece in inside.items()]
        least_mm = min(door.leg_mm for door in doors)
        return [(lengthened(door, 0, door.leg_mm),) for door in doors if door.leg_mm == least_mm]
    by_gate = []
    for gate_x, gate_y in gates:
        straight_mm = round(1000 * float(np.hypot(gate_x - x, gate_y - y)))
        doors = nearest_doors(streets, gate_x, gate_y)
        by_gate.append([lengthened(door, door.leg_mm, straight_mm) for door in doors])
    return list(product(*by_gate))


def ways_inside(streets: Streets, quarter: shapely.Polygon) -> dict[int, shapely.Geometry]:
    """The parts within a quarter of all ways that lead into it, by number of the street."""
    west, south, east, north = quarter.bounds
    near = streets_in(streets, np.array([west, south]), np.array([east, north]))
    ends = {edge: {int(streets.a[edge]), int(streets.b[edge])} for edge in near}
    parts = {edge: line_of(streets, edge) & quarter for edge in near}
    within = {edge: part for edge, part in parts.items() if part.length}
    deep = quarter.buffer(-DEEP_M)
    waiting = [edge for edge, part in within.items() if part.intersects(deep)]
    reached = set(waiting)
    while waiting:  # on through the junctions inside
        nodes = {n for n in ends[waiting.pop()] if quarter.contains(shapely.Point(streets.xy[n]))}
        onward = [edge for edge in within if edge not in reached and nodes & ends[edge]]
        reached.update(onward)
        waiting += onward
    return {edge: within[edge] for edge in sorted(reached)}


def line_of(streets: Streets, edge: int) -> shapely.LineString:
    """A piece of street as a line."""
    return shapely.LineString(streets.xy[[streets.a[edge], streets.b[edge]]])


def all_near(some: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    """Whether each place has one of the others within `AT_GATE_M`; there must be some."""
    return len(some) > 0 and all(
        any(float(np.hypot(*(one - other))) <= AT_GATE_M for other in others) for one in some
    )


def inner_door(streets: Streets, edge: int, x: float, y: float, piece: shapely.Geometry) -> Door:
    """The nearest place on the part of a street that lies in the quarter."""
    start = streets.xy[streets.a[edge]]
    along = streets.xy[streets.b[edge]] - start
    shares = (shapely.get_coordinates(piece) - start) @ along / (along @ along)
    low, high = max(0.0, float(shares.min())), min(1.0, float(shares.max()))
    return door_on(streets, edge, x, y, low, high)


def lengthened(door: Door, outside_mm: int, inside_mm: int) -> Door:
    """A door whose leg leads through a quarter, half up to whole millimetres."""
    inside_mm = (inside_mm * INSIDE_DETOUR_PERCENT + 50) // 100
    return Door(door.edge, door.offset_mm, outside_mm + inside_mm)
