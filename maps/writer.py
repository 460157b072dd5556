"""How do the results of a run reach the disk, and how is one of them made again?

Every file is opened again after it was written and looked at; the manifest comes last, and
the folder takes the place of an older one as a whole (`placing`).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from carecircle.coverage.result import StudyResult
from carecircle.layers.problems import Language
from carecircle.maps import placing
from carecircle.maps.files import flush, write_json
from carecircle.maps.manifest import MANIFEST, described, manifest
from carecircle.maps.outputs import OUTPUTS, Finished, Output, asked_outputs

OWN_FILES = frozenset({*(output.name for output in OUTPUTS), MANIFEST})


def check_destination(folder: Path, force: bool = False) -> None:
    """Refuse a destination that could not be written to in the end; see `placing`."""
    placing.check_destination(folder, OWN_FILES, MANIFEST, force)


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
        The written files and folders, the manifest last.

    Raises
    ------
    StudyError
        E-OUT-001 when the system refuses, a full disk for instance; E-OUT-003 when
        another run is writing there. The older result stays as it was.
    """
    run = Finished(study, summary, lang)
    outputs = asked_outputs(run)

    def fill(part: Path) -> None:
        part.mkdir()
        spent = write_outputs(part, run, outputs)
        seconds = {**manifest_facts["seconds"], "writing": spent}
        facts = {**manifest_facts, "seconds": seconds}
        finish(part, manifest(study, summary, facts, described_outputs(part)))

    placing.put_in_place(folder, fill, OWN_FILES, MANIFEST)
    return [folder / name for name in (*(output.name for output in outputs), MANIFEST)]


def write_again(
    run: Finished, outputs: Collection[Output], told: Mapping[str, Any], folder: Path
) -> list[Path]:
    """Make some outputs of a finished run again, beside its others, which stay as they are.

    ``told`` is the manifest that stands in the folder. Raises as `write_results`.
    """

    def fill(part: Path) -> None:
        part.mkdir()
        again = {output.name for output in outputs}
        for name in sorted(OWN_FILES - again - {MANIFEST}):
            copy(folder / name, part / name)
        write_outputs(part, run, outputs)
        finish(part, {**told, "outputs": described_outputs(part)})

    placing.put_in_place(folder, fill, OWN_FILES, MANIFEST)
    return [folder / output.name for output in outputs]


def copy(source: Path, to: Path) -> None:
    """Copy a file or a folder, where there is one."""
    if source.is_dir():
        shutil.copytree(source, to)
    elif source.exists():
        shutil.copy2(source, to)


def write_outputs(part: Path, run: Finished, outputs: Collection[Output]) -> float:
    """Fill the new folder and look at every output again; the seconds it took."""
    began = time.perf_counter()
    for output in outputs:
        output.write(part / output.name, run)
    for output in outputs:
        if not output.whole(part / output.name, run):
            raise OSError(0, f"{output.name} does not read back as it was written")
    return round(time.perf_counter() - began, 3)


def described_outputs(part: Path) -> list[dict[str, Any]]:
    """Name, size and SHA-256 of every file, in the order of the outputs."""
    found = []
    for output in OUTPUTS:
        path = part / output.name
        files = sorted(path.rglob("*")) if path.is_dir() else [path] if path.exists() else []
        found += [
            {**described(file), "file": file.relative_to(part).as_posix()}
            for file in files
            if file.is_file()
        ]
    return found


def finish(part: Path, content: Mapping[str, Any]) -> None:
    """Write the manifest and have everything on the disk."""
    write_json(part / MANIFEST, content)
    for path in sorted(part.rglob("*")):
        flush(path)
    flush(part)
