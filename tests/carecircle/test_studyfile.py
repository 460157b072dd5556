"""Every mistake in a study file is told with its place, all of them at once."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import pytest

from carecircle.isochrones.walkers import WALKERS
from carecircle.layers.problems import StudyError
from carecircle.studyfile import (
    CircleSection,
    load_study_file,
    parse_study,
    target_text,
    write_template,
)
from carecircle.walkerfile import NamedWalker

SMALLEST = '[study]\nname = "x"\n[network]\npath = "streets.osm"\n'


def mistakes(text: str) -> list[tuple[str, str]]:
    """Message id and place of each mistake."""
    with pytest.raises(StudyError) as caught:
        parse_study(tomllib.loads(text), "study.toml")
    for problem in caught.value.problems:
        assert problem.file == "study.toml"
        assert problem.text("zh") != problem.text("en")
    return [(problem.id, problem.column) for problem in caught.value.problems]


def test_the_smallest_study_asks_for_both_circles() -> None:
    study = parse_study(tomllib.loads(SMALLEST), "study.toml")
    assert [(c.service, c.minutes, c.walker) for c in study.circles] == [
        ("elderly", 15, None),
        ("childcare", 15, None),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[study]\nname = "x"\n', [("E-STU-005", "network")]),
        (SMALLEST + "[sites]\nspacing = 50\n", [("E-STU-002", "sites.spacing")]),
        (SMALLEST + "[citcles]\n", [("E-STU-002", "citcles")]),
        (SMALLEST + "[sites]\ncount = 2.5\n", [("E-STU-010", "sites.count")]),
        (SMALLEST + "[sites]\ncount = -1\n", [("E-STU-007", "sites.count")]),
        (SMALLEST + '[[circles]]\nservice = "sport"\n', [("E-STU-006", "circles.0.service")]),
        (
            SMALLEST + '[[circles]]\nservice = "elderly"\nminutes = 0\ntarget_percent = 101\n',
            [("E-STU-007", "circles.0.minutes"), ("E-STU-007", "circles.0.target_percent")],
        ),
        (
            SMALLEST + '[[circles]]\nservice = "elderly"\nwalker = "jogger"\n',
            [("E-STU-006", "circles.0.walker")],
        ),
        (
            SMALLEST + '[[circles]]\nservice = "elderly"\n[[circles]]\nservice = "elderly"\n',
            [("E-STU-003", "circles")],
        ),
        (
            SMALLEST + "[people]\nage_60_plus_share = 18.7\n",
            [("E-STU-007", "people.age_60_plus_share")],
        ),
        (SMALLEST + "[snap]\nwarn_m = 500\nlimit_m = 100\n", [("E-STU-003", "snap")]),
        (
            SMALLEST + '[residential]\npath = "a.gpkg"\n[people]\ntotal = 5\n',
            [("E-STU-003", "")],
        ),
        (
            SMALLEST + '[residential]\npath = "https://example.org/a.gpkg"\n',
            [("E-STU-003", "residential.path")],
        ),
        (
            SMALLEST + '[residential]\npath = "a.gpkg"\n[residential.columns]\npeople = "x"\n',
            [("E-STU-003", "residential.columns")],
        ),
        (
            '[study]\nname = ""\nnote = 1\n[network]\n[snap]\nlimit_m = "far"\n',
            [
                ("E-STU-010", "study.name"),
                ("E-STU-002", "study.note"),
                ("E-STU-005", "network.path"),
                ("E-STU-010", "snap.limit_m"),
            ],
        ),
    ],
)
def test_mistakes_and_their_places(text: str, expected: list[tuple[str, str]]) -> None:
    assert mistakes(text) == expected


@pytest.mark.parametrize("content", [b"[study\n", b"\xff\xfe[study]", b"a = 1\na = 2\n"])
def test_a_file_that_is_no_toml(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "study.toml"
    path.write_bytes(content)
    with pytest.raises(StudyError) as caught:
        load_study_file(path)
    assert [problem.id for problem in caught.value.problems] == ["E-STU-001"]


def test_a_study_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="E-STU-001"):
        load_study_file(tmp_path / "study.toml")


def test_paths_are_taken_from_the_files_own_folder(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "streets.osm").write_text("")
    path = tmp_path / "study.toml"
    path.write_text(SMALLEST.replace("streets.osm", "sub/streets.osm"))
    assert load_study_file(path).network.path == tmp_path / "sub" / "streets.osm"
    path.write_text(SMALLEST + '[residential]\npath = "gone.gpkg"\n')
    with pytest.raises(StudyError) as caught:
        load_study_file(path)
    assert [(p.id, p.file) for p in caught.value.problems] == [
        ("E-STU-004", "streets.osm"),
        ("E-STU-004", "gone.gpkg"),
    ]


@pytest.mark.parametrize(
    ("written", "exact"), [("85", "85"), ("99.5", "99.5"), ("66.7", "66.7"), ("100", "100")]
)
def test_a_target_is_what_was_written(written: str, exact: str) -> None:
    table = tomllib.loads(f'service = "elderly"\ntarget_percent = {written}')
    assert target_text(CircleSection.model_validate(table)) == exact


def test_a_float_target_is_not_its_nearest_binary_fraction() -> None:
    section = CircleSection(service="elderly", target_percent=0.1)
    assert section.target_percent == Decimal("0.1")


def test_the_template_is_a_study_and_names_every_table(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    write_template(path)
    text = path.read_text(encoding="utf-8")
    study = parse_study(tomllib.loads(text), "study.toml")
    for table in type(study).model_fields:
        assert f"[{table}]" in text or f"# {table} = " in text, table


def test_the_template_is_a_study_with_every_example_taken(tmp_path: Path) -> None:
    """Uncommenting what is commented must not lead into an error."""
    template = files("carecircle").joinpath("template.toml").read_text(encoding="utf-8")
    lines = []
    for line in template.splitlines():
        bare = line.removeprefix("# ")
        is_example = line.startswith("# ") and ("=" in bare or bare.startswith("["))
        is_example &= "without a residential layer" not in line and "by floor area" not in line
        lines.append(bare if is_example else line)
    study: Any = parse_study(tomllib.loads("\n".join(lines)), "study.toml")
    assert study.residential is not None
    assert study.facilities[0].service == "elderly"
    assert study.admin is not None


def test_the_study_file_knows_every_walker() -> None:
    assert get_args(NamedWalker) == tuple(WALKERS)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[[circles]]\nservice = "elderly"\nminutes = true', "circles.0.minutes"),
        ("[walkers.elderly]\nspeed_m_s = true", "walkers.elderly.speed_m_s"),
        ("[sites]\ncount = false", "sites.count"),
        ("[walkers.elderly.waits_s]\nsignals = true", "walkers.elderly.waits_s.signals"),
        ('[[circles]]\nservice = "elderly"\nminutes = "15"', "circles.0.minutes"),
        (
            '[[circles]]\nservice = "elderly"\ntarget_percent = "85"',
            "circles.0.target_percent",
        ),
        ('[walkers.elderly]\nspeed_m_s = "0.8"', "walkers.elderly.speed_m_s"),
        ('[walkers.elderly]\nsteps = "no"', "walkers.elderly.steps"),
        ('[snap]\nlimit_m = "300"', "snap.limit_m"),
        ('[access]\nminutes = [5, "10"]', "access.minutes.1"),
    ],
)
def test_neither_true_nor_text_is_a_number(text: str, place: str) -> None:
    """They would be read as one: true as a walker of 1 m/s, "15" as fifteen minutes."""
    assert mistakes(f"{SMALLEST}{text}\n") == [("E-STU-010", place)]


def test_true_and_false_stand_where_they_belong() -> None:
    text = "[osm]\nkindergartens_are_childcare = true\n[walkers.elderly]\nsteps = false\n"
    file = parse_study(tomllib.loads(SMALLEST + text), "study.toml")
    assert file.osm.kindergartens_are_childcare
    assert file.walkers["elderly"].steps is False


def test_a_circle_has_1_to_120_minutes() -> None:
    circle = '[[circles]]\nservice = "elderly"\nminutes = '
    for minutes in (0, 121):
        assert mistakes(f"{SMALLEST}{circle}{minutes}\n") == [("E-STU-007", "circles.0.minutes")]
    file = parse_study(tomllib.loads(f"{SMALLEST}{circle}120\n"), "study.toml")
    assert file.circles[0].minutes == 120
