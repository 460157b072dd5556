"""How fast do they walk? Named walkers, as data.

No published plan states a speed, so the speed is an assumption and is printed on every
output. Evidence: people of 65 and over walk 0.8 to 0.9 m/s at their usual pace, those at
risk of disability 0.71 to 0.80, pre-school children 0.88; the planning norm of 900 m in
15 minutes is 1.0 m/s. Steps are slower than level ground by ``steps_factor``
(level speed is roughly halved); None means that this walker cannot use steps at all.
Where the terrain is known, slopes cost time by a named law (`slopes`), up and down
differently. Waiting at roads costs nothing unless a study says how long. Whoever must sit
down on the way has a longest walk from one seat to the next (`seats`).
``docs/walkers.md`` names the studies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.slopes import LAWS, LEVEL_PPM, SlopeLaw, time_ppm
from carecircle.layers.network import EDGE_KINDS, WAIT_KINDS, WalkNetwork

FORBIDDEN = -1  # in milliseconds of an edge: this walker cannot use it at all
STEPS = EDGE_KINDS.index("steps")
WITHOUT_SLOPE = np.array([EDGE_KINDS.index(kind) for kind in ("steps", "lift", *WAIT_KINDS)])
SLOWEST_MM_PER_S, FASTEST_MM_PER_S = 300, 2500
LEAST_STRETCH_M, MOST_STRETCH_M = 20, 2000


@dataclass(frozen=True)
class Walker:
    """One kind of walker: speed on the level, and what steps, slopes and roads cost.

    Attributes
    ----------
    zh, en : str
        Name in both languages.
    speed_mm_per_s : int
        Speed on level ground, 300 to 2500.
    steps_factor : float or None
        Steps take so many times the time of level ground; None: cannot use them.
    slope_law : str
        One of `slopes.LAWS`; nothing without heights. Steps and lifts have none.
    max_slope_percent : float or None
        Streets steeper than this, up or down, cannot be used.
    waits_s : tuple of 4 int
        Seconds to wait before crossing a road, in the order of `WAIT_KINDS`.
    longest_without_bench_m : int or None
        Metres on the level from one place to sit to the next, and no longer than they take
        elsewhere; None: never has to sit.
    """

    id: str
    zh: str
    en: str
    speed_mm_per_s: int
    steps_factor: float | None = 2
    slope_law: SlopeLaw = "tobler"
    max_slope_percent: float | None = None
    waits_s: tuple[int, int, int, int] = (0, 0, 0, 0)
    longest_without_bench_m: int | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a walker who is none."""
        if not SLOWEST_MM_PER_S <= self.speed_mm_per_s <= FASTEST_MM_PER_S:
            raise ValueError(f"nobody walks at {self.speed_mm_per_s} mm/s")
        if self.steps_factor is not None and not 1 <= self.steps_factor <= 10:
            raise ValueError(f"steps take 1 to 10 times as long, not {self.steps_factor}")
        if self.slope_law not in LAWS:
            raise ValueError(f"no slope law {self.slope_law!r}; there are: {', '.join(LAWS)}")
        if self.max_slope_percent is not None and not 0 < self.max_slope_percent <= 100:
            raise ValueError(f"a maximum slope lies above 0 to 100 %, not {self.max_slope_percent}")
        if not (len(self.waits_s) == len(WAIT_KINDS) and min(self.waits_s) >= 0):
            raise ValueError(f"{len(WAIT_KINDS)} waits of 0 s or more, not {self.waits_s}")
        rests_m = self.longest_without_bench_m
        if rests_m is not None and not LEAST_STRETCH_M <= rests_m <= MOST_STRETCH_M:
            raise ValueError(f"a longest walk without a bench of {rests_m} m")

    @property
    def metres_per_second(self) -> float:
        """Speed on level ground, for printing."""
        return self.speed_mm_per_s / 1000

    @property
    def waits(self) -> bool:
        """Whether roads cost this walker any wait."""
        return any(self.waits_s)

    @property
    def stretch_ms(self) -> int | None:
        """Longest walk from one place to sit to the next; None: as long as it takes."""
        if self.longest_without_bench_m is None:
            return None
        return int(self.leg_ms(np.array([1000 * self.longest_without_bench_m]))[0])

    def edge_ms(self, network: WalkNetwork) -> NDArray[np.int64]:
        """Whole milliseconds along each edge, (m, 2): from its first node, and back.

        `FORBIDDEN` in both where the walker cannot go: steps for some, and what is steeper
        than ``max_slope_percent``. Each is rounded once, half up:
        ``mm * 1000 / speed`` times what steps or the slope make of it. An edge of a wait
        takes half of that wait.

        Raises
        ------
        ValueError
            A node has no finite height, where the network has heights.
        """
        ppm = self._time_ppm(network)
        per_ms = 1000 * self.speed_mm_per_s
        ms = (2 * network.edge_mm[:, None] * ppm + per_ms) // (2 * per_ms)
        for kind, wait_s in zip(WAIT_KINDS, self.waits_s, strict=True):
            ms[network.edge_kind == EDGE_KINDS.index(kind)] = 500 * wait_s
        ms[~self.usable(network)] = FORBIDDEN
        return np.broadcast_to(ms, (len(ms), 2))

    def usable(self, network: WalkNetwork) -> NDArray[np.bool_]:
        """Which edges this walker can go along, (m,)."""
        usable = np.ones(len(network.edge_mm), bool)
        if self.steps_factor is None:
            usable &= network.edge_kind != STEPS
        if self.max_slope_percent is not None and network.node_z is not None:
            usable &= np.abs(100 * slopes_of(network)) <= self.max_slope_percent
        return usable

    def leg_ms(self, mm: NDArray[np.int64]) -> NDArray[np.int64]:
        """Whole milliseconds along straight legs on the level: ``mm * 1000 / speed``, half up."""
        return (2000 * mm + self.speed_mm_per_s) // (2 * self.speed_mm_per_s)

    def _time_ppm(self, network: WalkNetwork) -> NDArray[np.int64]:
        """Time along each edge in millionths of that on the level: there and back.

        One column where both are the same because no heights are known.
        """
        if network.node_z is None:
            ppm = np.full((len(network.edge_mm), 1), LEVEL_PPM, np.int64)
        else:
            slope = slopes_of(network)
            ppm = time_ppm(self.slope_law, np.column_stack([slope, -slope]))
        if self.steps_factor is not None:
            ppm[network.edge_kind == STEPS] = round(LEVEL_PPM * self.steps_factor)
        return ppm


def slopes_of(network: WalkNetwork) -> NDArray[np.float64]:
    """Rise over run of each edge from its first node, (m,); 0 without length, on steps, in lifts.

    The network must have heights.
    """
    assert network.node_z is not None
    if not np.isfinite(network.node_z).all():
        raise ValueError("a node has no height")
    low, high = network.node_z[network.edge_nodes].T
    sloping = (network.edge_mm > 0) & ~np.isin(network.edge_kind, WITHOUT_SLOPE)
    slope = np.zeros(len(low))
    np.divide(1000 * (high - low), network.edge_mm, out=slope, where=sloping)
    return slope


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
