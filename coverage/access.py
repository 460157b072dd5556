"""What else a circle gives beside coverage: minutes, second choices, places, fairness, doubt.

One table of walks (`reached`) is searched once and shared by every measure here, and the people
of every table are those of the coverage, so that no two figures can contradict each other.
Coverage, curve and choices are counted at homes; what is said of a quarter, of a unit or of the
study are sums of the same homes, asserted at every level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas import DataFrame

from carecircle.coverage.curve import (
    backup_coverage,
    facilities_within,
    lost_without,
    people_by_minute,
)
from carecircle.coverage.equity import walk_of_worst, worst_served
from carecircle.coverage.evenness import Evenness, evenness
from carecircle.coverage.measure import (
    MS_PER_MINUTE,
    NO_WAY_FOR_WALKER,
    as_minutes,
    by_reason,
    median_position,
    quarter_status,
    status_ledger,
    sums,
    units_table,
)
from carecircle.coverage.other_walkers import walkers_quarters, walkers_table, walkers_units
from carecircle.coverage.places import FOUND, Places, circle_places, places_in_units
from carecircle.coverage.reached import Reached
from carecircle.coverage.result import Circle, Coverage, Ledger, cut_percent
from carecircle.coverage.speeds import SPEEDS_MM_PER_S, flips, speed_band
from carecircle.coverage.uncertainty import Doubts, Triangle, Uncertainty, simulate
from carecircle.isochrones.minutes import NEVER
from carecircle.isochrones.walkers import Walker
from carecircle.layers.people import largest_remainder, people_columns

HOUSEHOLDS = "households"
CHOICES = 3  # people with at least 1, 2, 3 facilities are counted
WORST = 20  # quarters in the list of the worst served
WORST_PER_MILLE = 100
KNOWN_GATES = ("entrances", "osm_gates")


@dataclass(frozen=True)
class Doubt:
    """What the Monte Carlo draws, and how often.

    ``speed_mm_per_s``: least, most likely and most; None: 600 and 1000, or the walker's own where
    that lies beyond, and the walker's own as the most likely. ``gate_m``: the most that the way to
    a gate may add in quarters whose gates nobody mapped. ``homes_cv``: how unevenly the people
    of a quarter may really be spread over its homes.
    """

    draws: int = 1000
    seed: int = 0
    speed_mm_per_s: Triangle | None = None
    wait_factor: Triangle = (1, 1, 1)
    gate_m: float = 0.0
    homes_cv: float = 0.0

    def speeds(self, walker: Walker) -> Triangle:
        """The speeds drawn for a walker."""
        own = walker.speed_mm_per_s
        return self.speed_mm_per_s or (min(600, own), own, max(1000, own))


@dataclass(frozen=True)
class Catchments:
    """How many minutes far facilities serve in the floating catchments, by ``kind`` or ``grade``.

    Those of other words serve as far as the limit of the circle.
    """

    by: Literal["kind", "grade"]
    minutes: tuple[tuple[str, int], ...]

    def limits_ms(self, circle: Circle, stations: DataFrame) -> NDArray[np.int64]:
        """How far each of the stations serves."""
        own = {word: minutes * MS_PER_MINUTE for word, minutes in self.minutes}
        words = stations[self.by] if self.by in stations else pd.Series("", stations.index)
        far = [own.get(word, circle.limit_ms) for word in words]
        return np.array(far, np.int64)


@dataclass(frozen=True)
class AccessSettings:
    """At which minutes coverage is told, and for which walkers' speeds.

    ``doubt`` is None where nothing is drawn. ``walkers`` are compared with the circle's own,
    each by a search of its own.
    """

    minutes: tuple[int, ...] = (5, 10, 15, 30)
    speeds_mm_per_s: tuple[int, ...] = SPEEDS_MM_PER_S
    doubt: Doubt | None = None
    walkers: tuple[Walker, ...] = ()
    catchments: Catchments | None = None

    def band(self, walker: Walker) -> tuple[int, ...]:
        """The speeds of the band, the walker's own among them, rising."""
        return tuple(sorted({*self.speeds_mm_per_s, walker.speed_mm_per_s}))

    def speeds(self, walker: Walker) -> tuple[int, ...]:
        """Every speed that walks must be known at."""
        drawn = self.doubt.speeds(walker) if self.doubt else ()
        return tuple(sorted({*self.band(walker), *(round(speed) for speed in drawn)}))

    def others(self, circle: Circle) -> tuple[Circle, ...]:
        """The circle for each of the other walkers."""
        return tuple(
            replace(circle, walker=walker) for walker in self.walkers if walker != circle.walker
        )

    def catchments_ms(self, circle: Circle, stations: DataFrame) -> NDArray[np.int64] | None:
        """How far each station serves in the floating catchments; None: as far as the limit."""
        return None if self.catchments is None else self.catchments.limits_ms(circle, stations)

    def minutes_of(self, circle: Circle) -> tuple[int, ...]:
        """The minutes that coverage is told at, the circle's own among them, rising."""
        return tuple(sorted({*self.minutes, circle.minutes}))


