"""Facilities as far as OpenStreetMap has them.

Which tags make a station of elderly care or of childcare says `osm.facility_service`. A
kindergarten takes children of 3 to 5 in China and younger ones elsewhere, so whether it
counts as childcare is the study's own decision, printed with the results.
"""

from __future__ import annotations

import pandas as pd
from geopandas import GeoDataFrame, GeoSeries

from carecircle.layers.osm import OsmExtract, facility_service


def facilities_from_osm(
    extract: OsmExtract, crs: str, kindergartens_are_childcare: bool
) -> GeoDataFrame:
    """Facilities of the extract in the working CRS, by OSM id.

    Index ``facility_id`` such as ``way/123``; ``name``, ``service``, ``kind`` (the tag that
    made it one), ``capacity`` (Int64, NA), point; ``file`` is empty: nobody's own row.
    An outline counts at its inner point.
    """
    counted = {"elderly": "elderly", "childcare": "childcare"}
    if kindergartens_are_childcare:
        counted["kindergarten"] = "childcare"
    rows = {
        feature.id: (
            feature.tags.get("name", ""),
            counted[found],
            feature.tags.get("social_facility") or feature.tags.get("amenity", ""),
            capacity(feature.tags.get("capacity", "")),
            feature.geometry,
        )
        for feature in extract.facilities
        if (found := facility_service(feature.tags)) in counted
    }
    ids = pd.Index(sorted(rows), name="facility_id", dtype="str")
    columns = list(zip(*(rows[id] for id in ids), strict=True)) or [()] * 5
    shapes = GeoSeries(list(columns[4]), index=ids, crs="EPSG:4326").to_crs(crs)
    return GeoDataFrame(
        {
            "name": pd.Series(columns[0], index=ids, dtype="str"),
            "service": pd.Series(columns[1], index=ids, dtype="str"),
            "kind": pd.Series(columns[2], index=ids, dtype="str"),
            "capacity": pd.Series(columns[3], index=ids, dtype="Int64"),
            "file": "",
            "row": 0,
        },
        geometry=shapes.representative_point(),
    )


def capacity(tag: str) -> int | None:
    """A mapped capacity, when it is a plain whole number."""
    return int(tag) if tag.isdecimal() and tag.isascii() and len(tag) <= 5 else None
