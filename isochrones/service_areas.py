"""Which ground lies within the limit of a facility, as a picture?

The reached streets are exact: every street is cut where the time runs out, from both ends
where its middle is out of reach. The polygon is a picture of them: all ground within
``buffer_m`` of a reached street, which is the walk from the street to a door that the
picture allows for. It is drawn from a raster of distances to the reached streets,
contoured by linear interpolation (contourpy) and simplified.

Limits: people are never counted by these polygons; a home is covered by its own walk
(`minutes`). The polygon allows for the buffer whether or not a way leads there. The straight
legs from doors to streets take time but are not drawn, so an area is empty when no facility
is attached, or when its leg alone takes longer than the limit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from carecircle.isochrones import kernels, minutes
from carecircle.isochrones.graph import WalkGraph

SIMPLIFY_CELLS = 0.15  # the boundary may move by so much: 1.5 m with cells of 10 m
BLOCK_CELLS = 2048  # a city is rastered in square blocks, so memory does not grow with it


def service_area(
    graph: WalkGraph,
    source_nodes: NDArray[np.int32],
    breaks_ms: Sequence[int],
    buffer_m: float = 25.0,
    cell_m: float = 10.0,
) -> list[Polygon | MultiPolygon]:
    """Ground reached from any of the sources, one valid polygon per break, in their order.

    One facility gives its own area; all facilities of a service together give the reach of
    the service. A larger break contains a smaller one, up to the simplification.

    Parameters
    ----------
    source_nodes : int32
        Doors of the facilities; -1 (not attached) reaches nothing.
    breaks_ms : sequence of int
        Limits in whole milliseconds, inclusive.
    buffer_m : float
        Ground on both sides of a reached street that counts as reached.
    cell_m : float
        Cell of the raster; the boundary is true to a few metres at 10 m.

    Raises
    ------
    ValueError
        A limit is out of range, or the buffer is below two cells and would break up.
    """
    if not 0 < 2 * cell_m <= buffer_m < np.inf:
        raise ValueError(f"a buffer of {buffer_m} m needs cells of at most half of it: {cell_m} m")
    nodes, ms = minutes.within(graph, source_nodes, max(breaks_ms, default=1))
    areas = []
    for limit_ms in breaks_ms:
        reached = ms <= minutes.checked_limit(limit_ms)
        pieces = _reached_pieces(graph, nodes[reached], ms[reached], limit_ms)
        areas.append(_ground_near(pieces, buffer_m, cell_m))
    return areas


def reached_streets(
    graph: WalkGraph, source_nodes: NDArray[np.int32], limit_ms: int
) -> NDArray[np.object_]:
    """The street pieces within the limit of any source, as straight LineStrings.

    A street reached at a single point only is left out.
    """
    nodes, ms = minutes.within(graph, source_nodes, limit_ms)
    lines: NDArray[np.object_] = shapely.linestrings(_reached_pieces(graph, nodes, ms, limit_ms))
    return lines


def _reached_pieces(
    graph: WalkGraph, nodes: NDArray[np.int32], ms: NDArray[np.int64], limit_ms: int
) -> NDArray[np.float64]:
    """Ends (p, 2, 2) of the reached pieces, given all nodes in reach, ascending.

    From each reached node a walker gets as far along an arc as the time left allows. Where
    walkers from both ends meet, the street is drawn once and whole.
    """
    arc, tail = _arcs_from(graph, nodes)
    is_street = graph.arc_is_street[arc]
    arc, tail = arc[is_street], tail[is_street]
    takes_ms = graph.arc_ms[arc].astype(np.int64)
    left_ms = limit_ms - ms[tail]

    head = np.searchsorted(nodes, graph.heads[arc]).clip(max=max(len(nodes) - 1, 0))
    head_reached = nodes[head] == graph.heads[arc]
    left_at_head_ms = np.where(head_reached, limit_ms - ms[head], 0)
    whole = head_reached & (left_ms + left_at_head_ms >= takes_ms)

    fraction = np.where(whole, 1.0, left_ms / np.maximum(takes_ms, 1)).clip(max=1)
    start, end = graph.node_xy[nodes[tail]], graph.node_xy[graph.heads[arc]]
    pieces = np.stack([start, start + fraction[:, None] * (end - start)], axis=1)
    drawn_by_its_twin = whole & (nodes[tail] > graph.heads[arc])
    has_length = (pieces[:, 0] != pieces[:, 1]).any(axis=1)
    drawn: NDArray[np.float64] = pieces[has_length & ~drawn_by_its_twin]
    return drawn


def _arcs_from(
    graph: WalkGraph, nodes: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every arc that leaves one of the nodes, and the position of that node among them."""
    first = graph.indptr[nodes].astype(np.int64)
    count = graph.indptr[nodes + 1] - first
    tail = np.repeat(np.arange(len(nodes)), count)
    place_in_row = np.arange(len(tail)) - np.repeat(np.cumsum(count) - count, count)
    return first[tail] + place_in_row, tail


