"""What does the report say of each circle? The map, the ledger, other minutes, units, places."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

from matplotlib.figure import Figure

from carecircle.coverage.result import StudyResult
from carecircle.maps.blocks import Block, Heading, Paragraph, Picture, Teller
from carecircle.maps.charts import circle_charts
from carecircle.maps.paper_fonts import on_paper, save_png
from carecircle.maps.report_text import hood_name, share
from carecircle.maps.sheet import report_map

MOST_ROWS = 30
LEDGERS = {"c_people": "people", "c_quarters": "quarters", "c_land": "land_m2"}


def results(tell: Teller, study: StudyResult) -> Iterator[Block]:
    """The results, circle by circle."""
    yield Heading(1, tell.word("results"))
    for at, circle in enumerate(tell.value("circles")):
        path, name = f"circles.{at}", tell.both(circle["name"])
        charts = pictures(tell.summary, circle["id"], tell)
        yield Heading(2, name)
        yield Paragraph(share(tell, path))
        yield Picture(tell.caption("map_caption", circle=name), map_png(tell, study, circle["id"]))
        yield ledger(tell, path, name)
        yield within(tell, path, name)
        if "curve" in charts:
            yield Picture(tell.caption("curve_caption", circle=name), charts["curve"], wide=False)
        two = f"{path}.access.backup.1.percent"
        yield Paragraph(tell.say("backup", percent=tell.told(two)))
        yield from places(tell, path, name, charts)
        if "lorenz" in charts:
            yield Picture(tell.caption("lorenz_caption", circle=name), charts["lorenz"], wide=False)
        yield from units(tell, path, name)
        yield from neighbourhoods(tell, path, name)


def map_png(tell: Teller, study: StudyResult, id: str) -> bytes:
    """The map of a circle as a picture."""
    with on_paper():
        return png(report_map(study, id, tell.lang), 200)


def pictures(summary: Mapping[str, Any], id: str, tell: Teller) -> dict[str, bytes]:
    """The charts of a circle as pictures."""
    with on_paper():
        return {name: png(one, 180) for name, one in circle_charts(summary, id, tell.lang).items()}


def png(figure: Figure, dpi: int) -> bytes:
    """A figure as a picture."""
    held = io.BytesIO()
    save_png(figure, held, dpi)
    return held.getvalue()


def ledger(tell: Teller, path: str, name: str) -> Block:
    """People, quarters and land: covered, not covered and not measured make up the total."""
    rows = []
    for word, key in LEDGERS.items():
        where = f"{path}.{key}"
        told = [tell.told(f"{where}.{one}") for one in ("input", "covered", "uncovered")]
        excluded = sum(tell.value(f"{where}.excluded").values())
        if word == "c_quarters" and tell.value("study.cells"):
            word = "c_cells"
        rows.append((tell.word(word), *told, excluded, tell.told(f"{where}.percent")))
    columns = ("c_amount", "c_input", "c_covered", "c_uncovered", "c_excluded", "c_percent")
    return tell.table(tell.caption("ledger_caption", circle=name), columns, rows, 5)


def within(tell: Teller, path: str, name: str) -> Block:
    """The share of people within other minutes."""
    rows = []
    for at in range(len(tell.value(f"{path}.access.within"))):
        where = f"{path}.access.within.{at}"
        told = [tell.told(f"{where}.people.{one}") for one in ("covered", "uncovered", "percent")]
        rows.append((tell.told(f"{where}.minutes"), *told))
    columns = ("c_minutes", "c_covered", "c_uncovered", "c_percent")
    return tell.table(tell.caption("within_caption", circle=name), columns, rows, 4)


def places(tell: Teller, path: str, name: str, charts: Mapping[str, bytes]) -> Iterator[Block]:
    """Whether there are enough places."""
    where = f"{path}.access.places"
    if tell.value(where)["assessed"] == "not_assessed":
        yield Paragraph(tell.say("places_not"))
        return
    keys = {"places": "places", "demand": "demand", "placed": "placed"}
    keys |= {"without": "without_place", "out": "out_of_reach"}
    yield Paragraph(
        tell.say("places", **{gap: tell.told(f"{where}.{key}") for gap, key in keys.items()})
    )
    if "capacity" in charts:
        yield Picture(tell.caption("capacity_caption", circle=name), charts["capacity"], wide=False)


def units(tell: Teller, path: str, name: str) -> Iterator[Block]:
    """Each reporting unit's people."""
    found = tell.value(f"{path}.by_unit")
    rows = []
    for at, unit in enumerate(found[:MOST_ROWS]):
        where = f"{path}.by_unit.{at}"
        told = [tell.told(f"{where}.people.{one}") for one in ("input", "covered", "uncovered")]
        excluded = sum(unit["people"]["excluded"].values())
        named = tell.told(f"{where}.name") if unit["name"] else tell.word("no_unit")
        rows.append((named, *told, excluded, tell.told(f"{where}.people.percent")))
    columns = ("c_unit", "c_input", "c_covered", "c_uncovered", "c_excluded", "c_percent")
    if rows:
        yield tell.table(tell.caption("units_caption", circle=name), columns, rows, 5)
        yield from more(tell, len(found))


HOOD_KEYS = ("rank", "town", "quarters", "people", "minutes")


def neighbourhoods(tell: Teller, path: str, name: str) -> Iterator[Block]:
    """The under-served neighbourhoods, those with most people first."""
    found = tell.value(f"{path}.neighbourhoods")
    rows = []
    for at, hood in enumerate(found[:MOST_ROWS]):
        where = f"{path}.neighbourhoods.{at}"
        rank, town, *rest = (tell.told(f"{where}.{key}") for key in HOOD_KEYS)
        rows.append((rank, hood_name(tell, where), town if hood["town"] else "", *rest))
    columns = ("c_rank", "c_name", "c_unit", "c_count_quarters", "c_lacking", "c_half")
    if rows:
        yield tell.table(tell.caption("hoods_caption", circle=name), columns, rows, 3)
        yield from more(tell, len(found))


def more(tell: Teller, count: int) -> Iterator[Block]:
    """How many rows there are beyond those of a table."""
    if count > MOST_ROWS:
        yield Paragraph(tell.say("more_rows", count=count - MOST_ROWS), "note")
