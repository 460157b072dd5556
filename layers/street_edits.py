"""What if a street were closed, a wall built, a bridge added? Edits of the streets.

Each ``[[edits]]`` layer passes the one intake and is then laid on the streets, in the order of
the study file: `barriers` for barriers and closures, `new_ways` for links. Everything measured
afterwards is measured on the edited streets. Bridges and tunnels are not meant by what is drawn
on the ground, unless ``all_levels`` says so; a street closed by its name is closed whole.

A layer that touches no street is refused; single rows that touch none are recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.layers.barriers import with_barriers, with_closures
from carecircle.layers.crs import Frame
from carecircle.layers.new_ways import with_links
from carecircle.layers.places import placed
from carecircle.layers.quarantine import without_bad_rows
from carecircle.layers.reading import Reading, Record, texts_of
from carecircle.layers.road_kinds import ways_of
from carecircle.layers.road_lines import rows_named
from carecircle.layers.street_sources import EditSource
from carecircle.layers.streets import StreetLines

Shapes = NDArray[Any]
NEEDED = {
    "barrier": "Point, LineString or Polygon",
    "closure": "LineString or Polygon",
    "link": "LineString",
}


@dataclass(frozen=True, eq=False)
class EditsRead:
    """Edited streets.

    Attributes
    ----------
    lines : StreetLines
    fact : mapping
        ``file``, ``kind``, ``rows``, ``without_effect``, and what was done: ``cuts``,
        ``closed_m``, ``added_m``, ``joined_ends``, ``dead_ends``.
    records, files : tuple
        As in `intake.LayerRead`.
    """

    lines: StreetLines
    fact: Record
    records: tuple[Record, ...]
    files: tuple[Record, ...]


def edit_streets(lines: StreetLines, source: EditSource, frame: Frame) -> EditsRead:
    """The streets with one layer of edits laid on them.

    Raises
    ------
    StudyError
        Everything wrong with the layer; E-NET-027 it touches no street, E-NET-028 the end of a
        new way is at none, E-NET-029 no street has that name.
    """
    edit = {"barrier": barriers_of, "closure": closures_of, "link": links_of}[source.kind]
    return without_bad_rows(source, partial(edit, lines=lines, source=source, frame=frame))


def barriers_of(
    reading: Reading, lines: StreetLines, source: EditSource, frame: Frame
) -> EditsRead:
    """Barriers from the rows of a file, on the streets."""
    shapes = edit_shapes(reading, source, frame)
    reading.refuse_if_any()
    edited, done, touched = with_barriers(
        lines, shapes, frame.crs, source.snap_m, source.all_levels
    )
    return finished(reading, source, edited, done, touched)


def closures_of(
    reading: Reading, lines: StreetLines, source: EditSource, frame: Frame
) -> EditsRead:
    """Closures from the rows of a file, on the streets."""
    names = np.array(texts_of(reading, "street"), object)
    known = set(lines.names)
    for at, name in enumerate(names):
        if name and name not in known:
            reading.fault("E-NET-029", at, reading.columns["street"], name)
    if reading.raw.geometry is not None:
        shapes = edit_shapes(reading, source, frame)
    else:
        shapes = np.full(len(names), None)
        reading.column("street", needed=True)
        for nameless in np.flatnonzero(names == ""):
            reading.fault("E-NET-029", int(nameless), reading.columns.get("street", ""))
    reading.refuse_if_any()
    parts, row = single_shapes(shapes)
    edited, done, hit = with_closures(
        lines, parts, names[row], frame.crs, source.snap_m, source.all_levels
    )
    touched = np.bincount(row[hit], minlength=len(shapes)) > 0
    return finished(reading, source, edited, done, touched)


def links_of(reading: Reading, lines: StreetLines, source: EditSource, frame: Frame) -> EditsRead:
    """New ways from the rows of a file, joined to the streets."""
    ways = ways_of(reading, source.kinds)
    for at in np.flatnonzero(~ways.walked):
        reading.fault("E-NET-031", int(at), reading.columns.get("kind", ""))
    shapes = edit_shapes(reading, source, frame)
    reading.refuse_if_any()
    for at in np.flatnonzero(shapely.length(shapes) == 0):
        reading.fault("E-GEO-001", int(at))
    reading.refuse_if_any()
    edited, done, stray = with_links(
        lines, shapes, ways, frame.crs, source.snap_m, source.all_levels
    )
    if not source.dead_ends:
        for row, metres in stray:
            reading.fault("E-NET-028", row, metres=metres, limit=f"{source.snap_m:g}")
    reading.refuse_if_any()
    joined = 2 * shapely.get_num_geometries(shapes)
    np.subtract.at(joined, [at for at, _ in stray], 1)
    done["dead_ends"] = len(stray)
    return finished(reading, source, edited, done, joined > 0)


def edit_shapes(reading: Reading, source: EditSource, frame: Frame) -> Shapes:
    """The shapes of the rows in the working CRS."""
    shapes = placed(reading, frame, NEEDED[source.kind], every=False)
    return np.asarray(shapely.remove_repeated_points(shapes))


def single_shapes(shapes: Shapes) -> tuple[Shapes, NDArray[np.intp]]:
    """The parts of the shapes and their rows; a row without a shape is one part."""
    parts = [
        (at, part)
        for at, shape in enumerate(shapes)
        for part in ([None] if shape is None else shapely.get_parts(shape))
    ]
    single = np.full(len(parts), None)
    single[:] = [part for _, part in parts]
    return single, np.array([at for at, _ in parts], np.intp)


def finished(
    reading: Reading,
    source: EditSource,
    lines: StreetLines,
    done: dict[str, Any],
    touched: NDArray[np.bool_],
) -> EditsRead:
    """The edited streets, with a record of what was done and of rows that did nothing."""
    if not touched.any():
        reading.fault("E-NET-027", limit=f"{source.snap_m:g}")
        reading.refuse_if_any()
    if not touched.all():
        listed = rows_named(reading, np.flatnonzero(~touched))
        reading.record("R-NET-019", count=int((~touched).sum()), rows=listed)
    fact = {
        "file": reading.raw.file,
        "kind": source.kind,
        "rows": len(touched),
        "without_effect": int((~touched).sum()),
        "snap_m": source.snap_m,
        "all_levels": source.all_levels,
        **done,
    }
    return EditsRead(lines, fact, tuple(reading.records), (reading.file_facts(),))
