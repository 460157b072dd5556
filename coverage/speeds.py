"""Would the answer be the same for a slower or a faster walker?

No plan states a walking speed, so a verdict that only holds for one of them is worth less
than one that holds for all. A walk consists of metres and of waiting: at another speed the
metres take longer in proportion, the waits do not. So the network is searched once and every
speed follows from it::

    time at v = round half up(walked_mm * 1000 / v) + wait_ms

``walked_mm`` are level millimetres: slopes and steps, which cost a factor of the speed, are
in it. The search of a walker of 1,000 mm/s without waits gives it directly, because a
millimetre then takes a millisecond.

Limits: exact for the route found. Without waits the best route is the same at every speed,
and a fresh search differs only by its rounding of each street, half a millisecond each. With
waits another route may be quicker at another speed, and `split_walks` then gives a time that,
but for such rounding, is right at its two speeds and never too long between them. Walkers
who cannot use steps, or have another steps factor or slope law, need a search of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from carecircle.coverage.measure import NO_WAY_FOR_WALKER, by_reason
from carecircle.coverage.result import Ledger
from carecircle.coverage.verdict import people_to_target, verdict
from carecircle.isochrones.minutes import NEVER, Nearest, ReachTable
from carecircle.isochrones.walkers import FASTEST_MM_PER_S, SLOWEST_MM_PER_S

SPEEDS_MM_PER_S = (600, 800, 1000)


@dataclass(frozen=True, eq=False)
class Walks:
    """The walks of each home to its nearest facilities, free of any speed.

    Attributes
    ----------
    walked_mm : (homes, k) int64
        Level millimetres; `NEVER` where there is no such facility.
    wait_ms : (homes, k) int64
        Waiting on the way; 0 there.
    """

    walked_mm: NDArray[np.int64]
    wait_ms: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Raise ValueError for walks that are none."""
        if self.walked_mm.ndim != 2 or self.walked_mm.shape != self.wait_ms.shape:
            raise ValueError("walks need a row per home and a column per facility")
        if (self.walked_mm < 0).any() or (self.wait_ms < 0).any():
            raise ValueError("nobody walks or waits less than nothing")

    def nearest_ms(self, speed_mm_per_s: int) -> NDArray[np.int64]:
        """Whole milliseconds to the nearest facility at a speed, (homes,); `NEVER` without."""
        if not SLOWEST_MM_PER_S <= speed_mm_per_s <= FASTEST_MM_PER_S:
            raise ValueError(f"nobody walks at {speed_mm_per_s} mm/s")
        reached = self.walked_mm != NEVER
        mm = np.where(reached, self.walked_mm, 0)
        ms = (2000 * mm + speed_mm_per_s) // (2 * speed_mm_per_s) + self.wait_ms
        shortest: NDArray[np.int64] = np.where(reached, ms, NEVER).min(axis=1, initial=NEVER)
        return shortest


def walks_at(speed_mm_per_s: int, found: Nearest) -> Walks:
    """The walks behind times that were found at one speed, without waits.

    ``found`` has a column for each of the k nearest. At 1,000 mm/s nothing is rounded; at
    other speeds a walk is known to half of what is walked in a millisecond.
    """
    ms = found.ms.reshape(len(found.ms), -1)
    reached = ms != NEVER
    mm = (np.where(reached, ms, 0) * speed_mm_per_s + 500) // 1000
    return Walks(np.where(reached, mm, NEVER), np.zeros_like(mm))


