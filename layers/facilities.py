"""What is offered at each facility of a study's own layer, and does it count?

The kind of a row is recognised by the vocabulary (`vocabulary`), recorded, and gives its
service where none is stated. Facilities that are planned or closed on the day of the study,
that are no place where residents are cared for, or whose service no circle tests, do not
count; each is told by id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame

from carecircle.layers.attributes import NUMBERS, AttributeType, facility_attributes
from carecircle.layers.fields import dates_of, flags_of, ids_in
from carecircle.layers.numbers import is_missing, read_count, read_whole
from carecircle.layers.open_status import statuses_of
from carecircle.layers.problems import Problem
from carecircle.layers.reading import (
    Reading,
    as_text,
    normal,
    numbers_of,
    texts_of,
)
from carecircle.layers.sources import SERVICE_WORDS, UNIT_CODES, FacilitySource
from carecircle.layers.vocabulary import FacilityKind, facility_kinds, kind_of

OPEN = (
    "open", "运营", "运营中", "在营", "营业", "正常", "开放", "已建成", "正常运营", "正常营业",
    "正常运行", "在营业", "在运营", "营业中", "运行中", "已运营", "已营业", "开业", "已开业",
    "开放中", "已开放", "已投用", "投入使用", "已投入使用", "在用", "使用中", "试运营",
    "试营业", "已启用",
)  # fmt: skip
PLANNED = (
    "planned", "规划", "拟建", "在建", "筹建", "未开业", "规划中", "筹建中", "筹备", "筹备中",
    "建设中", "待建", "未建", "未建成", "待开业", "未运营", "未营业", "未投用", "未启用",
    "装修中", "改造中",
)  # fmt: skip
CLOSED = (
    "closed", "关闭", "停业", "停用", "停办", "撤销", "注销", "已关闭", "已停业", "已停用",
    "已停办", "已撤销", "已注销", "关停", "已关停", "停运", "已停运", "歇业", "已歇业", "暂停",
    "暂停营业", "暂停运营", "暂停服务", "暂停使用", "停业整顿", "拆除", "已拆除", "已拆",
    "搬迁", "已搬迁", "倒闭", "已倒闭", "取缔", "吊销", "已吊销", "废弃",
)  # fmt: skip
STATUS_WORDS = {
    **dict.fromkeys(OPEN, "open"),
    **dict.fromkeys(PLANNED, "planned"),
    **dict.fromkeys(CLOSED, "closed"),
}
STATUS_NAMES = {
    "planned": {"zh": "规划或在建", "en": "planned"},
    "closed": {"zh": "已关闭", "en": "closed"},
}
MOST_IDS = 20  # named in one record
ATTRIBUTES = facility_attributes()


def facility_columns(reading: Reading, source: FacilitySource) -> dict[str, Any]:
    """The columns of a facility layer, one value per row.

    ``name``, ``service``, ``kind`` (slug, or as written), ``status`` (``open``, ``planned``,
    ``closed``; open where not told), ``opened``, ``closed`` (ISO dates or ``""``), the codes
    of the units it lies in, where the layer has them, and every attribute of
    ``facility_attributes.csv``: numbers (Int64, areas Float64), flags (boolean), and words as
    written (``""`` where not told).
    """
    names = texts_of(reading, "name")
    written = texts_of(reading, "kind")
    kinds = [kind_of(text) for text in written]
    record_kinds(reading, written, kinds)
    services = services_of(reading, source, kinds)
    told = attributes_of(reading)
    beds, seats = told["beds"], told["seats"]
    counted_in = beds.where(pd.Series(services) != "childcare", seats)
    capacity = told["capacity"].fillna(counted_in)
    return {
        **{name: values.array for name, values in told.items()},
        "name": names,
        "service": services,
        "kind": [kind.slug if kind else text for text, kind in zip(written, kinds, strict=True)],
        "capacity": capacity.array,
        "beds": counted_as("beds", beds, capacity, services, kinds).array,
        "seats": counted_as("seats", seats, capacity, services, kinds).array,
        "status": statuses_of(reading, names, STATUS_WORDS),
        "opened": dates_of(reading, "opened"),
        "closed": dates_of(reading, "closed"),
        **unit_codes(reading),
    }


def unit_codes(reading: Reading) -> dict[str, list[str]]:
    """The codes of the units each row lies in, for the columns that the layer has."""
    codes = {name: ids_in(reading, name) for name in UNIT_CODES}
    return {name: cells for name, cells in codes.items() if name in reading.columns}


def attributes_of(reading: Reading) -> dict[str, pd.Series]:
    """Every attribute of each row; a blank cell is NA (or ``""``), neither 0 nor no."""
    return {name: attribute_of(reading, name, one.type) for name, one in ATTRIBUTES.items()}


def attribute_of(reading: Reading, name: str, type: AttributeType) -> pd.Series:
    """One attribute of each row."""
    if type == "flag":
        return flags_of(reading, name)
    if type not in NUMBERS:
        return pd.Series(texts_of(reading, name), dtype=object)
    whole = type == "count"
    cells = reading.column(name)
    if cells is None:
        cells = [None] * len(reading.raw.rows)
        return pd.Series(pd.NA, index=range(len(cells)), dtype="Int64" if whole else "Float64")
    read = read_whole if whole else read_count
    values = pd.Series(numbers_of(reading, name, cells, read, blanks=True))
    return values.astype("Int64" if whole else "Float64")


def counted_as(
    places: str,
    told: pd.Series,
    capacity: pd.Series,
    services: Sequence[str],
    kinds: Sequence[FacilityKind | None],
) -> pd.Series:
    """Beds or seats as told, else the capacity of kinds that are counted in them.

    A kindergarten's capacity is not taken for childcare seats: it has others too.
    """
    counted = [
        kind is not None and kind.capacity == places and service != "kindergarten"
        for kind, service in zip(kinds, services, strict=True)
    ]
    return told.fillna(capacity.where(pd.Series(counted, dtype=bool)))


def services_of(
    reading: Reading, source: FacilitySource, kinds: list[FacilityKind | None]
) -> list[str]:
    """The service of each row: the study file's, else the cell's, else that of its kind."""
    if source.service:
        services: list[str] = [source.service] * len(kinds)
        record_other_service(reading, services, kinds)
        return services
    has_kinds = "kind" in reading.columns
    cells = reading.column("service", needed=not has_kinds)
    if cells is None and not has_kinds:
        return [""] * len(kinds)
    cells = cells or [None] * len(kinds)
    services = []
    for at, (cell, kind) in enumerate(zip(cells, kinds, strict=True)):
        word = "" if is_missing(cell) else normal(as_text(cell)).casefold()
        if word and word not in SERVICE_WORDS:
            known = ", ".join(SERVICE_WORDS)
            reading.fault("E-LAY-015", at, reading.columns["service"], cell, known=known)
        elif not word and kind is None:
            reading.fault("E-FAC-003", at, reading.columns.get("kind", ""))
        services.append(SERVICE_WORDS.get(word, kind.service if kind else ""))
    record_other_service(reading, services, kinds)
    return services


def record_kinds(reading: Reading, written: list[str], kinds: list[FacilityKind | None]) -> None:
    """Record, once for each text, which kind it was taken for."""
    found = dict(zip(written, kinds, strict=True))
    for text, count in Counter(written).items():
        kind = found[text]
        column = reading.columns.get("kind", "")
        if text and kind is None:
            reading.record("R-FAC-002", column=column, value=text, count=count)
        elif kind is not None and text != kind.slug:
            reading.record("R-FAC-001", column=column, value=text, count=count, slug=kind.slug)


def record_other_service(
    reading: Reading, services: list[str], kinds: list[FacilityKind | None]
) -> None:
    """Record the rows whose stated service is not that of their kind."""
    for at, (service, kind) in enumerate(zip(services, kinds, strict=True)):
        if kind is not None and service and service != kind.service:
            reading.record("R-FAC-005", at, slug=kind.slug, service=service)


def that_count(
    facilities: GeoDataFrame, services: Collection[str], date: str
) -> tuple[GeoDataFrame, list[Problem]]:
    """The facilities that may cover somebody on a day, and a record for the others.

    ``date`` is an ISO date. One whose ``opened`` is later is planned, one whose ``closed`` is
    not later is closed; a month or year without a day counts from its first day.
    """
    status = status_on(facilities, date)
    left_out: list[Problem] = []
    for name, words in STATUS_NAMES.items():
        ids = facilities.index[status == name]
        if len(ids):
            details = {"status": words, "date": date}
            left_out.append(told("R-FAC-003", ids, **details))
    facilities = facilities[status == "open"]

    homely = [slug for slug, kind in facility_kinds().items() if not kind.counts]
    for slug in sorted(set(facilities["kind"]) & set(homely)):
        left_out.append(told("R-FAC-004", facilities.index[facilities["kind"] == slug], slug=slug))
    facilities = facilities[~facilities["kind"].isin(homely)]

    tested = facilities["service"].isin(services)
    if not tested.all():
        left_out.append(told("R-FAC-006", facilities.index[~tested]))
    return facilities[tested].copy(), left_out


def status_on(facilities: GeoDataFrame, date: str) -> pd.Series:
    """``open``, ``planned`` or ``closed`` on a day."""
    status = pd.Series(facilities.get("status", "open"), index=facilities.index, dtype="str")
    known = status == "open"
    status[known & (facilities["opened"] > date)] = "planned"
    status[known & (facilities["closed"] != "") & (facilities["closed"] <= date)] = "closed"
    return status


def told(id: str, ids: pd.Index, **details: Any) -> Problem:
    """One record about several facilities, the first of them by id."""
    more = [f"… (+{len(ids) - MOST_IDS})"] if len(ids) > MOST_IDS else []
    listed = ", ".join([*ids[:MOST_IDS], *more])
    return Problem(id, details={"count": len(ids), "ids": listed, **details})
