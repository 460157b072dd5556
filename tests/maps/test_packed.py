"""Whole numbers as text; the browser reads them back in test_page_walk."""

import base64

import numpy as np
import pytest

from carecircle.maps.packed import packed, packed_runs, packed_steps


def bytes_of(text: str) -> list[int]:
    return list(base64.b64decode(text))


def test_numbers_take_seven_bits_at_a_time_and_the_sign_the_lowest():
    # the examples of the Protocol Buffers encoding guide: 150 is 96 01, -1 is folded to 1
    assert bytes_of(packed(np.array([0, -1, 1, -2, 75]))) == [0, 1, 2, 3, 0x96, 0x01]


def test_an_empty_list_is_an_empty_text():
    assert packed(np.array([], np.int64)) == packed_steps(np.array([], np.int64)) == ""
    assert packed_runs(np.array([], np.int64)) == ""


def test_steps_and_runs():
    assert packed_steps(np.array([5, 7, 4])) == packed(np.array([5, 2, -3]))
    assert packed_runs(np.array([2, 2, 2, 0])) == packed(np.array([2, 3, 0, 1]))
    assert packed_runs(np.array([0])) == packed(np.array([0, 1]))


def test_what_a_browser_could_not_hold_exactly_is_refused():
    assert len(bytes_of(packed(np.array([2**52 - 1])))) == 8
    with pytest.raises(ValueError, match="too large"):
        packed(np.array([2**52]))
