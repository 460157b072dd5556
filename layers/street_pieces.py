"""Streets taken apart and put together: cut at places, severed, closed, lengthened.

Every function gives new `StreetLines`; what is not touched stays as it was, to the millimetre.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from carecircle.layers.dividing import Divided, Floats, Ints, divide
from carecircle.layers.road_kinds import Ways
from carecircle.layers.streets import StreetLines, measured_mm


def with_lengths(lines: StreetLines) -> StreetLines:
    """The streets with the length of each edge, measured where the source states none."""
    return lines if lines.mm is not None else replace(lines, mm=measured_mm(lines))


def divided(lines: StreetLines, edge: Ints, share: Floats) -> tuple[StreetLines, Divided]:
    """The streets with points at places of their edges; pieces add up to their edge."""
    whole = with_lengths(lines)
    assert whole.mm is not None
    cut = divide(whole.ends, len(whole.lonlat), edge, share)
    until = np.rint(cut.span * whole.mm[cut.parent, None]).astype(np.int64)
    pieces = whole.pieces(cut.parent, cut.ends, until[:, 1] - until[:, 0])
    a, b = whole.ends[cut.new_edge].T
    lonlat = between(whole.lonlat[a], whole.lonlat[b], cut.new_share[:, None])
    z = None if whole.z is None else between(whole.z[a], whole.z[b], cut.new_share)
    return with_points(pieces, lonlat, z), cut


def between(a: Floats, b: Floats, share: Floats) -> Floats:
    """Values on the straight way from ``a`` to ``b``."""
    return a + share * (b - a)


def with_points(lines: StreetLines, lonlat: Floats, z: Floats | None = None) -> StreetLines:
    """The streets with more points, which have no signals."""
    height = z if z is not None else np.full(len(lonlat), np.nan)
    no = np.zeros(len(lonlat), bool)
    return replace(
        lines,
        lonlat=np.vstack([lines.lonlat, lonlat]),
        z=None if lines.z is None else np.append(lines.z, height),
        signals=None if lines.signals is None else np.append(lines.signals, no),
    )


def severed(lines: StreetLines, edge: Ints, share: Floats) -> StreetLines:
    """The streets cut so that nobody passes: each piece ends there at a point of its own."""
    pieces, cut = divided(lines, edge, share)
    points = len(pieces.lonlat)
    closed = np.unique(edge * points + cut.node)
    loose = np.isin(cut.parent[:, None] * points + pieces.ends, closed)
    copied = pieces.ends[loose]
    ends = pieces.ends.copy()
    ends[loose] = points + np.arange(len(copied))
    z = None if pieces.z is None else pieces.z[copied]
    return replace(with_points(pieces, pieces.lonlat[copied], z), ends=ends)


def without_edges(lines: StreetLines, gone: NDArray[np.bool_]) -> StreetLines:
    """The streets that are left."""
    kept = np.flatnonzero(~gone)
    whole = with_lengths(lines)
    assert whole.mm is not None
    return whole.pieces(kept, whole.ends[kept], whole.mm[kept])


def with_edges(
    lines: StreetLines, lonlat: Floats, ends: Ints, ways: Ways, row: Ints
) -> StreetLines:
    """The streets and new edges between old points and those of ``lonlat``, numbered on.

    ``row`` is the position among ``ways`` of each new edge.
    """
    whole = with_points(with_lengths(lines), lonlat)
    assert whole.mm is not None
    names = tuple(dict.fromkeys((*lines.names, *sorted(set(ways.name[row]) - {""}))))
    place = {"": -1, **{text: k for k, text in enumerate(names)}}
    street = lines.street if lines.street is not None else np.full(len(lines.ends), -1, np.int32)
    classes = lines.road_class
    return replace(
        whole,
        ends=np.vstack([whole.ends, ends]),
        mm=np.append(whole.mm, measured_mm(replace(whole, ends=ends))),
        kind=np.append(whole.kind, ways.kind[row]),
        attachable=np.append(whole.attachable, ways.attachable[row]),
        street=np.append(street, np.array([place[text] for text in ways.name[row]], np.int32)),
        names=names,
        road_class=None if classes is None else np.append(classes, ways.road_class[row]),
    )


def metres_of(lines: StreetLines, chosen: NDArray[np.bool_]) -> float:
    """Length of the chosen edges."""
    mm = with_lengths(lines).mm
    assert mm is not None
    return round(int(mm[chosen].sum()) / 1000, 1)
