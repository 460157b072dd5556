"""How fast are the best sites found and proven, next to spopt with CBC?

Homes and candidates anywhere in a square, 1 to 199 people a home, walks in whole milliseconds; each
model on one instance, each library in a process of its own that solves a small instance first, so
that nothing is compiled or loaded while the clock runs. Times are wall-clock seconds from the
table of walks to the answer, building the model included; peak memory is of the whole process.
Where both end with a proof the objectives must be equal, or the run fails. spopt knows no sparse
table: it is given the full matrix, with the stated walk for whoever has no station within the
limit. It is left out where its model would not be built in reasonable time.

    python benchmarks/siting.py
    python benchmarks/siting.py --only mclp --seconds 60 --json siting.json
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from records import machine, own_peak_mib, write_record
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from carecircle.coverage.center import shortest_longest_walk
from carecircle.coverage.median import least_walking
from carecircle.coverage.savings import starts
from carecircle.coverage.set_covering import fewest_covering
from carecircle.coverage.site_conditions import AtMost
from carecircle.coverage.site_options import NOWHERE, Options
from carecircle.coverage.site_plan import MOST_PEOPLE, NoPlan, best_plan
from carecircle.coverage.site_problem import Service, SiteProblem
from carecircle.coverage.siting import maximal_covering
from carecircle.isochrones.minutes import ReachTable

MS_PER_UNIT = 75_000  # the square is 100 units wide
PACKAGES = ("highspy", "spopt", "pulp")


@dataclass(frozen=True)
class Instance:
    """Homes and candidates in a square of 100 x 100, within a limit of each other."""

    homes: int
    candidates: int
    limit: float

    def drawn(self) -> tuple[ReachTable, NDArray[np.int64]]:
        """The table of walks, a row per candidate, and the people of each home."""
        random = np.random.default_rng(0)
        homes = random.uniform(0, 100, (self.homes, 2))
        candidates = random.uniform(0, 100, (self.candidates, 2))
        people = random.integers(1, 200, self.homes)
        near = cKDTree(candidates).sparse_distance_matrix(
            cKDTree(homes), self.limit, output_type="coo_matrix"
        )
        order = np.lexsort((near.col, near.row))
        ms = np.rint(near.data[order] * MS_PER_UNIT).astype(np.int64)
        target = near.col[order].astype(np.int32)
        return ReachTable(starts(near.row, self.candidates), target, ms), people

    @property
    def limit_ms(self) -> int:
        return round(self.limit * MS_PER_UNIT)


@dataclass(frozen=True)
class Case:
    """A model on an instance."""

    name: str
    model: str
    instance: Instance
    p: int | None
    with_spopt: bool = True


CASES = [
    Case("lscp", "LSCP", Instance(5000, 1000, 4.0), None),
    Case("mclp", "MCLP", Instance(5000, 1000, 4.0), 50),
    Case("mclp_dense", "MCLP", Instance(5000, 1000, 8.0), 50),
    Case("mclp_large", "MCLP", Instance(100_000, 5000, 4.0), 50, with_spopt=False),
    Case("mclp_seats", "MCLP with seats", Instance(2000, 300, 8.0), 30, with_spopt=False),
    Case("p_median", "p-median", Instance(5000, 1000, 4.0), 50, with_spopt=False),
    Case("p_median_denser", "p-median", Instance(5000, 1000, 10.0), 50, with_spopt=False),
    Case("p_median_small", "p-median", Instance(500, 200, 150.0), 10),
    Case("p_center", "p-center", Instance(5000, 1000, 10.0), 200, with_spopt=False),
    Case("p_center_hard", "p-center", Instance(5000, 1000, 10.0), 100, with_spopt=False),
    Case("p_center_small", "p-center", Instance(150, 50, 150.0), 5),
]
WARM = Instance(200, 40, 15.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", action="append", help="the name of a case; may repeat")
    parser.add_argument("--seconds", type=float, default=60.0, help="time limit of each solver")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    print(f"{machine()['processor']}, {machine()['cores']} cores\n")
    print(
        "| case | homes x candidates | pairs | p | library | seconds | objective | bound |", end=""
    )
    print(" gap % | peak MiB | times ours |\n|---|---|---:|---:|---|---:|---:|---:|---:|---:|---:|")
    rows = []
    for case in CASES:
        if not arguments.only or case.name in arguments.only:
            rows.append(compared(case, arguments.seconds))
    if arguments.json:
        write_record(arguments.json, PACKAGES, {"time_limit_s": arguments.seconds, "cases": rows})


def compared(case: Case, time_limit_s: float) -> dict[str, Any]:
    """One case in all libraries, printed and as a record; fails where proven answers differ."""
    answers = {"carecircle": in_process(measured, case, OURS[case.model], time_limit_s)}
    if case.with_spopt:
        answers["spopt"] = in_process(measured, case, SPOPT[case.model], time_limit_s)
    ours = answers["carecircle"]
    for library, answer in answers.items():
        answer["times_ours"] = round(answer["seconds"] / ours["seconds"], 1)
        both = answer["proven"] and ours["proven"]
        if both and abs(answer["objective"] - ours["objective"]) > tolerance(ours["objective"]):
            raise AssertionError(f"{case.name}: {library} has {answer}, ours is {ours}")
        print_row(case, library, answer)
    return {
        "case": case.name,
        "model": case.model,
        "homes": case.instance.homes,
        "candidates": case.instance.candidates,
        "pairs": ours.pop("pairs"),
        "p": case.p,
        "answers": answers,
    }


def tolerance(objective: int) -> float:
    """CBC adds up in double precision and stops at a relative 1e-9."""
    return 0.5 + 1e-9 * objective


def in_process(task: Callable[..., Any], *arguments: Any) -> Any:
    """What a task answers in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(task, arguments)


