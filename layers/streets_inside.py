"""Where are quarters cut by fewer streets than anywhere else?

Streets run between quarters, not through them. Large quarters have streets of their own, and a
street may cut nearly every one where it really lies; but the share of the streets near them that
runs inside is smaller there than in any other place. The outlines of quarters
(`offset_detective`) do not tell that, so it is evidence of another kind.

Method. Places are taken at even steps along the streets, up to `MOST_PLACES`. Of those within
`NEAR_M` of the quarters, the share that lies more than `EDGE_M` inside them is counted for a
placement, for the layer as declared, and for moves of the whole layer that mean nothing. The
placement is singled out where its share is below `CLEARLY_LESS` of each of the others.

Limits. Quarters drawn without regard to streets are singled out nowhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

MOST_PLACES = 5000
EDGE_M = 5.0
NEAR_M = 40.0
CLEARLY_LESS = 0.9


def fewest_inside(
    declared: NDArray[Any],
    really: NDArray[Any],
    moves_m: NDArray[np.float64],
    tree: shapely.STRtree,
) -> bool:
    """Whether clearly fewer streets run inside quarters where they may ``really`` lie.

    Fewer than as ``declared``, and than wherever ``moves_m`` (k, 2) take them from there.
    """
    reach = float(np.abs(moves_m).max()) + NEAR_M
    places = places_along(tree, shapely.box(*shapely.total_bounds(declared)).buffer(reach))
    no_move = np.zeros((1, 2))
    (there,) = shares_inside(really, places, no_move)
    elsewhere = shares_inside(declared, places, np.concatenate([no_move, moves_m]))
    return bool(there < CLEARLY_LESS * np.nanmin(elsewhere, initial=np.inf))


def places_along(tree: shapely.STRtree, ground: shapely.Geometry) -> NDArray[np.float64]:
    """Places (n, 2) at even steps along the streets that meet this ground."""
    lines = tree.geometries[np.sort(tree.query(ground))]
    ends = np.cumsum(shapely.length(lines))
    if not len(lines) or not ends[-1] > 0:
        return np.empty((0, 2))
    along = (np.arange(MOST_PLACES) + 0.5) / MOST_PLACES * ends[-1]
    line = np.searchsorted(ends, along)
    before = np.concatenate([[0.0], ends])[line]
    return np.asarray(
        shapely.get_coordinates(shapely.line_interpolate_point(lines[line], along - before))
    )


def shares_inside(
    quarters: NDArray[Any], places: NDArray[np.float64], moves_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of the places near the quarters, the share inside them, for each move of the quarters.

    NaN where no place is near.
    """
    inner = shapely.union_all(shapely.buffer(quarters, -EDGE_M))
    outer = shapely.union_all(shapely.buffer(quarters, NEAR_M))
    shapely.prepare([inner, outer])
    shares = np.full(len(moves_m), np.nan)
    for at, move in enumerate(moves_m):
        x, y = (places - move).T
        near = shapely.contains_xy(outer, x, y)
        if near.any():
            shares[at] = shapely.contains_xy(inner, x[near], y[near]).mean()
    return shares
