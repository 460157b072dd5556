"""What a run takes for granted about heights and roads, printed wherever its figures are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from carecircle.coverage.result import Sentence


def ground(facts: Mapping[str, Any]) -> Iterator[Sentence]:
    """Sentences on the facts of a network that `terrain` and `kerbs` left."""
    if "terrain" in facts:
        yield from heights(facts["terrain"])
    if "kerbs" in facts:
        yield from kerbs(facts["kerbs"])


def heights(terrain: Mapping[str, Any]) -> Iterator[Sentence]:
    """Which elevation model the slopes come from, and what was done to it."""
    files, cell_m = ", ".join(terrain["files"]), f"{min(terrain['cell_m']):g}"
    sigma_m = f"{terrain['smoothing_m']:g}"
    smooth = terrain["smoothing_m"] > 0
    zh = f"经标准差 {sigma_m} 米的高斯平滑" if smooth else "未平滑"
    en = f"smoothed with a Gaussian of {sigma_m} m" if smooth else "not smoothed"
    low, high = terrain["lowest_m"], terrain["highest_m"]
    yield Sentence(
        "terrain",
        f"道路高程取自 {files}（格网约 {cell_m} 米，{zh}），道路最低 {low} 米、最高 {high} 米；"
        "桥梁和隧道按两端高程内插，道路长度为平面长度。",
        f"Heights are those of {files} (cells of about {cell_m} m, {en}): the streets lie between "
        f"{low} and {high} m. Bridges and tunnels are drawn between their ends; lengths are those "
        "on the map.",
    )
    count = terrain["points_without_height"]
    if count:
        yield Sentence(
            "terrain-voids",
            f"有 {count} 个道路点在高程模型中为空值，其高程沿道路推算。",
            f"{count} street points have no height in the elevation model: theirs was taken from "
            "along the streets.",
        )


def kerbs(found: Mapping[str, Any]) -> Iterator[Sentence]:
    """Where walkers wait."""
    if found["known"]:
        yield Sentence(
            "waits",
            "过街等待时间计在路缘：横穿道路计一次，转入道路计半次，沿路步行不计；"
            "有中央分隔的道路每个车行道各计一次。",
            "Waiting is counted at the kerb: once to cross a road, half to turn into it, not to "
            "walk along it; a divided road counts for each of its carriageways.",
        )
    else:
        yield Sentence(
            "waits",
            "路网数据不含道路等级，未计过街等待时间。",
            "The streets come without road classes: no wait to cross is counted.",
        )
