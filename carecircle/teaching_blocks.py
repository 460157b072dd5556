"""What stands in one superblock of the teaching city? Plans on the unit square.

A superblock has 16 shared points along its four streets, counted from the south-western
corner eastwards and round: 0 SW, 2 middle of the south, 4 SE, 6 middle of the east, 8 NE,
10 middle of the north, 12 NW, 14 middle of the west. A plan adds its own points (counted
from 16), ways between them, quarters as rectangles, and gates.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

RIM = 16  # shared points along the four streets
GATES = ((0.5, 0.06), (0.94, 0.5), (0.5, 0.94), (0.06, 0.5))  # in the wall, by side


class Quarter(NamedTuple):
    """A rectangle of the plan that people live in."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class Plan:
    """One kind of superblock.

    Attributes
    ----------
    points : tuple of (u, v)
        Own points, numbered from `RIM`.
    ways : tuple of (kind, points)
        Kinds of `teaching_city.WAY_TAGS`.
    quarters : tuple of Quarter
    gates : tuple of (point, quarter)
        Which own point is a gate of which quarter.
    people_per_ha : int
        How densely the quarters are lived in.
    dropped : float
        Share of the ways that is left out at random, to look grown.
    """

    points: tuple[tuple[float, float], ...]
    ways: tuple[tuple[str, tuple[int, ...]], ...]
    quarters: tuple[Quarter, ...] = ()
    gates: tuple[tuple[int, int], ...] = ()
    people_per_ha: int = 0
    dropped: float = 0.0

    @property
    def sides(self) -> tuple[bool, ...]:
        """Which of the streets (south, east, north, west) the plan's ways come out on."""
        met = {point for _, points in self.ways for point in points if point < RIM}
        return tuple(any(side * 4 < point < side * 4 + 4 for point in met) for side in range(4))

    def turned(self, quarters: int) -> Plan:
        """The plan turned anticlockwise by so many right angles."""
        if quarters == 0:
            return self

        def rim(points: tuple[int, ...]) -> tuple[int, ...]:
            return tuple((p + 4) % RIM if p < RIM else p for p in points)

        return Plan(
            tuple((1 - v, u) for u, v in self.points),
            tuple((kind, rim(points)) for kind, points in self.ways),
            tuple(Quarter(1 - q.north, q.west, 1 - q.south, q.east) for q in self.quarters),
            self.gates,
            self.people_per_ha,
            self.dropped,
        ).turned(quarters - 1)


def _lanes() -> Plan:
    """The old town: three lanes each way, four small quarters without walls."""
    at = (0.25, 0.5, 0.75)
    points = tuple((u, v) for u in at for v in at)
    ways: list[tuple[str, tuple[int, ...]]] = []
    for k in range(3):
        north_south = [1 + k, *(RIM + 3 * k + j for j in range(3)), 11 - k]
        west_east = [15 - k, *(RIM + 3 * j + k for j in range(3)), 5 + k]
        for line in (north_south, west_east):
            ways += [("lane", (a, b)) for a, b in pairwise(line)]
    corners = ((0.04, 0.04), (0.52, 0.04), (0.52, 0.52), (0.04, 0.52))
    quarters = tuple(Quarter(u, v, u + 0.44, v + 0.44) for u, v in corners)
    return Plan(points, tuple(ways), quarters, people_per_ha=330, dropped=0.16)


def _walled(*gate_sides: int) -> Plan:
    """One large walled quarter, a ring and a cross of ways inside, gates on some sides."""
    ring = (
        (0.28, 0.28), (0.5, 0.24), (0.72, 0.28), (0.76, 0.5),
        (0.72, 0.72), (0.5, 0.76), (0.28, 0.72), (0.24, 0.5), (0.5, 0.5),
    )  # fmt: skip
    circle = tuple(RIM + k for k in (*range(8), 0))
    ways: list[tuple[str, tuple[int, ...]]] = [
        ("inner", circle),
        ("inner", (RIM + 1, RIM + 8, RIM + 5)),
        ("inner", (RIM + 7, RIM + 8, RIM + 3)),
    ]
    gates: list[tuple[int, int]] = []
    for side in gate_sides:
        gate = RIM + len(ring) + len(gates)
        ways.append(("inner", (2 + 4 * side, gate, RIM + 1 + 2 * side)))
        gates.append((gate, 0))
    points = (*ring, *(GATES[side] for side in gate_sides))
    return Plan(points, tuple(ways), (Quarter(0.06, 0.06, 0.94, 0.94),), tuple(gates), 240)


