"""A study on a hillside, and one beside a main road."""

import json

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from typer.testing import CliRunner

from carecircle.__main__ import app
from carecircle.layers.network import EDGE_KINDS
from carecircle.layers.problems import StudyError
from carecircle.study import Study

TERRAIN = '\n[terrain]\npath = "heights/hill.tif"\nunit = "m"\n'
SLOW = "\n[walkers.elderly]\nwaits_s = { primary = 60 }\n"


@pytest.fixture
def hillside(town):
    """The town on a slope of 10 % up to the south-west, where its station stands."""
    (town.folder / "heights").mkdir()
    cell = 0.0002  # about 20 m
    row, column = np.mgrid[0:100, 0:100]
    east, north = column * cell * 96_900, (99 - row) * cell * 110_900
    values = 500 - 0.1 * (east + north) / np.sqrt(2)
    with rasterio.open(
        town.folder / "heights" / "hill.tif", "w", driver="GTiff", count=1, height=100, width=100,
        dtype="float64", crs="EPSG:4326", transform=Affine(cell, 0, 106.545, 0, -cell, 29.575),
    ) as raster:  # fmt: skip
        raster.write(values, 1)
    town.study += TERRAIN
    for quarter in town.quarters:
        quarter["lng"] -= 0.0003  # its nearest street is that to the west, clearly
    return town


def minutes(town, extra=""):
    """Minutes of each quarter to the station."""
    town.study += extra
    circle = Study.from_file(town.write()).run().circles[0]
    return circle.coverage.quarters["minutes"]


def test_the_way_up_to_the_station_is_longer(town, hillside) -> None:
    uphill = minutes(hillside)
    hillside.study = hillside.study.replace(TERRAIN, "")
    level = minutes(hillside)
    assert (uphill > level).all()
    # every street climbs 10 % / sqrt(2) = 7.07 %: exp(3.5 * 0.0707) by Tobler's ratio;
    # the straight legs from the door are level
    assert uphill.max() / level.max() == pytest.approx(np.exp(3.5 * 0.0707), rel=0.05)


def test_a_run_tells_its_terrain_and_hashes_it(hillside, tmp_path) -> None:
    out = tmp_path / "out"
    arguments = ["run", str(hillside.write()), "--out", str(out), "--quiet"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert any(file["file"].endswith("hill.tif") for file in manifest["inputs"])
    terrain = manifest["network"]["terrain"]
    assert terrain["files"] == ["hill.tif"]
    assert terrain["cell_m"] == [pytest.approx(19.4, abs=0.1), pytest.approx(22.2, abs=0.1)]
    assert terrain["length_km_by_slope"]["to_8_percent"] == pytest.approx(
        manifest["network"]["length_km"]
    )
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["parameters"]["terrain"]["path"] == ["hill.tif"]  # and not whose folder it is in
    said = {sentence["id"]: sentence for sentence in summary["assumptions"]}
    assert "hill.tif" in said["terrain"]["zh"] and "hill.tif" in said["terrain"]["en"]
    assert "waits" not in said


def test_check_tells_the_terrain_or_that_there_is_none(hillside) -> None:
    def lines(lang):
        arguments = ["check", str(hillside.write()), "--lang", lang, "--quiet"]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, result.output
        return result.output

    # every street climbs 10 % / sqrt(2): 70.7 m for each km, and none is steeper than 8 %
    english, chinese = lines("en"), lines("zh")
    assert "heights of hill.tif (cells of about 19.4 m)" in english
    assert "70.7 m up or down for each km, 0.0 % of them steeper than 8 %" in english
    assert "每公里升降 70.7 米，坡度超过 8% 的占 0.0%" in chinese
    hillside.study = hillside.study.replace(TERRAIN, "")
    assert "no heights: slopes cost nothing" in lines("en")
    assert "坡度不计" in lines("zh")


def test_a_terrain_elsewhere_or_missing_ends_the_study(hillside) -> None:
    hillside.study = hillside.study.replace("hill.tif", "valley.tif")
    with pytest.raises(StudyError) as raised:
        Study.from_file(hillside.write())
    assert [problem.id for problem in raised.value.problems] == ["E-STU-004"]


def test_several_tiles(hillside) -> None:
    one = minutes(hillside)
    path = '["heights/hill.tif", "heights/hill.tif"]'
    hillside.study = hillside.study.replace('"heights/hill.tif"', path)
    assert minutes(hillside).equals(one)


@pytest.fixture
def main_road(town):
    """The town with a main road along its second street from the south."""
    path = town.folder / "streets.osm"
    before, marker, after = path.read_text(encoding="utf-8").partition('<way id="101"')
    assert marker
    path.write_text(before + marker + after.replace("residential", "primary", 1), encoding="utf-8")
    return town


def test_whoever_waits_is_later_beyond_the_main_road_only(main_road) -> None:
    at_once = minutes(main_road)
    late = minutes(main_road, SLOW)
    # the station is at the south-west corner, quarters are named by row from the south
    beyond = at_once.index.str.startswith(("q1", "q2"))
    assert (late[~beyond] == at_once[~beyond]).all()
    # across the road: one minute. Some homes open onto the road itself: half a minute
    assert set((late - at_once)[beyond].round(3)) <= {0.5, 1.0}
    assert (late - at_once)[at_once.index.str.startswith("q2")].round(3).tolist() == [1.0] * 3


def test_kerbs_only_for_whoever_waits(main_road) -> None:
    network = Study.from_file(main_road.write()).read().network
    assert (network.edge_kind <= EDGE_KINDS.index("lift")).all()
    assert "kerbs" not in network.facts
    main_road.study += SLOW
    inputs = Study.from_file(main_road.write()).read()
    assert inputs.network.facts["kerbs"]["wait_primary"] == 8  # two at each of four crossings
    assert "waits" in {sentence.id for sentence in inputs.assumptions}
    assert len(inputs.network.edge_nodes) == len(network.edge_nodes) + 8
