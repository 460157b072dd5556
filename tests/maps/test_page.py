"""The public page, as text and in a browser that has no network."""

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from carecircle.maps import page
from carecircle.maps.page import embedded_data_is_whole, page_html, script_json

MAPS = Path(page.__file__).parent


# --- without a browser


def test_same_study_same_bytes(friendly, make_town):
    again = make_town()
    assert page_html(friendly.study, friendly.summary) == page_html(again.study, again.summary)


def test_json_in_a_script_cannot_end_it():
    text = "</script><!--&\u2028\u2029'\"\x00"
    escaped = script_json({"name": text})
    assert not set("<>&\u2028\u2029\x00") & set(escaped)
    assert json.loads(escaped) == {"name": text}


def test_hostile_names_stand_in_the_data_alone(hostile):
    html = page_html(hostile.study, hostile.summary)
    assert html.count("<script") == html.count("</script>") == 3
    assert "<img" not in html
    assert "\x00" not in html


def test_the_page_script_never_makes_markup_of_text():
    script = (MAPS / "page.js").read_text(encoding="utf-8")
    for way in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "fetch(",
        "XMLHttpRequest",
        "addAttribution",
        "http:",
        "https:",
    ):
        assert way not in script


def test_every_text_exists_in_both_languages():
    script = (MAPS / "page.js").read_text(encoding="utf-8")
    zh, en = re.search(
        r"    zh: \{\n(.*?)\n    \},\n    en: \{\n(.*?)\n    \},\n", script, re.S
    ).groups()
    key = re.compile(r"^      (\w+):", re.M)
    assert key.findall(zh) == key.findall(en)
    gap = re.compile(r"\{(\w+)\}")
    assert set(gap.findall(zh)) == set(gap.findall(en))


def test_nothing_in_the_page_names_a_file_or_host_to_load(friendly):
    html = page_html(friendly.study, friendly.summary).replace(page.leaflet_js(), "")
    assert re.findall(r'(?:src|href)="([^"]*)"', html) == ["data:,"]
    assert set(re.findall(r"url\(([^)]*)\)", html)) <= {"#default#VML"}
    assert "sourceMappingURL" not in page.leaflet_js()
    assert "@import" not in html


def test_the_policy_names_what_is_inside_and_nothing_else(friendly):
    html = page_html(friendly.study, friendly.summary)
    policy = re.search(r'Security-Policy" content="([^"]*)"', html)[1].replace("&#39;", "'")
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split("; ")}
    assert rules["default-src"] == ["'none'"]
    assert rules["connect-src"] == ["'none'"]
    assert rules["img-src"] == ["data:"]
    assert rules["base-uri"] == rules["form-action"] == ["'none'"]
    assert all(entry.startswith("'sha256-") for entry in rules["script-src"] + rules["style-src"])
    assert (len(rules["script-src"]), len(rules["style-src"])) == (2, 2)


def test_a_changed_or_cut_page_is_recognised(friendly):
    html = page_html(friendly.study, friendly.summary)
    assert embedded_data_is_whole(html)
    assert not embedded_data_is_whole(html[:-200])
    assert not embedded_data_is_whole(html.replace('"covered":', '"cowered":', 1))


def test_leaflet_is_the_published_one():
    folder = MAPS / "vendor" / "leaflet"
    stated = dict(
        reversed(line.split()[:2])
        for line in (folder / "SOURCE.txt").read_text().splitlines()
        if re.match(r"[0-9a-f]{64} ", line)
    )
    for name in ("leaflet.js", "leaflet.css"):
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == stated[name]
    assert (
        stated["leaflet.js"] == "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a"
    )


def test_leaflets_licence_travels_with_it(friendly):
    html = page_html(friendly.study, friendly.summary)
    assert "Redistributions in binary form must reproduce" in html


# --- in a browser


