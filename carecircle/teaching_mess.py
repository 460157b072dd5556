"""How can the teaching city's files be as messy as real ones? One documented fault each.

Every mess spoils one file in one way and names the message with which carecircle must
answer it. Messes are applied in the order of this table, whatever order is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from carecircle.layers.problems import Problem, StudyError
from carecircle.teaching_desk import Desk

Spoil = Callable[[Desk], None]

FAR_NORTH_DEGREES = 0.013  # some 1.4 km beyond the last street
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True)
class Mess:
    """One fault: where it is, how carecircle must answer, and what is wrong."""

    name: str
    file: str
    answer: str  # message id, or what happens where there is none
    zh: str
    en: str
    spoil: Spoil


def missing_population(desk: Desk) -> None:
    """The third quarter has no population."""
    desk.layers["quarters"][2].properties["常住人口"] = None


def text_numbers(desk: Desk) -> None:
    """Three populations as people type them: 1,200, １２００, 约800."""
    first, second, third = (quarter.properties for quarter in desk.layers["quarters"][:3])
    first["常住人口"] = f"{first['常住人口']:,}"
    second["常住人口"] = str(second["常住人口"]).translate(FULL_WIDTH)
    third["常住人口"] = f"约{third['常住人口']}"


def bow_tie(desk: Desk) -> None:
    """The second quarter's outline crosses itself."""
    ring = desk.layers["quarters"][1].ring
    ring[1], ring[2] = ring[2], ring[1]


def gcj02_quarters(desk: Desk) -> None:
    """All quarters and their gates shifted as online maps shift them, still called WGS 84."""
    for quarter in desk.layers["quarters"]:
        quarter.ring = [gcj02(lon, lat) for lon, lat in quarter.ring]
    for row in desk.tables["entrances"].rows:
        row[-2:] = gcj02(*row[-2:])


def duplicate_ids(desk: Desk) -> None:
    """The second station bears the id of the first."""
    rows = desk.tables["elderly"].rows
    rows[1][0] = rows[0][0]


def far_facility(desk: Desk) -> None:
    """The last station lies beyond the end of the streets."""
    north = max(lat for quarter in desk.layers["quarters"] for _, lat in quarter.ring)
    desk.tables["elderly"].rows[-1][-1] = round(north + FAR_NORTH_DEGREES, 7)


def swapped(desk: Desk) -> None:
    """Longitude and latitude have changed places in every row."""
    for row in desk.tables["elderly"].rows:
        row[-2:] = row[-1], row[-2]


def no_crs(desk: Desk) -> None:
    """The study file does not say in which coordinates the table is."""
    desk.table_crs["elderly"] = None


def total_row(desk: Desk) -> None:
    """A sum at the foot of the table."""
    table = desk.tables["elderly"]
    capacity = table.column("床位数")
    total = sum(row[capacity] for row in table.rows)
    table.rows.append(["合计", None, None, total, None, None])


def title_row(desk: Desk) -> None:
    """A workbook with a title above the header."""
    table = desk.tables["elderly"]
    table.is_workbook = True
    table.titles = ["云岭区养老设施一览表（教学示例，虚构）"]


def merged_cells(desk: Desk) -> None:
    """A workbook in which one number stands for three stations together."""
    table = desk.tables["childcare"]
    capacity = table.column("托位数")
    together = table.rows[:3]
    together[0][capacity] = sum(row[capacity] for row in together)
    for row in together[1:]:
        row[capacity] = None
    table.is_workbook = True
    table.merged = [(0, len(together) - 1, capacity)]


def gbk(desk: Desk) -> None:
    """CSV files as Chinese Excel saves them."""
    for table in desk.tables.values():
        table.encoding = "gbk"


