"""Studies of walkers who must sit down on the way."""

import json

import geopandas as gpd
import openpyxl
import pytest
from typer.testing import CliRunner

from carecircle.__main__ import app
from carecircle.layers.problems import StudyError
from carecircle.study import Study

from .conftest import lonlat, write_csv

RESTS = "\n[walkers.elderly]\nlongest_without_bench_m = {}\n"
LAYER = '\n[benches]\npath = "benches.csv"\ncrs = "EPSG:4326"\n' + (
    'columns = { id = "code", x = "lng", y = "lat" }\n'
)


def with_benches(town, places):
    rows = [
        {"code": str(k), "lng": lonlat(*p)[0], "lat": lonlat(*p)[1]} for k, p in enumerate(places)
    ]
    write_csv(town.folder / "benches.csv", rows)
    town.study += LAYER
    return town


def everywhere():
    """In the middle of every side of a block, and at every corner."""
    halves = range(7)
    return [(c / 2, r / 2) for r in halves for c in halves if r % 2 == 0 or c % 2 == 0]


def minutes(town):
    town.study = town.study.replace("minutes = 5", "minutes = 15")
    return Study.from_file(town.write()).run().circles[0].coverage.quarters["minutes"]


@pytest.fixture
def town(town):
    for quarter in town.quarters:
        quarter["lng"] -= 0.0003  # its nearest street is that to the west, clearly
    return town


def test_with_a_bench_every_120_m_nobody_is_later_with_none_nobody_arrives(town) -> None:
    free = minutes(town)
    with_benches(town, everywhere())
    town.study += RESTS.format(260)
    assert minutes(town).equals(free)
    town.study = town.study.replace(RESTS.format(260), RESTS.format(60))
    # 60 m are less than the way from the station, at a corner, to the next bench
    assert minutes(town).isna().all()


def test_how_many_benches_there_are_stands_beside_the_figures(town, tmp_path) -> None:
    with_benches(town, everywhere())
    town.study += RESTS.format(260)
    arguments = ["run", str(town.write()), "--out", str(tmp_path / "out"), "--quiet"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    said = {one["id"]: one for one in summary["assumptions"]}
    assert "40 along the streets (8.02 for each km)" in said["benches"]["en"]
    assert "260 m on the level" in said["walker-elderly"]["en"]
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert any(file["file"].endswith("benches.csv") for file in manifest["inputs"])


def test_benches_of_openstreetmap_where_there_is_no_layer(town) -> None:
    path = town.folder / "streets.osm"
    bench = '<node id="{}" version="1" lon="{}" lat="{}"><tag k="amenity" v="{}"/>{}</node>'
    none = '<tag k="bench" v="no"/>'
    seats = [
        bench.format(50, *lonlat(0.5, 0), "bench", ""),
        bench.format(51, *lonlat(1.5, 0), "shelter", ""),
        bench.format(52, *lonlat(2.5, 0), "shelter", none),
        bench.format(53, *lonlat(0.5, 0.5), "bench", ""),  # 97 m from every street
    ]
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("<way", "".join(seats) + "<way", 1), encoding="utf-8")
    town.study += RESTS.format(200)
    network = Study.from_file(town.write()).read().network
    assert network.facts["benches"] == {"count": 2, "per_km": 0.4, "source": "OpenStreetMap"}
    town.study = town.study.replace(RESTS.format(200), "")
    assert Study.from_file(town.write()).read().network.bench_xy is None


def test_no_bench_at_all_is_refused(town) -> None:
    town.study += RESTS.format(200)
    with pytest.raises(StudyError) as raised:
        Study.from_file(town.write()).read()
    assert [problem.id for problem in raised.value.problems] == ["E-NET-033"]


