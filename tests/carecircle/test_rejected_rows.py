"""Rows that may be left out: listed beside the results, said on every output, hashed."""

import json

from typer.testing import CliRunner

from carecircle.__main__ import app


def run(town, out):
    result = CliRunner().invoke(app, ["run", str(town.write()), "--out", str(out), "--quiet"])
    assert result.exit_code == 0, result.output


def test_bad_rows_are_listed_said_and_gone_with_the_next_run(town, tmp_path):
    town.quarters[4]["people"] = "约100"
    town.study = town.study.replace(
        "cell_m = 100",
        'cell_m = 100\non_bad_row = "quarantine"\nquarantine_limit_percent = 20\n'
        "quarantine_people_percent = 20",
    )
    out = tmp_path / "out"
    run(town, out)
    rejected = (out / "rejected.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rejected) == 2
    assert rejected[1].startswith("quarters.csv,,6,people,约100,E-NUM-002,")
    summary = json.loads((out / "summary.json").read_bytes())
    assert summary["circles"][0]["people"]["input"] == 8 * 20
    (said,) = [said["en"] for said in summary["assumptions"] if said["id"] == "rejected-rows"]
    assert "1 rows of the inputs (0 people known; those of 1 rows cannot be read)" in said
    assert "rejected.csv" in (out / "map.html").read_text(encoding="utf-8")
    manifest = json.loads((out / "manifest.json").read_bytes())
    assert "rejected.csv" in {file["file"] for file in manifest["outputs"]}
    assert manifest["layers"][0]["rejected"] == 1
    assert "R-LAY-007" in {record["id"] for record in manifest["records"]}
    town.quarters[4]["people"] = 100
    run(town, out)
    assert not (out / "rejected.csv").exists()
