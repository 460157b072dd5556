"""Every format gives the same layer; damaged, disguised and foreign files are refused."""

import codecs
import contextlib
import json
import math
import os
import shutil
import sqlite3
import struct
import warnings
import zipfile
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
from geopandas.testing import assert_geodataframe_equal
from shapely.geometry import Point, box

from carecircle.layers.crs import Frame, working_crs
from carecircle.layers.formats import KINDS, open_layer
from carecircle.layers.intake import read_admin, read_residential
from carecircle.layers.people import homes_at_blocks
from carecircle.layers.places import admin_of_blocks
from carecircle.layers.problems import StudyError
from carecircle.layers.sources import AdminSource, LayerSource, PeopleSettings, ResidentialSource

FRAME = Frame("EPSG:4549", (120.0, 30.0, 120.1, 30.1))
CELLS = {
    "code": ["q1", "q2", "q3"],
    "name": ["幸福里", "", "NA"],
    "population": [120, 0, 45],
    "age_60_plus": [30, 0, 45],
    "age_0_2": [3, 0, 0],
}
XY = [(500_100.0, 3_320_100.0), (500_300.0, 3_320_100.0), (500_500.0, 3_320_100.0)]
DATA = Path(__file__).parents[3] / "shared" / "data" / "las_palmas"


def written(folder, ending):
    """The cells above in one format."""
    path = folder / f"cells{ending}"
    layer = gpd.GeoDataFrame(CELLS, geometry=[Point(xy) for xy in XY], crs="EPSG:4549")
    table = pd.DataFrame(CELLS | {"x": [x for x, _ in XY], "y": [y for _, y in XY]})
    if ending == ".csv":
        table.to_csv(path, index=False)
    elif ending == ".xlsx":
        table.to_excel(path, index=False)
    elif ending == ".xls":  # written once with xlwt: nothing here writes the old format
        shutil.copy(Path(__file__).parent / "files" / "cells.xls", path)
    elif ending == ".parquet":
        layer.to_parquet(path)
    elif ending == ".kml":
        layer.to_crs(4326).to_file(path, driver="KML")
    elif ending == ".kmz":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(written(folder, ".kml"), "doc.kml")
    elif ending == ".zip":
        inside = written(folder, ".shp")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(folder.glob("cells.*")):
                if part.suffix != ".zip":
                    archive.write(part, f"小区/{part.name}")
        assert inside.exists()
    else:
        options = {"SPATIAL_INDEX": "NO"} if ending == ".fgb" else {}  # the index reorders rows
        driver = "GeoJSON" if ending == ".json" else None
        names = {"age_60_plus": "old"} if ending == ".shp" else {}  # 10 characters at most
        layer.rename(columns=names).to_file(path, driver=driver, **options)
    return path


def cells(path):
    columns = {"id": "code"} | ({"age_60_plus": "old"} if path.suffix in {".shp", ".zip"} else {})
    crs = "EPSG:4549" if path.suffix in {".csv", ".xlsx", ".xls"} else None
    source = ResidentialSource(path=path, crs=crs, cell_m=100, columns=columns)
    return read_residential(source, PeopleSettings(), FRAME)


def refusal(path, **keys):
    with pytest.raises(StudyError) as raised:
        open_layer(LayerSource(path=path, **keys))
    (problem,) = raised.value.problems
    assert problem.text("zh") != problem.text("en")
    return problem


