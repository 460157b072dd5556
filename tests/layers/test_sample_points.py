"""Homes on a grid: pieces known by hand, and sums that are those of the quarters."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from carecircle.layers.people import people_columns
from carecircle.layers.problems import StudyError
from carecircle.layers.sample_points import homes_on_grid


def layer(shapes: list[Any], people: list[int], old: list[int]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"population": np.array(people, np.int64), "age_60_plus": np.array(old, np.int64)},
        geometry=shapes,
        index=pd.Index([f"q{at}" for at in range(len(shapes))], name="block_id", dtype="str"),
        crs="EPSG:4549",
    )


def test_a_long_quarter_is_cut_at_whole_multiples_of_the_spacing() -> None:
    # from x = 50 to 250: half a square, a whole one, half a square
    homes = homes_on_grid(layer([shapely.box(50, 0, 250, 100)], [40], [9]), 100)
    assert homes.index.tolist() == ["q0#1", "q0#2", "q0#3"]
    assert homes["block_id"].tolist() == ["q0"] * 3
    assert homes["population"].tolist() == [10, 20, 10]
    assert homes["age_60_plus"].tolist() == [2, 5, 2]  # 2.25, 4.5, 2.25
    assert [(p.x, p.y) for p in homes.geometry] == [(75, 50), (150, 50), (225, 50)]


def test_a_quarter_within_a_square_keeps_its_own_point_and_id() -> None:
    shape = shapely.box(10, 10, 90, 90)
    homes = homes_on_grid(layer([shape, shapely.box(0, 100, 200, 200)], [5, 6], [1, 0]), 100)
    assert homes.index.tolist() == ["q0", "q1#1", "q1#2"]
    assert homes.geometry.iloc[0].equals(shape.representative_point())


def test_pieces_without_people_are_left_out_but_no_quarter_is() -> None:
    shapes = [shapely.box(0, 0, 1000, 100), shapely.box(0, 200, 300, 300)]
    homes = homes_on_grid(layer(shapes, [3, 0], [3, 0]), 100)
    assert homes["block_id"].tolist() == ["q0"] * 3 + ["q1"]
    assert homes["population"].tolist() == [1, 1, 1, 0]


def test_ids_do_not_meet_those_of_other_quarters() -> None:
    quarters = layer([shapely.box(0, 0, 200, 100), shapely.box(0, 200, 50, 250)], [2, 1], [0, 0])
    quarters.index = pd.Index(["a", "a#1"], name="block_id", dtype="str")
    assert homes_on_grid(quarters, 100).index.tolist() == ["a##1", "a##2", "a#1"]


def test_a_grid_too_fine_for_the_ground_is_refused() -> None:
    with pytest.raises(StudyError) as caught:
        homes_on_grid(layer([shapely.box(0, 0, 25_000, 25_000)], [9], [0]), 20)
    (problem,) = caught.value.problems
    assert (problem.id, problem.details["count"]) == ("E-POP-030", 1_562_500)


@given(
    sides=st.lists(
        st.tuples(*[st.integers(1, 700)] * 4, st.integers(0, 500)), min_size=1, max_size=4
    ),
    sample_m=st.sampled_from([50.0, 130.0, 1000.0]),
)
def test_the_homes_are_the_quarters_again(sides: Any, sample_m: float) -> None:
    shapes = [
        shapely.box(x, y, x + width, y + height).union(shapely.box(x, y, x + 5, y + 2 * height))
        for x, y, width, height, _ in sides
    ]
    people = [count for *_, count in sides]
    quarters = layer(shapes, people, [count // 3 for count in people])
    homes = homes_on_grid(quarters, sample_m)
    assert homes.index.is_unique
    for column in people_columns(quarters):
        found = homes[column].groupby(homes["block_id"]).sum()
        assert found.reindex(quarters.index).tolist() == quarters[column].tolist()
    assert (homes["age_60_plus"] <= homes["population"]).all()
    inside = quarters.geometry.loc[homes["block_id"]].to_numpy()
    assert shapely.intersects(inside, homes.geometry.to_numpy()).all()
