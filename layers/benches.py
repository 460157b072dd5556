"""Where can somebody sit down on the way? The study's own layer of benches, else OpenStreetMap's.

Which tags are places to sit says `osm_tags`. Limits: OpenStreetMap has few of the benches there
are, so who must sit reaches less on the map than on the ground; how many were found is told.
"""

from __future__ import annotations

from functools import partial

import geopandas as gpd
import pandas as pd

from carecircle.layers.crs import Frame
from carecircle.layers.intake import LayerRead, layer_read
from carecircle.layers.places import placed
from carecircle.layers.quarantine import without_bad_rows
from carecircle.layers.reading import Reading, ids_of
from carecircle.layers.sources import BenchSource


def read_benches(source: BenchSource, frame: Frame) -> LayerRead:
    """The benches, index ``bench_id``. Raises `StudyError` with all faults of a layer of points."""
    return without_bad_rows(source, partial(benches_of, frame=frame))


def benches_of(reading: Reading, frame: Frame) -> LayerRead:
    """The benches from the rows of a file."""
    ids = ids_of(reading, {})
    shapes = placed(reading, frame, "Point")
    reading.refuse_if_any()
    index = pd.Index(ids, name="bench_id", dtype=object)
    return layer_read(reading, gpd.GeoDataFrame(index=index, geometry=shapes, crs=frame.crs))
