"""How long do all measures of the five plans take for a large city, once the walks are known?

Made-up quarters, units and a register with every attribute, and a table of who reaches what
within 30 minutes, as a network search gives it. Then every target of the five plans is judged.

    python benchmarks/plan_measures.py --record
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from records import own_peak_mib, write_record
from scipy.spatial import cKDTree

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # a fresh clone runs without an install

from carecircle.coverage.plan import Plan  # noqa: E402
from carecircle.coverage.target_judge import judge, needs_of  # noqa: E402
from carecircle.coverage.target_world import People, PeopleBook, World  # noqa: E402
from carecircle.isochrones.minutes import NEVER  # noqa: E402
from carecircle.isochrones.walkers import WALKERS  # noqa: E402
from carecircle.layers.attributes import facility_attributes  # noqa: E402
from carecircle.layers.vocabulary import facility_kinds  # noqa: E402
from carecircle.planfile import load_plan  # noqa: E402
from carecircle.teaching_register import attributes  # noqa: E402

PLANS = ("chongqing-2021", "guiyang-2022", "dazu-2023", "hechuan-2025", "changzhou-2022")
CRS = "EPSG:4547"
SIDE_M, DETOUR, WIDEST_S = 20_000, 1.3, 1_800
TOWNS, CELLS = 6, 18  # each way; communities
OPENED = ("2012-05-01", "2021-09-01", "2024-03-01", "2026-09-01")


class TableWalks:
    """Walks from a table of pairs: metres between homes and facilities."""

    def __init__(self, homes: np.ndarray, places: np.ndarray) -> None:
        radius_m = WIDEST_S * max(float(w.metres_per_second) for w in WALKERS.values()) / DETOUR
        table = cKDTree(homes).sparse_distance_matrix(
            cKDTree(places), radius_m, output_type="coo_matrix"
        )
        self.home, self.facility = table.row, table.col
        self.metres = table.data * DETOUR
        self.homes, self.places = len(homes), places
        self.nearest: dict[bytes, np.ndarray] = {}

    def homes_to(
        self, chosen: np.ndarray, walker: str, mm_per_s: int | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        key = np.packbits(chosen).tobytes()
        if key not in self.nearest:  # kept, as the walks along streets are
            kept = chosen[self.facility]
            metres = np.full(self.homes, np.inf)
            np.minimum.at(metres, self.home[kept], self.metres[kept])
            self.nearest[key] = metres
        metres = self.nearest[key]
        speed = float(WALKERS[walker].metres_per_second) if mm_per_s is None else mm_per_s / 1000
        near = np.isfinite(metres)
        ms = np.full(self.homes, NEVER)
        ms[near] = np.rint(1000 * metres[near] / speed).astype(np.int64)
        return ms, np.ones(self.homes, bool)

    def attached(self) -> np.ndarray:
        return np.ones(len(self.places), bool)

    def facilities_from(self, homes: np.ndarray, walker: str, limit_ms: int) -> np.ndarray:
        speed = float(WALKERS[walker].metres_per_second)
        kept = homes[self.home] & (1000 * self.metres / speed <= limit_ms)
        found = np.zeros(len(self.places), bool)
        found[self.facility[kept]] = True
        return found

    def beside(self, some: np.ndarray, others: np.ndarray, metres: int) -> np.ndarray:
        rows, near = np.flatnonzero(some), np.flatnonzero(others)
        found = np.zeros(len(some), bool)
        if len(rows) and len(near):
            at = cKDTree(self.places[near]).query_ball_point(self.places[rows], metres / DETOUR)
            found[rows] = [
                any(near[k] != row for k in ks) for row, ks in zip(rows, at, strict=True)
            ]
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quarters", type=int, default=100_000)
    parser.add_argument("--facilities", type=int, default=1000)
    parser.add_argument("--record", action="store_true", help="write benchmarks/results")
    asked = parser.parse_args()
    plans = [load_plan(name) for name in PLANS]
    warm_up = made_city(5_000, 300, plans)
    for plan in plans:
        judged(plan, warm_up, must=False)
    world = made_city(asked.quarters, asked.facilities, plans)
    assert isinstance(world.walks, TableWalks)
    figures: dict[str, Any] = {
        "quarters": asked.quarters,
        "facilities": asked.facilities,
        "pairs": len(world.walks.home),
        "plans": {},
    }
    for plan in plans:
        figures["plans"][plan.id] = told = judged(plan, world)
        print(
            f"{plan.id:<16} {told['cpu_s']:6.2f} s  {told['verdicts']}  slowest {told['slowest']}"
        )
    figures["cpu_s"] = round(sum(told["cpu_s"] for told in figures["plans"].values()), 2)
    figures["peak_mib"] = own_peak_mib()
    print(f"all five: {figures['cpu_s']} s of one thread, {figures['peak_mib']} MiB")
    if asked.record:
        path = ROOT / "benchmarks" / "results" / "plan_measures.json"
        write_record(path, ("geopandas", "shapely", "pandas"), figures)


def judged(plan: Plan, world: World, must: bool = True) -> dict[str, Any]:
    """Every target of a plan, timed by CPU seconds; each that can be judged ``must`` be."""
    spent, verdicts = {}, []
    for target in plan.targets:
        began = time.process_time()
        verdicts.append(judge(plan, target, world).verdict)
        spent[target.id] = time.process_time() - began
        if must and verdicts[-1] == "not_assessed" and target.judged:
            raise SystemExit(f"{plan.id}/{target.id} was not assessed: nothing was timed")
    slowest = max(spent, key=lambda id: spent[id])
    return {
        "targets": len(spent),
        "cpu_s": round(sum(spent.values()), 2),
        "verdicts": {v: verdicts.count(v) for v in dict.fromkeys(verdicts)},
        "slowest": {slowest: round(spent[slowest], 2)},
    }


def made_city(quarters: int, facilities: int, plans: list[Plan]) -> World:
    """A city of square communities in towns in districts, with everything that is asked for."""
    rng = np.random.default_rng(1)
    units = made_units(plans)
    cells = units[units["level"] == "community"]
    xy = rng.uniform(0, SIDE_M, (quarters, 2))
    homes_people = rng.integers(20, 600, quarters)
    residential = gpd.GeoDataFrame(
        {
            "name": "",
            "population": homes_people,
            "age_60_plus": homes_people // 5,
            "age_65_plus": homes_people // 7,
            "age_80_plus": homes_people // 30,
            "age_0_2": homes_people // 40,
            "age_3_5": homes_people // 35,
            "area_m2": rng.integers(500, 8_000, quarters),
            "built": np.array(["2001", "2012-05", "2024-06-01", "2025-09-01"])[
                rng.integers(0, 4, quarters)
            ],
            "households": pd.array(rng.integers(5, 1_500, quarters), "Int64"),
            **unit_columns(xy, cells, units),
        },
        geometry=shapely.box(xy[:, 0] - 20, xy[:, 1] - 20, xy[:, 0] + 20, xy[:, 1] + 20),
        crs=CRS,
        index=pd.Index([f"q{at}" for at in range(quarters)], name="block_id"),
    )
    columns = [c for c in residential if c == "population" or str(c).startswith("age_")]
    homes = gpd.GeoDataFrame(
        residential[columns].assign(block_id=residential.index),
        geometry=shapely.points(xy),
        crs=CRS,
    )
    place_xy = rng.uniform(0, SIDE_M, (facilities, 2))
    register = made_register(facilities, rng, place_xy, cells, units)
    people = int(homes_people.sum())
    groups = {"total": people, "age_60_plus": people // 5}
    stated = tuple(
        People(group, base, year, count)
        for group, count in groups.items()
        for base in ("resident", "registered")
        for year in (2023, 2025, 2027)
    )
    return World(
        date="2026-01-01",
        facilities=register,
        units=units,
        residential=residential,
        homes=homes,
        walks=TableWalks(xy, place_xy),
        people=PeopleBook(stated, {"total": people}, "resident", 2025),
    )


def made_units(plans: list[Plan]) -> gpd.GeoDataFrame:
    """324 communities in 36 towns in 4 districts; the towns bear the names the plans ask for."""
    asked = {
        need.column.removeprefix("unit=")
        for plan in plans
        for target in plan.targets
        if target.measure is not None
        for need in needs_of(plan, target)
        if need.column.startswith("unit=")
    }
    names = [*sorted(asked), *(f"镇{at}" for at in range(100))]
    rows: list[tuple[str, str, str, str, bool | None, Any]] = []
    rows.append(("C", "某市", "city", "", None, square(0, 0, SIDE_M)))
    for size, level, letter in (
        (2, "district", "D"),
        (TOWNS, "town", "T"),
        (CELLS, "community", "A"),
    ):
        step, above = SIDE_M / size, {"D": "C", "T": "D", "A": "T"}[letter]
        for at in range(size * size):
            column, row = at % size, at // size
            parent = "C"
            if above != "C":
                ratio = size // (2 if above == "D" else TOWNS)
                parent = f"{above}{(row // ratio) * (size // ratio) + column // ratio}"
            name = names[at] if letter == "T" else f"{level}{at}"
            urban = None if letter == "D" else (column + row) % 3 > 0
            shape = square(column * step, row * step, step)
            rows.append((f"{letter}{at}", name, level, parent, urban, shape))
    ids, name, levels, parents, urban, shapes = zip(*rows, strict=True)
    flags = pd.array([at % 2 == 0 for at in range(len(rows))], "boolean")
    columns = {
        "name": name, "level": levels, "parent": parents, "urban": pd.array(urban, "boolean"),
        "age_friendly": flags, "child_friendly": flags,
    }  # fmt: skip
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS, index=pd.Index(ids))


def square(x: float, y: float, side: float) -> Any:
    return shapely.box(x, y, x + side, y + side)


def unit_columns(xy: np.ndarray, cells: Any, units: Any) -> dict[str, Any]:
    """The unit of each level for each place."""
    cell = np.minimum((xy / (SIDE_M / CELLS)).astype(int), CELLS - 1)
    community = cells.index.to_numpy(object)[cell[:, 1] * CELLS + cell[:, 0]]
    parent = units["parent"]
    town = parent.reindex(community).to_numpy(object)
    district = parent.reindex(town).to_numpy(object)
    return {
        "admin_id": community, "community_id": community, "town_id": town,
        "district_id": district, "city_id": "C",
    }  # fmt: skip


def made_register(
    count: int, rng: np.random.Generator, xy: np.ndarray, cells: Any, units: Any
) -> gpd.GeoDataFrame:
    """Facilities of every kind by turns, with every attribute."""
    kinds = list(facility_kinds().items())
    lot = rng.random((count, len(facility_attributes())))
    rows = []
    for at in range(count):
        slug, kind = kinds[at % len(kinds)]
        which = (at // len(kinds)) % 4
        rows.append(
            {
                "name": "人民医院巴岳西湖金星托育公园",
                "kind": slug,
                "service": kind.service,
                "opened": OPENED[which],
                "closed": "",
                "status": "open",
                **attributes(kind, which, lot[at]),
            }
        )
    table = pd.DataFrame(rows).assign(**unit_columns(xy, cells, units))
    for name, one in facility_attributes().items():
        if one.type == "flag" and name in table:
            table[name] = table[name].map({"是": True, "否": False}).astype("boolean")
        elif one.type == "count" and name in table:
            table[name] = table[name].astype("Int64")
    table.index = pd.Index([f"f{at}" for at in range(count)], name="facility_id")
    return gpd.GeoDataFrame(table, geometry=shapely.points(xy), crs=CRS)


if __name__ == "__main__":
    main()
