"""Which pictures beside the map tell how good the access of a circle is?

Every figure is taken from ``summary.json``; nothing is computed but percentages of its counts.
Lines and bars are told apart in grey, too: by dash, by hatch and by a label at their end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from carecircle.layers.problems import Language
from carecircle.maps.paper_fonts import on_paper, paper_text
from carecircle.maps.paper_words import said

SIZE_INCHES = (7.2, 4.2)
MOST_BARS = 15  # stations or units on one chart; the tables have all of them
COVERED, LACKING, DARK, GREY = "#2c7fb8", "#fdb863", "#14212b", "#8d8d95"

Circle = Mapping[str, Any]


def circle_charts(summary: Mapping[str, Any], circle_id: str, lang: Language) -> dict[str, Figure]:
    """The charts of one circle by name, those whose figures there are.

    ``curve``, ``lorenz``, ``capacity``, ``frontier``, ``before_after``.

    Parameters
    ----------
    summary : mapping
        The figures of the study (`coverage.summary.study_summary`).
    """
    circle = next(one for one in summary["circles"] if one["id"] == circle_id)
    with on_paper():
        return {
            name: chart(draw, circle, lang)
            for name, (has_figures, draw) in CHARTS.items()
            if has_figures(circle)
        }


def chart(draw: Callable[[Axes, Circle, Language], None], circle: Circle, lang: Language) -> Figure:
    """One figure with one drawing."""
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    draw(axes, circle, lang)
    return figure


def titled(axes: Axes, title: str, across: str, up: str) -> None:
    """What a chart and its axes are called."""
    axes.set_title(title, loc="left", fontsize=12, color=DARK)
    axes.set_xlabel(across)
    axes.set_ylabel(up)


def marked_end(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    """A line's name at its end, in place of a legend."""
    axes.annotate(
        text, (x, y), (4, 0), "data", "offset points", color=colour, va="center", fontsize=9
    )


# --- how far people walk


def has_people(circle: Circle) -> bool:
    """Whether the group has anybody."""
    return bool(circle["people"]["input"])


def draw_curve(axes: Axes, circle: Circle, lang: Language) -> None:
    """How many reach a first and a second station within so many minutes."""
    curve, everybody = circle["access"]["curve"], circle["people"]["input"]
    for name, colour, dash in (("nearest", COVERED, "-"), ("second", DARK, "--")):
        share = [100 * people / everybody for people in curve[name]]
        axes.step(curve["minutes"], share, where="post", color=colour, linestyle=dash)
        marked_end(axes, curve["minutes"][-1], share[-1], said(f"curve_{name}", lang), colour)
    axes.axvline(circle["minutes"], color=GREY, linewidth=1, linestyle=":")
    if circle["target_percent"] is not None:
        axes.axhline(circle["target_percent"], color=GREY, linewidth=1, linestyle="-.")
        target = said("target", lang, percent=f"{circle['target_percent']:g}")
        axes.annotate(target, (0, circle["target_percent"]), (2, 3), "data", "offset points")
    axes.set_xlim(0, curve["minutes"][-1])
    axes.set_ylim(0, 100)
    title = said(
        "curve_title", lang, percent=circle["people"]["percent"], minutes=circle["minutes"]
    )
    titled(axes, title, said("minutes_walked", lang), said("share_of_people", lang))


# --- how evenly


def lorenz_of(circle: Circle) -> list[Mapping[str, Any]]:
    """The amounts that have a curve."""
    return [one for one in circle["access"]["evenness"] if one["lorenz"]]


def draw_lorenz(axes: Axes, circle: Circle, lang: Language) -> None:
    """How much of what is there the least served part of the people has."""
    for one, dash, colour in zip(lorenz_of(circle), ("-", "--"), (COVERED, DARK), strict=False):
        points = one["lorenz"]
        across = [100 * at / (len(points) - 1) for at in range(len(points))]
        axes.plot(across, [100 * point for point in points], dash, color=colour, marker=".")
        name = said(f"lorenz_{one['amount']}", lang, gini=one["gini"])
        axes.plot([], [], dash, color=colour, marker=".", label=name)
    axes.plot([0, 100], [0, 100], ":", color=GREY, label=said("even", lang))
    axes.legend(frameon=False, loc="upper left")
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    titled(axes, said("lorenz_title", lang), said("least_served", lang), said("share_held", lang))


# --- whether there are places


def has_places(circle: Circle) -> bool:
    """Whether the stations' places were counted."""
    return bool(circle["access"]["places"].get("facilities"))


