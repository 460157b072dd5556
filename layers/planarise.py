"""Where do road lines meet? From drawn lines to edges that share their points.

Method, in a projected CRS, on a grid of whole millimetres:

1. Lines of one level meet wherever they cross, touch or overlap; each is cut there. A bridge or
   tunnel (level other than 0) that crosses itself is a ramp, and not cut.
2. Lines of different levels meet only where an end of one lies on an end of the other.
3. A *dangling* end (it meets nothing yet) is joined to every other dangling end within the
   tolerance, and to the nearest line within it: one of its own level, or one nearer the ground,
   because bridges and tunnels come back to it at their ends. What can be walked to from the end
   along its own line within twice the tolerance is no such line. The join is a straight edge as
   long as the gap: no line is moved, and no length is lost.

The result depends on the lines alone, not on the order or the direction they were drawn in, as
long as lines alike are given in an order of their own (`Plane.line` names the first).

Limits: two roads of one level that cross on the map are taken to meet. A bridge that is not
marked as one joins the road below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from carecircle.layers.dividing import Floats, Ints, divide

# Rounded to whole millimetres, a place on a line is up to 0.71 mm off it.
SAME_PLACE_MM = 1.5

Shapes = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Plane:
    """Lines cut where they meet.

    Attributes
    ----------
    xy : (n, 2) float64
        Points in metres, sorted.
    ends : (m, 2) int64
        The two points of each edge, the lower first; edges are sorted.
    line : (m,) int64
        The line an edge is a part of; that of the dangling end for a join.
    facts : mapping
        ``crossings``: places where lines were cut; ``overlaps``: pieces that lay on another
        alike; ``joins``, ``longest_join_m``: gaps closed.
    """

    xy: Floats
    ends: Ints
    line: Ints
    facts: Mapping[str, Any]


class Pieces(NamedTuple):
    """Straight pieces between keys: x and y in millimetres, and the level."""

    a: Ints  # (s, 3)
    b: Ints  # (s, 3)
    line: Ints


def planarise(xy: Floats, line: Ints, level: Ints, alike: Ints, snap_m: float) -> Plane:
    """Cut lines where they meet and close the gaps at their ends.

    Parameters
    ----------
    xy : (v, 2) float64
        The points of all lines, one line after the other, metres.
    line : (v,) int64
        The line of each point, ascending.
    level, alike : (l,) int64
        Level of each line; lines that differ in nothing but their course share a number.
    snap_m : float
        Longest gap at the end of a line that is closed, metres.
    """
    places = np.rint(xy * 1000).astype(np.int64)
    pieces = straight_pieces(places, line, level)
    at, meeting = meetings(pieces)
    cut = cut_pieces(pieces, at, meeting)
    joined = with_shared_ends(cut, places, line, level)
    mm, ends, owner, overlaps = numbered(joined, alike)
    crossings = len(np.unique(np.column_stack([meeting, pieces.a[at, 2]]), axis=0))
    facts: dict[str, Any] = {"crossings": crossings, "overlaps": overlaps}
    if snap_m > 0:
        mm, ends, owner, gaps_mm = close_gaps(mm, ends, owner, level, snap_m * 1000)
        longest = round(float(gaps_mm.max(initial=0)) / 1000, 3)
        facts |= {"joins": len(gaps_mm), "longest_join_m": longest}
    return Plane(mm / 1000, ends, owner, facts)


def straight_pieces(places: Ints, line: Ints, level: Ints) -> Pieces:
    """The pieces of each line between its points, the lower point first; none of length 0."""
    follows = (np.diff(line) == 0) & (np.diff(places, axis=0) != 0).any(axis=1)
    at = np.flatnonzero(follows)
    a, b = places[at], places[at + 1]
    back = (b[:, 0] < a[:, 0]) | ((b[:, 0] == a[:, 0]) & (b[:, 1] < a[:, 1]))
    a, b = np.where(back[:, None], b, a), np.where(back[:, None], a, b)
    of_line = level[line[at], None]
    return Pieces(np.hstack([a, of_line]), np.hstack([b, of_line]), line[at])


# --- crossings


def meetings(pieces: Pieces) -> tuple[Ints, Ints]:
    """Where pieces are met by others: piece, and x and y in millimetres."""
    shapes = shapely.linestrings(np.stack([pieces.a[:, :2], pieces.b[:, :2]], axis=1))
    tree = shapely.STRtree(shapes)
    crossed, crossing = crossings_of(pieces, shapes, tree)
    touched, touching = touches_of(pieces, tree)
    return np.concatenate([crossed, touched]), np.concatenate([crossing, touching])


def crossings_of(pieces: Pieces, shapes: Shapes, tree: shapely.STRtree) -> tuple[Ints, Ints]:
    """Places common to two pieces that do not merely follow one another."""
    first, second = tree.query(shapes, predicate="intersects")
    once = (first < second) & may_meet(pieces, first, second)
    first, second = first[once], second[once]
    meet = ~only_follow(pieces, first, second)
    first, second = first[meet], second[meet]
    rank = np.empty(len(pieces.line), np.int64)
    rank[np.lexsort((*pieces.b.T[::-1], *pieces.a.T[::-1]))] = np.arange(len(rank))
    swap = rank[first] > rank[second]
    first, second = np.where(swap, second, first), np.where(swap, first, second)
    common = shapely.intersection(shapes[first], shapes[second])
    exact, of_pair = shapely.get_coordinates(common, return_index=True)
    first, second = first[of_pair], second[of_pair]
    place = at_an_end(pieces, first, second, np.rint(exact).astype(np.int64))
    return np.concatenate([first, second]), np.concatenate([place, place])


def may_meet(pieces: Pieces, first: Ints, second: Ints) -> NDArray[np.bool_]:
    """Whether two pieces are of one level, and not of one bridge or tunnel."""
    level = pieces.a[:, 2]
    ramp = (pieces.line[first] == pieces.line[second]) & (level[first] != 0)
    return np.asarray((level[first] == level[second]) & ~ramp)


def only_follow(pieces: Pieces, first: Ints, second: Ints) -> NDArray[np.bool_]:
    """Whether two pieces share an end and nothing else."""
    a, b = pieces.a[first, :2], pieces.b[first, :2]
    c, d = pieces.a[second, :2], pieces.b[second, :2]
    along, across = b - a, d - c
    parallel = along[:, 0] * across[:, 1] == along[:, 1] * across[:, 0]
    shared = [(p == q).all(axis=1) for p, q in ((a, c), (a, d), (b, c), (b, d))]
    one_end = np.sum(shared, axis=0) == 1
    # parallel from one end: they lie on each other unless they lead opposite ways, and a piece
    # leads from its lower end, so ways are opposite where a lower end meets a higher
    opposite = shared[1] | shared[2]
    return np.asarray(one_end & (~parallel | opposite))


def at_an_end(pieces: Pieces, first: Ints, second: Ints, place: Ints) -> Ints:
    """The place, or the end of one of the two pieces where that is as good as the same."""
    ends = np.stack([p[k, :2] for k in (first, second) for p in (pieces.a, pieces.b)])
    away = np.hypot(*np.moveaxis(ends - place, -1, 0))
    nearest = away.argmin(axis=0)
    pairs = np.arange(len(place))
    same = away[nearest, pairs] <= SAME_PLACE_MM if len(place) else np.zeros(0, bool)
    return np.where(same[:, None], ends[nearest, pairs], place)


def touches_of(pieces: Pieces, tree: shapely.STRtree) -> tuple[Ints, Ints]:
    """Points of lines that lie on another piece of their level, between its ends."""
    rows = np.unique(
        np.vstack([np.column_stack([end, pieces.line]) for end in (pieces.a, pieces.b)]), axis=0
    )
    point, piece = tree.query(shapely.points(rows[:, :2]), "dwithin", distance=SAME_PLACE_MM)
    place, level, line = rows[point, :2], rows[point, 2], rows[point, 3]
    ramp = (line == pieces.line[piece]) & (level != 0)
    away = [np.hypot(*(place - end[piece, :2]).T) for end in (pieces.a, pieces.b)]
    inside = np.minimum(*away) > SAME_PLACE_MM
    touches = (level == pieces.a[piece, 2]) & ~ramp & inside
    return piece[touches], place[touches]


def cut_pieces(pieces: Pieces, at: Ints, place: Ints) -> Pieces:
    """The pieces, each cut at its places."""
    stop = np.concatenate([np.tile(np.arange(len(pieces.line)), 2), at])
    xy = np.concatenate([pieces.a[:, :2], pieces.b[:, :2], place])
    start = pieces.a[stop, :2]
    along = ((xy - start) * (pieces.b[stop, :2] - start)).sum(axis=1)
    order = np.lexsort((xy[:, 1], xy[:, 0], along, stop))
    stop, xy = stop[order], xy[order]
    k = np.flatnonzero((np.diff(stop) == 0) & (np.diff(xy, axis=0) != 0).any(axis=1))
    level = pieces.a[stop[k], 2:]
    return Pieces(np.hstack([xy[k], level]), np.hstack([xy[k + 1], level]), pieces.line[stop[k]])


def with_shared_ends(pieces: Pieces, places: Ints, line: Ints, level: Ints) -> Pieces:
    """The pieces, and one of length 0 between the ends of lines that meet from two levels."""
    ends = np.unique(np.concatenate([np.flatnonzero(np.diff(line, prepend=-1)),
                                     np.flatnonzero(np.diff(line, append=-1))]))  # fmt: skip
    keys = np.unique(np.column_stack([places[ends], level[line[ends]]]), axis=0)
    k = np.flatnonzero((np.diff(keys[:, :2], axis=0) == 0).all(axis=1))
    nobody = np.full(len(k), -1)
    return Pieces(
        np.vstack([pieces.a, keys[k]]),
        np.vstack([pieces.b, keys[k + 1]]),
        np.concatenate([pieces.line, nobody]),
    )


def numbered(pieces: Pieces, alike: Ints) -> tuple[Ints, Ints, Ints, int]:
    """Points (mm), edges, their lines, and how many pieces lay on another one alike.

    Pieces of length 0 make one point of their two keys.
    """
    keys, of_end = np.unique(np.vstack([pieces.a, pieces.b]), axis=0, return_inverse=True)
    pair = of_end.reshape(2, -1).T
    zero = (keys[pair[:, 0], :2] == keys[pair[:, 1], :2]).all(axis=1)
    one = coo_array((np.ones(zero.sum()), pair[zero].T), shape=(len(keys), len(keys)))
    _, group = connected_components(one, directed=False)
    _, first, number = np.unique(group, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))  # keys are sorted: points follow their first key
    ends = np.sort(rank[number[pair[~zero]]], axis=1)
    line = pieces.line[~zero]
    order = np.lexsort((line, alike[line], ends[:, 1], ends[:, 0]))
    ends, line = ends[order], line[order]
    row = np.column_stack([ends, alike[line]])
    kept = np.ones(len(row), bool)
    kept[1:] = (np.diff(row, axis=0) != 0).any(axis=1)
    return keys[np.sort(first), :2], ends[kept], line[kept], int((~kept).sum())


# --- gaps


def close_gaps(
    mm: Ints, ends: Ints, line: Ints, level: Ints, snap_mm: float
) -> tuple[Ints, Ints, Ints, Floats]:
    """Points, edges and lines with the joins of dangling ends, and the length of each join."""
    dangling, edge_of = dangling_ends(ends, len(mm))
    walks = Walks(mm, ends, 2 * snap_mm)
    between_ends = ends_to_join(mm, dangling, walks, snap_mm)
    end, edge = nearest_lines(mm, ends, line, level, dangling, edge_of, walks, snap_mm)
    places, a, b = shapely.points(mm[dangling[end]]), mm[ends[edge, 0]], mm[ends[edge, 1]]
    cut = divide(ends, len(mm), edge, share_along(places, a, b))
    a, b = mm[ends[cut.new_edge, 0]], mm[ends[cut.new_edge, 1]]
    feet = np.rint(a + cut.new_share[:, None] * (b - a)).astype(np.int64)
    to_lines = np.column_stack([dangling[end], cut.node])
    joins = np.unique(np.sort(np.vstack([between_ends, to_lines]), axis=1), axis=0)
    line_of = dict(zip(dangling.tolist(), line[edge_of].tolist(), strict=True))
    owner = [min(line_of[n] for n in pair if n in line_of) for pair in joins.tolist()]
    every, of_edge = np.vstack([mm, feet]), np.append(line[cut.parent], owner).astype(np.int64)
    gap_mm = np.hypot(*(every[joins[:, 0]] - every[joins[:, 1]]).T)
    return (*in_order(every, np.vstack([cut.ends, joins]), of_edge), gap_mm)


def ends_to_join(mm: Ints, dangling: Ints, walks: Walks, snap_mm: float) -> Ints:
    """Pairs of dangling ends within the tolerance of each other."""
    places = shapely.points(mm[dangling])
    pairs = shapely.STRtree(places).query(places, "dwithin", distance=snap_mm)
    pairs = dangling[pairs[:, pairs[0] < pairs[1]]]
    apart = [(p, q) for p, q in pairs.T.tolist() if q not in walks.from_point(p)]
    return np.array(apart, np.int64).reshape(-1, 2)


def nearest_lines(
    mm: Ints, ends: Ints, line: Ints, level: Ints, dangling: Ints, edge_of: Ints,
    walks: Walks, snap_mm: float,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Positions of dangling ends, and the edge each is joined to.

    The nearest in whole millimetres; of equal ones the first edge.
    """
    places, shapes = shapely.points(mm[dangling]), shapely.linestrings(mm[ends])
    p, e = shapely.STRtree(shapes).query(places, "dwithin", distance=snap_mm)
    own, other = level[line[edge_of[p]]], level[line[e]]
    may_join = (e != edge_of[p]) & ((own == other) | (np.abs(other) < np.abs(own)))
    p, e = p[may_join], e[may_join]
    pairs = zip(dangling[p].tolist(), ends[e].tolist(), strict=True)
    apart = np.array([walks.from_point(n).isdisjoint(edge) for n, edge in pairs], bool)
    p, e = p[apart], e[apart]
    away = np.rint(shapely.distance(places[p], shapes[e]))
    order = np.lexsort((e, away, p))
    p, first = np.unique(p[order], return_index=True)
    return p, e[order][first]


