"""Which reader opens this layer file? Hands out its rows, unchecked.

A file is read as its ending says and must begin as its ending promises: a file disguised as
another kind could make GDAL read other files.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from carecircle.layers.archives import read_archive, read_kmz, size_text
from carecircle.layers.gis_files import read_geoparquet, read_gis
from carecircle.layers.kml import read_kml
from carecircle.layers.raw import RawLayer, refuse_repeated, refused
from carecircle.layers.sources import LayerSource
from carecircle.layers.tables import read_csv, read_xls, read_xlsx

KINDS = {
    ".gpkg": "GPKG",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".shp": "ESRI Shapefile",
    ".fgb": "FlatGeobuf",
    ".kml": "KML",
    ".kmz": "KMZ",
    ".parquet": "GeoParquet",
    ".csv": "CSV",
    ".xlsx": "Excel",
    ".xls": "Excel 97",
    ".zip": "zip",
}
BEGINS = {
    "GPKG": b"SQLite format 3\x00",
    "ESRI Shapefile": b"\x00\x00\x27\x0a",
    "FlatGeobuf": b"fgb\x03fgb",
    "GeoParquet": b"PAR1",
    "Excel": b"PK\x03\x04",
    "Excel 97": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "KMZ": b"PK\x03\x04",
    "zip": b"PK\x03\x04",
}
READERS: dict[str, Callable[[LayerSource, str], RawLayer]] = {
    "KML": read_kml,
    "GeoParquet": read_geoparquet,
    "CSV": read_csv,
    "Excel": read_xlsx,
    "Excel 97": read_xls,
}
MOST_BYTES = 4 * 1024**3


def open_layer(source: LayerSource) -> RawLayer:
    """Read one layer file.

    Raises
    ------
    StudyError
        The file is missing, empty, damaged, too large, of another kind than its ending says,
        or has several layers and none was chosen (E-STU-004, E-LAY-001 to 010, 014, 018 to
        023).
    """
    path, file = source.path, source.path.name
    if source.rows is not None:
        return in_memory(source)
    kind = KINDS.get(path.suffix.lower())
    if kind is None or str(path).startswith(("/vsi", "\\vsi")):
        raise refused(file, "E-LAY-001", kinds=", ".join(KINDS))
    check_file(path, kind)
    if kind == "zip":
        return read_archive(source, [ending for ending in KINDS if ending != ".zip"], open_layer)
    if kind == "KMZ":
        return read_kmz(source, open_layer)
    raw = READERS.get(kind, read_gis)(source, kind)
    if not len(raw.rows):
        raise refused(file, "E-LAY-003", layer=raw.layer)
    return raw


def check_file(path: Path, kind: str) -> None:
    """Refuse what is not there, empty, far too large, or begins like another kind."""
    if not path.is_file():
        raise refused(path.name, "E-STU-004")
    size = path.stat().st_size
    if size == 0:
        raise refused(path.name, "E-LAY-002")
    if size > MOST_BYTES:
        raise refused(path.name, "E-LAY-019", size=size_text(size), most=size_text(MOST_BYTES))
    with path.open("rb") as opened:
        if not opened.read(16).startswith(BEGINS.get(kind, b"")):
            raise refused(path.name, "E-LAY-007", kind=kind)


def in_memory(source: LayerSource) -> RawLayer:
    """A GeoDataFrame handed over in place of a file; its index is a column like the others."""
    rows, file = source.rows, source.path.name
    if not len(rows):
        raise refused(file, "E-LAY-003")
    table = pd.DataFrame(rows.drop(columns=rows.geometry.name)).reset_index()
    refuse_repeated(file, "", [str(name) for name in table.columns])
    return RawLayer(
        file=file,
        layer="",
        table=table,
        rows=np.arange(1, len(rows) + 1),
        geometry=rows.geometry.to_numpy().copy(),
        crs=None if rows.crs is None else rows.crs.to_string(),
    )
