"""A mixed integer program put together block by block, then handed over as arrays."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csc_array

from carecircle.coverage.milp import Program

Whole = NDArray[np.int64]
Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sum:
    """``factors @ values[columns]``."""

    columns: Whole
    factors: Real

    def __add__(self, other: Sum) -> Sum:
        """Both together."""
        columns = np.concatenate([self.columns, other.columns])
        return Sum(columns, np.concatenate([self.factors, other.factors]))

    def times(self, factor: float) -> Sum:
        """Every factor so many times."""
        return Sum(self.columns, self.factors * factor)

    def at(self, values: Real) -> float:
        """What it is for these values."""
        return float(self.factors @ values[self.columns])


def plain_sum(columns: Whole, factors: ArrayLike = 1.0) -> Sum:
    """A sum of columns, each as often as its factor says."""
    return Sum(columns, np.broadcast_to(np.asarray(factors, np.float64), columns.shape).copy())


NOTHING = Sum(np.empty(0, np.int64), np.empty(0))


class Draft:
    """Columns and rows gathered so far."""

    def __init__(self) -> None:
        self.width = self.height = 0
        self._columns: list[tuple[Real, Real, NDArray[np.bool_]]] = []
        self._entries: list[tuple[Whole, Whole, Real]] = []
        self._limits: list[tuple[Real, Real]] = []
        self._sharper: list[tuple[tuple[Whole, Whole, ArrayLike], int, float]] = []

    def columns(self, count: int, upper: ArrayLike = 1.0, integer: bool = False) -> Whole:
        """New columns from 0 to ``upper``; returns their numbers."""
        most = np.broadcast_to(np.asarray(upper, np.float64), (count,)).copy()
        self._columns.append((np.zeros(count), most, np.full(count, integer)))
        self.width += count
        return np.arange(self.width - count, self.width)

    def free_column(self) -> Whole:
        """One new column without limits."""
        self._columns.append((np.full(1, -np.inf), np.full(1, np.inf), np.zeros(1, bool)))
        self.width += 1
        return np.array([self.width - 1])

    def rows(
        self,
        entries: tuple[Whole, Whole, ArrayLike],
        count: int,
        lower: ArrayLike = -np.inf,
        upper: ArrayLike = np.inf,
    ) -> None:
        """New rows, given as (row from 0, column, factor) of what is not zero."""
        row, column, factor = entries
        factors = np.broadcast_to(np.asarray(factor, np.float64), row.shape)
        self._entries.append((row + self.height, column, factors))
        limits = [np.broadcast_to(np.asarray(x, np.float64), (count,)) for x in (lower, upper)]
        self._limits.append((limits[0], limits[1]))
        self.height += count

    def sharper_rows(
        self, entries: tuple[Whole, Whole, ArrayLike], count: int, upper: float
    ) -> None:
        """Rows that whole plans keep anyway: too many to solve with, good for a bound."""
        self._sharper.append((entries, count, upper))

    def sharpened(self) -> Draft:
        """With these rows among the others."""
        other = copy(self)
        other._entries, other._limits = self._entries.copy(), self._limits.copy()
        for entries, count, upper in self._sharper:
            other.rows(entries, count, upper=upper)
        return other

    def row(self, total: Sum, lower: float = -np.inf, upper: float = np.inf) -> None:
        """One new row."""
        at = np.zeros(len(total.columns), np.int64)
        self.rows((at, total.columns, total.factors), 1, lower, upper)

    def program(self, goal: Sum, maximize: bool) -> Program:
        """Everything gathered, with this to seek."""
        row, column, factor = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        matrix = coo_array((factor, (row, column)), shape=(self.height, self.width))
        cost = np.zeros(self.width)
        np.add.at(cost, goal.columns, goal.factors)
        lower, upper, integer = (np.concatenate(p) for p in zip(*self._columns, strict=True))
        row_lower, row_upper = (np.concatenate(part) for part in zip(*self._limits, strict=True))
        return Program(
            csc_array(matrix), cost, maximize, integer, row_lower, row_upper, lower, upper
        )
