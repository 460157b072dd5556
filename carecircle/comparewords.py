"""Who gains and who loses, in words: tables, layers, the page, lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from carecircle.changed import QUARTER, STUDY
from carecircle.changewords import ROW_WORDS, both, circle_name
from carecircle.compared import CircleComparison, Comparison
from carecircle.coverage.gains import COUNTS
from carecircle.coverage.result import Ledger
from carecircle.layers.problems import Language
from carecircle.maps.gains_page import PageCircle, gains_page
from carecircle.maps.handout import Handout
from carecircle.maps.text import plain_text
from carecircle.maps.workbook import Column, Row, Sheet

NAME = "compare"
COUNT_WORDS: Mapping[str, tuple[str, str]] = {
    "people_before": ("原人数", "people before"),
    "people_after": ("现人数", "people after"),
    "covered_before": ("原已覆盖", "covered before"),
    "gained": ("新覆盖", "gain"),
    "lost": ("失去覆盖", "lose"),
    "moved": ("人口变动", "came or went"),
    "covered_after": ("现已覆盖", "covered after"),
    "nearer": ("步行变近", "shorter walk"),
    "farther": ("步行变远", "longer walk"),
}
STATE_WORDS = {
    "stays": {"zh": "不变", "en": "as before"},
    "new": {"zh": "新增", "en": "new"},
    "closed": {"zh": "关闭", "en": "closed"},
    "moved": {"zh": "迁址", "en": "moved"},
    "resized": {"zh": "改规模", "en": "other capacity"},
}
HOW = (
    "逐户比较：现已覆盖 = 原已覆盖 + 新覆盖 − 失去覆盖 + 人口变动。"
    "变近、变远指到最近设施的步行时间，不论是否在时限之内。",
    "Home by home: covered after = covered before + gain - lose + came or went. Shorter and longer "
    "are walks to the nearest facility, be they within the limit or not.",
)
OTHER_PEOPLE = (
    "两者的居民不同：增减的居民不算受益或受损，单列为“人口变动”。"
    "各成因的贡献请用 carecircle change。",
    "The people of the two differ: those who come or go neither gain nor lose and stand apart, as "
    "“came or went”. What each cause contributes is told by carecircle change.",
)


def handout(found: Comparison, facts: Mapping[str, Any], lang: Language) -> Handout:
    """The comparison as files."""
    return Handout(
        name=NAME,
        day=found.day,
        sheets=[rows_sheet(found), totals_sheet(found), stations_sheet(found), notes_sheet(found)],
        layers=dict(layers(found)),
        facts={
            "study": {"first": found.names[0], "second": found.names[1]},
            "compare": compare_data(found),
            **facts,
        },
        page=gains_page(
            names=found.names,
            day=found.day,
            network=found.network,
            shapes=found.shapes,
            circles=[page_circle(found, circle) for circle in found.circles],
            notes=list(notes(found)),
            attributions=[(s.zh, s.en) for s in found.attributions],
            lang=lang,
        ),
    )


def page_circle(found: Comparison, circle: CircleComparison) -> PageCircle:
    """What the page is told of one circle."""
    units = circle.rows[circle.rows["level"] != QUARTER]
    levels = [ROW_WORDS[level] for level in units["level"]]
    return PageCircle(
        name=circle_words(circle),
        limit_minutes=circle.after.minutes,
        rows=units,
        levels=levels,
        quarters=circle.quarters.assign(
            name=found.shapes["name"].reindex(circle.quarters.index).fillna("")
        ),
        stations=circle.stations,
    )


def circle_words(circle: CircleComparison) -> dict[Language, str]:
    """What a circle is called, with its walker; both of them where they differ."""
    told = [circle_name(one) for one in (circle.before, circle.after)]
    walkers = [one.walker for one in (circle.before, circle.after)]
    zh, en = (
        [f"{t[lang]}（{w.zh}）" if lang == "zh" else f"{t[lang]} ({w.en})"
         for t, w in zip(told, walkers, strict=True)]
        for lang in ("zh", "en")
    )  # fmt: skip
    return {"zh": " → ".join(dict.fromkeys(zh)), "en": " → ".join(dict.fromkeys(en))}


# --- tables


def rows_sheet(found: Comparison) -> Sheet:
    """A row for the study, each unit and each quarter of every circle."""
    columns: list[Column] = [
        ("服务圈", "circle", 22),
        ("层级", "level", 10),
        ("编号", "id", 16),
        ("名称", "name", 20),
        *((zh, en, 12) for zh, en in COUNT_WORDS.values()),
        ("原分钟", "minutes before", 10),
        ("现分钟", "minutes after", 10),
        ("原状态", "status before", 12),
        ("现状态", "status after", 12),
    ]
    rows: list[Row] = [row for circle in found.circles for row in rows_of(circle)]
    return "得失 Gains", columns, rows


def rows_of(circle: CircleComparison) -> Iterator[Row]:
    """The rows of one circle."""
    words = both(circle_words(circle))
    for row in circle.rows.to_dict("records"):
        quarter = circle.quarters.loc[row["id"]] if row["level"] == QUARTER else None
        yield (
            words,
            both(ROW_WORDS[row["level"]]),
            row["id"],
            row["name"],
            *(int(row[name]) for name in COUNTS),
            *(minutes(quarter, when) for when in ("before", "after")),
            *("" if quarter is None else quarter[f"status_{w}"] for w in ("before", "after")),
        )


def minutes(quarter: Any, when: str) -> float | None:
    """Minutes of a quarter, None where there are none."""
    if quarter is None or np.isnan(quarter[f"minutes_{when}"]):
        return None
    return float(np.floor(quarter[f"minutes_{when}"] * 10) / 10)


def totals_sheet(found: Comparison) -> Sheet:
    """Each circle as a whole: coverage, stations and places, before and after."""
    columns: list[Column] = [
        ("服务圈", "circle", 22),
        ("指标", "figure", 36),
        ("原", "before", 14),
        ("现", "after", 14),
    ]
    rows: list[Row] = []
    for circle in found.circles:
        words = both(circle_words(circle))
        rows += [(words, both(name), *values) for name, values in totals(circle)]
    return "汇总 Totals", columns, rows


def totals(circle: CircleComparison) -> Iterator[tuple[dict[str, str], tuple[Any, Any]]]:
    """What is told of a circle as a whole."""
    ledgers = [coverage.people for coverage in circle.coverages]
    yield {"zh": "该人群人数", "en": "people of the group"}, pair(one.input for one in ledgers)
    yield {"zh": "已覆盖人数", "en": "covered"}, pair(one.covered for one in ledgers)
    yield {"zh": "覆盖率（%）", "en": "covered (%)"}, pair(one.percent for one in ledgers)
    yield {"zh": "未参与计算", "en": "excluded"}, pair(excluded(one) for one in ledgers)
    yield {"zh": "设施数", "en": "stations"}, circle.counts
    places = circle.places
    for zh, en, name in (
        ("已知床位或托位", "known places", "places"),
        ("需要名额的人数", "people who look for a place", "demand"),
        ("能得到名额的人数", "people who find a place", "placed"),
    ):
        told = pair(None if one is None else getattr(one, name) for one in places)
        yield {"zh": zh, "en": en}, told


def pair(values: Iterator[Any]) -> tuple[Any, Any]:
    """Two values."""
    first, second = values
    return first, second


def excluded(ledger: Ledger) -> int:
    """People who take no part."""
    return sum(ledger.excluded.values())


def stations_sheet(found: Comparison) -> Sheet:
    """Every station of both and what became of it."""
    columns: list[Column] = [
        ("服务圈", "circle", 22),
        ("编号", "id", 16),
        ("名称", "name", 24),
        ("变化", "change", 18),
        ("床位或托位", "capacity", 12),
    ]
    rows: list[Row] = [
        (
            both(circle_words(circle)),
            id,
            station["name"],
            both(STATE_WORDS[station["state"]]),
            None if pd.isna(station["capacity"]) else int(station["capacity"]),
        )
        for circle in found.circles
        for id, station in circle.stations.iterrows()
    ]
    return "设施 Stations", columns, rows


def notes_sheet(found: Comparison) -> Sheet:
    """How to read it, and what both take for granted."""
    columns = (("中文", "Chinese", 70), ("英文", "English", 70))
    return "说明 Notes", columns, [list(note) for note in notes(found)]


def notes(found: Comparison) -> Iterator[tuple[str, str]]:
    """What is compared, how it is counted, what either takes for granted."""
    first, second = found.names
    yield f"比较：{first} → {second}", f"compared: {first} → {second}"
    yield HOW
    if not found.same_people:
        yield OTHER_PEOPLE
    where = {"both": ("", ""), "before": (f"{first}：",) * 2, "after": (f"{second}：",) * 2}
    for place, sentence in found.assumptions:
        yield where[place][0] + sentence.zh, where[place][1] + sentence.en


def layers(found: Comparison) -> Iterator[tuple[str, tuple[GeoDataFrame, str]]]:
    """For each circle its quarters, and its stations where there are any."""
    for circle in found.circles:
        shapes = found.shapes.loc[circle.quarters.index]
        quarters = circle.quarters
        columns = {
            "block_id": [plain_text(id) for id in quarters.index],
            "name": [plain_text(name) for name in shapes["name"]],
            **{name: quarters[name].to_numpy() for name in quarters},
        }
        layer = GeoDataFrame(columns, geometry=shapes.geometry.to_numpy(), crs=shapes.crs)
        yield f"gains_{circle.after.id}", (layer.to_crs(found.output_crs), "Unknown")
        stations = circle.stations
        if len(stations):
            points = GeoDataFrame(
                {
                    "facility_id": [plain_text(id) for id in stations.index],
                    "name": [plain_text(name) for name in stations["name"]],
                    "state": stations["state"].to_list(),
                },
                geometry=stations.geometry.to_numpy(),
                crs=found.shapes.crs,
            )
            yield f"stations_{circle.after.id}", (points.to_crs(found.output_crs), "Point")


# --- figures and lines


def compare_data(found: Comparison) -> dict[str, Any]:
    """The comparison ready for JSON."""
    return {
        "first": found.names[0],
        "second": found.names[1],
        "same_people": found.same_people,
        "circles": [
            {
                "id": circle.after.id,
                "name": circle_words(circle),
                **circle.total,
                "percent": list(pair(c.people.percent for c in circle.coverages)),
                "stations": list(circle.counts),
                "placed": [None if one is None else one.placed for one in circle.places],
                "by_unit": [
                    {key: plain(value) for key, value in row.items()}
                    for row in circle.rows.to_dict("records")
                    if row["level"] not in (STUDY, QUARTER)
                ],
            }
            for circle in found.circles
        ],
    }


def plain(value: Any) -> Any:
    """A number of pandas as one of Python."""
    return int(value) if isinstance(value, np.integer) else value


def compare_lines(found: Comparison, lang: Language) -> Iterator[str]:
    """Who gains and loses, circle by circle."""
    yield f"{found.names[0]} → {found.names[1]}"
    for circle in found.circles:
        total = circle.total
        name = circle_words(circle)[lang]
        was, now = (share(one.people) for one in circle.coverages)
        gained, lost, moved = (total[name] for name in ("gained", "lost", "moved"))
        nearer, farther = total["nearer"], total["farther"]
        stations = f"{circle.counts[0]} → {circle.counts[1]}"
        if lang == "zh":
            yield f"{name}：已覆盖 {was} → {now}"
            yield f"  新覆盖 {gained:,} 人，失去覆盖 {lost:,} 人" + (
                f"，人口变动 {moved:+,} 人" if moved else ""
            )
            yield f"  步行变近 {nearer:,} 人，变远 {farther:,} 人；设施 {stations}"
        else:
            yield f"{name}: covered {was} → {now}"
            yield f"  {gained:,} people gain, {lost:,} lose" + (
                f", {moved:+,} came or went" if moved else ""
            )
            yield f"  {nearer:,} have a shorter walk, {farther:,} a longer one; stations {stations}"
        if all(circle.places):
            placed = " → ".join(f"{one.placed:,}" for one in circle.places if one)
            yield f"  得到名额 {placed} 人" if lang == "zh" else f"  {placed} people find a place"
    if not found.same_people:
        yield OTHER_PEOPLE[0 if lang == "zh" else 1]


def share(ledger: Ledger) -> str:
    """Who is covered, with the share where there is anybody."""
    percent = "" if ledger.percent is None else f" ({ledger.percent} %)"
    return f"{ledger.covered:,}{percent}"
