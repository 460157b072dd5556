from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import shapely

import carecircle
from carecircle.coverage.result import CircleResult, Sentence, StudyResult
from carecircle.coverage.summary import circle_summary, minutes_median, study_summary

HOMES = [("a", 10, (0, 0)), ("b", 20, (500, 0)), ("c", 70, (1200, 0)), ("d", 5, (9000, 0))]


@pytest.fixture(scope="module")
def result(make: SimpleNamespace) -> CircleResult:
    town = make.Town(
        make.grid(20),
        HOMES,
        [(0, 0)],
        names=["甲", "乙", "丙", "丁"],
        admin=["u1", "u1", None, None],
        units=make.units({"u1": "东街道"}),
    )
    found: CircleResult = town.study(target="99.5")
    return found


def test_the_figures_of_a_circle(result: CircleResult) -> None:
    figures = circle_summary(result, estimated=True)
    sites = figures.pop("sites")
    assert figures.pop("access")["backup"][0]["people"] == 30  # the rest: test_access.py
    quarters = {row["block_id"]: row for row in figures.pop("quarter_figures")}
    assert quarters["a"] == {
        "block_id": "a",
        "people": 10,
        "people_covered": 10,
        "minutes": 0.0,
        "status": "covered",
    }
    assert (quarters["c"]["minutes"], quarters["c"]["status"]) == (20.0, "uncovered")
    assert (quarters["d"]["minutes"], quarters["d"]["status"]) == (None, "excluded")
    (station,) = figures.pop("stations")
    assert (station["capacity"], station["on_island"]) == (None, False)
    simplified = figures.pop("simplified_reach")  # figures by hand: test_circle
    assert [area["minutes"] for area in simplified] == [5, 10, 15]
    assert figures == {
        "id": "elderly",
        "service": "elderly",
        "name": {"zh": "15分钟养老服务圈", "en": "15-minute elderly-care circle"},
        "group": {"id": "age_60_plus", "zh": "60岁及以上", "en": "aged 60 and over"},
        "walker": {
            "id": "norm",
            "zh": "规划常用步速",
            "en": "planning norm",
            "metres_per_second": 1.0,
            "steps_factor": 1,
        },
        "minutes": 15,
        "target_percent": 99.5,
        "estimated": True,
        "facilities": 1,
        "people": {
            "input": 105,
            "covered": 30,
            "uncovered": 70,
            "excluded": {"too_far_from_street": 5},
            "percent": 28.5,
        },
        "quarters": {
            "input": 4,
            "covered": 2,
            "uncovered": 1,
            "excluded": {"too_far_from_street": 1},
            "percent": 50.0,
        },
        "land_m2": {
            "input": 4000,
            "covered": 2000,
            "uncovered": 1000,
            "excluded": {"too_far_from_street": 1000},
            "percent": 50.0,
        },
        "verdict": "not_met",
        "people_to_target": 75,
        "minutes_median": 20.0,
        "by_unit": [
            {
                "id": "u1",
                "name": "东街道",
                "level": "",
                "parent": "",
                "people": {
                    "input": 30,
                    "covered": 30,
                    "uncovered": 0,
                    "excluded": {"too_far_from_street": 0},
                    "percent": 100.0,
                },
            },
            {
                "id": "",
                "name": "",
                "level": "",
                "parent": "",
                "people": {
                    "input": 75,
                    "covered": 0,
                    "uncovered": 70,
                    "excluded": {"too_far_from_street": 5},
                    "percent": 0.0,
                },
            },
        ],
        "neighbourhoods": [
            {
                "rank": 1,
                "rank_need": 1,
                "rank_fairness": 1,
                "name": "丙",
                "street": "",
                "unit": "",
                "town": "",
                "town_percent": None,
                "people": 70,
                "uncovered": {"population": 210, "age_60_plus": 70},
                "quarters": 1,
                "minutes": 20.0,
                "missing": ["distance"],
                "people_distance": 70,
                "people_type": 0,
                "people_without_place": None,
                "other_facilities": [],
                "need_person_minutes": 350,
            }
        ],
        "stations_to_target": {
            "count": None,
            "lower_bound": 0,
            "proven": False,
            "reachable_percent": 95.2,
        },
    }
    (chosen,) = sites.pop("chosen")
    generated = sites.pop("generated")
    assert generated["left"] == len(result.candidates)
    assert generated["possible"] == generated["left"] + sum(generated["removed"].values())
    assert 0 <= sites.pop("dominated") < len(result.candidates)
    assert sites == {
        "from_layers": 0,
        "must": [],
        "left_out": [],
        "candidates": len(result.candidates),
        "spacing_m": 100.0,
        "people_gained": 70,
        "people_covered_after": 100,
        "percent_after": 95.2,
        "bound_people": 70,
        "gap_percent": 0.0,
        "status": "optimal",
    }
    assert (chosen["order"], chosen["gain_people"]) == (1, 70)
    site = result.candidates.loc[[chosen["candidate_id"]]]
    # The central meridian of the working CRS is 114 degrees east, at 500 km easting.
    there = shapely.get_coordinates(site.geometry.to_crs(4326))[0]
    assert [chosen["lon"], chosen["lat"]] == pytest.approx(there, abs=1e-6)
    assert 114 <= chosen["lon"] < 114.02


