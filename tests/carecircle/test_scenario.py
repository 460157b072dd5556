"""Scenarios of the town of nine blocks, counted by hand.

Blocks are about 194 m by 222 m. Quarter qRC, in row R and column C, has 20 old people who walk 78 m
west to the street, at (C, R + 0.5). In 5 minutes, 240 m at 0.8 m/s, a station at (C, R) is near qRC
and the quarter south of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from carecircle import Study, StudyError
from carecircle.__main__ import app
from carecircle.changed import change_between
from carecircle.coverage.summary import study_summary
from carecircle.layers.messages import MESSAGES
from carecircle.scenariofile import ScenarioFile
from carecircle.steps import Steps
from carecircle.study import coverage_of
from tests.carecircle.conftest import Town, lonlat, write_csv

WEST = 0.4  # of a block, from its western street to the quarter
HEAD = '[scenario]\nname = "情景"\nstudy = "study.toml"\n'


@pytest.fixture
def town(town: Town) -> Town:
    for number, quarter in enumerate(town.quarters):
        quarter["lng"] = lonlat(number % 3 + WEST, 0)[0]
    return town


def at(column: float, row: float) -> str:
    """A place as a scenario file writes it."""
    return str(list(lonlat(column, row)))


def line(*places: tuple[float, float]) -> str:
    return "[" + ", ".join(at(*place) for place in places) + "]"


def scenario(town: Town, text: str, head: str = HEAD) -> Path:
    town.write()
    path = town.folder / "scenario.toml"
    path.write_text(head + text, encoding="utf-8")
    return path


def covered(path: Path) -> set[str]:
    """The quarters whose people are covered."""
    study = Study.from_file(path)
    inputs, circle = study.read(), next(study.circles())
    quarters = coverage_of(circle, inputs).quarters
    return set(quarters.index[quarters["people_covered"] > 0])


def refused(path: Path) -> dict[str, str]:
    """The messages by id: what they say in English."""
    with pytest.raises(StudyError) as error:
        Study.from_file(path).read()
    return {problem.id: problem.text("en") for problem in error.value.problems}


def new_station(place: str, id: str = "n1", more: str = "") -> str:
    return f'[[add_facility]]\nid = "{id}"\nservice = "elderly"\nat = {place}\n{more}\n'


# --- facilities


def test_a_scenario_that_does_nothing_is_the_study(town: Town):
    path = scenario(town, "")
    plain, same = (Study.from_file(p).run() for p in (town.folder / "study.toml", path))
    told = [study_summary(result)["circles"] for result in (plain, same)]
    assert told[0] == told[1]
    assert same.name == "Grid town · 情景"
    (sentence,) = (s for s in same.assumptions if s.id == "scenario")
    assert "nothing is changed" in sentence.en and "Grid town" in sentence.en
    assert "scenario" in same.parameters and "scenario" not in plain.parameters


def test_a_station_more_covers_the_quarters_beside_it(town: Town):
    assert covered(town.write()) == {"q00"}
    assert covered(scenario(town, new_station(at(2, 2)))) == {"q00", "q12", "q22"}


def test_closing_the_only_station_loses_everybody(town: Town):
    assert covered(scenario(town, '[[close_facility]]\nid = "s1"\n')) == set()


def test_a_station_that_moves_takes_its_people_along(town: Town):
    path = scenario(town, f'[[move_facility]]\nid = "s1"\nto = {at(2, 3)}\n')
    assert covered(path) == {"q22"}
    inputs = Study.from_file(path).read()
    assert inputs.facilities.index.tolist() == ["s1"]


def test_places_are_those_of_the_scenario(town: Town):
    town.stations[0]["capacity"] = 5
    town.study = town.study.replace('name = "name" }', 'name = "name", capacity = "capacity" }')
    both = (
        f'[[move_facility]]\nid = "s1"\nto = {at(1, 1)}\n'
        '[[resize_facility]]\nid = "s1"\ncapacity = 33\n'
    )
    path = scenario(town, both + new_station(at(2, 3), more="capacity = 7"))
    inputs = Study.from_file(path).read()
    assert inputs.facilities["capacity"].tolist() == [33, 7]
    places = Study.from_file(path).run().circles[0].access.places
    assert places is not None and (places.places, int(places.assignment.placed.sum())) == (40, 40)


def test_a_facility_of_the_map_can_be_closed(town: Town):
    """Without a layer of its own the study takes stations from the extract."""
    lon, lat = lonlat(0, 0)
    node = (
        f'<node id="90" version="1" lon="{lon}" lat="{lat}">'
        '<tag k="amenity" v="social_facility"/><tag k="social_facility" v="day_care"/>'
        '<tag k="social_facility:for" v="senior"/></node>'
    )
    path = town.folder / "streets.osm"
    text = path.read_text(encoding="utf-8").replace("<way", f"{node}<way", 1)
    path.write_text(text, encoding="utf-8")
    before, after = town.study.split("[[facilities]]")
    town.study = before + after[after.index("[[circles]]") :]
    mapped = Study.from_file(town.write()).read().facilities
    assert len(mapped) == 1 and covered(town.write()) == {"q00"}
    assert covered(scenario(town, f'[[close_facility]]\nid = "{mapped.index[0]}"\n')) == set()


def test_entrances_of_one_that_moves_stay_behind(town: Town):
    lon, lat = lonlat(0, 0)
    write_csv(
        town.folder / "doors.csv", [{"id": "e1", "facility_id": "s1", "lng": lon, "lat": lat}]
    )
    town.study += '[entrances]\npath = "doors.csv"\ncrs = "EPSG:4326"\n'
    path = scenario(town, f'[[move_facility]]\nid = "s1"\nto = {at(2, 3)}\n')
    assert covered(path) == {"q22"}
    assert [r["id"] for r in Study.from_file(path).read().records if r["id"] == "R-GAT-002"]


def test_a_place_of_an_online_map_is_moved_back(town: Town):
    """GCJ-02 lies some hundred metres from WGS 84 here: the station is the same only if it is."""
    shifted = HEAD + 'crs = "gcj02"\n'
    plain = Study.from_file(scenario(town, new_station(at(2, 2)))).read().facilities
    moved = Study.from_file(scenario(town, new_station(at(2, 2)), shifted)).read().facilities
    metres = plain.geometry["n1"].distance(moved.geometry["n1"])
    assert 100 < metres < 1000


# --- streets


def test_a_new_way_brings_people_near(town: Town):
    """q01 has 78 m to (1, 0.5) and then 305 m by the streets, 224 m straight."""
    way = f"[[add_link]]\nline = {line((1, 0.5), (0, 0))}\n"
    town.study = town.study.replace("minutes = 5", "minutes = 7")
    assert covered(town.write()) == {"q00"}
    assert covered(scenario(town, way)) == {"q00", "q01"}


def test_a_closed_street_costs_its_detour(town: Town):
    """q00 then goes to another street: the station's two streets are all it was near to."""
    closed = "".join(
        f"[[close_link]]\nnear = {place}\n" for place in (at(0.5, 0.001), at(0.001, 0.5))
    )
    assert covered(scenario(town, closed)) == set()


