"""How are the people of a larger unit spread over its quarters and buildings?

Dasymetric mapping (Wright 1936): people live where there are dwellings, in proportion to
their floor area. The floor area of a dwelling is its footprint times its levels
(`osm_quarters`); a unit's total goes to its quarters by largest remainder, and from each
quarter to its dwellings (`people.homes_in_buildings`), so that every total is exact.

Limits: as many square metres for each person everywhere in a unit. A quarter belongs whole
to the unit that holds its inner point.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import shapely
from geopandas import GeoDataFrame

from carecircle.layers.crs import Frame
from carecircle.layers.osm import OsmExtract
from carecircle.layers.osm_quarters import (
    in_working_crs,
    possible_dwellings,
    quarter_of,
    real_dwellings,
)
from carecircle.layers.people import largest_remainder
from carecircle.layers.problems import Problem, StudyError

# A unit reaching further out of the streets than this cannot have all its people placed.
LEAST_WITHIN_STREETS = 0.9


def dwellings_in(quarters: GeoDataFrame, extract: OsmExtract) -> GeoDataFrame:
    """The dwellings of the extract in given quarters.

    Index ``building_id``; ``block_id``, ``floor_area_m2``, polygon, as in `OsmTown`.
    """
    buildings = possible_dwellings(in_working_crs(extract.buildings, str(quarters.crs)))
    buildings["block_id"] = quarter_of(buildings.geometry, quarters)
    dwellings = real_dwellings(buildings).dropna(subset="block_id")
    return dwellings[["block_id", "floor_area_m2", "geometry"]]


def people_of_units(
    totals: Mapping[str, int], unit_of: pd.Series, dwellings: GeoDataFrame
) -> pd.Series:
    """The total of each unit, shared to its quarters by the floor area of their dwellings.

    Parameters
    ----------
    totals : mapping
        Unit -> whole people.
    unit_of : Series
        The unit of each quarter (index ``block_id``); NA for none.
    dwellings : GeoDataFrame
        ``block_id``, ``floor_area_m2``.

    Returns
    -------
    Series
        int64, for the quarters of the units that have a total, in the order of ``unit_of``.
        Each unit's sum is its total.

    Raises
    ------
    StudyError
        E-POP-003 for each unit with people and without floor area.
    """
    area_m2 = dwellings.groupby("block_id", sort=False)["floor_area_m2"].sum()
    area_m2 = area_m2.reindex(unit_of.index, fill_value=0.0)
    known = unit_of[unit_of.isin(list(totals))]
    population = pd.Series(0, index=known.index, name="population", dtype="int64")
    problems = []
    for unit, at in known.groupby(known, sort=False).indices.items():
        blocks, total = known.index[at], int(totals[str(unit)])
        if total and not area_m2[blocks].sum() > 0:
            problems.append(Problem("E-POP-003", value=unit, details={"total": total}))
            continue
        population[blocks] = largest_remainder(area_m2[blocks], total)
    if problems:
        raise StudyError(problems)
    for unit, people in population.groupby(known).sum().items():
        assert people == totals[str(unit)], unit
    return population


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
