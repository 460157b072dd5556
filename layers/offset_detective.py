"""Does a layer lie on its streets, or has a map service shifted it?

A layer in GCJ-02 or BD-09 that passes for WGS 84 lies 300 to 1,400 m off, still inside the
city, and every figure computed from it is wrong. The streets give it away: doors, buildings
and quarters keep their distance from streets, whereas a shifted layer meets them at random.

Method. Up to `MOST_POINTS` points of the layer (places along the outline of polygons) are
counted by their distance to the nearest street, in the bands `BANDS_M`. The layer is then
moved as a whole by each of `MOVES_M`, 96 moves that mean nothing; together they tell which
distances chance gives here. How far a placement is from chance is the log-likelihood ratio
sum(n * ln(n / expected)) over the bands, half of the G statistic (Sokal and Rohlf, Biometry,
1981). It is computed for the layer as declared, for the layer as it would lie if GCJ-02 or
BD-09 had been taken for something else, and for each meaningless move. A layer is called
shifted only where the other placement is 1.75 times as far from chance as the declared one
and as 95 % of those moves (the rest may have met the true place, or slid along the streets).
Comparing with moves of the same layer over the same streets keeps clustered points from
looking significant.

The points along one polygon hang together, and polygons laid out evenly meet evenly laid
streets in many places. Polygons are therefore called shifted only where the other placement
is also 1.1 times as far from chance as every one of those moves, and either leaves three in ten
of them uncut by streets, or is twice as far, or has clearly less street inside them than any
other place (`streets_inside`); 1.6 times then does for the first comparison. A
regular grid of equal polygons (`is_grid`) may fit by chance even so: such a layer is told,
never refused (`places.note_shift`).

Files are also put together of two sources. The points further than `NEAR_M` from any street as
declared, and the polygons that a street cuts, are therefore looked at by themselves (`strays_of`):
where another placement brings them to the streets, 1.75 times as far from chance as 95 % of the
moves, 1.1 times as far as every one, and `MOST_BROUGHT_HOME` of the points within `NEAR_M`, or
half of the polygons out of the way of streets, the layer is mixed. As declared these rows lie
wrong by choice, so that placement is not compared.

Points without a street within 150 m count in no band, so a layer that is wider than the
streets is not drawn towards them.

Limits. Fewer than `FEWEST_ROWS` rows or `FEWEST_POINTS` points never tell, and 30 points
often do not (measured rates: ``docs/coordinates.md``). Other shifts (an old datum passed through
unchanged) are only seen as "cannot tell". Streets must be right: they come from
OpenStreetMap, in WGS 84.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.layers.chinese_offsets import SHIFTED, ShiftedDegrees, gcj02_of
from carecircle.layers.crs import LONLAT, Frame, is_metres, name_of, transformer
from carecircle.layers.network import EDGE_KINDS, WalkNetwork
from carecircle.layers.streets_inside import fewest_inside

XY = NDArray[np.float64]
Move = Callable[[XY], XY]
Answer = Literal["fits", "shifted", "cannot tell"]

FEWEST_ROWS = 8
FEWEST_POINTS = 20
MOST_POINTS = 300
MOST_POINTS_OF_A_POLYGON = 8
BANDS_M = np.array([0, 3, 6, 10, 16, 25, 40, 65, 100, 150.0])
ROADWAY_M, FAR_M = 3.0, 60.0
CLEARLY = 1.75  # times as far from chance as what it is compared with
CLEARLY_FOR_POLYGONS = 1.6
BEYOND_ALL_MOVES = 1.1  # times as far from chance as the furthest meaningless move
MOST_CROSSED_PERCENT = 70.0  # polygons that a street cuts where a layer really lies
BEYOND_DOUBT = 2.0  # the same, whatever is cut
EQUAL = 0.02  # relative difference between the polygons of a grid, and between their distances
MOST_OF = 0.9  # of the polygons of a grid
UNDONE_TWICE = "undone twice"
NEAR_M = 16.0  # doors and stations are mostly nearer to their street
MOST_BROUGHT_HOME = 0.6
MOST_BROUGHT_HOME_OF_POLYGONS = 0.5  # large ones are cut by streets where they really lie

# 12 directions at each of 8 distances, turned a little from one to the next, and so that none
# runs along the streets of a city laid out to the north: there a layer would fit again.
MOVES_M = np.array(
    [
        (distance * np.cos(angle + turn + 0.4), distance * np.sin(angle + turn + 0.4))
        for turn, distance in enumerate((200, 300, 400, 550, 700, 850, 1000, 1200))
        for angle in np.arange(12) * np.pi / 6
    ]
)


@dataclass(frozen=True)
class Placement:
    """How a layer sits on the streets in one place.

    Attributes
    ----------
    median_m : float or None
        Median distance of its points to the nearest street; None without a street in 150 m.
    in_roadway_percent, far_percent : float
        Points within 3 m of the middle of a street, and beyond 60 m of any.
    crossed_percent : float or None
        Polygons that a street cuts by more than 5 m; None for points.
    strength : float
        How far its distances are from chance.
    """

    median_m: float | None
    in_roadway_percent: float
    far_percent: float
    crossed_percent: float | None
    strength: float


@dataclass(frozen=True)
class StreetFit:
    """What the streets say of a layer.

    ``really`` names the coordinates it is in when it is shifted: ``"gcj02"``, ``"bd09"``,
    ``"EPSG:4326"``, or `UNDONE_TWICE` where a shift was taken off that was not there.
    ``chance`` is the strength that 95 % of meaningless moves stay within.
    """

    answer: Answer
    points: int
    chance: float
    declared: Placement
    really: str | None = None
    better: Placement | None = None

    def facts(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)


def street_tree(network: WalkNetwork) -> shapely.STRtree:
    """The streets to compare with: carriageways, since footpaths run up to the doors."""
    streets = network.edge_kind == EDGE_KINDS.index("street")
    chosen = streets if streets.any() else np.ones_like(streets)
    return shapely.STRtree(shapely.linestrings(network.node_xy[network.edge_nodes[chosen]]))


def street_fit(shapes: NDArray[Any], crs: Any, frame: Frame) -> StreetFit | None:
    """Compare a layer with the streets as it was declared and as it may really be.

    Parameters
    ----------
    shapes : (n,) points or polygons
        In the working CRS, placed as declared; missing ones are passed over.
    crs : CRS or ShiftedDegrees
        What was declared.
    frame : Frame
        With its streets.

    Returns
    -------
    StreetFit or None
        None where the frame has no streets or the layer no rows.
    """
    shapes = shapes[~shapely.is_missing(shapes)]
    if frame.streets is None or not len(shapes):
        return None
    rows = shapes[evenly(len(shapes), MOST_POINTS)]
    points = points_along(rows)
    expected, chance, furthest = by_chance(points, frame.streets)
    readings = other_readings(crs, frame)
    others = {
        name: strength(profile(move(points), frame.streets), expected)
        for name, move in readings.items()
    }
    here = strength(profile(points, frame.streets), expected)
    really = max(others, key=lambda name: others[name], default=None)
    declared = placement(rows, frame.streets, here)
    fit = StreetFit("cannot tell", len(points), round(chance, 1), declared)
    if len(shapes) < FEWEST_ROWS or len(points) < FEWEST_POINTS:
        return fit
    if really is not None:
        moved = shapely.transform(rows, readings[really])
        better = placement(moved, frame.streets, others[really])
        if is_shifted(better.crossed_percent, others[really], here, chance, furthest) or (
            is_beyond_moves(better.crossed_percent, others[really], here, chance, furthest)
            and fewest_inside(rows, moved, MOVES_M, frame.streets)
        ):
            return replace(fit, answer="shifted", really=really, better=better)
    if here > CLEARLY * chance and here >= max(others.values(), default=0):
        return replace(fit, answer="fits")
    return fit


@dataclass(frozen=True, eq=False)
class Strays:
    """Rows of a layer that another placement brings to the streets.

    ``rows`` are positions among the shapes that were given; ``looked_at`` counts those that lie
    wrong as declared.
    """

    really: str
    rows: NDArray[np.intp]
    looked_at: int


def strays_of(shapes: NDArray[Any], crs: Any, frame: Frame) -> Strays | None:
    """The rows of a layer that lie in other coordinates than the rest, where some do.

    Parameters
    ----------
    shapes : (n,) points or polygons
        In the working CRS, placed as declared; missing ones are passed over.
    """
    readings = other_readings(crs, frame) if frame.streets is not None else {}
    here = np.flatnonzero(~shapely.is_missing(shapes))
    if not readings or not len(here):
        return None
    astray = here[~at_home(shapes[here], frame.streets)]
    some = shapes[astray[evenly(len(astray), MOST_POINTS)]]
    are_points = bool((shapely.get_dimensions(shapes[here]) == 0).all())
    points = points_along(some) if len(some) else np.empty((0, 2))
    if len(points) < FEWEST_POINTS or len(some) < FEWEST_ROWS:
        return None
    expected, chance, furthest = by_chance(points, frame.streets)
    least = MOST_BROUGHT_HOME if are_points else MOST_BROUGHT_HOME_OF_POLYGONS
    for really, move in readings.items():
        there = strength(profile(move(points), frame.streets), expected)
        if there <= max(CLEARLY * chance, BEYOND_ALL_MOVES * furthest):
            continue
        if np.mean(at_home(shapely.transform(some, move), frame.streets)) >= least:
            home = at_home(shapely.transform(shapes[astray], move), frame.streets)
            return Strays(really, astray[home], len(astray))
    return None


def at_home(shapes: NDArray[Any], tree: shapely.STRtree) -> NDArray[np.bool_]:
    """Which points have a street near, and which polygons lie out of the way of streets."""
    if (shapely.get_dimensions(shapes) == 0).all():
        return distances_m(shapely.get_coordinates(shapes), tree) <= NEAR_M
    return ~crossed(shapes, tree)


def crossed(shapes: NDArray[Any], tree: shapely.STRtree) -> NDArray[np.bool_]:
    """Which polygons a street cuts by more than 5 m."""
    cut, _ = tree.query(shapely.buffer(shapes, -5), "intersects")
    return np.asarray(np.isin(np.arange(len(shapes)), cut))


def is_shifted(
    crossed_percent: float | None, there: float, here: float, chance: float, furthest: float
) -> bool:
    """Whether the strength of another placement says that the layer really lies there.

    ``crossed_percent`` of the other placement is None for points; ``furthest`` is the strength of
    the furthest meaningless move.
    """
    if crossed_percent is None:
        return there > CLEARLY * max(chance, here)
    if not is_beyond_moves(crossed_percent, there, here, chance, furthest):
        return False
    return crossed_percent <= MOST_CROSSED_PERCENT or there > BEYOND_DOUBT * furthest


def is_beyond_moves(
    crossed_percent: float | None, there: float, here: float, chance: float, furthest: float
) -> bool:
    """Whether the outlines of polygons tell for another placement, as far as outlines can tell."""
    least = max(CLEARLY_FOR_POLYGONS * max(chance, here), BEYOND_ALL_MOVES * furthest)
    return crossed_percent is not None and there > least


def is_grid(shapes: NDArray[Any]) -> bool:
    """Whether most of the polygons are equal, and equally far from the next one."""
    shapes = shapes[~shapely.is_missing(shapes)]
    if len(shapes) < 2 or (shapely.get_dimensions(shapes) < 2).any():
        return False
    west, south, east, north = shapely.bounds(shapes).T
    centres = shapely.centroid(shapes)
    tree = shapely.STRtree(centres)
    _, metres = tree.query_nearest(centres, exclusive=True, return_distance=True, all_matches=False)
    sizes = (east - west, north - south, shapely.area(shapes), metres)
    equal = [np.abs(size / np.median(size) - 1) <= EQUAL for size in sizes]
    return len(metres) == len(shapes) and bool(np.mean(np.all(equal, axis=0)) >= MOST_OF)


def other_readings(crs: Any, frame: Frame) -> Mapping[str, Move]:
    """What else the coordinates may be, and where that would put a place (working CRS)."""
    if not frame.in_china:
        return {}
    metres = transformer(LONLAT, frame.crs)
    declared = crs if isinstance(crs, ShiftedDegrees) else None

    def reading(decoded: Move) -> Move:
        def move(xy: XY) -> XY:
            lonlat = np.column_stack(metres.transform(xy[:, 0], xy[:, 1], direction="INVERSE"))
            shown = declared.from_wgs84(lonlat) if declared else lonlat
            really = decoded(shown)
            return np.column_stack(metres.transform(really[:, 0], really[:, 1]))

        return move

    others = {s.name: reading(s.to_wgs84) for s in SHIFTED.values() if s is not declared}
    if declared:
        return others | {LONLAT: reading(lambda shown: shown)}
    return others | {UNDONE_TWICE: reading(gcj02_of)}


def points_along(rows: NDArray[Any]) -> XY:
    """The points to measure: points themselves, polygons at even steps along their outline."""
    if (shapely.get_dimensions(rows) == 0).all():
        return np.asarray(shapely.get_coordinates(rows))
    each = int(np.clip(MOST_POINTS // len(rows), 1, MOST_POINTS_OF_A_POLYGON))
    steps = (np.arange(each) + 0.5) / each
    outlines = shapely.boundary(rows)[:, None]
    return np.asarray(
        shapely.get_coordinates(shapely.line_interpolate_point(outlines, steps, normalized=True))
    )


def by_chance(points: XY, tree: shapely.STRtree) -> tuple[NDArray[np.float64], float, float]:
    """What the meaningless moves give.

    The share of each band over all of them; the strength that 95 % of them stay within; the
    strength of the furthest.
    """
    counts = np.array([profile(points + move, tree) for move in MOVES_M])
    total = counts.sum(axis=0)
    strengths = [strength(own, shares(total - own)) for own in counts]
    return shares(total), float(np.quantile(strengths, 0.95)), max(strengths)


def shares(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Counts as shares of their sum, none of them 0."""
    return np.asarray((counts + 0.5) / (counts + 0.5).sum())


