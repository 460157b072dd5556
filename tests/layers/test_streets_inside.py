"""How much street lies inside quarters: by hand, and in the teaching city."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from carecircle.inputs import frame_of
from carecircle.layers.chinese_offsets import bd09_of, gcj02_of
from carecircle.layers.crs import LONLAT, project
from carecircle.layers.intake import read_residential
from carecircle.layers.offset_detective import crossed, street_fit, street_tree
from carecircle.layers.osm import read_osm
from carecircle.layers.problems import StudyError
from carecircle.layers.sources import PeopleSettings, ResidentialSource
from carecircle.layers.streets import number_streets
from carecircle.layers.streets_inside import fewest_inside, places_along, shares_inside
from carecircle.teaching_files import write_teaching_city

STREET = shapely.STRtree([shapely.LineString([(0, 0), (1000, 0)])])
EVERYWHERE = shapely.box(-2000, -2000, 2000, 2000)
MOVES_M = np.array([(0.0, 0.0), (0.0, 100.0), (0.0, 500.0)])


def test_the_share_of_a_street_that_runs_inside():
    quarter = np.array([shapely.box(400, -100, 600, 100)])
    places = places_along(STREET, EVERYWHERE)
    assert len(places) == 5000 and not places[:, 1].any()
    np.testing.assert_allclose(np.diff(places[:, 0]), 0.2)
    across, beside, away = shares_inside(quarter, places, MOVES_M)
    assert across == pytest.approx(190 / 280, abs=0.01)  # 5 m less at each end, 40 m more
    assert beside == 0
    assert np.isnan(away)


def test_a_placement_must_be_better_than_every_other():
    across = np.array([shapely.box(400, -100, 600, 100)])
    beside = np.array([shapely.box(400, 10, 600, 210)])
    along, far = np.array([(50.0, 0.0)]), np.array([(50.0, 0.0), (0.0, 105.0)])
    assert fewest_inside(across, beside, along, STREET)
    assert not fewest_inside(across, beside, far, STREET)  # a move clears the street as well
    assert not fewest_inside(across, across, along, STREET)


def test_without_streets_near_nothing_is_told():
    away = np.array([shapely.box(0, 5000, 100, 5100)])
    assert len(places_along(STREET, shapely.box(0, 5000, 100, 5100))) == 0
    assert not fewest_inside(away, away, MOVES_M, STREET)


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A teaching city, whose streets cut nearly every quarter where it really lies."""
    folder = tmp_path_factory.mktemp("teach") / "city"
    write_teaching_city(folder, 7, 2000)
    streets = read_osm(folder / "streets.osm.pbf").streets
    frame = frame_of(streets)
    tree = street_tree(number_streets(streets, frame.crs, {}))
    return folder, type(frame)(frame.crs, frame.bounds_lonlat, streets=tree)


@pytest.mark.parametrize(("shown", "name"), [(gcj02_of, "gcj02"), (bd09_of, "bd09")])
def test_quarters_of_an_online_map_that_streets_run_through_are_refused(
    city, tmp_path, shown, name
):
    folder, frame = city
    quarters = gpd.read_file(folder / "quarters.geojson")
    there = project(quarters.geometry.to_numpy(), LONLAT, frame.crs)
    assert crossed(there, frame.streets).mean() > 0.9
    assert street_fit(there, LONLAT, frame).answer == "fits"
    quarters.geometry = shapely.transform(quarters.geometry.to_numpy(), shown)
    path = tmp_path / "q.gpkg"
    quarters.set_crs("EPSG:4490", allow_override=True).to_file(path)
    shares = PeopleSettings(age_60_plus_share=0.2, age_0_2_share=0.02)
    with pytest.raises(StudyError) as raised:
        read_residential(
            ResidentialSource(path=path, columns={"population": "常住人口"}), shares, frame
        )
    (problem,) = raised.value.problems
    assert (problem.id, problem.details["really"]) == ("E-CRS-010", name)