def _ground_near(
    pieces: NDArray[np.float64], buffer_m: float, cell_m: float
) -> Polygon | MultiPolygon:
    """All ground within the buffer of the pieces."""
    if len(pieces) == 0:
        return Polygon()
    grounds = [block.ground() for block in _blocks(pieces / cell_m, buffer_m / cell_m)]
    if len(grounds) > 1:
        # Blocks share their border line of cells, so their polygons meet without a gap.
        grounds = [shapely.union_all(grounds)]
    return shapely.transform(_simplified(grounds[0]), lambda cells: cells * cell_m)


def _simplified(ground: Polygon | MultiPolygon) -> Polygon | MultiPolygon:
    """The same ground, in cells, with fewer vertices (Douglas-Peucker by ring), and valid.

    Rings that come to touch or cross are repaired with every lobe kept. (Simplifying with
    the topology kept would take minutes on a city with thousands of courtyards.)
    """
    rings, part = shapely.get_rings(shapely.get_parts(ground), return_index=True)
    rings = shapely.simplify(rings, SIMPLIFY_CELLS, preserve_topology=False)
    is_ring = shapely.get_num_coordinates(rings) >= 4  # a hole thinner than that has vanished
    parts = shapely.polygons(rings[is_ring], indices=part[is_ring])
    simplified = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    if not shapely.is_valid(simplified):
        simplified = shapely.make_valid(simplified, method="structure", keep_collapsed=False)
    return simplified


@dataclass(frozen=True, eq=False)
class _Block:
    """A square of the raster and the pieces near it; everything in cells."""

    column: int
    row: int
    columns: int
    rows: int
    pieces: NDArray[np.float64]
    buffer: float

    def ground(self) -> MultiPolygon:
        """What lies within the buffer of a piece, the boundary interpolated between cells."""
        # Cells beyond the buffer but next to a cell within it must be exact too.
        far = self.buffer + 2
        squared = np.full((self.rows, self.columns), far**2, dtype=np.float32)
        kernels.near_pieces(squared, self.pieces - (self.column, self.row), far)
        contours = contourpy.contour_generator(
            x=self.column + np.arange(self.columns),
            y=self.row + np.arange(self.rows),
            z=np.sqrt(squared),
            name="serial",
            fill_type=contourpy.FillType.OuterOffset,
        )
        filled: Any = contours.filled(-1.0, self.buffer)
        return MultiPolygon(
            [_polygon(outline, starts) for outline, starts in zip(*filled, strict=True)]
        )


def _blocks(pieces: NDArray[np.float64], buffer: float) -> Iterator[_Block]:
    """Cut the raster around the pieces into blocks that hold any piece.

    The raster lies on whole cells of the coordinate system, whatever is drawn, so areas of
    different breaks are measured at the same places and contain each other.
    """
    margin = buffer + 2
    low, high = pieces.min(axis=1), pieces.max(axis=1)
    first = np.floor(low.min(axis=0) - margin).astype(int)
    last = np.ceil(high.max(axis=0) + margin).astype(int)
    for row in range(first[1], last[1], BLOCK_CELLS):
        for column in range(first[0], last[0], BLOCK_CELLS):
            corner = np.array([column, row])
            end = np.minimum(corner + BLOCK_CELLS, last)
            near = ((high >= corner - margin) & (low <= end + margin)).all(axis=1)
            if near.any():
                columns, rows = end - corner + 1
                yield _Block(column, row, columns, rows, pieces[near], buffer)


def _polygon(outline: NDArray[np.float64], starts: NDArray[np.uint32]) -> Polygon:
    """A polygon from contourpy's points: its outer ring, then its holes."""
    rings = [outline[start:end] for start, end in pairwise(starts)]
    return Polygon(rings[0], rings[1:])
