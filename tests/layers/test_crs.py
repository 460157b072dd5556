"""The working CRS and the only door to PROJ, against values from elsewhere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType
from shapely.geometry import Point

from carecircle.layers.crs import (
    Frame,
    crs_in_use,
    is_metres,
    known_crs,
    name_of,
    passes_for_wgs84,
    project,
    results_crs,
    transformer,
    working_crs,
    written,
)
from carecircle.layers.problems import StudyError


@pytest.mark.parametrize(
    ("town", "bounds", "name"),
    [
        ("Shanghai", (121.3, 31.1, 121.6, 31.3), "CGCS2000 / 3-degree Gauss-Kruger CM 120E"),
        ("Wuhan", (114.2, 30.5, 114.4, 30.7), "CGCS2000 / 3-degree Gauss-Kruger CM 114E"),
        ("Urumqi", (87.5, 43.7, 87.7, 43.9), "CGCS2000 / 3-degree Gauss-Kruger CM 87E"),
        ("Harbin", (126.5, 45.7, 126.7, 45.8), "CGCS2000 / 3-degree Gauss-Kruger CM 126E"),
        ("Las Palmas", (-15.5, 28.0, -15.4, 28.2), "WGS 84 / UTM zone 28N"),
        ("Porto Alegre", (-51.3, -30.1, -51.1, -30.0), "WGS 84 / UTM zone 22S"),
        ("Fiji", (179.9, -17.0, 180.0, -16.9), "WGS 84 / UTM zone 60S"),
    ],
)
def test_the_zone_of_a_town(town, bounds, name):
    assert CRS(working_crs(bounds)).name == name


@settings(deadline=None)
@given(st.floats(75, 132), st.floats(22.5, 50))
def test_the_working_crs_is_never_web_mercator_and_true_to_one_in_a_thousand(lon, lat):
    crs = working_crs((lon, lat, lon, lat))
    assert crs != "EPSG:3857"
    step = 0.001
    x, y = transformer("EPSG:4490", crs).transform([lon, lon, lon + step], [lat, lat + step, lat])
    geod = Geod(ellps="GRS80")
    for other, (to_lon, to_lat) in ((1, (lon, lat + step)), (2, (lon + step, lat))):
        metres = geod.inv(lon, lat, to_lon, to_lat)[2]
        plane = np.hypot(x[other] - x[0], y[other] - y[0])
        assert plane == pytest.approx(metres, rel=1e-3)


def zone_by_proj(lon, lat):
    """The nearest of the zones that PROJ itself finds in use at a place."""
    name = "CGCS2000 / 3-degree Gauss-Kruger CM "
    there = query_crs_info("EPSG", PJType.PROJECTED_CRS, AreaOfInterest(lon, lat, lon, lat), True)
    zones = [
        (abs(float(zone.name.removeprefix(name)[:-1]) - lon), zone.code)
        for zone in there
        if zone.name.startswith(name)
    ]
    return f"EPSG:{min(zones)[1]}" if zones else None


def test_the_zones_are_those_that_proj_finds_in_use():
    """Across China from south to north, its seas, its neighbours, and where two zones meet."""
    places = [(lon, lat) for lon in (70, 79.5, 91.5, 105.2, 118.5, 136) for lat in (3, 20, 31, 52)]
    found = [working_crs((lon, lat, lon, lat)) for lon, lat in places]
    expected = [zone_by_proj(lon, lat) for lon, lat in places]
    assert None in expected and len(set(expected)) > 4
    for ours, theirs in zip(found, expected, strict=True):
        assert ours == theirs or (theirs is None and ours.startswith("EPSG:32"))


def test_a_way_between_two_systems_is_looked_up_once():
    there = transformer("EPSG:4326", "EPSG:4549")
    assert transformer(CRS("EPSG:4326"), "EPSG:4549") is there
    assert transformer("EPSG:4549", "EPSG:4326") is not there
    assert transformer("EPSG:4326", "EPSG:4548") is not there


def test_a_province_is_too_wide():
    with pytest.raises(StudyError, match=r"E-CRS-006.* 6\.1 degrees"):
        working_crs((114.0, 30.0, 120.1, 31.0))


@pytest.mark.parametrize(
    "bounds", [(np.nan,) * 4, (0, 85, 1, 86), (500_000, 30, 500_001, 31), (2, 1, 1, 2)]
)
def test_bounds_that_are_nowhere(bounds):
    with pytest.raises(StudyError, match="E-CRS-008"):
        working_crs(bounds)


def test_x_stays_before_y():
    # EPSG:4490 and EPSG:4549 both put north first; the central meridian is 500 km east
    x, y = transformer("EPSG:4490", "EPSG:4549").transform(120.0, 30.0)
    assert x == pytest.approx(500_000, abs=1e-6)
    # meridian arc on GRS80, from an independent series of the geodesic library
    assert y == pytest.approx(Geod(ellps="GRS80").inv(120, 0, 120, 30)[2], abs=1e-3)


# Xi'an 1980, Beijing 1954, New Beijing: degrees, and the zones of 3 and 6 degrees
OLD = (4214, 4555, 4610, *range(2327, 2391), *range(2401, 2443), *range(21413, 21424))


@pytest.mark.parametrize("target", ["EPSG:4326", "EPSG:4490", "EPSG:4549", "EPSG:32649"])
def test_old_chinese_datums_are_refused(target):
    for code in OLD:
        old = f"EPSG:{code}"
        for source, to in ((old, target), (target, old)):
            with pytest.raises(StudyError, match="E-CRS-007") as raised:
                transformer(source, to)
            assert raised.value.problems[0].details == {"source": source, "target": to}


@pytest.mark.parametrize("style", ["WKT1_ESRI", "WKT1_GDAL", "WKT2_2019"])
def test_old_chinese_datums_are_known_in_every_spelling(style):
    for code in (2381, 2405, 4214, 4555, 4610):
        with pytest.raises(StudyError, match="E-CRS-007"):
            transformer(CRS.from_epsg(code).to_wkt(style), "EPSG:4326")


def test_the_refusal_of_an_old_datum_says_what_to_do():
    with pytest.raises(StudyError) as raised:
        transformer("EPSG:2381", "EPSG:4549")
    (problem,) = raised.value.problems
    assert "EPSG:2381" in problem.text("zh") and "CGCS2000" in problem.text("zh")
    assert "EPSG:2381" in problem.text("en") and "official parameters" in problem.text("en")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("EPSG:4326", "EPSG:4549"),
        ("EPSG:4490", "EPSG:32651"),
        ("EPSG:3857", "EPSG:4549"),
        ("EPSG:5635", "EPSG:32628"),
        ("EPSG:25832", "EPSG:32632"),
        ("EPSG:27700", "EPSG:32630"),
    ],
)
def test_current_datums_pass(source, target):
    assert transformer(source, target) is not None


def test_esri_definitions_of_current_datums_pass():
    for code in (4326, 4490, 4549, 3857):
        assert transformer(CRS.from_epsg(code).to_wkt("WKT1_ESRI"), "EPSG:4549") is not None


def test_an_ellipsoid_alone_is_no_datum():
    with pytest.raises(StudyError, match="E-CRS-007"):
        transformer("+proj=longlat +ellps=krass +no_defs", "EPSG:4549")


@pytest.mark.parametrize("text", ["EPSG:0", "WGS", "", "EPSG:4978", "EPSG:5773"])
def test_crs_texts_that_name_no_map(text):
    with pytest.raises(StudyError, match="E-CRS-002"):
        known_crs(text)


@pytest.mark.parametrize(
    ("text", "name"), [("GCJ02", "gcj02"), ("BD-09", "bd09"), ("火星坐标", "gcj02")]
)
def test_map_services_coordinates_have_names_too(text, name):
    crs = known_crs(text)
    assert (name_of(crs), written(crs), is_metres(crs)) == (name, name, False)
    assert results_crs(name) == "EPSG:4326"


def test_shifted_places_go_through_wgs_84():
    # Shanghai, a pair published with eviltransform; 480 m apart
    shown = Point(121.531541859215, 31.17530398364597)
    real = Point(121.5272106, 31.1774276)
    moved = project(np.array([shown]), known_crs("gcj02"), "EPSG:4549")[0]
    assert moved.distance(project(np.array([real]), "EPSG:4326", "EPSG:4549")[0]) < 0.01
    assert moved.distance(project(np.array([shown]), "EPSG:4326", "EPSG:4549")[0]) > 400


def test_what_the_layers_of_a_town_may_come_in():
    found = crs_in_use((120.0, 30.0, 120.1, 30.1))
    assert found[:3] == ["EPSG:4326", "EPSG:4549", "EPSG:3857"]
    # the next zones, with and without their number, in 3 and 6 degrees; UTM
    assert set(found[3:]) >= {"EPSG:4548", "EPSG:4550", "EPSG:4528", "EPSG:4529", "EPSG:4499"}
    assert {"EPSG:32650", "EPSG:32651"} <= set(found)
    assert "EPSG:4610" not in found
    for crs in found:
        assert transformer(crs, "EPSG:4549") is not None


@pytest.mark.parametrize(
    ("crs", "passes"),
    [("EPSG:4326", True), ("EPSG:4490", True), ("OGC:CRS84", True), ("EPSG:4549", False),
     ("EPSG:4610", False), ("gcj02", False)],
)  # fmt: skip
def test_what_passes_for_wgs_84(crs, passes):
    assert passes_for_wgs84(known_crs(crs)) is passes


def test_names_and_units():
    assert name_of("EPSG:4490") == "EPSG:4490"
    assert is_metres("EPSG:3857") and not is_metres("EPSG:4490")


def test_places_arrive_flat():
    given = np.array([Point(120, 30, 5)])
    moved = project(given, "EPSG:4490", "EPSG:4549")[0]
    assert not moved.has_z
    assert moved.x == pytest.approx(500_000, abs=1e-6)
    assert given[0].has_z


def test_a_place_without_a_place_becomes_infinite():
    moved = project(np.array([Point(120, 30), Point(30, 120)]), "EPSG:4490", "EPSG:4549")
    assert np.isfinite([moved[0].x, moved[0].y]).all()
    assert not np.isfinite([moved[1].x, moved[1].y]).any()


def test_distance_from_the_frame():
    frame = Frame("EPSG:4549", (120.0, 30.0, 120.1, 30.1))
    west, south, east, north = frame.bounds_m
    boxes = [
        (west, south, west, south),  # on the corner
        (west - 50, south, west + 10, north),  # across the side
        (east + 30, north + 40, east + 99, north + 99),  # 3-4-5 off the corner
        (np.inf, np.inf, np.inf, np.inf),
    ]
    assert frame.distance_m(np.array(boxes)).tolist() == [0, 0, pytest.approx(50), np.inf]
