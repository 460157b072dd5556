"""Which ground belongs to which facility, and what do all of them reach together?

Every place on a reached street belongs to the facility that is nearest along the streets;
where two are equally near the street is cut (`reached`). Ground belongs with the reached
street that is nearest to it. So the areas of the facilities do not overlap, and all of them
put together are what the facilities reach together, exactly: both are made of the same
pieces of ground.

All outlines, those of the rings and those between facilities, are laid over each other once;
every face between them goes to one ring and one facility, by a point inside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.isochrones import kernels, minutes
from carecircle.isochrones.graph import WalkGraph
from carecircle.isochrones.ground import (
    SIMPLIFY_CELLS,
    Shapes,
    disks_of,
    dissolved,
    rings_near,
    simplified,
)
from carecircle.isochrones.marks import NOWHERE, Homes, marked, shape_of
from carecircle.isochrones.minutes import Direction
from carecircle.isochrones.reached import Pieces, ReachedNodes, reached_pieces
from carecircle.isochrones.seats import reached_with_seats
from carecircle.isochrones.service_areas import (
    BUFFER_M,
    CELL_M,
    ServiceArea,
    ascending,
    ring_of_homes,
)


@dataclass(frozen=True, eq=False)
class Catchments:
    """Ground split by nearest facility and by limit.

    Attributes
    ----------
    limits_ms : tuple of int
        Ascending.
    streets : tuple of Pieces
        Within each limit; their owners are positions of facilities.
    cells : (facilities, limits) polygons
        Ground nearest to each facility, of each limit but of no shorter one.
    """

    limits_ms: tuple[int, ...]
    streets: tuple[Pieces, ...]
    cells: Shapes

    def of(self, facility: int) -> ServiceArea:
        """The catchment area of one facility."""
        streets = tuple(pieces.of(facility) for pieces in self.streets)
        rings = self.cells[facility]
        return ServiceArea(self.limits_ms, streets, rings, disks_of(rings))

    def merged(self) -> ServiceArea:
        """What all facilities reach together."""
        rings = [dissolved(self.cells[:, at]) for at in range(len(self.limits_ms))]
        shapes = np.array(rings, dtype=object)
        return ServiceArea(self.limits_ms, self.streets, shapes, disks_of(shapes))


def catchments(
    graph: WalkGraph,
    doors: NDArray[np.int32],
    limits_ms: Sequence[int],
    homes: Homes | None = None,
    direction: Direction = "to",
    buffer_m: float = BUFFER_M,
    cell_m: float = CELL_M,
) -> Catchments:
    """The ground nearest to each facility; arguments as `service_areas.service_areas`."""
    limits = ascending(limits_ms)
    if not limits:
        return Catchments((), (), np.empty((len(doors), 0), dtype=object))
    reached = _reached_from_nearest(graph, np.asarray(doors, np.int32), limits[-1], direction)
    streets = tuple(reached_pieces(graph, reached, limit, direction) for limit in limits)
    rings = rings_near([pieces.ends for pieces in streets], buffer_m, cell_m)
    cells = _split(rings, streets[-1], len(doors), buffer_m, cell_m)
    flat = simplified(cells.ravel(), SIMPLIFY_CELLS * cell_m)
    if homes is not None:
        flat = marked(flat, homes.xy, _cell_of_homes(homes, reached, limits))
    return Catchments(limits, streets, flat.reshape(cells.shape))


def _reached_from_nearest(
    graph: WalkGraph, doors: NDArray[np.int32], limit_ms: int, direction: Direction
) -> ReachedNodes:
    """The nodes in reach of any facility, each with its nearest one."""
    if graph.stretch_ms is not None:
        return nearest_of_each(reached_with_seats(graph, doors, limit_ms, direction))
    if direction in ("to", "from"):
        nearest = minutes.nearest(graph, doors, limit_ms, direction)
    else:
        everywhere = np.arange(len(graph.node_xy), dtype=np.int32)
        table = minutes.reach_table(graph, doors, everywhere, limit_ms, direction=direction)
        columns = minutes.nearest_k(table, len(everywhere), 1)
        nearest = minutes.Nearest(columns.ms[:, 0], columns.source[:, 0])
    node = np.flatnonzero(nearest.source >= 0).astype(np.int32)
    return ReachedNodes(node, nearest.ms[node], nearest.source[node])


def nearest_of_each(reached: Sequence[ReachedNodes]) -> ReachedNodes:
    """Each node with the facility that is nearest to it, the first of those equally near."""
    if not reached:
        nothing = np.empty(0, np.int64)
        return ReachedNodes(nothing.astype(np.int32), nothing, nothing.astype(np.int32), nothing)
    node = np.concatenate([one.node for one in reached])
    ms = np.concatenate([one.ms for one in reached])
    owner = np.repeat(np.arange(len(reached), dtype=np.int32), [len(one.node) for one in reached])
    rest_ms = np.concatenate([one.rest_ms for one in reached if one.rest_ms is not None])
    order = np.lexsort((owner, ms, node))
    node, first = np.unique(node[order], return_index=True)
    best = order[first]
    return ReachedNodes(node, ms[best], owner[best], rest_ms[best])


def _cell_of_homes(
    homes: Homes, reached: ReachedNodes, limits_ms: tuple[int, ...]
) -> NDArray[np.intp]:
    """The cell, facility by facility, that each home belongs to; -1 for none."""
    home, at = homes.at_nodes(reached.node)
    cell = ring_of_homes(homes, reached, limits_ms)
    cell[home] += reached.owner[at].astype(np.intp) * len(limits_ms)
    return cell


def _split(
    rings: Shapes, streets: Pieces, n_facilities: int, buffer_m: float, cell_m: float
) -> Shapes:
    """The rings cut where the nearest street changes its facility: (facilities, limits)."""
    cells = np.array([[shapely.Polygon()] * len(rings)] * n_facilities, dtype=object)
    cells = cells.reshape(n_facilities, len(rings))
    owners = np.unique(streets.owner)
    if len(owners) == 1:
        cells[owners[0]] = rings
        return cells
    borders = list(_borders(streets, buffer_m, cell_m))
    outlines = shapely.get_rings(shapely.get_parts(rings))
    lines = shapely.union_all([*outlines, *borders])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inside = shapely.point_on_surface(faces)
    ring = shape_of(rings, shapely.get_coordinates(inside))
    faces, inside, ring = faces[ring != NOWHERE], inside[ring != NOWHERE], ring[ring != NOWHERE]
    tree = shapely.STRtree(shapely.linestrings(streets.ends))
    owner = streets.owner[tree.query_nearest(inside, all_matches=False)[1]]
    for cell in np.unique(owner.astype(np.int64) * len(rings) + ring):
        of_facility, of_ring = divmod(int(cell), len(rings))
        cells[of_facility, of_ring] = dissolved(faces[(owner == of_facility) & (ring == of_ring)])
    return cells


def _borders(streets: Pieces, buffer_m: float, cell_m: float) -> Iterator[shapely.LineString]:
    """Where the streets of one facility and those of all others are equally near."""
    ends, far = streets.ends / cell_m, buffer_m / cell_m + 2
    low, high = ends.min(axis=1) - far, ends.max(axis=1) + far
    for owner in np.unique(streets.owner):
        own = streets.owner == owner
        first = np.floor(low[own].min(axis=0)).astype(int)
        last = np.ceil(high[own].max(axis=0)).astype(int)
        others = ~own & ((high >= first) & (low <= last)).all(axis=1)
        columns, rows = last - first + 1
        squared = np.full((2, rows, columns), far**2, dtype=np.float32)
        for grid, chosen in zip(squared, (own, others), strict=True):
            kernels.near_pieces(grid, first[0], first[1], ends[chosen], far)
        away = np.sqrt(squared)
        contours = contourpy.contour_generator(
            x=first[0] + np.arange(columns),
            y=first[1] + np.arange(rows),
            z=np.ma.masked_where(away.min(axis=0) >= far, away[0] - away[1]),
            name="serial",
        )
        for line in contours.lines(0.0):
            yield shapely.LineString(np.asarray(line) * cell_m)
