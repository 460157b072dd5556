"""A few bad rows may be left out, where the study file says so: each listed, never too many."""

import geopandas as gpd
import openpyxl
import pytest
from shapely.geometry import Point

from carecircle.layers.crs import Frame
from carecircle.layers.intake import read_facilities, read_residential
from carecircle.layers.problems import StudyError
from carecircle.layers.sources import FacilitySource, PeopleSettings, ResidentialSource

FRAME = Frame("EPSG:4549", (120.0, 30.0, 120.1, 30.1))
SHARES = PeopleSettings(age_60_plus_share=0.25, age_0_2_share=0.02)
# 400 rows of 1,000 people, each on ground of its own
GOOD = [f"g{k},{120 + k % 20 * 0.002},{30 + k // 20 * 0.002},1000" for k in range(400)]


@pytest.fixture
def homes(tmp_path):
    """Read cells of 100 m from lines below a header."""

    def read(lines, **keys):
        path = tmp_path / "homes.csv"
        path.write_text("\n".join(["id,x,y,population", *lines]), encoding="utf-8")
        usual = {"crs": "EPSG:4326", "cell_m": 100, "on_bad_row": "quarantine"}
        given = usual | {"columns": {"id": "id"}} | keys
        return read_residential(ResidentialSource(path=path, **given), SHARES, FRAME)

    return read


def test_bad_rows_are_left_out_and_listed(homes):
    rows = ["b,120.05,30.05,约800", *GOOD, "c,125,30.05,300"]
    read = homes(rows, quarantine_people_percent=1)
    assert read.layer.index.tolist() == [f"g{k}" for k in range(400)]
    assert read.layer["population"].sum() == 400_000
    rejected = [r for r in read.records if r["id"] == "R-LAY-007"]
    assert [(r["row"], r["column"], r["value"], r["fault"], r["people"]) for r in rejected] == [
        (2, "population", "约800", "E-NUM-002", None),
        (403, "x, y", "125, 30.05", "E-LOC-001", 300),
    ]
    assert "E-NUM-002" in rejected[0]["what"]["zh"]
    assert read.files[0]["rejected"] == 2
    assert read.files[0]["rows"] == 400


def test_without_being_told_one_bad_row_refuses_the_file(homes):
    with pytest.raises(StudyError) as raised:
        homes(["b,120.05,30.05,约800", *GOOD], on_bad_row="refuse")
    assert [p.id for p in raised.value.problems] == ["E-NUM-002"]


def test_half_a_percent_of_the_rows_and_no_more(homes):
    two = ["b,120.05,30.05,x", "c,120.05,30.05,x"]
    people = {"quarantine_people_percent": 1}
    assert len(homes([*two, *GOOD[:398]], **people).layer) == 398  # 2 of 400 is 0.5 %
    with pytest.raises(StudyError) as raised:
        homes([*two, *GOOD[:397]], **people)
    assert [p.id for p in raised.value.problems] == ["E-NUM-002"] * 2 + ["E-LAY-025"]
    assert len(homes([*two, *GOOD[:397]], quarantine_limit_percent=1, **people).layer) == 397


def test_a_thousandth_of_the_people_and_no_more(homes):
    # 400,000 good people: 400 of 400,400 are just below 0.1 %, 401 of 400,401 just above
    assert len(homes([*GOOD, "b,125,30.05,400"]).layer) == 400
    with pytest.raises(StudyError) as raised:
        homes([*GOOD, "b,125,30.05,401"])
    assert raised.value.problems[-1].id == "E-LAY-025"
    assert "401" in raised.value.problems[-1].text("zh")
    assert len(homes([*GOOD, "b,125,30.05,401"], quarantine_people_percent=0.2).layer) == 400


def test_people_who_cannot_be_read_count_as_the_mean_of_the_others(homes):
    """One row of 1,000 people beside 999 or 998: 0.1 % and just above."""
    good = [f"g{k},{120 + k % 40 * 0.002},{30 + k // 40 * 0.002},1000" for k in range(999)]
    read = homes(["b,120.09,30.09,未知", *good])
    assert read.layer["population"].sum() == 999_000
    assert [r["people"] for r in read.records if r["id"] == "R-LAY-007"] == [None]
    with pytest.raises(StudyError) as raised:
        homes(["b,120.09,30.09,", *good[:998]])
    limit = raised.value.problems[-1]
    assert (limit.id, limit.details["people"], limit.details["unreadable"]) == (
        "E-LAY-025", 1000, 1,
    )  # fmt: skip
    assert "those of 1 rows cannot be read" in limit.text("en")


