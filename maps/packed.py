"""How do long lists of whole numbers travel inside the page?

As text: each number in as few groups of seven bits as it needs, the lowest first, a sign in the
lowest bit (LEB128 and zigzag, as Protocol Buffers write them), all of it in base64. No browser is
too old to read it, and it needs a third of the room of the same numbers in JSON.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

GROUP_BITS = 7
MOST_GROUPS = 8
TOO_LARGE = 2**52  # with its sign it must fit the 53 bits that JavaScript holds exactly


def packed(values: NDArray[Any]) -> str:
    """Whole numbers of either sign, nearer to 0 than `TOO_LARGE`, as text."""
    whole = np.asarray(values, dtype=np.int64)
    if (np.abs(whole) >= TOO_LARGE).any():
        raise ValueError("a number is too large for a page")
    folded = ((whole << 1) ^ (whole >> 63)).astype(np.uint64)
    groups = np.ones(len(folded), np.int64)
    for at in range(1, MOST_GROUPS):
        groups += (folded >> np.uint64(GROUP_BITS * at)) > 0
    start = np.cumsum(groups) - groups
    written = np.zeros(int(groups.sum()), np.uint8)
    for at in range(MOST_GROUPS):
        more = np.flatnonzero(groups > at)
        bits = (folded[more] >> np.uint64(GROUP_BITS * at)) & np.uint64(127)
        goes_on = np.where(groups[more] > at + 1, 128, 0)
        written[start[more] + at] = bits.astype(np.uint8) | goes_on.astype(np.uint8)
    return base64.b64encode(written.tobytes()).decode("ascii")


def packed_steps(values: NDArray[Any]) -> str:
    """Numbers that change little from one to the next, as steps from 0."""
    return packed(np.diff(np.asarray(values, dtype=np.int64), prepend=0))


def packed_runs(values: NDArray[Any]) -> str:
    """Numbers that repeat: a value, how often it follows itself, the next value."""
    whole = np.asarray(values, dtype=np.int64)
    first = np.flatnonzero(np.diff(whole, prepend=whole[:1] - 1))
    length = np.diff(first, append=len(whole))
    return packed(np.column_stack([whole[first], length]).ravel())
