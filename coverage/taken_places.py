"""Who takes which place while places are handed out, compiled: joining, leaving, who could move on.

Facilities are few and homes many, so searches run over facilities only: from one to another
leads its cheapest member to move there, which is remembered until that member leaves.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.kernels import compiled

NONE = -1
FAR = np.iinfo(np.int64).max


class Pairs(NamedTuple):
    """Who could go where: CSR by home, and what links the facilities."""

    home_ptr: NDArray[np.int64]
    facility: NDArray[np.int32]
    ms: NDArray[np.int64]
    home: NDArray[np.int32]
    link_ptr: NDArray[np.int64]
    link: NDArray[np.int32]


class Taken(NamedTuple):
    """Who takes which place, and what is remembered about it."""

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


class Search(NamedTuple):
    """Scratch of a search: how each facility is reached best; all FAR between searches."""

    distance: NDArray[np.int64]
    leaves: NDArray[np.int64]  # the pair that moves on to the facility: from where
    joins: NDArray[np.int64]  # and to it
    done: NDArray[np.int64]
    touched: NDArray[np.int64]


@compiled
def new_pairs(
    home_ptr: NDArray[np.int64],
    facility: NDArray[np.int32],
    ms: NDArray[np.int64],
    link_ptr: NDArray[np.int64],
    link: NDArray[np.int32],
) -> Pairs:
    """The pairs, each with its home."""
    home = np.empty(len(facility), np.int32)
    for at in range(len(home_ptr) - 1):
        home[home_ptr[at] : home_ptr[at + 1]] = at
    return Pairs(home_ptr, facility, ms, home, link_ptr, link)


@compiled
def new_taken(n_pairs: int, n_links: int, places: NDArray[np.int64]) -> Taken:
    """Every place empty."""
    n = len(places)
    return Taken(
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
def new_search(n: int) -> Search:
    """Nothing reached yet."""
    return Search(
        np.full(n, FAR, np.int64),
        np.full(n, NONE, np.int64),
        np.full(n, NONE, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
    )


@compiled
def join(pair: int, moved: int, pairs: Pairs, taken: Taken) -> None:
    """People of a home come to a facility."""
    if taken.flow[pair] == 0:
        here = pairs.facility[pair]
        follower = taken.first[here]
        taken.before[pair], taken.after[pair] = NONE, follower
        if follower != NONE:
            taken.before[follower] = pair
        taken.first[here] = pair
        if not taken.stale[here]:
            for i in range(pairs.link_ptr[here], pairs.link_ptr[here + 1]):
                taken.slot[pairs.link[i]] = i
            offer(pair, pairs, taken)
    taken.flow[pair] += moved


@compiled
def leave(pair: int, moved: int, pairs: Pairs, taken: Taken) -> None:
    """People of a home leave a facility; what it remembers is stale if the home was in it."""
    taken.flow[pair] -= moved
    if taken.flow[pair] > 0:
        return
    here = pairs.facility[pair]
    before, after = taken.before[pair], taken.after[pair]
    if before == NONE:
        taken.first[here] = after
    else:
        taken.after[before] = after
    if after != NONE:
        taken.before[after] = before
    if taken.longest[here] == pair:
        taken.stale[here] = True
    for i in range(pairs.link_ptr[here], pairs.link_ptr[here + 1]):
        if taken.leaves[i] == pair:
            taken.stale[here] = True


@compiled
def remember(here: int, pairs: Pairs, taken: Taken) -> None:
    """Find the cheapest member to move from a facility to each other one, all anew."""
    taken.longest[here] = NONE
    for i in range(pairs.link_ptr[here], pairs.link_ptr[here + 1]):
        taken.slot[pairs.link[i]] = i
        taken.leaves[i] = NONE
        taken.adds[i] = FAR
    pair = taken.first[here]
    while pair != NONE:
        offer(pair, pairs, taken)
        pair = taken.after[pair]
    taken.stale[here] = False


@compiled
def offer(pair: int, pairs: Pairs, taken: Taken) -> None:
    """Remember a member wherever it is the cheapest to move; of equal ones the first home.

    ``slot`` must hold the links of the member's facility.
    """
    here, at = pairs.facility[pair], pairs.home[pair]
    longest = taken.longest[here]
    longer = longest == NONE or pairs.ms[pair] > pairs.ms[longest]
    if longer or (pairs.ms[pair] == pairs.ms[longest] and pair < longest):
        taken.longest[here] = pair
    for other in range(pairs.home_ptr[at], pairs.home_ptr[at + 1]):
        if other == pair:
            continue
        i = taken.slot[pairs.facility[other]]
        adds = pairs.ms[other] - pairs.ms[pair]
        if adds < taken.adds[i] or (adds == taken.adds[i] and pair < taken.leaves[i]):
            taken.leaves[i], taken.joins[i], taken.adds[i] = pair, other, adds
