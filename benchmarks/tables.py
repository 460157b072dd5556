"""The tables of speeds in the documents, made from the records in `benchmarks/results`.

No figure of the tables is copied by hand: a test compares the documents with them.

    python benchmarks/tables.py
    python benchmarks/tables.py zh
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
RECORDS = ("reach_made_up_1m", "reach_made_up_100k", "reach_real")
OURS = "carecircle"
NO_LIMIT = ("igraph", "rustworkx", "networkit")  # search everything, whatever the limit

Words = dict[str, Any]
EN: Words = {
    "made-up streets": "made-up",
    "las_palmas_osm_20230221.osm.pbf": "Las Palmas",
    "porto_portugal.osm.pbf": "Porto",
    "wuhan_streets_osm_original.parquet": "Wuhan",
    "scipy dijkstra": "scipy `dijkstra`",
    "osmnx recipe, ego_graph": "osmnx recipe, `ego_graph`",
    "networkx, cutoff": "networkx with `cutoff`",
    "pandana": "pandana",
    "networkit": "networkit from a hub",
    "heading": "{name}, {nodes:,} nodes",
    "no_limit": "igraph, rustworkx, networkit (no limit)",
    "not_built": "not built",
    "not_tried": "-",
    "times": "{} ×",
    "at_least": "> {} ×",
    "everything within the limit of each facility": "everything within 1,200 m of each",
    "nearest facility of every node, within the limit": "nearest of every node within 1,200 m",
    "nearest facility of every node, at any distance": "nearest of every node, no limit",
}
ZH: Words = EN | {
    "made-up streets": "虚构路网",
    "las_palmas_osm_20230221.osm.pbf": "拉斯帕尔马斯",
    "porto_portugal.osm.pbf": "波尔图",
    "wuhan_streets_osm_original.parquet": "武汉",
    "osmnx recipe, ego_graph": "osmnx 常用写法 `ego_graph`",
    "networkx, cutoff": "networkx `cutoff`",
    "networkit": "networkit（自虚拟中心）",
    "heading": "{name}，{nodes:,} 个节点",
    "no_limit": "igraph、rustworkx、networkit（不限时）",
    "not_built": "限时内未建成",
    "times": "{} 倍",
    "at_least": "> {} 倍",
    "everything within the limit of each facility": "每个设施 1,200 米内的全部节点",
    "nearest facility of every node, within the limit": "各节点 1,200 米内最近设施",
    "nearest facility of every node, at any distance": "各节点最近设施，不限距离",
}
PEERS = {
    "everything within the limit of each facility": (
        "scipy dijkstra",
        "networkx, cutoff",
        "pandana",
        "cityseer",
        "osmnx recipe, ego_graph",
        "no_limit",
    ),
    "nearest facility of every node, within the limit": ("scipy dijkstra", "networkit"),
    "nearest facility of every node, at any distance": ("scipy dijkstra", "networkit"),
}


def main() -> None:
    print(speed_table(ZH if sys.argv[1:] == ["zh"] else EN))
    print(edits_table())


def speed_table(words: Words, networks: int | None = None) -> str:
    """The table in Markdown; of the first networks only, if so many are asked for."""
    runs = [run for record in RECORDS for run in _record(record)["runs"]][:networks]
    headings = [
        words["heading"].format(name=words[run["network"]], nodes=round(run["nodes"], -3))
        for run in runs
    ]
    lines = [f"| | {' | '.join(headings)} |", f"|---|{'---:|' * len(runs)}"]
    for question, peers in PEERS.items():
        own = [f"**{_engine(run, question, OURS)['cpu_s']:.3f} s**" for run in runs]
        lines.append(f"| **{words[question]}** | {' | '.join(own)} |")
        for peer in peers:
            cells = [_cell(run, question, peer, words) for run in runs]
            lines.append(f"| {words.get(peer, peer)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def edits_table() -> str:
    """What an edit of an answer that changes takes, beside a whole run."""
    run, big = (_record(f"live_{name}") for name in ("porto", "made_up_1m"))
    where = (
        f"Porto ({run['nodes']:,} nodes, {run['homes']:,} homes, {run['facilities']} facilities)"
    )
    lines = [f"| edit, {where} | update, ms | whole run, ms | ratio | ratio at a million nodes |"]
    lines += ["|---|---:|---:|---:|---:|"]
    for edit, other in zip(run["edits"], big["edits"], strict=True):
        times = f"{edit['update_ms']:.1f} | {edit['whole_ms']:.0f} | {edit['ratio']:.0f}"
        lines.append(f"| {edit['edit']} | {times} | {other['ratio']:.0f} |")
    return "\n".join(lines)


def _cell(run: dict[str, Any], question: str, peer: str, words: Words) -> str:
    """How many times as long a peer takes, or why that is not known."""
    if peer == "no_limit":
        least = min(_engine(run, question, one)["times_ours"] for one in NO_LIMIT)
        return str(words["at_least"].format(f"{least // 100 * 100:,.0f}"))
    engine = _engine(run, question, peer)
    if engine is None:
        built = "not finished" not in run["left_out"].get(peer, "")
        return str(words["not_tried" if built else "not_built"])
    times = engine["times_ours"]
    return str(words["times"].format(f"{times:,.0f}" if times >= 10 else f"{times:.1f}"))


def _engine(run: dict[str, Any], question: str, name: str) -> Any:
    """What one engine took for one question; None where it was left out."""
    (asked,) = (one for one in run["questions"] if one["question"] == question)
    return next((one for one in asked["engines"] if one["engine"] == name), None)


def _record(name: str) -> Any:
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
