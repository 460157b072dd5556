"""axe-core finds nothing on the public page: in both languages, on a desk and a phone, in use."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from carecircle import Study
from carecircle.coverage.summary import study_summary
from carecircle.maps.page import page_html
from carecircle.teaching_files import write_teaching_city

pytestmark = pytest.mark.browser
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def pages(tmp_path_factory, planned):
    """A town judged by a plan, and a city whose streets are walked in the page."""
    folder = tmp_path_factory.mktemp("axe")
    write_teaching_city(folder / "city", seed=1, nodes=2_000)
    city = Study.from_file(folder / "city" / "study.toml").run()
    studies = {"town": (planned.study, planned.summary), "city": (city, study_summary(city))}
    for name, (study, summary) in studies.items():
        for lang in "zh", "en":
            (folder / f"{name}.{lang}.html").write_bytes(page_html(study, summary, lang).encode())
    return folder


@pytest.fixture
def judged(browser, pages):
    """Open a page, do something there, and let axe-core look at it."""
    contexts = []

    def found(name, lang, size, act=lambda tab: None, fragment=""):
        # The page lets in no script but its own; axe-core has to come in past that.
        context = browser.new_context(viewport=size, bypass_csp=True)
        contexts.append(context)
        context.set_offline(True)
        tab = context.new_page()
        tab.goto((pages / f"{name}.{lang}.html").as_uri() + fragment)
        tab.wait_for_selector("#sources li")
        act(tab)
        tab.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        results = Axe().run(tab, options={"resultTypes": ["violations"]}).response
        assert len(results["passes"]) > 20
        return [
            (one["id"], node["html"][:160], node["failureSummary"])
            for one in results["violations"]
            for node in one["nodes"]
        ]

    yield found
    for context in contexts:
        context.close()


def unfold(tab):
    tab.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("name", ["town", "city"])
def test_nothing_is_found_with_everything_unfolded(judged, name, lang, size):
    assert judged(name, lang, size, unfold) == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_is_found_while_a_scenario_is_tried(judged, size):
    def act(tab):
        unfold(tab)
        tab.fill("#find-text", "1")
        tab.locator("#find-matches button").first.click()
        tab.click("#found button:has-text('Put a station here')")
        tab.locator("#found table button").first.click()

    assert judged("city", "en", size, act, "#x=0.0&m=12&o=0.1") == []


def test_nothing_is_found_in_a_popup(judged):
    def act(tab):
        tab.locator("#map").click(position={"x": 635, "y": 350})
        tab.wait_for_selector(".popup")

    assert judged("city", "en", DESK, act) == []
