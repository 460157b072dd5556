"""Where should stations stand so that people walk least, all together?

The p-median (Hakimi 1964): everybody walks to the nearest station that stands or is built::

    minimise   sum(people[i] * min(ms[i, j] for the stations j that stand or are built))

over the sparse table of walks within a limit. Whoever has no station in the table is counted
with a walk of ``beyond_ms``, which the caller states and the result repeats: at least the
longest walk of the table, or a station further away would count as nearer. With the limit
itself the figure is what people walk within the limit, and no claim about what lies beyond it.
Homes that no station of the table reaches are counted so in every plan, and named.

`savings` turns it round: whoever walks less than today, or than ``beyond_ms``, saves the
difference, and the plan that saves most walks least. `search` finds it and proves it, by
the Lagrangian relaxation of Cornuejols, Fisher & Nemhauser (1977), fast interchange (Whitaker
1983, Resende & Werneck 2007) and the radius formulation (Cornuejols, Nemhauser & Wolsey 1980).
Figures are people times milliseconds, and exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.choice import walks_of
from carecircle.coverage.savings import savings
from carecircle.coverage.search import search
from carecircle.isochrones.minutes import NEVER, ReachTable

# So that what all save, in people times milliseconds, fits in 62 bits.
MOST_PERSON_MS = 2**62


@dataclass(frozen=True, eq=False)
class MedianPlan:
    """The stations by which people walk least, and what is proven about them.

    Attributes
    ----------
    chosen : positions of what is built, ascending
        A station by which nobody would walk less is not listed.
    person_ms : int
        What all walk together, counted from the stations; those beyond the table included.
    bound_person_ms : int
        With no plan of as many stations do all walk less.
    beyond_ms : int
        What those without a station in the table are counted with.
    people_beyond : int
        How many they are.
    ms : (homes,) int64
        The walk of each home, `NEVER` beyond the table.
    unreachable : positions of homes
        With people, and no station in the table that stands or may be built.
    seconds : float
        Of the solver.
    """

    chosen: tuple[int, ...]
    person_ms: int
    bound_person_ms: int
    beyond_ms: int
    people_beyond: int
    ms: NDArray[np.int64]
    unreachable: tuple[int, ...]
    status: Literal["optimal", "time_limit"]
    seconds: float

    @property
    def gap_percent(self) -> float:
        """How far the plan may be from the best, of the plan; 0 is proven best, rounded up."""
        missing = self.person_ms - self.bound_person_ms
        return -(-10_000 * missing // self.person_ms) / 100 if missing else 0.0


def least_walking(
    table: ReachTable,
    people: NDArray[np.int64],
    p: int,
    beyond_ms: int,
    time_limit_s: float,
    standing: Sequence[int] = (),
    must: Sequence[int] = (),
    forbidden: Sequence[int] = (),
) -> MedianPlan:
    """Choose at most ``p`` stations so that people walk least (p-median).

    Parameters
    ----------
    table : ReachTable
        Walks within a limit: a row per station, those that stand included.
    people : (homes,) int64
    p : int
        Stations to open, those that must be built included, those that stand not.
    beyond_ms : int
        What a walk beyond the table counts as.
    time_limit_s : float
        For the solver.
    standing, must, forbidden : positions of stations
        What stands already, has to be built, must not be built.

    Raises
    ------
    ValueError
        ``beyond_ms`` is shorter than a walk of the table, or the sums would not fit 62 bits.
    """
    walks = walks_of(table, people, p, standing, must, forbidden)
    if beyond_ms < table.ms.max(initial=0):
        raise ValueError(f"beyond_ms is {beyond_ms}, but the table knows longer walks")
    if int(people.sum()) * beyond_ms >= MOST_PERSON_MS:
        raise ValueError("people times beyond_ms do not fit in 62 bits")
    today: NDArray[np.int64] = np.minimum(walks.to(()), beyond_ms)
    free, shape = walks.free, (len(people), len(walks.choice.free))
    saved: NDArray[np.int64] = people[free.home] * (today[free.home] - free.ms)
    gains = saved > 0
    found = search(
        savings(free.home[gains], free.station[gains], saved[gains], shape),
        walks.left,
        time_limit_s,
    )
    before = int((people * today).sum())
    chosen = walks.choice.built(found.sites)
    ms = walks.to(chosen)
    walked = int((people * np.minimum(ms, beyond_ms)).sum())
    bound = before - found.bound
    return MedianPlan(
        chosen=chosen,
        person_ms=walked,
        bound_person_ms=bound,
        beyond_ms=beyond_ms,
        people_beyond=int(people[(ms == NEVER)].sum()),
        ms=ms,
        unreachable=walks.unreachable,
        status="optimal" if walked == bound else "time_limit",
        seconds=found.seconds,
    )
