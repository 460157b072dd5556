"""Where may no station open? One rule after the other, each told apart.

``slope``     on a street steeper than a maximum, up or down (`walkers.slopes_of`);
``water``     within some metres of open water;
``road``      on a busy road, its corners included, or within some metres of one;
``facility``  nearer than some metres to an existing facility of the same service, from door to
              door **along the network**, straight legs included: steps, slopes and waits cost
              nothing here;
``ground``    on ground that the study excludes.

A place counts under the first rule that excludes it, so that what the rules removed and what is
left add up to all places. Distances on the map are straight, inclusive; a facility at exactly the
least distance is far enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.minutes import reach_table
from carecircle.isochrones.snapping import Snaps
from carecircle.isochrones.walkers import WALKERS, slopes_of
from carecircle.layers.network import WalkNetwork
from carecircle.layers.walk_profile import ROAD_CLASSES

RULES = ("slope", "water", "road", "facility", "ground")
# takes a millisecond for each millimetre of any way
MEASURER = replace(WALKERS["norm"], slope_law="none")
AT_M = 0.001


def no_shapes() -> NDArray[Any]:
    """No ground at all."""
    return np.empty(0, object)


@dataclass(frozen=True, eq=False)
class SiteRules:
    """What a study excludes; None and empty: nothing.

    Attributes
    ----------
    water, ground : geometries
        In the network's CRS.
    roads : tuple of str
        Of `ROAD_CLASSES`; the network then knows its ``edge_class``.
    least_area_m2 : mapping
        Service -> the least floor area of a candidate from a layer.
    """

    max_slope_percent: float | None = None
    water_m: float | None = None
    water: NDArray[Any] = field(default_factory=no_shapes)
    roads: tuple[str, ...] = ()
    roads_m: float = 0.0
    facility_m: float | None = None
    ground: NDArray[Any] = field(default_factory=no_shapes)
    least_area_m2: Mapping[str, float] = field(default_factory=dict)


def excluded_by(
    network: WalkNetwork,
    places: Snaps,
    xy: NDArray[np.float64],
    rules: SiteRules,
    facilities: Snaps,
) -> NDArray[np.object_]:
    """The first rule that excludes each place; ``""`` where none does.

    Parameters
    ----------
    places : Snaps
        Where their doors open, one leg each; one without a street is excluded by no rule.
    xy : (k, 2) float64
        Where they stand.
    facilities : Snaps
        The existing facilities of the service.
    """
    found = np.full(len(places), "", object)
    tests = (
        too_steep(network, places, rules),
        near_any(xy, rules.water, rules.water_m),
        near_any(xy, busy_roads(network, rules), rules.roads_m + AT_M)
        | on_busy_road(network, places, rules),
        near_facility(network, places, rules, facilities),
        near_any(xy, rules.ground, 0.0),
    )
    for name, excluded in zip(reversed(RULES), reversed(tests), strict=True):
        found[excluded & (places.edge >= 0)] = name
    return found


def too_steep(network: WalkNetwork, places: Snaps, rules: SiteRules) -> NDArray[np.bool_]:
    """Places on a street steeper than the maximum."""
    if rules.max_slope_percent is None:
        return np.zeros(len(places), bool)
    steep = np.abs(100 * slopes_of(network)) > rules.max_slope_percent
    return np.asarray(steep[places.edge])


def busy(network: WalkNetwork, rules: SiteRules) -> NDArray[np.bool_]:
    """Edges of the busy roads."""
    if not rules.roads or network.edge_class is None:
        return np.zeros(len(network.edge_mm), bool)
    return np.isin(network.edge_class, [ROAD_CLASSES.index(name) for name in rules.roads])


def busy_roads(network: WalkNetwork, rules: SiteRules) -> NDArray[Any]:
    """The busy roads as lines."""
    lines = network.node_xy[network.edge_nodes[busy(network, rules)]]
    return np.asarray(shapely.linestrings(lines)) if len(lines) else no_shapes()


def on_busy_road(network: WalkNetwork, places: Snaps, rules: SiteRules) -> NDArray[np.bool_]:
    """Places whose door opens onto a busy road, however far they stand back from it."""
    return np.asarray(busy(network, rules)[places.edge])


def near_any(
    xy: NDArray[np.float64], shapes: NDArray[Any], within_m: float | None
) -> NDArray[np.bool_]:
    """Places within so many metres of any of the shapes, inclusive."""
    near = np.zeros(len(xy), bool)
    if within_m is not None and len(shapes) and len(xy):
        points = shapely.points(xy)
        at, _ = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=within_m)
        near[at] = True
    return near


def near_facility(
    network: WalkNetwork, places: Snaps, rules: SiteRules, facilities: Snaps
) -> NDArray[np.bool_]:
    """Places nearer to a facility, along the network, than the least distance."""
    near = np.zeros(len(places), bool)
    if rules.facility_m is None or not len(facilities) or not len(places):
        return near
    graph = walk_graph(network, MEASURER, facilities, places)
    least_mm = max(1, round(1000 * rules.facility_m))
    table = reach_table(graph, graph.points[0], graph.points[1], max(1, least_mm - 1))
    near[table.target] = True
    return near
