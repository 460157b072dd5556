"""What is in this file? Opens a layer file and hands out its rows, unchecked.

Read here: GeoPackage, GeoJSON, Shapefile, FlatGeobuf, CSV, Excel (.xlsx). GDAL opens a
file by its content, so a file disguised as another kind could make it read other files;
each file must therefore begin as its ending promises, and what GDAL took it for is checked.

Texts of CSV and Shapefile: the declared encoding (study file, byte order mark or .cpg),
else UTF-8, else GB18030, each strictly: a text that fits none is refused, never mended.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import sqlite3
import struct
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
from numpy.typing import NDArray
from pyproj import CRS

from carecircle.layers.problems import Findings, Problem, StudyError
from carecircle.layers.sources import LayerSource

KINDS = {
    ".gpkg": "GPKG",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".shp": "ESRI Shapefile",
    ".fgb": "FlatGeobuf",
    ".csv": "CSV",
    ".xlsx": "Excel",
}
BEGINS = {
    "GPKG": b"SQLite format 3\x00",
    "ESRI Shapefile": b"\x00\x00\x27\x0a",
    "FlatGeobuf": b"fgb\x03fgb",
    "Excel": b"PK\x03\x04",
}
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# Code pages that a .cpg may name by number or by an older name; GB18030 contains GBK.
CODE_PAGES = {"65001": "utf-8", "936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030"}
DELIMITERS = (",", "\t", ";")


@dataclass(frozen=True, eq=False)
class RawLayer:
    """The rows of a file as they are.

    Attributes
    ----------
    table : DataFrame
        Texts for CSV, the cells' own values otherwise; without the geometry.
    rows : (n,) int64
        Row numbers as the user sees them: a table's header is row 1, the first feature of a
        GIS layer is row 1.
    geometry : (n,) array of shapely geometries, or None for a table
    crs : str or None
        What the file itself says.
    encoding : str
        How texts were read; empty where the format leaves no choice.
    warnings : tuple of (id, details)
        Records (R-...) to keep.
    """

    file: str
    layer: str
    table: pd.DataFrame
    rows: NDArray[np.int64]
    geometry: NDArray[Any] | None
    crs: str | None
    encoding: str = ""
    warnings: tuple[tuple[str, dict[str, Any]], ...] = ()


def open_layer(source: LayerSource) -> RawLayer:
    """Read one layer file.

    Raises
    ------
    StudyError
        The file is missing, empty, damaged, of another kind than its ending says, or has
        several layers and none was chosen (E-STU-004, E-LAY-001 to 010, 014).
    """
    path, file = source.path, source.path.name
    if source.rows is not None:
        return in_memory(source)
    kind = KINDS.get(path.suffix.lower())
    if kind is None or str(path).startswith(("/vsi", "\\vsi")):
        raise refused(file, "E-LAY-001", kinds=", ".join(KINDS))
    if not path.is_file():
        raise refused(file, "E-STU-004")
    if path.stat().st_size == 0:
        raise refused(file, "E-LAY-002")
    with path.open("rb") as opened:
        if not opened.read(16).startswith(BEGINS.get(kind, b"")):
            raise refused(file, "E-LAY-007", kind=kind)
    read = {"CSV": read_csv, "Excel": read_excel}.get(kind, read_gis)
    raw = read(source)
    if not len(raw.rows):
        raise refused(file, "E-LAY-003", layer=raw.layer)
    return raw


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


def refused(file: str, id: str, layer: str = "", **details: Any) -> StudyError:
    """The one problem after which nothing more can be said about a file."""
    return StudyError(Problem(id, file, layer, details=details))


def cut_short(found: int, promised: int) -> dict[str, str]:
    """The reason given for a file with less in it than it says itself."""
    return {
        "en": f"{found} found where the file itself says {promised}",
        "zh": f"文件标明 {promised}，实际只有 {found}",
    }


# --- GIS files


def read_gis(source: LayerSource) -> RawLayer:
    """GeoPackage, GeoJSON, Shapefile or FlatGeobuf, through GDAL."""
    path, file = source.path, source.path.name
    kind = KINDS[path.suffix.lower()]
    says_crs = True
    if kind == "GeoJSON":
        says_crs = "crs" in checked_geojson(path)
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
    refuse_repeated(file, layer, [str(name) for name in info["fields"]])
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
    )


def read_features(source: LayerSource, layer: str, kind: str) -> tuple[Any, Any, str]:
    """All features, what GDAL says of the layer, and the encoding that fitted."""
    path, file = source.path, source.path.name
    encodings = shapefile_encodings(source) if kind == "ESRI Shapefile" else ("",)

    def features(encoding: str) -> tuple[Any, Any, str] | None:
        given = {"layer": layer, "encoding": encoding or None}
        try:
            info = pyogrio.read_info(path, force_feature_count=True, **given)
            return pyogrio.read_dataframe(path, **given), info, encoding
        except UnicodeError:
            return None

    for encoding in encodings:
        found: tuple[Any, Any, str] | None = guarded(file, partial(features, encoding))
        if found is not None:
            return found
    raise refused(file, "E-LAY-008", tried=", ".join(encodings))


def guarded(file: str, read: Callable[[], Any]) -> Any:
    """What ``read`` gives; whatever a reader makes of a damaged file is one clear message."""
    try:
        return read()
    except Exception as error:  # readers fail on damaged bytes in every possible way
        reason = str(error) or type(error).__name__
        raise refused(file, "E-LAY-004", reason=reason) from error


def layer_names(path: Path) -> list[str]:
    """Layers that have a geometry; all of them where none has."""
    layers = pyogrio.list_layers(path)
    spatial = [str(name) for name, geometry in layers if geometry is not None]
    return spatial or [str(name) for name, _ in layers]


def chosen(source: LayerSource, names: Sequence[str]) -> str:
    """The layer asked for, or the only one."""
    listed = ", ".join(names)
    if source.layer is not None and source.layer not in names:
        raise refused(source.path.name, "E-LAY-006", source.layer, layers=listed)
    if source.layer is None and len(names) > 1:
        raise refused(source.path.name, "E-LAY-005", layers=listed)
    if not names:
        reason = {"en": "there is no layer in it", "zh": "其中没有图层"}
        raise refused(source.path.name, "E-LAY-004", reason=reason)
    return source.layer or names[0]


def usable_crs(crs: str | None) -> str | None:
    """None for GeoPackage's "undefined" systems too."""
    if crs is None:
        return None
    known = CRS.from_user_input(crs)
    defined = known.is_geographic or known.is_projected
    return crs if defined and not known.name.lower().startswith("undefined") else None


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
        raise refused(file, "E-LAY-004", reason=error) from error
    if parsed.get("type") != "FeatureCollection":
        raise refused(file, "E-LAY-007", kind="GeoJSON")
    return parsed


