"""Does an extract end where it should?

An OSM file has its points first, then its ways, then its relations. A download that stops at
the edge of a block can be read without complaint, and much is missing. What gives it away are
stray points: they bear no tag, and no way or relation uses them. Whole extracts have next to
none of them (a handful in 383,161 points of Las Palmas).

Limits: a file that lacks only its last relations looks whole.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MOST_STRAY_POINTS = 1 / 1000
ALWAYS_ALLOWED = 10


@dataclass(eq=False)
class PointCensus:
    """Counts a file's objects while osmium passes them by, as one of its handlers.

    Ids are gathered in plain arrays: osmium's own sets of ids are tables over all ids there
    may be, a gigabyte for one city.
    """

    points: int = 0
    relations: int = 0
    untagged: array[int] = field(default_factory=lambda: array("q"))
    used: array[int] = field(default_factory=lambda: array("q"))

    def node(self, node: Any) -> None:
        """Count a point."""
        self.points += 1
        if not len(node.tags):
            self.untagged.append(node.id)

    def way(self, way: Any) -> None:
        """Note the points of a way."""
        self.used.extend([node.ref for node in way.nodes])

    def relation(self, relation: Any) -> None:
        """Count a relation and note its points."""
        self.relations += 1
        self.used.extend([member.ref for member in relation.members if member.type == "n"])

    def stray(self) -> int:
        """How many points bear no tag and are used by nothing."""
        return int((~np.isin(np.asarray(self.untagged), np.asarray(self.used))).sum())

    def cut_short(self) -> bool:
        """Whether the end of the file seems to be missing."""
        return self.stray() > MOST_STRAY_POINTS * self.points + ALWAYS_ALLOWED
