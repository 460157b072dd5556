"""How high is every point of the streets, and how steep are they?

A street edge has one slope. Edges longer than a cell of the elevation model are cut into
equal pieces first; then every point takes the height of the ground. Three kinds of points
do not lie on the ground the model shows, and take theirs from along the streets instead:
the inner points of bridges and of tunnels, and points where the model has a void. Their
heights h solve

    sum over edges ij of (h_i - h_j) / length_ij = 0

with all other heights given (a harmonic function on the graph): along a bridge, a straight
line between its ends; where it branches, the only surface without a bump of its own.

Lengths stay plan lengths, as on a map; the slope of an edge is its rise by that length.

Limits: the model tells the ground, so a footbridge that steps lead up to lies on the ground
at the top of its steps, and a street in a cutting narrower than a cell lies too high.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import spsolve

from carecircle.layers.elevation import Elevation
from carecircle.layers.network import EDGE_KINDS
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.street_pieces import divided, with_lengths
from carecircle.layers.streets import StreetLines, kilometres

SHORTEST_PIECE_M = 10.0  # finer models are read at this spacing: a step of the ground is no slope
MOST_VOID_POINTS = 0.01
TOO_STEEP = 0.5  # rise by run; the steepest streets of the world have 0.35
MOST_TOO_STEEP = 0.05  # of the length of all streets
CLASSES_PERCENT = (2, 5, 8, 12, 20)  # upper ends; a ramp for wheelchairs has 8 at most
STEEPEST_LISTED, STEEPEST_AT_LEAST_MM = 5, 100_000
STEPS, LIFT = EDGE_KINDS.index("steps"), EDGE_KINDS.index("lift")


def with_heights(lines: StreetLines, ground: Elevation) -> tuple[StreetLines, dict[str, Any]]:
    """The streets with a height at every point, and what was found on the way.

    Raises
    ------
    StudyError
        E-TER-005 streets outside the model; E-TER-006 voids in too many places, or a part
        of the network without any height; E-TER-010 streets steeper than streets are.
    """
    file = ", ".join(ground.facts["files"])
    pieces = cut_long(lines, max(ground.cell_m, SHORTEST_PIECE_M))
    z, covered = ground.at(pieces.lonlat)
    refuse_uncovered(pieces, covered, file)
    used = np.unique(pieces.ends)
    void = used[np.isnan(z[used])]
    if len(void) > MOST_VOID_POINTS * len(used):
        raise missing(file, len(void), len(used))
    spanned = between_ends(pieces)
    z = along_streets(pieces, z, spanned)
    if np.isnan(z[used]).any():
        raise missing(file, int(np.isnan(z[used]).sum()), len(used))
    raised = replace(pieces, z=np.round(z, 6))  # micrometres: equal on every machine
    refuse_too_steep(raised, file)
    facts = {
        **ground.facts,
        "points_without_height": len(void),
        "points_on_bridges_and_in_tunnels": int(spanned[used].sum()),
        **slope_facts(raised),
    }
    return raised, facts


def missing(file: str, count: int, total: int) -> StudyError:
    """E-TER-006."""
    return StudyError(Problem("E-TER-006", file, details={"count": count, "total": total}))


def walked_slopes(lines: StreetLines) -> NDArray[np.bool_]:
    """Edges whose slope is walked: all but steps and lifts."""
    return np.asarray((lines.kind != STEPS) & (lines.kind != LIFT))


def off_ground(lines: StreetLines) -> NDArray[np.bool_]:
    """Bridges and tunnels: no door opens onto them, and they are no lifts."""
    return np.asarray(~lines.attachable & (lines.kind != LIFT))


def cut_long(lines: StreetLines, longest_m: float) -> StreetLines:
    """The streets with every edge on the ground at most ``longest_m`` long, in equal pieces."""
    whole = with_lengths(lines)
    assert whole.mm is not None
    on_slopes = walked_slopes(whole) & ~off_ground(whole)
    count = np.where(on_slopes, np.ceil(whole.mm / (1000 * longest_m)), 1).astype(np.int64)
    cuts = np.maximum(count - 1, 0)
    edge = np.repeat(np.arange(len(cuts)), cuts)
    nth = np.arange(len(edge)) - (np.cumsum(cuts) - cuts)[edge] + 1
    return divided(whole, edge, nth / count[edge])[0]


def refuse_uncovered(lines: StreetLines, covered: NDArray[np.bool_], file: str) -> None:
    """E-TER-005 with the share of the streets' length that lies outside the model."""
    assert lines.mm is not None
    outside = ~covered[lines.ends].all(axis=1)
    if outside.any():
        percent = 100 * lines.mm[outside].sum() / max(lines.mm.sum(), 1)
        details = {"percent": max(round(float(percent), 1), 0.1)}
        raise StudyError(Problem("E-TER-005", file, details=details))


def between_ends(lines: StreetLines) -> NDArray[np.bool_]:
    """Points that only bridges and tunnels meet at (or lifts): they are not on the ground."""
    off, lift = off_ground(lines), lines.kind == LIFT
    spanned = np.zeros(len(lines.lonlat), dtype=bool)
    spanned[lines.ends[off]] = True
    spanned[lines.ends[~off & ~lift]] = False
    return spanned


