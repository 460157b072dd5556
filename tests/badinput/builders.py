"""Files of the corpus that cannot be written as text: each builder makes one in a folder."""

from __future__ import annotations

import codecs
import json
import os
import struct
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import openpyxl
import pyogrio
import rasterio
import shapely
import shapely.affinity
from shapely.geometry import GeometryCollection, LineString, MultiPoint, Point, Polygon, box

from carecircle.layers.streets import StreetLines

X, Y = 500_100.0, 3_320_100.0  # in the study area, EPSG:4549


def square(dx: float = 0, side: float = 100) -> Polygon:
    return box(X + dx, Y, X + dx + side, Y + side)


def save(folder: Path, shapes: list, crs: object = "EPSG:4549", name="q.gpkg", **columns) -> Path:
    """Shapes with 10 people each unless said."""
    table = {"population": [10] * len(shapes), **columns}
    path = folder / name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no CRS, on purpose
        gpd.GeoDataFrame(table, geometry=shapes, crs=crs).to_file(path, engine="pyogrio")
    return path


def shapefile(folder: Path, **columns) -> Path:
    """Two stations."""
    layer = gpd.GeoDataFrame(columns, geometry=[Point(X, Y), Point(X + 100, Y)], crs=4549)
    layer.to_file(folder / "s.shp", encoding="utf-8")
    return folder / "s.shp"


def chinese_shapefile(folder: Path, cpg: str | None) -> Path:
    """Written in GBK; the .cpg says what it likes."""
    layer = gpd.GeoDataFrame({"name": ["幸福养老院"]}, geometry=[Point(X, Y)], crs=4549)
    layer.to_file(folder / "s.shp", encoding="gb18030")
    (folder / "s.cpg").unlink()
    if cpg:
        (folder / "s.cpg").write_text(cpg)
    return folder / "s.shp"


