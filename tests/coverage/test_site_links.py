"""Stations and new ways together, against every plan of small worlds, each searched anew."""

import itertools

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from carecircle.coverage.circle import walks_of_homes
from carecircle.coverage.repairs import NewDoors, gained_by_doors, gained_by_links, standing
from carecircle.coverage.result import Circle
from carecircle.coverage.site_links import (
    WayLimits,
    WayPlan,
    best_with_ways,
    needed_sites,
    needed_ways,
    restricted,
    way_problem,
)
from carecircle.coverage.way_reach import Ways, WayWalks
from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.links import Links
from carecircle.isochrones.snapping import Snaps
from carecircle.isochrones.walkers import WALKERS
from carecircle.layers.network import EDGE_KINDS, WalkNetwork

DIRECTIONS = ("to", "from", "round_trip", "worse")


class Milliseconds(Circle):
    """A circle whose limit is told in milliseconds."""

    @property
    def limit_ms(self):
        return self.minutes


class World:
    """A few nodes; homes, stations, sites, gates and links at them. Millimetres all over.

    A home has legs (node, mm); a gate gives homes a further leg each: {home: (node, mm)}.
    """

    def __init__(self, n, edges, homes, people, stations, sites, gates, links, limit, z=None):
        self.n, self.edges, self.homes, self.people = n, edges, homes, np.array(people)
        self.stations, self.sites, self.gates, self.links = stations, sites, gates, links
        self.limit, self.z = limit, z

    @property
    def ways(self):
        return len(self.gates) + len(self.links)

    def network(self, links=()):
        """The streets with these links; every node has an edge of its own, for doors to open on."""
        edges = [*self.edges, *links]
        return WalkNetwork(
            crs="EPSG:4547",
            node_xy=np.zeros((self.n, 2)),
            edge_nodes=np.array([e[:2] for e in edges], np.int32),
            edge_mm=np.array([e[2] for e in edges], np.int64),
            edge_kind=np.full(len(edges), EDGE_KINDS.index("street"), np.uint8),
            edge_attachable=np.ones(len(edges), bool),
            node_component=np.zeros(self.n, np.int32),
            facts={},
            node_z=None if self.z is None else np.array(self.z, float),
        )

    def at(self, node):
        for number, (a, b, mm) in enumerate(self.edges):
            if node in (a, b):
                return number, 0 if node == a else mm
        raise AssertionError("a node without a street")

    def points(self, all_legs):
        rows = [(at, *self.at(node), mm) for at, legs in enumerate(all_legs) for node, mm in legs]
        at, edge, offset, leg = np.array(rows, np.int64).reshape(-1, 4).T
        zero = np.zeros(len(rows), np.int32)
        return Snaps(edge.astype(np.int32), offset, leg, zero, at.astype(np.int32))

    def standing(self, direction="to", walker="norm"):
        circle = Milliseconds(
            "elderly", "age_60_plus", WALKERS[walker], self.limit, direction=direction
        )
        stations = self.points([[s] for s in self.stations])
        return standing(circle, self.network(), self.points(self.homes), stations, self.people)

    def walks(self, direction="to", walker="norm", sites=None, ways=None):
        rows = [(home, leg, at) for at, gate in enumerate(self.gates) for home, leg in gate.items()]
        doors = NewDoors(
            home=np.array([row[0] for row in rows], np.intp),
            leg_mm=np.array([row[1][1] for row in rows], np.int64),
            place=np.arange(len(rows)),
            change=np.array([row[2] for row in rows], np.intp),
        )
        places = self.points([[(leg[0], 0)] for _, leg, _ in rows])
        ends = np.array([(*self.at(a), *self.at(b), mm) for a, b, mm in self.links], np.int64)
        ends = ends.reshape(-1, 5)
        links = Links(ends[:, [0, 2]].astype(np.int32), ends[:, [1, 3]], ends[:, 4])
        chosen = Ways(len(self.gates), doors, places, links)
        if ways is not None:
            chosen = chosen.take(np.array(ways, np.intp))
        kept = self.sites if sites is None else [self.sites[at] for at in sites]
        return WayWalks(self.standing(direction, walker), self.points([[s] for s in kept]), chosen)

    def built(self, ways):
        """The streets and the homes' legs with these ways."""
        links = [self.links[at - len(self.gates)] for at in ways if at >= len(self.gates)]
        legs = [list(legs) for legs in self.homes]
        for at in ways:
            for home, leg in (self.gates[at] if at < len(self.gates) else {}).items():
                legs[home].append(leg)
        return links, legs

    def searched(self, ways):
        """Who is in reach of every station and site with these ways, by SciPy: level and norm."""
        links, legs = self.built(ways)
        metres = np.full((self.n, self.n), np.inf)
        for a, b, mm in [*self.edges, *links]:
            metres[a, b] = metres[b, a] = min(metres[a, b], mm)
        rows, columns = np.nonzero(np.isfinite(metres))
        # zero lengths would be no edges for SciPy: a thousandth of a millimetre is too little
        # to add up to one
        length = np.maximum(metres[rows, columns], 1e-6)
        far = dijkstra(csr_array((length, (rows, columns)), shape=metres.shape))
        doors = [*self.stations, *self.sites]
        return np.array(
            [
                [
                    min(mm + far[a, b] + last for a, mm in home) <= self.limit + 0.5
                    for b, last in doors
                ]
                for home in legs
            ]
        ).reshape(len(self.homes), len(doors))

    def run(self, sites, ways, direction, walker):
        """Who is covered by a whole new run with all of them built."""
        links, legs = self.built(ways)
        doors = self.points([[s] for s in [*self.stations, *(self.sites[at] for at in sites)]])
        circle = self.standing(direction, walker).circle
        graph = walk_graph(self.network(links), circle.walker, self.points(legs), doors)
        return walks_of_homes(circle, graph).ms <= circle.limit_ms


