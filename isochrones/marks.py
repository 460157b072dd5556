"""Does every home lie on the right side of the outline?

An outline is a picture, a home has a walk of its own: its door may be farther from the street
than the picture's buffer, its gate may be at the back, its leg may take the last seconds. A
home that the outline puts on the wrong side therefore gets a mark: a square of up to 2 m
across, cut out of where the home lies and given to where it belongs. Counting homes in the
shapes then gives what was walked.

Limits: homes at one and the same place with different walks, or on an outline to the
hundredth of a millimetre, cannot be put right; the certificate counts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely import MultiPolygon, Polygon

from carecircle.isochrones.ground import Shapes

MARK_M = 1.0  # from the home to each corner of its mark
NARROWEST_M = 0.00001
NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Homes:
    """Where homes lie, (h, 2) in metres, and the door of each in the graph, (h,); -1: none."""

    xy: NDArray[np.float64]
    door: NDArray[np.int32]

    def at_nodes(self, nodes: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The homes whose doors are among these nodes, and where among them."""
        if len(self.door) == 0:
            return np.empty(0, np.intp), np.empty(0, np.intp)
        order, doors = self._by_door
        at = np.searchsorted(doors, nodes).clip(max=len(doors) - 1)
        found = np.flatnonzero(doors[at] == nodes)
        return order[at[found]], found

    @cached_property
    def _by_door(self) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
        order = np.argsort(self.door)
        return order, self.door[order]


def marked(shapes: Shapes, xy: NDArray[np.float64], belongs: NDArray[np.intp]) -> Shapes:
    """The shapes, which share borders but no ground, with every home where it belongs.

    Parameters
    ----------
    shapes : (s,) polygons
    xy : (h, 2) float64
        Homes, in the CRS of the shapes.
    belongs : (h,) int
        Position of the shape that each home belongs to; -1 for none of them.
    """
    if len(shapes) == 0 or len(xy) == 0:
        return shapes
    near = (belongs != NOWHERE) | _in_box(xy, shapely.total_bounds(shapes))
    xy, belongs = xy[near], belongs[near]
    lies = shape_of(shapes, xy)
    wrong = np.flatnonzero(lies != belongs)
    if len(wrong) == 0:
        return shapes
    wrong = wrong[np.unique(xy[wrong], axis=0, return_index=True)[1]]
    room_m = _room_m(shapes, xy, belongs, wrong)
    wrong, room_m = wrong[room_m >= NARROWEST_M], room_m[room_m >= NARROWEST_M]
    squares = _squares(xy[wrong], room_m)
    parts, shape = shapely.get_parts(shapes, return_index=True)
    parts = _with_holes(parts, squares[lies[wrong] != NOWHERE])
    given = belongs[wrong] != NOWHERE
    parts = np.concatenate([parts, squares[given]])
    shape = np.concatenate([shape, belongs[wrong][given]])
    return np.array([_gathered(parts[shape == at]) for at in range(len(shapes))], dtype=object)


def shape_of(shapes: Shapes, xy: NDArray[np.float64]) -> NDArray[np.intp]:
    """In which of the shapes each place lies, (n,); -1 for none."""
    found = np.full(len(xy), NOWHERE, dtype=np.intp)
    for at, shape in enumerate(shapes):
        near = np.flatnonzero(_in_box(xy, shapely.bounds(shape)))
        shapely.prepare(shape)
        found[near[shapely.contains_xy(shape, xy[near])]] = at
    return found


def _in_box(xy: NDArray[np.float64], box: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which places lie in ``(west, south, east, north)``; none in the box of nothing (NaN)."""
    (x, y), (west, south, east, north) = xy.T, box
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))


def _room_m(
    shapes: Shapes, xy: NDArray[np.float64], belongs: NDArray[np.intp], wrong: NDArray[np.intp]
) -> NDArray[np.float64]:
    """How large a mark may be to touch neither an outline nor another home's mark.

    Homes at one place that belong to different shapes leave each other no room.
    """
    room = np.full(len(wrong), MARK_M)
    outlines = shapely.get_rings(shapely.get_parts(shapes))
    at, ring = shapely.STRtree(outlines).query(
        shapely.points(xy[wrong]), predicate="dwithin", distance=2 * MARK_M
    )
    to_outline = shapely.distance(shapely.points(xy[wrong[at]]), outlines[ring])
    np.minimum.at(room, at, to_outline / 2)
    tree = cKDTree(xy)
    for place, others in enumerate(tree.query_ball_point(xy[wrong], 3 * MARK_M)):
        away = np.hypot(*(xy[others] - xy[wrong[place]]).T)
        same = away == 0
        if (belongs[np.array(others)[same]] != belongs[wrong[place]]).any():
            room[place] = 0
        room[place] = min(room[place], away[~same].min(initial=np.inf) / 3)
    return room


def _squares(xy: NDArray[np.float64], half_m: NDArray[np.float64]) -> Shapes:
    """Squares that stand on a corner, around each place."""
    corners = np.array([(1, 0), (0, 1), (-1, 0), (0, -1), (1, 0)], dtype=float)
    squares: Shapes = shapely.polygons(xy[:, None] + half_m[:, None, None] * corners)
    return squares


def _with_holes(parts: Shapes, squares: Shapes) -> Shapes:
    """Polygons with the squares inside them cut out."""
    square, part = shapely.STRtree(parts).query(squares, predicate="within")
    parts = parts.copy()
    for at in np.unique(part):
        holes = shapely.get_exterior_ring(squares[square[part == at]])
        parts[at] = Polygon(parts[at].exterior, [*parts[at].interiors, *holes])
    return parts


def _gathered(parts: Shapes) -> Polygon | MultiPolygon:
    """One shape of its parts."""
    if len(parts) == 1:
        only: Polygon = parts[0]
        return only
    return MultiPolygon(list(parts)) if len(parts) else Polygon()