def chromium_path() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="module")
def browser():
    path = chromium_path()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium found: the page cannot be tested")
        pytest.skip("no Chromium found (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def show(browser, tmp_path):
    """Open a town's page; afterwards nothing may have been requested or complained about."""
    contexts, complaints, requests = [], [], []

    def open_page(town, lang="en", width=1280, height=800):
        path = tmp_path / "map.html"
        path.write_bytes(page_html(town.study, town.summary, lang).encode())
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        context.set_offline(True)
        shown = context.new_page()
        shown.on("request", lambda request: requests.append(request.url))
        shown.on("console", lambda message: complaints.append(message.text))
        shown.on("pageerror", lambda error: complaints.append(str(error)))
        shown.goto(path.as_uri())
        shown.wait_for_selector("#sources li")
        return shown

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert requests == [(tmp_path / "map.html").as_uri()]


def look_up(summary, path):
    value = summary
    for key in path.split("."):
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


def open_lists(shown):
    """Open the lists of facilities and quarters, which are built on opening."""
    for number, details in enumerate(shown.locator("#lists summary").all()):
        details.click()
        shown.locator("#lists details").nth(number).locator("tbody tr").first.wait_for()


def figures_of(shown):
    """Every figure on the face of the page, by its path."""
    return shown.eval_on_selector_all(
        "[data-figure]", "nodes => nodes.map(n => [n.dataset.figure, n.textContent])"
    )


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_figures_are_those_of_the_summary(show, friendly, lang):
    shown = show(friendly, lang)
    seen = set()
    for circle in range(2):
        shown.locator("#circles button").nth(circle).click()
        for path, text in figures_of(shown):
            value = look_up(friendly.summary, path)
            seen.add(re.sub(r"\.\d+", ".N", path))
            if text == "*":
                assert path.endswith("gain_people")
            elif text == "<10":
                assert 0 < value < 10
            elif text == "–":
                assert value is None
            else:
                assert float(text.replace(",", "")) == value
    assert {
        "circles.N.people.percent",
        "circles.N.people.covered",
        "circles.N.people.input",
        "circles.N.people_to_target",
        "circles.N.target_percent",
        "circles.N.quarters.percent",
        "circles.N.land_m2.percent",
        "circles.N.sites.people_gained",
        "circles.N.sites.percent_after",
        "circles.N.sites.chosen.N.gain_people",
        "circles.N.stations_to_target.count",
        "circles.N.neighbourhoods.N.people",
    } <= seen


@pytest.mark.browser
def test_the_headline_can_be_read_aloud(show, friendly):
    shown = show(friendly, "en")
    people = friendly.summary["circles"][0]["people"]
    spoken = " ".join(shown.inner_text("#headline").replace("est.", "").split())
    assert spoken.startswith(f"{people['percent']:g} % of residents aged 60 and over can walk to")
    expected = f"within 15 minutes: {people['covered']:,} of {people['input']:,} ."
    assert expected in spoken
    assert "The target of 85 % is not met" in spoken


@pytest.mark.browser
def test_hostile_names_are_shown_and_never_run(show, hostile, hostile_names):
    shown = show(hostile, "zh")
    assert shown.text_content("#study-name") == "".join(hostile_names)
    open_lists(shown)
    quarters = shown.locator("#lists details").nth(1).locator("tbody bdi").all_text_contents()
    assert quarters[: len(hostile_names)] == hostile_names
    facilities = shown.locator("#lists details").nth(0).locator("tbody bdi").all_text_contents()
    assert facilities == [hostile_names[0], "day_care", hostile_names[1], hostile_names[2]]
    ranked = shown.locator("#neighbourhoods bdi").all_text_contents()
    assert ranked == hostile_names[3:5]
    for name, row in zip(
        hostile_names,
        shown.locator("#lists details").nth(1).locator("tbody button").all(),
        strict=False,
    ):
        row.click()
        assert shown.text_content(".popup h3 bdi") == name
    assert shown.evaluate("[window.__PWN, window.__x1]") == [None, None]
    assert shown.evaluate("document.querySelectorAll('img').length") == 0


@pytest.mark.browser
def test_the_language_switch_changes_every_label(show, friendly):
    shown = show(friendly, "zh")
    assert shown.get_attribute("html", "lang") == "zh-CN"
    headings = shown.locator("h2").all_text_contents()
    shown.click("#language")
    assert shown.get_attribute("html", "lang") == "en"
    english = shown.locator("h2").all_text_contents()
    assert len(english) == len(headings)
    assert not set(english) & set(headings)
    chinese = re.compile(r"[\u4e00-\u9fff]")
    interface = "label, th, h2, summary, #print, .kicker, .lead, .verdict, .mechanism"
    assert not [
        text for text in shown.locator(interface).all_text_contents() if chinese.search(text)
    ]
    shown.click("#language")
    assert shown.locator("h2").all_text_contents() == headings


@pytest.mark.browser
def test_where_nothing_is_served_it_is_said_plainly(show, friendly):
    shown = show(friendly, "en")
    shown.locator("#circles button").nth(1).click()
    assert shown.locator("#circles button").nth(1).get_attribute("aria-pressed") == "true"
    assert shown.text_content("#headline .notice") == (
        "There is no childcare place yet; this is where the first ones would serve most."
    )
    assert shown.locator('#headline [data-figure="circles.1.people.percent"]').inner_text() == "0"
    assert shown.locator("#headline .verdict").inner_text() == "The plan sets no target."


@pytest.mark.browser
def test_a_checkbox_hides_its_layer_and_shows_it_again(show, friendly):
    shown = show(friendly)
    assert shown.locator(".pin").count() == 3
    shown.uncheck('[data-layer="sites"]')
    assert shown.locator(".pin").count() == 0
    shown.check('[data-layer="sites"]')
    assert shown.locator(".pin").count() == 3

    def colour_at_a_covered_quarter():
        return shown.evaluate(
            """() => {
              const canvas = document.querySelector('.leaflet-overlay-pane canvas');
              const copy = document.createElement('canvas');
              copy.width = canvas.width;
              copy.height = canvas.height;
              const pen = copy.getContext('2d', { willReadFrequently: true });
              pen.drawImage(canvas, 0, 0);
              const all = pen.getImageData(0, 0, canvas.width, canvas.height).data;
              let blue = 0;
              for (let i = 0; i < all.length; i += 4)
                if (all[i] < 90 && all[i + 1] > 100 && all[i + 2] > 160 && all[i + 3] > 200) blue++;
              return blue;
            }"""
        )

    assert colour_at_a_covered_quarter() > 5_000
    for layer in ("quarters-covered", "reach-5", "reach-10", "reach-15"):
        shown.uncheck(f'[data-layer="{layer}"]')
    shown.wait_for_timeout(100)
    assert colour_at_a_covered_quarter() == 0


@pytest.mark.browser
def test_a_hidden_layer_stays_hidden_in_the_other_circle(show, friendly):
    shown = show(friendly)
    shown.uncheck('[data-layer="sites"]')
    shown.locator("#circles button").nth(1).click()
    assert not shown.is_checked('[data-layer="sites"]')
    assert shown.locator(".pin").count() == 0


@pytest.mark.browser
def test_a_row_opens_by_keyboard_and_moves_the_map(show, friendly):
    shown = show(friendly)
    shown.uncheck('[data-layer="sites"]')
    scale = shown.inner_text(".leaflet-control-scale-line")
    shown.locator("#sites .row").first.focus()
    shown.keyboard.press("Enter")
    assert shown.text_content(".popup h3") == "Proposed site 1"
    assert shown.text_content(".popup dd") == "700 est."
    assert shown.is_checked('[data-layer="sites"]')
    assert shown.inner_text(".leaflet-control-scale-line") != scale
    pin, sheet = (shown.locator(it).bounding_box() for it in (".pin >> nth=0", "#map"))
    assert pin["x"] + pin["width"] / 2 == pytest.approx(sheet["x"] + sheet["width"] / 2, abs=2)
    assert "Proposed site 1" in shown.text_content("#spoken")


@pytest.mark.browser
def test_every_control_can_be_reached_by_keyboard(show, friendly):
    shown = show(friendly)
    reached = []
    for _ in range(60):
        shown.keyboard.press("Tab")
        reached.append(shown.evaluate(FOCUSED))
    assert {
        "BUTTON language",
        "BUTTON print",
        "BUTTON row",
        "INPUT sites",
        "INPUT quarters-covered",
        "SUMMARY",
        "DIV map",
        "A leaflet-control-zoom-in",
    } <= set(reached)


FOCUSED = """() => {
  const at = document.activeElement;
  return `${at.tagName} ${at.id || at.dataset.layer || at.className}`.trim();
}"""


@pytest.mark.browser
def test_a_handful_of_people_is_never_shown(show, friendly):
    shown = show(friendly)
    open_lists(shown)
    rows = shown.locator("#lists details").nth(1).locator("tbody tr")
    people = [row.locator("td").nth(1).inner_text().split()[0] for row in rows.all()]
    assert [people[at] for at in (0, 7, 13, 21)] == ["0", "<10", "<10", "<10"]
    assert not [text for text in people if text.isdigit() and 0 < int(text) < 10]


@pytest.mark.browser
def test_estimated_figures_are_marked(show, friendly):
    shown = show(friendly)
    assert friendly.summary["circles"][0]["estimated"]
    assert shown.locator("#headline .big .estimate").count() == 1
    assert shown.locator("#sites td .estimate").count() == 3
    assert shown.locator("#neighbourhoods td .estimate").count() == 2


@pytest.mark.browser
def test_sources_approval_and_assumptions_are_on_the_page(show, friendly):
    shown = show(friendly)
    credit = shown.inner_text(".credit")
    for text in ("© OpenStreetMap contributors, ODbL 1.0", "鄂S(2024)001号"):
        assert text in credit
        assert text in shown.inner_text("#sources")
    method = shown.inner_text("#method")
    for entry in friendly.summary["assumptions"]:
        assert entry["en"] in method
    assert "does not contradict" in method
    assert "2024-06-01" in shown.inner_text("#study-facts")


@pytest.mark.browser
@pytest.mark.parametrize("names", ["friendly", "hostile"])
def test_a_phone_needs_no_sideways_scrolling(show, request, names):
    shown = show(request.getfixturevalue(names), "en", width=360, height=740)
    open_lists(shown)
    assert shown.evaluate("document.documentElement.scrollWidth") == 360
    shown.evaluate("window.scrollTo(0, 0)")
    box = shown.locator("#map").bounding_box()
    assert box["y"] == 0
    assert box["height"] == pytest.approx(0.55 * 740, abs=1)


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_targets_are_large_enough_for_a_thumb(show, friendly, lang):
    shown = show(friendly, lang, width=390, height=844)
    controls = shown.locator("button, summary, label.layer, .leaflet-control-zoom a").all()
    assert len(controls) > 15
    for control in controls:
        assert control.bounding_box()["height"] >= 44


@pytest.mark.browser
def test_paper_fits_one_page_and_keeps_the_pins(show, friendly):
    shown = show(friendly)
    shown.locator("#sites .row").first.click()  # zoomed in
    document = shown.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", document)) == 1
    shown.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    pins = [pin.bounding_box() for pin in shown.locator(".pin").all()]
    sheet = shown.locator("#map").bounding_box()
    assert all(sheet["x"] < pin["x"] < sheet["x"] + sheet["width"] for pin in pins)
    assert all(sheet["y"] < pin["y"] < sheet["y"] + sheet["height"] for pin in pins)
    assert not shown.locator("#language").is_visible()
    shown.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert shown.locator("#language").is_visible()


@pytest.mark.browser
def test_a_town_with_nothing_to_show_still_has_a_page(show, bare):
    shown = show(bare)
    assert shown.inner_text("#headline .notice") == "There is no childcare place yet."
    assert "No candidate site would cover anybody more." in shown.inner_text("#sites")
    assert "no under-served neighbourhood" in shown.inner_text("#neighbourhoods")
    assert "approval" not in shown.inner_text("body")
    assert not shown.locator('[data-layer="facilities"], [data-layer="sites"]').count()
