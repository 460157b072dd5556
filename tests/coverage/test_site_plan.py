"""The general model equals every plan tried one by one, in every goal and condition."""

import numpy as np
import pytest

from carecircle.coverage.site_conditions import (
    Apart,
    AtLeast,
    AtMost,
    Budget,
    EveryTown,
    Must,
    Never,
    Reached,
    TownStations,
)
from carecircle.coverage.site_plan import (
    BEST_WORST_TOWN,
    FEWEST_NEW,
    LEAST_COST,
    MOST_PEOPLE,
    MOST_TWICE,
    Goal,
    NoPlan,
    best_plan,
)
from tests.coverage.site_worlds import Brute, every_plan, random_world

TIME_S = 20.0


def holds(brute, plan, conditions):
    return all(HOLDS[type(c)](brute, plan, c) for c in conditions)


def town_stations(brute, plan, c):
    there = [o for o in brute.stations(plan, c.service) if brute.options.town[o] == c.town]
    return len(there) >= c.count


def every_town(brute, plan, c):
    floors = [-(-total * c.percent // 100) for total in brute.town_people(c.service)]
    return brute.can_serve(plan, c.service, floors)


def apart(brute, plan, c):
    o, at = brute.options, brute.stations(plan, c.service)
    stands = {int(o.place[k]) for k in range(len(o)) if o.kind[k] == "keep"}
    return all(
        abs(o.xy[a][0] - o.xy[b][0]) >= c.metres or {int(o.place[a]), int(o.place[b])} <= stands
        for a in at
        for b in at
        if a < b
    )


HOLDS = {
    AtMost: lambda b, plan, c: b.number(plan, *c.kinds) <= c.count,
    AtLeast: lambda b, plan, c: b.number(plan, *c.kinds) >= c.count,
    Budget: lambda b, plan, c: b.cost(plan) <= c.money,
    Must: lambda b, plan, c: c.option in plan,
    Never: lambda b, plan, c: c.option not in plan,
    Reached: lambda b, plan, c: b.served(plan, c.service) >= c.people,
    EveryTown: every_town,
    TownStations: town_stations,
    Apart: apart,
}
VALUE = {
    "people": lambda b, plan: b.weighted(plan),
    "twice": lambda b, plan: b.twice(plan),
    "worst_permille": lambda b, plan: b.worst(plan),
    "cost": lambda b, plan: b.cost(plan),
    "new": lambda b, plan: b.new(plan),
}


def value(brute, plan, goal):
    return sum(weight * VALUE[measure](brute, plan) for measure, weight in goal.parts)


def compare(problem, goals, conditions):
    """The plan is as good as the best of all plans, goal after goal; True if there is one."""
    brute = Brute(problem)
    plans = [plan for plan in every_plan(problem) if holds(brute, plan, conditions)]
    found = best_plan(problem, goals, conditions, TIME_S)
    if not plans:
        assert isinstance(found, NoPlan) and found.proven
        return False
    assert found.status == "optimal"
    assert holds(brute, found.chosen, conditions)
    for goal, reach in zip(goals, found.reaches, strict=True):
        values = [value(brute, plan, goal) for plan in plans]
        best = (max if goal.maximize else min)(values)
        plans = [plan for plan, its in zip(plans, values, strict=True) if its == best]
        assert reach.value == reach.bound == best
    assert tuple(sorted(found.chosen)) in {tuple(sorted(plan)) for plan in plans}
    for at in range(len(problem.services)):
        assert found.count.served[at].sum() == brute.served(found.chosen, at)
    return True


def some_conditions(rng, problem):
    """A handful of conditions, of every sort now and then."""
    n = len(problem.options)
    service = int(rng.integers(len(problem.services)))
    people = int(problem.services[service].people.sum())
    sorts = [
        AtLeast(int(rng.integers(1, 3)), ("open",)),
        AtMost(1, ("close",)),
        AtLeast(1, ("close",)),
        AtMost(1, ("enlarge",)),
        Budget(int(rng.integers(0, 15))),
        Must(int(rng.integers(n))),
        Never(int(rng.integers(n))),
        Reached(service, people * int(rng.integers(2, 9)) // 10),
        EveryTown(service, int(rng.integers(1, 8)) * 10),
        TownStations(service, int(rng.integers(2)), int(rng.integers(1, 3))),
        Apart(service, float(rng.integers(50, 500))),
    ]
    picked = rng.choice(len(sorts), int(rng.integers(1, 4)), replace=False)
    return [AtMost(int(rng.integers(1, 5))), *(sorts[at] for at in picked)]


MODELS = {
    "most people": ([MOST_PEOPLE], {}),
    "several services": ([MOST_PEOPLE], {"services": 2}),
    "most people with seats": ([MOST_PEOPLE], {"limited": True}),
    "least cost": ([LEAST_COST], {}),
    "fewest new, then least cost, with seats": ([FEWEST_NEW, LEAST_COST], {"limited": True}),
    "backup after people": ([MOST_PEOPLE, MOST_TWICE], {}),
    "backup weighed": ([Goal((("people", 2), ("twice", 3)), True)], {}),
    "backup alone": ([MOST_TWICE], {}),
    "worst town first": ([BEST_WORST_TOWN, MOST_PEOPLE], {}),
    "worst town with seats": ([BEST_WORST_TOWN, MOST_PEOPLE], {"limited": True}),
}


@pytest.mark.parametrize("model", MODELS)
def test_as_good_as_the_best_of_all_plans(model):
    goals, world = MODELS[model]
    found = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        size = {"places": 4, "homes": 6} if world.get("limited") else {"places": 5}
        problem = random_world(seed, existing=int(rng.integers(0, 3)), **world, **size)
        found += compare(problem, goals, some_conditions(rng, problem))
    assert 60 < found < 200
