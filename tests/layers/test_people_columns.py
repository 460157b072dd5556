"""Cohorts beyond those of a circle, from columns of their own."""

import pytest

from carecircle.layers.crs import Frame
from carecircle.layers.intake import read_residential
from carecircle.layers.problems import StudyError
from carecircle.layers.sources import PeopleSettings, ResidentialSource

FRAME = Frame("EPSG:4549", (120.0, 30.0, 120.1, 30.1))
HEADER = "lng,lat,population,age_60_plus,age_65_plus,age_80_plus,age_3_5"


@pytest.fixture
def read(tmp_path):
    def read(*lines, groups=("age_60_plus",), **keys):
        path = tmp_path / "homes.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        source = ResidentialSource(path=path, crs="EPSG:4326", cell_m=100)
        return read_residential(source, PeopleSettings(), FRAME, groups, **keys)

    return read


def test_all_cohorts_of_a_layer_come_along(read):
    layer = read(HEADER, "120.05,30.05,10,4,3,1,2", "120.06,30.05,20,5,5,0,0").layer
    assert layer["age_65_plus"].tolist() == [3, 5]
    assert layer["age_80_plus"].tolist() == [1, 0]
    assert layer["age_3_5"].tolist() == [2, 0]
    assert "age_0_2" not in layer
    assert not layer["estimated"].any()


def test_the_very_old_are_among_the_old_after_rounding(read):
    rows = [f"120.0{k},30.05,9,1.5,1.5,1.5,0" for k in range(1, 6)]
    layer = read(HEADER, *rows).layer
    assert layer["age_60_plus"].sum() == 8  # 7.5
    assert (layer["age_65_plus"] <= layer["age_60_plus"]).all()
    assert (layer["age_80_plus"] <= layer["age_65_plus"]).all()


def test_more_of_65_than_of_60(read):
    with pytest.raises(StudyError) as raised:
        read(HEADER, "120.05,30.05,10,4,5,1,2", "120.05,30.05,10,4,3,4,2")
    found = [(p.id, p.row, p.column, p.details["wider"]) for p in raised.value.problems]
    assert found == [
        ("E-POP-005", 2, "age_65_plus", "age_60_plus"),
        ("E-POP-005", 3, "age_80_plus", "age_65_plus"),
    ]


def test_a_cohort_that_a_census_will_tell(read):
    layer = read("lng,lat,population", "120.05,30.05,10", ages_follow=True).layer
    assert layer["estimated"].all()
    assert "age_60_plus" not in layer
    with pytest.raises(StudyError, match="E-POP-001"):
        read("lng,lat,population", "120.05,30.05,10")