def measured(case: Case, solve: Callable[..., dict[str, Any]], limit_s: float) -> dict[str, Any]:
    """The answer with its seconds and the peak memory of this process."""
    warnings.simplefilter("ignore")
    solve(*WARM.drawn(), WARM.limit_ms, 3 if case.model.startswith("MCLP") else 30, 5.0)
    table, people = case.instance.drawn()
    before = own_peak_mib()
    began = time.perf_counter()
    answer = solve(table, people, case.instance.limit_ms, case.p, limit_s)
    answer["seconds"] = round(time.perf_counter() - began, 3)
    sizes = {"peak_mib": own_peak_mib(), "peak_mib_before": before, "pairs": len(table.ms)}
    return {**answer, **sizes}


def print_row(case: Case, library: str, answer: dict[str, Any]) -> None:
    """A line of the table."""
    size = f"{case.instance.homes:,} x {case.instance.candidates:,}"
    bound = "" if answer.get("bound") is None else f"{answer['bound']:,}"
    gap = "" if answer.get("gap_percent") is None else f"{answer['gap_percent']}"
    objective = "" if answer["objective"] is None else f"{answer['objective']:,}"
    pairs = f"{answer['pairs']:,} | {'' if case.p is None else case.p} | {library}"
    figures = f"{answer['seconds']} | {objective} | {bound} | {gap} | {answer['peak_mib']:,}"
    print(f"| {case.name} | {size} | {pairs} | {figures} | {answer['times_ours']} |", flush=True)


# --- ours


def covers_of(table: ReachTable, n_homes: int) -> csr_array:
    """Which homes (rows) each candidate covers."""
    by_home = table.transpose(n_homes)
    ones = np.ones(len(by_home.target), bool)
    return csr_array((ones, by_home.target, by_home.indptr), (n_homes, len(table)))


def our_lscp(
    table: ReachTable, people: NDArray[np.int64], limit_ms: int, p: int | None, limit_s: float
) -> dict[str, Any]:
    plan = fewest_covering(covers_of(table, len(people)), people, limit_s)
    return answered(plan.count, plan.bound_count, plan.status)


def our_mclp(
    table: ReachTable, people: NDArray[np.int64], limit_ms: int, p: int, limit_s: float
) -> dict[str, Any]:
    plan = maximal_covering(covers_of(table, len(people)), people, p, limit_s)
    return answered(plan.people_gained, plan.bound_people, plan.status)


