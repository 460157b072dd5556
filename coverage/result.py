"""What a run found out: the types that go from the measures to the maps and tables.

Nothing here computes. Every figure that is shown anywhere comes from `coverage.summary`,
which reads these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from geopandas import GeoDataFrame
from pandas import DataFrame

from carecircle.coverage.target_result import PlanResult
from carecircle.isochrones.minutes import Direction
from carecircle.isochrones.snapping import Snaps
from carecircle.isochrones.walkers import Walker
from carecircle.layers.network import WalkNetwork

if TYPE_CHECKING:  # it is made of these types
    from carecircle.coverage.access import CircleAccess
    from carecircle.coverage.candidate_sites import CandidateSites
    from carecircle.coverage.site_study import SiteStudy
    from carecircle.coverage.way_study import SiteWays

Status = Literal["optimal", "time_limit", "nothing_to_gain"]


@dataclass(frozen=True)
class Circle:
    """One promise of a plan: a service within so many minutes' walk of a group.

    ``target_percent`` is the share of the group's people to be covered, as the plan
    writes it (a decimal text such as ``"85"`` or ``"99.5"``); None where it sets none.
    ``direction`` tells whose walk is meant: to the facility, from it, or both.
    ``demand_percent`` is the share of the group who look for a place in a facility.
    """

    service: str
    group: str
    walker: Walker
    minutes: int
    target_percent: str | None = None
    direction: Direction = "to"
    demand_percent: str = "100"

    @property
    def id(self) -> str:
        """Stable name in files: one circle per service."""
        return self.service

    @property
    def limit_ms(self) -> int:
        """The limit in whole milliseconds, inclusive."""
        return self.minutes * 60_000


@dataclass(frozen=True)
class Ledger:
    """Every unit of the input, accounted for once. Building one that does not add up fails."""

    input: int
    covered: int
    uncovered: int
    excluded: Mapping[str, int]

    def __post_init__(self) -> None:
        found = self.covered + self.uncovered + sum(self.excluded.values())
        if found != self.input:
            raise AssertionError(f"ledger does not balance: {found} of {self.input}")

    @property
    def percent(self) -> float | None:
        """Covered share of the whole input, cut to one decimal; None when the input is 0."""
        return cut_percent(self.covered, self.input)


def cut_percent(part: int, whole: int) -> float | None:
    """``part`` of ``whole`` in percent, cut (never rounded) to one decimal; None of 0."""
    return part * 1000 // whole / 10 if whole else None


@dataclass(frozen=True, eq=False)
class Coverage:
    """Who is inside one circle.

    Attributes
    ----------
    homes : DataFrame, index ``home_id``
        ``block_id``, ``people`` (int64, of the group), ``minutes`` (float, NaN: no facility
        within the search), ``facility_id`` (nearest, NA where none), ``status`` in
        ``covered``, ``uncovered``, ``excluded``; ``reason`` of an exclusion, else empty.
    quarters : DataFrame, index ``block_id``
        ``people``, ``people_covered``, ``people_uncovered``, ``people_excluded``, of whom
        ``people_shut_out`` have streets near that only others can use (int64),
        ``minutes`` (float), ``area_m2`` (int64), ``status`` in ``covered``, ``uncovered``,
        ``excluded``, ``no_people``.
    units : DataFrame, index ``admin_id``, or None
        ``name``, ``level`` (``""`` where none is stated), ``parent``, ``people``,
        ``people_covered``, ``people_uncovered``, ``people_excluded``, ``people_shut_out``. Each
        level is the whole
        study again; its quarters in no unit are counted under the id ``""``.
    people, quarter_count, land_m2 : Ledger
        The three shares, always all three.
    verdict : ``met``, ``not_met``, ``no_target`` or ``not_assessed`` (the group has nobody)
    people_to_target : int
        How many more people must be covered to meet the target; 0 when met or no target.
    """

    homes: DataFrame
    quarters: DataFrame
    units: DataFrame | None
    people: Ledger
    quarter_count: Ledger
    land_m2: Ledger
    verdict: Literal["met", "not_met", "no_target", "not_assessed"]
    people_to_target: int


@dataclass(frozen=True)
class SitePlan:
    """The best p sites of a maximal covering model, and what is proven about them."""

    chosen: tuple[int, ...]  # positions among the candidates, best first
    gains: tuple[int, ...]  # people each adds to those before it
    people_gained: int  # recomputed from the chosen sites, never the solver's word
    bound_people: int  # no plan with as many sites can gain more
    status: Status
    seconds: float

    @property
    def gap_percent(self) -> float:
        """How far the plan may be from the best possible, of the bound; 0 is proven best.

        Rounded up to two decimals, so that a gap of a single person never reads as 0.
        """
        if self.bound_people == 0:
            return 0.0
        missing = self.bound_people - self.people_gained
        return -(-10_000 * missing // self.bound_people) / 100


@dataclass(frozen=True)
class FewestSites:
    """How many new stations the target takes."""

    count: int | None  # stations in the smallest plan found; None: the target is out of reach
    lower_bound: int  # no plan with fewer can reach the target
    reachable_percent: float | None  # share covered if every candidate were built
    seconds: float

    @property
    def proven(self) -> bool:
        """Whether no smaller plan exists."""
        return self.count is not None and self.count == self.lower_bound


@dataclass(frozen=True, eq=False)
class CircleAreas:
    """What one circle draws: polygons and lines in the working CRS, one row for each.

    Every layer has ``minutes`` (int64); layers of ground also ``from_minutes`` and what was
    measured of each polygon (`isochrones.certificate.Certificate`), all but the two of what
    all stations reach the ``facility_id`` with ``name``, ``kind`` and ``capacity``.

    Attributes
    ----------
    service_areas : GeoDataFrame
        Ground within each break of each facility; a longer break holds a shorter one.
    rings : GeoDataFrame
        The same ground, each break without those before it.
    catchments : GeoDataFrame
        Ground by nearest facility and break; no two rows overlap.
    reach : GeoDataFrame
        Ground within each break of any facility.
    simplified_reach : GeoDataFrame
        The same with less detail and without marks of homes, for a page.
    reached_streets : GeoDataFrame
        Lines with their exact ends, by nearest facility and break, with ``length_m``.
    """

    service_areas: GeoDataFrame
    rings: GeoDataFrame
    catchments: GeoDataFrame
    reach: GeoDataFrame
    simplified_reach: GeoDataFrame
    reached_streets: GeoDataFrame


@dataclass(frozen=True, eq=False)
class CircleResult:
    """Everything one circle gives. Layers are in the working CRS.

    Attributes
    ----------
    facilities : GeoDataFrame, index ``facility_id``
        Those of the circle's service, with ``snap_m`` (float; NaN if not attached) and
        ``on_island`` (bool).
    areas : CircleAreas
        The drawn ground and the reached streets.
    neighbourhoods : GeoDataFrame, index ``rank`` (1 = most people)
        ``name``, ``people`` (under-served), ``quarters`` (count), ``block_ids`` (list of
        text), ``centre`` (the quarter round whose middle door they lie), ``street`` and ``unit``
        where most of its under-served people live (texts, may be empty), and what
        `lacking.with_needs` tells: ``town``, ``town_percent`` (float, NaN), ``minutes`` (float,
        NaN: half never arrive), ``population_uncovered`` and one for each cohort (int64),
        ``people_distance``, ``people_type`` (int64), ``people_without_place`` (Int64),
        ``missing`` (text), ``other_facilities`` (list of ids), ``need_person_minutes``,
        ``rank_need``, ``rank_fairness`` (int64); geometry: the quarters' polygons together.
    candidates : GeoDataFrame, index ``candidate_id``
        Those of `CandidateSites.table`, with ``order`` (Int64: 1 = first to open, NA: not
        chosen), ``gain_people`` (Int64, NA: not chosen).
    access : CircleAccess
        Curve, second choices, places, fairness and doubt.
    candidate_spacing_m : float or None
        Grid the candidates were thinned to; None where they were given.
    """

    circle: Circle
    facilities: GeoDataFrame
    coverage: Coverage
    areas: CircleAreas
    neighbourhoods: GeoDataFrame
    candidates: GeoDataFrame
    plan: SitePlan
    fewest: FewestSites | None  # None: the study sets no target
    access: CircleAccess
    candidate_spacing_m: float | None = None
    sites: CandidateSites | None = None  # what became of every place; None in hand-made results
    site_study: SiteStudy | None = None  # only where it was asked for
    site_ways: tuple[SiteWays, ...] = ()  # one for each count, only where ways were asked for


@dataclass(frozen=True)
class Sentence:
    """One assumption or source, in both languages, printed wherever the figures are."""

    id: str
    zh: str
    en: str


@dataclass(frozen=True, eq=False)
class OnStreets:
    """By which doors one walker goes between homes and facilities: rows of their layers."""

    walker: Walker
    homes: Snaps
    facilities: Snaps


@dataclass(frozen=True, eq=False)
class StudyResult:
    """A whole run, ready to be written."""

    name: str
    date: str | None  # ISO date that the study states its data to stand for
    map_approval_number: str | None
    crs: str  # working CRS
    output_crs: str  # CRS of the residential input; GeoPackage layers go back out in it
    network: WalkNetwork
    residential: GeoDataFrame
    homes: GeoDataFrame  # with snap_m
    facilities: GeoDataFrame  # with snap_m, on_island
    circles: tuple[CircleResult, ...]
    assumptions: tuple[Sentence, ...]
    attributions: tuple[Sentence, ...]  # data sources to be named on every output
    snap_facts: Mapping[str, Any]  # what the snap report counted
    records: tuple[Mapping[str, Any], ...]  # repairs made to the inputs
    files: tuple[Mapping[str, Any], ...] = ()  # what each layer file was found to be
    plans: tuple[PlanResult, ...] = ()  # the plans the study is judged by
    computed: str = "1970-01-01"  # ISO date of the run
    estimated: frozenset[str] = frozenset()  # groups whose people are an estimate
    on_streets: tuple[OnStreets, ...] = ()  # the circles' walkers and those they are compared with
    cells: bool = False  # residential rows are cells of a population grid, not quarters
    published: bool = False  # reviewed, and meant for the public
    parameters: Mapping[str, Any] = field(default_factory=dict)  # the study file as it was read

    @property
    def day(self) -> str:
        """The date on files: that of the data where it is stated, else that of the run."""
        return self.date or self.computed
