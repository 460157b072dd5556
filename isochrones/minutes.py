"""How long does the walk take, from whom to whom?

Three questions: every pair within a limit (`reach_table`, one bounded search per source,
sparse), the nearest source of every node (`nearest`, one search from all together), and how
many people are within a limit of each source (`sums_within`, without keeping the pairs).
Times are whole milliseconds; a limit is inclusive.

Sources are facilities and targets are homes, and the direction says whose walk is meant:
``to`` the facility, the default, or ``from`` it. Where slopes are known the two differ. A
table can also tell the ``round_trip``, half of there and back, half up, or the ``worse`` of
the two ways. Both are put together from two tables, so they have no unlimited nearest.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones import kernels, searches
from carecircle.isochrones.graph import LONGEST_MS, OneWay, WalkGraph
from carecircle.isochrones.skeleton import sources_at

NEVER = np.iinfo(np.int64).max
LONGEST_LIMIT_MS = 120 * 60_000
ROWS_AT_ONCE = 64  # of a table that is not kept

Direction = Literal["to", "from", "round_trip", "worse"]
Part = TypeVar("Part")
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]  # as `searches.reach` gives them


@dataclass(frozen=True, eq=False)
class ReachTable:
    """Who is within the limit of whom: a sparse table by source.

    Row ``i`` is ``indptr[i]:indptr[i + 1]``; positions ascend within a row.

    Attributes
    ----------
    indptr : (n_sources + 1,) int64
    target : (pairs,) int32
        Position among the targets.
    ms : (pairs,) int64
        Walk in whole milliseconds.
    """

    indptr: NDArray[np.int64]
    target: NDArray[np.int32]
    ms: NDArray[np.int64]

    def __len__(self) -> int:
        """How many sources there are."""
        return len(self.indptr) - 1

    def row(self, source: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Target positions and milliseconds of one source."""
        if not 0 <= source < len(self):
            raise IndexError(f"no source {source} among {len(self)}")
        pairs = slice(self.indptr[source], self.indptr[source + 1])
        return self.target[pairs], self.ms[pairs]

    def transpose(self, n_targets: int) -> ReachTable:
        """The same pairs by target: ``target`` then holds positions of sources."""
        if self.target.max(initial=-1) >= n_targets:
            raise ValueError(f"the table holds more than {n_targets} targets")
        return ReachTable(*kernels.transpose(self.indptr, self.target, self.ms, n_targets))


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest source of every node or target; or the k nearest, a column for each.

    Attributes
    ----------
    ms : (n,) or (n, k) int64
        `NEVER` where no source is within the limit.
    source : (n,) or (n, k) int32
        Its position, the lowest of those equally near; -1 where there is none.
    """

    ms: NDArray[np.int64]
    source: NDArray[np.int32]

    def at(self, places: NDArray[np.integer[Any]]) -> Nearest:
        """Some of them, by position; nothing is near to -1 (not attached)."""
        missing = places < 0
        return Nearest(
            ms=np.where(missing, NEVER, self.ms[places]),
            source=np.where(missing, -1, self.source[places]).astype(np.int32),
        )


def reach_table(
    graph: WalkGraph,
    sources: NDArray[np.int32],
    targets: NDArray[np.int32] | None,
    limit_ms: int,
    threads: int | None = None,
    direction: Direction = "to",
) -> ReachTable:
    """For each source the targets within the limit, inclusive.

    Parameters
    ----------
    sources, targets : int32
        Node numbers; -1 (not attached) reaches nothing. Targets may share a node. Without
        targets every node is one, and its position is its number.
    limit_ms : int
        1 ms to 120 minutes.
    threads : int, optional
        As many as the machine has processors; the answer is the same for any number.
    direction : str
        Whose walk: of the targets ``to`` the sources, ``from`` them, ``round_trip`` (half of
        both, half up) or the ``worse`` of both.

    Raises
    ------
    ValueError
        The limit is no whole number in its range, or a node is not in the graph.
    """
    limit_ms = checked_limit(limit_ms)
    sources = _checked_nodes(graph, sources)
    targets = None if targets is None else _checked_nodes(graph, targets)
    if direction in ("to", "from"):
        return _one_way(graph, sources, targets, limit_ms, threads, direction)
    if direction not in ("round_trip", "worse"):
        raise ValueError(f"no direction {direction!r}")
    # half of both ways is within the limit only where each way is within twice the limit
    far_ms = 2 * limit_ms if direction == "round_trip" else limit_ms
    to, back = (_one_way(graph, sources, targets, far_ms, threads, way) for way in ("to", "from"))
    n_targets = len(graph.is_door) if targets is None else len(targets)
    return _both_ways(to, back, n_targets, limit_ms, direction)


def _one_way(
    graph: WalkGraph,
    sources: NDArray[np.int32],
    targets: NDArray[np.int32] | None,
    limit_ms: int,
    threads: int | None,
    direction: OneWay,
) -> ReachTable:
    """The table of one direction, for a limit and nodes already checked."""
    search = _searcher(graph, targets, limit_ms, direction)
    # Nodes of near numbers are near each other, so a search finds in the cache what the last
    # one has read.
    order = np.argsort(sources, kind="stable")
    return _table(_in_parallel(search, sources[order], threads), order)


def _searcher(
    graph: WalkGraph, targets: NDArray[np.int32] | None, limit_ms: int, direction: OneWay
) -> Callable[[NDArray[np.int32]], Pairs]:
    """One bounded search from each of some sources; targets ascend within a row."""
    skeleton = graph.skeleton(direction)
    stops = skeleton.stops_of_nodes if targets is None else skeleton.stops_of(targets)

    def search(part: NDArray[np.int32]) -> Pairs:
        begin = sources_at(skeleton, part)
        row_ptr, pairs = searches.reach(
            skeleton.arcs,
            skeleton.ways,
            stops.chains,
            stops.only,
            stops.ptr,
            stops.stops,
            begin.feet_ptr,
            begin.seeds,
            begin.seed_ms,
            begin.beside,
            begin.own,
            limit_ms,
        )
        for start, end in pairwise(row_ptr.tolist()):
            pairs[start:end].sort()  # by target, which is the high half, then by milliseconds
        return kernels.first_of_each(row_ptr, pairs), pairs

    return search


def _in_parallel(
    search: Callable[[NDArray[np.int32]], Part], sources: NDArray[np.int32], threads: int | None
) -> list[Part]:
    """The answers for consecutive slices of the sources, in their order."""
    workers = min(threads or os.cpu_count() or 1, max(1, len(sources)))
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(search, np.array_split(sources, workers)))


def _both_ways(
    to: ReachTable, back: ReachTable, n_targets: int, limit_ms: int, direction: Direction
) -> ReachTable:
    """The pairs that both tables hold, by the half or the worse of their two ways."""
    row, row_back = (
        np.repeat(np.arange(len(table)), np.diff(table.indptr)) for table in (to, back)
    )
    _, at, at_back = np.intersect1d(
        row * n_targets + to.target,
        row_back * n_targets + back.target,
        assume_unique=True,
        return_indices=True,
    )
    there, again = to.ms[at], back.ms[at_back]
    ms = (there + again + 1) // 2 if direction == "round_trip" else np.maximum(there, again)
    near = ms <= limit_ms
    counts = np.bincount(row[at[near]], minlength=len(to))
    return ReachTable(
        indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        target=to.target[at[near]],
        ms=ms[near],
    )


def nearest(
    graph: WalkGraph,
    sources: NDArray[np.int32],
    limit_ms: int | None = None,
    direction: OneWay = "to",
) -> Nearest:
    """The nearest source of every node; without a limit anything below 12 days counts.

    ``sources`` are node numbers; -1 reaches nothing. Raises ValueError as `reach_table`.
    """
    label = _nearest_labels(graph, sources, limit_ms, direction)
    return Nearest(*kernels.split_labels(label))


def nearest_k(table: ReachTable, n_targets: int, k: int) -> Nearest:
    """The k nearest sources of every target, (n_targets, k), nearest first.

    ``table`` holds a row per source. Of sources equally near the one with the lowest position
    comes first; where fewer than k are in the table the rest is `NEVER` and -1.
    """
    if k < 1:
        raise ValueError(f"at least one source is asked for, not {k}")
    by_target = table.transpose(n_targets)
    counts = np.diff(by_target.indptr)
    target = np.repeat(np.arange(n_targets), counts)
    order = np.lexsort((by_target.target, by_target.ms, target))
    rank = np.arange(len(order)) - np.repeat(by_target.indptr[:-1], counts)
    best = order[rank < k]
    ms = np.full((n_targets, k), NEVER)
    source = np.full((n_targets, k), -1, np.int32)
    places = target[best], rank[rank < k]
    ms[places], source[places] = by_target.ms[best], by_target.target[best]
    return Nearest(ms, source)


def within(
    graph: WalkGraph, sources: NDArray[np.int32], limit_ms: int, direction: OneWay = "to"
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Nodes within the limit of any source, ascending, and milliseconds from the nearest."""
    label = _nearest_labels(graph, sources, limit_ms, direction)
    nodes = np.flatnonzero(label != kernels.UNREACHED).astype(np.int32)
    return nodes, label[nodes] >> 32


