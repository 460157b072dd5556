"""A town of nine street blocks that a study can be run on, written to files."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

WEST, SOUTH, STEP = 106.55, 29.56, 0.002  # Chongqing; about 194 m east, 222 m north
SIZE = 4  # streets each way


def lonlat(column: float, row: float) -> tuple[float, float]:
    """Degrees of a place counted in street blocks."""
    return round(WEST + column * STEP, 7), round(SOUTH + row * STEP, 7)


def street_grid() -> str:
    """OSM XML of SIZE streets each way, meeting at SIZE x SIZE crossings."""
    nodes, ways = [], []
    for row in range(SIZE):
        for column in range(SIZE):
            lon, lat = lonlat(column, row)
            id = 1 + row * SIZE + column
            nodes.append(f'<node id="{id}" version="1" lon="{lon}" lat="{lat}"/>')
    for line in range(SIZE):
        across = [1 + line * SIZE + k for k in range(SIZE)]
        along = [1 + k * SIZE + line for k in range(SIZE)]
        for number, refs in ((line, across), (line + SIZE, along)):
            points = "".join(f'<nd ref="{ref}"/>' for ref in refs)
            tags = '<tag k="highway" v="residential"/>'
            ways.append(f'<way id="{100 + number}" version="1">{points}{tags}</way>')
    return f'<osm version="0.6">{"".join(nodes)}{"".join(sorted(ways))}</osm>'


class Town:
    """The town's files in a folder, each of which a test may spoil before it runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "streets.osm").write_text(street_grid(), encoding="utf-8")
        self.quarters: list[dict[str, Any]] = [
            {
                "code": f"q{row}{column}",
                "小区": f"小区 {row}-{column}",
                "lng": lonlat(column + 0.5, row + 0.5)[0],
                "lat": lonlat(column + 0.5, row + 0.5)[1],
                "people": 100,
                "old": 20,
                "small": 3,
            }
            for row in range(SIZE - 1)
            for column in range(SIZE - 1)
        ]
        self.stations: list[dict[str, Any]] = [
            {"code": "s1", "name": "幸福驿站", "lng": lonlat(0, 0)[0], "lat": lonlat(0, 0)[1]}
        ]
        self.study = """
            [study]
            name = "Grid town"
            date = 2026-01-01
            [network]
            path = "streets.osm"
            [residential]
            path = "quarters.csv"
            crs = "EPSG:4326"
            cell_m = 100
            [residential.columns]
            id = "code"
            name = "小区"
            population = "people"
            age_60_plus = "old"
            [[facilities]]
            path = "stations.csv"
            crs = "EPSG:4326"
            service = "elderly"
            columns = { id = "code", name = "name" }
            [[circles]]
            service = "elderly"
            minutes = 5
            target_percent = 50
            [sites]
            count = 1
        """

    def write(self) -> Path:
        """Write what the test left of it; returns the study file."""
        write_csv(self.folder / "quarters.csv", self.quarters)
        write_csv(self.folder / "stations.csv", self.stations)
        path = self.folder / "study.toml"
        path.write_text(self.study, encoding="utf-8")
        return path


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    """A CSV as a planner would save it; without rows the header stays."""
    header = list(rows[0]) if rows else ["code", "name", "lng", "lat"]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, header)
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    folder = tmp_path / "town"
    folder.mkdir()
    return Town(folder)
