"""From a circle, its stations and its candidates to the general model of siting.

Every home with people of the group is in it: those whom today's stations reach, since a closure
may cost them, and those whom no street is near, who stay in every denominator. Options are to
keep (and, where it is asked for, to close) each station and to open each candidate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.sparse import csr_array

from carecircle.coverage.candidate_sites import CandidateSites, joined
from carecircle.coverage.result import Circle, Coverage
from carecircle.coverage.site_conditions import (
    Apart,
    AtLeast,
    AtMost,
    Budget,
    Condition,
    EveryTown,
    Must,
    NewBeyondClosed,
    Reached,
    TownStations,
    each_in_words,
)
from carecircle.coverage.site_options import NOWHERE, UNLIMITED, Kind, Options
from carecircle.coverage.site_problem import Service, SiteProblem
from carecircle.coverage.site_seats import asking, enlargeable, places_of, seat_words
from carecircle.coverage.site_study import SiteQuestion, Words
from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.minutes import reach_table
from carecircle.isochrones.seats import between_doors
from carecircle.isochrones.snapping import Snaps
from carecircle.layers.admin_units import column_of
from carecircle.layers.network import WalkNetwork

WHOLE_STUDY = {"zh": "全部", "en": "whole study"}


@dataclass(frozen=True, eq=False)
class Ground:
    """What a question is asked of.

    Attributes
    ----------
    home_snaps, station_snaps : Snaps
        Where all homes and the stations of the circle attach.
    towns : GeoDataFrame or None
        The units of the first level.
    """

    circle: Circle
    network: WalkNetwork
    residential: GeoDataFrame
    homes: GeoDataFrame
    home_snaps: Snaps
    stations: GeoDataFrame
    station_snaps: Snaps
    units: GeoDataFrame | None
    near_street: NDArray[np.bool_] | None
    sites: CandidateSites
    before: Coverage


@dataclass(frozen=True, eq=False)
class Towns:
    """The towns by position; the last one is everywhere outside of them.

    Attributes
    ----------
    of_home, of_place : int64
        Places are the stations, then the candidates.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    of_home: NDArray[np.int64]
    of_place: NDArray[np.int64]


def towns_of(ground: Ground) -> Towns:
    """The units of the first level, and who lives or stands in each."""
    doors = np.concatenate(
        [ground.stations.geometry.to_numpy(), ground.sites.table.geometry.to_numpy()]
    )
    units = ground.units
    if units is None:
        nowhere = np.zeros(len(ground.homes), np.int64), np.zeros(len(doors), np.int64)
        return Towns(("",), (WHOLE_STUDY["en"],), *nowhere)
    level = ""
    if "level" in units:
        level = str(units["level"].iloc[0])
        units = units[units["level"] == level]
    unit_of_quarter = ground.residential[column_of(level)].astype("str").fillna("")
    unit_of_home = unit_of_quarter.reindex(ground.homes["block_id"]).to_numpy()
    of_home = units.index.get_indexer(unit_of_home)
    of_place = np.full(len(doors), len(units), np.int64)
    place, unit = shapely.STRtree(units.geometry.to_numpy()).query(doors, predicate="intersects")
    of_place[place[::-1]] = unit[::-1]  # on a border the first unit counts
    return Towns(
        ids=(*map(str, units.index), ""),
        names=(*map(str, units["name"]), ""),
        of_home=np.where(of_home < 0, len(units), of_home).astype(np.int64),
        of_place=of_place,
    )


def reach_of(ground: Ground) -> csr_array:
    """Which homes (rows) are within the limit of each station, then each candidate."""
    places = joined([ground.station_snaps, ground.sites.snaps])
    graph = walk_graph(ground.network, ground.circle.walker, ground.home_snaps, places)
    graph = between_doors(graph)
    doors, place_doors = graph.points
    table = reach_table(
        graph, place_doors, doors, ground.circle.limit_ms, direction=ground.circle.direction
    ).transpose(len(doors))
    return csr_array(
        (np.ones(len(table.target), bool), table.target, table.indptr),
        (len(doors), len(place_doors)),
    )


def problem_of(
    ground: Ground,
    question: SiteQuestion,
    towns: Towns,
    reach: csr_array,
    every_station: bool = False,
) -> SiteProblem:
    """Options and demand of one question; ``every_station``: one that stands may be lost."""
    stations, candidates = len(ground.stations), len(ground.sites)
    closing = question.close + question.move > 0
    kinds: list[tuple[Kind, NDArray[np.int64]]] = [("keep", np.arange(stations))]
    if closing:
        kinds.append(("close", np.arange(stations)))
    larger = enlargeable(ground, question.seats)
    if len(larger):
        kinds.append(("enlarge", larger))
    kinds.append(("open", stations + np.arange(candidates)))
    place = np.concatenate([places for _, places in kinds])
    kind = tuple(kind for kind, places in kinds for _ in places)
    price = np.zeros(stations + candidates, np.int64)
    if question.needs_costs:
        price[stations:] = whole_costs(ground.sites)
        price[larger] = more_costs(question)
    xy = np.concatenate([points(ground.stations), points(ground.sites.table)])
    names = [*map(str, ground.stations["name"]), *map(site_name, *named(ground.sites))]
    options = Options(
        place=place,
        kind=kind,
        seats=seats_of_options(ground, question, place, kind)[None, :],
        cost=np.where([one in ("open", "enlarge") for one in kind], price[place], 0),
        saving=np.zeros(len(place), np.int64),
        town=towns.of_place[place],
        xy=xy[place],
        moved_from=np.full(len(place), NOWHERE, np.int64),
        names=tuple(names[at] for at in place),
    )
    lasting = not closing and not every_station and question.seats is None
    if lasting and question.goal != "backup":
        reach = without_settled(reach, stations)
    service = Service(
        name=ground.circle.service,
        people=people_of(ground, question),
        town=towns.of_home,
        within=csr_array(reach[:, place]),
    )
    return SiteProblem(options, (service,), towns.names)


