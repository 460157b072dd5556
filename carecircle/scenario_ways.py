"""What a scenario does to the streets: ways that are closed, then new ones.

They are laid on the streets after the study's own ``[[edits]]``, by the same rules
(`layers.barriers`, `layers.new_ways`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carecircle.layers.barriers import with_closures
from carecircle.layers.crs import Frame
from carecircle.layers.network import EDGE_KINDS
from carecircle.layers.new_ways import with_links
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.road_kinds import EXAMPLES, TAGS_OF_WORD, Ways, comparable
from carecircle.layers.street_ground import Ground
from carecircle.layers.street_pieces import metres_of, without_edges
from carecircle.layers.streets import StreetLines
from carecircle.layers.walk_profile import walk_way
from carecircle.scenario import AddLink, CloseLink, Scenario

NEAR_M = 50.0  # from a place to the edge it closes


def edited_ways(
    scenario: Scenario, lines: StreetLines, frame: Frame
) -> tuple[StreetLines, dict[str, Any]]:
    """The streets after the scenario's edits, and what they did.

    Raises
    ------
    StudyError
        E-SCN-007: far away from the study; 008: the end of a new way is at no street; 009: no
        street has that name; 010: what is to be closed is not there; 017: a new way nobody walks.
    """
    edits = scenario.ways
    if not edits.add and not edits.close:
        return lines, {}
    problems: list[Problem] = []
    new_lines = scenario.lines((one.line for one in edits.add), frame)
    problems += scenario.far_away(new_lines, "add_link", frame)
    problems += refused_kinds(scenario)
    left, found = without_closed(scenario, lines, frame)
    problems += found
    if problems:
        raise StudyError(problems)
    facts: dict[str, Any] = {}
    if edits.close:
        facts["closed_m"] = round(metres_of_all(lines) - metres_of_all(left), 1)
    if edits.add:
        left, added = with_new(scenario, left, new_lines, frame)
        facts |= added
    return left, {"scenario_ways": facts}


def without_closed(
    scenario: Scenario, lines: StreetLines, frame: Frame
) -> tuple[StreetLines, list[Problem]]:
    """The streets that are left; whole edges go first, as a line cuts edges where it ends."""
    gone = np.zeros(len(lines.ends), bool)
    problems: list[Problem] = []
    for at, one in enumerate(scenario.ways.close):
        if one.line is None:
            chosen, problem = whole_edges(scenario, lines, at, one, frame)
            gone |= chosen
            problems += problem
    left = without_edges(lines, gone)
    for at, one in enumerate(scenario.ways.close):
        if one.line is not None:
            left, problem = along(scenario, lines, left, at, one, frame)
            problems += problem
    return left, problems


def whole_edges(
    scenario: Scenario, lines: StreetLines, at: int, one: CloseLink, frame: Frame
) -> tuple[NDArray[np.bool_], list[Problem]]:
    """Which edges are closed by the name of their street, or by a place beside one."""
    chosen = np.zeros(len(lines.ends), bool)
    place = f"close_link.{at}"
    if one.near is None:
        if lines.street is not None and one.street in lines.names:
            chosen = np.asarray(lines.street == lines.names.index(one.street))
        if not chosen.any():
            near = get_close_matches(str(one.street), lines.names, 5, 0.5)
            details = {"near": named_alike(near)}
            return chosen, [Problem("E-SCN-009", scenario.file, column=f"{place}.street",
                                    value=one.street, details=details)]  # fmt: skip
        return chosen, []
    point = scenario.places([one.near], frame)
    far = list(scenario.far_away(point, "close_link", frame, at))
    if far:
        return chosen, far
    ground = Ground.of(lines, frame.crs, ~chosen)
    which, _, nearest = ground.feet(point, NEAR_M)
    if not len(which):
        return chosen, [nothing_there(scenario, ground, point, f"{place}.near", NEAR_M)]
    chosen[ground.edge[nearest[0]]] = True
    return chosen, []


def along(
    scenario: Scenario,
    lines: StreetLines,
    left: StreetLines,
    at: int,
    one: CloseLink,
    frame: Frame,
) -> tuple[StreetLines, list[Problem]]:
    """The streets without those that run along a line; ``lines``: before anything was closed."""
    assert one.line is not None
    shape = scenario.lines([one.line], frame)
    far = list(scenario.far_away(shape, "close_link", frame, at))
    if far:
        return left, far
    closing = shape, np.array([""], object), frame.crs, one.snap_m, one.all_levels
    if not with_closures(lines, *closing)[2].any():
        ground = Ground.of(lines, frame.crs, lines.attachable | one.all_levels)
        column = f"close_link.{at}.line"
        return left, [nothing_there(scenario, ground, shape, column, one.snap_m)]
    return with_closures(left, *closing)[0], []


def nothing_there(
    scenario: Scenario, ground: Ground, shape: NDArray[np.object_], column: str, limit_m: float
) -> Problem:
    """E-SCN-010 with the metres to the nearest street."""
    details = {"metres": ground.away_m(shape)[0], "limit": f"{limit_m:g}"}
    return Problem("E-SCN-010", scenario.file, column=column, details=details)


def metres_of_all(lines: StreetLines) -> float:
    """Length of all streets."""
    return metres_of(lines, np.ones(len(lines.ends), bool))


def with_new(
    scenario: Scenario, lines: StreetLines, shapes: NDArray[np.object_], frame: Frame
) -> tuple[StreetLines, dict[str, Any]]:
    """The streets with the new ways, each joined within its own tolerance."""
    facts = {"added_m": 0.0, "joined_ends": 0}
    problems = []
    for at, one in enumerate(scenario.ways.add):
        ways = ways_of_link(one)
        lines, done, stray = with_links(
            lines, shapes[at : at + 1], ways, frame.crs, one.snap_m, one.all_levels
        )
        facts["added_m"] = round(facts["added_m"] + done["added_m"], 1)
        facts["joined_ends"] += done["joined_ends"]
        problems += [
            Problem(
                "E-SCN-008",
                scenario.file,
                column=f"add_link.{at}.line",
                details={"metres": metres, "limit": f"{one.snap_m:g}"},
            )
            for _, metres in stray
        ]
    if problems:
        raise StudyError(problems)
    return lines, facts


def ways_of_link(one: AddLink) -> Ways:
    """How a new way is walked."""
    tags = TAGS_OF_WORD[comparable(one.kind)]
    way = walk_way(tags)
    assert way is not None  # others have been refused
    return Ways(
        walked=np.array([True]),
        kind=np.array([EDGE_KINDS.index(way.kind)], np.uint8),
        attachable=np.array([way.attachable]),
        road_class=np.array([way.road_class], np.uint8),
        level=np.zeros(1, np.int64),
        name=np.array([one.name], object),
        facts={},
    )


def refused_kinds(scenario: Scenario) -> Iterator[Problem]:
    """New ways of a kind that is not known, or that nobody walks."""
    for at, one in enumerate(scenario.ways.add):
        tags = TAGS_OF_WORD.get(comparable(one.kind))
        if tags is None or walk_way(tags) is None:
            place = f"add_link.{at}.kind"
            details = {"known": EXAMPLES}
            yield Problem("E-SCN-017", scenario.file, column=place, value=one.kind, details=details)


def named_alike(names: list[str]) -> Mapping[str, str]:
    """The end of a message about an unknown street."""
    listed = ", ".join(names)
    return {
        "zh": f"；名称相近的有：{listed}" if names else "",
        "en": f"; almost alike: {listed}" if names else "",
    }
