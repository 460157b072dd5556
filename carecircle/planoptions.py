"""What a study says about the plans it is judged by: ``plans`` and ``[plan_options]``.

::

    plans = ["dazu-2023", "my-city.toml"]

    [plan_options]
    complete = ["meals"]               # the layers hold all there is, be it nothing
    blanks_are_no = ["inclusive"]      # in these columns a blank is 0 or no
    population = [{ group = "total", base = "resident", year = 2025, people = 870000 }]

    [plan_options.change."dazu-2023/quarter-hour-circle"]
    minutes = 10

Only what a plan calls ours can be changed: what the plan says itself stays as it says it.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from carecircle.coverage.plan_measures import CountedGroup
from carecircle.layers.attributes import facility_attributes
from carecircle.layers.sources import TITLES, Base, Service, Year

# columns of other layers in which a blank may stand for no
OTHER_COLUMNS = ("opened", "built", "households", *TITLES)


class PlanTable(BaseModel):
    """A table of the study file; refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StatedPeople(PlanTable):
    """A published figure of population."""

    group: CountedGroup
    base: Base
    year: Year
    people: Annotated[int, Field(ge=1, le=2_000_000_000)]


class PlanOptions(PlanTable):
    """What the layers leave open for plans.

    Attributes
    ----------
    population
        Figures that are divided by, for the whole study, by group, base and year.
    complete
        Services of which the layers hold every facility there is, be it none.
    blanks_are_no
        Columns in which a blank cell stands for 0 or no.
    change
        ``plan/target`` -> key -> what is assumed instead; only keys that the plan calls ours.
    """

    population: tuple[StatedPeople, ...] = ()
    complete: tuple[Service, ...] = ()
    blanks_are_no: tuple[str, ...] = ()
    change: dict[str, dict[str, Any]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def one_figure_each(self) -> Self:
        """No figure twice, and only columns that are read."""
        counts = Counter((p.group, p.base, p.year) for p in self.population)
        for (group, base, year), count in counts.items():
            if count > 1:
                raise PydanticCustomError(
                    "twice",
                    "{en}",
                    {
                        "en": f"population: {group} {base} {year} is stated {count} times",
                        "zh": f"population：{group} {base} {year} 出现 {count} 次",
                    },
                )
        known = (*facility_attributes(), *OTHER_COLUMNS)
        unknown = [name for name in self.blanks_are_no if name not in known]
        if unknown:
            raise PydanticCustomError(
                "columns",
                "{en}",
                {
                    "en": f"blanks_are_no: unknown {', '.join(unknown)}. Known: {', '.join(known)}",
                    "zh": f"blanks_are_no：未知列 {'、'.join(unknown)}。可用：{', '.join(known)}",
                },
            )
        return self
