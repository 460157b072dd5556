"""The offset detective in a town where every door is 12 m from its street."""

import csv

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy.stats import power_divergence
from shapely import affinity

from carecircle.assumptions import offsets_unchecked
from carecircle.layers import offset_detective as detective
from carecircle.layers.candidate_sites import read_candidates
from carecircle.layers.chinese_offsets import SHIFTED, bd09_of, gcj02_of
from carecircle.layers.crs import LONLAT, Frame, known_crs, project
from carecircle.layers.intake import read_facilities, read_residential
from carecircle.layers.network import WalkNetwork
from carecircle.layers.offset_detective import street_fit, street_tree
from carecircle.layers.problems import StudyError
from carecircle.layers.sources import (
    CandidateSource,
    FacilitySource,
    PeopleSettings,
    ResidentialSource,
)
from carecircle.report import fit_line

CRS = "EPSG:4549"
WEST, NORTH_OF = 550_000.0, 3_320_000.0  # Zhejiang, 120.5 E, 30 N


def network_of(lines):
    """Streets from (k, 2, 2) ends in metres."""
    n = len(lines)
    return WalkNetwork(
        crs=CRS,
        node_xy=np.asarray(lines, float).reshape(-1, 2),
        edge_nodes=np.arange(2 * n, dtype=np.int32).reshape(n, 2),
        edge_mm=np.full(n, 1000, np.int64),
        edge_kind=np.zeros(n, np.uint8),
        edge_attachable=np.ones(n, bool),
        node_component=np.zeros(2 * n, np.int32),
        facts={},
    )


@pytest.fixture(scope="module")
def town():
    """Streets at uneven distances, and 200 doors 12 m beside those running north."""
    rng = np.random.default_rng(3)
    east = WEST + np.cumsum(rng.uniform(90, 260, 30))
    north = NORTH_OF + np.cumsum(rng.uniform(90, 260, 30))
    lines = [((x, north[0]), (x, north[-1])) for x in east]
    lines += [((east[0], y), (east[-1], y)) for y in north]
    bounds = shapely.transform(
        shapely.box(east[0], north[0], east[-1], north[-1]),
        lambda xy: shapely.get_coordinates(project(shapely.points(xy), CRS, LONLAT)),
    ).bounds
    frame = Frame(CRS, bounds, streets=street_tree(network_of(lines)))
    street, block = rng.integers(5, 25, 200), rng.integers(5, 25, 200)
    middle = (north[block] + north[block + 1]) / 2  # 45 m or more from the cross streets
    doors = shapely.points(np.column_stack([east[street] + 12, middle]))
    quarters = [
        shapely.box(east[i] + 12, north[j] + 12, east[i + 1] - 12, north[j + 1] - 12)
        for i, j in zip(range(8, 20), range(9, 21), strict=True)
    ]
    return frame, doors, np.array(quarters)


def misread(shapes, shown):
    """The layer as it lies when degrees of ``shown`` pass for WGS 84."""
    return project(shapely.transform(project(shapes, CRS, LONLAT), shown), LONLAT, CRS)


def test_a_layer_in_its_place_fits(town):
    frame, doors, _ = town
    fit = street_fit(doors, CRS, frame)
    assert (fit.answer, fit.really, fit.points) == ("fits", None, 200)
    declared = fit.declared
    assert (declared.median_m, declared.in_roadway_percent, declared.far_percent) == (12, 0, 0)
    assert declared.crossed_percent is None


@pytest.mark.parametrize(("shown", "name"), [(gcj02_of, "gcj02"), (bd09_of, "bd09")])
@pytest.mark.parametrize("kind", ["doors", "quarters"])
def test_a_layer_of_an_online_map_is_found_out(town, shown, name, kind):
    frame, doors, quarters = town
    fit = street_fit(misread(doors if kind == "doors" else quarters, shown), LONLAT, frame)
    assert (fit.answer, fit.really) == ("shifted", name)
    assert fit.better.median_m == pytest.approx(12, abs=0.1)
    assert fit.declared.strength < fit.chance < fit.better.strength


def test_streets_cross_shifted_quarters(town):
    frame, _, quarters = town
    fit = street_fit(misread(quarters, gcj02_of), LONLAT, frame)
    assert fit.declared.crossed_percent > 50
    assert fit.better.crossed_percent == 0


