"""How many people of a grid of cells live in each quarter?

With ``cell_m`` each cell is a square lying along the axes of the working CRS, and its people
are shared by area: the part of the square that lies in a quarter is that quarter's. Without
it each cell is a point and belongs whole to the quarter it lies in. People in no quarter are
counted apart, so that quarters and outside are together the total of the grid.

Limits: people live evenly in their square. Ground that lies in two quarters belongs to the
first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.layers.crs import Frame
from carecircle.layers.intake import squares_around
from carecircle.layers.people import Whole, inside_and_outside
from carecircle.layers.places import SMALLEST_OVERLAP_M2, check_overlaps, placed
from carecircle.layers.quarantine import without_bad_rows
from carecircle.layers.reading import Reading, Record, people_of
from carecircle.layers.sources import CellSource

Shapes = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Counted:
    """Whole people of each quarter, (n,) in their order, and people in none of them."""

    population: Whole
    outside: int
    records: tuple[Record, ...]
    files: tuple[Record, ...]


def people_in_cells(source: CellSource, quarters: GeoDataFrame, frame: Frame) -> Counted:
    """The people of a cell table in each of the quarters (polygons in the working CRS).

    Raises
    ------
    StudyError
        With every fault of the file. Cells may lie anywhere, if one is near the streets.
    """
    points, people, reading = without_bad_rows(source, partial(cells_of, frame=frame))
    if source.cell_m is not None:
        squares = squares_around(points, source.cell_m)
        check_overlaps(reading, squares, keep=source.overlaps == "keep")
        reading.refuse_if_any()
    inside = people_by_quarter(points, people, quarters.geometry.to_numpy(), source.cell_m)
    population, outside = inside_and_outside(list(inside), math.fsum(people))
    return Counted(population, outside, tuple(reading.records), (reading.file_facts(),))


def cells_of(reading: Reading, frame: Frame) -> tuple[Shapes, NDArray[np.float64], Reading]:
    """The points and people of the rows of a file."""
    people = people_of(reading, "population", needed=True)
    points = placed(reading, frame, "Point", every=False)
    reading.refuse_if_any()
    assert people is not None  # it was needed, and nothing is wrong
    return points, people, reading


def people_by_quarter(
    points: Shapes, people: NDArray[np.float64], quarters: Shapes, cell_m: float | None
) -> NDArray[np.float64]:
    """The people of each cell, shared to the quarters it lies in; decimals."""
    if cell_m is None:
        cell, quarter = shapely.STRtree(quarters).query(points, predicate="intersects")
        order = np.lexsort((quarter, cell))
        _, first = np.unique(cell[order], return_index=True)
        cell, quarter = cell[order][first], quarter[order][first]
        share = np.ones(len(cell))
    else:
        squares = squares_around(points, cell_m)
        ground = without_overlaps(quarters)
        cell, quarter = shapely.STRtree(ground).query(squares, predicate="intersects")
        share = shapely.area(shapely.intersection(squares[cell], ground[quarter])) / cell_m**2
    inside = np.zeros(len(quarters))
    np.add.at(inside, quarter, people[cell] * share)
    return inside


def overlapping(quarters: Shapes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of quarters with more than 1 m2 in common, the first with the lower position."""
    first, second = shapely.STRtree(quarters).query(quarters, predicate="intersects")
    first, second = first[first < second], second[first < second]
    common_m2 = shapely.area(shapely.intersection(quarters[first], quarters[second]))
    return first[common_m2 > SMALLEST_OVERLAP_M2], second[common_m2 > SMALLEST_OVERLAP_M2]


def without_overlaps(quarters: Shapes) -> Shapes:
    """The quarters without the ground that an earlier one has already."""
    ground = quarters.copy()
    for earlier, later in zip(*overlapping(quarters), strict=True):
        ground[later] = shapely.difference(ground[later], quarters[earlier])
    return ground
