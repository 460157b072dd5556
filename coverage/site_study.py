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

from carecircle.coverage.result import Coverage, Ledger

GoalName = Literal["people", "backup", "worst_town", "cost", "stations"]
YearsGoal = Literal["people_years", "last_year"]
ProofGoal = GoalName | YearsGoal | Literal["together"]
RobustBy = Literal["worst", "regret"]
Status = Literal["optimal", "time_limit"]
Words = dict[str, str]

GOAL_WORDS: dict[GoalName, Words] = {
    "people": {"zh": "覆盖人数最多", "en": "most people covered"},
    "backup": {"zh": "时限内有两处设施的人数最多", "en": "most people with two stations in reach"},
    "worst_town": {"zh": "覆盖率最低的街镇尽可能高", "en": "the worst-served town served best"},
    "cost": {"zh": "费用最低", "en": "the least cost"},
    "stations": {"zh": "新建设施最少", "en": "the fewest new stations"},
}

# What is sought by the command itself rather than named as a goal.
PROOF_WORDS: dict[ProofGoal, Words] = {
    **GOAL_WORDS,
    "together": {"zh": "各类服务覆盖人数合计最多", "en": "most people covered, services added"},
    "people_years": {"zh": "各年覆盖人数之和（人年）", "en": "people covered, all years added"},
    "last_year": {"zh": "最后一年覆盖人数", "en": "people covered in the last year"},
}
ROBUST_WORDS: dict[RobustBy, Words] = {
    "worst": {"zh": "最不利情形下覆盖人数最多", "en": "most people in the worst case"},
    "regret": {"zh": "最大遗憾最小", "en": "the least greatest regret"},
}


@dataclass(frozen=True)
class RobustQuestion:
    """Which plan stands up best; the other worlds are given beside it.

    ``lost_station``: any one station may be lost as well, for ``worst`` alone.
    """

    by: RobustBy = "worst"
    lost_station: bool = False


@dataclass(frozen=True)
class PhaseYear:
    """One year: at most so many new stations and so much money in it, None without limit.

    ``people_percent`` of today's people live there then, as decimal text.
    """

    year: int
    count: int | None = None
    budget: int | None = None
    people_percent: str = "100"


@dataclass(frozen=True)
class PhasesQuestion:
    """What opens in which year; the years rise."""

    years: tuple[PhaseYear, ...]
    last_year_first: bool = False
    carry_over: bool = False

    @property
    def money(self) -> bool:
        """Whether costs have to be known."""
        return any(year.budget is not None for year in self.years)


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
    robust : RobustQuestion or None
    phases : PhasesQuestion or None
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
    robust: RobustQuestion | None = None
    phases: PhasesQuestion | None = None

    @property
    def money(self) -> bool:
        """Whether the plans are about costs."""
        return self.budget is not None or self.goal == "cost"

    @property
    def needs_costs(self) -> bool:
        """Whether costs have to be known."""
        return self.money or (self.phases is not None and self.phases.money)

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

    goal: ProofGoal
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
    shared : tuple of int
        Candidates whose building holds another service as well; ``cost`` is then that of all.
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
    shared: tuple[int, ...] = ()

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


@dataclass(frozen=True)
class RobustAnswer:
    """The plan that stands up best, beside the plan for today with as many stations.

    Attributes
    ----------
    asked : int or None
        At most so many new stations.
    closed : tuple of int
        Positions among the stations of today.
    value, bound : int
        People in the worst world, or the greatest regret; and what no plan can pass.
    worst_world : int
    lost : str or None
        The station whose loss is the worst world; None: none is lost there.
    people, best, today : tuple of int
        For each world, every station standing: people whom the plan covers, what no plan can
        pass, and people whom the plan for today covers.
    """

    asked: int | None
    opened: tuple[Opened, ...]
    closed: tuple[int, ...]
    value: int
    bound: int
    worst_world: int
    lost: str | None
    people: tuple[int, ...]
    best: tuple[int, ...]
    today: tuple[int, ...]
    seconds: float

    @property
    def status(self) -> Status:
        """Optimal when no plan is better in its worst world."""
        return "optimal" if self.value == self.bound else "time_limit"


@dataclass(frozen=True)
class PhasedYear:
    """One year: what opens in it, and its people once it stands; ``cost`` of all until then."""

    year: int
    opened: tuple[Opened, ...]
    people: Ledger
    cost: int | None


@dataclass(frozen=True)
class PhasedAnswer:
    """What opens when."""

    years: tuple[PhasedYear, ...]
    proofs: tuple[Proof, ...]
    seconds: float

    @property
    def status(self) -> Status:
        """Optimal when no plan is better in any goal, taken in turn."""
        proven = all(proof.value == proof.bound for proof in self.proofs)
        return "optimal" if proven else "time_limit"


@dataclass(frozen=True, eq=False)
class SiteStudy:
    """The answers for one circle.

    Attributes
    ----------
    conditions : tuple of Words
        All but the number of stations, which each plan tells.
    town_of_candidate : (candidates,) of str
        Names; empty where none is known.
    worlds : tuple of Words
        Those of the robust choice, the circle's own first.
    """

    question: SiteQuestion
    conditions: tuple[Words, ...]
    town_of_candidate: NDArray[np.object_]
    plans: tuple[AnsweredPlan, ...]
    frontier: FrontierAnswer | None = None
    worlds: tuple[Words, ...] = ()
    robust: tuple[RobustAnswer, ...] = ()
    phases: PhasedAnswer | None = None
