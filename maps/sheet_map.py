"""How is a circle drawn on paper? The map of a sheet, without its margins.

Drawn in the study's working CRS, in metres, so that the scale bar holds everywhere on it. A
state is told by its fill and by a hatch; no boundary of a unit is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from geopandas import GeoDataFrame, GeoSeries
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from carecircle.coverage.result import CircleResult, StudyResult
from carecircle.layers.network import WalkNetwork
from carecircle.layers.problems import Language
from carecircle.maps.paper_fonts import paper_text
from carecircle.maps.paper_words import said

# Fill, outline and hatch of each state, as on the public page.
STATES: dict[str, dict[str, Any]] = {
    "covered": {"facecolor": "#80b2d4", "edgecolor": "#0f4066"},
    "uncovered": {"facecolor": "#fdb863", "edgecolor": "#9a4f00", "hatch": "////"},
    "excluded": {"facecolor": "#b4b4ba", "edgecolor": "#3c3c42", "hatch": "...."},
    "no_people": {"facecolor": "#eeeeeb", "edgecolor": "#9a9a96"},
}
REACH, SITE, NEIGHBOURHOOD, STREET = "#253494", "#081d58", "#7a3b00", "#c3bcae"
STATION: dict[str, Any] = {
    "marker": "o",
    "s": 46,
    "facecolor": "white",
    "edgecolor": "#14212b",
    "linewidth": 2.2,
}
HALO = (patheffects.withStroke(linewidth=2.5, foreground="white"),)
MOST_MARKS = 12  # neighbourhoods and proposed sites with a number on the map
MOST_LINES = 60_000  # streets beyond are drawn as a picture: a PDF of each would be slow to open
MARGIN = 0.04  # of the width, round what is shown
Bounds = tuple[float, float, float, float]


def drawn_circle(
    axes: Axes, study: StudyResult, circle: CircleResult, shown: GeoSeries, lang: Language
) -> list[str]:
    """Draw a circle round the quarters ``shown``; the states that are to be seen.

    Parameters
    ----------
    axes : Axes
        Takes the whole of its place; the extent grows to fill it.
    shown : GeoSeries
        The quarters of the whole area or of one unit, in the working CRS.
    """
    bounds = filling(tuple(shown.total_bounds), axes)
    axes.set_xlim(bounds[0], bounds[2])
    axes.set_ylim(bounds[1], bounds[3])
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    draw_streets(axes, study.network, bounds)
    states = draw_quarters(axes, study, circle, shown, bounds)
    draw_reach(axes, circle, bounds)
    draw_points(axes, circle, shown, lang)
    return states


def filling(bounds: Bounds, axes: Axes) -> Bounds:
    """An extent with a margin that has the shape of the axes."""
    west, south, east, north = bounds
    box, size = axes.get_position(), sheet_inches(axes)
    shape = (box.width * size[0]) / (box.height * size[1])
    width, height = max(east - west, 50.0), max(north - south, 50.0)
    width = max(width, height * shape) * (1 + 2 * MARGIN)
    height = width / shape
    x, y = (west + east) / 2, (south + north) / 2
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def draw_streets(axes: Axes, network: WalkNetwork, bounds: Bounds) -> None:
    """The streets in sight, as thin lines."""
    ends = network.node_xy[network.edge_nodes]
    low, high = ends.min(axis=1), ends.max(axis=1)
    seen = (high >= bounds[:2]).all(axis=1) & (low <= bounds[2:]).all(axis=1)
    lines: Any = ends[seen]
    drawn = LineCollection(lines, colors=STREET, linewidths=0.5, zorder=1)
    drawn.set_rasterized(len(lines) > MOST_LINES)
    axes.add_collection(drawn, autolim=False)


def draw_quarters(
    axes: Axes, study: StudyResult, circle: CircleResult, shown: GeoSeries, bounds: Bounds
) -> list[str]:
    """The quarters in sight by their state, paler those that the sheet is not about."""
    west, south, east, north = bounds
    status = circle.coverage.quarters["status"].reindex(study.residential.index)
    seen = study.residential.cx[west:east, south:north]
    found = []
    for state, style in STATES.items():
        some = seen.geometry[status[seen.index] == state]
        if len(some):
            found.append(state)
        meant = some.index.isin(shown.index)
        for part, alpha in ((some[meant], 0.9), (some[~meant], 0.3)):
            if len(part):
                width = 0.0 if study.cells else 0.5  # cells of a grid need no outlines
                part.plot(ax=axes, alpha=alpha, linewidth=width, zorder=2, autolim=False, **style)
    axes.set(xlabel="", ylabel="", autoscale_on=False)
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    return found


def draw_reach(axes: Axes, circle: CircleResult, bounds: Bounds) -> None:
    """The outline of the ground within the circle's minutes of any station."""
    reach = circle.areas.simplified_reach
    ground = reach.geometry[reach["minutes"] == circle.circle.minutes]
    lines = ground.boundary.clip_by_rect(*bounds)
    lines = lines[~lines.is_empty]
    if len(lines):
        lines.plot(ax=axes, color="white", linewidth=2.4, zorder=3)
        lines.plot(ax=axes, color=REACH, linewidth=1.1, zorder=4)
    axes.set(xlabel="", ylabel="")


