"""How does QGIS show the results the moment they are opened? A style for each layer, in the file.

QGIS looks into the table ``layer_styles`` of a GeoPackage and takes the style marked as default.
Colours are those of the public page; a state is told by fill and by hatch. Every layer holds
all circles: they are groups of the legend, the first one switched on. Columns have their
Chinese names beside their own. Format: QGIS 3's QML, checked by loading it in QGIS 3.22.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement, tostring

import pandas as pd

from carecircle.coverage.status_words import STATUS_NAMES
from carecircle.coverage.summary import CIRCLE_NAMES
from carecircle.maps.columns import COLUMNS
from carecircle.maps.text import both

STYLES = "layer_styles"
BLUE, ORANGE, GREY, PALE, DARK = (
    "128,178,212",
    "253,184,99",
    "141,141,149",
    "233,233,230",
    "20,33,43",
)
BREAKS = {5: "37,52,148", 10: "65,182,196", 15: "199,233,180", 20: "255,255,204"}


@dataclass(frozen=True)
class Look:
    """How something is drawn: an area, a line or a mark, and when."""

    label: str
    when: str  # an expression of QGIS; empty: everything else
    fill: str = ""
    line: str = DARK
    width_mm: float = 0.2
    hatch: str = ""
    size_mm: float = 0.0
    shape: str = "circle"
    opacity: float = 1.0


@dataclass(frozen=True)
class Style:
    """The looks of a layer and the column its labels are taken from."""

    looks: tuple[Look, ...]
    label: str = ""
    size_pt: float = 8.0
    colour: str = field(default=DARK)


def status_looks(size_mm: float = 0.0) -> tuple[Look, ...]:
    """A look for each state of people."""
    fills = {
        "covered": (BLUE, "15,64,102", ""),
        "uncovered": (ORANGE, "154,79,0", "154,79,0"),
        "excluded": (GREY, "60,60,66", "60,60,66"),
        "no_people": (PALE, "154,154,150", ""),
    }
    return tuple(
        Look(both(STATUS_NAMES[state]), f"\"status\" = '{state}'", fill, line, 0.2, hatch, size_mm)
        for state, (fill, line, hatch) in fills.items()
    )


def minute_looks(line: bool = False) -> tuple[Look, ...]:
    """A look for each break, the nearest ground the darkest."""
    looks, before = [], 0
    for minutes, colour in BREAKS.items():
        when = f'"minutes" > {before} AND "minutes" <= {minutes}'
        label = f"{before}–{minutes} 分钟 minutes"
        drawn = Look(label, when, "" if line else colour, colour if line else DARK)
        looks.append(drawn if not line else Look(label, when, "", colour, 0.7))
        before = minutes
    rest = Look(f"{before} 分钟以上 minutes and more", "", "" if line else PALE, GREY, 0.3)
    return (*looks, rest)


SITE_LOOKS = (
    Look("建议站址 proposed site", '"site_order" > 0', "8,29,88", "255,255,255", 0.4, "", 5.0),
    Look("备选站址 candidate", "", "255,255,255", "120,120,120", 0.2, "", 1.2),
)
ACTION_LOOKS = (
    Look("新建 open", "\"action\" = 'open'", "8,29,88", "255,255,255", 0.4, "", 5.0),
    Look("关闭 close", "\"action\" = 'close'", "200,30,30", DARK, 0.4, "", 4.5, "cross_fill"),
    Look("其他 other", "", "255,213,74", DARK, 0.4, "", 4.5, "diamond"),
)
WAY_LOOKS = (
    Look("出入口与通道 gate, path", "", "123,31,162", "255,255,255", 0.4, "", 3.0, "triangle"),
)
LAYER_STYLES: dict[str, Style] = {
    "quarters": Style(status_looks()),
    "homes": Style(status_looks(size_mm=1.4)),
    "facilities": Style((Look("设施 facility", "", "255,255,255", DARK, 0.7, "", 3.2),), "name"),
    "isochrones": Style(minute_looks(line=True)),
    "rings": Style(minute_looks()),
    "catchments": Style(minute_looks()),
    "reach": Style(minute_looks(line=True)),
    "reached_streets": Style(minute_looks(line=True)),
    "neighbourhoods": Style(
        (Look("薄弱片区 under-served", "", "", "122,59,0", 0.9),),
        "to_string(\"rank\") || ' ' || \"name\"", 9.0, "122,59,0",
    ),
    "candidates": Style(SITE_LOOKS, '"site_order"', 8.0),
    "site_plan": Style(ACTION_LOOKS, 'coalesce(nullif("name", \'\'), "id")', 8.0),
    "ways": Style(WAY_LOOKS),
    "way_lines": Style((Look("步行通道 footpath", "", "", "123,31,162", 1.0),)),
}  # fmt: skip


def style_table(
    layers: Mapping[str, tuple[str, Iterable[str]]], circles: Iterable[str]
) -> pd.DataFrame:
    """The rows of ``layer_styles``.

    Parameters
    ----------
    layers : mapping of name to (geometry type, columns)
        Those that the file holds.
    circles : iterable of str
        Ids of the circles in them.
    """
    ids = list(circles)
    rows = [
        {
            "f_table_catalog": "",
            "f_table_schema": "",
            "f_table_name": name,
            "f_geometry_column": "geom",
            "styleName": "carecircle",
            "styleQML": qml(LAYER_STYLES[name], geometry, list(columns), ids),
            "styleSLD": "",
            "useAsDefault": True,
            "description": "carecircle",
            "owner": "",
            "ui": None,
        }
        for name, (geometry, columns) in layers.items()
        if name in LAYER_STYLES
    ]
    return pd.DataFrame(rows).astype({"ui": "object"})


def qml(style: Style, geometry: str, columns: list[str], circles: list[str]) -> str:
    """A style as QGIS writes it."""
    root = Element("qgis", version="3.22.0", styleCategories="Symbology|Labeling|Fields")
    renderer = SubElement(
        root, "renderer-v2", type="RuleRenderer", symbollevels="0", forceraster="0"
    )
    rules = SubElement(renderer, "rules", key="{all}")
    symbols = SubElement(renderer, "symbols")
    for at, circle in enumerate(circles):
        group = {"key": f"{{{circle}}}", "filter": f"\"circle\" = '{circle}'"}
        rule = SubElement(rules, "rule", group | {"label": both(circle_words(circle))})
        if at:
            rule.set("checkstate", "0")
        for number, look in enumerate(style.looks):
            name = f"{at}-{number}"
            one = {"key": f"{{{circle}-{number}}}", "symbol": name, "label": look.label}
            SubElement(rule, "rule", one | {"filter": look.when or "ELSE"})
            add_symbol(symbols, name, look, geometry)
    if style.label:
        add_labels(root, style)
    add_aliases(root, columns)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(
        root, "unicode"
    )


def circle_words(circle: str) -> dict[str, str]:
    """What a circle is called in a legend, whatever its minutes."""
    names = CIRCLE_NAMES.get(circle, {"zh": circle, "en": circle})
    return {
        lang: name.replace("{}分钟", "").replace("{}-minute ", "") for lang, name in names.items()
    }


# --- symbols


def add_symbol(symbols: Element, name: str, look: Look, geometry: str) -> None:
    """The symbol of a look for the geometry of its layer."""
    kind = "marker" if "Point" in geometry else "line" if "Line" in geometry else "fill"
    symbol = SubElement(symbols, "symbol", name=name, type=kind, alpha=f"{look.opacity:g}")
    {"marker": add_mark, "line": add_line, "fill": add_fill}[kind](symbol, look)


def add_mark(symbol: Element, look: Look) -> None:
    """A mark of one shape."""
    layer = symbol_layer(symbol, "SimpleMarker")
    properties(
        layer,
        name=look.shape,
        color=f"{look.fill},255",
        outline_color=f"{look.line},255",
        outline_width=f"{look.width_mm:g}",
        outline_style="solid",
        size=f"{look.size_mm:g}",
        size_unit="MM",
    )


def add_line(symbol: Element, look: Look) -> None:
    """A line."""
    layer = symbol_layer(symbol, "SimpleLine")
    width = {"line_width": f"{look.width_mm:g}", "line_width_unit": "MM"}
    properties(layer, line_color=f"{look.line},255", line_style="solid", capstyle="round", **width)


def add_fill(symbol: Element, look: Look) -> None:
    """An area, and lines across it where it has a hatch."""
    layer = symbol_layer(symbol, "SimpleFill")
    properties(
        layer,
        color=f"{look.fill},215" if look.fill else "0,0,0,0",
        style="solid" if look.fill else "no",
        outline_color=f"{look.line},255",
        outline_width=f"{look.width_mm:g}",
        outline_style="solid",
    )
    if look.hatch:
        across = symbol_layer(symbol, "LinePatternFill")
        properties(across, angle="45", distance="1.6", distance_unit="MM", line_width="0.2")
        hatch = SubElement(
            across, "symbol", name=f"@{symbol.get('name')}@1", type="line", alpha="1"
        )
        add_line(hatch, Look("", "", line=look.hatch, width_mm=0.2))


def symbol_layer(symbol: Element, kind: str) -> Element:
    """A layer of a symbol."""
    layer = {"class": kind, "enabled": "1", "pass": "0", "locked": "0"}
    return SubElement(symbol, "layer", layer)


def properties(layer: Element, **values: str) -> None:
    """What is set of a layer of a symbol."""
    for key, value in values.items():
        SubElement(layer, "prop", k=key, v=value)


# --- labels and names of columns


def add_labels(root: Element, style: Style) -> None:
    """Labels from a column or an expression, with a white buffer."""
    labeling = SubElement(root, "labeling", type="simple")
    settings = SubElement(labeling, "settings", calloutType="simple")
    expression = "0" if style.label.isidentifier() else "1"
    text = {"fieldName": style.label, "isExpression": expression, "fontSizeUnit": "Point"}
    text |= {"fontSize": f"{style.size_pt:g}", "textColor": f"{style.colour},255"}
    written = SubElement(settings, "text-style", text)
    buffer = {"bufferDraw": "1", "bufferSize": "0.8", "bufferColor": "255,255,255,255"}
    SubElement(written, "text-buffer", buffer)
    SubElement(settings, "placement", placement="0", dist="1.5", distUnits="MM")
    SubElement(settings, "rendering", obstacle="1", drawLabels="1")


def add_aliases(root: Element, columns: Iterable[str]) -> None:
    """The Chinese name of each column beside its own."""
    aliases = SubElement(root, "aliases")
    for at, column in enumerate(columns, 1):  # 0 is the feature's own number
        if column in COLUMNS:
            name = f"{COLUMNS[column].name} {column}"
            SubElement(aliases, "alias", field=column, index=str(at), name=name)