def dangling_ends(ends: Ints, points: int) -> tuple[Ints, Ints]:
    """Points that one other point can be walked to from, and an edge of each."""
    ways, edge = np.unique(ends, axis=0, return_index=True)
    degree = np.bincount(ways.ravel(), minlength=points)
    edge_of = np.empty(points, np.int64)
    edge_of[ways] = edge[:, None]
    dangling = np.flatnonzero(degree == 1)
    return dangling, edge_of[dangling]


def share_along(places: Shapes, a: Ints, b: Ints) -> Floats:
    """The share of each edge nearest to its place; 0 or 1 where that is as good as an end."""
    length = np.hypot(*(b - a).T)
    along = shapely.line_locate_point(shapely.linestrings(np.stack([a, b], axis=1)), places)
    share = along / length
    share[along <= SAME_PLACE_MM] = 0.0
    share[length - along <= SAME_PLACE_MM] = 1.0
    return np.asarray(share)


def in_order(mm: Ints, ends: Ints, line: Ints) -> tuple[Ints, Ints, Ints]:
    """The same with sorted points and edges."""
    order = np.lexsort((mm[:, 1], mm[:, 0]))
    rank = np.empty(len(mm), np.int64)
    rank[order] = np.arange(len(mm))
    ends = np.sort(rank[ends], axis=1)
    by_end = np.lexsort((line, ends[:, 1], ends[:, 0]))
    return mm[order], ends[by_end], line[by_end]


class Walks:
    """Short walks along edges, to tell a gap from a line's own beginning."""

    def __init__(self, mm: Ints, ends: Ints, limit_mm: float) -> None:
        self.ends, self.limit_mm = ends, limit_mm
        self.length = np.hypot(*(mm[ends[:, 0]] - mm[ends[:, 1]]).T)
        self.order = np.argsort(ends.ravel(), kind="stable")
        self.start = np.searchsorted(ends.ravel()[self.order], np.arange(len(mm) + 1))
        self.known: dict[int, set[int]] = {}

    def from_point(self, point: int) -> set[int]:
        """The points that can be walked to from one within the limit."""
        if point not in self.known:
            self.known[point] = self.search(point)
        return self.known[point]

    def search(self, point: int) -> set[int]:
        """Dijkstra's algorithm up to the limit."""
        done: set[int] = set()
        queue = [(0.0, point)]
        while queue:
            walked, here = heappop(queue)
            if here in done:
                continue
            done.add(here)
            for at in self.order[self.start[here] : self.start[here + 1]].tolist():
                total = walked + float(self.length[at // 2])
                if total <= self.limit_mm:
                    heappush(queue, (total, int(self.ends[at // 2, 1 - at % 2])))
        return done