@pytest.mark.parametrize(
    ("declared", "true", "really"),
    [
        ("gcj02", LONLAT, "EPSG:4326"),
        ("gcj02", "bd09", "bd09"),
        ("bd09", LONLAT, "EPSG:4326"),
        ("bd09", "gcj02", "gcj02"),
    ],
)
def test_a_shift_declared_that_is_not_there(town, declared, true, really):
    frame, doors, _ = town
    degrees = project(doors, CRS, LONLAT)
    shown = degrees if true == LONLAT else shapely.transform(degrees, SHIFTED[true].from_wgs84)
    fit = street_fit(project(shown, known_crs(declared), CRS), known_crs(declared), frame)
    assert (fit.answer, fit.really) == ("shifted", really)


def test_a_shift_taken_off_twice(town):
    frame, doors, _ = town
    fit = street_fit(misread(doors, SHIFTED["gcj02"].to_wgs84), LONLAT, frame)
    assert fit.really == detective.UNDONE_TWICE


@pytest.mark.parametrize("count", [1, 7, 19])
def test_a_handful_of_points_cannot_tell(town, count):
    frame, doors, _ = town
    assert street_fit(doors[:count], CRS, frame).answer == "cannot tell"
    assert street_fit(misread(doors[:count], gcj02_of), LONLAT, frame).answer == "cannot tell"


def test_seven_quarters_cannot_tell(town):
    frame, _, quarters = town
    assert street_fit(quarters[:7], CRS, frame).answer == "cannot tell"


def test_points_anywhere_cannot_tell(town):
    frame, doors, _ = town
    rng = np.random.default_rng(11)
    west, south, east, north = shapely.total_bounds(doors)
    for _ in range(5):
        xy = np.column_stack([rng.uniform(west, east, 150), rng.uniform(south, north, 150)])
        assert street_fit(shapely.points(xy), CRS, frame).answer == "cannot tell"


def test_a_layer_wider_than_the_streets_is_not_drawn_to_them(town):
    frame, doors, _ = town
    beyond = shapely.points(shapely.get_coordinates(doors) + np.array([4500, 0]))
    assert street_fit(np.concatenate([doors, beyond]), CRS, frame).answer == "fits"


def made_up_streets(rng):
    """A town of 26 by 26 streets, evenly or unevenly laid, turned or not; its middle is 0, 0."""
    even = rng.random() < 0.5
    gaps = (np.full(26, rng.uniform(80, 250)) if even else rng.uniform(90, 260, 26) for _ in "xy")
    east, north = (np.cumsum(gap) - gap.sum() / 2 for gap in gaps)
    lines = [((x, north[0]), (x, north[-1])) for x in east]
    lines += [((east[0], y), (east[-1], y)) for y in north]
    turn = rng.choice([0.0, rng.uniform(0, np.pi / 2)])
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return np.array(lines) @ matrix + [WEST, NORTH_OF]


def made_up_quarters(rng, uneven):
    """8 to 12 rectangles in rows, laid without regard to any street."""
    columns, rows = rng.choice([(2, 4), (3, 3), (3, 4)])
    pitch, (x, y) = rng.uniform(60, 300), rng.uniform(-400, 400, 2)
    shapes = []
    for column, row in np.ndindex(columns, rows):
        west = WEST + x + pitch * (column - columns / 2)
        south = NORTH_OF + y + pitch * (row - rows / 2)
        width, height = pitch * (rng.uniform(0.6, 1, 2) if uneven else np.full(2, 0.8))
        shapes.append(shapely.box(west, south, west + width, south + height))
    return np.array(shapes)


def made_up_frame(rng):
    tree = street_tree(network_of(made_up_streets(rng)))
    return Frame(CRS, (120.4, 29.9, 120.6, 30.1), streets=tree)


@pytest.mark.parametrize("fifty", range(4))
def test_regular_layers_in_their_place_are_never_refused(fifty):
    """200 made-up layers of quarters that no street knows of."""
    for seed in range(50 * fifty, 50 * fifty + 50):
        rng = np.random.default_rng(seed)
        frame = made_up_frame(rng)
        quarters = made_up_quarters(rng, uneven=True)
        assert street_fit(quarters, CRS, frame).answer != "shifted", seed
        assert not detective.is_grid(quarters)
        if seed % 4 == 0:
            more = [*quarters, *made_up_quarters(rng, uneven=True), *made_up_quarters(rng, True)]
            assert detective.strays_of(np.array(more), CRS, frame) is None, seed


