"""Each rule on a road whose answer is known by hand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely

from carecircle.coverage.exclusions import RULES, SiteRules, excluded_by
from carecircle.isochrones.snapping import snap
from carecircle.layers.network import WalkNetwork
from carecircle.layers.walk_profile import ROAD_CLASSES


def found(
    make: SimpleNamespace,
    network: WalkNetwork,
    rules: SiteRules,
    places: list[tuple[float, float]],
    facilities: list[tuple[float, float]] = (),
) -> list[str]:
    xy = make.CORNER + np.array(places, float).reshape(-1, 2)
    there = make.CORNER + np.array(facilities, float).reshape(-1, 2)
    doors, stations = snap(network, xy, 300.0), snap(network, there, 300.0)
    return excluded_by(network, doors, xy, rules, stations).tolist()


def ground(make: SimpleNamespace, *corners: float) -> Any:
    west, south, east, north = corners
    x, y = make.CORNER
    return np.array([shapely.box(x + west, y + south, x + east, y + north)], object)


def test_no_rule_excludes_nothing(make: SimpleNamespace) -> None:
    assert found(make, make.grid(3), SiteRules(), [(0, 0), (150, 0)]) == ["", ""]


def test_a_street_at_the_maximum_slope_is_not_too_steep(make: SimpleNamespace) -> None:
    # 8 m up, then 9 m down, on 100 m each
    network = replace(make.grid(3), node_z=np.array([0.0, 8.0, -1.0]))
    rules = SiteRules(max_slope_percent=8.0)
    assert found(make, network, rules, [(50, 0), (150, 0)]) == ["", "slope"]


def test_water_is_measured_from_the_door_inclusively(make: SimpleNamespace) -> None:
    rules = SiteRules(water=ground(make, 120, -10, 140, 10), water_m=20.0)
    places = [(99, 0), (100, 0), (130, 0), (160, 0), (161, 0)]
    assert found(make, make.grid(4), rules, places) == ["", "water", "water", "water", ""]
    in_it = replace(rules, water_m=0.0)
    assert found(make, make.grid(4), in_it, places) == ["", "", "water", "", ""]


def test_a_busy_road_excludes_its_corners_and_what_opens_onto_it(make: SimpleNamespace) -> None:
    # a primary road to the east, a lane to the north of its western end
    xy = make.CORNER + np.array([[0, 0], [100, 0], [0, 100]], float)
    network = make.network(xy, [(0, 1), (0, 2)])
    classes = [ROAD_CLASSES.index(name) for name in ("primary", "none")]
    network = replace(network, edge_class=np.array(classes, np.uint8))
    places = [(50, 0), (50, 15), (0, 0), (0, 20), (0, 90)]
    rules = SiteRules(roads=("primary",))
    assert found(make, network, rules, places) == ["road", "road", "road", "", ""]
    wider = replace(rules, roads_m=20.0)
    assert found(make, network, wider, places) == ["road", "road", "road", "road", ""]
    other = SiteRules(roads=("secondary",))
    assert found(make, network, other, places) == [""] * 5


def test_facilities_are_as_far_as_the_streets_are_long(make: SimpleNamespace) -> None:
    # round three sides of a square: 10 m as the crow flies, 300 m along the streets
    xy = make.CORNER + np.array([[0, 0], [0, 145], [10, 145], [10, 0]], float)
    network = make.network(xy, [(0, 1), (1, 2), (2, 3)])
    rules = SiteRules(facility_m=300.0)
    assert found(make, network, rules, [(10, 0)], [(0, 0)]) == [""]
    assert found(make, network, replace(rules, facility_m=300.01), [(10, 0)], [(0, 0)]) == [
        "facility"
    ]
    assert found(make, network, rules, [(10, 0)]) == [""]


def test_excluded_ground_holds_its_border(make: SimpleNamespace) -> None:
    rules = SiteRules(ground=ground(make, 50, -10, 100, 10))
    places = [(49, 0), (50, 0), (100, 0), (101, 0)]
    assert found(make, make.grid(3), rules, places) == ["", "ground", "ground", ""]


def test_a_place_counts_under_the_first_rule(make: SimpleNamespace) -> None:
    everything = ground(make, -500, -500, 500, 500)
    rules = SiteRules(water=everything, water_m=0.0, ground=everything, facility_m=100.0)
    assert found(make, make.grid(3), rules, [(50, 0)], [(50, 0)]) == [RULES[1]]


@pytest.mark.parametrize("places", [[], [(0, 5000)]])
def test_no_street_no_rule(make: SimpleNamespace, places: list[tuple[float, float]]) -> None:
    rules = SiteRules(ground=ground(make, -9000, -9000, 9000, 9000), facility_m=100.0)
    assert found(make, make.grid(3), rules, places, [(0, 0)]) == [""] * len(places)
