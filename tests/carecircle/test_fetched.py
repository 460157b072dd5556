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