def sheet(folder: Path, *rows: list, name: str = "s.xlsx", change=None) -> Path:
    """A workbook of one sheet; ``change`` may still spoil it."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book.active)
    book.save(folder / name)
    return folder / name


def points_json(folder: Path, *coordinates, **more) -> Path:
    """A GeoJSON of points."""
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": place}}
        for place in coordinates
    ]
    path = folder / "s.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}))
    return path


def cut(path: Path, kept: float) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    return path


# --- 2.1 coordinates


def no_crs(folder):
    return save(folder, [square()], crs=None)


def degrees_label_on_metres(folder):
    return save(folder, [square(), square(900)], crs="EPSG:4326")


def projected_geojson_without_crs(folder):
    return points_json(folder, [X, Y], [X + 50, Y])


def swapped_polygons(folder):
    return save(folder, [shapely.transform(square(), lambda xy: xy[:, ::-1])] * 2)


def neighbouring_zone(folder):
    return save(folder, [square(), square(900)], crs="EPSG:4548")


def zone_in_the_easting(folder):
    return save(folder, [shapely.affinity.translate(square(d), 40e6) for d in (0, 900)])


def web_mercator(folder):
    return save(folder, list(gpd.GeoSeries([square()], crs=4549).to_crs(3857)), crs="EPSG:3857")


def antimeridian(folder):
    return save(folder, [box(-179, 30, 179, 31)], crs="EPSG:4326")


# --- 2.2 tables


def gbk_without_cpg(folder):
    return chinese_shapefile(folder, None)


def spoilt_gbk_without_cpg(folder):
    path = chinese_shapefile(folder, None)
    content = path.with_suffix(".dbf").read_bytes()
    spoilt = content.replace("福".encode("gbk"), b"\xff ")  # no character of GB18030
    path.with_suffix(".dbf").write_bytes(spoilt)
    return path


def gbk_under_a_utf8_cpg(folder):
    return chinese_shapefile(folder, "UTF-8")


def gbk_under_its_own_cpg(folder):
    return chinese_shapefile(folder, "GBK")


def gbk_under_a_latin_cpg(folder):
    layer = gpd.GeoDataFrame({"机构名称": ["幸福"]}, geometry=[Point(X, Y)], crs=4549)
    layer.to_file(folder / "s.shp", encoding="gb18030")
    (folder / "s.cpg").write_text("ISO-8859-1")
    return folder / "s.shp"


def utf8_under_a_gbk_cpg(folder):
    layer = gpd.GeoDataFrame({"NAME": ["幸福院"]}, geometry=[Point(X, Y)], crs=4549)
    layer.to_file(folder / "s.shp", encoding="utf-8")
    (folder / "s.cpg").write_text("GBK")
    return folder / "s.shp"


def spanish_under_a_latin_cpg(folder):
    names = ["Ñandú Güímar", "café olé"]
    places = [Point(X, Y), Point(X + 500, Y)]
    layer = gpd.GeoDataFrame({"NAME": names}, geometry=places, crs=4549)
    layer.to_file(folder / "s.shp", encoding="iso-8859-1")
    (folder / "s.cpg").write_text("ISO-8859-1")
    return folder / "s.shp"


def names_in_two_lines(folder):
    header = ["编\n号", "x", "y", "常住\r\n人口", "people\n60+"]
    return sheet(folder, header, ["a", 120.05, 30.05, 300, 60])


def merged_towns(folder):
    header = ["town_code", "kind", "x", "y"]
    rows = [["A街道", "养老院", 120.05, 30.05], [None, None, 120.06, 30.05]]

    def merge(table):
        table.merge_cells("A2:A3")
        table.merge_cells("B2:B3")

    return sheet(folder, header, *rows, change=merge)


def flat_polygon(folder):
    line = [(X, Y), (X + 90, Y), (X, Y), (X, Y)]
    layer = gpd.GeoDataFrame({"population": [1]}, geometry=[Polygon(line)], crs=4549)
    layer.to_file(folder / "q.gpkg")
    return folder / "q.gpkg"


def laundered_names(folder):
    layer = gpd.GeoDataFrame(
        {"population": [100], "populati_1": [20]}, geometry=[square()], crs=4549
    )
    layer.to_file(folder / "q.shp")
    return folder / "q.shp"


def utf16_table(folder):
    path = folder / "s.csv"
    text = "x\ty\tname\n120.05\t30.05\t幸福\n"
    path.write_bytes(codecs.BOM_UTF16_LE + text.encode("utf-16-le"))
    return path


def long_numeric_id(folder):
    return sheet(folder, ["id", "x", "y"], [123456789012345678, 120.05, 30.05])


def title_above_the_header(folder):
    return sheet(
        folder,
        ["幸福区养老设施一览表"],
        [],
        ["id", "x", "y", "name"],
        ["a", 120.05, 30.05, "幸福"],
    )


def header_in_two_rows(folder):
    def merge(page):
        page.merge_cells("A1:A2")
        page.merge_cells("B1:C1")

    rows = ["id", "位置", None, "人口"], [None, "x", "y", "population"], ["a", 120.05, 30.05, 7]
    return sheet(folder, *rows, name="homes.xlsx", change=merge)


HOMES = ["id", "x", "y", "population", "name"], ["a", 120.05, 30.05, 10, "甲"]


def total_row(folder):
    return sheet(folder, *HOMES, ["合 计", None, None, 10, None], name="homes.xlsx")


def hidden_row(folder):
    def hide(page):
        page.row_dimensions[3].hidden = True

    return sheet(folder, *HOMES, ["b", 120.06, 30.05, 20, "乙"], name="homes.xlsx", change=hide)


def row_without_height(folder):
    def flatten(page):
        page.row_dimensions[3].height = 0.1

    rows = [["id", "x", "y", "population"], ["a", 120.05, 30.05, 7], ["b", 120.06, 30.05, 8]]
    return sheet(folder, *rows, change=flatten)


def thousands_with_a_dot(folder):
    people = ["1.200", "850", "2.050", "12.005"]
    return save(folder, [square(d) for d in (0, 200, 400, 600)], population=people)


def thousands_with_a_dot_everywhere(folder):
    people = ["12.500", "15.300", "8.240"]
    return save(folder, [square(d) for d in (0, 200, 400)], population=people)


def thousands_that_became_decimals(folder):
    people = [12.5, 15.3, 8.75, 10.25, 22.7]
    shapes = [square(d, 180 + d / 100) for d in (0, 230, 470, 700, 990)]
    return save(folder, shapes, population=people)


def quarters_in_ten_thousands(folder):
    people = [0.0331, 0.0404, 0.12, 0.08, 0.3]
    return save(folder, [square(200 * k) for k in range(5)], population=people)


def struck_row(folder):
    def strike(page):
        for cell in page[3]:
            cell.font = openpyxl.styles.Font(strike=True)

    rows = [["id", "x", "y", "population"], ["a", 120.05, 30.05, 7], ["b", 120.06, 30.05, 8]]
    return sheet(folder, *rows, change=strike)


def hidden_sheet_behind_a_cover(folder):
    def hide(page):
        cover = page.parent.create_sheet("封面")
        cover["A1"] = "封面"
        page.parent.active = 1
        page.sheet_state = "hidden"

    return sheet(folder, ["id", "x", "y", "population"], ["a", 120.05, 30.05, 7], change=hide)


def grouped_header(folder):
    rows = [["基本情况", None, None, "规模"], ["编号", "x", "y", "人口"], ["a", 120.05, 30.05, 7]]
    return sheet(folder, *rows)


def unit_on_another(folder):
    return save(folder, [square(side=300), square(10, 100)])


def units_over_their_border(folder):
    return save(folder, [square(), square(95)])


def merged_people(folder):
    def merge(page):
        page.merge_cells("D2:D3")

    return sheet(folder, *HOMES, ["b", 120.06, 30.05, None, "乙"], name="homes.xlsx", change=merge)


def merged_names(folder):
    def merge(page):
        page.merge_cells("E2:E3")

    return sheet(folder, *HOMES, ["b", 120.06, 30.05, 20, None], name="homes.xlsx", change=merge)


def merged_ids(folder):
    def merge(page):
        page.merge_cells("A2:A3")

    return sheet(folder, *HOMES, [None, 120.06, 30.05, 20, "乙"], name="homes.xlsx", change=merge)


def uncalculated_formula(folder):
    return sheet(folder, *HOMES, ["b", 120.06, 30.05, "=10+10", "乙"], name="homes.xlsx")


def numbers_as_text(folder):
    return sheet(folder, HOMES[0], ["a", "120.05", "30.05", "1200", "甲"], name="homes.xlsx")


def a_date_for_people(folder):
    import datetime

    return sheet(
        folder, HOMES[0], ["a", 120.05, 30.05, datetime.date(2024, 5, 1), "甲"], name="h.xlsx"
    )


def days_for_dates(folder):
    """A number of days, a cell that Excel shows as a date, and one with a time of day."""
    import datetime

    leap, noon = datetime.date(2024, 2, 29), datetime.datetime(2025, 6, 1, 12)
    rows = [[120.05, 30.05, 45809], [120.06, 30.05, leap], [120.07, 30.05, noon]]
    return sheet(folder, ["x", "y", "opened"], *rows)


def days_since_1904(folder):
    def count_from_1904(page):
        page.parent.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    return sheet(folder, ["x", "y", "opened"], [120.05, 30.05, 44347], change=count_from_1904)


def numbers_for_dates(folder):
    return sheet(folder, ["x", "y", "opened"], [120.05, 30.05, 45809.5], [120.06, 30.05, 12000])


def an_error_for_people(folder):
    return sheet(folder, HOMES[0], ["a", 120.05, 30.05, "#N/A", "甲"], name="homes.xlsx")


def two_sheets(folder):
    book = openpyxl.Workbook()
    for name in ("养老", "托育"):
        page = book.create_sheet(name)
        page.append(["x", "y"])
        page.append([120.05, 30.05])
    book.save(folder / "s.xlsx")
    return folder / "s.xlsx"


def missing_people_in_a_gis_layer(folder):
    return save(folder, [square(), square(900)], population=[5.0, np.nan])


def infinite_people_in_a_gis_layer(folder):
    return save(folder, [square(), square(900)], population=[5.0, np.inf])


# --- 2.3 geometry


def bow_tie(folder):
    ring = [(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)]
    return save(folder, [square(900), Polygon(ring)])


def lopsided_bow_tie(folder):
    ring = [(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 30)]
    return save(folder, [Polygon(ring)])


def hole_outside(folder):
    hole = [(X + 300, Y), (X + 350, Y), (X + 350, Y + 50), (X + 300, Y)]
    return save(folder, [Polygon(square().exterior.coords, [hole])])


def small_overshoot(folder):
    ring = [(X, Y), (X + 100, Y), (X + 100, Y + 100), (X, Y + 100), (X, Y - 1), (X - 1, Y)]
    return save(folder, [Polygon([*ring, (X + 0.5, Y)])])


def no_geometry(folder):
    return save(folder, [square(), None])


def empty_geometry(folder):
    return save(folder, [square(), Polygon()])


def overlapping(folder):
    return save(folder, [square(), square(50)])


def with_heights(folder):
    return save(folder, [shapely.force_3d(square(), 12.0)])


def several_points_in_one(folder):
    return save(folder, [MultiPoint([(X, Y), (X + 100, Y)])])


def one_point_in_many(folder):
    return save(folder, [MultiPoint([(X, Y)])])


def line_among_polygons(folder):
    return save(folder, [square(), LineString([(X, Y), (X + 9, Y)])])


def collection(folder):
    return save(folder, [GeometryCollection([square(), Point(X, Y)])])


def infinite_corner(folder):
    return save(folder, [square(), Polygon([(X, Y), (X, np.inf), (X + 9, Y)])])


def coordinates_as_text(folder):
    return points_json(folder, ["120.05", "30.05"], [120.05, 30.05])


def unknown_wkb(folder):
    """A polyhedral surface in a GeoPackage, put there behind the back of the writer."""
    import sqlite3

    path = save(folder, [square()])
    database = sqlite3.connect(path)
    (blob,) = database.execute("select geom from q").fetchone()
    head = 8 + 32  # GeoPackage header with an envelope
    surface = blob[:head] + struct.pack("<BII", 1, 1015, 0)
    with database:  # the triggers of the spatial index need functions sqlite has not
        for (name,) in database.execute("select name from sqlite_master where type='trigger'"):
            database.execute(f'drop trigger "{name}"')
        database.execute("update q set geom = ?", (surface,))
    database.close()
    return path


# --- 2.4 streets


def graph(length=50.0, **node):
    g = nx.MultiDiGraph(crs="EPSG:4326")
    g.add_node(1, **({"x": 120.05, "y": 30.05} | node))
    g.add_node(2, x=120.051, y=30.05)
    g.add_edge(1, 2, length=length, highway="residential")
    return g


def negative_edge(_):
    return graph(-5.0)


def edge_without_length(_):
    g = graph()
    del g.edges[1, 2, 0]["length"]
    return g


def nan_edge(_):
    return graph(float("nan"))


def infinite_edge(_):
    return graph(float("inf"))


def edge_to_an_unknown_node(_):
    g = graph()
    g.add_edge(1, 99, length=3.0, highway="residential")
    return g


def no_edges(_):
    g = graph()
    g.remove_edge(1, 2)
    return g


def osm(folder: Path, nodes: str, ways: str) -> Path:
    path = folder / "streets.osm"
    path.write_text(f'<osm version="0.6">{nodes}{ways}</osm>', encoding="utf-8")
    return path


def node(id: int, lon: float, lat: float) -> str:
    return f'<node id="{id}" version="1" lon="{lon}" lat="{lat}"/>'


def way(id: int, refs: list[int], highway: str) -> str:
    points = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    return f'<way id="{id}" version="1">{points}<tag k="highway" v="{highway}"/></way>'


def streets(folder: Path) -> Path:
    """Four streets round a block, for the cases that go through the command."""
    corners = [(120.05, 30.05), (120.06, 30.05), (120.06, 30.06), (120.05, 30.06)]
    nodes = "".join(node(k, *corner) for k, corner in enumerate(corners, 1))
    return osm(folder, nodes, way(10, [1, 2, 3, 4, 1], "residential"))


def only_a_motorway(folder):
    return osm(folder, node(1, 120, 30) + node(2, 120.01, 30), way(10, [1, 2], "motorway"))


def ways_without_nodes(folder):
    nodes = node(1, 120, 30) + node(2, 120.001, 30)
    return osm(folder, nodes, way(10, [1, 2, 3, 4], "residential"))


def latitude_131(folder):
    nodes = node(1, 120, 30) + node(2, 120.001, 30) + node(3, 120, 131.2) + node(4, 120, 131.3)
    return osm(folder, nodes, way(10, [1, 2, 3, 4], "residential"))


def web_page_named_pbf(folder):
    path = folder / "city.osm.pbf"
    path.write_text("<html><body>404 Not Found</body></html>")
    return path


def xml_bomb(folder):
    path = folder / "city.osm"
    levels = "".join(f'<!ENTITY a{k} "{f"&a{k - 1};" * 10}">' for k in range(1, 10))
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a0 "aaaaaaaaaa">{levels}]>'
        '<osm version="0.6"><node id="1" version="1" lon="120" lat="30">'
        '<tag k="name" v="&a9;"/></node></osm>'
    )
    return path


def xml_that_reads_files(folder):
    (folder / "secret.txt").write_text("secret")
    path = folder / "city.osm"
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY x SYSTEM "secret.txt">]>'
        '<osm version="0.6"><node id="1" version="1" lon="120" lat="30">'
        '<tag k="name" v="&x;"/></node></osm>'
    )
    return path


# --- 2.5 files


def shp_cut_in_half(folder):
    cut(shapefile(folder, name=["a", "b"]), 0.7)
    return folder / "s.shp"


def without_dbf(folder):
    shapefile(folder, name=["a", "b"])
    (folder / "s.dbf").unlink()
    return folder / "s.shp"


def dbf_cut_in_half(folder):
    shapefile(folder, name=["a", "b"])
    cut(folder / "s.dbf", 0.5)
    return folder / "s.shp"


def without_shx(folder):
    shapefile(folder, name=["a", "b"])
    (folder / "s.shx").unlink()
    return folder / "s.shp"


def geopackage_cut(folder):
    return cut(save(folder, [square()]), 0.5)


def geopackage_with_a_spoilt_page(folder):
    path = save(folder, [square()])
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    return path


def geojson_cut(folder):
    return cut(points_json(folder, [120.05, 30.05], [120.06, 30.05]), 0.8)


def geojson_lines(folder):
    path = points_json(folder, [120.05, 30.05])
    feature = json.dumps(json.loads(path.read_text())["features"][0])
    path.write_text(f"{feature}\n{feature}\n")
    return path


def nested_geojson(folder):
    path = folder / "s.geojson"
    path.write_text('{"a":' * 100_000)
    return path


def flatgeobuf_cut(folder):
    return cut(save(folder, [square(d) for d in range(0, 900, 100)], name="q.fgb"), 0.6)


def parquet_with_a_flipped_bit(folder):
    path = folder / "q.parquet"
    layer = gpd.GeoDataFrame({"population": range(100)}, geometry=[square()] * 100, crs=4549)
    layer.to_parquet(path, write_page_checksum=True, compression="none")
    content = bytearray(path.read_bytes())
    content[200] ^= 1  # in the first page of the first column
    path.write_bytes(content)
    return path


def plain_parquet(folder):
    import pandas as pd

    pd.DataFrame({"x": [120.05], "y": [30.05], "population": [1]}).to_parquet(folder / "q.parquet")
    return folder / "q.parquet"


def old_excel(folder: Path, name: str) -> Path:
    """A copy of an .xls of the tests: nothing here writes the old format."""
    path = folder / "s.xls"
    path.write_bytes((Path(__file__).parents[1] / "layers" / "files" / name).read_bytes())
    return path


def xls_cut(folder):
    return cut(old_excel(folder, "cells.xls"), 0.8)


def messy_xls(folder):
    return old_excel(folder, "messy.xls")


def xlsx_cut(folder):
    return cut(sheet(folder, *HOMES, name="homes.xlsx"), 0.8)


def empty_file(folder):
    (folder / "s.csv").touch()
    return folder / "s.csv"


def missing_file(folder):
    return folder / "s.csv"


def virtual_layer(folder):
    secret = save(folder, [square()])
    path = folder / "s.geojson"
    path.write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="q"><SrcDataSource>'
        f"{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    return path


def virtual_layer_by_name(folder):
    path = folder / "s.vrt"
    path.write_text("<OGRVRTDataSource/>")
    return path


def zipped(folder: Path, members: dict[str, bytes], name="s.zip") -> Path:
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return folder / name


STATIONS = "id,x,y,name\na,120.05,30.05,幸福\n".encode()


def shapefile_members(folder: Path, stem: str = "s") -> dict[str, bytes]:
    inside = folder / "inside"
    inside.mkdir()
    shapefile(inside, name=["a", "b"])
    return {f"{stem}{part.suffix}": part.read_bytes() for part in sorted(inside.iterdir())}


def zipped_shapefile(folder):
    return zipped(folder, {**shapefile_members(folder, "数据/养老站"), "说明.txt": b"x"})


def zip_with_two_layers(folder):
    return zipped(folder, {"a.csv": STATIONS, "b.csv": STATIONS})


def zip_without_a_layer(folder):
    return zipped(folder, {"readme.txt": b"nothing"})


def kmz_without_a_kml(folder):
    return zipped(folder, {"images/pin.png": b"nothing"}).rename(folder / "s.kmz")


def zip_that_climbs_out(folder):
    inside = folder / "deep" / "er"
    inside.mkdir(parents=True)
    return zipped(inside, {"../../escaped.csv": STATIONS})


def zip_bomb(folder):
    return zipped(folder, {"s.csv": b" " * (20 * 1024**2)})


def zip_that_claims_gigabytes(folder):
    """The list of the archive says 3 GB; the bytes are not there."""
    path = zipped(folder, {"s.csv": STATIONS})
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 3 * 1024**3)
    path.write_bytes(content)
    return path


def zip_with_a_damaged_member(folder):
    path = folder / "s.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("s.csv", STATIONS)
    path.write_bytes(path.read_bytes().replace("幸福".encode(), "幸运".encode()))
    return path


def zip_in_a_zip(folder):
    inner = zipped(folder, {"s.csv": STATIONS}, "inner.zip")
    return zipped(folder, {"inner.zip": inner.read_bytes()})


def zip_with_half_a_shapefile(folder):
    members = shapefile_members(folder)
    del members["s.dbf"]
    return zipped(folder, members)


def xlsx_bomb(folder):
    path = sheet(folder, *HOMES, name="homes.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b" " * (20 * 1024**2))
    return path


def two_layers(folder):
    path = save(folder, [square()])
    pyogrio.write_dataframe(
        gpd.GeoDataFrame({"a": [1]}, geometry=[square()], crs=4549), path, layer="other"
    )
    return path


def name_with_a_line_break(folder):
    path = folder / ("s\nx.csv" if os.name != "nt" else "sx.csv")
    path.write_text("x,y\n120.05,oops\n")
    return path


KML = '<?xml version="1.0"?>{doctype}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
PLACEMARK = (
    "<Placemark><name>幸福站</name><ExtendedData><Data name='床位数'><value>20</value></Data>"
    "</ExtendedData><Point><coordinates>{},0</coordinates></Point></Placemark>"
)


def kml(folder: Path, inside: str, doctype: str = "") -> Path:
    path = folder / "s.kml"
    path.write_text(KML.format(inside, doctype=doctype), encoding="utf-8")
    return path


def kml_of_a_map_service(folder):
    return kml(folder, PLACEMARK.format("120.05,30.05"))


def kml_with_a_bad_place(folder):
    return kml(folder, PLACEMARK.format("120.05,30.05") + PLACEMARK.format("120.05,北"))


def kml_with_two_folders(folder):
    part = "<Folder><name>{}</name>" + PLACEMARK.format("120.05,30.05") + "</Folder>"
    return kml(folder, part.format("养老") + part.format("托育"))


def kml_bomb(folder):
    return kml(folder, PLACEMARK.format("120.05,30.05"), '<!DOCTYPE kml [<!ENTITY a "aaaa">]>')


def kml_cut(folder):
    return cut(kml_of_a_map_service(folder), 0.9)


WEST, SOUTH, SIDE = 120.05, 30.05, 0.01  # the street block of `streets`


def study_of_people(folder: Path, tables: str, *quarters: tuple[float, float]) -> Path:
    """A study of quarters, 1/10 of the street block wide, at these places within it."""
    shapes = [box(x, y, x + 0.1, y + 0.1) for x, y in quarters]
    turned = shapely.affinity.affine_transform
    placed = [turned(shape, [SIDE, 0, 0, SIDE, WEST, SOUTH]) for shape in shapes]
    ids = [f"q{k}" for k in range(len(placed))]
    save(folder, placed, crs="EPSG:4326", code=ids)
    text = f"""
        [study]
        name = "a"
        [network]
        path = "streets.osm"
        [residential]
        path = "q.gpkg"
        columns = {{ id = "code" }}
        {tables}
        [people]
        age_60_plus_share = 0.2
        age_0_2_share = 0.02
    """
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder / "study.toml"


def raster_study(
    folder: Path,
    pixels: list,
    nodata: float | None = None,
    dtype: str = "float32",
    quarters: tuple = ((0.0, 0.9), (0.8, 0.1)),
) -> Path:
    """Pixels of a tenth of the street block, from its north-west corner; quarters on it."""
    values = np.array(pixels, dtype=dtype)
    size = {"height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": dtype}
    step = SIDE / 10
    place = rasterio.Affine(step, 0, WEST, 0, -step, SOUTH + SIDE)
    about = {"driver": "GTiff", "crs": "EPSG:4326", "transform": place, "nodata": nodata, **size}
    with rasterio.open(folder / "people.tif", "w", **about) as file:
        file.write(values, 1)
    tables = '[population]\nsource = "raster"\nbase = "resident"\n[raster]\npath = "people.tif"'
    return study_of_people(folder, tables, *quarters)


def raster_without_its_nodata_value(folder):
    return raster_study(folder, np.where(np.eye(10), -9999, 3).tolist())


def raster_of_half_the_study(folder):
    return raster_study(folder, np.full((10, 5), 3).tolist())


def raster_cut_along_a_boundary(folder):
    """It reaches over the whole study, but its eastern half is nodata."""
    return raster_study(folder, [[3] * 5 + [-9999] * 5] * 10, nodata=-9999)


def raster_of_two_bytes_without_its_nodata_value(folder):
    return raster_study(folder, np.where(np.eye(10), 65535, 3).tolist(), dtype="uint16")


def raster_of_one_byte_without_its_nodata_value(folder):
    return raster_study(folder, np.where(np.eye(10), 255, 3).tolist(), dtype="uint8")


def raster_of_huge_nodata(folder):
    """The largest number that programs write, not quite the largest of its type."""
    return raster_study(folder, np.where(np.eye(10), 3.4e38, 3).tolist())


def raster_of_densities(folder):
    """People on a square kilometre, where people of a pixel are meant."""
    return raster_study(folder, np.full((10, 10), 12_000).tolist())


def raster_with_a_hole(folder):
    pixels = np.full((10, 10), 3)
    pixels[3:7, 3:7] = -9999
    return raster_study(folder, pixels.tolist(), -9999, quarters=((0.0, 0.9), (0.4, 0.5)))


def cells_study(folder: Path, places: list, *quarters: tuple[float, float], more="") -> Path:
    """Points with 10 people each, at these places within the street block."""
    rows = "".join(f"{WEST + SIDE * x:.6f},{SOUTH + SIDE * y:.6f},10\n" for x, y in places)
    (folder / "grid.csv").write_text("x,y,population\n" + rows, encoding="utf-8")
    tables = f"""[population]
        source = "cells"
        base = "resident"
        [cells]
        path = "grid.csv"
        crs = "EPSG:4326"
        {more}
    """
    return study_of_people(folder, tables, *quarters)


def cells_of_half_the_study(folder):
    places = [(x, y) for x in (0.05, 0.4) for y in (0.05, 0.5, 0.95)]
    return cells_study(folder, places, (0.0, 0.0), (0.8, 0.1), (0.8, 0.8))


def points_pasted_twice(folder):
    places = [(0.05, 0.05), (0.06, 0.05), (0.05, 0.08)]
    return cells_study(folder, [*places, *places], (0.0, 0.0))


def cells_narrower_than_their_grid(folder):
    """About 100 m apart, ten metres wide."""
    places = [(0.05 + 0.1 * x, 0.05 + 0.1 * y) for x in range(10) for y in range(10)]
    return cells_study(folder, places, (0.0, 0.0), more="cell_m = 10")


def cells_wider_than_their_grid(folder):
    """About 96 m apart, 110 metres wide."""
    places = [(0.05 + 0.1 * x, 0.05 + 0.1 * y) for x in range(10) for y in range(10)]
    return cells_study(folder, places, (0.0, 0.0), more="cell_m = 110")


def survival_in_percent(folder):
    """A quarter and its census, carried forward by a table that does not hold ratios."""
    fives = [f"{first}-{first + 4}" for first in range(0, 85, 5)] + ["85+"]
    ages = "".join(f"{age},99.2\n" for age in ["births", *fives])
    (folder / "survival.csv").write_text("age,survival\n" + ages, encoding="utf-8")
    census = f"code,{','.join(fives)}\nu1{',10' * len(fives)}\n"
    (folder / "census.csv").write_text(census, encoding="utf-8")
    tables = """year = 2020
        [census]
        path = "census.csv"
        base = "resident"
        year = 2020
        unit = "u1"
        columns = { id = "code" }
        [ageing]
        path = "survival.csv"
        source = "a table"
        births_per_1000 = 8
    """
    path = cells_study(folder, [(0.05, 0.05), (0.06, 0.05), (0.05, 0.08)], (0.0, 0.0))
    text = path.read_text(encoding="utf-8").partition("[people]")[0]
    text = text.replace('base = "resident"', 'base = "resident"\n' + tables)
    path.write_text(text + "[people]\ntarget_year = 2030\n", encoding="utf-8")
    return path


def unit_of_which_the_study_has_few_dwellings(folder):
    """The only quarter holds one of the five houses of the unit."""
    return unit_with_houses(folder, (0.0, 0.0))


def quarters_without_a_mapped_dwelling(folder):
    """Two quarters hold a house each, a third one none."""
    return unit_with_houses(folder, (0.0, 0.0), (0.2, 0.0), (0.5, 0.5), least=1)


def unit_with_houses(folder: Path, *quarters: tuple[float, float], least: int = 50) -> Path:
    """Five houses of one size in a unit, along its southern edge."""
    corners = [(120.05, 30.05), (120.06, 30.05), (120.06, 30.06), (120.05, 30.06)]
    nodes = "".join(node(k, *corner) for k, corner in enumerate(corners, 1))
    ways = way(10, [1, 2, 3, 4, 1], "residential")
    for k in range(5):
        west, south, first = WEST + 0.0002 + 0.002 * k, SOUTH + 0.0002, 100 + 10 * k
        ring = [(west, south), (west + 2e-4, south), (west + 2e-4, south + 2e-4)]
        nodes += "".join(node(first + at, *place) for at, place in enumerate(ring))
        refs = "".join(f'<nd ref="{first + at}"/>' for at in (0, 1, 2, 0))
        ways += f'<way id="{20 + k}" version="1">{refs}<tag k="building" v="house"/></way>'
    osm(folder, nodes, ways)
    unit = box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
    save(folder, [unit], crs="EPSG:4326", name="units.gpkg", code=["u1"])
    (folder / "census.csv").write_text("code,0到59岁,60岁以上\nu1,800,200\n", encoding="utf-8")
    tables = f"""[population]
        source = "units"
        base = "resident"
        [census]
        path = "census.csv"
        base = "resident"
        columns = {{ id = "code" }}
        least_in_quarters_percent = {least}
        [admin]
        path = "units.gpkg"
        columns = {{ id = "code" }}
    """
    path = study_of_people(folder, tables, *quarters)
    text = path.read_text(encoding="utf-8").partition("[people]")[0]
    path.write_text(text, encoding="utf-8")
    return path


def gates_study(folder: Path, *gates: str, more: str = "") -> Path:
    """A quarter of about 290 by 330 m with these gates (``x,y`` in parts of the street block)."""
    ground = box(WEST + 0.3 * SIDE, SOUTH + 0.3 * SIDE, WEST + 0.6 * SIDE, SOUTH + 0.6 * SIDE)
    save(folder, [ground], crs="EPSG:4326", code=["q0"])
    (folder / "gates.csv").write_text("block_id,x,y\n" + "\n".join(gates) + "\n", "utf-8")
    text = f"""
        [study]
        name = "a"
        [network]
        path = "streets.osm"
        [residential]
        path = "q.gpkg"
        walled = true
        columns = {{ id = "code" }}
        [people]
        age_60_plus_share = 0.2
        age_0_2_share = 0.02
        [entrances]
        path = "gates.csv"
        crs = "EPSG:4326"
        {more}
    """
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder / "study.toml"


def gate_deep_in_a_quarter(folder):
    return gates_study(folder, f"q0,{WEST + 0.45 * SIDE},{SOUTH + 0.45 * SIDE}")


def last_gate_in_a_bad_row(folder):
    """The gate of the quarter has no place; nine others belong to no quarter."""
    street = [f",{WEST + 0.1 * k * SIDE},{SOUTH}" for k in range(1, 10)]
    bad = 'on_bad_row = "quarantine"\nquarantine_limit_percent = 20'
    return gates_study(folder, "q0,,", *street, more=bad)


# --- terrain


def a_long_street():
    """Along the parallel of 30.05, from 120.02 to 120.08, a point every 100 m or so."""
    east = np.linspace(120.02, 120.08, 61)
    k = np.arange(60)
    return StreetLines(
        lonlat=np.column_stack([east, np.full(61, 30.05)]),
        ends=np.column_stack([k, k + 1]),
        kind=np.zeros(60, np.uint8),
        attachable=np.ones(60, bool),
    )


def dem(folder, change=None, *, west=119.99, crs="EPSG:4326", name="dem.tif", unit="m", **profile):
    """Heights in cells of 0.001 degrees round the study area; ``change`` may spoil them."""
    heights = np.add.outer(np.arange(130.0), np.arange(130.0))
    heights = heights if change is None else change(heights)
    bands = np.atleast_3d(heights.T).T
    grid = rasterio.transform.Affine(0.001, 0, west, 0, -0.001, 30.11)
    with rasterio.open(
        folder / name, "w", driver="GTiff", count=len(bands), height=130, width=130, crs=crs,
        dtype=bands.dtype, transform=grid, **{"nodata": -9999, **profile},
    ) as raster:  # fmt: skip
        raster.write(bands)
        raster.units = [unit] * len(bands)
    return folder / name


def heights_without_a_unit(folder):
    return dem(folder, unit="")


def heights_in_feet(folder):
    return dem(folder, unit="ft")


def heights_stretched_to_bytes(folder):
    return dem(folder, lambda z: (z * 255 / z.max()).round().astype("u1"), nodata=None, unit="")


def heights_in_millimetres(folder):
    return dem(folder, lambda z: z * 1000)


def heights_in_centimetres(folder):
    return dem(folder, lambda z: 60 * (z - z[:, :1]))  # 62 % up to the east


def heights_without_nodata(folder):
    def hole(z):
        z[20:80, 20:80] = -32768
        return z

    return dem(folder, hole, nodata=None)


def heights_with_a_void(folder):
    def hole(z):
        z[50:70, 60:80] = np.nan
        return z

    return dem(folder, hole)


def heights_of_half_the_streets(folder):
    return dem(folder, west=120.05)


def heights_of_another_country(folder):
    return dem(folder, west=100)


def heights_of_nowhere(folder):
    return dem(folder, crs=None)


def shaded_relief(folder):
    return dem(folder, lambda z: np.stack([z, z, z]))


def heights_cut_short(folder):
    return cut(dem(folder), 0.5)


def hgt_cut_short(folder):
    (folder / "N30E120.hgt").write_bytes(bytes(2 * 1201 * 1200))
    return folder / "N30E120.hgt"


def hgt_of_another_name(folder):
    (folder / "chongqing.hgt").write_bytes(bytes(2 * 1201 * 1201))
    return folder / "chongqing.hgt"


def hgt_that_is_all_void(folder):
    values = np.full((1201, 1201), -32768, ">i2")
    (folder / "N30E120.hgt").write_bytes(values.tobytes())
    return folder / "N30E120.hgt"


def ascii_heights(folder, unknown):
    """Whole metres, of which the first rows are numbers, as in a file of Esri's."""
    rows = [" ".join([cell] * 130) for cell in ["7", *["8"] * 39, *[unknown] * 40, *["9"] * 50]]
    head = "ncols 130", "nrows 130", "xllcorner 119.99", "yllcorner 29.98", "cellsize 0.001"
    (folder / "dem.asc").write_text("\n".join([*head, "NODATA_value -9999", *rows]))
    return folder / "dem.asc"