def sums_within(
    graph: WalkGraph,
    sources: NDArray[np.int32],
    targets: NDArray[np.int32],
    weights: NDArray[np.int64],
    limit_ms: int,
    threads: int | None = None,
    direction: OneWay = "to",
) -> NDArray[np.int64]:
    """For each source the sum of the weights of the targets within the limit, inclusive.

    What `reach_table` would give, summed by row, without keeping the pairs.

    Parameters
    ----------
    weights : (targets,) int64
        Whole numbers, such as people.

    Raises
    ------
    ValueError
        As `reach_table`, or the weights are not whole numbers, one for each target.
    """
    limit_ms = checked_limit(limit_ms)
    sources, targets = _checked_nodes(graph, sources), _checked_nodes(graph, targets)
    weights = np.asarray(weights)
    if weights.dtype.kind not in "iu" or weights.shape != targets.shape:
        raise ValueError(f"a whole number for each of {len(targets)} targets is needed")
    search = _searcher(graph, targets, limit_ms, direction)

    def add_up(part: NDArray[np.int32]) -> NDArray[np.int64]:
        sums = np.zeros(len(part), np.int64)
        for begin in range(0, len(part), ROWS_AT_ONCE):
            row_ptr, pairs = search(part[begin : begin + ROWS_AT_ONCE])
            upto = np.append(0, np.cumsum(weights[pairs[: row_ptr[-1]] >> 32], dtype=np.int64))
            sums[begin : begin + ROWS_AT_ONCE] = np.diff(upto[row_ptr])
        return sums

    return np.concatenate(_in_parallel(add_up, sources, threads))


