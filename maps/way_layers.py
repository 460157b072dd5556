"""New gates and footpaths as layers: where they begin, and those with a length as lines."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from carecircle.coverage.result import StudyResult
from carecircle.maps.text import plain_text

TEXTS = ("kind", "quarter", "street")
WAY_LAYERS = {"ways": "Point", "way_lines": "LineString"}


def way_layers(study: StudyResult) -> dict[str, GeoDataFrame]:
    """Both layers, in the working CRS; none where no way was asked for."""
    parts = [
        GeoDataFrame(
            {
                "circle": np.full(len(found.ways), result.circle.id, object),
                "asked": np.full(len(found.ways), found.asked, np.int64),
                "way_id": found.ways.index.to_numpy(),
                **{name: [plain_text(value) for value in found.ways[name]] for name in TEXTS},
                "length_m": found.ways["length_m"].to_numpy(),
                "people_alone": found.ways["people_alone"].to_numpy(),
                "chosen": found.ways["chosen"].to_numpy(),
                "people_together": found.ways["people_together"].array,
                "line": found.ways["line"].to_numpy(),
            },
            geometry=found.ways.geometry.to_numpy(),
            crs=study.crs,
        )
        for result in study.circles
        for found in result.site_ways
    ]
    if not parts:
        return {}
    whole = GeoDataFrame(pd.concat(parts, ignore_index=True), crs=study.crs)
    lines = whole["line"].to_numpy()
    drawn = np.flatnonzero(shapely.length(lines) > 0)
    places = whole.drop(columns="line")
    ways = GeoDataFrame(
        places.drop(columns="geometry").iloc[drawn].reset_index(drop=True),
        geometry=lines[drawn],
        crs=study.crs,
    )
    return {"ways": places, "way_lines": ways}
