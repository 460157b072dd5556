"""What a site-selection study asks, and what it answers: the types.

`site_question` turns the question into a `SiteProblem`, `site_answer` answers it. A plan is
told by what it opens and closes, by the coverage before and after it (each a ledger of every
unit), and by what is proven. Coverage after is that of a fresh walk with the chosen stations
standing, not the model's word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.result import Coverage

GoalName = Literal["people", "backup", "worst_town", "cost", "stations"]
Status = Literal["optimal", "time_limit"]
Words = dict[str, str]

GOAL_WORDS: dict[GoalName, Words] = {
    "people": {"zh": "覆盖人数最多", "en": "most people covered"},
    "backup": {"zh": "时限内有两处设施的人数最多", "en": "most people with two stations in reach"},
    "worst_town": {"zh": "覆盖率最低的街镇尽可能高", "en": "the worst-served town served best"},
    "cost": {"zh": "费用最低", "en": "the least cost"},
    "stations": {"zh": "新建设施最少", "en": "the fewest new stations"},
}


@dataclass(frozen=True)
class SiteQuestion:
    """What is asked for.

    Attributes
    ----------
    counts : tuple of int
        At most so many new stations, a plan for each; empty: no limit.
    goal : GoalName
    reach_percent : str or None
        Share of all people of the group to be covered, as decimal text.
    budget : int or None
        Yuan.
    apart_m : float or None
        Straight line between two stations.
    every_town_percent : int or None
    per_town : mapping
        Id of a town -> stations that stand there at least.
    close, move : int
        Stations closed; stations that may be closed besides, each with one more opened.
    frontier : bool
    ties : int
        How many equally good plans are listed at most; 0: not asked.
    time_limit_s : float
        For each plan.
    """

    counts: tuple[int, ...] = ()
    goal: GoalName = "people"
    reach_percent: str | None = None
    budget: int | None = None
    apart_m: float | None = None
    every_town_percent: int | None = None
    per_town: Mapping[str, int] = field(default_factory=dict)
    close: int = 0
    move: int = 0
    frontier: bool = False
    ties: int = 0
    time_limit_s: float = 10.0

    @property
    def money(self) -> bool:
        """Whether costs have to be known."""
        return self.budget is not None or self.goal == "cost"

    @property
    def plain(self) -> bool:
        """Whether it is the maximal covering problem, which `siting` answers faster."""
        asked = (self.budget, self.apart_m, self.every_town_percent, self.reach_percent)
        more = self.per_town or self.close or self.move or not self.counts
        return self.goal == "people" and not more and all(one is None for one in asked)


@dataclass(frozen=True)
class Opened:
    """A station that a plan opens; ``gain_people`` is counted after those before it."""

    candidate: int  # position among the candidates
    gain_people: int
    cost: int | None


@dataclass(frozen=True)
class Closed:
    """A station that a plan closes; ``loss_people`` is counted after those before it."""

    station: int  # position among the facilities of the circle
    loss_people: int


@dataclass(frozen=True)
class Proof:
    """What is proven about one goal: no plan passes ``bound``."""

    goal: GoalName
    value: int
    bound: int
    gap_percent: float


@dataclass(frozen=True)
class Alternatives:
    """Plans as good as the one told; ``complete`` False: at least so many."""

    count: int
    complete: bool
    in_all: tuple[int, ...]  # candidates


@dataclass(frozen=True, eq=False)
class AnsweredPlan:
    """One plan, what it changes and what is proven.

    Attributes
    ----------
    asked : int or None
        At most so many new stations.
    after : Coverage
        Of a fresh walk with its stations.
    twice : int
        People with two stations in reach.
    worst_permille : int
        Covered share of the worst-served town, cut to whole per mille.
    cost : int or None
        Yuan; None where costs are not asked for.
    proofs : tuple of Proof
        Of one goal after the other.
    """

    asked: int | None
    opened: tuple[Opened, ...]
    closed: tuple[Closed, ...]
    after: Coverage
    twice: int
    worst_permille: int
    cost: int | None
    proofs: tuple[Proof, ...]
    seconds: float
    ties: Alternatives | None = None

    @property
    def status(self) -> Status:
        """Optimal when no plan is better in any goal, taken in turn."""
        proven = all(proof.value == proof.bound for proof in self.proofs)
        return "optimal" if proven else "time_limit"


@dataclass(frozen=True)
class FrontierPoint:
    """The most that can be had for a price, and the least price of that much."""

    price: int
    people: int
    people_bound: int
    worst_permille: int
    proven: bool


@dataclass(frozen=True)
class FrontierAnswer:
    """All best trade-offs from the cheapest on; ``complete`` where no plan beats them."""

    price: Literal["stations", "cost"]
    points: tuple[FrontierPoint, ...]
    complete: bool


@dataclass(frozen=True, eq=False)
class SiteStudy:
    """The answers for one circle.

    Attributes
    ----------
    conditions : tuple of Words
        All but the number of stations, which each plan tells.
    town_of_candidate : (candidates,) of str
        Names; empty where none is known.
    """

    question: SiteQuestion
    conditions: tuple[Words, ...]
    town_of_candidate: NDArray[np.object_]
    plans: tuple[AnsweredPlan, ...]
    frontier: FrontierAnswer | None = None
