"""The story of one circle: who is covered, who is not, and where to build."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas import DataFrame

from carecircle.coverage.access import AccessSettings, circle_access
from carecircle.coverage.areas import areas_of_circle
from carecircle.coverage.candidate_sites import CandidateSites, SiteGround, find_sites
from carecircle.coverage.lacking import OtherFacilities, with_needs
from carecircle.coverage.measure import measure
from carecircle.coverage.neighbourhoods import UnderServed, find_neighbourhoods, under_served
from carecircle.coverage.reached import reached_homes, waiting_walks
from carecircle.coverage.result import Circle, CircleResult, Coverage, FewestSites, SitePlan
from carecircle.coverage.siting import fewest_sites, maximal_covering
from carecircle.isochrones.graph import WalkGraph, walk_graph
from carecircle.isochrones.marks import Homes
from carecircle.isochrones.minutes import (
    LONGEST_LIMIT_MS,
    Nearest,
    nearest,
    nearest_k,
    reach_table,
)
from carecircle.isochrones.seats import between_doors, never_sitting
from carecircle.isochrones.snapping import Snaps
from carecircle.layers.network import WalkNetwork


@dataclass(frozen=True)
class SiteSettings:
    """How many new stations to place, where they may stand, and how long to solve.

    ``time_limit_s`` holds for each of the two questions (best sites, fewest sites).
    """

    count: int = 3
    time_limit_s: float = 10.0
    ground: SiteGround = field(default_factory=SiteGround)


def study_circle(
    circle: Circle,
    network: WalkNetwork,
    residential: GeoDataFrame,
    homes: GeoDataFrame,
    home_snaps: Snaps,
    facilities: GeoDataFrame,
    facility_snaps: Snaps,
    units: GeoDataFrame | None,
    settings: SiteSettings,
    near_street: NDArray[np.bool_] | None = None,
    access: AccessSettings | None = None,
    others: Sequence[tuple[Circle, Coverage]] = (),
    not_counting: OtherFacilities | None = None,
) -> CircleResult:
    """Measure one circle and place its next stations.

    Parameters
    ----------
    residential, homes, facilities, units
        Layers in the working CRS, as ``docs/architecture.md`` describes them. Facilities
        of other services are ignored; there may be none of this one.
    home_snaps, facility_snaps : Snaps
        Where the rows of ``homes`` and ``facilities`` attach.
    near_street : (homes,) bool, optional
        Homes with a street for other walkers, if not for this one.
    access : AccessSettings, optional
        At which minutes and speeds coverage is told, and whether doubts are drawn.
    others
        The coverage of the same circle for other walkers.
    not_counting : OtherFacilities, optional
        The facilities of the study's own layers that cover nobody.
    """
    access = access or AccessSettings()
    walked = walk_and_measure(
        circle,
        network,
        residential,
        homes,
        home_snaps,
        facilities,
        facility_snaps,
        units,
        near_street,
    )
    stations, station_snaps, graph, doors, walks, coverage = walked
    needy = under_served(residential, coverage)
    neighbourhoods = located(
        find_neighbourhoods(residential, homes, coverage, never_sitting(graph), circle),
        residential.iloc[needy.quarter],
        needy.people,
        network.streets_of(home_snaps.edge[needy.home]),
        units,
    )
    sites = find_sites(
        circle,
        network,
        residential.geometry.to_numpy()[np.unique(needy.quarter)],
        home_snaps.take(needy.home),
        stations,
        station_snaps,
        settings.ground,
    )
    speeds = access.speeds(circle.walker)
    reached = reached_homes(
        circle,
        doors,
        walks,
        max(access.minutes_of(circle)),
        speeds,
        waiting_walks(circle, network, home_snaps, station_snaps, speeds),
        access.catchments_ms(circle, stations),
    )
    plan = planned(sites, needy, settings)
    measures = circle_access(
        circle,
        residential,
        homes,
        coverage,
        stations,
        neighbourhoods,
        units,
        reached,
        access,
        others,
    )
    return CircleResult(
        circle=circle,
        facilities=stations,
        coverage=coverage,
        areas=areas_of_circle(
            circle,
            network,
            graph,
            stations,
            station_snaps,
            Homes(shapely.get_coordinates(homes.geometry), graph.points[0]),
            walks,
        ),
        neighbourhoods=with_needs(
            neighbourhoods,
            circle,
            network,
            residential,
            homes,
            home_snaps,
            coverage,
            needy,
            measures.places,
            units,
            not_counting,
        ),
        candidates=candidate_frame(sites, plan),
        sites=sites,
        plan=plan,
        fewest=fewest(circle, sites, needy, coverage, settings),
        access=measures,
        candidate_spacing_m=sites.spacing_m,
    )


class Walked(NamedTuple):
    """The walks of one circle and who is covered by them.

    ``graph`` is of the streets, ``doors`` what is searched: over seats for who must sit down.
    """

    stations: GeoDataFrame
    station_snaps: Snaps
    graph: WalkGraph
    doors: WalkGraph
    walks: Nearest
    coverage: Coverage


def walk_and_measure(
    circle: Circle,
    network: WalkNetwork,
    residential: GeoDataFrame,
    homes: GeoDataFrame,
    home_snaps: Snaps,
    facilities: GeoDataFrame,
    facility_snaps: Snaps,
    units: GeoDataFrame | None,
    near_street: NDArray[np.bool_] | None,
) -> Walked:
    """Walk from every home to the nearest station, and count; parameters as in `study_circle`."""
    stations, station_snaps = of_service(circle, facilities, facility_snaps)
    graph = walk_graph(network, circle.walker, home_snaps, station_snaps)
    doors = between_doors(graph)
    walks = walks_of_homes(circle, doors)
    coverage = measure(
        circle,
        residential,
        homes,
        walks.ms,
        np.array([*stations.index, None], object)[walks.source],  # without a station: -1, the last
        home_snaps.attached,
        units,
        near_street,
    )
    return Walked(stations, station_snaps, graph, doors, walks, coverage)


def located(
    neighbourhoods: GeoDataFrame,
    quarter_of_home: GeoDataFrame,
    people: NDArray[np.int64],
    street_of_home: list[str],
    units: GeoDataFrame | None,
) -> GeoDataFrame:
    """The neighbourhoods with the street and the unit where most of their people live.

    ``quarter_of_home``, ``people`` and ``street_of_home`` have a row per under-served home.
    """
    rank_of_block = {
        block: rank for rank, blocks in neighbourhoods["block_ids"].items() for block in blocks
    }
    unit_of_home = [""] * len(people)
    if units is not None:
        names = units["name"].to_dict()
        unit_of_home = [names.get(unit, "") for unit in quarter_of_home["admin_id"]]
    homes = DataFrame(
        {
            "rank": [rank_of_block[block] for block in quarter_of_home.index],
            "people": people,
            "street": street_of_home,
            "unit": unit_of_home,
        }
    )
    return neighbourhoods.assign(
        street=most_people(homes, "street").reindex(neighbourhoods.index, fill_value=""),
        unit=most_people(homes, "unit").reindex(neighbourhoods.index, fill_value=""),
    )


def most_people(homes: DataFrame, place: str) -> pd.Series:
    """By rank the named place where most people live; of equal ones the first by name."""
    named = homes[homes[place] != ""]
    counts = DataFrame(named.groupby(["rank", place])["people"].sum()).reset_index()
    best = counts.sort_values(["rank", "people", place], ascending=[True, False, True])
    first: pd.Series = best.drop_duplicates("rank").set_index("rank")[place].astype("str")
    return first


def of_service(
    circle: Circle, facilities: GeoDataFrame, snaps: Snaps
) -> tuple[GeoDataFrame, Snaps]:
    """The facilities of the circle's service, and where they attach."""
    chosen = (facilities["service"] == circle.service).to_numpy()
    snaps = snaps.take(np.flatnonzero(chosen))
    stations = facilities[chosen].assign(
        snap_m=np.where(snaps.attached, snaps.shortest_leg_mm / 1000, np.nan),
        on_island=snaps.on_island,
    )
    return stations, snaps


