"""environment.yml and pyproject.toml name the same dependencies."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONDA_NAMES = {"pyosmium": "osmium"}  # conda name -> name on the package index
CONDA_ONLY = {"python", "pip"}
ALSO_LISTED = {"pytest-cov"}  # numba needs coverage.py beside our folder coverage/


def specs(lines: list[str]) -> dict[str, str]:
    """Requirement lines as name -> version condition."""
    split = (re.match(r"([A-Za-z0-9._-]+)\s*(.*)", line) for line in lines)
    return {match[1].lower(): match[2].strip() for match in split}


def test_conda_and_pip_ask_for_the_same() -> None:
    text = (ROOT / "environment.yml").read_text(encoding="utf-8").split("\ndependencies:")[1]
    listed = re.findall(r"^  - ([a-z][^#:\n]*?)\s*(?:#.*)?$", text, re.MULTILINE)
    conda = {CONDA_NAMES.get(k, k): v for k, v in specs(listed).items() if k not in CONDA_ONLY}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = specs(project["optional-dependencies"]["test"])
    wanted = specs(project["dependencies"]) | {name: extra[name] for name in ALSO_LISTED}
    assert conda == wanted
    python = specs(listed)["python"]
    assert python.startswith(project["requires-python"])
