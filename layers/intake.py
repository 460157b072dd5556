"""Can these layers be trusted? The one way in for every layer file.

Each reader opens a file, checks every row, and either gives the layer in the working CRS
with the columns of ``docs/architecture.md`` in the order of the file, or raises one
StudyError with everything there is to repair. What was repaired or only noticed is
recorded for the manifest. ``docs/layers.md`` lists what is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from carecircle.layers.crs import Frame
from carecircle.layers.facilities import attribute_of, facility_columns, unit_codes
from carecircle.layers.fields import dates_of, flags_of, ids_in
from carecircle.layers.not_counts import note_deserted, note_not_counts, note_thousands
from carecircle.layers.offset_detective import is_grid
from carecircle.layers.people import cohort_problems, cohorts, largest_remainder
from carecircle.layers.places import check_overlaps, placed
from carecircle.layers.plausibility import note_other_size, note_too_dense
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.quarantine import without_bad_rows
from carecircle.layers.reading import (
    Reading,
    Record,
    ids_of,
    people_of,
    texts_of,
)
from carecircle.layers.same_site import on_one_point
from carecircle.layers.sources import (
    APART,
    CIRCLE_COHORTS,
    COHORTS,
    PART_OF,
    TITLES,
    AdminSource,
    AreaSource,
    FacilitySource,
    LayerSource,
    PeopleSettings,
    ResidentialSource,
)

POINT_TYPES = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)


@dataclass(frozen=True, eq=False)
class LayerRead:
    """A checked layer.

    Attributes
    ----------
    layer : GeoDataFrame
        In the working CRS, with a unique text index, in the order of the file.
    records : tuple of dict
        Repairs and warnings: ``id``, ``file``, ``layer``, ``row``, ``column``, ``what``
        (zh and en).
    files : tuple of dict
        For each file: ``file``, ``layer``, ``rows``, ``encoding``, ``columns`` (our name ->
        the file's), ``crs``.
    rejected : tuple of str
        Ids of the bad rows that were left out.
    """

    layer: GeoDataFrame
    records: tuple[Record, ...]
    files: tuple[Record, ...]
    rejected: tuple[str, ...] = ()


def layer_read(reading: Reading, layer: GeoDataFrame) -> LayerRead:
    """A layer of one file, with everything that was noted on the way."""
    files = (reading.file_facts(),)
    return LayerRead(layer, tuple(reading.records), files, tuple(reading.rejected))


def read_residential(
    source: ResidentialSource,
    people: PeopleSettings,
    frame: Frame,
    groups: Sequence[str] = CIRCLE_COHORTS,
    ages_follow: bool = False,
) -> LayerRead:
    """Quarters or population cells: who lives where.

    ``groups`` are the cohorts the study needs; each comes from a column of its own or from
    the share in ``people``, and the rows are then ``estimated``. With ``ages_follow`` (a
    census table will tell them) a cohort without a column is left out of the layer. Other
    cohorts come along where the layer has them.
    """
    return without_bad_rows(
        source,
        lambda reading: residential_of(reading, source, people, frame, groups, ages_follow),
    )


def residential_of(
    reading: Reading,
    source: ResidentialSource,
    people: PeopleSettings,
    frame: Frame,
    groups: Sequence[str],
    ages_follow: bool,
) -> LayerRead:
    """Quarters and their people from the rows of a file."""
    ids = ids_of(reading, {})
    names = texts_of(reading, "name")
    population = people_of(reading, "population", needed=True)
    columns = {group: people_of(reading, group, needed=False) for group in COHORTS}
    counted = {group: values for group, values in columns.items() if values is not None}
    note_not_counts(reading, population, counted, are_cells=source.cell_m is not None)
    note_larger_than_population(reading, population, counted)
    given = set(counted) | (set(COHORTS) & set(source.columns))
    shared = [] if ages_follow else [group for group in groups if group not in given]
    reading.findings.problems += cohort_problems(shared, people, file=reading.raw.file)
    facts = quarter_facts(reading, source)
    for group in counted:
        if group not in source.columns and people.share(group) is not None:
            reading.record("R-POP-015", column=group, group=group)
    shapes = residential_shapes(reading, source, frame)
    reading.refuse_if_any()
    assert population is not None  # it was needed, and nothing is wrong
    note_too_dense(reading, population, shapes, people.most_people_per_ha)
    if source.cell_m is not None:
        note_deserted(reading, population, shapely.area(shapes))
    elif not is_grid(shapes):
        note_thousands(reading, population, shapes)
    check_overlaps(reading, shapes, keep=source.overlaps == "keep")
    reading.refuse_if_any()
    whole = whole_people(reading, "population", population)
    known = [group for group in COHORTS if group in counted or group in shared]
    columns_of_people = {"population": whole, **cohorts(whole, people, known, counted)}
    for group in known:
        record_cohort(reading, people, group, columns_of_people[group], counted.get(group))
    layer = table_of(
        "block_id",
        ids,
        shapes,
        frame,
        name=names,
        **columns_of_people,
        area_m2=np.round(shapely.area(shapes)).astype(np.int64),
        **facts,
        estimated=np.full(len(ids), not set(groups) <= set(counted)),
    )
    return layer_read(reading, layer)


def read_quarters(source: ResidentialSource, frame: Frame) -> LayerRead:
    """Quarters alone, where their people come from another file; ``name``, ``area_m2``."""
    return without_bad_rows(source, partial(quarters_of, source=source, frame=frame))


def quarters_of(reading: Reading, source: ResidentialSource, frame: Frame) -> LayerRead:
    """Quarters without people from the rows of a file."""
    ids = ids_of(reading, {})
    names = texts_of(reading, "name")
    facts = quarter_facts(reading, source)
    shapes = residential_shapes(reading, source, frame)
    reading.refuse_if_any()
    area_m2 = np.round(shapely.area(shapes)).astype(np.int64)
    layer = table_of("block_id", ids, shapes, frame, name=names, area_m2=area_m2, **facts)
    return layer_read(reading, layer)


def quarter_facts(reading: Reading, source: ResidentialSource) -> dict[str, Any]:
    """What a layer tells of its quarters beside people: walls, and the codes of their units.

    ``walled`` (bool), and where the layer has such columns ``built`` (ISO text), ``households``
    (Int64), ``town_code`` and the like (text).
    """
    told = flags_of(reading, "walled").fillna(source.walled)
    further = {
        "built": dates_of(reading, "built"),
        "households": attribute_of(reading, "households", "count").array,
    }
    known = {name: cells for name, cells in further.items() if name in reading.columns}
    return {"walled": told.to_numpy(bool), **known, **unit_codes(reading)}


def read_facilities(sources: Sequence[FacilitySource], frame: Frame) -> LayerRead:
    """Stations from one or several files, one below the other.

    Rows without ids are numbered ``1``, ``2``...; with several files ``1-1``, ``2-1``...,
    the file's place first.
    """
    taken: dict[str, tuple[str, int, str]] = {}
    problems: list[Problem] = []
    parts: list[tuple[Reading, GeoDataFrame]] = []
    for place, source in enumerate(sources, 1):
        with gathered(problems):
            prefix = f"{place}-" if len(sources) > 1 else ""
            read = partial(stations_of, source=source, frame=frame, taken=taken, prefix=prefix)
            parts.append(without_bad_rows(source, read))
    if problems:
        raise StudyError(problems)
    records = [record for reading, _ in parts for record in reading.records]
    layer = pd.concat([layer for _, layer in parts])
    files = tuple(reading.file_facts() for reading, _ in parts)
    rejected = tuple(id for reading, _ in parts for id in reading.rejected)
    return LayerRead(layer, tuple(records), files, rejected)


def stations_of(
    reading: Reading,
    source: FacilitySource,
    frame: Frame,
    taken: dict[str, tuple[str, int, str]],
    prefix: str,
) -> tuple[Reading, GeoDataFrame]:
    """The stations of one file."""
    ids = ids_of(reading, taken, prefix)
    columns = {
        **facility_columns(reading, source),
        "file": reading.raw.file,
        "row": reading.raw.rows,
    }
    shapes = placed(reading, frame, "Point")
    reading.refuse_if_any()
    for on_it in on_one_point(shapes, columns["name"]):
        rows = ", ".join(str(reading.raw.rows[at]) for at in on_it)
        reading.record("R-FAC-012", count=len(on_it), rows=rows)
    return reading, table_of("facility_id", ids, shapes, frame, **columns)


def read_admin(
    source: AdminSource,
    frame: Frame,
    taken: dict[str, tuple[str, int, str]] | None = None,
    prefix: str = "",
) -> LayerRead:
    """Units of one level, with ``parent`` (text, ``""``: not told), ``urban`` and the titles.

    Units away from the streets are kept; one must touch them. None may lie mostly on another
    (E-ADM-004): the people of both would be given to one.
    """
    facts: dict[str, Any] = {"level": source.level or ""}

    def units_of(reading: Reading) -> LayerRead:
        facts["parent"] = ids_in(reading, "parent")
        for flag in ("urban", *TITLES):
            facts[flag] = flags_of(reading, flag).array
        read = polygons_of(reading, frame, "admin_id", taken, prefix, **facts)
        shapes = read.layer.geometry.to_numpy()
        check_overlaps(reading, shapes, False, recorded="R-ADM-003", refused="E-ADM-004")
        reading.refuse_if_any()
        return replace(read, records=tuple(reading.records))

    return without_bad_rows(source, units_of)


def read_area(source: AreaSource, frame: Frame) -> LayerRead:
    """The study area; index ``area_id``."""
    return read_polygons(source, frame, "area_id")


def read_polygons(source: LayerSource, frame: Frame, index: str) -> LayerRead:
    """Named polygons of which at least one lies near the streets."""
    return without_bad_rows(source, partial(polygons_of, frame=frame, index=index))


def polygons_of(
    reading: Reading,
    frame: Frame,
    index: str,
    taken: dict[str, tuple[str, int, str]] | None = None,
    prefix: str = "",
    **facts: Any,
) -> LayerRead:
    """Named polygons from the rows of a file, with these columns beside them."""
    ids = ids_of(reading, {} if taken is None else taken, prefix)
    names = texts_of(reading, "name")
    shapes = placed(reading, frame, "Polygon", every=False)
    reading.refuse_if_any()
    layer = table_of(index, ids, shapes, frame, name=names, **facts)
    return layer_read(reading, layer)


def residential_shapes(reading: Reading, source: ResidentialSource, frame: Frame) -> NDArray[Any]:
    """The polygon of each row; points become square cells of ``cell_m`` around them."""
    shapes = reading.raw.geometry
    has_points = shapes is None or bool(np.isin(shapely.get_type_id(shapes), POINT_TYPES).any())
    if source.cell_m is None and not has_points:
        return placed(reading, frame, "Polygon")
    if source.cell_m is None:
        reading.fault("E-GEO-003")
    points = placed(reading, frame, "Point")
    if source.cell_m is not None and not shapely.is_missing(points).any():
        note_other_size(reading, points, source.cell_m, source.overlaps == "keep")
    return squares_around(points, source.cell_m or 0)


def squares_around(points: NDArray[Any], side_m: float) -> NDArray[Any]:
    """The square cell that each point is the centre of."""
    x, y, half = shapely.get_x(points), shapely.get_y(points), side_m / 2
    return np.asarray(shapely.box(x - half, y - half, x + half, y + half))


def note_larger_than_population(
    reading: Reading,
    population: NDArray[np.float64] | None,
    counted: dict[str, NDArray[np.float64]],
) -> None:
    """Note rows where a cohort has more people than everybody, or than a wider cohort.

    So have cohorts that nobody is in two of, together.
    """
    if population is None:
        return
    for group, values in counted.items():
        column = reading.columns[group]
        for at in np.flatnonzero(values > population):
            details = {"population": float(population[at])}
            reading.fault("E-POP-002", int(at), column, float(values[at]), **details)
        wider = PART_OF.get(group)
        while wider is not None and wider not in counted:
            wider = PART_OF.get(wider)
        if wider is None:
            continue
        for at in np.flatnonzero(values > counted[wider]):
            more = {"wider": wider, "people": float(counted[wider][at])}
            reading.fault("E-POP-005", int(at), column, float(values[at]), **more)
    apart = [group for group in APART if group in counted]
    together = sum((counted[group] for group in apart), np.zeros(len(population)))
    alone = np.max([counted[group] for group in apart], axis=0, initial=0.0)
    columns = ", ".join(reading.columns[group] for group in apart)
    # decimals of a table add up to a little more or less
    for at in np.flatnonzero((together > population + 1e-6) & (alone <= population)):
        details = {"population": float(population[at])}
        reading.fault("E-POP-002", int(at), columns, float(together[at]), **details)


def whole_people(reading: Reading, name: str, values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole persons with the same total; recorded where there were decimals."""
    whole = largest_remainder(values)
    if (whole != values).any():
        record_rounding(reading, name, values, whole)
    return whole


def record_rounding(
    reading: Reading, name: str, values: NDArray[np.float64], whole: NDArray[np.int64]
) -> None:
    """Record that decimals became whole people."""
    before = round(float(values.sum()), 3)
    reading.record("R-POP-001", column=reading.columns[name], before=before, after=int(whole.sum()))


def record_cohort(
    reading: Reading,
    people: PeopleSettings,
    group: str,
    whole: NDArray[np.int64],
    values: NDArray[np.float64] | None,
) -> None:
    """Record a cohort that was estimated or rounded."""
    if values is None:
        after = int(whole.sum())
        reading.record(
            "R-POP-002", column=group, group=group, share=people.share(group), after=after
        )
    elif (whole != values).any():
        record_rounding(reading, group, values, whole)


def table_of(
    index: str, ids: list[str], shapes: NDArray[Any], frame: Frame, **columns: Any
) -> GeoDataFrame:
    """The checked columns as a layer in the working CRS."""
    keys = pd.Index(ids, name=index, dtype=object)
    return gpd.GeoDataFrame(columns, index=keys, geometry=shapes, crs=frame.crs)


@contextmanager
def gathered(problems: list[Problem]) -> Iterator[None]:
    """Keep the problems of one file while the next is read."""
    try:
        yield
    except StudyError as error:
        problems += error.problems
