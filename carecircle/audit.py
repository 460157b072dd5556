"""Where may the street map be broken, and for how many people does it matter?

The faults of `isochrones.audit` and `coverage.gaps`, quarters without an inner path and homes
too far from any street, each with its repair, and for each circle the people of its group whom
the repair by itself would bring within the limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas import DataFrame

from carecircle.coverage.circle import of_service
from carecircle.coverage.gaps import best_of_neighbours, gaps, once_each
from carecircle.coverage.repairs import (
    NewDoors,
    Standing,
    gained_by_doors,
    gained_by_links,
    standing,
)
from carecircle.coverage.result import Circle, Sentence
from carecircle.inputs import Inputs
from carecircle.isochrones.audit import (
    dead_ends,
    first_of_each,
    islands,
    joinable_edges,
    loose_ends,
    walked_mm,
)
from carecircle.isochrones.gates import detour_mm
from carecircle.isochrones.links import along_edges, joined, lines_of, on_street
from carecircle.isochrones.minutes import NEVER
from carecircle.isochrones.snapping import Snaps, snap
from carecircle.layers.admin_units import levels_of
from carecircle.layers.crs import LONLAT, project
from carecircle.layers.gates import GATE_DEPTH_M
from carecircle.layers.network import WalkNetwork
from carecircle.siteinputs import water_of
from carecircle.steps import Steps
from carecircle.study import Study, today
from carecircle.walkwords import audited_without_benches

# In the order of the list where as many people gain by the same length.
KINDS = (
    "facility_on_island",
    "island",
    "near_miss",
    "dangle",
    "gap_across_water",
    "detour",
    "no_inner_path",
    "far_from_street",
)
LONGEST_WALK_MM = 3_000_000  # how far the walk of today is looked for
SMALLEST_QUARTER_M2 = 10_000.0  # below, nobody needs a path of their own
GATE_SPACING_M = 50.0
GATE_STREET_M = 30.0  # from a new gate to its street
ANYWHERE_M = 1e6
NEAR_QUARTER_M = 200.0


@dataclass(frozen=True, eq=False)
class Survey:
    """The list of repairs, those first that matter to most people.

    Attributes
    ----------
    repairs : GeoDataFrame, index ``rank``
        Where each begins (points, working CRS): ``kind`` (of `KINDS`), ``people`` (of all
        circles), ``people_ID`` of each circle, ``length_m``, ``walk_m`` (today, NaN where not
        looked for or beyond 3 km), ``from_lon``, ``from_lat``, ``to_lon``, ``to_lat``,
        ``from_street``, ``to_street``, ``unit``, ``quarter``, ``about`` (texts, may be empty),
        and ``line``, its straight way.
    counts : dict
        What was found before anybody was counted.
    """

    name: str
    day: str
    circles: tuple[Circle, ...]
    repairs: GeoDataFrame
    counts: dict[str, int]
    near_m: float
    water_known: bool
    output_crs: str
    assumptions: tuple[Sentence, ...]


def audit_study(study: Study, near_m: float, steps: Steps) -> Survey:
    """The survey list of a study. Raises `StudyError` as a run."""
    inputs, circles = study.read(steps), tuple(study.circles())
    with steps.step("auditing"):
        now = [standing_of(circle, inputs) for circle in circles]
        water = water_of(study.file, inputs.network.crs, study.graph)
        parts = [street_repairs(inputs, now, near_m, water), far_homes(inputs, now)]
        if not (study.file.residential and study.file.residential.cell_m):
            parts.append(pathless_quarters(inputs, now))
        repairs = ranked(pd.concat([part for part in parts if len(part)] or parts[:1]))
        repairs = named(repairs, inputs)
    return Survey(
        name=study.file.study.name,
        day=study.stated_date() or today(),
        circles=circles,
        repairs=repairs,
        counts={
            "dead_ends": len(dead_ends(inputs.network)[0]),
            "islands": int(inputs.network.facts["islands"]),
            **{kind: int((repairs["kind"] == kind).sum()) for kind in KINDS},
        },
        near_m=near_m,
        water_known=water is not None,
        output_crs=inputs.output_crs,
        assumptions=(
            *inputs.assumptions,
            *audited_without_benches(circles),
        ),
    )


def standing_of(circle: Circle, inputs: Inputs) -> Standing:
    """Who is covered today."""
    home_snaps, facility_snaps = inputs.snaps_for(circle.walker)
    _, stations = of_service(circle, inputs.facilities, facility_snaps)
    people = inputs.homes[circle.group].to_numpy(np.int64)
    return standing(circle, inputs.network, home_snaps, stations, people)


# --- links between streets


def street_repairs(
    inputs: Inputs, now: Sequence[Standing], near_m: float, water: NDArray[Any] | None
) -> DataFrame:
    """Islands, loose ends and gaps with the link that would repair each."""
    network = inputs.network
    island_links, island = islands(network)
    ends, near = loose_ends(network, near_m)
    over_gaps = gaps(network, now)
    links = joined([island_links, ends, over_gaps])
    on_island = facilities_on_islands(inputs)
    kind = np.array(
        [
            *("facility_on_island" if part in on_island else "island" for part in island),
            *np.where(near, "near_miss", "dangle"),
            *["detour"] * len(over_gaps),
        ],
        object,
    )
    about = np.array([on_island.get(part, "") for part in island] + [""] * len(links), object)
    first = first_of_each(network, links)
    links, kind, about = links.take(first), kind[first], about[: len(kind)][first]

    gained = np.column_stack([gained_by_links(one, links) for one in now])
    total, is_gap = gained.sum(axis=1), kind == "detour"
    xy = links.xy(network)
    kept = best_of_neighbours(xy, total, links.mm, is_gap) & ((kind != "dangle") | (total > 0))
    kept &= once_each(xy, total, links.mm, np.isin(kind, ("near_miss", "dangle")))
    if water is not None and len(water):
        wet, _ = shapely.STRtree(water).query(shapely.linestrings(xy), predicate="intersects")
        across = is_gap & np.isin(np.arange(len(kind)), wet)
        kind[across] = "gap_across_water"
    chosen = np.flatnonzero(kept)
    table = rows(now, kind[chosen], xy[chosen], links.mm[chosen], gained[chosen], about[chosen])
    edges = links.edge[chosen]
    walked = walked_mm(network, links.take(chosen), LONGEST_WALK_MM)
    table["walk_m"] = np.where(walked == NEVER, np.nan, walked / 1000)
    table["from_street"], table["to_street"] = (network.streets_of(edges[:, k]) for k in (0, 1))
    return table


def facilities_on_islands(inputs: Inputs) -> dict[int, str]:
    """By island the names of the facilities that can be entered from nowhere else."""
    snaps = inputs.doors.facilities
    names: dict[int, list[str]] = {}
    for at in np.flatnonzero(snaps.on_island):
        row = inputs.facilities.iloc[at]
        part = int(snaps.component[snaps.point == at].min())
        names.setdefault(part, []).append(f"{row.name} {row['name']}".strip())
    return {part: "; ".join(found) for part, found in names.items()}


# --- doors of homes


def far_homes(inputs: Inputs, now: Sequence[Standing]) -> DataFrame:
    """Quarters with homes too far from any street, joined to it by a straight way each."""
    network, doors = inputs.network, inputs.doors
    home = np.flatnonzero(~doors.homes.attached)
    snaps = snap(network, doors.home_xy[home], ANYWHERE_M)
    quarters, change = np.unique(doors.home_quarter[home], return_inverse=True)
    new = NewDoors(home, snaps.leg_mm, np.arange(len(home)), change)
    places = on_street(network, snaps.edge, snaps.offset_mm)
    gained = gained_in_all(now, new, places, len(quarters))
    nearest_first = np.lexsort((home, snaps.leg_mm, change))
    _, first = np.unique(change[nearest_first], return_index=True)
    at = nearest_first[first]
    homes = np.bincount(change, minlength=len(quarters))
    table = rows(
        now,
        np.full(len(quarters), "far_from_street", object),
        np.stack([doors.home_xy[home[at]], place_xy(network, places)[at]], axis=1),
        snaps.leg_mm[at],
        gained,
        about_quarters(inputs, quarters, homes),
    )
    streets = network.streets_of(places.edge[at])
    return table.assign(walk_m=np.nan, from_street="", to_street=streets)


def pathless_quarters(inputs: Inputs, now: Sequence[Standing]) -> DataFrame:
    """Large quarters that no street leads into, each with its best further gate.

    Gates are tried every `GATE_SPACING_M` along the boundary where a street is within
    `GATE_STREET_M`. People walk to one as to a gate that is known: straight, longer by the
    detour factor.
    """
    network, doors = inputs.network, inputs.doors
    quarters = without_path(inputs)
    shapes = inputs.residential.geometry.to_numpy()[quarters]
    spots, of_spot = shapely.get_coordinates(
        shapely.segmentize(shapely.boundary(shapes), GATE_SPACING_M), return_index=True
    )
    spots = spots.round(3)  # gates stand at whole millimetres
    snaps = snap(network, spots, GATE_STREET_M)
    near = np.flatnonzero(snaps.edge >= 0)
    spots, of_spot, snaps = spots[near], of_spot[near], snaps.take(near)
    gate, home = pairs_of(quarters[of_spot], doors.home_quarter)
    straight = np.hypot(*(doors.home_xy[home] - spots[gate]).T)
    new = NewDoors(home, detour_mm(straight) + snaps.leg_mm[gate], gate, gate)
    places = on_street(network, snaps.edge, snaps.offset_mm)
    gained = gained_in_all(now, new, places, len(spots))
    best_first = np.lexsort((np.arange(len(spots)), snaps.leg_mm, -gained.sum(axis=1), of_spot))
    chosen, first = np.unique(of_spot[best_first], return_index=True)
    at = best_first[first]
    homes = np.bincount(doors.home_quarter, minlength=len(inputs.residential))[quarters[chosen]]
    table = rows(
        now,
        np.full(len(chosen), "no_inner_path", object),
        np.stack([spots[at], place_xy(network, places)[at]], axis=1),
        snaps.leg_mm[at],
        gained[at],
        about_quarters(inputs, quarters[chosen], homes),
    )
    streets = network.streets_of(places.edge[at])
    return table.assign(walk_m=np.nan, from_street="", to_street=streets)


def without_path(inputs: Inputs) -> NDArray[np.intp]:
    """Large quarters with homes that no street leads into deeper than along the wall."""
    shapes = inputs.residential.geometry.to_numpy()
    lived_in = np.isin(np.arange(len(shapes)), inputs.doors.home_quarter)
    large = np.flatnonzero(lived_in & (shapely.area(shapes) >= SMALLEST_QUARTER_M2))
    edges = joinable_edges(inputs.network)
    tree = shapely.STRtree(lines_of(inputs.network, edges))
    entered, _ = tree.query(shapely.buffer(shapes[large], -GATE_DEPTH_M), predicate="intersects")
    return np.delete(large, np.unique(entered))


def pairs_of(
    of_gate: NDArray[np.intp], of_home: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Every gate with every home of its quarter."""
    order = np.argsort(of_home, kind="stable")
    first = np.searchsorted(of_home[order], of_gate, "left")
    count = np.searchsorted(of_home[order], of_gate, "right") - first
    gate = np.repeat(np.arange(len(of_gate)), count)
    within = np.arange(len(gate)) - np.repeat(np.cumsum(count) - count, count)
    return gate, order[np.repeat(first, count) + within]


