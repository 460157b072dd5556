"""The transportation problem itself, compiled: homes, places, and the cheapest way to shift.

Homes are taken in one after the other. Each looks for the cheapest chain that ends in an
empty place: the home goes to a facility, which passes somebody on to another facility, and
so on (successive shortest paths, Ford & Fulkerson 1962, with the node prices of Edmonds &
Karp 1972). A chain may also end with somebody left without a place, at ``refusal_ms`` a
head, which must be dearer than any chain. After every chain what stands is the cheapest for
the homes taken in so far, so it is so at the end.

A search runs over facilities only (`taken_places`) and goes no further than the first empty place.
Everything is whole numbers. Where places are scarce, `fill` in `transport_places` is faster.

Limits: ``refusal_ms`` times the number of facilities must fit in 63 bits.
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
def assign(
    home_ptr: NDArray[np.int64],
    facility: NDArray[np.int32],
    ms: NDArray[np.int64],
    people: NDArray[np.int64],
    places: NDArray[np.int64],
    link_ptr: NDArray[np.int64],
    link: NDArray[np.int32],
    refusal_ms: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """People of each pair, and the price of a place at each facility.

    Parameters
    ----------
    home_ptr, facility, ms
        CSR of the pairs by home.
    link_ptr, link
        CSR of the facilities that share a home with each facility, itself left out.
    refusal_ms : int
        What it costs to leave one person without a place.

    Returns
    -------
    flow : (pairs,) int64
    price_ms : (facilities,) int64
        What a place more would save; proves that nothing cheaper exists.
    """
    pairs = new_pairs(home_ptr, facility, ms, link_ptr, link)
    taken = new_taken(len(facility), len(link), places)
    search = new_search(len(places))
    heap = [0]  # distance and facility in one number
    heap.clear()
    for at in range(len(people)):
        left = people[at]
        while left > 0:
            end, refused = _cheapest_chain(at, refusal_ms, pairs, taken, search, heap)
            if end == NONE:  # nothing is cheaper than leaving the rest of this home out
                break
            moved = _narrowest(left, end, refused, pairs, taken, search)
            _shift(moved, end, refused, pairs, taken, search)
            left -= moved
    return taken.flow, taken.price


@compiled
def _cheapest_chain(
    at: int, refusal_ms: int, pairs: Pairs, taken: Taken, search: Search, heap: list[int]
) -> tuple[int, int]:
    """Where the cheapest chain of a home ends, and the pair that it pushes out, if any.

    `NONE` where refusing the home itself is cheapest. Prices are raised so that the chain
    costs nothing any more (Dijkstra 1959 on reduced costs).
    """
    n = len(taken.room)
    n_done = n_touched = 0
    shortest, end, refused = int(refusal_ms), int(NONE), int(NONE)
    for pair in range(pairs.home_ptr[at], pairs.home_ptr[at + 1]):
        here = int(pairs.facility[pair])
        so_far = int(pairs.ms[pair] + taken.price[here])
        if so_far >= shortest:
            continue
        search.distance[here] = so_far
        search.leaves[here], search.joins[here] = NONE, pair
        search.touched[n_touched] = here
        n_touched += 1
        if taken.room[here] > 0:
            shortest, end = so_far, here
        else:
            heapq.heappush(heap, so_far * n + here)
    while len(heap) > 0:
        so_far, here = divmod(heapq.heappop(heap), n)
        if so_far >= shortest:
            break
        if so_far > search.distance[here]:
            continue
        search.done[n_done] = here
        n_done += 1
        if taken.stale[here]:
            remember(here, pairs, taken)
        before_price = so_far - int(taken.price[here])
        longest = int(taken.longest[here])
        if longest != NONE and before_price + refusal_ms - int(pairs.ms[longest]) < shortest:
            shortest = before_price + refusal_ms - int(pairs.ms[longest])
            end, refused = here, longest
        for i in range(pairs.link_ptr[here], pairs.link_ptr[here + 1]):
            if taken.adds[i] == FAR:
                continue
            other = int(pairs.link[i])
            there = before_price + int(taken.adds[i] + taken.price[other])
            if there >= shortest or there >= search.distance[other]:
                continue
            if search.distance[other] == FAR:
                search.touched[n_touched] = other
                n_touched += 1
            search.distance[other] = there
            search.leaves[other], search.joins[other] = taken.leaves[i], taken.joins[i]
            if taken.room[other] > 0:
                shortest, end, refused = there, other, int(NONE)
            else:
                heapq.heappush(heap, there * n + other)
    heap.clear()
    for i in range(n_done):
        taken.price[search.done[i]] += shortest - search.distance[search.done[i]]
    for i in range(n_touched):
        search.distance[search.touched[i]] = FAR
    return end, refused


@compiled
def _narrowest(
    left: int, end: int, refused: int, pairs: Pairs, taken: Taken, search: Search
) -> int:
    """How many people the chain can move: those left, or its narrowest member."""
    moved = min(left, int(taken.room[end] if refused == NONE else taken.flow[refused]))
    pair = int(search.leaves[end])
    while pair != NONE:
        moved = min(moved, int(taken.flow[pair]))
        pair = int(search.leaves[pairs.facility[pair]])
    return moved


@compiled
def _shift(moved: int, end: int, refused: int, pairs: Pairs, taken: Taken, search: Search) -> None:
    """Move people along the chain, from its end back to the home."""
    if refused == NONE:
        taken.room[end] -= moved
    else:
        leave(refused, moved, pairs, taken)
    here = end
    while True:
        join(search.joins[here], moved, pairs, taken)
        pair = int(search.leaves[here])
        if pair == NONE:
            return
        leave(pair, moved, pairs, taken)
        here = int(pairs.facility[pair])