def test_a_street_is_closed_along_a_line(town: Town):
    """Both ways out of the station, by lines that run along them."""
    closed = "".join(
        f"[[close_link]]\nline = {told}\n" for told in (line((0, 0), (1, 0)), line((0, 0), (0, 1)))
    )
    path = scenario(town, closed)
    near = closed.replace(f"line = {line((0, 0), (1, 0))}", f"near = {at(0.5, 0)}")
    networks = [Study.from_file(p).read().network for p in (path, scenario(town, near))]
    assert [n.facts["edges"] for n in networks] == [22, 22]


def named_streets(town: Town) -> None:
    path = town.folder / "streets.osm"
    text = path.read_text(encoding="utf-8")
    for number in range(100, 108):
        old = f'<way id="{number}" version="1">'
        name = f'<tag k="name" v="路{number}"/>'
        at_way = text.index(old)
        end = text.index("</way>", at_way)
        text = text[:end] + name + text[end:]
    path.write_text(text, encoding="utf-8")


def test_a_street_is_closed_by_its_name(town: Town):
    named_streets(town)
    network = Study.from_file(scenario(town, '[[close_link]]\nstreet = "路100"\n')).read().network
    assert network.facts["edges"] == 24 - 3


# --- gates


def gated(town: Town) -> None:
    """q00 is a walled block of 100 m with gates in the middle of its west and east sides."""
    half = 50 / 194  # of a block
    gates = [
        {"id": f"g{n}", "block_id": "q00", "lng": lonlat(WEST + side * half, 0.5)[0],
         "lat": lonlat(0.5, 0.5)[1]}
        for n, side in enumerate((-1, 1))
    ]  # fmt: skip
    write_csv(town.folder / "gates.csv", gates)
    town.study += '[entrances]\npath = "gates.csv"\ncrs = "EPSG:4326"\n'


