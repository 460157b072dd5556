"""Candidates for the town of nine blocks, and ``carecircle site`` run on it."""

from __future__ import annotations

import json
from typing import Any

from typer.testing import CliRunner

from carecircle.__main__ import app

WEST, SOUTH, STEP = 106.55, 29.56, 0.002  # as in conftest.py
LAYER = """
    [[sites.candidates]]
    path = "places.csv"
    crs = "EPSG:4326"
    columns = { id = "code", name = "name" }
"""
Place = tuple[str, float, float]  # id, counted in street blocks
XY = ((1, 1), (1, 2), (2, 1), (2, 2), (3, 1))
OWN: list[Place] = [(f"p{x}{y}", float(x), float(y)) for x, y in XY]


def places(town: Any, *rows: Place) -> None:
    """Candidates of a layer."""
    lines = ["code,name,lng,lat"]
    lines += [f"{c},地块{c},{WEST + x * STEP:.7f},{SOUTH + y * STEP:.7f}" for c, x, y in rows]
    (town.folder / "places.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def command(town: Any, siting: str, *words: str, out: str = "out", lang: str = "en") -> Any:
    town.study = town.study.partition("[siting]")[0] + "\n[siting]\n" + siting
    path = town.write()
    told = ["site", str(path), "--out", str(town.folder / out), "--lang", lang, "--quiet", *words]
    return CliRunner().invoke(app, told)


def studied(town: Any, siting: str, *words: str) -> dict[str, Any]:
    result = command(town, siting, *words, "--force")
    assert result.exit_code == 0, result.output
    summary = json.loads((town.folder / "out" / "summary.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = summary["circles"][0]["site_study"]
    return found


COSTS = {"p11": 300, "p12": 100, "p21": 200, "p22": 250, "p31": 150}


def priced(town: Any, *costs: tuple[str, str]) -> None:
    """Candidates with costs; blank where none is given."""
    rows = {name: (x, y) for name, x, y in OWN}
    lines = ["code,name,lng,lat,price"]
    for name, cost in costs:
        x, y = rows[name]
        lines.append(f"{name},地块{name},{WEST + x * STEP:.7f},{SOUTH + y * STEP:.7f},{cost}")
    (town.folder / "places.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    town.study += LAYER.replace('name = "name" }', 'name = "name", cost = "price" }')
