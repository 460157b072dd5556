"""Is the study judged by plans? They are read with its changes, and judged by what it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from carecircle.coverage.plan import Plan, Target
from carecircle.coverage.plan_measures import Words
from carecircle.coverage.target_judge import judge_plan
from carecircle.coverage.target_result import PlanResult
from carecircle.coverage.target_streets import StreetWalks
from carecircle.coverage.target_world import COLUMN_OF_GROUP, People, PeopleBook, World
from carecircle.inputs import Inputs
from carecircle.layers.people import people_columns
from carecircle.layers.problems import Findings
from carecircle.plancheck import check_target
from carecircle.planfile import load_plan
from carecircle.planoptions import PlanOptions
from carecircle.studyfile import StudyFile
from carecircle.walkerfile import study_walkers


def judged(
    plans: Sequence[Plan], study: StudyFile, inputs: Inputs, date: str
) -> tuple[PlanResult, ...]:
    """Every plan, judged by what the study holds on a day."""
    world = world_of(study, inputs, date)
    return tuple(judge_plan(plan, world) for plan in plans)


def world_of(study: StudyFile, inputs: Inputs, date: str) -> World:
    """What the study holds for targets."""
    options = study.plan_options
    return World(
        date=date,
        facilities=inputs.register,
        units=inputs.units,
        residential=inputs.residential,
        homes=inputs.homes,
        walks=StreetWalks(inputs.network, study_walkers(study.walkers), inputs.doors.register_for),
        people=people_book(study, inputs),
        complete=frozenset(options.complete),
        blanks_are_no=frozenset(options.blanks_are_no),
        estimated=inputs.estimated,
    )


def people_book(study: StudyFile, inputs: Inputs) -> PeopleBook:
    """Who may be divided by: stated figures, and the people of the layers by base and year."""
    group_of = {column: group for group, column in COLUMN_OF_GROUP.items()}
    columns = people_columns(inputs.residential)
    stated = study.plan_options.population
    return PeopleBook(
        stated=tuple(People(p.group, p.base, p.year, p.people) for p in stated),
        layer={group_of.get(c, c): int(inputs.residential[c].sum()) for c in columns},
        base=None if study.population is None else study.population.base,
        year=study.year_of_people,
    )


def plans_of(names: Iterable[str], options: PlanOptions, file: str) -> tuple[Plan, ...]:
    """The plans of a study with its changes.

    Raises
    ------
    StudyError
        Mistakes of a plan file; E-PLN-022: a change of no such target; E-PLN-023: of a key
        that is not ours; and what makes a changed target unsound.
    """
    found = Findings(file)
    plans = [load_plan(str(name)) for name in names]
    for id, count in Counter(plan.id for plan in plans).items():
        if count > 1:
            found.add("E-PLN-024", column="plans", value=id, count=count)
    known = {f"{plan.id}/{target.id}" for plan in plans for target in plan.targets}
    for name in options.change:
        if name not in known:
            found.add("E-PLN-022", column=f"plan_options.change.{name}", value=name)
    changed = tuple(with_changes(plan, options, found) for plan in plans)
    found.refuse_if_any()
    return changed


def with_changes(plan: Plan, options: PlanOptions, found: Findings) -> Plan:
    """The plan with what the study assumes instead."""
    targets: Sequence[Target] = [
        changed(plan, target, options.change.get(f"{plan.id}/{target.id}", {}), found)
        for target in plan.targets
    ]
    return plan.model_copy(update={"targets": tuple(targets)})


def changed(plan: Plan, target: Target, change: dict[str, Any], found: Findings) -> Target:
    """One target with other assumptions, checked again as in its plan."""
    place = f"plan_options.change.{plan.id}/{target.id}"
    if not change:
        return target
    ours = plan.assumptions(target)
    written = target.model_dump(exclude_unset=True)
    for key, value in change.items():
        if key not in ours:
            known = ", ".join(ours) or "-"
            found.add("E-PLN-023", column=f"{place}.{key}", value=value, known=known)
            return target
        exact = Decimal(repr(value)) if isinstance(value, float) else value
        (written if key in written else written["measure"])[key] = exact
    written["ours"] = {**target.ours, **{key: by_study(value) for key, value in change.items()}}
    try:
        new = Target.model_validate(written)
    except ValidationError as error:
        reason = "; ".join(mistake["msg"] for mistake in error.errors(include_url=False))
        found.add("E-PLN-025", column=place, reason=reason)
        return target
    check_target(new, place, found)
    return new


def by_study(value: Any) -> dict[str, str]:
    """That the study itself assumes this."""
    words = Words(zh=f"研究文件改为 {value}。", en=f"Set to {value} by the study file.")
    return words.model_dump()
