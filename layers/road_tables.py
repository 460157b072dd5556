"""Streets from a layer of nodes and a table of edges.

Edges are straight between their nodes on the map, and as long as the table says: a stated
length is the truth, as in a graph of osmnx. Columns: nodes ``id`` and, in a table, ``x``, ``y``;
edges ``from``, ``to``, ``length_m``, and the words of `road_kinds`. Nothing is cut at crossings.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from carecircle.layers.edge_lengths import other_unit, shorter_than_drawn
from carecircle.layers.fields import ids_in
from carecircle.layers.numbers import NotANumber, read_number
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.reading import Reading, ids_of
from carecircle.layers.road_kinds import Ways, ways_of
from carecircle.layers.road_lines import StreetsRead, in_degrees, named, rows_named
from carecircle.layers.street_sources import NetworkSource
from carecircle.layers.streets import WGS84, StreetLines

LONGEST_EDGE_M = 100_000.0
SAME_PLACE_M = 0.001


def read_road_tables(source: NetworkSource) -> StreetsRead:
    """Streets from nodes and edges.

    Raises
    ------
    StudyError
        Everything wrong with the two files, nodes first.
    """
    nodes = Reading(source.node_source)
    ids = ids_of(nodes, {})
    points = in_degrees(nodes, "Point")
    nodes.refuse_if_any()
    edges = Reading(source.edge_source)
    place = {id: at for at, id in enumerate(ids)}
    ends = ends_of(edges, place, nodes.raw.file)
    lonlat = shapely.get_coordinates(points)
    length_m = lengths_of(edges, ends, lonlat)
    ways = ways_of(edges, source.kinds)
    edges.refuse_if_any()
    kept = walked_once(edges, ends, length_m, ways)
    if not len(kept):
        raise StudyError(Problem("E-NET-001", edges.raw.file))
    street, names = named(ways.name[kept])
    lines = StreetLines(
        lonlat=lonlat,
        ends=ends[kept],
        kind=ways.kind[kept],
        attachable=ways.attachable[kept],
        mm=np.rint(length_m[kept] * 1000).astype(np.int64),
        street=street,
        names=names,
        road_class=ways.road_class[kept],
    )
    facts = {"street_source": "tables", **ways.facts}
    records = (*nodes.records, *edges.records)
    return StreetsRead(lines, facts, records, (nodes.file_facts(), edges.file_facts()))


def ends_of(edges: Reading, place: dict[str, int], file: str) -> NDArray[np.int64]:
    """Positions of the two nodes of each edge; E-NET-023 for a node that is not there."""
    ends = np.full((len(edges.raw.rows), 2), -1, np.int64)
    for column, name in enumerate(("from", "to")):
        if edges.column(name, needed=True) is None:
            continue
        for at, id in enumerate(ids_in(edges, name)):
            if id in place:
                ends[at, column] = place[id]
            else:
                edges.fault("E-NET-023", at, edges.columns[name], id or None, file=file)
    return ends


def lengths_of(
    edges: Reading, ends: NDArray[np.int64], lonlat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Metres of each edge; without a column the straight line on the ellipsoid.

    Notes lengths that are no positive number (E-NET-024), that are 0 between two places
    (E-NET-025), and a table in another unit (E-NET-026, E-NET-034).
    """
    a, b = lonlat[ends[:, 0]], lonlat[ends[:, 1]]
    straight_m = np.asarray(WGS84.inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])[2])
    cells = edges.column("length_m")
    if cells is None:
        return straight_m
    column, metres = edges.columns["length_m"], np.full(len(cells), np.nan)
    for at, cell in enumerate(cells):
        metres[at] = length_of(cell)
        if np.isnan(metres[at]):
            edges.fault("E-NET-024", at, column, cell)
        elif metres[at] == 0 and straight_m[at] > SAME_PLACE_M and (ends[at] >= 0).all():
            apart = round(float(straight_m[at]), 1)
            edges.fault("E-NET-025", at, column, cell, metres=apart)
    known = (metres > 0) & (ends >= 0).all(axis=1)
    drawn_m = np.where(known, straight_m, metres)  # what is faulty already is not doubted as well
    doubt = other_unit(metres, drawn_m)
    short = shorter_than_drawn(metres, drawn_m)
    if doubt is not None:
        edges.fault(doubt[0], column=column, count=doubt[1], total=len(metres))
    elif short.any():
        listed = rows_named(edges, np.flatnonzero(short))
        edges.record("R-NET-017", column=column, count=int(short.sum()), rows=listed)
    return metres


def length_of(cell: Any) -> float:
    """A cell as metres, NaN where it is no length."""
    try:
        metres = read_number(cell).value
    except NotANumber:
        return np.nan
    return metres if 0 <= metres <= LONGEST_EDGE_M else np.nan


def walked_once(
    edges: Reading, ends: NDArray[np.int64], length_m: NDArray[np.float64], ways: Ways
) -> NDArray[np.intp]:
    """Rows that are walked; of rows alike (also the way back) the first, no edge to itself."""
    loop = ends[:, 0] == ends[:, 1]
    if loop.any():
        listed = rows_named(edges, np.flatnonzero(loop))
        edges.record("R-NET-018", count=int(loop.sum()), rows=listed)
    columns = np.sort(ends, axis=1)
    table = pd.DataFrame(
        {"a": columns[:, 0], "b": columns[:, 1], "m": length_m, "kind": ways.kind,
         "open": ways.attachable, "level": ways.level, "name": ways.name}
    )  # fmt: skip
    rows = np.flatnonzero(ways.walked & ~loop)
    again = table.iloc[rows].duplicated().to_numpy()
    if again.any():
        edges.record("R-NET-014", count=int(again.sum()), rows=rows_named(edges, rows[again]))
    once: NDArray[np.intp] = rows[~again]
    return once
