"""What did residents say? Hundreds of small files from the public page, as one table and layer.

A file, or a comment in it, that cannot be taken is put aside with its place and reason; the
others are kept. The same comment from several files, or the same words at the same place, is
one. The same files give the same bytes in whatever order they come.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from carecircle.layers.problems import Problem, StudyError
from carecircle.maps.leaks import masked
from carecircle.maps.text import plain_text

KINDS: dict[str, dict[str, str]] = {
    "not_reachable": {"zh": "走不到", "en": "cannot walk there"},
    "station_wanted": {"zh": "希望设站", "en": "a station is wanted"},
    "path_missing": {"zh": "缺少通道", "en": "a path is missing"},
    "crossing": {"zh": "过街危险", "en": "a dangerous crossing"},
    "other": {"zh": "其他", "en": "something else"},
}
VERSION = 1
MOST_BYTES, MOST_COMMENTS, MOST_SIGNS = 1_000_000, 1_000, 500
KEYS = {"id", "lon", "lat", "kind", "text"}
PLACES = 5  # decimals of a degree: about a metre

REASONS: dict[str, dict[str, str]] = {
    "unreadable": {"zh": "不是 JSON 文件", "en": "is no JSON"},
    "too_large": {"zh": "文件过大", "en": "is too large a file"},
    "foreign": {"zh": "不是本工具的意见文件", "en": "is no file of comments of this tool"},
    "version": {"zh": "版本不同", "en": "is of another version"},
    "other_study": {"zh": "属于另一研究", "en": "is of another study"},
    "too_many": {"zh": "意见过多", "en": "holds too many comments"},
    "keys": {"zh": "字段不符", "en": "has other fields"},
    "place": {"zh": "位置无效", "en": "has no valid place"},
    "kind": {"zh": "类别未知", "en": "is of an unknown kind"},
    "text": {"zh": "没有文字或文字过长", "en": "has no text, or too long a one"},
    "id": {"zh": "编号无效", "en": "has no valid id"},
}


@dataclass(frozen=True, order=True)
class Comment:
    """Something that was said of a place; longitude and latitude in degrees (WGS 84)."""

    lat: float
    lon: float
    kind: str
    text: str
    id: str
    times: int = 1
    was_masked: bool = False


@dataclass(frozen=True, order=True)
class PutAside:
    """A file or one of its comments that was not taken; ``number`` counts from 1, 0: the file."""

    file: str
    number: int
    reason: str


@dataclass(frozen=True)
class Gathered:
    """All comments of a study, sorted by place, and what was put aside."""

    study: str
    comments: tuple[Comment, ...]
    aside: tuple[PutAside, ...]
    files: int
    repeated: int


class Refused(Exception):
    """Why a file or a comment is put aside; the key of `REASONS`."""


def gather(paths: Iterable[Path]) -> Gathered:
    """Read, check, clean and merge files of comments.

    Raises
    ------
    StudyError
        E-COM-001 where no file holds a comment that can be taken.
    """
    read: dict[Path, Mapping[str, Any]] = {}
    aside: list[PutAside] = []
    looked_at = sorted(set(paths))
    files = len(looked_at)
    for path in looked_at:
        try:
            read[path] = file_of(path)
        except Refused as fault:
            aside.append(PutAside(path.name, 0, str(fault)))
    studies = Counter(study_of(content) for content in read.values())
    most = min(studies, key=lambda study: (-studies[study], study), default=("", ""))
    taken: list[Comment] = []
    for path, content in read.items():
        if study_of(content) != most:
            aside.append(PutAside(path.name, 0, "other_study"))
            continue
        for number, one in enumerate(content["comments"], 1):
            try:
                taken.append(comment_of(one))
            except Refused as fault:
                aside.append(PutAside(path.name, number, str(fault)))
    if not taken:
        raise StudyError(Problem("E-COM-001", details={"files": files}))
    merged = merge(taken)
    repeated = len(taken) - len(merged)
    return Gathered(most[0], merged, tuple(sorted(aside)), files, repeated)


def study_of(content: Mapping[str, Any]) -> tuple[str, str]:
    """The study that a file belongs to: its name, and the data of its page."""
    return content["study"]["name"], content["study"]["data"]


def file_of(path: Path) -> Mapping[str, Any]:
    """The content of a file of comments; `Refused` where it is none."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Refused("too_large")
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise Refused("unreadable") from error
    if not isinstance(content, dict) or content.get("kind") != "comments":
        raise Refused("foreign")
    study, comments = content.get("study"), content.get("comments")
    named = isinstance(study, dict) and all(isinstance(study.get(k), str) for k in ("name", "data"))
    if content.get("program") != "carecircle" or not named or not isinstance(comments, list):
        raise Refused("foreign")
    if content.get("version") != VERSION:
        raise Refused("version")
    if len(comments) > MOST_COMMENTS:
        raise Refused("too_many")
    return content


def comment_of(told: Any) -> Comment:
    """A comment, checked and cleaned; `Refused` where it is none."""
    if not isinstance(told, dict) or set(told) != KEYS:
        raise Refused("keys")
    if not isinstance(told["kind"], str) or told["kind"] not in KINDS:
        raise Refused("kind")
    if not isinstance(told["id"], str) or not 1 <= len(told["id"]) <= 64:
        raise Refused("id")
    if not isinstance(told["text"], str) or len(told["text"]) > MOST_SIGNS:
        raise Refused("text")
    text = " ".join(plain_text(told["text"]).split())
    if not text:
        raise Refused("text")
    clean = masked(text)
    lat, lon = degrees(told["lat"], 90), degrees(told["lon"], 180)
    return Comment(lat, lon, told["kind"], clean, plain_text(told["id"]), 1, clean != text)


def degrees(value: Any, most: float) -> float:
    """An angle of a place; `Refused` where it is none."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or abs(value) > most:
        raise Refused("place")
    return round(float(value), PLACES)


def merge(taken: Iterable[Comment]) -> tuple[Comment, ...]:
    """One of each id, then one of the same words at the same place, with how often; sorted."""
    by_id: dict[str, Comment] = {}
    for one in sorted(taken):
        by_id.setdefault(one.id, one)
    times = Counter((one.lat, one.lon, one.kind, one.text) for one in by_id.values())
    first: dict[tuple[Any, ...], Comment] = {}
    for one in sorted(by_id.values()):
        first.setdefault((one.lat, one.lon, one.kind, one.text), one)
    return tuple(sorted(replace(one, times=times[key]) for key, one in first.items()))