@pytest.mark.parametrize(
    ("crossed", "there", "shifted"),
    [
        (None, 176, True),  # points: 1.75 times what the declared place and chance give
        (None, 175, False),
        (70.0, 221, True),  # polygons: 1.1 times the furthest meaningless move
        (70.0, 219, False),
        (70.1, 221, False),  # streets cut most of them there
        (70.1, 401, True),
    ],
)
def test_polygons_need_more_than_points(crossed, there, shifted):
    assert detective.is_shifted(crossed, there, here=40, chance=100, furthest=200) is shifted


def test_polygons_need_more_than_chance_gives():
    assert detective.is_shifted(0.0, 161, here=40, chance=100, furthest=120)
    assert not detective.is_shifted(0.0, 160, here=40, chance=100, furthest=120)
    assert not detective.is_shifted(0.0, 161, here=101, chance=100, furthest=120)


def test_what_a_grid_is(town):
    _, doors, quarters = town
    squares = [shapely.box(x, y, x + 100, y + 100) for x in (0, 100, 200) for y in (0, 100, 200)]
    assert detective.is_grid(np.array(squares))
    assert detective.is_grid(np.array([*squares, None]))
    assert not detective.is_grid(quarters)
    assert not detective.is_grid(doors)
    assert not detective.is_grid(np.array(squares[:1]))
    houses = [shapely.box(x, 0, x + 10, 8) for x in (0, 12, 31, 70, 85, 140, 190, 260, 300)]
    assert not detective.is_grid(np.array(houses))  # alike, but anywhere


def test_outside_china_there_is_nothing_to_undo(town):
    frame, _, _ = town
    elsewhere = Frame("EPSG:32628", (-15.5, 28.0, -15.4, 28.1), streets=frame.streets)
    assert detective.other_readings("EPSG:4326", elsewhere) == {}


def test_nothing_to_compare(town):
    frame, doors, _ = town
    assert street_fit(doors, CRS, Frame(CRS, frame.bounds_lonlat)) is None
    assert street_fit(np.array([None]), CRS, frame) is None


def test_far_from_any_street_there_is_no_median(town):
    frame, doors, _ = town
    away = shapely.points(shapely.get_coordinates(doors) + np.array([100_000, 0]))
    fit = street_fit(away, CRS, frame)
    assert fit.answer == "cannot tell"
    assert (fit.declared.median_m, fit.declared.far_percent) == (None, 100)


def test_strength_is_half_the_g_statistic():
    counts, expected = np.array([3.0, 0, 9, 8]), np.array([0.1, 0.2, 0.3, 0.4])
    g = power_divergence(counts, counts.sum() * expected, lambda_="log-likelihood").statistic
    assert detective.strength(counts, expected) == pytest.approx(g / 2)
    assert detective.strength(np.zeros(4), expected) == 0


def test_points_along_an_outline_are_even():
    square = np.array([shapely.box(0, 0, 2, 2)])
    steps = detective.points_along(square)
    assert len(steps) == 8
    assert shapely.distance(shapely.points(steps), shapely.boundary(square[0])).max() == 0
    gaps = np.abs(steps - np.roll(steps, 1, axis=0)).sum(axis=1)  # along the rim, in metres
    np.testing.assert_allclose(gaps, 1)


def test_only_carriageways_count_where_there_are_any():
    network = network_of([((0, 0), (10, 0)), ((0, 5), (10, 5))])
    network.edge_kind[:] = [0, 1]
    assert len(street_tree(network)) == 1
    network.edge_kind[:] = [1, 1]
    assert len(street_tree(network)) == 2


# --- through the intake


@pytest.fixture
def stations(town, tmp_path):
    """Read doors, shown on some map, as a CSV or a GeoPackage labelled ``label``."""
    frame, doors, _ = town

    def read(shown=None, label=None, frame=frame, **keys):
        degrees = project(doors, CRS, LONLAT)
        places = shapely.get_coordinates(shapely.transform(degrees, shown) if shown else degrees)
        path = tmp_path / ("stations.gpkg" if label else "stations.csv")
        if label:
            gpd.GeoDataFrame(geometry=shapely.points(places), crs=label).to_file(path)
        else:
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([("lng", "lat"), *places.tolist()])
        return read_facilities([FacilitySource(path=path, service="elderly", **keys)], frame)

    return read


def problems_of(read, *args, **keys):
    with pytest.raises(StudyError) as raised:
        read(*args, **keys)
    return raised.value.problems


