"""Is everything where it claims to be?

Geometries are checked for kind, finiteness and validity, brought into the working CRS, and
compared with the extent of the streets. Most wrong coordinate systems show there: swapped
axes, degrees taken for metres, a neighbouring zone. A shift of a few hundred metres stays
inside the extent; `offset_detective` looks for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.layers.chinese_offsets import ShiftedDegrees
from carecircle.layers.crs import (
    Frame,
    crs_in_use,
    is_metres,
    known_crs,
    name_of,
    passes_for_wgs84,
    project,
    written,
)
from carecircle.layers.numbers import NotANumber, plain_numbers, read_coordinate
from carecircle.layers.offset_detective import NAMES, is_grid, offset_details, strays_of, street_fit
from carecircle.layers.problems import StudyError
from carecircle.layers.reading import Reading

Shapes = NDArray[Any]

X_NAMES = ("x", "lng", "lon", "long", "longitude", "经度", "东经")
Y_NAMES = ("y", "lat", "latitude", "纬度", "北纬")
POLYGONS = ("Polygon", "MultiPolygon")
LINES = ("LineString", "MultiLineString")
KINDS_NEEDED = {
    "Point": ("Point",),
    "Polygon": POLYGONS,
    "Point or Polygon": ("Point", *POLYGONS),
    "LineString": LINES,
    "LineString or Polygon": (*LINES, *POLYGONS),
    "Point, LineString or Polygon": ("Point", *LINES, *POLYGONS),
}
TYPE_IDS = {
    "Point": shapely.GeometryType.POINT,
    "LineString": shapely.GeometryType.LINESTRING,
    "MultiLineString": shapely.GeometryType.MULTILINESTRING,
    "Polygon": shapely.GeometryType.POLYGON,
    "MultiPolygon": shapely.GeometryType.MULTIPOLYGON,
}
FEWEST_TO_BE_COARSE = 8
MOST_COARSE_DECIMALS = 3  # of a degree; four are 11 m
M_PER_DEGREE = 111_000  # of latitude
LARGEST_REPAIR = 0.01  # of the area
# What GEOS calls the faults of a polygon
INVALID = {
    "Self-intersection": "边线相互交叉",
    "Ring Self-intersection": "同一环自相接触或交叉",
    "Too few points in geometry component": "顶点过少",
    "Hole lies outside shell": "内洞位于外环之外",
    "Holes are nested": "内洞相互嵌套",
    "Interior is disconnected": "内部被分割",
    "Nested shells": "外环相互嵌套",
    "Duplicate Rings": "环重复",
    "Ring is not closed": "环未闭合",
    "Invalid Coordinate": "坐标无效",
}
MOST_ROWS = 20  # named in one message
SMALLEST_OVERLAP_M2 = 1.0
SAME_GROUND = 0.5  # of the smaller polygon


def placed(reading: Reading, frame: Frame, needed: str, every: bool = True) -> Shapes:
    """The geometry of each row in the working CRS, None where a fault was noted.

    ``needed`` is one of `KINDS_NEEDED`. With ``every`` each row must lie within
    the frame's margin; otherwise (administrative units) it is enough that one does.
    """
    shapes = reading.raw.geometry
    shapes = points_of(reading) if shapes is None else shapes.copy()
    note_kinds(reading, shapes, needed)
    note_unusable(reading, shapes)
    usable = np.flatnonzero(~shapely.is_missing(shapes))
    crs = crs_of(reading, shapes[usable], frame)
    if crs is None or not len(usable):
        return np.full(len(shapes), None)
    reading.facts["crs"] = written(crs)
    try:
        moved = project(shapes[usable], crs, frame.crs)
    except StudyError as error:
        for problem in error.problems:
            reading.fault(problem.id, **problem.details)
        return np.full(len(shapes), None)
    if not note_strays(reading, shapes, usable, moved, crs, frame, every):
        return np.full(len(shapes), None)
    at_home = np.full(len(shapes), None)
    at_home[usable] = moved
    finite = np.isfinite(shapely.bounds(at_home)).all(axis=1)
    at_home[~finite] = None
    note_shift(reading, at_home, crs, frame)
    if not is_metres(crs):
        record_coarse(reading, shapes[usable])
    return repaired(reading, at_home)


def points_of(reading: Reading) -> Shapes:
    """Points from the x and y columns of a table; None where a cell is no coordinate."""
    axes = {"x": reading.column("x", True, X_NAMES), "y": reading.column("y", True, Y_NAMES)}
    shapes = np.full(len(reading.raw.rows), None)
    xy = np.full((len(shapes), 2), np.nan)
    for axis, cells in enumerate(axes.values()):
        cells = cells or []
        xy[: len(cells), axis] = plain_numbers(cells)
        for at in np.flatnonzero(np.isnan(xy[: len(cells), axis])).tolist():
            cell = cells[at]
            try:
                number = read_coordinate(cell, "xy"[axis])
            except NotANumber:
                column = reading.columns["xy"[axis]]
                reading.fault("E-LOC-003", at, column, cell)
                continue
            xy[at, axis] = number.value
            if number.repaired:
                column = reading.columns["xy"[axis]]
                reading.record("R-NUM-001", at, column, cell, after=number.value)
    known = np.isfinite(xy).all(axis=1)
    shapes[known] = shapely.points(xy[known])
    return shapes


def note_kinds(reading: Reading, shapes: Shapes, needed: str) -> None:
    """Note rows without a geometry or of another kind; they become None.

    A MultiPoint of one point is that point.
    """
    from_file = reading.raw.geometry is not None
    allowed = KINDS_NEEDED[needed]
    usual = np.isin(shapely.get_type_id(shapes), [TYPE_IDS[name] for name in allowed])
    for at in np.flatnonzero(~usual | shapely.is_empty(shapes)).tolist():
        shape = shapes[at]
        if shape is None or shape.is_empty:
            shapes[at] = None
            if from_file:
                reading.fault("E-GEO-001", at)
            continue
        if shape.geom_type == "MultiPoint" and len(shape.geoms) == 1:
            shape = shapes[at] = shape.geoms[0]
        if shape.geom_type not in allowed:
            reading.fault("E-GEO-002", at, found=shape.geom_type, needed=needed)
            shapes[at] = None


def note_unusable(reading: Reading, shapes: Shapes) -> None:
    """Note coordinates that are not finite, and points at (0, 0); they become None."""
    places, of_row = shapely.get_coordinates(shapes, return_index=True)
    is_point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    bad = ~np.isfinite(places).all(axis=1) | ((places == 0).all(axis=1) & is_point[of_row])
    for at, first in zip(*np.unique(of_row[bad], return_index=True), strict=True):
        x, y = places[bad][first]
        reading.fault("E-LOC-003", int(at), xy_columns(reading), f"{x:.10g}, {y:.10g}")
        shapes[at] = None


def crs_of(reading: Reading, shapes: Shapes, frame: Frame | None) -> Any:
    """The CRS of the file, of the study file where the file has none; None with a fault.

    GCJ-02 and BD-09 in the study file come before WGS 84 in the file, which is what exports
    of online maps are labelled. ``frame`` is None for the streets, from which it is made.
    """
    stated, own = reading.source.crs, reading.raw.crs
    try:
        named = known_crs(stated, reading.raw.file) if stated else None
    except StudyError as error:
        reading.findings.problems += error.problems
        return None
    if own is None and named is None:
        x, y = value_range(shapes)
        guess = None if frame is None else likely_crs(shapes, frame)
        reading.fault("E-CRS-001", x=x, y=y, **would_be(guess))
        return None
    if isinstance(named, ShiftedDegrees) and frame is not None and not frame.in_china:
        reading.fault("E-CRS-009", column="crs", value=stated, crs=named.name)
        return None
    if isinstance(named, ShiftedDegrees) and own is not None and passes_for_wgs84(own):
        reading.record("R-CRS-001", file_crs=name_of(own), study_crs=named.name)
        return named
    if own is not None and named is not None and not same_crs(named, own):
        reading.fault("E-CRS-003", file_crs=name_of(own), study_crs=name_of(named))
        return None
    return named if own is None else own


def same_crs(named: Any, own: Any) -> bool:
    """Whether the study file and the file mean the same."""
    return not isinstance(named, ShiftedDegrees) and named.equals(own, ignore_axis_order=True)


def note_shift(reading: Reading, shapes: Shapes, crs: Any, frame: Frame) -> None:
    """Keep how the layer fits the streets; note a layer that a map service has shifted.

    Points or polygons tell, in a layer of both whichever there are more of; lines, such as walls
    and new streets, may lie as they like.
    """
    dimension = shapely.get_dimensions(shapes)  # -1 where missing
    points, polygons = (int((dimension == of).sum()) for of in (0, 2))
    if (dimension == 1).any():
        return
    told = shapes.copy()
    told[dimension != (0 if points > polygons else 2)] = None
    fit = street_fit(told, crs, frame)
    if fit is None:
        return
    reading.facts["street_fit"] = fit.facts()
    # A grid lies as regularly as streets do and may fit them by chance: it is never refused.
    grid = bool(getattr(reading.source, "cell_m", None)) or is_grid(shapes)
    if fit.really is None:
        mixed = not grid and note_mixed(reading, shapes, crs, frame)
        if fit.answer == "cannot tell" and frame.in_china and not mixed:
            reading.record("R-CRS-003", points=fit.points)
        return
    details = offset_details(fit, crs)
    if reading.source.ignore_offset_check or grid:
        reading.record("R-CRS-002", **details)
    else:
        reading.fault("E-CRS-010", **details)


def note_mixed(reading: Reading, shapes: Shapes, crs: Any, frame: Frame) -> bool:
    """Note a layer of which some rows are shifted and others are not."""
    strays = strays_of(shapes, crs, frame)
    if strays is None:
        return False
    rows = reading.raw.rows[strays.rows]
    more = [f"… (+{len(rows) - MOST_ROWS})"] if len(rows) > MOST_ROWS else []
    details: dict[str, Any] = {
        "count": len(rows),
        "total": len(shapes),
        "crs": name_of(crs),
        "really": NAMES.get(strays.really, strays.really),
        "rows": ", ".join([*map(str, rows[:MOST_ROWS]), *more]),
    }
    if reading.source.ignore_offset_check:
        reading.record("R-CRS-004", **details)
    else:
        reading.fault("E-CRS-011", **details)
    return True


def note_strays(
    reading: Reading,
    shapes: Shapes,
    usable: NDArray[np.intp],
    moved: Shapes,
    crs: Any,
    frame: Frame,
    every: bool,
) -> bool:
    """Note rows away from the streets, and what may be the reason.

    False where the whole layer is elsewhere: nothing more can be said about its places.
    """
    away_m = frame.distance_m(shapely.bounds(moved))
    stray = away_m > frame.margin_m
    if not every and not stray.all():
        stray = ~np.isfinite(away_m)
    swapped = np.zeros(len(usable), dtype=bool)
    if stray.any():
        turned = shapely.transform(shapes[usable[stray]], lambda xy: xy[:, ::-1])
        swapped[stray] = fits(turned, crs, frame)
    columns = xy_columns(reading)
    if swapped.any():
        at = int(usable[np.argmax(swapped)])
        counts = {"count": int(swapped.sum()), "total": len(usable)}
        reading.fault("E-LOC-002", at, columns, shown_place(shapes[at]), **counts)
    guess = likely_crs(shapes[usable], frame) if stray.all() and not swapped.any() else ""
    if guess and (guess != "?" or len(usable) > 1 or not every):
        id = wrong_unit(shapes[usable], crs) or "E-LOC-004"
        x, y = value_range(shapes[usable])
        reading.fault(id, crs=name_of(crs), x=x, y=y, **would_be(guess))
        return False
    for place in np.flatnonzero(stray & ~swapped):
        at = int(usable[place])
        if np.isfinite(away_m[place]):
            km = round(away_m[place] / 1000, 1)
            reading.fault("E-LOC-001", at, columns, shown_place(shapes[at]), km=km)
        else:
            reading.fault("E-LOC-003", at, columns, shown_place(shapes[at]))
    return True


def fits(shapes: Shapes, crs: Any, frame: Frame) -> NDArray[np.bool_]:
    """Which shapes would lie near the streets if they were in this CRS."""
    away_m = frame.distance_m(shapely.bounds(project(shapes, crs, frame.crs)))
    return np.asarray(away_m <= frame.margin_m)


def likely_crs(shapes: Shapes, frame: Frame) -> str:
    """The likeliest of `crs_in_use` in which all values would lie near the streets, or ``?``."""
    candidates = crs_in_use(frame.bounds_lonlat) if len(shapes) else []
    return next((crs for crs in candidates if fits(shapes, crs, frame).all()), "?")


def would_be(guess: str | None) -> dict[str, Any]:
    """What a message says of values in the wrong place: ``guess``, and the clause ``would_be``.

    ``?``: no system in use fits; None: there is no study area yet.

    >>> would_be("EPSG:4549")["would_be"]["en"]
    '; in the study area they would be EPSG:4549'
    >>> would_be(None)["would_be"]["en"]
    ''
    """
    zh, en = f"；按研究区位置推测为 {guess}", f"; in the study area they would be {guess}"
    if guess == "?":
        zh = "；按当地常用的坐标系均不在研究区内"
        en = "; in no coordinate system in use there would they lie in the study area"
    elif guess is None:
        zh = en = ""
    return {"guess": guess, "would_be": {"zh": zh, "en": en}}


def wrong_unit(shapes: Shapes, crs: Any) -> str | None:
    """E-CRS-004 degrees under a CRS in metres, E-CRS-005 metres under one in degrees."""
    centres = centres_of(shapes)
    like_degrees = (np.abs(centres) <= [180, 90]).all(axis=1)
    if is_metres(crs):
        return "E-CRS-004" if like_degrees.all() else None
    return None if like_degrees.any() else "E-CRS-005"


def repaired(reading: Reading, shapes: Shapes) -> Shapes:
    """Polygons made valid where that hardly changes them; refused where it does."""
    for at in np.flatnonzero(~shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == 2)):
        before = shapes[at]
        reason = crossing_reason(shapely.is_valid_reason(before))
        after = polygons_only(shapely.make_valid(before, method="structure", keep_collapsed=False))
        if not after.area or abs(after.area - before.area) > LARGEST_REPAIR * before.area:
            reading.fault("E-GEO-004", int(at), reason=reason)
            continue
        areas = {"before_m2": round(before.area), "after_m2": round(after.area)}
        reading.record("R-GEO-001", int(at), reason=reason, **areas)
        shapes[at] = after
    return shapes


def crossing_reason(said: str) -> dict[str, str]:
    """Why a polygon is not valid, as shapely says it, with Chinese words before.

    >>> crossing_reason("Self-intersection[500 200]")["zh"]
    '边线相互交叉 Self-intersection[500 200]'
    """
    words = INVALID.get(said.partition("[")[0], "")
    return {"zh": f"{words} {said}".lstrip(), "en": said}


def polygons_only(shape: Any) -> Any:
    """The polygons of a mended geometry, without lines and points left over."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in POLYGONS]
    return shapely.union_all(parts)


