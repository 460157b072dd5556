"""How long does it take to read and check large layers, and how much memory?

Each reading runs in a process of its own, so that its peak memory is its own. With an OSM
extract the streets, buildings and facilities are read beside pyrosm, which reads them in three
calls::

    python benchmarks/layers.py [--points 1000000] [--polygons 100000] [--network FILE]
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

sys.path.insert(0, str(Path(__file__).parents[1]))

WEST, SOUTH = 106.4, 29.4
BOUNDS = (WEST, SOUTH, WEST + 0.5, SOUTH + 0.5)
PEOPLE_PER_M2 = 0.02
WIDE_M = 0.5 * 96_600  # of longitude at 29.9 degrees north


def main() -> None:
    """Make the layers, read them, print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--polygons", type=int, default=100_000)
    parser.add_argument("--network", type=Path, help="an OSM extract, read beside pyrosm")
    options = parser.parse_args()
    print("| reading | seconds | CPU seconds | peak MiB |\n|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        points = write_points(Path(folder, "points.csv"), options.points)
        # a degree of longitude is shorter than one of latitude
        cell_m = WIDE_M / np.ceil(np.sqrt(options.points))
        read_cells = partial(read_points, cell_m=float(cell_m))
        report(f"{options.points:,} population cells, CSV", read_cells, points)
        polygons = write_polygons(Path(folder, "quarters.gpkg"), options.polygons)
        report(f"{options.polygons:,} quarters, GeoPackage", read_polygons, polygons)
    if options.network is not None:
        report(f"{options.network.name}, one pass", read_extract, options.network)
        report(f"{options.network.name}, pyrosm 3 calls", read_with_pyrosm, options.network)


def report(what: str, read: Callable[[Path], None], path: Path) -> None:
    """One line of the table, measured in a process of its own."""
    context = multiprocessing.get_context("spawn")
    answers: Any = context.SimpleQueue()
    process = context.Process(target=measured, args=(read, path, answers))
    process.start()
    process.join()
    if process.exitcode:
        print(f"| {what} | failed | | |")
        return
    seconds, cpu_s, mib = answers.get()
    print(f"| {what} | {seconds:.1f} | {cpu_s:.1f} | {mib:.0f} |")


def measured(read: Callable[[Path], None], path: Path, answers: Any) -> None:
    """Seconds of one reading, by the clock and of the processor, without imports; peak memory."""
    import resource

    warnings.simplefilter("ignore")
    import carecircle.layers.intake
    import carecircle.layers.osm  # noqa: F401

    began, cpu_began = time.perf_counter(), time.process_time()
    read(path)
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
    answers.put((seconds, cpu_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def write_points(path: Path, count: int) -> Path:
    """Cells of people, on a grid whose step keeps them apart."""
    side = int(np.ceil(np.sqrt(count)))
    most = PEOPLE_PER_M2 * (WIDE_M / side) ** 2
    column, row = np.arange(count) % side, np.arange(count) // side
    table = pd.DataFrame(
        {
            "id": np.arange(count),
            "lng": WEST + 0.5 * column / side,
            "lat": SOUTH + 0.5 * row / side,
            "population": np.random.default_rng(0).uniform(0, most, count).round(3),
        }
    )
    table.to_csv(path, index=False)
    return path


def write_polygons(path: Path, count: int) -> Path:
    """Square quarters of 100 m with lanes between them."""
    side = int(np.ceil(np.sqrt(count)))
    x = 500_000 + 120.0 * (np.arange(count) % side)
    y = 3_260_000 + 120.0 * (np.arange(count) // side)
    layer = gpd.GeoDataFrame(
        {"code": np.arange(count).astype(str), "population": 300},
        geometry=shapely.box(x, y, x + 100, y + 100),
        crs="EPSG:4545",
    )
    layer.to_file(path, engine="pyogrio")
    return path


def read_points(path: Path, cell_m: float) -> None:
    from carecircle.layers.crs import Frame, working_crs
    from carecircle.layers.intake import read_residential
    from carecircle.layers.sources import PeopleSettings, ResidentialSource

    source = ResidentialSource(path=path, crs="EPSG:4326", cell_m=cell_m, columns={"id": "id"})
    read_residential(source, PeopleSettings(), Frame(working_crs(BOUNDS), BOUNDS), groups=())


def read_polygons(path: Path) -> None:
    from carecircle.layers.crs import Frame
    from carecircle.layers.intake import read_residential
    from carecircle.layers.sources import PeopleSettings, ResidentialSource

    source = ResidentialSource(path=path, columns={"id": "code"})
    bounds = (107.9, 29.4, 108.6, 30.0)
    read_residential(source, PeopleSettings(), Frame("EPSG:4545", bounds), groups=())


def read_extract(path: Path) -> None:
    from carecircle.layers.osm import read_osm

    read_osm(path)


def read_with_pyrosm(path: Path) -> None:
    with tempfile.TemporaryDirectory() as fresh:
        tempfile.tempdir = fresh  # where pyrosm keeps answers for the next time
        import pyrosm

        reader = pyrosm.OSM(str(path))
        reader.get_network("walking", nodes=True)
        reader.get_buildings()
        reader.get_pois({"amenity": True, "social_facility": True})


if __name__ == "__main__":
    main()
