"""The manifest says from what and with what a result was made."""

import hashlib
import json

from carecircle.maps.manifest import described, described_inputs, file_sha256, manifest


def test_hashes_are_those_of_hashlib(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(b"carecircle" * 300_000)  # more than one piece
    assert file_sha256(path) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_inputs_outputs_and_settings_are_named(tmp_path, friendly):
    source, shape, output = tmp_path / "a.csv", tmp_path / "b.shp", tmp_path / "map.html"
    source.write_text("x,y\n")
    for companion in (shape, tmp_path / "b.dbf", tmp_path / "bb.dbf"):
        companion.write_text("1")
    output.write_text("<!doctype html>")
    facts = {
        "inputs": described_inputs([source, shape]),
        "parameters": {"minutes": 15, "network": {"path": str(source), "nodes": None}},
        "seconds": {"streets": 1.25},
    }
    found = manifest(friendly.study, friendly.summary, facts, [described(output)])
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert [entry["file"] for entry in found["inputs"]] == ["a.csv", "b.dbf", "b.shp"]
    assert found["inputs"][0]["sha256"] == hashlib.sha256(b"x,y\n").hexdigest()
    assert found["outputs"] == [
        {
            "file": "map.html",
            "bytes": 15,
            "sha256": hashlib.sha256(b"<!doctype html>").hexdigest(),
        }
    ]
    assert found["parameters"] == {"minutes": 15, "network": {"path": "a.csv", "nodes": None}}
    assert str(tmp_path) not in json.dumps(found)  # whose computer it was
    assert found["seconds"] == {"streets": 1.25}
    assert found["versions"]["carecircle"] == friendly.summary["carecircle"]
    assert {"python", "shapely", "pyproj"} <= set(found["versions"])
    assert found["records"] == [{"layer": "residential", "what": "closed a ring", "rows": 1}]
