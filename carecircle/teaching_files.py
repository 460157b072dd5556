"""How does the teaching city become files that are the same to the byte everywhere?

Streets are written by osmium without compression, because compressed bytes depend on the
compression library; tables and layers as text; workbooks as stored archives with fixed
times. Files are written aside and moved into place when all are there.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any
from xml.sax.saxutils import escape

import osmium

from carecircle.layers.attributes import facility_attributes
from carecircle.layers.problems import Problem, StudyError
from carecircle.maps.placing import not_writable
from carecircle.maps.writer import check_destination
from carecircle.planfile import packaged_plans
from carecircle.teaching_answers import answers
from carecircle.teaching_city import WAY_KINDS, WAY_TAGS, City, draw_city
from carecircle.teaching_desk import (
    QUARTER_COLUMNS,
    QUARTER_FACTS,
    UNIT_FLAGS,
    Desk,
    Feature,
    Table,
    desk_of,
)
from carecircle.teaching_hills import Relief
from carecircle.teaching_mess import Mess, chosen_messes
from carecircle.teaching_names import DISTRICT, LABEL
from carecircle.teaching_readme import readme

HILLS = """
[terrain]                             # slopes cost time; needs "carecircle[raster]" / 坡度计时
path = "dem.asc"
unit = "m"
crs = "EPSG:4326"
"""
FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest a zip archive can say
BOTH = f"{LABEL['zh']} / {LABEL['en']}"


def write_teaching_city(
    out: Path, seed: int, nodes: int, messes: Sequence[str] = ()
) -> dict[str, Any]:
    """Draw a city, work out its answers, spoil what was asked for, write everything.

    Parameters
    ----------
    out : Path
        A folder that is not there yet, or empty.
    seed, nodes : int
        The same two give the same bytes.
    messes : names of `teaching_mess.MESSES`

    Returns
    -------
    dict
        What was written, for people and programs.

    Raises
    ------
    StudyError
        E-STU-006 unknown mess; E-OUT-001 not writable; E-OUT-004 the folder is not empty.
    """
    chosen = chosen_messes(messes)
    check_empty(out)
    city = draw_city(seed, nodes)
    truth = answers(city)
    desk = desk_of(city, truth)
    for mess in chosen:
        mess.spoil(desk)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".part-", dir=out) as aside:
            write_all(Path(aside), city, truth, desk, chosen, nodes)
            for path in sorted(Path(aside).iterdir()):
                path.rename(out / path.name)
    except OSError as error:
        raise StudyError(not_writable(out, error)) from error
    return about(city, truth, chosen, out)


def check_empty(out: Path) -> None:
    """Refuse a folder that cannot be written to or holds anything: it may be somebody's work."""
    check_destination(out, force=True)
    if out.is_dir() and any(out.iterdir()):
        raise StudyError(Problem("E-OUT-004", file=str(out)))


def about(city: City, truth: dict[str, Any], chosen: Sequence[Mess], out: Path) -> dict[str, Any]:
    """What was written, in short."""
    return {
        "label": truth["label"],
        "folder": str(out),
        "seed": city.seed,
        "street_nodes": len(city.node_e7),
        "quarters": len(city.quarters),
        "people": int(city.quarters["population"].sum()),
        "facilities": city.stations.groupby("service").size().to_dict(),
        "mess": {mess.name: mess.answer for mess in chosen},
        "answers": {service: circle["people"] for service, circle in truth["circles"].items()},
    }


def write_all(
    part: Path, city: City, truth: dict[str, Any], desk: Desk, chosen: Sequence[Mess], nodes: int
) -> None:
    """Every file of the folder."""
    write_streets(part / "streets.osm.pbf", city)
    for name, table in desk.tables.items():
        path = part / desk.file_name(name)
        path.write_bytes(workbook(table) if table.is_workbook else csv_bytes(table))
    for name, features in desk.layers.items():
        write_text(part / f"{name}.geojson", geojson(name, features))
    write_text(part / "dem.asc", terrain(city))
    study = study_text(city, desk, chosen, nodes)
    write_text(part / "study.toml", study)
    write_text(part / "study-hills.toml", study.replace("study.toml", "study-hills.toml") + HILLS)
    write_text(part / "plans.toml", plans_text(city, chosen, nodes))
    write_text(part / "answers.json", json.dumps(truth, ensure_ascii=False, indent=1) + "\n")
    write_text(part / "README.md", readme(city, truth, desk, chosen, nodes))


def write_text(path: Path, text: str) -> None:
    """UTF-8 with plain line ends, on Windows too."""
    path.write_bytes(text.encode("utf-8"))


def write_streets(path: Path, city: City) -> None:
    """An OpenStreetMap extract; node ``k`` of the city has the OSM id ``k + 1``."""
    header = osmium.io.Header()
    header.set("generator", "carecircle teach: synthetic, for teaching")
    target = osmium.io.File(str(path), "pbf,pbf_compression=none")
    tags = [WAY_TAGS[kind] for kind in WAY_KINDS]
    with osmium.SimpleWriter(target, header=header) as writer:
        for id, (lon, lat) in enumerate((city.node_e7 / 1e7).tolist(), 1):
            writer.add_node(osmium.osm.mutable.Node(id=id, version=1, location=(lon, lat)))
        nodes, starts = (city.way_nodes + 1).tolist(), city.way_start.tolist()
        for at, kind in enumerate(city.way_kind.tolist()):
            points = nodes[starts[at] : starts[at + 1]]
            way = osmium.osm.mutable.Way(id=at + 1, version=1, nodes=points, tags=tags[kind])
            writer.add_way(way)


