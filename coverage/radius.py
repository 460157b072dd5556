"""The plan of ``p`` sites that is worth most, as a mixed integer program.

The radius formulation (Cornuejols, Nemhauser & Wolsey 1980): ``z`` says of a set of
candidates whether one of them is built. Of a home with candidates 1, 2, 3 ..., best first,
come the sets {1}, {1, 2}, {1, 2, 3} ..., each worth what the home saves by its last member
beyond the next candidate; equal candidates come together. Sets that homes share are one
(Garcia, Labbe & Marin 2011), and each leans on one that it extends::

    maximise   sum(extra[S] * z[S])
    such that  z[S] <= z[S without its last] + sum(x of its last),   sum(x) <= p

In maximal covering every home has one set, and this is the usual formulation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from carecircle.coverage.milp import Program
from carecircle.coverage.savings import Savings

NONE = -1


@dataclass(frozen=True, eq=False)
class Sets:
    """Sets of candidates, a smaller one always before a larger one that leans on it.

    Attributes
    ----------
    extra : (sets,) int64
        What is saved, by all homes together, where one of the set is built.
    shorter : (sets,) int64
        The set that this one extends, `NONE` for the first of a home.
    last_set, last : (members,) int64
        A set, and a candidate by which it extends the shorter one.
    """

    extra: NDArray[np.int64]
    shorter: NDArray[np.int64]
    last_set: NDArray[np.int64]
    last: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RadiusProgram:
    """The program: candidates first, then sets."""

    program: Program
    sets: Sets
    n_sites: int

    def start(self, sites: NDArray[np.int64]) -> NDArray[np.float64]:
        """A plan, as values of the program's columns."""
        built = np.isin(np.arange(self.n_sites), sites)
        met = np.zeros(len(self.sets.extra), bool)
        met[self.sets.last_set[built[self.sets.last]]] = True
        for at, shorter in enumerate(self.sets.shorter.tolist()):
            met[at] |= shorter != NONE and met[shorter]
        return np.concatenate([built, met]).astype(float)


def radius_program(table: Savings, p: int, scale: float) -> RadiusProgram:
    """The program of a table of savings, whose figures are divided by ``scale``."""
    sets = sets_of(table)
    n_sets, n_sites = len(sets.extra), table.n_sites
    extends = np.flatnonzero(sets.shorter != NONE)
    entries = [
        (np.arange(n_sets), n_sites + np.arange(n_sets), 1.0),
        (sets.last_set, sets.last, -1.0),
        (extends, n_sites + sets.shorter[extends], -1.0),
        (np.full(n_sites, n_sets), np.arange(n_sites), 1.0),
    ]
    rows = np.concatenate([row for row, _, _ in entries])
    columns = np.concatenate([column for _, column, _ in entries])
    values = np.concatenate([np.full(len(row), value) for row, _, value in entries])
    program = Program(
        matrix=csc_array(csr_array((values, (rows, columns)), (n_sets + 1, n_sites + n_sets))),
        cost=np.concatenate([np.zeros(n_sites), sets.extra / scale]),
        maximize=True,
        integer=np.arange(n_sites + n_sets) < n_sites,
        row_lower=np.full(n_sets + 1, -np.inf),
        row_upper=np.concatenate([np.zeros(n_sets), [p]]).astype(float),
        lower=np.zeros(n_sites + n_sets),
        upper=np.ones(n_sites + n_sets),
    )
    return RadiusProgram(program, sets, n_sites)


def sets_of(table: Savings) -> Sets:
    """The distinct sets of best candidates of all homes.

    A set is known by its members as bits of one integer, so that two are one set exactly if
    they have the same members.
    """
    number: dict[int, int] = {}
    extra: list[int] = []
    shorter: list[int] = []
    last_set: list[int] = []
    last: list[int] = []
    site, saved = table.site.tolist(), [*table.saved.tolist(), 0]
    ptr = table.home_ptr.tolist()
    for home in range(table.n_homes):
        members, before, group = 0, NONE, []
        for pair in range(ptr[home], ptr[home + 1]):
            group.append(site[pair])
            members |= 1 << site[pair]
            following = saved[pair + 1] if pair + 1 < ptr[home + 1] else 0
            if following == saved[pair]:
                continue
            here = number.setdefault(members, len(extra))
            if here == len(extra):
                extra.append(0)
                shorter.append(before)
                last_set += [here] * len(group)
                last += group
            extra[here] += saved[pair] - following
            before, group = here, []
    return Sets(*(np.array(part, np.int64) for part in (extra, shorter, last_set, last)))
