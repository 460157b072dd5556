"""What files does a run write, and how is each looked at again?

One list, from which the writer, the manifest, and the commands that make an output again all
take what they do. An output is a file, or a folder of files, of the folder of results; it is
made from a finished run alone.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carecircle.coverage.result import StudyResult
from carecircle.coverage.store import is_whole, write_store
from carecircle.layers.problems import Language, Problem, StudyError
from carecircle.maps import geopackage, workbook
from carecircle.maps.exports import write_csv_tables, write_geoparquet, write_shapefiles
from carecircle.maps.files import write_json, write_text
from carecircle.maps.page import embedded_data_is_whole, leaks_of_page, page_html
from carecircle.maps.rejected import rejected_csv, rejected_rows
from carecircle.maps.report import write_report_docx, write_report_page
from carecircle.maps.sheet import SHEET, sheet_names, write_sheets

PAGE, GEOPACKAGE, WORKBOOK, SUMMARY = "map.html", "results.gpkg", "tables.xlsx", "summary.json"
STORE = "run.store"
REPORT, REPORT_PAGE = "report.docx", "report.html"
SHEETS = "sheets"  # a folder
REJECTED = "rejected.csv"  # only where rows of the inputs were left out


@dataclass(frozen=True, eq=False)
class Finished:
    """A finished run: what its outputs are made of.

    ``lang`` is the language they open in, ``template`` a Word file of the bureau's own.
    """

    study: StudyResult
    summary: Mapping[str, Any]
    lang: Language = "zh"
    template: Path | None = None


@dataclass(frozen=True)
class Output:
    """A file or a folder of the results.

    Attributes
    ----------
    name : str
    write : (path, finished) -> None
        Make it; the same run gives the same bytes. OSError where the disk refuses.
    whole : (path, finished) -> bool
        Whether it reads back as it was to be written.
    asked : finished -> bool
        Whether a run writes it.
    """

    name: str
    write: Callable[[Path, Finished], None]
    whole: Callable[[Path, Finished], bool]
    asked: Callable[[Finished], bool] = lambda run: True


def asked_outputs(run: Finished) -> list[Output]:
    """The outputs of a run, in the order in which they are written."""
    return [output for output in OUTPUTS if output.asked(run)]


def write_page(path: Path, run: Finished) -> None:
    """The page for the public."""
    write_text(path, page_html(run.study, run.summary, run.lang))


def page_is_whole(path: Path, run: Finished) -> bool:
    """Whether the data within the page can be read, and gives nobody away."""
    html = path.read_text(encoding="utf-8")
    found = leaks_of_page(html)
    if found:
        details = {"count": len(found)}
        raise StudyError(Problem("E-OUT-016", file=path.name, details=details))
    return embedded_data_is_whole(html)


def workbook_is_whole(path: Path, run: Finished) -> bool:
    """Whether every sheet has its rows."""
    sheets = {title: len(rows) for title, _, rows in workbook.sheets(run.study, run.summary)}
    return workbook.row_counts(path) == sheets


def wants(key: str) -> Callable[[Finished], bool]:
    """Whether ``[outputs]`` of the study file says that ``key`` is wanted."""
    return lambda run: bool((run.study.parameters.get("outputs") or {}).get(key))


def wants_format(name: str) -> Callable[[Finished], bool]:
    """Whether ``formats`` under ``[outputs]`` names a format."""
    return lambda run: name in ((run.study.parameters.get("outputs") or {}).get("formats") or ())


def stems(folder: Path, ending: str) -> set[str]:
    """The names of the files of a kind in a folder."""
    return {path.stem for path in folder.glob(f"*.{ending}")}


def sheets_are_whole(folder: Path, run: Finished) -> bool:
    """Whether the PDF has its end and every sheet its picture."""
    end = (folder / SHEET).read_bytes()[-6:]
    names = {path.stem for path in folder.glob("*.png")}
    return end.strip() == b"%%EOF" and names == set(sheet_names(run.study))


OUTPUTS = (
    Output(PAGE, write_page, page_is_whole),
    Output(
        GEOPACKAGE,
        lambda path, run: geopackage.write_geopackage(path, run.study),
        lambda path, run: geopackage.row_counts(path) == geopackage.expected_counts(run.study),
    ),
    Output(
        WORKBOOK,
        lambda path, run: workbook.write_workbook(path, run.study, run.summary),
        workbook_is_whole,
    ),
    Output(
        SUMMARY,
        lambda path, run: write_json(path, run.summary),
        lambda path, run: json.loads(path.read_bytes()) == json.loads(json.dumps(run.summary)),
    ),
    Output(
        REJECTED,
        lambda path, run: write_text(path, rejected_csv(run.study.records)),
        lambda path, run: path.read_bytes().decode("utf-8") == rejected_csv(run.study.records),
        lambda run: bool(rejected_rows(run.study.records)),
    ),
    Output(
        SHEETS,
        lambda path, run: write_sheets(path, run.study, run.summary, run.lang),
        sheets_are_whole,
        wants("sheets"),
    ),
    Output(
        REPORT,
        lambda path, run: write_report_docx(path, run.study, run.summary, run.lang, run.template),
        lambda path, run: zipfile.ZipFile(path).testzip() is None,
        wants("report"),
    ),
    Output(
        REPORT_PAGE,
        lambda path, run: write_report_page(path, run.study, run.summary, run.lang),
        lambda path, run: path.read_text(encoding="utf-8").endswith("</html>\n"),
        wants("report"),
    ),
    Output(
        "geoparquet",
        lambda path, run: write_geoparquet(path, run.study),
        lambda path, run: stems(path, "parquet") == set(geopackage.layers(run.study)),
        wants_format("geoparquet"),
    ),
    Output(
        "shapefile",
        lambda path, run: write_shapefiles(path, run.study),
        lambda path, run: stems(path, "shp") == set(geopackage.layers(run.study)),
        wants_format("shapefile"),
    ),
    Output(
        "csv",
        lambda path, run: write_csv_tables(path, run.study, run.summary),
        lambda path, run: len(stems(path, "csv")) == len(workbook.sheets(run.study, run.summary)),
        wants_format("csv"),
    ),
    Output(
        STORE,
        lambda path, run: write_store(path, run.study),
        lambda path, run: is_whole(path),
    ),
)
