"""Charts and map sheets: letters for everybody, figures of the summary, the same bytes."""

import hashlib
import os
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from carecircle.layers.problems import StudyError
from carecircle.maps import paper_fonts, sheet_map
from carecircle.maps.charts import CHARTS, circle_charts
from carecircle.maps.paper_fonts import FONT_FILE, glyphs, on_paper, paper_text
from carecircle.maps.paper_words import WORDS
from carecircle.maps.sheet import A3_INCHES, circle_map, towns, wrapped, write_sheets
from carecircle.maps.sheet_map import round_length, text_width

HERE = Path(__file__).parent


def texts_of(figure):
    return [one.get_text() for one in figure.findobj(Text) if one.get_text()]


def said_on(figure):
    """All that stands on a sheet, as one text without the breaks of its lines."""
    return "".join("".join(texts_of(figure)).split())


# --- letters


def test_the_font_is_the_one_described():
    told = (Path(str(FONT_FILE)).parent / "SOURCE.txt").read_text(encoding="utf-8")
    assert hashlib.sha256(FONT_FILE.read_bytes()).hexdigest() in told
    assert "SIL OPEN FONT LICENSE" in (Path(str(FONT_FILE)).parent / "OFL.txt").read_text()


def test_all_of_gb_2312_and_all_our_own_words_can_be_printed():
    everything = {
        bytes([high, low]).decode("gb2312", "ignore")
        for high in range(0xA1, 0xF8)
        for low in range(0xA1, 0xFF)
    }
    ours = {c for words in WORDS.values() for text in words.values() for c in text}
    assert not {c for c in "".join(everything) + "".join(ours) if ord(c) not in glyphs()}


def test_a_character_without_a_letter_is_refused_by_its_text(tmp_path):
    with on_paper():
        figure = Figure()
        figure.text(0, 0, "幸福里")
        figure.text(0, 0, "𪚥苑")
        with pytest.raises(StudyError) as error:
            paper_fonts.save_png(figure, tmp_path / "never.png")
    [problem] = error.value.problems
    assert problem.id == "E-OUT-010"
    assert "U+2A6A5" in problem.text("zh")
    assert "苑" in problem.text("en")
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_with_such_a_name_writes_nothing(make_town, tmp_path):
    town = make_town(["东湖", "𪚥", "向阳", "滨江", "学府", "南苑"])
    with pytest.raises(StudyError, match="E-OUT-010"):
        write_sheets(tmp_path / "sheets", town.study, town.summary, "zh")
    assert list(tmp_path.iterdir()) == []


def test_the_settings_of_the_user_do_not_matter_and_come_back():
    with matplotlib.rc_context({"font.size": 77, "text.parse_math": True}):
        with on_paper():
            assert matplotlib.rcParams["font.size"] == matplotlib.rcParamsDefault["font.size"]
            assert matplotlib.rcParams["text.parse_math"] is False
        assert matplotlib.rcParams["font.size"] == 77


@given(st.text())
def test_what_is_printed_has_no_control_and_no_invisible_sign(text):
    kept = {unicodedata.category(c) for c in paper_text(text)}
    assert not kept & {"Cc", "Cs", "Cf"}


