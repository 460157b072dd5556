"""Quarters and dwellings for a town that comes with nothing but its OpenStreetMap extract.

A quarter is residential land, or a cluster of dwellings where no land is mapped, cut along
the streets: what lies between them. A dwelling is a building tagged as one. Whether large
buildings of unknown use (``building=yes``) are dwellings too is decided once for the whole
extract (`Untagged`): decided quarter by quarter, the tag of one building would move the people
of all. Floor area is footprint times levels; levels that are not mapped are assumed by type.

Everything here is an estimate and is marked as one wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import NDArray
from shapely import STRtree

from carecircle.layers.network import EDGE_KINDS, WalkNetwork
from carecircle.layers.osm import DWELLINGS, Feature, OsmExtract

# A building of unknown use smaller than this is a shed or a garage.
SMALLEST_UNTAGGED_DWELLING_M2 = 40.0
# Strips that the cut leaves between two carriageways are no quarters.
SMALLEST_EMPTY_QUARTER_M2 = 500.0
# Dwellings outside mapped residential land belong together when this near to each other.
CLUSTER_GAP_M = 50.0
CLUSTER_MARGIN_M = 10.0
# Storeys where the map does not tell them; anything else counts one.
ASSUMED_LEVELS = {"apartments": 4, "dormitory": 4, "residential": 2, "terrace": 2, "yes": 2}


@dataclass(frozen=True)
class Untagged:
    """How many buildings of an extract are tagged as dwellings, and how many ``building=yes``.

    The latter count everywhere, unless most of the two together are tagged.
    """

    tagged: int
    untagged: int

    @property
    def counted(self) -> bool:
        """Whether buildings of unknown use are taken for dwellings."""
        return self.tagged <= self.untagged


@dataclass(frozen=True, eq=False)
class OsmTown:
    """Quarters (index ``block_id``; ``name``, ``area_m2``, polygon) and their dwellings.

    ``dwellings``, index ``building_id``: ``block_id``, ``floor_area_m2`` (float), polygon.
    Both in the working CRS.
    """

    quarters: GeoDataFrame
    dwellings: GeoDataFrame
    untagged: Untagged


def town_from_osm(extract: OsmExtract, network: WalkNetwork) -> OsmTown:
    """Where people live, as far as the map tells."""
    streets = street_lines(network)
    land = in_working_crs(extract.residential_land, network.crs)
    dwellings, untagged = dwellings_in(extract, network.crs)

    on_land = cut_along(streets, land)
    dwellings["block_id"] = quarter_of(dwellings.geometry, on_land)

    homeless = dwellings[dwellings["block_id"].isna()]
    clusters = cut_along(streets, clustered(homeless[homeless["tagged"]]))
    dwellings.loc[homeless.index, "block_id"] = quarter_of(homeless.geometry, clusters)
    dwellings = dwellings.dropna(subset="block_id")
    quarters = pd.concat([on_land, clusters])
    lived_in = quarters.index.isin(dwellings["block_id"])
    quarters = quarters[lived_in | (quarters.area >= SMALLEST_EMPTY_QUARTER_M2)]
    area_m2 = np.rint(quarters.area).astype(np.int64)
    return OsmTown(
        quarters=GeoDataFrame(quarters, crs=network.crs).assign(area_m2=area_m2),
        dwellings=dwellings[["block_id", "floor_area_m2", "geometry"]],
        untagged=untagged,
    )


def dwellings_in(extract: OsmExtract, crs: str) -> tuple[GeoDataFrame, Untagged]:
    """All dwellings of an extract, by the one rule that holds for it.

    Index: OSM id; ``tagged`` (bool), ``floor_area_m2`` (float), polygons in ``crs``.
    """
    buildings = possible_dwellings(in_working_crs(extract.buildings, crs))
    tagged = int(buildings["tagged"].sum())
    untagged = Untagged(tagged, len(buildings) - tagged)
    return buildings if untagged.counted else buildings[buildings["tagged"]].copy(), untagged


def in_working_crs(features: Sequence[Feature], crs: str) -> GeoDataFrame:
    """Index: OSM id; ``name``, ``building``, ``levels`` as tagged, and the valid shape."""
    ids = pd.Index([feature.id for feature in features], dtype="str")
    columns = {"name": "name", "building": "building", "levels": "building:levels"}
    tagged = {
        column: pd.Series([f.tags.get(key, "") for f in features], index=ids, dtype="str")
        for column, key in columns.items()
    }
    shapes = GeoSeries([f.geometry for f in features], index=ids, crs="EPSG:4326")
    return GeoDataFrame(tagged, geometry=shapes).to_crs(crs)


def possible_dwellings(buildings: GeoDataFrame) -> GeoDataFrame:
    """Buildings tagged as dwellings, and untagged ones that are large enough."""
    tagged = buildings["building"].isin(DWELLINGS)
    large = buildings.area >= SMALLEST_UNTAGGED_DWELLING_M2
    kept = buildings[tagged | ((buildings["building"] == "yes") & large)].copy()
    kept["tagged"] = tagged[kept.index]
    kept["floor_area_m2"] = kept.area * levels(kept)
    return kept


def levels(buildings: GeoDataFrame) -> NDArray[np.float64]:
    """Storeys above ground: as mapped when that is a number from 1 to 200, else assumed."""
    assumed = buildings["building"].map(ASSUMED_LEVELS).fillna(1.0).to_numpy(float)
    mapped = buildings["levels"].where(buildings["levels"].str.fullmatch(r"\d{1,3}(\.\d)?"), "0")
    stated = mapped.to_numpy(str).astype(float)
    storeys: NDArray[np.float64] = np.where((stated >= 1) & (stated <= 200), stated, assumed)
    return storeys


def street_lines(network: WalkNetwork) -> NDArray[np.object_]:
    """The streets proper, without footways: what separates one quarter from the next."""
    is_street = network.edge_kind == EDGE_KINDS.index("street")
    lines: NDArray[np.object_] = shapely.linestrings(network.node_xy[network.edge_nodes[is_street]])
    return lines


def cut_along(streets: NDArray[np.object_], land: GeoDataFrame) -> GeoDataFrame:
    """Each polygon in the pieces that streets leave of it; index ``block_id``, ``name``."""
    tree = STRtree(streets)
    rows = []
    for id, name, polygon in zip(land.index, land["name"], land.geometry, strict=True):
        pieces = pieces_between(streets[tree.query(polygon, predicate="intersects")], polygon)
        for k, piece in enumerate(pieces, start=1):
            rows.append((f"{id}-{k}" if len(pieces) > 1 else id, name, piece))
    ids, names, shapes = zip(*rows, strict=True) if rows else ((), (), ())
    return GeoDataFrame(
        {"name": pd.Series(names, dtype="str", index=ids)},
        index=pd.Index(ids, name="block_id", dtype="str"),
        geometry=list(shapes),
        crs=land.crs,
    )


def pieces_between(
    streets: NDArray[np.object_], polygon: shapely.Geometry
) -> list[shapely.Geometry]:
    """What the streets cut a polygon into, from west to east."""
    lines = shapely.union_all([polygon.boundary, *streets])
    faces = shapely.get_parts(shapely.polygonize([lines]))
    inner = shapely.point_on_surface(faces)
    inside = shapely.covers(polygon, inner)
    faces, inner = faces[inside], inner[inside]
    order = np.lexsort((shapely.get_y(inner), shapely.get_x(inner)))
    return list(faces[order]) or [polygon]


def clustered(dwellings: GeoDataFrame) -> GeoDataFrame:
    """One unnamed polygon round each group of dwellings that stand near to each other."""
    near = shapely.union_all(dwellings.buffer(CLUSTER_GAP_M / 2).to_numpy())
    shrunk = shapely.buffer(near, CLUSTER_MARGIN_M - CLUSTER_GAP_M / 2)
    groups = shapely.get_parts(shrunk)
    groups = groups[~shapely.is_empty(groups)]
    order = np.lexsort((shapely.get_y(shapely.centroid(groups)), shapely.bounds(groups)[:, 0]))
    ids = [f"dwellings-{k}" for k in range(1, len(groups) + 1)]
    return GeoDataFrame(
        {"name": [""] * len(groups)}, index=ids, geometry=groups[order], crs=dwellings.crs
    )


def quarter_of(shapes: GeoSeries, quarters: GeoDataFrame) -> pd.Series:
    """The first quarter that holds each shape's inner point; NA where none does."""
    points = shapes.representative_point().to_numpy()
    point, quarter = STRtree(quarters.geometry.to_numpy()).query(points, predicate="intersects")
    first = pd.Series(quarter, index=point).groupby(level=0).min()
    found = pd.Series(pd.NA, index=range(len(points)), dtype="str")
    found.loc[first.index] = quarters.index[first.to_numpy()].to_numpy()
    return found.set_axis(shapes.index)
