"""No number of a person stands in what the public sees."""

import json
import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecircle.maps.leaks import MASK, leaks, masked, masked_names, masked_tree
from carecircle.maps.outputs import Finished, page_is_whole, write_page
from carecircle.maps.packed import packed
from carecircle.maps.page import DATA_BLOCK, leaks_of_page, page_html

# Made up; the check digits of the identity numbers are those of GB 11643's own worked example
# (34052419800101001X) and of a standard's example that is printed everywhere.
NUMBERS = [
    "13900001234",
    "139 0000 1234",
    "139-0000-1234",
    "+86 13900001234",
    "8613900001234",
    "19912345678",
    "023-67891234",
    "（023）67891234",
    "0571 88881234",
    "34052419800101001X",
    "34052419800101001x",
    "11010519491231002X",
    "zhang.san@example.com",
    "li+4@mail.gov.cn",
]
HARMLESS = [
    "",
    "幸福里12号楼3单元1101",
    "2024-06-01",
    "106.551234, 29.561234",
    "500111001001",  # a unit
    "20250101123456789",  # a number of seventeen digits
    "340524198001010011",  # an identity number with a wrong check digit
    "91500000MA5UXXXX1B",  # a company
    "12345678901",  # no mobile begins so
    "共 13900001234567 人",
    "@home",
    "15分钟养老服务圈",
]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("around", ["{}", "幸福养老站{}", "站（{}）", "Tel {}.", "电话:{}；请拨打"])
def test_numbers_of_persons_are_masked_wherever_they_stand(number, around):
    text = around.format(number)
    assert leaks(text)
    assert number not in masked(text)
    assert MASK in masked(text)
    assert not leaks(masked(text))


@pytest.mark.parametrize("text", HARMLESS)
def test_other_numbers_stay(text):
    assert masked(text) == text
    assert leaks(text) == []


@given(st.text(), st.sampled_from(NUMBERS), st.text())
def test_nothing_is_left_between_any_texts(before, number, after):
    before = re.sub(r"[\w.+\-]$", "", before, flags=re.ASCII)
    after = re.sub(r"^[\w.+\-]+", "", after, flags=re.ASCII)
    assert not leaks(masked(f"{before}{number}{after}"))


@given(st.lists(st.integers(-(2**40), 2**40), min_size=40))
def test_packed_lists_pass_untouched(numbers):
    tree = {"shape": packed(numbers), "name": "站13900001234"}
    assert masked_tree(tree) == {"shape": packed(numbers), "name": f"站{MASK}"}


def test_a_page_masks_names_and_is_searched_again(make_town, tmp_path):
    names = [f"{name}{number}" for name, number in zip("东西南北中里", NUMBERS, strict=False)]
    town = make_town(names, f"青山镇 {NUMBERS[0]}")
    html = page_html(town.study, town.summary)
    assert leaks_of_page(html) == []
    assert all(number not in html for number in NUMBERS)
    assert f"东{MASK}" in html
    assert masked_names(town.study) == 7
    write_page(tmp_path / "map.html", Finished(town.study, town.summary))
    assert page_is_whole(tmp_path / "map.html", Finished(town.study, town.summary))


def test_a_page_that_gives_somebody_away_is_refused(friendly, tmp_path):
    html = page_html(friendly.study, friendly.summary)
    data = json.loads(DATA_BLOCK.search(html)[2])
    data["map"]["quarters"]["name"][0] = NUMBERS[0]
    spoilt = html.replace(DATA_BLOCK.search(html)[2], json.dumps(data))
    (tmp_path / "map.html").write_text(spoilt, encoding="utf-8")
    with pytest.raises(Exception, match="E-OUT-016"):
        page_is_whole(tmp_path / "map.html", SimpleNamespace())