def along_streets(
    lines: StreetLines, z: NDArray[np.float64], spanned: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """The heights, with those of spanned and void points from along the streets.

    A bridge that meets no ground (its ends were cut off) stays at the height of the ground below;
    a void that nothing known is joined to stays NaN.
    """
    assert lines.mm is not None
    joined = lines.ends[lines.kind != LIFT]
    per_m = 1000 / np.maximum(lines.mm[lines.kind != LIFT], 1)
    unknown = spanned | np.isnan(z)
    unknown &= ~adrift(joined, unknown)
    rows = np.flatnonzero(unknown)
    if not len(rows):
        return z
    laplacian = laplacian_of(joined, per_m, len(z))
    given = np.where(unknown | np.isnan(z), 0.0, z)
    solved = z.copy()
    of_unknown = laplacian[rows]
    solved[rows] = spsolve(of_unknown[:, rows].tocsc(), -(of_unknown @ given))
    return solved


def adrift(joined: NDArray[np.int64], unknown: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Unknown points from which no known one is reached without passing another known one."""
    n = len(unknown)
    among = joined[unknown[joined].all(axis=1)]
    ones = np.ones(len(among), dtype=np.int8)
    _, part = connected_components(coo_array((ones, among.T), shape=(n, n)), directed=False)
    shore = joined[unknown[joined].sum(axis=1) == 1]
    anchored = np.zeros(n, dtype=bool)
    anchored[part[shore[unknown[shore]]]] = True
    lost: NDArray[np.bool_] = unknown & ~anchored[part]
    return lost


def laplacian_of(joined: NDArray[np.int64], weight: NDArray[np.float64], n: int) -> csr_array:
    """The weighted graph Laplacian, (n, n)."""
    i, j = joined.T
    adjacency = coo_array((weight, (i, j)), shape=(n, n)).tocsr()
    adjacency = adjacency + adjacency.T
    return csr_array(diags_array(adjacency.sum(axis=1)) - adjacency)


def slopes(lines: StreetLines) -> NDArray[np.float64]:
    """Rise by plan length of each edge, from its first to its second point; 0 of no length."""
    assert lines.mm is not None and lines.z is not None
    rise = lines.z[lines.ends[:, 1]] - lines.z[lines.ends[:, 0]]
    return np.where(lines.mm > 0, 1000 * rise / np.maximum(lines.mm, 1), 0.0)


def refuse_too_steep(lines: StreetLines, file: str) -> None:
    """E-TER-010 where the streets are steeper than streets are: another unit, another place."""
    assert lines.mm is not None
    walked = walked_slopes(lines)
    steep = walked & (np.abs(slopes(lines)) > TOO_STEEP)
    share = lines.mm[steep].sum() / max(lines.mm[walked].sum(), 1)
    if share > MOST_TOO_STEEP:
        details = {"percent": round(100 * float(share), 1), "steep": round(100 * TOO_STEEP)}
        raise StudyError(Problem("E-TER-010", file, details=details))


def slope_facts(lines: StreetLines) -> dict[str, Any]:
    """How steep the streets are, without steps and lifts."""
    assert lines.mm is not None and lines.z is not None
    walked = walked_slopes(lines)
    mm, steep = lines.mm[walked], np.abs(slopes(lines))[walked]
    kind = np.digitize(100 * steep, CLASSES_PERCENT, right=True)
    names = [f"to_{upper}_percent" for upper in CLASSES_PERCENT] + ["steeper"]
    heights = lines.z[np.unique(lines.ends)]
    return {
        "lowest_m": round(float(heights.min()), 1),
        "highest_m": round(float(heights.max()), 1),
        "length_km_by_slope": {
            name: kilometres(mm[kind == position]) for position, name in enumerate(names)
        },
        "climb_m_per_km": round(float((steep * mm).sum() / max(mm.sum(), 1)) * 1000, 1),
        "steepest_streets": steepest(lines, walked),
    }


def steepest(lines: StreetLines, walked: NDArray[np.bool_]) -> list[Mapping[str, Any]]:
    """The named streets of 100 m or more that are steepest on average, steepest first."""
    if lines.street is None or lines.mm is None or not lines.names:
        return []
    named = walked & (lines.street >= 0)
    street, mm = lines.street[named], lines.mm[named]
    length = np.bincount(street, weights=mm, minlength=len(lines.names))
    rise = np.bincount(
        street, weights=mm * np.abs(slopes(lines))[named], minlength=len(lines.names)
    )
    mean = np.where(length >= STEEPEST_AT_LEAST_MM, rise / np.maximum(length, 1), -1.0)
    order = np.lexsort((np.array(lines.names), -mean.round(9)))[:STEEPEST_LISTED]
    return [
        {
            "name": lines.names[k],
            "percent": round(100 * float(mean[k]), 1),
            "metres": round(float(length[k]) / 1000),
        }
        for k in order
        if mean[k] >= 0
    ]
