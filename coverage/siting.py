"""Where should the next stations go, and how many does the target take?

The question is the maximal covering location problem (Church & ReVelle 1974): of all
candidates choose ``p`` so that most people who are not covered today are. With ``x`` the
sites built and ``y`` the demand points covered::

    maximise   sum(weight[i] * y[i])
    such that  y[i] <= sum(x[j] for the candidates j that cover i),   sum(x) <= p

It is answered in three steps, each with something proven:

1. Greedy, then swaps of one site while they gain (Teitz & Bart 1968): a plan.
2. Lagrangian relaxation of the covering rows (Galvao & ReVelle 1996): a bound that no plan
   can pass, and more plans to swap from. A candidate whose use would push the bound below
   what is already found cannot be part of a better plan and is left out.
3. HiGHS on what is left, until it is solved or the time is up.

What a plan gains is always counted again from its sites, and the bound is rounded down
because people are whole. Two plans may be equally good: the one found first is kept, and
whatever is solved within its time is the same in every run. The bound holds for these
candidates; a better place that is no candidate is not ruled out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, diags_array, eye_array, hstack, vstack

from carecircle.coverage.milp import Program, solved
from carecircle.coverage.reduction import CoveringProblem, merge_homes, reduced
from carecircle.coverage.result import FewestSites, Ledger, SitePlan, cut_percent

ROUNDS = 600  # of the relaxation; more than this moved no bound in trials
ROUNDS_PER_SWAP_SEARCH = 20
PATIENCE = 20  # rounds without progress before the steps shrink
SHRINK = 0.7
MEMORY = 0.8  # how much of the last direction is kept, so that the steps do not zigzag
# Wider than any rounding in the sums of a million people, far below one person.
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Search:
    """A plan, and what no plan with as many sites can pass."""

    sites: NDArray[np.int64]
    people: int
    bound: int
    seconds: float


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The best bound that prices on the demand points gave.

    ``base`` is paid whatever is built and ``scores`` is what each candidate adds, so that
    ``base`` and the ``p`` best scores together bound every plan of ``p`` sites.
    """

    base: float
    scores: NDArray[np.float64]

    def bounds(self) -> NDArray[np.float64]:
        """The bound for 0, 1, 2 ... sites."""
        best_first = np.sort(self.scores)[::-1]
        return self.base + np.concatenate([[0.0], np.cumsum(best_first)])

    def with_each(self, p: int) -> NDArray[np.float64]:
        """What a plan of ``p`` sites can gain at most if it has the candidate."""
        last_of_best = np.sort(self.scores)[-p]
        most: NDArray[np.float64] = self.bounds()[p] - (last_of_best - self.scores).clip(min=0.0)
        return most


def maximal_covering(
    covers: csr_array, weights: NDArray[np.int64], p: int, time_limit_s: float
) -> SitePlan:
    """Choose at most ``p`` sites that cover most people (Church & ReVelle 1974).

    Parameters
    ----------
    covers : (homes, candidates) csr_array
        True where a station at the candidate covers the home.
    weights : (homes,) int64
        People of each home who are not covered today.
    p : int
        Stations to open; fewer are chosen when more would gain nobody.
    time_limit_s : float
        For the solver; the steps before it take a second or two at most on 1,000 candidates.

    Returns
    -------
    SitePlan
        Chosen positions in the order in which they gain most, each counted after those
        before it. ``optimal`` when no plan can gain more.
    """
    problem = reduced(covers, weights)
    if len(problem.position) == 0:
        return SitePlan((), (), 0, 0, "nothing_to_gain", 0.0)
    found = search(problem, p, time_limit_s)
    chosen, gains = in_greedy_order(problem, found.sites)
    return SitePlan(
        chosen=tuple(int(at) for at in problem.position[chosen]),
        gains=tuple(gains),
        people_gained=found.people,
        bound_people=found.bound,
        status="optimal" if found.people == found.bound else "time_limit",
        seconds=found.seconds,
    )


def fewest_sites(
    covers: csr_array,
    weights: NDArray[np.int64],
    need_people: int,
    time_limit_s: float,
    today: Ledger,
) -> FewestSites:
    """How few sites cover at least ``need_people`` more (partial set covering).

    A greedy plan is shortened by one site for as long as a maximal covering with one fewer
    still covers enough. ``today`` is the people's ledger before anything is built.
    """
    problem = reduced(covers, weights)
    reachable = int(problem.weights.sum())
    percent = cut_percent(today.covered + reachable, today.input)
    if need_people > reachable:
        return FewestSites(None, 0, percent, 0.0)
    count, seconds = len(greedy(problem, need_people, len(problem.position))), 0.0
    while count > 0:
        fewer = search(problem, count - 1, time_limit_s - seconds, need_people)
        seconds += fewer.seconds
        if fewer.people < need_people:
            lower = count if fewer.bound < need_people else least_count(problem, count, need_people)
            return FewestSites(count, lower, percent, seconds)
        count = len(in_greedy_order(problem, fewer.sites)[0])
    return FewestSites(0, 0, percent, seconds)