def people_of(ground: Ground, question: SiteQuestion) -> NDArray[np.int64]:
    """Who is to be served in each home: everybody of the group, or who asks for a place."""
    if question.seats is not None:
        return asking(ground)
    return ground.before.homes["people"].to_numpy(np.int64)


def seats_of_options(
    ground: Ground, question: SiteQuestion, place: NDArray[np.int64], kind: Sequence[Kind]
) -> NDArray[np.int64]:
    """Places of each option; without seats a station serves everybody in reach."""
    gives = np.array([one != "close" for one in kind], bool)
    if question.seats is None:
        return np.where(gives, UNLIMITED, 0)
    more = 0 if question.seats.enlarge is None else question.seats.enlarge.seats
    larger = np.array([one == "enlarge" for one in kind], bool)
    with_more = places_of(ground, question.seats)[place] + np.where(larger, more, 0)
    return np.where(gives, np.minimum(with_more, UNLIMITED - 1), 0)


def more_costs(question: SiteQuestion) -> int:
    """Yuan for more places at one station; 0 where none can be had."""
    more = question.seats and question.seats.enlarge
    return (more.cost or 0) if more else 0


def without_settled(reach: csr_array, stations: int) -> csr_array:
    """One station for homes that stations reach which all stay: nothing else matters to them."""
    first = np.full(reach.shape[0], NOWHERE)
    pairs = reach[:, :stations].tocoo()
    first[pairs.row[::-1]] = pairs.col[::-1]
    settled = first >= 0
    every = reach.tocoo()
    kept = ~settled[every.row]
    rows = np.concatenate([np.flatnonzero(settled), every.row[kept]])
    columns = np.concatenate([first[settled], every.col[kept]])
    return csr_array((np.ones(len(rows), bool), (rows, columns)), shape=reach.shape)


def points(layer: GeoDataFrame) -> NDArray[np.float64]:
    """Metres of each row."""
    centres = layer.geometry.representative_point()
    return np.column_stack([centres.x.to_numpy(), centres.y.to_numpy()]).reshape(-1, 2)


def whole_costs(sites: CandidateSites) -> NDArray[np.int64]:
    """Yuan of each candidate, rounded up; all must be known."""
    yuan: NDArray[np.float64] = np.ceil(sites.table["cost"].to_numpy(np.float64))
    return yuan.astype(np.int64)


def named(sites: CandidateSites) -> tuple[Sequence[str], Sequence[str]]:
    """Names and ids of the candidates."""
    return sites.table["name"].astype(str).tolist(), [str(id) for id in sites.table.index]


def site_name(name: str, id: str) -> str:
    """What a candidate is called in a condition."""
    return f"{name} ({id})" if name else id


def people_wanted(question: SiteQuestion, people: int) -> int:
    """The fewest people that are the share asked for; exact."""
    return ceil(people * Fraction(question.reach_percent or "0") / 100)


def conditions_of(
    problem: SiteProblem, question: SiteQuestion, towns: Towns, ground: Ground
) -> list[Condition]:
    """All that a plan must keep to, but the number of new stations."""
    found: list[Condition] = []
    opens = np.flatnonzero(problem.options.of_kind("open"))
    found += [Must(int(opens[at])) for at in ground.sites.must]
    if question.reach_percent is not None:
        everybody = int(problem.services[0].people.sum())
        found.append(Reached(0, people_wanted(question, everybody)))
    if question.budget is not None:
        found.append(Budget(question.budget))
    if question.apart_m is not None:
        found.append(Apart(0, question.apart_m))
    if question.every_town_percent is not None:
        found.append(EveryTown(0, question.every_town_percent))
    for id, count in question.per_town.items():
        found.append(TownStations(0, towns.ids.index(id), count))
    if question.close + question.move:
        if question.close:
            found.append(AtLeast(question.close, ("close",)))
        found.append(AtMost(question.close + question.move, ("close",)))
    more = question.seats and question.seats.enlarge
    if more and more.count is not None:
        found.append(AtMost(more.count, ("enlarge",)))
    return found


def limit_of(question: SiteQuestion, count: int) -> Condition:
    """At most so many new stations, and one more for each that moves."""
    if question.move:
        return NewBeyondClosed(count, question.close)
    return AtMost(count)


def in_words(
    problem: SiteProblem, conditions: Sequence[Condition], ground: Ground, question: SiteQuestion
) -> tuple[Words, ...]:
    """What places were taken for and the conditions, as a planner would say them."""
    return (*seat_words(ground, question), *each_in_words(problem, conditions))
