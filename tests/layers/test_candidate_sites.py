"""Candidate places as offices list them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from carecircle.layers.aliases import likely_columns
from carecircle.layers.candidate_sites import (
    KINDS,
    capacity_for,
    read_candidates,
    services_in,
)
from carecircle.layers.crs import Frame
from carecircle.layers.headers import unit_of_amount
from carecircle.layers.intake import LayerRead
from carecircle.layers.numbers import NotANumber
from carecircle.layers.problems import StudyError
from carecircle.layers.sources import CandidateSource

FRAME = Frame("EPSG:4549", (120.0, 30.0, 120.1, 30.1))
X, Y = 500_100.0, 3_320_100.0


def table(folder: Path, text: str, **keys: Any) -> CandidateSource:
    path = folder / f"places-{len(list(folder.iterdir()))}.csv"
    path.write_text(text, encoding="utf-8")
    return CandidateSource(path=path, crs="EPSG:4326", **keys)


def read(folder: Path, text: str, **keys: Any) -> LayerRead:
    return read_candidates([table(folder, text, **keys)], FRAME)


def faults(folder: Path, text: str, **keys: Any) -> list[tuple[str, int | None]]:
    with pytest.raises(StudyError) as raised:
        read(folder, text, **keys)
    return [(problem.id, problem.row) for problem in raised.value.problems]


def test_a_list_of_an_office(tmp_path: Path) -> None:
    text = (
        "编号,名称,类型,面积,改造费用（万元）,租金（元/月）,允许服务,床位数,托位数,x,y\n"
        "7,旧粮站,闲置公共建筑,320,50.5,3000,养老、托育,20,,120.05,30.05\n"
        "8,东社区,党群服务中心,,,,托育,,30,120.06,30.05\n"
    )
    columns = {
        "id": "编号", "name": "名称", "kind": "类型", "area_m2": "面积", "cost": "改造费用（万元）",
        "rent": "租金（元/月）", "services": "允许服务", "beds": "床位数", "seats": "托位数",
    }  # fmt: skip
    found = read(tmp_path, text, columns=columns)
    first, second = found.layer.to_dict("records")
    assert found.layer.index.tolist() == ["7", "8"]
    assert (first["kind"], first["area_m2"], first["cost"]) == ("vacant_building", 320, 505_000)
    assert (first["rent"], first["services"]) == (36_000, ("childcare", "elderly"))
    assert (second["kind"], second["services"]) == ("party_centre", ("childcare",))
    assert found.layer["cost"].isna().tolist() == [False, True]
    assert capacity_for(found.layer, "elderly").tolist()[0] == 20
    assert capacity_for(found.layer, "elderly").isna().tolist() == [False, True]
    assert capacity_for(found.layer, "childcare").tolist()[1] == 30
    ids = [record["id"] for record in found.records]
    assert ids == ["R-SITE-020", "R-SITE-020", "R-NUM-002", "R-NUM-002"]


def test_everything_but_the_place_is_optional(tmp_path: Path) -> None:
    found = read(tmp_path, "x,y\n120.05,30.05\n").layer
    assert found["kind"].tolist() == ["other"]
    assert found["services"].tolist() == [("childcare", "elderly")]
    assert found[["area_m2", "rent", "cost", "capacity", "beds", "seats"]].isna().all(axis=None)


@pytest.mark.parametrize(("slug", "words"), KINDS.items())
def test_every_kind_is_known_by_its_words(tmp_path: Path, slug: str, words: Any) -> None:
    rows = "".join(f"{word},120.05,30.05\n" for word in (slug, *words))
    found = read(tmp_path, "kind,x,y\n" + rows)
    assert set(found.layer["kind"]) == {slug}


def test_a_word_of_nobody_is_other_and_said(tmp_path: Path) -> None:
    found = read(tmp_path, "kind,x,y\n酒店,120.05,30.05\n")
    assert found.layer["kind"].tolist() == ["other"]
    assert [record["id"] for record in found.records] == ["R-SITE-021"]


@pytest.mark.parametrize("column", ["area_m2", "rent", "cost"])
def test_amounts_are_strict(tmp_path: Path, column: str) -> None:
    rows = ("-1", "约300", "300㎡", "5万", "1,200", "")
    text = f"{column},x,y\n" + "".join(f'"{cell}",120.05,30.05\n' for cell in rows)
    assert faults(tmp_path, text) == [
        ("E-SITE-020", 2),
        ("E-NUM-002", 3),
        ("E-NUM-002", 4),
        ("E-NUM-002", 5),
    ]
    good = f"{column},x,y\n" + '"1,200",120.05,30.05\n,120.05,30.06\n0,120.05,30.07\n'
    values = read(tmp_path, good).layer[column]
    assert (values.isna().tolist(), values.dropna().tolist()) == ([False, True, False], [1200, 0])


def test_places_are_whole(tmp_path: Path) -> None:
    assert faults(tmp_path, "seats,x,y\n12.5,120.05,30.05\n") == [("E-NUM-005", 2)]


@pytest.mark.parametrize(
    ("name", "header", "times"),
    [
        ("cost", "造价", 1),
        ("cost", "改造费用(万元)", 10_000),
        ("cost", "总投资（亿元）", 100_000_000),
        ("cost", "cost", 1),
        ("rent", "年租金（万元）", 10_000),
        ("rent", "月租金", 12),
        ("rent", "租金（千元/月）", 12_000),
        ("area_m2", "建筑面积（平方米）", 1),
        ("area_m2", "面积（㎡）", 1),
    ],
)
def test_the_unit_of_a_header(name: str, header: str, times: int) -> None:
    assert unit_of_amount(name, header).times == times


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("area_m2", "面积（亩）"),
        ("area_m2", "占地（公顷）"),
        ("area_m2", "面积（万平方米）"),
        ("rent", "租金（元/㎡/月）"),
        ("rent", "日租金"),
        ("cost", "改造单价"),
    ],
)
def test_headers_of_another_unit_are_refused(name: str, header: str) -> None:
    with pytest.raises(NotANumber, match="E-SITE-021"):
        unit_of_amount(name, header)


def test_money_by_the_title_of_a_table() -> None:
    assert unit_of_amount("cost", "总投资", ["候选点一览（单位：万元）"]).times == 10_000
    assert unit_of_amount("cost", "总投资（元）", ["候选点一览（单位：万元）"]).times == 1


@pytest.mark.parametrize(
    ("cell", "services"),
    [
        ("养老", ("elderly",)),
        ("托育/养老", ("childcare", "elderly")),
        ("养老和托育", ("childcare", "elderly")),
        ("Elderly, childcare", ("childcare", "elderly")),
        ("均可", ("childcare", "elderly")),
        ("医疗", None),
        ("养老、商业", None),
        ("/", None),
    ],
)
def test_allowed_services(cell: str, services: tuple[str, ...] | None) -> None:
    assert services_in(cell) == services


def test_the_study_file_says_it_for_rows_that_do_not(tmp_path: Path) -> None:
    text = "services,x,y\n,120.05,30.05\n养老,120.05,30.06\n"
    found = read(tmp_path, text, services=["childcare"]).layer
    assert found["services"].tolist() == [("childcare",), ("elderly",)]
    assert faults(tmp_path, "services,x,y\n医疗,120.05,30.05\n") == [("E-SITE-022", 2)]


def test_points_and_polygons_together(tmp_path: Path) -> None:
    shapes = [shapely.Point(X, Y), shapely.box(X + 50, Y, X + 90, Y + 30)]
    gpd.GeoDataFrame(geometry=shapes, crs=4549).to_file(tmp_path / "p.gpkg")
    found = read_candidates([CandidateSource(path=tmp_path / "p.gpkg")], FRAME).layer
    assert found.geom_type.tolist() == ["Point", "Polygon"]
    line = gpd.GeoDataFrame(geometry=[shapely.LineString([(X, Y), (X + 9, Y)])], crs=4549)
    line.to_file(tmp_path / "l.gpkg")
    with pytest.raises(StudyError, match="E-GEO-002"):
        read_candidates([CandidateSource(path=tmp_path / "l.gpkg")], FRAME)


def test_coordinates_of_online_maps_are_turned_round(tmp_path: Path) -> None:
    text = "x,y\n120.05,30.05\n"
    plain = read(tmp_path, text).layer.geometry.iloc[0]
    path = table(tmp_path, text).path
    turned = read_candidates([CandidateSource(path=path, crs="gcj02")], FRAME).layer
    assert 300 < plain.distance(turned.geometry.iloc[0]) < 800


def test_several_files_share_their_ids(tmp_path: Path) -> None:
    one, two = (table(tmp_path, "x,y\n120.05,30.05\n") for _ in range(2))
    assert read_candidates([one, two], FRAME).layer.index.tolist() == ["1-1", "2-1"]
    text = "id,x,y\na,120.05,30.05\n"
    same = [table(tmp_path, text, columns={"id": "id"}) for _ in range(2)]
    with pytest.raises(StudyError, match="E-ID-002"):
        read_candidates(same, FRAME)


def test_bad_rows_can_be_put_aside(tmp_path: Path) -> None:
    rows = "".join(f"{at},120.05,30.05\n" for at in range(300))
    text = "cost,x,y\n-5,120.05,30.05\n" + rows
    found = read(tmp_path, text, on_bad_row="quarantine")
    assert len(found.layer) == 300
    assert [r["fault"] for r in found.records if "fault" in r] == ["E-SITE-020"]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("area_m2", "建筑面积"),
        ("rent", "年租金（万元）"),
        ("cost", "改造费用（万元）"),
        ("services", "允许服务"),
        ("seats", "托位数"),
    ],
)
def test_the_likely_column_is_named(name: str, header: str) -> None:
    assert likely_columns(name, ["备注", header]) == [header]