def least_count(problem: CoveringProblem, count: int, need_people: int) -> int:
    """No plan with fewer sites than this can cover enough, by the relaxation alone."""
    _, relaxation = relax(problem, count - 1, greedy(problem, need_people, count - 1))
    enough = relaxation.bounds() + TOLERANCE >= need_people
    return min(count, int(np.argmax(enough)))


def search(
    problem: CoveringProblem, p: int, time_limit_s: float, enough: int | None = None
) -> Search:
    """Find a plan of at most ``p`` sites, and bound all of them.

    With ``enough`` the search is over as soon as so many people are covered, or none can
    be proven to cover so many; the bound then only says whether they can.
    """
    total = int(problem.weights.sum())
    if p >= len(problem.position):
        return Search(np.arange(len(problem.position)), total, total, 0.0)
    if p == 0:
        return Search(np.empty(0, np.int64), 0, 0, 0.0)
    sites = swapped(problem, greedy(problem, total, p))
    people = covered_people(problem, sites)
    if people == total or (enough is not None and people >= enough):
        return Search(sites, people, total, 0.0)

    sites, relaxation = relax(problem, p, sites, enough)
    people = covered_people(problem, sites)
    to_beat = worth_beating(people, enough)
    bound = max(people, whole(relaxation.bounds()[p]))
    if bound <= to_beat or (enough is not None and people >= enough):
        return Search(sites, people, bound, 0.0)

    useful = relaxation.with_each(p) + TOLERANCE >= to_beat + 1
    better, solver_bound, seconds = solve(problem, useful, p, sites, time_limit_s)
    better_people = covered_people(problem, better)
    if better_people > people:
        sites, people = better, better_people
    return Search(sites, people, max(people, min(bound, max(to_beat, solver_bound))), seconds)


def worth_beating(people: int, enough: int | None) -> int:
    """A plan is worth looking for only if it covers more people than this."""
    return people if enough is None else max(people, enough - 1)


def covered_people(problem: CoveringProblem, sites: NDArray[np.int64]) -> int:
    """People within reach of any of the sites."""
    covered = problem.covers[:, sites].sum(axis=1) > 0
    return int(problem.weights[covered].sum())


def greedy(problem: CoveringProblem, enough: int, p: int) -> NDArray[np.int64]:
    """The site that newly covers most people, again and again; ties to the lowest position.

    At least 1 - 1/e of the best possible (Nemhauser, Wolsey & Fisher 1978).
    """
    covered_by = problem.covers.T.tocsr()
    left = problem.weights.copy()
    sites: list[int] = []
    missing = enough
    while missing > 0 and len(sites) < p:
        gain = covered_by @ left
        site = int(gain.argmax())
        if gain[site] == 0:
            break
        sites.append(site)
        missing -= int(gain[site])
        left[covered_by.indices[covered_by.indptr[site] : covered_by.indptr[site + 1]]] = 0
    return np.array(sites, np.int64)


def swapped(problem: CoveringProblem, sites: NDArray[np.int64]) -> NDArray[np.int64]:
    """Replace one site by another, the best such swap first, while one gains."""
    if len(sites) == 0:
        return sites
    sites = sites.copy()
    covered_by = problem.covers.T.tocsr()
    while True:
        covering = problem.covers[:, sites]
        times = covering.sum(axis=1)
        gain = covered_by @ (problem.weights * (times == 0))
        # Demand points that lean on one site alone: lost without it, unless regained.
        alone = problem.weights * (times == 1)
        leaning = diags_array(alone, dtype=np.int64) @ covering
        regained = csr_array(covered_by @ leaning).toarray()
        change = gain[:, None] - leaning.sum(axis=0)[None, :] + regained
        best = int(change.argmax())
        if change.flat[best] <= 0:
            return np.sort(sites)
        enters, leaves = divmod(best, len(sites))
        sites[leaves] = enters


