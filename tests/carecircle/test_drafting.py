"""A folder of layers becomes a study file that checks; whatever is not plain is a comment."""

import shutil
import tomllib

import geopandas as gpd
import openpyxl
import pytest
from shapely.geometry import box
from typer.testing import CliRunner

from carecircle.__main__ import app
from carecircle.drafting import draft_study, read_layer
from carecircle.draftroles import role_of
from carecircle.layers.problems import StudyError


@pytest.fixture
def desk(town):
    """What lies on a planner's desk: streets, quarters, communities, two lists of stations."""
    folder = town.folder
    town.write()
    (folder / "study.toml").unlink()
    (folder / "quarters.csv").unlink()
    (folder / "stations.csv").unlink()
    shapes = [box(q["lng"] - 5e-4, q["lat"] - 5e-4, q["lng"] + 5e-4, q["lat"] + 5e-4)
              for q in town.quarters]  # fmt: skip
    columns = {
        "小区编号": "code",
        "小区名称": "小区",
        "常住人口（人）": "people",
        "60岁以上人口": "old",
        "0-2岁": "small",
    }
    quarters = {theirs: [q[ours] for q in town.quarters] for theirs, ours in columns.items()}
    gpd.GeoDataFrame(quarters, geometry=shapes, crs=4326).to_file(folder / "居住小区.gpkg")
    units = gpd.GeoDataFrame(
        {"编码": ["u1"], "名称": ["幸福社区"]}, geometry=[box(106.5, 29.5, 106.6, 29.6)], crs=4326
    )
    units.to_file(folder / "社区.geojson")
    book = openpyxl.Workbook()
    book.active.append(["幸福区养老机构一览表"])
    book.active.append(["机构编号", "机构名称", "床位数", "经度", "纬度"])
    book.active.append(["s1", "幸福养老驿站", 20, 106.551, 29.561])
    book.save(folder / "养老机构.xlsx")
    (folder / "托育点.csv").write_text(
        "编号,名称,经度,纬度\nk1,宝宝屋,106.552,29.562\n", encoding="gbk"
    )
    (folder / "小区大门.csv").write_text(
        "小区编号,经度,纬度\nq00,106.5514,29.561\n", encoding="utf-8"
    )
    return folder


def test_the_draft_of_a_clean_folder_checks(desk):
    out = desk / "study.toml"
    runner = CliRunner()
    made = runner.invoke(app, ["init", "--from", str(desk), "--out", str(out)])
    assert made.exit_code == 0, made.output
    checked = runner.invoke(app, ["check", str(out), "--lang", "en", "--quiet"])
    assert checked.exit_code == 0, checked.output
    assert "9 quarters" in checked.output
    written = tomllib.loads(out.read_text(encoding="utf-8"))
    assert written["network"] == {"path": "streets.osm"}
    assert written["residential"]["columns"] == {
        "id": "小区编号",
        "name": "小区名称",
        "population": "常住人口（人）",
        "age_0_2": "0-2岁",
        "age_60_plus": "60岁以上人口",
    }
    services = {station["path"]: station["service"] for station in written["facilities"]}
    assert services == {"养老机构.xlsx": "elderly", "托育点.csv": "childcare"}
    assert written["entrances"]["columns"]["block_id"] == "小区编号"
    assert written["admin"][0]["columns"] == {"id": "编码", "name": "名称"}
    assert [circle["service"] for circle in written["circles"]] == ["elderly", "childcare"]


def test_what_is_not_plain_is_a_comment(desk):
    (desk / "托育点.csv").unlink()
    (desk / "养老机构.xlsx").unlink()
    (desk / "点位.csv").write_text("x,y,name\n106.551,29.561,一号\n合计,,\n", encoding="utf-8")
    (desk / "说明.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (desk / "坏.gpkg").write_text("x")
    shutil.copy(desk / "streets.osm", desk / "streets2.osm")
    text = draft_study(desk, desk / "study.toml")
    assert "facilities" not in tomllib.loads(text)
    for doubt in (
        "# [[facilities]]",
        '# ? path = "streets2.osm"',
        '# ? service = "elderly"',
        "# ? total_rows",
        '"gcj02"',
        "说明.csv",
        "E-LAY-007 坏.gpkg",
    ):
        assert doubt in text, doubt


POINTS = "lng,lat{},name\n106.551,29.561{},一号\n"


@pytest.mark.parametrize(
    ("file", "columns", "cells", "role"),
    [
        ("candidates.csv", ",beds", ",20", ""),
        ("候选站点.csv", "", "", ""),
        ("trees.csv", ",type", ",oak", ""),
        ("公交站.csv", "", "", ""),
        ("格网.csv", ",value", ",7", ""),
        ("grid_2020.csv", ",people", ",7", "residential"),
        ("人口.csv", ",人口数", ",7", "residential"),
        ("gates.csv", ",type", ",main", "entrances"),
        ("出入口.csv", "", "", "entrances"),
        ("points.csv", ",block_id", ",q1", "entrances"),
        ("points.csv", ",所属小区", ",q1", "entrances"),
        ("list.csv", ",床位数", ",20", "facilities"),
        ("list.csv", ",床位数,人数", ",20,18", "facilities"),
        ("list.csv", ",类型", ",社区养老服务站", "facilities"),
        ("list.csv", ",所属小区,床位数", ",q1,20", "facilities"),
        ("facilities.csv", "", "", "facilities"),
        ("养老.csv", "", "", "facilities"),
    ],
)
def test_points_are_what_something_says_they_are(tmp_path, file, columns, cells, role):
    path = tmp_path / file
    path.write_text(POINTS.format(columns, cells), encoding="utf-8")
    assert role_of(read_layer(path, None)) == role


def test_every_file_that_found_no_place_is_listed(desk):
    (desk / "candidates.csv").write_text(POINTS.format("", ""), encoding="utf-8")
    (desk / "说明.docx").write_text("x")
    (desk / "pop.tif").write_text("x")
    (desk / "q.dbf").write_text("x")
    text = draft_study(desk, desk / "study.toml")
    paths = {station["path"] for station in tomllib.loads(text)["facilities"]}
    assert paths == {"养老机构.xlsx", "托育点.csv"}
    assert "not plain what this is: candidates.csv（lng, lat, name）" in text
    assert "name them under [[sites.candidates]]" in text
    assert "# ? 未读取 / not read: 说明.docx" in text
    assert "[raster]: pop.tif" in text
    assert "q.dbf" not in text


def test_paths_are_taken_from_the_study_file(desk, tmp_path):
    written = tomllib.loads(draft_study(desk, tmp_path / "study.toml"))
    assert written["network"]["path"] == "town/streets.osm"


def test_points_with_people_are_cells_and_shares_are_asked_for(desk):
    (desk / "居住小区.gpkg").unlink()
    (desk / "人口.csv").write_text("lng,lat,人口数\n106.551,29.561,12\n", encoding="utf-8")
    text = draft_study(desk, desk / "study.toml")
    assert tomllib.loads(text)["residential"]["cell_m"] == 100
    assert "# ? age_60_plus_share" in text


def test_a_folder_without_streets(tmp_path):
    with pytest.raises(StudyError) as raised:
        draft_study(tmp_path, tmp_path / "study.toml")
    assert raised.value.problems[0].id == "E-STU-011"