def _nearest_labels(
    graph: WalkGraph, sources: NDArray[np.int32], limit_ms: int | None, direction: OneWay
) -> NDArray[np.int64]:
    """Labels of one search from all sources."""
    skeleton = graph.skeleton(direction)
    sources = _checked_nodes(graph, sources)
    begin = sources_at(skeleton, sources)
    horizon_ms = int(max(skeleton.arcs[:, 4:].max(initial=0), begin.seed_ms.max(initial=0)))
    limit_ms = LONGEST_MS if limit_ms is None else checked_limit(limit_ms)
    last = (limit_ms << 32) | kernels.POSITION
    label = np.full(len(graph.is_door), kernels.UNREACHED)
    at_foot = (begin.foot_ms << 32) | begin.position
    soon = at_foot <= last
    np.minimum.at(label, begin.foot[soon], at_foot[soon])
    searches.nearest(
        skeleton.arcs,
        skeleton.chains,
        skeleton.chain_ptr,
        skeleton.chain_node,
        skeleton.nodes,
        skeleton.junctions,
        begin.seeds.ravel(),
        ((begin.seed_ms << 32) | begin.position[:, None]).ravel(),
        last,
        min(horizon_ms, limit_ms),
        label,
    )
    if len(skeleton.doors):
        legs = label[skeleton.leg_foot]
        there = np.where(legs <= last, legs + (skeleton.leg_in_ms.astype(np.int64) << 32), legs)
        there = np.where(there <= last, there, kernels.UNREACHED)
        np.minimum.at(label, np.repeat(skeleton.doors, np.diff(skeleton.leg_ptr)), there)
        of_doors = np.flatnonzero(begin.own >= 0)
        np.minimum.at(label, sources[of_doors], of_doors)
    return label


def checked_limit(limit_ms: int) -> int:
    """The limit, if it is whole milliseconds up to 120 minutes."""
    whole = isinstance(limit_ms, int | np.integer) and not isinstance(limit_ms, bool)
    if not whole or not 0 < limit_ms <= LONGEST_LIMIT_MS:
        raise ValueError(f"a limit is whole milliseconds, 1 to {LONGEST_LIMIT_MS}, not {limit_ms}")
    return int(limit_ms)


def _checked_nodes(graph: WalkGraph, nodes: NDArray[np.int32]) -> NDArray[np.int32]:
    """The node numbers as the kernels want them, if all are in the graph or -1."""
    nodes = np.asarray(nodes)
    if nodes.size:
        if nodes.dtype.kind not in "iu":
            raise ValueError(f"node numbers are whole numbers, not {nodes.dtype}")
        if nodes.min() < -1 or nodes.max() >= len(graph.indptr) - 1:
            raise ValueError("a node number is not in the graph")
    return np.ascontiguousarray(nodes, dtype=np.int32)


def _table(parts: list[Pairs], order: NDArray[np.intp]) -> ReachTable:
    """Rows that were made in this order, in consecutive slices of it, where they belong."""
    indptr = np.zeros(len(order) + 1, np.int64)
    indptr[1 + order] = np.concatenate([np.diff(row_ptr) for row_ptr, _ in parts])
    np.cumsum(indptr, out=indptr)
    target, ms = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.int64)
    for (row_ptr, pairs), rows in zip(parts, np.array_split(order, len(parts)), strict=True):
        kernels.put_pairs(row_ptr, pairs, indptr[rows], target, ms)
    return ReachTable(indptr, target, ms)
