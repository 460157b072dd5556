"""The documents show the figures that were measured, and no others."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def tables():
    """The module that makes the tables."""
    spec = importlib.util.spec_from_file_location("tables", ROOT / "benchmarks" / "tables.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("document", "words", "networks"),
    [("docs/isochrones.md", "EN", None), ("README.md", "EN", 3), ("README.zh-CN.md", "ZH", 3)],
)
def test_tables_of_speeds_are_those_of_the_records(tables, document, words, networks):
    table = tables.speed_table(getattr(tables, words), networks)
    assert table in (ROOT / document).read_text(encoding="utf-8")


def test_the_table_of_edits_is_that_of_the_records(tables):
    assert tables.edits_table() in (ROOT / "docs/isochrones.md").read_text(encoding="utf-8")


def test_the_records_are_of_equal_answers(tables):
    for record in tables.RECORDS:
        for run in tables._record(record)["runs"]:
            for question in run["questions"]:
                ours, *peers = question["engines"]
                assert ours["engine"] == tables.OURS
                assert all(peer["answers"] for peer in peers)
