"""Is it one site? Small cases, and the residence of Las Palmas that is mapped three times."""

import os
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from carecircle.layers.osm import read_osm
from carecircle.layers.osm_facilities import facilities_from_osm, merged, sites_of
from carecircle.layers.same_site import alike, same_sites
from carecircle.layers.vocabulary import plain

DATA = Path(__file__).parents[3] / "shared" / "data"


def sites(*rows):
    """Rows are (x, name) or (shape, name), all of one service unless a third says."""
    shapes = np.array([r[0] if not isinstance(r[0], int) else shapely.Point(r[0], 0) for r in rows])
    services = [row[2] if len(row) > 2 else "elderly" for row in rows]
    return [site.rows for site in same_sites(shapes, services, [row[1] for row in rows])]


def test_near_and_alike_is_one_site():
    assert sites((0, "幸福养老院"), (75, "幸福 养老院")) == [(0, 1)]
    assert sites((0, "幸福养老院"), (76, "幸福养老院")) == []
    assert sites((0, "幸福养老院"), (10, "和平敬老院")) == []
    assert sites((0, "幸福养老院"), (10, "幸福养老院", "childcare")) == []


def test_the_gap_is_told():
    shapes = shapely.points([[0, 0], [60, 0], [110.2, 0]])
    (site,) = same_sites(shapes, ["elderly"] * 3, ["幸福院"] * 3)
    assert (site.rows, site.metres) == ((0, 1, 2), 111)  # by way of the one in between


def test_numerals_tell_the_first_from_the_second():
    assert not alike(plain("第一幼儿园"), plain("第二幼儿园"))
    assert not alike(plain("幸福养老站"), plain("幸福养老站2"))
    assert alike(plain("Colegio San Vicente de Paúl"), plain("Colegio San Vicente de Paul"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("阳光幼儿园A区", "阳光幼儿园B区"),
        ("阳光幼儿园", "阳光幼儿园分园"),
        ("新华社区养老服务站", "新民社区养老服务站"),
        ("Residencia I", "Residencia II"),
        ("Residencia Norte", "Residencia Sur"),
    ],
)
def test_names_that_only_resemble_each_other_are_two_sites(one, other):
    assert sites((0, one), (10, other)) == []


def test_one_without_a_name_joins_what_it_lies_in():
    grounds = shapely.box(-50, -50, 50, 50)
    assert sites((0, ""), (grounds, "幸福养老院")) == [(0, 1)]
    assert sites((grounds, ""), (10, "幸福养老院")) == [(0, 1)]
    assert sites((0, ""), (10, "幸福养老院")) == []
    assert sites((grounds, ""), (0, "幸福养老院"), (9, "和平敬老院")) == []


@given(st.text(max_size=12), st.text(max_size=12))
def test_alike_goes_both_ways(one, other):
    assert alike(one, other) == alike(other, one)


def test_nobody_is_no_site():
    assert same_sites(np.empty(0, object), [], []) == []


def test_the_residence_of_las_palmas_counts_once():
    path = DATA / "las_palmas" / "las_palmas_osm_20230221.osm.pbf"
    if not path.is_file():
        assert "CI" not in os.environ, f"{path} is missing"
        pytest.skip(f"needs {path}")
    facilities = facilities_from_osm(read_osm(path), "EPSG:32628", False)
    elderly = facilities[facilities["service"] == "elderly"]
    found = sites_of(elderly)
    ids = [elderly.index[list(site.rows)].tolist() for site in found]
    # https://www.openstreetmap.org/relation/7491447: a relation and two of its own ways
    assert ids == [["relation/7491447", "way/391921181", "way/391921182"]]
    once, kept = merged(elderly, found)
    assert len(once) == len(elderly) - 2
    assert kept[0] in ids[0]
