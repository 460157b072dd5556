"""How evenly is access shared out among people?

Everything here takes an amount that each person of a home has, the more the better, such as
places per person or the number of facilities within reach, and how many people the home has.
A home of 100 people counts as 100 equal persons, nothing else.

- **Lorenz curve** (Lorenz 1905): what share of the whole the worst-off p of the people have.
- **Gini** (Gini 1912): the mean difference between two people, over twice the mean; 0 is
  equal, (n - 1) / n is one of n people who has everything.
- **Palma ratio** (Palma 2011; Cobham & Sumner 2013): what the best-off tenth have over what
  the worst-off four tenths have.
- **Theil's T** (Theil 1967), and how much of it lies between groups and how much within them
  (Shorrocks 1980).

Zeros are people who have nothing, and count. A negative amount has no share of a whole and is
refused; so is NaN. Where nobody has anything, nothing can be uneven: the answer is None.

Limits: minutes are no amount of which more is better; an index of minutes would call a city
equal in which everybody walks for an hour. For minutes look at the curve and the worst served.
An index says nothing about whether anybody has enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from carecircle.coverage.assignment import checked_counts
from carecircle.coverage.measure import as_minutes
from carecircle.coverage.result import cut_percent


@dataclass(frozen=True, eq=False)
class Lorenz:
    """The curve's corners: cumulated shares of people and of the amount, both from 0 to 1."""

    people: NDArray[np.float64]
    amount: NDArray[np.float64]

    def at(self, share: float) -> float:
        """What share the worst-off ``share`` of the people have; straight between corners."""
        return float(np.interp(share, self.people, self.amount))


@dataclass(frozen=True)
class Theil:
    """Theil's T and its parts: ``total = between + within``."""

    total: float
    between: float
    within: float


def lorenz(amount: NDArray[Any], people: NDArray[np.int64]) -> Lorenz | None:
    """The Lorenz curve; None where nobody has anything.

    Parameters
    ----------
    amount : (homes,) numbers
        What each person of the home has, 0 or more.
    people : (homes,) int64

    Raises
    ------
    ValueError
        An amount of a home with people is negative or no number, or people are not whole.
    """
    amount, people = checked_amounts(amount, people)
    order = np.argsort(amount, kind="stable")
    has = np.cumsum((amount * people)[order])
    if len(has) == 0 or has[-1] == 0:
        return None
    upto = np.cumsum(people[order])
    return Lorenz(
        people=np.concatenate([[0.0], upto / upto[-1]]),
        amount=np.concatenate([[0.0], has / has[-1]]),
    )


def gini(amount: NDArray[Any], people: NDArray[np.int64]) -> float | None:
    """Gini's index: one less twice the area under the Lorenz curve. Errors as `lorenz`."""
    curve = lorenz(amount, people)
    if curve is None:
        return None
    twice_area = (np.diff(curve.people) * (curve.amount[1:] + curve.amount[:-1])).sum()
    return max(0.0, float(1 - twice_area))  # equal shares may miss 0 by a rounding


def palma(amount: NDArray[Any], people: NDArray[np.int64]) -> float | None:
    """What the best-off tenth have over what the worst-off four tenths have.

    None where the worst-off four tenths have nothing. Errors as `lorenz`.
    """
    curve = lorenz(amount, people)
    if curve is None or curve.at(0.4) == 0:
        return None
    return (1 - curve.at(0.9)) / curve.at(0.4)


