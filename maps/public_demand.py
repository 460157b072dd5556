"""How many people does the page count at each door?

What may be published is a total of ten people or more. Where the total of a quarter is shown, its
doors have the shares that the run gave them. Quarters whose total is withheld are put together with
their neighbours until they are ten, and each door of such a group has an even share of the whole:
what a page counts there is near the truth and gives no small count away. How many people are
counted so is told with the figures.
"""

from __future__ import annotations

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.coverage.result import Coverage
from carecircle.maps.withheld import SMALLEST_COUNT, public_counts


def page_people(
    residential: GeoDataFrame, coverage: Coverage
) -> tuple[NDArray[np.int64], int] | None:
    """People at each home, and how many of them are an even share of a group of quarters.

    None where the whole study has fewer than ten people of the group.

    Returns
    -------
    people : (homes,) int64
        They sum up to all people of the group.
    shared : int
    """
    homes = coverage.homes
    totals = coverage.quarters["people"].reindex(residential.index).to_numpy(np.int64)
    if totals.sum() < SMALLEST_COUNT:
        return None
    near = np.argsort(residential.geometry.hilbert_distance().to_numpy(), kind="stable")
    group_of = np.full(len(residential), -1, np.int64)
    for number, members in enumerate(gathered(near, totals)):
        group_of[members] = number
    group = group_of[residential.index.get_indexer(homes["block_id"])]
    people = homes["people"].to_numpy(np.int64)
    grouped = np.bincount(group_of[group_of >= 0], totals[group_of >= 0]).astype(np.int64)
    return np.where(group < 0, people, even_shares(group, grouped)), int(grouped.sum())


def gathered(near: NDArray[np.intp], totals: NDArray[np.int64]) -> list[list[int]]:
    """The quarters whose totals are withheld, in groups of ten people or more.

    ``near`` are all quarters, neighbours after each other. What is left joins the group before
    it, or where there is none the smallest quarter that is shown.
    """
    withheld = [isinstance(shown, str) for shown in public_counts(totals)]
    groups: list[list[int]] = []
    for at in near.tolist():
        if not withheld[at]:
            continue
        if not groups or totals[groups[-1]].sum() >= SMALLEST_COUNT:
            groups.append([])
        groups[-1].append(at)
    if groups and totals[groups[-1]].sum() < SMALLEST_COUNT:
        left = groups.pop()
        if groups:
            groups[-1] += left
        else:
            shown = [at for at in near.tolist() if not withheld[at] and totals[at]]
            groups.append([*left, min(shown, key=lambda at: totals[at])])
    return groups


def even_shares(group: NDArray[np.int64], totals: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole shares of a group's total for each of its doors, which differ by one at most.

    ``group`` is -1 for doors of none, which get 0.
    """
    order = np.argsort(group, kind="stable")
    doors = order[group[order] >= 0]
    count = np.bincount(group[doors], minlength=len(totals))
    at = np.arange(len(doors)) - (np.cumsum(count) - count)[group[doors]]
    total, among = totals[group[doors]], count[group[doors]]
    shares = np.zeros(len(group), np.int64)
    shares[doors] = (at + 1) * total // among - at * total // among
    return shares