@pytest.mark.parametrize("ending", KINDS)
def test_every_format_gives_the_same_layer(tmp_path, ending):
    read = cells(written(tmp_path, ending))
    expected = gpd.GeoDataFrame(
        {
            "name": CELLS["name"],
            "population": CELLS["population"],
            "age_60_plus": CELLS["age_60_plus"],
            "age_0_2": CELLS["age_0_2"],
            "area_m2": [10_000] * 3,
            "walled": [False] * 3,
            "estimated": [False] * 3,
        },
        index=pd.Index(CELLS["code"], name="block_id", dtype=object),
        geometry=[box(x - 50, y - 50, x + 50, y + 50) for x, y in XY],
        crs="EPSG:4549",
    )
    # degrees of a KML come back within a millimetre
    within = {".kml": 0.001, ".kmz": 0.001}.get(ending, 0)
    there = read.layer.geometry.centroid.distance(expected.geometry.centroid)
    assert (there <= within).all()
    read.layer.geometry = expected.geometry if within else read.layer.geometry
    assert_geodataframe_equal(read.layer, expected, check_less_precise=True)
    assert read.records == ()
    assert read.files[0]["rows"] == 3
    assert read.files[0]["crs"] == ("EPSG:4326" if within else "EPSG:4549")


# --- damaged


