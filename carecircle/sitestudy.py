"""``carecircle site``: the study's questions about sites, put to each circle of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from difflib import get_close_matches

from carecircle.coverage.circle import of_service
from carecircle.coverage.plan import Plan
from carecircle.coverage.plan_measures import WalkShare
from carecircle.coverage.result import Circle, CircleResult
from carecircle.coverage.site_answer import Asked, asked_of, site_study
from carecircle.coverage.site_outlook import phased_answer, robust_answers
from carecircle.coverage.site_question import Ground, named, site_name
from carecircle.coverage.site_study import SiteQuestion, SiteStudy
from carecircle.coverage.site_together import joint_studies, together
from carecircle.inputs import Inputs
from carecircle.isochrones.walkers import WALKERS, Walker
from carecircle.layers.problems import Findings, Problem, StudyError
from carecircle.planfile import load_plan, packaged_plans
from carecircle.siteinputs import SERVICES
from carecircle.siteworlds import check_outlook, phases_of, robust_of, worlds_of
from carecircle.sitingfile import SitingSection
from carecircle.studyfile import StudyFile
from carecircle.walkerfile import study_walkers


def with_site_study(
    result: CircleResult, study: StudyFile, inputs: Inputs, plans: Iterable[Plan]
) -> CircleResult:
    """The same result with the answers to ``[siting]``; unchanged where the circle is not asked.

    Raises
    ------
    StudyError
        What is wrong with the question, or why no plan exists.
    """
    if study.siting.circles and result.circle.service not in study.siting.circles:
        return result
    asked = asked_alone(result, study, inputs, plans)
    return replace(result, site_study=answers(asked, study, inputs))


def asked_alone(
    result: CircleResult, study: StudyFile, inputs: Inputs, plans: Iterable[Plan]
) -> Asked:
    """The question of one circle over its ground, checked."""
    circle, siting, file = result.circle, study.siting, study.study.name
    walkers = study_walkers(study.walkers)
    question = question_of(siting, study.sites.count, circle, inputs, plans, file, walkers)
    ground = ground_of(result, inputs)
    refuse_fewer_than_must(question, ground, file)
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
    results: Sequence[CircleResult], study: StudyFile, inputs: Inputs, plans: Iterable[Plan]
) -> list[CircleResult]:
    """The same results with the answers to one question about all circles (`site_together`).

    Raises
    ------
    StudyError
        As `with_site_study`; E-SITE-045 to 047: what one question cannot be about.
    """
    siting, file = study.siting, study.study.name
    assert siting.together is not None
    check_together(study)
    asked = [asked_alone(result, study, inputs, plans) for result in results]
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


def refuse_fewer_than_must(question: SiteQuestion, ground: Ground, file: str) -> None:
    """Raise E-SITE-026 where a plan may open fewer stations than it must."""
    must = len(ground.sites.must)
    name = SERVICES[ground.circle.service]
    found = [
        Problem(
            "E-SITE-026",
            file,
            column="siting.count",
            details={"circle": name, "must": must, "count": n},
        )
        for n in question.counts
        if n < must
    ]
    if found:
        raise StudyError(found)


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
        E-SITE-031, 032: no such target, or none that siting can seek; E-SITE-033: none is named;
        E-SITE-034, 035: no such town, or no towns at all; E-SITE-050 to 055: worlds and years.
    """
    found = Findings(file)
    check_towns(siting, inputs, found)
    check_outlook(siting, walkers, found)
    percent = wanted(siting, circle, plans, found)
    found.refuse_if_any()
    fewest = siting.goal in ("cost", "stations")
    return SiteQuestion(
        counts=(() if fewest else (count,)) if siting.count is None else siting.count,
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
        robust=robust_of(siting.robust),
        phases=phases_of(siting.phases),
    )


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
    known = known_plans(name, plans)
    targets = {f"{plan.id}/{one.id}": one for plan in known.values() for one in plan.targets}
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


def known_plans(name: str, plans: Iterable[Plan]) -> Mapping[str, Plan]:
    """The study's own plans, and those that ship and may be meant."""
    shipped = packaged_plans()
    given = {plan.id: plan for plan in plans}
    meant = name.partition("/")[0]
    for id in {meant, *nearest(meant, shipped)} & set(shipped):
        given.setdefault(id, load_plan(id))
    return dict(sorted(given.items()))


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The ids that are spelt most alike; the first ones where none is."""
    ids = list(known)
    return get_close_matches(name, ids, n=5, cutoff=0.4) or ids[:5]


def without_costs(names: Iterable[str], file: str) -> StudyError:
    """E-SITE-030: money is asked for, and these candidates have no cost."""
    said = list(names)
    shown = ", ".join(said[:5]) + (" …" if len(said) > 5 else "")
    return StudyError(
        Problem("E-SITE-030", file, column="cost", details={"count": len(said), "names": shown})
    )