def relax(
    problem: CoveringProblem, p: int, sites: NDArray[np.int64], enough: int | None = None
) -> tuple[NDArray[np.int64], Relaxation]:
    """Bound all plans of ``p`` sites, and improve the plan on the way.

    Ends early when no plan can be worth looking for, or so many people are covered that it
    is ``enough``.

    Each demand point has a price between 0 and its weight. Being covered is worth the
    weight less the price, wherever the sites are; a site earns the prices of what it
    covers. The ``p`` sites that earn most then bound every plan. Prices fall where those
    sites leave nobody in need and rise where they cover twice: a deflected subgradient
    (Camerini, Fratta & Maffioli 1975) with Polyak's step towards the best plan found.
    """
    covers = problem.covers.astype(np.float64)
    covered_by = covers.T.tocsr()
    weights = problem.weights.astype(np.float64)
    people = covered_people(problem, sites)
    prices = weights / 2
    direction = np.zeros_like(prices)
    best_prices, best_bound = prices, np.inf
    step, stalled, tried = 1.0, 0, set()

    for turn in range(ROUNDS):
        scores = covered_by @ prices
        top = np.sort(np.argsort(-scores, kind="stable")[:p])
        bound = (weights - prices).sum() + scores[top].sum()
        stalled = 0 if bound < best_bound * (1 - 1e-5) else stalled + 1
        if bound < best_bound:
            best_bound, best_prices = bound, prices
        if whole(best_bound) <= worth_beating(people, enough):
            break
        if enough is not None and people >= enough:
            break
        if turn % ROUNDS_PER_SWAP_SEARCH == 0 and top.tobytes() not in tried:
            tried.add(top.tobytes())
            other = swapped(problem, top)
            if covered_people(problem, other) > people:
                sites, people = other, covered_people(problem, other)
        if stalled >= PATIENCE:
            step, stalled, prices = step * SHRINK, 0, best_prices
            direction = np.zeros_like(prices)
            continue
        excess = covers[:, top].sum(axis=1) - 1
        direction = MEMORY * direction + (1 - MEMORY) * excess
        pinned = ((prices <= 0) & (direction > 0)) | ((prices >= weights) & (direction < 0))
        move = np.where(pinned, 0.0, direction) * weights
        length = (move * direction).sum()
        if length == 0:
            break
        prices = np.clip(prices - step * (bound - people) / length * move, 0, weights)

    return sites, Relaxation(float((weights - best_prices).sum()), covered_by @ best_prices)


def solve(
    problem: CoveringProblem,
    useful: NDArray[np.bool_],
    p: int,
    sites: NDArray[np.int64],
    time_limit_s: float,
) -> tuple[NDArray[np.int64], int, float]:
    """Find the best plan among the useful candidates and the given sites.

    Returns its sites, the bound and the solver's seconds.
    """
    columns = np.union1d(np.flatnonzero(useful), sites)
    covers = problem.covers[:, columns]
    met = np.diff(covers.indptr) > 0
    part = CoveringProblem(*merge_homes(covers[met], problem.weights[met]), columns)
    built = np.isin(columns, sites)
    start = np.concatenate([built, part.covers @ built > 0]).astype(float)
    # What presolve could do is done already; without it twice as fast. People are whole.
    answer = solved(covering_program(part, p), time_limit_s, start, abs_gap=0.5, presolve=False)
    people = int(part.weights.sum()) if np.isinf(answer.bound) else whole(answer.bound)
    if answer.values is not None:
        built = answer.values[: len(columns)] > 0.5
    return columns[built], people, answer.seconds


def covering_program(problem: CoveringProblem, p: int) -> Program:
    """The maximal covering problem: sites first, then demand points."""
    points, candidates = problem.covers.shape
    opened = csr_array(np.concatenate([np.ones(candidates), np.zeros(points)])[None, :])
    rows = hstack([-problem.covers.astype(np.float64), eye_array(points)])
    is_site = np.arange(candidates + points) < candidates
    return Program(
        matrix=csc_array(vstack([rows, opened])),
        cost=np.concatenate([np.zeros(candidates), problem.weights.astype(np.float64)]),
        maximize=True,
        integer=is_site,
        row_lower=np.full(points + 1, -np.inf),
        row_upper=np.concatenate([np.zeros(points), [p]]).astype(np.float64),
        lower=np.zeros(candidates + points),
        upper=np.ones(candidates + points),
    )


def in_greedy_order(
    problem: CoveringProblem, sites: NDArray[np.int64]
) -> tuple[NDArray[np.int64], list[int]]:
    """The sites, most newly covered people first, with those people; useless ones left out."""
    only = CoveringProblem(problem.covers[:, sites], problem.weights, problem.position[sites])
    order = greedy(only, int(problem.weights.sum()), len(sites))
    totals = [covered_people(only, order[: n + 1]) for n in range(len(order))]
    gains = [total - before for total, before in zip(totals, [0, *totals], strict=False)]
    return sites[order], gains


def whole(bound: float) -> int:
    """A bound on people, as whole people."""
    return int(np.floor(bound + TOLERANCE))
