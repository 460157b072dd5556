"""Where does an OpenStreetMap extract have water that nobody walks across?

Rivers, canals, streams and drains as lines, lakes and wide rivers as areas; none in culverts.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray

from carecircle.layers.osm import read_in_order

WATERWAYS = frozenset({"river", "canal", "stream", "drain"})


def read_water(path: Path) -> NDArray[Any]:
    """The shapes of water in an extract that `osm.read_osm` has read, longitude and latitude."""
    return read_in_order(path, water_pass)


def water_pass(path: Path) -> NDArray[Any]:
    """One pass through a file that is in order."""
    ours = osmium.filter.KeyFilter("waterway", "natural", "landuse")
    shape = osmium.geom.WKBFactory()
    shapes = []
    things: Any = osmium.FileProcessor(str(path)).with_locations().with_areas(ours)
    for thing in things.with_filter(ours):
        tags = dict(thing.tags)
        if thing.is_way() and is_waterway(tags):
            places = [(node.lon, node.lat) for node in thing.nodes if node.location.valid()]
            if len(places) > 1:
                shapes.append(shapely.LineString(places))
        elif thing.is_area() and is_water_area(tags):
            shapes.append(shapely.make_valid(shapely.from_wkb(shape.create_multipolygon(thing))))
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def is_waterway(tags: Mapping[str, str]) -> bool:
    """Whether a line is open water."""
    covered = tags.get("tunnel", "no") != "no" or tags.get("covered") == "yes"
    return tags.get("waterway") in WATERWAYS and not covered


def is_water_area(tags: Mapping[str, str]) -> bool:
    """Whether an area is water."""
    return (
        tags.get("natural") == "water"
        or tags.get("waterway") == "riverbank"
        or tags.get("landuse") in ("reservoir", "basin")
    )
