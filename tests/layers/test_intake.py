"""Every fault a layer file can have: one tiny file each, and the message it must give."""

import codecs
import json

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from pydantic import ValidationError
from shapely.geometry import LineString, MultiPoint, Point, Polygon, box

from carecircle.assumptions import coarse_places
from carecircle.layers.crs import Frame
from carecircle.layers.intake import (
    read_admin,
    read_area,
    read_facilities,
    read_residential,
)
from carecircle.layers.places import admin_of_blocks, crossing_reason
from carecircle.layers.problems import StudyError
from carecircle.layers.raw import said_by_reader
from carecircle.layers.sources import (
    AdminSource,
    AreaSource,
    FacilitySource,
    PeopleSettings,
    ResidentialSource,
)

FRAME = Frame("EPSG:4549", (120.0, 30.0, 120.1, 30.1))
SHARES = PeopleSettings(age_60_plus_share=0.25, age_0_2_share=0.02)
HEADER = "id,lng,lat,population"
COLUMNS = {"id": "id"}


@pytest.fixture
def homes(tmp_path):
    """Read a CSV of population cells from its lines."""

    def read(*lines, people=SHARES, name="homes.csv", **keys):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        given = {"crs": "EPSG:4326", "cell_m": 100, "columns": COLUMNS} | keys
        return read_residential(ResidentialSource(path=path, **given), people, FRAME)

    return read


@pytest.fixture
def stations(tmp_path):
    """Read a CSV of elderly-care stations from its lines."""

    def read(*lines, name="stations.csv", **keys):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        given = {"crs": "EPSG:4326", "service": "elderly"} | keys
        return read_facilities([FacilitySource(path=path, **given)], FRAME)

    return read


@pytest.fixture
def quarters(tmp_path):
    """Read polygons as a GeoPackage; population 10 each unless said."""

    def read(shapes, crs="EPSG:4549", people=SHARES, source=None, **columns):
        path = tmp_path / "quarters.gpkg"
        table = {"population": [10] * len(shapes)} | columns
        gpd.GeoDataFrame(table, geometry=list(shapes), crs=crs).to_file(path, engine="pyogrio")
        return read_residential(ResidentialSource(path=path, **(source or {})), people, FRAME)

    return read


def refusal(read, *args, **keys):
    """The problems a reader raises; each must speak both languages."""
    with pytest.raises(StudyError) as raised:
        read(*args, **keys)
    for problem in raised.value.problems:
        zh, en = problem.text("zh"), problem.text("en")
        assert zh != en
        assert any("\u4e00" <= c <= "\u9fff" for c in zh), zh
    return raised.value.problems


def places(problems):
    return [(p.id, p.row, p.column, p.value) for p in problems]


def square(x=500_100.0, y=3_320_100.0, side=100.0):
    return box(x, y, x + side, y + side)


# --- a good layer


def test_cells_become_quarters_with_people(homes):
    read = homes(HEADER, "a,120.05,30.05,10.4", "b,120.06,30.05,10.4", "c,120.07,30.05,10.4")
    layer = read.layer
    assert layer.index.tolist() == ["a", "b", "c"]
    assert layer.index.name == "block_id"
    assert layer["population"].tolist() == [11, 10, 10]  # 31.2 people are 31
    assert layer["age_60_plus"].sum() == 8  # a quarter of 31
    assert layer["estimated"].tolist() == [True] * 3
    assert layer["area_m2"].tolist() == [10_000] * 3
    assert layer.crs == "EPSG:4549"
    assert [r["id"] for r in read.records] == ["R-POP-001", "R-POP-002", "R-POP-002"]
    assert read.files[0]["columns"] == {
        "id": "id",
        "population": "population",
        "x": "lng",
        "y": "lat",
    }


