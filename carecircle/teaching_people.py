"""Who lives in the teaching city, and what stands there for them?

People follow land and density, and a different age structure in the old town, the new one
and on the hills. Every number is a whole person, and older cohorts lie within younger ones.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.teaching_blocks import LANES, PLANS, TERRACES
from carecircle.teaching_ground import stream, to_e7
from carecircle.teaching_lattice import Lattice
from carecircle.teaching_names import FACILITY_KINDS, QUARTER_ENDINGS, place_names

Ids = NDArray[np.int64]

COMMUNITY_BLOCKS = 3  # superblocks each way in a community
TOWN_COMMUNITIES = 2  # communities each way in a town
DISTRICT_TOWNS = 2  # towns each way in a district
HAMLET_M = ((-680.0, -560.0), (0.70, 120.0))  # west of the city; share of the height, and side
HAMLET_PEOPLE, HAMLET_AGES = 86, (38, 30, 9, 1, 1)

# of the population, in per mille: lowest share, and how much more at most
AGES = {
    "lanes": {"age_60_plus": (240, 130), "age_0_2": (12, 16), "age_3_5": (14, 16)},
    "walled": {"age_60_plus": (90, 140), "age_0_2": (22, 30), "age_3_5": (26, 30)},
    "terraces": {"age_60_plus": (280, 160), "age_0_2": (8, 12), "age_3_5": (8, 14)},
}
CAPACITIES = {"elderly": (20, 130), "childcare": (20, 80)}
OLDEST, NEWEST = 1985, 2025  # years in which quarters were built
PEOPLE_PER_HOUSEHOLD = (2.3, 0.6)  # least, and how much more at most
TITLES = ("age_friendly", "child_friendly")  # every second community, every third
COHORTS = ("age_60_plus", "age_65_plus", "age_80_plus", "age_0_2", "age_3_5")


def character(plan: Ids) -> NDArray[np.object_]:
    """``lanes``, ``walled`` or ``terraces`` for each position in `PLANS`."""
    names = np.full(len(PLANS), "walled", object)
    names[PLANS.index(LANES)], names[PLANS.index(TERRACES)] = "lanes", "terraces"
    named: NDArray[np.object_] = names[plan]
    return named


def quarters_frame(
    drawn: dict[str, Any], community_of: NDArray[np.object_], lattice: Lattice, seed: int
) -> tuple[GeoDataFrame, Ids]:
    """The quarters from north to south with their people, and where each drawn one went.

    A hamlet west of the city, far from every street, comes last: nobody can walk from there.
    """
    order = np.lexsort((drawn["ring_m"][:, 0, 0], drawn["column"], -drawn["row"]))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    ring_m = drawn["ring_m"][order]
    kind = character(drawn["plan"][order])
    people = residents(ring_m, drawn["people_per_ha"][order], kind, seed)
    columns: dict[str, Any] = {
        "name": quarter_names(kind, seed),
        "character": kind,
        "community_id": community_of[drawn["column"][order], drawn["row"][order]],
        **people,
        **buildings(people["population"], seed),
    }
    quarters = GeoDataFrame(columns, geometry=polygons(ring_m), crs="EPSG:4326")
    quarters = pd.concat([quarters, hamlet(lattice)], ignore_index=True)
    quarters.index = pd.Index([f"Q{at + 1:05d}" for at in range(len(quarters))], name="quarter_id")
    return quarters, place


def residents(
    ring_m: NDArray[np.float64], per_ha: Ids, kind: NDArray[np.object_], seed: int
) -> dict[str, Ids]:
    """Population and cohorts of each quarter."""
    draw = stream(seed, 20).random((6, len(kind)))
    x, y = ring_m[:, :, 0], ring_m[:, :, 1]
    across = (x[:, 2] - x[:, 0]) * (y[:, 3] - y[:, 1]) - (x[:, 3] - x[:, 1]) * (y[:, 2] - y[:, 0])
    population = (across / 2 / 10_000 * per_ha * (0.7 + 0.6 * draw[0])).astype(np.int64)
    people = {"population": population}
    for at, name in enumerate(("age_60_plus", "age_0_2", "age_3_5"), start=1):
        lowest, more = (np.array([AGES[k][name][part] for k in kind]) for part in (0, 1))
        share = lowest + (more * draw[at]).astype(np.int64)
        people[name] = population * share // 1000
    people["age_65_plus"] = people["age_60_plus"] * (620 + (140 * draw[4]).astype(np.int64)) // 1000
    people["age_80_plus"] = people["age_65_plus"] * (140 + (120 * draw[5]).astype(np.int64)) // 1000
    return {name: people[name] for name in ("population", *COHORTS)}


def buildings(population: Ids, seed: int) -> dict[str, NDArray[Any]]:
    """The day each quarter was finished, and how many households it has."""
    draw = stream(seed, 24).random((2, len(population)))
    least, more = PEOPLE_PER_HOUSEHOLD
    return {
        "built": finished(OLDEST + ((NEWEST - OLDEST + 1) * draw[0]).astype(np.int64)),
        "households": (population / (least + more * draw[1])).astype(np.int64),
    }


def finished(years: Ids) -> NDArray[np.object_]:
    """A day in the middle of each year, ISO."""
    return np.array([f"{year}-06-30" for year in years], object)


def quarter_names(kind: NDArray[np.object_], seed: int) -> NDArray[np.object_]:
    """Names that fit the character of each quarter."""
    names = np.full(len(kind), "", object)
    for subject, (character_name, endings) in enumerate(QUARTER_ENDINGS.items(), start=21):
        here = np.flatnonzero(kind == character_name)
        names[here] = place_names(len(here), stream(seed, subject), endings)
    return names


def hamlet(lattice: Lattice) -> GeoDataFrame:
    """A few houses more than 300 m from any street: counted, and excluded from walking."""
    (west, east), (share, side) = HAMLET_M
    x = np.array([west, east, east, west]) + float(lattice.x_m.min())
    south = share * float(lattice.y_m.max())
    y = np.array([south, south, south + side, south + side])
    ring_m = np.stack([x, y], axis=1)[None]
    row: dict[str, list[Any]] = {
        "name": ["云上村"],
        "character": ["terraces"],
        "community_id": [""],
        "population": [HAMLET_PEOPLE],
        "built": list(finished(np.array([OLDEST]))),
        "households": [HAMLET_PEOPLE // 3],
    }
    for cohort, people in zip(COHORTS, HAMLET_AGES, strict=True):
        row[cohort] = [people]
    return GeoDataFrame(row, geometry=polygons(ring_m), crs="EPSG:4326")


def polygons(ring_m: NDArray[np.float64]) -> NDArray[np.object_]:
    """Polygons in degrees from (k, corners, 2) plan metres."""
    e7 = to_e7(*ring_m.reshape(-1, 2).T).reshape(ring_m.shape)
    shapes: NDArray[np.object_] = shapely.polygons(e7 / 1e7)
    return shapes


def stations_frame(services: list[str], node: Ids, seed: int) -> pd.DataFrame:
    """Care stations with names, kinds and capacities."""
    draw = stream(seed, 30)
    words = place_names(len(services), draw, ("",))
    kind_of = (3 * draw.random(len(services))).astype(np.int64)
    part = draw.random(len(services))
    count = {"elderly": 0, "childcare": 0}
    rows = []
    for at, service in enumerate(services):
        count[service] += 1
        kind = FACILITY_KINDS[service][kind_of[at]]
        least, more = CAPACITIES[service]
        rows.append(
            {
                "facility_id": f"{service[0].upper()}{count[service]:04d}",
                "name": f"{words[at]}{kind}（虚构）",
                "service": service,
                "kind": kind,
                "capacity": least + 5 * int(more * part[at] / 5),
                "node": int(node[at]),
            }
        )
    return pd.DataFrame(rows).set_index("facility_id")


class Units(NamedTuple):
    """The units of every level, and the community of each superblock."""

    city: GeoDataFrame
    districts: GeoDataFrame
    towns: GeoDataFrame
    communities: GeoDataFrame
    community_of: NDArray[np.object_]


def units_frame(lattice: Lattice, seed: int) -> Units:
    """City, districts, towns, communities, one within the other."""
    town_blocks = COMMUNITY_BLOCKS * TOWN_COMMUNITIES
    whole = max(lattice.columns, lattice.rows)
    city, city_of = one_level(lattice, whole, "CS", None, "市", seed, 43)
    districts, district_of = one_level(
        lattice, town_blocks * DISTRICT_TOWNS, "QX", city_of, "区", seed, 42
    )
    towns, town_of = one_level(lattice, town_blocks, "JD", district_of, "街道", seed, 40)
    communities, community_of = one_level(
        lattice, COMMUNITY_BLOCKS, "SQ", town_of, "社区", seed, 41
    )
    in_town = set(towns.index[: (len(towns) + 1) // 2])  # the northern half
    towns["urban"] = [id in in_town for id in towns.index]
    communities["urban"] = [parent in in_town for parent in communities["parent_id"]]
    for number, title in enumerate(TITLES, start=2):
        communities[title] = [at % number == 0 for at in range(len(communities))]
    return Units(city, districts, towns, communities, community_of)


def one_level(
    lattice: Lattice,
    blocks: int,
    code: str,
    parent_of: NDArray[np.object_] | None,
    ending: str,
    seed: int,
    subject: int,
) -> tuple[GeoDataFrame, NDArray[np.object_]]:
    """Units of so many superblocks each way; the last ones take what remains."""
    columns, rows = (max(1, side // blocks) for side in (lattice.columns, lattice.rows))
    of_block = np.full((lattice.columns, lattice.rows), "", object)
    ids: list[str] = []
    parents, shapes = [], []
    for row in reversed(range(rows)):
        for column in range(columns):
            west, south = column * blocks, row * blocks
            east = lattice.columns if column == columns - 1 else west + blocks
            north = lattice.rows if row == rows - 1 else south + blocks
            ids.append(f"{code}{len(ids) + 1:04d}")
            of_block[west:east, south:north] = ids[-1]
            parents.append("" if parent_of is None else parent_of[west, south])
            shapes.append(polygons(outline(lattice, west, south, east, north)[None])[0])
    names = place_names(len(ids), stream(seed, subject), (ending,))
    index = pd.Index(ids, name="unit_id")
    frame = GeoDataFrame(
        {"name": names, "parent_id": parents}, geometry=shapes, index=index, crs="EPSG:4326"
    )
    return frame, of_block


def outline(lattice: Lattice, west: int, south: int, east: int, north: int) -> NDArray[np.float64]:
    """The junctions around a rectangle of superblocks, anticlockwise, (k, 2) plan metres."""
    walk = [
        *((column, south) for column in range(west, east)),
        *((east, row) for row in range(south, north)),
        *((column, north) for column in range(east, west, -1)),
        *((west, row) for row in range(north, south, -1)),
    ]
    column, row = np.array(walk).T
    return np.column_stack([lattice.x_m[column, row], lattice.y_m[column, row]])
