"""How many people of a grid of cells live in each quarter?

With ``cell_m`` each cell is a square lying along the axes of the working CRS, and its people
are shared by area: the part of the square that lies in a quarter is that quarter's. Without
it each cell is a point and belongs whole to the quarter it lies in. People in no quarter are
counted apart, so that quarters and outside are together the total of the grid.

A table often lists inhabited cells only, so that a gap in it may be empty ground or missing
data, and ground beyond its convex hull is unknown. `Counted` tells of each quarter whether any
cell lies in it and how much of it lies within the hull; the caller decides.

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
from carecircle.layers.not_counts import deserted, note, note_deserted
from carecircle.layers.people import Whole, inside_and_outside
from carecircle.layers.places import SMALLEST_OVERLAP_M2, check_overlaps, placed
from carecircle.layers.plausibility import (
    density,
    note_other_size,
    note_same_points,
    note_too_dense,
    too_dense,
)
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.quarantine import without_bad_rows
from carecircle.layers.reading import Reading, Record, people_of
from carecircle.layers.sources import MOST_PEOPLE_PER_HA, CellSource

Shapes = NDArray[Any]


# A quarter with less of its ground than this within the hull of the grid lies beyond it.
LEAST_ON_GRID = 0.5
# One with less than this has people on ground that the grid does not know.
WHOLLY_ON_GRID = 0.95


@dataclass(frozen=True, eq=False)
class Counted:
    """The people of a grid in n quarters, in their order.

    Attributes
    ----------
    population : (n,) int64
        Whole people of each quarter.
    outside : int
        People in none of them.
    has_figure : (n,) bool
        Whether any cell, or pixel with a value, lies in the quarter. Without one it has no
        people, and nobody knows whether that is so.
    on_grid : (n,) float
        The part of its ground within the convex hull of these cells or pixels; 1 for a
        quarter that holds cells that are points.
    """

    population: Whole
    outside: int
    has_figure: NDArray[np.bool_]
    on_grid: NDArray[np.float64]
    records: tuple[Record, ...]
    files: tuple[Record, ...]

    @property
    def beyond(self) -> NDArray[np.bool_]:
        """Quarters of which the grid says nothing and that lie mostly outside it."""
        return ~self.has_figure & (self.on_grid < LEAST_ON_GRID)

    @property
    def in_gaps(self) -> NDArray[np.bool_]:
        """Quarters of which the grid says nothing although it lies around them."""
        return ~self.has_figure & (self.on_grid >= LEAST_ON_GRID)

    @property
    def partly_beyond(self) -> NDArray[np.bool_]:
        """Quarters with people of the grid of which a part lies outside it."""
        return self.has_figure & (self.on_grid < WHOLLY_ON_GRID)


def people_in_cells(
    source: CellSource,
    quarters: GeoDataFrame,
    frame: Frame,
    most_per_ha: float = MOST_PEOPLE_PER_HA,
) -> Counted:
    """The people of a cell table in each of the quarters (polygons in the working CRS).

    Raises
    ------
    StudyError
        With every fault of the file; E-POP-020 more than ``most_per_ha`` people on a hectare,
        E-POP-022 points twice, E-POP-023 and E-POP-025 a wrong ``cell_m``. Cells may lie anywhere,
        if one is near the streets.
    """
    points, people, reading = without_bad_rows(source, partial(cells_of, frame=frame))
    keep = source.overlaps == "keep"
    if source.cell_m is None:
        cells = points
        note_same_points(reading, points, keep)
    else:
        cells = squares_around(points, source.cell_m)
        note_other_size(reading, points, source.cell_m, keep)
        reading.refuse_if_any()  # cells of another size lie on one another everywhere
        note_too_dense(reading, people, cells, most_per_ha)
        note_deserted(reading, people, shapely.area(cells))
        check_overlaps(reading, cells, keep)
    reading.refuse_if_any()
    shapes = quarters.geometry.to_numpy()
    inside, has_figure = people_by_quarter(cells, people, shapes)
    on_grid = part_within_hull(shapes, cells)
    if source.cell_m is None:
        on_grid = np.where(has_figure, 1.0, on_grid)
        check_quarters(quarters, inside, most_per_ha, reading.raw.file)
        if deserted(inside[has_figure], shapely.area(shapes[has_figure])):
            note(reading, "population", people)
        reading.refuse_if_any()
    population, outside = inside_and_outside(list(inside), math.fsum(people))
    facts = (reading.file_facts(),)
    return Counted(population, outside, has_figure, on_grid, tuple(reading.records), facts)


def check_quarters(
    quarters: GeoDataFrame, people: NDArray[np.float64], most_per_ha: float, file: str
) -> None:
    """E-POP-020 for quarters with more people than their ground can hold."""
    area_m2 = shapely.area(quarters.geometry.to_numpy())
    problems = [
        Problem("E-POP-020", file, value=quarters.index[at],
                details=density(people[at], area_m2[at], most_per_ha))
        for at in np.flatnonzero(too_dense(people, area_m2, most_per_ha))
    ]  # fmt: skip
    if problems:
        raise StudyError(problems)


def cells_of(reading: Reading, frame: Frame) -> tuple[Shapes, NDArray[np.float64], Reading]:
    """The points and people of the rows of a file."""
    people = people_of(reading, "population", needed=True)
    points = placed(reading, frame, "Point", every=False)
    reading.refuse_if_any()
    assert people is not None  # it was needed, and nothing is wrong
    return points, people, reading


def people_by_quarter(
    cells: Shapes, people: NDArray[np.float64], quarters: Shapes
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The people of each cell, shared to the quarters it lies in, and which quarters hold any.

    ``cells`` are squares, or points. People are decimals. A quarter that lies wholly on an
    earlier one holds what that one holds.
    """
    inside, has_figure = np.zeros(len(quarters)), np.zeros(len(quarters), dtype=bool)
    if (shapely.get_dimensions(cells) == 0).all():
        cell, quarter = shapely.STRtree(quarters).query(cells, predicate="intersects")
        has_figure[quarter] = True
        order = np.lexsort((quarter, cell))
        _, first = np.unique(cell[order], return_index=True)
        cell, quarter = cell[order][first], quarter[order][first]
        share = np.ones(len(cell))
    else:
        ground = without_overlaps(quarters)
        cell, quarter = shapely.STRtree(ground).query(cells, predicate="intersects")
        common_m2 = shapely.area(shapely.intersection(cells[cell], ground[quarter]))
        has_figure[quarter[common_m2 > 0]] = True
        has_figure |= shapely.is_empty(ground)  # it lies on another
        share = common_m2 / shapely.area(cells)[cell]
    np.add.at(inside, quarter, people[cell] * share)
    return inside, has_figure


def part_within_hull(quarters: Shapes, cells: Shapes) -> NDArray[np.float64]:
    """The part of each quarter's ground within the convex hull of all cells, 0 to 1."""
    hull = shapely.convex_hull(shapely.geometrycollections(cells))
    shapely.prepare(hull)
    within = shapely.covers(hull, quarters)
    common = shapely.area(shapely.intersection(quarters[~within], hull))
    part = np.ones(len(quarters))
    part[~within] = common / shapely.area(quarters[~within])
    return part


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
