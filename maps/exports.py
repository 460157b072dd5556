"""How do the results leave for programs that want another format? GeoParquet, Shapefiles, CSV.

Nothing is lost in silence: a Shapefile that could not hold a text, a number or a name is refused
with the row; its short names are listed beside it. The same study gives the same bytes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
from geopandas import GeoDataFrame
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from carecircle.coverage.result import StudyResult
from carecircle.layers.problems import Problem, StudyError
from carecircle.maps import workbook
from carecircle.maps.columns import COLUMNS
from carecircle.maps.files import write_text
from carecircle.maps.geopackage import LAYERS, dated, result_layers
from carecircle.maps.handout import csv_text
from carecircle.maps.way_layers import WAY_LAYERS

NAME_BYTES, TEXT_BYTES, MOST_DIGITS = 10, 254, 10**17
LISTS = ("block_ids", "others")  # of any length: a Shapefile could hold only their beginning
NAMES_SHEET = "columns.csv"


def write_geoparquet(folder: Path, study: StudyResult) -> None:
    """Each layer as GeoParquet 1.1 with covering boxes, in the CRS of the residential input.

    Raises
    ------
    StudyError
        E-OUT-014 where pyarrow is not installed.
    """
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise StudyError(Problem("E-OUT-014")) from error
    folder.mkdir()
    for name, layer in result_layers(study).items():
        layer.to_parquet(
            folder / f"{name}.parquet",
            index=False,
            compression="zstd",
            schema_version="1.1.0",
            write_covering_bbox=True,
        )


def write_csv_tables(folder: Path, study: StudyResult, summary: Mapping[str, Any]) -> None:
    """Each sheet of the workbook as CSV for Excel; no cell can act as a formula."""
    folder.mkdir()
    for sheet in workbook.sheets(study, summary):
        write_text(folder / f"{sheet[0].replace(' ', '_')}.csv", csv_text(sheet))


# --- Shapefiles


def write_shapefiles(folder: Path, study: StudyResult) -> None:
    """Each layer as a Shapefile in UTF-8, and what its short names stand for.

    Raises
    ------
    StudyError
        E-OUT-015 with layer, row, column and value: a text longer than 254 bytes, or a number
        of more than 17 digits. Nothing is written then.
    """
    whole = result_layers(study)
    layers = {name: for_shapefile(layer) for name, layer in whole.items()}
    refuse_losses(layers)
    folder.mkdir()
    kinds, rows = LAYERS | WAY_LAYERS, []
    with dated(study.day):
        for name, layer in layers.items():
            short = short_names(layer.columns.drop("geometry"))
            renamed = layer.rename(columns=short)
            kind = kinds.get(name, "Point")
            path, options = folder / f"{name}.shp", {"ENCODING": "UTF-8"}
            pyogrio.write_dataframe(
                renamed, path, driver="ESRI Shapefile", geometry_type=kind, layer_options=options
            )
            rows += [(name, column, short[column]) for column in short]
            rows += [(name, column, "") for column in LISTS if column in whole[name]]
    write_text(folder / NAMES_SHEET, names_csv(rows))


def for_shapefile(layer: GeoDataFrame) -> GeoDataFrame:
    """Flags as 0 and 1, whole numbers with gaps as numbers; lists are left out."""
    plain = layer.drop(columns=[name for name in LISTS if name in layer])
    for name in plain.columns.drop("geometry"):
        if is_bool_dtype(plain[name].dtype):
            plain[name] = plain[name].astype("Int64").astype("float64")
        elif isinstance(plain[name].dtype, pd.Int64Dtype):
            plain[name] = plain[name].astype("float64")
    return plain


def refuse_losses(layers: Mapping[str, GeoDataFrame]) -> None:
    """Refuse what a Shapefile would cut or round."""
    problems = []
    for name, layer in layers.items():
        for column in layer.columns.drop("geometry"):
            for row in np.flatnonzero(too_long(layer[column])):
                value = layer[column].iloc[row]
                problems.append(Problem("E-OUT-015", "", name, int(row) + 1, column, value))
    if problems:
        raise StudyError(problems[:20])


def too_long(values: pd.Series) -> Any:
    """Which values a Shapefile cannot hold."""
    if is_numeric_dtype(values.dtype):
        return (values.abs() >= MOST_DIGITS).fillna(False).to_numpy(dtype=bool)
    texts = ("" if pd.isna(value) else str(value) for value in values)
    return np.array([len(text.encode("utf-8", "replace")) > TEXT_BYTES for text in texts], bool)


def short_names(columns: Iterable[str]) -> dict[str, str]:
    """A name of at most ten letters for each column, no two alike."""
    taken: dict[str, str] = {}
    for column in columns:
        short, number = column[:NAME_BYTES], 1
        while short in taken.values():
            number += 1
            short = f"{column[: NAME_BYTES - len(str(number)) - 1]}_{number}"
        taken[column] = short
    return taken


def names_csv(rows: Iterable[tuple[str, str, str]]) -> str:
    """The sheet that tells layer, column, short name and what it is called in Chinese."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("layer", "column", "shapefile", "中文"))
    for layer, column, short in rows:
        writer.writerow((layer, column, short, COLUMNS[column].name if column in COLUMNS else ""))
    return "\ufeff" + out.getvalue()
