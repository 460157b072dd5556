"""What may be chosen among the candidates of a table, and what is settled beforehand.

The rows of a table of minutes are stations: those that stand, those that have to be built,
those that must not be, and all others, which are free to choose. What stands is not counted
among the stations to open; what has to be built is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.minutes import NEVER, ReachTable


@dataclass(frozen=True)
class Choice:
    """Positions of stations, by what is settled about them.

    Raises
    ------
    ValueError
        A position is no station, or a station is settled in two ways.
    """

    n: int
    standing: Sequence[int] = ()
    must: Sequence[int] = ()
    forbidden: Sequence[int] = ()

    def __post_init__(self) -> None:
        settled = [*self.standing, *self.must, *self.forbidden]
        strange = sorted(at for at in settled if not 0 <= at < self.n)
        if strange:
            raise ValueError(f"no station {strange[0]} among {self.n}")
        twice = sorted(at for at in set(settled) if settled.count(at) > 1)
        if twice:
            raise ValueError(f"station {twice[0]} is settled twice")

    @property
    def open(self) -> NDArray[np.int64]:
        """What stands or has to be built."""
        return np.array(sorted([*self.standing, *self.must]), np.int64)

    @property
    def free(self) -> NDArray[np.int64]:
        """What may be built or not."""
        settled = [*self.standing, *self.must, *self.forbidden]
        return np.setdiff1d(np.arange(self.n), np.array(settled, np.int64))

    def left(self, p: int) -> int:
        """How many of ``p`` stations remain to be chosen."""
        if p < len(self.must):
            raise ValueError(f"{len(self.must)} stations have to be built, more than {p}")
        return p - len(self.must)

    def built(self, free: NDArray[np.int64]) -> tuple[int, ...]:
        """What is built, where these positions of `free` are chosen."""
        return tuple(sorted([*(int(at) for at in self.must), *self.free[free].tolist()]))


@dataclass(frozen=True, eq=False)
class Pairs:
    """Homes and stations within reach of each other.

    Attributes
    ----------
    home, station, ms : (pairs,) int64
        By station, as in the table.
    """

    home: NDArray[np.int64]
    station: NDArray[np.int64]
    ms: NDArray[np.int64]

    def of(self, stations: NDArray[np.int64]) -> Pairs:
        """The pairs of some stations, which are numbered anew."""
        number = np.full(self.station.max(initial=-1) + 1, -1)
        known = stations[stations < len(number)]
        number[known] = np.arange(len(known))
        kept = number[self.station] >= 0
        return Pairs(self.home[kept], number[self.station[kept]], self.ms[kept])

    def nearest(self, n_homes: int) -> NDArray[np.int64]:
        """Milliseconds of each home to its nearest station; `NEVER` without one."""
        nearest = np.full(n_homes, NEVER, np.int64)
        np.minimum.at(nearest, self.home, self.ms)
        return nearest


def pairs_of(table: ReachTable, people: NDArray[np.int64]) -> Pairs:
    """The pairs of a table whose homes have people in them."""
    station = np.repeat(np.arange(len(table)), np.diff(table.indptr))
    counts = people[table.target] > 0
    home = table.target[counts].astype(np.int64)
    return Pairs(home, station[counts], table.ms[counts].astype(np.int64))


@dataclass(frozen=True, eq=False)
class Walks:
    """The walks of a table, by what stands, has to be or may be built.

    Attributes
    ----------
    people : (homes,) int64
    pairs : Pairs
        Of homes with people.
    left : int
        Stations to choose beside those that have to be built.
    """

    choice: Choice
    people: NDArray[np.int64]
    pairs: Pairs
    left: int

    @property
    def free(self) -> Pairs:
        """The pairs of what may be built."""
        return self.pairs.of(self.choice.free)

    def to(self, stations: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """The walk of each home to what stands or has to be built, and to these."""
        open = np.union1d(self.choice.open, np.array(stations, np.int64))
        return self.pairs.of(open).nearest(len(self.people))

    @property
    def shortest(self) -> NDArray[np.int64]:
        """The walk of each home if all that may be built were; `NEVER` where none reaches it."""
        return self.to(self.choice.free)

    @property
    def unreachable(self) -> tuple[int, ...]:
        """Homes with people that no station of the table reaches."""
        found: list[int] = np.flatnonzero((self.people > 0) & (self.shortest == NEVER)).tolist()
        return tuple(found)


def walks_of(
    table: ReachTable,
    people: NDArray[np.int64],
    p: int,
    standing: Sequence[int],
    must: Sequence[int],
    forbidden: Sequence[int],
) -> Walks:
    """What at most ``p`` stations are chosen from; raises ValueError as `Choice` does."""
    choice = Choice(len(table), standing, must, forbidden)
    return Walks(choice, people, pairs_of(table, people), choice.left(p))
