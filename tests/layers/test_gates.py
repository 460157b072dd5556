"""Gates of quarters drawn by hand."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely

from carecircle.layers.crs import Frame
from carecircle.layers.entrances import read_entrances
from carecircle.layers.gates import has_wall_round, quarter_gates
from carecircle.layers.network import WalkNetwork
from carecircle.layers.osm_tags import is_gate, is_wall
from carecircle.layers.problems import StudyError
from carecircle.layers.sources import EntranceSource

CRS = "EPSG:4549"
FRAME = Frame(CRS, (120.0, 30.0, 120.1, 30.1))
CORNER = np.array([500_000.0, 3_325_000.0])  # within the frame
NONE = np.empty(0, object)


def network(*lines):
    """Streets from lines of points, each point within a metre of another being the same."""
    nodes, edges = {}, []
    for line in lines:
        numbers = [nodes.setdefault(tuple(p), len(nodes)) for p in line]
        edges += list(pairwise(numbers))
    xy = np.array(list(nodes), float) + CORNER
    ends = np.array(edges, np.int32)
    mm = np.rint(1000 * np.hypot(*(xy[ends[:, 0]] - xy[ends[:, 1]]).T)).astype(np.int64)
    m = len(ends)
    return WalkNetwork(
        CRS, xy, ends, mm, np.zeros(m, np.uint8), np.ones(m, bool), np.zeros(len(xy), np.int32), {}
    )


def quarters(*boxes, walled=True):
    shapes = [shapely.box(*(np.array(b) + np.tile(CORNER, 2))) for b in boxes]
    ids = [f"q{k}" for k in range(len(boxes))]
    columns = {"walled": np.full(len(boxes), walled), "name": ""}
    return gpd.GeoDataFrame(columns, index=ids, geometry=shapes, crs=CRS)


def points(*xy):
    return shapely.points(np.array(xy, float).reshape(-1, 2) + CORNER)


def entrances(**by_quarter):
    ids = [quarter for quarter, places in by_quarter.items() for _ in places]
    places = points(*[place for places in by_quarter.values() for place in places])
    return gpd.GeoDataFrame({"block_id": ids}, geometry=places, crs=CRS)


def here(gates):
    return (gates.gate_xy - CORNER).round(2).tolist()


SOUTH_STREET = [(0, -10), (40, -10), (100, -10)]


def test_a_way_through_the_wall_is_a_gate_and_an_inner_way():
    town = network(SOUTH_STREET, [(40, -10), (40, 20), (60, 20)])
    found = quarter_gates(quarters((0, 0, 100, 100)), town, entrances(), NONE, NONE)
    assert found.rule.tolist() == ["virtual_gates"]
    assert here(found) == [[40, 0]]
    assert found.inner_edge.tolist() == [2, 3]
    assert shapely.length(found.inner_piece).tolist() == [20, 20]  # the part inside the wall


def test_a_way_that_only_grazes_the_wall_is_no_gate():
    """In by 4 m, along, and out again: the street follows the wall loosely."""
    town = network([(0, -10), (20, 4), (80, 4), (100, -10)])
    found = quarter_gates(quarters((0, 0, 100, 100)), town, entrances(), NONE, NONE)
    assert found.rule.tolist() == ["nearest_edge"]


def test_a_path_in_the_garden_leads_nowhere():
    town = network(SOUTH_STREET, [(50, 50), (60, 60)])
    found = quarter_gates(quarters((0, 0, 100, 100)), town, entrances(), NONE, NONE)
    assert found.rule.tolist() == ["nearest_edge"]
    assert len(found.inner_edge) == 0


def test_a_quarter_bounded_by_its_street_has_its_gate_on_the_street():
    """The boundary is the street itself, as quarters cut along streets have it."""
    town = network([(0, 0), (40, 0), (100, 0)], [(40, 0), (40, 30)])
    found = quarter_gates(quarters((0, 0, 100, 100)), town, entrances(), NONE, NONE)
    assert here(found) == [[40, 0]]
    assert found.inner_edge.tolist() == [2]


def test_own_entrances_come_before_mapped_gates_before_crossings():
    town = network(SOUTH_STREET, [(40, -10), (40, 20)])
    quarter, own = quarters((0, 0, 100, 100)), entrances(q0=[(0, 50)])
    mapped = points((100, 30), (109, 31), (111, 32))
    all_three = quarter_gates(quarter, town, own, mapped, NONE)
    assert (all_three.rule.tolist(), here(all_three)) == (["entrances"], [[0, 50]])
    assert len(all_three.inner_edge) == 0  # the inner way does not lead to this gate
    two = quarter_gates(quarter, town, entrances(), mapped, NONE)
    assert (two.rule.tolist(), here(two)) == (["osm_gates"], [[100, 30], [109, 31]])


def test_inner_ways_are_used_when_they_meet_every_gate_and_nothing_else():
    two_ways = network(
        SOUTH_STREET, [(40, -10), (40, 50)], [(100, -10), (120, 50)], [(120, 50), (40, 50)]
    )
    quarter = quarters((0, 0, 100, 100))
    at_both = quarter_gates(quarter, two_ways, entrances(q0=[(42, -3), (101, 50)]), NONE, NONE)
    assert len(at_both.inner_edge) == 2
    one_is_locked = quarter_gates(quarter, two_ways, entrances(q0=[(40, 0)]), NONE, NONE)
    assert len(one_is_locked.inner_edge) == 0


def test_gates_handed_in_make_a_quarter_walled_and_others_stay_open():
    town = network(SOUTH_STREET, [(40, -10), (40, 20)])
    two = quarters((0, 0, 100, 100), (200, 0, 300, 100), walled=False)
    found = quarter_gates(two, town, entrances(q1=[(200, 50), (300, 50)]), NONE, NONE)
    assert found.rule.tolist() == ["nearest_edge", "entrances"]
    assert found.gate_quarter.tolist() == [1, 1]


@pytest.mark.parametrize(("share", "walled"), [(0.85, True), (0.75, False)])
def test_a_wall_round_most_of_a_quarter(share, walled):
    ring = shapely.box(0, 0, 100, 100).exterior
    # 10 m of wall on either side of its end still count as followed
    wall = shapely.ops.substring(ring, 10, 400 * share - 10)
    quarter = np.array([shapely.box(0, 0, 100, 100)])
    assert has_wall_round(quarter, np.array([wall])).tolist() == [walled]
    assert has_wall_round(quarter, NONE).tolist() == [False]


def test_which_tags_let_people_through():
    assert is_gate({"barrier": "lift_gate"})
    assert is_gate({"entrance": "main"})
    assert is_gate({"barrier": "gate", "access": "private"})
    assert is_gate({"barrier": "gate", "access": "no", "foot": "yes"})
    assert not is_gate({"barrier": "gate", "locked": "yes"})
    assert not is_gate({"barrier": "gate", "access": "no"})
    assert not is_gate({"barrier": "bollard"})
    assert not is_gate({"entrance": "emergency"})
    assert is_wall({"barrier": "fence"})
    assert not is_wall({"barrier": "kerb"})


@pytest.fixture
def read(tmp_path):
    """Read entrances of two quarters and a facility."""

    def from_rows(rows, met=(), **keys):
        path = tmp_path / "gates.gpkg"
        xy = [row.pop("xy") for row in rows]
        gpd.GeoDataFrame(rows, geometry=points(*xy), crs=CRS).to_file(path, engine="pyogrio")
        facilities = gpd.GeoDataFrame(index=["f1"], geometry=points((50, 50)), crs=CRS)
        two = quarters((0, 0, 100, 100), (140, 0, 240, 100))
        return read_entrances(EntranceSource(path=path, **keys), FRAME, two, facilities, dict(met))

    return from_rows


def test_entrances_are_matched_by_id_else_by_the_nearest_boundary(read):
    found = read(
        [
            {"xy": (95, 50), "block_id": "q1", "facility_id": None},  # nearer to q0
            {"xy": (51, 52), "block_id": None, "facility_id": "f1"},
            {"xy": (110, 50), "block_id": None, "facility_id": None},
            {"xy": (121, 50), "block_id": None, "facility_id": None},
            {"xy": (120, 50), "block_id": None, "facility_id": None},  # between: the first
            {"xy": (50, 50), "block_id": None, "facility_id": None},  # deep inside
        ]
    )
    assert found.layer["block_id"].tolist() == ["q1", "", "q0", "q1", "q0"]
    assert found.layer["facility_id"].tolist() == ["", "f1", "", "", ""]
    assert [record["id"] for record in found.records] == ["R-GAT-001"]
    assert "1 entrances" in found.records[0]["what"]["en"]


def test_the_match_distance_is_inclusive_and_can_be_stated(read):
    assert len(read([{"xy": (-30, 50)}]).layer) == 1
    assert len(read([{"xy": (-31, 50)}]).layer) == 0
    assert len(read([{"xy": (-31, 50)}], match_m=31).layer) == 1


def test_entrances_of_nothing_known_are_refused(read):
    with pytest.raises(StudyError) as refused:
        read(
            [
                {"xy": (0, 0), "block_id": "q9", "facility_id": None},
                {"xy": (0, 0), "block_id": "q1", "facility_id": "f1"},
                {"xy": (0, 0), "block_id": None, "facility_id": "f9"},
            ]
        )
    found = [(p.id, p.row, p.column) for p in refused.value.problems]
    assert sorted(found) == [
        ("E-GAT-001", 1, "block_id"),
        ("E-GAT-001", 3, "facility_id"),
        ("E-GAT-002", 2, ""),
    ]


def test_entrances_of_what_does_not_count_are_left_out_and_told(read):
    """A quarter outside the study area, a closed facility: not unknown, but not there."""
    rows = [
        {"xy": (9000, 0), "block_id": "far", "facility_id": None},
        {"xy": (51, 52), "block_id": None, "facility_id": "closed"},
        {"xy": (0, 50), "block_id": None, "facility_id": None},  # still matched by place
        {"xy": (100, 50), "block_id": "q0", "facility_id": None},
    ]
    met = {"block_id": {"far", "q0"}, "facility_id": {"closed", "f1"}}
    found = read(rows, met)
    assert found.layer.index.tolist() == ["3", "4"]
    assert found.layer["block_id"].tolist() == ["q0", "q0"]
    (record,) = found.records
    assert record["id"] == "R-GAT-002"
    assert "2 entrances" in record["what"]["en"] and "1, 2" in record["what"]["en"]


def test_an_id_of_the_other_layer_is_still_unknown(read):
    met = {"block_id": {"far"}, "facility_id": {"closed"}}
    with pytest.raises(StudyError) as refused:
        read([{"xy": (0, 0), "block_id": "closed", "facility_id": None}], met)
    assert [p.id for p in refused.value.problems] == ["E-GAT-001"]


def test_an_entrance_deep_inside_its_quarter_is_no_gate(read):
    assert len(read([{"xy": (30, 50), "block_id": "q0"}]).layer) == 1
    with pytest.raises(StudyError) as refused:
        read([{"xy": (31, 50), "block_id": "q0"}])
    (problem,) = refused.value.problems
    assert (problem.id, problem.row, problem.details["metres"]) == ("E-GAT-005", 1, 31)


def test_bad_rows_may_not_take_a_quarter_its_last_gate(read):
    far = {"xy": (900_000, 0), "block_id": "q0"}
    keys = {"on_bad_row": "quarantine", "quarantine_limit_percent": 50}
    kept = read([{**far}, {"xy": (0, 50), "block_id": "q0"}], **keys)
    assert kept.layer.index.tolist() == ["2"]
    with pytest.raises(StudyError) as refused:
        read([{**far}, {"xy": (140, 50), "block_id": "q1"}], **keys)
    (problem,) = refused.value.problems
    assert (problem.id, problem.details["ids"]) == ("E-GAT-006", "q0")


@pytest.mark.parametrize(
    ("id", "said"), [("7", "there is 007"), ("007.0", "added .0"), ("8", ""), ("a", "")]
)
def test_what_a_spreadsheet_makes_of_ids_is_said(read, id, said):
    with pytest.raises(StudyError) as refused:
        read([{"xy": (0, 0), "block_id": id}], {"block_id": {"007", "b"}})
    (problem,) = refused.value.problems
    assert said in problem.details["near"]["en"]
    assert bool(said) == bool(problem.details["near"]["zh"])
