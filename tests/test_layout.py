"""The shape of the house: packaging, and imports that run downwards."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ["layers", "isochrones", "coverage", "maps", "carecircle"]  # from the ground up
MODULES = [module for folder in FOLDERS for module in sorted((ROOT / folder).rglob("*.py"))]


def test_coverage_py_wins_from_the_repository_root() -> None:
    code = "import coverage; coverage.Coverage"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_every_folder_with_modules_ships_in_the_wheel() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed = set(config["tool"]["setuptools"]["packages"])
    found = {
        ".".join(["carecircle", *module.parent.relative_to(ROOT).parts])
        for module in MODULES
        if module.parent.name != "carecircle"
    }
    assert found <= listed


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_downwards(module: Path) -> None:
    floor = FOLDERS.index(module.relative_to(ROOT).parts[0])
    for name in imported(module):
        parts = name.split(".")
        if parts[0] != "carecircle":
            assert parts[0] not in FOLDERS[:-1] or parts[0] == "coverage", name
        elif len(parts) > 1 and parts[1] in FOLDERS[:-1]:
            assert FOLDERS.index(parts[1]) <= floor, f"{module} reaches up to {name}"
        elif len(parts) > 1:
            assert floor == len(FOLDERS) - 1, f"{module} reaches up to {name}"


def imported(module: Path) -> list[str]:
    """Every module named in an import, wherever it stands in the file."""
    names = []
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names