def check_sqlite(path: Path) -> None:
    """Refuse a GeoPackage whose pages are damaged."""

    def check() -> str:
        address = f"{path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as database:
            return str(database.execute("PRAGMA quick_check(1)").fetchone()[0])

    said = guarded(path.name, check)
    if said != "ok":
        raise refused(path.name, "E-LAY-004", reason=said)


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


# --- tables


def read_csv(source: LayerSource) -> RawLayer:
    """A CSV file; every cell stays text. Separated by comma, tab or semicolon."""
    file = source.path.name
    text, encoding = decoded(source)
    delimiter = next((d for d in DELIMITERS if d in text.partition("\n")[0]), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines = guarded(file, lambda: list(reader))
    numbered = [(row, cells) for row, cells in enumerate(lines, 1) if any(cells)]
    if not numbered:
        raise refused(file, "E-LAY-003")
    _, header = numbered[0]
    findings = Findings(file)
    for row, cells in numbered[1:]:
        if len(cells) != len(header):
            findings.add("E-LAY-009", row, found=len(cells), expected=len(header))
    findings.refuse_if_any()
    return table_layer(file, "", header, numbered[1:], encoding=encoding)


def decoded(source: LayerSource) -> tuple[str, str]:
    """The text of a CSV file, and the encoding that fitted."""
    content = source.path.read_bytes()
    marked = next((e for mark, e in BYTE_ORDER_MARKS.items() if content.startswith(mark)), None)
    declared = marked or source.encoding
    tried = (declared,) if declared else ("utf-8", "gb18030")
    for encoding in tried:
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise refused(source.path.name, "E-LAY-008", tried=", ".join(tried))


def read_excel(source: LayerSource) -> RawLayer:
    """One sheet of a workbook: its first row that is not blank is the header."""
    path, file = source.path, source.path.name
    if not is_zipfile(path):
        raise refused(
            file, "E-LAY-004", reason={"en": "no complete zip archive", "zh": "压缩结构不完整"}
        )
    values = guarded(file, lambda: openpyxl.load_workbook(path, data_only=True))
    formulas = guarded(file, lambda: openpyxl.load_workbook(path))
    names = [sheet.title for sheet in values.worksheets]
    filled = [sheet.title for sheet in values.worksheets if sheet.max_row > 1]
    name = chosen(source, names if source.layer or not filled else filled)
    sheet = values[name]
    refuse_uncalculated(file, name, sheet, formulas[name])
    numbered = [
        (row, cells)
        for row, cells in enumerate(sheet.iter_rows(values_only=True), 1)
        if any(cell is not None for cell in cells)
    ]
    if not numbered:
        raise refused(file, "E-LAY-003", name)
    header = ["" if cell is None else str(cell) for cell in numbered[0][1]]
    hidden = sum(sheet.row_dimensions[row].hidden for row, _ in numbered[1:])
    warned = (("R-LAY-001", {"count": hidden}),) if hidden else ()
    return table_layer(file, name, header, numbered[1:], warned=warned)


def refuse_uncalculated(file: str, name: str, values: Any, formulas: Any) -> None:
    """Refuse formulas whose result was never stored: they would read as blank cells."""
    findings = Findings(file, name)
    for cells in formulas.iter_rows():
        for cell in cells:
            if cell.data_type == "f" and values[cell.coordinate].value is None:
                findings.add("E-LAY-014", cell.row, cell.column_letter)
    findings.refuse_if_any()


def table_layer(
    file: str,
    layer: str,
    header: Sequence[str],
    numbered: Sequence[tuple[int, Sequence[Any]]],
    encoding: str = "",
    warned: tuple[tuple[str, dict[str, Any]], ...] = (),
) -> RawLayer:
    """Header and numbered rows as one layer; a column without a name is called by its place."""
    names = [name.strip() or f"(column {place})" for place, name in enumerate(header, 1)]
    refuse_repeated(file, layer, names)
    table = pd.DataFrame([list(cells) for _, cells in numbered], columns=names, dtype=object)
    rows = np.array([row for row, _ in numbered], dtype=np.int64)
    return RawLayer(file, layer, table, rows, None, None, encoding, warned)


def refuse_repeated(file: str, layer: str, names: Sequence[str]) -> None:
    """Refuse a header that names two columns alike: which one is meant cannot be known."""
    if len(set(names)) == len(names):
        return
    findings = Findings(file, layer)
    for name, count in Counter(names).items():
        if count > 1:
            findings.add("E-LAY-010", column=name, count=count)
    findings.refuse_if_any()