def ascii_heights_with_nan(folder):
    return ascii_heights(folder, "nan")


def ascii_heights_with_words(folder):
    return ascii_heights(folder, "N/A")


def archive_without_heights(folder):
    with zipfile.ZipFile(folder / "dem.zip", "w") as archive:
        archive.writestr("readme.txt", "ordered, not delivered")
    return folder / "dem.zip"


def web_page_named_tif(folder):
    (folder / "dem.tif").write_text("<html>404</html>")
    return folder / "dem.tif"


# --- 4 streets of the study's own


def roads(folder: Path, *lines: list, crs: object = "EPSG:4549", **columns) -> Path:
    """Road lines; each a list of places from (X, Y)."""
    shapes = [LineString([(X + p[0], Y + p[1]) for p in line]) for line in lines]
    layer = gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)
    layer.to_file(folder / "roads.gpkg", engine="pyogrio")
    return folder / "roads.gpkg"


def unknown_kind_of_road(folder):
    return roads(folder, [(0, 0), (90, 0)], [(0, 9), (90, 9)], kind=["支路", "大路"])


def level_in_words(folder):
    return roads(folder, [(0, 0), (90, 0)], level=["二层"])


def roads_without_crs(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no CRS, on purpose
        return roads(folder, [(0, 0), (90, 0)], crs=None)


def road_with_a_nan(folder):
    pairs = f"[[{X}, {Y}], [NaN, {Y + 90}]]"
    crs = '{"type": "name", "properties": {"name": "EPSG:4549"}}'
    line = f'{{"type": "LineString", "coordinates": {pairs}}}'
    row = f'{{"type": "Feature", "properties": {{}}, "geometry": {line}}}'
    text = f'{{"type": "FeatureCollection", "crs": {crs}, "features": [{row}]}}'
    (folder / "roads.geojson").write_text(text)
    return folder / "roads.geojson"


def roads_in_degrees(folder):
    shapes = [LineString([(120.05, 30.05), (120.06, 30.05)])]
    gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4549").to_file(folder / "roads.gpkg")
    return folder / "roads.gpkg"


def roads_drawn_as_polygons(folder):
    return save(folder, [square()], name="roads.gpkg")


def edge_table(folder: Path, *edges: tuple) -> Path:
    """Nodes a, b, c 100 m apart along a line, and edges between them."""
    nodes = "".join(f"{id},{X + 100 * k},{Y}\n" for k, id in enumerate("abc"))
    (folder / "nodes.csv").write_text("id,x,y\n" + nodes)
    rows = "".join(",".join(map(str, edge)) + "\n" for edge in edges)
    (folder / "edges.csv").write_text("from,to,length_m\n" + rows)
    return folder / "edges.csv"


def table_with_a_negative_length(folder):
    return edge_table(folder, ("a", "b", 100), ("b", "c", -100))


def table_with_a_nan_length(folder):
    return edge_table(folder, ("a", "b", "NaN"), ("b", "c", 100))


def table_with_a_zero_length(folder):
    return edge_table(folder, ("a", "b", 100), ("b", "c", 0))


def table_with_an_unknown_node(folder):
    return edge_table(folder, ("a", "b", 100), ("b", "d", 100))


def table_in_kilometres(folder):
    return edge_table(folder, ("a", "b", 0.1), ("b", "c", 0.1))


def places_for_fewer_than_all(folder):
    """A study of 40 people, one station of 10 places and one candidate of 20."""
    streets(folder)
    people = "id,x,y,population,old\na,120.05,30.05,100,25\nb,120.052,30.05,60,15\n"
    (folder / "homes.csv").write_text(people, encoding="utf-8")
    (folder / "stations.csv").write_text("id,name,x,y,capacity\ns1,一站,120.05,30.05,10\n", "utf-8")
    (folder / "plots.csv").write_text("id,name,x,y,capacity\np1,地块,120.052,30.05,20\n", "utf-8")
    path = folder / "study.toml"
    path.write_text(SHORT_OF_PLACES, encoding="utf-8")
    return path


SHORT_OF_PLACES = """
[study]
name = "a"
[network]
path = "streets.osm"
[residential]
path = "homes.csv"
crs = "EPSG:4326"
cell_m = 100
columns = { id = "id", age_60_plus = "old" }
[[facilities]]
path = "stations.csv"
crs = "EPSG:4326"
service = "elderly"
[[circles]]
service = "elderly"
minutes = 10
[sites]
generate = false
[[sites.candidates]]
path = "plots.csv"
crs = "EPSG:4326"
[siting]
seats = true
count = 1
target = 100
"""
