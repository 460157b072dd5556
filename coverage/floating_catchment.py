"""How many places are there for each person, when everybody within reach competes for them?

The floating catchment family. First every facility divides its places by the people who can
reach it; then every home adds up what the facilities within its reach have for each person:

    ratio[j]  = places[j] / sum over i of people[i] * w[i, j]
    access[i] = sum over j of ratio[j] * w[i, j]

The members differ in the weight ``w`` of a walk: 1 within the limit (2SFCA, Luo & Wang 2003),
a step for each zone (E2SFCA, Luo & Qi 2009), or a Gaussian that falls to 0 at the limit
(Dai 2010). 3SFCA (Wan, Zou & Sternberg 2012) also divides each person among the facilities
in reach, ``g[i, j] = w[i, j] / sum over j of w[i, j]``, and uses ``g * w`` in both steps.

All of them hand out exactly the places that somebody can reach:
``sum of people * access = sum of places`` over the facilities with a ratio.

Limits: access is a measure for comparing homes, not a forecast of who gets a place, which
`assignment` answers. With weights below 1 a facility far from everybody hands out as many
places as a near one: only relative distance counts. ``docs/access.md`` names the critics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.assignment import checked_counts
from carecircle.isochrones.minutes import ReachTable


@dataclass(frozen=True, eq=False)
class Access:
    """Places for each person.

    Attributes
    ----------
    access : (homes,) float64
        Places per person; 0 where no facility with places is within reach.
    ratio : (facilities,) float64
        Places per person of the facility's weighted demand; NaN where nobody can reach it.
    stranded_places : int
        Places of the facilities without a ratio, which nobody gets.
    """

    access: NDArray[np.float64]
    ratio: NDArray[np.float64]
    stranded_places: int


def floating_catchment(
    table: ReachTable,
    people: NDArray[np.int64],
    places: NDArray[np.int64],
    weights: NDArray[np.float64],
) -> Access:
    """Places per person by the floating catchment method that the weights belong to.

    Parameters
    ----------
    table : ReachTable
        Homes within the limit of each facility: a row per facility.
    people : (homes,) int64
    places : (facilities,) int64
    weights : (pairs,) float64
        Of each pair of the table: `within_limit`, `by_zone`, `gaussian`, or any of these
        through `with_choice`.

    Raises
    ------
    ValueError
        People or places are not whole numbers of 0 or more, a weight is not a number of 0 or
        more, or they do not fit the table.
    """
    people, places = checked_counts("people", people), np.asarray(places)
    if places.dtype.kind not in "iu" or (places < 0).any():
        raise ValueError("places must be whole numbers of 0 or more")
    if len(places) != len(table) or weights.shape != table.target.shape:
        raise ValueError("places or weights do not fit the table")
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise ValueError("weights must be numbers of 0 or more")
    facility = facility_of_pair(table)
    demand = np.bincount(facility, weights * people[table.target], len(places))
    ratio = np.full(len(places), np.nan)
    np.divide(places, demand, out=ratio, where=demand > 0)
    given = np.where(demand > 0, ratio, 0.0)[facility] * weights
    return Access(
        access=np.bincount(table.target, given, len(people)).astype(np.float64),
        ratio=ratio,
        stranded_places=int(places[demand <= 0].sum()),
    )


# --- weights of a walk


def within_limit(table: ReachTable) -> NDArray[np.float64]:
    """Everybody within the limit alike (2SFCA, Luo & Wang 2003)."""
    return np.ones(len(table.ms))


def by_zone(
    table: ReachTable, upto_ms: Sequence[int] | NDArray[np.int64], weights: Sequence[float]
) -> NDArray[np.float64]:
    """A weight for each zone of walking time (E2SFCA, Luo & Qi 2009).

    Zones end at ``upto_ms``, inclusive and rising, the same for all or a row for each facility;
    beyond the last the weight is 0. Luo and Qi give 1, 0.68, 0.22 and, steeper, 1, 0.42, 0.09 for
    three zones.
    """
    ends = np.asarray(upto_ms, np.int64)
    if not ends.size or ends.shape[-1] != len(weights) or (np.diff(ends, prepend=0) <= 0).any():
        raise ValueError("zones need rising ends above 0, and a weight for each")
    facility = facility_of_pair(table)
    of_facility = np.broadcast_to(ends, (len(table), len(weights)))
    zone = np.zeros(len(table.ms), np.int64)
    for end in of_facility.T:
        zone += table.ms > end[facility]
    of_pair: NDArray[np.float64] = np.array([*weights, 0.0])[zone]
    return of_pair


def gaussian(table: ReachTable, limit_ms: NDArray[np.int64] | int) -> NDArray[np.float64]:
    """A bell that is 1 at the door and 0 at the limit (Dai 2010); one limit, or one a facility.

    ``(exp(-0.5 * (t / limit) ** 2) - exp(-0.5)) / (1 - exp(-0.5))``, 0 beyond.
    """
    limits = np.broadcast_to(np.asarray(limit_ms), len(table))[facility_of_pair(table)]
    if (limits <= 0).any():
        raise ValueError("limits must be above 0")
    edge = np.exp(-0.5)
    bell = (np.exp(-0.5 * (table.ms / limits) ** 2) - edge) / (1 - edge)
    return np.where(table.ms < limits, bell, 0.0)


def with_choice(table: ReachTable, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights when each home divides itself among its facilities (3SFCA, Wan et al. 2012).

    ``g * w`` with ``g`` the share of the facility in the weights of the home.
    """
    of_home = np.bincount(table.target, weights, table.target.max(initial=-1) + 1)[table.target]
    share = np.zeros(len(weights))
    np.divide(weights, of_home, out=share, where=of_home > 0)
    return share * weights


def own_catchments(table: ReachTable, limit_ms: NDArray[np.int64]) -> ReachTable:
    """The pairs within the limit of their own facility, such as one for each grade.

    ``limit_ms`` holds one for each facility; the table must reach at least as far.
    """
    if len(limit_ms) != len(table):
        raise ValueError(f"{len(limit_ms)} limits for {len(table)} facilities")
    facility = facility_of_pair(table)
    near = table.ms <= limit_ms[facility]
    counts = np.bincount(facility[near], minlength=len(table))
    return ReachTable(
        indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        target=table.target[near],
        ms=table.ms[near],
    )


def facility_of_pair(table: ReachTable) -> NDArray[np.intp]:
    """The row of each pair."""
    rows: NDArray[np.intp] = np.repeat(np.arange(len(table)), np.diff(table.indptr))
    return rows
