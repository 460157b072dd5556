"""Which streets, quarters and facilities does the teaching city have?

`draw_city` draws a synthetic Chinese hill district: a lattice of superblocks, warped and
jittered, cut by a river with few bridges; narrow lanes in the old town, large walled
quarters with gates in the new one, terraces and steps on the hills. The same seed and size
give the same city to the last bit, on any computer (`teaching_ground` says how).

Limits: it looks like a city and is none. Nothing about a real place follows from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from carecircle.teaching_blocks import (
    LANES,
    PARK,
    PLANS,
    TERRACES,
    WALLED,
    WORKS,
    Plan,
)
from carecircle.teaching_ground import Ground, Noise, stream, to_e7
from carecircle.teaching_lattice import OLD_TOWN_BLOCKS, Lattice, draw_lattice, street_frame
from carecircle.teaching_people import Units, quarters_frame, stations_frame, units_frame

Ids = NDArray[np.int64]
Metres = NDArray[np.float64]

NODES_PER_BLOCK = 12.3  # as drawn, on average
SMALLEST_NODES, LARGEST_NODES = 2_000, 1_000_000
AVENUE_EVERY, BRIDGE_EVERY = 4, 5
OTHER_STREETS = 0.6  # share of the streets nobody needs that are there all the same
STEEPEST_STREET = 0.12  # rise over run; steeper ones are flights of steps
LEAST_RELIEF_M = 18.0  # between the corners of a superblock on a hill
CENTRE = np.full((2, 1), 0.5)  # (u, v) of every superblock
BLOCKS_PER_STATION = {"elderly": 10, "childcare": 13}
# on the southern side: the shared point it opens from, and how far along; turned for others
STATION_DOOR = {"elderly": (1, 0.25), "childcare": (3, 0.71)}
STATION_DEPTH = 0.047  # between the street and a wall

WAY_TAGS: dict[str, dict[str, str]] = {
    "avenue": {"highway": "secondary"},
    "street": {"highway": "residential"},
    "bridge": {"highway": "secondary", "bridge": "yes"},
    "lane": {"highway": "living_street"},
    "inner": {"highway": "service", "access": "private"},
    "stairs": {"highway": "steps"},
    "path": {"highway": "path"},
    "access": {"highway": "footway"},
}
WAY_KINDS = tuple(WAY_TAGS)


@dataclass(frozen=True, eq=False)
class City:
    """A drawn city; places in whole 1e-7 degrees, WGS 84.

    Attributes
    ----------
    seed : int
    ground : Ground
    node_e7 : (n, 2) int64
        Longitude and latitude of each street node.
    way_start : (w + 1,) int64
        The nodes of way ``k`` are ``way_nodes[way_start[k]:way_start[k + 1]]``.
    way_nodes : int64
    way_kind : (w,) int64
        Position in `WAY_KINDS`.
    quarters : GeoDataFrame, index ``quarter_id``
        Polygons, EPSG:4326; names and people, see `teaching_people`.
    gates : DataFrame
        ``node`` and ``quarter_id``.
    stations : DataFrame, index ``facility_id``
        ``name``, ``service``, ``kind``, ``capacity``, ``node``.
    units : Units
        Each level: index ``unit_id``, ``name``, ``parent_id``; polygons, EPSG:4326.
    """

    seed: int
    ground: Ground
    node_e7: Ids
    way_start: Ids
    way_nodes: Ids
    way_kind: Ids
    quarters: GeoDataFrame
    gates: pd.DataFrame
    stations: pd.DataFrame
    units: Units


def draw_city(seed: int, nodes: int) -> City:
    """The city of a seed with about so many street nodes."""
    blocks = nodes / NODES_PER_BLOCK
    columns = max(4, round(float(np.sqrt(blocks * 1.25))))
    lattice, ground = draw_lattice(seed, columns, max(4, round(blocks / columns)))
    drawing = Drawing(seed, lattice, ground)
    drawing.place_stations()
    drawing.lay_streets()
    drawing.lay_bridges()
    for plan in range(len(PLANS)):
        for turn in range(4):
            drawing.fill_blocks(plan, turn)
    return drawing.city()


class Drawing:
    """The city while it is drawn, subject by subject; every step is vectorised."""

    def __init__(self, seed: int, lattice: Lattice, ground: Ground) -> None:
        self.seed, self.lattice, self.ground = seed, lattice, ground
        self.frame = street_frame(lattice, seed)
        self.xy_m = self.frame.xy_m
        self.centre_m = lattice.inside(*lattice.blocks(), *CENTRE)
        self.dry_street, self.dry_block = self.find_dry()
        self.plan, self.turn = self.choose_plans()
        self.used_street = np.zeros(len(self.frame.ends), bool)
        self.ways: list[tuple[Ids, int]] = []  # (k, length) nodes, kind
        self.quarter_parts: list[dict[str, Any]] = []
        self.gate_parts: list[tuple[Ids, Ids]] = []
        self.quarter_count = 0

    def find_dry(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Streets that stay on one shore, and superblocks without water."""
        frame = self.frame
        shores = self.ground.shore(*self.xy_m.T)[np.column_stack([frame.ends, frame.points])]
        street = (shores == shores[:, :1]).all(axis=1) & (shores[:, 0] != 0)
        block = street[frame.rim_street].all(axis=1) & (self.ground.shore(*self.centre_m) != 0)
        return street, block

    def choose_plans(self) -> tuple[Ids, Ids]:
        """What stands in each superblock (position in `PLANS`, -1 nothing), and its turn."""
        chance, choice, turn = stream(self.seed, 8).random((3, len(self.frame.column)))
        noise = Noise.over(self.ground.width_m, self.ground.height_m, 2_600, self.seed, 9)
        texture = noise.at(*self.centre_m)
        old, steep = self.old_town(texture), self.steep_blocks()
        walled = np.array([PLANS.index(plan) for plan in WALLED])
        plan = np.select(
            [chance < 0.05, old, steep & (chance < 0.45), steep, chance < 0.12],
            [PLANS.index(plan) for plan in (PARK, LANES, PARK, TERRACES, WORKS)],
            walled[(choice * len(WALLED)).astype(np.int64)],
        )
        built = self.dry_block & self.settled(texture)
        return np.where(built, plan, -1), (4 * turn).astype(np.int64)

    def old_town(self, texture: Metres) -> NDArray[np.bool_]:
        """Superblocks of narrow lanes: the middle, and old villages that the city has reached."""
        u = (self.frame.column + 0.5 - self.lattice.old_town[0]) / OLD_TOWN_BLOCKS
        v = (self.frame.row + 0.5 - self.lattice.old_town[1]) / OLD_TOWN_BLOCKS
        old: NDArray[np.bool_] = (u * u + v * v + 0.5 * texture < 1.0) | (texture > 0.86)
        return old

    def settled(self, texture: Metres) -> NDArray[np.bool_]:
        """Superblocks that are built on: all but frayed edges and corners."""
        u = 2 * (self.frame.column + 0.5) / self.lattice.columns - 1
        v = 2 * (self.frame.row + 0.5) / self.lattice.rows - 1
        built: NDArray[np.bool_] = u * u * u * u + v * v * v * v + 1.3 * texture < 1.55
        return built

    def steep_blocks(self) -> NDArray[np.bool_]:
        """The quarter of the superblocks whose corners differ most in height."""
        corners = self.xy_m[self.frame.rim[:, ::4].ravel()]
        heights = self.ground.height_above_sea_m(*corners.T).reshape(-1, 4)
        relief_m = heights.max(axis=1) - heights.min(axis=1)
        quarter = np.sort(relief_m)[int(0.76 * len(relief_m))]
        steep: NDArray[np.bool_] = (relief_m > quarter) & (relief_m > LEAST_RELIEF_M)
        return steep

    def place_stations(self) -> None:
        """Care stations a few steps off a street, more of them in the old town."""
        lived_in = np.array([bool(plan.quarters) for plan in PLANS])[self.plan] & (self.plan >= 0)
        blocks = np.flatnonzero(lived_in)
        in_lanes = self.plan[blocks] == PLANS.index(LANES)
        doors, services = [], []
        for subject, (service, blocks_each) in enumerate(BLOCKS_PER_STATION.items(), start=12):
            draw = stream(self.seed, subject).random((2, len(blocks)))
            wanted = np.argsort(draw[0] - 0.3 * in_lanes, kind="stable")
            chosen = np.sort(wanted[: max(3, len(blocks) // blocks_each)])
            side = (4 * draw[1][chosen]).astype(np.int64)
            doors.append(self.station_doors(service, blocks[chosen], side))
            services += [service] * len(chosen)
        self.station_node, self.station_service = np.concatenate(doors), services

    def station_doors(self, service: str, block: Ids, side: Ids) -> Ids:
        """A new node inside each superblock and the footway to it from the street of a side."""
        rim_point, along = STATION_DOOR[service]
        places = [(along, STATION_DEPTH)]
        for _ in range(3):
            u, v = places[-1]
            places.append((1 - v, u))
        u_of_side, v_of_side = np.array(places).T
        door = self.new_nodes(
            self.frame.column[block], self.frame.row[block], u_of_side[side], v_of_side[side]
        )
        street_point = self.frame.rim[block, 4 * side + rim_point]
        self.used_street[self.frame.rim_street[block, side]] = True
        self.ways.append((np.column_stack([street_point, door]), WAY_KINDS.index("access")))
        return door

    def new_nodes(self, column: Ids, row: Ids, u: Metres, v: Metres) -> Ids:
        """New nodes at places (u, v) of superblocks; their numbers."""
        first = len(self.xy_m)
        self.xy_m = np.concatenate(
            [self.xy_m, np.column_stack(self.lattice.inside(column, row, u, v))]
        )
        return first + np.arange(len(column))

    def lay_streets(self) -> None:
        """Avenues, streets that a plan's ways come out on, most others; steep ones are steps."""
        frame = self.frame
        sides = np.array([plan.turned(turn).sides for plan in PLANS for turn in range(4)])
        needed = sides[4 * self.plan + self.turn] & (self.plan >= 0)[:, None]
        self.used_street[frame.rim_street[needed]] = True
        beside = np.zeros(len(frame.ends), bool)
        beside[frame.rim_street[self.plan >= 0]] = True
        avenue = frame.number % AVENUE_EVERY == 2
        others = stream(self.seed, 11).random(len(frame.ends)) < OTHER_STREETS
        kept = self.dry_street & beside & (avenue | self.used_street | others)
        steep = self.steep_streets() & ~avenue
        line = np.column_stack([frame.ends[:, 0], frame.points, frame.ends[:, 1]])
        kinds = (("avenue", avenue), ("stairs", steep), ("street", ~avenue & ~steep))
        for kind, chosen in kinds:
            self.ways.append((line[kept & chosen], WAY_KINDS.index(kind)))

    def steep_streets(self) -> NDArray[np.bool_]:
        """Streets that rise more than `STEEPEST_STREET` from end to end."""
        a, b = self.xy_m[self.frame.ends[:, 0]], self.xy_m[self.frame.ends[:, 1]]
        rise = self.ground.height_above_sea_m(*a.T) - self.ground.height_above_sea_m(*b.T)
        run = np.sqrt(((a - b) * (a - b)).sum(axis=1))
        steep: NDArray[np.bool_] = np.abs(rise) > STEEPEST_STREET * run
        return steep

    def lay_bridges(self) -> None:
        """One bridge in every five columns of streets, where there are streets on both banks."""
        junction = self.frame.junction
        settled = np.zeros(junction.size, bool)
        settled[self.frame.rim[self.plan >= 0][:, ::4]] = True
        shore = self.ground.shore(*self.xy_m[: junction.size].T)[junction]
        column = np.arange(len(junction))
        south = (shore < 0).sum(axis=1) - 1  # the last one before the water
        banks = np.column_stack([junction[column, south], junction[column, south + 1]])
        bridged = np.flatnonzero(settled[banks].all(axis=1))
        _, first = np.unique(bridged // BRIDGE_EVERY, return_index=True)
        self.ways.append((banks[bridged[first]], WAY_KINDS.index("bridge")))

    def fill_blocks(self, number: int, turn: int) -> None:
        """Ways, gates and quarters of all superblocks with one plan turned one way."""
        block = np.flatnonzero((self.plan == number) & (self.turn == turn))
        plan = PLANS[number].turned(turn)
        if not len(block) or not plan.points:
            return
        draw = stream(self.seed, 100 + 4 * number + turn)
        wobble = 0.07 if plan.dropped else 0.02
        column, row = self.frame.column[block], self.frame.row[block]
        nodes = [self.frame.rim[block]]
        for u, v in plan.points:
            jitter = wobble * (draw.random((2, len(block))) - 0.5)
            nodes.append(self.new_nodes(column, row, u + jitter[0], v + jitter[1])[:, None])
        node = np.concatenate(nodes, axis=1)
        for kind, points in plan.ways:
            kept = draw.random(len(block)) >= plan.dropped
            self.ways.append((node[np.ix_(kept, np.array(points))], WAY_KINDS.index(kind)))
        for at, quarter in enumerate(plan.quarters):
            of_gates = [node[:, gate] for gate, of in plan.gates if of == at]
            self.add_quarters(number, plan, block, quarter, of_gates)

    def add_quarters(
        self, number: int, plan: Plan, block: Ids, quarter: Any, gates: list[Ids]
    ) -> None:
        """One quarter in each of these superblocks, with its gates."""
        corners = (
            (quarter.west, quarter.south), (quarter.east, quarter.south),
            (quarter.east, quarter.north), (quarter.west, quarter.north),
        )  # fmt: skip
        ring = [
            np.column_stack(
                self.lattice.inside(
                    self.frame.column[block], self.frame.row[block], np.array([u]), np.array([v])
                )
            )
            for u, v in corners
        ]
        first = self.quarter_count
        self.quarter_count += len(block)
        for gate in gates:
            self.gate_parts.append((gate, first + np.arange(len(block))))
        self.quarter_parts.append(
            {
                "ring_m": np.stack(ring, axis=1),
                "column": self.frame.column[block],
                "row": self.frame.row[block],
                "plan": np.full(len(block), number),
                "people_per_ha": np.full(len(block), plan.people_per_ha),
            }
        )

    def city(self) -> City:
        """Everything drawn, as one connected network with the nodes in use numbered from 0."""
        start, nodes, kind = flattened(self.ways)
        start, nodes, kind = largest_part(start, nodes, kind, len(self.xy_m))
        used = np.unique(nodes)
        number = np.full(len(self.xy_m), -1)
        number[used] = np.arange(len(used))
        units = units_frame(self.lattice, self.seed)
        drawn = {
            name: np.concatenate([part[name] for part in self.quarter_parts])
            for name in self.quarter_parts[0]
        }
        quarters, place = quarters_frame(drawn, units.community_of, self.lattice, self.seed)
        station_node = number[self.station_node]
        connected = np.flatnonzero(station_node >= 0)
        services = [self.station_service[at] for at in connected]
        return City(
            seed=self.seed,
            ground=self.ground,
            node_e7=to_e7(*self.xy_m[used].T),
            way_start=start,
            way_nodes=number[nodes],
            way_kind=kind,
            quarters=quarters,
            gates=self.gates(number, quarters.index, place),
            stations=stations_frame(services, station_node[connected], self.seed),
            units=units,
        )

    def gates(self, number: Ids, quarter_ids: pd.Index, place: Ids) -> pd.DataFrame:
        """The gates that are on the network, by quarter; ``place`` is each quarter's row."""
        node = number[np.concatenate([gate for gate, _ in self.gate_parts])]
        quarter = place[np.concatenate([quarter for _, quarter in self.gate_parts])]
        order = np.lexsort((node, quarter))
        order = order[node[order] >= 0]
        return pd.DataFrame({"node": node[order], "quarter_id": quarter_ids[quarter[order]]})


def flattened(ways: list[tuple[Ids, int]]) -> tuple[Ids, Ids, Ids]:
    """Ways of many lengths as (start, nodes, kind)."""
    lengths = np.concatenate([np.full(len(nodes), nodes.shape[1]) for nodes, _ in ways])
    kind = np.concatenate([np.full(len(nodes), kind) for nodes, kind in ways])
    start = np.append(0, np.cumsum(lengths))
    return start, np.concatenate([nodes.ravel() for nodes, _ in ways]), kind


def largest_part(start: Ids, nodes: Ids, kind: Ids, n_nodes: int) -> tuple[Ids, Ids, Ids]:
    """The ways of the largest connected part; what hangs together with nothing is left out."""
    a, b = way_edges(start, nodes)
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(n_nodes, n_nodes))
    _, part = connected_components(graph, directed=False)
    kept = part[nodes[start[:-1]]] == np.argmax(np.bincount(part))
    lengths = np.diff(start)
    return (
        np.append(0, np.cumsum(lengths[kept])),
        nodes[np.repeat(kept, lengths)],
        kind[kept],
    )


def way_edges(start: Ids, nodes: Ids) -> tuple[Ids, Ids]:
    """Both nodes of every straight piece of every way, in order."""
    within = np.ones(len(nodes), bool)
    within[start[1:] - 1] = False
    at = np.flatnonzero(within)
    return nodes[at], nodes[at + 1]
