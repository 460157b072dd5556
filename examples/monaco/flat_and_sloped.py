"""How much does an older person's 15-minute circle shrink when slopes are walked?

    python examples/monaco/flat_and_sloped.py ../shared/data/monaco docs/images/monaco-slopes.svg

Streets and the hospitals among them are OpenStreetMap's, heights those of the SRTM tile beside
them (three seconds of arc). Prints the length of street from which a hospital is reached
within 15 minutes, by slope law and direction, and draws where slopes end it.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from carecircle.inputs import frame_of
from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.minutes import NEVER, nearest
from carecircle.isochrones.reached import ReachedNodes, reached_pieces
from carecircle.isochrones.snapping import Snaps, snap
from carecircle.isochrones.walkers import WALKERS, Walker
from carecircle.layers.crs import LONLAT, project
from carecircle.layers.elevation import read_elevation
from carecircle.layers.network import WalkNetwork
from carecircle.layers.osm import Feature, read_osm
from carecircle.layers.sources import TerrainSource
from carecircle.layers.streets import number_streets
from carecircle.layers.terrain import with_heights

LIMIT_MS = 15 * 60_000
LAWS = ("none", "tobler", "tobler_downhill", "naismith_langmuir", "irmischer_clarke")
STYLES = (  # of streets never reached, no longer reached, still reached
    ("#bdbdbd", 2, "更远 · farther"),
    ("#d95f02", 6, "不计坡度才在 15 分钟内 · in time only if slopes cost nothing"),
    ("#1b6ca8", 6, "计坡度仍在 15 分钟内 · in time, slopes walked"),
)
TITLES = (
    "摩纳哥：老年人 15 分钟内能走到医院的道路",
    "Monaco: streets from which an older person walks to a hospital in 15 minutes",
    "步速 0.8 米/秒，坡度按 Tobler (1993) · 0.8 m/s on the level, slopes by Tobler (1993)",
)
CREDITS = (
    "黑点：医院，代替未绘制的照护设施 · dots: hospitals, as stand-ins for care stations",
    "© OpenStreetMap contributors; heights: SRTM (NASA). 上为北 · north is up",
)
HEAD_M, FOOT_M = 190, 320  # room above the map and below it, in metres of the map
SCALE_M = 500


def town(folder: Path) -> tuple[WalkNetwork, Snaps, np.ndarray]:
    """The streets with heights, the hospitals on them, and where those stand."""
    extract = read_osm(folder / "monaco.osm.gz")
    frame = frame_of(extract.streets)
    ground = read_elevation(TerrainSource(path=folder / "N43E007.hgt.zip"), frame)
    streets, facts = with_heights(extract.streets, ground)
    network = number_streets(streets, frame.crs, {"terrain": facts})
    places = np.array([f.geometry.centroid for f in extract.facilities if is_hospital(f)])
    xy = shapely.get_coordinates(project(places, LONLAT, frame.crs))
    return network, snap(network, xy, 300), xy


def is_hospital(feature: Feature) -> bool:
    """Stand-ins for care stations, of which none is mapped here."""
    return feature.tags.get("amenity") == "hospital"


def reached(network: WalkNetwork, hospitals: Snaps, walker: Walker, direction) -> np.ndarray:
    """Pieces of street within the limit, (p, 2, 2) metres."""
    graph = walk_graph(network, walker, hospitals)
    found = nearest(graph, graph.points[0], LIMIT_MS, direction)
    node = np.flatnonzero(found.ms != NEVER).astype(np.int32)
    nodes = ReachedNodes(node, found.ms[node], found.source[node])
    return reached_pieces(graph, nodes, LIMIT_MS, direction).ends


def kilometres(pieces: np.ndarray) -> float:
    """Total length on the map."""
    return float(np.hypot(*(pieces[:, 1] - pieces[:, 0]).T).sum() / 1000)


def picture(network: WalkNetwork, flat, sloped, hospitals: np.ndarray) -> str:
    """An SVG of all streets, those reached on level ground, and over them those still reached."""
    west, south = flat.min(axis=(0, 1)) - 150
    east, north = flat.max(axis=(0, 1)) + 150
    width, height = east - west, north - south

    def path(pieces, colour, thick) -> str:
        inside = ((pieces > (west, south)) & (pieces < (east, north))).all(axis=(1, 2))
        at = np.stack([pieces[inside][..., 0] - west, north - pieces[inside][..., 1]], axis=-1)
        lines = "".join(f"M{a:.0f} {b:.0f}L{c:.0f} {d:.0f}" for a, b, c, d in at.reshape(-1, 4))
        return f'<path d="{lines}" stroke="{colour}" stroke-width="{thick}"/>'

    def text(x, y, words, size=34) -> str:
        return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}">{words}</text>'

    def entry(line, colour, words) -> str:
        y = height + 50 * line + 50
        dash = f'<path d="M40 {y:.0f}h60" stroke="{colour}" stroke-width="12"/>'
        return dash + text(115, y + 12, words)

    layers = zip((network.node_xy[network.edge_nodes], flat, sloped), STYLES, strict=True)
    streets = "".join(path(pieces, colour, thick) for pieces, (colour, thick, _) in layers)
    lost = kilometres(flat) - kilometres(sloped)
    lengths = (f"{kilometres(sloped):.1f} km", f"{lost:.1f} km", "")
    legend = "".join(
        entry(k, colour, f"{words}{': ' if length else ''}{length}")
        for k, ((colour, _, words), length) in enumerate(
            zip(reversed(STYLES), lengths, strict=True)
        )
    )
    dots = "".join(
        f'<circle cx="{x - west:.0f}" cy="{north - y:.0f}" r="18" fill="#111" stroke="#fff" '
        'stroke-width="5"/>'
        for x, y in hospitals
    )
    titles = "".join(
        text(40, 45 * k - HEAD_M + 60, words, 40 if k < 2 else 30) for k, words in enumerate(TITLES)
    )
    credits = "".join(text(40, height + 225 + 40 * k, words, 28) for k, words in enumerate(CREDITS))
    right = width - SCALE_M - 60
    scale = (
        f'<path d="M{right:.0f} {height - 40:.0f}v20h{SCALE_M}v-20" fill="none" stroke="#111" '
        'stroke-width="5"/>' + text(right + SCALE_M / 2 - 50, height - 45, f"{SCALE_M} m")
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {-HEAD_M} {width:.0f} '
        f'{height + HEAD_M + FOOT_M:.0f}" font-family="sans-serif">'
        f"<title>{TITLES[1]}</title>"
        f'<rect y="{-HEAD_M}" width="100%" height="100%" fill="#fff"/>'
        f'<g fill="none" stroke-linecap="round">{streets}</g>'
        f"{dots}{titles}{legend}{credits}{scale}</svg>\n"
    )


def main(folder: Path, image: Path) -> None:
    """Print the table, write the picture."""
    network, hospitals, places = town(folder)
    print(network.facts["terrain"])
    elderly = WALKERS["elderly"]
    for direction in ("to", "from"):
        for law in LAWS:
            pieces = reached(network, hospitals, replace(elderly, slope_law=law), direction)
            print(f"{direction:5} {law:18} {kilometres(pieces):6.2f} km")
    flat = reached(network, hospitals, replace(elderly, slope_law="none"), "to")
    sloped = reached(network, hospitals, elderly, "to")
    image.write_text(picture(network, flat, sloped, places), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
