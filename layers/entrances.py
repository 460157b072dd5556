"""Through which gates and doors do people go in and out, as far as the study knows?

One layer of points serves both walled quarters and facilities: an entrance names its quarter
(``block_id``), its facility (``facility_id``), or neither. One that names neither belongs to
the quarter whose boundary is nearest to it, if that is within ``match_m``. What is matched to
nothing is recorded and left out; an id that does not exist is refused.
"""

from __future__ import annotations

from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.layers.crs import Frame
from carecircle.layers.fields import ids_in
from carecircle.layers.intake import LayerRead
from carecircle.layers.places import placed
from carecircle.layers.quarantine import without_bad_rows
from carecircle.layers.reading import Reading, ids_of
from carecircle.layers.sources import EntranceSource

# An entrance further than this from its quarter's ground, or from its facility's point, is
# misplaced or belongs to another.
FARTHEST_FROM_QUARTER_M = 100.0
FARTHEST_FROM_FACILITY_M = 300.0


def read_entrances(
    source: EntranceSource, frame: Frame, residential: GeoDataFrame, facilities: GeoDataFrame
) -> LayerRead:
    """The entrances, each with the quarter or the facility it opens.

    Index ``entrance_id``; ``block_id`` and ``facility_id`` (text, one of them ``""``), point.

    Raises
    ------
    StudyError
        E-GAT-001: a quarter or a facility of that id does not exist; E-GAT-002: an entrance
        names both; and all faults of a layer of points.
    """
    opened = {"residential": residential, "facilities": facilities, "frame": frame}
    return without_bad_rows(source, partial(entrances_of, source=source, **opened))


def entrances_of(
    reading: Reading,
    source: EntranceSource,
    residential: GeoDataFrame,
    facilities: GeoDataFrame,
    frame: Frame,
) -> LayerRead:
    """The entrances from the rows of a file."""
    ids = ids_of(reading, {})
    opens = {name: ids_in(reading, name) for name in ("block_id", "facility_id")}
    note_unknown(reading, "block_id", opens["block_id"], residential.index)
    note_unknown(reading, "facility_id", opens["facility_id"], facilities.index)
    for at, (block, facility) in enumerate(zip(*opens.values(), strict=True)):
        if block and facility:
            reading.fault("E-GAT-002", at)
    shapes = placed(reading, frame, "Point")
    reading.refuse_if_any()
    note_far(reading, shapes, opens["block_id"], residential, FARTHEST_FROM_QUARTER_M)
    note_far(reading, shapes, opens["facility_id"], facilities, FARTHEST_FROM_FACILITY_M)
    reading.refuse_if_any()
    free = np.array([pair == ("", "") for pair in zip(*opens.values(), strict=True)], bool)
    blocks = np.array(opens["block_id"], object)
    blocks[free] = nearest_quarter(shapes[free], residential, source.match_m)
    layer = gpd.GeoDataFrame(
        {"block_id": blocks, "facility_id": opens["facility_id"]},
        index=pd.Index(ids, name="entrance_id", dtype=object),
        geometry=shapes,
        crs=frame.crs,
    )
    matched = (layer["block_id"] != "") | (layer["facility_id"] != "")
    if not matched.all():
        listed = ", ".join(layer.index[~matched][:20])
        count = int((~matched).sum())
        reading.record("R-GAT-001", count=count, metres=f"{source.match_m:g}", ids=listed)
    return LayerRead(layer[matched].copy(), tuple(reading.records), (reading.file_facts(),))


def note_unknown(reading: Reading, name: str, ids: list[str], known: pd.Index) -> None:
    """Note ids that no row of the other layer has."""
    for at, id in enumerate(ids):
        if id and id not in known:
            reading.fault("E-GAT-001", at, reading.columns[name], id)


def note_far(
    reading: Reading,
    points: NDArray[np.object_],
    ids: list[str],
    opened: gpd.GeoDataFrame,
    limit_m: float,
) -> None:
    """Note entrances that lie too far from what they are said to open: nobody walks that leg."""
    named = np.flatnonzero([bool(id) for id in ids])
    shapes = opened.geometry.loc[[ids[at] for at in named]].to_numpy()
    metres = shapely.distance(points[named], shapes)
    for at, away in zip(named, metres, strict=True):
        if away > limit_m:
            metres_off, limit = round(float(away)), f"{limit_m:g}"
            reading.fault("E-GAT-004", int(at), value=ids[at], metres=metres_off, limit=limit)


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
