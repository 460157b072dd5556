"""By which ways does somebody behind a wall reach the streets?

A home in a quarter with known gates has a leg to each of them: the straight way inside, made
longer by a stated detour factor, and the straight way from the gate to its street. Where the
quarter's inner ways are known to lead to its gates the home joins the nearest of them instead
and walks along it. A search then takes whichever gate is best for each walk. Everybody else
opens onto the nearest street.

A facility may have several entrances: it is reached at whichever is nearest.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.isochrones.snapping import Snaps, snap_doors
from carecircle.isochrones.walkers import Walker
from carecircle.layers.gates import SAME_GATE_M, QuarterGates
from carecircle.layers.network import WalkNetwork

# Walked inside a quarter for each 100 m straight: an assumption, printed with the results.
DETOUR_PERCENT = 130


def snap_entrances(
    network: WalkNetwork,
    xy: NDArray[np.float64],
    point: NDArray[np.int64],
    limit_m: float,
    walker: Walker | None = None,
) -> Snaps:
    """Points that can be entered at several places.

    Parameters
    ----------
    xy : (p, 2) float64
        The places.
    point : (p,) int
        Position of the point each place belongs to; every point has one.
    """
    order = np.argsort(point, kind="stable")
    return only_useful(of_points(snap_doors(network, xy[order], limit_m, walker), point[order]))


def snap_homes(
    network: WalkNetwork,
    xy: NDArray[np.float64],
    quarter: NDArray[np.int64],
    gates: QuarterGates,
    limit_m: float,
    walker: Walker | None = None,
) -> Snaps:
    """Homes with all their ways onto the streets.

    Parameters
    ----------
    xy : (k, 2) float64
        The homes, in the network's CRS.
    quarter : (k,) int
        Position of each home's quarter.
    limit_m : float
        Longest straight way from an open home or from a gate to its street.
    """
    behind = np.isin(quarter, gates.gate_quarter)
    along = inner_legs(network, xy, quarter, gates, walker)
    straight = np.flatnonzero(behind & ~np.isin(np.arange(len(xy)), along.point))
    parts = [
        of_points(snap_doors(network, xy[~behind], limit_m, walker), np.flatnonzero(~behind)),
        along,
        gate_legs(network, xy, quarter, gates, straight, limit_m, walker),
    ]
    return only_useful(together(parts))


def gate_legs(
    network: WalkNetwork,
    xy: NDArray[np.float64],
    quarter: NDArray[np.int64],
    gates: QuarterGates,
    homes: NDArray[np.intp],
    limit_m: float,
    walker: Walker | None,
) -> Snaps:
    """A leg from each of these homes to each gate of its quarter and on to its street."""
    first = np.searchsorted(gates.gate_quarter, quarter[homes], "left")
    count = np.searchsorted(gates.gate_quarter, quarter[homes], "right") - first
    home = np.repeat(homes, count)
    before = np.repeat(np.cumsum(count) - count, count)
    gate = np.repeat(first, count) + np.arange(len(home)) - before
    at_gates = snap_gates(network, gates.gate_xy, limit_m, walker)
    legs = of_points(at_gates.take(gate), home)
    return lengthened(legs, detour_mm(np.hypot(*(xy[home] - gates.gate_xy[gate]).T)))


def snap_gates(
    network: WalkNetwork, xy: NDArray[np.float64], limit_m: float, walker: Walker | None
) -> Snaps:
    """Gates on their streets.

    A gate opens onto one street: if that is not for this walker, the gate is not either. What
    is as near as a way that crosses the boundary at the gate counts as its street too.
    """
    return snap_doors(network, xy, limit_m, walker, SAME_GATE_M)


def inner_legs(
    network: WalkNetwork,
    xy: NDArray[np.float64],
    quarter: NDArray[np.int64],
    gates: QuarterGates,
    walker: Walker | None,
) -> Snaps:
    """A leg from each home of a quarter with inner ways to the nearest of them.

    Ties go to the lowest edge.
    """
    usable = np.ones(len(gates.inner_edge), bool)
    if walker is not None:
        usable = walker.usable(network)[gates.inner_edge]
    legs = []
    for at in np.unique(gates.inner_quarter[usable]):
        of_quarter = usable & (gates.inner_quarter == at)
        homes = np.flatnonzero(quarter == at)
        legs.append(
            nearest_inner_way(
                network,
                xy[homes],
                gates.inner_edge[of_quarter],
                gates.inner_piece[of_quarter],
                homes,
            )
        )
    return together(legs)


def nearest_inner_way(
    network: WalkNetwork,
    xy: NDArray[np.float64],
    edges: NDArray[np.int64],
    pieces: NDArray[np.object_],
    homes: NDArray[np.intp],
) -> Snaps:
    """The nearest place inside the quarter on one of its ways, for each of its homes."""
    points = shapely.points(xy)
    away_mm = np.rint(1000 * shapely.distance(points[:, None], pieces[None]))
    nearest = away_mm.argmin(axis=1)
    edge = edges[nearest]
    place = shapely.get_point(shapely.shortest_line(points, pieces[nearest]), 1)
    line = shapely.linestrings(network.node_xy[network.edge_nodes[edge]])
    fraction = shapely.line_locate_point(line, place, normalized=True)
    offset_mm = np.rint(np.nan_to_num(fraction) * network.edge_mm[edge]).astype(np.int64)
    leg_mm = detour_mm(shapely.distance(points, pieces[nearest]))
    component = network.node_component[network.edge_nodes[edge, 0]]
    return Snaps(edge.astype(np.int32), offset_mm, leg_mm, component, homes.astype(np.int32))


def detour_mm(straight_m: NDArray[np.float64]) -> NDArray[np.int64]:
    """What is walked inside a quarter, whole millimetres, half up."""
    straight_mm = np.rint(1000 * straight_m).astype(np.int64)
    return (straight_mm * DETOUR_PERCENT + 50) // 100


def lengthened(snaps: Snaps, more_mm: NDArray[np.int64]) -> Snaps:
    """The same legs, each so much longer."""
    longer = snaps.leg_mm + more_mm
    return Snaps(snaps.edge, snaps.offset_mm, longer, snaps.component, snaps.point)


def of_points(snaps: Snaps, point: NDArray[np.intp]) -> Snaps:
    """Single legs as legs of these points."""
    return Snaps(snaps.edge, snaps.offset_mm, snaps.leg_mm, snaps.component, point.astype(np.int32))


def together(parts: list[Snaps]) -> Snaps:
    """All legs, by point; those of one point in the order given."""
    empty = np.empty(0, np.int32)
    whole = Snaps(empty, empty.astype(np.int64), empty.astype(np.int64), empty, empty)
    legs = [whole, *parts]
    point = np.concatenate([part.point for part in legs])
    order = np.argsort(point, kind="stable")
    return Snaps(
        np.concatenate([part.edge for part in legs])[order],
        np.concatenate([part.offset_mm for part in legs])[order],
        np.concatenate([part.leg_mm for part in legs])[order],
        np.concatenate([part.component for part in legs])[order],
        point[order],
    )


def only_useful(snaps: Snaps) -> Snaps:
    """Without legs that lead nowhere, where the point has another; one is kept for each point."""
    first = np.diff(snaps.point, prepend=-1) != 0
    useful = np.where(snaps.attached[snaps.point], snaps.edge >= 0, first)
    return Snaps(
        snaps.edge[useful],
        snaps.offset_mm[useful],
        snaps.leg_mm[useful],
        snaps.component[useful],
        snaps.point[useful],
    )
