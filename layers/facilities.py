"""What is offered at each facility of a study's own layer, and does it count?

The kind of a row is recognised by the vocabulary (`vocabulary`), recorded, and gives its
service where none is stated. Facilities that are planned or closed on the day of the study,
that are no place where residents are cared for, or whose service no circle tests, do not
count; each is told by id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame

from carecircle.layers.fields import dates_of, flags_of, ids_in, words_of
from carecircle.layers.numbers import is_missing, read_whole
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

STATUS_WORDS = {
    **dict.fromkeys(("open", "运营", "运营中", "在营", "营业", "正常", "开放", "已建成"), "open"),
    **dict.fromkeys(("planned", "规划", "拟建", "在建", "筹建", "未开业"), "planned"),
    **dict.fromkeys(("closed", "关闭", "停业", "停用", "停办", "撤销", "注销"), "closed"),
}
STATUS_NAMES = {
    "planned": {"zh": "规划或在建", "en": "planned"},
    "closed": {"zh": "已关闭", "en": "closed"},
}
MOST_IDS = 20  # named in one record


def facility_columns(reading: Reading, source: FacilitySource) -> dict[str, Any]:
    """The columns of a facility layer, one value per row.

    ``name``, ``service``, ``kind`` (slug, or as written), ``capacity``, ``beds``, ``seats``
    (Int64), ``inclusive`` (boolean), ``operator``, ``grade``, ``status`` (``open``, ``planned``,
    ``closed``; open where not told), ``opened``, ``closed`` (ISO dates or ``""``), and the codes
    of the units it lies in, where the layer has them.
    """
    written = texts_of(reading, "kind")
    kinds = [kind_of(text) for text in written]
    record_kinds(reading, written, kinds)
    services = services_of(reading, source, kinds)
    beds, seats = places_of(reading, "beds"), places_of(reading, "seats")
    counted_in = beds.where(pd.Series(services) != "childcare", seats)
    return {
        "name": texts_of(reading, "name"),
        "service": services,
        "kind": [kind.slug if kind else text for text, kind in zip(written, kinds, strict=True)],
        "capacity": places_of(reading, "capacity").fillna(counted_in).array,
        "beds": beds.array,
        "seats": seats.array,
        "inclusive": flags_of(reading, "inclusive").array,
        "operator": texts_of(reading, "operator"),
        "grade": texts_of(reading, "grade"),
        "status": [status or "open" for status in words_of(reading, "status", STATUS_WORDS)],
        "opened": dates_of(reading, "opened"),
        "closed": dates_of(reading, "closed"),
        **unit_codes(reading),
    }


def unit_codes(reading: Reading) -> dict[str, list[str]]:
    """The codes of the units each row lies in, for the columns that the layer has."""
    codes = {name: ids_in(reading, name) for name in UNIT_CODES}
    return {name: cells for name, cells in codes.items() if name in reading.columns}


def places_of(reading: Reading, name: str) -> pd.Series:
    """Whole places of each row, Int64; a blank cell is NA, not 0."""
    cells = reading.column(name)
    if cells is None:
        return pd.Series(pd.NA, index=range(len(reading.raw.rows)), dtype="Int64")
    return pd.Series(numbers_of(reading, name, cells, read_whole, blanks=True)).astype("Int64")


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
