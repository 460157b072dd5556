"""Why can nothing be opened in these years that keeps to everything?

The deletion filter of `site_infeasible`, over the conditions and the limits of each year: each is
left out in turn, and for good where the rest still contradict. Money that may be spent later is
one limit, the budgets of all years together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from carecircle.coverage.milp import Ending, solved
from carecircle.coverage.site_conditions import AtMost, Budget, Condition, Words
from carecircle.coverage.site_phases import Year, drafted
from carecircle.coverage.site_program import NOTHING


@dataclass(frozen=True)
class Limit:
    """Something the years keep to: a limit of the years ``of``, by its field, or a condition."""

    words: Words
    of: tuple[int, ...]
    field: str
    condition: Condition | None = None


def limits_of(years: Sequence[Year], carry_over: bool) -> Iterator[Limit]:
    """All that a plan over the years keeps to; conditions last, as they are told best."""
    everyone = tuple(range(len(years)))
    for at, year in enumerate(years):
        if year.most_new is not None:
            yield Limit(of_year(year, AtMost(year.most_new)), (at,), "most_new")
        if year.money is not None and not carry_over:
            yield Limit(of_year(year, Budget(year.money)), (at,), "money")
    if carry_over:
        money = Budget(sum(year.money or 0 for year in years))
        yield Limit(money.words(years[-1].problem), everyone, "money")
    for at, year in enumerate(years):
        for condition in year.conditions:
            yield Limit(of_year(year, condition), (at,), "conditions", condition)


def of_year(year: Year, condition: Condition) -> Words:
    """A condition with its year."""
    words = condition.words(year.problem)
    return {"zh": f"{year.name} 年{words['zh']}", "en": f"{year.name}: {words['en']}"}


def without(years: Sequence[Year], limit: Limit) -> list[Year]:
    """The years without one of their limits."""
    left = list(years)
    for at in limit.of:
        if limit.field == "most_new":
            left[at] = replace(left[at], most_new=None)
        elif limit.field == "money":
            left[at] = replace(left[at], money=None)
        else:
            kept = tuple(one for one in left[at].conditions if one is not limit.condition)
            left[at] = replace(left[at], conditions=kept)
    return left


def contradiction_of_years(
    years: Sequence[Year], carry_over: bool, time_limit_s: float
) -> tuple[Words, ...] | None:
    """Limits that contradict each other, in words; None where they are not known to."""
    ending, seconds = feasible(years, carry_over, time_limit_s)
    if ending != "infeasible":
        return None
    kept, said = list(years), []
    for limit in limits_of(years, carry_over):
        fewer = without(kept, limit)
        ending, used = feasible(fewer, carry_over, time_limit_s - seconds)
        seconds += used
        if ending == "infeasible":
            kept = fewer
        else:
            said.append(limit.words)
    return tuple(said)


def feasible(years: Sequence[Year], carry_over: bool, time_limit_s: float) -> tuple[Ending, float]:
    """Whether there is a plan, and the solver's seconds."""
    draft, _ = drafted(years, carry_over)
    answer = solved(draft.program(NOTHING, maximize=True), max(time_limit_s, 0.1))
    return ("optimal" if answer.values is not None else answer.ending), answer.seconds
