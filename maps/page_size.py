"""Is a page small enough to be passed on, and what takes the room if not?

Two megabytes open at once on a phone; beyond five many mail servers and chats refuse a file.
"""

from __future__ import annotations

import json
from typing import Any

from carecircle.layers.problems import Language
from carecircle.maps.encoding import json_text
from carecircle.maps.page import DATA_BLOCK

NOTE_BYTES, WARNING_BYTES = 2 * 1024**2, 5 * 1024**2

PARTS: dict[str, dict[Language, str]] = {
    "walk": {
        "zh": "可在页面中行走的街道与住户点",
        "en": "streets and doors that the page walks on",
    },
    "streets": {"zh": "街道", "en": "streets"},
    "quarters": {"zh": "小区轮廓", "en": "outlines of the quarters"},
    "reach": {"zh": "可达范围", "en": "ground reached"},
    "neighbourhoods": {"zh": "薄弱片区", "en": "under-served neighbourhoods"},
    "candidates": {"zh": "备选站址", "en": "candidate sites"},
    "summary": {"zh": "数字与文字", "en": "figures and texts"},
}
ADVICE: dict[str, dict[Language, str]] = {
    "walk": {"zh": "缩小研究范围或路网", "en": "study a smaller area or fewer streets"},
    "streets": {"zh": "缩小研究范围或路网", "en": "study a smaller area or fewer streets"},
    "quarters": {"zh": "简化小区轮廓或改用网格", "en": "simplify the outlines of the quarters"},
    "reach": {"zh": "减少 [access] 的时限", "en": "name fewer minutes under [access]"},
    "neighbourhoods": {"zh": "简化小区轮廓", "en": "simplify the outlines of the quarters"},
    "candidates": {"zh": "加大备选点间距", "en": "set candidates farther apart"},
    "summary": {"zh": "减少统计单元或规划", "en": "name fewer units or plans"},
}
SAID: dict[str, dict[Language, str]] = {
    "note": {
        "zh": "map.html 有 {megabytes:.1f} MB，在手机上打开较慢；占用最多的是{parts}。",
        "en": "map.html has {megabytes:.1f} MB and opens slowly on a phone; most of it are "
        "{parts}.",
    },
    "warning": {
        "zh": "警告：map.html 有 {megabytes:.1f} MB，难以传送和打开。"
        "占用最多的是{parts}；可{advice}。",
        "en": "warning: map.html has {megabytes:.1f} MB, too much to send or to open on a phone. "
        "Most of it are {parts}: {advice}.",
    },
}


def size_words(html: str, lang: Language) -> str | None:
    """What is to be said of a page's size; None where it is small enough."""
    size = len(html.encode("utf-8", "backslashreplace"))
    if size <= NOTE_BYTES:
        return None
    parts = largest_parts(html)
    return SAID["note" if size <= WARNING_BYTES else "warning"][lang].format(
        megabytes=size / 1024**2,
        parts=("、" if lang == "zh" else ", ").join(PARTS[part][lang] for part in parts),
        advice=("；" if lang == "zh" else "; ").join(
            dict.fromkeys(ADVICE[part][lang] for part in parts)
        ),
    )


def largest_parts(html: str) -> list[str]:
    """The two parts of the embedded data that take most room."""
    found = DATA_BLOCK.search(html)
    data = json.loads(found[2]) if found else {"map": {"circles": []}, "summary": {}}
    sizes = {part: room(data["map"].get(part)) for part in ("walk", "streets", "quarters")}
    for part in ("reach", "neighbourhoods", "candidates"):
        sizes[part] = sum(room(circle.get(part)) for circle in data["map"]["circles"])
    sizes["summary"] = room(data["summary"])
    return sorted(sizes, key=lambda part: -sizes[part])[:2]


def room(value: Any) -> int:
    """Bytes of a value in the page, about."""
    return 0 if value is None else len(json_text(value))
