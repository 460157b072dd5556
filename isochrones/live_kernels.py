"""The updates themselves, compiled: labels of a changing graph, repaired where it changed.

Labels are those of `kernels`: milliseconds and the position of the source, the lowest first.
What has lost its support (an arc or a source that is no more) is unlabelled together with all
that hangs on it by tight arcs, those along which the label grows by exactly the arc's time;
then labels flow in again from around the hole, from the sources and over new arcs (Ramalingam
and Reps 1996, "An incremental algorithm for a generalization of the shortest-path problem").
The unlabelling goes by tight arcs rather than by a tree or by counts, so zero-length rings
cannot hold each other up; it may take in a tie that had other support, which then gets the
same label back.

The queue is a ring of buckets (Dial 1969), each a doubly linked list threaded through the
nodes: a node is in one list at most, so the queue never grows.

Arcs are kept as linked lists: those that leave node ``u`` are ``first_arc[u]``,
``next_arc[first_arc[u]]`` and so on. Arcs ``2p`` and ``2p + 1`` are the two ways of piece
``p``, so the twin of an arc is ``arc ^ 1``. There are no doors in this graph: homes hang on
the pieces beside it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.kernels import UNREACHED, compiled

BUCKET_BITS = 13  # a bucket of the queue holds 2**13 ms, about 8 seconds of walking
NOT_QUEUED, NONE = -2, -1


@compiled
def repaired(
    first_arc: NDArray[np.int32],
    next_arc: NDArray[np.int32],
    head: NDArray[np.int32],
    arc_ms: NDArray[np.int32],
    label: NDArray[np.int64],
    links: NDArray[np.int32],
    first: NDArray[np.int32],
    seen: NDArray[np.bool_],
    touched: NDArray[np.int32],
    before: NDArray[np.int64],
    lost: NDArray[np.int32],
    fresh: NDArray[np.int32],
    source_node: NDArray[np.int32],
    source_label: NDArray[np.int64],
    last: int,
) -> int:
    """Make all labels right again; returns how many nodes were looked at.

    ``lost`` are nodes that have lost a support, ``fresh`` those at which new arcs arrive; all
    sources are given. ``seen`` is all False, ``first`` all `NONE`, and every entry of
    ``links`` is `NOT_QUEUED`; they are so again at the end. The nodes and their labels from
    before are in ``touched`` and ``before``.
    """
    n_touched = _unlabelled(first_arc, next_arc, head, arc_ms, label, seen, touched, before, lost)
    node = np.concatenate((touched[:n_touched], fresh, source_node))
    offered = np.full(len(node), UNREACHED, np.int64)
    n_around = n_touched + len(fresh)
    for i in range(n_around):
        offered[i] = _best_around(first_arc, next_arc, head, arc_ms, label, node[i])
    offered[n_around:] = source_label
    useful = np.empty(len(node), np.bool_)
    for i in range(len(node)):
        useful[i] = offered[i] < label[node[i]] and offered[i] <= last
    node, offered = node[useful], offered[useful]
    order = np.argsort(offered)
    n_touched = _improved(
        first_arc, next_arc, head, arc_ms, label, links, first, seen, touched, before,
        n_touched, node[order], offered[order], last,
    )  # fmt: skip
    for i in range(n_touched):
        seen[touched[i]] = False
    return n_touched


@compiled
def _unlabelled(
    first_arc: NDArray[np.int32],
    next_arc: NDArray[np.int32],
    head: NDArray[np.int32],
    arc_ms: NDArray[np.int32],
    label: NDArray[np.int64],
    seen: NDArray[np.bool_],
    touched: NDArray[np.int32],
    before: NDArray[np.int64],
    lost: NDArray[np.int32],
) -> int:
    """Take the label from the nodes that lost a support and from all that hang on them."""
    n_touched = 0
    for node in lost:
        if label[node] != UNREACHED:
            n_touched = _note(node, label, seen, touched, before, n_touched)
            label[node] = UNREACHED
    done = 0
    while done < n_touched:
        arc = first_arc[touched[done]]
        while arc != NONE:
            hanging = head[arc]
            if label[hanging] == before[done] + (np.int64(arc_ms[arc]) << 32):
                n_touched = _note(hanging, label, seen, touched, before, n_touched)
                label[hanging] = UNREACHED
            arc = next_arc[arc]
        done += 1
    return n_touched


@compiled
def _note(
    node: int,
    label: NDArray[np.int64],
    seen: NDArray[np.bool_],
    touched: NDArray[np.int32],
    before: NDArray[np.int64],
    n_touched: int,
) -> int:
    """Remember the label a node has before it changes for the first time."""
    if seen[node]:
        return n_touched
    seen[node] = True
    touched[n_touched] = node
    before[n_touched] = label[node]
    return n_touched + 1


@compiled
def _best_around(
    first_arc: NDArray[np.int32],
    next_arc: NDArray[np.int32],
    head: NDArray[np.int32],
    arc_ms: NDArray[np.int32],
    label: NDArray[np.int64],
    node: int,
) -> int:
    """The lowest label that the neighbours of a node offer it."""
    best = int(UNREACHED)
    arc = first_arc[node]
    while arc != NONE:
        if label[head[arc]] != UNREACHED:
            best = min(best, label[head[arc]] + (np.int64(arc_ms[arc ^ 1]) << 32))
        arc = next_arc[arc]
    return best


@compiled
def _queue(
    node: int, label: NDArray[np.int64], links: NDArray[np.int32], first: NDArray[np.int32]
) -> None:
    """Put a node at the head of the bucket of its label."""
    bucket = (label[node] >> (32 + BUCKET_BITS)) & (len(first) - 1)
    follower = first[bucket]
    links[node, 0], links[node, 1] = NONE, follower
    if follower != NONE:
        links[follower, 0] = node
    first[bucket] = node


@compiled
def _unqueue(
    node: int, label: NDArray[np.int64], links: NDArray[np.int32], first: NDArray[np.int32]
) -> None:
    """Take a node out of the bucket of its label."""
    before, after = links[node, 0], links[node, 1]
    if before == NONE:
        first[(label[node] >> (32 + BUCKET_BITS)) & (len(first) - 1)] = after
    else:
        links[before, 1] = after
    if after != NONE:
        links[after, 0] = before
    links[node, 0] = NOT_QUEUED


@compiled
def _improved(
    first_arc: NDArray[np.int32],
    next_arc: NDArray[np.int32],
    head: NDArray[np.int32],
    arc_ms: NDArray[np.int32],
    label: NDArray[np.int64],
    links: NDArray[np.int32],
    first: NDArray[np.int32],
    seen: NDArray[np.bool_],
    touched: NDArray[np.int32],
    before: NDArray[np.int64],
    n_touched: int,
    node_offered: NDArray[np.int32],
    offered: NDArray[np.int64],
    last: int,
) -> int:
    """Let offered labels, in ascending order, flow on as long as they improve something.

    An offer is queued only when its bucket has come, so that the
    ring need not span the offers; with nothing queued the search leaps to the next of them.
    """
    n_queued = i = 0
    bucket = np.int64(0)
    while n_queued > 0 or i < len(offered):
        if n_queued == 0:
            bucket = max(bucket, offered[i] >> (32 + BUCKET_BITS))
        while i < len(offered) and (offered[i] >> (32 + BUCKET_BITS)) <= bucket:
            if offered[i] < label[node_offered[i]]:
                node = node_offered[i]
                n_touched = _note(node, label, seen, touched, before, n_touched)
                if links[node, 0] != NOT_QUEUED:
                    _unqueue(node, label, links, first)
                    n_queued -= 1
                label[node] = offered[i]
                _queue(node, label, links, first)
                n_queued += 1
            i += 1
        node = first[bucket & (len(first) - 1)]
        if node == NONE:
            bucket += 1
            continue
        _unqueue(node, label, links, first)
        n_queued -= 1
        arc = first_arc[node]
        while arc != NONE:
            there = label[node] + (np.int64(arc_ms[arc]) << 32)
            to = head[arc]
            if there <= last and there < label[to]:
                n_touched = _note(to, label, seen, touched, before, n_touched)
                if links[to, 0] != NOT_QUEUED:
                    _unqueue(to, label, links, first)
                    n_queued -= 1
                label[to] = there
                _queue(to, label, links, first)
                n_queued += 1
            arc = next_arc[arc]
    return n_touched


@compiled
def homes_beside(
    first_arc: NDArray[np.int32],
    next_arc: NDArray[np.int32],
    first_leg: NDArray[np.int32],
    next_leg: NDArray[np.int32],
    leg_home: NDArray[np.int32],
    nodes: NDArray[np.int32],
) -> NDArray[np.int32]:
    """Homes with a leg to a piece that ends at one of the nodes; some of them repeatedly.

    On pieces beyond the end of ``first_leg`` none has ever hung.
    """
    homes = np.empty(64, np.int32)
    size = 0
    for node in nodes:
        arc = first_arc[node]
        while arc != NONE:
            piece = arc >> 1
            leg = first_leg[piece] if piece < len(first_leg) else NONE
            while leg != NONE:
                if size == len(homes):
                    homes = np.concatenate((homes, np.empty(size, np.int32)))
                homes[size] = leg_home[leg]
                size += 1
                leg = next_leg[leg]
            arc = next_arc[arc]
    return homes[:size].copy()


@compiled
def labels_of_homes(
    homes: NDArray[np.int32],
    home_ptr: NDArray[np.int64],
    leg_piece: NDArray[np.int32],
    leg_ms: NDArray[np.int32],
    from_ends_ms: NDArray[np.int32],
    head: NDArray[np.int32],
    label: NDArray[np.int64],
    last: int,
) -> NDArray[np.int64]:
    """The label of each home: the lowest over its legs, each from both ends of its piece."""
    found = np.full(len(homes), UNREACHED, np.int64)
    for i in range(len(homes)):
        for leg in range(home_ptr[homes[i]], home_ptr[homes[i] + 1]):
            piece = leg_piece[leg]
            if piece == NONE:
                continue
            for end in range(2):
                # the arc 2p leads to the second end of its piece, the arc 2p + 1 to the first
                at_end = label[head[2 * piece + 1 - end]]
                if at_end == UNREACHED:
                    continue
                ms = np.int64(from_ends_ms[leg, end]) + np.int64(leg_ms[leg])
                there = at_end + (ms << 32)
                if there <= last:
                    found[i] = min(found[i], there)
    return found
