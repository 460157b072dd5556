"""What does the report say of sites and of targets? Each plan with its proof, each clause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from carecircle.maps.blocks import NONE, Block, Heading, Paragraph, Picture, Teller
from carecircle.maps.report_results import pictures
from carecircle.maps.report_text import best_plan, fewest, proof

OPERATORS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "==": "="}


def sites(tell: Teller) -> Iterator[Block]:
    """The sites of each circle, and what is proven of them."""
    yield Heading(1, tell.word("sites"))
    for at, circle in enumerate(tell.value("circles")):
        path, name = f"circles.{at}", tell.both(circle["name"])
        yield Heading(2, name)
        if circle["stations_to_target"]:
            yield Paragraph(fewest(tell, path))
        if "site_study" in circle:
            yield from studied(tell, path, name)
        elif (plan := best_plan(tell, path)) is not None:
            yield sites_table(tell, plan, name)
            yield Paragraph(changed(tell, path, plan))
            yield Paragraph(proof(tell, path, plan))
        else:
            yield Paragraph(tell.say("sites_none"))
        yield from ways(tell, path)


def changed(tell: Teller, path: str, plan: str) -> Any:
    """Coverage before and after a plan."""
    return tell.say(
        "before_after",
        before=tell.told(f"{path}.people.percent"),
        after=tell.told(f"{plan}.percent_after"),
        **{"from": tell.told(f"{path}.people.covered")},
        to=tell.told(f"{plan}.people_covered_after"),
        gained=tell.told(f"{plan}.people_gained"),
    )


def studied(tell: Teller, path: str, name: str) -> Iterator[Block]:
    """A study of sites: its plans, the frontier, other worlds and years."""
    study = f"{path}.site_study"
    charts = pictures(tell.summary, tell.value(path)["id"], tell)
    yield Paragraph(tell.say("goal", goal=tell.both(tell.value(f"{study}.goal_words"))))
    for at, plan in enumerate(tell.value(f"{study}.plans")):
        where = f"{study}.plans.{at}"
        if not plan["chosen"]:
            yield Paragraph(tell.say("nothing"))
            continue
        yield sites_table(tell, where, name)
        yield Paragraph(changed(tell, path, where))
        yield Paragraph(proofs(tell, where))
        if plan["closed"]:
            yield Paragraph(tell.say("closed", count=len(plan["closed"])), "item")
        yield from ties(tell, where)
    if "before_after" in charts:
        caption = tell.caption("before_after_caption", circle=name)
        yield Picture(caption, charts["before_after"], wide=False)
    yield from frontier(tell, f"{study}.frontier", name, charts)
    yield from worlds(tell, f"{study}.robust")
    yield from years(tell, f"{study}.phases")


def sites_table(tell: Teller, plan: str, name: str) -> Block:
    """The sites of a plan in their order."""
    rows = []
    for at, site in enumerate(tell.value(f"{plan}.chosen")):
        where = f"{plan}.chosen.{at}"
        told = [tell.told(f"{where}.{key}") for key in ("order", "gain_people", "lon", "lat")]
        rows.append((told[0], place(tell, site, where), *told[1:]))
    columns = ("c_order", "c_place", "c_gain", "c_lon", "c_lat")
    caption = tell.caption("sites_caption", circle=name, count=str(len(rows)))
    return tell.table(caption, columns, rows, 3)


def place(tell: Teller, site: Mapping[str, Any], where: str) -> Any:
    """What a site is called: its name, its street, its town, or its id."""
    if site.get("name"):
        return tell.told(f"{where}.name")
    if site.get("street"):
        return tell.say("near", street=tell.told(f"{where}.street"))
    return tell.told(f"{where}.town") if site.get("town") else tell.told(f"{where}.candidate_id")


def proofs(tell: Teller, where: str) -> Any:
    """Each goal of a plan with its value and its bound."""
    said: tuple[Any, ...] = ()
    for at, one in enumerate(tell.value(f"{where}.proofs")):
        keys = {"value": "value", "bound": "bound", "gap": "gap_percent"}
        told = {gap: tell.told(f"{where}.proofs.{at}.{key}") for gap, key in keys.items()}
        said += (*tell.say("proof", goal=tell.both(one["goal_words"]), **told), " ")
    return said


def ties(tell: Teller, where: str) -> Iterator[Block]:
    """How many plans are as good."""
    found = tell.value(where).get("ties")
    if found and found["plans"] > 1:
        key = "ties" if found["complete"] else "ties_more"
        plans = tell.told(f"{where}.ties.plans")
        yield Paragraph(tell.say(key, count=plans, in_all=len(found["in_all"])), "item")


def frontier(tell: Teller, where: str, name: str, charts: Mapping[str, bytes]) -> Iterator[Block]:
    """The most that each price can cover."""
    found = tell.value(where.rpartition(".")[0]).get("frontier")
    if not found:
        return
    keys = ("price", "people_covered", "percent", "people_bound")
    rows = [
        [tell.told(f"{where}.points.{at}.{key}") for key in keys if key in point]
        for at, point in enumerate(found["points"])
    ]
    columns = (f"c_price_{found['price']}", "c_covered", "c_percent", "c_bound")
    if rows and len(rows[0]) == len(columns):
        yield tell.table(tell.caption("frontier_caption", circle=name), columns, rows, 4)
    if "frontier" in charts:
        yield Picture(tell.caption("frontier_caption", circle=name), charts["frontier"], wide=False)


def worlds(tell: Teller, where: str) -> Iterator[Block]:
    """The plans that stand up best in their worst world."""
    found = tell.value(where.rpartition(".")[0]).get("robust")
    for at, plan in enumerate(found["plans"] if found else ()):
        said = {key: tell.told(f"{where}.plans.{at}.{key}") for key in ("asked", "value", "bound")}
        world = plan["worst_world"]
        named = NONE if world is None else tell.both(world)
        yield Paragraph(
            tell.say("robust", by=tell.both(found["by_words"]), world=named, **said), "item"
        )


def years(tell: Teller, where: str) -> Iterator[Block]:
    """What opens in which year."""
    found = tell.value(where.rpartition(".")[0]).get("phases")
    for at, year in enumerate(found["years"] if found else ()):
        path = f"{where}.years.{at}"
        said = tell.say(
            "phase",
            year=str(year["year"]),
            count=len(year["chosen"]),
            percent=tell.told(f"{path}.people.percent"),
        )
        yield Paragraph(said, "item")


def ways(tell: Teller, path: str) -> Iterator[Block]:
    """What new gates and footpaths bring, alone and with stations."""
    for at, found in enumerate(tell.value(path).get("site_ways", ())):
        where = f"{path}.site_ways.{at}"
        keys = {"stations": "stations_alone", "ways": "ways_alone", "together": "together"}
        told = {
            gap: tell.told(f"{where}.plans.{key}.people_gained")
            for gap, key in keys.items()
            if key in found["plans"]
        }
        if len(told) == len(keys):
            yield Paragraph(tell.say("ways", asked=tell.told(f"{where}.asked"), **told), "item")


# --- targets


def targets(tell: Teller) -> Iterator[Block]:
    """Every target of every plan with its clause."""
    if not tell.value("plans"):
        return
    yield Heading(1, tell.word("targets"))
    yield Paragraph(tell.say("official"))
    for at, plan in enumerate(tell.value("plans")):
        path = f"plans.{at}"
        counts = {key: plan["counts"].get(key, 0) for key in COUNTED}
        yield Paragraph(tell.say("plan_counts", plan=tell.both(plan), **counts))
        rows = [
            target_row(tell, f"{path}.targets.{number}", one)
            for number, one in enumerate(plan["targets"])
            if one["verdict"] != "not_spatial"
        ]
        columns = ("c_clause", "c_target", "c_found", "c_wanted", "c_verdict", "c_remark")
        yield tell.table(tell.both(plan), columns, rows, 0)


COUNTED = ("met", "not_met", "not_assessed", "not_spatial")


def target_row(tell: Teller, path: str, target: Mapping[str, Any]) -> tuple[Any, ...]:
    """One target: what was found, what is wanted, and what is missing."""
    found: Any = NONE
    if target["value"] is not None:
        unit = target["value_unit"]
        found = (tell.told(f"{path}.value"), f" {tell.both(unit)}" if unit else "")
    wanted: Any = NONE
    if target["target"] is not None:
        unit = f" {tell.both(target['unit'])}" if target["unit"] else ""
        sign = OPERATORS.get(target["operator"], target["operator"] or "")
        year = f" ({target['year']})" if target["year"] else ""
        wanted = (f"{sign} ", tell.told(f"{path}.target"), f"{unit}{year}")
    missing = "；".join(tell.both(one["short"]) for one in target["missing"])
    remark = tell.say("missing", what=missing) if missing else ""
    verdict = tell.word(f"v_{target['verdict']}")
    return tell.told(f"{path}.clause"), tell.both(target), found, wanted, verdict, remark
