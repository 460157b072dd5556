"""How does a planner get the results into a GIS? One GeoPackage, ten layers or eleven.

Every layer holds all circles, told apart by the column ``circle``, in the CRS of the
residential input. The columns are the ones named here: nothing else of the inputs goes
along, and no two names differ by their case alone. The same study gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
from geopandas import GeoDataFrame
from pyogrio.errors import DataLayerError, DataSourceError

from carecircle.coverage.places import FOUND
from carecircle.coverage.result import CircleResult, StudyResult
from carecircle.coverage.target_table import flat_rows
from carecircle.isochrones.certificate import Certificate
from carecircle.layers.sources import SITE_AMOUNTS
from carecircle.maps.qgis_styles import LAYER_STYLES, STYLES, style_table
from carecircle.maps.text import plain_text
from carecircle.maps.way_layers import WAY_LAYERS, way_layers

# Geometry of each layer; also the order in which they are written.
LAYERS = {
    "quarters": "MultiPolygon",
    "homes": "Point",
    "facilities": "Point",
    "isochrones": "MultiPolygon",
    "rings": "MultiPolygon",
    "catchments": "MultiPolygon",
    "reached_streets": "MultiLineString",
    "reach": "MultiPolygon",
    "neighbourhoods": "MultiPolygon",
    "candidates": "Point",
}
SITE_PLAN = "site_plan"  # points, only where a study of sites was asked for

# A table without geometry, where the study is judged by plans: a row for each target.
PLANS = "plans"
# The same for other walkers, where the study names any: a row for each circle, walker and unit
# of each level, or quarter.
UNITS_BY_WALKER = "units_by_walker"
QUARTERS_BY_WALKER = "quarters_by_walker"
WHOLE = ("year", "base_year", "gap")
FIGURES = ("value", "target", "baseline")

# What is measured of drawn ground.
CERTIFICATE = tuple(field.name for field in fields(Certificate))


# What the study's own layer says of a facility, where it says it.
SITE_NUMBERS = (*SITE_AMOUNTS, "capacity")
FACILITY_TEXTS = ("inclusive", "operator", "grade", "opened", "admin_id")


def write_geopackage(path: Path, study: StudyResult) -> None:
    """Write all layers of a study to a new file; OSError where the disk refuses."""
    geometry_types = LAYERS | WAY_LAYERS
    with dated(study.day):
        for name, layer in result_layers(study).items():
            try:
                write_layer(path, name, layer, geometry_types.get(name, "Point"))
            except (DataSourceError, DataLayerError) as error:
                raise OSError(0, f"{path.name}: {error}") from error
        for name, table in tables(study).items():
            pyogrio.write_dataframe(table, path, layer=name, driver="GPKG")
        write_styles(path, study)


def write_styles(path: Path, study: StudyResult) -> None:
    """Add the styles that QGIS takes by itself."""
    kinds = LAYERS | WAY_LAYERS
    held = {
        name: (kinds.get(name, "Point"), layer.columns.drop("geometry"))
        for name, layer in layers(study).items()
    }
    table = style_table(held, [result.circle.id for result in study.circles])
    changed = pd.Series(pd.Timestamp(study.day), index=table.index).astype("datetime64[ms]")
    styles = table.assign(update_time=changed)
    pyogrio.write_dataframe(styles, path, layer=STYLES, driver="GPKG", layer_options={"FID": "id"})


def result_layers(study: StudyResult) -> dict[str, GeoDataFrame]:
    """The results as plain layers, by name, in the CRS of the residential input.

    ``quarters``, ``homes``, ``facilities``, ``isochrones``, ``rings``,
    ``catchments``, ``reached_streets``, ``reach``, ``neighbourhoods``, ``candidates``: what
    ``results.gpkg`` holds; column ``circle`` tells the circles apart.
    """
    return {name: layer.to_crs(study.output_crs) for name, layer in layers(study).items()}


def expected_counts(study: StudyResult) -> dict[str, int]:
    """Rows that each layer and table should have."""
    counts = {name: len(layer) for name, layer in layers(study).items()}
    counts |= {name: len(table) for name, table in tables(study).items()}
    return counts | {STYLES: sum(name in LAYER_STYLES for name in layers(study))}


def tables(study: StudyResult) -> dict[str, pd.DataFrame]:
    """What has no place of its own, by name: only what the study asks for."""
    found = {PLANS: plans(study)} if study.plans else {}
    accesses = [(result.circle.id, result.access) for result in study.circles]
    units = [(id, one.walker_units) for id, one in accesses if one.walker_units is not None]
    quarters = [(id, one.walker_quarters) for id, one in accesses]
    for name, parts in ((UNITS_BY_WALKER, units), (QUARTERS_BY_WALKER, quarters)):
        whole = [table.assign(circle=id).reset_index() for id, table in parts if len(table)]
        if whole:
            found[name] = by_walker(pd.concat(whole, ignore_index=True))
    return found


def by_walker(table: pd.DataFrame) -> pd.DataFrame:
    """What other walkers find, circle and walker first; people excluded count all of them."""
    told = table.drop(columns=["people_shut_out", "area_m2"], errors="ignore")
    told = told.rename(columns={"minutes": "walk_minutes"})
    first = ["circle", "walker"]
    told = told[[*first, *(name for name in told if name not in first)]]
    texts = told.select_dtypes(exclude="number").columns
    return told.assign(**{name: names(told[name]) for name in texts})


def plans(study: StudyResult) -> pd.DataFrame:
    """A row for each target of each plan."""
    table = pd.DataFrame(flat_rows(study.plans))
    kinds = dict.fromkeys(WHOLE, "Int64") | dict.fromkeys(FIGURES, "Float64")
    texts = [str(name) for name in table if name not in kinds]
    return table.assign(**{name: names(table[name]) for name in texts}).astype(kinds)


def write_layer(path: Path, name: str, layer: GeoDataFrame, geometry_type: str) -> None:
    """Add one layer; the first one makes the file."""
    pyogrio.write_dataframe(
        layer,
        path,
        layer=name,
        driver="GPKG",
        geometry_type=geometry_type,
        promote_to_multi=geometry_type.startswith("Multi"),
        dataset_options={} if path.exists() else {"VERSION": "1.2"},
    )


def row_counts(path: Path) -> dict[str, int]:
    """Features per layer of a GeoPackage, counted by reading them."""
    return {
        str(name): int(pyogrio.read_info(path, layer=name, force_feature_count=True)["features"])
        for name in pyogrio.list_layers(path)[:, 0]
    }


@contextmanager
def dated(date: str) -> Iterator[None]:
    """Let GDAL write this day where it would write the present moment."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{date}T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def layers(study: StudyResult) -> dict[str, GeoDataFrame]:
    """The layers by name, in the working CRS."""
    makers = {
        "quarters": quarters,
        "homes": homes,
        "facilities": facilities,
        "isochrones": isochrones,
        "rings": rings,
        "catchments": catchments,
        "reached_streets": reached_streets,
        "reach": reach,
        "neighbourhoods": neighbourhoods,
        "candidates": candidates,
    }
    if any(result.site_study is not None for result in study.circles):
        makers[SITE_PLAN] = site_plan
    whole = {
        name: pd.concat([make(study, circle) for circle in study.circles], ignore_index=True)
        for name, make in makers.items()
    }
    return whole | way_layers(study)


