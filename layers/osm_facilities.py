"""Facilities as far as OpenStreetMap has them.

Which tags make a facility, of which kind and service, says `osm_tags`. A kindergarten takes
children of 3 to 5 in China and younger ones elsewhere, so whether it counts as childcare is
the study's own decision, printed with the results. One site that is mapped several times
(`same_site`) is counted once unless the study says otherwise, and is recorded.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame, GeoSeries

from carecircle.layers.fields import iso_date
from carecircle.layers.osm import Feature, OsmExtract
from carecircle.layers.osm_tags import facility_tag
from carecircle.layers.same_site import Site, same_sites


def facilities_from_osm(
    extract: OsmExtract, crs: str, kindergartens_are_childcare: bool
) -> GeoDataFrame:
    """Facilities of the extract in the working CRS, by OSM id.

    Index ``facility_id`` such as ``way/123``; ``name``, ``service``, ``kind`` (slug of the
    vocabulary), ``capacity`` (Int64, NA), ``opened`` and ``closed`` (ISO dates or ``""``),
    ``file`` and ``row`` empty (nobody's own list), and the mapped shape: a point or an outline.
    """
    rows = {
        feature.id: row_of(feature, kindergartens_are_childcare) for feature in extract.facilities
    }
    ids = pd.Index(sorted(rows), name="facility_id", dtype="str")
    table = pd.DataFrame([rows[id] for id in ids], index=ids, columns=COLUMNS)
    table = table.astype({name: "str" for name in COLUMNS if name not in ("capacity", "geometry")})
    table["capacity"] = table["capacity"].astype("Int64")
    shapes = GeoSeries(table.pop("geometry"), index=ids, crs="EPSG:4326").to_crs(crs)
    return GeoDataFrame(table.assign(file="", row=0), geometry=shapes)


COLUMNS = ["name", "service", "kind", "capacity", "opened", "closed", "geometry"]


def row_of(feature: Feature, kindergartens_are_childcare: bool) -> tuple[Any, ...]:
    """One facility, in the order of `COLUMNS`."""
    tags = feature.tags
    found = facility_tag(tags)
    assert found is not None  # the extract holds no others
    takes_babies = kindergartens_are_childcare and found.service == "kindergarten"
    return (
        tags.get("name", ""),
        "childcare" if takes_babies else found.service,
        found.kind,
        capacity(tags.get("capacity", "")),
        iso_date(tags.get("opening_date", "")) or "",
        iso_date(tags.get("end_date", "")) or "",
        feature.geometry,
    )


def sites_of(facilities: GeoDataFrame) -> list[Site]:
    """Sites that are there several times; positions among the facilities."""
    return same_sites(
        facilities.geometry.to_numpy(),
        facilities["service"].tolist(),
        facilities["name"].tolist(),
    )


def merged(facilities: GeoDataFrame, sites: list[Site]) -> tuple[GeoDataFrame, list[str]]:
    """Each site once, and the ids that were kept for the sites.

    Kept is the row with a name, of those the one with the largest outline, of those the first.
    It takes over the largest capacity that any of the rows states.
    """
    area_m2 = shapely.area(facilities.geometry.to_numpy())
    named = (facilities["name"] != "").to_numpy()
    capacity = facilities["capacity"].copy()
    gone = np.zeros(len(facilities), bool)
    kept_ids = []
    for site in sites:
        kept = min(site.rows, key=lambda row: (not named[row], -area_m2[row], row))
        capacity.iloc[kept] = capacity.iloc[list(site.rows)].max()
        gone[list(site.rows)] = True
        gone[kept] = False
        kept_ids.append(str(facilities.index[kept]))
    return facilities.assign(capacity=capacity)[~gone].copy(), kept_ids


def at_inner_points(facilities: GeoDataFrame) -> GeoDataFrame:
    """Facilities with an outline at a point inside it."""
    points: GeoDataFrame = facilities.set_geometry(facilities.representative_point())
    return points


def capacity(tag: str) -> int | None:
    """A mapped capacity, when it is a plain whole number."""
    return int(tag) if tag.isdecimal() and tag.isascii() and len(tag) <= 5 else None
