"""Small towns written as OSM XML, whose streets can be counted by hand."""

import bz2
import gzip
from pathlib import Path

import numpy as np
import pytest
from pyproj import Geod

from carecircle.layers.network import EDGE_KINDS
from carecircle.layers.osm import read_osm
from carecircle.layers.osm_quarters import town_from_osm
from carecircle.layers.osm_tags import facility_tag
from carecircle.layers.problems import StudyError
from carecircle.layers.streets import number_streets

UTM = "EPSG:32650"
STEP = 0.001  # degrees; about 95 m east, 111 m north at this place
WEST, SOUTH = 117.0, 32.0


def at(column: float, row: float) -> tuple[float, float]:
    return (round(WEST + column * STEP, 7), round(SOUTH + row * STEP, 7))


def osm_xml(nodes: dict, ways: dict) -> str:
    """nodes: id -> ((lon, lat), tags); ways: id -> (node ids, tags)."""

    def tags(pairs: dict) -> str:
        return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in pairs.items())

    lines = [
        f'<node id="{i}" version="1" lon="{lon}" lat="{lat}">{tags(t)}</node>'
        for i, ((lon, lat), t) in nodes.items()
    ] + [
        f'<way id="{i}" version="1">'
        + "".join(f'<nd ref="{n}"/>' for n in refs)
        + f"{tags(t)}</way>"
        for i, (refs, t) in ways.items()
    ]
    return '<?xml version="1.0"?><osm version="0.6">' + "".join(lines) + "</osm>"


@pytest.fixture
def write(tmp_path: Path):
    def to_file(nodes: dict, ways: dict, name: str = "town.osm") -> Path:
        path = tmp_path / name
        data = osm_xml(nodes, ways).encode()
        packed = {".gz": gzip.compress, ".bz2": bz2.compress}.get(path.suffix, lambda b: b)(data)
        path.write_bytes(packed)
        return path

    return to_file


CROSS = {1: (at(0, 0), {}), 2: (at(1, 0), {}), 3: (at(2, 0), {}), 4: (at(1, 1), {})}


@pytest.mark.parametrize("name", ["town.osm", "town.osm.gz", "town.osm.bz2"])
def test_a_crossroads_has_four_nodes_and_three_edges(write, name: str) -> None:
    path = write(
        CROSS,
        {10: ([1, 2, 3], {"highway": "residential", "oneway": "yes"}),
         11: ([2, 4], {"highway": "steps"}),
         12: ([3, 4], {"highway": "motorway"})},
        name,
    )  # fmt: skip
    extract = read_osm(path)
    network = number_streets(extract.streets, UTM, extract.facts)
    assert len(network.node_xy) == 4
    kinds = [EDGE_KINDS[k] for k in network.edge_kind]
    assert sorted(kinds) == ["steps", "street", "street"]
    assert network.facts["ways_left_out"] == {"motorway": 1}
    assert network.facts["islands"] == 0


def test_lengths_are_those_of_the_ellipsoid(write) -> None:
    path = write(CROSS, {10: ([1, 2], {"highway": "residential"})})
    network = number_streets(read_osm(path).streets, UTM, {})
    metres = Geod(ellps="WGS84").inv(*at(0, 0), *at(1, 0))[2]
    assert network.edge_mm.tolist() == [round(metres * 1000)]
    planar = np.hypot(*np.diff(network.node_xy, axis=0).T)[0]
    assert planar == pytest.approx(metres, rel=1e-3)  # the projection agrees to 0.1 %


def square_town(extra: dict | None = None) -> tuple[dict, dict]:
    """A square of open ground, 1 x 1, with a street to each of two opposite corners."""
    nodes = {
        1: (at(0, 0), {}), 2: (at(1, 0), {}), 3: (at(1, 1), {}), 4: (at(0, 1), {}),
        5: (at(-1, 0), {}), 6: (at(2, 1), {}),
    }  # fmt: skip
    ways = {
        10: ([1, 2, 3, 4, 1], {"highway": "pedestrian", "area": "yes", **(extra or {})}),
        11: ([5, 1], {"highway": "residential"}),
        12: ([3, 6], {"highway": "residential"}),
    }
    return nodes, ways


def test_an_open_square_is_crossed_straight(write) -> None:
    extract = read_osm(write(*square_town()))
    network = number_streets(extract.streets, UTM, extract.facts)
    # four sides, two streets, and the diagonal between the two corners where streets arrive
    assert len(network.edge_nodes) == 7
    diagonal = network.edge_mm[network.edge_kind == EDGE_KINDS.index("area")].max()
    metres = Geod(ellps="WGS84").inv(*at(0, 0), *at(1, 1))[2]
    assert diagonal == round(metres * 1000)
    assert extract.facts["squares_crossed"] == 1


