"""What do new ways add to the streets?

A new way is walked from end to end. Each of its ends is joined to the nearest street within the
tolerance, at its nearest place, by a straight piece as long as the gap; where no street is so
near, to the ends of other new ways within the tolerance. Between its ends it joins nothing:
a footbridge passes over what it crosses.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from carecircle.layers.crs import LONLAT, transformer
from carecircle.layers.dividing import Ints
from carecircle.layers.road_kinds import Ways
from carecircle.layers.street_ground import Ground, Shapes
from carecircle.layers.street_pieces import divided, metres_of, with_edges
from carecircle.layers.streets import StreetLines

Stray = tuple[int, float]


def with_links(
    lines: StreetLines, shapes: Shapes, ways: Ways, crs: str, snap_m: float, all_levels: bool
) -> tuple[StreetLines, dict[str, Any], list[Stray]]:
    """The streets with new ways, what was done, and the ends that join nothing.

    Each such end is the position of its way and the metres to the nearest street.
    """
    parts, row = shapely.get_parts(shapes, return_index=True)
    tips = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    ground = Ground.of(lines, crs, lines.attachable | all_levels)
    near, foot, at = ground.feet(tips, snap_m)
    tip, other = between_new_ways(tips, near, snap_m)
    streets, cut = divided(lines, ground.edge[at], ground.share(at, foot))
    points, of_point = shapely.get_coordinates(parts, return_index=True)
    number = len(streets.lonlat) + np.arange(len(points))
    begins = np.flatnonzero(np.diff(of_point, prepend=-1))
    stops = np.append(begins[1:], len(points)) - 1
    node = number[np.concatenate([begins, stops])]  # of each tip
    inner = np.delete(np.arange(len(points)), stops)
    steps = np.column_stack([number[inner], number[inner] + 1])
    joins = np.column_stack([node[near], cut.node])
    pairs = np.column_stack([node[tip], node[other]])
    of_tip = np.tile(row, 2)
    of_edge = np.concatenate([row[of_point[inner]], of_tip[near], of_tip[tip]])
    grown = with_edges(
        streets,
        np.column_stack(transformer(crs, LONLAT).transform(points[:, 0], points[:, 1])),
        np.vstack([steps, joins, pairs]),
        ways,
        of_edge,
    )
    new = np.arange(len(grown.ends)) >= len(streets.ends)
    joined = np.union1d(near, np.union1d(tip, other))
    nothing = np.setdiff1d(np.arange(len(tips)), joined)
    stray = list(zip(of_tip[nothing].tolist(), ground.away_m(tips[nothing]), strict=True))
    return grown, {"added_m": metres_of(grown, new), "joined_ends": len(joined)}, stray


def between_new_ways(tips: Shapes, near: Ints, snap_m: float) -> tuple[Ints, Ints]:
    """Pairs of ends of different new ways within the tolerance, one of them at no street."""
    tip, other = shapely.STRtree(tips).query(tips, predicate="dwithin", distance=snap_m)
    parts = len(tips) // 2
    lonely = ~np.isin(tip, near) | ~np.isin(other, near)
    pair = (tip < other) & (tip % parts != other % parts) & lonely
    return tip[pair], other[pair]
