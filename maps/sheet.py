"""What hangs on the wall of the meeting room: an A3 sheet per service, and one per town.

Sheets are for the public: their figures are those of the public page, small counts withheld.
They say what they assume, from what they were made, and whether a map review stands behind them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from geopandas import GeoSeries
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from pandas import DataFrame

from carecircle.coverage.result import CircleResult, StudyResult
from carecircle.layers.admin_units import column_of
from carecircle.layers.problems import Language
from carecircle.maps.paper_fonts import (
    on_paper,
    paper_text,
    pdf_facts,
    refuse_missing_glyphs,
    save_png,
)
from carecircle.maps.paper_words import said
from carecircle.maps.public import public_circle
from carecircle.maps.sheet_map import MOST_MARKS, draw_scale, drawn_circle, legend_of, text_width
from carecircle.maps.withheld import FEW

A3_INCHES = (16.54, 11.69)
REPORT_INCHES = (9.2, 7.6)
MAP = (0.02, 0.075, 0.715, 0.815)  # left, bottom, width, height, of the sheet
SIDE, SIDE_WIDTH = 0.75, 0.23
LINE_INCHES = {15.0: 0.30, 11.0: 0.215, 9.0: 0.178, 7.0: 0.138}  # of each size of letters
# Assumptions that go with every figure; the others follow while there is room.
GOES_WITH_FIGURES = ("walker-", "people-", "census-", "growth", "ageing", "share-", "method")
SHEET = "sheet.pdf"


def write_sheets(
    folder: Path, study: StudyResult, summary: Mapping[str, Any], lang: Language
) -> None:
    """Write ``sheet.pdf`` with all sheets, and each as a picture, into a new folder.

    Raises
    ------
    StudyError
        E-OUT-010: a text has characters that the font lacks. Nothing is written then.
    """
    with on_paper():
        pages = list(sheets(study, summary, lang))
        for _, figure in pages:
            refuse_missing_glyphs(figure)
        folder.mkdir()
        with PdfPages(folder / SHEET, metadata=pdf_facts(paper_text(study.name))) as pdf:
            for name, figure in pages:
                pdf.savefig(figure)
                save_png(figure, folder / f"{name}.png")


def sheets(
    study: StudyResult, summary: Mapping[str, Any], lang: Language
) -> Iterator[tuple[str, Figure]]:
    """Every sheet with its name."""
    for name, (circle, unit) in sheet_names(study).items():
        yield name, circle_map(study, summary, circle, lang, unit)


def sheet_names(study: StudyResult) -> dict[str, tuple[str, str | None]]:
    """Circle and unit of each sheet by its name: of each circle the whole area, then its towns."""
    found: dict[str, tuple[str, str | None]] = {}
    for circle in study.circles:
        id, units = circle.circle.id, towns(circle)
        found[id] = (id, None)
        for number, unit in enumerate(units, 1):
            found[f"{id}-{number:0{len(str(len(units)))}}"] = (id, unit)
    return found


def towns(circle: CircleResult) -> list[str]:
    """Ids of the units that have a sheet: those in which somebody of the group lives.

    Towns where units of that level are known, else the units of the highest level.
    """
    units = circle.coverage.units
    if units is None:
        return []
    some = units[
        (units["level"] == level_of_sheets(units)) & (units["people"] > 0) & (units.index != "")
    ]
    return [str(id) for id in some.index]


def level_of_sheets(units: DataFrame) -> str:
    """Towns, where units of that level are known, else the highest level."""
    levels = [str(level) for level in units["level"]]
    return "town" if "town" in levels else levels[0]


def circle_map(
    study: StudyResult,
    summary: Mapping[str, Any],
    circle_id: str,
    lang: Language,
    unit: str | None = None,
) -> Figure:
    """One A3 sheet: a circle in the whole study area, or in one unit.

    Parameters
    ----------
    summary : mapping
        The figures of the study (`coverage.summary.study_summary`).
    unit : str or None
        Id of a unit of ``coverage.units``.
    """
    at = next(at for at, one in enumerate(study.circles) if one.circle.id == circle_id)
    circle, told = study.circles[at], summary["circles"][at]
    with on_paper():
        figure = Figure(figsize=A3_INCHES)
        axes = figure.add_axes(MAP)
        states = drawn_circle(axes, study, circle, ground_of(study, circle, unit), lang)
        draw_scale(axes, lang)
        draw_title(figure, study, told, unit, lang)
        side = Side(figure)
        draw_legend(figure, side, legend_of(states, circle, lang, study.cells), lang)
        draw_figures(side, public_circle(told), unit_position(told, unit), lang)
        draw_notes(side, summary, told, lang)
        draw_margin(figure, summary, lang)
    return figure


def report_map(study: StudyResult, circle_id: str, lang: Language) -> Figure:
    """The map of a circle with its legend and nothing else, for a page of a report."""
    circle = next(one for one in study.circles if one.circle.id == circle_id)
    with on_paper():
        figure = Figure(figsize=REPORT_INCHES)
        axes = figure.add_axes((0.01, 0.16, 0.98, 0.83))
        states = drawn_circle(axes, study, circle, study.residential.geometry, lang)
        draw_scale(axes, lang)
        marks, names = legend_of(states, circle, lang, study.cells)
        figure.legend(marks, names, frameon=False, fontsize=8, loc="lower center", ncols=3)
    return figure


def ground_of(study: StudyResult, circle: CircleResult, unit: str | None) -> GeoSeries:
    """The quarters of a unit, or all."""
    quarters = study.residential
    if unit is None or circle.coverage.units is None:
        return quarters.geometry
    level = level_of_sheets(circle.coverage.units)
    ids = quarters.get(column_of(level), quarters.get("admin_id"))
    inside = quarters.geometry[(ids == unit).fillna(False).to_numpy(dtype=bool)]
    return inside if len(inside) else quarters.geometry


def unit_position(told: Mapping[str, Any], unit: str | None) -> int | None:
    """Where the summary tells of a unit."""
    ids = [row["id"] for row in told["by_unit"]]
    return None if unit is None else ids.index(unit)


class Side:
    """The column beside the map: texts below one another until the sheet is full."""

    def __init__(self, figure: Figure) -> None:
        self.figure, self.y = figure, MAP[1] + MAP[3]

    def space(self, inches: float) -> None:
        """Leave some room."""
        self.y -= inches / A3_INCHES[1]

    @property
    def room_inches(self) -> float:
        """What is left above the lower edge of the map."""
        return (self.y - MAP[1]) * A3_INCHES[1]

    def write(self, text: str, size: float = 9.0, colour: str = "#14212b") -> bool:
        """Write a text in lines that fit; False, and nothing written, where it has no room."""
        lines = wrapped(text, SIDE_WIDTH * A3_INCHES[0] * 72 / size)
        if len(lines) * LINE_INCHES[size] > self.room_inches:
            return False
        for line in lines:
            self.figure.text(SIDE, self.y, line, fontsize=size, color=colour, va="top")
            self.space(LINE_INCHES[size])
        return True


def wrapped(text: str, width: float) -> list[str]:
    """Lines of at most ``width`` heights of a letter: broken between words and beside Chinese."""
    lines = [""]
    for piece in pieces(text):
        if text_width(lines[-1] + piece.rstrip()) > width and lines[-1]:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def pieces(text: str) -> Iterator[str]:
    """What must stay together: words with the space behind them, single Chinese characters with
    the punctuation behind them."""
    piece = ""
    for c in text:
        closes = c in "，。；：、）》”’％%,.;:)]"
        wide = ord(c) > 0x2E7F
        if piece and not closes and (wide or piece[-1] == " " or ord(piece[-1]) > 0x2E7F):
            yield piece
            piece = ""
        piece += c
    if piece:
        yield piece


def draw_title(
    figure: Figure,
    study: StudyResult,
    told: Mapping[str, Any],
    unit: str | None,
    lang: Language,
) -> None:
    """What the sheet shows, and of where."""
    name = told["name"][lang]
    at = unit_position(told, unit)
    where = said("whole_area", lang) if at is None else paper_text(told["by_unit"][at]["name"])
    figure.text(0.02, 0.955, f"{paper_text(study.name)}  ·  {name}", fontsize=22, va="center")
    figure.text(0.02, 0.915, where, fontsize=14, va="center", color="#33414c")


def draw_legend(
    figure: Figure, side: Side, legend: tuple[Sequence[Any], list[str]], lang: Language
) -> None:
    """The legend, at the head of the column."""
    marks, names = legend
    side.write(said("legend", lang), 11.0)
    side.space(0.02)
    where: Any = {"loc": "upper left", "bbox_to_anchor": (SIDE - 0.004, side.y)}
    figure.legend(marks, names, frameon=False, fontsize=9, labelspacing=0.55, borderpad=0, **where)
    side.space(len(names) * 0.222 + 0.14)


# --- figures


def draw_figures(side: Side, circle: Mapping[str, Any], unit: int | None, lang: Language) -> None:
    """The share, the verdict, the proposed sites and the under-served neighbourhoods."""
    if unit is not None:
        side.write(headline(circle, circle["by_unit"][unit]["people"], lang), 15.0)
        side.space(0.12)
        return
    side.write(headline(circle, circle["people"], lang), 15.0)
    side.write(verdict(circle, lang), 11.0)
    side.space(0.12)
    lists = {"sites": site_rows(circle, lang), "neighbourhoods": neighbourhood_rows(circle, lang)}
    for title, rows in lists.items():
        if rows:
            side.write(said(title, lang), 11.0)
            for text in rows:
                side.write(text)
            side.space(0.12)


def headline(circle: Mapping[str, Any], people: Mapping[str, Any], lang: Language) -> str:
    """The share of people inside, as a sentence."""
    group = circle["group"][lang]
    if people["input"] == 0:
        return said("nobody", lang, group=group)
    if people["percent"] is None:
        return said("headline_withheld", lang, group=group)
    return said(
        "headline",
        lang,
        group=group,
        percent=people["percent"],
        minutes=circle["minutes"],
        service=said(circle["service"], lang),
        covered=number(people["covered"]),
        input=number(people["input"]),
    )


def number(count: int | str) -> str:
    """A count with separators, or the sign of one withheld."""
    return count if isinstance(count, str) else f"{count:,}"


def verdict(circle: Mapping[str, Any], lang: Language) -> str:
    """Whether the target is met."""
    target = circle["target_percent"]
    people = number(circle["people_to_target"] or 0)
    return said(
        circle["verdict"], lang, percent=None if target is None else f"{target:g}", people=people
    )


def site_rows(circle: Mapping[str, Any], lang: Language) -> list[str]:
    """The proposed sites, and what is covered with them."""
    study = circle.get("site_study")
    plan = next((one for one in study["plans"] if one["chosen"]), None) if study else None
    plan = plan or circle["sites"]
    rows = [
        said(
            "site_row",
            lang,
            order=site["order"],
            place=place_of(site, site["order"], lang),
            people=number(site["gain_people"]),
        )
        for site in plan["chosen"][:MOST_MARKS]
    ]
    if rows and plan.get("percent_after") is not None:
        after = said(
            "sites_after", lang, percent=plan["percent_after"], proof=proof(circle, plan, lang)
        )
        rows.append(after)
    return rows


def proof(circle: Mapping[str, Any], plan: Mapping[str, Any], lang: Language) -> str:
    """What is proven of a plan."""
    if plan["status"] == "optimal":
        return said("proof_optimal", lang, count=number(circle["sites"]["candidates"]))
    return said("proof_gap", lang, gap=plan["gap_percent"])


def place_of(row: Mapping[str, Any], order: int, lang: Language) -> str:
    """What a place is called: its name, its street, or a number."""
    if row.get("name"):
        return paper_text(row["name"])
    if row.get("street"):
        return said("near", lang, street=paper_text(row["street"]))
    if row.get("town") or row.get("unit"):
        return said("within", lang, unit=paper_text(row.get("town") or row["unit"]))
    return said("unnamed", lang, order=order)


def neighbourhood_rows(circle: Mapping[str, Any], lang: Language) -> list[str]:
    """The first of the under-served neighbourhoods."""
    return [
        said(
            "neighbourhood_row",
            lang,
            rank=row["rank"],
            place=place_of(row, row["rank"], lang),
            people=number(row["people"]),
        )
        for row in circle["neighbourhoods"][:8]
    ]


# --- what must be said


def draw_notes(
    side: Side, summary: Mapping[str, Any], told: Mapping[str, Any], lang: Language
) -> None:
    """The assumptions that go with the figures, as many of the others as have room."""
    side.write(said("assumptions", lang), 11.0)
    if told["estimated"]:
        side.write(said("estimated", lang), 7.0)
    side.write(said("few_note", lang), 7.0) if FEW in str(public_circle(told)) else None
    others = tuple(f"-{one['id']}" for one in summary["circles"] if one["id"] != told["id"])
    mine = [one for one in summary["assumptions"] if not one["id"].endswith(others or "-")]
    for one in sorted(mine, key=lambda one: not one["id"].startswith(GOES_WITH_FIGURES)):
        side.write(paper_text(one[lang]), 7.0)


def draw_margin(figure: Figure, summary: Mapping[str, Any], lang: Language) -> None:
    """Below the map: dates, sources, review, and that a model was at work."""
    study = summary["study"]
    key = "dates" if study["date"] else "dates_computed"
    dates = said(key, lang, date=study["date"], computed=study["computed"])
    if study["streets_date"]:
        dates += said("streets_date", lang, date=study["streets_date"])
    sources = "；".join(paper_text(one[lang]) for one in summary["attributions"])
    review = study["map_approval_number"]
    published = bool(study["published"] and review)
    stands = said("approval", lang, number=paper_text(review)) if published else said("draft", lang)
    lines = [
        f"{said('sources', lang)}：{sources}"
        if lang == "zh"
        else f"{said('sources', lang)}: {sources}",
        f"{dates}。{said('model', lang)}" if lang == "zh" else f"{dates}. {said('model', lang)}",
    ]
    rows = [row for line in lines for row in wrapped(line, 0.72 * A3_INCHES[0] * 72 / 8)]
    for at, row in enumerate(rows[:4]):
        figure.text(0.02, 0.06 - at * 0.0135, row, fontsize=8, va="top", color="#33414c")
    if not published:
        across: Any = {"rotation": 24, "ha": "center", "va": "center", "alpha": 0.06}
        figure.text(0.375, 0.48, said("draft_mark", lang), fontsize=190, **across)
    figure.text(0.98, 0.055, stands, fontsize=13, ha="right", va="top", color="#14212b")