def columns(study: StudyResult, source: GeoDataFrame, **values: object) -> GeoDataFrame:
    """A layer of these columns and the geometry of ``source``."""
    plain = {
        name: value.to_numpy() if isinstance(value, pd.Series | pd.Index) else value
        for name, value in values.items()
    }
    return GeoDataFrame(plain, geometry=source.geometry.to_numpy(), crs=study.crs)


def names(values: Iterable[Any]) -> pd.Series:
    """Texts that every program can read."""
    return pd.Series([plain_text(value) for value in values], dtype="object")


def quarters(study: StudyResult, result: CircleResult) -> GeoDataFrame:
    """The residential quarters with what the circle gives them."""
    source = study.residential
    found = result.coverage.quarters.reindex(source.index)
    return columns(
        study,
        source,
        circle=[result.circle.id] * len(source),
        block_id=names(source.index),
        name=names(source["name"]),
        admin_id=names(source["admin_id"] if "admin_id" in source else [""] * len(source)),
        population=source["population"],
        people=found["people"],
        people_covered=found["people_covered"],
        people_uncovered=found["people_uncovered"],
        people_excluded=found["people_excluded"],
        walk_minutes=found["minutes"],
        status=found["status"],
        area_m2=source["area_m2"],
        estimated=source["estimated"],
        gate_rule=names(source.get("gate_rule", [""] * len(source))),
        **access(result, source.index),
    )


