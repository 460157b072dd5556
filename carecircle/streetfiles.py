"""The streets of a study, whatever they come from, and the edits laid on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carecircle.layers.crs import Frame
from carecircle.layers.offset_detective import street_tree
from carecircle.layers.osm import OsmExtract, read_osm
from carecircle.layers.osmnx_graph import edges_too_short, lines_of_graph, read_graphml
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.road_lines import read_roads
from carecircle.layers.road_tables import read_road_tables
from carecircle.layers.street_edits import edit_streets
from carecircle.layers.street_sources import EditSource, NetworkSource
from carecircle.layers.streets import StreetLines, number_streets
from carecircle.notes import Notes


@dataclass(frozen=True, eq=False)
class Streets:
    """Streets as they were read.

    ``extract`` is the OSM extract they came from, where they did: it holds other things too.
    """

    lines: StreetLines
    facts: Mapping[str, Any]
    extract: OsmExtract | None = None


def read_streets(source: NetworkSource, graph: Any, notes: Notes) -> Streets:
    """The streets of a graph in memory, two tables, road lines, GraphML or an OSM extract."""
    if graph is not None:
        return of_graph(lines_of_graph(graph), "", notes)
    if source.nodes is not None or source.are_lines:
        read = read_roads(source) if source.nodes is None else read_road_tables(source)
        notes.keep(read)
        return Streets(read.lines, read.facts)
    if source.path.suffix.lower() == ".graphml":
        return of_graph(read_graphml(source.path), source.path.name, notes)
    extract = read_osm(source.path)
    return Streets(extract.streets, extract.facts, extract)


def of_graph(lines: StreetLines, file: str, notes: Notes) -> Streets:
    """The streets of a graph, whose lengths are taken as they are."""
    count = edges_too_short(lines)
    if count:
        notes.record("R-NET-020", file, count=count)
    return Streets(lines, {})


def refuse_without_doors(attachable: NDArray[np.bool_], file: str = "") -> None:
    """E-NET-032 where no door can open onto any street: nobody could walk anywhere."""
    if not attachable.any():
        raise StudyError(Problem("E-NET-032", file))


def edited_streets(
    edits: Sequence[EditSource], lines: StreetLines, frame: Frame, notes: Notes
) -> tuple[StreetLines, dict[str, Any]]:
    """The streets after every edit, in the order of the study file, and what each did."""
    if not edits:
        return lines, {}
    tree = street_tree(number_streets(lines, frame.crs, {}))
    frame = Frame(frame.crs, frame.bounds_lonlat, streets=tree)
    facts = []
    for source in edits:
        read = edit_streets(lines, source, frame)
        notes.keep(read)
        lines = read.lines
        refuse_without_doors(lines.attachable, source.path.name)
        facts.append(read.fact)
    return lines, {"street_edits": facts}
