"""What a scenario does to the gates of quarters: one more, or one less.

Only a quarter whose gates are known can be edited. Its gates after the edits are then taken like
those of a layer of entrances, and whether its inner ways lead to all of them is asked anew
(`layers.gates`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.layers.crs import Frame
from carecircle.layers.entrances import DEEPEST_INSIDE_M
from carecircle.layers.gates import QuarterGates
from carecircle.layers.problems import Problem, StudyError
from carecircle.scenario import AddGate, CloseGate, Scenario
from carecircle.scenario_facilities import near_ids

NEAR_M = 50.0  # from a place to the gate it closes

Gates = dict[int, NDArray[np.float64]]  # position of a quarter -> (gates, 2)


def edited_gates(
    scenario: Scenario, gates: QuarterGates, residential: GeoDataFrame, frame: Frame
) -> GeoDataFrame:
    """All gates of the quarters that are edited, as a layer of entrances.

    Raises
    ------
    StudyError
        E-SCN-011: no such quarter; 012: none of its gates is known; 013: no gate is near the
        place; 014: it would have no gate left; 015: a new gate away from its boundary.
    """
    problems = list(refused(scenario, gates, residential, frame))
    if problems:
        raise StudyError(problems)
    found = gates_after(scenario, gates, residential, frame)
    shut = [residential.index[at] for at, left in found.items() if not len(left)]
    if shut:
        raise StudyError([Problem("E-SCN-014", scenario.file, value=id) for id in shut])
    xy = np.concatenate([np.empty((0, 2)), *found.values()])
    blocks = [residential.index[at] for at, left in found.items() for _ in range(len(left))]
    return gpd.GeoDataFrame(
        {"block_id": blocks, "facility_id": [""] * len(blocks)},
        index=pd.Index(
            [f"{scenario.file} {number}" for number in range(1, len(blocks) + 1)],
            name="entrance_id",
            dtype=object,
        ),
        geometry=shapely.points(xy),
        crs=frame.crs,
    )


def gates_after(
    scenario: Scenario, gates: QuarterGates, residential: GeoDataFrame, frame: Frame
) -> Gates:
    """The gates of each quarter that is edited: those left, then the new ones."""
    edits = scenario.gates
    named = [*(one.quarter for one in edits.close), *(one.quarter for one in edits.add)]
    quarters = residential.index.get_indexer(named)
    left = {int(at): gates.gate_xy[gates.gate_quarter == at] for at in quarters}
    closing = shapely.get_coordinates(scenario.places((one.at for one in edits.close), frame))
    gone: dict[int, set[int]] = {}
    for at, xy in zip(quarters[: len(edits.close)].tolist(), closing, strict=True):
        number = int(np.hypot(*(left[at] - xy).T).argmin())
        if number in gone.setdefault(at, set()):
            details = {"tables": "[[close_gate]], [[close_gate]]"}
            id = residential.index[at]
            raise StudyError(Problem("E-SCN-004", scenario.file, value=id, details=details))
        gone[at].add(number)
    for at, numbers in gone.items():
        left[at] = np.delete(left[at], sorted(numbers), axis=0)
    opening = shapely.get_coordinates(scenario.places((one.at for one in edits.add), frame))
    for at, xy in zip(quarters[len(edits.close) :].tolist(), opening, strict=True):
        left[at] = np.vstack([left[at], xy])
    return left


def refused(
    scenario: Scenario, gates: QuarterGates, residential: GeoDataFrame, frame: Frame
) -> Iterator[Problem]:
    """Every edit of a gate that cannot be made."""
    tables: dict[str, tuple[AddGate | CloseGate, ...]] = {
        "add_gate": scenario.gates.add,
        "close_gate": scenario.gates.close,
    }
    for table, found in tables.items():
        places = scenario.places((one.at for one in found), frame)
        for number, (one, place) in enumerate(zip(found, places, strict=True)):
            problem = wrong_with(one, place, gates, residential)
            if problem is not None:
                id, details = problem
                column = f"{table}.{number}"
                yield Problem(id, scenario.file, column=column, value=one.quarter, details=details)


def wrong_with(
    one: AddGate | CloseGate,
    place: shapely.Point,
    gates: QuarterGates,
    residential: GeoDataFrame,
) -> tuple[str, dict[str, Any]] | None:
    """What is wrong with one edit of a gate: the message and its details; None if nothing is."""
    if one.quarter not in residential.index:
        return "E-SCN-011", {"near": near_ids(one.quarter, residential.index)}
    at = residential.index.get_loc(one.quarter)
    own = gates.gate_xy[gates.gate_quarter == at]
    if not len(own):
        return "E-SCN-012", {}
    if isinstance(one, AddGate):
        boundary = shapely.boundary(residential.geometry.iloc[at])
        id, metres, limit_m = "E-SCN-015", shapely.distance(boundary, place), DEEPEST_INSIDE_M
    else:
        away = np.hypot(*(own - shapely.get_coordinates(place)).T)
        id, metres, limit_m = "E-SCN-013", away.min(), NEAR_M
    if metres <= limit_m:
        return None
    return id, {"metres": whole(metres), "limit": f"{limit_m:g}"}


def whole(metres: float) -> int | str:
    """Metres for a message; places that no projection reaches have none."""
    return round(float(metres)) if np.isfinite(metres) else "?"
