from types import SimpleNamespace

import numpy as np
import pytest

from carecircle.isochrones.walkers import FORBIDDEN, WALKERS, Walker
from carecircle.layers.network import EDGE_KINDS

NORM, ELDERLY, STROLLER = WALKERS["norm"], WALKERS["elderly"], WALKERS["stroller"]


def streets(mm, kinds="street", rise_m=None):
    """Edges of these lengths one after the other; each rises by so many metres, if any."""
    mm = np.array(mm)
    kinds = [kinds] * len(mm) if isinstance(kinds, str) else kinds
    return SimpleNamespace(
        edge_mm=mm,
        edge_kind=np.array([EDGE_KINDS.index(kind) for kind in kinds], np.uint8),
        edge_nodes=np.column_stack([np.arange(len(mm)), np.arange(len(mm)) + 1]),
        node_z=None if rise_m is None else np.cumsum([0.0, *rise_m]),
    )


def level_ms(walker, mm, kind="street"):
    there, back = walker.edge_ms(streets(mm, kind)).T.tolist()
    assert there == back
    return there


def test_milliseconds_are_rounded_half_up():
    # 0.8 m/s is 1.25 ms per mm: 0, 1.25, 2.5, 3.75, 900 s
    assert level_ms(ELDERLY, [0, 1, 2, 3, 720_000]) == [0, 1, 3, 4, 900_000]


def test_steps_are_rounded_once_after_they_were_made_slower():
    # 1 mm of steps for the elderly: 2 * 1.25 = 2.5, and not twice the rounded 1
    assert level_ms(ELDERLY, [1, 1000], "steps") == [3, 2500]
    assert level_ms(WALKERS["frail"], [600], "steps") == [3000]
    assert level_ms(Walker("", "", "", 1000, 1.5), [1000], "steps") == [1500]


def test_a_stroller_cannot_use_steps():
    assert level_ms(STROLLER, [0, 1000], "steps") == [FORBIDDEN, FORBIDDEN]
    assert level_ms(STROLLER, [0, 1000]) == [0, 1000]
    assert STROLLER.usable(streets([1, 1], ["steps", "street"])).tolist() == [False, True]


@pytest.mark.parametrize("walker", WALKERS.values(), ids=lambda walker: walker.id)
def test_straight_legs_are_level_streets(walker: Walker):
    mm = np.arange(3000)
    assert walker.leg_ms(mm).tolist() == level_ms(walker, mm)
    exact = mm * 1000 / walker.speed_mm_per_s
    assert np.abs(walker.leg_ms(mm) - exact).max() <= 0.5


# --- slopes


def test_up_and_down_by_tobler():
    # 100 m that rise 10 m: exp(3.5 * 0.1) = 1.419068 up; exp(3.5 * 0) down, never below 1
    network = streets([100_000, 100_000], rise_m=[10, -10])
    assert NORM.edge_ms(network).tolist() == [[141_907, 100_000], [100_000, 141_907]]
    bonus = Walker("", "", "", 1000, slope_law="tobler_downhill")
    # 5 % down is quickest, exp(-0.175) = 0.839457; up exp(0.175) = 1.191246
    assert bonus.edge_ms(streets([100_000], rise_m=[-5])).tolist() == [[83_946, 119_125]]


def test_steps_lifts_and_waits_have_no_slope():
    kinds = ["steps", "lift", "wait_signals", "street"]
    network = streets([10_000, 10_000, 0, 0], kinds, rise_m=[5, 5, 5, 5])
    assert NORM.edge_ms(network).tolist() == [[10_000, 10_000], [10_000, 10_000], [0, 0], [0, 0]]


def test_what_is_too_steep_is_closed_both_ways():
    careful = Walker("", "", "", 1000, max_slope_percent=8)
    network = streets([100_000] * 4, rise_m=[8, 8.01, -8.01, -8])
    assert careful.usable(network).tolist() == [True, False, False, True]
    assert (careful.edge_ms(network) == FORBIDDEN).all(axis=1).tolist() == [
        False,
        True,
        True,
        False,
    ]
    assert careful.usable(streets([100_000])).all()  # nothing is known of its slope


def test_a_place_without_a_height_is_refused():
    with pytest.raises(ValueError, match="no height"):
        NORM.edge_ms(streets([1000], rise_m=[np.nan]))


# --- waits


def test_half_of_a_wait_is_paid_at_each_kerb():
    patient = Walker("", "", "", 1000, waits_s=(40, 21, 0, 5))
    kinds = ["wait_signals", "wait_primary", "wait_secondary", "wait_tertiary"]
    assert level_ms(patient, [0, 0, 0, 0], kinds) == [20_000, 10_500, 0, 2_500]
    assert level_ms(NORM, [0, 0, 0, 0], kinds) == [0, 0, 0, 0]
    assert patient.waits
    assert not NORM.waits


# --- what is nobody


@pytest.mark.parametrize(
    "wrong",
    [
        {"speed_mm_per_s": 299},
        {"speed_mm_per_s": 2501},
        {"steps_factor": 0.5},
        {"slope_law": "toblr"},
        {"max_slope_percent": 0},
        {"waits_s": (1, 2, 3)},
        {"waits_s": (1, 2, 3, -1)},
    ],
)
def test_a_walker_who_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match=r"nobody|steps|slope|waits"):
        Walker(**{"id": "", "zh": "", "en": "", "speed_mm_per_s": 1000, **wrong})
