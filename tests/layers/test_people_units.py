"""The totals of units by floor area: by hand, and as properties."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from carecircle.layers.crs import Frame, project
from carecircle.layers.dasymetric import (
    check_whole_units,
    dwellings_of,
    people_of_units,
    plausible_floor,
    units_of_dwellings,
)
from carecircle.layers.osm import Feature
from carecircle.layers.problems import StudyError

FRAME = Frame("EPSG:4549", (120.0, 30.0, 120.1, 30.1))
EAST, NORTH = 500_000.0, 3_320_100.0


def quarters(*boxes, crs="EPSG:4549"):
    """Rectangles (west, south, east, north), in metres from a corner within the frame."""
    shapes = [box(EAST + w, NORTH + s, EAST + e, NORTH + n) for w, s, e, n in boxes]
    ids = pd.Index([f"q{i}" for i in range(len(boxes))], name="block_id", dtype=object)
    return gpd.GeoDataFrame({"name": ids}, index=ids, geometry=shapes, crs=crs)


def ids(raised):
    for problem in raised.value.problems:
        assert problem.text("zh") != problem.text("en")
    return [problem.id for problem in raised.value.problems]


def dwellings(*rows):
    """Quarter (None: in none), floor area, and the unit of its place."""
    return pd.DataFrame(rows, columns=["block_id", "floor_area_m2", "unit"])


def units_of(**units):
    return pd.Series(units, dtype=object)


def test_each_unit_keeps_its_people():
    unit_of = units_of(a="u1", b="u1", c="u2", d="u2", e=None, f="elsewhere")
    houses = dwellings(
        ("a", 200.0, "u1"),
        ("b", 100.0, "u1"),
        ("a", 100.0, "u1"),
        ("d", 9.0, "u2"),
        ("e", 50.0, None),
        ("f", 70.0, "elsewhere"),
    )
    shared = people_of_units({"u1": 101, "u2": 10, "u3": 7}, unit_of, houses, 50)
    # 101 by 300:100 are 75.75 and 25.25; e and f lie in no unit of the table
    assert shared.population.to_dict() == {"a": 76, "b": 25, "d": 10}
    assert shared.empty == ("c",)  # no dwelling is mapped: nobody knows
    assert shared.outside == 0
    assert shared.shares["percent"].tolist() == [100, 100]


def test_people_in_dwellings_outside_the_quarters_are_not_squeezed_into_them():
    unit_of = units_of(a="u1", b="u1")
    houses = dwellings(
        ("a", 300.0, "u1"), ("b", 300.0, "u1"), (None, 250.0, "u1"), (None, 150.0, "u1"),
        (None, 900.0, "u2"), (None, 900.0, None),
    )  # fmt: skip
    shared = people_of_units({"u1": 1000, "u2": 50}, unit_of, houses, 60)
    assert shared.population.to_dict() == {"a": 300, "b": 300}
    assert shared.outside == 400
    assert shared.shares.to_dict("index") == {
        "u1": {"people": 1000, "in_quarters": 600, "percent": 60, "floor_area_m2": 1000.0}
    }
    with pytest.raises(StudyError) as raised:
        people_of_units({"u1": 1000, "u2": 50}, unit_of, houses, 60.5)
    assert ids(raised) == ["E-POP-019"]
    assert raised.value.problems[0].value == "u1"
    assert raised.value.problems[0].details == {"people": 1000, "percent": 60, "least": "60.5"}


def test_people_of_a_unit_without_any_floor_area():
    with pytest.raises(StudyError) as raised:
        people_of_units({"u1": 5, "u2": 0}, units_of(a="u1", b="u2"), dwellings(), 50)
    assert ids(raised) == ["E-POP-003"]
    assert raised.value.problems[0].value == "u1"


def test_a_dwelling_goes_with_its_quarter_else_with_its_place():
    layer = quarters((0, 0, 100, 100), (100, 0, 200, 100))
    houses = quarters((90, 0, 99, 9), (110, 0, 120, 9), (150, 200, 160, 209), (900, 0, 909, 9))
    houses["block_id"] = ["q0", "q1", None, None]
    units = quarters((50, 0, 200, 400))
    units.index = ["east"]
    unit_of = pd.Series({"q0": "west"}, dtype=object).reindex(layer.index).dropna()
    unit = units_of_dwellings(houses, unit_of, units)
    assert unit.fillna("").tolist() == ["west", "east", "east", ""]


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.floats(1, 1e4), st.booleans()), min_size=1, max_size=30
    ),
    st.lists(st.integers(0, 100_000), min_size=4, max_size=4),
)
def test_totals_and_order_hold_in_every_unit(rows, people):
    names = [f"b{k}" for k in range(len(rows))]
    unit_of = pd.Series([f"u{unit}" for unit, _, _ in rows], index=names, dtype=object)
    houses = dwellings(
        *(
            (name if inside else None, area, f"u{unit}")
            for name, (unit, area, inside) in zip(names, rows, strict=True)
        )
    )
    totals = {f"u{k}": n for k, n in enumerate(people)}
    shared = people_of_units(totals, unit_of, houses, 0)
    area_of = houses.dropna(subset="block_id").set_index("block_id")["floor_area_m2"]
    lived_in = {name for name in names if name in area_of.index or totals[unit_of[name]] == 0}
    possible = unit_of[unit_of.isin(shared.shares.index)]
    assert set(shared.population.index) == lived_in & set(possible.index)
    assert set(shared.empty) == set(possible.index) - lived_in
    for unit, here in shared.population.groupby(unit_of):
        facts = shared.shares.loc[unit]
        assert here.sum() == facts["in_quarters"]
        area = area_of.reindex(here.index, fill_value=0.0)
        exact = area / houses.loc[houses["unit"] == unit, "floor_area_m2"].sum() * totals[unit]
        assert (np.abs(here - exact) < 1 + 1e-6).all()
        outside = totals[unit] - exact.sum()
        assert abs(facts["people"] - facts["in_quarters"] - outside) < 1 + 1e-6


def building(shape, *tags):
    tagged = dict(zip(("building", "building:levels"), tags, strict=False))
    lonlat = project(np.array([shape]), FRAME.crs, "EPSG:4326")[0]
    return Feature(f"way/{round(shape.bounds[0])}", tagged, lonlat)


def town(*houses):
    """Only what is read of an extract here: buildings (box, tags)."""
    buildings = [building(box(EAST + x, NORTH, EAST + x + 10, NORTH + 10), *t) for x, *t in houses]
    return SimpleNamespace(buildings=buildings)


def places_of(found):
    """West edge of each dwelling, in metres from the corner, and its quarter."""
    blocks = found["block_id"].items()
    place = {int(id.split("/")[1]) - int(EAST): block for id, block in blocks}
    return {x: None if pd.isna(block) else block for x, block in place.items()}


def test_untagged_buildings_are_dwellings_everywhere_or_nowhere():
    layer = quarters((0, 0, 100, 100), (100, 0, 200, 100))
    houses = [(10, "apartments", "3"), (30, "yes"), (110, "yes"), (310, "house"), (610, "yes")]
    found, untagged = dwellings_of(layer, town(*houses))
    assert (untagged.tagged, untagged.untagged, untagged.counted) == (2, 3, True)
    assert places_of(found) == {10: "q0", 30: "q0", 110: "q1", 310: None, 610: None}
    assert found["floor_area_m2"].to_numpy() == pytest.approx([300, 200, 200, 100, 200], rel=1e-3)

    more = [(330, "house"), (350, "house")]  # now most are tagged
    found, untagged = dwellings_of(layer, town(*houses, *more))
    assert not untagged.counted
    assert places_of(found) == {10: "q0", 310: None, 330: None, 350: None}


def test_one_tag_moves_no_more_people_than_its_building_holds():
    """Two quarters of ten equal untagged buildings; one of them is tagged."""
    layer = quarters((0, 0, 200, 100), (200, 0, 400, 100))
    places = [20 * k + 5 for k in range(20)]
    plain = [(x, "yes", "2") for x in places]
    tagged = [(5, "apartments", "2"), *plain[1:]]
    for houses in (plain, tagged):
        found, _ = dwellings_of(layer, town(*houses))
        unit_of = units_of(q0="u", q1="u")
        shared = people_of_units({"u": 1000}, unit_of, found.assign(unit="u"), 50)
        assert shared.population.to_dict() == {"q0": 500, "q1": 500}


@pytest.mark.parametrize(
    ("floor_m2", "people", "is_plausible"),
    [(499, 100, False), (500, 100, True), (20_000, 100, True), (20_001, 100, False), (9, 0, True)],
)
def test_floor_area_for_each_person(floor_m2, people, is_plausible):
    assert plausible_floor(floor_m2, people) == is_plausible


def test_a_unit_that_reaches_out_of_the_streets():
    west, south, east, north = FRAME.bounds_m
    shapes = [
        box(west, south, east, north),
        box(west - (east - west), south, east, north),
        box(east + 1, south, east + 5000, north),
    ]
    units = gpd.GeoDataFrame(index=["whole", "half", "away"], geometry=shapes, crs=FRAME.crs)
    with pytest.raises(StudyError) as raised:
        check_whole_units(units, {"whole": 9, "half": 8, "away": 7}, FRAME)
    assert ids(raised) == ["E-POP-015"]
    assert raised.value.problems[0].value == "half"
    assert raised.value.problems[0].details["percent"] in (49, 50)
    check_whole_units(units, {"whole": 9, "away": 7}, FRAME)
