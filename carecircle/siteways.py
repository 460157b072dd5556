"""Which new gates and footpaths, alone and together with new stations, serve most people?

From what a study reads to the ways worth building: candidates (`coverage.way_candidates`), whom
each brings within the limit, and the best plans (`coverage.site_links`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.coverage.candidate_sites import CandidateSites, find_sites
from carecircle.coverage.circle import of_service
from carecircle.coverage.repairs import Standing, standing
from carecircle.coverage.result import Circle, Sentence
from carecircle.coverage.site_links import (
    WayLimits,
    WayPlan,
    WayProblem,
    best_promise,
    best_with_ways,
    needed_sites,
    needed_ways,
    way_problem,
)
from carecircle.coverage.way_candidates import WayPlaces, WayRules, way_places
from carecircle.coverage.way_reach import WayWalks
from carecircle.coverage.way_study import MeasuredPlan, SiteWays
from carecircle.inputs import Inputs
from carecircle.siteinputs import SERVICES
from carecircle.sitingfile import WaysSection

MOST_WAYS = 100  # that plans are made of


def site_ways(
    inputs: Inputs,
    circle: Circle,
    asked: WaysSection,
    counts: Sequence[int],
    time_limit_s: float,
    water: NDArray[Any] | None = None,
) -> tuple[SiteWays, ...]:
    """The best new ways of one circle, and the best with so many new stations, for each count.

    Parameters
    ----------
    asked : WaysSection
        Which ways, and how many at most.
    counts : sequence of int
        New stations at most, an answer for each.
    time_limit_s : float
        Of the solver, for each plan.
    water : geometries, optional
        In the working CRS; None where it is not known.
    """
    home_snaps, facility_snaps = inputs.snaps_for(circle.walker)
    facilities, station_snaps = of_service(circle, inputs.facilities, facility_snaps)
    people = inputs.homes[circle.group].to_numpy(np.int64)
    now = standing(circle, inputs.network, home_snaps, station_snaps, people)
    sites = sites_for(now, inputs, facilities)
    rules = rules_of(asked, water)
    doors = inputs.doors
    places = way_places(
        now,
        inputs.residential.geometry.to_numpy(),
        doors.gates,
        doors.home_xy,
        doors.home_quarter,
        rules,
    )
    found = {kind: int((places.kind == kind).sum()) for kind in ("gate", "loose_end", "short_cut")}
    study = WayStudy(now, sites, *most_promising(now, sites, places))
    ways_alone = best_with_ways(study.problem, WayLimits(0, asked.count), time_limit_s)
    said = tuple(sentences(circle, rules, found, len(study.places.ways), water is not None))
    answers = []
    for stations in counts:
        limits = WayLimits(max(stations, len(sites.must)), asked.count, must=sites.must.tolist())
        alone, together = study.with_stations(limits, ways_alone, time_limit_s)
        answers.append(
            SiteWays(
                circle=circle,
                asked=stations,
                people=int(people[now.needy].sum()),
                ways=study.way_frame(inputs, together),
                sites=sites.table.assign(chosen=np.isin(np.arange(len(sites)), together.sites)),
                found=found,
                stations_alone=study.measured(alone),
                ways_alone=study.measured(ways_alone),
                together=study.measured(together),
                assumptions=said,
            )
        )
    return tuple(answers)


def sites_for(now: Standing, inputs: Inputs, facilities: GeoDataFrame) -> CandidateSites:
    """The candidates for stations, as a run finds them."""
    attached = now.needy[now.homes.attached[now.needy]] if len(now.needy) else now.needy
    quarters = np.unique(inputs.doors.home_quarter[attached])
    return find_sites(
        now.circle,
        now.network,
        inputs.residential.geometry.to_numpy()[quarters],
        now.homes.take(attached),
        facilities,
        now.stations,
        inputs.sites,
    )


def rules_of(asked: WaysSection, water: NDArray[Any] | None) -> WayRules:
    """What is looked for."""
    closed = np.empty(0, object) if water is None else water
    return WayRules(gates=asked.gates, footpaths=asked.footpaths, closed=closed)


def most_promising(
    now: Standing, sites: CandidateSites, places: WayPlaces
) -> tuple[WayPlaces, WayProblem]:
    """The ways that plans are made of, and their problem.

    Ways that bring nobody, not even with the best single station, are left out; then those that
    another stands for whatever else is built; of the others the most promising stay.
    """
    walks = WayWalks(now, sites.snaps, places.ways)
    people = now.people[now.needy]
    promise = np.array([best_promise(walks.effect(way), people) for way in range(len(places.ways))])
    best_first = np.lexsort((np.arange(len(promise)), -promise))
    best_first = best_first[promise[best_first] > 0]
    kept = best_first[:0]
    for start in range(0, len(best_first), MOST_WAYS):
        if len(kept) < MOST_WAYS:
            kept = np.sort(np.concatenate([kept, best_first[start : start + MOST_WAYS]]))
            kept = kept[needed_ways(way_problem(walks, kept.tolist()))]
    kept = np.sort(best_first[np.isin(best_first, kept)][:MOST_WAYS])
    return places.take(kept), way_problem(walks, kept.tolist())


class WayStudy:
    """Candidates and their problem, asked for plans."""

    def __init__(
        self, now: Standing, sites: CandidateSites, places: WayPlaces, problem: WayProblem
    ) -> None:
        self.now, self.sites, self.places = now, sites, places
        kept = np.union1d(needed_sites(problem), sites.must)
        unneeded = np.setdiff1d(np.arange(problem.sites), kept)
        self.problem = emptied(problem, unneeded)
        self.ids = [f"w{at + 1}" for at in range(len(places.ways))]
        order = np.lexsort((np.arange(problem.ways), -problem.people_alone))
        self.rank = np.argsort(order)

    def with_stations(
        self, limits: WayLimits, ways_alone: WayPlan, time_limit_s: float
    ) -> tuple[WayPlan, WayPlan]:
        """The best stations alone, and the best of both, begun from the better of the two."""
        without = WayLimits(limits.stations, 0, must=limits.must)
        alone = best_with_ways(self.problem, without, time_limit_s)
        start = max((alone, ways_alone), key=lambda plan: plan.people) if not limits.must else alone
        return alone, best_with_ways(self.problem, limits, time_limit_s, start)

    def people(self, sites: tuple[int, ...], ways: list[int]) -> int:
        """People brought within the limit when all of it is built."""
        some = self.sites.snaps.take(np.array(sites, np.intp))
        return WayWalks(
            self.now, some, self.places.ways.take(np.array(ways, np.intp))
        ).people_within()

    def measured(self, plan: WayPlan) -> MeasuredPlan:
        """A plan with its ids and with the people of a new search."""
        ids = self.sites.table.index
        return MeasuredPlan(
            sites=tuple(str(ids[at]) for at in plan.sites),
            ways=tuple(self.ids[rank] for rank in sorted(self.rank[list(plan.ways)])),
            people=self.people(plan.sites, list(plan.ways)),
            people_of_model=plan.people,
            bound_people=plan.bound_people,
            status=plan.status,
            seconds=plan.seconds,
        )

    def way_frame(self, inputs: Inputs, plan: WayPlan) -> GeoDataFrame:
        """The ways as rows, those of most people alone first."""
        places, network = self.places, self.now.network
        together = pd.array([pd.NA] * len(places.ways), "Int64")
        whole = self.people(plan.sites, list(plan.ways)) if plan.ways else 0
        for way in plan.ways:
            rest = [other for other in plan.ways if other != way]
            together[way] = whole - self.people(plan.sites, rest)
        names = [
            str(name or id)
            for id, name in zip(
                inputs.residential.index, inputs.residential["name"].fillna(""), strict=True
            )
        ]
        ends = zip(*(network.streets_of(places.edge[:, end]) for end in (0, 1)), strict=True)
        lines = shapely.linestrings(places.xy) if len(places.xy) else np.empty(0, object)
        frame = GeoDataFrame(
            {
                "kind": places.kind,
                "quarter": [names[at] if at >= 0 else "" for at in places.quarter],
                "street": [" – ".join(dict.fromkeys(filter(None, pair))) for pair in ends],
                "length_m": shapely.length(lines),
                "people_alone": self.problem.people_alone,
                "chosen": np.isin(np.arange(len(places.ways)), plan.ways),
                "people_together": together,
                "line": lines,
            },
            geometry=shapely.points(places.xy[:, 0]) if len(places.xy) else [],
            crs=network.crs,
        )
        ordered = frame.iloc[np.argsort(self.rank)]
        return ordered.set_axis(pd.Index(self.ids, dtype=object, name="way_id"))


def emptied(problem: WayProblem, sites: NDArray[np.intp]) -> WayProblem:
    """The same problem in which these sites serve nobody: none of them is worth a column's work."""
    keeps = np.ones(problem.sites, bool)
    keeps[sites] = False
    today = problem.today.multiply(keeps[None, :].astype(np.int64)).tocsr()
    today.eliminate_zeros()
    kept = keeps[problem.site]
    return WayProblem(
        problem.people,
        today,
        problem.alone,
        problem.home[kept],
        problem.site[kept],
        problem.way[kept],
    )


