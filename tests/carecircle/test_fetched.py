"""Streets asked of stand-in servers on this computer."""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from carecircle import Study, StudyError

BOX = shapely.box(106.55, 29.56, 106.556, 29.566)


class StandIn(ThreadingHTTPServer):
    """Nominatim (GET) and Overpass (POST): counts what it is asked, says what the test wants."""

    def __init__(self, extract: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.extract = extract
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answers(BaseHTTPRequestHandler):
    server: StandIn

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        found = {
            "lat": "29.563", "lon": "106.553", "display_name": "格网镇", "importance": 0.5,
            "boundingbox": ["29.56", "29.566", "106.55", "106.556"],
            "geojson": shapely.geometry.mapping(BOX),
        }  # fmt: skip
        self.answer(json.dumps([found]).encode(), "application/json")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append(urllib.parse.parse_qs(body)["data"][0])
        self.answer(self.server.extract, "application/osm3s+xml")

    def answer(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server(town: Any) -> Iterator[StandIn]:
    """Serves the streets of the town as Overpass would; the town's own file is gone."""
    path = town.folder / "streets.osm"
    meta = '<note>ODbL</note><meta osm_base="2026-01-02T03:04:05Z"/>'
    whole = path.read_text().replace('<osm version="0.6">', f'<osm version="0.6">{meta}')
    path.unlink()
    with StandIn(whole.encode()) as standing_in:
        thread = threading.Thread(target=standing_in.serve_forever, daemon=True)
        thread.start()
        yield standing_in
        standing_in.shutdown()
        thread.join()


def asking(town: Any, server: StandIn, key: str = 'place = "格网镇"') -> Study:
    addresses = f'overpass = "{server.url}/api/interpreter"\nnominatim = "{server.url}/"\n'
    town.study = town.study.replace(
        'path = "streets.osm"', f'path = "streets.osm"\n{key}\n{addresses}'
    )
    return Study.from_file(town.write())


def minutes(study: Study) -> list[float]:
    return list(study.run().circles[0].coverage.homes["minutes"])


def test_a_place_is_fetched_once_and_then_read_offline(town: Any, server: StandIn) -> None:
    study = asking(town, server)
    first = minutes(study)
    assert len(server.asked) == 2
    assert "格网镇" in urllib.parse.unquote(server.asked[0])
    assert 'nwr["highway"](poly:"' in server.asked[1]
    source = json.loads((town.folder / "streets.source.json").read_text(encoding="utf-8"))
    assert source["osm_base"] == "2026-01-02T03:04:05Z"
    server.extract = b"no longer there"
    again = Study.from_file(town.folder / "study.toml")
    assert minutes(again) == first
    assert len(server.asked) == 2
    # the place is the area of the study, and counted among its inputs
    assert again.file.area is not None
    named = {Path(given["file"]).name for given in again.inputs}
    assert {"streets.osm", "streets.boundary.geojson"} <= named


def test_the_area_of_the_study_is_fetched_with_a_kilometre_around_it(
    town: Any, server: StandIn
) -> None:
    gpd.GeoDataFrame(geometry=[BOX], crs="EPSG:4326").to_file(town.folder / "area.gpkg")
    town.study += """
            [area]
            path = "area.gpkg"
    """
    asking(town, server, "fetch = true").run()
    (query,) = server.asked
    lat = [float(n) for n in query.split('poly:"')[1].split('"')[0].split()[::2]]
    assert min(lat) == pytest.approx(29.56 - 1000 / 110_900, abs=3e-4)
    assert max(lat) == pytest.approx(29.566 + 1000 / 110_900, abs=3e-4)


@pytest.mark.parametrize(
    "answer",
    [
        b'<osm version="0.6"><way id="1">',
        b'<osm version="0.6"><way id="1"/><remark>runtime error: out of memory</remark></osm>',
        b"<html>Too many requests</html>",
        b'<osm version="0.6"></osm>',
    ],
)
def test_half_an_answer_is_refused_and_leaves_nothing(
    town: Any, server: StandIn, answer: bytes
) -> None:
    study = asking(town, server)
    server.extract = answer
    with pytest.raises(StudyError) as refused:
        study.read()
    assert [problem.id for problem in refused.value.problems] == ["E-NET-009"]
    assert not list(town.folder.glob("streets*"))


def test_without_internet_one_clear_message(town: Any, server: StandIn) -> None:
    study = asking(town, server)
    server.shutdown()
    server.server_close()
    with pytest.raises(StudyError) as refused:
        study.read()
    (problem,) = refused.value.problems
    assert problem.id == "E-NET-008"
    assert "streets.osm" in problem.text("en") and "Without internet" in problem.text("en")


def test_fetching_needs_something_to_fetch(town: Any, server: StandIn) -> None:
    with pytest.raises(StudyError) as refused:
        asking(town, server, "fetch = true").read()
    assert [problem.id for problem in refused.value.problems] == ["E-NET-010"]
    assert server.asked == []


def refused(study: Study) -> Any:
    with pytest.raises(StudyError) as caught:
        study.read()
    (problem,) = caught.value.problems
    return problem


def rewritten(town: Any, old: str, new: str) -> Study:
    """The study again, with something else in its file."""
    path = town.folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return Study.from_file(path)


@pytest.mark.parametrize("asks", ['place = "河湾镇"', "fetch = true"])
def test_another_place_than_was_fetched_is_refused(town: Any, server: StandIn, asks: str) -> None:
    gpd.GeoDataFrame(geometry=[BOX], crs="EPSG:4326").to_file(town.folder / "area.gpkg")
    town.study += """
            [area]
            path = "area.gpkg"
    """
    asking(town, server).read()
    problem = refused(rewritten(town, 'place = "格网镇"', asks))
    assert problem.id == "E-NET-012"
    for lang in ("zh", "en"):
        said = problem.text(lang)
        assert "streets.osm" in said and "格网镇" in said
    assert len(server.asked) == 2
    (town.folder / "streets.osm").unlink()
    rewritten(town, asks, asks).read()  # as the message says
    assert len(server.asked) == (4 if "place" in asks else 3)


def test_another_area_than_was_fetched_is_refused(town: Any, server: StandIn) -> None:
    area = town.folder / "area.gpkg"
    gpd.GeoDataFrame(geometry=[BOX], crs="EPSG:4326").to_file(area)
    town.study += """
            [area]
            path = "area.gpkg"
    """
    study = asking(town, server, "fetch = true")
    study.read()
    study.read()  # the same area is no other
    # the same ground, its ring begun elsewhere and in metres
    corners = shapely.get_coordinates(BOX)[:-1]
    turned = shapely.Polygon([*corners[2:], *corners[:2]])
    rows = gpd.GeoDataFrame(geometry=[turned], crs="EPSG:4326")
    rows.to_crs("EPSG:4544").to_file(area)
    study.read()
    shifted = shapely.box(106.55, 29.561, 106.556, 29.567)
    gpd.GeoDataFrame(geometry=[shifted], crs="EPSG:4326").to_file(area)
    problem = refused(study)
    assert problem.id == "E-NET-012" and "another [area]" in problem.text("en")
    assert len(server.asked) == 1


@pytest.mark.parametrize("name", ["streets.boundary.geojson", "streets.source.json"])
@pytest.mark.parametrize("damage", [None, "{", "[]", '{"place": 1, "features": [{"geometry": 1}]}'])
def test_an_extract_without_its_notes_is_refused(
    town: Any, server: StandIn, name: str, damage: str | None
) -> None:
    study = asking(town, server)
    study.read()
    (town.folder / name).unlink()
    if damage is not None:
        (town.folder / name).write_text(damage, encoding="utf-8")
    wrong_place = damage is not None and "1" in damage and "source" in name
    assert refused(study).id == ("E-NET-012" if wrong_place else "E-NET-013")
    assert len(server.asked) == 2


@pytest.mark.parametrize("name", ["city.osm.pbf", "city.pbf", "city.osm.gz", "city.graphml"])
def test_what_is_fetched_is_plain_osm(town: Any, server: StandIn, name: str) -> None:
    town.study = town.study.replace("streets.osm", name)
    addresses = f'overpass = "{server.url}/"\nnominatim = "{server.url}/"'
    town.study = town.study.replace(name + '"', f'{name}"\nplace = "格网镇"\n{addresses}')
    problem = refused(Study.from_file(town.write()))
    assert problem.id == "E-NET-014"
    assert '"city.osm"' in problem.text("en") and '"city.osm"' in problem.text("zh")
    assert server.asked == []


@pytest.mark.parametrize("area", [shapely.Point(106.55, 29.56), None])
def test_an_area_without_ground_cannot_be_fetched(town: Any, server: StandIn, area: Any) -> None:
    path = town.folder / "area.geojson"
    gpd.GeoDataFrame({"id": [1]}, geometry=[area], crs="EPSG:4326").to_file(path)
    town.study += """
            [area]
            path = "area.geojson"
    """
    assert refused(asking(town, server, "fetch = true")).id == "E-NET-010"
    assert server.asked == []
