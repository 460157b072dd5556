"""Which places may a new station of one circle stand at, and what became of all the others?

Two kinds of places: those of the study's own layers, and those generated along the streets
(`candidates`). Each place of a layer is either a candidate or left out, by name, for the first
reason that holds:

``service``      the circle's service is not allowed there;
``existing``     it is an existing facility of the service: one site by the rule of `same_site`, or
                 within 50 m of the same name, or of the same id where the layer gives ids;
``off_network``  no street within the snap limit that the circle's walker can use;
``small``, ``area_unknown``   less floor area than the study asks for, or none told;
one of `exclusions.RULES`;
``forbidden``    the study says so;
``island``       on a part of the network that no under-served home is on;
``unreached``    no under-served person within the limit.

A place that every plan must have stays, even where it covers nobody.

Generated places are counted: those possible are those that each rule removed, those that another
place in their cell of the grid stands for, and those that are left.

A candidate is **dominated** when another generated one covers all its under-served homes and
more, or comes first and covers the same (Toregas & ReVelle 1972). Leaving dominated ones out
never changes how many people the best p stations cover, nor the fewest stations for a share.
It may change a model of distances, of places or of costs: so only generated places, of which
neither is known, are marked, and nothing is dropped unless `without_dominated` is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas import DataFrame
from scipy.sparse import csr_array

from carecircle.coverage.candidates import Places, possible_places, thinned_to
from carecircle.coverage.exclusions import SiteRules, excluded_by
from carecircle.coverage.reduction import reduced
from carecircle.coverage.result import Circle
from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.minutes import reach_table
from carecircle.isochrones.seats import between_doors
from carecircle.isochrones.snapping import Snaps, snap_doors
from carecircle.layers.candidate_sites import capacity_for
from carecircle.layers.network import WalkNetwork
from carecircle.layers.same_site import SAME_SITE_M, is_same
from carecircle.layers.sources import SITE_AMOUNTS
from carecircle.layers.vocabulary import plain

MOST_CANDIDATES = 3000
SAME_NAME_M = 50.0
PREFIXES = ("c", "street-", "street-place-")  # of generated ids, the first that no layer uses
TOLD = ("name", "kind", *SITE_AMOUNTS)


@dataclass(frozen=True, eq=False)
class SiteGround:
    """What a study says of the places where stations may stand.

    Attributes
    ----------
    own : GeoDataFrame or None, index ``candidate_id``
        As `layers.candidate_sites` reads it, but the geometry is the door, a point; ``outline`` is
        what the layer draws. None where the study has no such layer.
    generate : bool
        Whether places along the streets are candidates too.
    spacing_m, around_m : float
        Side of the grid of generated places; how far round the under-served quarters.
    limit_m : float
        Longest straight way from a door to its street.
    must, forbidden : tuple of str
        Ids of ``own``.
    """

    own: GeoDataFrame | None = None
    generate: bool = True
    spacing_m: float = 100.0
    around_m: float = 50.0
    limit_m: float = 300.0
    rules: SiteRules = field(default_factory=SiteRules)
    must: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class CandidateSites:
    """The candidates of one circle.

    Attributes
    ----------
    table : GeoDataFrame, index ``candidate_id``
        Doors (points): ``name``, ``kind`` (``street`` of generated ones), ``street`` (texts),
        ``area_m2``, ``rent``, ``cost`` (Float64), ``capacity`` (Int64, of the circle's service),
        ``must``, ``dominated`` (bool). Those of the layers first.
    snaps : Snaps
        Where they attach.
    covers : (under-served homes, candidates) csr_array of bool
        Whom a station there would bring within the limit.
    left_out : DataFrame, index ``candidate_id``
        ``name``, ``kind``, ``reason``, ``detail`` (texts) of each other place of the layers.
    possible, removed : int, mapping
        Generated places, and how many of them each rule, and the ``grid``, took away.
    spacing_m : float or None
        Side of the grid in the end; None where nothing was generated.
    """

    table: GeoDataFrame
    snaps: Snaps
    covers: csr_array
    left_out: DataFrame
    possible: int
    removed: Mapping[str, int]
    spacing_m: float | None

    def __len__(self) -> int:
        return len(self.table)

    @property
    def must(self) -> NDArray[np.int64]:
        """Positions of the sites that every plan has."""
        return np.flatnonzero(self.table["must"].to_numpy(bool))

    def without_dominated(self) -> CandidateSites:
        """The same without the dominated ones: exact for models of coverage alone."""
        kept = np.flatnonzero(~self.table["dominated"].to_numpy(bool))
        return replace(
            self,
            table=self.table.iloc[kept],
            snaps=self.snaps.take(kept),
            covers=self.covers[:, kept],
        )


def find_sites(
    circle: Circle,
    network: WalkNetwork,
    quarters: NDArray[np.object_],
    homes: Snaps,
    stations: GeoDataFrame,
    station_snaps: Snaps,
    ground: SiteGround,
) -> CandidateSites:
    """The candidates of a circle.

    Parameters
    ----------
    quarters : (k,) polygons
        Those with under-served people.
    homes : Snaps
        The under-served homes.
    stations, station_snaps
        The existing facilities of the circle's service.
    """
    own, own_snaps, left_out = usable_places(circle, network, stations, station_snaps, ground)
    places, possible, removed, spacing_m = generated(
        network, quarters, homes, station_snaps, ground
    )
    prefix = free_prefix(ground.own)
    table = pd.concat(
        [site_table(own, circle.service, ground), street_table(network, places, prefix)]
    )
    snaps = joined([own_snaps, places.snaps(network)])
    covers = covered_homes(network, circle, snaps, homes)
    table["street"] = network.streets_of(snaps.edge)
    reason = out_of_reach(snaps, homes, covers, len(own))
    reason[table["must"].to_numpy(bool)] = ""
    kept = np.flatnonzero(reason == "")
    table, snaps, covers = table.iloc[kept], snaps.take(kept), covers[:, kept]
    of_layer = np.flatnonzero(reason[: len(own)] != "")
    more = left_out_table(own.iloc[of_layer], reason[of_layer], [""] * len(of_layer))
    table = table.assign(dominated=dominated(covers, table["kind"].to_numpy() == "street"))
    return CandidateSites(
        table=GeoDataFrame(table, geometry="geometry", crs=network.crs),
        snaps=snaps,
        covers=covers,
        left_out=pd.concat([left_out, more]),
        possible=possible,
        removed=removed,
        spacing_m=spacing_m,
    )


# --- places of the study's own layers


def usable_places(
    circle: Circle,
    network: WalkNetwork,
    stations: GeoDataFrame,
    station_snaps: Snaps,
    ground: SiteGround,
) -> tuple[GeoDataFrame, Snaps, DataFrame]:
    """Places of the layers where a station may stand, wherever people live; and the others."""
    own = no_places(network.crs) if ground.own is None else ground.own
    xy = shapely.get_coordinates(own.geometry.to_numpy()).reshape(-1, 2)
    snaps = snap_doors(network, xy, ground.limit_m, circle.walker)
    reason, detail = np.full(len(own), "", object), np.full(len(own), "", object)

    def leave_out(name: str, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        new: NDArray[np.bool_] = chosen & (reason == "")
        reason[new] = name
        return new

    leave_out("service", np.array([circle.service not in some for some in own["services"]], bool))
    twin = existing(own, stations)
    told = leave_out("existing", twin != "")
    detail[told] = twin[told]
    far = leave_out("off_network", snaps.edge < 0)
    detail[far] = [f"{mm / 1000:.0f} m" for mm in snaps.leg_mm[far]]
    least = ground.rules.least_area_m2.get(circle.service)
    if least is not None:
        leave_out("area_unknown", own["area_m2"].isna().to_numpy())
        small = leave_out("small", (own["area_m2"] < least).fillna(False).to_numpy(bool))
        detail[small] = [f"{area:g} m²" for area in own["area_m2"][small]]
    rule = excluded_by(network, snaps, xy, ground.rules, station_snaps)
    for name in sorted(set(rule) - {""}):
        leave_out(name, rule == name)
    leave_out("forbidden", own.index.isin(ground.forbidden))
    kept, others = np.flatnonzero(reason == ""), np.flatnonzero(reason != "")
    left_out = left_out_table(own.iloc[others], reason[others], detail[others].tolist())
    return own.iloc[kept], snaps.take(kept), left_out


def existing(own: GeoDataFrame, stations: GeoDataFrame) -> NDArray[np.object_]:
    """The existing facility, by id and name, that each place is; ``""`` where it is none."""
    found = np.full(len(own), "", object)
    outlines = own["outline"].to_numpy(object)
    there = stations.geometry.to_numpy()
    if not len(own) or not len(there):
        return found
    place, station = shapely.STRtree(there).query(
        outlines, predicate="dwithin", distance=SAME_SITE_M
    )
    shapes = np.concatenate([outlines, there])
    names = [*own["name"], *stations["name"]]
    away_m = shapely.distance(outlines[place], there[station])
    for at, other, metres in zip(place.tolist(), station.tolist(), away_m.tolist(), strict=True):
        same_id = bool(own["id_given"].iloc[at]) and own.index[at] == stations.index[other]
        name, known = plain(own["name"].iloc[at]), plain(stations["name"].iloc[other])
        alike = metres <= SAME_NAME_M and (same_id or (name != "" and name == known))
        if not found[at] and (alike or is_same(shapes, names, at, len(own) + other)):
            found[at] = f"{stations.index[other]} {stations['name'].iloc[other]}".strip()
    return found


def no_places(crs: str) -> GeoDataFrame:
    """A layer without rows."""
    columns = (
        "name",
        "id_given",
        "services",
        *SITE_AMOUNTS,
        "outline",
        "kind",
        "capacity",
        "beds",
        "seats",
    )
    empty = GeoDataFrame({name: [] for name in columns}, geometry=[], crs=crs)
    return empty.set_index(pd.Index([], dtype=object, name="candidate_id"))


def left_out_table(
    places: GeoDataFrame, reason: NDArray[np.object_], detail: list[str]
) -> DataFrame:
    """The places that are no candidates, and why."""
    return DataFrame(
        {
            "name": places["name"].astype(object),
            "kind": places["kind"].astype(object),
            "reason": pd.Series(reason, places.index, dtype=object),
            "detail": pd.Series(detail, places.index, dtype=object),
        },
        index=places.index,
    )


def site_table(own: GeoDataFrame, service: str, ground: SiteGround) -> GeoDataFrame:
    """The columns of a `CandidateSites.table` of the places of the layers."""
    table: GeoDataFrame = own[[*TOLD, "geometry"]].assign(
        capacity=capacity_for(own, service),
        must=own.index.isin(ground.must),
    )
    return table


# --- places along the streets


def generated(
    network: WalkNetwork,
    quarters: NDArray[np.object_],
    homes: Snaps,
    stations: Snaps,
    ground: SiteGround,
) -> tuple[Places, int, dict[str, int], float | None]:
    """Places along the streets, how many were possible, what took the others away, the grid."""
    if not ground.generate or not len(homes):
        nobody = homes.take(np.empty(0, np.intp))
        none = possible_places(network, quarters[:0], nobody, ground.spacing_m, ground.around_m)
        return none, 0, {}, ground.spacing_m if ground.generate else None
    places = possible_places(network, quarters, homes, ground.spacing_m, ground.around_m)
    rule = excluded_by(network, places.snaps(network), places.xy, ground.rules, stations)
    counts = pd.Series(rule[rule != ""]).value_counts()
    removed = {str(name): int(counts[name]) for name in sorted(counts.index)}
    allowed = places.take(np.flatnonzero(rule == ""))
    left, spacing_m = thinned_to(allowed, ground.spacing_m, MOST_CANDIDATES)
    removed["grid"] = len(allowed) - len(left)
    return left, len(places), removed, spacing_m


def street_table(network: WalkNetwork, places: Places, prefix: str) -> GeoDataFrame:
    """The columns of a `CandidateSites.table` of generated places."""
    count = len(places)
    unknown = {name: pd.array([pd.NA] * count, "Float64") for name in SITE_AMOUNTS}
    return GeoDataFrame(
        {
            "name": np.full(count, "", object),
            "kind": np.full(count, "street", object),
            **unknown,
            "capacity": pd.array([pd.NA] * count, "Int64"),
            "must": np.zeros(count, bool),
        },
        geometry=shapely.points(places.xy),
        crs=network.crs,
        index=pd.Index(
            [f"{prefix}{at + 1}" for at in range(count)], dtype=object, name="candidate_id"
        ),
    )


def free_prefix(own: GeoDataFrame | None) -> str:
    """How the ids of generated places begin, so that none is that of a layer's."""
    taken = [] if own is None else [str(id) for id in own.index]
    free = (p for p in PREFIXES if not any(id.startswith(p) for id in taken))
    return next(free, "generated-street-place-")


# --- both


def joined(parts: list[Snaps]) -> Snaps:
    """Places below each other."""
    first = np.cumsum([0, *(len(part) for part in parts)])
    return Snaps(
        edge=np.concatenate([part.edge for part in parts]),
        offset_mm=np.concatenate([part.offset_mm for part in parts]),
        leg_mm=np.concatenate([part.leg_mm for part in parts]),
        component=np.concatenate([part.component for part in parts]),
        point=np.concatenate(
            [part.point + at for part, at in zip(parts, first[:-1], strict=True)]
        ).astype(np.int32),
    )


def covered_homes(network: WalkNetwork, circle: Circle, sites: Snaps, homes: Snaps) -> csr_array:
    """Which homes (rows) a station at each site (columns) would cover."""
    graph = between_doors(walk_graph(network, circle.walker, homes, sites))
    doors, site_doors = graph.points
    table = reach_table(graph, site_doors, doors, circle.limit_ms, direction=circle.direction)
    by_home = table.transpose(len(doors))
    return csr_array(
        (np.ones(len(by_home.target), bool), by_home.target, by_home.indptr),
        (len(doors), len(sites)),
    )


def out_of_reach(sites: Snaps, homes: Snaps, covers: csr_array, n_own: int) -> NDArray[np.object_]:
    """Why a place of a layer is of no use to anybody; ``""`` for all others.

    Generated places are kept: they stand where under-served people live.
    """
    reason = np.full(len(sites), "", object)
    own = np.arange(len(sites)) < n_own
    reached = np.bincount(covers.indices, minlength=len(sites)) > 0
    lived_on = np.unique(homes.component[homes.edge >= 0])
    apart = ~np.isin(sites.component, lived_on)
    reason[own & ~reached] = "unreached"
    reason[own & ~reached & apart] = "island"
    return reason


def dominated(covers: csr_array, may_be: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Places that another of those that ``may_be`` makes needless for coverage."""
    needless = np.zeros(covers.shape[1], bool)
    some = np.flatnonzero(may_be)
    if len(some) and covers.shape[0]:
        everybody = np.ones(covers.shape[0], np.int64)
        needless[np.delete(some, reduced(covers[:, some], everybody).position)] = True
    return needless


REASONS: dict[str, dict[str, str]] = {
    "service": {"zh": "不允许设置该服务", "en": "the service is not allowed there"},
    "existing": {"zh": "即现有设施", "en": "it is an existing facility"},
    "off_network": {
        "zh": "在接入上限内没有可走的道路",
        "en": "no street within the snap limit",
    },
    "area_unknown": {"zh": "面积不详", "en": "its floor area is not known"},
    "small": {"zh": "面积不足", "en": "its floor area is too small"},
    "slope": {"zh": "道路过陡", "en": "on too steep a street"},
    "water": {"zh": "临近水面", "en": "in or too near to water"},
    "road": {"zh": "临近繁忙道路", "en": "on or too near to a busy road"},
    "facility": {
        "zh": "距同类现有设施过近",
        "en": "too near to an existing facility of the same service",
    },
    "ground": {"zh": "位于排除范围内", "en": "on excluded ground"},
    "forbidden": {"zh": "研究文件禁止", "en": "forbidden by the study file"},
    "island": {
        "zh": "位于无未覆盖居民的孤立路网上",
        "en": "on an island of the streets where nobody under-served lives",
    },
    "unreached": {
        "zh": "时限内没有未覆盖的居民",
        "en": "no under-served person is within the limit",
    },
    "grid": {"zh": "同一网格内另有备选点", "en": "another place in its cell of the grid"},
}


def reason_words(reason: str, detail: str = "") -> dict[str, str]:
    """Why a place is left out, in both languages."""
    words = REASONS[reason]
    if not detail:
        return words
    return {"zh": f"{words['zh']}（{detail}）", "en": f"{words['en']} ({detail})"}
