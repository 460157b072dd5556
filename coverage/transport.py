"""The transportation problem itself, compiled: homes, places, and the cheapest way to shift.

Homes are taken in one after the other. Each looks for the cheapest chain that ends in an
empty place: the home goes to a facility, which passes somebody on to another facility, and
so on (successive shortest paths, Ford & Fulkerson 1962, with the node prices of Edmonds &
Karp 1972). A chain may also end with somebody left without a place, at ``refusal_ms`` a
head, which must be dearer than any chain. After every chain what stands is the cheapest for
the homes taken in so far, so it is so at the end.

Facilities are few and homes many, so a search runs over facilities only: from one to another
leads its cheapest member to move there, which is remembered until that member leaves. A
search goes no further than the first empty place. Everything is whole numbers.

Limits: ``refusal_ms`` times the number of facilities must fit in 63 bits.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.kernels import compiled

NONE = -1
FAR = np.iinfo(np.int64).max


class _Pairs(NamedTuple):
    """Who could go where: CSR by home, and what links the facilities."""

    home_ptr: NDArray[np.int64]
    facility: NDArray[np.int32]
    ms: NDArray[np.int64]
    home: NDArray[np.int32]
    link_ptr: NDArray[np.int64]
    link: NDArray[np.int32]


class _Seats(NamedTuple):
    """Who sits where, and what is remembered about it."""

    flow: NDArray[np.int64]  # people of each pair
    room: NDArray[np.int64]  # empty places of each facility
    price: NDArray[np.int64]  # of a place at each facility, ms
    first: NDArray[np.int64]  # members of each facility: a doubly linked list of pairs
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    leaves: NDArray[np.int64]  # by link, the cheapest member to move: its pair here
    joins: NDArray[np.int64]  # and its pair there
    adds: NDArray[np.int64]  # what its move adds, FAR without one
    longest: NDArray[np.int64]  # the member with the longest walk
    stale: NDArray[np.bool_]  # a remembered member has left
    slot: NDArray[np.int64]  # scratch: the link to each facility


class _Search(NamedTuple):
    """Scratch of a search: how each facility is reached best; all FAR between searches."""

    distance: NDArray[np.int64]
    leaves: NDArray[np.int64]  # the pair that moves on to the facility: from where
    joins: NDArray[np.int64]  # and to it
    done: NDArray[np.int64]
    touched: NDArray[np.int64]


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
    home = np.empty(len(facility), np.int32)
    for at in range(len(people)):
        home[home_ptr[at] : home_ptr[at + 1]] = at
    pairs = _Pairs(home_ptr, facility, ms, home, link_ptr, link)
    seats = _new_seats(len(facility), len(link), places)
    search = _new_search(len(places))
    heap = [0]  # distance and facility in one number
    heap.clear()
    for at in range(len(people)):
        left = people[at]
        while left > 0:
            end, refused = _cheapest_chain(at, refusal_ms, pairs, seats, search, heap)
            if end == NONE:  # nothing is cheaper than leaving the rest of this home out
                break
            moved = _narrowest(left, end, refused, pairs, seats, search)
            _shift(moved, end, refused, pairs, seats, search)
            left -= moved
    return seats.flow, seats.price


@compiled
def _new_seats(n_pairs: int, n_links: int, places: NDArray[np.int64]) -> _Seats:
    """Every place empty."""
    n = len(places)
    return _Seats(
        np.zeros(n_pairs, np.int64),
        places.copy(),
        np.zeros(n, np.int64),
        np.full(n, NONE, np.int64),
        np.full(n_pairs, NONE, np.int64),
        np.full(n_pairs, NONE, np.int64),
        np.full(n_links, NONE, np.int64),
        np.full(n_links, NONE, np.int64),
        np.full(n_links, FAR, np.int64),
        np.full(n, NONE, np.int64),
        np.zeros(n, np.bool_),
        np.empty(n, np.int64),
    )


@compiled
def _new_search(n: int) -> _Search:
    """Nothing reached yet."""
    return _Search(
        np.full(n, FAR, np.int64),
        np.full(n, NONE, np.int64),
        np.full(n, NONE, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
    )


@compiled
def _cheapest_chain(
    at: int, refusal_ms: int, pairs: _Pairs, seats: _Seats, search: _Search, heap: list[int]
) -> tuple[int, int]:
    """Where the cheapest chain of a home ends, and the pair that it pushes out, if any.

    `NONE` where refusing the home itself is cheapest. Prices are raised so that the chain
    costs nothing any more (Dijkstra 1959 on reduced costs).
    """
    n = len(seats.room)
    n_done = n_touched = 0
    shortest, end, refused = int(refusal_ms), int(NONE), int(NONE)
    for pair in range(pairs.home_ptr[at], pairs.home_ptr[at + 1]):
        here = int(pairs.facility[pair])
        so_far = int(pairs.ms[pair] + seats.price[here])
        if so_far >= shortest:
            continue
        search.distance[here] = so_far
        search.leaves[here], search.joins[here] = NONE, pair
        search.touched[n_touched] = here
        n_touched += 1
        if seats.room[here] > 0:
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
        if seats.stale[here]:
            _remember(here, pairs, seats)
        before_price = so_far - int(seats.price[here])
        longest = int(seats.longest[here])
        if longest != NONE and before_price + refusal_ms - int(pairs.ms[longest]) < shortest:
            shortest = before_price + refusal_ms - int(pairs.ms[longest])
            end, refused = here, longest
        for i in range(pairs.link_ptr[here], pairs.link_ptr[here + 1]):
            if seats.adds[i] == FAR:
                continue
            other = int(pairs.link[i])
            there = before_price + int(seats.adds[i] + seats.price[other])
            if there >= shortest or there >= search.distance[other]:
                continue
            if search.distance[other] == FAR:
                search.touched[n_touched] = other
                n_touched += 1
            search.distance[other] = there
            search.leaves[other], search.joins[other] = seats.leaves[i], seats.joins[i]
            if seats.room[other] > 0:
                shortest, end, refused = there, other, int(NONE)
            else:
                heapq.heappush(heap, there * n + other)
    heap.clear()
    for i in range(n_done):
        seats.price[search.done[i]] += shortest - search.distance[search.done[i]]
    for i in range(n_touched):
        search.distance[search.touched[i]] = FAR
    return end, refused


@compiled
def _narrowest(
    left: int, end: int, refused: int, pairs: _Pairs, seats: _Seats, search: _Search
) -> int:
    """How many people the chain can move: those left, or its narrowest member."""
    moved = min(left, int(seats.room[end] if refused == NONE else seats.flow[refused]))
    pair = int(search.leaves[end])
    while pair != NONE:
        moved = min(moved, int(seats.flow[pair]))
        pair = int(search.leaves[pairs.facility[pair]])
    return moved


@compiled
def _shift(
    moved: int, end: int, refused: int, pairs: _Pairs, seats: _Seats, search: _Search
) -> None:
    """Move people along the chain, from its end back to the home."""
    if refused == NONE:
        seats.room[end] -= moved
    else:
        _leave(refused, moved, pairs, seats)
    here = end
    while True:
        _join(search.joins[here], moved, pairs, seats)
        pair = int(search.leaves[here])
        if pair == NONE:
            return
        _leave(pair, moved, pairs, seats)
        here = int(pairs.facility[pair])


@compiled
def _join(pair: int, moved: int, pairs: _Pairs, seats: _Seats) -> None:
    """People of a home come to a facility."""
    if seats.flow[pair] == 0:
        here = pairs.facility[pair]
        follower = seats.first[here]
        seats.before[pair], seats.after[pair] = NONE, follower
        if follower != NONE:
            seats.before[follower] = pair
        seats.first[here] = pair
        if not seats.stale[here]:
            for i in range(pairs.link_ptr[here], pairs.link_ptr[here + 1]):
                seats.slot[pairs.link[i]] = i
            _offer(pair, pairs, seats)
    seats.flow[pair] += moved


@compiled
def _leave(pair: int, moved: int, pairs: _Pairs, seats: _Seats) -> None:
    """People of a home leave a facility; what it remembers is stale if the home was in it."""
    seats.flow[pair] -= moved
    if seats.flow[pair] > 0:
        return
    here = pairs.facility[pair]
    before, after = seats.before[pair], seats.after[pair]
    if before == NONE:
        seats.first[here] = after
    else:
        seats.after[before] = after
    if after != NONE:
        seats.before[after] = before
    if seats.longest[here] == pair:
        seats.stale[here] = True
    for i in range(pairs.link_ptr[here], pairs.link_ptr[here + 1]):
        if seats.leaves[i] == pair:
            seats.stale[here] = True


@compiled
def _remember(here: int, pairs: _Pairs, seats: _Seats) -> None:
    """Find the cheapest member to move from a facility to each other one, all anew."""
    seats.longest[here] = NONE
    for i in range(pairs.link_ptr[here], pairs.link_ptr[here + 1]):
        seats.slot[pairs.link[i]] = i
        seats.leaves[i] = NONE
        seats.adds[i] = FAR
    pair = seats.first[here]
    while pair != NONE:
        _offer(pair, pairs, seats)
        pair = seats.after[pair]
    seats.stale[here] = False


@compiled
def _offer(pair: int, pairs: _Pairs, seats: _Seats) -> None:
    """Remember a member wherever it is the cheapest to move; of equal ones the first home.

    ``slot`` must hold the links of the member's facility.
    """
    here, at = pairs.facility[pair], pairs.home[pair]
    longest = seats.longest[here]
    longer = longest == NONE or pairs.ms[pair] > pairs.ms[longest]
    if longer or (pairs.ms[pair] == pairs.ms[longest] and pair < longest):
        seats.longest[here] = pair
    for other in range(pairs.home_ptr[at], pairs.home_ptr[at + 1]):
        if other == pair:
            continue
        i = seats.slot[pairs.facility[other]]
        adds = pairs.ms[other] - pairs.ms[pair]
        if adds < seats.adds[i] or (adds == seats.adds[i] and pair < seats.leaves[i]):
            seats.leaves[i], seats.joins[i], seats.adds[i] = pair, other, adds
