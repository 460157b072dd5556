"""How is a finished run kept, so that its outputs can be made again without computing?

One file: a zip archive with the tree of the `StudyResult` and the numbers it speaks of
(`store_values`), written in order and without times, so that the same run gives the same
bytes. A SHA-256 of every part is checked when it is read. It holds what the planner's layers
hold, homes included, and is no file for the public.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import carecircle
from carecircle.coverage.result import StudyResult
from carecircle.coverage.store_values import Reading, Writing
from carecircle.layers.problems import Problem, StudyError

TREE, ABOUT = "run.json", "about.json"
FORMAT = 1  # counts up when what is kept changes its form
# What a spoilt archive may answer with, beside errors of the system.
SPOILT = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError)
UNREADABLE = (OSError, ValueError, KeyError, *SPOILT)
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip archive can name


def write_store(path: Path, study: StudyResult) -> None:
    """Keep a finished run; OSError where the disk refuses.

    Raises
    ------
    TypeError
        The run holds a kind of value that cannot be kept: a defect of the program.
    """
    writing = Writing()
    tree = as_json(writing.tree(study))
    parts = {TREE: tree, **dict(sorted(writing.parts.items()))}
    about = {
        "program": "carecircle",
        "version": carecircle.__version__,
        "format": FORMAT,
        "parts": sums_of(parts),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in {ABOUT: as_json(about), **parts}.items():
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            archive.writestr(entry, part, zipfile.ZIP_DEFLATED, compresslevel=6)


def read_store(path: Path) -> StudyResult:
    """A finished run as it was kept.

    Raises
    ------
    StudyError
        E-RUN-001 there is none, E-RUN-002 another version of the program kept it,
        E-RUN-003 it is damaged.
    """
    try:
        about, parts = parts_of(path)
    except FileNotFoundError as error:
        raise StudyError(Problem("E-RUN-001", file=str(path.parent))) from error
    except UNREADABLE as error:
        raise StudyError(damaged(path, error)) from error
    if (about.get("version"), about.get("format")) != (carecircle.__version__, FORMAT):
        versions = {"written": about.get("version"), "here": carecircle.__version__}
        raise StudyError(Problem("E-RUN-002", file=str(path), details=versions))
    try:
        if about["parts"] != sums_of(parts):
            raise ValueError("its parts are not those that were kept")
        study = Reading(parts).value(json.loads(parts[TREE]))
        if not isinstance(study, StudyResult):
            raise ValueError("no results of a study")
    except (ValueError, KeyError, TypeError, AttributeError, ImportError, AssertionError) as error:
        raise StudyError(damaged(path, error)) from error
    return study


def is_whole(path: Path) -> bool:
    """Whether every part of a store is the one that was kept."""
    about, parts = parts_of(path)
    return bool(about["parts"] == sums_of(parts))


def parts_of(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What an archive says of itself, and its parts by name."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    about = json.loads(parts.pop(ABOUT))
    if not isinstance(about, dict):
        raise ValueError(f"{ABOUT} is no table")
    return about, parts


def sums_of(parts: Mapping[str, bytes]) -> dict[str, str]:
    """The SHA-256 of each part."""
    return {name: hashlib.sha256(part).hexdigest() for name, part in parts.items()}


def damaged(path: Path, error: Exception) -> Problem:
    """The problem of a store that cannot be read."""
    reason = str(error) or type(error).__name__
    return Problem("E-RUN-003", file=str(path), details={"reason": reason})


def as_json(value: Any) -> bytes:
    """Plain JSON, the shortest; half a surrogate pair stays its escape."""
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode("ascii")
