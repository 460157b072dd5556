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
    ("#c8c8c8", 2, "beyond 15 minutes"),
    ("#d95f02", 5, "within 15 minutes only if slopes cost nothing"),
    ("#1b6ca8", 5, "within 15 minutes, slopes walked"),
)
CREDITS = (
    "Dots: hospitals, as stand-ins for care stations. © OpenStreetMap contributors; heights: SRTM"
)


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
    height = north - south

    def path(pieces, colour, width) -> str:
        inside = ((pieces > (west, south)) & (pieces < (east, north))).all(axis=(1, 2))
        at = np.stack([pieces[inside][..., 0] - west, north - pieces[inside][..., 1]], axis=-1)
        lines = "".join(f"M{a:.0f} {b:.0f}L{c:.0f} {d:.0f}" for a, b, c, d in at.reshape(-1, 4))
        return f'<path d="{lines}" stroke="{colour}" stroke-width="{width}"/>'

    def word(line, colour, text) -> str:
        y = height + 45 * line + 30
        dash = f'<path d="M40 {y:.0f}h60" stroke="{colour}" stroke-width="10"/>'
        return f'{dash}<text x="115" y="{y + 12:.0f}">{text}</text>'

    layers = zip((network.node_xy[network.edge_nodes], flat, sloped), STYLES, strict=True)
    streets = "".join(path(pieces, colour, width) for pieces, (colour, width, _) in layers)
    words = "".join(word(k, c, text) for k, (c, _, text) in enumerate(reversed(STYLES)))
    dots = "".join(
        f'<circle cx="{x - west:.0f}" cy="{north - y:.0f}" r="14" fill="#222"/>'
        for x, y in hospitals
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {east - west:.0f} '
        f'{height + 220:.0f}" font-family="sans-serif" font-size="34">'
        '<rect width="100%" height="100%" fill="#fff"/>'
        f'<g fill="none" stroke-linecap="round">{streets}</g>{dots}{words}'
        f'<text x="40" y="{height + 190:.0f}" font-size="24">{CREDITS}</text></svg>\n'
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