def test_a_shifted_file_is_refused_with_both_fits_and_the_key(stations):
    (problem,) = problems_of(stations, gcj02_of, crs="EPSG:4326")
    assert problem.id == "E-CRS-010"
    english = problem.text("en")
    assert 'crs = "gcj02"' in english and "ignore_offset_check = true" in english
    assert "As gcj02: median 12.0 m to the nearest street, 0.0 % in the roadway" in english
    assert "距最近道路中位数 12.0 米" in problem.text("zh")


def test_a_shifted_file_can_be_taken_as_it_is(stations):
    read = stations(gcj02_of, crs="EPSG:4326", ignore_offset_check=True)
    assert [record["id"] for record in read.records] == ["R-CRS-002"]
    assert read.files[0]["street_fit"]["answer"] == "shifted"


@pytest.mark.parametrize(("crs", "shown"), [("GCJ-02", gcj02_of), ("bd09", bd09_of)])
def test_a_file_of_an_online_map_is_read_where_it_really_is(stations, town, crs, shown):
    read = stations(shown, crs=crs)
    assert shapely.distance(read.layer.geometry.to_numpy(), town[1]).max() < 0.01
    assert read.files[0]["crs"] == crs.lower().replace("-", "")
    assert read.files[0]["street_fit"]["answer"] == "fits"


@pytest.mark.parametrize("label", ["EPSG:4326", "EPSG:4490"])
def test_the_study_file_knows_better_than_the_label_wgs_84(stations, town, label):
    read = stations(gcj02_of, label, crs="gcj02")
    assert [record["id"] for record in read.records] == ["R-CRS-001"]
    assert read.files[0]["crs"] == "gcj02"
    assert shapely.distance(read.layer.geometry.to_numpy(), town[1]).max() < 0.01


def test_any_other_label_contradicts(stations):
    (problem,) = problems_of(stations, gcj02_of, "EPSG:4555", crs="gcj02")
    assert problem.id == "E-CRS-003"
    assert problem.details == {"file_crs": "EPSG:4555", "study_crs": "gcj02"}


def test_projected_layers_are_told_to_go_back(town):
    frame, doors, _ = town
    fit = street_fit(misread(doors, gcj02_of), CRS, frame)
    details = detective.offset_details(fit, CRS)
    assert details["crs"] == CRS
    assert "projected from gcj02" in details["advice"]["en"]


def test_gcj02_outside_china_is_refused(stations, town):
    elsewhere = Frame("EPSG:32628", (-15.5, 28.0, -15.4, 28.1))
    (problem,) = problems_of(stations, crs="gcj02", frame=elsewhere)
    assert (problem.id, problem.details["crs"]) == ("E-CRS-009", "gcj02")


def test_check_says_in_one_line_how_a_layer_fits(stations):
    fit = stations(crs="EPSG:4326").files[0]["street_fit"]
    figures = "median 12.0 m to the nearest street, 0.0 % in the roadway, 0.0 % beyond 60 m"
    assert fit_line(fit, "en") == f"{figures} (fits the streets)"
    assert fit_line(fit, "zh").endswith("(与路网吻合)")


def stations_at(path, points):
    degrees = shapely.get_coordinates(project(points, CRS, LONLAT))
    rows = [["id", "x", "y"], *([f"s{k}", x, y] for k, (x, y) in enumerate(degrees))]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return {"path": path, "crs": LONLAT, "service": "elderly", "columns": {"id": "id"}}


@pytest.mark.parametrize("every", [2, 3])
def test_a_file_of_two_sources_is_refused_with_its_rows(town, tmp_path, every):
    frame, doors, _ = town
    mixed = doors.copy()
    mixed[::every] = misread(doors[::every], gcj02_of)
    source = stations_at(tmp_path / "s.csv", mixed)
    with pytest.raises(StudyError) as raised:
        read_facilities([FacilitySource(**source)], frame)
    (problem,) = raised.value.problems
    assert (problem.id, problem.details["really"]) == ("E-CRS-011", "gcj02")
    first = [int(row) for row in problem.details["rows"].split(", ")[:5]]
    assert all((row - 2) % every == 0 for row in first)
    read = read_facilities([FacilitySource(**source, ignore_offset_check=True)], frame)
    assert [record["id"] for record in read.records] == ["R-CRS-004"]


def test_points_anywhere_are_no_mixture(town):
    frame, doors, _ = town
    rng = np.random.default_rng(8)
    for spread_m in (20, 60, 200):
        xy = shapely.get_coordinates(doors) + rng.normal(0, spread_m, (len(doors), 2))
        assert detective.strays_of(shapely.points(xy), CRS, frame) is None