def split_walks(
    slow: ReachTable,
    slow_mm_per_s: int,
    fast: ReachTable,
    fast_mm_per_s: int,
    n_homes: int,
    k: int,
) -> Walks:
    """Walking and waiting, told apart by two searches at two speeds.

    On one route ``time = walked / speed + wait`` is a straight line in 1 / speed, and two
    speeds tell both parts. The best of several routes is the lowest of such lines, which
    never lies below the line between two of its points. The k nearest of the fast walker are
    kept, of equal ones the first.

    Parameters
    ----------
    slow, fast : ReachTable
        Rows for the same facilities. The slow table must hold every pair of the fast one: its
        limit must be longer by at least the ratio of the speeds.

    Raises
    ------
    ValueError
        A pair of the fast table is not in the slow one, or the speeds are out of order.
    """
    if not 0 < slow_mm_per_s < fast_mm_per_s:
        raise ValueError("the slow walker must be slower than the fast one")
    home, slow_ms, fast_ms = _same_pairs(slow, fast, n_homes)
    # the time grows by walked * (1 / slow - 1 / fast); what that does not explain is waiting
    product, apart = slow_mm_per_s * fast_mm_per_s, fast_mm_per_s - slow_mm_per_s
    walked = (slow_ms - fast_ms).clip(min=0) * product // (1000 * apart)
    walked = np.minimum(walked, fast_ms * fast_mm_per_s // 1000)  # rounded streets add up
    wait = fast_ms - (2000 * walked + fast_mm_per_s) // (2 * fast_mm_per_s)

    order = np.lexsort((fast_ms, home))
    rank = np.arange(len(order)) - np.searchsorted(home[order], home[order])
    best = order[rank < k]
    walked_mm, wait_ms = np.full((n_homes, k), NEVER), np.zeros((n_homes, k), np.int64)
    walked_mm[home[best], rank[rank < k]] = walked[best]
    wait_ms[home[best], rank[rank < k]] = wait[best].clip(min=0)
    return Walks(walked_mm, wait_ms)


def _same_pairs(
    slow: ReachTable, fast: ReachTable, n_homes: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Home of each pair of the fast table, by facility, and its time in both tables."""
    slow_pair, fast_pair = (
        np.repeat(np.arange(len(table)), np.diff(table.indptr)) * n_homes + table.target
        for table in (slow, fast)
    )
    if len(slow) != len(fast) or not np.isin(fast_pair, slow_pair).all():
        raise ValueError("the slow search must reach every pair of the fast one")
    at = np.searchsorted(slow_pair, fast_pair)
    return fast.target.astype(np.int64), slow.ms[at], fast.ms


def speed_band(
    walks: Walks,
    people: NDArray[np.int64],
    attached: NDArray[np.bool_],
    limit_ms: int,
    target_percent: str | None,
    speeds_mm_per_s: Sequence[int] = SPEEDS_MM_PER_S,
    known_ms: Mapping[int, NDArray[np.int64]] | None = None,
    shut_out: NDArray[np.bool_] | None = None,
) -> DataFrame:
    """Coverage and verdict at each speed, a row per ``mm_per_s``.

    ``people``, ``people_covered``, ``people_uncovered``, ``people_excluded``, of whom
    ``people_shut_out``, ``percent`` (cut), ``verdict``, ``people_to_target``. ``attached`` is False
    for the homes that no street is near; ``shut_out`` are those of them that have one for others.
    ``known_ms`` are times that were searched at a speed: there nothing is converted or rounded.
    """
    rows = []
    known_ms = known_ms or {}
    shut = 0 if shut_out is None else people[shut_out].sum()
    for speed in speeds_mm_per_s:
        ms = known_ms[speed] if speed in known_ms else walks.nearest_ms(speed)
        within = attached & (ms <= limit_ms)
        ledger = Ledger(
            input=int(people.sum()),
            covered=int(people[within].sum()),
            uncovered=int(people[attached & ~within].sum()),
            excluded=by_reason(people[~attached].sum(), shut),
        )
        rows.append(
            {
                "people": ledger.input,
                "people_covered": ledger.covered,
                "people_uncovered": ledger.uncovered,
                "people_excluded": sum(ledger.excluded.values()),
                "people_shut_out": ledger.excluded.get(NO_WAY_FOR_WALKER, 0),
                "percent": ledger.percent,
                "verdict": verdict(ledger, target_percent),
                "people_to_target": people_to_target(ledger, target_percent),
            }
        )
    return DataFrame(rows, index=pd.Index(speeds_mm_per_s, name="mm_per_s"))


def flips(band: DataFrame) -> bool:
    """Whether the verdict is not the same at every speed."""
    return band["verdict"].nunique() > 1


def statuses(walks: Walks, limit_ms: int, speeds_mm_per_s: Sequence[int]) -> NDArray[np.object_]:
    """Of each home: ``always`` within the limit, ``never``, or ``depends`` on the speed."""
    within = np.array([walks.nearest_ms(speed) <= limit_ms for speed in speeds_mm_per_s])
    return np.select([within.all(axis=0), ~within.any(axis=0)], ["always", "never"], "depends")