def profile(points: XY, tree: shapely.STRtree) -> NDArray[np.float64]:
    """How many points lie in each of `BANDS_M` from the nearest street."""
    counts, _ = np.histogram(distances_m(points, tree), BANDS_M)
    return np.asarray(counts, dtype=np.float64)


def strength(counts: NDArray[np.float64], expected: NDArray[np.float64]) -> float:
    """Log-likelihood ratio of the counts against the expected shares, 0 or more."""
    seen = counts > 0
    counts, expected = counts[seen], expected[seen]
    return float(np.sum(counts * np.log(counts / (counts.sum() * expected))))


def distances_m(points: XY, tree: shapely.STRtree) -> NDArray[np.float64]:
    """Metres from each point to the nearest street; inf beyond the last band."""
    metres = np.full(len(points), np.inf)
    finite = np.flatnonzero(np.isfinite(points).all(axis=1))
    (near, _), found = tree.query_nearest(
        shapely.points(points[finite]),
        max_distance=BANDS_M[-1],
        return_distance=True,
        all_matches=False,
    )
    metres[finite[near]] = found
    return metres


def placement(rows: NDArray[Any], tree: shapely.STRtree, strength: float) -> Placement:
    """The figures of one placement, rounded for reading."""
    metres = distances_m(points_along(rows), tree)
    median = float(np.median(metres))
    cut_percent = None
    if (shapely.get_dimensions(rows) == 2).any():
        cut_percent = percent(crossed(rows, tree))
    return Placement(
        median_m=round(median, 1) if np.isfinite(median) else None,
        in_roadway_percent=percent(metres <= ROADWAY_M),
        far_percent=percent(metres > FAR_M),
        crossed_percent=cut_percent,
        strength=round(strength, 1),
    )


