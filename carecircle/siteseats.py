"""What ``[siting]`` says of places, checked; and where stations with places may stand.

A new station may serve people whom a full one leaves without a place, so that candidates are
wanted near these as well as near those out of reach. People outside the shortage areas of today
(`assignment`) have a place whatever is built: no place that only they reach can add one, and
looking near the others alone loses no plan that opens stations. As in a run without seats it may
lose one where stations are closed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from carecircle.coverage.assignment import assign_places
from carecircle.coverage.candidate_sites import (
    CandidateSites,
    covered_homes,
    find_sites,
    joined,
)
from carecircle.coverage.neighbourhoods import under_served
from carecircle.coverage.result import CircleResult
from carecircle.coverage.site_question import Ground, named, site_name
from carecircle.coverage.site_seats import asking, places_of, told_places
from carecircle.coverage.site_study import Seats
from carecircle.inputs import Inputs
from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.minutes import reach_table
from carecircle.isochrones.seats import between_doors
from carecircle.layers.problems import Findings, Problem, StudyError
from carecircle.sitingfile import SitingSection

NEAR_FULL_STATIONS = "seats-"  # before the ids of places along the streets of this study alone


def check_seats(siting: SitingSection, inputs: Inputs, found: Findings) -> None:
    """Keys about places stand with ``seats``, and name money and stations that are there."""
    more = siting.enlarge
    if not siting.seats:
        asked = {"seats_unknown": siting.seats_unknown, "enlarge": more}
        for key in (key for key, value in asked.items() if value is not None):
            found.add("E-SITE-038", column=f"siting.{key}")
        return
    if more is None:
        return
    if more.cost is None and (siting.budget is not None or siting.goal == "cost"):
        found.add("E-SITE-039", column="siting.enlarge.cost")
    ids = [str(id) for id in inputs.facilities.index]
    for id in (id for id in more.stations if id not in ids):
        near = ", ".join(nearest(id, ids))
        found.add("E-SITE-040", column="siting.enlarge.stations", value=id, near=near)


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The ids that are spelt most alike; the first ones where none is."""
    ids = list(known)
    return get_close_matches(name, ids, n=5, cutoff=0.4) or ids[:5]


def refuse_unknown_places(ground: Ground, seats: Seats, file: str) -> None:
    """Raise E-SITE-037 where a station or candidate does not tell its places."""
    unknown = told_places(ground).isna().to_numpy()
    if seats.unknown is not None or not unknown.any():
        return
    stations = [
        site_name(str(name), str(id))
        for id, name in zip(ground.stations.index, ground.stations["name"], strict=True)
    ]
    names = [*stations, *map(site_name, *named(ground.sites))]
    lacking = [name for name, is_unknown in zip(names, unknown, strict=True) if is_unknown]
    shown = ", ".join(lacking[:5]) + (" …" if len(lacking) > 5 else "")
    details = {
        "stations": int(unknown[: len(stations)].sum()),
        "candidates": int(unknown[len(stations) :].sum()),
        "names": shown,
    }
    raise StudyError(Problem("E-SITE-037", file, column="capacity", details=details))


def with_sites_for_seats(ground: Ground, inputs: Inputs, seats: Seats) -> Ground:
    """The same ground with candidates near everybody who may get a place by a new station."""
    homes = without_sure_place(ground, seats)
    uncovered = (ground.before.homes["status"] == "uncovered").to_numpy() & (asking(ground) > 0)
    if not (homes & ~uncovered).any():
        return ground
    needy = np.flatnonzero((homes | uncovered) & ground.home_snaps.attached)
    found = find_sites(
        ground.circle,
        ground.network,
        ground.residential.geometry.to_numpy()[np.unique(inputs.doors.home_quarter[needy])],
        ground.home_snaps.take(needy),
        ground.stations,
        ground.station_snaps,
        inputs.sites,
    )
    return replace(ground, sites=with_more(ground, found))


def without_sure_place(ground: Ground, seats: Seats) -> NDArray[np.bool_]:
    """Homes in the shortage areas of today: some of their people are left without a place."""
    graph = walk_graph(
        ground.network, ground.circle.walker, ground.home_snaps, ground.station_snaps
    )
    doors = between_doors(graph)
    homes, stations = doors.points
    table = reach_table(
        doors, stations, homes, ground.circle.limit_ms, direction=ground.circle.direction
    )
    asks, places = asking(ground), places_of(ground, seats)[: len(ground.stations)]
    found = assign_places(table, asks, np.minimum(places, asks.sum()))
    in_area: NDArray[np.bool_] = found.area_of_home >= 0
    return in_area


def with_more(ground: Ground, found: CandidateSites) -> CandidateSites:
    """The candidates of the run and below them those found besides, generated ones renamed.

    A place that is a candidate of the run already is not told twice.
    """
    run = ground.sites
    here = set(map(tuple, shapely.get_coordinates(run.table.geometry).tolist()))
    at = shapely.get_coordinates(found.table.geometry).tolist()
    new = np.array([tuple(xy) not in here for xy in at], bool)
    new &= ~found.table.index.isin(run.table.index[run.table["kind"] != "street"])
    table, snaps = found.table[new], found.snaps.take(np.flatnonzero(new))
    generated = (table["kind"] == "street").to_numpy()
    prefix = free_prefix([*run.table.index, *table.index])
    ids = [
        f"{prefix}{id}" if is_generated else id
        for id, is_generated in zip(table.index, generated, strict=True)
    ]
    needy = ground.home_snaps.take(under_served(ground.residential, ground.before).home)
    covers = covered_homes(ground.network, ground.circle, snaps, needy)
    spacings = [one.spacing_m for one in (run, found) if one.spacing_m is not None]
    more = table.set_axis(ids, axis=0).rename_axis(run.table.index.name)
    return replace(
        run,
        table=pd.concat([run.table, more]),
        snaps=joined([run.snaps, snaps]),
        covers=csr_array(hstack([run.covers, covers])),
        spacing_m=max(spacings, default=None),
    )


def free_prefix(ids: Iterable[str]) -> str:
    """How the ids of places found besides begin, so that none is one of these."""
    taken, prefix = list(ids), NEAR_FULL_STATIONS
    while any(id.startswith(prefix) for id in taken):
        prefix += "-"
    return prefix


def with_candidates(result: CircleResult, sites: CandidateSites) -> GeoDataFrame:
    """The candidates of the run, and below them those that only its study of sites has."""
    more = sites.table.iloc[len(result.candidates) :]
    nothing = pd.array([pd.NA] * len(more), "Int64")
    added = more.assign(order=nothing, gain_people=nothing)
    frame: GeoDataFrame = pd.concat([result.candidates, added]) if len(more) else result.candidates
    return frame
