"""GCJ-02 and BD-09 against PRCoords, published pairs, and their own way back."""

import numpy as np
import prcoords
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecircle.layers.chinese_offsets import (
    SHIFTED,
    bd09_of,
    bd09_of_gcj02,
    gcj02_of,
    shifted_named,
)

M_PER_DEGREE = 111_320
# longitude and latitude of places in China, Hainan to Heilongjiang, Kashgar to Fuyuan
PLACES = st.lists(st.tuples(st.floats(73.5, 135.0), st.floats(18.2, 53.5)), min_size=1)


@given(PLACES)
def test_as_prcoords(places):
    lonlat = np.array(places)
    for ours, theirs in ((gcj02_of, prcoords.wgs_gcj), (bd09_of, prcoords.wgs_bd)):
        shown = [tuple(reversed(theirs((lat, lon)))) for lon, lat in places]
        np.testing.assert_allclose(ours(lonlat), shown, rtol=0, atol=1e-11)


# eviltransform, python/test.py: WGS 84, then GCJ-02 (latitude first there)
@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),  # Shanghai
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),  # Shenzhen
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),  # Beijing
        # coordtransform, test/app.js
        ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    ],
)
def test_published_pairs(wgs84, gcj02):
    np.testing.assert_allclose(gcj02_of(np.array([wgs84])), [gcj02], rtol=0, atol=1e-7)
    back = SHIFTED["gcj02"].to_wgs84(np.array([gcj02]))
    np.testing.assert_allclose(back, [wgs84], rtol=0, atol=1e-7)


def test_a_published_pair_of_baidu():
    shown = bd09_of_gcj02(np.array([[116.404, 39.915]]))  # coordtransform, test/app.js
    np.testing.assert_allclose(shown, [[116.41036949371029, 39.92133699351021]], atol=1e-12)


def test_a_published_place_in_all_three():
    wgs84 = np.array([[121.0917077, 30.6107779]])  # geotool, the test of its command line
    gcj02, bd09 = (121.09626935575027, 30.608604331756705), (121.10271732371203, 30.61484572185035)
    np.testing.assert_allclose(gcj02_of(wgs84), [gcj02], rtol=0, atol=1e-7)
    np.testing.assert_allclose(bd09_of(wgs84), [bd09], rtol=0, atol=1e-7)


@pytest.mark.parametrize("name", SHIFTED)
@given(places=PLACES)
def test_there_and_back_within_a_centimetre(name, places):
    shown = SHIFTED[name].from_wgs84(np.array(places))
    away = SHIFTED[name].to_wgs84(shown) - places
    assert np.abs(away).max() * M_PER_DEGREE < 0.01


def test_the_way_back_over_all_china():
    lon, lat = np.meshgrid(np.arange(73.5, 135, 0.25), np.arange(3.5, 53.6, 0.25))
    grid = np.column_stack([lon.ravel(), lat.ravel()])
    for shifted in SHIFTED.values():
        away = shifted.to_wgs84(shifted.from_wgs84(grid)) - grid
        assert np.abs(away).max() * M_PER_DEGREE < 0.01


@pytest.mark.parametrize(
    "place", [(-15.43, 28.1), (-51.2, -30.0), (30.0, 120.0), (np.inf, 30.0), (np.nan, 30.0)]
)
def test_no_place_outside_china_passes_through(place):
    nowhere = [[np.inf, np.inf]]
    for shifted in SHIFTED.values():
        assert shifted.from_wgs84(np.array([place])).tolist() == nowhere
        assert shifted.to_wgs84(np.array([place])).tolist() == nowhere


def test_no_places_at_all():
    for shifted in SHIFTED.values():
        assert shifted.to_wgs84(shifted.from_wgs84(np.empty((0, 2)))).shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("gcj02", "gcj02"),
        ("GCJ-02", "gcj02"),
        (" Gcj02 ", "gcj02"),
        ("火星坐标", "gcj02"),
        ("bd09", "bd09"),
        ("BD-09", "bd09"),
    ],
)
def test_names(text, name):
    assert shifted_named(text) is SHIFTED[name]


@pytest.mark.parametrize("text", ["EPSG:4326", "", "bd09mc", "gcj"])
def test_other_names_are_none_of_theirs(text):
    assert shifted_named(text) is None
