"""A walking network from an osmnx graph, in memory or saved as GraphML.

The graph is taken as its owner made it: its edge ``length`` (metres) is the truth, spread
over the bends of the edge's geometry in proportion. Ways that walkers may not use are left
out as in any other source; one-way edges are walked both ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.layers.crs import transformer
from carecircle.layers.network import EDGE_KINDS
from carecircle.layers.problems import Findings, Problem, StudyError
from carecircle.layers.streets import StreetLines
from carecircle.layers.walk_profile import has_signals, walk_way


def read_graphml(path: Path) -> StreetLines:
    """Streets of a GraphML file saved by ``osmnx.save_graphml``."""
    import osmnx  # takes seconds to import, and few studies need it

    try:
        graph = osmnx.load_graphml(path)
    except Exception as error:  # the XML parser and osmnx raise many kinds
        problem = Problem("E-NET-002", str(path), details={"reason": error})
        raise StudyError(problem) from error
    return lines_of_graph(graph, str(path))


def lines_of_graph(graph: Any, file: str = "graph") -> StreetLines:
    """Streets of an osmnx graph: nodes with ``x``, ``y``; edges with ``length``.

    Raises
    ------
    StudyError
        Edges whose length is missing, negative, not finite, or 0 between two places; no
        walkable edge.
    """
    findings = Findings(file)
    number = {node: k for k, node in enumerate(graph.nodes)}
    points: list[NDArray[np.float64]] = [node_positions(graph, findings)]
    ends, kinds, attachable, mm, streets, classes = [], [], [], [], [], []
    names: dict[str, int] = {}
    next_point = len(number)
    for (u, v, key), data in walkable_edges(graph):
        tags = tags_of(data)
        walked = walk_way(tags)
        metres = data.get("length")
        if not isinstance(metres, int | float) or not 0 <= metres < np.inf:
            findings.add("E-NET-005", edge=f"({u}, {v}, {key})", length=str(metres))
            continue
        if walked is None:
            continue
        bends = bend_positions(data)
        here, there = points[0][number[u]], points[0][number[v]]
        if metres == 0 and not np.array_equal(here, there):
            findings.add("E-NET-005", edge=f"({u}, {v}, {key})", length="0")
            continue
        chain = [number[u], *range(next_point, next_point + len(bends)), number[v]]
        next_point += len(bends)
        points.append(bends)
        line = np.vstack([here, bends, there])
        ends.append(np.column_stack([chain[:-1], chain[1:]]))
        mm.append(spread(round(metres * 1000), line))
        kinds.append(np.full(len(chain) - 1, EDGE_KINDS.index(walked.kind), np.uint8))
        attachable.append(np.full(len(chain) - 1, walked.attachable))
        name = tags.get("name", "")
        street = names.setdefault(name, len(names)) if name else -1
        streets.append(np.full(len(chain) - 1, street, np.int32))
        classes.append(np.full(len(chain) - 1, walked.road_class, np.uint8))
    findings.refuse_if_any()
    if not ends:
        raise StudyError(Problem("E-NET-001", file))
    return StreetLines(
        lonlat=in_degrees(np.vstack(points), graph.graph.get("crs", "EPSG:4326")),
        ends=np.concatenate(ends).astype(np.int64),
        kind=np.concatenate(kinds),
        attachable=np.concatenate(attachable),
        mm=np.concatenate(mm),
        street=np.concatenate(streets),
        names=tuple(names),
        road_class=np.concatenate(classes) if tells_highways(graph) else None,
        signals=np.append(nodes_with_signals(graph), np.zeros(next_point - len(number), bool)),
    )


def tells_highways(graph: Any) -> bool:
    """Whether its edges bear the tag that tells a main road from others."""
    return any("highway" in data for _, _, data in graph.edges(data=True))


def nodes_with_signals(graph: Any) -> NDArray[np.bool_]:
    """Which nodes have lights that stop the traffic, in the order of the graph."""
    return np.array([has_signals(tags_of(data)) for _, data in graph.nodes(data=True)], dtype=bool)


def walkable_edges(graph: Any) -> Iterator[tuple[tuple[Any, Any, Any], Mapping[str, Any]]]:
    """Every street once: the way back of a two-way edge is the same street."""
    seen = set()
    for u, v, key, data in graph.edges(keys=True, data=True):
        street = (frozenset((u, v)), str(data.get("osmid")), round(data.get("length") or 0, 3))
        if street not in seen:
            seen.add(street)
            yield (u, v, key), data


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


def bend_positions(data: Mapping[str, Any]) -> NDArray[np.float64]:
    """The points of an edge's geometry between its two ends."""
    if "geometry" not in data:
        return np.empty((0, 2))
    positions: NDArray[np.float64] = shapely.get_coordinates(data["geometry"])[1:-1]
    return positions


def spread(total_mm: int, line: NDArray[np.float64]) -> NDArray[np.int64]:
    """The edge's length over its straight pieces, whole and summing to the total."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    share = along / along[-1] if along[-1] > 0 else np.linspace(0, 1, len(line))
    pieces: NDArray[np.int64] = np.diff(np.rint(share * total_mm).astype(np.int64))
    return pieces


def in_degrees(xy: NDArray[np.float64], crs: Any) -> NDArray[np.float64]:
    """Positions as longitude and latitude, WGS 84."""
    return np.column_stack(transformer(str(crs), "EPSG:4326").transform(xy[:, 0], xy[:, 1]))