def access(result: CircleResult, block_ids: pd.Index) -> dict[str, pd.Series]:
    """What else is measured of the quarters; empty where it was not assessed or drawn."""
    found = result.access.quarters.reindex(block_ids)
    return {
        "percent_within": found["percent_within"],
        "second_minutes": found["second_minutes"],
        "facilities_within": found["facilities_within"].astype("int32"),
        "people_two": found["people_two"],
        "at_speeds": names(found["at_speeds"]),
        "probability": found["probability"].round(3),
        "places_per_1000": told_numbers(found, "2sfca").round(2),
        **{name: told_numbers(found, name) for name in FOUND},
    }


def told_numbers(source: pd.DataFrame, name: str) -> pd.Series:
    """A column of numbers, empty where there is none."""
    return source[name].astype("float64") if name in source else pd.Series(np.nan, source.index)


def homes(study: StudyResult, result: CircleResult) -> GeoDataFrame:
    """The places where people live."""
    source = study.homes
    found = result.coverage.homes.reindex(source.index)
    return columns(
        study,
        source,
        circle=[result.circle.id] * len(source),
        home_id=names(source.index),
        block_id=names(source["block_id"]),
        people=found["people"],
        walk_minutes=found["minutes"],
        facility_id=names(found["facility_id"]),
        status=found["status"],
        reason=names(found["reason"]),
        snap_m=source["snap_m"],
    )


def facilities(study: StudyResult, result: CircleResult) -> GeoDataFrame:
    """The circle's facilities."""
    source = result.facilities
    return columns(
        study,
        source,
        circle=[result.circle.id] * len(source),
        facility_id=names(source.index),
        name=names(source["name"]),
        kind=names(source["kind"]),
        capacity=source["capacity"].astype("float64"),
        beds=told_counts(source, "beds"),
        seats=told_counts(source, "seats"),
        **{name: names(source.get(name, [""] * len(source))) for name in FACILITY_TEXTS},
        snap_m=source["snap_m"],
        on_island=source["on_island"],
    )


def told_counts(source: GeoDataFrame, name: str) -> pd.Series:
    """A column of whole numbers, empty where it is not told."""
    told = source[name] if name in source else pd.Series(pd.NA, source.index, "Int64")
    return told.astype("float64")


def isochrones(study: StudyResult, result: CircleResult) -> GeoDataFrame:
    """The service area of each facility at each break."""
    return areas(study, result, result.areas.service_areas)


def rings(study: StudyResult, result: CircleResult) -> GeoDataFrame:
    """The same, each break without those before it."""
    return areas(study, result, result.areas.rings)


def catchments(study: StudyResult, result: CircleResult) -> GeoDataFrame:
    """The ground nearest to each facility along the streets, by break."""
    return areas(study, result, result.areas.catchments)


def reach(study: StudyResult, result: CircleResult) -> GeoDataFrame:
    """What is reached from any facility at each break."""
    source = result.areas.reach
    return columns(study, source, circle=[result.circle.id] * len(source), **measured(source))


def areas(study: StudyResult, result: CircleResult, source: GeoDataFrame) -> GeoDataFrame:
    """Ground of single facilities."""
    return columns(
        study,
        source,
        circle=[result.circle.id] * len(source),
        facility_id=names(source["facility_id"]),
        **of_facility(source),
        **measured(source),
    )


def of_facility(source: GeoDataFrame) -> dict[str, pd.Series]:
    """What else is known of the facility that a row belongs to."""
    return {
        "facility_name": names(source["name"]),
        "kind": names(source["kind"]),
        "capacity": source["capacity"].astype("float64"),
    }


def measured(source: GeoDataFrame) -> dict[str, pd.Series]:
    """The minutes that ground lies between, and its certificate (docs/isochrones.md)."""
    return {
        "from_minutes": source["from_minutes"].astype("int32"),
        "minutes": source["minutes"].astype("int32"),
        **{name: source[name] for name in CERTIFICATE},
    }


def reached_streets(study: StudyResult, result: CircleResult) -> GeoDataFrame:
    """The streets within each break of any facility, by nearest facility."""
    source = result.areas.reached_streets
    return columns(
        study,
        source,
        circle=[result.circle.id] * len(source),
        facility_id=names(source["facility_id"]),
        **of_facility(source),
        minutes=source["minutes"].astype("int32"),
        length_m=source["length_m"],
    )


