"""Why does this home need so many minutes? Its ways to the nearest facilities, taken apart.

For each circle the nearest and the second nearest facility, in the circle's direction: to the
facility, from it, or both ways. The parts of a way sum to its milliseconds, and the walk to the
nearest facility is that of a run; both are asserted.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.circle import of_service, walks_of_homes
from carecircle.coverage.measure import NO_WAY_FOR_WALKER, TOO_FAR
from carecircle.coverage.result import Circle
from carecircle.inputs import Inputs
from carecircle.isochrones.graph import OneWay, walk_graph
from carecircle.isochrones.minutes import NEVER, nearest
from carecircle.isochrones.routes import Walkable
from carecircle.isochrones.seats import between_doors
from carecircle.layers.problems import Problem, StudyError
from carecircle.steps import Steps
from carecircle.stretches import Ends, Way, way_told
from carecircle.study import Study, today

NEAREST = 2  # so many facilities


@dataclass(frozen=True, eq=False)
class Walk:
    """The walk to one facility; ``ms`` is that of the circle's direction."""

    facility_id: str
    name: str
    ms: int
    ways: tuple[Way, ...]


@dataclass(frozen=True, eq=False)
class Answer:
    """What one circle means for the home; without walks ``reason`` tells why."""

    circle: Circle
    people: int
    walks: tuple[Walk, ...]
    reason: str  # "", `TOO_FAR`, `NO_WAY_FOR_WALKER`, "no_facility"

    @property
    def covered(self) -> bool:
        """Whether the nearest facility is within the limit."""
        return bool(self.walks) and self.walks[0].ms <= self.circle.limit_ms


@dataclass(frozen=True, eq=False)
class Explained:
    """A home and its answers."""

    home_id: str
    quarter: str
    xy: NDArray[np.float64]
    snap_m: float
    limit_m: float
    answers: tuple[Answer, ...]
    day: str
    crs: str
    output_crs: str


def explain_home(study: Study, home_id: str, circle_id: str | None, steps: Steps) -> Explained:
    """Explain one home of a study.

    Raises
    ------
    StudyError
        As a run; E-STU-006 the study has no such circle, E-ID-005 no such home.
    """
    circles = list(study.circles())
    if circle_id is not None:
        known = ", ".join(circle.id for circle in circles)
        circles = [circle for circle in circles if circle.id == circle_id]
        if not circles:
            details = {"allowed": known}
            raise StudyError(
                Problem("E-STU-006", column="--circle", value=circle_id, details=details)
            )
    inputs = study.read(steps)
    at = position_of(home_id, inputs)
    with steps.step("explaining"):
        answers = tuple(answer(circle, inputs, at) for circle in circles)
    quarter = inputs.residential.iloc[inputs.doors.home_quarter[at]]
    return Explained(
        home_id=home_id,
        quarter=f"{quarter.name} {quarter['name'] or ''}".strip(),
        xy=inputs.doors.home_xy[at],
        snap_m=int(inputs.doors.homes.shortest_leg_mm[at]) / 1000,
        limit_m=inputs.doors.limit_m,
        answers=answers,
        day=study.stated_date() or today(),
        crs=inputs.network.crs,
        output_crs=inputs.output_crs,
    )


def position_of(home_id: str, inputs: Inputs) -> int:
    """Where the home stands among all."""
    ids = inputs.homes.index.astype(str)
    found = np.flatnonzero(ids == home_id)
    if not len(found):
        near = ", ".join(get_close_matches(home_id, list(ids), cutoff=0.3)) or ids[0]
        raise StudyError(
            Problem("E-ID-005", column="--home", value=home_id, details={"near": near})
        )
    return int(found[0])


def answer(circle: Circle, inputs: Inputs, at: int) -> Answer:
    """The walks of one home in one circle."""
    home_snaps, facility_snaps = inputs.snaps_for(circle.walker)
    facilities, station_snaps = of_service(circle, inputs.facilities, facility_snaps)
    home = home_snaps.take(np.array([at]))
    people = int(inputs.homes[circle.group].iloc[at])
    if not home.attached[0]:
        near = inputs.doors.homes.attached[at]
        return Answer(circle, people, (), NO_WAY_FOR_WALKER if near else TOO_FAR)
    streets = Walkable(inputs.network, circle.walker, home, station_snaps)
    ms = walks_ms(circle, streets)
    chosen = [int(k) for k in np.argsort(ms, kind="stable")[:NEAREST] if ms[k] != NEVER]
    graph = between_doors(walk_graph(inputs.network, circle.walker, home_snaps, station_snaps))
    of_run = walks_of_homes(circle, graph).at(np.array([at]))
    if of_run.ms[0] != NEVER and [of_run.ms[0], of_run.source[0]] != [ms[chosen[0]], chosen[0]]:
        raise AssertionError("the explained walk is not that of the run")
    ends = Ends(inputs, circle.walker, at, home, facilities, station_snaps)
    walks = tuple(
        Walk(
            str(facilities.index[k]),
            str(facilities["name"].iloc[k] or ""),
            int(ms[k]),
            tuple(way_told(ends, streets, k, way) for way in directions_of(circle)),
        )
        for k in chosen
    )
    return Answer(circle, people, walks, "" if walks else "no_facility")


def directions_of(circle: Circle) -> tuple[OneWay, ...]:
    """The ways that a circle asks for."""
    if circle.direction == "to" or circle.direction == "from":
        return (circle.direction,)
    return ("to", "from")


def walks_ms(circle: Circle, streets: Walkable) -> NDArray[np.int64]:
    """The home's walk to each station, in the circle's direction; `NEVER` without a way."""
    home, stations = streets.seats.points
    seen_from_home: dict[OneWay, OneWay] = {"to": "from", "from": "to"}
    both = np.stack(
        [
            nearest(streets.seats, home, direction=seen_from_home[way]).at(stations).ms
            for way in directions_of(circle)
        ]
    )
    worse: NDArray[np.int64] = both.max(axis=0)
    if circle.direction != "round_trip":
        return worse
    half = (np.where(both == NEVER, 0, both).sum(axis=0) + 1) // 2
    return np.where(worse == NEVER, NEVER, half)
