"""An OpenStreetMap extract, read once: streets, and what lies along them.

Reads ``.osm.pbf``, ``.osm``, ``.osm.gz`` and ``.osm.bz2`` through osmium, offline. Which
ways are walked says `walk_profile`; which tags make a facility, a gate or a wall says
`osm_tags`; which make a dwelling says the table below and ``docs/streets.md``.

Limits: OpenStreetMap holds what volunteers mapped. In Chinese cities dwellings and care
facilities are often missing; everything taken from here is marked as such in the results.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray

from carecircle.layers.network import EDGE_KINDS
from carecircle.layers.osm_census import PointCensus
from carecircle.layers.osm_tags import (
    BENCH_KEYS,
    FACILITY_KEYS,
    facility_tag,
    is_gate,
    is_seat,
    is_wall,
)
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.streets import StreetLines, across_square
from carecircle.layers.walk_profile import has_signals, walk_way

Found = TypeVar("Found")

KINDS_OF_FILE = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
KEYS = (
    "highway",
    "crossing",
    "building",
    "landuse",
    "barrier",
    "entrance",
    *BENCH_KEYS,
    *FACILITY_KEYS,
)
# Extracts cut by a frame lose the ends of ways that leave it; this much is still a town.
MOST_MISSING_POINTS = 1 / 3
ROAD_LINES = (".gpkg", ".shp", ".geojson", ".fgb", ".parquet", ".kml", ".zip")  # read elsewhere

DWELLINGS = {
    "apartments", "bungalow", "cabin", "detached", "dormitory", "farm", "ger", "house",
    "houseboat", "residential", "semidetached_house", "static_caravan", "stilt_house",
    "terrace", "tree_house", "trullo",
}  # fmt: skip


@dataclass(frozen=True)
class Feature:
    """One mapped thing: its OSM id (``way/123``), tags, and shape in longitude, latitude."""

    id: str
    tags: Mapping[str, str]
    geometry: shapely.Geometry


@dataclass(frozen=True, eq=False)
class OsmExtract:
    """What one file holds for us, in WGS 84 longitude and latitude."""

    streets: StreetLines
    residential_land: list[Feature]
    buildings: list[Feature]
    facilities: list[Feature]
    gates: list[Feature]  # points
    walls: list[Feature]  # lines
    benches: list[Feature]  # places to sit, points
    facts: Mapping[str, Any]


def read_osm(path: Path) -> OsmExtract:
    """Read one extract.

    Raises
    ------
    StudyError
        Not an OSM file, damaged, incomplete, or without a walkable way.
    """
    if not path.name.lower().endswith(KINDS_OF_FILE):
        raise refused("E-NET-004", path, kinds=", ".join((*KINDS_OF_FILE, ".graphml", *ROAD_LINES)))
    if not path.is_file():
        raise refused("E-STU-004", path)
    try:
        reading = read_in_order(path, read_pass)
        header = header_facts(path)
    except (RuntimeError, osmium.InvalidLocationError) as error:
        raise refused("E-NET-002", path, reason=str(error)) from error
    if not reading.edges:
        raise refused("E-NET-001", path)
    census = reading.census
    if census.cut_short():
        raise refused("E-NET-011", path, stray=census.stray(), total=census.points)
    if reading.missing > MOST_MISSING_POINTS * reading.points:
        raise refused("E-NET-003", path, missing=reading.missing, total=reading.points)
    extract = reading.extract()
    return replace(extract, facts={**header, **extract.facts, "relations": census.relations})


def read_in_order(path: Path, read: Callable[[Path], Found]) -> Found:
    """One pass through the file; an editor's file, which is not in order, is sorted first."""
    try:
        return read(path)
    except RuntimeError as error:
        if "out of order" not in str(error):
            raise
    with tempfile.TemporaryDirectory() as folder:
        in_order = Path(folder, "in-order.osm.pbf")
        things = osmium.MergeInputReader()
        things.add_file(str(path))
        with osmium.SimpleWriter(str(in_order)) as writer:
            things.apply(writer)
        return read(in_order)


def read_pass(path: Path) -> Reading:
    """Every object of the file, once: all are counted, those with a key of ours are taken."""
    reading = Reading()
    ours = osmium.filter.KeyFilter(*KEYS)
    things = osmium.FileProcessor(str(path)).with_locations().with_areas(ours)
    for thing in things.with_filter(reading.census).with_filter(ours):
        reading.take(thing)
    return reading