# --- rows of the list


def gained_in_all(
    now: Sequence[Standing], new: NewDoors, places: Snaps, changes: int
) -> NDArray[np.int64]:
    """People gained by each change of doors, a column for each circle."""
    return np.column_stack([gained_by_doors(one, new, places, changes) for one in now])


def place_xy(network: WalkNetwork, places: Snaps) -> NDArray[np.float64]:
    """Easting and northing of places on the streets."""
    return along_edges(network.node_xy, network, places.edge, places.offset_mm)


def about_quarters(
    inputs: Inputs, quarters: NDArray[np.intp], homes: NDArray[np.intp]
) -> NDArray[np.object_]:
    """Id, name and homes concerned of quarters."""
    found = inputs.residential.iloc[quarters]
    said = [
        f"{id} {name}".strip() + f" ({count})"
        for id, name, count in zip(found.index, found["name"].fillna(""), homes, strict=True)
    ]
    return np.array([*said, None], object)[:-1]


def rows(
    now: Sequence[Standing],
    kind: NDArray[np.object_],
    xy: NDArray[np.float64],
    mm: NDArray[np.int64],
    gained: NDArray[np.int64],
    about: NDArray[np.object_],
) -> DataFrame:
    """Repairs as rows: what, from where to where, how long, how many people."""
    lines = shapely.linestrings(xy) if len(xy) else np.empty(0, object)
    people = {f"people_{one.circle.id}": gained[:, at] for at, one in enumerate(now)}
    return DataFrame(
        {
            "kind": kind,
            "people": gained.sum(axis=1),
            **people,
            "length_m": mm / 1000,
            "line": lines,
            "about": about,
        }
    )


