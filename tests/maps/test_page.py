"""The public page, as text and in a browser that has no network."""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pypdfium2
import pytest

from carecircle.coverage.summary import study_summary
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


def test_the_same_study_in_the_other_language_differs_in_that_alone(friendly):
    zh, en = (page_html(friendly.study, friendly.summary, lang) for lang in ("zh", "en"))
    assert zh != en
    hash_of_data = re.compile(r'data-sha256="[0-9a-f]{64}"')
    plain = hash_of_data.sub("", zh.replace('{"lang":"zh"', '{"lang":"en"', 1))
    assert plain.replace('lang="zh-CN"', 'lang="en"', 1) == hash_of_data.sub("", en)


def test_every_script_and_style_of_the_page_is_in_it(friendly):
    html = page_html(friendly.study, friendly.summary)
    assert set(page.SCRIPTS) == {path.name for path in MAPS.glob("page*.js")}
    assert set(page.STYLES) == {path.name for path in MAPS.glob("page*.css")}
    for name in page.SCRIPTS + page.STYLES:
        assert (MAPS / name).read_text(encoding="utf-8") in html


def test_the_page_script_never_makes_markup_of_text():
    script = page.page_js()
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
    script = (MAPS / "page-words.js").read_text(encoding="utf-8")
    zh, en = re.search(r"  zh: \{\n(.*?)\n  \},\n  en: \{\n(.*?)\n  \},\n", script, re.S).groups()
    key = re.compile(r"^ {4,6}(\w+):", re.M)
    assert key.findall(zh) == key.findall(en)
    text = re.compile(r'^ {4,6}(\w+):\s+"(.*)",$', re.M)
    gap = re.compile(r"\{(\w+)\}")
    gaps = [{word: set(gap.findall(said)) for word, said in text.findall(it)} for it in (zh, en)]
    assert gaps[0] == gaps[1]


def test_every_text_is_used_and_every_text_used_exists():
    words = (MAPS / "page-words.js").read_text(encoding="utf-8")
    known = set(re.findall(r"^    (\w+):", words, re.M)) - {"cells"}
    others = "".join((MAPS / name).read_text(encoding="utf-8") for name in page.SCRIPTS[1:])
    others += (MAPS / "page.html").read_text(encoding="utf-8")
    assert not {word for word in known if f'"{word}"' not in others}
    used = re.findall(r'(?:word|plain|sentence|heading|lateList)\("(\w+)"', others)
    assert set(used) <= known


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
    assert requests == [(tmp_path / "map.html").as_uri()] * len(contexts)


def look_up(summary, path):
    value = summary
    for key in path.split("."):
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


def open_lists(shown):
    """Open the lists of facilities and quarters, which are built on opening."""
    if shown.locator("#units details:not([open])").count():
        shown.locator("#units summary").click()
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
                assert path.endswith(("gain_people", "covered", "placed", "without_place"))
            elif text == "<10":
                assert 0 < value < 10
            elif text == "–":
                withheld = path.startswith(f"circles.{circle}.by_unit")
                assert value is None or withheld or path.endswith("percent")
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
        "circles.N.neighbourhoods.N.quarters",
        "circles.N.by_unit.N.people.covered",
        "circles.N.by_unit.N.people.input",
        "circles.N.by_unit.N.people.percent",
        "circles.N.people.excluded.too_far_from_street",
        "circles.N.sites.candidates",
        "circles.N.access.within.N.people.percent",
        "circles.N.access.backup.N.percent",
        "circles.N.access.band.speeds.N.people.percent",
        "circles.N.access.places.placed",
        "circles.N.access.places.without_place",
        "circles.N.access.doubt.met_percent",
    } <= seen


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_figures_of_plans_are_those_of_the_summary(show, planned, lang):
    shown = show(planned, lang)
    figures = [entry for entry in figures_of(shown) if entry[0].startswith("plans.")]
    for path, text in figures:
        value = look_up(planned.summary, path)
        if text != "<10":
            assert float(text.replace(",", "")) == float(value)
    assert [path for path, text in figures if text == "<10"] == [
        "plans.0.targets.5.value",
        "plans.0.targets.5.gap",
    ]
    assert {"plans.0.targets.0.value", "plans.0.targets.0.target"} <= {path for path, _ in figures}


