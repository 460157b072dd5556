"""How is a target of a plan measured? Each way is one type, told apart by its ``kind``.

A measure says which facilities count (`Filter`), of whom or in which units, and within how
many minutes. It is data: a plan file is read into it (`carecircle.planfile`), the targets
are computed from it elsewhere. Every kind says in both languages what it gives (``SAYS``),
whether that is a percentage (``PERCENT``), and whether people are its denominator
(``PER_HEAD``), so that the target must name who is counted.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from carecircle.layers.attributes import Offer, OperatorType
from carecircle.layers.sources import Level, Service

WalkerId = Literal["norm", "elderly", "frail", "carer", "stroller", "adult"]
CountedGroup = Literal["total", "age_60_plus", "age_65_plus", "age_80_plus", "age_0_2", "age_3_5"]

Minutes = Annotated[int, Field(ge=1, le=60)]
Positive = Annotated[Decimal, Field(gt=0)]
Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]


class PlanTable(BaseModel):
    """A table of a plan file; refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(PlanTable):
    """The same in both languages."""

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class Filter(PlanTable):
    """Which facilities count: those that pass every condition named.

    ``flags`` and ``services`` must all be there; of ``kinds``, ``operator``, ``names`` and
    ``units`` one is enough. A name fits when the facility's name contains it; a unit is
    compared by its whole name. ``opened_after`` also lets pass what is still planned, where
    ``status`` lets it; of ``any`` open and planned ones pass, closed ones never do. A kind that
    residents cannot walk to never covers anybody.
    """

    service: Service | None = None
    kinds: Names | None = None
    inclusive: bool | None = None
    operator: Annotated[tuple[OperatorType, ...], Field(min_length=1)] | None = None
    grade_at_least: Annotated[int, Field(ge=1, le=5)] | None = None
    level: Level | None = None
    flags: Names | None = None
    services: Annotated[tuple[Offer, ...], Field(min_length=1)] | None = None
    at_least: dict[str, Positive] = Field(default_factory=dict)
    names: Names | None = None
    units: Names | None = None
    urban: bool | None = None
    opened_after: datetime.date | None = None
    status: Literal["open", "planned", "any"] = "open"


def one_or_several(written: Any) -> Any:
    """A single filter is a list of one."""
    return [written] if isinstance(written, Mapping | Filter) else written


# A facility counts, once, when it passes at least one of the filters.
Facilities = Annotated[tuple[Filter, ...], BeforeValidator(one_or_several), Field(min_length=1)]


class MeasureTable(PlanTable):
    """What every measure has."""

    SAYS: ClassVar[Words]
    PERCENT: ClassVar[bool] = False
    PER_HEAD: ClassVar[bool] = False


def is_percent(measure: MeasureTable) -> bool:
    """Whether a measure gives a percentage."""
    return measure.PERCENT or getattr(measure, "per", None) == 100


# --- supply


class Count(MeasureTable):
    """Facilities."""

    SAYS: ClassVar = Words(zh="符合条件的设施数量", en="number of facilities that count")
    kind: Literal["count"] = "count"
    facilities: Facilities


class Sum(MeasureTable):
    """Places, or another quantity."""

    SAYS: ClassVar = Words(
        zh="符合条件的设施某项数量之和（床位、托位、面积）",
        en="sum of an attribute over the facilities that count (beds, seats, area)",
    )
    kind: Literal["sum"] = "sum"
    attribute: str
    facilities: Facilities


class Least(MeasureTable):
    """The facility that has least."""

    SAYS: ClassVar = Words(
        zh="符合条件的设施中某项数量的最小值",
        en="smallest value of an attribute over the facilities that count",
    )
    kind: Literal["least"] = "least"
    attribute: str
    facilities: Facilities


