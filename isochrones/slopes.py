"""How much longer does the same way take uphill, and downhill?

Each law gives the time along a slope as a ratio to the time on the level, so that a
walker keeps their own level speed whatever the law. The slope is rise over run in the
direction of walking. Sources:

- ``tobler``: ``exp(3.5 * (abs(s + 0.05) - 0.05))`` (Tobler 1993, *Three presentations on
  geographical analysis and modeling*, NCGIA 93-1), but never below 1: that the gentlest
  descent is quicker than level ground was seen in people in training, not in the old.
- ``tobler_downhill``: the same with its downhill bonus.
- ``naismith_langmuir``: 0.72 s a metre and 6 s more a metre climbed; on descents of 5 to 12
  degrees 2 s less a metre of descent, on steeper ones 2 s more (Langmuir 1984,
  *Mountaincraft and leadership*; the coefficients of r.walk in GRASS).
- ``irmischer_clarke``: speed ``0.11 + exp(-(100 s + 5)**2 / 1800)`` on paths (Irmischer and
  Clarke 2018, *Measuring and modeling the speed of human navigation*, Cartography and
  Geographic Information Science 45).
- ``none``: slope costs nothing.

Limits: all were measured on the fit, mostly on hikers. A slope beyond 100 % is an error of
heights on a short piece of street; it counts as 100 %.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SlopeLaw = Literal["none", "tobler", "tobler_downhill", "naismith_langmuir", "irmischer_clarke"]

LEVEL_PPM = 1_000_000
STEEPEST = 1.0


def time_ppm(law: SlopeLaw, slope: Floats) -> NDArray[np.int64]:
    """Time along each slope in millionths of the time on the level.

    Whole numbers, because the last bits of an exponential differ between machines.

    Raises
    ------
    ValueError
        There is no such law, or a slope is not finite.
    """
    if law not in LAWS:
        raise ValueError(f"no slope law {law!r}; there are: {', '.join(LAWS)}")
    if not np.isfinite(slope).all():
        raise ValueError("a slope is not finite")
    ratio = LAWS[law](slope.clip(-STEEPEST, STEEPEST))
    return np.rint(LEVEL_PPM * ratio).astype(np.int64)


def none(slope: Floats) -> Floats:
    """As long as on the level."""
    return np.ones_like(slope)


def tobler(slope: Floats) -> Floats:
    """Tobler (1993) without a bonus downhill."""
    return np.maximum(1.0, tobler_downhill(slope))


def tobler_downhill(slope: Floats) -> Floats:
    """Tobler (1993), quickest at 5 % downhill."""
    ratio: Floats = np.exp(3.5 * (np.abs(slope + 0.05) - 0.05))
    return ratio


def naismith_langmuir(slope: Floats) -> Floats:
    """Langmuir (1984); the bonus of gentle descents begins and ends abruptly, as published."""
    degrees = np.degrees(np.arctan(slope))
    # compared in whole millionths of a degree, so that machines agree on which side a slope lies
    microdegrees = np.rint(1e6 * degrees)
    seconds_a_metre_of_height = np.select(
        [microdegrees >= 0, microdegrees > -5e6, microdegrees >= -12e6], [6.0, 0.0, 2.0], -2.0
    )
    ratio: Floats = 1 + seconds_a_metre_of_height * slope / 0.72
    return ratio


def irmischer_clarke(slope: Floats) -> Floats:
    """Irmischer and Clarke (2018) on paths."""

    def metres_per_second(at: Floats) -> Floats:
        speed: Floats = 0.11 + np.exp(-((100 * at + 5) ** 2) / 1800)
        return speed

    return metres_per_second(np.zeros_like(slope)) / metres_per_second(slope)


LAWS: dict[str, Callable[[Floats], Floats]] = {
    "none": none,
    "tobler": tobler,
    "tobler_downhill": tobler_downhill,
    "naismith_langmuir": naismith_langmuir,
    "irmischer_clarke": irmischer_clarke,
}
assert tuple(LAWS) == get_args(SlopeLaw)