def geojson(name: str, features: Sequence[Feature]) -> str:
    """A layer of polygons, 7 decimals, one feature a line."""
    lines = []
    for feature in features:
        properties = json.dumps(feature.properties, ensure_ascii=False)
        ring = ", ".join(f"[{lon:.7f}, {lat:.7f}]" for lon, lat in feature.ring)
        shape = f'{{"type": "Polygon", "coordinates": [[{ring}]]}}'
        lines.append(f'{{"type": "Feature", "properties": {properties}, "geometry": {shape}}}')
    head = json.dumps({"name": name, "description": BOTH}, ensure_ascii=False)[1:-1]
    body = ",\n".join(lines)
    return f'{{"type": "FeatureCollection", {head}, "features": [\n{body}\n]}}\n'


def cell_text(value: Any) -> str:
    """One cell as text: coordinates with 7 decimals, blank for None."""
    if value is None:
        return ""
    return f"{value:.7f}" if isinstance(value, float) else str(value)


def csv_bytes(table: Table) -> bytes:
    """The table as CSV in its encoding."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([table.header, *([cell_text(cell) for cell in row] for row in table.rows)])
    return text.getvalue().encode(table.encoding)


def terrain(city: City) -> str:
    """Heights in whole metres as an ESRI ASCII grid, rows from north to south."""
    relief = Relief.of(city)
    rows, columns = relief.metres.shape
    head = (
        f"ncols {columns}\nnrows {rows}\nxllcorner {relief.west_e7 / 1e7:.7f}\n"
        f"yllcorner {relief.south_e7 / 1e7:.7f}\ncellsize {relief.cell_e7 / 1e7:.7f}\n"
        "NODATA_value -9999\n"
    )
    lines = (" ".join(map(str, row)) for row in relief.metres.tolist())
    return head + "\n".join(lines) + "\n"


def study_text(city: City, desk: Desk, chosen: Sequence[Mess], nodes: int) -> str:
    """The commented study file."""
    crs = {name: f'crs = "{code}"' if code else "" for name, code in desk.table_crs.items()}
    template = files("carecircle").joinpath("teaching.toml").read_text(encoding="utf-8")
    return Template(template).substitute(
        seed=city.seed,
        nodes=nodes,
        mess=f" --mess {','.join(mess.name for mess in chosen)}" if chosen else "",
        name=f"{DISTRICT['zh']} / {DISTRICT['en']}",
        label=BOTH,
        elderly=desk.file_name("elderly"),
        elderly_crs=crs["elderly"],
        childcare=desk.file_name("childcare"),
        childcare_crs=crs["childcare"],
    )


def plans_text(city: City, chosen: Sequence[Mess], nodes: int) -> str:
    """The study file that judges the city by every plan and standard that ships."""
    template = files("carecircle").joinpath("teaching_plans.toml").read_text(encoding="utf-8")
    told = [one for one in facility_attributes().values() if one.name != "capacity"]
    total = int(city.quarters["population"].sum())
    return Template(template).substitute(
        seed=city.seed,
        nodes=nodes,
        mess=f" --mess {','.join(mess.name for mess in chosen)}" if chosen else "",
        plans=", ".join(f'"{name}"' for name in packaged_plans()),
        name=f"{DISTRICT['zh']} / {DISTRICT['en']}",
        label=BOTH,
        quarters="\n".join(mapped(QUARTER_COLUMNS | QUARTER_FACTS)),
        register="\n".join(f'{one.name} = "{one.zh}"' for one in told),
        flags=", ".join(mapped(UNIT_FLAGS)),
        total_2023=total * 98 // 100,
        total_2027=total * 102 // 100,
        registered=int(city.quarters["age_60_plus"].sum()) * 104 // 100,
    )


def mapped(columns: Mapping[str, str]) -> list[str]:
    """Our names and the file's own, as a study file writes them."""
    return [f'{ours} = "{theirs}"' for ours, theirs in columns.items()]


# --- a workbook, as small as one can be

PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
WORKBOOK_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}.worksheet+xml"/>'
    "</Types>",
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>",
}


def workbook(table: Table) -> bytes:
    """The table as an .xlsx of one sheet, stored, with fixed times."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, text in (WORKBOOK_PARTS | {"xl/worksheets/sheet1.xml": sheet(table)}).items():
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.create_system = 3  # else Windows and Unix sign differently
            archive.writestr(entry, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return packed.getvalue()


def sheet(table: Table) -> str:
    """Titles, header, rows and merged cells."""
    above: list[list[Any]] = [[title] for title in table.titles]
    rows = [*above, table.header, *table.rows]
    body = ""
    for number, row in enumerate(rows, 1):
        cells = (cell(column, number, value) for column, value in enumerate(row))
        body += f'<row r="{number}">{"".join(cells)}</row>'
    first_row = len(above) + 2
    merged = [
        f"{letter(column)}{first_row + first}:{letter(column)}{first_row + last}"
        for first, last, column in table.merged
    ]
    if table.titles:
        width = letter(len(table.header) - 1)
        merged += [f"A{number}:{width}{number}" for number in range(1, len(above) + 1)]
    spans = "".join(f'<mergeCell ref="{span}"/>' for span in merged)
    spans = f'<mergeCells count="{len(merged)}">{spans}</mergeCells>' if merged else ""
    return f'<worksheet xmlns="{SHEET}"><sheetData>{body}</sheetData>{spans}</worksheet>'


def cell(column: int, row: int, value: Any) -> str:
    """One cell, numbers as numbers and everything else as text."""
    place = f"{letter(column)}{row}"
    if value is None:
        return ""
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{cell_text(value)}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def letter(column: int) -> str:
    """The letter of a column, A first; tables here are narrow."""
    return chr(ord("A") + column)
