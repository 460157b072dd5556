"""``carecircle site``: the study's questions about sites, put to each circle of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from numpy.typing import NDArray

from carecircle.coverage.candidate_sites import SiteGround
from carecircle.coverage.circle import of_service
from carecircle.coverage.plan import Plan, Target
from carecircle.coverage.plan_measures import WalkShare
from carecircle.coverage.result import Circle, CircleResult
from carecircle.coverage.site_answer import Asked, asked_of, site_study
from carecircle.coverage.site_outlook import phased_answer, robust_answers
from carecircle.coverage.site_question import Ground, named, site_name
from carecircle.coverage.site_study import WALK_GOALS, SiteQuestion, SiteStudy, Words
from carecircle.coverage.site_together import joint_studies, together
from carecircle.inputs import Inputs
from carecircle.isochrones.minutes import LONGEST_LIMIT_MS
from carecircle.isochrones.walkers import WALKERS, Walker
from carecircle.layers.problems import Findings, Problem, StudyError
from carecircle.planfile import load_plan, packaged_plans
from carecircle.siteinputs import SERVICES
from carecircle.siteseats import (
    check_seats,
    nearest,
    refuse_unknown_places,
    with_candidates,
    with_sites_for_seats,
)
from carecircle.siteways import site_ways
from carecircle.siteworlds import check_outlook, phases_of, robust_of, worlds_of
from carecircle.sitingfile import SitingSection
from carecircle.studyfile import StudyFile
from carecircle.walkerfile import study_walkers


def questions_of(
    study: StudyFile, circles: Iterable[Circle], inputs: Inputs, plans: Iterable[Plan]
) -> dict[str, SiteQuestion]:
    """The question for each circle that is asked, by its id; before anything is measured.

    Raises
    ------
    StudyError
        What is wrong with the questions, as far as no candidate has to be known.
    """
    siting, file, known = study.siting, study.study.name, tuple(plans)
    walkers, circles = study_walkers(study.walkers), list(circles)
    if siting.together is not None:
        check_together(study)
    check_circles(siting, circles, file)
    return {
        circle.id: question_of(siting, study.sites.count, circle, inputs, known, file, walkers)
        for circle in circles
        if not siting.circles or circle.service in siting.circles
    }


def check_circles(siting: SitingSection, circles: Iterable[Circle], file: str) -> None:
    """Raise E-SITE-058 for circles that are asked about and that the study does not have."""
    found, there = Findings(file), sorted({circle.service for circle in circles})
    for service in siting.circles:
        if service not in there:
            found.add("E-SITE-058", column="siting.circles", value=service, there=", ".join(there))
    found.refuse_if_any()


def with_site_study(
    result: CircleResult, question: SiteQuestion | None, study: StudyFile, inputs: Inputs
) -> CircleResult:
    """The same result with the answer to its question; unchanged without one.

    Raises
    ------
    StudyError
        Why the question cannot be asked of these candidates, or why no plan exists.
    """
    if question is None:
        return result
    found = answers(asked_alone(result, question, inputs, study.study.name), study, inputs)
    return replace(result, site_study=found, candidates=with_candidates(result, found.sites))


def asked_alone(result: CircleResult, question: SiteQuestion, inputs: Inputs, file: str) -> Asked:
    """The question of one circle over its ground, checked."""
    ground = ground_of(result, inputs)
    if question.seats is not None:
        ground = with_sites_for_seats(ground, inputs, question.seats)
        refuse_unknown_places(ground, question.seats, file)
    if question.needs_costs:
        names, ids = named(ground.sites)
        unknown = ground.sites.table["cost"].isna()
        lacking = [
            site_name(name, id)
            for name, id, is_unknown in zip(names, ids, unknown, strict=True)
            if is_unknown
        ]
        if lacking:
            raise without_costs(lacking, file)
    return asked_of(ground, question, file)


def with_joint_study(
    results: Sequence[CircleResult],
    questions: Mapping[str, SiteQuestion],
    study: StudyFile,
    inputs: Inputs,
) -> list[CircleResult]:
    """The same results with the answers to one question about all circles (`site_together`).

    Raises
    ------
    StudyError
        As `with_site_study`.
    """
    siting, file = study.siting, study.study.name
    assert siting.together is not None
    asked = [asked_alone(one, questions[one.circle.id], inputs, file) for one in results]
    joint = together(asked, siting.together.second_percent)
    studies = joint_studies(joint, file)
    return [replace(r, site_study=s) for r, s in zip(results, studies, strict=True)]


def check_together(study: StudyFile) -> None:
    """Raise for what one question about all circles cannot be asked."""
    siting, found = study.siting, Findings(study.study.name)
    if len(study.circles) < 2 or len(set(siting.circles or ("elderly", "childcare"))) < 2:
        found.add("E-SITE-045", column="siting.together")
    if study.sites.generates:
        found.add("E-SITE-046", column="siting.together")
    others = {
        "goal": siting.goal != "people",
        "close": siting.close > 0,
        "move": siting.move > 0,
        "frontier": siting.frontier,
        "ties": siting.ties > 0,
        "robust": siting.robust is not None,
        "phases": siting.phases is not None,
        "seats": siting.seats,
    }
    for key, is_asked in others.items():
        if is_asked:
            found.add("E-SITE-047", column=f"siting.{key}")
    found.refuse_if_any()


def answers(asked: Asked, study: StudyFile, inputs: Inputs) -> SiteStudy:
    """The plans, then what becomes of them in other worlds, then what opens when."""
    robust, file = study.siting.robust, study.study.name
    found = site_study(asked, file)
    if robust is not None:
        worlds = list(worlds_of(asked.ground, robust, study_walkers(study.walkers), inputs))
        plans = robust_answers(asked, worlds, found.plans, file)
        found = replace(found, worlds=tuple(world.words for world in worlds), robust=plans)
    if asked.question.phases is not None:
        found = replace(found, phases=phased_answer(asked, file))
    return found


def find_fewer_than_must(
    counts: Iterable[int], circle: Circle, sites: SiteGround, found: Findings
) -> None:
    """E-SITE-026: a plan may open fewer stations than it must."""
    if sites.own is None:
        return
    # reading refuses those that are left out for another reason
    allowed = [circle.service in sites.own["services"][id] for id in sites.must]
    must, name = sum(allowed), SERVICES[circle.service]
    for count in counts:
        if count < must:
            found.add("E-SITE-026", column="siting.count", circle=name, must=must, count=count)


def with_site_ways(
    result: CircleResult, study: StudyFile, inputs: Inputs, water: NDArray[Any] | None
) -> CircleResult:
    """The same result with the new ways; unchanged where they are not asked for."""
    circle, siting = result.circle, study.siting
    if siting.ways is None or (siting.circles and circle.service not in siting.circles):
        return result
    counts = (study.sites.count,) if siting.count is None else siting.count
    found = site_ways(inputs, circle, siting.ways, counts, siting.time_limit_s, water)
    people = result.coverage.people
    for one in found:
        assert one.people == people.input - people.covered  # the ledger that the plans add to
    return replace(result, site_ways=found)


def ground_of(result: CircleResult, inputs: Inputs) -> Ground:
    """What the question is asked of."""
    circle = result.circle
    home_snaps, facility_snaps = inputs.snaps_for(circle.walker)
    stations, station_snaps = of_service(circle, inputs.facilities, facility_snaps)
    assert result.sites is not None  # only results made by hand have none
    return Ground(
        circle=circle,
        network=inputs.network,
        residential=inputs.residential,
        homes=inputs.homes,
        home_snaps=home_snaps,
        stations=stations,
        station_snaps=station_snaps,
        units=inputs.units,
        near_street=inputs.doors.homes.attached,
        sites=result.sites,
        before=result.coverage,
    )


def question_of(
    siting: SitingSection,
    count: int,
    circle: Circle,
    inputs: Inputs,
    plans: Iterable[Plan],
    file: str,
    walkers: Mapping[str, Walker] = WALKERS,
) -> SiteQuestion:
    """The question for one circle.

    Parameters
    ----------
    count : int
        New stations where ``[siting]`` names no number.
    plans
        Those that the study is judged by.

    Raises
    ------
    StudyError
        E-SITE-026: more must be built than may be; E-SITE-031, 032: no such target, or none that
        siting can seek; E-SITE-033: none is named;
        E-SITE-034, 035: no such town, or no towns at all; E-SITE-038 to 040: a key about places
        without ``seats``, no cost of more places, no such station; E-SITE-060 to 062: what the
        goals of walks do not go with; E-SITE-050 to 057: worlds and years; E-SITE-067: ways, and
        what their plans cannot keep to.
    """
    found = Findings(file)
    if siting.ways is not None and siting.ways_cannot_keep:
        keys = ", ".join(siting.ways_cannot_keep)
        found.add("E-SITE-067", column="siting.ways", keys=keys)
    check_towns(siting, inputs, found)
    check_seats(siting, inputs, found)
    check_outlook(siting, walkers, found)
    percent = wanted(siting, circle, plans, found)
    walk_limit_ms = walk_limit(siting, circle, found)
    fewest = siting.goal in ("cost", "stations")
    counts = (() if fewest else (count,)) if siting.count is None else siting.count
    find_fewer_than_must(counts, circle, inputs.sites, found)
    found.refuse_if_any()
    return SiteQuestion(
        counts=counts,
        goal=siting.goal,
        reach_percent=percent,
        budget=siting.budget,
        apart_m=siting.apart_m,
        every_town_percent=siting.every_town_percent,
        per_town=siting.per_town,
        close=siting.close,
        move=siting.move,
        frontier=siting.frontier,
        ties=siting.ties,
        time_limit_s=siting.time_limit_s,
        seats=siting.asked_seats,
        walk_limit_ms=walk_limit_ms,
        remarks=target_remarks(siting, circle, plans),
        robust=robust_of(siting.robust),
        phases=phases_of(siting.phases),
    )


def walk_limit(siting: SitingSection, circle: Circle, found: Findings) -> int | None:
    """How far the goals ``walk`` and ``farthest`` look, in milliseconds; None for the others."""
    said = siting.walk_limit_minutes
    if siting.goal not in WALK_GOALS:
        if said is not None:
            found.add("E-SITE-061", column="siting.walk_limit_minutes", value=siting.goal)
        return None
    for key in siting.unlike_walks:
        found.add("E-SITE-060", column=f"siting.{key}", goal=siting.goal)
    if said is None:
        return min(2 * circle.limit_ms, LONGEST_LIMIT_MS)
    if said * 60_000 < circle.limit_ms:
        limit = f"{circle.limit_ms / 60_000:g}"
        found.add("E-SITE-062", column="siting.walk_limit_minutes", value=str(said), minutes=limit)
    return said * 60_000


def counts_of(written: str) -> tuple[int, ...]:
    """The numbers of ``--count``, with commas.

    Raises
    ------
    StudyError
        E-SITE-036: one of them is no whole number from 0 to 200.
    """
    parts = [part.strip() for part in written.split(",")]
    wrong = [part for part in parts if not (part.isascii() and part.isdigit() and int(part) <= 200)]
    if wrong:
        raise StudyError([Problem("E-SITE-036", column="--count", value=part) for part in wrong])
    return tuple(int(part) for part in parts)


def check_towns(siting: SitingSection, inputs: Inputs, found: Findings) -> None:
    """Towns that are asked about are there."""
    units = inputs.units
    if units is None:
        for key in siting.needs_towns:
            found.add("E-SITE-035", column=f"siting.{key}")
        return
    if "level" in units:
        units = units[units["level"] == units["level"].iloc[0]]
    for id in siting.per_town:
        if id not in units.index:
            near = ", ".join(nearest(id, map(str, units.index)))
            found.add("E-SITE-034", column="siting.per_town", value=id, near=near)


def wanted(
    siting: SitingSection, circle: Circle, plans: Iterable[Plan], found: Findings
) -> str | None:
    """The share of people to be covered, as decimal text; None where none is asked for."""
    target = siting.target
    if isinstance(target, Decimal):
        return format(target, "f")
    if target is not None:
        return share_of(target, plans, found)
    if siting.goal not in ("cost", "stations"):
        return None
    if circle.target_percent is None:
        found.add("E-SITE-033", column="siting.target", value=siting.goal)
    return circle.target_percent


def share_of(name: str, plans: Iterable[Plan], found: Findings) -> str | None:
    """The share that a plan's target promises."""
    targets = targets_near(name, plans)
    if name not in targets:
        near = ", ".join(nearest(name, targets))
        found.add("E-SITE-031", column="siting.target", value=name, near=near)
        return None
    target = targets[name]
    if not isinstance(target.measure, WalkShare) or target.value is None:
        shares = [id for id, one in targets.items() if isinstance(one.measure, WalkShare)]
        found.add("E-SITE-032", column="siting.target", value=name, near=", ".join(shares[:5]))
        return None
    return format(target.value, "f")