def sentences(
    circle: Circle, rules: WayRules, found: Mapping[str, int], kept: int, water_known: bool
) -> list[Sentence]:
    """What was looked for, and how the people were counted."""
    name = SERVICES[circle.service]
    water_zh = "不跨越水面" if water_known else "水面未知，须核实是否隔水"
    water_en = "None crosses open water" if water_known else "Water is not known: look for it"
    paths = found["loose_end"] + found["short_cut"]
    step_m, street_m, link_m = rules.gate_spacing_m, rules.gate_street_m, rules.link_m
    return [
        Sentence(
            f"ways-{circle.id}",
            f"{name['zh']}服务圈的新增通道：沿已有出入口的小区边界每 {step_m:g} 米、距外侧道路 "
            f"{street_m:g} 米以内的新出入口 {found['gate']} 处；直线 {link_m:g} 米以内、"
            f"现状绕行 {rules.link_detour} 倍以上或断头的步行通道 {paths} 处；参与选择 {kept} 处。"
            f"{water_zh}；建筑、高差、用地与权属未知，须现场核实。",
            f"New ways of the {name['en']} circle: {found['gate']} gates, every {step_m:g} m along "
            f"walls with known gates where a street outside is within {street_m:g} m; {paths} "
            f"footpaths of up to {link_m:g} m where the walk is {rules.link_detour} times as long "
            f"or a street ends; plans are made of {kept}. {water_en}; buildings, levels, land and "
            "owners are not known: look on the ground.",
        ),
        Sentence(
            f"ways-counted-{circle.id}",
            "选择模型假定一次步行最多经过一处新增通道；方案人数按全部建成后的路网重新计算，"
            "两者不同时以后者为准，上界只对模型成立。",
            "The model of the choice has one new way in a walk at most; the people of a plan are "
            "measured again with all of it built. Where the two differ the second is the truth, "
            "and the bound holds for the model.",
        ),
    ]
