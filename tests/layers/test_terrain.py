"""Streets on planes and over valleys, whose heights and slopes are known by hand."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecircle.inputs import frame_of
from carecircle.layers.crs import LONLAT, transformer
from carecircle.layers.dem_files import Lattice
from carecircle.layers.elevation import Elevation, read_elevation
from carecircle.layers.network import EDGE_KINDS
from carecircle.layers.osm import read_osm
from carecircle.layers.problems import StudyError
from carecircle.layers.sources import TerrainSource
from carecircle.layers.streets import StreetLines, measured_mm, number_streets
from carecircle.layers.terrain import cut_long, slopes, with_heights

UTM = "EPSG:32651"
EAST, NORTH = 500_000.0, 3_377_000.0  # on the central meridian: a metre is 0.9996 m on the map
DATA = Path(__file__).parents[3] / "shared" / "data"


def ground(height=lambda x, y: 100 + 0.1 * x, cell_m=20.0, side=200, spoil=None) -> Elevation:
    """A square of ground whose south-west corner is the origin, metres."""
    at = np.arange(side) * cell_m
    metres = height(*np.meshgrid(at, at[::-1])) + np.zeros((side, side))
    if spoil is not None:
        spoil(metres)
    lattice = Lattice(UTM, EAST, NORTH + at[-1], cell_m, -cell_m, side, side)
    facts = {"files": ["ground"], "cell_m": [cell_m, cell_m], "smoothing_m": 0.0}
    return Elevation(lattice, metres, np.ones(metres.shape, bool), cell_m, facts)


def streets(points, edges, kind="street", off=(), names=None, **more) -> StreetLines:
    """Points (x, y) in metres from the origin; ``off`` are the edges on bridges or in tunnels."""
    xy = np.array(points, dtype=float) + np.array([EAST, NORTH])
    lonlat = np.column_stack(transformer(UTM, LONLAT).transform(*xy.T))
    kinds = [kind] * len(edges) if isinstance(kind, str) else kind
    return StreetLines(
        lonlat=lonlat,
        ends=np.array(edges, dtype=np.int64),
        kind=np.array([EDGE_KINDS.index(k) for k in kinds], dtype=np.uint8),
        attachable=~np.isin(np.arange(len(edges)), off) & (np.array(kinds) != "lift"),
        street=None if names is None else np.arange(len(edges), dtype=np.int32),
        names=names or (),
        **more,
    )


def refusal(call) -> tuple[str, dict]:
    with pytest.raises(StudyError) as raised:
        call()
    (problem,) = raised.value.problems
    assert problem.text("zh") != problem.text("en")
    return problem.id, dict(problem.details)


def test_a_street_up_a_plane() -> None:
    lines = streets([(100, 500), (400, 500), (400, 900)], [(0, 1), (1, 2)], names=("Up", "Level"))
    raised, facts = with_heights(lines, ground())
    assert raised.z[:3] == pytest.approx([110, 140, 140], abs=1e-3)
    # 300 m at a cell of 20 m: 16 pieces, because the way is 300.1 m on the ellipsoid
    assert len(raised.ends) == 16 + 21
    assert np.abs(slopes(raised)[:16]) == pytest.approx(0.1, rel=1e-3)
    assert slopes(raised)[16:] == pytest.approx(0, abs=1e-6)
    assert facts["length_km_by_slope"]["to_12_percent"] == pytest.approx(0.3, abs=0.001)
    assert facts["length_km_by_slope"]["to_2_percent"] == pytest.approx(0.4, abs=0.001)
    assert facts["climb_m_per_km"] == pytest.approx(30 / 0.7, rel=0.01)
    assert facts["steepest_streets"][0] == {"name": "Up", "percent": 10.0, "metres": 300}
    assert (facts["lowest_m"], facts["highest_m"]) == (110, 140)


def test_every_node_of_the_network_has_its_own_height() -> None:
    rng = np.random.default_rng(5)
    points = rng.uniform(100, 3000, (60, 2))
    edges = np.column_stack([np.arange(59), np.arange(1, 60)])
    rough = ground(lambda x, y: 40 * np.sin(x / 200) + 30 * np.cos(y / 300) + x / 40)
    raised, facts = with_heights(streets(points, edges), rough)
    network = number_streets(raised, UTM, {"terrain": facts})
    back = np.column_stack(transformer(UTM, LONLAT).transform(*network.node_xy.T))
    assert network.node_z == pytest.approx(rough.at(back)[0], abs=1e-4)
    assert network.facts["terrain"]["files"] == ["ground"]


@given(
    st.lists(st.integers(0, 90_000), min_size=1, max_size=12),
    st.floats(10, 120),
    st.randoms(use_true_random=False),
)
def test_pieces_add_up_and_are_short(lengths, longest_m, rnd) -> None:
    points = [(rnd.uniform(0, 1000), rnd.uniform(0, 1000)) for _ in range(len(lengths) + 1)]
    edges = [(k, k + 1) for k in range(len(lengths))]
    off = [k for k in range(len(lengths)) if rnd.random() < 0.2]
    whole = streets(
        points, edges, off=off, mm=np.array(lengths), signals=np.ones(len(points), bool)
    )
    whole = replace(whole, street=np.arange(len(edges), dtype=np.int32))
    pieces = cut_long(whole, longest_m)
    assert np.bincount(pieces.street, weights=pieces.mm).tolist() == lengths
    on_ground = pieces.attachable
    assert pieces.mm[on_ground].max(initial=0) <= 1000 * longest_m + 1
    assert (np.bincount(pieces.street)[off] == 1).all()
    # a walk along the pieces of an edge goes from one of its ends to the other
    for edge, (first, last) in enumerate(edges):
        own = pieces.ends[pieces.street == edge]
        assert own[0, 0] == first and own[-1, 1] == last
        assert (own[1:, 0] == own[:-1, 1]).all()
        x = pieces.lonlat[np.append(own[:, 0], last)]
        assert np.diff(x, axis=0) == pytest.approx(
            np.tile((x[-1] - x[0]) / len(own), (len(own), 1)), abs=1e-12
        )
    assert pieces.signals.sum() == len(points)


def valley(x, y):
    """A gorge 60 m deep between x = 200 and x = 400, its sides 1 : 2."""
    return 100 - np.clip(np.minimum(x - 180, 420 - x) / 2, 0, 60)


def test_a_bridge_is_straight_over_a_valley_and_a_path_is_not() -> None:
    points = [(100, 500), (180, 500), (240, 500), (330, 500), (420, 500), (500, 500)]
    edges = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]
    bridge, facts = with_heights(streets(points, edges, off=[1, 2, 3]), ground(valley))
    assert bridge.z == pytest.approx([100] * len(bridge.z), abs=1e-3)
    assert facts["points_on_bridges_and_in_tunnels"] == 2
    path, facts = with_heights(streets(points, edges, kind="steps"), ground(valley))
    assert path.z[2] == pytest.approx(100 - 30, abs=0.1)
    assert facts["points_on_bridges_and_in_tunnels"] == 0


def test_a_bridge_rises_evenly_between_its_ends() -> None:
    points = [(0, 500), (100, 500), (130, 500), (300, 500), (500, 500)]
    lines = streets(points, [(0, 1), (1, 2), (2, 3), (3, 4)], off=[1, 2])
    bumpy = ground(lambda x, y: np.where((x > 100) & (x < 300), 5, 0.1 * x), cell_m=10, side=100)
    raised, _ = with_heights(lines, bumpy)
    assert raised.z[1:4] == pytest.approx([10, 10 + 20 * 30 / 200, 30], abs=1e-3)


def test_where_bridges_meet() -> None:
    # arms of 100, 200 and 50 m from a crossing in the air, to ground at 10, 40 and 25 m
    points = [(500, 500), (400, 500), (700, 500), (500, 550), (400, 480), (700, 480), (480, 550)]
    edges = [(0, 1), (0, 2), (0, 3), (1, 4), (2, 5), (3, 6)]
    height = {400: 10, 700: 40, 480: 25, 500: 25}

    def steps_of_ground(x, y):
        return np.select([x < 450, x > 600], [10, 40], 25)

    raised, _ = with_heights(streets(points, edges, off=[0, 1, 2]), ground(steps_of_ground))
    expected = (height[400] / 100 + height[700] / 200 + height[500] / 50) / (
        1 / 100 + 1 / 200 + 1 / 50
    )
    assert raised.z[0] == pytest.approx(expected, abs=1e-3)


def test_a_bridge_that_was_cut_off_stays_at_the_height_below_it() -> None:
    points = [(100, 500), (200, 500), (300, 500), (900, 900), (950, 900)]
    raised, _ = with_heights(streets(points, [(0, 1), (1, 2), (3, 4)], off=[0, 1]), ground())
    assert raised.z[:3] == pytest.approx([110, 120, 130], abs=1e-3)


def test_a_lift_has_no_slope_and_does_not_pull_a_bridge_down() -> None:
    # street - bridge - top of a lift; the lift stands in the gorge
    points = [(100, 500), (180, 500), (300, 500), (300, 501), (300, 560)]
    edges = [(0, 1), (1, 2), (2, 3), (3, 4)]
    kinds = ["street", "footway", "lift", "steps"]
    raised, facts = with_heights(streets(points, edges, kind=kinds, off=[1]), ground(valley))
    assert raised.z[2] == pytest.approx(100, abs=1e-3)
    assert raised.z[3] == pytest.approx(40, abs=0.1)
    assert facts["length_km_by_slope"]["steeper"] == 0


def long_street(side=130):
    """A street of 130 points, 10 m apart."""
    return streets(
        [(105 + 10 * k, 500) for k in range(side)], [(k, k + 1) for k in range(side - 1)]
    )


def test_a_small_void_is_bridged_along_the_street() -> None:
    def hole(metres):
        metres[:, 30] = np.nan  # x = 600: the points from 585 to 615 need it

    lines = long_street(400)
    raised, facts = with_heights(lines, ground(lambda x, y: 100 + 0.1 * x, side=250, spoil=hole))
    assert facts["points_without_height"] == 4
    assert raised.z[:400] == pytest.approx(100 + 0.1 * (105 + 10 * np.arange(400)), abs=1e-2)


def test_large_voids_are_refused() -> None:
    def hole(metres):
        metres[:, 30:60] = np.nan

    id, details = refusal(lambda: with_heights(long_street(), ground(spoil=hole)))
    assert id == "E-TER-006"
    # cells 30 to 59 are unknown: every point from 585 to 1195 m needs one of them
    assert details == {"count": 62, "total": 130}


def test_an_island_in_a_void_is_refused_however_small() -> None:
    def hole(metres):
        metres[:20] = np.nan  # the north

    lines = long_street(400)
    island = streets([(500, 4900), (510, 4900)], [(0, 1)])
    both = replace(
        lines,
        lonlat=np.concatenate([lines.lonlat, island.lonlat]),
        ends=np.concatenate([lines.ends, island.ends + 400]),
        kind=np.append(lines.kind, island.kind),
        attachable=np.append(lines.attachable, True),
    )
    id, details = refusal(lambda: with_heights(both, ground(side=250, spoil=hole)))
    assert (id, details) == ("E-TER-006", {"count": 2, "total": 402})


def test_streets_that_leave_the_ground_are_refused() -> None:
    lines = streets([(100, 500), (3900, 500), (4900, 500)], [(0, 1), (1, 2)])
    id, details = refusal(lambda: with_heights(lines, ground()))  # the ground ends at 3990 m
    assert id == "E-TER-005"
    assert details["percent"] == pytest.approx(100 * 920 / 4800, abs=0.5)
    unused = replace(
        lines, ends=lines.ends[:1], kind=lines.kind[:1], attachable=lines.attachable[:1]
    )
    with_heights(unused, ground())  # a point that no street uses may lie anywhere


def test_centimetres_read_as_metres_are_refused() -> None:
    lines = streets([(100, 500), (900, 500)], [(0, 1)])
    id, details = refusal(lambda: with_heights(lines, ground(lambda x, y: 6 * x)))
    assert id == "E-TER-010"
    assert details == {"percent": 100.0, "steep": 50}
    steps = replace(lines, kind=np.array([EDGE_KINDS.index("steps")], np.uint8))
    with_heights(steps, ground(lambda x, y: 6 * x))  # steps may be as steep as they like


def real(path: str) -> Path:
    found = DATA / path
    if not found.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{found} is missing")
        pytest.skip(f"needs {found}")
    return found


def test_monaco() -> None:
    lines = read_osm(real("monaco/monaco.osm.gz")).streets
    source = TerrainSource(path=real("monaco/N43E007.hgt.zip"))
    raised, facts = with_heights(lines, read_elevation(source, frame_of(lines)))
    network = number_streets(raised, frame_of(lines).crs, {})
    # SOURCE.txt: elevation of the walk nodes, p1 to p99, is 0 to 156 m
    low, high = np.percentile(network.node_z, [1, 99])
    assert low == pytest.approx(0, abs=3)
    assert high == pytest.approx(156, abs=5)
    assert network.edge_mm.sum() == measured_mm(lines).sum()
    assert facts["points_without_height"] == 0
    assert facts["points_on_bridges_and_in_tunnels"] > 100
    known = sum(facts["length_km_by_slope"].values())
    walked = sum(
        km
        for kind, km in network.facts["length_km_by_kind"].items()
        if kind not in ("steps", "lift")
    )
    assert known == pytest.approx(walked, abs=0.01)


@pytest.mark.parametrize("keys", [{}, {"unit": "m"}])
def test_porto_alegre_is_no_elevation_model(keys) -> None:
    lines = read_osm(real("porto_alegre/poa_osm.pbf")).streets
    source = TerrainSource(path=real("porto_alegre/poa_elevation.tif"), **keys)
    id, details = refusal(lambda: read_elevation(source, frame_of(lines)))
    assert (id, details) == ("E-TER-008", {"lowest": 0, "highest": 255})
