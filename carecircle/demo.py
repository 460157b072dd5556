"""The study of ``carecircle demo``: a real small town, offline.

The streets are the OpenStreetMap extract that ships in the wheel of pyrosm (extra
``[demo]``): residential land, 1,100 residential buildings, a childcare centre and a
kindergarten, and no elderly station at all. Where should the first ones go?
"""

from __future__ import annotations

import importlib.util
import tomllib
from importlib.resources import files
from pathlib import Path

from carecircle.layers.problems import Problem, StudyError
from carecircle.study import Study
from carecircle.studyfile import parse_study, relocated


def demo_study() -> Study:
    """The demo study, its streets found in the installed pyrosm package."""
    written = tomllib.loads(files("carecircle").joinpath("demo.toml").read_text(encoding="utf-8"))
    return Study(relocated(parse_study(written, "demo.toml"), extracts_folder()))


def extracts_folder() -> Path:
    """Where pyrosm keeps its extracts; pyrosm itself is not imported."""
    found = importlib.util.find_spec("pyrosm")
    if found is None or found.origin is None:
        raise StudyError(Problem("E-STU-009"))
    return Path(found.origin).parent / "data"
