"""Is access shared evenly among the people of a circle, and who has least of it?

Two amounts are looked at: how many facilities each person has within the limit, and, where
capacities are known, how many places (2SFCA). `equity` has the formulas and their limits. An
index says how evenly something is shared, never whether it is enough, so the people who have
nothing stand beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.coverage.equity import Theil, gini, lorenz, palma, theil
from carecircle.layers.admin_units import column_of, levels_of

TENTHS = tuple(tenth / 10 for tenth in range(11))


@dataclass(frozen=True, eq=False)
class Evenness:
    """How evenly one amount is shared. Indices are None where nobody has anything.

    Attributes
    ----------
    amount : ``facilities`` within the limit, or ``places`` per person
    people, without : int
        Everybody, and those who have nothing.
    lorenz : tuple of 11 floats, or None
        What share of the whole the worst-off 0, 10 ... 100 % of the people have.
    theil : float or None
        Theil's T of all people.
    by_level : tuple of (level, Theil)
        The same between and within the units of each level.
    """

    amount: Literal["facilities", "places"]
    people: int
    without: int
    gini: float | None
    palma: float | None
    lorenz: tuple[float, ...] | None
    theil: float | None
    by_level: tuple[tuple[str, Theil], ...]


def evenness(
    amount: Literal["facilities", "places"],
    values: NDArray[Any],
    people: NDArray[np.int64],
    quarter: NDArray[np.int64],
    residential: GeoDataFrame,
    units: GeoDataFrame | None,
) -> Evenness:
    """How evenly ``values`` (of each person of a home) are shared.

    ``quarter`` is the position of the quarter of each home. Quarters in no unit of a level are
    one group.
    """
    curve = lorenz(values, people)
    everybody = theil(values, people, [0] * len(people))
    parts = []
    for level in () if units is None else levels_in(units):
        unit_of: pd.Series = residential[column_of(level)].astype("str").fillna("")
        found = theil(values, people, unit_of.iloc[quarter])
        if found is not None:
            parts.append((level, found))
    return Evenness(
        amount=amount,
        people=int(people.sum()),
        without=int(people[np.asarray(values) == 0].sum()),
        gini=gini(values, people),
        palma=palma(values, people),
        lorenz=None if curve is None else tuple(curve.at(share) for share in TENTHS),
        theil=None if everybody is None else everybody.total,
        by_level=tuple(parts),
    )


def levels_in(units: GeoDataFrame) -> list[str]:
    """The levels of the units, highest first; one without a name where none is stated."""
    return levels_of(units) if "level" in units else [""]
