"""Where may the next stations stand? Everything that a study says of it, read and checked.

What cannot be used is told by name: places of a layer that are existing facilities, that no
street is near, or that a rule excludes. A place that every plan must have is refused instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.coverage.candidate_sites import (
    CandidateSites,
    SiteGround,
    reason_words,
    usable_places,
)
from carecircle.coverage.circle import of_service
from carecircle.coverage.exclusions import SiteRules
from carecircle.coverage.result import Circle, CircleResult, Sentence
from carecircle.doors import Doors
from carecircle.isochrones.outlines import doors_of
from carecircle.layers.candidate_sites import read_candidates
from carecircle.layers.crs import LONLAT, Frame, project
from carecircle.layers.intake import gathered, read_polygons
from carecircle.layers.network import WalkNetwork
from carecircle.layers.osm import KINDS_OF_FILE
from carecircle.layers.osm_water import read_water
from carecircle.layers.problems import Problem, StudyError
from carecircle.notes import Notes
from carecircle.scenario_facilities import near_ids
from carecircle.sitefile import SitesSection
from carecircle.studyfile import StudyFile

SERVICES = {
    "elderly": {"zh": "养老", "en": "elderly"},
    "childcare": {"zh": "托育", "en": "childcare"},
}
ALL_CIRCLES = {"zh": "全部", "en": "all"}
NEEDS = {
    "max_slope_percent": {"zh": "地形高程（[terrain]）", "en": "heights ([terrain])"},
    "water_m": {"zh": "OSM 路网提取文件中的水面", "en": "the water of an OSM extract"},
    "roads": {"zh": "道路等级", "en": "streets with road classes"},
}


def site_ground(
    study: StudyFile, network: WalkNetwork, frame: Frame, graph: Any, notes: Notes
) -> SiteGround:
    """What a study says of the places where stations may stand.

    Raises
    ------
    StudyError
        Faults of the layers; E-SITE-023, E-SITE-024: an id of must or forbidden; E-SITE-027: an
        exclusion that the study has no data for.
    """
    sites = study.sites
    problems: list[Problem] = []
    own = ground = None
    with gathered(problems):
        own = own_candidates(sites, network, frame, notes)
    with gathered(problems):
        ground = excluded_ground(sites, frame, notes)
    water = None
    if sites.exclude.water_m is not None:
        water = water_of(study, network.crs, graph)
    problems += lacking(sites, network, water is not None)
    if own is not None or not sites.candidates:
        problems += unknown_ids(sites, own, notes)
    if problems or ground is None:
        raise StudyError(problems)
    exclude = sites.exclude
    return SiteGround(
        own=own,
        generate=sites.generates,
        spacing_m=sites.spacing_m,
        around_m=sites.around_m,
        limit_m=study.snap.limit_m,
        rules=SiteRules(
            max_slope_percent=exclude.max_slope_percent,
            water_m=exclude.water_m,
            water=np.empty(0, object) if water is None else water,
            roads=tuple(exclude.roads),
            roads_m=exclude.roads_m,
            facility_m=exclude.facility_m,
            ground=ground,
            least_area_m2=exclude.least_area_m2.model_dump(exclude_none=True),
        ),
        must=sites.must,
        forbidden=sites.forbidden,
    )


def own_candidates(
    sites: SitesSection, network: WalkNetwork, frame: Frame, notes: Notes
) -> GeoDataFrame | None:
    """The places of the study's own layers, at their doors; None without such a layer."""
    if not sites.candidates:
        return None
    read = read_candidates(sites.candidates, frame)
    notes.keep(read)
    outlines = read.layer.geometry.to_numpy()
    polygons = int((shapely.get_dimensions(outlines) == 2).sum())
    if polygons:
        files = ", ".join(source.path.name for source in sites.candidates)
        notes.record("R-SITE-022", files, count=polygons)
    placed: GeoDataFrame = read.layer.assign(
        outline=pd.Series(list(outlines), read.layer.index, dtype=object)
    ).set_geometry(doors_of(network, outlines), crs=network.crs)
    return placed


def excluded_ground(sites: SitesSection, frame: Frame, notes: Notes) -> NDArray[Any]:
    """The polygons of all layers of excluded ground."""
    shapes = [np.empty(0, object)]
    problems: list[Problem] = []
    for source in sites.exclude.layers:
        with gathered(problems):
            read = read_polygons(source, frame, "exclusion_id")
            notes.keep(read)
            shapes.append(read.layer.geometry.to_numpy())
    if problems:
        raise StudyError(problems)
    return np.concatenate(shapes)


def water_of(study: StudyFile, crs: str, graph: Any = None) -> NDArray[Any] | None:
    """Open water in the working CRS; None where the streets come from no extract."""
    path = study.network.path
    if graph is not None or not path.name.lower().endswith(KINDS_OF_FILE):
        return None
    return project(read_water(path), LONLAT, crs)


def lacking(sites: SitesSection, network: WalkNetwork, water_known: bool) -> list[Problem]:
    """Exclusions that the study has no data for."""
    exclude = sites.exclude
    without = {
        "max_slope_percent": exclude.max_slope_percent is not None and network.node_z is None,
        "water_m": exclude.water_m is not None and not water_known,
        "roads": bool(exclude.roads) and network.edge_class is None,
    }
    return [
        Problem("E-SITE-027", column=f"sites.exclude.{key}", details={"needed": NEEDS[key]})
        for key, missing in without.items()
        if missing
    ]


