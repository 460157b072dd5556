import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.coverage.speeds import Walks
from carecircle.coverage.uncertainty import Doubts, Uncertainty, simulate
from carecircle.isochrones.minutes import NEVER

LIMIT_MS = 900_000
CERTAIN = Doubts(speed_mm_per_s=(800, 800, 800))


def draw(
    metres: list[float | None],
    people: list[int],
    quarter: list[int],
    doubts: Doubts = CERTAIN,
    target: str | None = "50",
    draws: int = 400,
    gate_m: float = 0,
    wait_s: int = 0,
    attached: list[bool] | None = None,
    seed: int = 0,
) -> Uncertainty:
    mm = np.array([NEVER if m is None else round(1000 * m) for m in metres], np.int64)
    return simulate(
        Walks(mm[:, None], np.where(mm == NEVER, 0, 1000 * wait_s)[:, None]),
        np.array(people, np.int64),
        np.ones(len(people), bool) if attached is None else np.array(attached),
        np.array(quarter, np.int64),
        np.full(max(quarter) + 1, round(1000 * gate_m)),
        LIMIT_MS,
        target,
        doubts,
        draws,
        seed,
    )


def test_without_doubt_every_draw_is_the_plain_count() -> None:
    """720 m at 0.8 m/s are exactly 15 minutes; quarter 1 is covered by exactly half."""
    found = draw([720, 720.001, 10, None], [30, 10, 20, 20], [0, 0, 1, 1], target="62.5")
    assert found.percent.tolist() == [62.5] * 400
    assert found.quarter_probability.tolist() == [1, 1]
    assert found.met_probability == 1 and not found.flips
    assert draw([720.001], [1], [0]).met_probability == 0


def test_the_speed_alone_by_its_distribution() -> None:
    """Within reach at 0.8 m/s or faster: half of a symmetric triangle, by hand."""
    doubts = Doubts(speed_mm_per_s=(600, 800, 1000))
    found = draw([720, 1, 901], [50, 40, 10], [0, 1, 2], doubts, "90", draws=4000)
    assert found.met_probability == pytest.approx(0.5, abs=0.03)
    assert found.flips
    assert found.quarter_probability.tolist() == [found.met_probability, 1, 0]
    assert set(found.percent) == {40.0, 90.0}
    assert (found.quantile(0.05), found.quantile(0.95)) == (40.0, 90.0)
    # 0.9 m/s is passed by an eighth: (1000 - 900)^2 / (400 * 200)
    eighth = draw([810], [1], [0], doubts, draws=4000).met_probability
    assert eighth == pytest.approx(1 / 8, abs=0.025)


def test_an_unmapped_gate_only_adds() -> None:
    """Up to 100 m more on 660 m: too far in two of five draws beyond 60 m."""
    found = draw([660, 1], [1, 1], [0, 1], gate_m=100, draws=4000)
    assert found.quarter_probability[0] == pytest.approx(0.6, abs=0.03)
    assert found.quarter_probability[1] == 1


def test_waits_are_drawn_for_everybody_together() -> None:
    """800 s of walking and 100 s of waiting: too long whenever the factor is above 1."""
    doubts = Doubts((800, 800, 800), wait_factor=(0, 1, 2))
    found = draw([640, 640], [1, 1], [0, 1], doubts, wait_s=100, draws=4000)
    assert found.met_probability == pytest.approx(0.5, abs=0.03)
    assert set(found.percent) == {0.0, 100.0}


def test_people_move_within_their_quarter_only() -> None:
    """Quarter 0 has one near and one far home; quarter 1 is near whoever lives where."""
    doubts = Doubts((800, 800, 800), apportioning_cv=0.5)
    found = draw([1, 2000, 1, 1], [50, 50, 60, 40], [0, 0, 1, 1], doubts, "75", draws=4000)
    assert found.quarter_probability[0] == pytest.approx(0.5, abs=0.03)
    assert found.quarter_probability[1] == 1
    assert found.percent.min() > 50 and found.percent.max() < 100
    assert found.percent.mean() == pytest.approx(75, abs=0.5)


def test_the_excluded_never_arrive_and_always_count() -> None:
    found = draw([1, 1], [50, 50], [0, 1], attached=[True, False])
    assert set(found.percent) == {50.0}
    assert found.quarter_probability.tolist() == [1, 0]


def test_where_nobody_lives_nothing_is_likely() -> None:
    found = draw([1, 1], [10, 0], [0, 1])
    assert np.isnan(found.quarter_probability[1])
    nobody = draw([1], [0], [0])
    assert nobody.met_probability is None and nobody.quantile(0.5) is None and not nobody.flips
    assert draw([1], [1], [0], target=None).met_probability is None


def test_the_seed_decides() -> None:
    doubts = Doubts(apportioning_cv=0.3)
    world = ([700, 800, 650], [5, 6, 7], [0, 0, 1], doubts)
    first, again, other = (draw(*world, gate_m=50, seed=seed) for seed in (1, 1, 2))
    assert first.percent.tolist() == again.percent.tolist() != other.percent.tolist()


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(0, 1200)), st.integers(0, 30), st.integers(0, 2)
        ),
        min_size=1,
        max_size=8,
    ),
    st.integers(600, 1000),
)
@settings(max_examples=80, deadline=None)
def test_a_single_speed_is_the_count_at_that_speed(
    homes: list[tuple[int | None, int, int]], speed: int
) -> None:
    metres, people, quarter = ([home[at] for home in homes] for at in range(3))
    found = draw(metres, people, quarter, Doubts((speed, speed, speed)), draws=1)
    mm = np.array([NEVER if m is None else 1000 * m for m in metres])[:, None]
    within = Walks(mm, np.zeros_like(mm)).nearest_ms(speed) <= LIMIT_MS
    for q in range(max(quarter) + 1):
        inside = np.array(quarter) == q
        total, arrived = (int(np.array(people)[m].sum()) for m in (inside, inside & within))
        if total:
            assert found.quarter_probability[q] == (2 * arrived >= total)
    if sum(people):
        share = 100 * np.array(people)[within].sum() / sum(people)
        assert found.percent[0] == pytest.approx(share)


@pytest.mark.parametrize(
    "wrong",
    [
        {"speed_mm_per_s": (800, 600, 1000)},
        {"speed_mm_per_s": (100, 600, 1000)},
        {"speed_mm_per_s": (600, 800, 3000)},
        {"wait_factor": (-1, 1, 2)},
        {"wait_factor": (1, 1, float("inf"))},
        {"apportioning_cv": -0.1},
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"triangle|nobody walks|variation"):
        Doubts(**wrong)


def test_at_least_one_draw() -> None:
    with pytest.raises(ValueError, match="at least one"):
        draw([1], [1], [0], draws=0)
