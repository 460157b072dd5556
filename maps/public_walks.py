"""The streets as a page walks them, with the doors of homes and stations.

Everything is whole numbers, so that a walk takes the same milliseconds in the page as in the run:
lengths in millimetres, and for each walker the times by the formula of `walkers.Walker.edge_ms` on
the level; what slopes make of them travels beside it. Where somebody must sit down on the way, or
a walk is judged there and back, no page can follow: those are left out.

Coordinates are whole units of the map, some metre: they say where a street is drawn and where a
pin meets it, and no walk depends on them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from geopandas import GeoSeries
from numpy.typing import NDArray
from shapely import points

from carecircle.coverage.result import CircleResult, OnStreets, StudyResult
from carecircle.isochrones.snapping import Snaps
from carecircle.isochrones.walkers import FORBIDDEN, Walker
from carecircle.layers.network import EDGE_KINDS, WalkNetwork
from carecircle.maps.encoding import Origin, units
from carecircle.maps.packed import packed, packed_runs, packed_steps
from carecircle.maps.public_demand import page_people

SNAP_M = 300.0  # where a study does not say how far a door may be from its street
WALKED_WAYS = ("to", "from")


def public_walks(study: StudyResult, origin: Origin) -> dict[str, Any] | None:
    """What the page needs to walk; None where it cannot follow any circle."""
    order = np.argsort(study.network.edge_nodes[:, 0], kind="stable")
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    walkers = [one for one in study.on_streets if one.walker.stretch_ms is None]
    ids = [one.walker.id for one in walkers]
    circles = [
        circle_walks(study, circle, ids, number) if can_follow(circle, ids) else None
        for circle in study.circles
    ]
    if not any(circles):
        return None
    return {
        "streets": public_streets(study.network, origin, order),
        "snap_limit_m": float(study.parameters.get("snap", {}).get("limit_m", SNAP_M)),
        "quarter_of_home": packed_steps(
            study.residential.index.get_indexer(study.homes["block_id"])
        ),
        "walkers": [public_walker(study.network, one, order, number) for one in walkers],
        "circles": circles,
    }


def can_follow(circle: CircleResult, walkers: Iterable[str]) -> bool:
    """Whether a search from the stations tells the walks of this circle."""
    return circle.circle.direction in WALKED_WAYS and circle.circle.walker.id in walkers


def public_streets(network: WalkNetwork, origin: Origin, order: NDArray[np.intp]) -> dict[str, Any]:
    """Nodes by place, edges by their first node: numbers of edges count in this order."""
    lon_lat = GeoSeries(points(network.node_xy), crs=network.crs).to_crs(4326)
    xy = units(np.column_stack([lon_lat.x, lon_lat.y])) - np.asarray(origin)
    first, second = network.edge_nodes[order].astype(np.int64).T
    streets: dict[str, Any] = {
        "x": packed_steps(xy[:, 0]),
        "y": packed_steps(xy[:, 1]),
        "leaving": packed(np.bincount(first, minlength=len(xy))),
        "ahead": packed(second - first),
        "mm": packed(network.edge_mm[order]),
        "kinds": list(EDGE_KINDS),
        "kind": packed_runs(network.edge_kind[order]),
        "opens": packed_runs(network.edge_attachable[order]),
    }
    if network.edge_street is not None:
        streets["street"] = packed_runs(network.edge_street[order])
        streets["names"] = list(network.street_names)
    return streets


def public_walker(
    network: WalkNetwork, one: OnStreets, order: NDArray[np.intp], number: NDArray[np.int64]
) -> dict[str, Any]:
    """Who walks how fast, what differs from the level, and by which doors."""
    walker = one.walker
    shown: dict[str, Any] = {
        "id": walker.id,
        "zh": walker.zh,
        "en": walker.en,
        "mm_per_s": walker.speed_mm_per_s,
        "steps_ppm": None if walker.steps_factor is None else round(1e6 * walker.steps_factor),
        "waits_s": list(walker.waits_s),
        "homes": legs(one.homes, number),
        "facilities": legs(one.facilities, number),
    }
    level = level_ms(network, walker)
    ms = walker.edge_ms(network)[order]
    if not np.array_equal(ms, level[order]):
        shut = ms[:, 0] == FORBIDDEN
        beyond = np.where(shut[:, None], 0, ms - np.maximum(level[order], 0))
        shown["beyond_level"] = {
            "shut": packed_runs(shut),
            "there_ms": packed(beyond[:, 0]),
            "back_ms": packed(beyond[:, 1]),
        }
    return shown


def level_ms(network: WalkNetwork, walker: Walker) -> NDArray[np.int64]:
    """Milliseconds along each edge, both ways, as if all streets were level."""
    return walker.edge_ms(replace(network, node_z=None))


def circle_walks(
    study: StudyResult, circle: CircleResult, walkers: list[str], number: NDArray[np.int64]
) -> dict[str, Any] | None:
    """One circle: its walker, its stations and candidates, and who lives where."""
    counted = page_people(study.residential, circle.coverage)
    if counted is None:
        return None
    people, shared = counted
    return {
        "walker": walkers.index(circle.circle.walker.id),
        "way": circle.circle.direction,
        "facilities": study.facilities.index.get_indexer(circle.facilities.index).tolist(),
        "candidates": None if circle.sites is None else legs(circle.sites.snaps, number),
        "people": packed(people),
        "people_shared": shared,
    }


def legs(snaps: Snaps, number: NDArray[np.int64]) -> dict[str, str]:
    """By which ways points open onto the streets; those that do not have the edge -1."""
    edge = np.where(snaps.edge < 0, -1, number[snaps.edge])
    return {
        "per_point": packed_runs(np.bincount(snaps.point, minlength=len(snaps))),
        "edge": packed_steps(edge),
        "offset_mm": packed(snaps.offset_mm),
        "leg_mm": packed(snaps.leg_mm),
    }
