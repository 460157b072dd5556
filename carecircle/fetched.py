"""A study whose streets are fetched: once, and kept beside the study file."""

from __future__ import annotations

import shapely

from carecircle.layers.crs import LONLAT, known_crs, project
from carecircle.layers.fetch import Servers, boundary_path, fetch_extract
from carecircle.layers.formats import open_layer
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.sources import AreaSource
from carecircle.studyfile import StudyFile


def with_extract(study: StudyFile) -> StudyFile:
    """The study with its extract on the disk, and the place it asked for as its area.

    A study that names an own ``[area]`` keeps it; with ``fetch = true`` that is what is fetched.
    """
    network = study.network
    if not network.can_be_fetched:
        return study
    if not network.path.is_file():
        servers = Servers(network.overpass, network.nominatim)
        fetch_extract(network.path, network.place, area_of(study), servers)
    boundary = boundary_path(network.path)
    if study.area is not None or not boundary.is_file():
        return study
    return study.model_copy(update={"area": AreaSource(path=boundary)})


def area_of(study: StudyFile) -> shapely.Geometry | None:
    """The study's own area in WGS 84, where that is what is to be fetched."""
    if study.network.place is not None:
        return None
    if study.area is None:
        raise StudyError(Problem("E-NET-010", str(study.network.path)))
    raw = open_layer(study.area)
    crs = study.area.crs or raw.crs
    if raw.geometry is None or crs is None:
        raise StudyError(Problem("E-NET-010", str(study.area.path)))
    return shapely.union_all(project(raw.geometry, known_crs(crs, raw.file), LONLAT))
