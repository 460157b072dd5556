"""What a scenario does to the facilities of a study: add, close, move, resize.

The edits are laid on the facilities that count on the day of the study, those of the street extract
among them, and on the register that plans are judged by. What is added stands after all others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from carecircle.layers.crs import Frame
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.sources import UNIT_CODES
from carecircle.layers.vocabulary import facility_kinds, kind_of
from carecircle.notes import Notes
from carecircle.scenario import AddFacility, Scenario

MOST_NEAR = 5  # ids named in a message
PLACES_OF_SERVICE = {"elderly": "beds", "childcare": "seats"}


def edited_facilities(
    scenario: Scenario,
    counting: GeoDataFrame,
    register: GeoDataFrame,
    there: Collection[str],
    frame: Frame,
    notes: Notes,
) -> tuple[GeoDataFrame, GeoDataFrame]:
    """The facilities that count and the register, after the edits.

    ``there`` are the ids of all facilities that were read, be it for nothing.

    Raises
    ------
    StudyError
        E-SCN-001: there is no such facility; 002: it does not count; 003: a new one bears the id
        of another; 004: one is edited twice; 005: a kind that does not serve; 006: a service
        that no circle of the study tests; 007: a place far away from the study.
    """
    edits = scenario.facilities
    if not any(found for _, found in edits):
        return counting, register
    there = {*there, *counting.index}  # a site mapped several times has an id of its own
    problems = [
        *unknown(scenario, counting, there),
        *twice(scenario),
        *(p for at, one in enumerate(edits.add) for p in unfit(scenario, at, one, there)),
    ]
    added = scenario.places((one.at for one in edits.add), frame)
    moved = scenario.places((one.to for one in edits.move), frame)
    problems += [
        *scenario.far_away(added, "add_facility", frame),
        *scenario.far_away(moved, "move_facility", frame),
    ]
    if problems:
        raise StudyError(problems)
    closed = [one.id for one in edits.close]
    to = dict(zip((one.id for one in edits.move), moved, strict=True))
    capacity = {one.id: one.capacity for one in edits.resize}
    rows = new_rows(scenario, counting, added, frame)
    kept = changed(counting[~counting.index.isin(closed)], scenario, to, capacity)
    known = changed(register, scenario, to, capacity)
    if len(register):
        if "status" in known:
            known.loc[known.index.isin(closed), "status"] = "closed"
        known = below(known, rows)
    notes.meet(rows)
    return below(kept, rows), known


def below(layer: GeoDataFrame, rows: GeoDataFrame) -> GeoDataFrame:
    """The rows after those of a layer, with its columns; what they do not tell stays blank."""
    if rows.empty:
        return layer
    columns: dict[str, Any] = {}
    for name, column in layer.items():
        if name == layer.geometry.name:
            continue
        if name in rows:
            columns[name] = pd.array(rows[name].to_list(), dtype=column.dtype)
        else:
            text = column.dtype == object or pd.api.types.is_string_dtype(column.dtype)
            number = isinstance(column.dtype, np.dtype) and column.dtype.kind == "f"
            blank = "" if text else np.nan if number else pd.NA
            columns[name] = pd.array([blank] * len(rows), dtype=column.dtype)
    new = gpd.GeoDataFrame(
        columns, index=rows.index, geometry=rows.geometry.to_numpy(), crs=layer.crs
    )
    joined: GeoDataFrame = pd.concat([layer, new]) if len(layer) else new
    return joined


def new_rows(scenario: Scenario, counting: GeoDataFrame, places: Any, frame: Frame) -> GeoDataFrame:
    """The facilities that are added, as rows of a layer."""
    edits = scenario.facilities.add
    kinds = [kind_of(one.kind) if one.kind else None for one in edits]
    rows: list[dict[str, Any]] = [
        {
            "name": one.name or one.id,
            "service": one.service,
            "kind": kind.slug if kind else "",
            "capacity": pd.NA if one.capacity is None else one.capacity,
            PLACES_OF_SERVICE[one.service]: pd.NA if one.capacity is None else one.capacity,
            "status": "open",
            "opened": "",
            "closed": "",
            "file": scenario.file,
            "row": number,
        }
        for number, (one, kind) in enumerate(zip(edits, kinds, strict=True), 1)
    ]
    table = pd.DataFrame(rows, index=pd.Index([one.id for one in edits], name=counting.index.name))
    return gpd.GeoDataFrame(table, geometry=list(places), crs=frame.crs)


def changed(
    layer: GeoDataFrame, scenario: Scenario, to: Mapping[str, Any], capacity: Mapping[str, int]
) -> GeoDataFrame:
    """The layer with facilities at their new places and with their new numbers of places.

    One that has moved is the scenario's: it is told by its table where no street is near, and the
    code of the unit it stood in is forgotten.
    """
    layer = layer.copy()
    numbers = {one.id: at for at, one in enumerate(scenario.facilities.move, 1)}
    for id, place in to.items():
        if id in layer.index:
            layer.loc[[id], layer.geometry.name] = gpd.GeoSeries([place], [id], crs=layer.crs)
            layer.loc[id, ["file", "row"]] = [scenario.file, numbers[id]]
            for code in UNIT_CODES:
                if code in layer:
                    layer.loc[id, code] = ""
    for id, places in capacity.items():
        if id in layer.index:
            layer.loc[id, "capacity"] = places
            column = PLACES_OF_SERVICE[layer.loc[id, "service"]]
            if column in layer and pd.notna(layer.loc[id, column]):
                layer.loc[id, column] = places
    return layer


# --- what cannot be done


def unknown(
    scenario: Scenario, counting: GeoDataFrame, there: Collection[str]
) -> Iterator[Problem]:
    """Edits of facilities that are not there, or do not count."""
    edits = scenario.facilities
    named = {
        "close_facility": [one.id for one in edits.close],
        "move_facility": [one.id for one in edits.move],
        "resize_facility": [one.id for one in edits.resize],
    }
    for table, ids in named.items():
        for at, id in enumerate(ids):
            place = f"{table}.{at}.id"
            if id in counting.index:
                continue
            if id in there:
                yield Problem("E-SCN-002", scenario.file, column=place, value=id)
            else:
                details = {"near": near_ids(id, counting.index)}
                yield Problem("E-SCN-001", scenario.file, column=place, value=id, details=details)


def twice(scenario: Scenario) -> Iterator[Problem]:
    """Facilities of which two tables say something that cannot both be."""
    edits = scenario.facilities
    by_id = [
        *((one.id, "add_facility") for one in edits.add),
        *((one.id, "close_facility") for one in edits.close),
        *((one.id, "move_facility") for one in edits.move),
        *((one.id, "resize_facility") for one in edits.resize),
    ]
    tables: dict[str, list[str]] = {}
    for id, table in by_id:
        tables.setdefault(id, []).append(table)
    for id, found in tables.items():
        repeated = any(count > 1 for count in Counter(found).values())
        if repeated or (len(found) > 1 and set(found) != {"move_facility", "resize_facility"}):
            details = {"tables": ", ".join(f"[[{table}]]" for table in found)}
            yield Problem("E-SCN-004", scenario.file, value=id, details=details)


def unfit(
    scenario: Scenario, at: int, one: AddFacility, there: Collection[str]
) -> Iterator[Problem]:
    """What is wrong with a new facility by itself."""
    place = f"add_facility.{at}"
    if one.id in there:
        yield Problem("E-SCN-003", scenario.file, column=f"{place}.id", value=one.id)
    kind = kind_of(one.kind) if one.kind else None
    if one.kind and (kind is None or kind.service != one.service or not kind.counts):
        fitting = (
            slug for slug, k in facility_kinds().items() if k.counts and k.service == one.service
        )
        details = {"known": ", ".join(fitting)}
        yield Problem(
            "E-SCN-005", scenario.file, column=f"{place}.kind", value=one.kind, details=details
        )


def near_ids(id: str, known: Any) -> dict[str, str]:
    """The end of a message about an unknown id: those that are written almost alike."""
    alike = get_close_matches(id, [str(one) for one in known], MOST_NEAR, 0.5)
    listed = ", ".join(alike or [str(one) for one in list(known)[:MOST_NEAR]])
    if not listed:
        return {"zh": "", "en": ""}
    if alike:
        return {"zh": f"；相近的有：{listed}", "en": f"; almost alike: {listed}"}
    return {"zh": f"；现有：{listed} 等", "en": f"; there are: {listed}, ..."}
