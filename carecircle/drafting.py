"""What would a study file for this folder look like?

``carecircle init --from FOLDER`` opens every file of a folder, tells by geometry, columns and
names what each may be (`draftroles`), and drafts a study file. It decides nothing that matters
in silence: whatever is not plain from the data, and every file that found no place, is written
as a comment that begins with ``# ?``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import shapely

from carecircle.draftroles import CANDIDATE_WORDS, SERVICE_WORDS, Found, Role, role_of, service_of
from carecircle.layers.aliases import likely_columns
from carecircle.layers.formats import KINDS, open_layer
from carecircle.layers.headers import unit_of_column
from carecircle.layers.numbers import COLUMN_WORDS, NotANumber, is_missing, read_coordinate
from carecircle.layers.osm import KINDS_OF_FILE
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.sources import (
    COHORTS,
    AdminSource,
    AreaSource,
    EntranceSource,
    FacilitySource,
    LayerSource,
    ResidentialSource,
)

STREET_ENDINGS = (*KINDS_OF_FILE, ".graphml")
NAMES: dict[Role, frozenset[str]] = {
    "residential": ResidentialSource.NAMES,
    "facilities": FacilitySource.NAMES,
    "entrances": EntranceSource.NAMES,
    "admin": AdminSource.NAMES,
    "area": AreaSource.NAMES,
}
ROLES: tuple[Role, ...] = ("residential", "facilities", "entrances", "admin", "area")
SEVERAL = ("facilities", "admin")  # roles whose tables may stand several times
# the order in which our names choose among their columns; a column is taken once
FIRST = ("block_id", "facility_id", "id", "name", "population", "x", "y", "beds", "seats")
COUNTED = frozenset(("population", *COHORTS, *COLUMN_WORDS))
COMPANIONS = (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".shp.xml", ".toml")
RASTERS = (".tif", ".tiff")
ASKED = {"E-LAY-021": {"total_rows": "keep"}, "E-LAY-022": {"hidden_rows": "read"}}


def draft_study(folder: Path, out: Path) -> str:
    """The text of a study file over the layers of ``folder``; paths are taken from ``out``.

    Raises
    ------
    StudyError
        E-STU-011: there is no street file in the folder.
    """
    # ~$ files are what Excel leaves beside an open workbook
    files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("~$"))
    streets = [path for path in files if path.name.lower().endswith(STREET_ENDINGS)]
    if not streets:
        raise StudyError(Problem("E-STU-011", str(folder)))
    layers: list[Found] = []
    unread: list[str] = []
    for path in files:
        if path not in streets and path.suffix.lower() in KINDS:
            layers += opened(path, unread)
    for found in layers:
        found.role = role_of(found)
    lines = ["[study]", f"name = {quoted(folder.resolve().name)}", "", "[network]"]
    lines.append(f"path = {quoted(relative(streets[0], out))}")
    lines += [f"# ? path = {quoted(relative(path, out))}" for path in streets[1:]]
    for role in ROLES:
        lines += sections([found for found in layers if found.role == role], role, out)
    lines += undecided([found for found in layers if not found.role], out)
    lines += people_section(layers)
    lines += circle_sections(layers)
    lines += [f"# ? {text}" for text in unread]
    others = [path for path in files if path not in streets and path.suffix.lower() not in KINDS]
    lines += other_files(others, out)
    return "\n".join(lines) + "\n"


# --- what is there


def opened(path: Path, unread: list[str]) -> list[Found]:
    """Every layer of a file that can be read; what cannot goes to ``unread``."""
    try:
        return [read_layer(path, None)]
    except StudyError as error:
        problem = error.problems[0]
        if problem.id != "E-LAY-005":
            unread.append(problem.text("zh") + " / " + problem.text("en"))
            return []
    layers = []
    for name in str(problem.details["layers"]).split(", "):
        try:
            layers.append(read_layer(path, name))
        except StudyError as error:
            unread.append(error.problems[0].text("zh") + " / " + error.problems[0].text("en"))
    return layers


def read_layer(path: Path, layer: str | None) -> Found:
    """One layer; totals and hidden rows become doubts."""
    doubts: list[str] = []
    source = LayerSource(path=path, layer=layer)
    for _ in range(len(ASKED) + 1):
        try:
            return Found(path, open_layer(source), layer, doubts=doubts)
        except StudyError as error:
            answers = [ASKED[p.id] for p in error.problems if p.id in ASKED]
            if not answers:
                raise
            for key, answer in answers[0].items():
                doubts.append(f"{key} = ...   {error.problems[0].text('zh')}")
                source = source.model_copy(update={key: answer})
    raise AssertionError("every question was answered once")


# --- how it is written


def sections(layers: Sequence[Found], role: Role, out: Path) -> Iterator[str]:
    """The tables of one role; of a role that a study has once, the others as comments."""
    for place, found in enumerate(layers):
        spare = place > 0 and role != "facilities"
        yield ""
        if spare:
            yield "# ? 另有可用图层 / another layer that may serve:"
        for line in section(found, role, out):
            yield f"# {line}" if spare else line


def section(found: Found, role: Role, out: Path) -> Iterator[str]:
    """One layer as a table of the study file."""
    yield f"[[{role}]]" if role in SEVERAL else f"[{role}]"
    yield f"path = {quoted(relative(found.path, out))}"
    if found.layer is not None:
        yield f"layer = {quoted(found.layer)}"
    yield from crs_lines(found)
    if role == "residential" and is_points(found):
        yield "cell_m = 100   # ? 每点代表的方格边长（米） / side of each point's cell, metres"
    columns = columns_of(found, role)
    if role == "facilities":
        yield from service_lines(found, columns)
    if columns:
        pairs = ", ".join(f"{ours} = {quoted(theirs)}" for ours, theirs in columns.items())
        yield f"columns = {{ {pairs} }}"
    for doubt in found.doubts:
        yield f"# ? {doubt}"


def columns_of(found: Found, role: Role) -> dict[str, str]:
    """Our name -> their likely column; a column is taken once, ids only where they can be."""
    ordered = sorted(
        NAMES[role], key=lambda name: (FIRST.index(name) if name in FIRST else 99, name)
    )
    columns: dict[str, str] = {}
    for name in ordered:
        likely = [
            column
            for column in likely_columns(name, found.columns)
            if column not in columns.values() and may_hold(name, column)
        ]
        if likely and (name != "id" or can_be_ids(found, likely[0])):
            columns[name] = likely[0]
    return {ours: theirs for ours, theirs in columns.items() if ours != theirs or ours == "id"}


def may_hold(name: str, column: str) -> bool:
    """Whether nothing in a column's own name says that it holds something else (占比, 户数)."""
    try:
        return name not in COUNTED or unit_of_column(name, column) is not None
    except NotANumber:
        return False


