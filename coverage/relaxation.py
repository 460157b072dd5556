"""What can no plan of ``p`` sites be worth more than?

Lagrangian relaxation of "a home uses one station" (Cornuejols, Fisher & Nemhauser 1977 for
the p-median, Galvao & ReVelle 1996 for covering). Each home has a price ``v[i]``, which is
paid wherever the sites are; a station then earns what its homes save beyond their prices::

    bound(v) = sum(v)  +  the p largest of  sum over i of max(saved[i, j] - v[i], 0)

holds for every plan and all prices of 0 or more. The prices are sought by a deflected
subgradient (Camerini, Fratta & Maffioli 1975) with Polyak's step towards the best plan found:
they rise where several of the ``p`` sites serve a home and fall where none does.

The search for prices is in floating point, where nothing has to be exact. What is claimed is
not: the best prices are rounded to fractions of a unit, any of which bound, and the bound,
and what it says of each candidate, is added up in whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.interchange import interchanged
from carecircle.coverage.savings import Savings
from carecircle.isochrones.kernels import compiled

ROUNDS = 2000
ROUNDS_PER_SWAP_SEARCH = 5
PATIENCE = 20  # rounds without progress before the steps shrink
SHRINK = 0.7
SMALLEST_STEP = 1e-3  # smaller ones moved no bound in trials
MEMORY = 0.8  # how much of the last direction is kept, so that the steps do not zigzag
PROGRESS = 1e-6  # of the bound; less counts as none
MOST_BITS = 60  # so that sums of all that is saved, in fractions, stay within 64 bits
FRACTION_BITS = 16  # a price is known to 1/65,536 of a unit


@dataclass(frozen=True, eq=False)
class Priced:
    """What came of a search for prices.

    Attributes
    ----------
    sites : (any,) int64
        The best plan met.
    relaxation : Relaxation
        The bound.
    prices : (homes,) float64
        By which it was found.
    use : (candidates,) float64
        How often each candidate was among those that earn most, lately: 0 to 1.
    """

    sites: NDArray[np.int64]
    relaxation: Relaxation
    prices: NDArray[np.float64]
    use: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Relaxation:
    """A bound on all plans, in whole fractions of a unit (``2**-bits``).

    ``base`` is paid whatever is built and ``scores`` is what each candidate earns, so that
    ``base`` and the ``p`` best scores together bound every plan of ``p`` sites.
    """

    base: int
    scores: NDArray[np.int64]
    bits: int

    def bounds(self) -> NDArray[np.int64]:
        """The bound for 0, 1, 2 ... sites, in whole units."""
        best_first = np.sort(self.scores)[::-1]
        sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(best_first)])
        bounds: NDArray[np.int64] = (self.base + sums) >> self.bits
        return bounds

    def with_each(self, p: int) -> NDArray[np.int64]:
        """What a plan of ``p`` sites is worth at most if it has the candidate."""
        best_first = np.sort(self.scores)[::-1]
        most = self.base + int(best_first[:p].sum())
        having: NDArray[np.int64] = most - (best_first[p - 1] - self.scores).clip(min=0)
        return having >> self.bits

    def without_each(self, p: int) -> NDArray[np.int64]:
        """What a plan of ``p`` sites is worth at most if it does without the candidate."""
        best_first = np.sort(self.scores)[::-1]
        most = self.base + int(best_first[:p].sum())
        following = best_first[p] if p < len(best_first) else 0
        lacking: NDArray[np.int64] = most - (self.scores - following).clip(min=0)
        return lacking >> self.bits


def relax(
    table: Savings,
    p: int,
    sites: NDArray[np.int64],
    over: Callable[[int, int], bool],
    prices: NDArray[np.float64] | None = None,
    rounds: int | None = None,
) -> Priced:
    """Bound all plans of ``p`` sites, and improve the plan on the way.

    Parameters
    ----------
    sites : a plan to begin with
    over : says of (worth of the plan, bound) whether that is all that is asked
    prices : (homes,) float64, optional
        To begin with.
    rounds : int, optional
        Of the search for prices.
    """
    most = table.most.astype(np.float64)
    worth = table.worth(sites)
    if prices is None:
        prices = most / 2
    direction, use = np.zeros_like(prices), np.zeros(table.n_sites)
    best_prices, best_bound = prices, np.inf
    step, stalled, tried = 1.0, 0, set()
    for turn in range(ROUNDS if rounds is None else rounds):
        scores = earned(table, prices)
        top = np.sort(np.argsort(-scores, kind="stable")[:p])
        use *= MEMORY
        use[top] += 1 - MEMORY
        bound = prices.sum() + scores[top].sum()
        stalled = 0 if bound < best_bound * (1 - PROGRESS) else stalled + 1
        if bound < best_bound:
            best_bound, best_prices = bound, prices
        if turn % ROUNDS_PER_SWAP_SEARCH == 0 and top.tobytes() not in tried:
            tried.add(top.tobytes())
            other = interchanged(table, top)
            if table.worth(other) > worth:
                sites, worth = other, table.worth(other)
        if over(worth, int(best_bound)):
            break
        if step < SMALLEST_STEP:
            break
        if stalled >= PATIENCE:
            step, stalled, prices = step * SHRINK, 0, best_prices
            direction = np.zeros_like(prices)
            continue
        direction = MEMORY * direction + (1 - MEMORY) * (1 - times_served(table, prices, top))
        pinned = ((prices <= 0) & (direction > 0)) | ((prices >= most) & (direction < 0))
        move = np.where(pinned, 0.0, direction) * most
        length = (move * direction).sum()
        if length == 0:
            break
        prices = np.clip(prices - step * (bound - worth) / length * move, 0, most)
    return Priced(sites, exact(table, best_prices), best_prices, use)


def exact(table: Savings, prices: NDArray[np.float64]) -> Relaxation:
    """The bound of the prices, rounded to fractions of a unit, in whole numbers."""
    bits = fraction_bits(table)
    rounded = np.rint(prices * 2.0**bits).astype(np.int64)
    return Relaxation(int(rounded.sum()), earned_exactly(table, rounded, bits), bits)


def fraction_bits(table: Savings) -> int:
    """A price is rounded to ``2**-bits`` of a unit."""
    return max(0, min(FRACTION_BITS, MOST_BITS - int(table.most.sum()).bit_length()))


@compiled
def earned(table: Savings, prices: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a station at each candidate earns beyond the prices of its homes."""
    scores = np.zeros(len(table.site_ptr) - 1)
    for j in range(len(scores)):
        score = 0.0
        for pair in range(table.site_ptr[j], table.site_ptr[j + 1]):
            score += max(table.site_saved[pair] - prices[table.home[pair]], 0.0)
        scores[j] = score
    return scores


@compiled
def earned_exactly(table: Savings, prices: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    """The same in whole fractions of a unit."""
    scores = np.zeros(len(table.site_ptr) - 1, np.int64)
    for j in range(len(scores)):
        for pair in range(table.site_ptr[j], table.site_ptr[j + 1]):
            scores[j] += max((table.site_saved[pair] << bits) - prices[table.home[pair]], 0)
    return scores


@compiled
def times_served(
    table: Savings, prices: NDArray[np.float64], sites: NDArray[np.int64]
) -> NDArray[np.float64]:
    """By how many of the sites each home saves more than its price."""
    times = np.zeros(len(prices))
    for j in sites:
        for pair in range(table.site_ptr[j], table.site_ptr[j + 1]):
            i = table.home[pair]
            if table.site_saved[pair] > prices[i]:
                times[i] += 1
    return times