@pytest.mark.parametrize("direction", ["to", "from", "round_trip", "worse"])
def test_areas_hold_the_homes_that_arrive_and_no_other(town, direction) -> None:
    with_benches(town, everywhere())
    town.study += RESTS.format(140)
    town.study = town.study.replace("minutes = 5", f'minutes = 15\ndirection = "{direction}"')
    circle = Study.from_file(town.write()).run().circles[0]
    assert circle.coverage.people.covered not in (0, circle.coverage.people.input)
    for layer in (circle.areas.service_areas, circle.areas.catchments, circle.areas.reach):
        assert (layer[["homes_not_reached", "homes_left_out"]] == 0).all(axis=None)
    longest = circle.areas.reached_streets["length_m"].max()
    free = town.study.replace(RESTS.format(140), "")
    town.study = free
    assert (
        longest
        <= Study.from_file(town.write()).run().circles[0].areas.reached_streets["length_m"].max()
    )


def test_the_way_that_is_explained_is_the_one_by_the_benches(town, tmp_path) -> None:
    with_benches(town, [(0.5, 0), (1, 0), (1, 0.5)])
    town.study += RESTS.format(130)
    town.study = town.study.replace("minutes = 5", "minutes = 15")
    run = Study.from_file(town.write()).run().circles[0].coverage.homes["minutes"]
    home = run.dropna().index[-1]
    arguments = ["explain", str(town.write()), "--home", home, "--json"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    walk = json.loads(result.stdout)["circles"][0]["walks"][0]
    assert walk["ms"] == round(60_000 * run[home])


def test_the_survey_list_says_that_it_counts_without_benches(town, tmp_path) -> None:
    with_benches(town, everywhere())
    town.study += RESTS.format(140)
    out = tmp_path / "survey"
    result = CliRunner().invoke(app, ["audit", str(town.write()), "--out", str(out), "--quiet"])
    assert result.exit_code == 0, result.output
    notes = openpyxl.load_workbook(out / "repairs.xlsx").worksheets[1]
    said = " ".join(str(cell.value) for row in notes for cell in row)
    assert "as if nobody had to sit down" in said and "Places to sit" in said


def test_the_way_of_a_home_names_the_bench_rested_at(town, tmp_path) -> None:
    """From the first home 64 m to the street, 111 m down it to the station, a bench half way."""
    home, station = town.quarters[0], town.stations[0]
    bench = (station["lng"], (home["lat"] + station["lat"]) / 2)
    rows = [{"code": "bench", "lng": bench[0], "lat": bench[1]}]
    write_csv(town.folder / "benches.csv", rows)
    town.study += LAYER + RESTS.format(150)
    command = ["explain", str(town.write()), "--home", "q00", "--quiet", "--circle", "elderly"]
    out = tmp_path / "out"
    said = CliRunner().invoke(app, [*command, "--json", "--out", str(out)])
    (way,) = json.loads(said.stdout)["circles"][0]["walks"][0]["ways"]
    kinds = [stretch["what"] for stretch in way["stretches"]]
    assert kinds == ["straight", "street", "rest", "street"]
    before, rest, after = way["stretches"][1:]
    assert (rest["lon"], rest["lat"]) == pytest.approx(bench, abs=2e-5)
    assert (rest["mm"], rest["ms"]) == (0, 0)
    assert before["mm"] == pytest.approx(after["mm"], rel=0.02)
    assert sum(stretch["ms"] for stretch in way["stretches"]) == way["ms"]
    places = gpd.read_file(out / "routes.gpkg", layer="places").to_crs(4326)
    (drawn,) = places[places["what"] == "rest"].geometry
    assert (drawn.x, drawn.y) == pytest.approx(bench, abs=2e-5)
    sheet = openpyxl.load_workbook(out / "routes.xlsx").worksheets[0]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    (row,) = [row for row in cells if any("bench" in str(value) for value in row)]
    assert row[-2:] == pytest.approx(bench, abs=2e-5)
    spoken = CliRunner().invoke(app, [*command, "--lang", "en"]).stdout
    assert "rest on a bench (no time counted)" in spoken
