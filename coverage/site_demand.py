"""The columns and rows that say how many people a choice of options serves.

Where no seats are known, ``y[i] <= sum(x[o], o within reach of i)`` (Church & ReVelle 1974).
With seats, people ``f[i, o]`` go from demand point to option (Current & Storbeck 1988)::

    sum(f[i, o] over o) <= w[i] * sum(x[o])     strong for homes few options reach
    sum(f[i, o] over i) <= seats[o] * x[o],     f[i, o] <= w[i]

Rows ``f[i, o] <= min(w[i], seats[o]) * x[o]`` are stronger still, but there is one for each pair:
they are used for the linear bound alone (`site_plan`).
Only ``x`` has to be whole: with ``x`` whole the rest is a flow between whole limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from carecircle.coverage.site_flow import most_placed
from carecircle.coverage.site_options import Chosen
from carecircle.coverage.site_problem import SiteProblem
from carecircle.coverage.site_program import Draft, Real, Sum, Whole, plain_sum


@dataclass(frozen=True, eq=False)
class Served:
    """People of one service served by one choice.

    ``total`` counts them all; ``of_town`` those of each town that has any.
    """

    total: Sum
    of_town: tuple[Sum, ...]
    columns: Whole

    # What a start needs: demand points x options, people, seats of the options.
    within: csr_array
    people: NDArray[np.int64]
    town: NDArray[np.int64]
    seats: NDArray[np.int64] | None

    def fill(self, values: Real, chosen: Chosen, limits: Sequence[NDArray[np.int64]]) -> None:
        """Write the values of these columns that belong to a choice; see `most_placed`."""
        if self.seats is None:
            values[self.columns] = self.within @ chosen.astype(np.int64) > 0
            return
        kept = only(self.within, chosen)
        flow = most_placed(self.people, self.town, kept, self.seats, limits).pairs.tocoo()
        pair, width = self.within.tocoo(), len(chosen)
        number = pair.row.astype(np.int64) * width + pair.col
        at = np.searchsorted(number, flow.row.astype(np.int64) * width + flow.col)
        values[self.columns] = 0.0
        values[self.columns[at]] = flow.data


def only(within: csr_array, chosen: Chosen) -> csr_array:
    """The same table with these options alone, in order."""
    kept = csr_array(within.multiply(chosen[None, :].astype(np.int64)))
    kept.eliminate_zeros()
    kept.sort_indices()
    return kept


def served_people(
    draft: Draft, problem: SiteProblem, service: int, x: Whole, lost: int | None = None
) -> Served:
    """Add the block of one service; ``lost`` is a place whose station does not serve."""
    needs = problem.merged[service]
    within = needs.within
    if lost is not None:
        within = only(within, problem.options.place != lost)
    pair = within.tocoo()
    home, option = pair.row.astype(np.int64), pair.col.astype(np.int64)
    if problem.seats_limited(service):
        seats = np.minimum(problem.options.seats[service], int(needs.people.sum()))
        columns, owner, factor = flow_block(draft, needs.people, (home, option), seats, x)
    else:
        columns, owner, factor = cover_block(draft, needs.people, (home, option), x)
        seats = None
    of_town = needs.town[owner]
    return Served(
        total=plain_sum(columns, factor),
        of_town=tuple(
            plain_sum(columns[of_town == town], factor[of_town == town])
            for town in range(len(problem.towns))
        ),
        columns=columns,
        within=within,
        people=needs.people,
        town=needs.town,
        seats=seats,
    )


def cover_block(
    draft: Draft, people: NDArray[np.int64], pairs: tuple[Whole, Whole], x: Whole
) -> tuple[Whole, Whole, Real]:
    """One column for each demand point; the columns, their points, people a unit."""
    home, option = pairs
    count = len(people)
    y = draft.columns(count)
    rows = np.concatenate([np.arange(count), home])
    columns = np.concatenate([y, x[option]])
    factors = np.concatenate([np.ones(count), -np.ones(len(home))])
    draft.rows((rows, columns, factors), count, upper=0.0)
    return y, np.arange(count), people.astype(np.float64)


def flow_block(
    draft: Draft,
    people: NDArray[np.int64],
    pairs: tuple[Whole, Whole],
    seats: NDArray[np.int64],
    x: Whole,
) -> tuple[Whole, Whole, Real]:
    """One column for each pair; the columns, their demand points, people a unit."""
    home, option = pairs
    most = people[home].astype(np.float64)
    f = draft.columns(len(home), upper=most)
    points, options = len(people), len(seats)
    draft.rows((home, f, 1.0), points, upper=people)
    linked = np.concatenate([home, home]), np.concatenate([f, x[option]])
    draft.rows((*linked, np.concatenate([np.ones(len(f)), -most])), points, upper=0.0)
    pair, room = np.arange(len(f)), np.minimum(most, seats[option])
    each = np.concatenate([pair, pair]), np.concatenate([f, x[option]])
    draft.sharper_rows((*each, np.concatenate([np.ones(len(f)), -room])), len(f), upper=0.0)
    used = np.concatenate([option, np.arange(options)]), np.concatenate([f, x])
    factors = np.concatenate([np.ones(len(f)), -seats.astype(np.float64)])
    draft.rows((*used, factors), options, upper=0.0)
    return f, home, np.ones(len(f))


@dataclass(frozen=True, eq=False)
class Twice:
    """People with two stations of a service in reach (Hogan & ReVelle 1986)."""

    total: Sum
    columns: Whole
    within: csr_array

    def fill(self, values: Real, chosen: Chosen) -> None:
        """Write the values of these columns that belong to a choice."""
        values[self.columns] = self.within @ chosen.astype(np.int64) >= 2


def twice_reached(draft: Draft, problem: SiteProblem, service: int, x: Whole) -> Twice:
    """Add ``2 b[i] <= sum(x[o])``, ``b`` whole; options of one place exclude each other."""
    needs = problem.merged[service]
    several = np.diff(needs.within.indptr) >= 2
    within, people = needs.within[several], needs.people[several]
    pair, count = within.tocoo(), len(people)
    b = draft.columns(count, integer=True)
    rows = np.concatenate([np.arange(count), pair.row]).astype(np.int64)
    columns = np.concatenate([b, x[pair.col]])
    factors = np.concatenate([np.full(count, 2.0), -np.ones(pair.nnz)])
    draft.rows((rows, columns, factors), count, upper=0.0)
    return Twice(plain_sum(b, people), b, within)
