"""What changed between two studies of one place? Both, and every mixed world, are measured.

A study file is taken apart into four causes. A mixed world is the study of the newer file with
some of them put back to the older one: it is read, checked and walked like any other study.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from pandas import DataFrame

from carecircle.changeplans import TargetChange, targets_of_both
from carecircle.coverage.change import CAUSES, Causes, Decomposition, subsets
from carecircle.coverage.result import Circle, Coverage, Sentence
from carecircle.inputs import Inputs, Needs, Reader, needs_of
from carecircle.layers.problems import Findings, Problem, StudyError
from carecircle.maps.manifest import described_inputs
from carecircle.planning import judged
from carecircle.sitefile import SitesSection
from carecircle.steps import Steps
from carecircle.study import Study, coverage_of, today
from carecircle.studyfile import StudyFile

# Which tables of the study file each cause takes along. What is reported by (admin) is the
# newer study's in every world; what is proposed or promised there explains no coverage.
TABLES = {
    "facilities": ("study", "facilities", "osm"),
    "network": ("network", "edits", "terrain", "entrances", "benches", "snap"),
    "population": (
        "residential",
        "raster",
        "cells",
        "census",
        "ageing",
        "population",
        "people",
        "area",
    ),
    "standard": ("circles", "walkers"),
}
# ... and which edits of a scenario, where either study is one.
EDITS = {"facilities": ("facilities",), "network": ("ways", "gates")}
STUDY, QUARTER = "study", "quarter"  # rows that are no unit of a level


@dataclass(frozen=True, eq=False)
class CircleChange:
    """What changed in one circle.

    Attributes
    ----------
    before, after : Circle
        As the older and the newer study judge it.
    rows : DataFrame
        What is counted: ``level`` (``study``, that of a unit, ``quarter``), ``id``, ``name``.
        The study comes first.
    quarters : DataFrame, index ``block_id``
        ``minutes_before``, ``minutes_after`` (NaN where there is no walk) and
        ``status_before``, ``status_after`` (empty where the quarter is not there).
    people, covered : Decomposition
        Of the group, a row for each of ``rows``.
    """

    before: Circle
    after: Circle
    rows: DataFrame
    quarters: DataFrame
    people: Decomposition
    covered: Decomposition


@dataclass(frozen=True, eq=False)
class StudyChange:
    """What changed between two studies.

    Attributes
    ----------
    names, days : (str, str)
        Of the older and the newer study.
    causes : tuple of str
        What differs in the inputs.
    shapes : GeoDataFrame, index ``block_id``
        The quarters of both, where they lie now or else lay before, in the working CRS.
    targets : tuple of TargetChange
        Of the plans that both studies name.
    from_extract : bool
        Whether people or facilities are read from the street extract, so that their change
        counts as that of the network.
    """

    names: tuple[str, str]
    days: tuple[str, str]
    causes: tuple[str, ...]
    circles: tuple[CircleChange, ...]
    shapes: GeoDataFrame
    output_crs: str
    from_extract: bool
    assumptions: tuple[Sentence, ...]
    targets: tuple[TargetChange, ...] = ()


def change_between(older: Study, newer: Study, steps: Steps) -> StudyChange:
    """Measure two studies and the worlds between them.

    Raises
    ------
    StudyError
        Faults of either study; E-CHG-001 to 003: they are not of one place, or not about the
        same circles; E-CHG-004: the older one comes later; E-CHG-005: a mixed world that cannot
        be read.
    """
    days = (older.stated_date() or today(), newer.stated_date() or today())
    if days[0] > days[1]:
        raise StudyError(Problem("E-CHG-004", value=days[0], details={"newer": days[1]}))
    ends = older.read(steps), newer.read(steps)
    check_alike(older, newer, *ends)
    worlds = Worlds(older, newer, days, ends)
    with steps.step("changing"):
        found = worlds.measured()
    before = {circle.id: circle for circle in older.circles()}
    return StudyChange(
        names=(older.file.study.name, newer.file.study.name),
        days=days,
        causes=worlds.causes,
        circles=tuple(
            circle_change(before[circle.id], circle, worlds.causes, found, ends[1])
            for circle in newer.circles()
        ),
        shapes=shapes_of(*ends),
        output_crs=ends[1].output_crs,
        assumptions=tuple(
            {one.id: one for one in (*ends[0].assumptions, *ends[1].assumptions)}.values()
        ),
        from_extract=worlds.from_extract(),
        targets=targets_between((older, newer), ends, days, steps),
    )


def targets_between(
    studies: tuple[Study, Study],
    ends: tuple[Inputs, Inputs],
    days: tuple[str, str],
    steps: Steps,
) -> tuple[TargetChange, ...]:
    """The targets of the plans that both studies name, each judged by its own study."""
    if not {plan.id for plan in studies[0].plans} & {plan.id for plan in studies[1].plans}:
        return ()
    with steps.step("plans"):
        before, after = (
            judged(study.plans, study.file, inputs, day)
            for study, inputs, day in zip(studies, ends, days, strict=True)
        )
    return targets_of_both(before, after)


# --- are they alike


def check_alike(older: Study, newer: Study, before: Inputs, after: Inputs) -> None:
    """Refuse two studies that cannot be compared, with every reason."""
    found = Findings(newer.file.study.name)
    if before.network.crs != after.network.crs:
        found.add("E-CHG-001", older=before.network.crs, newer=after.network.crs)
    elif not overlap(before.residential, after.residential):
        found.add("E-CHG-002", older=older.file.study.name)
    services = [sorted(circle.id for circle in study.circles()) for study in (older, newer)]
    if services[0] != services[1]:
        told = [", ".join(names) for names in services]
        found.add("E-CHG-003", older=told[0], newer=told[1])
    found.refuse_if_any()


def overlap(some: GeoDataFrame, others: GeoDataFrame) -> bool:
    """Whether the extents of two layers have any place in common."""
    west, south, east, north = some.total_bounds
    left, low, right, top = others.total_bounds
    return bool(west <= right and left <= east and south <= top and low <= north)


# --- worlds


class Worlds:
    """Every mix of two studies."""

    def __init__(
        self, older: Study, newer: Study, days: tuple[str, str], ends: tuple[Inputs, Inputs]
    ) -> None:
        self.files = older.file, newer.file
        self.days, self.ends = days, ends
        self.causes = tuple(cause for cause in CAUSES if self.differs(cause))

    def differs(self, cause: str) -> bool:
        """Whether a cause is told otherwise, or its files hold something else."""
        keys = EDITS.get(cause, ())
        edits = [[getattr(file.scenario, key) for key in keys] for file in self.files]
        if edits[0] != edits[1]:
            return True
        if cause == "facilities":
            told = [
                {key: contents(getattr(f, key)) for key in TABLES[cause][1:]} for f in self.files
            ]
            return self.days[0] != self.days[1] or told[0] != told[1]
        told = [{key: contents(getattr(f, key)) for key in TABLES[cause]} for f in self.files]
        return told[0] != told[1]

    def from_extract(self) -> bool:
        """Whether people or facilities are read from the street extract of the network."""
        return any(
            file.residential is None
            or file.population_source == "floor_area"
            or not file.facilities
            for file in self.files
        )

    def mixed(self, chosen: Causes) -> StudyFile:
        """The study in which these causes are new and the others old."""
        older, newer = self.files
        back = {
            key: getattr(older, key)
            for cause in CAUSES
            if cause not in chosen
            for key in TABLES[cause]
        }
        edits_back = {
            key: getattr(older.scenario, key)
            for cause, keys in EDITS.items()
            if cause not in chosen
            for key in keys
        }
        scenario = newer.scenario.model_copy(update=edits_back)
        # where stations may stand changes nobody's walk, and may ask for data of another world
        unasked = {"plans": (), "sites": SitesSection()}
        return newer.model_copy(update={**back, **unasked}).in_scenario(scenario)

    def measured(self) -> dict[Causes, dict[str, Coverage]]:
        """The coverage of every circle in every world."""
        found: dict[Causes, dict[str, Coverage]] = {}
        standard = [cause for cause in self.causes if cause == "standard"]
        for base in subsets([cause for cause in self.causes if cause != "standard"]):
            read: dict[Needs, Inputs] = {}  # kerbs and benches are of the streets
            for chosen in subsets(standard):
                world = base | chosen
                study = Study(self.mixed(world))
                needs = needs_of(circle.walker for circle in study.circles())
                if needs not in read:
                    read[needs] = self.read(world, study, needs)
                found[world] = {c.id: coverage_of(c, read[needs]) for c in study.circles()}
        return found

    def read(self, world: Causes, study: Study, needs: Needs) -> Inputs:
        """A world read like a study, but that a facility without a street serves nobody."""
        if world == frozenset(self.causes):
            return self.ends[1]
        day = self.days["facilities" in world or "facilities" not in self.causes]
        reader = Reader(study.file, day, needs=needs, refuses_far=False)
        for inputs in self.ends:  # gates may name what is not there in this world
            reader.meet(inputs.residential)
            reader.meet(inputs.facilities)
        try:
            return reader.read(Steps())
        except StudyError as error:
            new = ", ".join(cause for cause in self.causes if cause in world) or "-"
            problem = Problem("E-CHG-005", study.file.study.name, details={"new": new})
            raise StudyError([problem, *error.problems]) from error


def contents(section: Any) -> Any:
    """A table with every file replaced by what is in it."""
    if isinstance(section, Path):
        return [one["sha256"] for one in described_inputs([section])] if section.is_file() else ""
    if isinstance(section, Mapping):
        return {key: contents(value) for key, value in section.items()}
    if isinstance(section, list | tuple):
        return [contents(value) for value in section]
    if hasattr(section, "model_dump"):
        return contents(section.model_dump())
    return section


# --- rows


def circle_change(
    before: Circle,
    after: Circle,
    causes: tuple[str, ...],
    worlds: Mapping[Causes, Mapping[str, Coverage]],
    newer: Inputs,
) -> CircleChange:
    """One circle in every world, counted in the same rows."""
    of_world = {chosen: found[after.id] for chosen, found in worlds.items()}
    first, last = of_world[frozenset()], of_world[frozenset(causes)]
    tables = {chosen: counted(coverage) for chosen, coverage in of_world.items()}
    keys = pd.MultiIndex.from_tuples(
        dict.fromkeys(
            key for table in (tables[frozenset(causes)], *tables.values()) for key in table.index
        ),
        names=["level", "id"],
    )
    order = {STUDY: 0, QUARTER: 2}
    keys = keys[np.argsort([order.get(level, 1) for level, _ in keys], kind="stable")]
    aligned = {chosen: table.reindex(keys, fill_value=0) for chosen, table in tables.items()}
    names = names_of(newer, keys, *(coverage.units for coverage in (last, first)))
    return CircleChange(
        before=before,
        after=after,
        rows=DataFrame(list(keys), columns=["level", "id"]).assign(name=names),
        quarters=both_ends(first.quarters, last.quarters),
        people=Decomposition(
            causes, {c: t["people"].to_numpy(np.int64) for c, t in aligned.items()}
        ),
        covered=Decomposition(
            causes, {c: t["covered"].to_numpy(np.int64) for c, t in aligned.items()}
        ),
    )


def counted(coverage: Coverage) -> DataFrame:
    """People and covered people of the study, its units and its quarters, in one table."""
    ledger = coverage.people
    parts = [
        DataFrame(
            {"people": [ledger.input], "people_covered": [ledger.covered]},
            index=pd.MultiIndex.from_tuples([(STUDY, "")]),
        )
    ]
    if coverage.units is not None:
        units = coverage.units
        parts.append(units.set_index(pd.MultiIndex.from_arrays([units["level"], units.index])))
    quarters = coverage.quarters
    level = [QUARTER] * len(quarters)
    parts.append(quarters.set_index(pd.MultiIndex.from_arrays([level, quarters.index])))
    table = pd.concat([part[["people", "people_covered"]] for part in parts])
    return table.rename(columns={"people_covered": "covered"})


def names_of(newer: Inputs, keys: pd.MultiIndex, *units: DataFrame | None) -> list[str]:
    """What each row is called."""
    names: dict[tuple[str, str], str] = {
        (str(level), str(id)): str(name)
        for table in units
        if table is not None
        for level, id, name in zip(table["level"], table.index, table["name"], strict=True)
    }
    quarters = newer.residential["name"].to_dict()
    names.update({(QUARTER, str(id)): str(name) for id, name in quarters.items()})
    return [names.get((str(level), str(id)), "") for level, id in keys]


def both_ends(before: DataFrame, after: DataFrame) -> DataFrame:
    """Minutes and status of each quarter in the older and the newer study."""
    index = after.index.union(before.index, sort=False)
    found = DataFrame(index=index)
    for name, table in (("before", before), ("after", after)):
        found[f"minutes_{name}"] = table["minutes"].reindex(index)
        found[f"status_{name}"] = table["status"].reindex(index).fillna("")
    return found


def shapes_of(before: Inputs, after: Inputs) -> GeoDataFrame:
    """The quarters of both studies, those that are gone last."""
    here = after.residential[["name", "geometry"]]
    gone = before.residential.loc[~before.residential.index.isin(here.index), ["name", "geometry"]]
    return GeoDataFrame(pd.concat([here, gone]), crs=here.crs)
