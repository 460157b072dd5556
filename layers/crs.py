"""In which metres do we measure, and how do coordinates get there?

The *working CRS* is a projected metre system chosen for the study area: in China the
CGCS2000 3-degree Gauss-Kruger zone whose central meridian is nearest, elsewhere the WGS 84
UTM zone. Scale error stays below 0.1 %. Web Mercator is read as an input; it can never be
the working CRS, because its metres are 20 to 40 % too long over China.

`transformer` is the only door to PROJ. It keeps x before y, and refuses a change of datum
that PROJ would do "ballpark", that is not at all: Xi'an 1980 and Beijing 1954 coordinates
passed through unchanged land up to 100 m away. CGCS2000 and WGS 84 differ by centimetres
and are taken as equal. Coordinates of Chinese online maps (`chinese_offsets`) are turned to
WGS 84 first, in `project`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType
from pyproj.exceptions import CRSError, ProjError

from carecircle.layers.chinese_offsets import ShiftedDegrees, in_china, shifted_named
from carecircle.layers.problems import Problem, StudyError

LONLAT = "EPSG:4326"
WIDEST_DEGREES = 6.0
WORST_DATUM_SHIFT_M = 10.0
CHINESE_ZONE = "CGCS2000 / 3-degree Gauss-Kruger CM "

# Datums within centimetres of each other, between which PROJ's database knows no operation.
SAME_PLACE = {
    "China 2000",
    "World Geodetic System 1984",
    "World Geodetic System 1984 ensemble",
}

# PROJ knows shifts of Beijing 1954 measured in single oil basins (Tarim, Ordos), and would use
# them far beyond; of the other two it knows none.
OLD_IN_CHINA = {"Beijing 1954", "New Beijing", "Xian 1980"}


@dataclass(frozen=True)
class Frame:
    """Where the study is: the working CRS and the extent of the walking network.

    Attributes
    ----------
    crs : str
        Working CRS, from `working_crs`.
    bounds_lonlat : (west, south, east, north)
        Extent of the streets, degrees.
    margin_m : float
        A home or facility further than this from the extent is refused: its coordinates
        are wrong or it belongs to another study. 5 km, well beyond any 15-minute walk.
    streets : STRtree or None
        The streets themselves, in the working CRS, to compare layers with
        (`offset_detective.street_tree`).
    """

    crs: str
    bounds_lonlat: tuple[float, float, float, float]
    margin_m: float = 5000.0
    streets: shapely.STRtree | None = field(default=None, repr=False, compare=False)

    @property
    def in_china(self) -> bool:
        """Whether Chinese online maps shift places here, as far as their rectangle tells."""
        west, south, east, north = self.bounds_lonlat
        centre = np.array([[(west + east) / 2, (south + north) / 2]])
        return bool(in_china(centre)[0])

    @cached_property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """The extent in the working CRS, metres."""
        west, south, east, north = transformer(LONLAT, self.crs).transform_bounds(
            *self.bounds_lonlat, densify_pts=21
        )
        return west, south, east, north

    def distance_m(self, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres from the extent to each (west, south, east, north), 0 inside, inf if unknown."""
        west, south, east, north = self.bounds_m
        dx = np.maximum(np.maximum(west - boxes[:, 2], boxes[:, 0] - east), 0)
        dy = np.maximum(np.maximum(south - boxes[:, 3], boxes[:, 1] - north), 0)
        away = np.hypot(dx, dy)
        return np.where(np.isfinite(boxes).all(axis=1), away, np.inf)


def working_crs(bounds_lonlat: Sequence[float]) -> str:
    """The projected metre CRS for (west, south, east, north) in degrees.

    Raises
    ------
    StudyError
        E-CRS-006 wider than 6 degrees of longitude; E-CRS-008 no such CRS there.
    """
    west, south, east, north = bounds_lonlat
    usable = -180 <= west <= east <= 180 and -80 <= south <= north <= 84
    if not usable:
        raise StudyError(Problem("E-CRS-008", details={"bounds": tuple(bounds_lonlat)}))
    if east - west > WIDEST_DEGREES:
        width = round(east - west, 1)
        raise StudyError(Problem("E-CRS-006", details={"degrees": width, "most": WIDEST_DEGREES}))
    lon, lat = (west + east) / 2, (south + north) / 2
    return _chinese_zone(lon, lat) or _utm_zone(lon, lat)


def _chinese_zone(lon: float, lat: float) -> str | None:
    """The 3-degree zone of CGCS2000 with the nearest central meridian, where it is in use."""
    zones = [
        (abs(meridian - lon), code)
        for (west, south, east, north), meridian, code in _chinese_zones()
        if west <= lon <= east and south <= lat <= north
    ]
    return f"EPSG:{min(zones)[1]}" if zones else None


@cache  # PROJ takes a tenth of a second to look them up
def _chinese_zones() -> list[tuple[tuple[float, float, float, float], float, str]]:
    """Where each 3-degree zone of CGCS2000 is in use, its central meridian, its code."""
    return [
        (
            info.area_of_use.bounds,
            float(info.name.removeprefix(CHINESE_ZONE).rstrip("E")),
            info.code,
        )
        for info in query_crs_info(auth_name="EPSG", pj_types=PJType.PROJECTED_CRS)
        if info.name.startswith(CHINESE_ZONE) and info.area_of_use is not None
    ]


