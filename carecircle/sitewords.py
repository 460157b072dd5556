"""Lines for the terminal: what a site-selection study found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from carecircle.coverage.status_words import PRICE_NAMES
from carecircle.layers.problems import Language

NAMED = 5  # quarters beyond the stated walk, on the terminal


def site_lines(circle: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """What was sought and kept to, then a line for each plan and point of the frontier."""
    study = circle["site_study"]
    conditions = "; ".join(words[lang] for words in study["conditions"])
    goal = study["goal_words"][lang]
    if lang == "zh":
        yield f"  选址目标：{goal}" + (f"；条件：{conditions}" if conditions else "")
    else:
        yield f"  sites for {goal}" + (f"; under: {conditions}" if conditions else "")
    for plan in study["plans"]:
        yield plan_zh(plan) if lang == "zh" else plan_en(plan)
        yield from sought_lines(circle, plan, lang)
        if plan["walk"]:
            yield walk_line(plan["walk"], lang)
    if study["frontier"]:
        yield frontier_line(study["frontier"], lang)
    if study["robust"]:
        yield from robust_lines(study["robust"], lang)
    if study["phases"]:
        yield from phase_lines(study["phases"], lang)


def sought_lines(
    circle: Mapping[str, Any], plan: Mapping[str, Any], lang: Language
) -> Iterator[str]:
    """What the goals ``worst_town`` and ``backup`` sought, before and with the plan."""
    goal, worst = circle["site_study"]["goal"], plan["worst_town_percent"]
    if goal == "worst_town" and worst is not None:
        words = "覆盖率最低的街镇" if lang == "zh" else "worst-served town"
        yield f"    {words}: {worst_before(plan)} % → {worst} %"
    if goal == "backup":
        words = "有两处设施可达的人数" if lang == "zh" else "people with two in reach"
        today = circle["access"]["backup"][1]["people"]
        yield f"    {words}: {today:,} → {plan['people_with_two']:,}"


def worst_before(plan: Mapping[str, Any]) -> float | str:
    """The share of the town worst served today, of the level whose worst the plan tells."""
    levels: dict[str, list[Mapping[str, Any]]] = {}
    for unit in plan["by_unit"]:
        if unit["before"]["input"]:
            levels.setdefault(unit["level"], []).append(unit)
    meant = [
        units
        for units in levels.values()
        if min(unit["after"]["percent"] for unit in units) == plan["worst_town_percent"]
    ]
    return min((unit["before"]["percent"] for units in meant for unit in units), default="–")


def plan_zh(plan: Mapping[str, Any]) -> str:
    """One plan in Chinese."""
    closed = f"，扩建 {len(plan['enlarged'])} 处" if plan["enlarged"] else ""
    closed += f"，关闭 {len(plan['closed'])} 处" if plan["closed"] else ""
    cost = "" if plan["cost"] is None else f"，费用 {plan['cost']:,} 元"
    return (
        f"  新建 {len(plan['chosen'])} 处{closed}{cost}：覆盖率由 "
        f"{share(plan['people_before'])} 变为 {share(plan['people_after'])}"
        f"（{plan['people_gained']:+,} 人）；{seats_zh(plan)}{proof(plan, 'zh')}{ties(plan, 'zh')}"
    )


def plan_en(plan: Mapping[str, Any]) -> str:
    """One plan in English."""
    closed = f", {len(plan['enlarged'])} enlarged" if plan["enlarged"] else ""
    closed += f", {len(plan['closed'])} closed" if plan["closed"] else ""
    cost = "" if plan["cost"] is None else f", {plan['cost']:,} yuan"
    return (
        f"  {len(plan['chosen'])} new{closed}{cost}: from {share(plan['people_before'])} to "
        f"{share(plan['people_after'])} ({plan['people_gained']:+,} people); "
        f"{seats_en(plan)}{proof(plan, 'en')}{ties(plan, 'en')}"
    )


def seats_zh(plan: Mapping[str, Any]) -> str:
    """Who has a place before and after, in Chinese."""
    before, after = plan["seats_before"], plan["seats_after"]
    if before is None:
        return ""
    return (
        f"需要名额 {after['input']:,} 人，有名额 {before['served']:,} → {after['served']:,} 人"
        f"（{share(before)} → {share(after)}），时限内名额已满 {after['without_seat']:,} 人，"
        f"时限内无设施 {after['out_of_reach']:,} 人，未参与 {after['excluded']:,} 人；"
    )


def seats_en(plan: Mapping[str, Any]) -> str:
    """Who has a place before and after, in English."""
    before, after = plan["seats_before"], plan["seats_after"]
    if before is None:
        return ""
    return (
        f"of {after['input']:,} who ask for a place {before['served']:,} -> {after['served']:,} "
        f"have one ({share(before)} -> {share(after)}), {after['without_seat']:,} reach full "
        f"stations only, {after['out_of_reach']:,} none, {after['excluded']:,} excluded; "
    )


def walk_line(walk: Mapping[str, Any], lang: Language) -> str:
    """How people walk before and after, and what whoever has no station is counted with."""
    before, after, limit = walk["before"], walk["after"], f"{walk['limit_minutes']:g}"
    mean, longest = (
        f"{minutes(before[key])} → {minutes(after[key])}"
        for key in ("mean_minutes", "longest_minutes")
    )
    out = f"{before['people_beyond']:,} → {after['people_beyond']:,}"
    named = ", ".join(one["name"] or one["id"] for one in walk["beyond"][:NAMED])
    more = " …" if len(walk["beyond"]) > NAMED else ""
    if lang == "zh":
        who = f"（{named}{more}）" if named else ""
        return (
            f"    平均步行 {mean} 分钟，最远 {longest} 分钟；"
            f"{limit} 分钟内没有设施的人数 {out}{who}，平均值中按 {limit} 分钟计"
        )
    who = f" ({named}{more})" if named else ""
    return (
        f"    mean walk {mean} min, longest {longest} min; people without a station within "
        f"{limit} min {out}{who}, counted with {limit} min in the mean"
    )


def minutes(value: float | None) -> str:
    """Minutes for reading; a dash where nobody walks."""
    return "—" if value is None else f"{value:.1f}"


def proof(plan: Mapping[str, Any], lang: Language) -> str:
    """Whether it is proven, or how far off it may be."""
    if plan["status"] == "optimal":
        return "已证明最优" if lang == "zh" else "proven best"
    gaps = [one["gap_percent"] for one in plan["proofs"] if not one["proven"]]
    return f"距上界 {gaps[0]:g} %" if lang == "zh" else f"within {gaps[0]:g} % of the bound"


def ties(plan: Mapping[str, Any], lang: Language) -> str:
    """How many plans are as good."""
    found = plan["ties"]
    if found is None or (found["plans"] == 1 and found["complete"]):
        return ""
    common = len(found["in_all"])
    if lang == "zh":
        least = "" if found["complete"] else "至少"
        return f"；同样好的方案{least} {found['plans']} 个，其中 {common} 处为各方案共有"
    least = "" if found["complete"] else "at least "
    return f"; {least}{found['plans']} equally good plans, {common} sites in all of them"


def frontier_line(frontier: Mapping[str, Any], lang: Language) -> str:
    """The trade-offs on one line."""
    name = PRICE_NAMES[frontier["price"]][lang]
    points = ", ".join(f"{one['price']:,}: {one['percent']} %" for one in frontier["points"])
    return f"  前沿，{name}：{points}" if lang == "zh" else f"  frontier ({name}): {points}"


def robust_lines(robust: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """A line for each robust plan: its worst world, and its people in every one."""
    by = robust["by_words"][lang]
    for plan in robust["plans"]:
        worlds = ", ".join(
            f"{words[lang]} {one['people_covered']:,} ({one['people_covered_by_todays_plan']:,})"
            for words, one in zip(robust["worlds"], plan["worlds"], strict=True)
        )
        proven = proven_words(plan["status"], plan["bound"], lang)
        names = ", ".join(one["name"] or one["candidate_id"] for one in plan["chosen"])
        closed = ", ".join(one["name"] or one["facility_id"] for one in plan["closed"])
        if lang == "zh":
            shut = f"，关闭 {len(plan['closed'])} 处" if closed else ""
            new = f"新建 {len(plan['chosen'])} 处{shut}"
            yield f"  稳健（{by}），{new}：{plan['value']:,} 人；{proven}"
            yield f"    新建：{names or '无'}" + (f"；关闭：{closed}" if closed else "")
            yield f"    各情形覆盖人数（括号内为按现状选的方案）：{worlds}"
        else:
            shut = f", {len(plan['closed'])} closed" if closed else ""
            new = f"{len(plan['chosen'])} new{shut}"
            yield f"  robust ({by}), {new}: {plan['value']:,} people; {proven}"
            yield f"    opens: {names or 'nothing'}" + (f"; closes: {closed}" if closed else "")
            yield f"    people in each world (by the plan for today): {worlds}"


def phase_lines(phases: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """A line for each year."""
    for year in phases["years"]:
        names = ", ".join(one["name"] or one["candidate_id"] for one in year["chosen"])
        percent = share(year["people"])
        if lang == "zh":
            yield f"  {year['year']} 年新建：{names or '无'}；覆盖率 {percent}"
        else:
            yield f"  {year['year']} opens: {names or 'nothing'}; {percent} covered"
    last = phases["proofs"][-1]
    proven = proven_words(phases["status"], last["bound"], lang)
    added = "人年合计" if lang == "zh" else "person-years"
    yield f"    {added} {last['value']:,}; {proven}"


def proven_words(status: str, bound: int, lang: Language) -> str:
    """Whether it is proven, else what no plan can pass."""
    if status == "optimal":
        return "已证明最优" if lang == "zh" else "proven best"
    return f"上界 {bound:,}" if lang == "zh" else f"no plan passes {bound:,}"


def share(people: Mapping[str, Any]) -> str:
    """A share for reading; a dash where there is nobody to count."""
    return "—" if people["percent"] is None else f"{people['percent']:.1f} %"
