"""A hill between homes and a station: whose walk is meant decides who is covered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from carecircle.coverage.result import CircleResult
from carecircle.coverage.summary import circle_summary

Study = Callable[..., CircleResult]

# The station stands 80 m above the western end of a street of 800 m: 10 % all along. Up takes
# exp(0.35) = 1.419068 times the level time of 1 s a metre, down takes the level time.
HOMES = [("a", 10, (0, 0)), ("b", 20, (200, 0)), ("c", 30, (800, 0))]


@pytest.fixture
def hill(make: SimpleNamespace) -> object:
    network = make.grid(9)
    return replace(network, node_z=np.linspace(0.0, 80.0, 9))


@pytest.mark.parametrize(
    ("direction", "seconds", "covered"),
    [
        ("to", [800 * 1.419068, 600 * 1.419068, 0], ["uncovered", "covered", "covered"]),
        ("from", [800, 600, 0], ["covered", "covered", "covered"]),
        ("round_trip", [800 * 1.209534, 600 * 1.209534, 0], ["uncovered", "covered", "covered"]),
        ("worse", [800 * 1.419068, 600 * 1.419068, 0], ["uncovered", "covered", "covered"]),
    ],
)
def test_the_direction_of_a_circle(
    make: SimpleNamespace,
    hill: object,
    direction: str,
    seconds: list[float],
    covered: list[str],
) -> None:
    result = make.Town(hill, HOMES, [(800, 0)]).study(direction=direction)
    homes = result.coverage.homes
    np.testing.assert_allclose(homes["minutes"] * 60, seconds, atol=0.01)
    assert homes["status"].tolist() == covered
    assert homes["facility_id"].tolist() == ["s0"] * 3
    # who is left out is covered by one more station
    assert result.plan.people_gained == result.coverage.people.uncovered
    assert result.neighbourhoods["people"].sum() == result.coverage.people.uncovered


def test_both_ways_are_known_up_to_twice_the_limit(make: SimpleNamespace, hill: object) -> None:
    """Seven minutes: b walks 726 s in the mean of up and down, a 968 s, beyond 14 minutes."""
    known = make.Town(hill, HOMES, [(800, 0)]).study(minutes=7, direction="round_trip")
    assert known.coverage.homes["minutes"].notna().tolist() == [False, True, True]
    assert known.coverage.homes["facility_id"].isna().tolist() == [True, False, False]


def test_a_home_on_steps_only_is_told_apart(make: SimpleNamespace) -> None:
    """A stroller: one home has only steps near, another nothing at all."""
    xy = make.CORNER + np.array([(0, 0), (400, 0), (800, 0)])
    network = make.network(xy, [(0, 1), (1, 2)], kinds={(0, 1): "steps"})
    homes = [("steps", 10, (0, 0)), ("far", 5, (0, 2000)), ("street", 20, (800, 0))]
    town = make.Town(network, homes, [(800, 0)])
    result = town.study(walker="stroller")
    found = result.coverage
    assert found.homes["status"].tolist() == ["excluded", "excluded", "covered"]
    assert found.homes["reason"].tolist() == ["no_street_for_walker", "too_far_from_street", ""]
    apart = {"too_far_from_street": 5, "no_street_for_walker": 10}
    assert found.people.excluded == apart
    assert found.quarter_count.excluded == dict.fromkeys(apart, 1)
    figures = circle_summary(result, estimated=False)
    assert figures["people"]["excluded"] == apart
    for row in (*figures["access"]["within"], *figures["access"]["band"]["speeds"]):
        assert row["people"]["excluded"] == apart
    assert town.study(walker="norm").coverage.homes["reason"].tolist() == [
        "",
        "too_far_from_street",
        "",
    ]
