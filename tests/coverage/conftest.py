"""Hand-made towns: quarters and people on a table, streets on a square grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from carecircle.coverage.access import AccessSettings
from carecircle.coverage.candidate_sites import SiteGround
from carecircle.coverage.circle import SiteSettings, study_circle, walk_and_measure
from carecircle.coverage.lacking import OtherFacilities
from carecircle.coverage.measure import measure
from carecircle.coverage.result import Circle, CircleResult, Coverage
from carecircle.isochrones.minutes import NEVER, Direction
from carecircle.isochrones.snapping import snap
from carecircle.isochrones.walkers import WALKERS, Walker
from carecircle.layers.network import EDGE_KINDS, WalkNetwork

CRS = "EPSG:4547"
CORNER = np.array([500_000.0, 3_400_000.0])
STEP_M = 100.0
GROUP = "age_60_plus"


def circle_of(minutes: int = 15, target: str | None = None, walker: str = "norm") -> Circle:
    return Circle("elderly", GROUP, WALKERS[walker], minutes, target)


def square(x: float, y: float, side: float = 60.0) -> shapely.Polygon:
    """A square with its middle ``x, y`` metres from the corner of the town."""
    east, north = CORNER + np.array([x, y])
    return shapely.box(east - side / 2, north - side / 2, east + side / 2, north + side / 2)


def residential_layer(
    people: Mapping[str, int],
    area_m2: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
    places: Sequence[tuple[float, float]] | None = None,
    admin: Sequence[Any] | None = None,
) -> gpd.GeoDataFrame:
    n = len(people)
    places = places or [(200.0 * at, 0.0) for at in range(n)]
    return gpd.GeoDataFrame(
        {
            "name": list(names) if names else [""] * n,
            "population": np.array(list(people.values()), np.int64) * 3,
            GROUP: np.array(list(people.values()), np.int64),
            "area_m2": np.array(area_m2 if area_m2 else [1000] * n, np.int64),
            "admin_id": pd.Series(admin if admin else [None] * n, dtype="str"),
            "estimated": False,
        },
        geometry=[square(x, y) for x, y in places],
        crs=CRS,
    ).set_index(pd.Index(list(people), name="block_id", dtype="str"))


def home_layer(
    rows: Sequence[tuple[str, int]], places: Sequence[tuple[float, float]] | None = None
) -> gpd.GeoDataFrame:
    """One home per (block_id, people)."""
    places = places or [(0.0, 0.0)] * len(rows)
    return gpd.GeoDataFrame(
        {
            "block_id": pd.Series([block for block, _ in rows], dtype="str"),
            "population": np.array([3 * people for _, people in rows], np.int64),
            GROUP: np.array([people for _, people in rows], np.int64),
        },
        geometry=shapely.points(CORNER + np.array(places, float).reshape(-1, 2)),
        crs=CRS,
    ).set_index(pd.Index([f"h{at}" for at in range(len(rows))], name="home_id", dtype="str"))


def unit_layer(names: Mapping[str, str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": list(names.values())}, geometry=[square(0, 0)] * len(names), crs=CRS
    ).set_index(pd.Index(list(names), name="admin_id", dtype="str"))


def counted(
    homes: Sequence[tuple[str, int, float | None]],
    minutes: int = 15,
    target: str | None = None,
    residential: gpd.GeoDataFrame | None = None,
    units: gpd.GeoDataFrame | None = None,
    **layer: Any,
) -> Coverage:
    """Coverage of homes given as (block, people, minutes); inf: no way, None: no street."""
    people: dict[str, int] = {}
    for block, count, _ in homes:
        people[block] = people.get(block, 0) + count
    if residential is None:
        residential = residential_layer(people, **layer)
    attached = np.array([walk is not None for _, _, walk in homes], bool)
    ms = np.array(
        [NEVER if walk in (None, float("inf")) else round(walk * 60_000) for *_, walk in homes],
        np.int64,
    )
    stations = np.where(ms == NEVER, None, "s1")
    rows = [(block, count) for block, count, _ in homes]
    return measure(
        circle_of(minutes, target), residential, home_layer(rows), ms, stations, attached, units
    )


def network_of(
    xy: np.ndarray,
    edges: Sequence[tuple[int, int]],
    kinds: Mapping[tuple[int, int], str] | None = None,
    shut: Sequence[tuple[int, int]] = (),
) -> WalkNetwork:
    """Straight streets between points; parts of the network are numbered by hand of scipy."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ends = np.array(edges, np.int32).reshape(-1, 2)
    metres = np.hypot(*(xy[ends[:, 0]] - xy[ends[:, 1]]).T)
    link = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(xy), len(xy)))
    _, part = connected_components(link, directed=False)
    by_size = np.argsort(np.argsort(-np.bincount(part), kind="stable"))
    kinds = kinds or {}
    return WalkNetwork(
        crs=CRS,
        node_xy=xy,
        edge_nodes=ends,
        edge_mm=np.rint(metres * 1000).astype(np.int64),
        edge_kind=np.array(
            [EDGE_KINDS.index(kinds.get(edge, "street")) for edge in edges], np.uint8
        ),
        edge_attachable=np.array([edge not in shut for edge in edges], bool),
        node_component=by_size[part].astype(np.int32),
        facts={"source": "drawn by hand"},
    )