@pytest.mark.browser
def test_targets_are_told_by_sign_and_word_with_what_is_missing_and_ours(show, planned):
    shown = show(planned, "en")
    assert shown.locator("#plans .table").first.is_hidden()
    shown.click("#plans > details > summary")
    told = shown.locator("#plans .told").all_text_contents()
    assert told == [
        "✓ met",
        "✗ not met",
        "? not assessed",
        "○ not judged",
        "✓ met",
        "✗ not met",
    ]
    rows = [" ".join(text.split()) for text in shown.locator("#plans .why").all_inner_texts()]
    assert rows[1].startswith("Clause: 二 short of 3 facilities")
    assert "ours It is walked." in rows[0]
    assert "Missing data: facilities: beds (beds) (blank or not exact enough in 2 rows)" in rows[2]
    assert "Not judged: The plan names no standard." in rows[3]
    assert shown.locator("#plans strong").nth(0).inner_text() == "85.5 %"
    wanted = " ".join(shown.locator("#plans tbody td").nth(1).inner_text().split())
    assert wanted == "walking rate 85.5 % wanted: ≥ 80 % by 2025"
    shown.click("#language")  # the plan stays open
    assert shown.locator("#plans .told").nth(1).inner_text() == "✗ 未达标"
    rest = shown.locator("#plans details details")
    assert rest.locator("summary").inner_text().startswith("另有1项与位置无关")
    rest.locator("summary").click()
    assert "取决于登记。" in rest.inner_text()


@pytest.mark.browser
def test_plans_are_read_on_a_phone_without_moving_sideways(show, planned):
    shown = show(planned, "en", width=390, height=844)
    shown.click("#plans > details > summary")
    assert shown.evaluate("document.documentElement.scrollWidth") == 390
    wider = "cells => cells.filter(td => td.scrollWidth > td.clientWidth).length"
    assert shown.eval_on_selector_all("#plans td", wider) == 0


@pytest.mark.browser
def test_the_headline_can_be_read_aloud(show, friendly):
    shown = show(friendly, "en")
    people = friendly.summary["circles"][0]["people"]
    spoken = " ".join(shown.inner_text("#headline").replace("est.", "").split())
    share = f"{people['percent']:g}"
    covered, everybody = f"{people['covered']:,}", f"{people['input']:,}"
    assert spoken == (
        f"Of residents aged 60 and over, {share} % can walk to an elderly-care station "
        f"within 15 minutes: {covered} of {everybody}."
    )
    assert "The target of 85 % is not met" in shown.inner_text("#verdict")
    shown.click("#language")
    spoken = "".join(shown.inner_text("#headline").replace("估算", "").split())
    assert spoken == (
        f"60岁及以上居民中，有{share}%可在15分钟内步行到达养老服务站"
        f"（{everybody}人中的{covered}人）。"
    )


@pytest.mark.browser
def test_hostile_names_are_shown_and_never_run(show, hostile, hostile_names):
    shown = show(hostile, "zh")
    assert shown.text_content("#study-name") == "".join(hostile_names)
    open_lists(shown)
    rows = shown.locator("#lists details").nth(1).locator("tbody .name")
    quarters = rows.locator("bdi:first-child").all_text_contents()
    assert quarters[: len(hostile_names)] == hostile_names
    facilities = shown.locator("#lists details").nth(0).locator("tbody bdi").all_text_contents()
    assert facilities == [hostile_names[0], "day_care", hostile_names[1], hostile_names[2]]
    ranked = shown.locator("#neighbourhoods bdi").all_text_contents()
    # each neighbourhood by its name and the unit it lies in
    assert ranked == [hostile_names[place] for place in (3, 1, 4, 2)]
    for name, row in zip(
        hostile_names,
        shown.locator("#lists details").nth(1).locator("tbody button").all(),
        strict=False,
    ):
        row.click()
        assert shown.locator(".popup h3 bdi").first.text_content() == name
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
def test_a_share_that_no_speed_changes_is_told_once(show, friendly):
    shown = show(friendly, "zh")
    shown.locator("#circles button").nth(1).click()  # nobody is served at any speed
    assert "米时，覆盖率均为0%。" in shown.inner_text("#access")
    assert "0%至0%" not in shown.inner_text("#access")


