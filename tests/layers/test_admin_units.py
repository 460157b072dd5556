"""Two towns in a district, side by side, and who lies in which."""

import geopandas as gpd
import pytest
import shapely

from carecircle.layers.admin_units import read_units, units_of_rows
from carecircle.layers.crs import Frame
from carecircle.layers.problems import StudyError
from carecircle.layers.sources import AdminSource

CRS = "EPSG:4549"
FRAME = Frame(CRS, (120.0, 30.0, 120.1, 30.1))
WEST, SOUTH = 500_000, 3_325_000


def box(x0, y0, x1, y1):
    return shapely.box(WEST + x0, SOUTH + y0, WEST + x1, SOUTH + y1)


TOWNS = {"id": ["t1", "t2"], "name": ["东镇", "西镇"], "parent": ["d", "d"], "urban": ["是", "否"]}


@pytest.fixture
def source(tmp_path):
    def write(level, shapes, **columns):
        path = tmp_path / f"{level}.gpkg"
        gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_file(path, engine="pyogrio")
        return AdminSource(path=path, level=level, columns={"id": "id"})

    return write


@pytest.fixture
def both(source):
    towns = source("town", [box(0, 0, 100, 100), box(100, 0, 200, 100)], **TOWNS)
    district = source("district", [box(0, 0, 300, 100)], id=["d"], name=["区"])
    return [towns, district]


def rows(*xy, **columns):
    points = shapely.points([[WEST + x, SOUTH + y] for x, y in xy])
    return gpd.GeoDataFrame(
        columns, index=[f"r{k}" for k in range(len(xy))], geometry=points, crs=CRS
    )


def ids(problems):
    return [(p.id, p.details["ids"]) for p in problems]


def test_levels_come_highest_first_with_parents(both):
    units = read_units(both, FRAME).layer
    assert units.index.tolist() == ["d", "t1", "t2"]
    assert units["level"].tolist() == ["district", "town", "town"]
    assert units["parent"].tolist() == ["", "d", "d"]
    assert units["urban"].tolist()[1:] == [True, False]


def test_a_single_layer_needs_no_level(source):
    units = read_units([source(None, [box(0, 0, 100, 100)], id=["u"], name=["镇"])], FRAME).layer
    assert units["level"].tolist() == [""]
    found, records = units_of_rows(rows((50, 50), (150, 50)), units, "f")
    assert found["admin_id"].isna().tolist() == [False, True]
    assert ids(records) == [("R-ADM-002", "r1")]


def test_place_decides_where_there_is_no_code(both):
    units = read_units(both, FRAME).layer
    found, records = units_of_rows(rows((50, 50), (150, 50), (250, 50)), units, "f")
    assert found["town_id"].fillna("").tolist() == ["t1", "t2", ""]
    assert found["district_id"].tolist() == ["d", "d", "d"]
    assert found["admin_id"].fillna("").tolist() == ["t1", "t2", ""]
    assert ids(records) == [("R-ADM-002", "r2")]


def test_a_code_decides_and_is_told_where_the_place_disagrees(both):
    units = read_units(both, FRAME).layer
    layer = rows((50, 50), (50, 50), (250, 50), (50, 50), town_code=["t1", "t2", "t2", ""])
    found, records = units_of_rows(layer, units, "f")
    assert found["town_id"].tolist() == ["t1", "t2", "t2", "t1"]
    assert ids(records) == [("R-ADM-001", "r1")]


def test_a_code_of_no_unit_is_refused(both):
    units = read_units(both, FRAME).layer
    with pytest.raises(StudyError) as refused:
        units_of_rows(rows((50, 50), (50, 50), town_code=["t9", "d"]), units, "f.csv")
    found = [(p.id, p.column, p.value) for p in refused.value.problems]
    assert found == [("E-ADM-002", "town_code", "d"), ("E-ADM-002", "town_code", "t9")]


def test_a_parent_must_be_a_unit_of_a_higher_level(source, both):
    astray = {**TOWNS, "parent": ["x", "t1"]}
    towns = source("town", [box(0, 0, 100, 100), box(100, 0, 200, 100)], **astray)
    with pytest.raises(StudyError) as refused:
        read_units([towns, both[1]], FRAME)
    assert [(p.id, p.file, p.value) for p in refused.value.problems] == [
        ("E-ADM-001", towns.path.name, "t1: x"),
        ("E-ADM-001", towns.path.name, "t2: t1"),
    ]


def test_two_layers_of_one_level_and_the_same_id_twice_are_refused(source, both):
    with pytest.raises(StudyError) as twice:
        read_units([both[0], both[0]], FRAME)
    assert {p.id for p in twice.value.problems} == {"E-ADM-003"}
    clash = source("district", [box(0, 0, 300, 100)], id=["t1"], name=["区"])
    with pytest.raises(StudyError) as same_id:
        read_units([both[0], clash], FRAME)
    assert [p.id for p in same_id.value.problems] == ["E-ID-002"]


def test_a_row_in_two_units_goes_to_the_first_and_is_told(source):
    towns = source("town", [box(0, 0, 100, 100), box(90, 0, 200, 100)], id=["t1", "t2"])
    units = read_units([towns], FRAME)
    assert [record["id"] for record in units.records] == ["R-ADM-003"]
    found, records = units_of_rows(rows((50, 50), (95, 50), (150, 50)), units.layer, "f.csv")
    assert found["town_id"].tolist() == ["t1", "t1", "t2"]
    assert ids(records) == [("R-ADM-004", "r1")]


def test_a_row_on_a_shared_border_is_no_doubt(both):
    units = read_units(both, FRAME).layer
    _, records = units_of_rows(rows((100, 50)), units, "f.csv")
    assert records == []


def test_a_unit_that_lies_on_another_is_refused(source):
    towns = source("town", [box(0, 0, 300, 100), box(100, 0, 200, 100)], id=["t1", "t2"])
    with pytest.raises(StudyError) as refused:
        read_units([towns], FRAME)
    assert [(p.id, p.row) for p in refused.value.problems] == [("E-ADM-004", 2)]


@pytest.mark.parametrize(("wrong", "refused"), [(1, False), (2, True)])
def test_units_outside_their_parents(source, wrong, refused):
    """Of ten, one may be an exclave; two are a wrong column."""
    districts = source("district", [box(0, 0, 1000, 100), box(0, 100, 1000, 200)], id=["d", "e"])
    parents = ["e"] * wrong + ["d"] * (10 - wrong)
    shapes = [box(100 * k, 0, 100 * k + 100, 100) for k in range(10)]
    towns = source("town", shapes, id=[f"t{k}" for k in range(10)], parent=parents)
    if refused:
        with pytest.raises(StudyError) as raised:
            read_units([districts, towns], FRAME)
        (problem,) = raised.value.problems
        assert (problem.id, problem.details["ids"]) == ("E-ADM-005", "t0, t1")
    else:
        (record,) = read_units([districts, towns], FRAME).records
        assert record["id"] == "R-ADM-005" and "t0" in record["what"]["zh"]
