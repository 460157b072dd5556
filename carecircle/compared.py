"""Who gains and who loses from one study or scenario to another of the same place?

Both are read and walked; each home is compared with itself (`coverage.gains`). Why things differ is
what `changed` tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame
from pandas import DataFrame

from carecircle.changed import QUARTER, STUDY, check_alike, shapes_of
from carecircle.coverage.circle import Walked, walk_and_measure
from carecircle.coverage.gains import (
    COUNTS,
    Placed,
    gains_of_homes,
    gains_of_quarters,
    gains_of_units,
    placed,
)
from carecircle.coverage.result import Circle, Coverage, Sentence
from carecircle.inputs import Inputs
from carecircle.isochrones.minutes import reach_table
from carecircle.layers.admin_units import column_of, levels_of
from carecircle.layers.network import WalkNetwork
from carecircle.steps import Steps
from carecircle.study import Study, today


@dataclass(frozen=True, eq=False)
class CircleComparison:
    """What one circle gains and loses.

    Attributes
    ----------
    before, after : Circle
    rows : DataFrame
        ``level`` (``study``, that of a unit, ``quarter``), ``id``, ``parent``, ``name`` and the
        counts of `coverage.gains`; the study first, quarters last.
    quarters : DataFrame, index ``block_id``
        The counts, and minutes and status at both ends.
    stations : GeoDataFrame, index ``facility_id``
        Of both: ``name``, ``state`` in ``stays``, ``new``, ``closed``, ``moved``, ``resized``;
        point, where it is or else was.
    counts : (int, int)
        How many stations there are.
    places : (Placed or None, Placed or None)
    """

    before: Circle
    after: Circle
    coverages: tuple[Coverage, Coverage]
    rows: DataFrame
    quarters: DataFrame
    stations: GeoDataFrame
    counts: tuple[int, int]
    places: tuple[Placed | None, Placed | None]

    @property
    def total(self) -> dict[str, int]:
        """The counts of the whole study."""
        return {name: int(self.rows[name].iloc[0]) for name in COUNTS}


@dataclass(frozen=True, eq=False)
class Comparison:
    """What is gained and lost from one study or scenario to another.

    ``shapes`` are the quarters of both in the working CRS, ``network`` the streets of the second;
    ``assumptions`` are told with the place they hold in: both, the first or the second.
    """

    names: tuple[str, str]
    day: str
    circles: tuple[CircleComparison, ...]
    shapes: GeoDataFrame
    network: WalkNetwork
    output_crs: str
    assumptions: tuple[tuple[str, Sentence], ...]
    attributions: tuple[Sentence, ...]

    @property
    def same_people(self) -> bool:
        """Whether the same people live in the same homes."""
        return not any(
            (c.quarters["people_before"] != c.quarters["people_after"]).any()
            or c.quarters["moved"].any()
            for c in self.circles
        )


def comparison(first: Study, second: Study, steps: Steps) -> Comparison:
    """Measure both and compare home by home.

    Raises
    ------
    StudyError
        Faults of either; E-CHG-001 to 003: they are not of one place, or not about the same
        circles.
    """
    ends = first.read(steps), second.read(steps)
    check_alike(first, second, *ends)
    before = {circle.id: circle for circle in first.circles()}
    with steps.step("comparing"):
        circles = tuple(
            circle_comparison((before[circle.id], circle), ends) for circle in second.circles()
        )
    return Comparison(
        names=(first.file.study.name, second.file.study.name),
        day=second.stated_date() or today(),
        circles=circles,
        shapes=shapes_of(*ends),
        network=ends[1].network,
        output_crs=ends[1].output_crs,
        assumptions=tuple(told_where(*ends)),
        attributions=tuple({s.id: s for end in ends for s in end.attributions}.values()),
    )


def circle_comparison(
    circles: tuple[Circle, Circle], ends: tuple[Inputs, Inputs]
) -> CircleComparison:
    """One circle in both."""
    walked = [walked_in(circle, inputs) for circle, inputs in zip(circles, ends, strict=True)]
    old, new = (one.coverage for one in walked)
    homes = gains_of_homes(old, new)
    quarters = gains_of_quarters(homes, old, new)
    return CircleComparison(
        before=circles[0],
        after=circles[1],
        coverages=(old, new),
        rows=pd.concat([*rows_of_study(quarters, ends)], ignore_index=True),
        quarters=quarters,
        stations=stations_of(*(one.stations for one in walked)),
        counts=(len(walked[0].stations), len(walked[1].stations)),
        places=(placed_in(circles[0], walked[0]), placed_in(circles[1], walked[1])),
    )


def walked_in(circle: Circle, inputs: Inputs) -> Walked:
    """The walks and the coverage of a circle."""
    homes, doors = inputs.snaps_for(circle.walker)
    return walk_and_measure(
        circle,
        inputs.network,
        inputs.residential,
        inputs.homes,
        homes,
        inputs.facilities,
        doors,
        inputs.units,
        inputs.doors.homes.attached,
    )


def placed_in(circle: Circle, walked: Walked) -> Placed | None:
    """Who finds a place."""
    homes, stations = walked.doors.points
    near = reach_table(walked.doors, stations, homes, circle.limit_ms, direction=circle.direction)
    return placed(circle, walked.coverage.homes["people"], walked.stations["capacity"], near)


def rows_of_study(quarters: DataFrame, ends: tuple[Inputs, Inputs]) -> Iterator[DataFrame]:
    """The counts of the study, of its units level by level, and of its quarters."""
    counts = quarters[list(COUNTS)]
    total = DataFrame([counts.sum()])
    yield labelled(total, STUDY, [""], [""], [""])
    known = ends[1].units
    for level in levels_of(known) if known is not None else ():
        units = gains_of_units(quarters, both_ends(ends, column_of(level)))
        assert known is not None
        named = known["name"].reindex(units.index).fillna("")
        if not units.sum().equals(counts.sum()):
            raise AssertionError("the units do not sum up to the whole study")
        parents = known.get("parent", named.str[:0]).reindex(units.index).fillna("")
        yield labelled(units, level, units.index, parents, named)
    names = both_ends(ends, "name").reindex(counts.index).fillna("")
    yield labelled(counts, QUARTER, counts.index, [""] * len(counts), names)


def labelled(
    counts: DataFrame,
    level: str,
    ids: Iterable[str],
    parents: Iterable[str],
    names: Iterable[str],
) -> DataFrame:
    """Counts as rows of a table with what they are counts of."""
    rows = counts.reset_index(drop=True)
    rows.insert(0, "level", level)
    rows.insert(1, "id", list(ids))
    rows.insert(2, "parent", list(parents))
    rows.insert(3, "name", list(names))
    return rows


def both_ends(ends: tuple[Inputs, Inputs], column: str) -> pd.Series:
    """A column of the quarters of the second, then of those that are in the first alone."""
    first, second = (end.residential for end in ends)
    gone = first.loc[~first.index.isin(second.index)]
    values = gone[column] if column in gone else pd.Series("", gone.index)
    joined: pd.Series = pd.concat([second[column], values])
    return joined


def stations_of(before: GeoDataFrame, after: GeoDataFrame) -> GeoDataFrame:
    """The stations of both, and what became of each."""
    gone = before[~before.index.isin(after.index)]
    state = pd.Series("stays", after.index, dtype=object)
    for id in after.index:
        if id not in before.index:
            state[id] = "new"
        elif not before.geometry[id].equals_exact(after.geometry[id], 0.001):
            state[id] = "moved"
        elif not same_capacity(before.loc[id, "capacity"], after.loc[id, "capacity"]):
            state[id] = "resized"
    columns = ["name", "capacity", "geometry"]
    joined: GeoDataFrame = pd.concat(
        [after[columns].assign(state=state), gone[columns].assign(state="closed")]
    )
    return joined


def same_capacity(old: Any, new: Any) -> bool:
    """Whether two capacities are equal, unknown ones among them."""
    if pd.isna(old) or pd.isna(new):
        return bool(pd.isna(old) and pd.isna(new))
    return bool(old == new)


def told_where(first: Inputs, second: Inputs) -> Iterator[tuple[str, Sentence]]:
    """The assumptions of both: once where they say the same, else with the study that says so."""
    one, two = ({s.id: s for s in end.assumptions} for end in (first, second))
    for id, sentence in two.items():
        yield ("both" if one.get(id) == sentence else "after"), sentence
    for id, sentence in one.items():
        if two.get(id) != sentence:
            yield "before", sentence
