"""The report: every figure is that of the summary, names stay names, Word opens it."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pypdfium2
import pytest
from docx import Document
from docx.oxml.ns import qn

from carecircle.coverage.summary import study_summary
from carecircle.layers.problems import StudyError
from carecircle.maps import report_template
from carecircle.maps.blocks import Paragraph, Picture, Table, Teller, Told, printed, words_of
from carecircle.maps.report import report_blocks, write_report_docx
from carecircle.maps.report_docx import report_docx
from carecircle.maps.report_html import report_html
from carecircle.maps.report_words import HEADINGS, WORDS

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def blocks(planned):
    return {lang: report_blocks(planned.study, planned.summary, lang) for lang in ("zh", "en")}


@pytest.fixture(scope="module")
def hostile_blocks(hostile):
    return report_blocks(hostile.study, hostile.summary, "zh")


class Page(HTMLParser):
    """Texts, tags, and the texts of figures by their path."""

    def __init__(self, html):
        super().__init__()
        self.figures, self.tags, self.said, self.path = [], [], [], None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.path = dict(attrs).get("data-figure")

    def handle_endtag(self, tag):
        self.path = None

    def handle_data(self, data):
        self.said.append(data)
        if self.path:
            self.figures.append((self.path, data))


def told_in(blocks):
    """Every figure in a report."""
    for block in blocks:
        texts = [block.text] if isinstance(block, Paragraph) else []
        texts += [cell for row in block.rows for cell in row] if isinstance(block, Table) else []
        for text in texts:
            yield from (part for part in text if isinstance(part, Told))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_figure_is_the_one_at_its_place_in_the_summary(blocks, planned, lang):
    found = list(told_in(blocks[lang]))
    summary = json.loads(json.dumps(planned.summary))
    tell = Teller(summary, WORDS, lang)
    for one in found:
        value = tell.value(one.path)
        if isinstance(value, int | float):
            assert float(one.text.replace(",", "")) == value
        else:
            assert one.text == printed(value)
    assert len(found) > 100
    page = Page(report_html(blocks[lang], lang))
    assert page.figures == [(one.path, one.text) for one in found]


def test_no_figure_stands_in_a_sentence_without_its_place(blocks):
    """What is counted for the report alone is a handful: rows, records, excluded people."""
    for block in blocks["en"]:
        if isinstance(block, Paragraph) and block.kind == "lead":
            rest = "".join(part for part in block.text if isinstance(part, str))
            rest = rest.replace("15-minute", "").replace("aged 60", "").replace("0–2", "")
            numbers = re.findall(r"\d+", rest)
            assert len(numbers) <= 1  # those excluded, added up over the reasons


def test_the_ledger_adds_up_to_the_person(blocks):
    ledgers = [b for b in blocks["en"] if isinstance(b, Table) and b.columns[0] == "Counted by"]
    assert len(ledgers) == 2
    for table in ledgers:
        for row in table.rows:
            whole, *parts = (int(words_of(cell).replace(",", "")) for cell in row[1:5])
            assert sum(parts) == whole


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_all_parts_are_there(blocks, planned, lang):
    html = report_html(blocks[lang], lang)
    for key in HEADINGS:
        assert HEADINGS[key][lang].replace("&", "&amp;") in html
    for one in planned.summary["assumptions"] + planned.summary["attributions"]:
        assert one[lang] in "".join(Page(html).said)
    captions = [b.caption for b in blocks[lang] if isinstance(b, Picture)]
    assert len(captions) == len(set(captions)) >= 6


def test_targets_stand_with_clause_verdict_and_what_is_missing(blocks):
    [table] = [b for b in blocks["en"] if isinstance(b, Table) and b.columns[0] == "Clause"]
    rows = [[words_of(cell) for cell in row] for row in table.rows]
    assert [row[0] for row in rows] == ["一", "二", "三", "四", "五", "六"]
    assert rows[0][2:5] == ["85.5 %", "≥ 80.0 % (2025)", "✓ met"]
    assert rows[1][4] == "✗ not met"
    assert "missing: facilities: beds" in rows[2][5]


def test_a_study_of_sites_is_told_with_its_proof(friendly):
    summary = json.loads(json.dumps(friendly.summary))
    circle = summary["circles"][0]
    words = {"zh": "最多人", "en": "most people"}
    site = {"order": 1, "gain_people": 700, "lon": 1.5, "lat": 2.5, "name": "=SUM(A1)"}
    circle["site_study"] = {
        "goal_words": words,
        "plans": [
            {
                "chosen": [site],
                "closed": [],
                "by_unit": [],
                "people_before": {"percent": 10.0},
                "percent_after": 44.4,
                "people_covered_after": 999,
                "people_gained": 700,
                "gap_percent": 1.25,
                "status": "time_limit",
                "proofs": [{"goal_words": words, "value": 999, "bound": 1010, "gap_percent": 1.25}],
                "ties": {"plans": 3, "complete": True, "in_all": ["c1"]},
            }
        ],
    }
    said = "\n".join(
        words_of(b.text) for b in report_blocks(friendly.study, summary, "en") if hasattr(b, "kind")
    )
    assert "1 new stations bring 700 more people inside, 44.4% in all; at most 1.25%" in said
    assert "most people: 999, bound 1,010, gap 1.25%." in said
    assert "3 plans are equally good; 1 sites are in all of them." in said


def test_a_study_with_nothing_to_show_is_told(bare):
    said = report_html(report_blocks(bare.study, bare.summary, "en"), "en")
    assert "No new stations are proposed" in said


# --- names


def test_names_are_text_on_the_page_and_nothing_runs(hostile_blocks, hostile_names):
    html = report_html(hostile_blocks, "zh")
    page = Page(html)
    assert {tag for tag, _ in page.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "ul"),
        *("li", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "figure"),
        *("figcaption", "img"),
    }
    allowed = {"class", "data-figure", "scope", "tabindex", "src", "alt", "lang", "charset"}
    allowed |= {"name", "content", "http-equiv"}
    assert {name for _, attrs in page.tags for name in attrs} <= allowed
    said = "".join(page.said)
    for name in hostile_names[3:5]:  # those of the neighbourhoods
        assert name in said


def test_names_are_text_in_word_and_nothing_else(hostile_blocks, hostile_names):
    document = Document(io.BytesIO(report_docx(hostile_blocks, "zh", "2024-06-01")))
    body = document.element.body
    for kind in ("fldSimple", "instrText", "hyperlink", "object"):
        assert not body.findall(f".//{qn('w:' + kind)}")
    said = "".join(node.text or "" for node in body.iter(qn("w:t")))
    for name in hostile_names[3:5]:
        assert name in said


@pytest.mark.browser
def test_the_page_asks_for_nothing_and_runs_nothing(browser, hostile_blocks, tmp_path):
    (tmp_path / "report.html").write_bytes(report_html(hostile_blocks, "zh").encode())
    tab = browser.new_context().new_page()
    asked, complaints = [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: complaints.append(message.text))
    tab.goto((tmp_path / "report.html").as_uri())
    assert tab.evaluate("window.__PWN === undefined && window.__x1 === undefined")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert complaints == []
    assert tab.evaluate("[...document.images].every((one) => one.naturalWidth > 100)")
    tab.set_viewport_size({"width": 390, "height": 844})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.context.close()


# --- Word


@pytest.fixture(scope="module")
def word(blocks):
    return report_docx(blocks["zh"], "zh", "2024-06-01")


def test_word_takes_song_and_hei_for_chinese(word):
    styles = Document(io.BytesIO(word)).styles
    for name, font in (("Body Text", "仿宋"), ("Heading 1", "黑体"), ("Title", "黑体")):
        fonts = styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == font
        assert fonts.get(qn("w:eastAsiaTheme")) is None


def test_headings_tables_and_pictures_are_words_own(word, blocks):
    document = Document(io.BytesIO(word))
    heads = [p.text for p in document.paragraphs if p.style.name.startswith("Heading 1")]
    assert heads == [HEADINGS[key]["zh"] for key in HEADINGS if key != "title"]
    tables = [b for b in blocks["zh"] if isinstance(b, Table)]
    assert len(document.tables) == len(tables)
    for made, meant in zip(document.tables, tables, strict=True):
        assert made.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert [cell.text for cell in made.rows[0].cells] == list(meant.columns)
        assert len(made.rows) == 1 + len(meant.rows)
    pictures = [b for b in blocks["zh"] if isinstance(b, Picture)]
    assert len(document.inline_shapes) == len(pictures)
    described = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert described[0] == f"图 1　{pictures[0].caption}"


def test_the_file_names_no_person_and_no_hour(word):
    facts = Document(io.BytesIO(word)).core_properties
    assert (facts.author, facts.last_modified_by) == ("carecircle", "")
    assert facts.created.isoformat() == "2024-06-01T00:00:00+00:00"


def test_libreoffice_opens_it(word, tmp_path):
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    (tmp_path / "report.docx").write_bytes(word)
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    command = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", tmp_path]
    subprocess.run([*command, tmp_path / "report.docx"], check=True, capture_output=True)
    pages = pypdfium2.PdfDocument(tmp_path / "report.pdf")
    assert len(pages) >= 8
    assert "一、问题" in pages[0].get_textpage().get_text_range()


MAKE = """
import importlib.util, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("towns", sys.argv[1])
towns = importlib.util.module_from_spec(spec)
spec.loader.exec_module(towns)
from carecircle.maps.report import write_report_docx, write_report_page
study = towns.town()
summary = towns.study_summary(study)
write_report_docx(Path(sys.argv[2]) / "report.docx", study, summary, "zh")
write_report_page(Path(sys.argv[2]) / "report.html", study, summary, "zh")
"""


def test_the_same_study_gives_the_same_bytes(tmp_path):
    found = []
    for seed in "1", "2":
        folder, root = tmp_path / seed, HERE.parents[1]
        folder.mkdir()
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
        script = [sys.executable, "-c", MAKE, HERE / "conftest.py", folder]
        subprocess.run(script, check=True, cwd=root, env=env)
        found.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert found[0] == found[1]
    assert len(found[0]) == 2


# --- a template of the bureau's own


@pytest.fixture
def template(tmp_path):
    def written(*paragraphs):
        document = Document()
        for text in paragraphs:
            document.add_paragraph(text)
        document.save(tmp_path / "template.docx")
        return tmp_path / "template.docx"

    return written


def in_template(town, path, tmp_path):
    write_report_docx(tmp_path / "report.docx", town.study, town.summary, "zh", path)
    return [one.text for one in Document(tmp_path / "report.docx").paragraphs]


def test_a_template_is_filled_and_the_report_follows(template, friendly, tmp_path):
    path = template("{{ study.name }}", "{{ circles[0].people.percent }}%", "本局用纸")
    said = in_template(friendly, path, tmp_path)
    percent = friendly.summary["circles"][0]["people"]["percent"]
    assert said[:3] == ["青山镇", f"{percent}%", "本局用纸"]
    assert HEADINGS["asked"]["zh"] in said
    assert not any("步行可达性评估报告" in text for text in said)  # the title is the template's


def test_names_in_a_template_stay_names(template, friendly, hostile_names, tmp_path):
    for name in hostile_names[:8]:
        study = replace(friendly.study, name=name)
        town = type(friendly)(study=study, summary=study_summary(study))
        said = in_template(town, template("{{ study.name }}"), tmp_path)
        assert said[0] == name


FAULTS = {
    "{{ nobody }}": "nobody",
    "{{ study.nobody }}": "nobody",
    "{{ circles[9].name }}": "circles",
    "{% if %}": "",
    "{{ ''.__class__.__mro__ }}": "__class__",
}


@pytest.mark.parametrize("field", FAULTS)
def test_a_field_that_there_is_not_is_told(template, friendly, tmp_path, field):
    with pytest.raises(StudyError) as error:
        in_template(friendly, template(field), tmp_path)
    [problem] = error.value.problems
    assert problem.id == "E-OUT-013"
    assert FAULTS[field] in problem.text("en")
    assert "circles" in problem.text("zh")
    assert not (tmp_path / "report.docx").exists()


def test_a_template_that_is_no_word_file_is_told(friendly, tmp_path):
    (tmp_path / "template.docx").write_bytes(b"not a Word file")
    with pytest.raises(StudyError, match="E-OUT-012"):
        in_template(friendly, tmp_path / "template.docx", tmp_path)


def test_without_docxtpl_a_template_is_refused(template, friendly, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "docxtpl", None)
    with pytest.raises(StudyError, match="E-OUT-011"):
        in_template(friendly, template("{{ study.name }}"), tmp_path)
    assert report_template.FIELDS[0] == "study"
