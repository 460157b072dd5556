"""The plan of ``p`` sites that is worth most, and the proof.

Three steps, each with something proven (`savings` says what a plan is worth):

1. Greedy, then swaps: a plan (`interchange`).
2. Lagrangian relaxation: a bound that no plan can pass, and more plans to swap from
   (`relaxation`). A candidate whose use would push the bound below what is already found
   cannot be part of a better plan and is left out; one whose absence would is built. Both make
   the question smaller and the next bound sharper, so this is done until nothing changes.
3. HiGHS on what is left (`radius`), until it is solved or the time is up.

What a plan is worth is always counted again from its sites. The relaxation's bound is exact. A
bound of HiGHS, which counts in double precision, is taken to be right to a billionth.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.blocks import block_bound, is_covering
from carecircle.coverage.interchange import greedy, interchanged
from carecircle.coverage.milp import solved
from carecircle.coverage.radius import radius_program
from carecircle.coverage.relaxation import Priced, Relaxation, relax
from carecircle.coverage.savings import Savings
from carecircle.coverage.shaking import shaken

PRECISION = 1e-9  # of the figures of HiGHS, whose sums are in double precision
TOLERANCE = 1e-3  # wider than any rounding in the sums of a million people, far below one
MOST_OBJECTIVE = 1e9  # larger figures are scaled: HiGHS calls equal what is within 1e-6
FAR, FEW_SITES = 0.005, 26  # the solver closed no wider gap of as many sites in trials
WORTH_ANOTHER_ROUND = 0.95  # candidates left, of those before


@dataclass(frozen=True, eq=False)
class Search:
    """A plan, and what no plan with as many sites can pass."""

    sites: NDArray[np.int64]
    worth: int
    bound: int
    seconds: float = 0.0  # of the solver

    def improved(self, table: Savings, sites: NDArray[np.int64]) -> Search:
        """With these sites, if they are worth more."""
        worth = table.worth(sites)
        if worth <= self.worth:
            return self
        return replace(self, sites=np.sort(sites), worth=worth, bound=max(worth, self.bound))

    def bounded(self, bound: int) -> Search:
        """With a better bound, if it is one; never below the plan."""
        return replace(self, bound=max(self.worth, min(self.bound, bound)))

    def settled(self, enough: int | None) -> bool:
        """Whether the question is answered: see `search`."""
        return self.bound <= self.to_beat(enough) or (enough is not None and self.worth >= enough)

    def far_from_proven(self, enough: int | None) -> bool:
        """Whether the solver would not close the gap in any time."""
        return self.bound - self.to_beat(enough) > FAR * self.bound

    def to_beat(self, enough: int | None) -> int:
        """A plan is worth looking for only if it is worth more than this."""
        return self.worth if enough is None else max(self.worth, enough - 1)


@dataclass(frozen=True, eq=False)
class Part:
    """What is left of a question once some candidates are built and others left out.

    Attributes
    ----------
    table : Savings
        Of the candidates left, beyond what the built ones save already.
    position : (candidates left,) int64
        Among all candidates.
    built : (any,) int64
        Among all candidates.
    base : int
        What the built ones are worth.
    prices : (homes of the table,) float64, optional
        The best known.
    """

    table: Savings
    position: NDArray[np.int64]
    built: NDArray[np.int64]
    base: int
    prices: NDArray[np.float64] | None

    def plan(self, sites: NDArray[np.int64]) -> NDArray[np.int64]:
        """What is built and these of the candidates left, among all candidates."""
        return np.sort(np.concatenate([self.built, self.position[sites]]))

    def of(self, sites: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which of the candidates left are among these of all candidates."""
        return np.flatnonzero(np.isin(self.position, sites))


def search(table: Savings, p: int, time_limit_s: float, enough: int | None = None) -> Search:
    """Find a plan of at most ``p`` sites, and bound all of them.

    With ``enough`` the search is over as soon as a plan is worth so much, or none can be
    proven to be; the bound then only says whether they can.
    """
    total = int(table.most.sum())
    everything, nothing = np.arange(table.n_sites), np.empty(0, np.int64)
    if p >= table.n_sites:
        return Search(everything, total, total)
    if p == 0:
        return Search(nothing, 0, 0)
    sites = interchanged(table, greedy(table, p))
    best = Search(sites, table.worth(sites), total)
    part: Part | None = Part(table, everything, nothing, 0, None)
    while part is not None and not best.settled(enough):
        if len(part.position) <= p - len(part.built):
            best = best.improved(table, part.plan(np.arange(len(part.position))))
            return best.bounded(max(part.base + int(part.table.most.sum()), best.to_beat(enough)))
        best, part, priced = relaxed(table, part, p, best, enough)
        if best.settled(enough):
            break
        smaller = narrowed(part, p, best.to_beat(enough), priced.relaxation)
        if smaller and len(smaller.position) > WORTH_ANOTHER_ROUND * len(part.position):
            return finished(table, smaller, p, best, time_limit_s, enough)
        part = smaller
    return best if part else best.bounded(best.to_beat(enough))


