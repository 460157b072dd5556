"""What the public reads of plans: verdicts, what is missing, what is ours, and no handful."""

import json

from carecircle.maps.page import page_html
from carecircle.maps.public_plans import STATES, public_plans, public_share


def test_every_state_is_counted_once(planned):
    (plan,) = public_plans(planned.summary["plans"])
    assert [target["state"] for target in plan["targets"]] == [
        "met", "not_met", "not_assessed", "not_judged", "met", "not_met", "not_spatial",
    ]  # fmt: skip
    assert plan["counts"] == dict(zip(STATES, (2, 2, 1, 1, 1), strict=True))


def test_shares_of_a_handful_of_people_are_withheld(planned):
    (plan,) = public_plans(planned.summary["plans"])
    targets = {target["id"]: target for target in plan["targets"]}
    assert (targets["few"]["value"], targets["few"]["gap"]) == ("<10", "<10")
    assert targets["inside"]["value"] == "90"
    assert targets["inside"]["other"]["value"] == "<10"
    assert targets["walked"]["value"] == "85.5"
    assert targets["counted"]["gap"] == 3  # of facilities, not of people


def test_rows_units_and_small_counts_stay_behind(planned):
    html = page_html(planned.study, planned.summary)
    assert "secret" not in html
    shown = json.dumps(public_plans(planned.summary["plans"]), ensure_ascii=False)
    assert "7 人" not in shown
    assert "分母 200 人。" in shown
    kept = json.dumps(planned.summary["plans"])
    assert "f-secret" in kept  # the planner is told


def test_a_share_that_leaves_out_a_handful_is_withheld():
    assert public_share("98.6", {"covered": 493, "input": 500}) == "*"
    assert public_share("98.0", {"covered": 490, "input": 500}) == "98.0"
    assert public_share("100.0", {"covered": 500, "input": 500}) == "100.0"
    assert public_share("1.4", {"covered": 7, "input": 500}) == "<10"
