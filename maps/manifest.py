"""From what, with what and how did these files come about?

The manifest is written last. A folder without one is no result; with one, anybody can
check that inputs and outputs are still those of the run.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from carecircle.coverage.result import StudyResult
from carecircle.coverage.summary import plain, without_folders
from carecircle.maps.leaks import masked_names

MANIFEST = "manifest.json"
PROGRAM = "carecircle"
LIBRARIES = (
    "contourpy",
    "geopandas",
    "highspy",
    "numba",
    "numpy",
    "openpyxl",
    "osmium",
    "pandas",
    "pyogrio",
    "pyproj",
    "scipy",
    "shapely",
)
CHUNK_BYTES = 1 << 20


def manifest(
    study: StudyResult,
    summary: Mapping[str, Any],
    facts: Mapping[str, Any],
    outputs: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """The manifest of a run, ready for JSON.

    Parameters
    ----------
    facts : mapping
        What the run itself knows: ``inputs`` (from `described_inputs`, taken before they
        were read), ``parameters`` and the ``seconds`` of each step.
    outputs : iterable of mapping
        What `described` tells of each finished file.
    """
    found: dict[str, Any] = {
        "program": PROGRAM,
        "versions": versions(summary["carecircle"]),
        "study": {
            "name": study.name,
            "date": study.date,
            "computed": study.computed,
            "map_approval_number": study.map_approval_number,
            "crs": study.crs,
            "output_crs": study.output_crs,
        },
        "parameters": without_folders(facts["parameters"]),
        "seconds": facts["seconds"],
        "inputs": facts["inputs"],
        "layers": study.files,
        "network": study.network.facts,
        "snap": study.snap_facts,
        "records": study.records,
        "masked_names": masked_names(study),
        "outputs": list(outputs),
    }
    return {name: plain(value) for name, value in found.items()}


def versions(own: str) -> dict[str, str]:
    """The versions of this program, of Python and of the libraries."""
    found = {name: installed for name in LIBRARIES if (installed := installed_version(name))}
    return {PROGRAM: own, "python": platform.python_version(), **found}


def described_inputs(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Name, size and SHA-256 of every input file, with the companions of a Shapefile."""
    return [described(file) for path in paths for file in files_of(path)]


def files_of(path: Path) -> list[Path]:
    """A file itself; of a Shapefile every file of the same stem."""
    if path.suffix.lower() != ".shp":
        return [path]
    return sorted(file for file in path.parent.iterdir() if file.stem == path.stem)


def described(path: Path) -> dict[str, Any]:
    """Name, size and SHA-256 of a file; in whose folders it lies is nobody's business."""
    return {"file": path.name, "bytes": path.stat().st_size, "sha256": file_sha256(path)}


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read piece by piece."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def installed_version(name: str) -> str | None:
    """The version of a library; None where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
