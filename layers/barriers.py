"""What do barriers and closures take away from the streets?

*Barrier point*: the nearest street within the tolerance is cut at its nearest place; where that
is a crossing, every street that meets there ends before it. *Barrier line*: every street it
crosses is cut there. *Polygon*: what lies inside is closed, up to its boundary. *Closure line*:
streets that run along it, within the tolerance and at less than 30 degrees, are closed from its
beginning to its end; streets that cross it stay. *Street name*: every street of that name, or
only what the row's shape closes of it.

Nobody passes a cut, but doors still open on both sides. A wall that follows a street exactly
cuts it at both ends of the shared stretch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.layers.dividing import Divided, Ints, divide
from carecircle.layers.street_ground import SAME_PLACE_M, Ground, Shapes
from carecircle.layers.street_pieces import divided, metres_of, severed, without_edges
from carecircle.layers.streets import StreetLines, projected

ALONG = np.cos(np.radians(30))  # cosine of the largest angle between a closure and its street
Effect = dict[str, Any]


def with_barriers(
    lines: StreetLines, shapes: Shapes, crs: str, snap_m: float, all_levels: bool
) -> tuple[StreetLines, Effect, NDArray[np.bool_]]:
    """The streets behind barriers, what was done, and which barriers did something."""
    kind = shapely.get_dimensions(shapes)
    touched = np.zeros(len(shapes), bool)
    ground = Ground.of(lines, crs, lines.attachable | all_levels)
    at_points, edge_p, share_p = places_of_points(ground, shapes[kind == 0], snap_m)
    crossed, edge_l, share_l = ground.crossed(shapes[kind == 1])
    touched[np.flatnonzero(kind == 0)[at_points]] = True
    touched[np.flatnonzero(kind == 1)[crossed]] = True
    edge, share = np.concatenate([edge_p, edge_l]), np.concatenate([share_p, share_l])
    cuts = len(np.unique(np.column_stack([edge, share]), axis=0))
    cut = severed(lines, edge, share)
    areas = np.flatnonzero(kind == 2)
    chosen = cut.attachable | all_levels
    closed_m = 0.0
    if len(areas):
        cut, closed_m, hit = closed(cut, shapes[areas], None, crs, chosen)
        touched[areas[hit]] = True
    return cut, {"cuts": cuts, "closed_m": closed_m}, touched


def places_of_points(ground: Ground, points: Shapes, snap_m: float) -> tuple[Ints, Ints, Any]:
    """Where points cut: point, edge, share. All edges that meet at a place are cut there."""
    which, foot, _ = ground.feet(points, snap_m)
    place, at = ground.tree.query(foot, predicate="dwithin", distance=SAME_PLACE_M)
    return which[place], ground.edge[at], ground.share(at, foot[place])


def with_closures(
    lines: StreetLines,
    shapes: Shapes,
    streets: NDArray[np.object_],
    crs: str,
    snap_m: float,
    all_levels: bool,
) -> tuple[StreetLines, Effect, NDArray[np.bool_]]:
    """The streets without closed ones, what was done, and which rows did something.

    A row has a line or a polygon, the name of a street (else ``""``), or both.
    """
    touched, metres = np.zeros(len(shapes), bool), 0.0
    by_name = {name: k for k, name in enumerate(lines.names)}
    for at, (shape, name) in enumerate(zip(shapes, streets, strict=True)):
        of_name = np.ones(len(lines.ends), bool)
        if name:
            assert lines.street is not None
            of_name = lines.street == by_name[name]
        if shape is None:
            gone_m, hit = metres_of(lines, of_name), of_name.any()
            lines = without_edges(lines, of_name)
        else:
            chosen = of_name & (lines.attachable | all_levels)
            line = shape if shapely.get_dimensions(shape) == 1 else None
            area = shape if line is None else shapely.buffer(shape, snap_m, cap_style="flat")
            lines, gone_m, closing = closed(lines, np.array([area]), line, crs, chosen)
            hit = closing[0]
        touched[at], metres = hit, metres + gone_m
    return lines, {"closed_m": metres}, touched


def closed(
    lines: StreetLines,
    areas: Shapes,
    along: shapely.Geometry | None,
    crs: str,
    chosen: NDArray[np.bool_],
) -> tuple[StreetLines, float, NDArray[np.bool_]]:
    """The streets without the chosen ones inside areas (that run along a line, where given)."""
    hit = np.zeros(len(areas), bool)
    ground = Ground.of(lines, crs, chosen)
    _, edge, share = ground.crossed(shapely.boundary(areas))
    trial = divide(lines.ends, len(lines.lonlat), edge, share)
    xy = projected(lines.lonlat, crs)
    a, b = xy[lines.ends[trial.parent, 0]], xy[lines.ends[trial.parent, 1]]
    middle = shapely.points(a + trial.span.mean(axis=1)[:, None] * (b - a))
    area, piece = shapely.STRtree(middle).query(areas, predicate="intersects")
    inside = chosen[trial.parent[piece]]
    if along is not None:
        inside &= runs_along(along, middle[piece], (b - a)[piece])
    area, piece = area[inside], piece[inside]
    hit[area] = True
    gone = np.zeros(len(trial.parent), bool)
    gone[piece] = True
    losing = np.isin(edge, trial.parent[gone])  # a street that loses nothing is not cut
    pieces, cut = divided(lines, edge[losing], share[losing])
    removed = np.isin(begins(cut), begins(trial)[gone])
    return without_edges(pieces, removed), metres_of(pieces, removed), hit


def begins(cut: Divided) -> NDArray[np.complex128]:
    """Where each piece begins: edge and share as one number to compare."""
    return np.asarray(cut.parent + 1j * cut.span[:, 0])


def runs_along(
    line: shapely.Geometry, places: Shapes, ways: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether ways through places lead like the line beside them."""
    at = shapely.line_locate_point(line, places)
    step = 0.5
    before = shapely.line_interpolate_point(line, np.maximum(at - step, 0))
    after = shapely.line_interpolate_point(line, np.minimum(at + step, shapely.length(line)))
    course = shapely.get_coordinates(after) - shapely.get_coordinates(before)
    lengths = np.hypot(*course.T) * np.hypot(*ways.T)
    return np.asarray(np.abs((course * ways).sum(axis=1)) >= ALONG * lengths)