MESSES = (
    Mess(
        "missing-population", "quarters.geojson", "E-NUM-001",
        "第 3 个小区没有常住人口", "the third quarter has no population", missing_population,
    ),
    Mess(
        "text-numbers", "quarters.geojson", "E-NUM-002",
        "前三个小区的人口写成“1,200”“１２００”“约800”：前两个可读并记录（R-NUM-001），第三个须改正",
        "the first three populations are written like 1,200, １２００ and 约800: two are read and "
        "recorded (R-NUM-001), the third must be repaired", text_numbers,
    ),
    Mess(
        "bow-tie", "quarters.geojson", "E-GEO-004",
        "第 2 个小区的边界自相交（领结形）", "the outline of the second quarter crosses itself",
        bow_tie,
    ),
    Mess(
        "gcj02", "quarters.geojson", "E-CRS-010",
        "全部小区及其大门按 GCJ-02（火星坐标）偏移，却当作 WGS 84",
        "all quarters and their gates are shifted to GCJ-02 and pass for WGS 84", gcj02_quarters,
    ),
    Mess(
        "duplicate-ids", "elderly", "E-ID-002",
        "第 2 个养老设施与第 1 个编号相同", "the second station has the id of the first",
        duplicate_ids,
    ),
    Mess(
        "far-facility", "elderly", "E-NET-007",
        "最后一个养老设施距最近道路一公里以上", "the last station is over 1 km from any street",
        far_facility,
    ),
    Mess(
        "swapped", "elderly", "E-LOC-002",
        "经度与纬度颠倒", "longitude and latitude have changed places", swapped,
    ),
    Mess(
        "no-crs", "study.toml", "E-CRS-001",
        "研究文件没有写明养老设施表的坐标系",
        "the study file does not say in which coordinates the elderly table is", no_crs,
    ),
    Mess(
        "total-row", "elderly", "E-LAY-021",
        "表末有“合计”行", "the table ends with a row of totals", total_row,
    ),
    Mess(
        "title-row", "elderly", "R-LAY-004",
        "Excel 表头上方有标题行：能读，并记录",
        "a title above the header of a workbook: read, and recorded", title_row,
    ),
    Mess(
        "merged-cells", "childcare", "E-NUM-007",
        "前三行的托位数合并为一格", "one merged cell gives the places of three stations together",
        merged_cells,
    ),
    Mess(
        "gbk", "*.csv", "encoding: gb18030",
        "CSV 以 GBK 编码保存：能读，编码记入 manifest",
        "CSV files saved as GBK: read, and the encoding noted in the manifest", gbk,
    ),
)  # fmt: skip
MESS_NAMES = tuple(mess.name for mess in MESSES)


def chosen_messes(names: Iterable[str]) -> list[Mess]:
    """The messes asked for, in the order of the table. E-STU-006 for an unknown name."""
    asked = list(names)
    unknown = [name for name in asked if name not in MESS_NAMES]
    if unknown:
        allowed = ", ".join(MESS_NAMES)
        raise StudyError(
            Problem("E-STU-006", column="--mess", value=name, details={"allowed": allowed})
            for name in unknown
        )
    return [mess for mess in MESSES if mess.name in asked]


def gcj02(lon: float, lat: float) -> tuple[float, float]:
    """A WGS 84 place as online maps of China show it, 7 decimals.

    The formula that became public around 2010 (eviltransform, https://github.com/googollee/
    eviltransform), written out here on its own so that the tool's is tested against it.
    """
    x, y = lon - 105, lat - 35
    ripple = 20 * math.sin(6 * math.pi * x) + 20 * math.sin(2 * math.pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += (ripple + 20 * math.sin(math.pi * y) + 40 * math.sin(math.pi * y / 3)) * 2 / 3
    north += (160 * math.sin(math.pi * y / 12) + 320 * math.sin(math.pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += (ripple + 20 * math.sin(math.pi * x) + 40 * math.sin(math.pi * x / 3)) * 2 / 3
    east += (150 * math.sin(math.pi * x / 12) + 300 * math.sin(math.pi * x / 30)) * 2 / 3
    # Krasovsky 1940
    semi_major_m, eccentricity2 = 6_378_245.0, 0.00669342162296594323
    sin_lat = math.sin(math.radians(lat))
    bend = 1 - eccentricity2 * sin_lat * sin_lat
    north_m = math.radians(semi_major_m * (1 - eccentricity2) / (bend * math.sqrt(bend)))
    east_m = math.radians(semi_major_m / math.sqrt(bend) * math.cos(math.radians(lat)))
    return round(lon + east / east_m, 7), round(lat + north / north_m, 7)