@pytest.mark.browser
def test_where_nothing_is_served_it_is_said_plainly(show, friendly):
    shown = show(friendly, "en")
    shown.locator("#circles button").nth(1).click()
    assert shown.locator("#circles button").nth(1).get_attribute("aria-pressed") == "true"
    assert shown.text_content("#headline .notice") == (
        "There is no childcare place yet; this is where the first ones would serve most."
    )
    assert shown.locator('#headline [data-figure="circles.1.people.percent"]').inner_text() == "0"
    assert shown.locator("#verdict .verdict").inner_text() == "The plan sets no target."


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
                if (all[i] < 90 && all[i + 1] > 100 && all[i + 2] > 160 && all[i + 3] > 100) blue++;
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
    assert shown.text_content(".popup h3") == "Proposed site 1 · near 向阳院"
    assert shown.text_content(".popup dl") == "Residents gained est.700"
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
        "SELECT paper",
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
    people = [row.locator("td").nth(1).inner_text().split()[-1] for row in rows.all()]
    assert [people[at] for at in (0, 7, 13, 21)] == ["0", "<10", "<10", "<10"]
    assert not [text for text in people if text.isdigit() and 0 < int(text) < 10]


# What is not people, or a share of them, is never estimated.
COUNTED = re.compile(
    r"metres_per_second|target_percent|gap_percent|spacing_m|sites\.candidates"
    r"|stations_to_target\.(count|lower_bound)|neighbourhoods\.\d+\.quarters"
)


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_estimated_figures_are_marked_once_for_all_below_a_heading(show, friendly, lang):
    shown = show(friendly, lang)
    assert friendly.summary["circles"][0]["estimated"]
    open_lists(shown)
    blocks = "#headline, #sites, #neighbourhoods, #shares, #access, #units"
    marks = shown.eval_on_selector_all(
        blocks, "nodes => nodes.map(n => [n.id, n.querySelectorAll('.estimate').length])"
    )
    assert dict(marks) == dict.fromkeys(
        ("headline", "sites", "neighbourhoods", "shares", "access", "units"), 1
    )
    outside = shown.eval_on_selector_all(
        "[data-figure]",
        "nodes => nodes.filter(n => !n.closest('section').querySelector('.estimate'))"
        ".map(n => [n.dataset.figure, n.closest('section').id])",
    )
    # the verdict is one statement with the headline above it
    assert {section for path, section in outside if not COUNTED.search(path)} == {"verdict"}
    within = ".lead .estimate, .verdict .estimate, li .estimate, #sites p .estimate, td .estimate"
    assert shown.locator(within).count() == 0
    shown.locator("#sites .row").first.click()
    assert shown.locator(".popup .estimate").count() == 1


@pytest.mark.browser
def test_where_some_quarters_are_estimated_each_of_them_says_so(show, friendly, make_town):
    shown = show(friendly)
    open_lists(shown)
    rows = shown.locator("#lists details").nth(1).locator("tbody tr")
    marked = [row.locator("abbr").count() for row in rows.all()]
    assert marked == friendly.study.residential["estimated"].astype(int).tolist()
    town = make_town()
    town.study.residential["estimated"] = True
    shown = show(town)
    open_lists(shown)
    quarters = shown.locator("#lists details").nth(1)
    assert quarters.locator("tbody abbr").count() == 0
    assert quarters.locator("th .estimate").count() == 1


@pytest.mark.browser
def test_nothing_is_marked_where_nothing_is_estimated(show, make_town):
    town = make_town()
    town.study.residential["estimated"] = False
    for circle in town.summary["circles"]:
        circle["estimated"] = False
    shown = show(town)
    open_lists(shown)
    assert shown.locator(".estimate, tbody abbr").count() == 0


