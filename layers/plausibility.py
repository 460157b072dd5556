"""Can so many people live on so little ground, and on such cells?

A nodata value that is not declared, a figure in another unit, a grid whose cells do not meet:
each reads like numbers of people. More than ``most_people_per_ha`` people on a hectare are taken
for an error, and so are cells that lie much further apart, or nearer, than they are wide.

Limits: ground smaller than a hectare may hold as many people as a hectare, since the polygon of a
single tall building may be a quarter. A wrong figure below the limit is not seen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from carecircle.layers.reading import Reading

M2_PER_HA = 10_000
# Neighbours may lie so many times as far apart as cells are wide: a grid may list every second one.
WIDEST_STEP = 2.0
# And so much nearer: cells of “100 m” are often 3 seconds of arc, about 94 m.
NARROWEST_STEP = 0.9
NEAREST_QUARTER = 0.25  # of the cells, which have a neighbour within the step of their grid
FEWEST_CELLS = 10  # fewer tell nothing of the grid that they were taken from
MOST_CELLS = 20_000  # drawn at random, since files list grids in orders of their own


def too_dense(people: ArrayLike, area_m2: ArrayLike, most_per_ha: float) -> NDArray[np.bool_]:
    """Which numbers of people are more than their ground, or a hectare, can hold.

    >>> too_dense([6000, 6000, 6000], [5_000, 10_000, 20_000], 5000).tolist()
    [True, True, False]
    """
    hectares = np.maximum(np.asarray(area_m2, dtype=np.float64) / M2_PER_HA, 1.0)
    return np.asarray(np.asarray(people, dtype=np.float64) > most_per_ha * hectares)


def note_too_dense(
    reading: Reading, people: NDArray[np.float64], shapes: NDArray[Any], most_per_ha: float
) -> None:
    """Note rows (E-POP-020) with more people than their polygon can hold."""
    area_m2 = shapely.area(shapes)
    for at in np.flatnonzero(too_dense(people, area_m2, most_per_ha)):
        value = float(people[at])
        reading.fault("E-POP-020", int(at), reading.columns["population"], value,
                      **density(value, area_m2[at], most_per_ha))  # fmt: skip


def density(people: float, area_m2: float, most_per_ha: float) -> dict[str, Any]:
    """People on their ground, as E-POP-020 tells them."""
    hectares = f"{area_m2 / M2_PER_HA:.4g}"
    return {"people": f"{people:.10g}", "hectares": hectares, "most": f"{most_per_ha:g}"}


def note_other_size(reading: Reading, points: NDArray[Any], side_m: float, keep: bool) -> None:
    """Note cells that lie much further apart (E-POP-023) or nearer (E-POP-025) than they are wide.

    The step of the grid is taken from the quarter of the cells that have the nearest neighbours:
    grids often list inhabited cells only. With ``keep`` cells may overlap.
    """
    if len(points) < FEWEST_CELLS:
        return
    some = points
    if len(points) > MOST_CELLS:
        some = np.random.default_rng(0).choice(points, MOST_CELLS, replace=False)
    _, apart_m = shapely.STRtree(points).query_nearest(
        some, exclusive=True, all_matches=False, return_distance=True
    )
    step_m = float(np.quantile(apart_m, NEAREST_QUARTER)) if len(apart_m) else side_m
    details: dict[str, Any] = {"step": f"{step_m:.4g}", "cell_m": f"{side_m:g}"}
    if step_m > WIDEST_STEP * side_m:
        reading.fault("E-POP-023", **details)
    elif step_m < NARROWEST_STEP * side_m and not keep:
        reading.fault("E-POP-025", **details)


def note_same_points(reading: Reading, points: NDArray[Any], keep: bool) -> None:
    """Note points (E-POP-022) that lie on an earlier one, as of a table pasted twice.

    With ``keep`` both count, and that is recorded.
    """
    places = np.column_stack([shapely.get_x(points), shapely.get_y(points)]).round(3)
    _, first, of_place = np.unique(places, axis=0, return_index=True, return_inverse=True)
    earlier = first[of_place.ravel()]
    again = np.flatnonzero(earlier != np.arange(len(points)))
    if len(again) and keep:
        reading.record("R-POP-014", count=len(again))
    for at in () if keep else again:
        reading.fault("E-POP-022", int(at), other=int(reading.raw.rows[earlier[at]]))
