"""How long from a click on the public page until the map shows its answer, and how large is it?

A made-up district, the teaching city with 50,000 street nodes, is run as any study; its page is
opened in headless Chromium with the network off, with ten stations open at candidate
places. Pins are set on the map, changes taken back, plans taken, minutes moved: each is timed from
the click to the second frame after it, when the browser has painted. All circles are counted anew.

    python benchmarks/page.py
    python benchmarks/page.py --nodes 20000 --clicks 100 --json page.json
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from playwright.sync_api import Page, sync_playwright
from records import write_record

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # a fresh clone needs no install

from carecircle import Study
from carecircle.coverage.summary import study_summary
from carecircle.maps.page import page_html
from carecircle.teaching_files import write_teaching_city

QUARTERS = 2_000
SPACING_M = 900  # gives some 300 candidates
OPEN = 10
SECOND_FRAME = """(act) => new Promise((painted) => {
  const began = performance.now();
  act();
  requestAnimationFrame(() => requestAnimationFrame(() => painted(performance.now() - began)));
})"""
ACTS = {
    "a pin set": """() => {
        const { left, top, width, height } = document.querySelector("#map").getBoundingClientRect();
        const clientX = left + width * (0.1 + 0.8 * ((at * 0.618) % 1));
        const clientY = top + height * (0.1 + 0.8 * ((at * 0.755) % 1));
        const touch = new MouseEvent("click", { clientX, clientY, bubbles: true });
        document.querySelector("#map").dispatchEvent(touch);
      }""",
    "a change taken back": """() => document.querySelector("#tryout .undo").click()""",
    "a plan taken, or today": """() =>
        document.querySelector(at % 2 ? "#preset-today" : "#preset-0").click()""",
    "other minutes": """() => {
        const slider = document.querySelector("#own-minutes");
        slider.value = 8 + (at % 12);
        slider.dispatchEvent(new Event("input"));
      }""",
}
FIRST = {"a pin set": """() => document.querySelector("#own-place").click()"""}  # not timed


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nodes", type=int, default=50_000, help="of the streets, about")
    parser.add_argument("--clicks", type=int, default=30, help="of each kind")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "map.html"
        figures = written_page(page, arguments.nodes)
        figures |= clicked_page(page, arguments.clicks, figures["candidates"][0])
    print("\n".join(f"{name}: {value}" for name, value in figures.items()))
    if arguments.json:
        write_record(arguments.json, ("playwright",), figures)


def written_page(path: Path, nodes: int) -> dict[str, Any]:
    """Write the page of a made-up district; how large district and page are."""
    city = path.parent / "city"
    write_teaching_city(city, seed=1, nodes=nodes)
    for name in "quarters.geojson", "entrances.csv":
        keep_quarters(city / name)
    file = city / "study.toml"
    text = file.read_text(encoding="utf-8")
    spaced = text.replace("[sites] ", f"[sites]\nspacing_m = {SPACING_M} ")
    file.write_text(spaced, encoding="utf-8")
    study = Study.from_file(file).run()
    path.write_bytes(page_html(study, study_summary(study), "zh").encode())
    return {
        "street_nodes": len(study.network.node_xy),
        "quarters": len(study.residential),
        "facilities": [len(circle.facilities) for circle in study.circles],
        "candidates": [len(circle.candidates) for circle in study.circles],
        "page_mb": round(path.stat().st_size / 1e6, 2),
    }


def keep_quarters(path: Path) -> None:
    """Leave only the rows of the first quarters."""
    if path.suffix == ".csv":
        rows = pd.read_csv(path, dtype=str)
        rows[rows["小区编号"].isin(kept_ids(path.parent))].to_csv(path, index=False)
        return
    layer = gpd.read_file(path)
    layer.head(QUARTERS).to_file(path)


def kept_ids(city: Path) -> set[str]:
    return set(gpd.read_file(city / "quarters.geojson")["编号"])


def clicked_page(path: Path, clicks: int, candidates: int) -> dict[str, Any]:
    """Milliseconds from click to paint of each kind of change."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_offline(True)
        tab = context.new_page()
        tab.goto(path.as_uri() + opened(candidates))
        tab.wait_for_selector("#sources li")
        ready = tab.evaluate("performance.now()")
        found = {kind: timed(tab, kind, clicks) for kind in ACTS}
        browser.close()
    every = [ms for kind in found.values() for ms in kind]
    return {
        "ready_ms": round(ready),
        "median_ms": round(statistics.median(every), 1),
        "clicks": {kind: told(ms) for kind, ms in found.items()},
    }


def opened(candidates: int) -> str:
    """An address with stations open at some of the first circle's candidates."""
    return "#o=" + "_".join(f"0.{at}" for at in range(0, candidates, candidates // OPEN))


def timed(tab: Page, kind: str, clicks: int) -> list[float]:
    """One change after the other; the first three only warm up."""
    script = f"(at) => ({SECOND_FRAME})({ACTS[kind]})"
    took = []
    for at in range(clicks + 3):
        tab.evaluate(FIRST.get(kind, "() => {}"))
        took.append(tab.evaluate(script, at))
    return took[3:]


def told(ms: list[float]) -> dict[str, float]:
    """Median and worst."""
    return {"median_ms": round(statistics.median(ms), 1), "worst_ms": round(max(ms), 1)}


if __name__ == "__main__":
    main()
