"""What lies under the teaching city: a river, hills, and the line from metres to degrees?

Everything is drawn with ``+ - * /`` and comparisons on numbers from PCG64, which give the
same bits on every computer; sines and powers do not. The relief is value noise (random
heights on a grid, smoothly joined; Perlin, "An Image Synthesizer", 1985), the river a
slanting line that meanders by the same noise.

Limits: the metres drawn here are plan metres at one latitude, good to a fraction of a
percent. What counts are the degrees written into the files; lengths are measured on those.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Metres = NDArray[np.float64]

WEST_E7, SOUTH_E7 = 1_079_000_000, 301_500_000  # 107.9 E, 30.15 N: hills, and nothing of this
E7_PER_M_EAST, E7_PER_M_NORTH = 103.87, 90.21  # at 30.2 degrees north
MARGIN_M = 2_000.0  # noise is known this far around the city

RIVER_HALF_WIDTH_M = 95.0
BANK_M = 25.0  # no street runs closer to the water
VALLEY_M = 2_200.0  # hills begin to rise away from the river


def stream(seed: int, subject: int) -> np.random.Generator:
    """Random numbers for one subject, so that a change to one leaves the others as they were."""
    return np.random.Generator(np.random.PCG64([seed, subject]))


@dataclass(frozen=True, eq=False)
class Noise:
    """Random values from 0 to 1 on a square grid, smoothly joined in between."""

    values: Metres
    cell_m: float

    @classmethod
    def over(cls, width_m: float, height_m: float, cell_m: float, seed: int, subject: int) -> Noise:
        """Noise over a rectangle from (0, 0), and `MARGIN_M` around it."""
        columns, rows = (int((side + 2 * MARGIN_M) / cell_m) + 3 for side in (width_m, height_m))
        return cls(stream(seed, subject).random((columns, rows)), cell_m)

    def at(self, x_m: Metres, y_m: Metres) -> Metres:
        """The value at each place."""
        column, along_x = self._cell(x_m, self.values.shape[0])
        row, along_y = self._cell(y_m, self.values.shape[1])
        south = self._between(self.values[column, row], self.values[column + 1, row], along_x)
        north = self._between(
            self.values[column, row + 1], self.values[column + 1, row + 1], along_x
        )
        return self._between(south, north, along_y)

    def _cell(self, metres: Metres, cells: int) -> tuple[NDArray[np.int64], Metres]:
        scaled = ((metres + MARGIN_M) / self.cell_m).clip(0, cells - 1.001)
        cell = np.floor(scaled).astype(np.int64)
        part = scaled - cell
        return cell, part * part * (3 - 2 * part)

    @staticmethod
    def _between(a: Metres, b: Metres, part: Metres) -> Metres:
        return a + (b - a) * part


@dataclass(frozen=True, eq=False)
class Ground:
    """River and relief of one city of ``width_m`` by ``height_m`` plan metres."""

    width_m: float
    height_m: float
    meander: Noise
    ridges: Noise
    knolls: Noise

    @classmethod
    def drawn(cls, width_m: float, height_m: float, seed: int) -> Ground:
        """The ground for a seed."""
        return cls(
            width_m,
            height_m,
            Noise.over(width_m, 0, 2_300, seed, 1),
            Noise.over(width_m, height_m, 1_900, seed, 2),
            Noise.over(width_m, height_m, 600, seed, 3),
        )

    def river_y_m(self, x_m: Metres) -> Metres:
        """The middle of the river: from the north-west down to the south-east, meandering."""
        slant = 0.68 - 0.36 * x_m / self.width_m
        return slant * self.height_m + 1_000 * (self.meander.at(x_m, np.zeros_like(x_m)) - 0.5)

    def north_of_river_m(self, x_m: Metres, y_m: Metres) -> Metres:
        """Metres north of the middle of the river; negative south of it."""
        return y_m - self.river_y_m(x_m)

    def shore(self, x_m: Metres, y_m: Metres) -> NDArray[np.int64]:
        """1 on the northern shore, -1 on the southern, 0 in the water or at its edge."""
        north_m = self.north_of_river_m(x_m, y_m)
        dry = np.abs(north_m) > RIVER_HALF_WIDTH_M + BANK_M
        return np.where(dry, np.sign(north_m), 0).astype(np.int64)

    def height_above_sea_m(self, x_m: Metres, y_m: Metres) -> Metres:
        """The terrain: a flat valley along the river, ridges and knolls away from it."""
        away = (np.abs(self.north_of_river_m(x_m, y_m)) - RIVER_HALF_WIDTH_M) / VALLEY_M
        rise = away.clip(0, 1)
        ridge = self.ridges.at(x_m, y_m)
        relief = 300 * ridge * ridge + 70 * self.knolls.at(x_m, y_m)
        return 168 + 12 * rise + rise * relief


def to_e7(x_m: Metres, y_m: Metres) -> NDArray[np.int64]:
    """Plan metres as longitude and latitude in whole 1e-7 degrees, (n, 2)."""
    return np.column_stack(
        [
            WEST_E7 + np.rint(x_m * E7_PER_M_EAST).astype(np.int64),
            SOUTH_E7 + np.rint(y_m * E7_PER_M_NORTH).astype(np.int64),
        ]
    )
