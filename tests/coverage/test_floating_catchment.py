"""Places per person: the papers' formulas written out on dense tables, and cases by hand."""

import os
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecircle.coverage.floating_catchment import (
    by_zone,
    floating_catchment,
    gaussian,
    own_catchments,
    with_choice,
    within_limit,
)
from carecircle.isochrones.minutes import ReachTable

LIMIT_MS = 900_000
FAR = -1


def table_of(walk: np.ndarray) -> ReachTable:
    """A reach table from walks (homes, facilities), `FAR` beyond the limit."""
    facility, home = np.nonzero(walk.T != FAR)
    return ReachTable(
        indptr=np.concatenate([[0], np.cumsum((walk != FAR).sum(axis=0))]).astype(np.int64),
        target=home.astype(np.int32),
        ms=walk.T[facility, home].astype(np.int64),
    )


@st.composite
def worlds(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    walk = st.one_of(st.just(FAR), st.integers(0, LIMIT_MS), st.just(LIMIT_MS))
    whole = st.integers(0, 500)
    return (
        np.array(draw(st.lists(walk, min_size=n * m, max_size=n * m))).reshape(n, m),
        np.array(draw(st.lists(whole, min_size=n, max_size=n))),
        np.array(draw(st.lists(whole, min_size=m, max_size=m))),
    )


def dense_weights(name: str, walk: np.ndarray) -> np.ndarray:
    """The weight functions as their papers print them, one pair at a time."""

    def weight(t: int) -> float:
        if t == FAR:
            return 0.0
        if name == "zones":
            return 1.0 if t <= 300_000 else 0.68 if t <= 600_000 else 0.22
        if name == "gaussian":
            bell = np.exp(-0.5 * (t / LIMIT_MS) ** 2) - np.exp(-0.5)
            return float(bell / (1 - np.exp(-0.5)))
        return 1.0

    return np.vectorize(weight, otypes=[float])(walk)


def sparse_weights(name: str, table: ReachTable) -> np.ndarray:
    if name == "zones":
        return by_zone(table, (300_000, 600_000, 900_000), (1, 0.68, 0.22))
    return gaussian(table, LIMIT_MS) if name == "gaussian" else within_limit(table)


def two_steps(
    weights: np.ndarray, people: np.ndarray, places: np.ndarray, choice: bool
) -> np.ndarray:
    """Luo & Wang's two steps; with Wan's share of each facility in front of both."""
    n, m = weights.shape
    used = np.zeros((n, m))
    for i in range(n):
        for j in range(m):
            share = weights[i, j] / weights[i].sum() if choice and weights[i].sum() else 1.0
            used[i, j] = share * weights[i, j]
    access = np.zeros(n)
    for j in range(m):
        demand = sum(people[i] * used[i, j] for i in range(n))
        for i in range(n):
            access[i] += places[j] / demand * used[i, j] if demand > 0 else 0.0
    return access


def test_two_steps_by_hand() -> None:
    """Facility 0 has 10 places for 100 + 300 people, facility 1 has 30 for 300."""
    walk = np.array([[60, FAR], [60, 60], [FAR, FAR]])
    table = table_of(walk)
    found = floating_catchment(
        table, np.array([100, 300, 50]), np.array([10, 30]), within_limit(table)
    )
    assert found.ratio.tolist() == [0.025, 0.1]
    assert found.access.tolist() == pytest.approx([0.025, 0.125, 0])
    assert found.stranded_places == 0


def test_the_gaussian_is_one_at_the_door_and_nothing_at_the_limit() -> None:
    table = table_of(np.array([[0], [450_000], [900_000]]))
    bell = gaussian(table, LIMIT_MS)
    assert bell[[0, 2]].tolist() == [1.0, 0.0]
    assert bell[1] == pytest.approx((np.exp(-1 / 8) - np.exp(-1 / 2)) / (1 - np.exp(-1 / 2)))
    assert gaussian(table, 400_000).tolist() == [1.0, 0.0, 0.0]


def test_zones_end_inclusively() -> None:
    table = table_of(np.array([[0], [300_000], [300_001], [900_000], [900_001]]))
    assert sparse_weights("zones", table).tolist() == [1, 1, 0.68, 0.22, 0]


def test_three_steps_by_hand() -> None:
    """A home with two equal choices counts half at each; one without a choice counts whole."""
    table = table_of(np.array([[60, 60], [60, FAR]]))
    weights = with_choice(table, within_limit(table))
    found = floating_catchment(table, np.array([100, 100]), np.array([30, 5]), weights)
    assert found.ratio.tolist() == pytest.approx([30 / 150, 5 / 50])
    assert found.access.tolist() == pytest.approx([0.1 + 0.05, 0.2])


def test_each_grade_has_its_own_catchment() -> None:
    table = table_of(np.array([[200, 200], [600, 600], [900, 900]]))
    own = own_catchments(table, np.array([600, 900]))
    assert own.indptr.tolist() == [0, 2, 5]
    assert own.target.tolist() == [0, 1, 0, 1, 2]
    found = floating_catchment(own, np.array([1, 1, 1]), np.array([4, 6]), within_limit(own))
    assert found.access.tolist() == [4, 4, 2]
    bell = gaussian(own, np.array([600, 900]))
    assert (bell[1], bell[4]) == (0, 0) and bell[3] > bell[1]


def test_places_nobody_can_reach_are_told() -> None:
    table = table_of(np.array([[60, FAR], [FAR, 60]]))
    found = floating_catchment(table, np.array([10, 0]), np.array([5, 7]), within_limit(table))
    assert np.isnan(found.ratio[1])
    assert found.stranded_places == 7
    assert found.access.tolist() == [0.5, 0]


@pytest.mark.parametrize("choice", [False, True])
@pytest.mark.parametrize("name", ["within", "zones", "gaussian"])
@given(world=worlds())
def test_it_is_the_formula_of_the_papers_and_hands_out_every_place(
    name: str, choice: bool, world: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> None:
    walk, people, places = world
    table = table_of(walk)
    weights = sparse_weights(name, table)
    if choice:
        weights = with_choice(table, weights)
    found = floating_catchment(table, people, places, weights)
    expected = two_steps(dense_weights(name, walk), people, places, choice)
    assert found.access == pytest.approx(expected, rel=1e-9, abs=1e-12)
    handed_out = places.sum() - found.stranded_places
    assert (people * found.access).sum() == pytest.approx(handed_out, rel=1e-9)


def needs_access() -> None:
    """The package of Saxon et al. 2022, of the test dependencies."""
    if find_spec("access") is None:
        assert not os.environ.get("CI"), "the package access is missing, and CI may not skip it"
        pytest.skip("the package access is not installed")


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # inside access
@pytest.mark.parametrize("name", ["2SFCA", "E2SFCA", "3SFCA"])
def test_it_is_what_the_package_access_says(name: str) -> None:
    """On its own terms: 150 homes, 20 facilities, walks within the limit, steps of Luo & Qi."""
    needs_access()
    from access import fca, weights

    rng = np.random.default_rng(7)
    walk = rng.integers(0, 2 * LIMIT_MS, (150, 20))
    walk[walk > LIMIT_MS] = FAR
    walk[:, 0] = np.where(walk[:, 0] == FAR, LIMIT_MS, walk[:, 0])  # everybody reaches one
    people, places = rng.integers(1, 300, 150), rng.integers(1, 90, 20)
    table = table_of(walk)
    ends, steps = (300_000, 600_000, 900_000), (1, 0.68, 0.22)
    zones = by_zone(table, ends, steps)
    step = weights.step_fn(dict(zip(ends, steps, strict=True)))
    function, weigh, ours = {
        "2SFCA": (fca.two_stage_fca, None, within_limit(table)),
        "E2SFCA": (fca.two_stage_fca, step, zones),
        "3SFCA": (fca.three_stage_fca, step, with_choice(table, zones)),
    }[name]
    home, facility = np.nonzero(walk != FAR)
    cost = pd.DataFrame({"origin": home, "dest": facility, "cost": walk[home, facility]})
    demand, supply = pd.DataFrame({"demand": people}), pd.DataFrame({"supply": places})
    demand.index.name = supply.index.name = "geoid"
    theirs = function(
        demand, supply, cost, max_cost=LIMIT_MS, weight_fn=weigh, demand_index=True,
        demand_name="demand", supply_index=True, supply_name="supply",
    )  # fmt: skip
    found = floating_catchment(table, people, places, ours).access
    assert found == pytest.approx(theirs.reindex(range(150)).to_numpy(), rel=1e-9)


@pytest.mark.parametrize(
    ("upto", "weights"), [((), ()), ((5, 5), (1, 1)), ((5,), (1, 1)), ((0,), (1,))]
)
def test_zones_must_rise(upto: tuple[int, ...], weights: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="rising"):
        by_zone(table_of(np.array([[1]])), upto, weights)


def test_what_does_not_fit_is_refused() -> None:
    table = table_of(np.array([[1]]))
    one, fits = np.array([1]), within_limit(table)
    for people, places, weights in (
        (one, np.array([1, 1]), fits),
        (one, one, np.ones(2)),
        (one, one, np.array([-1.0])),
        (one, one, np.array([np.nan])),
        (np.array([-1]), one, fits),
    ):
        with pytest.raises(ValueError, match=r"fit|0 or more"):
            floating_catchment(table, people, places, weights)
    with pytest.raises(ValueError, match="2 limits for 1"):
        own_catchments(table, np.array([1, 1]))
    with pytest.raises(ValueError, match="above 0"):
        gaussian(table, 0)
