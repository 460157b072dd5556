"""Trying out stations in the page: what it counts is what a whole run counts."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from carecircle import Study
from carecircle.coverage.summary import study_summary
from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.minutes import NEVER, nearest
from carecircle.isochrones.snapping import Snaps
from carecircle.maps.page import page_html, source
from carecircle.maps.public_walks import legs, public_streets, public_walker
from carecircle.teaching_files import write_teaching_city

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tryout") / "city"
    write_teaching_city(folder, seed=1, nodes=2_000)
    study = Study.from_file(folder / "study.toml").run()
    page = folder / "map.html"
    summary = study_summary(study)
    page.write_bytes(page_html(study, summary, "en").encode())
    return SimpleNamespace(folder=folder, study=study, summary=summary, page=page)


@pytest.fixture
def show(browser, city):
    """Open the city's page at an address; nothing may be requested or complained about."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_offline(True)
    complaints, requests = [], []

    def opened(fragment=""):
        tab = context.new_page()
        tab.on("request", lambda request: requests.append(request.url))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(city.page.as_uri() + fragment)
        tab.wait_for_selector("#sources li")
        return tab

    yield opened
    context.close()
    assert complaints == []
    assert {url.partition("#")[0] for url in requests} == {city.page.as_uri()}


def results(tab):
    """Percent and people of each circle, as the table of the part says them."""
    rows = tab.locator("#tryout tbody tr")
    cells = [rows.nth(at).locator("td").all_text_contents() for at in range(rows.count())]
    return [(row[2], row[3]) for row in cells]


def said(people, whole):
    return f"{people * 1000 // whole / 10:g} %", f"{people:,}"


def elderly(city):
    return city.summary["circles"][0]


def test_the_proposed_plan_covers_what_the_report_says(show, city):
    tab = show()
    tab.click("#preset-0")
    sites, whole = elderly(city)["sites"], elderly(city)["people"]["input"]
    assert results(tab)[0] == said(sites["people_covered_after"], whole)
    assert f"{sites['percent_after']:g} %" in tab.inner_text("#own")
    assert f"covers {sites['percent_after']:g} %" in tab.inner_text("#tryout")
    tab.click("#preset-today")
    assert results(tab)[0] == said(elderly(city)["people"]["covered"], whole)
    assert tab.inner_text("#own") == ""


def test_a_closed_station_is_a_whole_run_without_it(show, city):
    closed = city.study.circles[0].facilities.index[0]
    scenario = city.folder / "closed.toml"
    scenario.write_text(
        f'[scenario]\nname = "closed"\nstudy = "study.toml"\n[[close_facility]]\nid = "{closed}"\n',
        encoding="utf-8",
    )
    people = Study.from_file(scenario).run().circles[0].coverage.people
    assert people.covered < city.study.circles[0].coverage.people.covered
    tab = show("#x=0.0")
    assert results(tab)[0] == said(people.covered, people.input)


@pytest.mark.parametrize("minutes", [5, 10, 20])
def test_other_minutes_count_the_homes_within_them(show, city, minutes):
    homes = city.study.circles[0].coverage.homes
    within = (homes["minutes"] <= minutes) & (homes["status"] != "excluded")
    people = int(homes["people"][within].sum())
    tab = show()
    tab.locator("#own-minutes").evaluate(
        f"input => {{ input.value = {minutes}; input.dispatchEvent(new Event('input')); }}"
    )
    assert results(tab)[0] == said(people, int(homes["people"].sum()))
    assert f"#m={minutes}" in tab.url


def test_what_the_address_says_is_shown_and_what_it_says_wrongly_is_not(show, city):
    tab = show("#m=10&o=0.5_1.3&n=0.100.100&x=0.1&c=1&l=zh")
    first = results(tab)
    again = show(re.search(r"#.*", tab.url)[0])
    assert results(again) == first
    assert again.get_attribute("html", "lang") == "zh-CN"
    wrong = "#m=999&o=0.99999_7.1_x&n=0.1&x=0.-1&c=9&l=<b>&q=1e9&w=77&p=5"
    today = [said(one["people"]["covered"], one["people"]["input"]) for one in summary(city)]
    assert results(show(wrong)) == today


def summary(city):
    return city.summary["circles"]