@pytest.mark.browser
def test_sources_approval_and_assumptions_are_on_the_page(show, friendly):
    shown = show(friendly)
    credit = shown.inner_text("#credit")
    for text in ("© OpenStreetMap contributors, ODbL 1.0", "鄂S(2024)001号"):
        assert text in credit
        assert text in shown.inner_text("#sources")
    method = shown.inner_text("#method")
    for entry in friendly.summary["assumptions"]:
        assert entry["en"] in method
    assert "does not contradict" in method
    assert "Draft" not in shown.inner_text("body")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("dates", "en", "zh"),
    [
        (("2024-06-01", "2025-02-03", None), "As of 2024-06-01", "数据截至2024-06-01"),
        ((None, "2025-02-03", None), "Computed 2025-02-03", "计算于2025-02-03"),
        (
            (None, "2025-02-03", "2023-02-21"),
            "Computed 2025-02-03 · streets of 2023-02-21",
            "计算于2025-02-03 · 街道数据截至2023-02-21",
        ),
        ((None, None, None), "", ""),
    ],
)
def test_the_day_of_the_run_is_never_called_the_date_of_the_data(show, make_town, dates, en, zh):
    town = make_town()
    town.summary["study"].update(zip(("date", "computed", "streets_date"), dates, strict=True))
    shown = show(town, "en")
    assert shown.inner_text("#study-facts") == en
    shown.click("#language")
    assert shown.inner_text("#study-facts") == zh


@pytest.mark.browser
def test_without_an_approval_number_the_page_is_a_draft(show, bare):
    shown = show(bare, "zh")
    draft = "草图，未经地图审核，不得公开出版"
    assert shown.inner_text("#approval") == draft
    assert draft in shown.inner_text("#credit")
    shown.click("#language")
    assert shown.inner_text("#approval") == "Draft: not reviewed for publication"
    shown.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert shown.locator("#approval").is_visible()


@pytest.mark.browser
def test_a_map_that_is_not_published_bears_a_mark_on_screen_and_paper(show, friendly):
    def mark(shown):
        frame = "document.getElementById('map-frame')"
        return shown.evaluate(f"getComputedStyle({frame}, '::after').content")

    assert mark(show(friendly)) == "none"
    study = replace(friendly.study, published=False)
    draft = SimpleNamespace(study=study, summary=study_summary(study))
    shown = show(draft, "zh")
    assert mark(shown) == '"草图"'
    assert shown.inner_text("#approval") == "草图，未经地图审核，不得公开出版"
    shown.click("#language")
    assert mark(shown) == '"DRAFT"'
    shown.emulate_media(media="print")
    assert mark(shown) == '"DRAFT"'


@pytest.mark.browser
def test_places_go_by_their_name_or_street(show, make_town):
    town = make_town()
    circle = town.summary["circles"][0]
    first, second, third = circle["sites"]["chosen"]
    first.update(name="", street="<b>Calle X</b>")
    second.update(name="<b>东地块</b>", street="长江路")
    third.update(name="", street="")
    named, unnamed = circle["neighbourhoods"]
    named.update(name="幸福里", street="长江路", unit="上城街道")
    unnamed.update(name="", street="中山路", unit="")
    shown = show(town, "en")
    sites = shown.locator("#sites .row .name").all_text_contents()
    assert sites == [
        "Proposed site 1 · near <b>Calle X</b>",
        "Proposed site 2 · <b>东地块</b>",
        "Proposed site 3",
    ]
    shown.locator("#sites .row").first.click()
    assert shown.text_content(".popup h3") == "Proposed site 1 · near <b>Calle X</b>"
    rows = shown.locator("#neighbourhoods .row > span:first-child").all_text_contents()
    assert rows == ["1 · 幸福里 (上城街道)", "2 · near 中山路"]
    shown.locator("#neighbourhoods .row").nth(1).click()
    assert shown.text_content(".popup h3") == "2 · near 中山路"
    unnamed["street"] = ""
    shown = show(town, "zh")
    rows = shown.locator("#neighbourhoods .row > span:first-child").all_text_contents()
    assert rows == ["1 · 幸福里（上城街道）", "2 · 片区2"]


def many_neighbourhoods(town, count):
    """The town's first neighbourhood again and again, for lists as long as a city's."""
    first, second = town.study.circles
    last = count - len(first.neighbourhoods)
    rows = first.neighbourhoods.iloc[[0, 1] + [1] * last].assign(
        people=range(3000, 3000 - count, -1)
    )
    rows.index = pd.RangeIndex(1, count + 1, name="rank")
    study = replace(town.study, circles=(replace(first, neighbourhoods=rows), second))
    return SimpleNamespace(study=study, summary=study_summary(study))


