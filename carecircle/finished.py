"""How is a finished run taken up again, so that its outputs can be made without computing?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from carecircle.coverage.store import read_store
from carecircle.coverage.summary import study_summary
from carecircle.layers.problems import Language, Problem, StudyError
from carecircle.maps.manifest import MANIFEST, PROGRAM, file_sha256
from carecircle.maps.outputs import OUTPUTS, STORE, SUMMARY, Finished
from carecircle.maps.writer import check_destination, write_again


def make_again(
    folder: Path, names: Iterable[str], lang: Language, template: Path | None = None
) -> list[Path]:
    """Make some outputs of a finished run again; the others stay as they are.

    Parameters
    ----------
    folder : Path
        The results of a run.
    names : of `OUTPUTS`
    template : Path or None
        A Word file of the bureau's own for the report.

    Raises
    ------
    StudyError
        E-RUN-001 to E-RUN-003 where no whole run stands there; E-OUT-001 and E-OUT-003 as
        `write_results`. What stands there is untouched then.
    """
    told = manifest_of(folder)
    check_destination(folder, force=True)
    run = replace(finished_run(folder, told, lang), template=template)
    wanted = set(names)
    return write_again(run, [one for one in OUTPUTS if one.name in wanted], told, folder)


def manifest_of(folder: Path) -> dict[str, Any]:
    """The manifest of the results in a folder; E-RUN-001 where there is none of ours."""
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
        ours = told["program"] == PROGRAM and isinstance(told["outputs"], list)
    except (OSError, ValueError, KeyError, TypeError):
        ours = False
    if not ours:
        raise StudyError(Problem("E-RUN-001", file=str(folder)))
    return dict(told)


def finished_run(folder: Path, told: dict[str, Any], lang: Language) -> Finished:
    """The run that the manifest tells of, with the figures that stand beside it."""
    path = folder / STORE
    sums = {one["file"]: one["sha256"] for one in told["outputs"]}
    if path.exists() and sums.get(STORE) != file_sha256(path):
        raise StudyError(damaged(path, f"{MANIFEST}: SHA-256"))
    study = read_store(path)
    summary = study_summary(study)
    if not same_figures(folder / SUMMARY, summary):
        raise StudyError(damaged(path, f"{SUMMARY} ≠ {STORE}"))
    return Finished(study, summary, lang)


def same_figures(path: Path, summary: dict[str, Any]) -> bool:
    """Whether the figures in a file are these."""
    try:
        return bool(json.loads(path.read_bytes()) == json.loads(json.dumps(summary)))
    except (OSError, ValueError):
        return False


def damaged(path: Path, reason: str) -> Problem:
    """The problem of a run that is not the one the manifest tells of."""
    return Problem("E-RUN-003", file=str(path), details={"reason": reason})
