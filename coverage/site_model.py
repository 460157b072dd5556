"""One choice of options as columns, with what it serves, twice serves, costs and opens.

The rules that hold for every plan are here; what a plan is asked for besides is in
`site_conditions`, what is sought in `site_goals`.
"""

from __future__ import annotations

import numpy as np

from carecircle.coverage.site_demand import Served, Twice, served_people, twice_reached
from carecircle.coverage.site_options import NEW, Chosen
from carecircle.coverage.site_problem import PERMILLE, SiteProblem, best_worst_share, floors
from carecircle.coverage.site_program import NOTHING, Draft, Real, Sum, Whole, plain_sum

# Rows between whole numbers are loosened by this, so that rounding never cuts off a plan.
MARGIN = 1e-3


class Model:
    """The columns of one choice in a draft; blocks are added when they are first asked for."""

    def __init__(self, problem: SiteProblem, draft: Draft) -> None:
        self.problem, self.draft = problem, draft
        self.x = draft.columns(len(problem.options), integer=True)
        self._served: dict[int, Served] = {}
        self._twice: dict[int, Twice] = {}
        self._worst: Whole | None = None
        self._whole: list[tuple[int, int, Whole]] = []  # service, town, column
        self._even = False  # whether towns have to have their share
        self.follow_rules()

    def follow_rules(self) -> None:
        """One option a place (exactly one where a station stands); a closure for each move."""
        options = self.problem.options
        places, place = np.unique(options.place, return_inverse=True)
        stands = np.isin(places, options.place[options.of_kind("keep")])
        entries = place.astype(np.int64), self.x, 1.0
        self.draft.rows(entries, len(places), lower=stands.astype(float), upper=1.0)
        closes = options.of_kind("close")
        for origin in np.unique(options.moved_from[options.moved_from >= 0]):
            moves = self.sum_of(options.moved_from == origin)
            self.draft.row(
                moves + self.sum_of(closes & (options.place == origin)).times(-1), upper=0
            )

    def sum_of(self, which: Chosen) -> Sum:
        """How many of these options are chosen."""
        return plain_sum(self.x[which])

    def served(self, service: int) -> Served:
        """The people of a service that are served."""
        if service not in self._served:
            self._served[service] = served_people(self.draft, self.problem, service, self.x)
        return self._served[service]

    def twice(self, service: int) -> Sum:
        """The people of a service with two stations in reach."""
        if service not in self._twice:
            self._twice[service] = twice_reached(self.draft, self.problem, service, self.x)
        return self._twice[service].total

    @property
    def people(self) -> Sum:
        """People served, each service by its weight."""
        total = NOTHING
        for at, service in enumerate(self.problem.services):
            total = total + self.served(at).total.times(service.weight)
        return total

    @property
    def weighted_twice(self) -> Sum:
        """People with two stations in reach, each service by its weight."""
        total = NOTHING
        for at, service in enumerate(self.problem.services):
            total = total + self.twice(at).times(service.weight)
        return total

    @property
    def cost(self) -> Sum:
        """Costs less savings."""
        return plain_sum(self.x, self.problem.options.net_cost)

    @property
    def new(self) -> Sum:
        """Stations opened or moved."""
        return self.sum_of(self.problem.options.of_kind(*NEW))

    @property
    def worst_permille(self) -> Sum:
        """Whole per mille that every town has of every service it needs, at least."""
        if self._worst is None:
            self._worst = self.draft.columns(1, upper=PERMILLE, integer=True)
            for at in range(len(self.problem.services)):
                self.every_town(at, self._worst)
        return plain_sum(self._worst)

    def even(self) -> None:
        """Say that a start has to give the worst-served town its share first."""
        self._even = True

    def every_town(self, service: int, permille: Whole) -> None:
        """``1000 * served[t] / people[t] >= permille`` for every town that needs the service."""
        self.even()
        people = self.problem.town_people(service)
        for town in np.flatnonzero(people > 0):
            served = self.served(service).of_town[town]
            if self.problem.seats_limited(service):
                served = self.whole_people(service, int(town), served, int(people[town]))
            share = served.times(PERMILLE / float(people[town]))
            self.draft.row(share + plain_sum(permille, -1.0), lower=0.0)

    def whole_people(self, service: int, town: int, served: Sum, most: int) -> Sum:
        """People of a town as a whole number: two towns could share one seat by halves."""
        whole = self.draft.columns(1, upper=most, integer=True)
        self.draft.row(plain_sum(whole) + served.times(-1), upper=0.0)
        self._whole.append((service, town, whole))
        return plain_sum(whole)

    def fill(self, values: Real, chosen: Chosen) -> None:
        """Write the values of all columns of this choice."""
        values[self.x] = chosen
        share = best_worst_share(self.problem, chosen) if self._even else 0
        for at, served in self._served.items():
            limits = [floors(self.problem, at, share), self.problem.town_people(at)]
            served.fill(values, chosen, limits if share else limits[1:])
        for twice in self._twice.values():
            twice.fill(values, chosen)
        for at, town, whole in self._whole:
            values[whole] = np.floor(self._served[at].of_town[town].at(values) + MARGIN)
        if self._worst is not None:
            values[self._worst] = share
