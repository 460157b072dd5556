"""Most people placed when every chosen station has its seats: a maximum flow.

Source -> towns -> homes -> stations -> sink (Ford & Fulkerson 1956, by Dinic's method in
SciPy). Towns may have a floor that is filled first. What can be placed of each town is a
polymatroid, so filling floors first never lowers the total: augmenting a flow takes nobody
back to the source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import maximum_flow

MOST_PEOPLE = 2**31 - 2  # SciPy counts flows in 32 bits


@dataclass(frozen=True, eq=False)
class Placed:
    """Who has a seat.

    Attributes
    ----------
    by_home : (homes,) int64
    pairs : (homes, stations) csr_array of int64
        People of each home placed in each station.
    """

    by_home: NDArray[np.int64]
    pairs: csr_array


def most_placed(
    people: NDArray[np.int64],
    town: NDArray[np.int64],
    within: csr_array,
    seats: NDArray[np.int64],
    town_limits: Sequence[NDArray[np.int64]],
) -> Placed:
    """Place most people, under the first limits of the towns, then under the next.

    Limits never fall; nobody placed under the first loses the place to a neighbouring town.

    Raises
    ------
    OverflowError
        More than two thousand million people.
    """
    total = int(people.sum())
    if total > MOST_PEOPLE:
        raise OverflowError(f"{total} people are more than can be placed at once")
    homes, stations = within.shape
    towns = len(town_limits[0])
    first_home, first_station = 1 + towns, 1 + towns + homes
    sink = first_station + stations
    pair = within.tocoo()
    row, col = pair.row.astype(np.int64), pair.col.astype(np.int64)
    towns_at, homes_at = 1 + np.arange(towns), first_home + np.arange(homes)
    stations_at = first_station + np.arange(stations)
    tail = np.concatenate([np.zeros(towns, np.int64), 1 + town, first_home + row, stations_at])
    head = np.concatenate([towns_at, homes_at, first_station + col, np.full(stations, sink)])
    rest = [people, people[row], np.minimum(seats, total)]
    flow: csr_array | None = None
    for limits in town_limits:
        room = np.concatenate([limits, *rest])
        flow = augmented(tail, head, room, flow, sink)
    assert flow is not None
    pairs = csr_array(flow[first_home:first_station, first_station:sink].astype(np.int64))
    pairs.eliminate_zeros()
    return Placed(np.asarray(pairs.sum(axis=1)).astype(np.int64), pairs)


def augmented(
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    room: NDArray[np.int64],
    flow: csr_array | None,
    sink: int,
) -> csr_array:
    """A maximum flow, on top of one within less room if there is any."""
    shape = sink + 1, sink + 1
    room = room.astype(np.int32)
    if flow is None:
        left = csr_array(coo_array((room, (tail, head)), shape=shape))
        return csr_array(maximum_flow(left, 0, sink).flow)
    left = csr_array(coo_array((room, (tail, head)), shape=shape) - flow)
    left.eliminate_zeros()
    return csr_array(flow + maximum_flow(left, 0, sink).flow)
