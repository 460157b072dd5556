"""Where should stations stand so that nobody walks far?

The p-center (Hakimi 1964): the longest walk of anybody to the nearest station that stands or
is built is as short as can be, over the sparse table of walks within a limit::

    minimise   max over homes i with people of
               min(ms[i, j] for the stations j that stand or are built)

The answer is one of the walks of the table. Whether ``p`` stations bring everybody within so
many milliseconds is a set covering (Minieka 1970, `set_covering`), and a binary search over
the distinct walks ends with the shortest for which they do, and the next shorter one for which
they cannot: the proof. How many people walk far does not matter here, only that somebody does.

Homes that no station of the table reaches are named and left out. Where ``p`` stations cannot
bring all others within the limit, that is said, with a number that it takes at least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from carecircle.coverage.choice import Pairs, walks_of
from carecircle.coverage.set_covering import Cover, cover
from carecircle.isochrones.minutes import NEVER, ReachTable


@dataclass(frozen=True)
class CenterPlan:
    """The stations by which the longest walk is shortest, and what is proven about them."""

    chosen: tuple[int, ...]  # positions of what is built, ascending
    worst_ms: int | None  # the longest walk, counted from the stations; None without a plan
    bound_ms: int  # with no plan of as many stations is the longest walk shorter
    unreachable: tuple[int, ...]  # homes with people that no station of the table reaches
    status: Literal["optimal", "time_limit", "infeasible"]
    fewest: int | None  # where it is infeasible: stations that it takes at least
    seconds: float  # of the solver

    @property
    def gap_percent(self) -> float | None:
        """How far the plan may be from the best, of the plan; 0 is proven best, rounded up."""
        if self.worst_ms is None:
            return None
        missing = self.worst_ms - self.bound_ms
        return -(-10_000 * missing // self.worst_ms) / 100 if missing else 0.0


@dataclass(frozen=True, eq=False)
class Question:
    """Who has to be brought how near, by what may be built.

    Attributes
    ----------
    today : (homes,) int64
        The walk to what stands or has to be built; 0 for homes that ask for nothing.
    pairs : Pairs
        Of the homes that ask, and what may be built.
    n_free : int
    """

    today: NDArray[np.int64]
    pairs: Pairs
    n_free: int

    def within(self, ms: int, p: int, time_limit_s: float) -> Cover:
        """Bring everybody within so many milliseconds, with at most ``p`` stations."""
        near = self.pairs.ms <= ms
        home, station = self.pairs.home[near], self.pairs.station[near]
        shape = len(self.today), self.n_free
        covers = csr_array((np.ones(len(home), np.int64), (home, station)), shape)
        return cover(covers[self.today > ms], time_limit_s, p)

    def worst(self, sites: NDArray[np.int64]) -> int:
        """The longest walk where these are built."""
        built = self.pairs.of(np.sort(sites)).nearest(len(self.today))
        return int(np.minimum(self.today, built).max(initial=0))


def shortest_longest_walk(
    table: ReachTable,
    people: NDArray[np.int64],
    p: int,
    time_limit_s: float,
    standing: Sequence[int] = (),
    must: Sequence[int] = (),
    forbidden: Sequence[int] = (),
) -> CenterPlan:
    """Choose at most ``p`` stations so that the longest walk is shortest (p-center).

    Parameters
    ----------
    table : ReachTable
        Walks within a limit: a row per station, those that stand included.
    people : (homes,) int64
    p : int
        Stations to open, those that must be built included, those that stand not.
    time_limit_s : float
        For the solver, over all steps of the search.
    standing, must, forbidden : positions of stations
        What stands already, has to be built, must not be built.
    """
    walks = walks_of(table, people, p, standing, must, forbidden)
    choice, nearest = walks.choice, walks.shortest
    asks = (people > 0) & (nearest < NEVER)
    today = np.where(asks, walks.to(()), 0)
    question = Question(today, walks.free, len(choice.free))
    shortest = int(nearest[asks].max(initial=0))
    found = searched(question, walks.left, shortest, time_limit_s)
    worst = None if found.sites is None else question.worst(found.sites)
    status: Literal["optimal", "time_limit", "infeasible"] = "time_limit"
    if found.fewest is not None:
        status = "infeasible"
    elif worst == found.bound_ms:
        status = "optimal"
    return CenterPlan(
        chosen=() if found.sites is None else choice.built(found.sites),
        worst_ms=worst,
        bound_ms=found.bound_ms,
        unreachable=walks.unreachable,
        status=status,
        fewest=None if found.fewest is None else found.fewest + len(choice.must),
        seconds=found.seconds,
    )


@dataclass(frozen=True, eq=False)
class Searched:
    """Where the binary search ended."""

    sites: NDArray[np.int64] | None
    bound_ms: int
    fewest: int | None
    seconds: float


def searched(question: Question, p: int, shortest: int, time_limit_s: float) -> Searched:
    """Halve the distinct walks between what nobody can go below and the best plan found.

    First without the solver: what is neither found nor ruled out is taken to be impossible,
    then to be possible, which leaves few walks to decide between. Then with it.
    """
    asked = [question.pairs.ms, question.today[question.today < NEVER], np.zeros(1, np.int64)]
    walks = np.unique(np.concatenate(asked))
    walks = walks[walks >= shortest]
    first = question.within(int(walks[-1]), p, time_limit_s)
    seconds = first.seconds
    if first.sites is None:
        return Searched(None, shortest, first.bound if first.bound > p else None, seconds)
    best = first.sites
    low, high = 0, int(np.searchsorted(walks, question.worst(best)))
    for unknown_is, with_solver in (("no", False), ("yes", False), ("yes", True)):
        bottom, top = low, high
        while bottom < top and seconds <= time_limit_s:
            middle = (bottom + top) // 2
            left_s = time_limit_s - seconds if with_solver else 0.0
            tried = question.within(int(walks[middle]), p, left_s)
            seconds += tried.seconds
            if tried.sites is not None:
                best = tried.sites
                high = top = int(np.searchsorted(walks, question.worst(best)))
            elif tried.bound > p:
                low = bottom = middle + 1
            elif with_solver:
                break
            elif unknown_is == "no":
                bottom = middle + 1
            else:
                top = middle
    return Searched(best, int(walks[low]), None, seconds)