@dataclass(frozen=True, eq=False)
class CircleAccess:
    """The measures of access of one circle.

    Attributes
    ----------
    minutes : tuple of int
        At which coverage is told, the circle's own among them.
    areas : DataFrame, index ``amount``, ``minutes``
        The same of ``quarters`` (count) and ``land_m2``, by the status that quarters have then.
    walkers : DataFrame, index ``walker``
        What other walkers find (`other_walkers.walkers_table`); ``walker_units`` (None without
        units) and ``walker_quarters`` by unit and by quarter.
    groups : DataFrame, index ``group``, ``minutes``
        ``input``, ``covered``, ``uncovered``, ``excluded`` of everybody (``population``), of every
        cohort that the layer has, and of ``households`` where it has them.
    households_unknown : int
        Quarters whose households are not told; they are in no figure of households.
    curve : DataFrame, index ``minute`` (0, 1 ...)
        ``nearest``, ``second``: people of the group within so many minutes of their nearest and of
        their second nearest facility.
    backup : tuple of 3 int
        People with at least 1, 2, 3 facilities within the limit.
    closures : DataFrame, index ``facility_id``
        ``people_lost``: who have no other facility within the limit.
    homes : DataFrame, index ``home_id``
        ``second_minutes`` (float, NaN beyond the search), ``facilities_within`` (int64).
    quarters : DataFrame, index ``block_id``
        ``homes`` (count), ``percent_within`` (of the people, cut; NaN without), ``second_minutes``,
        ``facilities_within`` (what at least half of the people have), ``people_two`` (people with
        two or more), ``at_speeds``: covered ``always``, ``never``, or it ``depends`` on the
        walker's speed; ``""`` without people. ``probability`` (float, NaN without a draw). Places
        as in `Places.quarters` where they are assessed.
    units : DataFrame, index ``admin_id``, or None
        ``name``, ``level``, ``parent``, and sums of its quarters: each group with its
        ``_covered``, ``_uncovered``, ``_excluded``, ``_shut_out``; ``within_5`` ...;
        ``choice_1`` ...; what people who look for a place found; ``places`` that stand in the
        unit, where it is known.
    band : DataFrame, index ``mm_per_s``
        Coverage and verdict at each speed (`speeds.speed_band`).
    evenness : tuple of Evenness
        Of the facilities within reach and, where they are known, of places.
    worst : DataFrame, index ``block_id``
        The quarters with the longest walk: ``minutes``, ``people``.
    worst_tenth_ms : int or None
        The shortest walk of the worst-served tenth of the people; `NEVER` where they reach nothing.
    places : Places or None
        None where no capacity is known.
    without_capacity, empty : tuple of facility ids
        Facilities of unknown capacity, which take no part; facilities with 0 places.
    doubt : Uncertainty or None
    """

    settings: AccessSettings
    minutes: tuple[int, ...]
    groups: DataFrame
    areas: DataFrame
    walkers: DataFrame
    walker_units: DataFrame | None
    walker_quarters: DataFrame
    households_unknown: int
    curve: DataFrame
    backup: tuple[int, ...]
    closures: DataFrame
    homes: DataFrame
    quarters: DataFrame
    units: DataFrame | None
    band: DataFrame
    evenness: tuple[Evenness, ...]
    worst: DataFrame
    worst_tenth_ms: int | None
    places: Places | None
    without_capacity: tuple[str, ...]
    empty: tuple[str, ...]
    doubt: Uncertainty | None

    @property
    def flips(self) -> bool:
        """Whether the verdict is not the same at every speed of the band."""
        return flips(self.band)