def minutes_of(path: Path, quarter: str) -> float:
    study = Study.from_file(path)
    inputs, circle = study.read(), next(study.circles())
    return float(coverage_of(circle, inputs).quarters.loc[quarter, "minutes"])


def test_a_gate_less_is_a_longer_walk(town: Town):
    gated(town)
    west = f'[[close_gate]]\nquarter = "q00"\nat = {at(0.25, 0.5)}\n'
    east = f'[[close_gate]]\nquarter = "q00"\nat = {at(0.75, 0.5)}\n'
    both = minutes_of(town.write(), "q00")
    assert minutes_of(scenario(town, east), "q00") == both  # the station is in the west
    # by the east gate: 65 m inside, 66 m, then 111 m and 194 m; by the west 65 m, 28 m, 111 m
    assert minutes_of(scenario(town, west), "q00") > both + 2


def test_a_gate_more_is_a_shorter_walk(town: Town):
    gated(town)
    south = f'[[add_gate]]\nquarter = "q00"\nat = {at(WEST, 0.275)}\n'
    west = f'[[close_gate]]\nquarter = "q00"\nat = {at(0.25, 0.5)}\n'
    closed = minutes_of(scenario(town, west), "q00")
    opened = scenario(town, west + south)
    assert minutes_of(opened, "q00") < closed
    rule = Study.from_file(opened).read().residential["gate_rule"]
    assert rule["q00"] == "entrances" and set(rule.drop("q00")) == {"nearest_edge"}


# --- another walker, another year, another day


def test_another_walker(town: Town):
    town.study = town.study.replace("minutes = 5", "minutes = 7")
    path = scenario(town, '[walker_of]\nelderly = "adult"\n')
    study = Study.from_file(path)
    assert next(study.circles()).walker.id == "adult"
    assert covered(town.write()) == {"q00"} and covered(path) == {"q00", "q01", "q10"}


def test_another_year(town: Town):
    town.study += '[population]\nsource = "columns"\nbase = "resident"\nyear = 2025\n'
    town.study += "[people]\ntarget_year = 2026\ngrowth_percent_per_year = { population = 10 }\n"
    path = scenario(town, "[people]\ntarget_year = 2027\n")
    ends = [Study.from_file(p).read().homes["age_60_plus"].sum() for p in (town.write(), path)]
    assert ends == [198, 218]  # 180 x 1.1, and 217.8


def test_another_year_needs_the_year_of_the_people(town: Town):
    found = refused(scenario(town, "[people]\ntarget_year = 2026\n"))
    assert len(found) == 1 and "scenario.toml" in next(iter(found.values()))


def test_another_day(town: Town):
    town.stations[0]["opened"] = "2028-01-01"
    town.study = town.study.replace('name = "name" }', 'name = "name", opened = "opened" }')
    assert covered(town.write()) == set()
    assert covered(scenario(town, "date = 2029-01-01\n")) == {"q00"}


# --- what is refused


