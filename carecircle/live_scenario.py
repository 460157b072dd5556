"""What does one more edit do to a study? Answered at once, and equal to a run of the scenario.

`LiveStudy` reads a study once and takes the edits of a scenario one after the other. Facilities
that come, go, move or change their size are answered by `LiveNearest`: what it costs is what
changes. Ways and gates change where doors open and which scraps have none, and every piece of a cut
street has a time of its own: they are answered by reading the study anew. Either way the figures
are those of the whole run, to the person.

Limits: circles of which both ways are walked, and walkers who must sit down, have no live answer: a
study with one of them is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas import DataFrame

from carecircle.coverage.circle import of_service
from carecircle.coverage.measure import measure, sums
from carecircle.coverage.result import Circle, Coverage
from carecircle.inputs import Inputs
from carecircle.isochrones import live_edits as live
from carecircle.isochrones.gates import snap_entrances
from carecircle.isochrones.live import LiveNearest
from carecircle.isochrones.snapping import Snaps
from carecircle.layers.crs import LONLAT, Frame, transformer
from carecircle.layers.problems import Problem, StudyError
from carecircle.notes import Notes
from carecircle.scenario import (
    AddFacility,
    AddGate,
    AddLink,
    CloseFacility,
    CloseGate,
    CloseLink,
    Edit,
    FacilityEdits,
    GateEdits,
    MoveFacility,
    ResizeFacility,
    Scenario,
    WayEdits,
)
from carecircle.scenario_facilities import edited_facilities
from carecircle.steps import Steps
from carecircle.study import Study

MOST_UNDONE = 10_000  # edits of facilities that can be taken back
FILE = "live"  # what messages call the edits
FacilityEdit = AddFacility | CloseFacility | MoveFacility | ResizeFacility


@dataclass(frozen=True, eq=False)
class LiveChange:
    """What an edit did in one circle.

    Attributes
    ----------
    covered_before, covered_after, gained, lost : int
        People of the group; ``covered_after = covered_before + gained - lost``.
    quarters : DataFrame, index ``block_id``
        ``gained``, ``lost`` of those where either is not 0.
    whole_run : bool
        Whether the study was read anew.
    """

    covered_before: int
    covered_after: int
    gained: int
    lost: int
    quarters: DataFrame
    whole_run: bool


@dataclass(frozen=True, eq=False)
class LiveCircle:
    """One circle while facilities change; ``position`` of each facility that was ever there."""

    circle: Circle
    homes: Snaps
    people: NDArray[np.int64]
    quarter: NDArray[np.int64]
    nearest: LiveNearest
    position: dict[str, int]

    @property
    def covered(self) -> NDArray[np.bool_]:
        """Which homes are covered."""
        return np.asarray(self.homes.attached & (self.nearest.nearest.ms <= self.circle.limit_ms))


@dataclass(frozen=True, eq=False)
class State:
    """A study as it was read, with its circles, and the edits that are in it."""

    inputs: Inputs
    circles: dict[str, LiveCircle]
    read_with: tuple[Edit, ...]


class LiveStudy:
    """A study that answers edits one at a time."""

    def __init__(self, study: Study, steps: Steps | None = None) -> None:
        """Read it and walk it once.

        Raises
        ------
        StudyError
            As `Study.read`.
        ValueError
            The study is a scenario already.
        """
        if study.file.scenario.is_one:
            raise ValueError("a live study begins with a study, not with a scenario")
        self.study, self.steps = study, steps or Steps()
        self.edits: tuple[Edit, ...] = ()
        self._before: list[State] = []  # of each edit that can be taken back
        self._state = self._read(())

    # --- the answer

    @property
    def scenario(self) -> Scenario:
        """The edits so far as one scenario: what was added and closed again is not in it."""
        return folded(self.edits)

    def coverage(self, service: str) -> Coverage:
        """The whole coverage of a circle as it is now."""
        one, inputs = self._state.circles[service], self._state.inputs
        found = one.nearest.nearest
        ids = np.array([*one.position, None], object)
        return measure(
            one.circle,
            inputs.residential,
            inputs.homes,
            found.ms,
            ids[found.source],
            one.homes.attached,
            inputs.units,
            inputs.doors.homes.attached,
        )

    # --- edits

    def apply(self, edit: Edit) -> Mapping[str, LiveChange]:
        """Make an edit and tell what it did, circle by circle; refused edits change nothing.

        Raises
        ------
        StudyError
            As a run of the scenario: E-SCN-001 to 015, E-NET-007, E-GAT-003.
        """
        edits = (*self.edits, edit)
        was = {service: one.covered for service, one in self._state.circles.items()}
        before, whole_run = self._state, not isinstance(edit, FacilityEdit)
        if isinstance(edit, FacilityEdit):
            self._edit_facility(edit)
            after = before
        else:
            after = self._read(edits)
        self._before.append(before)
        self._state, self.edits = after, edits
        return {
            service: change_of(after.circles[service], covered, after.inputs, whole_run)
            for service, covered in was.items()
        }

    def undo(self) -> Edit:
        """Take back the last edit, and tell which it was.

        Raises
        ------
        ValueError
            There is none.
        """
        if not self.edits:
            raise ValueError("there is no edit that could be taken back")
        edit, before = self.edits[-1], self._before.pop()
        if before is self._state:
            self._undo_facility(edit)
        self._state, self.edits = before, self.edits[:-1]
        return edit

    def _read(self, edits: tuple[Edit, ...]) -> State:
        """The study with these edits, read anew."""
        scenario = folded(edits)
        file = self.study.file.in_scenario(scenario) if edits else self.study.file
        study = Study(file, self.study.graph)
        inputs = study.read(self.steps)
        circles = {circle.id: live_circle(circle, inputs) for circle in study.circles()}
        return State(inputs, circles, edits)

    def _edit_facility(self, edit: FacilityEdit) -> None:
        """Check an edit as a run does, then make it in every circle."""
        state = self._state
        since = (*self.edits[len(state.read_with) :], edit)
        check_history(since, state.inputs)
        scenario = folded(since)
        frame = frame_of(state.inputs)
        known = state.inputs.facilities.drop(columns=["snap_m", "on_island"])
        ids = state.inputs.facility_ids
        facilities, _ = edited_facilities(scenario, known, known[:0], ids, frame, Notes())
        refuse_far(edit, facilities, state.inputs)
        for one in state.circles.values():
            edit_circle(one, edit, facilities, state.inputs)

    def _undo_facility(self, edit: Edit) -> None:
        """Take back an edit of a facility in the circles that it was made in."""
        for one in self._state.circles.values():
            if isinstance(edit, AddFacility) and edit.service == one.circle.service:
                del one.position[edit.id]
                one.nearest.undo()
            elif isinstance(edit, CloseFacility | MoveFacility) and edit.id in one.position:
                one.nearest.undo()


def live_circle(circle: Circle, inputs: Inputs) -> LiveCircle:
    """A circle of a study that has been read."""
    homes, doors = inputs.snaps_for(circle.walker)
    stations, snaps = of_service(circle, inputs.facilities, doors)
    if circle.direction not in ("to", "from"):
        raise ValueError("a live study walks one way: to a facility or from it")
    return LiveCircle(
        circle=circle,
        homes=homes,
        people=inputs.homes[circle.group].to_numpy(np.int64),
        quarter=inputs.residential.index.get_indexer(inputs.homes["block_id"]),
        nearest=LiveNearest(
            inputs.network,
            circle.walker,
            homes,
            snaps,
            direction=circle.direction,
            undo_depth=MOST_UNDONE,
        ),
        position={str(id): at for at, id in enumerate(stations.index)},
    )


def edit_circle(
    one: LiveCircle, edit: FacilityEdit, facilities: GeoDataFrame, inputs: Inputs
) -> None:
    """Make an edit in one circle, where it concerns it."""
    if isinstance(edit, AddFacility):
        if edit.service == one.circle.service:
            at = where(edit.id, facilities, inputs, one.circle)
            made = one.nearest.apply(live.AddFacility(at)).made
            assert made is not None
            one.position[edit.id] = made
    elif edit.id in one.position:
        number = one.position[edit.id]
        if isinstance(edit, CloseFacility):
            one.nearest.apply(live.CloseFacility(number))
        elif isinstance(edit, MoveFacility):
            at = where(edit.id, facilities, inputs, one.circle)
            one.nearest.apply(live.MoveFacility(number, at))


def where(id: str, facilities: GeoDataFrame, inputs: Inputs, circle: Circle) -> Snaps:
    """Where a facility opens onto the streets of a walker."""
    xy = shapely.get_coordinates(facilities.geometry[id])
    usable = None if circle.walker.usable(inputs.network).all() else circle.walker
    point = np.zeros(1, np.int64)
    return snap_entrances(inputs.network, xy, point, inputs.doors.limit_m, usable)


def refuse_far(edit: FacilityEdit, facilities: GeoDataFrame, inputs: Inputs) -> None:
    """E-NET-007 for a facility that is put where no street is near, as in a run."""
    if not isinstance(edit, AddFacility | MoveFacility):
        return
    xy = shapely.get_coordinates(facilities.geometry[edit.id])
    point, limit_m = np.zeros(1, np.int64), inputs.doors.limit_m
    snaps = snap_entrances(inputs.network, xy, point, limit_m)
    if not snaps.attached[0]:
        details = {
            "metres": round(int(snaps.shortest_leg_mm[0]) / 1000),
            "limit": f"{limit_m:g}",
            "offset": {"zh": "", "en": ""},
        }
        raise StudyError(Problem("E-NET-007", FILE, value=edit.id, details=details))


def check_history(edits: Sequence[Edit], inputs: Inputs) -> None:
    """Raise where an edit is of a facility that an earlier one has closed, or has added again.

    E-SCN-001 for what is closed already, E-SCN-003 for an id that was in use.
    """
    *earlier, last = edits
    used = {one.id for one in earlier if isinstance(one, AddFacility)}
    gone = {one.id for one in earlier if isinstance(one, CloseFacility)}
    if isinstance(last, AddFacility) and last.id in used | gone:
        raise StudyError(Problem("E-SCN-003", FILE, value=last.id))
    if isinstance(last, CloseFacility | MoveFacility | ResizeFacility) and last.id in gone:
        raise StudyError(Problem("E-SCN-002", FILE, value=last.id))


def change_of(
    one: LiveCircle, was: NDArray[np.bool_], inputs: Inputs, whole_run: bool
) -> LiveChange:
    """Who gains and who loses by an edit; homes are the same before and after."""
    now, count = one.covered, len(inputs.residential)
    gained = sums(one.quarter, np.where(now & ~was, one.people, 0), count)
    lost = sums(one.quarter, np.where(was & ~now, one.people, 0), count)
    table = DataFrame({"gained": gained, "lost": lost}, index=inputs.residential.index)
    return LiveChange(
        covered_before=int(one.people[was].sum()),
        covered_after=int(one.people[now].sum()),
        gained=int(gained.sum()),
        lost=int(lost.sum()),
        quarters=table[(gained > 0) | (lost > 0)],
        whole_run=whole_run,
    )


# --- a history as a scenario


def folded(edits: Sequence[Edit]) -> Scenario:
    """What edits made one after the other come to.

    A facility that was added and moved is added there; one that was added and closed is not there.
    """
    added: dict[str, AddFacility] = {}
    closed: dict[str, CloseFacility] = {}
    moved: dict[str, MoveFacility] = {}
    resized: dict[str, ResizeFacility] = {}
    for edit in edits:
        match edit:
            case AddFacility():
                added[edit.id] = edit
            case CloseFacility():
                moved.pop(edit.id, None)
                resized.pop(edit.id, None)
                if added.pop(edit.id, None) is None:
                    closed[edit.id] = edit
            case MoveFacility():
                if edit.id in added:
                    added[edit.id] = added[edit.id].model_copy(update={"at": edit.to})
                else:
                    moved[edit.id] = edit
            case ResizeFacility():
                if edit.id in added:
                    size = {"capacity": edit.capacity}
                    added[edit.id] = added[edit.id].model_copy(update=size)
                else:
                    resized[edit.id] = edit
    return Scenario(
        name=FILE,
        file=FILE,
        facilities=FacilityEdits(
            add=tuple(added.values()),
            close=tuple(closed.values()),
            move=tuple(moved.values()),
            resize=tuple(resized.values()),
        ),
        ways=WayEdits(
            add=tuple(edit for edit in edits if isinstance(edit, AddLink)),
            close=tuple(edit for edit in edits if isinstance(edit, CloseLink)),
        ),
        gates=GateEdits(
            add=tuple(edit for edit in edits if isinstance(edit, AddGate)),
            close=tuple(edit for edit in edits if isinstance(edit, CloseGate)),
        ),
    )


def frame_of(inputs: Inputs) -> Frame:
    """Where the study is."""
    xy = inputs.network.node_xy
    west, south = xy.min(axis=0).tolist()
    east, north = xy.max(axis=0).tolist()
    to_lonlat = transformer(inputs.network.crs, LONLAT)
    bounds = to_lonlat.transform_bounds(west, south, east, north, densify_pts=21)
    return Frame(inputs.network.crs, bounds)
