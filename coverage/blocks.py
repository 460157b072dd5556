"""A sharper bound for maximal covering: neighbourhoods solved as a whole.

Where circles fill the ground several times over, the linear relaxation opens fractions of many
sites and covers nearly everybody, which no plan does. Homes are therefore divided into blocks,
and of each block it is asked what any choice of sites loses there (`block_search`)::

    bound(v) = sum(v)  +  the p largest of  sum over i of (people[i] - v[i])
               -  sum over the blocks of the least loss

holds for all prices ``0 <= v <= people``: a site earns once, in the second sum, while each block is
free to choose its own sites (Lagrangian decomposition, Guignard & Kim 1987; of maximal
covering by clusters Senne, Pereira & Lorena 2010). Larger blocks bound sharper and take
exponentially longer.

The prices are those of the linear relaxation by an interior point method, whose answer lies
in the middle of all that are as good; those at a corner bound worse. The least losses are in
double precision: a thousandth of a person is taken off each.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from time import perf_counter

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, diags_array, eye_array, hstack, vstack
from scipy.sparse.linalg import svds

from carecircle.coverage.block_search import STOPPED, Block, least_loss
from carecircle.coverage.milp import Program, quiet_solver
from carecircle.coverage.relaxation import exact, fraction_bits
from carecircle.coverage.savings import Savings

SITES_IN_BLOCK = 13  # blocks of twice as many are not settled in a minute
FIRST_TARGET = 0.02  # of all that there is to prove, in each block
RAISE = 1.3  # from target to target; each takes about twice as long
ANGLES = 8
MARGIN = 1e-3


@dataclass(eq=False)
class Proof:
    """What a block loses at least; ``settled`` when it is the least loss itself."""

    block: Block
    loss: float = 0.0
    settled: bool = False

    def reach(self, target: float, stop: NDArray[np.bool_]) -> None:
        """Prove that the loss is so much, unless it is less or the time is up."""
        if self.settled or stop[0]:
            return
        least = least_loss(self.block, target, stop)
        if least != STOPPED:
            self.loss, self.settled = max(0.0, least - MARGIN), least < target


def is_covering(table: Savings) -> bool:
    """Whether each home saves the same wherever it saves."""
    return bool((table.saved == np.repeat(table.most, np.diff(table.home_ptr))).all())


def block_bound(
    table: Savings, p: int, worth: int, prices: NDArray[np.float64] | None, time_limit_s: float
) -> int:
    """What no plan of ``p`` sites passes; ``worth`` or more, over as soon as it is that.

    Parameters
    ----------
    table : of a covering question
    prices : (homes,) float64
        Taken where the linear relaxation is not solved in time.
    """
    began = perf_counter()
    ones = np.ones(len(table.site))
    cover = csr_array((ones, table.site, table.home_ptr), (table.n_homes, table.n_sites))
    central = central_prices(cover, table.most, p, time_limit_s)
    fractions = 2.0 ** fraction_bits(table)
    known = table.most / 2 if prices is None else prices
    prices = np.rint((known if central is None else central) * fractions) / fractions
    relaxation = exact(table, prices)
    bound = int(relaxation.bounds()[p])
    stop = np.zeros(1, bool)
    timer = threading.Timer(max(0.0, time_limit_s - (perf_counter() - began)), stop.fill, [True])
    timer.start()
    count = 2 ** max(1, round(np.log2(p / SITES_IN_BLOCK)))
    loss = 0
    while count and bound - loss > worth and not stop[0]:
        blocks = [block_of(cover, homes, table.most, prices) for homes in parted(cover, count)]
        loss = max(loss, int(proven_loss(blocks, bound - worth, stop)))
        count //= 2
    timer.cancel()
    return max(worth, bound - loss)


def proven_loss(blocks: list[Block], wanted: int, stop: NDArray[np.bool_]) -> float:
    """What the blocks lose together at least: targets rise until all are settled.

    Each block is one more task for as many threads as there are processors; what is found in
    it does not depend on the others.
    """
    proofs = [Proof(block) for block in blocks]
    target = FIRST_TARGET * wanted
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        while not stop[0] and not all(proof.settled for proof in proofs):
            list(threads.map(Proof.reach, proofs, repeat(target), repeat(stop)))
            if sum(proof.loss for proof in proofs) >= wanted:
                break
            target *= RAISE
    return sum(proof.loss for proof in proofs)


def central_prices(
    cover: csr_array, people: NDArray[np.int64], p: int, time_limit_s: float
) -> NDArray[np.float64] | None:
    """Prices of the linear relaxation, in the middle of all that are as good."""
    homes, sites = cover.shape
    at_most = csr_array(np.repeat([1.0, 0.0], [sites, homes])[None, :])
    program = Program(
        matrix=csc_array(vstack([hstack([-cover, eye_array(homes)]), at_most])),
        cost=np.concatenate([np.zeros(sites), people]).astype(float),
        maximize=True,
        integer=np.zeros(sites + homes, bool),
        row_lower=np.full(homes + 1, -np.inf),
        row_upper=np.concatenate([np.zeros(homes), [p]]),
        lower=np.zeros(sites + homes),
        upper=np.ones(sites + homes),
    )
    solver = quiet_solver(time_limit_s, 0.0, presolve=True)
    solver.setOptionValue("solver", "ipm")
    solver.setOptionValue("run_crossover", "off")
    solver.passModel(program.as_highs())
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    shared = np.abs(np.array(solver.getSolution().row_dual)[:homes])
    prices: NDArray[np.float64] = people - shared.clip(max=people)
    return prices


def block_of(
    cover: csr_array,
    homes: NDArray[np.int64],
    people: NDArray[np.int64],
    prices: NDArray[np.float64],
) -> Block:
    """These homes with the candidates that cover any of them."""
    rows = csr_array(cover[homes])
    rows = csr_array(rows[:, np.flatnonzero(rows.sum(axis=0))])
    columns = csr_array(rows.T)
    parts = rows.indptr, rows.indices, columns.indptr, columns.indices
    home_ptr, site, site_ptr, home = (part.astype(np.int64) for part in parts)
    lost = prices[homes]
    return Block(home_ptr, site, site_ptr, home, lost, people[homes] - lost)


# --- parts


def parted(cover: csr_array, count: int) -> Iterator[NDArray[np.int64]]:
    """The homes in a power of two of equal parts that share few candidates."""
    yield from halved(cover, np.arange(cover.shape[0]), count)


def halved(cover: csr_array, homes: NDArray[np.int64], count: int) -> Iterator[NDArray[np.int64]]:
    """Halves of halves."""
    if count == 1 or len(homes) < 2:
        yield homes
        return
    side = best_cut(csr_array(cover[homes]))
    yield from halved(cover, homes[side], count // 2)
    yield from halved(cover, homes[~side], count // 2)


def best_cut(cover: csr_array) -> NDArray[np.bool_]:
    """One half of the homes: of straight cuts through a map of them, that through fewest sites.

    The map is spectral: homes that share many candidates lie together (Dhillon 2001).
    """
    cover = csr_array(cover[:, np.flatnonzero(cover.sum(axis=0))])
    best: NDArray[np.bool_] = np.arange(cover.shape[0]) < cover.shape[0] // 2
    fewest = np.inf
    across = spectral_map(cover)
    for angle in np.arange(ANGLES) * np.pi / ANGLES:
        order = np.argsort(across @ [np.cos(angle), np.sin(angle)], kind="stable")
        side = np.zeros(len(order), bool)
        side[order[: len(order) // 2]] = True
        here, there = cover.T @ side.astype(float), cover.T @ (~side).astype(float)
        through = float(np.minimum(here, there).sum())
        if through < fewest:
            best, fewest = side, through
    return best


def spectral_map(cover: csr_array) -> NDArray[np.float64]:
    """Two coordinates for each home."""
    if min(cover.shape) < 4:
        return np.zeros((cover.shape[0], 2))
    home, site = (1 / np.sqrt(cover.sum(axis=axis)) for axis in (1, 0))
    scaled = diags_array(home) @ cover @ diags_array(site)
    left, strength, _ = svds(scaled, k=3, v0=np.ones(min(cover.shape)))
    order = np.argsort(-strength)[1:]
    across = left[:, order] * home[:, None]
    flat: NDArray[np.float64] = across / np.abs(across).max(axis=0)
    return flat
