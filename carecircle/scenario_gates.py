"""What a scenario does to the gates of quarters: one more, or one less.

Only a quarter whose gates are known can be edited. Its gates after the edits are then taken like
those of a layer of entrances, and whether its inner ways lead to all of them is asked anew
(`layers.gates`).
"""

from __future__ import annotations

from collections.abc import Iterator

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
from carecircle.scenario import Scenario
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
    quarters = residential.index.get_indexer([one.quarter for one in (*edits.close, *edits.add)])
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
    edits = scenario.gates
    for table, found in (("add_gate", edits.add), ("close_gate", edits.close)):
        places = scenario.places((one.at for one in found), frame)
        for number, (one, place) in enumerate(zip(found, places, strict=True)):
            column = f"{table}.{number}"
            if one.quarter not in residential.index:
                near = near_ids(one.quarter, residential.index)
                details = {"near": near}
                yield Problem("E-SCN-011", scenario.file, column=f"{column}.quarter",
                              value=one.quarter, details=details)  # fmt: skip
                continue
            at = residential.index.get_loc(one.quarter)
            own = gates.gate_xy[gates.gate_quarter == at]
            boundary = shapely.boundary(residential.geometry.iloc[at])
            if not len(own):
                yield Problem("E-SCN-012", scenario.file, column=column, value=one.quarter)
            elif table == "add_gate":
                off = shapely.distance(boundary, place)
                if not off <= DEEPEST_INSIDE_M:
                    details = {"metres": whole(off), "limit": f"{DEEPEST_INSIDE_M:g}"}
                    yield Problem("E-SCN-015", scenario.file, column=column, value=one.quarter,
                                  details=details)  # fmt: skip
            else:
                away = np.hypot(*(own - shapely.get_coordinates(place)).T).min()
                if not away <= NEAR_M:
                    details = {"metres": whole(away), "limit": f"{NEAR_M:g}"}
                    yield Problem("E-SCN-013", scenario.file, column=column, value=one.quarter,
                                  details=details)  # fmt: skip


def whole(metres: float) -> int | str:
    """Metres for a message; places that no projection reaches have none."""
    return round(float(metres)) if np.isfinite(metres) else "?"
