"""What may each layer of a folder be in a study?

Told by geometry, then by columns (`layers.aliases`), the names of file and layer, and words in
the rows. A layer of points is taken for facilities only where something says so: a list of
candidate places, of trees or of bus stops is a layer of points too. Where nothing speaks for
a role, or another role as much, it stays open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import shapely

from carecircle.layers.aliases import comparable, likely_columns
from carecircle.layers.raw import RawLayer
from carecircle.layers.vocabulary import kind_of

Role = Literal["residential", "facilities", "entrances", "admin", "area", ""]

CANDIDATE_WORDS = ("候选", "备选", "拟选", "选址", "candidate", "proposed", "potential")
GATE_WORDS = ("大门", "出入口", "入口", "gate", "entrance")
CELL_WORDS = ("网格", "格网", "栅格", "人口", "cell", "grid", "population")
AREA_WORDS = ("范围", "边界", "boundary", "area")
ADMIN_WORDS = ("街道", "社区", "乡镇", "行政", "admin", "town", "communit", "district")
FACILITY_WORDS = (
    "机构",
    "设施",
    "站点",
    "驿站",
    "服务站",
    "服务中心",
    "facilit",
    "station",
    "centre",
)
SERVICE_WORDS = {
    "elderly": ("养老", "老年", "敬老", "elderly", "senior", "nursing"),
    "childcare": ("托育", "托幼", "托位", "婴幼儿", "childcare", "nursery", "creche"),
}
OPENS = {"block_id", "facility_id", "所属小区", "所属小区编号", "所属设施编号", "所属机构编号"}
OFFERS = ("service", "capacity", "beds", "seats", "inclusive")  # columns of facilities alone
OF_FACILITIES = {"机构名称", "设施名称", "站点名称", "机构编号", "设施编号"}


@dataclass
class Found:
    """One layer of the folder and what is to be said about it."""

    path: Path
    raw: RawLayer
    layer: str | None
    role: Role = ""
    doubts: list[str] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """Their column names."""
        return [str(column) for column in self.raw.table.columns]

    @property
    def words(self) -> str:
        """The names of file and layer, to look for hints in."""
        return f"{self.path.stem} {self.raw.layer}".casefold()

    @property
    def has_places(self) -> bool:
        """Whether a place is known for each row."""
        columns = self.columns
        return self.raw.geometry is not None or all(likely_columns(axis, columns) for axis in "xy")

    def says(self, words: Iterable[str]) -> bool:
        """Whether the names of file or layer hold one of these words."""
        return any(word in self.words for word in words)


def role_of(found: Found) -> Role:
    """What a layer may be in a study; empty where its data do not tell."""
    shapes = found.raw.geometry
    if shapes is None:
        return point_role(found) if found.has_places else ""
    kinds = set(shapely.get_type_id(shapes[~shapely.is_missing(shapes)]).tolist())
    points = {shapely.GeometryType.POINT.value, shapely.GeometryType.MULTIPOINT.value}
    polygons = {shapely.GeometryType.POLYGON.value, shapely.GeometryType.MULTIPOLYGON.value}
    if kinds <= points:
        return point_role(found)
    return polygon_role(found) if kinds <= polygons else ""


def polygon_role(found: Found) -> Role:
    """What a layer of polygons may be."""
    if found.says(ADMIN_WORDS):
        return "admin"
    if likely_columns("population", found.columns):
        return "residential"
    return "area" if found.says(AREA_WORDS) else ""


def point_role(found: Found) -> Role:
    """What a layer of points may be."""
    if found.says(CANDIDATE_WORDS):
        return ""
    offers = any(likely_columns(name, found.columns) for name in OFFERS)
    if found.says(GATE_WORDS) or (not offers and opens_something(found)):
        return "entrances"
    has_people = bool(likely_columns("population", found.columns))
    if has_people and (found.says(CELL_WORDS) or not offers):
        return "residential"
    if found.says(CELL_WORDS):
        return ""  # a grid whose people are not found is no list of facilities
    return "facilities" if offers or is_of_facilities(found) else ""


def opens_something(found: Found) -> bool:
    """Whether a column names the quarter or facility that each row opens."""
    return not OPENS.isdisjoint(map(comparable, found.columns))


def is_of_facilities(found: Found) -> bool:
    """Whether names of the file, its columns or its rows are those of facilities."""
    if found.says(FACILITY_WORDS) or service_of(found):
        return True
    if not OF_FACILITIES.isdisjoint(map(comparable, found.columns)):
        return True
    columns = likely_columns("kind", found.columns)
    return any(kind_of(str(cell)) for column in columns for cell in found.raw.table[column])


def service_of(found: Found) -> str:
    """``elderly`` or ``childcare`` where the words speak for one alone; else empty."""
    texts: Iterable[str] = (found.words, " ".join(found.columns).casefold(), cells_text(found))
    for text in texts:
        hits = [s for s, words in SERVICE_WORDS.items() if any(word in text for word in words)]
        if hits:
            return hits[0] if len(hits) == 1 else ""
    return ""


def cells_text(found: Found) -> str:
    """Names and kinds of the stations, in one text."""
    columns = [c for name in ("kind", "name") for c in likely_columns(name, found.columns)]
    return " ".join(str(cell) for column in columns for cell in found.raw.table[column]).casefold()
