"""In which administrative unit does everything lie: by place, by code, or both?

A study names one layer of units for each level (city, district, town, community). Units carry
the id of their parent. Quarters and facilities belong to the unit that holds their inner
point, unless a column such as ``town_code`` says otherwise: a stated code decides, because
the bureau keeps its registers by it, and where code and place disagree that is recorded.

No unit may lie mostly on another of its level. Where two overlap by less, what lies in both belongs
to the first, and is recorded. A unit mostly outside its parent is recorded, many are refused.

Limits: units are taken as they are drawn. That the children of a unit fill it is not checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from carecircle.layers.crs import Frame
from carecircle.layers.facilities import told
from carecircle.layers.intake import LayerRead, gathered, read_admin
from carecircle.layers.places import admin_of_blocks, in_several
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.reading import Record, record_of
from carecircle.layers.sources import LEVELS, AdminSource

MOSTLY = 0.5  # of a unit's area
MOST_OUTSIDE = 0.1  # of the units, where exclaves may explain it


def read_units(sources: Sequence[AdminSource], frame: Frame) -> LayerRead:
    """The units of all levels, one below the other, the highest level first.

    Index ``admin_id``, unique over all levels; ``name``, ``level`` (``""`` for a single layer
    that states none), ``parent`` (``""`` where not told), ``urban`` (boolean), polygon.

    Raises
    ------
    StudyError
        E-ADM-001: a parent that is no unit of a higher level; E-ADM-003: two layers of one
        level, or several of which one states none; E-ADM-005: units outside their parents;
        and all faults of a layer of units.
    """
    check_levels(sources)
    ordered = sorted(sources, key=lambda source: rank(source.level))
    taken: dict[str, tuple[str, int, str]] = {}
    problems: list[Problem] = []
    reads: list[LayerRead] = []
    for place, source in enumerate(ordered, 1):
        with gathered(problems):
            prefix = f"{place}-" if len(ordered) > 1 else ""
            reads.append(read_admin(source, frame, taken, prefix))
    if problems:
        raise StudyError(problems)
    units = pd.concat([read.layer for read in reads])
    if len(ordered) > 1:
        problems = unknown_parents(units, {s.level or "": s.path.name for s in sources})
        if problems:
            raise StudyError(problems)
    return LayerRead(
        units,
        (*(record for read in reads for record in read.records), *outside_parents(units)),
        tuple(file for read in reads for file in read.files),
    )


def check_levels(sources: Sequence[AdminSource]) -> None:
    """Several layers need a level each, and no level twice."""
    levels = [source.level for source in sources]
    if len(levels) > 1 and (None in levels or len(set(levels)) < len(levels)):
        raise StudyError([Problem("E-ADM-003", source.path.name) for source in sources])


def rank(level: str | None) -> int:
    """Place of a level among all, the highest first; last where none is stated."""
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


def unknown_parents(units: GeoDataFrame, files: Mapping[str, str]) -> list[Problem]:
    """E-ADM-001 for each unit whose parent is not a unit of a higher level of the study."""
    ranks = units["level"].map(rank)
    highest = ranks.min()
    problems = []
    named = units["level"].map(files)
    for id, level_rank, parent, file in zip(
        units.index, ranks, units["parent"], named, strict=True
    ):
        if parent and level_rank > highest and not ranks.get(parent, level_rank) < level_rank:
            problems.append(Problem("E-ADM-001", file, column="parent", value=f"{id}: {parent}"))
    return problems


def outside_parents(units: GeoDataFrame) -> list[Record]:
    """A record of the units that lie mostly outside their parent: an exclave, or a wrong parent.

    Raises
    ------
    StudyError
        E-ADM-005: more than `MOST_OUTSIDE` of the units that name a parent lie so.
    """
    children = units[units["parent"].isin(units.index)]
    if children.empty:
        return []
    shapes = children.geometry.to_numpy()
    inside = shapely.intersection(shapes, units.geometry.loc[children["parent"]].to_numpy())
    outside = shapely.area(inside) < MOSTLY * shapely.area(shapes)
    if not outside.any():
        return []
    details = told("R-ADM-005", children.index[outside]).details
    if outside.sum() > max(MOST_OUTSIDE * len(children), 1):
        raise StudyError(Problem("E-ADM-005", details={**details, "total": len(children)}))
    return [record_of(Problem("R-ADM-005", details=details))]


def levels_of(units: GeoDataFrame) -> list[str]:
    """The levels of a study, highest first."""
    return sorted(set(units["level"]), key=rank)


def column_of(level: str) -> str:
    """The column that holds the unit of a level: ``admin_id`` where no level is stated."""
    return f"{level}_id" if level else "admin_id"


def units_of_rows(
    layer: GeoDataFrame, units: GeoDataFrame, file: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """The unit of each row at every level, and what is to be recorded.

    Parameters
    ----------
    layer : GeoDataFrame
        Quarters or facilities; ``town_code`` and the like where the layer told them.

    Returns
    -------
    DataFrame
        On the layer's index: ``city_id``, ``town_id``... for the levels there are, and
        ``admin_id``, the unit of the lowest level; NA where there is none.

    Raises
    ------
    StudyError
        E-ADM-002: a code that no unit of its level has.
    """
    columns: dict[str, pd.Series] = {}
    records: list[Problem] = []
    problems: list[Problem] = []
    for level in levels_of(units):
        of_level = units[units["level"] == level]
        by_place = admin_of_blocks(layer, of_level)
        code = codes_of(layer, level)
        known = code.isin(of_level.index)
        details = {"level": level}
        problems += [
            Problem("E-ADM-002", file, column=f"{level}_code", value=value, details=details)
            for value in sorted(set(code[~known & (code != "")]))
        ]
        differs = known & by_place.notna() & (by_place != code)
        if differs.any():
            records.append(told("R-ADM-001", layer.index[differs], level=level or "admin"))
        unit = by_place.where(~known, code)
        if unit.isna().any():
            records.append(told("R-ADM-002", layer.index[unit.isna()], level=level or "admin"))
        unsure = in_several(layer, of_level) & ~known
        if unsure.any():
            records.append(told("R-ADM-004", layer.index[unsure], level=level or "admin"))
        columns[column_of(level)] = unit
        columns["admin_id"] = unit
    if problems:
        raise StudyError(problems)
    return pd.DataFrame(columns, index=layer.index), records


def codes_of(layer: GeoDataFrame, level: str) -> pd.Series:
    """The stated code of each row at a level, ``""`` where none is told."""
    name = f"{level}_code"
    cells = layer[name] if name in layer else np.full(len(layer), "", object)
    return pd.Series(cells, index=layer.index, dtype=object)