def crs_in_use(bounds_lonlat: Sequence[float]) -> list[str]:
    """What a layer of this area may come in, likeliest first.

    Degrees; the working CRS; Web Mercator; the 3- and 6-degree zones of CGCS2000 within 3
    degrees, with and without the zone number before the easting; UTM zones as near; the same
    within 12 degrees, as a province keeps all its layers in one zone.
    """
    west, south, east, north = bounds_lonlat
    families = (CHINESE_ZONE, "CGCS2000 / 3-degree", "CGCS2000 / Gauss", "WGS 84 / UTM zone")
    zones: list[str] = []
    for degrees in (3, 12):
        near = query_crs_info(
            auth_name="EPSG",
            pj_types=PJType.PROJECTED_CRS,
            area_of_interest=AreaOfInterest(west - degrees, south, east + degrees, north),
        )
        zones += [
            f"EPSG:{crs.code}" for name in families for crs in near if crs.name.startswith(name)
        ]
    return list(dict.fromkeys([LONLAT, working_crs(bounds_lonlat), "EPSG:3857", *zones]))


def _utm_zone(lon: float, lat: float) -> str:
    zone = min(int((lon + 180) // 6) + 1, 60)
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def known_crs(text: str, file: str = "") -> CRS | ShiftedDegrees:
    """The CRS a study file names: one of PROJ's, GCJ-02 or BD-09; else E-CRS-002."""
    shifted = shifted_named(text)
    if shifted is not None:
        return shifted
    try:
        crs = CRS.from_user_input(text)
    except CRSError as error:
        raise StudyError(_unknown(text, file, str(error).split(":", 1)[0])) from error
    if not (crs.is_geographic or crs.is_projected):
        raise StudyError(_unknown(text, file, f"a {crs.type_name}"))
    return crs


def _unknown(text: str, file: str, reason: str) -> Problem:
    return Problem("E-CRS-002", file, column="crs", value=text, details={"reason": reason})


def name_of(crs: Any) -> str:
    """``"EPSG:4490"`` where there is such a code, else the CRS's own name."""
    if isinstance(crs, ShiftedDegrees):
        return crs.name
    crs = CRS.from_user_input(crs)
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.name)


def written(crs: Any) -> str:
    """The CRS in full, as `known_crs` reads it again."""
    if isinstance(crs, ShiftedDegrees):
        return crs.name
    return str(CRS.from_user_input(crs).to_string())


def results_crs(text: str) -> str:
    """The CRS results go out in for a layer that came in ``text``: no map service's own."""
    return LONLAT if isinstance(known_crs(text), ShiftedDegrees) else text


def transformer(source: Any, target: Any) -> Transformer:
    """x, y (longitude before latitude) of one CRS to x, y of another.

    A change of datum must be in PROJ's database with an accuracy of 10 m or better, and none may
    start or end at a datum of `OLD_IN_CHINA`; otherwise StudyError E-CRS-007. CGCS2000 and WGS 84
    are taken as equal.
    """
    return _transformer(*(CRS.from_user_input(crs) for crs in (source, target)))


@cache  # PROJ takes a tenth of a second to find a way, and a study asks ten times for the same two
def _transformer(source: CRS, target: CRS) -> Transformer:
    datums = {_datum(source), _datum(target)}
    if len(datums) > 1 and datums & OLD_IN_CHINA:
        raise _no_shift(source, target)
    known: dict[str, Any] = {"accuracy": WORST_DATUM_SHIFT_M, "allow_ballpark": False}
    if datums <= SAME_PLACE:
        known = {}
    try:
        return Transformer.from_crs(source, target, always_xy=True, **known)  # noqa: TID251
    except ProjError as error:
        raise _no_shift(source, target) from error


def _no_shift(source: Any, target: Any) -> StudyError:
    names = {"source": name_of(source), "target": name_of(target)}
    return StudyError(Problem("E-CRS-007", details=names))


def _datum(crs: Any) -> str:
    geodetic = CRS.from_user_input(crs).geodetic_crs
    return str(geodetic.datum.name) if geodetic is not None and geodetic.datum else ""


def project(geometry: NDArray[Any], source: Any, target: Any) -> NDArray[Any]:
    """Geometries of one CRS in another, flat (z and m dropped); impossible places become inf.

    ``source`` may be GCJ-02 or BD-09: places go to WGS 84 first.
    """
    shifted = source if isinstance(source, ShiftedDegrees) else None
    moved = transformer(LONLAT if shifted else source, target)

    def xy(places: NDArray[np.float64]) -> NDArray[np.float64]:
        if shifted:
            places = shifted.to_wgs84(places)
        return np.column_stack(moved.transform(places[:, 0], places[:, 1]))

    return np.asarray(shapely.transform(shapely.force_2d(geometry), xy))


def passes_for_wgs84(crs: Any) -> bool:
    """Whether these are degrees of WGS 84 or CGCS2000, the label map services' exports bear."""
    shifted = isinstance(crs, ShiftedDegrees)
    return not shifted and not is_metres(crs) and _datum(crs) in SAME_PLACE


def is_metres(crs: Any) -> bool:
    """Whether values in this CRS are lengths, not degrees."""
    if isinstance(crs, ShiftedDegrees):
        return False
    return not CRS.from_user_input(crs).is_geographic