def test_a_layer_without_a_sound_row_is_never_read(homes):
    with pytest.raises(StudyError) as raised:
        homes(["b,120,30,x"], quarantine_limit_percent=100, quarantine_people_percent=100)
    assert [p.id for p in raised.value.problems] == ["E-NUM-002", "E-LAY-025"]


def test_every_bad_row_counts_not_only_those_listed(homes):
    bad = [f"b{k},120.05,30.05,x" for k in range(60)]
    people = {"quarantine_people_percent": 100}
    with pytest.raises(StudyError) as raised:
        homes([*bad, *GOOD], quarantine_limit_percent=13, **people)
    assert raised.value.problems[-1].details["rows"] == 60  # 60 of 460 are 13.04 %
    read = homes([*bad, *GOOD], quarantine_limit_percent=14, **people)
    assert sum(r["id"] == "R-LAY-007" for r in read.records) == 60


def test_a_fault_of_the_whole_file_is_never_left_out(homes):
    with pytest.raises(StudyError) as raised:
        homes(["b,120.05,30.05,x", *GOOD], columns={"id": "id", "population": "POP"})
    assert raised.value.problems[0].id == "E-LAY-011"
    with pytest.raises(StudyError) as raised:
        homes(["b,30.05,120.05,1", *GOOD])  # swapped axes concern more than this row
    assert [p.id for p in raised.value.problems] == ["E-LOC-002"]


def test_of_two_rows_with_one_id_the_second_is_left_out(homes):
    read = homes([*GOOD, "g0,120.06,30.06,100"])
    assert read.layer["population"].sum() == 400_000
    assert [r["fault"] for r in read.records if r["id"] == "R-LAY-007"] == ["E-ID-002"]


def test_rows_without_ids_keep_their_numbers(tmp_path):
    path = tmp_path / "s.gpkg"
    shapes = [Point(500_100 + 10 * k, 3_320_100) for k in range(3)]
    shapes[1] = None
    gpd.GeoDataFrame({"name": ["a", "b", "c"]}, geometry=shapes, crs=4549).to_file(path)
    source = FacilitySource(
        path=path, service="elderly", on_bad_row="quarantine", quarantine_limit_percent=50
    )
    read = read_facilities([source], FRAME)
    assert read.layer.index.tolist() == ["1", "3"]
    assert read.layer["name"].tolist() == ["a", "c"]


def test_a_message_quotes_what_stands_in_the_table(tmp_path):
    """Blank cells have no value; merged ones that of the cell; whole numbers no decimals."""
    book = openpyxl.Workbook()
    for row in (["id", "x", "y", "population", "age_60_plus"],
                ["a", 120.01, 30.01, None, 1], ["b", 120.02, 30.01, 300, 2],
                ["c", 120.03, 30.01, None, 2], ["d", 120.04, 30.01, 5, 7]):  # fmt: skip
        book.active.append(row)
    book.active.merge_cells("D3:D4")
    book.save(tmp_path / "homes.xlsx")
    source = ResidentialSource(
        path=tmp_path / "homes.xlsx", crs="EPSG:4326", cell_m=100, columns={"id": "id"}
    )
    with pytest.raises(StudyError) as raised:
        read_residential(source, SHARES, FRAME)
    blank, one, two, larger = raised.value.problems
    assert (blank.id, blank.row) == ("E-NUM-001", 2)
    assert blank.text("en").startswith(
        'E-NUM-001 homes.xlsx layer "Sheet" row 2 column "population": '
    )
    for merged in (one, two):
        assert merged.id == "E-NUM-007"
        assert "value '300'" in merged.text("en") and "值 '300'" in merged.text("zh")
    assert larger.id == "E-POP-002"
    assert "value '7'" in larger.text("en")
