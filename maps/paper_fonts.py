"""In which letters are charts and map sheets written, so that every machine prints the same?

A subset of Noto Sans CJK SC travels with the package (``vendor/noto``); what it lacks of Latin
is taken from DejaVu Sans, which travels with matplotlib. Fonts of the machine are never asked.
A character that neither has is an error, never an empty box.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

from carecircle.layers.problems import Problem, StudyError
from carecircle.maps.leaks import masked
from carecircle.maps.text import plain_text

OWN, LATIN = "Carecircle Sans", "DejaVu Sans"
FONT_FILE = files("carecircle.maps") / "vendor" / "noto" / "CarecircleSans.ttf"
# What would differ from machine to machine or from run to run, or read a name as a formula.
PAPER: dict[Any, Any] = {
    "font.family": [OWN, LATIN],
    "text.parse_math": False,
    "text.usetex": False,
    "axes.unicode_minus": False,
    "axes.formatter.use_mathtext": False,
    "pdf.fonttype": 42,  # text that can be searched and copied
    "pdf.compression": 6,
    "path.simplify": True,
    "hatch.linewidth": 0.6,
    "savefig.dpi": 150,
}


@contextmanager
def on_paper() -> Iterator[None]:
    """Draw and save with the settings and letters of paper, whatever the user's are."""
    own_font()
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(PAPER)
        yield


@cache
def own_font() -> None:
    """Make the font that travels with the package known to matplotlib."""
    font_manager.fontManager.addfont(str(FONT_FILE))


def paper_text(value: Any) -> str:
    """A text of the data as one line for paper: no sign without a shape, no phone number."""
    return masked("".join(c for c in plain_text(value) if unicodedata.category(c) != "Cf"))


@cache
def glyphs() -> frozenset[int]:
    """Every character that can be printed."""
    latin = font_manager.findfont(LATIN, fallback_to_default=False)
    fonts = [FT2Font(str(path)) for path in (FONT_FILE, latin)]
    return frozenset(code for font in fonts for code in font.get_charmap())


def refuse_missing_glyphs(figure: Figure) -> None:
    """Refuse a sheet on which a character would be an empty box.

    Raises
    ------
    StudyError
        E-OUT-010 with each text and the characters that it lacks.
    """
    known = glyphs() | {ord("\n")}
    problems = []
    for text in dict.fromkeys(one.get_text() for one in figure.findobj(Text)):
        lacking = sorted({c for c in text if ord(c) not in known})
        if lacking:
            named = " ".join(f"{c} (U+{ord(c):04X})" for c in lacking)
            problems.append(Problem("E-OUT-010", value=text, details={"characters": named}))
    if problems:
        raise StudyError(problems)


def save_png(figure: Figure, path: Path | Any, dpi: int = 150) -> None:
    """Save a figure as a picture, the same bytes every time."""
    refuse_missing_glyphs(figure)
    figure.savefig(path, format="png", dpi=dpi, metadata={"Software": None})


def pdf_facts(title: str) -> dict[str, Any]:
    """What a PDF says of itself: its title, and no time and no program."""
    return {"Title": title, "Creator": None, "Producer": None, "CreationDate": None}
