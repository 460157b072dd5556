"""Small random worlds of options, and every plan of them, counted without our code."""

import itertools

import numpy as np
from scipy.sparse import csr_array

from carecircle.coverage.site_options import UNLIMITED, Options
from carecircle.coverage.site_problem import Service, SiteProblem


def options_of(rows, services=1):
    """Options from (place, kind, seats of each service, cost, saving, town, x, moved_from)."""
    place, kind, seats, cost, saving, town, x, moved = zip(*rows, strict=True)
    return Options(
        place=np.array(place),
        kind=kind,
        seats=np.array(seats).reshape(len(rows), services).T.copy(),
        cost=np.array(cost),
        saving=np.array(saving),
        town=np.array(town),
        xy=np.array([(at, 0.0) for at in x]),
        moved_from=np.array(moved),
    )


def random_world(seed, limited=False, services=1, places=6, homes=9, existing=2):
    """Open places, and existing ones that may be kept, closed, enlarged, extended or moved."""
    rng = np.random.default_rng(seed)
    rows = []

    def seats(more=0):
        given = rng.random(services) < 0.8
        given[rng.integers(services)] = True
        some = rng.integers(10, 60, services) + more if limited else np.full(services, UNLIMITED)
        return tuple(np.where(given, some, 0).tolist())

    for place in range(places):
        town, x = int(rng.integers(2)), int(rng.integers(0, 1000))
        stands = place < existing
        base = seats()
        if stands:
            rows.append((place, "keep", base, 0, 0, town, x, -1))
            more = tuple(s + 30 if 0 < s < UNLIMITED else s for s in base)
            rows.append((place, "enlarge", more, int(rng.integers(1, 9)), 0, town, x, -1))
            nothing = (0,) * services
            rows.append((place, "close", nothing, 0, int(rng.integers(0, 4)), town, x, -1))
        else:
            rows.append((place, "open", base, int(rng.integers(1, 9)), 0, town, x, -1))
            if existing and place == places - 1:
                rows.append((place, "move", base, int(rng.integers(1, 5)), 0, town, x, 0))
    options = options_of(rows, services)
    reach = []
    for _ in range(services):
        by_place = rng.random((homes, places)) < rng.choice([0.15, 0.3, 0.5])
        people, town = rng.integers(0, 40, homes), rng.integers(0, 2, homes)
        reach.append((people, town, by_place[:, options.place]))
    found = tuple(
        Service(f"service {at}", people, town, csr_array(within), weight=at + 1)
        for at, (people, town, within) in enumerate(reach)
    )
    return SiteProblem(options, found, ("North", "South"))


def every_plan(problem):
    """All sets of options that follow the rules, place by place."""
    options = problem.options
    choices = []
    for place in sorted(set(options.place.tolist())):
        of_place = np.flatnonzero(options.place == place).tolist()
        stands = any(options.kind[at] == "keep" for at in of_place)
        choices.append([(at,) for at in of_place] if stands else [(), *((at,) for at in of_place)])
    for plan in itertools.product(*choices):
        chosen = [at for part in plan for at in part]
        moved = [int(options.moved_from[at]) for at in chosen if options.kind[at] == "move"]
        closed = [int(options.place[at]) for at in chosen if options.kind[at] == "close"]
        if all(moved.count(place) <= closed.count(place) for place in moved):
            yield tuple(chosen)


def bits(members):
    """A set as a whole number: its bits are the members."""
    return sum(1 << at for at, is_in in enumerate(members.tolist()) if is_in)


class Brute:
    """Figures of any plan, by sets and by smallest cuts.

    A set of homes is a whole number with a bit for each: the homes that any station reaches are
    an "or", and how many people live in them is summed up once.
    """

    def __init__(self, problem):
        self.problem = problem
        self.options = problem.options
        self.within = [service.within.toarray() for service in problem.services]
        self.people = [service.people for service in problem.services]
        self.town = [service.town for service in problem.services]
        self.limited = [bool(((row > 0) & (row < UNLIMITED)).any()) for row in self.options.seats]
        self.has_seats = (self.options.seats > 0).tolist()
        self.reached = [[bits(column) for column in within.T] for within in self.within]
        self._people_of = {}
        self._flows = {}
        self._worst = {}

    def stations(self, plan, at):
        return [o for o in plan if self.has_seats[at][o]]

    def served(self, plan, at, town=None, floors=None):
        """People served of a service; of one town; or, with floors, most under town limits."""
        if not self.limited[at]:
            homes = 0
            for o in self.stations(plan, at):
                homes |= self.reached[at][o]
            return self.people_of(homes, at, town)
        if floors is None:
            floors = self.town_people(at)
        key = plan, at, tuple(floors)
        if key not in self._flows:
            self._flows[key] = self.flow(plan, at, self.people[at], floors)
        return self._flows[key]

    def people_of(self, homes, at, town):
        """People who live in a set of homes, of one town or of both."""
        key = homes, at, town
        if key not in self._people_of:
            self._people_of[key] = sum(
                people
                for home, people in enumerate(self.people[at].tolist())
                if homes >> home & 1 and town in (None, self.town[at][home])
            )
        return self._people_of[key]

    def flow(self, plan, at, people, floors):
        """The smallest cut: some stations are cut at their seats, the homes of others, or towns."""
        stations = self.stations(plan, at)
        cut = np.array(list(itertools.product([False, True], repeat=len(stations))), bool)
        cut = cut.reshape(2 ** len(stations), len(stations))
        homes = self.within[at][:, stations].astype(int) @ (~cut).T.astype(int) > 0
        total = cut @ self.options.seats[at, stations]
        for town, most in enumerate(floors):
            total = total + np.minimum(most, (people * (self.town[at] == town)) @ homes)
        return int(total.min())

    def weighted(self, plan):
        return sum(s.weight * self.served(plan, at) for at, s in enumerate(self.problem.services))

    def twice(self, plan):
        total = 0
        for at, service in enumerate(self.problem.services):
            reached = self.within[at][:, self.stations(plan, at)].sum(axis=1) >= 2
            total += service.weight * int(self.people[at][reached].sum())
        return total

    def town_people(self, at):
        return [int(self.people[at][self.town[at] == t].sum()) for t in range(2)]

    def can_serve(self, plan, at, floors):
        if self.limited[at]:
            return self.served(plan, at, floors=floors) == sum(floors)
        return all(self.served(plan, at, t) >= floors[t] for t in range(2))

    def worst(self, plan):
        """By trying shares, halving what is left to try."""
        if plan not in self._worst:
            self._worst[plan] = min(self.share(plan, at) for at in range(len(self.people)))
        return self._worst[plan]

    def share(self, plan, at):
        totals = self.town_people(at)
        low, high = 0, 1001
        while high - low > 1:
            middle = (low + high) // 2
            floors = [-(-total * middle // 1000) for total in totals]
            low, high = (middle, high) if self.can_serve(plan, at, floors) else (low, middle)
        return low

    def cost(self, plan):
        return int(sum(self.options.cost[o] - self.options.saving[o] for o in plan))

    def number(self, plan, *kinds):
        return sum(self.options.kind[o] in kinds for o in plan)

    def new(self, plan):
        return self.number(plan, "open", "move")
