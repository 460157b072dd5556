"""Which streets does a drawn shape touch, and where?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.layers.dividing import Floats, Ints
from carecircle.layers.streets import StreetLines, projected

Shapes = NDArray[Any]
SAME_PLACE_M = 0.001


@dataclass(frozen=True, eq=False)
class Ground:
    """The edges that edits may touch, in the working CRS.

    ``edge`` are their positions among all edges; ``shapes`` their lines; ``tree`` over these.
    """

    edge: Ints
    shapes: Shapes
    tree: shapely.STRtree

    @classmethod
    def of(cls, lines: StreetLines, crs: str, chosen: NDArray[np.bool_]) -> Ground:
        """The chosen edges."""
        edge = np.flatnonzero(chosen)
        shapes = shapely.linestrings(projected(lines.lonlat, crs)[lines.ends[edge]])
        return cls(edge, shapes, shapely.STRtree(shapes))

    def crossed(self, shapes: Shapes) -> tuple[Ints, Ints, Floats]:
        """Where lines meet edges: position of the line, edge, share of the edge.

        A line that comes within a millimetre of an edge meets it: all that end at a crossing.
        """
        row, at = self.tree.query(shapes, predicate="dwithin", distance=SAME_PLACE_M)
        common = shapely.intersection(self.shapes[at], shapes[row])
        beside = shapely.is_empty(common)
        between = shapely.shortest_line(self.shapes[at[beside]], shapes[row[beside]])
        common[beside] = shapely.get_point(between, 0)
        xy, of_pair = shapely.get_coordinates(common, return_index=True)
        row, at = row[of_pair], at[of_pair]
        return row, self.edge[at], self.share(at, shapely.points(xy))

    def feet(self, points: Shapes, limit_m: float) -> tuple[Ints, Shapes, Ints]:
        """The nearest place of each point within the limit: point, place, position of the edge.

        Of equally near places the first by x and y: the order of the edges never matters.
        """
        point, at = self.tree.query_nearest(points, max_distance=limit_m)
        along = shapely.line_locate_point(self.shapes[at], points[point])
        foot = shapely.line_interpolate_point(self.shapes[at], along)
        order = np.lexsort((at, shapely.get_y(foot), shapely.get_x(foot), point))
        which, first = np.unique(point[order], return_index=True)
        return which, foot[order][first], at[order][first]

    def share(self, at: Ints, places: Shapes) -> Floats:
        """The share of each edge nearest to a place; 0 or 1 within a millimetre of an end."""
        lines = self.shapes[at]
        length, along = shapely.length(lines), shapely.line_locate_point(lines, places)
        share = np.divide(along, length, out=np.zeros(len(at)), where=length > 0)
        share[along <= SAME_PLACE_M] = 0.0
        share[length - along <= SAME_PLACE_M] = 1.0
        return np.asarray(share)

    def away_m(self, points: Shapes) -> list[float]:
        """Metres from each point to the nearest edge."""
        _, away = self.tree.query_nearest(points, return_distance=True, all_matches=False)
        metres: list[float] = away.round(1).tolist()
        return metres
