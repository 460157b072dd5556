"""What is in a GIS file? GeoPackage, GeoJSON, Shapefile, FlatGeobuf and GeoParquet.

GDAL opens a file by its content, so a file disguised as another kind could make it read
other files: what GDAL took a file for is checked against its ending. A Shapefile says its
encoding in a .cpg or not at all: UTF-8 is tried, then GB18030, each strictly.

A GeoParquet file needs pyarrow (``pip install "carecircle[parquet]"``); its page checksums
are verified where it has them.
"""

from __future__ import annotations

import codecs
import json
import re
import sqlite3
import struct
import warnings
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyproj import CRS
from pyproj.exceptions import CRSError

from carecircle.layers.raw import (
    RawLayer,
    chosen,
    guarded,
    refuse_repeated,
    refused,
    said_by_reader,
)
from carecircle.layers.sources import LayerSource

# Code pages that a .cpg may name by number or by an older name; GB18030 contains GBK.
CODE_PAGES = {"65001": "utf-8", "936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030"}
MULTIBYTE = frozenset({"gb18030", "big5", "utf-8"})
FIELD_NAME_BYTES = 10  # at most, in a Shapefile
NUMBERED_NAME = re.compile(r"(.+)_[1-9][0-9]?", re.DOTALL)


def read_gis(source: LayerSource, kind: str) -> RawLayer:
    """One layer of a GIS file through GDAL; ``kind`` is what its ending promises."""
    path, file = source.path, source.path.name
    parsed, says_crs = None, True
    if kind == "GeoJSON":
        parsed = checked_geojson(path)
        says_crs = states_crs(parsed, file, needed=source.crs is None)
    if kind == "GPKG":
        check_sqlite(path)
    if kind == "ESRI Shapefile":
        check_shapefile_sizes(path)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        layer = chosen(source, guarded(file, lambda: layer_names(path)))
        read, info, encoding = read_features(source, layer, kind)
    if info["driver"] != kind:
        raise refused(file, "E-LAY-007", kind=kind)
    if 0 <= info["features"] != len(read):
        raise refused(file, "E-LAY-004", reason=cut_short(len(read), info["features"]))
    names = [str(name) for name in info["fields"]]
    refuse_repeated(file, layer, names)
    if parsed is not None:
        read = as_written(read, parsed)
    has_geometry = "geometry" in read and bool(info["geometry_type"])
    shapes = read["geometry"].to_numpy() if has_geometry else np.full(len(read), None)
    return RawLayer(
        file,
        layer if kind == "GPKG" else "",
        pd.DataFrame(read.drop(columns="geometry", errors="ignore")),
        np.arange(1, len(read) + 1, dtype=np.int64),
        shapes,
        usable_crs(info["crs"]) if says_crs or source.crs is None else None,
        encoding,
        tuple(("R-LAY-002", {"reason": str(one.message)}) for one in warned),
        unclear_names(names) if kind == "ESRI Shapefile" else frozenset(),
    )


def read_features(source: LayerSource, layer: str, kind: str) -> tuple[Any, Any, str]:
    """All features, what GDAL says of the layer, and the encoding that fitted."""
    path, file = source.path, source.path.name
    encodings = shapefile_encodings(source) if kind == "ESRI Shapefile" else ("",)

    def features(encoding: str) -> tuple[Any, Any, str] | None:
        given = {"layer": layer, "encoding": encoding or None}
        try:
            if kind == "ESRI Shapefile":
                check_texts(path, encoding)
            info = pyogrio.read_info(path, force_feature_count=True, **given)
            return pyogrio.read_dataframe(path, **given), info, encoding
        except UnicodeError:
            return None

    for encoding in encodings:
        found: tuple[Any, Any, str] | None = guarded(file, partial(features, encoding))
        if kind == "ESRI Shapefile" and not source.encoding and encoding != "utf-8":
            utf8 = guarded(file, partial(features, "utf-8"))
            refuse_contradicted(file, encoding, texts_in(found), texts_in(utf8))
        if found is not None:
            return found
    raise refused(file, "E-LAY-008", tried=", ".join(encodings))


def texts_in(found: tuple[Any, Any, str] | None) -> list[str]:
    """Names of columns and texts that were read, those beyond ASCII."""
    if found is None:
        return []
    table = pd.DataFrame(found[0].drop(columns="geometry", errors="ignore"))
    texts = [*table.columns, *(cell for _, column in table.items() for cell in column)]
    return [text for text in texts if isinstance(text, str) and not text.isascii()]


