"""Who needs which service, which options are within their limit, and whom a plan serves.

Where no seats are known a home is served as soon as one chosen option is within its limit.
Where seats are known, of all ways to send people to chosen options within their limit the
one that serves most people counts (`site_flow`). Everything is whole people, counted over
the homes as they came.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from carecircle.coverage.reduction import merge_homes
from carecircle.coverage.site_flow import most_placed
from carecircle.coverage.site_options import UNLIMITED, Chosen, Options
from carecircle.coverage.target_words import SERVICES

PERMILLE = 1000


@dataclass(frozen=True, eq=False)
class Service:
    """The homes of one service.

    Attributes
    ----------
    people : (homes,) int64
        Who needs it, 0 or more.
    town : (homes,) int64
        Position among the towns.
    within : (homes, options) csr_array of bool
        True where the option is within the limit of the home.
    weight : int
        What one person counts where several services are added.
    """

    name: str
    people: NDArray[np.int64]
    town: NDArray[np.int64]
    within: csr_array
    weight: int = 1

    @property
    def words(self) -> dict[str, str]:
        """What it is called in both languages."""
        return {"zh": SERVICES.get(self.name, {}).get("zh", self.name), "en": self.name}


@dataclass(frozen=True, eq=False)
class SiteProblem:
    """Options, the services they may give, and the names of the towns."""

    options: Options
    services: tuple[Service, ...]
    towns: tuple[str, ...]

    @cached_property
    def merged(self) -> tuple[Service, ...]:
        """The services with homes of one town and the same options as one; only what is given."""
        return tuple(
            merged_service(service, self.options.seats[at] > 0, len(self.towns))
            for at, service in enumerate(self.services)
        )

    def seats_limited(self, service: int) -> bool:
        """Whether any option that gives the service has a number of seats."""
        seats = self.options.seats[service]
        return bool(((seats > 0) & (seats < UNLIMITED)).any())

    def town_people(self, service: int) -> NDArray[np.int64]:
        """People of each town who need the service."""
        return by_town(self.services[service], self.services[service].people, len(self.towns))


def by_town(service: Service, people: NDArray[np.int64], towns: int) -> NDArray[np.int64]:
    """People of the homes, added up by town."""
    total = np.zeros(towns, np.int64)
    np.add.at(total, service.town, people)
    return total


def merged_service(service: Service, given: NDArray[np.bool_], towns: int) -> Service:
    """One home for all with the same options and town; homes of nobody are left out."""
    lived_in = service.people > 0
    within = csr_array(service.within, dtype=np.int64)[lived_in]
    within = csr_array(within.multiply(given[None, :].astype(np.int64)))
    within.eliminate_zeros()
    town = service.town[lived_in]
    # The town is one more thing that homes to be merged must share.
    tagged = csr_array(
        (np.ones(len(town), np.int64), (np.arange(len(town)), town)), shape=(len(town), towns)
    )
    rows, people = merge_homes(csr_array(hstack([tagged, within])), service.people[lived_in])
    first = rows[:, :towns].tocoo()
    merged_town = np.zeros(rows.shape[0], np.int64)
    merged_town[first.row] = first.col
    merged = csr_array(rows[:, towns:])
    merged.sort_indices()
    return replace(service, people=people, town=merged_town, within=merged)


@dataclass(frozen=True, eq=False)
class Count:
    """What a plan does, counted from its options.

    Attributes
    ----------
    served : (services, towns) int64
        People with the service within their limit, or with a seat there.
    twice : (services,) int64
        People with two stations of the service within their limit.
    people, weighted_twice : int
        All services added, each by its weight.
    cost : int
        Costs less savings.
    new, enlarged : int
        Stations opened or moved; stations enlarged.
    worst_permille : int
        Served share of the worst-served town and service, cut to whole per mille.
    """

    served: NDArray[np.int64]
    twice: NDArray[np.int64]
    people: int
    weighted_twice: int
    cost: int
    new: int
    enlarged: int
    worst_permille: int


def counted(problem: SiteProblem, chosen: Chosen, even: bool = False) -> Count:
    """Count a plan again; ``even`` gives seats so that the worst-served town is served best.

    With seats the number of people served is the same either way: giving a town its share
    first never costs a place in total.
    """
    floor_permille = best_worst_share(problem, chosen) if even else 0
    served = np.array(
        [
            served_by_town(problem, at, chosen, floors(problem, at, floor_permille))
            for at in range(len(problem.services))
        ]
    ).reshape(len(problem.services), len(problem.towns))
    people = np.array([problem.town_people(at) for at in range(len(served))])
    needed = people.reshape(served.shape) > 0
    shares = served[needed] * PERMILLE // people.reshape(served.shape)[needed]
    twice = np.array([stations_in_reach(problem, at, chosen, 2) for at in range(len(served))])
    weights = np.array([service.weight for service in problem.services])
    return Count(
        served=served,
        twice=twice,
        people=int(weights @ served.sum(axis=1)),
        weighted_twice=int(weights @ twice),
        cost=int(problem.options.net_cost[chosen].sum()),
        new=int((problem.options.of_kind("open", "move") & chosen).sum()),
        enlarged=int((problem.options.of_kind("enlarge") & chosen).sum()),
        worst_permille=int(shares.min(initial=PERMILLE)),
    )


def floors(problem: SiteProblem, service: int, permille: int) -> NDArray[np.int64]:
    """The fewest people of each town that are so many per mille of it."""
    return -(-problem.town_people(service) * permille // PERMILLE)


def stations_in_reach(problem: SiteProblem, service: int, chosen: Chosen, count: int) -> int:
    """People with at least so many stations of the service within their limit."""
    needs = problem.services[service]
    stations = chosen & (problem.options.seats[service] > 0)
    reached = np.asarray(needs.within @ stations.astype(np.int64))
    return int(needs.people[reached >= count].sum())


def served_by_town(
    problem: SiteProblem, service: int, chosen: Chosen, floor: NDArray[np.int64]
) -> NDArray[np.int64]:
    """People of each town served by a plan; with seats, ``floor`` of each town first."""
    needs = problem.services[service]
    stations = np.flatnonzero(chosen & (problem.options.seats[service] > 0))
    if problem.seats_limited(service):
        all_people = problem.town_people(service)
        limits = [floor, all_people] if floor.any() else [all_people]
        by_home = placed_by_home(problem, service, stations, limits)
        return by_town(needs, by_home, len(problem.towns))
    reached = (needs.within @ np.isin(np.arange(len(chosen)), stations).astype(np.int64)) > 0
    return by_town(needs, np.where(reached, needs.people, 0), len(problem.towns))


def placed_by_home(
    problem: SiteProblem,
    service: int,
    stations: NDArray[np.int64],
    town_limits: list[NDArray[np.int64]],
) -> NDArray[np.int64]:
    """People of each home who have a seat, under the first limits of towns, then the next."""
    needs = problem.services[service]
    within = csr_array(needs.within[:, stations])
    seats = problem.options.seats[service][stations]
    return most_placed(needs.people, needs.town, within, seats, town_limits).by_home


def best_worst_share(problem: SiteProblem, chosen: Chosen) -> int:
    """The highest per mille that every town and service can be served at once."""
    worst = PERMILLE
    for at in range(len(problem.services)):
        if problem.seats_limited(at):
            while not served_at_least(problem, at, chosen, floors(problem, at, worst)):
                worst = highest_share(problem, at, chosen, worst)
        else:
            people = problem.town_people(at)
            served = served_by_town(problem, at, chosen, np.zeros_like(people))
            shares = served[people > 0] * PERMILLE // people[people > 0]
            worst = min(worst, int(shares.min(initial=PERMILLE)))
    return worst


def highest_share(problem: SiteProblem, service: int, chosen: Chosen, below: int) -> int:
    """The highest whole per mille below ``below`` that every town can have, by halving."""
    low, high = 0, below
    while high - low > 1:
        middle = (low + high) // 2
        enough = served_at_least(problem, service, chosen, floors(problem, service, middle))
        low, high = (middle, high) if enough else (low, middle)
    return low


def served_at_least(
    problem: SiteProblem, service: int, chosen: Chosen, floor: NDArray[np.int64]
) -> bool:
    """Whether a plan can serve so many of each town at once."""
    if problem.seats_limited(service):
        stations = np.flatnonzero(chosen & (problem.options.seats[service] > 0))
        by_home = placed_by_home(problem, service, stations, [floor])
        return int(by_home.sum()) == int(floor.sum())
    return bool((served_by_town(problem, service, chosen, floor) >= floor).all())