@pytest.mark.browser
def test_a_long_ranking_shows_its_first_rows_until_asked_for_all(show, friendly):
    shown = show(many_neighbourhoods(friendly, 34))
    rows = shown.locator("#neighbourhoods tbody tr")
    visible = "rows => rows.filter(row => row.checkVisibility()).length"
    assert rows.evaluate_all(visible) == 20
    shown.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert rows.evaluate_all(visible) == 30
    assert "first 30 of 34" in shown.inner_text("#neighbourhoods")
    shown.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert "first 30 of 34" not in shown.inner_text("#neighbourhoods")
    shown.click("text=Show all 34")
    assert rows.evaluate_all(visible) == 34
    assert (
        shown.locator("#neighbourhoods .row").nth(20).evaluate("b => b === document.activeElement")
    )


@pytest.mark.browser
def test_from_afar_the_first_ranks_alone_are_labelled_and_none_under_a_pin(show, friendly):
    shown = show(many_neighbourhoods(friendly, 8))
    ranks = shown.locator(".rank").filter(visible=True)
    assert 0 < ranks.count() <= 5
    boxes = [rank.bounding_box() for rank in ranks.all()]
    for pin in (pin.bounding_box() for pin in shown.locator(".pin").all()):
        for box in boxes:
            apart_x = abs(box["x"] + box["width"] / 2 - pin["x"] - pin["width"] / 2)
            apart_y = abs(box["y"] + box["height"] / 2 - pin["y"] - pin["height"] / 2)
            assert max(apart_x, apart_y) >= 29.5
    assert shown.locator(".pin b").all_text_contents() == ["S1", "S2", "S3"]


@pytest.mark.browser
def test_cells_are_called_cells_and_drawn_without_outlines(show, make_town):
    town = make_town()
    town.summary["study"]["cells"] = True
    shown = show(town, "en")
    open_lists(shown)
    seen = shown.inner_text("body")
    assert "Cells not covered" in seen
    assert "cells: 8" in seen
    spoken = shown.locator("h2, summary, label, th, .label, .below").all_text_contents()
    assert not [text for text in spoken if "uarter" in text]
    shown.click("#language")
    assert "未覆盖的方格" in shown.inner_text("#layers")
    spoken = shown.locator("h2, summary, label, th, .label, .below").all_text_contents()
    assert not [text for text in spoken if "小区" in text]


@pytest.mark.browser
def test_a_circle_of_nobody_is_not_assessed(show, make_town):
    town = make_town()
    circle = town.summary["circles"][0]
    nobody = {"input": 0, "covered": 0, "uncovered": 0, "percent": None}
    circle["people"] = {**nobody, "excluded": {"too_far_from_street": 0}}
    circle["verdict"] = "not_assessed"
    shown = show(town, "en")
    assert shown.inner_text("#headline") == (
        "The data hold no residents aged 60 and over: this circle is not assessed."
    )
    assert "target" not in shown.inner_text("#verdict")


@pytest.mark.browser
def test_a_proof_says_among_which_places(show, make_town):
    town = make_town()
    first = town.summary["circles"][0]
    first["sites"]["spacing_m"] = 150.0
    first["stations_to_target"].update(count=5, lower_bound=5, proven=True)
    said = " ".join(show(town, "en").inner_text("#sites").split())
    assert "Among the 4 candidate places 150 m apart, no other choice covers more (proven)." in said
    assert "Among the 4 candidate places 150 m apart, reaching the target of 85 %" in said
    first["sites"]["spacing_m"] = None
    said = show(town, "zh").inner_text("#sites")
    assert "在4个备选位置中，已证明没有更好的组合" in said


@pytest.mark.browser
def test_reporting_units_are_listed(show, friendly):
    shown = show(friendly, "en")
    shown.locator("#units summary").click()
    rows = [" ".join(text.split()) for text in shown.locator("#units tbody tr").all_inner_texts()]
    assert rows == [
        "上城街道 town · 200 of 600 residents 33.3 %",
        "=2+2 town · 0 of 40 residents 0 %",
    ]