def theil(
    amount: NDArray[Any], people: NDArray[np.int64], group: Sequence[Any] | pd.Series
) -> Theil | None:
    """Theil's T between groups, such as towns, and within them; None as `lorenz`.

    With ``mean`` of all and ``mean[g]`` and ``share[g]`` (of the whole amount) of a group:
    ``total = sum(people * x / mean * ln(x / mean)) / sum(people)``,
    ``between = sum(share[g] * ln(mean[g] / mean))``, ``within = sum(share[g] * T[g])``.
    Who has nothing adds 0.
    """
    members = pd.factorize(np.asarray(group, object))[0]
    if len(members) != len(people) or (members < 0).any():
        raise ValueError("every home needs a group")
    living = np.asarray(people) > 0
    amount, people = checked_amounts(amount, people)
    members = members[living]
    has = amount * people
    if has.sum() == 0:
        return None
    n_groups = members.max() + 1
    of_group = np.bincount(members, has, n_groups)
    mean, means = has.sum() / people.sum(), np.zeros(n_groups)
    living_in = np.bincount(members, people, n_groups)
    np.divide(of_group, living_in, out=means, where=living_in > 0)
    return Theil(
        total=weighted_logs(has, amount / mean),
        between=weighted_logs(of_group, means / mean),
        within=weighted_logs(has, np.divide(amount, means[members], where=has > 0, out=has * 0)),
    )


def weighted_logs(has: NDArray[Any], relative: NDArray[np.float64]) -> float:
    """``sum(has * ln(relative)) / sum(has)`` over those who have anything."""
    some = has > 0
    return float((has[some] * np.log(relative[some])).sum() / has.sum())


def checked_amounts(
    amount: NDArray[Any], people: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Amounts and people of the homes where anybody lives."""
    people, amount = checked_counts("people", people), np.asarray(amount, np.float64)
    if amount.shape != people.shape:
        raise ValueError(f"{len(amount)} amounts for {len(people)} homes")
    living = people > 0
    if not (np.isfinite(amount[living]).all() and (amount[living] >= 0).all()):
        raise ValueError("amounts must be numbers of 0 or more")
    return amount[living], people[living]


# --- tables


def shares_by_group(
    covered: NDArray[np.bool_], people: NDArray[np.int64], group: pd.Series
) -> DataFrame:
    """People, covered people and the share, cut to one decimal, of each group of homes.

    Least covered group first, then by name; a group without people has no share and comes
    last. Homes without a group are counted under ``""``.
    """
    names = pd.Series(np.asarray(group, object), name=str(group.name)).fillna("").astype("str")
    table = DataFrame({"people": people, "people_covered": np.where(covered, people, 0)})
    table = table.groupby(names).sum()
    table["percent"] = [
        cut_percent(int(part), int(whole))
        for part, whole in zip(table["people_covered"], table["people"], strict=True)
    ]
    exact = table["people_covered"] / table["people"].where(table["people"] > 0)
    order = exact.sort_values(kind="stable", na_position="last").index
    return table.loc[order]


def worst_served(
    walk_ms: NDArray[np.int64], people: NDArray[np.int64], index: pd.Index, count: int
) -> DataFrame:
    """The ``count`` homes or quarters with the longest walk: ``minutes`` and ``people``.

    Who can reach nothing (`NEVER`, NaN in the table) comes first; of equally long walks more
    people come first, then the first of the layer. Where nobody lives is left out.
    """
    order = np.lexsort((np.arange(len(people)), -people, -walk_ms))
    worst = order[people[order] > 0][:count]
    return DataFrame(
        {"minutes": as_minutes(walk_ms[worst]), "people": people[worst]}, index=index[worst]
    )


def walk_of_worst(
    walk_ms: NDArray[np.int64], people: NDArray[np.int64], per_mille: int
) -> int | None:
    """The shortest walk of the worst-served part of the people, in milliseconds.

    For 100 per mille: at least a tenth of the people walk so long or longer. `NEVER` where
    even these reach nothing; None where there are no people.
    """
    if not 0 < per_mille <= 1000:
        raise ValueError(f"a part is above 0 to 1000 per mille, not {per_mille}")
    if people.sum() == 0:
        return None
    order = np.argsort(-walk_ms, kind="stable")
    enough = 1000 * np.cumsum(people[order]) >= per_mille * people.sum()
    longest: int = walk_ms[order][np.argmax(enough)]
    return int(longest)