@pytest.mark.parametrize(
    ("text", "id", "says"),
    [
        ('[[close_facility]]\nid = "s2"\n', "E-SCN-001", "almost alike: s1"),
        ('[[resize_facility]]\nid = "x"\ncapacity = 3\n', "E-SCN-001", "there are: s1"),
        (f'[[move_facility]]\nid = "s9"\nto = {at(1, 1)}\n', "E-SCN-001", "move_facility.0.id"),
        ('[[close_facility]]\nid = "old"\n', "E-SCN-002", "old"),
        (new_station(at(1, 1), "s1"), "E-SCN-003", "s1"),
        (new_station(at(1, 1), "old"), "E-SCN-003", "old"),
        (new_station(at(1, 1)) + new_station(at(2, 2)), "E-SCN-004", "[[add_facility]]"),
        (
            '[[close_facility]]\nid = "s1"\n[[resize_facility]]\nid = "s1"\ncapacity = 3\n',
            "E-SCN-004",
            "[[close_facility]], [[resize_facility]]",
        ),
        (new_station(at(1, 1), more='kind = "托儿所"'), "E-SCN-005", "day-care"),
        (new_station(at(1, 1), more='kind = "家庭养老床位"'), "E-SCN-005", "day-care"),
        ('[walker_of]\nchildcare = "frail"\n', "E-SCN-006", "it has: elderly"),
        ('[walker_of]\nelderly = "nobody"\n', "E-STU-006", "frail"),
        (new_station("[29.56, 16.55]"), "E-SCN-007", "longitude before latitude"),
        (f"[[add_link]]\nline = {line((0, 0), (0.5, 0.5))}\n", "E-SCN-008", "snap_m"),
        ('[[close_link]]\nstreet = "路10"\n', "E-SCN-009", "almost alike: 路10"),
        (f"[[close_link]]\nnear = {at(0.5, 0.5)}\n", "E-SCN-010", "50 m"),
        (
            f"[[close_link]]\nline = {line((0.2, 0.5), (0.8, 0.5))}\n",
            "E-SCN-010",
            "close_link.0.line",
        ),
        (f'[[add_gate]]\nquarter = "q0"\nat = {at(1, 1)}\n', "E-SCN-011", "q00"),
        (f'[[add_gate]]\nquarter = "q11"\nat = {at(1.3, 1.5)}\n', "E-SCN-012", "q11"),
        (f'[[close_gate]]\nquarter = "q00"\nat = {at(1.5, 1.5)}\n', "E-SCN-013", "50 m"),
        (
            f'[[close_gate]]\nquarter = "q00"\nat = {at(0.25, 0.5)}\n'
            f'[[close_gate]]\nquarter = "q00"\nat = {at(0.75, 0.5)}\n',
            "E-SCN-014",
            "q00",
        ),
        (f'[[add_gate]]\nquarter = "q00"\nat = {at(1, 1)}\n', "E-SCN-015", "30 m"),
        (
            f'[[close_gate]]\nquarter = "q00"\nat = {at(0.25, 0.5)}\n' * 2,
            "E-SCN-004",
            "[[close_gate]]",
        ),
        (
            f'[[add_link]]\nline = {line((0, 0), (1, 1))}\nkind = "在建"\n',
            "E-SCN-017",
            "人行道",
        ),
        (new_station(at(0.5, 8)), "E-NET-007", "n1"),
    ],
)
def test_what_cannot_be_edited_is_told(town: Town, text: str, id: str, says: str):
    gated(town)
    named_streets(town)
    town.stations[0]["status"] = ""
    town.stations.append({**town.stations[0], "code": "old", "status": "已关闭"})
    town.study = town.study.replace('name = "name" }', 'name = "name", status = "status" }')
    found = refused(scenario(town, text))
    assert set(found) == {id}
    assert says in found[id] and "scenario.toml" in found[id]


