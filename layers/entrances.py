"""Through which gates and doors do people go in and out, as far as the study knows?

One layer of points serves both walled quarters and facilities: an entrance names its quarter
(``block_id``), its facility (``facility_id``), or neither. One that names neither belongs to
the quarter whose boundary is nearest to it, if that is within ``match_m``. What is matched to
nothing is recorded and left out, and so is an entrance of a quarter or facility that does not
count (outside the study area, closed, planned, a bad row); an id that does not exist is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.layers.crs import Frame
from carecircle.layers.facilities import told
from carecircle.layers.fields import ids_in
from carecircle.layers.intake import LayerRead, layer_read
from carecircle.layers.places import placed
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.quarantine import without_bad_rows
from carecircle.layers.reading import Reading, alike, ids_of
from carecircle.layers.sources import EntranceSource

# An entrance further than this from its quarter's ground, or from its facility's point, is
# misplaced or belongs to another.
FARTHEST_FROM_QUARTER_M = 100.0
FARTHEST_FROM_FACILITY_M = 300.0
# One further inside its quarter than this is no gate: residents would start at the wrong end.
DEEPEST_INSIDE_M = 30.0


def read_entrances(
    source: EntranceSource,
    frame: Frame,
    residential: GeoDataFrame,
    facilities: GeoDataFrame,
    met: Mapping[str, Collection[str]],
) -> LayerRead:
    """The entrances, each with the quarter or the facility it opens.

    Index ``entrance_id``; ``block_id`` and ``facility_id`` (text, one of them ``""``), point.
    ``met`` are ids of quarters (``block_id``) and facilities (``facility_id``) that exist
    but do not count.

    Raises
    ------
    StudyError
        E-GAT-001: a quarter or a facility of that id does not exist; E-GAT-002: an entrance
        names both; E-GAT-004, 005: one too far from what it opens, or deep inside it;
        E-GAT-006: bad rows that were left out were all the gates of a quarter; and all
        faults of a layer of points.
    """
    opened = {"residential": residential, "facilities": facilities, "frame": frame, "met": met}
    named: dict[str, str] = {}  # entrance -> the quarter it names, of bad rows too
    read = without_bad_rows(source, partial(entrances_of, source=source, named=named, **opened))
    refuse_gateless(source.path.name, read, named)
    return read


def refuse_gateless(file: str, read: LayerRead, named: Mapping[str, str]) -> None:
    """Raise where bad rows took a quarter every gate it had: it would seem to have no wall."""
    lost = {named.get(id, "") for id in read.rejected} - {"", *read.layer["block_id"]}
    if lost:
        details = told("E-GAT-006", pd.Index(sorted(lost))).details
        raise StudyError(Problem("E-GAT-006", file, details=details))


def entrances_of(
    reading: Reading,
    source: EntranceSource,
    residential: GeoDataFrame,
    facilities: GeoDataFrame,
    frame: Frame,
    met: Mapping[str, Collection[str]],
    named: dict[str, str],
) -> LayerRead:
    """The entrances from the rows of a file; ``named`` learns the quarter of each of them."""
    ids = ids_of(reading, {})
    blocks = np.array(ids_in(reading, "block_id"), object)
    named.update(zip(ids, blocks, strict=True))
    doors = np.array(ids_in(reading, "facility_id"), object)
    no_block, no_door = absent(blocks, residential.index), absent(doors, facilities.index)
    note_unknown(reading, "block_id", blocks, no_block, met)
    note_unknown(reading, "facility_id", doors, no_door, met)
    for at in np.flatnonzero((blocks != "") & (doors != "")):
        reading.fault("E-GAT-002", int(at))
    shapes = placed(reading, frame, "Point")
    reading.refuse_if_any()
    blocks[no_block], doors[no_door] = "", ""
    note_far(reading, shapes, blocks, residential, FARTHEST_FROM_QUARTER_M)
    note_far(reading, shapes, doors, facilities, FARTHEST_FROM_FACILITY_M)
    note_deep(reading, shapes, blocks, residential)
    reading.refuse_if_any()
    left_out = no_block | no_door
    free = (blocks == "") & (doors == "") & ~left_out
    blocks[free] = nearest_quarter(shapes[free], residential, source.match_m)
    layer = gpd.GeoDataFrame(
        {"block_id": blocks, "facility_id": doors},
        index=pd.Index(ids, name="entrance_id", dtype=object),
        geometry=shapes,
        crs=frame.crs,
    )
    matched = (blocks != "") | (doors != "")
    record_ids(reading, "R-GAT-001", layer.index[~matched & ~left_out], f"{source.match_m:g}")
    record_ids(reading, "R-GAT-002", layer.index[left_out])
    return layer_read(reading, layer[matched].copy())


def absent(ids: NDArray[np.object_], index: pd.Index) -> NDArray[np.bool_]:
    """Which rows name something that is not, or no longer, in the other layer."""
    return np.array([bool(id) and id not in index for id in ids], bool)


def note_unknown(
    reading: Reading,
    name: str,
    ids: NDArray[np.object_],
    absent: NDArray[np.bool_],
    met: Mapping[str, Collection[str]],
) -> None:
    """Note ids that the other layer never had."""
    there = set(met.get(name, ()))
    by_bare = {id.lstrip("0"): id for id in sorted(there)}
    for at in np.flatnonzero(absent):
        if ids[at] not in there:
            near = alike(ids[at], by_bare)
            reading.fault("E-GAT-001", int(at), reading.columns[name], ids[at], near=near)


def record_ids(reading: Reading, id: str, entrances: pd.Index, metres: str = "") -> None:
    """Record entrances that were left out, where there are any."""
    if len(entrances):
        problem = told(id, entrances, metres=metres)
        reading.record(id, **problem.details)


def note_far(
    reading: Reading,
    points: NDArray[np.object_],
    ids: NDArray[np.object_],
    opened: gpd.GeoDataFrame,
    limit_m: float,
) -> None:
    """Note entrances that lie too far from what they are said to open: nobody walks that leg."""
    named = np.flatnonzero(ids != "")
    shapes = opened.geometry.loc[ids[named]].to_numpy()
    metres = shapely.distance(points[named], shapes)
    for at, away in zip(named, metres, strict=True):
        if away > limit_m:
            metres_off, limit = round(float(away)), f"{limit_m:g}"
            reading.fault("E-GAT-004", int(at), value=ids[at], metres=metres_off, limit=limit)


def note_deep(
    reading: Reading,
    points: NDArray[np.object_],
    blocks: NDArray[np.object_],
    residential: GeoDataFrame,
) -> None:
    """Note entrances deep inside the quarter they name: doors of houses, or misplaced."""
    named = np.flatnonzero(blocks != "")
    quarters = residential.geometry.loc[blocks[named]].to_numpy()
    inside = shapely.intersects(quarters, points[named])
    metres = shapely.distance(points[named], shapely.boundary(quarters))
    for at, deep in zip(named[inside], metres[inside], strict=True):
        if deep > DEEPEST_INSIDE_M:
            limit = f"{DEEPEST_INSIDE_M:g}"
            reading.fault(
                "E-GAT-005", int(at), value=blocks[at], metres=round(float(deep)), limit=limit
            )


def nearest_quarter(
    points: NDArray[np.object_], residential: GeoDataFrame, match_m: float
) -> NDArray[np.object_]:
    """The id of the quarter on whose boundary each point lies, ``""`` beyond ``match_m``.

    Distances are compared in whole millimetres; of equal ones the quarter that comes first.
    """
    found = np.full(len(points), "", object)
    if not len(points):
        return found
    boundaries = shapely.boundary(residential.geometry.to_numpy())
    tree = shapely.STRtree(boundaries)
    point, quarter = tree.query(points, predicate="dwithin", distance=match_m)
    away_mm = np.rint(1000 * shapely.distance(points[point], boundaries[quarter]))
    order = np.lexsort((quarter, away_mm, point))
    at, first = np.unique(point[order], return_index=True)
    found[at] = residential.index.to_numpy(object)[quarter[order][first]]
    return found