def test_cohorts_from_columns_are_not_estimates(homes):
    lines = ["id,lng,lat,population,old,age_0_2", "a,120.05,30.05,10,4,1"]
    read = homes(*lines, people=PeopleSettings(), columns=COLUMNS | {"age_60_plus": "old"})
    row = read.layer.loc["a"]
    assert (row["age_60_plus"], row["age_0_2"], row["estimated"]) == (4, 1, False)
    assert read.records == ()


def test_only_the_groups_in_use_are_needed(tmp_path):
    path = tmp_path / "h.csv"
    path.write_text("x,y,population\n120.05,30.05,7\n")
    source = ResidentialSource(path=path, crs="EPSG:4326", cell_m=50)
    layer = read_residential(source, PeopleSettings(), FRAME, groups=()).layer
    assert "age_60_plus" not in layer
    assert not layer["estimated"].any()


def test_rows_without_ids_are_numbered(homes):
    lines = ["id,lng,lat,population", ",120.05,30.05,1", ",120.06,30.05,1"]
    assert homes(*lines, columns={}).layer.index.tolist() == ["1", "2"]


def test_stations_of_two_files_stand_one_below_the_other(tmp_path):
    old = tmp_path / "old.csv"
    old.write_text("经度,纬度,name,capacity\n120.05,30.05,幸福,20\n120.06,30.05,NA,\n", "utf-8")
    young = tmp_path / "young.csv"
    young.write_text("lon,latitude,service,kind\n120.05,30.06,托育,日托\n", "utf-8")
    sources = [
        FacilitySource(path=old, crs="EPSG:4490", service="elderly"),
        FacilitySource(path=young, crs="EPSG:4490"),
    ]
    layer = read_facilities(sources, FRAME).layer
    assert layer.index.tolist() == ["1-1", "1-2", "2-1"]
    assert layer["service"].tolist() == ["elderly", "elderly", "childcare"]
    assert layer["name"].tolist() == ["幸福", "NA", ""]
    assert layer["kind"].tolist() == ["", "", "日托"]
    assert layer["capacity"].isna().tolist() == [False, True, True]
    assert layer["capacity"].iloc[0] == 20


def test_a_multipoint_of_one_point_is_that_point(tmp_path):
    path = tmp_path / "s.gpkg"
    gpd.GeoDataFrame(geometry=[MultiPoint([(500_100, 3_320_100)])], crs=4549).to_file(path)
    layer = read_facilities([FacilitySource(path=path, service="childcare")], FRAME).layer
    assert shapely.get_coordinates(layer.geometry).tolist() == [[500_100, 3_320_100]]


def test_blocks_lie_in_the_first_unit_that_holds_their_inner_point(tmp_path, quarters):
    blocks = quarters([square(x=500_400), square(x=500_900), square(x=502_000)]).layer
    path = tmp_path / "units.gpkg"
    units = [square(side=400), square(x=500_410, side=1_000)]  # 90 m of the first lie in both
    gpd.GeoDataFrame({"code": ["u", "v"]}, geometry=units, crs=4549).to_file(path)
    admin = read_admin(AdminSource(path=path, columns={"id": "code"}), FRAME).layer
    found = admin_of_blocks(blocks, admin)
    assert found.tolist()[:2] == ["u", "v"]
    assert found.isna().tolist() == [False, False, True]


# --- coordinates


def test_no_crs_says_the_range_and_a_guess(homes):
    problem = refusal(homes, HEADER, "a,120.05,30.05,1", "b,120.06,30.05,1", crs=None)[0]
    assert problem.id == "E-CRS-001"
    assert problem.details["x"] == "120.05 – 120.06"
    assert problem.details["guess"] == "EPSG:4326"


def test_no_crs_in_metres_is_guessed_too(quarters):
    with pytest.warns(UserWarning, match="crs"):
        problem = refusal(quarters, [square()], crs=None)[0]
    assert (problem.id, problem.details["guess"]) == ("E-CRS-001", "EPSG:4549")