class Share(MeasureTable):
    """Part of a whole.

    Facilities are counted where no ``attribute`` is named. ``of`` is the attribute of the
    whole where it is another one: nursing beds of all beds.
    """

    SAYS: ClassVar = Words(
        zh="100 × 部分 / 全部；写明 attribute 时为其数量之比，否则为设施个数之比",
        en="100 x part / whole, of an attribute, or of facilities where none is named",
    )
    PERCENT: ClassVar = True
    kind: Literal["share"] = "share"
    whole: Facilities
    part: Facilities | None = None
    attribute: str | None = None
    of: str | None = None


class Ratio(MeasureTable):
    """One quantity for each of another."""

    SAYS: ClassVar = Words(
        zh="times × attribute 之和 / per 之和（如每床面积、每百张床社工数）",
        en="times x sum of attribute / sum of per (area per bed, social workers per 100 beds)",
    )
    kind: Literal["ratio"] = "ratio"
    attribute: str
    per: str
    times: Annotated[int, Field(ge=1)] = 1
    facilities: Facilities


class Complete(MeasureTable):
    """How much of the register is filled in."""

    SAYS: ClassVar = Words(
        zh="100 × 所列各项均已填写的设施 / 符合条件的设施",
        en="100 x facilities for which all these attributes are known / facilities that count",
    )
    PERCENT: ClassVar = True
    kind: Literal["complete"] = "complete"
    attributes: Names
    facilities: Facilities


# --- supply for people


class PerPeople(MeasureTable):
    """Places per 1,000."""

    SAYS: ClassVar = Words(
        zh="per × attribute 之和 / 人群人数（per 默认 1000；单位为 % 时用 100）",
        en="per x sum of attribute / people of the group (per is 1000; 100 where the unit is %)",
    )
    PER_HEAD: ClassVar = True
    kind: Literal["per_people"] = "per_people"
    attribute: str
    facilities: Facilities
    per: Literal[100, 1000] = 1000


class Demand(MeasureTable):
    """What a rate per 1,000 people asks for, beside what is there."""

    PER_HEAD: ClassVar = True
    attribute: str
    facilities: Facilities
    rate_per_1000: Positive


class Need(Demand):
    """Places that a rate asks for."""

    SAYS: ClassVar = Words(
        zh="目标年人数 × rate_per_1000 / 1000，向上取整；现有数量达到它即达标。"
        "value 为方案自己的数字",
        en="people of the target year x rate_per_1000 / 1000, rounded up; met when the supply "
        "reaches it. `value` is the plan's own figure",
    )
    kind: Literal["need"] = "need"


class Gap(Demand):
    """Places that are missing."""

    SAYS: ClassVar = Words(
        zh="need 减现有数量，不小于 0；缺口为 0 即达标。value 为方案自己的数字",
        en="need less supply, at least 0; met when nothing is missing. `value` is the plan's own "
        "figure",
    )
    kind: Literal["gap"] = "gap"


class GapPerYear(Demand):
    """Places to add each year."""

    SAYS: ClassVar = Words(
        zh="gap / years；缺口为 0 即达标。value 为方案自己的数字",
        en="gap / years; met when nothing is missing. `value` is the plan's own figure",
    )
    kind: Literal["gap_per_year"] = "gap_per_year"
    years: Annotated[int, Field(ge=1, le=30)]


class LandPerPerson(MeasureTable):
    """Land for care, per resident of new quarters."""

    SAYS: ClassVar = Words(
        zh="设施用地面积（land_area_m2）之和 / 新建小区人数，逐个小区取最小值",
        en="sum of land_area_m2 / people, of the new quarter that has least",
    )
    PER_HEAD: ClassVar = True
    kind: Literal["land_per_person"] = "land_per_person"
    facilities: Facilities
    built_after: datetime.date


# --- administrative coverage


class Tier(PlanTable):
    """The units of one level, and what each should have.

    Of ``urban`` true only urban units count (城市社区), of false only rural ones (村). Units
    named in ``leave_out`` do not count.
    """

    level: Level
    facilities: Facilities
    urban: bool | None = None
    leave_out: Names | None = None


