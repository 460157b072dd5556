"""What do the words of a road layer say about walking?

A row of road lines, of a table of edges or of new ways becomes the OpenStreetMap tags that say
the same, and `walk_profile` decides about these: there is one walk filter. Words are compared
whole, in any case, after NFKC; a word that is not listed is refused rather than guessed, and the
study file can say what it means (``kinds = { "0103" = "人行道" }``). ``docs/streets.md`` has the
table.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carecircle.layers.fields import FLAGS, cells_of, words_of
from carecircle.layers.network import EDGE_KINDS
from carecircle.layers.numbers import NotANumber, is_missing, read_number
from carecircle.layers.reading import Reading, as_text, normal, texts_of
from carecircle.layers.walk_profile import KIND_OF_HIGHWAY, NEEDS_PERMISSION, walk_way

Tags = Mapping[str, str]

WORDS_OF_TAGS: tuple[tuple[tuple[str, ...], Tags], ...] = (
    (
        ("人行道", "步行道", "步道", "人行步道", "人行路", "慢行道", "慢行步道", "健身步道", "绿道",
         "sidewalk", "pavement", "walkway", "greenway"),
        {"highway": "footway"},
    ),
    (("步行街", "广场", "pedestrian street", "square"), {"highway": "pedestrian"}),
    (
        ("人行横道", "斑马线", "过街横道", "crossing", "crosswalk", "zebra crossing"),
        {"highway": "footway", "footway": "crossing"},
    ),
    (
        ("台阶", "梯道", "踏步", "楼梯", "阶梯", "梯坎", "石阶", "stairs", "stairway", "stair"),
        {"highway": "steps"},
    ),
    (
        ("天桥", "人行天桥", "过街天桥", "人行桥", "步行桥", "空中连廊", "footbridge",
         "skywalk"),
        {"highway": "footway", "bridge": "yes"},
    ),
    (
        ("地下通道", "人行地道", "过街地道", "地下过街通道", "人行隧道",
         "pedestrian tunnel"),
        {"highway": "footway", "tunnel": "yes"},
    ),
    (("电梯", "升降梯", "垂直电梯", "lift"), {"highway": "elevator"}),
    (("高速公路", "高速", "城市高速", "freeway"), {"highway": "motorway"}),
    (("匝道", "高速匝道", "互通匝道", "ramp"), {"highway": "motorway_link"}),
    (
        ("快速路", "城市快速路", "高架", "高架路", "高架快速路", "expressway"),
        {"highway": "trunk", "motorroad": "yes"},
    ),
    (("国道",), {"highway": "trunk"}),
    (("主干路", "主干道", "城市主干路", "省道", "arterial"), {"highway": "primary"}),
    (("次干路", "次干道", "城市次干路", "县道", "collector"), {"highway": "secondary"}),
    (("支路", "城市支路", "乡道"), {"highway": "tertiary"}),
    (
        ("街坊路", "街巷", "巷道", "背街小巷", "里弄", "胡同", "弄堂", "巷", "local", "local road",
         "lane", "street"),
        {"highway": "residential"},
    ),
    (
        ("小区道路", "小区路", "小区内部道路", "居住区道路", "内部道路", "内部路", "单位内部道路",
         "宅间路", "alley", "driveway"),
        {"highway": "service"},
    ),
    (("村道", "村路", "其他道路", "其他"), {"highway": "unclassified"}),
    (("小路", "土路", "机耕道", "机耕路", "田间路", "登山道"), {"highway": "path"}),
    (("自行车道", "非机动车道", "cycle track", "bike lane"), {"highway": "cycleway"}),
    (
        ("在建", "在建道路", "规划", "规划道路", "under construction", "planned", "proposed",
         "construction", "铁路", "轨道", "轨道交通", "railway", "no"),
        {"highway": "no"},
    ),
)  # fmt: skip
TAGS_OF_WORD: dict[str, Tags] = {
    **{highway: {"highway": highway} for highway in (*KIND_OF_HIGHWAY, *NEEDS_PERMISSION)},
    **{word: tags for words, tags in WORDS_OF_TAGS for word in words},
}
# The first word of each line above, for messages.
EXAMPLES = ", ".join(words[0] for words, _ in WORDS_OF_TAGS)
NO_KIND = {"highway": "road"}
# Flags as other programs write them too, besides yes and no.
STRUCTURES = {**FLAGS, "t": True, "f": False, "viaduct": True, "covered": True, "桥": True,
              "高架": True, "隧道": True}  # fmt: skip
FIRST_OF_LIST = re.compile(r"\[\s*'([^']*)'.*\]")  # as osmnx writes ways it has merged
HIGHEST_LEVEL = 20


@dataclass(frozen=True, eq=False)
class Ways:
    """How each row of a layer is walked.

    Attributes
    ----------
    walked : (n,) bool
    kind : (n,) uint8
        Position in `EDGE_KINDS`.
    attachable : (n,) bool
    road_class : (n,) uint8
        Position in `walk_profile.ROAD_CLASSES`.
    level : (n,) int64
        0 on the ground; bridges 1 and tunnels -1 where no level is told.
    name : (n,) text
    facts : mapping
        ``ways_left_out`` by word, ``private_ways_kept``, ``ways_without_kind``.
    """

    walked: NDArray[np.bool_]
    kind: NDArray[np.uint8]
    attachable: NDArray[np.bool_]
    road_class: NDArray[np.uint8]
    level: NDArray[np.int64]
    name: NDArray[np.object_]
    facts: Mapping[str, Any]


def ways_of(reading: Reading, kinds: Mapping[str, str]) -> Ways:
    """How the rows are walked, by their columns ``kind``, ``bridge``, ``tunnel``, ``foot`` ...

    Notes what cannot be read: E-NET-020 an unknown word, E-NET-021 a level.
    """
    words = words_of_kind(reading, own_words(reading, kinds))
    tags = tags_of(reading, words)
    found = [walk_way(one) for one in tags]
    left_out = Counter(
        word[0] if word else "" for word, way in zip(words, found, strict=True) if way is None
    )
    return Ways(
        walked=np.array([way is not None for way in found], bool),
        kind=np.array([EDGE_KINDS.index(way.kind) if way else 0 for way in found], np.uint8),
        attachable=np.array([bool(way and way.attachable) for way in found], bool),
        road_class=np.array([way.road_class if way else 0 for way in found], np.uint8),
        level=levels_of(reading, tags),
        name=np.array(texts_of(reading, "name"), object),
        facts={
            "ways_left_out": dict(sorted(left_out.items())),
            "private_ways_kept": sum(bool(way and way.private) for way in found),
            "ways_without_kind": sum(word is None for word in words),
        },
    )


def tags_of(reading: Reading, words: Sequence[tuple[str, Tags] | None]) -> list[dict[str, str]]:
    """The tags of each row: those of its word, overruled by the columns that say more."""
    tags = [dict(NO_KIND if word is None else word[1]) for word in words]
    passage = {"building_passage": "building_passage"}
    columns = {
        "bridge": words_of(reading, "bridge", STRUCTURES),
        "tunnel": words_of(reading, "tunnel", STRUCTURES | passage),
        "access": words_of(reading, "private", {**FLAGS, "private": True}),
        "foot": words_of(reading, "foot", {**FLAGS, "designated": True, "permissive": True}),
    }
    said = {"access": {True: "private", False: "yes"}}
    for tag, cells in columns.items():
        yes_no = said.get(tag, {True: "yes", False: "no"})
        for one, told in zip(tags, cells, strict=True):
            if told is not None:
                one[tag] = yes_no.get(told, told)
    return tags


def own_words(reading: Reading, kinds: Mapping[str, str]) -> dict[str, Tags]:
    """Every word understood here, the study's own among them."""
    known = dict(TAGS_OF_WORD)
    for word, meaning in kinds.items():
        if comparable(meaning) not in TAGS_OF_WORD:
            reading.fault("E-NET-020", column="kinds", value=meaning, known=EXAMPLES)
            continue
        known[comparable(word)] = TAGS_OF_WORD[comparable(meaning)]
    return known