@pytest.mark.parametrize(("crs", "id"), [("EPSG:999999", "E-CRS-002"), ("bd09mc", "E-CRS-002")])
def test_a_crs_nobody_knows(homes, crs, id):
    assert places(refusal(homes, HEADER, "a,120.05,30.05,1", crs=crs)) == [(id, None, "crs", crs)]


def test_two_crs_that_disagree(quarters):
    problem = refusal(quarters, [square()], source={"crs": "EPSG:4326"})[0]
    assert problem.id == "E-CRS-003"
    assert problem.details == {"file_crs": "EPSG:4549", "study_crs": "EPSG:4326"}


def test_two_crs_that_agree(quarters):
    assert len(quarters([square()], source={"crs": "EPSG:4549"}).layer) == 1


def test_web_mercator_is_read_and_left(quarters):
    here = gpd.GeoSeries([square()], crs=4549)
    layer = quarters(here.to_crs(3857), crs="EPSG:3857").layer
    assert layer.crs == "EPSG:4549"
    assert layer.geometry.iloc[0].symmetric_difference(square()).area < 0.01


@pytest.mark.parametrize("crs", ["EPSG:4610", "EPSG:4214"])
def test_an_unknown_datum_shift(homes, crs):
    assert refusal(homes, HEADER, "a,120.05,30.05,1", crs=crs)[0].id == "E-CRS-007"


def test_degrees_under_a_crs_in_metres(homes):
    lines = [HEADER, "a,120.05,30.05,1", "b,120.06,30.05,1"]
    problem = refusal(homes, *lines, crs="EPSG:4549")[0]
    assert (problem.id, problem.details["guess"]) == ("E-CRS-004", "EPSG:4326")


def test_metres_under_a_crs_in_degrees(homes):
    lines = [HEADER, "a,500100,3320100,1", "b,500200,3320100,1"]
    problem = refusal(homes, *lines)[0]
    assert (problem.id, problem.details["guess"]) == ("E-CRS-005", "EPSG:4549")


def test_metres_in_a_geojson_without_crs_are_not_believed(tmp_path):
    path = tmp_path / "s.geojson"
    feature = {"type": "Feature", "properties": {}, "geometry": None}
    points = [{"type": "Point", "coordinates": [500_100 + i, 3_320_100]} for i in (0, 50)]
    features = [feature | {"geometry": point} for point in points]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    source = FacilitySource(path=path, service="elderly")
    assert refusal(read_facilities, [source], FRAME)[0].id == "E-CRS-005"
    stated = source.model_copy(update={"crs": "EPSG:4549"})
    assert len(read_facilities([stated], FRAME).layer) == 2


def test_swapped_latitude_and_longitude(stations):
    found = refusal(stations, "x,y", "30.05,120.05", "30.06,120.05")
    assert places(found) == [("E-LOC-002", 2, "x, y", "30.05, 120.05")]
    assert found[0].details == {"count": 2, "total": 2}


def test_one_swapped_row_among_good_ones(stations):
    found = refusal(stations, "x,y", "120.05,30.05", "30.06,120.05")
    assert places(found) == [("E-LOC-002", 3, "x, y", "30.06, 120.05")]


def test_swapped_polygons(quarters):
    exchanged = shapely.transform(square(), lambda xy: xy[:, ::-1])
    found = refusal(quarters, [exchanged, exchanged])
    assert (found[0].id, found[0].row) == ("E-LOC-002", 1)


def test_a_station_far_from_the_streets(stations):
    found = refusal(stations, "lng,lat", "120.05,30.05", "121.05,30.05")
    assert places(found) == [("E-LOC-001", 3, "lng, lat", "121.05, 30.05")]
    assert found[0].details["km"] == pytest.approx(91.6, abs=0.5)  # 0.95 degrees at 30 north


def test_the_margin_is_five_kilometres(stations):
    # one degree of latitude is 110.85 km at 30 north: 0.0445 is 4.93 km, 0.046 is 5.1 km
    assert len(stations("lng,lat", "120.05,30.1445").layer) == 1
    assert refusal(stations, "lng,lat", "120.05,30.146")[0].id == "E-LOC-001"


