"""Where may the legs of points attach when streets change?

A leg whose place is known attaches to whichever street is nearest at the time, by the rule of
`snapping.snap_doors`; others stay.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.snapping import OTHER_STREET_M, Snaps
from carecircle.layers.gates import SAME_GATE_M


@dataclass(frozen=True, eq=False)
class Places:
    """From where the legs of points reach the streets.

    Attributes
    ----------
    xy : (legs, 2) float64
        In the network's CRS: the home, the gate or the entrance; NaN for a leg that stays.
    inside_mm : (legs,) int64
        What is walked before that place, as from a home to a gate; part of the leg.
    other_street_m : (legs,) float64
        Within which another street is taken where the nearest is not for this walker, as
        `snapping.snap_doors` takes it.
    """

    xy: NDArray[np.float64]
    inside_mm: NDArray[np.int64]
    other_street_m: NDArray[np.float64]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which legs have a place, (legs,)."""
        return np.asarray(np.isfinite(self.xy[:, 0]))

    @staticmethod
    def open(xy: NDArray[np.float64]) -> Places:
        """Homes and entrances that reach the streets by a straight way."""
        legs = len(xy)
        return Places(
            np.asarray(xy, np.float64), np.zeros(legs, np.int64), np.full(legs, OTHER_STREET_M)
        )

    @staticmethod
    def gates(xy: NDArray[np.float64], inside_mm: NDArray[np.int64]) -> Places:
        """Gates, and what is walked to each of them inside."""
        return Places(np.asarray(xy, np.float64), inside_mm, np.full(len(xy), SAME_GATE_M))

    @staticmethod
    def none(legs: int) -> Places:
        """Legs that stay where they are."""
        return Places.open(np.full((legs, 2), np.nan))


@dataclass(frozen=True, eq=False)
class Facility:
    """One facility: its legs, and the nodes where they meet the streets while it is open."""

    snaps: Snaps
    places: Places
    is_open: bool = False
    feet: tuple[int, ...] = ()


def each_point(points: Snaps) -> list[NDArray[np.intp]]:
    """The legs of each point."""
    first = np.flatnonzero(np.diff(points.point, prepend=-1))
    return np.split(np.arange(len(points.edge)), first[1:]) if len(first) else []


def one_point(snaps: Snaps, legs: NDArray[np.intp]) -> Snaps:
    """Some legs as those of a single point."""
    return Snaps(
        snaps.edge[legs],
        snaps.offset_mm[legs],
        snaps.leg_mm[legs],
        snaps.component[legs],
        np.zeros(len(legs), np.int32),
    )


def taken(places: Places, legs: NDArray[np.intp]) -> Places:
    """The places of some legs."""
    return Places(places.xy[legs], places.inside_mm[legs], places.other_street_m[legs])


def checked_places(points: Snaps, places: Places | None) -> Places:
    """The places, one for each leg; legs stay where none are given."""
    if places is None:
        return Places.none(len(points.edge))
    legs = len(points.edge)
    told = {len(places.inside_mm), len(places.other_street_m)}
    if places.xy.shape != (legs, 2) or told != {legs}:
        raise ValueError(f"a place for each of {legs} legs is needed")
    return places


def with_legs(
    snaps: Snaps, legs: NDArray[np.intp], found: Snaps, inside_mm: NDArray[np.int64]
) -> Snaps:
    """The same point with some of its legs attached anew."""
    edge, offset_mm = snaps.edge.copy(), snaps.offset_mm.copy()
    leg_mm, component = snaps.leg_mm.copy(), snaps.component.copy()
    edge[legs], offset_mm[legs], component[legs] = found.edge, found.offset_mm, found.component
    leg_mm[legs] = found.leg_mm + inside_mm
    return Snaps(edge, offset_mm, leg_mm, component, snaps.point)