def circle_access(
    circle: Circle,
    residential: GeoDataFrame,
    homes: GeoDataFrame,
    coverage: Coverage,
    stations: GeoDataFrame,
    neighbourhoods: GeoDataFrame,
    units: GeoDataFrame | None,
    reached: Reached,
    settings: AccessSettings,
    others: Sequence[tuple[Circle, Coverage]] = (),
) -> CircleAccess:
    """Every measure of access of one circle.

    ``stations`` are the rows of ``reached.near``, in its order; ``homes`` its targets. ``others``
    is the coverage of the circle for other walkers.
    """
    people = coverage.homes["people"].to_numpy(np.int64)
    attached = (coverage.homes["status"] != "excluded").to_numpy()
    shut_out = (coverage.homes["reason"] == NO_WAY_FOR_WALKER).to_numpy()
    quarter = residential.index.get_indexer(homes["block_id"])
    nearest_ms, second_ms = reached.nearest.ms[:, 0], reached.nearest.ms[:, 1]
    choices = facilities_within(reached.near, len(homes))
    places = circle_places(
        circle, residential, people, quarter, stations, reached.near, neighbourhoods, units,
        reached.catchments,
        settings.catchments_ms(circle, stations),
    )  # fmt: skip
    doubt = drawn(circle, residential, people, attached, quarter, reached, settings.doubt)
    minutes = settings.minutes_of(circle)
    counted = {**{name: homes[name].to_numpy(np.int64) for name in people_columns(homes)}}
    households, households_unknown = households_of_homes(residential, homes, quarter)
    if households is not None:
        counted[HOUSEHOLDS] = households
    band = speed_band(
        reached.walks, people, attached, circle.limit_ms, circle.target_percent,
        settings.band(circle.walker), {circle.walker.speed_mm_per_s: nearest_ms}, shut_out,
    )  # fmt: skip
    amounts = quarter_amounts(
        circle,
        counted,
        people,
        quarter,
        nearest_ms,
        attached,
        shut_out,
        choices,
        minutes,
        residential.index,
    )
    check_against(coverage, amounts[circle.group + "_covered"], band, circle)
    quarters = quarters_of(
        circle, residential, coverage, people, quarter, second_ms, choices, reached, settings
    )
    sharing = [evenness("facilities", choices, people, quarter, residential, units)]
    if places is not None:
        amounts = pd.concat([amounts, places.quarters[FOUND]], axis=1)
        quarters = pd.concat([quarters, places.quarters], axis=1)
        sharing.append(evenness("places", places.per_person, people, quarter, residential, units))
    if doubt is not None:
        quarters["probability"] = doubt.quarter_probability
    capacity = stations["capacity"]
    return CircleAccess(
        settings=settings,
        minutes=minutes,
        groups=groups_table(counted, nearest_ms, attached, shut_out, minutes),
        areas=areas_table(circle, coverage, minutes),
        walkers=walkers_table(coverage, others),
        walker_units=walkers_units(coverage, others),
        walker_quarters=walkers_quarters(coverage, others),
        households_unknown=households_unknown,
        curve=curve_table(nearest_ms, second_ms, people, max(minutes)),
        backup=tuple(backup_coverage(reached.near, people, CHOICES)[1:].tolist()),
        closures=DataFrame(
            {"people_lost": lost_without(reached.near, people)}, index=stations.index
        ),
        homes=DataFrame(
            {"second_minutes": as_minutes(second_ms), "facilities_within": choices},
            index=homes.index,
        ),
        quarters=quarters,
        units=None if units is None else units_of(units, residential, amounts, stations),
        band=band,
        evenness=tuple(sharing),
        worst=worst_quarters(coverage),
        worst_tenth_ms=walk_of_worst(ms_of(coverage.homes["minutes"]), people, WORST_PER_MILLE),
        places=places,
        without_capacity=tuple(stations.index[capacity.isna()]),
        empty=tuple(stations.index[(capacity == 0).fillna(False)]),
        doubt=doubt,
    )


# --- who is counted


def households_of_homes(
    residential: GeoDataFrame, homes: GeoDataFrame, quarter: NDArray[np.int64]
) -> tuple[NDArray[np.int64] | None, int]:
    """Households of each home, and in how many quarters they are not told.

    Those of a quarter go to its homes in proportion to their people, in whole households; to
    the first home where nobody lives. None where the layer has no households.
    """
    if HOUSEHOLDS not in residential:
        return None, 0
    told: pd.Series = residential[HOUSEHOLDS].astype("Int64")
    counts = told.fillna(0).to_numpy(np.int64)
    people = homes["population"].to_numpy(np.int64)
    shared = counts[quarter]
    homes_in = np.bincount(quarter, minlength=len(counts))
    by_quarter = np.argsort(quarter, kind="stable")
    starts = np.cumsum(homes_in) - homes_in
    for at in np.flatnonzero(homes_in > 1):
        some = by_quarter[starts[at] : starts[at] + homes_in[at]]
        weights = people[some] if people[some].any() else np.arange(len(some)) == 0
        shared[some] = largest_remainder(weights, total=int(counts[at]))
    if shared.sum() != counts.sum():
        raise AssertionError("the households of the homes are not those of their quarters")
    return shared, int(told.isna().sum())