def check_overlaps(
    reading: Reading,
    shapes: Shapes,
    keep: bool,
    recorded: str = "R-GEO-002",
    refused: str = "E-GEO-005",
) -> None:
    """Record polygons that overlap by more than 1 m2; refuse one that lies on another.

    Where most of a polygon lies on an earlier one, the same people are probably there twice:
    the layer is refused (E-GEO-005) unless the study says to ``keep`` both. Units of one level
    have messages of their own.
    """
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    area_m2 = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    large = area_m2 > SMALLEST_OVERLAP_M2
    if large.any():
        total_m2 = round(float(area_m2[large].sum()))
        reading.record(recorded, pairs=int(large.sum()), area_m2=total_m2)
    smaller_m2 = np.minimum(shapely.area(shapes[first]), shapely.area(shapes[second]))
    same_ground = large & (area_m2 > SAME_GROUND * smaller_m2)
    for a, b in zip(first[same_ground], second[same_ground], strict=True):
        if not keep:
            reading.fault(refused, int(b), other=int(reading.raw.rows[a]))


def admin_of_blocks(residential: GeoDataFrame, admin: GeoDataFrame) -> pd.Series:
    """The unit that holds each block's inner point: ``admin_id``, NA where none does.

    On a shared border or where units overlap, the unit that comes first.
    """
    points = residential.representative_point().to_numpy()
    block, unit = shapely.STRtree(admin.geometry.to_numpy()).query(points, predicate="intersects")
    order = np.lexsort((unit, block))
    blocks, firsts = np.unique(block[order], return_index=True)
    ids = np.full(len(points), pd.NA, dtype=object)
    ids[blocks] = admin.index.to_numpy(dtype=object)[unit[order][firsts]]
    return pd.Series(ids, index=residential.index, name="admin_id", dtype=object)


