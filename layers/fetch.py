"""How does a study get its OpenStreetMap extract when it has none?

A place name is looked up by Nominatim through osmnx, or a polygon is given; everything
`osm` reads within it and 1 km around it is asked of an Overpass server once, and kept as
an ordinary ``.osm`` file. Beside it lie the boundary (``.boundary.geojson``) and a note of where
and when it came from (``.source.json``). As long as the extract is there nothing is fetched,
so later runs are offline and the same; `check_kept` refuses it when the study has come to ask
for another place. Both servers can be mirrors.

Limits: the ring of 1 km is round the convex hull of the boundary. Servers change: a new
fetch, after the extract was deleted, may give other figures.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
from geopandas import GeoDataFrame
from shapely.errors import ShapelyError

from carecircle.layers.crs import LONLAT, working_crs
from carecircle.layers.osm_tags import FACILITY_KEYS
from carecircle.layers.problems import Problem, StudyError

AROUND_M = 1000.0  # walks near the edge use streets beyond it
SIMPLER_M = 20.0  # the servers limit the length of a question
SAME_PLACE_DEGREES = 1e-7  # a centimetre; another version of PROJ may differ in the last digits
TIMEOUT_S = 300
ASKED = ("highway", "building", "landuse", "barrier", "entrance", *FACILITY_KEYS)
AN_AREA = {"en": "an [area]", "zh": "一个 [area] 范围"}
ANOTHER_AREA = {"en": "another [area]", "zh": "另一个 [area] 范围"}
OSM_BASE = re.compile(rb'osm_base="([^"]+)"')


@dataclass(frozen=True)
class Servers:
    """The addresses that are asked."""

    overpass: str
    nominatim: str


def boundary_path(extract: Path) -> Path:
    """Where the boundary of a fetched extract is kept."""
    return extract.with_suffix(".boundary.geojson")


def note_path(extract: Path) -> Path:
    """Where the note of what was fetched, from where and when, is kept."""
    return extract.with_suffix(".source.json")


def check_name(extract: Path) -> None:
    """Raise E-NET-014 unless the name is that of the plain XML that servers send."""
    if extract.suffix.lower() != ".osm":
        stem = extract.name.removesuffix(extract.suffix).removesuffix(".osm")
        raise StudyError(Problem("E-NET-014", str(extract), details={"name": f"{stem}.osm"}))


def check_kept(extract: Path, place: str | None, area: Any) -> None:
    """Refuse an extract that was not fetched for this place or, without a name, this polygon.

    Raises
    ------
    StudyError
        E-NET-012: it was fetched for another place or area; E-NET-013: nothing beside it tells
        what it was fetched for.
    """
    was, before = kept_for(extract)
    if was == place and (place is not None or same_ground(before, area)):
        return
    kept, asked = was or AN_AREA, place or AN_AREA
    details = {"kept": kept, "asked": ANOTHER_AREA if asked == kept else asked}
    raise StudyError(Problem("E-NET-012", str(extract), details=details))


def kept_for(extract: Path) -> tuple[str | None, Any]:
    """The place, or None, and the boundary that an extract was fetched for."""
    note, boundary = note_path(extract), boundary_path(extract)
    try:
        place = json.loads(note.read_text(encoding="utf-8"))["place"]
        outline = json.loads(boundary.read_text(encoding="utf-8"))["features"][0]["geometry"]
        return None if place is None else str(place), shapely.geometry.shape(outline)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ShapelyError) as error:
        details = {"note": note.name, "boundary": boundary.name}
        raise StudyError(Problem("E-NET-013", str(extract), details=details)) from error


def same_ground(a: Any, b: Any) -> bool:
    """Whether two polygons are drawn alike, wherever their rings begin."""
    return bool(shapely.equals_exact(a, b, SAME_PLACE_DEGREES, normalize=True))


def fetch_extract(extract: Path, place: str | None, area: Any, servers: Servers) -> None:
    """Fetch the extract of a place or, without a name, of a polygon in WGS 84, and keep it.

    Raises
    ------
    StudyError
        E-NET-008: a server cannot be reached or does not know the place; E-NET-009: what it
        sent is no complete extract. Nothing is left on the disk then.
    """
    boundary = area if place is None else boundary_of_place(place, servers, extract)
    data = ask_overpass(question(boundary), servers, extract)
    base = OSM_BASE.search(data)
    source = {
        "place": place,
        "overpass": servers.overpass,
        "osm_base": base.group(1).decode() if base else None,
    }
    boundary_layer = GeoDataFrame({"name": [place or ""]}, geometry=[boundary], crs=LONLAT)
    boundary_path(extract).write_text(boundary_layer.to_json(), encoding="utf-8")
    text = json.dumps(source, ensure_ascii=False, indent=1)
    note_path(extract).write_text(text + "\n", encoding="utf-8")
    part = extract.with_name(extract.name + ".part")
    part.write_bytes(data)
    part.replace(extract)


def boundary_of_place(place: str, servers: Servers, extract: Path) -> Any:
    """The polygon of a place name, as Nominatim knows it."""
    import osmnx  # takes seconds to import, and few studies need it

    try:
        with osmnx_asking(osmnx.settings, servers.nominatim):
            return osmnx.geocode_to_gdf(place).geometry.iloc[0]
    except Exception as error:  # the name may be unknown, the answer odd, the server silent
        raise unreachable(extract, servers.nominatim, error) from error


@contextmanager
def osmnx_asking(settings: Any, nominatim: str) -> Iterator[None]:
    """Let osmnx ask this server, and leave its settings as they were."""
    before = settings.nominatim_url, settings.use_cache
    settings.nominatim_url, settings.use_cache = nominatim.rstrip("/") + "/", False
    try:
        yield
    finally:
        settings.nominatim_url, settings.use_cache = before


def question(boundary: Any) -> str:
    """Overpass QL for everything that is read, in the boundary and `AROUND_M` around it."""
    shape = gpd.GeoSeries([boundary], crs=LONLAT)
    metres = shape.to_crs(working_crs(tuple(shape.total_bounds.tolist())))
    wide = metres.convex_hull.buffer(AROUND_M).simplify(SIMPLER_M).to_crs(LONLAT).iloc[0]
    corners = " ".join(f"{lat:.6f} {lon:.6f}" for lon, lat in wide.exterior.coords[:-1])
    asked = "".join(f'nwr["{key}"](poly:"{corners}");' for key in ASKED)
    return f"[out:xml][timeout:{TIMEOUT_S}];({asked});(._;>;);out body;"


def ask_overpass(query: str, servers: Servers, extract: Path) -> bytes:
    """What the server answers, if it is a whole extract."""
    request = urllib.request.Request(
        servers.overpass,
        urllib.parse.urlencode({"data": query}).encode(),
        {"User-Agent": "carecircle", "Accept-Encoding": "identity"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            data: bytes = answer.read()
    except (OSError, ValueError) as error:
        raise unreachable(extract, servers.overpass, error) from error
    if not data.rstrip().endswith(b"</osm>") or b"<remark>" in data or b"<way" not in data:
        said = data[:200].decode("utf-8", "replace")
        details = {"server": servers.overpass, "said": said}
        raise StudyError(Problem("E-NET-009", str(extract), details=details))
    return data


def unreachable(extract: Path, server: str, error: Exception) -> StudyError:
    """One clear message for everything that keeps a server from answering."""
    details = {"server": server, "reason": str(error) or type(error).__name__}
    return StudyError(Problem("E-NET-008", str(extract), details=details))
