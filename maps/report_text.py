"""What does the report say before and after the results? Question, answer, data, method, doubt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from carecircle.coverage.result import StudyResult
from carecircle.maps.blocks import Block, Heading, Paragraph, Teller, Text
from carecircle.maps.rejected import rejected_rows

MOST_RECORDS = 20


def front(tell: Teller) -> Iterator[Block]:
    """Title, dates, whether the maps are reviewed, and for whom this is."""
    study = tell.value("study")
    yield Heading(0, f"{study['name']} · {tell.word('title')}")
    dated = "dates" if study["date"] else "dates_computed"
    gaps = {key: tell.told(f"study.{key}") for key in ("date", "computed")}
    yield Paragraph(tell.say(dated, **gaps), "note")
    if study["published"]:
        yield Paragraph(tell.say("approval", number=tell.told("study.map_approval_number")), "note")
    else:
        yield Paragraph(tell.say("draft"), "note")
    yield Paragraph(tell.say("bureau"), "note")


def asked(tell: Teller) -> Iterator[Block]:
    """What the study was to find out."""
    yield Heading(1, tell.word("asked"))
    for at, circle in enumerate(tell.value("circles")):
        path = f"circles.{at}"
        text = tell.say(
            "asked_circle",
            circle=tell.both(circle["name"]),
            group=tell.both(circle["group"]),
            minutes=tell.told(f"{path}.minutes"),
            facilities=tell.told(f"{path}.facilities"),
            speed=tell.told(f"{path}.walker.metres_per_second"),
        )
        if circle["target_percent"] is not None:
            text += (" ", *tell.say("asked_target", target=tell.told(f"{path}.target_percent")))
        yield Paragraph(text, "item")
    yield Paragraph(tell.say("asked_sites"), "item")


# --- the answer in brief


def brief(tell: Teller) -> Iterator[Block]:
    """Share, verdict, worst neighbourhood, best sites: a paragraph for each circle."""
    yield Heading(1, tell.word("brief"))
    for at in range(len(tell.value("circles"))):
        path = f"circles.{at}"
        yield Paragraph(share(tell, path), "lead")
        yield Paragraph(band(tell, path), "item")
        if tell.value(f"{path}.neighbourhoods"):
            name = hood_name(tell, f"{path}.neighbourhoods.0")
            people = tell.told(f"{path}.neighbourhoods.0.people")
            yield Paragraph(tell.say("worst", name=name, people=people), "item")
        yield Paragraph(best_sites(tell, path), "item")
        if tell.value(f"{path}.stations_to_target"):
            yield Paragraph(fewest(tell, path), "item")


def share(tell: Teller, path: str) -> Text:
    """Who is inside, who is not, and the verdict."""
    circle = tell.value(path)
    text = tell.say(
        "share",
        circle=tell.both(circle["name"]),
        group=tell.both(circle["group"]),
        minutes=tell.told(f"{path}.minutes"),
        **{key: tell.told(f"{path}.people.{key}") for key in KEPT},
    )
    excluded = sum(circle["people"]["excluded"].values())
    if excluded:
        text += tell.say("excluded", excluded=excluded)
    target = tell.told(f"{path}.target_percent")
    people = tell.told(f"{path}.people_to_target")
    text += tell.say(circle["verdict"], target=target, people=people)
    return text + (tell.say("estimated") if circle["estimated"] else ())


def hood_name(tell: Teller, path: str) -> Text:
    """What a neighbourhood goes by: its name, its street, or its rank."""
    hood = tell.value(path)
    if hood["name"]:
        return (tell.told(f"{path}.name"),)
    if hood["street"]:
        return tell.say("near", street=tell.told(f"{path}.street"))
    return tell.say("unnamed", order=tell.told(f"{path}.rank"))


KEPT = ("input", "covered", "uncovered", "percent")


def band(tell: Teller, path: str) -> Text:
    """What a slower or a faster walk would find."""
    speeds = tell.value(f"{path}.access.band.speeds")
    first, last = f"{path}.access.band.speeds.0", f"{path}.access.band.speeds.{len(speeds) - 1}"
    return tell.say(
        "flips" if tell.value(f"{path}.access.band.flips") else "holds",
        slow=tell.told(f"{first}.metres_per_second"),
        fast=tell.told(f"{last}.metres_per_second"),
        low=tell.told(f"{first}.people.percent"),
        high=tell.told(f"{last}.people.percent"),
    )


def best_plan(tell: Teller, path: str) -> str | None:
    """Where the plan stands that is told first: of the study of sites, else of the run."""
    studied = tell.value(path).get("site_study")
    for at, plan in enumerate(studied["plans"] if studied else ()):
        if plan["chosen"]:
            return f"{path}.site_study.plans.{at}"
    return f"{path}.sites" if tell.value(f"{path}.sites.chosen") and not studied else None


def best_sites(tell: Teller, path: str) -> Text:
    """How many the best sites bring, and what is proven."""
    plan = best_plan(tell, path)
    if plan is None:
        return tell.say("nothing")
    return tell.say(
        "plan",
        count=len(tell.value(f"{plan}.chosen")),
        gained=tell.told(f"{plan}.people_gained"),
        after=tell.told(f"{plan}.percent_after"),
        proof=proof(tell, path, plan),
    )


def proof(tell: Teller, path: str, plan: str) -> Text:
    """Whether a plan is proven best, or how far it may be from it."""
    status = tell.value(f"{plan}.status")
    key = "bounded" if status == "time_limit" else "proven"
    candidates = tell.told(f"{path}.sites.candidates")
    return tell.say(key, candidates=candidates, gap=tell.told(f"{plan}.gap_percent"))


def fewest(tell: Teller, path: str) -> Text:
    """How many stations the target takes."""
    where = f"{path}.stations_to_target"
    found = tell.value(where)
    key = "fewest" if found["proven"] else "fewest_between" if found["count"] else "never"
    keys = {"count": "count", "bound": "lower_bound", "reachable": "reachable_percent"}
    return tell.say(key, **{gap: tell.told(f"{where}.{name}") for gap, name in keys.items()})


# --- data


def data(tell: Teller, study: StudyResult) -> Iterator[Block]:
    """Layers, streets, doors, and everything that was repaired or left out."""
    yield Heading(1, tell.word("data"))
    rows = [(one["file"], one["rows"], one["crs"], one["encoding"] or "") for one in study.files]
    if rows:
        columns = ("c_file", "c_rows", "c_crs", "c_encoding")
        yield tell.table(tell.word("layer_caption"), columns, rows, 0)
    keys = {"nodes": "nodes", "edges": "edges", "length": "length_km", "islands": "islands"}
    known = tell.value("network")
    if all(key in known for key in keys.values()):
        text = tell.say("network", **{gap: tell.told(f"network.{k}") for gap, k in keys.items()})
        if tell.value("study")["streets_date"]:
            text += tell.say("streets_date", date=tell.told("study.streets_date"))
        yield Paragraph(text)
    if "homes" in tell.value("snap"):
        yield Paragraph(doors(tell))
    yield from records(tell, study.records)


def doors(tell: Teller) -> Text:
    """How far homes lie from streets."""
    homes = {"mean": "mean_m", "max": "max_m", "beyond": "beyond_warn", "too_far": "too_far"}
    gaps = {gap: tell.told(f"snap.homes.{key}") for gap, key in homes.items()}
    return tell.say("snap", warn=tell.told("snap.warn_m"), limit=tell.told("snap.limit_m"), **gaps)


def records(tell: Teller, found: tuple[Mapping[str, Any], ...]) -> Iterator[Block]:
    """Repairs and remarks, one of each kind with how many there are."""
    rejected = rejected_rows(found)
    others = [one for one in found if one not in rejected and "what" in one and "id" in one]
    if rejected:
        yield Paragraph(tell.say("rejected", count=len(rejected)))
    if not others:
        yield Paragraph(tell.say("records_none"))
        return
    yield Paragraph(tell.say("records", count=len(others)))
    kinds = Counter((one["id"], one.get("file", "")) for one in others)
    first = {(one["id"], one.get("file", "")): one for one in reversed(others)}
    for kind in list(kinds)[:MOST_RECORDS]:
        text = tell.both(first[kind]["what"])
        said = tell.say("record", text=text, count=kinds[kind]) if kinds[kind] > 1 else (text,)
        yield Paragraph(said, "item")


# --- method, assumptions, sources


def method(tell: Teller) -> Iterator[Block]:
    """How it was done, for somebody who has to defend it."""
    yield Heading(1, tell.word("method"))
    for number in range(1, 6):
        yield Paragraph(tell.say(f"method_{number}"))


def assumed(tell: Teller) -> Iterator[Block]:
    """Everything that was assumed, and what chance says of the verdict."""
    yield Heading(1, tell.word("assumptions"))
    for at, circle in enumerate(tell.value("circles")):
        if circle["access"]["doubt"] and circle["access"]["doubt"].get("met_percent") is not None:
            doubt = f"circles.{at}.access.doubt"
            said = tell.say(
                "doubt",
                circle=tell.both(circle["name"]),
                draws=tell.told(f"{doubt}.draws"),
                percent=tell.told(f"{doubt}.met_percent"),
            )
            yield Paragraph(said, "item")
    for one in tell.value("assumptions"):
        yield Paragraph((tell.both(one),), "item")


def sources(tell: Teller) -> Iterator[Block]:
    """From what it was made, and where each figure can be looked up."""
    yield Heading(1, tell.word("sources"))
    for one in tell.value("attributions"):
        yield Paragraph((tell.both(one),), "item")
    yield Paragraph(tell.say("figures"), "note")
    yield Paragraph(tell.say("made", version=tell.value("carecircle")), "note")
