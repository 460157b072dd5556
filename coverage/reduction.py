"""What can be merged or dropped before siting, without changing the best plan?

Homes that the very same candidates cover are one demand point with their people together.
A candidate that covers nothing which another does not cover as well is dominated: some
best plan does without it (reductions of Toregas & ReVelle 1972 and Downs & Camm 1996).
Both are exact for any number of sites.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array


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
    covers.sort_indices()
    first_of: dict[bytes, int] = {}
    first: list[int] = []
    group = np.empty(covers.shape[0], np.int64)
    for home in range(covers.shape[0]):
        start, stop = covers.indptr[home], covers.indptr[home + 1]
        group[home] = first_of.setdefault(covers.indices[start:stop].tobytes(), len(first))
        if group[home] == len(first):
            first.append(home)
    people = np.zeros(len(first), np.int64)
    np.add.at(people, group, weights)
    return covers[np.array(first, np.int64)], people


def undominated(covers: csr_array) -> NDArray[np.int64]:
    """Candidates that no other makes needless; of equal ones the first stays."""
    shared = csr_array(covers.T @ covers).tocoo()
    size = covers.sum(axis=0)
    inside = (shared.data == size[shared.row]) & (shared.row != shared.col)
    smaller, larger = shared.row[inside], shared.col[inside]
    needless = (size[larger] > size[smaller]) | (larger < smaller)
    keep = size > 0
    keep[smaller[needless]] = False
    return np.flatnonzero(keep)