def can_be_ids(found: Found, column: str) -> bool:
    """Whether every row has a value of its own there."""
    values = found.raw.table[column].tolist()
    return not any(map(is_missing, values)) and len(set(map(str, values))) == len(values)


def crs_lines(found: Found) -> Iterator[str]:
    """The coordinate system, where the file does not say it itself."""
    if found.raw.crs is not None:
        return
    if looks_like_degrees(found):
        yield (
            'crs = "EPSG:4326"   # ? 或 "gcj02"（高德、腾讯）、"bd09"（百度）'
            ' / or "gcj02", "bd09" if from a Chinese online map'
        )
    else:
        yield '# ? crs = "EPSG:..."   # 文件未注明坐标系 / the file does not say'


def looks_like_degrees(found: Found) -> bool:
    """Whether all coordinates could be longitude and latitude."""
    if found.raw.geometry is not None:
        bounds = np.abs(shapely.total_bounds(found.raw.geometry))
        return bool((bounds <= [180, 90, 180, 90]).all())
    for axis, limit in (("x", 180), ("y", 90)):
        for cell in found.raw.table[likely_columns(axis, found.columns)[0]]:
            try:
                if abs(read_coordinate(cell, axis).value) > limit:
                    return False
            except NotANumber:
                continue  # `check` will name the row
    return True


def is_points(found: Found) -> bool:
    """Whether each row is a place without an extent."""
    shapes = found.raw.geometry
    return shapes is None or bool(np.all(shapely.get_dimensions(shapes) == 0))


def service_lines(found: Found, columns: dict[str, str]) -> Iterator[str]:
    """Which service the stations offer, by the names of file, columns and stations."""
    if "service" in columns or "service" in found.columns:
        return
    service = service_of(found)
    if service:
        yield f'service = "{service}"'
    else:
        yield '# ? service = "elderly"   # 或 / or "childcare"'


def undecided(layers: Sequence[Found], out: Path) -> Iterator[str]:
    """Layers whose part in the study is not plain; those with places as facilities to be."""
    for found in layers:
        name = f"{relative(found.path, out)} {found.layer or ''}".strip()
        yield ""
        yield f"# ? 用途不明 / not plain what this is: {name}（{', '.join(found.columns)}）"
        if found.says(CANDIDATE_WORDS):
            yield (
                "# ? 若为候选站址，请列入 [[sites.candidates]]；不列则沿道路生成"
                " / if these are candidate places, name them under [[sites.candidates]]"
            )
        elif found.has_places and is_points(found):
            yield "# ? 若为设施，去掉以下各行的 # / if these are facilities, remove the # below:"
            yield from (f"# {line}" for line in section(found, "facilities", out))


def other_files(files: Sequence[Path], out: Path) -> Iterator[str]:
    """Files that are neither streets nor layers, nor parts of a Shapefile."""
    for path in files:
        name, ending = relative(path, out), path.suffix.lower()
        if ending in RASTERS:
            yield f"# ? 栅格，可作 [raster] / a raster, which may serve as [raster]: {name}"
        elif not path.name.startswith((".", "~$")) and not path.name.lower().endswith(COMPANIONS):
            yield f"# ? 未读取 / not read: {name}"


def people_section(layers: Sequence[Found]) -> Iterator[str]:
    """The shares that are needed where no column tells a cohort."""
    homes = next((found for found in layers if found.role == "residential"), None)
    known = [] if homes is None else [*columns_of(homes, "residential"), *homes.columns]
    missing = [group for group in ("age_60_plus", "age_0_2") if group not in known]
    if missing:
        yield from ("", "[people]")
        for group in missing:
            yield f"# ? {group}_share = ...   # 占总人口比例，如 0.187 / share of the population"


def circle_sections(layers: Sequence[Found]) -> Iterator[str]:
    """One circle for each service there are stations of; both where that is not known."""
    stations = [found for found in layers if found.role == "facilities"]
    services = {service_of(found) for found in stations} or {""}
    for service in SERVICE_WORDS:
        if service in services or "" in services:
            yield from ("", "[[circles]]", f'service = "{service}"', "minutes = 15")


def relative(path: Path, out: Path) -> str:
    """A path as the study file says it: from its own folder, with slashes."""
    return Path(os.path.relpath(path.resolve(), out.resolve().parent)).as_posix()


def quoted(text: str) -> str:
    """Text as TOML and JSON write it."""
    return json.dumps(text, ensure_ascii=False)
