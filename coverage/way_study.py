"""What new gates and footpaths do for a circle: the plans, and the ways they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geopandas import GeoDataFrame

if TYPE_CHECKING:
    from carecircle.coverage.result import Circle, Sentence


@dataclass(frozen=True, eq=False)
class MeasuredPlan:
    """A plan, and whom it serves when it is built.

    Attributes
    ----------
    sites, ways : tuple of text
        Ids in `SiteWays.sites` and `SiteWays.ways`.
    people : int
        Brought within the limit, by a search with all of it built.
    people_of_model, bound_people : int
        Where a walk takes one new way at most; no plan can be counted higher.
    status : text
        ``optimal`` or ``time_limit``, of the model.
    """

    sites: tuple[str, ...]
    ways: tuple[str, ...]
    people: int
    people_of_model: int
    bound_people: int
    status: str
    seconds: float


@dataclass(frozen=True, eq=False)
class SiteWays:
    """What new ways do for one circle. Layers are in the working CRS.

    Attributes
    ----------
    asked : int
        New stations at most.
    people : int
        Of the group, not within the limit today; those without any street are among them.
    ways : GeoDataFrame, index ``way_id``
        The candidates that plans were made of, best first: ``kind`` (``gate``, ``loose_end``,
        ``short_cut``), ``quarter``, ``street`` (texts, may be empty), ``length_m``,
        ``people_alone`` (int64), ``chosen`` (bool), ``people_together`` (Int64: lost from the plan
        without it; NA: not chosen); points where each begins, and ``line``, its straight way (of
        no length where a gate stands on its street).
    sites : GeoDataFrame, index ``candidate_id``
        The candidates for stations, as in `CandidateSites.table`; ``chosen`` (bool).
    found : mapping
        Candidates of each kind, before the best were kept.
    stations_alone, ways_alone, together : MeasuredPlan
    """

    circle: Circle
    asked: int
    people: int
    ways: GeoDataFrame
    sites: GeoDataFrame
    found: Mapping[str, int]
    stations_alone: MeasuredPlan
    ways_alone: MeasuredPlan
    together: MeasuredPlan
    assumptions: tuple[Sentence, ...]

    @property
    def chosen_ways(self) -> GeoDataFrame:
        """The ways of the plan with stations."""
        return self.ways[self.ways["chosen"]]