def walks_of_homes(circle: Circle, graph: WalkGraph) -> Nearest:
    """The walk of each home to its nearest station, in the circle's direction.

    ``graph`` holds the homes and the stations as its two sets of points. There and back
    together have no unlimited nearest: such walks are known up to twice the circle's limit
    (120 minutes at most), beyond which no station counts as near.
    """
    homes, stations = graph.points
    if circle.direction in ("to", "from"):
        return nearest(graph, stations, direction=circle.direction).at(homes)
    search_ms = min(2 * circle.limit_ms, LONGEST_LIMIT_MS)
    table = reach_table(graph, stations, homes, search_ms, direction=circle.direction)
    only = nearest_k(table, len(homes), 1)
    return Nearest(only.ms[:, 0], only.source[:, 0])


def planned(sites: CandidateSites, needy: UnderServed, settings: SiteSettings) -> SitePlan:
    """The best sites, among them all that must be there.

    Whom these cover is set aside, and the others are the best for the people that are left: a
    maximal covering with fixed sites is one of fewer sites over fewer people.
    """
    must, gains, people = fixed(sites, needy)
    more = settings.count - len(must)
    if more < 0:
        raise ValueError(f"{len(must)} sites must be chosen, but only {settings.count} may be")
    plan = maximal_covering(sites.covers, people, more, settings.time_limit_s)
    gained = sum(gains)
    return SitePlan(
        chosen=(*must, *plan.chosen),
        gains=(*gains, *plan.gains),
        people_gained=gained + plan.people_gained,
        bound_people=gained + plan.bound_people,
        status="optimal" if must and plan.status == "nothing_to_gain" else plan.status,
        seconds=plan.seconds,
    )