def test_a_closed_street_is_not_a_square(write) -> None:
    extract = read_osm(write(*square_town({"area": "no"})))
    assert len(extract.streets.ends) == 6


def test_an_island_is_kept_and_a_scrap_takes_no_doors(write) -> None:
    nodes = {
        1: (at(0, 0), {}), 2: (at(20, 0), {}),  # 1.9 km of street
        3: (at(0, 5), {}), 4: (at(6, 5), {}),  # an island of 570 m
        5: (at(0, 9), {}), 6: (at(1, 9), {}),  # a scrap of 95 m
    }  # fmt: skip
    street = {"highway": "residential"}
    extract = read_osm(
        write(nodes, {10: ([1, 2], street), 11: ([3, 4], street), 12: ([5, 6], street)})
    )
    network = number_streets(extract.streets, UTM, extract.facts)
    assert len(network.edge_nodes) == 3
    assert network.facts["islands"] == 2
    lengths_with_doors = sorted(network.edge_mm[network.edge_attachable] // 1000)
    assert [round(m, -1) for m in lengths_with_doors] == [570, 1890]
    assert sorted(network.node_component.tolist()) == [0, 0, 1, 1, 2, 2]


def test_ways_that_leave_the_extract_are_cut_there(write) -> None:
    path = write(CROSS, {10: ([1, 2, 99, 3, 4], {"highway": "residential"})})
    extract = read_osm(path)
    assert len(extract.streets.ends) == 2  # 1-2 and 3-4
    assert extract.facts["street_points_missing"] == 1


def test_a_file_out_of_order_is_the_same_town(write) -> None:
    street, steps = {"highway": "residential"}, {"highway": "steps"}
    in_order = write(CROSS, {10: ([1, 2, 3], street), 11: ([2, 4], steps)}, "a.osm")
    turned = dict(reversed(CROSS.items()))
    out_of_order = write(turned, {11: ([2, 4], steps), 10: ([1, 2, 3], street)}, "b.osm")
    one, two = (number_streets(read_osm(f).streets, UTM, {}) for f in (in_order, out_of_order))
    assert one.edge_nodes.tolist() == two.edge_nodes.tolist()
    assert one.edge_mm.tolist() == two.edge_mm.tolist()


def refusal(path: Path) -> list[str]:
    with pytest.raises(StudyError) as caught:
        read_osm(path)
    return [problem.id for problem in caught.value.problems]


def test_an_extract_that_lost_its_points_is_refused(write) -> None:
    path = write(CROSS, {10: ([1, 2, 97, 98, 99], {"highway": "residential"})})
    assert refusal(path) == ["E-NET-003"]


def test_a_file_without_ways_is_refused(write) -> None:
    assert refusal(write(CROSS, {})) == ["E-NET-001"]
    assert refusal(write(CROSS, {10: ([1, 2], {"highway": "motorway"})})) == ["E-NET-001"]


def test_damaged_and_foreign_files_are_refused(write, tmp_path: Path) -> None:
    whole = write(CROSS, {10: ([1, 2, 3], {"highway": "residential"})})
    cut = tmp_path / "cut.osm"
    cut.write_bytes(whole.read_bytes()[:-30])
    page = tmp_path / "page.osm.pbf"
    page.write_text("<html><body>404</body></html>")
    other = tmp_path / "streets.dwg"
    other.write_text("?")
    assert refusal(cut) == ["E-NET-002"]
    assert refusal(page) == ["E-NET-002"]
    assert refusal(other) == ["E-NET-004"]
    assert refusal(tmp_path / "gone.osm.pbf") == ["E-STU-004"]


def test_a_file_that_ends_after_its_points_or_some_of_its_ways_is_refused(write) -> None:
    """What a download cut at the edge of a block leaves: it can be read, and much is missing."""
    nodes = {k: (at(k % 40, k // 40), {}) for k in range(1, 401)}
    street = {"highway": "residential"}
    ways = {1000 + k: ([k, k + 1], street) for k in range(1, 400)}
    assert read_osm(write(nodes, ways)).facts["relations"] == 0
    some = {id: way for id, way in ways.items() if id < 1200}
    assert refusal(write(nodes, some)) == ["E-NET-011"]


@pytest.mark.parametrize(
    ("tags", "service"),
    [
        ({"amenity": "social_facility", "social_facility": "nursing_home"}, "elderly"),
        ({"amenity": "nursing_home"}, "elderly"),
        ({"social_facility": "day_care", "social_facility:for": "senior"}, "elderly"),
        ({"social_facility": "day_care", "social_facility:for": "child"}, "childcare"),
        ({"social_facility": "group_home", "social_facility:for": "homeless; senior"}, "elderly"),
        ({"social_facility": "group_home", "social_facility:for": "homeless"}, None),
        ({"social_facility": "shelter", "social_facility:for": "senior"}, None),
        ({"amenity": "childcare"}, "childcare"),
        ({"amenity": "kindergarten"}, "kindergarten"),
        ({"amenity": "school"}, "education"),
        ({"amenity": "clinic"}, "health"),
        ({"amenity": "bar"}, None),
    ],
)
def test_which_tags_make_a_facility(tags: dict, service: str | None) -> None:
    found = facility_tag(tags)
    assert (found and found.service) == service


def box(first: int, west: float, south: float, side: float) -> tuple[dict, list[int]]:
    """Four corner nodes from id ``first``, and the closed ring of their ids."""
    corners = [
        (west, south),
        (west + side, south),
        (west + side, south + side),
        (west, south + side),
    ]
    nodes = {first + k: (at(*corner), {}) for k, corner in enumerate(corners)}
    return nodes, [*nodes, first]


def quarter_town() -> tuple[dict, dict]:
    """Residential land cut in two by a street.

    In the west a house (tagged) and an untagged building of its size; in the east one large
    untagged building. Far off, a house outside any residential land.
    """
    land, land_ring = box(100, 0, 0, 4)
    house, house_ring = box(200, 0.5, 0.5, 0.2)
    shed, shed_ring = box(210, 1.0, 1.0, 0.2)
    block, block_ring = box(220, 3.0, 1.0, 0.4)
    far, far_ring = box(230, 9.0, 1.0, 0.2)
    street = {300: (at(2, -1), {}), 301: (at(2, 5), {})}
    ways = {
        1: (land_ring, {"landuse": "residential", "name": "Garden"}),
        2: (house_ring, {"building": "house"}),
        3: (shed_ring, {"building": "yes"}),
        4: (block_ring, {"building": "yes", "building:levels": "5"}),
        5: (far_ring, {"building": "house"}),
        6: ([300, 301], {"highway": "residential"}),
    }
    return land | house | shed | block | far | street, ways


def test_land_is_cut_along_streets_and_dwellings_find_their_quarter(write) -> None:
    extract = read_osm(write(*quarter_town()))
    network = number_streets(extract.streets, UTM, extract.facts)
    town = town_from_osm(extract, network)
    assert town.quarters.index.tolist() == ["way/1-1", "way/1-2", "dwellings-1"]
    assert town.quarters["name"].tolist() == ["Garden", "Garden", ""]
    # as many are untagged as tagged: all of them count
    assert town.dwellings["block_id"].to_dict() == {
        "way/2": "way/1-1",
        "way/3": "way/1-1",
        "way/4": "way/1-2",
        "way/5": "dwellings-1",
    }
    storeys = town.dwellings["floor_area_m2"] / town.dwellings.area
    assert storeys.round(6).to_dict() == {"way/2": 1.0, "way/3": 2.0, "way/4": 5.0, "way/5": 1.0}
    west, east, _ = town.quarters.geometry
    assert west.area == pytest.approx(east.area, rel=1e-3)
    assert town.dwellings.geometry["way/2"].within(west)


def test_where_most_buildings_are_tagged_the_others_are_no_dwellings(write) -> None:
    nodes, ways = quarter_town()
    third, third_ring = box(240, 9.0, 2.0, 0.2)
    ways[7] = (third_ring, {"building": "house"})
    extract = read_osm(write(nodes | third, ways))
    town = town_from_osm(extract, number_streets(extract.streets, UTM, {}))
    assert (town.untagged.tagged, town.untagged.untagged) == (3, 2)
    assert set(town.dwellings.index) == {"way/2", "way/5", "way/7"}


def test_a_town_without_buildings_has_land_and_no_dwellings(write) -> None:
    nodes, ways = quarter_town()
    kept = {k: ways[k] for k in (1, 6)}
    nodes = {id: nodes[id] for refs, _ in kept.values() for id in refs}
    extract = read_osm(write(nodes, kept))
    town = town_from_osm(extract, number_streets(extract.streets, UTM, {}))
    assert len(town.quarters) == 2
    assert len(town.dwellings) == 0


def test_gates_and_walls_are_read_with_the_rest(write) -> None:
    nodes = {
        **CROSS,
        8: (at(0, 1), {"barrier": "lift_gate"}),
        9: (at(2, 1), {"barrier": "gate", "locked": "yes"}),
    }
    ways = {
        10: ([1, 2, 3], {"highway": "residential"}),
        11: ([1, 4, 8, 1], {"barrier": "wall"}),
        12: ([4, 8], {"barrier": "kerb"}),
    }
    extract = read_osm(write(nodes, ways))
    assert [gate.id for gate in extract.gates] == ["node/8"]
    assert [wall.id for wall in extract.walls] == ["way/11"]
    assert extract.walls[0].geometry.is_ring
