"""A study whose streets are fetched: once, and kept beside the study file."""

from __future__ import annotations

import shapely

from carecircle.layers.crs import LONLAT, known_crs, project
from carecircle.layers.fetch import (
    Servers,
    boundary_path,
    check_kept,
    check_name,
    fetch_extract,
)
from carecircle.layers.formats import open_layer
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.sources import AreaSource
from carecircle.studyfile import StudyFile


def with_extract(study: StudyFile) -> StudyFile:
    """The study with its extract on the disk, and the place it asked for as its area.

    A study that names an own ``[area]`` keeps it; with ``fetch = true`` that is what is fetched.

    Raises
    ------
    StudyError
        E-NET-008 to 010 and 012 to 014: nothing can be fetched, or what is kept is not what the
        study asks for.
    """
    network = study.network
    if not network.can_be_fetched:
        return study
    check_name(network.path)
    area = area_of(study) if network.place is None else None
    if network.path.is_file():
        check_kept(network.path, network.place, area)
    else:
        servers = Servers(network.overpass, network.nominatim)
        fetch_extract(network.path, network.place, area, servers)
    if study.area is not None:
        return study
    return study.model_copy(update={"area": AreaSource(path=boundary_path(network.path))})


def area_of(study: StudyFile) -> shapely.Geometry:
    """The study's own area in WGS 84; E-NET-010 where it has none."""
    if study.area is None:
        raise StudyError(Problem("E-NET-010", study.network.path.name))
    raw = open_layer(study.area)
    crs = study.area.crs or raw.crs
    if raw.geometry is None or crs is None:
        raise StudyError(Problem("E-NET-010", study.area.path.name))
    shapes = project(raw.geometry, known_crs(crs, raw.file), LONLAT)
    area = shapely.union_all(shapely.make_valid(shapes))
    if not area.area:
        raise StudyError(Problem("E-NET-010", study.area.path.name))
    return area
