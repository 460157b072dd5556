"""A whole study of a large city: how many seconds, how much memory?

Real streets of Wuhan (83,000 nodes) and 3.3 million people in 24,757 cells, with 500 stations
that are clearly made up, on residential streets drawn by lot. The study is written to a temporary
folder and run through the package in a process of its own, for coverage alone and once more
with sites; the results are written too. The data lies outside the repository.

    python benchmarks/wuhan.py --data ../shared/data/wuhan --json wuhan.json
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from records import own_peak_mib, write_record

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # a fresh clone needs no install

N_STATIONS = 500
STREETS = "wuhan_streets_osm_original.parquet"
CELLS = "wuhan_population_grid_100m_2015.csv"
STUDY = """
[study]
name = "Wuhan, made-up stations"
sources = ["Streets: (c) OpenStreetMap contributors", "Population: GHS-POP 2015 (CC BY 4.0)"]
[network]
path = '{data}/{streets}'
[residential]
path = '{data}/{cells}'
crs = "EPSG:4326"
cell_m = 94
columns = {{ id = "cell_id", x = "lng", y = "lat", population = "POP_2015" }}
[[facilities]]
path = "stations.csv"
crs = "EPSG:4326"
service = "elderly"
columns = {{ id = "id", name = "name", x = "lng", y = "lat" }}
[people]
age_60_plus_share = 0.2
[[circles]]
service = "elderly"
walker = "elderly"
minutes = 15
[sites]
count = {sites}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "wuhan")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        raise SystemExit(f"The data is not there: {arguments.data}")
    context = multiprocessing.get_context("spawn")
    runs = {}
    for name, sites in ("coverage", 0), ("coverage and 5 sites", 5):
        with tempfile.TemporaryDirectory() as folder, context.Pool(1) as pool:
            write_study(Path(folder), arguments.data.resolve(), sites)
            runs[name] = pool.apply(run_study, (Path(folder),))
            if "refused" in runs[name]:
                raise SystemExit(runs[name]["refused"])
        print_run(name, runs[name])
    if arguments.json:
        write_record(arguments.json, ("geopandas", "highspy"), {"runs": runs})


def write_study(folder: Path, data: Path, sites: int) -> None:
    """The study file, and stations in the middle of residential streets drawn by lot."""
    streets = gpd.read_parquet(data / STREETS)
    streets = streets[streets["highway"] == "residential"].sort_values(["u", "v", "key"])
    drawn = streets.sample(N_STATIONS, random_state=7)
    places = drawn.geometry.interpolate(0.5, normalized=True).to_crs("EPSG:4326")
    ids = [f"made-up-{number}" for number in range(1, N_STATIONS + 1)]
    table = pd.DataFrame({"id": ids, "name": ids, "lng": places.x, "lat": places.y})
    table.to_csv(folder / "stations.csv", index=False)
    text = STUDY.format(data=data.as_posix(), streets=STREETS, cells=CELLS, sites=sites)
    (folder / "study.toml").write_text(text, encoding="utf-8")


def run_study(folder: Path) -> dict[str, Any]:
    """Seconds of each step and in all, peak memory, and what came out."""
    from carecircle.coverage.summary import study_summary
    from carecircle.isochrones.kernels import were_compiled_now
    from carecircle.layers.problems import StudyError
    from carecircle.maps.writer import write_results
    from carecircle.steps import Steps
    from carecircle.study import Study

    imported_s, began = time.process_time(), time.perf_counter()
    steps = Steps()
    try:
        study = Study.from_file(folder / "study.toml")
        result = study.run(steps)
    except StudyError as refused:  # does not travel from process to process
        return {"refused": str(refused)}
    ran_s, peak_mib = time.process_time() - imported_s, own_peak_mib()
    summary = study_summary(result)
    with steps.step("writing"):
        write_results(result, summary, study.manifest_facts(steps), folder / "out")
    people = summary["circles"][0]["people"]
    return {
        "nodes": len(result.network.node_xy),
        "homes": len(result.homes),
        "people_all_ages": round(float(result.homes["population"].sum())),
        "stations": len(result.circles[0].facilities),
        "people_of_the_group": people["input"],
        "percent_covered": people["percent"],
        "import_cpu_s": round(imported_s, 2),
        "run_cpu_s": round(ran_s, 2),
        "writing_cpu_s": round(time.process_time() - imported_s - ran_s, 2),
        "seconds_by_step": dict(steps.seconds),
        "seconds": round(time.perf_counter() - began, 2),
        "peak_mib_of_the_run": peak_mib,
        "peak_mib_with_writing": own_peak_mib(),
        "searches_were_compiled": were_compiled_now(),
    }


def print_run(name: str, run: dict[str, Any]) -> None:
    """A markdown table."""
    print(f"### {name}\n\n| | |\n|---|---:|")
    for what, value in run.items():
        print(f"| {what.replace('_', ' ')} | {value} |")
    print()


if __name__ == "__main__":
    main()