@given(st.text("一，。a b()%", max_size=60), st.integers(2, 30))
def test_lines_hold_all_of_a_text_and_are_no_wider_than_asked(text, width):
    lines = wrapped(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        if text_width(line) > width:  # a single word, or signs that may not begin a line
            assert " " not in line.strip("，。a()% ") or len(line.split()) == 1


@pytest.mark.parametrize(
    ("metres", "length"), [(9.9, 5), (10, 10), (199, 100), (200, 200), (7_000, 5_000)]
)
def test_a_scale_bar_has_a_round_length(metres, length):
    assert round_length(metres) == length


# --- charts


def test_charts_are_drawn_where_their_figures_are(planned, bare):
    both = circle_charts(planned.summary, "elderly", "zh")
    assert list(both) == ["curve", "lorenz", "capacity"]  # nobody asked about sites
    assert "capacity" not in circle_charts(bare.summary, "childcare", "zh")
    assert set(CHARTS) == {"curve", "lorenz", "capacity", "frontier", "before_after"}


def test_the_curve_is_that_of_the_summary(friendly):
    axes = circle_charts(friendly.summary, "elderly", "en")["curve"].axes[0]
    curve = friendly.summary["circles"][0]["access"]["curve"]
    everybody = friendly.summary["circles"][0]["people"]["input"]
    for line, name in zip(axes.lines, ("nearest", "second"), strict=False):
        assert list(line.get_xdata()) == curve["minutes"]
        assert np.rint(np.array(line.get_ydata()) * everybody / 100).tolist() == curve[name]


def test_frontier_and_change_are_those_of_the_summary(friendly):
    summary = friendly.summary
    points = [
        {"price": 0, "percent": 10.0, "proven": True},
        {"price": 2, "percent": 42.5, "proven": False},
    ]
    row = {"id": "d1", "name": "=2+2", "level": "town", "people_gained": 3}
    row |= {"before": {"input": 9, "percent": 11.1}, "after": {"input": 9, "percent": 44.4}}
    plan = {"chosen": [1], "by_unit": [row], "people_before": {"percent": 10.0}}
    study = {
        "frontier": {"price": "stations", "points": points},
        "plans": [plan | {"percent_after": 42.5}],
    }
    circle = {**summary["circles"][0], "site_study": study}
    charts = circle_charts({**summary, "circles": [circle]}, "elderly", "en")
    line = charts["frontier"].axes[0].lines[0]
    assert line.get_xydata().tolist() == [[0, 10.0], [2, 42.5]]
    move = charts["before_after"].axes[0].lines[0]
    assert list(move.get_xdata()) == [11.1, 44.4]
    assert "=2+2" in texts_of(charts["before_after"])
    assert "from 10.0% to 42.5%" in said_on(charts["before_after"]).replace("to", " to ").replace(
        "from", "from "
    )


# --- sheets


@pytest.fixture(scope="module")
def sheet(friendly):
    return circle_map(friendly.study, friendly.summary, "elderly", "zh")


def test_a_sheet_is_a3_and_says_what_must_be_said(sheet, friendly):
    assert tuple(sheet.get_size_inches()) == A3_INCHES
    said = said_on(sheet)
    circle = friendly.summary["circles"][0]
    people = circle["people"]
    assert f"{people['percent']}%" in said
    assert f"{people['input']:,}人中的{people['covered']:,}人" in said
    assert "步行速度为每秒0.8米。" in said
    assert "©OpenStreetMapcontributors" in said
    assert "审图号：鄂S(2024)001号" in said
    assert "人数为估计值。" in said
    assert "数据日期2024-06-01；计算日期2024-07-01" in said
    assert "✗未达到85%的目标，还需覆盖900人" in said


def test_cells_of_a_grid_are_not_called_quarters(friendly):
    cells = replace(friendly.study, cells=True)
    said = said_on(circle_map(cells, friendly.summary, "elderly", "zh"))
    assert "已覆盖的方格" in said
    assert "已覆盖的小区" not in said


def test_without_a_review_it_is_a_draft(bare):
    assert "Draft:notreviewed" in said_on(circle_map(bare.study, bare.summary, "childcare", "en"))


def test_small_counts_are_withheld(friendly):
    few = replace(friendly.study.circles[0])
    summary = {**friendly.summary}
    people = {"input": 30, "covered": 4, "uncovered": 26, "excluded": {}, "percent": 13.3}
    summary["circles"] = [{**summary["circles"][0], "people": people}, *summary["circles"][1:]]
    said = said_on(circle_map(friendly.study, summary, few.circle.id, "zh"))
    assert "13.3" not in said
    assert "不列比例" in said


def test_a_town_has_its_own_figures_and_its_quarters_stand_out(friendly):
    assert towns(friendly.study.circles[0]) == ["d1", "d2"]
    said = said_on(circle_map(friendly.study, friendly.summary, "elderly", "en", "d1"))
    assert "上城街道" in said
    assert "33.3%ofpeople" in said
    assert "(200of600)" in said


def colours_in(path: Path, area) -> set:
    """The colours of a picture in a part of it, each way from 0 to 1."""
    picture = np.asarray(Image.open(path).convert("RGB"))
    height, width, _ = picture.shape
    left, bottom, wide, high = area
    part = picture[
        int((1 - bottom - high) * height) : int((1 - bottom) * height),
        int(left * width) : int((left + wide) * width),
    ]
    return {tuple(map(int, colour)) for colour in part.reshape(-1, 3)}


def test_states_stations_and_sites_are_seen_on_the_map(friendly, tmp_path):
    write_sheets(tmp_path / "sheets", friendly.study, friendly.summary, "zh")
    seen = colours_in(tmp_path / "sheets" / "elderly.png", (0.02, 0.1, 0.7, 0.75))
    site = tuple(round(255 * part) for part in to_rgb(sheet_map.SITE))
    hatch = tuple(round(255 * part) for part in to_rgb("#9a4f00"))
    assert site in seen
    assert any(max(abs(a - b) for a, b in zip(c, hatch, strict=True)) < 40 for c in seen)


def test_the_pdf_has_a_page_for_each_sheet_and_its_text_can_be_read(friendly, tmp_path):
    write_sheets(tmp_path / "sheets", friendly.study, friendly.summary, "zh")
    names = sorted(path.name for path in (tmp_path / "sheets").iterdir())
    pictures = ["childcare-1.png", "childcare-2.png", "childcare.png"]
    pictures += ["elderly-1.png", "elderly-2.png", "elderly.png"]
    assert names == [*pictures, "sheet.pdf"]
    document = pypdfium2.PdfDocument(tmp_path / "sheets" / "sheet.pdf")
    assert len(document) == 6
    width, height = document[0].get_size()
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (420, 297)
    text = document[0].get_textpage().get_text_range()
    assert "审图号：鄂S(2024)001号" in text
    assert "步行速度为每秒0.8米" in "".join(text.split())


def test_names_are_printed_as_they_are_and_nothing_more(hostile, tmp_path):
    """A dollar sign begins no formula, a brace no gap; invisible signs have no letter."""
    names = ["$x^2$", "{percent}", "%s", "\\frac", "<b>一</b>", "a_b^c"]
    for circle in hostile.study.circles:
        said_on(circle_map(hostile.study, hostile.summary, circle.circle.id, "zh"))
    town = replace(hostile.study, name=" ".join(names))
    summary = {**hostile.summary, "study": {**hostile.summary["study"], "name": town.name}}
    said = said_on(circle_map(town, summary, "elderly", "en"))
    assert all("".join(name.split()) in said for name in names)
    write_sheets(tmp_path / "sheets", town, summary, "en")
    document = pypdfium2.PdfDocument(tmp_path / "sheets" / "sheet.pdf")
    assert "$x^2$ {percent}" in document[0].get_textpage().get_text_range()


MAKE = """
import importlib.util, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("towns", sys.argv[1])
towns = importlib.util.module_from_spec(spec)
spec.loader.exec_module(towns)
from carecircle.maps.sheet import write_sheets
study = towns.town()
write_sheets(Path(sys.argv[2]), study, towns.study_summary(study), "zh")
"""


def test_the_same_study_gives_the_same_bytes(tmp_path):
    found = []
    for seed in "1", "2":
        folder = tmp_path / seed
        root = HERE.parents[1]
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
        script = [sys.executable, "-c", MAKE, HERE / "conftest.py", folder]
        subprocess.run(script, check=True, cwd=root, env=env)
        found.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert found[0] == found[1]
