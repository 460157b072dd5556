"""A walking network from a graph of osmnx or networkx, in memory or saved as GraphML.

The graph is taken as its owner made it: its edge ``length`` (metres) is the truth, spread
over the bends of the edge's geometry in proportion. Ways that walkers may not use are left
out as in any other source; one-way edges are walked both ways.

GraphML is read as networkx or osmnx write it: osmnx stores every value as text, networkx numbers
as numbers, and both are understood.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.layers.crs import LONLAT, known_crs, transformer
from carecircle.layers.edge_lengths import other_unit, shorter_than_drawn
from carecircle.layers.network import EDGE_KINDS
from carecircle.layers.problems import Findings, Problem, StudyError
from carecircle.layers.streets import StreetLines, measured_mm
from carecircle.layers.walk_profile import has_signals, walk_way


def read_graphml(path: Path) -> StreetLines:
    """Streets of a GraphML file saved by ``osmnx.save_graphml`` or ``networkx.write_graphml``."""
    import networkx  # takes long to import, and few studies need it

    try:
        graph = networkx.read_graphml(path)
    except Exception as error:  # the XML parser and networkx raise many kinds
        problem = Problem("E-NET-002", path.name, details={"reason": error})
        raise StudyError(problem) from error
    for _, data in graph.nodes(data=True):
        data.update({name: as_number(data[name]) for name in ("x", "y") if name in data})
    for _, _, data in graph.edges(data=True):
        data.update({name: unpacked(name, value) for name, value in data.items()})
    return lines_of_graph(graph, path.name)


def unpacked(name: str, value: Any) -> Any:
    """An attribute of an edge as it was before it was written as text."""
    if name == "length":
        return as_number(value)
    try:
        if name == "geometry":
            return shapely.from_wkt(value)
        if isinstance(value, str) and value.startswith("["):
            return ast.literal_eval(value)
    except (shapely.GEOSException, TypeError, ValueError, SyntaxError):
        return value
    return value


def as_number(value: Any) -> Any:
    """Text as the number it is, anything else as it was."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def lines_of_graph(graph: Any, file: str = "graph") -> StreetLines:
    """Streets of an osmnx graph: nodes with ``x``, ``y``; edges with ``length``.

    Raises
    ------
    StudyError
        Edges whose length is missing, negative, not finite, or 0 between two places; lengths
        that cannot be metres; no walkable edge.
    """
    findings = Findings(file)
    number = {node: k for k, node in enumerate(graph.nodes)}
    points: list[NDArray[np.float64]] = [node_positions(graph, findings)]
    crs = str(graph.graph.get("crs", LONLAT))
    narrow = narrowing(points[0], crs, file) if len(number) else 1.0
    ends, kinds, attachable, mm, streets, classes = [], [], [], [], [], []
    names: dict[str, int] = {}
    next_point = len(number)
    for (u, v, key), data in walkable_edges(graph):
        tags = tags_of(data)
        walked = walk_way(tags)
        metres = data.get("length")
        if metres is None or not is_length(metres):
            findings.add("E-NET-005", edge=f"({u}, {v}, {key})", length=str(metres))
            continue
        if walked is None:
            continue
        here, there = points[0][number[u]], points[0][number[v]]
        bends = bend_positions(data, here, there)
        if metres == 0 and not np.array_equal(here, there):
            findings.add("E-NET-005", edge=f"({u}, {v}, {key})", length="0")
            continue
        chain = [number[u], *range(next_point, next_point + len(bends)), number[v]]
        next_point += len(bends)
        points.append(bends)
        line = np.vstack([here, bends, there])
        ends.append(np.column_stack([chain[:-1], chain[1:]]))
        mm.append(spread(round(metres * 1000), line, narrow))
        kinds.append(np.full(len(chain) - 1, EDGE_KINDS.index(walked.kind), np.uint8))
        attachable.append(np.full(len(chain) - 1, walked.attachable))
        name = tags.get("name", "")
        street = names.setdefault(name, len(names)) if name else -1
        streets.append(np.full(len(chain) - 1, street, np.int32))
        classes.append(np.full(len(chain) - 1, walked.road_class, np.uint8))
    findings.refuse_if_any()
    if not ends:
        raise StudyError(Problem("E-NET-001", file))
    lines = StreetLines(
        lonlat=in_degrees(np.vstack(points), crs),
        ends=np.concatenate(ends).astype(np.int64),
        kind=np.concatenate(kinds),
        attachable=np.concatenate(attachable),
        mm=np.concatenate(mm),
        street=np.concatenate(streets),
        names=tuple(names),
        road_class=np.concatenate(classes) if tells_highways(graph) else None,
        signals=np.append(nodes_with_signals(graph), np.zeros(next_point - len(number), bool)),
    )
    refuse_other_unit(lines, file)
    return lines