def draw_points(axes: Axes, circle: CircleResult, shown: GeoSeries, lang: Language) -> None:
    """Stations with their names, neighbourhoods and proposed sites with their numbers."""
    stations = circle.facilities
    if len(stations):
        axes.scatter(stations.geometry.x, stations.geometry.y, zorder=6, **STATION)
    taken: list[Bounds] = []
    sites = proposed(circle)
    for order, point in zip(sites["order"], sites.geometry, strict=True):
        numbered(axes, point, int(order), "o", SITE, 190)
        taken.append(box_of(axes, point.x, point.y, 14, 14))
    for rank, area in list(circle.neighbourhoods.sort_index().geometry.items())[:MOST_MARKS]:
        mark = area.representative_point()
        numbered(axes, mark, int(rank), "s", NEIGHBOURHOOD, 110)
        taken.append(box_of(axes, mark.x, mark.y, 12, 12))
    taken += [box_of(axes, point.x, point.y, 9, 9) for point in stations.geometry]
    for name, point in zip(stations["name"], stations.geometry, strict=True):
        labelled(axes, point, paper_text(name), taken)


def proposed(circle: CircleResult) -> GeoDataFrame:
    """The sites to be opened, by ``order``: those of the first plan of a study, else of the run."""
    study = circle.site_study
    plan = next((one for one in study.plans if one.opened), None) if study else None
    if plan is None:
        sites = circle.candidates[circle.candidates["order"].notna()]
        return sites.sort_values("order")[["order", "geometry"]]
    sites = circle.candidates.iloc[[one.candidate for one in plan.opened]]
    return sites[["geometry"]].assign(order=range(1, len(sites) + 1))


def numbered(axes: Axes, point: Any, number: int, marker: str, colour: str, size: float) -> None:
    """A number on a filled mark."""
    inside = axes.get_xlim()[0] <= point.x <= axes.get_xlim()[1]
    inside = inside and axes.get_ylim()[0] <= point.y <= axes.get_ylim()[1]
    if inside:
        axes.scatter(
            [point.x], [point.y], s=size, marker=marker, c=colour, edgecolors="white", zorder=7
        )
        middle: dict[str, Any] = {"ha": "center", "va": "center_baseline"}
        axes.text(point.x, point.y, str(number), color="white", fontsize=8, zorder=8, **middle)


# --- names that do not lie on one another


def box_of(axes: Axes, x: float, y: float, width_pt: float, height_pt: float) -> Bounds:
    """The ground that something of a size in points covers round a place."""
    metres = metres_per_point(axes)
    across, up = width_pt * metres / 2, height_pt * metres / 2
    return x - across, y - up, x + across, y + up


