"""One more edit, answered at once: the same as a run of the scenario, after each of many edits."""

from __future__ import annotations

import random

import pytest
from pandas.testing import assert_frame_equal

from carecircle import Study, StudyError
from carecircle.coverage.result import Coverage
from carecircle.live_scenario import LiveStudy
from carecircle.scenario import (
    AddFacility,
    AddGate,
    AddLink,
    CloseFacility,
    CloseGate,
    CloseLink,
    Edit,
    MoveFacility,
    ResizeFacility,
)
from carecircle.study import coverage_of
from tests.carecircle.conftest import Town, lonlat
from tests.carecircle.test_scenario import WEST, gated, town

__all__ = ["town"]  # the fixture


def run(live: LiveStudy) -> Coverage:
    """A whole run of the scenario that the edits come to."""
    study = Study(live.study.file.in_scenario(live.scenario))
    inputs, circle = study.read(), next(study.circles())
    return coverage_of(circle, inputs)


def assert_is_the_run(live: LiveStudy) -> None:
    answered, whole = live.coverage("elderly"), run(live)
    assert answered.people == whole.people
    assert_frame_equal(answered.homes, whole.homes)
    assert_frame_equal(answered.quarters, whole.quarters)


def any_edit(dice: random.Random, number: int, there: list[str]) -> Edit:
    """An edit of a facility, more often than not a new one."""
    place = lonlat(dice.uniform(0, 3), dice.uniform(0, 3))
    word = dice.choice(["add", "add", "close", "move", "resize"]) if there else "add"
    if word == "add":
        there.append(f"n{number}")
        return AddFacility(id=f"n{number}", service="elderly", at=place, capacity=5)
    id = dice.choice(there)
    if word == "close":
        there.remove(id)
        return CloseFacility(id=id)
    return MoveFacility(id=id, to=place) if word == "move" else ResizeFacility(id=id, capacity=9)


@pytest.mark.parametrize("seed", range(4))
def test_after_each_edit_the_answer_is_that_of_a_run(town: Town, seed: int):
    dice, there = random.Random(seed), ["s1"]
    live = LiveStudy(Study.from_file(town.write()))
    answers = [live.coverage("elderly").homes]
    for number in range(5):
        before = live.coverage("elderly").people.covered
        change = live.apply(any_edit(dice, number, there))["elderly"]
        answers.append(live.coverage("elderly").homes)
        assert not change.whole_run
        assert change.covered_before == before
        assert change.covered_after == before + change.gained - change.lost
        assert change.quarters["gained"].sum() == change.gained
        assert_is_the_run(live)
    while live.edits:
        assert_frame_equal(live.coverage("elderly").homes, answers[len(live.edits)])
        live.undo()
    assert_frame_equal(live.coverage("elderly").homes, answers[0])
    with pytest.raises(ValueError, match="no edit"):
        live.undo()


def test_ways_and_gates_among_facilities(town: Town):
    """Each is a run; what was edited before is still there, and after it is taken back."""
    gated(town)
    live = LiveStudy(Study.from_file(town.write()))
    edits = [
        AddFacility(id="n1", service="elderly", at=lonlat(2, 3)),
        AddLink(line=(lonlat(1, 2.5), lonlat(2, 3))),
        CloseFacility(id="s1"),
        CloseLink(near=lonlat(2, 2.5)),
        CloseGate(quarter="q00", at=lonlat(0.25, 0.5)),
        AddGate(quarter="q00", at=lonlat(WEST, 0.275)),
        MoveFacility(id="n1", to=lonlat(0, 0)),
    ]
    answers = [live.coverage("elderly").homes]
    for edit in edits:
        change = live.apply(edit)["elderly"]
        assert change.whole_run == isinstance(edit, AddLink | CloseLink | AddGate | CloseGate)
        assert_is_the_run(live)
        answers.append(live.coverage("elderly").homes)
    while live.edits:
        assert live.undo() is edits[len(live.edits)]
        assert_frame_equal(live.coverage("elderly").homes, answers[len(live.edits)])


def test_what_is_added_and_closed_is_nothing(town: Town):
    live = LiveStudy(Study.from_file(town.write()))
    before = live.coverage("elderly")
    live.apply(AddFacility(id="n1", service="elderly", at=lonlat(2, 2)))
    live.apply(MoveFacility(id="n1", to=lonlat(2, 3)))
    change = live.apply(CloseFacility(id="n1"))["elderly"]
    assert (change.gained, change.lost, list(change.quarters.index)) == (0, 20, ["q22"])
    assert live.scenario.edits == ()
    assert_frame_equal(live.coverage("elderly").homes, before.homes)


@pytest.mark.parametrize(
    ("edit", "id"),
    [
        (CloseFacility(id="s2"), "E-SCN-001"),
        (CloseFacility(id="gone"), "E-SCN-002"),
        (AddFacility(id="s1", service="elderly", at=lonlat(1, 1)), "E-SCN-003"),
        (AddFacility(id="gone", service="elderly", at=lonlat(1, 1)), "E-SCN-003"),
        (AddFacility(id="n", service="elderly", at=lonlat(0.5, 8)), "E-NET-007"),
        (AddFacility(id="n", service="elderly", at=(16.5, 29.5)), "E-SCN-007"),
        (MoveFacility(id="s1", to=lonlat(0.5, 8)), "E-NET-007"),
        (CloseLink(street="无名路"), "E-SCN-009"),
        (AddGate(quarter="q11", at=lonlat(1, 1)), "E-SCN-012"),
    ],
)
def test_a_refused_edit_changes_nothing(town: Town, edit: Edit, id: str):
    town.stations.append({**town.stations[0], "code": "gone"})
    live = LiveStudy(Study.from_file(town.write()))
    live.apply(CloseFacility(id="gone"))
    before = live.coverage("elderly").homes
    with pytest.raises(StudyError) as error:
        live.apply(edit)
    assert [problem.id for problem in error.value.problems] == [id]
    assert len(live.edits) == 1
    assert_frame_equal(live.coverage("elderly").homes, before)


def test_a_live_study_begins_with_a_study(town: Town):
    study = Study.from_file(town.write())
    live = LiveStudy(study)
    live.apply(CloseFacility(id="s1"))
    with pytest.raises(ValueError, match="not with a scenario"):
        LiveStudy(Study(study.file.in_scenario(live.scenario)))
