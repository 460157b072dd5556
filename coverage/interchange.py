"""A good plan, quickly: the best next site again and again, then the best swap while one gains.

Greedy reaches at least 1 - 1/e of the best possible (Nemhauser, Wolsey & Fisher 1978). The
swap of one site for another that gains most is then made for as long as one gains (Teitz &
Bart 1968), as fast interchange (Whitaker 1983) in the form of Resende & Werneck (2007):
of each home the best and the second best open site are known, from which follow what each
candidate would add, what each open site is needed for, and, for a pair of the two, what
the newcomer makes up for. After a swap only the homes that it touches are counted anew.

Whole numbers throughout; of equal choices the lowest position is taken.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.savings import Savings
from carecircle.isochrones.kernels import compiled

NONE = -1


class Swaps(NamedTuple):
    """What every swap would change, kept up to date home by home.

    A swap of the open site at place ``k`` for candidate ``j`` changes the plan's worth by
    ``gain[j] - loss[k] + regained[j, k]``.

    Attributes
    ----------
    place : (candidates,) int32
        Of an open site among the plan's; `NONE` for the others.
    best, second : (homes,) int64
        The pair by which a home saves most, and next most, in the plan; `NONE` without.
    gain : (candidates,) int64
    loss : (p,) int64
    regained : (candidates, p) int64
    """

    place: NDArray[np.int32]
    best: NDArray[np.int64]
    second: NDArray[np.int64]
    gain: NDArray[np.int64]
    loss: NDArray[np.int64]
    regained: NDArray[np.int64]


def greedy(table: Savings, p: int, enough: int | None = None) -> NDArray[np.int64]:
    """At most ``p`` sites in the order in which they add most; over when that is ``enough``.

    A site that would add nothing is not taken.
    """
    worth = int(table.most.sum()) if enough is None else enough
    chosen: NDArray[np.int64] = best_first(table, p, worth)
    return chosen


def interchanged(table: Savings, sites: NDArray[np.int64]) -> NDArray[np.int64]:
    """The plan after every swap that gains, ascending."""
    if len(sites) in (0, table.n_sites):
        return np.sort(sites)
    return np.sort(swapped(table, np.sort(sites)))


@compiled
def best_first(table: Savings, p: int, enough: int) -> NDArray[np.int64]:
    """Greedy; what each candidate would add is kept up to date home by home."""
    n_sites = len(table.site_ptr) - 1
    best = np.zeros(len(table.home_ptr) - 1, np.int64)
    gain = np.zeros(n_sites, np.int64)
    for pair in range(len(table.site)):
        gain[table.site[pair]] += table.saved[pair]
    chosen = np.empty(min(p, n_sites), np.int64)
    count, worth = 0, 0
    while count < len(chosen) and worth < enough:
        new = np.argmax(gain)
        if gain[new] == 0:
            break
        chosen[count] = new
        count += 1
        worth += gain[new]
        for at in range(table.site_ptr[new], table.site_ptr[new + 1]):
            i, more = table.home[at], table.site_saved[at]
            if more <= best[i]:
                continue
            for pair in range(table.home_ptr[i], table.home_ptr[i + 1]):
                if table.saved[pair] <= best[i]:
                    break
                gain[table.site[pair]] -= min(table.saved[pair], more) - best[i]
            best[i] = more
    return chosen[:count]


@compiled
def swapped(table: Savings, sites: NDArray[np.int64]) -> NDArray[np.int64]:
    """The best swap, again and again, until none gains."""
    n_homes, n_sites, p = len(table.home_ptr) - 1, len(table.site_ptr) - 1, len(sites)
    sites = sites.copy()
    swaps = Swaps(
        np.full(n_sites, NONE, np.int32),
        np.full(n_homes, NONE, np.int64),
        np.full(n_homes, NONE, np.int64),
        np.zeros(n_sites, np.int64),
        np.zeros(p, np.int64),
        np.zeros((n_sites, p), np.int64),
    )
    for k in range(p):
        swaps.place[sites[k]] = k
    for i in range(n_homes):
        _find(i, table, swaps)
        _count(i, 1, table, swaps)
    met = np.zeros(n_homes, np.bool_)
    while True:
        enters, k = _best_swap(swaps)
        if enters == NONE:
            return sites
        leaves = sites[k]
        homes = _of_either(enters, leaves, table, met)
        for i in homes:
            _count(i, -1, table, swaps)
        swaps.place[leaves], swaps.place[enters], sites[k] = NONE, k, enters
        for i in homes:
            _find(i, table, swaps)
            _count(i, 1, table, swaps)


@compiled
def _best_swap(swaps: Swaps) -> tuple[int, int]:
    """Who enters, and the place of who leaves; `NONE` where no swap gains."""
    most, enters, leaves = 0, NONE, NONE
    for j in range(len(swaps.gain)):
        # A newcomer makes up for no more than is lost, so a swap gains no more than ``gain``.
        if swaps.gain[j] <= most or swaps.place[j] != NONE:
            continue
        for k in range(len(swaps.loss)):
            change = swaps.gain[j] - swaps.loss[k] + swaps.regained[j, k]
            if change > most:
                most, enters, leaves = change, j, k
    return enters, leaves


@compiled
def _of_either(one: int, other: int, table: Savings, met: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The homes of two candidates; ``met`` is all false before and after."""
    room = 0
    for site in (one, other):
        room += table.site_ptr[site + 1] - table.site_ptr[site]
    homes, count = np.empty(room, np.int64), 0
    for site in (one, other):
        for at in range(table.site_ptr[site], table.site_ptr[site + 1]):
            i = table.home[at]
            if not met[i]:
                met[i] = True
                homes[count] = i
                count += 1
    for at in range(count):
        met[homes[at]] = False
    return homes[:count]


@compiled
def _find(i: int, table: Savings, swaps: Swaps) -> None:
    """The pairs of the best and the second best open site of a home."""
    swaps.best[i] = swaps.second[i] = NONE
    for pair in range(table.home_ptr[i], table.home_ptr[i + 1]):
        if swaps.place[table.site[pair]] == NONE:
            continue
        if swaps.best[i] != NONE:
            swaps.second[i] = pair
            return
        swaps.best[i] = pair


@compiled
def _count(i: int, sign: int, table: Savings, swaps: Swaps) -> None:
    """Add (1) or take away (-1) what one home has to say about every swap."""
    pair = swaps.best[i]
    first = NONE if pair == NONE else swaps.place[table.site[pair]]
    best = 0 if pair == NONE else table.saved[pair]
    second = 0 if swaps.second[i] == NONE else table.saved[swaps.second[i]]
    if first != NONE:
        swaps.loss[first] += sign * (best - second)
    for pair in range(table.home_ptr[i], table.home_ptr[i + 1]):
        here = table.saved[pair]
        if here <= second:
            return
        j = table.site[pair]
        if here > best:
            swaps.gain[j] += sign * (here - best)
        if first != NONE:
            swaps.regained[j, first] += sign * (min(here, best) - second)