def fixed(
    sites: CandidateSites, needy: UnderServed
) -> tuple[list[int], list[int], NDArray[np.int64]]:
    """The sites that must be there, whom each adds to those before, and whom they leave."""
    must, gains, people = sites.must.tolist(), [], needy.people.copy()
    by_site = sites.covers.tocsc()
    for site in must:
        homes = by_site.indices[by_site.indptr[site] : by_site.indptr[site + 1]]
        gains.append(int(people[homes].sum()))
        people[homes] = 0
    return must, gains, people


def fewest(
    circle: Circle,
    sites: CandidateSites,
    needy: UnderServed,
    coverage: Coverage,
    settings: SiteSettings,
) -> FewestSites | None:
    """How many stations the target takes, those that must be there included; None without one."""
    if circle.target_percent is None:
        return None
    must, gains, people = fixed(sites, needy)
    missing = max(0, coverage.people_to_target - sum(gains))
    ledger = coverage.people
    covered = replace(
        ledger, covered=ledger.covered + sum(gains), uncovered=ledger.uncovered - sum(gains)
    )
    found = fewest_sites(sites.covers, people, missing, settings.time_limit_s, covered)
    return replace(
        found,
        count=None if found.count is None else found.count + len(must),
        lower_bound=found.lower_bound + len(must),
    )


def candidate_frame(sites: CandidateSites, plan: SitePlan) -> GeoDataFrame:
    """The candidates; those of the plan with their order and what they gain."""
    chosen = np.array(plan.chosen, np.int64)
    order = pd.array([pd.NA] * len(sites), "Int64")
    gain = pd.array([pd.NA] * len(sites), "Int64")
    order[chosen] = np.arange(1, len(chosen) + 1)
    gain[chosen] = np.array(plan.gains, np.int64)
    frame: GeoDataFrame = sites.table.assign(order=order, gain_people=gain)
    return frame
