"""Which places become candidates, and that leaving the dominated out costs nothing."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from carecircle.coverage.candidate_sites import (
    CandidateSites,
    SiteGround,
    dominated,
    existing,
    free_prefix,
)
from carecircle.coverage.circle import SiteSettings
from carecircle.coverage.exclusions import SiteRules
from carecircle.coverage.result import CircleResult

# A road of 1.9 km, a station at its western end, 15 minutes are 900 m.
HOMES = [("a", 10, (0, 0)), ("c", 30, (1000, 0)), ("d", 40, (1500, 0))]


def layer(make: SimpleNamespace, rows: dict[str, tuple[float, float]], **columns: Any) -> Any:
    count = len(rows)
    usual: dict[str, Any] = {
        "name": [""] * count,
        "id_given": True,
        "kind": ["plot"] * count,
        "area_m2": [None] * count,
        "rent": [None] * count,
        "cost": [None] * count,
        "capacity": [None] * count,
        "beds": [None] * count,
        "seats": [None] * count,
        "services": [("childcare", "elderly")] * count,
    }
    points = shapely.points(make.CORNER + np.array(list(rows.values()), float).reshape(-1, 2))
    table = pd.DataFrame({**usual, **columns}, index=pd.Index(list(rows), name="candidate_id"))
    table = table.astype(dict.fromkeys(("area_m2", "rent", "cost"), "Float64"))
    table = table.astype(dict.fromkeys(("capacity", "beds", "seats"), "Int64"))
    table["outline"] = pd.Series(list(points), table.index, dtype=object)
    return gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4547")


def run(
    make: SimpleNamespace, own: Any, homes: Any = HOMES, network: Any = None, **ground: Any
) -> CircleResult:
    town = make.Town(network or make.grid(20), homes, [(0, 0)])
    usual = {"own": own, "generate": own is None, "spacing_m": 100.0}
    settings = SiteSettings(ground.pop("count", 2), 5.0, SiteGround(**{**usual, **ground}))
    found: CircleResult = town.study(settings=settings)
    return found


def reasons(result: CircleResult) -> dict[str, str]:
    assert result.sites is not None
    return result.sites.left_out["reason"].to_dict()


def test_with_a_layer_only_its_places_are_candidates(make: SimpleNamespace) -> None:
    own = layer(make, {"p1": (1200, 0), "p2": (1900, 0)})
    result = run(make, own)
    assert result.candidates.index.tolist() == ["p1", "p2"]
    assert result.candidates["kind"].tolist() == ["plot", "plot"]
    assert (result.plan.people_gained, result.candidate_spacing_m) == (70, None)
    both = run(make, own, generate=True)
    assert both.candidates.index[:2].tolist() == ["p1", "p2"]
    assert set(both.candidates["kind"][2:]) == {"street"}
    assert both.candidate_spacing_m == 100.0


def test_every_place_of_a_layer_is_a_candidate_or_left_out_by_name(make: SimpleNamespace) -> None:
    xy = make.CORNER + np.array([[0, 0], [1900, 0], [0, 3000], [500, 3000]], float)
    network = make.network(xy, [(0, 1), (2, 3)])
    places = {
        "good": (1200, 0),
        "childcare": (1250, 0),
        "s0": (30, 0),  # the id of the station, within 50 m
        "far": (1000, 400),
        "unknown": (1260, 0),
        "small": (1270, 0),
        "banned": (1280, 0),
        "isle": (100, 3000),
        "useless": (50, 0),  # 950 m from the next under-served home
    }
    services = [("childcare", "elderly")] * len(places)
    services[1] = ("childcare",)
    area = [300.0] * len(places)
    area[4], area[5] = None, 199.0
    own = layer(make, places, services=services, area_m2=area)
    rules = SiteRules(least_area_m2={"elderly": 200.0, "childcare": 900.0})
    result = run(make, own, network=network, rules=rules, forbidden=("banned",))
    assert result.candidates.index.tolist() == ["good"]
    assert reasons(result) == {
        "childcare": "service",
        "s0": "existing",
        "far": "off_network",
        "unknown": "area_unknown",
        "small": "small",
        "banned": "forbidden",
        "isle": "island",
        "useless": "unreached",
    }
    detail = result.sites.left_out["detail"]
    assert (detail["s0"], detail["far"], detail["small"]) == ("s0", "400 m", "199 m²")


@pytest.mark.parametrize(
    ("name", "metres", "is_it"),
    [
        ("幸福驿站", 49.0, True),
        ("幸福 驿站", 74.0, True),  # one site by the rule of same_site
        ("幸福驿站", 76.0, False),
        ("新华驿站", 5.0, False),
        ("", 0.0, True),  # without a name, on the very place
        ("", 10.0, False),
    ],
)
def test_an_existing_facility_is_no_candidate(
    make: SimpleNamespace, name: str, metres: float, is_it: bool
) -> None:
    own = layer(make, {"p": (100 + metres, 0)}, name=[name])
    station = gpd.GeoDataFrame(
        {"name": ["幸福驿站"]},
        geometry=shapely.points(make.CORNER + np.array([[100, 0]])),
        index=pd.Index(["s7"]),
        crs=own.crs,
    )
    assert existing(own, station).tolist() == (["s7 幸福驿站"] if is_it else [""])


@pytest.mark.parametrize(("given", "twin"), [(True, "7"), (False, "")])
def test_a_row_number_is_no_id_of_a_facility(make: SimpleNamespace, given: bool, twin: str) -> None:
    own = layer(make, {"7": (120, 0)}, name=["东地块"], id_given=given)
    station = gpd.GeoDataFrame(
        {"name": [""]},
        geometry=shapely.points(make.CORNER + np.array([[100, 0]])),
        index=pd.Index(["7"]),
        crs=own.crs,
    )
    assert existing(own, station).tolist() == [twin]


def test_what_rules_take_away_and_what_is_left_are_all_places(make: SimpleNamespace) -> None:
    x, y = make.CORNER
    rules = SiteRules(
        ground=np.array([shapely.box(x + 900, y - 5, x + 1040, y + 5)], object), facility_m=960.0
    )
    result = run(make, None, rules=rules, around_m=60.0, spacing_m=25.0)
    sites = result.sites
    assert isinstance(sites, CandidateSites)
    left = int((sites.table["kind"] == "street").sum())
    assert sites.possible == left + sum(sites.removed.values())
    assert set(sites.removed) == {"facility", "ground", "grid"}
    # round c lie 910 ... 1090 m: up to 959 too near to the station, up to 1040 excluded ground
    metres = {round(place.x - x) for place in sites.table.geometry}
    assert metres == {1050, 1075, *range(1425, 1600, 25)}


def test_further_round_there_are_more_places(make: SimpleNamespace) -> None:
    near, far = (run(make, None, around_m=metres).sites for metres in (0.0, 400.0))
    assert len(near) < len(far)
    assert {tuple(p) for p in shapely.get_coordinates(near.table.geometry)} <= {
        tuple(p) for p in shapely.get_coordinates(far.table.geometry)
    }


def test_a_site_that_must_be_there_is_in_the_plan_and_the_rest_is_best(
    make: SimpleNamespace,
) -> None:
    own = layer(make, {"worst": (90, 0), "both": (1200, 0), "east": (1900, 10)})
    free = run(make, own, count=1)
    assert free.candidates["order"].dropna().index.tolist() == ["both"]
    bound = run(make, own, count=2, must=("east",))
    assert bound.candidates["order"].dropna().to_dict() == {"east": 1, "both": 2}
    assert bound.candidates["gain_people"].dropna().to_dict() == {"east": 40, "both": 30}
    assert (bound.plan.people_gained, bound.plan.bound_people, bound.plan.status) == (
        70,
        70,
        "optimal",
    )
    with pytest.raises(ValueError, match="2 sites must be chosen"):
        run(make, own, count=1, must=("east", "both"))


def test_the_fewest_stations_count_those_that_must_be_there(make: SimpleNamespace) -> None:
    own = layer(make, {"east": (1900, 10), "both": (1200, 0)})
    town = make.Town(make.grid(20), HOMES, [(0, 0)])
    for must, count in (((), 1), (("east",), 2), (("both",), 1)):
        ground = SiteGround(own=own, generate=False, must=must)
        found = town.study(target="100", settings=SiteSettings(2, 5.0, ground)).fewest
        assert (found.count, found.lower_bound) == (count, count)
        assert found.reachable_percent == 100.0


def test_generated_ids_are_never_those_of_a_layer(make: SimpleNamespace) -> None:
    assert free_prefix(None) == "c"
    assert free_prefix(layer(make, {"c1": (0, 0)})) == "street-"
    assert free_prefix(layer(make, {"c1": (0, 0), "street-9": (0, 0)})) == "street-place-"


def best_by_trying(covers: np.ndarray, people: np.ndarray, p: int) -> int:
    """The most people that p of the columns cover."""
    sites = range(covers.shape[1])
    plans = itertools.combinations(sites, min(p, covers.shape[1]))
    return max(int(people[covers[:, list(plan)].any(axis=1)].sum()) for plan in plans)


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.15, 0.3, 0.6]))
def test_without_dominated_places_the_best_plan_covers_as_many(seed: int, density: float) -> None:
    random = np.random.default_rng(seed)
    covers = random.random((7, 8)) < density
    people = random.integers(0, 9, 7)
    may_be = random.random(8) < 0.8
    needless = dominated(csr_array(covers), may_be)
    assert not (needless & ~may_be).any()
    left = covers[:, ~needless]
    for p in (1, 2, 3, 8):
        best = best_by_trying(covers, people, p)
        assert (best_by_trying(left, people, p) if left.shape[1] else 0) == best


def test_dominated_places_are_marked_and_nothing_is_dropped_unasked(make: SimpleNamespace) -> None:
    result = run(make, None, around_m=400.0)
    sites = result.sites
    fewer = sites.without_dominated()
    assert len(fewer) == int((~sites.table["dominated"]).sum()) < len(sites)
    assert fewer.covers.shape[1] == len(fewer) == len(fewer.snaps)
    people = np.array([30, 40])
    for p in (1, 2):
        assert best_by_trying(fewer.covers.toarray(), people, p) == best_by_trying(
            sites.covers.toarray(), people, p
        )