def sheet_inches(axes: Axes) -> tuple[float, float]:
    """Width and height of the sheet that a map is on."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    width, height = figure.get_size_inches()
    return float(width), float(height)


def metres_per_point(axes: Axes) -> float:
    """Metres on the ground of a point (1/72 inch) on paper."""
    width_inches = axes.get_position().width * sheet_inches(axes)[0]
    west, east = axes.get_xlim()
    return float((east - west) / (width_inches * 72))


def labelled(axes: Axes, point: Any, text: str, taken: list[Bounds], size: float = 7.5) -> None:
    """A name beside its place, where there is room for it; else no name."""
    width, height = text_width(text) * size, size * 1.3
    gap = 6 + width / 2
    for right, up in ((gap, 0), (-gap, 0), (0, 10), (0, -10)):
        metres = metres_per_point(axes)
        x, y = point.x + right * metres, point.y + up * metres
        box = box_of(axes, x, y, width, height)
        if within(box, axes) and not any(overlap(box, other) for other in taken):
            taken.append(box)
            style: dict[str, Any] = {
                "fontsize": size,
                "ha": "center",
                "va": "center",
                "color": "#14212b",
            }
            axes.text(x, y, text, zorder=9, path_effects=HALO, **style)
            return


def text_width(text: str) -> float:
    """About how many times its height a text is wide."""
    return sum(1.0 if ord(c) > 0x2E7F else 0.56 for c in text)


def overlap(one: Bounds, other: Bounds) -> bool:
    """Whether two boxes share ground."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def within(box: Bounds, axes: Axes) -> bool:
    """Whether a box lies inside the map."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    return west < box[0] and box[2] < east and south < box[1] and box[3] < north


# --- what reads the map


def draw_scale(axes: Axes, lang: Language) -> None:
    """A scale bar of a round length, and an arrow to grid north."""
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    length = round_length((east - west) / 5)
    x, y = west + (east - west) * 0.02, south + (north - south) * 0.025
    height = (north - south) * 0.007
    for part, colour in enumerate(("black", "white")):
        corner = (x + part * length / 2, y)
        axes.add_patch(Rectangle(corner, length / 2, height, fc=colour, ec="black", zorder=10))
    key, shown = ("kilometres", length / 1000) if length >= 1000 else ("metres", length)
    text = said(key, lang, length=f"{shown:g}")
    axes.text(
        x + length, y + 2 * height, text, ha="right", fontsize=9, zorder=10, path_effects=HALO
    )
    top = (x, north - (north - south) * 0.03)
    tail = (x, north - (north - south) * 0.09)
    arrow = {"arrowstyle": "-|>", "color": "black", "linewidth": 1.6}
    axes.annotate("", top, tail, arrowprops=arrow, zorder=10)
    axes.text(
        *tail, said("north", lang), ha="center", va="top", fontsize=11, zorder=10, path_effects=HALO
    )


def round_length(metres: float) -> float:
    """The longest of 1, 2 or 5 times a power of ten that is no longer."""
    power = 10.0 ** math.floor(math.log10(metres))
    return max(step * power for step in (1, 2, 5) if step * power <= metres)


def legend_of(
    states: Iterable[str], circle: CircleResult, lang: Language, cells: bool = False
) -> tuple[Sequence[Any], list[str]]:
    """What is to be seen on the map, and what it is called; ``cells`` of a grid are no quarters."""
    marks: list[tuple[Any, str]] = [
        (Patch(linewidth=0.7, **STATES[state]), said(f"{state}_cells" if cells else state, lang))
        for state in states
    ]
    reach = said("reach", lang, minutes=circle.circle.minutes)
    marks.append((Line2D([], [], color=REACH, linewidth=1.8), reach))
    dot: dict[str, Any] = {"linestyle": "none", "markeredgecolor": "white"}
    station: dict[str, Any] = {
        "linestyle": "none",
        "markerfacecolor": "white",
        "markeredgecolor": "#14212b",
    }
    if len(circle.facilities):
        marks.append(
            (Line2D([], [], marker="o", markeredgewidth=2, **station), said("stations", lang))
        )
    if len(proposed(circle)):
        marks.append(
            (Line2D([], [], marker="o", color=SITE, markersize=11, **dot), said("sites", lang))
        )
    if len(circle.neighbourhoods):
        mark = Line2D([], [], marker="s", color=NEIGHBOURHOOD, markersize=9, **dot)
        marks.append((mark, said("neighbourhoods", lang)))
    marks.append((Line2D([], [], color=STREET, linewidth=1), said("streets", lang)))
    return [mark for mark, _ in marks], [text for _, text in marks]