class UnitsWith(Tier, MeasureTable):
    """Units that have one: at least one facility inside the boundary.

    With ``minutes`` the walking share of the group is shown beside it; the two are never mixed.
    """

    SAYS: ClassVar = Words(
        zh="100 × 界内至少有 at_least 处设施的单位 / 全部单位（行政覆盖率）；"
        "写明 minutes 时并列步行覆盖率",
        en="100 x units with at least `at_least` facilities inside / all units (administrative "
        "coverage); with minutes the walking coverage is shown beside it",
    )
    PERCENT: ClassVar = True
    kind: Literal["units_with"] = "units_with"
    at_least: Annotated[int, Field(ge=1)] = 1
    minutes: Minutes | None = None
    walker: WalkerId | None = None


class TiersWith(MeasureTable):
    """A network of several levels."""

    SAYS: ClassVar = Words(
        zh="各层级分别计算 units_with，取其中最低的比例",
        en="units_with for each tier on its own; the lowest of the shares",
    )
    PERCENT: ClassVar = True
    kind: Literal["tiers_with"] = "tiers_with"
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]


class LeastPerUnit(Tier, MeasureTable):
    """The unit that has fewest."""

    SAYS: ClassVar = Words(
        zh="各单位界内设施数量的最小值", en="smallest number of facilities inside a unit"
    )
    kind: Literal["least_per_unit"] = "least_per_unit"


class NamedUnits(MeasureTable):
    """Units that the plan names."""

    SAYS: ClassVar = Words(
        zh="所列单位中界内有设施的个数", en="number of the units named that have a facility inside"
    )
    kind: Literal["named_units"] = "named_units"
    level: Level
    units: Names
    facilities: Facilities


class UnitsTitled(MeasureTable):
    """Units that hold a title.

    ``title`` is a yes/no column of the unit layer. With ``per_unit`` the smallest number in a
    unit of that higher level counts.
    """

    SAYS: ClassVar = Words(
        zh="获得称号的单位个数；写明 per_unit 时为每个上级单位内个数的最小值",
        en="number of units with a title; with per_unit the smallest number in a unit of that "
        "level",
    )
    kind: Literal["units_titled"] = "units_titled"
    level: Level
    title: Literal["age_friendly", "child_friendly"]
    per_unit: Level | None = None


class ChangeInUnits(Tier, MeasureTable):
    """Units that got one since a day."""

    SAYS: ClassVar = Words(
        zh="自 since 起新有设施的单位个数（按 opened）；per_year 时为各年中最少的一年",
        en="units that have a facility now and had none on `since` (by opened); with per_year "
        "the fewest in any year",
    )
    kind: Literal["change_in_units"] = "change_in_units"
    since: datetime.date
    per_year: bool = False


# --- walking


class WalkShare(MeasureTable):
    """Who can walk there in time: to a facility of each list."""

    SAYS: ClassVar = Words(
        zh="100 × minutes 分钟内步行可达每一类设施的人 / 该人群全部（步行覆盖率）；"
        "并列小区和居住用地",
        en="100 x people within `minutes` of a facility of each list / people of the group "
        "(walking coverage); quarters and residential land beside it",
    )
    PERCENT: ClassVar = True
    kind: Literal["walk_share"] = "walk_share"
    minutes: Minutes
    walker: WalkerId
    each_of: Annotated[tuple[Facilities, ...], Field(min_length=1)]
    urban: bool | None = None


class WalkTier(PlanTable):
    """One circle: so many minutes to each of these."""

    minutes: Minutes
    each_of: Annotated[tuple[Facilities, ...], Field(min_length=1)]


class WalkTiers(MeasureTable):
    """Several circles, none of which replaces another."""

    SAYS: ClassVar = Words(
        zh="各级生活圈分别计算 walk_share，取其中最低的比例；高一级设施不能代替低一级",
        en="walk_share for each circle on its own; the lowest of the shares. A facility of a "
        "wider circle does not stand in for one of a nearer",
    )
    PERCENT: ClassVar = True
    kind: Literal["walk_tiers"] = "walk_tiers"
    walker: WalkerId
    tiers: Annotated[tuple[WalkTier, ...], Field(min_length=1)]
    urban: bool | None = None


