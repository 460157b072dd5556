"""Where do new stations make people walk least, or the longest walk shortest?

The goals ``walk`` (p-median, `median`) and ``farthest`` (p-center, `center`) of a site-selection
study. Both look beyond the limit of the circle, up to a stated walk: whoever has no station
within it is counted with that walk in the mean, has no part in the longest, and is named.

The model's figure is never told on its own: the homes are walked again with the chosen stations
standing, and a walk that differs by a millisecond is an error of ours. Candidates are those of
the circle, so a place that no under-served home is near is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.candidate_sites import joined
from carecircle.coverage.center import shortest_longest_walk
from carecircle.coverage.median import least_walking
from carecircle.coverage.site_question import Ground
from carecircle.coverage.site_study import Beyond, Proof, SiteQuestion, WalkChange, Walked
from carecircle.isochrones.graph import WalkGraph, walk_graph
from carecircle.isochrones.minutes import NEVER, ReachTable, nearest, nearest_k, reach_table
from carecircle.isochrones.seats import between_doors
from carecircle.layers.problems import Problem, StudyError


@dataclass(frozen=True, eq=False)
class WalkPlan:
    """What is opened (positions of candidates), and what is proven of it."""

    opened: NDArray[np.int64]
    proof: Proof
    change: WalkChange
    seconds: float


def walk_plan(ground: Ground, question: SiteQuestion, count: int, file: str = "") -> WalkPlan:
    """The best plan with at most so many new stations.

    Raises
    ------
    StudyError
        E-SITE-063: so few stations cannot bring everybody within the stated walk;
        E-SITE-064: no plan was found in time.
    """
    stations = len(ground.stations)
    people = ground.before.homes["people"].to_numpy(np.int64)
    limit_ms, limit_s = question.walk_limit_ms, question.time_limit_s
    assert limit_ms is not None
    standing, must = range(stations), (stations + ground.sites.must).tolist()
    table = table_of(ground, limit_ms)
    if question.goal == "walk":
        median = least_walking(table, people, count, limit_ms, limit_s, standing, must)
        value, bound, gap = median.person_ms, median.bound_person_ms, median.gap_percent
        chosen, seconds = median.chosen, median.seconds
    else:
        center = shortest_longest_walk(table, people, count, limit_s, standing, must)
        if center.worst_ms is None:
            raise without_plan(count, limit_ms, center.fewest, center.seconds, file)
        value, bound, gap = center.worst_ms, center.bound_ms, center.gap_percent or 0.0
        chosen, seconds = center.chosen, center.seconds
    opened = np.array(chosen, np.int64) - stations
    change = walk_change(ground, people, opened, limit_ms)
    walked = change.after.person_ms if question.goal == "walk" else change.after.worst_ms or 0
    if walked != value:
        raise AssertionError("the plan's walks are not those of a walk to its stations")
    return WalkPlan(opened, Proof(question.goal, value, bound, gap), change, seconds)


def without_plan(
    count: int, limit_ms: int, fewest: int | None, seconds: float, file: str
) -> StudyError:
    """Why nobody could be brought within the stated walk."""
    minutes = limit_ms // 60_000
    if fewest is None:
        details = {"count": count, "minutes": minutes, "seconds": round(seconds, 1)}
        return StudyError(Problem("E-SITE-064", file, column="siting.count", details=details))
    needed = {"count": count, "minutes": minutes, "fewest": fewest}
    return StudyError(Problem("E-SITE-063", file, column="siting.count", details=needed))


def table_of(ground: Ground, limit_ms: int) -> ReachTable:
    """Walks of the homes within the stated walk: a row per station, then per candidate."""
    graph = graph_of(ground, np.arange(len(ground.sites)))
    homes, places = graph.points
    return reach_table(graph, places, homes, limit_ms, direction=ground.circle.direction)


def graph_of(ground: Ground, opened: NDArray[np.int64]) -> WalkGraph:
    """The streets with the homes, and the stations of today with some candidates."""
    places = joined([ground.station_snaps, ground.sites.snaps.take(opened)])
    return between_doors(
        walk_graph(ground.network, ground.circle.walker, ground.home_snaps, places)
    )


def walk_change(
    ground: Ground, people: NDArray[np.int64], opened: NDArray[np.int64], limit_ms: int
) -> WalkChange:
    """How people walk today, and with these stations standing."""
    before = walked_ms(ground, np.zeros(0, np.int64), limit_ms)
    after = walked_ms(ground, opened, limit_ms)
    return WalkChange(
        limit_ms=limit_ms,
        before=summed(people, before, limit_ms),
        after=summed(people, after, limit_ms),
        beyond=named_beyond(ground, people, after),
    )


def walked_ms(ground: Ground, opened: NDArray[np.int64], limit_ms: int) -> NDArray[np.int64]:
    """A fresh walk of each home to its nearest station; `NEVER` beyond the stated walk."""
    graph = graph_of(ground, opened)
    homes, places = graph.points
    direction = ground.circle.direction
    if direction in ("to", "from"):
        ms = nearest(graph, places, direction=direction).at(homes).ms
    else:
        table = reach_table(graph, places, homes, limit_ms, direction=direction)
        ms = nearest_k(table, len(homes), 1).ms[:, 0]
    return np.where(ms <= limit_ms, ms, NEVER)


def summed(people: NDArray[np.int64], ms: NDArray[np.int64], limit_ms: int) -> Walked:
    """All walks together, the longest, and who has none."""
    walks = ms[(people > 0) & (ms < NEVER)]
    return Walked(
        people=int(people.sum()),
        person_ms=int((people * np.minimum(ms, limit_ms)).sum()),
        worst_ms=int(walks.max()) if len(walks) else None,
        people_beyond=int(people[ms == NEVER].sum()),
    )


def named_beyond(
    ground: Ground, people: NDArray[np.int64], ms: NDArray[np.int64]
) -> tuple[Beyond, ...]:
    """The quarters with people who have no station within the stated walk; most people first."""
    out = (people > 0) & (ms == NEVER)
    by_quarter = ground.before.homes.loc[out, ["block_id", "people"]].groupby("block_id").sum()
    names = ground.residential.get("name")
    found = [
        Beyond(
            quarter=str(id),
            name="" if names is None else str(names.get(id, "")),
            people=int(row["people"]),
        )
        for id, row in zip(by_quarter.index, by_quarter.to_dict("records"), strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (-one.people, one.quarter)))
