"""How long do the measures of access take for a large city, and do others agree?

Made-up homes and facilities in 60 clusters; a walk is the straight line times 1.3. All
measures run on one sparse table. Two answers are checked against other programs, or the run
fails: the assignment against HiGHS solving the same transportation problem as a linear
programme (on a smaller city), and the floating catchments against the ``access`` package of
PySAL where it is installed.

    python benchmarks/access_measures.py
    python benchmarks/access_measures.py --side-km 8 --places 1.0
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from records import own_peak_mib, write_record
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack
from scipy.spatial import cKDTree

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # a fresh clone runs without an install

from carecircle.coverage import curve, equity  # noqa: E402
from carecircle.coverage import floating_catchment as fca  # noqa: E402
from carecircle.coverage.access import AccessSettings, circle_access  # noqa: E402
from carecircle.coverage.assignment import assign_places, shortage_table  # noqa: E402
from carecircle.coverage.measure import measure  # noqa: E402
from carecircle.coverage.reached import Reached  # noqa: E402
from carecircle.coverage.result import Circle  # noqa: E402
from carecircle.coverage.speeds import speed_band, walks_at  # noqa: E402
from carecircle.coverage.uncertainty import Doubts, simulate  # noqa: E402
from carecircle.isochrones.minutes import Nearest, ReachTable, nearest_k  # noqa: E402
from carecircle.isochrones.walkers import WALKERS  # noqa: E402

DETOUR = 1.3
SPEED_M_PER_S = 0.8
LIMIT_MS = 900_000
WIDEST_MS = 1_200_000  # the table reaches further, so that faster walkers can be drawn


@dataclass(frozen=True)
class City:
    """Who can walk where within 15 minutes, and within the widest limit."""

    near: ReachTable
    wide: ReachTable
    people: np.ndarray
    places: np.ndarray


def main() -> None:
    arguments = parsed_arguments()
    print(f"Python {platform.python_version()}, numpy {np.__version__}, CPU seconds, one thread\n")
    warm_up = made_city(2000, 50, 10, 1.0)
    assign_places(warm_up.near, warm_up.people, warm_up.places)  # compiles
    check_assignment(made_city(arguments.check_homes, 60, 6, 0.9))
    check_catchments(made_city(3000, 60, 8, 0.9))
    city = made_city(arguments.homes, arguments.facilities, arguments.side_km, arguments.places)
    print(
        f"{len(city.people):,} homes, {city.people.sum():,} people, {len(city.places):,} "
        f"facilities, {city.places.sum():,} places, {len(city.near.ms):,} pairs within 15 minutes"
    )
    spent = {}
    for name, run in measures(city, arguments.draws).items():
        start = time.process_time()
        said = run()
        spent[name] = {"cpu_s": round(time.process_time() - start, 2), "found": str(said)}
        print(f"  {name:<34} {spent[name]['cpu_s']:8.2f} s   {said}")
    peak_mib = own_peak_mib()
    print(f"  largest memory of the process: {peak_mib:,} MiB")
    if arguments.record:
        figures = {
            "homes": len(city.people),
            "facilities": len(city.places),
            "side_km": arguments.side_km,
            "places_for_each_person": arguments.places,
            "pairs": len(city.near.ms),
            "measures": spent,
            "peak_mib": peak_mib,
        }
        path = ROOT / "benchmarks" / "results" / f"access_{arguments.record}.json"
        write_record(path, ("pandas", "highspy", "access"), figures)


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--homes", type=int, default=100_000)
    parser.add_argument("--facilities", type=int, default=1000)
    parser.add_argument("--side-km", type=float, default=20, help="smaller is denser")
    parser.add_argument("--places", type=float, default=0.9, help="places for each person")
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--record", help="write benchmarks/results/access_NAME.json")
    parser.add_argument("--check-homes", type=int, default=4000, help="size of the HiGHS check")
    return parser.parse_args()


def made_city(homes: int, facilities: int, side_km: float, places_each: float) -> City:
    """Homes and facilities around 60 centres, capacities of very different size."""
    rng = np.random.default_rng(1)
    centres = rng.uniform(0, 1000 * side_km, (60, 2))
    home_xy, xy = (
        centres[rng.integers(0, 60, n)] + rng.normal(0, 1500, (n, 2)) for n in (homes, facilities)
    )
    radius_m = WIDEST_MS / 1000 * SPEED_M_PER_S / DETOUR
    metres = cKDTree(xy).sparse_distance_matrix(
        cKDTree(home_xy), radius_m, output_type="coo_matrix"
    )
    pairs = metres.tocsr()
    pairs.sort_indices()
    ms = np.rint(pairs.data * DETOUR / SPEED_M_PER_S * 1000).astype(np.int64)
    wide = ReachTable(pairs.indptr.astype(np.int64), pairs.indices.astype(np.int32), ms)
    people = rng.integers(0, 60, homes).astype(np.int64)
    sizes = rng.lognormal(0, 1, facilities)
    places = np.rint(sizes / sizes.sum() * people.sum() * places_each).astype(np.int64)
    return City(fca.own_catchments(wide, np.full(facilities, LIMIT_MS)), wide, people, places)


def measures(city: City, draws: int) -> dict[str, Callable[[], Any]]:
    """Each measure, and what it has to say."""
    near, people, places = city.near, city.people, city.places
    n = len(people)
    town = np.arange(n) % 40
    walks = walks_at(round(1000 * SPEED_M_PER_S), nearest_k(city.wide, n, 3))
    nearest_ms = walks.nearest_ms(800)
    everywhere = np.ones(n, bool)
    grades = np.where(places > np.median(places), LIMIT_MS, LIMIT_MS // 2)

    def placed() -> str:
        found = assign_places(near, people, places)
        areas = shortage_table(found, people, places)
        return (
            f"{found.placed.sum():,} placed, {found.without_place.sum():,} without a place "
            f"in {len(areas)} areas, {found.out_of_reach.sum():,} out of reach"
        )

    def access(weights: np.ndarray, table: ReachTable = near) -> str:
        found = fca.floating_catchment(table, people, places, weights)
        handed_out = (people * found.access).sum()
        return f"{handed_out:,.3f} of {places.sum() - found.stranded_places:,} places handed out"

    def evenness() -> str:
        found = fca.floating_catchment(near, people, places, fca.gaussian(near, LIMIT_MS)).access
        split = equity.theil(found, people, town)
        return f"Gini {equity.gini(found, people):.4f}, Theil {split.total:.4f}"

    def uncertainty() -> str:
        doubts = Doubts((600, 800, 1000), apportioning_cv=0.3)
        found = simulate(
            walks, people, everywhere, np.arange(n) // 4, np.full(-(-n // 4), 50_000),
            LIMIT_MS, "80", doubts, draws,
        )  # fmt: skip
        return f"{draws} draws: {found.quantile(0.05):.1f} to {found.quantile(0.95):.1f} %"

    zones = fca.by_zone(near, (300_000, 600_000, 900_000), (1, 0.68, 0.22))
    own = fca.own_catchments(near, grades)
    return {
        "capacity-aware assignment": placed,
        "2SFCA": lambda: access(fca.within_limit(near)),
        "E2SFCA": lambda: access(zones),
        "Gaussian 2SFCA": lambda: access(fca.gaussian(near, LIMIT_MS)),
        "3SFCA": lambda: access(fca.with_choice(near, zones)),
        "2SFCA, limit by grade": lambda: access(fca.gaussian(own, grades), own),
        "Gini and Theil (Gaussian 2SFCA)": evenness,
        "curve, by town": lambda: (
            curve.people_by_minute_and_unit(nearest_ms, people, pd.Series(town), 30).shape
        ),
        "backup coverage": lambda: curve.backup_coverage(near, people).tolist(),
        "band of three speeds": lambda: speed_band(walks, people, everywhere, LIMIT_MS, "80")[
            "percent"
        ].tolist(),
        "Monte Carlo (k = 3)": uncertainty,
        "everything a run tells, assignment included": whole_circle(city),
    }


# --- other programs


def whole_circle(city: City) -> Callable[[], str]:
    """Everything a run tells of access, over quarters, 40 towns and 2,000 communities."""
    n, facilities = len(city.people), len(city.places)
    ids = [*(f"t{at}" for at in range(40)), *(f"c{at}" for at in range(2000))]
    levels = [*["town"] * 40, *["community"] * 2000]
    units = gpd.GeoDataFrame(
        {"name": ids, "level": levels}, geometry=[shapely.Point()] * len(ids),
        index=pd.Index(ids, name="admin_id", dtype="str"),
    )  # fmt: skip
    of_row = {"town_id": lambda at: f"t{at % 40}", "community_id": lambda at: f"c{at % 2000}"}
    quarters = gpd.GeoDataFrame(
        {
            "name": "", "population": city.people, "age_60_plus": city.people,
            "households": city.people // 3, "area_m2": 1000,
            **{column: [name(at) for at in range(n)] for column, name in of_row.items()},
        },
        geometry=[shapely.Point()] * n,
        index=pd.Index([f"b{at}" for at in range(n)], name="block_id", dtype="str"),
    )  # fmt: skip
    homes = quarters[["population", "age_60_plus"]].assign(block_id=quarters.index)
    stations = gpd.GeoDataFrame(
        {
            "capacity": pd.array(city.places, "Int64"),
            **{column: [name(at) for at in range(facilities)] for column, name in of_row.items()},
        },
        geometry=[shapely.Point()] * facilities,
        index=pd.Index([f"s{at}" for at in range(facilities)], dtype="str"),
    )
    nearest = nearest_k(city.wide, n, 3)
    first = Nearest(nearest.ms[:, 0], nearest.source[:, 0])
    circle = Circle("elderly", "age_60_plus", WALKERS["elderly"], 15, "85")
    ids_of_homes = np.array([*stations.index, None], object)[first.source]
    everywhere = np.ones(n, bool)
    coverage = measure(circle, quarters, homes, first.ms, ids_of_homes, everywhere, units)
    reached = Reached(city.near, city.near, nearest, WIDEST_MS, walks_at(800, first))
    nowhere = gpd.GeoDataFrame({"block_ids": []}, geometry=[])

    def run() -> str:
        found = circle_access(
            circle, quarters, homes, coverage, stations, nowhere, units, reached,
            AccessSettings(minutes=(5, 10, 15)),
        )  # fmt: skip
        assert found.places is not None
        return f"{found.backup[0]:,} covered, {found.places.assignment.placed.sum():,} placed"

    return run


def check_assignment(city: City) -> None:
    """The same transportation problem as a linear programme: most people, then least time."""
    by_home = city.near.transpose(len(city.people))
    pairs, people, places = len(by_home.ms), city.people, city.places
    home = np.repeat(np.arange(len(people)), np.diff(by_home.indptr))
    rows = vstack(
        [
            coo_array((np.ones(pairs), (home, np.arange(pairs))), shape=(len(people), pairs)),
            coo_array(
                (np.ones(pairs), (by_home.target, np.arange(pairs))), shape=(len(places), pairs)
            ),
        ]
    ).tocsr()
    start = time.process_time()
    refusal = (len(places) + 1) * LIMIT_MS
    answer = linprog(by_home.ms - refusal, rows, np.concatenate([people, places]), method="highs")
    theirs = time.process_time() - start
    start = time.process_time()
    found = assign_places(city.near, people, places)
    ours = time.process_time() - start
    sent = np.rint(answer.x).astype(np.int64)
    if (sent.sum(), (sent * by_home.ms).sum()) != (found.placed.sum(), found.total_ms):
        raise SystemExit("HiGHS and the assignment do not agree")
    print(
        f"assignment, {len(people):,} homes x {len(places)} facilities, {pairs:,} pairs: "
        f"the same {found.placed.sum():,} people and {found.total_ms:,} ms\n"
        f"  this package {ours:.3f} s, HiGHS (scipy.optimize.linprog) {theirs:.2f} s\n"
    )


def check_catchments(city: City) -> None:
    """2SFCA, E2SFCA and 3SFCA by the ``access`` package, on its own terms."""
    try:
        from access import fca as theirs
        from access import weights as their_weights
    except ImportError:
        print("the package access is not installed: floating catchments not compared\n")
        return
    near, people, places = city.near, city.people, city.places
    facility = fca.facility_of_pair(near)
    pairs = pd.DataFrame({"origin": near.target, "dest": facility, "cost": near.ms})
    demand = pd.DataFrame({"demand": people})
    supply = pd.DataFrame({"supply": places})
    demand.index.name = supply.index.name = "geoid"
    ends, values = (300_000, 600_000, 900_000), (1, 0.68, 0.22)
    step = their_weights.step_fn(dict(zip(ends, values, strict=True)))
    zones = fca.by_zone(near, ends, values)
    names = {"demand_index": True, "demand_name": "demand", "supply_index": True}
    compared = {
        "2SFCA": (theirs.two_stage_fca, None, fca.within_limit(near)),
        "E2SFCA": (theirs.two_stage_fca, step, zones),
        "3SFCA": (theirs.three_stage_fca, step, fca.with_choice(near, zones)),
    }
    for name, (function, weight, ours) in compared.items():
        answer = function(
            demand,
            supply,
            pairs,
            max_cost=LIMIT_MS,
            weight_fn=weight,
            supply_name="supply",
            **names,
        )
        found = fca.floating_catchment(near, people, places, ours).access
        if not np.allclose(answer.reindex(range(len(people))).fillna(0), found, rtol=1e-9):
            raise SystemExit(f"{name}: access and this package do not agree")
        print(f"{name}: the same as the package access at {len(people):,} homes")
    print()


if __name__ == "__main__":
    main()
