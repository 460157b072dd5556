"""The transportation problem from the other side, compiled: places look for people.

The same problem as `transport`, and the same chains, but facilities are taken in one after the
other. A place looks for the cheapest chain that ends with somebody who has none yet: the
facility takes a member of another, which takes one of a third, and so on. Where places are
scarce such a chain is short, as there is always somebody without a place near, while people who
look for a place must search the whole city before they are refused.

A chain may also end with a place left empty, anywhere on its way, at ``refusal_ms``.
"""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.taken_places import (
    FAR,
    NONE,
    Pairs,
    Search,
    Taken,
    join,
    leave,
    new_pairs,
    new_search,
    new_taken,
    remember,
)
from carecircle.isochrones.kernels import compiled


@compiled
def fill(
    home_ptr: NDArray[np.int64],
    facility: NDArray[np.int32],
    ms: NDArray[np.int64],
    people: NDArray[np.int64],
    places: NDArray[np.int64],
    link_ptr: NDArray[np.int64],
    link: NDArray[np.int32],
    link_back: NDArray[np.int64],
    near_ptr: NDArray[np.int64],
    near: NDArray[np.int64],
    refusal_ms: int,
) -> NDArray[np.int64]:
    """People of each pair.

    Parameters
    ----------
    home_ptr, facility, ms, link_ptr, link, refusal_ms
        As in `transport.assign`.
    link_back : (links,) int64
        The position of the link that leads the other way.
    near_ptr, near
        By facility the pairs that lead to it, those of the shortest walks first.
    """
    pairs = new_pairs(home_ptr, facility, ms, link_ptr, link)
    taken = new_taken(len(facility), len(link), places)
    search = new_search(len(places))
    waiting, nearest = people.copy(), near_ptr[:-1].copy()
    heap = [0]  # distance and facility in one number
    heap.clear()
    for here in range(len(places)):
        left = places[here]
        while left > 0:
            end, pair = _cheapest_chain(
                here, refusal_ms, pairs, taken, search, heap, link_back, near_ptr, near,
                nearest, waiting,
            )  # fmt: skip
            if end == here and pair == NONE:  # nothing is cheaper than leaving these empty
                break
            moved = _narrowest(left, here, end, pair, pairs, taken, search, waiting)
            _shift(moved, here, end, pair, pairs, taken, search, waiting)
            left -= moved
    return taken.flow


@compiled
def _cheapest_chain(
    start: int,
    refusal_ms: int,
    pairs: Pairs,
    taken: Taken,
    search: Search,
    heap: list[int],
    link_back: NDArray[np.int64],
    near_ptr: NDArray[np.int64],
    near: NDArray[np.int64],
    nearest: NDArray[np.int64],
    waiting: NDArray[np.int64],
) -> tuple[int, int]:
    """Where the cheapest chain ends, and the pair of somebody who waits; `NONE` where the end
    leaves a place empty.

    ``taken.price`` is here what a facility would pay for one more person, in ms of walk; it is
    raised so that the chain costs nothing any more.
    """
    n = len(taken.room)
    n_done = n_touched = 0
    shortest, end, found = int(FAR), int(NONE), int(NONE)
    search.distance[start] = 0
    search.leaves[start] = search.joins[start] = NONE
    search.touched[0] = start
    n_touched = 1
    heapq.heappush(heap, start)
    while len(heap) > 0:
        so_far, here = divmod(heapq.heappop(heap), n)
        if so_far >= shortest:
            break
        if so_far > search.distance[here]:
            continue
        search.done[n_done] = here
        n_done += 1
        pays = int(taken.price[here])
        if so_far + refusal_ms - pays < shortest:
            shortest, end, found = so_far + refusal_ms - pays, here, int(NONE)
        at = nearest[here]
        while at < near_ptr[here + 1] and waiting[pairs.home[near[at]]] == 0:
            at += 1
        nearest[here] = at
        if at < near_ptr[here + 1] and so_far + pairs.ms[near[at]] - pays < shortest:
            shortest, end, found = so_far + int(pairs.ms[near[at]]) - pays, here, int(near[at])
        for i in range(pairs.link_ptr[here], pairs.link_ptr[here + 1]):
            back, other = link_back[i], int(pairs.link[i])
            if taken.adds[back] == FAR:
                continue
            there = so_far + int(taken.adds[back] + taken.price[other]) - pays
            if there >= shortest or there >= search.distance[other]:
                continue
            if taken.stale[other]:  # what is remembered is never too dear
                remember(other, pairs, taken)
                if taken.adds[back] == FAR:
                    continue
                there = so_far + int(taken.adds[back] + taken.price[other]) - pays
                if there >= shortest or there >= search.distance[other]:
                    continue
            if search.distance[other] == FAR:
                search.touched[n_touched] = other
                n_touched += 1
            search.distance[other] = there
            search.leaves[other], search.joins[other] = taken.leaves[back], taken.joins[back]
            heapq.heappush(heap, there * n + other)
    heap.clear()
    for i in range(n_done):
        here = search.done[i]
        if search.distance[here] < shortest:
            taken.price[here] += shortest - search.distance[here]
    for i in range(n_touched):
        search.distance[search.touched[i]] = FAR
    return end, found


@compiled
def _narrowest(
    left: int,
    start: int,
    end: int,
    found: int,
    pairs: Pairs,
    taken: Taken,
    search: Search,
    waiting: NDArray[np.int64],
) -> int:
    """How many people the chain can move."""
    moved = left if found == NONE else min(left, int(waiting[pairs.home[found]]))
    here = end
    while here != start:
        moved = min(moved, int(taken.flow[search.leaves[here]]))
        here = int(pairs.facility[search.joins[here]])
    return moved


@compiled
def _shift(
    moved: int,
    start: int,
    end: int,
    found: int,
    pairs: Pairs,
    taken: Taken,
    search: Search,
    waiting: NDArray[np.int64],
) -> None:
    """Move people along the chain, from whoever waits at its end to the place that looks."""
    if found != NONE:
        waiting[pairs.home[found]] -= moved
        join(found, moved, pairs, taken)
    here = end
    while here != start:
        leave(search.leaves[here], moved, pairs, taken)
        join(search.joins[here], moved, pairs, taken)
        here = int(pairs.facility[search.joins[here]])