def test_a_quarter_is_found_and_its_walk_adds_up(show, city):
    quarters = city.study.circles[0].coverage.quarters
    at = int(np.flatnonzero((quarters["minutes"] > 3) & (quarters["people"] > 0))[0])
    name = city.study.residential["name"].iloc[at]
    tab = show()
    tab.fill("#find-text", name)
    tab.locator("#find-matches button").first.click()
    assert name in tab.inner_text("#found h3")
    told = tab.locator("#found table tbody tr").first.locator("td").nth(1).inner_text()
    assert told == f"{int(np.ceil(quarters['minutes'].iloc[at]))} min"
    tab.locator("#found table button").first.click()
    whole = seconds(tab.inner_text("#way h4").rpartition(": ")[2])
    assert whole == np.ceil(round(quarters["minutes"].iloc[at] * 60_000) / 1000)
    parts = tab.locator("#way tbody tr td:nth-child(2)").all_text_contents()
    assert whole <= sum(map(seconds, parts)) <= whole + len(parts)  # each is rounded up


def seconds(text):
    minutes, rest = re.fullmatch(r"(\d+) min (\d+) s", text).groups()
    return 60 * int(minutes) + int(rest)


def test_a_station_is_put_beside_a_quarter_by_keyboard_and_taken_away(show, city):
    status = city.study.circles[0].coverage.quarters["status"]
    at = int(np.flatnonzero(status == "uncovered")[0])
    tab = show(f"#q={at}")
    tab.focus("#found button:has-text('Put a station here')")
    tab.keyboard.press("Enter")
    assert "covered" in tab.inner_text("#found p >> nth=0")
    covered = int(results(tab)[0][1].replace(",", ""))
    assert covered > elderly(city)["people"]["covered"]
    tab.click("#tryout .undo")
    assert tab.inner_text("#own") == ""


def test_where_no_station_is_left_one_can_be_put(show, city):
    closed = "_".join(f"0.{at}" for at in range(len(city.study.circles[0].facilities)))
    tab = show(f"#x={closed}&q=0")
    assert results(tab)[0] == ("0 %", "0")
    assert "No station within 60 minutes" in tab.inner_text("#found")
    tab.click("#found button:has-text('Put a station here')")
    assert int(results(tab)[0][1].replace(",", "")) > 0


@pytest.mark.parametrize(("x", "y", "on_quarter"), [(440, 400, False), (635, 350, True)])
def test_a_pin_goes_where_the_map_is_touched(show, city, x, y, on_quarter):
    tab = show()
    tab.locator("#map").click(position={"x": x, "y": y})
    assert tab.locator(".popup").count() == on_quarter
    tab.keyboard.press("Escape")
    tab.click("#own-place")
    tab.locator("#map").click(position={"x": x, "y": y})
    assert tab.locator(".pin.mine").count() == 1
    assert tab.locator(".popup").count() == 0
    pin = tab.locator(".pin.mine").bounding_box()
    frame = tab.locator("#map").bounding_box()
    middle = pin["x"] + pin["width"] / 2 - frame["x"], pin["y"] + pin["height"] / 2 - frame["y"]
    assert np.allclose(middle, (x, y), atol=2)
    assert "Your station 1" in tab.inner_text("#tryout")
    tab.locator(".pin.mine").click()
    tab.click(".popup .act")
    assert tab.locator(".pin.mine").count() == 0


def test_a_thousand_pins_walk_as_in_python(browser, city):
    rng = np.random.default_rng(1)
    network, one = city.study.network, city.study.on_streets[0]
    edge = rng.integers(0, len(network.edge_mm), 1000).astype(np.int32)
    offset = (rng.random(1000) * network.edge_mm[edge]).astype(np.int64)
    leg, zeros = rng.integers(0, 300_000, 1000), np.zeros(1000, np.int32)
    pins = Snaps(edge, offset, leg, zeros, np.arange(1000, dtype=np.int32))
    order = np.argsort(network.edge_nodes[:, 0], kind="stable")
    number = np.argsort(order)
    data = {
        "streets": public_streets(network, (0, 0), order),
        "walker": public_walker(network, one, order, number),
        "pins": legs(pins, number),
    }
    tab = browser.new_page()
    found = tab.evaluate(
        f"""(data) => {{{source("page-walk.js")}
          const streets = readStreets(data.streets);
          const times = edgeTimes(streets, data.walker);
          const homes = readLegs(data.walker.homes);
          const pins = readLegs(data.pins);
          return Array.from({{ length: 1000 }}, (_, pin) => {{
            const asked = [streets, times, [legsOf(pins, pin)], "to", 900000];
            const {{ label }} = walkDoors(...asked, homes, walkAll(...asked));
            return Array.from(label, (one) => (one === NEVER ? -1 : msOf(one)));
          }});
        }}""",
        data,
    )
    tab.close()
    for pin in range(1000):
        single = pins.take(np.array([pin]))
        graph = walk_graph(network, one.walker, one.homes, single)
        doors, place = graph.points
        ms = nearest(graph, place, 900_000).at(doors).ms
        assert found[pin] == np.where(ms == NEVER, -1, ms).tolist()