def refuse_contradicted(
    file: str, declared: str, texts: Sequence[str], as_utf8: Sequence[str]
) -> None:
    """Refuse a .cpg beside texts that another encoding reads, strictly: names would be garbled.

    Chance does not do that: bytes of GB18030 or Latin-1 are hardly ever whole UTF-8, nor are
    letters with accents whole pairs of GB 2312.
    """
    better, sample = "utf-8", as_utf8[:1]
    if not sample and declared not in MULTIBYTE:
        try:
            better = "gb18030"
            sample = [text.encode(declared).decode("gb2312") for text in texts][:1]
        except UnicodeError:
            return
    if sample:
        raise refused(file, "E-LAY-030", declared=declared, better=better, sample=sample[0])


def read_geoparquet(source: LayerSource, _: str) -> RawLayer:
    """A GeoParquet file, through pyarrow. A file that says no CRS is in longitude, latitude."""
    path, file = source.path, source.path.name
    if find_spec("pyarrow") is None:
        raise refused(file, "E-LAY-018")
    read = guarded(file, lambda: gpd.read_parquet(path, page_checksum_verification=True))
    table = pd.DataFrame(read.drop(columns=read.geometry.name)).reset_index(drop=True)
    refuse_repeated(file, "", [str(name) for name in table.columns])
    crs = None if read.crs is None else usable_crs(read.crs.to_string())
    rows = np.arange(1, len(read) + 1, dtype=np.int64)
    return RawLayer(file, "", table, rows, read.geometry.to_numpy().copy(), crs)


def layer_names(path: Path) -> list[str]:
    """Layers that have a geometry; all of them where none has."""
    layers = pyogrio.list_layers(path)
    spatial = [str(name) for name, geometry in layers if geometry is not None]
    return spatial or [str(name) for name, _ in layers]


def usable_crs(crs: str | None) -> str | None:
    """None for GeoPackage's "undefined" systems too."""
    if crs is None:
        return None
    known = CRS.from_user_input(crs)
    defined = known.is_geographic or known.is_projected
    return crs if defined and not known.name.lower().startswith("undefined") else None


def cut_short(found: int, promised: int) -> dict[str, str]:
    """The reason given for a file with less in it than it says itself."""
    return {
        "en": f"{found} found where the file itself says {promised}",
        "zh": f"文件标明 {promised}，实际只有 {found}",
    }


# --- what GDAL does not check


def checked_geojson(path: Path) -> dict[str, Any]:
    """The parsed file: really GeoJSON, and no attribute twice in one feature."""
    file = path.name

    def unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        refuse_repeated(file, "", [name for name, _ in pairs])
        return dict(pairs)

    content = path.read_bytes()
    if not content.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        raise refused(file, "E-LAY-007", kind="GeoJSON")
    try:
        parsed: dict[str, Any] = json.loads(content, object_pairs_hook=unrepeated)
    except UnicodeDecodeError as error:
        raise refused(file, "E-LAY-008", tried="utf-8") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise refused(file, "E-LAY-004", reason=said_by_reader(error)) from error
    if parsed.get("type") != "FeatureCollection":
        raise refused(file, "E-LAY-007", kind="GeoJSON")
    return parsed


