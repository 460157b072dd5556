"""How long does the walk take, from whom to whom?

Two questions: every pair within a limit (`reach_table`, one bounded search per source,
sparse), and the nearest source of every node (`nearest`, one search from all together).
Times are whole milliseconds; a limit is inclusive. Every arc has its twin back, so the
walk from a facility to a home is also the walk from the home to the facility.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones import kernels
from carecircle.isochrones.graph import LONGEST_MS, WalkGraph

NEVER = np.iinfo(np.int64).max
LONGEST_LIMIT_MS = 120 * 60_000


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
    """The nearest source of every node.

    Attributes
    ----------
    ms : (n,) int64
        `NEVER` where no source is within the limit.
    source : (n,) int32
        Its position, the lowest of those equally near; -1 where there is none.
    """

    ms: NDArray[np.int64]
    source: NDArray[np.int32]


def reach_table(
    graph: WalkGraph,
    sources: NDArray[np.int32],
    targets: NDArray[np.int32],
    limit_ms: int,
    threads: int | None = None,
) -> ReachTable:
    """For each source the targets within the limit, inclusive.

    Parameters
    ----------
    sources, targets : int32
        Node numbers; -1 (not attached) reaches nothing. Targets may share a node.
    limit_ms : int
        1 ms to 120 minutes.
    threads : int, optional
        As many as the machine has processors; the answer is the same for any number.

    Raises
    ------
    ValueError
        The limit is no whole number in its range, or a node is not in the graph.
    """
    limit_ms = checked_limit(limit_ms)
    sources, targets = _checked_nodes(graph, sources), _checked_nodes(graph, targets)
    target_ptr, targets_at = _targets_by_node(graph, targets)

    def search(part: NDArray[np.int32]) -> ReachTable:
        return ReachTable(
            *kernels.reach(
                graph.indptr,
                graph.heads,
                graph.arc_ms,
                graph.is_door,
                part,
                limit_ms,
                target_ptr,
                targets_at,
            )
        )

    workers = min(threads or os.cpu_count() or 1, max(1, len(sources)))
    parts = np.array_split(sources, workers)
    with ThreadPoolExecutor(workers) as pool:
        table = _stacked(list(pool.map(search, parts)))
    # Turning a table over sorts it in linear time: once by target, then back by source.
    return table.transpose(len(targets)).transpose(len(sources))


def nearest(graph: WalkGraph, sources: NDArray[np.int32], limit_ms: int | None = None) -> Nearest:
    """The nearest source of every node; without a limit anything below 12 days counts.

    ``sources`` are node numbers; -1 reaches nothing. Raises ValueError as `reach_table`.
    """
    label, _ = _nearest_labels(graph, sources, limit_ms)
    reached = label != kernels.UNREACHED
    return Nearest(
        ms=np.where(reached, label >> 32, NEVER),
        source=np.where(reached, label & kernels.POSITION, -1).astype(np.int32),
    )


def within(
    graph: WalkGraph, sources: NDArray[np.int32], limit_ms: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Nodes within the limit of any source, ascending, and milliseconds from the nearest."""
    label, nodes = _nearest_labels(graph, sources, limit_ms)
    nodes.sort()
    return nodes, label[nodes] >> 32


def _nearest_labels(
    graph: WalkGraph, sources: NDArray[np.int32], limit_ms: int | None
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Labels of one search from all sources, and the nodes it reached."""
    if limit_ms is None:
        limit_ms, horizon_ms = LONGEST_MS, int(graph.arc_ms.max(initial=0))
    else:
        limit_ms = horizon_ms = checked_limit(limit_ms)
    sources = _checked_nodes(graph, sources)
    label, nodes = kernels.nearest(
        graph.indptr, graph.heads, graph.arc_ms, graph.is_door, sources, limit_ms, horizon_ms
    )
    return label, nodes


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


def _targets_by_node(
    graph: WalkGraph, targets: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """CSR of the target positions at each node."""
    attached = np.flatnonzero(targets >= 0)
    target_ptr = np.zeros(len(graph.indptr), dtype=np.int64)
    np.cumsum(np.bincount(targets[attached], minlength=len(graph.indptr) - 1), out=target_ptr[1:])
    by_node = attached[np.argsort(targets[attached], kind="stable")]
    return target_ptr, by_node.astype(np.int32)


def _stacked(parts: list[ReachTable]) -> ReachTable:
    """The tables of consecutive slices of sources as one."""
    counts = np.concatenate([np.diff(part.indptr) for part in parts])
    return ReachTable(
        indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        target=np.concatenate([part.target for part in parts]),
        ms=np.concatenate([part.ms for part in parts]),
    )
