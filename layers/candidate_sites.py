"""Where could a station stand: the study's own list of places, from one or several files.

A row is a point, or a polygon whose door is found later, at the place of its outline that is
nearest to a street. Everything but the place is optional: kind, name, area, rent, cost, places,
and the services allowed there. Money is in yuan, rent for a year, areas in square metres; a header
such as 改造费用（万元） is honoured and recorded, one in 亩 or for each square metre is refused.

Limits: a blank stays unknown; nothing is taken from a usual size or price.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame

from carecircle.layers.crs import Frame
from carecircle.layers.facilities import attribute_of, unit_codes
from carecircle.layers.intake import LayerRead, gathered, table_of
from carecircle.layers.numbers import NotANumber, Number, is_missing, read_count
from carecircle.layers.places import placed
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.quarantine import without_bad_rows
from carecircle.layers.reading import Reading, as_text, ids_of, normal, numbers_of, texts_of
from carecircle.layers.sources import SERVICE_WORDS, SITE_AMOUNTS, SITE_SERVICES, CandidateSource
from carecircle.layers.vocabulary import plain

KINDS: dict[str, tuple[str, ...]] = {
    "vacant_building": (
        "vacant public building", "vacant building", "vacant", "闲置公共建筑", "闲置建筑",
        "闲置公房", "闲置用房", "闲置房屋", "闲置房产", "闲置资产", "闲置校舍", "闲置厂房",
        "闲置", "空置房屋",
    ),
    "party_centre": (
        "party-service centre", "party service centre", "party service center", "党群服务中心",
        "党群服务站", "党群中心", "社区党群服务中心", "便民服务中心", "社区服务中心",
        "社区综合服务中心",
    ),
    "kindergarten": (
        "kindergarten with spare classes", "kindergarten", "幼儿园", "有富余班级的幼儿园",
        "富余幼儿园", "幼儿园富余学位", "公办幼儿园", "民办幼儿园",
    ),
    "plot": ("plot", "land", "地块", "用地", "空地", "储备用地", "规划用地", "闲置地块"),
    "other": ("other", "其他", "其它"),
}  # fmt: skip
KIND_OF = {plain(word): slug for slug, words in KINDS.items() for word in (slug, *words)}
ALL_SERVICES = frozenset(
    map(plain, ("both", "all", "any", "均可", "都可", "皆可", "不限", "全部", "养老托育"))
)
PLACES = ("capacity", "beds", "seats")
BETWEEN_SERVICES = re.compile(r"[/／、,，;；|+＋&]|和|及|与|或| and | or ")


def read_candidates(sources: Sequence[CandidateSource], frame: Frame) -> LayerRead:
    """The candidate places of all files, index ``candidate_id``.

    Points or polygons in the working CRS; ``id_given`` (bool: not merely numbered), ``name``,
    ``kind`` (slug of `KINDS`), ``area_m2``, ``rent``, ``cost`` (Float64), ``capacity``, ``beds``,
    ``seats`` (Int64), ``services`` (tuple), ``file``, ``row``, and the codes of the units that the
    files have. Raises `StudyError` with all faults of all files.
    """
    taken: dict[str, tuple[str, int, str]] = {}
    problems: list[Problem] = []
    parts: list[tuple[Reading, GeoDataFrame]] = []
    for place, source in enumerate(sources, 1):
        with gathered(problems):
            prefix = f"{place}-" if len(sources) > 1 else ""
            read = partial(candidates_of, source=source, frame=frame, taken=taken, prefix=prefix)
            parts.append(without_bad_rows(source, read))
    if problems:
        raise StudyError(problems)
    return LayerRead(
        layer=pd.concat([layer for _, layer in parts]),
        records=tuple(record for reading, _ in parts for record in reading.records),
        files=tuple(reading.file_facts() for reading, _ in parts),
        rejected=tuple(id for reading, _ in parts for id in reading.rejected),
    )


def candidates_of(
    reading: Reading,
    source: CandidateSource,
    frame: Frame,
    taken: dict[str, tuple[str, int, str]],
    prefix: str,
) -> tuple[Reading, GeoDataFrame]:
    """The candidate places of one file."""
    ids = ids_of(reading, taken, prefix)
    columns: dict[str, Any] = {
        "name": texts_of(reading, "name"),
        "id_given": "id" in source.columns,
        "kind": kinds_of(reading),
        **{name: amounts_of(reading, name) for name in SITE_AMOUNTS},
        **{name: attribute_of(reading, name, "count").array for name in PLACES},
        "services": services_of(reading, source),
        "file": reading.raw.file,
        "row": reading.raw.rows,
        **unit_codes(reading),
    }
    shapes = placed(reading, frame, "Point or Polygon")
    reading.refuse_if_any()
    return reading, table_of("candidate_id", ids, shapes, frame, **columns)


def capacity_for(candidates: GeoDataFrame, service: str) -> pd.Series:
    """Places of a service at each candidate: beds or seats where told, else the capacity."""
    own = candidates["seats" if service == "childcare" else "beds"]
    known: pd.Series = own.fillna(candidates["capacity"]).astype("Int64")
    return known


def amounts_of(reading: Reading, name: str) -> Any:
    """A column of areas or of money: Float64, 0 or more, NA where blank or without the column."""
    cells = reading.column(name)
    if cells is None:
        return pd.array([pd.NA] * len(reading.raw.rows), "Float64")
    numbers = numbers_of(reading, name, cells, read_amount, blanks=True)
    return pd.Series(numbers).astype("Float64").array


def read_amount(value: Any, words: Sequence[str] | None = None, times: int = 1) -> Number:
    """A number of 0 or more; counting words and 万 behind it are not understood."""
    try:
        return read_count(value, None, times)
    except NotANumber as fault:
        if fault.id == "E-NUM-003":
            raise NotANumber("E-SITE-020") from fault
        raise NotANumber("E-NUM-002" if fault.id == "E-NUM-006" else fault.id) from fault


def kinds_of(reading: Reading) -> list[str]:
    """The kind of each row; words that are none of ours are ``other``, recorded once each."""
    written = texts_of(reading, "kind")
    kinds = [KIND_OF.get(plain(text), "other") for text in written]
    for text, count in Counter(written).items():
        if not text:
            continue
        known, column = KIND_OF.get(plain(text)), reading.columns["kind"]
        if known is None:
            reading.record("R-SITE-021", column=column, value=text, count=count)
        elif text != known:
            reading.record("R-SITE-020", column=column, value=text, count=count, slug=known)
    return kinds


def services_of(reading: Reading, source: CandidateSource) -> list[tuple[str, ...]]:
    """The services allowed at each row: its cell's, else the study file's, else all."""
    usual = tuple(sorted(source.services)) if source.services else SITE_SERVICES
    cells = reading.column("services") or [None] * len(reading.raw.rows)
    found = []
    for at, cell in enumerate(cells):
        services = usual if is_missing(cell) else services_in(as_text(cell))
        if services is None:
            known = ", ".join(w for w, s in SERVICE_WORDS.items() if s in SITE_SERVICES)
            reading.fault("E-SITE-022", at, reading.columns["services"], cell, known=known)
        found.append(services or usual)
    return found


def services_in(text: str) -> tuple[str, ...] | None:
    """The services that a cell names; None where a word of it names none.

    >>> services_in("养老、托育"), services_in("托育"), services_in("health")
    (('childcare', 'elderly'), ('childcare',), None)
    """
    if plain(text) in ALL_SERVICES:
        return SITE_SERVICES
    words = [normal(word).casefold() for word in BETWEEN_SERVICES.split(text)]
    services = {SERVICE_WORDS.get(word) for word in words if word}
    if not services or not services <= set(SITE_SERVICES):
        return None
    return tuple(name for name in SITE_SERVICES if name in services)