def our_mclp_with_seats(
    table: ReachTable, people: NDArray[np.int64], limit_ms: int, p: int, limit_s: float
) -> dict[str, Any]:
    """Each station has seats for half to three halves of the mean number of people in reach."""
    n = len(table)
    mean = int(people[table.target].sum()) // n
    seats = np.random.default_rng(1).integers(mean // 2, 3 * mean // 2, n)
    zeros = np.zeros(n, np.int64)
    options = Options(
        np.arange(n), ("open",) * n, seats[None], zeros, zeros, zeros, np.zeros((n, 2)),
        np.full(n, NOWHERE),
    )  # fmt: skip
    homes = Service(
        "elderly", people, np.zeros(len(people), np.int64), covers_of(table, len(people))
    )
    problem = SiteProblem(options, (homes,), ("town",))
    plan = best_plan(problem, [MOST_PEOPLE], [AtMost(p)], limit_s)
    assert not isinstance(plan, NoPlan)
    return answered(plan.reaches[0].value, plan.reaches[0].bound, plan.status)


def our_p_median(
    table: ReachTable, people: NDArray[np.int64], limit_ms: int, p: int, limit_s: float
) -> dict[str, Any]:
    plan = least_walking(table, people, p, limit_ms, limit_s)
    return answered(plan.person_ms, plan.bound_person_ms, plan.status)


def our_p_center(
    table: ReachTable, people: NDArray[np.int64], limit_ms: int, p: int, limit_s: float
) -> dict[str, Any]:
    plan = shortest_longest_walk(table, people, p, limit_s)
    return answered(plan.worst_ms, plan.bound_ms, plan.status)


def answered(objective: int | None, bound: int, status: str) -> dict[str, Any]:
    """The figures of an answer; the gap is of the larger of objective and bound."""
    gap = None
    if objective is not None and max(objective, bound) > 0:
        gap = round(100 * abs(objective - bound) / max(objective, bound), 4)
    return {
        "objective": objective,
        "bound": bound,
        "gap_percent": gap,
        "proven": status == "optimal",
        "status": status,
    }


# --- spopt


def matrix_of(table: ReachTable, n_homes: int, beyond_ms: int) -> NDArray[np.float64]:
    """All walks, homes x candidates."""
    walks = np.full((n_homes, len(table)), float(beyond_ms))
    station = np.repeat(np.arange(len(table)), np.diff(table.indptr))
    walks[table.target, station] = table.ms
    return walks


def spopt_lscp(
    table: ReachTable, people: NDArray[np.int64], limit_ms: int, p: int | None, limit_s: float
) -> dict[str, Any]:
    from spopt.locate import LSCP

    walks = matrix_of(table, len(people), 2 * limit_ms + 1)
    coverable = (walks <= limit_ms).any(axis=1)
    return by_cbc(LSCP.from_cost_matrix(walks[coverable], limit_ms), limit_s)


def spopt_mclp(
    table: ReachTable, people: NDArray[np.int64], limit_ms: int, p: int, limit_s: float
) -> dict[str, Any]:
    from spopt.locate import MCLP

    walks = matrix_of(table, len(people), 2 * limit_ms + 1)
    model = MCLP.from_cost_matrix(walks, people.astype(float), limit_ms, p_facilities=p)
    return by_cbc(model, limit_s)


def spopt_p_median(
    table: ReachTable, people: NDArray[np.int64], limit_ms: int, p: int, limit_s: float
) -> dict[str, Any]:
    from spopt.locate import PMedian

    walks = matrix_of(table, len(people), limit_ms)
    return by_cbc(PMedian.from_cost_matrix(walks, people.astype(float), p_facilities=p), limit_s)


def spopt_p_center(
    table: ReachTable, people: NDArray[np.int64], limit_ms: int, p: int, limit_s: float
) -> dict[str, Any]:
    from spopt.locate import PCenter

    walks = matrix_of(table, len(people), limit_ms)
    return by_cbc(PCenter.from_cost_matrix(walks, p_facilities=p), limit_s)


def by_cbc(model: Any, limit_s: float) -> dict[str, Any]:
    """Solve; PuLP tells whether CBC proved its answer, not how far it may be off."""
    import pulp

    solver = pulp.PULP_CBC_CMD(msg=False, threads=1, timeLimit=limit_s, gapRel=0.0)
    try:
        problem = model.solve(solver).problem
    except RuntimeError as reason:  # no answer in time
        return {"objective": None, "proven": False, "status": str(reason)[:80]}
    value = pulp.value(problem.objective)
    return {
        "objective": None if value is None else round(value),
        "proven": problem.sol_status == pulp.LpSolutionOptimal,
        "status": pulp.LpSolution[problem.sol_status],
    }


OURS = {
    "LSCP": our_lscp,
    "MCLP": our_mclp,
    "MCLP with seats": our_mclp_with_seats,
    "p-median": our_p_median,
    "p-center": our_p_center,
}
SPOPT = {
    "LSCP": spopt_lscp,
    "MCLP": spopt_mclp,
    "p-median": spopt_p_median,
    "p-center": spopt_p_center,
}


if __name__ == "__main__":
    main()
