"""What does one target ask of a study, and which of its inputs are not there?

Measures ask here for facilities, sums, units, people and walks. What is missing is noted and
something empty given back, so that a measure goes on and every missing input is named at
once; what it then gives is thrown away.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.coverage.plan import Plan, Target
from carecircle.coverage.plan_measures import Filter, Tier
from carecircle.coverage.target_register import (
    Input,
    Mask,
    columns_of,
    days_of,
    services_of,
    urban_maybe,
)
from carecircle.coverage.target_result import Lack, Missing, Remark, named
from carecircle.coverage.target_words import LEVELS
from carecircle.coverage.target_world import World, column_of_group
from carecircle.layers.admin_units import column_of
from carecircle.layers.sources import Level

NOBODY: Mask = np.zeros(0, bool)
PLACES = ("capacity", "beds", "seats")  # of which a facility that counts has some


class Inquiry:
    """One target's questions, with what is missing and what was remarked on the way."""

    def __init__(self, world: World, plan: Plan, target: Target) -> None:
        self.world, self.plan, self.target = world, plan, target
        self.register = world.register
        self.found: dict[Input, Missing] = {}
        self.remarks: list[Remark] = []

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Every missing input, in a steady order."""
        return tuple(sorted(self.found.values()))

    def lack(self, layer: str, column: str, lack: Lack = "absent", ids: Sequence[str] = ()) -> None:
        """Note a missing input; what is wholly absent outweighs what is partly blank."""
        told = self.found.get((layer, column))
        if told is None or (told.lack != "absent" and len(ids) > told.count):
            self.found[layer, column] = Missing(layer, column, lack, len(ids), named(ids))

    def lack_rows(self, layer: str, column: str, index: pd.Index, rows: Mask) -> None:
        """Note a column that is blank in some rows."""
        self.lack(layer, column, "blank", [str(id) for id in index[rows]])

    def remark(self, zh: str, en: str, people: int | None = None, names_rows: bool = False) -> None:
        """Say something beside the figures, once; see `Remark`."""
        words = Remark(zh=zh, en=en, people=people, names_rows=names_rows)
        if words not in self.remarks:
            self.remarks.append(words)

    # --- facilities

    def facilities(self, filters: Sequence[Filter], on: str | None = None) -> Mask:
        """The facilities that pass one of the filters."""
        if self.register is None:
            for service in services_of(filters):
                self.lack("facilities", f"service={service}")
            for layer, column in columns_of(filters):
                self.lack(layer, column)
            return NOBODY
        for service in services_of(filters) - self.register.services - self.world.complete:
            self.lack("facilities", f"service={service}")
        for name in {name for one in filters for name in one.units or ()} - self.unit_names:
            self.lack("admin", f"unit={name}")
        passing = self.register.passing(filters, on)
        for (layer, column), rows in passing.undecided.items():
            self.lack_rows(layer, column, self.index, rows)
        self.note_planned(passing.yes)
        return passing.yes

    def note_planned(self, chosen: Mask) -> None:
        """Say how many of those that count are not open yet."""
        assert self.register is not None
        planned = int((chosen & (self.register.status(self.world.date) == "planned")).sum())
        if planned:
            self.remark(
                f"计入的设施中有 {planned} 处尚在规划或建设。",
                f"Of the facilities that count, {planned} are planned or being built.",
            )

    @property
    def unit_names(self) -> set[str]:
        """The names of all units."""
        return set() if self.world.units is None else set(self.world.units["name"])

    def walkable(self, filters: Sequence[Filter]) -> Mask:
        """Those that pass and that residents can walk to."""
        chosen = self.facilities(filters)
        if self.register is None or self.world.walks is None:
            return chosen
        chosen = chosen & self.register.walkable
        far = int((chosen & ~self.world.walks.attached()).sum())
        if far:
            self.remark(
                f"{far} 处设施附近没有道路，步行无法到达。",
                f"{far} of these facilities have no street near: nobody can walk there.",
            )
        return chosen

    @property
    def index(self) -> pd.Index:
        """The ids of the facilities."""
        return pd.Index([]) if self.world.facilities is None else self.world.facilities.index

    def amounts(self, chosen: Mask, attribute: str) -> list[Fraction]:
        """A number of each chosen facility; a blank that may be any number is missing."""
        if self.register is None:
            self.lack("facilities", attribute)
            return []
        all_amounts = self.register.amounts(attribute)
        blank = np.array([amount is None for amount in all_amounts], bool) & chosen
        if blank.any():
            self.lack_rows("facilities", attribute, self.index, blank)
        self.note_empty(chosen, attribute)
        picked = (all_amounts[at] for at in np.flatnonzero(chosen))
        return [Fraction(0) if amount is None else amount for amount in picked]

    def note_empty(self, chosen: Mask, attribute: str) -> None:
        """Say which facilities are told to have no place at all: often a blank, written as 0."""
        assert self.register is not None
        cells = self.register.facilities.get(attribute)
        if attribute not in PLACES or cells is None:
            return
        empty = chosen & (cells == 0).fillna(False).to_numpy(bool)
        if empty.any():
            count, ids = int(empty.sum()), named([str(id) for id in self.index[empty]])
            more = "…" if count > len(ids) else ""
            self.remark(
                f"{count} 处设施的 {attribute} 为 0，按 0 计，请核对：{'、'.join(ids)}{more}",
                f"{count} facilities have 0 {attribute} and count as 0; check them: "
                f"{', '.join(ids)}{more}",
                names_rows=True,
            )

    def total(self, chosen: Mask, attribute: str) -> Fraction:
        """The sum of a number over the chosen facilities."""
        return sum(self.amounts(chosen, attribute), Fraction(0))

    def known(self, chosen: Mask, attribute: str) -> Mask:
        """Of which chosen facilities an attribute is told."""
        if self.register is None:
            self.lack("facilities", attribute)
            return NOBODY
        cells = self.register.facilities.get(attribute)
        if cells is None:
            return np.zeros(len(chosen), bool)
        told: Mask = (cells.notna() & (cells.astype("str") != "")).to_numpy(bool)
        return chosen & told

    def opened(self, chosen: Mask) -> NDArray[np.object_]:
        """The first day that each facility may have opened on; needed of the chosen ones."""
        if self.register is None:
            self.lack("facilities", "opened")
            return np.zeros(0, object)
        texts = self.register.texts("opened")
        blank = chosen & (texts == "")
        if blank.any():
            self.lack_rows("facilities", "opened", self.index, blank)
        return np.array([days_of(text)[0] if text else "" for text in texts], object)

    # --- units

    def units(self, tier: Tier) -> GeoDataFrame | None:
        """The units that a tier counts; None where they are missing."""
        of_level = self.level(tier.level)
        if tier.urban is not None and self.world.units is None:
            self.lack("admin", "urban")
        if of_level is None:
            return None
        if tier.urban is not None:
            of_level = of_level[self.in_town(of_level, tier.urban)]
        kept: GeoDataFrame = of_level[~of_level["name"].isin(tier.leave_out or ())]
        if kept.empty:
            self.lack("admin", f"level={tier.level}", "nobody")
            return None
        return kept

    def level(self, level: Level) -> GeoDataFrame | None:
        """The units of a level; None where there is no layer of them."""
        units = self.world.units
        of_level = None if units is None else units[units["level"] == level]
        if of_level is None or of_level.empty:
            self.lack("admin", f"level={level}")
            return None
        return of_level

    def in_town(self, of_level: GeoDataFrame, urban: bool) -> Mask:
        """Which units are urban (or rural), by their own flag, else by that of a parent."""
        assert self.world.units is not None
        flags = self.world.units["urban"].astype("boolean")
        parents = self.world.units["parent"].to_dict()

        def flag(unit: str) -> object:
            seen: set[str] = set()
            while unit in flags.index and unit not in seen:
                if not pd.isna(flags[unit]):
                    return bool(flags[unit])
                seen.add(unit)
                unit = parents.get(unit, "")
            return None

        told = np.array([flag(unit) for unit in of_level.index], object)
        unknown = np.array([answer is None for answer in told], bool)
        if unknown.any():
            self.lack_rows("admin", "urban", of_level.index, unknown)
        return np.array([answer is urban for answer in told], bool)

    def inside(self, units: GeoDataFrame, level: Level, chosen: Mask) -> NDArray[np.int64]:
        """How many of the chosen facilities lie inside each unit."""
        if self.world.facilities is None:
            return np.zeros(len(units), np.int64)
        unit_of = self.world.facilities[column_of(level)][chosen]
        nowhere = int((unit_of.isna() | (unit_of == "")).sum())
        if nowhere:
            self.remark(
                f"计入的设施中有 {nowhere} 处不在任何一个{LEVELS[level]['zh']}内，行政覆盖率不计。",
                f"Of the facilities that count, {nowhere} lie in no unit of this level ({level}): "
                "no unit has them inside.",
            )
        counts = unit_of.value_counts().reindex(units.index, fill_value=0)
        return np.asarray(counts.to_numpy(np.int64))

    # --- people and quarters

    def people(self, group: str, base: str, year: int | None) -> int:
        """The people of a group, by base and year, that are divided by."""
        found = self.world.people.of(self.plan, group, base, year)
        if found is None:
            self.lack("population", " ".join([group, base, *([str(year)] if year else [])]))
            return 0
        self.remarks.append(found.remark)
        return found.people

    def group(self, group: str) -> str:
        """The column of a group's people in the quarters and homes."""
        column = column_of_group(group)
        residential = self.world.residential
        if residential is None or self.world.homes is None or column not in residential:
            self.lack("residential", column)
        elif group in self.world.estimated:
            self.remark("该人群人数为估算值。", "The people of this group are an estimate.")
        return column

    def quarters(self, urban: bool | None) -> Mask:
        """The quarters that count: all, those in urban units, or those in rural ones."""
        residential, units = self.world.residential, self.world.units
        if urban is not None and units is None:
            self.lack("admin", "urban")
        if residential is None:
            return NOBODY
        if urban is None or units is None:
            return np.ones(len(residential), bool)
        told = urban_maybe(residential, units, urban)
        if told.unknown.any():
            self.lack_rows("admin", "urban", residential.index, told.unknown)
        nowhere = residential["admin_id"].isna().to_numpy()
        if nowhere.any():
            people = int(residential["population"].to_numpy()[nowhere].sum())
            self.remark(
                f"{int(nowhere.sum())} 个小区（{people} 人）不在任何行政单位内，不计入。",
                f"{int(nowhere.sum())} quarters ({people} people) lie in no unit and do not count.",
                people,
            )
        return told.yes

    def new_quarters(self, built_after: datetime.date | None) -> Mask:
        """The quarters built after a day; all where none is named."""
        residential = self.world.residential
        if residential is None:
            self.lack("residential", "built" if built_after else "population")
            return NOBODY
        if built_after is None:
            return np.ones(len(residential), bool)
        built = residential.get("built", pd.Series("", index=residential.index))
        code, texts = pd.factorize(built)
        ends = [days_of(text) if text else ("", "") for text in texts]
        day = built_after.isoformat()
        yes = np.array([first > day for first, _ in ends], bool)[code]
        maybe = np.array([last > day for _, last in ends], bool)[code]
        blank = (np.asarray(texts) == "")[code] & ("built" not in self.world.blanks_are_no)
        unknown = (maybe | blank) & ~yes
        if unknown.any():
            self.lack_rows("residential", "built", residential.index, unknown)
        return yes

    def households(self, over: int | None) -> tuple[Mask, NDArray[np.int64]]:
        """Which quarters have more households than this, and how many each has."""
        residential = self.world.residential
        if residential is None or "households" not in residential:
            self.lack("residential", "households")
            return NOBODY, np.zeros(0, np.int64)
        cells = residential["households"].astype("Int64")
        unknown = cells.isna().to_numpy() & ("households" not in self.world.blanks_are_no)
        if unknown.any():
            self.lack_rows("residential", "households", residential.index, unknown)
        count = cells.fillna(0).to_numpy(np.int64)
        return (np.ones(len(count), bool) if over is None else count > over), count

    def pairs_inside(self, chosen: Mask, quarters: Mask) -> tuple[NDArray[np.int64], ...]:
        """Positions of the chosen facilities and of the quarters that each stands in."""
        facilities, residential = self.world.facilities, self.world.residential
        if facilities is None or residential is None:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        tree = shapely.STRtree(residential.geometry.to_numpy())
        rows = np.flatnonzero(chosen)
        facility, quarter = tree.query(facilities.geometry.to_numpy()[rows], predicate="intersects")
        kept = quarters[quarter]
        return rows[facility[kept]], quarter[kept]
