"""Comments of residents as tables, a layer and lines for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import geopandas as gpd

from carecircle.comments import KINDS, REASONS, Gathered
from carecircle.layers.problems import Language
from carecircle.maps.handout import Handout
from carecircle.maps.text import both
from carecircle.maps.workbook import Row, Sheet

NAME = "comments"


def comments_handout(found: Gathered, day: str) -> Handout:
    """The files that are written."""
    return Handout(
        name=NAME,
        day=day,
        sheets=[comments_sheet(found), kinds_sheet(found), aside_sheet(found)],
        layers={NAME: (comments_layer(found), "Point")},
        facts={"study": {"name": found.study}, "comments": comments_data(found)},
    )


def comments_sheet(found: Gathered) -> Sheet:
    """A row for each comment."""
    columns = (
        ("序号", "number", 8),
        ("类别", "kind", 26),
        ("意见", "comment", 80),
        ("次数", "times", 8),
        ("经度", "longitude", 12),
        ("纬度", "latitude", 12),
        ("已遮盖号码", "number masked", 12),
        ("编号", "id", 20),
    )
    rows: list[Row] = [
        (
            at,
            both(KINDS[one.kind]),
            one.text,
            one.times,
            one.lon,
            one.lat,
            mark(one.was_masked),
            one.id,
        )
        for at, one in enumerate(found.comments, 1)
    ]
    return "意见 Comments", columns, rows


def mark(flag: bool) -> str:
    """A flag in both languages; empty where it does not hold."""
    return "是 yes" if flag else ""


def kinds_sheet(found: Gathered) -> Sheet:
    """How many comments of each kind."""
    count = Counter(one.kind for one in found.comments)
    times: Counter[str] = Counter()
    for one in found.comments:
        times[one.kind] += one.times
    columns = (("类别", "kind", 26), ("条数", "comments", 12), ("次数", "times said", 12))
    rows: list[Row] = [(both(words), count[kind], times[kind]) for kind, words in KINDS.items()]
    return "类别 Kinds", columns, rows


def aside_sheet(found: Gathered) -> Sheet:
    """What was not taken, and why."""
    columns = (("文件", "file", 40), ("第几条", "comment", 10), ("原因", "reason", 60))
    rows: list[Row] = [
        (one.file, one.number or "", both(REASONS[one.reason])) for one in found.aside
    ]
    return "未采用 Put aside", columns, rows


def comments_layer(found: Gathered) -> gpd.GeoDataFrame:
    """The comments as points, EPSG:4326."""
    columns = {
        "number": range(1, len(found.comments) + 1),
        "kind": [one.kind for one in found.comments],
        "text": [one.text for one in found.comments],
        "times": [one.times for one in found.comments],
        "comment_id": [one.id for one in found.comments],
    }
    places = gpd.points_from_xy(
        [one.lon for one in found.comments], [one.lat for one in found.comments]
    )
    return gpd.GeoDataFrame(columns, geometry=places, crs="EPSG:4326")


def comments_data(found: Gathered) -> dict[str, Any]:
    """The counts, for programs."""
    return {
        "study": found.study,
        "files": found.files,
        "comments": len(found.comments),
        "repeated": found.repeated,
        "put_aside": len(found.aside),
        "masked": sum(one.was_masked for one in found.comments),
    }


def comment_lines(found: Gathered, lang: Language) -> Iterator[str]:
    """What the terminal says."""
    told = comments_data(found)
    if lang == "zh":
        yield (
            f"{told['files']} 个文件，{told['comments']} 条意见（合并重复 {told['repeated']} 条，"
            f"未采用 {told['put_aside']} 项，遮盖号码 {told['masked']} 条）"
        )
    else:
        yield (
            f"{told['comments']} comments from {told['files']} files ({told['repeated']} repeated, "
            f"{told['put_aside']} put aside, {told['masked']} with numbers masked)"
        )
    for one in found.aside[:20]:
        place = f"{one.file} #{one.number}" if one.number else one.file
        yield f"  {place}: {REASONS[one.reason][lang]}"
    if len(found.aside) > 20:
        yield "  …"