class WalkNeed(PlanTable):
    """What a quarter with people of a group should have within a walk."""

    group: CountedGroup
    minutes: Minutes
    walker: WalkerId
    facilities: Facilities


class QuartersWithout(MeasureTable):
    """Quarters beyond the walk, listed."""

    SAYS: ClassVar = Words(
        zh="至少缺少一项所需设施的小区个数，并列出清单",
        en="number of quarters that lack at least one of what is needed, and their list",
    )
    kind: Literal["quarters_without"] = "quarters_without"
    needs: Annotated[tuple[WalkNeed, ...], Field(min_length=1)]


class QuartersWith(MeasureTable):
    """Quarters that have what they must: inside, or within minutes."""

    SAYS: ClassVar = Words(
        zh="100 × 每一类设施都有的小区 / 符合条件的小区；无 minutes 时须在小区界内",
        en="100 x quarters with a facility of each list / quarters that must have them; inside "
        "the quarter where no minutes are given",
    )
    PERCENT: ClassVar = True
    kind: Literal["quarters_with"] = "quarters_with"
    each_of: Annotated[tuple[Facilities, ...], Field(min_length=1)]
    built_after: datetime.date | None = None
    households_over: Annotated[int, Field(ge=0)] | None = None
    minutes: Minutes | None = None
    walker: WalkerId | None = None
    floor_area_m2_per_100_households: Positive | None = None


class Pair(PlanTable):
    """What stands beside what."""

    facilities: Facilities
    to: Facilities


class Adjacent(MeasureTable):
    """Neighbours: facilities that have another beside them."""

    SAYS: ClassVar = Words(
        zh="100 × metres 米内有另一类设施的设施 / 全部；by 说明按步行还是直线",
        en="100 x facilities with one of the other sort within `metres` / all; `by` says whether "
        "along the streets or straight",
    )
    PERCENT: ClassVar = True
    kind: Literal["adjacent"] = "adjacent"
    pairs: Annotated[tuple[Pair, ...], Field(min_length=1)]
    metres: Annotated[int, Field(ge=1, le=5000)]
    by: Literal["walk", "straight"] = "walk"


class SitesPerLand(MeasureTable):
    """Sites that new residential land must have.

    Facilities count inside the new quarters, or with ``minutes`` within that walk of them.
    """

    SAYS: ClassVar = Words(
        zh="每 land_m2 平方米新建居住用地的设施处数；rounding 说明应配处数如何取整",
        en="sites per land_m2 of new residential land; `rounding` says how the number of sites "
        "due is made whole",
    )
    kind: Literal["sites_per_land"] = "sites_per_land"
    facilities: Facilities
    land_m2: Annotated[int, Field(ge=1)]
    rounding: Literal["down", "up", "none"]
    built_after: datetime.date
    minutes: Minutes | None = None
    walker: WalkerId | None = None


Measure = Annotated[
    Count | Sum | Least | Share | Ratio | Complete
    | PerPeople | Need | Gap | GapPerYear | LandPerPerson
    | UnitsWith | TiersWith | LeastPerUnit | NamedUnits | UnitsTitled | ChangeInUnits
    | WalkShare | WalkTiers | QuartersWithout | QuartersWith | Adjacent | SitesPerLand,
    Field(discriminator="kind"),
]  # fmt: skip

MEASURES: dict[str, type[MeasureTable]] = {
    measure.model_fields["kind"].default: measure
    for measure in (
        Count, Sum, Least, Share, Ratio, Complete,
        PerPeople, Need, Gap, GapPerYear, LandPerPerson,
        UnitsWith, TiersWith, LeastPerUnit, NamedUnits, UnitsTitled, ChangeInUnits,
        WalkShare, WalkTiers, QuartersWithout, QuartersWith, Adjacent, SitesPerLand,
    )
}  # fmt: skip