def targets_near(name: str, plans: Iterable[Plan]) -> dict[str, Target]:
    """The targets of all plans that may be meant, by plan and id."""
    known = known_plans(name, plans)
    return {f"{plan.id}/{one.id}": one for plan in known.values() for one in plan.targets}


def target_remarks(
    siting: SitingSection, circle: Circle, plans: Iterable[Plan]
) -> tuple[Words, ...]:
    """That a plan's target gives its percent only, where its minutes or walker are others."""
    name = siting.target
    if not isinstance(name, str):
        return ()
    target = targets_near(name, plans)[name]
    asked = target.measure
    assert isinstance(asked, WalkShare)
    if (asked.minutes, asked.walker) == (circle.minutes, circle.walker.id):
        return ()
    here, walker = circle.minutes, circle.walker
    return (
        {
            "zh": f"{name} 只取其百分比 {target.value}%："
            f"该指标为 {asked.minutes} 分钟、步行者 {asked.walker}，"
            f"此处按服务圈的 {here} 分钟、步行者 {walker.id} 计算",
            "en": f"of {name} only its {target.value} % is taken: "
            f"it speaks of {asked.minutes} minutes and the walker {asked.walker}, "
            f"the plans of the circle's {here} minutes and the walker {walker.id}",
        },
    )


def known_plans(name: str, plans: Iterable[Plan]) -> Mapping[str, Plan]:
    """The study's own plans, and those that ship and may be meant."""
    shipped = packaged_plans()
    given = {plan.id: plan for plan in plans}
    meant = name.partition("/")[0]
    for id in {meant, *nearest(meant, shipped)} & set(shipped):
        given.setdefault(id, load_plan(id))
    return dict(sorted(given.items()))


def without_costs(names: Iterable[str], file: str) -> StudyError:
    """E-SITE-030: money is asked for, and these candidates have no cost."""
    said = list(names)
    shown = ", ".join(said[:5]) + (" …" if len(said) > 5 else "")
    return StudyError(
        Problem("E-SITE-030", file, column="cost", details={"count": len(said), "names": shown})
    )
