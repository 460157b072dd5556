"""Where should the next stations go, and how many does the target take?

The question is the maximal covering location problem (Church & ReVelle 1974): of all
candidates choose ``p`` so that most people who are not covered today are. With ``x`` the
sites built and ``y`` the demand points covered::

    maximise   sum(weight[i] * y[i])
    such that  y[i] <= sum(x[j] for the candidates j that cover i),   sum(x) <= p

`reduction` makes the question smaller, `search` finds the plan and proves it: greedy and swaps,
Lagrangian relaxation of the covering rows, HiGHS.

What a plan gains is always counted again from its sites, and the bound is rounded down
because people are whole. Two plans may be equally good: the one found first is kept, and
whatever is solved within its time is the same in every run. The bound holds for these
candidates; a better place that is no candidate is not ruled out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from carecircle.coverage.interchange import greedy
from carecircle.coverage.reduction import reduced
from carecircle.coverage.relaxation import relax
from carecircle.coverage.result import FewestSites, Ledger, SitePlan, cut_percent
from carecircle.coverage.savings import Savings, covering_savings
from carecircle.coverage.search import search


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
    table = covering_savings(problem.covers, problem.weights)
    found = search(table, p, time_limit_s)
    chosen, gains = in_greedy_order(table, found.sites)
    return SitePlan(
        chosen=tuple(int(at) for at in problem.position[chosen]),
        gains=tuple(gains),
        people_gained=found.worth,
        bound_people=found.bound,
        status="optimal" if found.worth == found.bound else "time_limit",
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
    table = covering_savings(problem.covers, problem.weights)
    count, seconds = len(greedy(table, table.n_sites, need_people)), 0.0
    while count > 0:
        fewer = search(table, count - 1, time_limit_s - seconds, need_people)
        seconds += fewer.seconds
        if fewer.worth < need_people:
            lower = count if fewer.bound < need_people else least_count(table, count, need_people)
            return FewestSites(count, lower, percent, seconds)
        count = len(in_greedy_order(table, fewer.sites)[0])
    return FewestSites(0, 0, percent, seconds)


def least_count(table: Savings, count: int, need_people: int) -> int:
    """No plan with fewer sites than this can cover enough, by the relaxation alone."""
    plan = greedy(table, count - 1, need_people)
    priced = relax(table, count - 1, plan, lambda worth, bound: bound < need_people)
    bounds = priced.relaxation.bounds()
    return min(count, int(np.argmax(bounds >= need_people)))


def in_greedy_order(
    table: Savings, sites: NDArray[np.int64]
) -> tuple[NDArray[np.int64], list[int]]:
    """The sites, most newly covered people first, with those people; useless ones left out."""
    only, _ = table.beyond(np.empty(0, np.int64), sites)
    order = greedy(only, len(sites))
    totals = [only.worth(order[: n + 1]) for n in range(len(order))]
    gains = [total - before for total, before in zip(totals, [0, *totals], strict=False)]
    return sites[order], gains
