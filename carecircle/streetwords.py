"""What a run takes for granted about own roads and edits, printed wherever its figures are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from carecircle.coverage.result import Sentence

OWN_STREETS = ("roads", "tables")  # streets that do not come from OpenStreetMap


def own_streets(facts: Mapping[str, Any]) -> Iterator[Sentence]:
    """How the study's own streets were joined, and what they left open."""
    if facts.get("street_source") == "roads":
        snap, joins = f"{facts['snap_ends_m']:g}", facts.get("joins", 0)
        crossings = facts["crossings"]
        yield Sentence(
            "own-roads",
            f"路网由自有道路线生成：同一层级的道路相交即相通（在 {crossings} 处交叉点打断），"
            f"不同层级的桥梁、隧道只在端点相通；{snap} 米以内的线端缺口 {joins} 处已连接。",
            "The streets are the study's own lines: those of one level meet wherever they cross "
            f"(cut at {crossings} places), bridges and tunnels only at their ends; {joins} gaps of "
            f"up to {snap} m at the ends of lines were closed.",
        )
    if facts.get("street_source") == "tables":
        yield Sentence(
            "own-tables",
            "路网取自自有的节点表和边表，道路长度以表中所列为准。",
            "The streets are the study's own tables of nodes and edges, with the lengths they "
            "state.",
        )
    unknown = facts.get("ways_without_kind", 0)
    if unknown:
        yield Sentence(
            "own-roads-kinds",
            f"有 {unknown} 条道路未注明类型，按可步行的道路计。",
            f"{unknown} roads tell no kind: they are taken as streets that can be walked.",
        )


NAMES = {
    "barrier": {"zh": "阻隔", "en": "barriers"},
    "closure": {"zh": "封闭道路", "en": "closures"},
    "link": {"zh": "新增通道", "en": "new ways"},
}


def edits(facts: Mapping[str, Any]) -> Iterator[Sentence]:
    """What each layer of edits did to the streets."""
    for number, edit in enumerate(facts.get("street_edits", ()), 1):
        zh, en = zip(*done(edit), strict=True)
        name, rows = NAMES[edit["kind"]], edit["rows"] - edit["without_effect"]
        levels_zh = "，含桥梁和隧道" if edit["all_levels"] else ""
        levels_en = ", bridges and tunnels too" if edit["all_levels"] else ""
        yield Sentence(
            f"street-edit-{number}",
            f"路网已按 {edit['file']} 修改（{name['zh']} {rows} 项{levels_zh}，"
            f"容差 {edit['snap_m']:g} 米）：{'，'.join(zh)}。所有结果均以修改后的路网计算。",
            f"The streets were changed by {edit['file']} ({name['en']}: {rows} rows{levels_en}, "
            f"tolerance {edit['snap_m']:g} m): {', '.join(en)}. Everything is measured on the "
            "changed streets.",
        )


def done(edit: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What one layer did, in Chinese and English."""
    if "cuts" in edit:
        yield f"截断 {edit['cuts']} 处", f"{edit['cuts']} cuts"
    if "closed_m" in edit:
        yield f"封闭 {edit['closed_m']:g} 米", f"{edit['closed_m']:g} m closed"
    if "added_m" in edit:
        ends, loose = edit["joined_ends"], edit["dead_ends"]
        yield f"新增 {edit['added_m']:g} 米", f"{edit['added_m']:g} m added"
        yield f"{ends} 端接入路网", f"{ends} ends joined"
        if loose:
            yield f"{loose} 端为断头", f"{loose} dead ends"
