"""How are the people of a larger unit spread over its quarters and buildings?

Dasymetric mapping (Wright 1936): people live where there are dwellings, in proportion to
their floor area. The floor area of a dwelling is its footprint times its levels
(`osm_quarters`); a unit's total goes by largest remainder to its quarters and to its
dwellings in no quarter, and from each quarter to its dwellings
(`people.homes_in_buildings`), so that every total is exact and nobody who lives elsewhere
in the unit is squeezed into the quarters of a study.

Limits: as many square metres for each person everywhere in a unit, and dwellings mapped as
fully outside the quarters as inside. A quarter belongs whole to its unit, a dwelling in no
quarter to the unit that holds its inner point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import shapely
from geopandas import GeoDataFrame

from carecircle.layers.crs import Frame
from carecircle.layers.osm import OsmExtract
from carecircle.layers.osm_quarters import Untagged, dwellings_in, quarter_of
from carecircle.layers.people import largest_remainder
from carecircle.layers.places import admin_of_blocks
from carecircle.layers.problems import Problem, StudyError

# Square metres of floor for each person; beyond these the buildings or the people are not all here.
LEAST_FLOOR_M2, MOST_FLOOR_M2 = 5, 200
# A unit reaching further out of the streets than this cannot have all its people placed.
LEAST_WITHIN_STREETS = 0.9


@dataclass(frozen=True, eq=False)
class UnitPeople:
    """The people of units with a total.

    Attributes
    ----------
    population : Series
        int64, index ``block_id``: of each quarter of these units that has a dwelling, or
        whose unit has no people.
    shares : DataFrame
        Index: unit. ``people`` and those of them ``in_quarters``, int64; ``percent`` of the
        unit's floor area that lies in quarters, cut to whole percents, 0 of no floor area;
        ``floor_area_m2`` of the unit.
    empty : tuple
        ``block_id`` of the quarters without any dwelling: nobody knows their people.
    """

    population: pd.Series
    shares: pd.DataFrame
    empty: tuple[str, ...] = ()

    @property
    def outside(self) -> int:
        """People who live in no quarter."""
        return int((self.shares["people"] - self.shares["in_quarters"]).sum())


def dwellings_of(quarters: GeoDataFrame, extract: OsmExtract) -> tuple[GeoDataFrame, Untagged]:
    """All dwellings of the extract; ``block_id`` is NA for those in none of the quarters.

    Index ``building_id``; ``block_id``, ``floor_area_m2``, polygon, as in `OsmTown`. One rule
    for untagged buildings holds in the quarters and outside them.
    """
    dwellings, untagged = dwellings_in(extract, str(quarters.crs))
    dwellings["block_id"] = quarter_of(dwellings.geometry, quarters)
    return dwellings[["block_id", "floor_area_m2", "geometry"]], untagged


def plausible_floor(floor_area_m2: float, people: int) -> bool:
    """Whether so many people can have this floor area between them."""
    return not people or LEAST_FLOOR_M2 <= floor_area_m2 / people <= MOST_FLOOR_M2


def units_of_dwellings(
    dwellings: GeoDataFrame, unit_of: pd.Series, units: GeoDataFrame
) -> pd.Series:
    """The unit of each dwelling: its quarter's; without one, that of the place. NA for none.

    ``unit_of`` is the unit of each quarter that has one; ``units`` are polygons in the CRS
    of the dwellings.
    """
    unit: pd.Series = dwellings["block_id"].map(unit_of).astype(object)
    return unit.fillna(admin_of_blocks(dwellings[unit.isna()], units))


def people_of_units(
    totals: Mapping[str, int], unit_of: pd.Series, dwellings: pd.DataFrame, least_percent: float
) -> UnitPeople:
    """The total of each unit, shared by floor area to its quarters and to no quarter.

    Parameters
    ----------
    totals : mapping
        Unit -> whole people.
    unit_of : Series
        The unit of each quarter (index ``block_id``); NA for none.
    dwellings : DataFrame
        Of all units: ``block_id`` (NA: in no quarter), ``unit`` (NA: in none),
        ``floor_area_m2``.
    least_percent : float
        Of a unit's floor area must lie in its quarters.

    Returns
    -------
    UnitPeople
        Of the units that have a total and a quarter, quarters in the order of ``unit_of``;
        one without a dwelling is `UnitPeople.empty`, unless its unit has no people.
        In each unit, the people in quarters and in none are together its total.

    Raises
    ------
    StudyError
        For each unit with people: E-POP-003 without any floor area, E-POP-019 with too
        little of it in quarters.
    """
    known = unit_of[unit_of.isin(list(totals))]
    in_quarter = dwellings["block_id"].isin(known.index)
    by_quarter = dwellings[in_quarter].groupby("block_id", sort=False)["floor_area_m2"].sum()
    elsewhere = dwellings[~in_quarter].groupby("unit", sort=False)["floor_area_m2"].sum()
    population = pd.Series(0, index=known.index, name="population", dtype="int64")
    rows, problems, empty = [], [], []
    for name, at in known.groupby(known, sort=False).indices.items():
        unit, blocks = str(name), known.index[at]
        total, area_m2 = int(totals[unit]), by_quarter.reindex(blocks, fill_value=0.0)
        outside_m2 = float(elsewhere.get(unit, 0.0))
        all_m2 = float(area_m2.sum()) + outside_m2
        percent = 100 * float(area_m2.sum()) / all_m2 if all_m2 > 0 else 0.0
        about: dict[str, Any] = {"people": total, "percent": int(percent)}
        empty += [str(id) for id in blocks[area_m2 == 0]] if total else []
        if total and not all_m2 > 0:
            problems.append(Problem("E-POP-003", value=unit, details={"total": total}))
        elif total and percent < least_percent:
            details = {**about, "least": f"{least_percent:g}"}
            problems.append(Problem("E-POP-019", value=unit, details=details))
        else:
            whole = largest_remainder([*area_m2, outside_m2], total)
            population[blocks] = whole[:-1]
            assert whole.sum() == total, unit
            in_quarters = int(whole[:-1].sum())
            about |= {"in_quarters": in_quarters, "floor_area_m2": all_m2}
            rows.append({"unit": unit, **about})
    if problems:
        raise StudyError(problems)
    columns = ["unit", "people", "in_quarters", "percent", "floor_area_m2"]
    shares = pd.DataFrame(rows, columns=columns).set_index("unit")
    return UnitPeople(population.drop(empty), shares, tuple(empty))


def check_whole_units(units: GeoDataFrame, totals: Mapping[str, int], frame: Frame) -> None:
    """E-POP-015 for units whose people would be squeezed into the part that is here.

    ``units``: polygons in the working CRS, index as in ``totals``. Units away from the
    streets have no quarters, and are no fault.
    """
    here = units[units.index.isin(list(totals))]
    within = shapely.area(shapely.intersection(here.geometry, shapely.box(*frame.bounds_m)))
    problems = []
    for unit, part in zip(here.index, within / here.area, strict=True):
        if 0 < part < LEAST_WITHIN_STREETS:
            details = {"percent": int(100 * part), "people": totals[unit]}
            problems.append(Problem("E-POP-015", value=unit, details=details))
    if problems:
        raise StudyError(problems)
