"""Set covering and its reductions against all plans, maximal covering and spopt."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from carecircle.coverage import set_covering
from carecircle.coverage.reduction import equal_rows, hardest, undominated
from carecircle.coverage.set_covering import CoverPlan, fewest_covering
from carecircle.coverage.siting import maximal_covering
from tests.coverage.stations import FAR, Settled, plans, settled, square, town


def solve(covers: np.ndarray, people: np.ndarray, given: Settled) -> CoverPlan:
    return fewest_covering(csr_array(covers), people, 10.0, **given.keywords())


def all_covered(covers: np.ndarray, asks: np.ndarray, stations: tuple[int, ...]) -> bool:
    return bool(covers[:, list(stations)].any(axis=1)[asks].all())


ROW = np.abs(np.arange(5)[:, None] - np.arange(5)[None, :]) <= 1


def test_a_row_of_five_homes_by_hand() -> None:
    # Each station covers its home and both neighbours: two are enough, one is not.
    plan = fewest_covering(csr_array(ROW), np.ones(5, np.int64), 10.0)
    assert (plan.chosen, plan.count, plan.bound_count) == ((1, 3), 2, 2)
    assert (plan.status, plan.uncoverable) == ("optimal", ())
    one_stands = fewest_covering(csr_array(ROW), np.ones(5, np.int64), 10.0, standing=[1])
    assert (one_stands.count, one_stands.status) == (1, "optimal")
    bad_must = fewest_covering(csr_array(ROW), np.ones(5, np.int64), 10.0, must=[2])
    assert (bad_must.count, bad_must.chosen[1]) == (3, 2)
    lonely = fewest_covering(csr_array(ROW), np.ones(5, np.int64), 10.0, forbidden=[0, 1, 3, 4])
    assert (lonely.chosen, lonely.uncoverable) == ((2,), (0, 4))


def test_nobody_and_nowhere() -> None:
    for shape in ((0, 0), (3, 0), (0, 3)):
        plan = fewest_covering(csr_array(shape, dtype=bool), np.ones(shape[0], np.int64), 10.0)
        assert (plan.count, plan.status) == (0, "optimal")
        assert plan.uncoverable == tuple(range(shape[0]))


def test_300_towns_compared_plan_by_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(300):
        if seed == 150:  # from here on without reductions and swaps: the solver alone
            monkeypatch.setattr(set_covering, "hardest", lambda covers: np.arange(covers.shape[0]))
            monkeypatch.setattr(
                set_covering, "undominated", lambda covers: np.arange(covers.shape[1])
            )
            monkeypatch.setattr(set_covering, "quick_cover", everything)
        world, given = town(seed), settled(seed, 8)
        covers = world.ms < FAR
        plan = solve(covers, world.people, given)
        allowed = [at for at in range(8) if at not in given.forbidden]
        asks = (world.people > 0) & covers[:, allowed].any(axis=1)
        assert plan.uncoverable == tuple(np.flatnonzero((world.people > 0) & ~asks)), seed
        least = min(
            len(chosen)
            for chosen in plans(8, given, 8)
            if all_covered(covers, asks, (*given.standing, *chosen))
        )
        assert plan.count == plan.bound_count == least, seed
        assert plan.status == "optimal"
        assert all_covered(covers, asks, (*given.standing, *plan.chosen)), seed
        assert set(given.must) <= set(plan.chosen)
        assert not {*given.forbidden, *given.standing} & set(plan.chosen)


def everything(covers: csr_array, asked: int | None) -> tuple[np.ndarray, int]:
    """The poorest cover and bound there are."""
    return np.arange(covers.shape[1]), 0


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32))
def test_the_fewest_are_the_smallest_p_that_covers_all_coverable(seed: int) -> None:
    world = town(seed, homes=20, stations=10)
    covers = world.ms < FAR
    plan = fewest_covering(csr_array(covers), world.people, 10.0)
    coverable = int(world.people[covers.any(axis=1)].sum())
    people = [
        maximal_covering(csr_array(covers), world.people, p, 10.0).people_gained for p in range(11)
    ]
    assert plan.count == next(p for p in range(11) if people[p] == coverable)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_reductions_keep_exactly_what_is_not_needless(seed: int) -> None:
    random = np.random.default_rng(seed)
    covers = random.random((9, 7)) < random.choice([0.15, 0.4, 0.7])
    sets = [set(np.flatnonzero(column)) for column in covers.T]
    needed = [
        a
        for a, one in enumerate(sets)
        if one and not any(one < other or (one == other and b < a) for b, other in enumerate(sets))
    ]
    assert undominated(csr_array(covers)).tolist() == needed
    covers = covers[covers.any(axis=1)]
    rows = [set(np.flatnonzero(row)) for row in covers]
    hard = [
        a
        for a, one in enumerate(rows)
        if not any(other < one or (one == other and b < a) for b, other in enumerate(rows))
    ]
    assert hardest(csr_array(covers)).tolist() == hard
    first, group = equal_rows(csr_array(covers))
    assert first.tolist() == [a for a, row in enumerate(rows) if rows.index(row) == a]
    assert [rows[at] for at in first[group]] == rows


def test_rows_of_one_sum_are_compared_member_by_member(monkeypatch: pytest.MonkeyPatch) -> None:
    class Same:
        """Draws that tell no row of as many members from another."""

        def integers(self, low: int, high: int, size: int, kind: type) -> np.ndarray:
            return np.ones(size, kind)

    real = np.random.default_rng
    drawn: list[int] = []
    monkeypatch.setattr(
        np.random,
        "default_rng",
        lambda seed: drawn.append(seed) or (Same() if seed == 0 else real(seed)),
    )
    first, group = equal_rows(csr_array(np.array([[1, 0], [0, 1], [1, 0]])))
    assert (first.tolist(), group.tolist(), drawn) == ([0, 1], [0, 1, 0], [0, 1])


@pytest.mark.parametrize("seed", range(4))
def test_as_few_as_spopt(seed: int) -> None:
    world = square(250, 60, 160_000, seed)
    covers = world.ms < FAR
    plan = fewest_covering(csr_array(covers), world.people, 10.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pulp
        from spopt.locate import LSCP

        cost = np.where(covers, 1.0, 9.0)[covers.any(axis=1)]
        model = LSCP.from_cost_matrix(cost, 1.0)
        model = model.solve(pulp.PULP_CBC_CMD(msg=False, threads=1))
        assert plan.count == round(pulp.value(model.problem.objective))
    assert plan.status == "optimal"
    again = fewest_covering(csr_array(covers), world.people, 10.0)
    assert again.chosen == plan.chosen


def test_out_of_time_the_bound_still_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    world = square(250, 60, 160_000, 1)
    covers = csr_array(world.ms < FAR)
    best = fewest_covering(covers, world.people, 10.0)
    monkeypatch.setattr(set_covering, "quick_cover", everything)
    hasty = fewest_covering(covers, world.people, 0.0)
    assert hasty.status == "time_limit"
    assert hasty.bound_count <= best.count <= hasty.count
    assert hasty.bound_count < hasty.count
