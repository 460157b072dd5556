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
