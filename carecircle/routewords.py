"""Explained walks in words: lines for the terminal, tables and layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.coverage.summary import CIRCLE_NAMES
from carecircle.explain import Answer, Explained, Walk
from carecircle.layers.crs import LONLAT, project
from carecircle.layers.problems import Language
from carecircle.maps.handout import Handout
from carecircle.maps.text import plain_text
from carecircle.maps.workbook import Column, Row, Sheet
from carecircle.stretches import PARTS, Gate, Stretch, Way

NAME = "routes"
PART_WORDS = {
    "level": {"zh": "平路", "en": "level streets"},
    "climb": {"zh": "坡度增加", "en": "added by slopes"},
    "steps": {"zh": "台阶", "en": "steps"},
    "waits": {"zh": "等候过街", "en": "waits at roads"},
    "inside": {"zh": "小区内到出入口", "en": "inside the quarter to the gate"},
    "straight": {"zh": "接入道路的直线段", "en": "straight ways to and from streets"},
}
WHAT_WORDS = {
    "street": {"zh": "道路", "en": "street"},
    "footway": {"zh": "人行道", "en": "footway"},
    "path": {"zh": "小路", "en": "path"},
    "steps": {"zh": "台阶", "en": "steps"},
    "crossing": {"zh": "过街", "en": "crossing"},
    "area": {"zh": "广场", "en": "square"},
    "lift": {"zh": "电梯", "en": "lift"},
    "wait": {"zh": "等候", "en": "wait"},
    "inside": {"zh": "小区内", "en": "inside the quarter"},
    "straight": {"zh": "直线段", "en": "straight"},
    "rest": {"zh": "在座椅上休息（不计时间）", "en": "rest on a bench (no time counted)"},
}
WAY_WORDS = {
    "to": {"zh": "去程", "en": "to it"},
    "from": {"zh": "回程", "en": "from it"},
}
REASONS = {
    "too_far_from_street": {
        "zh": "{limit:g} 米内没有可通行的道路（最近的道路相距 {metres:.0f} 米），未参与计算",
        "en": "no street that can be used lies within {limit:g} m (the nearest of all is "
        "{metres:.0f} m away): excluded",
    },
    "no_street_for_walker": {
        "zh": "最近的道路（相距 {metres:.0f} 米）是该类步行者不能走的（台阶或过陡），"
        "附近没有其他可用的道路，未参与计算",
        "en": "only streets near that this walker cannot use (steps, or too steep; the nearest is "
        "{metres:.0f} m away): excluded",
    },
    "no_facility": {"zh": "没有可步行到达的设施", "en": "no facility can be walked to"},
}


def explained_data(explained: Explained) -> dict[str, Any]:
    """Everything ready for JSON."""
    return {
        "home_id": explained.home_id,
        "quarter": explained.quarter,
        "snap_m": explained.snap_m,
        "circles": [
            {
                "id": answer.circle.id,
                "people": answer.people,
                "limit_ms": answer.circle.limit_ms,
                "direction": answer.circle.direction,
                "covered": answer.covered,
                "reason": answer.reason or None,
                "walks": [walk_data(walk, explained.crs) for walk in answer.walks],
            }
            for answer in explained.answers
        ],
    }


def walk_data(walk: Walk, crs: str) -> dict[str, Any]:
    """One walk ready for JSON."""
    return {
        "facility_id": walk.facility_id,
        "name": walk.name,
        "ms": walk.ms,
        "ways": [
            {
                "direction": way.direction,
                "ms": way.ms,
                "parts_ms": way.parts_ms,
                "gate": None if way.gate is None else gate_data(way.gate, crs),
                "stretches": [
                    {
                        "what": stretch.what,
                        "street": stretch.street,
                        "mm": stretch.mm,
                        "rise_m": round(stretch.rise_m, 1),
                        "ms": stretch.ms,
                        "climb_ms": stretch.climb_ms,
                        **(rest_data(stretch, crs) if stretch.what == "rest" else {}),
                    }
                    for stretch in way.stretches
                ],
            }
            for way in walk.ways
        ],
    }


def rest_data(stretch: Stretch, crs: str) -> dict[str, Any]:
    """Where the walker sits down."""
    lon, lat = lonlat(stretch.xy[0], crs)
    return {"lon": lon, "lat": lat}


def gate_data(gate: Gate, crs: str) -> dict[str, Any]:
    """One gate ready for JSON."""
    lon, lat = lonlat(gate.xy, crs)
    facts = {"number": gate.number, "of": gate.count, "rule": gate.rule}
    return {**facts, "lon": lon, "lat": lat}


def lonlat(xy: NDArray[np.float64], crs: str) -> tuple[float, float]:
    """Degrees of one place."""
    point = project(np.array([shapely.Point(xy)]), crs, LONLAT)[0]
    return round(point.x, 7), round(point.y, 7)


# --- terminal


def explained_lines(explained: Explained, lang: Language) -> Iterator[str]:
    """The home, and for each circle its walks with their parts and stretches."""
    said = {"zh": "住户点 {}，小区 {}", "en": "home {}, quarter {}"}
    yield said[lang].format(explained.home_id, explained.quarter)
    for answer in explained.answers:
        yield circle_line(answer, lang)
        if answer.reason:
            metres, limit = explained.snap_m, explained.limit_m
            yield f"  {REASONS[answer.reason][lang].format(metres=metres, limit=limit)}"
        for rank, walk in enumerate(answer.walks, start=1):
            yield f"  {rank}. {walk_line(answer, walk, lang)}"
            for way in walk.ways:
                yield from (f"    {line}" for line in way_lines(way, len(walk.ways) > 1, lang))


def circle_line(answer: Answer, lang: Language) -> str:
    """One circle and whether the home is covered."""
    name = CIRCLE_NAMES[answer.circle.service][lang].format(answer.circle.minutes)
    if lang == "zh":
        return f"{name}：{answer.people:,} 人，{'已覆盖' if answer.covered else '未覆盖'}"
    return f"{name}: {answer.people:,} people, {'covered' if answer.covered else 'not covered'}"


def walk_line(answer: Answer, walk: Walk, lang: Language) -> str:
    """One facility and its minutes."""
    to = f"{walk.facility_id} {walk.name}".strip()
    both = ""
    if answer.circle.direction == "round_trip":
        both = "（往返平均）" if lang == "zh" else " (half of there and back)"
    elif answer.circle.direction == "worse":
        both = "（往返中较长者）" if lang == "zh" else " (the longer of there and back)"
    return f"{to}  {minutes(walk.ms, lang)}{both}"


def way_lines(way: Way, named: bool, lang: Language) -> Iterator[str]:
    """The parts of a way, its gate, then each stretch."""
    if named:
        yield f"{WAY_WORDS[way.direction][lang]}  {minutes(way.ms, lang)}"
    parts = [(PART_WORDS[part][lang], ms) for part, ms in way.parts_ms.items() if ms]
    comma = "，" if lang == "zh" else "; "
    yield comma.join(f"{words} {minutes(ms, lang)}" for words, ms in parts)
    if way.gate is not None:
        yield gate_words(way.gate, lang)
    for stretch in way.stretches:
        yield f"· {stretch_words(stretch, lang)}"


def stretch_words(stretch: Stretch, lang: Language) -> str:
    """One stretch on one line."""
    said = f"{WHAT_WORDS[stretch.what][lang]} {stretch.street}".strip()
    if stretch.what == "rest":
        return said
    metres = f"{stretch.mm / 1000:.0f} {'米' if lang == 'zh' else 'm'}"
    rise = f" {stretch.rise_m:+.0f} m" if abs(stretch.rise_m) >= 0.5 else ""
    if lang == "zh" and rise:
        rise = f"（高差 {stretch.rise_m:+.0f} 米）"
    return f"{said}  {metres}{rise}  {minutes(stretch.ms, lang)}"


def gate_words(gate: Gate, lang: Language) -> str:
    """The gate gone through."""
    if lang == "zh":
        return f"出入口 {gate.number}/{gate.count}（{gate.rule}）"
    return f"gate {gate.number} of {gate.count} ({gate.rule})"


def minutes(ms: int, lang: Language) -> str:
    """Milliseconds as minutes with two decimals."""
    return f"{ms / 60_000:.2f} {'分钟' if lang == 'zh' else 'min'}"


# --- files


def handout(explained: Explained, facts: Mapping[str, Any]) -> Handout:
    """The walks as files: stretches and parts as tables, the way and its places as layers."""
    return Handout(
        name=NAME,
        day=explained.day,
        sheets=[stretches_sheet(explained), parts_sheet(explained)],
        layers={
            "routes": (routes_layer(explained), "LineString"),
            "places": (places_layer(explained), "Point"),
        },
        facts={"home_id": explained.home_id, **facts},
    )


def told(explained: Explained) -> Iterator[tuple[Answer, int, Walk, Way]]:
    """Every way of every walk, with the rank of its facility."""
    for answer in explained.answers:
        for rank, walk in enumerate(answer.walks, start=1):
            for way in walk.ways:
                yield answer, rank, walk, way


WALK_COLUMNS: tuple[Column, ...] = (
    ("服务圈", "circle", 12),
    ("第几近", "rank", 8),
    ("设施编号", "facility_id", 16),
    ("设施名称", "facility", 24),
    ("方向", "way", 12),
)


def walk_cells(answer: Answer, rank: int, walk: Walk, way: Way) -> Row:
    """What every row says first."""
    words = WAY_WORDS[way.direction]
    return answer.circle.id, rank, walk.facility_id, walk.name, f"{words['zh']} {words['en']}"


def stretches_sheet(explained: Explained) -> Sheet:
    """One row for each stretch, in the order it is walked."""
    columns = (
        *WALK_COLUMNS,
        ("顺序", "order", 8),
        ("路段", "what", 24),
        ("道路", "street", 24),
        ("长度（米）", "length (m)", 12),
        ("高差（米）", "rise (m)", 12),
        ("时间（毫秒）", "time (ms)", 12),
        ("其中坡度（毫秒）", "of which slope (ms)", 16),
        ("起点经度", "begins at lon", 14),
        ("起点纬度", "begins at lat", 14),
    )
    rows: list[Row] = [
        (
            *walk_cells(*one),
            order,
            f"{WHAT_WORDS[stretch.what]['zh']} {WHAT_WORDS[stretch.what]['en']}",
            stretch.street,
            stretch.mm / 1000,
            round(stretch.rise_m, 1),
            stretch.ms,
            stretch.climb_ms,
            *lonlat(stretch.xy[0], explained.crs),
        )
        for one in told(explained)
        for order, stretch in enumerate(one[3].stretches, start=1)
    ]
    return "路线 Route", columns, rows


def parts_sheet(explained: Explained) -> Sheet:
    """One row for each way: what costs its time."""
    columns = (
        *WALK_COLUMNS,
        ("合计（毫秒）", "sum (ms)", 12),
        *((f"{PART_WORDS[p]['zh']}（毫秒）", f"{PART_WORDS[p]['en']} (ms)", 16) for p in PARTS),
        ("出入口", "gate", 24),
    )
    rows: list[Row] = [
        (
            *walk_cells(*one),
            one[3].ms,
            *one[3].parts_ms.values(),
            "" if one[3].gate is None else gate_words(one[3].gate, "zh"),
        )
        for one in told(explained)
    ]
    return "构成 Parts", columns, rows


def routes_layer(explained: Explained) -> GeoDataFrame:
    """The stretches that have a length on the ground."""
    rows = [
        {
            "circle": answer.circle.id,
            "rank": rank,
            "facility_id": plain_text(walk.facility_id),
            "way": way.direction,
            "number": number,
            "what": stretch.what,
            "street": plain_text(stretch.street),
            "length_m": stretch.mm / 1000,
            "ms": stretch.ms,
            "climb_ms": stretch.climb_ms,
            "geometry": shapely.LineString(stretch.xy),
        }
        for answer, rank, walk, way in told(explained)
        for number, stretch in enumerate(way.stretches, start=1)
        if np.ptp(stretch.xy, axis=0).any()
    ]
    return layer_of(rows, explained, "number")


def places_layer(explained: Explained) -> GeoDataFrame:
    """The home, the gates, the facilities' entrances, and the benches rested at."""
    rows = [{"what": "home", "id": explained.home_id, "geometry": shapely.Point(explained.xy)}]
    for _, _, walk, way in told(explained):
        there = way.direction == "to"
        end = way.stretches[-1].xy[-1] if there else way.stretches[0].xy[0]
        rows.append({"what": "facility", "id": walk.facility_id, "geometry": shapely.Point(end)})
        if way.gate is not None:
            number = f"{way.gate.number}/{way.gate.count}"
            rows.append({"what": "gate", "id": number, "geometry": shapely.Point(way.gate.xy)})
        rests = [stretch.xy[0] for stretch in way.stretches if stretch.what == "rest"]
        rows += [{"what": "rest", "id": "", "geometry": shapely.Point(xy)} for xy in rests]
    return layer_of(rows, explained, "what").drop_duplicates(ignore_index=True)


def layer_of(rows: list[dict[str, Any]], explained: Explained, column: str) -> GeoDataFrame:
    """Rows as a layer in the CRS of the residential input; it may be empty."""
    made = GeoDataFrame(
        rows if rows else {column: []},
        geometry=None if rows else [],
        crs=explained.crs,
    )
    return made.set_geometry("geometry").to_crs(explained.output_crs)
