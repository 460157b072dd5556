"""Which new stations and which new ways, gates or footpaths, bring most people within the limit?

With ``x`` the stations opened, ``z`` the ways built and ``y`` the homes covered::

    maximise   sum(w[i] * y[i])
    such that  y[i] <= sum(x[j], j in reach today)
                     + sum(z[g], an existing station is in reach once way g is built)
                     + sum(u[j, g], j is in reach once way g is built)
               u[j, g] <= x[j],   u[j, g] <= z[g]
               sum(x) <= p,   sum(z) <= q,   cost @ (x, z) <= budget

a maximal covering (Church & ReVelle 1974) with a product for each station and way that only
help together (Fortet 1960). Columns ``u`` exist only for pairs that somebody needs. They need not
be whole: with ``x`` and ``z`` whole the best ``u`` is 0 or 1.

A walk may use **one** new way here. A plan with several ways may in truth do more, when one walk
takes two of them; never less. So a plan is measured again with all its ways built
(`way_reach.WayWalks.people_within`), and where the two differ the second is the truth. The
bound holds for the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from carecircle.coverage.milp import Solved, solved
from carecircle.coverage.reduction import merge_homes, undominated
from carecircle.coverage.site_plan import whole_bound
from carecircle.coverage.site_program import Draft, Real, Whole, plain_sum
from carecircle.coverage.way_reach import Positions, WayEffect, WayWalks

Chosen = NDArray[np.bool_]
Money = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class WayProblem:
    """Whom sites and ways bring within the limit, each alone or two together.

    Attributes
    ----------
    people : (homes,) int64
        Of homes that are not covered today.
    today : (homes, sites) csr_array
        Candidates in reach of the home on today's streets.
    alone : (homes, ways) csr_array
        Ways that bring the home within the limit of an existing station.
    home, site, way : (pairs,) int
        The home is in reach of the site once the way is built, and of neither by itself.
    """

    people: NDArray[np.int64]
    today: csr_array
    alone: csr_array
    home: Positions
    site: Positions
    way: Positions

    @property
    def sites(self) -> int:
        """How many candidates for stations."""
        return int(self.today.shape[1])

    @property
    def ways(self) -> int:
        """How many candidates for ways."""
        return int(self.alone.shape[1])

    @property
    def people_alone(self) -> NDArray[np.int64]:
        """People whom each way by itself brings within the limit of an existing station."""
        return np.asarray(self.alone.T @ self.people)

    @cached_property
    def pairs(self) -> tuple[Positions, Positions, Positions]:
        """The different pairs, their site and way, and which of them each entry is."""
        number, entry = np.unique(self.site * max(self.ways, 1) + self.way, return_inverse=True)
        site, way = np.divmod(number, max(self.ways, 1))
        return site, way, entry

    @cached_property
    def merged(self) -> tuple[csr_array, NDArray[np.int64]]:
        """What covers each demand point: sites, ways, then pairs; and its people.

        Homes that the same things cover are one point (exact).
        """
        site, _, entry = self.pairs
        today, alone = self.today.tocoo(), self.alone.tocoo()
        row = np.concatenate([today.row, alone.row, self.home])
        shift = self.sites + self.ways
        column = np.concatenate([today.col, self.sites + alone.col, shift + entry])
        shape = len(self.people), shift + len(site)
        covers = csr_array(coo_array((np.ones(len(row), np.int64), (row, column)), shape=shape))
        worth = (np.diff(covers.indptr) > 0) & (self.people > 0)
        return merge_homes(covers[worth], self.people[worth])

    def counted(self, sites: Chosen, ways: Chosen) -> int:
        """People within the limit by this plan, where a walk takes one new way at most."""
        site, way, _ = self.pairs
        covers, people = self.merged
        built = np.concatenate([sites, ways, sites[site] & ways[way]]).astype(np.int64)
        return int(people[np.asarray(covers @ built) > 0].sum())


@dataclass(frozen=True, eq=False)
class WayLimits:
    """How much may be built.

    Attributes
    ----------
    stations, ways : int
        At most so many.
    budget : int or None
        At most so much for all; whole units of money.
    station_cost, way_cost : (sites,), (ways,) int64 or None
        Needed with a budget; 0 or more.
    must : sequence of int
        Sites that every plan has; they count.
    """

    stations: int
    ways: int
    budget: int | None = None
    station_cost: Money | None = None
    way_cost: Money | None = None
    must: Sequence[int] = ()

    def __post_init__(self) -> None:
        """Raise ValueError for limits that no plan can keep or that are none."""
        if min(self.stations, self.ways) < 0 or len(self.must) > self.stations:
            raise ValueError("stations and ways are 0 or more, and enough for those that must be")
        costs = [cost for cost in (self.station_cost, self.way_cost) if cost is not None]
        if self.budget is not None and len(costs) < 2:
            raise ValueError("a budget needs the cost of every station and way")
        if any((cost < 0).any() for cost in costs):
            raise ValueError("a cost is 0 or more")
        if self.budget is None or self.station_cost is None:
            return
        if int(self.station_cost[list(self.must)].sum()) > self.budget:
            raise ValueError("the budget does not pay for the stations that must be")

    def hold(self, sites: Chosen, ways: Chosen) -> bool:
        """Whether a plan keeps to them."""
        cost = 0
        if self.budget is not None and self.station_cost is not None and self.way_cost is not None:
            cost = int(self.station_cost[sites].sum() + self.way_cost[ways].sum())
        few = sites.sum() <= self.stations and ways.sum() <= self.ways
        return bool(few and cost <= (self.budget or 0) and sites[list(self.must)].all())


@dataclass(frozen=True)
class WayPlan:
    """Sites and ways to build, and what is proven.

    ``people`` is counted from them, a walk taking one new way at most; ``bound_people`` cannot be
    passed by any plan counted so.
    """

    sites: tuple[int, ...]
    ways: tuple[int, ...]
    people: int
    bound_people: int
    seconds: float

    @property
    def status(self) -> Literal["optimal", "time_limit"]:
        """Optimal where no plan can be counted higher."""
        return "optimal" if self.people == self.bound_people else "time_limit"


def way_problem(walks: WayWalks, kept: Sequence[int]) -> WayProblem:
    """The problem of these candidates for sites and of the ways ``kept``, in their order."""
    now = walks.now
    home, site = walks.today_within()
    homes, sites = len(now.needy), len(walks.sites) - walks.stations
    effects = [walks.effect(way) for way in kept]
    return WayProblem(
        people=now.people[now.needy],
        today=table(home, site, (homes, sites)),
        alone=table(
            np.concatenate([no_positions(), *(effect.alone for effect in effects)]),
            np.repeat(np.arange(len(kept)), [len(effect.alone) for effect in effects]),
            (homes, len(kept)),
        ),
        home=np.concatenate([no_positions(), *(effect.home for effect in effects)]),
        site=np.concatenate([no_positions(), *(effect.site for effect in effects)]),
        way=np.repeat(np.arange(len(kept)), [len(effect.home) for effect in effects]),
    )


def no_positions() -> Positions:
    """None of them."""
    return np.empty(0, np.intp)


def table(row: Positions, column: Positions, shape: tuple[int, int]) -> csr_array:
    """Ones at these places."""
    return csr_array(coo_array((np.ones(len(row), np.int64), (row, column)), shape=shape))


def best_promise(effect: WayEffect, people: NDArray[np.int64]) -> int:
    """People whom a way brings within the limit by itself and with the best single new station."""
    with_site = np.bincount(effect.site, people[effect.home]).max(initial=0)
    return int(people[effect.alone].sum() + with_site)


def needed_sites(problem: WayProblem) -> Positions:
    """Sites that no other makes needless, whatever ways are built.

    One site stands for another where it covers all that the other covers, today and with each
    way built. Exact where only the number of stations is limited.
    """
    key, entry = np.unique(problem.home * max(problem.ways, 1) + problem.way, return_inverse=True)
    home = key // max(problem.ways, 1)
    with_way = table(entry, problem.site, (len(key), problem.sites)) + problem.today[home]
    return undominated_columns(problem.today, with_way)


def needed_ways(problem: WayProblem) -> Positions:
    """Ways that no other makes needless, whatever stations are opened; exact likewise."""
    key, entry = np.unique(problem.home * max(problem.sites, 1) + problem.site, return_inverse=True)
    home = key // max(problem.sites, 1)
    with_site = table(entry, problem.way, (len(key), problem.ways)) + problem.alone[home]
    return undominated_columns(problem.alone, with_site)


def undominated_columns(*parts: csr_array) -> Positions:
    """Columns that no other has all rows of, over tables below each other."""
    found = [part.tocoo() for part in parts]
    first = np.cumsum([0, *(part.shape[0] for part in parts)])
    row = np.concatenate([part.row + at for part, at in zip(found, first[:-1], strict=True)])
    column = np.concatenate([part.col for part in found])
    whole = csr_array((np.ones(len(row), np.int64), (row, column)), (first[-1], parts[0].shape[1]))
    return np.asarray(undominated(merge_homes(whole, np.ones(first[-1], np.int64))[0]))


def restricted(problem: WayProblem, sites: Positions, ways: Positions) -> WayProblem:
    """The same with some sites and ways only, in the order given."""
    site_number, way_number = np.full(problem.sites, -1), np.full(problem.ways, -1)
    site_number[sites], way_number[ways] = np.arange(len(sites)), np.arange(len(ways))
    kept = (site_number[problem.site] >= 0) & (way_number[problem.way] >= 0)
    return replace(
        problem,
        today=problem.today[:, sites],
        alone=problem.alone[:, ways],
        home=problem.home[kept],
        site=site_number[problem.site[kept]],
        way=way_number[problem.way[kept]],
    )


def best_with_ways(
    problem: WayProblem,
    limits: WayLimits,
    time_limit_s: float,
    start: WayPlan | None = None,
) -> WayPlan:
    """The plan that covers most people, from a greedy one or one that is known."""
    sites, ways = np.zeros(problem.sites, bool), np.zeros(problem.ways, bool)
    if start is None:
        sites[list(limits.must)] = True
    else:
        sites[list(start.sites)], ways[list(start.ways)] = True, True
    sites, ways = greedy(problem, limits, sites, ways)
    found, reachable = problem.counted(sites, ways), int(problem.merged[1].sum())
    bound, seconds = float(reachable), 0.0
    if found < reachable:
        answer, x, z = searched(problem, limits, time_limit_s, sites, ways)
        bound, seconds = min(bound, answer.bound), answer.seconds
        if answer.values is not None:
            better = answer.values[x] > 0.5, answer.values[z] > 0.5
            if limits.hold(*better) and problem.counted(*better) > found:
                (sites, ways), found = better, problem.counted(*better)
    sites, ways = without_idle(problem, limits, sites, ways)
    return WayPlan(
        sites=tuple(np.flatnonzero(sites).tolist()),
        ways=tuple(np.flatnonzero(ways).tolist()),
        people=found,
        bound_people=whole_bound(bound, found, True),
        seconds=seconds,
    )


def searched(
    problem: WayProblem, limits: WayLimits, time_limit_s: float, sites: Chosen, ways: Chosen
) -> tuple[Solved, Whole, Whole]:
    """What the solver says from a start, and the columns of sites and of ways."""
    draft = Draft()
    x, z = draft.columns(len(sites), integer=True), draft.columns(len(ways), integer=True)
    site, way, _ = problem.pairs
    u = draft.columns(len(site))
    covers, people = problem.merged
    y = draft.columns(len(people))
    pair, everything = covers.tocoo(), np.concatenate([x, z, u])
    rows = np.concatenate([np.arange(len(y)), pair.row]).astype(np.int64)
    columns = np.concatenate([y, everything[pair.col]])
    draft.rows((rows, columns, np.where(np.isin(columns, y), 1.0, -1.0)), len(y), upper=0.0)
    for part in (x[site], z[way]):
        rows = np.tile(np.arange(len(u)), 2)
        factors = np.repeat([1.0, -1.0], len(u))
        draft.rows((rows, np.concatenate([u, part]), factors), len(u), upper=0.0)
    draft.row(plain_sum(x), upper=limits.stations)
    draft.row(plain_sum(z), upper=limits.ways)
    draft.row(plain_sum(x[list(limits.must)]), lower=len(limits.must))
    if limits.budget is not None:
        assert limits.station_cost is not None and limits.way_cost is not None
        paid = plain_sum(x, limits.station_cost) + plain_sum(z, limits.way_cost)
        draft.row(paid, upper=limits.budget)
    program = draft.program(plain_sum(y, people), maximize=True)
    start = start_values(problem, sites, ways)
    return solved(program, time_limit_s, start, abs_gap=0.5), x, z


def start_values(problem: WayProblem, sites: Chosen, ways: Chosen) -> Real:
    """A plan as values of the columns, in the order in which they are made."""
    site, way, _ = problem.pairs
    built = np.concatenate([sites, ways, sites[site] & ways[way]])
    covered = np.asarray(problem.merged[0] @ built.astype(np.int64)) > 0
    return np.concatenate([built, covered]).astype(np.float64)


def greedy(
    problem: WayProblem, limits: WayLimits, sites: Chosen, ways: Chosen
) -> tuple[Chosen, Chosen]:
    """Add the site or way that gains most people, again and again, while one does."""
    sites, ways = sites.copy(), ways.copy()
    covers, people = problem.merged
    site, way, _ = problem.pairs
    pairs = covers[:, problem.sites + problem.ways :]
    while True:
        built = np.concatenate([sites, ways, sites[site] & ways[way]]).astype(np.int64)
        left = people * (np.asarray(covers @ built) == 0)
        of_pair = np.asarray(pairs.T @ left)
        gain = np.asarray(covers[:, : problem.sites + problem.ways].T @ left)
        # A point that several pairs of one site cover counts for each: this is only a start.
        np.add.at(gain, site[ways[way]], of_pair[ways[way]])
        np.add.at(gain, problem.sites + way[sites[site]], of_pair[sites[site]])
        for at in np.lexsort((np.arange(len(gain)), -gain)):
            if gain[at] <= 0:
                return sites, ways
            with_it = np.concatenate([sites, ways])
            with_it[at] = True
            more = with_it[: problem.sites], with_it[problem.sites :]
            if limits.hold(*more):
                sites, ways = more
                break
        else:
            return sites, ways


def without_idle(
    problem: WayProblem, limits: WayLimits, sites: Chosen, ways: Chosen
) -> tuple[Chosen, Chosen]:
    """The plan without what gains nobody, ways first: nothing is built for nothing."""
    found = problem.counted(sites, ways)
    for kind, must in ((ways, ()), (sites, limits.must)):
        for at in np.flatnonzero(kind)[::-1]:
            kind[at] = at in must
            kind[at] |= problem.counted(sites, ways) < found
    return sites, ways
