"""Can the lengths that edges come with be metres? They are compared with how the edges are drawn.

An edge may be longer than it is drawn (bends were left out), but hardly shorter. A few that are
shorter are kept and told; where most are, or most are many times as long, the lengths are in
another unit and everybody's minutes would be wrong by that factor.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# A length may fall this much short of the drawn one: rounding, and nodes that were moved.
SHORT_M, SHORT_SHARE = 1.0, 0.02
LONG_TIMES = 5.0  # no mountain road is as winding as that for most of a city's edges
MOST_DOUBTFUL = 0.5  # of the edges


def shorter_than_drawn(
    metres: NDArray[np.float64], drawn_m: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which edges are shorter than the line they are drawn as."""
    return np.asarray(drawn_m - metres > np.maximum(SHORT_M, SHORT_SHARE * drawn_m))


def other_unit(metres: NDArray[np.float64], drawn_m: NDArray[np.float64]) -> tuple[str, int] | None:
    """E-NET-026 where most edges are too short, E-NET-034 where most are too long, and how many."""
    short = shorter_than_drawn(metres, drawn_m)
    long = (metres > LONG_TIMES * drawn_m) & (drawn_m > SHORT_M)
    for message, doubtful in ("E-NET-026", short), ("E-NET-034", long):
        if doubtful.mean() > MOST_DOUBTFUL:
            return message, int(doubtful.sum())
    return None
