import numpy as np
import pytest

from carecircle.isochrones.walkers import FORBIDDEN, WALKERS, Walker
from carecircle.layers.network import EDGE_KINDS

STREET, STEPS = EDGE_KINDS.index("street"), EDGE_KINDS.index("steps")


def edge_ms(walker, mm, kind=STREET):
    mm = np.array(mm)
    return walker.edge_ms(mm, np.full(len(mm), kind, np.uint8)).tolist()


def test_milliseconds_are_rounded_half_up():
    # 0.8 m/s is 1.25 ms per mm: 0, 1.25, 2.5, 3.75, 900 s
    assert edge_ms(WALKERS["elderly"], [0, 1, 2, 3, 720_000]) == [0, 1, 3, 4, 900_000]


def test_steps_are_rounded_once_after_they_were_made_slower():
    # 1 mm of steps for the elderly: 2 * 1.25 = 2.5, and not twice the rounded 1
    assert edge_ms(WALKERS["elderly"], [1, 1000], STEPS) == [3, 2500]
    assert edge_ms(WALKERS["frail"], [600], STEPS) == [3000]


def test_a_stroller_cannot_use_steps():
    assert edge_ms(WALKERS["stroller"], [0, 1000], STEPS) == [FORBIDDEN, FORBIDDEN]
    assert edge_ms(WALKERS["stroller"], [0, 1000], STREET) == [0, 1000]


@pytest.mark.parametrize("walker", WALKERS.values(), ids=lambda walker: walker.id)
def test_straight_legs_are_level_streets(walker: Walker):
    mm = np.arange(3000)
    assert walker.leg_ms(mm).tolist() == edge_ms(walker, mm)
    exact = mm * 1000 / walker.speed_mm_per_s
    assert np.abs(walker.leg_ms(mm) - exact).max() <= 0.5
