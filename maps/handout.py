"""How do the lists that are taken to the street, and explained routes, reach the disk?

As a workbook, a CSV file of its first table, a GeoPackage and a manifest of their own, whole or
not at all like the results of a run (`writer`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geopandas import GeoDataFrame

import carecircle
from carecircle.coverage.summary import plain
from carecircle.maps import geopackage, workbook
from carecircle.maps.files import flush, write_json, write_text
from carecircle.maps.manifest import PROGRAM, described, versions
from carecircle.maps.placing import check_destination, put_in_place
from carecircle.maps.rejected import harmless


@dataclass(frozen=True, eq=False)
class Handout:
    """Tables and layers that belong together.

    Attributes
    ----------
    name : str
        What the files are called.
    day : str
        ISO date on the files.
    sheets : sequence of workbook.Sheet
        The first also goes into the CSV file.
    layers : mapping of name to (layer, geometry type)
        In the CRS they are to be written in.
    facts : mapping
        What the manifest says beside versions and files.
    page : str
        A page in HTML that belongs to them; none where it is empty.
    """

    name: str
    day: str
    sheets: Sequence[workbook.Sheet]
    layers: Mapping[str, tuple[GeoDataFrame, str]]
    facts: Mapping[str, Any]
    page: str = ""


def files_of(name: str, page: bool = False) -> list[str]:
    """The files of a handout, the manifest last."""
    endings = ("csv", "xlsx", "gpkg", *(("html",) if page else ()), "json")
    return [f"{name}.{ending}" for ending in endings]


def check_handout_folder(name: str, folder: Path, force: bool = False, page: bool = False) -> None:
    """Refuse a destination that could not be written to in the end, as `check_destination`.

    A handout is no result of a run, and replaces none.
    """
    files = files_of(name, page)
    check_destination(folder, frozenset(files), files[-1], force)


def write_handout(handout: Handout, folder: Path) -> list[Path]:
    """Write all files of a handout and put them in place together; raises as `put_in_place`."""
    files = files_of(handout.name, bool(handout.page))
    put_in_place(
        folder,
        lambda part: fill(part, handout),
        frozenset(files),
        files[-1],
    )
    return [folder / file for file in files]


def fill(part: Path, handout: Handout) -> None:
    """Fill a new folder, and look at every file again."""
    table, book, package, manifest = (part / name for name in files_of(handout.name))
    page = part / files_of(handout.name, True)[-2]
    part.mkdir()
    text = csv_text(handout.sheets[0])
    write_text(table, text)
    workbook.write_book(book, handout.sheets, handout.day)
    with geopackage.dated(handout.day):
        for name, (layer, geometry_type) in handout.layers.items():
            geopackage.write_layer(package, name, layer, geometry_type)
    sheets = {title: len(rows) for title, _, rows in handout.sheets}
    layers = {name: len(layer) for name, (layer, _) in handout.layers.items()}
    whole = {
        table: table.read_bytes().decode("utf-8") == text,
        book: workbook.row_counts(book) == sheets,
        package: geopackage.row_counts(package) == layers,
    }
    if handout.page:
        write_text(page, handout.page)
        whole[page] = page.read_bytes().decode("utf-8") == handout.page
    for path, is_whole in whole.items():
        if not is_whole:
            raise OSError(0, f"{path.name} does not read back as it was written")
    facts = {
        "program": PROGRAM,
        "versions": versions(carecircle.__version__),
        **handout.facts,
        "outputs": [described(path) for path in whole],
    }
    write_json(manifest, plain(facts))
    for path in (*whole, manifest, part):
        flush(path)


def csv_text(sheet: workbook.Sheet) -> str:
    """A table as a CSV file that opens in Excel with its Chinese; no cell is a formula there."""
    _, columns, rows = sheet
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([f"{zh} {en}" for zh, en, _ in columns])
    for row in rows:
        writer.writerow([in_csv(value) for value in row])
    return "\ufeff" + out.getvalue()


def in_csv(value: Any) -> Any:
    """A number as a number, a text that no spreadsheet calculates, or nothing."""
    number = workbook.as_number(value)
    return harmless(value) if number is None else number