@pytest.mark.parametrize("ending", KINDS)
def test_an_empty_file(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    path.touch()
    assert refusal(path).id == "E-LAY-002"


def test_a_file_that_is_not_there(tmp_path):
    assert refusal(tmp_path / "a.csv").id == "E-STU-004"


@pytest.mark.parametrize("ending", [e for e in KINDS if e != ".csv"])
@pytest.mark.parametrize("kept", [0.2, 0.5, 0.8, 0.97])
def test_a_file_cut_short_is_one_clear_message(tmp_path, ending, kept):
    path = written(tmp_path, ending)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    assert refusal(path).id == "E-LAY-004"


@pytest.mark.parametrize("part", [".dbf", ".shx"])
def test_a_shapefile_with_a_part_cut_or_missing(tmp_path, part):
    path = written(tmp_path, ".shp")
    content = path.with_suffix(part).read_bytes()
    for kept in (len(content) // 2, 5):
        path.with_suffix(part).write_bytes(content[:kept])
        assert refusal(path).id == "E-LAY-004"
    path.with_suffix(part).unlink()
    assert part in refusal(path).text("zh")


def test_a_geopackage_with_a_spoilt_page(tmp_path):
    path = written(tmp_path, ".gpkg")
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    assert refusal(path).id == "E-LAY-004"


def test_a_csv_with_an_open_quote(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('x,y,name\n1,2,"open\n')
    assert (refusal(path).id, refusal(path).row) == ("E-LAY-028", 2)


def test_a_workbook_that_is_only_a_zip_archive(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "no workbook")
    assert refusal(path).id == "E-LAY-004"


def test_geoparquet_without_its_package(tmp_path, monkeypatch):
    path = written(tmp_path, ".parquet")
    monkeypatch.setattr("carecircle.layers.gis_files.find_spec", lambda name: None)
    problem = refusal(path)
    assert problem.id == "E-LAY-018"
    assert "carecircle[parquet]" in problem.text("zh")


def test_a_file_that_is_too_large(tmp_path, monkeypatch):
    path = written(tmp_path, ".gpkg")
    monkeypatch.setattr("carecircle.layers.formats.MOST_BYTES", path.stat().st_size - 1)
    assert refusal(path).id == "E-LAY-019"
    path = written(tmp_path, ".csv")
    monkeypatch.setattr("carecircle.layers.tables.MOST_TABLE_BYTES", path.stat().st_size - 1)
    assert refusal(path).id == "E-LAY-019"


# --- no rows


def test_layers_without_rows(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n")
    (tmp_path / "b.csv").write_text("\n\n")
    (tmp_path / "c.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    gpd.GeoDataFrame({"a": []}, geometry=[], crs=4549).to_file(tmp_path / "d.gpkg")
    openpyxl.Workbook().save(tmp_path / "e.xlsx")
    for name in ("a.csv", "b.csv", "c.geojson", "d.gpkg", "e.xlsx"):
        assert refusal(tmp_path / name).id == "E-LAY-003"


# --- disguised


def test_a_virtual_layer_disguised_as_geojson(tmp_path):
    secret = written(tmp_path, ".gpkg")
    path = tmp_path / "a.geojson"
    path.write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="cells"><SrcDataSource>{secret}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    assert refusal(path).id == "E-LAY-007"


@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".fgb", ".xlsx", ".geojson"])
def test_a_table_under_another_ending(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    path.write_text("x,y,population\n120.05,30.05,5\n")
    assert refusal(path).id == "E-LAY-007"


def test_json_that_is_no_feature_collection(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"type": "Topology", "objects": {}, "arcs": []}))
    assert refusal(path).id == "E-LAY-007"


def test_a_database_that_is_no_geopackage(tmp_path):

    path = tmp_path / "a.gpkg"
    database = sqlite3.connect(path)
    database.execute("create table t (a)")
    database.commit()
    database.close()
    assert refusal(path).id in {"E-LAY-004", "E-LAY-007"}


@pytest.mark.parametrize("name", ["a.vrt", "a.gml", "a.ods", "a", "a.7z"])
def test_other_kinds_of_file(tmp_path, name):
    (tmp_path / name).write_text("x")
    assert refusal(tmp_path / name).id == "E-LAY-001"


# --- layers, sheets, columns


def test_several_layers_must_be_told_apart(tmp_path):
    path = tmp_path / "a.gpkg"
    layer = gpd.GeoDataFrame({"n": [1]}, geometry=[Point(XY[0])], crs=4549)
    layer.to_file(path, layer="one")
    layer.assign(n=2).to_file(path, layer="two")
    problem = refusal(path)
    assert (problem.id, problem.details["layers"]) == ("E-LAY-005", "one, two")
    assert refusal(path, layer="three").id == "E-LAY-006"
    assert open_layer(LayerSource(path=path, layer="two")).table["n"].tolist() == [2]


def test_several_sheets_must_be_told_apart(tmp_path):
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    for name in ("一", "二"):
        sheet = book.create_sheet(name)
        sheet.append(["x", "y", "n"])
        sheet.append([1, 2, name])
    book.save(path)
    problem = refusal(path)  # the blank sheet that came with the workbook does not count
    assert (problem.id, problem.details["layers"]) == ("E-LAY-005", "一, 二")
    assert refusal(path, layer="三").id == "E-LAY-006"
    assert open_layer(LayerSource(path=path, layer="二")).table["n"].tolist() == ["二"]


def test_rows_of_another_length(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x,y,population\n1,2,3\n1,2,3,4\n\n1,2\n")
    with pytest.raises(StudyError) as raised:
        open_layer(LayerSource(path=path))
    found = [(p.id, p.row, p.details["found"]) for p in raised.value.problems]
    assert found == [("E-LAY-009", 3, 4), ("E-LAY-009", 5, 2)]


def test_two_columns_of_one_name(tmp_path):
    (tmp_path / "a.csv").write_text("x,y,pop, pop\n1,2,3,4\n")
    (tmp_path / "b.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": null, '
        '"properties": {"pop": 10, "pop": 99}}]}'
    )
    for name in ("a.csv", "b.geojson"):
        problem = refusal(tmp_path / name)
        assert (problem.id, problem.column) == ("E-LAY-010", "pop")


def test_rows_count_as_excel_counts_them(tmp_path):
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    for cells_of_row in (["x", "y"], [1, 2], [None, None], [3, 4]):
        book.active.append(cells_of_row)
    book.active.row_dimensions[4].hidden = True
    book.save(path)
    problem = refusal(path)
    assert (problem.id, problem.row, problem.details) == ("E-LAY-022", 4, {"count": 1})
    raw = open_layer(LayerSource(path=path, hidden_rows="read"))
    assert raw.rows.tolist() == [2, 4]
    assert raw.warnings == (("R-LAY-001", {"count": 1}),)
    raw = open_layer(LayerSource(path=path, hidden_rows="skip"))
    assert raw.rows.tolist() == [2]
    assert raw.warnings == (("R-LAY-006", {"count": 1, "rows": "4"}),)


def test_a_formula_that_was_never_calculated(tmp_path):
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["x", "y", "population"])
    book.active.append([1, 2, "=1+2"])
    book.save(path)
    problem = refusal(path)
    assert (problem.id, problem.row, problem.column) == ("E-LAY-014", 2, "C")


# --- encodings


@pytest.mark.parametrize(
    ("content", "cpg", "read_as"),
    [
        ("utf-8", "UTF-8", "utf-8"),
        ("utf-8", None, "utf-8"),
        ("gb18030", None, "gb18030"),
        ("gb18030", "GBK", "gb18030"),
        ("gb18030", "936", "gb18030"),
    ],
)
def test_the_text_of_a_shapefile(tmp_path, content, cpg, read_as):
    path = tmp_path / "a.shp"
    layer = gpd.GeoDataFrame({"名称": ["幸福养老院"]}, geometry=[Point(XY[0])], crs=4549)
    layer.to_file(path, encoding=content)
    path.with_suffix(".cpg").unlink()
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    raw = open_layer(LayerSource(path=path))
    assert raw.table["名称"].tolist() == ["幸福养老院"]
    assert raw.encoding == read_as


def test_a_cpg_that_is_wrong(tmp_path):
    path = tmp_path / "a.shp"
    gpd.GeoDataFrame({"n": ["幸福养老院"]}, geometry=[Point(XY[0])]).set_crs(4549).to_file(
        path, encoding="gb18030"
    )
    path.with_suffix(".cpg").write_text("UTF-8")
    assert refusal(path).id == "E-LAY-008"
    path.with_suffix(".cpg").write_text("no-such-encoding")
    assert refusal(path).id == "E-LAY-008"
    stated = open_layer(LayerSource(path=path, encoding="gb18030"))
    assert stated.table["n"].tolist() == ["幸福养老院"]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"x,y\n\xff\xff,1\n", None),
        ("x,y\n幸福,1\n".encode("gb18030"), "utf-8"),
        (codecs.BOM_UTF16_LE + b"x\x00,\x00y", None),
    ],
)
def test_text_that_fits_no_encoding(tmp_path, content, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert refusal(path, encoding=encoding).id == "E-LAY-008"


def test_geojson_that_is_not_utf8(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_bytes('{"type": "FeatureCollection", "name": "幸福", "features": []}'.encode("gbk"))
    assert refusal(path).id == "E-LAY-008"


# --- a real city


@pytest.fixture
def las_palmas():
    if not DATA.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{DATA} is missing")
        pytest.skip("the shared data of Las Palmas is not beside the repository")
    bounds = (-15.52, 27.98, -15.36, 28.22)
    return Frame(working_crs(bounds), bounds)


def test_the_population_grid_of_las_palmas(las_palmas, tmp_path):
    path = shutil.copy(DATA / "las_palmas_population_grid_100m_2015.csv", tmp_path)
    columns = {"id": "cell_id", "population": "POP_2015"}
    source = ResidentialSource(path=path, crs="EPSG:4326", cell_m=100, columns=columns)
    read = read_residential(source, PeopleSettings(), las_palmas, groups=())
    plain = pd.read_csv(path)
    assert len(read.layer) == len(plain) == 5983
    assert read.layer["population"].sum() == round(plain["POP_2015"].sum()) == 371_312
    assert (abs(read.layer["population"].to_numpy() - plain["POP_2015"]) < 1).all()
    places = gpd.GeoSeries.from_xy(plain["lng"], plain["lat"], crs=4326).to_crs(las_palmas.crs)
    homes = homes_at_blocks(read.layer)
    assert homes.distance(places.set_axis(homes.index)).max() < 0.001


def test_the_catchments_of_las_palmas(las_palmas):
    columns = {"id": "Codigo", "name": "Denominaci"}
    source = AdminSource(path=DATA / "secondary_school_catchments.geojson", columns=columns)
    read = read_admin(source, las_palmas)
    assert len(read.layer) == 29
    assert read.files[0]["crs"] == "EPSG:5635"
    town = gpd.read_file(DATA / "municipality_boundary_CNIG.geojson").to_crs(las_palmas.crs)
    inside = read.layer.intersection(town.union_all()).area.sum() / read.layer.area.sum()
    assert inside > 0.9  # an error of datum, axes or zone would move them off the town
    again = read.layer.set_geometry(read.layer.representative_point())
    assert admin_of_blocks(again, read.layer).notna().all()


def test_a_warning_of_the_file_reader_is_recorded(tmp_path, monkeypatch):
    def warn(*args, **keys):
        warnings.warn("measured geometries lost their m", UserWarning, stacklevel=2)
        return pyogrio.read_dataframe(*args, **keys)

    path = written(tmp_path, ".gpkg")
    monkeypatch.setattr("carecircle.layers.gis_files.pyogrio", SimpleNamespace(**vars(pyogrio)))
    monkeypatch.setattr("carecircle.layers.gis_files.pyogrio.read_dataframe", warn)
    record = cells(path).records[0]
    assert record["id"] == "R-LAY-002"
    assert "lost their m" in record["what"]["zh"]


def test_a_reader_that_gives_fewer_rows_than_the_file_has(tmp_path, monkeypatch):
    path = written(tmp_path, ".gpkg")
    fewer = SimpleNamespace(**vars(pyogrio))
    fewer.read_dataframe = lambda *args, **keys: pyogrio.read_dataframe(*args, **keys).head(2)
    monkeypatch.setattr("carecircle.layers.gis_files.pyogrio", fewer)
    problem = refusal(path)
    assert problem.id == "E-LAY-004"
    assert "2 found where the file itself says 3" in problem.text("en")


def test_only_a_workbook_counts_days(tmp_path):
    """Day 0 by ECMA-376, 18.17.4.1: 1899-12-30 from March 1900 on."""
    zero = {
        e: str(open_layer(LayerSource(path=written(tmp_path, e))).day_zero)
        for e in (".csv", ".xlsx", ".xls")
    }
    assert zero == {".csv": "None", ".xlsx": "1899-12-30", ".xls": "1899-12-30"}


def test_a_circle_of_arcs_is_read_as_a_polygon(tmp_path):
    """A CURVEPOLYGON of 100 m radius; GDAL draws its arcs in steps of 4 degrees."""
    path, (x, y) = tmp_path / "round.gpkg", (504_000.0, 3_322_100.0)
    square = gpd.GeoDataFrame({"population": [10]}, geometry=[box(x, y, x + 1, y + 1)], crs=4549)
    square.to_file(path, engine="pyogrio")
    ends = [(x - 100, y), (x, y + 100), (x + 100, y), (x, y - 100), (x - 100, y)]
    arcs = struct.pack("<BII", 1, 8, len(ends)) + b"".join(struct.pack("<dd", *xy) for xy in ends)
    with contextlib.closing(sqlite3.connect(path)) as file:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in file.execute(triggers).fetchall():
            file.execute(f'DROP TRIGGER "{name}"')
        (blob,) = file.execute("SELECT geom FROM round").fetchone()
        header, curve = blob[:40], struct.pack("<BII", 1, 10, 1)  # with an envelope
        file.execute("UPDATE round SET geom = ?", (header + curve + arcs,))
        file.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'CURVEPOLYGON'")
        file.commit()
    people = PeopleSettings(age_60_plus_share=0.2, age_0_2_share=0.02)
    read = read_residential(ResidentialSource(path=path), people, FRAME)
    step = math.radians(4)
    expected = 100**2 * math.pi / step * math.sin(step)
    assert read.layer.area.item() == pytest.approx(expected, rel=1e-6)