def test_a_layer_in_a_neighbouring_zone(quarters):
    shapes = [square(), square(x=501_000)]
    problem = refusal(quarters, shapes, crs="EPSG:4548")[0]
    assert (problem.id, problem.details["guess"]) == ("E-LOC-004", "EPSG:4549")


@pytest.mark.parametrize(
    ("x", "declared", "guess"),
    [  # the central meridian of the frame, 120 E, has easting 500 km; 117 E is the next
        (505_000, "EPSG:4548", "EPSG:4549"),  # without zone number, declared three degrees off
        (40_505_000, "EPSG:4549", "EPSG:4528"),  # zone number before the easting
        (40_505_000, "EPSG:4326", "EPSG:4528"),
        (789_000, "EPSG:4549", "EPSG:4548"),  # of 117 E: 289 km east of it
        (39_789_000, "EPSG:4549", "EPSG:4527"),
        (40_505_000, None, "EPSG:4528"),
    ],
)
@pytest.mark.parametrize("rows", [1, 2])
def test_the_zone_that_is_meant(stations, x, declared, guess, rows):
    y = 3_325_000  # about 30.05 N
    problem = refusal(stations, "x,y", *[f"{x},{y}"] * rows, crs=declared)[0]
    assert problem.details["guess"] == guess


def test_units_may_lie_elsewhere_as_long_as_one_does_not(tmp_path):
    path = tmp_path / "units.gpkg"
    gpd.GeoDataFrame(geometry=[square(), square(x=900_000)], crs=4549).to_file(path)
    assert len(read_admin(AdminSource(path=path), FRAME).layer) == 2
    gpd.GeoDataFrame(geometry=[square(x=900_000)], crs=4549).to_file(path)
    assert refusal(read_area, AreaSource(path=path), FRAME)[0].id == "E-LOC-004"


def test_the_area_is_one_named_polygon(tmp_path):
    path = tmp_path / "area.gpkg"
    gpd.GeoDataFrame({"name": ["x"]}, geometry=[square()], crs=4549).to_file(path)
    layer = read_area(AreaSource(path=path), FRAME).layer
    assert (layer.index.name, layer["name"].tolist()) == ("area_id", ["x"])


@pytest.mark.parametrize("cell", ["", "inf", "nan", "120°60′0″", "30°03′N", "1e999"])
def test_a_coordinate_that_is_none(stations, cell):
    found = refusal(stations, "lng,lat", "120.05,30.05", f"{cell},30.05")
    assert places(found) == [("E-LOC-003", 3, "lng", cell or None)]


def test_null_island(stations):
    found = refusal(stations, "lng,lat", "120.05,30.05", "0,0")
    assert places(found) == [("E-LOC-003", 3, "lng, lat", "0, 0")]


def test_an_infinite_vertex(quarters):
    broken = Polygon([(500_000, 3_320_000), (500_100, np.inf), (500_100, 3_320_000)])
    found = refusal(quarters, [square(), broken])
    assert [(p.id, p.row) for p in found] == [("E-LOC-003", 2)]


# --- people


@pytest.mark.parametrize(
    ("cell", "id"),
    [
        ("", "E-NUM-001"),
        ("-5", "E-NUM-003"),
        ("约800", "E-NUM-002"),
        ("1.2万", "E-NUM-006"),
        ("300人", "E-NUM-006"),
        ("-", "E-NUM-002"),
        ("inf", "E-NUM-004"),
        ("1e400", "E-NUM-004"),
        ("2000000000", "E-NUM-004"),
    ],
)
def test_a_population_that_is_none(homes, cell, id):
    found = refusal(homes, HEADER, "a,120.05,30.05,1", f"b,120.05,30.06,{cell}")
    assert places(found) == [(id, 3, "population", cell or None)]


