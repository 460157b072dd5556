"""A better start where seats are limited: stations of one neighbourhood replaced, many times.

A few stations that stand near each other in the plan (they share homes) are taken out and as many
put back, each time the best of some that reach most people without a seat (large neighbourhood
search, Shaw 1998). Who sits where is a flow kept up to date: it is augmented along paths on
which people move over (Ford & Fulkerson 1956), so that every plan is counted exactly. A plan a
little worse than the last is sometimes kept. The numbers drawn and the rounds are the same in
every run.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from carecircle.isochrones.kernels import compiled

NONE = -1
ROUNDS = 3000
MOST_WORK = 100_000_000  # pairs, at least once a round
MOST_OUT = 4
TRIED = 6  # options tried for each station put back
ANY = 0.5  # how often one is put back untried
NOISE = 0.5  # of the people an option reaches, so that others than the first are tried
WORSE = 3e-4  # of the people served that is given up now and then


class Reach(NamedTuple):
    """Which options are within the limit of which homes, and back.

    ``pair_at`` is where the pairs of an option stand among those of the homes.
    """

    home_ptr: NDArray[np.int64]
    option: NDArray[np.int64]
    option_ptr: NDArray[np.int64]
    home: NDArray[np.int64]
    pair_at: NDArray[np.int64]


class Seating(NamedTuple):
    """Who sits where.

    Attributes
    ----------
    flow : (pairs,) int64
    left : (homes,) int64
        People without a seat.
    free : (options,) int64
        Seats left; 0 where closed.
    stands : (options,) bool
    """

    flow: NDArray[np.int64]
    left: NDArray[np.int64]
    free: NDArray[np.int64]
    stands: NDArray[np.bool_]


def reach_of(within: csr_array) -> Reach:
    """Both ways."""
    numbered = csr_array(within, dtype=np.int64)
    numbered.sort_indices()
    numbered.data = np.arange(1, numbered.nnz + 1)
    back = csr_array(numbered.T)
    parts = numbered.indptr, numbered.indices, back.indptr, back.indices, back.data - 1
    home_ptr, option, option_ptr, home, pair_at = (part.astype(np.int64) for part in parts)
    return Reach(home_ptr, option, option_ptr, home, pair_at)


def swapped_round(
    within: csr_array,
    people: NDArray[np.int64],
    seats: NDArray[np.int64],
    chosen: NDArray[np.bool_],
    may_move: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """The best plan met, with as many options of those that may move, or fewer."""
    rounds = min(ROUNDS, 50 + len(chosen) ** 2, MOST_WORK // max(1, within.nnz))
    better: NDArray[np.bool_] = _searched(reach_of(within), people, seats, chosen, may_move, rounds)
    return better


@compiled
def _searched(
    reach: Reach,
    people: NDArray[np.int64],
    seats: NDArray[np.int64],
    chosen: NDArray[np.bool_],
    may_move: NDArray[np.bool_],
    rounds: int,
) -> NDArray[np.bool_]:
    np.random.seed(0)
    now = Seating(
        np.zeros(len(reach.option), np.int64),
        people.copy(),
        np.zeros(len(seats), np.int64),
        np.zeros(len(seats), np.bool_),
    )
    for at in range(len(chosen)):
        if chosen[at]:
            _put(reach, now, seats, at)
    best, fewest = now.stands.copy(), now.left.sum()
    kept = fewest
    for _ in range(rounds):
        trial = _copy(now)
        out = _taken_out(reach, trial, may_move)
        for at in range(out):
            tried = 1 if at < out - 1 and np.random.random() < ANY else TRIED
            j = _best_to_put(reach, trial, seats, may_move, tried)
            if j != NONE:
                _put(reach, trial, seats, j)
        left = trial.left.sum()
        if left < fewest:
            fewest, best = left, trial.stands.copy()
        if left <= kept + np.random.exponential(WORSE * people.sum()):
            now, kept = trial, left
    return best


@compiled
def _copy(seating: Seating) -> Seating:
    return Seating(
        seating.flow.copy(), seating.left.copy(), seating.free.copy(), seating.stands.copy()
    )


@compiled
def _taken_out(reach: Reach, seating: Seating, may_move: NDArray[np.bool_]) -> int:
    """Close some stations round a place; how many they are."""
    centre = np.random.randint(len(may_move))
    near = np.zeros(len(may_move), np.bool_)
    for pair in range(reach.option_ptr[centre], reach.option_ptr[centre + 1]):
        i = reach.home[pair]
        for at in range(reach.home_ptr[i], reach.home_ptr[i + 1]):
            near[reach.option[at]] = True
    moves = np.flatnonzero(near & seating.stands & may_move)
    np.random.shuffle(moves)
    count = min(len(moves), np.random.randint(1, MOST_OUT + 1))
    for j in moves[:count]:
        _take(reach, seating, j)
    _settle(reach, seating)
    return count


@compiled
def _best_to_put(
    reach: Reach,
    seating: Seating,
    seats: NDArray[np.int64],
    may_move: NDArray[np.bool_],
    tried: int,
) -> int:
    """Of some options that reach most people without a seat the one that seats most."""
    reached = np.zeros(len(seats))
    for j in range(len(seats)):
        if may_move[j] and not seating.stands[j]:
            total = 0
            for pair in range(reach.option_ptr[j], reach.option_ptr[j + 1]):
                total += seating.left[reach.home[pair]]
            reached[j] = min(total, seats[j]) * (1 + NOISE * np.random.random())
    best, fewest = NONE, seating.left.sum()
    for j in np.argsort(-reached)[:tried]:
        if reached[j] > 0:
            trial = _copy(seating)
            _put(reach, trial, seats, j)
            left = trial.left.sum()
            if left < fewest:
                best, fewest = j, left
    return best


@compiled
def _put(reach: Reach, seating: Seating, seats: NDArray[np.int64], j: int) -> None:
    """Open an option and seat as many as can be."""
    seating.stands[j] = True
    seating.free[j] = seats[j]
    for pair in range(reach.option_ptr[j], reach.option_ptr[j + 1]):
        i = reach.home[pair]
        seated = min(seating.left[i], seating.free[j])
        seating.flow[reach.pair_at[pair]] += seated
        seating.left[i] -= seated
        seating.free[j] -= seated
    _settle(reach, seating)


@compiled
def _take(reach: Reach, seating: Seating, j: int) -> None:
    """Close an option; who sat there has no seat."""
    seating.stands[j] = False
    seating.free[j] = 0
    for pair in range(reach.option_ptr[j], reach.option_ptr[j + 1]):
        at = reach.pair_at[pair]
        seating.left[reach.home[pair]] += seating.flow[at]
        seating.flow[at] = 0


@compiled
def _settle(reach: Reach, seating: Seating) -> None:
    """Seat as many as can be by moving others over: breadth first, until no path is left."""
    n_homes, n_options = len(seating.left), len(seating.free)
    home_from, option_from = np.empty(n_homes, np.int64), np.empty(n_options, np.int64)
    queue = np.empty(n_homes, np.int64)
    while True:
        home_from[:] = -2  # not met; else the pair over which it was, NONE for a start
        option_from[:] = -2
        count, at, end = 0, 0, NONE
        for i in range(n_homes):
            if seating.left[i] > 0:
                home_from[i] = NONE
                queue[count] = i
                count += 1
        while at < count and end == NONE:
            i = queue[at]
            at += 1
            for pair in range(reach.home_ptr[i], reach.home_ptr[i + 1]):
                j = reach.option[pair]
                if not seating.stands[j] or option_from[j] != -2:
                    continue
                option_from[j] = i
                if seating.free[j] > 0:
                    end = j
                    break
                for back in range(reach.option_ptr[j], reach.option_ptr[j + 1]):
                    other = reach.home[back]
                    if home_from[other] == -2 and seating.flow[reach.pair_at[back]] > 0:
                        home_from[other] = j
                        queue[count] = other
                        count += 1
        if end == NONE:
            return
        _move_over(reach, seating, home_from, option_from, end)


@compiled
def _move_over(
    reach: Reach,
    seating: Seating,
    home_from: NDArray[np.int64],
    option_from: NDArray[np.int64],
    end: int,
) -> None:
    """Move as many people as the path holds one place on."""
    most = seating.free[end]
    j = end
    while home_from[option_from[j]] != NONE:
        before = home_from[option_from[j]]
        most = min(most, seating.flow[_pair(reach, option_from[j], before)])
        j = before
    most = min(most, seating.left[option_from[j]])
    seating.free[end] -= most
    j = end
    while True:
        i = option_from[j]
        seating.flow[_pair(reach, i, j)] += most
        before = home_from[i]
        if before == NONE:
            seating.left[i] -= most
            return
        seating.flow[_pair(reach, i, before)] -= most
        j = before


@compiled
def _pair(reach: Reach, i: int, j: int) -> Any:
    """Where a home and an option stand among the pairs."""
    at = reach.home_ptr[i]
    while reach.option[at] != j:
        at += 1
    return at
