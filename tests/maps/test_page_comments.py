"""Residents comment on the page: kept there, saved as a file, nothing sent."""

import json

import pytest

from carecircle.maps.page import page_html

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory, friendly):
    path = tmp_path_factory.mktemp("comments") / "map.html"
    path.write_bytes(page_html(friendly.study, friendly.summary, "en").encode())
    return path


@pytest.fixture
def opened(browser, page):
    contexts = []

    def open_(width=1280):
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        context.set_offline(True)
        tab = context.new_page()
        tab.faults = []
        tab.on("console", lambda said: tab.faults.append(said.text))
        tab.on("request", lambda asked: tab.faults.append(asked.url))
        tab.goto(page.as_uri())
        tab.wait_for_selector("#sources li")
        return tab

    yield open_
    for context in contexts:
        context.close()


def comment(tab, text, kind="path_missing", at=(640, 300)):
    tab.click("#comment-place")
    tab.mouse.click(*at)
    tab.select_option("#comment-kind", kind)
    tab.fill("#comment-text", text)
    tab.click("#comment-save")


def saved(tab):
    with tab.expect_download() as download:
        tab.click("#comment-file")
    assert download.value.suggested_filename == "carecircle-comments.json"
    return json.loads(download.value.path().read_bytes())


def test_a_comment_is_marked_listed_and_saved(opened, friendly):
    tab = opened()
    comment(tab, "No gate on the north side\nsince spring")
    assert "No gate on the north side" in tab.inner_text("#comments ul")
    assert tab.locator(".comment-pin").count() == 1
    told = saved(tab)
    assert {key: told[key] for key in ("program", "kind", "version")} == {
        "program": "carecircle",
        "kind": "comments",
        "version": 1,
    }
    assert told["study"]["name"] == friendly.study.name
    assert len(told["study"]["data"]) == 64
    [one] = told["comments"]
    assert set(one) == {"id", "lon", "lat", "kind", "text"}
    assert one["text"] == "No gate on the north side\nsince spring"
    assert one["kind"] == "path_missing"
    west, south, east, north = friendly.study.residential.to_crs(4326).total_bounds
    assert west - 0.02 < one["lon"] < east + 0.02
    assert south - 0.02 < one["lat"] < north + 0.02
    assert [url for url in tab.faults if not url.startswith(("file:", "blob:"))] == []


def test_a_place_marked_is_the_place_saved(opened):
    tab = opened()
    comment(tab, "here", at=(700, 400))
    [one] = saved(tab)["comments"]
    pin = tab.locator(".comment-pin").bounding_box()
    assert abs(pin["x"] + 2 - 700) <= 3  # the tip of the mark
    assert abs(pin["y"] + pin["height"] - 400) <= 3
    assert one["lon"] != one["lat"]


def test_a_quarter_that_was_looked_up_can_be_commented_on_by_keyboard(opened):
    tab = opened()
    tab.fill("#find-text", "1")
    tab.locator("#find-matches button").first.press("Enter")
    tab.locator("#comment-quarter").press("Enter")
    assert tab.evaluate("document.activeElement.id") == "comment-kind"
    tab.locator("#comment-text").type("steps")
    tab.locator("#comment-save").press("Enter")
    assert len(saved(tab)["comments"]) == 1
    assert tab.evaluate("document.activeElement.id") in ("comment-place", "comment-file")


def test_comments_outlive_a_reload_where_the_browser_keeps_them_and_can_be_taken_back(opened):
    tab = opened()
    comment(tab, "one")
    comment(tab, "two", at=(660, 320))
    tab.reload()
    tab.wait_for_selector("#sources li")
    assert tab.locator("#comments li").count() == 2
    tab.locator("#comments li button").first.click()
    assert [one["text"] for one in saved(tab)["comments"]] == ["two"]


def test_without_a_place_to_keep_them_the_page_works(browser, page):
    context = browser.new_context()
    tab = context.new_page()
    refuse = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })"
    tab.add_init_script(refuse)
    tab.goto(page.as_uri())
    tab.wait_for_selector("#sources li")
    comment(tab, "still here")
    assert len(saved(tab)["comments"]) == 1
    context.close()


@pytest.mark.parametrize("kept", ["[1, null]", "{}", "not json", '[{"id": 5}]'])
def test_spoilt_comments_of_the_device_are_left_out(opened, kept):
    tab = opened()
    key = tab.evaluate("'carecircle-comments-' + document.getElementById('data').dataset.sha256")
    tab.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [key, kept])
    tab.reload()
    tab.wait_for_selector("#sources li")
    assert tab.locator("#comments li").count() == 0


def test_hostile_comments_stay_text(opened, hostile_names):
    tab = opened()
    for name in hostile_names:
        comment(tab, name or "-")
    texts = [one["text"] for one in saved(tab)["comments"]]
    assert len(texts) == len(hostile_names)
    assert hostile_names[0] in texts
    assert tab.evaluate("window.__PWN === undefined && window.__x1 === undefined")
    tab.locator(".comment-pin").first.click(force=True)
    assert tab.evaluate("window.__PWN === undefined && window.__x1 === undefined")


def test_a_draft_outlives_a_change_of_language_and_an_empty_one_is_not_kept(opened):
    tab = opened()
    tab.click("#comment-place")
    tab.mouse.click(640, 300)
    tab.click("#comment-save")
    assert tab.locator("#comments li").count() == 0
    tab.fill("#comment-text", "half a sentence")
    tab.click("#language")
    assert tab.input_value("#comment-text") == "half a sentence"
    assert "您的意见" in tab.inner_text("#comments")


def test_a_phone_has_room_for_the_form(opened):
    tab = opened(width=360)
    tab.click("#comment-place")
    tab.locator("#map").click(position={"x": 180, "y": 200})
    assert tab.locator("#comment-text").is_visible()
    assert tab.evaluate("document.documentElement.scrollWidth") == 360
