"""What is said of people whose nearest street is not for them."""

from types import SimpleNamespace

import numpy as np
from pandas import DataFrame

from carecircle.coverage.result import Circle
from carecircle.isochrones.snapping import Snaps
from carecircle.isochrones.walkers import WALKERS
from carecircle.study import other_streets_of


def legs(edge: list[int], leg_mm: list[int]) -> Snaps:
    """A leg for each home."""
    n = np.arange(len(edge), dtype=np.int32)
    part = np.zeros(len(edge), np.int32)
    return Snaps(np.array(edge, np.int32), 0 * n.astype(np.int64), np.array(leg_mm), part, n)


def told(own: Snaps) -> list[str]:
    """The sentences about three homes of 5, 7 and 11 people, at 10 m from a street."""
    circle = Circle("childcare", "age_0_2", WALKERS["stroller"], 15, None)
    homes = DataFrame({"people": [5, 7, 11]})
    result = SimpleNamespace(circle=circle, coverage=SimpleNamespace(homes=homes))
    doors = SimpleNamespace(homes=legs([0, 0, 0], [10_000] * 3), for_walker=lambda _: (own, own))
    return [sentence.en for sentence in other_streets_of([result], doors)]


def test_homes_that_take_another_street_are_counted() -> None:
    """One keeps its street, one goes 60 m to another, one has none and is no such home."""
    (said,) = told(legs([0, 1, -1], [10_000, 60_000, 400_000]))
    assert said.startswith("1 homes (7 people of the group) have a nearest street that")
    assert "within 100 m (15 m of a gate)" in said


def test_nothing_is_said_where_everybody_keeps_the_street() -> None:
    assert told(legs([0, 0, 0], [10_000] * 3)) == []