def test_other_minutes_and_services_are_named_alike(make: SimpleNamespace) -> None:
    from carecircle.coverage.summary import circle_name

    assert circle_name(make.circle(10))["zh"] == "10分钟养老服务圈"
    childcare = replace(make.circle(20), service="childcare")
    assert circle_name(childcare) == {"zh": "20分钟托育服务圈", "en": "20-minute childcare circle"}


@pytest.mark.parametrize(
    ("people", "minutes", "median"),
    [
        ([10, 10], [4.0, 9.0], 4.0),
        ([10, 11], [4.0, 9.0], 9.0),
        ([10, 11], [4.0, np.nan], None),
        ([11, 10], [4.0, np.nan], 4.0),
        ([1, 0], [15.0, 3.0], 15.0),
        ([1], [900_001 / 60_000], 15.1),  # never less than it takes
        ([1], [4.1], 4.1),
        ([0], [4.0], None),
        ([], [], None),
    ],
)
def test_the_median_resident_of_the_study(
    people: list[int], minutes: list[float], median: float | None
) -> None:
    homes = pd.DataFrame(
        {"people": np.array(people, np.int64), "minutes": np.array(minutes, float)}
    )
    assert minutes_median(homes) == median


def test_a_whole_study_is_plain_json(
    make: SimpleNamespace, study: Callable[..., CircleResult]
) -> None:
    network = replace(
        make.grid(20),
        facts={"ways": np.int64(7), "share": np.float64("nan"), "data_date": "2024-05-01"},
    )
    circle = study(network, HOMES)
    residential = make.residential({"a": 10, "b": 20, "c": 70, "d": 5})
    whole = StudyResult(
        name="青山镇",
        date="2024-06-01",
        map_approval_number=None,
        crs="EPSG:4547",
        output_crs="EPSG:4490",
        network=network,
        residential=residential,
        homes=make.homes([]),
        facilities=circle.facilities,
        circles=(circle,),
        assumptions=(Sentence("speed", "步速", "speed"),),
        attributions=(),
        snap_facts={"homes": np.array([1, 2])},
        records=(),
        computed="2024-07-01",
        parameters={
            "sites": {"count": 3},
            "network": {"path": "/home/wang/city.osm.pbf", "edges": "/home/wang/e.csv"},
            "plans": ["/home/wang/own.toml", "dazu-2023"],
        },
    )
    figures = study_summary(whole)
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert figures["carecircle"] == carecircle.__version__
    assert figures["study"] == {
        "name": "青山镇",
        "date": "2024-06-01",
        "computed": "2024-07-01",
        "streets_date": "2024-05-01",
        "cells": False,
        "crs": "EPSG:4547",
        "map_approval_number": None,
        "published": False,
    }
    assert figures["network"] == {"ways": 7, "share": None, "data_date": "2024-05-01"}
    # what was asked for is told, but not where it lies on somebody's computer
    assert figures["parameters"] == {
        "sites": {"count": 3},
        "network": {"path": "city.osm.pbf", "edges": "e.csv"},
        "plans": ["own.toml", "dazu-2023"],
    }
    assert figures["snap"] == {"homes": [1, 2]}
    assert figures["assumptions"] == [{"id": "speed", "zh": "步速", "en": "speed"}]
    assert figures["circles"][0]["estimated"] is False
    other_group = replace(whole, estimated=frozenset({"age_0_2"}))
    assert study_summary(other_group)["circles"][0]["estimated"] is False
    estimated = replace(whole, estimated=frozenset({"age_60_plus"}))
    assert study_summary(estimated)["circles"][0]["estimated"] is True
    assert figures["circles"][0]["target_percent"] is None
    assert figures["circles"][0]["stations_to_target"] is None
    assert figures["circles"][0]["by_unit"] == []
