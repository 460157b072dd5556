"""The loss of a block is the least of all choices; its bound holds for every plan."""

import itertools

import numpy as np
import pytest
from scipy.sparse import csr_array

from carecircle.coverage import search, shaking
from carecircle.coverage.block_search import STOPPED, least_loss
from carecircle.coverage.blocks import block_bound, block_of, central_prices, parted
from carecircle.coverage.interchange import interchanged
from carecircle.coverage.relaxation import relax
from carecircle.coverage.savings import covering_savings, savings
from carecircle.coverage.shaking import shaken

RUN, STOP = np.zeros(1, bool), np.ones(1, bool)


def world(seed, homes=16, sites=8):
    """Homes covered by two candidates or more, with people."""
    random = np.random.default_rng(seed)
    covers = random.random((homes, sites)) < random.choice([0.3, 0.5])
    covers[np.arange(homes), random.integers(0, sites, homes)] = True
    return csr_array(covers.astype(float)), random.integers(1, 60, homes)


def loss(covers, uncovered, again, plan):
    """Counted home by home."""
    times = covers[:, list(plan)].sum(axis=1)
    return sum(
        v if t == 0 else (t - 1) * u for t, v, u in zip(times, uncovered, again, strict=True)
    )


def every_choice(n):
    return itertools.chain.from_iterable(itertools.combinations(range(n), k) for k in range(n + 1))


@pytest.mark.parametrize("seed", range(200))
def test_the_loss_of_a_block_is_the_least_of_all_choices(seed):
    covers, people = world(seed)
    prices = np.random.default_rng(seed).random(len(people)) * people
    block = block_of(covers, np.arange(len(people)), people, prices)
    dense = covers.toarray()
    least = min(loss(dense, prices, people - prices, plan) for plan in every_choice(8))
    assert least_loss(block, 1e6, RUN) == pytest.approx(least)
    assert least_loss(block, least / 2, RUN) == least / 2


def test_three_homes_round_three_sites_lose_what_half_sites_would_not():
    # Each site covers two of three homes: half of each covers all, one site leaves one home.
    covers = csr_array(np.array([[1.0, 1, 0], [0, 1, 1], [1, 0, 1]]))
    people = np.array([10, 10, 10])
    block = block_of(covers, np.arange(3), people, np.array([5.0, 5, 5]))
    assert least_loss(block, 100.0, RUN) == 5.0


def test_a_search_that_is_stopped_says_so():
    covers, people = world(0)
    block = block_of(covers, np.arange(len(people)), people, people / 2)
    assert least_loss(block, 1e6, STOP) == STOPPED


@pytest.mark.parametrize("seed", range(60))
def test_the_bound_holds_and_is_at_least_as_sharp_as_the_linear_one(seed):
    covers, people = world(seed, homes=30, sites=12)
    p = 4
    dense = covers.toarray() > 0
    plans = itertools.combinations(range(12), p)
    best = max(int(people[dense[:, list(plan)].any(axis=1)].sum()) for plan in plans)
    table = covering_savings(csr_array(dense.astype(np.int64)), people)
    bound = block_bound(table, p, 0, people / 2, 20.0)
    prices = central_prices(covers, people, p, 20.0)
    earned = np.sort(covers.T @ (people - prices))[::-1][:p].sum()
    assert best <= bound <= prices.sum() + earned + 1e-3


def test_blocks_are_all_homes_once():
    covers, _ = world(1, homes=41, sites=12)
    blocks = list(parted(covers, 4))
    assert sorted(np.concatenate(blocks)) == list(range(41))
    assert sorted(len(block) for block in blocks) == [10, 10, 10, 11]


def test_two_quarters_without_a_common_site_are_two_blocks():
    covers = csr_array(np.kron(np.eye(2), np.ones((6, 3))))
    assert {tuple(block) for block in parted(covers, 2)} == {
        tuple(range(6)),
        tuple(range(6, 12)),
    }


@pytest.mark.parametrize("seed", range(30))
def test_a_search_that_goes_by_blocks_finds_a_plan_and_bounds_the_best(seed, monkeypatch):
    covers, people = world(seed, homes=40, sites=14)
    dense = covers.toarray() > 0
    plans = itertools.combinations(range(14), 5)
    best = max(int(people[dense[:, list(plan)].any(axis=1)].sum()) for plan in plans)
    table = covering_savings(csr_array(dense.astype(np.int64)), people)
    monkeypatch.setattr(search, "FEW_SITES", 2)
    monkeypatch.setattr(search, "FAR", -1.0)
    monkeypatch.setattr(search, "relax", rough)
    monkeypatch.setattr(shaking, "ROUNDS", 30)
    found = search.search(table, 5, 20.0)
    assert found.worth == table.worth(found.sites) == best <= found.bound
    assert len(found.sites) <= 5


def rough(table, p, sites, over, prices=None):
    """Hardly any relaxation, so that something is left."""
    return relax(table, p, sites, over, prices, rounds=3)


@pytest.mark.parametrize("seed", range(20))
def test_shaking_never_makes_a_plan_worse_and_is_the_same_in_every_run(seed, monkeypatch):
    monkeypatch.setattr(shaking, "ROUNDS", 50)
    random = np.random.default_rng(seed)
    home, site = np.nonzero(random.random((60, 20)) < 0.2)
    table = savings(home, site, random.integers(1, 100, len(home)), (60, 20))
    start = interchanged(table, random.choice(20, 6, replace=False))
    better = shaken(table, start)
    assert len(set(better.tolist())) == 6
    assert table.worth(better) >= table.worth(start)
    assert (shaken(table, start) == better).all()