def draw_capacity(axes: Axes, circle: Circle, lang: Language) -> None:
    """Places of the stations, and the people to whom each is the nearest."""
    names = {one["facility_id"]: one["name"] for one in circle["stations"]}
    rows = sorted(
        circle["access"]["places"]["facilities"],
        key=lambda row: (-row["nearest_people"], row["facility_id"]),
    )[:MOST_BARS][::-1]
    at = range(len(rows))
    need = [row["nearest_people"] for row in rows]
    places = [row["places"] or 0 for row in rows]
    axes.barh(
        at, need, 0.8, color=LACKING, hatch="//", edgecolor="#9a4f00", label=said("need", lang)
    )
    axes.barh(at, places, 0.4, color=COVERED, edgecolor="#0f4066", label=said("places", lang))
    labels = [shortened(names.get(row["facility_id"]) or row["facility_id"]) for row in rows]
    axes.set_yticks(list(at), labels)
    axes.legend(frameon=False, loc="lower right")
    titled(axes, said("capacity_title", lang), said("people", lang), "")


def shortened(name: str, most: int = 16) -> str:
    """A name that fits beside a bar."""
    text = paper_text(name)
    return text if len(text) <= most else text[: most - 1] + "…"


# --- what more stations bring


def frontier_of(circle: Circle) -> list[Mapping[str, Any]]:
    """The points of the frontier; none where nobody asked for it."""
    return list(((circle.get("site_study") or {}).get("frontier") or {}).get("points", ()))


def draw_frontier(axes: Axes, circle: Circle, lang: Language) -> None:
    """The most people that so many stations, or so much money, can cover."""
    points = frontier_of(circle)
    price = circle["site_study"]["frontier"]["price"]
    across, share = [p["price"] for p in points], [p["percent"] for p in points]
    axes.plot(across, share, "-", color=COVERED)
    for proven, fill in ((True, COVERED), (False, "white")):
        some = [
            (a, b) for a, b, p in zip(across, share, points, strict=True) if p["proven"] is proven
        ]
        if some:
            label = said("proven" if proven else "not_proven", lang)
            axes.plot(
                *zip(*some, strict=True), "o", color=COVERED, markerfacecolor=fill, label=label
            )
    if price == "stations":
        axes.set_xticks(across)
    axes.set_ylim(0, 100)
    axes.legend(frameon=False, loc="lower right")
    titled(
        axes,
        said("frontier_title", lang),
        said(f"price_{price}", lang),
        said("share_covered", lang),
    )


# --- before and after


def plan_of(circle: Circle) -> Mapping[str, Any] | None:
    """The first plan of a study of sites that opens something."""
    plans = (circle.get("site_study") or {}).get("plans", ())
    return next((plan for plan in plans if plan["chosen"]), None)


def units_before_after(circle: Circle) -> list[Mapping[str, Any]]:
    """Units with people, those with most to gain first."""
    plan = plan_of(circle)
    rows = [row for row in (plan or {"by_unit": ()})["by_unit"] if row["before"]["input"]]
    first = rows[0]["level"] if rows else ""
    rows = [row for row in rows if row["level"] == first]
    return sorted(rows, key=lambda row: (-row["people_gained"], row["id"]))[:MOST_BARS]


def draw_before_after(axes: Axes, circle: Circle, lang: Language) -> None:
    """Each unit's share today and with the plan."""
    rows = units_before_after(circle)[::-1]
    for at, row in enumerate(rows):
        before, after = (row[when]["percent"] for when in ("before", "after"))
        axes.plot([before, after], [at, at], "-", color=GREY, zorder=1)
        axes.plot(before, at, "o", color=DARK, markerfacecolor="white", zorder=2)
        axes.plot(after, at, "D", color=COVERED, zorder=2)
    axes.plot([], [], "o", color=DARK, markerfacecolor="white", label=said("today", lang))
    axes.plot([], [], "D", color=COVERED, label=said("with_plan", lang))
    axes.set_yticks(
        range(len(rows)), [shortened(row["name"] or said("no_unit", lang)) for row in rows]
    )
    axes.set_xlim(-2, 102)
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2)
    plan = plan_of(circle)
    assert plan is not None
    title = said(
        "before_after_title",
        lang,
        before=plan["people_before"]["percent"],
        after=plan["percent_after"],
        count=len(plan["chosen"]),
    )
    titled(axes, title, said("share_covered", lang), "")


CHARTS: dict[str, tuple[Callable[[Circle], Any], Callable[[Axes, Circle, Language], None]]] = {
    "curve": (has_people, draw_curve),
    "lorenz": (lorenz_of, draw_lorenz),
    "capacity": (has_places, draw_capacity),
    "frontier": (frontier_of, draw_frontier),
    "before_after": (units_before_after, draw_before_after),
}
