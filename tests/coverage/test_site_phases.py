"""Phased opening and robust choice, against every plan tried one by one."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from carecircle.coverage.site_conditions import AtMost, Reached
from carecircle.coverage.site_options import NOWHERE
from carecircle.coverage.site_phases import Year, phased_plan
from carecircle.coverage.site_plan import MOST_PEOPLE, NoPlan, best_plan
from carecircle.coverage.site_problem import SiteProblem
from carecircle.coverage.site_robust import robust_plan
from tests.coverage.site_worlds import Brute, every_plan, options_of, random_world
from tests.coverage.test_site_plan import TIME_S, holds, some_conditions


def with_people(problem, rng):
    """The same options and reach, other people."""
    services = [replace(s, people=rng.integers(0, 40, len(s.people))) for s in problem.services]
    return replace(problem, services=tuple(services))


def phases(years, brutes, carry_over):
    """Every sequence of plans, one a year, that keeps to the limits: with its people by year."""
    plans = list(every_plan(years[0].problem))
    options = years[0].problem.options
    people = [{plan: brute.weighted(plan) for plan in plans} for brute in brutes]
    for sequence in itertools.product(plans, repeat=len(years)):
        before, left, good = (), 0, True
        for at, (year, plan) in enumerate(zip(years, sequence, strict=True)):
            added = [o for o in plan if o not in before and options.kind[o] != "keep"]
            gone = [o for o in before if o not in plan and options.kind[o] != "keep"]
            new = [o for o in added if options.kind[o] in ("open", "move")]
            spent = sum(int(options.cost[o] - options.saving[o]) for o in added)
            left = (left if carry_over else 0) + (year.money or 0) - spent
            good = good and not gone and (year.money is None or left >= 0)
            good = good and (year.most_new is None or len(new) <= year.most_new)
            good = good and holds(brutes[at], plan, year.conditions)
            before = plan
        if good:
            yield [people[at][plan] for at, plan in enumerate(sequence)]


@pytest.mark.parametrize("last_year_first", [False, True])
def test_the_best_of_all_sequences_of_plans(last_year_first):
    none = differs = 0
    for seed in range(100 * last_year_first, 100 * last_year_first + 110):
        rng = np.random.default_rng(seed)
        size = {"places": 3, "homes": 6, "existing": int(rng.integers(0, 2))}
        problem = random_world(seed, limited=seed % 4 == 0, **size)
        years = []
        for t in range(2 if size["existing"] else 3):
            number = int(rng.integers(0, 3)) if rng.random() < 0.6 else None
            money = int(rng.integers(0, 8)) if number is None or rng.random() < 0.5 else None
            people = with_people(problem, rng)
            total = int(people.services[0].people.sum())
            floor = (Reached(0, total // 3),) if rng.random() < 0.2 else ()
            years.append(Year(str(2026 + t), people, number, money, floor))
        # Money that is carried over has to be known for every year.
        carry_over = bool(rng.random() < 0.5) and all(year.money is not None for year in years)
        every = list(phases(years, [Brute(year.problem) for year in years], carry_over))
        found = phased_plan(years, last_year_first, carry_over, TIME_S)
        if not every:
            assert isinstance(found, NoPlan) and found.proven
            none += 1
            continue
        if last_year_first:
            most = max(people[-1] for people in every)
            differs += max(every, key=sum)[-1] < most
            every = [people for people in every if people[-1] == most]
            assert found.reaches[0].value == most
        assert found.status == "optimal"
        assert found.reaches[-1].value == found.reaches[-1].bound == max(map(sum, every)), seed
        assert sum(count.people for count in found.counts) == found.reaches[-1].value
    assert none > 0


def test_money_that_is_carried_over_is_known_for_every_year():
    with pytest.raises(ValueError, match="every year"):
        phased_plan([Year("2026", random_world(0))], False, True, TIME_S)


def scenarios_of(seed, limited=False):
    rng = np.random.default_rng(seed)
    size = {"places": 4, "homes": 6, "existing": int(rng.integers(0, 2))}
    first = random_world(seed, limited=limited, **size)
    others = [with_people(first, rng) for _ in range(2)]
    return rng, [first, *others]


@pytest.mark.parametrize("limited", [False, True])
def test_max_min_over_scenarios_and_one_loss(limited):
    fewer = none = 0
    for seed in range(110):
        rng, scenarios = scenarios_of(seed, limited)
        conditions = some_conditions(rng, scenarios[0])
        brutes = [Brute(scenario) for scenario in scenarios]
        one_lost = seed % 2 == 0

        def worst(plan, brutes=brutes, one_lost=one_lost):
            lost = [tuple(p for p in plan if p != o) for o in plan] if one_lost else []
            return min(brute.weighted(left) for brute in brutes for left in [plan, *lost])

        plans = [p for p in every_plan(scenarios[0]) if holds(brutes[0], p, conditions)]
        found = robust_plan(scenarios, conditions, False, one_lost, TIME_S)
        if not plans:
            assert isinstance(found, NoPlan) and found.proven
            none += 1
            continue
        assert found.value == found.bound == max(map(worst, plans)) == worst(found.chosen), seed
        assert found.people == tuple(brute.weighted(found.chosen) for brute in brutes)
        at, place = found.worst
        left = tuple(o for o in found.chosen if scenarios[0].options.place[o] != place)
        assert brutes[at].weighted(left) == found.value
        assert one_lost or place == NOWHERE
        fewer += found.value < min(found.people)
    assert fewer > 10 and none > 0


def test_least_greatest_regret():
    for seed in range(200):
        rng, scenarios = scenarios_of(seed)
        conditions = [AtMost(int(rng.integers(1, 3)))]
        brutes = [Brute(scenario) for scenario in scenarios]
        plans = [p for p in every_plan(scenarios[0]) if holds(brutes[0], p, conditions)]
        best = tuple(max(brute.weighted(plan) for plan in plans) for brute in brutes)

        def regret(plan, brutes=brutes, best=best):
            return max(most - b.weighted(plan) for most, b in zip(best, brutes, strict=True))

        found = robust_plan(scenarios, conditions, True, False, TIME_S)
        assert found.status == "optimal"
        assert found.best == best
        assert found.value == min(map(regret, plans)) == regret(found.chosen) == max(found.regrets)


def test_a_second_station_that_only_guards_against_a_loss_by_hand():
    # One station alone serves all 10; only both of them stand the loss of either.
    within = np.ones((1, 2), bool)
    rows = [(place, "open", (10**9,), 1, 0, 0, 0, -1) for place in (0, 1)]
    problem = random_world(0, places=2, homes=1, existing=0)
    service = replace(
        problem.services[0],
        people=np.array([10]),
        town=np.array([0]),
        within=type(problem.services[0].within)(within),
    )
    problem = SiteProblem(options_of(rows), (service,), ("North", "South"))
    alone = best_plan(problem, [MOST_PEOPLE], [AtMost(1)], TIME_S)
    assert alone.count.people == 10
    both = robust_plan([problem], [AtMost(2)], False, True, TIME_S)
    assert (both.chosen, both.value) == ((0, 1), 10)
    one = robust_plan([problem], [AtMost(1)], False, True, TIME_S)
    assert (one.value, one.people) == (0, (10,))


def test_regret_and_loss_are_not_asked_together():
    with pytest.raises(ValueError, match="regret"):
        robust_plan([random_world(0)], [], True, True, TIME_S)