def groups_table(
    counted: Mapping[str, NDArray[np.int64]],
    nearest_ms: NDArray[np.int64],
    attached: NDArray[np.bool_],
    shut_out: NDArray[np.bool_],
    minutes: Sequence[int],
) -> DataFrame:
    """A ledger of each group at each of the minutes."""
    rows = {}
    for group, people in counted.items():
        for minute in minutes:
            within = attached & (nearest_ms <= minute * MS_PER_MINUTE)
            ledger = Ledger(
                input=int(people.sum()),
                covered=int(people[within].sum()),
                uncovered=int(people[attached & ~within].sum()),
                excluded=by_reason(people[~attached].sum(), people[shut_out].sum()),
            )
            rows[group, minute] = {
                "people": ledger.input,
                "people_covered": ledger.covered,
                "people_uncovered": ledger.uncovered,
                "people_excluded": sum(ledger.excluded.values()),
                "people_shut_out": ledger.excluded.get(NO_WAY_FOR_WALKER, 0),
            }
    table = DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(rows, names=["group", "minutes"])
    return table


def areas_table(circle: Circle, coverage: Coverage, minutes: Sequence[int]) -> DataFrame:
    """A ledger of quarters and of residential land at each of the minutes."""
    quarters = coverage.quarters
    people, excluded = (quarters[name].to_numpy(np.int64) for name in ("people", "people_excluded"))
    shut_out = (quarters["people_shut_out"] > 0).to_numpy()
    median_ms = ms_of(quarters["minutes"])
    amounts = {
        "quarters": (np.ones(len(quarters), np.int64), coverage.quarter_count),
        "land_m2": (quarters["area_m2"].to_numpy(np.int64), coverage.land_m2),
    }
    rows = {}
    for name, (amount, own) in amounts.items():
        for minute in minutes:
            status = quarter_status(people, excluded, median_ms, minute * MS_PER_MINUTE)
            ledger = status_ledger(status, amount, shut_out)
            if minute == circle.minutes and ledger != own:
                raise AssertionError("quarters or land contradict the coverage")
            rows[name, minute] = {
                "input": ledger.input,
                "covered": ledger.covered,
                "uncovered": ledger.uncovered,
                "excluded": sum(ledger.excluded.values()),
                "shut_out": ledger.excluded.get(NO_WAY_FOR_WALKER, 0),
            }
    table = DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(rows, names=["amount", "minutes"])
    return table


def curve_table(
    nearest_ms: NDArray[np.int64],
    second_ms: NDArray[np.int64],
    people: NDArray[np.int64],
    most_minutes: int,
) -> DataFrame:
    """People within each minute of their nearest and of their second nearest facility."""
    return DataFrame(
        {
            "nearest": people_by_minute(nearest_ms, people, most_minutes),
            "second": people_by_minute(second_ms, people, most_minutes),
        },
        index=pd.RangeIndex(most_minutes + 1, name="minute"),
    )


# --- quarters and units


def quarter_amounts(
    circle: Circle,
    counted: Mapping[str, NDArray[np.int64]],
    people: NDArray[np.int64],
    quarter: NDArray[np.int64],
    nearest_ms: NDArray[np.int64],
    attached: NDArray[np.bool_],
    shut_out: NDArray[np.bool_],
    choices: NDArray[np.int64],
    minutes: Sequence[int],
    block_ids: pd.Index,
) -> DataFrame:
    """Whole numbers of each quarter that units add up."""
    covered = attached & (nearest_ms <= circle.limit_ms)

    def of_quarter(chosen: NDArray[np.bool_], amount: NDArray[np.int64]) -> NDArray[np.int64]:
        return sums(quarter, np.where(chosen, amount, 0), len(block_ids))

    found = {}
    for group, amount in counted.items():
        found[group] = sums(quarter, amount, len(block_ids))
        found[f"{group}_covered"] = of_quarter(covered, amount)
        found[f"{group}_uncovered"] = of_quarter(attached & ~covered, amount)
        found[f"{group}_excluded"] = of_quarter(~attached, amount)
        found[f"{group}_shut_out"] = of_quarter(shut_out, amount)
    for minute in minutes:
        found[f"within_{minute}"] = of_quarter(
            attached & (nearest_ms <= minute * MS_PER_MINUTE), people
        )
    for least in range(1, CHOICES + 1):
        found[f"choice_{least}"] = of_quarter(choices >= least, people)
    return DataFrame(found, index=block_ids)