def test_missing_population_in_a_gis_layer(quarters):
    found = refusal(quarters, [square(), square(x=501_000)], population=[5.0, np.nan])
    assert [(p.id, p.row, p.column) for p in found] == [("E-NUM-001", 2, "population")]


def test_thousands_and_full_width_digits_are_read_and_recorded(homes):
    read = homes(HEADER, 'a,120.05,30.05,"1,200"', "b,120.06,30.05,３0")
    assert read.layer["population"].tolist() == [1200, 30]
    repairs = [(r["row"], r["column"]) for r in read.records if r["id"] == "R-NUM-001"]
    assert repairs == [(2, "population"), (3, "population")]
    assert "1200" in read.records[0]["what"]["en"]


def test_no_population_column_lists_those_there_are(homes):
    problem = refusal(homes, "id,lng,lat,pop", "a,120.05,30.05,1")[0]
    assert problem.id == "E-LAY-012"
    assert problem.details["columns"] == "id, lng, lat, pop"
    assert "Likely: pop" in problem.text("en")
    assert "可能是：pop" in problem.text("zh")


def test_a_mapped_column_that_is_not_there(homes):
    columns = COLUMNS | {"population": "POP"}
    problem = refusal(homes, HEADER, "a,120.05,30.05,1", columns=columns)[0]
    assert (problem.id, problem.column) == ("E-LAY-011", "POP")
    assert problem.details["columns"] == "id, lng, lat, population"


def test_two_columns_that_may_be_longitude(homes):
    found = refusal(homes, "id,lng,lon,lat,population", "a,120.05,120.05,30.05,1")
    assert found[0].id == "E-LAY-016"


def test_a_cohort_nobody_counted(homes):
    people = PeopleSettings(age_0_2_share=0.02)
    found = refusal(homes, HEADER, "a,120.05,30.05,1", people=people)
    assert places(found) == [("E-POP-001", None, "age_60_plus", None)]
    assert "age_60_plus_share" in found[0].text("zh")


def test_a_cohort_larger_than_everybody(homes):
    lines = [HEADER + ",age_60_plus", "a,120.05,30.05,10,10", "b,120.06,30.05,10,11"]
    found = refusal(homes, *lines)
    assert places(found) == [("E-POP-002", 3, "age_60_plus", 11.0)]


# --- ids


def test_ids_are_text_cleaned_and_recorded(homes):
    read = homes(HEADER, "010,120.05,30.05,1", " Ａ1 ,120.06,30.05,1")
    assert read.layer.index.tolist() == ["010", "A1"]
    assert [r["row"] for r in read.records if r["id"] == "R-ID-001"] == [3]


def test_duplicate_ids_name_both_rows(homes):
    found = refusal(homes, HEADER, "a,120.05,30.05,1", "b,120.06,30.05,1", "a ,120.07,30.05,1")
    assert places(found) == [("E-ID-002", 4, "id", "a")]
    assert found[0].details == {"first_file": "homes.csv", "first_row": 2}


def test_duplicate_ids_across_files(tmp_path):
    sources = []
    for name in ("one.csv", "two.csv"):
        path = tmp_path / name
        path.write_text("code,x,y\n7,120.05,30.05\n")
        keys = {"crs": "EPSG:4326", "service": "elderly", "columns": {"id": "code"}}
        sources.append(FacilitySource(path=path, **keys))
    found = refusal(read_facilities, sources, FRAME)
    assert [(p.id, p.file, p.details["first_file"]) for p in found] == [
        ("E-ID-002", "two.csv", "one.csv")
    ]


def test_a_missing_id(homes):
    found = refusal(homes, HEADER, "a,120.05,30.05,1", " ,120.06,30.05,1")
    assert places(found) == [("E-ID-001", 3, "id", None)]


def test_an_id_of_invisible_characters_only(homes):
    found = refusal(homes, HEADER, "\u200e\u202e,120.05,30.05,1")
    assert [(p.id, p.row) for p in found] == [("E-ID-001", 2)]


