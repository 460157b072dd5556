"""Which layer is in this .zip or .kmz, and is it safe to unpack?

A .zip must hold exactly one layer, or the study file says which (``layer = "..."``). Of a .kmz
the first .kml counts, as the standard has it (OGC KML 2.2, annex C); ``layer`` is a folder in it.
Sizes are read from the archive's list before anything is unpacked: a few kilobytes can grow
to gigabytes. Members are unpacked under names of our own into a temporary folder, so that a
member called ``../../x`` cannot leave it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

from carecircle.layers.problems import StudyError
from carecircle.layers.raw import RawLayer, chosen, guarded, refused
from carecircle.layers.sources import LayerSource

MOST_UNPACKED_BYTES = 2 * 1024**3
MOST_UNPACKED_TIMES = 100
HARMLESS_BYTES = 10 * 1024**2  # blanks pack well: a small member may, whatever its ratio
COMPANIONS = {".shp": (".shp", ".shx", ".dbf", ".prj", ".cpg")}


def read_archive(
    source: LayerSource, kinds: Sequence[str], read: Callable[[LayerSource], RawLayer]
) -> RawLayer:
    """The one layer of a .zip; ``read`` opens it once it is unpacked.

    ``kinds`` are the endings of files that are layers. Problems and the result bear the name
    of the archive, and of the member as their layer.
    """
    with guarded(source.path.name, lambda: ZipFile(source.path)) as archive:
        members = members_by_name(source.path.name, archive)
        name = chosen(source, sorted(name for name in members if is_layer(name, kinds)))
        within = source.model_copy(update={"layer": None})
        try:
            raw = read_member(within, archive, members, name, read)
        except StudyError as error:
            raise StudyError(replace(problem, layer=name) for problem in error.problems) from error
    return replace(raw, layer=name)


def read_kmz(source: LayerSource, read: Callable[[LayerSource], RawLayer]) -> RawLayer:
    """One folder of the first .kml of a .kmz; pictures and other files in it are passed over."""
    with guarded(source.path.name, lambda: ZipFile(source.path)) as archive:
        members = members_by_name(source.path.name, archive)
        documents = [name for name in members if is_layer(name, [".kml"])]
        if not documents:
            raise refused(source.path.name, "E-LAY-003")
        return read_member(source, archive, members, documents[0], read)


def members_by_name(file: str, archive: ZipFile) -> dict[str, ZipInfo]:
    """The files of an archive that is safe to unpack, in its order."""
    check_sizes(file, archive.infolist())
    return {shown_name(info): info for info in archive.infolist() if not info.is_dir()}


def read_member(
    source: LayerSource,
    archive: ZipFile,
    members: dict[str, ZipInfo],
    name: str,
    read: Callable[[LayerSource], RawLayer],
) -> RawLayer:
    """One member, unpacked and read; problems and the result bear the name of the archive."""
    file = source.path.name
    with tempfile.TemporaryDirectory(prefix="carecircle-") as folder:
        inside = PurePosixPath(name)
        path = Path(folder) / f"layer{inside.suffix.lower()}"
        for part, info in members_of(inside, members):
            unpack(file, archive, info, path.with_suffix(part))
        try:
            raw = read(source.model_copy(update={"path": path}))
        except StudyError as error:
            raise StudyError(replace(problem, file=file) for problem in error.problems) from error
    return replace(raw, file=file)


def shown_name(info: ZipInfo) -> str:
    """The name of a member; without the UTF-8 mark Chinese Windows wrote it in GBK."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename


def is_layer(name: str, kinds: Sequence[str]) -> bool:
    """Whether a member is a layer file, not a companion or something a Mac adds."""
    path = PurePosixPath(name)
    hidden = path.name.startswith(".") or "__MACOSX" in path.parts
    return path.suffix.lower() in kinds and not hidden


def members_of(layer: PurePosixPath, members: dict[str, ZipInfo]) -> list[tuple[str, ZipInfo]]:
    """The layer's file and its companions, each with its ending in small letters."""
    endings = COMPANIONS.get(layer.suffix.lower(), (layer.suffix.lower(),))
    stem = str(layer.with_suffix("")).casefold()
    found = []
    for name, info in members.items():
        path = PurePosixPath(name)
        if str(path.with_suffix("")).casefold() == stem and path.suffix.lower() in endings:
            found.append((path.suffix.lower(), info))
    return found


def check_sizes(file: str, members: Sequence[ZipInfo]) -> None:
    """Refuse an archive that would grow without measure; nothing is unpacked for this."""
    total = sum(info.file_size for info in members)
    if total > MOST_UNPACKED_BYTES:
        raise refused(file, "E-LAY-019", size=size_text(total), most=size_text(MOST_UNPACKED_BYTES))
    for info in members:
        times = info.file_size / max(info.compress_size, 1)
        if info.file_size > HARMLESS_BYTES and times > MOST_UNPACKED_TIMES:
            raise refused(file, "E-LAY-020", times=round(times), most=MOST_UNPACKED_TIMES)


def unpack(file: str, archive: ZipFile, info: ZipInfo, path: Path) -> None:
    """Write one member to ``path``; its check sum is verified on the way."""

    def copy() -> None:
        with archive.open(info) as packed, path.open("wb") as plain:
            shutil.copyfileobj(packed, plain)

    guarded(file, copy)


def size_text(size: int) -> str:
    """A number of bytes for people."""
    return f"{size / 1024**2:,.0f} MB"
