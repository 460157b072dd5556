"""The survey list in words: its table, its layers, and lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import shapely
from geopandas import GeoDataFrame

from carecircle.audit import Survey
from carecircle.coverage.summary import CIRCLE_NAMES
from carecircle.isochrones.audit import DANGLE_M
from carecircle.layers.problems import Language
from carecircle.maps.handout import Handout
from carecircle.maps.text import plain_text
from carecircle.maps.workbook import Column, Row, Sheet

NAME = "repairs"
FIRST = 10  # of the list, on the terminal
WORDS = {
    "facility_on_island": {"zh": "设施所在路段孤立", "en": "facility on an island of streets"},
    "island": {"zh": "孤立路段", "en": "island of streets"},
    "near_miss": {"zh": "疑似断点", "en": "near miss"},
    "dangle": {"zh": "断头路", "en": "dead end"},
    "gap_across_water": {"zh": "隔水绕行", "en": "gap across water"},
    "detour": {"zh": "绕行过远", "en": "long way round"},
    "no_inner_path": {
        "zh": "小区内无道路（增设出入口）",
        "en": "no path inside the quarter (a gate)",
    },
    "far_from_street": {"zh": "住户远离道路", "en": "homes too far from any street"},
}
PLACES: tuple[tuple[str, Column], ...] = (
    ("length_m", ("连接长度（米）", "length of the link (m)", 12)),
    ("walk_m", ("现状步行（米）", "walk today (m)", 12)),
    ("from_lon", ("起点经度", "from longitude", 12)),
    ("from_lat", ("起点纬度", "from latitude", 12)),
    ("to_lon", ("终点经度", "to longitude", 12)),
    ("to_lat", ("终点纬度", "to latitude", 12)),
    ("from_street", ("起点道路", "street at its start", 20)),
    ("to_street", ("终点道路", "street at its end", 20)),
    ("unit", ("行政区", "unit", 16)),
    ("quarter", ("附近小区", "quarter near", 20)),
    ("about", ("涉及的设施或小区（住户点数）", "facilities, or quarter (homes)", 30)),
)


def handout(survey: Survey, facts: Mapping[str, Any]) -> Handout:
    """The list as files: a table, and layers of places and links."""
    repairs = survey.repairs.to_crs(survey.output_crs)
    columns = {
        "rank": repairs.index.astype("int32"),
        "kind": repairs["kind"],
        "people": repairs["people"],
        **{f"people_{circle.id}": repairs[f"people_{circle.id}"] for circle in survey.circles},
        **{name: texts(repairs[name]) for name, _ in PLACES},
    }
    places = GeoDataFrame(
        {name: np.asarray(column) for name, column in columns.items()},
        geometry=repairs.geometry.to_numpy(),
        crs=repairs.crs,
    )
    lines = survey.repairs["line"].to_numpy()
    drawn = np.flatnonzero(shapely.length(lines) > 0)
    links = GeoDataFrame(
        places.drop(columns="geometry").iloc[drawn].reset_index(drop=True),
        geometry=lines[drawn],
        crs=survey.repairs.crs,
    ).to_crs(survey.output_crs)
    return Handout(
        name=NAME,
        day=survey.day,
        sheets=[
            repairs_sheet(survey),
            notes_sheet(survey),
        ],
        layers={
            "repairs": (places, "Point"),
            "links": (links, "LineString"),
        },
        facts={"study": {"name": survey.name}, "near_m": survey.near_m, **facts},
    )


def texts(column: Any) -> Any:
    """Numbers as they are, texts as every program can read them."""
    return column if column.dtype.kind in "if" else [plain_text(value) for value in column]


def repairs_sheet(survey: Survey) -> Sheet:
    """One row for each repair, that for most people first."""
    repairs = survey.repairs
    columns: list[Column] = [
        ("序号", "rank", 8),
        ("问题", "what", 30),
        ("新增覆盖人数", "people gained", 12),
        *(
            (f"{circle_name(c, 'zh')}：人数", f"{circle_name(c, 'en')}: people", 16)
            for c in survey.circles
        ),
        *(column for _, column in PLACES),
    ]
    names = ["people", *(f"people_{circle.id}" for circle in survey.circles)]
    rows: list[Row] = [
        (rank, bilingual(kind), *cells)
        for rank, kind, *cells in zip(
            repairs.index,
            repairs["kind"],
            *(repairs[name] for name in (*names, *(name for name, _ in PLACES))),
            strict=True,
        )
    ]
    return "勘查清单 Repairs", columns, rows


def notes_sheet(survey: Survey) -> Sheet:
    """How to read the list."""
    columns = (("中文", "Chinese", 70), ("英文", "English", 70))
    notes = [
        (
            "人数：只做这一项修复时，步行进入限时的该人群人数，沿整张路网精确计算；各项不可相加",
            "people: of each circle's group, whom this repair alone would bring within the limit, "
            "counted exactly on the whole network; rows do not add up",
        ),
        (
            f"疑似断点：断头与未相连的道路相距 {survey.near_m:g} 米以内；"
            f"断头路：{DANGLE_M:g} 米以内且会改变覆盖",
            f"near miss: a dead end within {survey.near_m:g} m of a street it is not joined to; "
            f"dead end: within {DANGLE_M:g} m, and somebody would gain",
        ),
        (
            "每一项都须到现场核实：中间可能有墙、河或铁路，地图也可能没有错",
            "every row must be looked at on the ground: a wall, a river or a railway may lie "
            "between, and the map may be right",
        ),
        *((sentence.zh, sentence.en) for sentence in survey.assumptions),
    ]
    return "说明 Notes", columns, [list(note) for note in notes]


def survey_data(survey: Survey) -> dict[str, Any]:
    """The list ready for JSON."""
    repairs = survey.repairs.drop(columns=["line", "geometry"]).reset_index()
    rows = repairs.astype(object).where(repairs.notna(), None).to_dict("records")
    return {"near_m": survey.near_m, "found": survey.counts, "repairs": rows}


def survey_lines(survey: Survey, lang: Language) -> Iterator[str]:
    """What was found, then the first of the list."""
    counts = survey.counts
    found = "; ".join(f"{WORDS[k][lang]} {n:,}" for k, n in counts.items() if k in WORDS and n)
    if lang == "zh":
        yield f"断头 {counts['dead_ends']:,} 处，孤立路段 {counts['islands']:,} 处"
        yield f"勘查清单 {len(survey.repairs):,} 项：{found or '无'}"
    else:
        yield f"{counts['dead_ends']:,} dead ends, {counts['islands']:,} islands"
        yield f"{len(survey.repairs):,} repairs listed: {found or 'none'}"
    for rank, row in survey.repairs.head(FIRST).iterrows():
        yield repair_line(int(str(rank)), row, lang)


def repair_line(rank: int, row: Any, lang: Language) -> str:
    """One repair on one line."""
    where = " – ".join(name for name in (row["from_street"], row["to_street"]) if name)
    place = ", ".join(part for part in (where or row["quarter"], row["unit"]) if part)
    lonlat = f"{row['from_lon']:.6f}, {row['from_lat']:.6f}"
    what = WORDS[row["kind"]][lang]
    if lang == "zh":
        return (
            f"{rank}. {row['people']:,} 人：{what}，{row['length_m']:.0f} 米，{place}（{lonlat}）"
        )
    return f"{rank}. {row['people']:,} people: {what}, {row['length_m']:.0f} m, {place} ({lonlat})"


def bilingual(kind: str) -> str:
    """A kind of fault in both languages."""
    return f"{WORDS[kind]['zh']} / {WORDS[kind]['en']}"


def circle_name(circle: Any, lang: Language) -> str:
    """A circle as it is called on every output."""
    return CIRCLE_NAMES[circle.service][lang].format(circle.minutes)