def neighbourhoods(study: StudyResult, result: CircleResult) -> GeoDataFrame:
    """The under-served neighbourhoods, most people first."""
    source = result.neighbourhoods.sort_index()
    return columns(
        study,
        source,
        circle=[result.circle.id] * len(source),
        rank=source.index.astype("int32"),
        rank_need=source["rank_need"].astype("int32"),
        rank_fair=source["rank_fairness"].astype("int32"),
        name=names(source["name"]),
        street=names(source["street"]),
        unit=names(source["unit"]),
        town=names(source["town"]),
        town_percent=source["town_percent"],
        people=source["people"].astype("int64"),
        **{name: source[name].astype("int64") for name in source if name.endswith("_uncovered")},
        walk_minutes=source["minutes"],
        missing=names(source["missing"]),
        people_distance=source["people_distance"].astype("int64"),
        people_type=source["people_type"].astype("int64"),
        without_place=source["people_without_place"].astype("float64"),
        others=names(", ".join(ids) for ids in source["other_facilities"]),
        need_person_min=source["need_person_minutes"].astype("int64"),
        quarters=source["quarters"].astype("int32"),
        block_ids=names(json.dumps(list(ids), ensure_ascii=False) for ids in source["block_ids"]),
    )


def candidates(study: StudyResult, result: CircleResult) -> GeoDataFrame:
    """The candidate sites; ``site_order`` is empty where a site was not chosen."""
    source = result.candidates
    return columns(
        study,
        source,
        circle=[result.circle.id] * len(source),
        candidate_id=names(source.index),
        name=names(source["name"]),
        kind=names(source["kind"]),
        street=names(source["street"]),
        **{name: source[name].astype("float64") for name in SITE_NUMBERS},
        must=source["must"].astype(bool),
        dominated=source["dominated"].astype(bool),
        site_order=source["order"].astype("float64"),
        gain_people=source["gain_people"].astype("float64"),
    )


def site_plan(study: StudyResult, result: CircleResult) -> GeoDataFrame:
    """What each plan of the study of sites opens, enlarges, closes; ``asked`` empty: no limit."""
    found = result.site_study
    rows: list[dict[str, Any]] = []
    doors: list[Any] = []
    if found is not None:
        sites = found.sites
        for plan in found.plans:
            asked = np.nan if plan.asked is None else float(plan.asked)
            for order, one in enumerate(plan.opened, start=1):
                place = sites.table.iloc[one.candidate]
                where = (place["kind"], place["street"], found.town_of_candidate[one.candidate])
                told = (asked, "open", order, place.name, place["name"], *where)
                rows.append(plan_row(*told, one.gain_people, one.cost, one.seats))
                doors.append(place.geometry)
            for larger in plan.enlarged:
                station = result.facilities.iloc[larger.station]
                named = (station.name, station["name"], station["kind"], "", "")
                does = (larger.gain_people, larger.cost, larger.seats)
                rows.append(plan_row(asked, "enlarge", np.nan, *named, *does))
                doors.append(station.geometry)
            for gone in plan.closed:
                station = result.facilities.iloc[gone.station]
                named = (station.name, station["name"], station["kind"], "", "")
                rows.append(plan_row(asked, "close", np.nan, *named, -gone.loss_people, None, None))
                doors.append(station.geometry)
    table = pd.DataFrame(rows, columns=list(PLAN_KINDS)).astype(PLAN_KINDS)
    texts = [name for name, kind in PLAN_KINDS.items() if kind == "object"]
    told_texts = {name: names(table[name]) for name in texts}
    source = GeoDataFrame(geometry=doors, crs=study.crs)
    return columns(
        study,
        source,
        circle=pd.Series([result.circle.id] * len(rows), dtype="object"),
        **{name: told_texts.get(name, table[name]) for name in PLAN_KINDS},
    )


# columns of a plan; numbers as float64, as an empty one is NaN
PLAN_KINDS = {
    "asked": "float64",
    "action": "object",
    "site_order": "float64",
    "id": "object",
    "name": "object",
    "kind": "object",
    "street": "object",
    "town": "object",
    "change_people": "float64",
    "cost": "float64",
    "seats": "float64",
}


def plan_row(*told: Any) -> dict[str, Any]:
    """One station of a plan, its columns in order."""
    return dict(zip(PLAN_KINDS, told, strict=True))
