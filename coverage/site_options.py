"""What can be done at each place: the options a plan of stations chooses from.

Options of one place exclude each other. A place whose station stands today takes exactly one of
its options (``keep`` is one of them); any other takes one or none. An option that gives
several services has one cost for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["open", "keep", "close", "enlarge", "extend", "move"]
NEW: tuple[Kind, ...] = ("open", "move")
OF_A_STATION: tuple[Kind, ...] = ("keep", "close", "enlarge", "extend")
UNLIMITED = 10**9  # seats of a station that serves everybody in reach
NOWHERE = -1

Chosen = NDArray[np.bool_]  # (options,) what a plan takes


@dataclass(frozen=True, eq=False)
class Options:
    """A table of options, one entry each.

    Attributes
    ----------
    place : (options,) int64
        Number of the place; options of one place exclude each other.
    kind : (options,) of Kind
        ``extend`` adds a service to a station, ``move`` brings one from ``moved_from``.
    seats : (services, options) int64
        People that can be served; 0 where the service is not given, UNLIMITED where a station
        serves everybody in reach.
    cost, saving : (options,) int64
        Whole units of money, 0 or more; closing may save.
    town : (options,) int64
        Position among the towns.
    xy : (options, 2) float64
        Metres, for stations that must keep apart.
    moved_from : (options,) int64
        Place whose station moves here; NOWHERE for other kinds.
    names : tuple of str
        What the place of each option is called; empty where places go by number.
    """

    place: NDArray[np.int64]
    kind: tuple[Kind, ...]
    seats: NDArray[np.int64]
    cost: NDArray[np.int64]
    saving: NDArray[np.int64]
    town: NDArray[np.int64]
    xy: NDArray[np.float64]
    moved_from: NDArray[np.int64]
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.place)

    def of_kind(self, *kinds: Kind) -> NDArray[np.bool_]:
        """Which options are of one of these kinds."""
        return np.array([kind in kinds for kind in self.kind], bool)

    @property
    def net_cost(self) -> NDArray[np.int64]:
        """Cost less saving."""
        return self.cost - self.saving

    @property
    def stands(self) -> NDArray[np.bool_]:
        """Which options belong to a place with a station today."""
        standing: NDArray[np.bool_] = np.isin(self.place, self.place[self.of_kind("keep")])
        return standing

    def today(self) -> Chosen:
        """Every station kept, nothing opened."""
        return self.of_kind("keep")

    def instead(self, chosen: Chosen, option: int) -> Chosen:
        """The plan with this option in the place of any other of its place."""
        other: Chosen = chosen & (self.place != self.place[option])
        other[option] = True
        return other

    def follow_rules(self, chosen: Chosen) -> bool:
        """Whether each place has its number of options and each move its own closure."""
        places = int(self.place.max(initial=-1)) + 1
        taken = np.bincount(self.place[chosen], minlength=places)
        stands = np.bincount(self.place[self.stands], minlength=places) > 0
        moving = self.moved_from[chosen & (self.moved_from >= 0)]
        closed = np.bincount(self.place[chosen & self.of_kind("close")], minlength=places)
        moved = np.bincount(moving, minlength=places)
        return bool((taken <= 1).all() and (taken[stands] == 1).all() and (moved <= closed).all())
