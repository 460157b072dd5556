"""Walkers of a study: what may be written, who comes of it, and what is printed of them."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest

from carecircle.coverage.result import Circle
from carecircle.isochrones.slopes import LAWS
from carecircle.isochrones.walkers import WALKERS, Walker
from carecircle.layers.problems import StudyError
from carecircle.study import Study
from carecircle.studyfile import StudyFile, parse_study
from carecircle.walkerfile import study_walkers
from carecircle.walkwords import DIRECTIONS, SLOPE_LAWS, WAITS, no_way_out, walking

SMALLEST = '[study]\nname = "x"\n[network]\npath = "streets.osm"\n'


def parsed(text: str) -> StudyFile:
    return parse_study(tomllib.loads(SMALLEST + text), "study.toml")


def walker_of(text: str) -> Walker:
    """The walker of the only circle."""
    (circle,) = Study(parsed(text)).circles()
    return circle.walker


def test_without_tables_the_named_walkers_stay_as_they_are() -> None:
    assert study_walkers(parsed("").walkers) == WALKERS


def test_a_named_walker_is_changed_where_it_is_named() -> None:
    text = '[walkers.elderly]\nspeed_m_s = 0.7\n[[circles]]\nservice = "elderly"\n'
    assert walker_of(text) == replace(WALKERS["elderly"], speed_mm_per_s=700)
    walkers = study_walkers(parsed(text).walkers)
    assert {**walkers, "elderly": WALKERS["elderly"]} == WALKERS


def test_a_new_walker_is_like_another_but_for_what_is_said() -> None:
    text = """
        [walkers.frail]
        speed_m_s = 0.5
        [walkers.cane]
        like = "frail"
        zh = "拄杖老人"
        steps = false
        slope_law = "none"
        max_slope_percent = 8
        waits_s = { signals = 40, tertiary = 5 }
        [[circles]]
        service = "elderly"
        walker = "cane"
    """
    # like takes the walker of the table, not the changed one
    assert walker_of(text) == Walker(
        "cane", "拄杖老人", "cane", 600, None, "none", 8, (40, 0, 0, 5)
    )


def test_the_direction_of_a_circle() -> None:
    text = '[[circles]]\nservice = "elderly"\ndirection = "worse"\n'
    assert [circle.direction for circle in Study(parsed(text)).circles()] == ["worse"]
    assert [circle.direction for circle in Study(parsed("")).circles()] == ["to", "to"]


@pytest.mark.parametrize(
    ("text", "id", "place"),
    [
        ("[walkers.elderly]\nspeed_m_s = 0.29\n", "E-STU-007", "walkers.elderly.speed_m_s"),
        ("[walkers.elderly]\nspeed_m_s = 2.51\n", "E-STU-007", "walkers.elderly.speed_m_s"),
        ("[walkers.elderly]\nspeed_m_s = nan\n", "E-STU-007", "walkers.elderly.speed_m_s"),
        ("[walkers.elderly]\nspeed_m_s = 'x'\n", "E-STU-010", "walkers.elderly.speed_m_s"),
        ("[walkers.elderly]\nslope_law = 'toblr'\n", "E-STU-006", "walkers.elderly.slope_law"),
        ("[walkers.elderly]\nspead = 1\n", "E-STU-002", "walkers.elderly.spead"),
        ("[walkers.elderly.waits_s]\nlights = 1\n", "E-STU-002", "walkers.elderly.waits_s.lights"),
        ("[walkers.x.waits_s]\nsignals = -1\n", "E-STU-007", "walkers.x.waits_s.signals"),
        ("[walkers.x]\nmax_slope_percent = 0\n", "E-STU-007", "walkers.x.max_slope_percent"),
        ("[walkers.elderly]\nsteps = false\nsteps_factor = 2\n", "E-STU-003", "walkers.elderly"),
        ("[walkers.x]\nlike = 'stroller'\nsteps = true\n", "E-STU-003", "walkers"),
        ("[walkers.stroller]\nsteps = true\n", "E-STU-003", "walkers"),
        ("[walkers.x]\nspeed_m_s = 1\n", "E-STU-003", "walkers"),
        ("[walkers.x]\nlike = 'jogger'\n", "E-STU-006", "walkers.x.like"),
        ("[[circles]]\nservice = 'elderly'\ndirection = 1\n", "E-STU-006", "circles.0.direction"),
        ("[[circles]]\nservice = 'elderly'\nminutes = 121\n", "E-STU-007", "circles.0.minutes"),
        (
            "[walkers.x]\nlike = 'norm'\n[[circles]]\nservice = 'elderly'\nwalker = 'y'\n",
            "E-STU-006",
            "circles.0.walker",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text: str, id: str, place: str) -> None:
    with pytest.raises(StudyError) as caught:
        parsed(text)
    (problem,) = caught.value.problems
    assert (problem.id, problem.column) == (id, place)
    assert problem.text("zh") != problem.text("en")


def test_an_unknown_walker_is_told_who_there_is() -> None:
    with pytest.raises(StudyError, match="adult, cane"):
        parsed("[walkers.cane]\nlike = 'frail'\n[[circles]]\nservice = 'elderly'\nwalker = 'me'\n")


# --- what is printed


def sentence(heights: bool, direction: str = "to", **changed: object) -> tuple[str, str]:
    walker = replace(WALKERS["elderly"], **changed)
    circle = Circle("elderly", "age_60_plus", walker, 15, direction=direction)
    (told,) = walking([circle], heights)
    return told.zh, told.en


def test_every_law_wait_and_direction_has_its_words() -> None:
    assert set(SLOPE_LAWS) == set(LAWS)
    assert len(WAITS) == 4
    assert set(DIRECTIONS) == {"to", "from", "round_trip", "worse"}


def test_what_is_changed_is_printed() -> None:
    zh, en = sentence(True, "worse", slope_law="naismith_langmuir", max_slope_percent=8.5,
                      steps_factor=1.5, waits_s=(40, 0, 15, 0))  # fmt: skip
    for part in ("0.8 m/s", "1.5 times", "Langmuir", "8.5 %", "signals 40 s", "secondary roads 15",
                 "slower of the ways"):  # fmt: skip
        assert part in en
    for part in (
        "0.8 米/秒",
        "1.5 倍",
        "Langmuir",
        "8.5%",
        "信号灯处 40 秒",
        "次干路 15 秒",
        "较慢的一程",
    ):
        assert part in zh
    assert "primary" not in en


def test_without_heights_no_slope_is_claimed() -> None:
    zh, en = sentence(False, max_slope_percent=8)
    assert "slopes cost nothing" in en
    assert "坡度不计" in zh
    assert "Tobler" not in en
    assert "the steepest slope of 8 % closes no street" in en
    assert "最大坡度 8% 的限制未生效" in zh
    assert "to the facility" not in en
    assert "to the facility" in sentence(True)[1]


def test_homes_without_a_way_are_told_where_there_are_any() -> None:
    circle = Circle("childcare", "age_0_2", WALKERS["stroller"], 15)
    assert list(no_way_out(circle, 0, 0)) == []
    (told,) = no_way_out(circle, 3, 7)
    assert "3 homes (7 people" in told.en
    assert "3 处住户（7 人）" in told.zh
