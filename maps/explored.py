"""One circle on a folium map, for a planner's notebook: to pan, to zoom and to point at.

folium hands texts to the browser as HTML, and what it has rendered to Jinja once more. So texts of
the data are escaped, travel as properties of GeoJSON alone, and name no layer. Leaflet is the copy
that travels with this package, written into the map: nothing is asked of the network, and there is
no basemap but the quarters. It shows unpublished figures; the page for the public is `map.html`.
"""

from __future__ import annotations

import html
import math
from typing import Any

import folium
import pandas as pd
from branca.element import Element
from geopandas import GeoDataFrame

from carecircle.coverage.result import CircleResult, StudyResult
from carecircle.coverage.status_words import STATUS_NAMES
from carecircle.layers.problems import Language
from carecircle.maps.page import leaflet_css, leaflet_js
from carecircle.maps.text import plain_text

COLOURS = {"covered": "#2C7FB8", "uncovered": "#FDB863", "excluded": "#BDBDBD"}
OTHER_COLOUR = "#EEEEEE"
REACHED = {"color": "#253494", "weight": 1.5, "fill": False}
CREDIT_STYLE = (
    "position:fixed;right:0;bottom:0;z-index:1000;max-width:70%;padding:2px 6px;"
    "background:#ffffffd0;font:12px sans-serif"
)
LAYERS = {
    "quarters": {"zh": "小区", "en": "quarters"},
    "reach": {"zh": "可达范围", "en": "ground reached"},
    "facilities": {"zh": "设施", "en": "facilities"},
    "sites": {"zh": "建议站址", "en": "proposed sites"},
}
FIELDS = {
    "name": {"zh": "名称", "en": "name"},
    "status": {"zh": "状态", "en": "status"},
    "people": {"zh": "人数", "en": "people"},
    "people_covered": {"zh": "已覆盖人数", "en": "people covered"},
    "minutes": {"zh": "步行分钟", "en": "minutes walked"},
    "kind": {"zh": "类型", "en": "kind"},
    "capacity": {"zh": "容量", "en": "places"},
    "street": {"zh": "街道", "en": "street"},
    "order": {"zh": "顺序", "en": "order"},
    "gain_people": {"zh": "新增覆盖人数", "en": "people gained"},
}


def explored(study: StudyResult, circle: CircleResult, lang: Language = "zh") -> folium.Map:
    """The quarters by status, the ground reached, stations and proposed sites of one circle.

    Parameters
    ----------
    circle : CircleResult
        One of ``study.circles``.

    Returns
    -------
    folium.Map
        In EPSG:4326, without a basemap; layers of one's own can be added to it.
    """
    west, south, east, north = (float(side) for side in study.homes.to_crs(4326).total_bounds)
    drawn = folium.Map(
        tiles=None, prefer_canvas=True, control_scale=True, attribution_control=False
    )
    drawn.default_js, drawn.default_css = [], []
    root: Any = drawn.get_root()
    root.header.add_child(Element(leaflet_inside()), name="leaflet")
    root.html.add_child(Element(credit(study, lang)), name="credit")
    for name, layer in layers_of(study, circle, lang).items():
        if len(layer):
            drawn_layer(name, layer, lang).add_to(drawn)
    folium.LayerControl(collapsed=False).add_to(drawn)
    drawn.fit_bounds([[south, west], [north, east]])
    return drawn


def leaflet_inside() -> str:
    """Leaflet as text of a page; Jinja must leave it as it is."""
    parts = f"<style>{leaflet_css()}</style><script>{leaflet_js()}</script>"
    return "{% raw %}" + parts + "{% endraw %}"


def credit(study: StudyResult, lang: Language) -> str:
    """What is drawn and from what, in a corner."""
    texts = [study.name, *(getattr(source, lang) for source in study.attributions)]
    return f'<div style="{CREDIT_STYLE}">{inert(" · ".join(texts))}</div>'


def layers_of(study: StudyResult, circle: CircleResult, lang: Language) -> dict[str, GeoDataFrame]:
    """What is drawn, the lowest first; columns are those that a pointer is told."""
    found = circle.coverage.quarters.reindex(study.residential.index)
    quarters = study.residential[["name", "geometry"]].assign(
        status=found["status"],
        people=found["people"],
        people_covered=found["people_covered"],
        minutes=found["minutes"],
    )
    sites = circle.candidates[circle.candidates["order"].notna()]
    layers = {
        "quarters": quarters,
        "reach": circle.areas.simplified_reach[["minutes", "geometry"]],
        "facilities": circle.facilities[["name", "kind", "capacity", "geometry"]],
        "sites": sites[["order", "street", "gain_people", "geometry"]],
    }
    return {name: told(layer, lang) for name, layer in layers.items()}


def told(layer: GeoDataFrame, lang: Language) -> GeoDataFrame:
    """Texts escaped, states in words (their ids beside, for the colours), minutes rounded up."""
    plain = layer.to_crs(4326).reset_index(drop=True)
    for name in plain.columns.drop("geometry"):
        plain[name] = [shown(value, name, lang) for value in plain[name]]
    if "status" in layer:
        plain["colour"] = [COLOURS.get(status, OTHER_COLOUR) for status in layer["status"]]
    return plain


def shown(value: Any, name: str, lang: Language) -> str:
    """A value as text that is no HTML."""
    if pd.isna(value):
        return ""
    if name == "status":
        return STATUS_NAMES.get(value, {}).get(lang, str(value))
    if name == "minutes":
        return str(math.ceil(value))
    if isinstance(value, str):
        return inert(value)
    return f"{int(value):,}"


def inert(text: str) -> str:
    """Text that is no HTML and, without braces, no template."""
    return html.escape(plain_text(text)).replace("{", "&#123;")


def drawn_layer(name: str, layer: GeoDataFrame, lang: Language) -> folium.GeoJson:
    """A layer with what a pointer is told of it."""
    fields = [field for field in layer if field in FIELDS]
    return folium.GeoJson(
        layer,
        name=LAYERS[name][lang],
        style_function=STYLES[name],
        marker=MARKERS[name]() if name in MARKERS else None,
        tooltip=folium.GeoJsonTooltip(fields, [FIELDS[field][lang] for field in fields]),
    )


def quarter_style(feature: dict[str, Any]) -> dict[str, Any]:
    """Filled by status."""
    colour = feature["properties"]["colour"]
    return {"fillColor": colour, "fillOpacity": 0.6, "color": "#666666", "weight": 0.5}


def reach_style(_: dict[str, Any]) -> dict[str, Any]:
    """A line."""
    return REACHED


def marker_style(_: dict[str, Any]) -> dict[str, Any]:
    """As the marker says."""
    return {}


STYLES = {
    "quarters": quarter_style,
    "reach": reach_style,
    "facilities": marker_style,
    "sites": marker_style,
}
MARKERS = {
    "facilities": lambda: folium.CircleMarker(
        radius=5, color="#152330", weight=3, fill_color="white", fill_opacity=1
    ),
    "sites": lambda: folium.CircleMarker(
        radius=8, color="white", weight=2, fill_color="#081D58", fill_opacity=1
    ),
}
