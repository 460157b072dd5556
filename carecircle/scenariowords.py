"""What a scenario does, in words: on every output, so that none is taken for the study's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from carecircle.coverage.result import Sentence
from carecircle.layers.problems import Problem
from carecircle.notes import Record
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
    Scenario,
)

MOST_LISTED = 30  # edits in the sentence; all are in the manifest


def scenario_sentences(scenario: Scenario) -> Iterator[Sentence]:
    """The scenario's name and what it does; nothing for the study as it is."""
    if not scenario.is_one:
        return
    done = [*scenario.replaced, *(words_of(edit) for edit in scenario.edits)]
    more = len(done) - MOST_LISTED
    told = done[:MOST_LISTED] + ([(f"另有 {more} 项", f"{more} more")] if more > 0 else [])
    zh = "；".join(words for words, _ in told) or "未作任何修改"
    en = "; ".join(words for _, words in told) or "nothing is changed"
    yield Sentence(
        "scenario",
        f"这是情景“{scenario.name}”，不是研究“{scenario.study}”的现状：{zh}。",
        f"This is the scenario “{scenario.name}”, not the study “{scenario.study}” as it is: {en}.",
    )


def scenario_records(scenario: Scenario) -> Iterator[Record]:
    """A record of every edit, for the manifest."""
    for zh, en in (*scenario.replaced, *(words_of(edit) for edit in scenario.edits)):
        problem = Problem("R-SCN-001", scenario.file, details={"edit": {"zh": zh, "en": en}})
        what = {"zh": problem.text("zh"), "en": problem.text("en")}
        yield {"id": problem.id, "file": scenario.file, "row": None, "what": what}


def scenario_facts(scenario: Scenario) -> Mapping[str, Any]:
    """The edits as they were read, for the manifest; nothing for the study as it is."""
    if not scenario.is_one:
        return {}
    return {"scenario": scenario.model_dump(mode="json", exclude={"replaced"})}


def words_of(edit: Edit) -> tuple[str, str]:
    """One edit in Chinese and English."""
    match edit:
        case AddFacility():
            places = "" if edit.capacity is None else f"，{edit.capacity} 个床位或托位"
            seats = "" if edit.capacity is None else f", {edit.capacity} places"
            title = named(edit.id, edit.name)
            return f"新增设施 {title}{places}", f"facility {title} is added{seats}"
        case CloseFacility():
            return f"关闭设施 {edit.id}", f"facility {edit.id} is closed"
        case MoveFacility():
            at = place(edit.to)
            return f"设施 {edit.id} 迁至 {at}", f"facility {edit.id} moves to {at}"
        case ResizeFacility():
            return (
                f"设施 {edit.id} 改为 {edit.capacity} 个床位或托位",
                f"facility {edit.id} has {edit.capacity} places",
            )
        case AddLink():
            ends = f"{place(edit.line[0])} – {place(edit.line[-1])}"
            return f"新增通道 {ends}", f"a way is added, {ends}"
        case CloseLink():
            told = edit.street or place(edit.near or (edit.line or ((0.0, 0.0),))[0])
            return f"封闭道路 {told}", f"a way is closed, {told}"
        case AddGate():
            at = place(edit.at)
            return f"小区 {edit.quarter} 新开门 {at}", f"quarter {edit.quarter}: a gate at {at}"
        case CloseGate():
            at = place(edit.at)
            return (
                f"小区 {edit.quarter} 关闭 {at} 处的门",
                f"quarter {edit.quarter}: no gate at {at}",
            )


def named(id: str, name: str) -> str:
    """An id with its name, where there is one."""
    return f"{id} {name}".strip()


def place(lonlat: tuple[float, float]) -> str:
    """Longitude and latitude, to about a decimetre."""
    return f"{lonlat[0]:.6f}, {lonlat[1]:.6f}"
