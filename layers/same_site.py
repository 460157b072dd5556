"""Is this one site, mapped several times?

Volunteers map a residence as a building, as its grounds and as a point; offices keep it in two
lists. Facilities of one service are taken for one site when they are within 75 m of each
other, or one lies in the outline of the other, and their names are the same but for accents,
marks and blanks. Names that merely resemble each other are two: 新华 and 新民 stations, a part
A and a part B, a Residencia I and a Residencia II. A facility without a name is one site with
what lies in its outline or around it, unless that has several names. What is one site with a
third is one with both.

Limits: two real stations of one chain in one building look the same and are told apart by
their names alone. Nothing is merged without a record.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from carecircle.layers.vocabulary import plain

SAME_SITE_M = 75.0
FEWEST_ON_ONE_POINT = 3  # two may well share a building


@dataclass(frozen=True)
class Site:
    """Rows that seem to be one site: their positions, ascending, and the widest gap in metres."""

    rows: tuple[int, ...]
    metres: int


def same_sites(
    shapes: NDArray[np.object_], services: Sequence[str], names: Sequence[str]
) -> list[Site]:
    """Sites that are there several times, by their first row.

    ``shapes`` are points or outlines in metres.
    """
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=SAME_SITE_M)
    pairs = [
        (a, b)
        for a, b in zip(first.tolist(), second.tolist(), strict=True)
        if a < b and services[a] == services[b] and is_same(shapes, names, a, b)
    ]
    pairs = without_ambiguous(pairs, names)
    if not pairs:
        return []
    a, b = np.array(pairs).T
    links = coo_array((np.ones(len(a)), (a, b)), shape=(len(shapes), len(shapes)))
    _, site = connected_components(links, directed=False)
    groups = [np.flatnonzero(site == number) for number in np.unique(site[a])]
    groups.sort(key=lambda rows: int(rows[0]))
    return [Site(tuple(rows.tolist()), widest_gap_m(shapes[rows])) for rows in groups]


def on_one_point(points: NDArray[Any], names: Sequence[str]) -> list[tuple[int, ...]]:
    """Positions of three or more facilities of different names that stand on one point.

    A search for addresses answers with the middle of a town where it knows no more.
    """
    places = np.column_stack([shapely.get_x(points), shapely.get_y(points)]).round(2)
    _, place = np.unique(places, axis=0, return_inverse=True)
    at_place: dict[int, list[int]] = {}
    for row, number in enumerate(place.ravel().tolist()):
        at_place.setdefault(number, []).append(row)
    named = [(rows, {plain(names[row]) for row in rows} - {""}) for rows in at_place.values()]
    return [tuple(rows) for rows, different in named if len(different) >= FEWEST_ON_ONE_POINT]


def is_same(shapes: NDArray[Any], names: Sequence[str], a: int, b: int) -> bool:
    """Whether two facilities near each other are one site."""
    one, other = plain(names[a]), plain(names[b])
    if one and other:
        return alike(one, other)
    return bool(shapely.covers(shapes[a], shapes[b]) or shapely.covers(shapes[b], shapes[a]))


def without_ambiguous(pairs: list[tuple[int, int]], names: Sequence[str]) -> list[tuple[int, int]]:
    """Without the pairs of a nameless facility that belongs to several names."""
    belongs: dict[int, set[str]] = {}
    for a, b in pairs:
        for here, there in ((a, b), (b, a)):
            if not plain(names[here]) and plain(names[there]):
                belongs.setdefault(here, set()).add(plain(names[there]))
    unclear = {
        row
        for row, found in belongs.items()
        if not all(alike(one, other) for one, other in combinations(sorted(found), 2))
    }
    return [pair for pair in pairs if unclear.isdisjoint(pair)]


def alike(one: str, other: str) -> bool:
    """Whether two plain names are the same but for accents."""
    return without_accents(one) == without_accents(other)


def without_accents(name: str) -> str:
    """The letters of a name without the marks above and below them."""
    split = unicodedata.normalize("NFD", name)
    return "".join(c for c in split if unicodedata.category(c) != "Mn")


def widest_gap_m(shapes: NDArray[np.object_]) -> int:
    """Greatest distance between any two of the shapes, whole metres, up."""
    return int(np.ceil(shapely.distance(shapes[:, None], shapes[None]).max()))
