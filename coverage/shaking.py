"""A better plan where swaps gain no more: shake one neighbourhood, swap again, many times.

Iterated local search (Lourenco, Martin & Stutzle 2003): the sites round a candidate, who share
homes with it, are replaced by any others there, and swaps follow (`interchange`). A plan a little
worse than the last is sometimes kept, so that the search gets out of where it is. The
numbers drawn and the rounds are the same in every run.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.interchange import interchanged
from carecircle.coverage.savings import Savings

ROUNDS = 4000
MOST_WORK = 500_000_000  # pairs looked at, at least once a round
MOST_MOVED = 8
WORSE = 3e-4  # of a plan's worth that is given up now and then


def shaken(table: Savings, sites: NDArray[np.int64]) -> NDArray[np.int64]:
    """The best plan met, with as many sites, ascending."""
    random = np.random.default_rng(0)
    now = best = np.sort(sites)
    worth = most = table.worth(sites)
    for _ in range(min(ROUNDS, MOST_WORK // max(1, len(table.site)))):
        other = interchanged(table, shake(table, now, random))
        got = table.worth(other)
        if got >= worth - random.exponential(WORSE * most):
            now, worth = other, got
        if got > most:
            best, most = other, got
    return best


def shake(
    table: Savings, sites: NDArray[np.int64], random: np.random.Generator
) -> NDArray[np.int64]:
    """The plan with some sites of one neighbourhood replaced."""
    near = neighbours(table, int(random.integers(table.n_sites)))
    leave = random.permutation(sites[near[sites]])[:MOST_MOVED]
    kept = np.setdiff1d(sites, leave)
    near[kept] = False
    enter = random.choice(np.flatnonzero(near), len(leave), replace=False)
    return np.concatenate([kept, enter])


def neighbours(table: Savings, site: int) -> NDArray[np.bool_]:
    """Which candidates share a home with this one, itself among them."""
    homes = table.home[table.site_ptr[site] : table.site_ptr[site + 1]]
    near = np.zeros(table.n_sites, bool)
    near[site] = True
    for home in homes:
        near[table.site[table.home_ptr[home] : table.home_ptr[home + 1]]] = True
    return near