def test_numeric_ids_become_whole_text(quarters):
    shapes = [square(), square(x=501_000)]
    layer = quarters(shapes, code=[7.0, 8.0], source={"columns": {"id": "code"}}).layer
    assert layer.index.tolist() == ["7", "8"]


def test_an_id_with_decimals(quarters):
    found = refusal(quarters, [square()], code=[1.5], source={"columns": {"id": "code"}})
    assert places(found) == [("E-ID-004", 1, "code", 1.5)]


def test_an_id_that_excel_has_rounded(tmp_path):
    path = tmp_path / "s.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["code", "x", "y"])
    book.active.append([123456789012345678, 120.05, 30.05])
    book.save(path)
    keys = {"crs": "EPSG:4326", "service": "elderly", "columns": {"id": "code"}}
    found = refusal(read_facilities, [FacilitySource(path=path, **keys)], FRAME)
    assert [(p.id, p.layer, p.row, p.column) for p in found] == [("E-ID-003", "Sheet", 2, "code")]


def test_control_and_direction_marks_leave_names(stations):
    read = stations("x,y,name", "120.05,30.05,a\u202eb\u0007c")
    assert read.layer["name"].tolist() == ["abc"]
    assert [(r["id"], r["row"], r["column"]) for r in read.records] == [("R-TXT-001", 2, "name")]


# --- services and capacities


def test_a_service_nobody_knows(stations):
    found = refusal(stations, "x,y,service", "120.05,30.05,养老", "120.05,30.05,医院", service=None)
    assert places(found) == [("E-LAY-015", 3, "service", "医院")]


def test_no_service_at_all(stations):
    problem = refusal(stations, "x,y", "120.05,30.05", service=None)[0]
    assert (problem.id, problem.details["name"]) == ("E-LAY-012", "service")


@pytest.mark.parametrize(
    ("cell", "id"), [("many", "E-NUM-002"), ("12.5", "E-NUM-005"), ("-1", "E-NUM-003")]
)
def test_a_capacity_that_is_none(stations, cell, id):
    found = refusal(stations, "x,y,capacity", "120.05,30.05,20", f"120.05,30.05,{cell}")
    assert places(found) == [(id, 3, "capacity", cell)]


# --- geometry


def test_a_row_without_geometry(quarters):
    found = refusal(quarters, [square(), None, Polygon()])
    assert [(p.id, p.row) for p in found] == [("E-GEO-001", 2), ("E-GEO-001", 3)]


def test_a_line_among_polygons(quarters):
    line = LineString([(500_100, 3_320_100), (500_200, 3_320_100)])
    found = refusal(quarters, [square(), line])
    assert [(p.id, p.row) for p in found] == [("E-GEO-002", 2)]
    assert found[0].details == {"found": "LineString", "needed": "Polygon"}


def test_stations_must_be_points(tmp_path):
    path = tmp_path / "s.gpkg"
    shapes = [square(), MultiPoint([(500_100, 3_320_100), (500_200, 3_320_100)])]
    gpd.GeoDataFrame(geometry=shapes, crs=4549).to_file(path)
    found = refusal(read_facilities, [FacilitySource(path=path, service="elderly")], FRAME)
    assert [(p.id, p.row) for p in found] == [("E-GEO-002", 1), ("E-GEO-002", 2)]


def test_points_without_a_cell_size(homes, quarters):
    assert refusal(homes, HEADER, "a,120.05,30.05,1", cell_m=None)[0].id == "E-GEO-003"
    assert refusal(quarters, [Point(500_100, 3_320_100)])[0].id == "E-GEO-003"


def test_a_cell_size_for_polygons(quarters):
    found = refusal(quarters, [square()], source={"cell_m": 100})
    assert [(p.id, p.row) for p in found] == [("E-GEO-002", 1)]


