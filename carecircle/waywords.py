"""New gates and footpaths in words: their table, their layers, and lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from carecircle.layers.problems import Language
from carecircle.maps.text import plain_text
from carecircle.maps.workbook import Column, Row, Sheet
from carecircle.siteinputs import SERVICES
from carecircle.siteways import MeasuredPlan, SiteWays

WORDS = {
    "gate": {"zh": "新出入口", "en": "new gate"},
    "loose_end": {"zh": "接通断头路", "en": "footpath from a dead end"},
    "short_cut": {"zh": "步行捷径", "en": "short cut on foot"},
}
TEXTS = ("kind", "quarter", "street")
COLUMNS: tuple[Column, ...] = (
    ("服务圈", "circle", 14),
    ("编号", "id", 8),
    ("类型", "what", 30),
    ("小区", "quarter", 20),
    ("道路", "street", 30),
    ("长度（米）", "length (m)", 12),
    ("单独建成新增人数", "people alone", 16),
    ("方案选中", "chosen", 10),
    ("方案中少了它减少的人数", "people together", 20),
)


def ways_sheet(found: Sequence[SiteWays]) -> Sheet:
    """One row for each candidate for a way, those of most people alone first."""
    rows: list[Row] = [
        (
            " / ".join(SERVICES[ways.circle.service].values()),
            str(id),
            " / ".join(WORDS[row["kind"]].values()),
            row["quarter"],
            row["street"],
            row["length_m"],
            row["people_alone"],
            "是 / yes" if row["chosen"] else "",
            None if pd.isna(row["people_together"]) else int(row["people_together"]),
        )
        for ways in found
        for id, row in ways.ways.iterrows()
    ]
    return "新增通道 Ways", list(COLUMNS), rows


def ways_layer(found: Sequence[SiteWays]) -> GeoDataFrame:
    """The candidates for ways as points where they begin, with the circle of each."""
    parts = [
        GeoDataFrame(
            {
                "circle": np.full(len(ways.ways), ways.circle.id, object),
                "way_id": ways.ways.index.to_numpy(),
                **{name: [plain_text(value) for value in ways.ways[name]] for name in TEXTS},
                "length_m": ways.ways["length_m"].to_numpy(),
                "people_alone": ways.ways["people_alone"].to_numpy(),
                "chosen": ways.ways["chosen"].to_numpy(),
                "people_together": ways.ways["people_together"].array,
                "line": ways.ways["line"].to_numpy(),
            },
            geometry=ways.ways.geometry.to_numpy(),
            crs=ways.ways.crs,
        )
        for ways in found
    ]
    return GeoDataFrame(pd.concat(parts, ignore_index=True), crs=parts[0].crs)


def way_layers(found: Sequence[SiteWays], crs: str) -> dict[str, tuple[GeoDataFrame, str]]:
    """The layers for files, in the CRS asked for: where ways begin, and those with a length."""
    places = ways_layer(found)
    lines = places["line"].to_numpy()
    drawn = np.flatnonzero(shapely.length(lines) > 0)
    places = places.drop(columns="line")
    ways = GeoDataFrame(
        places.drop(columns="geometry").iloc[drawn].reset_index(drop=True),
        geometry=lines[drawn],
        crs=places.crs,
    )
    return {
        "ways": (places.to_crs(crs), "Point"),
        "way_lines": (ways.to_crs(crs), "LineString"),
    }


def plan_lines(ways: SiteWays, lang: Language) -> Iterator[str]:
    """The three plans, then the ways of the last."""
    name = SERVICES[ways.circle.service][lang]
    plans = (ways.stations_alone, ways.ways_alone, ways.together)
    if lang == "zh":
        labels = ("只建服务设施", "只建通道", "两者同建")
        yield f"{name}服务圈，现状未覆盖 {ways.people:,} 人"
    else:
        labels = ("stations alone", "ways alone", "both together")
        yield f"{name} circle, {ways.people:,} people outside today"
    for label, plan in zip(labels, plans, strict=True):
        yield f"  {label}: {plan_line(plan, lang)}"
    for id, row in ways.chosen_ways.iterrows():
        where = ", ".join(part for part in (row["quarter"], row["street"]) if part)
        what, alone, both = WORDS[row["kind"]][lang], row["people_alone"], row["people_together"]
        if lang == "zh":
            yield f"  {id} {what}，{where}：单独 {alone:,} 人，方案中 {both:,} 人"
        else:
            yield f"  {id} {what}, {where}: {alone:,} people alone, {both:,} together"


def plan_line(plan: MeasuredPlan, lang: Language) -> str:
    """What one plan builds and brings, with its bound; both counts where they differ."""
    sites, ways, people, bound = len(plan.sites), len(plan.ways), plan.people, plan.bound_people
    differs = plan.people != plan.people_of_model
    if lang == "zh":
        model = f"，模型计 {plan.people_of_model:,} 人" if differs else ""
        return f"设施 {sites} 处、通道 {ways} 处，新增 {people:,} 人（模型上界 {bound:,}{model}）"
    model = f", counted {plan.people_of_model:,} in the model" if differs else ""
    return f"{sites} stations, {ways} ways, {people:,} people (bound of the model {bound:,}{model})"