@pytest.mark.browser
@pytest.mark.parametrize("names", ["friendly", "hostile"])
def test_a_phone_needs_no_sideways_scrolling(show, request, names):
    shown = show(request.getfixturevalue(names), "en", width=360, height=740)
    open_lists(shown)
    assert shown.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_phone_shows_title_share_and_map_without_scrolling(show, friendly, lang):
    shown = show(friendly, lang, width=390, height=844)
    title, share, sheet = (
        shown.locator(it).bounding_box() for it in ("#study-name", ".big", "#map")
    )
    assert 0 <= title["y"] < share["y"] < sheet["y"]
    assert sheet["height"] == pytest.approx(0.5 * 844, abs=1)
    assert sheet["y"] + sheet["height"] <= 844
    assert shown.locator("#language").bounding_box()["y"] < share["y"]


@pytest.mark.browser
def test_a_phone_folds_the_sources_but_never_openstreetmap(show, make_town):
    town = make_town()
    other = {"id": "source-1", "zh": "人口：某局", "en": "Population: some bureau"}
    town.summary["attributions"].append(other)
    wide = show(town)
    assert "some bureau" in wide.inner_text("#credit")
    assert not wide.locator(".unfold").is_visible()
    shown = show(town, width=390, height=844)
    assert "OpenStreetMap" in shown.inner_text("#credit")
    assert "some bureau" not in shown.inner_text("#credit")
    shown.click(".unfold")
    assert "some bureau" in shown.inner_text("#credit")
    assert shown.get_attribute(".unfold", "aria-expanded") == "true"


@pytest.mark.browser
@pytest.mark.parametrize("where", ["screen", "paper"])
def test_the_credit_stands_below_the_map_and_covers_nothing(show, friendly, where):
    shown = show(friendly)
    if where == "paper":
        shown.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    sheet, credit = (shown.locator(it).bounding_box() for it in ("#map", "#credit"))
    assert credit["y"] >= sheet["y"] + sheet["height"] - 1


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_targets_are_large_enough_for_a_thumb(show, friendly, lang):
    shown = show(friendly, lang, width=390, height=844)
    places = "button, summary, label.layer, .leaflet-control-zoom a"
    controls = shown.locator(places).filter(visible=True).all()
    assert len(controls) > 15
    for control in controls:
        assert control.bounding_box()["height"] >= 44


def paper(shown, tmp_path):
    """What the browser prints of its own: the texts of its sheets, the colours of its map."""
    path = tmp_path / "paper.pdf"
    shown.pdf(path=path, prefer_css_page_size=True, print_background=True)
    with pypdfium2.PdfDocument(path) as document:
        texts = ["".join(sheet.get_textpage().get_text_range().split()) for sheet in document]
        colours = document[0].render(scale=2, rev_byteorder=True).to_numpy()[:, :, :3]
    width_px = colours.shape[1]
    return texts, colours[:, int(0.37 * width_px) :].reshape(-1, 3).astype(int)


def share_drawn_in(colours, colour):
    """The share of points that have just about this colour."""
    return float((abs(colours - list(bytes.fromhex(colour))).max(axis=1) <= 2).mean())


@pytest.mark.browser
def test_the_first_sheet_of_paper_holds_the_answer_and_the_map(show, friendly, tmp_path):
    shown = show(friendly)
    shown.locator("#sites .row").first.click()  # zoomed in
    texts, colours = paper(shown, tmp_path)
    people = friendly.summary["circles"][0]["people"]
    for text in (
        "青山镇",
        "15-minuteelderly-carecircle",
        f"{people['covered']:,}of{people['input']:,}",
        "Thetargetof85%isnotmet",
        "Legendandlayers",
        "Existingfacilities",
        "©OpenStreetMapcontributors",
        "鄂S(2024)001号",
        "S1",
    ):
        assert text in texts[0]
    assert "Residentsgained" not in texts[0]
    assert share_drawn_in(colours, "cfc9bd") > 0.002  # streets
    assert share_drawn_in(colours, "f7f5f0") > 0.2  # the ground below them
    assert share_drawn_in(colours, "7daece") > 0.05  # covered quarters, seen through


