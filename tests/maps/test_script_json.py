"""Data inside a script element: the same text comes back, and nothing in it can end the element."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecircle.maps.page import script_json

NAMES = st.text(st.sampled_from('\\u4e005f一龥䷿ꀀ"<>&/é\u2028n😀\ud800'), max_size=12)


@given(NAMES | st.text())
def test_any_text_comes_back_and_holds_no_sign_of_html(name):
    text = script_json([name])
    assert json.loads(text) == [name]
    assert not set("<>&\u2028\u2029") & set(text)


@pytest.mark.parametrize(
    ("name", "written"),
    [("幸福里", '"幸福里"'), ("\\u4e00", '"\\\\u4e00"'), ("\\一", '"\\\\一"'), ("é", '"\\u00e9"')],
)
def test_chinese_is_written_as_itself_and_an_escape_stays_one(name, written):
    assert script_json(name) == written
