"""By which gate does the way out of a home lead?

The legs of homes (`gates.snap_homes`) tell how far it is to a street, not by which gate. Here
one leg is taken apart again: the way inside the quarter, and the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.gates import detour_mm, inner_legs, snap_gates
from carecircle.isochrones.snapping import Snaps
from carecircle.isochrones.walkers import Walker
from carecircle.layers.gates import SAME_GATE_M, QuarterGates
from carecircle.layers.network import WalkNetwork


@dataclass(frozen=True)
class WayOut:
    """One leg of a home.

    Attributes
    ----------
    inside_mm : int
        Walked inside the quarter, with its detour; 0 for an open home.
    gate : int or None
        Position among the gates of all quarters; None where the leg passes none: an open home,
        or one that walks to the gate along inner ways (`gate_on_way`).
    """

    inside_mm: int
    gate: int | None


def way_out(
    network: WalkNetwork,
    gates: QuarterGates,
    home_xy: NDArray[np.float64],
    quarter: int,
    legs: Snaps,
    leg: int,
    limit_m: float,
    walker: Walker,
) -> WayOut:
    """What leg number ``leg`` of ``legs``, those of one home alone, is made of.

    ``limit_m`` and ``walker`` are those the legs were made with.
    """
    leg_mm = int(legs.leg_mm[leg])
    along = inner_legs(network, home_xy[None], np.array([quarter]), gates, walker)
    if len(along.point):
        return WayOut(leg_mm, None)
    own = np.flatnonzero(gates.gate_quarter == quarter)
    if not len(own):
        return WayOut(0, None)
    at_gates = snap_gates(network, gates.gate_xy[own], limit_m, walker)
    inside_mm = detour_mm(np.hypot(*(home_xy - gates.gate_xy[own]).T))
    same = (
        (at_gates.edge == legs.edge[leg])
        & (at_gates.offset_mm == legs.offset_mm[leg])
        & (at_gates.leg_mm + inside_mm == leg_mm)
    )
    at = int(np.flatnonzero(same)[0])
    return WayOut(int(inside_mm[at]), int(own[at]))


def gate_on_way(gates: QuarterGates, quarter: int, xy: NDArray[np.float64]) -> int | None:
    """The gate of a quarter that a route (n, 2) comes nearest to, within `SAME_GATE_M`."""
    own = np.flatnonzero(gates.gate_quarter == quarter)
    start, along = xy[:-1], np.diff(xy, axis=0)
    to_gate = gates.gate_xy[own][:, None] - start
    squared = (along**2).sum(axis=1)
    ahead = (to_gate * along).sum(axis=2)
    share = np.divide(ahead, squared, out=np.zeros_like(ahead), where=squared > 0).clip(0, 1)
    away = np.hypot(*(to_gate - share[:, :, None] * along).transpose(2, 0, 1))
    if not away.size or away.min() > SAME_GATE_M:
        return None
    return int(own[away.min(axis=1).argmin()])