def grid_network(columns: int, rows: int = 1, step_m: float = STEP_M) -> WalkNetwork:
    """A grid of streets; node ``row * columns + column``."""
    column, row = np.meshgrid(np.arange(columns), np.arange(rows))
    xy = CORNER + np.column_stack([column.ravel(), row.ravel()]) * step_m
    node = np.arange(columns * rows).reshape(rows, columns)
    across = zip(node[:, :-1].ravel(), node[:, 1:].ravel(), strict=True)
    along = zip(node[:-1].ravel(), node[1:].ravel(), strict=True)
    return network_of(xy, [(int(a), int(b)) for a, b in (*across, *along)])


@dataclass
class Town:
    """Everything a circle needs, at places in metres from the corner of the town."""

    network: WalkNetwork
    homes: Sequence[tuple[str, int, tuple[float, float]]]  # block, people, place
    stations: Sequence[tuple[float, float]] = ()
    names: Sequence[str] | None = None
    admin: Sequence[Any] | None = None
    units: Any = None
    capacity: Sequence[int | None] | None = None  # of the stations
    others: Sequence[tuple[str, tuple[float, float]]] = ()  # service, place: count for nothing

    def study(
        self,
        minutes: int = 15,
        target: str | None = None,
        walker: str = "norm",
        settings: SiteSettings | None = None,
        direction: Direction = "to",
        access: AccessSettings | None = None,
        demand_percent: str = "100",
        changed_walker: Walker | None = None,
        **columns: Sequence[Any],  # of the quarters, such as their households
    ) -> CircleResult:
        people: dict[str, int] = {}
        place: dict[str, tuple[float, float]] = {}
        for block, count, at in self.homes:
            people[block] = people.get(block, 0) + count
            place.setdefault(block, at)
        residential = residential_layer(
            people, names=self.names, places=list(place.values()), admin=self.admin
        )
        if "households" in columns:
            columns["households"] = pd.array(columns["households"], "Int64")
        residential = residential.assign(**columns)
        homes = home_layer([(b, n) for b, n, _ in self.homes], [at for *_, at in self.homes])
        facilities = self.facilities()
        circle = replace(
            circle_of(minutes, target, walker), direction=direction, demand_percent=demand_percent
        )
        if changed_walker is not None:
            circle = replace(circle, walker=changed_walker)
        access = access or AccessSettings()
        doors = {
            who: [
                snap(self.network, shapely.get_coordinates(layer.geometry), 300.0, who)
                for layer in (homes, facilities)
            ]
            for who in (circle.walker, *(other.walker for other in access.others(circle)), None)
        }
        near_street = doors[None][0].attached
        others = []
        for other in access.others(circle):
            at, to = doors[other.walker]
            layers = (self.network, residential, homes, at, facilities, to)
            walked = walk_and_measure(other, *layers, self.units, near_street)
            others.append((other, walked.coverage))
        return study_circle(
            circle,
            self.network,
            residential,
            homes,
            doors[circle.walker][0],
            facilities,
            doors[circle.walker][1],
            self.units,
            settings
            or SiteSettings(count=2, time_limit_s=5.0, ground=SiteGround(spacing_m=STEP_M)),
            near_street=near_street,
            access=access,
            others=others,
            not_counting=self.not_counting(circle.walker),
        )

    def not_counting(self, walker: Walker) -> OtherFacilities | None:
        """Facilities that cover nobody, numbered x0, x1 ..."""
        if not self.others:
            return None
        layer = gpd.GeoDataFrame(
            {"name": "", "service": [service for service, _ in self.others]},
            geometry=shapely.points(CORNER + np.array([at for _, at in self.others], float)),
            crs=CRS,
        ).set_index(pd.Index([f"x{at}" for at in range(len(self.others))], name="facility_id"))
        xy = shapely.get_coordinates(layer.geometry)
        return OtherFacilities(layer, snap(self.network, xy, 300.0, walker))

    def facilities(self) -> gpd.GeoDataFrame:
        """The stations, after one facility of another service that must not count."""
        places = [(0.0, 0.0), *self.stations]
        capacity = self.capacity or [None] * len(self.stations)
        return gpd.GeoDataFrame(
            {
                "name": "",
                "service": ["childcare", *["elderly"] * len(self.stations)],
                "kind": "",
                "capacity": pd.array([pd.NA, *capacity], "Int64"),
            },
            geometry=shapely.points(CORNER + np.array(places, float).reshape(-1, 2)),
            crs=CRS,
        ).set_index(
            pd.Index(
                ["k0", *(f"s{at}" for at in range(len(self.stations)))],
                name="facility_id",
                dtype="str",
            )
        )


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """The builders of this file, for tests, which cannot import it."""
    return SimpleNamespace(
        CORNER=CORNER,
        Town=Town,
        circle=circle_of,
        counted=counted,
        grid=grid_network,
        homes=home_layer,
        network=network_of,
        never=NEVER,
        residential=residential_layer,
        square=square,
        units=unit_layer,
    )


@pytest.fixture(scope="session")
def study() -> Callable[..., CircleResult]:
    """``study(network, homes, stations, ...)`` of a small town."""

    def run(network: WalkNetwork, homes: Any, stations: Any = (), **options: Any) -> CircleResult:
        return Town(network, homes, stations).study(**options)

    return run
