"""The laws of slope against their published formulas and tables."""

import math

import numpy as np
import pytest

from carecircle.isochrones.slopes import LAWS, LEVEL_PPM, time_ppm


def ratios(law, *slopes):
    return (time_ppm(law, np.array(slopes, float)) / LEVEL_PPM).tolist()


@pytest.mark.parametrize("law", LAWS)
def test_level_ground_takes_as_long_as_level_ground(law):
    assert ratios(law, 0.0) == [1.0]


def test_tobler_by_his_speeds():
    """6 * exp(-3.5 * |s + 0.05|) km/h: 5.037 on the level, 3.549 at 10 % up, 6 at 5 % down."""
    up, down, steep = ratios("tobler_downhill", 0.1, -0.05, -0.3)
    assert up == pytest.approx(5.0367 / 3.5493, abs=1e-4)
    assert down == pytest.approx(5.0367 / 6, abs=1e-4)
    assert steep == pytest.approx(5.0367 / 2.5012, abs=1e-4)
    assert ratios("tobler", 0.1, -0.05, -0.3) == [up, 1.0, steep]


def test_langmuir_by_his_rules():
    """1 km on the level takes 12 minutes; 300 m up half an hour more; gentle descents save
    10 minutes for 300 m, steep ones cost as much."""
    up, gentle, steep, slight = ratios(
        "naismith_langmuir",
        0.1,
        -math.tan(math.radians(8)),
        -math.tan(math.radians(13)),
        -math.tan(math.radians(4)),
    )
    assert up == pytest.approx((720 + 100 * 1800 / 300) / 720, abs=1e-6)
    descent = 1000 * math.tan(math.radians(8))
    assert gentle == pytest.approx((720 - descent * 600 / 300) / 720, abs=1e-6)
    descent = 1000 * math.tan(math.radians(13))
    assert steep == pytest.approx((720 + descent * 600 / 300) / 720, abs=1e-6)
    assert slight == 1.0


def test_the_bonus_of_gentle_descents_includes_both_ends():
    at_5, at_12 = (-math.tan(math.radians(degrees)) for degrees in (5, 12))
    least, most = ratios("naismith_langmuir", at_5, at_12)
    assert most < least < 1


def test_irmischer_and_clarke_by_their_formula():
    """On paths 0.11 + exp(-(S + 5)^2 / (2 * 30^2)) m/s, S in percent."""
    up, down = ratios("irmischer_clarke", 0.2, -0.2)
    assert up == pytest.approx(1.09621 / (0.11 + math.exp(-625 / 1800)), abs=1e-5)
    assert down == pytest.approx(1.09621 / (0.11 + math.exp(-225 / 1800)), abs=1e-5)


def test_without_a_law_slopes_cost_nothing():
    assert ratios("none", -0.4, 0.4) == [1.0, 1.0]


@pytest.mark.parametrize("law", LAWS)
def test_beyond_100_percent_it_gets_no_steeper(law):
    assert ratios(law, 1.0, -1.0) == ratios(law, 7.0, -7.0)


def test_what_is_no_law_and_no_slope_is_refused():
    with pytest.raises(ValueError, match="no slope law"):
        time_ppm("toblr", np.zeros(1))
    with pytest.raises(ValueError, match="not finite"):
        time_ppm("tobler", np.array([np.nan]))
