"""Streets from a layer of road lines, as a bureau keeps it.

Every line is checked like any layer, walked or left out by its words (`road_kinds`,
`walk_profile`), and cut where it meets others (`planarise`). Lengths are measured on the
ellipsoid, as for every source with places on the earth.

Limits: heights of points are not used. Nothing can tell whether these lines themselves are
shifted (GCJ-02, BD-09): they are what other layers are compared with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.layers.aliases import suggestion
from carecircle.layers.chinese_offsets import ShiftedDegrees, in_china
from carecircle.layers.crs import LONLAT, project, transformer, working_crs, written
from carecircle.layers.places import (
    centres_of,
    crs_of,
    note_kinds,
    note_unusable,
    points_of,
    shown_place,
    value_range,
    would_be,
    wrong_unit,
)
from carecircle.layers.planarise import Plane, planarise
from carecircle.layers.quarantine import without_bad_rows
from carecircle.layers.reading import Reading, Record
from carecircle.layers.road_kinds import Ways, ways_of
from carecircle.layers.street_sources import NetworkSource
from carecircle.layers.streets import StreetLines

Shapes = NDArray[Any]
MOST_ROWS_NAMED = 20


@dataclass(frozen=True, eq=False)
class StreetsRead:
    """Streets of the study's own.

    Attributes
    ----------
    lines : StreetLines
    facts : mapping
        What was counted, for the network's facts.
    records, files : tuple
        As in `intake.LayerRead`.
    """

    lines: StreetLines
    facts: Mapping[str, Any]
    records: tuple[Record, ...]
    files: tuple[Record, ...]


def read_roads(source: NetworkSource) -> StreetsRead:
    """Streets from road lines.

    Raises
    ------
    StudyError
        Everything wrong with the layer; E-NET-001 where none of its lines can be walked.
    """
    return without_bad_rows(source, partial(roads_of, source=source))


def roads_of(reading: Reading, source: NetworkSource) -> StreetsRead:
    """Streets from the rows of a file."""
    if reading.raw.geometry is None:
        reading.fault("E-NET-022")
        reading.refuse_if_any()
    ways = ways_of(reading, source.kinds)
    note_missing_kinds(reading, ways)
    lonlat = in_degrees(reading, "LineString")
    reading.refuse_if_any()
    if not ways.walked.any():
        reading.fault("E-NET-001")
        reading.refuse_if_any()
    crs = working_crs(shapely.total_bounds(lonlat))
    walked = np.flatnonzero(ways.walked)
    parts, row = parts_of(reading, lonlat, walked, crs)
    parts, row = in_own_order(parts, row, ways)
    note_heights(reading)
    plane, line_row = cut_where_they_meet(reading, parts, row, ways, source.snap_ends_m)
    lines = street_lines(plane, line_row, ways, crs)
    note_plane(reading, plane, source.snap_ends_m)
    facts = {
        "street_source": "roads",
        "snap_ends_m": source.snap_ends_m,
        **plane.facts,
        **ways.facts,
    }
    return StreetsRead(lines, facts, tuple(reading.records), (reading.file_facts(),))


def in_degrees(reading: Reading, needed: str) -> Shapes:
    """The geometry of each row as longitude and latitude, None where a fault was noted.

    For the streets themselves: there is nothing yet to compare them with but the earth.
    """
    shapes = reading.raw.geometry
    shapes = points_of(reading) if shapes is None else shapes.copy()
    note_kinds(reading, shapes, needed)
    note_unusable(reading, shapes)
    usable = np.flatnonzero(~shapely.is_missing(shapes))
    lonlat = np.full(len(shapes), None)
    crs = crs_of(reading, shapes[usable], None)
    if crs is None or not len(usable):
        return lonlat
    reading.facts["crs"] = written(crs)
    x, y = value_range(shapes[usable])
    unit = wrong_unit(shapes[usable], crs)
    if unit is not None:
        reading.fault(unit, crs=written(crs), x=x, y=y, **would_be(None))
        return lonlat
    if isinstance(crs, ShiftedDegrees) and not in_china(centres_of(shapes[usable])).any():
        reading.fault("E-CRS-009", column="crs", value=reading.source.crs, crs=crs.name)
        return lonlat
    lonlat[usable] = project(shapes[usable], crs, LONLAT)
    bounds = shapely.bounds(lonlat)
    on_earth = (np.abs(bounds) <= [180, 90, 180, 90]).all(axis=1)
    for at in usable[~on_earth[usable]]:
        reading.fault("E-LOC-003", int(at), value=shown_place(shapes[at]))
        lonlat[at] = None
    return lonlat


def note_missing_kinds(reading: Reading, ways: Ways) -> None:
    """Record lines that are streets for want of a better word."""
    count = int(ways.facts["ways_without_kind"])
    if count:
        columns = [str(column) for column in reading.raw.table.columns]
        likely = (
            {"zh": "", "en": ""} if "kind" in reading.columns else suggestion("road_kind", columns)
        )
        reading.record("R-NET-010", count=count, total=len(ways.walked), likely=likely)


def note_heights(reading: Reading) -> None:
    """Record heights, which are not used."""
    count = int(shapely.has_z(reading.raw.geometry).sum())
    if count:
        reading.record("R-NET-011", count=count)


def parts_of(
    reading: Reading, lonlat: Shapes, rows: NDArray[np.intp], crs: str
) -> tuple[Shapes, NDArray[np.int64]]:
    """The single lines of the rows in the working CRS, to the millimetre, and their rows.

    Lines without length are left out, lines that are there twice counted once by the caller.
    """
    moved = shapely.transform(project(lonlat[rows], LONLAT, crs), lambda xy: np.round(xy, 3))
    parts, of_row = shapely.get_parts(moved, return_index=True)
    if len(parts) > len(rows):
        count = int((np.bincount(of_row) > 1).sum())
        reading.record("R-NET-012", count=count, parts=len(parts) - len(rows) + count)
    parts = shapely.remove_repeated_points(parts)
    empty = shapely.length(parts) == 0
    if empty.any():
        listed = rows_named(reading, rows[of_row[empty]])
        reading.record("R-NET-013", count=int(empty.sum()), rows=listed)
    return parts[~empty], rows[of_row[~empty]]


def in_own_order(
    parts: Shapes, row: NDArray[np.intp], ways: Ways
) -> tuple[Shapes, NDArray[np.intp]]:
    """The lines in an order that is theirs, whatever the order and direction in the file."""
    parts = shapely.normalize(parts)
    keys = [
        (ways.kind[r], ways.level[r], ways.attachable[r], ways.road_class[r], ways.name[r], wkb)
        for r, wkb in zip(row, shapely.to_wkb(parts), strict=True)
    ]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return parts[order], row[order]


def cut_where_they_meet(
    reading: Reading, parts: Shapes, row: NDArray[np.intp], ways: Ways, snap_m: float
) -> tuple[Plane, NDArray[np.intp]]:
    """The edges, and the row of each; lines that are there twice are recorded."""
    traits = [
        tuple(column[row].tolist())
        for column in (ways.kind, ways.level, ways.attachable, ways.road_class, ways.name)
    ]
    numbers: dict[Any, int] = {}
    alike = np.array([numbers.setdefault(t, len(numbers)) for t in zip(*traits, strict=True)])
    same = np.zeros(len(parts), bool)
    same[1:] = (np.diff(alike) == 0) & shapely.equals_exact(parts[1:], parts[:-1], 0)
    if same.any():
        listed = rows_named(reading, row[same])
        reading.record("R-NET-014", count=int(same.sum()), rows=listed)
    parts, row, alike = parts[~same], row[~same], alike[~same]
    xy, line = shapely.get_coordinates(parts, return_index=True)
    plane = planarise(xy, line.astype(np.int64), ways.level[row], alike, snap_m)
    return plane, row[plane.line]


def street_lines(plane: Plane, row: NDArray[np.intp], ways: Ways, crs: str) -> StreetLines:
    """The edges with the attributes of the rows they come from."""
    back = transformer(crs, LONLAT)
    lonlat = np.column_stack(back.transform(plane.xy[:, 0], plane.xy[:, 1]))
    street, names = named(ways.name[row])
    return StreetLines(
        lonlat=lonlat,
        ends=plane.ends,
        kind=ways.kind[row],
        attachable=ways.attachable[row],
        street=street,
        names=names,
        road_class=ways.road_class[row],
    )


def named(texts: NDArray[np.object_]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Positions among the sorted names, -1 where there is none, and the names."""
    names = sorted({text for text in texts if text})
    place = {"": -1, **{name: k for k, name in enumerate(names)}}
    return np.array([place[text] for text in texts], np.int32), tuple(names)


def note_plane(reading: Reading, plane: Plane, snap_m: float) -> None:
    """Record what was done to the lines where they meet."""
    facts = plane.facts
    if facts["overlaps"]:
        reading.record("R-NET-015", count=facts["overlaps"])
    if facts.get("joins"):
        metres = facts["longest_join_m"]
        reading.record("R-NET-016", count=facts["joins"], metres=metres, limit=f"{snap_m:g}")


def rows_named(reading: Reading, rows: NDArray[np.intp]) -> str:
    """Row numbers as the user sees them, the first of many."""
    numbers = sorted({int(reading.raw.rows[at]) for at in rows})
    listed = ", ".join(map(str, numbers[:MOST_ROWS_NAMED]))
    return f"{listed} …" if len(numbers) > MOST_ROWS_NAMED else listed
