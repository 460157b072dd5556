"""Who gains and who loses, as a page for the public: a map and a table for each circle.

One file that needs nothing else: the map is drawn in SVG, no script runs and nothing is fetched.
What a quarter gains or loses is told by a pattern as well as a colour. Counts from 1 to 9 are
withheld as on the map of a run (`public`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from geopandas import GeoDataFrame
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from numpy.typing import NDArray
from pandas import DataFrame

from carecircle.layers.network import EDGE_KINDS, WalkNetwork
from carecircle.layers.problems import Language
from carecircle.maps.encoding import merged_chains
from carecircle.maps.page import HERE, HTML_LANGUAGES, security_policy, source
from carecircle.maps.public import QUARTER_TOLERANCE_M, whole_minutes
from carecircle.maps.text import plain_text
from carecircle.maps.withheld import FEW, WITHHELD, public_counts

WIDTH = 1000  # of the drawing, in its own units
MARGIN = 0.15  # of the changed quarters' extent
TALLEST, WIDEST = 1.4, 2.0  # height to width, and width to height, of the map
LEAST_M = 800.0  # shown, whatever changed
STREET_TOLERANCE_M = 4.0
WALKS = ("nearer", "farther")
CHANGES = ("gained", "lost", *WALKS)
NO_UNIT = "不在任何单位 in no unit"
MOST_LISTED = 20  # quarters in the list of each circle

STATES: Mapping[str, tuple[str, str]] = {
    "gains": ("有人新获覆盖", "people gain"),
    "loses": ("有人失去覆盖", "people lose"),
    "both": ("有得有失", "some gain, some lose"),
    "covered": ("一直覆盖", "covered before and after"),
    "uncovered": ("一直未覆盖", "not covered before nor after"),
    "other": ("人口变动或无该人群", "people came or went, or none of the group"),
}
STATION_STATES: Mapping[str, tuple[str, str, str]] = {
    "stays": ("●", "设施", "station"),
    "resized": ("◉", "改规模的设施", "station of another capacity"),
    "new": ("★", "新增设施", "new station"),
    "moved": ("➤", "迁址的设施（新址）", "station that moved, at its new place"),
    "closed": ("✕", "关闭的设施", "closed station"),
}


@dataclass(frozen=True, eq=False)
class PageCircle:
    """One circle on the page.

    ``rows`` are the counts of the study and below it its units, by ``level`` and ``parent``, with
    the words for the ``levels``; ``quarters`` and ``stations`` as in `carecircle.compared`,
    quarters with ``name``.
    """

    name: Mapping[Language, str]
    limit_minutes: int
    rows: DataFrame
    levels: Sequence[Mapping[str, str]]
    quarters: DataFrame
    stations: GeoDataFrame


def gains_page(
    names: tuple[str, str],
    day: str,
    network: WalkNetwork,
    shapes: GeoDataFrame,
    circles: Sequence[PageCircle],
    notes: Sequence[tuple[str, str]],
    attributions: Sequence[tuple[str, str]],
    lang: Language,
) -> str:
    """The page as one HTML text."""
    style = source("gains.css")
    templates = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined
    )
    return templates.get_template("gains.html").render(
        html_lang=HTML_LANGUAGES[lang],
        policy=security_policy([], [style]),
        style=Markup(style),
        names=[plain_text(name) for name in names],
        day=day,
        circles=[drawn(circle, network, shapes) for circle in circles],
        states=STATES,
        station_states=STATION_STATES,
        few=FEW,
        withheld=WITHHELD,
        shown=shown,
        notes=notes,
        attributions=attributions,
    )


def drawn(circle: PageCircle, network: WalkNetwork, shapes: GeoDataFrame) -> dict[str, Any]:
    """What the template is told of one circle."""
    state = states_of(circle.quarters)
    view = View.around(circle, shapes, state)
    counts = public_quarters(circle.quarters)
    order = most_changed(circle.quarters)
    whole, *units = public_rows(circle)
    touched = [unit for unit in units if any(unit[name] != 0 for name in CHANGES)]
    return {
        "name": circle.name,
        "whole": whole,
        "units": touched,
        "unchanged": len(units) - len(touched),
        "changed": int(np.isin(state, ["gains", "loses", "both"]).sum()),
        "listed": [listed(circle.quarters, counts, state, at) for at in order],
        "height": view.height,
        "streets": Markup(view.lines(network)),
        "quarters": [
            {
                "state": state[at],
                "path": Markup(view.area(shapes.geometry[id])),
                "title": title(circle.quarters, counts, state, at),
            }
            for at, id in enumerate(circle.quarters.index)
        ],
        "stations": list(marks(circle.stations, view)),
        "present": [name for name in STATES if (state == name).any()],
        "station_present": [s for s in STATION_STATES if (circle.stations["state"] == s).any()],
    }


# --- what may be told


def states_of(quarters: DataFrame) -> NDArray[np.object_]:
    """What became of each quarter, one of `STATES`."""
    gained, lost = (quarters[name].to_numpy() > 0 for name in ("gained", "lost"))
    was, now = (quarters[f"status_{when}"].to_numpy() for when in ("before", "after"))
    return np.select(
        [gained & lost, gained, lost, (was == "covered") & (now == "covered"),
         np.isin(was, ["uncovered", "excluded"]) & np.isin(now, ["uncovered", "excluded"])],
        ["both", "gains", "loses", "covered", "uncovered"],
        "other",
    ).astype(object)  # fmt: skip


def public_quarters(quarters: DataFrame) -> dict[str, list[int | str]]:
    """People who gain and lose in each quarter, as the public may read it."""
    return {name: public_counts(quarters[name]) for name in ("gained", "lost")}


def public_rows(circle: PageCircle) -> Iterator[dict[str, Any]]:
    """The counts of the study and its units; units of one parent make up the parent.

    Who is covered before and after is told of the whole study alone: in a unit it would give away
    a gain that is withheld, and the other way round.
    """
    rows = circle.rows.reset_index(drop=True)
    parent = rows["parent"].fillna("") if "parent" in rows else ""
    family = rows["level"] + "/" + parent
    shown: list[dict[str, Any]] = [{} for _ in range(len(rows))]
    for _, some in rows.groupby(family, sort=False):
        counts = {name: public_counts(some[name]) for name in CHANGES}
        for at, position in enumerate(some.index):
            shown[position] = {name: values[at] for name, values in counts.items()}
    covered = public_counts(rows[["covered_before", "covered_after"]].iloc[0])
    if any(isinstance(shown[0][name], str) for name in ("gained", "lost")):
        covered[1] = covered[1] if isinstance(covered[1], str) else WITHHELD
    for at, told in enumerate(shown):
        name = plain_text(rows["name"].iloc[at])
        yield {
            "level": circle.levels[at],
            "name": name or ("" if at == 0 else NO_UNIT),
            "covered_before": covered[0] if at == 0 else "",
            "covered_after": covered[1] if at == 0 else "",
            **told,
        }


def most_changed(quarters: DataFrame) -> list[int]:
    """Positions of the quarters where most people gain or lose, at most `MOST_LISTED`."""
    change = (quarters["gained"] + quarters["lost"]).to_numpy()
    order = np.argsort(-change, kind="stable")[:MOST_LISTED]
    return [int(at) for at in order if change[at] > 0]


def listed(
    quarters: DataFrame, counts: Mapping[str, list[int | str]], state: NDArray[Any], at: int
) -> dict[str, Any]:
    """One quarter in the list."""
    row = quarters.iloc[at]
    return {
        "name": plain_text(row["name"]) or plain_text(quarters.index[at]),
        "state": STATES[state[at]],
        "gained": counts["gained"][at],
        "lost": counts["lost"][at],
        "before": shown_minutes(row["minutes_before"]),
        "after": shown_minutes(row["minutes_after"]),
    }


def title(
    quarters: DataFrame, counts: Mapping[str, list[int | str]], state: NDArray[Any], at: int
) -> str:
    """What is said of a quarter under the pointer."""
    told = listed(quarters, counts, state, at)
    zh, en = told["state"]
    walk = f"{told['before']} → {told['after']} min"
    return f"{told['name']}: {zh} {en}; +{told['gained']} −{told['lost']}; {walk}"


def shown(count: int | str) -> str:
    """A count with its thousands apart, or what stands for one that is withheld."""
    return count if isinstance(count, str) else f"{count:,}"


def shown_minutes(minutes: float) -> str:
    """Whole minutes, or a dash where nobody arrives."""
    whole = whole_minutes(float(minutes))
    return "–" if whole is None else str(whole)


# --- what is drawn


@dataclass(frozen=True)
class View:
    """The part of the ground that is drawn: metres of the working CRS to units of the drawing."""

    west: float
    north: float
    scale: float
    height: int

    @staticmethod
    def around(circle: PageCircle, shapes: GeoDataFrame, state: NDArray[np.object_]) -> View:
        """Around what changes, or around everything where nothing does."""
        changed = np.isin(state, ["gains", "loses", "both"])
        ids = circle.quarters.index[changed] if changed.any() else circle.quarters.index
        boxes = [shapes.loc[ids].total_bounds]
        edited = circle.stations[circle.stations["state"] != "stays"]
        if len(edited):
            boxes.append(edited.total_bounds)
        low, high = np.min(boxes, axis=0)[:2], np.max(boxes, axis=0)[2:]
        middle, size = (low + high) / 2, np.maximum((high - low) * (1 + 2 * MARGIN), LEAST_M)
        width = float(max(size[0], size[1] / TALLEST))
        height = float(max(size[1], width / WIDEST))
        scale = WIDTH / width
        return View(
            west=float(middle[0]) - width / 2,
            north=float(middle[1]) + height / 2,
            scale=scale,
            height=round(height * scale),
        )

    def units(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places in units of the drawing, to a tenth."""
        placed = np.column_stack([xy[:, 0] - self.west, self.north - xy[:, 1]])
        return np.asarray(np.round(placed * self.scale, 1))

    @property
    def box(self) -> shapely.Polygon:
        """The ground that is drawn."""
        return shapely.box(
            self.west,
            self.north - self.height / self.scale,
            self.west + WIDTH / self.scale,
            self.north,
        )

    def area(self, shape: shapely.Geometry) -> str:
        """A polygon as the data of an SVG path."""
        simple = shapely.simplify(shape, QUARTER_TOLERANCE_M)
        rings = [
            ring
            for part in shapely.get_parts(simple)
            if part.geom_type == "Polygon" and not part.is_empty
            for ring in (part.exterior, *part.interiors)
        ]
        return "".join(self._path(shapely.get_coordinates(ring)) + "Z" for ring in rings)

    def lines(self, network: WalkNetwork) -> str:
        """The streets in view as the data of an SVG path."""
        chains = merged_chains(network, EDGE_KINDS[:5], STREET_TOLERANCE_M).to_crs(network.crs)
        near = chains[chains.intersects(self.box)]
        return "".join(self._path(shapely.get_coordinates(chain)) for chain in near)

    def _path(self, xy: NDArray[np.float64]) -> str:
        points = [f"{x:g} {y:g}" for x, y in self.units(xy)]
        return f"M{points[0]}L{' '.join(points[1:])}"


def marks(stations: GeoDataFrame, view: View) -> Iterator[dict[str, Any]]:
    """The stations in view, those that were edited last so that they lie on top."""
    at_top = stations.assign(top=stations["state"] != "stays").sort_values("top", kind="stable")
    for id, station in at_top.iterrows():
        if not view.box.contains(station.geometry):
            continue
        x, y = view.units(shapely.get_coordinates(station.geometry))[0]
        sign, zh, en = STATION_STATES[station["state"]]
        name = plain_text(station["name"]) or plain_text(id)
        title = escape(f"{zh} {en}: {name}")
        yield {"x": x, "y": y, "sign": sign, "state": station["state"], "title": title}
