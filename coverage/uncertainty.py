"""How sure is a verdict, when speed, gates, waits and the sharing out of people are not?

A seeded Monte Carlo over what a study assumes. Every draw takes, independently:

- one **speed** for everybody, from a triangle (least, most likely, most);
- one factor on all **waits**, from a triangle;
- for each quarter an extra walk within it to a **gate** that nobody mapped, evenly between
  nothing and ``gate_m`` (0 for quarters whose gates are known);
- for each home a **gamma factor** on its people, mean 1, which moves people between the homes
  of one quarter; the quarter keeps its total.

The streets are not searched again: times follow from `speeds.Walks`. For each draw the share
of people, whether the target is met, and for each quarter whether at least half of its people
arrive in time. The same seed gives the same draws.

Limits: these are the uncertainties that can be named, with widths that the caller chooses and
states; a wrong map, a missing facility or a wrong total is none of them. Everybody walks at
the drawn speed: it is the doubt about the assumption, not the difference between people.
People are fractions inside a draw. A probability from n draws is uncertain by up to
``1 / sqrt(n)`` (95 %). Facilities beyond the k nearest in `Walks` do not come into play; with
no waits k = 1 is exact. Otherwise the limits of `speeds` hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from carecircle.coverage.measure import sums
from carecircle.coverage.speeds import Walks
from carecircle.isochrones.minutes import NEVER
from carecircle.isochrones.walkers import FASTEST_MM_PER_S, SLOWEST_MM_PER_S

Triangle = tuple[float, float, float]  # least, most likely, most
HALF = 0.5 - 1e-9  # exactly half is enough, and fractions of people are rounded


@dataclass(frozen=True)
class Doubts:
    """How wide each assumption is drawn. The defaults draw the speed alone.

    Attributes
    ----------
    speed_mm_per_s : Triangle
        Equal ends fix it.
    wait_factor : Triangle
        On all waits together.
    apportioning_cv : float
        Coefficient of variation of the people of a home, given those of its quarter; 0 is
        certain.
    """

    speed_mm_per_s: Triangle = (600, 800, 1000)
    wait_factor: Triangle = (1, 1, 1)
    apportioning_cv: float = 0.0

    def __post_init__(self) -> None:
        """Raise ValueError for what cannot be drawn."""
        for low, mode, high in (self.speed_mm_per_s, self.wait_factor):
            if not 0 <= low <= mode <= high < np.inf:
                raise ValueError("a triangle is (least, most likely, most)")
        slowest, _, fastest = self.speed_mm_per_s
        if slowest < SLOWEST_MM_PER_S or fastest > FASTEST_MM_PER_S:
            raise ValueError(f"nobody walks at {slowest} to {fastest} mm/s")
        if not 0 <= self.apportioning_cv <= 3:
            raise ValueError(f"a coefficient of variation of 0 to 3, not {self.apportioning_cv}")


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """What so many draws gave.

    Attributes
    ----------
    percent : (draws,) float64
        Share of people covered, excluded people in the denominator; ascending. Empty where
        nobody lives.
    met_probability : float or None
        Share of the draws that meet the target; None without a target or people.
    quarter_probability : (quarters,) float64
        Share of the draws in which the quarter is covered; NaN where nobody lives.
    """

    percent: NDArray[np.float64]
    met_probability: float | None
    quarter_probability: NDArray[np.float64]

    def quantile(self, share: float) -> float | None:
        """The percent that so large a share of the draws does not pass; None without people."""
        if len(self.percent) == 0:
            return None
        return float(np.quantile(self.percent, share, method="inverted_cdf"))

    @property
    def flips(self) -> bool:
        """Whether some draws meet the target and some do not."""
        return self.met_probability is not None and 0 < self.met_probability < 1


def simulate(
    walks: Walks,
    people: NDArray[np.int64],
    attached: NDArray[np.bool_],
    quarter: NDArray[np.int64],
    gate_mm: NDArray[np.int64],
    limit_ms: int,
    target_percent: str | None,
    doubts: Doubts,
    draws: int = 1000,
    seed: int = 0,
) -> Uncertainty:
    """Draw the assumptions again and again, and count each time.

    Parameters
    ----------
    walks : Walks
        Of each home to its k nearest facilities.
    people : (homes,) int64
    attached : (homes,) bool
        False for homes that no street is near: never covered, always counted.
    quarter : (homes,) int64
        Position of the quarter of each home.
    gate_mm : (quarters,) int64
        Most that the way to an unmapped gate may add; 0 where gates are known.
    """
    if draws < 1:
        raise ValueError(f"at least one draw, not {draws}")
    rng = np.random.default_rng(seed)
    n_quarters = len(gate_mm)
    total = int(people.sum())
    of_quarter = sums(quarter, people, n_quarters)
    living = np.flatnonzero((people > 0) & attached)
    place, counted = quarter[living], people[living]
    near_street = sums(place, counted, n_quarters)
    walked, waits = drawn_walks(walks, living)

    percent, covered_draws = np.zeros(draws), np.zeros(n_quarters, np.int64)
    for draw in range(draws):
        speed = drawn(rng, doubts.speed_mm_per_s)
        factor = drawn(rng, doubts.wait_factor)
        gate = rng.random(n_quarters) * gate_mm
        apart = shared_anew(rng, counted, place, near_street, doubts.apportioning_cv)
        ms = (walked + gate[place][:, None]) * 1000 / speed + waits * factor
        within = np.floor(ms.min(axis=1, initial=np.inf) + 0.5) <= limit_ms
        arrived = np.bincount(place[within], apart[within], n_quarters)
        percent[draw] = 100 * arrived.sum() / total if total else np.nan
        covered_draws += arrived >= HALF * of_quarter
    return Uncertainty(
        percent=np.sort(percent) if total else np.empty(0),
        met_probability=met_share(percent, target_percent) if total else None,
        quarter_probability=np.where(of_quarter > 0, covered_draws / draws, np.nan),
    )


def drawn_walks(
    walks: Walks, living: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Millimetres and waits of the homes where people live; no facility is infinitely far."""
    walked = walks.walked_mm[living]
    return np.where(walked == NEVER, np.inf, walked.astype(np.float64)), walks.wait_ms[living]


def drawn(rng: np.random.Generator, triangle: Triangle) -> float:
    """One number of a triangle; equal ends are certain."""
    low, mode, high = triangle
    return low if low == high else float(rng.triangular(low, mode, high))


def shared_anew(
    rng: np.random.Generator,
    people: NDArray[np.int64],
    quarter: NDArray[np.int64],
    of_quarter: NDArray[np.int64],
    cv: float,
) -> NDArray[np.float64]:
    """The people of each quarter on its homes, each home's times a gamma factor of mean 1."""
    if cv == 0:
        return people.astype(np.float64)
    raw = people * rng.gamma(1 / cv**2, cv**2, len(people))
    drawn_sum = np.bincount(quarter, raw, len(of_quarter))
    scale = np.zeros(len(of_quarter))
    np.divide(of_quarter, drawn_sum, out=scale, where=drawn_sum > 0)
    return np.asarray(raw * scale[quarter])


def met_share(percent: NDArray[np.float64], target_percent: str | None) -> float | None:
    """Share of the draws that reach the target; a millionth of a percent is rounding."""
    if target_percent is None:
        return None
    return float((percent >= float(Fraction(target_percent)) - 1e-6).mean())