def test_a_bow_tie(quarters):
    x, y = 500_100, 3_320_100
    bow_tie = Polygon([(x, y), (x + 100, y + 100), (x + 100, y), (x, y + 100)])
    found = refusal(quarters, [square(), bow_tie])
    assert [(p.id, p.row) for p in found] == [("E-GEO-004", 2)]
    assert "Self-intersection" in found[0].details["reason"]["en"]


def test_a_small_crossing_is_repaired_and_recorded(quarters):
    # a square of 100 m whose last corner overshoots: a loop of 1 m x 0.5 m beside it
    x, y = 500_100, 3_320_100
    ring = [(x, y), (x + 100, y), (x + 100, y + 100), (x, y + 100), (x, y - 1), (x - 1, y)]
    read = quarters([Polygon([*ring, (x + 0.5, y)])])
    assert read.layer.geometry.is_valid.all()
    assert read.layer["area_m2"].iloc[0] == pytest.approx(10_000, abs=1)
    assert [(r["id"], r["row"]) for r in read.records][:1] == [("R-GEO-001", 1)]


def test_overlapping_quarters_are_recorded(quarters):
    read = quarters([square(), square(x=500_150), square(x=501_000)])
    record = read.records[0]
    assert record["id"] == "R-GEO-002"
    assert "1 pairs" in record["what"]["en"]
    assert "5000 m²" in record["what"]["en"]
    assert read.layer["population"].sum() == 30


def test_a_quarter_on_top_of_another_is_refused_unless_both_are_meant(quarters):
    on_top = [square(), square(x=501_000), square(x=500_110)]  # 9 of 10 parts of the first
    (problem,) = refusal(quarters, on_top)
    assert (problem.id, problem.row, problem.details["other"]) == ("E-GEO-005", 3, 1)
    read = quarters(on_top, source={"overlaps": "keep"})
    assert read.layer["population"].sum() == 30
    assert read.records[0]["id"] == "R-GEO-002"


def test_neighbours_that_only_touch_do_not_overlap(quarters):
    assert quarters([square(), square(x=500_200)]).records[0]["id"] != "R-GEO-002"


# --- the file as a whole


def test_an_address_is_no_path():
    for path in ("https://example.org/a.geojson", "/vsicurl/http://x/a.gpkg", "file:///a.gpkg"):
        with pytest.raises(ValidationError, match="not an address"):
            FacilitySource(path=path)
    assert str(FacilitySource(path="C:/a.gpkg").path) == "C:/a.gpkg"


def test_a_name_we_do_not_know_is_no_column():
    with pytest.raises(ValidationError, match="unknown: pupulation"):
        ResidentialSource(path="a.csv", columns={"pupulation": "POP"})


def test_every_problem_of_a_file_is_told_at_once(homes):
    found = refusal(homes, HEADER, "a,120.05,30.05,-1", "a,0,0,x", ",125,30.05,")
    assert sorted(p.id for p in found) == [
        "E-ID-001",
        "E-ID-002",
        "E-LOC-001",
        "E-LOC-003",
        "E-NUM-001",
        "E-NUM-002",
        "E-NUM-003",
    ]


