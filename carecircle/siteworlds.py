"""The worlds and years that ``[siting.robust]`` and ``[siting.phases]`` speak of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import shapely

from carecircle.coverage.circle import of_service, walk_and_measure
from carecircle.coverage.site_outlook import TODAY, World
from carecircle.coverage.site_question import Ground
from carecircle.coverage.site_study import (
    WALK_GOALS,
    PhasesQuestion,
    PhaseYear,
    RobustQuestion,
    Words,
)
from carecircle.inputs import Inputs
from carecircle.isochrones.snapping import snap_doors
from carecircle.isochrones.walkers import Walker
from carecircle.layers.problems import Findings
from carecircle.sitingfile import PhasesSection, RobustSection, SitingSection
from carecircle.studyfile import StudyFile
from carecircle.walkerfile import study_walkers


def check_outlook(siting: SitingSection, walkers: Mapping[str, Walker], found: Findings) -> None:
    """Find what makes no sense in the two tables."""
    robust, phases = siting.robust, siting.phases
    for key, table in (("robust", robust), ("phases", phases)):
        if table is not None and siting.seats:
            found.add("E-SITE-056", column=f"siting.{key}")
        if table is not None and siting.goal not in ("people", *WALK_GOALS):  # walks: E-SITE-060
            found.add("E-SITE-057", column=f"siting.{key}", goal=siting.goal)
    if robust is not None:
        if robust.by == "regret" and robust.lost_station:
            found.add("E-SITE-050", column="siting.robust.lost_station")
        if not (robust.walkers or robust.people_percent or robust.lost_station):
            found.add("E-SITE-051", column="siting.robust")
        for name in robust.walkers:
            if name not in walkers:
                known = ", ".join(walkers)
                found.add("E-SITE-052", column="siting.robust.walkers", value=name, known=known)
    if phases is not None:
        for before, after in pairwise(phases.years):
            if after.year <= before.year:
                found.add("E-SITE-053", column="siting.phases.years", value=after.year)
        if phases.carry_over and any(year.budget is None for year in phases.years):
            found.add("E-SITE-054", column="siting.phases.carry_over")
        if siting.close or siting.move:
            found.add("E-SITE-055", column="siting.phases")


def robust_walkers(study: StudyFile) -> list[Walker]:
    """Those of ``[siting.robust]``, for whom streets are read as well; only known ones."""
    robust, known = study.siting.robust, study_walkers(study.walkers)
    return [] if robust is None else [known[name] for name in robust.walkers if name in known]


def robust_of(robust: RobustSection | None) -> RobustQuestion | None:
    """How plans are judged."""
    return None if robust is None else RobustQuestion(robust.by, robust.lost_station)


def phases_of(phases: PhasesSection | None) -> PhasesQuestion | None:
    """What is asked of the years."""
    if phases is None:
        return None
    years = tuple(
        PhaseYear(one.year, one.count, one.budget, format(one.people_percent, "f"))
        for one in phases.years
    )
    return PhasesQuestion(years, phases.last_year_first, phases.carry_over)


def worlds_of(
    ground: Ground, robust: RobustSection, walkers: Mapping[str, Walker], inputs: Inputs
) -> Iterator[World]:
    """The circle as it is, then with each of the other walkers, then of the other numbers."""
    yield World(TODAY, ground)
    for name in dict.fromkeys(robust.walkers):
        walker = walkers[name]
        words = {"zh": f"步行者：{walker.zh}", "en": f"walker: {walker.en}"}
        yield World(words, walked_by(ground, walker, inputs))
    for percent in dict.fromkeys(robust.people_percent):
        text = format(percent, "f")
        yield World(people_words(percent), ground, text)


def people_words(percent: Decimal) -> Words:
    """So many people, in words."""
    return {"zh": f"人数为现状的 {percent:f} %", "en": f"{percent:f} % of today's people"}


def walked_by(ground: Ground, walker: Walker, inputs: Inputs) -> Ground:
    """The same ground for another walker, by the doors open to them."""
    circle = replace(ground.circle, walker=walker)
    home_snaps, facility_snaps = inputs.snaps_for(walker)
    stations, station_snaps = of_service(circle, inputs.facilities, facility_snaps)
    xy = shapely.get_coordinates(ground.sites.table.geometry.to_numpy()).reshape(-1, 2)
    doors = snap_doors(inputs.network, np.asarray(xy), inputs.doors.limit_m, walker)
    walked = walk_and_measure(
        circle,
        inputs.network,
        inputs.residential,
        inputs.homes,
        home_snaps,
        inputs.facilities,
        facility_snaps,
        inputs.units,
        inputs.doors.homes.attached,
    )
    return replace(
        ground,
        circle=circle,
        home_snaps=home_snaps,
        stations=stations,
        station_snaps=station_snaps,
        sites=replace(ground.sites, snaps=doors),
        before=walked.coverage,
    )
