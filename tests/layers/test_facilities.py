"""What facilities offer, and which of them count on a day."""

import csv
import os
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from carecircle.layers.crs import Frame
from carecircle.layers.facilities import that_count
from carecircle.layers.intake import read_facilities
from carecircle.layers.osm_tags import FACILITY_TAGS
from carecircle.layers.problems import StudyError
from carecircle.layers.sources import SERVICE_WORDS, FacilitySource
from carecircle.layers.vocabulary import facility_kinds, kind_of

ROOT = Path(__file__).parents[2]
FRAME = Frame("EPSG:4549", (120.0, 30.0, 120.1, 30.1))


@pytest.fixture
def stations(tmp_path):
    """Read stations from a CSV header and rows; the place is always the same."""

    def read(header, *rows, **keys):
        path = tmp_path / "stations.csv"
        lines = [f"lng,lat,{header}", *(f"120.05,30.05,{row}" for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return read_facilities([FacilitySource(path=path, crs="EPSG:4326", **keys)], FRAME)

    return read


def faults(call):
    with pytest.raises(StudyError) as refused:
        call()
    return [(p.id, p.row, p.column) for p in refused.value.problems]


def ids(read):
    return [record["id"] for record in read.records]


# --- vocabulary


def test_every_name_belongs_to_one_kind():
    for kind in facility_kinds().values():
        for name in (kind.slug, kind.zh, kind.en, *kind.aliases):
            assert kind_of(name) == kind, name
        assert kind.service in SERVICE_WORDS.values()


def test_names_differ_by_more_than_spelling_and_parts_are_no_names():
    assert kind_of(" 日间照料 中心 ").slug == "day-care-centre"
    assert kind_of("Ｅlderly canteen").slug == "elderly-canteen"
    assert kind_of("村卫生室").slug == "village-clinic"
    assert kind_of("幸福路养老服务") is None
    assert kind_of("") is None


def test_the_vocabulary_has_every_kind_of_the_plans():
    path = ROOT.parent / "shared" / "policy" / "facility_types.csv"
    if not path.is_file():
        assert "CI" not in os.environ, f"{path} is missing"
        pytest.skip(f"needs {path}")
    ours = {"elderly-care": "elderly", "meal-aid": "meals"}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            kind = facility_kinds()[row["slug"]]
            assert kind.service == ours.get(row["service"], row["service"])
            assert (kind.en, kind.capacity) == (row["en"], row["capacity_attribute"])


def test_the_page_shows_every_kind_and_tag():
    page = (ROOT / "docs" / "facilities.md").read_text(encoding="utf-8")
    for kind in facility_kinds().values():
        counts = "" if kind.counts else "no"
        words = [kind.capacity.replace("_", " "), kind.level.replace("_", " "), counts]
        row = " | ".join([f"`{kind.slug}`", kind.zh, kind.service, *words])
        assert f"| {row} |" in page
    for tag in FACILITY_TAGS:
        assert f"| `{tag.key}={tag.value}` | {tag.whom} | {tag.service} | `{tag.kind}` |" in page
        assert tag.kind in facility_kinds()


# --- columns


def test_kinds_are_recorded_once_each_and_give_the_service(stations):
    read = stations("kind", "日间照料中心", "日间照料中心", "托育机构", "kindergarten")
    slugs = ["day-care-centre", "day-care-centre", "childcare-institution", "kindergarten"]
    assert read.layer["kind"].tolist() == slugs
    assert read.layer["service"].tolist() == ["elderly", "elderly", "childcare", "kindergarten"]
    assert ids(read) == ["R-FAC-001", "R-FAC-001"]
    assert "2 times" in read.records[0]["what"]["en"]


def test_an_unknown_kind_is_kept_as_written_and_needs_a_service(stations):
    read = stations("kind", "茶馆", service="elderly")
    assert read.layer["kind"].tolist() == ["茶馆"]
    assert ids(read) == ["R-FAC-002"]
    assert faults(lambda: stations("kind", "日间照料中心", "茶馆")) == [("E-FAC-003", 3, "kind")]


def test_a_stated_service_stands_against_the_kind_and_is_told(stations):
    read = stations("kind", "幼儿园", service="childcare")
    assert read.layer["service"].tolist() == ["childcare"]
    assert ids(read) == ["R-FAC-001", "R-FAC-005"]
    by_cell = stations("kind,service", "幼儿园,托育", "幼儿园,")
    assert by_cell.layer["service"].tolist() == ["childcare", "kindergarten"]


def test_beds_of_elderly_care_and_seats_of_childcare_are_capacity(stations):
    read = stations(
        "service,capacity,beds,seats", "养老,,30,9", "托育,,30,9", "养老,12,30,", "养老,,,"
    )
    assert read.layer["capacity"].tolist()[:3] == [30, 9, 12]
    assert pd.isna(read.layer["capacity"].iloc[3])
    assert read.layer["beds"].tolist()[:3] == [30, 30, 30]


def test_everything_else_is_carried_along(stations):
    read = stations(
        "inclusive,operator,grade,status,opened,closed",
        "是,公建民营,四星,运营,2020年5月,",
        "否,,,停业,2019/3/1,2024-12-31",
        ",,,,,",
        service="elderly",
    )
    layer = read.layer
    assert layer["inclusive"].isna().tolist() == [False, False, True]
    assert layer["inclusive"].tolist()[:2] == [True, False]
    assert layer["operator"].tolist() == ["公建民营", "", ""]
    assert layer["grade"].tolist() == ["四星", "", ""]
    assert layer["status"].tolist() == ["open", "closed", "open"]
    assert layer["opened"].tolist() == ["2020-05", "2019-03-01", ""]
    assert layer["closed"].tolist() == ["", "2024-12-31", ""]


def test_words_and_dates_nobody_knows_are_refused(stations):
    found = faults(
        lambda: stations(
            "inclusive,status,opened", "maybe,open,2020", "是,半开,2020-13", "是,open,昨天",
            service="elderly",
        )
    )  # fmt: skip
    assert sorted(found) == [
        ("E-FAC-001", 2, "inclusive"),
        ("E-FAC-001", 3, "status"),
        ("E-FAC-002", 3, "opened"),
        ("E-FAC-002", 4, "opened"),
    ]


# --- what counts


def facilities(**rows):
    """Rows are id -> (service, kind, status, opened, closed)."""
    columns = ["service", "kind", "status", "opened", "closed"]
    table = pd.DataFrame(list(rows.values()), index=list(rows), columns=columns)
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy([0] * len(rows), [0] * len(rows)))


def test_only_open_places_of_care_count_and_the_others_are_told():
    layer = facilities(
        a=("elderly", "day-care-centre", "open", "", ""),
        b=("elderly", "day-care-centre", "planned", "", ""),
        c=("elderly", "day-care-centre", "closed", "", ""),
        d=("elderly", "family-care-bed", "open", "", ""),
        e=("health", "village-clinic", "open", "", ""),
        f=("childcare", "茶馆", "open", "", ""),
    )
    kept, told = that_count(layer, ["elderly", "childcare"], "2026-01-01")
    assert kept.index.tolist() == ["a", "f"]
    assert [(p.id, p.details["ids"]) for p in told] == [
        ("R-FAC-003", "b"),
        ("R-FAC-003", "c"),
        ("R-FAC-004", "d"),
        ("R-FAC-006", "e"),
    ]


@pytest.mark.parametrize(
    ("opened", "closed", "counts"),
    [
        ("2026-01-01", "", True),
        ("2026-01-02", "", False),
        ("2026-02", "", False),
        ("2026", "", True),
        ("", "2026-01-01", False),
        ("", "2026-01-02", True),
        ("", "2025", False),
        ("", "2027", True),
    ],
)
def test_a_facility_is_open_from_its_first_day_until_the_day_before_it_closes(
    opened, closed, counts
):
    layer = facilities(a=("elderly", "", "open", opened, closed))
    kept, told = that_count(layer, ["elderly"], "2026-01-01")
    assert (len(kept) == 1) is counts
    assert len(told) == (0 if counts else 1)


# --- what a layer says of who is open, where nobody looks


@pytest.mark.parametrize(
    "name", ["幸福院（已停业）", "幸福院(停办)", "幸福院 [暂停业]", "幸福院（注销）"]
)
def test_a_name_tells_that_a_place_has_closed(stations, name):
    read = stations("id,name", f"a,{name}", "b,幸福院（东区）", "c,停业院", service="elderly")
    assert read.layer["status"].tolist() == ["closed", "open", "open"]
    (record,) = (r for r in read.records if r["id"] == "R-FAC-010")
    assert (record["row"], record["column"]) == (2, "name")


def test_a_stated_status_stands_against_the_name_and_is_told(stations):
    rows = ("a,幸福院（在建）,运营", "b,乐园（在建）,规划", "c,康园（在建）,")
    read = stations("id,name,status", *rows, service="elderly")
    assert read.layer["status"].tolist() == ["open", "planned", "planned"]
    told = [(r["id"], r["row"]) for r in read.records if r["id"] in ("R-FAC-010", "R-FAC-011")]
    assert told == [("R-FAC-011", 2), ("R-FAC-010", 4)]


def test_a_column_that_nothing_reads_may_not_say_who_has_closed(stations):
    for header, cell in (("运营状态", "停业"), ("营业状态", "在建"), ("停业时间", "2024-05")):
        with pytest.raises(StudyError) as raised:
            stations(f"id,{header}", f"a,{cell}", "b,", service="elderly")
        assert [(p.id, p.column) for p in raised.value.problems] == [("E-FAC-004", header)]
        assert raised.value.problems[0].details["count"] == 1
    for header, cell in (("运营状态", "运营"), ("成立时间", "2010")):
        read = stations(f"id,{header}", f"a,{cell}", "b,", service="elderly")
        assert [r["column"] for r in read.records if r["id"] == "R-FAC-009"] == [header]
    assert not stations("id,停业时间", "a,", "b,", service="elderly").records
    columns = {"id": "id", "status": "运营状态"}
    named = stations("id,运营状态", "a,停业", "b,", service="elderly", columns=columns)
    assert named.layer["status"].tolist() == ["closed", "open"]
