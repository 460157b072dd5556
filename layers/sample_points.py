"""Where in a large quarter do its people live, when no dwelling is known?

A quarter that stands at one point is within reach whole or not at all. Here its people are
spread evenly over its ground: the polygon is cut by a square grid, whose lines lie at whole
multiples of the spacing in the working CRS, and each piece is a home at a point inside it,
with people by the area of the piece (largest remainder). A quarter within one square stays
one home at its own inner point.

Limits: even spreading is an assumption; parks, schools and water within a quarter hold people
like any other ground. Pieces in which nobody lives are left out.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.layers.people import homes_in_buildings
from carecircle.layers.problems import Problem, StudyError

MOST_POINTS = 1_000_000


def homes_on_grid(residential: GeoDataFrame, sample_m: float) -> GeoDataFrame:
    """Homes spread over each quarter; columns and order as `homes_in_buildings`.

    ``home_id`` is the quarter's own where it has one home, else with ``#1``, ``#2`` ... by
    square, from the south-west, row by row.

    Raises
    ------
    StudyError
        E-POP-030: more than a million points.
    """
    low, high = squares(residential, sample_m)
    check_points(high - low, sample_m)
    sign = "#"
    while residential.index.str.contains(sign, regex=False).any():
        sign += "#"
    ids, blocks, pieces = [], [], []
    shapes = residential.geometry.to_numpy()
    for at in np.flatnonzero((high - low).max(axis=1) > 1):
        for number, piece in enumerate(cut(shapes[at], low[at], high[at], sample_m), 1):
            ids.append(f"{residential.index[at]}{sign}{number}")
            blocks.append(residential.index[at])
            pieces.append(piece)
    ground = gpd.GeoDataFrame(
        {"block_id": np.array(blocks, object), "floor_area_m2": [piece.area for piece in pieces]},
        geometry=pieces,
        index=pd.Index(ids, dtype="str"),
        crs=residential.crs,
    )
    return inhabited(homes_in_buildings(residential, ground))


def squares(
    residential: GeoDataFrame, sample_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Columns and rows of the grid from which to which each quarter lies, (quarters, 2) each."""
    bounds = residential.bounds.to_numpy() / sample_m
    return np.floor(bounds[:, :2]).astype(np.int64), np.ceil(bounds[:, 2:]).astype(np.int64)


def check_points(across: NDArray[np.int64], sample_m: float) -> None:
    """Refuse a grid of more squares than can be searched."""
    count = int(across.prod(axis=1).sum())
    if count > MOST_POINTS:
        details = {"count": count, "most": MOST_POINTS, "sample_m": f"{sample_m:g}"}
        raise StudyError(Problem("E-POP-030", column="residential.sample_m", details=details))


def cut(
    shape: shapely.Geometry, low: NDArray[np.int64], high: NDArray[np.int64], sample_m: float
) -> list[shapely.Geometry]:
    """The pieces of a quarter, one for each square in which it has ground."""
    x, y = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
    x, y = x.ravel() * sample_m, y.ravel() * sample_m
    pieces = shapely.intersection(shape, shapely.box(x, y, x + sample_m, y + sample_m))
    found: list[shapely.Geometry] = pieces[shapely.area(pieces) > 0].tolist()
    return found


def inhabited(homes: GeoDataFrame) -> GeoDataFrame:
    """The homes with people; of a quarter without any, the first."""
    people = homes["population"]
    nobody = people.groupby(homes["block_id"]).transform("sum") == 0
    kept: GeoDataFrame = homes[(people > 0) | (nobody & ~homes["block_id"].duplicated())]
    return kept
