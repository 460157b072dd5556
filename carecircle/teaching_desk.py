"""The teaching city as the files on a planner's desk, before they are written.

Tables and layers of plain values, so that each may be spoilt on purpose (`teaching_mess`)
and is written to the same bytes on every computer (`teaching_files`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from geopandas import GeoDataFrame

from carecircle.layers.attributes import facility_attributes
from carecircle.teaching_city import City
from carecircle.teaching_ground import RIVER_HALF_WIDTH_M, to_e7
from carecircle.teaching_register import register_frame

QUARTER_COLUMNS = {
    "population": "常住人口",
    "age_60_plus": "60岁以上",
    "age_65_plus": "65岁以上",
    "age_80_plus": "80岁以上",
    "age_0_2": "0-2岁",
    "age_3_5": "3-5岁",
}
QUARTER_FACTS = {"built": "建成日期", "households": "户数"}
UNIT_FLAGS = {"urban": "城镇", "age_friendly": "老年友好社区", "child_friendly": "儿童友好社区"}
CHARACTERS = {"lanes": "老城", "walled": "新城", "terraces": "坡地"}
CAPACITY_COLUMNS = {"elderly": "床位数", "childcare": "托位数"}
SERVICES = {"elderly": "养老", "childcare": "托育"}
RIVER_STEPS = 600


@dataclass
class Table:
    """A table with a header; a workbook may have titles above it and merged cells."""

    header: list[str]
    rows: list[list[Any]]
    encoding: str = "utf-8-sig"
    is_workbook: bool = False
    titles: list[str] = field(default_factory=list)
    merged: list[tuple[int, int, int]] = field(default_factory=list)  # first, last row, column

    def column(self, name: str) -> int:
        """Where a column stands."""
        return self.header.index(name)


@dataclass
class Feature:
    """One polygon with its properties; longitude and latitude in degrees."""

    properties: dict[str, Any]
    ring: list[tuple[float, float]]  # closed


@dataclass
class Desk:
    """Every table and layer by its file name without ending, and the stated CRS of tables."""

    tables: dict[str, Table]
    layers: dict[str, list[Feature]]
    table_crs: dict[str, str | None]

    def file_name(self, table: str) -> str:
        """The name of a table's file."""
        return f"{table}.xlsx" if self.tables[table].is_workbook else f"{table}.csv"


def desk_of(city: City, truth: Mapping[str, Any]) -> Desk:
    """The unspoilt desk."""
    return Desk(
        tables={
            "elderly": stations_table(city, "elderly"),
            "childcare": stations_table(city, "childcare"),
            "entrances": gates_table(city),
            "candidates": candidates_table(city, truth),
            "register": register_table(city),
        },
        layers={
            "quarters": quarter_features(city),
            "communities": unit_features(city.units.communities, "社区名称", "所属街道编号"),
            "towns": unit_features(city.units.towns, "街道名称", "所属区编号"),
            "districts": unit_features(city.units.districts, "区名称", "所属市编号"),
            "city": unit_features(city.units.city, "市名称", None),
            "river": [river(city)],
        },
        table_crs=dict.fromkeys(("elderly", "childcare"), "EPSG:4326"),
    )


def degrees(e7: Any) -> list[float]:
    """Longitude and latitude from whole 1e-7 degrees."""
    return [int(value) / 1e7 for value in e7]


def stations_table(city: City, service: str) -> Table:
    """The care stations of one service."""
    header = ["编号", "机构名称", "类型", CAPACITY_COLUMNS[service], "经度", "纬度"]
    of_service = city.stations[city.stations["service"] == service]
    places = city.node_e7[of_service["node"].to_numpy()]
    about = of_service[["name", "kind", "capacity"]].astype(object).to_numpy().tolist()
    rows = [
        [id, *cells, *degrees(place)]
        for id, cells, place in zip(of_service.index, about, places, strict=True)
    ]
    return Table(header, rows)


def register_table(city: City) -> Table:
    """Facilities of every kind, with all that plans may ask of them."""
    told = [one for one in facility_attributes().values() if one.name != "capacity"]
    header = ["编号", "机构名称", "类型", "启用日期", *(one.zh for one in told), "经度", "纬度"]
    register = register_frame(len(city.node_e7), city.seed)
    columns = ["name", "kind", "opened", *(one.name for one in told)]
    places = city.node_e7[register["node"].to_numpy(np.int64)]
    rows = [
        [id, *cells, *degrees(place)]
        for id, cells, place in zip(
            register.index, register[columns].to_numpy().tolist(), places, strict=True
        )
    ]
    return Table(header, rows)


def gates_table(city: City) -> Table:
    """The gates of the walled quarters."""
    pairs = zip(city.gates["node"], city.gates["quarter_id"], strict=True)
    rows = [
        [f"G{at:05d}", quarter, *degrees(city.node_e7[node])]
        for at, (node, quarter) in enumerate(pairs, 1)
    ]
    return Table(["编号", "小区编号", "经度", "纬度"], rows)


def candidates_table(city: City, truth: Mapping[str, Any]) -> Table:
    """The candidate sites the answers speak of."""
    rows = [
        [f"{service}-{at}", SERVICES[service], node, *degrees(city.node_e7[node - 1])]
        for service, circle in truth["circles"].items()
        for at, node in enumerate(circle["sites"]["candidate_osm_nodes"], 1)
    ]
    return Table(["编号", "服务", "OSM节点", "经度", "纬度"], rows)


def quarter_features(city: City) -> list[Feature]:
    """The quarters with their people."""
    quarters = city.quarters
    counted = QUARTER_COLUMNS | QUARTER_FACTS
    plain = quarters[["name", "character", "community_id", *counted]].astype(object)
    features = []
    rings = rings_of(quarters)
    for id, row, ring in zip(quarters.index, plain.to_numpy().tolist(), rings, strict=True):
        name, character, community, *people = row
        counts = dict(zip(counted.values(), people, strict=True))
        about = {"编号": id, "小区名称": name, "片区": CHARACTERS[character], "社区编号": community}
        features.append(Feature({**about, **counts}, ring))
    return features


def unit_features(units: GeoDataFrame, name: str, parent: str | None) -> list[Feature]:
    """Communities or towns."""
    features = []
    for id, row, ring in zip(units.index, units.itertuples(), rings_of(units), strict=True):
        about = {"编号": id, name: row.name} | ({parent: row.parent_id} if parent else {})
        flags = {
            zh: "是" if getattr(row, flag) else "否"
            for flag, zh in UNIT_FLAGS.items()
            if flag in units
        }
        features.append(Feature(about | flags, ring))
    return features


def rings_of(layer: GeoDataFrame) -> list[list[tuple[float, float]]]:
    """The outer ring of each polygon."""
    return [list(map(tuple, shapely.get_coordinates(shape))) for shape in layer.geometry]


def river(city: City) -> Feature:
    """The water between both banks."""
    x_m = np.linspace(-600, city.ground.width_m + 600, RIVER_STEPS)
    y_m = city.ground.river_y_m(x_m)
    south = to_e7(x_m, y_m - RIVER_HALF_WIDTH_M)
    north = to_e7(x_m, y_m + RIVER_HALF_WIDTH_M)
    around = np.concatenate([south, north[::-1], south[:1]])
    return Feature(
        {"name": "清溪江（虚构）"}, [(lon / 1e7, lat / 1e7) for lon, lat in around.tolist()]
    )
