"""What can be merged or dropped before siting, without changing the best plan?

Homes that the very same candidates cover are one demand point with their people together.
A candidate that covers nothing which another does not cover as well is dominated: some
best plan does without it (reductions of Toregas & ReVelle 1972 and Downs & Camm 1996).
Both are exact for any number of sites. Where everybody has to be covered, a home is needless
as well whose candidates are all those of another home, and more.

Nothing is held but the pairs themselves: a set is looked for only among those that share
its rarest member.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from carecircle.isochrones.kernels import compiled


@dataclass(frozen=True, eq=False)
class CoveringProblem:
    """Which demand points each candidate covers, and what they weigh.

    Attributes
    ----------
    covers : (demand points, candidates) csr_array of int64, ones
    weights : (demand points,) int64
        People; every one above 0.
    position : (candidates,) int64
        Where each candidate stood among all of them; rising.
    """

    covers: csr_array
    weights: NDArray[np.int64]
    position: NDArray[np.int64]


def reduced(covers: csr_array, weights: NDArray[np.int64]) -> CoveringProblem:
    """The same problem in fewer demand points and fewer candidates.

    Parameters
    ----------
    covers : (homes, candidates) csr_array
        True where a station at the candidate covers the home.
    weights : (homes,) int64
        People of each home, 0 or more.
    """
    covers = csr_array(covers, dtype=np.int64)
    covers.eliminate_zeros()
    worth = (weights > 0) & (np.diff(covers.indptr) > 0)
    merged, people = merge_homes(covers[worth], weights[worth])
    position = undominated(merged)
    merged, people = merge_homes(merged[:, position], people)
    return CoveringProblem(merged, people, position)


def merge_homes(
    covers: csr_array, weights: NDArray[np.int64]
) -> tuple[csr_array, NDArray[np.int64]]:
    """One row for all homes with the same candidates, their people added; first met, first."""
    first, group = equal_rows(covers)
    people = np.zeros(len(first), np.int64)
    np.add.at(people, group, weights)
    return covers[first], people


def equal_rows(covers: csr_array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first row of each group of equal rows, ascending, and the group of each row.

    Rows are told apart by the sum of random numbers of their members. Rows of one sum are
    then compared member by member; should two differ, other numbers are drawn.
    """
    covers.sort_indices()
    ptr, members = covers.indptr.astype(np.int64), covers.indices
    size = np.diff(ptr)
    of_row = np.repeat(np.arange(len(size)), size)
    for seed in count():
        draws = np.random.default_rng(seed).integers(0, 2**64, covers.shape[1], np.uint64)
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(draws[members], dtype=np.uint64)])
        _, first, group = np.unique(sums[ptr[1:]] - sums[ptr[:-1]], True, True)
        twin = first[group]
        if (size == size[twin]).all():
            there = ptr[twin[of_row]] + np.arange(len(members)) - ptr[of_row]
            if (members == members[there]).all():
                break
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return np.sort(first), rank[group]


def undominated(covers: csr_array) -> NDArray[np.int64]:
    """Candidates that no other makes needless; of equal ones the first stays."""
    return np.flatnonzero(~inside_another(*both_ways(csr_array(covers.T))))


def hardest(covers: csr_array) -> NDArray[np.int64]:
    """Homes that are not covered whenever another one is; of equal ones the first stays."""
    return np.flatnonzero(~around_another(*both_ways(covers)))


def both_ways(sets: csr_array) -> tuple[NDArray[np.int64], ...]:
    """Members of each set, and sets of each member, ascending: pointers and positions twice."""
    sets.sort_indices()
    owners = csr_array(sets.T)
    owners.sort_indices()
    parts = sets.indptr, sets.indices, owners.indptr, owners.indices
    return tuple(part.astype(np.int64) for part in parts)


@compiled
def inside_another(
    ptr: NDArray[np.int64],
    members: NDArray[np.int64],
    owner_ptr: NDArray[np.int64],
    owners: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Sets whose members all lie in one other set, or which are empty.

    Only the sets that share the rarest member have to be looked at.
    """
    inside = np.zeros(len(ptr) - 1, np.bool_)
    for one in range(len(inside)):
        if ptr[one] == ptr[one + 1]:
            inside[one] = True
            continue
        rare = _rarest(one, ptr, members, owner_ptr)
        for at in range(owner_ptr[rare], owner_ptr[rare + 1]):
            if _within(one, owners[at], ptr, members):
                inside[one] = True
                break
    return inside


@compiled
def around_another(
    ptr: NDArray[np.int64],
    members: NDArray[np.int64],
    owner_ptr: NDArray[np.int64],
    owners: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Sets that hold all members of one other set; no set may be empty."""
    around = np.zeros(len(ptr) - 1, np.bool_)
    for one in range(len(around)):
        if around[one]:
            continue
        rare = _rarest(one, ptr, members, owner_ptr)
        for at in range(owner_ptr[rare], owner_ptr[rare + 1]):
            other = owners[at]
            # Of equal sets the first stays: seen from the other one, it comes later.
            later = ptr[other + 1] - ptr[other] > ptr[one + 1] - ptr[one] or other > one
            if later and not around[other] and _holds(one, other, ptr, members):
                around[other] = True
    return around


@compiled
def _rarest(
    one: int, ptr: NDArray[np.int64], members: NDArray[np.int64], owner_ptr: NDArray[np.int64]
) -> int:
    """The member of a set that fewest sets have."""
    rare = members[ptr[one]]
    for at in range(ptr[one], ptr[one + 1]):
        member = members[at]
        if owner_ptr[member + 1] - owner_ptr[member] < owner_ptr[rare + 1] - owner_ptr[rare]:
            rare = member
    return int(rare)


@compiled
def _within(one: int, other: int, ptr: NDArray[np.int64], members: NDArray[np.int64]) -> bool:
    """Whether another set is larger and holds this one, or is equal and stands before it."""
    size, their_size = ptr[one + 1] - ptr[one], ptr[other + 1] - ptr[other]
    if their_size < size or (their_size == size and other >= one):
        return False
    return _holds(one, other, ptr, members)


@compiled
def _holds(one: int, other: int, ptr: NDArray[np.int64], members: NDArray[np.int64]) -> bool:
    """Whether the other set holds all members of this one."""
    there, end = ptr[other], ptr[other + 1]
    for at in range(ptr[one], ptr[one + 1]):
        while there < end and members[there] < members[at]:
            there += 1
        if there == end or members[there] != members[at]:
            return False
        there += 1
    return True