def ranked(table: DataFrame) -> DataFrame:
    """Those first that bring most people, of equal ones the shortest; numbered from 1."""
    start = np.array([shapely.get_coordinates(line)[0] for line in table["line"]]).reshape(-1, 2)
    order = np.lexsort(
        (
            start[:, 1],
            start[:, 0],
            table["kind"].map(KINDS.index),
            table["length_m"],
            -table["people"],
        )
    )
    found = table.iloc[order].reset_index(drop=True)
    return found.set_axis(pd.RangeIndex(1, len(found) + 1, name="rank"))


def named(table: DataFrame, inputs: Inputs) -> GeoDataFrame:
    """The list with degrees, the unit and the quarter each repair begins in or near."""
    crs = inputs.network.crs
    lines = table["line"].to_numpy()
    ends = shapely.get_coordinates(project(lines, crs, LONLAT)).reshape(-1, 4).round(7)
    points = shapely.points(shapely.get_coordinates(lines).reshape(-1, 2, 2)[:, 0])
    return GeoDataFrame(
        table.assign(
            from_lon=ends[:, 0],
            from_lat=ends[:, 1],
            to_lon=ends[:, 2],
            to_lat=ends[:, 3],
            unit=units_at(points, inputs.units),
            quarter=quarters_near(points, inputs.residential),
        ),
        geometry=points,
        crs=crs,
    )


def units_at(points: NDArray[np.object_], units: GeoDataFrame | None) -> list[str]:
    """The name of the unit of the lowest level that each point lies in."""
    names = [""] * len(points)
    if units is not None:
        lowest = units[units["level"] == levels_of(units)[-1]]
        at, unit = shapely.STRtree(lowest.geometry.to_numpy()).query(points, predicate="intersects")
        for point, found in sorted(zip(at.tolist(), unit.tolist(), strict=True), reverse=True):
            names[point] = str(lowest["name"].iloc[found])
    return names


def quarters_near(points: NDArray[np.object_], residential: GeoDataFrame) -> list[str]:
    """Name, or id where there is none, of the nearest quarter within `NEAR_QUARTER_M`."""
    names = [""] * len(points)
    tree = shapely.STRtree(residential.geometry.to_numpy())
    at, quarter = tree.query_nearest(points, max_distance=NEAR_QUARTER_M)
    for point, found in sorted(zip(at.tolist(), quarter.tolist(), strict=True), reverse=True):
        row = residential.iloc[found]
        names[point] = str(row["name"] or row.name)
    return names
