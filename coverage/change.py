"""What changed between two dates, and how much of it does each cause explain?

Between two studies of one place several things change at once: facilities, the network, the
population, and the standard they are judged by. Every mixed world, such as the old streets with
the new facilities, is measured like the two real ones. From these, exactly:

- **joint effects** of a set of causes: what they do together beyond all that fewer of them do
  (the dividends of Harsanyi 1963), whole people like the measures themselves;
- the **part of each cause**: its effect alone and an equal share of every joint effect it has a
  hand in. That is the Shapley value (Shapley 1953; for changes of a statistic Shorrocks 2013),
  the mean effect of the cause over all orders in which the causes could have come. The parts
  add up to the whole change, exactly.

With at most four causes a part is a whole number of twelfths of a person. It is printed in whole
people: rounded down, and those with the largest rest one up, until they add up to the change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

CAUSES = ("facilities", "network", "population", "standard")

Whole = NDArray[np.int64]
Exact = NDArray[Any]  # whole numbers, or exact fractions
Causes = frozenset[str]


def subsets(causes: Sequence[str]) -> list[Causes]:
    """Every set of causes, smaller ones first, from none to all."""
    sizes = range(len(causes) + 1)
    return [frozenset(chosen) for size in sizes for chosen in combinations(causes, size)]


def difference(before: Fraction, after: Fraction) -> Fraction:
    """How far a rate rose, in its own unit: per mille in per mille, percent in points."""
    return after - before


@dataclass(frozen=True, eq=False)
class Decomposition:
    """A change of whole numbers or exact fractions, by cause; a row for each thing counted.

    Attributes
    ----------
    causes : sequence of str
        What differs, in a steady order.
    worlds : mapping of a set of causes to (rows,) int64, or object: fractions
        What is counted where these causes are new and the others old; every set is there.
    """

    causes: Sequence[str]
    worlds: Mapping[Causes, Exact]

    @property
    def before(self) -> Exact:
        """All of it old."""
        return self.worlds[frozenset()]

    @property
    def after(self) -> Exact:
        """All of it new."""
        return self.worlds[frozenset(self.causes)]

    @cached_property
    def joint(self) -> dict[Causes, Exact]:
        """What each set of causes does together beyond all its smaller sets."""
        found: dict[Causes, Exact] = {}
        for chosen in subsets(self.causes):
            rest = self.worlds[chosen]
            for smaller in found:
                if smaller < chosen:
                    rest = rest - found[smaller]
            found[chosen] = rest
        return {chosen: effect for chosen, effect in found.items() if chosen}

    @property
    def denominator(self) -> int:
        """Parts are whole numbers of so small a part: twelfths of four causes."""
        return lcm(*range(1, len(self.causes) + 1)) if self.causes else 1

    @cached_property
    def fine_parts(self) -> Exact:
        """(rows, causes): the part of each cause, in units of 1 / denominator."""
        parts = np.zeros((len(self.before), len(self.causes)), self.before.dtype)
        for chosen, effect in self.joint.items():
            for at, cause in enumerate(self.causes):
                if cause in chosen:
                    parts[:, at] += effect * (self.denominator // len(chosen))
        if not np.array_equal(parts.sum(axis=1), self.denominator * (self.after - self.before)):
            raise AssertionError("the parts of the causes do not add up to the change")
        return parts

    def part(self, row: int, cause: str) -> Fraction:
        """The part of a cause in one row, exactly."""
        fine = self.fine_parts[row, self.causes.index(cause)]
        return Fraction(fine) / self.denominator if fine else Fraction(0)

    @cached_property
    def parts(self) -> NDArray[np.int64]:
        """(rows, causes): the same in whole numbers that add up to the change of the row."""
        return whole_parts(self.fine_parts, self.denominator)

    def interacting(self) -> list[Causes]:
        """The sets of two or more causes that do together what they do not do alone."""
        return [c for c, effect in self.joint.items() if len(c) > 1 and effect.any()]


def whole_parts(fine: NDArray[np.int64], denominator: int) -> NDArray[np.int64]:
    """Rows of parts in whole numbers with the same sum, by largest remainder.

    The sum of a row must be a multiple of ``denominator``. Of equal rests the first cause is
    taken.

    >>> whole_parts(np.array([[7, 5], [-6, 6]]), 12).tolist()
    [[1, 0], [0, 0]]
    """
    down, rest = np.divmod(fine, denominator)
    missing = rest.sum(axis=1) // denominator
    rank = np.argsort(np.argsort(-rest, axis=1, kind="stable"), axis=1, kind="stable")
    return np.asarray(down + (rank < missing[:, None]), np.int64)


def of_shares(covered: Decomposition, people: Decomposition, rows: Whole) -> Decomposition:
    """The covered share in percent of some rows, by cause; each has people in every world.

    The share is decomposed itself, with its own mixed worlds: who is new and who is covered
    move it together.
    """
    worlds = {
        chosen: np.array(
            [
                Fraction(100 * int(part), int(whole))
                for part, whole in zip(
                    covered.worlds[chosen][rows], people.worlds[chosen][rows], strict=True
                )
            ],
            object,
        )
        for chosen in subsets(covered.causes)
    }
    return Decomposition(covered.causes, worlds)


def hundredths(parts: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Exact parts as hundredths that add up to their sum, itself cut to hundredths downwards."""
    fine = {cause: part * 100 for cause, part in parts.items()}
    down = {cause: part.numerator // part.denominator for cause, part in fine.items()}
    total = sum(fine.values(), Fraction(0))
    missing = total.numerator // total.denominator - sum(down.values())
    largest = sorted(fine, key=lambda cause: down[cause] - fine[cause])
    return {cause: Fraction(down[cause] + (cause in largest[:missing]), 100) for cause in parts}