def test_problems_of_all_station_files_come_together(tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("x,y\n1,0\n")
    sources = [
        FacilitySource(path=bad, crs="EPSG:4326", service="elderly"),
        FacilitySource(path=tmp_path / "none.csv", service="elderly"),
    ]
    found = refusal(read_facilities, sources, FRAME)
    assert [(p.id, p.file) for p in found] == [("E-LOC-001", "bad.csv"), ("E-STU-004", "none.csv")]


def test_a_thousand_equal_faults_are_counted_not_listed(homes):
    found = refusal(homes, HEADER, *[f"{n},120.05,30.05,x" for n in range(1000)])
    assert [p.id for p in found] == ["E-NUM-002"] * 50 + ["E-LAY-013"]
    assert found[-1].details == {"count": 950, "fault": "E-NUM-002"}


def test_line_breaks_in_cells_do_not_shift_row_numbers(homes):
    lines = [HEADER + ",name", 'a,120.05,30.05,1,"two\nlines"', "b,120.05,30.06,x,"]
    assert [p.row for p in refusal(homes, *lines)] == [3]


def test_utf16_and_bom_are_read_by_their_mark(tmp_path):
    text = "x\ty\tname\n120.05\t30.05\t幸福\n"
    for content, encoding in (
        (codecs.BOM_UTF16_LE + text.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF8 + text.encode(), "utf-8-sig"),
        (text.encode("gb18030"), "gb18030"),
    ):
        path = tmp_path / "s.csv"
        path.write_bytes(content)
        source = FacilitySource(path=path, crs="EPSG:4326", service="elderly")
        read = read_facilities([source], FRAME)
        assert read.layer["name"].tolist() == ["幸福"]
        assert read.files[0]["encoding"] == encoding


def test_the_oldest_are_part_of_the_old_even_without_those_between(quarters):
    (problem,) = refusal(
        quarters, [square(), square(x=501_000)], age_60_plus=[5, 5], age_80_plus=[4, 6]
    )
    assert (problem.id, problem.row, problem.value) == ("E-POP-005", 2, 6.0)


def test_two_files_of_one_name_may_not_share_ids(tmp_path):
    sources = []
    for folder in ("north", "south"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "stations.csv"
        path.write_text("code,x,y\ns1,120.05,30.05\n", encoding="utf-8")
        keys = {"crs": "EPSG:4326", "service": "elderly", "columns": {"id": "code"}}
        sources.append(FacilitySource(path=path, **keys))
    with pytest.raises(StudyError) as raised:
        read_facilities(sources, FRAME)
    assert [problem.id for problem in raised.value.problems] == ["E-ID-002"]


@pytest.mark.parametrize(
    ("said", "zh"),
    [
        ("Self-intersection[500 200]", "边线相互交叉 Self-intersection[500 200]"),
        ("Something new[1 2]", "Something new[1 2]"),
    ],
)
def test_why_a_polygon_is_refused_is_said_in_chinese_too(said, zh):
    assert crossing_reason(said) == {"zh": zh, "en": said}


def test_every_fault_of_a_polygon_that_shapely_makes_has_chinese_words():
    wkts = [
        "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))",
        "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (20 20, 21 20, 21 21, 20 20))",
        "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 8 1, 8 8, 1 8, 1 1), (2 2, 3 2, 3 3, 2 2))",
        "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 9, 0 0)), ((1 1, 2 1, 2 2, 1 1)))",
        "POLYGON ((0 0, 4 0, 4 4, 2 0, 0 4, 0 0))",
    ]
    for reason in shapely.is_valid_reason(shapely.from_wkt(wkts)):
        assert crossing_reason(reason)["zh"] != reason, reason


def test_what_a_reader_says_is_marked_as_its_own_words():
    assert said_by_reader(ValueError("not well-formed")) == {
        "zh": "读取程序报告 [not well-formed]",
        "en": "not well-formed",
    }


@pytest.mark.parametrize(
    ("decimals", "count", "told"), [(4, 8, None), (3, 7, None), (3, 8, (3, 111)), (2, 8, (2, 1110))]
)
def test_coordinates_of_few_decimals_are_told(stations, decimals, count, told):
    places = [(round(120.04 + k * 0.00171, decimals), 30.05) for k in range(count)]
    read = stations("x,y", *(f"{x},{y}" for x, y in places))
    records = [record for record in read.records if record["id"] == "R-LOC-003"]
    assert len(records) == (told is not None)
    if told:
        decimals, metres = told
        assert f"{decimals} decimals" in records[0]["what"]["en"]
        assert f"{metres} m" in records[0]["what"]["en"]
        (sentence,) = coarse_places(records)
        assert "stations.csv" in sentence.zh and "stations.csv" in sentence.en
