"""Between which near places is the walk implausibly long?

Places on the streets, one in each cell of `SPACING_M`, are paired with those within `GAP_M` of
them. A pair is a gap when the walk between the two is `GAP_DETOUR` times as long as the straight
way, or there is none, and a link over it would shorten the way of one of them to a station
that some circle looks for. Of gaps side by side, as along a river, the one stays whose link
would bring most people within the limit.

Limits: a gap is no fault of the map as such: a river, a railway or a wall may lie there, and
then the link is a bridge to be built. Gaps are looked for at cells, so the best place for a
bridge may be up to a cell away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from carecircle.coverage.candidates import Places, along_edges, one_per_cell
from carecircle.coverage.repairs import Standing, Streets
from carecircle.isochrones.audit import joinable_edges, not_joined
from carecircle.isochrones.links import Links, on_street
from carecircle.layers.network import WalkNetwork

GAP_M = 300.0
FACING_M = 5.0  # between the links of two dead ends that face each other
GAP_DETOUR = 3
SPACING_M = 100.0


def gaps(network: WalkNetwork, circles: Sequence[Standing]) -> Links:
    """Links over the gaps that some circle's stations are nearer to on one side.

    One that shortens no walk to a nearest station is left out, whatever the direction: it is
    for each circle to count what a link brings.
    """
    places = one_per_cell(along_edges(network, joinable_edges(network), SPACING_M), SPACING_M)
    a, b = np.sort(cKDTree(places.xy).query_pairs(GAP_M, output_type="ndarray"), axis=1).T
    metres = np.hypot(*(places.xy[a] - places.xy[b]).T)
    links = Links(
        edge=np.column_stack([places.edge[a], places.edge[b]]),
        offset_mm=np.column_stack([places.offset_mm[a], places.offset_mm[b]]),
        mm=np.rint(1000 * metres).astype(np.int64),
    )
    shortens = np.zeros(len(links), bool)
    for now in circles:
        shortens |= shortening(now, places, np.column_stack([a, b]), links)
    order = np.lexsort((b, a))
    useful = links.take(order[shortens[order]])
    return useful.take(np.flatnonzero(not_joined(network, useful, GAP_DETOUR)))


def shortening(
    now: Standing, places: Places, ends: NDArray[np.intp], links: Links
) -> NDArray[np.bool_]:
    """Links over which an end is nearer to a station, and near enough to matter, (k,)."""
    to = replace(now, circle=replace(now.circle, direction="to"))
    streets = Streets(to, on_street(now.network, places.edge, places.offset_mm))
    ms = streets.to_stations(streets.places)["to"][:, 0][ends]
    over_ms = links.ms(now.network, now.circle.walker)
    usable = over_ms[:, 0] >= 0
    rest = ms[:, ::-1] + over_ms
    return np.asarray(usable & ((rest < ms) & (rest <= now.circle.limit_ms)).any(axis=1))


def best_of_neighbours(
    xy: NDArray[np.float64],
    gained: NDArray[np.int64],
    mm: NDArray[np.int64],
    is_gap: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Links to keep: all but gaps that bring nobody, or no more than a kept link beside them.

    ``xy`` (k, 2, 2) holds their ends. Beside is a link whose ends are both within `GAP_M`; of
    equal ones the shortest is kept.
    """
    kept = ~is_gap
    for at in np.lexsort((mm, is_gap, -gained)):
        rivals = np.flatnonzero(kept & (gained >= gained[at]))
        if is_gap[at] and gained[at] > 0 and not beside(xy[at], xy[rivals]).any():
            kept[at] = True
    return kept


def once_each(
    xy: NDArray[np.float64],
    gained: NDArray[np.int64],
    mm: NDArray[np.int64],
    is_loose: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Links to keep: all but one of two dead ends that face each other.

    Each was joined to the other's street, so the two links have their ends within `FACING_M`; the
    one that brings more people is kept, of equal ones the shorter.
    """
    kept = ~is_loose
    seen: list[int] = []
    for at in np.lexsort((mm, -gained)):
        if is_loose[at] and not beside(xy[at], xy[seen], FACING_M).any():
            kept[at] = True
            seen.append(int(at))
    return kept


def beside(
    ends: NDArray[np.float64], others: NDArray[np.float64], within_m: float = GAP_M
) -> NDArray[np.bool_]:
    """Whether both ends of a link are so near to those of the others, either way round."""
    near = [
        (np.hypot(*(others[:, order] - ends).transpose(2, 0, 1)) <= within_m).all(axis=1)
        for order in ([0, 1], [1, 0])
    ]
    return np.asarray(near[0] | near[1])
