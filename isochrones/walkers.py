"""How fast do they walk? Named walkers, as data.

No published plan states a speed, so the speed is an assumption and is printed on every
output. Evidence: people of 65 and over walk 0.8 to 0.9 m/s at their usual pace, those at
risk of disability 0.71 to 0.80, pre-school children 0.88; the planning norm of 900 m in
15 minutes is 1.0 m/s. Steps are slower than level ground by ``steps_factor``
(level speed is roughly halved); None means that this walker cannot use steps at all.
``docs/walkers.md`` names the studies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carecircle.layers.network import EDGE_KINDS

FORBIDDEN = -1  # in milliseconds of an edge: this walker cannot use it at all
STEPS = EDGE_KINDS.index("steps")


@dataclass(frozen=True)
class Walker:
    """One kind of walker: speed on the level, and what steps cost."""

    id: str
    zh: str
    en: str
    speed_mm_per_s: int
    steps_factor: int | None = 2

    @property
    def metres_per_second(self) -> float:
        """Speed on level ground, for printing."""
        return self.speed_mm_per_s / 1000

    def edge_ms(self, mm: NDArray[np.int64], kind: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Whole milliseconds along each edge, half up; `FORBIDDEN` where steps are.

        ``mm`` and ``kind`` are a network's ``edge_mm`` and ``edge_kind``. Time is rounded
        once, after steps have been made ``steps_factor`` times as long.
        """
        on_steps = kind == STEPS
        if self.steps_factor is None:
            return np.where(on_steps, FORBIDDEN, self.leg_ms(mm))
        return self.leg_ms(np.where(on_steps, mm * self.steps_factor, mm))

    def leg_ms(self, mm: NDArray[np.int64]) -> NDArray[np.int64]:
        """Whole milliseconds along straight legs on the level: ``mm * 1000 / speed``, half up."""
        return (2000 * mm + self.speed_mm_per_s) // (2 * self.speed_mm_per_s)


WALKERS: dict[str, Walker] = {
    walker.id: walker
    for walker in (
        Walker("norm", "规划常用步速", "planning norm", 1000, 1),
        Walker("elderly", "老年人", "older person", 800),
        Walker("frail", "体弱高龄老人", "frail person", 600, 3),
        Walker("carer", "牵幼儿步行的照护者", "carer with a walking toddler", 850),
        Walker("stroller", "推婴儿车的照护者", "carer with a stroller", 1000, None),
        Walker("adult", "成年人", "adult", 1200, 1),
    )
}
