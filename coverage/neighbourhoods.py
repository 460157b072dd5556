"""Where do the people live together whom the circle leaves out?

Around each quarter with under-served people lies one walking circle: the under-served
homes within the limit of its middle door, in the circle's direction, and its own. The
quarter with most under-served people around it becomes the first centre; the people within
its circle are set aside and the next centre is found, until nobody is left (greedy
covering; ties to the lower position). Each under-served home then looks to the nearest
centre, and each quarter goes, whole, where most of its under-served people look, so that
the ground drawn and the people counted are the same.

So a neighbourhood is connected along the walking network: in every quarter of it the people who
decided for it are within the limit of one and the same door. Its ground need not touch, for
streets and parks lie between quarters.

People on an island of the street network are included: they can walk to each other.
Excluded homes are not: no street is near them and nothing is known about their walk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.sparse import csr_array

from carecircle.coverage.measure import sums
from carecircle.coverage.result import Circle, Coverage
from carecircle.isochrones.graph import WalkGraph
from carecircle.isochrones.minutes import ReachTable, reach_table


@dataclass(frozen=True, eq=False)
class UnderServed:
    """The homes with under-served people, by position, and their quarters."""

    home: NDArray[np.int64]
    quarter: NDArray[np.int64]
    people: NDArray[np.int64]


def find_neighbourhoods(
    residential: GeoDataFrame,
    homes: GeoDataFrame,
    coverage: Coverage,
    graph: WalkGraph,
    circle: Circle,
) -> GeoDataFrame:
    """Group the under-served people; the frame is that of `CircleResult.neighbourhoods`.

    ``homes`` are the first set of points of ``graph``. The people of all rows together are the
    uncovered people of the circle.
    """
    needy = under_served(residential, coverage)
    quarters, own = np.unique(needy.quarter, return_inverse=True)
    xy = shapely.get_coordinates(homes.geometry.to_numpy()[needy.home])
    nodes = graph.points[0][needy.home]
    middles = nodes[middle_doors(own, xy, needy.people)]
    walks = reach_table(graph, middles, nodes, circle.limit_ms, direction=circle.direction)

    centres = find_centres(circles(walks, own), needy.people)
    centre = nearest_centre(walks, own, centres)
    centre_of_quarter = majority(own, centre, needy.people)
    people = sums(own, needy.people, len(quarters))
    found = np.unique(centre_of_quarter)
    members = [np.flatnonzero(centre_of_quarter == c) for c in found]
    most_first = sorted(range(len(found)), key=lambda at: -int(people[members[at]].sum()))
    members = [members[at] for at in most_first]
    frame = neighbourhood_frame(residential.iloc[quarters], people, members)
    named = residential.index[quarters[found[most_first]]]
    return frame.assign(centre=pd.Series(named.astype(object), frame.index, dtype=object))


def under_served(residential: GeoDataFrame, coverage: Coverage) -> UnderServed:
    """Uncovered homes with people of the group."""
    homes = coverage.homes
    lacking = (homes["status"] == "uncovered") & (homes["people"] > 0)
    home = np.flatnonzero(lacking.to_numpy())
    quarter = residential.index.get_indexer(homes["block_id"].iloc[home])
    return UnderServed(home, quarter, homes["people"].to_numpy()[home])


def middle_doors(
    quarter: NDArray[np.int64], xy: NDArray[np.float64], people: NDArray[np.int64]
) -> NDArray[np.int64]:
    """For each quarter the position of the home nearest to the middle of its people."""
    total = np.bincount(quarter, people)
    middle = np.column_stack([np.bincount(quarter, people * way) / total for way in xy.T])
    away_mm = np.rint(1000 * np.hypot(*(xy - middle[quarter]).T)).astype(np.int64)
    order = np.lexsort((away_mm, quarter))
    _, first = np.unique(quarter[order], return_index=True)
    doors: NDArray[np.int64] = order[first]
    return doors


def circles(walks: ReachTable, quarter: NDArray[np.int64]) -> csr_array:
    """Which homes (columns) lie in the walking circle of each quarter (rows)."""
    homes = np.concatenate([walks.target, np.arange(len(quarter))])
    rows = np.concatenate([source_of_pair(walks), quarter])
    around = csr_array((np.ones(len(rows), np.int64), (rows, homes)), (len(walks), len(quarter)))
    around.data[:] = 1  # a quarter's own homes are mostly named twice
    return around


def find_centres(around: csr_array, people: NDArray[np.int64]) -> NDArray[np.int64]:
    """Quarters that together have everybody in their circles, found greedily; rising."""
    of_home = around.T.tocsr()
    gain = around @ people
    waiting = np.ones(len(people), bool)
    centres = []
    while waiting.any():
        centre = int(gain.argmax())
        centres.append(centre)
        homes = around.indices[around.indptr[centre] : around.indptr[centre + 1]]
        homes = homes[waiting[homes]]
        waiting[homes] = False
        gain -= of_home[homes].T @ people[homes]
    return np.sort(np.array(centres, np.int64))


def nearest_centre(
    walks: ReachTable, quarter: NDArray[np.int64], centres: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The nearest centre of each home, the lower one of a tie.

    A home that no centre reaches is there by being of the centre's own quarter.
    """
    source = source_of_pair(walks)
    pair = np.flatnonzero(np.isin(source, centres))
    order = pair[np.lexsort((source[pair], walks.ms[pair], walks.target[pair]))]
    home, first = np.unique(walks.target[order], return_index=True)
    nearest = quarter.copy()
    nearest[home] = source[order[first]]
    return nearest


def source_of_pair(walks: ReachTable) -> NDArray[np.int64]:
    """Position of the source of each pair in the table."""
    return np.repeat(np.arange(len(walks)), np.diff(walks.indptr))


def majority(
    quarter: NDArray[np.int64], centre: NDArray[np.int64], people: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The centre to which most people of each quarter look; the lower one of a tie."""
    pairs, pair = np.unique(np.column_stack([quarter, centre]), axis=0, return_inverse=True)
    votes = sums(pair, people, len(pairs))
    order = np.lexsort((pairs[:, 1], -votes, pairs[:, 0]))
    _, first = np.unique(pairs[order, 0], return_index=True)
    winner: NDArray[np.int64] = pairs[order[first], 1]
    return winner


def neighbourhood_frame(
    quarters: GeoDataFrame, people: NDArray[np.int64], members: list[NDArray[np.int64]]
) -> GeoDataFrame:
    """One row per neighbourhood, those with most people first."""
    ground = quarters.geometry.to_numpy()
    return GeoDataFrame(
        {
            "name": pd.Series(
                [best_name(quarters["name"].iloc[some], people[some]) for some in members],
                dtype="str",
            ),
            "people": np.array([people[some].sum() for some in members], np.int64),
            "quarters": np.array([len(some) for some in members], np.int64),
            "block_ids": pd.Series(
                [list(quarters.index[some]) for some in members], dtype="object"
            ),
        },
        geometry=[shapely.union_all(ground[some]) for some in members],
        crs=quarters.crs,
    ).set_index(pd.RangeIndex(1, len(members) + 1, name="rank"))


def best_name(names: pd.Series, people: NDArray[np.int64]) -> str:
    """Name of the named quarter with most under-served people; empty without any name."""
    named = np.flatnonzero((names.fillna("") != "").to_numpy())
    return str(names.iloc[named[people[named].argmax()]]) if len(named) else ""
