"""How few stations cover everybody who can be covered?

The location set covering problem (Toregas, Swain, ReVelle & Bergman 1971)::

    minimise   sum(x)
    such that  sum(x[j] for the candidates j that cover i) >= 1   for every home i

First what needs no solver (Toregas & ReVelle 1972), again and again until nothing changes: a
home is needless if another one's candidates are all among its own; a candidate is needless
if another one covers all its homes; the only candidate of a home is built. HiGHS answers what
is left. Homes that no candidate covers are named and left out; homes without people ask
for nothing.

Several plans may have as few sites; the same one is found in every run that ends in time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, vstack

from carecircle.coverage.choice import Choice
from carecircle.coverage.interchange import greedy, interchanged
from carecircle.coverage.milp import Program, solved
from carecircle.coverage.reduction import hardest, undominated
from carecircle.coverage.relaxation import relax
from carecircle.coverage.savings import covering_savings

TOLERANCE = 1e-6  # of a bound of HiGHS on a number of sites
UNDER_ONE = 0.999  # sites are whole: an answer this close to the bound is the least


@dataclass(frozen=True)
class CoverPlan:
    """The fewest sites that cover all who can be covered, and what is proven about them."""

    chosen: tuple[int, ...]  # positions of what is built, ascending
    bound_count: int  # no plan with fewer covers everybody
    uncoverable: tuple[int, ...]  # homes with people that no station covers
    status: Literal["optimal", "time_limit"]
    seconds: float  # of the solver

    @property
    def count(self) -> int:
        """How many sites are built."""
        return len(self.chosen)


@dataclass(frozen=True, eq=False)
class Cover:
    """Sites that cover all homes of a matrix; None where none were found within the number asked.

    ``bound`` is a number of sites that no cover goes below.
    """

    sites: NDArray[np.int64] | None
    bound: int
    seconds: float


@dataclass(frozen=True, eq=False)
class Core:
    """What is left of a covering once all that is plain is decided.

    Attributes
    ----------
    covers : (homes left, candidates left) csr_array
    position : (candidates left,) int64
    built : (any,) int64
        Candidates that are the only ones of a home.
    """

    covers: csr_array
    position: NDArray[np.int64]
    built: NDArray[np.int64]


def fewest_covering(
    covers: csr_array,
    people: NDArray[np.int64],
    time_limit_s: float,
    standing: Sequence[int] = (),
    must: Sequence[int] = (),
    forbidden: Sequence[int] = (),
) -> CoverPlan:
    """Cover everybody who can be covered with as few sites as possible.

    Parameters
    ----------
    covers : (homes, stations) csr_array
        True where a station covers the home.
    people : (homes,) int64
    time_limit_s : float
        For the solver.
    standing, must, forbidden : positions of stations
        What stands already, has to be built, must not be built.
    """
    choice = Choice(covers.shape[1], standing, must, forbidden)
    covers = csr_array(covers, dtype=np.int64)
    covers.eliminate_zeros()
    open_already = covers[:, choice.open].sum(axis=1) > 0
    may_be = covers[:, choice.free]
    can = np.diff(may_be.indptr) > 0
    asks = (people > 0) & ~open_already
    found = cover(may_be[asks & can], time_limit_s)
    chosen = choice.built(np.empty(0, np.int64) if found.sites is None else found.sites)
    bound = len(choice.must) + found.bound
    return CoverPlan(
        chosen=chosen,
        bound_count=bound,
        uncoverable=tuple(np.flatnonzero(asks & ~can).tolist()),
        status="optimal" if len(chosen) == bound else "time_limit",
        seconds=found.seconds,
    )


def cover(covers: csr_array, time_limit_s: float, at_most: int | None = None) -> Cover:
    """Cover every row with fewest columns, or with no more than ``at_most``; no row is empty.

    With ``at_most`` the first cover as small as that is enough. Without time only what the
    relaxation can prove and swaps can find is tried.
    """
    core = reduced_to_core(covers)
    forced = len(core.built)
    asked = None if at_most is None else at_most - forced
    sites, least = quick_cover(core.covers, asked)
    seconds, count = 0.0, len(sites)
    if count > least and (asked is None or count > asked >= least) and time_limit_s > 0:
        sites, least, seconds = solve(core.covers, sites, least, asked, time_limit_s)
    if asked is not None and len(sites) > asked:
        return Cover(None, forced + least, seconds)
    every = np.sort(np.concatenate([core.built, core.position[sites]]))
    return Cover(every, forced + least, seconds)


def quick_cover(covers: csr_array, asked: int | None) -> tuple[NDArray[np.int64], int]:
    """A cover by greedy and swaps, and a number that no cover goes below.

    A cover of one fewer is a plan of so many sites that covers every home: as long as swaps
    find one, on the way of the relaxation of maximal covering, the cover gets smaller.
    """
    table = covering_savings(covers, np.ones(covers.shape[0], np.int64))
    sites, least = greedy(table, table.n_sites), homes_apart(covers)
    while len(sites) > least and (asked is None or len(sites) > asked >= least):
        count = len(sites) - 1 if asked is None else asked
        start = interchanged(table, greedy(table, count))
        priced = relax(table, count, start, covers_all_or_cannot(table.n_homes))
        enough = priced.relaxation.bounds() >= table.n_homes
        least = max(least, int(np.argmax(enough)) if enough.any() else len(enough))
        if table.worth(priced.sites) < table.n_homes:
            break
        sites = priced.sites
    return sites, least


def covers_all_or_cannot(n_homes: int) -> Callable[[int, int], bool]:
    """When the relaxation has nothing more to say."""
    return lambda worth, bound: worth >= n_homes or bound < n_homes


def solve(
    covers: csr_array,
    sites: NDArray[np.int64],
    least: int,
    asked: int | None,
    time_limit_s: float,
) -> tuple[NDArray[np.int64], int, float]:
    """What HiGHS finds and proves: a cover, a number that none goes below, seconds."""
    n_sites = covers.shape[1]
    start = np.isin(np.arange(n_sites), sites).astype(float) if asked is None else None
    gap = UNDER_ONE if asked is None else float(n_sites)
    answer = solved(covering_program(covers, asked), time_limit_s, start, abs_gap=gap)
    if answer.ending == "infeasible":
        return sites, max(least, (asked or 0) + 1), answer.seconds
    if np.isfinite(answer.bound):
        least = max(least, int(np.ceil(answer.bound - TOLERANCE)))
    if answer.values is not None:
        sites = min(sites, np.flatnonzero(answer.values > 0.5), key=len)
    return sites, min(least, len(sites)), answer.seconds


def reduced_to_core(covers: csr_array) -> Core:
    """Decide what needs no solver, until nothing changes."""
    position = np.arange(covers.shape[1])
    built = np.empty(0, np.int64)
    while True:
        before = covers.shape
        covers = covers[hardest(covers)]
        kept = undominated(covers)
        covers, position = covers[:, kept], position[kept]
        alone = np.unique(covers.indices[covers.indptr[:-1][np.diff(covers.indptr) == 1]])
        built = np.concatenate([built, position[alone]])
        open_now = covers[:, alone].sum(axis=1) > 0
        rest = np.setdiff1d(np.arange(len(position)), alone)
        covers, position = csr_array(covers[~open_now][:, rest]), position[rest]
        if covers.shape == before:
            return Core(covers, position, built)


def homes_apart(covers: csr_array) -> int:
    """How many homes can be found of which no two share a candidate: each needs its own."""
    taken = np.zeros(covers.shape[1], bool)
    apart = 0
    for home in np.argsort(np.diff(covers.indptr), kind="stable"):
        members = covers.indices[covers.indptr[home] : covers.indptr[home + 1]]
        if not taken[members].any():
            taken[members] = True
            apart += 1
    return apart


def covering_program(covers: csr_array, at_most: int | None) -> Program:
    """The set covering problem; a last row keeps the number of sites."""
    homes, n_sites = covers.shape
    counted = csr_array(np.ones((1, n_sites)))
    return Program(
        matrix=csc_array(vstack([covers.astype(np.float64), counted])),
        cost=np.ones(n_sites),
        maximize=False,
        integer=np.ones(n_sites, bool),
        row_lower=np.concatenate([np.ones(homes), [0.0]]),
        row_upper=np.concatenate(
            [np.full(homes, np.inf), [n_sites if at_most is None else at_most]]
        ),
        lower=np.zeros(n_sites),
        upper=np.ones(n_sites),
    )
