"""The notebook's folium map: no request, no name run as code or template, texts verbatim."""

import pytest

from carecircle.maps.explored import explored
from carecircle.maps.text import plain_text

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(browser, tmp_path):
    """Open a folium map with the network off; what it asked for and complained of."""
    context = browser.new_context()
    context.set_offline(True)
    seen = {"requests": [], "complaints": []}

    def shown(drawn):
        path = tmp_path / "explored.html"
        drawn.save(str(path))
        tab = context.new_page()
        tab.on("request", lambda request: seen["requests"].append(request.url))
        tab.on("console", lambda message: seen["complaints"].append(message.text))
        tab.on("pageerror", lambda error: seen["complaints"].append(str(error)))
        tab.goto(path.as_uri())
        tab.wait_for_selector(".leaflet-control-layers")
        return tab, path.as_uri(), seen

    yield shown
    context.close()


TOOLTIPS = """() => {
  const map = Object.values(window).find((one) => one instanceof L.Map);
  const told = [];
  map.eachLayer((group) => {
    const tell = group.getTooltip?.()?._content;
    if (!tell) return;
    group.eachLayer((layer) => {
      const rows = [...tell(layer).querySelectorAll("tr")].map((row) =>
        ["th", "td"].map((cell) => row.querySelector(cell).textContent.trim()));
      told.push(Object.fromEntries(rows));
    });
  });
  return told;
}"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_names_are_shown_and_nothing_runs(hostile, hostile_names, opened, lang):
    circle = hostile.study.circles[0]
    tab, address, seen = opened(explored(hostile.study, circle, lang))
    told = tab.evaluate(TOOLTIPS)
    name = {"zh": "名称", "en": "name"}[lang]
    names = {row[name] for row in told if name in row}
    assert {" ".join(plain_text(text).split()) for text in hostile_names} <= names
    assert tab.evaluate("[window.__PWN, window.__x1]") == [None, None]
    assert seen == {"requests": [address], "complaints": []}


def test_a_quarter_is_told_as_the_run_found_it(friendly, opened):
    circle = friendly.study.circles[0]
    tab, *_ = opened(explored(friendly.study, circle, "en"))
    told = [row for row in tab.evaluate(TOOLTIPS) if "people covered" in row]
    found = circle.coverage.quarters
    assert [row["people"] for row in told] == [f"{n:,}" for n in found["people"]]
    assert [row["people covered"] for row in told] == [f"{n:,}" for n in found["people_covered"]]
