"""Random tables of walks, small enough to compare all plans."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from carecircle.isochrones.minutes import ReachTable

FAR = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Town:
    """Walks of homes (rows) to stations (columns), `FAR` beyond the limit."""

    ms: np.ndarray
    people: np.ndarray

    @property
    def table(self) -> ReachTable:
        station, home = np.nonzero(self.ms.T < FAR)
        per_station = np.bincount(station, minlength=self.ms.shape[1])
        indptr = np.concatenate([[0], np.cumsum(per_station)]).astype(np.int64)
        return ReachTable(indptr, home.astype(np.int32), self.ms[home, station])

    def nearest(self, stations: Sequence[int]) -> np.ndarray:
        return self.ms[:, list(stations)].min(axis=1, initial=FAR)

    def walked(self, stations: Sequence[int], beyond_ms: int) -> int:
        return int((self.people * np.minimum(self.nearest(stations), beyond_ms)).sum())

    def worst(self, stations: Sequence[int], homes: np.ndarray) -> int:
        return int(self.nearest(stations)[homes].max(initial=0))


def town(seed: int, homes: int = 14, stations: int = 8, longest: int = 30) -> Town:
    """Short whole walks, so that many are equal; some homes without people or walks."""
    random = np.random.default_rng(seed)
    ms = random.integers(0, longest, (homes, stations))
    near = random.random(ms.shape) < random.choice([0.15, 0.35, 0.6, 1.0])
    return Town(np.where(near, ms, FAR), random.integers(0, 40, homes))


@dataclass(frozen=True)
class Settled:
    """What stands, has to be built, must not be built; and how many to build."""

    standing: tuple[int, ...]
    must: tuple[int, ...]
    forbidden: tuple[int, ...]
    p: int

    def keywords(self) -> dict[str, tuple[int, ...]]:
        return {"standing": self.standing, "must": self.must, "forbidden": self.forbidden}


def settled(seed: int, stations: int) -> Settled:
    """In half of the towns nothing is settled."""
    random = np.random.default_rng([seed, 1])
    order = random.permutation(stations).tolist()
    counts = random.integers(0, 3, 3) if seed % 2 else np.zeros(3, int)
    ends = np.cumsum(counts).tolist()
    standing, must, forbidden = (
        tuple(sorted(order[a:b])) for a, b in zip([0, *ends], ends, strict=False)
    )
    return Settled(standing, must, forbidden, len(must) + int(random.integers(0, 4)))


def plans(stations: int, given: Settled, at_most: int | None = None) -> Iterator[tuple[int, ...]]:
    """All plans of at most so many stations, with what has to be built."""
    most = given.p if at_most is None else at_most
    taken = {*given.standing, *given.must, *given.forbidden}
    free = [at for at in range(stations) if at not in taken]
    for count in range(most - len(given.must) + 1):
        for chosen in itertools.combinations(free, count):
            yield (*given.must, *chosen)


def square(homes: int, stations: int, limit_ms: int, seed: int) -> Town:
    """Homes and stations anywhere in a square kilometre, a metre a second."""
    random = np.random.default_rng(seed)
    a, b = random.random((homes, 2)), random.random((stations, 2))
    metres = 1000 * np.hypot(*(a[:, None, :] - b[None, :, :]).transpose(2, 0, 1))
    ms = np.rint(1000 * metres).astype(np.int64)
    return Town(np.where(ms <= limit_ms, ms, FAR), random.integers(1, 90, homes))