def unknown_ids(sites: SitesSection, own: GeoDataFrame | None, notes: Notes) -> list[Problem]:
    """Ids of must and forbidden that no candidate has, or that stand in both."""
    known = [] if own is None else sorted(map(str, notes.met["candidate_id"]))
    asked = (("must", sites.must), ("forbidden", sites.forbidden))
    problems = [
        Problem(
            "E-SITE-023", column=f"sites.{key}", value=id, details={"near": near_ids(id, known)}
        )
        for key, ids in asked
        for id in ids
        if id not in known
    ]
    both = [id for id in sites.must if id in sites.forbidden]
    return problems + [Problem("E-SITE-024", column="sites.must", value=id) for id in both]


def note_left_out(
    circles: Iterable[Circle],
    network: WalkNetwork,
    facilities: GeoDataFrame,
    doors: Doors,
    ground: SiteGround,
    count: int,
    notes: Notes,
) -> None:
    """Record, for each circle, the places of the layers that cannot be used.

    Raises
    ------
    StudyError
        E-SITE-025: one of them must be chosen; E-SITE-026: more must be than may be; E-SITE-028: no
        place is left, and none is generated.
    """
    if ground.own is None:
        return
    problems: list[Problem] = []
    useful: set[str] = set()  # of those that must be chosen, in some circle
    for circle in circles:
        _, snaps = doors.for_walker(circle.walker)
        stations, station_snaps = of_service(circle, facilities, snaps)
        usable, _, left_out = usable_places(circle, network, stations, station_snaps, ground)
        name, others = SERVICES[circle.service], (left_out["reason"] != "service").to_numpy()
        for row in left_out.reset_index().to_dict("records"):
            id, reason = row["candidate_id"], reason_words(row["reason"], row["detail"])
            details: dict[str, Any] = {"circle": name, "reason": reason}
            if row["reason"] in ("service", "forbidden"):
                continue  # as the study itself says
            if id in ground.must:
                problems.append(
                    Problem("E-SITE-025", column="sites.must", value=id, details=details)
                )
            else:
                said = f"{id} {row['name']}".strip()
                notes.record("R-SITE-023", value=said, **details)
        chosen = [id for id in ground.must if id in usable.index]
        if len(chosen) > count:
            counts = {"circle": name, "must": len(chosen), "count": count}
            problems.append(Problem("E-SITE-026", column="sites.must", details=counts))
        useful |= {id for id in ground.must if id in usable.index or id in left_out.index[others]}
        if usable.empty and others.any() and not ground.generate and count and not problems:
            problems.append(nothing_left(circle, counts_of(left_out)))
    nowhere = {"circle": ALL_CIRCLES, "reason": reason_words("service")}
    problems += [
        Problem("E-SITE-025", column="sites.must", value=id, details=nowhere)
        for id in ground.must
        if id not in useful
    ]
    if problems:
        raise StudyError(problems)


def counts_of(left_out: pd.DataFrame) -> dict[str, int]:
    """How many places each reason leaves out."""
    return {str(name): int(n) for name, n in left_out["reason"].value_counts(sort=False).items()}


def nothing_left(circle: Circle, counts: dict[str, int]) -> Problem:
    """E-SITE-028, with what took every place away."""
    said = {
        lang: "; ".join(f"{reason_words(name)[lang]}: {n}" for name, n in counts.items())
        for lang in ("zh", "en")
    }
    said = {"zh": said["zh"] or "没有备选点", "en": said["en"] or "there are none"}
    return Problem(
        "E-SITE-028", column="sites", details={"circle": SERVICES[circle.service], "counts": said}
    )


def refuse_without_sites(circle: Circle, sites: CandidateSites, uncovered: int, count: int) -> None:
    """Raise where people are under-served and rules or layers leave no place for a station.

    A layer that allows the service nowhere says so itself.

    Raises
    ------
    StudyError
        E-SITE-028.
    """
    counts = counts_of(sites.left_out)
    for name, n in sites.removed.items():
        counts[name] = counts.get(name, 0) + n
    if uncovered and count and not len(sites) and set(counts) - {"service"}:
        raise StudyError(nothing_left(circle, counts))


def site_sentences(results: Iterable[CircleResult], ground: SiteGround) -> Iterator[Sentence]:
    """For each circle where its candidates come from, and what every rule took away.

    Nothing where all are the usual places along the streets: that is the siting's own note.
    """
    rules = ground.rules
    limits = (rules.max_slope_percent, rules.water_m, rules.facility_m)
    plain = ground.own is None and not (
        any(limit is not None for limit in limits) or rules.roads or len(rules.ground)
    )
    if plain:
        return
    for result in results:
        sites, name = result.sites, SERVICES[result.circle.service]
        if sites is None:
            continue
        own = int((sites.table["kind"] != "street").sum())
        counts = {lang: counted(sites, lang) for lang in ("zh", "en")}
        street = len(sites) - own
        yield Sentence(
            f"candidates-{result.circle.id}",
            f"{name['zh']}服务圈的备选点：来自候选点图层 {own} 个，沿街生成 {street} 个"
            f"（可选位置 {sites.possible} 个）{counts['zh']}。与现有设施的距离按步行路网计。",
            f"Candidates of the {name['en']} circle: {own} of candidate layers, {street} along the "
            f"streets (of {sites.possible} possible places){counts['en']}. Distances to existing "
            "facilities are along the network.",
        )


def counted(sites: CandidateSites, lang: Literal["zh", "en"]) -> str:
    """What took places away, each with its number; empty where nothing did."""
    parts = [
        *((reason_words(name)[lang], n) for name, n in counts_of(sites.left_out).items()),
        *((reason_words(name)[lang], n) for name, n in sites.removed.items() if n),
    ]
    if not parts:
        return ""
    if lang == "zh":
        return "；未采用：" + "、".join(f"{word} {n} 个" for word, n in parts)
    return "; left out: " + "; ".join(f"{word}: {n}" for word, n in parts)
