"""What is in a KML file (OGC KML 2.2), as Google Earth and Chinese map services export it?

Every placemark is a row: its name, description, the values of its ExtendedData, its geometry.
GDAL would turn Chinese names of such values into underscores, so the file is read here. A
folder that holds placemarks is a layer.

Limits: links to other files are not followed; tracks, models and overlays have no geometry
here, and altitudes are dropped. XML that declares entities is refused: they can grow without
end.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import shapely

from carecircle.layers.numbers import NotANumber, read_number
from carecircle.layers.raw import RawLayer, chosen, guarded, refuse_repeated, refused
from carecircle.layers.sources import LayerSource

LONLAT = "EPSG:4326"  # always, by the standard
Element = Any
# What the file says of its own encoding, and what Chinese programs call GB18030 and its parts
DECLARED = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w-]+)[\"'][^>]*\?>"
)
CHINESE = {"gbk", "gb2312", "gb18030", "gb_2312-80", "cp936"}


def read_kml(source: LayerSource, kind: str) -> RawLayer:
    """One folder of placemarks."""
    file = source.path.name
    content = source.path.read_bytes()
    if b"<kml" not in content[:4096]:
        raise refused(file, "E-LAY-007", kind=kind)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        reason = {"en": "it declares XML entities", "zh": "其中声明了 XML 实体"}
        raise refused(file, "E-LAY-004", reason=reason)
    text, encoding = decoded(content, file)
    root = guarded(file, lambda: ET.fromstring(text))
    folders = {name: marks for name, marks in folders_of(root) if marks}
    if not folders:
        raise refused(file, "E-LAY-003")
    layer = chosen(source, list(folders))
    records = []
    for mark in folders[layer]:
        pairs = list(values_of(mark))
        refuse_repeated(file, layer, [name for name, _ in pairs])
        records.append(dict(pairs))
    shapes = np.full(len(records), None)
    shapes[:] = guarded(file, lambda: [geometry_of(mark) for mark in folders[layer]])
    rows = np.arange(1, len(records) + 1, dtype=np.int64)
    table = pd.DataFrame(records, dtype=object)
    return RawLayer(file, layer, table, rows, shapes, LONLAT, encoding)


def decoded(content: bytes, file: str) -> tuple[str | bytes, str]:
    """The XML without what the parser does not know: encodings of Chinese; and its encoding.

    Its own encoding is kept to strictly (E-LAY-008); UTF-16 the parser reads itself.
    """
    found = DECLARED.match(content)
    name = found[1].decode("ascii").lower() if found else "utf-8"
    encoding = "gb18030" if name in CHINESE else name
    if encoding.startswith("utf-16"):
        return content, encoding
    try:
        text = content[found.end() if found else 0 :].decode(encoding)
    except (UnicodeError, LookupError) as error:
        raise refused(file, "E-LAY-008", tried=encoding) from error
    return text.removeprefix("\ufeff"), encoding


def folders_of(root: Element) -> Iterator[tuple[str, list[Element]]]:
    """Each folder or document with the placemarks directly in it; names are made unique."""
    seen: dict[str, int] = {}
    for element in root.iter():
        if tag(element) in {"kml", "Document", "Folder"}:
            name = text_of(element, "name") or tag(element)
            seen[name] = seen.get(name, 0) + 1
            unique = name if seen[name] == 1 else f"{name} ({seen[name]})"
            yield unique, [child for child in element if tag(child) == "Placemark"]


def values_of(mark: Element) -> Iterator[tuple[str, str | None]]:
    """Name, description and ExtendedData of a placemark."""
    for name in ("name", "description"):
        text = text_of(mark, name)
        if text is not None:
            yield name, text
    for element in mark.iter():
        if tag(element) == "Data":
            yield element.get("name", "").strip(), text_of(element, "value")
        elif tag(element) == "SimpleData":
            yield element.get("name", "").strip(), element.text


def geometry_of(element: Element) -> Any:
    """The geometry of a placemark; None where it has none that is read here."""
    parts = [shape for child in element if (shape := shape_of(child)) is not None]
    return parts[0] if parts else None


def shape_of(element: Element) -> Any:
    """One KML geometry, flat; None for elements of another kind."""
    if tag(element) == "Point":
        places = places_of(element)
        return shapely.Point(places[0]) if places else None
    if tag(element) == "LineString":
        return shapely.LineString(places_of(element))
    if tag(element) == "Polygon":
        rings = [(tag(child), places_of(child)) for child in element]
        outer = [ring for kind, ring in rings if kind == "outerBoundaryIs"]
        inner = [ring for kind, ring in rings if kind == "innerBoundaryIs"]
        return shapely.Polygon(outer[0], inner) if outer else None
    if tag(element) == "MultiGeometry":
        parts = [shape for child in element if (shape := shape_of(child)) is not None]
        return multi(parts)
    return None


def multi(parts: list[Any]) -> Any:
    """Several geometries as one; polygons stay polygons."""
    if len(parts) < 2:
        return parts[0] if parts else None
    kinds = {part.geom_type for part in parts}
    if kinds == {"Polygon"}:
        return shapely.MultiPolygon(parts)
    if kinds == {"Point"}:
        return shapely.MultiPoint(parts)
    return shapely.GeometryCollection(parts)


def places_of(element: Element) -> list[tuple[float, float]]:
    """Longitude and latitude of each place in the first coordinates below an element."""
    written = next((e.text or "" for e in element.iter() if tag(e) == "coordinates"), "")
    return [(axis(place, 0), axis(place, 1)) for place in written.split()]


def axis(place: str, at: int) -> float:
    """One number of ``longitude,latitude,altitude``; NaN, found later, where it is none."""
    parts = place.split(",")
    try:
        return read_number(parts[at]).value if at < len(parts) else math.nan
    except NotANumber:
        return math.nan


def text_of(element: Element, name: str) -> str | None:
    """The text of a direct child; None where it is missing or blank."""
    found = next((child.text for child in element if tag(child) == name), None)
    return found.strip() if found and found.strip() else None


def tag(element: Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]