def header_facts(path: Path) -> dict[str, str | None]:
    """The day the data was cut from OpenStreetMap and the program that did, as the file tells."""
    with osmium.io.Reader(str(path), osmium.osm.osm_entity_bits.NOTHING) as reader:
        header = reader.header()
        stamp = header.get("osmosis_replication_timestamp") or header.get("timestamp")
        generator = header.get("generator")
    return {"data_date": stamp[:10] if stamp else None, "generator": generator or None}


def refused(id: str, path: Path, **details: Any) -> StudyError:
    """One problem of a street file."""
    return StudyError(Problem(id, file=path.name, details=details))


@dataclass(eq=False)
class Reading:
    """The pass through the file: what is gathered, object by object."""

    number: dict[int, int] = field(default_factory=dict)  # OSM node id -> our point
    lonlat: list[tuple[float, float]] = field(default_factory=list)
    edges: list[tuple[int, int]] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    attachable: list[bool] = field(default_factory=list)
    streets: list[int] = field(default_factory=list)
    road_classes: list[int] = field(default_factory=list)
    signals: set[int] = field(default_factory=set)  # OSM node ids
    names: dict[str, int] = field(default_factory=dict)  # street name -> its position
    squares: list[tuple[list[int], shapely.Geometry]] = field(default_factory=list)
    residential_land: list[Feature] = field(default_factory=list)
    buildings: list[Feature] = field(default_factory=list)
    facilities: list[Feature] = field(default_factory=list)
    gates: list[Feature] = field(default_factory=list)
    walls: list[Feature] = field(default_factory=list)
    benches: list[Feature] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    private_ways: int = 0
    points: int = 0
    missing: int = 0
    shape: Any = field(default_factory=osmium.geom.WKBFactory)
    census: PointCensus = field(default_factory=PointCensus)

    def take(self, thing: Any) -> None:
        """File one object under what it is to us."""
        tags = dict(thing.tags)
        if thing.is_way():
            if "highway" in tags:
                self.take_way(thing, tags)
            elif is_wall(tags):
                self.take_wall(thing, tags)
            elif is_seat(tags):
                self.take_long_seat(thing, tags)
        elif thing.is_area():
            self.take_area(thing, tags)
        elif thing.is_node():
            self.take_node(thing, tags)

    def take_node(self, node: Any, tags: Mapping[str, str]) -> None:
        """Signals, facilities and gates that are mapped as a point."""
        if has_signals(tags):
            self.signals.add(node.id)
        is_facility, opens, seat = facility_tag(tags) is not None, is_gate(tags), is_seat(tags)
        if not (is_facility or opens or seat):
            return
        place = shapely.Point(node.location.lon, node.location.lat)
        feature = Feature(f"node/{node.id}", tags, place)
        if is_facility:
            self.facilities.append(feature)
        if opens:
            self.gates.append(feature)
        if seat:
            self.benches.append(feature)

    def take_wall(self, way: Any, tags: Mapping[str, str]) -> None:
        """A wall or fence, as far as the extract has its points."""
        places = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
        if len(places) > 1:
            self.walls.append(Feature(f"way/{way.id}", tags, shapely.LineString(places)))

    def take_long_seat(self, way: Any, tags: Mapping[str, str]) -> None:
        """A bench or a shelter drawn as a line or an outline: its middle."""
        places = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
        if places:
            middle = shapely.MultiPoint(places).envelope.centroid
            self.benches.append(Feature(f"way/{way.id}", tags, middle))

    def take_way(self, way: Any, tags: Mapping[str, str]) -> None:
        """Streets become edges; the rim of an open square is walked like a street."""
        walked = walk_way(tags)
        if walked is None:
            self.left_out[tags["highway"]] += 1
            return
        self.private_ways += walked.private
        kind = EDGE_KINDS.index("area" if walked.area else walked.kind)
        if has_signals(tags):  # where the line of a crossing meets the road
            self.signals.update(node.ref for node in way.nodes)
        for run in self.runs(way.nodes):
            self.add_line(run, kind, walked.attachable, tags.get("name", ""), walked.road_class)

    def take_area(self, area: Any, tags: Mapping[str, str]) -> None:
        """Open squares, residential land, buildings and facilities with an outline."""
        id = f"{'way' if area.from_way() else 'relation'}/{area.orig_id()}"
        is_land = tags.get("landuse") == "residential"
        is_building = tags.get("building", "no") != "no"
        is_facility = facility_tag(tags) is not None
        walked = walk_way(tags) if "highway" in tags else None
        is_square = walked is not None and (walked.area or not area.from_way())
        if not (is_land or is_building or is_facility or is_square):
            return
        polygon = shapely.from_wkb(self.shape.create_multipolygon(area))
        feature = Feature(id, tags, polygon)
        if is_land:
            self.residential_land.append(feature)
        if is_building:
            self.buildings.append(feature)
        if is_facility:
            self.facilities.append(feature)
        if is_square and walked is not None:
            self.take_square(area, polygon, walked.attachable)

    def take_square(self, area: Any, polygon: shapely.Geometry, attachable: bool) -> None:
        """The rims of an open square; the walks across it are laid when all is read."""
        rim: list[int] = []
        for outer in area.outer_rings():
            for ring in (outer, *area.inner_rings(outer)):
                for run in self.runs(ring):
                    rim.extend(run)
                    if not area.from_way():  # a closed way was walked as a way already
                        self.add_line(run, EDGE_KINDS.index("area"), attachable)
        self.squares.append((sorted(set(rim)), polygon))

    def runs(self, nodes: Any) -> list[list[int]]:
        """A way's points, broken where the extract lacks the position of a point."""
        runs: list[list[int]] = [[]]
        for node in nodes:
            self.points += 1
            if node.location.valid():
                runs[-1].append(self.point(node))
            else:
                self.missing += 1
                runs.append([])
        return [run for run in runs if len(run) > 1]

    def point(self, node: Any) -> int:
        """Our number for an OSM node."""
        known = self.number.setdefault(node.ref, len(self.lonlat))
        if known == len(self.lonlat):
            self.lonlat.append((node.lon, node.lat))
        return known

    def add_line(
        self, run: list[int], kind: int, attachable: bool, name: str = "", road_class: int = 0
    ) -> None:
        """One straight edge between every two neighbours of a line."""
        street = self.names.setdefault(name, len(self.names)) if name else -1
        pairs = [(a, b) for a, b in pairwise(run) if a != b]
        self.edges.extend(pairs)
        self.kinds.extend([kind] * len(pairs))
        self.attachable.extend([attachable] * len(pairs))
        self.streets.extend([street] * len(pairs))
        self.road_classes.extend([road_class] * len(pairs))

    def extract(self) -> OsmExtract:
        """Everything gathered, as arrays."""
        lonlat = np.array(self.lonlat)
        ends, kind = np.array(self.edges), np.array(self.kinds, dtype=np.uint8)
        attachable = np.array(self.attachable)
        walks = self.walks_across_squares(ends, kind, lonlat)
        streets = StreetLines(
            lonlat=lonlat,
            ends=np.concatenate([ends, walks]),
            kind=np.append(kind, np.full(len(walks), EDGE_KINDS.index("area"), np.uint8)),
            attachable=np.append(attachable, np.ones(len(walks), bool)),
            street=np.array(self.streets + [-1] * len(walks), dtype=np.int32),
            names=tuple(self.names),
            road_class=np.array(self.road_classes + [0] * len(walks), dtype=np.uint8),
            signals=np.array([ref in self.signals for ref in self.number], dtype=bool),
        )
        facts = {
            "ways_left_out": dict(sorted(self.left_out.items())),
            "private_ways_kept": self.private_ways,
            "street_points_missing": self.missing,
            "squares_crossed": len(self.squares),
        }
        return OsmExtract(
            streets,
            self.residential_land,
            self.buildings,
            self.facilities,
            self.gates,
            self.walls,
            self.benches,
            facts,
        )

    def walks_across_squares(
        self, ends: NDArray[np.int64], kind: NDArray[np.uint8], lonlat: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Straight walks between the doors of each open square."""
        others = set(np.unique(ends[kind != EDGE_KINDS.index("area")]).tolist())
        walks = [np.empty((0, 2), dtype=np.int64)]
        for rim, polygon in self.squares:
            doors = np.array([point for point in rim if point in others], dtype=np.int64)
            walks.append(across_square(polygon, doors, lonlat))
        return np.concatenate(walks)