@pytest.fixture(scope="module")
def blocks(town):
    """60 quarters, each between its streets, in a checkerboard: never equal, none on another."""
    frame, *_ = town
    streets = np.array([line.bounds for line in frame.streets.geometries])
    east, north = np.unique(streets[:30, 0]), np.unique(streets[30:, 1])
    places = [(i, j) for i in range(5, 25) for j in range(5, 25) if (i + 2 * j) % 5 == 0][:60]
    return np.array(
        [shapely.box(east[i] + 12, north[j] + 12, east[i + 1] - 12, north[j + 1] - 12)
         for i, j in places]
    )  # fmt: skip


@pytest.mark.parametrize(("shown", "name"), [(gcj02_of, "gcj02"), (bd09_of, "bd09")])
@pytest.mark.parametrize("every", [2, 3])
def test_quarters_of_two_sources_are_refused_with_their_rows(
    town, blocks, tmp_path, shown, name, every
):
    frame, *_ = town
    mixed = blocks.copy()
    mixed[::every] = misread(blocks[::every], shown)
    gpd.GeoDataFrame({"population": [9] * 60}, geometry=mixed, crs=CRS).to_file(tmp_path / "q.gpkg")
    source = {"path": tmp_path / "q.gpkg"}
    shares = PeopleSettings(age_60_plus_share=0.2, age_0_2_share=0.02)
    with pytest.raises(StudyError) as raised:
        read_residential(ResidentialSource(**source), shares, frame)
    (problem,) = raised.value.problems
    assert (problem.id, problem.details["really"]) == ("E-CRS-011", name)
    rows = [int(row) for row in problem.details["rows"].partition(", …")[0].split(", ")]
    assert all((row - 1) % every == 0 for row in rows)
    # every shifted quarter that a street cuts, and no other
    shifted = np.arange(60) % every == 0
    assert problem.details["count"] == (detective.crossed(mixed, frame.streets) & shifted).sum()
    keys = {"ignore_offset_check": True, "overlaps": "keep"}
    read = read_residential(ResidentialSource(**source, **keys), shares, frame)
    assert "R-CRS-004" in [record["id"] for record in read.records]


def test_quarters_in_their_place_are_no_mixture(town, blocks):
    frame, *_ = town
    assert detective.strays_of(blocks, CRS, frame) is None
    rng = np.random.default_rng(4)
    for spread_m in (10, 30, 100):  # drawn badly, many of them across a street
        moved = [affinity.translate(q, *rng.normal(0, spread_m, 2)) for q in blocks]
        assert detective.strays_of(np.array(moved), CRS, frame) is None


def test_a_layer_too_small_to_be_checked_is_recorded(town, tmp_path):
    frame, doors, _ = town
    source = FacilitySource(**stations_at(tmp_path / "s.csv", doors[:11]))
    (record,) = read_facilities([source], frame).records
    assert record["id"] == "R-CRS-003"
    (sentence,) = offsets_unchecked([record])
    assert "s.csv" in sentence.zh and "s.csv" in sentence.en
    assert not list(offsets_unchecked([{**record, "id": "R-NUM-001"}]))


def test_degrees_under_a_label_in_metres_are_said_before_anything_is_measured(town, tmp_path):
    frame, _, quarters = town
    degrees = gpd.GeoDataFrame(
        {"population": [10] * len(quarters)}, geometry=project(quarters, CRS, LONLAT)
    )
    path = tmp_path / "q.gpkg"
    degrees.set_crs(CRS).to_file(path, engine="pyogrio")
    shares = PeopleSettings(age_60_plus_share=0.2, age_0_2_share=0.02)
    with pytest.raises(StudyError) as raised:
        read_residential(ResidentialSource(path=path), shares, frame)
    assert [problem.id for problem in raised.value.problems] == ["E-CRS-004"]


@pytest.mark.parametrize("shown", [gcj02_of, None])
def test_points_tell_for_the_polygons_among_them(town, tmp_path, shown):
    frame, doors, quarters = town
    shapes = np.concatenate([doors, quarters[:3]])
    if shown is not None:
        shapes = misread(shapes, shown)
    path = tmp_path / "places.gpkg"
    gpd.GeoDataFrame(geometry=list(shapes), crs=CRS).to_file(path)
    source = CandidateSource(path=path)
    if shown is None:
        facts = read_candidates([source], frame).files[0]
        assert facts["street_fit"]["answer"] == "fits"
    else:
        with pytest.raises(StudyError, match="E-CRS-010"):
            read_candidates([source], frame)
