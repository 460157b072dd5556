"""How does a folder of results come to stand in the place of an older one, whole or not at all?

A new folder is filled beside the destination, on the same file system, then two renames put
it in the place of the old one. An interruption at any point leaves the old result or the new
one. Between the two renames the old result stands aside as ``.<name>.previous``;
`check_destination` and `put_in_place` put it back.

Limits: the destination must not be a mount point, and on Windows no program may have a
file of the old result open.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from carecircle.layers.problems import Problem, StudyError
from carecircle.maps.files import flush
from carecircle.maps.manifest import PROGRAM

# SQLite's companions of a GeoPackage that a desktop program has open, or left behind.
LEFT_BY_QGIS = ("-wal", "-shm", "-journal")
FREE_BYTES = 100 * 1024 * 1024  # more than the largest result seen


@dataclass(frozen=True)
class Places:
    """A destination and the names beside it that writing makes use of.

    ``own`` are all files that may be written there, ``manifest`` the one that says by whom.
    """

    folder: Path
    own: frozenset[str]
    manifest: str

    @classmethod
    def of(cls, folder: Path, own: frozenset[str], manifest: str) -> Places:
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
    folder: Path, own: frozenset[str], manifest: str, force: bool = False
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


def put_in_place(
    folder: Path,
    fill: Callable[[Path], None],
    own: frozenset[str],
    manifest: str,
) -> None:
    """Have a new folder filled beside the destination, then put it in its place.

    ``fill`` makes the folder it is given. Raises
    ------
    StudyError
        E-OUT-001 when the system refuses, a full disk for instance; E-OUT-003 when
        another run is writing there. The older result stays as it was.
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
