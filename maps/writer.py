"""How do the results reach the disk whole or not at all?

Everything is written into a folder beside the destination, on the same file system; each
file is opened again and counted; the manifest comes last; files and folder are flushed to
the disk; then two renames put the new folder in the place of the old one. An interruption
at any point leaves the old result or the new one. Between the two renames the old result
stands aside as ``.<name>.previous``; `check_destination` and `write_results` put it back.

Limits: the destination must not be a mount point, and on Windows no program may have a
file of the old result open.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from carecircle.coverage.result import StudyResult
from carecircle.layers.problems import Language, Problem, StudyError
from carecircle.maps import geopackage, workbook
from carecircle.maps.manifest import MANIFEST, PROGRAM, manifest
from carecircle.maps.page import embedded_data_is_whole, page_html
from carecircle.maps.rejected import rejected_csv, rejected_rows

PAGE, GEOPACKAGE, WORKBOOK, SUMMARY = "map.html", "results.gpkg", "tables.xlsx", "summary.json"
REJECTED = "rejected.csv"  # only where rows of the inputs were left out
RESULT_FILES = (PAGE, GEOPACKAGE, WORKBOOK, SUMMARY, MANIFEST)
OWN_FILES = frozenset({*RESULT_FILES, REJECTED})
# SQLite's companions of a GeoPackage that a desktop program has open, or left behind.
LEFT_BY_QGIS = ("-wal", "-shm", "-journal")
FREE_BYTES = 100 * 1024 * 1024  # more than the largest result seen


@dataclass(frozen=True)
class Places:
    """A destination and the names beside it that writing makes use of.

    ``own`` are all files that may be written there, ``manifest`` the one that says by whom.
    """

    folder: Path
    own: frozenset[str] = OWN_FILES
    manifest: str = MANIFEST

    @classmethod
    def of(cls, folder: Path, own: frozenset[str] = OWN_FILES, manifest: str = MANIFEST) -> Places:
        """The places of a destination, links resolved."""
        resolved = folder.resolve()
        if not resolved.name or resolved == Path.cwd():
            raise OSError(0, "results need a folder of their own")
        return cls(resolved, own, manifest)

    def beside(self, ending: str) -> Path:
        """A hidden name beside the destination."""
        return self.folder.with_name(f".{self.folder.name}.{ending}")

    @property
    def part(self) -> Path:
        """Where a new result grows."""
        return self.beside("part")

    @property
    def previous(self) -> Path:
        """Where the old result stands while the new one takes its place."""
        return self.beside("previous")

    @property
    def lock(self) -> Path:
        """The file that says that a run is writing."""
        return self.beside("lock")


# --- before anything is computed


def check_destination(
    folder: Path,
    force: bool = False,
    own: frozenset[str] = OWN_FILES,
    manifest: str = MANIFEST,
) -> None:
    """Refuse a destination that could not be written to in the end.

    A result of an interrupted run is tidied up on the way. An older result of carecircle
    may stand there and will be replaced; with ``force`` anything may, and files that are
    not ours are kept. Ours are the files ``own`` beside our ``manifest``.

    Raises
    ------
    StudyError
        E-OUT-001 not writable, E-OUT-002 holds foreign files, E-OUT-003 another run is
        writing there.
    """
    try:
        places = Places.of(folder, own, manifest)
        parent = nearest_folder(places.folder.parent)
        with tempfile.TemporaryFile(dir=parent):
            free_bytes = shutil.disk_usage(parent).free
        if places.folder.exists() and not places.folder.is_dir():
            raise NotADirectoryError(0, "there is a file of this name")
        if free_bytes < FREE_BYTES:
            raise OSError(0, f"only {free_bytes // 1024**2} MiB are free")
        if places.folder.parent.is_dir():
            with alone(places):
                recover(places)
        foreign = not force and holds_foreign_files(places)
    except OSError as error:
        raise StudyError(not_writable(folder, error)) from error
    if foreign:
        raise StudyError(Problem("E-OUT-002", file=str(folder)))


def not_writable(folder: Path, error: OSError) -> Problem:
    """The problem of a destination that the system refuses."""
    return Problem("E-OUT-001", file=str(folder), details={"reason": error.strerror or str(error)})


def nearest_folder(path: Path) -> Path:
    """The path itself, or the first of its parents that exists."""
    while not path.exists():
        path = path.parent
    return path


def holds_foreign_files(places: Places) -> bool:
    """Whether anything stands there that is not a result of the same command."""
    if not places.folder.exists():
        return False
    left = {name + ending for name in places.own for ending in LEFT_BY_QGIS}
    entries = {entry.name for entry in places.folder.iterdir()} - left
    return bool(entries) and not (
        entries <= places.own and is_ours(places.folder / places.manifest)
    )


def is_ours(path: Path) -> bool:
    """Whether a file is a manifest of carecircle."""
    try:
        return bool(json.loads(path.read_bytes())["program"] == PROGRAM)
    except (OSError, ValueError, KeyError, TypeError):
        return False


@contextmanager
def alone(places: Places) -> Iterator[None]:
    """Hold the destination against other runs; refuse at once if one is writing."""
    try:
        with FileLock(places.lock, timeout=0):
            yield
    except Timeout as error:
        raise StudyError(Problem("E-OUT-003", file=str(places.folder))) from error


# --- writing


def write_results(
    study: StudyResult,
    summary: Mapping[str, Any],
    manifest_facts: Mapping[str, Any],
    folder: Path,
    lang: Language = "zh",
) -> list[Path]:
    """Write all files of a run and put them in place together.

    Parameters
    ----------
    summary : mapping
        The figures, JSON-ready.
    manifest_facts : mapping
        ``inputs``, ``parameters`` and ``seconds``; see `carecircle.maps.manifest`.
    folder : Path
        The destination; made if need be, replaced if it holds an older result.
    lang : ``zh`` or ``en``
        The language the page opens in.

    Returns
    -------
    list of Path
        The written files, the manifest last.

    Raises
    ------
    StudyError
        E-OUT-001 when the system refuses, a full disk for instance; E-OUT-003 when
        another run is writing there. The older result stays as it was.
    """
    put_in_place(folder, lambda part: write_files(part, study, summary, manifest_facts, lang))
    return [folder / name for name in files_of(study)]


def put_in_place(
    folder: Path,
    fill: Callable[[Path], None],
    own: frozenset[str] = OWN_FILES,
    manifest: str = MANIFEST,
) -> None:
    """Have a new folder filled beside the destination, then put it in its place.

    ``fill`` makes the folder it is given. Raises as `write_results`.
    """
    try:
        places = Places.of(folder, own, manifest)
        places.folder.parent.mkdir(parents=True, exist_ok=True)
        with alone(places):
            recover(places)
            try:
                fill(places.part)
                swap(places)
            except BaseException:
                shutil.rmtree(places.part, ignore_errors=True)
                raise
    except OSError as error:
        raise StudyError(not_writable(folder, error)) from error


def files_of(study: StudyResult) -> list[str]:
    """What a run writes, the manifest last."""
    rejected = [REJECTED] if rejected_rows(study.records) else []
    return [*rejected, *RESULT_FILES]


def write_files(
    part: Path,
    study: StudyResult,
    summary: Mapping[str, Any],
    facts: Mapping[str, Any],
    lang: Language,
) -> None:
    """Fill the new folder, look at every file again, and describe them in the manifest."""
    began = time.perf_counter()
    part.mkdir()
    write_text(part / PAGE, page_html(study, summary, lang))
    geopackage.write_geopackage(part / GEOPACKAGE, study)
    workbook.write_workbook(part / WORKBOOK, study, summary)
    write_json(part / SUMMARY, summary)
    if REJECTED in files_of(study):
        write_text(part / REJECTED, rejected_csv(study.records))
    check_files(part, study, summary)
    outputs = [part / name for name in files_of(study) if name != MANIFEST]
    seconds = {**facts["seconds"], "writing": round(time.perf_counter() - began, 3)}
    write_json(part / MANIFEST, manifest(study, summary, {**facts, "seconds": seconds}, outputs))
    for name in files_of(study):
        flush(part / name)
    flush(part)


def write_text(path: Path, text: str) -> None:
    """Text in UTF-8; half a surrogate pair is written as its escape, which JSON allows."""
    path.write_bytes(text.encode("utf-8", "backslashreplace"))


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """JSON for people: indented, Chinese as Chinese, no NaN."""
    write_text(path, json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2) + "\n")


def check_files(part: Path, study: StudyResult, summary: Mapping[str, Any]) -> None:
    """Open every file again: what is in it must be what was to be written."""
    layers = geopackage.expected_counts(study)
    sheets = {title: len(rows) for title, _, rows in workbook.sheets(study, summary)}
    found = {
        PAGE: embedded_data_is_whole((part / PAGE).read_text(encoding="utf-8")),
        GEOPACKAGE: geopackage.row_counts(part / GEOPACKAGE) == layers,
        WORKBOOK: workbook.row_counts(part / WORKBOOK) == sheets,
        SUMMARY: json.loads((part / SUMMARY).read_bytes()) == json.loads(json.dumps(summary)),
    }
    if REJECTED in files_of(study):
        kept = (part / REJECTED).read_bytes().decode("utf-8")
        found[REJECTED] = kept == rejected_csv(study.records)
    for name, whole in found.items():
        if not whole:
            raise OSError(0, f"{name} does not read back as it was written")


# --- into place


def swap(places: Places) -> None:
    """Put the finished folder in the place of the old one."""
    if places.folder.exists():
        places.folder.rename(places.previous)
    try:
        places.part.rename(places.folder)
    except OSError:
        recover(places)
        raise
    flush(places.folder.parent)
    recover(places)


def recover(places: Places) -> None:
    """Finish or undo what an interrupted run has left; call it with the lock held."""
    shutil.rmtree(places.part, ignore_errors=True)
    if not places.previous.exists():
        return
    if not places.folder.exists():
        places.previous.rename(places.folder)
        return
    for entry in sorted(places.previous.iterdir()):
        if entry.name not in places.own:
            entry.rename(places.folder / entry.name)
    shutil.rmtree(places.previous)


def flush(path: Path) -> None:
    """Have a file or a folder on the disk before going on."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot flush a folder
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
