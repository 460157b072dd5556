"""Every fault of a question about sites is a message, in both languages."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from carecircle.coverage.site_conditions import (
    Apart,
    AtLeast,
    AtMost,
    Budget,
    EveryTown,
    Must,
    Never,
    Reached,
    TownStations,
    each_in_words,
)
from carecircle.coverage.site_faults import plan_or_reasons, refuse_faults, why_none
from carecircle.coverage.site_plan import MOST_PEOPLE, NoPlan, StationPlan
from carecircle.coverage.site_problem import Service, SiteProblem
from carecircle.layers.problems import StudyError
from tests.coverage.site_worlds import options_of


def small_town(rows=None, seats=30):
    """A station at place 0, candidates at 1 and 2; home 3 (7 people of South) is out of reach."""
    rows = rows or [
        (0, "keep", (seats,), 0, 0, 0, 0, -1),
        (1, "open", (seats,), 4, 0, 0, 500, -1),
        (2, "open", (seats,), 6, 0, 1, 900, -1),
    ]
    options = options_of(rows)
    reach = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 1], [0, 0, 0]], bool)
    within = csr_array(reach[:, options.place])
    service = Service("care", np.array([20, 30, 40, 7]), np.array([0, 0, 1, 1]), within)
    return SiteProblem(options, (service,), ("North", "South"))


def refused(problem, conditions, seconds=10.0):
    with pytest.raises(StudyError) as raised:
        plan_or_reasons(problem, [MOST_PEOPLE], conditions, seconds)
    return raised.value.problems


def only(problem, conditions):
    (fault,) = refused(problem, conditions)
    assert "{" not in fault.text("zh") + fault.text("en")
    return fault


def test_a_town_that_cannot_be_brought_so_far_is_named():
    """South has 47 people, of whom 40 are in reach of some option."""
    fault = only(small_town(), [EveryTown(0, 90)])
    assert fault.id == "E-SITE-011"
    said = fault.text("en")
    assert "South" in said
    assert "North" not in said
    assert "40 of its 47 people (85.1 %)" in said
    roomy = small_town(seats=99)  # 40 of 47 are 85.1 %
    assert isinstance(plan_or_reasons(roomy, [MOST_PEOPLE], [EveryTown(0, 85)], 10.0), StationPlan)


def test_no_candidates():
    problem = small_town([(0, "keep", (30,), 0, 0, 0, 0, -1)])
    assert only(problem, []).id == "E-SITE-001"


@pytest.mark.parametrize("condition", [AtMost(3), AtLeast(3)])
def test_more_stations_than_candidates(condition):
    fault = only(small_town(), [condition])
    assert (fault.id, dict(fault.details)) == ("E-SITE-002", {"count": 3, "most": 2})
    refuse_faults(small_town(), [type(condition)(2)])


def test_negative_numbers_with_their_rows():
    problem = small_town()
    options = replace(problem.options, cost=np.array([0, -4, 6]), saving=np.array([0, 0, -1]))
    service = replace(problem.services[0], people=np.array([20, 30, -40, 7]))
    faults = refused(replace(problem, options=options, services=(service,)), [])
    assert {fault.id for fault in faults} == {"E-SITE-003"}
    assert [(fault.column, fault.row, fault.value) for fault in faults] == [
        ("cost", 2, -4),
        ("saving", 3, -1),
        ("people: care", 3, -40),
    ]


def test_fewer_seats_than_people_when_all_are_to_be_served():
    # In reach are 90 people; 20 of them share 30 seats, the other 70 have 60.
    faults = refused(small_town(), [Reached(0, 97)])
    assert [fault.id for fault in faults] == ["E-SITE-004", "E-SITE-005"]
    seats, reach = (fault.details for fault in faults)
    assert (seats["need"], seats["most"], seats["missing"]) == (97, 80, 10)
    assert (reach["people"], reach["homes"], reach["towns"]["en"], reach["most"]) == (
        7,
        1,
        "South",
        90,
    )
    assert only(small_town(), [Reached(0, 85)]).details["missing"] == 5
    refuse_faults(small_town(), [Reached(0, 80)])


def test_people_out_of_reach_where_seats_do_not_matter():
    fault = only(small_town(seats=10**9), [Reached(0, 91)])
    assert (fault.id, fault.details["most"]) == ("E-SITE-005", 90)


def test_services_go_by_their_names_in_either_language():
    town = small_town()
    elderly = replace(town, services=(replace(town.services[0], name="elderly"),))
    fault = only(elderly, [Reached(0, 85)])
    assert ("养老" in fault.text("zh"), "elderly" in fault.text("zh")) == (True, False)
    assert "elderly" in fault.text("en")
    assert Reached(0, 85).words(elderly) == {
        "zh": "养老至少覆盖 85 人",
        "en": "elderly: at least 85 people served",
    }


def test_a_facility_among_the_candidates():
    rows = [
        (0, "keep", (30,), 0, 0, 0, 0, -1),
        (1, "open", (30,), 4, 0, 0, 0, -1),
        (2, "open", (30,), 6, 0, 1, 900, -1),
    ]
    fault = only(small_town(rows), [])
    assert (fault.id, fault.row) == ("E-SITE-006", 2)
    rows[1] = (0, "open", (30,), 4, 0, 0, 300, -1)
    assert only(small_town(rows), []).id == "E-SITE-006"


@pytest.mark.parametrize(
    "condition",
    [Must(3), Never(-1), Reached(1, 5), EveryTown(1, 5), TownStations(0, 2, 1), Apart(1, 9.0)],
)
def test_conditions_about_what_is_not_there(condition):
    assert only(small_town(), [condition]).id == "E-SITE-007"


def test_contradicting_conditions_in_words():
    conditions = [AtMost(2), Budget(5), Must(2), EveryTown(0, 1), Apart(0, 100.0)]
    fault = only(small_town(), conditions)
    assert fault.id == "E-SITE-008"
    assert fault.details["conditions"]["en"] == "a budget of 5 yuan; must open place 2"
    assert "必须新建地点 2" in fault.text("zh")


@pytest.mark.parametrize(
    "condition",
    [
        AtMost(1),
        AtLeast(1, ("close", "enlarge")),
        Budget(3),
        Must(1),
        Never(1),
        Reached(0, 4),
        EveryTown(0, 4),
        TownStations(0, 1, 2),
        Apart(0, 4.0),
    ],
)
def test_every_condition_says_itself(condition):
    words = condition.words(small_town())
    assert words["zh"] != words["en"] and all(words.values())
    assert {str(n) for n in range(1, 10)} & set(words["en"])


def test_out_of_time_is_not_called_impossible():
    fault = why_none(small_town(), [Budget(5)], NoPlan(False, 2.0), 1.0)
    assert (fault.id, fault.details["seconds"]) == ("E-SITE-009", 2.0)


def test_a_sound_question_is_answered():
    plan = plan_or_reasons(small_town(), [MOST_PEOPLE], [AtMost(1)], 10.0)
    assert (plan.chosen, plan.count.people) == ((0, 1), 50)


def test_people_of_no_town_are_told_in_words():
    town = replace(small_town(seats=10**9), towns=("North", ""))
    fault = only(town, [Reached(0, 91)])
    assert "(outside every town)" in fault.text("en")
    assert "街镇范围之外" in fault.text("zh")


def test_exactly_so_many_is_said_once():
    conditions = [AtLeast(9, ("close",)), AtMost(9, ("close",)), Budget(5)]
    said = [words["en"] for words in each_in_words(small_town(), conditions)]
    assert said == ["exactly 9 to close", "a budget of 5 yuan"]


def test_money_and_people_are_written_with_separators():
    assert Budget(3_000_000).words(small_town())["en"] == "a budget of 3,000,000 yuan"
    assert "1,234 人" in Reached(0, 1234).words(small_town())["zh"]