def refuse_other_unit(lines: StreetLines, file: str) -> None:
    """E-NET-026, E-NET-034 where most lengths cannot be metres."""
    assert lines.mm is not None
    doubt = other_unit(lines.mm / 1000, measured_mm(lines) / 1000)
    if doubt is not None:
        details = {"count": doubt[1], "total": len(lines.mm)}
        raise StudyError(Problem(doubt[0], file, details=details))


def edges_too_short(lines: StreetLines) -> int:
    """How many straight pieces of the graph are shorter than the line between their ends."""
    assert lines.mm is not None
    return int(shorter_than_drawn(lines.mm / 1000, measured_mm(lines) / 1000).sum())


def tells_highways(graph: Any) -> bool:
    """Whether its edges bear the tag that tells a main road from others."""
    return any("highway" in data for _, _, data in graph.edges(data=True))


def nodes_with_signals(graph: Any) -> NDArray[np.bool_]:
    """Which nodes have lights that stop the traffic, in the order of the graph."""
    return np.array([has_signals(tags_of(data)) for _, data in graph.nodes(data=True)], dtype=bool)


def walkable_edges(graph: Any) -> Iterator[tuple[tuple[Any, Any, Any], Mapping[str, Any]]]:
    """Every street once: the way back of a two-way edge is the same street."""
    seen = set()
    for u, v, key, data in keyed_edges(graph):
        metres = data.get("length")
        length = str(round(metres, 3) if metres is not None and is_length(metres) else metres)
        street = (frozenset((u, v)), str(data.get("osmid")), length)
        if street not in seen:
            seen.add(street)
            yield (u, v, key), data


def keyed_edges(graph: Any) -> Iterator[tuple[Any, Any, Any, Mapping[str, Any]]]:
    """The edges with a key each, also of a graph that has one between two nodes at most."""
    if graph.is_multigraph():
        yield from graph.edges(keys=True, data=True)
    else:
        yield from ((u, v, 0, data) for u, v, data in graph.edges(data=True))


def is_length(metres: Any) -> bool:
    """Whether this is a number of metres from 0 on."""
    number = isinstance(metres, int | float) and not isinstance(metres, bool)
    return number and 0 <= metres < np.inf


def tags_of(data: Mapping[str, Any]) -> dict[str, str]:
    """OSM tags of an edge; where osmnx merged several ways, the first one's."""
    tags = {}
    for name, value in data.items():
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, str):
            tags[name] = first
    tags.setdefault("highway", "footway")
    return tags


def node_positions(graph: Any, findings: Findings) -> NDArray[np.float64]:
    """x and y of each node, (n, 2); a node without a position is a finding."""
    rows = []
    for node, data in graph.nodes(data=True):
        x, y = data.get("x"), data.get("y")
        placed = isinstance(x, int | float) and isinstance(y, int | float)
        if not placed or not np.isfinite([x, y]).all():
            findings.add("E-NET-006", node=node)
            x = y = np.nan
        rows.append((x, y))
    return np.array(rows, dtype=float).reshape(-1, 2)


def bend_positions(
    data: Mapping[str, Any], here: NDArray[np.float64], there: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The points of an edge's geometry between its two ends, in the order from here to there.

    A graph made undirected may keep the geometry of the way back.
    """
    if not isinstance(data.get("geometry"), shapely.LineString):
        return np.empty((0, 2))
    line: NDArray[np.float64] = shapely.get_coordinates(data["geometry"])
    ahead, turned = (
        np.hypot(*(ends[0] - here)) + np.hypot(*(ends[-1] - there)) for ends in (line, line[::-1])
    )
    return line[1:-1] if ahead <= turned else line[-2:0:-1]


def spread(total_mm: int, line: NDArray[np.float64], narrow: float) -> NDArray[np.int64]:
    """The edge's length over its straight pieces, whole and summing to the total.

    ``narrow`` is what a unit of x is on the ground in units of y: less than 1 in degrees.
    """
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*(np.diff(line, axis=0) * [narrow, 1]).T))])
    share = along / along[-1] if along[-1] > 0 else np.linspace(0, 1, len(line))
    pieces: NDArray[np.int64] = np.diff(np.rint(share * total_mm).astype(np.int64))
    return pieces


def narrowing(xy: NDArray[np.float64], crs: str, file: str) -> float:
    """The ground covered by a unit of x for one of y, in the middle of the graph."""
    if not getattr(known_crs(crs, file), "is_geographic", True):
        return 1.0
    return float(np.cos(np.radians(np.clip(np.nanmean(xy[:, 1]), -80, 80))))


def in_degrees(xy: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Positions as longitude and latitude, WGS 84."""
    return np.column_stack(transformer(crs, LONLAT).transform(xy[:, 0], xy[:, 1]))
