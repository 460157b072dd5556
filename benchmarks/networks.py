"""The networks that the benchmarks run on: real streets, or made-up ones of any size."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # a fresh clone needs no install

from carecircle.layers.crs import working_crs
from carecircle.layers.network import WalkNetwork
from carecircle.layers.numbering import hilbert
from carecircle.layers.osm import KINDS_OF_FILE, read_osm
from carecircle.layers.road_lines import read_roads
from carecircle.layers.street_sources import NetworkSource
from carecircle.layers.streets import number_streets


def read_network(path: Path) -> WalkNetwork:
    """Streets of an OSM extract, or a layer of road lines."""
    if path.name.endswith(KINDS_OF_FILE):
        lines = read_osm(path).streets
    else:
        lines = read_roads(NetworkSource(path=path)).lines
    used = lines.lonlat[np.unique(lines.ends)]
    return number_streets(lines, working_crs((*used.min(axis=0), *used.max(axis=0))), {})


def grid_of_streets(n_nodes: int, block_m: float = 80.0, removed: float = 0.2) -> WalkNetwork:
    """A jittered grid with some streets missing: its largest part, numbered like any streets."""
    rng = np.random.default_rng(1)
    side = int(np.ceil(np.sqrt(n_nodes * 1.03)))
    row, column = np.divmod(np.arange(side * side), side)
    xy = block_m * (np.column_stack([column, row]) + rng.uniform(-0.3, 0.3, (side * side, 2)))
    node = np.arange(side * side, dtype=np.int32).reshape(side, side)
    across = np.column_stack([node[:, :-1].ravel(), node[:, 1:].ravel()])
    along = np.column_stack([node[:-1].ravel(), node[1:].ravel()])
    ends = np.concatenate([across, along])
    ends = ends[rng.random(len(ends)) >= removed]

    pairs = coo_array((np.ones(len(ends), np.int8), ends.T), shape=(len(xy), len(xy)))
    part = connected_components(pairs, directed=False)[1]
    in_largest = part == np.bincount(part).argmax()
    kept = np.flatnonzero(in_largest)
    order = kept[np.lexsort((kept, hilbert(xy[kept])))]
    number = np.full(len(xy), -1, np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    ends = np.sort(number[ends[in_largest[ends[:, 0]]]], axis=1)
    ends = ends[np.lexsort((ends[:, 1], ends[:, 0]))]
    xy = xy[order]
    drawn = xy[ends[:, 1]] - xy[ends[:, 0]]
    return WalkNetwork(
        crs="EPSG:4547",
        node_xy=xy,
        edge_nodes=ends,
        edge_mm=np.rint(1000 * np.hypot(drawn[:, 0], drawn[:, 1])).astype(np.int64),
        edge_kind=np.zeros(len(ends), dtype=np.uint8),
        edge_attachable=np.ones(len(ends), dtype=bool),
        node_component=np.zeros(len(xy), dtype=np.int32),
        facts={},
    )
