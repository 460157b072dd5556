"""Where is a place really that a Chinese online map shows?

Online maps in China show places in *GCJ-02*, shifted by 300 to 700 m, differently at each
place; Baidu moves them once more, to *BD-09*. Both are longitudes and latitudes in degrees
and look just like WGS 84. Neither is published. The formula here came out of a map viewer
and is what every converter uses:

* WGS 84 to GCJ-02: a polynomial and sines of longitude - 105 and latitude - 35 give metres
  east and north, laid out in degrees on the Krasovsky 1940 ellipsoid;
* GCJ-02 to BD-09: a small turn and stretch in the plane of degrees, then 0.0065 and 0.0060
  degrees east and north.

Source: PRCoords (Mingye Wang 2016, CC0, https://github.com/Artoria2e5/PRCoords), which
names the earlier ones; the tests compare with it. The inverse is the fixed point of
place <- place - (forward(place) - shown): the shift changes by less than 1 % of a step, so
each round gains two digits.

Limits: the iteration gives the formula back to well below 1 cm, but the services round and
add noise of their own, so a real place comes back to about a metre. They shift only in
China, here PRCoords' rectangle, which is wider than the country. Outside of it nothing is
passed through unchanged: places become infinite.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LonLat = NDArray[np.float64]

CHINA = (72.004, 0.8293, 137.8347, 55.8271)  # west, south, east, north
KRASOVSKY_A_M = 6378245.0
KRASOVSKY_E2 = 0.00669342162296594323
BAIDU_DEGREES = (0.0065, 0.0060)
BAIDU_WAVE = np.pi / 180 * 3000

ROUNDS = 10
CLOSE_ENOUGH_DEGREES = 1e-9  # 0.1 mm


@dataclass(frozen=True)
class ShiftedDegrees:
    """Longitude and latitude as a Chinese map service shows them.

    Attributes
    ----------
    name : str
        ``"gcj02"`` or ``"bd09"``, as it stands in a study file.
    from_wgs84 : callable
        (n, 2) true longitude and latitude, WGS 84 degrees, to shown ones; inf outside China.
    """

    name: str
    from_wgs84: Callable[[LonLat], LonLat]

    def to_wgs84(self, shown: LonLat) -> LonLat:
        """Where places really are, (n, 2) WGS 84 degrees; inf outside China."""
        return undone(self.from_wgs84, shown)


def in_china(lonlat: LonLat) -> NDArray[np.bool_]:
    """Which places lie in the rectangle where the services shift."""
    west, south, east, north = CHINA
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    inside: NDArray[np.bool_] = (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
    return inside


def gcj02_of(lonlat: LonLat) -> LonLat:
    """WGS 84 to GCJ-02, (n, 2) longitude and latitude in degrees; inf outside China."""
    places = np.where(in_china(lonlat)[:, None], lonlat, np.nan)
    lon, lat = places[:, 0], places[:, 1]
    east_m, north_m = shift_m(lon - 105, lat - 35)
    slope = 1 - KRASOVSKY_E2 * np.sin(np.radians(lat)) ** 2
    m_per_lat = np.radians(KRASOVSKY_A_M * (1 - KRASOVSKY_E2) / slope**1.5)
    m_per_lon = np.radians(KRASOVSKY_A_M * np.cos(np.radians(lat)) / np.sqrt(slope))
    shown = np.column_stack([lon + east_m / m_per_lon, lat + north_m / m_per_lat])
    return np.where(np.isnan(shown), np.inf, shown)


def shift_m(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Metres east and north by which GCJ-02 moves longitude 105 + x, latitude 35 + y."""

    def waves(of: NDArray[np.float64], sizes: dict[float, float]) -> NDArray[np.float64]:
        total = 2 * np.sin(6 * np.pi * x) + 2 * np.sin(2 * np.pi * x)
        for period, size in sizes.items():
            total += size * np.sin(np.pi * of / period)
        return np.asarray(20 / 3 * total)

    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    return (
        east + waves(x, {1: 2, 3: 4, 12: 15, 30: 30}),
        north + waves(y, {1: 2, 3: 4, 12: 16, 30: 32}),
    )


def bd09_of_gcj02(shown: LonLat) -> LonLat:
    """GCJ-02 to BD-09, (n, 2) longitude and latitude in degrees."""
    lon, lat = shown[:, 0], shown[:, 1]
    with np.errstate(invalid="ignore"):  # infinite places stay infinite
        radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * BAIDU_WAVE)
        angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * BAIDU_WAVE)
    moved = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]) + BAIDU_DEGREES
    return np.where(np.isfinite(moved), moved, np.inf)


def bd09_of(lonlat: LonLat) -> LonLat:
    """WGS 84 to BD-09, (n, 2) longitude and latitude in degrees; inf outside China."""
    return bd09_of_gcj02(gcj02_of(lonlat))


def undone(forward: Callable[[LonLat], LonLat], shown: LonLat) -> LonLat:
    """The places that ``forward`` moves to ``shown``, by fixed-point iteration; else inf."""
    places = np.where(in_china(shown)[:, None], shown, np.inf)
    finite = np.isfinite(places).all(axis=1)
    for _ in range(ROUNDS):
        error = forward(places[finite]) - shown[finite]
        places[finite] -= error
        finite = np.isfinite(places).all(axis=1)
        if not (np.abs(error) > CLOSE_ENOUGH_DEGREES).any():
            break
    places[~finite] = np.inf
    return places


SHIFTED = {
    "gcj02": ShiftedDegrees("gcj02", gcj02_of),
    "bd09": ShiftedDegrees("bd09", bd09_of),
}
OTHER_NAMES = {"火星坐标": "gcj02", "火星坐标系": "gcj02", "百度坐标": "bd09", "百度坐标系": "bd09"}


def shifted_named(text: str) -> ShiftedDegrees | None:
    """GCJ-02 or BD-09 by its name, in any case, with or without a dash; else None."""
    name = text.strip().casefold().replace("-", "")
    return SHIFTED.get(OTHER_NAMES.get(name, name))
