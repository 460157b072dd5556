"""QGIS shows the layers styled by itself; every column is explained."""

import json
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from carecircle.maps import geopackage
from carecircle.maps.columns import COLUMNS
from carecircle.maps.qgis_styles import LAYER_STYLES

HERE = Path(__file__).parent
SYSTEM_PYTHON = "/usr/bin/python3"  # QGIS is installed for it


@pytest.fixture(scope="module")
def package(tmp_path_factory, friendly):
    path = tmp_path_factory.mktemp("styles") / "results.gpkg"
    geopackage.write_geopackage(path, friendly.study)
    return path


def styles(path):
    with sqlite3.connect(path) as database:
        database.row_factory = sqlite3.Row
        return {row["f_table_name"]: row for row in database.execute("SELECT * FROM layer_styles")}


def test_every_drawn_layer_has_one_style_by_default(package, friendly):
    layers = geopackage.layers(friendly.study)
    found = styles(package)
    assert set(found) == set(layers) <= set(LAYER_STYLES)
    assert all(row["useAsDefault"] == 1 for row in found.values())
    with sqlite3.connect(package) as database:
        named = "SELECT table_name, column_name FROM gpkg_geometry_columns"
        geometry = dict(database.execute(named).fetchall())
    assert {name: row["f_geometry_column"] for name, row in found.items()} == geometry


def test_the_version_is_that_of_the_standard(package):
    with sqlite3.connect(package) as database:
        assert database.execute("PRAGMA application_id").fetchone()[0] == 0x47504B47  # "GPKG"
        assert database.execute("PRAGMA user_version").fetchone()[0] == 10200
        kinds = dict(database.execute("SELECT table_name, data_type FROM gpkg_contents"))
    assert kinds["layer_styles"] == "attributes"


def test_a_style_has_a_rule_for_each_circle_and_state_of_columns_that_there_are(package, friendly):
    for name, row in styles(package).items():
        root = ElementTree.fromstring(row["styleQML"].partition("\n")[2])
        groups = root.findall("./renderer-v2/rules/rule")
        assert [one.get("filter") for one in groups] == [
            "\"circle\" = 'elderly'",
            "\"circle\" = 'childcare'",
        ]
        symbols = {one.get("name") for one in root.findall("./renderer-v2/symbols/symbol")}
        used = {one.get("symbol") for group in groups for one in group}
        assert used == symbols
        columns = set(geopackage.layers(friendly.study)[name].columns)
        asked = {alias.get("field") for alias in root.findall("./aliases/alias")}
        assert asked == columns - {"geometry"}


def test_every_column_of_every_layer_is_explained(friendly):
    for layer in geopackage.layers(friendly.study).values():
        assert set(layer.columns) - {"geometry"} <= set(COLUMNS)
    assert all(one.name and one.zh and one.en for one in COLUMNS.values())


def test_qgis_takes_the_styles(package, tmp_path, friendly):
    probe = [SYSTEM_PYTHON, "-c", "import qgis.core"]
    if not shutil.which(SYSTEM_PYTHON) or subprocess.run(probe, capture_output=True).returncode:
        pytest.skip("QGIS is not installed (apt-get install python3-qgis)")
    layers = geopackage.layers(friendly.study)
    picture = tmp_path / "qgis.png"
    script = [SYSTEM_PYTHON, HERE / "qgis_opens.py", package, picture, *layers]
    env = {**os.environ, "HOME": str(tmp_path)}
    env.pop("PYTHONPATH", None)
    run = subprocess.run(script, capture_output=True, text=True, check=True, env=env)
    told = json.loads(run.stdout.splitlines()[-1])
    for name, found in told.items():
        style = LAYER_STYLES[name]
        assert found["renderer"] == "RuleRenderer"
        assert found["on"] == [True, False]
        assert found["rules"] == [len(style.looks)] * 2
        assert found["labels"] is bool(style.label)
        assert found["features"] == len(layers[name])
        assert found["aliases"] == {
            column: f"{COLUMNS[column].name} {column}"
            for column in layers[name].columns.drop("geometry")
        }
    hatched = {look.label: bool(look.hatch) for look in LAYER_STYLES["quarters"].looks}
    assert [len(one) > 1 for one in told["quarters"]["layers"]] == list(hatched.values())
    assert picture.stat().st_size > 5_000
