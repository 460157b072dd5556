"""Are there places enough where the people are, and who is left without one?

Of the facilities whose capacity is known: the best common registration (`assignment`), the
floating catchments (`floating_catchment`), and the places that stand in each unit. A facility
of unknown capacity takes no part; whoever prints these figures names it.

People who look for a place are a stated share of the group (``demand_percent``), all of it where
the study says nothing. They are turned into whole people over the homes by largest remainder.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas import DataFrame

from carecircle.coverage.assignment import (
    Assignment,
    assign_places,
    facilities_table,
    places_by,
    shortage_table,
)
from carecircle.coverage.evenness import levels_in
from carecircle.coverage.floating_catchment import (
    by_zone,
    floating_catchment,
    gaussian,
    with_choice,
    within_limit,
)
from carecircle.coverage.measure import sums
from carecircle.coverage.neighbourhoods import best_name
from carecircle.coverage.reached import rows_of
from carecircle.coverage.result import Circle
from carecircle.isochrones.minutes import ReachTable
from carecircle.layers.admin_units import column_of
from carecircle.layers.people import largest_remainder

ZONES = 3  # of the limit, equally long
ZONE_WEIGHTS = (1.0, 0.68, 0.22)  # Luo & Qi 2009
METHODS = ("2sfca", "e2sfca", "gaussian", "3sfca")
FOUND = ["demand", "placed", "without_place", "out_of_reach"]


@dataclass(frozen=True, eq=False)
class Places:
    """Places and the people who look for one.

    Attributes
    ----------
    places, people, demand : int
        Known places, people of the group, and those who look for a place.
    assignment : Assignment
        Over the homes and the facilities of known capacity.
    only_unknown : int
        People out of reach of any known place who have facilities of unknown capacity.
    stranded_places : int
        In facilities that nobody of the group reaches.
    per_person : (homes,) float64
        Places per person by 2SFCA.
    quarters : DataFrame, index ``block_id``
        ``demand`` = ``placed`` + ``without_place`` + ``out_of_reach`` (int64), and for each of
        `METHODS` places per 1,000 people (float, NaN where nobody lives).
    facilities : DataFrame, index ``facility_id``
        Those of known capacity, as `facilities_table` has them.
    shortages : DataFrame, index ``shortage_area`` (from 1; most missing places first)
        ``name``, ``unit`` (texts, may be empty), ``quarters`` (count), ``block_ids``,
        ``facility_ids`` (lists), ``people``, ``places``, ``missing_places``.
    neighbourhoods : DataFrame, index ``rank``
        ``demand`` and its three parts in the quarters of each under-served neighbourhood; the
        rest of the study under 0.
    """

    places: int
    people: int
    demand: int
    assignment: Assignment
    only_unknown: int
    stranded_places: int
    per_person: NDArray[np.float64]
    quarters: DataFrame
    facilities: DataFrame
    shortages: DataFrame
    neighbourhoods: DataFrame

    @property
    def mean_minutes(self) -> float | None:
        """Mean walk of those who have a place; None where nobody has."""
        placed = int(self.assignment.placed.sum())
        return self.assignment.total_ms / placed / 60_000 if placed else None


def circle_places(
    circle: Circle,
    residential: GeoDataFrame,
    people: NDArray[np.int64],
    quarter: NDArray[np.int64],
    stations: GeoDataFrame,
    near: ReachTable,
    neighbourhoods: GeoDataFrame,
    units: GeoDataFrame | None,
    sharing: ReachTable,
    catchment_ms: NDArray[np.int64] | None,
) -> Places | None:
    """The places of one circle; None where there are facilities, but no capacity is known.

    Parameters
    ----------
    people, quarter : (homes,) int64
        Of the group, and the position of their quarter.
    near : ReachTable
        Homes within the limit of each of the ``stations``.
    sharing : ReachTable
        Homes that share the places of each in the floating catchments; within ``catchment_ms``,
        one for each station, where they have minutes of their own.
    """
    known = stations["capacity"].notna().to_numpy()
    if len(known) and not known.any():
        return None
    counting, table = stations[known], rows_of(near, known)
    capacity = counting["capacity"].to_numpy(np.int64)
    demand = people_asking(people, circle.demand_percent)
    # more places than people ask for decide nothing, and slips of the pen fit in no sum
    places = np.minimum(capacity, demand.sum())
    assignment = assign_places(table, demand, places)
    figures = shortage_table(assignment, demand, places)
    number = numbered(figures)
    if catchment_ms is None:
        catchment_ms = np.full(len(known), circle.limit_ms)
    per_person, stranded = catchments(
        rows_of(sharing, known), catchment_ms[known], people, capacity
    )
    found = DataFrame(
        {
            "demand": demand,
            "placed": assignment.placed,
            "without_place": assignment.without_place,
            "out_of_reach": assignment.out_of_reach,
        }
    )
    return Places(
        places=int(capacity.sum()),
        people=int(people.sum()),
        demand=int(demand.sum()),
        assignment=assignment,
        only_unknown=int(assignment.out_of_reach[np.unique(near.target)].sum()),
        stranded_places=stranded,
        per_person=per_person["2sfca"],
        quarters=DataFrame(
            {
                **{name: sums(quarter, found[name].to_numpy(), len(residential)) for name in FOUND},
                **{
                    method: per_1000(values, people, quarter, len(residential))
                    for method, values in per_person.items()
                },
            },
            index=residential.index,
        ),
        facilities=facilities_table(assignment, table, demand, capacity)
        .set_index(counting.index)
        .assign(shortage_area=number[assignment.area_of_facility]),
        shortages=shortage_areas(
            assignment, figures, number, residential, demand, quarter, counting.index, units
        ),
        neighbourhoods=by_neighbourhood(assignment, residential, quarter, neighbourhoods),
    )


def people_asking(people: NDArray[np.int64], demand_percent: str) -> NDArray[np.int64]:
    """The people of each home who look for a place; over all homes the stated share, rounded."""
    if demand_percent == "100":
        return people
    return largest_remainder(people * float(demand_percent) / 100, at_most=people)


def catchments(
    table: ReachTable,
    limit_ms: NDArray[np.int64],
    people: NDArray[np.int64],
    capacity: NDArray[np.int64],
) -> tuple[dict[str, NDArray[np.float64]], int]:
    """Places per person of each home by each method; and the places that nobody reaches."""
    ends = limit_ms[:, None] * np.arange(1, ZONES + 1) // ZONES
    zones = by_zone(table, ends, ZONE_WEIGHTS) if len(table) else within_limit(table)
    weights = (
        within_limit(table),
        zones,
        gaussian(table, limit_ms),
        with_choice(table, zones),
    )
    found = [floating_catchment(table, people, capacity, weight) for weight in weights]
    access = {name: one.access for name, one in zip(METHODS, found, strict=True)}
    return access, found[0].stranded_places


def per_1000(
    per_person: NDArray[np.float64],
    people: NDArray[np.int64],
    quarter: NDArray[np.int64],
    n_quarters: int,
) -> NDArray[np.float64]:
    """Places per 1,000 people of each quarter: the mean over its people; NaN without any."""
    living = np.bincount(quarter, people, n_quarters)
    mean = np.full(n_quarters, np.nan)
    np.divide(np.bincount(quarter, per_person * people, n_quarters), living, mean, where=living > 0)
    return 1000 * mean


def numbered(figures: DataFrame) -> NDArray[np.int64]:
    """The number of each area, 1 where most places are missing; the last is 0, for no area."""
    missing = figures["missing_places"].to_numpy()
    number = np.zeros(len(missing) + 1, np.int64)
    number[np.argsort(-missing, kind="stable")] = np.arange(1, len(missing) + 1)
    return number


def shortage_areas(
    assignment: Assignment,
    figures: DataFrame,
    number: NDArray[np.int64],
    residential: GeoDataFrame,
    demand: NDArray[np.int64],
    quarter: NDArray[np.int64],
    facility_ids: pd.Index,
    units: GeoDataFrame | None,
) -> DataFrame:
    """The shortage areas with the quarters, facilities and the unit they are known by."""
    area_of_home = number[assignment.area_of_home]
    area_of_facility = number[assignment.area_of_facility]
    unit_names = names_of_units(residential, units)
    rows = []
    for area in range(1, len(figures) + 1):
        of_quarter = sums(quarter, np.where(area_of_home == area, demand, 0), len(residential))
        some = np.flatnonzero(of_quarter)
        rows.append(
            {
                "name": best_name(residential["name"].iloc[some], of_quarter[some]),
                "unit": with_most(unit_names[some], of_quarter[some]),
                "quarters": len(some),
                "block_ids": list(residential.index[some]),
                "facility_ids": list(facility_ids[area_of_facility == area]),
            }
        )
    index = pd.RangeIndex(1, len(rows) + 1, name="shortage_area")
    columns = ["name", "unit", "quarters", "block_ids", "facility_ids"]
    order = np.argsort(number[:-1])
    counts = figures[["people", "places", "missing_places"]].iloc[order].set_index(index)
    return DataFrame(rows, index=index, columns=columns).join(counts)


def names_of_units(residential: GeoDataFrame, units: GeoDataFrame | None) -> NDArray[np.object_]:
    """The name of each quarter's unit of the lowest level; empty where it is in none."""
    if units is None:
        return np.full(len(residential), "", object)
    ids = residential[column_of(levels_in(units)[-1])]
    return np.asarray(ids.map(units["name"]).fillna(""), object)


