"""What a site-selection study asks, and what it answers: the types.

`site_question` turns the question into a `SiteProblem`, `site_answer` answers it. A plan is
told by what it opens and closes, by the coverage before and after it (each a ledger of every
unit), and by what is proven. Coverage after is that of a fresh walk with the chosen stations
standing, not the model's word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.result import Coverage, Ledger

if TYPE_CHECKING:
    from carecircle.coverage.candidate_sites import CandidateSites
    from carecircle.coverage.site_seats import SeatLedger

GoalName = Literal["people", "backup", "worst_town", "cost", "stations", "walk", "farthest"]
Sought = GoalName | Literal["enlarged"]  # what may be sought after the goal
YearsGoal = Literal["people_years", "last_year"]
ProofGoal = Sought | YearsGoal | Literal["together"]
RobustBy = Literal["worst", "regret"]
Status = Literal["optimal", "time_limit"]
Words = dict[str, str]

GOAL_WORDS: dict[ProofGoal, Words] = {
    "people": {"zh": "覆盖人数最多", "en": "most people covered"},
    "backup": {"zh": "时限内有两处设施的人数最多", "en": "most people with two stations in reach"},
    "worst_town": {"zh": "覆盖率最低的街镇尽可能高", "en": "the worst-served town served best"},
    "cost": {"zh": "费用最低", "en": "the least cost"},
    "stations": {"zh": "新建设施最少", "en": "the fewest new stations"},
    "enlarged": {"zh": "扩建设施最少", "en": "the fewest stations enlarged"},
    "walk": {"zh": "步行总时间最少", "en": "the least walking, all together"},
    "farthest": {"zh": "最远的一段步行尽可能短", "en": "the longest walk as short as possible"},
    "together": {"zh": "各类服务覆盖人数合计最多", "en": "most people covered, services added"},
    "people_years": {"zh": "各年覆盖人数之和（人年）", "en": "people covered, all years added"},
    "last_year": {"zh": "最后一年覆盖人数", "en": "people covered in the last year"},
}
# Whose figures are walks, in person-milliseconds and milliseconds: less is better.
WALK_GOALS: tuple[GoalName, ...] = ("walk", "farthest")
WITH_SEATS: dict[ProofGoal, Words] = {
    "people": {"zh": "获得名额的人数最多", "en": "most people with a place"},
    "worst_town": {
        "zh": "名额满足率最低的街镇尽可能高",
        "en": "the town with the lowest share of people with a place served best",
    },
}


def goal_words(goal: ProofGoal, seats: bool) -> Words:
    """A goal as a planner would say it; ``seats``: to be served is to have a place."""
    return {**GOAL_WORDS, **WITH_SEATS}[goal] if seats else GOAL_WORDS[goal]


@dataclass(frozen=True)
class Enlarging:
    """Stations of today that may get more places.

    Attributes
    ----------
    seats : int
        More places for each.
    cost : int or None
        Yuan for each.
    count : int or None
        At most so many of them.
    stations : tuple of str
        Ids of those that may; empty: all.
    """

    seats: int
    cost: int | None = None
    count: int | None = None
    stations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seats:
    """A station serves no more people than its places.

    ``unknown``: the places of a station or candidate whose capacity is not told.
    """

    unknown: int | None = None
    enlarge: Enlarging | None = None


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
    seats : Seats or None
        None: a station serves everybody in reach.
    remarks : tuple of Words
        What is to be told beside the conditions.
    walk_limit_ms : int or None
        For the goals ``walk`` and ``farthest``: how far walks are looked at, and what whoever has
        no station so near is counted with.
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
    seats: Seats | None = None
    walk_limit_ms: int | None = None
    remarks: tuple[Words, ...] = ()
    robust: RobustQuestion | None = None
    phases: PhasesQuestion | None = None

    @property
    def money(self) -> bool:
        """Whether the plans are about costs."""
        return self.budget is not None or self.goal == "cost"

    @property
    def even(self) -> bool:
        """Whether every town has to have its share, so that seats go to it first."""
        return self.goal == "worst_town" or self.every_town_percent is not None

    @property
    def walks(self) -> bool:
        """Whether walks are sought, and not people within the limit."""
        return self.goal in WALK_GOALS

    @property
    def needs_costs(self) -> bool:
        """Whether costs have to be known."""
        return self.money or (self.phases is not None and self.phases.money)

    @property
    def plain(self) -> bool:
        """Whether it is the maximal covering problem, which `siting` answers faster."""
        asked = (self.budget, self.apart_m, self.every_town_percent, self.reach_percent)
        more = self.per_town or self.close or self.move or self.seats or not self.counts
        return self.goal == "people" and not more and all(one is None for one in asked)


@dataclass(frozen=True)
class Opened:
    """A station that a plan opens; ``gain_people`` is counted after those before it."""

    candidate: int  # position among the candidates
    gain_people: int
    cost: int | None
    seats: int | None = None


@dataclass(frozen=True)
class Enlarged:
    """A station that gets more places; ``gain_people`` is counted after those before it."""

    station: int  # position among the facilities of the circle
    gain_people: int
    cost: int | None
    seats: int  # with those it has today


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
class Walked:
    """The walks of all people to their nearest station, up to a stated walk.

    Attributes
    ----------
    person_ms : int
        All together; who has no station within the stated walk is counted with it.
    worst_ms : int or None
        The longest of those who have one; None where nobody has.
    people_beyond : int
        Without a station within the stated walk.
    """

    people: int
    person_ms: int
    worst_ms: int | None
    people_beyond: int

    @property
    def mean_ms(self) -> int | None:
        """Of everybody, to the nearest millisecond; None where there is nobody."""
        return (2 * self.person_ms + self.people) // (2 * self.people) if self.people else None


@dataclass(frozen=True)
class Beyond:
    """A quarter with people who have no station within the stated walk."""

    quarter: str
    name: str
    people: int


@dataclass(frozen=True)
class WalkChange:
    """How people walk before and after a plan; ``beyond`` are those left without a station."""

    limit_ms: int
    before: Walked
    after: Walked
    beyond: tuple[Beyond, ...]


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
    worst_permille : int or None
        Covered share of the worst-served town, cut to whole per mille. With seats the share with a
        place; None where towns are not asked about, as it depends on who gets the places.
    cost : int or None
        Yuan; None where costs are not asked for.
    enlarged, seats_after
        Stations with more places, and who has a place then; None without seats.
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
    worst_permille: int | None
    cost: int | None
    proofs: tuple[Proof, ...]
    seconds: float
    ties: Alternatives | None = None
    enlarged: tuple[Enlarged, ...] = ()
    seats_after: SeatLedger | None = None
    walk: WalkChange | None = None  # where walks are sought
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
    worst_permille: int | None
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
    sites : CandidateSites
        Those that were chosen from.
    conditions : tuple of Words
        All but the number of stations, which each plan tells.
    town_of_candidate : (candidates,) of str
        Names; empty where none is known.
    seats_before : SeatLedger or None
        Who has a place today; None without seats.
    worlds : tuple of Words
        Those of the robust choice, the circle's own first.
    """

    question: SiteQuestion
    sites: CandidateSites
    conditions: tuple[Words, ...]
    town_of_candidate: NDArray[np.object_]
    plans: tuple[AnsweredPlan, ...]
    frontier: FrontierAnswer | None = None
    seats_before: SeatLedger | None = None
    worlds: tuple[Words, ...] = ()
    robust: tuple[RobustAnswer, ...] = ()
    phases: PhasedAnswer | None = None