def in_several(residential: GeoDataFrame, admin: GeoDataFrame) -> pd.Series:
    """Whether each block's inner point lies inside several units: a border is inside none."""
    points = residential.representative_point().to_numpy()
    block, _ = shapely.STRtree(admin.geometry.to_numpy()).query(points, predicate="within")
    return pd.Series(np.bincount(block, minlength=len(points)) > 1, index=residential.index)


def record_coarse(reading: Reading, shapes: Shapes) -> None:
    """Record degrees of which most have few decimals (R-LOC-003): a grid of 100 m or more."""
    places = shapely.get_coordinates(shapes)
    if len(shapes) < FEWEST_TO_BE_COARSE:
        return
    for decimals in range(MOST_COARSE_DECIMALS + 1):
        coarse = np.isclose(places, places.round(decimals), rtol=0, atol=1e-9).all(axis=1)
        if coarse.mean() > 0.5:
            metres = round(M_PER_DEGREE / 10**decimals)
            reading.record("R-LOC-003", decimals=decimals, metres=metres)
            return


def centres_of(shapes: Shapes) -> NDArray[np.float64]:
    """Centre of each bounding box, (n, 2)."""
    bounds = shapely.bounds(shapes)
    return np.asarray((bounds[:, :2] + bounds[:, 2:]) / 2)


def value_range(shapes: Shapes) -> tuple[str, str]:
    """Smallest to largest x, and y, as text."""
    if not len(shapes):
        return "?", "?"
    west, south, east, north = shapely.total_bounds(shapes)
    return f"{west:.10g} – {east:.10g}", f"{south:.10g} – {north:.10g}"


def shown_place(shape: Any) -> str:
    """A place as it stands in the file."""
    x, y = centres_of(np.array([shape], dtype=object))[0]
    return f"{x:.10g}, {y:.10g}"


def xy_columns(reading: Reading) -> str:
    """The columns a table's places come from; empty for a GIS layer."""
    return ", ".join(reading.columns[axis] for axis in "xy" if axis in reading.columns)