def with_most(names: NDArray[np.object_], people: NDArray[np.int64]) -> str:
    """The name of most people, of equal ones the first by name; empty where nobody has one."""
    counts = pd.Series(people).groupby(names).sum().drop("", errors="ignore")
    return str(counts.idxmax()) if len(counts) else ""


def by_neighbourhood(
    assignment: Assignment,
    residential: GeoDataFrame,
    quarter: NDArray[np.int64],
    neighbourhoods: GeoDataFrame,
) -> DataFrame:
    """What the people of each under-served neighbourhood found; the rest of the study under 0."""
    rank = pd.Series(0, index=residential.index)
    for at, blocks in neighbourhoods["block_ids"].items():
        rank[blocks] = at
    of_home = pd.Series(rank.to_numpy()[quarter].astype(str), name="rank")
    found = places_by(assignment, of_home).rename(columns={"people": "demand"})
    found.index = found.index.astype(int)
    return found.reindex([*neighbourhoods.index.sort_values(), 0], fill_value=0).rename_axis("rank")


def places_in_units(units: GeoDataFrame, stations: GeoDataFrame) -> pd.Series | None:
    """Places that stand in each unit of each level, in the order of `units_table` by level and id.

    Index ``level``, ``admin_id``; None where the stations carry no units.
    """
    counts = []
    capacity = stations["capacity"].fillna(0).astype("int64")
    for level in levels_in(units):
        column = column_of(level)
        if column not in stations:
            return None
        unit = stations[column].astype("str").fillna("")
        of_unit = capacity.groupby(unit.to_numpy()).sum()
        of_unit.index = pd.MultiIndex.from_product([[level], of_unit.index])
        counts.append(of_unit)
    return pd.concat(counts) if counts else None
