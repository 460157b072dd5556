"""What is true in the teaching city? Its answers, worked out without the tool's own engine.

Written from the definitions in ``docs/architecture.md`` and ``docs/gates.md`` alone, with other
means: every point is compared with every street near it in a plain loop (`teaching_doors`),
distances come from SciPy's Dijkstra (Dijkstra 1959) over the drawn graph, and the best sites from
trying every combination of a short list of candidates. Nothing of ``isochrones`` or ``coverage``
is used.

Lengths are geodesic on WGS 84 in whole millimetres, times whole milliseconds. The time to
a place inside a street is cut to whole milliseconds from one of its ends; the tool may have
counted from the other. Two correct answers may therefore differ by 1 ms for a home. Where two
streets are equally near to a home, to the millimetre, the tool takes the one it numbered
lower; here the first drawn is taken and ``equally_near`` gives the time by each.

The same is answered once more with the slopes of ``dem.asc`` (`teaching_hills`), but for the sites.

Limits: in a city of more than `MOST_QUARTERS` quarters the answers hold for those nearest
to its middle (``quarters_answered``), and say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from carecircle.teaching_city import City
from carecircle.teaching_doors import (
    WORKING_CRS,
    Opening,
    Streets,
    measured_streets,
    openings,
)
from carecircle.teaching_hills import sloped_ms, sloping

Ids = NDArray[np.int64]

LIMIT_MS = 15 * 60_000
TOLERANCE_MS = 1
STEPS_FACTOR = 2
CIRCLES = {  # service -> group, walker, millimetres in a second
    "elderly": ("age_60_plus", "elderly", 800),
    "childcare": ("age_0_2", "carer", 850),
}
MOST_QUARTERS = 400
MOST_CANDIDATES, MOST_SITES = 12, 3
CANDIDATES_APART_M = 350


def answers(city: City) -> dict[str, Any]:
    """The true answers, ready for JSON; people and milliseconds are whole numbers."""
    streets = measured_streets(city)
    asked = quarters_asked(city)
    ids = list(city.quarters.index[asked])
    level = Walks(city, streets, asked, openings(city, streets, asked))
    hills = sloping(city, streets)
    sloped = Walks(city, hills.streets, asked, openings(city, hills.streets, asked))
    return {
        "label": "教学示例，虚构 / synthetic, for teaching",
        "seed": city.seed,
        "street_nodes": len(city.node_e7),
        "working_crs": WORKING_CRS,
        "quarters_in_the_city": len(city.quarters),
        "quarters_answered": "all" if len(asked) == len(city.quarters) else ids,
        "tolerance_ms": TOLERANCE_MS,
        "circles": {service: level_answers(level, service) for service in CIRCLES},
        "circles_with_slopes": {
            service: circle_answers(sloped, service, sloped_ms(hills, speed, STEPS_FACTOR))[0]
            for service, (_, _, speed) in CIRCLES.items()
        },
    }


@dataclass(frozen=True, eq=False)
class Walks:
    """The quarters asked for, and where their homes open onto streets."""

    city: City
    streets: Streets
    asked: Ids
    doors: list[list[Opening]]


def quarters_asked(city: City) -> Ids:
    """All quarters, or the `MOST_QUARTERS` nearest to the middle of the network."""
    if len(city.quarters) <= MOST_QUARTERS:
        return np.arange(len(city.quarters))
    middle = city.node_e7.min(axis=0) + np.ptp(city.node_e7, axis=0) // 2
    bounds = np.rint(city.quarters.bounds.to_numpy() * 1e7).astype(np.int64)
    away = (bounds[:, :2] + bounds[:, 2:]) // 2 - middle
    order = np.argsort((away * away).sum(axis=1), kind="stable")
    return np.sort(order[:MOST_QUARTERS])


def level_answers(walks: Walks, service: str) -> dict[str, Any]:
    """One circle on level ground, with the best new sites."""
    _, _, speed = CIRCLES[service]
    streets, doors = walks.streets, walks.doors
    edge_ms = milliseconds(streets.mm, streets.is_steps, speed)
    found, covered = circle_answers(walks, service, edge_ms)
    group = walks.city.quarters.iloc[walks.asked][found["group"]]
    people = [int(count) for count in group]
    in_need = [at for at in range(len(doors)) if doors[at] and not covered[at] and people[at]]
    return {**found, "sites": best_sites(streets, edge_ms, speed, doors, people, in_need)}


def circle_answers(walks: Walks, service: str, edge_ms: Ids) -> tuple[dict[str, Any], list[bool]]:
    """One circle: who is covered, how long each quarter walks; and which quarters are covered.

    ``edge_ms`` (pieces, 2) are milliseconds along each piece of street and back.
    """
    group, walker, speed = CIRCLES[service]
    city, streets, doors = walks.city, walks.streets, walks.doors
    stations = city.stations.index[city.stations["service"] == service]
    sources = city.stations.loc[stations, "node"].to_numpy()
    reach = dijkstra(drawn_graph(streets, edge_ms), indices=sources, min_only=True)
    by_door = [
        [walk_ms(opening, streets, edge_ms, reach, speed) for opening in open] for open in doors
    ]
    walked = [times[0] if times else float("inf") for times in by_door]

    quarters = city.quarters.iloc[walks.asked]
    people = [int(count) for count in quarters[group]]
    covered = [ms <= LIMIT_MS for ms in walked]
    ledger = {
        "input": sum(people),
        "covered": sum(n for n, inside in zip(people, covered, strict=True) if inside),
        "excluded": sum(n for n, door in zip(people, doors, strict=True) if not door),
    }
    ledger["uncovered"] = ledger["input"] - ledger["covered"] - ledger["excluded"]
    return {
        "group": group,
        "walker": walker,
        "limit_ms": LIMIT_MS,
        "people": ledger,
        "quarters_covered": sum(c and n > 0 for c, n in zip(covered, people, strict=True)),
        "nearest_ms": {
            id: None if np.isinf(ms) else int(ms)
            for id, ms in zip(quarters.index, walked, strict=True)
        },
        "equally_near": {
            id: sorted({int(ms) for ms in times})
            for id, times in zip(quarters.index, by_door, strict=True)
            if times and max(times) - min(times) > TOLERANCE_MS
        },
    }, covered


def milliseconds(mm: Ids, is_steps: NDArray[np.bool_], speed: int) -> Ids:
    """Whole milliseconds of each piece, there and back alike, half up; steps count twice."""
    walked = np.where(is_steps, STEPS_FACTOR * mm, mm)
    return np.repeat(((2000 * walked + speed) // (2 * speed))[:, None], 2, axis=1)


def drawn_graph(streets: Streets, edge_ms: Ids) -> Any:
    """The streets as a matrix of milliseconds; 53 bits hold them exactly.

    Who searches from a station goes against the walk: from ``b`` on to ``a`` they pay the way
    from ``a`` to ``b``.
    """
    n = len(streets.xy)
    ends = np.concatenate([streets.b, streets.a]), np.concatenate([streets.a, streets.b])
    return coo_array((edge_ms.T.ravel().astype(np.float64), ends), shape=(n, n)).tocsr()


def walk_ms(
    opening: Opening, streets: Streets, edge_ms: Ids, reach: NDArray[np.float64], speed: int
) -> float:
    """The best walk from a home: its leg, the rest of its street, the way from there.

    ``reach`` holds the milliseconds from each street node; infinite without a way.
    """
    walks = []
    for door in opening:
        (there, back), length = edge_ms[door.edge].tolist(), int(streets.mm[door.edge])
        to_a = back * door.offset_mm // length
        to_b = there - there * door.offset_mm // length
        by_a = reach[streets.a[door.edge]] + to_a
        by_b = reach[streets.b[door.edge]] + to_b
        leg = (2000 * door.leg_mm + speed) // (2 * speed)
        walks.append(float(min(by_a, by_b)) + leg)
    return min(walks)


def best_sites(
    streets: Streets,
    edge_ms: Ids,
    speed: int,
    doors: list[list[Opening]],
    people: list[int],
    in_need: list[int],
) -> dict[str, Any]:
    """The best one, two and three of the candidates, each combination tried."""
    nodes = candidate_nodes(streets, doors, people, in_need)
    if not nodes:
        return {"candidate_osm_nodes": [], "best": {}}
    graph = drawn_graph(streets, edge_ms)
    served = []
    for node in nodes:
        reach = dijkstra(graph, indices=node, limit=LIMIT_MS)
        walks = {at: walk_ms(doors[at][0], streets, edge_ms, reach, speed) for at in in_need}
        served.append({at for at, ms in walks.items() if ms <= LIMIT_MS})
    best = {}
    for count in range(1, min(MOST_SITES, len(nodes)) + 1):
        gains = {
            chosen: sum(people[at] for at in set().union(*(served[c] for c in chosen)))
            for chosen in combinations(range(len(nodes)), count)
        }
        most = max(gains.values())
        plans = [[c + 1 for c in chosen] for chosen, gain in gains.items() if gain == most]
        best[str(count)] = {"people_gained": most, "plans": plans}
    return {"candidate_osm_nodes": [node + 1 for node in nodes], "best": best}


def candidate_nodes(
    streets: Streets, doors: list[list[Opening]], people: list[int], in_need: list[int]
) -> list[int]:
    """Street nodes beside the under-served quarters with most people, not too close together."""
    chosen: list[int] = []
    for at in sorted(in_need, key=lambda at: (-people[at], at)):
        node = int(streets.a[doors[at][0][0].edge])
        away_m = np.hypot(*(streets.xy[chosen] - streets.xy[node]).T)
        if (away_m >= CANDIDATES_APART_M).all():
            chosen.append(node)
    return chosen[:MOST_CANDIDATES]
