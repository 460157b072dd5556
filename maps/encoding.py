"""How do shapes travel inside the page?

As whole numbers of 1e-5 degrees (about one metre), each point as the step from the point
before it; the first point of a shape is a step from the origin of the map. The streets
are the background of the map and its largest part: they are merged into chains,
simplified, and drawn with less and less detail until they fit their share of the page.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import shapely
from geopandas import GeoSeries
from numpy.typing import NDArray

from carecircle.layers.network import EDGE_KINDS, WalkNetwork
from carecircle.maps.packed import packed

UNITS_PER_DEGREE = 100_000
STREETS_BUDGET_BYTES = 2_500_000

MAJOR = ("street",)
MINOR = ("footway", "path", "crossing")
# Kinds drawn thin beside the streets, and tolerance of the simplification in metres:
# the first of these that fits the budget is taken.
DETAILS: tuple[tuple[tuple[str, ...], float], ...] = (
    (MINOR, 3),
    (MINOR, 8),
    ((), 3),
    ((), 8),
    ((), 20),
)

Origin = tuple[int, int]
Streets = dict[str, dict[str, list[int]]]


def units(degrees: Any) -> NDArray[np.int64]:
    """Longitudes and latitudes in degrees as whole map units."""
    return np.rint(np.asarray(degrees, dtype=np.float64) * UNITS_PER_DEGREE).astype(np.int64)


def json_text(value: Any) -> str:
    """Compact JSON; refuses NaN and infinity, which JSON does not have."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def encode_points(points: GeoSeries, origin: Origin) -> list[list[int]]:
    """Each point as ``[x, y]`` from the origin. Any CRS."""
    xy = units(shapely.get_coordinates(points.to_crs(4326).to_numpy()))
    return [[int(x), int(y)] for x, y in xy - np.asarray(origin)]


def encode_polygons(areas: GeoSeries, origin: Origin, tolerance_m: float) -> list[Any]:
    """Each area as a list of polygons, a polygon as a list of rings, a ring as steps.

    Parameters
    ----------
    areas : GeoSeries
        Polygons or multipolygons in a metre CRS; an empty area gives an empty list.
    tolerance_m : float
        Points nearer than this to the simplified outline are left out.
    """
    simple = areas.simplify(tolerance_m).to_crs(4326)
    return [
        [
            [steps(ring, origin) for ring in (polygon.exterior, *polygon.interiors)]
            for polygon in shapely.get_parts(area)
            if not polygon.is_empty
        ]
        for area in simple
    ]


def packed_areas(areas: GeoSeries, origin: Origin, tolerance_m: float) -> list[str]:
    """What `encode_polygons` gives, each area as one text of `packed` numbers.

    How many polygons; of each how many rings; of each ring how many numbers, and these.
    """
    return [packed_area(area) for area in encode_polygons(areas, origin, tolerance_m)]


def packed_area(area: list[Any]) -> str:
    """One area as text."""
    numbers = [len(area)]
    for polygon in area:
        numbers.append(len(polygon))
        for ring in polygon:
            numbers += [len(ring), *ring]
    return packed(np.array(numbers))


def steps(ring: shapely.LinearRing, origin: Origin) -> list[int]:
    """A closed ring as ``[x, y, dx, dy, ...]``, its repeated last point left out."""
    xy = units(shapely.get_coordinates(ring))[:-1]
    moved = np.diff(xy, axis=0, prepend=np.asarray([origin]))
    standing = ~moved[1:].any(axis=1)
    return [int(value) for value in np.delete(moved, 1 + np.flatnonzero(standing), axis=0).ravel()]


def encode_streets(
    network: WalkNetwork, origin: Origin, budget_bytes: int = STREETS_BUDGET_BYTES
) -> Streets:
    """The streets as two layers of chains, ``major`` and ``minor``.

    Each layer is ``{"counts": points per chain, "steps": [dx, dy, ...]}``; the steps run
    through all chains without a break. Steps, lifts and the insides of squares are not
    drawn. Where even the coarsest detail exceeds the budget, that one is taken.
    """
    for minor, tolerance_m in DETAILS:
        streets = {
            "major": encode_chains(merged_chains(network, MAJOR, tolerance_m), origin),
            "minor": encode_chains(merged_chains(network, minor, tolerance_m), origin),
        }
        if len(json_text(streets)) <= budget_bytes:
            break
    return streets


def merged_chains(network: WalkNetwork, kinds: tuple[str, ...], tolerance_m: float) -> GeoSeries:
    """Edges of some kinds as lines from junction to junction, simplified, in degrees."""
    wanted = np.isin(network.edge_kind, [EDGE_KINDS.index(kind) for kind in kinds])
    ends = network.node_xy[network.edge_nodes[wanted]]
    ends = ends[(ends[:, 0] != ends[:, 1]).any(axis=1)]
    merged = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(ends)))
    chains = shapely.simplify(shapely.get_parts(merged), tolerance_m, preserve_topology=False)
    return GeoSeries(chains, crs=network.crs).to_crs(4326)


def encode_chains(chains: GeoSeries, origin: Origin) -> dict[str, list[int]]:
    """Lines in degrees as counts and steps; chains shorter than one map unit fall away."""
    degrees, chain = shapely.get_coordinates(chains.to_numpy(), return_index=True)
    xy = units(degrees)
    new_chain = np.diff(chain, prepend=-1) != 0
    moved = np.diff(xy, axis=0, prepend=np.asarray([origin])).any(axis=1)
    kept = new_chain | moved
    xy, chain = xy[kept], chain[kept]
    long_enough = (np.bincount(chain) > 1)[chain] if len(chain) else np.zeros(0, dtype=bool)
    xy, chain = xy[long_enough], chain[long_enough]
    counts = np.unique(chain, return_counts=True)[1]
    path = np.diff(xy, axis=0, prepend=np.asarray([origin]))
    return {"counts": counts.tolist(), "steps": path.ravel().tolist()}
