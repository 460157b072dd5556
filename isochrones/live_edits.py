"""What can be changed while the answer stands, and what did a change do?

Edits are data: they can be kept, listed, applied in turn and taken back. Facilities are named
by their position, edges by their number; closed ones keep theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.minutes import Nearest
from carecircle.isochrones.snapping import Snaps

# Entrances of one facility in the network's CRS, (k, 2), which attach to the nearest street now
# and whenever streets change; or one point that stays attached where it is told to.
Where = NDArray[np.float64] | Snaps


@dataclass(frozen=True, eq=False)
class AddFacility:
    """A new facility; it comes after all others."""

    at: Where


@dataclass(frozen=True, eq=False)
class MoveFacility:
    """A facility elsewhere, in its place in the order."""

    facility: int
    at: Where


@dataclass(frozen=True)
class CloseFacility:
    """Nobody walks to this facility any more."""

    facility: int


@dataclass(frozen=True)
class ReopenFacility:
    """A closed facility where it was."""

    facility: int


@dataclass(frozen=True)
class AddLink:
    """A new straight footway between two places on the streets.

    Attributes
    ----------
    edges, offset_mm : (int, int)
        The places: on which edges, and how far from their first nodes.
    mm : int
        What is walked, whole millimetres.
    doors : bool
        Whether doors open onto it: not on a bridge.
    """

    edges: tuple[int, int]
    offset_mm: tuple[int, int]
    mm: int
    doors: bool = True


@dataclass(frozen=True)
class CloseEdge:
    """Nobody walks along this edge, a street or a link, any more."""

    edge: int


@dataclass(frozen=True)
class ReopenEdge:
    """A closed edge as it was."""

    edge: int


Edit = (
    AddFacility | MoveFacility | CloseFacility | ReopenFacility | AddLink | CloseEdge | ReopenEdge
)


@dataclass(frozen=True, eq=False)
class Change:
    """Whose answer an edit has changed.

    Attributes
    ----------
    edit : Edit
    made : int or None
        Position of the facility or number of the link that was added.
    homes : (k,) int32
        Ascending: those whose nearest facility or milliseconds are others than before.
    before, after : Nearest
        Their answers, (k,).
    nodes : int
        How many nodes of the streets were looked at.
    """

    edit: Edit
    made: int | None
    homes: NDArray[np.int32]
    before: Nearest
    after: Nearest
    nodes: int