def relaxed(
    table: Savings, part: Part, p: int, best: Search, enough: int | None
) -> tuple[Search, Part, Priced]:
    """Bound what is left, and look for better plans on the way."""

    def over(worth: int, bound: int) -> bool:
        better = replace(best, worth=max(best.worth, part.base + worth), bound=part.base + bound)
        return better.settled(enough)

    left = p - len(part.built)
    priced = relax(part.table, left, part.of(best.sites)[:left], over, part.prices)
    best = best.improved(table, part.plan(priced.sites))
    bound = part.base + int(priced.relaxation.bounds()[left])
    return (
        best.bounded(max(bound, best.to_beat(enough))),
        replace(part, prices=priced.prices),
        priced,
    )


def narrowed(part: Part, p: int, to_beat: int, relaxation: Relaxation) -> Part | None:
    """Without what no better plan has, built what each has; None if there is no better plan."""
    left, better = p - len(part.built), to_beat + 1 - part.base
    can = relaxation.with_each(left) >= better
    must = can & (relaxation.without_each(left) < better)
    if must.sum() > left or not can.any():
        return None
    kept = np.flatnonzero(can & ~must)
    table, homes = part.table.beyond(np.flatnonzero(must), kept)
    saved = part.table.by(np.flatnonzero(must))
    prices = None if part.prices is None else (part.prices - saved)[homes].clip(min=0)
    built = np.concatenate([part.built, part.position[must]])
    return Part(table, part.position[kept], built, part.base + int(saved.sum()), prices)


def finished(
    table: Savings, part: Part, p: int, best: Search, time_limit_s: float, enough: int | None
) -> Search:
    """What is left, by the solver; where bound and plan are far apart, by blocks."""
    left = p - len(part.built)
    if left < FEW_SITES or not best.far_from_proven(enough):
        return solve(table, part, p, best, time_limit_s, enough)
    began = perf_counter()
    best = best.improved(table, part.plan(shaken(part.table, part.of(best.sites)[:left])))
    blocks = is_covering(part.table) and best.far_from_proven(enough)
    if best.settled(enough) or not blocks:
        return solve(table, part, p, best, time_limit_s, enough)
    to_beat, left_s = best.to_beat(enough), time_limit_s - (perf_counter() - began)
    bound = part.base + block_bound(part.table, left, to_beat - part.base, part.prices, left_s)
    return replace(best.bounded(max(bound, to_beat)), seconds=perf_counter() - began)


def solve(
    table: Savings, part: Part, p: int, best: Search, time_limit_s: float, enough: int | None
) -> Search:
    """What HiGHS finds among the candidates left, from the best plan there known."""
    left = p - len(part.built)
    if left == 0:
        return best.improved(table, part.built).bounded(max(part.base, best.to_beat(enough)))
    scale = max(1.0, int(part.table.most.sum()) / MOST_OBJECTIVE)
    model = radius_program(part.table, left, scale)
    start = model.start(part.of(best.sites)[:left])
    # What presolve could do is done already; without it twice as fast. Worth is whole units.
    answer = solved(model.program, time_limit_s, start, abs_gap=0.5 / scale, presolve=False)
    if answer.values is not None:
        sites = part.plan(np.flatnonzero(answer.values[: len(part.position)] > 0.5))
        best = best.improved(table, sites)
    bound = min(answer.bound * scale, float(part.table.most.sum()))
    bound = part.base + claimed(bound, best.worth - part.base)
    return replace(best.bounded(max(bound, best.to_beat(enough))), seconds=answer.seconds)


def claimed(bound: float, worth: int) -> int:
    """A bound of HiGHS in whole units; what is nearer than its precision counts as equal."""
    slack = TOLERANCE + PRECISION * abs(bound)
    return worth if bound - worth <= 2 * slack else int(np.floor(bound + slack))