def quarters_of(
    circle: Circle,
    residential: GeoDataFrame,
    coverage: Coverage,
    people: NDArray[np.int64],
    quarter: NDArray[np.int64],
    second_ms: NDArray[np.int64],
    choices: NDArray[np.int64],
    reached: Reached,
    settings: AccessSettings,
) -> DataFrame:
    """What is told of each quarter beside its coverage."""
    count = len(residential)
    found = coverage.quarters
    second = median_position(quarter, second_ms, people, count)
    fewest = median_position(quarter, -choices, people, count)
    return DataFrame(
        {
            "homes": np.bincount(quarter, minlength=count),
            "percent_within": [
                np.nan if whole == 0 else cut_percent(int(part), int(whole))
                for part, whole in zip(found["people_covered"], found["people"], strict=True)
            ],
            "second_minutes": as_minutes(np.append(second_ms, NEVER)[second]),
            "facilities_within": np.append(choices, 0)[fewest],
            "people_two": sums(quarter, np.where(choices >= 2, people, 0), count),
            "at_speeds": at_speeds(circle, people, quarter, count, reached, settings),
            "probability": np.nan,
        },
        index=residential.index,
    )


def at_speeds(
    circle: Circle,
    people: NDArray[np.int64],
    quarter: NDArray[np.int64],
    n_quarters: int,
    reached: Reached,
    settings: AccessSettings,
) -> NDArray[np.object_]:
    """Of each quarter whether it is covered at every speed, at none, or it depends."""
    within = []
    for speed in settings.band(circle.walker):
        own = speed == circle.walker.speed_mm_per_s
        ms = reached.nearest.ms[:, 0] if own else reached.walks.nearest_ms(speed)
        middle = median_position(quarter, ms, people, n_quarters)
        within.append(np.append(ms, NEVER)[middle] <= circle.limit_ms)
    living = sums(quarter, people, n_quarters) > 0
    always, never = np.all(within, axis=0), ~np.any(within, axis=0)
    return np.select([~living, always, never], ["", "always", "never"], "depends").astype(object)


def units_of(
    units: GeoDataFrame, residential: GeoDataFrame, amounts: DataFrame, stations: GeoDataFrame
) -> DataFrame:
    """The amounts of each unit of each level, with the places that stand in it."""
    table = units_table(units, residential, amounts)
    places = places_in_units(units, stations)
    if places is not None:
        of_unit = pd.MultiIndex.from_arrays([table["level"], table.index])
        table["places"] = places.reindex(of_unit, fill_value=0).to_numpy()
    return table


def worst_quarters(coverage: Coverage) -> DataFrame:
    """The quarters with the longest walk; those whose residents never arrive first."""
    quarters = coverage.quarters
    people = quarters["people"].to_numpy(np.int64)
    return worst_served(ms_of(quarters["minutes"]), people, quarters.index, WORST)


def ms_of(minutes: pd.Series) -> NDArray[np.int64]:
    """Minutes of the coverage as the milliseconds they came from."""
    ms = np.rint(minutes.fillna(0).to_numpy(np.float64) * MS_PER_MINUTE).astype(np.int64)
    return np.where(minutes.isna(), NEVER, ms)


# --- doubt


def drawn(
    circle: Circle,
    residential: GeoDataFrame,
    people: NDArray[np.int64],
    attached: NDArray[np.bool_],
    quarter: NDArray[np.int64],
    reached: Reached,
    doubt: Doubt | None,
) -> Uncertainty | None:
    """The Monte Carlo; None where the study asks for none."""
    if doubt is None:
        return None
    known = residential["gate_rule"].isin(KNOWN_GATES) if "gate_rule" in residential else False
    gate_mm = np.where(known, 0, round(1000 * doubt.gate_m)) * np.ones(len(residential), np.int64)
    doubts = Doubts(doubt.speeds(circle.walker), doubt.wait_factor, doubt.homes_cv)
    return simulate(
        reached.walks, people, attached, quarter, gate_mm, circle.limit_ms, circle.target_percent,
        doubts, doubt.draws, doubt.seed,
    )  # fmt: skip


def check_against(coverage: Coverage, covered: pd.Series, band: DataFrame, circle: Circle) -> None:
    """No measure may contradict the coverage that it stands beside."""
    own = band["people_covered"].to_dict()[circle.walker.speed_mm_per_s]
    if not int(covered.sum()) == own == coverage.people.covered:
        raise AssertionError("the measures of access contradict the coverage")