def words_of_kind(reading: Reading, known: Mapping[str, Tags]) -> list[tuple[str, Tags] | None]:
    """The word of each row and what it means; None where the kind is blank or not told."""
    words: list[tuple[str, Tags] | None] = []
    for at, cell in enumerate(cells_of(reading, "kind")):
        word = "" if is_missing(cell) else comparable(as_text(cell))
        several = FIRST_OF_LIST.fullmatch(word)
        word = several[1] if several else word
        if word and word not in known:
            reading.fault("E-NET-020", at, reading.columns["kind"], cell, known=EXAMPLES)
        words.append((word, known[word]) if word in known else None)
    return words


def comparable(text: str) -> str:
    """A word as it is compared."""
    return normal(text).casefold()


def levels_of(reading: Reading, tags: list[dict[str, str]]) -> NDArray[np.int64]:
    """The level of each row: as told, else 1 for bridges and -1 for tunnels."""
    levels = np.zeros(len(tags), np.int64)
    for at, (cell, one) in enumerate(zip(cells_of(reading, "level"), tags, strict=True)):
        if is_missing(cell):
            levels[at] = int(one.get("bridge", "no") != "no") - int(one.get("tunnel") == "yes")
            continue
        try:
            level = read_number(cell).value
        except NotANumber:
            level = np.nan
        if not (abs(level) <= HIGHEST_LEVEL and level.is_integer()):
            reading.fault("E-NET-021", at, reading.columns["level"], cell, most=HIGHEST_LEVEL)
            continue
        levels[at] = int(level)
    return levels
