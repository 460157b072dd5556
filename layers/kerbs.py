"""Where do walkers wait for the traffic?

At the kerb. Where a way of lower rank meets a point of a road, its end is taken off the road
and put on a *kerb point* of its own, which an edge of no length joins to the road. That edge
is of a wait kind (`network.WAIT_KINDS`), and a walker pays half of the wait on it: over the
road are two halves, into the road one (it may lie on the near side or on the far one), along
the road none. So every edge stays proportional in time, and no search knows of waits.

Ranks, lowest first: ways without cars, other streets, tertiary, secondary, primary roads
(with trunk roads). At a point with signals the wait is that of signals whatever the road;
elsewhere it is that of the highest class that meets there, and none below tertiary.
Nobody waits to walk onto a bridge or into a tunnel.

Limits: two roads of one rank that cross are both walked along without a wait, because a
point does not tell which way is straight on. Each carriageway of a divided road is a road.
Signals mapped on the carriageways before a crossing, not at it, are not seen there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carecircle.layers.network import EDGE_KINDS, WAIT_KINDS
from carecircle.layers.street_pieces import with_lengths, with_points
from carecircle.layers.streets import StreetLines
from carecircle.layers.walk_profile import ROAD_CLASSES

STREET = EDGE_KINDS.index("street")
FIRST_CLASS = 2  # the rank of ROAD_CLASSES[1]; below are other streets, and ways without cars


def with_kerbs(lines: StreetLines) -> tuple[StreetLines, dict[str, Any]]:
    """The streets with a kerb wherever a walker waits, and how many there are of each kind.

    Streets whose source tells no road classes stay as they are.
    """
    if lines.road_class is None:
        return lines, {"known": False}
    rank = np.where(lines.kind == STREET, lines.road_class.astype(np.int64) + 1, 0)
    highest = np.zeros(len(lines.lonlat), dtype=np.int64)
    np.maximum.at(highest, lines.ends, rank[:, None])
    wait = wait_at(highest, lines.signals)
    off = lines.attachable[:, None] & (rank[:, None] < highest[lines.ends])
    off &= wait[lines.ends] >= 0
    kerbed = detached(lines, off, wait)
    counts = np.bincount(wait[lines.ends[off]], minlength=len(WAIT_KINDS))
    return kerbed, {"known": True, **dict(zip(WAIT_KINDS, counts.tolist(), strict=True))}


def wait_at(highest: NDArray[np.int64], signals: NDArray[np.bool_] | None) -> NDArray[np.int64]:
    """Position in `WAIT_KINDS` of the wait at each point; -1 for none."""
    # a road of the last class, "primary", has the first wait after that of signals
    of_class = len(ROAD_CLASSES) + 1 - highest
    wait = np.where(highest >= FIRST_CLASS, of_class, -1)
    return wait if signals is None else np.where(signals, 0, wait)


def detached(lines: StreetLines, off: NDArray[np.bool_], wait: NDArray[np.int64]) -> StreetLines:
    """The streets with the ends ``off`` (m, 2) on kerb points of their own."""
    roads = lines.ends[off]  # the point of the road at each kerb
    kerbs = len(lines.lonlat) + np.arange(len(roads))
    height = None if lines.z is None else lines.z[roads]
    whole = with_points(with_lengths(lines), lines.lonlat[roads], height)
    ends = lines.ends.copy()
    ends[off] = kerbs
    kinds = np.array([EDGE_KINDS.index(name) for name in WAIT_KINDS], dtype=np.uint8)
    none = np.zeros(len(roads), dtype=np.uint8)
    assert whole.mm is not None and whole.road_class is not None
    return replace(
        whole,
        ends=np.concatenate([ends, np.column_stack([roads, kerbs])]),
        kind=np.append(whole.kind, kinds[wait[roads]]),
        attachable=np.append(whole.attachable, none.astype(bool)),
        mm=np.append(whole.mm, none.astype(np.int64)),
        street=None if whole.street is None else np.append(whole.street, none.astype(np.int32) - 1),
        road_class=np.append(whole.road_class, none),
    )