def test_a_scenario_of_a_scenario(town: Town):
    path = scenario(town, "")
    other = town.folder / "other.toml"
    other.write_text(HEAD.replace("study.toml", "scenario.toml"), encoding="utf-8")
    assert set(refused(other)) == {"E-SCN-016"}
    path.write_text(HEAD.replace("study.toml", "none.toml"), encoding="utf-8")
    assert set(refused(path)) == {"E-STU-004"}


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("[[add_facilty]]\n", "E-STU-002"),
        (new_station(at(1, 1), more="seats = 3"), "E-STU-002"),
        (new_station(at(1, 1), more="capacity = 0"), "E-STU-007"),
        (new_station(at(1, 1), more='capacity = "30"'), "E-STU-010"),
        (new_station("[true, 29.5]"), "E-STU-010"),
        (new_station("[29.56, 106.55]"), "E-STU-007"),
        (new_station("[106.55]"), "E-STU-005"),
        ('[[close_link]]\nstreet = "a"\nnear = [1.0, 2.0]\n', "E-STU-003"),
        ("[[close_link]]\n", "E-STU-003"),
        ("[[add_link]]\nline = [[1.0, 2.0]]\n", "E-STU-003"),
        ('[walker_of]\nhealth = "frail"\n', "E-STU-006"),
        ('crs = "EPSG:4547"\n', "E-STU-003"),
    ],
)
def test_a_mistake_in_the_file(town: Town, text: str, id: str):
    assert set(refused(scenario(town, text))) == {id}


def test_all_mistakes_are_told_at_once(town: Town):
    text = new_station("[106.55, true]", more="seats = 3") + "[[close_link]]\n"
    assert set(refused(scenario(town, text))) == {"E-STU-002", "E-STU-003", "E-STU-010"}
    edits = '[[close_facility]]\nid = "x"\n' + new_station(at(1, 1), "s1")
    assert set(refused(scenario(town, edits))) == {"E-SCN-001", "E-SCN-003"}


def test_nothing_is_written_over_earlier_results(town: Town, tmp_path: Path):
    out = tmp_path / "out"
    good = scenario(town, new_station(at(2, 2)))
    told = CliRunner().invoke(app, ["run", str(good), "--out", str(out), "-q", "--lang", "zh"])
    assert told.exit_code == 0, told.output
    manifest = (out / "manifest.json").read_bytes()
    assert "R-SCN-001" in manifest.decode("utf-8") and "新增设施 n1" in manifest.decode("utf-8")
    bad = scenario(town, '[[close_facility]]\nid = "x"\n')
    told = CliRunner().invoke(app, ["run", str(bad), "--out", str(out), "-q"])
    assert told.exit_code == 3 and "E-SCN-001" in told.output
    assert (out / "manifest.json").read_bytes() == manifest


def test_every_message_is_provoked_here():
    told = Path(__file__).read_text(encoding="utf-8")
    assert [id for id in MESSAGES if "-SCN-" in id and id not in told] == []


def test_every_table_is_on_the_page():
    page = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    for name, field in ScenarioFile.model_fields.items():
        assert f"[{name}]" in page
        model = getattr(field.annotation, "model_fields", None) or getattr(
            getattr(field.annotation, "__args__", (None,))[0], "model_fields", {}
        )
        for key in model:
            assert f"{key} = " in page, (name, key)


# --- change


def test_change_tells_what_a_scenario_does_by_cause(town: Town):
    """A station at (2, 3) is near q22; a straight way from there to (1, 2.5) brings q21 near."""
    town.study = town.study.replace("minutes = 5", "minutes = 7")
    text = new_station(at(2, 3)) + f"[[add_link]]\nline = {line((1, 2.5), (2, 3))}\n"
    ends = [Study.from_file(path) for path in (town.write(), scenario(town, text))]
    (circle,) = (found := change_between(*ends, Steps())).circles
    assert found.causes == ("facilities", "network")
    assert (circle.covered.before[0], circle.covered.after[0]) == (20, 60)
    assert circle.covered.parts[0].tolist() == [30, 10]  # the way alone is of no use


def test_two_scenarios_of_one_study_differ_by_their_edits(town: Town):
    first = scenario(town, new_station(at(2, 3)))
    other = town.folder / "other.toml"
    other.write_text(HEAD + new_station(at(2, 0)), encoding="utf-8")
    (circle,) = (found := change_between(
        Study.from_file(first), Study.from_file(other), Steps()
    )).circles  # fmt: skip
    assert found.causes == ("facilities",)
    gained: Any = circle.covered.after - circle.covered.before
    rows = dict(zip(circle.rows["id"], gained.tolist(), strict=True))
    assert (rows["q22"], rows["q02"], rows[""]) == (-20, 20, 0)
