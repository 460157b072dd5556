"""How many whole people live in each place?

People are whole persons from here on. Decimals, shares of a population and floor areas are
turned into whole numbers by the method of largest remainders (Hamilton's method; Balinski
and Young, "Fair Representation", 1982): round everybody down, then give the persons left
over to the largest remainders. The total is exact and each number within one of its value.

Limits: a cohort taken as a share of the population is the same share everywhere, and
people shared by floor area live as densely in every dwelling of their block.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import ArrayLike, NDArray

from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.sources import CIRCLE_COHORTS, COHORTS, PART_OF, PeopleSettings

Whole = NDArray[np.int64]


def largest_remainder(
    values: ArrayLike, total: int | None = None, at_most: Whole | None = None
) -> Whole:
    """Whole numbers as close as can be to ``values`` that sum to ``total``.

    Parameters
    ----------
    values : (n,) float
        0 or more. Scaled to ``total`` where that is given.
    total : int, optional
        Sum of the result; the sum of the values, halves rounded up, where None.
    at_most : (n,) int64, optional
        No number may exceed these; persons who find no room go to the next in line.

    Returns
    -------
    (n,) int64
        Equal remainders are served by position. Without ``at_most`` each number is within
        one of its (scaled) value.

    Raises
    ------
    ValueError
        A value is negative or not finite, or the total finds no room.

    >>> largest_remainder([0.5, 1.25, 1.25]).tolist()
    [1, 1, 1]
    >>> largest_remainder([1, 1, 1], total=100).tolist()
    [34, 33, 33]
    """
    wanted = np.asarray(values, dtype=np.float64)
    if not (np.isfinite(wanted).all() and (wanted >= 0).all()):
        raise ValueError("values must be finite and not negative")
    exact_sum = math.fsum(wanted)
    if total is None:
        total = math.floor(exact_sum + 0.5)
    elif exact_sum > 0:
        wanted = wanted / exact_sum * total
    whole = np.floor(wanted).astype(np.int64)
    room = np.full(len(wanted), total, dtype=np.int64) if at_most is None else at_most
    # a value of 0 is never given a person while any other has room
    order = np.lexsort((whole - wanted, wanted == 0))
    left_over = total - int(whole.sum())
    if exact_sum == 0 < total or (whole > room).any() or left_over > int((room - whole).sum()):
        raise ValueError(f"{total} people find no room")
    while left_over > 0:
        next_in_line = order[whole[order] < room[order]][:left_over]
        whole[next_in_line] += 1
        left_over -= len(next_in_line)
    return whole


def inside_and_outside(inside: Sequence[float], total: float) -> tuple[Whole, int]:
    """Whole people of each quarter, and of the ground outside all of them.

    ``inside`` is the part of ``total`` that falls into each quarter. Together the numbers
    are exactly ``total``, halves rounded up: nobody is lost at a border.

    >>> inside_and_outside([2.5, 1.25], 10.0)
    (array([3, 1]), 6)
    """
    outside = max(total - math.fsum(inside), 0.0)
    whole = largest_remainder([*inside, outside], total=math.floor(total + 0.5))
    return whole[:-1], int(whole[-1])


def cohort_problems(
    groups: Sequence[str],
    settings: PeopleSettings,
    known: Sequence[str] = (),
    file: str = "",
) -> list[Problem]:
    """E-POP-001 for each cohort that has neither a column of its own nor a stated share."""
    return [
        Problem("E-POP-001", file, column=group, details={"group": group})
        for group in groups
        if group not in known and settings.share(group) is None
    ]


def cohorts(
    population: Whole,
    settings: PeopleSettings,
    groups: Sequence[str] = CIRCLE_COHORTS,
    counted: Mapping[str, NDArray[np.float64]] | None = None,
) -> dict[str, Whole]:
    """Whole people of each cohort, never more than the population of the place.

    A cohort in ``counted`` (people of each place, decimals allowed, at most its population)
    keeps its own figures; any other is the stated share of the population, and is an
    estimate. Where both 65+ and 60+ are counted, no place has more of the former. Raises
    StudyError (E-POP-001) where neither is known.
    """
    counted = counted or {}
    problems = cohort_problems(groups, settings, list(counted))
    if problems:
        raise StudyError(problems)
    people: dict[str, Whole] = {}
    for group in groups:
        share = settings.share(group) or 0.0
        values = counted[group] if group in counted else population * share
        wider = PART_OF.get(group, "")
        room = people[wider] if group in counted and wider in counted else population
        people[group] = largest_remainder(values, at_most=room)
    return people


def people_columns(layer: GeoDataFrame) -> list[str]:
    """``population`` and the cohorts that the layer has."""
    return [name for name in ("population", *COHORTS) if name in layer]


def homes_at_blocks(residential: GeoDataFrame) -> GeoDataFrame:
    """One home for each block, at a point inside it (the centre of a square cell).

    Index ``home_id`` equals ``block_id``; columns ``block_id``, ``population``, the cohorts.
    """
    homes = residential[people_columns(residential)].copy()
    homes.insert(0, "block_id", residential.index.astype(object))
    homes = gpd.GeoDataFrame(
        homes, geometry=residential.representative_point(), crs=residential.crs
    )
    return homes.rename_axis(index="home_id")


def homes_in_buildings(residential: GeoDataFrame, buildings: GeoDataFrame) -> GeoDataFrame:
    """The people of each block, shared to its dwellings by floor area.

    Parameters
    ----------
    residential : GeoDataFrame
        Index ``block_id``; ``population`` and cohorts.
    buildings : GeoDataFrame
        Dwellings: unique text index, ``block_id`` (NA: in no block, left out),
        ``floor_area_m2`` (float, 0 or more), polygons in the CRS of ``residential``.

    Returns
    -------
    GeoDataFrame
        As `homes_at_blocks`, one home per dwelling, ``home_id`` the building's index. Each
        block's sums are exact. The population is shared by floor area, a cohort by the
        population so shared, so no home has more of a cohort than people. A block without
        any floor area keeps one home at its inner point.
    """
    dwellings = buildings[buildings["block_id"].notna()]
    unknown = set(dwellings["block_id"]) - set(residential.index)
    if unknown:
        raise ValueError(f"buildings in unknown blocks: {sorted(unknown)[:5]}")
    in_block = dwellings.groupby("block_id", sort=False).indices
    names = people_columns(residential)
    area_m2 = dwellings["floor_area_m2"].to_numpy(dtype=np.float64)
    places: list[int] = []
    shared: dict[str, list[Whole]] = {name: [] for name in names}
    housed = []
    for block_id, people in zip(residential.index, residential[names].to_numpy(), strict=True):
        here = in_block.get(block_id, np.empty(0, dtype=np.intp))
        if area_m2[here].sum() <= 0:
            continue
        housed.append(block_id)
        places.extend(here)
        population = largest_remainder(area_m2[here], total=int(people[0]))
        shared["population"].append(population)
        for name, cohort in zip(names[1:], people[1:], strict=True):
            shared[name].append(largest_remainder(population, total=int(cohort)))
    chosen = dwellings.iloc[places]
    columns: dict[str, Any] = {"block_id": chosen["block_id"].to_numpy(dtype=object)}
    for name, parts in shared.items():
        columns[name] = np.concatenate([np.empty(0, dtype=np.int64), *parts])
    homes = gpd.GeoDataFrame(
        columns,
        index=pd.Index(chosen.index, name="home_id"),
        geometry=chosen.representative_point().to_numpy(),
        crs=residential.crs,
    )
    others = homes_at_blocks(residential.drop(index=housed))
    return in_block_order([homes, others], residential.index)


def in_block_order(parts: list[GeoDataFrame], block_ids: pd.Index) -> GeoDataFrame:
    """The homes together, in the order of their blocks; a home id met twice is an error."""
    filled = [part for part in parts if len(part)] or parts[:1]
    homes = pd.concat(filled, verify_integrity=True)
    place = block_ids.get_indexer(homes["block_id"])
    return homes.iloc[np.argsort(place, kind="stable")]


def people_from_floor_area(buildings: GeoDataFrame, settings: PeopleSettings) -> pd.Series:
    """Estimated population of each block, from the floor area of its dwellings.

    Floor area over ``floor_area_per_person_m2``, or the stated ``total`` apportioned by
    floor area. Index ``block_id`` in order of first appearance, int64.

    Raises
    ------
    StudyError
        E-POP-003: a total is stated and there is no floor area to share it by.
    """
    area_m2 = buildings.groupby("block_id", sort=False)["floor_area_m2"].sum()
    values = area_m2.to_numpy(dtype=np.float64) / settings.floor_area_per_person_m2
    if settings.total and not values.sum() > 0:
        raise StudyError(Problem("E-POP-003", details={"total": settings.total}))
    whole = largest_remainder(values, settings.total)
    return pd.Series(whole, index=area_m2.index, name="population", dtype="int64")