@pytest.mark.browser
@pytest.mark.parametrize(("size", "inches"), [("A4", (11.69, 8.27)), ("A3", (16.54, 11.69))])
def test_the_map_fills_the_first_sheet_of_the_paper_chosen(show, friendly, tmp_path, size, inches):
    shown = show(friendly)
    shown.select_option("#paper", size)
    path = tmp_path / "paper.pdf"
    shown.pdf(path=path, prefer_css_page_size=True, print_background=True)
    with pypdfium2.PdfDocument(path) as document:
        width, height = document[0].get_size()
        assert (width / 72, height / 72) == pytest.approx(inches, abs=0.02)
        colours = document[0].render(scale=2, rev_byteorder=True).to_numpy()[:, :, :3]
        text = "".join(document[0].get_textpage().get_text_range().split())
        assert len(document) <= 5
    assert "©OpenStreetMapcontributors" in text  # the foot of the map is on the sheet
    assert "Existingfacilities" in text
    ground = abs(colours.astype(int) - [0xF7, 0xF5, 0xF0]).max(axis=2) <= 2
    rows, columns = ground.any(axis=1).nonzero()[0], ground.any(axis=0).nonzero()[0]
    margin = 15 / 25.4 * 72 * 2  # at two points a pixel
    assert columns[-1] > colours.shape[1] - margin - 12
    assert rows[0] < margin + 12
    assert (rows[-1] - rows[0]) / (colours.shape[0] - 2 * margin) > 0.9


@pytest.mark.browser
def test_the_following_sheets_hold_tables_assumptions_and_sources(show, friendly, tmp_path):
    texts, _ = paper(show(friendly), tmp_path)
    rest = "".join(texts[1:])
    for text in (
        "Proposedsite1",
        "Residentsgained",
        "Residentsnotcovered",
        "Threewaystocount",
        "上城街道town·200of600residents",
        "Peoplewalkat0.8metrespersecond.",
        "Sources",
    ):
        assert text in rest
    for entry in friendly.summary["assumptions"]:
        assert "".join(entry["en"].split()) in rest
    assert len(texts) <= 5


@pytest.mark.browser
def test_paper_shows_every_site_and_gives_the_screen_back(show, friendly):
    shown = show(friendly)
    shown.locator("#method summary").click()
    shown.locator("#sites .row").first.click()  # zoomed in
    scale = shown.inner_text(".leaflet-control-scale-line")
    shown.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    pins = [pin.bounding_box() for pin in shown.locator(".pin").all()]
    sheet = shown.locator("#map").bounding_box()
    assert all(sheet["x"] < pin["x"] < sheet["x"] + sheet["width"] for pin in pins)
    assert all(sheet["y"] < pin["y"] < sheet["y"] + sheet["height"] for pin in pins)
    assert not shown.locator("#language").is_visible()
    assert shown.locator("#method ul").is_visible()
    shown.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert shown.locator("#language").is_visible()
    assert not shown.locator("#method ul").is_visible()
    assert shown.inner_text(".leaflet-control-scale-line") == scale
    assert shown.locator("canvas.picture").count() == 0


@pytest.mark.browser
def test_a_town_with_nothing_to_show_still_has_a_page(show, bare):
    shown = show(bare)
    assert shown.inner_text("#headline .notice") == "There is no childcare place yet."
    assert "No candidate site would cover anybody more." in shown.inner_text("#sites")
    assert "no under-served neighbourhood" in shown.inner_text("#neighbourhoods")
    assert "approval" not in shown.inner_text("body")
    assert not shown.locator('[data-layer="facilities"], [data-layer="sites"]').count()


@pytest.mark.browser
def test_how_far_the_drawn_areas_go_astray_is_said(show, make_town):
    town = make_town()
    row = town.summary["circles"][0]["simplified_reach"][-1]
    row.update(late_percent=7.8, overshoot_s=494, homes_not_reached=11, homes_left_out=1052)
    said = " ".join(show(town, "en").locator("#method").text_content().split())
    assert (
        "The area of 15 minutes as drawn: from 7.8 % of its ground the walk takes longer, by up to "
        "494 seconds; homes inside it that walk longer: 11; homes outside it that get there in "
        "time: 1,052."
    ) in said
    said = show(town, "zh").locator("#method").text_content()
    assert (
        "步行15分钟的可达范围图：图内有7.8%的地面步行超时，最多超出494秒；"
        "画在图内而步行超时的住处11处，能按时到达而画在图外的住处1,052处。"
    ) in said
    assert "步行5分钟的可达范围图" in said