def percent(hits: NDArray[np.bool_]) -> float:
    """Share of hits, one decimal."""
    return round(float(np.mean(hits)) * 100, 1)


def evenly(count: int, most: int) -> NDArray[np.intp]:
    """At most ``most`` positions out of ``count``, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.intp))


NAMES = {
    UNDONE_TWICE: {
        "zh": "被多纠偏一次的 WGS 84",
        "en": "WGS 84 from which a shift was taken off once too often",
    }
}


def offset_details(fit: StreetFit, crs: Any) -> dict[str, Any]:
    """What the messages about a shifted layer say: names, both fits, and what to do."""
    assert fit.really is not None and fit.better is not None
    return {
        "crs": name_of(crs),
        "really": NAMES.get(fit.really, fit.really),
        "before": in_words(asdict(fit.declared)),
        "after": in_words(asdict(fit.better)),
        "advice": advice(fit.really, crs),
    }


def in_words(placement: Mapping[str, Any]) -> dict[str, str]:
    """One placement, as `StreetFit.facts` has it, in a line."""
    median, crossed = placement["median_m"], placement["crossed_percent"]
    roadway, far = placement["in_roadway_percent"], placement["far_percent"]
    zh = [f"距最近道路中位数 {median} 米" if median is not None else "附近没有道路"]
    en = [f"median {median} m to the nearest street" if median is not None else "no street near"]
    zh += [f"{roadway}% 落在路面上", f"{far}% 距道路超过 {FAR_M:g} 米"]
    en += [f"{roadway} % in the roadway", f"{far} % beyond {FAR_M:g} m"]
    if crossed is not None:
        zh.append(f"{crossed}% 的面被道路穿过")
        en.append(f"{crossed} % of polygons crossed by a street")
    return {"zh": "，".join(zh), "en": ", ".join(en)}


def advice(really: str, crs: Any) -> dict[str, str]:
    """What to do with a shifted layer."""
    if really == UNDONE_TWICE:
        return {
            "zh": "请使用最后一次纠偏之前的文件",
            "en": "Use the file as it was before its last conversion",
        }
    if is_metres(crs):
        return {
            "zh": f"该文件是把 {really} 当作 WGS 84 投影而成："
            f'请改用投影前的经纬度，并写 crs = "{really}"',
            "en": f"It was projected from {really} as if that were WGS 84: use the longitudes and "
            f'latitudes it was made from, with crs = "{really}"',
        }
    return {"zh": f'请写 crs = "{really}"', "en": f'Say crs = "{really}"'}
