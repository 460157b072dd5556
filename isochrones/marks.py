"""Does every home lie on the right side of the outline?

An outline is a picture, a home has a walk of its own: its door may be farther from the street
than the picture's buffer, its gate may be at the back, its leg may take the last seconds. A
home that the outline puts on the wrong side therefore gets a mark: a square of up to 2 m
across, cut out of where the home lies and given to where it belongs. Counting homes in the
shapes then gives what was walked.

As a rule the square fits between outlines and other marks, and is a hole here and a polygon
there. A home on an outline, or beside another of the same walk, has no such room: there the
outlines are drawn anew around its square, which is slower.

Limits: homes at one place, to a few hundredths of a millimetre, with different walks cannot be
put right; the certificate counts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely import MultiPolygon, Polygon

from carecircle.isochrones.ground import Shapes, dissolved

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
    near = np.flatnonzero((belongs != NOWHERE) | _in_box(xy, shapely.total_bounds(shapes)))
    lies = shape_of(shapes, xy[near])
    is_wrong = lies != belongs[near]
    nowhere = np.flatnonzero(~is_wrong & (lies == NOWHERE))
    is_wrong[nowhere[_on_borders(shapes, xy[near[nowhere]])]] = True
    if not is_wrong.any():
        return shapes
    wrong, lies = near[is_wrong], lies[is_wrong]
    first = np.unique(xy[wrong], axis=0, return_index=True)[1]
    wrong, lies = wrong[first], lies[first]
    to_homes_m, to_others_m = _room_among_homes(xy, belongs, wrong)
    room_m = np.minimum(to_homes_m, _room_between_outlines(shapes, xy[wrong]))
    roomy = room_m >= NARROWEST_M
    parts, shape = shapely.get_parts(shapes, return_index=True)
    squares = _squares(xy[wrong[roomy]], room_m[roomy])
    parts = _with_holes(parts, squares[lies[roomy] != NOWHERE])
    given = belongs[wrong[roomy]]
    parts = np.concatenate([parts, squares[given != NOWHERE]])
    shape = np.concatenate([shape, given[given != NOWHERE]])
    if (~roomy & (to_others_m >= NARROWEST_M)).any():
        # cutting an outline moves it by the last bit: whoever is on it needs a mark to stay right
        narrow = np.union1d(wrong[~roomy], _on_outlines(parts, xy))
        room_m = _room_among_homes(xy, belongs, narrow)[1]
        narrow, room_m = narrow[room_m >= NARROWEST_M], room_m[room_m >= NARROWEST_M]
        parts, shape = _drawn_anew(parts, shape, _squares(xy[narrow], room_m), belongs[narrow])
    return np.array([_gathered(parts[shape == at]) for at in range(len(shapes))], dtype=object)


def shape_of(shapes: Shapes, xy: NDArray[np.float64]) -> NDArray[np.intp]:
    """In which of the shapes each place lies, (n,); -1 for none."""
    found = np.full(len(xy), NOWHERE, dtype=np.intp)
    for at, shape in enumerate(shapes):
        near = np.flatnonzero(_in_box(xy, shapely.bounds(shape)))
        shapely.prepare(shape)
        found[near[shapely.contains_xy(shape, xy[near])]] = at
    return found


def _on_borders(shapes: Shapes, xy: NDArray[np.float64]) -> NDArray[np.intp]:
    """Which places lie in none of the shapes, but inside two of them put together."""
    touched = np.zeros(len(xy), np.intp)
    for shape in shapes:
        near = np.flatnonzero(_in_box(xy, shapely.bounds(shape)))
        shapely.prepare(shape)
        touched[near] += shapely.intersects_xy(shape, xy[near])
    return np.flatnonzero(touched > 1)


def _in_box(xy: NDArray[np.float64], box: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which places lie in ``(west, south, east, north)``; none in the box of nothing (NaN)."""
    (x, y), (west, south, east, north) = xy.T, box
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))


def _room_between_outlines(shapes: Shapes, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """How large the mark at each place may be to touch no outline."""
    room = np.full(len(xy), MARK_M)
    outlines = shapely.get_rings(shapely.get_parts(shapes))
    at, ring = shapely.STRtree(outlines).query(
        shapely.points(xy), predicate="dwithin", distance=2 * MARK_M
    )
    np.minimum.at(room, at, shapely.distance(shapely.points(xy[at]), outlines[ring]) / 2)
    return room


def _on_outlines(parts: Shapes, xy: NDArray[np.float64]) -> NDArray[np.intp]:
    """The places on an outline, or too near to it for any mark."""
    at, _ = shapely.STRtree(shapely.get_rings(parts)).query(
        shapely.points(xy), predicate="dwithin", distance=2 * NARROWEST_M
    )
    return np.unique(at)


def _room_among_homes(
    xy: NDArray[np.float64], belongs: NDArray[np.intp], wrong: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How large a mark may be to touch no other home's mark, and none that belongs elsewhere.

    Homes at one place that belong to different shapes leave each other no room.
    """
    room, apart = np.full((2, len(wrong)), MARK_M)
    far = 3 * MARK_M
    low, high = xy[wrong].min(axis=0) - far, xy[wrong].max(axis=0) + far
    close = np.flatnonzero(_in_box(xy, np.concatenate([low, high])))
    tree = cKDTree(xy[close])
    for place, found in enumerate(tree.query_ball_point(xy[wrong], far)):
        others = close[found]
        away = np.hypot(*(xy[others] - xy[wrong[place]]).T)
        elsewhere = belongs[others] != belongs[wrong[place]]
        apart[place] = min(MARK_M, away[elsewhere].min(initial=np.inf) / 3)
        room[place] = min(apart[place], away[away > 0].min(initial=np.inf) / 3)
    return room, apart


def _drawn_anew(
    parts: Shapes, shape: NDArray[np.intp], squares: Shapes, belongs: NDArray[np.intp]
) -> tuple[Shapes, NDArray[np.intp]]:
    """Polygons of shapes, and whose they are, where squares on their outlines go elsewhere.

    All lines are cut at once, so that what had a border in common still has.
    """
    touched = np.unique(shapely.STRtree(parts).query(squares, predicate="intersects")[1])
    lines = shapely.union_all(shapely.get_rings(np.concatenate([parts[touched], squares])))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inside = shapely.point_on_surface(faces)
    lies = shape_of(parts[touched], shapely.get_coordinates(inside))
    owner = np.where(lies == NOWHERE, NOWHERE, np.append(shape[touched], NOWHERE)[lies])
    square, face = shapely.STRtree(inside).query(squares, predicate="contains")
    owner[face] = belongs[square]
    owners = np.unique(owner[owner != NOWHERE])
    anew = [shapely.get_parts(dissolved(faces[owner == one])) for one in owners]
    return (
        np.concatenate([np.delete(parts, touched), *anew]),
        np.concatenate([np.delete(shape, touched), np.repeat(owners, [len(p) for p in anew])]),
    )


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