def _unmapped(*gate_sides: int) -> Plan:
    """One large walled quarter of which nobody has mapped the inside, gates on some sides."""
    gates = tuple((RIM + at, 0) for at in range(len(gate_sides)))
    ways = tuple(
        ("inner", (2 + 4 * side, gate)) for side, (gate, _) in zip(gate_sides, gates, strict=True)
    )
    points = tuple(GATES[side] for side in gate_sides)
    return Plan(points, ways, (Quarter(0.06, 0.06, 0.94, 0.94),), gates, 240)


def _slabs() -> Plan:
    """One walled quarter of parallel rows: a way from gate to gate, three lanes across it."""
    points = (
        (0.5, 0.06), (0.5, 0.25), (0.5, 0.5), (0.5, 0.75), (0.5, 0.94),
        (0.16, 0.25), (0.84, 0.25), (0.16, 0.5), (0.84, 0.5), (0.16, 0.75), (0.84, 0.75),
    )  # fmt: skip
    ways = (
        ("inner", (2, 16, 17, 18, 19, 20, 10)),
        ("inner", (21, 17, 22)),
        ("inner", (23, 18, 24)),
        ("inner", (25, 19, 26)),
    )
    return Plan(points, ways, (Quarter(0.06, 0.06, 0.94, 0.94),), ((16, 0), (20, 0)), 250)


def _two_walled() -> Plan:
    """Two walled quarters back to back: one opens to the west, the other to the south."""
    points = (
        (0.06, 0.5), (0.17, 0.5), (0.26, 0.2), (0.26, 0.5), (0.26, 0.8),
        (0.75, 0.06), (0.74, 0.2), (0.74, 0.5), (0.74, 0.8), (0.86, 0.5),
    )  # fmt: skip
    ways = (
        ("inner", (14, 16, 17, 19)),
        ("inner", (18, 19, 20)),
        ("inner", (3, 21, 22, 23, 24)),
        ("inner", (23, 25)),
    )
    quarters = (Quarter(0.06, 0.06, 0.47, 0.94), Quarter(0.53, 0.06, 0.94, 0.94))
    return Plan(points, ways, quarters, ((16, 0), (21, 1)), 260)


def _terraces() -> Plan:
    """A hillside: a terrace of houses with a lane, and flights of steps from foot to top."""
    points = (
        (0.2, 0.25), (0.45, 0.27), (0.62, 0.25),
        (0.36, 0.42), (0.64, 0.55), (0.38, 0.68), (0.6, 0.83),
    )  # fmt: skip
    ways = (
        ("lane", (15, 16, 17, 18, 5)),
        ("stairs", (2, 17)),
        ("stairs", (17, 19, 20, 21, 22, 10)),
        ("path", (20, 6)),
    )
    return Plan(points, ways, (Quarter(0.06, 0.08, 0.92, 0.4),), people_per_ha=120)


def _park() -> Plan:
    """Green, crossed on foot."""
    points = ((0.5, 0.5), (0.3, 0.66), (0.66, 0.36))
    ways = (("path", (2, 16, 10)), ("path", (14, 17, 16, 18, 6)))
    return Plan(points, ways)


LANES, PARK, WORKS = _lanes(), _park(), Plan((), ())
WALLED = (
    _walled(0),
    _walled(0, 2),
    _unmapped(0, 1),
    _walled(0, 1, 3),
    _slabs(),
    _two_walled(),
)
TERRACES = _terraces()
PLANS = (LANES, *WALLED, TERRACES, PARK, WORKS)
