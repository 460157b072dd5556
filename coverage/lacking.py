"""What do the people of an under-served neighbourhood lack, and who is worst off?

Each neighbourhood is told its under-served people by cohort, the minutes within which half of
them arrive, and what is missing:

``distance``
    nobody is near: no facility at all within the limit;
``type``
    a facility of the study's own layers is within the limit, but counts for nothing here: it
    is planned or closed, no place where people are cared for, or of a kindred service (a
    kindergarten for childcare, a canteen for elderly care);
``capacity``
    neighbours in the same quarters are within the limit of a facility but find no place in the
    best common registration (`assignment`). They are covered, so none of the under-served.

Every under-served person counts for ``distance`` or for ``type``, never for both.

Three ranks. By people: most first. By *need*: people times minutes beyond the limit, each walk
counted up to twice the limit, beyond which and without any facility it counts as twice: the
poverty gap of Foster, Greer & Thorbecke (1984) with the limit as its line, in person-minutes.
By *fairness*: the longest median walk first, whoever never arrives before all; of equal ones the
town with the lowest covered share, after Rawls (1971): the worst off first.

Limits: what is missing is told by facilities that somebody put on a list. Where a study has no
layer of its own, nothing is known of planned or closed ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas import DataFrame

from carecircle.coverage.access import ms_of
from carecircle.coverage.evenness import levels_in
from carecircle.coverage.measure import MS_PER_MINUTE, as_minutes, median_position, sums
from carecircle.coverage.neighbourhoods import UnderServed
from carecircle.coverage.places import Places
from carecircle.coverage.result import Circle, Coverage, cut_percent
from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.minutes import NEVER, reach_table
from carecircle.isochrones.seats import between_doors
from carecircle.isochrones.snapping import Snaps
from carecircle.layers.admin_units import column_of
from carecircle.layers.network import WalkNetwork
from carecircle.layers.people import people_columns

LACKS = ("distance", "type", "capacity")
MOST_OTHERS = 5  # facilities that do not count, named for one neighbourhood
# services that are something like the circle's, but do not count for it
KINDRED = {"childcare": ("kindergarten",), "elderly": ("meals",)}


@dataclass(frozen=True, eq=False)
class OtherFacilities:
    """Facilities of the study's own layers that do not count, and where they attach.

    ``layer`` has ``name`` and ``service``; index ``facility_id``.
    """

    layer: GeoDataFrame
    snaps: Snaps

    def kindred(self, service: str) -> OtherFacilities:
        """Those of the service or of one like it."""
        alike = self.layer["service"].isin((service, *KINDRED.get(service, ()))).to_numpy()
        return OtherFacilities(self.layer[alike], self.snaps.take(np.flatnonzero(alike)))


def with_needs(
    neighbourhoods: GeoDataFrame,
    circle: Circle,
    network: WalkNetwork,
    residential: GeoDataFrame,
    homes: GeoDataFrame,
    home_snaps: Snaps,
    coverage: Coverage,
    needy: UnderServed,
    places: Places | None,
    units: GeoDataFrame | None,
    others: OtherFacilities | None,
) -> GeoDataFrame:
    """The neighbourhoods with cohorts, minutes, what is missing, and three ranks.

    Raises
    ------
    AssertionError
        The people of ``distance`` and ``type`` are not the people of the neighbourhood.
    """
    count = len(neighbourhoods)
    rank_of = {b: at for at, blocks in enumerate(neighbourhoods["block_ids"]) for b in blocks}
    group = np.array([rank_of[b] for b in residential.index[needy.quarter]], np.int64)
    ms = ms_of(coverage.homes["minutes"])[needy.home]
    median = np.append(ms, NEVER)[median_position(group, ms, needy.people, count)]
    near_other, named = others_in_reach(
        circle, network, home_snaps.take(needy.home), others, group, count
    )
    of_type = sums(group, np.where(near_other, needy.people, 0), count)
    people = neighbourhoods["people"].to_numpy(np.int64)
    by_cohort = {
        f"{name}_uncovered": sums(group, homes[name].to_numpy(np.int64)[needy.home], count)
        for name in people_columns(homes)
    }
    if not np.array_equal(by_cohort[f"{circle.group}_uncovered"], people):
        raise AssertionError("the under-served of the homes are not those of the neighbourhoods")
    without = without_place(neighbourhoods, places)
    gap_ms = sums(group, needy.people * beyond_ms(ms, circle.limit_ms), count)
    town, share = towns(group, needy, residential, coverage, units, count)
    return neighbourhoods.assign(
        town=town,
        town_percent=share,
        minutes=as_minutes(median),
        **by_cohort,
        people_distance=people - of_type,
        people_type=of_type,
        people_without_place=without,
        missing=missing_words(people - of_type, of_type, without.fillna(0).to_numpy(np.int64)),
        other_facilities=named,
        need_person_minutes=gap_ms // MS_PER_MINUTE,
        rank_need=ranked(-gap_ms),
        rank_fairness=ranked(-median, share, -people),
    )


def beyond_ms(ms: NDArray[np.int64], limit_ms: int) -> NDArray[np.int64]:
    """How far each walk is beyond the limit, at most once the limit."""
    return np.clip(ms, limit_ms, 2 * limit_ms) - limit_ms


def ranked(*keys: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.int64]:
    """The rank of each row, from 1, by the first key, then the next; NaN and then the row last."""
    rank = np.empty(len(keys[0]), np.int64)
    rank[np.lexsort(keys[::-1])] = np.arange(1, len(rank) + 1)
    return rank


def others_in_reach(
    circle: Circle,
    network: WalkNetwork,
    homes: Snaps,
    others: OtherFacilities | None,
    group: NDArray[np.int64],
    count: int,
) -> tuple[NDArray[np.bool_], list[list[str]]]:
    """Which homes reach a facility that does not count, and the ids of these by group."""
    near = np.zeros(len(homes), bool)
    found: list[list[str]] = [[] for _ in range(count)]
    alike = None if others is None else others.kindred(circle.service)
    if alike is None or not len(alike.layer) or not len(homes):
        return near, found
    graph = between_doors(walk_graph(network, circle.walker, homes, alike.snaps))
    doors, places = graph.points
    table = reach_table(graph, places, doors, circle.limit_ms, direction=circle.direction)
    near[table.target] = True
    for at, id in enumerate(alike.layer.index):
        for one in np.unique(group[table.row(at)[0]]):
            found[one].append(str(id))
    return near, [ids[:MOST_OTHERS] for ids in found]


def without_place(neighbourhoods: GeoDataFrame, places: Places | None) -> pd.Series:
    """People of the quarters who reach a facility but find no place; NA where not assessed."""
    if places is None:
        return pd.Series(pd.NA, index=neighbourhoods.index, dtype="Int64")
    found = places.neighbourhoods["without_place"].reindex(neighbourhoods.index)
    return found.astype("Int64")


def missing_words(*people: NDArray[np.int64]) -> list[str]:
    """What is missing in each neighbourhood, what most people lack first."""
    rows = np.column_stack(people)
    return [
        ", ".join(LACKS[at] for at in np.argsort(-row, kind="stable") if row[at] > 0)
        for row in rows
    ]


def towns(
    group: NDArray[np.int64],
    needy: UnderServed,
    residential: GeoDataFrame,
    coverage: Coverage,
    units: GeoDataFrame | None,
    count: int,
) -> tuple[list[str], NDArray[np.float64]]:
    """Name and covered percent of the town where most people of each group live; NaN without one.

    The town is the unit of level ``town``, else of the lowest level there is.
    """
    if units is None or coverage.units is None:
        return [""] * count, np.full(count, np.nan)
    levels = levels_in(units)
    level = "town" if "town" in levels else levels[-1]
    ids = residential[column_of(level)].astype("str").fillna("").to_numpy()[needy.quarter]
    table = DataFrame({"group": group, "id": ids, "people": needy.people})
    table = table[table["id"] != ""].groupby(["group", "id"], as_index=False).sum()
    table = table.sort_values(["group", "people", "id"], ascending=[True, False, True])
    first = table.drop_duplicates("group").set_index("group")["id"].reindex(range(count))
    known = first.notna()
    of_level = coverage.units[coverage.units["level"] == level]
    found = of_level.reindex(first[known])
    parts = zip(found["people_covered"], found["people"], strict=True)
    share = np.full(count, np.nan)
    share[known] = [cut_percent(int(part), int(whole)) for part, whole in parts]
    return units["name"].reindex(first).fillna("").astype("str").tolist(), share