def random_world(seed, heights=False):
    """Streets in two or three pieces, with homes, doors and ways between them."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(6, 10))
    cut = set(rng.choice(np.arange(1, n - 1), int(rng.integers(1, 3)), replace=False).tolist())
    cut = {at for at in cut if at % 2 == 1}  # pairs of nodes stay together
    mm = lambda low, high: int(rng.integers(low, high))  # noqa: E731
    edges = [(at, at + 1, mm(50, 400)) for at in range(n - 1) if at not in cut]
    edges += [(at, at + 1, mm(1500, 3000)) for at in cut if rng.random() < 0.5]
    known = sorted({node for a, b, _ in edges for node in (a, b)})
    node = lambda: int(rng.choice(known))  # noqa: E731
    homes = [[(node(), mm(0, 50)) for _ in range(mm(1, 3))] for _ in range(mm(4, 9))]
    gates = [
        {int(at): (node(), mm(0, 150)) for at in rng.choice(len(homes), 2, replace=False)}
        for _ in range(mm(1, 3))
    ]
    pairs = [rng.choice(known, 2, replace=False).tolist() for _ in range(mm(1, 4))]
    links = [(int(a), int(b), mm(1 if heights else 0, 300)) for a, b in pairs]
    return World(
        n,
        edges,
        homes,
        [mm(0, 30) for _ in homes],
        [(node(), mm(0, 30)) for _ in range(mm(1, 3))],
        [(node(), mm(0, 30)) for _ in range(mm(2, 5))],
        gates,
        links,
        mm(150, 900),
        rng.uniform(0, 20, n).tolist() if heights else None,
    )


def subsets(count, most):
    return [c for k in range(min(most, count) + 1) for c in itertools.combinations(range(count), k)]


def every_plan(world, p, q):
    """Of every plan the people gained where a walk takes one new way, and all it likes."""
    within = {ways: world.searched(ways) for ways in subsets(world.ways, q)}
    needy = ~within[()][:, : len(world.stations)].any(axis=1)
    single, whole = {}, {}
    for sites in subsets(len(world.sites), p):
        doors = [*range(len(world.stations)), *(len(world.stations) + at for at in sites)]
        for ways in subsets(world.ways, q):
            covered = {part: within[part][:, doors].any(axis=1) for part in ((), ways)}
            one = covered[()].copy()
            for way in ways:
                one |= within[(way,)][:, doors].any(axis=1)
            single[sites, ways] = int(world.people[one & needy].sum())
            whole[sites, ways] = int(world.people[covered[ways] & needy].sum())
    return single, whole


@pytest.mark.parametrize("seed", range(200))
def test_no_plan_of_stations_and_ways_is_better(seed):
    world = random_world(seed)
    walks = world.walks()
    problem = way_problem(walks, range(world.ways))
    single, whole = every_plan(world, 2, 2)
    for (sites, ways), people in single.items():
        x, z = np.zeros(problem.sites, bool), np.zeros(problem.ways, bool)
        x[list(sites)], z[list(ways)] = True, True
        assert problem.counted(x, z) == people
    found = {}
    for p, q in itertools.product(range(3), range(3)):
        plan = best_with_ways(problem, WayLimits(p, q), 30)
        found[p, q] = plan.people
        some = {k: v for k, v in single.items() if len(k[0]) <= p and len(k[1]) <= q}
        assert (plan.people, plan.status) == (max(some.values()), "optimal")
        assert some[plan.sites, plan.ways] == plan.people
        if q == 2:
            truth = world.walks(sites=plan.sites, ways=plan.ways).people_within()
            assert truth == whole[plan.sites, plan.ways] >= plan.people
    for p, q in itertools.product(range(2), range(3)):
        assert found[p, q] <= found[p + 1, q] and found[q, p] <= found[q, p + 1]
    assert problem.people_alone.tolist() == [whole[(), (way,)] for way in range(world.ways)]


@pytest.mark.parametrize("seed", range(200, 260))
def test_needless_sites_and_ways_change_no_best_plan(seed):
    problem = way_problem(random_world(seed).walks(), range(random_world(seed).ways))
    for p, q in ((1, 1), (2, 1), (1, 2)):
        best = best_with_ways(problem, WayLimits(p, q), 30).people
        fewer = restricted(problem, needed_sites(problem), np.arange(problem.ways))
        fewer = restricted(fewer, np.arange(fewer.sites), needed_ways(fewer))
        assert best_with_ways(fewer, WayLimits(p, q), 30).people == best


@pytest.mark.parametrize("seed", range(300, 360))
def test_a_budget_is_kept_and_spent_best(seed):
    world, rng = random_world(seed), np.random.default_rng(seed)
    problem = way_problem(world.walks(), range(world.ways))
    station_cost, way_cost = rng.integers(0, 9, problem.sites), rng.integers(0, 5, problem.ways)
    budget = int(rng.integers(0, 15))
    limits = WayLimits(2, 2, budget, station_cost, way_cost)
    single, _ = every_plan(world, 2, 2)
    best = max(
        people
        for (sites, ways), people in single.items()
        if station_cost[list(sites)].sum() + way_cost[list(ways)].sum() <= budget
    )
    plan = best_with_ways(problem, limits, 30)
    assert (plan.people, plan.bound_people) == (best, best)
    assert station_cost[list(plan.sites)].sum() + way_cost[list(plan.ways)].sum() <= budget


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("seed", range(400, 410))
def test_on_slopes_every_direction_is_that_of_a_whole_new_run(seed, direction):
    world = random_world(seed, heights=True)
    walks = world.walks(direction, "elderly")
    now = walks.now
    problem = way_problem(walks, range(world.ways))
    before = world.run((), (), direction, "elderly")
    for sites, ways in itertools.product(subsets(len(world.sites), 1), subsets(world.ways, 2)):
        after = world.run(sites, ways, direction, "elderly")
        truth = world.walks(direction, "elderly", sites, ways).people_within()
        assert truth == world.people[after & ~before].sum()
        if len(ways) < 2:
            x, z = np.zeros(problem.sites, bool), np.zeros(problem.ways, bool)
            x[list(sites)], z[list(ways)] = True, True
            assert problem.counted(x, z) == truth
    doors = walks.ways.doors
    by_gate = gained_by_doors(now, doors, walks.ways.places, len(world.gates))
    by_link = gained_by_links(now, walks.ways.links)
    assert problem.people_alone.tolist() == [*by_gate, *by_link]


def wall(front_mm=20):
    """A quarter whose only gate is at the back; the station stands before its front.

    Streets: the back lane 0-1, round to the front street 1-2-3 in 900 m, the station at 3.
    """
    return World(
        4,
        [(0, 1, 100_000), (1, 2, 900_000), (2, 3, 100_000)],
        [[(0, 10_000)], [(0, 20_000)]],
        [30, 12],
        [(3, 0)],
        [(0, 0)],
        [{0: (2, front_mm), 1: (2, front_mm)}, {0: (1, 5000), 1: (1, 5000)}],
        [],
        300_000,
    )


def test_the_front_gate_of_a_walled_quarter_wins():
    world = wall()
    problem = way_problem(world.walks(), range(2))
    assert problem.people_alone.tolist() == [42, 0]
    plan = best_with_ways(problem, WayLimits(0, 1), 10)
    assert (plan.sites, plan.ways, plan.people, plan.status) == ((), (0,), 42, "optimal")


def test_a_missing_link_between_two_dead_ends_is_found():
    """Two streets end 15 m from each other; the station is 200 m beyond, the way round 2 km."""
    world = World(
        4,
        [(0, 1, 100_000), (2, 3, 200_000), (0, 3, 2_000_000)],
        [[(0, 0)], [(1, 0)]],
        [7, 5],
        [(3, 0)],
        [(1, 0)],
        [],
        [(0, 2, 400_000), (1, 2, 15_000)],
        300_000,
    )
    problem = way_problem(world.walks(), range(2))
    assert problem.people_alone.tolist() == [0, 5]
    plan = best_with_ways(problem, WayLimits(0, 1), 10)
    assert (plan.ways, plan.people) == ((1,), 5)


def test_a_station_and_a_way_that_only_help_together():
    """The far bank has a site and no people, the near bank people: nothing but both helps."""
    world = World(
        4,
        [(0, 1, 50_000), (2, 3, 50_000)],
        [[(0, 0)], [(1, 0)]],
        [20, 3],
        [],
        [(2, 0)],
        [],
        [(0, 2, 10_000)],
        60_000,
    )
    problem = way_problem(world.walks(), [0])
    people = {
        (p, q): best_with_ways(problem, WayLimits(p, q), 10).people
        for p, q in itertools.product(range(2), range(2))
    }
    assert people == {(0, 0): 0, (0, 1): 0, (1, 0): 0, (1, 1): 23}


def test_two_ways_in_one_walk_are_told_when_the_plan_is_measured_again():
    """Two links in a row: each alone brings nobody, a station at the end of both is reached."""
    world = World(
        6,
        [(0, 1, 1000), (2, 3, 1000), (4, 5, 1000)],
        [[(0, 0)], [(2, 0)]],
        [20, 3],
        [(5, 0)],
        [(3, 0)],
        [],
        [(1, 2, 1000), (3, 4, 1000)],
        60_000,
    )
    problem = way_problem(world.walks(), range(2))
    plan = best_with_ways(problem, WayLimits(0, 2), 10)
    assert (plan.ways, plan.people, plan.bound_people) == ((1,), 3, 3)
    assert world.walks(sites=(), ways=(0, 1)).people_within() == 23


def test_a_start_is_kept_where_there_is_no_time_to_do_better():
    problem = way_problem(wall().walks(), range(2))
    plan = best_with_ways(problem, WayLimits(1, 1), 0, WayPlan((), (0,), 42, 42, 0.0))
    assert plan.people == 42


def test_sites_that_must_be_are_there():
    plan = best_with_ways(way_problem(wall().walks(), range(2)), WayLimits(1, 1, must=(0,)), 10)
    assert plan.sites == (0,)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"stations": -1, "ways": 0}, "0 or more"),
        ({"stations": 0, "ways": 0, "must": (1,)}, "must be"),
        ({"stations": 1, "ways": 0, "budget": 5}, "needs the cost"),
        (
            {
                "stations": 1,
                "ways": 0,
                "budget": 5,
                "station_cost": np.array([-1]),
                "way_cost": np.array([1]),
            },
            "0 or more",
        ),
        (
            {
                "stations": 1,
                "ways": 0,
                "budget": 5,
                "station_cost": np.array([9]),
                "way_cost": np.array([1]),
                "must": (0,),
            },
            "does not pay",
        ),
    ],
)
def test_limits_that_are_none_are_refused(limits, said):
    with pytest.raises(ValueError, match=said):
        WayLimits(**limits)