def states_crs(parsed: dict[str, Any], file: str, needed: bool) -> bool:
    """Whether a GeoJSON states a CRS that PROJ knows; GDAL would take any other for WGS 84.

    One that nobody knows is refused (E-CRS-002) where it is ``needed``. null: there is none.
    """
    stated = parsed.get("crs")
    if stated is None:
        return "crs" in parsed
    properties = stated.get("properties") if isinstance(stated, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    try:
        CRS.from_user_input(name)
    except CRSError as error:
        if not needed:
            return False
        reason = name if isinstance(name, str) else json.dumps(stated, ensure_ascii=False)
        raise refused(file, "E-CRS-002", reason=reason) from error
    return True


def as_written(read: Any, parsed: dict[str, Any]) -> Any:
    """The features of a GeoJSON with columns that mix true, false or lists with others as they are.

    GDAL would make 1 of true, and a list of every other cell.
    """
    rows = [feature.get("properties") or {} for feature in parsed["features"]]
    for name in read.columns.drop("geometry", errors="ignore"):
        cells = [row.get(name) for row in rows]
        kinds = {type(cell) for cell in cells if cell is not None}
        if len(kinds) > 1 and kinds & {bool, list}:
            read = read.assign(**{name: pd.Series(cells, dtype=object)})
    return read


def check_sqlite(path: Path) -> None:
    """Refuse a GeoPackage whose pages are damaged."""

    def check() -> str:
        address = f"{path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as database:
            return str(database.execute("PRAGMA quick_check(1)").fetchone()[0])

    said = guarded(path.name, check)
    if said != "ok":
        raise refused(path.name, "E-LAY-004", reason=said_by_reader(said))


def check_shapefile_sizes(path: Path) -> None:
    """Refuse a Shapefile whose parts are missing or shorter than their headers say.

    GDAL would read the rows that were cut off as rows without geometry.
    """
    for ending in (".shp", ".shx", ".dbf"):
        part = sibling(path, ending)
        if part is None:
            reason = {"en": f"no {ending} beside it", "zh": f"缺少 {ending} 文件"}
            raise refused(path.name, "E-LAY-004", reason=reason)
        found, promised = part.stat().st_size, promised_bytes(part)
        if found < promised:
            raise refused(path.name, "E-LAY-004", reason=cut_short(found, promised))


def check_texts(path: Path, encoding: str) -> None:
    """UnicodeError for texts of a Shapefile that are not in this encoding.

    GDAL drops what it cannot convert. Only the last character of a text that fills its field may
    be cut, as old programs cut it.
    """
    part = sibling(path, ".dbf")
    content = part.read_bytes() if part else b""
    rows, header_bytes, row_bytes = struct.unpack("<IHH", content[4:12])
    fields, start = [], 1
    for at in range(32, header_bytes - 31, 32):
        if content[at : at + 1] == b"\r":
            break
        width = content[at + 16]
        if content[at + 11 : at + 12] == b"C":
            fields.append((start, width))
        start += width
    for row in range(rows):
        record = content[header_bytes + row * row_bytes : header_bytes + (row + 1) * row_bytes]
        for start, width in fields:
            text = record[start : start + width]
            if not text.isascii():
                is_full = text == text.rstrip(b" \0")
                codecs.getincrementaldecoder(encoding)().decode(text, final=not is_full)


def promised_bytes(part: Path) -> int:
    """Length that the header of a .shp, .shx or .dbf states (ESRI Shapefile, dBASE III)."""
    with part.open("rb") as opened:
        head = opened.read(28)
    if len(head) < 28:
        return 28
    if part.suffix.lower() == ".dbf":
        rows, header_bytes, row_bytes = struct.unpack("<IHH", head[4:12])
        return int(header_bytes + rows * row_bytes)
    return 2 * int(struct.unpack(">i", head[24:28])[0])  # counted in 16-bit words


def sibling(path: Path, ending: str) -> Path | None:
    """The part of a Shapefile with this ending, in small or capital letters."""
    candidates = (path.with_suffix(ending), path.with_suffix(ending.upper()))
    return next((part for part in candidates if part.is_file()), None)


def shapefile_encodings(source: LayerSource) -> tuple[str, ...]:
    """Encodings to try, strictly, in this order."""
    if source.encoding:
        return (source.encoding,)
    declared = sibling(source.path, ".cpg")
    if declared is None:
        return ("utf-8", "gb18030")
    name = declared.read_text("ascii", errors="replace").strip().lower()
    name = CODE_PAGES.get(name.removeprefix("cp").removeprefix("ansi ").strip(), name)
    try:
        return (codecs.lookup(name).name,)
    except LookupError as error:
        raise refused(source.path.name, "E-LAY-008", tried=name) from error


def unclear_names(names: Sequence[str]) -> frozenset[str]:
    """Names of a Shapefile that were cut to 10 characters and then told apart by a number.

    ``population_total`` and ``population_65`` become ``population`` and ``populati_1``: which
    of them is the population can no longer be seen.

    >>> sorted(unclear_names(["population", "populati_1", "name"]))
    ['populati_1', 'population']
    """
    unclear: set[str] = set()
    for name in names:
        match = NUMBERED_NAME.fullmatch(name)
        if match and is_full_length(name):
            alike = {n for n in names if n.startswith(match[1])}
            unclear |= alike if len(alike) > 1 else set()
    return frozenset(unclear)


def is_full_length(name: str) -> bool:
    """Whether a field name fills the 10 bytes it has, but for half a Chinese character."""
    lengths = (len(name.encode(encoding)) for encoding in ("utf-8", "gb18030"))
    return any(FIELD_NAME_BYTES - 2 < length <= FIELD_NAME_BYTES for length in lengths)
